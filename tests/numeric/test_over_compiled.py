"""The same methods over functions compiled from SymPy expressions."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Integer, exp, log, symbols

from symopt.calculus.compiler import compile_objective
from symopt.numeric import METHODS, Status, minimise

pytestmark = pytest.mark.filterwarnings("error")

x, y = symbols("x y", real=True)
ROSENBROCK = (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("method", METHODS)
def test_compiled_and_handwritten_functions_give_the_same_run(rosenbrock, method):
    compiled = compile_objective(ROSENBROCK, (x, y))
    settings = (
        {"max_iterations": 20}
        if method in ("bfgs", "lbfgs")
        else {"step_size": "1/2000", "max_iterations": 100}
    )

    one, two = (minimise(f, [-1.2, 1], method, **settings) for f in (compiled, rosenbrock))

    assert np.allclose(one.path, two.path, rtol=1e-9)
    assert one.status == two.status
    assert one.variables == ("x", "y")


def test_the_domain_is_seen(handmade):
    compiled = compile_objective(x - log(x), (x,))

    run = minimise(compiled, [5], "gd", step_size=8)

    assert run.status == Status.NOT_FINITE
    assert "domain" in run.message
    assert minimise(compiled, [5]).x == pytest.approx([1])


def test_overflow_is_seen():
    run = minimise(compile_objective(exp(x**2), (x,)), [3], "gd", step_size=1)

    assert run.status in (Status.NOT_FINITE, Status.DIVERGED)
    assert run.x.tolist() == [3]


def test_constants_and_kinks():
    constant = minimise(compile_objective(Integer(3), (x, y)), [1, 2], "newton")
    kink = minimise(compile_objective(Abs(x), (x,)), [1], "gd", step_size="2/3", max_iterations=9)

    assert constant.nit == 0
    assert "cannot tell" in constant.message
    assert kink.status == Status.ITERATION_LIMIT
    assert "jump between two points" in kink.message


def test_many_variables():
    names = symbols("x:60", real=True)
    compiled = compile_objective(sum((k + 1) * v**2 / 2 for k, v in enumerate(names)), names)

    run = minimise(compiled, np.ones(60), "newton")

    assert run.success
    assert run.nit == 1
    assert "..." not in run.message
