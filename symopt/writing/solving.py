"""How equations were solved, told as a person does it: one after another, case by case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from sympy import Expr, Mul, S, Symbol

from symopt.derivation.claims import Branch, Cover, Holds, Step
from symopt.derivation.rules import RULES
from symopt.writing.claims import Subject, equation, equations, solutions
from symopt.writing.document import Block, Items, Math, Paragraph, Piece, Pieces
from symopt.writing.places import branch_pieces, listed
from symopt.writing.reasons import phrase

MOST_ITEMS: Final = 12
Sentences = tuple[Pieces, ...]


def solving(step: Step, subject: Subject) -> tuple[Block, ...]:
    """The blocks that tell how the cover `step` was found; nothing where there is nothing to tell.

    Sentences that follow each other make one paragraph; alternatives are items of a list.
    """
    sentences, alternatives = _told(step, subject)
    blocks: tuple[Block, ...] = ()
    if sentences:
        blocks += (Paragraph(joined(sentences)),)
    if alternatives:
        blocks += (Items(tuple(alternatives[:MOST_ITEMS])),)
    return blocks


def joined(sentences: Sentences) -> Pieces:
    """Sentences with full stops, one after another."""
    pieces: Pieces = ()
    for sentence in sentences:
        first = sentence[0]
        start = (
            (first[0].upper() + first[1:], *sentence[1:]) if isinstance(first, str) and first else sentence
        )
        pieces += (*((" ",) if pieces else ()), *start, ".")
    return pieces


Told = tuple[Sentences, list[tuple[Block, ...]]]


def _told(step: Step, subject: Subject) -> Told:
    return _RULES.get(step.rule, _other)(step, subject)


def _covers(step: Step) -> list[Step]:
    return [premise for premise in step.premises if isinstance(premise.claim, Cover)]


def _claim(step: Step) -> Cover:
    return cast(Cover, step.claim)


def _index(step: Step) -> Expr:
    index = step.data("index")
    return _claim(step).equations[index if isinstance(index, int) else 0]


def _then(sentence: Pieces | None, parts: list[tuple[Pieces, Step]], subject: Subject) -> Told:
    """A sentence, then what follows it: in the same breath for one part, as a list for several."""
    own: Sentences = () if sentence is None else (sentence,)
    if len(parts) == 1:
        sentences, alternatives = _told(parts[0][1], subject)
        return own + sentences, alternatives
    items = []
    for lead, part in parts:
        sentences, alternatives = _told(part, subject)
        if sentences or alternatives:
            first: Pieces = (*lead, ":") if not sentences else sentences[0]
            if sentences and not _mentions(sentences[0], lead):
                first = (*lead, ": ", *lowered(sentences[0]))
            nested: tuple[Block, ...] = (Items(tuple(alternatives)),) if alternatives else ()
            items.append((Paragraph(joined((first, *sentences[1:]))), *nested))
    return own, items


def _mentions(sentence: Pieces, lead: Pieces) -> bool:
    """Whether the sentence begins with the very equation that the lead names."""
    return len(sentence) > 1 and sentence[:1] == ("the equation ",) and lead[-1:] == _solved_form(sentence[1])


def _solved_form(piece: Piece) -> Pieces:
    whole = piece.tokens[0] if isinstance(piece, Math) else None
    return (equation(whole),) if isinstance(whole, Expr) else ()


def lowered(sentence: Pieces) -> Pieces:
    """The sentence as it reads after a colon."""
    first = sentence[0]
    return (first[0].lower() + first[1:], *sentence[1:]) if isinstance(first, str) and first else sentence


def _factors(step: Step, subject: Subject) -> Told:
    factors = cast("tuple[tuple[Expr, int], ...]", step.data("factors") or ())
    rest = cast(Expr, step.data("rest") or S.One)
    whole = _index(step)
    parts: list[tuple[Pieces, Step]] = []
    for base, _ in factors:
        following = next((p for p in _covers(step) if base in _claim(p).equations), None)
        if following is not None:
            parts.append((("if ", equation(base)), following))
    if (
        len(factors) == 1
        and len(whole.free_symbols) == 1
        and not (whole - min(whole.free_symbols, key=str)).free_symbols
    ):
        return _then(None, parts, subject)  # x - v = 0 says so itself
    if not factors:
        return _then((Math((whole, "!=", S.Zero)),), parts, subject)
    reason: Pieces = ()
    if rest.free_symbols:
        reason = (
            ", since ",
            *listed([(Math((factor, "!=", S.Zero)),) for factor in _symbolic_factors(rest)]),
        )
    alternatives = listed([(equation(base),) for base, _ in factors], "or")
    return _then(
        ("the equation ", Math((whole, "==", S.Zero)), " gives ", *alternatives, *reason), parts, subject
    )


def _symbolic_factors(product: Expr) -> tuple[Expr, ...]:
    return tuple(
        factor.primitive()[1] if factor.is_Add else factor
        for factor in Mul.make_args(product)
        if factor.free_symbols
    )


def _linear(step: Step, subject: Subject) -> Told:
    symbol, values = _values(step)
    whole, covers = _index(step), _covers(step)
    if len(values) == 1 and not (whole - symbol).has(symbol):  # x - v = 0 says so itself
        value = values[0][0]
        if not value.free_symbols & set(_claim(step).unknowns):
            return _then(None, [((), cover) for cover in covers[:1]], subject)
    left = tuple(e for e in _claim(covers[0]).equations if e != 0) if len(values) == 1 and covers else ()
    solved = Math((symbol, "==", values[0][0])) if values else Math(())
    if left and values[0][0].free_symbols and not (whole - symbol).has(symbol):
        sentence: Pieces = ("putting ", solved, " into what is left gives ", *equations(left))
        return _then(sentence, _followed(step, symbol, values, covers), subject)
    sentence = (
        "the equation ",
        Math((whole, "==", S.Zero)),
        " gives ",
        *listed([(Math((symbol, "==", value)),) for value, _ in values], "or"),
    )
    rest = step.data("rest")
    if isinstance(rest, Expr) and rest.free_symbols:
        sentence += (
            ", since ",
            *listed([(Math((factor, "!=", S.Zero)),) for factor in _symbolic_factors(rest)]),
        )
    if left and values[0][0].free_symbols:
        sentence += (", and then ", *equations(left), " is left")
    return _then(sentence, _followed(step, symbol, values, covers), subject)


def _values(step: Step) -> tuple[Symbol, tuple[tuple[Expr, tuple[Any, ...]], ...]]:
    return cast(Symbol, step.data("symbol")), cast(
        "tuple[tuple[Expr, tuple[Any, ...]], ...]", step.data("values") or ()
    )


def _followed(
    step: Step, symbol: Symbol, values: tuple[tuple[Expr, tuple[Any, ...]], ...], covers: list[Step]
) -> list[tuple[Pieces, Step]]:
    """Each value with the cover of what the other equations become."""
    rest = [e for e in _claim(step).equations if e is not _index(step)]
    parts: list[tuple[Pieces, Step]] = []
    for value, _ in values:
        wanted = {e.xreplace({symbol: value}) for e in rest}
        cover = next((c for c in covers if set(_claim(c).equations) <= wanted), None)
        if cover is not None and (len(values) == 1 or _claim(cover).equations):
            parts.append((("for ", Math((symbol, "==", value))), cover))
    return parts


def _roots(step: Step, subject: Subject) -> Told:
    symbol, values = _values(step)
    whole = _index(step)
    if not values:
        return ((Math((whole, "==", S.Zero)), " has no real solution, ", phrase(step.rule)),), []
    sentence: Pieces = (
        "the equation ",
        Math((whole, "==", S.Zero)),
        " has the real solution" + ("s " if len(values) > 1 else " "),
        *listed([branch_pieces(Branch(((symbol, value),), attached)) for value, attached in values]),
        ", ",
        phrase(step.rule),
    )
    return _then(sentence, _followed(step, symbol, values, _covers(step)), subject)


def _rewritten(step: Step, subject: Subject) -> Told:
    covers = _covers(step)
    if not RULES[step.rule].readable:
        return ((phrase(step.rule), ", all real solutions are found"),), []
    before = {e for e in _claim(step).equations if e != 0}
    if not covers:
        return _other(step, subject)
    after = tuple(e for e in _claim(covers[0]).equations if e != 0)
    if set(after) == before:
        return _told(covers[0], subject)
    left = listed([(equation(e),) for e in after])
    return _then((phrase(step.rule), ", we are left with ", *left), [((), covers[0])], subject)


def _by_cases(step: Step, subject: Subject) -> Told:
    quantity = step.data("quantity")
    parts: list[tuple[Pieces, Step]] = []
    for cover in _covers(step):
        zero = isinstance(quantity, Expr) and quantity in _claim(cover).equations
        op = "==" if zero else "!="
        parts.append((("if ", Math((cast(Expr, quantity), op, S.Zero))), cover))
    return _then(None, parts, subject)


def _none(step: Step, subject: Subject) -> Told:
    claim = _claim(step)
    nonzero = next((p for p in step.premises if isinstance(p.claim, Holds)), None)
    reason = () if nonzero is None else (", ", phrase(nonzero.rule))
    constants = [e for e in claim.equations if not e.free_symbols & set(claim.unknowns) and e != 0]
    if constants:
        return ((*equations(tuple(constants[:1])), " is impossible", *reason),), []
    verb = "has" if len(claim.equations) == 1 else "have"
    return ((*equations(claim.equations), f" {verb} no real solution", *reason),), []


def _outside(step: Step, subject: Subject) -> Told:
    covers = _covers(step)
    if not covers:
        return _other(step, subject)
    sentences, alternatives = _told(covers[0], subject)
    dropped = tuple(b for b in _claim(covers[0]).branches if b not in _claim(step).branches)
    if dropped:
        sentences += ((*_plain(dropped), " lies" if len(dropped) == 1 else " lie", " outside the region"),)
    return sentences, alternatives


def _plain(branches: tuple[Branch, ...]) -> Pieces:
    return solutions(branches)


def _silent(step: Step, subject: Subject) -> Told:
    return (), []


def _other(step: Step, subject: Subject) -> Told:
    claim = _claim(step)
    if not claim.branches:
        return ((*equations(claim.equations), " has no solution, ", phrase(step.rule)),), []
    return (
        (*equations(claim.equations), " gives ", *solutions(claim.branches), ", ", phrase(step.rule)),
    ), []


_RULES: Final[Mapping[str, Callable[[Step, Subject], Told]]] = {
    "cover_free": _silent,
    "cover_none": _none,
    "cover_factors": _factors,
    "cover_linear": _linear,
    "cover_roots": _roots,
    "cover_variation": _roots,
    "cover_inverse": _rewritten,
    "cover_ideal": _rewritten,
    "cover_rewritten": _rewritten,
    "cover_by_cases": _by_cases,
    "cover_outside": _outside,
}
