"""Bounds of values: no value that Python computes is outside of them, and what they leave unwatched is finite."""

from __future__ import annotations

import math
from itertools import product

import pytest
from sympy import Abs, Max, Piecewise, atan, cos, erf, exp, log, sin, sqrt, symbols, tanh

from symopt.calculus.bounds import bounds, watched
from symopt.calculus.compiler import compile_objective
from symopt.calculus.compiler_interpreter import interpret
from symopt.calculus.emitter import _infinite

x, y, z = VARIABLES = symbols("x y z", real=True)
EXTREMES = (0.0, -0.3, 37.0, -745.0, 5e-324, 1e160, -1e300, 1.7e308)
MORE = (*EXTREMES[1:4], -1e308, math.inf, -math.inf, math.nan)
BOUNDED = (
    log(exp(x) + exp(y) + exp(z)),
    log(1 + exp(x - y)) + tanh(z),
    exp(x) / (exp(x) + exp(y)) + sin(z) / (3 + cos(x)),
    log(exp(x) + exp(y) + exp(z)) + log(exp(x) + exp(y) + 1) / (1 + exp(z)),
)
OTHERS = (
    log(exp(x * y) + exp(y) + exp(z)),
    log(exp(x) + exp(2 * y) + 3) - z,
    sqrt(1 + x**2 + y**2) + z / (1 + y**2),
    Max(x, y) / (1 + z**2) + Abs(x) / (3 + sin(y)),
    Piecewise((1 / (1 + x**2), x > y), (log(1 + exp(z)), True)),
    atan(x) / (1 + exp(y)) + erf(z),
)


@pytest.mark.parametrize("objective", [*BOUNDED, *OTHERS], ids=str)
def test_no_value_is_outside_its_bounds(objective):
    program = compile_objective(objective, VARIABLES)._program
    order = program.needed(program.results)
    known, looked_at = bounds(program, order), 0
    for point in product(EXTREMES, repeat=3):
        try:
            values = interpret(program, order, list(point))
        except (ValueError, OverflowError, ZeroDivisionError):
            continue  # nothing is returned then
        looked_at += 1
        for place in order:
            interval = known[place]
            if interval is not None:
                assert interval[0] <= float(values[place]) <= interval[1], program.instructions[place]
    assert looked_at > 20


@pytest.mark.parametrize("objective", BOUNDED, ids=str)
def test_shares_are_not_watched(objective):
    program = compile_objective(objective, VARIABLES)._program
    assert len(watched(program, program.results)) < len(program.doubtful(program.results))


@pytest.mark.parametrize("objective", [*BOUNDED, *OTHERS], ids=str)
def test_scalars_agree_with_rows_at_infinite_points(objective):
    # Rows watch every result that rests on a division.
    compiled = compile_objective(objective, VARIABLES)
    for place, pair in enumerate(product(MORE, repeat=2)):
        point = (*pair, MORE[place % 5])
        value, gradient, hessian = compiled.all([point])
        half = [hessian[0, i, j] for i in range(3) for j in range(i + 1)]
        assert compiled.scalar(*point) == pytest.approx(
            (value[0], *gradient[0], *half), rel=1e-12, abs=1e-300, nan_ok=True
        )


def test_a_condition_on_thousands_of_results_can_be_compiled():
    # Python's own parser is recursive.
    condition = compile(_infinite("t0", [f"t{place}" for place in range(20_000)]), "<test>", "eval")
    values = {f"t{place}": 1.0 for place in range(20_000)}
    assert not eval(condition, values)
    assert eval(condition, values | {"t7777": math.inf})
