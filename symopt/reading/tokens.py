"""Characters -> tokens: the alphabet of what a user types, and errors that point at a column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from symopt.errors import InputError

MAX_CHARACTERS: Final = 100_000
MAX_TOKENS: Final = 60_000

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number> (?:[0-9]+\.?[0-9]*|\.[0-9]+) (?:[eE][+-]?[0-9]+)? )
      | (?P<name>   [A-Za-zΑ-Ωα-ω][A-Za-zΑ-Ωα-ω0-9_]* )
      | (?P<sign>   \*\* | <= | >= | == | != | [-+*/^(),|<>=&−·⋅×≤≥≠] )
    )""",
    re.VERBOSE,
)
_SAME_SIGN: Final = {"**": "^", "−": "-", "·": "*", "⋅": "*", "×": "*", "≤": "<=", "≥": ">=", "≠": "!="}
_HINTS: Final = {
    ".": "a dot is read only inside a number",
    "_": "a name begins with a letter",
    "[": "lists and indexing are not read; use round brackets",
    "{": "braces are not read; use round brackets",
    "\\": "LaTeX is not read; write exp(x) for \\exp(x), and x/2 for \\frac{x}{2}",
    "!": "factorials are not read; n! is gamma(n + 1)",
    "÷": "write /",
    "√": "write sqrt(x)",
    "∞": "infinity is not a real number",
    "$": "LaTeX is not read",
    '"': "strings are not read",
    "'": "strings and primes are not read",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name or a sign in the text; the last token has kind `end` and no text."""

    kind: str
    text: str
    column: int


def error_at(message: str, text: str, column: int) -> InputError:
    """An InputError whose message ends with the place, counted from 1 as editors do."""
    return InputError(f"{message} (at column {column + 1})", text=text, column=column)


def point_at(error: InputError, width: int = 76) -> str:
    """The text near an error and a caret below the place, in two lines; empty when the place is not known.

    >>> print(point_at(InputError("write 2*x", text="1 + 2x", column=5)))
    1 + 2x
         ^
    """
    if error.text is None or error.column is None:
        return ""
    start = max(0, error.column - width // 2)
    window = error.text[start : start + width]
    printable = "".join(c if c.isprintable() else " " for c in window)
    return f"{printable}\n{' ' * (error.column - start)}^"


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a text, after the gates on its length and on their number."""
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"the text has {len(text)} characters, more than the {MAX_CHARACTERS} that symopt reads"
        )
    tokens: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unreadable(text, place)
        kind = str(match.lastgroup)
        sign = match[kind]
        tokens.append(Token(kind, _SAME_SIGN.get(sign, sign), match.start(kind)))
        if len(tokens) > MAX_TOKENS:
            raise error_at(f"the text has more than {MAX_TOKENS} numbers, names and signs", text, place)
        place = match.end()
    return (*tokens, Token("end", "", end))


def _unreadable(text: str, place: int) -> InputError:
    while text[place].isspace():
        place += 1
    character = text[place]
    name = unicodedata.name(character, "unnamed character").lower()
    if name.startswith("superscript") and unicodedata.digit(character, None) is not None:
        hint = f"write ^{unicodedata.digit(character)}"
    else:
        hint = _HINTS.get(character, "names are made of Latin or Greek letters, digits and _")
    shown = repr(character) if character.isprintable() and character.isascii() else f"{character!r} ({name})"
    return error_at(f"the character {shown} cannot be read: {hint}", text, place)
