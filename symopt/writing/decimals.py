"""Decimals beside exact forms: proposed by SymPy, printed only where an exact comparison agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, cast

from sympy import Expr, Float, Integer, Rational, Symbol

from symopt.derivation.claims import Number
from symopt.exact.boxes import SquareSystem
from symopt.exact.enclosure import enclose, sign_of_constant
from symopt.writing.mathematics import Tokens

DIGITS: Final = 30
SHOWN_DIGITS: Final = 5
_LONG: Final = 10**25
_ORDER: Final = ("<", "<=", ">", ">=", "!=", "->", "-", "+")
_GUARD_DIGITS: Final = 15
_MOST_DIGITS: Final = 2000


def decimal_text(value: Expr, numbers: Sequence[Number] = (), digits: int = DIGITS) -> str | None:
    """`value` to `digits` significant digits, short where it ends earlier; None where that is not settled.

    >>> from sympy import sqrt
    >>> decimal_text(sqrt(2)), decimal_text(Rational(-5, 2)), decimal_text(sqrt(2), digits=5)
    ('1.41421356237309504880168872421', '-2.5', '1.4142')
    """
    if isinstance(value, Rational):
        return _rounded(value, digits)
    used = _together(tuple(number for number in numbers if value.has(number.symbol)), numbers)
    if used:
        return _at_numbers(value, used, digits)
    if not value.is_number:
        return None
    proposed = _evaluated(value, digits + _GUARD_DIGITS)
    if proposed is None:
        return None
    margin = Rational(1, 10 ** (digits + _GUARD_DIGITS - 5)) * max(1, abs(proposed))
    inside = (
        sign_of_constant(value - proposed + margin) == 1 and sign_of_constant(proposed + margin - value) == 1
    )
    return _rounded(proposed, digits) if inside else None


def shortened(tokens: Tokens) -> Tokens:
    """The formula with numbers of very many digits told by their decimals: `f(x) ≈ 0.074319`.

    >>> shortened((Symbol("x"), "==", Rational(1, 3**99))), shortened((Rational(1, 3),))
    ((x, 'approx', 5.8210e-48), (1/3,))
    """
    found: Tokens = ()
    for place, token in enumerate(tokens):
        said = tokens[place - 1] if place else None
        if not isinstance(token, Rational) or max(abs(token.p), token.q) < _LONG or said in _ORDER:
            found += (token,)
            continue
        decimals = Float(_rounded(token, SHOWN_DIGITS), SHOWN_DIGITS)
        found = (
            *(found[:-1] if said == "==" else found),
            *(() if said == "approx" else ("approx",)),
            decimals,
        )
    return found


def _rounded(value: Rational, digits: int) -> str:
    with localcontext() as context:
        context.prec = digits
        quotient = Decimal(int(value.p)) / Decimal(int(value.q))
        text = format(quotient, "f") if -7 < quotient.adjusted() < digits else format(quotient, "e")
    exact = Fraction(text) == Fraction(int(value.p), int(value.q))
    if exact and "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if value == 0 else text


def _evaluated(value: Expr, digits: int) -> Rational | None:
    """A rational number near a constant, as SymPy proposes it."""
    approximation = value.evalf(digits, maxn=_MOST_DIGITS)
    if not approximation.is_Float and not approximation.is_Integer and not approximation.is_Rational:
        return None
    return Rational(str(approximation))


def _at_numbers(value: Expr, numbers: tuple[Number, ...], digits: int) -> str | None:
    """The value where it is the same, rounded, at both ends of intervals shrunk around the numbers."""
    if any(number.varies for number in numbers):
        return None
    low: dict[Symbol, Rational] = {}
    high: dict[Symbol, Rational] = {}
    joint = _joint(numbers)
    box = {} if not joint else shrunk_together(joint, digits + _GUARD_DIGITS)
    for number in numbers:
        interval = box.get(number.symbol) if joint else shrunk(number, digits + _GUARD_DIGITS)
        if interval is None:
            return None
        low[number.symbol], high[number.symbol] = interval
    text = _between(enclose(value, {s: (low[s], high[s]) for s in low}, 2 * digits), digits)
    if joint or text is not None:
        return text
    ends = [_evaluated(value.xreplace(values), digits + _GUARD_DIGITS) for values in (low, high)]
    if ends[0] is None or ends[1] is None:
        return None
    texts = {_rounded(end, digits) for end in ends if end is not None}
    return texts.pop() if len(texts) == 1 else None


def _between(bounds: tuple[Rational, Rational] | None, digits: int) -> str | None:
    """The decimals that two bounds of a value share."""
    texts = {_rounded(end, digits) for end in bounds or ()}
    return texts.pop() if len(texts) == 1 else None


def _joint(numbers: Sequence[Number]) -> tuple[Number, ...]:
    """The numbers, when their equations hold several of them."""
    return tuple(numbers) if any(len(n.equation.free_symbols) > 1 for n in numbers) else ()


def _together(used: tuple[Number, ...], numbers: Sequence[Number]) -> tuple[Number, ...]:
    """The numbers used, with all those that are known only together with them."""
    return tuple(numbers) if used and _joint(numbers) else used


def shrunk_together(numbers: Sequence[Number], digits: int) -> Mapping[Symbol, tuple[Rational, Rational]]:
    """Intervals of width about 10^-digits around numbers known by a system of equations."""
    system = SquareSystem(tuple(n.equation for n in numbers), tuple(n.symbol for n in numbers))
    if not system.is_smooth:
        return {}
    box = system.narrowed(tuple(n.interval for n in numbers), int(digits * 3.4) + 10)
    return (
        {}
        if box is None
        else dict(zip(system.unknowns, cast("tuple[tuple[Rational, Rational], ...]", box), strict=True))
    )


def shrunk(number: Number, digits: int) -> tuple[Rational, Rational] | None:
    """An interval around the number of relative width 10^-digits, by Newton's iteration or by bisection."""
    low, high = number.interval
    if not (isinstance(low, Rational) and isinstance(high, Rational)):
        return None
    if number.equation.free_symbols != {number.symbol}:
        return None
    width = Rational(1, 10**digits)
    found = shrunk_together((number,), digits).get(number.symbol)
    if found is not None and found[1] - found[0] <= width * min(map(abs, found)):
        return found

    def sign_at(place: Rational) -> int | None:
        # The place is not put in: SymPy takes minutes for the sine of a long fraction of pi.
        ends = enclose(number.equation, {number.symbol: (place, place)}, 2 * digits)
        if ends is not None and ends[0] * ends[1] > 0:
            return 1 if ends[0] > 0 else -1
        return sign_of_constant(number.equation.xreplace({number.symbol: place}))

    left, right = sign_at(low), sign_at(high)
    if left == 0 or right == 0:
        end = low if left == 0 else high
        return end, end
    if left is None or right is None or left == right:
        return None
    while high - low > width * max(abs(low), abs(high)) and high - low > width**2:
        middle = Rational(low + high) / Integer(2)
        sign = sign_at(middle)
        if sign is None:
            return None
        if sign == 0:
            return middle, middle
        low, high = (middle, high) if sign == left else (low, middle)
    return low, high
