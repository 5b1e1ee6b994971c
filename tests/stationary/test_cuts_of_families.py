"""Families that are cut more than once, and points that lie on a circle: by hand, from the sign beside the square."""

from __future__ import annotations

from sympy import Integer, Rational, cos, sin, sqrt, symbols, sympify

from symopt import Problem
from symopt.derivation.checks_points import lies_on
from symopt.derivation.claims import Branch
from symopt.relation import Relation

PLACES = (Integer(-2), Rational(-1, 2), Rational(1, 2), Integer(2))
x, y, t = symbols("x y t", real=True)
CIRCLE = Branch(((x, 2 * cos(t) + 1), (y, cos(t) + sin(t))), (), ((t, "real"),), (Relation(cos(t), "<"),))


def test_a_hyperbola_is_cut_on_both_branches() -> None:
    """f = (xy - 1)^2 (x - y) is 0 on xy = 1, a minimum where x > y: 1/t > t for t < -1 and for 0 < t < 1."""
    found = Problem("(x*y-1)^2*(x-y)", "x y").stationary_points()
    assert found.complete
    told = {}
    for point in found.points:
        for value in PLACES:
            if point.branch.free and all(r.at({t: value}).expression > 0 for r in _positive(point.branch)):
                told[value] = point.kind
    kinds = ("minimum", "maximum", "minimum", "maximum")
    assert told == dict(zip(PLACES, kinds, strict=True))
    assert sum(point.kind == "saddle" for point in found.points) == 2


def _positive(branch: Branch) -> list[Relation]:
    return [r if r.op == ">" else Relation(-r.expression, ">") for r in branch.where]


def test_points_of_a_circle_are_not_listed_twice() -> None:
    found = Problem("(x^2+y^2-1)^2*(y-x)", "x y").stationary_points()
    assert found.complete
    assert sorted(p.kind for p in found.points if not p.branch.free) == [
        "maximum",
        "minimum",
        "saddle",
        "saddle",
    ]
    assert all(p.strict is not None for p in found.points if p.kind in ("minimum", "maximum"))


def test_what_lies_on_a_circle() -> None:
    """cos t = (x - 1)/2 < 0 and sin t = y - cos t."""
    for place, on in (
        ((-1, -1), True),  # t = pi
        ((3, 1), False),  # t = 0, where cos t > 0
        ((1, 1), False),  # t = pi/2, where cos t = 0
        ((-1, 0), False),  # cos t = -1 and sin t = 1
        ((0, -Rational(1, 2) + sqrt(3) / 2), True),  # t = 2 pi/3
        ((0, 1), False),
    ):
        assert lies_on(Branch(tuple(zip((x, y), map(sympify, place), strict=True))), CIRCLE) is on
