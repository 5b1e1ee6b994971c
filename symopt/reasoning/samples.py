"""Sample points of a context: a claim that fails at one of them need not be tried.

Samples only ever stop a search for a proof; they never decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

import sympy as sp
from sympy import Expr, Symbol

from symopt.derivation.claims import Context
from symopt.exact.normal import NotExact, factors
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.evaluating import NoValue, Value, evaluated, exactly
from symopt.relation import Relation

TRIES: Final = 400
WANTED: Final = 12
MARGIN: Final = 1e-7
ANYWHERE: Final = Context()
FEW: Final = 3  # points of the parameters, and places on a line, where a sign is looked at
MANY: Final = 12
HALVINGS: Final = 80
VALUES: Final = tuple(
    Fraction(n, d)
    for n, d in (
        (0, 1),
        (1, 1),
        (-1, 1),
        (2, 1),
        (-2, 1),
        (1, 2),
        (-1, 2),
        (3, 1),
        (-3, 1),
        (5, 1),
        (-5, 1),
        (1, 4),
        (-1, 4),
        (10, 1),
        (-10, 1),
        (3, 2),
        (-3, 2),
        (1, 10),
        (-1, 10),
        (7, 3),
    )
)
PARTS: Final = tuple(
    Fraction(n, d) for n, d in ((1, 2), (1, 4), (3, 4), (1, 10), (9, 10), (1, 3), (3, 5), (1, 50))
)
BESIDE: Final = tuple(
    sign * Fraction(n, d)
    for n, d in ((1, 100), (1, 10), (1, 2), (3, 1), (1, 10**4), (1, 10**9), (30, 1), (1000, 1))
    for sign in (1, -1)
)
STEPS: Final = tuple(
    Fraction(n, d) for n, d in ((1, 1), (1, 2), (2, 1), (1, 10), (5, 1), (1, 100), (1, 4), (20, 1))
)


def fails_at_a_sample(relation: Relation, context: Context) -> bool:
    """Whether a point of the context is found where the relation is clearly false.

    >>> x = Symbol("x", real=True)
    >>> fails_at_a_sample(Relation(x, ">"), Context()), fails_at_a_sample(Relation(x**2 + 1, ">"), Context())
    (True, False)
    """
    symbols = tuple(
        sorted({s for r in (relation, *context.relations) for s in r.symbols}, key=lambda s: s.name)
    )
    return any(holds_at(relation, point) is False for point in _samples(context, symbols))


def changes_sign(expression: Expr, context: Context) -> bool:
    """Whether for some values of what the context restricts, an expression takes values of both signs on a line.

    The symbols that no relation holds are free to move; where the expression is continuous it is then 0 somewhere.

    >>> x, a = (Symbol(name, real=True) for name in "xa")
    >>> changes_sign(x**3 + a, Context()), changes_sign(x**2 + a**2, Context((), (Relation(a, ">"),)))
    (True, False)
    """
    held = {s for r in context.relations for s in r.symbols}
    moving = tuple(sorted(expression.free_symbols - held, key=str))
    fixed = tuple(sorted(held, key=str))
    if not moving or not expression.is_polynomial(*moving):
        return _crosses(expression, context)
    points: tuple[Mapping[Symbol, Value], ...] = _samples(context, fixed)[:FEW] if fixed else ({},)
    for point in points:
        seen: set[bool] = set()
        for place in islice(_candidates(moving), MANY):
            try:
                value = evaluated(expression, {**point, **place})
            except (NoValue, ArithmeticError, ValueError):
                break
            if value == 0:
                return True
            if abs(float(value)) > MARGIN:
                seen.add(value > 0)
        if len(seen) == 2:
            return True
    return False


def _crosses(expression: Expr, context: Context) -> bool:
    """The same along a symbol that moves in an interval, for an expression without poles there."""
    below = [power.base for power in expression.atoms(sp.Pow) if not power.exp.is_positive]
    if any(0 in signs_of_tree(b, context.relations) for b in below) or expression.has(sp.tan, sp.cot):
        return False
    for symbol in sorted(expression.free_symbols, key=str)[:FEW]:
        touching = [r for r in context.relations if symbol in r.symbols]
        about = [r for r in touching if _is_bound(r)]
        if not all(r in about or _follows(r, about) for r in touching):
            continue
        rest = Context((), tuple(r for r in context.relations if r not in about))
        others = tuple(sorted((expression.free_symbols | _symbols_of(rest)) - {symbol}, key=str))
        places = [place for place in _along(symbol, about) if all(holds_at(r, place) for r in about)]
        for point in _samples(rest, others)[:FEW] if others else ({},):
            signs = {holds_at(Relation(expression, ">"), {**point, **place}) for place in places}
            if {True, False} <= signs:
                return True
    return False


def _symbols_of(context: Context) -> set[Expr]:
    return {s for r in context.relations for s in r.symbols}


def _is_bound(relation: Relation) -> bool:
    """Whether a relation bounds its one symbol by a number."""
    slope = relation.expression.diff(*relation.symbols) if len(relation.symbols) == 1 else sp.S.Zero
    return bool(relation.op not in ("==", "!=") and slope.is_number and slope != 0)


def _follows(relation: Relation, bounds: list[Relation]) -> bool:
    """Whether the bounds give the signs of the factors, and by these the relation: 1 - x^2 > 0 for -1 < x < 1."""
    try:
        constant, parts = factors(relation.expression)
    except NotExact:
        return False
    tree = sp.Mul(constant, *(sp.Pow(base, power) for base, power in parts), evaluate=False)
    return signs_of_tree(tree, tuple(bounds)) <= SIGNS_OF[relation.op]


def _along(symbol: Symbol, bounds: list[Relation]) -> Iterator[Mapping[Symbol, Value]]:
    """Simple values, and some beside the bounds."""
    for value in VALUES:
        yield {symbol: value}
    ends = []
    for relation in bounds:
        slope = relation.expression.diff(symbol)
        end = -relation.expression.xreplace({symbol: sp.S.Zero}) / slope
        ends.append(Fraction(int(end.p), int(end.q)) if end.is_Rational else Fraction(float(end)))
    for end in ends:
        for step in BESIDE:
            yield {symbol: end + step}
    for low, high in pairwise(sorted(set(ends))):
        for part in PARTS:
            yield {symbol: low + (high - low) * part}


@lru_cache(maxsize=512)
def _samples(context: Context, symbols: tuple[Symbol, ...]) -> tuple[Mapping[Symbol, Value], ...]:
    """Points that satisfy every relation of the context, in a fixed order."""
    equations = tuple(r.expression for r in context.relations if r.op == "==")
    others = [r for r in context.relations if r.op != "=="]
    found: list[Mapping[Symbol, Value]] = []
    for point in _on_equations(equations, symbols, context) if equations else _candidates(symbols, context):
        if all(holds_at(r, point) for r in others):
            found.append(point)
            if len(found) == WANTED * len(symbols):
                break
    return tuple(found)


def _on_equations(
    equations: tuple[Expr, ...], symbols: tuple[Symbol, ...], context: Context
) -> Iterator[Mapping[Symbol, Value]]:
    """Points on polynomial equations, each solved for a symbol of its own, in decimals."""
    pivots: dict[Expr, tuple[Symbol, list[Expr]]] = {}
    for equation in sorted(equations, key=lambda e: len(e.free_symbols)):
        for symbol in sorted(equation.free_symbols - {s for s, _ in pivots.values()}, key=str):
            poly = equation.as_poly(symbol)
            degree = 0 if poly is None else poly.degree()
            if poly is not None and degree > (len(pivots[equation][1]) - 1 if equation in pivots else 0):
                pivots[equation] = symbol, poly.all_coeffs()
        if equation not in pivots:
            return
    solved = {symbol for symbol, _ in pivots.values()}
    for start in _candidates(tuple(s for s in symbols if s not in solved), context):
        points: list[dict[Symbol, Value]] = [dict(start)]
        waiting = list(pivots.values())
        while waiting:
            ready = next((p for p in waiting if all(c.free_symbols <= set(points[0]) for c in p[1])), None)
            if ready is None:
                return
            waiting.remove(ready)
            symbol, coefficients = ready
            points = [
                {**point, symbol: root} for point in points for root in _roots(_values(coefficients, point))
            ]
            if not points:
                break
        yield from points


def _values(expressions: list[Expr], point: Mapping[Symbol, Value]) -> list[float]:
    """The values at a point; none where one of them has none."""
    try:
        values = [float(evaluated(expression, point)) for expression in expressions]
    except (NoValue, ArithmeticError, ValueError):
        return []
    return values if all(map(math.isfinite, values)) else []


def _roots(coefficients: list[float]) -> list[float]:
    """The real roots of a polynomial at which it changes its sign, between those of its derivative."""
    if coefficients and coefficients[0] == 0:
        return _roots(coefficients[1:])
    degree = len(coefficients) - 1
    if degree < 1:
        return []
    if degree == 1:
        return [-coefficients[1] / coefficients[0]]

    def value(x: float) -> float:
        total = 0.0
        for c in coefficients:
            total = total * x + c
        return total

    turns = _roots([c * (degree - i) for i, c in enumerate(coefficients[:-1])])
    bound = 1 + max(abs(c / coefficients[0]) for c in coefficients[1:])
    ends = [-bound, *sorted(turns), bound]
    found = []
    for low, high in pairwise(ends):
        if value(low) * value(high) >= 0:
            continue
        rising = value(high) > 0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if (value(middle) > 0) == rising else (middle, high)
        found.append((low + high) / 2)
    return found


def _candidates(symbols: tuple[Symbol, ...], context: Context = ANYWHERE) -> Iterator[dict[Symbol, Value]]:
    """Assignments of simple rationals: each symbol runs at its own pace through values within its bounds."""
    bounds = [_bounds_of(s, symbols[:i], context) for i, s in enumerate(symbols)]
    size = len(VALUES)
    for k in range(TRIES if len(symbols) > 1 else size):
        point: dict[Symbol, Value] = {}
        for i, (symbol, about) in enumerate(zip(symbols, bounds, strict=True)):
            own = _within(about, point)
            if not own:
                break
            point[symbol] = own[(k * (i + 1) + (k // size) * (2 * i + 1) + i) % len(own)]
        else:
            yield point


Bound = tuple[str, Expr, Expr]  # (op, slope, rest) of slope x + rest op 0


def _bounds_of(symbol: Symbol, before: tuple[Symbol, ...], context: Context) -> tuple[Bound, ...]:
    """The relations that bound a symbol once those before it have values."""
    found = []
    for relation in context.relations:
        if symbol in relation.symbols and relation.symbols <= {symbol, *before} and relation.op[0] in "<>":
            poly = relation.expression.as_poly(symbol)
            if poly is not None and poly.degree() == 1:
                found.append((relation.op[0], *poly.all_coeffs()))
    return tuple(found)


def _within(bounds: tuple[Bound, ...], point: Mapping[Symbol, Value]) -> tuple[Value, ...]:
    """Simple values within the bounds, and some between or beside these."""
    low: Value | None = None
    high: Value | None = None
    for op, slope, rest in bounds:
        try:
            m, c = (exactly(e, point) for e in (slope, rest))
            end = -c / m
        except (NoValue, ArithmeticError, ValueError):
            continue
        if (m > 0) == (op == ">"):
            low = end if low is None else max(low, end)
        else:
            high = end if high is None else min(high, end)
    if low is None and high is None:
        return VALUES
    inside = [v for v in VALUES if (low is None or v >= low) and (high is None or v <= high)]
    beside: list[Value] = []
    if low is not None and high is not None:
        beside = [low + (high - low) * part for part in PARTS] if low < high else []
    elif low is not None:
        beside = [low + step for step in STEPS]
    elif high is not None:
        beside = [high - step for step in STEPS]
    return tuple(dict.fromkeys((*inside[:FEW], *beside, *inside[FEW:])))[: len(VALUES)]


def holds_at(relation: Relation, point: Mapping[Symbol, Value]) -> bool | None:
    """Whether the relation holds at the point; None where it has no value or is too close to call."""
    try:
        value = evaluated(relation.expression, point)
    except (NoValue, ArithmeticError, ValueError):
        return None
    if isinstance(value, float) and (not math.isfinite(value) or abs(value) < MARGIN):
        return None
    return {
        ">": value > 0,
        ">=": value >= 0,
        "<": value < 0,
        "<=": value <= 0,
        "==": value == 0,
        "!=": value != 0,
    }[relation.op]
