"""Numbers of different faces have different names; quotients, tangents and exponentials of a x with a parameter."""

from __future__ import annotations

import math

import pytest
from scipy.optimize import minimize
from sympy import Rational, cos, log, oo, sin, sqrt, symbols, tan, tanh

from symopt import Problem
from symopt.agreement import require_agreement
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context
from symopt.relation import Relation

x, y, a = symbols("x y a", real=True)


@pytest.mark.slow
def test_faces_whose_points_are_known_by_equations() -> None:
    """Adjiman's function on a box: the minimum is on the face x = 2, where (1 + y^2)^2 cos(2) cos(y) = -4 y."""
    objective, box = cos(x) * sin(y) - x / (y**2 + 1), [x >= -1, x <= 2, y >= -1, y <= 1]
    (case,) = Problem(objective, [x, y], subject_to=box).minimum(timeout=120)
    (point,) = case.to_dict()["at"]
    found = minimize(
        lambda v: float(objective.subs({x: v[0], y: v[1]})), [1.9, 0.1], bounds=[(-1, 2), (-1, 1)]
    )
    assert point["at"]["x"] == "2"
    assert abs(float(point["decimal"]["y"]) - found.x[1]) < 1e-5
    assert case.result.complete


def test_a_logarithm_of_a_tangent_has_no_stationary_points() -> None:
    """(log tan x)' = 2/sin(2 x)."""
    problem = Problem(log(tan(x)), [x])
    (case,) = problem.stationary_points(timeout=60)
    assert (case.result.points, case.result.complete) == ((), True)
    assert problem.minimum(timeout=60).value == -oo


def test_the_region_of_a_quotient_is_open_on_both_sides() -> None:
    """(log((x + 1)/(x - 1)) + x)' = 1 - 2/(x^2 - 1), which is 0 at x^2 = 3."""
    (case,) = Problem(log((x + 1) / (x - 1)) + x, [x]).stationary_points(timeout=60)
    assert {dict(p.branch.at)[x] for p in case.result.points} == {sqrt(3), -sqrt(3)}
    assert case.result.complete


@pytest.mark.slow
def test_exponentials_of_a_multiple_of_x_with_a_parameter() -> None:
    """(tanh(a x) - x)' = 0 where tanh(a x)^2 = 1 - 1/a: at a = 2, 2 x = artanh(1/sqrt 2), so e^(4 x) = 3 + 2 sqrt 2."""
    cases = Problem(tanh(a * x) - x, [x]).stationary_points(timeout=60)
    (half,), (one,), (two,) = (cases.at(a=value) for value in (Rational(1, 2), 1, 2))
    assert [len(case.result.points) for case in (half, one, two)] == [0, 1, 2]
    assert all(case.result.complete for case in (half, one, two))
    assert one.result.points[0].kind == "inflection"
    places = sorted(float(dict(p.branch.at)[x]) for p in two.result.points)
    assert places == pytest.approx([-math.log(3 + 2 * math.sqrt(2)) / 4, math.log(3 + 2 * math.sqrt(2)) / 4])
    assert [p.kind for p in two.result.points] == ["minimum", "maximum"]


@pytest.mark.slow
def test_a_quarter_of_a_disc() -> None:
    """x y (1 - r^2) with x y <= r^2/2 and r^2 (1 - r^2) <= 1/4; it is 0 on the border alone."""
    problem = Problem(x * y * (1 - x**2 - y**2), [x, y], subject_to=[x >= 0, y >= 0, x**2 + y**2 <= 1])
    (greatest,) = problem.maximum(timeout=120)
    assert greatest.result.value == Rational(1, 8)
    assert greatest.result.complete
    assert [dict(branch.at) for branch in greatest.result.at] == [{x: Rational(1, 2), y: Rational(1, 2)}]
    (least,) = problem.minimum(timeout=120)
    assert (least.result.value, least.result.complete) == (0, True)
    for at, inside in (((0, 0.3), True), ((0.7, 0), True), ((0.6, 0.8), True), ((0.6, 0.7), False)):
        assert any(is_member(branch, at) for branch in least.result.at) is inside


def is_member(branch: Branch, at: tuple[float, float]) -> bool:
    """Whether a family with one free symbol, which is one of the coordinates, goes through a point."""
    values = dict(branch.at)
    ((free, _),) = branch.free
    place = next(c for v, c in zip((x, y), at, strict=True) if values[v] == free)
    return all(abs(values[v].subs(free, place) - c) < 1e-9 for v, c in zip((x, y), at, strict=True))


def test_a_proof_about_a_larger_region_is_not_about_this_one() -> None:
    (case,) = Problem(x**2, [x]).minimum()
    require_agreement(case.result, x**2, (x,), Context())
    with pytest.raises(Rejected):
        require_agreement(case.result, x**2, (x,), Context((Relation(x - 1, ">"),)))


@pytest.mark.parametrize("name", ["x", "t", "s", "n", "k"])
def test_a_constant_function_of_a_variable_with_the_name_of_a_family(name: str) -> None:
    """At a = 0 every t is stationary, and the letter of the family is another one."""
    variable = symbols(name, real=True)
    (case,) = (
        case
        for case in Problem(a * variable**2, [variable]).stationary_points()
        if case.result.points[0].kind not in ("minimum", "maximum")
    )
    (point,) = case.result.points
    assert case.condition.contains({a: 0})
    assert case.result.complete
    (value,) = point.branch.values.values()
    assert value.is_Symbol
    assert value.name != name
