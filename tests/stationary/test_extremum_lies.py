"""Lying derivations about global extrema: each is built from true parts and has to be rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Abs, Mul, Rational, S, Symbol, cos, exp, log, oo, pi, sin, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Gradient,
    Holds,
    Label,
    Limit,
    Number,
    Optimal,
    Stationary,
    Step,
)
from symopt.relation import Relation

x, y, s, r, p, a = symbols("x y s r p a", real=True)


def derivation(objective, variables, region=(), sense="min") -> Step:
    problem = Problem(objective, variables, subject_to=list(region))
    result = problem.minimum() if sense == "min" else problem.maximum()
    return result.evidence.steps[0]


def lie(step: Step, **changes: object) -> Step:
    return replace(step, claim=replace(step.claim, **changes))


def without(step: Step, kind: type) -> Step:
    return replace(step, premises=tuple(q for q in step.premises if not isinstance(q.claim, kind)))


def certified(step: Step, **data: object) -> Step:
    return replace(step, certificate=tuple(sorted({**dict(step.certificate), **data}.items())))


def point(**values: object) -> Branch:
    return Branch(tuple((Symbol(k, real=True), S(v)) for k, v in values.items()))


TRUE: dict[str, Callable[[], Step]] = {
    "convex": lambda: derivation(x**2 + y**2 - 2 * x, [x, y]),
    "coercive": lambda: derivation(x**4 + y**4 - 4 * x * y + 1, [x, y]),
    "bound": lambda: derivation(100 * (y - x**2) ** 2 + (1 - x) ** 2, [x, y]),
    "both axes": lambda: derivation(x**2 * y**2, [x, y]),
    "unbounded": lambda: derivation(x**3 - 3 * x * y**2, [x, y]),
    "ray in a half-plane": lambda: derivation(x * y, [x, y], [y > 1]),
    "limit": lambda: derivation(x**2 + (x * y - 1) ** 2, [x, y]),
    "two bells": lambda: derivation(exp(-(x**2)) + exp(-((x - 2) ** 2)), [x], sense="max"),  # alike about 1
    "interval": lambda: derivation(x**3 - 3 * x, [x], [x >= -2, x <= 2]),
    "open end": lambda: derivation(x**2, [x], [x > 1, x <= 3]),
    "x log x": lambda: derivation(x * log(x), [x], [x > 0], "min"),
    "logistic": lambda: derivation(x / (1 + x**2), [x]),
    "pitchfork": lambda: Problem(x**4 + a * x**2, [x]).minimum().cases[-1].result.evidence.steps[0],
    "ray without y": lambda: derivation(x + 0 * y, [x, y]),
    "kink": lambda: derivation(Abs(x - 1) + x**2, [x]),
    "minimum at a kink": lambda: derivation(Abs(x) + x**2, [x]),
    "two camel minima": lambda: derivation(x**4 / 4 + y**4 / 4 + x**3 * y / 10 - x**2 - 3 * y**2 / 2, [x, y]),
    "ratio": lambda: derivation((x + y) / (1 + x**2 + y**2), [x, y]),
    "partial": lambda: derivation(exp(x) - x + y**2 - 2 * y * exp(x) + exp(2 * x), [x, y]),
    "sequence": lambda: derivation(exp(-x) * sin(x), [x]),
    "constant": lambda: derivation(S(3) + 0 * x, [x], [x > 0]),
}

LIES: dict[str, tuple[str, Callable[[Step], Step]]] = {
    "the value is too high": ("convex", lambda t: lie(t, value=S.Zero)),
    "the value is too low": ("convex", lambda t: lie(t, value=S(-2))),
    "a maximum of a convex function": ("convex", lambda t: lie(t, sense="max")),
    "another point": ("convex", lambda t: lie(t, at=(point(x=0, y=0),))),
    "no premise of convexity": ("convex", lambda t: without(t, Curved)),
    "no stationary points": ("convex", lambda t: without(t, Stationary)),
    "the convexity of another function": (
        "convex",
        lambda t: replace(t, claim=replace(t.claim, objective=x**3 + y**2 - 2 * x)),
    ),
    "a minimiser is missing": ("coercive", lambda t: lie(t, at=t.claim.at[:1])),
    "a saddle among the minimisers": ("coercive", lambda t: lie(t, at=(*t.claim.at, point(x=0, y=0)))),
    "the value of the saddle": ("coercive", lambda t: lie(t, value=S.One, at=(point(x=0, y=0),))),
    "attained, yet said not to be": ("coercive", lambda t: lie(t, attained=False, at=(), all_of_them=False)),
    "no bound by growing functions": ("coercive", lambda t: without(t, Holds)),
    "a growth that does not grow": (
        "coercive",
        lambda t: replace(t, certificate=(("growth", ((x, x**2 * 0), (y, y**4))), ("periods", ()))),
    ),
    "a period that is none": (
        "coercive",
        lambda t: replace(t, certificate=(("growth", ()), ("periods", ((x, S(1)), (y, S(1)))))),
    ),
    "a level that f does not go below": ("ratio", lambda t: certified(t, level=-S.One)),
    "a level that varies": ("ratio", lambda t: certified(t, level=x)),
    "a multiplier that changes its sign": ("ratio", lambda t: certified(t, multiplier=x)),
    "fractions cleared of something else": ("ratio", lambda t: certified(t, cleared=x**2 + y**2)),
    "a weight that is not that of the square": ("partial", lambda t: certified(t, weight=S(2))),
    "a square about another curve": ("partial", lambda t: certified(t, lowest=exp(-x))),
    "a curve that depends on the variable itself": ("partial", lambda t: certified(t, lowest=y)),
    "the variable of the other function": ("partial", lambda t: certified(t, variable=x)),
    "a point beside the curve": ("partial", lambda t: lie(t, at=(point(x=0, y=0),))),
    "the lowest point is cut off": (
        "partial",
        lambda t: replace(t, context=t.context.with_region(Relation(y - 5, ">"))),
    ),
    "the extremum of what remains is missing": ("partial", lambda t: without(t, Optimal)),
    "the largest value of what remains": ("partial", lambda t: lie(t, sense="max")),
    "a sequence taken for a curve": ("sequence", lambda t: lie(t, through_integers=False)),
    "a sequence with another phase": ("sequence", lambda t: lie(t, along=((x, -2 * pi * s + pi / 2),))),
    "every second member has another sign": ("sequence", lambda t: lie(t, along=((x, -pi * s - pi / 2),))),
    "the limit through the whole numbers taken for the limit": (
        "sequence",
        lambda t: replace(
            lie(t, through_integers=False),
            premises=tuple(
                lie(q, through_integers=False) if isinstance(q.claim, Limit) else q for q in t.premises
            ),
        ),
    ),
    "a bound elsewhere": ("bound", lambda t: lie(t, value=S(-1))),
    "a bound without its premise": ("bound", lambda t: lie(t, objective=t.claim.objective + y)),
    "an axis is missing": ("both axes", lambda t: lie(t, at=t.claim.at[:1])),
    "a diagonal instead of an axis": (
        "both axes",
        lambda t: lie(t, at=(t.claim.at[0], Branch(((x, s), (y, s)), (), ((s, "real"),)))),
    ),
    "unbounded the other way": ("unbounded", lambda t: lie(t, value=oo)),
    "unbounded along another curve": ("unbounded", lambda t: lie(t, along=((x, s), (y, S.Zero)))),
    "a curve in terms of the variables": ("unbounded", lambda t: lie(t, along=((x, -s), (y, y)))),
    "a curve that leaves the region": ("ray in a half-plane", lambda t: lie(t, along=((x, s), (y, -s)))),
    "a region the curve is not in": (
        "unbounded",
        lambda t: replace(t, context=t.context.with_region(Relation(x, ">"))),
    ),
    "an infimum said to be attained": ("limit", lambda t: lie(t, attained=True, at=(point(x=0, y=0),))),
    "a limit that is no bound": ("limit", lambda t: lie(t, value=S.One)),
    "a limit without the bound": ("limit", lambda t: without(t, Holds)),
    "a bound without the limit": ("limit", lambda t: without(t, Limit)),
    "an end of the interval is passed over": ("interval", lambda t: lie(t, at=t.claim.at[:1])),
    "an inner point is passed over": ("interval", lambda t: lie(t, at=t.claim.at[1:])),
    "the maximum for the minimum": ("interval", lambda t: lie(t, value=S(2), at=(point(x=-1), point(x=2)))),
    "borders left out": ("interval", lambda t: replace(t, certificate=(("borders", ()),))),
    "borders out of order": ("interval", lambda t: replace(t, certificate=(("borders", (S(2), S(-2))),))),
    "a larger region": ("interval", lambda t: replace(t, context=Context())),
    "the open end is attained": (
        "open end",
        lambda t: lie(t, attained=True, at=(point(x=1),), along=(), curve_symbol=None),
    ),
    "a limit at the wrong end": ("open end", lambda t: lie(t, value=S(9))),
    "a value above an end": ("logistic", lambda t: lie(t, value=Rational(1, 2), at=(point(x=1),))),
    "a case widened": ("pitchfork", lambda t: replace(t, context=Context())),
    "the sign of the other case": (
        "pitchfork",
        lambda t: replace(t, context=Context((), (Relation(a, ">"),))),
    ),
    "a value that is not defined in the whole case": (
        "pitchfork",
        lambda t: lie(t, value=Mul(t.claim.value, a + 1, 1 / (a + 1), evaluate=False)),
    ),
    "a curve that is not there": ("ray without y", lambda t: lie(t, along=((x, -s), (y, log(-s))))),
    "the kink is passed over": ("minimum at a kink", lambda t: without(without(t, Cover), Label)),
    "the kink holds another value": ("kink", lambda t: lie(t, value=S.One, at=(point(x=1),))),
    "a piece is passed over": (
        "kink",
        lambda t: replace(t, premises=tuple(q for q in t.premises if not isinstance(q.claim, Stationary))),
    ),
    "one piece for both": (
        "kink",
        lambda t: replace(
            t,
            premises=tuple(
                q for q in t.premises if not (isinstance(q.claim, Stationary) and q.claim.branches)
            ),
        ),
    ),
    "one of two mirrored minima": ("two camel minima", lambda t: lie(t, at=t.claim.at[:1])),
    "mirrored without the mirror": (
        "two camel minima",
        lambda t: replace(t, certificate=tuple((k, v) for k, v in t.certificate if k != "symmetries")),
    ),
    "a mirror that changes f": (
        "two camel minima",
        lambda t: replace(
            t,
            certificate=(
                *((k, v) for k, v in t.certificate if k != "symmetries"),
                ("symmetries", ((-x, y), (y, x))),
            ),
        ),
    ),
    "a mirror at another place": ("two bells", lambda t: certified(t, symmetries=((3 - x,),))),
    "a mirror that stretches": ("two bells", lambda t: certified(t, symmetries=((2 - 2 * x,),))),
    "a bell alone": ("two bells", lambda t: lie(t, at=t.claim.at[1:])),
    "a constant of another value": ("constant", lambda t: lie(t, value=S(2))),
    "a constant on a larger set": ("constant", lambda t: lie(t, at=(replace(t.claim.at[0], where=()),))),
    "a condition on the variables": (
        "convex",
        lambda t: replace(t, context=Context((), (Relation(x, ">="),))),
    ),
}


@pytest.fixture(scope="module")
def truths() -> dict[str, Step]:
    return {name: make() for name, make in TRUE.items()}


@pytest.mark.parametrize("name", TRUE)
def test_the_true_derivations_are_accepted(truths, name):
    assert is_accepted(truths[name])


@pytest.mark.parametrize("name", LIES)
def test_lies_are_rejected(truths, name):
    source, tell = LIES[name]
    told = tell(truths[source])
    assert told != truths[source]
    assert not is_accepted(told)


def test_an_empty_number_gives_no_minimum():
    """r with r^2 + 1 = 0 does not exist, so nothing is attained there, though everything follows about it."""
    number = Number(r, r**2 + 1, 0, (S.Zero, S.One))
    branch = Branch(((x, r),), (number,))
    gradient = Step(Context(), Gradient(x**2, (x,), (2 * x,)), "gradient")
    place = Context((), number.relations)
    nothing = Step(place, Holds(Relation(r, "==")), "signs", (), (("tree", r * 0),))
    stationary = Step(
        Context(), Stationary(x**2, (x,), (branch,), False), "stationary_points", (gradient, nothing)
    )
    bound = Step(Context(), Holds(Relation(x**2, ">=")), "signs", (), (("tree", x**2),))
    claim = Optimal(x**2, (x,), "min", S.Zero, True, (branch,))
    assert not is_accepted(Step(Context(), claim, "extremum_bound", (bound, stationary)))
    assert not is_accepted(Step(Context(), claim, "extremum_bound", (bound,)))


def test_members_of_a_family_that_do_not_exist_give_no_minimum():
    """(x cos x + sin x)^2 is 0 once in each of these turns from n = 2 on; below, there may be no such point."""
    objective = (x * cos(x) + sin(x)) ** 2
    answer = Problem(x * sin(x), [x]).stationary_points(timeout=60)
    covers = [part for top in answer.evidence.steps for part in top.walk() if part.rule == "cover_turns"]
    found = [(cover, b) for cover in covers for b in cover.claim.branches if b.moving]
    assert found
    bound = Step(Context(), Holds(Relation(objective, ">=")), "signs", (), (("tree", objective),))
    assert is_accepted(bound)
    for cover, branch in found:
        for where in ((), tuple(Relation(r.expression + 5, r.op) for r in branch.where)):
            claim = Optimal(objective, (x,), "min", S.Zero, True, (replace(branch, where=where),))
            member = tuple((symbol, S(-1)) for symbol, _ in branch.free)
            step = Step(Context(), claim, "extremum_bound", (bound, cover), (("member", member),))
            assert not is_accepted(step)


def test_limits_that_are_not_the_limit():
    def limit(expression, value, *conditions):
        return Step(Context((), conditions), Limit(expression, s, value), "limit_dominant")

    assert is_accepted(limit(exp(-s), S.Zero))
    assert is_accepted(limit(a * s, oo, Relation(a, ">")))
    assert not is_accepted(limit(a * s, oo))
    assert not is_accepted(limit(a * s, oo, Relation(a, ">=")))
    assert not is_accepted(limit(exp(-s), S.One))
    assert not is_accepted(limit(log(-s), oo))
    assert not is_accepted(limit(s + a - a, -oo))
    assert not is_accepted(limit(log(a) + 1 / s, log(a)))
    assert not is_accepted(limit(s, oo, Relation(s - 5, "<")))
