"""How wide a LaTeX formula will be, in em: an estimate on the wide side, to choose where lines break."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PENALTY: Final = re.compile(r"\\penalty\d+ ")
_TOKEN: Final = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&]|[^\\{}^_&]")
_SCRIPT: Final = 0.72
_WORD_LETTER: Final = 0.52

_COMMANDS: Final[Mapping[str, float]] = {
    **dict.fromkeys((r"\left", r"\right", r"\displaystyle", r"\textstyle"), 0.0),
    **dict.fromkeys((r"\bigl", r"\bigr", r"\big"), 0.1),
    **dict.fromkeys((r"\le", r"\ge", r"\neq", r"\approx", r"\in", r"\to", r"\iff", r"\mid"), 1.4),
    **dict.fromkeys((r"\cdot", r"\pm", r"\times"), 0.8),
    **dict.fromkeys((r"\nabla", r"\infty", r"\theta", r"\lambda"), 0.95),
    **dict.fromkeys((r"\quad",), 1.0),
    **dict.fromkeys((r"\qquad",), 2.0),
    **dict.fromkeys((r"\,", r"\;", r"\!", r"\ "), 0.3),
}
_CHARACTERS: Final[Mapping[str, float]] = {
    " ": 0.0,
    "+": 1.25,
    "-": 1.25,
    "=": 1.4,
    "<": 1.4,
    ">": 1.4,
    ",": 0.47,
    ".": 0.3,
    "(": 0.42,
    ")": 0.42,
    "/": 0.5,
    "|": 0.35,
    "m": 0.95,
    "w": 0.8,
    "M": 1.1,
    "W": 1.1,
}


def width(formula: str) -> float:
    """The width of a formula in em of the surrounding font.

    >>> 3.5 < width("2 (p - 1) x") < 5
    True
    """
    total, _ = _read(_TOKEN.findall(_PENALTY.sub("", formula)), 0, None)
    return total


def _read(tokens: list[str], place: int, end: str | None) -> tuple[float, int]:
    """The width of the tokens up to `end`, and the place behind it."""
    total = 0.0
    while place < len(tokens):
        token = tokens[place]
        if token == end:
            return total, place + 1
        size, place = _item(tokens, place)
        total += size
    return total, place


def _argument(tokens: list[str], place: int) -> tuple[float, int]:
    while place < len(tokens) and tokens[place] == " ":
        place += 1
    if place >= len(tokens):
        return 0.0, place
    return _read(tokens, place + 1, "}") if tokens[place] == "{" else _item(tokens, place)


def _word(tokens: list[str], place: int) -> tuple[str, int]:
    """The letters of a `{word}` and the place behind it."""
    if place >= len(tokens) or tokens[place] != "{":
        return "", place
    end = tokens.index("}", place)
    return "".join(tokens[place + 1 : end]), end + 1


def _item(tokens: list[str], place: int) -> tuple[float, int]:
    token, place = tokens[place], place + 1
    if token == "{":
        return _read(tokens, place, "}")
    if token in ("^", "_"):
        size, place = _argument(tokens, place)
        return _SCRIPT * size + 0.05, place
    if token == r"\frac":
        above, place = _argument(tokens, place)
        below, place = _argument(tokens, place)
        return max(above, below) + 0.3, place
    if token == r"\sqrt":
        inside, place = _argument(tokens, place)
        return inside + 0.95, place
    if token in (r"\text", r"\operatorname", r"\mathrm", r"\mathbb"):
        word, place = _word(tokens, place)
        return _WORD_LETTER * len(word) + 0.3, place
    if token == r"\begin":
        return _environment(tokens, place)
    if token.startswith("\\"):
        letters = len(token) - 1
        return _COMMANDS.get(token, 0.6 if letters > 3 else _WORD_LETTER * letters + 0.2), place
    return _CHARACTERS.get(token, 0.8 if token.isupper() else 0.57 if token.isalpha() else 0.5), place


def _environment(tokens: list[str], place: int) -> tuple[float, int]:
    """A matrix: the sum of its widest entries."""
    _, place = _word(tokens, place)
    columns: list[float] = [0.0]
    column, entry = 0, 0.0
    while place < len(tokens) and tokens[place] != r"\end":
        if tokens[place] in ("&", r"\\"):
            columns[column] = max(columns[column], entry)
            column, entry = (column + 1 if tokens[place] == "&" else 0), 0.0
            columns += [0.0] * (column >= len(columns))
            place += 1
        else:
            size, place = _item(tokens, place)
            entry += size
    columns[column] = max(columns[column], entry)
    _, place = _word(tokens, place + 1)
    return sum(columns) + len(columns) + 1.0, place
