"""The memory of a run: every k-th iterate, and the last one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from symopt.numeric.iterate import Iterate
from symopt.numeric.objective import SHORT, Array


class Record(TypedDict):
    """The fields of a `Run` that are one entry per recorded iterate."""

    path: Array
    values: Array
    gradient_norms: Array
    iterations: NDArray[np.int64]
    step_sizes: Array


class Recorder:
    """Keeps the iterates 0, every, 2 every, ...; none when `every` is 0."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._kept: list[tuple[int, Sequence[float] | Array, float, float, float | None]] = []

    def add(self, iterate: Iterate) -> None:
        """Offer an iterate."""
        if self._every and iterate.nit % self._every == 0:
            self._keep(iterate)

    def add_rows(self, rows: Iterable[tuple[float, ...]], step_size: float) -> None:
        """Keep iterates that a generated loop has recorded, as `(nit, f, ||grad f||, *x)`."""
        self._kept += [(int(row[0]), row[3:], row[1], row[2], step_size) for row in rows]

    def _keep(self, iterate: Iterate) -> None:
        # A list is quicker to keep and to stack when it is short; iterates are read-only.
        x = iterate.x.tolist() if iterate.x.size <= SHORT else iterate.x
        row = iterate.nit, x, iterate.fun, iterate.gradient_norm, iterate.step_size
        self._kept.append(row)

    def finish(self, last: Iterate) -> Record:
        """Everything kept, the last iterate included."""
        if self._every and self._kept[-1][0] != last.nit:
            self._keep(last)
        numbers, points, values, norms, step_sizes = (
            zip(*self._kept, strict=True) if self._kept else ((),) * 5
        )
        record = Record(
            path=np.array(points, dtype=float).reshape(len(points), last.x.size),
            values=np.array(values, dtype=float),
            gradient_norms=np.array(norms, dtype=float),
            iterations=np.array(numbers, dtype=np.int64),
            step_sizes=np.array(step_sizes[1:], dtype=float),
        )
        for array in (record["path"], record["values"], record["gradient_norms"], record["step_sizes"]):
            array.flags.writeable = False
        record["iterations"].flags.writeable = False
        return record
