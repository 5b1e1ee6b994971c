"""Functions of several variables with kinks: no stationary point is among them, and what the kinks are, by hand."""

from __future__ import annotations

import pytest
from sympy import S, pi

from symopt import Problem
from symopt.derivation.checker import check


def answer(text: str, variables: str = "x y"):  # type: ignore[no-untyped-def]
    (case,) = Problem(text, variables).stationary_points().cases
    for point in case.result.kinks:
        if point.evidence is not None and point.kind != "undecided":
            check(*point.evidence.steps)
    return case.result


ORIGIN = {"x": S.Zero, "y": S.Zero}
# (f, what it is at the origin, where it has a kink)
CONES = [
    ("sqrt(x^2+y^2)", ("minimum", True)),
    ("1-(x^2+y^2)^(1/3)", ("maximum", True)),
    ("abs(x)+abs(y)", ("minimum", True)),
    ("abs(x-y)+y^2", ("minimum", True)),
    ("sqrt(x^2+y^2)+2*x+y", ("saddle", None)),
    ("abs(x)-abs(y)", ("saddle", None)),
]


@pytest.mark.parametrize(("text", "label"), CONES)
def test_cones(text: str, label: tuple[str, bool | None]) -> None:
    found = answer(text)
    assert found.complete
    assert found.points == ()
    here = [k for k in found.kinks if {str(v): e for v, e in k.branch.at} == ORIGIN]
    assert [(k.kind, k.strict) for k in here] == [label]


def test_a_circle_beside_a_kink() -> None:
    """r^2 - 2 r is least on the circle r = 1."""
    found = answer("x^2+y^2-2*sqrt(x^2+y^2)")
    assert found.complete
    assert [(p.kind, p.strict, p.value) for p in found.points] == [("minimum", False, -1)]


def test_an_edge_is_cut_where_its_kind_changes() -> None:
    """max(x^2, y) is x^2 below the parabola and rises with y above: on it a saddle but for the origin."""
    found = answer("max(x^2,y)")
    assert found.complete
    assert [(p.kind, p.strict) for p in found.points] == [("minimum", False)]
    kinds = {(k.kind, dict(k.branch.at) == {}) for k in found.kinks if k.branch.free}
    assert {kind for kind, _ in kinds} == {"saddle"}


@pytest.mark.parametrize("text", ["x*abs(x)+y^2", "abs(x*y)"])
def test_a_point_with_no_slope_leaves_the_list_open(text: str) -> None:
    """At the origin every slope is 0: it is stationary, and nothing here proves that."""
    assert not answer(text).complete


def test_a_comb() -> None:
    """|sin x|: kinks at n pi, where it is 0, and tops between them."""
    found = answer("abs(sin(x))", "x")
    assert found.complete
    assert {(k.kind, k.strict, k.value) for k in found.kinks} == {("minimum", True, 0)}
    offsets = {
        next(iter(dict(k.branch.at).values())).subs({s: 0 for s, _ in k.branch.free}) for k in found.kinks
    }
    assert offsets == {S.Zero, pi}
