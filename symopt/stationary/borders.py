"""Whether the border of a region is where its relations are equalities: then nothing is lost by making them strict.

{g > 0} is the interior of {g >= 0} only where the border has no flat pieces and no isolated points: with
g = x^2 (x + 1), the point 0 satisfies g = 0 and lies inside.
"""

from __future__ import annotations

from typing import Final, cast

from sympy import Expr

from symopt.calculus.expressions import gradient
from symopt.cases import Cell
from symopt.derivation.claims import Cover
from symopt.exact.derivatives import singularities
from symopt.reasoning.sign import prove_infeasible
from symopt.stationary.covers import solver_for
from symopt.stationary.pieces import Piece, smooth_pieces
from symopt.stationary.solver import Unsolved

CLOSED: Final = (">=", "<=")


def has_regular_border(cell: Cell) -> bool:
    """Whether every point where a closed relation is an equality is proved to lie on the border.

    Such a point lies on the border where the gradient of the relation's expression is not 0.
    """
    return all(
        _is_regular(relation.expression, cell) for relation in cell.context.region if relation.op in CLOSED
    )


def _is_regular(expression: Expr, cell: Cell) -> bool:
    pieces = smooth_pieces(expression, cell.variables)
    return pieces is not None and all(_is_regular_on(piece, cell) for piece in pieces)


def _is_regular_on(piece: Piece, cell: Cell) -> bool:
    """No point of a piece, or of its border with another, is a zero without slope."""
    if not piece.objective.free_symbols & set(cell.variables):
        context = cell.context.with_region(*piece.relations)
        return prove_infeasible(context) is not None
    if singularities(piece.objective, cell.variables) is None:
        return False
    slopes = gradient(piece.objective, cell.variables)
    systems = [(piece.objective, *slopes)] + [(piece.objective, r.expression) for r in piece.relations]
    return all(_has_no_solution(system, cell) for system in systems)


def _has_no_solution(system: tuple[Expr, ...], cell: Cell) -> bool:
    if any(e.is_number and e.is_zero is False for e in system):
        return True
    names = {str(s) for e in system for s in e.free_symbols} | {str(s) for s in cell.parameters}
    try:
        solver = solver_for(cell, names)
        cover = solver.within(
            solver.solve(system, cell.variables, cell.context), cell.context, cell.context.region
        )
    except Unsolved:
        return False
    return not cast(Cover, cover.claim).branches
