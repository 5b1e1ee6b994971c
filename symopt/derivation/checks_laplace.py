"""The check of signs by Laplace transforms: a sum of polygamma functions is an integral of e^(-u t) against a kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sympy import Expr, Symbol

from symopt.derivation.checking import (
    facts,
    require,
    require_defined,
    require_given,
    require_holds,
    require_symbols,
)
from symopt.derivation.claims import Holds, Step
from symopt.derivation.laplace import Transform, transform
from symopt.relation import Relation


def _laplace(step: Step) -> None:
    """e = P(u) + ∫ k(t) e^(-u t) dt over t > 0, where P has coefficients of one sign, and k(t) has that sign."""
    relation, known = require_given(step.claim, Holds).relation, facts(step)
    t, form = require_given(step.data("t"), Symbol), require_given(step.data("form"), Expr)
    require_symbols((t,))
    require(len(relation.symbols) == 1 and t not in relation.symbols, "not a function of one symbol")
    require(form.free_symbols == relation.symbols, "a form of another symbol")
    require_holds(form, ">", known, "the argument")
    require_defined(relation.expression, known)
    found = require_given(transform(relation.expression, form, t), Transform)
    require(relation.op in (">", ">=", "<", "<="), "no sign")
    turn = 1 if relation.op[0] == ">" else -1
    require(all(turn * c >= 0 for c in found.polynomial), "the polynomial has another sign")
    if found.numerator == 0:
        require(bool(found.polynomial) or "=" in relation.op, "it is 0")
        return
    there = (Relation(t, ">"),)
    signs = [
        p.claim.relation
        for p in step.premises
        if isinstance(p.claim, Holds) and set(p.context.relations) <= set(there)
    ]
    op = relation.op if not found.polynomial else relation.op[0] + "="
    require(
        any(r.expression == found.numerator and r.implies_op(op) for r in signs), "the sign of the kernel"
    )


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"laplace": _laplace}
