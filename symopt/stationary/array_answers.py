"""Which way a question about a loss over data is answered: in its sufficient statistics, or as a quadratic loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sympy import Symbol

from symopt.arrays.answers import statement_document
from symopt.arrays.closed_forms import ClosedForm
from symopt.arrays.convexity import ArrayConvexity
from symopt.arrays.statement import ArrayStatement, leaf_of
from symopt.arrays.statistics import NotReduced, Reduction, reduction
from symopt.errors import InputError
from symopt.reasoning.array_curvature import array_convexity
from symopt.results.display import Shown
from symopt.results.explain import DETAILS
from symopt.results.statistics import Statistics
from symopt.statement import Statement
from symopt.stationary.closed_forms import closed_form
from symopt.writing.document import Block, Heading, Paragraph
from symopt.writing.notation import Notation
from symopt.writing.worked_answer import WorkedAnswer

TITLES: Mapping[str, str] = {
    "derivatives": "Derivatives",
    "stationary": "Stationary points",
    "convexity": "Convexity",
    "minimum": "Global minimum",
    "maximum": "Global maximum",
}


def answered_as(question: str, statement: ArrayStatement) -> ClosedForm | Reduction:
    """The closed form of a quadratic loss, or the loss as a function of its sufficient statistics.

    Of one number the statistics are asked first, as their answer is checked; of several numbers, where they may take
    long, and of vectors and matrices the normal equations are.
    """
    numbers = all(isinstance(variable, Symbol) for variable in statement.variables)
    several = len(statement.variables) > 1
    closed = closed_form(question, statement) if several or not numbers else None
    if closed is not None and (not numbers or closed.evidence.status == "proved"):
        return closed
    try:
        return reduction(statement)
    except NotReduced:
        return closed if closed is not None else closed_form(question, statement)


def convexity_of_arrays(statement: ArrayStatement | Statement) -> ArrayConvexity | None:
    """The convexity for all data; None where it is to be asked of a function of numbers."""
    if isinstance(statement, Statement):
        return None
    found = array_convexity(statement)
    if found.kind != "undecided" and not statement.constraints:
        return found
    try:
        reduction(statement)
    except NotReduced:
        return found
    return None


def worked_arrays(
    statement: ArrayStatement,
    questions: Sequence[Callable[[], Shown]],
    wanted: Sequence[str],
    detail: str,
    names: Mapping[str, str] | None,
) -> WorkedAnswer:
    """The problem and the proofs of its answers, each under its title; `questions` are in the order of the titles."""
    if detail not in DETAILS:
        raise InputError(f"detail={detail!r} is not known: use one of {', '.join(DETAILS)}")
    notation = Notation.of(tuple(map(leaf_of, statement.variables)), names)
    blocks: list[Block] = []
    seen: set[tuple[Block, ...]] = set()
    for (part, title), ask in zip(TITLES.items(), questions, strict=True):
        if part not in wanted:
            continue
        answer = ask()
        told = () if detail == "answer" else answer.proof(detail, notation)
        if told and told in seen:
            told = (Paragraph(("This is shown in the same way.",)),)
        seen.add(told)
        ends_in_answer = bool(told) and part in ("derivatives", "convexity")
        blocks += [Heading(title), *told]
        if not ends_in_answer:
            blocks += [*([Paragraph(("In short:",))] if told else []), *answer.blocks()]
    head = (Heading("Problem"), *statement_document(statement).blocks) if "statement" in wanted else ()
    return WorkedAnswer(head, tuple(blocks), notation)


def with_typed_statement(
    answer: WorkedAnswer, statement: ArrayStatement, statistics: Statistics
) -> WorkedAnswer:
    """The worked answer of the loss in its statistics, below the loss as it was typed."""
    if not answer.statement:
        return answer
    head: tuple[Block, ...] = (Heading("Problem"), *statement_document(statement).blocks)
    return replace(answer, statement=(*head, *statistics.lead()))
