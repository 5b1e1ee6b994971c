"""Points of one variable where a function need not be differentiable: its behaviour from the left and from the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from sympy import Expr, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected, is_zero
from symopt.derivation.checks_across import formulas_near
from symopt.derivation.checks_kinks import one_sided, slope_beside, value_at
from symopt.derivation.claims import Branch, Context, Cover, Holds, Label, Step
from symopt.exact.asymptotics import Dominant
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.results.answers import Point
from symopt.results.evidence import proved, undecided
from symopt.stationary.covers import solver_for
from symopt.stationary.setting import at_place
from symopt.stationary.solver import Unsolved


def kinks_of(cell: Cell, candidates: tuple[Expr, ...]) -> tuple[tuple[Point, ...], tuple[Point, ...], bool]:
    """(stationary points, kinks, whether these are all) among the zeros of the candidate expressions, in one variable.

    A point where both one-sided slopes are 0 is stationary; where they differ it is a kink; other points are neither.
    """
    (variable,) = cell.variables
    stationary, kinks, complete = [], [], True
    seen: set[Expr] = set()
    for candidate in candidates:
        solver = solver_for(cell, {str(s) for s in cell.parameters} | {variable.name})
        try:
            cover = solver.solve((candidate,), (variable,), cell.context)
            cover = solver.within(cover, cell.context, cell.context.region)
        except Unsolved:
            complete = False
            continue
        for branch in cast(Cover, cover.claim).branches:
            place = branch.values[variable]
            lattice = all(kind == "integer" for _, kind in branch.free) and not branch.where
            if not lattice or (branch.numbers and branch.free) or any(n.varies for n in branch.numbers):
                complete = False
                continue
            if place in seen:
                continue
            seen.add(place)
            if branch.free and any(variable in r.symbols for r in cell.context.region):
                complete = False
                continue
            inside = all(
                r.is_strict
                and prove_relation(
                    r.at(branch.values), Context((), cell.context.condition + branch.relations)
                )
                is not None
                for r in cell.context.region
            )
            if not inside:
                continue
            found = _examined(cell, variable, branch, cover)
            if found is None:
                complete = False
                continue
            point, slopes = found
            if slopes == (0, 0):
                stationary.append(point)
            elif slopes != (1, 1):
                kinks.append(point)
    return tuple(stationary), tuple(kinks), complete


def _examined(
    cell: Cell, variable: Symbol, branch: Branch, cover: Step
) -> tuple[Point, tuple[int, int]] | None:
    """The point with its label, and for each side 0 (slope 0), 1 (the same finite slope on both), 2 (another)."""
    context = Context((), cell.context.condition + branch.relations)

    used: dict[Step, None] = {}

    def sign(quantity: Expr) -> int | None:
        found = prove_sign(quantity, context)
        if found is None and quantity.free_symbols and quantity.free_symbols <= cell.parameters:
            cell.sign(quantity)
            found = prove_sign(quantity, context)
        if found is None:
            return None
        if quantity.free_symbols:
            used.setdefault(found[1])
        return found[0]

    if branch.numbers:
        return _at_number(cell, variable, branch, sign, used, cover)
    sides = []
    for direction in (-1, 1):
        dominant = one_sided(cell.objective, variable, branch.values[variable], direction, sign)
        if dominant is None:
            return None
        sides.append((sign(dominant.coefficient), dominant))
    if None in (sides[0][0], sides[1][0]):
        return None
    (left, _), (right, _) = sides
    kind, strict = _kind(cast(int, left), cast(int, right))
    value = value_at(cell.objective, branch.values, sign)
    with suppress(NotExact):
        value = canonical(value)
    slopes = slopes_of(sides[0][1], sides[1][1])
    claim = Label(cell.objective, cell.variables, branch, kind, strict)
    step = Step(cell.context, claim, "kink", tuple(used))
    if not follows(step):
        return Point(
            branch, "undecided", None, value, None, None, undecided("the sides could not be proved")
        ), slopes
    return Point(branch, kind, strict, value, None, None, proved(step)), slopes


def _at_number(
    cell: Cell,
    variable: Symbol,
    branch: Branch,
    sign: Callable[[Expr], int | None],
    used: Mapping[Step, None],
    cover: Step,
) -> tuple[Point, tuple[int, int]] | None:
    """The same at a number, by the slopes of the formulas that f follows on either side of it."""
    place, f = branch.values[variable], cell.objective
    left, right = (slope_beside(f, variable, place, direction, sign) for direction in (-1, 1))
    if left is None or right is None or not sign(right - left):
        return None
    before, after = sign(left), sign(right)
    if not before or not after:
        return None
    kind, strict = _kind(-before, after)
    step = Step(cell.context, Label(f, cell.variables, branch, kind, strict), "kink", (cover, *used))
    if not follows(step):
        return None
    value = value_at(f, branch.values, sign)
    with suppress(NotExact, Rejected):
        known = (*cell.context.condition, *branch.relations, *(cast(Holds, s.claim).relation for s in used))
        formulas = formulas_near(f, branch.values, known)
        values = [at_place(e.xreplace(branch.values), Context((), known)) for e in formulas]
        value = S.Zero if any(is_zero(v, known) for v in values) else min(values, key=operations)
    return Point(branch, kind, strict, value, None, None, proved(step)), (2, 2)


def _kind(left: int, right: int) -> tuple[str, bool | None]:
    """The label from the signs of f - f* just left and right of the point."""
    if left == right == 0:
        return "constant", None
    if left >= 0 and right >= 0:
        return "minimum", left > 0 and right > 0
    if left <= 0 and right <= 0:
        return "maximum", left < 0 and right < 0
    return "inflection", None


def slopes_of(left: Dominant, right: Dominant) -> tuple[int, int]:
    """Compare f - f* with the distance h = 1/s: 0 when it is smaller, 1 when both sides have the same finite slope."""
    orders = [_order(side) for side in (left, right)]
    if orders == [1, 1] and (left.coefficient + right.coefficient).expand() == 0:
        return (1, 1)
    return (0 if orders[0] == 0 else 2, 0 if orders[1] == 0 else 2)


def _order(side: Dominant) -> int:
    """0: f - f* = o(h); 1: of the order of h; 2: larger."""
    if side.coefficient == 0:
        return 0
    growth = side.growth
    if growth.exponent:
        return 0 if side.direction < 0 else 2
    power = growth.power + 1
    if power.free_symbols:
        return 0
    if power == 0:
        return 1 if growth.log_power == 0 else 2
    return 0 if power < 0 else 2
