"""Losses that are trained on data, against scikit-learn and statsmodels on the same data, to 1e-6."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import HadamardProduct, MatrixSymbol, Trace, exp, symbols

from symopt import Problem, elementwise, log_sum_exp, norm, ones, softplus, total

N, M, K = symbols("N M K", integer=True, positive=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
Y, W, c = MatrixSymbol("Y", N, K), MatrixSymbol("W", M, K), MatrixSymbol("c", K, 1)
weights = MatrixSymbol("v", N, 1)
b, lam = symbols("b lambda", real=True)
SCORES = X * w + b * ones(N)
GENERATOR = np.random.default_rng(8)
ROWS = GENERATOR.normal(size=(80, 3)) * [1, 2, 0.5] + [0, 1, -1]
TARGETS = ROWS @ [1.0, -0.5, 2.0] + 1 + GENERATOR.normal(size=80)
LABELS = (TARGETS + 2 * GENERATOR.normal(size=80) > 0).astype(float)
COUNTS = GENERATOR.poisson(np.exp(ROWS @ [0.3, -0.2, 0.4])).astype(float)
GROUPS = (TARGETS > -1).astype(int) + (TARGETS > 1)
START = {w: [0, 0, 0], b: 0}
WITH_ONES = np.column_stack([ROWS, np.ones(80)])


def trained(objective: Any, data: dict[Any, Any], method: str = "newton", **options: Any) -> Any:
    tolerance = "1/100000000" if method == "bfgs" else "1/10000000000"
    run = Problem(objective, [w, b]).with_data(data).run(START, method, tolerance=tolerance, **options)
    assert run.success, run.message
    return run.x


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_least_squares_and_weighted_least_squares() -> None:
    api = pytest.importorskip("statsmodels.api")
    linear = pytest.importorskip("sklearn.linear_model")
    found = trained(norm(y - SCORES) ** 2, {X: ROWS, y: TARGETS})
    close(found, api.OLS(TARGETS, WITH_ONES).fit().params)
    theirs = linear.LinearRegression().fit(ROWS, TARGETS)
    close(found, [*theirs.coef_, theirs.intercept_])
    given = GENERATOR.random(80) + 0.1
    residual = y - SCORES
    objective = total(HadamardProduct(weights, residual, residual))
    found = trained(objective, {X: ROWS, y: TARGETS, weights: given})
    close(found, api.WLS(TARGETS, WITH_ONES, weights=given).fit().params)


def test_ridge() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    found = trained(norm(y - SCORES) ** 2 + lam * norm(w) ** 2, {X: ROWS, y: TARGETS, lam: 3.5})
    theirs = linear.Ridge(alpha=3.5, tol=1e-12).fit(ROWS, TARGETS)
    close(found, [*theirs.coef_, theirs.intercept_])


@pytest.mark.parametrize("method", ["newton", "gd", "bfgs"])
def test_logistic_regression(method: str) -> None:
    api = pytest.importorskip("statsmodels.api")
    loss = total(softplus(SCORES) - HadamardProduct(y, SCORES)) / N
    options = {"step_size": "1/2", "max_iterations": 20_000} if method == "gd" else {}
    found = trained(loss, {X: ROWS, y: LABELS}, method, **options)
    close(found, api.Logit(LABELS, WITH_ONES).fit(disp=0, method="newton", tol=1e-12).params)


def test_logistic_regression_with_a_penalty() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    loss = total(softplus(SCORES) - HadamardProduct(y, SCORES)) + lam * norm(w) ** 2 / 2
    found = trained(loss, {X: ROWS, y: LABELS, lam: 2})
    theirs = linear.LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000).fit(ROWS, LABELS)
    close(found, [*theirs.coef_[0], *theirs.intercept_])


def test_poisson_regression() -> None:
    api = pytest.importorskip("statsmodels.api")
    loss = total(elementwise(exp, SCORES) - HadamardProduct(y, SCORES)) / N
    found = trained(loss, {X: ROWS, y: COUNTS}, "globalised_newton")
    close(found, api.GLM(COUNTS, WITH_ONES, family=api.families.Poisson()).fit(tol=1e-12).params)


def test_softmax_regression_with_a_penalty() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    scores = X * W + ones(N) * c.T
    loss = total(log_sum_exp(scores, axis=1)) - Trace(Y.T * scores) + lam * norm(W) ** 2 / 2
    fit = Problem(loss, [W, c]).with_data({X: ROWS, Y: np.eye(3)[GROUPS], lam: 1})
    run = fit.run({W: np.zeros((3, 3)), c: np.zeros(3)}, "bfgs", tolerance="1/10000000", max_iterations=2000)
    theirs = linear.LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000).fit(ROWS, GROUPS)
    parts = fit.split(run.x)
    np.testing.assert_allclose(parts["W"], theirs.coef_.T, atol=1e-6)
    # A constant added to all c changes nothing.
    intercepts = theirs.intercept_ - theirs.intercept_.mean()
    np.testing.assert_allclose(parts["c"] - parts["c"].mean(), intercepts, atol=1e-5)


def test_stochastic_steps_that_shrink_come_to_the_same_place() -> None:
    api = pytest.importorskip("statsmodels.api")
    from symopt.numeric import InverseTime

    fit = Problem(norm(y - SCORES) ** 2 / N, [w, b]).with_data({X: ROWS, y: TARGETS})
    wanted = api.OLS(TARGETS, WITH_ONES).fit().params
    for replacement in (False, True):
        run = fit.run(
            START,
            batch_size=20,
            replacement=replacement,
            epochs=500,
            rng=0,
            record=0,
            step_size=InverseTime("1/20", "1/100"),
        )
        np.testing.assert_allclose(run.x, wanted, atol=0.05)
    np.testing.assert_allclose(
        fit.run(START, "adam", batch_size=80, epochs=4000, rng=0, record=0, step_size="1/100").x,
        wanted,
        atol=1e-6,
    )
