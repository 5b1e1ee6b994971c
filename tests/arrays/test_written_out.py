"""Losses written out over their data against the compiled arrays, against SymPy, and by hand."""

from __future__ import annotations

import pickle
from fractions import Fraction
from time import process_time
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import (
    Determinant,
    HadamardProduct,
    Identity,
    IndexedBase,
    Inverse,
    Matrix,
    MatrixSymbol,
    Rational,
    Sum,
    Trace,
    exp,
    log,
    symbols,
)

from symopt import Problem, elementwise, log_det, log_sum_exp, norm, ones, softplus, total
from symopt.errors import InputError

N, M, K = symbols("N M K", integer=True, positive=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
U, V, A = MatrixSymbol("U", 2, 3), MatrixSymbol("V", 3, 2), MatrixSymbol("A", 2, 2)
b, lam = symbols("b", real=True), symbols("lambda_", positive=True)
i, j = symbols("i j", integer=True)
x, z = IndexedBase("x"), IndexedBase("z")
RNG = np.random.default_rng(3)
POINTS = RNG.normal(size=(6, 3)).round(2)
LABELS = (RNG.random(6) > 0.5).astype(float)
SQUARE = Matrix([[2, 1], [1, Rational(1, 3)]])

LOSSES: list[tuple[Any, list[Any], dict[Any, Any]]] = [
    (norm(y - X * w - b * ones(N)) ** 2, [w, b], {X: POINTS, y: LABELS}),
    (total(softplus(X * w) - HadamardProduct(y, X * w)) / N, [w], {X: POINTS, y: LABELS}),
    (total(elementwise(sympy.cosh, X * w)) + norm(w) ** 2, [w], {X: POINTS}),
    (log_sum_exp(X * w), [w], {X: POINTS}),
    (Trace(w.T * X.T * X * w) ** 2, [w], {X: POINTS}),
    (norm(A - U * V) ** 2, [U, V], {A: [[1, 2], [3, 4]]}),
    (Trace(A * U * U.T * A.T * SQUARE), [U], {A: [[1, 2.5], [0, 4]]}),
    (log_det(A + SQUARE) - Trace(A), [A], {}),
    (Trace(Inverse(A + Identity(2))) + Determinant(A), [A], {}),
    (Sum((x[i] - z[j]) ** 2, (i, 1, N), (j, 0, 2)), [z], {x: [1, 2, 4.5]}),
    (Sum(log(1 + exp(-x[i] * b)), (i, 0, N - 1)), [b], {x: [1, -2, 0.25]}),
]


@pytest.mark.parametrize(("loss", "variables", "data"), LOSSES, ids=range(len(LOSSES)))
def test_the_formula_has_the_values_of_the_array_code(loss: Any, variables: Any, data: Any) -> None:
    given = Problem(loss, variables).with_data(data)
    written, compiled = given.written_out(), given.compile()
    point = 0.4 + RNG.random(compiled.size)
    value = float(written.objective.subs(dict(zip(written.variables, point, strict=True))))
    assert value == pytest.approx(float(compiled(point)), rel=1e-12)
    own, theirs = written.compile().all(point), compiled.all(point)
    for found, wanted in zip(own, theirs, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def test_the_formula_is_what_sympy_makes_of_the_sum() -> None:
    given = Problem(total(softplus(X * w) - HadamardProduct(y, X * w)) / N, [w])
    written = given.with_data({X: POINTS, y: LABELS}).written_out()
    terms = []
    for row, label in zip(POINTS, LABELS, strict=True):
        score = sum(Rational(str(v)) * s for v, s in zip(row, written.variables, strict=True))
        terms.append(log(1 + exp(score)) - int(label) * score)
    assert written.objective == sympy.Add(*terms) / 6


def test_the_names_count_as_the_indices_do() -> None:
    assert [
        str(v)
        for v in Problem(norm(A - U * V), [U])
        .with_data({A: [[1, 2], [3, 4]], V: np.eye(3)[:, :2]})
        .written_out()
        .variables
    ] == ["U_1_1", "U_1_2", "U_1_3", "U_2_1", "U_2_2", "U_2_3"]
    squares = Problem(Sum(z[j] ** 2, (j, 0, 2)), [z]).with_data().written_out()
    assert str(squares) == "f(z_0, z_1, z_2) = z_0^2 + z_1^2 + z_2^2 for real z_0, z_1 and z_2."


def test_floats_are_their_decimals_and_fractions_stay_fractions() -> None:
    loss = Problem(Sum((x[i] - b) ** 2, (i, 1, N)), [b])
    assert loss.with_data({x: [0.1, 0.2]}).written_out().minimum()[0].result.at[0].values == {
        b: Rational(3, 20)
    }
    third = loss.with_data({x: [Fraction(1, 3)]}).written_out().objective
    assert third.expand() == b**2 - 2 * b / 3 + Rational(1, 9)
    assert loss.with_data({x: Matrix([Rational(1, 3), 1])}).compile()([0.0]) == pytest.approx(10 / 9)


def test_a_parameter_without_a_value_stays_one() -> None:
    ridge = Problem(norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w])
    written = ridge.with_data({X: [[1], [2]], y: [1, 1]}).written_out()
    (w_1,) = written.variables
    assert written.parameters == (lam,)
    (case,) = written.minimum()
    # (1 - w)^2 + (1 - 2 w)^2 + l w^2 = 2 - 6 w + (5 + l) w^2
    assert sympy.simplify(case.result.at[0].values[w_1] - 3 / (5 + lam)) == 0
    fixed = ridge.with_data({X: [[1], [2]], y: [1, 1], lam: Rational(1, 3)}).written_out()
    assert fixed.minimum()[0].result.at[0].values == {w_1: Rational(9, 16)}


def test_everything_can_be_asked_of_it() -> None:
    fit = Problem(norm(y - X * w - b * ones(N)) ** 2, [w, b]).with_data({X: [[0], [1], [2]], y: [1, 3, 5]})
    line = fit.written_out()
    assert line.minimum().value == 0
    assert tuple(line.minimum()[0].result.at[0].values.values()) == (2, 1)
    assert line.convexity().kind == "convex"
    assert line.convexity().strict
    assert "CVXPY" in str(line.why_not_dcp())
    assert pickle.loads(pickle.dumps(line)) == line
    assert fit.written_out() == line
    assert line.run([0, 0], method="newton").x == pytest.approx([2, 1])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({X: POINTS}, "y has no data"),
        ({X: POINTS, y: [1, 2]}, "y is N with N = 6"),
        ({X: POINTS * np.nan, y: LABELS}, "X has 18 missing or infinite"),
        ({X: np.full((6, 3), -np.inf), y: LABELS}, "X has 18 missing or infinite"),
        ({X: POINTS, y: LABELS, "q": 1}, "q is neither"),
        ({X: np.ones((2, 120_001)), y: [1, 1]}, "too long"),
    ],
)
def test_what_cannot_be_written_out_is_refused(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Problem(norm(y - X * w) ** 2, [w]).with_data(data).written_out()


def test_large_determinants_of_variables_are_refused_by_name() -> None:
    large = MatrixSymbol("L", 5, 5)
    with pytest.raises(InputError, match="log_det of a matrix of 5 rows"):
        Problem(log_det(large), [large]).with_data().written_out()
    with pytest.raises(InputError, match="called w_1"):
        Problem(norm(w) ** 2 + sympy.Symbol("w_1", real=True), [w, sympy.Symbol("w_1", real=True)]).with_data(
            {M: 2}
        ).written_out()


@pytest.mark.slow
def test_writing_out_takes_a_small_part_of_what_sympy_takes() -> None:
    """At 20 points in 20 unknowns the ratio is above 50; ten leaves room for a loaded machine."""
    rows, columns = RNG.normal(size=(20, 20)).round(3), RNG.random(20).round()
    given = Problem(total(softplus(X * w) - HadamardProduct(y, X * w)) / N, [w]).with_data(
        {X: rows, y: columns}
    )
    given.written_out()
    start = process_time()
    given.written_out()
    ours, start = process_time() - start, process_time()
    names = symbols("w:20", real=True)
    for row in rows:
        log(1 + exp(sympy.Add(*(Rational(str(v)) * s for v, s in zip(row, names, strict=True)))))
    assert process_time() - start > 10 * ours
