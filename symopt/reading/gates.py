"""What must be refused before SymPy is asked, because it would compute for hours or write gigabytes."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, log2
from typing import Final

from sympy import Add, Expr, Integer, Mul, Rational, S, Symbol, log

from symopt.errors import InputError
from symopt.exact.dependence import distinct_parts, is_number
from symopt.reading.parsing import MAX_BITS

MAX_ROOT_BITS: Final = 140  # of a number under a root, whose factors SymPy looks for
MAX_EXPONENT: Final = 10**10
MAX_ANGLE: Final = Integer(10) ** 1000  # SymPy reduces it modulo pi
MAX_COMPARED: Final = 500  # size of what stands inside |.|, max, min, piecewise: SymPy compares it
MAX_COMPARISONS: Final = 1_000


def bits(expression: Expr) -> float:
    """The bits of the numbers in the constant factors: what an integer power multiplies.

    >>> from sympy import symbols
    >>> bits(Integer(8)), bits(8 * symbols("x") / 4), bits(symbols("x") + 8)
    (3.0, 1.0, 0)
    """
    if isinstance(expression, Symbol | Rational):  # by far the most
        return 0 if isinstance(expression, Symbol) else _number_bits(expression)
    return sum(
        _number_bits(number)
        for factor in Mul.make_args(expression)
        if not factor.free_symbols
        for number in factor.atoms(Rational)
    )


def check_power(base: Expr, exponent: Expr) -> None:
    """Refuse `base^exponent` when a number in it would have too many digits."""
    logarithms = {part for part in distinct_parts(exponent) if isinstance(part, log)}
    size = bits(base) + sum(bits(inner.args[0]) for inner in logarithms)
    constant = is_number(exponent)
    if not size and not constant:
        return
    multiplier = max(abs(term.as_coeff_Mul()[0]) for term in Add.make_args(exponent))
    if constant:
        multiplier = max(multiplier, _check_magnitude(exponent, Integer(MAX_EXPONENT), "exponent"))
    if size and multiplier * int(size + 1) > MAX_BITS:
        raise InputError("this power is a number with too many digits")
    if bits(base) > MAX_ROOT_BITS and not exponent.is_Integer:
        raise InputError("the number under this root has too many digits")


def check_product(factors: Iterable[Expr]) -> None:
    """Refuse a product whose numbers multiply to one with too many digits."""
    if sum(bits(factor) for factor in factors) > MAX_BITS:
        raise InputError("the numbers in this product multiply to one with too many digits")


def check_sum(terms: Iterable[Expr]) -> None:
    """Refuse a sum of fractions whose common denominator has too many digits."""
    common = 1
    for term in terms:
        denominator = term.as_coeff_Mul()[0].q
        common = common // gcd(common, denominator) * denominator
        if common.bit_length() > MAX_BITS:
            raise InputError("the common denominator of this sum has too many digits")


def check_angle(argument: Expr) -> None:
    """Refuse the sine of a constant so large that its reduction modulo pi takes long."""
    if not argument.free_symbols:
        _check_magnitude(argument, MAX_ANGLE, "angle")


def check_factorial(argument: Expr) -> None:
    """Refuse the gamma function of a large number, which SymPy multiplies out."""
    if isinstance(argument, Rational) and abs(argument) > 300:
        raise InputError("this value of the gamma function has too many digits")


def check_number(number: Expr) -> None:
    """Refuse a number with too many digits."""
    if isinstance(number, Rational) and _number_bits(number) > MAX_BITS:
        raise InputError("this number has too many digits")


def _number_bits(number: Rational) -> float:
    return log2(abs(number.p) or 1) + log2(number.q) if number.q else 0.0


def _check_magnitude(constant: Expr, limit: Integer, what: str) -> Expr:
    # An estimate is enough: the limits are far from what anybody needs and from what is dangerous.
    size = abs(constant) if isinstance(constant, Rational) else abs(constant.evalf(5))
    if not size.is_Number or size is S.NaN:
        return S.Zero
    if size > limit:
        raise InputError(f"the {what} {_short(constant)} is too large")
    return size


def _short(constant: Expr) -> str:
    text = str(constant)
    return text if len(text) <= 20 else f"{text[:10]}...{text[-4:]}"
