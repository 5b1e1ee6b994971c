"""The results of runs from many starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from symopt.errors import InputError
from symopt.numeric.iterate import Status
from symopt.numeric.numbers import count, show_number, show_point
from symopt.numeric.objective import Array
from symopt.numeric.run import Run

WORDS = {
    Status.CONVERGED: "converged",
    Status.ITERATION_LIMIT: "reached the limit of iterations",
    Status.DIVERGED: "diverged",
    Status.NOT_FINITE: "left the domain",
    Status.NO_DIRECTION: "found no direction",
    Status.NO_STEP_SIZE: "found no step size",
    Status.STALLED: "stalled",
    Status.OTHER_KIND: "ended at a point of another kind",
    Status.CALLBACK: "were ended by the callback",
}


@dataclass(frozen=True, repr=False)
class Runs(Sequence[Run]):
    """One run for each start: a sequence of `Run`, with SciPy's names as arrays over the m starts.

    `x` has shape (m, n), `fun`, `nit`, `success` and `status` shape (m,); `best` is the run with the best value among
    those that have converged.
    """

    runs: tuple[Run, ...]

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Run, ...]: ...
    def __getitem__(self, place: int | slice) -> Run | tuple[Run, ...]:
        return self.runs[place]

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    @property
    def x(self) -> Array:
        """The last points, one in a row."""
        return np.array([run.x for run in self.runs])

    @property
    def fun(self) -> Array:
        """The values there."""
        return np.array([run.fun for run in self.runs])

    @property
    def nit(self) -> NDArray[np.int64]:
        """The numbers of steps."""
        return np.array([run.nit for run in self.runs], dtype=np.int64)

    @property
    def success(self) -> NDArray[np.bool_]:
        """Which runs have converged."""
        return np.array([run.success for run in self.runs], dtype=bool)

    @property
    def status(self) -> NDArray[np.int64]:
        """Why each run has ended."""
        return np.array([run.status for run in self.runs], dtype=np.int64)

    @property
    def best(self) -> Run:
        """The run that ended with the best value; InputError when none has converged."""
        arrived = [run for run in self.runs if run.success]
        if not arrived:
            raise InputError("none of the runs has converged; their messages say why")
        choose = max if arrived[0].sense == "max" else min
        return choose(arrived, key=lambda run: run.fun)

    def __repr__(self) -> str:
        return f"<Runs: {self.runs[0].description if self.runs else 'no start'}, {self._counts()}>"

    def __str__(self) -> str:
        if not any(self.success):
            return f"{self._counts()}."
        best = self.best
        place = f"{show_point(best.variables, best.x)}, f = {show_number(best.fun)}"
        return f"{self._counts()}. The best of them ended at {place}."

    def explain(self) -> str:
        """How the runs ended, in a sentence."""
        return str(self)

    def _counts(self) -> str:
        found = Counter(Status(run.status) for run in self.runs)
        parts = [f"{number} {WORDS[status]}" for status, number in sorted(found.items())]
        return f"{count(len(self.runs), 'start')}: {', '.join(parts)}"

    def to_dict(self) -> dict[str, Any]:
        """Every run as JSON knows it."""
        return {"runs": [run.to_dict() for run in self.runs]}
