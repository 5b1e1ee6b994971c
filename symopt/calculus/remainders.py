"""Functions less the first terms of their Taylor series, by the series that is left where these would cancel.

    exp_rest    e^u - 1 - u             log1p_rest  log(1 + u) - u
    sin_rest    sin u - u               cos_rest    cos u - 1 + u^2/2
    sinh_rest   sinh u - u              cosh_rest   cosh u - 1 - u^2/2
    tanh_rest   tanh u - u              log_cosh_rest  log cosh u - u^2/2
    tan_rest    tan u - u               atan_rest   atan u - u
    asin_rest   asin u - u              asinh_rest  asinh u - u
    atanh_rest  atanh u - u             exp_third_rest  e^u - 1 - u - u^2/2

The table has for each the power and the coefficients of what is left: u^first (c_0 + c_1 u^step + c_2 u^(2 step) + ...).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, islice
from math import factorial
from typing import Any, Final

# So many terms are enough where |u| < 1 if there are factorials below them, and |u| < 1/8 if there are none; beyond
# that what is left is no longer small beside what is taken away.
TERMS: Final = 18


@dataclass(frozen=True)
class Remainder:
    """`of` is the function, `taken` the coefficients of 1, u, u^2 that are taken away; the series is for |u| < near."""

    of: str
    taken: tuple[Fraction | int, ...]
    first: int
    step: int
    series: Callable[[], Iterator[Fraction]]
    near: float = 1.0

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Those of what is left, the last one first, as Horner's scheme takes them."""
        return tuple(float(c) for c in islice(self.series(), TERMS))[::-1]

    def direct(self, value: Any, u: Any) -> Any:
        """The function's value less the terms."""
        for power, coefficient in enumerate(self.taken):
            if coefficient:
                value = value - float(coefficient) * u**power
        return value


def _exponential(first: int, step: int, sign: int = 1) -> Callable[[], Iterator[Fraction]]:
    return lambda: (Fraction(sign ** (k + first // 2), factorial(first + step * k)) for k in count())


def _logarithm() -> Iterator[Fraction]:
    return (Fraction((-1) ** (k + 1), k) for k in count(2))


def tangent() -> Iterator[Fraction]:
    """Those of tanh: tanh' = 1 - tanh^2, so that (2 k + 1) t_k is minus the sum of t_i t_(k - 1 - i)."""
    known: list[Fraction] = []
    for k in count():
        products = (known[i] * known[k - 1 - i] for i in range(k))
        known.append(-sum(products, Fraction(0)) / (2 * k + 1) if k else Fraction(1))
        yield known[k]


def _tangent() -> Iterator[Fraction]:
    return islice(tangent(), 1, None)


def _log_cosh() -> Iterator[Fraction]:
    """The integral of tanh u - u."""
    return (t / (2 * k + 4) for k, t in enumerate(_tangent()))


def circular_tangent() -> Iterator[Fraction]:
    """Those of tan, which are those of tanh without their signs."""
    return map(abs, tangent())


def inverse_sine(sign: int = 1) -> Iterator[Fraction]:
    """Those of asin, and of asinh with alternating signs: (2 k)!/(4^k k!^2 (2 k + 1))."""
    term = Fraction(1)
    for k in count():
        yield term / (2 * k + 1)
        term = sign * term * (2 * k + 1) / (2 * k + 2)


def inverse_tangent(sign: int = 1) -> Iterator[Fraction]:
    """Those of atanh, and of atan with alternating signs."""
    return (Fraction(sign**k, 2 * k + 1) for k in count())


def _from_second(series: Callable[[], Iterator[Fraction]]) -> Callable[[], Iterator[Fraction]]:
    return lambda: islice(series(), 1, None)


REMAINDERS: Final[Mapping[str, Remainder]] = {
    "exp_third_rest": Remainder("exp", (1, 1, Fraction(1, 2)), 3, 1, _exponential(3, 1)),
    "exp_rest": Remainder("exp", (1, 1), 2, 1, _exponential(2, 1)),
    "log1p_rest": Remainder("log1p", (0, 1), 2, 1, _logarithm, 0.125),
    "sin_rest": Remainder("sin", (0, 1), 3, 2, _exponential(3, 2, -1)),
    "cos_rest": Remainder("cos", (1, 0, Fraction(-1, 2)), 4, 2, _exponential(4, 2, -1)),
    "sinh_rest": Remainder("sinh", (0, 1), 3, 2, _exponential(3, 2)),
    "cosh_rest": Remainder("cosh", (1, 0, Fraction(1, 2)), 4, 2, _exponential(4, 2)),
    "tanh_rest": Remainder("tanh", (0, 1), 3, 2, _tangent, 0.125),
    "tan_rest": Remainder("tan", (0, 1), 3, 2, _from_second(circular_tangent), 0.25),
    "atan_rest": Remainder("atan", (0, 1), 3, 2, _from_second(lambda: inverse_tangent(-1)), 0.25),
    "asin_rest": Remainder("asin", (0, 1), 3, 2, _from_second(inverse_sine), 0.25),
    "asinh_rest": Remainder("asinh", (0, 1), 3, 2, _from_second(lambda: inverse_sine(-1)), 0.25),
    "atanh_rest": Remainder("atanh", (0, 1), 3, 2, _from_second(inverse_tangent), 0.25),
    "log_cosh_rest": Remainder("log_cosh", (0, 0, Fraction(1, 2)), 4, 2, _log_cosh, 0.25),
}


def near_zero(remainder: Remainder) -> Callable[[Any], Any]:
    """What is left, by the series: for numbers and for arrays of numbers.

    >>> near_zero(REMAINDERS["exp_rest"])(1e-9)
    5.000000001666667e-19
    """
    coefficients, first, step = remainder.coefficients, remainder.first, remainder.step

    def series(u: Any) -> Any:
        power, total = u**step, 0.0
        for coefficient in coefficients:
            total = total * power + coefficient
        return total * u**first

    return series
