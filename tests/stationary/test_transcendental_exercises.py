"""Extrema of exercises with exponentials, logarithms and waves; expected values are derived by hand beside each.

The lies change one thing in a derivation that the checker accepts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import mpmath
import pytest
from mpmath import mpf
from sympy import Float, Integer, log, symbols, sympify

from symopt import Problem
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Context, Cover, Holds, Label, Step
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

mpmath.mp.dps = 30
HALF_LINE = ("x > 0",)
# (f, variables, region, assumptions, values of the parameters, sense, the extremum)
ROWS = [
    # 1/x = 3 pi/2 + 2 pi n
    ("sin(1/x)", "x", HALF_LINE, (), {}, "minimum", lambda: mpf(-1)),
    # tan(w t) = w/a, first at t = atan(w/a)/w = atan(3/2)/3, where sin(w t) = w/sqrt(a^2 + w^2)
    (
        *("exp(-a*t)*sin(w*t)", "t", ("t > 0",), ("a > 0", "w > 0"), {"a": 2, "w": 3}, "maximum"),
        lambda: mpmath.exp(-2 * mpmath.atan(1.5) / 3) * 3 / mpmath.sqrt(13),
    ),
    # t log t is least at t = 1/e; x^2 log x = t log t/2 with t = x^2
    ("(x^2+y^2)*log(x^2+y^2)", "x y", (), (), {}, "minimum", lambda: -mpmath.exp(-1)),
    ("x^2*log(x)", "x", (), (), {}, "minimum", lambda: -mpmath.exp(-1) / 2),
    # 4 x y <= 2 t with t = x^2 + y^2, equal for x = y, and e^t - 2 t is least at t = log 2; cosh t >= 1 + t^2/2 + ...
    ("exp(x^2+y^2) - 4*x*y", "x y", (), (), {}, "minimum", lambda: 2 - 2 * mpmath.log(2)),
    # two Cauchy samples: log of (1 + (x-a)^2)(1 + (x+a)^2), which is 4 a^2 at x^2 = a^2 - 1
    ("log(1+(x-a)^2) + log(1+(x+a)^2)", "x", (), ("a > 1",), {"a": 2}, "minimum", lambda: mpmath.log(16)),
    # e^x = 2 - x at 2 - W(e^2); e^-x = log x
    ("max(exp(x), 2-x)", "x", (), (), {}, "minimum", lambda: mpmath.lambertw(mpmath.exp(2)).real),
    (
        *("max(exp(-x), log(x))", "x", (), (), {}, "minimum"),
        lambda: mpmath.log(mpmath.findroot(lambda x: mpmath.exp(-x) - mpmath.log(x), 1.3)),
    ),
    # GELU, x Phi(x): Phi(x) + x phi(x) = 0
    (
        *("x*(1+erf(x/sqrt(2)))/2", "x", (), (), {}, "minimum"),
        lambda: _gelu(mpmath.findroot(lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x), -0.75)),
    ),
    # the sum of two distances with weights: f' = x/(2 sqrt(1 + x^2)) - (3 - x)/(3 sqrt(4 + (3 - x)^2)) rises
    (
        *("sqrt(1+x^2)/2 + sqrt(4+(3-x)^2)/3", "x", (), (), {}, "minimum"),
        lambda: _least(lambda x: mpmath.sqrt(1 + x**2) / 2 + mpmath.sqrt(4 + (3 - x) ** 2) / 3, 0.6),
    ),
    # three distances: f' = 0 is squared to a polynomial of high degree, but f is strictly convex
    (
        *("sqrt(x^2+1) + sqrt((x-1)^2+4) + sqrt((x-3)^2+1)", "x", (), (), {}, "minimum"),
        lambda: _least(
            lambda x: mpmath.sqrt(x**2 + 1) + mpmath.sqrt((x - 1) ** 2 + 4) + mpmath.sqrt((x - 3) ** 2 + 1),
            1.2,
        ),
    ),
    # tan 3x = -1/6, cos 3x < 0, first at x = (pi - atan(1/6))/3; cos there is -6/sqrt(37)
    (
        *("exp(-x/2)*cos(3*x)", "x", HALF_LINE, (), {}, "minimum"),
        lambda: -6 * mpmath.exp(-(mpmath.pi - mpmath.atan(mpf(1) / 6)) / 6) / mpmath.sqrt(37),
    ),
    # f_x = sin y sin(2x + y), f_y = sin x sin(x + 2y); largest at x = y = pi/3
    ("sin(x)*sin(y)*sin(x+y)", "x y", (), (), {}, "maximum", lambda: 3 * mpmath.sqrt(3) / 8),
    # f' = a/x - digamma(x) falls from oo to -oo; here for a = 2
    (
        *("a*log(x) - loggamma(x)", "x", HALF_LINE, ("a > 0",), {"a": 2}, "maximum"),
        lambda: -_least(lambda x: mpmath.loggamma(x) - 2 * mpmath.log(x), 3),
    ),
    ("x^2 - 10*cos(2*pi*x) + 10", "x", (), (), {}, "minimum", lambda: mpf(0)),
    ("-|exp(x) + x - 2|", "x", (), (), {}, "maximum", lambda: mpf(0)),
    # f' = (4/3) x^(-2/3) (x + 1), and f -> oo at both ends
    ("cbrt(x)*(x+4)", "x", (), (), {}, "minimum", lambda: mpf(-3)),
    ("cbrt(x^2-1)", "x", (), (), {}, "minimum", lambda: mpf(-1)),
    ("sign(x)*x", "x", (), (), {}, "minimum", lambda: mpf(0)),
    # e^x + x = 3 at 3 - W(e^3), where 0 is less
    ("max(exp(x)-2, 1-x, 0)", "x", (), (), {}, "minimum", lambda: mpmath.lambertw(mpmath.exp(3)).real - 2),
    # asin(x) = u: u^2 - sin u is least where 2 u = cos u
    (
        *("asin(x)^2 - x", "x", (), (), {}, "minimum"),
        lambda: _least(lambda u: u**2 - mpmath.sin(u), 0.45),
    ),
    ("(atan(x)-1)^2", "x", (), (), {}, "minimum", lambda: mpf(0)),
    # 2 x + 25 tan x = 0, first near x = 0.93 pi
    (
        *("exp(-x^2/25)*cos(x)", "x", (), (), {}, "minimum"),
        lambda: _least(lambda x: mpmath.exp(-(x**2) / 25) * mpmath.cos(x), 2.9),
    ),
    ("exp(-x^2)*cos(5*x)", "x", (), (), {}, "maximum", lambda: mpf(1)),
    # f >= x^2/10 - |sin x|, equal for y = 0 and -pi < x < 0, where 5 cos x + x = 0
    (
        *("sin(x)*cos(y) + x^2/10 + y^2/10", "x y", (), (), {}, "minimum"),
        lambda: _least(lambda x: mpmath.sin(x) + x**2 / 10, -1.3),
    ),
]


def _least(f: Callable[[mpf], mpf], near: float) -> mpf:
    with mpmath.workdps(50):
        return f(mpmath.findroot(lambda x: mpmath.diff(f, x), near))


def _gelu(x: mpf) -> mpf:
    return x * mpmath.ncdf(x)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_extrema(row: tuple) -> None:  # type: ignore[type-arg]
    f, names, region, assumptions, at, sense, wanted = row
    answer = getattr(Problem(f, names, subject_to=region, assuming=assumptions), sense)(timeout=60)
    (case,) = (answer.at(at) if at else answer).cases
    found = case.result.to_dict()
    assert found["attained"]
    assert found["evidence"]["trust"] == "checked"
    (first, *_) = found["at"]
    numbers = {first["at"][v]: first["decimal"][v] for v in first["at"]} if "with" in first else {}
    value = sympify(found["value"]).subs({r: Float(d, 40) for r, d in numbers.items()})
    assert abs(mpf(str(value.evalf(30))) - wanted()) < mpf(10) ** -20


a = symbols("a", real=True)
ABOVE = Context((Relation(a, ">"),))


def test_logarithms_are_joined() -> None:
    # a (a + 2) < (a + 1)^2
    step = prove_relation(Relation(log(a) + log(a + 2) - 2 * log(a + 1), "<"), ABOVE)
    assert step is not None
    verify(step)
    claim = cast(Holds, step.claim)
    for lie in (
        replace(step, claim=replace(claim, relation=Relation(claim.relation.expression, ">"))),
        replace(step, claim=Holds(Relation(claim.relation.expression + log(2), "<"))),
        replace(step, context=Context()),
    ):
        with pytest.raises(Rejected):
            verify(lie)


def kink() -> Step:
    (case,) = Problem("max(exp(x), 2-x)", "x").stationary_points(timeout=60).cases
    (found,) = case.result.kinks
    return cast(Step, found.evidence.steps[0])


def lies() -> Iterator[Step]:
    """What is said of the kink r of max(e^x, 2 - x), and which members of a family lie in the region."""
    truth = kink()
    claim = cast(Label, truth.claim)
    yield replace(truth, claim=replace(claim, kind="maximum"))
    yield replace(truth, claim=replace(claim, kind="inflection", strict=None))
    yield replace(truth, premises=())  # a number that no equation has given
    yield replace(truth, claim=replace(claim, objective=2 - claim.objective))
    top = Problem("sin(1/x)", "x", subject_to=["x > 0"]).stationary_points(timeout=60).cases[0].result
    steps = [s for root in top.evidence.steps for s in root.walk() if s.rule == "cover_integers"]
    assert steps
    for step in steps:
        family, turn = step.data("family"), step.data("turn")
        low = cast(Integer, step.data("low")) + 1  # the first member is lost
        cover = cast(Cover, step.claim)
        half = replace(family, where=(Relation(turn - low, ">="),))
        branches = tuple(half if b.at == family.at else b for b in cover.branches)
        certificate = tuple(sorted((dict(step.certificate) | {"low": low}).items()))
        yield replace(step, claim=replace(cover, branches=branches), certificate=certificate)


def test_the_truth_is_accepted() -> None:
    verify(kink())


def test_lies_are_rejected() -> None:
    for lie in lies():
        with pytest.raises(Rejected):
            verify(lie)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("max(exp(x), 2-x)", "is a kink and a strict local minimum: f decreases to its left and increases"),
        # of e^(x^2/2) f'(x) the limit on the left is -oo, of f'(x) it is 0: the course told is that of f'
        (
            "x*(1+erf(x/sqrt(2)))/2",
            "sqrt(2)*x*e^(-x^2/2) + sqrt(pi) = 0, where the left side falls from 0 to",
        ),
    ],
)
def test_what_is_told_of_sides_and_courses_is_true(objective: str, expected: str) -> None:
    told = str(Problem(objective, "x").stationary_points(timeout=60).explain())
    assert expected in " ".join(told.split())
