"""Lying derivations about functions given by cases: a part is forgotten, or is better, or is another one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from derivation_steps import but, rel
from sympy import Abs, And, Eq, Integer, Ne, Or, Piecewise, Rational, exp, oo, symbols

from symopt import Problem
from symopt.derivation.checker import check, verify
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_cases import cases_of
from symopt.derivation.claims import Branch, Optimal, Step

x, a, s = symbols("x a s", real=True)
ZERO, ONE = Integer(0), Integer(1)


def found(text: str, sense: str = "minimum") -> Step:
    (case,) = getattr(Problem(text, "x"), sense)().cases
    (top,) = (top for top in case.result.evidence.steps if top.rule == "extremum_cases")
    return top


@cache
def honest() -> dict[str, Step]:
    return {
        "join": found("Piecewise((x^2, x <= 0), (x, True))"),  # 0 at 0; x > 0 comes near it
        "jump": found("Piecewise((x^2 + 1, x < 0), (x - 1, True))"),  # -1 at 0
        "limit": found("Piecewise((exp(x), x < 0), (1/(1 + x), True))"),  # near 0, on either side
        "ray": found("Piecewise((0, x < 0), (x^2, True))"),  # 0 for x <= 0
        "down": found("Piecewise((x, x < 0), (x + 1, True))"),
        "empty": found("Piecewise((x^2/2, (x >= -1) & (x <= 1)), (x - 1/2, x > 1), (-x - 1/2, True))"),
    }


def _part(step: Step, place: int, **changes: Any) -> Step:
    """A part with other words, as if they had been proved."""
    parts = list(step.premises)
    wanted = [i for i, p in enumerate(parts) if isinstance(p.claim, Optimal)][place]
    parts[wanted] = but(parts[wanted], **changes)
    return but(step, premises=tuple(parts))


LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "another value": ("join", lambda k: but(k, value=-ONE)),
    "the value of the worse part": ("jump", lambda k: but(k, value=ONE)),
    "only one part": ("join", lambda k: but(k, premises=k.premises[:1])),
    "only the other part": ("join", lambda k: but(k, premises=k.premises[1:])),
    "a part of another function": ("join", lambda k: _part(k, 0, objective=x**4)),
    "a part on a smaller region": ("join", lambda k: _part(k, 0, region=(rel(x, "<"),))),
    "a part in another case": ("join", lambda k: _part(k, 0, condition=(rel(a, ">"),))),
    "a part is better": ("jump", lambda k: _part(k, 0, value=-2 * ONE)),
    "a part has no bound": ("jump", lambda k: _part(k, 0, value=-oo)),
    "a maximum": ("join", lambda k: but(k, sense="max")),
    "the border belongs to the other case": (
        "jump",
        lambda k: but(k, objective=Piecewise((x**2 + 1, x <= 0), (x - 1, True))),
    ),
    "other cases": ("join", lambda k: but(k, objective=Piecewise((x**2, x <= 1), (x, True)))),
    "not attained": ("join", lambda k: but(k, attained=False, at=(), all_of_them=False)),
    "attained in the limit": (
        "limit",
        lambda k: but(k, attained=True, at=(Branch(((x, ZERO),)),), along=(), curve_symbol=None),
    ),
    "a curve of no part": ("limit", lambda k: but(k, along=((x, s**2),))),
    "another point": ("join", lambda k: but(k, at=(Branch(((x, ONE),)),))),
    "one of two families": ("ray", lambda k: but(k, at=k.claim.at[:1])),
    "a part may have more points": ("ray", lambda k: _part(k, 1, all_of_them=False)),
    "a bound where there is none": ("down", lambda k: but(k, value=ONE)),
    "the empty part is not shown to be empty": (
        "empty",
        lambda k: but(k, premises=tuple(p for p in k.premises if isinstance(p.claim, Optimal))),
    ),
    "no cases": ("join", lambda k: but(k, objective=x**2)),
}


@pytest.mark.parametrize("name", ["join", "jump", "limit", "ray", "down", "empty"])
def test_the_truth_is_accepted(name: str) -> None:
    check(honest()[name])


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_rejected(lie: str) -> None:
    name, tell = LIES[lie]
    told = tell(honest()[name])
    assert told != honest()[name]
    with pytest.raises(Rejected):
        verify(told)  # the last step alone: its premises may lie too


@pytest.mark.parametrize(
    "function",
    [
        Piecewise((x**2, Abs(x) <= 1), (2 * x, True)),
        Piecewise((1, And(x >= -1, x <= 1)), (2, x > 1), (3, True)),
        Piecewise((1, Abs(x - 1) > 2), (x, x > 0), (-x, True)),
        3 - Piecewise((x, x < 0), (x**2, x < 2), (5, True)) * exp(x),
        Piecewise((Piecewise((1, x < 1), (2, True)), x > 0), (3, True)),
        Piecewise((x**2, Or(x < -1, x > 1)), (1, True)),
        Piecewise((2 * x, Or(And(x > 1, x < 3), x < -2)), (x**2, Or(x > 3, x < 1)), (7, True)),
        Piecewise((1, Or(Abs(x) > 2, And(x > 0, x < 1))), (x, True)),
    ],
)
def test_every_point_is_in_a_part_with_its_value(function: Any) -> None:
    parts = cases_of(function)
    for place in (Rational(k, 2) for k in range(-8, 9)):
        here = [g for g, where in parts if all(bool(r.as_sympy().subs(x, place)) for r in where)]
        assert here
        assert all(g.subs(x, place) == function.subs(x, place) for g in here)


@pytest.mark.parametrize("condition", [Ne(x, 1), Eq(x, 1)])
def test_other_conditions_are_left_alone(condition: Any) -> None:
    assert cases_of(Piecewise((1, condition), (x, True))) is None
    assert cases_of(x**2) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # by hand: x^2 - a x on x < 1 is least at a/2 where a < 2, and comes near 1 - a for a >= 2; 2 x - 1 >= 1 beyond
        (
            "Piecewise((x^2 - a*x, x < 1), (2*x - 1, True))",
            {1: -Rational(1, 4), 2: -ONE, 3: -2 * ONE, -2: -ONE},
        ),
        ("Piecewise((x^2/2, abs(x) <= a), (a*(abs(x) - a/2), True))", {2: ZERO, 0: ZERO, -1: -oo}),
    ],
)
def test_cases_with_a_parameter(text: str, values: dict) -> None:
    answer = Problem(text, "x").minimum()
    assert {value: answer.at(a=value).value for value in values} == values
