"""Losses with data: shapes, flattening, chunks, stability and runs."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sympy import (
    HadamardProduct,
    IndexedBase,
    Matrix,
    MatrixSymbol,
    Q,
    Sum,
    Symbol,
    exp,
    log,
    symbols,
)

from symopt import Problem, log_sum_exp, norm, ones, softplus, total
from symopt.errors import InputError

N, M, K = symbols("N M K", integer=True, positive=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
U, V = MatrixSymbol("U", N, K), MatrixSymbol("V", K, M)
b, lam = symbols("b lambda", real=True)
GENERATOR = np.random.default_rng(5)
ROWS = GENERATOR.normal(size=(30, 3))
TARGETS = ROWS @ [1.0, -2.0, 0.5] + 3 + GENERATOR.normal(size=30) / 10
LABELS = (TARGETS > 3).astype(float)
SQUARES = Problem(norm(y - X * w - b * ones(N)) ** 2, [w, b])
LOGISTIC = Problem(total(softplus(X * w) - HadamardProduct(y, X * w)) / N, [w])


def hand_logistic(point: Any, rows: Any, labels: Any) -> tuple[Any, Any, Any]:
    z = rows @ point
    s = 1 / (1 + np.exp(-z))
    value = np.mean(np.logaddexp(0, z) - labels * z)
    return value, rows.T @ (s - labels) / len(rows), (rows.T * (s * (1 - s))) @ rows / len(rows)


def test_a_logistic_loss_agrees_with_numpy_written_by_hand() -> None:
    compiled = LOGISTIC.with_data({X: ROWS, y: LABELS}).compile()
    point = np.array([0.3, -1.0, 2.0])
    for found, wanted in zip(compiled.all(point), hand_logistic(point, ROWS, LABELS), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    np.testing.assert_allclose(compiled.hessian(point), compiled.all(point)[2], rtol=0)
    np.testing.assert_allclose(compiled.value_and_gradient(point)[1], compiled.gradient(point), rtol=0)


def test_newton_finds_the_least_squares_solution_in_one_step() -> None:
    problem = SQUARES.with_data({X: ROWS, y: TARGETS})
    run = problem.run({w: [0, 0, 0], b: 0}, method="newton")
    wanted = np.linalg.lstsq(np.column_stack([ROWS, np.ones(30)]), TARGETS, rcond=None)[0]
    assert run.success
    assert run.nit <= 2
    np.testing.assert_allclose(run.x, wanted, rtol=1e-9)
    assert problem.split(run.x)["b"] == run.x[3]


def test_a_point_is_the_variables_in_order_row_by_row() -> None:
    data = GENERATOR.normal(size=(2, 4))
    problem = Problem(norm(X - U * V) ** 2, [U, V]).with_data({X: data, K: 3})
    compiled = problem.compile()
    assert compiled.variables[:4] == ("U[0,0]", "U[0,1]", "U[0,2]", "U[1,0]")
    assert compiled.variables[6:8] == ("V[0,0]", "V[0,1]")
    u, v = GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=(3, 4))
    point = problem.join({U: u, V: v})
    np.testing.assert_array_equal(point, [*u.ravel(), *v.ravel()])
    residual = data - u @ v
    assert float(compiled(point)) == pytest.approx(float(np.sum(residual**2)))
    wanted = np.concatenate([(-2 * residual @ v.T).ravel(), (-2 * u.T @ residual).ravel()])
    np.testing.assert_allclose(compiled.gradient(point), wanted, rtol=1e-12)
    np.testing.assert_array_equal(problem.split(point)["V"], v)


def test_a_batch_of_points_has_one_row_for_each() -> None:
    compiled = LOGISTIC.with_data({X: ROWS, y: LABELS}).compile()
    points = GENERATOR.normal(size=(4, 3))
    value, gradient, hessian = compiled.all(points)
    assert (value.shape, gradient.shape, hessian.shape) == ((4,), (4, 3), (4, 3, 3))
    np.testing.assert_array_equal(gradient[2], compiled.gradient(points[2]))


def test_chunks_of_rows_are_read_one_after_the_other() -> None:
    whole = SQUARES.with_data({X: ROWS, y: TARGETS}).compile()
    chunks = (slice(start, start + 7) for start in range(0, 30, 7))
    parts = [(ROWS[part], TARGETS[part]) for part in chunks]
    pieces = SQUARES.with_data({X: (rows for rows, _ in parts), y: (t for _, t in parts)}).compile()
    point = np.array([1.0, 2.0, 3.0, 4.0])
    assert float(pieces(point)) == float(whole(point))


def test_columns_of_pandas_and_columns_of_one_entry_are_read() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS, columns=["p", "q", "r"]).assign(t=TARGETS)
    read = SQUARES.with_data({X: frame[["p", "q", "r"]], y: frame["t"]}).compile()
    wanted = SQUARES.with_data({X: ROWS, y: TARGETS[:, None]}).compile()
    point = np.array([1.0, 2.0, 3.0, 4.0])
    assert float(read(point)) == float(wanted(point))


@pytest.mark.filterwarnings("error")
def test_large_arguments_neither_overflow_nor_cancel() -> None:
    rows = np.array([[1000.0], [-1000.0], [40.0], [-40.0]])
    compiled = LOGISTIC.with_data({X: rows, y: [1, 0, 1, 0]}).compile()
    value, gradient, hessian = compiled.all([1.0])
    assert float(value) == pytest.approx(np.log1p(np.exp(-40.0)) / 2, rel=0.5)
    assert float(gradient[0]) == pytest.approx(-20 * np.exp(-40.0), rel=1)
    # sigmoid(40) (1 - sigmoid(40)) = e^-40 to 17 digits: a difference of ones would lose all of them.
    assert float(hessian[0, 0]) == pytest.approx(800 * np.exp(-40.0), rel=1e-12)
    scores = Problem(log_sum_exp(X * w), [w]).with_data({X: rows}).compile()
    assert float(scores([1.0])) == 1000.0
    assert float(scores.gradient([1.0])[0]) == 1000.0


def test_indexed_sums_take_data_too() -> None:
    i = symbols("i", integer=True)
    p, q = IndexedBase("p"), IndexedBase("q")
    problem = Problem(Sum(log(1 + exp(-q[i] * (lam * p[i] + b))), (i, 1, N)), [lam, b])
    compiled = problem.with_data({p: [1.0, 2.0, -1.0], q: [1, -1, 1]}).compile()
    z = np.array([1, -1, 1]) * (0.5 * np.array([1.0, 2.0, -1.0]) + 0.25)
    assert float(compiled([0.5, 0.25])) == pytest.approx(float(np.sum(np.log1p(np.exp(-z)))))


def test_parameters_and_sizes_are_given_as_numbers() -> None:
    ridge = Problem(norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w])
    with pytest.raises(InputError, match="lambda has no value"):
        ridge.with_data({X: ROWS, y: TARGETS}).compile()
    one = ridge.with_data({X: ROWS, y: TARGETS, lam: 2}).compile()
    other = ridge.at({lam: 2}).with_data(X=ROWS, y=TARGETS).compile()
    assert float(one([1.0, 2.0, 3.0])) == float(other([1.0, 2.0, 3.0]))


def test_matrices_of_numbers_need_no_data() -> None:
    A = Matrix([[2, 0], [0, 5]])
    v = MatrixSymbol("v", 2, 1)
    problem = Problem(v.T * A * v, [v])
    np.testing.assert_allclose(problem.compile().hessian([0, 0]), [[4, 0], [0, 10]])
    assert problem.run([1, 1], step_size="1/10").success


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({X: ROWS}, "the array y has no data"),
        ({X: ROWS, y: TARGETS[:5]}, "y is N with N = 30, and the array given has shape \\(5,\\)"),
        ({X: ROWS[0], y: TARGETS}, "X has 2 axes in the loss"),
        ({X: "rows", y: TARGETS}, "must be an array of numbers"),
        ({X: [["p"]], y: TARGETS}, "must be an array of numbers"),
        ({X: iter([]), y: TARGETS}, "gives no rows"),
        ({X: ROWS, y: TARGETS, Symbol("typo"): 1}, "typo is neither data nor a parameter"),
    ],
)
def test_data_that_do_not_fit_are_refused_by_name(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SQUARES.with_data(data).compile()


def test_points_that_do_not_fit_are_refused() -> None:
    problem = SQUARES.with_data({X: ROWS, y: TARGETS})
    with pytest.raises(InputError, match=r"a point has shape \(4,\)"):
        problem.compile()([1, 2, 3])
    with pytest.raises(InputError, match="the variable b has no value"):
        problem.join({w: [1, 2, 3]})
    with pytest.raises(InputError, match="w has shape"):
        problem.join({w: [1, 2], b: 0})
    with pytest.raises(InputError, match="with_data is for losses over arrays"):
        Problem("x^2", "x").with_data({})


def test_problems_of_arrays_are_values() -> None:
    again = Problem(norm(y - X * w - b * ones(N)) ** 2, [w, b])
    assert again == SQUARES
    assert hash(again) == hash(SQUARES)
    assert pickle.loads(pickle.dumps(SQUARES)) == SQUARES
    assert SQUARES.variables == (w, b)
    assert SQUARES.parameters == (X, y)


class Odd:
    """Not a number."""


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([1, None, 3], "y has 1 missing or infinite"),
        ([np.nan, np.inf, 3], "y has 2 missing or infinite"),
        (np.ma.masked_array([1, 2, 3], [0, 1, 0]), "y has 1 missing or infinite"),
        (np.array([1, 2j, 3]), "y must be an array of numbers"),
        (np.array(["2020-01-01"] * 3, dtype="datetime64[D]"), "y must be an array of numbers"),
        ([1, 10**400, 3], "y must be an array of numbers"),
        ([1, Odd(), 3], "y must be an array of numbers"),
        ({1, 2, 3}, "y must be an array of numbers"),
    ],
)
def test_data_that_are_no_finite_numbers_are_refused(targets: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SQUARES.with_data({X: ROWS[:3], y: targets}).compile()


def test_missing_values_of_pandas_are_refused() -> None:
    pandas = pytest.importorskip("pandas")
    for column in (pandas.Series([1, None, 3]), pandas.Series([1, None, 3], dtype="Int64")):
        with pytest.raises(InputError, match="y has 1 missing or infinite"):
            SQUARES.with_data({X: ROWS[:3], y: column})


def test_sizes_and_parameters_keep_their_assumptions() -> None:
    with pytest.raises(InputError, match="N = 0 contradicts the assumption N > 0"):
        SQUARES.with_data({X: np.zeros((0, 2)), y: []}).compile()
    mean = Problem(norm(w) ** 2 / N, [w])
    for size, message in ((-2, "N = -2 contradicts"), (float("nan"), "N must be a finite number")):
        with pytest.raises(InputError, match=message):
            mean.with_data({M: 2, N: size}).compile()
    ridge = Problem(norm(w) ** 2 * lam, [w], assuming=[lam > 1])
    with pytest.raises(InputError, match=r"lambda = 0\.5 contradicts the assumption lambda > 1"):
        ridge.with_data({M: 2, lam: 0.5}).compile()


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.round(1).astype(np.float32),
        np.asfortranarray(ROWS),
        np.repeat(ROWS, 2, axis=0)[::2],
        ROWS[::-1][::-1],
        (10 * ROWS).astype(np.int8),
        ROWS > 0,
    ],
    ids=["float32", "columns first", "strides", "reversed", "int8", "bool"],
)
def test_the_type_and_the_layout_of_an_array_do_not_matter(rows: Any) -> None:
    point = np.array([1.0, 2.0, 3.0, 4.0])
    found = SQUARES.with_data({X: rows, y: TARGETS}).compile().all(point)
    wide = np.hstack([np.array(rows.tolist(), dtype=float), np.ones((30, 1))])
    residual = TARGETS - wide @ point
    wanted = (residual @ residual, -2 * wide.T @ residual, 2 * wide.T @ wide)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_one_row_and_one_column_are_no_other_shapes() -> None:
    value, gradient, hessian = SQUARES.with_data({X: [[2.0]], y: [[5]]}).compile().all([1.0, 1.0])
    assert (float(value), gradient.tolist(), hessian.tolist()) == (
        4.0,
        [-8.0, -4.0],
        [[8.0, 4.0], [4.0, 2.0]],
    )
    with pytest.raises(InputError, match="X has 2 axes in the loss"):
        SQUARES.with_data({X: [1, 2, 3], y: [1, 2, 3]}).compile()


n, i = symbols("n i", integer=True, positive=True)
p, m = symbols("p m", real=True)
x, count = IndexedBase("x"), IndexedBase("k", integer=True, nonnegative=True)
COINS = Problem(Sum(x[i] * log(p) + (1 - x[i]) * log(1 - p), (i, 1, n)), [p], assuming=[x[i] >= 0, x[i] <= 1])
POISSON = Problem(Sum(count[i] * log(p) - p, (i, 1, n)), [p])
BELOW = Problem(Sum((p - x[i]) ** 2, (i, 1, n)) + m * p**2, [p], assuming=[x[i] <= m])
FORM = w.T * MatrixSymbol("A", M, M) * w


@pytest.mark.parametrize(
    ("problem", "data", "told"),
    [
        (COINS, {"x": [0, 1, 2, 3]}, r"x has 2 in row 2 \(counted from 0\), .* x\[i\] <= 1"),
        (COINS, {"x": iter([[0, 1], [0.5, -1e-300]])}, r"x has -1e-300 in row 3 .* x\[i\] >= 0"),
        (POISSON, {"k": [0, 1.5]}, r"k has 1\.5 in row 1 .* whole number"),
        (POISSON, {"k": np.array([4, -1])}, r"k has -1 in row 1 .* k\[i\] >= 0"),
        (BELOW, {"x": [1, 3], "m": 2}, r"x has 3 in row 1 .* x\[i\] <= m"),
        (
            Problem(norm(y - X * w) ** 2, [w], assuming=[X[0, 0] ** 2 <= 4]),
            {"X": [[1, 2], [0, -3]], "y": [1, 2]},
            r"X has -3 in row 1, column 1 .* X\[i, j\]\*\*2 <= 4",
        ),
        (
            Problem(FORM, [w], assuming=[Q.symmetric(MatrixSymbol("A", M, M))]),
            {"A": [[1, 2], [3, 1]]},
            r"A is assumed symmetric, and has 2 at \[0, 1\] but 3 at \[1, 0\]",
        ),
        (
            Problem(FORM, [w], assuming=[Q.positive_definite(MatrixSymbol("A", M, M))]),
            {"A": [[1, 2], [2, 1]]},
            "A is assumed positive definite, and has the eigenvalue -1",
        ),
    ],
)
def test_data_that_contradict_their_declaration_are_refused(problem: Any, data: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        problem.with_data(data)


def test_data_on_the_border_of_their_range_come_in() -> None:
    assert COINS.with_data({x: [0, 1, 1]}).compile()([0.5]) == pytest.approx(3 * np.log(0.5))
    assert BELOW.with_data({x: [1, 2]}).with_data({m: 2}).compile()([0]) == 5
    assert POISSON.with_data({count: [0, 3]}).compile()([1]) == -2


def test_a_row_of_a_chunk_that_contradicts_the_declaration_is_named() -> None:
    chunks = [{count: [1, 2]}, {count: [3, -1, 2]}]
    with pytest.raises(InputError, match=r"k of chunk 1 has -1 in row 3 "):
        POISSON.with_data().run({p: 1.0}, chunks=chunks, epochs=1, step_size=0.01)
