"""Stopping criteria as values."""

from __future__ import annotations

import numpy as np
import pytest

from symopt.errors import InputError
from symopt.numeric import (
    Divergence,
    GradientNorm,
    Iterate,
    MaxIterations,
    SmallStep,
    Status,
    minimise,
)


def iterate(nit: int = 5, gradient_norm: float = 1.0, step: float = 1.0, x: float = 1.0) -> Iterate:
    return Iterate(
        nit, np.array([x]), 0.0, np.array([gradient_norm]), gradient_norm, 0.1, *[np.array([step])] * 2
    )


START = iterate(0)
MET = {  # criterion, an iterate where it holds, one where it does not, whether it indicates convergence
    GradientNorm(1e-3): (iterate(gradient_norm=1e-3), iterate(gradient_norm=2e-3), True),
    MaxIterations(5): (iterate(5), iterate(4), False),
    SmallStep(1e-3): (iterate(step=1e-3), iterate(step=2e-3), False),
    Divergence(10): (iterate(x=-21.0), iterate(x=19.0), False),
}


@pytest.mark.parametrize("criterion", MET, ids=repr)
def test_each_criterion_alone(criterion):
    met, not_met, converged = MET[criterion]

    assert criterion.check(not_met, START) is None
    stop = criterion.check(met, START)
    assert stop is not None
    assert stop.indicates_convergence is converged
    assert stop.reason


def test_a_nan_gradient_norm_is_not_convergence():
    assert GradientNorm(1e-3).check(iterate(gradient_norm=float("nan")), START) is None


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_joins(small, late):
    point = iterate(nit=9 if late else 1, gradient_norm=0.0 if small else 1.0)
    gradient, limit = GradientNorm(1e-3), MaxIterations(5)

    for either in (gradient | limit, limit | gradient):
        stop = either.check(point, START)
        assert (stop is not None) == (small or late)
        assert stop is None or stop.indicates_convergence == small
    for both in (gradient & limit, limit & gradient):
        stop = both.check(point, START)
        assert (stop is not None) == (small and late)
        assert stop is None or (stop.indicates_convergence and " and " in stop.reason)


def test_joins_are_values_with_a_readable_repr():
    joined = (GradientNorm(0.5) | SmallStep(0.25)) & MaxIterations(3)

    assert joined == (GradientNorm(0.5) | SmallStep(0.25)) & MaxIterations(3)
    assert (
        repr(joined) == "(GradientNorm(tolerance=0.5) | SmallStep(tolerance=0.25)) & MaxIterations(limit=3)"
    )
    assert eval(repr(joined)) == joined


def test_a_run_with_its_own_criterion(parabola):
    run = minimise(parabola, [0], "gd", step_size="1/4", stopping=GradientNorm(1) & SmallStep(0.2))

    # Steps 3/2, 3/4, 3/8, 3/16 and 3/32: the last two are at most a fifth of x, about 3.
    assert run.nit == 4 or run.nit == 5
    assert run.success
    assert "and the last two steps" in run.message


def test_standing_still_for_one_step_is_not_the_end(parabola):
    # beta = 1/2: m = -6, then -3 - 3 = -6, then -3 + 3 = 0 (iterate 3 is iterate 2), then 0 + 3 = 3.
    run = minimise(parabola, [0], "momentum", step_size=["1/4", "1/2", "1/4", "1/4", "1/4"], beta="1/2")

    assert run.path[:5, 0].tolist() == [0, 1.5, 4.5, 4.5, 3.75]
    assert run.path[5, 0] == 3


def test_steps_lost_in_rounding(handmade):
    # The gradient jumps from -1 to 1 at 1/3, which no step can resolve.
    def slope(x):
        return [1 if x[0] >= 1 / 3 else -1]

    steep = handmade(lambda x: abs(x[0] - 1 / 3), slope, lambda x: [[0]], ("x",))
    run = minimise(steep, [1 / 3], "gd", step_size=1e-20)

    assert not run.success
    assert run.status == Status.STALLED
    assert "lost in rounding" in run.message


def test_stopping_must_be_a_criterion(parabola):
    with pytest.raises(InputError, match="GradientNorm"):
        minimise(parabola, [0], stopping=1e-6)


def test_a_limit_among_the_criteria_replaces_the_usual_one(parabola):
    # The gradient 2 (x - 3) starts at -6 and shrinks by 1 - 2 * 1e-3 in a step.
    limit = GradientNorm(1e-8) & SmallStep(1e-3) | MaxIterations(1200)
    run = minimise(parabola, [0], "gd", step_size=1e-3, stopping=limit, record=0)
    assert run.nit == 1200
    assert minimise(parabola, [0], "gd", step_size=1e-3, stopping=limit, max_iterations=7, record=0).nit == 7
