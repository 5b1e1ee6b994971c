"""Checks of the rule that collects the stationary points, and of points that lie on a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import cast

from sympy import Add, Dummy, Expr, Integer, Symbol, cos, sin

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    is_symbol_free,
    is_zero,
    premises_of,
    require,
    require_available,
    require_defined,
    require_given,
    require_inside,
    require_own_symbols,
    the_premise,
    vanishes_at,
)
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import Branch, Context, Cover, Gradient, Stationary, Step
from symopt.derivation.covering import require_cover, solved
from symopt.relation import Relation


def _stationary(step: Step) -> None:
    """The gradient vanishes on every branch, every branch lies in the region, and a cover says there are no others."""
    claim = require_given(step.claim, Stationary)
    require_own_symbols(claim.branches, claim.variables, (claim.objective,), step.context)
    require(all(is_symbol_free(r.expression, claim.variables) for r in step.context.condition), "a condition")
    require(is_smooth(claim.objective, claim.variables, facts(step)), "f may not be differentiable")
    gradient = cast(Gradient, the_premise(step, Gradient).claim)
    require(
        (gradient.objective, gradient.variables) == (claim.objective, claim.variables),
        "the gradient of something else",
    )
    require_available(step, Gradient)
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context)]
    numbers = {n for cover in covers for b in cover.branches for n in b.numbers}
    for branch in claim.branches:
        require(set(branch.numbers) <= numbers, "a number that no equation has given")
        known = facts(step, Context((), step.context.condition + branch.relations))
        require_inside(branch.values, step.context.region, known)
        for entry in gradient.entries:
            require(vanishes_at(entry, branch.values, known), "{} does not vanish on a branch", entry)
    if claim.complete:
        full = [c for c in covers if (c.equations, c.unknowns) == (gradient.entries, claim.variables)]
        require(bool(full), "the cover of another system")
        named = set(claim.branches)
        given = step.context.condition
        listed = all(b in named or any(lies_on(b, o, given) for o in named) for b in full[0].branches)
        require(listed, "a point is missing")


def _cover_wider(step: Step) -> None:
    """Branches on which the branches of a cover lie."""
    claim = require_cover(step)
    for branch in claim.branches:
        known = facts(step, Context((), step.context.condition + branch.relations))
        for value in branch.values.values():
            require_defined(value, known)
    for found in solved(step, claim.equations, claim.unknowns, step.context):
        numbers = {n for b in found for n in b.numbers}
        given = all(set(b.numbers) <= numbers for b in claim.branches)
        if given and all(any(lies_on(b, wide) for wide in claim.branches) for b in found):
            return
    require(False, "a branch is missing")


def lies_on(inner: Branch, outer: Branch, condition: Facts = ()) -> bool:
    """Whether every point of one branch is a point of the other, seen by putting values in for its free symbols."""
    if inner == outer or _is_rewritten(inner, outer, condition + inner.relations):
        return True
    if not set(outer.numbers) <= set(inner.numbers) or outer.moving:
        return False
    written = (*outer.values.values(), *(r.expression for r in outer.where))
    if {s for e in written for s in e.free_symbols} & (inner.own_symbols - outer.own_symbols):
        return False  # one name for two things
    if _is_on_circle(inner, outer, condition + inner.relations):
        return True
    table: dict[Symbol, Expr] = {}
    values = inner.values
    for symbol, kind in outer.free:
        solved = (_solved_on(symbol, kind, value, values[u], inner) for u, value in outer.at)
        found = next((value for value in solved if value is not None), None)
        if found is None:
            return False
        table[symbol] = found
    known = condition + inner.relations
    return all(is_zero(values[u] - value.xreplace(table), known) for u, value in outer.at) and all(
        holds(r.at(table).expression, r.op, known) for r in outer.where
    )


def _is_rewritten(inner: Branch, outer: Branch, known: Facts) -> bool:
    """Whether two branches differ in how the same values are written."""
    same = replace(inner, at=()) == replace(outer, at=())
    return same and all(is_zero(inner.values[u] - value, known) for u, value in outer.at)


def _is_on_circle(inner: Branch, outer: Branch, known: Facts) -> bool:
    """Whether a point is a + b cos t + c sin t for a t that satisfies the relations: cos t and sin t are solved for."""
    if len(outer.free) != 1 or inner.free or outer.free[0][1] != "real":
        return False
    angle = outer.free[0][0]
    names = {cos(angle): Dummy("c"), sin(angle): Dummy("s")}
    waves = tuple(names.values())
    rows = [(inner.values[u], value.xreplace(names).as_poly(*waves)) for u, value in outer.at]
    if any(p is None or p.total_degree() > 1 or any(c.has(angle) for c in p.coeffs()) for _, p in rows):
        return False
    for (a, p), (b, q) in combinations(rows, 2):
        (c1, s1), (c2, s2) = ((r.coeff_monomial(waves[0]), r.coeff_monomial(waves[1])) for r in (p, q))
        a, b, below = a - p.coeff_monomial(1), b - q.coeff_monomial(1), c1 * s2 - c2 * s1
        if holds(below, "!=", known):
            solved = {waves[0]: (a * s2 - b * s1) / below, waves[1]: (c1 * b - c2 * a) / below}
            cosine, sine = solved.values()
            inside = (Relation(r.expression.xreplace(names).xreplace(solved), r.op) for r in outer.where)
            return (
                is_zero(cosine**2 + sine**2 - 1, known)
                and all(is_zero(value - p.as_expr().xreplace(solved), known) for value, p in rows)
                and all(not r.symbols & {angle} and holds(r.expression, r.op, known) for r in inside)
            )
    return False


def _solved_on(symbol: Symbol, kind: str, outer: Expr, inner: Expr, branch: Branch) -> Expr | None:
    """The value of a free symbol that takes a coordinate of a family to that of a branch: for an integer, an integer."""
    if kind == "real":
        return inner if outer == symbol else None
    poly = outer.as_poly(symbol)
    if outer.free_symbols != {symbol} or poly is None or poly.degree() != 1:
        return None
    turns = ((inner - poly.TC()) / poly.LC()).expand()
    integers = {s for s, k in branch.free if k == "integer"}
    parts = (term.as_coeff_Mul() for term in Add.make_args(turns))
    whole = all(isinstance(c, Integer) and (rest == 1 or rest in integers) for c, rest in parts)
    return turns if whole else None


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_wider": _cover_wider,
    "stationary_points": _stationary,
}
