"""The driver loop: convergence, divergence, domains, senses, callbacks and bad input."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symopt import Problem
from symopt.errors import InputError
from symopt.numeric import METHODS, Iterate, Status, minimise

pytestmark = pytest.mark.filterwarnings("error")


# The parabola (theta - 3)^2 with L = 2: eta < 1 converges, 1/2 in one step, 1 alternates, more diverges.
@pytest.mark.parametrize(
    ("step_size", "status", "iterations"),
    [("1/10", Status.CONVERGED, 91), ("1/2", Status.CONVERGED, 1), ("1", Status.ITERATION_LIMIT, 1000)],
)
def test_step_sizes_of_the_parabola(parabola, step_size, status, iterations):
    run = minimise(parabola, [0], "gd", step_size=step_size)

    # 6 (1 - 2 eta)^t <= 1e-8 first at t = 91 for eta = 1/10.
    assert (run.status, run.nit) == (status, iterations)
    assert run.success is (status == Status.CONVERGED)


def test_the_critical_step_alternates(parabola):
    run = minimise(parabola, [0], "gd", step_size=1, max_iterations=4)

    assert run.path[:, 0].tolist() == [0, 6, 0, 6, 0]
    assert "jump between two points" in run.message


def test_divergence_is_a_result_with_its_factor(parabola):
    run = minimise(parabola, [0], "gd", step_size="6/5")

    # Errors grow by |1 - 2 * 6/5| = 7/5.
    assert run.status == Status.DIVERGED
    assert f"at iterate {run.nit}" in run.message
    assert "1.4 times as long" in run.message
    assert "smaller" in run.message
    assert np.isfinite(run.path).all()


def test_overflow_is_a_result(handmade):
    steep = handmade(lambda x: np.exp(x[0] ** 2), lambda x: 2 * x * np.exp(x**2), lambda x: [[1.0]], ("x",))

    run = minimise(steep, [3], "gd", step_size=1)

    assert not run.success
    assert np.isfinite(run.x).all()
    assert run.nit == 0
    assert "iterate 0 (x = 3)" in run.message
    assert "floating-point" in run.message


def test_an_unbounded_function(quadratic):
    run = minimise(quadratic([[0]], [1]), [0], "gd", step_size=1e9, max_iterations=100)

    assert run.status == Status.DIVERGED
    assert "unbounded below" in run.message


def test_leaving_the_domain_names_the_iterate(log_barrier):
    run = minimise(log_barrier, [5], "gd", step_size=[1, 8, 1])

    # 5 - 4/5 = 21/5; the gradient there is 16/21, and 21/5 - 8 * 16/21 < 0.
    assert run.status == Status.NOT_FINITE
    assert "iterate 1 (x = 4.2)" in run.message
    assert "domain" in run.message
    assert run.path[:, 0].tolist() == [5, 4.2]
    assert run.x.tolist() == [4.2]


def test_a_start_outside_the_domain(log_barrier):
    run = minimise(log_barrier, [-1])

    assert (run.status, run.nit) == (Status.NOT_FINITE, 0)
    assert np.isnan(run.fun)
    assert "starts at x = -1" in run.message


def test_heavy_ball_and_newton_report_uphill_steps(parabola, quadratic):
    ball = minimise(parabola, [0], "momentum", step_size=["1/4", "1/2", "1/4", "1/4"], beta="1/2")
    newton = minimise(quadratic([[-2]]), [1], "newton")
    descent = minimise(parabola, [0], "gd", step_size="6/5")

    # m = -6, -6, 0, 3 against gradients -6, -3, 3, 3: at iterate 2 the direction is 0.
    assert ball.warnings == (
        "1 of 4 steps did not go in a direction of descent (d^T grad f >= 0), "
        "the first of them from iterate 2.",
    )
    assert newton.warnings[0].startswith("1 of 1 steps")
    assert descent.warnings == ()


@settings(derandomize=True, max_examples=30, deadline=None)
@given(
    eigenvalue=st.integers(1, 9),
    beta=st.fractions(0, Fraction(9, 10), max_denominator=10),
    share=st.fractions(Fraction(1, 10), 2, max_denominator=10),
)
def test_heavy_ball_converges_exactly_below_its_bound(eigenvalue, beta, share):
    assume(share != 1)

    class Parabola:
        variables = ("x",)

        def __call__(self, x):
            return eigenvalue * x[0] ** 2 / 2

        def gradient(self, x):
            return eigenvalue * x

        def hessian(self, x):
            return np.array([[float(eigenvalue)]])

        def all(self, x):
            return self(x), self.gradient(x), self.hessian(x)

    # Polyak: 0 < eta < 2 (1 + beta) / L.
    step_size = share * 2 * (1 + beta) / eigenvalue
    run = minimise(Parabola(), [1], "momentum", step_size=step_size, beta=beta, max_iterations=3000, record=0)

    assert run.status == (Status.CONVERGED if share < 1 else Status.DIVERGED)


@pytest.mark.parametrize("method", METHODS)
def test_maximising_mirrors_minimising(rosenbrock, handmade, method):
    negative = handmade(
        lambda v: -rosenbrock(v),
        lambda v: -rosenbrock.gradient(v),
        lambda v: -rosenbrock.hessian(v),
        ("x", "y"),
    )
    settings = {"max_iterations": 50} | ({} if method in ("bfgs", "lbfgs") else {"step_size": 1e-3})

    down = minimise(rosenbrock, [-1, 1], method, **settings)
    up = minimise(negative, [-1, 1], method, sense="max", **settings)

    assert np.array_equal(down.path, up.path)
    assert np.array_equal(down.values, -up.values)
    assert np.array_equal(down.jac, -up.jac)
    assert up.sense == "max"


@pytest.mark.parametrize("method", ["gd", "newton"])
def test_agreement_with_scipy_in_a_well(handmade, method):
    from scipy.optimize import minimize

    well = handmade(
        lambda v: np.cosh(v[0] - 1) + np.cosh(2 * v[1]) + v[0] * v[1] / 4,
        lambda v: [np.sinh(v[0] - 1) + v[1] / 4, 2 * np.sinh(2 * v[1]) + v[0] / 4],
        lambda v: [[np.cosh(v[0] - 1), 0.25], [0.25, 4 * np.cosh(2 * v[1])]],
        ("x", "y"),
    )
    oracle = minimize(well, [0, 0], jac=well.gradient, hess=well.hessian, method="trust-exact", tol=1e-12)

    run = minimise(well, [0, 0], method, tolerance=1e-11)

    assert run.success
    assert np.allclose(run.x, oracle.x, atol=1e-9)
    assert run.fun == pytest.approx(oracle.fun, abs=1e-14)


def test_record(parabola):
    settings = {"step_size": "1/10", "max_iterations": 7}
    full = minimise(parabola, [0], **settings)
    thinned = minimise(parabola, [0], record=3, **settings)
    none = minimise(parabola, [0], record=0, **settings)

    assert full.iterations.tolist() == list(range(8))
    assert thinned.iterations.tolist() == [0, 3, 6, 7]
    assert np.array_equal(thinned.path, full.path[[0, 3, 6, 7]])
    assert np.array_equal(thinned.values, full.values[[0, 3, 6, 7]])
    assert len(thinned.step_sizes) == 3
    assert none.path.shape == (0, 1)
    assert none.x == full.x
    assert len(none.values) == len(none.step_sizes) == 0


def test_counts_are_those_of_the_calls(handmade, parabola):
    calls = {"f": 0, "gradient": 0, "hessian": 0}

    def counting(name, function):
        def call(x):
            calls[name] += 1
            return function(x)

        return call

    functions = zip(calls, (parabola.fun, parabola.jac, parabola.hess), strict=True)
    counted = handmade(*(counting(name, function) for name, function in functions), ("t",))
    for method in METHODS:
        for name in calls:
            calls[name] = 0
        run = minimise(counted, [0], method, max_iterations=5)
        assert (run.nfev, run.njev, run.nhev) == (calls["f"], calls["gradient"], calls["hessian"])


def test_callback(parabola):
    seen: list[Iterate] = []

    def callback(intermediate_result):
        seen.append(intermediate_result)
        if intermediate_result.nit == 3:
            raise StopIteration

    run = minimise(parabola, [0], step_size="1/10", callback=callback)

    assert [i.nit for i in seen] == [1, 2, 3]
    assert np.array_equal([i.x for i in seen], run.path[1:])
    assert [i.fun for i in seen] == run.values[1:].tolist()
    assert run.status == Status.CALLBACK == 99
    assert not run.success
    with pytest.raises(ValueError, match="read-only"):
        seen[0].x[0] = 7


def test_other_errors_of_a_callback_are_the_users(parabola):
    def callback(intermediate_result):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        minimise(parabola, [0], step_size="1/10", callback=callback)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x0": [1, 2]}, "needs 1 number"),
        ({"x0": [[1.0, 2.0]]}, "shape"),
        ({"x0": [float("nan")]}, "theta = nan"),
        ({"x0": [float("inf")]}, "finite"),
        ({"x0": "here"}, "not a list of numbers"),
        ({"x0": [1j]}, "not a list of numbers"),
        ({"x0": [10**400]}, "not a list of numbers"),
        ({"x0": [0], "method": "adamm"}, "gd, momentum, nesterov, newton"),
        ({"x0": [0], "sense": "up"}, '"min" or "max"'),
        ({"x0": [0], "max_iterations": -1}, "max_iterations"),
        ({"x0": [0], "max_iterations": 1.5}, "max_iterations"),
        ({"x0": [0], "record": True}, "record"),
        ({"x0": [0], "tolerance": -1}, "tolerance"),
        ({"x0": [0], "tolerance": "tiny"}, "tolerance"),
        ({"x0": [0], "step_size": -1}, "step size"),
        ({"x0": [0], "learning_rate": 1}, "no parameter 'learning_rate'"),
        ({"x0": [0], "rng": "dice"}, "seed"),
    ],
)
def test_bad_input(parabola, arguments, words):
    with pytest.raises(InputError, match=words):
        minimise(parabola, **arguments)


def test_a_number_is_a_point_of_one_variable(parabola):
    assert minimise(parabola, Fraction(1, 2), "newton").path[:, 0].tolist() == [0.5, 3]


def test_no_iterations(parabola):
    run = minimise(parabola, [0], max_iterations=0)

    assert (run.nit, run.status) == (0, Status.ITERATION_LIMIT)
    assert run.path.tolist() == [[0]]


def test_no_starts_and_a_callback_that_is_no_function_are_refused() -> None:
    bowl = Problem("x^2 + y^2", "x y")
    with pytest.raises(InputError, match="no starting points"):
        bowl.run(np.zeros((0, 2)))
    with pytest.raises(InputError, match="give a function"):
        bowl.run([1, 1], callback=3)
