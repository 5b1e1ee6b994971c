"""Polynomials whose coefficients hold one square root of an integer, taken apart over that quadratic field."""

from __future__ import annotations

from typing import Final

from sympy import Expr, Integer, Pow, S, Symbol
from sympy.polys.polyerrors import PolynomialError

from symopt.exact.multiplied import polynomial_or_none

MAX_DEGREE: Final = 6
MAX_SURD: Final = 10**6

Factors = tuple[Expr, tuple[tuple[Expr, int], ...]]


def surd_factors(expression: Expr, symbol: Symbol) -> Factors | None:
    """Constant and factors over Q(sqrt(d)) of a polynomial in the symbol whose coefficients hold sqrt(d) alone.

    None where it is no such polynomial, or has no factors there. The product is to be checked by whoever uses it.

    >>> from sympy import sqrt
    >>> x = Symbol("x", real=True)
    >>> surd_factors(4*x**3 - 16*x - 64*sqrt(3)/9, x)
    (4, ((x - 4*sqrt(3)/3, 1), (x + 2*sqrt(3)/3, 2)))
    """
    roots = {power.base for power in expression.atoms(Pow) if power.exp in (S.Half, -S.Half)}
    if expression.free_symbols != {symbol} or len(roots) != 1:
        return None
    (radicand,) = roots
    if not isinstance(radicand, Integer) or not 1 < radicand < MAX_SURD:
        return None
    polynomial = polynomial_or_none(expression, symbol)
    if polynomial is None or not 2 <= polynomial.degree() <= MAX_DEGREE:
        return None
    try:
        constant, found = polynomial.set_domain(f"QQ<sqrt({radicand})>").factor_list()
    except PolynomialError:
        return None
    factors = tuple((factor.as_expr(), power) for factor, power in found)
    return (constant, factors) if len(factors) > 1 or factors[0][1] > 1 else None
