"""The size gates of the exact algebra: what is too large is refused before it is begun."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any, Final

from sympy import Basic, Expr, Pow, S, Symbol, factorial, gamma, loggamma, polygamma

from symopt.exact.dependence import coarse_parts, contents, has_function

MAX_NODES: Final = 20_000  # distinct subexpressions of an input
MAX_TERMS: Final = 8_000  # terms of one polynomial
MAX_PRODUCTS: Final = 400_000  # pairs of terms multiplied at once
MAX_BITS: Final = 100_000  # bits of one number
MAX_EXPONENT: Final = 10_000  # degree of one power
MAX_ROOT: Final = 360  # common index of the roots of one base
MAX_MULTIPLE: Final = 12  # angle multiples that are expanded
MAX_GCD_BITS: Final = 2_000_000  # size of the integers behind a greatest common divisor
MAX_FACTOR_TERMS: Final = 400
MAX_FACTOR_DEGREE: Final = 300
MAX_FACTOR_VOLUME: Final = 20_000
MAX_FACTORIAL: Final = 200


class NotExact(Exception):
    """Exact algebra does not answer: the base of its refusals."""


class TooLarge(NotExact):
    """The expression is beyond the size that exact algebra takes on."""


class Unsupported(NotExact):
    """The expression is outside the class, or nowhere defined."""


def check_product(left: Any, right: Any) -> None:
    """Refuse a product of polynomials with too many pairs of terms."""
    if len(left) * len(right) > MAX_PRODUCTS:
        raise TooLarge(f"a product of {len(left)} by {len(right)} terms")


def check_power(base: Any, exponent: int) -> None:
    """Refuse a power of a polynomial with too many terms, too high a degree or too long coefficients."""
    if exponent <= 1 or not base:
        return
    degree = max((max(monomial, default=0) for monomial in base), default=0)
    if (exponent > MAX_EXPONENT and (degree or len(base) > 1)) or degree * exponent > MAX_EXPONENT:
        raise TooLarge(f"a power of degree {degree * exponent}")
    if coefficient_bits([base]) * exponent > MAX_BITS:
        raise TooLarge(f"a number raised to the power {exponent}")
    terms = 1
    for step in range(1, len(base)):
        terms = terms * (exponent + step) // step
        if terms > MAX_TERMS:
            raise TooLarge(f"a power {exponent} of {len(base)} terms")


def check_gcd(left: Any, right: Any) -> None:
    """Refuse a greatest common divisor whose integer images would be huge."""
    degrees = [max(a, b) + 1 for a, b in zip(left.degrees(), right.degrees(), strict=True)]
    if prod(degrees) * coefficient_bits([left, right]) > MAX_GCD_BITS:
        raise TooLarge("a greatest common divisor of high degree in many symbols")


def check_factor(polynomial: Any) -> None:
    """Refuse a factorisation of many terms or of high degree."""
    degrees = polynomial.degrees()
    volume = prod(degree + 1 for degree in degrees)
    if len(polynomial) > MAX_FACTOR_TERMS or volume > MAX_FACTOR_VOLUME or max(degrees) > MAX_FACTOR_DEGREE:
        raise TooLarge("a factorisation of high degree")


def coefficient_bits(polynomials: Iterable[Any]) -> int:
    """The largest number of bits of a numerator or denominator among the coefficients."""
    return max(
        (
            max(int(c.numerator).bit_length(), int(c.denominator).bit_length())
            for polynomial in polynomials
            for c in polynomial.values()
        ),
        default=0,
    )


def is_tower(expression: Expr) -> bool:
    """Whether its value at a small whole number may have more digits than there is memory for: x^(x^x), gamma(2^x).

    >>> from sympy.abc import x
    >>> is_tower(x**(x**x)), is_tower(x**x + 2**x), is_tower((x**x)**2)
    (True, False, False)
    """
    if not has_function(expression, gamma, factorial) and contents(expression).moving_powers <= 1:
        return False
    rising = sum(
        isinstance(node, (gamma, factorial)) or (isinstance(node, Pow) and not node.exp.is_Rational)
        for node, _ in coarse_parts(expression)
    )
    return rising > 1 and _height(expression) > 1


def _height(expression: Expr) -> int:
    """How many powers with a moving exponent, or factorials, stand in each other's exponents."""
    if not expression.free_symbols:
        return 0
    if isinstance(expression, Pow) and expression.base != S.Exp1 and expression.exp.free_symbols:
        return max(_height(expression.base), 1 + _height(expression.exp))
    below = max(_height(arg) for arg in expression.args) if expression.args else 0
    return below + isinstance(expression, (gamma, factorial))


def check_factorials(expression: Expr, values: Mapping[Symbol, Expr]) -> None:
    """Refuse gamma(u) and its kind at a large number, which SymPy multiplies (or adds) out term by term."""
    for node in expression.atoms(gamma, loggamma, polygamma, factorial):
        value = node.args[-1].xreplace(values)
        if value.is_Rational and abs(value) > MAX_FACTORIAL:
            raise TooLarge("the gamma function of a large number")


def operations(expression: Basic, most: int = MAX_NODES) -> int:
    """The number of operations in an expression as it is written; what has more than `most` is not counted out.

    >>> from sympy import exp
    >>> from sympy.abc import x, y
    >>> operations(x - y - 1), operations(exp(x * y) + x * y), operations(x)
    (2, 4, 0)
    """
    count, stack = 0, [expression]
    while stack and count <= most:
        node = stack.pop()
        if node.args:
            negated = node.is_Mul and node.args[0] is S.NegativeOne
            count += max(len(node.args) - 1, 1) - negated
            stack.extend(node.args)
    return count
