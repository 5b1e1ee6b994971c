"""A document as LaTeX that needs amsmath only, with long formulas broken at relations and at plus signs."""

from __future__ import annotations

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
    flat,
    ungrouped,
)
from symopt.writing.mathematics import written
from symopt.writing.notation import Notation
from symopt.writing.styles import PRINTED_LATEX, escaped
from symopt.writing.width import width

LINE: Final = 29.0  # em that fit a line of the standard classes, with a margin for the estimate
INLINE: Final = 19.0  # wider formulas are taken out of the sentence
_INDENT: Final = 2.6  # em that a list takes on the left
_WORD_LETTER: Final = 0.45
_TABLE: Final = 32.0  # em that a table may take
STRETCH: Final = "1.4"  # rows of a table keep their fractions apart

# Short lines with formulas in them; fractions apart from the lines above and below; formulas whole, but displays longer
# than a page; no break between words such as "In short:" and the list or table that they announce.
LAYOUT: Final = r"""\setlength{\emergencystretch}{5em}%
\setlength{\lineskiplimit}{2pt}\setlength{\lineskip}{3pt}%
\relpenalty=9000 \binoppenalty=9500 \interdisplaylinepenalty=9000 \csname @beginparpenalty\endcsname=10000\relax
"""
PREAMBLE: Final = (
    r"""\documentclass[11pt]{article}
\usepackage[a4paper, margin=30mm]{geometry}
\usepackage{amsmath}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\begin{document}
"""
    + LAYOUT
)
CLOSING: Final = "\\end{document}\n"
OPENING: Final = "\\begingroup" + LAYOUT
ENDING: Final = "\\par\\endgroup\n"


def latex(document: Document, *, standalone: bool = False) -> str:
    """The document as a fragment for one's own document, or as a complete one."""
    body = _blocks(document.blocks, document.notation, LINE) + "\n"
    return PREAMBLE + body + CLOSING if standalone else OPENING + body + ENDING


def pieces_latex(pieces: Pieces, notation: Notation) -> str:
    """A sentence without displays."""
    return "".join(_piece(piece, notation) for piece in pieces)


def _piece(piece: Piece, notation: Notation) -> str:
    if isinstance(piece, Math):
        return f"${written(piece.tokens, PRINTED_LATEX, notation)}$"
    if isinstance(piece, Strong):
        return rf"\textbf{{{pieces_latex(piece.pieces, notation)}}}"
    return escaped(piece)


def _blocks(blocks: Sequence[Block], notation: Notation, line: float) -> str:
    text = ""
    blocks = ungrouped(blocks)
    for place, block in enumerate(blocks):
        continues = isinstance(block, Display) and isinstance(blocks[place - 1], Paragraph)
        text += ("" if place == 0 else "\n" if continues else "\n\n") + _block(block, notation, line)
    return text


def _block(block: Block, notation: Notation, line: float) -> str:
    walker = _WALKERS.get(type(block))
    return walker(block, notation, line) if walker else escaped(block)


def _heading(block: Heading, notation: Notation, line: float) -> str:
    command = r"\section*" if block.level == 1 else r"\subsection*" if block.level == 2 else r"\paragraph*"
    return f"{command}{{{escaped(block.text)}}}"


def _paragraph(block: Paragraph, notation: Notation, line: float) -> str:
    """The sentence; a formula too wide for it becomes a display, with the comma or full stop behind it.

    One that begins the sentence has a line of its own to stand on.
    """
    text = f"({escaped(block.label)})~" if block.label else ""
    pieces = list(block.pieces)
    while pieces:
        piece = pieces.pop(0)
        if not isinstance(piece, Math):
            text += _piece(piece, notation)
            continue
        formula = written(piece.tokens, PRINTED_LATEX, notation)
        if width(formula) <= (INLINE if text else line):
            text += f"${formula}$"
            continue
        end = ""
        following = pieces[0] if pieces else ""
        if isinstance(following, str) and following:
            end = following[0] if following[0] in ",.;:" else ""
            rest = following[len(end) :].lstrip()
            pieces[:1] = [rest] if rest else []
        text = f"{text.rstrip()}\n{_display(Display((piece.tokens,), end), notation, line)}\n"
    return text.strip()


def _display(block: Display, notation: Notation, line: float) -> str:
    found = [row for tokens in block.lines for row in rows(tokens, notation, line)]
    if len(found) == 1:
        return f"\\[\n  {' '.join(part for part in found[0] if part)}{block.end}\n\\]"
    body = " \\\\\n".join(f"  {row.left} &{row.right}".replace("   &", "  &") for row in found)
    return f"\\begin{{align*}}\n{body}{block.end}\n\\end{{align*}}"


def _items(block: Items, notation: Notation, line: float) -> str:
    name = "enumerate" if block.numbered else "itemize"
    items = [f"\\item {_blocks(item, notation, line - _INDENT)}" for item in block.items]
    whole = r"\csname @itempenalty\endcsname=10000\relax" if block.numbered else ""
    return (
        f"\\begin{{{name}}}\\setlength{{\\itemsep}}{{0pt}}{whole}\n" + "\n".join(items) + f"\n\\end{{{name}}}"
    )


def _table(block: Table, notation: Notation, line: float) -> str:
    """A centred table, or a list when the table would be too wide."""
    lines = (block.header, *block.rows)
    columns = [max(_cell_width(row[place], notation) for row in lines) for place in range(len(block.header))]
    if sum(columns) + 1.0 * len(columns) > min(_TABLE, line + 3.0):
        sentences = (_joined(row, block.header) for row in _filled(block.rows))
        return _items(Items(tuple((Paragraph(sentence),) for sentence in sentences)), notation, line)
    cells = [" & ".join(pieces_latex(cell, notation) for cell in row) for row in lines]
    body = (
        " \\\\\n  ".join([rf"{cells[0]} \\ \hline" + "\n  " + cells[1], *cells[2:]])
        if block.rows
        else cells[0]
    )
    tabular = f"\\begin{{tabular}}{{{'l' * len(columns)}}}\n  {body}\n\\end{{tabular}}"
    return f"\\begin{{center}}\\renewcommand{{\\arraystretch}}{{{STRETCH}}}\n{tabular}\n\\end{{center}}"


def _filled(rows: Sequence[tuple[Pieces, ...]]) -> list[tuple[Pieces, ...]]:
    """The rows with an empty first cell, which stands for the one above, filled in."""
    filled: list[tuple[Pieces, ...]] = []
    for row in rows:
        filled.append(row if row[0] or not filled else (filled[-1][0], *row[1:]))
    return filled


def _joined(row: Sequence[Pieces], header: Sequence[Pieces]) -> Pieces:
    """A row as a sentence: the first cell, a colon, the others; a lone value with the name of its column."""
    sentence: Pieces = row[0]
    for place, cell in enumerate(row[1:], 1):
        if cell:
            lone = place > 1 and len(cell) == 1 and isinstance(cell[0], Math) and len(cell[0].tokens) == 1
            named = (*header[place], " ", *cell) if lone else cell
            sentence += (": " if place == 1 else "; ", *named)
    return (*sentence, ".")


def _cell_width(cell: Pieces, notation: Notation) -> float:
    return sum(
        width(written(piece.tokens, PRINTED_LATEX, notation))
        if isinstance(piece, Math)
        else _WORD_LETTER * len(piece)
        for piece in flat(cell)
    )


def _verbatim(block: Verbatim, notation: Notation, line: float) -> str:
    lines = [escaped(part) for text in block.lines for part in _folded(text, int(line / 0.56))]
    body = " \\\\\n".join(rf"\texttt{{{part}}}" for part in lines)
    return "\\begin{flushleft}\n" + body + "\n\\end{flushleft}"


def _folded(text: str, letters: int) -> list[str]:
    return [text[start : start + letters] for start in range(0, len(text), letters)] or [""]


_WALKERS: Final[Mapping[type, Callable[[Any, Notation, float], str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Display: _display,
    Items: _items,
    Table: _table,
    Verbatim: _verbatim,
}
