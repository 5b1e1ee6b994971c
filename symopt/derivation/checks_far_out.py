"""Refuting curvature by second derivatives along a curve x(s) in the region, for all large s."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, S, Symbol

from symopt.derivation.checking import (
    domain_of,
    identical,
    is_symbol_free,
    require,
    require_available,
    require_given,
    runs_over,
    the_premise,
)
from symopt.derivation.checks_derivative import OPEN, is_continuous
from symopt.derivation.checks_region import pointwise, require_condition_on_parameters, require_real
from symopt.derivation.claims import Hessian, NotCurved, Smooth, Step
from symopt.derivation.eventually import require_defined_eventually, require_eventually, sign_oracle
from symopt.exact.asymptotics import limit_at_infinity
from symopt.relation import Relation

WRONG: Final = {"convex": "<", "concave": ">"}


def _far_out(step: Step) -> None:
    """v^T H(x(s)) v ~ g(s) of the wrong sign for all large s, where x(s) is an inner point of the region; v = q - p."""
    claim = require_given(step.claim, NotCurved)
    s = require_given(step.data("symbol"), Symbol)
    require_condition_on_parameters(step, claim.variables)
    require_available(step)
    require(runs_over("real", s), "the symbol of the curve is more than a real number")
    require(
        s not in claim.variables and all(s not in r.symbols for r in step.context.relations), "s is in use"
    )
    require(s not in claim.objective.free_symbols, "f depends on the symbol of the curve")
    require(
        len(claim.p) == len(claim.q) == len(claim.variables) and claim.weight == 1, "a point and a direction"
    )
    require(not claim.strict and claim.kind in WRONG, "said of convexity itself")
    smooth = cast(Smooth, the_premise(step, Smooth).claim)
    hessian = cast(Hessian, the_premise(step, Hessian).claim)
    require(
        (smooth.expression, smooth.variables)
        == (hessian.objective, hessian.variables)
        == (claim.objective, claim.variables),
        "a premise is about another function",
    )
    known = pointwise(step)
    point = dict(zip(claim.variables, claim.p, strict=True))
    v = [b - a for a, b in zip(claim.p, claim.q, strict=True)]
    require(all(is_symbol_free(value, claim.variables) for value in point.values()), "the curve moves")
    for value in point.values():
        require_defined_eventually(value, s, known)
    for direction in v:
        require(is_symbol_free(direction, (*claim.variables, s)), "the direction moves")
        require_real(direction, known)
    for relation in step.context.region:
        require(relation.op != "==", "an equation leaves no inner point")
        needed = domain_of(relation.expression, step.context.relations)
        require(
            is_continuous(relation.expression, step.context.relations) and needed is not None,
            "the region may not be open there",
        )
        for r in (relation, *(needed or ())):
            require_eventually(Relation(r.expression, OPEN.get(r.op, r.op)).at(point), s, known)
    n = range(len(v))
    bend = Add(*(v[i] * v[j] * hessian.entries[i][j].xreplace(point) for i in n for j in n))
    require_defined_eventually(bend, s, known)
    like = require_given(step.data("behaves_like"), Expr)
    ratio = limit_at_infinity(bend / like, s, sign_oracle(known))
    require(ratio is not None and identical(ratio, S.One), "the second derivative behaves otherwise")
    require_eventually(Relation(like, WRONG[claim.kind]), s, known)


CHECKS: Mapping[str, Callable[[Step], None]] = {"second_order_far_out": _far_out}
