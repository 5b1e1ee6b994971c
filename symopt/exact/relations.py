"""What relations say of symbols: rational bounds, and polynomial equations to divide by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from sympy import Expr, Poly, Rational, Symbol, sqrt

from symopt.exact.expanding import remainder
from symopt.exact.gates import NotExact
from symopt.exact.normal import factors, numerator_denominator
from symopt.exact.signs import signs_of_constant, signs_of_tree
from symopt.relation import REVERSED, Relation

Bounds = tuple[tuple[Rational, bool] | None, tuple[Rational, bool] | None]


def is_rational(polynomial: Poly) -> bool:
    """Whether all coefficients are rational numbers."""
    return bool(polynomial.domain.is_QQ or polynomial.domain.is_ZZ)


def with_factors(relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The relations and, beside each one, what it says of the factors of its expression.

    A product is not 0 exactly when no factor is; with squares, factors of a sign that the other relations give, and one
    more factor it has the sign of that factor.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> [str(r) for r in with_factors((Relation(x**2 - 1, "!="), Relation(x**2, ">")))]
    ['Ne(x**2, 1)', 'Ne(x, 1)', 'Ne(x, -1)', 'x**2 > 0', 'Ne(x, 0)']
    >>> y = symbols("y", real=True)
    >>> [str(r) for r in with_factors((Relation(x * y, ">"), Relation(x, ">")))]
    ['x*y > 0', 'y > 0', 'x > 0']
    """
    found: list[Relation] = []
    for relation in relations:
        found.append(relation)
        if relation.op == "==":
            continue
        try:
            constant, parts = factors(relation.expression)
        except NotExact:
            continue
        others = tuple(r for r in relations if r != relation) if len(parts) > 1 else ()
        signs = [signs_of_tree(base, others) for base, _ in parts]
        turned = (constant < 0) != (
            sum(s == {-1} and power % 2 for s, (_, power) in zip(signs, parts, strict=True)) % 2 == 1
        )
        moving = [part for s, part in zip(signs, parts, strict=True) if s not in ({1}, {-1})]
        odd = [base for base, power in moving if power % 2]
        if relation.is_strict:
            nonzero = [base for base, _ in moving if relation.op == "!=" or base not in odd or len(odd) > 1]
            found += [Relation(base, "!=") for base in nonzero]
        if (
            relation.op != "!="
            and len(odd) == 1
            and len(parts) > 1
            and (relation.is_strict or len(moving) == 1)
        ):
            found.append(Relation(odd[0], REVERSED[relation.op] if turned else relation.op))
    return tuple(dict.fromkeys(found))


def rational_bounds(symbol: Symbol, relations: tuple[Relation, ...]) -> Bounds:
    """The best rational bounds that relations linear in the symbol alone give, each with "is strict"."""
    low: tuple[Rational, bool] | None = None
    high: tuple[Rational, bool] | None = None
    for relation in relations:
        if relation.expression.free_symbols != {symbol} or relation.op == "!=":
            continue
        linear = relation.expression.as_poly(symbol)
        if linear is None or linear.degree() != 1 or not is_rational(linear):
            continue
        slope, offset = linear.all_coeffs()
        end = cast(Rational, -offset / slope)
        upper = relation.op in ("<", "<=", "==") if slope > 0 else relation.op in (">", ">=", "==")
        lower = relation.op in (">", ">=", "==") if slope > 0 else relation.op in ("<", "<=", "==")
        strict = relation.op in ("<", ">")
        if lower and (low is None or (end, strict) > low):
            low = (end, strict)
        if upper and (high is None or (end, not strict) < (high[0], not high[1])):
            high = (end, strict)
    return low, high


def told_by_ends(symbol: Symbol, relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """Relations of one symbol, a quadratic one that holds between its roots told by these; only the closest ends.

    >>> from sympy.abc import t
    >>> [str(r) for r in told_by_ends(t, (Relation(t**2 - 4, "<="), Relation(t, ">=")))]
    ['t >= 0', 't <= 2']
    """
    ends: list[tuple[int, Expr, bool]] = []  # 1 for an upper end, its value, whether it is excluded
    others = []
    for relation in relations:
        poly = relation.expression.as_poly(symbol)
        if poly is None or not is_rational(poly) or relation.op in ("==", "!=") or poly.degree() > 2:
            others.append(relation)
            continue
        below = relation.op in ("<", "<=")
        *square, slope, offset = poly.all_coeffs()
        if not square:
            ends.append((1 if (slope > 0) == below else -1, -offset / slope, relation.is_strict))
            continue
        discriminant = slope**2 - 4 * square[0] * offset
        if (square[0] > 0) != below or discriminant <= 0:
            others.append(relation)
            continue
        middle, half = -slope / (2 * square[0]), sqrt(discriminant) / abs(2 * square[0])
        ends += [(side, middle + side * half, relation.is_strict) for side in (-1, 1)]
    if others or len(ends) == len(relations):
        return relations
    closest = []
    for side in (-1, 1):
        found = [end for end in ends if end[0] == side]
        while len(found) > 1:
            (_, value, strict), (_, other, _) = found[:2]
            signs = signs_of_constant(side * (other - value))
            if len(signs) > 1:
                return relations
            closer = signs == {1} or (signs == {0} and strict)
            found.remove(found[1] if closer else found[0])
        closest += [Relation(symbol - v, ("<" if side > 0 else ">") + "=" * (not s)) for _, v, s in found]
    return tuple(closest)


def on_interval(
    symbol: Symbol, relations: Iterable[Relation], low: Rational | None, high: Rational | None
) -> tuple[Relation, ...]:
    """Of the relations, those that leave an interval of [low, high] to the symbol (None: unbounded).

    Relations without the symbol are kept; those that are not linear in it are left out.

    >>> from sympy.abc import x
    >>> given = [Relation(x + 2, ">"), Relation(x, "!=")]
    >>> len(on_interval(x, given, Rational(0), None)), len(on_interval(x, given, Rational(-1), None))
    (2, 1)
    """
    kept = []
    for relation in relations:
        if symbol not in relation.symbols:
            kept.append(relation)
            continue
        linear = relation.expression.as_poly(symbol) if relation.symbols == {symbol} else None
        if linear is None or linear.degree() != 1:
            continue
        if relation.op != "!=":
            kept.append(relation)
        elif is_rational(linear):
            hole = -linear.TC() / linear.LC()
            if (low is not None and hole <= low) or (high is not None and hole >= high):
                kept.append(relation)
    return tuple(kept)


def reduced(expression: Expr, relations: Iterable[Relation]) -> Expr:
    """The expression with given polynomial equations divided out: equal to it wherever the relations hold.

    >>> from sympy.abc import a, b
    >>> reduced(a**4 + b/a, [Relation(a**3 - b**2, "==")])
    (a**2*b**2 + b)/a
    """
    for relation in relations:
        if relation.op != "==" or not relation.symbols:
            continue
        symbol = _leading_symbol(relation.expression)
        if symbol is None or not expression.has(symbol):
            continue
        if len(relation.symbols) > 1:
            expression = _reduced_fraction(expression, relation.expression, symbol)
            continue
        divisor, dividend = relation.expression.as_poly(symbol), expression.as_poly(symbol)
        if divisor is not None and dividend is not None:
            expression = dividend.rem(divisor).as_expr()
        else:
            expression = _reduced_fraction(expression, relation.expression, symbol)
    return expression


@lru_cache(maxsize=2048)
def _reduced_fraction(expression: Expr, equation: Expr, symbol: Symbol) -> Expr:
    """Numerator and denominator reduced, where both are polynomials and the denominator does not become 0."""
    short = remainder(expression, equation, symbol)
    if short is not None:
        return short
    try:
        parts = numerator_denominator(expression)
    except NotExact:
        return expression
    above, below = (remainder(part, equation, symbol) for part in parts)
    return expression if above is None or below is None or below == 0 else above / below


@lru_cache(maxsize=1024)
def _leading_symbol(equation: Expr) -> Symbol | None:
    """The symbol of the highest degree in which the equation is a polynomial led by a rational number."""
    found = []
    for symbol in sorted(equation.free_symbols, key=str):
        poly = equation.as_poly(symbol)
        if poly is not None and poly.degree() > 0 and poly.LC().is_Rational:
            found.append((poly.degree(), symbol))
    return cast(Symbol, max(found, key=lambda pair: pair[0])[1]) if found else None
