"""Numbers as people give them to a method, such as 0.1 or the text "1/10", and as messages show them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final, TypeAlias

from symopt.errors import InputError
from symopt.numeric.objective import Array

_POWERS_OF_TEN: Final = frozenset(10**k for k in range(2, 7))
Number: TypeAlias = float | Fraction | str


def read_number(value: Number, what: str) -> float | Fraction:
    """The number itself; text is read exactly.

    >>> read_number("1/10", "the step size")
    Fraction(1, 10)
    >>> read_number(0.5, "the step size")
    0.5
    """
    try:
        number = Fraction(value.strip()) if isinstance(value, str) else value
        finite = math.isfinite(float(number))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise InputError(f'{what} is {value!r}; write a number, such as 0.1, or the text "1/10"') from None
    if not finite or isinstance(number, bool):
        raise InputError(f"{what} is {value!r}; it must be a finite number")
    return number if isinstance(number, Fraction) else float(number)


def read_positive(value: Number, what: str) -> float | Fraction:
    """A number > 0."""
    number = read_number(value, what)
    if number <= 0:
        raise InputError(f"{what} is {number}; it must be positive")
    return number


def read_tolerance(value: Number, what: str) -> float:
    """A number >= 0."""
    number = read_number(value, what)
    if number < 0:
        raise InputError(f"{what} is {show_number(number)}; it must not be negative")
    return float(number)


def read_between(value: Number, low: int, high: int, what: str) -> float | Fraction:
    """A number in [low, high]."""
    number = read_number(value, what)
    if not low <= number <= high:
        raise InputError(f"{what} is {number}; it must lie between {low} and {high}")
    return number


def read_count(value: int, what: str) -> int:
    """An integer >= 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{what} is {value!r}; it must be an integer, 0 or more")
    return value


def show_number(value: Number) -> str:
    """Exact numbers as they are, floats to six significant digits: 1/10, 3, 0.1, 1.5e-09; 0.039 for 39/1000."""
    if isinstance(value, Fraction) and value.numerator != 1 and value.denominator in _POWERS_OF_TEN:
        return f"{float(value):.6g}" if Fraction(f"{float(value):.6g}") == value else str(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def count(number: int, noun: str = "iteration") -> str:
    """`1 iteration`, `2 iterations`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def show_point(variables: tuple[str, ...], x: Array) -> str:
    """`x = 1, y = -2`; of long points the first four entries."""
    entries = [f"{name} = {show_number(float(value))}" for name, value in zip(variables, x, strict=True)]
    return ", ".join(entries if len(entries) <= 4 else [*entries[:4], "..."])
