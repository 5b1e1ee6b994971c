"""What is read into the graph of tensors, and what is refused, by name and in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import (
    BlockMatrix,
    DiracDelta,
    Function,
    HadamardProduct,
    I,
    IndexedBase,
    Integral,
    KroneckerProduct,
    MatPow,
    Matrix,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    exp,
    symbols,
)
from sympy.core.singleton import S as registry

from symopt import Problem, elementwise, log_det, log_sum_exp, norm, ones, softmax, total
from symopt.errors import InputError, SymoptError

N, M = symbols("N M", integer=True, positive=True)
X, y, w, S = (
    MatrixSymbol("X", N, M),
    MatrixSymbol("y", N, 1),
    MatrixSymbol("w", M, 1),
    MatrixSymbol("S", M, M),
)
b, t = symbols("b t", real=True)
i, j = symbols("i j", integer=True)
p, q = IndexedBase("p"), IndexedBase("q")


@pytest.mark.parametrize(
    ("objective", "variables", "message"),
    [
        (norm(y - X * w), None, "name the variables"),
        (norm(y - X * w), [], "there is no variable"),
        (norm(y - X * w), ["w"], "must be given as the MatrixSymbol"),
        (norm(y - X * w), [w, w], "w is given twice"),
        (norm(y - X * w), [N], "N is the size of an array"),
        (X * w, [w], "X.w is N x 1 and not a number"),
        (norm(X * y), [y], "X is N x M, y is N x 1"),
        (norm(X + S), [X], "X is N x M|S is M x M"),
        (total(HadamardProduct(S, X.T * X) * X), [X], "S is M x M|does not fit"),
        (Trace(X), [X], "trace needs a square matrix"),
        (norm(KroneckerProduct(X, X)), [X], "KroneckerProduct is not supported"),
        (norm(BlockMatrix([[X, X]])), [X], "BlockMatrix is not supported"),
        (norm(X.adjoint()), [X], "Adjoint is not supported"),
        (norm(MatPow(S, b)), [S], "its exponent must be a number"),
        (norm(w) ** 2 + Function("g")(b), [w, b], "unknown function"),
        (norm(w) ** 2 + I * b, [w], "not a real number"),
        (exp(S), [S], "S is M x M and not a number|M x M"),
        (norm(w) + Integral(t, (t, 0, b)), [w], "Integral is not supported"),
        (norm(w) + Product(p[i], (i, 1, N)), [w], "Product is not supported"),
        (norm(elementwise(DiracDelta, w)), [w], "DiracDelta is not supported"),
        (Sum(p[i] * i * t, (i, 1, N)), [t], "index i is used as a number"),
        (Sum(p[i + 1] * t, (i, 1, N)), [t], "i . 1 is not the index of a sum"),
        (Sum(p[i] * t, (i, 1, N)) + p[1], [t], "single entries are not supported"),
        (Sum(p[i] * t, (i, 1, N)) + Sum(p[i], (i, 1, M)), [t], "run over different ranges"),
        (Sum(p[i] * t, (i, 1, N)) + Sum(p[i], (i, 0, N - 1)), [t], "run over different ranges"),
        (Sum(Sum(p[j], (j, 1, i)) * t, (i, 1, N)), [t], "depend on another index"),
        (Sum(w[i, 0] ** 2, (i, 1, M)), [w], "must run over all of 0, .., M - 1"),
        (norm(w) + w[0, 0], [w], "single entries are not supported"),
        (norm(w) + Symbol("w"), [w], "two different symbols are called w"),
        (norm(Matrix([[t, 1]]) * MatrixSymbol("v", 2, 1)), [t], "no exact numbers"),
    ],
    ids=str,
)
def test_what_is_not_supported_is_refused_by_name(objective: Any, variables: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _ = Problem(objective, variables).gradient


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: norm(b), "norm takes a vector or a matrix"),
        (lambda: total(3), "total takes a vector or a matrix"),
        (lambda: norm(w, 3), r"norm\(.., ord=3\)"),
        (lambda: log_det(X), "log_det needs a square matrix: X is N x M"),
        (lambda: log_sum_exp(X, axis=2), "axis=2"),
        (lambda: elementwise(exp), "one to 8 arrays"),
        (lambda: elementwise(lambda u, v: u * v, X, S), "X is N x M, S is M x M"),
        (lambda: elementwise(lambda u: X, w), "must give a number"),
    ],
)
def test_words_refuse_what_they_do_not_take(make: Any, message: str) -> None:
    with pytest.raises(SymoptError, match=message):
        make()


def test_constraints_and_assumptions_are_refused() -> None:
    with pytest.raises(InputError, match="not supported where vectors or matrices vary"):
        Problem(norm(w), [w], subject_to=[b > 0])
    with pytest.raises(InputError, match="typing error"):
        Problem(norm(y - X * w), [w], parameters=[X])
    assert Problem(norm(y - X * w), [w], parameters=[X, y]).parameters == (X, y)


def test_a_number_is_added_to_every_entry_of_a_function_of_entries() -> None:
    shares = softmax(w)
    for sum_ in (shares + b, b + shares, shares - b, b - shares, 1 - shares):
        assert sum_.shape == (M, 1)
    assert Problem(total(1 - shares), [w]).gradient[0] != 0


def test_decimals_are_exact() -> None:
    (slope,) = Problem(0.1 * norm(w) ** 2, [w]).gradient
    assert slope == Rational(1, 5) * w


def test_words_are_evaluated_on_numbers() -> None:
    numbers = Matrix([[1, 2], [3, 4]])
    table = {S: numbers, M: 2}
    assert norm(S).subs(table).doit() ** 2 == 30
    assert total(S).subs(table).doit() == 10
    assert Matrix(total(S, axis=0).subs(table).as_explicit()) == Matrix([[4, 6]])
    gradient = Problem(norm(S * w) ** 2, [w]).gradient[0]
    found = gradient.subs({S: numbers, w: Matrix([1, -1]), M: 2}).doit()
    assert Matrix(found) == 2 * numbers.T * numbers * Matrix([1, -1])
    assert ones(2, 2).as_explicit() == Matrix([[1, 1], [1, 1]])


def test_what_is_no_array_is_refused_by_name() -> None:
    """`from sympy import *` makes S SymPy's registry of singletons."""
    with pytest.raises(
        InputError, match="log_det takes a vector or a matrix, and a SingletonRegistry is neither"
    ):
        log_det(registry)
