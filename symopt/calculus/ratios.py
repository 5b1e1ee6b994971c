"""f(u)/u with its first two derivatives, for functions with f(0) = 0: sin, sinh, tanh, atan, e^u - 1, log(1 + u).

Where u is small the derivatives (f' - f/u)/u and the next one cancel, and the series is taken. At u = 0 the quotient
has a limit but no value, as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, islice
from math import factorial
from typing import Any, Final

from symopt.calculus.remainders import tangent

TERMS: Final = 20
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Ratio:
    """The series c_0 + c_1 u^step + ... of f(u)/u, taken where |u| < near, and f, f', f'' elsewhere."""

    series: Callable[[], Iterator[Fraction]]
    step: int
    near: float
    slopes: Callable[[Functions, Any], tuple[Any, Any, Any]]

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
        """The derivative of an order from those of f."""

        def derivative(u: Any) -> Any:
            f, first, second = self.slopes(functions, u)
            value = f / u
            if order == 0:
                return value
            slope = (first - value) / u
            return slope if order == 1 else (second - 2 * slope) / u

        return derivative


def _factorials(step: int, sign: int) -> Callable[[], Iterator[Fraction]]:
    return lambda: (Fraction(sign**k, factorial(step * k + 1)) for k in count())


def _whole(step: int) -> Callable[[], Iterator[Fraction]]:
    return lambda: (Fraction((-1) ** k, step * k + 1) for k in count())


def _of_tanh(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    value = functions["tanh"](u)
    slope = 1 - value * value
    return value, slope, -2 * value * slope


def _of_atan(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / (1 + u * u)
    return functions["atan"](u), slope, -2 * u * slope * slope


def _of_log1p(functions: Functions, u: Any) -> tuple[Any, Any, Any]:
    slope = 1 / (1 + u)
    return functions["log1p"](u), slope, -slope * slope


RATIOS: Final[Mapping[str, Ratio]] = {
    "sin": Ratio(_factorials(2, -1), 2, 1.0, lambda f, u: (f["sin"](u), f["cos"](u), -f["sin"](u))),
    "sinh": Ratio(_factorials(2, 1), 2, 1.0, lambda f, u: (f["sinh"](u), f["cosh"](u), f["sinh"](u))),
    "tanh": Ratio(tangent, 2, 0.25, _of_tanh),
    "atan": Ratio(_whole(2), 2, 0.25, _of_atan),
    "expm1": Ratio(_factorials(1, 1), 1, 1.0, lambda f, u: (f["expm1"](u), f["exp"](u), f["exp"](u))),
    "log1p": Ratio(_whole(1), 1, 0.125, _of_log1p),
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
