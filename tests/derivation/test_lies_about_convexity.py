"""One stationary point of a strictly convex function in a box: an honest derivation, and lies one change away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, cast

import mpmath
import pytest
from sympy import Integer, S, exp, symbols

from symopt.cases import Cell
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Cover, Curved, Step
from symopt.relation import Relation
from symopt.stationary.convex import by_convexity

x, y = symbols("x y", real=True)
LOSS = exp(x) + 3 * exp(y) + exp(-x - 2 * y) + x**4


@cache
def honest() -> Step:
    plane = Context()
    entries = (LOSS.diff(x), LOSS.diff(y))
    found = by_convexity(Cell(LOSS, (x, y), plane), entries, plane, None)
    assert found is not None
    return found


def curved(**changes: Any) -> Step:
    """The derivation with another claim of convexity."""
    (premise,) = honest().premises
    return replace(
        honest(), premises=(replace(premise, claim=replace(cast(Curved, premise.claim), **changes)),)
    )


def zero(**changes: Any) -> Step:
    found = replace(cast(Any, honest().data("zero")), **changes)
    claim = replace(cast(Cover, honest().claim), branches=(found.branch,))
    return replace(honest(), claim=claim, certificate=(("zero", found),))


def elsewhere(step: Step) -> Step:
    """The same with the numbers moved beside the zero."""
    old = cast(Any, step.data("zero"))
    numbers = tuple(replace(n, interval=tuple(e + 1 for e in n.interval)) for n in old.branch.numbers)
    return zero(branch=replace(old.branch, numbers=numbers))


def in_region(*region: Relation) -> Step:
    (premise,) = honest().premises
    context = Context(region)
    return replace(honest(), context=context, premises=(replace(premise, context=context),))


EQUATIONS = cast(Cover, honest().claim).equations
LIES: dict[str, Callable[[], Step]] = {
    "convex, not strictly": lambda: curved(strict=False),
    "affine": lambda: curved(kind="affine"),
    "convex in other variables": lambda: curved(variables=(y, x)),
    "another function": lambda: curved(objective=exp(x) + exp(y) + exp(-x - 2 * y)),
    "convex on a smaller region": lambda: replace(
        honest(), premises=(replace(honest().premises[0], context=Context((Relation(x, ">"),))),)
    ),
    "nothing is convex": lambda: replace(honest(), premises=()),
    "no point": lambda: replace(honest(), claim=replace(cast(Cover, honest().claim), branches=())),
    "the origin": lambda: zero(branch=Branch(((x, S.Zero), (y, S.Zero)))),
    "numbers elsewhere": lambda: elsewhere(honest()),
    "a box elsewhere": lambda: zero(box=((Integer(5), Integer(6)), (Integer(5), Integer(6)))),
    "outside the region": lambda: in_region(Relation(x - 3, ">")),
    "one equation alone": lambda: replace(
        honest(), claim=replace(cast(Cover, honest().claim), equations=EQUATIONS[:1], unknowns=(x,))
    ),
}


def test_the_truth_is_accepted() -> None:
    verify(honest())
    verify(in_region(Relation(x + 3, ">")))


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    with pytest.raises(Rejected):
        verify(LIES[name]())


def test_the_point_is_where_newtons_method_ends() -> None:
    with mpmath.workdps(30):
        point = mpmath.findroot(
            lambda a, b: [
                mpmath.exp(a) - mpmath.exp(-a - 2 * b) + 4 * a**3,
                3 * mpmath.exp(b) - 2 * mpmath.exp(-a - 2 * b),
            ],
            (0, 0),
        )
        numbers = cast(Cover, honest().claim).branches[0].numbers
        for value, number in zip(point, numbers, strict=True):
            low, high = (mpmath.mpf(int(e.p)) / int(e.q) for e in cast(Any, number.interval))
            assert low <= value <= high
