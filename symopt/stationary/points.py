"""All stationary points of a function in one cell of the parameters, each labelled, with the proof that these are all."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Expr, Integer, S, Symbol, default_sort_key, exp

from symopt.calculus.expressions import gradient, hessian
from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import holds, is_zero
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.checks_points import lies_on
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Gradient,
    Hessian,
    Matrix,
    Number,
    Smooth,
    Stationary,
    Step,
    Vector,
)
from symopt.derivation.enclosing import Interval, box_around, interval_of
from symopt.exact.derivatives import singularities
from symopt.exact.enclosure import enclose
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import rational_bounds, reduced, with_factors
from symopt.exact.residues import residue
from symopt.exact.signs import signs_given, without_known_kinks
from symopt.reasoning.proposing import derivatives
from symopt.reasoning.sign import prove_infeasible, prove_relation
from symopt.relation import Relation
from symopt.results.answers import Convexity, Point, StationarySet
from symopt.results.evidence import proved, undecided
from symopt.stationary.borders import has_regular_border
from symopt.stationary.boxing import MAX_UNKNOWNS
from symopt.stationary.convex import by_convexity
from symopt.stationary.covers import BOXES, ISOLATING, MOVES
from symopt.stationary.cutting import Cut, where_to_cut, without_empty
from symopt.stationary.kinks import kinks_of
from symopt.stationary.labels import label
from symopt.stationary.lattices import fraction_of_turn, in_whole_turns, widened
from symopt.stationary.naming import with_letters_in_order
from symopt.stationary.pieces import Piece, borders, smooth_pieces
from symopt.stationary.recession import falls_for_ever
from symopt.stationary.ridges import kinks_in_space
from symopt.stationary.setting import Setting, by_numbers, value_on
from symopt.stationary.solver import Move, Solver, Unsolved
from symopt.stationary.steps import cover_step, defined, zero_at_numbers

SHORT: Final = 40
LONG: Final = 8  # operations of a value that another form may shorten
MAX_CUTS: Final = 10
DIGITS: Final = 30
ORDERED: Final = 15  # digits by which points are put in order
SHARE: Final = 0.8  # of the time, for moves; the rest is for boxes
SOON, LATER = 0.15, 0.7  # of the time, in one variable: first, and where strict convexity tells nothing
SOON_SECONDS: Final = 2.0
SMALL_SHARE: Final = 0.2  # where strict convexity has told all, and moves may tell it exactly
SEARCHED: Final = Integer(10)  # half the side of the box that is searched where solving ends


def interior(region: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The region without its border."""
    return with_factors(tuple(r.interior() for r in region))


def stationary_set(cell: Cell, convexity: Convexity | None = None, labelled: bool = True) -> StationarySet:
    """The stationary points in the interior of the cell's region; splits the cell where parameters decide.

    With `labelled` False what each of them is stays undecided, and splits nothing: extrema do not need it.
    """
    if any(r.op == "==" for r in cell.context.region):
        return give_up("constraints: equality constraints are not covered yet", "not_covered")
    inside = replace(cell, context=Context(interior(cell.context.region), cell.context.condition))

    def is_empty(relations: tuple[Relation, ...]) -> bool:
        return prove_infeasible(inside.context.with_region(*relations)) is not None

    pieces = smooth_pieces(cell.objective, cell.variables, is_empty)
    if pieces is None:
        return give_up("too many pieces, or cases that are no inequalities", "not_covered")
    whole = pieces == (Piece(cell.objective),)
    found = []
    for piece in pieces:
        context = inside.context.with_region(*piece.relations)
        part = replace(inside, objective=piece.objective, context=context)
        found.append(_on_piece(part, convexity, whole, labelled))
    stopped = next((f for f in found if f.evidence.status == "undecided"), None)
    if stopped is not None:
        return stopped
    suspects = (*borders(pieces), *_singular(inside))
    extra: tuple[Point, ...] = ()
    kinks: tuple[Point, ...] = ()
    examined = not suspects
    if suspects and len(cell.variables) == 1:
        extra, kinks, examined = kinks_of(inside, suspects)
    elif suspects:
        extra, kinks, examined = kinks_in_space(inside, suspects)
        extra = tuple(
            p for p in extra if not any(_is_on(p.branch, o.branch) for f in found for o in f.points)
        )
    points = tuple(
        sorted((*(p for f in found for p in f.points), *extra), key=lambda p: _place_key(p.branch))
    )
    kinks = tuple(sorted(kinks, key=lambda kink: _place_key(kink.branch)))
    steps = tuple(s for f in found for s in f.evidence.steps)
    complete = examined and all(f.complete for f in found) and has_regular_border(cell)
    boxes = tuple(dict.fromkeys(r for f in found for r in f.searched or ()))
    return StationarySet(points, complete, proved(*steps), kinks, boxes or None)


def _is_on(inner: Branch, outer: Branch) -> bool:
    """Whether a point lies on a family."""
    return bool(outer.free) and lies_on(inner, outer)


def _singular(cell: Cell) -> tuple[Expr, ...]:
    """Expressions at whose zeros the objective, though defined, need not be differentiable: roots, asin."""
    needed = singularities(cell.objective, cell.variables) or ()
    return tuple(
        r.expression for r in needed if not r.expression.has(Abs) and prove_relation(r, cell.context) is None
    )


def _place_key(branch: Branch) -> tuple[object, ...]:
    """Numbers in increasing order, coordinate by coordinate, then the rest in SymPy's order."""
    near = {n.symbol: _near(n) for n in branch.numbers}
    numeric = [enclose(value, near, ORDERED) for value in branch.values.values()]
    places = tuple((1, S.Zero) if ends is None else (0, ends[0]) for ends in numeric)
    indices = tuple(n.index or 0 for n in branch.numbers)
    return (
        bool(branch.free),
        places[0],
        indices,
        *places[1:],
        default_sort_key(next(iter(branch.values.values()))),
    )


def _near(number: Number) -> Interval:
    """Where a number lies; of an open interval an inner point, to list the numbers in order."""
    low, high = number.interval
    if not number.varies:
        return interval_of(number, ORDERED)
    if low.free_symbols or high.free_symbols:
        return number.interval
    ends = [end for end in (low, high) if end.is_finite]
    inner = (low + high) / 2 if len(ends) == 2 else ends[0] + (1 if low.is_finite else -1) if ends else S.Zero
    return inner, inner


def _on_piece(cell: Cell, convexity: Convexity | None, whole: bool, labelled: bool) -> StationarySet:
    """The stationary points where the objective is given by one smooth expression."""
    objective, variables = cell.objective, cell.variables
    needed = singularities(objective, variables)
    if needed is None:
        return give_up("a function without a table of derivatives", "not_covered")
    # What can be read off the region is not said again; that f is smooth is read off it too.
    region = cell.context.relations
    inside = cell.context.with_region(*(r for r in needed if not holds(r.expression, r.op, region)))
    entries = gradient(objective, variables)
    first = derivatives(inside, Gradient(objective, variables, entries))
    second = derivatives(inside, Hessian(objective, variables, hessian(objective, variables)))
    try:
        cover, searched = _all_or_searched(cell, entries, inside, convexity)
    except Unsolved as stopped:
        return give_up(f"solving grad f = 0 ended: {stopped}", "not_covered", stopped.equation)
    if searched is not None:
        inside = inside.with_region(*searched)
        first, second = (replace(step, context=inside) for step in (first, second))
    given = inside.condition
    used = {str(s) for s in objective.free_symbols | cell.parameters}
    cover = with_letters_in_order(cover, sorted(cast(Cover, cover.claim).branches, key=_place_key), used)
    branches = _distinct(tuple(dict.fromkeys(_tidied(b, given) for b in cast(Cover, cover.claim).branches)))
    smooth = None
    if is_smooth(objective, variables, inside.relations):
        smooth = Step(inside, Smooth(objective, variables), "smooth_by_table")
    curved = _usable(convexity, objective) if whole else None
    if cover.rule == "cover_convex":
        (curved,) = cover.premises
    wide = tuple(
        sorted(_distinct(tuple(_widest(b, used, entries, inside) for b in branches)), key=_place_key)
    )
    step = _stationary_step(objective, variables, inside, first, cover, wide)
    if step is None:
        wide = branches
        step = _stationary_step(objective, variables, inside, first, cover, wide)
    if step is None and len(variables) <= MAX_UNKNOWNS and not cell.parameters:
        # Roots that were squared away, lattices in a triangle: the slopes themselves tell where they are 0.
        again = _by_slopes(cell, entries, inside, convexity)
        if again is not None:
            cover, wide = again, _distinct(cast(Cover, again.claim).branches)
            step = _stationary_step(objective, variables, inside, first, cover, wide)
    if step is None:
        return give_up("the points found are not proved to be stationary and in the region", "not_covered")
    points = tuple(Point(b, "undecided", None, None) for b in cast(Stationary, step.claim).branches)
    for _ in range(MAX_CUTS if labelled else 0):
        setting = Setting(objective, variables, inside, cell, step, first, second, smooth, curved)
        points, cuts = _labelled(setting, cast(Stationary, step.claim).branches)
        if not cuts:
            break
        for cut in cuts:
            known = (
                cast(Stationary, step.claim).branches if cut == cuts[0] else cast(Cover, cover.claim).branches
            )
            cover = _cut(cover, entries, variables, inside, known, cut)
        pieces = tuple(dict.fromkeys(_tidied(b, given) for b in cast(Cover, cover.claim).branches))
        finer = _stationary_step(objective, variables, inside, first, cover, _distinct(pieces))
        if finer is None:
            break
        step = finer
    complete = smooth is not None and searched is None
    return StationarySet(points, complete, proved(step), searched=searched)


def _all_or_searched(
    cell: Cell, entries: Vector, inside: Context, convexity: Convexity | None
) -> tuple[Step, tuple[Relation, ...] | None]:
    """All stationary points: by moves, by strict convexity, by boxes alone; else those in a box, which is returned."""
    never = falls_for_ever(cell, entries, inside)
    if never is not None and follows(never):
        return never, None
    if cell.parameters or len(cell.variables) > MAX_UNKNOWNS:
        return _covered(cell, entries, inside), None
    several = len(cell.variables) > 1 and not all(e.is_polynomial(*cell.variables) for e in entries)
    alone = by_convexity(cell, entries, inside, convexity) if several else None
    if alone is not None and not cast(Cover, alone.claim).branches[0].numbers:
        return alone, None
    shares = (SHARE if alone is None else SMALL_SHARE,) if several else (SOON, LATER)
    for share in shares:
        try:
            cover = _in_time(cell, entries, inside, share)
            if alone is None or not any(s.rule == "cover_boxes" for s in cover.walk()):
                return cover, None
            break
        except Unsolved as stopped:
            why = stopped
        if not several and share == SOON:
            alone = by_convexity(cell, entries, inside, convexity)
        if alone is not None or not isinstance(why, _Late):
            break
    if alone is not None:
        return alone, None
    with suppress(Unsolved):
        return _in_time(cell, entries, inside, LATER, BOXES), None
    searched = _box_around(cell)
    with suppress(Unsolved):
        return _covered(cell, entries, inside.with_region(*searched), BOXES), searched
    raise why


def _by_slopes(cell: Cell, entries: Vector, inside: Context, convexity: Convexity | None) -> Step | None:
    """A cover by intervals or boxes in which the slopes have one zero each, or by strict convexity."""
    with suppress(Unsolved):
        return _covered(cell, entries, inside, ISOLATING if len(cell.variables) == 1 else BOXES)
    return by_convexity(cell, entries, inside, convexity)


class _Late(Unsolved):
    """The time was used up."""


def _in_time(
    cell: Cell, entries: Vector, inside: Context, part: float, moves: tuple[Move, ...] = MOVES
) -> Step:
    """`_covered` in a part of the time that is left, in code that never checks too."""
    share = cell.budget.share(part, SOON_SECONDS if part == SOON else math.inf)

    def late() -> Step:
        raise _Late("the time was used up")

    return share.within(lambda: _covered(replace(cell, budget=share), entries, inside, moves), late)


def _covered(cell: Cell, entries: Vector, inside: Context, moves: tuple[Move, ...] = MOVES) -> Step:
    """A cover of all points of the region where the gradient vanishes; Unsolved where the solver ends."""
    variables = cell.variables
    used = {str(s) for s in cell.objective.free_symbols} | {str(s) for s in cell.parameters}
    cover = Solver(cell, used, moves).solve(entries, variables, inside)
    if cast(Cover, cover.claim).equations != entries:
        claim = Cover(entries, variables, cast(Cover, cover.claim).branches)
        cover = Step(inside, claim, "cover_rewritten", (cover,))
    return in_whole_turns(
        without_empty(Solver(cell, used, MOVES).within(cover, inside, inside.region)), inside
    )


def _box_around(cell: Cell) -> tuple[Relation, ...]:
    """Bounds for the variables that the region does not bound, where the zeros can be isolated in a box alone."""
    found = []
    for variable in cell.variables:
        low, high = rational_bounds(variable, cell.context.region)
        found += [] if low is not None else [Relation(variable + SEARCHED, ">")]
        found += [] if high is not None else [Relation(variable - SEARCHED, "<")]
    return tuple(found)


def _labelled(setting: Setting, branches: tuple[Branch, ...]) -> tuple[tuple[Point, ...], tuple[Cut, ...]]:
    """The points with their labels, and where to cut the families whose label may change along them."""
    points, cuts = [], []
    for branch in branches:
        point = _point(setting, branch)
        points.append(point)
        cut = None
        if point.kind == "undecided":
            cut = where_to_cut(branch, setting.open_signs, setting.cell, setting.context.condition)
        cuts += [cut] if cut is not None else []
        setting.open_signs.clear()
    return tuple(points), tuple(cuts)


def _cut(
    cover: Step,
    entries: Vector,
    variables: tuple[Symbol, ...],
    inside: Context,
    branches: tuple[Branch, ...],
    cut: Cut,
) -> Step:
    """The cover by these branches, one of which is cut."""
    return cut.conclude(cover_step(inside, entries, variables, branches, "cover_wider", (cover,)))


def _widest(branch: Branch, used: set[str], entries: Vector, inside: Context) -> Branch:
    """The largest family that the branch may be a part of and that is still made of stationary points."""
    kept = tuple(r for r in branch.where if r.op != "!=")
    for wide in (widened(branch, used), replace(branch, where=kept)):
        if wide == branch or fraction_of_turn(wide, entries) is not None:
            continue
        if _premises(wide, entries, inside) is not None:
            return wide
    return branch


def give_up(reason: str, stopped_by: str, equation: Expr | None = None) -> StationarySet:
    """The undecided answer."""
    return StationarySet((), complete=False, evidence=undecided(reason, stopped_by, equation))


def _distinct(branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """The branches without those that lie on another: a point on a line, a line listed twice."""
    kept: list[Branch] = []
    boxes: list[dict[Symbol, Interval] | None] = []
    for branch in sorted(dict.fromkeys(branches), key=lambda b: -len(b.free)):
        box = box_around(branch, DIGITS)
        if not any(
            not _apart(box, other_box) and lies_on(branch, other)
            for other, other_box in zip(kept, boxes, strict=True)
        ):
            kept.append(branch)
            boxes.append(box)
    return tuple(b for b in dict.fromkeys(branches) if b in kept)


def _apart(one: dict[Symbol, Interval] | None, other: dict[Symbol, Interval] | None) -> bool:
    """Whether intervals show that two points differ."""
    if one is None or other is None:
        return False
    return any(one[u][1] < other[u][0] or other[u][1] < one[u][0] for u in one)


def _tidied(branch: Branch, condition: tuple[Relation, ...]) -> Branch:
    """A branch in its simplest form: equations of its numbers divided out, needless restrictions dropped."""
    at = tuple(
        (u, by_numbers(value, branch) if branch.numbers else _shorter(value, condition))
        for u, value in branch.at
    )
    kept = [_strict_if_known(r, branch.where) for r in branch.where]
    for relation in tuple(kept):
        others = tuple(r for r in kept if r != relation)
        if prove_relation(relation, Context((), others)) is not None:
            kept.remove(relation)
    return Branch(at, branch.numbers, branch.free, tuple(kept))


def _strict_if_known(relation: Relation, given: tuple[Relation, ...]) -> Relation:
    """t > 0 for t >= 0, where t^2 > 0 is asked for too."""
    return relation if 0 in signs_given(relation.expression, given) else relation.interior()


def _shorter(value: Expr, condition: tuple[Relation, ...]) -> Expr:
    """The canonical form where it is much shorter: (u y - v x)/(u - x) for what solving one by one leaves.

    Quotients take it where it is shorter at all: 3/(1 - 4 a) for 3 - 12 a/(4 a - 1). Powers of products are written
    out where the signs are known.
    """
    plain = without_known_kinks(value, condition)
    value = plain if operations(plain) < operations(value) else value
    with suppress(NotExact):
        if value.is_Add and value.is_rational_function() and not value.is_polynomial():
            form = canonical(value)
            return form if operations(form) < operations(value) else value
        form = canonical(value) if operations(value) > LONG else value
        several = len(value.atoms(exp)) > 1  # e^a e^(b - a) is e^b
        return form if (1 if several else 2) * operations(form) < operations(value) else value
    return value


def _stationary_step(
    objective: Expr,
    variables: tuple[Symbol, ...],
    inside: Context,
    first: Step,
    cover: Step,
    branches: tuple[Branch, ...],
) -> Step | None:
    premises: list[Step] = []
    for branch in branches:
        found = _premises(branch, cast(Gradient, first.claim).entries, inside)
        if found is None:
            return None
        premises += found
    claim = Stationary(objective, variables, branches, True)
    step = Step(inside, claim, "stationary_points", (first, cover, *dict.fromkeys(premises)))
    return step if follows(step) else None


def _premises(branch: Branch, entries: Vector, inside: Context) -> list[Step] | None:
    """Proofs that the gradient vanishes on a branch, and that the branch lies in the region; None without one."""
    place = Context((), inside.condition + branch.relations)
    premises = list(defined(branch.values.values(), place))
    for entry in entries:
        if residue(entry, branch.values, place.relations) == 0:
            continue
        value = entry.xreplace(branch.values)
        if not is_zero(value, place.relations):
            zero = prove_relation(Relation(value, "=="), place) or zero_at_numbers(value, branch, place)
            if zero is None:
                return None
            premises.append(zero)
    for relation in inside.region:
        member = prove_relation(relation.at(branch.values), place)
        if member is None:
            return None
        premises.append(member)
    return premises


def _usable(convexity: Convexity | None, objective: Expr) -> Step | None:
    if convexity is None:
        return None
    for step in convexity.evidence.steps:
        if isinstance(step.claim, Curved) and step.claim.objective == objective:
            return step
    return None


def _point(setting: Setting, branch: Branch) -> Point:
    labelled = label(setting, branch)
    value = residue(setting.objective, branch.values, branch.relations)
    if value is None:
        value = setting.objective.xreplace(branch.values)
        value = _shortest(value, setting.place(branch).relations)
    inertia = labelled.inertia
    return Point(
        branch,
        labelled.kind,
        labelled.strict,
        value,
        inertia,
        short_eigenvalues(setting.matrix, branch, setting.context),
        labelled.evidence,
    )


def _shortest(value: Expr, known: tuple[Relation, ...]) -> Expr:
    """The canonical form, with or without powers of products written out; as it is where that is much shorter."""
    with suppress(NotExact):
        forms = [reduced(canonical(v), known) for v in (value, without_known_kinks(value, known))]
        form = min(forms, key=operations)
        return value if 2 * operations(value) < operations(form) else form
    return value


def short_eigenvalues(entries: Matrix, branch: Branch, context: Context) -> Vector | None:
    """Eigenvalues of the Hessian with these entries at a point, when they are short: n <= 2, or a diagonal Hessian."""
    if branch.numbers:
        return None
    try:
        matrix = [[value_on(e, branch, context) for e in row] for row in entries]
    except NotExact:
        return None
    n = len(matrix)
    if all(matrix[i][j] == 0 for i in range(n) for j in range(n) if i != j):
        values = [matrix[i][i] for i in range(n)]
    elif n == 2:
        half = (matrix[0][0] + matrix[1][1]) / 2
        root = (((matrix[0][0] - matrix[1][1]) / 2) ** 2 + matrix[0][1] ** 2) ** S.Half
        values = [canonical(half - root), canonical(half + root)]
    else:
        return None
    if any(operations(v) > SHORT for v in values):
        return None
    return tuple(values)
