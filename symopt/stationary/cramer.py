"""A move of the solver for two coupled linear equations whose coefficients hold parameters: Cramer's rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sympy import Add, Expr, S

from symopt.derivation.claims import Step
from symopt.exact.linear import determinant
from symopt.exact.normal import canonical
from symopt.stationary.combining import derived_from
from symopt.stationary.equations import slope_in
from symopt.stationary.solver import Solver, System


def by_determinant(solver: Solver, system: System) -> Step | None:
    """a x + b y = u and c x + d y = v, where ad - bc is not 0: (ad - bc) x = du - bv and (ad - bc) y = av - cu.

    The cell is split by the determinant before it is by a coefficient, as which the pivots of an elimination would do.
    """
    if len(system.equations) != 2 or len(system.unknowns) != 2:
        return None
    rows = tuple(tuple(slope_in(e, u) for u in system.unknowns) for e in system.equations)
    if any(slope is None or system.among_unknowns(slope) for row in rows for slope in row):
        return None
    (a, b), (c, d) = cast("tuple[tuple[Expr, Expr], tuple[Expr, Expr]]", rows)
    content, product = canonical(determinant(((a, b), (c, d)))).primitive()
    if not product.free_symbols:
        return None
    regular = solver.nonzero(product, system.context)
    if regular is False and b == c:
        solver.nonzero(a, system.context)  # where the matrix is singular, a = 0 gives b = 0
    if not isinstance(regular, Step):
        return None
    products, multiples = zip(*_rows(system, product, ((d, -b), (-c, a)), content), strict=True)
    step = solver.solved(System(products, system.unknowns, system.context))
    return derived_from(system, products, multiples, step)


def _rows(
    system: System, product: Expr, adjugate: tuple[tuple[Expr, Expr], ...], content: Expr
) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """(ad - bc) x + rest for each unknown x, with the multiples of the equations that give it."""
    offsets = [e.xreplace(dict.fromkeys(system.unknowns, S.Zero)) for e in system.equations]
    for unknown, row in zip(system.unknowns, adjugate, strict=True):
        multiples = tuple(canonical(m / content) for m in row)
        rest = canonical(Add(*(m * e for m, e in zip(multiples, offsets, strict=True))))
        yield product * unknown + rest, multiples
