"""Signs on arcs and boxes, dominated rows and singular lines: what their checks take, and lies beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational, S, Symbol, cos, exp, gamma, loggamma, pi, polygamma, sin, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import (
    Context,
    Curved,
    Definite,
    Hessian,
    Holds,
    RegionConvex,
    Smooth,
    Step,
)
from symopt.relation import Relation

x, y = symbols("x y", real=True)
UNIT = (Relation(x, ">"), Relation(x - 1, "<"))


def sign(expression: Expr, op: str, rule: str, region: tuple[Relation, ...] = (), **data: object) -> Step:
    return Step(Context(region), Holds(Relation(expression, op)), rule, (), tuple(sorted(data.items())))


@pytest.mark.parametrize(
    ("wave", "op", "region", "turn", "accepted"),
    [
        (sin(x), ">", (Relation(x, ">"), Relation(pi - x, ">")), 0, True),
        (sin(x), ">=", (Relation(x, ">="), Relation(pi - x, ">=")), 0, True),
        (sin(x), "<", (Relation(x - pi, ">"), Relation(2 * pi - x, ">")), 1, True),
        (cos(x), ">", (Relation(x + pi / 2, ">"), Relation(pi / 2 - x, ">")), 0, True),
        (sin(x), ">", (Relation(x, ">="), Relation(pi - x, ">")), 0, False),
        (sin(x), "<", (Relation(x, ">"), Relation(pi - x, ">")), 0, False),
        (sin(x), ">", (Relation(x, ">"), Relation(2 * pi - x, ">")), 0, False),
        (cos(x), ">", (Relation(x, ">"), Relation(pi - x, ">")), 0, False),
        (cos(x), ">", (Relation(x - pi / 2, ">"), Relation(3 * pi / 2 - x, ">")), 1, False),
        (exp(x), ">", (Relation(x, ">"), Relation(pi - x, ">")), 0, False),
    ],
)
def test_waves_on_arcs(wave: Expr, op: str, region: tuple[Relation, ...], turn: int, accepted: bool) -> None:
    assert is_accepted(sign(wave, op, "arc", region, turn=Integer(turn))) is accepted


@pytest.mark.parametrize(
    ("expression", "op", "cuts", "accepted"),
    [
        (x**2 - x + Rational(2, 5), ">", tuple(Rational(k, 64) for k in range(1, 64)), True),
        (x**2 - x + Rational(1, 5), ">", tuple(Rational(k, 64) for k in range(1, 64)), False),
        (x**2 - x + Rational(2, 5), ">", (), False),
        (exp(x) - 3, "<", (S.Half,), True),
        (exp(x) - Rational(5, 2), "<", (S.Half,), False),
        (exp(x), ">", (Rational(3, 4), Rational(1, 4)), False),
        (exp(x * y), ">", (S.Half,), False),
    ],
)
def test_balls_on_boxes(expression: Expr, op: str, cuts: tuple[Rational, ...], accepted: bool) -> None:
    assert is_accepted(sign(expression, op, "boxes", UNIT, symbol=x, cuts=cuts)) is accepted


@pytest.mark.parametrize(
    ("expression", "op", "region", "accepted"),
    [
        (gamma(x), ">", x, True),
        (polygamma(1, x), ">", x, True),
        (polygamma(2, x), "<", x, True),
        (gamma(x), ">", x + 1, False),  # gamma(-1/2) < 0
        (gamma(x), "<", x, False),
        (polygamma(1, x), "<", x, False),
        (polygamma(2, x), ">", x, False),
        (polygamma(0, x), ">", x, False),  # digamma(1) = -0.577...
        (loggamma(x), ">", x, False),  # loggamma(3/2) = -0.120...
    ],
)
def test_gamma_functions_have_their_signs_on_the_right_only(
    expression: Expr, op: str, region: Expr, accepted: bool
) -> None:
    assert is_accepted(sign(expression, op, "signs", (Relation(region, ">"),), tree=expression)) is accepted


def bounded(expression: Expr, op: str, estimate: Expr, node: Expr, terms: int, region: Expr = x) -> Step:
    """A sign by a bound, with the sign of the estimate as its premise."""
    place = (Relation(region, ">"),)
    premise = sign(estimate, op, "signs", place, tree=estimate)
    step = sign(expression, op, "gamma_bound", place, node=node, terms=terms)
    return replace(step, premises=(premise,))


TRIGAMMA = polygamma(1, x)


@pytest.mark.parametrize(
    ("step", "accepted"),
    [
        (bounded(TRIGAMMA - 1 / x, ">", 1 / (2 * x**2), TRIGAMMA, 0), True),
        (bounded(2 / x - 2 * TRIGAMMA, "<", -1 / x**2, TRIGAMMA, 0), True),
        # From 1/x + 1/(2 x^2) + 1/(6 x^3) above trigamma, which is no bound from below.
        (bounded(TRIGAMMA - 1 / x, ">", 1 / (2 * x**2) + 1 / (6 * x**3), TRIGAMMA, 1), False),
        (bounded(TRIGAMMA - 1 / x, ">", 1 / x**2, TRIGAMMA, 0), False),
        (bounded(TRIGAMMA - 1 / x, ">", 1 / (2 * x**2), TRIGAMMA, 0, x + 1), False),
        (bounded(TRIGAMMA**2 - 1 / x**2, ">", 1 / x**3 + 1 / (4 * x**4), TRIGAMMA, 0), False),
        (bounded(TRIGAMMA - 1 / x, ">", 1 / (2 * x**2), TRIGAMMA, 99), False),
    ],
)
def test_bounds_from_stirlings_series(step: Step, accepted: bool) -> None:
    assert is_accepted(step) is accepted


def matrix(*rows: tuple[object, ...]) -> tuple[tuple[Expr, ...], ...]:
    return tuple(tuple(S(entry) for entry in row) for row in rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entries", "op", "accepted"),
    [
        (matrix((3, -1, 1), (-1, 3, 1), (1, 1, 3)), ">", True),
        (matrix((2, -1, 1), (-1, 2, 1), (1, 1, 2)), ">=", True),
        (matrix((2, -1, 1), (-1, 2, 1), (1, 1, 2)), ">", False),
        (matrix((1, 2), (2, 4)), ">=", False),
        (matrix((-3, 1), (1, -3)), "<", True),
        (matrix((-3, 1), (1, -3)), ">", False),
        (matrix((3, 1), (0, 3)), ">", False),
        (
            matrix(
                (3, 1),
            ),
            ">",
            False,
        ),
    ],
)
def test_dominated_rows(entries: tuple[tuple[Expr, ...], ...], op: str, accepted: bool) -> None:
    assert is_accepted(Step(Context(), Definite(entries, op), "diagonal_dominance")) is accepted


def on_lines(
    f: Expr,
    lines: tuple[Expr, ...],
    points: tuple[tuple[object, object], ...],
    curves: tuple[Expr, ...] = (),
    about: tuple[Symbol, ...] = (x, y),
) -> Step:
    """f strictly convex by the lines on which its Hessian is singular; every premise is a real proof."""
    variables, context = (x, y), Context()
    entries = tuple(tuple(f.diff(a, b) for b in variables) for a in variables)
    determinant = (entries[0][0] * entries[1][1] - entries[0][1] ** 2).factor()
    outside = Context(tuple(Relation(e, "!=") for e in (*lines, *curves)))
    convex = Problem(f, variables).convexity(refute=False).evidence.steps[0]
    definite = [step for step in convex.walk() if isinstance(step.claim, Definite)]
    premises = (
        Step(context, Smooth(f, variables), "smooth_by_table"),
        Step(context, Hessian(f, variables, entries), "hessian"),
        Step(context, RegionConvex(variables), "region_convex", (), (("order", ()),)),
        *(
            Step(context, Definite(entries, ">="), step.rule, step.premises, step.certificate)
            for step in definite
        ),
        Step(outside, Holds(Relation(determinant, ">")), "signs", (), (("tree", determinant),)),
        *(step for curve in curves for step in Problem(curve, about).convexity(refute=False).evidence.steps),
    )
    told = (("curves", curves),) if curves else ()
    certificate = (*told, ("lines", lines), ("points", tuple(tuple(map(S, point)) for point in points)))
    return Step(context, Curved(f, variables, "convex", True), "singular_lines", premises, certificate)


QUARTIC = x**4 + 6 * x**2 * y**2 + y**4


def test_a_quartic_that_is_singular_on_two_lines() -> None:
    assert is_accepted(on_lines(QUARTIC, (x - y, x + y), ((1, 1), (1, -1))))


@pytest.mark.parametrize(
    ("f", "lines", "points"),
    [
        (QUARTIC, (x - y,), ((1, 1),)),  # a line is missing
        (QUARTIC, (x - y, x + y), ((0, 0), (1, -1))),  # the second derivative vanishes at the point
        (QUARTIC, (x - y, x + y), ((1, 2), (1, -1))),  # the point is not on the line
        (QUARTIC, (x**2 - y**2,), ((1, 1),)),  # not a line
        (x**4 + y**2 * 0 + (x + y) ** 4 * 0 + y**4 * 0 + x**2 * 0, (x, y), ((0, 1), (1, 0))),  # flat along y
    ],
)
def test_lies_about_singular_lines(
    f: Expr, lines: tuple[Expr, ...], points: tuple[tuple[object, object], ...]
) -> None:
    assert not is_accepted(on_lines(f, lines, points))


@pytest.mark.parametrize("curve", [x**2 - y**2, (x - y) ** 2 * (x + y) ** 2, (x**2 - y**2) ** 2])
def test_curves_that_may_hold_a_segment(curve: Expr) -> None:
    assert not is_accepted(on_lines(QUARTIC, (), (), (curve,)))
    assert not is_accepted(on_lines((x - y) ** 4, (), (), ((x - y) ** 2,)))


def test_a_curve_that_is_strictly_curved_in_fewer_variables_may_hold_a_segment() -> None:
    """(x - y)^2 is strictly convex in x alone; its zeros are a line."""
    lines, points, curve = (x + y,), ((1, -1),), ((x - y) ** 2,)
    (alone,) = on_lines(QUARTIC, lines, points, curve, about=(x,)).premises[-1:]
    assert alone.claim == Curved(curve[0], (x,), "convex", True)
    assert not is_accepted(on_lines(QUARTIC, lines, points, curve, about=(x,)))


@pytest.mark.parametrize(
    ("objective", "region"),
    [  # det H = 0 on the circle alone, at the corner alone
        ("log(1 + x^2 + y^2)", "x^2 + y^2 <= 1"),
        ("x^2 + y^2 - (x^2 + y^2)^2/12", "x^2 + y^2 <= 2"),
        ("x^3 + x*y^2", "x >= abs(y)"),
    ],
)
def test_strict_though_singular_on_the_border(objective: str, region: str) -> None:
    found = Problem(objective, "x y", subject_to=[region]).convexity(timeout=60)
    assert (found.kind, found.strict, found.evidence.trust) == ("convex", True, "checked")
