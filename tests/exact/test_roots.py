"""Real roots against SymPy's counting, isolation and evaluation, with close and multiple roots."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Poly, Rational, S, sqrt
from sympy.abc import x

from symopt.exact.normal import TooLarge
from symopt.exact.roots import (
    RealRoot,
    count_real_roots,
    isolate_real_roots,
    real_roots,
    refine,
    sign_at_root,
)

coefficients = st.lists(st.integers(-9, 9), min_size=1, max_size=6)
factors = st.lists(coefficients, min_size=1, max_size=3)


def product(lists):
    return sp.prod((Poly(c, x, domain="QQ") for c in lists), start=Poly(1, x, domain="QQ"))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factors, st.fractions(-3, 3, max_denominator=4), st.fractions(0, 4, max_denominator=4))
def test_counts_agree_with_an_oracle(lists, start, width):
    poly = product(lists)
    if poly.is_zero:
        return
    low, high = (Rational(q.numerator, q.denominator) for q in (start, start + width))
    roots = set(poly.real_roots()) if poly.degree() > 0 else set()
    assert count_real_roots(poly, None, None) == len(roots)
    assert count_real_roots(poly, low, None) == sum(bool(r > low) for r in roots)
    assert count_real_roots(poly, None, high, include_high=True) == sum(bool(r <= high) for r in roots)
    inside = sum(bool(low < r) and bool(r < high) for r in roots)
    ends = [int(poly.eval(low) == 0), int(poly.eval(high) == 0)]
    if low < high:
        assert count_real_roots(poly, low, high) == inside
        assert count_real_roots(poly, low, high, include_low=True) == inside + ends[0]
        assert count_real_roots(poly, low, high, include_high=True) == inside + ends[1]
        assert count_real_roots(poly, low, high, include_low=True, include_high=True) == inside + sum(ends)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factors, st.lists(st.integers(-5, 5), min_size=1, max_size=5))
def test_roots_are_isolated_ordered_and_signed(lists, other):
    poly, test = product(lists), Poly(other, x, domain="QQ")
    if poly.is_zero:
        return
    expected = sorted(set(poly.real_roots())) if poly.degree() > 0 else []
    intervals = isolate_real_roots(poly)
    found = real_roots(poly, x)
    assert len(intervals) == len(found) == len(expected)
    for one, next_one in pairwise(intervals):
        assert one[1] < next_one[0]
    for (low, high), value, root in zip(intervals, expected, found, strict=True):
        if low == high:
            assert value == low
        else:
            assert low < value < high
            assert poly.eval(low) != 0 != poly.eval(high)
        exact = sp.N(value, 60)
        narrow = root.refined(Rational(1, 10**20)).interval
        assert narrow[1] - narrow[0] <= Rational(1, 10**20)
        assert narrow[0] - Rational(1, 10**50) <= exact <= narrow[1] + Rational(1, 10**50)
        number = sp.N(test.as_expr().subs(x, value), 60, maxn=500) if not test.is_zero else 0
        assert sign_at_root(test, root) == (0 if abs(number) < Rational(1, 10**40) else sp.sign(number))
        own = root.poly.real_roots()
        assert own[root.index] == value or abs(sp.N(own[root.index] - value, 50)) < Rational(1, 10**40)


def test_close_roots_are_told_apart():
    found = real_roots(Poly((x**2 - 2) * (10**12 * x**2 - 2 * 10**12 - 1), x), x)
    assert [root.decimal(8) for root in found] == ["-1.4142136", "-1.4142136", "1.4142136", "1.4142136"]
    assert found[0].decimal(16) != found[1].decimal(16)
    assert sign_at_root(Poly(x**2 - 2, x), found[3]) == 1
    assert sign_at_root(Poly(x**2 - 2, x), found[2]) == 0


@pytest.mark.parametrize(
    ("expression", "radicals"),
    [
        (x**2 - 2, [-sqrt(2), sqrt(2)]),
        (2 * x - 3, [Rational(3, 2)]),
        (x**3 - 2, [2 ** Rational(1, 3)]),
        (x**3 + 2, [-(2 ** Rational(1, 3))]),
        (x**4 - 2 * x**2 - 1, [-sqrt(1 + sqrt(2)), sqrt(1 + sqrt(2))]),
        (x**4 - 10 * x**2 + 1, [-sqrt(3) - sqrt(2), sqrt(2) - sqrt(3), sqrt(3) - sqrt(2), sqrt(2) + sqrt(3)]),
        (x**6 - 2 * x**3 - 1, [-((sqrt(2) - 1) ** Rational(1, 3)), (1 + sqrt(2)) ** Rational(1, 3)]),
        (x**5 - x + 1, [None]),
        (x**6 + 8, []),
    ],
)
def test_radicals(expression, radicals):
    assert [root.as_radical() for root in real_roots(Poly(expression, x), x)] == radicals


def test_decimals():
    (root,) = real_roots(Poly(x**5 - x + 1, x), x)
    assert root.decimal(30) == "-1.16730397826141868425604589985"
    assert refine(root.poly, root.interval, Rational(1, 100)) == root.refined(Rational(1, 100)).interval
    assert isinstance(root, RealRoot)
    assert root.index == 0


def test_refusals():
    with pytest.raises(ValueError, match="zero polynomial"):
        count_real_roots(Poly(0, x), None, None)
    with pytest.raises(TooLarge):
        isolate_real_roots(Poly(x**1000 - 2, x))
    with pytest.raises(ValueError, match="positive"):
        refine(Poly(x**2 - 2, x), (S(1), S(2)), S.Zero)
    assert isolate_real_roots(Poly(5, x)) == ()
