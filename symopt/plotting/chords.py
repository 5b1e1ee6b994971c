"""Convexity in a picture: the chord between two points of the graph, and the epigraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from symopt.errors import InputError
from symopt.numeric.numbers import Number, read_between
from symopt.plotting.graphs import draw_graph
from symopt.plotting.region import Region, default_region, graph_limits, read_region
from symopt.plotting.style import CHORD, EPIGRAPH, GRAPH, axes_for, legend_below
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place: TypeAlias = Any
"""A number, a sequence of numbers, or a mapping from the variables (or their names) to numbers."""

_GRID: Final = 801
_MARGIN: Final = 0.2


def plot_chord(
    problem: Plottable,
    p: Place,
    q: Place,
    weight: Number = Fraction(1, 2),
    *,
    ax: Axes | None = None,
    legend: bool = True,
) -> Axes:
    """f(w p + (1 - w) q) beside w f(p) + (1 - w) f(q): the graph with a chord, the epigraph shaded.

    With several variables the graph is the section of f along the line through p and q. A chord that passes
    below the graph refutes convexity, one above it refutes concavity.
    """
    share = float(read_between(weight, 0, 1, "the weight"))
    start, end = (read_place(problem, place) for place in (p, q))
    if np.array_equal(start, end):
        raise InputError("the two points of a chord must differ")
    ax = axes_for(ax)
    function = problem.compile()
    single = len(problem.variables) == 1

    # Along the line, t = 0 is p and t = 1 is q; with one variable the axis is that variable.
    line = np.linspace(-_MARGIN, 1 + _MARGIN, _GRID)
    values = sample(function, start + line[:, None] * (end - start))
    ends = sample(function, np.stack([start, end]))
    if not np.isfinite(ends).all():
        raise InputError("f has no finite value at one of the two points of the chord")
    between = sample(function, (share * start + (1 - share) * end)[None, :])[0]
    mixed = share * ends[0] + (1 - share) * ends[1]

    def axis(t: Array) -> Array:
        return start[0] + t * (end[0] - start[0]) if single else t

    seen = values[(line >= 0) & (line <= 1)]
    limits = graph_limits(seen, np.array([*ends, between, mixed]), margin=0.25) or (0.0, 1.0)
    ax.fill_between(axis(line), values, limits[1], color=EPIGRAPH, alpha=0.2, linewidth=0, label="epigraph")
    ax.plot(axis(line), values, color=GRAPH, linewidth=1.8, zorder=3)
    ax.plot(axis(np.array([0.0, 1.0])), ends, "o-", color=CHORD, linewidth=1.6, label="chord", zorder=4)
    place = float(axis(np.array(1 - share)))
    ax.plot([place, place], [between, mixed], ":", color="black", linewidth=1.4, zorder=4)
    ax.plot([place], [mixed], "s", color=CHORD, markersize=6, label="$w\\,f(p) + (1 - w)\\,f(q)$", zorder=5)
    ax.plot([place], [between], "D", color=GRAPH, markersize=6, label="$f(w\\,p + (1 - w)\\,q)$", zorder=5)
    _name_ends(ax, axis(np.array([0.0, 1.0])), ends, np.gradient(values, axis(line)), line)

    ax.set_xlim(*sorted((float(axis(line[0])), float(axis(line[-1])))))
    ax.set_ylim(*limits)
    if single:
        ax.set_xlabel(math_label(*problem.variables))
        ax.set_ylabel(value_label(problem))
    else:
        ax.set_xlabel("$t$")
        ax.set_ylabel("$f((1 - t)\\,p + t\\,q)$")
    if legend:
        legend_below(ax, columns=2)
    return ax


def _name_ends(ax: Axes, places: Array, heights: Array, slopes: Array, line: Array) -> None:
    """The letters p and q beside the chord's ends, where neither the chord nor the graph passes."""
    outward = np.sign(places - places[::-1])
    for name, t, place, height, side in zip("pq", (0.0, 1.0), places, heights, outward, strict=True):
        slope = slopes[np.argmin(np.abs(line - t))]
        offset = (9 * side, -13 if slope * side >= 0 else 5)
        align = "left" if side > 0 else "right"
        ax.annotate(f"${name}$", (place, height), xytext=offset, textcoords="offset points", ha=align)


def plot_epigraph(
    problem: Plottable, *, ax: Axes | None = None, region: Region | None = None, legend: bool = True
) -> Axes:
    """The set {(x, t): f(x) <= t} of a function of one variable."""
    require_variables(problem.variables, 1)
    ax = axes_for(ax)
    function = function_on_region(problem)
    marks = marks_of(stationary_points_of(problem).points, problem.variables)
    box = read_region(region, 1) or default_region(function, 1, marks, ())
    horizontal, values = draw_graph(ax, problem, function, box, np.empty(0))
    ax.fill_between(
        horizontal, values, ax.get_ylim()[1], color=EPIGRAPH, alpha=0.25, linewidth=0, label="epigraph"
    )
    if legend:
        legend_below(ax)
    return ax


def read_place(problem: Plottable, place: Place) -> Array:
    """The point as an array, in the order of the problem's variables."""
    names = [str(variable) for variable in problem.variables]
    if isinstance(place, Mapping):
        named = {str(name): value for name, value in place.items()}
        if set(named) != set(names):
            raise InputError(f"the point {place!r} must give a number to each of {', '.join(names)}")
        place = [named[name] for name in names]
    entries = (
        list(place) if isinstance(place, Sequence | np.ndarray) and not isinstance(place, str) else [place]
    )
    try:
        numbers = [float(Fraction(entry)) if isinstance(entry, str) else float(entry) for entry in entries]
    except (TypeError, ValueError, ZeroDivisionError):
        raise InputError(f"the point {place!r} is not made of numbers") from None
    if len(numbers) != len(names) or not np.isfinite(numbers).all():
        raise InputError(f"the point {place!r} needs one finite number for each of {', '.join(names)}")
    return np.array(numbers)
