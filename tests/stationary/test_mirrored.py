"""Extrema at two points that a symmetry of f and of its region takes to each other; signs of logarithms of quotients."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Symbol, sympify

from symopt import Problem
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected

pytestmark = pytest.mark.slow


# tan x = -x at 2.02876; the mean field of an Ising magnet beyond its critical point: tanh(4 m/3) = m at 0.77552
@pytest.mark.parametrize(
    ("text", "region", "sense", "value"),
    [
        ("x*sin(x)", ("x > -4", "x < 4"), "maximum", "1.81970574115965"),
        ("3*((1+x)*log(1+x) + (1-x)*log(1-x))/2 - 2*x^2", ("x > -1", "x < 1"), "minimum", "-0.176938"),
    ],
)
def test_both_points_are_named(text: str, region: tuple[str, ...], sense: str, value: str) -> None:
    answer = getattr(Problem(text, "x", subject_to=region), sense)(timeout=60)
    points = [float(point["decimal"]["x"]) for point in answer.to_dict()["cases"][0]["at"]]
    (step,) = answer.cases[0].result.evidence.steps

    assert len(points) == 2
    assert points[0] == -points[1]
    x = Symbol("x")
    f = sympify(text.replace("^", "**"), locals={"x": x})
    assert all(abs(f.subs(x, p).evalf() - float(value)) < 1e-5 for p in points)

    # not in a region that the symmetry does not keep
    one = replace(step.context.region[0], expression=step.context.region[0].expression + 1)
    lie = replace(step, context=replace(step.context, region=(one, *step.context.region[1:])))
    with pytest.raises(Rejected):
        verify(lie)


def test_a_dose_has_its_peak_for_all_rates() -> None:
    problem = Problem("exp(-a*t) - exp(-b*t)", "t", subject_to=["t > 0"], assuming=["a > 0", "b > a"])

    # a e^(-a t) = b e^(-b t): t = log(b/a)/(b - a), for every a < b
    (point,) = problem.stationary_points().points
    assert point.kind == "maximum"
    a, b = problem.parameters
    at = point.branch.at[0][1].subs({a: 1, b: 2}).evalf()
    assert abs(at - 0.693147180559945) < 1e-12
    assert len(problem.maximum().cases) == 1
