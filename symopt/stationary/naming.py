"""The letters of auxiliary numbers, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import count
from typing import Any, Final, cast

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch, Cover, Step

LETTERS: Final = tuple("rqzw")


def with_letters_in_order(cover: Step, branches: Sequence[Branch], used: set[str]) -> Step:
    """The cover with r, q, z, w, or r1, r2, .. where they are more, for its numbers as these branches hold them.

    A solver names numbers as it finds them. `used` are the names of what is no such number.
    """
    met = tuple(dict.fromkeys(n.symbol for branch in branches for n in branch.numbers))
    claims = (step.claim for step in cover.walk() if isinstance(step.claim, Cover))
    every = tuple(dict.fromkeys((*met, *(n.symbol for c in claims for b in c.branches for n in b.numbers))))
    numbered = (f"{LETTERS[0]}{k}" for k in count(1))
    names = (name for name in (*LETTERS, *(next(numbered) for _ in every)) if name not in used)
    if len(met) > len(LETTERS):
        names = (name for k in count(1) if (name := f"{LETTERS[0]}{k}") not in used)
    table = {symbol: Symbol(name, real=True) for symbol, name in zip(every, names, strict=False)}
    if all(symbol == other for symbol, other in table.items()):
        return cover
    return cast(Step, _renamed(cover, table, {}))


def _renamed(value: Any, table: Mapping[Symbol, Symbol], known: dict[int, Any]) -> Any:
    """Frozen data with symbols replaced everywhere; steps that are shared stay so."""
    if isinstance(value, Expr):
        return value.xreplace(table)
    if isinstance(value, tuple):
        return tuple(_renamed(entry, table, known) for entry in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if id(value) not in known:
        parts = {f.name: _renamed(getattr(value, f.name), table, known) for f in fields(value) if f.init}
        known[id(value)] = type(value)(**parts)
    return known[id(value)]
