"""A move of the solver: an equation minus a multiple of another, in which a function of several unknowns cancels."""

from __future__ import annotations

from itertools import permutations
from typing import Final, cast

from sympy import Add, Expr, Function, Mul, Pow, Rational, S

from symopt.derivation.claims import Cover, Step
from symopt.exact.normal import canonical
from symopt.stationary.boxing import by_boxes
from symopt.stationary.equations import slope_in
from symopt.stationary.solver import Solver, System, Unsolved
from symopt.stationary.steps import with_equations

MAX_OPERATIONS: Final = 150


def by_combining(solver: Solver, system: System) -> Step | None:
    """cos(x + y) in two equations, with coefficients in proportion: their difference has one function less."""
    if any(e.count_ops() > MAX_OPERATIONS for e in system.equations):
        return None
    written = [e.expand(power_exp=False, power_base=False) for e in system.equations]
    for i, j in permutations(range(len(written)), 2):
        before = _functions(system, written[i])
        for function in sorted(before & _functions(system, written[j]), key=str):
            here, there = (collected(written[k], function) for k in (i, j))
            ratio = canonical(here / there) if here and there else S.Zero
            if not isinstance(ratio, Rational) or not ratio:
                continue
            difference = (written[i] - ratio * written[j]).expand(power_exp=False, power_base=False)
            left = _functions(system, difference)
            solvable = not left or any(slope_in(difference, u) is not None for u in system.unknowns)
            if not (left < before and solvable):
                continue
            multiples = tuple(S.One if k == i else -ratio if k == j else S.Zero for k in range(len(written)))
            try:
                return _replaced(solver, system, i, multiples, difference)
            except Unsolved:
                continue
    return None


def _replaced(solver: Solver, system: System, index: int, multiples: tuple[Expr, ...], product: Expr) -> Step:
    replaced = system.replacing(index, product)
    # Zeros in boxes are left to the system as it was, whose equations then define the numbers.
    inner = Solver(solver.cell, solver.used, tuple(move for move in solver.moves if move is not by_boxes))
    step = with_equations(inner.solved(replaced), replaced.equations)
    branches = cast(Cover, step.claim).branches
    data = {"index": index, "multiples": multiples, "product": product}
    return system.cover(branches, "cover_multiplied", (step,), **data)


def collected(expression: Expr, function: Expr) -> Expr:
    """What a function is multiplied with in a sum: (x + y) log u + 1 gives x + y for log u."""
    return Add(*(term / function for term in Add.make_args(expression) if function in Mul.make_args(term)))


def _functions(system: System, expression: Expr) -> frozenset[Expr]:
    """The functions and roots of several unknowns."""
    nodes = (n for n in expression.atoms(Function, Pow) if not (n.is_Pow and n.exp.is_Integer))
    return frozenset(n for n in nodes if len(n.free_symbols & set(system.unknowns)) > 1)
