"""Alternating minimisation: the half steps against closed forms by hand, runs against Lloyd's method and scikit-learn."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import HadamardProduct, IndexedBase, MatrixSymbol, Sum, symbols

from symopt import Problem, norm, ones, total
from symopt.arrays.compiler import squared_distances
from symopt.errors import InputError
from symopt.numeric import Status

N, M, K = symbols("N M K", integer=True, positive=True)
n, k, j = symbols("n k j", integer=True)
r, x, mu = IndexedBase("r"), IndexedBase("x"), IndexedBase("mu")
A, U, V, W = (
    MatrixSymbol("A", N, M),
    MatrixSymbol("U", N, K),
    MatrixSymbol("V", K, M),
    MatrixSymbol("W", N, M),
)
a, y, b, lam = MatrixSymbol("a", M, 1), MatrixSymbol("y", N, 1), *symbols("b lambda", real=True)
KMEANS = Problem(Sum(r[n, k] * Sum((x[n, j] - mu[k, j]) ** 2, (j, 1, M)), (n, 1, N), (k, 1, K)), [r, mu])
GENERATOR = np.random.default_rng(4)
CLOUDS = np.concatenate(
    [centre + GENERATOR.normal(size=(40, 2)) for centre in ([0, 0], [5, 4], [0, 6], [9, -1])]
)
LOW_RANK = GENERATOR.normal(size=(9, 2)) @ GENERATOR.normal(size=(2, 7)) + GENERATOR.normal(size=(9, 7)) / 5


def lloyd(data: Any, centres: Any) -> tuple[Any, Any, float, list[float]]:
    """K-means by Lloyd's method, written out; a cluster without rows keeps its centre."""
    centres, values, labels = centres.astype(float).copy(), [], None
    while True:
        distances = ((data[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        new = distances.argmin(axis=1)
        values.append(float(distances.min(axis=1).sum()))
        if labels is not None and (new == labels).all():
            return labels, centres, values[-1], values
        labels = new
        for c in range(len(centres)):
            if (labels == c).any():
                centres[c] = data[labels == c].mean(axis=0)


def test_the_half_steps_of_k_means_are_the_nearest_centre_and_the_mean() -> None:
    answer = KMEANS.half_steps([r, mu])
    assert answer.to_dict() == {
        "half_steps": [
            "r_nk = 1 for the k with the least ||x_n - mu_k||^2, else 0",
            "mu_k = x^T r_k/(1^T r_k)",
        ]
    }
    text = answer.explain().text()
    assert "d_nk = ||x_n - mu_k||^2" in text
    assert "keeps its centre" in text
    assert "another start may still end lower" in " ".join(text.split())
    assert r"\lVert x_{n} - \mu_{k} \rVert^2" in answer.explain().latex()


@pytest.mark.parametrize(
    ("objective", "blocks", "rules"),
    [
        (
            norm(A - U * V) ** 2 + lam * norm(U) ** 2,
            [U, V],
            ["U (V V^T + lambda I) = A V^T", "U^T U V = U^T A"],
        ),
        (
            norm(HadamardProduct(W, A - U * V)) ** 2,
            [V, U],
            [
                "U^T diag(W_m ∘ W_m) U V_m = U^T (W_m ∘ W_m ∘ A_m)",
                "V diag(W_n ∘ W_n) V^T U_n = V (W_n ∘ W_n ∘ A_n)",
            ],
        ),
        (norm(y - A * a - b * ones(N)) ** 2, [a, b], ["A^T A a = A^T (y - b 1)", "b = (1^T (y - A a))/N"]),
    ],
)
def test_the_equations_of_blocks_as_a_person_writes_them(
    objective: Any, blocks: list[Any], rules: list[str]
) -> None:
    assert Problem(objective, blocks).half_steps(blocks).to_dict() == {"half_steps": rules}


@pytest.mark.parametrize("first", [[0, 1, 2, 3], [0, 50, 90, 130], [159, 3, 77, 20]])
def test_k_means_is_lloyds_method_and_scikit_learns(first: list[int]) -> None:
    problem = KMEANS.with_data({x: CLOUDS, K: 4})
    run = problem.run({mu: CLOUDS[first]}, blocks=[r, mu])
    labels, centres, value, _ = lloyd(CLOUDS, CLOUDS[first])
    assert run.success
    assert run.fun == pytest.approx(value, rel=1e-12)
    parts = problem.split(run.x)
    np.testing.assert_allclose(parts["mu"], centres, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(parts["r"], np.eye(4)[labels])
    assert (np.diff(run.values) < 0).all()
    assert run.rates == ""
    assert run.description == "alternating minimisation over r (one 1 in each row) and mu"
    assert run.warnings == ()
    cluster = pytest.importorskip("sklearn.cluster")
    theirs = cluster.KMeans(4, init=CLOUDS[first], n_init=1, tol=0, algorithm="lloyd").fit(CLOUDS)
    assert run.fun == pytest.approx(theirs.inertia_, rel=1e-6)
    np.testing.assert_allclose(parts["mu"], theirs.cluster_centers_, atol=1e-6)


def test_every_half_step_is_an_iterate_that_lowers_f() -> None:
    problem = KMEANS.with_data({x: CLOUDS, K: 4})
    run = problem.run({mu: CLOUDS[:4]}, blocks=[r, mu])
    *_, values = lloyd(CLOUDS, CLOUDS[:4])
    # Iterate 0 has the first assignment; Lloyd's value is that after each assignment.
    np.testing.assert_allclose(run.values[0::2][: len(values)], values[: len(run.values[0::2])], rtol=1e-12)
    moved = np.diff(run.path, axis=0) != 0
    assignment = slice(0, 4 * len(CLOUDS))
    for t, row in enumerate(moved):
        assert row[assignment].any() == (t % 2 == 1)
        assert row[4 * len(CLOUDS) :].any() == (t % 2 == 0)


def test_a_cluster_without_rows_keeps_its_centre() -> None:
    problem = KMEANS.with_data({x: CLOUDS, K: 3})
    start = np.array([[0.0, 0.0], [5.0, 4.0], [1000.0, 1000.0]])
    run = problem.run({mu: start}, blocks=[r, mu])
    _, centres, value, _ = lloyd(CLOUDS, start)
    assert run.success
    np.testing.assert_array_equal(problem.split(run.x)["mu"][2], [1000, 1000])
    np.testing.assert_allclose(problem.split(run.x)["mu"], centres, rtol=1e-12)
    assert run.fun == pytest.approx(value, rel=1e-9)


def test_k_means_plus_plus_draws_rows_and_finds_the_clouds() -> None:
    problem = KMEANS.with_data({x: CLOUDS, K: 4})
    runs = problem.run("k-means++", blocks=[r, mu], rng=0)
    assert len(runs) == 10
    assert (runs.x == problem.run("k-means++", blocks=[r, mu], rng=0).x).all()
    means = [CLOUDS[start : start + 40].mean(axis=0) for start in range(0, 160, 40)]
    found = problem.split(runs.best.x)["mu"]
    _, _, best, _ = lloyd(CLOUDS, np.array(means))
    assert runs.best.fun == pytest.approx(best, rel=1e-12)
    assert sorted(np.round(found, 6).tolist()) == sorted(
        np.round(lloyd(CLOUDS, np.array(means))[1], 6).tolist()
    )
    one = problem.run("k-means++", blocks=[r, mu], rng=1, n_init=1)
    assert one.description.endswith("and mu, from k-means++ with seed 1")
    assert one.message.endswith("In an assignment the gradient need not vanish.")
    assert all(any((row == centre).all() for row in CLOUDS) for centre in problem.split(one.path[0])["mu"])


def test_alternating_least_squares_reaches_the_best_approximation() -> None:
    problem = Problem(norm(A - U * V) ** 2, [U, V]).with_data({A: LOW_RANK, K: 2})
    run = problem.run({V: GENERATOR.normal(size=(2, 7))}, blocks=[U, V], max_iterations=2000)
    # Eckart and Young: the best of rank 2 leaves the squares of the other singular values.
    left = float((np.linalg.svd(LOW_RANK)[1][2:] ** 2).sum())
    assert run.success
    assert run.fun == pytest.approx(left, rel=1e-10)
    assert (np.diff(run.values) < 0).all()
    parts = problem.split(run.path[1])  # after the half step for V, by NumPy's least squares
    u = problem.split(run.path[0])["U"]
    np.testing.assert_allclose(parts["V"], np.linalg.lstsq(u, LOW_RANK, rcond=None)[0], rtol=1e-8, atol=1e-10)


def test_weights_and_ridges_solve_a_system_for_each_row() -> None:
    weights = (GENERATOR.random(size=LOW_RANK.shape) < 0.6).astype(float)
    weights[3] = 0  # nothing is known of this row
    objective = norm(HadamardProduct(W, A - U * V)) ** 2 + lam * norm(V) ** 2
    problem = Problem(objective, [U, V]).with_data({A: LOW_RANK, W: weights, K: 2, lam: 0.5})
    start = {U: GENERATOR.normal(size=(9, 2)), V: GENERATOR.normal(size=(2, 7))}
    run = problem.run(start, blocks=[U, V], max_iterations=1)
    got, v = problem.split(run.x)["U"], start[V]
    for row in range(9):
        known = weights[row] > 0
        if known.sum() >= 2:
            wanted = np.linalg.lstsq(v[:, known].T, LOW_RANK[row, known], rcond=None)[0]
            np.testing.assert_allclose(got[row], wanted, rtol=1e-8)
    np.testing.assert_array_equal(got[3], start[U][3])
    assert (np.diff(problem.run(start, blocks=[U, V], max_iterations=60).values) < 0).all()


def test_blocks_of_a_regression_end_at_its_solution() -> None:
    rows, targets = GENERATOR.normal(size=(20, 3)), GENERATOR.normal(size=20)
    problem = Problem(norm(y - A * a - b * ones(N)) ** 2, [a, b]).with_data({A: rows, y: targets})
    run = problem.run({b: 0}, blocks=[a, b], max_iterations=500)
    wanted = np.linalg.lstsq(np.column_stack([rows, np.ones(20)]), targets, rcond=None)[0]
    assert run.success
    np.testing.assert_allclose(run.x, wanted, atol=1e-7)


def test_a_block_without_a_minimum_ends_the_run_with_a_word() -> None:
    problem = Problem(norm(y - A * a) ** 2 - lam * norm(a) ** 2 + b**2, [a, b])
    data = {A: np.eye(3), y: [1.0, 2.0, 3.0], lam: 2.0}
    run = problem.with_data(data).run([0, 0, 0, 1], blocks=[a, b])
    assert run.status == Status.NO_DIRECTION
    assert "f is not convex in the block a" in run.message
    flat = problem.with_data({**data, lam: 1.0}).run([0, 0, 0, 1], blocks=[a, b])
    assert "f is unbounded below in the block a" in flat.message


@pytest.mark.parametrize(
    ("problem", "blocks", "reason"),
    [
        (KMEANS, [r], "each variable must be a block"),
        (KMEANS, [r, r], "each variable must be a block"),
        (KMEANS, [r, x], "x is not a variable"),
        (Problem(norm(A - U * V) ** 4, [U, V]), [U, V], "neither linear nor quadratic in the block U"),
        (Problem(total(A * a) + b**2, [a, b]), [a, b], "f is linear in the block a"),
    ],
)
def test_blocks_without_a_closed_form_are_refused(problem: Problem, blocks: list[Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        problem.half_steps(blocks)


@pytest.mark.parametrize(
    ("start", "options", "reason"),
    [
        ({mu: CLOUDS[:4], r: np.full((160, 4), 0.25)}, {}, "the start for r is no assignment"),
        ({r: np.eye(4)[[0] * 160]}, {}, "the variable mu has no value"),
        ("anywhere", {}, "not known"),
        ({mu: CLOUDS[:4]}, {"n_init": 3}, "n_init is for"),
        ({mu: CLOUDS[:4]}, {"method": "adam"}, "leave out method='adam'"),
        ({mu: CLOUDS[:4]}, {"batch_size": 3}, "half steps see all rows"),
    ],
)
def test_starts_and_options_that_do_not_fit_are_refused(
    start: Any, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        KMEANS.with_data({x: CLOUDS, K: 4}).run(start, blocks=[r, mu], **options)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize(("offset", "spread"), [(0.0, 1.0), (1e6, 1.0), (0.0, 1e-7)])
def test_distances_keep_their_digits(flipped: bool, offset: float, spread: float) -> None:
    """Against exact fractions: rows far from 0, and rows that lie close to their centres."""
    generator = np.random.default_rng(3)
    centres = generator.normal(size=(9, 40)) + offset
    rows = np.repeat(centres, 40, axis=0) + spread * generator.normal(size=(360, 40))
    left, right = (centres, rows) if flipped else (rows, centres)
    found = squared_distances(left.T[:, :, None], right.T[:, None, :], 0)
    for i, j in ((0, 0), (5, 1), (8, 8), (3, 7)):
        pairs = zip(map(Fraction, left[i]), map(Fraction, right[j]), strict=True)
        assert found[i, j] == pytest.approx(float(sum((p - q) ** 2 for p, q in pairs)), rel=1e-11)
    difference = left[:, None, :] - right[None, :, :]
    np.testing.assert_allclose(found, (difference**2).sum(axis=2), rtol=1e-11)
