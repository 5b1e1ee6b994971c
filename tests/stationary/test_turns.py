"""Families of roots that no formula gives, one in each turn: against the sign changes of f' in a long interval."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import cast

import mpmath
import pytest
from sympy import Integer, Rational, Symbol, lambdify, pi, sympify

from symopt import Problem
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_turns import Turns
from symopt.derivation.claims import Branch, Cover, Optimal, Step
from symopt.errors import InputError
from symopt.relation import Relation
from symopt.results.answers import Point, StationarySet

pytestmark = pytest.mark.slow


FAR = 40


@cache
def stationary(text: str) -> StationarySet:
    answer = Problem(text, "x", subject_to=["x > 0"]).stationary_points(timeout=60)
    return cast(StationarySet, answer.cases[0].result)


def members(point: Point) -> list[Point]:
    """The point, or the first members of a family."""
    return [point.at(n=k) for k in range(2, 9)] if point.branch.free else [point]


# f'(x) = 0: tan x = -x, and cot x = x
@pytest.mark.parametrize("text", ["x*sin(x)", "x*cos(x)"])
def test_every_sign_change_of_the_slope_is_a_point(text: str) -> None:
    found = stationary(text)
    x = Symbol("x")
    slope = lambdify(x, sympify(text, locals={"x": x}).diff(x), "mpmath")
    grid = [mpmath.mpf(k) / 50 + mpmath.mpf("1e-9") for k in range(1, 50 * FAR)]
    signs = [(a, slope(a)) for a in grid]
    changes = [("minimum" if u < 0 else "maximum", a, b) for (a, u), (b, v) in pairwise(signs) if u * v < 0]
    listed = sorted(
        (float(cast("dict[str, str]", p.to_dict()["decimal"])["x"]), p.kind)
        for point in found.points
        for p in members(point)
    )

    assert found.complete
    assert found.evidence.trust == "checked"
    near = [(value, kind) for value, kind in listed if value < FAR]
    assert [kind for _, kind in near] == [kind for kind, _, _ in changes]
    assert all(a < value < b for (value, _), (_, a, b) in zip(near, changes, strict=True))


def test_a_family_has_no_members_but_its_own() -> None:
    family = stationary("x*sin(x)").points[-1]

    with pytest.raises(InputError, match="no such point in the family, where n >= 2"):
        family.at(n=1)


def test_an_extremum_is_reached_at_the_first_member() -> None:
    problem = Problem("exp(-x)*sin(x)", "x", subject_to=["x > 0"])

    # f' = e^(-x) (cos x - sin x): maxima at pi/4 + 2 pi n, minima at 5 pi/4 + 2 pi n, smaller by e^(-2 pi) each time
    answers = (problem.maximum(), problem.minimum())
    assert [[p["at"] for p in a.to_dict()["cases"][0]["at"]] for a in answers] == [
        [{"x": "pi/4"}],
        [{"x": "5*pi/4"}],
    ]


def turned() -> Step:
    steps = (s for top in stationary("x*sin(x)").evidence.steps for s in top.walk())
    return next(step for step in steps if step.rule == "cover_turns")


def lied(step: Step, **changes: object) -> Step:
    turns = replace(cast(Turns, step.data("turns")), **changes)
    return replace(step, certificate=(("turns", turns),))


def families(step: Step) -> tuple[Branch, ...]:
    return tuple(b for b in cast(Cover, step.claim).branches if b.free)


def with_family(step: Step, family: Branch) -> Step:
    claim = cast(Cover, step.claim)
    old = families(step)[0]
    return replace(
        step, claim=replace(claim, branches=tuple(family if b == old else b for b in claim.branches))
    )


def test_the_checker_refuses_other_turns_and_other_families() -> None:
    step = turned()
    family, *_ = families(step)
    (number,) = family.numbers
    claim = cast(Cover, step.claim)
    turn = family.free[0][0]
    low, high = number.interval
    lies = {
        "a period of another length": lied(step, period=4 * pi),
        "a period that is negative": lied(step, period=-2 * pi),
        "a turn is left out": lied(step, high=Integer(0)),
        "a part of the middle is left out": lied(step, around=(Rational(0), Rational(1))),
        "no integers": lied(step, turn=Symbol("n", real=True)),
        "one name for two things": lied(step, rest=claim.unknowns[0]),
        "a family is left out": replace(
            step, claim=replace(claim, branches=tuple(b for b in claim.branches if b != family))
        ),
        "from another turn on": with_family(step, replace(family, where=(Relation(turn - 3, ">="),))),
        "for every turn": with_family(step, replace(family, where=())),
        "the number crosses the other way": with_family(
            step, replace(family, numbers=(replace(number, slope=-number.slope),))
        ),
        "the number lies elsewhere": with_family(
            step, replace(family, numbers=(replace(number, interval=(low + pi, high + pi)),))
        ),
        "the zero of another equation": with_family(
            step, replace(family, numbers=(replace(number, equation=number.equation + 1),))
        ),
        "nothing is said of a tail": replace(step, premises=step.premises[:-1]),
    }

    verify(step)
    believed = []
    for name, lie in lies.items():
        with suppress(Rejected):
            verify(lie)
            believed.append(name)
    assert not believed


def test_a_value_may_not_go_with_an_integer() -> None:
    answer = Problem("exp(-x)*sin(x)", "x", subject_to=["x > 0"]).maximum()
    (step,) = answer.cases[0].result.evidence.steps
    claim = cast(Optimal, step.claim)
    found = stationary("x*sin(x)").points[-1]
    family = replace(found.branch, at=((claim.variables[0], found.branch.at[0][1]),))
    lie = replace(step, claim=replace(claim, at=(family,), value=found.value))

    with pytest.raises(Rejected):
        verify(lie)
