"""Moves of the solver: |u| = 0 exactly where u^2 = 0, and max(0, u) = 0 exactly where u <= 0."""

from __future__ import annotations

from typing import cast

from sympy import Abs, S

from symopt.derivation.checks_absolute import narrowed, where_flat
from symopt.derivation.claims import Cover, Step
from symopt.exact.normal import NotExact, canonical
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import with_equations


def by_absolute_value(solver: Solver, system: System) -> Step | None:
    """A multiple of |u| is multiplied by |u|."""
    for index, equation in enumerate(system.equations):
        factor, rest = equation.as_coeff_Mul()
        if not isinstance(rest, Abs) or not system.among_unknowns(equation):
            continue
        multiples = tuple(rest if i == index else S.Zero for i in range(len(system.equations)))
        try:
            product = canonical(factor * rest.args[0] ** 2)
        except NotExact:
            continue
        replaced = system.replacing(index, product)
        step = with_equations(solver.solved(replaced), replaced.equations)
        branches = cast(Cover, step.claim).branches
        data = {"index": index, "multiples": multiples, "product": product}
        return system.cover(branches, "cover_multiplied", (step,), **data)
    return None


def by_positive_part(solver: Solver, system: System) -> Step | None:
    """What the other equations leave, where a kink is what it is never less than: max(0, u) = 0 for u <= 0."""
    for index, equation in enumerate(system.equations):
        flat = where_flat(equation) if system.among_unknowns(equation) else None
        if flat is None:
            continue
        zeros, relations = flat
        left = system.replacing(index, *(zeros or (S.Zero,)))
        step = with_equations(solver.solved(left), left.equations)
        found = cast(Cover, step.claim).branches
        branches = tuple(narrowed(b, relations, system.context.condition) for b in found)
        return system.cover(branches, "cover_positive_part", (step,), index=index)
    return None
