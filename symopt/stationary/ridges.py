"""Points of several variables where a function need not be differentiable: its behaviour along rays from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Final, cast

from sympy import Expr, Integer, Rational, S, Symbol

from symopt.calculus.expressions import gradient
from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checks_kinks import along, without_gaps
from symopt.derivation.claims import Branch, Context, Cover, Holds, Label, Step, Vector
from symopt.exact.asymptotics import Dominant
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import reduced
from symopt.exact.signs import SIGNS_OF, signs_of_constant, without_known_kinks
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.reasoning.subgradients import prove_beside_kinks
from symopt.relation import Relation
from symopt.results.answers import Point
from symopt.results.evidence import proved, undecided
from symopt.stationary.across import label_across, rises_across, stationary_across, steep_rays
from symopt.stationary.covers import isolated_zeros, solver_for
from symopt.stationary.cutting import Cut, number_to_cut_at
from symopt.stationary.kinks import slopes_of
from symopt.stationary.question import present
from symopt.stationary.solver import Unsolved

MAX_PLACES: Final = 120
TRIED: Final[tuple[Expr, ...]] = (S.Half, S.One, S.NegativeOne, S.Zero, -S.Half, Integer(2), Integer(-2))
MOST_FREE: Final = 2
Rays = dict[int, Vector]  # the sign of f - f* at the beginning of a ray
OP: Final = {1: ">", -1: "<"}
RADII: Final = (S.Half, Rational(1, 8))
SIDES: Final = ((">=", "minimum"), ("<=", "maximum"))


@dataclass
class _Look:
    """A place, and what its signs rest on; `open` collects the quantities whose signs are not known."""

    cell: Cell
    branch: Branch
    used: dict[Step, None] = field(default_factory=dict)
    open: list[Expr] = field(default_factory=list)

    @property
    def place(self) -> Context:
        return Context((), self.cell.context.condition + self.branch.relations)

    def sign(self, quantity: Expr) -> int | None:
        found = prove_sign(quantity, self.place)
        parameters = self.cell.parameters
        if found is None and quantity.free_symbols and quantity.free_symbols <= parameters:
            self.cell.sign(quantity)
            found = prove_sign(quantity, self.place)
        if found is None:
            self.open.append(quantity)
            return None
        if quantity.free_symbols:
            self.used.setdefault(found[1])
        return found[0]


def kinks_in_space(
    cell: Cell, candidates: tuple[Expr, ...]
) -> tuple[tuple[Point, ...], tuple[Point, ...], bool]:
    """(stationary points, kinks, whether these are all) among the zeros of the candidate expressions.

    Where f has a slope other than 0 along some ray, it has no gradient 0. Families are cut where that changes.
    """
    waiting: list[Branch] = []
    complete = True
    for candidate in candidates:
        solver = solver_for(cell, {str(s) for s in cell.parameters | set(cell.variables)})
        try:
            cover = solver.solve((candidate,), cell.variables, cell.context)
            waiting += cast(Cover, solver.within(cover, cell.context, cell.context.region).claim).branches
        except Unsolved:
            complete = False
    smooth: dict[Branch, Point] = {}
    kinks: dict[Branch, Point] = {}
    cuts: list[Cut] = []
    tangents: dict[Branch, list[Vector]] = {}  # of the family that a point was cut out of
    seen: set[Branch] = set()
    while waiting:
        cell.budget.check()
        branch = waiting.pop(0)
        if branch in seen:
            continue
        seen.add(branch)
        if len(seen) > MAX_PLACES or branch.numbers or not _is_inside(cell, branch):
            complete = False
            continue
        if rises_across(cell, branch):
            continue
        look = _Look(cell, branch)
        along_it = tangents.get(branch) or _tangents(branch)
        point, moves, signs = _examined(look, along_it, _normals(branch, candidates, cell))
        flat = None if moves else stationary_across(cell, branch)
        if flat is not None:
            smooth[branch] = _labelled(look, signs, flat)
            continue
        cut = number_to_cut_at(branch, (*look.open, *_others(branch, candidates)))
        if cut is not None and (point is None or point.kind == "undecided" or not moves):
            cuts.append(cut)
            waiting += cut.parts
            tangents.update(dict.fromkeys(cut.parts, along_it))
            continue
        complete = complete and moves
        if point is not None:
            kinks[branch] = point
    joined = {part for cut in reversed(cuts) for part in _join(cell, cut, kinks)}
    left = tuple(point for branch, point in kinks.items() if branch not in joined)
    return tuple(smooth.values()), left, complete


def _join(cell: Cell, cut: Cut, kinks: dict[Branch, Point]) -> tuple[Branch, ...]:
    """Add the family that the parts of a cut make which are alike, and return these; others are left out of it."""
    below, there, above = cut.parts
    sides = [kinks[part] for part in (below, above) if part in kinks]
    if len(sides) < 2 or sides[0].kind == "undecided" or len({(p.kind, p.strict) for p in sides}) > 1:
        return ()
    middle = kinks.get(there)
    alike = middle is not None and (middle.kind, middle.strict) == (sides[0].kind, sides[0].strict)
    gaps = tuple(r for part in sides for r in without_gaps(part.branch)[1])
    gaps += () if alike else (Relation(cut.symbol - cut.value, "!="),)
    whole = replace(cut.family, where=tuple(dict.fromkeys((*cut.family.where, *gaps))))
    parts = (*sides, middle) if alike and middle is not None else tuple(sides)
    claim = Label(cell.objective, cell.variables, whole, sides[0].kind, sides[0].strict)
    premises = tuple(step for part in parts if part.evidence is not None for step in part.evidence.steps)
    step = Step(cell.context, claim, "label_parts", premises, (("symbol", cut.symbol), ("value", cut.value)))
    if not follows(step):
        return ()
    value = _value_along(cell, whole)
    kinks[cut.family] = Point(whole, claim.kind, claim.strict, value, None, None, proved(step))
    return (below, above, there) if alike else (below, above)


def _others(branch: Branch, candidates: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The candidates along a family: where another one is 0 too, the behaviour changes."""
    return tuple(value for c in candidates if (value := c.xreplace(branch.values).expand()) != 0)


def _is_inside(cell: Cell, branch: Branch) -> bool:
    place = Context((), cell.context.condition + branch.relations)
    return all(
        r.is_strict and prove_relation(r.at(branch.values), place) is not None for r in cell.context.region
    )


def _directions(n: int) -> list[Vector]:
    """The axes and the diagonals of two of them."""
    axes = [tuple(Integer(i == k) for i in range(n)) for k in range(n)]
    pairs = [
        tuple(S.One if i == k else sign if i == m else S.Zero for i in range(n))
        for (k, m), sign in product(combinations(range(n), 2), (S.One, S.NegativeOne))
    ]
    return axes + pairs


def _tangents(branch: Branch) -> list[Vector]:
    """The direction of a family that is a straight line."""
    slopes = [
        tuple(e.diff(symbol) for e in branch.values.values())
        for symbol, kind in branch.free
        if kind == "real"
    ]
    return [slope for slope in slopes if all(e.is_Rational for e in slope)]


def _normals(branch: Branch, candidates: tuple[Expr, ...], cell: Cell) -> list[Vector]:
    """The gradients of the candidates that vanish along a curve, where these are not the same all along it."""
    found = []
    for candidate in candidates if any(kind == "real" for _, kind in branch.free) else ():
        values = branch.values
        with suppress(NotExact):
            if canonical(candidate.xreplace(values)) == 0:
                slopes = gradient(candidate, cell.variables)
                normal = tuple(canonical(slope.xreplace(values)) for slope in slopes)
                found += [normal] if any(e.free_symbols for e in normal) else []
    return found


def _examined(look: _Look, tangents: list[Vector], normals: list[Vector]) -> tuple[Point | None, bool, Rays]:
    """The kink with its label, None where none was seen; whether f has a slope other than 0 on some ray; and rays."""
    cell, branch = look.cell, look.branch
    moves, broken = False, False
    signs: Rays = {}
    plain = dict.fromkeys((*_directions(len(cell.variables)), *tangents))
    for direction in (*plain, *normals):
        if moves and direction in normals:
            break
        sides: list[Dominant] = []
        for turn in (S.NegativeOne, S.One):
            ray = tuple(turn * d for d in direction)
            dominant = along(cell.objective, branch.values, ray, look.sign)
            sign = None if dominant is None else look.sign(dominant.coefficient)
            if dominant is not None and sign is not None:
                sides.append(dominant)
                signs.setdefault(sign, ray)
        if len(sides) == 2:
            slopes = slopes_of(sides[0], sides[1])
            moves = moves or slopes != (0, 0)
            broken = broken or slopes not in ((0, 0), (1, 1))
    return _labelled(look, signs) if broken else None, moves, signs


def _labelled(look: _Look, signs: Rays, flat: Step | None = None) -> Point:
    """A kink, or a stationary point with the proof that it is one, with its label."""
    branch, value = look.branch, _value_along(look.cell, look.branch)
    step = _by_directions(look, signs, flat)
    if step is None and flat is not None and not branch.free:
        step = label_across(look.cell, branch, flat, signs.get(0))
    step = step or _by_bound(look, value, signs, flat)
    if step is None and flat is not None:
        step = _by_directions(look, _steep(look, signs), flat)
    for near in () if step is not None else _neighbourhoods(look):
        step = step or _by_bound(look, value, signs, flat, near)
    if step is None:
        evidence = undecided("no bound and no two rays were found that tell what it is")
        return Point(branch, "undecided", None, value, None, None, evidence)
    label = cast(Label, step.claim)
    return Point(branch, label.kind, label.strict, value, None, None, proved(step))


def _value_along(cell: Cell, branch: Branch) -> Expr:
    """f at the points of a branch."""
    known = cell.context.condition + branch.relations
    value = without_known_kinks(cell.objective.xreplace(branch.values), known)
    with suppress(NotExact):
        return reduced(canonical(value), branch.relations)
    return value


def _steep(look: _Look, signs: Rays) -> Rays:
    """The rays with those on which the second-order term of a formula is least or greatest."""
    found = dict(signs)
    for ray in steep_rays(look.cell, look.branch):
        dominant = along(look.cell.objective, look.branch.values, ray, look.sign)
        sign = None if dominant is None else look.sign(dominant.coefficient)
        if sign is not None:
            found.setdefault(sign, ray)
    return found


def _by_directions(look: _Look, signs: Rays, flat: Step | None) -> Step | None:
    if not {1, -1} <= set(signs):
        return None
    claim = Label(look.cell.objective, look.cell.variables, look.branch, "saddle", None)
    directions = (("directions", (signs[1], signs[-1])),)
    premises = (*present((flat,)), *look.used)
    step = Step(look.cell.context, claim, "kink_directions", premises, directions)
    return step if follows(step) else None


def _neighbourhoods(look: _Look) -> Iterator[tuple[Relation, ...]]:
    """Open sets around the place: where variables have the signs that they have there, and boxes."""
    values = look.branch.values
    sides = {v: prove_sign(e, look.place) for v, e in values.items()}
    signed = tuple(Relation(v, OP[side[0]]) for v, side in sides.items() if side is not None and side[0])
    if signed:
        yield signed
    for radius in RADII if not look.branch.free else ():
        yield tuple(
            relation
            for v, e in values.items()
            for relation in (Relation(v - e + radius, ">"), Relation(v - e - radius, "<"))
        )


def _by_bound(
    look: _Look, value: Expr, signs: Rays, flat: Step | None, near: tuple[Relation, ...] = ()
) -> Step | None:
    """f - f* >= 0 (<= 0) on the region, or near the place.

    Strict where f = f* at isolated points alone, not strict along a family or where it stays so along a ray.
    """
    cell, branch = look.cell, look.branch
    if value.free_symbols & {symbol for symbol, _ in branch.free}:
        return None
    difference, context = cell.objective - value, cell.context.with_region(*near)
    for op, kind in SIDES:
        member = _member(branch)
        place = (cell.objective, value, op, cell.variables)
        bound = None if member is None else prove_beside_kinks(*place, member, context)
        bound = bound or prove_relation(Relation(difference, op), context)
        if bound is None:
            continue
        only = None if branch.free or 0 in signs else isolated_zeros(cell, difference, context, bound)
        for strict in (True,) if only is not None else (False, None):
            claim = Label(cell.objective, cell.variables, branch, kind, strict)
            flat_ray = signs.get(0) if strict is False and not branch.free else None
            data = (("flat", flat_ray), ("near", near), ("value", value))
            given = tuple((name, datum) for name, datum in data if datum not in (None, ()))
            step = Step(cell.context, claim, "kink_bound", present((flat, bound, only, *look.used)), given)
            if isinstance(bound.claim, Holds) and follows(step):
                return step
    return None


def _member(branch: Branch) -> dict[Symbol, Expr] | None:
    """A point of a family, or the point itself; None where none is found among a few."""
    if branch.numbers or any(kind != "real" for _, kind in branch.free):
        return None
    symbols = tuple(symbol for symbol, _ in branch.free)
    for chosen in product(TRIED, repeat=len(symbols)) if len(symbols) <= MOST_FREE else ():
        table = dict(zip(symbols, chosen, strict=True))
        inside = (r.at(table) for r in branch.where)
        if all(signs_of_constant(r.expression) <= SIGNS_OF[r.op] for r in inside if not r.symbols):
            return {v: e.xreplace(table) for v, e in branch.at}
    return None
