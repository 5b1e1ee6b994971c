"""Runs from many starts: the same as one after another, whether or not they go together."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import log, symbols

from symopt import Problem
from symopt.errors import InputError
from symopt.numeric import METHODS, Cosine, Runs

x, y = symbols("x y", real=True)
HIMMELBLAU = Problem((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [x, y])
GRID = np.array([[a, b] for a in (-5.0, 0.0, 0.5, 5.0) for b in (-5.0, 0.0, 4.5)])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("record", [0, 1, 7])
def test_each_run_is_the_one_from_its_start_alone(method, record):
    options = {"max_iterations": 60, "record": record}
    if method not in ("bfgs", "lbfgs"):
        options["step_size"] = Cosine(0.02, steps=100)
    runs = HIMMELBLAU.run(GRID, method, **options)

    assert isinstance(runs, Runs)
    assert runs.x.shape == (12, 2)
    for start, run in zip(GRID, runs, strict=True):
        alone = HIMMELBLAU.run(start, method, **options)
        assert (run.status, run.nit, run.nfev, run.njev) == (
            alone.status,
            alone.nit,
            alone.nfev,
            alone.njev,
        )
        assert run.iterations.tolist() == alone.iterations.tolist()
        for name in ("x", "fun", "path", "values", "gradient_norms", "step_sizes"):
            assert np.allclose(run[name], alone[name], rtol=1e-9, atol=1e-9, equal_nan=True), name
        assert len(run.warnings) == len(alone.warnings)


def test_all_four_minima_of_himmelblau_from_a_thousand_starts():
    starts = np.random.default_rng(0).uniform(-5, 5, size=(1000, 2))
    runs = HIMMELBLAU.run(starts, "gd", step_size=0.01, record=0, max_iterations=2000)

    found = {tuple(point) for point in np.round(runs.x[runs.success], 4).tolist()}
    published = {(3, 2), (-2.8051, 3.1313), (-3.7793, -3.2832), (3.5844, -1.8481)}
    assert found == published
    assert runs.success.mean() > 0.99
    assert runs.best.fun < 1e-12


def test_starts_that_fail_are_reported_one_by_one():
    f = Problem(x - log(x), [x])
    runs = f.run([[0.5], [-1.0], [3.0], [20.0]], "gd", step_size="1/2", max_iterations=200)

    assert runs.success.tolist() == [True, False, True, True]
    assert "starts at x = -1" in runs[1].message
    assert str(runs).startswith("4 starts: 3 converged, 1 left the domain.")
    with pytest.raises(InputError, match="none of the runs"):
        _ = f.run([[-1.0]]).best


def test_a_start_of_the_wrong_shape():
    with pytest.raises(InputError, match="shape"):
        HIMMELBLAU.run(np.zeros((3, 4)))
    with pytest.raises(InputError, match="x = nan"):
        HIMMELBLAU.run([[0, 0], [float("nan"), 0]])
