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
NEGATIVE = (ENDS[0], ZERO)
POSITIVE = (ZERO, ENDS[1])
# the cubic is 1 > 0 at 0, the mean of its roots, so that an even number of them lies above
ONE_ROOT = counted((number(r, 0, 1, ends=NEGATIVE),), BELOW_0, condition=BELOW)
GIVEN = (rel(DISCRIMINANT, ">"),)
THREE = (number(r, 0, 1, ends=NEGATIVE), number(k, 1, -1, ends=POSITIVE), number(q, 2, 1, ends=POSITIVE))
THREE_ROOTS = counted(THREE, condition=GIVEN)
TILTED = x**3 - 3 * x + p  # three real roots for |p| < 2: the first is negative, the last positive
OF_TILTED = (
    number(r, 0, 1, TILTED, NEGATIVE),
    number(k, 1, -1, TILTED),
    number(q, 2, 1, TILTED, POSITIVE),
)
THREE_OF_TILTED = counted(OF_TILTED, equation=TILTED, condition=(rel(108 - 27 * p**2, ">"),))
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
HONEST = {
    "one root": ONE_ROOT,
    "three roots": THREE_ROOTS,
    "tilted": THREE_OF_TILTED,
    "a double root": DOUBLE,
}
LIES: dict[str, Any] = {
    "nothing is known of the discriminant": counted((number(r, 0, 1, ends=NEGATIVE),)),
    "three roots, not one": counted((number(r, 0, 1, ends=NEGATIVE),), condition=GIVEN),
    "one root, not three": counted(THREE, BELOW_0, condition=BELOW),
    "a root is left out": counted(THREE[:2], condition=GIVEN),
    "it rises at the last root": counted((*THREE[:2], replace(THREE[2], slope=-1)), condition=GIVEN),
    "it falls at the middle root": counted((THREE[0], replace(THREE[1], slope=1), THREE[2]), condition=GIVEN),
    "the middle root is negative": counted(
        (THREE[0], replace(THREE[1], interval=THREE[0].interval), THREE[2]), condition=GIVEN
    ),
    "the first root is positive": counted(
        (replace(THREE[0], interval=(ZERO, ENDS[1])), *THREE[1:]), condition=GIVEN
    ),
    "the last root is beyond 1": counted(
        (*THREE[:2], replace(THREE[2], interval=(ONE, ENDS[1]))), condition=GIVEN
    ),
    "the only root is positive": counted((number(r, 0, 1, ends=POSITIVE),), BELOW_0, condition=BELOW),
    "the middle root of the tilted cubic is positive": counted(
        (OF_TILTED[0], replace(OF_TILTED[1], interval=POSITIVE), OF_TILTED[2]),
        equation=TILTED,
        condition=(rel(108 - 27 * p**2, ">"),),
    ),
    "the second root is not the first": counted((THREE[1], THREE[0], THREE[2]), condition=GIVEN),
    "the root of another polynomial": counted(
        (number(r, 0, 1, CUBIC + x, NEGATIVE),), BELOW_0, condition=BELOW
    ),
    "the root in an interval from nowhere": counted(
        (replace(number(r, 0, 1), interval=(ZERO, ONE)),), BELOW_0, condition=BELOW
    ),
    "the leading coefficient may vanish": counted(
        (number(r, 0, 1, p * x**3 + x + 1, NEGATIVE),), equation=p * x**3 + x + 1
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
