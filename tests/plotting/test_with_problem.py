"""Figures of real problems: their own stationary points, compiled functions and runs."""

from __future__ import annotations

import numpy as np
import pytest

from symopt import Problem
from symopt.plotting import plot_parameter_panel, plot_problem

pytestmark = pytest.mark.filterwarnings("error")


def test_the_panel_of_the_notes(save):
    problem = Problem("(p - 1)*x^2 + (p + 1)*y^2", "x y")

    figure, axes = plot_parameter_panel(problem, "p", [-2, -1, "1/2", 1, 2])

    kinds = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in axes]
    assert kinds == [["maximum"], ["maximum"], ["saddle"], ["minimum"], ["minimum"]]
    assert save(figure) > 0.3


def test_a_run_on_its_graph(save):
    problem = Problem("x*log(x)", "x")
    run = problem.run([2], step_size="1/2")

    ax = plot_problem(problem, run)

    assert any(np.array_equal(line.get_xdata(), run.path[:, 0]) for line in ax.lines)
    assert [text.get_text() for text in ax.get_legend().get_texts()][1] == "minimum"
    save(ax.figure)


def test_a_kink_that_is_no_extremum_is_called_a_kink(save):
    ax = plot_problem(Problem("(x - 2)^2/2 + abs(x)", "x"))

    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["minimum", "kink"]
    save(ax.figure)
