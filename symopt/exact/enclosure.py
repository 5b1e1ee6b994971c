"""Rigorous enclosures of expressions over boxes, and signs of constants, by ball arithmetic.

The only module that uses FLINT's balls. A range is a pair of exact ends; each operation evaluates its ends
with error bounds and rounds outwards, so that it is never too narrow. Source: Johansson, Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic, IEEE Trans. Comput. 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from sympy import Expr, Integer, Rational, S, Symbol
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symopt.exact.gates import MAX_NODES, TooLarge, Unsupported
from symopt.exact.normal import canonical, is_identical

Interval = tuple[Rational | None, Rational | None]
_MAX_SCALE: Final = 20_000  # bits of the exponent of a bound that is turned into a rational
_MAX_ZERO_TERMS: Final = 400  # operations of a constant whose exact zero test is tried


class _Undefined(Exception):
    """The expression cannot be shown to be defined, or is not supported."""


@dataclass(frozen=True)
class _Range:
    """All values lie in [low, high]; the ends are exact balls, possibly infinite."""

    low: Any
    high: Any

    def __post_init__(self) -> None:
        if self.low.is_nan() or self.high.is_nan():
            raise _Undefined

    @property
    def is_zero(self) -> bool:
        return bool(self.low == 0 and self.high == 0)


def enclose(
    expression: Expr, box: Mapping[Symbol, Interval] | None = None, digits: int = 30
) -> tuple[Rational, Rational] | None:
    """Rational bounds of all values of the expression while its symbols run over the box, ends included.

    None when the expression cannot be shown to be defined on the whole box, has a symbol outside the box, or
    is not bounded there. `digits` sets the working precision, not the width.

    >>> from sympy.abc import x
    >>> enclose(x**2 + 1, {x: (S(-1), S(2))})
    (1, 5)
    >>> enclose(1/x, {x: (S(-1), S(2))}) is None
    True
    """
    found = _range(expression, box or {}, digits)
    if found is None:
        return None
    low, high = _to_rational(found.low), _to_rational(found.high)
    return None if low is None or high is None else (low, high)


def sign_of_constant(expression: Expr, max_digits: int = 1000) -> int | None:
    """The sign -1, 0 or 1 of a constant: 0 only by the exact zero test, None when it is not settled.

    >>> from sympy import sqrt, exp, pi
    >>> sign_of_constant(exp(pi) - pi - 20), sign_of_constant(sqrt(2)*sqrt(3) - sqrt(6))
    (-1, 0)
    """
    if isinstance(expression, Rational):
        return 1 if expression > 0 else -1 if expression < 0 else 0
    if expression.free_symbols:
        return None
    digits, tested = 30, False
    while digits <= max_digits:
        found = _range(expression, {}, digits)
        if found is None and digits > 60:
            return None
        if found is not None:
            if found.low > 0:
                return 1
            if found.high < 0:
                return -1
            if found.is_zero:
                return 0
            if not tested:
                tested = True
                if _is_zero(expression):
                    return 0
        digits *= 2
    return None


def decimal(
    expression: Expr,
    box: Mapping[Symbol, Interval] | None = None,
    digits: int = 30,
    refine: Callable[[int], Mapping[Symbol, Interval]] | None = None,
) -> str | None:
    """The value of a constant, correctly rounded to that many significant digits, or None.

    Symbols that stand for one isolated number each have their intervals in `box`; `refine(digits)` gives
    narrower ones, about 10^-digits wide. A finite decimal is written without trailing zeros.

    >>> from sympy import sqrt
    >>> decimal(sqrt(2)/1000, digits=10), decimal(S(5)/4)
    ('0.001414213562', '1.25')
    """
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=10**9, Emin=-(10**9))
    if not expression.free_symbols and not isinstance(expression, Rational):
        expression = _exact_value(expression)
    if isinstance(expression, Rational):
        return _written(_rounded(expression, context), exact=True)
    working = digits + 10
    while working <= 4 * digits + 1000:
        narrowed = refine(working) if refine else box
        bounds = enclose(expression, narrowed, working)
        if bounds is not None and bounds[0] == bounds[1]:
            return _written(_rounded(bounds[0], context), exact=True)
        if bounds is not None and bounds[0] * bounds[1] > 0:
            low, high = (_rounded(bound, context) for bound in bounds)
            if low == high:
                return _written(low, exact=False)
        working *= 2
    return None


def _is_zero(expression: Expr) -> bool:
    if expression.count_ops() > _MAX_ZERO_TERMS:
        return False
    try:
        return is_identical(expression, S.Zero)
    except TooLarge:
        return False


def _exact_value(expression: Expr) -> Expr:
    """The rational number that a constant is proved to be, else the constant."""
    if expression.count_ops() > _MAX_ZERO_TERMS or _range(expression, {}, 30) is None:
        return expression
    try:
        value = canonical(expression)
    except (TooLarge, Unsupported):
        return expression
    return value if isinstance(value, Rational) else expression


def _rounded(value: Rational, context: Context) -> Decimal:
    return context.divide(Decimal(int(value.p)), Decimal(int(value.q)))


def _written(value: Decimal, *, exact: bool) -> str:
    if value.is_zero():
        return "0"
    if exact:
        value = value.normalize(Context(prec=len(value.as_tuple().digits), Emax=10**9, Emin=-(10**9)))
    if -7 < value.adjusted() < 40:
        return format(value, "f")
    sign, digits, _ = value.as_tuple()
    text = "".join(map(str, digits))
    return f"{'-' * sign}{text[0]}{'.' * (len(text) > 1)}{text[1:]}e{value.adjusted():+d}"


# -- evaluation of a range ----------------------------------------------------------------------------


def _range(expression: Expr, box: Mapping[Symbol, Interval], digits: int) -> _Range | None:
    import flint

    with flint.ctx.workprec(int(digits * 3.33) + 40):
        try:
            return _Evaluation(flint, box).range(expression)
        except (_Undefined, RecursionError, OverflowError):
            return None


def _to_rational(ball: Any) -> Rational | None:
    if not ball.is_finite():
        return None
    mantissa, exponent = ball.man_exp()
    if abs(int(exponent)) > _MAX_SCALE:
        return None
    return Rational(int(mantissa)) * Rational(2) ** int(exponent)


class _Evaluation:
    """One evaluation over one box at the precision in force, with shared subexpressions evaluated once."""

    def __init__(self, flint: Any, box: Mapping[Symbol, Interval]) -> None:
        self.arb, self.fmpq, self.fmpz = flint.arb, flint.fmpq, flint.fmpz
        self.infinity = self.arb.pos_inf()
        self.one = self.constant(self.arb(1))
        self.zero = self.constant(self.arb(0))
        self.box = box
        self.memo: dict[Any, _Range] = {}

    def range(self, expression: Expr) -> _Range:
        found = self.memo.get(expression)
        if found is None:
            if len(self.memo) > MAX_NODES:
                raise _Undefined
            found = self.memo[expression] = self._evaluate(expression)
        return found

    def _evaluate(self, e: Expr) -> _Range:
        if isinstance(e, Rational):
            return self.rational(e, e)
        if isinstance(e, Symbol):
            if e not in self.box:
                raise _Undefined
            return self.rational(*self.box[e])
        name = e.func.__name__
        if name == "Piecewise":
            return self.piecewise(e)
        if name == "Pow" and isinstance(e.exp, Integer):
            return self.integer_power(self.range(e.base), int(e.exp))
        if name in _CONSTANTS:
            return self.constant(_CONSTANTS[name](self.arb))
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
        raise _Undefined

    # ends

    def constant(self, ball: Any) -> _Range:
        return _Range(ball.lower(), ball.upper())

    def rational(self, low: Rational | None, high: Rational | None) -> _Range:
        if low is not None and high is not None and low > high:
            raise ValueError(f"an interval from {low} to {high} is empty")
        return _Range(
            -self.infinity if low is None else self.arb(self.fmpq(int(low.p), int(low.q))).lower(),
            self.infinity if high is None else self.arb(self.fmpq(int(high.p), int(high.q))).upper(),
        )

    def increasing(self, function: Callable[[Any], Any], argument: _Range) -> _Range:
        return _Range(function(argument.low).lower(), function(argument.high).upper())

    def decreasing(self, function: Callable[[Any], Any], argument: _Range) -> _Range:
        return _Range(function(argument.high).lower(), function(argument.low).upper())

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

    def add(self, a: _Range, b: _Range) -> _Range:
        return _Range((a.low + b.low).lower(), (a.high + b.high).upper())

    def negate(self, a: _Range) -> _Range:
        return _Range(-a.high, -a.low)

    def multiply(self, a: _Range, b: _Range) -> _Range:
        products = [self._end_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
        return _Range(self._least([p.lower() for p in products]), self._greatest([p.upper() for p in products]))

    def _end_product(self, x: Any, y: Any) -> Any:
        if x == 0 or y == 0:  # an infinite end is never attained, so 0 * oo is 0
            return self.arb(0)
        return x * y

    def inverse(self, a: _Range) -> _Range:
        if not (a.low > 0 or a.high < 0):
            raise _Undefined
        return self.decreasing(lambda x: 1 / x, a)

    def integer_power(self, a: _Range, exponent: int) -> _Range:
        if exponent == 0:
            return self.one
        if exponent < 0:
            return self.inverse(self.integer_power(a, -exponent))
        n = self.fmpz(exponent)
        if exponent % 2:
            return self.increasing(lambda x: x**n, a)
        absolute = self.absolute(a)
        return self.increasing(lambda x: x**n, absolute)

    def real_power(self, base: _Range, exponent: _Range) -> _Range:
        if base.low > 0:
            return self.exponential(self.multiply(exponent, self.logarithm(base)))
        if base.low == 0 and exponent.low > 0:
            if base.high == 0:
                return self.zero
            top = self.exponential(self.multiply(exponent, self.logarithm(_Range(base.high, base.high))))
            return _Range(self.arb(0), top.high)
        raise _Undefined

    # functions

    def exponential(self, a: _Range) -> _Range:
        raised = self.increasing(lambda x: x.exp(), a)
        return _Range(self._greatest([raised.low, self.arb(0)]), raised.high)

    def logarithm(self, a: _Range) -> _Range:
        if not a.low > 0:
            raise _Undefined
        return _Range(a.low.log().lower(), a.high if a.high == self.infinity else a.high.log().upper())

    def absolute(self, a: _Range) -> _Range:
        if a.low >= 0:
            return a
        if a.high <= 0:
            return self.negate(a)
        return _Range(self.arb(0), self._greatest([-a.low, a.high]))

    def sign(self, a: _Range) -> _Range:
        low = 1 if a.low > 0 else 0 if a.low >= 0 else -1
        high = -1 if a.high < 0 else 0 if a.high <= 0 else 1
        return _Range(self.arb(low), self.arb(high))

    def heaviside(self, a: _Range, at_zero: _Range | None = None) -> _Range:
        if a.low > 0:
            return self.one
        if a.high < 0:
            return self.zero
        if at_zero is None or not (at_zero.low >= 0 and at_zero.high <= 1):
            raise _Undefined
        return at_zero if a.is_zero else _Range(self.arb(0), self.arb(1))

    def extreme(self, name: str, arguments: list[_Range]) -> _Range:
        choose = self._greatest if name == "Max" else self._least
        return _Range(choose([a.low for a in arguments]), choose([a.high for a in arguments]))

    def sine(self, a: _Range) -> _Range:
        return self._wave(a, lambda x: x.sin(), self.arb.pi() / 2)

    def cosine(self, a: _Range) -> _Range:
        return self._wave(a, lambda x: x.cos(), self.arb(0))

    def _wave(self, a: _Range, function: Callable[[Any], Any], top: Any) -> _Range:
        """sin or cos, whose maxima are at top + 2 k pi and minima half a turn further."""
        if not (a.low.is_finite() and a.high.is_finite()):
            return _Range(self.arb(-1), self.arb(1))
        ends = [function(a.low), function(a.high)]
        low = self._greatest([self._least([end.lower() for end in ends]), self.arb(-1)])
        high = self._least([self._greatest([end.upper() for end in ends]), self.arb(1)])
        if self._meets(a, top + self.arb.pi(), 2 * self.arb.pi()):
            low = self.arb(-1)
        if self._meets(a, top, 2 * self.arb.pi()):
            high = self.arb(1)
        return _Range(low, high)

    def _meets(self, a: _Range, start: Any, period: Any) -> bool:
        """False only when no start + k period, k an integer, lies in the range."""
        first = ((a.low - start) / period).lower().ceil().lower()
        last = ((a.high - start) / period).upper().floor().upper()
        return not last < first

    def tangent(self, a: _Range) -> _Range:
        if not (a.low.is_finite() and a.high.is_finite()) or self._meets(a, self.arb.pi() / 2, self.arb.pi()):
            raise _Undefined
        return self.increasing(lambda x: x.tan(), a)

    def hyperbolic_cosine(self, a: _Range) -> _Range:
        return self.increasing(lambda x: x.cosh(), self.absolute(a))

    def on(self, a: _Range, low: int, high: int, function: Callable[[Any], Any]) -> _Range:
        if not (a.low >= low and a.high <= high):
            raise _Undefined
        return self.increasing(function, a)

    def gamma_function(self, a: _Range) -> _Range:
        """Gamma on positive numbers: its minimum is above 0.8856 and lies between 1.4616 and 1.4617."""
        return self._valley(a, lambda x: x.gamma(), Rational(8856, 10000))

    def log_gamma(self, a: _Range) -> _Range:
        return self._valley(a, lambda x: x.lgamma(), Rational(-1215, 10000))

    def _valley(self, a: _Range, function: Callable[[Any], Any], minimum: Rational) -> _Range:
        if not a.low > 0:
            raise _Undefined
        left, right = (self.arb(self.fmpq(n, 10000)) for n in (14616, 14617))
        if a.low >= right:
            return self.increasing(function, a)
        if a.high <= left:
            return self.decreasing(function, a)
        highest = self._greatest([function(a.low).upper(), function(a.high).upper()])
        lowest = self.rational(minimum, minimum).low
        if a.low.overlaps(a.high):
            lowest = function(a.low).lower()
        return _Range(lowest, highest)

    # cases

    def piecewise(self, e: Expr) -> _Range:
        """The hull of the branches that are not excluded; every such branch must be defined on the box."""
        found: list[_Range] = []
        for value, condition in e.args:
            truth = self.truth(condition)
            if truth is False:
                continue
            found.append(self.range(value))
            if truth:
                return _Range(self._least([f.low for f in found]), self._greatest([f.high for f in found]))
        raise _Undefined

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
            raise _Undefined
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

_FUNCTIONS: Final[dict[str, Callable[..., _Range]]] = {
    "exp": _Evaluation.exponential,
    "log": _Evaluation.logarithm,
    "Abs": _Evaluation.absolute,
    "sign": _Evaluation.sign,
    "Heaviside": _Evaluation.heaviside,
    "sin": _Evaluation.sine,
    "cos": _Evaluation.cosine,
    "tan": _Evaluation.tangent,
    "cot": lambda e, a: e.multiply(e.cosine(a), e.inverse(e.sine(a))),
    "sec": lambda e, a: e.inverse(e.cosine(a)),
    "csc": lambda e, a: e.inverse(e.sine(a)),
    "sinh": lambda e, a: e.increasing(lambda x: x.sinh(), a),
    "cosh": _Evaluation.hyperbolic_cosine,
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
    "gamma": _Evaluation.gamma_function,
    "loggamma": _Evaluation.log_gamma,
    "LambertW": lambda e, a: e.increasing(lambda x: x.lambertw(), a),
}
