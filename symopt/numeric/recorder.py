"""The memory of a run: every k-th iterate, and the last one."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from symopt.numeric.iterate import Iterate
from symopt.numeric.objective import Array


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
        self._kept: list[Iterate] = []

    def add(self, iterate: Iterate) -> None:
        """Offer an iterate."""
        if self._every and iterate.nit % self._every == 0:
            self._kept.append(iterate)

    def finish(self, last: Iterate) -> Record:
        """Everything kept, the last iterate included."""
        kept = self._kept
        if self._every and kept[-1].nit != last.nit:
            kept = [*kept, last]
        return Record(
            path=np.array([i.x for i in kept]).reshape(len(kept), last.x.size),
            values=np.array([i.fun for i in kept], dtype=float),
            gradient_norms=np.array([i.gradient_norm for i in kept], dtype=float),
            iterations=np.array([i.nit for i in kept], dtype=np.int64),
            step_sizes=np.array([i.step_size for i in kept[1:]], dtype=float),
        )
