"""Polynomials at one algebraic number: computing in Q[s] modulo the number's equation.

A polynomial expression is evaluated along its tree, with every intermediate result reduced, so that nothing is ever
expanded. Source: Cohen, A Course in Computational Algebraic Number Theory, chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from sympy import Add, Expr, Integer, Mul, Poly, Pow, Rational, Symbol

from symopt.exact.relations import is_rational
from symopt.exact.univariate import polynomial, rational
from symopt.relation import Relation

MAX_EXPONENT: Final = 200
_PLAIN: Final = Symbol("_s")  # of a number that is rational


def residue(expression: Expr, values: Mapping[Symbol, Expr], relations: Iterable[Relation]) -> Expr | None:
    """The expression at these values as a sum of polynomials in one symbol each, reduced by the equations given for them.

    None where that is not all there is to it: a symbol without an equation, or something that is no polynomial over Q.

    >>> from sympy.abc import r, x, y
    >>> residue(x*y - 1, {x: r**2, y: r}, [Relation(r**3 - 2, "==")])
    1
    """
    needed = _symbols_at(expression, values)
    if len(needed) < 2:
        return _residue(expression, values, needed, relations)
    groups: dict[frozenset[Symbol], list[Expr]] = {}
    for term in Add.make_args(expression):
        groups.setdefault(_symbols_at(term, values), []).append(term)
    if any(len(group) > 1 for group in groups):
        return None
    found = [_residue(Add(*terms), values, group, relations) for group, terms in groups.items()]
    known = [part for part in found if part is not None]
    return Add(*known) if len(known) == len(found) else None


def _symbols_at(expression: Expr, values: Mapping[Symbol, Expr]) -> frozenset[Symbol]:
    return frozenset(s for u in _symbols(expression) for s in _symbols(values.get(u, u)))


@lru_cache(maxsize=16384)
def _symbols(expression: Expr) -> frozenset[Symbol]:
    return frozenset(expression.free_symbols)


def _residue(
    expression: Expr, values: Mapping[Symbol, Expr], needed: frozenset[Symbol], relations: Iterable[Relation]
) -> Expr | None:
    if not needed:
        symbol, equation = _PLAIN, _PLAIN
    else:
        (symbol,) = needed
        given = next((r.expression for r in relations if r.op == "==" and r.symbols == needed), None)
        if given is None or _modulus(given, symbol) is None:
            return None
        equation = given
    table = frozenset((u, values.get(u, u)) for u in _symbols(expression))
    found = _evaluated(expression, table, symbol, equation)
    if found is None:
        return None
    coefficients = [Rational(int(c.p), int(c.q)) for c in reversed(found.coeffs())]
    if len(coefficients) < 2:
        return coefficients[0] if coefficients else Integer(0)
    return Poly.from_list(coefficients, symbol).as_expr()


@lru_cache(maxsize=1024)
def _modulus(equation: Expr, symbol: Symbol) -> Any:
    poly = equation.as_poly(symbol)
    if poly is None or not is_rational(poly) or poly.degree() < 1:
        return None
    return polynomial(poly)


@lru_cache(maxsize=4096)
def _evaluated(
    expression: Expr, table: frozenset[tuple[Symbol, Expr]], symbol: Symbol, equation: Expr
) -> Any:
    import flint

    modulus = _modulus(equation, symbol)
    known: dict[Expr, Any] = {symbol: flint.fmpq_poly([0, 1]) % modulus}
    for unknown, value in table:
        if unknown != symbol:
            known[unknown] = _along(value, {symbol: known[symbol]}, modulus)
    return None if None in known.values() else _along(expression, known, modulus)


def _along(tree: Expr, known: dict[Expr, Any], modulus: Any) -> Any:
    """The tree's value, from what is known of its parts; None where it is no polynomial in them."""
    import flint

    if tree in known:
        return known[tree]
    if isinstance(tree, Rational):
        return flint.fmpq_poly([rational(tree)])
    parts = [_along(part, known, modulus) for part in tree.args[: 1 if isinstance(tree, Pow) else None]]
    if not parts or any(part is None for part in parts):
        return None
    found = None
    if isinstance(tree, Add):
        found = sum(parts[1:], parts[0])
    elif isinstance(tree, Mul):
        found = parts[0]
        for part in parts[1:]:
            found = found * part % modulus
    elif isinstance(tree, Pow) and isinstance(tree.exp, Integer) and 0 < tree.exp <= MAX_EXPONENT:
        found = _power(parts[0], int(tree.exp), modulus)
    known[tree] = found
    return found


def _power(base: Any, exponent: int, modulus: Any) -> Any:
    found = None
    while exponent:
        if exponent & 1:
            found = base if found is None else found * base % modulus
        base, exponent = base * base % modulus, exponent >> 1
    return found
