"""Ends within which a region keeps its variables: read off its relations, or off sums of multiples of them."""

from __future__ import annotations

from typing import Final

from sympy import Add, Expr, Mul, Rational, S, Symbol

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.relations import is_rational
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

MAX_SUMS: Final = 200
Linear = dict[Symbol, Rational]
Sum = tuple[Linear, Rational, tuple[tuple[Expr, Rational], ...]]
Bounds = tuple[tuple[Symbol, Expr | None, Expr | None], ...]


def bounds_of(variables: tuple[Symbol, ...], context: Context) -> tuple[Bounds, tuple[Step, ...]]:
    """(variable, low, high) for each variable, None for an end that is not found, with the proofs.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> triangle = (Relation(x, ">="), Relation(y, ">="), Relation(2 - x - y, ">="))
    >>> bounds_of((x, y), Context(triangle))[0]
    ((x, 0, 2), (y, 0, 2))
    """
    found, steps = [], []
    sums = _linear(context)
    for variable in variables:
        ends: list[Expr | None] = []
        for side in (1, -1):
            end, step = _plain(variable, side, context)
            if end is None:
                end, step = _combined(variable, side, sums, variables, context)
            if end is None:
                step = prove_relation(Relation(side * variable, ">="), context)
                end = None if step is None else S.Zero
            ends.append(end)
            steps += [] if step is None else [step]
        found.append((variable, ends[0], ends[1]))
    return tuple(found), tuple(steps)


def _plain(variable: Symbol, side: int, context: Context) -> tuple[Expr | None, Step | None]:
    """An end that a relation of the variable alone gives, perhaps in parameters; the best of those that are numbers."""
    best: Expr | None = None
    for relation in context.region:
        linear = polynomial_or_none(relation.expression, variable)
        if relation.op == "!=" or linear is None or linear.degree() != 1 or not linear.LC().is_Rational:
            continue
        if relation.symbols - {variable} - {s for r in context.condition for s in r.symbols}:
            continue
        slope, offset = linear.all_coeffs()
        upward = relation.op == "==" or (relation.op[0] == ">") == (slope > 0)
        downward = relation.op == "==" or not upward
        end = -offset / slope
        if upward if side > 0 else downward:
            better = best is None or (best.is_Rational and end.is_Rational and side * (end - best) > 0)
            best = end if better else best
    return best, None


def _linear(context: Context) -> tuple[Sum, ...]:
    """The linear relations over Q as sums that are not negative, with what they are made of."""
    found = []
    for relation in context.region:
        symbols = sorted(relation.symbols, key=str)
        polynomial = polynomial_or_none(relation.expression, *symbols) if symbols else None
        if polynomial is None or polynomial.total_degree() != 1 or not is_rational(polynomial):
            continue
        signs = {">": (1,), ">=": (1,), "<": (-1,), "<=": (-1,), "==": (1, -1)}.get(relation.op, ())
        for sign in signs:
            slopes = {s: sign * polynomial.coeff_monomial(s) for s in symbols}
            constant = sign * polynomial.coeff_monomial(1)
            found.append((slopes, constant, ((relation.expression, Rational(sign)),)))
    return tuple(found)


def _combined(
    variable: Symbol, side: int, sums: tuple[Sum, ...], variables: tuple[Symbol, ...], context: Context
) -> tuple[Expr | None, Step | None]:
    """The best end that adding up multiples of relations gives (Fourier-Motzkin), with the sum as its proof."""
    others = [v for v in variables if v != variable]
    left = [s for s in sums if all(name in variables for name in s[0])]
    for other in others:
        left = _without(other, left)
        if len(left) > MAX_SUMS:
            return None, None
    best: tuple[Rational, Sum] | None = None
    for found in left:
        slope = found[0].get(variable, Rational(0))
        if slope * side > 0:
            end = -found[1] / slope
            if best is None or side * (end - best[0]) > 0:
                best = (end, found)
    if best is None:
        return None, None
    end, (slopes, _, parts) = best
    scale = abs(slopes[variable])
    terms = [Mul(weight / scale, expression, evaluate=False) for expression, weight in parts]
    tree = Add(*terms, evaluate=False) if len(terms) > 1 else terms[0]
    claim = Holds(Relation(side * (variable - end), ">="))
    step = Step(context, claim, "signs", (), (("tree", tree),))
    return (end, step) if follows(step) else (None, None)


def _without(symbol: Symbol, sums: list[Sum]) -> list[Sum]:
    """The sums without a symbol: those free of it, and the pairs that cancel it."""
    rising = [s for s in sums if s[0].get(symbol, 0) > 0]
    falling = [s for s in sums if s[0].get(symbol, 0) < 0]
    left = [s for s in sums if s[0].get(symbol, 0) == 0]
    for up in rising:
        for down in falling:
            left.append(_added(up, -down[0][symbol], down, up[0][symbol]))
    return left


def _added(one: Sum, weight: Rational, other: Sum, other_weight: Rational) -> Sum:
    slopes = {
        s: weight * one[0].get(s, Rational(0)) + other_weight * other[0].get(s, Rational(0))
        for s in {*one[0], *other[0]}
    }
    parts: dict[Expr, Rational] = {}
    for found, factor in ((one, weight), (other, other_weight)):
        for expression, own in found[2]:
            parts[expression] = parts.get(expression, Rational(0)) + factor * own
    return slopes, weight * one[1] + other_weight * other[1], tuple(parts.items())
