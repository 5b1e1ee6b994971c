"""The extremum over an open region by that over the region with its border: reached inside, or near the border."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final, cast

from sympy import Expr, Rational, S

from symopt.clock import OutOfTime
from symopt.derivation.claims import Branch, Context, Optimal, Step
from symopt.domain import natural_domain
from symopt.reasoning.sampling import sample_points
from symopt.reasoning.sign import prove_relation
from symopt.stationary.by_cases import Ask
from symopt.stationary.curves import Curve, claim, curve_symbol, follow
from symopt.stationary.question import Question

SHARE: Final = 0.4  # of the time left, for the region with its border
MAX_CENTRES: Final = 3
MAX_ENDS: Final = 3


def with_border(question: Question, ask: Ask) -> Step | None:
    """The extremum over an open region of several variables, from that over the region with its border."""
    cell = question.cell
    region = cell.context.region
    if len(cell.variables) < 2 or not region or not question.is_open:
        return None
    if set(natural_domain(cell.objective)) & set(region):
        return None
    closed = Context(tuple(r.closure() for r in region), cell.context.condition)
    try:
        answer = ask(question.sense, replace(cell, context=closed, budget=cell.budget.share(SHARE)))
    except OutOfTime:
        return None
    if answer.value is None or not answer.attained or not answer.evidence.steps:
        return None
    best = answer.evidence.steps[0]
    return _reached_inside(question, best) or _approached(question, best)


def _reached_inside(question: Question, best: Step) -> Step | None:
    larger = cast(Optimal, best.claim)
    kept = tuple(
        b
        for b in larger.at
        if all(prove_relation(r.at(b.values), question.place(b)) for r in question.context.region)
    )
    for complete in (larger.all_of_them, False) if kept else ():
        inside = replace(larger, at=kept, all_of_them=complete)
        step = question.conclude("extremum_larger_region", inside, (best, *question.inside(kept)))
        if step is not None:
            return step
    return None


def _approached(question: Question, best: Step) -> Step | None:
    """Reached at the border alone, to which a segment leads from a point of the region."""
    larger = cast(Optimal, best.claim)
    if not larger.all_of_them:
        return None
    symbol = curve_symbol(question)
    for end in islice(_ends(larger.at), MAX_ENDS):
        for centre in sample_points(question.cell, question.variables, count=MAX_CENTRES):
            curve: Curve = tuple(e + (c - e) / symbol for e, c in zip(end, centre, strict=True))
            found = follow(question, curve, symbol, remember=False)
            if found is None:
                continue
            step = question.conclude(
                "extremum_open_region", claim(question, found), (best, found.limit, *found.premises)
            )
            if step is not None:
                return step
    return None


def _ends(branches: tuple[Branch, ...]) -> Iterator[tuple[Expr, ...]]:
    """A point of each branch that needs no auxiliary numbers."""
    for branch in branches:
        if not branch.numbers:
            for value in (S.Zero, Rational(1, 2)) if branch.free else (S.Zero,):
                yield tuple(e.xreplace({s: value for s, _ in branch.free}) for e in branch.values.values())
