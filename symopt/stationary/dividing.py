"""A move of the solver: a polynomial equation divided by another, of which the remainder is left."""

from __future__ import annotations

from itertools import permutations
from typing import Final, cast

from sympy import Poly, S

from symopt.derivation.claims import Cover, Step
from symopt.exact.gates import operations
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import canonical
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import with_equations

MAX_OPERATIONS: Final = 150


def by_division(solver: Solver, system: System) -> Step | None:
    """e_i = q e_j + r with r of a lower degree in the unknowns: r = 0 in the place of e_i = 0.

    On the circle 4 (x^2 + y^2) + 2 a = 0 the equation 4 x (x^2 + y^2) + 2 a x + 1 = 0 says 1 = 0.
    """
    if len(system.equations) < 2 or sum(map(operations, system.equations)) > MAX_OPERATIONS:
        return None
    polys = [polynomial_or_none(e, *system.unknowns) for e in system.equations]
    for i, j in permutations(range(len(polys)), 2):
        one, other = polys[i], polys[j]
        if one is None or other is None or not 1 < other.total_degree() <= one.total_degree():
            continue
        if not other.LC(order="grlex").is_Rational:
            continue
        quotient, rest = _divided(one, other)
        if quotient.is_zero or rest.total_degree() >= one.total_degree():
            continue
        product = canonical(rest.as_expr())
        replaced = system.replacing(i, product)
        step = with_equations(solver.solved(replaced), replaced.equations)
        multiples = [S.Zero] * len(polys)
        multiples[i], multiples[j] = S.One, canonical(-quotient.as_expr())
        branches = cast(Cover, step.claim).branches
        data = {"index": i, "multiples": tuple(multiples), "product": product}
        return system.cover(branches, "cover_multiplied", (step,), **data)
    return None


def _divided(one: Poly, other: Poly) -> tuple[Poly, Poly]:
    """Quotient and remainder, in the graded order, whose leading term of the divisor has a number in front."""
    monomial, lead = other.terms(order="grlex")[0]
    quotient, rest, left = one.zero, one.zero, one
    while not left.is_zero:
        top, coefficient = left.terms(order="grlex")[0]
        if all(a >= b for a, b in zip(top, monomial, strict=True)):
            power = tuple(a - b for a, b in zip(top, monomial, strict=True))
            factor = Poly.from_dict({power: coefficient / lead}, *one.gens)
            quotient, left = quotient + factor, left - factor * other
        else:
            term = Poly.from_dict({top: coefficient}, *one.gens)
            rest, left = rest + term, left - term
    return quotient, rest
