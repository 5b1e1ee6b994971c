"""Losses as sums over rows, and the gradient on some of the rows: split, mean and variance by counting all batches."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from sympy import (
    HadamardProduct,
    IndexedBase,
    MatrixSymbol,
    Rational,
    Sum,
    Trace,
    exp,
    log,
    symbols,
)

from symopt import Problem, elementwise, log_det, log_sum_exp, norm, ones, softplus, total
from symopt.arrays.batches import RowLoss
from symopt.arrays.splitting import split_rows
from symopt.errors import InputError

N, M, K = symbols("N M K", integer=True, positive=True)
i, j = symbols("i j", integer=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
Y, W, B = MatrixSymbol("Y", N, K), MatrixSymbol("W", M, K), MatrixSymbol("B", M, N)
U, V = MatrixSymbol("U", N, K), MatrixSymbol("V", K, M)
b, lam, t = symbols("b lambda t", real=True)
p, q = IndexedBase("p"), IndexedBase("q")
ROWS = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0], [-2.0, 2.0], [1.0, 1.0]])
TARGETS = np.array([1.0, 2.0, -1.0, 0.0, 4.0])
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
CLASSES = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

# (loss, variables, data, f_i by hand for row i and a point, r by hand)
CASES: list[tuple[str, Any, list[Any], dict[Any, Any], Any, Any]] = [
    (
        "mean of squares and a ridge",
        norm(y - X * w - b * ones(N)) ** 2 / N + lam * norm(w) ** 2,
        [w, b],
        {X: ROWS, y: TARGETS, lam: 0.5},
        lambda i, x: (TARGETS[i] - ROWS[i] @ x[:2] - x[2]) ** 2 / 5,
        lambda x: 0.5 * x[:2] @ x[:2],
    ),
    (
        "sum of squares, normal equations as the loss is written",
        w.T * (X.T * X * w - 2 * X.T * y) + y.T * y,
        [w],
        {X: ROWS, y: TARGETS},
        lambda i, x: (TARGETS[i] - ROWS[i] @ x) ** 2,
        lambda x: 0.0,
    ),
    (
        "logistic",
        total(softplus(X * w) - HadamardProduct(y, X * w)) / N,
        [w],
        {X: ROWS, y: LABELS},
        lambda i, x: (np.log1p(np.exp(ROWS[i] @ x)) - LABELS[i] * (ROWS[i] @ x)) / 5,
        lambda x: 0.0,
    ),
    (
        "softmax",
        (total(log_sum_exp(X * W, axis=1)) - Trace(Y.T * X * W)) / N + norm(W) ** 2,
        [W],
        {X: ROWS, Y: CLASSES},
        lambda i, x: (
            (np.log(np.exp(ROWS[i] @ x.reshape(2, 2)).sum()) - CLASSES[i] @ (ROWS[i] @ x.reshape(2, 2))) / 5
        ),
        lambda x: x @ x,
    ),
    (
        "rows that are columns, weighted by a variable, with N as a number",
        t * total(elementwise(lambda u: u**4, B.T * w)) / N**2 + N * t**2,
        [w, t],
        {B: ROWS.T},
        lambda i, x: x[2] * (ROWS[i] @ x[:2]) ** 4 / 25,
        lambda x: 5 * x[2] ** 2,
    ),
    (
        "indexed",
        Sum(log(1 + exp(-q[i] * (lam * p[i] + b))), (i, 1, N)) + b**2,
        [lam, b],
        {p: TARGETS, q: LABELS},
        lambda i, x: np.log1p(np.exp(-LABELS[i] * (x[0] * TARGETS[i] + x[1]))),
        lambda x: x[1] ** 2,
    ),
]
IDS = [case[0] for case in CASES]


def slope(function: Any, x: Any, h: float = 1e-5) -> Any:
    return np.array([(function(x + h * e) - function(x - h * e)) / (2 * h) for e in np.eye(len(x))])


def loss_of(objective: Any, variables: list[Any], data: dict[Any, Any]) -> tuple[Any, RowLoss]:
    fit = Problem(objective, variables).with_data(data)
    return fit.compile(), RowLoss(split_rows(fit.statement), fit.compile())


@pytest.mark.parametrize(("_", "objective", "variables", "data", "row", "rest"), CASES, ids=IDS)
def test_a_batch_has_the_rows_weighted_and_the_rest_as_it_is(
    _: str, objective: Any, variables: list[Any], data: dict[Any, Any], row: Any, rest: Any
) -> None:
    compiled, loss = loss_of(objective, variables, data)
    x = np.array([0.3, -0.2, 0.7, 0.4])[: compiled.size]
    for rows, weight in (([0], 5.0), ([1, 3], 2.5), ([4, 4, 0], 5 / 3), (range(5), 1.0)):
        batch = loss.on(np.array(rows), len(rows), weight)

        def by_hand(x: Any, rows: Any = rows, weight: float = weight) -> Any:
            return weight * sum(row(i, x) for i in rows) + rest(x)

        assert float(batch(x)) == pytest.approx(by_hand(x), rel=1e-12)
        np.testing.assert_allclose(batch.gradient(x), slope(by_hand, x), rtol=1e-7, atol=1e-8)
        slopes = batch.gradient
        differences = np.array([slope(lambda x, k=k, g=slopes: g(x.copy())[k], x) for k in range(len(x))])
        np.testing.assert_allclose(batch.hessian(x), differences, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("_", "objective", "variables", "data", "row", "rest"), CASES, ids=IDS)
def test_the_mean_over_all_batches_is_the_gradient(
    _: str, objective: Any, variables: list[Any], data: dict[Any, Any], row: Any, rest: Any
) -> None:
    compiled, loss = loss_of(objective, variables, data)
    x = np.array([0.3, -0.2, 0.7, 0.4])[: compiled.size]
    for m in (1, 2, 3):
        for batches in (combinations(range(5), m), product(range(5), repeat=m)):
            gradients = [loss.on(np.array(rows), m, 5 / m).gradient(x) for rows in batches]
            np.testing.assert_allclose(
                np.mean(gradients, axis=0), compiled.gradient(x), rtol=1e-12, atol=1e-13
            )


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_the_variance_is_that_of_the_formula(m: int, replacement: bool) -> None:
    # (y_i - a x_i)^2 with whole numbers, so that fractions count exactly; by hand its slope is -2 x_i (y_i - a x_i).
    x, targets, a = [1, 2, -1, 3, 0], [2, 1, 0, -1, 4], Fraction(1, 2)
    slopes = [-2 * u * (v - a * u) for u, v in zip(x, targets, strict=True)]
    batches = list(product(slopes, repeat=m) if replacement else combinations(slopes, m))
    full = sum(slopes)
    assert sum(Fraction(5, m) * sum(batch) for batch in batches) / len(batches) == full
    exact = sum((Fraction(5, m) * sum(batch) - full) ** 2 for batch in batches) / len(batches)
    fit = Problem(Sum((q[i] - b * p[i]) ** 2, (i, 1, N)), [b]).with_data({p: x, q: targets})
    assert fit.batch_variance([0.5], m, replacement) == pytest.approx(float(exact), rel=1e-13, abs=1e-12)


def test_a_batch_of_all_rows_has_no_variance() -> None:
    fit = Problem(norm(y - X * w) ** 2 + norm(w) ** 2, [w]).with_data({X: ROWS, y: TARGETS})
    assert fit.batch_variance([1.0, 2.0], 5) == 0
    assert fit.batch_variance([1.0, 2.0], 5, replacement=True) > 1


@pytest.mark.parametrize(
    ("objective", "variables", "reason"),
    [
        (norm(y - X * w), [w], "norm.* is not one"),
        (norm(X.T * (y - X * w)) ** 2, [w], "the rows meet each other"),
        (norm(y - X * w - (total(y) / N) * ones(N)) ** 2, [w], "the rows meet each other"),
        (total(X * w) ** 2, [w], "total.*is not one"),
        (norm(X - U * V) ** 2, [U, V], "the variable [UV] has a part of its own"),
        (b * log_det(X.T * X), [b], "log_det.* is not one"),
        (exp(total(X * w) / N), [w], "is not one"),
        (norm(w) ** 2 * log_sum_exp(X * w), [w], "log_sum_exp.* is not one"),
        (norm(w) ** 2, [w], "the variable w has a part of its own"),
        (norm(b * ones(N, M) - X) ** 2, [b], "a sum over each of .* rows="),
    ],
)
def test_what_is_no_sum_over_rows_is_refused(objective: Any, variables: list[Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        Problem(objective, variables).mini_batches()


def test_a_fixed_number_of_rows_is_no_symbol() -> None:
    rows, targets = MatrixSymbol("X", 5, 2), MatrixSymbol("y", 5, 1)
    with pytest.raises(InputError, match="write their number as a symbol"):
        Problem(norm(targets - rows * MatrixSymbol("w", 2, 1)) ** 2, [MatrixSymbol("w", 2, 1)]).mini_batches()


def test_the_rows_can_be_named() -> None:
    problem = Problem(norm(b * ones(N, M) - X) ** 2, [b])
    assert problem.mini_batches(rows=N).size == N
    assert problem.mini_batches(rows="M").size == M
    by_columns = problem.with_data({X: ROWS})
    values = [
        by_columns.run([0], batch_size=1, rows=s, rng=0, step_size="1/20", epochs=1).nit for s in (N, M)
    ]
    assert values == [5, 2]
    with pytest.raises(InputError, match="K is not the size of an axis"):
        problem.mini_batches(rows=K)


def test_the_worked_answer_has_the_split_the_mean_and_the_finite_population() -> None:
    text = Problem(norm(y - X * w) ** 2 / N + lam * norm(w) ** 2, [w]).mini_batches().explain().text()
    for line in (
        "f_i(w) = (y_i - w^T X_i)^2/N",
        "r(w) = lambda ||w||^2",
        "∂f_i/∂w = -2 (y_i - w^T X_i)/N X_i",
        "G = (N/m) (sum over i in B of ∇f_i) + ∇r",
        "= (N^2/m) s^2 (N - m)/(N - 1)",
    ):
        assert line in text
    plain = Problem(norm(y - X * w) ** 2, [w]).mini_batches()
    assert "∇r" not in plain.explain().text()
    assert plain.to_dict()["rest"] == "0"


def pieces() -> Any:
    return ({X: ROWS[s], y: TARGETS[s]} for s in (slice(0, 2), slice(2, 4), slice(4, 5)))


def test_chunks_are_batches_and_a_pass_over_them_is_the_loss() -> None:
    problem = Problem(norm(y - X * w) ** 2 / N + lam * norm(w) ** 2, [w])
    whole = problem.with_data({X: ROWS, y: TARGETS, lam: 0.5})
    run = problem.with_data({lam: 0.5}).run({w: [1, -1]}, chunks=pieces, epochs=2, step_size="1/100")
    assert run.nit == 6
    for x, value, length in zip(run.path, run.values, run.gradient_norms, strict=True):
        assert value == pytest.approx(float(whole.compile()(x)), rel=1e-13)
        assert length == pytest.approx(np.linalg.norm(whole.compile().gradient(x)), rel=1e-12)
    x = np.array([1.0, -1.0])
    for s in (slice(0, 2), slice(2, 4), slice(4, 5)):
        x = x - 0.01 * (3 * -2 * ROWS[s].T @ (TARGETS[s] - ROWS[s] @ x) / 5 + x)
    np.testing.assert_allclose(run.path[1], x, rtol=1e-13)
    assert run.description.endswith("on 3 chunks of 5 rows, in their order")
    assert run.seed is None
    listed = problem.with_data({lam: 0.5}).run([1, -1], chunks=list(pieces()), epochs=2, step_size="1/100")
    np.testing.assert_array_equal(listed.x, run.x)


def test_chunks_converge_with_a_hessian_from_a_pass() -> None:
    exact = Problem(norm(y - X * w) ** 2 / N, [w])
    parts = [{X: ROWS[:3], y: ROWS[:3] @ [1, 2]}, {X: ROWS[3:], y: (ROWS[3:] @ [1, 2])[:, None]}]
    run = exact.with_data().run([0, 0], chunks=parts, epochs=900, step_size="1/40", tolerance="1/100000000")
    assert run.success
    assert "strict local minimum" in run.message
    np.testing.assert_allclose(run.x, [1, 2], atol=1e-7)


@pytest.mark.parametrize(
    ("data", "chunks", "reason"),
    [
        ({}, pieces(), "can be read only once"),
        ({}, [], "there are no chunks"),
        ({}, [{X: ROWS}], "rows of X, y"),
        ({}, [{X: ROWS, y: TARGETS[:3]}], "different numbers of rows"),
        ({}, [{X: ROWS, y: TARGETS}, {X: ROWS[:, :1], y: TARGETS}], "X is N x M"),
        ({X: ROWS}, pieces, "X is given by with_data and by the chunks"),
        ({N: 7}, pieces, "the chunks have 5 rows, and N was given as 7"),
    ],
)
def test_chunks_that_do_not_fit_are_refused(data: Any, chunks: Any, reason: str) -> None:
    problem = Problem(norm(y - X * w) ** 2 / N, [w]).with_data(data)
    with pytest.raises(InputError, match=reason):
        problem.run([0, 0], chunks=chunks, epochs=1, step_size="1/100")


def test_a_pass_that_gives_other_rows_is_noticed() -> None:
    calls = iter([3, 2, 2])

    def shrinking() -> Any:
        return [{X: ROWS, y: TARGETS}] * next(calls)

    with pytest.raises(InputError, match="15 rows at first and 10 in a later pass"):
        Problem(norm(y - X * w) ** 2 / N, [w]).with_data().run([0, 0], chunks=shrinking, step_size="1/100")


@pytest.mark.parametrize(("_", "objective", "variables", "data", "row", "rest"), CASES, ids=IDS)
def test_the_rows_that_are_shown_add_up_to_the_loss(
    _: str, objective: Any, variables: list[Any], data: dict[Any, Any], row: Any, rest: Any
) -> None:
    # What is shown is read again as a problem of its own, with one row's data at a time.
    shown = Problem(objective, variables).mini_batches()
    compiled = Problem(objective, variables).with_data(data).compile()
    x = np.array([0.3, -0.2, 0.7, 0.4])[: compiled.size]
    numbers = {str(key): value for key, value in data.items() if np.ndim(value) == 0}

    def at(expression: Any, known: dict[str, Any]) -> float:
        present = [v for v in variables if v in expression.free_symbols]
        if not expression.free_symbols:
            return float(expression)
        parts = dict(zip(map(str, variables), compiled.parts(x), strict=True))
        given = {"N": 5, "M": 2, "K": 2, **numbers, **known}
        problem = Problem(expression, present)
        names = {
            *map(str, problem.parameters),
            *(str(size) for v in present for size in getattr(v, "shape", ())),
        }
        given = {name: value for name, value in given.items() if name in names}
        if any(getattr(v, "shape", ()) for v in (*present, *problem.parameters)):
            program = problem.with_data(given).compile()
            return float(program(program.join({v: parts[str(v)] for v in present})))
        exact = {name: Rational(str(float(value))) for name, value in given.items()}
        return float(problem.at(exact).compile()([float(parts[str(v)]) for v in present]))

    rows = []
    for i in range(5):
        arrays = {str(k): np.asarray(v) for k, v in data.items() if np.ndim(v)}
        rows.append({f"{k}_i": v[:, i] if k == "B" else v[i] for k, v in arrays.items()})
    total_of_rows = sum(at(shown.row, known) for known in rows)
    assert total_of_rows + at(shown.rest, {}) == pytest.approx(float(compiled(x)), rel=1e-12)
