"""Roots of polynomials with parameters: honest derivations are accepted, lies one change away are rejected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from derivation_steps import ONE, ZERO, at, but, cover, done, holds, k, p, r, rel, uncovered, x
from sympy import Integer, S, Symbol

from symopt.derivation import checks_roots
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Number, Step

q = Symbol("q", real=True)
ENDS = (S.NegativeInfinity, S.Infinity)
CUBIC = x**3 - 3 * p * x + 1  # its discriminant is 27 (4 p^3 - 1): three real roots for p > 1, one for p < 0
DISCRIMINANT = 108 * p**3 - 27


def number(symbol: Symbol, index: int, slope: int, equation: Any = CUBIC, ends: Any = ENDS) -> Number:
    return Number(symbol, equation.xreplace({x: symbol}), index, ends, slope)


def counted(numbers: tuple[Number, ...], *premises: Step, equation: Any = CUBIC, **context: Any) -> Step:
    """The roots of a polynomial in x, one branch for each number."""
    return cover(
        (equation,),
        (x,),
        tuple(at(n.symbol, numbers=(n,)) for n in numbers),
        "cover_counted",
        done(),
        *premises,
        index=0,
        symbol=x,
        values=tuple((n.symbol, (n,)) for n in numbers),
        **context,
    )


BELOW = (rel(p, "<"),)
BELOW_0 = holds(DISCRIMINANT, "<", condition=BELOW)
ONE_ROOT = counted((number(r, 0, 1),), BELOW_0, condition=BELOW)
GIVEN = (rel(DISCRIMINANT, ">"),)
# three numbers whose sum is 0: the first is negative, the last positive
THREE = (number(r, 0, 1, ends=(ENDS[0], ZERO)), number(k, 1, -1), number(q, 2, 1, ends=(ZERO, ENDS[1])))
THREE_ROOTS = counted(THREE, condition=GIVEN)
SQUARE = (rel(p**2 - q, "=="),)  # where q = p^2, x^2 - 2 p x + q is (x - p)^2
DOUBLE = cover(
    (x**2 - 2 * p * x + q,),
    (x,),
    (at(p),),
    "cover_given",
    cover(
        ((x - p) ** 2,),
        (x,),
        (at(p),),
        "cover_linear",
        done(),
        index=0,
        symbol=x,
        rest=ONE,
        values=((p, ()), (p, ())),
    ),
    condition=SQUARE,
    index=0,
    other=(x - p) ** 2,
)
HONEST = {"one root": ONE_ROOT, "three roots": THREE_ROOTS, "a double root": DOUBLE}
LIES: dict[str, Any] = {
    "nothing is known of the discriminant": counted((number(r, 0, 1),)),
    "three roots, not one": counted((number(r, 0, 1),), condition=GIVEN),
    "one root, not three": counted(THREE, BELOW_0, condition=BELOW),
    "a root is left out": counted(THREE[:2], condition=GIVEN),
    "it rises at the last root": counted((*THREE[:2], replace(THREE[2], slope=-1)), condition=GIVEN),
    "it falls at the middle root": counted((THREE[0], number(k, 1, 1), THREE[2]), condition=GIVEN),
    "the middle root is negative": counted(
        (THREE[0], replace(THREE[1], interval=THREE[0].interval), THREE[2]), condition=GIVEN
    ),
    "the first root is positive": counted(
        (replace(THREE[0], interval=(ZERO, ENDS[1])), *THREE[1:]), condition=GIVEN
    ),
    "the last root is beyond 1": counted(
        (*THREE[:2], replace(THREE[2], interval=(ONE, ENDS[1]))), condition=GIVEN
    ),
    "the only root is negative": counted((number(r, 0, 1, ends=(ENDS[0], ZERO)),), BELOW_0, condition=BELOW),
    "the second root is not the first": counted((THREE[1], THREE[0], THREE[2]), condition=GIVEN),
    "the root of another polynomial": counted((number(r, 0, 1, CUBIC + x),), BELOW_0, condition=BELOW),
    "the root in an interval from nowhere": counted(
        (replace(number(r, 0, 1), interval=(ZERO, ONE)),), BELOW_0, condition=BELOW
    ),
    "the leading coefficient may vanish": counted(
        (number(r, 0, 1, p * x**3 + x + 1),), equation=p * x**3 + x + 1
    ),
    "q is not p^2 here": but(DOUBLE, condition=()),
    "(x - p)^3 is something else": but(DOUBLE, other=(x - p) ** 3),
    "a slope from nowhere": cover(
        (x**2 - 2,),
        (x,),
        tuple(at(n.symbol, numbers=(n,)) for n in (number(r, 0, 1, x**2 - 2), number(k, 1, 1, x**2 - 2))),
        "cover_roots",
        done(),
        index=0,
        symbol=x,
        values=tuple((n.symbol, (n,)) for n in (number(r, 0, 1, x**2 - 2), number(k, 1, 1, x**2 - 2))),
    ),
    "a number in terms of an unknown": cover(
        (),
        (x,),
        (Branch(((x, r),), (Number(r, r - x, 0, (Integer(0), Integer(1))),)),),
        "cover_free",
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) == "checked"


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    check(*LIES[name].premises)
    with pytest.raises(Rejected):
        check(LIES[name])


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    assert not uncovered(checks_roots.CHECKS, HONEST.values(), LIES.values())
