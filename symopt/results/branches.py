"""Points and families of points: substitution, and the JSON of a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sympy import Expr, Rational, Symbol

from symopt.derivation.claims import Branch, Number
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational
from symopt.exact.roots import real_roots
from symopt.writing.decimals import decimal_text
from symopt.writing.syntax import condition_text, expression_text

Values = Mapping[Symbol, Expr]
DIGITS: Final = 40


def branch_at(branch: Branch, values: Values) -> Branch:
    """The branch with symbols replaced everywhere but in its unknowns' names."""
    return Branch(
        tuple((symbol, value.xreplace(values)) for symbol, value in branch.at),
        tuple(_number_at(number, values) for number in branch.numbers),
        branch.free,
        tuple(relation.at(dict(values)) for relation in branch.where),
    )


def _number_at(number: Number, values: Values) -> Number:
    """The number at values of the parameters; in an interval of its own where these leave rational coefficients."""
    equation = number.equation.xreplace(values)
    ends = tuple(end.xreplace(values) for end in number.interval)
    if number.varies and equation.free_symbols == {number.symbol} and number.index is not None:
        poly = equation.as_poly(number.symbol)
        roots = real_roots(poly) if poly is not None and is_rational(poly) else ()
        if number.index < len(roots):
            return Number(number.symbol, equation, number.index, roots[number.index].interval)
    found = Number(number.symbol, equation, number.index, (ends[0], ends[1]), number.slope)
    return _isolated(found) if found.index is None and equation.free_symbols == {number.symbol} else found


def _isolated(number: Number) -> Number:
    """The only zero in an open interval, where the slope is known, in a short closed one with rational ends."""
    if not number.slope:
        return number
    low, high = number.interval
    bracket: dict[int, Rational] = {}
    for point in _inner_points(low, high):
        values = enclose(number.equation, {number.symbol: (point, point)}, 2 * DIGITS)
        if values is not None and values[0] == values[1] == 0:
            return Number(number.symbol, number.equation, None, (point, point))
        if values is not None and values[0] * values[1] > 0:
            side = number.slope if values[0] > 0 else -number.slope  # 1: the zero lies to the left
            known = bracket.get(side)
            if known is None or side * (known - point) > 0:
                bracket[side] = point
    if len(bracket) < 2:
        return number
    return Number(number.symbol, number.equation, None, (bracket[-1], bracket[1]))


def _inner_points(low: Expr, high: Expr) -> tuple[Rational, ...]:
    """Rational points of an interval, up to very near its ends and very far out."""
    steps = [Rational(2) ** k for k in range(-64, 65)]
    near, far = (
        (Rational(str(end.evalf(DIGITS))) if end.is_finite and end.is_number else None) for end in (low, high)
    )
    if near is not None and far is not None:
        width = far - near
        inner = [near + width * s for s in steps if s < 1] + [far - width * s for s in steps if s < 1]
    elif near is not None or far is not None:
        inner = [near + s for s in steps] if near is not None else [far - s for s in steps if far is not None]
    else:
        inner = [turn * s for s in steps for turn in (-1, 1)] + [Rational(0)]
    return tuple(sorted(inner))


def branch_symbols(branch: Branch) -> frozenset[Symbol]:
    """The parameters that the branch depends on: neither its free symbols nor its auxiliary numbers."""
    expressions = [value for _, value in branch.at]
    for number in branch.numbers:
        expressions += [number.equation, *number.interval]
    expressions += [relation.expression for relation in branch.where]
    inner = {number.symbol for number in branch.numbers} | {symbol for symbol, _ in branch.free}
    return frozenset(symbols_of(*expressions) - inner)


def symbols_of(*expressions: Expr) -> frozenset[Symbol]:
    """The free symbols of all the expressions."""
    return frozenset[Symbol]().union(*(expression.free_symbols for expression in expressions))


def branch_to_dict(branch: Branch) -> dict[str, object]:
    """`at`, and where they say something `with`, `decimal`, `free` and `where`.

    >>> from sympy import Rational, Symbol
    >>> branch_to_dict(Branch(((Symbol("x", real=True), Rational(1, 3)),)))
    {'at': {'x': '1/3'}, 'decimal': {'x': '0.333333333333333333333333333333'}}
    """
    entry: dict[str, object] = {"at": {str(symbol): expression_text(value) for symbol, value in branch.at}}
    if branch.numbers:
        entry["with"] = {str(number.symbol): _number_to_dict(number) for number in branch.numbers}
    if not branch.free and not branch_symbols(branch):
        decimals = {str(symbol): decimal_text(value, branch.numbers) for symbol, value in branch.at}
        if None not in decimals.values():
            entry["decimal"] = decimals
    if branch.free:
        entry["free"] = {str(symbol): kind for symbol, kind in branch.free}
    if branch.free or branch.where:
        entry["where"] = condition_text(branch.where)
    return entry


def _number_to_dict(number: Number) -> dict[str, object]:
    counted = number.varies and number.index is not None
    interval = None if counted else [expression_text(end) for end in number.interval]
    if number.index is None:
        return {"zero_of": expression_text(number.equation), "interval": interval}
    return {"root_of": expression_text(number.equation), "index": number.index, "interval": interval}
