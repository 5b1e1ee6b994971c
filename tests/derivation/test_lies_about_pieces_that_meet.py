"""Lying derivations about points where pieces of f meet: that they are stationary, and what they are."""

from __future__ import annotations

import pytest
from derivation_steps import HALF, ONE, ORIGIN, ZERO, at, but, holds, label, p, rel, step, t, uncovered, x, y
from sympy import Abs, Expr, Max, Min, Piecewise, sign, sqrt

from symopt.derivation import checks_across
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Stationary, Step


def flat(
    f: Expr, branch: Branch = ORIGIN, *premises: Step, region: tuple = (), condition: tuple = ()
) -> Step:
    variables = tuple(v for v, _ in branch.at)
    claim = Stationary(f, variables, (branch,), False)
    return step(claim, "stationary_across", *premises, region=region, condition=condition)


def bound(f: Expr, strict: bool | None, op: str = ">=", near: tuple = (), **data: object) -> Step:
    """The origin as a minimum, as f >= 0 where the relations `near` hold."""
    given = {"near": near, **data} if near else data
    return label(f, ORIGIN, "minimum", strict, "kink_bound", holds(f, op, region=near), value=ZERO, **given)


RAMP = Max(0, x) ** 2
HONEST: dict[str, Step] = {
    "a ramp squared, from both sides": flat(RAMP + y**2),
    "its flat side": flat(RAMP, at(0, t, free=(t,), where=(rel(t, ">"),))),
    "x |x|": flat(x * Abs(x), at(0)),
    "|x y|": flat(Abs(x * y)),
    "the smaller of two squares": flat(Min(x**2, y**2)),
    "Huber's function where it becomes a line, beside the line": flat(
        Piecewise((x**2 / 2, Abs(x) <= 1), (Abs(x) - HALF, True)) - x, at(1)
    ),
    "x^2 sign x, which is 0 at 0": flat(x**2 * sign(x), at(0)),
    "away from the kink": flat(Abs(x) ** 3 + y**2 - y**3 - 3 * x, at(1, 0)),
    "beside a kink that moves": flat(
        Max(0, x - p) ** 2, at(0), holds(p, ">", condition=(rel(p - 1, ">"),)), condition=(rel(p - 1, ">"),)
    ),
    "a minimum of each piece": label(
        Max(x**2, 2 * x**2),
        at(0),
        "minimum",
        True,
        "label_across",
        *(label(c * x**2, at(0), "minimum", True, "kink") for c in (ONE, 2 * ONE)),
    ),
    "a minimum of each piece, flat to the left": label(
        RAMP,
        at(0),
        "minimum",
        False,
        "label_across",
        label(x**2, at(0), "minimum", True, "kink"),
        label(ZERO, at(0), "minimum", None, "kink_bound", holds(ZERO, ">="), value=ZERO),
        flat=(-ONE,),
    ),
    "0 along a ray": bound(Max(0, x), False, flat=(-ONE, ZERO)),
    "near the origin alone": bound(Abs(x) * (1 - y), False, near=(rel(1 - y, ">"),), flat=(ZERO, ONE)),
}
RAY = HONEST["0 along a ray"]
EACH = HONEST["a minimum of each piece"]
LIES: dict[str, Step] = {
    "|x| has a kink at 0": flat(Abs(x), at(0)),
    "the ramp has one": flat(Max(0, x) + y**2),
    "the slope of the ramp squared is 2 beyond 1": flat(RAMP, at(1)),
    "one piece has the slope 1": flat(Max(x, x**2), at(0)),
    "a jump at 0": flat(Piecewise((x**2, x <= 0), (1 + x**2, True)), at(0)),
    "a jump on one side of the border alone": flat(
        Piecewise((x**2, x < 0), (1 - x**2, x <= 0), (x**2, True)), at(0)
    ),
    "sign x + x^2 jumps": flat(sign(x) + x**2, at(0)),
    "a case that never holds is no reason": flat(Piecewise((x, x <= 0), (x**2, True)), at(0)),
    "|x|^(1/2) has no slope": flat(sqrt(Abs(x)), at(0)),
    "sqrt(x^2 + y^2) is a cone": flat(sqrt(x**2 + y**2)),
    "all points of the axis, but for one": flat(Max(0, x) ** 2 * (1 - y) + y**2, at(0, t, free=(t,))),
    "outside the region": flat(RAMP + y**2, region=(rel(x - 1, ">"),)),
    "on its border": flat(RAMP + y**2, region=(rel(x, ">="),)),
    "the kink may be on either side": flat(Max(0, p - x) ** 2, at(0)),
    "that these are all": but(flat(RAMP, at(0)), complete=True),
    "a minimum of one of the pieces": but(EACH, premises=EACH.premises[:1]),
    "x^2 or -x^2": but(EACH, objective=x * Abs(x)),
    "where a piece jumps": but(EACH, objective=Piecewise((x**2, x <= 0), (2 * x**2 - 1, True))),
    "not flat to the right": but(HONEST["a minimum of each piece, flat to the left"], flat=(ONE,)),
    "a ray along which it rises": but(RAY, flat=(ONE, ZERO)),
    "no direction": but(RAY, flat=(ZERO, ZERO)),
    "strict, although it is 0 along a ray": but(RAY, strict=True),
    "f >= 0 for y < 1, but the point is at 2": but(
        HONEST["near the origin alone"], branch=at(0, 2), flat=(ZERO, ONE)
    ),
    "a neighbourhood with a border": bound(Max(0, x) * Max(0, -x) + x, None, near=(rel(x, ">="),)),
}


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    assert not uncovered(checks_across.CHECKS, HONEST.values(), LIES.values())


@pytest.mark.parametrize("name", HONEST)
def test_honest(name: str) -> None:
    check(HONEST[name])


@pytest.mark.parametrize("name", LIES)
def test_lie(name: str) -> None:
    with pytest.raises(Rejected):
        check(LIES[name])
