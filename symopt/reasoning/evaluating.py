"""Values of expressions at points of rational numbers and decimals, for guesses: SymPy's own are slow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import sympy as sp
from mpmath import fp
from sympy import Expr, Symbol

Value = Fraction | float
Function = Callable[[Mapping[Symbol, Value]], Any]
NODES: Final = 400
CLEAR: Final = 1e-3
FUNCTIONS: Final = {
    sp.exp: math.exp,
    sp.log: math.log,
    sp.sin: math.sin,
    sp.cos: math.cos,
    sp.tan: math.tan,
    sp.sinh: math.sinh,
    sp.cosh: math.cosh,
    sp.tanh: math.tanh,
    sp.atan: math.atan,
    sp.asin: math.asin,
    sp.acos: math.acos,
    sp.asinh: math.asinh,
    sp.erf: math.erf,
    sp.loggamma: math.lgamma,
    sp.gamma: math.gamma,
}


class NoValue(Exception):
    """The expression has no value there, or a function is not in the table."""


def evaluated(expression: Expr, point: Mapping[Symbol, Value]) -> Value:
    """The value: in decimals where it is far from 0, and exact near it where only powers are taken."""
    with suppress(ArithmeticError, ValueError):
        value: Value = _function(expression, False)({symbol: float(v) for symbol, v in point.items()})
        if abs(float(value)) > CLEAR:
            return value
    return exactly(expression, point)


def exactly(expression: Expr, point: Mapping[Symbol, Value]) -> Value:
    """The value in rational numbers as far as they go.

    >>> from sympy.abc import x
    >>> exactly(x**2 / 3, {x: Fraction(1, 2)})
    Fraction(1, 12)
    """
    value: Value = _function(expression, True)(point)
    return value


@lru_cache(maxsize=16384)
def _function(expression: Expr, exact: bool) -> Function:
    """A function of the point, made of those of the parts; NoValue where one is not in the table."""
    if _size(expression) > NODES:
        raise NoValue
    if expression.is_Rational:
        fraction = Fraction(int(expression.p), int(expression.q))
        constant: Value = fraction if exact else float(fraction)
        return lambda point: constant
    if expression is sp.pi or expression is sp.E:
        number = math.pi if expression is sp.pi else math.e
        return lambda point: number
    if expression.is_Symbol:
        return lambda point: _entry(point, expression)
    parts = [_function(arg, exact) for arg in expression.args]
    zero: Value = Fraction(0) if exact else 0.0
    one: Value = Fraction(1) if exact else 1.0
    if expression.is_Add:
        return lambda point: sum((part(point) for part in parts), zero)
    if expression.is_Mul:
        return lambda point: _product((part(point) for part in parts), one)
    if expression.is_Pow:
        base, exponent = parts
        return lambda point: _power(base(point), exponent(point))
    if isinstance(expression, (sp.Max, sp.Min)):
        best = max if isinstance(expression, sp.Max) else min
        return lambda point: best(part(point) for part in parts)
    if isinstance(expression, sp.Abs):
        return lambda point: abs(parts[0](point))
    if isinstance(expression, sp.polygamma):
        order, argument = parts
        return lambda point: _polygamma(order(point), argument(point))
    function = FUNCTIONS.get(expression.func)
    if function is None or len(parts) != 1:
        raise NoValue
    return lambda point: function(float(parts[0](point)))


@lru_cache(maxsize=16384)
def _size(expression: Expr) -> int:
    return 1 + sum(map(_size, expression.args))


def _product(values: Iterable[Value], product: Value) -> Value:
    for value in values:
        product = product * value
    return product


def _entry(point: Mapping[Symbol, Value], symbol: Symbol) -> Value:
    if symbol not in point:
        raise NoValue
    return point[symbol]


def _polygamma(order: Value, argument: Value) -> float:
    if argument <= 0:
        raise NoValue
    return float(fp.polygamma(int(order), float(argument)))


def _power(base: Value, exponent: Value) -> Value:
    if exponent == int(exponent) and abs(float(exponent)) <= 64:
        return base ** int(exponent)
    if base < 0:
        raise NoValue
    return float(base) ** float(exponent)
