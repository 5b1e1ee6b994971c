"""One iterate of a run, and the word on which a run ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from symopt.numeric.objective import Array, length


class Status(IntEnum):
    """Why a run ended; `Run.status` is one of these numbers (0, 1 and 99 as in SciPy)."""

    CONVERGED = 0
    ITERATION_LIMIT = 1
    DIVERGED = 2
    NOT_FINITE = 3
    NO_DIRECTION = 4
    NO_STEP_SIZE = 5
    STALLED = 6
    OTHER_KIND = 7
    CALLBACK = 99


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a run: its status and the reason, a clause without a full stop."""

    status: Status
    reason: str

    @property
    def indicates_convergence(self) -> bool:
        """Whether the run ended because it arrived, and not because it could not go on."""
        return self.status == Status.CONVERGED


@dataclass(frozen=True, slots=True)
class Iterate:
    """What a callback and a stopping criterion see: f as typed, SciPy's names, arrays read-only.

    `step` is the move that led here and `previous_step` the one before, None where there is none.
    """

    nit: int
    x: Array
    fun: float
    jac: Array
    gradient_norm: float
    step_size: float | None = None
    step: Array | None = None
    previous_step: Array | None = None

    @property
    def growth(self) -> float | None:
        """The length of the last step over that of the one before."""
        if self.step is None or self.previous_step is None:
            return None
        before = length(self.previous_step)
        return length(self.step) / before if before > 0 else None

    @property
    def alternates(self) -> bool:
        """Whether the last two steps cancel: the iterates jump between two points."""
        if self.step is None or self.previous_step is None or not self.step.any():
            return False
        return bool(np.allclose(self.step, -self.previous_step, rtol=1e-9, atol=0.0))
