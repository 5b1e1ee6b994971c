"""A document as Markdown with formulas between dollar signs, as notebooks and GitHub show it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from symopt.writing.breaking import rows
from symopt.writing.document import (
    Block,
    Display,
    Document,
    Heading,
    Items,
    Math,
    Paragraph,
    Piece,
    Pieces,
    Strong,
    Table,
    Verbatim,
    ungrouped,
)
from symopt.writing.latex import LINE
from symopt.writing.mathematics import written
from symopt.writing.notation import Notation
from symopt.writing.styles import INLINE_LATEX

_SPECIAL: Final = re.compile(r"([\\`*_<>$|\[\]])")


def markdown(document: Document) -> str:
    """The document as Markdown, ending in a newline."""
    return _blocks(document.blocks, document.notation) + "\n"


def pieces_markdown(pieces: Pieces, notation: Notation) -> str:
    """A sentence on one line."""
    return "".join(_piece(piece, notation) for piece in pieces)


def _piece(piece: Piece, notation: Notation) -> str:
    if isinstance(piece, Math):
        return f"${written(piece.tokens, INLINE_LATEX, notation)}$"
    if isinstance(piece, Strong):
        return f"**{pieces_markdown(piece.pieces, notation)}**"
    return _SPECIAL.sub(r"\\\1", piece.replace("\u00a0", " "))


def _blocks(blocks: Sequence[Block], notation: Notation) -> str:
    return "\n\n".join(_block(block, notation) for block in ungrouped(blocks))


def _block(block: Block, notation: Notation) -> str:
    walker = _WALKERS.get(type(block))
    return walker(block, notation) if walker else _SPECIAL.sub(r"\\\1", str(block))


def _heading(block: Heading, notation: Notation) -> str:
    return f"{'#' * (block.level + 1)} {block.text}"


def _paragraph(block: Paragraph, notation: Notation) -> str:
    label = f"({block.label}) " if block.label else ""
    return label + pieces_markdown(block.pieces, notation)


def _display(block: Display, notation: Notation) -> str:
    found = [row for tokens in block.lines for row in rows(tokens, notation, 1.5 * LINE)]
    body = " \\\\\n".join(f"{row.left} &{row.right}".strip() for row in found) + block.end
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def _items(block: Items, notation: Notation) -> str:
    parts = []
    for number, item in enumerate(block.items, start=1):
        mark = f"{number}. " if block.numbered else "- "
        body = textwrap.indent(_blocks(item, notation), " " * len(mark))
        parts.append(mark + body[len(mark) :])
    return "\n".join(parts)


def _table(block: Table, notation: Notation) -> str:
    cells = [[pieces_markdown(cell, notation) for cell in row] for row in (block.header, *block.rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(block.header), *lines[1:]])


def _verbatim(block: Verbatim, notation: Notation) -> str:
    return "\n".join(["```text", *block.lines, "```"])


_WALKERS: Final[Mapping[type, Callable[[Any, Notation], str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Display: _display,
    Items: _items,
    Table: _table,
    Verbatim: _verbatim,
}
