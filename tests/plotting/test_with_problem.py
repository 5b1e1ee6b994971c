"""Figures of real problems: their own stationary points, compiled functions and runs."""

from __future__ import annotations

import numpy as np
import pytest

from symopt import Problem
from symopt.errors import InputError
from symopt.plotting import draw_problem, plot_cases, plot_parameter_panel, plot_problem
from symopt.plotting.style import COLUMNS

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


def test_points_that_may_be_missing_are_told(save):
    ax = plot_problem(Problem("x*sin(x) - x*sin(sqrt(2)*x)", "x"))  # searched between -10 and 10

    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "perhaps more stationary points"
    save(ax.figure)


def test_a_picture_for_each_case(save):
    figure, axes = plot_cases(Problem("(p - 1)*x^2 + (p + 1)*y^2", "x y"))

    assert [ax.get_title() for ax in axes] == [
        "$p > 1$, here $p = 2$",
        "$p = 1$",
        "$-1 < p < 1$, here $p = 0$",
        "$p = -1$",
        "$p < -1$, here $p = -2$",
    ]
    kinds = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in axes]
    assert kinds == [["minimum"], ["minimum"], ["saddle"], ["maximum"], ["maximum"]]
    # Three to a row: the letters keep their size on a page.
    assert len({round(ax.get_position().y0, 3) for ax in axes[:COLUMNS]}) == 1
    assert axes[COLUMNS].get_position().y1 < axes[0].get_position().y0
    assert save(figure) > 0.3


def test_the_value_drawn_fits_the_assumptions():
    _, (ax,) = plot_cases(Problem("p*x^2", "x", assuming="p > 7"))

    assert ax.get_title() == "here $p = 10$"


def test_a_case_whose_border_belongs_to_it_is_drawn_inside(save):
    # x^4 + a x^2 has one minimum for a >= 0 and a double well for a < 0.
    figure, axes = plot_cases(Problem("x^4 + a*x^2", "x"))

    assert [ax.get_title() for ax in axes] == [r"$a \geq 0$, here $a = 1$", "$a < 0$, here $a = -1$"]
    save(figure)


def test_nothing_is_drawn_outside_the_region():
    curve = plot_problem(Problem("x^3 - 3*x", "x", subject_to=["x > 0"])).lines[0]

    drawn = curve.get_xdata()[np.isfinite(curve.get_ydata())]
    assert 0 < drawn.min() < 0.1
    assert drawn.max() > 1  # the minimum


def test_members_of_a_family_of_roots_are_marked():
    ax = plot_problem(Problem("x*cos(x)", "x", subject_to=["x > 0"]))

    # Where x tan x = 1; the roots are tabulated, e.g. Abramowitz and Stegun, table 4.20.
    tabulated = [0.86033, 3.42562, 6.43730, 9.52933, 12.64529]
    marked = np.sort(np.concatenate([line.get_xdata() for line in ax.lines[1:]]))
    assert marked[:5] == pytest.approx(tabulated, abs=1e-5)


def test_the_figure_of_a_file():
    assert len(draw_problem(Problem("(p - 1)*x^2", "x")).axes) == 3
    assert len(draw_problem(Problem("x^2", "x")).axes) == 1
    with pytest.raises(InputError, match=r"p, q have no values.*as in \.at\(q=2\)"):
        draw_problem(Problem("p*x^2 + q", "x"))
    with pytest.raises(InputError, match="there is no parameter"):
        plot_cases(Problem("x^2", "x"))
