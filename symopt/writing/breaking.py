"""Where a displayed formula is broken: first at its signs, then between the terms of a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import Expr

from symopt.writing.arrays import array_terms
from symopt.writing.formulas import Writer, chunks
from symopt.writing.mathematics import (
    SIGNS,
    Arrays,
    Bounds,
    Grid,
    Place,
    Token,
    Tokens,
    Typed,
    typed_writer,
    written,
    written_token,
)
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX
from symopt.writing.syntax import bounds_in_order
from symopt.writing.width import width


class Row(NamedTuple):
    """One line of an alignment: what stands left and right of the alignment point, in LaTeX."""

    left: str
    right: str


def rows(tokens: Tokens, notation: Notation, line: float) -> list[Row]:
    """The formula in rows of at most `line` em."""
    head, *rest = _segments(tokens)
    left = written(head, LATEX, notation)
    if not rest:
        return _packed("", _pieces(head, notation, line), line)
    if width(left) > line / 2:
        found = _packed("", _pieces(head, notation, line), line)
        for sign, *right in rest:
            pieces = _pieces(tuple(right), notation, line - 4.0)
            joined = f"{_sign(sign)} {' '.join(pieces)}"
            if width(found[-1].right) + width(joined) <= line:  # no line for "= 0" alone
                found[-1] = Row("", f"{found[-1].right} {joined}")
            else:
                found += _packed(rf"\quad {_sign(sign)} ", pieces, line - 1.0)
        return found
    room = line - width(left)
    found = []
    for sign, *right in rest:
        whole = len(right) == 1 and isinstance(right[0], Grid)  # nothing follows it on its line
        pieces = _pieces(tuple(right), notation, room - (1.6 if whole else 4.0))
        joined = f"{_sign(sign)} {' '.join(pieces)}"
        if found and width(found[-1].right) + width(joined) <= room:
            found[-1] = Row(found[-1].left, f"{found[-1].right} {joined}")
        else:
            first, *others = _packed(f"{_sign(sign)} ", pieces, room)
            found += [Row("" if found else left, first.right), *others]
    return found


def _sign(token: Token) -> str:
    return written_token(token, LATEX, Notation())


def _segments(tokens: Tokens) -> list[Tokens]:
    """The formula cut before each of its signs."""
    segments: list[Tokens] = [()]
    for token in tokens:
        if isinstance(token, str) and token in SIGNS:
            segments.append((token,))
        else:
            segments[-1] = (*segments[-1], token)
    return segments


def _pieces(tokens: Tokens, notation: Notation, limit: float) -> list[str]:
    """The LaTeX of the tokens in parts between which a line may be broken."""
    found: list[str] = []
    for token in tokens:
        if isinstance(token, Expr):
            found += chunks(Writer(LATEX, notation), token, limit)
        elif isinstance(token, Typed):
            found += chunks(typed_writer(token, LATEX, notation), token.expression, limit)
        else:
            whole = written_token(token, LATEX, notation)
            found += [whole] if width(whole) <= limit else _parts(token, notation, limit)
    return found


def _parts(token: Token, notation: Notation, limit: float) -> list[str]:
    """A point, matrix or list of relations that is too wide for one line: its entries one after another."""
    if isinstance(token, Grid) and len(token.rows[0]) == 1:
        token = Place(tuple(row[0] for row in token.rows))
    if isinstance(token, Place):
        return _row(token.entries, r"\bigl(", r"\bigr)", notation, limit)
    if isinstance(token, Grid):
        lines = [_row(row, r"\bigl(", r"\bigr)", notation, limit) for row in token.rows]
        joined = [
            piece
            for place, line in enumerate(lines)
            for piece in (*line[:-1], line[-1] + "," * (place < len(lines) - 1))
        ]
        return [r"\bigl[" + joined[0], *joined[1:-1], joined[-1] + r"\bigr]"]
    if isinstance(token, Arrays):
        return array_terms(token.expression, LATEX, notation)
    if isinstance(token, Bounds) and len(token.relations) > 1:
        each = [
            written_token(Bounds((relation,)), LATEX, notation)
            for relation in bounds_in_order(token.relations)
        ]
        return [*(f"{text}," for text in each[:-1]), each[-1]]
    return [written_token(token, LATEX, notation)]


def _row(entries: Sequence[Expr], left: str, right: str, notation: Notation, limit: float) -> list[str]:
    found: list[str] = []
    for place, entry in enumerate(entries):
        pieces = chunks(Writer(LATEX, notation), entry, limit - 1.0)
        comma = "," if place < len(entries) - 1 else right
        found += [*pieces[:-1], pieces[-1] + comma]
    return [left + found[0], *found[1:]]


def _packed(start: str, pieces: Sequence[str], room: float) -> list[Row]:
    """As many pieces to a row as fit; a row that continues another is indented."""
    lines = [start]
    used = width(start)
    for piece in pieces:
        size = width(piece)
        if used > width(start) and used + size > room:
            lines.append(r"\qquad {}")
            used = 2.2
        lines[-1] += piece if lines[-1] == start else f" {piece}"
        used += size
    return [Row("", text) for text in lines]
