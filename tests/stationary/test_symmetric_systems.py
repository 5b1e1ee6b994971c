"""Systems with a parameter that sums and differences of their equations solve, by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from sympy import Rational, S, sqrt, symbols, sympify

from symopt import Problem
from symopt.results.answers import StationarySet

x, y, c = symbols("x y c", real=True)


@cache
def answered(text: str) -> Any:
    return Problem(text, "x y").stationary_points(timeout=60)


def at(text: str, value: object) -> StationarySet:
    """The complete answer at a value of the parameter c, from the answer for all values."""
    (case,) = answered(text).at(c=value).cases
    assert case.result.complete
    return case.result


# x^3 - x + c y = 0 = y^3 - y + c x. Their difference and sum: x = y with x^2 = 1 - c, x = -y with x^2 = 1 + c, or
# (x + y)^2 = 1 + 2c and (x - y)^2 = 1 - 2c. Hessian 3x^2 - 1, c, 3y^2 - 1: (1 - 9 (1 - 4c^2))/4 - c^2 = 8c^2 - 2 < 0.
COUPLED = "x^4/4-x^2/2+y^4/4-y^2/2+c*x*y"
KINDS = {
    S(2): {"saddle": 1, "minimum": 2},
    Rational(3, 4): {"maximum": 1, "saddle": 2, "minimum": 2},
    Rational(1, 2): {"maximum": 1, "saddle": 2, "minimum": 2},
    Rational(1, 4): {"maximum": 1, "minimum": 4, "saddle": 4},
    S(0): {"maximum": 1, "minimum": 4, "saddle": 4},
    -Rational(2, 5): {"maximum": 1, "minimum": 4, "saddle": 4},
    -Rational(3, 4): {"maximum": 1, "saddle": 2, "minimum": 2},
    S(-3): {"saddle": 1, "minimum": 2},
}


@pytest.mark.slow
def test_coupled_wells() -> None:
    for value, kinds in KINDS.items():
        assert Counter(p.kind for p in at(COUPLED, value).points) == kinds
    quarter = at(COUPLED, Rational(1, 4))
    places = {(p.branch.values[x], p.branch.values[y]) for p in quarter.points if p.kind == "saddle"}
    u, v = sqrt(Rational(3, 2)) / 2, sqrt(S.Half) / 2
    wanted = {(u + v, u - v), (u - v, u + v), (-u - v, v - u), (v - u, -u - v)}
    assert {(sympify(a).expand(), sympify(b).expand()) for a, b in places} == {
        (a.expand(), b.expand()) for a, b in wanted
    }


# The elliptic umbilic: y (c - x) = 0; y = 0 with x = -c +- sqrt(1 + c^2), where f_xx = +-2 sqrt(1 + c^2) and
# f_yy = 4c -+ 2 sqrt(1 + c^2); or x = c with y^2 = 3c^2 - 1, where det H = -4 y^2.
UMBILIC = "x^3/3-x*y^2+c*(x^2+y^2)-x"


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (S(1), {"minimum": 1, "saddle": 3}),
        (S(-1), {"maximum": 1, "saddle": 3}),
        (Rational(1, 2), {"saddle": 2}),
        (S(0), {"saddle": 2}),
    ],
)
def test_the_elliptic_umbilic(value: object, kinds: dict[str, int]) -> None:
    assert Counter(p.kind for p in at(UMBILIC, value).points) == kinds


def test_a_saddle_in_space() -> None:
    """Eigenvalues 2 and 2 +- sqrt(2) c of a chain of three: a saddle for every c^2 > 2, with one label."""
    answer = Problem("x^2+y^2+z^2-c*(x*y+y*z)", "x y z").stationary_points()
    for value, kind in ((S(3) / 2, "saddle"), (S(-2), "saddle"), (S(7), "saddle"), (S(1), "minimum")):
        (case,) = answer.at(c=value).cases
        assert [p.kind for p in case.result.points] == [kind]
