"""What the tellers of solutions share: the equation a rule is about, the covers that go on from it, lists of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from sympy import Expr, Symbol

from symopt.derivation.claims import Cover, Number, Step
from symopt.writing.claims import equation
from symopt.writing.document import Block, Items, Math, Paragraph, Piece, Pieces, mapped_pieces
from symopt.writing.mathematics import Tokens, mapped

Sentences = tuple[Pieces, ...]
Value = tuple[Expr, tuple[Number, ...]]
Told = tuple[Sentences, list[tuple[Block, ...]]]  # sentences, then alternatives as items of a list
Tell = Callable[[Step], Told]


def claim_of(step: Step) -> Cover:
    return cast(Cover, step.claim)


def covers_of(step: Step) -> list[Step]:
    """The premises that solve what the rule has made of the equations."""
    return [premise for premise in step.premises if isinstance(premise.claim, Cover)]


def equation_of(step: Step) -> Expr:
    """The equation that the rule is about."""
    index = step.data("index")
    return claim_of(step).equations[index if isinstance(index, int) else 0]


def joined(sentences: Sentences) -> Pieces:
    """Sentences with full stops, one after another; none but a conclusion is said twice."""
    pieces: Pieces = ()
    for place, sentence in enumerate(sentences):
        first = sentence[0]
        concludes = isinstance(first, str) and first.startswith("so ")
        if sentence in sentences[:place] and not concludes:
            continue
        start = (
            (first[0].upper() + first[1:], *sentence[1:]) if isinstance(first, str) and first else sentence
        )
        pieces += (*((" ",) if pieces else ()), *start, ".")
    return pieces


def lowered(sentence: Pieces) -> Pieces:
    """The sentence as it reads after a colon."""
    first = sentence[0]
    return (first[0].lower() + first[1:], *sentence[1:]) if isinstance(first, str) and first else sentence


def then(sentence: Pieces | None, parts: Sequence[tuple[Pieces, Step]], tell: Tell) -> Told:
    """A sentence, then what follows it: in the same breath for one part or for equal ones, as a list for several."""
    own: Sentences = () if sentence is None else (sentence,)
    told = [(lead, part, *tell(part)) for lead, part in parts]
    if told and all(_same(told[0][1], told[0][2:], other[1], other[2:]) for other in told[1:]):
        return own + told[0][2], told[0][3]
    saying = [entry for entry in told if entry[2] or entry[3]]
    if len(saying) == 1 and not saying[0][3]:
        lead, _, sentences, _ = saying[0]
        return own + _led(lead, sentences), []
    items: list[tuple[Block, ...]] = []
    for lead, _, sentences, alternatives in saying:
        nested: tuple[Block, ...] = (Items(tuple(alternatives)),) if alternatives else ()
        items.append((Paragraph(joined(_led(lead, sentences) if sentences else ((*lead, ":"),))), *nested))
    return own, items


def _led(lead: Pieces, sentences: Sentences) -> Sentences:
    """The sentences with the case in front, where the first does not begin with the very equation of the case."""
    if _mentions(sentences[0], lead):
        return sentences
    return ((*lead, ": ", *lowered(sentences[0])), *sentences[1:])


def _mentions(sentence: Pieces, lead: Pieces) -> bool:
    return (
        len(sentence) > 1
        and sentence[0] == "the equation "
        and bool(lead)
        and _form(sentence[1]) == _form(lead[-1])
    )


def _form(piece: Piece) -> Math | None:
    """An equation as it is compared."""
    if not isinstance(piece, Math) or len(piece.tokens) < 3 or piece.tokens[1] != "==":
        return None
    left, _, right = piece.tokens[:3]
    return equation(left - right) if isinstance(left, Expr) and isinstance(right, Expr) else None


def _same(one: Step, told: Told, other: Step, told_other: Told) -> bool:
    """Whether two parts are told in the same words, up to the letters of their families."""
    if told == told_other:
        return True
    letters, others = _letters(one), _letters(other)
    if len(letters) != len(others) or told[1] or told_other[1]:
        return False
    table = dict(zip(others, letters, strict=True))

    def change(tokens: Tokens) -> Tokens:
        return mapped(tokens, lambda expression: expression.xreplace(table))

    return told[0] == tuple(mapped_pieces(sentence, change) for sentence in told_other[0])


def _letters(step: Step) -> list[Symbol]:
    """The letters of the families of a cover, in the order in which they come."""
    return list(dict.fromkeys(symbol for branch in claim_of(step).branches for symbol, _ in branch.free))


def values_of(step: Step) -> tuple[Symbol, tuple[Value, ...]]:
    return cast(Symbol, step.data("symbol")), cast("tuple[Value, ...]", step.data("values") or ())


def followed(
    step: Step, symbol: Symbol, values: tuple[Value, ...], covers: list[Step]
) -> list[tuple[Pieces, Step]]:
    """Each value with the cover of what the other equations become."""
    rest = [e for e in claim_of(step).equations if e is not equation_of(step)]
    parts: list[tuple[Pieces, Step]] = []
    for value, _ in values:
        wanted = {e.xreplace({symbol: value}) for e in rest}
        cover = next((c for c in covers if set(claim_of(c).equations) <= wanted), None)
        if cover is not None and (len(values) == 1 or claim_of(cover).equations):
            parts.append((("for ", Math((symbol, "==", value))), cover))
    return parts
