"""Comparing values at points known by equations: intervals around the numbers, as narrow as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sympy import Add, Expr, Integer, Rational, Symbol, ceiling, floor

from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Holds, Number, Step
from symopt.derivation.extremal_points import BEYOND
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational
from symopt.exact.roots import refine
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

BITS: Final = (16, 48, 128)
DENOMINATOR: Final = 1000
FINE: Final = 8


def prove_at_numbers(relation: Relation, place: Context, numbers: tuple[Number, ...]) -> Step | None:
    """A proof by enclosure of a relation between auxiliary numbers, all roots of rational polynomials."""
    used = {n.symbol: n for n in numbers if n.symbol in relation.symbols}
    if any(used.get(n.symbol, n) != n for n in numbers):
        return None  # one symbol for two numbers
    if set(used) != set(relation.symbols) or any(n.varies for n in used.values()):
        return None
    for bits in BITS:
        intervals = {symbol: _narrowed(number, bits) for symbol, number in used.items()}
        values = enclose(relation.expression, intervals)
        if values is None or values[0] <= 0 <= values[1]:
            continue
        bounds = tuple(
            bound
            for symbol, (low, high) in intervals.items()
            for bound in (_bound(used[symbol], symbol - low), _bound(used[symbol], high - symbol))
            if bound is not None
        )
        step = Step(place, Holds(relation), "enclosure", bounds)
        return step if follows(step) else None
    return None


def prove_beside_level(
    values: Expr, value: Expr, sense: str, place: Context, numbers: tuple[Number, ...]
) -> Step | None:
    """The values on a family are beyond a value at numbers, since a rational number near by lies between them."""
    op = BEYOND[sense]
    intervals = {n.symbol: _narrowed(n, BITS[0]) for n in numbers if not n.varies}
    around = enclose(value, intervals)
    if around is None:
        return None
    level = Rational(around[1] if op == ">" else around[0]).limit_denominator(DENOMINATOR)
    level += (1 if op == ">" else -1) * Rational(1, DENOMINATOR)
    beside = prove_at_numbers(Relation(level - value, op), place, numbers)
    wanted = Relation(values - level, op)
    beyond = None if beside is None else prove_far_out(wanted, place) or prove_relation(wanted, place)
    if beside is None or beyond is None:
        return None
    tree = Add(values - level, level - value, evaluate=False)
    step = Step(place, Holds(Relation(values - value, op)), "signs", (beside, beyond), (("tree", tree),))
    return step if follows(step) else None


def prove_far_out(relation: Relation, place: Context) -> Step | None:
    """A relation of a number r that goes with an integer n, shown for all reals beyond a rational bound of r."""
    if len(relation.symbols) != 1:
        return None
    (symbol,) = relation.symbols
    for bound in _bounds_over_integers(symbol, place):
        inside = prove_relation(bound, place)
        beyond = None if inside is None else prove_relation(relation, Context((), (bound,)))
        if inside is not None and beyond is not None:
            step = Step(
                place, Holds(relation), "instance", (beyond, inside), (("values", ((symbol, symbol),)),)
            )
            return step if follows(step) else None
    return None


def _bounds_over_integers(symbol: Symbol, place: Context) -> Iterator[Relation]:
    """Rational bounds of a symbol from a n + b < symbol and a bound of the integer n, where a > 0 or n is above."""
    ends = {}
    for relation in place.relations:
        linear = relation.expression.as_poly(*relation.symbols) if len(relation.symbols) == 1 else None
        if linear is not None and linear.degree() == 1 and next(iter(relation.symbols)).is_integer:
            ends[next(iter(relation.symbols))] = -linear.TC() / linear.LC()
    for relation in place.relations:
        others = relation.symbols - {symbol}
        slope = relation.expression.diff(symbol)
        if (
            len(others) != 1
            or not others <= set(ends)
            or not slope.is_Rational
            or relation.op not in (">", "<")
        ):
            continue
        at = enclose((symbol - relation.expression / slope).xreplace(ends).expand(), {})
        upwards = (relation.op == ">") == (slope > 0)
        if at is not None:
            end = Rational(floor(at[0] * FINE) if upwards else ceiling(at[1] * FINE), FINE)
            yield Relation(symbol - end, ">=" if upwards else "<=")


def magnitude(value: Expr, branch: Branch) -> Rational | None:
    """A rational number near the value at a point without parameters, to guess an order by; else None."""
    found = enclose(value, {n.symbol: _narrowed(n, BITS[0]) for n in branch.numbers if not n.varies})
    return None if found is None else (found[0] + found[1]) / 2


def _narrowed(number: Number, bits: int) -> tuple[Rational, Rational]:
    low, high = number.interval
    polynomial = number.equation.as_poly(number.symbol)
    if polynomial is None or not is_rational(polynomial) or low == high:
        return low, high
    return refine(polynomial, (low, high), Rational(1, Integer(2) ** bits))


def _bound(number: Number, expression: Expr) -> Step | None:
    step = Step(
        Context((), number.relations),
        Holds(Relation(expression, ">=")),
        "root_sign",
        (),
        (("equation", number.equation),),
    )
    return step if follows(step) else None
