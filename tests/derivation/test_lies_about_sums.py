"""Lying derivations about sums over separate variables: extrema do not add up, points are not made of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from derivation_steps import but, rel
from sympy import Integer, Rational, Symbol, cos, exp, oo, pi, sin, symbols

from symopt import Problem
from symopt.derivation.checker import check, verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Step

x, y, s, t = symbols("x y s t", real=True)
n, m = (Symbol(name, integer=True) for name in "nm")
ZERO, ONE = Integer(0), Integer(1)


def found(answer: Any) -> Step:
    (case,) = answer.cases
    (top,) = (top for top in case.result.evidence.steps if top.rule == "extremum_separate")
    return top


@cache
def honest() -> dict[str, Step]:
    return {
        "points": found(Problem("x^4 - x^2 + y^4 - 2*y^2", "x y").minimum()),
        "roots": found(Problem("x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y", "x y").minimum()),
        "waves": found(Problem("sin(x) + sin(y)", "x y").minimum()),
        "family": found(Problem("x^2*y^2 + z^4 - z^2", "x y z").minimum()),
        "limit": found(Problem("x^4 - x^2 + exp(-y)*(1 + y^2)", "x y").minimum()),
        "border": found(Problem("x^4 - x^2 + y^3 - 3*y", "x y", subject_to=["y >= 0"]).minimum()),
        "stays": found(Problem("atan(x) + sin(y)", "x y").minimum()),
        "most": found(Problem("cos(x) + y*exp(-y)", "x y").maximum()),
    }


def _other_part(step: Step, place: int, **changes: Any) -> Step:
    """A part with other words, as if they had been proved."""
    parts = list(step.premises)
    wanted = [i for i, p in enumerate(parts) if type(p.claim).__name__ == "Optimal"][place]
    parts[wanted] = but(parts[wanted], **changes)
    return but(step, premises=tuple(parts))


def _point(step: Step, **changes: Any) -> Step:
    first, *others = step.claim.at
    return but(step, at=(replace(first, **changes), *others))


LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "the value is lower": ("points", lambda k: but(k, value=k.claim.value - 1)),
    "the values are multiplied": ("points", lambda k: but(k, value=Rational(1, 4))),
    "a product of the parts": ("points", lambda k: but(k, objective=(x**4 - x**2) * (y**4 - 2 * y**2))),
    "x y beside the parts": ("points", lambda k: but(k, objective=k.claim.objective + x * y)),
    "three of four points": ("points", lambda k: but(k, at=k.claim.at[:3])),
    "one point twice": ("points", lambda k: but(k, at=(k.claim.at[0], *k.claim.at[:3]))),
    "a point of neither": ("points", lambda k: _point(k, at=((x, ZERO), (y, ONE)))),
    "coordinates exchanged": (
        "points",
        lambda k: _point(k, at=tuple(zip((x, y), reversed([e for _, e in k.claim.at[0].at]), strict=True))),
    ),
    "a maximum": ("points", lambda k: but(k, sense="max")),
    "only one part": ("points", lambda k: but(k, premises=k.premises[:1])),
    "a part twice": ("points", lambda k: but(k, premises=(k.premises[0], *k.premises))),
    "a variable beside": ("points", lambda k: but(k, variables=(*k.claim.variables, s))),
    "in a smaller region": ("points", lambda k: but(k, region=(rel(x - 2, ">"),))),
    "on a disc": ("points", lambda k: but(k, region=(rel(1 - x**2 - y**2, ">"),))),
    "a part may have more points": ("points", lambda k: _other_part(k, 0, all_of_them=False)),
    "a part is not attained": ("points", lambda k: _other_part(k, 1, attained=False, at=())),
    "a part without a bound": ("points", lambda k: _other_part(k, 1, value=-oo, attained=False, at=())),
    "a part where p > 0": (
        "points",
        lambda k: _other_part(k, 0, condition=(rel(Symbol("p", real=True), ">"),)),
    ),
    "a part on a smaller region": ("points", lambda k: _other_part(k, 0, region=(rel(x, ">"),))),
    "a part in both variables": ("points", lambda k: _other_part(k, 0, objective=x**4 - x**2 + y - y**2)),
    "one number for both": (
        "roots",
        lambda k: _point(k, numbers=(k.claim.at[0].numbers[0],) * 2),
    ),
    "another root": (
        "roots",
        lambda k: _point(k, numbers=tuple(replace(number, index=1) for number in k.claim.at[0].numbers)),
    ),
    "the value without its numbers": ("roots", lambda k: but(k, value=Integer(-156))),
    "one turn for both": (
        "waves",
        lambda k: _point(
            k, at=((x, 2 * pi * n - pi / 2), (y, 2 * pi * n - pi / 2)), free=((n, "integer"), (n, "integer"))
        ),
    ),
    "a symbol is missing": (
        "waves",
        lambda k: _point(k, at=((x, 2 * pi * n - pi / 2), (y, -pi / 2)), free=((n, "integer"),)),
    ),
    "real turns": ("waves", lambda k: _point(k, free=tuple((v, "real") for v, _ in k.claim.at[0].free))),
    "half turns": (
        "waves",
        lambda k: _point(
            k, at=((x, pi * n - pi / 2), (y, 2 * pi * m - pi / 2)), free=((n, "integer"), (m, "integer"))
        ),
    ),
    "the line is moved": ("family", lambda k: _point(k, at=tuple((v, e + 1) for v, e in k.claim.at[0].at))),
    "a part of the line": (
        "family",
        lambda k: _point(k, where=(rel(k.claim.at[0].free[0][0], ">"),)),
    ),
    "attained in the limit": (
        "limit",
        lambda k: but(k, attained=True, at=(Branch(((x, ONE), (y, ZERO))),), along=(), curve_symbol=None),
    ),
    "x moves as well": ("limit", lambda k: but(k, along=((x, s), (y, s)))),
    "x stays elsewhere": ("limit", lambda k: but(k, along=((x, ZERO), *k.claim.along[1:]))),
    "y goes the other way": ("limit", lambda k: but(k, along=(k.claim.along[0], (y, -k.claim.curve_symbol)))),
    "no symbol of the curve": ("limit", lambda k: but(k, curve_symbol=None)),
    "the curve's symbol is x": ("limit", lambda k: but(k, curve_symbol=x)),
    "through the integers": ("limit", lambda k: but(k, through_integers=True)),
    "between two members": (
        "stays",
        lambda k: but(k, stays=tuple((v, Rational(1, 2)) for v, _ in k.data("stays"))),
    ),
    "at another member's place": (
        "stays",
        lambda k: but(k, stays=tuple((v, ONE) for v, _ in k.data("stays"))),
    ),
    "no member": ("stays", lambda k: but(k, stays=())),
    "without the border": ("border", lambda k: but(k, region=())),
    "on the other side": ("border", lambda k: but(k, region=(rel(y, "<="),))),
    "the least value": ("most", lambda k: but(k, sense="min")),
    "cos is beaten": ("most", lambda k: but(k, objective=2 * cos(x) + y * exp(-y))),
    "sin for cos": ("most", lambda k: but(k, objective=sin(x) + y * exp(-y))),
}


@pytest.mark.parametrize("name", ["points", "roots", "waves", "family", "limit", "stays", "border", "most"])
def test_the_truth_is_accepted(name: str) -> None:
    check(honest()[name])


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_rejected(lie: str) -> None:
    name, tell = LIES[lie]
    told = tell(honest()[name])
    assert told != honest()[name]
    with pytest.raises(Rejected):
        verify(told)  # the last step alone: its premises may lie too
