"""The interface of a rule for step sizes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from symopt.numeric.iterate import Stop
from symopt.numeric.objective import Array, Evaluator, Point


class StepSize(ABC):
    """How far to go from a point along a direction: eta_t in x_t = x_(t-1) + eta_t d_t, with t = 1, 2, ...

    `str` of a rule is the phrase that describes it in a run's heading.
    """

    by_time: ClassVar[bool] = False
    """Whether eta_t depends on t alone, and so is the same from every start."""

    @abstractmethod
    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        """eta_t > 0 for the t-th step, which goes from `origin` along `direction`; or why there is none."""
