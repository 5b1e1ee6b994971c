"""Global extrema of sums over separate variables, by hand: each part alone, then their sum."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import E, Rational, log, oo, pi, symbols, sympify

from symopt import Problem
from symopt.cases import Cell
from symopt.derivation.claims import Context
from symopt.stationary.separating import parts_of

x, y, z = symbols("x y z", real=True)


@pytest.mark.parametrize(
    ("objective", "variables", "region", "parts"),
    [
        (x**2 + y * z + 3, (x, y, z), (), [x**2 + 3, y * z]),
        (x * (1 + y), (x, y), (), []),
        ((x + y) * (x - y), (x, y), (), [x**2, -(y**2)]),
        (x**2 + y**2, (x, y), ("x + y > 0",), []),
        (x**2 + y**2, (x, y), ("x > 0",), [x**2, y**2]),
        (x**2 + 1, (x,), (), []),
    ],
)
def test_parts(objective: Any, variables: tuple, region: tuple[str, ...], parts: list[Any]) -> None:
    relations = Problem(objective, variables, subject_to=region)._statement.region if region else ()
    found = [part.objective for part in parts_of(Cell(objective, variables, Context(relations)))]
    assert found == parts


@pytest.mark.parametrize(
    ("objective", "sense", "value", "points"),
    [
        ("x^4 - x^2 + y^4 - 2*y^2", "minimum", Rational(-5, 4), 4),  # -1/4 at +-1/sqrt 2, -1 at +-1
        ("sin(x) + cos(2*y)", "maximum", 2, 2),  # lattices of two integers: y = 0 and y = pi, and whole turns
        ("x*log(x) + y^4 - 4*y", "minimum", -1 / E - 3, 1),
        ("x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y) + 20", "minimum", 0, 1),  # Rastrigin
        ("abs(x - 1) + cos(y)", "minimum", -1, 1),
        ("x^2*y^2 + z^4 - z^2", "minimum", Rational(-1, 4), 4),  # two lines times two points
        ("x/(1 + x^2) + y*exp(-y)", "maximum", Rational(1, 2) + 1 / E, 1),
        ("x^4 - x^2 + exp(-y)*(1 + y^2)", "minimum", Rational(-1, 4), None),  # the second part tends to 0
        ("atan(x) + sin(y)", "minimum", -pi / 2 - 1, None),
        ("x^2 - 10*cos(2*pi*x) + sin(y)", "maximum", oo, None),
        ("x^3 - 3*x + cos(y)", "minimum", -oo, None),
    ],
)
def test_known_extrema(objective: str, sense: str, value: Any, points: int | None) -> None:
    found = getattr(Problem(objective), sense)()
    assert (found.value - sympify(value)).equals(0) or found.value == value
    assert found.attained is (points is not None)
    (case,) = found.cases
    assert len(case.result.at) == (points or 0)
    assert found.evidence.trust in ("checked", "recomputed")


def test_cases_of_each_part_meet() -> None:
    # exp(u) - c u: c - c log c at log c for c > 0, 0 in the limit for c = 0, -oo for c < 0
    answer = Problem("exp(x) + exp(y) - a*x - b*y", "x y").minimum(timeout=60)
    for a, b in ((1, 2), (3, 3)):
        assert (answer.at(a=a, b=b).value - (a + b - a * log(a) - b * log(b))).equals(0)
    assert (answer.at(a=0, b=2).value, answer.at(a=0, b=2).attained) == (2 - 2 * log(2), False)
    assert (answer.at(a=0, b=0).value, answer.at(a=0, b=0).attained) == (0, False)
    assert answer.at(a=1, b=-1).value == answer.at(a=-1, b=0).value == -oo


def test_it_is_told_part_by_part() -> None:
    text = " ".join(Problem("x^4 - x^2 + y^4 - 16*y^2 + 5*y", "x y").minimum().explain().text().split())
    assert "f is the sum of g(x) = x^4 - x^2 and h(y) = y^4 - 16*y^2 + 5*y, which share no variable." in text
    assert "So the minimum of g is -1/4. h(y)" in text
    assert "So the minimum of h is" in text
