"""Lying derivations for the rules of extrema and curvature that no other file tells lies about.

Each is a derivation of the provers, which is accepted, with one part of its last step changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from derivation_steps import but, rel, step, uncovered
from sympy import Expr, Integer, Max, Min, Piecewise, Rational, Symbol, exp, log, pi, sign, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_derivative import is_continuous_where_defined
from symopt.derivation.claims import Branch, Context, Curved, Holds, Label, Limit, Optimal, Stationary, Step

x, y, s, a = symbols("x y s a", real=True)
ZERO, ONE = Integer(0), Integer(1)
ONLY, LARGER, OPEN = "extremum_only_point", "extremum_larger_region", "extremum_open_region"
PRODUCT = "sin(x)*sin(y)*sin(x+y)"
ENTROPY = Piecewise((x * log(x), x > 0), (ZERO, True))
STEP_UP = Piecewise((ONE, x <= 0), (x, True))


def last(answer: Any, rule: str) -> Step:
    (case,) = answer.cases
    return next(found for top in case.result.evidence.steps for found in top.walk() if found.rule == rule)


def limit(expression: Any, value: Any, *conditions: Any) -> Step:
    return step(Limit(expression + ZERO, s, value + ZERO), "limit_dominant", condition=conditions)


def without(found: Step, kind: type) -> Step:
    return but(found, premises=tuple(p for p in found.premises if not isinstance(p.claim, kind)))


@cache
def honest() -> dict[str, Step]:
    return {
        "limit": limit(exp(-s) + a / s, ZERO),
        "waves": last(Problem("sin(x)*cos(x)", "x").minimum(timeout=60), "extremum_compact"),
        "bell": last(Problem("x*y*exp(-x^2-y^2)", "x y").maximum(timeout=60), "extremum_decaying"),
        "end": last(Problem(STEP_UP, [x], subject_to=[x >= 0]).convexity(timeout=60), "border_values"),
        "limit inside": last(
            Problem(ENTROPY, [x], subject_to=[x >= 0]).convexity(timeout=60), "border_values"
        ),
        "written out": last(
            Problem("max(x^2 + y^2, 2 - x - y)", "x y").minimum(timeout=60), "extremum_written_out"
        ),
        "median": last(
            Problem("abs(x-1) + 2*abs(x-2) + abs(x-4)", "x").minimum(timeout=60), "extremum_medians"
        ),
        "only": last(Problem("x^3/(exp(x) - 1 - x)", "x", subject_to=["x > 0"]).maximum(timeout=60), ONLY),
        "part": last(
            Problem(PRODUCT, "x y", subject_to=["x > 0", "y > 0", "x + y < pi"]).maximum(timeout=60), LARGER
        ),
        "triangle": last(
            Problem("(x-1)^2 + (y-2)^2", "x y", subject_to=["x > 0", "y > 0", "x + y < 1"]).minimum(
                timeout=60
            ),
            OPEN,
        ),
        "between": last(Problem("abs(x-1) + abs(x-2)", "x").minimum(timeout=60), "extremum_medians"),
        "at a kink": last(Problem("max(exp(x) - 2, 1 - x, 0)", "x").minimum(timeout=60), "extremum_convex"),
        "largest": last(Problem(Max(x**2, y**2, x * y), [x, y]).convexity(timeout=60), "dominated"),
    }


def _between(low: Expr, high: Expr) -> Branch:
    t = Symbol("t", real=True)
    return Branch(((x, t),), (), ((t, "real"),), (rel(t - low, ">="), rel(t - high, "<=")))


def _kink_of(objective: str) -> Step:
    (case,) = Problem(objective, "x").stationary_points(timeout=60).cases
    (kink,) = case.result.kinks
    return kink.evidence.steps[0]


def _with_other(found: Step, kind: type, change: Callable[[Step], Step]) -> Step:
    return but(found, premises=tuple(change(p) if isinstance(p.claim, kind) else p for p in found.premises))


LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "the limit is 1": ("limit", lambda t: but(t, value=ONE)),
    "a s tends to no number": ("limit", lambda t: limit(a * s, Integer(10))),
    "exp(-s)/s tends to 0": ("limit", lambda t: but(t, expression=exp(-s) / s, value=ONE)),
    "the value is lower": ("waves", lambda t: but(t, value=-ONE)),
    "the value is not attained there": ("waves", lambda t: but(t, value=Rational(-1, 4))),
    "half of the minima": ("waves", lambda t: but(t, at=t.claim.at[:1])),
    "the period is not pi/2": ("waves", lambda t: but(t, periods=((x, pi / 2),))),
    "0 is no period": ("waves", lambda t: but(t, periods=((x, ZERO),))),
    "x^2 is no bound below": ("waves", lambda t: but(t, growth=((x, x**2),), periods=())),
    "x sin x is not periodic": ("waves", lambda t: but(t, objective=x * t.claim.objective)),
    "the stationary points are not known": ("waves", lambda t: without(t, Stationary)),
    "the maxima called minima": ("waves", lambda t: but(t, sense="max")),
    "the bell is lower": ("bell", lambda t: but(t, value=exp(-ONE) / 4)),
    "the limit at infinity is 0": ("bell", lambda t: but(t, value=ZERO, at=(), all_of_them=False)),
    "a point where x y < 0": (
        "bell",
        lambda t: but(t, at=(Branch(((x, sqrt(2) / 2), (y, -sqrt(2) / 2))), *t.claim.at[1:])),
    ),
    "the exponent grows in y too": ("bell", lambda t: but(t, growth=((x, x**2),))),
    "x^4 grows more than the exponent": ("bell", lambda t: but(t, growth=((x, x**4), (y, y**2)))),
    "e^w is not more than 1 + w + w^2/2 for w < 0": ("bell", lambda t: but(t, order=2)),
    "a bound of size 0": ("bell", lambda t: but(t, size=ZERO)),
    "another factor": ("bell", lambda t: but(t, factor=2 * x * y)),
    "nothing bounds the factor": ("bell", lambda t: without(t, Holds)),
    "a smaller maximum": ("written out", lambda t: but(t, objective=Max(x**2, 1 - x))),
    "a minimum instead": ("written out", lambda t: but(t, objective=Min(x**2, 2 - x))),
    "a lower value": ("written out", lambda t: but(t, value=ZERO)),
    "on another region": ("written out", lambda t: but(t, region=(rel(x - 1, ">"),))),
    "f jumps down at the end": (
        "end",
        lambda t: but(t, objective=Piecewise((-ONE, x <= 0), (x, True))),
    ),
    "f jumps inside": ("end", lambda t: but(t, ends=(ONE,))),
    "the jump is not looked at": ("end", lambda t: but(t, ends=())),
    "x = 0 is no end of x > 0": ("end", lambda t: but(t, region=(rel(x, ">"),))),
    "a concave function jumps down": ("end", lambda t: but(t, kind="concave")),
    "f falls below the limit": (
        "limit inside",
        lambda t: but(t, objective=Piecewise((x * log(x), x > 0), (-Rational(1, 10**9), True))),
    ),
    "the limit is not looked at": ("limit inside", lambda t: but(t, ends=())),
    "the limit at another end": ("limit inside", lambda t: but(t, ends=(ONE,))),
    "concave, though the values are the same": ("limit inside", lambda t: but(t, kind="concave")),
    "x >= -1 has points outside": ("limit inside", lambda t: but(t, region=(rel(x + 1, ">="),))),
    "2 x y may be the largest": (
        "largest",
        lambda t: but(t, objective=Max(x**2, y**2, 3 * x * y), dropped=3 * x * y),
    ),
    "a lower median": ("median", lambda t: but(t, value=t.claim.value - 1)),
    "another median": ("median", lambda t: but(t, at=(Branch(((x, ONE),)),))),
    "a function with other weights": ("median", lambda t: but(t, objective=t.claim.objective + abs(x - 1))),
    "a slope beyond the weight": (
        "median",  # |u| - 2 u is negative where u > 0, although the sums agree
        lambda t: but(t, terms=tuple((w, u, 2 * s_) for w, u, s_ in t.data("terms"))),
    ),
    "a weight that varies": (
        "median",
        lambda t: but(t, terms=tuple((x**2, u, s_) for _, u, s_ in t.data("terms"))),
    ),
    "a region without the median": (
        "median",
        lambda t: Step(Context((rel(x - 3, ">"),)), t.claim, t.rule, t.premises, t.certificate),
    ),
    "the only point is a minimum": ("only", lambda t: but(t, sense="min")),
    "a maximum at 3": ("only", lambda t: but(t, at=(Branch(((x, Integer(3)),)),))),
    "another value at the only point": ("only", lambda t: but(t, value=t.claim.value + 1)),
    "without the label of the point": ("only", lambda t: without(t, Label)),
    "not known to be the only point": (
        "only",
        lambda t: _with_other(t, Stationary, lambda p: but(p, complete=False)),
    ),
    "two intervals": ("only", lambda t: but(t, region=(rel(x, "!="),))),
    "a closed end": ("only", lambda t: but(t, region=(rel(x, ">="),))),
    "f on another function's points": ("only", lambda t: but(t, objective=2 * t.claim.objective)),
    "a point of the border alone": ("part", lambda t: but(t, at=(Branch(((x, ZERO), (y, ZERO))),))),
    "the value on a border": ("part", lambda t: but(t, value=ZERO)),
    "the minimum of the larger region": ("part", lambda t: but(t, sense="min")),
    "another function on the larger region": ("part", lambda t: but(t, objective=2 * t.claim.objective)),
    "a region that is no part": ("part", lambda t: but(t, region=(rel(x, ">"), rel(y, ">")))),
    "a part without the point": ("part", lambda t: but(t, region=(*t.context.region, rel(x - 2, ">")))),
    "nothing known of a larger region": ("part", lambda t: without(t, Optimal)),
    "the value at another corner": ("triangle", lambda t: but(t, value=Integer(4))),
    "the value is attained": ("triangle", lambda t: but(t, attained=True)),
    "it is attained at the corner": (
        "triangle",
        lambda t: but(t, attained=True, at=(Branch(((x, ZERO), (y, ONE))),), along=(), curve_symbol=None),
    ),
    "the supremum of the triangle": ("triangle", lambda t: but(t, sense="max")),
    "a curve to another corner": ("triangle", lambda t: but(t, along=((x, 1 - 2 / s), (y, 1 / s)))),
    "a curve outside": ("triangle", lambda t: but(t, along=((x, -1 / s), (y, 1 - 1 / s)))),
    "no curve": ("triangle", lambda t: but(t, along=(), curve_symbol=None)),
    "the corner is in the region": (
        "triangle",
        lambda t: but(t, region=tuple(r.closure() for r in t.context.region)),
    ),
    "a region that goes beyond": ("triangle", lambda t: but(t, region=(rel(x, ">"), rel(y, ">")))),
    "there may be another minimum": (
        "triangle",
        lambda t: _with_other(t, Optimal, lambda p: but(p, all_of_them=False)),
    ),
    "nothing known of the closed triangle": ("triangle", lambda t: without(t, Optimal)),
    "no limit": ("triangle", lambda t: without(t, Limit)),
    "one of the minima alone": ("between", lambda t: but(t, at=(Branch(((x, ONE),)),))),
    "half of the minima are not all": ("between", lambda t: but(t, at=(_between(ONE, Rational(3, 2)),))),
    "more than the minima": ("between", lambda t: but(t, at=(_between(ONE, Integer(3)),))),
    "the maximum": ("between", lambda t: but(t, sense="max")),
    "the kink of a larger function": ("at a kink", lambda t: but(t, objective=t.claim.objective + 1)),
    "0 is less than the kink": ("at a kink", lambda t: but(t, value=ZERO)),
    "a kink that nobody labels": ("at a kink", lambda t: without(t, Label)),
    "a kink of a function that may bend": ("at a kink", lambda t: without(t, Curved)),
    "the kink of another function": (
        "at a kink",
        lambda t: but(without(t, Label), premises=(*without(t, Label).premises, _kink_of("abs(x)"))),
    ),
    "the greatest value at a kink": ("at a kink", lambda t: but(t, sense="max")),
    "a kink of a part": (
        "at a kink",
        lambda t: _with_other(t, Label, lambda p: but(p, region=(rel(x, ">"),))),
    ),
    "weights of no mean": ("largest", lambda t: but(t, weights=(ONE, ONE))),
    "a negative weight": ("largest", lambda t: but(t, weights=(Integer(2), -ONE))),
    "x^2 is not dropped": ("largest", lambda t: but(t, dropped=x**2)),
    "not strictly": ("largest", lambda t: but(t, strict=True)),
    "the largest is not concave": ("largest", lambda t: but(t, kind="concave")),
    "the curvature of nothing": ("largest", lambda t: without(t, Curved)),
}


def test_a_sign_beside_what_vanishes_with_it_does_not_jump() -> None:
    u = x - 1
    for plain in (sign(u) * u, sign(u) * abs(u) ** Rational(1, 3), x * sign(x) * exp(x), sign(u) * u**2):
        assert is_continuous_where_defined(plain)
    for jump in (sign(u), sign(u) * x, sign(u) * abs(u) ** -Rational(1, 3), sign(u) * abs(u) + sign(u)):
        assert not is_continuous_where_defined(jump)


@pytest.mark.parametrize(
    "name",
    [
        "median",
        "at a kink",
        "only",
        "part",
        "triangle",
        "between",
        "limit",
        "waves",
        "bell",
        "written out",
        "end",
        "largest",
        "limit inside",
    ],
)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(honest()[name]) in ("checked", "recomputed")


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    source, tell = LIES[name]
    lie = tell(honest()[source])
    check(*lie.premises)
    with pytest.raises(Rejected):
        check(lie)


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    rules = (
        *("limit_dominant", "extremum_compact", "extremum_decaying", "extremum_written_out"),
        *("border_values", "dominated", "extremum_medians", ONLY, LARGER, OPEN),
    )
    lies = [tell(honest()[source]) for source, tell in LIES.values()]
    assert not uncovered(rules, honest().values(), lies)
