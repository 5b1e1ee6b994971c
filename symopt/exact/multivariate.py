"""Polynomials in several symbols as FLINT's, for what is slow in Python: factors, divisors, Groebner bases.

A polynomial is a table from exponents to rational coefficients. FLINT cannot be interrupted, so that callers put
their size gates before, and the bases stop at limits of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import lcm
from typing import Any, Final

from symopt.exact.gates import TooLarge

Table = dict[tuple[int, ...], Any]
MAX_BASIS: Final = 120
MAX_TERMS: Final = 400
MAX_BITS: Final = 4000


@lru_cache(maxsize=32)
def _context(size: int) -> Any:
    import flint

    return flint.fmpz_mpoly_ctx.get(tuple(f"x{i}" for i in range(size)), flint.Ordering.degrevlex)


def _integral(table: Mapping[tuple[int, ...], Any]) -> tuple[dict[tuple[int, ...], int], int]:
    """The table times its common denominator, and that."""
    below = lcm(*(int(c.denominator) for c in table.values()), 1)
    return {m: int(c.numerator) * (below // int(c.denominator)) for m, c in table.items()}, below


def factored_table(table: Mapping[tuple[int, ...], Any]) -> tuple[tuple[int, int], list[tuple[Table, int]]]:
    """(numerator, denominator) of the constant, and irreducible factors over Z with their exponents."""
    size = len(next(iter(table)))
    whole, below = _integral(table)
    try:
        constant, parts = _context(size).from_dict(whole).factor()
    except OverflowError:  # FLINT orders factors by their coefficients in machine words
        raise TooLarge("a factor with very large coefficients") from None
    return (int(constant), below), [(dict(part.to_dict()), int(power)) for part, power in parts]


def common_divisor(left: Mapping[tuple[int, ...], Any], right: Mapping[tuple[int, ...], Any]) -> Table:
    """A greatest common divisor over Z."""
    context = _context(len(next(iter(left))))
    a, b = (context.from_dict(_integral(table)[0]) for table in (left, right))
    return dict(a.gcd(b).to_dict())


def groebner_basis(tables: Sequence[Mapping[tuple[int, ...], Any]]) -> list[Table]:
    """The reduced Groebner basis in the graded reverse lexicographic order, over Z; leading terms first.

    Raises TooLarge where the basis, or a polynomial of it, grows beyond the limits.
    """
    import flint

    context = _context(len(next(iter(tables[0]))))
    system = flint.fmpz_mpoly_vec([context.from_dict(_integral(table)[0]) for table in tables], context)
    found = system.buchberger_naive(limits=(MAX_BASIS, MAX_TERMS, MAX_BITS))
    basis, complete = found if isinstance(found, tuple) else (found, True)
    if not complete:
        raise TooLarge("a Groebner basis beyond the limits")
    return [_ordered(polynomial) for polynomial in basis.autoreduction()]


def _ordered(polynomial: Any) -> Table:
    """The table with its leading term first."""
    monomials = (tuple(int(e) for e in m) for m in polynomial.monoms())
    return dict(zip(monomials, polynomial.coeffs(), strict=True))
