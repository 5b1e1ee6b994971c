"""Global extrema in one variable: stationary values, values at closed ends, limits at open ends, compared."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import cast

from sympy import Expr, S, Symbol

from symopt.derivation.checks_only_point import ends_of
from symopt.derivation.claims import Branch, Context, Step
from symopt.derivation.extremal_points import BEYOND
from symopt.exact.normal import NotExact
from symopt.exact.roots import real_roots
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.comparing import magnitude, prove_at_numbers
from symopt.stationary.curves import Approach, claim, curve_symbol, follow
from symopt.stationary.question import Question, present


def by_interval(question: Question) -> Step | None:
    """The least of the stationary values, the values at closed ends and the limits at open ends."""
    if len(question.variables) != 1:
        return None
    borders = _borders(question)
    found = question.candidates()
    if borders is None or found is None:
        return None
    (x,) = question.variables
    ends = _ends(question, x, borders)
    if ends is None:
        return None
    closed, approaches, signs = ends
    unbounded = next((a for a in approaches if a.value == -question.far), None)
    if unbounded is not None:
        return question.conclude(
            "extremum_unbounded", claim(question, unbounded), (unbounded.limit, *unbounded.premises)
        )
    branches = found[0] + tuple(Branch(((x, border),)) for border in closed)
    premises = (
        *found[1],
        *signs,
        *(a.limit for a in approaches),
        *question.smoothness(),
        *_order(question, borders),
    )
    return _attained(question, branches, approaches, borders, premises) or _approached(
        question, branches, approaches, borders, premises
    )


def by_only_point(question: Question) -> Step | None:
    """The only stationary point in an open interval, where f has a strict local extremum."""
    points = question.stationary.points
    if len(question.variables) != 1 or len(points) != 1 or question.stationary.kinks:
        return None
    (point,) = points
    stationary, value = question.stationary_step, question.value_at(point.branch)
    if stationary is None or value is None or not point.strict or point.evidence is None:
        return None
    (x,) = question.variables
    ends = ends_of(question.context.region, x)
    interval = Context(ends, question.context.condition)
    others = (prove_relation(r, interval) for r in question.context.region if r not in ends)
    premises = (stationary, *point.evidence.steps, *others, *question.smoothness())
    return question.conclude("extremum_only_point", question.reached(value, (point.branch,), True), premises)


def _attained(
    question: Question,
    branches: tuple[Branch, ...],
    approaches: tuple[Approach, ...],
    borders: tuple[Expr, ...],
    premises: tuple[Step, ...],
) -> Step | None:
    for value in _best_first(question, zip(branches, question.values_at(branches), strict=True)):
        limits = _not_better(question, value, approaches, branches)
        split = question.split(value, branches) if limits is not None else None
        if split is None or limits is None:
            continue
        step = question.conclude(
            "extremum_interval",
            question.reached(value, split[0], True),
            (*premises, *split[1], *limits, *question.inside(split[0])),
            borders=borders,
        )
        if step is not None:
            return step
    return None


def _approached(
    question: Question,
    branches: tuple[Branch, ...],
    approaches: tuple[Approach, ...],
    borders: tuple[Expr, ...],
    premises: tuple[Step, ...],
) -> Step | None:
    limits_at_ends = ((Branch(()), a.value) for a in approaches if a.value != question.far)
    for value in _best_first(question, limits_at_ends):
        limits = _not_better(question, value, approaches)
        split = question.split(value, branches) if limits is not None else None
        if split is None or split[0] or limits is None:
            continue
        found = next(a for a in approaches if a.value == value)
        step = question.conclude(
            "extremum_interval",
            claim(question, found),
            (*premises, *split[1], *limits, *found.premises),
            borders=borders,
        )
        if step is not None:
            return step
    return None


def _best_first(question: Question, reached: Iterable[tuple[Branch, Expr | None]]) -> list[Expr]:
    """The values, the better ones first: by size where they are numbers, else by proofs."""
    sizes = {value: magnitude(value, branch) for branch, value in reached if value is not None}
    if None not in sizes.values():
        return sorted(sizes, key=lambda value: sizes[value] or 0, reverse=question.sense == "max")
    ordered: list[Expr] = []
    for value in sizes:
        place = next((i for i, other in enumerate(ordered) if question.better(value, other)), len(ordered))
        ordered.insert(place, value)
    return ordered


def _not_better(
    question: Question, value: Expr, approaches: tuple[Approach, ...], branches: tuple[Branch, ...] = ()
) -> tuple[Step, ...] | None:
    """Proofs that no limit at an end is better than the value, which may hold numbers of the branches."""
    steps = []
    numbers = question.numbers_of(value, branches)
    place = question.condition.with_condition(*(r for n in numbers for r in n.relations))
    for approach in approaches:
        if approach.value == question.far:
            continue
        worse = Relation(approach.value - value, BEYOND[question.sense] + "=")
        step = prove_at_numbers(worse, place, numbers) if numbers else None
        step = step or prove_relation(worse, place)
        if step is None:
            question.open_signs.append(approach.value - value)
            return None
        steps.append(step)
    return tuple(steps)


def _borders(question: Question) -> tuple[Expr, ...] | None:
    """The ends of the region's intervals from left to right; asks the cell for their order."""
    (x,) = question.variables
    found: list[Expr] = []
    for relation in question.context.region:
        polynomial = relation.expression.as_poly(x)
        if polynomial is None or polynomial.degree() == 0:
            return None
        if polynomial.degree() == 1:
            if not polynomial.LC().is_Rational and question.cell.sign(polynomial.LC()) == 0:
                return None
            found.append(-polynomial.TC() / polynomial.LC())
            continue
        if relation.expression.free_symbols != {x}:
            return None
        try:
            roots = [root.as_radical() for root in real_roots(polynomial)]
        except NotExact:
            return None
        if None in roots:
            return None
        found += cast(list[Expr], roots)
    ordered: list[Expr] = []
    for border in dict.fromkeys(found):
        signs = [question.cell.sign(border - other) for other in ordered]
        if 0 not in signs:
            ordered.insert(sum(sign > 0 for sign in signs), border)
    return tuple(ordered)


def _order(question: Question, borders: tuple[Expr, ...]) -> tuple[Step, ...]:
    return present(prove_relation(Relation(b - a, ">"), question.condition) for a, b in pairwise(borders))


def _ends(
    question: Question, x: Symbol, borders: tuple[Expr, ...]
) -> tuple[tuple[Expr, ...], tuple[Approach, ...], tuple[Step, ...]] | None:
    """The borders that belong to the region, the limits at open ends, and the signs that tell them apart."""
    signs: list[Step] = []
    closed = []
    for border in borders:
        inside = _is_inside(question, x, border, signs)
        if inside is None:
            return None
        if inside:
            closed.append(border)
    symbol = curve_symbol(question)
    approaches = []
    for low, high in pairwise((None, *borders, None)):
        sample = (
            (S.Zero if high is None else high - 1)
            if low is None
            else low + 1
            if high is None
            else (low + high) / 2
        )
        inside = _is_inside(question, x, sample, signs)
        if inside is None:
            return None
        for end, side in ((low, 1), (high, -1)) if inside else ():
            if end is None or end not in closed:
                curve = -side * symbol if end is None else end + side / symbol
                approach = follow(question, (curve,), symbol)
                if approach is None:
                    return None
                approaches.append(approach)
    return tuple(closed), tuple(approaches), tuple(signs)


def _is_inside(question: Question, x: Symbol, point: Expr, signs: list[Step]) -> bool | None:
    """Whether a point lies in the region; None where that is not decided."""
    for relation in question.context.region:
        at = relation.at({x: point})
        step = prove_relation(at, question.condition)
        if step is None:
            step = prove_relation(at.negated(), question.condition)
            if step is None:
                question.open_signs.append(at.expression)
                return None
            signs.append(step)
            return False
        signs.append(step)
    return True
