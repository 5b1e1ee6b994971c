"""Maxima of three functions, kinks that move with a parameter, and losses that fall for ever, in the plane."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, Expr, Max, Rational, S, exp, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.signs import signs_of_tree, touching_kink
from symopt.relation import Relation
from symopt.stationary.recession import recession_directions

x, y, l = symbols("x y l", real=True)  # noqa: E741
THREE = Max(x, y, -x - y)


def found(text: str, names: str = "x y", *assuming: str) -> Any:
    return Problem(text, names, assuming=assuming)


@pytest.mark.parametrize(
    ("expression", "signs"),
    [
        (THREE, {0, 1}),  # the mean of the three is 0
        (THREE - x / 3 + y / 3, {0, 1}),  # weights 2/3, 0, 1/3
        (-THREE, {-1, 0}),
        (THREE - x, {0, 1}),
        (THREE - 2 * x, {-1, 0, 1}),  # -1 at (1, 0)
        (THREE + x - y / 2, {-1, 0, 1}),  # -1/2 at (0, 1) - in no mean of the three
        (THREE - Rational(1, 10), {-1, 0, 1}),
    ],
)
def test_a_maximum_is_above_the_means_of_its_parts(expression: Expr, signs: set[int]) -> None:
    assert set(signs_of_tree(expression, ())) == signs


def test_weights_of_a_mean() -> None:
    assert touching_kink(THREE)[3] == (Rational(1, 3),) * 3  # type: ignore[index]
    assert touching_kink(Max(x, y, 1) - x**2) is None


def holds(tree: Expr, condition: tuple[Relation, ...] = ()) -> bool:
    step = Step(Context((), condition), Holds(Relation(tree, ">=")), "signs", (), (("tree", tree),))
    return is_accepted(step)


def test_lies_about_means_are_rejected() -> None:
    assert holds(THREE)
    assert not holds(THREE - x - y)  # -1 at (1, 1) - (0 weights of sum 1 give x + y)
    assert not holds(THREE - 2 * x / 3 - 2 * y / 3)  # -1/3 at (1, 1)


@pytest.mark.parametrize(
    ("text", "value", "point"),
    [
        ("Max(x, y, -x-y) + x^2 + y^2", S.Zero, (0, 0)),
        ("Max(x+y, x-y, -x)", S.Zero, (0, 0)),
        # subgradients (1, 1), (1, -1), (-2, 0), (0, 1) - with weights 1/3, 1/3, 1/3 of the first three it is 0
        ("Max(x+y, x-y, -2*x) + x^2", S.Zero, (0, 0)),
    ],
)
def test_the_lowest_point_of_three_functions(text: str, value: Expr, point: tuple[int, int]) -> None:
    (case,) = found(text).minimum(timeout=60).cases
    (branch,) = case.result.at
    assert case.result.value == value
    assert tuple(branch.values.values()) == point


def test_the_median_of_two_parameters() -> None:
    (case,) = found("abs(x-a) + abs(y-b)").stationary_points(timeout=60).cases
    kinds = sorted((k.kind, bool(k.branch.free)) for k in case.result.kinks)
    assert case.result.complete
    assert kinds == [("minimum", False)] + [("saddle", True)] * 4


def test_the_lasso_at_the_origin() -> None:
    # 0 is a subgradient of (x-1)^2 + (y-2)^2 + 5 (|x| + |y|) at the origin: |(-2, -4)| <= 5 entry by entry
    for size, lowest in ((5, 5), (7, 5)):
        (case,) = found("(x-1)^2 + (y-2)^2 + l*(abs(x) + abs(y))").at(l=size).minimum(timeout=60).cases
        assert case.result.value == lowest
    (case,) = found("(x-1)^2 + (y-2)^2 + l*(abs(x) + abs(y))", "x y", "l > 4").minimum(timeout=60).cases
    assert case.result.value == 5
    (branch,) = case.result.at
    assert tuple(branch.values.values()) == (0, 0)


@pytest.mark.slow
def test_a_loss_of_separable_points_falls_for_ever() -> None:
    # margins w + b, -w + b, -2w - b, b: all positive along (-2, 3), so the infimum is 0
    f = found("log(1+exp(-w-b)) + log(1+exp(w-b)) + log(1+exp(2*w+b)) + log(1+exp(-b))", "w b")
    (case,) = f.stationary_points(timeout=60).cases
    assert case.result.complete
    assert not case.result.points
    (case,) = f.minimum(timeout=60).cases
    assert (case.result.value, case.result.attained) == (S.Zero, False)


def test_directions_of_recession() -> None:
    directions = recession_directions(exp(-x - y) + exp(x - y) + exp(-3 * x), (x, y))
    assert directions[0] == (1, 2)
    assert all(max(-a - b, a - b, -3 * a) <= 0 for a, b in directions)
    assert not recession_directions(exp(x) + exp(-x) + exp(y) + exp(-y), (x, y))
    assert not recession_directions(exp(x**2) + exp(y), (x, y))
    assert not recession_directions(exp(x) + exp(2 * x), (x,))


def test_a_wave_on_a_half_plane_is_unbounded() -> None:
    # -s^2 along y = 3 pi/2
    (case,) = Problem("x^2*sin(y)", "x y", subject_to=["y > 0"]).minimum(timeout=60).cases
    assert case.result.value == -S.Infinity


def test_sizes_times_parameters() -> None:
    # l |x| >= 2 x for l > 2, by (l/2 - 1) (|x| + x) + (l/2 + 1) (|x| - x)
    tree = (l / 2 - 1) * (Abs(x) + x) + (l / 2 + 1) * (Abs(x) - x)
    assert holds(tree, (Relation(l - 2, ">"),))
    assert not holds(tree, (Relation(l - 1, ">"),))


def test_the_distance_less_a_coordinate_is_least_on_a_ray() -> None:
    # sqrt(x^2 + y^2) >= |x| >= x, with equality for y = 0 and x >= 0; the origin is a kink
    f = found("sqrt(x^2 + y^2) - x")
    (case,) = f.stationary_points(timeout=60).cases
    assert case.result.complete
    (ray,) = case.result.points
    (kink,) = case.result.kinks
    assert (ray.kind, ray.strict, kink.kind) == ("minimum", False, "minimum")
    assert [(r.expression, r.op) for r in ray.branch.where] == [(ray.branch.at[0][1], ">")]
    (case,) = f.minimum(timeout=60).cases
    assert (case.result.value, case.result.attained, len(case.result.at)) == (S.Zero, True, 2)


def test_the_proof_is_told() -> None:
    told = str(found("sqrt(x^2 + y^2) - x").stationary_points(timeout=60).explain())
    assert "The equation x = |x| holds exactly\nfor x ≥ 0" in told
