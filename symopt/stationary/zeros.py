"""The zeros of a function of one variable that no formula gives: monotone pieces, and pieces without a zero.

Exact enclosures at rational points propose where the function and its slope change sign; every piece is then proved.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, cast

from sympy import Expr, Heaviside, Rational, Symbol, sign

from symopt.derivation.claims import Context, Number, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import on_interval, rational_bounds
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

Piece = tuple[Expr | None, Expr | None, Number | Expr | None]
REACH: Final = (
    *(Rational(2) ** Rational(k) for k in range(-6, -2)),
    *(Rational(k, 4) for k in range(1, 33)),
    *(Rational(2) ** Rational(k) for k in range(4, 7)),
)
BISECTIONS: Final = 40
MAX_DENOMINATOR: Final = 12
NEAR: Final = Rational(1, 10**6)


def isolate_zeros(
    equation: Expr, symbol: Symbol, context: Context, fresh: Callable[[tuple[str, ...]], Symbol]
) -> tuple[tuple[Piece, ...], tuple[Step, ...]] | None:
    """Pieces that cover the interval of the context, with a proof for each; None when a piece cannot be proved."""
    if equation.has(sign, Heaviside):
        return None  # constant on pieces, and no zeros of a slope tell where
    try:
        slope = canonical(derivative_by_table(equation, symbol))
    except NotExact:
        return None
    low, high = (None if end is None else end[0] for end in rational_bounds(symbol, context.relations))
    cuts = _cuts(equation, slope, symbol, low, high)
    if cuts is None:
        return None
    pieces: list[Piece] = []
    steps: list[Step] = []
    edges = [low, *cuts, high]
    for left, right in pairwise(edges):
        found = _prove_piece(equation, slope, symbol, left, right, context, fresh)
        if found is None:
            return None
        number, step = found
        pieces.append((left, right, number))
        steps.append(step)
    return tuple(pieces), tuple(steps)


def _prove_piece(
    equation: Expr,
    slope: Expr,
    symbol: Symbol,
    left: Expr | None,
    right: Expr | None,
    context: Context,
    fresh: Callable[[tuple[str, ...]], Symbol],
) -> tuple[Number | Expr | None, Step] | None:
    ends = (
        *(() if left is None else (Relation(symbol - left, ">="),)),
        *(() if right is None else (Relation(symbol - right, "<="),)),
    )
    interval = on_interval(symbol, (*context.relations, *ends), left, right)
    bracket = _bracket(equation, symbol, left, right, interval)
    if bracket is None:
        for op in (">", "<"):
            step = prove_relation(Relation(equation, op), context.with_condition(*ends))
            if step is not None:
                return None, step
        return None
    for op in (">", "<", ">=", "<="):
        step = prove_relation(Relation(slope, op), Context((), interval))
        if step is not None:
            exact = _exact_zero(equation, symbol, bracket)
            if exact is not None:
                return exact, step
            name = fresh(("r",))
            return Number(name, equation.xreplace({symbol: name}), None, bracket), step
    return None


def isolated_zero(
    equation: Expr, symbol: Symbol, interval: tuple[Relation, ...], name: Symbol
) -> Number | None:
    """The zero in an open interval, between two rational numbers at which the function has opposite signs."""
    low, high = (None if end is None else end[0] for end in rational_bounds(symbol, interval))
    bracket = _bracket(equation, symbol, low, high, interval)
    return None if bracket is None else Number(name, equation.xreplace({symbol: name}), None, bracket)


def _exact_zero(equation: Expr, symbol: Symbol, bracket: tuple[Rational, Rational]) -> Expr | None:
    """A simple rational number in the bracket at which the function is 0."""
    low, high = bracket
    for denominator in range(1, MAX_DENOMINATOR + 1):
        value = Rational(round((low + high) / 2 * denominator), denominator)
        if abs(value - low) > NEAR or abs(value - high) > NEAR:
            continue
        if signs_of_constant(equation.xreplace({symbol: value})) == SIGNS_OF["=="]:
            return value
    return None


def _holds_at(relation: Relation, symbol: Symbol, point: Expr) -> bool:
    return signs_of_constant(relation.expression.xreplace({symbol: point})) <= SIGNS_OF[relation.op]


def _sign(equation: Expr, symbol: Symbol, point: Expr) -> int | None:
    values = enclose(equation, {symbol: (cast(Rational, point), cast(Rational, point))}, 30)
    if values is None:
        return None
    return 1 if values[0] > 0 else -1 if values[1] < 0 else 0 if values == (0, 0) else None


def _points(low: Expr | None, high: Expr | None) -> tuple[Expr, ...]:
    """Rational points that reach out to the ends of the interval."""
    if low is not None and high is not None:
        return tuple(low + (high - low) * Rational(k, 64) for k in range(1, 64))
    if low is not None:
        return tuple(low + step for step in REACH)
    if high is not None:
        return tuple(high - step for step in reversed(REACH))
    return (*(-step for step in reversed(REACH)), Rational(0), *REACH)


def _cuts(
    equation: Expr, slope: Expr, symbol: Symbol, low: Expr | None, high: Expr | None
) -> list[Expr] | None:
    """Rational points around each place where the slope changes sign, such that the function keeps its sign between."""
    signs = [(p, _sign(slope, symbol, p)) for p in _points(low, high)]
    known = [(p, s) for p, s in signs if s is not None]
    cuts: list[Expr] = []
    for (a, s), (b, t) in pairwise(known):
        if s == 0:
            cuts.append(a)
        elif s * t < 0:
            turn = _bisected(slope, symbol, a, b)
            if turn is None:
                return None
            cuts += [turn[0], turn[1]]
    return sorted(set(cuts))


def _bisected(function: Expr, symbol: Symbol, a: Expr, b: Expr) -> tuple[Expr, Expr] | None:
    """A short rational interval in which the function changes sign."""
    first = _sign(function, symbol, a)
    for _ in range(12):
        middle = (a + b) / 2
        sign = _sign(function, symbol, middle)
        if sign is None:
            return None
        if sign == 0:
            return middle - (b - a) / 64, middle + (b - a) / 64
        if sign == first:
            a = middle
        else:
            b = middle
    return a, b


def _bracket(
    equation: Expr,
    symbol: Symbol,
    left: Expr | None,
    right: Expr | None,
    interval: tuple[Relation, ...],
) -> tuple[Rational, Rational] | None:
    """A short rational interval, inside that of the relations, at whose ends the function has opposite signs."""
    inner = _points(left, right)
    points = (*(() if left is None else (left,)), *inner, *(() if right is None else (right,)))
    about = [r for r in interval if symbol in r.symbols]
    signs = [(p, _sign(equation, symbol, p)) for p in points if all(_holds_at(r, symbol, p) for r in about)]
    known = [(p, s) for p, s in signs if s is not None]
    for (a, s), (b, t) in pairwise(known):
        if s == 0:
            return cast(Rational, a), cast(Rational, a)
        if t == 0:
            return cast(Rational, b), cast(Rational, b)
        if s * t < 0:
            for _ in range(BISECTIONS):
                middle = (a + b) / 2
                sign = _sign(equation, symbol, middle)
                if sign == 0:
                    return cast(Rational, middle), cast(Rational, middle)
                if sign is None:
                    break
                a, b = (middle, b) if sign == s else (a, middle)
            return cast(Rational, a), cast(Rational, b)
    return None
