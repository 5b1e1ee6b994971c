"""Equations with symbolic exponents and with roots, solved by hand, and continua given by one equation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from sympy import Abs, S, diff, exp, lambdify, log, pi, sin, sqrt, symbols, sympify

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.claims import Number
from symopt.writing.decimals import decimal_text

x = symbols("x", real=True)


def found(text: str, variables: str, at: dict[str, Any], **given: Any) -> list[tuple[dict[str, str], str]]:
    """(place, kind) of every point, from a complete and checked answer at these values of the parameters."""
    answer = Problem(text, variables, **given).stationary_points()
    (case,) = answer.at(at).cases if at else answer.cases
    assert case.result.complete
    for step in case.result.evidence.steps:
        check(step)
    return [({str(v): e for v, e in p.branch.at}, p.kind) for p in case.result.points]


CASES = [
    # x^2 = |b| + 1 and x^2 = |b|: a size within a root stays a size; f'' = 2 x
    ("x^3/3-(abs(b)+1)*x", "x", {"b": -3}, {}, [({"x": S(-2)}, "maximum"), ({"x": S(2)}, "minimum")]),
    ("x^3/3-abs(b)*x", "x", {"b": -4}, {}, [({"x": S(-2)}, "maximum"), ({"x": S(2)}, "minimum")]),
    # f' = x/sqrt(x^2 + a^2) - 1/2: 3 x^2 = a^2 with x > 0, f'' > 0
    ("sqrt(x^2+a^2)-x/2", "x", {"a": 3}, {"assuming": ["a > 0"]}, [({"x": sqrt(3)}, "minimum")]),
    # f' = n k/l - k S/l^(k+1): l^k = S/n
    (
        "n*k*log(l)+S/l^k",
        "l",
        {"n": 2, "k": 3, "S": 16},
        {"assuming": ["n > 0", "k > 0", "S >= 0"]},
        [({"l": S(2)}, "minimum")],
    ),
    ("n*k*log(l)+S/l^k", "l", {"n": 2, "k": 3, "S": 0}, {"assuming": ["n > 0", "k > 0", "S >= 0"]}, []),
    # f' = a (x^(a-1) - 1): x = 1, f''(1) = a (a - 1)
    ("x^a-a*x", "x", {"a": S(1) / 2}, {"subject_to": ["x > 0"]}, [({"x": S(1)}, "maximum")]),
    # f' = a^x log a - 1: a^x = 1/log a for a > 1
    ("a^x-x", "x", {"a": exp(S(1) / 2)}, {"assuming": ["a > 0"]}, [({"x": 2 * log(2)}, "minimum")]),
    # 1/(2 sqrt x) = 1
    ("sqrt(x)+sqrt(y)-x-y", "x y", {}, {}, [({"x": S(1) / 4, "y": S(1) / 4}, "maximum")]),
    # y = 0, then 2 x + sign(x - 1) = 0; the kink at (1, 0) is no stationary point
    ("sqrt((x-1)^2+y^2)+x^2", "x y", {}, {}, [({"x": S(1) / 2, "y": S(0)}, "minimum")]),
    # 2 (|x| - 3/2) = 0
    ("x*sqrt(x^2)-3*x", "x", {}, {}, [({"x": -S(3) / 2}, "maximum"), ({"x": S(3) / 2}, "minimum")]),
    # the normal equations of two points that share their x: all lines through their mean
    ("(1-a-b*x)^2+(3-a-b*u)^2", "a b", {"x": 0, "u": 1}, {}, [({"a": S(1), "b": S(2)}, "minimum")]),
    # f' = 1 - 1/(2 sqrt(1 - x))
    ("x+sqrt(1-x)", "x", {}, {}, [({"x": S(3) / 4}, "maximum")]),
    # 7 x - 1 = s, y = 0 with s^2 = 56 x^2 - 16 x - 31: x = 16/7; -2 solves the square alone; f'' there is -7 < 0
    ("sqrt(56*x^2-8*y^2-16*x-31)+1-8*x", "x y", {}, {}, [({"x": S(16) / 7, "y": S(0)}, "maximum")]),
]


@pytest.mark.parametrize(("text", "variables", "at", "given", "wanted"), CASES)
def test_powers_and_roots(text: str, variables: str, at: dict, given: dict, wanted: list) -> None:
    assert [
        ({v: sympify(e).equals(place[v]) for v, e in here.items()}, kind)
        for (here, kind), (place, _) in zip(found(text, variables, at, **given), wanted, strict=True)
    ] == [(dict.fromkeys(place, True), kind) for place, kind in wanted]


def test_a_logarithm_drops_out() -> None:
    """x y log r^2: x = 0, y = +-1 and the mirror images (saddles), or x^2 = y^2 = 1/(2e)."""
    points = found("x*y*log(x^2+y^2)", "x y", {})
    assert sorted(kind for _, kind in points) == ["maximum"] * 2 + ["minimum"] * 2 + ["saddle"] * 4
    assert all(Abs(here["x"]) == sqrt(2) * exp(-S(1) / 2) / 2 for here, kind in points if kind != "saddle")


def test_a_wave_on_a_line() -> None:
    """cos(a x) + x: sin(a x) = 1/a, none for |a| < 1, f'' = -a^2 cos(a x)."""
    points = found("cos(a*x)+x", "x", {"a": -2})
    assert sorted(kind for _, kind in points) == ["maximum", "minimum"]
    assert found("cos(a*x)+x", "x", {"a": S(1) / 2}) == []


def test_a_surface_with_lines() -> None:
    """(xyz - 1)^2: the surface xyz = 1 of minima, and the axes, near which xyz has both signs."""
    points = found("(x*y*z-1)^2", "x y z", {})
    assert {kind for here, kind in points if S.Zero in here.values()} == {"saddle"}
    assert [kind for here, kind in points if S.Zero not in here.values()] == ["minimum"]


def test_decimals_of_the_zero_of_a_wave() -> None:
    """SymPy takes minutes to reduce the sine of pi times a long fraction."""
    number = Number(x, 2 * x + S(9) / 10 * pi * sin(3 * pi * x), None, (S(5) / 4 - S(1) / 16, S(5) / 4))
    text = decimal_text(x, (number,))
    value = (2 * x + S(9) / 10 * pi * sin(3 * pi * x)).evalf(40, subs={x: S(str(text))})
    assert str(text).startswith("1.22249477715681")
    assert abs(value) < S(10) ** -27


def test_lines_of_a_symmetric_quartic() -> None:
    """x^4 + y^4 + z^4 + w^4 >= 4 |xyzw|: equal where |x| = |y| = |z| = |w| and xyzw >= 0, four lines."""
    points = found("x^4+y^4+z^4+w^4-4*x*y*z*w", "x y z w", {})
    assert [kind for _, kind in points] == ["minimum"] * 4
    for here, _ in points:
        assert len({Abs(e) for e in here.values()}) == 1
        assert here["x"] * here["y"] * here["z"] * here["w"] == here["x"] ** 4


def test_a_cusp() -> None:
    """(x^2 - y^3)^2: the curve (t^3, t^2), smooth for the parameter at the cusp too."""
    ((here, kind),) = found("(x^2-y^3)^2", "x y", {})
    assert kind == "minimum"
    assert here["x"] ** 2 == here["y"] ** 3


@pytest.mark.slow
def test_three_roots_that_fall_together() -> None:
    """((x - a)(x - b)(x - c))' has the discriminant 2((a-b)^2 + (b-c)^2 + (c-a)^2), 0 for a = b = c alone."""
    problem = Problem("(x-a)*(x-b)*(x-c)", "x").stationary_points(timeout=60)
    (together,) = problem.at(a=2, b=2, c=2).cases
    assert [(p.branch.at, p.kind) for p in together.result.points] == [(((x, 2),), "inflection")]
    assert together.result.complete
    (apart,) = problem.at(a=0, b=0, c=3).cases
    assert {(dict(p.branch.at)[x], p.kind) for p in apart.result.points} == {(0, "maximum"), (2, "minimum")}


@pytest.mark.parametrize(
    ("text", "sign_changes"),
    [
        ("x^2/5+x-sqrt(x)", 1),
        ("x^3-2*x+sqrt(x)", 2),
        ("x^(5/2)-3*x+sqrt(x)", 2),
        ("(x+1)^(5/2)-3*x+sqrt(x+1)", 2),
        ("x^2+sqrt(1-x)", 2),
        ("x^2+x^(2/3)-2*x", 2),
        ("x^2+x^(3/2)-2*x^(1/2)", 1),
    ],
)
def test_a_root_and_whole_powers(text: str, sign_changes: int) -> None:
    """Every point is a zero of the slope, and there are as many as the slope changes its sign on a fine grid."""
    problem = Problem(text, "x")
    (case,) = problem.stationary_points().cases
    assert case.result.complete
    slope = lambdify(x, diff(problem.objective, x), "math")
    low, high = (-1, 1) if "1-x" in text else (-1, 3) if "x+1" in text else (0, 3)
    values = [slope(low + (high - low) * (k - 0.5) / 3000) for k in range(1, 3001)]
    crossings = sum(a * b < 0 for a, b in pairwise(values))
    places = [float(p.to_dict()["decimal"]["x"]) for p in case.result.points]
    assert len(places) == crossings == sign_changes
    assert all(abs(slope(place)) < 1e-9 * (1 + abs(slope(place + 1e-3))) for place in places)


def test_cases_are_told_without_known_kinks() -> None:
    """a/(2 sqrt x) = b: x = a^2/(4 b^2) where a and b have one sign."""
    cases = Problem("a*sqrt(x)-b*x", "x").stationary_points().cases
    assert not any(r.expression.has(Abs) for case in cases for r in case.condition.relations)
    ((place, kind),) = found("a*sqrt(x)-b*x", "x", {"a": 2, "b": 3})
    assert (place["x"], kind) == (S(1) / 9, "maximum")
    assert found("a*sqrt(x)-b*x", "x", {"a": 2, "b": -3}) == []


def test_cases_resolve_absolute_values() -> None:
    """(w - c)^2/2 + l |w|, soft thresholding: for l > |c| at 0, and no case speaks of |c + l|."""
    cases = Problem("(w-c)^2/2+l*abs(w)", "w").minimum(timeout=60)
    assert cases.decided
    assert not any(r.expression.has(Abs) for case in cases for r in case.condition.relations)
    for level, place in ((3, 0), (1, 1), (-1, 3)):
        (case,) = cases.at(c=2, l=level).cases
        assert [b.values[symbols("w", real=True)] for b in case.result.at] == [place]
