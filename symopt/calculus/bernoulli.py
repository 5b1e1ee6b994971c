"""u/(e^u - 1), the generating function of the Bernoulli numbers, and u/tanh u with their first two derivatives.

Near 0 by its series 1 - u/2 + sum B_2k u^2k/(2k)! (Abramowitz and Stegun, Handbook of Mathematical Functions, 23.1.1);
elsewhere by B' = B (1 - u - B)/u and B'' = B ((u + B - 1) (u + 2 B)/u - 1)/u, where B'' is even and B'(-u) = -1 - B'(u).

u/tanh u = B(2 u) + u has the same series without its second term; with s = 1/sinh^2 u its derivatives are 1/tanh u - u s
and 2 (u/tanh u - 1) s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import factorial
from typing import Any, Final

import sympy

NEAR: Final = 1.0
# u^2/(2 pi)^2 to this power is far below a rounding error.
TERMS: Final = 12


def _coefficients(terms: int = TERMS) -> tuple[float, ...]:
    """Those of u^2, u^4, ... in the series."""
    numbers = (sympy.bernoulli(2 * k) / factorial(2 * k) for k in range(1, terms + 1))
    return tuple(number.p / number.q for number in numbers)


COEFFICIENTS: Final = _coefficients()
# (2 u)^2/(2 pi)^2 to this power is.
TERMS_OF_TANH: Final = 18
OVER_TANH: Final = ("over_tanh", "over_tanh_slope", "over_tanh_bend")
TANH_COEFFICIENTS: Final = tuple(4**k * c for k, c in enumerate(_coefficients(TERMS_OF_TANH), 1))


def slope_near(u: Any) -> Any:
    """The first derivative for |u| < 1."""
    total, square = 0.0, u * u
    for k in range(TERMS, 0, -1):
        total = total * square + 2 * k * COEFFICIENTS[k - 1]
    return total * u - 0.5


def bend_near(u: Any) -> Any:
    """The second derivative for |u| < 1."""
    total, square = 0.0, u * u
    for k in range(TERMS, 0, -1):
        total = total * square + 2 * k * (2 * k - 1) * COEFFICIENTS[k - 1]
    return total


def functions(expm1: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Mapping[str, Callable[[Any], Any]]:
    """The three functions for numbers, over an e^u - 1 and an e^u.

    >>> from math import exp, expm1
    >>> [round(f(0.5), 6) for f in functions(expm1, exp).values()]
    [0.770747, -0.417355, 0.162561, 1.081977, 0.322606, 0.60379]
    """

    def value(u: Any) -> Any:
        return u / expm1(u) if u < NEAR else _value_far(u, expm1, exp)

    def slope(u: Any) -> Any:
        if -NEAR < u < NEAR:
            return slope_near(u)
        found = _slope_far(abs(u), expm1, exp)
        return found if u > 0 else -1 - found

    def bend(u: Any) -> Any:
        return bend_near(u) if -NEAR < u < NEAR else _bend_far(abs(u), expm1, exp)

    def of_tanh(order: int) -> Callable[[Any], Any]:
        return lambda u: _tanh_near(u, order) if -NEAR < u < NEAR else _tanh_far(u, order, expm1, exp)

    return {
        "over_expm1": value,
        "over_expm1_slope": slope,
        "over_expm1_bend": bend,
        **{name: of_tanh(order) for order, name in enumerate(OVER_TANH)},
    }


def row_functions(numpy: Any) -> Mapping[str, Callable[[Any], Any]]:
    """The same for arrays."""

    def far(u: Any) -> Any:
        return numpy.maximum(abs(u), NEAR)

    def near(u: Any) -> Any:
        return numpy.clip(u, -NEAR, NEAR)

    def value(u: Any) -> Any:
        low = numpy.minimum(u, NEAR)
        below = numpy.where(u == 0, numpy.nan, numpy.expm1(low))
        return numpy.where(u < NEAR, low / below, _value_far(far(u), numpy.expm1, numpy.exp)) + 0 * u

    def slope(u: Any) -> Any:
        found = _slope_far(far(u), numpy.expm1, numpy.exp)
        return numpy.where(abs(u) < NEAR, slope_near(near(u)), numpy.where(u > 0, found, -1 - found))

    def bend(u: Any) -> Any:
        return numpy.where(abs(u) < NEAR, bend_near(near(u)), _bend_far(far(u), numpy.expm1, numpy.exp))

    def of_tanh(order: int) -> Callable[[Any], Any]:
        def either(u: Any) -> Any:
            beyond = numpy.where(u < 0, -1, 1) * far(u)
            direct = _tanh_far(beyond, order, numpy.expm1, numpy.exp)
            return numpy.where(abs(u) < NEAR, _tanh_near(numpy.clip(u, -NEAR, NEAR), order), direct)

        return either

    return {
        "over_expm1": value,
        "over_expm1_slope": slope,
        "over_expm1_bend": bend,
        **{name: of_tanh(order) for order, name in enumerate(OVER_TANH)},
    }


def _tanh_near(u: Any, order: int) -> Any:
    total, square = 0.0, u * u
    for k in range(TERMS_OF_TANH, 0, -1):
        power = (1, 2 * k, 2 * k * (2 * k - 1))[order]
        total = total * square + power * TANH_COEFFICIENTS[k - 1]
    # No value at 0.
    return (1.0 + total * square) * (u / u) if order == 0 else total * u if order == 1 else total


def _tanh_far(u: Any, order: int, expm1: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Any:
    size = abs(u)
    share = exp(-2 * size)
    value = size * ((1 + share) / -expm1(-2 * size))
    if order == 0:
        return value
    inverse_square = 4 * share / expm1(-2 * size) ** 2
    return (value - size * (size * inverse_square)) / u if order == 1 else 2 * (value - 1) * inverse_square


def _value_far(u: Any, expm1: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Any:
    return u * (exp(-u) / -expm1(-u))


def _slope_far(u: Any, expm1: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Any:
    value = _value_far(u, expm1, exp)
    return value * ((1 - u - value) / u)


def _bend_far(u: Any, expm1: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Any:
    value = _value_far(u, expm1, exp)
    return value * ((u + value - 1) * ((u + 2 * value) / u) - 1) / u
