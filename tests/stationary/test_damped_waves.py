"""Bounds by |cos| <= 1 and e^(-q) <= 1 where q is a sum of squares: reached only where q is 0 and the wave is 1."""

from __future__ import annotations

import pytest
from sympy import cos, exp, pi, symbols

from symopt import Problem
from symopt.derivation.claims import Context
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

x, y = symbols("x y", real=True)
CASES = (
    # Easom: cos(pi)^2 = 1
    ("-cos(x)*cos(y)*exp(-((x-pi)^2+(y-pi)^2))", "minimum", -1, {x: pi, y: pi}),
    ("-cos(x-1)*exp(-(x-1)^2-(y+2)^2)", "minimum", -1, {x: 1, y: -2}),
    ("3*cos(x)*cos(y)*exp(-x^2-y^2)", "maximum", 3, {x: 0, y: 0}),
)


@pytest.mark.parametrize(("objective", "sense", "value", "at"), CASES)
def test_the_bound_and_its_only_point(objective: str, sense: str, value: int, at: dict) -> None:
    answer = getattr(Problem(objective, "x y"), sense)(timeout=60)
    assert answer.value == value
    assert answer.attained
    (case,) = answer.to_dict()["cases"]
    assert case["complete"]
    assert case["evidence"]["trust"] == "checked"
    assert [point["at"] for point in case["at"]] == [{str(v): str(e) for v, e in at.items()}]


def test_no_more_than_that() -> None:
    """1 - 2 cos x e^(-x^2) is -1 at 0, and 1 - cos x e^(x^2) is negative near 0."""
    for expression in (1 - 2 * cos(x) * exp(-(x**2)), 1 - cos(x) * cos(y) * exp(x**2 + y**2)):
        assert prove_relation(Relation(expression, ">="), Context()) is None
