"""A document as plain text for a terminal of 80 columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from symopt.writing.document import (
    Block,
    Display,
    Document,
    Heading,
    Items,
    Math,
    Paragraph,
    Pieces,
    Table,
    Verbatim,
    flat,
)
from symopt.writing.formulas import Writer
from symopt.writing.mathematics import SIGNS, Grid, Token, Tokens, written, written_token
from symopt.writing.notation import Notation
from symopt.writing.styles import TEXT

COLUMNS: Final = 79
_FIXED_SPACE: Final = "\u00a0"
_WIDEST_HEAD: Final = 24

Box = list[str]


def text(document: Document) -> str:
    """The document as text, ending in a newline."""
    return _blocks(document.blocks, document.notation, COLUMNS) + "\n"


def pieces_text(pieces: Pieces, notation: Notation) -> str:
    """A sentence on one line."""
    return "".join(
        written(piece.tokens, TEXT, notation) if isinstance(piece, Math) else piece for piece in flat(pieces)
    )


def _blocks(blocks: Sequence[Block], notation: Notation, columns: int) -> str:
    return "\n\n".join(_block(block, notation, columns) for block in blocks)


def _block(block: Block, notation: Notation, columns: int) -> str:
    walker = _WALKERS.get(type(block))
    return walker(block, notation, columns) if walker else str(block)


def _heading(block: Heading, notation: Notation, columns: int) -> str:
    return f"{block.text}\n{('=' if block.level == 1 else '-') * len(block.text)}"


def _paragraph(block: Paragraph, notation: Notation, columns: int) -> str:
    label = f"({block.label}) " if block.label else ""
    return _wrapped(label, block.pieces, notation, columns)


def _wrapped(lead: str, pieces: Pieces, notation: Notation, columns: int) -> str:
    """The sentence in lines, with short formulas kept whole and later lines hung under the first."""
    flowing = ""
    for piece in flat(pieces):
        part = written(piece.tokens, TEXT, notation) if isinstance(piece, Math) else piece
        if isinstance(piece, Math):
            part = part.replace(" ", _FIXED_SPACE) if len(part) < columns // 2 else _signs_first(part)
        flowing += part
    lines = textwrap.wrap(
        flowing,
        columns,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_FIXED_SPACE, " ")


def _display(block: Display, notation: Notation, columns: int) -> str:
    heads = [_split(line) for line in block.lines]
    lefts = [written(head, TEXT, notation) for head, _ in heads]
    reach = max((len(left) for left in lefts if len(left) <= _WIDEST_HEAD), default=0)
    lines: Box = []
    for left, (head, tail) in zip(lefts, heads, strict=True):
        if any(isinstance(token, Grid) and len(token.rows) > 1 for token in (*head, *tail)):
            box = _beside([_box(token, notation) for token in (*head, *tail)])
            lines += [" " * (2 + max(0, reach - len(left))) + line for line in box]
        elif len(left) > _WIDEST_HEAD:
            whole = f"{left} {written(tail, TEXT, notation)}"
            if len(whole) < columns - 2:
                lines.append(f"  {whole}")
            else:
                lines += _broken("  ", left, columns)
                lines += _broken("    ", written(tail, TEXT, notation), columns)
        else:
            lines += _broken(f"  {left.rjust(reach)} ", written(tail, TEXT, notation), columns)
    return "\n".join(line.rstrip() for line in lines)


def _split(line: Tokens) -> tuple[Tokens, Tokens]:
    """The formula before its first sign, and from the sign on."""
    for place, token in enumerate(line):
        if isinstance(token, str) and token in SIGNS:
            return line[:place], line[place:]
    return line, ()


def _signs_first(formula: str) -> str:
    """Signs tied to what follows them, so that a line never ends in one."""
    return re.sub(r" ([-+=<>≤≥≠→≈]) ", rf" \1{_FIXED_SPACE}", formula)


def _broken(lead: str, formula: str, columns: int) -> Box:
    """A formula in lines that break before its signs."""
    flowing = _signs_first(formula)
    lines = textwrap.wrap(
        flowing,
        columns,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_FIXED_SPACE, " ") for line in lines]


def _box(token: Token, notation: Notation) -> Box:
    if isinstance(token, Grid) and len(token.rows) > 1:
        return matrix_box([[Writer(TEXT, notation).expression(entry) for entry in row] for row in token.rows])
    return [written_token(token, TEXT, notation)]


def matrix_box(rows: Sequence[Sequence[str]]) -> Box:
    """A matrix over several lines, with its entries centred in their columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(entry.center(width) for entry, width in zip(row, widths, strict=True)) for row in rows]
    return [f"[ {line} ]" for line in lines]


def _beside(boxes: Sequence[Box]) -> Box:
    """Boxes side by side, centred vertically."""
    height = max(map(len, boxes))
    columns = []
    for box in boxes:
        above = (height - len(box)) // 2
        wide = max(map(len, box))
        columns.append(
            [" " * wide] * above
            + [line.ljust(wide) for line in box]
            + [" " * wide] * (height - len(box) - above)
        )
    return [" ".join(parts) for parts in zip(*columns, strict=True)]


def _items(block: Items, notation: Notation, columns: int) -> str:
    parts = []
    for number, item in enumerate(block.items, start=1):
        mark = f"{number}. " if block.numbered else "- "
        body = _blocks(item, notation, columns - len(mark) - 2)
        parts.append(
            textwrap.indent(body, " " * (len(mark) + 2)).replace(" " * (len(mark) + 2), f"  {mark}", 1)
        )
    return "\n".join(parts)


def _table(block: Table, notation: Notation, columns: int) -> str:
    cells = [[pieces_text(cell, notation) for cell in row] for row in (block.header, *block.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    last = max(20, columns - 2 - sum(widths[:-1]) - 3 * (len(widths) - 1))
    lines = []
    for place, row in enumerate(cells):
        start = "  " + "   ".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False))
        start += "   " * (len(row) > 1)
        lines += textwrap.wrap(
            row[-1],
            len(start) + last,
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [start]
        if place == 0:
            lines.append("  " + "   ".join("-" * width for width in (*widths[:-1], min(widths[-1], last))))
    return "\n".join(line.rstrip() for line in lines)


def _verbatim(block: Verbatim, notation: Notation, columns: int) -> str:
    lines = [
        part
        for line in block.lines
        for part in textwrap.wrap(line, columns - 2, subsequent_indent="    ") or [""]
    ]
    return "\n".join("  " + line for line in lines)


_WALKERS: Final[Mapping[type, Callable[[Any, Notation, int], str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Display: _display,
    Items: _items,
    Table: _table,
    Verbatim: _verbatim,
}
