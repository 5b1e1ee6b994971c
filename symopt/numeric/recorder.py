"""The memory of a run: every k-th iterate, and the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from symopt.numeric.iterate import Iterate
from symopt.numeric.objective import SHORT, Array

Row: TypeAlias = tuple[int, Sequence[float] | Array, float, float, float | None]


@final
@dataclass(frozen=True, eq=False)
class Record:
    """The iterates that were kept, as `(nit, x, f, ||grad f||, step size)`; read-only arrays when they are asked for."""

    find_rows: Callable[[], tuple[Row, ...]]
    size: int

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All of them, in order."""
        return self.find_rows()

    @cached_property
    def path(self) -> Array:
        """The iterates, one in a row."""
        return _read_only([row[1] for row in self.rows], float, (len(self.rows), self.size))

    @cached_property
    def values(self) -> Array:
        """f there."""
        return _read_only([row[2] for row in self.rows])

    @cached_property
    def gradient_norms(self) -> Array:
        """||grad f|| there."""
        return _read_only([row[3] for row in self.rows])

    @cached_property
    def iterations(self) -> NDArray[np.int64]:
        """Their numbers."""
        return _read_only([row[0] for row in self.rows], np.int64)

    @cached_property
    def step_sizes(self) -> Array:
        """The step sizes that led to all but the first."""
        return _read_only([row[4] for row in self.rows[1:]])


def _read_only(
    numbers: Sequence[Any], kind: type = float, shape: tuple[int, ...] | None = None
) -> NDArray[Any]:
    array: NDArray[Any] = np.array(numbers, dtype=kind).reshape(len(numbers) if shape is None else shape)
    array.flags.writeable = False
    return array


class Recorder:
    """Keeps the iterates 0, every, 2 every, ...; none when `every` is 0."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._kept: list[Row] = []

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
        return Record(partial(tuple, self._kept), last.x.size)
