"""Adagrad, RMSProp and Adam against the updates of their papers, written out in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symopt.errors import InputError
from symopt.numeric import BFGS, Adagrad, Adam, Cosine, RMSProp, minimise

START = (-1.2, 1.0)


def gradient(x: float, y: float) -> tuple[float, float]:
    """Of Rosenbrock's function."""
    return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)


def adagrad(eta: float, epsilon: float, steps: int) -> list[list[float]]:
    """Duchi, Hazan, Singer 2011: H = delta I + diag(||g_(1:t,i)||), x_i <- x_i - eta g_i / H_ii."""
    x, seen, path = list(START), [[], []], [list(START)]
    for _ in range(steps):
        for i, g in enumerate(gradient(*x)):
            seen[i].append(g)
            x = [*x]
            path_length = math.hypot(*seen[i])
            x[i] = path[-1][i] - eta * g / (epsilon + path_length)
        path.append(x)
    return path


def rmsprop(eta: float, rho: float, epsilon: float, steps: int) -> list[list[float]]:
    """Tieleman and Hinton 2012, slide 29: MeanSquare(t) = rho MeanSquare(t - 1) + (1 - rho) g^2."""
    path = [list(START)]
    history: list[tuple[float, float]] = []
    for _ in range(steps):
        history.append(gradient(*path[-1]))
        new = []
        for i in range(2):
            mean = math.fsum((1 - rho) * rho**k * g[i] ** 2 for k, g in enumerate(reversed(history)))
            new.append(path[-1][i] - eta * history[-1][i] / (math.sqrt(mean) + epsilon))
        path.append(new)
    return path


def adam(eta: float, beta1: float, beta2: float, epsilon: float, steps: int) -> list[list[float]]:
    """Kingma and Ba 2015, with the moments as the weighted sums of their section 3."""
    path = [list(START)]
    history: list[tuple[float, float]] = []
    for t in range(1, steps + 1):
        history.append(gradient(*path[-1]))
        new = []
        for i in range(2):
            m = math.fsum((1 - beta1) * beta1**k * g[i] for k, g in enumerate(reversed(history)))
            v = math.fsum((1 - beta2) * beta2**k * g[i] ** 2 for k, g in enumerate(reversed(history)))
            size = math.sqrt(v / (1 - beta2**t)) + epsilon
            new.append(path[-1][i] - eta * m / (1 - beta1**t) / size)
        path.append(new)
    return path


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Adagrad(step_size="1/10", epsilon=1e-6), adagrad(0.1, 1e-6, 40)),
        (RMSProp(step_size=0.01, rho=0.8), rmsprop(0.01, 0.8, 1e-8, 40)),
        (Adam(step_size=0.02), adam(0.02, 0.9, 0.999, 1e-8, 40)),
        (Adam(step_size=0.02, beta1="1/2", beta2=0.7, epsilon="1/10"), adam(0.02, 0.5, 0.7, 0.1, 40)),
    ],
    ids=str,
)
def test_updates_are_those_of_the_papers(rosenbrock, method, expected):
    run = minimise(rosenbrock, START, method, max_iterations=40)

    assert run.path.shape == (41, 2)
    assert np.allclose(run.path, expected, rtol=1e-9, atol=1e-12)


def test_the_first_step_of_adam_has_the_length_of_the_step_size_whatever_the_scale(quadratic):
    for scale in (1e-3, 1, 1e6):
        run = minimise(quadratic([[scale]]), [1], "adam", step_size="1/100", max_iterations=1)
        assert run.path[1, 0] == pytest.approx(0.99, abs=1e-6)


def test_rmsprop_keeps_moving_with_a_constant_step_and_settles_with_a_schedule(parabola):
    options = {"max_iterations": 800, "tolerance": 0}
    constant = minimise(parabola, [0], "rmsprop", step_size=0.1, **options)
    schedule = minimise(parabola, [0], "rmsprop", step_size=Cosine(0.1, steps=800), **options)

    assert np.abs(constant.path[-100:, 0] - 3).max() > 0.01
    assert abs(schedule.x[0] - 3) < 1e-3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Adam(beta1=1), "smaller than 1"),
        (lambda: Adam(beta2=-1), "between 0 and 1"),
        (lambda: Adam(epsilon=0), "positive"),
        (lambda: RMSProp(rho=2), "rho is 2.* between 0 and 1"),
        (lambda: Cosine(0.1, steps=0), "at least 1"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_quasi_newton_goes_where_scipy_goes(rosenbrock):
    from scipy.optimize import minimize

    for name, scipy_name in (("bfgs", "BFGS"), ("lbfgs", "L-BFGS-B")):
        run = minimise(rosenbrock, START, name, max_iterations=15, tolerance=0)
        path = [np.array(START)]
        minimize(
            rosenbrock,
            START,
            jac=rosenbrock.gradient,
            method=scipy_name,
            callback=lambda x, path=path: path.append(x.copy()),
        )
        assert np.allclose(run.path, path[:16], rtol=1e-12)
        assert minimise(rosenbrock, START, name).success


def test_without_scipy_the_message_has_the_command(rosenbrock, monkeypatch):
    import sys

    from symopt.errors import MissingDependencyError

    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingDependencyError, match="python -m pip install scipy"):
        minimise(rosenbrock, START, BFGS())
