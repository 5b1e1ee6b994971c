"""What a run says about the kind of stationary point it has ended at."""

from __future__ import annotations

import pytest
from sympy import Symbol

from symopt.calculus.compiler import compile_objective
from symopt.numeric import Status, minimise
from symopt.numeric.assessment import count_signs


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize(
    ("diagonal", "kind"),
    [
        ([2, 1], "minimum"),
        ([-2, -1], "maximum"),
        ([2, -1], "saddle"),
    ],
)
def test_newton_says_where_it_ended(quadratic, diagonal, kind, sense):
    run = minimise(quadratic([[diagonal[0], 0], [0, diagonal[1]]]), [1, 1], "newton", sense=sense)

    wanted = {"min": "minimum", "max": "maximum"}[sense]
    assert run.x.tolist() == [0, 0]
    assert run.success is (kind == wanted)
    assert run.status == (Status.CONVERGED if kind == wanted else Status.OTHER_KIND)
    if kind == wanted:
        assert f"as at a strict local {wanted}" in run.message
    else:
        assert run.message.startswith(f"Stopped at a {kind}, not at a {wanted}")


def test_gradient_descent_on_the_ridge_of_a_saddle_says_so(quadratic):
    run = minimise(quadratic([[2, 0], [0, -2]]), [1, 0], "gd", step_size="1/10")

    assert not run.success
    assert "saddle" in run.message


def test_a_start_at_a_maximum(quadratic):
    run = minimise(quadratic([[-1]]), [0])

    assert run.nit == 0
    assert run.message.startswith("Stopped at a maximum")


def test_zero_eigenvalues_leave_it_open(quadratic):
    flat = minimise(quadratic([[2, 0], [0, 0]]), [1, 1], "gd", step_size="1/2")
    down = minimise(quadratic([[-2, 0], [0, 0]]), [0, 1])

    assert flat.success
    assert "zero eigenvalue" in flat.message
    assert "cannot tell" in flat.message
    assert not down.success
    assert "a saddle or a maximum" in down.message


@pytest.mark.parametrize("power", [3, 4, 5])
@pytest.mark.parametrize("start", [1, -1])
def test_a_hessian_that_tends_to_zero_proves_nothing(handmade, power, start):
    # Newton creeps up to 0 along x^power: on the way the second derivative is not zero.
    monomial = handmade(
        lambda x: x[0] ** power,
        lambda x: [power * x[0] ** (power - 1)],
        lambda x: [[power * (power - 1) * x[0] ** (power - 2)]],
        ("x",),
    )

    run = minimise(monomial, [start], "newton")

    assert abs(run.x[0]) < 0.1
    assert run.status == Status.CONVERGED
    assert "cannot tell" in run.message


def test_a_circle_of_minima_is_not_called_strict(handmade):
    def gradient(v):
        return [4 * v[0] * (v @ v - 1), 4 * v[1] * (v @ v - 1)]

    def hessian(v):
        mixed = 8 * v[0] * v[1]
        return [[8 * v[0] ** 2 + 4 * (v @ v - 1), mixed], [mixed, 8 * v[1] ** 2 + 4 * (v @ v - 1)]]

    run = minimise(handmade(lambda v: (v @ v - 1) ** 2, gradient, hessian, ("x", "y")), [0.6, 0.9])

    assert run.status == Status.CONVERGED
    assert "strict" not in run.message
    assert "cannot tell" in run.message


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((1, 0, 0), "1 positive eigenvalue"),
        ((0, 2, 1), "2 negative and 1 zero eigenvalue"),
        ((1, 2, 0), "1 positive and 2 negative eigenvalues"),
    ],
)
def test_signs_in_words(counts, text):
    assert count_signs(*counts) == text


def test_far_out_where_all_is_flat_nothing_is_claimed():
    # f tends to its supremum 1; the gradient is 2e-240 there, and the next stationary point is 1e80 away.
    x = Symbol("x", real=True)
    run = minimise(compile_objective(x**2 / (1 + x**2), (x,)), [1e80], "gd", step_size=1)

    assert "cannot tell" in run.message
