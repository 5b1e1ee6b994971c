"""Two moves of the solver: inverting exp and log, and solving for a power, an exponential or a logarithm first."""

from __future__ import annotations

from typing import cast

from sympy import Expr, Pow, Symbol, exp, log

from symopt.derivation.claims import Branch, Cover, Step
from symopt.exact.normal import canonical, is_identical
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.equations import in_kernel, kernel_of
from symopt.stationary.inverting import inverted
from symopt.stationary.solver import Solver, System, solved_for
from symopt.stationary.steps import with_equations


def by_inverse(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """m (g(u) - c) = 0 with g = exp or log: u = g^(-1)(c)."""
    equation = system.equations[index]
    candidates = [node for node in equation.atoms(exp, log) if node.has(symbol)]
    if len(candidates) != 1:
        return None
    outer = candidates[0]
    stand_in = Symbol("_g", real=True)
    poly = equation.xreplace({outer: stand_in}).as_poly(stand_in)
    if poly is None or poly.degree() != 1 or poly.has(symbol):
        return None
    slope, offset = poly.all_coeffs()
    lead = solver.nonzero(slope, system.context)
    if not isinstance(lead, Step):
        return None
    level = solved_for(slope, offset)
    premises: tuple[Step, ...] = (lead,)
    if isinstance(outer, exp):
        sign, step = solver.sign(level, system.context)
        if sign <= 0:
            return solver.never_zero(system, equation)
        premises = (lead, step)
    return inverted(solver, system, index, slope, outer.func, outer.args[0], level, premises)


def by_kernel(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """A polynomial in one kernel: x^k, a root, exp(u) or log(u)."""
    equation = system.equations[index]
    kernel = kernel_of(equation, symbol)
    if kernel is None:
        return None
    stand_in = solver.fresh(("k",))
    polynomial = in_kernel(equation, kernel, symbol, stand_in)
    if polynomial is None or polynomial.has(*system.unknowns):
        return None
    scaled = polynomial.xreplace({stand_in: kernel})
    if isinstance(kernel, exp) and not is_identical(scaled, equation):
        return multiplied(solver, system, index, scaled)
    ranges: tuple[Relation, ...] = ()
    if isinstance(kernel, exp):
        ranges = (Relation(stand_in, ">"),)
    elif isinstance(kernel, Pow) and (kernel.exp % 2 == 0 or not kernel.exp.is_Integer):
        ranges = (Relation(stand_in, ">="),)
    return by_polynomial_in(solver, system, index, kernel, stand_in, polynomial, ranges)


def multiplied(solver: Solver, system: System, index: int, scaled: Expr) -> Step | None:
    """An equation by `scaled`, which is that times or divided by what is never 0, as a power of e^u."""
    rest = canonical(system.equations[index] / scaled)
    known = prove_relation(Relation(rest, "!="), system.context)
    if known is None:
        return None
    replaced = system.replacing(index, scaled)
    step = with_equations(solver.solved(replaced), replaced.equations)
    branches = cast(Cover, step.claim).branches
    data = {"index": index, "rest": rest, "factors": ((scaled, 1),)}
    return system.cover(branches, "cover_factors", (known, step), **data)


def by_polynomial_in(
    solver: Solver,
    system: System,
    index: int,
    kernel: Expr,
    stand_in: Symbol,
    polynomial: Expr,
    ranges: tuple[Relation, ...],
) -> Step | None:
    """The equation is a polynomial in a kernel whose values lie in a range: each root in it gives an equation."""
    inner_context = system.context.with_condition(*ranges)
    first = solver.solve((polynomial,), (stand_in,), inner_context)
    first = solver.within(first, inner_context, ranges)
    covers = [with_equations(first, (polynomial,))]
    branches: list[Branch] = []
    for branch in cast(Cover, first.claim).branches:
        if branch.free:
            return None
        narrowed = system.context.with_condition(*branch.relations)
        replaced = System(
            system.replacing(index, kernel - branch.values[stand_in]).equations, system.unknowns, narrowed
        )
        step = with_equations(solver.solved(replaced), replaced.equations)
        covers.append(step)
        branches += [
            Branch(b.at, branch.numbers + b.numbers, b.free, b.where)
            for b in cast(Cover, step.claim).branches
        ]
    return system.cover(
        tuple(branches),
        "cover_kernel",
        tuple(covers),
        index=index,
        kernel=kernel,
        symbol=stand_in,
        polynomial=polynomial,
        range=ranges,
    )
