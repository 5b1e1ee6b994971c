"""Checks of the rules for signs on intervals: sines and cosines on an arc, and balls over a chain of boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, cast

from sympy import Add, Expr, Integer, S, Symbol, cos, pi, sin

from symopt.derivation.checking import (
    facts,
    identical,
    require,
    require_defined,
    require_given,
    require_holds,
)
from symopt.derivation.claims import Holds, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.gamma_functions import argument_of, bound, order_of
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import SIGNS_OF
from symopt.relation import Relation

MAX_BOXES: Final = 200
MAX_BOUND_TERMS: Final = 6


def _arc(step: Step) -> None:
    """The sign of sin u for j pi < u < (j + 1) pi, and of cos u half an arc before; whole turns may be added to u."""
    relation, known = require_given(step.claim, Holds).relation, facts(step)
    wave, (first, *others) = relation.expression, Add.make_args(require_given(step.data("turn"), Expr))
    require(isinstance(wave, (sin, cos)), "not a sine or a cosine")
    turn = first if isinstance(first, Integer) else S.Zero
    turns = others if isinstance(first, Integer) else (first, *others)
    require(all((t / 2).is_Symbol and (t / 2).is_integer for t in turns), "not whole turns")
    angle = cast(Expr, wave.args[0] - sum(turns, S.Zero) * pi).expand()
    start = (turn if isinstance(wave, sin) else turn - S.Half) * pi
    sign = 1 if turn % 2 == 0 else -1
    strict = relation.op in (">", "<", "!=")
    for distance in (angle - start, start + pi - angle):
        require_holds(distance, ">" if strict else ">=", known, "the arc")
    have = frozenset((sign,)) if strict else frozenset((0, sign))
    require(have <= SIGNS_OF[relation.op], "another sign")


def _gamma_bound(step: Step) -> None:
    """c g(u) + r > 0 where c b + r > 0 with a bound b of Stirling's series below g(u) and c > 0, or above and c < 0.

    The arguments u are positive; g is log-gamma or a polygamma function.
    """
    relation, known = require_given(step.claim, Holds).relation, facts(step)
    node, terms = require_given(step.data("node"), Expr), require_given(step.data("terms"), int)
    require(order_of(node) is not None and 0 <= terms <= MAX_BOUND_TERMS, "not a function with such bounds")
    require(relation.op in (">", ">=", "<", "<="), "no side")
    require_holds(argument_of(node), ">", known, "the argument")
    estimate, side = require_given(bound(node, terms), tuple)
    symbol = Symbol("g_", real=True)
    require(symbol not in relation.symbols, "a symbol is in use already")
    put = relation.expression.xreplace({node: symbol})
    factor = derivative_by_table(put, symbol)
    require(not factor.has(symbol), "not linear in the function")
    upwards = 1 if relation.op[0] == ">" else -1
    require_holds(-side * upwards * factor, ">=", known, "the factor of the function")
    require_defined(relation.expression, known)
    premise = Relation(put.xreplace({symbol: estimate}), relation.op)
    require(
        any(r.implies_op(relation.op) and identical(r.expression, premise.expression) for r in known),
        "the bound",
    )


def _boxes(step: Step) -> None:
    """Ball arithmetic on each part of an interval of one symbol, cut at the points listed."""
    relation, known = require_given(step.claim, Holds).relation, facts(step)
    symbol = require_given(step.data("symbol"), Symbol)
    require(relation.expression.free_symbols == {symbol}, "more than one symbol")
    low, high = rational_bounds(symbol, known)
    cuts = require_given(step.data("cuts"), tuple)
    require(all(cut.is_Rational for cut in cuts) and len(cuts) < MAX_BOXES, "the cuts")
    ends = (None if low is None else low[0], *cuts, None if high is None else high[0])
    for left, right in pairwise(ends):
        require(left is None or right is None or left <= right, "the cuts are not in order")
        bottom, top = require_given(enclose(relation.expression, {symbol: (left, right)}), tuple)
        possible = {-1: bottom < 0, 0: bottom <= 0 <= top, 1: top > 0}
        signs = frozenset(sign for sign, so in possible.items() if so)
        require(signs <= SIGNS_OF[relation.op], "the sign on [{}, {}]", left, right)


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "arc": _arc,
    "gamma_bound": _gamma_bound,
    "boxes": _boxes,
}
