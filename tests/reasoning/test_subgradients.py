"""Minima at kinks of several variables: lasso, hinge and maxima, against coordinate descent and the values around."""

from __future__ import annotations

import random

import pytest
from sympy import Abs, Expr, Integer, Max, Min, Rational, S, symbols

from symopt import Problem
from symopt.derivation.checks_absolute import where_flat
from symopt.derivation.claims import Context
from symopt.exact.signs import ANY, signs_of_tree
from symopt.reasoning.subgradients import prove_beside_kinks

x, y = symbols("x y", real=True)


def lasso_by_coordinates(rows: list[tuple[int, int]], targets: list[int], penalty: float) -> float:
    """The least value of |A w - b|^2 + c |w|_1, by cyclic coordinate descent with soft thresholding."""
    w = [0.0, 0.0]
    for _ in range(4000):
        for k in (0, 1):
            others = [b - row[1 - k] * w[1 - k] for row, b in zip(rows, targets, strict=True)]
            slope = sum(row[k] * r for row, r in zip(rows, others, strict=True))
            scale = sum(row[k] ** 2 for row in rows)
            size = max(0.0, abs(slope) - penalty / 2)
            w[k] = (size if slope > 0 else -size) / scale
    residuals = (row[0] * w[0] + row[1] * w[1] - b for row, b in zip(rows, targets, strict=True))
    return sum(r * r for r in residuals) + penalty * (abs(w[0]) + abs(w[1]))


@pytest.mark.parametrize("seed", range(4))
def test_lasso_with_two_coupled_weights(seed: int) -> None:
    rng = random.Random(seed)
    rows = [(rng.choice((1, 2, 3)), rng.choice((-2, -1, 1, 2))) for _ in range(3)]
    targets = [rng.randint(-3, 5) for _ in rows]
    penalty = rng.choice((1, 2, 5, 12))
    loss = sum(((a * x + b * y - c) ** 2 for (a, b), c in zip(rows, targets, strict=True)), Integer(0))
    answer = Problem((loss + penalty * (Abs(x) + Abs(y))).expand(), [x, y]).minimum(timeout=60)
    assert answer.attained
    assert answer.complete
    assert abs(float(answer.value) - lasso_by_coordinates(rows, targets, penalty)) < 1e-9
    assert answer.evidence.trust == "checked"


@pytest.mark.parametrize(
    ("objective", "sense", "value", "place"),
    [
        # the squared distance from 0 to x + y = 1 is 1/2, and there 1/4 < 1 + ...: the weight of the hinge is 1/2
        (Max(0, 1 - x - y) + (x**2 + y**2) / 2, "minimum", Rational(1, 4), (S.Half, S.Half)),
        # on x = y: t + 2 t^2 is least at t = -1/4
        (Max(x, y) + x**2 + y**2, "minimum", -Rational(1, 8), (-Rational(1, 4), -Rational(1, 4))),
        (Min(x, y) - x**2 - y**2, "maximum", Rational(1, 8), (Rational(1, 4), Rational(1, 4))),
        # two support vectors: (0, 1) has the value 1 + 0 + 1/2
        (
            Max(0, 1 - x) + Max(0, 1 - y + x) + (x**2 + y**2) / 2,
            "minimum",
            Rational(3, 2),
            (Integer(0), Integer(1)),
        ),
        (Abs(x - y) + x**2 + y**2 - x, "minimum", -Rational(1, 8), (Rational(1, 4), Rational(1, 4))),
    ],
)
def test_extrema_at_kinks(objective: Expr, sense: str, value: Expr, place: tuple) -> None:
    answer = getattr(Problem(objective, [x, y]), sense)()
    assert (answer.value, answer.attained, answer.complete) == (value, True, True)
    (branch,) = answer.cases[0].result.at
    assert tuple(branch.values.values()) == place
    kinks = {
        tuple(p.branch.values.values()): (p.kind, p.strict)
        for p in Problem(objective, [x, y]).stationary_points().cases[0].result.kinks
        if not p.branch.free
    }
    assert kinks[place] == (sense, True)


@pytest.mark.parametrize(
    ("objective", "value", "op", "place"),
    [
        (Abs(x) + x * y, 0, ">=", (0, 0)),  # what is left is a saddle
        (-Abs(x) + x**2 + y**2, 0, ">=", (0, 0)),  # a kink that bends down
        (Abs(x) + y**2 + 2 * x, 0, ">=", (0, 0)),  # the slope 2 is beyond the weight
        (Abs(x) ** 3 + y**2, 0, ">=", (0, 0)),  # no kink as a term
        (Max(x, y, x + y) + x**2 + y**2, 0, ">=", (0, 0)),  # more than two parts
    ],
)
def test_nothing_is_shown_where_nothing_is_true_or_seen(
    objective: Expr, value: int, op: str, place: tuple
) -> None:
    values = {x: Integer(place[0]), y: Integer(place[1])}
    assert prove_beside_kinks(objective, Integer(value), op, (x, y), values, Context()) is None


@pytest.mark.parametrize(
    ("tree", "signs"),
    [
        (Abs(x) - x / 2, {0, 1}),
        (2 * Abs(x - 1) + 2 * x - 2, {0, 1}),
        (-Abs(x) - x / 3, {-1, 0}),
        (Max(x, y) - x / 4 - 3 * y / 4, {0, 1}),
        (Min(x, y) - x / 4 - 3 * y / 4, {-1, 0}),
        (x / 4 + 3 * y / 4 - Min(x, y), {0, 1}),
        (Abs(x) - 2 * x, ANY),
        (Abs(x) - x / 2 - Rational(1, 100), ANY),
        (Abs(x) - y / 2, ANY),
        (Max(x, y) - x / 2 - 3 * y / 4, ANY),
        (Max(x, y) + x / 4 - 5 * y / 4, ANY),  # a weight beyond 1
        (Max(x, y) - x * y, ANY),
    ],
)
def test_signs_beside_a_kink(tree: Expr, signs: set) -> None:
    assert signs_of_tree(tree, ()) == signs


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (Abs(x) - x / 2, ((x,), ())),
        (Abs(x) - x, ((), ("x >= 0",))),
        (Abs(x) + x, ((), ("x <= 0",))),
        (Max(x, y) - x, ((), ("x - y >= 0",))),
        (Min(x, y) - x, ((), ("x - y <= 0",))),
        (Max(x, y) - x / 3 - 2 * y / 3, ((x - y,), ())),
        (Abs(x) - 2 * x, None),
        (Abs(x) - 1, None),
    ],
)
def test_where_a_kink_is_what_it_is_never_less_than(equation: Expr, expected: tuple | None) -> None:
    found = where_flat(equation)
    if expected is None or found is None:
        assert found == expected
        return
    gaps, relations = found
    assert len(gaps) == len(expected[0])
    assert all(g in (e, -e) for g, e in zip(gaps, expected[0], strict=True))
    at = [{x: Integer(i), y: Integer(k)} for i in range(-2, 3) for k in range(-2, 3)]
    for values in at:
        holds = all(bool(r.as_sympy().subs(values)) for r in relations)
        assert (equation.subs(values) == 0) == (holds and all(gap.subs(values) == 0 for gap in gaps))
