"""A question asked for every value of the parameters: cases, budgets and what is said when they run out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sympy import Expr

from symopt.cases import Cell, Leaf, explore
from symopt.clock import Budget
from symopt.derivation.claims import Context
from symopt.errors import InputError
from symopt.exact.gates import is_tower
from symopt.exact.relations import with_factors
from symopt.reasoning.reparametrising import combinations
from symopt.reasoning.sign import prove_infeasible
from symopt.relation import Relation
from symopt.results.answers import Convexity, Extremum, StationarySet, StepSizeTheory
from symopt.results.cases import Case, Cases
from symopt.results.condition import Condition
from symopt.results.evidence import undecided
from symopt.statement import Statement

Answered = TypeVar("Answered", StationarySet, Convexity, Extremum, StepSizeTheory)


def asked(
    statement: Statement,
    question: Callable[[Cell], Answered],
    give_up: Callable[[str, str], Answered],
    timeout: float | None,
    objective: Expr | None = None,
    box: tuple[Relation, ...] = (),
    combine: bool = False,
) -> Callable[[], Cases[Answered]]:
    """What answers the question for every value of the parameters; a wrong timeout is an error now.

    With `combine` it is asked in combinations of the parameters first, where these are fewer.
    """
    budget = Budget.seconds(timeout)
    about = statement.objective if objective is None else objective

    def explored() -> tuple[Leaf[Answered], ...]:
        if is_tower(about):
            return (Leaf((), give_up("a tower of powers is too large for exact numbers", "not_covered")),)
        context = Context(with_factors((*statement.region, *box)), with_factors(statement.assumptions))
        cell = Cell(about, statement.variables, context, budget)
        leaves = _in_combinations(question, cell, give_up) if combine else ()
        return leaves or explore(question, cell, give_up)

    def late() -> tuple[Leaf[Answered], ...]:
        return (Leaf((), give_up("the time was used up", "clock")),)

    def answer() -> Cases[Answered]:
        leaves = budget.within(explored, late)
        cases = tuple(Case(Condition(leaf.condition), leaf.answer) for leaf in leaves)
        return Cases(
            cases, statement.variables, statement.parameters, about, statement.notes, statement.on_parameters
        )

    return answer


def _in_combinations(
    question: Callable[[Cell], Answered], cell: Cell, give_up: Callable[[str, str], Answered]
) -> tuple[Leaf[Answered], ...]:
    """The leaves, where the parameters enter in fewer combinations; none where not all is decided in these."""
    found = combinations(cell)
    if found is None:
        return ()
    leaves = explore(question, found.cell, give_up)
    if any(leaf.answer.evidence.status == "undecided" for leaf in leaves):
        return ()
    return found.back(leaves) or ()


def refuse_contradictions(statement: Statement) -> None:
    """InputError when the assumptions are proved to hold for no values of the parameters."""
    assumptions = statement.assumptions
    if prove_infeasible(Context(assumptions, ())) is None:
        return
    if len(assumptions) == 1:
        raise InputError(f"the assumption {assumptions[0]} holds for no value")
    listed = ", ".join(map(str, assumptions))
    raise InputError(f"the assumptions {listed} contradict each other: they hold for no value")


def convexity_unknown(reason: str, stopped_by: str) -> Convexity:
    """The answer to a question of convexity that was given up."""
    return Convexity("undecided", None, undecided(reason, stopped_by))
