"""Polynomial expressions over Q, expanded by FLINT: the short way to a canonical form and to the zero test."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

from symopt.exact.gates import check_power, check_product
from symopt.exact.univariate import rational

MAX_DEGREE: Final = 400


@lru_cache(maxsize=8192)
def expanded(expression: Expr) -> Expr | None:
    """The expression as a sum of monomials; None where it is no polynomial over Q. Raises TooLarge by its gates.

    >>> from sympy.abc import x, y
    >>> expanded((x + y)**2 - y**2), expanded(1/x) is None
    (x**2 + 2*x*y, True)
    """
    symbols = tuple(sorted(_symbols(expression) or (), key=str))
    found = polynomial_in(expression, symbols)
    return None if found is None else _expression(found, symbols)


def remainder(expression: Expr, divisor: Expr, symbol: Symbol) -> Expr | None:
    """The remainder by a polynomial that is led by a number in the symbol; None where one is no polynomial over Q.

    >>> from sympy.abc import a, b
    >>> remainder(a**2 * b**2, b**2 - a**3, b)
    a**5
    """
    used, other = _symbols(expression), _symbols(divisor)
    if used is None or other is None:
        return None
    symbols = (symbol, *sorted((used | other) - {symbol}, key=str))
    _, rest = divmod(polynomial_in(expression, symbols), polynomial_in(divisor, symbols))
    return _expression(rest, symbols)


def _expression(found: Any, symbols: tuple[Symbol, ...]) -> Expr:
    terms = []
    for exponents, c in found.to_dict().items():
        powers = (Pow(s, int(e)) for s, e in zip(symbols, exponents, strict=False) if e)
        terms.append(Mul(Rational(int(c.p), int(c.q)), *powers))
    return Add(*terms)


def vanishes_identically(expression: Expr) -> bool | None:
    """Whether a polynomial expression over Q is 0; None where it is none."""
    found = polynomial_in(expression, tuple(sorted(_symbols(expression) or (), key=str)))
    return None if found is None else bool(found == 0)


@lru_cache(maxsize=8192)
def _symbols(expression: Expr) -> frozenset[Symbol] | None:
    """The symbols of a polynomial expression; None for another one."""
    if isinstance(expression, Symbol):
        return frozenset((expression,))
    if isinstance(expression, Rational):
        return frozenset()
    if isinstance(expression, (Add, Mul)):
        parts = [_symbols(part) for part in expression.args]
        known = [part for part in parts if part is not None]
        return frozenset().union(*known) if len(known) == len(parts) else None
    whole = isinstance(expression, Pow) and isinstance(expression.exp, Integer)
    return _symbols(expression.base) if whole and 0 < expression.exp <= MAX_DEGREE else None


def polynomial_in(expression: Expr, symbols: tuple[Symbol, ...]) -> Any:
    """FLINT's polynomial of an expression in these symbols, or None."""
    if _symbols(expression) is None:
        return None
    context = _context(max(len(symbols), 1))
    known: dict[Expr, Any] = dict(zip(symbols, context.gens(), strict=False))
    return _along(expression, known, context)


@lru_cache(maxsize=32)
def _context(size: int) -> Any:
    import flint

    return flint.fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(size)), flint.Ordering.lex)


def _along(tree: Expr, known: dict[Expr, Any], context: Any) -> Any:
    found = known.get(tree)
    if found is not None:
        return found
    if isinstance(tree, Rational):
        found = context.constant(rational(tree))
    elif isinstance(tree, Add):
        found = _along(tree.args[0], known, context)
        for part in tree.args[1:]:
            found = found + _along(part, known, context)
    elif isinstance(tree, Mul):
        found = _along(tree.args[0], known, context)
        for part in tree.args[1:]:
            factor = _along(part, known, context)
            check_product(found, factor)
            found = found * factor
    else:
        base, exponent = _along(tree.base, known, context), int(tree.exp)
        if len(base) > 1:
            check_power(base.to_dict(), exponent)
        found = base**exponent
    known[tree] = found
    return found
