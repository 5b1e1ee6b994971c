"""All solutions of a system of equations in a region, as a derivation: the table of moves, in the order of trial.

Moves that need the sign of a quantity in the parameters ask the cell, which splits where the sign is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, cast

from sympy import Abs, Add, Expr

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checks_labels import is_discrete
from symopt.derivation.claims import Context, Cover, Step
from symopt.exact.normal import NotExact
from symopt.stationary import algebraic
from symopt.stationary.absolute import by_absolute_value, by_positive_part
from symopt.stationary.boxing import by_boxes
from symopt.stationary.combining import by_combining, by_factored_sums, by_rows, by_rows_of_waves
from symopt.stationary.cones import by_binomial, by_lines
from symopt.stationary.conics import by_ellipse, by_quadric
from symopt.stationary.cramer import by_determinant
from symopt.stationary.dividing import by_division
from symopt.stationary.eliminating import by_elimination
from symopt.stationary.inverting import (
    by_crossing_lines,
    by_equal_values,
    by_logarithm_of_unknown,
    by_power,
    by_single_value,
    by_square,
)
from symopt.stationary.levels import by_levels
from symopt.stationary.monomials import by_product_of_powers
from symopt.stationary.periodic import by_equal_waves
from symopt.stationary.powers import by_real_power, by_root
from symopt.stationary.solver import Move, Solver, System, Unsolved
from symopt.stationary.steps import with_equations
from symopt.stationary.univariate import by_monotone_roots, by_one_unknown, by_variation

MOVES: Final[tuple[Move, ...]] = (
    algebraic.nowhere,
    algebraic.tidied,
    algebraic.by_value,
    algebraic.never_zero,
    by_monotone_roots,
    by_logarithm_of_unknown,
    by_product_of_powers,
    algebraic.by_sum,
    by_rows_of_waves,
    by_equal_waves,
    by_determinant,
    algebraic.by_common_factor,
    algebraic.by_factors,
    by_square,
    by_factored_sums,
    by_rows,
    by_combining,
    algebraic.by_linear,
    by_absolute_value,
    by_positive_part,
    by_equal_values,
    by_single_value,
    by_one_unknown,
    by_ellipse,
    by_power,
    by_real_power,
    by_elimination,
    by_division,
    by_levels,
    by_root,
    by_quadric,
    by_lines,
    by_binomial,
    by_crossing_lines,
    by_boxes,
    algebraic.by_cases,
    algebraic.never_zero_at_last,
)
# For several equations at once, as where all terms of a sum are 0: what is linear or a power comes before waves.
ALGEBRA_FIRST: Final[tuple[Move, ...]] = (
    *(algebraic.nowhere, algebraic.tidied, algebraic.by_value, algebraic.by_sum, by_single_value),
    *(algebraic.by_factors, algebraic.by_linear, *MOVES),
)
# For polynomial systems that lead to roots of expressions in the unknowns otherwise.
ELIMINATION_FIRST: Final[tuple[Move, ...]] = (
    *(algebraic.nowhere, algebraic.tidied, algebraic.by_value, algebraic.never_zero, algebraic.by_factors),
    *(by_elimination, *MOVES),
)
# What is left to try in a box, where no way to solve the system was found.
BOXES: Final[tuple[Move, ...]] = (algebraic.nowhere, algebraic.tidied, algebraic.by_factors, by_boxes)
# An equation in one unknown as it stands, between monotone pieces.
ISOLATING: Final[tuple[Move, ...]] = (by_variation, algebraic.tidied)


def solver_for(cell: Cell, used: Iterable[str], moves: tuple[Move, ...] = MOVES) -> Solver:
    """A solver for the questions of one cell; `used` are the names that its new symbols avoid."""
    return Solver(cell, set(used), moves)


def where_terms_vanish(
    solver: Solver, system: System, tree: Expr | None, signs: Iterable[Step]
) -> Step | None:
    """Where a function is 0 that `tree` writes as a sum of terms of one sign, as `signs` show: where every term is."""
    terms = () if tree is None else _terms(tree)
    if len(terms) < 2:
        return None
    inner = solver.solve(terms, system.unknowns, system.context)
    premises = (with_equations(inner, terms), *signs)
    step = system.cover(cast(Cover, inner.claim).branches, "cover_sum", premises, index=0, terms=terms)
    return step if follows(step) else None  # the sign of sqrt(x^2 + y^2) - x is not that of its terms


def isolated_zeros(cell: Cell, difference: Expr, context: Context, bound: Step | None = None) -> Step | None:
    """A cover of f = f* by isolated points, from the terms of one sign that the bound shows, or as it stands."""
    solver = solver_for(cell, {str(s) for s in difference.free_symbols} | {"_"}, ALGEBRA_FIRST)
    system = System((difference,), cell.variables, context)
    step = None
    with suppress(Unsolved, NotExact):
        tree = None if bound is None else cast("Expr | None", bound.data("tree"))
        step = where_terms_vanish(solver, system, tree, () if bound is None else bound.premises)
    if step is None:
        with suppress(Unsolved):
            step = solver.solve((difference,), cell.variables, context)
    return step if step and all(is_discrete(b) for b in cast(Cover, step.claim).branches) else None


def _terms(tree: Expr) -> tuple[Expr, ...]:
    """The terms of a sum, where a size is one term with the multiple of its argument beside it: 5 |x| - 2 x."""
    factor, whole = tree.as_coeff_Mul()
    terms = list(Add.make_args(whole if factor == 1 else tree))
    for size in [term for term in terms if isinstance(term.as_coeff_Mul()[1], Abs)]:
        argument = size.as_coeff_Mul()[1].args[0]
        beside = [term for term in terms if term.as_coeff_Mul()[1] == argument]
        if beside:
            terms = [term for term in terms if term is not size and term not in beside]
            terms.append(Add(size, *beside))
    return tuple(terms)
