"""Checks of the rules about bounds that touch a function: what lies on one side of it, and where they meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, Integer

from symopt.derivation.checking import (
    facts,
    is_symbol_free,
    require,
    require_defined,
    require_given,
    require_holds,
    require_identical,
)
from symopt.derivation.claims import Holds, Step
from symopt.derivation.covering import concludes, require_cover, solved, the_equation
from symopt.derivation.tangents import Touching, touching


def _touching(step: Step) -> tuple[Expr, Touching]:
    """The kernel of the certificate and its bound, whose conditions are given."""
    known = facts(step)
    kernel, point = (require_given(step.data(name), Expr) for name in ("kernel", "point"))
    side = int(require_given(step.data("side"), Integer))
    require(side in (1, -1), "no side")
    found = touching(kernel, point, side)
    require(found is not None, "no bound in the table")
    found = cast(Touching, found)
    for relation in found.needed:
        require_holds(relation.expression, relation.op, known, "the point")
    for expression in (kernel, found.bound, found.equal):
        require_defined(expression, known)
    return kernel, found


def _tangent(step: Step) -> None:
    """c (g(w) - its bound) has the sign that the table says."""
    relation = require_given(step.claim, Holds).relation
    kernel, found = _touching(step)
    require(relation.op == ">=", "a bound from one side")
    require_identical(relation.expression, found.side * (kernel - found.bound), "the difference")


def _cover_tangent(step: Step) -> None:
    """c (g(w) - its bound) = 0 with c != 0 only where they touch."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    kernel, found = _touching(step)
    factor = require_given(step.data("factor"), Expr)
    require(is_symbol_free(step.data("point") or factor, claim.unknowns), "a point that varies")
    require_holds(factor, "!=", known, "the factor")
    require_identical(equation, factor * (kernel - found.bound), "the difference")
    concludes(claim, solved(step, replaced(found.equal), claim.unknowns, step.context))


CHECKS: Mapping[str, Callable[[Step], None]] = {"tangent": _tangent, "cover_tangent": _cover_tangent}
