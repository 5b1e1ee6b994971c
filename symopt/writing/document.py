"""A document as data: blocks of prose, formulas, lists and tables, which each writer walks in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from symopt.writing.decimals import shortened
from symopt.writing.mathematics import Tokens
from symopt.writing.notation import Notation


@dataclass(frozen=True)
class Math:
    """A formula within a sentence; numbers of very many digits are told by their decimals."""

    tokens: Tokens

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", shortened(self.tokens))


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


@dataclass(frozen=True)
class Group:
    """Blocks that are told together, such as the solution of a system of equations."""

    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Display | Items | Table | Verbatim | Group


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


def ungrouped(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with those of each group in its place."""
    return tuple(
        inner
        for block in blocks
        for inner in (ungrouped(block.blocks) if isinstance(block, Group) else (block,))
    )


def mapped_pieces(pieces: Pieces, change: Callable[[Tokens], Tokens]) -> Pieces:
    """The sentence with every formula in it changed."""
    return tuple(
        Math(change(piece.tokens))
        if isinstance(piece, Math)
        else Strong(tuple(p if isinstance(p, str) else Math(change(p.tokens)) for p in piece.pieces))
        if isinstance(piece, Strong)
        else piece
        for piece in pieces
    )


def mapped_block(block: Block, change: Callable[[Tokens], Tokens]) -> Block:
    """The block with every formula in it changed.

    >>> from sympy import Integer
    >>> mapped_block(Paragraph((Math((Integer(1),)),)), lambda tokens: ()).pieces
    (Math(tokens=()),)
    """
    if isinstance(block, Paragraph):
        return Paragraph(mapped_pieces(block.pieces, change), block.label)
    if isinstance(block, Display):
        return Display(tuple(change(line) for line in block.lines), block.end)
    if isinstance(block, Items):
        items = (tuple(mapped_block(part, change) for part in item) for item in block.items)
        return Items(tuple(items), block.numbered)
    if isinstance(block, Table):
        header, *rows = (
            tuple(mapped_pieces(cell, change) for cell in row) for row in (block.header, *block.rows)
        )
        return Table(header, tuple(rows))
    if isinstance(block, Group):
        return Group(tuple(mapped_block(part, change) for part in block.blocks))
    return block
