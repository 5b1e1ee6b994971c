"""How close to zero an expression in real radicals can come without being zero.

If a is an algebraic integer of degree at most D, and all its conjugates are at most u in absolute value,
then a = 0 or |a| >= u^(1 - D): its norm is a nonzero integer. An expression made of integers, sums,
products and roots is such an a after multiplication by an integer m; the bound u is read from the
expression, as the conjugates of a root are roots of conjugates, and D is at most the product of the root
indices. Source: Burnikel, Fleischer, Mehlhorn, Schirra, A strong and easily computable separation bound for
arithmetic expressions involving radicals, Algorithmica 27 (2000).
"""

from __future__ import annotations

from math import lcm, prod
from typing import Final

from sympy import Add, Expr, Integer, Mul, Pow, Rational, integer_nthroot

_MAX_BITS: Final = 20_000


def separation_bits(expression: Expr) -> int | None:
    """b such that the expression is 0 or at least 2^-b in absolute value; None outside the class, too large.

    >>> from sympy import sqrt
    >>> separation_bits(sqrt(2*sqrt(6) + 5) - sqrt(2) - sqrt(3))
    61
    """
    indices: dict[tuple[Expr, int], int] = {}
    bounds = _bounds(expression, indices)
    if bounds is None:
        return None
    multiplier, size = bounds
    bits = (prod(indices.values()) - 1) * max(size, 1).bit_length() + multiplier.bit_length()
    return bits if bits <= _MAX_BITS else None


def _bounds(expression: Expr, indices: dict[tuple[Expr, int], int]) -> tuple[int, int] | None:
    """(m, u): m times the expression is an algebraic integer, its conjugates at most u. Notes indices."""
    match expression:
        case Rational():
            return int(expression.q), abs(int(expression.p))
        case Add() | Mul():
            parts = [_bounds(part, indices) for part in expression.args]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            if isinstance(expression, Mul):
                return _gated(prod(m for m, _ in known), prod(u for _, u in known))
            common = lcm(*(m for m, _ in known))
            return _gated(common, sum(u * (common // m) for m, u in known))
        case Pow(base=base, exp=Integer() as exponent) if 0 < exponent < 100:
            inner = _bounds(base, indices)
            return None if inner is None else _gated(inner[0] ** int(exponent), inner[1] ** int(exponent))
        case Pow(base=base, exp=Rational() as exponent) if 0 < exponent < 100 and exponent.q < 100:
            inner = _bounds(base, indices)
            if inner is None:
                return None
            index, multiplier = int(exponent.q), inner[0]
            indices[base, index] = index
            root, exact = integer_nthroot(inner[1] * multiplier ** (index - 1), index)
            size = int(root) + (not exact)
            return _gated(multiplier ** int(exponent.p), size ** int(exponent.p))
    return None


def _gated(multiplier: int, size: int) -> tuple[int, int] | None:
    return (multiplier, size) if max(multiplier, size).bit_length() <= _MAX_BITS else None
