"""Where a family of points is cut in three because a quantity along it changes its sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch
from symopt.exact.normal import NotExact, factors
from symopt.exact.relations import is_rational
from symopt.exact.roots import real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_constant

MAX_DEGREE: Final = 8
Cut = tuple[Branch, Symbol, Expr]


def where_to_cut(branch: Branch, quantities: Iterable[Expr]) -> Cut | None:
    """A real symbol of the family and a value of it at which a quantity is 0."""
    for quantity in dict.fromkeys(base for q in quantities for base in _bases(q)):
        for symbol, kind in branch.free:
            poly = quantity.as_poly(symbol) if quantity.free_symbols == {symbol} and kind == "real" else None
            if poly is None or not is_rational(poly) or poly.degree() > MAX_DEGREE:
                continue
            for root in real_roots(poly, symbol):
                value = root.as_radical()
                inside = value is not None and all(
                    r.symbols != {symbol}
                    or signs_of_constant(r.expression.xreplace({symbol: value})) <= SIGNS_OF[r.op]
                    for r in branch.where
                )
                if value is not None and inside:
                    return branch, symbol, value
    return None


def _bases(quantity: Expr) -> tuple[Expr, ...]:
    """The factors of a quantity, or itself where they are not known."""
    try:
        return tuple(base for base, _ in factors(quantity)[1])
    except NotExact:
        return (quantity,)
