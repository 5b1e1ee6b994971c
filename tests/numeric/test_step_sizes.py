"""Rules for step sizes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from symopt.errors import InputError
from symopt.numeric import Backtracking, Constant, InverseTime, Listed, Schedule, Status, minimise
from symopt.numeric.step_sizes import read_step_size


@pytest.mark.parametrize(
    ("typed", "rule", "text"),
    [
        ("1/10", Constant(Fraction(1, 10)), "step size 1/10"),
        (" 0.1 ", Constant(Fraction(1, 10)), "step size 1/10"),
        (0.1, Constant(0.1), "step size 0.1"),
        (2, Constant(2.0), "step size 2"),
        (np.float64(0.5), Constant(0.5), "step size 0.5"),
        ([1, "1/2"], Listed((1.0, Fraction(1, 2))), "2 listed step sizes"),
        (np.array([1.0, 0.5]), Listed((1.0, 0.5)), "2 listed step sizes"),
        (InverseTime("1/2"), InverseTime(Fraction(1, 2)), "step sizes (1/2)/(1 + 1 (t - 1))"),
        (Backtracking(), Backtracking(1, "1/2", 0.25), "backtracking from step size 1"),
    ],
)
def test_every_way_to_type_a_step_size(typed, rule, text):
    read = read_step_size(typed)

    assert read == rule
    assert str(read) == text


@pytest.mark.parametrize(
    "typed", [0, -0.1, "0", float("nan"), float("inf"), "1/0", "a", None, [1, -1], [1, 0]], ids=repr
)
def test_step_sizes_must_be_positive_numbers(typed):
    with pytest.raises(InputError, match="step size"):
        read_step_size(typed)


def test_schedules_count_from_one(parabola):
    seen = []

    def schedule(t):
        seen.append(t)
        return Fraction(1, 2 * t)

    by_function = minimise(parabola, [0], "gd", step_size=schedule, max_iterations=3, tolerance=0)
    by_list = minimise(parabola, [0], "gd", step_size=["1/4", "1/8"], max_iterations=9)
    by_time = minimise(parabola, [0], "gd", step_size=InverseTime("1/4", 2), max_iterations=2)

    assert seen[0] == 1
    # eta = 1/2: the minimum in one step, where the gradient norm 0 stops the run.
    assert by_function.path[:, 0].tolist() == [0, 3]
    assert by_list.path[:, 0].tolist() == [0, 1.5, 1.875]
    assert by_list.status == Status.ITERATION_LIMIT
    assert "used up" in by_list.message
    assert np.allclose(by_time.step_sizes, [1 / 4, 1 / 12], rtol=1e-15)


def test_a_schedule_that_is_not_positive_names_the_step(parabola):
    with pytest.raises(InputError, match="t = 2"):
        minimise(parabola, [0], "gd", step_size=Schedule(lambda t: 0.1 if t == 1 else 0))


def test_backtracking_satisfies_armijo_at_every_step(rosenbrock):
    rule = Backtracking(initial=1, shrink="1/2", decrease="1/10")
    run = minimise(rosenbrock, [-1.2, 1], "gd", step_size=rule, max_iterations=200)

    for x, after, eta in zip(run.path, run.path[1:], run.step_sizes, strict=False):
        slope = -rosenbrock.gradient(x) @ rosenbrock.gradient(x)
        assert rosenbrock(after) <= rosenbrock(x) + 0.1 * eta * slope
        too_long = x - 2 * eta * rosenbrock.gradient(x)
        assert eta == 1 or rosenbrock(too_long) > rosenbrock(x) + 0.1 * 2 * eta * slope
    assert len(set(run.step_sizes)) > 2


def test_backtracking_stays_in_the_domain(log_barrier):
    run = minimise(log_barrier, [5], "gd", step_size=Backtracking(initial=64))

    assert run.success
    assert np.allclose(run.x, 1)
    assert (run.path > 0).all()


def test_backtracking_converges_where_f_no_longer_changes(handmade):
    # f is 10^8 at the minimum: changes of f below 10^-8 are lost in rounding, the gradient is not.
    raised = handmade(lambda x: 1e8 + 3 * x[0] ** 2, lambda x: 6 * x, lambda x: [[6]], ("x",))

    run = minimise(raised, [1], "gd", tolerance=1e-10)

    assert run.success, run.message


def test_backtracking_refuses_a_direction_that_is_not_of_descent(quadratic):
    run = minimise(quadratic([[-2]]), [1], "newton", step_size=Backtracking())

    assert not run.success
    assert run.status == Status.NO_STEP_SIZE
    assert "not one of descent" in run.message


@pytest.mark.parametrize("wrong", [{"shrink": 1}, {"shrink": 0}, {"decrease": 1}, {"initial": -1}])
def test_bad_backtracking(wrong):
    with pytest.raises(InputError):
        Backtracking(**wrong)
