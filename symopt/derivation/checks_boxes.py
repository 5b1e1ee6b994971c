"""The check of zeros in listed boxes: interval arithmetic in a box, and beyond it the largest unknown divided out.

Every point is in a cell of a listed tree; a cell has no zero, or lies in a box with exactly one. Outside the cube of
half-width R one unknown, +v or -v with v >= R, is the largest, and the others are t v with -1 <= t <= 1: there an
equation is shown to be a power of v (or another factor that is not 0) times an expression that is nowhere 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from sympy import Expr, Integer, Rational, S, Symbol, exp, factorial, pi

from symopt.derivation.checking import (
    Rejected,
    available,
    identical,
    is_defined,
    require,
    require_given,
    require_identical,
    the_premise,
    vanishes_at,
)
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.checks_region import require_inside
from symopt.derivation.claims import Branch, Cover, Curved, Step
from symopt.derivation.covering import concludes, followed, require_cover, require_new, solved, values_of
from symopt.exact.boxes import (
    Box,
    Matrix,
    SquareSystem,
    are_disjoint,
    is_inside,
    is_within,
    signs_over,
)
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

MAX_CELLS: Final = 40_000
NUMBER_BITS: Final = 260

Ends = tuple[tuple[Rational, Rational], ...]
Form = tuple[tuple[Expr, ...], Expr, Expr]
Tree = tuple[object, ...]


@dataclass(frozen=True)
class Sure:
    """A box with exactly one zero: `branch` says where, `matrix` and `inner` prove it."""

    branch: Branch
    box: Box
    matrix: Matrix
    inner: Matrix


@dataclass(frozen=True)
class Damped:
    """A symbol for h^m exp(-h) with h > 0, which lies between 0 and m!."""

    symbol: Symbol
    height: Expr
    power: int

    @property
    def range(self) -> tuple[Rational, Rational]:
        return S.Zero, factorial(self.power)


@dataclass(frozen=True)
class Chart:
    """Where the unknown `place` is `side` v with v >= R, and the largest: forms that are nowhere 0, and cells."""

    place: int
    side: int
    forms: tuple[Form, ...]
    tree: Tree
    damped: tuple[Damped, ...] = ()


@dataclass(frozen=True)
class Coordinates:
    """The unknowns in terms of the symbols of the cells, the forms that cells may refer to, and relations given."""

    symbols: tuple[Symbol, ...]
    forms: tuple[Expr, ...]
    relations: tuple[tuple[Expr, str], ...]


def chart_values(
    unknowns: tuple[Symbol, ...], symbols: tuple[Symbol, ...], place: int, side: int
) -> dict[Symbol, Expr]:
    """The unknowns where the one at `place` is the largest: side v, and t v for the others."""
    v = symbols[0]
    others = iter(symbols[1:])
    return {u: Integer(side) * v if i == place else next(others) * v for i, u in enumerate(unknowns)}


def far_box(reach: Rational, size: int) -> Box:
    """v >= R, and -1 <= t <= 1 for the others."""
    return ((reach, None), *(((S.NegativeOne, S.One),) * (size - 1)))


def start_box(
    unknowns: tuple[Symbol, ...], relations: tuple[Relation, ...], reach: Rational
) -> tuple[Box, frozenset[tuple[int, int]]]:
    """The cube of half-width `reach` within the bounds that are given, and the sides on which these do not end it."""
    box, beyond = [], set()
    for place, unknown in enumerate(unknowns):
        ends = rational_bounds(unknown, relations)
        kept = []
        for side, end in zip((-1, 1), ends, strict=True):
            if end is not None and side * end[0] <= reach:
                kept.append(end[0])
            else:
                kept.append(side * reach)
                beyond.add((place, side))
        box.append((kept[0], kept[1]))
    return tuple(box), frozenset(beyond)


def _cover_values(step: Step) -> None:
    """A premise gives all solutions of an equation in one unknown alone: each is put into the other equations."""
    claim = require_cover(step)
    equation, symbol, values = values_of(step, claim)
    for found in solved(step, (equation,), (symbol,), step.context):
        plain = all(not b.free and not b.where for b in found)
        if plain and {(b.values[symbol], b.numbers) for b in found} == set(values):
            return followed(step, claim, symbol, values)
    raise Rejected("no premise gives these values")


def _cover_boxes(step: Step) -> None:
    """Exactly one zero in each listed box, and none in the other cells."""
    claim = require_cover(step)
    unknowns = claim.unknowns
    system = SquareSystem(require_given(step.data("system"), tuple), unknowns)
    require(set(system.equations) <= set(claim.equations), "another system")
    square = len(system.equations) == len(unknowns) and system.is_smooth
    require(square, "not a smooth square system")
    require(all(e.free_symbols <= set(unknowns) for e in system.equations), "a system with parameters")
    reach = require_given(step.data("reach"), Rational)
    box, beyond = start_box(unknowns, step.context.relations, reach)
    require(
        reach > 0 and all(low < high for low, high in cast("tuple[tuple[Rational, Rational], ...]", box)),
        "no box",
    )
    zeros = cast("tuple[Sure, ...]", require_given(step.data("zeros"), tuple))
    numbers = [n for zero in zeros for n in zero.branch.numbers]
    require_new((n.symbol for n in numbers), step)
    require(len({n.symbol for n in numbers}) == len(numbers), "one name for two numbers")
    for zero in zeros:
        _require_one_zero(zero, system, claim)
    _require_cells(
        require_given(step.data("tree"), tuple),
        box,
        Coordinates(unknowns, system.equations, tuple((r.expression, r.op) for r in step.context.relations)),
        zeros,
        system,
    )
    charts = cast("tuple[Chart, ...]", require_given(step.data("charts"), tuple))
    require({(c.place, c.side) for c in charts} >= beyond, "a side is left out")
    symbols = cast("tuple[Symbol, ...]", step.data("symbols") or ())
    for chart in charts:
        _require_nothing_beyond(chart, symbols, reach, step, system)
    concludes(claim, [tuple(zero.branch for zero in zeros)])


def _cover_convex(step: Step) -> None:
    """The gradient of a strictly convex or concave function vanishes at one point at most: at that of a listed box.

    Where it vanishes at p and q, both are extrema over a convex region, and so is all of the segment between them.
    """
    claim = require_cover(step)
    premise = the_premise(step, Curved)
    curved = cast(Curved, premise.claim)
    require(curved.strict and curved.kind in ("convex", "concave"), "not strictly convex or concave")
    require(available(premise, step.context), "curved on a smaller region, or in another case")
    require(curved.variables == claim.unknowns, "other variables")
    for equation, variable in zip(claim.equations, claim.unknowns, strict=True):
        require_identical(derivative_by_table(curved.objective, variable), equation, f"d/d{variable}")
    require(
        is_smooth(curved.objective, claim.unknowns, step.context.relations), "f may not be differentiable"
    )
    if step.data("point") is not None:
        branch = require_given(step.data("point"), Branch)
        require(not branch.own_symbols and not branch.where, "not a point")
        require(set(branch.values) == set(claim.unknowns), "a point of other variables")
        known = require_inside(step, branch.values)
        for equation in claim.equations:
            require(vanishes_at(equation, branch.values, known), "{} does not vanish there", equation)
    else:
        branch = _zero_in_region(step, claim)
    concludes(claim, [(branch,)])


def _zero_in_region(step: Step, claim: Cover) -> Branch:
    """The zero in a box of the region that Krawczyk's operator shows."""
    system = SquareSystem(claim.equations, claim.unknowns)
    require(system.is_smooth, "not a smooth system")
    require(all(e.free_symbols <= set(claim.unknowns) for e in claim.equations), "a system with parameters")
    zero = require_given(step.data("zero"), Sure)
    require_new((n.symbol for n in zero.branch.numbers), step)
    _require_one_zero(zero, system, claim)
    for relation in step.context.region:
        signs = signs_over(relation.expression, claim.unknowns, zero.box)
        require(signs is not None and signs <= SIGNS_OF[relation.op], "the box may leave the region")
    return zero.branch


def is_exact(value: Expr) -> bool:
    """Whether a coordinate is a rational number, or such a multiple of pi."""
    return isinstance(value, Rational) or isinstance(value / pi, Rational)


def _require_one_zero(zero: Sure, system: SquareSystem, claim: Cover) -> None:
    """K(X) lies inside X; and the branch is that zero: an exact point of X, or numbers with a smaller such box."""
    image = system.image(zero.box, zero.matrix)
    require(image is not None and is_inside(image, zero.box), "more than one zero, or none")
    branch = zero.branch
    require(not branch.free and not branch.where, "not a point")
    exact = {u: v for u, v in branch.at if is_exact(v)}
    for (low, high), value in zip(cast(Ends, zero.box), branch.values.values(), strict=True):
        ends = enclose(value, {}) if is_exact(value) else (low, high)
        require(ends is not None and bool(low <= ends[0] and ends[1] <= high), "not in the box")
    unknowns = tuple(u for u in system.unknowns if u not in exact)
    numbers = branch.numbers
    names = {n.symbol for n in numbers}
    require(
        tuple(branch.values[u] for u in unknowns) == tuple(n.symbol for n in numbers), "not the coordinates"
    )
    require(all(n.index is None for n in numbers), "not an index of a root")
    table = dict(zip(unknowns, (n.symbol for n in numbers), strict=True))
    written = {e.xreplace(exact).xreplace(table): e.xreplace(exact) for e in claim.equations}
    require(all(n.equation in written for n in numbers), "numbers of other equations")
    own = SquareSystem(tuple(written[n.equation] for n in numbers), unknowns)
    require(own.is_smooth and len(set(own.equations)) == len(numbers), "not a system of their own")
    require(all(e.free_symbols <= names for e in (n.equation for n in numbers)), "a number that varies")
    if exact:
        for equation in claim.equations:
            rest = equation.xreplace(exact)
            require(rest in own.equations or identical(rest, S.Zero), "an equation at the point")
    inner = cast(Box, tuple(n.interval for n in numbers))
    outer = tuple(ends for u, ends in zip(system.unknowns, zero.box, strict=True) if u not in exact)
    require(is_within(inner, outer), "numbers outside the box")
    for each in (own,) if exact else dict.fromkeys((system, own)) if numbers else ():
        image = each.image(inner, zero.inner, NUMBER_BITS)
        require(image is not None and is_inside(image, inner), "the numbers are not isolated")


def _require_nothing_beyond(
    chart: Chart, symbols: tuple[Symbol, ...], reach: Rational, step: Step, system: SquareSystem
) -> None:
    """Forms that are the equations, combined and divided by a factor that is not 0, are nowhere 0 far out."""
    n = len(system.unknowns)
    require(len(set(symbols)) == n and 0 <= chart.place < n and chart.side in (1, -1), "no chart")
    values = chart_values(system.unknowns, symbols, chart.place, chart.side)
    far = (Relation(symbols[0] - reach, ">="),)
    box = far_box(reach, n)
    table: dict[Symbol, Expr] = {}
    for damped in chart.damped:
        h, m = damped.height, damped.power
        require(isinstance(m, int) and m >= 0 and h.free_symbols <= set(symbols), "no damped symbol")
        require(signs_over(h, symbols, box) == SIGNS_OF[">"], "{} may not be positive", h)
        table[damped.symbol] = h**m * exp(-h)
    require_new((*symbols, *table), step)
    require(len({*symbols, *table}) == n + len(chart.damped), "one symbol for two things")
    for multiples, scale, form in chart.forms:
        require(len(multiples) == n, "one factor for each equation")
        require(scale.free_symbols <= set(symbols), "a factor in other symbols")
        require(form.free_symbols <= {*symbols, *table}, "a form in other symbols")
        require(
            signs_of_tree(scale, far) <= SIGNS_OF["!="] and is_defined(scale, far), "a factor that may be 0"
        )
        combined = sum((m * e for m, e in zip(multiples, system.equations, strict=True)), S.Zero)
        require(all(m.is_polynomial(*system.unknowns) for m in multiples), "a factor that may be undefined")
        require_identical(combined.xreplace(values), scale * form.xreplace(table), "a form")
    relations = tuple((r.expression.xreplace(values), r.op) for r in step.context.relations)
    forms = tuple(form for _, _, form in chart.forms)
    every, whole = (*symbols, *table), box + tuple(damped.range for damped in chart.damped)
    _require_cells(chart.tree, whole, Coordinates(every, forms, relations), (), None)


def _require_cells(
    tree: Tree, box: Box, place: Coordinates, zeros: tuple[Sure, ...], system: SquareSystem | None
) -> None:
    """Every cell of the tree is outside the region, has no zero, or lies in a box with one."""
    waiting = [(tree, box)]
    for _ in range(MAX_CELLS):
        if not waiting:
            return
        node, cell = waiting.pop()
        kind, data = node[0], node[1:]
        if kind == "split":
            axis, point, below, above = cast("tuple[int, Rational, Tree, Tree]", data)
            low, high = cell[axis]
            require(isinstance(point, Rational), "a cut that is no number")
            require((low is None or low < point) and (high is None or point < high), "a cut outside the cell")
            for ends, part in (((low, point), below), ((point, high), above)):
                waiting.append((part, (*cell[:axis], ends, *cell[axis + 1 :])))
        elif kind == "none":
            (which,) = cast("tuple[int]", data)
            near = None if system is None else system.signs(cell)[which]
            signs = near if system is not None else signs_over(place.forms[which], place.symbols, cell)
            require(signs is not None and 0 not in signs, "an equation may vanish in a cell")
        elif kind == "outside":
            (which,) = cast("tuple[int]", data)
            expression, op = place.relations[which]
            signs = signs_over(expression, place.symbols, cell)
            require(signs is not None and not signs & SIGNS_OF[op], "a cell may be in the region")
        elif kind == "newton" and system is not None:
            image = system.image(cell, cast("tuple[Matrix]", data)[0])
            require(image is not None and are_disjoint(image, cell), "a zero may lie in a cell")
        elif kind == "zero":
            require(is_within(cell, zeros[cast("tuple[int]", data)[0]].box), "a cell goes beyond the box")
        else:
            raise Rejected("a cell of another kind")
    require(not waiting, "too many cells")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_boxes": _cover_boxes,
    "cover_convex": _cover_convex,
    "cover_values": _cover_values,
}

__all__ = ["CHECKS", "Chart", "Damped", "Sure", "chart_values", "far_box", "start_box"]
