"""A derivation as prose: in brief, the conclusion and its key premises; in full, every step, numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from symopt.derivation.claims import (
    Claim,
    Context,
    Continuous,
    Cover,
    Curved,
    Definite,
    Gradient,
    Hessian,
    Holds,
    Label,
    Limit,
    RegionConvex,
    Smooth,
    Stationary,
    Step,
)
from symopt.derivation.rules import RULES
from symopt.writing.claims import DEFINITE, Subject, claim_pieces, condition_pieces, worded
from symopt.writing.document import Block, Heading, Math, Paragraph, Pieces, Verbatim
from symopt.writing.mathematics import Grid
from symopt.writing.places import branch_pieces
from symopt.writing.reasons import phrase, reason_pieces
from symopt.writing.solving import Sentences, joined, solving
from symopt.writing.syntax import expression_text

_SELF_EVIDENT: Final = (Gradient, Hessian, Smooth, Continuous, RegionConvex, Stationary)

_TOLD_WITH: Final[Mapping[str, type]] = {
    "extremum_unbounded": Limit,
    "extremum_convex": Curved,
    "convex_minimum": Curved,
    "concave_maximum": Curved,
}

Key = tuple[Context, Claim, str]


def brief(step: Step, subject: Subject) -> tuple[Block, ...]:
    """The conclusion in a few sentences: what it rests on first, then the conclusion with its reason."""
    if isinstance(step.claim, Stationary):
        covers = [premise for premise in step.premises if isinstance(premise.claim, Cover)]
        blocks = tuple(block for cover in covers for block in solving(cover, subject))
        return (*blocks, Paragraph(joined((("so ", *claim_pieces(step.claim, subject, step.context)),))))
    return (Paragraph(joined(brief_sentences(step, subject))),)


def brief_sentences(step: Step, subject: Subject) -> Sentences:
    """The sentences of `brief` for a conclusion other than a list of stationary points."""
    if isinstance(step.claim, Label):
        definite = next((p for p in step.premises if isinstance(p.claim, Definite)), None)
        if definite is not None and len(subject.variables) > 1:
            return _by_definiteness(step, definite, subject)
    told = [p for p in step.premises if not _is_told_by(step, p)]
    support = tuple(sentence(p, subject) for p in told)
    if step.rule == "second_order" and any(isinstance(p.claim, Definite) for p in told):
        return (*support, ("so ", *claim_pieces(step.claim, subject, step.context)))
    return (*support, sentence(step, subject))


def _by_definiteness(step: Step, definite: Step, subject: Subject) -> Sentences:
    """The Hessian at the point first, then what the point is."""
    claim, label = cast(Definite, definite.claim), cast(Label, step.claim)
    place = branch_pieces(label.branch, short=True)
    matrix: Pieces = () if subject.is_hessian(claim.matrix) else (" ", Math((Grid(claim.matrix),)))
    if label.branch.numbers:  # polynomials in auxiliary numbers say nothing to a reader
        signs = "positive" if claim.op in (">", ">=") else "negative"
        return (
            (
                "at ",
                *place,
                f" the Hessian is {DEFINITE[claim.op]}, because the pivots of elimination are {signs}",
            ),
            ("so ", *claim_pieces(label, subject, step.context)),
        )
    return (
        (
            "at ",
            *place,
            " the Hessian",
            *matrix,
            f" is {DEFINITE[claim.op]}",
            *reason_pieces(definite, subject),
        ),
        ("so ", *claim_pieces(label, subject, step.context)),
    )


def sentence(step: Step, subject: Subject) -> Pieces:
    """Claim and reason, without a full stop."""
    return (*claim_pieces(step.claim, subject, step.context), *reason_pieces(step, subject))


def _is_told_by(step: Step, premise: Step) -> bool:
    """Whether the premise goes without saying beside the sentence of the step."""
    if isinstance(premise.claim, (Holds, *_SELF_EVIDENT)):
        return True
    if step.rule in _TOLD_WITH and isinstance(premise.claim, _TOLD_WITH[step.rule]):
        return True
    return isinstance(premise.claim, Definite) and len(premise.claim.matrix) == 1


def is_silent(step: Step) -> bool:
    """Whether even a full proof leaves the step out: the sign of a number, a system without equations."""
    if isinstance(step.claim, Holds):
        return not step.claim.relation.expression.free_symbols
    return isinstance(step.claim, Cover) and not step.claim.equations


def full(conclusions: Iterable[Step], subject: Subject) -> tuple[Block, ...]:
    """Every step, numbered, premises first; a step that is used again is referred to by its number.

    The data of opaque steps stands in an appendix.
    """
    numbers: dict[Key, int] = {}
    blocks: list[Block] = []
    data: list[str] = []
    current = Context()
    for conclusion in conclusions:
        for step in conclusion.walk():
            key = (step.context, step.claim, step.rule)
            if is_silent(step) or key in numbers:
                continue
            numbers[key] = len(numbers) + 1
            lead: Pieces = ()
            if step.context != current:
                lead = _context_change(step.context)
                current = step.context
            used = sorted(
                {numbers[k] for p in step.premises if (k := (p.context, p.claim, p.rule)) in numbers}
            )
            source = (f" [{', '.join(f'({number})' for number in used)}]",) if used else ()
            blocks.append(
                Paragraph(
                    joined(
                        (
                            (
                                *lead,
                                *claim_pieces(step.claim, subject, step.context),
                                *worded(", " + phrase(step.rule)),
                                *source,
                            ),
                        )
                    ),
                    str(numbers[key]),
                )
            )
            if not RULES[step.rule].readable:
                data.append(f"({numbers[key]}) {step.rule}: {certificate_text(step)}")
    if data:
        blocks += [Heading("Data of the steps by computer algebra", 3), Verbatim(tuple(data))]
    return tuple(blocks)


def _context_change(context: Context) -> Pieces:
    conditions = condition_pieces(context)
    return ("for ", *conditions, ": ") if conditions else ("for all values: ",)


def certificate_text(step: Step) -> str:
    """The certificate in SymPy's syntax."""
    return "; ".join(f"{name} = {_value_text(value)}" for name, value in step.certificate) or "no data"


def _value_text(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_value_text, value))})"
    try:
        return expression_text(value)
    except (TypeError, AttributeError, ValueError):
        return str(value)
