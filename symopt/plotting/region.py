"""Which part of the space a figure shows, and at which values its level lines are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np

from symopt.errors import InputError
from symopt.numeric import Run
from symopt.numeric.numbers import count
from symopt.plotting.subject import Array, Function, Mark, sample

Region: TypeAlias = Sequence[tuple[float, float]]
"""One interval per variable."""

_MARGIN: Final = 0.4
_ALONE: Final = 2.0
"""The half-width around a single point of interest."""
_EQUAL_SCALES: Final = 6.0
"""Widths whose ratio is below this are made equal,"""
_FLAT: Final = 50.0
"""and so are those whose ratio is above this: the points lie on a line."""
_TRIM_GRID: Final = 41


def read_region(region: Region | None, dimension: int) -> Region | None:
    """The user's intervals as floats, or an InputError that shows their form."""
    if region is None:
        return None
    example = ", ".join(["(-2, 2)"] * dimension)
    try:
        pairs = [tuple(map(float, interval)) for interval in region]
        box = [(low, high) for low, high in pairs]
    except (TypeError, ValueError):
        raise InputError(f"the region {region!r} is not a list of intervals; write [{example}]") from None
    if len(box) != dimension or not all(np.isfinite(pair).all() and pair[0] < pair[1] for pair in box):
        raise InputError(
            f"the region {region!r} needs {count(dimension, 'interval')} low < high; write [{example}]"
        )
    return box


def default_region(function: Function, dimension: int, marks: Iterable[Mark], runs: Sequence[Run]) -> Region:
    """A box around the stationary points, the starts and ends of runs, cut to where f is defined.

    Of the paths it takes in what stays close to that box: a run that diverges does not set the scale.
    """
    known = [_anchors(mark) for mark in marks]
    known += [np.atleast_2d(run.path[0] if len(run.path) else run.x) for run in runs]
    known += [np.atleast_2d(run.x) for run in runs if run.success]
    places = np.vstack([*known, np.empty((0, dimension))])
    if not len(places):
        return _first_defined(function, dimension)
    low, high = np.array(_around(places)).T
    for run in runs:
        near = np.all((run.path >= 2 * low - high) & (run.path <= 2 * high - low), axis=1)
        places = np.vstack([places, run.path[near]])
    box = _around(places)
    return _cut(function, box) or box


def _anchors(mark: Mark) -> Array:
    """The places a figure must show: all isolated points, of a family those nearest to 0.

    A curve that comes close to 0 sets no scale.
    """
    places: Array = mark.places[np.isfinite(mark.places).all(axis=1)]
    distances = np.abs(places).max(axis=1)
    nearest: Array = places[np.argsort(distances, kind="stable")[: 1 if mark.is_curve else mark.needed]]
    if mark.is_curve and distances.min(initial=0.0) <= _ALONE:
        return places[:0]
    return nearest


def _around(places: Array) -> Region:
    low, high = places.min(axis=0), places.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2
    widest = half.max()
    if widest <= 1e-9 * np.abs(middle).max():
        half = np.full_like(half, _ALONE)
    else:
        similar = (half >= widest / _EQUAL_SCALES) | (half <= widest / _FLAT)
        half = np.where(similar, widest, half) * (1 + _MARGIN)
    return list(zip((middle - half).tolist(), (middle + half).tolist(), strict=True))


def _first_defined(function: Function, dimension: int) -> Region:
    """The smallest of some boxes around 0 in which f has values."""
    boxes: list[Region] = [[(-half, half)] * dimension for half in (_ALONE, 10.0, 100.0)]
    cuts = (_cut(function, box) for box in boxes)
    return next((cut for cut in cuts if cut is not None), boxes[0])


def _cut(function: Function, box: Region) -> Region | None:
    """The part of the box in which f has values, None if it has none at all."""
    axes = [np.linspace(low, high, _TRIM_GRID) for low, high in box]
    defined = np.isfinite(sample(function, np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)))
    if not defined.any():
        return None
    kept = []
    for number, axis in enumerate(axes):
        others = tuple(k for k in range(len(axes)) if k != number)
        places = np.flatnonzero(defined.any(axis=others))
        # One node beyond, so that the border of the domain is seen.
        first, last = max(places[0] - 1, 0), min(places[-1] + 1, _TRIM_GRID - 1)
        kept.append((float(axis[first]), float(axis[last])))
    return kept


def graph_limits(values: Array, special: Array, margin: float = 0.08) -> tuple[float, float] | None:
    """Limits of the vertical axis: all values, or without the far ends of poles; None if there are none."""
    finite = np.concatenate([values[np.isfinite(values)], special[np.isfinite(special)]])
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    near = np.quantile(finite, [0.05, 0.95])
    core_low, core_high = float(near[0]), float(near[1])
    if special.size:
        core_low, core_high = (
            min(core_low, float(np.nanmin(special))),
            max(core_high, float(np.nanmax(special))),
        )
    if high - low > 8 * (core_high - core_low) > 0:
        low, high = core_low, core_high
    beyond = margin * (high - low) or 1.0
    return low - beyond, high + beyond
