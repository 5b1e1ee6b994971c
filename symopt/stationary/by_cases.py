"""Functions given by cases: the extremum of each on its own part of the region, and the best of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from sympy import Expr, S

from symopt.cases import Cell
from symopt.derivation.checks_cases import cases_of
from symopt.derivation.claims import Optimal, Step
from symopt.exact.normal import NotExact, is_identical
from symopt.reasoning.sign import prove_infeasible
from symopt.results.answers import Extremum
from symopt.stationary.question import Question

Ask = Callable[[str, Cell], Extremum]


def best_of_cases(question: Question, ask: Ask) -> Step | None:
    """The best of the extrema of the parts, each of which is asked for by itself."""
    steps: list[Step] = []
    for objective, relations in cases_of(question.objective) or ():
        inside = question.context.with_region(*relations)
        empty = prove_infeasible(inside)
        if empty is not None:
            steps.append(empty)
            continue
        answer = ask(question.sense, replace(question.cell, objective=objective, context=inside))
        if answer.value is None or not answer.evidence.steps:
            return None
        steps.append(answer.evidence.steps[0])
    parts = [cast(Optimal, step.claim) for step in steps if isinstance(step.claim, Optimal)]
    if not parts:
        return None
    best = parts[0]
    for part in parts[1:]:
        if _is_better(question, part, best) or (part.attained and _same(part.value, best.value)):
            best = part
    equal = [part for part in parts if _same(part.value, best.value)]
    reached = [part for part in equal if part.attained]
    at = tuple(dict.fromkeys(branch for part in reached for branch in part.at))
    claim = replace(
        best,
        objective=question.objective,
        at=at,
        all_of_them=bool(reached) and all(part.all_of_them for part in reached),
    )
    for claimed in (claim, replace(claim, all_of_them=False)):
        step = question.conclude("extremum_cases", claimed, steps)
        if step is not None:
            return step
    return None


def _same(one: Expr, other: Expr) -> bool:
    try:
        return bool(one == other or is_identical(one, other))
    except NotExact:
        return False


def _is_better(question: Question, one: Optimal, other: Optimal) -> bool:
    """Whether the value of a part is beyond that of another; the cell is asked where parameters decide."""
    if S.Infinity in (one.value, other.value) or S.NegativeInfinity in (one.value, other.value):
        return bool(one.value == -question.far and other.value != one.value)
    if _same(one.value, other.value):
        return False
    gap = other.value - one.value
    if gap.free_symbols and gap.free_symbols <= question.cell.parameters:
        return question.cell.sign(gap) == (1 if question.sense == "min" else -1)
    return question.better(one.value, other.value)
