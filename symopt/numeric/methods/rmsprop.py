"""RMSProp: the gradient divided by a running mean of its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import Number, read_between, read_positive, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size


@dataclass(frozen=True)
class RMSProp(Method):
    """v_t = rho v_(t-1) + (1 - rho) g_t^2, x_t = x_(t-1) - eta_t g_t/(sqrt(v_t) + epsilon), g_t = grad f(x_(t-1)).

    Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6e, 2012; epsilon keeps 0/0 out. With a constant
    step size the mean fades near a minimum until the steps are about eta long again: a schedule makes them shrink.

    >>> print(RMSProp(step_size="1/100"))
    RMSProp, rho 0.9, step size 1/100
    """

    name = "rmsprop"
    title = "RMSProp"
    elementwise = True

    step_size: StepSizeLike = 0.001
    rho: Number = 0.9
    epsilon: Number = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))
        object.__setattr__(self, "rho", read_between(self.rho, 0, 1, "rho"))
        object.__setattr__(self, "epsilon", read_positive(self.epsilon, "epsilon"))

    def start(self, point: Point, rng: np.random.Generator) -> Array:
        return np.zeros_like(point.x)

    def propose(self, point: Point, memory: Array, evaluator: Evaluator) -> Proposal:
        rho = float(self.rho)
        mean = rho * memory + (1 - rho) * point.jac**2
        return Proposal(point, -point.jac / (np.sqrt(mean) + float(self.epsilon)), mean)

    def __str__(self) -> str:
        return f"{self.title}, rho {show_number(self.rho)}, {self.step_rule}"
