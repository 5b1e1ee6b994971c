"""Interval arithmetic over the functions of the class, with balls for the ends.

A range is a pair of exact ends; each operation evaluates its ends with error bounds and rounds outwards, so
that it is never too narrow. The ball type is handed in by `enclosure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, Integer, Rational, Symbol
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symopt.exact.balls import polygamma
from symopt.exact.gamma_functions import order_of
from symopt.exact.gates import MAX_NODES

Interval = tuple[Rational | None, Rational | None]


class Undefined(Exception):
    """The expression cannot be shown to be defined, or is not supported."""


@dataclass(frozen=True)
class Range:
    """All values lie in [low, high]; the ends are exact balls, possibly infinite."""

    low: Any
    high: Any

    def __post_init__(self) -> None:
        if self.low.is_nan() or self.high.is_nan():
            raise Undefined

    @property
    def is_zero(self) -> bool:
        return bool(self.low == 0 and self.high == 0)


class Evaluation:
    """One evaluation over one box at the precision in force, with shared subexpressions evaluated once."""

    def __init__(self, flint: Any, box: Mapping[Symbol, Interval]) -> None:
        self.arb, self.fmpq, self.fmpz = flint.arb, flint.fmpq, flint.fmpz
        self.infinity = self.arb.pos_inf()
        self.one = self.constant(self.arb(1))
        self.zero = self.constant(self.arb(0))
        self.box = box
        self.memo: dict[Any, Range] = {}

    def range(self, expression: Expr) -> Range:
        found = self.memo.get(expression)
        if found is None:
            if len(self.memo) > MAX_NODES:
                raise Undefined
            found = self.memo[expression] = self._evaluate(expression)
        return found

    def _evaluate(self, e: Expr) -> Range:
        if isinstance(e, Rational):
            return self.rational(e, e)
        if isinstance(e, Symbol):
            if e not in self.box:
                raise Undefined
            return self.rational(*self.box[e])
        name = e.func.__name__
        if name == "Piecewise":
            return self.piecewise(e)
        if name == "Pow" and isinstance(e.exp, Integer):
            return self.integer_power(self.range(e.base), int(e.exp))
        if name in _CONSTANTS:
            return self.constant(_CONSTANTS[name](self.arb))
        if name == "polygamma":
            return self.polygamma(e)
        arguments = [self.range(argument) for argument in e.args]
        if name == "Add":
            total = self.zero
            for argument in arguments:
                total = self.add(total, argument)
            return total
        if name == "Mul":
            product = self.one
            for argument in arguments:
                product = self.multiply(product, argument)
            return product
        if name == "Pow":
            return self.real_power(*arguments)
        if name in ("Max", "Min"):
            return self.extreme(name, arguments)
        if name in _FUNCTIONS and (len(arguments) == 1 or name == "Heaviside"):
            return _FUNCTIONS[name](self, *arguments)
        raise Undefined

    # ends

    def constant(self, ball: Any) -> Range:
        return Range(ball.lower(), ball.upper())

    def rational(self, low: Rational | None, high: Rational | None) -> Range:
        if not all(end is None or isinstance(end, Rational) for end in (low, high)):
            raise Undefined
        if low is not None and high is not None and low > high:
            raise ValueError(f"an interval from {low} to {high} is empty")
        return Range(
            -self.infinity if low is None else self.arb(self.fmpq(int(low.p), int(low.q))).lower(),
            self.infinity if high is None else self.arb(self.fmpq(int(high.p), int(high.q))).upper(),
        )

    def increasing(self, function: Callable[[Any], Any], argument: Range) -> Range:
        return Range(function(argument.low).lower(), function(argument.high).upper())

    def decreasing(self, function: Callable[[Any], Any], argument: Range) -> Range:
        return Range(function(argument.high).lower(), function(argument.low).upper())

    @staticmethod
    def _least(ends: list[Any]) -> Any:
        found = ends[0]
        for end in ends:
            found = end if end < found or end.is_nan() else found
        return found

    @staticmethod
    def _greatest(ends: list[Any]) -> Any:
        found = ends[0]
        for end in ends:
            found = end if end > found or end.is_nan() else found
        return found

    # arithmetic

    def add(self, a: Range, b: Range) -> Range:
        return Range((a.low + b.low).lower(), (a.high + b.high).upper())

    def negate(self, a: Range) -> Range:
        return Range(-a.high, -a.low)

    def multiply(self, a: Range, b: Range) -> Range:
        products = [self._end_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
        return Range(
            self._least([p.lower() for p in products]), self._greatest([p.upper() for p in products])
        )

    def _end_product(self, x: Any, y: Any) -> Any:
        if x == 0 or y == 0:  # an infinite end is never attained, so 0 * oo is 0
            return self.arb(0)
        return x * y

    def inverse(self, a: Range) -> Range:
        if not (a.low > 0 or a.high < 0):
            raise Undefined
        return self.decreasing(lambda x: 1 / x, a)

    def integer_power(self, a: Range, exponent: int) -> Range:
        if exponent == 0:
            return self.one
        if exponent < 0:
            return self.inverse(self.integer_power(a, -exponent))
        n = self.fmpz(exponent)
        if exponent % 2:
            return self.increasing(lambda x: x**n, a)
        absolute = self.absolute(a)
        return self.increasing(lambda x: x**n, absolute)

    def real_power(self, base: Range, exponent: Range) -> Range:
        if base.low > 0:
            return self.exponential(self.multiply(exponent, self.logarithm(base)))
        if base.low == 0 and exponent.low > 0:
            if base.high == 0:
                return self.zero
            top = self.exponential(self.multiply(exponent, self.logarithm(Range(base.high, base.high))))
            return Range(self.arb(0), top.high)
        raise Undefined

    # functions

    def exponential(self, a: Range) -> Range:
        raised = self.increasing(lambda x: x.exp(), a)
        return Range(self._greatest([raised.low, self.arb(0)]), raised.high)

    def logarithm(self, a: Range) -> Range:
        if not a.low > 0:
            raise Undefined
        return Range(a.low.log().lower(), a.high if a.high == self.infinity else a.high.log().upper())

    def absolute(self, a: Range) -> Range:
        if a.low >= 0:
            return a
        if a.high <= 0:
            return self.negate(a)
        return Range(self.arb(0), self._greatest([-a.low, a.high]))

    def sign(self, a: Range) -> Range:
        low = 1 if a.low > 0 else 0 if a.low >= 0 else -1
        high = -1 if a.high < 0 else 0 if a.high <= 0 else 1
        return Range(self.arb(low), self.arb(high))

    def heaviside(self, a: Range, at_zero: Range | None = None) -> Range:
        if a.low > 0:
            return self.one
        if a.high < 0:
            return self.zero
        if at_zero is None or not (at_zero.low >= 0 and at_zero.high <= 1):
            raise Undefined
        return at_zero if a.is_zero else Range(self.arb(0), self.arb(1))

    def extreme(self, name: str, arguments: list[Range]) -> Range:
        choose = self._greatest if name == "Max" else self._least
        return Range(choose([a.low for a in arguments]), choose([a.high for a in arguments]))

    def sine(self, a: Range) -> Range:
        return self._wave(a, lambda x: x.sin(), self.arb.pi() / 2)

    def cosine(self, a: Range) -> Range:
        return self._wave(a, lambda x: x.cos(), self.arb(0))

    def _wave(self, a: Range, function: Callable[[Any], Any], top: Any) -> Range:
        """sin or cos, whose maxima are at top + 2 k pi and minima half a turn further."""
        if not (a.low.is_finite() and a.high.is_finite()):
            return Range(self.arb(-1), self.arb(1))
        ends = [function(a.low), function(a.high)]
        low = self._greatest([self._least([end.lower() for end in ends]), self.arb(-1)])
        high = self._least([self._greatest([end.upper() for end in ends]), self.arb(1)])
        if self._meets(a, top + self.arb.pi(), 2 * self.arb.pi()):
            low = self.arb(-1)
        if self._meets(a, top, 2 * self.arb.pi()):
            high = self.arb(1)
        return Range(low, high)

    def _meets(self, a: Range, start: Any, period: Any) -> bool:
        """False only when no start + k period, k an integer, lies in the range."""
        first = ((a.low - start) / period).lower().ceil().lower()
        last = ((a.high - start) / period).upper().floor().upper()
        return not last < first

    def tangent(self, a: Range) -> Range:
        if not (a.low.is_finite() and a.high.is_finite()) or self._meets(a, self.arb.pi() / 2, self.arb.pi()):
            raise Undefined
        return self.increasing(lambda x: x.tan(), a)

    def hyperbolic_cosine(self, a: Range) -> Range:
        return self.increasing(lambda x: x.cosh(), self.absolute(a))

    def on(self, a: Range, low: int, high: int, function: Callable[[Any], Any]) -> Range:
        if not (a.low >= low and a.high <= high):
            raise Undefined
        return self.increasing(function, a)

    def gamma_function(self, a: Range) -> Range:
        """Gamma on positive numbers: its minimum is above 0.8856 and lies between 1.4616 and 1.4617."""
        return self._valley(a, lambda x: x.gamma(), Rational(8856, 10000))

    def log_gamma(self, a: Range) -> Range:
        return self._valley(a, lambda x: x.lgamma(), Rational(-1215, 10000))

    def polygamma(self, e: Expr) -> Range:
        """Of positive numbers, monotone; its limits at oo are oo (of order 0) and 0."""
        order, a = order_of(e), self.range(e.args[1])
        if order is None or not a.low > 0:
            raise Undefined

        def value(end: Any) -> Any:
            if end == self.infinity:
                return self.arb(0) if order else self.infinity
            return polygamma(self, end, order)

        monotone = self.decreasing if order % 2 else self.increasing
        return monotone(value, a)

    def _valley(self, a: Range, function: Callable[[Any], Any], minimum: Rational) -> Range:
        if not a.low > 0:
            raise Undefined
        left, right = (self.arb(self.fmpq(n, 10000)) for n in (14616, 14617))
        if a.low >= right:
            if a.high == self.infinity:
                return Range(function(a.low).lower(), self.infinity)
            return self.increasing(function, a)
        if a.high <= left:
            return self.decreasing(function, a)
        if a.high == self.infinity:
            return Range(self.rational(minimum, minimum).low, self.infinity)
        highest = self._greatest([function(a.low).upper(), function(a.high).upper()])
        lowest = self.rational(minimum, minimum).low
        if a.low.overlaps(a.high):
            lowest = function(a.low).lower()
        return Range(lowest, highest)

    # cases

    def piecewise(self, e: Expr) -> Range:
        """The hull of the branches that are not excluded; every such branch must be defined on the box."""
        found: list[Range] = []
        for value, condition in e.args:
            truth = self.truth(condition)
            if truth is False:
                continue
            found.append(self.range(value))
            if truth:
                return Range(self._least([f.low for f in found]), self._greatest([f.high for f in found]))
        raise Undefined

    def truth(self, condition: Any) -> bool | None:
        """Whether a condition holds on all of the box (True), nowhere on it (False), or unknown (None)."""
        if isinstance(condition, BooleanTrue | BooleanFalse):
            return bool(condition)
        if isinstance(condition, Not):
            inner = self.truth(condition.args[0])
            return None if inner is None else not inner
        if isinstance(condition, And | Or):
            parts = [self.truth(part) for part in condition.args]
            decisive = isinstance(condition, Or)
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        operator = getattr(condition, "rel_op", None)
        if operator is None:
            raise Undefined
        difference = self.add(self.range(condition.lhs), self.negate(self.range(condition.rhs)))
        if operator in ("<", "<="):
            difference, operator = self.negate(difference), operator.replace("<", ">")
        if operator == ">":
            return True if difference.low > 0 else False if difference.high <= 0 else None
        if operator == ">=":
            return True if difference.low >= 0 else False if difference.high < 0 else None
        equal = True if difference.is_zero else False if difference.low > 0 or difference.high < 0 else None
        return equal if operator == "==" or equal is None else not equal


_CONSTANTS: Final[dict[str, Callable[[Any], Any]]] = {
    "Pi": lambda arb: arb.pi(),
    "Exp1": lambda arb: arb.const_e(),
    "EulerGamma": lambda arb: arb.const_euler(),
    "Catalan": lambda arb: arb.const_catalan(),
    "GoldenRatio": lambda arb: (1 + arb(5).sqrt()) / 2,
}

_FUNCTIONS: Final[dict[str, Callable[..., Range]]] = {
    "exp": Evaluation.exponential,
    "log": Evaluation.logarithm,
    "Abs": Evaluation.absolute,
    "sign": Evaluation.sign,
    "Heaviside": Evaluation.heaviside,
    "sin": Evaluation.sine,
    "cos": Evaluation.cosine,
    "tan": Evaluation.tangent,
    "cot": lambda e, a: e.multiply(e.cosine(a), e.inverse(e.sine(a))),
    "sec": lambda e, a: e.inverse(e.cosine(a)),
    "csc": lambda e, a: e.inverse(e.sine(a)),
    "sinh": lambda e, a: e.increasing(lambda x: x.sinh(), a),
    "cosh": Evaluation.hyperbolic_cosine,
    "tanh": lambda e, a: e.increasing(lambda x: x.tanh(), a),
    "coth": lambda e, a: e.inverse(e.increasing(lambda x: x.tanh(), a)),
    "sech": lambda e, a: e.inverse(e.hyperbolic_cosine(a)),
    "csch": lambda e, a: e.inverse(e.increasing(lambda x: x.sinh(), a)),
    "asinh": lambda e, a: e.increasing(lambda x: x.asinh(), a),
    "acosh": lambda e, a: e.on(a, 1, 10**400, lambda x: x.acosh()),
    "atanh": lambda e, a: e.on(a, -1, 1, lambda x: x.atanh()),
    "atan": lambda e, a: e.increasing(lambda x: x.atan(), a),
    "asin": lambda e, a: e.on(a, -1, 1, lambda x: x.asin()),
    "acos": lambda e, a: e.negate(e.on(a, -1, 1, lambda x: -(x.acos()))),
    "erf": lambda e, a: e.increasing(lambda x: x.erf(), a),
    "erfc": lambda e, a: e.decreasing(lambda x: x.erfc(), a),
    "gamma": Evaluation.gamma_function,
    "loggamma": Evaluation.log_gamma,
    "LambertW": lambda e, a: e.increasing(lambda x: x.lambertw(), a),
}
