"""Lying derivations about extrema over regions with a border: true ones, with one part of the last step changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from derivation_steps import but, rel
from sympy import Abs, Eq, Integer, Rational, Symbol, cos, cosh, exp, log, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import check, follows
from symopt.derivation.claims import Branch, Context, Cover, Number, Optimal, Stationary, Step
from symopt.relation import Relation

x, y = symbols("x y", real=True)
ZERO, ONE = Integer(0), Integer(1)
UNIT_BOX = (x >= 0, x <= 1, y >= 0, y <= 1)


def derivation(objective: Any, region: tuple[Any, ...], sense: str = "min") -> Step:
    problem = Problem(objective, [x, y], subject_to=list(region))
    answer = problem.minimum(timeout=60) if sense == "min" else problem.maximum(timeout=60)
    return answer.evidence.steps[0]


@cache
def honest() -> dict[str, Step]:
    return {
        "disc": derivation(x + y, (x**2 + y**2 <= 1,)),
        "box": derivation(x * y - x, UNIT_BOX),
        "half plane": derivation(x**2 + 2 * y**2, (x + y >= 2,)),
        "kinks": derivation(x**2 + y**2 + 2 * abs(x**2 + y - 1), ()),
        "put in": derivation(exp(x) + exp(y), (Eq(x + y, 2),)),
        "level": derivation(abs(x * y), ()),
        "hyperbola": derivation(
            x + y, (x * y >= 1, x > 0)
        ),  # x > 0 leaves no border: 0 y >= 1 has no solution
    }


def point(a: Any, b: Any) -> Branch:
    return Branch(((x, a + ZERO), (y, b + ZERO)))


def only(step: Step, kind: type, keep: Callable[[Step], bool]) -> Step:
    return replace(step, premises=tuple(p for p in step.premises if not isinstance(p.claim, kind) or keep(p)))


def on_region(step: Step, *region: Relation) -> Step:
    return replace(step, context=Context(region, step.context.condition))


def without_corner(step: Step) -> Step:
    return only(step, Cover, lambda p: p.claim.equations != (x - 1, y))


LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "the least is -1": ("disc", lambda t: but(t, value=-ONE, at=(point(-1, 0),))),
    "the greatest called the least": (
        "disc",
        lambda t: but(t, value=sqrt(2), at=(point(sqrt(2) / 2, sqrt(2) / 2),)),
    ),
    "a point outside": ("disc", lambda t: but(t, at=(point(-sqrt(2), 0),))),
    "the circle is not looked at": ("disc", lambda t: only(t, Cover, lambda p: False)),
    "the inside is not looked at": ("disc", lambda t: only(t, Stationary, lambda p: False)),
    "an open disc": ("disc", lambda t: on_region(t, Relation(1 - x**2 - y**2, ">"))),
    "a larger disc": ("disc", lambda t: on_region(t, Relation(4 - x**2 - y**2, ">="))),
    "the outside of the disc": ("disc", lambda t: on_region(t, Relation(1 - x**2 - y**2, "<="))),
    "nothing bounds the region": ("disc", lambda t: but(t, growth=())),
    "x^2 alone grows": ("disc", lambda t: but(t, growth=((x, x**2 - 1),))),
    "f is bounded by the disc's expression": ("disc", lambda t: but(t, within=x + y)),
    "another function": ("disc", lambda t: but(t, objective=x + 2 * y)),
    "a corner is not looked at": ("box", without_corner),
    "one of two minima": ("box", lambda t: but(t, at=(point(1, 0),), value=-2 * ONE)),
    "the box is smaller": (
        "box",
        lambda t: but(t, bounds=((x, ZERO, Rational(1, 2)), (y, ZERO, ONE))),
    ),
    "y has no bound": ("box", lambda t: but(t, bounds=((x, ZERO, ONE),))),
    "the box without a side": ("box", lambda t: replace(t, context=Context(t.context.region[1:]))),
    "the box without its border": (
        "box",
        lambda t: on_region(t, *(Relation(r.expression, r.op[0]) for r in t.context.region)),
    ),
    "f does not grow in y": ("half plane", lambda t: but(t, growth=((x, x**2),))),
    "f grows like x^4": ("half plane", lambda t: but(t, growth=((x, x**4), (y, y**2)))),
    "the maximum": ("half plane", lambda t: but(t, sense="max")),
    "the other half plane": ("half plane", lambda t: on_region(t, Relation(2 - x - y, ">="))),
    "the kink is not looked at": ("kinks", lambda t: only(t, Cover, lambda p: False)),
    "one piece is not looked at": (
        "kinks",
        lambda t: only(t, Stationary, lambda p: p.context.region[0].op == ">"),
    ),
    "another kink": (
        "kinks",
        lambda t: but(t, objective=t.claim.objective.xreplace({Abs(x**2 + y - 1): Abs(x**2 + y - 2)})),
    ),
    "another solution": ("put in", lambda t: but(t, solution=1 - x)),
    "an inequality put in": (
        "put in",
        lambda t: but(on_region(t, Relation(x + y - 2, ">=")), equation=Relation(x + y - 2, ">=")),
    ),
    "no such equation": ("put in", lambda t: on_region(t)),
    "a region that is left out": (
        "put in",
        lambda t: on_region(t, *t.context.region, Relation(x - 5, ">=")),
    ),
    "a point off the line": ("put in", lambda t: but(t, at=(point(1, 2),))),
    "a point missing": ("put in", lambda t: but(t, at=())),
    "y is eliminated as x": ("put in", lambda t: but(t, variable=x)),
    "one of two points of the level": ("level", lambda t: but(t, at=t.claim.at[:1])),
    "x = 0 is left out": ("hyperbola", lambda t: on_region(t, Relation(x * y, ">="), Relation(x, ">"))),
    "x = 0 is left out where y = 0": (
        "hyperbola",
        lambda t: on_region(t, Relation(x * y - y, ">="), Relation(x, ">")),
    ),
    "x = 1 is left out": (
        "hyperbola",
        lambda t: on_region(t, Relation(x * y - 1, ">="), Relation(x - 1, ">")),
    ),
    "the other branch as well": ("hyperbola", lambda t: on_region(t, Relation(x * y - 1, ">="))),
    "a level that is not reached": ("level", lambda t: but(t, value=-ONE)),
}


@pytest.mark.parametrize("name", list(honest()))
def test_the_derivations_are_accepted(name: str) -> None:
    step = honest()[name]
    rules = {"put in": "extremum_eliminated", "level": "extremum_bound"}
    assert step.rule == rules.get(name, "extremum_borders")
    assert isinstance(step.claim, Optimal)
    assert step.claim.all_of_them
    assert check(step) == "checked"


@pytest.mark.parametrize("name", list(LIES))
def test_lies_are_rejected(name: str) -> None:
    about, lie = LIES[name]
    assert not follows(lie(honest()[about]))


def test_a_number_comes_from_an_equation() -> None:
    """A number of a point that no equation has given."""
    step = honest()["disc"]
    r = Symbol("r", real=True)
    number = Number(r, r**2 - 2, 0, (Integer(-2), Integer(-1)))
    assert not follows(but(step, value=r, at=(Branch(((x, r / 2), (y, r / 2)), (number,)),)))


# --- tangents, and what is convex in log x --------------------------------------------------------------------


@cache
def touching_steps() -> dict[str, Step]:
    bowl = Problem(cosh(x) + cosh(y) - x * y, [x, y]).minimum(timeout=60).evidence.steps[0]
    logs = Problem(x**2 + y**2 - log(x * y), [x, y]).minimum(timeout=60).evidence.steps[0]
    quartic = Problem((x**2 + 2 * x * y + 2 * y**2 - 2 * x) ** 2 + x, [x, y]).minimum(timeout=60)
    means = Problem(x * y + 8 / x + 8 / y, [x, y], subject_to=[x > 0, y > 0]).minimum(timeout=60)
    by_rule = {s.rule: s for top in (bowl,) for s in top.walk()}
    log_by_rule = {s.rule: s for s in logs.walk()}
    return {
        "parabola": by_rule["tangent"],
        "it meets": by_rule["cover_tangent"],
        "log": log_by_rule["tangent"],
        "means": means.evidence.steps[0],
        "quartic": quartic.evidence.steps[0],
    }


TOUCHING_LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "cosh is below": ("parabola", lambda t: but(t, side=Integer(-1))),
    "cosh t >= 1 + t^2": ("parabola", lambda t: but(t, relation=rel(cosh(x) - 1 - x**2, ">="))),
    "cosh t > 1 + t^2/2": ("parabola", lambda t: but(t, relation=replace(t.claim.relation, op=">"))),
    "cosh above a parabola at 1": ("parabola", lambda t: but(t, point=ONE)),
    "cos above the parabola of cosh": ("parabola", lambda t: but(t, kernel=cos(x))),
    "log above its tangent": ("log", lambda t: but(t, relation=rel(-t.claim.relation.expression, ">="))),
    "the tangent at another point": ("log", lambda t: but(t, point=Integer(2))),
    "the tangent at a negative point": ("log", lambda t: but(t, point=Integer(-1))),
    "log where it is not defined": ("log", lambda t: replace(t, context=Context())),
    "they meet elsewhere": ("it meets", lambda t: but(t, branches=(point(1, 1),))),
    "they meet nowhere": ("it meets", lambda t: but(t, branches=())),
    "another function meets it": ("it meets", lambda t: but(t, kernel=exp(x))),
    "the wrong equation": ("it meets", lambda t: but(t, index=0)),
    "a larger minimum": ("means", lambda t: but(t, value=Integer(13))),
    "another point": ("means", lambda t: but(t, at=(point(4, 1),))),
    "the whole plane": ("means", lambda t: replace(t, context=Context())),
    "x alone is a power of e": ("means", lambda t: but(t, names=t.data("names")[:1])),
    "x is a power of e^x": ("means", lambda t: but(t, names=((x, x), t.data("names")[1]))),
    "the terms of degree 4 are larger": ("quartic", lambda t: but(t, leading=Integer(20))),
    "a form that may vanish": ("quartic", lambda t: but(t, leading=ZERO)),
    "no form": ("quartic", lambda t: but(t, leading=None)),
    "another quartic": ("quartic", lambda t: but(t, objective=t.claim.objective - 20 * x**4)),
    "a quartic in a half plane": ("quartic", lambda t: on_region(t, Relation(x - 1, ">"))),
    "the greatest of a quartic": ("quartic", lambda t: but(t, sense="max")),
    "a maximum": ("means", lambda t: but(t, sense="max")),
}


def test_the_touching_steps_are_accepted() -> None:
    steps = touching_steps()
    assert steps["means"].rule == "extremum_geometric"
    assert steps["quartic"].data("leading") is not None
    assert {check(step) for step in steps.values()} <= {"checked", "recomputed"}


@pytest.mark.parametrize("name", list(TOUCHING_LIES))
def test_lies_about_what_touches_are_rejected(name: str) -> None:
    about, lie = TOUCHING_LIES[name]
    assert not follows(lie(touching_steps()[about]))
