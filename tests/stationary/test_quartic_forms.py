"""Forms of degree four with a parameter: where they are steepest tells their sign, at the origin and far out."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol, sympify

from symopt import Problem

BORDER = Rational(
    256, 27
)  # of a^4: x^4 + a x^3 y + y^4 is 1 - 27 a^4/256 at x = -3 a/4, y = 1, its least value for y = 1
FORM = "x^4 + y^4 + a*x^3*y"


@pytest.mark.slow
def test_labels_of_a_form_by_its_steepest_lines() -> None:
    a = Symbol("a")
    for case in Problem(FORM, "x y").stationary_points(timeout=60).cases:
        condition = sympify(str(case.condition))
        origin = next(p for p in case.result.points if not p.branch.free)
        for value in (-3, Rational(-9, 5), -1, 0, Rational(7, 4), Rational(176, 100), 2, 5):
            if condition.subs(a, value):
                assert origin.kind == ("saddle" if Rational(value) ** 4 > BORDER else "minimum"), value


@pytest.mark.slow
def test_a_form_falls_for_ever_along_its_steepest_line() -> None:
    for value, infimum in ((Rational(7, 4), 0), (Rational(9, 5), "-oo"), (2, "-oo"), (-2, "-oo"), (0, 0)):
        answer = Problem(FORM, "x y").at(a=value).minimum(timeout=60)
        assert answer.value == sympify(infimum), value


def test_nested_roots_are_no_obstacle_where_they_are_not_defined_everywhere() -> None:
    """x^6/6 - a x^4 + 7 x^2/4: where x is not 0, x^4 - 4 a x^2 + 7/2 = 0, so x^2 = 2 a -+ sqrt(4 a^2 - 7/2).

    Both are positive for a > sqrt(7/8). The leading term rises, and 0 is a minimum: two maxima lie between minima.
    """
    answer = Problem("x^6/6 - a*x^4 + 7*x^2/4", "x", assuming=["a > 0", "a^2 > 7/8"])
    (case,) = answer.stationary_points(timeout=60).cases
    assert sorted(p.kind for p in case.result.points) == ["maximum"] * 2 + ["minimum"] * 3
