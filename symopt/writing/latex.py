"""A document as LaTeX that needs amsmath only, with long formulas broken at relations and at plus signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sympy import Expr

from symopt.writing.document import Block, Display, Document, Heading, Items, Math, Paragraph, Pieces, Table, Verbatim
from symopt.writing.formulas import Writer, chunks
from symopt.writing.mathematics import SIGNS, Token, Tokens, Typed, written, written_token
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX, escaped
from symopt.writing.width import width

LINE: Final = 29.0  # em that fit a line of the standard classes, with a margin for the estimate
INLINE: Final = 14.0  # wider formulas are taken out of the sentence
_INDENT: Final = 2.6  # em that a list takes on the left
_WORD_LETTER: Final = 0.5

PREAMBLE: Final = r"""\documentclass[11pt]{article}
\usepackage[a4paper, margin=30mm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{3em}
\begin{document}
"""
CLOSING: Final = "\\end{document}\n"


def latex(document: Document, *, standalone: bool = False) -> str:
    """The document as a fragment for one's own document, or as a complete one."""
    body = _blocks(document.blocks, document.notation, LINE) + "\n"
    return PREAMBLE + body + CLOSING if standalone else body


def pieces_latex(pieces: Pieces, notation: Notation) -> str:
    """A sentence without displays."""
    return "".join(
        f"${written(piece.tokens, LATEX, notation)}$" if isinstance(piece, Math) else escaped(piece)
        for piece in pieces
    )


def _blocks(blocks: Sequence[Block], notation: Notation, line: float) -> str:
    return "\n\n".join(_block(block, notation, line) for block in blocks)


def _block(block: Block, notation: Notation, line: float) -> str:
    walker = _WALKERS.get(type(block))
    return walker(block, notation, line) if walker else escaped(block)


def _heading(block: Heading, notation: Notation, line: float) -> str:
    command = r"\section*" if block.level == 1 else r"\subsection*" if block.level == 2 else r"\paragraph*"
    return f"{command}{{{escaped(block.text)}}}"


def _paragraph(block: Paragraph, notation: Notation, line: float) -> str:
    """The sentence; a formula too wide for it becomes a display of its own."""
    text = f"({escaped(block.label)})~" if block.label else ""
    for piece in block.pieces:
        if not isinstance(piece, Math):
            text += escaped(piece)
            continue
        formula = written(piece.tokens, LATEX, notation)
        if width(formula) <= INLINE:
            text += f"${formula}$"
        else:
            text = text.rstrip() + "\n" + _display(Display((piece.tokens,)), notation, line) + "\n"
    return text.strip()


def _display(block: Display, notation: Notation, line: float) -> str:
    rows = [row for tokens in block.lines for row in _rows(tokens, notation, line)]
    if len(rows) == 1:
        return "\\[\n  " + rows[0].replace("&", "", 1).strip() + "\n\\]" if "&" not in rows[0].replace(
            "&", "", 1
        ) or r"\begin{bmatrix}" in rows[0] else _aligned(rows)
    return _aligned(rows)


def _aligned(rows: Sequence[str]) -> str:
    return "\\begin{align*}\n" + " \\\\\n".join(f"  {row}" for row in rows) + "\n\\end{align*}"


def _rows(tokens: Tokens, notation: Notation, line: float) -> list[str]:
    """One formula as the rows of an alignment: broken at its signs, then between the terms of a sum."""
    head, *rest = _segments(tokens)
    left = written(head, LATEX, notation)
    if not rest:
        return _packed("&", _pieces(head, notation, line), line, "&\\quad ")
    room = line - width(left)
    rows: list[str] = []
    if room < line / 2:
        rows = _packed("&", _pieces(head, notation, line), line, "&\\quad ")
        lead, room, left = "&\\quad ", line - 1.0, ""
    else:
        lead = f"{left} &"
    for segment in rest:
        sign = written_token(segment[0], LATEX, notation)
        pieces = _pieces(segment[1:], notation, room - 3.0)
        whole = width(" ".join([sign, *pieces]))
        if rows and left and whole + _used(rows[-1], left) <= line:
            rows[-1] += f" {sign} {' '.join(pieces)}"
            continue
        start = lead if not rows or not left else "&"
        rows += _packed(f"{start}{sign} ", pieces, room, "&\\qquad ")
    return rows


def _used(row: str, left: str) -> float:
    return width(row.replace("&", " ")) + (0.0 if row.startswith(left) else width(left))


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
        found += _token_pieces(token, notation, limit)
    return found


def _token_pieces(token: Token, notation: Notation, limit: float) -> list[str]:
    if isinstance(token, Expr):
        return chunks(Writer(LATEX, notation), token, limit)
    if isinstance(token, Typed):
        return chunks(Writer(LATEX, notation, typed=True), token.expression, limit)
    return [written_token(token, LATEX, notation)]


def _packed(start: str, pieces: Sequence[str], room: float, indent: str) -> list[str]:
    """As many pieces to a row as fit; a row that continues is indented."""
    rows = [start]
    used = 0.0
    for piece in pieces:
        size = width(piece)
        if used and used + size > room - 2.0:
            rows.append(f"{indent}{{}}")
            used = 2.0
        rows[-1] += (" " if rows[-1][-1] not in "& " else "") + piece
        used += size
    return rows


def _items(block: Items, notation: Notation, line: float) -> str:
    name = "enumerate" if block.numbered else "itemize"
    items = [f"\\item {_blocks(item, notation, line - _INDENT)}" for item in block.items]
    return f"\\begin{{{name}}}\n" + "\n".join(items) + f"\n\\end{{{name}}}"


def _table(block: Table, notation: Notation, line: float) -> str:
    """A centred table, or a list when the table would be too wide."""
    rows = (block.header, *block.rows)
    columns = [max(_cell_width(row[place], notation) for row in rows) for place in range(len(block.header))]
    if sum(columns) + 1.3 * len(columns) > line:
        return _items(Items(tuple((Paragraph(_joined(row)),) for row in block.rows)), notation, line)
    cells = [" & ".join(pieces_latex(cell, notation) for cell in row) for row in rows]
    body = " \\\\\n  ".join([cells[0] + r" \\ \hline" + "\n  " + cells[1], *cells[2:]]) if block.rows else cells[0]
    return f"\\begin{{center}}\n\\begin{{tabular}}{{{'l' * len(columns)}}}\n  {body}\n\\end{{tabular}}\n\\end{{center}}"


def _joined(row: Sequence[Pieces]) -> Pieces:
    """A row as a sentence: the first cell, a colon, the others."""
    sentence: Pieces = row[0]
    for place, cell in enumerate(row[1:]):
        if cell:
            sentence += (": " if place == 0 else "; ", *cell)
    return (*sentence, ".")


def _cell_width(cell: Pieces, notation: Notation) -> float:
    return sum(
        width(written(piece.tokens, LATEX, notation)) if isinstance(piece, Math) else _WORD_LETTER * len(piece)
        for piece in cell
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
