"""Check of minima of sums of absolute values: f - m = sum of w |u| - s u with |s| <= w, no term of which is negative.

Where f = m every term is 0: u = 0 where |s| < w, u >= 0 where s = w, u <= 0 where s = -w (the median, and quantiles).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Abs, Add, Expr, S, Symbol

from symopt.derivation.checking import identical, is_symbol_free, require, require_identical
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.claims import Step
from symopt.derivation.extremal_points import Facts, known_at, known_in, require_reached
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

Term = tuple[Expr, Expr, Expr]  # w, u, s


def _medians(step: Step) -> None:
    """The value by the identity, and the points by what every term says of them."""
    claim = optimal_claim(step, True)
    terms = cast(tuple[Term, ...], step.data("terms"))
    require(isinstance(terms, tuple) and bool(terms), "no terms")
    known = known_in(step, step.context)
    require(
        all(is_symbol_free(e, claim.variables) for w, _, s in terms for e in (w, s)), "a weight that varies"
    )
    for w, _, s in terms:
        require(all(_has_sign(e, ">=", known) for e in (w - s, w + s)), "a slope beyond the weight")
    turn = 1 if claim.sense == "min" else -1
    written = Add(*(w * Abs(u) - s * u for w, u, s in terms))
    require_identical(turn * (claim.objective - claim.value), written, "the sum of the terms")
    require_reached(step, claim)
    if claim.all_of_them:
        require(
            not step.context.region and len(claim.variables) == len(claim.at) == 1, "points may be missing"
        )
        require(_is_the_only_zero(step, terms) or _is_all_between(step, terms), "points may be missing")


def _has_sign(expression: Expr, op: str, known: Facts) -> bool:
    return signs_of_tree(expression, known) <= SIGNS_OF[op]


def _is_the_only_zero(step: Step, terms: tuple[Term, ...]) -> bool:
    """Whether a term with |s| < w says u = 0, which one point does."""
    claim = optimal_claim(step, True)
    (x,), (branch,) = claim.variables, claim.at
    known = known_at(step, claim, branch)
    return not branch.free and any(
        all(_has_sign(e, ">", known) for e in (w - s, w + s))
        and _has_sign(u.diff(x), "!=", known)
        and is_symbol_free(u.diff(x), (x,))
        and identical(u.xreplace(branch.values), S.Zero)
        for w, u, s in terms
    )


def _is_all_between(step: Step, terms: tuple[Term, ...]) -> bool:
    """Whether all points with u >= 0 where s = w > 0, and u <= 0 where s = -w, belong to the family."""
    claim = optimal_claim(step, True)
    (x,), (branch,) = claim.variables, claim.at
    if branch.free != ((branch.values[x], "real"),):
        return False
    known = known_in(step, step.context)
    said = [
        Relation(side * u.xreplace({x: cast(Symbol, branch.values[x])}), ">=")
        for w, u, s in terms
        for side in (1, -1)
        if identical(s, side * w) and _has_sign(w, ">", known)
    ]
    return all(any(_has_sign(r.expression, r.op, (given,)) for given in said) for r in branch.where)


CHECKS: Mapping[str, Callable[[Step], None]] = {"extremum_medians": _medians}
