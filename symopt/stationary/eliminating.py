"""A move of the solver for polynomial systems over Q with finitely many zeros: one unknown after the other."""

from __future__ import annotations

from typing import cast

from symopt.derivation.claims import Branch, Cover, Step
from symopt.exact.elimination import zero_set_basis
from symopt.exact.normal import NotExact
from symopt.stationary.equations import separating_forms
from symopt.stationary.solver import Solver, System
from symopt.stationary.univariate import by_roots


def by_elimination(solver: Solver, system: System) -> Step | None:
    """A polynomial system over Q with finitely many zeros: all unknowns as polynomials in one algebraic number."""
    unknowns = system.unknowns
    if len(system.equations) < len(unknowns) or any(e.free_symbols - set(unknowns) for e in system.equations):
        return None
    helper = solver.fresh(("h",))
    for form in separating_forms(unknowns):
        separating = (helper, form)
        try:
            basis = zero_set_basis(system.equations, unknowns, separating)
        except NotExact:
            return None
        if not basis:
            continue
        triangular = System(basis, (*unknowns, helper), system.context)
        step = by_roots(solver, triangular, len(basis) - 1, helper) if len(basis) > 1 else None
        step = step or solver.solved(triangular)
        branches = tuple(
            Branch(tuple((u, v) for u, v in b.at if u != helper), b.numbers, b.free, b.where)
            for b in cast(Cover, step.claim).branches
        )
        return system.cover(branches, "cover_ideal", (step,), separating=separating)
    return None
