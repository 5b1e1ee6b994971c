"""Line search by Wolfe's conditions: far enough down, and flat enough there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from symopt.errors import InputError
from symopt.numeric.iterate import Status, Stop
from symopt.numeric.numbers import Number, read_positive, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes.step_size import StepSize

MAX_TRIALS: Final = 100


@dataclass(frozen=True)
class Wolfe(StepSize):
    """f(x + eta d) <= f(x) + decrease eta d^T grad f(x) and |d^T grad f(x + eta d)| <= curvature |d^T grad f(x)|.

    The strong conditions, found by bisection: a step size that is too long by either one is an upper end, one from
    which f still falls too steeply a lower end, and while there is no upper end the step size doubles (Wolfe, SIAM
    Review 11, 1969; Nocedal and Wright, Numerical Optimization, 2006, section 3.5). Where f no longer changes beyond
    rounding, the first condition is read from the slope at the new point.
    """

    initial: Number = 1.0
    decrease: Number = 1e-4
    curvature: Number = 0.9

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", read_positive(self.initial, "the initial step size"))
        object.__setattr__(self, "decrease", read_positive(self.decrease, "decrease"))
        object.__setattr__(self, "curvature", read_positive(self.curvature, "curvature"))
        if not float(self.decrease) < float(self.curvature) < 1:
            raise InputError("Wolfe needs 0 < decrease < curvature < 1")

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        slope = float(direction @ origin.jac)
        if not slope < 0:
            reason = f"the direction is not one of descent (d^T grad f = {show_number(slope)}), so that"
            return Stop(Status.NO_STEP_SIZE, f"{reason} no step size satisfies Wolfe's conditions")
        eta, low, high = float(self.initial), 0.0, math.inf
        noise = 8 * np.finfo(float).eps * abs(origin.fun)
        for _ in range(MAX_TRIALS):
            x = origin.x + eta * direction
            change = evaluator.value(x) - origin.fun
            there = float(evaluator.gradient(x) @ direction) if math.isfinite(change) else math.nan
            if not self._falls(change, there, eta, slope, noise) or there > -float(self.curvature) * slope:
                high = eta
            elif there < float(self.curvature) * slope:
                low = eta
            else:
                return eta
            eta = (low + high) / 2 if math.isfinite(high) else 2 * eta
        if math.isfinite(high):
            reason = f"no step size near {show_number(eta)} satisfies Wolfe's conditions"
        else:
            reason = (
                f"f falls along the direction as far as {show_number(eta)} steps: it may be unbounded below"
            )
        return Stop(Status.NO_STEP_SIZE, reason)

    def _falls(self, change: float, there: float, eta: float, slope: float, noise: float) -> bool:
        """Armijo's condition, in its approximate form where the change is rounding (Hager and Zhang, 2005)."""
        decrease = float(self.decrease)
        if abs(change) <= noise:
            return there <= (2 * decrease - 1) * slope
        return math.isfinite(change) and math.isfinite(there) and change <= decrease * eta * slope

    def __str__(self) -> str:
        return f"Wolfe's conditions from step size {show_number(self.initial)}"
