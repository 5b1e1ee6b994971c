"""Functions that strictly rise or fall wherever they are defined, and what is built of one argument by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import sympy as sp
from sympy import Add, Expr, Mul, Pow, Rational, Symbol

# 1 for strictly increasing, -1 for strictly decreasing, on the whole natural domain, which is an interval.
SLOPES: Final[Mapping[type[Expr], int]] = {
    sp.exp: 1,
    sp.log: 1,
    sp.sinh: 1,
    sp.tanh: 1,
    sp.atan: 1,
    sp.asinh: 1,
    sp.acosh: 1,
    sp.atanh: 1,
    sp.asin: 1,
    sp.acos: -1,
    sp.erf: 1,
    sp.erfc: -1,
    sp.LambertW: 1,
}
Signs = Callable[[Expr], frozenset[int]]


def slope(outer: Expr, symbol: Symbol, signs: Signs) -> int | None:
    """1 where `outer` strictly rises with the symbol, -1 where it falls, None where that is not plain.

    `signs` knows which signs a quantity can have. The symbol occurs once, so that one path leads to it.

    >>> from sympy import exp, symbols
    >>> u = symbols("u", real=True)
    >>> slope(3 - 2 * exp(u), u, lambda number: frozenset({1 if number > 0 else -1}))
    -1
    """
    if outer == symbol:
        return 1
    holding = [argument for argument in outer.args if argument.has(symbol)]
    if len(holding) != 1:
        return None
    (inner,) = holding
    turn = _turn(outer, inner, signs)
    below = slope(inner, symbol, signs) if turn else None
    return None if turn is None or below is None else turn * below


def _turn(outer: Expr, inner: Expr, signs: Signs) -> int | None:
    """How `outer` depends on its only argument with the symbol."""
    if isinstance(outer, Add):
        return 1
    if isinstance(outer, Mul):
        found = signs(Mul(*(factor for factor in outer.args if factor != inner)))
        return next(iter(found)) if found in ({1}, {-1}) else None
    if isinstance(outer, Pow):
        return _of_power(inner, outer.exp, signs) if outer.base == inner else None
    return SLOPES.get(type(outer)) if len(outer.args) == 1 else None


def _of_power(base: Expr, exponent: Expr, signs: Signs) -> int | None:
    """u^a with a rational: odd positive powers rise everywhere, the others are asked for u >= 0 (u > 0)."""
    if not isinstance(exponent, Rational) or exponent.is_zero:
        return None
    if exponent > 0 and exponent.q == 1 and exponent.p % 2:
        return 1
    needed = {0, 1} if exponent > 0 else {1}
    if exponent.q > 1 or signs(base) <= needed:  # a root is defined for u >= 0 alone
        return 1 if exponent > 0 else -1
    return None
