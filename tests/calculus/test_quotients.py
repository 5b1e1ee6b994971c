"""Quotients and differences of functions against values of many digits, with their gradients and Hessians."""

from __future__ import annotations

import mpmath
import pytest
import sympy
from sympy import Expr, Rational, atan, cosh, erf, exp, log, sin, sqrt, symbols, tan, tanh

from symopt.calculus.compiler import compile_objective

pytestmark = pytest.mark.slow


x, y = symbols("x y", real=True)
SIGMOID = 1 / (1 + exp(-x))
SHARE = exp(x) / (exp(x) + exp(y) + 1)
CASES: list[tuple[Expr, list[tuple[float, ...]]]] = [
    (1 - x / sqrt(1 + x**2), [(1e8,), (1e160,), (-0.3,)]),
    (1 - x / sqrt(x**2 + y**2), [(1e160, 1e150), (5.0, 3.0)]),
    (log(x + y) - log(y), [(1e-160, 2e-10), (3.0, 1e8), (1e-8, 1e8)]),
    (log(x**2 + y**2) - log(y**2), [(3.0, 1e8)]),
    (log(x + 3) - log(3), [(1e-20,)]),
    (x - sqrt(x**2 - 1), [(1e4,)]),
    (SIGMOID * (1 - SIGMOID), [(1e-20,), (0.7,), (-40.0,)]),
    (SIGMOID - Rational(1, 2), [(1e-9,), (40.0,)]),
    (y * log(SIGMOID) + (1 - y) * log(1 - SIGMOID), [(1e-9, 1e-3), (40.0, 1.0)]),
    (1 - SHARE, [(40.0, 1.0), (0.3, -0.4)]),
    (SHARE * (1 - SHARE), [(40.0, 1.0), (1e-9, 1e-3)]),
    (log(exp(x) + exp(y) + 1) - x, [(40.0, 1.0), (-40.0, 3.0)]),
    (log(1 + x * y), [(1e8, 1e8), (1e100, 1e-3)]),
    (log(1 + x**2 * y**2), [(1e8, 1e8), (1e100, 1e-3), (7.0, 1e300)]),
    (1 - x**2 / (1 + x**2), [(1e8,), (0.11,)]),
    (x - x**3 / (1 + x**2), [(1e8,)]),
    (x * log(x / y), [(1e300, 7.0), (0.3, 0.4)]),
    ((x**2 + y**2) ** Rational(3, 2), [(1e160, 1e150)]),
    ((x**2 + y**2) ** Rational(-1, 4), [(1e160, 1e150)]),
    ((exp(x) - 1 - x) / x**2, [(1e-9,), (-1e-160,), (2.5,)]),
    ((x - sin(x)) / x**3, [(1e-5,), (12.0,)]),
    (x / tanh(x), [(40.0,), (1e-5,), (-0.9999,), (1e160,)]),
    (tan(x) / x + erf(x) / x, [(1e-9,), (0.7,)]),
    (x - atan(x), [(1e-9,), (12.0,)]),
    (tanh(x) ** 2, [(40.0,), (0.3,)]),
    (cosh(x) ** 2 - 1, [(1e-9,)]),
    (exp(x) - exp(y), [(1.0000001, 1.0), (-40.0, 3.0)]),
    (log(x) / (x - 1), [(1.3,), (40.0,)]),
    (2**x - 1, [(1e-20,), (12.0,)]),
]


@pytest.mark.parametrize(("objective", "points"), CASES, ids=lambda value: str(value)[:40])
def test_digits_are_kept(objective: Expr, points: list[tuple[float, ...]]) -> None:
    """To 1e-12 times the condition number of each entry, as it follows from the next derivatives."""
    variables = tuple(sorted(objective.free_symbols, key=str))
    entries = [objective, *(objective.diff(v) for v in variables)]
    entries += [objective.diff(v, w) for i, v in enumerate(variables) for w in variables[: i + 1]]
    slopes = [[entry.diff(v) for v in variables] for entry in entries]
    exact = sympy.lambdify(variables, [entries, slopes], "mpmath", cse=True)
    compiled = compile_objective(objective, variables)
    for point in points:
        with mpmath.workdps(1300):
            place = [mpmath.mpf(value) for value in point]
            expected, changes = exact(*place)
            n = len(point)
            value, gradient, hessian = compiled.all([point])
            rows = [value[0], *gradient[0], *(hessian[0, i, j] for i in range(n) for j in range(i + 1))]
            for found in (compiled.scalar(*point), rows):
                for number, right, change in zip(found, expected, changes, strict=True):
                    if 1e-300 < abs(right) < 1e308:
                        moved = sum(abs(a * b) for a, b in zip(place, change, strict=True))
                        assert abs(number - right) <= 1e-12 * max(abs(right), moved)


@pytest.mark.parametrize(
    ("objective", "point"),
    [
        (sympy.Add(2, -sympy.Mul(x, 1 / x, evaluate=False), evaluate=False), 0.0),
        (1 - x / (1 + x), -1.0),
        (x * log(x) / (x + 1) + log(x) / (x + 1) - log(x), -0.5),
        (log(x + 1) - log(x), -0.5),
        (sqrt(x**2 + x) - x, -0.5),
        ((exp(x) - 1 - x) / x**2, 0.0),
        (x / tanh(x), 0.0),
        (sympy.asin(x) - x, 1.5),
        (sympy.atanh(x) - x, 1.0),
    ],
    ids=str,
)
def test_no_value_is_made_up(objective: Expr, point: float) -> None:
    compiled = compile_objective(objective, (x,))
    assert all(value != value for value in (*compiled.scalar(point), compiled([[point]])[0]))
