"""The same step size at every step."""

from __future__ import annotations

from dataclasses import dataclass

from symopt.numeric.iterate import Stop
from symopt.numeric.numbers import Number, read_positive, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes.step_size import StepSize


@dataclass(frozen=True)
class Constant(StepSize):
    """eta_t = value.

    >>> print(Constant("1/10"))
    step size 1/10
    """

    by_time = True

    value: Number

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", read_positive(self.value, "the step size"))

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        return float(self.value)

    def __str__(self) -> str:
        return f"step size {show_number(self.value)}"
