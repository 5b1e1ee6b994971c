"""All points of a region at which f has a value: its minimisers, where the value is the minimum."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

from sympy import Expr

from symopt.clock import OutOfTime
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Step
from symopt.exact.normal import NotExact
from symopt.stationary.covers import ALGEBRA_FIRST, solver_for, where_terms_vanish
from symopt.stationary.question import Question
from symopt.stationary.solver import System, Unsolved
from symopt.stationary.steps import with_equations

SHARE: Final = 0.25  # of the time that is left


def solutions(
    question: Question, value: Expr, tree: Expr | None, signs: tuple[Step, ...] = ()
) -> Step | None:
    """All points of the region where f has the value; `tree` is f - value written as a sum of terms of one sign.

    `signs` are the steps that this rests on.
    """
    difference, context = question.objective - value, question.context
    names = {str(s) for s in question.objective.free_symbols | question.cell.parameters}
    cell = replace(question.cell, budget=question.cell.budget.share(SHARE))
    solver = solver_for(cell, names | {str(v) for v in question.variables}, ALGEBRA_FIRST)
    system = System((difference,), question.variables, context)
    step = None
    with suppress(Unsolved, NotExact, OutOfTime):
        step = where_terms_vanish(solver, system, tree, signs)
    if step is None:
        with suppress(Unsolved, NotExact, OutOfTime):
            step = with_equations(solver.solved(system), (difference,))
    found = None if step is None else solver.within(step, context, context.region)
    return found if found is not None and is_accepted(found) else None
