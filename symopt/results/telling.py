"""The proof of an answer in words: its steps in brief or in full, or why it is undecided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sympy import Expr, S, Symbol

from symopt.derivation.claims import Hessian, Step
from symopt.results.evidence import Evidence, trust_of
from symopt.writing.claims import Subject, worded
from symopt.writing.document import Block, Math, Paragraph, Pieces
from symopt.writing.mathematics import Bounds, Objective
from symopt.writing.notation import Notation
from symopt.writing.proof import brief, full
from symopt.writing.solving import lowered

STOPPED: Final = {
    "effort": "the search was ended by its limit of effort",
    "clock": "the search was ended by the clock",
    "not_covered": "the methods do not cover this",
    "internal_error": "an internal error ended the search",
}
TRUSTED: Final = "This rests on the word of a decision procedure, which was not checked."


def subject_of(steps: Sequence[Step], notation: Notation) -> Subject:
    """What the steps speak about: their objective, and its Hessian where they have it."""
    objective = next(
        (vars(step.claim)["objective"] for step in steps if "objective" in vars(step.claim)), S.Zero
    )
    hessian = None
    for step in (below for top in steps for below in top.walk()):
        if isinstance(step.claim, Hessian) and step.claim.objective == objective:
            hessian = step.claim.entries
    return Subject(objective, variables_of(steps) or notation.variables, notation, hessian)


def variables_of(steps: Sequence[Step]) -> tuple[Symbol, ...]:
    """The variables that the steps speak about."""
    named = (vars(step.claim).get("variables") for step in steps)
    return next((variables for variables in named if variables), ())


def proof_blocks(steps: Sequence[Step], detail: str, notation: Notation) -> tuple[Block, ...]:
    """The steps in words, and a word about trust where one is due.

    Parts of the region, and cases that were merged because their answers agree, are told one after another.
    """
    groups: dict[tuple[object, Expr], list[Step]] = {}
    for step in steps:
        objective = vars(step.claim).get("objective", S.Zero)
        groups.setdefault((step.context, objective), []).append(step)
    own = tuple(groups.values()) if len({key[0] for key in groups}) > 1 else (list(steps),)
    blocks: tuple[Block, ...] = ()
    for group in own:
        subject = subject_of(group, notation)
        told = (
            full(group, subject)
            if detail == "full"
            else tuple(b for step in group for b in brief(step, subject))
        )
        blocks += told if len(own) == 1 else with_lead(_where(group[0], subject), told)
    if steps and trust_of(tuple(steps)) == "trusted":
        blocks += (Paragraph((TRUSTED,)),)
    return merged(blocks)


def _where(step: Step, subject: Subject) -> Pieces:
    """The part of a merged case that the step speaks about."""
    if step.context.relations:
        return ("For ", Math((Bounds(step.context.relations),)), ": ")
    return ("Where ", Math((Objective(subject.variables), "==", subject.objective)), ": ")


def with_lead(lead: Pieces, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with words in front of the first."""
    if blocks and isinstance(blocks[0], Paragraph) and not blocks[0].label:
        first = blocks[0].pieces
        return (Paragraph((*lead, *(lowered(first) if lead[-1:] == (": ",) else first))), *blocks[1:])
    return (Paragraph(lead), *blocks)


def merged(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Paragraphs that follow each other as one, except for numbered steps."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, Paragraph) and isinstance(last, Paragraph) and not (block.label or last.label):
            found[-1] = Paragraph((*last.pieces, " ", *block.pieces))
        else:
            found.append(block)
    return tuple(found)


def undecided_pieces(evidence: Evidence) -> Pieces:
    """Why nothing was decided."""
    reason = evidence.reason or STOPPED.get(evidence.stopped_by or "", "no method decided it")
    return worded(f"undecided: {reason}")
