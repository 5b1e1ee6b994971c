"""A document as data: blocks of prose, formulas, lists and tables, which each writer walks in its own way."""

from __future__ import annotations

from dataclasses import dataclass

from symopt.writing.mathematics import Tokens
from symopt.writing.notation import Notation


@dataclass(frozen=True)
class Math:
    """A formula within a sentence."""

    tokens: Tokens


@dataclass(frozen=True)
class Strong:
    """Words and formulas that stand out, such as the name of a case."""

    pieces: tuple[str | Math, ...]


Piece = str | Math | Strong
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Heading:
    """The title of a part; level 1 is the document's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Words with formulas between them; `label` is what later paragraphs refer to."""

    pieces: Pieces
    label: str = ""


@dataclass(frozen=True)
class Display:
    """Formulas on lines of their own, aligned at their first sign; `label` numbers a step."""

    lines: tuple[Tokens, ...]
    end: str = ""


@dataclass(frozen=True)
class Items:
    """A list; each item is a sequence of blocks."""

    items: tuple[tuple[Block, ...], ...]
    numbered: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header."""

    header: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, ...], ...]


@dataclass(frozen=True)
class Verbatim:
    """Data shown as it is, such as a certificate."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Display | Items | Table | Verbatim


@dataclass(frozen=True)
class Document:
    """Blocks with the notation they are written in."""

    blocks: tuple[Block, ...]
    notation: Notation


def flat(pieces: Pieces) -> tuple[str | Math, ...]:
    """The pieces without the marks of what stands out."""
    return tuple(
        part for piece in pieces for part in (piece.pieces if isinstance(piece, Strong) else (piece,))
    )
