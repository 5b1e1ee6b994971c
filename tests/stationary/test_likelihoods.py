"""Stationary points and extrema of likelihoods: gamma, beta, counts, logistic regression; and waves on half-lines.

Expected values are derived by hand in the comments, or found by mpmath at forty digits.
"""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from sympy import Rational

from symopt import Problem


def alone(text: str, names: str, *assuming: str, **values: str) -> Any:
    problem = Problem(text, names, assuming=assuming)
    found = (
        problem.at(values).stationary_points(timeout=60) if values else problem.stationary_points(timeout=60)
    )
    (case,) = found.cases
    assert case.result.complete
    (point,) = case.result.points
    return point


def decimals(point: Any) -> list[mpmath.mpf]:
    return [mpmath.mpf(value) for value in point.to_dict()["decimal"].values()]


@pytest.mark.parametrize(
    ("text", "kind", "slope"),
    [
        ("loggamma(x)", "minimum", lambda x: mpmath.psi(0, x)),
        ("gamma(x)", "minimum", lambda x: mpmath.psi(0, x)),
        ("3*log(x) - loggamma(x)", "maximum", lambda x: 3 / x - mpmath.psi(0, x)),
        # the likelihood of Poisson counts in the log of the rate is concave; so is this one in the count
        ("x*log(5) - loggamma(x + 1)", "maximum", lambda x: mpmath.log(5) - mpmath.psi(0, x + 1)),
        # gamma distribution, scale profiled out: n (a log a - a log m - loggamma(a) - a) + a S
        ("x*log(x) - loggamma(x) - 2*x", "maximum", lambda x: mpmath.log(x) - 1 - mpmath.psi(0, x)),
        # negative binomial: the slope is rational, 1/x + 1/(x+1) + 1/(x+2) = 1
        ("loggamma(x+3) - loggamma(x) - x", "maximum", lambda x: 1 / x + 1 / (x + 1) + 1 / (x + 2) - 1),
        ("gamma(x) - x", "minimum", lambda x: mpmath.gamma(x) * mpmath.psi(0, x) - 1),
    ],
)
def test_likelihoods_of_one_parameter(text: str, kind: str, slope: Any) -> None:
    point = alone(text, "x")
    assert (point.kind, point.strict) == (kind, True)
    with mpmath.workdps(40):
        (found,) = decimals(point)
        root = mpmath.findroot(slope, found)
        assert abs(root - found) < 1e-27


def test_the_shape_of_a_gamma_distribution_for_every_sample() -> None:
    # n digamma(a) = L has one solution for every L, since digamma rises from -oo to oo
    f = Problem("n*loggamma(a) - a*L", "a", assuming=["n > 0"])
    (case,) = f.stationary_points(timeout=60).cases
    (point,) = case.result.points
    assert case.result.complete
    assert point.kind == "minimum"
    (number,) = point.branch.numbers
    at = number.equation.xreplace({s: Rational(3) if s.name == "L" else Rational(2) for s in f.parameters})
    with mpmath.workdps(40):
        root = mpmath.findroot(lambda a: mpmath.psi(0, a) - mpmath.mpf(3) / 2, 5)
        assert abs(at.xreplace({number.symbol: Rational(str(root))}).evalf(30)) < 1e-20


def test_shape_and_rate_together() -> None:
    # 7 a log b - 7 loggamma(a) + 3 a - 20 b: b = 7 a/20, and log(7 a/20) - digamma(a) = -3/7
    point = alone("7*a*log(b) - 7*loggamma(a) + 3*a - 20*b", "a b")
    assert (point.kind, point.strict) == ("maximum", True)
    with mpmath.workdps(40):
        a, b = decimals(point)
        assert abs(b - 7 * a / 20) < 1e-27
        assert abs(mpmath.log(b) - mpmath.psi(0, a) + mpmath.mpf(3) / 7) < 1e-27


def test_waves_on_a_half_line() -> None:
    (case,) = Problem("sin(x)", "x", subject_to=["x > 0"]).stationary_points(timeout=60).cases
    assert case.result.complete
    found = {
        (
            p.kind,
            str(p.branch.values[p.branch.at[0][0]]),
            tuple(str(r.expression) + r.op for r in p.branch.where),
        )
        for p in case.result.points
    }
    assert found == {
        ("minimum", "2*pi*n - pi/2", ("n - 1>=",)),
        ("maximum", "2*pi*n + pi/2", ("n>=",)),
    }


def test_entropy_with_a_penalty() -> None:
    # both entries are equal, and r solves log r + 1 + 2 (2 r - 1) = 0
    point = alone("x*log(x) + y*log(y) + (x + y - 1)^2", "x y")
    assert (point.kind, point.strict) == ("minimum", True)
    with mpmath.workdps(40):
        one, other = decimals(point)
        assert one == other
        assert abs(mpmath.log(one) + 4 * one - 1) < 1e-27
