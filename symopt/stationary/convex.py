"""The stationary point of a strictly convex (or concave) function: there is one at most.

A simple point is tried first. Where no formula gives the point, Newton's iteration, damped, proposes it; Krawczyk's
operator proves that it is there, and the convexity that it is alone.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Final, cast

from sympy import Integer, Rational, S

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Cover, Curved, Step, Vector
from symopt.exact.boxes import Matrix, Point, SquareSystem, rounded
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact
from symopt.reasoning.curvature import convexity as curvature_of
from symopt.reasoning.samples import holds_at
from symopt.results.answers import Convexity
from symopt.results.evidence import undecided
from symopt.stationary.boxing import Search
from symopt.stationary.covers import solver_for
from symopt.stationary.solver import System
from symopt.stationary.steps import vanishes

MAX_VARIABLES: Final = 6
MAX_OPERATIONS: Final = 600
STARTS: Final = (S.Zero, S.One, Rational(1, 4), Integer(-1), Integer(4))
MAX_STEPS: Final = 60
MAX_HALVINGS: Final = 12
BITS: Final = 40
SMALL: Final = Rational(1, 2**24)
SHARE: Final = 0.3  # of the time, for the proof that f is strictly convex


def by_convexity(cell: Cell, entries: Vector, inside: Context, convexity: Convexity | None) -> Step | None:
    """The cover of the zeros of a gradient without parameters by the one zero that is found."""
    unknowns = set(cell.variables)
    if len(unknowns) > MAX_VARIABLES or any(e.free_symbols - unknowns for e in entries):
        return None
    square = SquareSystem(entries, cell.variables)
    if not square.is_smooth or sum(map(operations, entries)) > MAX_OPERATIONS:
        return None
    seen = _seen(cell, square, inside)
    near = _lowest(square, inside) if seen is None else None
    if seen is None and near is None:
        return None
    curved = _strictly_curved(cell, convexity)
    if curved is None:
        return None
    if seen is not None:
        return _covered(entries, cell, inside, seen, curved, point=seen)
    solver = solver_for(cell, {s.name for s in unknowns})
    zero = Search(solver, System(entries, cell.variables, inside), square).zero_near(cast(Point, near))
    return None if zero is None else _covered(entries, cell, inside, zero.branch, curved, zero=zero)


def _covered(
    entries: Vector, cell: Cell, inside: Context, branch: Branch, curved: Step, **data: object
) -> Step | None:
    claim = Cover(entries, cell.variables, (branch,))
    step = Step(inside, claim, "cover_convex", (curved,), tuple(data.items()))
    return step if follows(step) else None


def _seen(cell: Cell, square: SquareSystem, inside: Context) -> Branch | None:
    """A simple point at which the gradient vanishes."""
    for point in _starts(square, inside):
        at = dict(zip(cell.variables, point, strict=True))
        size = _size(square, point)
        if size is not None and size < SMALL and all(vanishes(e.xreplace(at)) for e in square.equations):
            return Branch(tuple(at.items()))
    return None


def _strictly_curved(cell: Cell, convexity: Convexity | None) -> Step | None:
    """The proof that f is strictly convex or concave on the region, in a part of the time."""
    if convexity is None:
        share = cell.budget.share(SHARE)
        try:
            convexity = share.within(
                lambda: curvature_of(cell.objective, cell.variables, replace(cell, budget=share)),
                lambda: Convexity("undecided", None, undecided("the time was used up", "clock")),
            )
        except NotExact:
            return None
    return next(
        (
            step
            for step in convexity.evidence.steps
            if isinstance(step.claim, Curved) and step.claim.strict and step.claim.objective == cell.objective
        ),
        None,
    )


def _lowest(square: SquareSystem, inside: Context) -> Point | None:
    """A point near a zero of the gradient, by Newton's iteration with steps that are halved until it gets smaller."""
    for start in _starts(square, inside):
        point, size = start, _size(square, start)
        for _ in range(MAX_STEPS):
            inverse = square.approximate_inverse(point)
            values = square.values(point)
            if inverse is not None and _is_indefinite(inverse):
                return None
            if inverse is None or values is None or size is None:
                break
            step = _times(inverse, values)
            if size < SMALL and max(map(abs, step)) < SMALL:
                return point
            for halvings in range(MAX_HALVINGS):
                trial = tuple(rounded(p - s / 2**halvings, BITS) for p, s in zip(point, step, strict=True))
                found = _size(square, trial) if _is_inside(square, trial, inside) else None
                if found is not None and found < size:
                    point, size = trial, found
                    break
            else:
                break
    return None


def _starts(square: SquareSystem, inside: Context) -> list[Point]:
    """Simple points of the region, those with equal coordinates first."""
    n = len(square.unknowns)
    points = [(value,) * n for value in STARTS]
    points += [p for p in product(STARTS, repeat=n) if n <= 3]
    return [p for p in dict.fromkeys(points) if _is_inside(square, p, inside)][:3]


def _is_inside(square: SquareSystem, point: Point, inside: Context) -> bool:
    table = {u: Fraction(int(p.p), int(p.q)) for u, p in zip(square.unknowns, point, strict=True)}
    return all(holds_at(r, table) for r in inside.region)


def _size(square: SquareSystem, point: Point) -> Rational | None:
    values = square.values(point)
    return None if values is None else cast(Rational, sum((v**2 for v in values), S.Zero))


def _is_indefinite(matrix: Matrix) -> bool:
    """Whether two eigenvalues of a symmetric matrix have opposite signs, as two of its rows tell."""
    n = len(matrix)
    return any(matrix[i][i] * matrix[j][j] < matrix[i][j] * matrix[j][i] for i in range(n) for j in range(i))


def _times(matrix: Matrix, values: tuple[Rational, ...]) -> tuple[Rational, ...]:
    rows = (sum((c * v for c, v in zip(row, values, strict=True)), S.Zero) for row in matrix)
    return tuple(cast(Rational, row) for row in rows)
