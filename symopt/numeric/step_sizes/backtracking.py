"""Backtracking line search: shrink the step until f falls enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from symopt.errors import InputError
from symopt.numeric.iterate import Status, Stop
from symopt.numeric.numbers import Number, read_positive, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes.step_size import StepSize

MAX_TRIALS = 100


@dataclass(frozen=True)
class Backtracking(StepSize):
    """f(x + eta d) <= f(x) + decrease * eta * d^T grad f(x), eta the first of initial, initial * shrink, ...

    Armijo's condition (Boyd and Vandenberghe, Convex Optimization, 2004, algorithm 9.2); on a quadratic with
    largest eigenvalue L it accepts every eta <= 2 (1 - decrease)/L. No point outside the domain is accepted.
    Where f no longer changes beyond rounding, the condition is read from the slope at the new point instead
    (Hager and Zhang, SIAM J. Optim. 16, 2005, the approximate form).
    """

    initial: Number = 1.0
    shrink: Number = 0.5
    decrease: Number = 0.25

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", read_positive(self.initial, "the initial step size"))
        object.__setattr__(self, "shrink", read_positive(self.shrink, "shrink"))
        object.__setattr__(self, "decrease", read_positive(self.decrease, "decrease"))
        if float(self.shrink) >= 1 or float(self.decrease) >= 1:
            raise InputError("shrink and decrease of Backtracking must lie strictly between 0 and 1")

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        slope = float(direction @ origin.jac)
        if not slope < 0:
            reason = f"the direction is not one of descent (d^T grad f = {show_number(slope)}), so that"
            return Stop(Status.NO_STEP_SIZE, f"{reason} backtracking cannot find a step size")
        eta, shrink, decrease = float(self.initial), float(self.shrink), float(self.decrease)
        flatter = (2 * decrease - 1) * slope
        noise = 8 * np.finfo(float).eps * abs(origin.fun)
        for _ in range(MAX_TRIALS):
            x = origin.x + eta * direction
            fun = evaluator.value(x)
            change = fun - origin.fun
            if abs(change) <= noise:
                enough = float(evaluator.gradient(x) @ direction) <= flatter
            else:
                enough = math.isfinite(fun) and change <= decrease * eta * slope
            if enough:
                return eta
            eta *= shrink
        return Stop(Status.NO_STEP_SIZE, f"no step size down to {show_number(eta)} decreases f enough")

    def __str__(self) -> str:
        return f"backtracking from step size {show_number(self.initial)}"
