"""Derivations that lie about zeros in boxes: each is one change away from an honest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from sympy import Expr, Integer, Rational, S, cos, exp, pi, sin, symbols

from symopt.cases import Cell
from symopt.derivation.checker import verify
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_boxes import Chart
from symopt.derivation.claims import Branch, Context, Cover, Step
from symopt.relation import Relation
from symopt.stationary.boxing import by_boxes
from symopt.stationary.covers import solver_for
from symopt.stationary.solver import System

x, y = symbols("x y", real=True)
PAIR = (4 * x**3 - sin(x + y) - 1, 4 * y**3 - sin(x + y))
HUMP = (x + 4 * sin(2 * x),)
ARCS = (sin(x + 2 * y), sin(2 * x + y))  # 0 and pi/3 in the square from -1 to 2
GROWING = (exp(x * y) * y + 2 * x, exp(x * y) * x + 2 * y)


@cache
def found(equations: tuple[Expr, ...], unknowns: tuple[Any, ...], *region: Relation) -> Step:
    context = Context(region)
    solver = solver_for(Cell(S.Zero, unknowns, context), {"x", "y"})
    step = by_boxes(solver, System(equations, unknowns, context))
    assert step is not None
    return step


def told(step: Step, **data: Any) -> Step:
    """The step with another certificate, and with the branches that its zeros give."""
    table = dict(step.certificate) | data
    claim = step.claim
    if "zeros" in data:
        claim = replace(claim, branches=tuple(z.branch for z in data["zeros"]))
    return replace(step, claim=claim, certificate=tuple(sorted(table.items())))


def first_zero(step: Step, **changes: Any) -> Step:
    zero, *rest = step.data("zeros")  # type: ignore[misc]
    return told(step, zeros=(replace(zero, **changes), *rest))


def first_chart(step: Step, **changes: Any) -> Step:
    chart, *rest = step.data("charts")  # type: ignore[misc]
    return told(step, charts=(replace(chart, **changes), *rest))


def leaves(tree: Any) -> Any:
    return [leaf for part in tree[3:] for leaf in leaves(part)] if tree[0] == "split" else [tree]


def every(tree: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with its leaves changed."""
    return (*tree[:3], *(every(part, change) for part in tree[3:])) if tree[0] == "split" else change(tree)


def without_last(step: Step) -> Step:
    zeros = step.data("zeros")[:-1]  # type: ignore[index]
    return told(step, zeros=zeros)


def moved_numbers(step: Step) -> Step:
    zero = step.data("zeros")[0]  # type: ignore[index]
    number, *rest = zero.branch.numbers
    low, high = number.interval
    moved = replace(number, interval=(low + 2 * (high - low), high + 2 * (high - low)))
    return first_zero(step, branch=replace(zero.branch, numbers=(moved, *rest)))


def arcs() -> Step:
    return found(ARCS, (x, y), *(Relation(e, ">") for e in (x + 1, y + 1, 2 - x, 2 - y)))


LIES: dict[str, Callable[[], Step]] = {
    "a zero is left out": lambda: without_last(found(HUMP, (x,))),
    "a zero is left out, its cells have none": lambda: told(
        without_last(found(HUMP, (x,))),
        tree=every(found(HUMP, (x,)).data("tree"), lambda t: ("none", 0) if t == ("zero", 4) else t),
    ),
    "x = 1/2 is a zero": lambda: first_zero(found(HUMP, (x,)), branch=Branch(((x, S.Half),))),
    "a zero of another box": lambda: first_zero(arcs(), branch=Branch(((x, pi), (y, -pi)))),
    "pi/4 is a zero": lambda: first_zero(arcs(), branch=Branch(((x, pi / 4), (y, pi / 4)))),
    "the numbers are elsewhere": lambda: moved_numbers(found(PAIR, (x, y))),
    "a box with two zeros": lambda: first_zero(found(HUMP, (x,)), box=((Integer(-3), Integer(-1)),)),
    "nothing far out, for another form": lambda: first_chart(
        found(PAIR, (x, y)), forms=(((S.One, S.Zero), S.One, Integer(7)),), tree=("none", 0)
    ),
    "a side is left out": lambda: told(found(PAIR, (x, y)), charts=found(PAIR, (x, y)).data("charts")[1:]),  # type: ignore[index]
    "a smaller cube": lambda: told(found(HUMP, (x,)), reach=Rational(1, 8)),
    "the cells end early": lambda: told(found(HUMP, (x,)), tree=("zero", 0)),
    "a cell outside a region that is all of the plane": lambda: told(
        found(GROWING, (x, y)), tree=("outside", 0)
    ),
    "one equation twice": lambda: told(found(PAIR, (x, y)), system=(PAIR[0], PAIR[0])),
    "another equation": lambda: told(found(HUMP, (x,)), system=(x + 4 * sin(2 * x) + 1,)),
    "with kinks": lambda: replace(
        told(found((x + cos(x),), (x,)), system=(x + abs(x) * 0 + cos(x) + abs(x),)),
        claim=Cover((x + cos(x) + abs(x),), (x,), ()),
    ),
}


@pytest.mark.parametrize("equations", [PAIR, GROWING])
def test_what_is_honest_is_accepted(equations: tuple[Expr, ...]) -> None:
    verify(found(equations, (x, y)))


def test_multiples_of_pi_are_exact() -> None:
    step = arcs()

    verify(step)
    assert {((x, v), (y, v)) for v in (S.Zero, pi / 3)} <= {b.at for b in step.claim.branches}
    assert not any(b.numbers for b in step.claim.branches)


def test_cells_beyond_the_region_are_accepted() -> None:
    step = found(HUMP, (x,), Relation(x - 1, ">"))

    verify(step)
    assert len(step.claim.branches) == 2  # 1.80 and 2.76


@pytest.mark.parametrize("name", sorted(LIES))
def test_lies_are_rejected(name: str) -> None:
    with pytest.raises(Rejected):
        verify(LIES[name]())


def test_charts_cover_both_sides_of_each_unknown() -> None:
    charts: tuple[Chart, ...] = found(PAIR, (x, y)).data("charts")  # type: ignore[assignment]

    assert {(c.place, c.side) for c in charts} == {(0, 1), (0, -1), (1, 1), (1, -1)}
