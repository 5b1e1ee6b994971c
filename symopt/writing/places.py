"""Points and families of points in words: `(0, 0)`, `(t, 0) with t real`, `r ≈ -1.1673, where r^5 - r + 1 = 0`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sympy import Expr, Float, S

from symopt.derivation.claims import Branch, Number
from symopt.writing.decimals import decimal_text
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Place, Tokens

SHOWN_DIGITS: Final = 5
_KINDS: Final = {"integer": "an integer"}


def place_tokens(branch: Branch) -> Tokens:
    """The coordinates (in one variable `x = 1`), and their decimals where the exact form does not show the size.

    >>> from sympy import Symbol, sqrt
    >>> place_tokens(Branch(((Symbol("x", real=True), sqrt(2)),)))[-1]
    Place(entries=(1.4142,))
    """
    entries = tuple(value for _, value in branch.at)
    decimals = None if branch.free else rounded(entries, branch.numbers)
    name: Tokens = (branch.at[0][0], "==") if len(entries) == 1 else ()
    return (*name, Place(entries), *(() if decimals is None else ("approx", Place(decimals))))


def rounded(values: Sequence[Expr], numbers: Sequence[Number] = ()) -> tuple[Expr, ...] | None:
    """The values to a few digits; None where they are all rational already or one has no decimal."""
    if all(value.is_Rational for value in values):
        return None
    texts = [decimal_text(value, numbers, SHOWN_DIGITS) for value in values]
    if any(text is None for text in texts):
        return None
    return tuple(value if value.is_Integer else Float(text, SHOWN_DIGITS) for value, text in zip(values, texts, strict=True))


def branch_pieces(branch: Branch) -> Pieces:
    """A point or family within a sentence, with what its letters mean."""
    pieces: Pieces = (Math(place_tokens(branch)),)
    if branch.free:
        pieces += (" with ", *listed([(Math((symbol,)), f" {_KINDS.get(kind, kind)}") for symbol, kind in branch.free]))
    if branch.where:
        pieces += (" and " if branch.free else " with ", Math((Bounds(branch.where),)))
    return pieces


def number_pieces(number: Number) -> Pieces:
    """What determines an auxiliary number: `r is the real root of r^5 - r + 1 = 0 between -2 and -1`."""
    low, high = number.interval
    kind = "the zero" if number.index is None else "the real root"
    between: Pieces = (" between ", Math((low,)), " and ", Math((high,))) if low != high else ()
    return (Math((number.symbol,)), f" is {kind} of ", Math((number.equation, "==", S.Zero)), *between)


def listed(parts: Sequence[Pieces], word: str = "and") -> Pieces:
    """`a`, `a and b`, `a, b and c`."""
    pieces: Pieces = ()
    for place, part in enumerate(parts):
        joint = "" if place == 0 else f" {word} " if place == len(parts) - 1 else ", "
        pieces += (joint, *part) if joint else part
    return pieces
