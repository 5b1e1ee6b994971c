"""Bounds for the eigenvalues of a Hessian on a bounded region: proposed at sample points, then proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Final, cast

import mpmath
from sympy import Expr, Integer, Rational, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.claims import Matrix, Spectrum, Step
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import rational_bounds
from symopt.reasoning.second_order import sign_of_hessian

SHARES: Final = (S.Zero, S.One, S.Half, Rational(1, 4), Rational(3, 4))
MOST_SAMPLES: Final = 125
SLACKS: Final = (S.Zero, Rational(1, 20), Rational(1, 4), S.One)
"""By how much of the sampled range the bounds are widened, one after the other."""


def hessian_range(entries: Matrix, variables: tuple[Symbol, ...], cell: Cell) -> Step | None:
    """A proof that the eigenvalues lie in [low, high] everywhere in the cell's region, which bounds every variable.

    None where no bounds could be proved. They are bounds, not the exact range, although they are that where the extreme
    values are at a corner.
    """
    samples = tuple(islice(_samples(entries, variables, cell), MOST_SAMPLES))
    if not samples:
        return None
    low, high = min(s[0] for s in samples), max(s[1] for s in samples)
    ends: list[tuple[Expr, Step]] = []
    for sign, end in ((1, low), (-1, high)):
        for slack in SLACKS:
            cell.budget.check()
            shift = canonical(end - sign * slack * max(high - low, abs(end)))
            proved = _definite(entries, variables, cell, sign, shift)
            if proved is not None:
                ends.append((shift, proved))
                break
        else:
            return None
    (low, first), (high, second) = ends
    step = Step(cell.context, Spectrum(entries, low, high, False), "eigenvalue_bounds", (first, second))
    return step if follows(step) else None


def bounds_at(
    matrix: Matrix, intervals: Mapping[Symbol, tuple[Expr, Expr]]
) -> tuple[Rational, Rational] | None:
    """Fractions a little below the smallest and above the largest eigenvalue, as a proposal."""
    middle = {symbol: (low + high) / 2 for symbol, (low, high) in intervals.items()}
    ends = _eigenvalue_ends([[e.xreplace(middle) for e in row] for row in matrix])
    if ends is None:
        return None
    slack = max(abs(ends[0]), abs(ends[1])) / 100
    return _rounded(ends[0] - slack, -1), _rounded(ends[1] + slack, 1)


def _eigenvalue_ends(values: list[list[Expr]]) -> tuple[mpmath.mpf, mpmath.mpf] | None:
    """The smallest and the largest eigenvalue in floating point; None where an entry is no number."""
    with mpmath.workdps(15):
        try:
            numbers = mpmath.matrix([[mpmath.mpf(e.evalf(15)) for e in row] for row in values])
            found = mpmath.eigsy(numbers, eigvals_only=True)
        except (TypeError, ValueError, ArithmeticError):
            return None
        return min(found), max(found)


def _definite(
    entries: Matrix, variables: tuple[Symbol, ...], cell: Cell, sign: int, shift: Expr
) -> Step | None:
    """sign (H - shift I) >= 0 on the region."""
    try:
        rest = tuple(
            tuple(canonical(sign * (e - (shift if i == j else S.Zero))) for j, e in enumerate(row))
            for i, row in enumerate(entries)
        )
    except NotExact:
        return None
    return sign_of_hessian(rest, variables, cell)


def _samples(
    entries: Matrix, variables: tuple[Symbol, ...], cell: Cell
) -> Iterator[tuple[Rational, Rational]]:
    """Bounds of the eigenvalues at points of a grid, rounded outwards; exact values in one variable."""
    ranges = []
    for variable in variables:
        low, high = rational_bounds(variable, cell.context.region)
        if low is None or high is None:
            return
        ranges.append((low[0], high[0]))
    for shares in product(SHARES, repeat=len(variables)):
        point = {v: a + s * (b - a) for v, s, (a, b) in zip(variables, shares, ranges, strict=True)}
        values = [[e.xreplace(point) for e in row] for row in entries]
        if len(values) == 1 and values[0][0].is_Rational:
            yield values[0][0], values[0][0]
            continue
        ends = _eigenvalue_ends(values)
        if ends is not None:
            yield _rounded(ends[0], -1), _rounded(ends[1], 1)


def _rounded(value: mpmath.mpf, direction: int) -> Rational:
    """A short fraction just below (-1) or just above (1) the value."""
    scale = Integer(100) if abs(value) < 100 else S.One
    whole = mpmath.ceil(value * int(scale)) if direction > 0 else mpmath.floor(value * int(scale))
    exact = abs(value * int(scale) - mpmath.nint(value * int(scale))) < mpmath.mpf("1e-9")
    return cast(Rational, Integer(int(mpmath.nint(value * int(scale)) if exact else whole)) / scale)
