"""Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symopt.numeric.iterate import Status, Stop
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size


@dataclass(frozen=True)
class Newton(Method):
    """x_t = x_(t-1) - eta_t H^(-1) grad f(x_(t-1)), H the Hessian at x_(t-1).

    It is drawn to stationary points of every kind: to saddles and maxima as well as to minima.
    """

    name = "newton"
    title = "Newton's method"
    second_order = True

    step_size: StepSizeLike = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))

    def start(self, point: Point, rng: np.random.Generator) -> None:
        return None

    def propose(self, point: Point, memory: None, evaluator: Evaluator) -> Proposal | Stop:
        hessian = hessian_at(point, evaluator)
        if isinstance(hessian, Stop):
            return hessian
        if is_singular(hessian):
            return Stop(Status.NO_DIRECTION, "the Hessian is singular there: Newton's step does not exist")
        return Proposal(point, np.asarray(np.linalg.solve(hessian, -point.jac), dtype=np.float64))


def hessian_at(point: Point, evaluator: Evaluator) -> Array | Stop:
    """The Hessian at the point, or the end of the run where it is not finite."""
    hessian = evaluator.hessian(point.x) if point.hess is None else point.hess
    if not np.isfinite(hessian).all():
        return Stop(Status.NOT_FINITE, "the Hessian is not finite there")
    return hessian


def is_singular(hessian: Array) -> bool:
    """Whether the matrix is singular to working precision, whatever the scales of its variables.

    >>> is_singular(np.array([[0.1, 0.3], [0.3, 0.9]])), is_singular(np.diag([1e20, 1.0]))
    (True, False)
    """
    scale = np.sqrt(np.abs(np.diagonal(hessian)))
    scale = np.where(scale > 0, scale, np.sqrt(np.abs(hessian).max(initial=0.0)))
    if not scale.all():
        return True
    scaled = hessian / np.outer(scale, scale)
    return not np.linalg.cond(scaled, 1) < 1 / (4 * np.finfo(float).eps)
