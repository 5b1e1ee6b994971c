"""Checks of the rules that label points where the Hessian is singular.

By a factor of f - f* that keeps its sign, along a family of stationary points, by reduction to the kernel of the
Hessian (the splitting lemma), and by the form of lowest order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Final, cast

from sympy import Expr, Matrix, S, Symbol

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    identical,
    is_symbol_free,
    is_zero,
    premises_of,
    require,
    require_defined,
    require_equal,
    require_given,
    require_holds,
    require_identical,
    the_premise,
)
from symopt.derivation.checks_derivative import is_continuous, is_open, is_smooth
from symopt.derivation.checks_labels import (
    OP_OF,
    hessian_at,
    is_discrete,
    moves_along,
    require_open,
    require_smooth,
    stationary_label,
)
from symopt.derivation.claims import Context, Cover, Definite, Holds, Label, Step, Vector
from symopt.derivation.series import MAX_ORDER, as_known, coefficient, lowest_sign, require_new_symbol
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import canonical

EXTREMA: Final = ("minimum", "maximum")


def _factor(step: Step) -> None:
    """f - f* = p q, where p >= 0 on the region and q has one sign at the point, and by continuity near it."""
    kind = step.rule.removeprefix("factor_")
    claim, known = stationary_label(step, (kind, True), (kind, False), (kind, None))
    require_open(step)
    value, p, q = (require_given(step.data(name), Expr) for name in ("value", "p", "q"))
    free = [s for s, _ in claim.branch.free]
    require(is_symbol_free(value, (*claim.variables, *free)), "the value moves along the family")
    require_defined(value, known)
    require_identical(claim.objective.xreplace(claim.branch.values), value, "the value at the point")
    require_identical(claim.objective - value, p * q, "the factors")
    relations = facts(step)
    require_defined(p, relations)
    require_holds(p, ">=", relations, "the factor")
    require(is_continuous(q, relations), "the other factor may jump")
    at_point = as_known(q.xreplace(claim.branch.values), known)
    require_holds(at_point, OP_OF[kind], known, "the other factor at the point")
    if claim.strict is False:
        require(moves_along(claim.branch, known) or _is_flat_along(step, claim, p, known), "no equal values")
    if claim.strict is True:
        covers = [cast(Cover, c.claim) for c in premises_of(step, Cover) if available(c, step.context)]
        alone = any(
            cover.unknowns == claim.variables
            and cover.equations == (p,)
            and all(is_discrete(b) for b in cover.branches)
            for cover in covers
        )
        require(alone, "f may have the same value near by")


def _is_flat_along(step: Step, claim: Label, p: Expr, known: Facts) -> bool:
    """Whether a line through the point is given on which the factor is 0."""
    s, line = step.data("symbol"), step.data("line")
    if not isinstance(s, Symbol) or not isinstance(line, tuple) or len(line) != len(claim.variables):
        return False
    require_new_symbol(s, claim, step.context.relations)
    table = dict(zip(claim.variables, line, strict=True))
    for value in line:
        require_defined(value, known)
        require(is_symbol_free(value, claim.variables), "a line in terms of the variables")
    starts = all(identical(table[v].xreplace({s: S.Zero}), value) for v, value in claim.branch.at)
    moves = any(holds(derivative_by_table(value, s), "!=", known) for value in line)
    return starts and moves and all(v.is_polynomial(s) for v in line) and identical(p.xreplace(table), S.Zero)


def _family(step: Step) -> None:
    """A family of k dimensions through the point, and a subspace of n - k on which the Hessian is definite.

    The family's tangents lie in the kernel of the Hessian, so that this one is semidefinite of rank n - k along it
    (Morse-Bott): near the point f lies on one side of f*, which it takes on the whole family.
    """
    kind = step.rule.removeprefix("family_")
    claim, known = stationary_label(step, (kind, False))
    matrix, vectors = hessian_at(step, claim), require_given(step.data("vectors"), tuple)
    reals = tuple(s for s, k in claim.branch.free if k == "real")
    n = len(claim.variables)
    require(0 < len(reals) == n - len(vectors), "the dimensions do not add up")
    require(
        all(is_open(r, reals, known) for r in claim.branch.where if r.symbols & set(reals)),
        "the border of the family",
    )
    values = tuple(value for _, value in claim.branch.at)
    require(all(is_smooth(value, reals, known) for value in values), "the family may have corners")
    tangents = [[derivative_by_table(value, s) for value in values] for s in reals]
    minors = (Matrix(tangents)[:, list(columns)].det() for columns in combinations(range(n), len(reals)))
    size = canonical(sum((minor**2 for minor in minors), S.Zero))
    require_holds(size, ">", known, "the tangents")
    _require_definite(step, claim, vectors, matrix, OP_OF[kind], known)


def _require_definite(
    step: Step, claim: Label, vectors: tuple[Vector, ...], matrix: object, op: str, known: Facts
) -> None:
    """Reject unless a premise says that V^T H V is definite, for vectors that are the same near the point."""
    rows = cast(tuple[Vector, ...], matrix)
    here = Context((), step.context.condition + claim.branch.relations)
    premise = the_premise(step, Definite)
    definite = cast(Definite, premise.claim)
    require(definite.op == op and available(premise, here), "not definite there")
    require(len(definite.matrix) == len(vectors), "another subspace")
    for vector in vectors:
        require(len(vector) == len(claim.variables), "a vector of another space")
        for entry in vector:
            require_defined(entry, known)
            require(is_symbol_free(entry, claim.variables), "a vector in terms of the variables")
    for u, row in zip(vectors, definite.matrix, strict=True):
        for v, proved in zip(vectors, row, strict=True):
            form = sum((a * b * rows[i][j] for i, a in enumerate(u) for j, b in enumerate(v)), S.Zero)
            require_equal(form, proved, known, "an entry of the form")


def _splitting(step: Step) -> None:
    """A curve g(s) = p + s u + ... and a complement V of u on which the Hessian is definite.

    V^T grad f vanishes along the curve to order m, so f restricted to the best point of each slice is
    f(g(s)) + O(s^(2 m)); its lowest term c s^k with k < 2 m decides (the splitting lemma).
    """
    claim, known = stationary_label(step, ("minimum", True), ("maximum", True), ("saddle", None))
    matrix = hessian_at(step, claim)
    s, curve = require_given(step.data("symbol"), Symbol), require_given(step.data("curve"), tuple)
    vectors, order = require_given(step.data("vectors"), tuple), require_given(step.data("order"), int)
    n = len(claim.variables)
    require(n >= 2 and len(vectors) == n - 1 and len(curve) == n, "not a complement of a line")
    require(not claim.branch.free or all(k == "integer" for _, k in claim.branch.free), "along a family")
    require_new_symbol(s, claim, step.context.relations)
    table = dict(zip(claim.variables, curve, strict=True))
    for variable, value in claim.branch.at:
        require_defined(table[variable], known)
        require(is_symbol_free(table[variable], claim.variables), "a curve in terms of the variables")
        require(table[variable].is_polynomial(s), "the curve is not polynomial")
        require_identical(table[variable].xreplace({s: S.Zero}), value, "the curve's start")
    require(all(is_symbol_free(e, (s,)) for vector in vectors for e in vector), "a direction that turns")
    start = [derivative_by_table(value, s).xreplace({s: S.Zero}) for value in curve]
    require_holds(canonical(Matrix([*vectors, start]).det()), "!=", known, "the directions")
    op = cast(Definite, the_premise(step, Definite).claim).op
    require(op in (">", "<"), "not definite")
    _require_definite(step, claim, vectors, matrix, op, known)
    gradient = [derivative_by_table(claim.objective, v).xreplace(table) for v in claim.variables]
    for vector in vectors:
        along = sum((a * b for a, b in zip(vector, gradient, strict=True)), S.Zero)
        for k in range(order):
            require(is_zero(coefficient(along, s, k), known), "the slope does not vanish to that order")
    degree, sign = lowest_sign(claim.objective.xreplace(table), s, known)
    require(0 < degree < 2 * order, "the lowest term is not decisive")
    up = op == ">"
    if claim.kind == "saddle":
        require(degree % 2 == 1 or (sign < 0) == up, "f is not shown to change its side")
    else:
        require((claim.kind == "minimum") == up and degree % 2 == 0 and (sign > 0) == up, "another label")


def _lowest_form(step: Step) -> None:
    """Two variables: the first derivative that does not vanish is a definite form of even order."""
    kind = step.rule.removeprefix("lowest_form_")
    claim, known = stationary_label(step, (kind, True))
    require_smooth(step, claim)
    order, s, t = (step.data(name) for name in ("order", "symbol", "slope"))
    require(isinstance(order, int) and order % 2 == 0 and 2 <= order <= MAX_ORDER, "not an even order")
    require(isinstance(s, Symbol) and isinstance(t, Symbol) and s != t, "two symbols")
    require(len(claim.variables) == 2, "not two variables")
    for symbol in cast(tuple[Symbol, ...], (s, t)):
        require_new_symbol(symbol, claim, step.context.relations)
    (x, a), (y, b) = claim.branch.at
    bare = Context((), step.context.condition + claim.branch.relations)
    relations = [
        r for p in premises_of(step, Holds) if available(p, bare) for r in (cast(Holds, p.claim).relation,)
    ]
    for direction in ((S.One, t), (S.Zero, S.One)):
        along = claim.objective.xreplace(
            {x: a + cast(Symbol, s) * direction[0], y: b + cast(Symbol, s) * direction[1]}
        )
        for k in range(1, cast(int, order)):
            require(is_zero(coefficient(along, cast(Symbol, s), k), known), "a form of lower order")
        form = coefficient(along, cast(Symbol, s), cast(int, order))
        proved = any(r.implies_op(OP_OF[kind]) and identical(r.expression, form) for r in relations)
        require(proved or holds(form, OP_OF[kind], known), "the form is not shown to be definite")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    **{f"factor_{kind}": _factor for kind in EXTREMA},
    **{f"family_{kind}": _family for kind in EXTREMA},
    **{f"lowest_form_{kind}": _lowest_form for kind in EXTREMA},
    "splitting": _splitting,
}
