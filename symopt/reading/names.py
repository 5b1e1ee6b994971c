"""Lists of names, and which names are free."""

from __future__ import annotations

from symopt.errors import InputError
from symopt.reading.tokens import error_at, tokens_of
from symopt.reading.vocabulary import ARGUMENTS, PLAIN_NAMES, RESERVED


def read_names(text: str) -> tuple[str, ...]:
    """The names in `"x, y"` or `"x y"`.

    >>> read_names("x, y"), read_names("theta_1 lambda")
    (('x', 'y'), ('theta_1', 'lambda'))
    """
    names: list[str] = []
    comma_allowed = False
    for token in tokens_of(text):
        if token.kind == "end" or (token.text == "," and comma_allowed):
            comma_allowed = False
        elif token.kind != "name":
            raise error_at(f"a name is expected and not {token.text!r}", text, token.column)
        elif not is_free_name(token.text):
            raise error_at(f"{token.text} has a meaning of its own and cannot be a name", text, token.column)
        elif token.text in names:
            raise error_at(f"the name {token.text} is given twice", text, token.column)
        else:
            names.append(token.text)
            comma_allowed = True
    return tuple(names)


def is_free_name(name: str) -> bool:
    """Whether a variable or parameter may have this name, and be read back under it."""
    if name in RESERVED or (name in ARGUMENTS and name not in PLAIN_NAMES):
        return False
    try:
        (token, _) = tokens_of(name)
    except (InputError, ValueError):
        return False
    return token.kind == "name" and token.text == name
