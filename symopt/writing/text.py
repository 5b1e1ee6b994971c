"""A document as plain text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sympy import Piecewise

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
    ungrouped,
)
from symopt.writing.formulas import Writer
from symopt.writing.mathematics import (
    SIGNS,
    ByCases,
    Grid,
    Token,
    Tokens,
    Typed,
    case_rows,
    written,
    written_token,
)
from symopt.writing.notation import Notation
from symopt.writing.styles import TEXT

COLUMNS: Final = 79
_FIXED_SPACE: Final = "\u00a0"
_WIDEST_HEAD: Final = 24
_ROOM_FOR_WORDS: Final = 15  # columns that a formula kept on one line leaves to the words beside it
_NARROWEST: Final = 12
_SHORT_END: Final = 8

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
    return "\n\n".join(_block(block, notation, columns) for block in ungrouped(blocks))


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
    lines = textwrap.wrap(
        _flowing(pieces, notation, columns),
        columns,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(_FIXED_SPACE, " ")


def _flowing(pieces: Pieces, notation: Notation, columns: int) -> str:
    """The sentence with its formulas tied together, so that they break, if at all, before a sign."""
    flowing = ""
    for piece in flat(pieces):
        part = written(piece.tokens, TEXT, notation) if isinstance(piece, Math) else piece
        if isinstance(piece, Math):
            whole = len(part) <= columns - _ROOM_FOR_WORDS
            part = part.replace(" ", _FIXED_SPACE) if whole else _signs_first(part, columns)
        flowing += part
    return flowing


def _display(block: Display, notation: Notation, columns: int) -> str:
    heads = [_split(line) for line in block.lines]
    lefts = [written(head, TEXT, notation) for head, _ in heads]
    reach = max((len(left) for left in lefts if len(left) <= _WIDEST_HEAD), default=0)
    lines: Box = []
    for left, (head, tail) in zip(lefts, heads, strict=True):
        if any(_is_tall(token) for token in (*head, *tail)):
            box = _beside([_box(token, notation) for token in (*head, *tail) if token != ";"])
            lines += [" " * (2 + max(0, reach - len(left))) + line for line in box]
        elif len(left) > _WIDEST_HEAD:
            right = written(tail, TEXT, notation)
            tied = f"{left}{_FIXED_SPACE}{right.replace(' ', _FIXED_SPACE)}"  # no line for "= 0" alone
            lines += _broken("  ", tied if len(right) <= _SHORT_END else f"{left} {right}", columns)
        else:
            lines += _broken(f"  {left.rjust(reach)} ", written(tail, TEXT, notation), columns)
    return "\n".join(line.rstrip() for line in lines)


def _split(line: Tokens) -> tuple[Tokens, Tokens]:
    """The formula before its first sign, and from the sign on."""
    for place, token in enumerate(line):
        if isinstance(token, str) and token in SIGNS:
            return line[:place], line[place:]
    return line, ()


def _signs_first(formula: str, columns: int) -> str:
    """Signs tied to what follows them, so that no line ends in one; brackets are broken only where they have to be."""
    outside = _tied(formula, 0)
    deep = max(map(len, outside.split(" "))) > columns
    return _tied(formula, len(formula)) if deep else outside


def _tied(formula: str, deepest: int) -> str:
    """The formula with fixed spaces wherever it must not break: behind signs, and in brackets deeper than `deepest`."""
    tied, depth = "", 0
    for place, letter in enumerate(formula):
        depth += (letter in "([") - (letter in ")]")
        before_sign = formula[place + 1 : place + 2] in _BEFORE and formula[place + 2 : place + 3] == " "
        breaks = depth <= deepest and (before_sign or tied[-1:] == ",")
        tied += _FIXED_SPACE if letter == " " and not breaks else letter
    return tied


def _broken(lead: str, formula: str, columns: int) -> Box:
    """A formula in lines that break before its signs."""
    lines = textwrap.wrap(
        _signs_first(formula, columns - len(lead) - 2),
        columns,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_FIXED_SPACE, " ") for line in lines]


def _is_tall(token: Token) -> bool:
    """Whether the part of a formula takes several lines."""
    token = token.expression if isinstance(token, Typed) else token
    return isinstance(token, (Piecewise, ByCases)) or (isinstance(token, Grid) and len(token.rows) > 1)


def _box(token: Token, notation: Notation) -> Box:
    if isinstance(token, Grid) and len(token.rows) > 1:
        return matrix_box([[Writer(TEXT, notation).expression(entry) for entry in row] for row in token.rows])
    if _is_tall(token):
        rows = case_rows(token, TEXT, notation)
        widest = max(len(value) for value, _ in rows)
        return [f"{value.ljust(widest)}   {f'for {when}' if when else 'otherwise'}" for value, when in rows]
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
    """The rows under a line; columns too wide for the page are folded, the widest first."""
    rows = [[_flowing(cell, notation, columns) for cell in row] for row in (block.header, *block.rows)]
    widths = _narrowed(
        [max(map(len, column)) for column in zip(*rows, strict=True)],
        [max(len(word) for cell in column for word in cell.split(" ")) for column in zip(*rows, strict=True)],
        columns - 2,
    )
    lines = []
    for place, row in enumerate(rows):
        cells = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
        for level in range(max(map(len, cells))):
            parts = (cell[level] if level < len(cell) else "" for cell in cells)
            lines.append("  " + "   ".join(part.ljust(w) for part, w in zip(parts, widths, strict=True)))
        if place == 0:
            lines.append("  " + "   ".join("-" * width for width in widths))
    return "\n".join(line.rstrip().replace(_FIXED_SPACE, " ") for line in lines)


def _narrowed(widths: list[int], least: list[int], columns: int) -> list[int]:
    """The widths of the columns, the widest made narrower until all fit, or hold nothing that can be folded."""
    widths = list(widths)
    while sum(widths) + 3 * (len(widths) - 1) > columns:
        foldable = [i for i, width in enumerate(widths) if width > max(least[i], _NARROWEST)]
        if not foldable:
            break
        widths[max(foldable, key=lambda i: widths[i])] -= 1
    return widths


def _folded(cell: str, width: int) -> Box:
    return textwrap.wrap(cell, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]


def _verbatim(block: Verbatim, notation: Notation, columns: int) -> str:
    lines = [
        part
        for line in block.lines
        for part in textwrap.wrap(line, columns - 2, subsequent_indent="    ") or [""]
    ]
    return "\n".join("  " + line for line in lines)


_BEFORE: Final = tuple("-+=<>≤≥≠→≈")
_WALKERS: Final[Mapping[type, Callable[[Any, Notation, int], str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Display: _display,
    Items: _items,
    Table: _table,
    Verbatim: _verbatim,
}
