"""Trajectories and stationary points, drawn alike in every figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from symopt.numeric import Run
from symopt.plotting.style import KIND_MARKERS, RUN_COLOURS, RUN_LINES, RUN_MARKERS
from symopt.plotting.subject import Array, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_MARKERS: Final = 40
_FEW: Final = 3
# Markers that are closer than this share of the picture would hide each other.
_CLOSE: Final = 0.015


def draw_run(ax: Axes, run: Run, number: int, vertical: Array, label: str = "") -> None:
    """The trajectory over its first coordinate, the first iterates marked, and its start."""
    from matplotlib.patheffects import withStroke

    colour = RUN_COLOURS[number % len(RUN_COLOURS)]
    horizontal = run.path[:, 0]
    ax.plot(
        horizontal,
        vertical,
        color=colour,
        linestyle=RUN_LINES[number % len(RUN_LINES)],
        marker=RUN_MARKERS[number % len(RUN_MARKERS)],
        markevery=_apart(ax, horizontal, vertical),
        markersize=4.0,
        linewidth=1.3,
        label=label or run_label(run),
        path_effects=[withStroke(linewidth=2.6, foreground="white")],
        zorder=4,
    )
    ax.plot(
        horizontal[:1], vertical[:1], "o", color=colour, markersize=8.0, markerfacecolor="white", zorder=5
    )


def _apart(ax: Axes, horizontal: Array, vertical: Array) -> list[int]:
    """Of the first iterates those that are apart from the one marked before."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    marked: list[int] = []
    for place in range(min(len(horizontal), _MOST_MARKERS)):
        moves = (
            (
                (horizontal[place] - horizontal[marked[-1]]) / (right - left),
                (vertical[place] - vertical[marked[-1]]) / (high - low),
            )
            if marked
            else (np.inf,)
        )
        if max(map(abs, moves)) >= _CLOSE:
            marked.append(place)
    return marked


def run_label(run: Run) -> str:
    """What the run did, and in a word how it ended when it did not converge."""
    endings = {1: " (not converged)", 2: " (diverged)", 7: " (not a minimum)"}
    return run.description + endings.get(run.status, "" if run.success else " (stopped)")


def run_labels(runs: Sequence[Run]) -> list[str]:
    """The labels of runs that are shown together: those that read alike are told apart by their starts."""
    labels = [run_label(run) for run in runs]
    told = []
    for label, run in zip(labels, runs, strict=True):
        if labels.count(label) > 1 and len(run.path) and run.path.shape[1] <= _FEW:
            start = ", ".join(f"{value:.3g}" for value in run.path[0])
            label = label.replace(run.description, f"{run.description}, from ({start})")
        told.append(label)
    return told


def draw_marks(ax: Axes, marks: Iterable[Mark], heights: Iterable[Array]) -> None:
    """Stationary points, one legend entry per kind; families as lines."""
    named: set[str] = set()
    for mark, height in zip(marks, heights, strict=True):
        marker, size = KIND_MARKERS[mark.kind]
        label = "_" if mark.kind in named else mark.kind
        named.add(mark.kind)
        if mark.is_curve:
            look: dict[str, Any] = (
                {"linewidth": 1.0, "linestyle": "--"} if mark.kind == "kink" else {"linewidth": 2.2}
            )
            ax.plot(mark.places[:, 0], height, color="black", label=label, zorder=6, **look)
            continue
        ax.plot(
            mark.places[:, 0],
            height,
            linestyle="none",
            marker=marker,
            markersize=size,
            color="black",
            markeredgecolor="white",
            markeredgewidth=0.9,
            label=label,
            zorder=7,
        )


def inside(marks: Iterable[Mark], box: Iterable[tuple[float, float]]) -> list[Mark]:
    """The marks with their places in the box; curves are cut to it, and marks without places left out."""
    low, high = np.array(list(box)).T
    kept = []
    for mark in marks:
        within = np.all((mark.places >= low) & (mark.places <= high), axis=1)
        if within.any():
            places = np.where(within[:, None], mark.places, np.nan) if mark.is_curve else mark.places[within]
            kept.append(replace(mark, places=places))
    return kept
