"""Labels by intervals around the Hessian: honest ones are accepted, lies one change away are rejected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from derivation_steps import but, uncovered
from sympy import Integer, Symbol

from symopt import Problem
from symopt.cases import conclusions
from symopt.derivation import checks_enclosed
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Hessian, Label, Step

x, y = (Symbol(name, real=True) for name in "xy")
QUARTIC = (
    "x^4/4 + y^4/4 - x*y - x/4"  # x = y^3 and y^9 - y = 1/4: two minima and a saddle at irrational places
)
HUMPS = "-(x^6/6 - x^4 - x)"  # its slope -x^5 + 4 x^3 + 1 has three roots


def labels(objective: str, variables: str) -> dict[str, Step]:
    """The labels by enclosure, by their kind."""
    (case,) = Problem(objective, variables).stationary_points()
    steps = [
        s for s in conclusions(case.result) if isinstance(s.claim, Label) and s.rule in checks_enclosed.CHECKS
    ]
    return {s.claim.kind: s for s in steps if isinstance(s.claim, Label)}


SADDLE, MINIMUM = (labels(QUARTIC, "x y")[kind] for kind in ("saddle", "minimum"))
MAXIMUM = labels(HUMPS, "x")["maximum"]
HONEST = {"saddle": SADDLE, "minimum": MINIMUM, "maximum": MAXIMUM}
ONE, ZERO = Integer(1), Integer(0)


def elsewhere(step: Step, other: Step) -> Step:
    """The label said of the point of another one."""
    return but(step, branch=other.claim.branch)  # type: ignore[union-attr]


def without(step: Step, kind: type) -> Step:
    return replace(step, premises=tuple(p for p in step.premises if not isinstance(p.claim, kind)))


LIES: dict[str, Any] = {
    "the saddle is no minimum": elsewhere(MINIMUM, SADDLE),
    "the minimum is no saddle": elsewhere(SADDLE, MINIMUM),
    "the minimum is no maximum": but(MINIMUM, kind="maximum", rule="enclosed_maximum"),
    "the maximum is no minimum": but(MAXIMUM, kind="minimum", rule="enclosed_minimum"),
    "both directions go up": but(SADDLE, down=dict(SADDLE.certificate)["up"]),
    "a direction of length 0": but(SADDLE, down=(ZERO, ZERO)),
    "a direction in terms of x": but(SADDLE, down=(x, ONE)),
    "a saddle in one variable": but(
        MAXIMUM, kind="saddle", strict=None, rule="enclosed_saddle", up=(ONE,), down=(ONE,)
    ),
    "without the Hessian": without(MINIMUM, Hessian),
    "no digits": but(MINIMUM, digits=0),
    "a million digits": but(MINIMUM, digits=10**6),
}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) in ("checked", "recomputed")


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    check(*LIES[name].premises)
    with pytest.raises(Rejected):
        check(LIES[name])


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    assert not uncovered(checks_enclosed.CHECKS, HONEST.values(), LIES.values())
