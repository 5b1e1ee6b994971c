"""f(u)/u^k with its first two derivatives, for functions that are like u^k near 0: sin u/u, (e^u - 1 - u)/u^2.

Where u is small the derivatives cancel, and the series is taken. At u = 0 the quotient has a limit but no value, as it
is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, islice
from math import factorial
from typing import Any, Final

from symopt.calculus.remainders import REMAINDERS, circular_tangent, inverse_sine, inverse_tangent, tangent

TERMS: Final = 20
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Ratio:
    """The series c_0 + c_1 u^step + ... of f(u)/u^power, taken where |u| < near, and f, f', f'' elsewhere."""

    series: Callable[[], Iterator[Fraction]]
    step: int
    near: float
    slopes: Callable[[Functions, Any], tuple[Any, Any, Any]]
    power: int = 1

    def near_zero(self, order: int) -> Callable[[Any], Any]:
        """The derivative of an order by the series."""
        terms = [
            (self.step * k, c) for k, c in enumerate(islice(self.series(), TERMS)) if self.step * k >= order
        ]
        first, step = terms[0][0] - order, self.step
        numbers = [float(c * factorial(power) / factorial(power - order)) for power, c in reversed(terms)]

        def derivative(u: Any) -> Any:
            square, total = u**step, 0.0
            for number in numbers:
                total = total * square + number
            return total * u**first if first else total

        # No value at 0.
        return derivative if order else lambda u: derivative(u) * (u / u)

    def elsewhere(self, order: int, functions: Functions) -> Callable[[Any], Any]:
        """The derivative of an order from those of f = r u^k: f' = r' u^k + k r u^(k - 1), and so on."""
        k = self.power

        def derivative(u: Any) -> Any:
            f, first, second = self.slopes(functions, u)
            # u^k may be beyond floats.
            for _ in range(k):
                f, first, second = f / u, first / u, second / u
            if order == 0:
                return f
            slope = first - k * (f / u)
            return slope if order == 1 else second - k * ((2 * slope + (k - 1) * (f / u)) / u)

        return derivative


def _factorials(step: int, sign: int) -> Callable[[], Iterator[Fraction]]:
    return lambda: (Fraction(sign**k, factorial(step * k + 1)) for k in count())


def _logarithm() -> Iterator[Fraction]:
    return (Fraction((-1) ** k, k + 1) for k in count())


def _error_function() -> Iterator[Fraction]:
    # 2/sqrt(pi) to 40 digits.
    scale = Fraction(11283791670955125738961589031215451716881, 10**40)
    return (scale * Fraction((-1) ** k, factorial(k) * (2 * k + 1)) for k in count())


def _of_tanh(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    value = functions["tanh"](u)
    slope = 1 - value * value
    return value, slope, -2 * value * slope


def _of_tan(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    value = functions["tan"](u)
    slope = 1 + value * value
    return value, slope, 2 * value * slope


def _of_asin(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / functions["sqrt"]((1 - u) * (1 + u))
    return functions["asin"](u), slope, u * slope * slope * slope


def _of_asinh(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / functions["hypot"](1.0, u)
    return functions["asinh"](u), slope, -(u * slope) * slope * slope


def _of_atanh(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / ((1 - u) * (1 + u))
    return functions["atanh"](u), slope, 2 * u * slope * slope


def _of_erf(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1.1283791670955126 * functions["exp"](-u * u)
    return functions["erf"](u), slope, -2 * u * slope


def _of_log1p_rest(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    share = 1 / (1 + u)
    return functions["log1p_rest"](u), -u * share, -share * share


def _of_atan(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / (1 + u * u)
    return functions["atan"](u), slope, -2 * u * slope * slope


def _of_log1p(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / (1 + u)
    return functions["log1p"](u), slope, -slope * slope


def _of_rest(name: str, slopes: Callable[[Functions, Any], tuple[Any, Any, Any]]) -> Ratio:
    rest = REMAINDERS[name]
    return Ratio(rest.series, rest.step, rest.near, slopes, rest.first)


RATIOS: Final[Mapping[str, Ratio]] = {
    "sin": Ratio(_factorials(2, -1), 2, 1.0, lambda f, u: (f["sin"](u), f["cos"](u), -f["sin"](u))),
    "sinh": Ratio(_factorials(2, 1), 2, 1.0, lambda f, u: (f["sinh"](u), f["cosh"](u), f["sinh"](u))),
    "tanh": Ratio(tangent, 2, 0.25, _of_tanh),
    "atan": Ratio(lambda: inverse_tangent(-1), 2, 0.25, _of_atan),
    "tan": Ratio(circular_tangent, 2, 0.25, _of_tan),
    "asin": Ratio(inverse_sine, 2, 0.25, _of_asin),
    "asinh": Ratio(lambda: inverse_sine(-1), 2, 0.25, _of_asinh),
    "atanh": Ratio(inverse_tangent, 2, 0.25, _of_atanh),
    "erf": Ratio(_error_function, 2, 0.5, _of_erf),
    "expm1": Ratio(_factorials(1, 1), 1, 1.0, lambda f, u: (f["expm1"](u), f["exp"](u), f["exp"](u))),
    "log1p": Ratio(_logarithm, 1, 0.125, _of_log1p),
    "exp_rest": _of_rest("exp_rest", lambda f, u: (f["exp_rest"](u), f["expm1"](u), f["exp"](u))),
    "exp_third_rest": _of_rest(
        "exp_third_rest", lambda f, u: (f["exp_third_rest"](u), f["exp_rest"](u), f["expm1"](u))
    ),
    "log1p_rest": _of_rest("log1p_rest", _of_log1p_rest),
    "sin_rest": _of_rest(
        "sin_rest", lambda f, u: (f["sin_rest"](u), -2 * f["sin"](u / 2) ** 2, -f["sin"](u))
    ),
    "sinh_rest": _of_rest(
        "sinh_rest", lambda f, u: (f["sinh_rest"](u), 2 * f["sinh"](u / 2) ** 2, f["sinh"](u))
    ),
    "cos_rest": _of_rest(
        "cos_rest", lambda f, u: (f["cos_rest"](u), -f["sin_rest"](u), 2 * f["sin"](u / 2) ** 2)
    ),
    "cosh_rest": _of_rest(
        "cosh_rest", lambda f, u: (f["cosh_rest"](u), f["sinh_rest"](u), 2 * f["sinh"](u / 2) ** 2)
    ),
}
# The names of a quotient and of its derivatives.
NAMES: Final[Mapping[str, tuple[str, str, str]]] = {
    name: (f"{name}_ratio", f"{name}_ratio_slope", f"{name}_ratio_bend") for name in RATIOS
}


def functions(own: Functions) -> dict[str, Callable[[Any], Any]]:
    """All of them for numbers, over functions of numbers.

    >>> import math
    >>> functions(vars(math))["sin_ratio_bend"](1e-9)
    -0.3333333333333333
    """
    return {
        name: _either(ratio.near, ratio.near_zero(order), ratio.elsewhere(order, own))
        for f, ratio in RATIOS.items()
        for order, name in enumerate(NAMES[f])
    }


def _either(near: float, series: Callable[[Any], Any], direct: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda u: series(u) if -near < u < near else direct(u)


def row_functions(numpy: Any, own: Functions) -> dict[str, Callable[[Any], Any]]:
    """The same for arrays."""

    def either(
        near: float, series: Callable[[Any], Any], direct: Callable[[Any], Any]
    ) -> Callable[[Any], Any]:
        def chosen(u: Any) -> Any:
            small = abs(u) < near
            return numpy.where(
                small, series(numpy.where(small, u, near)), direct(numpy.where(small, near, u))
            )

        return chosen

    return {
        name: either(ratio.near, ratio.near_zero(order), ratio.elsewhere(order, own))
        for f, ratio in RATIOS.items()
        for order, name in enumerate(NAMES[f])
    }
