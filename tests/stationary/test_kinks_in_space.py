"""Functions of several variables with kinks: no stationary point is among them, and what the kinks are, by hand."""

from __future__ import annotations

import pytest
from sympy import S, pi

from symopt import Problem
from symopt.derivation.checker import check

pytestmark = pytest.mark.slow


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


# (f, its isolated stationary points with what they are): the pieces of f that meet there have gradient 0, by hand.
SMOOTH_ACROSS = [
    ("x*abs(x)+y^2", {(0, 0): ("saddle", None)}),  # -x^2 to the left
    ("abs(x*y)", {(0, 0): ("minimum", False)}),  # 0 on the axes
    ("max(0,x)^2+y^2", {(0, 0): ("minimum", False)}),  # 0 for x < 0 on the axis
    ("abs(x)^3+y^2-y^3", {(0, 0): ("minimum", True), (0, S(2) / 3): ("saddle", None)}),  # -2 y^2/2 at y = 2/3
    ("max(0,x)^2+y^2-y^3", {(0, 0): ("minimum", False), (0, S(2) / 3): ("saddle", None)}),
    # (1, -b/2) gives |h|^3 - b^2 h^2/4 < 0; beside it 3 x^2 = x/2 on x > 0
    (
        "abs(x)^3+x*y+y^2",
        {
            (0, 0): ("saddle", None),
            (S(1) / 6, -S(1) / 12): ("minimum", True),
            (-S(1) / 6, S(1) / 12): ("minimum", True),
        },
    ),
    # the squared hinge losses of two points with a ridge: x = 0 and 4 (1 - y) = y
    ("max(0,1-x-y)^2+max(0,1+x-y)^2+(x^2+y^2)/2", {(0, S(4) / 5): ("minimum", True)}),
    ("Piecewise((x^2/2,abs(x)<=1),(abs(x)-1/2,True))+y^2", {(0, 0): ("minimum", True)}),
]


@pytest.mark.parametrize(("text", "points"), SMOOTH_ACROSS)
def test_points_where_pieces_meet_smoothly(text: str, points: dict[object, tuple[str, bool | None]]) -> None:
    found = answer(text)
    assert found.complete
    alone = [p for p in found.points if not p.branch.free]
    assert {tuple(p.branch.values.values()): (p.kind, p.strict) for p in alone} == points
    for point in alone:
        check(*point.evidence.steps)


def test_the_edge_of_a_plateau_is_stationary() -> None:
    """max(0, x - y^2)^2 is 0 on the parabola and to its left."""
    found = answer("max(0,x-y^2)^2")
    assert found.complete
    assert not found.kinks
    assert {(len(p.branch.free), p.kind, p.strict) for p in found.points} == {
        (1, "minimum", False),
        (2, "constant", None),
    }


def test_an_edge_whose_sides_are_known_near_it_alone() -> None:
    """max(0, x) y beside the y-axis: never negative for y > 0, never positive for y < 0."""
    found = answer("max(0,x)*y")
    assert found.complete
    assert {(str(k.branch.where[0]), k.kind, k.strict) for k in found.kinks} == {
        ("t < 0", "maximum", False),
        ("t > 0", "minimum", False),
    }


def test_a_comb() -> None:
    """|sin x|: kinks at n pi, where it is 0, and tops between them."""
    found = answer("abs(sin(x))", "x")
    assert found.complete
    assert {(k.kind, k.strict, k.value) for k in found.kinks} == {("minimum", True, 0)}
    offsets = {
        next(iter(dict(k.branch.at).values())).subs({s: 0 for s, _ in k.branch.free}) for k in found.kinks
    }
    assert offsets == {S.Zero, pi}


def test_an_edge_is_one_family_but_for_its_minimum() -> None:
    """max(x, y) + x^2 + y^2 along x = y is t + 2 t^2, least at t = -1/4; from any other point of it f falls along it."""
    found = answer("max(x, y) + x^2 + y^2")
    (least,) = [k for k in found.kinks if k.kind == "minimum"]
    assert dict(least.branch.at) == dict(zip(Problem("x+y", "x y").variables, (-S.One / 4,) * 2, strict=True))
    (edge,) = [k for k in found.kinks if k.kind == "saddle"]
    assert [str(r) for r in edge.branch.where] == ["Ne(t, -1/4)"]


def test_crossing_edges_are_listed_once() -> None:
    """The hinge losses max(0, 1 - x - y) and max(0, 1 + x - y): two lines that meet in the minimum (0, 1)."""
    found = answer("max(0, 1-x-y) + max(0, 1+x-y) + (x^2+y^2)/2")
    assert sorted((k.kind, len(k.branch.free)) for k in found.kinks) == [
        ("minimum", 0),
        ("saddle", 1),
        ("saddle", 1),
    ]


def test_edges_of_one_kind_are_whole_lines() -> None:
    """|x| - |y| rises along the x-axis from every point of the y-axis, and falls along the y-axis from the x-axis."""
    found = answer("abs(x) - abs(y)")
    assert found.complete
    assert [(k.kind, len(k.branch.free), k.branch.where) for k in found.kinks] == [("saddle", 1, ())] * 2


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("abs(x) + abs(y) + abs(x+y-1)", 3),  # 1 on the triangle, more beyond its sides
        (
            "max(abs(x)-1, 0) + abs(y)",
            2,
        ),  # 0 for -1 < x < 1 on both sides of x = 0, where |x| has a kink of its own
    ],
)
def test_edges_on_which_f_is_least_are_minima(text: str, edges: int) -> None:
    found = answer(text)
    assert not [k for k in found.kinks if k.kind == "undecided"]
    least = [k for k in found.kinks if k.branch.free and k.kind == "minimum"]
    assert [(k.strict, len(k.branch.where)) for k in least] == [(False, 2)] * edges
