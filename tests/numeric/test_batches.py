"""Runs on mini-batches: the methods of their papers on the gradients that were drawn, seeds, looks and words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sympy import MatrixSymbol, symbols

from symopt import Problem, norm, ones
from symopt.errors import InputError
from symopt.numeric import InverseTime, Status

N, M = symbols("N M", integer=True, positive=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
b = symbols("b", real=True)
GENERATOR = np.random.default_rng(11)
ROWS = GENERATOR.normal(size=(40, 3))
TARGETS = ROWS @ [1.0, -2.0, 0.5] + 3 + GENERATOR.normal(size=40) / 2
LOSS = Problem(norm(y - X * w - b * ones(N)) ** 2 / N + norm(w) ** 2 / 10, [w, b])
FIT = LOSS.with_data({X: ROWS, y: TARGETS})
START = [0.5, 0.0, -1.0, 1.0]


def drawn(seed: int, size: int, replacement: bool, epochs: int) -> list[Any]:
    """The batches as they are documented: a random order cut into pieces, or drawn anew."""
    rng, batches = np.random.default_rng(seed), []
    for _ in range(epochs):
        if replacement:
            batches += [rng.integers(40, size=size) for _ in range(math.ceil(40 / size))]
        else:
            order = rng.permutation(40)
            batches += [order[start : start + size] for start in range(0, 40, size)]
    return batches


def slope(x: Any, rows: Any) -> Any:
    residual = TARGETS[rows] - ROWS[rows] @ x[:3] - x[3]
    ridge = np.array([*x[:3], 0]) / 5
    return np.array([*(-2 * ROWS[rows].T @ residual), -2 * residual.sum()]) / len(rows) + ridge


def by_hand(method: str, batches: list[Any], eta: float) -> Any:
    """The updates of the papers, written out."""
    x, m, v = np.array(START), np.zeros(4), np.zeros(4)
    for t, rows in enumerate(batches, start=1):
        if method == "nesterov":
            ahead = x + 0.9 * m
            new = ahead - eta * slope(ahead, rows)
            x, m = new, new - x
            continue
        g = slope(x, rows)
        if method == "gd":
            x = x - eta * g
        elif method == "momentum":
            m = 0.9 * m + g
            x = x - eta * m
        elif method == "adagrad":
            v = v + g**2
            x = x - eta * g / (np.sqrt(v) + 1e-8)
        elif method == "rmsprop":
            v = 0.9 * v + 0.1 * g**2
            x = x - eta * g / (np.sqrt(v) + 1e-8)
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - eta * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return x


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_every_method_takes_the_steps_of_its_paper(method: str, replacement: bool) -> None:
    run = FIT.run(START, method, batch_size=7, replacement=replacement, epochs=3, rng=5, step_size="1/50")
    batches = drawn(5, 7, replacement, 3)
    assert run.nit == len(batches) == 18
    np.testing.assert_allclose(run.x, by_hand(method, batches, 0.02), rtol=1e-11)
    assert run.iterations.tolist() == [0, 6, 12, 18]
    halfway = by_hand(method, batches[:12], 0.02)
    np.testing.assert_allclose(run.path[2], halfway, rtol=1e-11)
    assert run.values[2] == pytest.approx(float(FIT.compile()(halfway)), rel=1e-12)
    assert run.gradient_norms[2] == pytest.approx(np.linalg.norm(slope(halfway, np.arange(40))), rel=1e-10)


def test_the_same_seed_gives_the_same_run_bit_for_bit() -> None:
    settings: dict[str, Any] = {"batch_size": 8, "epochs": 4, "step_size": "1/20"}
    one, again = FIT.run(START, **settings, rng=1), FIT.run(START, **settings, rng=1)
    assert one == again
    assert one.path.tobytes() == again.path.tobytes()
    assert FIT.run(START, **settings, rng=2).x.tobytes() != one.x.tobytes()
    assert one.seed == 1
    drawn_seed = FIT.run(START, **settings)
    assert FIT.run(START, **settings, rng=drawn_seed.seed) == drawn_seed
    assert FIT.run(START, **settings, rng=np.random.default_rng(1)).seed is None
    np.testing.assert_array_equal(FIT.run(START, **settings, rng=np.random.default_rng(1)).x, one.x)


def test_all_rows_at_once_are_gradient_descent_without_its_rates() -> None:
    batched = FIT.run(START, batch_size=40, epochs=12, rng=0, step_size="1/10")
    whole = FIT.run(START, max_iterations=12, step_size="1/10")
    np.testing.assert_allclose(batched.path, whole.path, rtol=1e-12)
    assert math.isfinite(whole.predicted_rate)
    assert math.isfinite(whole.measured_rate)
    assert math.isnan(batched.predicted_rate)
    assert math.isnan(batched.measured_rate)
    assert batched.rates == ""
    assert batched.warnings == ()
    assert "factor" not in batched.explain()


def test_steps_that_shrink_come_close_to_the_minimum() -> None:
    best = FIT.run(START, "newton")
    run = FIT.run(START, batch_size=4, epochs=300, rng=0, step_size=InverseTime("1/5", "1/20"), record=1000)
    assert run.iterations.tolist() == [0, 1000, 2000, 3000]
    assert np.linalg.norm(run.x - best.x) < 0.02
    assert run.status == Status.ITERATION_LIMIT
    assert not run.success
    assert run.description.endswith("on mini-batches of 4 of 40 rows, drawn without replacement, seed 0")


def test_a_run_ends_when_the_whole_gradient_is_small() -> None:
    # Without noise every batch has the same minimum, and a constant step size reaches it.
    exact = Problem(norm(y - X * w) ** 2 / N, [w]).with_data({X: ROWS, y: ROWS @ [1.0, -2.0, 0.5]})
    run = exact.run([0, 0, 0], batch_size=10, epochs=500, rng=0, step_size="1/10", tolerance="1/1000000")
    assert run.success
    assert run.nit % 4 == 0
    np.testing.assert_allclose(run.x, [1.0, -2.0, 0.5], atol=1e-5)


def test_a_maximum_is_climbed() -> None:
    hill = Problem(-(norm(y - X * w - b * ones(N)) ** 2) / N, [w, b], sense="max").with_data(
        {X: ROWS, y: TARGETS}
    )
    valley = Problem(norm(y - X * w - b * ones(N)) ** 2 / N, [w, b]).with_data({X: ROWS, y: TARGETS})
    settings: dict[str, Any] = {"batch_size": 8, "epochs": 4, "step_size": "1/20", "rng": 0}
    np.testing.assert_allclose(hill.run(START, **settings).x, valley.run(START, **settings).x, rtol=1e-13)


def test_steps_that_are_too_large_diverge_in_words() -> None:
    run = FIT.run(START, batch_size=8, epochs=30, rng=0, step_size=5)
    assert run.status == Status.DIVERGED
    assert "Try a smaller step size" in run.message
    inside = FIT.run(START, batch_size=8, epochs=400, rng=0, step_size=5, record=2000)
    assert inside.status == Status.DIVERGED
    assert "the distance from 0 is" in inside.message


def test_a_list_of_step_sizes_ends_the_run_where_it_has_come_to() -> None:
    run = FIT.run(START, batch_size=8, rng=0, step_size=["1/20"] * 7)
    batches = drawn(0, 8, False, 2)[:7]
    assert run.nit == 7
    np.testing.assert_allclose(run.x, by_hand("gd", batches, 0.05), rtol=1e-12)
    assert "list of 7 step sizes" in run.message


def test_a_callback_sees_each_look_and_many_starts_are_many_runs() -> None:
    seen: list[int] = []
    FIT.run(START, batch_size=8, epochs=3, rng=0, step_size="1/20", callback=lambda it: seen.append(it.nit))
    assert seen == [5, 10, 15]
    runs = FIT.run([START, START, [0, 0, 0, 0]], batch_size=8, epochs=2, rng=3, step_size="1/20", record=0)
    assert runs[0] == runs[1]
    assert runs[0].path.shape == (0, 4)
    assert len(runs) == 3


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 41}, "there are 40 rows"),
        ({"batch_size": 4}, "backtracking.* needs f itself"),
        ({"batch_size": 4, "method": "newton"}, "Newton's method needs f itself"),
        ({"batch_size": 4, "method": "bfgs"}, "BFGS needs f itself"),
        ({"batch_size": 4, "step_size": "wolfe"}, "needs f itself"),
        ({"epochs": 3}, "give batch_size too"),
        ({"batch_size": 4, "step_size": "1/10", "epochs": 2, "max_iterations": 5}, "give one of them"),
    ],
)
def test_what_does_not_go_with_batches_is_said(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        FIT.run(START, **options)
