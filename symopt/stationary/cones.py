"""Moves of the solver for continua given by monomials: lines of zeros of homogeneous polynomials, x^p = c y^q."""

from __future__ import annotations

from typing import Final, cast

from sympy import Rational, S, Symbol

from symopt.derivation.checks_continua import is_homogeneous, on_lines
from symopt.derivation.claims import Cover, Step
from symopt.stationary.algebraic import FAMILY_NAMES
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import with_equations

MIN_UNKNOWNS: Final = 3


def by_lines(solver: Solver, system: System) -> Step | None:
    """Homogeneous equations: those zeros with u = 0, and the multiples of those with u = 1."""
    unknowns = system.unknowns
    plain = not any(r.symbols & set(unknowns) for r in system.context.relations)
    if (
        len(unknowns) < MIN_UNKNOWNS
        or not plain
        or any(e.free_symbols - set(unknowns) for e in system.equations)
    ):
        return None
    if not all(is_homogeneous(e, unknowns) for e in system.equations):
        return None
    u = unknowns[-1]
    flat = solver.solve((*system.equations, u), unknowns, system.context)
    chart = System(tuple(e.xreplace({u: S.One}) for e in system.equations), unknowns[:-1], system.context)
    first = with_equations(solver.solved(chart), chart.equations)
    scale: Symbol = solver.fresh(FAMILY_NAMES)
    lines = tuple(on_lines(b, unknowns, scale) for b in cast(Cover, first.claim).branches)
    branches = (*cast(Cover, flat.claim).branches, *lines)
    return system.cover(branches, "cover_lines", (flat, first), unknown=u, scale=scale)


def by_binomial(solver: Solver, system: System) -> Step | None:
    """a x^p + b y^q = 0 with an odd exponent: the curve y = t^p, x = k t^q."""
    for index, equation in enumerate(system.equations):
        inside = [u for u in system.unknowns if equation.has(u)]
        terms = equation.as_coefficients_dict(*inside)
        if len(inside) != 2 or len(terms) != 2 or not all(isinstance(c, Rational) for c in terms.values()):
            continue
        pure = {
            base: (int(power), terms[term])
            for term in terms
            for base, power in (term.as_base_exp(),)
            if base in inside and power.is_Integer and power > 0
        }
        if len(pure) != 2:
            continue
        first, second = sorted(inside, key=lambda u: (pure[u][0] % 2 == 0, pure[u][0], str(u)))
        (p, a), (q, b) = pure[first], pure[second]
        if p % 2 == 0 or p == 1 or q == 1:
            continue
        level = -b / a
        root = abs(level) ** Rational(1, p) * (1 if level > 0 else -1)
        t = solver.fresh(FAMILY_NAMES)
        replaced = system.replacing(index, first - root * t**q, second - t**p)
        step = with_equations(solver.solved(replaced), replaced.equations)
        branches = tuple(branch.in_family((t,)) for branch in cast(Cover, step.claim).branches)
        data = {"first": first, "second": second, "symbol": t, "powers": (p, q), "root": root, "rest": a}
        return system.cover(branches, "cover_binomial", (step,), index=index, **data)
    return None
