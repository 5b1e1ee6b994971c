"""Exact linear algebra: products multiplied back, SymPy's determinant as an oracle."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational, S, exp, sqrt

from symopt.exact.linear import (
    adjugate,
    determinant,
    ldl,
    leading_minors,
    matmul,
    principal_minors,
    solve_linear_rational,
    transpose,
)
from symopt.exact.normal import TooLarge, canonical, is_identical

x, p, q = sp.symbols("x p q", real=True)
entries = st.sampled_from([S(0), S(1), S(-2), Rational(1, 3), p, p - 1, p * q, exp(x), 1 / p, sqrt(2), q**2])


def square(size):
    return st.lists(st.lists(entries, min_size=size, max_size=size), min_size=size, max_size=size)


def rows(matrix):
    return tuple(tuple(row) for row in matrix)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(1, 4).flatmap(square))
def test_determinant_and_adjugate(table):
    matrix, size = rows(table), len(table)
    determinant_value = determinant(matrix)
    assert is_identical(determinant_value, Matrix(table).det(method="berkowitz"))
    identity = tuple(tuple(determinant_value if i == j else S.Zero for j in range(size)) for i in range(size))
    assert matmul(matrix, adjugate(matrix)) == identity


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 4).flatmap(square))
def test_ldl_multiplies_back(table):
    size = len(table)
    symmetric = tuple(tuple(table[max(i, j)][min(i, j)] for j in range(size)) for i in range(size))
    found = ldl(symmetric)
    if found is None:
        return
    lower, pivots = found
    diagonal = tuple(tuple(pivots[i] if i == j else S.Zero for j in range(size)) for i in range(size))
    back = matmul(matmul(lower, diagonal), transpose(lower))
    assert back == tuple(tuple(canonical(entry) for entry in row) for row in symmetric)
    assert all(lower[i][i] == 1 and all(lower[i][j] == 0 for j in range(i + 1, size)) for i in range(size))


def test_ldl_at_zero_pivots():
    assert ldl(((S(0), S(1)), (S(1), S(0)))) is None
    assert ldl(((S(0), S(0)), (S(0), p))) == (((1, 0), (0, 1)), (0, p))
    vanishing = sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1
    assert ldl(((vanishing, S(1)), (S(1), S(1)))) is None
    with pytest.raises(ValueError, match="symmetric"):
        ldl(((S(1), S(2)), (S(3), S(4))))


def test_minors():
    hilbert = rows([[Rational(1, i + j + 1) for j in range(3)] for i in range(3)])
    assert leading_minors(hilbert) == (1, Rational(1, 12), Rational(1, 2160))
    minors = dict(principal_minors(hilbert))
    assert len(minors) == 7
    for indices, value in minors.items():
        assert value == Matrix(hilbert).extract(list(indices), list(indices)).det()
    with pytest.raises(TooLarge):
        principal_minors(rows(sp.eye(6).tolist()))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.fractions(-3, 3, max_denominator=3), min_size=n + 1, max_size=n + 1),
            min_size=1,
            max_size=4,
        )
    )
)
def test_linear_systems(table):
    exact = [[Rational(q.numerator, q.denominator) for q in row] for row in table]
    matrix, right = rows(row[:-1] for row in exact), tuple(row[-1] for row in exact)
    found = solve_linear_rational(matrix, right)
    system, constants = Matrix(matrix), Matrix(right)
    if found is None:
        assert system.row_join(constants).rank() > system.rank()
        return
    particular, basis = found
    assert system * Matrix(particular) == constants
    assert len(basis) == system.cols - system.rank()
    assert all((system * Matrix(vector)).is_zero_matrix for vector in basis)
    assert not basis or Matrix(basis).rank() == len(basis)
