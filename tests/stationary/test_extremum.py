"""Global minima and maxima: values known by hand; sampling, SciPy and the checker as judges."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from scipy.optimize import minimize
from sympy import (
    Abs,
    Expr,
    Min,
    Rational,
    cos,
    cosh,
    erf,
    exp,
    lambdify,
    log,
    oo,
    pi,
    simplify,
    sin,
    sqrt,
    symbols,
    tan,
    tanh,
)

from symopt import Problem
from symopt.cases import Cell, explore
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import Context, Cover
from symopt.exact.asymptotics import limit_at_infinity
from symopt.relation import Relation
from symopt.results.answers import Extremum
from symopt.stationary.extremum import curvature_alone, extremum
from symopt.stationary.points import stationary_set

x, y, z, s, p, a, b, c, n, S = symbols("x y z s p a b c n S", real=True)
positive_x, positive_quadrant = (x > 0,), (x > 0, y > 0)

# objective, region, sense, value, attained, number of points (None: a family)
KNOWN = [
    (x**2 + y**2 - 2 * x - 6 * y + 14, (), "min", 4, True, 1),  # completing squares: (x-1)^2 + (y-3)^2 + 4
    (x**4 + y**4 - 4 * x * y + 1, (), "min", -1, True, 2),  # (x^2-1)^2 + (y^2-1)^2 + 2 (x-y)^2 - 1
    (x**3 - 3 * x * y**2, (), "min", -oo, False, 0),
    (x**2 * y**2, (), "min", 0, True, 2),  # both axes
    (x**3, (), "min", -oo, False, 0),
    (x**3, (), "max", oo, False, 0),
    (cosh(x) + cosh(y) - x * y, (), "max", oo, False, 0),
    (x * y + 1 / x + 1 / y, positive_quadrant, "min", 3, True, 1),  # the inequality of the means
    (exp(4 * y - x**2 - y**2), (), "min", 0, False, 0),
    (exp(4 * y - x**2 - y**2), (), "max", exp(4), True, 1),  # 4y - x^2 - y^2 <= 4
    (100 * (y - x**2) ** 2 + (1 - x) ** 2, (), "min", 0, True, 1),
    ((x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2, (), "min", 0, True, 1),
    ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, (), "min", 0, True, 4),
    (x**2 + (x * y - 1) ** 2, (), "min", 0, False, 0),
    (exp(-x), (), "min", 0, False, 0),
    (exp(x) - x, (), "min", 1, True, 1),
    (x * log(x), (), "min", -exp(-1), True, 1),
    (x * log(x), (x >= 1,), "min", 0, True, 1),
    (x**2, (x >= 1, x <= 3), "max", 9, True, 1),
    (sqrt(x**2 + y**2) - x / 2, (), "min", 0, True, 1),  # the norm is at least |x|
    (2 * sqrt(x**2 + y**2) - x - y, (), "min", 0, True, 1),  # 4 (x^2 + y^2) - (x + y)^2 >= 0
    # 1/(2x) < 1 there: 1/(2 x^2 (x^2 + 1)) falls from 1/4
    (Min(1, 1 / (2 * x)) / (x**3 + x), (x >= 1,), "min", 0, False, 0),
    (Min(1, 1 / (2 * x)) / (x**3 + x), (x >= 1,), "max", Rational(1, 4), True, 1),
    (x**2, (x > 1, x <= 3), "min", 1, False, 0),
    (x**3 - 3 * x, (x >= -2, x <= 2), "min", -2, True, 2),  # at the end -2 and inside at 1
    (1 / x, positive_x, "min", 0, False, 0),
    (1 / x, (), "min", -oo, False, 0),
    (x + 1 / x, positive_x, "min", 2, True, 1),
    (x + 1 / x, (), "min", -oo, False, 0),
    (x / (1 + x**2), (), "max", Rational(1, 2), True, 1),
    (log(x) / x, (), "max", exp(-1), True, 1),
    (tanh(x), (), "min", -1, False, 0),
    (sqrt(x), (), "min", 0, True, 1),
    (2 * (-x + 2 * y**2) ** 2 + (x - 1) ** 2, (), "min", 0, True, 2),
    (log(1 + x**2) + y**2, (), "min", 0, True, 1),
    (Abs(x - 1) + x**2, (), "min", Rational(3, 4), True, 1),  # slope 2 x - 1 left of 1, 2 x + 1 right of it
    (Abs(x) - x / 2, (), "min", 0, True, 1),
    (x**2 + x * y * z + y**2 + z**2, (), "min", -oo, False, 0),
    ((x + y) / (1 + x**2 + y**2), (), "min", -sqrt(2) / 2, True, 1),  # on x = y = t: 2 t/(1 + 2 t^2)
    (x * y / (1 + x**4 + y**4), (), "max", sqrt(2) / 4, True, 2),  # on y = x: t^2/(1 + 2 t^4), t^2 = 1/sqrt 2
    (x / (1 + x**2 + y**2 + z**2), (), "min", Rational(-1, 2), True, 1),
    (y**2 - 2 * y * cos(x), (), "min", -1, True, 2),  # (y - cos x)^2 - cos(x)^2
    (x**2 + y**2 + x * cos(y), (), "min", Rational(-1, 4), True, 1),  # (x + cos(y)/2)^2 + y^2 - cos(y)^2/4
    (exp(x) * cos(y), (), "min", -oo, False, 0),  # along y = pi
    (tan(x) - 2 * x, (), "min", -oo, False, 0),  # behind the pole at pi/2
    (1 / (x**2 + y**2 - 1), (), "max", oo, False, 0),  # from outside the circle
    (exp(x) - x + (y - exp(x)) ** 2, (), "min", 1, True, 1),  # on y = e^x: e^x - x >= 1
    (log(y) + x**2 / y + 1 / y, (y > 0,), "min", 1, True, 1),  # on x = 0: log y + 1/y, least at y = 1
    (erf(x) - x, (), "min", -oo, False, 0),
    (erf(x), (), "max", 1, False, 0),
    (x + y, (x**2 + y**2 <= 1,), "min", -sqrt(2), True, 1),  # Cauchy-Schwarz
    (x**2 - y**2, (x**2 + y**2 <= 4,), "min", -4, True, 2),  # at (0, 2) and (0, -2)
    (x * y, (x >= 0, y >= 0, x + y <= 10), "max", 25, True, 1),  # the inequality of the means
    (x * y, (x >= 0, y >= 0, x + y <= 10), "min", 0, True, 2),  # two sides of the triangle
    (x**2 * y, (x >= -1, x <= 1, y >= -1, y <= 1), "min", -1, True, 2),
    (x**2 + y**2, (x + y >= 1,), "min", Rational(1, 2), True, 1),  # the distance of a line
    (3 * x + 2 * y, (x + y <= 4, x + 3 * y <= 6, x <= 3, x >= 0, y >= 0), "max", 11, True, 1),  # a corner
    (x**2 + y**2 + 2 * Abs(x + y - 1), (), "min", Rational(1, 2), True, 1),  # on x = y: 2 t^2 + 2 |2 t - 1|
    (
        x**4 + y**4 + z**4 + s**4 - 4 * x * y * z * s,
        (),
        "min",
        0,
        True,
        4,
    ),  # equality of the means: |x| = |y| = ..
]


@cache
def answer(objective: Expr, region: tuple, sense: str):
    problem = Problem(objective, sorted(objective.free_symbols, key=str), subject_to=list(region))
    (case,) = (problem.minimum(timeout=60) if sense == "min" else problem.maximum(timeout=60)).cases
    return case.result


@pytest.mark.parametrize(
    ("objective", "region", "sense", "value", "attained", "points"), KNOWN, ids=lambda v: str(v)
)
def test_known_extrema(objective, region, sense, value, attained, points):
    result = answer(objective, region, sense)
    assert (result.value, result.attained, len(result.at)) == (value, attained, points)
    means = objective == x * y + 1 / x + 1 / y
    assert check(result.evidence.steps[0]) in ("checked", "recomputed", *(("trusted",) if means else ()))


@pytest.mark.parametrize("case", [k for k in KNOWN if abs(k[3]) != oo], ids=str)
def test_no_sampled_value_is_beyond_the_claim(case):
    objective, region, sense, value, *_ = case
    variables = sorted(objective.free_symbols, key=str)
    evaluate = lambdify(variables, objective, "math")
    inside = [lambdify(variables, r, "math") for r in region]
    claimed, better = float(value), 1 if sense == "min" else -1
    draw = random.Random(5)
    kept = 0
    for _ in range(3000):
        point = [draw.gauss(0, 3) for _ in variables]
        try:
            if not all(test(*point) for test in inside):
                continue
            found = evaluate(*point)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        kept += 1
        assert better * (found - claimed) >= -1e-9 * (1 + abs(found))
    assert kept > 100


@pytest.mark.parametrize(
    "case", [k for k in KNOWN if k[4] and not k[1] and len(k[0].free_symbols) == 2], ids=str
)
def test_local_searches_from_many_places_find_nothing_better(case):
    objective, _, sense, value, *_ = case
    variables = sorted(objective.free_symbols, key=str)
    better = 1 if sense == "min" else -1
    evaluate = lambdify(variables, better * objective, "math")
    draw = random.Random(3)
    found = min(
        minimize(lambda v: evaluate(*v), [draw.uniform(-4, 4) for _ in variables]).fun for _ in range(6)
    )
    assert found >= better * float(value) - 1e-7
    assert found <= better * float(value) + 1e-3


@pytest.mark.parametrize("case", [k for k in KNOWN if not k[4]], ids=str)
def test_f_tends_to_the_value_along_the_curve(case):
    """By a computation of its own: values at points of the curve that lie further and further out."""
    objective, region, sense, value, *_ = case
    result = answer(objective, region, sense)
    curve, symbol = dict(result.along), result.curve_symbol
    values = [float(objective.xreplace(curve).evalf(subs={symbol: place})) for place in (8, 64, 512)]
    if value == -oo:
        assert values[0] > values[1] > values[2]
        assert values[2] < -20
    elif value == oo:
        assert values[0] < values[1] < values[2]
        assert values[2] > 20
    else:
        assert abs(values[2] - float(value)) < 0.01
        assert abs(values[2] - float(value)) <= abs(values[0] - float(value))
    assert limit_at_infinity(objective.xreplace(curve), symbol) == value


@pytest.mark.parametrize("objective", [x * sin(x), exp(-x) * sin(x), x**2 * cos(x)], ids=str)
@pytest.mark.parametrize("sense", ["min", "max"])
def test_f_is_unbounded_along_a_sequence_where_it_is_along_no_line(objective, sense):
    result = answer(objective, (), sense)
    ((_, place),) = result.along
    values = [objective.subs(x, place.subs(result.curve_symbol, n)).evalf() for n in (1, 10, 100)]
    sign = -1 if sense == "min" else 1
    assert result.value == sign * oo
    assert result.to_dict()["along"]["integer"] is True
    assert 0 < sign * values[0] < sign * values[1] < sign * values[2]
    assert sign * values[2] > 100


def value_at(cases, **values):
    result = cases.at(**values)
    return result.value, result.attained


def test_the_quadratic_in_p_for_every_p():
    cases = Problem((p - 1) * x**2 + (p + 1) * y**2, [x, y]).minimum()
    assert [value_at(cases, p=v) for v in (2, 1, 0, -1, -2)] == [(0, True)] * 2 + [(-oo, False)] * 3
    cases = Problem((p - 1) * x**2 + (p + 1) * y**2, [x, y]).maximum()
    assert [value_at(cases, p=v) for v in (2, 1, 0, -1, -2)] == [(oo, False)] * 3 + [(0, True)] * 2


def test_pitchfork_and_likelihood():
    pitchfork = Problem(x**4 + a * x**2, [x]).minimum()
    assert [value_at(pitchfork, a=v) for v in (1, 0, -2)] == [(0, True), (0, True), (-1, True)]


def test_likelihood_splits_where_the_minimum_changes_and_nowhere_else():
    objective = n * log(s) + S / (2 * s**2)
    context = Context((Relation(s, ">"),), (Relation(n, ">"), Relation(S, ">=")))

    def question(cell: Cell) -> Extremum:
        return extremum("min", cell.objective, (s,), cell, stationary_set(cell), curvature_alone(cell))

    leaves = explore(question, Cell(objective, (s,), context), lambda reason, _: pytest.fail(reason))
    answers = {leaf.condition: (leaf.answer.value, leaf.answer.attained) for leaf in leaves}
    assert answers == {
        (Relation(S, ">"),): (n * log(S / n) / 2 + n / 2, True),
        (Relation(S, "=="),): (-oo, False),
    }


def test_two_parameters_give_every_case():
    cases = Problem(exp(a * x) - b * x, [x]).minimum()
    expected = {
        (1, 1): (1, True),
        (1, 0): (0, False),
        (1, -1): (-oo, False),
        (0, 1): (-oo, False),
        (0, 0): (1, True),
        (-1, 1): (-oo, False),
        (-1, -1): (1, True),
    }
    assert {key: value_at(cases, a=key[0], b=key[1]) for key in expected} == expected


def test_a_border_that_is_no_polynomial_is_not_passed_over():
    result = answer(x * y, (exp(x) + exp(y) <= 3,), "max")
    assert result.value is None or result.value == oo  # along (-s, -s)


def test_a_parameter_moves_the_minimum_to_the_border():
    cases = Problem((x - a) ** 2, [x], subject_to=[x >= 0]).minimum()
    assert value_at(cases, a=2) == (0, True)
    assert value_at(cases, a=-3) == (9, True)


def test_values_at_algebraic_numbers_are_compared():
    camel = x**4 / 4 + y**4 / 4 + x**3 * y / 10 - x**2 - 3 * y**2 / 2
    result = answer(camel, (), "min")
    assert result.attained
    assert len(result.at) == 2
    assert check(result.evidence.steps[0]) in ("checked", "recomputed")
    evaluate = lambdify((x, y), camel, "math")
    best = min(minimize(lambda v: evaluate(*v), start, tol=1e-12).fun for start in ([1, 1], [1, -1], [-1, 1]))
    for branch in result.at:
        middle = {m.symbol: (m.interval[0] + m.interval[1]) / 2 for m in branch.numbers}
        assert abs(evaluate(*(float(v.xreplace(middle)) for _, v in branch.at)) - best) < 1e-3


def test_brown_ends():
    """Brown's function: a value at (100, 10^6) has 10^12 digits; the minimum is f(0, 0) = 0."""
    problem = Problem((x**2) ** (y**2 + 1) + (y**2) ** (x**2 + 1))
    assert problem.minimum(timeout=3).value in (0, None)


def test_undecided_says_why():
    result = answer(Abs(x) + Abs(y), (), "min")
    assert result.value in (None, 0)
    assert result.value == 0 or result.evidence.reason


@pytest.mark.parametrize(
    ("objective", "variables", "region", "infimum"),
    [
        ("x + y", "x y", ["x^2 + y^2 < 1"], -sqrt(2)),  # Cauchy and Schwarz, equal at -(1, 1)/sqrt(2)
        ("(x-1)^2 + (y-2)^2", "x y", ["x > 0", "y > 0", "x + y < 1"], 2),  # the projection is (0, 1)
        ("x + y + z", "x y z", ["x^2 + y^2 + z^2 < 1"], -sqrt(3)),
        ("x*y", "x y", ["x^2 + y^2 < 1"], -Rational(1, 2)),  # 2 x y >= -(x^2 + y^2)
    ],
)
def test_on_an_open_region_the_border_is_approached(
    objective: str, variables: str, region: list[str], infimum: Expr
) -> None:
    found = Problem(objective, variables, subject_to=region).minimum(timeout=60)
    assert (found.value, found.attained) == (infimum, False)


@pytest.mark.parametrize(
    ("objective", "variables", "region", "sense", "value"),
    [
        # f = m + k g with the constraint g >= 0: the whole circle or sphere is best
        ("1 - x^2 - y^2", "x y", ["x^2 + y^2 <= 1"], "minimum", 0),
        ("x^2 + y^2", "x y", ["4*x^2 + 4*y^2 <= 25"], "maximum", Rational(25, 4)),
        ("x^2 + y^2 + z^2", "x y z", ["x^2 + y^2 + z^2 >= 1"], "minimum", 1),
        ("sqrt(1 - x^2 - y^2)", "x y", [], "minimum", 0),
        ("exp(-x^2 - y^2)", "x y", ["x^2 + y^2 <= 4"], "minimum", exp(-4)),
        ("x + 2*y", "x y", ["x + 2*y >= 3"], "minimum", 3),
    ],
)
def test_a_level_line_of_the_border_is_best(
    objective: str, variables: str, region: list[str], sense: str, value: Expr
) -> None:
    found = getattr(Problem(objective, variables, subject_to=region), sense)(timeout=60)
    assert (found.value, found.attained) == (value, True)
    assert found.cases[0].result.evidence.trust == "checked"
    (branch,) = found.cases[0].result.at
    assert branch.free
    for number in (0, pi / 2):
        point = {v: e.subs({s: number for s, _ in branch.free}) for v, e in branch.values.items()}
        assert Problem(objective, variables).objective.subs(point) == value


def test_parts_of_a_circle_on_the_border_are_best() -> None:
    """x^2 + y^2 is 4 on the half circle y >= 0, which is two quarters: t from 0 to 2, with x = sqrt(4 - t^2) or less."""
    found = Problem("x^2 + y^2", "x y", subject_to=["x^2 + y^2 <= 4", "y >= 0"]).maximum(timeout=60)
    (case,) = found.cases
    assert (found.value, found.attained, case.result.evidence.trust) == (4, True, "checked")
    assert [list(branch.where) for branch in case.result.at] == [
        [Relation(t, ">="), Relation(4 - t**2, ">=")] for branch in case.result.at for t, _ in branch.free
    ]
    assert "with 0 ≤ t ≤ 2" in str(found)


def test_an_even_power_bounds_what_it_equals_and_nothing_else() -> None:
    """x^2 = 4 - y^2 gives 4 - y^2 >= 0 to the equations that go on from it, but not y >= 1."""
    found = Problem("x^2 + y^2", "x y", subject_to=["x^2 + y^2 <= 4", "y >= 0"]).maximum(timeout=60)
    steps = [s for s in found.cases[0].result.evidence.steps[-1].walk() if s.rule == "cover_power"]
    honest = next(s for s in steps if any("sqrt" in str(b) for b in s.claim.branches))
    assert is_accepted(honest)
    narrower = tuple(
        replace(p, context=p.context.with_region(Relation(y - 1, ">="))) if isinstance(p.claim, Cover) else p
        for p in honest.premises
    )
    assert not is_accepted(replace(honest, premises=narrower))


@pytest.mark.parametrize(
    ("objective", "sense", "value", "place"),
    [
        # 1 + e^y - y e^y has its maximum 2 at y = 0, and cos x <= 1: infinitely many maxima, and no minimum
        ("(1 + exp(y))*cos(x) - y*exp(y)", "maximum", 2, (0, 0)),
        # y^2 (2 + sin x) + 3 y >= y^2 + 3 y >= -9/4
        ("y^2*(2 + sin(x)) + 3*y", "minimum", -Rational(9, 4), (-pi / 2, -Rational(3, 2))),
    ],
)
def test_waves_with_coefficients_are_bounded(objective: str, sense: str, value: Expr, place: Any) -> None:
    found = getattr(Problem(objective, "x y"), sense)(timeout=60)
    (case,) = found.cases
    assert (found.value, found.attained, case.result.evidence.trust) == (value, True, "checked")
    (branch,) = case.result.at
    at_zero = {s: 0 for s, _ in branch.free}
    assert tuple(v.subs(at_zero) for v in branch.values.values()) == place


@pytest.mark.parametrize(
    ("objective", "variables", "region", "values"),
    [
        # the dual norm, by Cauchy and Schwarz
        (
            "a*x + b*y",
            "x y",
            ["x^2 + y^2 <= 1"],
            [({"a": 3, "b": 4}, -5), ({"a": -3, "b": 4}, -5), ({"a": 0, "b": -2}, -2), ({"a": 0, "b": 0}, 0)],
        ),
        # the projection onto the disc: (|(a, b)| - 1)^2 from outside
        (
            "(x - a)^2 + (y - b)^2",
            "x y",
            ["x^2 + y^2 <= 1"],
            [({"a": 3, "b": 4}, 16), ({"a": 0, "b": -2}, 1), ({"a": 0, "b": 1}, 0)],
        ),
        # an interval with ends that hold a parameter
        ("x", "x", ["x^2 <= a"], [({"a": 9}, -3), ({"a": 0}, 0)]),
        # f >= 0 is 0 where x^2 = a
        ("sqrt(x^2 - a)", "x", [], [({"a": 2}, 0), ({"a": -4}, 2)]),
    ],
)
def test_borders_with_parameters(
    objective: str, variables: str, region: list[str], values: list[tuple[dict[str, int], int]]
) -> None:
    found = Problem(objective, variables, subject_to=region).minimum(timeout=60)
    for given, value in values:
        there = found.at(**given)
        assert (there.value, there.attained, there.cases[0].result.evidence.trust) == (value, True, "checked")


def test_a_region_without_points_is_named() -> None:
    found = Problem("x", "x", subject_to=["x^2 <= a"]).minimum(timeout=60)
    assert "the region has no point" in str(found.at(a=-1))


@pytest.mark.parametrize(
    ("objective", "variables", "region", "value"),
    [
        ("x + y", "x y", ["x*y >= 1", "x > 0"], 2),  # (x + y)/2 >= sqrt(x y)
        ("x + y", "x y", ["x*y >= 1", "x >= 0"], 2),
        ("x + y + z", "x y z", ["x*y*z >= 1", "x > 0", "y > 0"], 3),
        ("-log(x) - 2*log(y)", "x y", ["x + y <= 3"], -2 * log(2)),  # 3 shared as 1 : 2
        ("x - log(y)", "x y", ["x >= y^2"], Rational(1, 2) + log(2) / 2),  # y^2 - log y at y^2 = 1/2
    ],
)
def test_regions_that_are_closed_without_a_border(
    objective: str, variables: str, region: list[str], value: Expr
) -> None:
    found = Problem(objective, variables, subject_to=region).minimum(timeout=60)
    assert (simplify(found.value - value), found.attained) == (0, True)
    assert found.cases[0].result.evidence.trust == "checked"
