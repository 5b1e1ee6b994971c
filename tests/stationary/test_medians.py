"""Minima of sums of absolute values: medians, quantiles and their weights, against a look at every kink."""

from __future__ import annotations

import random

import pytest
from sympy import Abs, Expr, Rational, oo, symbols

from symopt import Problem

x, a, b = symbols("x a b", real=True)


def judged_at_kinks(
    weights: list[Rational], kinks: list[Rational], slope: Rational
) -> tuple[Rational, set[Rational]]:
    """The least value at a kink, and the kinks at which it is reached: a piecewise linear function has it there."""
    values = {c: sum(w * abs(c - d) for w, d in zip(weights, kinks, strict=True)) + slope * c for c in kinks}
    return min(values.values()), {c for c in kinks if values[c] == min(values.values())}


@pytest.mark.parametrize("seed", range(6))
def test_the_minimum_is_at_the_kinks_where_the_slope_turns(seed: int) -> None:
    rng = random.Random(seed)
    kinks = [Rational(k, 2) for k in rng.sample(range(-9, 10), rng.choice((1, 2, 4, 7)))]
    weights = [Rational(rng.choice((1, 1, 2, 3)), rng.choice((1, 1, 2))) for _ in kinks]
    slope = rng.choice((0, 0, 1, -1)) * sum(weights) / rng.choice((1, 3))
    objective = sum(w * Abs(x - c) for w, c in zip(weights, kinks, strict=True)) + slope * x
    value, places = judged_at_kinks(weights, kinks, Rational(slope))
    (case,) = Problem(objective, [x]).minimum(timeout=60)
    (branch,) = case.result.at
    assert case.result.value == value
    assert case.result.complete
    assert case.result.evidence.trust == "checked"
    if branch.free:
        ends = {-r.expression.subs(branch.values[x], 0) for r in branch.where}
        assert ends == places
    else:
        assert {branch.values[x]} == places


@pytest.mark.parametrize(
    ("objective", "sense", "values", "value", "place"),
    [
        (Abs(x - a) + Abs(x - b), "min", {a: 1, b: 4}, 3, Rational(5, 2)),
        (Abs(x - a) + Abs(x - b), "min", {a: 4, b: 1}, 3, Rational(5, 2)),
        (a * Abs(x - 1) + b * Abs(x + 1), "min", {a: 1, b: 3}, 2, -1),
        (a * Abs(x) - x, "min", {a: 2}, 0, 0),
        (a * Abs(x) - x, "min", {a: 1}, 0, 7),  # |x| - x = 0 on x >= 0
        (a * Abs(x) - x, "min", {a: Rational(1, 2)}, -oo, None),
        (1 - 2 * Abs(x - a) - Abs(x), "max", {a: 3}, -2, 3),
        # half of the weight at x = 1: every point from there to the next kink
        (3 * Abs(x - 1) + 2 * Abs(x - a) + Abs(x + 2), "min", {a: 0}, 5, Rational(1, 3)),
        (3 * Abs(x - 1) + 2 * Abs(x - a) + Abs(x + 2), "min", {a: -5}, 15, Rational(-3, 2)),
    ],
)
def test_parameters(objective: Expr, sense: str, values: dict[Expr, Expr], value: Expr, place: Expr) -> None:
    problem = Problem(objective, [x])
    found = problem.minimum(timeout=60) if sense == "min" else problem.maximum(timeout=60)
    (case,) = found.at(values)
    assert case.result.value == value
    if place is not None:
        held = [dict(branch.at)[x] for branch in case.result.at]
        inside = [
            entry == place or all(r.as_sympy().subs(entry, place) == True for r in branch.where)  # noqa: E712
            for entry, branch in zip(held, case.result.at, strict=True)
            if entry == place or branch.free
        ]
        assert any(inside)


@pytest.mark.parametrize(
    ("text", "variables", "place", "where"),
    [
        # where each term of a sum that is never negative vanishes
        ("max(0, x + y)", "x y", "(t, s)", "s + t <= 0"),
        ("max(0, x)^2 + y^2", "x y", "(t, 0)", "t <= 0"),
        ("max(0, abs(x) - 1)", "x", "(t,)", "Abs(t) <= 1"),  # the loss that is insensitive to errors below 1
        ("max(0, 1 - x*y)", "x y", "(t, s)", "s*t >= 1"),
        ("max(0, x)^2 + (x - y)^2", "x y", "(t, t)", "t <= 0"),
    ],
)
def test_all_points_where_positive_parts_vanish(text: str, variables: str, place: str, where: str) -> None:
    answer = Problem(text, variables).minimum()
    assert (answer.value, answer.attained, answer.complete) == (0, True, True)
    (branch,) = answer.cases[0].result.at
    assert str(tuple(value for _, value in branch.at)) == place
    assert [str(relation.as_sympy()) for relation in branch.where] == [where]
