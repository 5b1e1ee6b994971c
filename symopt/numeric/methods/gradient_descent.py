"""Gradient descent."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.objective import Evaluator, Point
from symopt.numeric.step_sizes import Backtracking, StepSizeLike, read_step_size


@dataclass(frozen=True)
class GradientDescent(Method):
    """x_t = x_(t-1) - eta_t grad f(x_(t-1)).

    >>> print(GradientDescent(step_size="1/10"))
    gradient descent, step size 1/10
    """

    name = "gd"
    title = "gradient descent"
    elementwise = True

    step_size: StepSizeLike = field(default_factory=Backtracking)

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))

    def start(self, point: Point, rng: np.random.Generator) -> None:
        return None

    def propose(self, point: Point, memory: None, evaluator: Evaluator) -> Proposal:
        return Proposal(point, -point.jac)
