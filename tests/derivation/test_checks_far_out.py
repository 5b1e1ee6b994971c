"""Second derivatives along curves: what the check takes, and lies beside it.

The honest step is about a/x + b/(1 - x) on 0 < x < 1, where b < 0: near 1, f'' behaves like 2 b s^3 for x = 1 - 1/s.
"""

from __future__ import annotations

import pytest
from derivation_steps import but, rel, step
from sympy import Expr, Integer, Symbol, exp, sin, sqrt, symbols

from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Hessian, NotCurved, Smooth, Step
from symopt.relation import Relation

x, a, b, s = symbols("x a b s", real=True)
UNIT = (rel(x, ">"), rel(1 - x, ">"))
NEGATIVE = (rel(b, "<"),)


def far_out(
    f: Expr, point: Expr, like: Expr, kind: str, region: tuple = (), condition: tuple = (), symbol: Symbol = s
) -> Step:
    where = {"region": region, "condition": condition}
    smooth = step(Smooth(f, (x,)), "smooth_by_table", **where)
    hessian = step(Hessian(f, (x,), ((f.diff(x, 2),),)), "hessian", **where)
    claim = NotCurved(f, (x,), kind, False, (point,), (point + 1,), Integer(1))
    told = {"symbol": symbol, "behaves_like": like}
    return step(claim, "second_order_far_out", smooth, hessian, **where, **told)


HONEST = far_out(a / x + b / (1 - x), 1 - 1 / s, 2 * b * s**3, "convex", UNIT, NEGATIVE)


@pytest.mark.parametrize(
    "honest",
    [
        HONEST,
        far_out(x**3 + x, -s, -6 * s, "convex"),
        far_out(x**3 + x, s, 6 * s, "concave"),
        far_out(exp(x) - x**2, s, exp(s), "concave"),
        far_out(sqrt(x) + x**3, 1 / s, -(s ** (Integer(3) / 2)) / 4, "convex", (rel(x, ">"),)),
        far_out(x**3 - a * x**2, s + a, 6 * s, "concave"),
    ],
)
def test_a_curve_into_an_end_refutes(honest: Step) -> None:
    assert is_accepted(honest)


LIES = {
    "the sign of b is not known": but(HONEST, condition=()),
    "b > 0 bends the other way": but(HONEST, condition=(rel(b, ">"),)),
    "near 1 f is concave, which does not refute that": but(HONEST, kind="concave"),
    "it grows with another factor": but(HONEST, behaves_like=3 * b * s**3),
    "it grows faster": but(HONEST, behaves_like=b * s**4),
    "the curve comes from outside": but(HONEST, p=(1 + 1 / s,), q=(2 + 1 / s,)),
    "the curve runs along the border": but(HONEST, p=(Integer(1),), q=(Integer(2),)),
    "the direction vanishes": but(HONEST, q=HONEST.claim.p),
    "the direction moves": but(HONEST, q=(1,)),
    "the curve moves with the variable": but(HONEST, p=(x - 1 / s,), q=(1 + x - 1 / s,)),
    "the symbol is a parameter": far_out(s * x**3, s, 6 * s**2, "concave"),
    "the symbol is restricted": but(HONEST, condition=(*NEGATIVE, rel(s + 1, "<"))),
    "strictness is not what it refutes": but(HONEST, strict=True),
    "a chord is something else": but(HONEST, weight=Integer(1) / 2),
    "no such kind": but(HONEST, kind="affine"),
    "the symbol is a whole number": far_out(
        sin(x), Symbol("s", integer=True), -s, "convex", symbol=Symbol("s", integer=True)
    ),
    "the sine has no dominant term": far_out(x**2 + 3 * sin(x), s, Integer(2), "concave"),
    "an equation has no inner points": far_out(x**3, s, 6 * s, "concave", (rel(x - x, "=="),)),
    "f is not smooth there": far_out(abs(x) - x**2, s, Integer(-2), "convex"),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_about_the_ends_are_rejected(name: str) -> None:
    assert not is_accepted(LIES[name])


def test_the_derivatives_have_to_be_those_of_the_function() -> None:
    other = far_out(x**2, s, Integer(2), "concave")
    assert not is_accepted(but(HONEST, premises=other.premises))
    assert Relation(x, ">") in HONEST.context.region
