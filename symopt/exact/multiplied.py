"""Polynomials of expressions that are not too large once multiplied out: SymPy's own `as_poly` cannot be interrupted."""

from __future__ import annotations

from math import comb
from typing import Final

from sympy import Expr, Integer, Poly, Symbol

MAX_EXPANDED: Final = 4_000
MAX_POWER: Final = 400


def polynomial_or_none(expression: Expr, *symbols: Symbol) -> Poly | None:
    """`expression.as_poly(*symbols)`; None too where multiplying out would give too many terms.

    >>> from sympy.abc import x, y, z, w
    >>> polynomial_or_none((x + 1)**2, x)
    Poly(x**2 + 2*x + 1, x, domain='ZZ')
    >>> polynomial_or_none((x + y + z + w)**100, x, y, z, w) is None
    True
    """
    return None if expanded_terms(expression) > MAX_EXPANDED else expression.as_poly(*symbols)


def expanded_terms(expression: Expr) -> int:
    """An upper bound for the number of terms once products and powers are multiplied out, or more than the limit."""
    if expression.is_Add:
        return min(sum(expanded_terms(arg) for arg in expression.args), MAX_EXPANDED + 1)
    if expression.is_Mul:
        total = 1
        for arg in expression.args:
            total *= expanded_terms(arg)
            if total > MAX_EXPANDED:
                return MAX_EXPANDED + 1
        return total
    if expression.is_Pow and isinstance(expression.exp, Integer) and not expression.base.is_Atom:
        terms, n = expanded_terms(expression.base), abs(int(expression.exp))
        if terms == 1 or n == 1:
            return terms
        return MAX_EXPANDED + 1 if n > MAX_POWER else min(comb(n + terms - 1, n), MAX_EXPANDED + 1)
    return 1
