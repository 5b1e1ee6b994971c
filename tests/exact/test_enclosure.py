"""Enclosures hold sampled 50-digit values; signs of constants and decimals against mpmath."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Heaviside,
    Integer,
    LambertW,
    Max,
    Min,
    Piecewise,
    Pow,
    Rational,
    S,
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    gamma,
    log,
    loggamma,
    pi,
    sec,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from symopt.exact.enclosure import decimal, enclose, sign_of_constant

x, y = sp.symbols("x y", real=True)

ON_A_BOX = [
    (x**2, (-1, 2)),
    (x**3 - x, (-1, 2)),
    (x**-2, (Rational(1, 10), 2)),
    (x**-3, (-2, Rational(-1, 10))),
    (sqrt(x), (0, 2)),
    (x ** Rational(-2, 3), (Rational(1, 10), 5)),
    (x**x, (Rational(1, 100), 3)),
    (exp(-(x**2)), (-3, 1)),
    (log(x) / x, (Rational(1, 10), 9)),
    (sin(x), (-1, 4)),
    (sin(x), (2, 4)),
    (cos(x), (-4, 4)),
    (cos(x), (1, 2)),
    (sin(5 * x) * cos(x), (0, 7)),
    (tan(x), (-1, Rational(3, 2))),
    (sec(x), (-1, 1)),
    (sinh(x), (-2, 1)),
    (cosh(x), (-2, 1)),
    (tanh(x), (-2, 1)),
    (Abs(x) - x, (-2, 1)),
    (sign(x), (-2, 1)),
    (Max(x, x**2), (-2, 2)),
    (Min(x, 1 - x), (-2, 2)),
    (Heaviside(x), (-1, 1)),
    (erf(x), (-2, 2)),
    (erfc(x), (-2, 2)),
    (atan(x), (-5, 2)),
    (asin(x), (-1, 1)),
    (acos(x), (-1, Rational(1, 2))),
    (gamma(x), (Rational(1, 3), 4)),
    (gamma(x), (Rational(146, 100), Rational(147, 100))),
    (loggamma(x), (Rational(1, 3), 4)),
    (LambertW(x), (Rational(-1, 3), 4)),
    (Piecewise((x**2, x > 1), (-x, x > -1), (3, True)), (-2, 3)),
    (pi * x - sp.E, (0, 1)),
]


@pytest.mark.parametrize(("expression", "ends"), ON_A_BOX)
def test_values_on_a_grid_lie_inside(expression, ends):
    low, high = map(sp.sympify, ends)
    bounds = enclose(expression, {x: (low, high)})
    assert bounds is not None
    for k in range(41):
        value = sp.N(expression.subs(x, low + (high - low) * Rational(k, 40)), 50)
        assert bounds[0] - Rational(1, 10**40) <= value <= bounds[1] + Rational(1, 10**40)


@pytest.mark.parametrize(("expression", "ends"), ON_A_BOX)
def test_bounds_of_a_point_are_tight(expression, ends):
    point = sp.sympify(ends[0]) + Rational(1, 1000)
    low, high = enclose(expression, {x: (point, point)}, 40)
    assert high - low < Rational(1, 10**35)


def test_powers_and_hulls_are_exact():
    assert enclose(x**2, {x: (S(-1), S(2))}) == (0, 4)
    assert enclose(x**4, {x: (S(-3), S(2))}) == (0, 81)
    assert enclose(Abs(x), {x: (S(-3), S(2))}) == (0, 3)
    assert enclose(sin(x), {x: (S(0), S(7))}) == (-1, 1)
    assert enclose(x * y, {x: (S(-1), S(2)), y: (S(-3), S(5))}) == (-6, 10)
    assert enclose(1 / (1 + exp(x)), {x: (None, None)}) == (0, 1)


@pytest.mark.parametrize(
    ("expression", "ends"),
    [
        (1 / x, (-1, 1)),
        (1 / x, (0, 1)),
        (log(x), (0, 1)),
        (sqrt(x), (-1, 1)),
        (x ** Rational(-1, 2), (0, 1)),
        (x**x, (0, 1)),
        (tan(x), (1, 2)),
        (asin(x), (0, 2)),
        (gamma(x), (-1, 2)),
        (LambertW(x), (-1, 0)),
        (x + y, (0, 1)),
        (Piecewise((1, x > 0)), (-1, 1)),
        (exp(exp(exp(10 * x))), (1, 1)),
        (sp.I * x, (0, 1)),
        (sp.zoo, (0, 1)),
    ],
)
def test_what_is_not_shown_defined_has_no_enclosure(expression, ends):
    assert enclose(expression, {x: (S(ends[0]), S(ends[1]))}) is None


def test_unbounded_ends():
    assert enclose(x, {x: (None, S(0))}) is None
    assert enclose(exp(x), {x: (None, S(0))}) == (0, 1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from([sin, cos, exp, Abs, lambda u: u**2, lambda u: u**3, lambda u: u * x - 1]), max_size=4
    ),
    st.fractions(-2, 2, max_denominator=20),
    st.fractions(0, 2, max_denominator=20),
    st.fractions(0, 1, max_denominator=20),
)
def test_random_compositions_lie_inside(functions, start, width, share):
    expression = x
    for function in functions:
        expression = function(expression)
    low, high = (Rational(q.numerator, q.denominator) for q in (start, start + width))
    bounds = enclose(expression, {x: (low, high)})
    if bounds is None:
        return
    at = low + (high - low) * Rational(share.numerator, share.denominator)
    value = sp.N(expression.subs(x, at), 50)
    slack = Rational(1, 10**30) * (1 + abs(bounds[0]) + abs(bounds[1]))
    assert bounds[0] - slack <= value <= bounds[1] + slack


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        (Integer(0), 0),
        (exp(pi) - pi - 20, -1),
        (sqrt(2) + sqrt(3) - pi, 1),
        (log(2) + log(3) - log(6), 0),
        (sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3), 0),
        (sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3) + Rational(1, 10**50), 1),
        (sqrt(10**40 + 1) - 10**20, 1),
        (cosh(1) ** 2 - sinh(1) ** 2 - 1, 0),
        (Pow(9, Pow(9, 9, evaluate=False), evaluate=False), 1),
        (Pow(2, Rational(1, 3)) - Rational(125992105, 10**8), -1),
        (log(-1, evaluate=False), None),
        (sqrt(-2), None),
        (x, None),
    ],
)
def test_sign_of_constant(constant, expected):
    assert sign_of_constant(constant) == expected


def test_zero_is_never_a_matter_of_precision():
    tiny = exp(-Integer(5000))
    assert sign_of_constant(1 + tiny - 1) == 1
    assert sign_of_constant(sp.Add(cos(tiny), -1, evaluate=False), max_digits=400) is None


def test_decimals_are_correctly_rounded():
    with mpmath.workdps(60):
        for constant, number in ((pi, mpmath.pi), (exp(1), mpmath.e), (sqrt(2), mpmath.sqrt(2))):
            assert decimal(constant, digits=30) == mpmath.nstr(number, 30)
    assert decimal(Rational(1, 3), digits=5) == "0.33333"
    assert decimal(Rational(-2, 3), digits=5) == "-0.66667"
    assert decimal(Rational(5, 4)) == "1.25"
    assert decimal(Rational(-100)) == "-100"
    assert decimal(Integer(0)) == "0"
    assert decimal(sqrt(4 * pi**2) / pi) == "2"
    assert decimal(sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3)) == "0"
    assert decimal(exp(-100), digits=4) == "3.720e-44"
    assert decimal(x) is None
    assert decimal(log(-1, evaluate=False)) is None


def test_decimal_refines_the_box():
    def narrower(digits):
        root = sp.sqrt(2).evalf(digits + 10)
        centre = Rational(int(root * 10**digits), 10**digits)
        return {x: (centre - Rational(2, 10**digits), centre + Rational(2, 10**digits))}

    assert decimal(x**2 + x, {x: (S(1), S(2))}, 20, narrower) is not None
    assert decimal(x, {x: (S(1), S(2))}, 20, narrower) == "1.4142135623730950488"
    assert decimal(x, {x: (S(1), S(2))}, 20) is None
