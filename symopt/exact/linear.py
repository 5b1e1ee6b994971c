"""Matrices of canonical expressions: products, minors, L D L^T without pivoting; linear systems over Q.

A matrix is a tuple of rows. Every result has canonical entries.
"""

from __future__ import annotations

from itertools import combinations
from math import lcm

from sympy import QQ, Expr, Rational, S
from sympy.polys.matrices import DomainMatrix

from symopt.exact.gates import TooLarge
from symopt.exact.normal import canonical

Matrix = tuple[tuple[Expr, ...], ...]
_MAX_ORDER = 12
_MAX_PRINCIPAL = 5


def transpose(matrix: Matrix) -> Matrix:
    """A^T.

    >>> transpose(((S(1), S(2)),))
    ((1,), (2,))
    """
    return tuple(zip(*matrix, strict=True))


def matmul(left: Matrix, right: Matrix) -> Matrix:
    """A B.

    >>> matmul(((S(1), S(2)),), ((S(3),), (S(4),)))
    ((11,),)
    """
    columns = transpose(right)
    return tuple(
        tuple(canonical(sum((a * b for a, b in zip(row, column, strict=True)), S.Zero)) for column in columns)
        for row in left
    )


def rank(matrix: Matrix) -> int:
    """The rank of a matrix of rational numbers.

    >>> rank(((S(1), S(2)), (S(2), S(4))))
    1
    """
    from flint import fmpz_mat

    rows = []
    for row in matrix:
        multiple = lcm(*(entry.q for entry in row))
        rows.append([entry.p * (multiple // entry.q) for entry in row])
    return int(fmpz_mat(rows).rank()) if rows else 0


def determinant(matrix: Matrix) -> Expr:
    """det A, by expansion along rows with shared minors.

    >>> determinant(((S(1), S(2)), (S(3), S(4))))
    -2
    """
    return _minor(_canonical(matrix), tuple(range(len(matrix))), tuple(range(len(matrix))))


def adjugate(matrix: Matrix) -> Matrix:
    """The transposed matrix of cofactors: A adj(A) = det(A) I.

    >>> adjugate(((S(1), S(2)), (S(3), S(4))))
    ((4, -2), (-3, 1))
    """
    entries, order = _canonical(matrix), range(len(matrix))

    def cofactor(i: int, j: int) -> Expr:
        rows = tuple(k for k in order if k != i)
        columns = tuple(k for k in order if k != j)
        return canonical((-1) ** (i + j) * _minor(entries, rows, columns))

    return tuple(tuple(cofactor(j, i) for j in order) for i in order)


def leading_minors(matrix: Matrix) -> tuple[Expr, ...]:
    """The determinants of the upper left blocks, from order 1 to n."""
    entries = _canonical(matrix)
    return tuple(_minor(entries, tuple(range(k)), tuple(range(k))) for k in range(1, len(matrix) + 1))


def principal_minors(matrix: Matrix) -> tuple[tuple[tuple[int, ...], Expr], ...]:
    """`(indices, minor)` for every nonempty set of indices, by size, then in order; n <= 5.

    >>> principal_minors(((S(1), S(2)), (S(2), S(4))))
    (((0,), 1), ((1,), 4), ((0, 1), 0))
    """
    if len(matrix) > _MAX_PRINCIPAL:
        raise TooLarge(f"all principal minors of order {len(matrix)}")
    entries, order = _canonical(matrix), range(len(matrix))
    chosen = [c for size in range(1, len(matrix) + 1) for c in combinations(order, size)]
    return tuple((indices, _minor(entries, indices, indices)) for indices in chosen)


def ldl(matrix: Matrix) -> tuple[Matrix, tuple[Expr, ...]] | None:
    """`(L, D)` with A = L diag(D) L^T, L unit lower triangular, for a symmetric A, without pivoting.

    A pivot that is identically zero needs zeros below it; otherwise None. The pivots divide: the identity
    holds where those that are not identically zero do not vanish.

    >>> from sympy.abc import p
    >>> ldl(((S(2), p), (p, p**2)))
    (((1, 0), (p/2, 1)), (2, p**2/2))
    """
    rest = [list(row) for row in _canonical(matrix)]
    order = len(rest)
    if any(rest[i][j] != rest[j][i] for i in range(order) for j in range(i)):
        raise ValueError("L D L^T needs a symmetric matrix")
    lower = [[S.One if i == j else S.Zero for j in range(order)] for i in range(order)]
    pivots: list[Expr] = []
    for k in range(order):
        pivot = rest[k][k]
        pivots.append(pivot)
        if pivot.is_zero:
            if any(not rest[i][k].is_zero for i in range(k + 1, order)):
                return None
            continue
        for i in range(k + 1, order):
            lower[i][k] = canonical(rest[i][k] / pivot)
        for i in range(k + 1, order):
            for j in range(k + 1, i + 1):
                rest[i][j] = rest[j][i] = canonical(rest[i][j] - lower[i][k] * rest[j][k])
    return tuple(map(tuple, lower)), tuple(pivots)


def solve_linear_rational(
    matrix: tuple[tuple[Rational, ...], ...], right: tuple[Rational, ...]
) -> tuple[tuple[Rational, ...], tuple[tuple[Rational, ...], ...]] | None:
    """`(x, nullspace)` over Q: a solution of A x = b and a basis of those of A x = 0; None if there is none.

    >>> solve_linear_rational(((S(1), S(1)),), (S(2),))
    ((2, 0), ((-1, 1),))
    """
    width = len(matrix[0])
    rows = [[QQ(int(e.p), int(e.q)) for e in (*row, b)] for row, b in zip(matrix, right, strict=True)]
    reduced, pivots = DomainMatrix(rows, (len(rows), width + 1), QQ).rref()
    if width in pivots:
        return None
    table = reduced.to_list()

    def rational(value: object) -> Rational:
        return Rational(int(value.numerator), int(value.denominator))  # type: ignore[attr-defined]

    particular = [S.Zero] * width
    for i, column in enumerate(pivots):
        particular[column] = rational(table[i][width])
    basis = []
    for free in (column for column in range(width) if column not in pivots):
        vector = [S.Zero] * width
        vector[free] = S.One
        for i, column in enumerate(pivots):
            vector[column] = rational(-table[i][free])
        basis.append(tuple(vector))
    return tuple(particular), tuple(basis)


def _canonical(matrix: Matrix) -> Matrix:
    if len(matrix) > _MAX_ORDER:
        raise TooLarge(f"a determinant of order {len(matrix)}")
    return tuple(tuple(canonical(entry) for entry in row) for row in matrix)


def _minor(matrix: Matrix, rows: tuple[int, ...], columns: tuple[int, ...]) -> Expr:
    """The determinant of the chosen rows and columns, by dynamic programming over sets of columns."""
    minors: dict[tuple[int, ...], Expr] = {(): S.One}
    for size, row in enumerate(rows, start=1):
        grown: dict[tuple[int, ...], Expr] = {}
        for chosen in combinations(columns, size):
            terms = [
                (-1) ** (size - 1 - place)
                * matrix[row][column]
                * minors[chosen[:place] + chosen[place + 1 :]]
                for place, column in enumerate(chosen)
                if not matrix[row][column].is_zero
            ]
            grown[chosen] = canonical(sum(terms, S.Zero))
        minors = grown
    return minors[columns]
