"""Families of stationary points with real parameters, points where the Hessian is singular, and borders.

Every answer is derived by hand in a comment. A family is written with t and s for its real parameters.
"""

from __future__ import annotations

import pytest
from sympy import Expr, S, Symbol, cos, pi, symbols, sympify

from symopt import Problem
from symopt.errors import InputError
from symopt.exact.normal import is_identical
from symopt.results.answers import Point

t, s, p, x, y, z = symbols("t s p x y z", real=True)
n = Symbol("n", integer=True)
NAMES = {"t": t, "s": s, "p": p}
KINDS = {
    "min": ("minimum", True),
    "min?": ("minimum", False),
    "max": ("maximum", True),
    "max?": ("maximum", False),
    "saddle": ("saddle", None),
    "constant": ("constant", None),
}

FAMILIES = [
    # grad = 4 (x^2 + y^2 - 1) (x, y); f >= 0 is 0 on the whole circle; at 0 the Hessian is -4 I.
    ("(x^2+y^2-1)^2", "x y", ["0, 0: max", "cos(t), sin(t): min?"]),
    ("-(x^2+y^2-1)^2", "x y", ["0, 0: min", "cos(t), sin(t): max?"]),
    # An ellipse with half-axes 2 and 1.
    ("(x^2+4*y^2-4)^2", "x y", ["0, 0: max", "2*cos(t), sin(t): min?"]),
    # A sphere.
    ("(x^2+y^2+z^2-1)^2", "x y z", ["0, 0, 0: max", "cos(t)*cos(s), cos(t)*sin(s), sin(t): min?"]),
    # Two branches of a hyperbola; the Hessian at 0 is diag(-4, 4).
    (
        "(x^2-y^2-1)^2",
        "x y",
        ["0, 0: saddle", "sqrt(t^2+1), t: min?", "-sqrt(t^2+1), t: min?"],
    ),
    # x = 0; f = x^2 y has the sign of y beside the line, and both signs at 0.
    ("x^2*y", "x y", ["0, 0: saddle", "0, t: min? where t > 0", "0, t: max? where t < 0"]),
    ("-x^2*(y-1)", "x y", ["0, 1: saddle", "0, t: max? where t > 1", "0, t: min? where t < 1"]),
    # The axes; near (0, 0, t) with t != 0 the sign is that of x y t.
    (
        "x*y*z",
        "x y z",
        [
            "0, 0, 0: saddle",
            *(
                f"{place}: saddle where t {op} 0"
                for place in ("t, 0, 0", "0, t, 0", "0, 0, t")
                for op in "<>"
            ),
        ],
    ),
    # x^2 y^2 (1-x-y): on the axes f = 0, beside them f has the sign of 1-x-y; inside, y = x = 2/5.
    (
        "x^2*y^2*(1-x-y)",
        "x y",
        [
            "2/5, 2/5: max",
            "0, 1: saddle",
            "1, 0: saddle",
            "0, t: min? where t < 1",
            "0, t: max? where t > 1",
            "t, 0: min? where t < 1",
            "t, 0: max? where t > 1",
        ],
    ),
    # w e^-w with w = x^2 + y^2 is largest at w = 1.
    ("(x^2+y^2)*exp(-x^2-y^2)", "x y", ["0, 0: min", "cos(t), sin(t): max?"]),
    # Three planes: beside the line x = y = 0 the sign is that of x y t, beside (t, 0, 0) that of y z t (1 - t).
    (
        "x*y*z*(1-x)",
        "x y z",
        [
            "0, 0, 0: saddle",
            "1, 0, 0: saddle",
            *(f"t, 0, 0: saddle where {part}" for part in ("t < 0", "t > 0, t < 1", "t > 1")),
            *(
                f"{place}: saddle where t {op} 0"
                for place in ("0, t, 0", "0, 0, t", "1, t, 0", "1, 0, t")
                for op in "<>"
            ),
        ],
    ),
    # A cylinder's bottom, all along the plane y = 0.
    ("y^2 + 0*x + 0*z", "x y z", ["t, 0, s: min?"]),
]

SINGULAR = [
    # (x + y^2) (x + 2 y^2) is negative between two parabolas.
    ("x^2+3*x*y^2+2*y^4", "x y", ["0, 0: saddle"]),
    # (x + y^2/2)^2 + 3/4 y^4 > 0.
    ("x^2+x*y^2+y^4", "x y", ["0, 0: min"]),
    ("-x^2-x*y^2-y^4", "x y", ["0, 0: max"]),
    # (x + y^3)^2 - y^6 - y^8: below 0 in the valley x = -y^3.
    ("x^2+2*x*y^3-y^8", "x y", ["0, 0: saddle"]),
    # x^4 + y^4 up to higher terms.
    ("exp(x^4+y^4)", "x y", ["0, 0: min"]),
    ("-exp(x^4+y^4)", "x y", ["0, 0: max"]),
    # Re (x + i y)^3 and Re (x + i y)^4.
    ("x^3-3*x*y^2", "x y", ["0, 0: saddle"]),
    ("x^4-6*x^2*y^2+y^4", "x y", ["0, 0: saddle"]),
    # y = x^2 and y = 3 x^2: a minimum along every line, and no minimum (Peano).
    ("(y-x^2)*(y-3*x^2)", "x y", ["0, 0: saddle"]),
    # Both signs along the diagonal.
    ("x^3+y^3", "x y", ["0, 0: saddle"]),
]


def renamed(values: tuple[Expr, ...], free: tuple[Symbol, ...]) -> dict[Symbol, Symbol]:
    order = [symbol for v in values for symbol in sorted(v.free_symbols & set(free), key=str)]
    return dict(zip(dict.fromkeys(order), (t, s), strict=False))


def is_the_point(point: Point, text: str) -> bool:
    text, _, where = text.partition(" where ")
    place, _, kind = text.partition(": ")
    wanted = tuple(sympify(part.replace("^", "**"), locals=NAMES) for part in place.split(","))
    free = tuple(symbol for symbol, _ in point.branch.free)
    values = tuple(point.branch.values.values())
    names = renamed(values, free)
    found = [v.xreplace(names) for v in values]
    same = all(is_identical(a, b) for a, b in zip(found, wanted, strict=True))
    if len(free) == 2 and not same:  # in the other order
        swapped = {t: s, s: t}
        same = all(is_identical(a.xreplace(swapped), b) for a, b in zip(found, wanted, strict=True))
    relations = {str(r.at(dict(names))) for r in point.branch.where}
    return (
        same
        and (point.kind, point.strict) == KINDS[kind]
        and relations == set(filter(None, where.split(", ")))
    )


@pytest.mark.parametrize(("objective", "variables", "wanted"), FAMILIES + SINGULAR)
def test_families_and_singular_points(objective: str, variables: str, wanted: list[str]) -> None:
    answer = Problem(objective, variables).stationary_points()

    assert answer.complete
    assert len(answer.points) == len(wanted)
    for text in wanted:
        assert any(is_the_point(point, text) for point in answer.points), text


def test_a_circle_of_size_p_is_a_point_for_p_0() -> None:
    cases = Problem((x**2 + y**2 - p**2) ** 2, [x, y]).stationary_points()

    (at_0,) = cases.at(p=0).points
    assert is_the_point(at_0, "0, 0: min")
    around = cases.at(p=-3).points
    assert len(around) == 2
    assert any(is_the_point(point, "0, 0: max") for point in around)
    assert any(is_the_point(point, "3*cos(t), 3*sin(t): min?") for point in around)


# Borders: {g > 0} need not be the interior of {g >= 0}.


def test_a_point_inside_that_lies_on_no_border_is_not_forgotten() -> None:
    """x^2 (x+1) >= 0 is x >= -1: the stationary point 0 of x^2 lies inside, though x^2 (x+1) is 0 there."""
    answer = Problem("x^2", "x", subject_to=["x^2*(x+1)>=0"]).stationary_points()
    assert not answer.complete or any(is_the_point(point, "0: min") for point in answer.points)


def test_a_relation_that_always_holds_has_no_border() -> None:
    """max(x, 0) >= 0 everywhere: all of x < 0 would be lost with max(x, 0) > 0."""
    answer = Problem("(x-1)^2*(x+1)^2", "x", subject_to=["Max(x,0)>=0"]).stationary_points()
    found = [point for point in answer.points if is_the_point(point, "-1: min")]
    assert not answer.complete or found


def test_a_root_of_what_touches_0_inside() -> None:
    """sqrt(x^4 (x+1)) is x^2 sqrt(x+1): it has the stationary points 0 and -4/5, with f(-4/5) = 16/25 sqrt(1/5)."""
    answer = Problem("sqrt(x^4*(x+1))", "x").stationary_points()
    assert any(is_the_point(point, "-4/5: max") for point in answer.points)
    assert not answer.complete or any(is_the_point(point, "0: min") for point in answer.points)


@pytest.mark.parametrize("region", [["x>=0"], ["x^2+y^2<=4"], ["x>=0", "y>=-1"], ["x+y<=5"]])
def test_a_border_with_a_slope_loses_nothing(region: list[str]) -> None:
    answer = Problem("(x-1)^2+y^2", "x y", subject_to=region).stationary_points()
    assert answer.complete
    (point,) = answer.points
    assert is_the_point(point, "1, 0: min")


# Integer parameters.


def test_an_integer_parameter_has_its_cases() -> None:
    cases = Problem(n * y**2, [y]).stationary_points()

    assert is_the_point(cases.at(n=2).points[0], "0: min")
    assert is_the_point(cases.at(n=-1).points[0], "0: max")
    assert is_the_point(cases.at(n=0).points[0], "t: constant")
    assert Problem(n * y**2, [y]).convexity().at(n=0).kind == "affine"


def test_an_integer_is_no_half() -> None:
    """(2n - 1) y^2 is nowhere constant: 2n - 1 is odd."""
    cases = Problem((2 * n - 1) * y**2, [y]).stationary_points()

    assert len(cases.cases) == 2
    assert is_the_point(cases.at(n=1).points[0], "0: min")
    assert is_the_point(cases.at(n=0).points[0], "0: max")
    assert not any(point.kind == "constant" for case in cases.cases for point in case.result.points)


def test_an_integer_parameter_turns_a_wave_whole() -> None:
    """cos(x + 2 pi n) is cos x."""
    answer = Problem(cos(x + 2 * pi * n), [x]).stationary_points()
    assert answer.complete
    assert {(point.kind, point.value) for point in answer.points} == {("maximum", 1), ("minimum", -1)}


def test_half_an_integer_is_refused() -> None:
    """SymPy has put cos(2 pi n) = 1, which is -1 at n = 1/2."""
    f = Problem(n * y**2 + cos(2 * pi * n), [y])
    for ask in (f.at, f.stationary_points().at):
        with pytest.raises(InputError, match="n is an integer, and 1/2 is not"):
            ask(n="1/2")
    assert f.at(n=3).minimum().value == 1


def test_a_point_on_the_border_of_where_a_constraint_is_defined_is_no_stationary_point() -> None:
    """sqrt(x) < 1 is 0 <= x < 1: 0 lies on the border, and x^3 has no inflection there."""
    answer = Problem("x^3", "x", subject_to=["sqrt(x) < 1"]).stationary_points()
    assert answer.complete
    assert not answer.points


# Continua whose label changes along them, by hand: f = q g with q >= 0 on the continuum, so that the sign of g tells.
CUT = [
    # the circle for g = x: two arcs, and f = x s^2 changes its sign at (0, 1) and (0, -1); (+-1/sqrt 5, 0)
    ("(x^2+y^2-1)^2*x", {}, {"minimum": 2, "maximum": 2, "saddle": 2}),
    # y = t^2 for g = x - 1
    ("(x^2-y)^2*(x-1)", {}, {"minimum": 1, "maximum": 1, "saddle": 1}),
    # x y = 1 for g = x: t = 0 is no point of it
    ("(x*y-1)^2*x", {}, {"minimum": 1, "maximum": 1}),
    # x = 0 for g = y/(x^2 + y^2), which is not defined at the origin
    ("x^2*y/(x^2+y^2)", {}, {"minimum": 1, "maximum": 1}),
    # x = 0 for g = y - c, at a zero that is a parameter
    ("x^2*(y-c)", {"c": 3}, {"minimum": 1, "maximum": 1, "saddle": 1}),
    # g = y^2 + y + c: none, one or two zeros; y = -1/2 is a line of minima itself where there is one
    ("x^2*(y^2+y+c)", {"c": 1}, {"minimum": 1}),
    ("x^2*(y^2+y+c)", {"c": S(1) / 4}, {"minimum": 2}),
    ("x^2*(y^2+y+c)", {"c": -2}, {"minimum": 1, "maximum": 1, "saddle": 2}),
    # g = sin y: (0, 2 pi n) and (0, 2 pi n + pi)
    ("x^2*sin(y)", {}, {"minimum": 1, "maximum": 1, "saddle": 2}),
]


@pytest.mark.parametrize(("text", "at", "kinds"), CUT)
def test_a_label_that_changes(text: str, at: dict, kinds: dict[str, int]) -> None:
    answer = Problem(text, "x y").stationary_points()
    (case,) = answer.at(at).cases if at else answer.cases
    assert case.result.complete
    found = [p.kind for p in case.result.points]
    assert {kind: found.count(kind) for kind in found} == kinds
    assert all(p.strict is False for p in case.result.points if p.branch.free and p.kind != "saddle")
