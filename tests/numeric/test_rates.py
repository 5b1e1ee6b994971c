"""Predicted and measured rates of runs side by side, and the direction along which a run diverges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symopt.numeric import Status, minimise

KAPPA = 9


@pytest.mark.parametrize(
    ("method", "options", "rate"),
    [
        # |1 - eta l| for l = 1, 9; sqrt(beta) where the roots are complex, as at l = 1 and 9 for 9/16;
        # the larger root of z^2 - (1 + beta) (1 - eta) z + beta (1 - eta) at l = 1.
        ("gd", {"step_size": "1/5"}, 0.8),
        ("gd", {"step_size": "1/10"}, 0.9),
        ("momentum", {"step_size": "1/5", "beta": "9/16"}, 0.75),
        (
            "nesterov",
            {"step_size": "1/18", "beta": "1/2"},
            (1.5 * 17 / 18 + math.sqrt((1.5 * 17 / 18) ** 2 - 34 / 18)) / 2,
        ),
        ("newton", {"step_size": "1/2"}, 0.5),
    ],
)
def test_prediction_and_measurement_agree_on_a_quadratic(quadratic, method, options, rate):
    run = minimise(quadratic([[1, 0], [0, KAPPA]]), [3, 1], method, max_iterations=2000, **options)

    assert run.success
    assert run.predicted_rate == pytest.approx(rate, rel=1e-12)
    assert run.measured_rate == pytest.approx(rate, rel=0.05)
    assert "predicted" in str(run)
    assert "measured" in run.explain()


def test_the_linearised_rate_at_a_minimum_that_is_not_quadratic(rosenbrock):
    """At (1, 1) the Hessian has the eigenvalues 501 +- sqrt(250601): 1 - 1e-3 (501 - sqrt(250601)) decides."""
    run = minimise(rosenbrock, [1.1, 1.2], step_size=1e-3, max_iterations=60000, record=100)

    rate = 1 - 1e-3 * (501 - math.sqrt(250601))
    assert run.predicted_rate == pytest.approx(rate, rel=1e-9)
    assert run.measured_rate == pytest.approx(rate, rel=1e-5)


def test_a_diverging_run_names_the_direction_that_grows_and_its_factor(quadratic):
    tilted = [[5, 4], [4, 5]]  # 9 along (1, 1) and 1 along (1, -1)
    run = minimise(quadratic(tilted), [1, 0.5], step_size="1/4")

    assert run.status == Status.DIVERGED
    assert "along (1, 1), an eigenvector of the Hessian for its eigenvalue 9" in run.message
    assert "by the factor 1.25 a step" in run.message
    assert run.predicted_rate == pytest.approx(1.25)
    assert run.measured_rate == pytest.approx(1.25, rel=1e-3)


def test_where_nothing_is_predicted(rosenbrock, parabola):
    line_search = minimise(rosenbrock, [-1.2, 1], "gd", max_iterations=20)
    adam = minimise(parabola, [0], "adam", step_size=0.1, max_iterations=500, tolerance=1e-3)
    short = minimise(parabola, [0], step_size="1/2")

    assert math.isnan(line_search.predicted_rate)
    assert math.isnan(adam.predicted_rate)
    assert short.predicted_rate == 0
    assert math.isnan(short.measured_rate)
    assert short.to_dict()["measured_rate"] == "nan"


def test_runs_without_a_record_still_predict(quadratic):
    run = minimise(quadratic([[1, 0], [0, KAPPA]]), [3, 1], step_size="1/5", record=0)

    assert run.predicted_rate == pytest.approx(0.8)
    assert math.isnan(run.measured_rate)
    assert np.isfinite(run.x).all()
