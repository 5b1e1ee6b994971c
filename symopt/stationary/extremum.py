"""The global minimum and maximum in one cell of the parameters: value, attained or not, where, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from sympy import Expr, Symbol

from symopt.cases import Cell, Split
from symopt.derivation.claims import Optimal, Step
from symopt.reasoning.curvature import convexity
from symopt.results.answers import Convexity, Extremum, StationarySet
from symopt.results.evidence import Evidence, trust_of, undecided
from symopt.stationary.attained import by_candidates, by_decay, by_growth, by_ratio
from symopt.stationary.bounds import approached, bounded, constant, convex
from symopt.stationary.curves import unbounded
from symopt.stationary.intervals import by_interval
from symopt.stationary.pieces import with_absolute_values, without_tangents
from symopt.stationary.points import stationary_set
from symopt.stationary.question import Question

PROVERS: Final[tuple[Callable[[Question], Step | None], ...]] = (
    constant,
    convex,
    by_interval,
    unbounded,
    by_growth,
    by_ratio,
    bounded,
    by_candidates,
    by_decay,
    approached,
)


def global_extremum(sense: str, cell: Cell) -> Extremum:
    """The infimum (sense "min") or supremum ("max") of the cell's objective over its region.

    max(a, b) is written with |a - b| where it is not settled as it stands, in one variable.
    """
    cell = without_tangents(cell)
    curvature = curvature_alone(cell)
    found = extremum(sense, cell.objective, cell.variables, cell, stationary_set(cell, curvature), curvature)
    rewritten = with_absolute_values(cell) if len(cell.variables) == 1 else None
    partial = found.value is None or bool(found.evidence.reason)
    if rewritten is None or not partial:
        return found
    unknown = Convexity("undecided", None, undecided("it is not asked for"))
    stationary = stationary_set(rewritten)
    other = extremum(sense, rewritten.objective, cell.variables, rewritten, stationary, unknown)
    return found if other.value is None else other


def extremum(
    sense: str,
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    stationary: StationarySet,
    convexity: Convexity,
) -> Extremum:
    """The infimum (sense "min") or supremum ("max") of the objective over the cell's region.

    The provers are tried from the most readable on; the first whose step the checker accepts gives the
    answer. Where only the sign of a quantity in the parameters was missing, the cell is asked for it, and
    splits.
    """
    question = Question(sense, objective, variables, cell, stationary, convexity)
    on_trust: Step | None = None
    for prover in PROVERS:
        cell.budget.check()
        step = prover(question)
        if step is not None and trust_of((step,)) != "trusted":
            return _answer(sense, step)
        on_trust = on_trust or step
    if on_trust is not None:
        return _answer(sense, on_trust)
    for quantity in dict.fromkeys(question.open_signs):
        if quantity.free_symbols and quantity.free_symbols <= cell.parameters:
            cell.sign(quantity)
    return Extremum(sense, None, None, (), undecided(*_why(question)))


def curvature_alone(cell: Cell) -> Convexity:
    """The convexity of the cell's objective where it is plain; undecided where only a split could tell."""
    try:
        return convexity(cell.objective, cell.variables, cell)
    except Split:
        return Convexity("undecided", None, undecided("it depends on the parameters"))


def _answer(sense: str, step: Step) -> Extremum:
    claim = cast(Optimal, step.claim)
    partial = claim.attained and not claim.all_of_them
    reason = "it is not proved that it is reached nowhere else" if partial else ""
    evidence = Evidence("proved", (step,), reason)
    return Extremum(sense, claim.value, claim.attained, claim.at, evidence, claim.along, claim.curve_symbol)


def _why(question: Question) -> tuple[str, str]:
    """What stopped the proofs, for the reader."""
    if not question.is_open and len(question.variables) > 1:
        return "constraints: a border of the region may hold the extremum", "not_covered"
    if question.stationary_step is None or not question.stationary.complete:
        return "not all stationary points are known, and no bound was found", "not_covered"
    return "no bound, limit or comparison of the candidates could be proved", "not_covered"
