"""Factors over the field of one square root multiply back, and are what a root formula gives."""

from __future__ import annotations

from functools import reduce
from operator import mul

import pytest
from sympy import Integer, Rational, cbrt, expand, sqrt, symbols

from symopt import Problem
from symopt.exact.surds import surd_factors

x, y = symbols("x y", real=True)


@pytest.mark.parametrize(
    "roots",
    [
        (sqrt(3), sqrt(3), -2 * sqrt(3)),
        (1 + sqrt(2), Integer(3), Rational(1, 2)),
        (sqrt(5) / 2, 2 - sqrt(5), Integer(0), Integer(1)),
    ],
)
def test_factors_multiply_back(roots: tuple) -> None:
    product = expand(reduce(mul, (x - root for root in roots)))
    constant, factors = surd_factors(product, x)
    assert expand(constant * reduce(mul, (base**power for base, power in factors)) - product) == 0
    assert {(base, power) for base, power in factors} == {(x - root, roots.count(root)) for root in roots}


@pytest.mark.parametrize(
    "expression",
    [
        x**2 - 2,  # rational coefficients: not over Q(sqrt(2))
        x**2 + sqrt(2) * x + 1,  # no real roots, irreducible over Q(sqrt(2))
        x**2 - sqrt(2) * sqrt(3),  # sqrt(6) as two roots or one: irreducible over Q(sqrt(6))
        x**3 - cbrt(2) * x,
        x**2 - sqrt(2) * y**2,
        sqrt(x) + sqrt(2),
        x**9 - sqrt(2) * x,
    ],
)
def test_no_factors(expression: object) -> None:
    assert surd_factors(expression, x) is None


def test_exact_points_at_the_border_of_a_case() -> None:
    # f = x^4 - 8 x^2 + a x, f' = 4 x^3 - 16 x + a: a double root d = 2/sqrt(3) at a = 64/(3 sqrt(3)); the third is -2 d
    answer = Problem("x^4 - 8*x^2 + a*x", "x").stationary_points()
    places = {dict(p.branch.at)[x] for p in answer.at(a=64 * sqrt(3) / 9).points}
    assert places == {2 / sqrt(3), -4 / sqrt(3)}
