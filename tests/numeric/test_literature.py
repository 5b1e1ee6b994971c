"""The test functions of the literature: their minima, their derivatives, and all methods on all of them.

The second opinion reads the formulas with Python's own parser and mpmath's functions, and differentiates by differences
in 50 digits: nothing of symopt or SymPy is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
from literature import FUNCTIONS, Known

from symopt import Problem
from symopt.numeric import METHODS, Run

BY_NAME = {known.name: known for known in FUNCTIONS}
NAMES = {name: getattr(mpmath, name) for name in ("sin", "cos", "exp", "sqrt", "atan", "tan", "pi", "mpf")}
NUMBER = re.compile(r"(?<![\w.])(\d+\.\d+|\d+)(?![\w.])")
STEP = mpmath.mpf(10) ** -14
functions = pytest.mark.parametrize("name", BY_NAME)


@cache
def problem(name: str) -> Problem:
    return Problem(BY_NAME[name].formula, BY_NAME[name].variables)


def independent(known: Known) -> Callable[..., Any]:
    """f in mpmath's arithmetic, every decimal exact."""
    text = NUMBER.sub(r'mpf("\1")', known.formula.replace("^", "**"))
    code = compile(text, known.name, "eval")
    names = known.variables.split()
    return lambda *point: eval(code, {**NAMES, "abs": abs}, dict(zip(names, point, strict=True)))


def rounding(published: str) -> float:
    """One unit of the last digit that is published; nothing but rounding where the value is a whole number."""
    digits, _, exponent = published.partition("e")
    _, point, decimals = digits.partition(".")
    return float(f"1e{int(exponent or 0) - len(decimals)}") if point else 1e-11


def test_there_are_more_than_a_hundred() -> None:
    assert len(BY_NAME) == len(FUNCTIONS) >= 100
    assert len({known.formula for known in FUNCTIONS}) == len(FUNCTIONS)


@functions
def test_the_published_minimum(name: str) -> None:
    known, compiled = BY_NAME[name], problem(name).compile()
    for minimiser in known.minimisers:
        value = float(independent(known)(*map(mpmath.mpf, minimiser)))
        scale = max(1.0, np.abs(minimiser).max())
        assert abs(value - float(known.published)) <= rounding(known.published) * scale
        assert float(compiled(minimiser)) == pytest.approx(value, rel=1e-9, abs=1e-9)
        if known.smooth:
            slope, bend = compiled.gradient(minimiser), compiled.hessian(minimiser)
            assert np.linalg.norm(slope) <= 1e-11 * max(1.0, np.abs(bend).max()) * scale
            assert np.linalg.eigvalsh(bend)[0] >= -1e-7 * max(1.0, np.abs(bend).max())


@functions
def test_gradient_and_hessian_against_differences_in_fifty_digits(name: str) -> None:
    known, compiled = BY_NAME[name], problem(name).compile()
    f, n = independent(known), len(known.variables.split())
    start = np.array([x + 0.0137 * (1 + abs(x)) * (1 + i / 7) for i, x in enumerate(known.minimisers[0])])
    with mpmath.workdps(50):
        point = [mpmath.mpf(x) for x in start.tolist()]

        def at(*moves: tuple[int, int]) -> Any:
            moved = list(point)
            for place, sign in moves:
                moved[place] += sign * STEP
            return f(*moved)

        slope = [(at((i, 1)) - at((i, -1))) / (2 * STEP) for i in range(n)]
        bend = [
            [
                (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1)))
                / (4 * STEP**2)
                for j in range(n)
            ]
            for i in range(n)
        ]
        gradient, hessian = np.array(slope, dtype=float), np.array(bend, dtype=float)
    for found, expected in ((compiled.gradient(start), gradient), (compiled.hessian(start), hessian)):
        assert np.abs(found - expected).max() <= 1e-9 * max(1.0, np.abs(expected).max())


MONOTONE = ("gd", "damped_newton", "globalised_newton", "bfgs", "lbfgs")


@cache
def table() -> dict[tuple[str, str], Run]:
    """Every method on every function, from near its first minimiser."""
    runs = {}
    for known in FUNCTIONS:
        start = [x + 0.02 * (1 + abs(x)) * (-1) ** i for i, x in enumerate(known.minimisers[0])]
        for method in METHODS:
            limit = 150 if method in ("globalised_newton", "bfgs", "lbfgs") else 15
            runs[known.name, method] = problem(known.name).run(start, method, max_iterations=limit, record=0)
    return runs


# Where a method does not reach the published minimum from near by, and why.
MISSED = {
    ("meyer", "globalised_newton"): "a valley so narrow that 150 steps are not enough",
    ("meyer", "lbfgs"): "SciPy's line search ends in rounding",
    ("trefethen", "bfgs"): "the start lies in another of its many valleys",
    ("trefethen", "lbfgs"): "the start lies in another of its many valleys",
}


@pytest.mark.slow
def test_every_method_runs_on_every_function() -> None:
    for (name, method), run in table().items():
        known, compiled = BY_NAME[name], problem(name).compile()
        start = [x + 0.02 * (1 + abs(x)) * (-1) ** i for i, x in enumerate(known.minimisers[0])]
        assert np.isfinite(run.x).all(), (name, method)
        assert np.isfinite(run.fun), (name, method)
        if method in MONOTONE:
            value = float(compiled(start))
            assert run.fun <= value + 1e-13 * abs(value), (name, method)  # loops may round f otherwise
        if run.success:
            assert np.linalg.norm(compiled.gradient(run.x)) <= 1e-8, (name, method)
            if known.smooth:
                assert np.linalg.eigvalsh(compiled.hessian(run.x))[0] >= -1e-9 * max(1, abs(run.fun)), (
                    name,
                    method,
                )


@pytest.mark.parametrize("method", ["globalised_newton", "bfgs", "lbfgs"])
def test_the_published_minimum_is_reached_from_near_by(method: str) -> None:
    missed = {
        (known.name, method)
        for known in FUNCTIONS
        if not table()[known.name, method].fun - float(known.published)
        <= max(1e-7, 2 * rounding(known.published))
    }
    assert missed == {pair for pair in MISSED if pair[1] == method}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("himmelblau", -5, 5),
        ("six_hump_camel", -2, 2),
        ("branin", -5, 15),
        ("goldstein_price", -2, 2),
        ("styblinski_tang", -5, 5),
        ("beale", -4.5, 4.5),
        ("freudenstein_roth", 0, 10),
        ("dixon_price", -3, 3),
        ("trecanni", -5, 5),
        ("chebyquad", 0, 1),
        ("wayburn_seader_one", -3, 3),
        ("wayburn_seader_two", -1, 2),
        ("bird", -6, 6),
        ("rastrigin", -2, 2),
        ("griewank", -3, 3),
        ("levy", -10, 10),
        ("forrester", 0, 1),
        ("hartmann_three", 0, 1),
        ("shekel_five", 2, 6),
        ("price_four", -5, 5),
        ("hosaki", 0, 5),
    ],
)
def test_many_starts_reach_the_published_minima(name: str, low: float, high: float) -> None:
    known = BY_NAME[name]
    starts = np.random.default_rng(1).uniform(low, high, size=(60, len(known.minimisers[0])))
    runs = problem(name).run(starts, "globalised_newton", record=0, max_iterations=100)
    inside = [run for run in runs if run.success and (run.x >= low).all() and (run.x <= high).all()]

    assert min(run.fun for run in inside) == pytest.approx(
        float(known.published), abs=2 * rounding(known.published)
    )
    for minimiser in known.minimisers:
        assert any(np.allclose(run.x, minimiser, atol=1e-4) for run in inside), minimiser
