"""f as a sum of functions of one variable each and a quadratic form: each gives the form as much as it bends at least.

g(x) = (g(x) - m x^2/2) + m x^2/2, where m is the least second derivative of g: f is convex where the quadratic form with
these m on its diagonal is positive semidefinite, and strictly convex where each g'' is m at single points only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from sympy import Add, Expr, Rational, Symbol

from symopt.exact.derivatives import derivative_by_table
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.evaluating import NoValue, evaluated
from symopt.reasoning.samples import holds_at
from symopt.relation import Relation

MAX_VARIABLES: Final = 6
MAX_OPERATIONS: Final = 200
STEP: Final = Rational(1, 4)  # to a multiple of which an irrational second derivative is rounded
TRIED: Final = tuple(Fraction(n, 2) for n in (0, 2, -2, 1, -1, 4, -4, 6, -6, 20, -20))


def separated(
    objective: Expr, variables: tuple[Symbol, ...], region: tuple[Relation, ...], kind: str
) -> tuple[Expr, ...] | None:
    """The functions of one variable without their least bend, and the quadratic form of all of it.

    None where f is no such sum, where nothing couples the variables, or where a least second derivative is not seen.

    >>> from sympy import cosh, symbols
    >>> x, y = symbols("x y", real=True)
    >>> separated(cosh(x) + y**4 + y**2 - x*y, (x, y), (), "convex")
    (-x**2/2 + cosh(x), y**4, x**2/2 - x*y + y**2)
    """
    if not 1 < len(variables) <= MAX_VARIABLES or operations(objective) > MAX_OPERATIONS:
        return None
    own: dict[Symbol, list[Expr]] = {v: [] for v in variables}
    coupling: list[Expr] = []
    for term in (part for whole in Add.make_args(objective) for part in _written_out(whole, variables)):
        moving = [v for v in variables if term.has(v)]
        if len(moving) > 1:
            if not _is_rational_product(term, moving):
                return None
            coupling.append(term)
        elif moving:
            own[moving[0]].append(term)
    if not coupling:
        return None
    form, parts = Add(*coupling), []
    for variable, terms in own.items():
        function = Add(*terms)
        bend = _least_bend(function, variable, region, kind)
        if bend is None:
            return None
        form += bend * variable**2 / 2
        parts.append(function - bend * variable**2 / 2)
    return (*(part for part in parts if part != 0), form)


def _written_out(term: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    return Add.make_args(term.expand()) if term.is_polynomial(*variables) else (term,)


def _is_rational_product(term: Expr, moving: list[Symbol]) -> bool:
    """Whether a term is c x y with a rational c."""
    return len(moving) == 2 and term.as_coeff_Mul()[1] == moving[0] * moving[1]


def _least_bend(function: Expr, variable: Symbol, region: tuple[Relation, ...], kind: str) -> Rational | None:
    """The least (for a concave f the largest) second derivative among simple points, rounded away: a proposal."""
    try:
        second = canonical(derivative_by_table(derivative_by_table(function, variable), variable))
    except NotExact:
        return None
    turn = 1 if kind == "convex" else -1
    alone = [r for r in region if r.symbols == {variable}]
    found: list[tuple[float, Expr]] = []
    for place in TRIED:
        at: Mapping[Symbol, Fraction] = {variable: place}
        if not all(holds_at(r, at) for r in alone):
            continue
        try:
            size = turn * float(evaluated(second, at))
        except (NoValue, ArithmeticError, ValueError):
            continue
        found.append((size, second.xreplace({variable: Rational(place.numerator, place.denominator)})))
    if not found:
        return None
    size, least = min(found, key=lambda pair: pair[0])
    return least if isinstance(least, Rational) else turn * Rational(math.floor(size / STEP)) * STEP
