"""Whether a text is in the grammar at all, asked without SymPy: the same parser, building nothing but sizes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import final

from symopt.reading.parsing import MAX_BITS, MAX_DEPTH, MAX_SIZE, Condition, Parser
from symopt.reading.tokens import error_at


def check_grammar(text: str, names: Collection[str] = (), *, relation: bool = False) -> None:
    """InputError, with the column, for a text that is no expression (or no relation) or is too deep or too long.

    >>> check_grammar("x^2 + sin(x)")
    >>> check_grammar("2x")
    Traceback (most recent call last):
    symopt.errors.InputError: a product needs its sign: write 2*x (at column 2)
    """
    parser = Parser(text, _Sizes(text), names)
    if relation:
        parser.whole_condition()
    else:
        parser.whole_expression()


@dataclass(frozen=True, slots=True)
class _Size:
    """How deep and how long a part is; a fraction of numbers is a number, and of whole numbers the value is known."""

    depth: int = 1
    length: int = 1
    is_number: bool = False
    value: int | None = None


@final
class _Sizes:
    def __init__(self, text: str) -> None:
        self._text = text

    def number(self, text: str, column: int) -> _Size:
        return _Size(is_number=True, value=int(text) if text.isdecimal() else None)

    def symbol(self, name: str, column: int) -> _Size:
        return _Size()

    def constant(self, name: str, column: int) -> _Size:
        return _Size()

    def negative(self, part: _Size, column: int) -> _Size:
        return replace(part, value=None)

    def add(self, terms: Sequence[_Size], column: int) -> _Size:
        return terms[0] if len(terms) == 1 else self._joined(terms, column)

    def multiply(self, factors: Sequence[tuple[_Size, bool]], column: int) -> _Size:
        parts = [factor for factor, _ in factors]
        return _Size(is_number=True) if all(part.is_number for part in parts) else self._joined(parts, column)

    def power(self, base: _Size, exponent: _Size, column: int) -> _Size:
        size = self._joined([base, exponent], column)
        if base.value is None or exponent.value is None:
            return size
        if base.value > 1 and exponent.value * int(log2(base.value) + 1) > MAX_BITS:
            raise error_at("this power is a number with too many digits", self._text, column)
        return replace(size, value=base.value**exponent.value)

    def absolute(self, part: _Size, column: int) -> _Size:
        return self._joined([part], column)

    def call(self, name: str, arguments: Sequence[_Size], column: int) -> _Size:
        return self._joined(arguments, column)

    def piecewise(self, branches: Sequence[tuple[_Size, Condition[_Size]]], column: int) -> _Size:
        return self._joined([part for part, _ in branches], column)

    def bracketed(self, part: _Size, column: int) -> _Size:
        return part

    def _joined(self, parts: Sequence[_Size], column: int) -> _Size:
        size = _Size(1 + max(part.depth for part in parts), 1 + sum(part.length for part in parts))
        if size.depth > MAX_DEPTH:
            raise error_at(f"operations are nested more than {MAX_DEPTH} deep", self._text, column)
        if size.length > MAX_SIZE:
            raise error_at("the expression is too long", self._text, column)
        return size
