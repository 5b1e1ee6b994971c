"""The result object."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from symopt.numeric import minimise


@pytest.fixture
def run(rosenbrock):
    return minimise(rosenbrock, [-1, 1], "momentum", step_size="1/2000", max_iterations=40)


def test_scipy_names_by_attribute_and_by_key(run):
    for name in ("x", "fun", "jac", "nit", "nfev", "njev", "nhev", "success", "status", "message"):
        assert run[name] is getattr(run, name)
    with pytest.raises(KeyError):
        run["nothing"]
    assert dict(run)["nit"] == 40


def test_frozen_and_read_only(run):
    with pytest.raises(FrozenInstanceError):
        run.x = np.zeros(2)
    for name in ("x", "jac", "path", "values", "gradient_norms", "iterations", "step_sizes"):
        assert not run[name].flags.writeable


def test_the_record_is_about_the_path(run, rosenbrock):
    assert run.path.shape == (41, 2)
    assert np.allclose(run.values, [rosenbrock(x) for x in run.path], rtol=1e-14)
    assert np.allclose(
        run.gradient_norms, [np.linalg.norm(rosenbrock.gradient(x)) for x in run.path], rtol=1e-14
    )
    assert run.step_sizes.tolist() == [1 / 2000] * 40
    assert np.array_equal(run.path[-1], run.x)
    assert run.values[-1] == run.fun


def test_pickles_and_equality(run, rosenbrock):
    again = pickle.loads(pickle.dumps(run))

    assert again == run
    assert hash(again) == hash(run)
    assert not again.path.flags.writeable
    assert run != minimise(rosenbrock, [-1, 1], "momentum", step_size="1/2000", max_iterations=41)
    assert run != "a run"


def test_a_run_from_outside_the_domain_equals_itself(log_barrier):
    assert minimise(log_barrier, [-1]) == minimise(log_barrier, [-1])


def test_repr_is_in_scipys_order(run):
    lines = repr(run).splitlines()

    names = [line.split(":")[0].strip() for line in lines]
    assert names[:6] == ["message", "success", "status", "fun", "x", "nit"]
    assert len(lines) == len(run.keys())
    assert "path: array of shape (41, 2)" in repr(run)


def test_str_is_for_reading(run):
    assert str(run).startswith("Heavy ball, beta 0.9, step size 1/2000\nNot converged")
    assert "40 iterations" in str(run)


def test_to_dict_is_json(run, log_barrier):
    data = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    lost = minimise(log_barrier, [-1]).to_dict()

    assert data["method"] == "momentum"
    assert data["path"] == run.path.tolist()
    assert data["variables"] == ["x", "y"]
    assert data["success"] is False
    assert lost["fun"] == "nan"
    json.dumps(lost, allow_nan=False)
