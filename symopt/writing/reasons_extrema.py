"""Why a value is the global minimum or maximum: what it rests on, and of what other functions f is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Expr, Max, Min, Mul, Pow, S, Symbol, symbols

from symopt.derivation.claims import Optimal, Step
from symopt.writing.claims import EXTREMA, Subject, approach_pieces, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Objective, Token
from symopt.writing.places import listed, several_branches, value_pieces
from symopt.writing.reasons_bounds import TELLERS, Sentences


def extremum_sentences(step: Step, subject: Subject) -> Sentences:
    """What the value of an extremum rests on, one thing after another; nothing where the data is not as expected."""
    teller = _TELLERS.get(step.rule)
    return () if teller is None else teller(step, subject)


def _reason(step: Step, subject: Subject) -> Pieces | None:
    """The same in one clause."""
    told = extremum_sentences(step, subject)
    if not told:
        return None
    joint: Pieces = ()
    for place, sentence in enumerate(told):
        joint += ((", and ",) if place else ()) + sentence
    return (", because ", *joint)


def _partial(step: Step, subject: Subject) -> Sentences:
    """Completing the square in one variable leaves a function g of the others, and its extremum."""
    claim = cast(Optimal, step.claim)
    variable, weight, lowest = (cast(Expr, step.data(name)) for name in ("variable", "weight", "lowest"))
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    if below is None:
        return ()
    inner, letter = cast(Optimal, below.claim), _other_letters(claim, subject)[0]
    remaining = Objective(inner.variables, letter=letter)
    square = Mul(weight, Pow(variable - lowest, 2, evaluate=False), evaluate=False)
    positive: Pieces = (" with ", Math((weight, ">" if claim.sense == "min" else "<", S.Zero)))
    start: Pieces = (
        *(Math((Objective(), "==", Add(inner.objective, square, evaluate=False))),),
        *(() if weight.is_number else positive),
        *worded(f", so f is {'smallest' if claim.sense == 'min' else 'largest'} at "),
        *(Math((variable, "==", lowest)), ", and there it is ", Math((remaining, "==", inner.objective))),
    )
    return (start, *_told_of(below, letter, subject))


def _eliminated(step: Step, subject: Subject) -> Sentences:
    """An equation of the region put in leaves a function g of the others, and its extremum."""
    claim, variable = cast(Optimal, step.claim), cast(Expr, step.data("variable"))
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    if below is None:
        return ()
    inner, letter = cast(Optimal, below.claim), _other_letters(claim, subject)[0]
    remaining = Objective(inner.variables, letter=letter)
    start: Pieces = (
        *("in the region ", Math((variable, "==", cast(Expr, step.data("solution"))))),
        *(", and there f is ", Math((remaining, "==", inner.objective))),
    )
    return (start, *_told_of(below, letter, subject))


def _separate(step: Step, subject: Subject) -> Sentences:
    """f as the sum of functions of different variables, and of each what its extremum rests on."""
    parts = _summands(step, subject)
    if not parts:
        return ()
    sentences: Sentences = (_sum(parts),)
    for premise, function in parts:
        letter = cast(Symbol, function.letter)
        told = _told_of(premise, letter, _without(subject, _letters_of(sentences)))
        sentences += (*told, _value_of(premise, letter))
    return sentences


def _larger_region(step: Step, subject: Subject) -> Sentences:
    """What the extremum over a larger region rests on."""
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    if below is None:
        return ()
    lead: Pieces = ("the region is a part of that with ", Math((Bounds(below.context.region),)))
    return (lead, *extremum_sentences(below, subject))


def _open_region(step: Step, subject: Subject) -> Sentences:
    """The same, where it is reached, and the curve on which f comes near it."""
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    approach = approach_pieces(cast(Optimal, step.claim))
    if below is None or not approach:
        return ()
    larger = cast(Optimal, below.claim)
    word = "minimum" if larger.sense == "min" else "maximum"
    reached: Pieces = (
        f"so the {word} there is ",
        *value_pieces(larger.value),
        ", at ",
        *several_branches(larger.at),
        f", which {'is' if len(larger.at) == 1 and not larger.at[0].free else 'are'} not in the region",
    )
    return (*_larger_region(step, subject), reached, approach)


def _by_cases(step: Step, subject: Subject) -> Sentences:
    """What f is on each part of the region, what its extremum there rests on, and what it is."""
    sentences: Sentences = ()
    for premise in (p for p in step.premises if isinstance(p.claim, Optimal)):
        inner = cast(Optimal, premise.claim)
        part = tuple(r for r in premise.context.region if r not in step.context.region)
        shown = Math((Objective(inner.variables), "==", inner.objective))
        lead: Pieces = (shown,) if not part else ("for ", Math((Bounds(part),)), ", ", shown)
        letters = _without(subject, _letters_of(sentences)).letters
        own = Subject(inner.objective, inner.variables, subject.notation, letters=letters)
        word = f"so the {EXTREMA[inner.sense, inner.attained]} there is "
        value = value_pieces(inner.value, (), premise.context.relations)
        sentences += (lead, *extremum_sentences(premise, own), (word, *value))
    return sentences


def _monotone(step: Step, subject: Subject) -> Sentences:
    """f as a monotone function of g, and what the extremum of g rests on."""
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    outer, symbol = step.data("outer"), step.data("symbol")
    if below is None or not isinstance(outer, Expr) or not isinstance(symbol, Symbol):
        return ()
    claim, inner = cast(Optimal, step.claim), cast(Optimal, below.claim)
    letter = _other_letters(claim, subject)[0]
    named = Objective(inner.variables, letter=letter)
    start: Pieces = (
        Math((Objective(), "==", outer.xreplace({symbol: letter}))),
        *(" with ", Math((named, "==", inner.objective))),
        *worded(f", which {'rises' if claim.sense == inner.sense else 'falls'} with "),
        Math((letter,)),
    )
    return (start, *_told_of(below, letter, subject), _value_of(below, letter))


def _told_of(premise: Step, letter: Symbol, subject: Subject) -> Sentences:
    """What the extremum of a function with a letter of its own rests on."""
    inner = cast(Optimal, premise.claim)
    letters = _without(subject, {letter.name}).letters
    own = Subject(inner.objective, inner.variables, subject.notation, letters=letters)
    return tuple(_about(sentence, letter) for sentence in extremum_sentences(premise, own))


def _value_of(premise: Step, letter: Symbol) -> Pieces:
    """`so the minimum of g is 2`."""
    inner = cast(Optimal, premise.claim)
    numbers = tuple(number for branch in inner.at for number in branch.numbers)
    value = value_pieces(inner.value, numbers, premise.context.relations)
    return (f"so the {EXTREMA[inner.sense, inner.attained]} of ", Math((letter,)), " is ", *value)


def _without(subject: Subject, used: set[str]) -> Subject:
    return replace(subject, letters=tuple(name for name in subject.letters if name not in used))


def _letters_of(sentences: Sentences) -> set[str]:
    """The names of the functions that the sentences speak of."""
    tokens = (t for pieces in sentences for p in pieces if isinstance(p, Math) for t in p.tokens)
    return {t.letter.name for t in tokens if isinstance(t, Objective) and t.letter is not None}


def _as_a_sum(step: Step, subject: Subject) -> Pieces | None:
    """The same where the summands have steps of their own."""
    parts = _summands(step, subject)
    return (", because ", *_sum(parts)) if parts else None


def _summands(step: Step, subject: Subject) -> tuple[tuple[Step, Objective], ...]:
    """The steps about the summands of f, each with a name for its function; nothing where there are too many."""
    premises = [p for p in step.premises if isinstance(p.claim, Optimal)]
    letters = _other_letters(cast(Optimal, step.claim), subject)
    if len(premises) > len(letters):
        return ()
    return tuple(
        (p, Objective(cast(Optimal, p.claim).variables, letter=letter))
        for p, letter in zip(premises, letters, strict=False)
    )


def _sum(parts: tuple[tuple[Step, Objective], ...]) -> Pieces:
    shown = [(Math((f, "==", cast(Optimal, p.claim).objective)),) for p, f in parts]
    return (*worded("f is the sum of "), *listed(shown), ", which share no variable")


def _other_letters(claim: Optimal, subject: Subject) -> tuple[Symbol, ...]:
    """Letters for other functions that neither the claim nor what is told already uses."""
    taken = {s.name for s in claim.objective.free_symbols}
    return tuple(Symbol(name, real=True) for name in subject.letters if name not in taken)


def _written_out(step: Step, subject: Subject) -> Sentences:
    """The same function without its maxima, and what is true of it."""
    below = next((p for p in step.premises if isinstance(p.claim, Optimal)), None)
    if below is None:
        return ()
    inner = cast(Optimal, below.claim)
    rules = [
        Math((node, "==", (a + b + turn * Abs(a - b)) / 2))
        for kind, turn in ((Max, 1), (Min, -1))
        for a, b in (symbols("a b", real=True),)
        if (node := kind(a, b)) and cast(Optimal, step.claim).objective.has(kind)
    ]
    start: Pieces = (
        Math((Objective(), "==", inner.objective)),
        ", as ",
        *(piece for i, rule in enumerate(rules) for piece in ((" and ", rule) if i else (rule,))),
    )
    return (start, *extremum_sentences(below, Subject(inner.objective, inner.variables, subject.notation)))


def _about(pieces: Pieces, letter: Symbol) -> Pieces:
    """The pieces with the letter of another function for that of f."""
    return tuple(
        Math(tuple(_named(token, letter) for token in piece.tokens)) if isinstance(piece, Math) else piece
        for piece in pieces
    )


def _named(token: Token, letter: Symbol) -> Token:
    return replace(token, letter=letter) if isinstance(token, Objective) and token.letter is None else token


_TELLERS: Final[Mapping[str, Callable[[Step, Subject], Sentences]]] = {
    **TELLERS,
    "extremum_partial": _partial,
    "extremum_eliminated": _eliminated,
    "extremum_written_out": _written_out,
    "extremum_separate": _separate,
    "extremum_monotone": _monotone,
    "extremum_cases": _by_cases,
    "extremum_larger_region": _larger_region,
    "extremum_open_region": _open_region,
}
REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    **dict.fromkeys(_TELLERS, _reason),
    "extremum_separate": _as_a_sum,
}
