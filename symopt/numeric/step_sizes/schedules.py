"""Step sizes that depend on the number t = 1, 2, ... of the step alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symopt.errors import InputError
from symopt.numeric.iterate import Status, Stop
from symopt.numeric.numbers import Number, read_count, read_number, read_positive, read_tolerance, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes.step_size import StepSize


@dataclass(frozen=True)
class Schedule(StepSize):
    """eta_t = function(t), t = 1, 2, ..."""

    by_time = True

    function: Callable[[int], Number]

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        return float(read_positive(self.function(t), f"the step size of the schedule at t = {t}"))

    def __str__(self) -> str:
        return "step sizes by a schedule"


@dataclass(frozen=True)
class Listed(StepSize):
    """eta_t = values[t - 1]; the run ends with the list."""

    by_time = True

    values: Sequence[Number]

    def __post_init__(self) -> None:
        named = ((f"step size {t} of the list", value) for t, value in enumerate(self.values, start=1))
        object.__setattr__(self, "values", tuple(read_positive(value, name) for name, value in named))

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        if t <= len(self.values):
            return float(self.values[t - 1])
        return Stop(Status.ITERATION_LIMIT, f"the list of {len(self.values)} step sizes was used up")

    def __str__(self) -> str:
        return f"{len(self.values)} listed step sizes"


@dataclass(frozen=True)
class InverseTime(StepSize):
    """eta_t = initial / (1 + decay (t - 1)), which is initial / t for decay 1.

    The sum of the eta_t diverges and that of their squares converges (Robbins and Monro, 1951).
    """

    by_time = True

    initial: Number
    decay: Number = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", read_positive(self.initial, "the initial step size"))
        object.__setattr__(self, "decay", read_positive(self.decay, "the decay"))

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        return float(self.initial) / (1.0 + float(self.decay) * (t - 1))

    def __str__(self) -> str:
        return f"step sizes ({show_number(self.initial)})/(1 + {show_number(self.decay)} (t - 1))"


@dataclass(frozen=True)
class Cosine(StepSize):
    """eta_t = final + (initial - final) (1 + cos(pi (t - 1)/steps))/2, then `final`; the run ends there when it is 0.

    Loshchilov and Hutter, SGDR, ICLR 2017, equation (5), without restarts.

    >>> print(Cosine("1/10", steps=50))
    step sizes by a cosine from 1/10 to 0 in 50 steps
    """

    by_time = True

    initial: Number
    steps: int
    final: Number = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", read_positive(self.initial, "the initial step size"))
        read_tolerance(self.final, "the final step size")
        object.__setattr__(self, "final", read_number(self.final, "the final step size"))
        if read_count(self.steps, "the number of steps of Cosine") < 1:
            raise InputError("the number of steps of Cosine is 0; it needs at least 1")

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        initial, final = float(self.initial), float(self.final)
        if t <= self.steps:
            return final + (initial - final) * (1 + math.cos(math.pi * (t - 1) / self.steps)) / 2
        if final > 0:
            return final
        return Stop(Status.ITERATION_LIMIT, f"the {self.steps} steps of the schedule were used up")

    def __str__(self) -> str:
        ends = f"from {show_number(self.initial)} to {show_number(self.final)}"
        return f"step sizes by a cosine {ends} in {self.steps} steps"
