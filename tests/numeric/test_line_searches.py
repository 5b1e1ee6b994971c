"""Exact line search, Wolfe's conditions, schedules, and Newton's method made to go downhill."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from symopt.numeric import Cosine, GradientDescent, Status, Wolfe, minimise
from symopt.numeric.step_sizes import read_step_size


def test_steepest_descent_on_the_worst_start_shrinks_the_error_by_its_bound(quadratic):
    """On x^2 + kappa y^2 from (kappa, 1) each exact step multiplies f by ((kappa - 1)/(kappa + 1))^2; y changes sign."""
    kappa = 9
    run = minimise(quadratic([[1, 0], [0, kappa]]), [kappa, 1], step_size="exact", max_iterations=6)

    factor = Fraction(kappa - 1, kappa + 1)
    expected = [[kappa * factor**t, (-factor) ** t] for t in range(7)]
    assert np.allclose(run.path, np.array(expected, dtype=float), rtol=1e-12)


def test_the_exact_search_stops_where_f_is_not_quadratic(rosenbrock, quadratic):
    run = minimise(rosenbrock, [-1.2, 1], step_size="exact")
    saddle = minimise(quadratic([[-1, 0], [0, 1]]), [1, 0], step_size="exact")

    assert run.status == Status.NO_STEP_SIZE
    assert "not quadratic" in run.message
    assert saddle.status == Status.NO_STEP_SIZE
    assert "no minimum along it" in saddle.message


@pytest.mark.parametrize("curvature", [0.9, 0.1])
def test_every_step_satisfies_wolfes_conditions(rosenbrock, curvature):
    run = minimise(rosenbrock, [-1.2, 1], GradientDescent(Wolfe(curvature=curvature)), max_iterations=200)

    for x, y, eta in zip(run.path[:-1], run.path[1:], run.step_sizes, strict=True):
        direction = -rosenbrock.gradient(x)
        slope = direction @ rosenbrock.gradient(x)
        assert rosenbrock(y) <= rosenbrock(x) + 1e-4 * eta * slope + 1e-15
        assert abs(direction @ rosenbrock.gradient(y)) <= curvature * abs(slope) + 1e-15


def test_wolfe_says_when_f_falls_for_ever(quadratic):
    run = minimise(quadratic([[0]], [1]), [0], step_size="wolfe")

    assert run.status == Status.NO_STEP_SIZE
    assert "unbounded below" in run.message


def test_cosine_by_hand(parabola):
    """With T = 2 the step sizes are 1/4 and 1/8: theta = 0, 3/2, 3/2 + 3/8."""
    run = minimise(parabola, [0], step_size=Cosine("1/4", steps=2))
    warm = minimise(parabola, [0], step_size=Cosine("1/4", steps=2, final="1/8"), max_iterations=3)

    assert np.allclose(run.path[:, 0], [0, 1.5, 1.875], rtol=1e-15)
    assert run.status == Status.ITERATION_LIMIT
    assert "used up" in run.message
    assert np.allclose(warm.step_sizes, [1 / 4, (1 / 4 + 1 / 8) / 2, 1 / 8])


def test_names_of_step_sizes():
    assert [str(read_step_size(name)) for name in ("armijo", "wolfe", "exact")] == [
        "backtracking from step size 1",
        "Wolfe's conditions from step size 1",
        "exact line search",
    ]


def test_globalised_newton_leaves_the_neighbourhood_of_a_saddle(handmade):
    """x^2 + (y^2 - 1)^2 has its saddle at 0 and its minima at y = +-1; plain Newton is drawn to the saddle."""
    f = handmade(
        lambda v: v[0] ** 2 + (v[1] ** 2 - 1) ** 2,
        lambda v: [2 * v[0], 4 * v[1] * (v[1] ** 2 - 1)],
        lambda v: [[2, 0], [0, 12 * v[1] ** 2 - 4]],
        ("x", "y"),
    )
    plain = minimise(f, [1, 0.1], "newton")
    globalised = minimise(f, [1, 0.1], "globalised_newton")
    on_the_line = minimise(f, [1, 0], "globalised_newton")

    assert plain.status == Status.OTHER_KIND
    assert "saddle" in plain.message
    for run in (globalised, on_the_line):
        assert run.success
        assert np.allclose(np.abs(run.x), [0, 1], atol=1e-8)
        assert (np.diff(run.values) <= 1e-15).all()


def test_damped_newton_where_the_full_step_diverges(handmade):
    """f = sqrt(1 + x^2): the Newton step is x -> -x^3, so that the plain method diverges from |x| > 1."""
    f = handmade(
        lambda v: math.hypot(1, v[0]),
        lambda v: [v[0] / math.hypot(1, v[0])],
        lambda v: [[math.hypot(1, v[0]) ** -3]],
        ("x",),
    )
    assert not minimise(f, [2], "newton").success
    damped = minimise(f, [2], "damped_newton")
    assert damped.success
    assert abs(damped.x[0]) < 1e-8
