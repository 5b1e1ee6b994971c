"""The table of functions: for each its first and second derivative, and how it is computed in numbers.

In a row, `u` is the argument, `y` the value of the function and `d` its first derivative, so that the
derivative of exp is `y` and nothing is computed twice. Kinks and jumps have a stated one-sided choice and
never a Dirac delta: |u| has slope +1 at u = 0 (the right-hand derivative); sign and Heaviside have
derivative 0 everywhere; max(a, b) and min(a, b) take the slope of their first argument where both agree;
a piecewise function has the slope of the branch that its conditions choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sympy
from sympy import Dummy, Expr, Function, S, exp, pi, sqrt

from symopt.calculus.ratios import NAMES

U: Final = Dummy("u", real=True)
Y: Final = Dummy("y", real=True)
D: Final = Dummy("d", real=True)


class slope(Function):  # type: ignore[misc]
    """The right-hand derivative of |u|: 1 for u >= 0, -1 for u < 0. Shown as sign(u)."""


class log1p(Function):  # type: ignore[misc]
    """log(1 + u), accurate for small u."""


class expm1(Function):  # type: ignore[misc]
    """e^u - 1, accurate for small u."""


class sqrt1pm1(Function):  # type: ignore[misc]
    """sqrt(1 + u) - 1, accurate for small u."""


class softplus(Function):  # type: ignore[misc]
    """log(1 + e^u), computed without overflow and without cancellation."""


class sigmoid(Function):  # type: ignore[misc]
    """1/(1 + e^-u), computed without overflow."""


class exp_rest(Function):  # type: ignore[misc]
    """e^u - 1 - u, accurate for small u; this one and the others like it: see `symopt.calculus.remainders`."""


class log1p_rest(Function):  # type: ignore[misc]
    """log(1 + u) - u."""


class sin_rest(Function):  # type: ignore[misc]
    """sin u - u."""


class cos_rest(Function):  # type: ignore[misc]
    """cos u - 1 + u^2/2."""


class sinh_rest(Function):  # type: ignore[misc]
    """sinh u - u."""


class cosh_rest(Function):  # type: ignore[misc]
    """cosh u - 1 - u^2/2."""


class tanh_rest(Function):  # type: ignore[misc]
    """tanh u - u."""


class tan_rest(Function):  # type: ignore[misc]
    """tan u - u."""


class atan_rest(Function):  # type: ignore[misc]
    """atan u - u."""


class asin_rest(Function):  # type: ignore[misc]
    """asin u - u."""


class asinh_rest(Function):  # type: ignore[misc]
    """asinh u - u."""


class atanh_rest(Function):  # type: ignore[misc]
    """atanh u - u."""


class exp_third_rest(Function):  # type: ignore[misc]
    """e^u - 1 - u - u^2/2."""


class log_abs(Function):  # type: ignore[misc]
    """log |u|."""


class tanh_slope(Function):  # type: ignore[misc]
    """1 - tanh(u)^2, accurate where tanh u is nearly 1 or -1."""


class log_cosh(Function):  # type: ignore[misc]
    """log cosh u, accurate for small u and without overflow."""


class log_cosh_rest(Function):  # type: ignore[misc]
    """log cosh u - u^2/2."""


class over_expm1(Function):  # type: ignore[misc]
    """u/(e^u - 1); this one and its derivatives: see `symopt.calculus.bernoulli`."""


class over_expm1_slope(Function):  # type: ignore[misc]
    """The first derivative of u/(e^u - 1)."""


class over_expm1_bend(Function):  # type: ignore[misc]
    """The second derivative of u/(e^u - 1)."""


class over_tanh(Function):  # type: ignore[misc]
    """u/tanh u."""


class over_tanh_slope(Function):  # type: ignore[misc]
    """The first derivative of u/tanh u."""


class over_tanh_bend(Function):  # type: ignore[misc]
    """The second derivative of u/tanh u."""


@dataclass(frozen=True)
class Atom:
    """One function of one argument.

    `first` is its derivative in (u, y), `second` the next one in (u, y, d). `formula` says how to compute
    it in numbers from other functions; None when the numeric world has it under its own name.
    """

    function: type[Function]
    first: Expr
    second: Expr
    formula: Expr | None = None

    @property
    def name(self) -> str:
        return self.function.__name__


def _ratio_rows(name: str) -> list[tuple[Any, ...]]:
    """f(u)/u and its derivatives: see `symopt.calculus.ratios`."""
    value, slope, bend = (Function(part) for part in NAMES[name])
    return [(value, slope(U), bend(U)), (slope, bend(U), S.NaN), (bend, S.NaN, S.NaN)]


_ROWS: Final[tuple[tuple[Any, ...], ...]] = (
    (exp, Y, Y),
    (sympy.log, 1 / U, -(D**2)),
    (sympy.sin, sympy.cos(U), -Y),
    (sympy.cos, -sympy.sin(U), -Y),
    (sympy.tan, 1 + Y**2, 2 * Y * D),
    (sympy.cot, -1 - Y**2, -2 * Y * D, sympy.cos(U) / sympy.sin(U)),
    (sympy.sec, Y * sympy.tan(U), Y * (2 * Y**2 - 1), 1 / sympy.cos(U)),
    (sympy.csc, -Y * sympy.cot(U), Y * (2 * Y**2 - 1), 1 / sympy.sin(U)),
    (sympy.asin, 1 / sqrt(1 - U**2), U * D**3),
    (sympy.acos, -1 / sqrt(1 - U**2), U * D**3),
    (sympy.atan, 1 / (1 + U**2), -2 * U * D**2),
    (sympy.acot, -1 / (1 + U**2), 2 * U * D**2, sympy.atan(1 / U)),
    (sympy.asec, 1 / (U**2 * sqrt(1 - 1 / U**2)), -D * (2 * U**2 - 1) / (U * (U**2 - 1)), sympy.acos(1 / U)),
    (sympy.acsc, -1 / (U**2 * sqrt(1 - 1 / U**2)), -D * (2 * U**2 - 1) / (U * (U**2 - 1)), sympy.asin(1 / U)),
    (sympy.sinh, sympy.cosh(U), Y),
    (sympy.cosh, sympy.sinh(U), Y),
    (sympy.tanh, tanh_slope(U), -2 * Y * D),
    (sympy.coth, 1 - Y**2, -2 * Y * D, 1 / sympy.tanh(U)),
    (sympy.sech, -Y * sympy.tanh(U), Y * (1 - 2 * Y**2), 1 / sympy.cosh(U)),
    (sympy.csch, -Y * sympy.coth(U), Y * (1 + 2 * Y**2), 1 / sympy.sinh(U)),
    (sympy.asinh, 1 / sqrt(1 + U**2), -U * D**3),
    (sympy.acosh, 1 / (sqrt(U - 1) * sqrt(U + 1)), -U * D**3),
    (sympy.atanh, 1 / (1 - U**2), 2 * U * D**2),
    (sympy.acoth, 1 / (1 - U**2), 2 * U * D**2, sympy.atanh(1 / U)),
    (sympy.asech, -1 / (U * sqrt(1 - U**2)), D * (2 * U**2 - 1) / (U * (1 - U**2)), sympy.acosh(1 / U)),
    (
        sympy.acsch,
        -1 / (U**2 * sqrt(1 + 1 / U**2)),
        -D * (2 * U**2 + 1) / (U * (1 + U**2)),
        sympy.asinh(1 / U),
    ),
    (sympy.erf, 2 * exp(-(U**2)) / sqrt(pi), -2 * U * D),
    (sympy.erfc, -2 * exp(-(U**2)) / sqrt(pi), -2 * U * D),
    (sympy.gamma, Y * sympy.polygamma(0, U), D * sympy.polygamma(0, U) + Y * sympy.polygamma(1, U)),
    (sympy.loggamma, sympy.polygamma(0, U), sympy.polygamma(1, U)),
    (sympy.LambertW, exp(-Y) / (1 + Y), -(D**2) * (Y + 2) / (1 + Y)),
    (sympy.Abs, slope(U), S.Zero),
    (sympy.sign, S.Zero, S.Zero),
    (sympy.Heaviside, S.Zero, S.Zero),
    (slope, S.Zero, S.Zero),
    (log1p, 1 / (1 + U), -(D**2)),
    (log_abs, 1 / U, -(D**2)),
    (expm1, exp(U), D),
    (sqrt1pm1, 1 / (2 * (1 + Y)), -2 * D**3),
    (softplus, sigmoid(U), D * sigmoid(-U)),
    (sigmoid, Y * sigmoid(-U), -D * sympy.tanh(U / 2)),
    (exp_rest, expm1(U), exp(U)),
    (log1p_rest, -U / (1 + U), -1 / (1 + U) ** 2),
    (sin_rest, -2 * sympy.sin(U / 2) ** 2, -sympy.sin(U)),
    (cos_rest, -sin_rest(U), 2 * sympy.sin(U / 2) ** 2),
    (sinh_rest, 2 * sympy.sinh(U / 2) ** 2, sympy.sinh(U)),
    (cosh_rest, sinh_rest(U), 2 * sympy.sinh(U / 2) ** 2),
    (tanh_rest, -(sympy.tanh(U) ** 2), -2 * sympy.tanh(U) / sympy.cosh(U) ** 2),
    (exp_third_rest, exp_rest(U), expm1(U)),
    (tan_rest, sympy.tan(U) ** 2, 2 * sympy.tan(U) * (1 + sympy.tan(U) ** 2)),
    (atan_rest, -(U**2) / (1 + U**2), -2 * U / (1 + U**2) ** 2),
    (asin_rest, U**2 / (sqrt(1 - U**2) * (1 + sqrt(1 - U**2))), U / sqrt(1 - U**2) ** 3),
    (asinh_rest, -(U**2) / (sqrt(1 + U**2) * (1 + sqrt(1 + U**2))), -U / sqrt(1 + U**2) ** 3),
    (atanh_rest, U**2 / (1 - U**2), 2 * U / (1 - U**2) ** 2),
    (tanh_slope, -2 * sympy.tanh(U) * Y, 2 * Y * (2 * sympy.tanh(U) ** 2 - Y)),
    (log_cosh, sympy.tanh(U), 4 * sigmoid(2 * U) * sigmoid(-2 * U)),
    (log_cosh_rest, tanh_rest(U), -(sympy.tanh(U) ** 2)),
    (over_expm1, over_expm1_slope(U), over_expm1_bend(U)),
    (over_expm1_slope, over_expm1_bend(U), S.NaN),
    (over_expm1_bend, S.NaN, S.NaN),
    (over_tanh, over_tanh_slope(U), over_tanh_bend(U)),
    (over_tanh_slope, over_tanh_bend(U), S.NaN),
    (over_tanh_bend, S.NaN, S.NaN),
    *(row for f in NAMES for row in _ratio_rows(f)),
)
ATOMS: Final[dict[str, Atom]] = {row[0].__name__: Atom(*row) for row in _ROWS}
