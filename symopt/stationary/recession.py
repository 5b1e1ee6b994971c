"""Directions along which no exponential of an affine function grows: a logistic loss falls for ever along them.

Where every term falls along a direction, the gradient is nowhere 0; where all exponentials vanish along it, f tends to
what is left. Source: Rockafellar, Convex Analysis (1970), section 8, directions of recession.
"""

from __future__ import annotations

from itertools import product
from math import gcd
from typing import Final

from sympy import Add, Expr, Integer, Mul, Rational, Symbol, exp

from symopt.cases import Cell
from symopt.derivation.claims import Context, Step, Vector
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.gates import Unsupported
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.combining import derived_from
from symopt.stationary.solver import System
from symopt.stationary.steps import cover_step

REACH: Final = 3  # of the entries of a direction
MAX_VARIABLES: Final = 3
MAX_DIRECTIONS: Final = 6


def recession_directions(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Vector, ...]:
    """Small whole directions along which no exponential grows and one falls; those first along which all fall.

    >>> from sympy.abc import x, y
    >>> recession_directions(exp(-x - y) + exp(x - y), (x, y))[0]
    (0, 1)
    """
    exponents = [e.args[0] for e in objective.atoms(exp) if e.has(*variables)]
    slopes = [tuple(u.diff(v) for v in variables) for u in exponents]
    rational = all(isinstance(entry, Rational) for row in slopes for entry in row)
    if not 1 < len(variables) <= MAX_VARIABLES or len(slopes) < 2 or not rational:
        return ()
    found = []
    for direction in product(range(-REACH, REACH + 1), repeat=len(variables)):
        moves = [sum(a * b for a, b in zip(row, direction, strict=True)) for row in slopes]
        if gcd(*direction) == 1 and max(moves) <= 0 and min(moves) < 0:
            found.append((sum(m == 0 for m in moves), sum(map(abs, direction)), direction))
    return tuple(tuple(map(Integer, d)) for _, _, d in sorted(found))[:MAX_DIRECTIONS]


def falls_for_ever(cell: Cell, entries: Vector, inside: Context) -> Step | None:
    """No zero of the gradient, where f falls along a direction everywhere."""
    for direction in recession_directions(cell.objective, cell.variables):
        try:
            slope = Add(*(_along(term, direction, cell.variables) for term in Add.make_args(cell.objective)))
        except Unsupported:
            return None
        if not signs_of_tree(slope, inside.relations) <= SIGNS_OF["<"]:
            continue
        known = prove_relation(Relation(slope, "!="), inside)
        if known is not None:
            system = System(entries, cell.variables, inside)
            none = cover_step(inside, (slope,), cell.variables, (), "cover_none", (known,))
            return derived_from(system, (slope,), (direction,), none)
    return None


def _along(term: Expr, direction: Vector, variables: tuple[Symbol, ...]) -> Expr:
    """The slope of one term along a direction."""
    slopes = (derivative_by_table(term, v) for v in variables)
    return Add(*(Mul(d, slope) for d, slope in zip(direction, slopes, strict=True)))
