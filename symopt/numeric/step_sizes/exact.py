"""Exact line search, for functions that are quadratic along the direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from symopt.numeric.iterate import Status, Stop
from symopt.numeric.numbers import show_number
from symopt.numeric.objective import Array, Evaluator, Point, length
from symopt.numeric.step_sizes.step_size import StepSize

FLAT: Final = 1e-6
"""The slope that may be left at the minimum along the direction, beside the one at its start."""


@dataclass(frozen=True)
class ExactLineSearch(StepSize):
    """eta_t = -d^T grad f(x)/(d^T H d): the minimiser of f along d when f is quadratic.

    With d = -grad f it is steepest descent in the sense of Cauchy (1847), whose error in f shrinks by at least
    ((kappa - 1)/(kappa + 1))^2 in a step. On a function that is not quadratic it stops, and says so.
    """

    def choose(self, t: int, origin: Point, direction: Array, evaluator: Evaluator) -> float | Stop:
        slope = float(direction @ origin.jac)
        if not slope < 0:
            reason = f"the direction is not one of descent (d^T grad f = {show_number(slope)})"
            return Stop(Status.NO_STEP_SIZE, reason)
        hessian = evaluator.hessian(origin.x) if origin.hess is None else origin.hess
        curvature = float(direction @ hessian @ direction)
        if not curvature > 0:
            reason = f"f does not curve upwards along the direction (d^T H d = {show_number(curvature)})"
            return Stop(Status.NO_STEP_SIZE, f"{reason}: there is no minimum along it")
        eta = -slope / curvature
        gradient = evaluator.gradient(origin.x + eta * direction)
        rounding = 1e-14 * length(direction) * length(hessian @ origin.x)
        if not abs(float(gradient @ direction)) <= FLAT * abs(slope) + rounding:
            reason = "f is not quadratic along the direction, so that the exact step size is not known"
            return Stop(Status.NO_STEP_SIZE, f'{reason}: use step_size="wolfe" or "backtracking"')
        return eta

    def __str__(self) -> str:
        return "exact line search"
