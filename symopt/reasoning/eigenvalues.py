"""Eigenvalues of symmetric matrices in closed form, with a basis of eigenvectors that shows them."""

from __future__ import annotations

from typing import Final

import sympy
from sympy import Dummy, Expr, Pow, S, Symbol, sqrt

from symopt.derivation.claims import Matrix, Vector
from symopt.exact.gates import operations
from symopt.exact.linear import determinant
from symopt.exact.normal import NotExact, canonical, factors

MOST_VARIABLES: Final = 6
MOST_OPERATIONS: Final = 400

Eigenpairs = tuple[tuple[Expr, Vector], ...]


def eigenpairs(matrix: Matrix) -> Eigenpairs | None:
    """The n eigenvalues, each with a vector of a basis; None where they are not found in closed form.

    Found block by block, and in a block from the factors of the characteristic polynomial that have degree 1 or 2.
    It only proposes: the rule `eigenvectors` checks every equation again.

    >>> eigenpairs(((S(2), S(1)), (S(1), S(2))))
    ((3, (1, 1)), (1, (-1, 1)))
    """
    n, pairs = len(matrix), []
    for block in _blocks(matrix):
        inner = tuple(tuple(matrix[i][j] for j in block) for i in block)
        found = _in_block(inner)
        if found is None:
            return None
        for value, vector in found:
            at = dict(zip(block, vector, strict=True))
            pairs.append((value, tuple(at.get(i, S.Zero) for i in range(n))))
    return tuple(pairs)


def two_eigenvalues(matrix: Matrix) -> tuple[Expr, Expr]:
    """The smaller and the larger eigenvalue of a symmetric 2 x 2 matrix, with a sum of squares below the root.

    >>> two_eigenvalues(((S(2), S(1)), (S(1), S(2))))
    (1, 3)
    """
    (p, q), (_, r) = matrix
    half, root = canonical((p + r) / 2), sqrt(canonical((p - r) / 2) ** 2 + canonical(q) ** 2)
    return half - root, half + root


def needs_formula(matrix: Matrix) -> bool:
    """Whether the eigenvalues of a 2 x 2 matrix with parameters need a root, or are 0 and the trace."""
    if len(matrix) != 2:
        return False
    (p, q), (_, r) = matrix
    if q == 0 or not (q.free_symbols or (p - r).free_symbols):
        return False
    low, high = two_eigenvalues(matrix)
    try:
        gap = canonical(high - low)
        return canonical(determinant(matrix)) == 0 or any(e.exp == S.Half for e in gap.atoms(Pow))
    except NotExact:
        return False


def _blocks(matrix: Matrix) -> list[list[int]]:
    """The variables in groups that are not coupled."""
    left, groups = list(range(len(matrix))), []
    while left:
        group, waiting = [left.pop(0)], 0
        while waiting < len(group):
            near = [j for j in left if canonical(matrix[group[waiting]][j]) != 0]
            group += near
            left = [j for j in left if j not in near]
            waiting += 1
        groups.append(sorted(group))
    return groups


def _in_block(matrix: Matrix) -> Eigenpairs | None:
    n = len(matrix)
    if n == 1:
        return ((matrix[0][0], (S.One,)),)
    if n > MOST_VARIABLES or sum(operations(e) for row in matrix for e in row) > MOST_OPERATIONS:
        return None
    z = Dummy("z", real=True)
    try:
        shifted = tuple(
            tuple(e - (z if i == j else S.Zero) for j, e in enumerate(row)) for i, row in enumerate(matrix)
        )
        _, parts = factors(determinant(shifted))
        pairs: list[tuple[Expr, Vector]] = []
        for base, power in parts:
            roots = _roots(base, z)
            if roots is None:
                return None
            for root in roots:
                vectors = _null_space(matrix, root)
                if len(vectors) != power:
                    return None
                pairs += [(root, vector) for vector in vectors]
    except NotExact:
        return None
    return tuple(pairs) if len(pairs) == n else None


def _roots(polynomial: Expr, z: Symbol) -> tuple[Expr, ...] | None:
    """The roots of a factor of degree 1 or 2 in z; none of one without z."""
    poly = polynomial.as_poly(z)
    if poly is None or poly.degree() > 2:
        return None
    if poly.degree() == 0:
        return ()
    if poly.degree() == 1:
        slope, offset = poly.all_coeffs()
        return (canonical(-offset / slope),)
    a, b, c = poly.all_coeffs()
    root = canonical(sqrt(canonical(b**2 - 4 * a * c)))
    return tuple(canonical((-b + sign * root) / (2 * a)) for sign in (-1, 1))


def _null_space(matrix: Matrix, value: Expr) -> tuple[Vector, ...]:
    """A basis of the solutions of (M - value I) v = 0, as it is for general values of the parameters."""
    n = len(matrix)
    shifted = sympy.Matrix(n, n, lambda i, j: canonical(matrix[i][j] - (value if i == j else 0)))
    basis = shifted.nullspace(simplify=canonical, iszerofunc=lambda e: canonical(e) == 0)
    return tuple(tuple(canonical(entry) for entry in vector) for vector in basis)
