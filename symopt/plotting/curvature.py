"""Where a function bends upwards and where downwards, in one and two variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from sympy import Symbol

from symopt.plotting.chords import plot_chord
from symopt.plotting.region import Region, default_region, read_region
from symopt.plotting.style import CHORD, GRAPH, axes_for, legend_below
from symopt.plotting.subject import (
    Array,
    Function,
    function_on_region,
    marks_of,
    math_label,
    require_variables,
    sample,
    stationary_points_of,
    value_label,
)
from symopt.relation import Relation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID: Final = 601
_PLANE: Final = 161
_TINY: Final = 1e-9
_LINES: Final = 14
UPWARDS: Final = "#0072B2"
DOWNWARDS: Final = "#D55E00"
MIXED: Final = "#BBBBBB"


class Curved(Protocol):
    """The part of a `Problem` that pictures of curvature read; its parameters are numbers already."""

    @property
    def variables(self) -> tuple[Symbol, ...]: ...

    @property
    def feasible_region(self) -> tuple[Relation, ...]: ...

    def compile(self) -> Any: ...

    def stationary_points(self) -> Iterable[Any]: ...

    def convexity(self) -> Iterable[Any]: ...


def plot_curvature(
    problem: Curved, *, ax: Axes | None = None, region: Region | None = None, legend: bool = True
) -> Axes:
    """The graph of f(x), or the level lines of f(x, y), with the parts where f bends upwards and downwards.

    In one variable f'' > 0 is drawn solid and blue, f'' < 0 dashed and orange; in two variables the areas are coloured by
    the signs of the eigenvalues of the Hessian. The chord that refutes convexity is drawn in, where there is one.
    """
    require_variables(problem.variables, 1, 2)
    ax = axes_for(ax)
    function = function_on_region(problem)
    marks = marks_of(stationary_points_of(problem).points, problem.variables)
    n = len(problem.variables)
    box = read_region(region, n) or default_region(function, n, marks, ())
    draw = _draw_graph if n == 1 else _draw_plane
    draw(ax, problem, function, box)
    ax.set_xlabel(math_label(problem.variables[0]))
    ax.set_ylabel(value_label(problem) if n == 1 else math_label(problem.variables[1]))
    if legend:
        legend_below(ax)
    return ax


def plot_witness(problem: Curved, *, kind: str = "convex", ax: Axes | None = None) -> Axes | None:
    """The chord that shows f not to be convex (or not concave), over the graph along it; None where there is none.

    >>> from symopt import Problem
    >>> plot_witness(Problem("x^2", "x")) is None
    True
    """
    chord = _chord(problem, kind)
    return None if chord is None else plot_chord(problem, chord[0], chord[1], ax=ax)


def _chord(problem: Curved, kind: str) -> Array | None:
    """The two points of the witness against the kind."""
    names = [str(v) for v in problem.variables]
    for case in problem.convexity():
        found = (case.result.evidence.witness or {}).get(f"not_{kind}")
        if found is not None:
            return np.array([[float(found[end][name]) for name in names] for end in "pq"])
    return None


def _draw_graph(ax: Axes, problem: Curved, function: Function, box: Region) -> None:
    line = np.linspace(*box[0], _GRID)
    values = sample(function, line[:, None])
    bend = _hessians(problem, line[:, None], values)[:, 0, 0]
    for sign, colour, style, label in (
        (1, UPWARDS, "-", "bends upwards"),
        (-1, DOWNWARDS, "--", "bends downwards"),
        (0, GRAPH, ":", "straight"),
    ):
        part = np.sign(np.where(np.abs(bend) < _TINY, 0.0, bend)) == sign
        if part.sum() > 1:
            part[1:] |= part[:-1].copy() & bool(sign)  # so that the parts meet
            ax.plot(line, np.where(part, values, np.nan), style, color=colour, linewidth=2.2, label=label)
    chord = _chord(problem, "convex")
    if chord is not None and box[0][0] <= chord.min() and chord.max() <= box[0][1]:
        ends = sample(function, chord)
        ax.plot(
            chord[:, 0], ends, "o-", color=GRAPH, linewidth=1.2, markersize=4.0, label="chord below the graph"
        )
    ax.set_xlim(*box[0])


def _draw_plane(ax: Axes, problem: Curved, function: Function, box: Region) -> None:
    horizontal, vertical = (np.linspace(low, high, _PLANE) for low, high in box)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    values = np.ma.masked_invalid(sample(function, grid))
    hessians = _hessians(problem, grid.reshape(-1, 2), values.filled(np.nan))
    known = np.isfinite(hessians).all(axis=(1, 2))
    eigenvalues = np.full((len(hessians), 2), np.nan)
    eigenvalues[known] = np.linalg.eigvalsh(hessians[known])
    low, high = (
        eigenvalues.reshape((*grid.shape[:-1], 2))[..., 0],
        eigenvalues.reshape((*grid.shape[:-1], 2))[..., 1],
    )
    areas = (
        (low >= -_TINY, UPWARDS, "bends upwards in every direction"),
        (high <= _TINY, DOWNWARDS, "bends downwards in every direction"),
        ((low < -_TINY) & (high > _TINY), MIXED, "upwards in some, downwards in others"),
    )
    for part, colour, label in areas:
        if part.any():
            ax.contourf(
                horizontal, vertical, part.astype(float), levels=[0.5, 1.5], colors=[colour], alpha=0.45
            )
            ax.fill_between([], [], color=colour, alpha=0.45, linewidth=0, label=label)
    if values.count() and values.max() > values.min():
        ax.contour(
            horizontal, vertical, values, levels=_LINES, colors=[GRAPH], linewidths=0.6, linestyles="solid"
        )
    chord = _chord(problem, "convex")
    if chord is not None:
        ax.plot(
            *chord.T,
            "o-",
            color=CHORD,
            linewidth=1.8,
            markersize=5.0,
            label="chord below the graph",
            zorder=4,
        )
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])


def _hessians(problem: Curved, points: Array, values: Array) -> Array:
    """The Hessians at points (m, n), nan where there is no value."""
    with np.errstate(all="ignore"):
        hessians = np.asarray(problem.compile().hessian(points), dtype=float)
    return np.where(np.isfinite(values).reshape(-1, 1, 1), hessians, np.nan)
