"""Lattices of rational vectors: the exponents (or angles) that kernels of one family may share.

A vector is a polynomial over Q, read as its table of coefficients. `basis` returns independent vectors
whose integer combinations include every vector given; independent vectors are kept as they are, so that
exp(-10^5 (x - 3)^2) beside exp(x) stays one kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any


def coordinates(vector: Any, basis: Sequence[Any]) -> list[Fraction] | None:
    """The rational q with vector = sum q_i basis_i for an independent basis, or None."""
    monomials = sorted({m for v in (*basis, vector) for m in v})
    rows = [[_fraction(v, m) for v in (*basis, vector)] for m in monomials]
    count = len(basis)
    for column in range(count):
        pivot = next(i for i in range(column, len(rows)) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        rows[column] = [entry / lead for entry in rows[column]]
        for i, row in enumerate(rows):
            if i != column and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    if any(row[count] for row in rows[count:]):
        return None
    return [row[count] for row in rows[:count]]


def basis(vectors: Sequence[Any]) -> list[Any]:
    """Independent vectors whose integer combinations include all the given ones (zero vectors aside)."""
    found: list[Any] = []
    for vector in sorted((v for v in vectors if v), key=_size):
        position = coordinates(vector, found)
        if position is None:
            found.append(vector)
            continue
        shared = [i for i, q in enumerate(position) if q.denominator != 1]
        if shared:
            scale = lcm(*(position[i].denominator for i in shared))
            rows = [[scale * (i == j) for j in shared] for i in shared]
            rows.append([int(position[i] * scale) for i in shared])
            combined = []
            for row in _row_basis(rows):
                total = found[0] * 0
                for i, entry in zip(shared, row, strict=True):
                    total += found[i] * found[i].ring.domain(entry, scale)
                combined.append(total)
            for i, new in zip(shared, combined, strict=True):
                found[i] = new
    return found


def _row_basis(rows: list[list[int]]) -> list[list[int]]:
    """A triangular basis of the lattice spanned by integer rows of full column rank (Hermite's form)."""
    rows = [list(row) for row in rows]
    for column in range(len(rows[0])):
        for i in range(column + 1, len(rows)):
            while rows[i][column]:
                quotient = rows[column][column] // rows[i][column]
                rows[column] = [a - quotient * b for a, b in zip(rows[column], rows[i], strict=True)]
                rows[column], rows[i] = rows[i], rows[column]
        if rows[column][column] < 0:
            rows[column] = [-a for a in rows[column]]
        for i in range(column):
            quotient = rows[i][column] // rows[column][column]
            rows[i] = [a - quotient * b for a, b in zip(rows[i], rows[column], strict=True)]
    return rows[: len(rows[0])]


def _fraction(vector: Any, monomial: tuple[int, ...]) -> Fraction:
    value = vector.get(monomial, 0)
    return Fraction(int(value.numerator), int(value.denominator)) if value else Fraction(0)


def _size(vector: Any) -> tuple[Any, ...]:
    entries = sorted(vector.items(), key=lambda item: item[0])
    height = sum(int(abs(c.numerator)) + int(c.denominator) for _, c in entries)
    return len(entries), height, [(m, str(c)) for m, c in entries]


def content(vector: Any) -> Fraction:
    """The positive rational c such that vector / c has coprime integer coefficients."""
    numerators = [int(c.numerator) for c in vector.values()]
    denominators = [int(c.denominator) for c in vector.values()]
    return Fraction(gcd(*numerators), lcm(*denominators))
