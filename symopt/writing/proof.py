"""A derivation as prose: in brief, the conclusion and its key premises; in full, every step, numbered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.claims import (
    Attraction,
    Claim,
    Context,
    Continuous,
    Cover,
    Curved,
    Definite,
    Derivative,
    Gradient,
    Hessian,
    Holds,
    Label,
    Limit,
    NotCurved,
    Optimal,
    Rate,
    RegionConvex,
    Smooth,
    Stationary,
    Step,
)
from symopt.derivation.rules import RULES
from symopt.relation import Relation
from symopt.writing.claims import DEFINITE, Subject, condition_pieces, kind_of_several
from symopt.writing.document import (
    Block,
    Heading,
    Items,
    Math,
    Paragraph,
    Pieces,
    Verbatim,
    flat,
    mapped_block,
    mapped_pieces,
)
from symopt.writing.mathematics import Grid, Place, Tokens, mapped
from symopt.writing.places import branch_pieces, number_pieces, several_branches
from symopt.writing.presenting import presented
from symopt.writing.reasons import clause_pieces, reason_pieces
from symopt.writing.reasons_curvature import bend
from symopt.writing.reasons_extrema import extremum_sentences
from symopt.writing.reasons_points import across_sentences, first_part, is_across, is_kink_without_extremum
from symopt.writing.solving import Sentences, joined, solving
from symopt.writing.syntax import expression_text
from symopt.writing.wording import phrase

MOST_IN_LINE: Final = 4  # points told in one paragraph
MOST_TOLD: Final = 8  # sentences about parts of a function before the one about the whole
_SELF_EVIDENT: Final = (Gradient, Hessian, Smooth, Continuous, RegionConvex, Stationary, Cover)

_TOLD_WITH: Final[Mapping[str, type]] = {
    "splitting": Definite,
    "family_minimum": Definite,
    "family_maximum": Definite,
    "extremum_unbounded": Limit,
    "extremum_limit": Limit,
    "extremum_open_region": Limit,
    "extremum_convex": Curved,
    "convex_minimum": Curved,
    "concave_maximum": Curved,
    "composition": Curved,
    "pieces": Curved,
}

Key = tuple[Context, Claim, str]


def brief(step: Step, subject: Subject) -> tuple[Block, ...]:
    """The conclusion in a few sentences: what it rests on first, then the conclusion with its reason."""
    blocks: tuple[Block, ...]
    if isinstance(step.claim, Stationary):
        covers = [premise for premise in step.premises if isinstance(premise.claim, Cover)]
        blocks = tuple(
            block for cover in covers for block in (*_curved(cover, subject), *solving(cover, subject))
        )
        blocks += _points(step, subject, ("so ",) if blocks else ())
    else:
        sentences = brief_sentences(step, subject)
        blocks = (Paragraph(joined((*_named(step, sentences), *sentences))),)
    return given(blocks, step.context.relations)


def _named(step: Step, sentences: Sentences) -> Sentences:
    """What the numbers with parameters are that an extremum is told by: `here r is the first real root of ..`."""
    if not isinstance(step.claim, Optimal):
        return ()
    covers = (s.claim for s in step.walk() if isinstance(s.claim, (Cover, Stationary)))
    numbers = dict.fromkeys(n for c in covers for b in c.branches for n in b.numbers if n.varies)
    met = {symbol for sentence in sentences for symbol in _symbols(sentence)}
    told = tuple(number for number in numbers if number.symbol in met)
    return (("here ", *number_pieces(told)),) if told else ()


def _symbols(pieces: Pieces) -> Iterator[Symbol]:
    """The symbols in the formulas of a sentence."""
    for piece in flat(pieces):
        for token in piece.tokens if isinstance(piece, Math) else ():
            for entry in token.entries if isinstance(token, Place) else (token,):
                yield from cast("set[Symbol]", entry.free_symbols) if isinstance(entry, Expr) else ()


def _curved(cover: Step, subject: Subject) -> tuple[Block, ...]:
    """The convexity that leaves one stationary point at most, with its reasons."""
    found = [p for s in cover.walk() if s.rule == "cover_convex" for p in s.premises]
    return tuple(Paragraph(joined(brief_sentences(p, subject))) for p in dict.fromkeys(found))


def _points(step: Step, subject: Subject, so: Pieces) -> tuple[Block, ...]:
    """The stationary points in a sentence; as a list where they are many and rest on roots of polynomials."""
    claim = cast(Stationary, step.claim)
    numbers = tuple(number for branch in claim.branches for number in branch.numbers)
    if len(claim.branches) <= MOST_IN_LINE or not numbers or not claim.complete:
        return (Paragraph(joined(((*so, *clause_pieces(step, subject)),))),)
    items = tuple((Paragraph(branch_pieces(branch)),) for branch in claim.branches)
    head = f"{'So the' if so else 'The'} stationary points are exactly these {len(items)}:"
    return (Paragraph((head,)), Items(items), Paragraph(("Here ", *number_pieces(numbers), ".")))


def brief_all(steps: Sequence[Step], subject: Subject) -> tuple[Block, ...]:
    """`brief` of steps one after another; points that are the same for the same reason are told together.

    Many points are told as a list.
    """
    steps = tuple(dict.fromkeys(steps))
    told = [(isinstance(step.claim, Label), blocks) for step, blocks in _told_together(steps, subject)]
    labels = [blocks for is_label, blocks in told if is_label]
    if len(labels) <= MOST_IN_LINE:
        return tuple(block for _, blocks in told for block in blocks)
    others = tuple(block for is_label, blocks in told if not is_label for block in blocks)
    return (*others, Items(tuple(labels)))


def _told_together(steps: Sequence[Step], subject: Subject) -> Iterator[tuple[Step, tuple[Block, ...]]]:
    """Each step, or the first of those that are told together, with what is told."""
    done: set[int] = set()
    for place, step in enumerate(steps):
        if place in done:
            continue
        key = _label_key(step, subject)
        alike = [k for k, other in enumerate(steps) if key is not None and _label_key(other, subject) == key]
        if len(alike) < 2:
            yield step, brief(step, subject)
            continue
        done |= set(alike)
        told = _labels_together([steps[k] for k in alike], subject)
        yield step, given((Paragraph(joined(told)),), step.context.relations)


def _label_key(step: Step, subject: Subject) -> tuple[object, ...] | None:
    """What points have in common that are told together; None for a point with a reason of its own."""
    if not isinstance(step.claim, Label) or step.rule == "kink" or is_across(step):
        return None
    definite = None
    if step.rule.startswith("second_order"):
        definite = next((p.claim for p in step.premises if isinstance(p.claim, Definite)), None)
    if step.claim.branch.numbers:
        many = isinstance(definite, Definite) and len(definite.matrix) > 1
        return (step.context, step.rule, step.claim.kind, step.claim.strict) if many else None
    matrix = definite.matrix if isinstance(definite, Definite) else None
    rule = first_part(step).rule
    return step.context, rule, step.claim.kind, step.claim.strict, matrix, reason_pieces(step, subject)


def _labels_together(steps: list[Step], subject: Subject) -> Sentences:
    labels = [cast(Label, step.claim) for step in steps]
    places = several_branches([label.branch for label in labels], short=True)
    kinds = kind_of_several(labels[0].kind, labels[0].strict)
    kinds = "kinks, no extrema" if is_kink_without_extremum(steps[0]) else kinds
    definite = next((p for p in steps[0].premises if isinstance(p.claim, Definite)), None)
    by_hessian = steps[0].rule.startswith("second_order")
    if by_hessian and definite is not None and len(subject.variables) > 1:
        matrix, op = cast(Definite, definite.claim).matrix, cast(Definite, definite.claim).op
        if labels[0].branch.numbers:
            told: Pieces = ("at ", *places, f" the Hessian is {DEFINITE[op]}", *_pivots(op))
        else:
            reason = reason_pieces(definite, subject)
            told = ("at ", *places, " the Hessian ", Math((Grid(matrix),)), f" is {DEFINITE[op]}", *reason)
        return (told, (f"so these points are {kinds}",))
    return (("the points ", *places, f" are {kinds}", *reason_pieces(steps[0], subject)),)


def given(blocks: Iterable[Block], facts: tuple[Relation, ...]) -> tuple[Block, ...]:
    """The blocks with what is given used in their formulas: |b| is b where b > 0."""
    return tuple(mapped_block(block, _resolving(facts)) for block in blocks) if facts else tuple(blocks)


def given_pieces(pieces: Pieces, facts: tuple[Relation, ...]) -> Pieces:
    """The same for a sentence or a cell."""
    return mapped_pieces(pieces, _resolving(facts)) if facts else pieces


def _resolving(facts: tuple[Relation, ...]) -> Callable[[Tokens], Tokens]:
    return lambda tokens: mapped(tokens, lambda expression: presented(expression, facts))


def brief_sentences(step: Step, subject: Subject) -> Sentences:
    """The sentences of `brief` for a conclusion other than a list of stationary points."""
    conclusion: Pieces = ("so ", *clause_pieces(step, subject))
    if isinstance(step.claim, Label) and step.rule.startswith("second_order"):
        definite = next((p for p in step.premises if isinstance(p.claim, Definite)), None)
        if definite is not None and len(subject.variables) > 1:
            return _by_definiteness(step, definite, subject)
    if isinstance(step.claim, NotCurved) and step.rule.startswith("second_order"):
        found = bend(step)
        if found is not None:
            return ((*found, ", ", *conclusion),)
    rests_on = extremum_sentences(step, subject)
    if rests_on:
        curved = next((p for p in step.premises if isinstance(p.claim, Curved)), None)
        if step.rule == "extremum_convex" and curved is not None:
            rests_on = (_with_main_reason(curved, subject), *across_sentences(step), *rests_on)
        return (*rests_on, conclusion)
    support = (*across_sentences(step), *tuple(_support(step, subject))[:MOST_TOLD])
    if step.rule == "second_order" and support:
        return (*support, conclusion)
    return (*support, sentence(step, subject))


def _with_main_reason(curved: Step, subject: Subject) -> Pieces:
    """`the function f is strictly convex, because f''(x) = 2*a > 0`: with the last reason of its proof alone."""
    if curved.rule == "curvature_sum":
        return (*clause_pieces(curved, subject), ", ", phrase(curved.rule))
    return sentence(curved, subject)


def _support(step: Step, subject: Subject) -> Iterable[Pieces]:
    """The sentences about the premises, those that they rest on first."""
    for premise in step.premises:
        if not _is_told_by(step, premise):
            if isinstance(premise.claim, Curved):
                yield from _support(premise, subject)
            yield sentence(premise, subject)
        elif step.rule == "composition" and isinstance(premise.claim, Curved):
            yield from _support(premise, subject)
            yield sentence(premise, subject)


def _by_definiteness(step: Step, definite: Step, subject: Subject) -> Sentences:
    """The Hessian at the point first, then what the point is."""
    claim, label = cast(Definite, definite.claim), cast(Label, step.claim)
    place = branch_pieces(label.branch, short=True)
    matrix: Pieces = () if subject.is_hessian(claim.matrix) else (" ", Math((Grid(claim.matrix),)))
    conclusion: Pieces = ("so ", *clause_pieces(step, subject))
    if label.branch.numbers:  # polynomials in auxiliary numbers say nothing to a reader
        return (("at ", *place, f" the Hessian is {DEFINITE[claim.op]}", *_pivots(claim.op)), conclusion)
    told = (" the Hessian", *matrix, f" is {DEFINITE[claim.op]}", *reason_pieces(definite, subject))
    return (("at ", *place, *told), conclusion)


def _pivots(op: str) -> Pieces:
    signs = "positive" if op in (">", ">=") else "negative"
    return (f", because the pivots of elimination are {signs}",)


def sentence(step: Step, subject: Subject) -> Pieces:
    """Claim and reason, without a full stop."""
    return (*clause_pieces(step, subject), *reason_pieces(step, subject))


def _is_told_by(step: Step, premise: Step) -> bool:
    """Whether the premise goes without saying beside the sentence of the step."""
    if isinstance(premise.claim, (Holds, *_SELF_EVIDENT)) or isinstance(step.claim, (Attraction, Rate)):
        return True
    if step.rule == "label_across" and isinstance(premise.claim, Label):
        return True  # about a piece of f, which the sentences would call f
    if step.rule in _TOLD_WITH and isinstance(premise.claim, _TOLD_WITH[step.rule]):
        return True
    return isinstance(premise.claim, Definite) and len(premise.claim.matrix) == 1


def is_silent(step: Step) -> bool:
    """Whether even a full proof leaves the step out, as it says nothing that the next step does not say.

    The sign of a number, a system without equations, x = 0 solved for x, the whole space being convex.
    """
    claim = step.claim
    if isinstance(claim, Holds):
        return not claim.relation.expression.free_symbols
    if isinstance(claim, Definite):
        return len(claim.matrix) == 1
    if isinstance(claim, RegionConvex):
        return not step.context.region
    if isinstance(claim, Gradient):
        return len(claim.variables) == 1 and any(isinstance(p.claim, Derivative) for p in step.premises)
    if step.rule == "cover_rewritten" and isinstance(claim, Cover):
        return any(_same_equations(claim, p.claim) for p in step.premises if isinstance(p.claim, Cover))
    return isinstance(claim, Cover) and (not any(e != 0 for e in claim.equations) or _says_itself(claim))


def _same_equations(claim: Cover, other: Cover) -> bool:
    return {e for e in claim.equations if e != 0} == {e for e in other.equations if e != 0}


def _says_itself(claim: Cover) -> bool:
    """Whether the cover is of `x = v` alone."""
    left = [e for e in claim.equations if e != 0]
    if len(claim.branches) != 1 or len(claim.unknowns) != 1:
        return False
    (symbol,) = claim.unknowns
    value = claim.branches[0].values[symbol]
    return all(e - (symbol - value) == S.Zero for e in left)


def full(
    conclusions: Iterable[tuple[Step, Subject]], names: Mapping[Context, Pieces] | None = None
) -> tuple[Block, ...]:
    """Every step, numbered, premises first; a step that is used again is referred to by its number.

    `names` say where a step holds whose context does not say all. The data of opaque steps stands in an appendix.
    """
    numbers: dict[Key, tuple[int, ...]] = {}
    blocks: list[Block] = []
    data: list[str] = []
    current: tuple[Context, Expr] | None = None
    count = 0
    for conclusion, subject in conclusions:
        for step in conclusion.walk():
            key = (step.context, step.claim, step.rule)
            if key in numbers:
                continue
            used = tuple(
                sorted({n for p in step.premises for n in numbers.get((p.context, p.claim, p.rule), ())})
            )
            if is_silent(step):
                numbers[key] = used
                continue
            count += 1
            numbers[key] = (count,)
            lead: Pieces = ()
            if current != (step.context, subject.objective):
                named = (names or {}).get(step.context) or condition_pieces(step.context)
                everywhere: Pieces = ("for all values: ",) if current is not None else ()
                lead = ("for ", *named, ": ") if named else everywhere
                current = (step.context, subject.objective)
            source = (f" [{', '.join(f'({number})' for number in used)}]",) if used else ()
            told = Paragraph(joined(((*lead, *sentence(step, subject), *source),)), str(count))
            blocks += given((told,), step.context.relations)
            if not RULES[step.rule].readable:
                data.append(f"({count}) {step.rule}: {certificate_text(step)}")
    if data:
        blocks += [Heading("Data of the steps by computer algebra", 3), Verbatim(tuple(data))]
    return tuple(blocks)


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
