"""Equations g(x) = c with a parameter, against the zeros of f' that mpmath finds between its turning points."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from symopt import Problem

# For each value of a, where it is decided how many points there are: (number of the points, labels from the left).
CASES: dict[str, dict[str, str]] = {
    # 2 a x e^x = 1: x e^x falls from 0 to -1/e at -1 and rises from there
    "exp(-x) + a*x^2": {"1": "min", "0": "", "-1": "", "-2": "min max"},
    # e^x/x = 2 a: e at 1 is its least value for x > 0
    "exp(x) - a*x^2": {"2": "max min", "1": "", "-1": "min"},
    # (log x + 1)/x = 2 a has its greatest value 1 at 1
    "x*log(x) - a*x^2": {"1": "", "1/2": "inflection", "1/4": "min max", "0": "min", "-3": "min"},
    # x (1 + e^x) = 1/a rises from -oo to oo
    "log(1+exp(-x)) + a*x^2/2": {"1": "min", "0": "", "-1": "max"},
}
ALL = [(objective, a) for objective, samples in CASES.items() for a in samples]
ANSWERS: dict[str, Any] = {}


def zeros(objective: str, a: str) -> list[mpmath.mpf]:
    """The zeros of f' in [-40, 40], by changes of sign on a grid and a solver at 30 digits."""
    text = objective.replace("^", "**").replace("log(1+exp(-x))", "log1p(exp(-x))")
    names = {n: getattr(mpmath, n) for n in ("exp", "log", "log1p", "cosh")}

    def slope(x: mpmath.mpf) -> mpmath.mpf:
        names["a"] = mpmath.mpf(a.split("/")[0]) / (mpmath.mpf(a.split("/")[1]) if "/" in a else 1)
        return mpmath.diff(lambda u: eval(text, {**names, "x": u}), x)

    with mpmath.workdps(30):
        start = mpmath.mpf("0.0037") if "log(x)" in objective else mpmath.mpf("-40.0037")
        grid = [start + mpmath.mpf(k) / 4 for k in range(160 if start > 0 else 320)]
        signs = [mpmath.sign(slope(u)) for u in grid]
        pairs = [(u, v) for u, v, s, t in zip(grid, grid[1:], signs, signs[1:], strict=False) if s != t]
        return [mpmath.findroot(slope, pair, solver="bisect", maxsteps=200, verify=False) for pair in pairs]


@pytest.mark.parametrize(("objective", "a"), ALL)
def test_points_and_labels(objective: str, a: str) -> None:
    if objective not in ANSWERS:
        ANSWERS[objective] = Problem(objective, "x").stationary_points(timeout=60)
    (case,) = ANSWERS[objective].at(a=a).to_dict()["cases"]
    assert case["complete"]
    points = sorted(case["points"], key=lambda point: mpmath.mpf(point["decimal"]["x"]))
    short = {"minimum": "min", "maximum": "max", "inflection": "inflection"}
    assert " ".join(short[point["kind"]] for point in points) == CASES[objective][a]
    if "inflection" not in CASES[objective][a]:
        found = [mpmath.mpf(point["decimal"]["x"]) for point in points]
        expected = zeros(objective, a)
        assert len(found) == len(expected)
        assert all(abs(u - v) < 1e-12 for u, v in zip(found, expected, strict=True))


def test_the_border_of_the_cases_is_exact() -> None:
    """x e^x = 1/(2 a) has the double root -1 for 1/(2 a) = -1/e; f''' = -e^(-x) is not 0 there."""
    cases = Problem("exp(-x) + a*x^2", "x").stationary_points(timeout=60).to_dict()["cases"]
    assert [case["condition"] for case in cases] == [
        "a > 0",
        "(a > -exp(1)/2) & (a <= 0)",
        "Eq(a, -exp(1)/2)",
        "a < -exp(1)/2",
    ]
    assert [point["kind"] for point in cases[2]["points"]] == ["inflection"]


def test_the_minimum_where_f_is_convex() -> None:
    answer = Problem("log(1+exp(-x)) + a*x^2/2", "x", assuming="a > 0").minimum()
    assert answer.attained
    (point,) = answer.at(a=1).to_dict()["cases"][0]["at"]
    # x (1 + e^x) = 1
    assert (
        abs(mpmath.mpf(point["decimal"]["x"]) - mpmath.findroot(lambda x: x * (1 + mpmath.exp(x)) - 1, 0.4))
        < 1e-14
    )


TWO_PARAMETERS = (
    # (1 + a x) e^(a x) = b: least value -e^(-2) at -2/a
    ("x*exp(a*x) - b*x", {"a": 2, "b": 3}, "min"),
    ("x*exp(a*x) - b*x", {"a": 2, "b": "-1/20"}, "max min"),
    ("x*exp(a*x) - b*x", {"a": -1, "b": 1}, "max"),
    ("x*exp(a*x) - b*x", {"a": 1, "b": -1}, ""),
    # e^x + a x = b: the least value a log(-a) - a at log(-a) for a < 0
    ("exp(x) + a*x^2/2 - b*x", {"a": 2, "b": -7}, "min"),
    ("exp(x) + a*x^2/2 - b*x", {"a": -1, "b": 2}, "max min"),
    ("exp(x) + a*x^2/2 - b*x", {"a": -1, "b": "1/2"}, ""),
    ("exp(x) + a*x^2/2 - b*x", {"a": -1, "b": 1}, "inflection"),
    # 2 x + a cos x = -b has the slope 2 - a sin x > 0
    ("x^2 + b*x + a*sin(x)", {"a": "3/2", "b": -1}, "min"),
)


@pytest.mark.parametrize(("objective", "values", "labels"), TWO_PARAMETERS)
def test_two_parameters(objective: str, values: dict[str, Any], labels: str) -> None:
    if objective not in ANSWERS:
        ANSWERS[objective] = Problem(objective, "x").stationary_points(timeout=60)
    (case,) = ANSWERS[objective].at(values).to_dict()["cases"]
    assert case["complete"]
    points = sorted(case["points"], key=lambda point: mpmath.mpf(point["decimal"]["x"]))
    short = {"minimum": "min", "maximum": "max", "inflection": "inflection"}
    assert " ".join(short[point["kind"]] for point in points) == labels
    slope = Problem(objective, "x").at(values).compile()
    assert all(abs(slope.gradient([float(p["decimal"]["x"])])[0]) < 1e-9 for p in points)


def test_an_equation_with_a_negative_power_of_its_kernel() -> None:
    """a e^x - b e^(-x) + c = 0 is a k^2 + c k - b = 0 with k = e^x, without a root where c^2 + 4 a b < 0."""
    answer = Problem("a*exp(x) + b*exp(-x) + c*x", "x", assuming=["a > 0", "c^2 + 4*a*b < 0"])
    assert answer.stationary_points(timeout=60).points == ()


@pytest.mark.slow
def test_the_border_of_a_case_is_told_of_the_parameter() -> None:
    """erf'(x) = 2 e^(-x^2)/sqrt(pi) = a has two solutions for 0 < a < 2/sqrt(pi)."""
    cases = Problem("erf(x) - a*x", "x").stationary_points(timeout=60).to_dict()["cases"]
    assert [(case["condition"], len(case["points"])) for case in cases] == [
        ("a > 2/sqrt(pi)", 0),
        ("Eq(a, 2/sqrt(pi))", 1),
        ("(a > 0) & (a < 2/sqrt(pi))", 2),
        ("a <= 0", 0),
    ]
