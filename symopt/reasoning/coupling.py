"""f as a sum of functions of one variable each and a quadratic form: each gives the form as much as it bends at least.

g(x) = (g(x) - m x^2/2) + m x^2/2, where m is the least second derivative of g: f is convex where the quadratic form with
these m on its diagonal is positive semidefinite, and strictly convex where each g'' is m at single points only. Where
the form has a direction of the other sign, f bends so near the points where all g'' are least, or far out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sympy import Add, Expr, Rational, S, Symbol, cos, pi, sin

from symopt.derivation.claims import Vector
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.evaluating import NoValue, Value, evaluated
from symopt.reasoning.samples import holds_at
from symopt.relation import Relation

MAX_VARIABLES: Final = 6
MAX_OPERATIONS: Final = 200
STEP: Final = Rational(1, 4)  # to a multiple of which an irrational second derivative is rounded
LARGE: Final = 10**4
FAR: Final = 30  # where a second derivative is taken to be that at infinity
TRIED: Final = tuple(Rational(n, 2) for n in (0, 2, -2, 1, -1, 4, -4, 6, -6, 20, -20))
TURNS: Final = (pi, -pi, pi / 2, -pi / 2)


@dataclass(frozen=True)
class Coupled:
    """f = the functions + the form; `places` are where the functions bend least: numbers, or infinity."""

    functions: tuple[Expr, ...]
    form: Expr
    places: Vector

    def curve(self, s: Symbol) -> Vector:
        """A point near which all functions bend least: with s or -s for what is only so far out."""
        ends = {S.Infinity: s, S.NegativeInfinity: -s}
        return tuple(ends.get(place, place) for place in self.places)


def separated(
    objective: Expr,
    variables: tuple[Symbol, ...],
    parameters: frozenset[Symbol],
    region: tuple[Relation, ...],
    kind: str,
) -> Coupled | None:
    """The functions of one variable without their least bend, and the quadratic form of all of it.

    None where f is no such sum, where nothing couples the variables, or where a least second derivative is not seen.

    >>> from sympy import cosh, symbols
    >>> x, y = symbols("x y", real=True)
    >>> separated(cosh(x) + y**4 + y**2 - x*y, (x, y), frozenset(), (), "convex")
    Coupled(functions=(-x**2/2 + cosh(x), y**4), form=x**2/2 - x*y + y**2, places=(0, 0))
    """
    if not 1 < len(variables) <= MAX_VARIABLES or operations(objective) > MAX_OPERATIONS:
        return None
    own: dict[Symbol, list[Expr]] = {v: [] for v in variables}
    form: list[Expr] = []
    for term in (part for whole in Add.make_args(objective) for part in _written_out(whole, variables)):
        moving = tuple(v for v in variables if term.has(v))
        if len(moving) == 1 and not term.free_symbols & parameters:
            own[moving[0]].append(term)
        elif moving:
            if not _is_of_degree_two(term, moving):
                return None
            form.append(term)
    if not any(len(term.free_symbols & set(variables)) > 1 for term in form):
        return None
    functions, places = [], []
    for variable, terms in own.items():
        function = Add(*terms)
        found = _least_bend(function, variable, region, kind)
        if found is None:
            return None
        bend, place = found
        form.append(bend * variable**2 / 2)
        functions.append(function - bend * variable**2 / 2)
        places.append(place)
    return Coupled(tuple(f for f in functions if f != 0), Add(*form), tuple(places))


def _written_out(term: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    return Add.make_args(term.expand()) if term.is_polynomial(*variables) else (term,)


def _is_of_degree_two(term: Expr, moving: tuple[Symbol, ...]) -> bool:
    """Whether a term is c x y, c x^2 or c x, where c may depend on parameters."""
    poly = term.as_poly(*moving) if term.is_polynomial(*moving) else None
    return poly is not None and poly.total_degree() <= 2


def _least_bend(
    function: Expr, variable: Symbol, region: tuple[Relation, ...], kind: str
) -> tuple[Expr, Expr] | None:
    """The least (for a concave f the largest) second derivative and where it is, a proposal.

    Among simple points; an irrational value is rounded away from the others.
    """
    try:
        second = canonical(derivative_by_table(derivative_by_table(function, variable), variable))
    except NotExact:
        return None
    turn = 1 if kind == "convex" else -1
    alone = [r.closure() for r in region if r.symbols == {variable} and r.op != "!="]
    found = [
        (turn * size, place)
        for place in _tried(second)
        if (size := _value(second, variable, place, alone)) is not None
    ]
    if not found:
        return None
    size, place = min(found, key=lambda pair: pair[0])
    if abs(size) > LARGE:
        return None
    least = second.xreplace({variable: place}) if place.is_finite else S.NaN
    return (least if isinstance(least, Rational) else turn * math.floor(size / STEP) * STEP), place


def _tried(second: Expr) -> Iterator[Expr]:
    yield from TRIED
    if second.has(sin, cos):
        yield from TURNS
    else:
        yield from (S.Infinity, S.NegativeInfinity)


def _value(second: Expr, variable: Symbol, place: Expr, region: list[Relation]) -> float | None:
    value: Value = float(place) if place.is_finite else FAR if place > 0 else -FAR
    if isinstance(place, Rational) and place.is_finite:
        value = Fraction(int(place.p), int(place.q))
    if not all(holds_at(r, {variable: value}) for r in region):
        return None
    try:
        return float(evaluated(second, {variable: value}))
    except (NoValue, ArithmeticError, ValueError):
        return None
