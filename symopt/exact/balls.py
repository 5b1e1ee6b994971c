"""Expressions as straight-line programs over balls: many quick rigorous evaluations in bounded boxes.

A ball that is no finite number stands for "not defined, or not bounded". Source: Johansson, Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic, IEEE Trans. Comput. 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sympy import Expr, Integer, Rational, S, Symbol, gamma

from symopt.exact.gamma_functions import order_of
from symopt.exact.gates import Unsupported

MAX_SCALE: Final = 20_000
MAX_POWER: Final = 200

FUNCTIONS: Final[Mapping[str, str]] = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "erf", "erfc")},
}
CONSTANTS: Final[Mapping[str, str]] = {"Pi": "pi", "Exp1": "const_e"}

Instruction = tuple[str, tuple[int, ...], Any]


@dataclass(frozen=True)
class Program:
    """Instructions in order; each refers to earlier results, the first of which are the unknowns."""

    instructions: tuple[Instruction, ...]
    results: tuple[int, ...]

    def run(self, flint: Any, arguments: list[Any]) -> list[Any]:
        """The values of the expressions at balls for the unknowns."""
        values = list(arguments)
        for kind, places, data in self.instructions:
            values.append(_OPERATIONS[kind](flint, [values[i] for i in places], data))
        return [values[i] for i in self.results]


def _power(flint: Any, arguments: list[Any], exponent: int) -> Any:
    """By squares: the library's own power has no value where the ball holds 0."""
    square, left, power = arguments[0], abs(exponent), flint.arb(1)
    while left:
        if left % 2:
            power = power * square
        left //= 2
        square = square * square if left else square
    return power if exponent > 0 else 1 / power


def _sum(flint: Any, arguments: list[Any], data: Any) -> Any:
    total = arguments[0]
    for argument in arguments[1:]:
        total = total + argument
    return total


def _product(flint: Any, arguments: list[Any], data: Any) -> Any:
    total = arguments[0]
    for argument in arguments[1:]:
        total = total * argument
    return total


def _real_power(flint: Any, arguments: list[Any], data: Any) -> Any:
    base, exponent = arguments
    return (exponent * base.log()).exp()


def polygamma(flint: Any, argument: Any, order: int) -> Any:
    """The derivatives of log gamma at a ball of positive numbers, by Hurwitz's zeta function; else no finite ball."""
    if not argument > 0:
        return flint.arb.nan()
    if order == 0:
        return argument.digamma()
    return flint.arb(order + 1).zeta(argument) * flint.arb(order).fac() * (-1) ** (order + 1)


def _of_gamma(flint: Any, arguments: list[Any], order: int | None) -> Any:
    """gamma (None), log-gamma (-1) and the polygamma functions, which are monotone: by the ends of the ball."""
    (argument,) = arguments
    if not argument > 0:
        return flint.arb.nan()
    if order is None:
        return argument.gamma()
    if order < 0:
        return argument.lgamma()
    return polygamma(flint, argument.lower(), order).union(polygamma(flint, argument.upper(), order))


_OPERATIONS: Final[Mapping[str, Callable[[Any, list[Any], Any], Any]]] = {
    "rational": lambda flint, arguments, data: flint.arb(flint.fmpq(*data)),
    "constant": lambda flint, arguments, name: getattr(flint.arb, name)(),
    "sum": _sum,
    "product": _product,
    "power": _power,
    "root": lambda flint, arguments, data: arguments[0].sqrt(),
    "real power": _real_power,
    "of gamma": _of_gamma,
    "function": lambda flint, arguments, name: getattr(arguments[0], name)(),
}


@lru_cache(maxsize=512)
def program_of(expressions: tuple[Expr, ...], unknowns: tuple[Symbol, ...]) -> Program:
    """The program that evaluates the expressions; Unsupported for functions that have no ball arithmetic here."""
    places: dict[Expr, int] = {u: i for i, u in enumerate(unknowns)}
    instructions: list[Instruction] = []

    def place_of(e: Expr) -> int:
        found = places.get(e)
        if found is not None:
            return found
        made = instruction(e)
        instructions.append(made)
        places[e] = len(unknowns) + len(instructions) - 1
        return places[e]

    def instruction(e: Expr) -> Instruction:
        if isinstance(e, Rational):
            return "rational", (), (int(e.p), int(e.q))
        name = e.func.__name__
        if name in CONSTANTS:
            return "constant", (), CONSTANTS[name]
        if e.is_Add or e.is_Mul:
            return ("sum" if e.is_Add else "product"), tuple(place_of(a) for a in e.args), None
        if e.is_Pow and isinstance(e.exp, Integer) and abs(e.exp) <= MAX_POWER:
            return "power", (place_of(e.base),), int(e.exp)
        if e.is_Pow and e.exp == S.Half:
            return "root", (place_of(e.base),), None
        if e.is_Pow:
            return "real power", (place_of(e.base), place_of(e.exp)), None
        if name in FUNCTIONS and len(e.args) == 1:
            return "function", (place_of(e.args[0]),), FUNCTIONS[name]
        if isinstance(e, gamma) or order_of(e) is not None:
            return "of gamma", (place_of(e.args[-1]),), order_of(e)
        raise Unsupported(f"no balls for {name}")

    results = tuple(place_of(e) for e in expressions)
    return Program(tuple(instructions), results)


@contextmanager
def working(bits: int) -> Iterator[Any]:
    """The ball library at a working precision."""
    import flint

    with flint.ctx.workprec(bits):
        yield flint


def flint_rational(flint: Any, value: Rational) -> Any:
    return flint.fmpq(int(value.p), int(value.q))


def ball_of(flint: Any, low: Any, high: Any) -> Any:
    """A ball that holds the interval between two rationals."""
    return flint.arb(low) if low == high else flint.arb(low).union(flint.arb(high))


def ends_of(value: Any) -> tuple[Rational, Rational] | None:
    """The ends of a ball as rationals; None when it is not finite."""
    if not value.is_finite():
        return None
    found = []
    for end in (value.lower(), value.upper()):
        mantissa, exponent = end.man_exp()
        shift = int(exponent)
        if abs(shift) > MAX_SCALE:
            return None
        m = int(mantissa)
        found.append(Rational(m << shift) if shift >= 0 else Rational(m, 1 << -shift))
    return found[0], found[1]


def near(value: Any, bits: int) -> Rational:
    """A rational with denominator 2^bits near the middle of a finite ball."""
    mantissa, exponent = value.mid().man_exp()
    m, shift = int(mantissa), int(exponent) + bits
    return Rational(m << shift if shift >= 0 else m >> -shift, 1 << bits)
