"""Newton's direction with a step size found by backtracking."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from symopt.numeric.iterate import Stop
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.methods.newton import Newton
from symopt.numeric.objective import Evaluator, Point
from symopt.numeric.step_sizes import Backtracking, StepSizeLike, read_step_size


@dataclass(frozen=True)
class DampedNewton(Method):
    """x_t = x_(t-1) - eta_t H^(-1) grad f(x_(t-1)), eta_t the first of 1, 1/2, 1/4, ... with Armijo's condition.

    Boyd and Vandenberghe, Convex Optimization, 2004, algorithm 9.5. Where the Hessian is not positive definite Newton's
    direction may lead uphill: then the run stops and says so.
    """

    name = "damped_newton"
    title = "Newton's method, damped"
    second_order = True

    step_size: StepSizeLike = field(default_factory=Backtracking)

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))

    def start(self, point: Point, rng: np.random.Generator) -> None:
        return None

    def propose(self, point: Point, memory: None, evaluator: Evaluator) -> Proposal | Stop:
        return Newton().propose(point, memory, evaluator)
