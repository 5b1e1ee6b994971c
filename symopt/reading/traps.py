"""Typing traps: names that may have been meant as a product or as a function, told in notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from symopt.reading.vocabulary import ARGUMENTS

LONGEST: Final = 3  # letters of a name that may be a product
WORDS: Final = frozenset({"mu", "nu", "xi", "pi", "eta", "chi", "phi", "psi", "rho", "tau"})


def traps(used: Iterable[str], declared: Collection[str] = ()) -> tuple[str, ...]:
    """A note for each name met that is made of letters some of which are names, or of a function and a name.

    Names that are declared are meant as they stand.

    >>> traps(["x", "xy"])
    ('read xy as one name; for a product write x*y',)
    >>> traps(["sinx", "theta"])
    ('read sinx as one name; for the function write sin(x)',)
    """
    met = tuple(used)
    known = {*met, *declared}
    letters = {name for name in known if len(name) == 1}
    notes = []
    for name in met:
        if name in declared:
            continue
        function = _function_in(name, known)
        if function:
            notes.append(
                f"read {name} as one name; for the function write {function}({name[len(function) :]})"
            )
        elif 1 < len(name) <= LONGEST and name.isalpha() and name not in WORDS and letters & set(name):
            notes.append(f"read {name} as one name; for a product write {'*'.join(name)}")
    return tuple(notes)


def _function_in(name: str, known: Collection[str]) -> str:
    """The longest function that the name begins with, when a name or one letter follows it."""
    functions = (f for f in ARGUMENTS if len(f) > 1 and name.startswith(f) and len(name) > len(f))
    fitting = [
        f for f in functions if name[len(f) :] in known or (len(name) == len(f) + 1 and name[-1].isalpha())
    ]
    return max(fitting, key=len, default="")
