"""Lying derivations about one zero of a function that is monotone for some values of a parameter alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from derivation_steps import but, rel
from sympy import Integer, cos, sin, symbols

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Cover, Holds, Step
from symopt.reasoning.sign import prove_relation

x, a = symbols("x a", real=True)
WITHIN = (rel(a - 2, "<"), rel(a + 2, ">"))


@cache
def cover() -> Step:
    """2 x - a sin x = 0 only at 0, for -2 < a < 2."""
    (case,) = Problem(x**2 + a * cos(x), [x], assuming=[a > -2, a < 2]).stationary_points(timeout=60)
    return next(s for top in case.result.evidence.steps for s in top.walk() if s.rule == "cover_variation")


@cache
def amplitude() -> Step:
    """2 - a cos x > 0 for -2 < a < 2."""
    found = prove_relation(rel(2 - a * cos(x), ">"), Context((), WITHIN))
    assert found is not None
    return found


LIES: dict[str, tuple[Callable[[], Step], Callable[[Step], Step]]] = {
    "for every a": (cover, lambda s: replace(s, context=Context())),
    "for a < 3": (cover, lambda s: replace(s, context=Context((), (rel(a - 3, "<"), rel(a + 2, ">"))))),
    "without the slope": (cover, lambda s: replace(s, premises=())),
    "no zero at all": (cover, lambda s: but(s, branches=())),
    "another zero": (
        cover,
        lambda s: but(s, branches=(Branch(((x, Integer(1)),)),), pieces=((None, None, Integer(1)),)),
    ),
    "another equation": (cover, lambda s: but(s, equations=(2 * x - 3 * a * sin(x),))),
    "on one side alone": (cover, lambda s: but(s, pieces=((Integer(0), None, Integer(0)),))),
    "the parameter is an unknown": (cover, lambda s: but(s, unknowns=(x, a))),
    "a wave as large as its constant": (
        amplitude,
        lambda s: replace(s, claim=Holds(rel(2 - 3 * a * cos(x), ">"))),
    ),
    "a wave of every size": (amplitude, lambda s: replace(s, context=Context())),
    "the other sign": (amplitude, lambda s: replace(s, claim=Holds(rel(2 - a * cos(x), "<")))),
}


def test_the_truth_is_accepted() -> None:
    assert check(cover()) == check(amplitude()) == "checked"
    claim = cover().claim
    assert isinstance(claim, Cover)
    assert [dict(branch.at)[x] for branch in claim.branches] == [0]


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    source, tell = LIES[name]
    lie = tell(source())
    assert lie != source()
    with pytest.raises(Rejected):
        check(lie)


def test_cases_of_the_amplitude() -> None:
    """f'' = 2 - a cos x: f is strictly convex for |a| < 2; at a = 2, f' = 2 (x - sin x) has the one zero 0."""
    cases = Problem(x**2 + a * cos(x), [x]).stationary_points(timeout=60)
    for value in (-2, -1, 0, 2):
        (case,) = cases.at(a=value)
        assert [dict(p.branch.at)[x] for p in case.result.points] == [0]
        assert case.result.complete
    (case,) = cases.at(a=3)
    assert not case.result.complete
