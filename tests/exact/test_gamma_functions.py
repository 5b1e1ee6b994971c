"""Gamma, log-gamma and polygamma functions against mpmath at fifty digits: bounds, steps of one, ranges, limits."""

from __future__ import annotations

import mpmath
import pytest
from sympy import EulerGamma, Expr, Rational, S, exp, gamma, log, loggamma, pi, polygamma, symbols

from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.boxes import SquareSystem
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.gamma_functions import bound, stepped
from symopt.exact.normal import canonical, is_identical

s, x = symbols("s x", real=True)
FUNCTIONS = (loggamma(x), *(polygamma(n, x) for n in range(4)))
PLACES = (Rational(1, 50), Rational(1, 3), Rational(1), Rational(29, 20), Rational(7), Rational(1000))


def value(expression: Expr, place: Rational) -> mpmath.mpf:
    """The value by mpmath."""
    table = {"loggamma": mpmath.loggamma, "gamma": mpmath.gamma, "log": mpmath.log, "pi": mpmath.pi}

    def of(e: Expr) -> mpmath.mpf:
        if e == x:
            return mpmath.mpf(int(place.p)) / int(place.q)
        if e.is_Rational:
            return mpmath.mpf(int(e.p)) / int(e.q)
        if e is pi:
            return mpmath.pi()
        if isinstance(e, polygamma):
            return mpmath.psi(int(e.args[0]), of(e.args[1]))
        arguments = [of(a) for a in e.args]
        if e.is_Add:
            return mpmath.fsum(arguments)
        if e.is_Mul:
            return mpmath.fprod(arguments)
        if e.is_Pow:
            return arguments[0] ** arguments[1]
        return table[e.func.__name__](*arguments)

    return of(expression)


@pytest.mark.parametrize("node", FUNCTIONS, ids=str)
@pytest.mark.parametrize("terms", range(5))
def test_stirlings_partial_sums_lie_on_the_side_that_is_told(node: Expr, terms: int) -> None:
    found = bound(node, terms)
    assert found is not None
    with mpmath.workdps(80):
        for place in PLACES:
            gap = value(found[0], place) - value(node, place)
            assert gap * found[1] > 0


@pytest.mark.parametrize("node", [gamma(x), *FUNCTIONS], ids=str)
def test_functions_of_arguments_that_differ_by_whole_numbers(node: Expr) -> None:
    raised = node.xreplace({x: x + 3})
    with mpmath.workdps(50):
        for place in PLACES:
            assert abs(value(stepped(raised, x, 3), place) / value(raised, place) - 1) < 1e-40
    assert is_identical(raised, stepped(raised, x, 3))
    assert not is_identical(raised, stepped(raised, x, 3) + x)


def test_the_likelihood_of_counts_is_rational_in_its_slope() -> None:
    slope = canonical(derivative_by_table(loggamma(x + 2) - loggamma(x), x))
    assert slope == canonical(1 / x + 1 / (x + 1))


@pytest.mark.parametrize("node", [gamma(x), *FUNCTIONS], ids=str)
@pytest.mark.parametrize("ends", [(Rational(1, 10), Rational(1, 2)), (S.One, S(2)), (S(3), S(50))])
def test_ranges_hold_all_values(node: Expr, ends: tuple[Rational, Rational]) -> None:
    low, high = ends
    found = enclose(node, {x: ends})
    assert found is not None
    with mpmath.workdps(50):
        for k in range(21):
            inside = value(node, low + (high - low) * Rational(k, 20))
            assert mpmath.mpf(int(found[0].p)) / int(found[0].q) <= inside
            assert inside <= mpmath.mpf(int(found[1].p)) / int(found[1].q)
    assert enclose(node, {x: (-high, -low)}) is None
    assert enclose(node, {x: (-low, high)}) is None


def test_balls_are_defined_for_positive_numbers_alone() -> None:
    for node in (gamma(x), *FUNCTIONS):
        system = SquareSystem((node,), (x,))
        assert system.signs(((Rational(-5, 4), Rational(-6, 5)),)) == (None,)
        assert system.signs(((S(3), S(4)),)) == (frozenset({-1 if node in (polygamma(2, x),) else 1}),)


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        (loggamma(s) - s * log(s) + s + log(s) / 2, log(2 * pi) / 2),
        (loggamma(1 / s) - log(s), S.Zero),
        (s * (polygamma(0, s) - log(s)), -S.Half),
        (polygamma(0, 1 / s) + s, -EulerGamma),
        (polygamma(1, 1 / s) - s**2, pi**2 / 6),
        (gamma(1 / s) - s, -EulerGamma),
        (3 * log(s) - loggamma(s), -S.Infinity),
        (loggamma(s) - s, S.Infinity),
        (gamma(s) * exp(-s), S.Infinity),
        (polygamma(0, -s), None),
        (loggamma(-1 / s), None),
    ],
    ids=str,
)
def test_limits(expression: Expr, limit: Expr | None) -> None:
    found = limit_at_infinity(expression, s)
    assert found == limit if limit is None or limit.is_infinite else is_identical(found, limit)
