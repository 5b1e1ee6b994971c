"""Sets of the plane: a feasible region with its borders, and a segment that stays in it or leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from symopt.calculus.compiler import compile_objective
from symopt.errors import InputError
from symopt.plotting.region import Region, read_region
from symopt.plotting.style import CHORD, EPIGRAPH, GRAPH, axes_for, legend_below
from symopt.plotting.subject import Array, fulfilled, math_label, require_variables, sample
from symopt.relation import Relation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID: Final = 401
_WIDTHS: Final = (2.0, 5.0, 20.0, 100.0)
_MARGIN: Final = 0.25
_TRIES: Final = 400
_AWAY: Final = 16


class Constrained(Protocol):
    """The part of a `Problem` that a picture of its region reads."""

    @property
    def variables(self) -> tuple[Symbol, ...]: ...

    @property
    def feasible_region(self) -> tuple[Relation, ...]: ...

    def convexity(self) -> Iterable[Any]: ...


def plot_set(
    problem: Constrained, *, ax: Axes | None = None, region: Region | None = None, legend: bool = True
) -> Axes:
    """The feasible region of two variables, with a segment: inside a convex region, or leaving one that is not.

    Borders that belong to the region are solid, others dashed. Where `convexity()` finds that the region is not convex,
    the segment is its witness: two points of the region and a point between them outside. `region` is what is shown,
    [(low, high), (low, high)].
    """
    require_variables(problem.variables, 2)
    relations = problem.feasible_region
    if not relations:
        raise InputError("there is no region to draw: give constraints with subject_to=[...]")
    free = sorted({s.name for r in relations for s in r.symbols} - {v.name for v in problem.variables})
    if free:
        raise InputError(f"{', '.join(free)} has no value: give it one, as in .at({free[0]}=2)")
    ax = axes_for(ax)
    witness = _witness(problem)
    box = read_region(region, 2) or _box(relations, problem.variables, witness)
    horizontal, vertical = (np.linspace(low, high, _GRID) for low, high in box)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    inside = fulfilled(relations, problem.variables, grid)
    if any(relation.op != "==" for relation in relations) and not _is_thin(relations):
        ax.contourf(
            horizontal, vertical, inside.astype(float), levels=[0.5, 1.5], colors=[EPIGRAPH], alpha=0.35
        )
    for relation in relations:
        others = fulfilled([r for r in relations if r is not relation], problem.variables, grid)
        _draw_border(ax, relation, problem.variables, horizontal, vertical, grid, others)
    segment = _segment(inside, horizontal, vertical) if witness is None else witness
    if segment is not None:
        _draw_segment(ax, segment, leaves=witness is not None)
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    if np.isclose(box[0][1] - box[0][0], box[1][1] - box[1][0]):
        ax.set_aspect("equal")
    ax.set_xlabel(math_label(problem.variables[0]))
    ax.set_ylabel(math_label(problem.variables[1]))
    if legend:
        legend_below(ax)
    return ax


def _witness(problem: Constrained) -> Array | None:
    """The two points that show the region not to be convex, as rows."""
    for case in problem.convexity():
        found = (case.result.evidence.witness or {}).get("region")
        if found is not None:
            names = [str(v) for v in problem.variables]
            return np.array([[float(found[end][name]) for name in names] for end in "pq"])
    return None


def _is_thin(relations: Iterable[Relation]) -> bool:
    """Whether the region is a curve."""
    return any(relation.op == "==" for relation in relations)


def _box(relations: Iterable[Relation], variables: tuple[Symbol, ...], witness: Array | None) -> Region:
    """Around the region where it is bounded, else a square around the origin that shows a good part of it."""
    square: Region | None = None
    for width in _WIDTHS:
        axis = np.linspace(-width, width, _GRID)
        inside = fulfilled(relations, variables, np.stack(np.meshgrid(axis, axis), axis=-1))
        if witness is not None and np.abs(witness).max() > 0.9 * width:
            continue
        if not inside.any():
            continue
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        bounds = [(axis[side[0]], axis[side[-1]]) for side in (columns, rows)]
        if any(low <= -width or high >= width for low, high in bounds):
            square = square or [(-width, width)] * 2
            continue
        half = (0.5 + _MARGIN) * max(high - low for low, high in bounds)
        return [((low + high) / 2 - half, (low + high) / 2 + half) for low, high in bounds]
    return square or [(-_WIDTHS[0], _WIDTHS[0])] * 2


def _draw_border(
    ax: Axes,
    relation: Relation,
    variables: tuple[Symbol, ...],
    horizontal: Array,
    vertical: Array,
    grid: Array,
    others: NDArray[np.bool_],
) -> None:
    """The border as far as the other relations hold: solid where it belongs to the region."""
    values = np.where(others, sample(compile_objective(relation.expression, variables), grid), np.nan)
    finite = values[np.isfinite(values)]
    if not finite.size or finite.min() >= 0 or finite.max() <= 0:
        return
    style = "--" if relation.is_strict else "-"
    masked = np.ma.masked_invalid(values)
    ax.contour(horizontal, vertical, masked, levels=[0.0], colors=[GRAPH], linewidths=1.8, linestyles=[style])
    label = "border, left out" if relation.is_strict else "border, included"
    if label not in ax.get_legend_handles_labels()[1]:
        ax.plot([], [], style, color=GRAPH, linewidth=1.8, label=label)


def _segment(inside: NDArray[np.bool_], horizontal: Array, vertical: Array) -> Array | None:
    """Two points of the region far from each other, the segment between them inside."""
    rows, columns = np.nonzero(_away_from_borders(inside))
    if not len(rows):
        return None
    chosen = np.random.default_rng(0).choice(len(rows), size=min(30, len(rows)), replace=False)
    places: NDArray[np.int_] = np.stack([columns[chosen], rows[chosen]], axis=1)
    pairs = list(combinations(range(len(places)), 2))[:_TRIES]
    pairs.sort(key=lambda pair: -float(np.abs(places[pair[0]] - places[pair[1]]).sum()))
    for i, j in pairs:
        t = np.linspace(0, 1, 60)[:, None]
        line = np.rint(places[i] + t * (places[j] - places[i])).astype(int)
        if inside[line[:, 1], line[:, 0]].all():
            return np.array([[horizontal[c], vertical[r]] for c, r in (places[i], places[j])])
    return None


def _away_from_borders(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The part of the region that keeps a distance from its border and from the frame; all of it where none does."""
    core = np.zeros_like(inside)
    k = _AWAY
    core[k:-k, k:-k] = inside[k:-k, k:-k]
    for rows, columns in ((k, 0), (-k, 0), (0, k), (0, -k)):
        core &= np.roll(inside, (rows, columns), axis=(0, 1))
    return core if core.any() else inside


def _draw_segment(ax: Axes, segment: Array, leaves: bool) -> None:
    label = "a segment that leaves the set" if leaves else "a segment inside the set"
    ax.plot(*segment.T, "o-", color=CHORD, linewidth=1.8, markersize=5.0, label=label, zorder=4)
    if leaves:
        middle = segment.mean(axis=0)
        ax.plot(*middle, "X", color=CHORD, markersize=9.0, markeredgecolor="white", label="outside", zorder=5)
