"""The result object."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from symopt.numeric import minimise
from symopt.numeric.report import escaped, letter


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


def test_repr_is_one_line(run):
    assert repr(run).startswith("<Run: heavy ball, beta 0.9, step size 1/2000: not converged, x = ")
    assert "\n" not in repr(run)


def test_explain_has_all_that_was_said(parabola):
    run = minimise(parabola, [0], "gd", step_size="6/5", max_iterations=3)

    assert run.explain().startswith(
        "Gradient descent, step size 6/5. Not converged: the limit of 3 iterations"
    )
    assert run.message in run.explain()


def test_markdown_has_the_iterates(parabola):
    # theta - 3 is halved in each step: theta = 0, 3/2, 9/4, 21/8, f = 9, 9/4, 9/16, 9/64, |f'| = 6, 3, 3/2, 3/4.
    run = minimise(parabola, [0], "gd", step_size="1/4", max_iterations=3)

    assert run.markdown().splitlines()[2:] == [
        r"| $t$ | $\theta$ | $f$ | $\lVert \nabla f \rVert$ |",
        "| --- | --- | --- | --- |",
        "| $0$ | $0$ | $9$ | $6$ |",
        "| $1$ | $1.5$ | $2.25$ | $3$ |",
        "| $2$ | $2.25$ | $0.5625$ | $1.5$ |",
        "| $3$ | $2.625$ | $0.1406$ | $0.75$ |",
    ]
    assert run._repr_markdown_() == run.markdown()
    assert run._repr_latex_() == r"$\displaystyle \theta = 2.625, \quad f(\theta) = 0.140625$"


def test_a_long_run_is_cut_in_the_middle(run):
    table = [line for line in run.markdown().splitlines() if line.startswith("| $")]

    assert [line.split("$")[1] for line in table] == ["t", *map(str, range(9)), r"\vdots", "39", "40"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_compiles_without_complaint(run, log_barrier, tmp_path):
    for number, one in enumerate((run, minimise(log_barrier, [-1]))):
        (tmp_path / f"{number}.tex").write_text(one.latex(standalone=True), encoding="utf-8")
        command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", f"{number}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert "Overfull" not in done.stdout


def test_latex_needs_no_letters_that_it_lacks():
    assert letter("θ") == letter("theta") == r"\theta"
    assert letter("λ2") == r"\lambda_{2}"
    assert escaped("50% of x_1 & λ < 2") == r"50\% of x\_1 \& lambda $<$ 2"


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
