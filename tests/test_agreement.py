"""An answer that its own proofs do not state is rejected, however sound the proofs are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from sympy import Integer, Symbol, sin, symbols

from symopt import Problem
from symopt.agreement import require_agreement
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Context
from symopt.relation import Relation
from symopt.results.answers import Answer

x, y = symbols("x y", real=True)
ONE = Integer(1)
WHOLE = Context()
HALF = Context((Relation(x, ">"),))


def only(answers: Any) -> Any:
    (case,) = answers.cases
    return case.result


@cache
def answers() -> dict[str, Answer]:
    cubic, kink, valley = Problem("x^3 - 3*x", "x"), Problem("abs(x) + x^2", "x"), Problem("(x-y)^2", "x y")
    return {
        "points": only(cubic.stationary_points(timeout=60)),
        "unbounded": only(cubic.minimum(timeout=60)),
        "neither": only(cubic.convexity(timeout=60)),
        "kink": only(kink.stationary_points(timeout=60)),
        "kink's minimum": only(kink.minimum(timeout=60)),
        "convex": only(kink.convexity(timeout=60)),
        "not strictly": only(valley.convexity(timeout=60)),
        "half": only(Problem("x^2", "x", subject_to=[x > 0]).convexity(timeout=60)),
    }


ABOUT: dict[str, tuple[Any, tuple[Symbol, ...], Context]] = {
    **dict.fromkeys(("points", "unbounded", "neither"), (x**3 - 3 * x, (x,), WHOLE)),
    **dict.fromkeys(("kink", "kink's minimum", "convex"), (abs(x) + x**2, (x,), WHOLE)),
    "not strictly": ((x - y) ** 2, (x, y), WHOLE),
    "half": (x**2, (x,), HALF),
}
CHANGES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a point is left out": ("points", lambda a: replace(a, points=a.points[:1])),
    "a minimum is called a saddle": (
        "points",
        lambda a: replace(a, points=(a.points[0], replace(a.points[1], kind="saddle"))),
    ),
    "a minimum is called not strict": (
        "points",
        lambda a: replace(a, points=(a.points[0], replace(a.points[1], strict=False))),
    ),
    "a point without a proof": (
        "points",
        lambda a: replace(a, points=(a.points[0], replace(a.points[1], evidence=None))),
    ),
    "a label of another point": (
        "points",
        lambda a: replace(a, points=(a.points[0], replace(a.points[0], branch=a.points[1].branch))),
    ),
    "a kink is called smooth": ("kink", lambda a: replace(a, kinks=(replace(a.kinks[0], kind="constant"),))),
    "a bounded value": ("unbounded", lambda a: replace(a, value=ONE)),
    "the supremum": ("unbounded", lambda a: replace(a, sense="max")),
    "another curve": ("unbounded", lambda a: replace(a, along=((x, a.curve_symbol),))),
    "another minimum": ("kink's minimum", lambda a: replace(a, value=-ONE)),
    "not attained": ("kink's minimum", lambda a: replace(a, attained=False, at=())),
    "convex after all": ("neither", lambda a: replace(a, kind="convex")),
    "concave": ("convex", lambda a: replace(a, kind="concave")),
    "affine": ("convex", lambda a: replace(a, kind="affine")),
    "strict after all": ("not strictly", lambda a: replace(a, strict=True)),
    "no proof that it is not strict": (
        "convex",
        lambda a: replace(a, strict=False),
    ),
    "the region is not convex": ("convex", lambda a: replace(a, kind="region_not_convex")),
}


@pytest.mark.parametrize("name", ABOUT)
def test_an_answer_agrees_with_its_proofs(name: str) -> None:
    require_agreement(answers()[name], *ABOUT[name])


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_answer_is_rejected(change: str) -> None:
    name, changed = CHANGES[change]
    with pytest.raises(Rejected):
        require_agreement(changed(answers()[name]), *ABOUT[name])


@pytest.mark.parametrize("name", ABOUT)
def test_the_answer_to_another_question_is_rejected(name: str) -> None:
    objective, variables, context = ABOUT[name]
    with pytest.raises(Rejected):
        require_agreement(answers()[name], sin(x), variables, context)
    with pytest.raises(Rejected):
        require_agreement(answers()[name], objective, (Symbol("w", real=True),), context)


@pytest.mark.parametrize("name", ["half", "convex", "neither", "unbounded", "kink's minimum"])
@pytest.mark.parametrize("end", [-2, 5])
def test_the_answer_on_another_region_is_rejected(name: str, end: int) -> None:
    objective, variables, _ = ABOUT[name]
    elsewhere = Context((Relation(x - end, ">"),))
    with pytest.raises(Rejected):
        require_agreement(answers()[name], objective, variables, elsewhere)


def test_a_list_of_a_part_of_the_region_is_rejected() -> None:
    objective, variables, _ = ABOUT["points"]
    half = only(Problem(objective, [x], subject_to=[x > 0]).stationary_points(timeout=60))
    with pytest.raises(Rejected):
        require_agreement(half, objective, variables, WHOLE)
