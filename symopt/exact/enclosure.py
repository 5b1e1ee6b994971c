"""Rigorous enclosures of expressions over boxes, and signs of constants, by ball arithmetic.

With `boxes` the only module that uses FLINT's balls; `ranges` has the interval arithmetic. Source: Johansson, Arb:
efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Trans. Comput. 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from sympy import Expr, Rational, S, Symbol

from symopt.exact.algebraic import separation_bits
from symopt.exact.gates import TooLarge, Unsupported, operations
from symopt.exact.normal import canonical
from symopt.exact.ranges import Evaluation, Interval, Range, Undefined

_MAX_SCALE: Final = 40_000  # bits of the exponent of a bound that is turned into a rational
_MAX_ZERO_TERMS: Final = 400  # operations of a constant whose exact zero test is tried


def enclose(
    expression: Expr, box: Mapping[Symbol, Interval] | None = None, digits: int = 30
) -> tuple[Rational, Rational] | None:
    """Rational bounds of all values of the expression while its symbols run over the box, ends included.

    None when the expression cannot be shown to be defined on the whole box, has a symbol outside the box, or
    is not bounded there, and where the box is empty. `digits` sets the working precision, not the width.

    >>> from sympy.abc import x
    >>> enclose(x**2 + 1, {x: (S(-1), S(2))})
    (1, 5)
    >>> enclose(1/x, {x: (S(-1), S(2))}) is None
    True
    """
    if any(_is_empty(ends) for ends in (box or {}).values()):
        return None
    found = _range(expression, box or {}, digits)
    if found is None:
        return None
    low, high = _to_rational(found.low), _to_rational(found.high)
    return None if low is None or high is None else (low, high)


def _is_empty(ends: Interval) -> bool:
    low, high = ends
    return isinstance(low, Rational) and isinstance(high, Rational) and bool(low > high)


def enclosed_minors(
    matrix: Sequence[Sequence[tuple[Rational, Rational]]], digits: int = 30
) -> tuple[tuple[Rational, Rational], ...] | None:
    """Bounds of the leading minors of all matrices with entries in these intervals, from order 1 to n.

    >>> enclosed_minors((((S(2), S(2)), (S(1), S(1))), ((S(1), S(1)), (S(3), S(3)))))
    ((2, 2), (5, 5))
    """
    import flint

    with flint.ctx.workprec(int(digits * 3.33) + 40):
        evaluation = Evaluation(flint, {})
        balls = [[_ball(evaluation.rational(*entry)) for entry in row] for row in matrix]
        minors = [flint.arb_mat([row[:k] for row in balls[:k]]).det() for k in range(1, len(balls) + 1)]
        bounds = [(_to_rational(minor.lower()), _to_rational(minor.upper())) for minor in minors]
    known = tuple((low, high) for low, high in bounds if low is not None and high is not None)
    return known if len(known) == len(bounds) else None


def _ball(found: Range) -> Any:
    return found.low.union(found.high)


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
    """Whether a defined constant is proved to be zero: by its canonical form or a separation bound."""
    if operations(expression) > _MAX_ZERO_TERMS:
        return False
    try:
        value = canonical(expression)
    except (TooLarge, Unsupported):
        return False
    bits = separation_bits(value)
    if bits is None:
        return bool(value.is_Rational and value.is_zero)
    found = _range(value, {}, bits // 3 + 10)
    if found is None or not (found.low.is_finite() and found.high.is_finite()):
        return False
    low, high = (_to_rational(end) for end in (found.low, found.high))
    return low is not None and high is not None and max(abs(low), abs(high)) * 2**bits < 1


def _exact_value(expression: Expr) -> Expr:
    """The rational number that a constant is proved to be, else the constant."""
    if operations(expression) > _MAX_ZERO_TERMS or (found := _range(expression, {}, 30)) is None:
        return expression
    if found.low <= 0 <= found.high and sign_of_constant(expression) == 0:
        return S.Zero
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


def _range(expression: Expr, box: Mapping[Symbol, Interval], digits: int) -> Range | None:
    import flint

    with flint.ctx.workprec(int(digits * 3.33) + 40):
        try:
            return Evaluation(flint, box).range(expression)
        except (Undefined, RecursionError, OverflowError):
            return None


def _to_rational(ball: Any) -> Rational | None:
    if not ball.is_finite():
        return None
    mantissa, exponent = ball.man_exp()
    if abs(int(exponent)) > _MAX_SCALE:
        return None
    return Rational(int(mantissa)) * Rational(2) ** int(exponent)
