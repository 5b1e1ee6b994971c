"""What the rules of curvature cost grows as the function does: counted in calls, which no load on the machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from sympy import Abs, Add, Expr, Integer, Max, Mul, Piecewise, Pow, Rational, Symbol, exp, log, symbols

from symopt import Problem
from symopt.derivation.checker import check
from symopt.errors import InputError

Family = Callable[[tuple[Symbol, ...]], Expr]
SMALL, FACTOR = 80, 4


def plain(function: Any, *arguments: Expr) -> Expr:
    return function(*arguments, evaluate=False)


def softplus(u: Expr) -> Expr:
    return plain(log, plain(Add, Integer(1), plain(exp, u)))


def pairs(x: tuple[Symbol, ...]) -> list[Expr]:
    return [a - 2 * b for a, b in pairwise(x)]


def lasso(x: tuple[Symbol, ...]) -> Expr:
    rows = [Add(*(Rational(i * k % 97, 10) * v for k, v in enumerate(x, 1)), i) for i in range(1, 10)]
    return Add(*(row**2 for row in rows), *(Abs(v) for v in x))


def huber(u: Expr) -> Expr:
    return Piecewise((u**2 / 2, Abs(u) <= 1), (Abs(u) - Rational(1, 2), True))


FAMILIES: tuple[tuple[str, Family, bool | None], ...] = (
    ("exponentials", lambda x: Add(*(exp(u) for u in pairs(x))), None),
    ("softplus", lambda x: plain(Add, *(softplus(u) for u in pairs(x))), None),
    ("squares and sizes", lambda x: Add(*(u**2 for u in pairs(x)), *(Abs(v) for v in x)), None),
    ("one variable each", lambda x: plain(Add, *(softplus(2 * v + 1) for v in x)), True),
    ("logarithms", lambda x: Add(*(-log(v) for v in x)), True),
    ("nested", lambda x: plain(Add, *(exp(plain(Pow, 1 + u**2, Rational(1, 2))) for u in pairs(x))), None),
    ("log-sum-exp", lambda x: plain(log, Add(*(exp(v) for v in x))), None),
    ("lasso", lasso, None),
    ("maximum", lambda x: plain(Max, *(k * x[0] + v + 1 for k, v in enumerate(x, 1))), None),
)


def calls(work: Callable[[], object]) -> int:
    """How many Python functions `work` calls."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(("name", "family", "strict"), FAMILIES)
def test_four_times_the_function_costs_four_times_the_calls(
    name: str, family: Family, strict: bool | None
) -> None:
    counts = []
    for size in (SMALL, FACTOR * SMALL):
        x = symbols(f"{name[0]}{size}_:{size}", real=True)  # other names each time, so that no cache helps
        f = Problem(family(x), x)
        found: list[Any] = []
        asked = calls(lambda f=f, found=found: found.append(f.convexity(timeout=None)))  # type: ignore[misc]
        assert (found[0].kind, found[0].strict, found[0].evidence.trust) == ("convex", strict, "checked")
        counts.append((asked, calls(lambda found=found: check(*found[0].evidence.steps))))  # type: ignore[misc]
    (asked, checked), (more_asked, more_checked) = counts
    assert more_asked < 1.5 * FACTOR * asked + 2000
    assert more_checked < 1.5 * FACTOR * checked + 2000


def test_what_is_shared_too_often_is_refused_before_sympy_writes_it_out() -> None:
    x = Symbol("x", real=True)
    u: Expr = x
    for _ in range(25):
        u = plain(Add, plain(exp, u), plain(Mul, Integer(2), u))
    with pytest.raises(InputError, match="too long when it is written out"):
        Problem(u, [x])


def quantile(u: Expr) -> Expr:
    return Max(u, -2 * u)


@pytest.mark.parametrize("loss", [huber, quantile])
def test_terms_that_hold_u_and_minus_u_have_one_proof(loss: Callable[[Expr], Expr]) -> None:
    """SymPy writes |1 - x| as |x - 1|, so that (1 - x)^2 stands beside it; affine far out, so not strictly convex."""
    x, y = symbols("x y", real=True)
    residuals = [(k % 7 - 3) * x + (k % 5 - 2) * y + k for k in range(1, 61)]
    found = Problem(Add(*map(loss, residuals)), [x, y]).convexity()

    assert (found.kind, found.strict, found.evidence.trust) == ("convex", False, "checked")
    assert len({step for top in found.evidence.steps for step in top.walk()}) < len(residuals)
