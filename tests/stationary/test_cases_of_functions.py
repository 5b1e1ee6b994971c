"""Functions given by cases: smooth joins, kinks and jumps at the borders, each judged from both sides."""

from __future__ import annotations

import pytest
from sympy import And, Integer, Or, Piecewise, Rational, Symbol, oo, symbols

from symopt import Problem
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation

x, s, d = symbols("x s d", real=True)
HUBER = "Piecewise((x^2/2, abs(x) <= d), (d*(abs(x) - d/2), True))"


@pytest.mark.parametrize(
    ("text", "points", "kinks"),
    [
        # Huber's function has the slope x inside and 1, -1 outside: one stationary point, smooth joins
        ("Piecewise((x^2/2, abs(x) <= 1), (abs(x) - 1/2, True))", {(0, "minimum", True)}, set()),
        (
            "Piecewise((x^2/2, (x >= -1) & (x <= 1)), (x - 1/2, x > 1), (-x - 1/2, True))",
            {(0, "minimum", True)},
            set(),
        ),
        ("Piecewise((x^2, x < 1), (2*x - 1, True))", {(0, "minimum", True)}, set()),
        ("Piecewise((x^2, x <= 0), (x, True))", set(), {(0, "minimum", True)}),
        # jumps: the value at 0 is below (above) what is on its left
        ("Piecewise((x^2 + 1, x < 0), (x - 1, True))", set(), {(0, "minimum", True)}),
        ("Piecewise((-x^2, x < 0), (1 - x, True))", set(), {(0, "maximum", True)}),
        ("Piecewise((x, x < 0), (x + 1, True))", set(), {(0, "inflection", None)}),
        ("Piecewise((-x, x < 0), (x^2 - 2*x, True))", {(1, "minimum", True)}, {(0, "inflection", None)}),
        # two ways to one branch: |x| is less than x^2 outside [-1, 1], with the slopes 1 and 2 at 1
        (
            "Piecewise((x^2, (x > 1) | (x < -1)), (abs(x), True))",
            set(),
            {(0, "minimum", True), (1, "inflection", None), (-1, "inflection", None)},
        ),
        # 2 x is above x^2 from 1 to 2; at -3, x^2 = 9 is above -6 and falls; at 1 and 4 it jumps up
        (
            "Piecewise((2*x, (x > 1 and x < 4) or x < -3), (x^2, True))",
            {(0, "minimum", True)},
            {(-3, "maximum", True), (1, "inflection", None), (4, "inflection", None)},
        ),
    ],
)
def test_points_of_functions_by_cases(text: str, points: set, kinks: set) -> None:
    answer = Problem(text, "x").stationary_points()
    (case,) = answer.cases
    assert case.result.complete
    for found, expected in ((case.result.points, points), (case.result.kinks, kinks)):
        assert {(dict(p.branch.at)[p.branch.at[0][0]], p.kind, p.strict) for p in found} == expected


def test_many_ways_to_one_branch_are_read() -> None:
    """x^2 on eight intervals of half a unit and x elsewhere: it jumps up at 2, and is straight from 2.5 to 3."""
    ways = Or(*(And(x > k, x < k + Rational(1, 2)) for k in range(8)))
    assert Problem(Piecewise((x**2, ways), (x, True)), [x]).convexity(timeout=60).kind == "neither"


def test_two_ways_to_one_branch_have_one_infimum() -> None:
    """x^2 outside [-1, 1] and 1 inside: the minimum 1 is reached on the whole interval, and nowhere else."""
    found = Problem("Piecewise((x^2, Or(x < -1, x > 1)), (1, True))", "x").minimum(timeout=60)
    assert (found.value, found.attained, found.cases[0].result.evidence.trust) == (1, True, "checked")
    (branch,) = found.cases[0].result.at
    assert {str(r) for r in branch.where} == {"t <= 1", "t >= -1"}


def test_hubers_function_for_every_border() -> None:
    answer = Problem(HUBER, "x").stationary_points()
    for border, kind, value in ((2, "minimum", 0), (-2, "maximum", -2)):  # d (|0| - d/2) = -d^2/2 for d < 0
        case = answer.at(d=border)
        (point,) = case.points + case.kinks
        assert (point.kind, point.strict, point.value) == (kind, True, value)


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        (Piecewise((1 / s, s > 5), (s, True)), 0),
        (Piecewise((s, s < 5), (1 + 1 / s, True)), 1),
        (Piecewise((2, And(s > 1, s < 10)), (3, True)), 3),
        (Piecewise((2, Or(s < 1, s**2 > s)), (3, True)), 2),
        (Piecewise((s, d > 0), (-s, True)), None),  # the sign of d is not known
        (Piecewise((1, 1 / s >= 0), (0, True)), 1),
        (Piecewise((1, s >= s), (-s, True)), 1),
    ],
)
def test_limits_by_cases(expression: object, limit: object) -> None:
    assert limit_at_infinity(expression + 1 - 1, s) == limit


def test_limits_by_cases_of_known_parameters() -> None:
    cases = Piecewise((s, d > 0), (-s, True))
    assert limit_at_infinity(cases, s, lambda e: 1 if e == d else None) == oo
    assert limit_at_infinity(cases, s, lambda e: -1 if e == d else None) == -oo


@pytest.mark.parametrize(
    ("tree", "signs"),
    [
        (Piecewise((x, x > 0), (0, True)), {0, 1}),
        (Piecewise((x, x > 0), (-x, True)), {0, 1}),
        (Piecewise((x - 1, x > 0), (x**2, True)), {-1, 0, 1}),
        (Piecewise((x, And(x > 0, x < 1)), (Integer(2), True)), {1}),
        (Piecewise((x, x < 0), (-x - 1, True)), {-1}),
    ],
)
def test_signs_by_cases(tree: object, signs: set) -> None:
    assert signs_of_tree(tree, ()) == signs


def test_signs_by_cases_with_facts() -> None:
    tree = Piecewise((x - 1, x > 1), (Symbol("y", real=True), True))
    assert signs_of_tree(tree, (Relation(Symbol("y", real=True), ">"),)) == {1}


def test_borders_between_exponentials() -> None:
    # e^x comes near 0 to the left; e^(-x) and 1 stay above; facts such as x > log 3 are not rational
    answer = Problem("Piecewise((exp(x), x <= 2), (exp(-x), x < 3), (1, True))", "x").minimum()
    assert (answer.value, answer.attained) == (0, False)
