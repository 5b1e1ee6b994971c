"""Lying derivations about f = h(u): h turns, u is asked for the wrong end, a limit is no value."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from derivation_steps import but, rel
from sympy import E, Integer, Rational, acosh, atan, exp, log, oo, pi, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import check, verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Step
from symopt.derivation.monotone import SLOPES, slope
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation

x, y, s, u, a = symbols("x y s u a", real=True)
ZERO, ONE = Integer(0), Integer(1)


def found(answer: Any) -> Step:
    (case,) = answer.cases
    (top,) = (top for top in case.result.evidence.steps if top.rule == "extremum_monotone")
    return top


@cache
def honest() -> dict[str, Step]:
    return {
        # u = e^x + e^y > 0 comes near 0 along (-s, -s), and log(1 + u) rises
        "limit": found(Problem("log(1 + exp(x) + exp(y))", "x y").minimum(timeout=60)),
        # u = (x - a)^2 + y^2 is least at (a, 0), and 1/(2 + u) falls
        "falls": found(Problem("1/(2 + (x - a)^2 + y^2)", [x, y]).maximum(timeout=60)),
        # u = sin(x) + cos(y) is at most 2
        "waves": found(Problem("exp(sin(x) + cos(y))", "x y").maximum(timeout=60)),
        # u = y - x^2 runs to -oo, where atan comes near -pi/2
        "far": found(Problem("atan(y - x^2)", "x y").minimum(timeout=60)),
        # u = x + y > 0 comes near 0: u^(1/2) nearly 0
        "border": found(
            Problem("(sqrt(x) + sqrt(y))^3", "x y", subject_to=["x > 0", "y > 0"]).minimum(timeout=60)
        ),
        "unbounded": found(Problem("log(x^2 + y^4)", "x y").minimum(timeout=60)),
    }


def _of(step: Step, **changes: Any) -> Step:
    """The premise with other words, as if they had been proved."""
    below, *others = step.premises
    return but(step, premises=(but(below, **changes), *others))


LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "the value of u": ("limit", lambda k: but(k, value=ONE)),
    "it is attained": (
        "limit",
        lambda k: but(k, attained=True, at=(Branch(((x, ZERO), (y, ZERO))),), along=()),
    ),
    "the supremum": ("limit", lambda k: but(k, sense="max")),
    "the supremum of u": ("limit", lambda k: _of(k, sense="max")),
    "another outer function": ("limit", lambda k: but(k, outer=log(u + 2))),
    "another function": ("limit", lambda k: but(k, objective=log(2 + exp(x) + exp(y)))),
    "along another curve": ("limit", lambda k: but(k, along=((x, -s), (y, ZERO)))),
    "a variable as the symbol": ("limit", lambda k: but(k, symbol=x, outer=log(x + 1))),
    "a variable in the outer function": (
        "limit",
        lambda k: _of(but(k, outer=log(1 + exp(x) + u)), objective=exp(y)),
    ),
    "u on a larger region": ("border", lambda k: _of(k, region=())),
    "u on a smaller region": ("limit", lambda k: _of(k, region=(rel(x, ">"),))),
    "u in another case": ("limit", lambda k: _of(k, condition=(rel(a, ">"),))),
    "no premise": ("limit", lambda k: but(k, premises=())),
    "1/u rises": ("falls", lambda k: but(k, sense="min")),
    "the greatest value of u": ("falls", lambda k: but(k, value=Rational(1, 3))),
    "at another point": ("falls", lambda k: but(k, at=(Branch(((x, ZERO), (y, ZERO))),))),
    "not all points": ("falls", lambda k: but(k, all_of_them=False)),
    "more than u has": ("waves", lambda k: _of(k, all_of_them=False)),
    "e for e^2": ("waves", lambda k: but(k, value=E)),
    "the limit on the other side": ("far", lambda k: but(k, value=pi / 2)),
    "no limit": ("far", lambda k: but(k, value=-oo)),
    "a finite u": ("far", lambda k: _of(k, value=ZERO)),
    "a number for -oo": ("unbounded", lambda k: but(k, value=ZERO)),
    "oo for -oo": ("unbounded", lambda k: but(k, value=oo)),
    "u comes near 1": ("unbounded", lambda k: _of(k, value=ONE)),
}


@pytest.mark.parametrize("name", ["limit", "falls", "waves", "far", "border", "unbounded"])
def test_the_truth_is_accepted(name: str) -> None:
    check(honest()[name])


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_rejected(lie: str) -> None:
    name, tell = LIES[lie]
    told = tell(honest()[name])
    assert told != honest()[name]
    with pytest.raises(Rejected):
        verify(told)  # the last step alone: its premises may lie too


@pytest.mark.parametrize("function", SLOPES)
def test_slopes_are_those_of_the_derivative(function: Any) -> None:
    # at a point inside the domain of each: acosh needs u > 1, artanh, arcsine and arccosine |u| < 1
    at = Rational(3, 2) if function is acosh else Rational(1, 2)
    assert (function(u).diff(u).subs(u, at).evalf(30) > 0) == (SLOPES[function] == 1)


@pytest.mark.parametrize(
    ("outer", "inner", "known", "expected"),
    [
        (2 - 3 * exp(-u), x, (), 1),
        (1 / u, x, (), None),  # falls on each side of 0, but not across it
        (1 / u, x, (Relation(x, ">"),), -1),
        (1 / u, x, (Relation(x, ">="),), None),
        (u**2, x, (), None),
        (u**2, x, (Relation(x, ">="),), 1),
        (u**2, x, (Relation(x, "<="),), None),
        (u**3, x, (), 1),
        (sqrt(u), x, (), 1),
        (u ** Rational(-3, 2), x, (), -1),
        (a * u, x, (), None),
        (a * u, x, (Relation(a, "<"),), -1),
        (u + exp(u), x, (), None),  # two ways to u: one path is asked for
        (u * exp(u), x, (), None),
        (atan(u) ** 2, x, (), None),
        (log(u) ** 3, x, (), 1),
        (a**u, x, (Relation(a, ">"),), None),
    ],
)
def test_slope(outer: Any, inner: Any, known: tuple, expected: int | None) -> None:
    assert slope(outer, u, lambda e: signs_of_tree(e.xreplace({u: inner}), known)) == expected


def test_the_infimum_of_a_logarithm_of_sums() -> None:
    # e^x + e^(-x) >= 2 with equality at x = 0 alone, and e^y > 0 comes near 0
    answer = Problem("log(exp(x) + exp(-x) + exp(y))", "x y").minimum()
    assert (answer.value, answer.attained) == (log(2), False)
    assert [curve for variable, curve in answer.along if variable.name == "x"] == [0]


def test_a_falling_function_of_a_saddle_has_no_bounds() -> None:
    answer = Problem("1/(1 + exp(x^2 - y^2))", "x y")
    assert (answer.minimum().value, answer.minimum().attained) == (0, False)
    assert (answer.maximum().value, answer.maximum().attained) == (1, False)
