"""Gradients and Hessians of the matrix-calculus literature against differences of 50 digits on random exact data."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from array_losses import NAMES, ROWS, SIZES, close, sample
from array_oracle import differences, evaluate, flat
from sympy import MatrixSymbol

from symopt import Problem


@pytest.mark.parametrize(("name", "objective", "variables"), ROWS, ids=NAMES)
def test_derivatives_agree_with_differences_of_fifty_digits(
    name: str, objective: Any, variables: list[Any]
) -> None:
    values = sample(objective, NAMES.index(name))
    problem = Problem(objective, variables)
    gradient, hessian = problem.gradient, problem.hessian
    with mpmath.workdps(50):
        for variable, slope in zip(variables, gradient, strict=True):
            if isinstance(variable, MatrixSymbol):
                assert slope.shape == variable.shape
            assert close(evaluate(slope, values), differences(objective, variable, values))
        for slope, blocks in zip(gradient, hessian, strict=True):
            for variable, block in zip(variables, blocks, strict=True):
                found = evaluate(block, values)
                columns = []
                for place in range(len(flat(values[variable]))):
                    columns.append(slope_of_slope(slope, variable, values, place))
                wanted = [column[i] for i in range(len(columns[0])) for column in columns]
                assert close(found, mpmath.matrix(wanted) if len(wanted) > 1 else wanted[0])


def slope_of_slope(slope: Any, variable: Any, values: dict[Any, Any], place: int) -> list[Any]:
    """The derivative of all entries of the gradient by one entry of a variable."""
    step = mpmath.mpf(10) ** -16
    start = values[variable]
    if not isinstance(start, mpmath.matrix):
        up, down = (flat(evaluate(slope, {**values, variable: start + s})) for s in (step, -step))
    else:
        change = mpmath.zeros(start.rows, start.cols)
        change[divmod(place, start.cols)] = step
        up, down = (flat(evaluate(slope, {**values, variable: start + s})) for s in (change, -change))
    return [(p - r) / (2 * step) for p, r in zip(up, down, strict=True)]


@pytest.mark.parametrize(("name", "objective", "variables"), ROWS, ids=NAMES)
def test_array_code_agrees_with_the_formulas(name: str, objective: Any, variables: list[Any]) -> None:
    values = sample(objective, NAMES.index(name))
    problem = Problem(objective, variables)
    given = {key: value for key, value in values.items() if key not in variables}
    used = {symbol.name for symbol in problem.parameters} | {size.name for size in SIZES}
    data = {key.name: as_floats(value) for key, value in given.items() if key.name in used}
    known = {size.name for size in problem._stated.sizes}
    compiled = problem.with_data(
        {k: v for k, v in data.items() if k not in ("N", "M", "K") or k in known}
    ).compile()
    point = np.concatenate([np.ravel(as_floats(values[variable])) for variable in variables])
    value, gradient, hessian = compiled.all(point)
    assert float(value) == pytest.approx(float(flat(evaluate(objective, values))[0]), rel=1e-9, abs=1e-9)
    wanted = np.concatenate([[float(u) for u in flat(evaluate(g, values))] for g in problem.gradient])
    np.testing.assert_allclose(gradient, wanted, rtol=1e-8, atol=1e-8)
    rows = []
    for slope, row in zip(problem.gradient, problem.hessian, strict=True):
        count = len(flat(evaluate(slope, values)))
        rows.append(np.hstack([as_block(evaluate(block, values), count) for block in row]))
    np.testing.assert_allclose(hessian, np.vstack(rows), rtol=1e-8, atol=1e-8)


def as_floats(value: Any) -> Any:
    if isinstance(value, mpmath.matrix):
        return np.array([[float(value[i, j]) for j in range(value.cols)] for i in range(value.rows)])
    return float(value)


def as_block(value: Any, rows: int) -> Any:
    return np.array([float(u) for u in flat(value)]).reshape(rows, -1)
