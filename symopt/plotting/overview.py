"""The figure that fits a problem, and panels: over values of a parameter, over cases, over runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol, latex

from symopt.errors import InputError
from symopt.numeric import Run
from symopt.plotting.contours import plot_contours
from symopt.plotting.graphs import plot_function
from symopt.plotting.region import Region, default_region, read_region
from symopt.plotting.style import BARE_HEIGHT, COLUMNS, PANEL_SIZE, as_runs, compact, lower_legend
from symopt.plotting.subject import (
    Plottable,
    function_on_region,
    marks_of,
    require_variables,
    stationary_points_of,
)
from symopt.plotting.trace import run_label
from symopt.plotting.values import plot_values
from symopt.relation import Relation
from symopt.results.condition import Condition
from symopt.writing.mathematics import Bounds, written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Parametric(Protocol):
    """A problem whose parameters are still to be given numbers."""

    @property
    def variables(self) -> tuple[Symbol, ...]: ...

    @property
    def parameters(self) -> tuple[Symbol, ...]: ...

    @property
    def assumptions(self) -> tuple[Relation, ...]: ...

    def at(self, values: Any, /) -> Plottable: ...

    def stationary_points(self) -> Iterable[Any]:
        """Cases, each with a `condition` on the parameters."""
        ...


def draw_problem(problem: Any, run: Run | Sequence[Run] | None = None) -> Figure:
    """The figure of a problem; with one parameter left, a picture for each case of its stationary points."""
    if problem.parameters:
        return plot_cases(problem)[0]
    figure = plot_problem(problem, run).get_figure(root=True)
    assert figure is not None, "an Axes stands in a figure"
    return figure


def plot_cases(problem: Parametric) -> tuple[Figure, NDArray[np.object_]]:
    """One picture for each case of the stationary points, at a value of the parameter: the Figure and its Axes.

    >>> from symopt import Problem
    >>> _, axes = plot_cases(Problem("(p-1)*x^2", "x"))
    >>> [ax.get_title() for ax in axes]
    ['$p > 1$, here $p = 2$', '$p = 1$', '$p < 1$, here $p = 0$']
    """
    names = [str(symbol) for symbol in problem.parameters]
    if not names:
        raise InputError("there is no parameter, and so a single case: use plot_problem")
    if len(names) > 1:
        raise InputError(
            f"{', '.join(names)} have no values, and a figure shows the cases of one parameter: "
            f"give numbers to the others, as in .at({names[-1]}=2)"
        )
    require_variables(problem.variables, 1, 2)
    (parameter,) = problem.parameters
    values, titles = [], []
    for condition in dict.fromkeys(case.condition for case in problem.stationary_points()):
        value = Condition(condition.relations + problem.assumptions).example(parameter)
        if value is None:
            raise InputError(
                f"no value of {parameter} was found for the case {condition}: give it one, as in .at({parameter}=2)"
            )
        shown = f"{latex(parameter)} = {latex(value)}"
        fixed = any(relation.op == "==" for relation in condition.relations)
        values.append(value)
        titles.append(f"${shown}$" if fixed else f"{_case_label(condition)}here ${shown}$")
    return plot_parameter_panel(problem, parameter, values, titles=titles)


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
        raise InputError("a function of more than two variables is plotted along a run only: give one")
    return plot_values(runs, ax=ax)


def plot_parameter_panel(
    problem: Parametric,
    parameter: Symbol | str,
    values: Sequence[Any],
    *,
    region: Region | None = None,
    titles: Sequence[str] | None = None,
) -> tuple[Figure, NDArray[np.object_]]:
    """One picture for each value of the parameter, side by side, same region: the Figure and its Axes."""
    if not len(values):
        raise InputError("a panel needs at least one value of the parameter")
    dimension = len(problem.variables)
    require_variables(problem.variables, 1, 2)
    at_values = [problem.at({parameter: value}) for value in values]
    box = read_region(region, dimension)
    if box is None:
        boxes = [_region_of(one) for one in at_values]
        box = [
            (min(low for low, _ in side), max(high for _, high in side)) for side in zip(*boxes, strict=True)
        ]

    letter = latex(parameter) if isinstance(parameter, Symbol) else latex(Symbol(parameter))
    figure, axes = _panels(len(values))
    for place, (ax, one) in enumerate(zip(axes, at_values, strict=True)):
        if dimension == 1:
            plot_function(one, ax=ax, region=box)
        else:
            plot_contours(one, ax=ax, region=box, colourbar=False)
        ax.set_title(titles[place] if titles else f"${letter} = {values[place]}$")
    _tidy(axes)
    return figure, axes


def _case_label(condition: Condition) -> str:
    """The condition as matplotlib's mathtext, which lacks some of LaTeX's names, or in plain text."""
    from matplotlib.mathtext import MathTextParser

    if not condition.relations:
        return ""
    formula = written((Bounds(condition.relations),), LATEX, Notation())
    label = f"${_SHORT_NAMES.sub(_LONG_NAMES, formula)}$, "
    try:
        MathTextParser("path").parse(label)
    except ValueError:
        return f"{condition}, ".replace("$", "")
    return label


_SHORT_NAMES: Final = re.compile(r"\\(ge|le)(?![a-z])")
_LONG_NAMES: Final = r"\\\1q"


def plot_run_panel(
    problem: Plottable, runs: Sequence[Run], *, region: Region | None = None
) -> tuple[Figure, NDArray[np.object_]]:
    """One picture for each run, side by side in the same region: the Figure and its Axes."""
    if not runs:
        raise InputError("a panel needs at least one run")
    require_variables(problem.variables, 1, 2)
    dimension = len(problem.variables)
    box = read_region(region, dimension)
    if box is None:
        box = _region_of(problem, runs)
    figure, axes = _panels(len(runs))
    for ax, run in zip(axes, runs, strict=True):
        if dimension == 1:
            plot_function(problem, run, ax=ax, region=box, legend=False)
        else:
            plot_contours(problem, run, ax=ax, region=box, legend=False, colourbar=False)
        ax.set_title(run_label(run).replace(", ", ",\n").replace(" (", "\n("))
    _tidy(axes)
    return figure, axes


def _region_of(problem: Plottable, runs: Sequence[Run] = ()) -> Region:
    marks = marks_of(stationary_points_of(problem).points, problem.variables)
    return default_region(function_on_region(problem), len(problem.variables), marks, runs)


def _panels(number: int) -> tuple[Figure, NDArray[np.object_]]:
    """So many Axes, three to a row (four in two rows of two), in a figure that keeps its letters readable on a page."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = _columns(number)
    rows = -(-number // columns)
    # Some space, so that the last number of an axis and the first of the next are apart.
    layout = ConstrainedLayoutEngine(compress=True, wspace=0.08)
    figure = Figure(figsize=(PANEL_SIZE[0] * columns, PANEL_SIZE[1] * rows), layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for empty in grid[number:]:
        empty.remove()
    return figure, grid[:number]


def _columns(number: int) -> int:
    return 2 if number == 4 else min(number, COLUMNS)


def _tidy(axes: NDArray[np.object_]) -> None:
    """Small letters, and numbers and labels at the left and below the last picture of each column alone."""
    columns = _columns(len(axes))
    for place, ax in enumerate(axes):
        compact(ax)
        lowest = place + columns >= len(axes)
        ax.tick_params(labelbottom=lowest, labelleft=place % columns == 0)
        if not lowest:
            ax.set_xlabel("")
            lower_legend(ax, BARE_HEIGHT)
        if place % columns:
            ax.set_ylabel("")
