"""The figure that fits a problem, and the panel over values of a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol, latex

from symopt.errors import InputError
from symopt.numeric import Run
from symopt.plotting.contours import plot_contours
from symopt.plotting.graphs import plot_function
from symopt.plotting.region import Region, default_region, read_region
from symopt.plotting.style import as_runs
from symopt.plotting.subject import Plottable, marks_of, require_variables, stationary_points_of
from symopt.plotting.trace import run_label
from symopt.plotting.values import plot_values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Parametric(Protocol):
    """A problem whose parameters are still to be given numbers."""

    @property
    def variables(self) -> tuple[Symbol, ...]: ...

    def at(self, values: Any, /) -> Plottable: ...


def plot_problem(
    problem: Plottable, run: Run | Sequence[Run] | None = None, *, ax: Axes | None = None
) -> Axes:
    """The graph in one variable, level lines in two; in more, how the runs converge."""
    if len(problem.variables) == 1:
        return plot_function(problem, run, ax=ax)
    if len(problem.variables) == 2:
        return plot_contours(problem, run, ax=ax)
    runs = as_runs(run)
    if not runs:
        raise InputError("a function of more than two variables is plotted along a run only: give one.")
    return plot_values(runs, ax=ax)


def plot_parameter_panel(
    problem: Parametric,
    parameter: Symbol | str,
    values: Sequence[Any],
    *,
    region: Region | None = None,
) -> tuple[Figure, NDArray[np.object_]]:
    """One picture for each value of the parameter, side by side, same region: the Figure and its Axes."""
    if not len(values):
        raise InputError("a panel needs at least one value of the parameter.")
    dimension = len(problem.variables)
    require_variables(problem.variables, 1, 2)
    at_values = [problem.at({parameter: value}) for value in values]
    box = read_region(region, dimension)
    if box is None:
        boxes = [_region_of(one) for one in at_values]
        box = [
            (min(low for low, _ in side), max(high for _, high in side)) for side in zip(*boxes, strict=True)
        ]

    figure, axes = _row(len(values))
    for ax, one, value in zip(axes, at_values, values, strict=True):
        if dimension == 1:
            plot_function(one, ax=ax, region=box)
        else:
            plot_contours(one, ax=ax, region=box, colourbar=False)
        name = latex(parameter) if isinstance(parameter, Symbol) else latex(Symbol(parameter))
        ax.set_title(f"${name} = {value}$")
        ax.label_outer()
    return figure, axes


def plot_run_panel(
    problem: Plottable, runs: Sequence[Run], *, region: Region | None = None
) -> tuple[Figure, NDArray[np.object_]]:
    """One picture for each run, side by side in the same region: the Figure and its Axes."""
    if not runs:
        raise InputError("a panel needs at least one run.")
    require_variables(problem.variables, 1, 2)
    dimension = len(problem.variables)
    box = read_region(region, dimension)
    if box is None:
        box = _region_of(problem, runs)
    figure, axes = _row(len(runs))
    for ax, run in zip(axes, runs, strict=True):
        if dimension == 1:
            plot_function(problem, run, ax=ax, region=box, legend=False)
        else:
            plot_contours(problem, run, ax=ax, region=box, legend=False, colourbar=False)
        ax.set_title(run_label(run).replace(", ", ",\n"), fontsize="small")
        ax.label_outer()
    return figure, axes


def _region_of(problem: Plottable, runs: Sequence[Run] = ()) -> Region:
    marks = marks_of(stationary_points_of(problem), problem.variables)
    return default_region(problem.compile(), len(problem.variables), marks, runs)


def _row(number: int) -> tuple[Figure, NDArray[np.object_]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.1 * number, 3.7), layout="constrained")
    return figure, figure.subplots(1, number, squeeze=False, sharex=True, sharey=True)[0]
