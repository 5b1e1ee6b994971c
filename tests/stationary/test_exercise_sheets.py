"""Functions as exercise sheets hold them: likelihoods, entropies, densities. Each answer is derived by hand beside it."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Expr, N, count_ops, nsolve, oo, sqrt, sympify

from symopt import Problem
from symopt.derivation.checker import check

Text = tuple[str, ...]

# objective, variables, region, assumptions, values of the parameters, {point: kind}; the list is complete
POINTS: tuple[tuple[str, str, Text, Text, dict[str, Any], dict[Text, str]], ...] = (
    # f' = 0 where a x^2 - 2 a x + 1 = 0, that is x = 1 +- sqrt(1 - 1/a); f' < 0 beyond, as f -> -oo
    ("log(1 + a*x^2) - x", "x", (), ("a > 0",), {"a": 4}, {("1 - sqrt(3)/2",): "minimum", ("1 + sqrt(3)/2",): "maximum"}),
    ("log(1 + a*x^2) - x", "x", (), ("a > 0",), {"a": 1}, {("1",): "inflection"}),  # -(x - 1)^2/(1 + x^2)
    ("log(1 + a*x^2) - x", "x", (), ("a > 0",), {"a": "1/2"}, {}),
    # the softmax: log p - log(1 - p - q) = 1, log q - log(1 - p - q) = 2, and the entropy is strictly concave
    (
        *("-p*log(p) - q*log(q) - (1-p-q)*log(1-p-q) + p + 2*q", "p q", (), (), {}),
        {("exp(1)/(1 + exp(1) + exp(2))", "exp(2)/(1 + exp(1) + exp(2))"): "maximum"},
    ),
    # the mode of a Gamma density: (k - 1)/x = 1/t
    ("x^(k-1)*exp(-x/t)", "x", ("x > 0",), ("k > 1", "t > 0"), {"k": 3, "t": 2}, {("4",): "maximum"}),
    # y = e^(-1-x) and x = e^(-1-y): f_x - f_y = 0 is log x - x = log y - y, and x < 1 < y would give log y < 0
    ("x*log(x) + y*log(y) + x*y", "x y", (), (), {}, {("LambertW(exp(-1))",) * 2: "minimum"}),
    # sin y sin(2x + y) = 0 and sin x sin(x + 2y) = 0, where 0 < 2x + y, x + 2y < 2 pi
    ("sin(x)*sin(y)*sin(x+y)", "x y", ("x > 0", "y > 0", "x + y < pi"), (), {}, {("pi/3", "pi/3"): "maximum"}),
    # a barrier: strictly convex, and 2 x^2 - (3 m + 1) x + m = 0 on the diagonal
    ("x + y - m*log(x) - m*log(y) - m*log(x+y-1)", "x y", (), ("m > 0",), {"m": 1}, {("1 + sqrt(2)/2",) * 2: "minimum"}),
)  # fmt: skip

# objective, variables, region, assumptions, values of the parameters, sense, value, attained
EXTREMA: tuple[tuple[str, str, Text, Text, dict[str, Any], str, Any, bool], ...] = (
    ("log(x)/x^a", "x", ("x > 0",), ("a > 0",), {"a": 2}, "max", "exp(-1)/2", True),  # at x = e^(1/a)
    # products: log f is a sum of concave functions, with x = k/rate for x^k e^(-rate x)
    ("x*y*exp(-x-2*y)", "x y", ("x > 0", "y > 0"), (), {}, "max", "exp(-2)/2", True),
    ("x^2*y^3*exp(-x-2*y)", "x y", ("x > 0", "y > 0"), (), {}, "max", "4*(3/2)^3*exp(-5)", True),
    ("x*y*exp(-a*x-b*y)", "x y", ("x > 0", "y > 0"), ("a > 0", "b > 0"), {"a": 2, "b": 3}, "max", "exp(-2)/6", True),
    ("x^a*exp(-b*x)", "x", ("x > 0",), ("a > 0", "b > 0"), {"a": 2, "b": 1}, "min", 0, False),
    ("log(exp(x) + exp(y) + 1) - x", "x y", (), (), {}, "min", 0, False),  # log(1 + e^(-x) + e^(y-x)) > 0
    ("sin(x)*sin(y)*sin(x+y)", "x y", ("x > 0", "y > 0", "x + y < pi"), (), {}, "max", "3*sqrt(3)/8", True),
    # relative entropy: convex, so largest at an end, where it tends to -log(1 - q) and to -log q
    ("x*log(x/q) + (1-x)*log((1-x)/(1-q))", "x", (), ("q > 0", "q < 1"), {"q": "1/4"}, "max", "log(4)", False),
)  # fmt: skip


def number(value: Any) -> Expr:
    return N(sympify(str(value).replace("^", "**")), 20)


def is_at(point: Any, place: Text) -> bool:
    """Whether a point has these coordinates; isolated numbers lie in the middle of their intervals."""
    numbers = {n.symbol: sum(n.interval) / 2 for n in point.branch.numbers}
    coordinates = [value.subs(numbers) for value in point.branch.values.values()]
    return all(abs(number(v) - number(w)) < 1e-10 for v, w in zip(coordinates, place, strict=True))


def asked(expression: str, variables: str, region: Text, given: Text) -> Problem:
    return Problem(expression, variables, subject_to=region, assuming=given)


@pytest.mark.parametrize(("expression", "variables", "region", "given", "at", "expected"), POINTS)
def test_all_points_with_their_labels(
    expression: str, variables: str, region: Text, given: Text, at: dict[str, Any], expected: dict[Text, str]
) -> None:
    answer = asked(expression, variables, region, given).stationary_points(timeout=60)
    found = answer.at(at) if at else answer
    assert found.complete
    assert len(found.points) == len(expected)
    for place, kind in expected.items():
        near = [p for p in found.points if is_at(p, place)]
        assert [p.kind for p in near] == [kind], place


@pytest.mark.parametrize(
    ("expression", "variables", "region", "given", "at", "sense", "value", "attained"), EXTREMA
)
def test_extrema(
    expression: str,
    variables: str,
    region: Text,
    given: Text,
    at: dict[str, Any],
    sense: str,
    value: Any,
    attained: bool,
) -> None:
    problem = asked(expression, variables, region, given)
    answer = problem.minimum(timeout=60) if sense == "min" else problem.maximum(timeout=60)
    found = answer.at(at) if at else answer
    assert check(*answer.cases[0].result.evidence.steps) == "checked"
    assert found.attained is attained
    if value in (oo, -oo):
        assert found.value == value
    else:
        assert abs(number(found.value) - number(value)) < 1e-12


def test_cases_are_told_by_the_parameter_itself() -> None:
    """Which end is better rests on log q - log(1 - q), that is on q - 1/2."""
    problem = asked("x*log(x/q) + (1-x)*log((1-x)/(1-q))", "x", (), ("q > 0", "q < 1"))
    assert [str(case.condition) for case in problem.maximum(timeout=60)] == ["q >= 1/2", "q < 1/2"]


def test_a_convex_sum_of_roots_has_one_point_for_all_parameters() -> None:
    """f' rises from -oo to oo, as f'' = 2 l + (1 + (x - a)^2)^(-3/2)."""
    answer = asked("sqrt(1 + (x-a)^2) + l*x^2", "x", (), ("l > 0",)).stationary_points(timeout=60)
    (case,) = answer.cases
    (point,) = case.result.points
    (number,) = point.branch.numbers
    at = {"a": 3, "l": 0.5}
    equation = number.equation.subs({s: at.get(s.name, s) for s in number.equation.free_symbols})
    assert case.result.complete
    assert (point.kind, point.strict) == ("minimum", True)
    place = nsolve(equation, number.symbol, 0.5)
    assert abs(place + (place - 3) / sqrt(1 + (place - 3) ** 2)) < 1e-12


def test_waves_on_a_half_line_have_their_first_member() -> None:
    """-pi/2 + 2 pi n > -20 from n = -2 on, and pi/2 + 2 pi n > -20 from n = -3 on."""
    (case,) = asked("sin(x)", "x", ("x > -20",), ()).stationary_points(timeout=60).cases
    assert case.result.complete
    assert [(p.kind, str(*p.branch.where)) for p in case.result.points] == [
        ("minimum", "n >= -2"),
        ("maximum", "n >= -3"),
    ]


def test_a_value_is_told_as_a_product() -> None:
    """The mode of a Beta density: x = (a - 1)/(a + b - 2), put in and not multiplied out."""
    answer = asked("x^(a-1)*(1-x)^(b-1)", "x", ("x > 0", "x < 1"), ("a > 1", "b > 1")).maximum(timeout=60)
    assert answer.attained
    assert count_ops(answer.value) < 30
    assert abs(number(answer.at(a=3, b=2).value) - number("4/27")) < 1e-12
