"""Panels, convergence and the choice of a figure; nothing global is touched."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from sympy import Rational, symbols

from symopt.errors import InputError
from symopt.numeric import minimise
from symopt.plotting import plot_parameter_panel, plot_problem, plot_run_panel, plot_values

pytestmark = pytest.mark.filterwarnings("error")


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_panel_of_the_three_signs(problems, save):
    figure, axes = plot_parameter_panel(problems["pencil"], symbols("p", real=True), [-2, Rational(1, 2), 2])

    assert [ax.get_title() for ax in axes] == ["$p = -2$", "$p = 1/2$", "$p = 2$"]
    assert [labels(ax) for ax in axes] == [["maximum"], ["saddle"], ["minimum"]]
    assert len({ax.get_xlim() for ax in axes}) == 1
    assert save(figure) > 0.3


def test_panel_at_the_borders_shows_lines(problems):
    _, (left, right) = plot_parameter_panel(problems["pencil"], "p", [-1, 1])

    vertical, horizontal = left.lines[0].get_xydata(), right.lines[0].get_xydata()
    assert np.nanmax(np.abs(vertical[:, 0])) == np.nanmax(np.abs(horizontal[:, 1])) == 0
    # The lines cross the picture.
    assert np.nanmax(vertical[:, 1]) > 0.9 * left.get_ylim()[1]
    assert np.nanmin(horizontal[:, 0]) < 0.9 * right.get_xlim()[0]


def test_panel_in_one_variable_and_bad_panels(problems):
    figure, axes = plot_parameter_panel(problems["parameter_1d"], "p", [1, 2], region=[(-1, 1)])

    assert isinstance(figure, Figure)
    assert axes.shape == (2,)
    assert axes[1].get_xlim() == (-1, 1)
    with pytest.raises(InputError, match="at least one"):
        plot_parameter_panel(problems["pencil"], "p", [])
    with pytest.raises(InputError, match="at least one"):
        plot_run_panel(problems["bowl"], [])


def test_runs_side_by_side(problems, save):
    problem = problems["parabola"]
    runs = [minimise(problem.compile(), [0], step_size=s, max_iterations=9) for s in ("1/10", "1/2", "1")]

    figure, axes = plot_run_panel(problem, runs)

    assert [ax.get_title().splitlines()[1:] for ax in axes] == [
        ["step size 1/10", "(not converged)"],
        ["step size 1/2"],
        ["step size 1", "(not converged)"],
    ]
    save(figure)
    plot_run_panel(problems["bowl"], [minimise(problems["bowl"].compile(), [1, 1])])


def test_values_on_a_logarithmic_axis(problems, save):
    problem = problems["parabola"]
    runs = [minimise(problem.compile(), [0], step_size=s, max_iterations=12) for s in ("1/10", "6/5")]

    ax = plot_values(runs, optimum=0)

    gap, norm = ax.lines[0].get_xydata(), ax.lines[1].get_xydata()
    # f - f* = 9 (1 - 2/10)^(2 t), ||grad f|| = 6 (1 - 2/10)^t
    assert np.allclose(gap, [(t, 9 * 0.8 ** (2 * t)) for t in range(13)])
    assert np.allclose(norm, [(t, 6 * 0.8**t) for t in range(13)])
    assert ax.get_yscale() == "log"
    assert [label.split(", ")[1] for label in labels(ax)[:-1]] == [
        "step size 1/10 (not converged)",
        "step size 6/5 (not converged)",
    ]
    assert labels(ax)[-1] == "predicted slope"
    assert save(ax.figure) > 0.005


def test_values_without_a_known_optimum(problems):
    run = minimise(problems["bowl"].compile(), [10, 1], "gd", step_size="1/10", record=10)

    ax = plot_values(run, logarithmic=False)

    gap = ax.lines[0].get_xydata()
    assert gap[:, 0].tolist() == run.iterations.tolist()
    assert np.allclose(gap[:, 1], run.values - run.values.min())
    assert ax.get_yscale() == "linear"


def test_values_need_a_record(problems):
    run = minimise(problems["parabola"].compile(), [0], record=0)
    for nothing in (run, []):
        with pytest.raises(InputError, match="record=1"):
            plot_values(nothing)


def test_the_figure_that_fits(problems):
    space = problems["space"]
    run = minimise(space.compile(), [1, 2, 3], step_size="1/10")

    assert plot_problem(problems["parabola"]).get_ylabel() == r"$f(\theta)$"
    assert plot_problem(problems["bowl"]).get_ylabel() == "$y$"
    assert plot_problem(space, run).get_yscale() == "log"
    with pytest.raises(InputError, match="along a run"):
        plot_problem(space)


def test_an_unrecorded_run_is_no_trouble(problems):
    run = minimise(problems["bowl"].compile(), [1, 1], record=0)
    single = minimise(problems["parabola"].compile(), [1], record=0)

    plot_problem(problems["bowl"], run)
    plot_problem(problems["parabola"], single)


def test_no_global_setting_changes(problems):
    before = dict(matplotlib.rcParams)

    plot_problem(problems["bowl"])

    assert dict(matplotlib.rcParams) == before


def test_importing_the_package_does_not_import_matplotlib():
    code = "import sys, symopt.plotting; print(sorted(m for m in sys.modules if m.startswith('matplotlib')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_pyplot_is_never_imported(problems):
    code = (
        "import sys; from sympy import symbols; from symopt.numeric import minimise;"
        "from symopt.calculus.compiler import compile_objective; from symopt.plotting import plot_values;"
        "x = symbols('x', real=True); plot_values(minimise(compile_objective(x**2, (x,)), [1]));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_runs_that_read_alike_are_told_apart_by_their_starts(problems: dict) -> None:
    compiled = problems["bowl"].compile()
    runs = [minimise(compiled, start, "gd", step_size="1/10") for start in ([1, 1], [-1, 0.5])]
    legend = plot_problem(problems["bowl"], runs).get_legend()

    told = [text.get_text().replace("\n", " ") for text in legend.get_texts()]
    assert told[0].endswith("from (1, 1)")
    assert told[1].endswith("from (-1, 0.5)")


def test_four_runs_stand_in_two_rows_with_markers_apart(problems: dict) -> None:
    compiled = problems["bowl"].compile()
    sizes = (0.01, 0.02, 0.05, 0.1)
    runs = [minimise(compiled, [1, 1], "gd", step_size=eta, max_iterations=30) for eta in sizes]
    _, axes = plot_run_panel(problems["bowl"], runs)

    assert {ax.get_subplotspec().get_gridspec().get_geometry() for ax in axes} == {(2, 2)}
    for ax, run in zip(axes, runs, strict=True):
        (line,) = [line for line in ax.lines if len(line.get_xdata()) == len(run.path) > 1]
        marked = run.path[line.get_markevery()]
        share = abs(np.diff(marked, axis=0)) / [np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())]
        assert 1 < len(marked) < 31
        assert share.max(axis=1).min() >= 0.014
