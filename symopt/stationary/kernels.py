"""Two moves of the solver: inverting exp and log, and solving for a power, an exponential or a logarithm first."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sympy import Expr, Pow, Symbol, exp, log

from symopt.derivation.claims import Branch, Context, Cover, Step
from symopt.exact.normal import canonical
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.equations import in_kernel, kernel_of
from symopt.stationary.steps import cover_step, with_equations

if TYPE_CHECKING:
    from symopt.stationary.covers import Solver


def by_inverse(
    solver: Solver,
    equations: tuple[Expr, ...],
    unknowns: tuple[Symbol, ...],
    context: Context,
    index: int,
    symbol: Symbol,
) -> Step | None:
    """m (g(u) - c) = 0 with g = exp or log: u = g^(-1)(c)."""
    equation = equations[index]
    candidates = [node for node in equation.atoms(exp, log) if node.has(symbol)]
    if len(candidates) != 1:
        return None
    outer = candidates[0]
    stand_in = Symbol("_g", real=True)
    poly = equation.xreplace({outer: stand_in}).as_poly(stand_in)
    if poly is None or poly.degree() != 1 or poly.has(symbol):
        return None
    slope, offset = poly.all_coeffs()
    lead = solver.nonzero(slope, context, unknowns)
    if not isinstance(lead, Step):
        return None
    level = canonical(-offset / slope)
    premises: tuple[Step, ...] = (lead,)
    if isinstance(outer, exp):
        sign, step = solver.sign(level, context)
        if sign <= 0:
            never = prove_relation(Relation(equation, "!="), context)
            return (
                None
                if never is None
                else cover_step(context, equations, unknowns, (), "cover_none", (never,))
            )
        premises = (lead, step)
    inner = outer.args[0]
    solved = log(level) if isinstance(outer, exp) else exp(level)
    replaced = (*equations[:index], inner - solved, *equations[index + 1 :])
    followed = solver.solve(replaced, unknowns, context)
    return cover_step(
        context,
        equations,
        unknowns,
        cast(Cover, followed.claim).branches,
        "cover_inverse",
        (*premises, with_equations(followed, replaced)),
        index=index,
        rest=slope,
        function=outer.func,
        inner=inner,
        level=level,
    )


def by_kernel(
    solver: Solver,
    equations: tuple[Expr, ...],
    unknowns: tuple[Symbol, ...],
    context: Context,
    index: int,
    symbol: Symbol,
) -> Step | None:
    """A polynomial in one kernel: x^k, exp(u) or log(u)."""
    equation = equations[index]
    found = kernel_of(equation, symbol)
    if found is None:
        return None
    kernel = found
    stand_in = solver.fresh(("k",))
    polynomial = in_kernel(equation, kernel, symbol, stand_in)
    if polynomial is None or polynomial.has(*unknowns):
        return None
    ranges: tuple[Relation, ...] = ()
    if isinstance(kernel, exp):
        ranges = (Relation(stand_in, ">"),)
    elif isinstance(kernel, Pow) and kernel.exp % 2 == 0:
        ranges = (Relation(stand_in, ">="),)
    inner_context = context.with_condition(*ranges)
    first = solver.solve((polynomial,), (stand_in,), inner_context)
    first = solver.within(first, inner_context, ranges)
    covers = [with_equations(first, (polynomial,))]
    branches: list[Branch] = []
    for branch in cast(Cover, first.claim).branches:
        if branch.free:
            return None
        value = branch.values[stand_in]
        narrowed = context.with_condition(*branch.relations)
        replaced = (*equations[:index], kernel - value, *equations[index + 1 :])
        step = with_equations(solver.solve(replaced, unknowns, narrowed), replaced)
        covers.append(step)
        branches += [
            Branch(b.at, branch.numbers + b.numbers, b.free, b.where)
            for b in cast(Cover, step.claim).branches
        ]
    return cover_step(
        context,
        equations,
        unknowns,
        tuple(dict.fromkeys(branches)),
        "cover_kernel",
        tuple(covers),
        index=index,
        kernel=kernel,
        symbol=stand_in,
        polynomial=polynomial,
        range=ranges,
    )
