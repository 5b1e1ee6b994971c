"""The slope that the theory predicts, drawn beside what a run shows."""

from __future__ import annotations

import numpy as np
import pytest

from symopt import Problem
from symopt.plotting import plot_values

BOWL = Problem("(x^2 + 9*y^2)/2", "x y")


def dotted(ax: object) -> list:
    return [line for line in ax.lines if line.get_linestyle() == ":" and len(line.get_xdata())]


def test_the_predicted_slope_runs_through_the_end_of_the_gradient_norms() -> None:
    run = BOWL.run([9, 1], step_size="1/5")
    (line,) = dotted(plot_values(run))
    steps, norms = line.get_xdata(), line.get_ydata()

    assert (steps[-1], norms[-1]) == (run.nit, run.gradient_norms[-1])
    assert np.allclose(norms[1:] / norms[:-1], 0.8, rtol=1e-12)
    # Both eigenvectors shrink by 4/5 a step here, so that theory and practice lie on one line.
    assert np.allclose(norms, run.gradient_norms[-len(norms) :], rtol=1e-6)


@pytest.mark.parametrize("options", [{"method": "adam"}, {"method": "newton"}, {"step_size": "wolfe"}])
def test_no_slope_where_none_is_predicted(options: dict) -> None:
    assert not dotted(plot_values(BOWL.run([9, 1], max_iterations=20, **options)))
