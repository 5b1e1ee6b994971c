"""A move of the solver for polynomial systems over Q with finitely many zeros: all unknowns by one algebraic number."""

from __future__ import annotations

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch, Step
from symopt.exact.elimination import zero_set_basis
from symopt.exact.normal import NotExact, canonical
from symopt.exact.residues import residue
from symopt.exact.roots import real_roots
from symopt.stationary.equations import separating_forms
from symopt.stationary.solver import Solver, System, Value
from symopt.stationary.univariate import value_of


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
        *solved, last = basis
        values: tuple[Value, ...] = ()
        if last != 1:
            values = tuple(value_of(solver, root) for root in real_roots(last.as_poly(helper), helper))
        images = tuple(unknown - equation for unknown, equation in zip(unknowns, solved, strict=last != 1))
        branches = tuple(_at(value, unknowns, images, helper) for value in values)
        return system.cover(branches, "cover_ideal", separating=separating, values=values)
    return None


def _at(value: Value, unknowns: tuple[Symbol, ...], images: tuple[Expr, ...], helper: Symbol) -> Branch:
    """The point at one value of the helper, its coordinates reduced by the equation of the value's number."""
    root, numbers = value
    table = {helper: root}
    known = tuple(r for number in numbers for r in number.relations)
    found = (residue(image, table, known) for image in images)
    at = (canonical(e.xreplace(table)) if r is None else r for e, r in zip(images, found, strict=True))
    return Branch(tuple(zip(unknowns, at, strict=True)), numbers)
