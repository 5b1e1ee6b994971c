"""One stationary point of a strictly convex function in a box: an honest derivation, and lies one change away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, cast

import mpmath
import pytest
from sympy import Integer, S, cosh, exp, symbols, sympify

from symopt.cases import Cell
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Cover, Curved, Step
from symopt.relation import Relation
from symopt.stationary.convex import by_convexity

x, y, t = symbols("x y t", real=True)
LOSS = exp(x) + 3 * exp(y) + exp(-x - 2 * y) + x**4


@cache
def honest() -> Step:
    plane = Context()
    entries = (LOSS.diff(x), LOSS.diff(y))
    found = by_convexity(Cell(LOSS, (x, y), plane), entries, plane, None)
    assert found is not None
    return found


@cache
def at_the_origin() -> Step:
    """A convex function whose Hessian is singular at its minimum, which is seen without Newton's method."""
    f, plane = cosh(x) + cosh(y) - x * y, Context()
    found = by_convexity(Cell(f, (x, y), plane), (f.diff(x), f.diff(y)), plane, None)
    assert found is not None
    return found


def point(*coordinates: Any, **more: Any) -> Step:
    branch = Branch(tuple(zip((x, y), map(sympify, coordinates), strict=False)), **more)
    claim = replace(cast(Cover, at_the_origin().claim), branches=(branch,))
    return replace(at_the_origin(), claim=claim, certificate=(("point", branch),))


def beside_the_point(*region: Relation) -> Step:
    context = Context(region)
    (premise,) = at_the_origin().premises
    return replace(at_the_origin(), context=context, premises=(replace(premise, context=context),))


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


CLAIM_AT_ORIGIN = cast(Curved, at_the_origin().premises[0].claim)
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
    "another point": lambda: point(1, 1),
    "half a point": lambda: point(0),
    "a line of points": lambda: point(t, t, free=((t, "real"),)),
    "a point under a condition": lambda: point(0, 0, where=(Relation(x, ">"),)),
    "a point that moves": lambda: point(0, y),
    "a point beside the region": lambda: beside_the_point(Relation(x, ">")),
    "a point, of a function that is flat elsewhere": lambda: replace(
        at_the_origin(),
        premises=(replace(at_the_origin().premises[0], claim=replace(CLAIM_AT_ORIGIN, strict=False)),),
    ),
    "one equation alone": lambda: replace(
        honest(), claim=replace(cast(Cover, honest().claim), equations=EQUATIONS[:1], unknowns=(x,))
    ),
}


def test_the_truth_is_accepted() -> None:
    verify(honest())
    verify(in_region(Relation(x + 3, ">")))
    verify(at_the_origin())
    verify(beside_the_point(Relation(x + 3, ">")))


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
