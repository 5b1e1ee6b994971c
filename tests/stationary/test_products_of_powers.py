"""Products of powers of positive unknowns, and logarithms in proportion: likelihoods and profits, solved by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Rational, S, exp, log, symbols

from symopt import Problem
from symopt.cases import conclusions
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Step

k, m, x, y = symbols("k m x y", real=True)
PROFIT = Problem(
    "p*sqrt(k)*m^(1/4)-r*k-w*m", "k m", assuming=["p>0", "r>0", "w>0"], subject_to=["k>0", "m>0"]
)


def the_point(problem: Problem, at: dict[str, Any]) -> tuple[dict[Any, Any], str, Any]:
    (case,) = problem.stationary_points().at(at).cases
    assert case.result.complete
    (point,) = case.result.points
    return point.branch.values, point.kind, point.value


def test_the_profit_of_two_inputs() -> None:
    """r k = q/2 and w m = q/4 with q = p sqrt(k) m^(1/4): k = p^4/(32 r^3 w), m = p^4/(64 r^2 w^2), profit q/4."""
    values, kind, value = the_point(PROFIT, {"p": 4, "r": 1, "w": 2})
    assert (values, kind, value) == ({k: S(4), m: S(1)}, "maximum", S(2))
    assert PROFIT.maximum().at(p=4, r=1, w=2).value == 2


def test_thirds() -> None:
    """r k = q/3 = w m with q = p (k m)^(1/3): k = p^3/(27 r^2 w)."""
    problem = Problem(
        "p*k^(1/3)*m^(1/3)-r*k-w*m", "k m", assuming=["p>0", "r>0", "w>0"], subject_to=["k>0", "m>0"]
    )
    values, kind, _ = the_point(problem, {"p": 3, "r": 1, "w": S.Half})
    assert (values, kind) == ({k: S(2), m: S(4)}, "maximum")


def test_the_power_is_a_level() -> None:
    """Lies about u = c^(1/p): another value, and another level."""
    (case,) = PROFIT.stationary_points().cases
    powers = [s for c in conclusions(case.result) for s in c.walk() if s.rule == "cover_real_power"]
    assert powers
    for step in powers:
        check(step)
        for name in ("value", "level"):
            with pytest.raises(Rejected):
                check(changed(step, name, 2 * step.data(name)))


def changed(step: Step, name: str, value: object) -> Step:
    return replace(step, certificate=tuple((n, value if n == name else v) for n, v in step.certificate))


LOGARITHMS = [
    # log(x/(1 - x)) = h/T
    (
        "T*(x*log(x)+(1-x)*log(1-x))-h*x",
        ["T>0"],
        ["x>0", "x<1"],
        {"T": 2, "h": 2 * log(3)},
        {x: Rational(3, 4)},
    ),
    # the softmax: log(x/(1 - x - y)) = a and log(y/(1 - x - y)) = b; the value is -log(1 + e^a + e^b)
    (
        "x*log(x)+y*log(y)+(1-x-y)*log(1-x-y)-a*x-b*y",
        [],
        ["x>0", "y>0", "x+y<1"],
        {"a": log(2), "b": log(3)},
        {x: Rational(1, 3), y: S.Half},
    ),
    # f' = log x + log(2 - x): x (2 - x) = 1
    ("x*log(x)-(2-x)*log(2-x)-2*x", [], ["x>0", "x<2"], {}, {x: S(1)}),
]


@pytest.mark.parametrize(("text", "assuming", "region", "at", "place"), LOGARITHMS)
def test_logarithms(text: str, assuming: list, region: list, at: dict, place: dict) -> None:
    problem = Problem(text, [str(v) for v in place], assuming=assuming, subject_to=region)
    answer = problem.stationary_points()
    (case,) = answer.at(at).cases if at else answer.cases
    assert case.result.complete
    (point,) = case.result.points
    assert all((point.branch.values[v] - place[v]).equals(0) for v in place)
    if y in place:
        assert (problem.minimum().at(at).value + log(6)).equals(0)
        assert exp(-problem.minimum().at(at).value).equals(6)
