"""Dominant terms and limits at infinity, against textbooks and numbers, and what has to stay undecided."""

from __future__ import annotations

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    E,
    Max,
    Min,
    Rational,
    S,
    Symbol,
    atan,
    cos,
    cosh,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)

from symopt.exact.asymptotics import dominant_term, limit_at_infinity, sign_of_number

s, a, b = symbols("s a b", real=True)

LIMITS = [
    (sqrt(s**2 + s) - s, Rational(1, 2)),
    (log(s**2 + 1) - 2 * log(s), 0),
    (exp(s + 1 / s) - exp(s), oo),
    (exp(exp(s)) - exp(exp(s) + s), -oo),
    (s * sin(1 / s), 1),
    ((1 + 1 / s) ** s, E),
    (s**2 + sin(s), oo),
    (sin(s) / s, 0),
    (atan(s), pi / 2),
    (atan(-s), -pi / 2),
    (tanh(s), 1),
    (tanh(-s), -1),
    (cosh(s) - exp(s) / 2, 0),
    (exp(-(s**2)) * s**9, 0),
    ((s**2 - 1) / (2 * s**2 + 3), Rational(1, 2)),
    (log(1 + exp(s)) - s, 0),
    (1 / s * log(1 / s), 0),
    (s**s / exp(s), oo),
    (Abs(1 - s) - s, -1),
    (Max(s, 3), oo),
    (Min(s, 3), 3),
    (s ** Rational(1, 3) - log(s) ** 5, oo),
    (s**100 / Rational(11, 10) ** s, 0),
    ((s + 1) ** 5 - s**5 - 5 * s**4, oo),
]

UNDECIDED = [
    sin(s),
    sin(s) + 2 * cos(s) ** 2,
    s * sin(s),
    log(log(s)),
    exp(sqrt(log(s))),
    log(-s),
    sqrt(1 - s),
    exp(a * s),
    a * s - s,
    (s**2 + 1) ** a,
]


@pytest.mark.parametrize(("expression", "value"), LIMITS, ids=str)
def test_limits_known_from_calculus(expression, value):
    assert limit_at_infinity(expression, s) == value


@pytest.mark.parametrize("expression", UNDECIDED, ids=str)
def test_no_limit_is_guessed(expression):
    assert limit_at_infinity(expression, s) is None


@pytest.mark.parametrize(("expression", "value"), [case for case in LIMITS if abs(case[1]) != oo], ids=str)
def test_finite_limits_agree_with_fifty_digits(expression, value):
    with mpmath.workdps(120):
        far = expression.evalf(40, subs={s: 10**4}, maxn=6000)
        assert abs(far - S(value)) < Rational(1, 100)


def test_parameters_keep_their_coefficient():
    assert dominant_term((a - 1) * s**2 + (a + 1) * s, s).coefficient == a - 1
    assert limit_at_infinity((a - 1) * s**2, s) is None
    positive = {a: 1, b: -1}
    known = lambda e: positive.get(e, -positive[-e] if -e in positive else sign_of_number(e))  # noqa: E731
    assert limit_at_infinity(exp(a * s) - s**3, s, known) == oo
    assert limit_at_infinity(exp(b * s), s, known) == 0
    assert limit_at_infinity(b * s, s, known) == -oo


def test_a_coefficient_that_cancels_is_not_the_leading_one():
    assert limit_at_infinity(((a + 1) ** 2 - a**2 - 2 * a - 1) * s**3 + s, s) == oo


def test_total_cancellation_is_zero_or_undecided_and_never_a_value():
    assert dominant_term((s + 1) ** 2 - s**2 - 2 * s - 1, s).coefficient == 0
    assert limit_at_infinity(exp(s) * (sin(1 / s + exp(-s)) - sin(1 / s)), s) in (1, None)


def test_size_gate():
    huge = sum((s + k) ** 3 / (s - k) for k in range(1, 200))
    assert dominant_term(huge, s) is None


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=5), st.lists(st.integers(-5, 5), min_size=1, max_size=5)
)
def test_rational_functions_by_degrees(top, bottom):
    """The limit of a quotient of polynomials is that of the leading terms."""
    if not any(bottom):
        return
    x = Symbol("s", real=True)
    numerator = sum(c * x**k for k, c in enumerate(top))
    denominator = sum(c * x**k for k, c in enumerate(bottom))
    if numerator == 0:
        return
    up = max(k for k, c in enumerate(top) if c)
    down = max(k for k, c in enumerate(bottom) if c)
    ratio = Rational(top[up], bottom[down])
    expected = S.Zero if up < down else ratio if up == down else oo if ratio > 0 else -oo
    assert limit_at_infinity(numerator / denominator, s) == expected
