"""Sample points of a context: a claim that fails at one of them need not be tried.

Samples only ever stop a search for a proof; they never decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Final

import sympy as sp
from sympy import Expr, Symbol

from symopt.derivation.claims import Context
from symopt.relation import Relation

Value = Fraction | float
TRIES: Final = 400
WANTED: Final = 12
NODES: Final = 400
MARGIN: Final = 1e-7
VALUES: Final = tuple(
    Fraction(n, d)
    for n, d in (
        (0, 1),
        (1, 1),
        (-1, 1),
        (2, 1),
        (-2, 1),
        (1, 2),
        (-1, 2),
        (3, 1),
        (-3, 1),
        (5, 1),
        (-5, 1),
        (1, 4),
        (-1, 4),
        (10, 1),
        (-10, 1),
        (3, 2),
        (-3, 2),
        (1, 10),
        (-1, 10),
        (7, 3),
    )
)
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


class _NoValue(Exception):
    """The expression has no value there, or a function is not in the table."""


def fails_at_a_sample(relation: Relation, context: Context) -> bool:
    """Whether a point of the context is found where the relation is clearly false.

    >>> x = Symbol("x", real=True)
    >>> fails_at_a_sample(Relation(x, ">"), Context()), fails_at_a_sample(Relation(x**2 + 1, ">"), Context())
    (True, False)
    """
    if any(r.op == "==" for r in context.relations):
        return False
    symbols = tuple(
        sorted({s for r in (relation, *context.relations) for s in r.symbols}, key=lambda s: s.name)
    )
    return any(holds_at(relation, point) is False for point in _samples(context, symbols))


@lru_cache(maxsize=512)
def _samples(context: Context, symbols: tuple[Symbol, ...]) -> tuple[Mapping[Symbol, Value], ...]:
    """Points that satisfy every relation of the context, in a fixed order."""
    found: list[Mapping[Symbol, Value]] = []
    for point in _candidates(symbols):
        if all(holds_at(r, point) for r in context.relations):
            found.append(point)
            if len(found) == WANTED:
                break
    return tuple(found)


def _candidates(symbols: tuple[Symbol, ...]) -> Iterator[Mapping[Symbol, Value]]:
    """Assignments of simple rationals: each symbol runs through the values at its own pace."""
    size = len(VALUES)
    for k in range(TRIES if len(symbols) > 1 else size):
        yield {s: VALUES[(k * (i + 1) + (k // size) * (2 * i + 1) + i) % size] for i, s in enumerate(symbols)}


def holds_at(relation: Relation, point: Mapping[Symbol, Value]) -> bool | None:
    """Whether the relation holds at the point; None where it has no value or is too close to call."""
    try:
        value = _evaluated(relation.expression, point, [NODES])
    except (_NoValue, ArithmeticError, ValueError):
        return None
    if isinstance(value, float) and (not math.isfinite(value) or abs(value) < MARGIN):
        return None
    return {
        ">": value > 0,
        ">=": value >= 0,
        "<": value < 0,
        "<=": value <= 0,
        "==": value == 0,
        "!=": value != 0,
    }[relation.op]


def _evaluated(expression: Expr, point: Mapping[Symbol, Value], left: list[int]) -> Value:
    left[0] -= 1
    if left[0] < 0:
        raise _NoValue
    if expression.is_Rational:
        return Fraction(int(expression.p), int(expression.q))
    if expression.is_Symbol:
        if expression not in point:
            raise _NoValue
        return point[expression]
    if expression.is_Add:
        return sum((_evaluated(arg, point, left) for arg in expression.args), Fraction(0))
    if expression.is_Mul:
        product: Value = Fraction(1)
        for arg in expression.args:
            product = product * _evaluated(arg, point, left)
        return product
    if expression.is_Pow:
        return _power(_evaluated(expression.base, point, left), _evaluated(expression.exp, point, left))
    if expression is sp.pi or expression is sp.E:
        return math.pi if expression is sp.pi else math.e
    if isinstance(expression, sp.Abs):
        value = _evaluated(expression.args[0], point, left)
        return value if value >= 0 else -value
    if isinstance(expression, (sp.Max, sp.Min)):
        values = [_evaluated(arg, point, left) for arg in expression.args]
        return max(values) if isinstance(expression, sp.Max) else min(values)
    function = FUNCTIONS.get(expression.func)
    if function is None or len(expression.args) != 1:
        raise _NoValue
    return function(float(_evaluated(expression.args[0], point, left)))


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(exponent, Fraction) and exponent.denominator == 1 and abs(exponent) <= 64:
        return base ** int(exponent)
    if base < 0:
        raise _NoValue
    return float(base) ** float(exponent)
