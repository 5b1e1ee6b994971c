"""Checks of minima of sums of absolute values, and of where a positive part is 0.

f - m = sum of w |u| - s u with |s| <= w has no negative term. Where f = m every term is 0: u = 0 where |s| < w, u >= 0
where s = w, u <= 0 where s = -w (the median, and quantiles).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from sympy import Abs, Add, Expr, Max, Min, S, Symbol

from symopt.derivation.checking import identical, is_symbol_free, require, require_identical
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.claims import Branch, Step
from symopt.derivation.covering import concludes, require_cover, solved, the_equation
from symopt.derivation.extremal_points import Facts, known_at, known_in, require_reached
from symopt.exact.signs import SIGNS_OF, signs_of_constant, signs_of_tree, touching_kink
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


def where_flat(equation: Expr) -> tuple[tuple[Expr, ...], Facts] | None:
    """(zeros, relations): the equation holds exactly where the zeros are 0 and the relations hold.

    A kink beside what it is never less than: max(0, u, ..) = 0 for u <= 0, |u| = u for u >= 0, |u| = s u with
    |s| < 1 for u = 0; max(a, b, ..) is a mean of its parts where those with a weight are equal, and the largest. None
    for anything else.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> where_flat(2 * Abs(x - 1) - x + 1)
    ((x - 1,), ())
    """
    factor, node = equation.as_coeff_Mul()
    if isinstance(node, (Max, Min)) and S.Zero in node.args and factor != 0:
        op = "<=" if isinstance(node, Max) else ">="
        parts = tuple(cast(Expr, u) for u in node.args if u != 0)
        both = tuple(u for i, u in enumerate(parts) if -u in parts[i + 1 :])  # u <= 0 and -u <= 0
        return both, tuple(Relation(u, op) for u in parts if u not in both and -u not in both)
    found = touching_kink(equation)
    if found is None:
        return None
    _, kink, parts, weights = found
    signs = [signs_of_constant(weight) for weight in weights]
    if not all(len(sign) == 1 and sign <= SIGNS_OF[">="] for sign in signs):
        return None
    counted = [part for part, sign in zip(parts, signs, strict=True) if sign == SIGNS_OF[">"]]
    others = [part for part, sign in zip(parts, signs, strict=True) if sign == SIGNS_OF["=="]]
    first, turn = counted[0], -1 if isinstance(kink, Min) else 1
    if isinstance(kink, Abs):
        (gap,) = kink.args
        return ((gap,), ()) if not others else ((), (Relation(gap if first == gap else -gap, ">="),))
    zeros = tuple(first - part for part in counted[1:])
    return zeros, tuple(Relation(turn * (first - part), ">=") for part in others)


def narrowed(branch: Branch, relations: tuple[Relation, ...], condition: Facts) -> Branch:
    """The branch where the relations hold; what is plain on it goes without saying."""
    where = branch.where
    for relation in (r.at(branch.values) for r in relations):
        known = (*condition, *branch.relations)
        if not signs_of_tree(relation.expression, known) <= SIGNS_OF[relation.op]:
            where = (*where, relation)
    return replace(branch, where=tuple(dict.fromkeys(where)))


def _positive_part(step: Step) -> None:
    """max(0, u, ..) = 0 exactly where every u <= 0: the branches of the other equations, there; and what is like it."""
    claim = require_cover(step)
    equation, replaced = the_equation(step, claim)
    flat = where_flat(equation)
    require(flat is not None, "not a kink beside what it is never less than")
    zeros, kept = cast("tuple[tuple[Expr, ...], Facts]", flat)
    found = solved(step, replaced(*(zeros or (S.Zero,))), claim.unknowns, step.context)
    concludes(claim, [tuple(narrowed(b, kept, step.context.condition) for b in part) for part in found])


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "extremum_medians": _medians,
    "cover_positive_part": _positive_part,
}
