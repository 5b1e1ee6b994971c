"""The graph of a function of one variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from symopt.numeric import Run
from symopt.plotting.region import Region, default_region, graph_limits, read_region
from symopt.plotting.style import GRAPH, as_runs, axes_for, legend_below
from symopt.plotting.subject import (
    Array,
    Function,
    Plottable,
    function_on_region,
    marks_of,
    math_label,
    require_variables,
    sample,
    stationary_points_of,
    value_label,
)
from symopt.plotting.trace import draw_marks, draw_run, inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID: Final = 801


def plot_function(
    problem: Plottable,
    run: Run | Sequence[Run] | None = None,
    *,
    ax: Axes | None = None,
    region: Region | None = None,
    legend: bool = True,
) -> Axes:
    """The graph of f(x) with its stationary points, by kind, and the iterates of runs on it.

    `region` is [(low, high)], by default an interval around the stationary points and runs. Outside the feasible region
    nothing is drawn.
    """
    require_variables(problem.variables, 1)
    ax = axes_for(ax)
    runs, function = as_runs(run), function_on_region(problem)
    known = stationary_points_of(problem)
    marks = marks_of(known.points, problem.variables)
    box = read_region(region, 1) or default_region(function, 1, marks, runs)
    seen = inside(marks, box)
    heights = [sample(function, mark.places) for mark in seen]
    _, _values = draw_graph(ax, problem, function, box, np.concatenate([*heights, np.empty(0)]))

    for number, one in enumerate(runs):
        draw_run(ax, one, number, one.values)
    draw_marks(ax, seen, heights)
    if legend:
        known.tell(ax)
        legend_below(ax, columns=3)
    return ax


def draw_graph(
    ax: Axes, problem: Plottable, function: Function, box: Region, special: Array
) -> tuple[Array, Array]:
    """The curve, its axes and labels; `special` are values that must be in sight."""
    horizontal = np.linspace(*box[0], _GRID)
    values = sample(function, horizontal[:, None])
    ax.plot(horizontal, values, color=GRAPH, linewidth=1.8, zorder=3)
    ax.set_xlim(*box[0])
    limits = graph_limits(values, special)
    if limits is not None:
        ax.set_ylim(*limits)
    ax.set_xlabel(math_label(*problem.variables))
    ax.set_ylabel(value_label(problem))
    return horizontal, values
