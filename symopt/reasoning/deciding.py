"""Quantities in the parameters whose signs, once known, may settle whether f is convex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sympy import Add, Expr, Pow, Symbol, exp

from symopt.derivation.claims import Matrix
from symopt.exact.normal import TooLarge, Unsupported, factors

MAX_DEGREE: Final = 4  # of the factors of f'' whose coefficients split the cell


def free_factors(entries: Matrix, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Factors of second derivatives that do not depend on the variables."""
    for row in entries:
        for entry in row:
            for factor in entry.as_independent(*variables, as_Add=False)[0].as_ordered_factors():
                if factor.free_symbols:
                    yield factor


def coefficients(entries: Matrix, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Of factors of f'' that are polynomials in x or in e^x: what tells their sign at the ends, and in the middle."""
    if len(variables) != 1:
        return
    try:
        _, parts = factors(entries[0][0])
    except (TooLarge, Unsupported):
        return
    for base, _ in parts:
        for unknown in (*variables, *_exponentials(base, variables)):
            poly = base.as_poly(unknown)
            fixed = poly is not None and not any(c.free_symbols & set(variables) for c in poly.coeffs())
            if poly is None or not fixed or not 1 <= poly.degree() <= MAX_DEGREE:
                continue
            yield from (q for q in (poly.LC(), poly.coeff_monomial(1)) if q.free_symbols)
            if poly.degree() == 2 or (poly.degree() > 2 and len(poly.free_symbols_in_domain) == 1):
                yield from _factors_of(poly.discriminant())


def _factors_of(discriminant: Expr) -> Iterator[Expr]:
    """What the sign of a discriminant rests on: where two zeros of f'' meet or part."""
    try:
        yield from (base for base, _ in factors(discriminant)[1] if base.free_symbols)
    except (TooLarge, Unsupported):
        return


def _exponentials(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    return tuple(exp(v) for v in variables if expression.has(exp(v)))


def factors_of_terms(objective: Expr, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Coefficients whose signs may settle the question, when nothing else did."""
    for term in Add.make_args(objective.expand()):
        factor, rest = term.as_independent(*variables, as_Add=False)
        if rest != 1 and factor.free_symbols:
            yield factor


def open_parities(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The symbols for integers in exponents of the variables that may be even or odd."""
    powers = [p for p in objective.atoms(Pow) if p.base.free_symbols & set(variables)]
    found = {s for p in powers if p.exp.is_integer and p.exp.is_even is None for s in p.exp.free_symbols}
    return tuple(sorted((s for s in found if s.is_even is None), key=str))
