"""A program evaluated with numbers of unbounded exponent: where floats overflow or underflow on the way to a value.

It is evaluated with more and more digits, until two results in a row agree: what still differs then has no value here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any, Final

import mpmath

from symopt.calculus import ratios
from symopt.calculus.bernoulli import functions
from symopt.calculus.compiler_interpreter import OPERATIONS
from symopt.calculus.program import Program
from symopt.calculus.remainders import REMAINDERS, near_zero

# 1 + 1e300 needs a thousand bits, and its square two thousand.
PRECISIONS: Final = (120, 1200, 2400)
AGREED: Final = 1e-14
# Exponentials of numbers beyond 2^1100, which are no floats, would take for ever.
LARGEST: Final = 1100
_AS_FLOATS: Final = ("gamma", "loggamma", "polygamma", "LambertW")
_ROOTS_AND_LOGARITHMS: Final = ("log_cosh", "log", "log1p", "sqrt", "asinh", "acosh")
_NAMES: Final = (
    *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"),
    *("atanh", "sqrt", "log1p", "expm1", "atan2", "sign", "erf", "erfc"),
)
Layout = Sequence[int | None]


def evaluate_widely(program: Program, results: Layout, point: Sequence[float]) -> tuple[float, ...]:
    """The results at a point, None standing for 0; nan where there is none.

    >>> one = Program((("input", 0), ("*", 0, 0), ("*", 1, 1), ("/", 2, 2)), (3,))
    >>> evaluate_widely(one, (3,), (1e300,))
    (1.0,)
    """
    before = _evaluated(program, results, point, PRECISIONS[0])
    for precision in PRECISIONS[1:]:
        now = _evaluated(program, results, point, precision)
        agreed = tuple(b if _agree(a, b) else math.nan for a, b in zip(before, now, strict=True))
        if all(value == value for value in agreed) or all(value != value for value in now):
            return agreed
        before = now
    return agreed


def _agree(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= AGREED * abs(other)


def _evaluated(
    program: Program, results: Layout, point: Sequence[float], precision: int
) -> tuple[float, ...]:
    context, operations = _operations(precision)
    values: dict[int, Any] = {}
    instructions = program.instructions
    for place in program.needed([place for place in results if place is not None]):
        head, *operands = instructions[place]
        if head == "constant":
            values[place] = context.mpf(operands[0])
        elif head == "input":
            values[place] = context.mpf(point[operands[0]])
        else:
            try:
                values[place] = operations[head](*[values[operand] for operand in operands])
            except (ValueError, ZeroDivisionError, OverflowError, context.NoConvergence):
                values[place] = context.nan
    return tuple(0.0 if place is None else float(values[place]) for place in results)


@cache
def _operations(precision: int) -> tuple[Any, Mapping[str, Callable[..., Any]]]:
    """A context of mpmath's of our own, and what the operations of a program are in it."""
    context = mpmath.ctx_mp.MPContext()
    context.prec = precision
    nan = context.nan

    def real(function: Callable[..., Any], most: int = LARGEST) -> Callable[..., Any]:
        def inside(*arguments: Any) -> Any:
            if any(context.mag(argument) > most for argument in arguments if argument):
                return nan
            value = function(*arguments)
            # Nothing overflows here: infinity is a pole.
            return nan if isinstance(value, context.mpc) or context.isinf(value) else value

        return inside

    def as_floats(function: Callable[..., float]) -> Callable[..., Any]:
        return lambda *arguments: context.mpf(function(*map(float, arguments)))

    def log_cosh(u: Any) -> Any:
        size = abs(u)
        if size <= 1:
            return context.log1p(2 * context.sinh(size / 2) ** 2)
        far = context.log1p(context.exp(-2 * size)) if context.mag(size) < LARGEST else 0
        return size + (far - context.log(2))

    def rest_of(name: str) -> Callable[[Any], Any]:
        remainder = REMAINDERS[name]
        most = 2**LARGEST if remainder.of in _ROOTS_AND_LOGARITHMS else LARGEST
        of = log_cosh if remainder.of == "log_cosh" else getattr(context, remainder.of)
        series, function = near_zero(remainder), real(of, most)
        return lambda u: series(u) if abs(u) < remainder.near else remainder.direct(function(u), u)

    names = {name: real(getattr(context, name)) for name in _NAMES}
    rests = {name: rest_of(name) for name in REMAINDERS}
    own = {**names, **rests, "tanh": real(context.tanh), "erf": real(context.erf), "hypot": context.hypot}
    return context, {
        **OPERATIONS,
        **names,
        **{name: real(getattr(context, name), 2**LARGEST) for name in _ROOTS_AND_LOGARITHMS[1:]},
        **rests,
        **{name: as_floats(OPERATIONS[name]) for name in _AS_FLOATS},
        **{name: real(function) for name, function in functions(context.expm1, context.exp).items()},
        **{name: real(function, 2**LARGEST) for name, function in ratios.functions(own).items()},
        "log_cosh": log_cosh,
        "tanh_slope": lambda u: context.sech(u) ** 2 if context.mag(u) < LARGEST else context.mpf(0),
        "root": real(context.power),
        "pow": real(lambda base, exponent: base**exponent if base > 0 else nan),
        "hypot": lambda *sides: reduce(context.hypot, sides),
        "sqrt1pm1": real(lambda u: u / (1 + context.sqrt(1 + u))),
        "rest": lambda total, *parts: context.fsum((-1, *parts)),
        "where_defined": lambda side, value: value if side == side else nan,
    }
