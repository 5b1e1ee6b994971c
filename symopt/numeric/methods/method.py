"""The interface of a method: where the next step starts and in which direction it goes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from symopt.numeric.iterate import Stop
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSize, StepSizeLike, read_step_size


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next iterate is origin.x + eta * direction; `memory` is handed to the method at the next step.

    With `arrived` the next iterate is that point, which the method has evaluated already.
    """

    origin: Point
    direction: Array
    memory: Any = None
    arrived: Point | None = None


class Method(ABC):
    """direction x step size; the driver adds the loop and the stopping criteria.

    Subclasses are frozen dataclasses with a field `step_size` and the method's own parameters. Everything
    that changes during a run is in the memory, so that a method object may serve any number of runs.
    """

    name: ClassVar[str]
    """The short name, as in `method="gd"`."""
    title: ClassVar[str]
    """The name in words."""
    second_order: ClassVar[bool] = False
    """Whether the method reads the Hessian."""
    elementwise: ClassVar[bool] = False
    """Whether the direction is made entry by entry, so that many points may share one array."""
    joint: ClassVar[bool] = True
    """Whether it looks for a stationary point in all variables at once, so that the Hessian there says of which kind."""
    step_size: StepSizeLike

    @property
    def step_rule(self) -> StepSize:
        """The rule for step sizes that `step_size` means."""
        return read_step_size(self.step_size)

    @abstractmethod
    def start(self, point: Point, rng: np.random.Generator) -> Any:
        """The memory before the first step."""

    @abstractmethod
    def propose(self, point: Point, memory: Any, evaluator: Evaluator) -> Proposal | Stop:
        """The direction from the current point, or the reason why there is none."""

    def __str__(self) -> str:
        return f"{self.title}, {self.step_rule}"
