"""The iterates of each method against exact ones: by hand, and by recursions in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symopt.errors import InputError
from symopt.numeric import GradientDescent, Momentum, Nesterov, Newton, minimise
from symopt.numeric.methods import METHODS, read_method
from symopt.numeric.methods.newton import is_singular

QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # grad = 2 (theta - 3): -6, then -3, then -3/2.
        (GradientDescent(step_size=QUARTER), [0, 1.5, 2.25, 2.625]),
        # m = -6; -3 - 9/2 = -15/2; -15/4 - 21/8 = -51/8.
        (Momentum(step_size=HALF * QUARTER, beta=HALF), [0, 0.75, 1.6875, 2.484375]),
        # y = 0, 9/4, 51/16; grad = -6, -3/2, 3/8.
        (Nesterov(step_size=QUARTER, beta=HALF), [0, 1.5, 2.625, 3.09375]),
        # The whole way in one step, a half of it with eta = 1/2.
        (Newton(step_size=HALF), [0, 1.5, 2.25, 2.625]),
    ],
)
def test_three_steps_by_hand(parabola, method, expected):
    run = minimise(parabola, [0], method, max_iterations=3)

    assert run.path[:, 0].tolist() == expected


def test_newton_on_a_quartic_by_hand(handmade):
    quartic = handmade(lambda x: x[0] ** 4, lambda x: [4 * x[0] ** 3], lambda x: [[12 * x[0] ** 2]], ("x",))

    run = minimise(quartic, [1], "newton", max_iterations=3)

    # x - 4 x^3 / (12 x^2) = 2 x / 3
    assert np.allclose(run.path[:, 0], [1, 2 / 3, 4 / 9, 8 / 27], rtol=1e-15)


EIGENVALUES = (Fraction(1, 2), Fraction(3))
MINIMUM = (Fraction(1), Fraction(-2))
START = (Fraction(4), Fraction(5))


def gradient_descent_exactly(eta: Fraction, steps: int) -> list[list[Fraction]]:
    """x* + (1 - eta lambda)^t (x_0 - x*), coordinate by coordinate."""
    return [
        [m + (1 - eta * e) ** t * (s - m) for e, m, s in zip(EIGENVALUES, MINIMUM, START, strict=True)]
        for t in range(steps + 1)
    ]


def heavy_ball_exactly(eta: Fraction, beta: Fraction, steps: int) -> list[list[Fraction]]:
    """The two-step form x_t = x_(t-1) - eta grad f(x_(t-1)) + beta (x_(t-1) - x_(t-2))."""
    path = [list(START), list(START)]
    for _ in range(steps):
        before, now = path[-2], path[-1]
        moves = zip(EIGENVALUES, MINIMUM, now, before, strict=True)
        path.append([x - eta * e * (x - m) + beta * (x - y) for e, m, x, y in moves])
    return path[1:]


def nesterov_exactly(eta: Fraction, beta: Fraction, steps: int) -> list[list[Fraction]]:
    """With a velocity: v_t = beta v_(t-1) - eta grad f(x_(t-1) + beta v_(t-1)), x_t = x_(t-1) + v_t."""
    path, velocity = [list(START)], [Fraction(0), Fraction(0)]
    for _ in range(steps):
        moves = zip(EIGENVALUES, MINIMUM, path[-1], velocity, strict=True)
        velocity = [beta * v - eta * e * (x + beta * v - m) for e, m, x, v in moves]
        path.append([x + v for x, v in zip(path[-1], velocity, strict=True)])
    return path


steps_and_rates = given(
    eta=st.fractions(Fraction(1, 100), Fraction(9, 10), max_denominator=100),
    beta=st.fractions(0, 1, max_denominator=20),
)


@settings(derandomize=True, max_examples=30, deadline=None)
@steps_and_rates
def test_paths_on_a_quadratic_are_the_exact_ones(eta, beta):
    quadratic = _diagonal_quadratic()
    exact = {
        GradientDescent(step_size=eta): gradient_descent_exactly(eta, 12),
        Momentum(step_size=eta, beta=beta): heavy_ball_exactly(eta, beta, 12),
        Nesterov(step_size=eta, beta=beta): nesterov_exactly(eta, beta, 12),
    }

    for method, path in exact.items():
        run = minimise(quadratic, START, method, max_iterations=12, tolerance=0)
        expected = np.array(path, dtype=float)[: run.nit + 1]
        assert len(run.path) == run.nit + 1 >= 2
        assert np.allclose(run.path, expected, rtol=1e-12, atol=1e-12)


class _diagonal_quadratic:
    variables = ("x", "y")
    _e = np.array(EIGENVALUES, dtype=float)
    _m = np.array(MINIMUM, dtype=float)

    def __call__(self, x):
        return (self._e * (x - self._m) ** 2).sum() / 2

    def gradient(self, x):
        return self._e * (x - self._m)

    def hessian(self, x):
        return np.diag(self._e)

    def all(self, x):
        return self(x), self.gradient(x), self.hessian(x)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    entries=st.lists(st.integers(-5, 5), min_size=9, max_size=9), start=st.tuples(*[st.integers(-9, 9)] * 3)
)
def test_newton_needs_one_step_on_a_quadratic(entries, start):
    root = np.array(entries, dtype=float).reshape(3, 3)
    matrix = root.T @ root + np.eye(3)

    class Quadratic(_diagonal_quadratic):
        variables = ("x", "y", "z")

        def __call__(self, x):
            return x @ matrix @ x / 2 - x.sum()

        def gradient(self, x):
            return matrix @ x - 1

        def hessian(self, x):
            return matrix

    run = minimise(Quadratic(), start, "newton", tolerance=1e-9)

    assert run.success
    assert np.allclose(run.path[1], np.linalg.solve(matrix, np.ones(3)), atol=1e-10)


def test_every_method_reaches_the_minimum_of_rosenbrock(rosenbrock):
    from scipy.optimize import minimize

    oracle = minimize(rosenbrock, [-1.2, 1], jac=rosenbrock.gradient, method="BFGS", tol=1e-9)
    for name, step_size in [("gd", None), ("momentum", 2e-4), ("nesterov", 1e-3), ("newton", None)]:
        run = minimise(rosenbrock, [-1.2, 1], name, step_size=step_size, max_iterations=60000, record=0)
        assert run.success, (name, run.message)
        assert np.allclose(run.x, oracle.x, atol=1e-5)


def test_newton_reports_a_singular_hessian(quadratic):
    run = minimise(quadratic([[1, 0], [0, 0]]), [1, 1], "newton")

    assert not run.success
    assert run.nit == 0
    assert "singular" in run.message
    assert "x = 1, y = 1" in run.message


@pytest.mark.parametrize(
    ("matrix", "singular"),
    [
        ([[0.1, 0.3], [0.3, 0.9]], True),
        ([[0, 0], [0, 0]], True),
        ([[1, 1], [1, 1]], True),
        ([[1, 0], [0, 0]], True),
        ([[1e20, 0], [0, 1]], False),
        ([[0, 1], [1, 0]], False),
        ([[1e-200]], False),
        ([[1e200]], False),
        ([[2, 0, 0], [0, 1e-150, 0], [0, 0, -1e150]], False),
    ],
)
def test_singularity_does_not_depend_on_scales(matrix, singular):
    assert is_singular(np.array(matrix, dtype=float)) is singular


def test_methods_are_values():
    assert Momentum("1/10", "1/2") == Momentum(Fraction(1, 10), HALF)
    assert hash(Momentum("1/10")) == hash(Momentum("1/10"))
    assert str(Newton()) == "Newton's method, step size 1"
    assert list(METHODS)[:4] == ["gd", "momentum", "nesterov", "newton"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: read_method("adamm"), "gd, momentum, nesterov, newton"),
        (lambda: read_method(3), "unknown method 3"),
        (lambda: read_method("gd", beta=1), "no parameter 'beta'"),
        (lambda: Momentum(beta=2), "between 0 and 1"),
        (lambda: Momentum(beta="a half"), "write a number"),
    ],
)
def test_bad_methods_are_refused_in_a_sentence(call, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        call()
