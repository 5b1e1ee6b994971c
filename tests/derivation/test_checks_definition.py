"""The checks of curvature by the definition: honest derivations pass, lying ones are rejected."""

from __future__ import annotations

from dataclasses import replace

import pytest
from derivation_steps import but, rel
from derivation_steps import step as made
from sympy import Abs, Integer, Max, Min, Piecewise, Rational, S, Symbol, exp, sqrt, symbols

from symopt.derivation.checker import CHECKS, check, is_accepted
from symopt.derivation.checks_definition import CHECKS as MINE
from symopt.derivation.claims import Curved, Holds, RegionConvex, Step

x, y, a = symbols("x y a", real=True)
p, q, w, p1, p2, q1, q2 = symbols("p q w p1 p2 q1 q2", real=True)
ONE = Integer(1)
PLANE = {"p": (p1, p2), "q": (q1, q2), "weight": w}
LINE = {"p": (p,), "q": (q,), "weight": w}
RIGHT = (rel(x, ">"),)
INSIDE = (rel(p, ">"), rel(q, ">"), rel(w, ">"), rel(1 - w, ">"))
APART = rel(p - q, "!=")


def region(*variables: Symbol, of: tuple = ()) -> Step:
    return made(RegionConvex(variables), "region_convex", region=of, order=of)


def squares(f: object, kind: str, strict: bool, *terms: tuple, condition: tuple = ()) -> Step:
    variables = (x,) if len(terms[0][1]) == 1 else (x, y)
    points = LINE if len(variables) == 1 else PLANE
    claim = Curved(f + S.Zero, variables, kind, strict)
    return made(claim, "definition", region(*variables), condition=condition, squares=terms, **points)


# The differences below are worked out by hand: of 1/x it is w (1 - w) (p - q)^2 / (p q (w p + (1 - w) q)).
MIDDLE = made(Holds(rel(w * p + (1 - w) * q, ">")), "signs", region=INSIDE, tree=w * p + (1 - w) * q)
GAP = w * (1 - w) * (p - q) ** 2 / (p * q * (w * p + (1 - w) * q))
APART_SIGN = made(Holds(rel(GAP, ">")), "signs", MIDDLE, region=(*INSIDE, APART), tree=GAP)
SIGN = made(Holds(rel(GAP, ">=")), "signs", MIDDLE, region=INSIDE, tree=GAP)
INVERSE = made(
    Curved(1 / x, (x,), "convex", True),
    "definition",
    APART_SIGN,
    region(x, of=RIGHT),
    region=RIGHT,
    difference=GAP,
    **LINE,
)
SQUARE = squares(x**2, "convex", True, (ONE, (ONE,)))
FORM = squares(
    x**2 + x * y + y**2 - 3 * x, "convex", True, (ONE, (ONE, Rational(1, 2))), (Rational(3, 4), (S.Zero, ONE))
)
FLAT = squares((x + y) ** 2, "convex", False, (ONE, (ONE, ONE)))
WEIGHTED = squares(-a * x**2, "concave", True, (-a, (ONE,)), condition=(rel(a, ">"),))
NORM = made(
    Curved(sqrt(x**2 + y**2 + 4), (x, y), "convex"),
    "triangle_inequality",
    region(x, y),
    arguments=(x, y, Integer(2)),
)
ABSOLUTE = made(
    Curved(Abs(2 * x - 1), (x,), "convex"), "triangle_inequality", region(x), arguments=(2 * x - 1,)
)
AFFINE = made(Curved(x, (x,), "affine"), "affine", region(x), coefficients=(ONE, S.Zero))
GREATEST = made(Curved(Max(x**2, x), (x,), "convex"), "greatest", SQUARE, AFFINE, region(x))
LEAST = made(
    Curved(Min(-(x**2), x), (x,), "concave"),
    "greatest",
    squares(-(x**2), "concave", True, (-ONE, (ONE,))),
    AFFINE,
    region(x),
)
SUM, GAP_OF_TWO = (squares(x**2 + x * y * c + y**2, "convex", True, (ONE, (ONE, c / 2)), (ONE * 3 / 4, (S.Zero, ONE)))
                   for c in (ONE, -ONE))  # fmt: skip
WITH_SIZE = made(
    Curved(x**2 + Abs(x * y) + y**2, (x, y), "convex", True),
    "greatest",
    SUM,
    GAP_OF_TWO,
    region(x, y),
    among=Abs(x * y),
)
HONEST = {
    "a term |x y| beside others": WITH_SIZE,
    "a square": SQUARE,
    "a square on the whole line, which needs no proof that it is convex": but(SQUARE, premises=()),
    "a quadratic form by completed squares": FORM,
    "a square of an affine function": FLAT,
    "a parameter of known sign": WEIGHTED,
    "1/x by the sign of the difference": INVERSE,
    "1/x, not said to be strictly convex": but(
        INVERSE, strict=False, premises=(SIGN, region(x, of=RIGHT)), difference=GAP
    ),
    "a norm": NORM,
    "an absolute value": ABSOLUTE,
    "a maximum": GREATEST,
    "a minimum": LEAST,
}
LIES = {
    "a square of negative weight": squares(-(x**2), "convex", False, (-ONE, (ONE,))),
    "a square of a weight whose sign is open": squares(a * x**2, "convex", False, (a, (ONE,))),
    "the squares of another function": squares(x**2 + x * y + y**2, "convex", False, (ONE, (ONE, ONE))),
    "the squares of a function that is not of degree 2": squares(x**4, "convex", False, (ONE, (ONE,))),
    "a square that varies": squares(x**4, "convex", False, (x**2, (ONE,))),
    "one square for two directions, strictly": but(FLAT, strict=True),
    "a square of weight 0, strictly": but(FORM, objective=x**2 + S.Zero, squares=((ONE, (ONE, S.Zero)),)),
    "a point named like the variable": but(SQUARE, p=(x,)),
    "one point for both": but(SQUARE, q=(p,)),
    "a weight that is positive by assumption": but(SQUARE, weight=Symbol("w", positive=True)),
    "a point named like a parameter": but(WEIGHTED, p=(a,)),
    "strictly, by a difference that may be 0": but(INVERSE, premises=(SIGN, region(x, of=RIGHT))),
    "convex by the sign for points far apart": but(INVERSE, strict=False),
    "the difference of another function": but(INVERSE, objective=2 / x),
    "1/x on x < 0 by the sign for positive points": but(
        INVERSE, premises=(APART_SIGN, region(x, of=(rel(x, "<"),))), region=(rel(x, "<"),)
    ),
    "the sign for one weight only": but(
        INVERSE,
        strict=False,
        premises=(
            made(
                Holds(rel(GAP, ">=")),
                "signs",
                MIDDLE,
                region=(*INSIDE, rel(w - Rational(1, 2), "==")),
                tree=GAP,
            ),
            region(x, of=RIGHT),
        ),
    ),
    "a region that is not said to be convex": but(SQUARE, premises=(), region=(rel(x, "!="),)),
    "a norm of a square": but(NORM, objective=sqrt(x**4 + y**2), arguments=(x**2, y)),
    "a norm of something else": but(NORM, arguments=(x, y)),
    "a norm, strictly": but(ABSOLUTE, strict=True),
    "a concave norm": but(ABSOLUTE, kind="concave"),
    "a maximum of something concave": but(
        GREATEST,
        objective=Max(-(x**2), x),
        premises=(squares(-(x**2), "concave", True, (-ONE, (ONE,))), AFFINE, region(x)),
    ),
    "a maximum, one of whose functions is not spoken of": but(GREATEST, premises=(AFFINE, region(x))),
    "a maximum, strictly, with an affine part": but(GREATEST, strict=True),
    "a maximum taken for a minimum": but(GREATEST, kind="concave"),
    "a minimum of something convex": but(LEAST, objective=Min(x**2, x), premises=(SQUARE, AFFINE, region(x))),
    "no maximum at all": but(GREATEST, objective=exp(x)),
    "a negative multiple of |x y|": but(WITH_SIZE, objective=x**2 - Abs(x * y) + y**2),
    "twice |x y|": but(WITH_SIZE, objective=x**2 + 2 * Abs(x * y) + y**2),
    "the root of |x y|": but(WITH_SIZE, objective=x**2 + sqrt(Abs(x * y)) + y**2),
    "a step that |x y| switches, whose slope is 0": but(
        WITH_SIZE, objective=x**2 + y**2 + Piecewise((1, Abs(x * y) > 1), (0, True))
    ),
    "a multiple that changes its sign": but(WITH_SIZE, objective=x**2 + x * Abs(x * y) + y**2),
    "one sign of x y alone": but(WITH_SIZE, premises=(SUM, region(x, y))),
    "another size": but(WITH_SIZE, among=Abs(x)),
}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) == "checked"


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    check(*LIES[name].premises)
    assert not is_accepted(LIES[name])


def test_every_rule_is_told_the_truth_and_lied_to() -> None:
    assert set(MINE) == {s.rule for s in HONEST.values()} == {s.rule for s in LIES.values()}
    assert set(MINE) <= set(CHECKS)


@pytest.mark.parametrize("name", HONEST)
def test_nothing_malformed_crashes_the_checker(name: str) -> None:
    honest = HONEST[name]
    for entry, _ in honest.certificate:
        for value in (None, "x", (), ((None,),)):
            is_accepted(but(honest, **{entry: value}))
    is_accepted(replace(honest, certificate=()))
