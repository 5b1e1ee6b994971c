"""A function along a curve, near its start: Taylor coefficients, and the sign of the lowest one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

from sympy import Expr, Poly, S, Symbol

from symopt.derivation.checking import Facts, holds, identical, is_zero, require, runs_over
from symopt.derivation.claims import Label
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import canonical
from symopt.exact.relations import reduced

MAX_ORDER: Final = 12


def as_known(value: Expr, known: Facts) -> Expr:
    """The value with the equations of auxiliary numbers divided out, as a fact about it is written."""
    short = reduced(canonical(value), known)
    return next((r.expression for r in known if identical(r.expression, short)), short)


def require_new_symbol(s: Symbol, claim: Label, known: Facts) -> None:
    """Reject a curve's symbol that stands for something already."""
    used = claim.objective.free_symbols.union(
        claim.variables, claim.branch.own_symbols, *(r.symbols for r in known)
    )
    require(s not in used and runs_over("real", s), "the symbol of the curve is in use already")


def coefficient(expression: Expr, s: Symbol, order: int) -> Expr:
    """The coefficient of s^order at s = 0, up to the positive factor order! where f is no polynomial."""
    poly = _polynomial(expression, s)
    if poly is not None:
        return cast(Expr, poly.coeff_monomial(s**order))
    return _derivative(expression, s, order).xreplace({s: S.Zero})


@lru_cache(maxsize=512)
def _polynomial(expression: Expr, s: Symbol) -> Poly | None:
    return expression.expand().as_poly(s) if expression.is_polynomial(s) else None


@lru_cache(maxsize=512)
def _derivative(expression: Expr, s: Symbol, order: int) -> Expr:
    return expression if order == 0 else derivative_by_table(_derivative(expression, s, order - 1), s)


def lowest_sign(expression: Expr, s: Symbol, known: Facts) -> tuple[int, int]:
    """(k, sign of c) for the lowest term c s^k of f(s) - f(0), all terms before being 0."""
    for k in range(1, MAX_ORDER + 1):
        term = as_known(coefficient(expression, s, k), known)
        if is_zero(term, known):
            continue
        for sign, op in ((1, ">"), (-1, "<")):
            if holds(term, op, known):
                return k, sign
        break
    require(False, "the lowest term is not known")
    return 0, 0
