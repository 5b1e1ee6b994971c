"""Lying derivations about g(x) = c between the turning points of g: e^x = p x, where e^x/x turns at x = 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from derivation_steps import ONE, ZERO, at, but, cover, done, holds, k, p, r, rel, s, step, uncovered, x
from sympy import E, Expr, Integer, S, Symbol, exp, log

from symopt.derivation import checks_levels
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Holds, Limit, Number, Step

q = Symbol("q", real=True)
EQUATION = exp(x) - p * x
FUNCTION = exp(x) / x
SLOPE = exp(x) / x - exp(x) / x**2
INFINITE = (S.NegativeInfinity, S.Infinity)
ABOVE = (rel(p - E, ">"),)  # e^x/x >= e for x > 0 and is negative for x < 0
BETWEEN = (rel(p, ">"), rel(p - E, "<"))


def number(symbol: Any, low: Any, high: Any, slope: int) -> Number:
    return Number(symbol, EQUATION.xreplace({x: symbol}), None, (low + ZERO, high + ZERO), slope)


def limit(curve: Any, value: Any, condition: tuple = ()) -> Step:
    return step(Limit(FUNCTION.xreplace({x: curve}), s, value + ZERO), "limit_dominant", condition=condition)


def signs(condition: tuple) -> tuple[Step, ...]:
    """f rises beyond 1 and falls before it; x, the factor, has the sign of its piece."""
    left, middle, right = (rel(x, "<"),), (rel(x, ">"), rel(x - 1, "<")), (rel(x - 1, ">"),)
    tree = exp(x) * (x - 1) / x**2
    found = []
    for place, op, factor in ((left, "<", "<"), (middle, "<", ">"), (right, ">", ">")):
        here = (*condition, *place)
        found.append(holds(SLOPE, op, tree, condition=here))
        found.append(holds(x, factor, 1 + (x - 1) if place == right else None, condition=here))
    return tuple(found)


LIMITS = (
    *(limit(-s, 0), limit(-1 / s, S.NegativeInfinity), limit(1 / s, S.Infinity)),
    *(limit(1 - 1 / s, E), limit(1 + 1 / s, E), limit(s, S.Infinity)),
)


def level(pieces: tuple, condition: tuple, *premises: Step, **changes: Any) -> Step:
    numbers = tuple(zero for _, _, zero in pieces if zero is not None)
    data = {
        "index": 0,
        "symbol": x,
        "values": tuple((n.symbol, (n,)) for n in numbers),
        "function": FUNCTION,
        "level": p + ZERO,
        "rest": x + ZERO,
        "pieces": pieces,
        **changes,
    }
    branches = tuple(at(n.symbol, numbers=(n,)) for n in numbers)
    ways = tuple(done(condition=(*condition, *n.relations)) for n in numbers)
    every = (*ways, *LIMITS, *signs(condition), *premises)
    return cover((EQUATION,), (x,), branches, "cover_level", *every, condition=condition, **data)


LOW, HIGH = number(r, 0, 1, -1), number(k, 1, S.Infinity, 1)
TWO = level(
    ((None, ZERO, None), (ZERO, ONE, LOW), (ONE, None, HIGH)),
    ABOVE,
    holds(p, ">", p - E + E, condition=ABOVE),
)
NONE = level(((None, ZERO, None), (ZERO, ONE, None), (ONE, None, None)), BETWEEN)


def two(*zeros: Number | None, **changes: Any) -> Step:
    ends = ((None, ZERO), (ZERO, ONE), (ONE, None))
    pieces = tuple((*pair, zero) for pair, zero in zip(ends, zeros, strict=True))
    return level(pieces, ABOVE, holds(p, ">", p - E + E, condition=ABOVE), **changes)


# e^x + p x = q for p < 0 turns at log(-p), where its slope is 0; it bends upwards.
BENT, TURN = exp(x) + p * x, log(-p)
NEGATIVE = (rel(p, "<"), rel(q - p * TURN + p, ">"))


def bent(rises: int, *premises: Step, **changes: Any) -> Step:
    name = Number(r, BENT.xreplace({x: r}) - q, None, (TURN, S.Infinity), rises)
    return cover(
        (BENT - q,),
        (x,),
        (at(r, numbers=(name,)),),
        "cover_level",
        done(condition=(*NEGATIVE, *name.relations)),
        *premises,
        condition=NEGATIVE,
        index=0,
        symbol=x,
        values=((r, (name,)),),
        function=BENT,
        level=q + ZERO,
        rest=ONE,
        pieces=((TURN, None, name),),
        **changes,
    )


def to_the_right(f: Expr, curve: Any, value: Any, *premises: Step) -> Step:
    return step(
        Limit(f.xreplace({x: curve}), s, value + ZERO), "limit_dominant", *premises, condition=NEGATIVE
    )


RIGHT = (
    to_the_right(BENT, TURN + 1 / s, p * TURN - p),
    to_the_right(BENT, s, S.Infinity),
    to_the_right(BENT.diff(x), TURN + 1 / s, 0),
)
HALF_LINE = (rel(x - TURN, ">"),)
RISING = but(bent(1, *RIGHT), region=HALF_LINE)
HONEST = {"two for p > e": TWO, "none for 0 < p < e": NONE, "rising beyond the turn": RISING}
LIES: dict[str, Step] = {
    "none, for p > e": but(NONE, condition=ABOVE),
    "two, for 0 < p < e": but(TWO, condition=BETWEEN),
    "two, for every p": but(TWO, condition=()),
    "the smaller one is left out": two(None, None, HIGH),
    "the larger one is left out": two(None, LOW, None),
    "one where the function is negative": two(number(r, S.NegativeInfinity, 0, -1), None, HIGH),
    "it crosses the other way": two(None, replace(LOW, slope=1), HIGH),
    "it lies in a smaller interval": two(None, replace(LOW, interval=(ZERO, ONE / 2)), HIGH),
    "the zero of another equation": two(None, replace(LOW, equation=exp(r) - 2 * p * r), HIGH),
    "a closed interval from nowhere": two(None, replace(LOW, slope=0), HIGH),
    "another level": two(None, LOW, HIGH, level=p + 1),
    "the level varies": two(None, LOW, HIGH, level=p + x, function=FUNCTION + x),
    "the factor is forgotten": two(None, LOW, HIGH, rest=ONE),
    "without the limits": but(TWO, premises=tuple(q for q in TWO.premises if q not in LIMITS)),
    "without the slopes": but(
        TWO,
        premises=tuple(
            q
            for q in TWO.premises
            if not (isinstance(q.claim, Holds) and q.claim.relation.expression == SLOPE)
        ),
    ),
    "a gap": but(TWO, pieces=(TWO.data("pieces")[0], (ONE / 2, ONE, LOW), TWO.data("pieces")[2])),
    "what lies beyond is not looked at": but(TWO, pieces=TWO.data("pieces")[1:]),
    "the turning point is passed over": level(
        ((None, ZERO, None), (ZERO, None, number(r, 0, S.Infinity, 1))), ABOVE
    ),
    "1 is a solution for p = 2": level(
        ((None, ZERO, None), (ZERO, ONE, None), (ONE, None, None)),
        (rel(p - 2, "=="),),
        values=((Integer(2), ()),),
    ),
    "falling beyond the turn": but(bent(-1, *RIGHT), region=HALF_LINE),
    "the slope at the turn is not told": but(bent(1, *RIGHT[:2]), region=HALF_LINE),
    "on the whole line": bent(1, *RIGHT),
    "1 is none for p = e": level(
        ((None, ZERO, None), (ZERO, ONE, None), (ONE, None, None)), (rel(p - E, "=="),)
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) == "checked"


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    with pytest.raises(Rejected):
        check(LIES[name])


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    assert not uncovered(checks_levels.CHECKS, HONEST.values(), LIES.values())


def test_what_is_known_of_a_number_with_parameters() -> None:
    relations = {str(relation) for relation in LOW.relations}
    assert relations == {"Eq(exp(r), p*r)", "r > 0", "r < 1", "exp(r) < p"}
