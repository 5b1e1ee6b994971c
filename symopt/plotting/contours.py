"""Level lines of a function of two variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from symopt.numeric import Run
from symopt.plotting.levels import named_levels, round_levels, tick_labels
from symopt.plotting.region import Region, default_region, read_region
from symopt.plotting.style import LEVELS, as_runs, axes_for, legend_below
from symopt.plotting.subject import (
    Array,
    Plottable,
    function_on_region,
    marks_of,
    math_label,
    require_variables,
    sample,
    stationary_points_of,
    value_label,
)
from symopt.plotting.trace import draw_marks, draw_run, inside, run_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import ContourSet

_GRID: Final = 241


def plot_contours(
    problem: Plottable,
    run: Run | Sequence[Run] | None = None,
    *,
    ax: Axes | None = None,
    region: Region | None = None,
    levels: int | Sequence[float] = 16,
    legend: bool = True,
    colourbar: bool = True,
) -> Axes:
    """Level lines of f(x, y) with its stationary points, by kind, and the trajectories of runs.

    `region` is [(low, high), (low, high)], by default a box around the stationary points and runs; `levels`
    is about the number of lines, which stand at round values, closer together where a narrow valley would not show
    otherwise; or it is the list of the values.
    Outside the feasible region nothing is drawn.
    """
    require_variables(problem.variables, 2)
    ax = axes_for(ax)
    runs, function, known = as_runs(run), function_on_region(problem), stationary_points_of(problem)
    box = read_region(region, 2)
    if box is None:
        box = default_region(function, 2, marks_of(known.points, problem.variables), runs)
    horizontal, vertical = (np.linspace(low, high, _GRID) for low, high in box)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    values = np.ma.masked_invalid(sample(function, grid))

    bounds = round_levels(values.compressed(), levels) if isinstance(levels, int) else sorted(levels)
    if bounds and values.count():
        filled = draw_levels(ax, horizontal, vertical, values, bounds)
        if colourbar:
            draw_colourbar(ax, filled, bounds, value_label(problem))
    elif values.count():
        ax.text(0.5, 0.95, f"constant: {values.mean():.4g}", ha="center", va="top", transform=ax.transAxes)

    for number, (one, label) in enumerate(zip(runs, run_labels(runs), strict=True)):
        draw_run(ax, one, number, one.path[:, 1], label)
    marks = inside(marks_of(known.points, problem.variables, float(np.abs(box).max())), box)
    draw_marks(ax, marks, [mark.places[:, 1] for mark in marks])

    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    if np.isclose(box[0][1] - box[0][0], box[1][1] - box[1][0]):
        ax.set_aspect("equal")
    ax.set_xlabel(math_label(problem.variables[0]))
    ax.set_ylabel(math_label(problem.variables[1]))
    if legend:
        known.tell(ax)
        legend_below(ax, columns=3)
    return ax


def draw_levels(
    ax: Axes, horizontal: Array, vertical: Array, values: Array, bounds: list[float]
) -> ContourSet:
    """Bands of colour, one each between two levels however close they are, and lines between the bands."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm

    low, high = float(values.min()), float(values.max())
    below, above = low < bounds[0], high > bounds[-1]
    beyond: Literal["neither", "both", "min", "max"] = "neither"
    if (below and above) or len(bounds) < 3:
        beyond = "both"
    elif below or above:
        beyond = "min" if below else "max"
    colours = colormaps[LEVELS]
    norm = BoundaryNorm(bounds, colours.N, extend=beyond)
    grid = (horizontal, vertical, values)
    filled = ax.contourf(*grid, levels=bounds, cmap=colours, norm=norm, extend=beyond, alpha=0.55)
    lines = [level for level in bounds if low < level < high]
    if lines:
        ax.contour(*grid, levels=lines, colors="white", linewidths=0.7, linestyles="solid")
    return filled


def draw_colourbar(ax: Axes, filled: ContourSet, bounds: list[float], label: str) -> None:
    """A bar beside the Axes, as high as they are, with some of the levels named."""
    ticks = named_levels(bounds)
    bar = ax.figure.colorbar(filled, cax=ax.inset_axes((1.04, 0.0, 0.045, 1.0)))
    bar.set_ticks(ticks, labels=tick_labels(ticks))
    bar.minorticks_off()
    bar.set_label(label)
