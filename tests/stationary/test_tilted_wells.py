"""The better of two wells of a quartic with parameters, told by its tilt; and lies about it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from sympy import Rational

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Optimal, Stationary

TILTED = "x^4/4-x^2/2+h*x"


@pytest.mark.parametrize(("h", "index"), [("3/8", 0), ("-3/8", 2)])
def test_the_better_well(h: str, index: int) -> None:
    """f(x) - f(-x) = 2 h x: the well is on the left for h > 0, where f' = x^3 - x + h has its least root."""
    answer = Problem(TILTED, "x", assuming=["h^2 < 4/27", "h != 0"]).minimum()
    (case,) = answer.at(h=Rational(h)).cases
    (branch,) = case.result.at
    (number,) = branch.numbers
    assert number.index == index
    check(*case.result.evidence.steps)


def test_the_other_well_is_not_the_best() -> None:
    refuse_the_others(TILTED, "x", "h^2 < 4/27", "h > 0")


def test_a_tilted_hat_has_one_lowest_point() -> None:
    """(x^2 + y^2)^2 + a (x^2 + y^2) + x: stationary points lie on y = 0, where 4 x^3 + 2 a x + 1 = 0.

    There f_yy = 4 x^2 + 2 a = -1/x. With three roots, for a < -3/2, the one below 0 is a minimum; above 0 lie the
    saddle beyond the middle, where f_xx > 0 > f_yy, and the maximum near it.
    """
    hat = "(x^2+y^2)^2 + a*(x^2+y^2) + x"
    points = Problem(hat, "x y").stationary_points(timeout=60)
    kinds = {str(case.condition): [p.kind for p in case.result.points] for case in points.cases}
    assert kinds["a < -3/2"] == ["minimum", "maximum", "saddle"]
    assert kinds["a > -3/2"] == ["minimum"]
    below = refuse_the_others(hat, "x y", "a < -2")
    (number,) = below.at[0].numbers
    assert number.index == 0


def refuse_the_others(objective: str, variables: str, *assuming: str) -> Optimal:
    """The claim of the minimum, after the checker has refused it for each of the other two stationary points."""
    answer = Problem(objective, variables, assuming=list(assuming)).minimum(timeout=60)
    (step,) = answer.cases[0].result.evidence.steps
    claim = cast(Optimal, step.claim)
    (stationary,) = (p for p in step.premises if isinstance(p.claim, Stationary))
    others = [b for b in cast(Stationary, stationary.claim).branches if b not in claim.at]
    assert len(others) == 2
    for other in others:
        lie = replace(claim, value=claim.objective.xreplace(other.values), at=(other,))
        with pytest.raises(Rejected):
            check(replace(step, claim=lie))
    return claim
