"""Adagrad: a step size of its own for every variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import Number, read_positive
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size


@dataclass(frozen=True)
class Adagrad(Method):
    """s_t = s_(t-1) + g_t^2, x_t = x_(t-1) - eta_t g_t/(sqrt(s_t) + epsilon), g_t = grad f(x_(t-1)), entry by entry.

    Duchi, Hazan and Singer, J. Mach. Learn. Res. 12, 2011, figure 1 with diagonal matrices. The first step has the
    length eta in every variable, whatever the scale of f.

    >>> print(Adagrad(step_size="1/10"))
    Adagrad, step size 1/10
    """

    name = "adagrad"
    title = "Adagrad"
    elementwise = True

    step_size: StepSizeLike = 0.5
    epsilon: Number = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))
        object.__setattr__(self, "epsilon", read_positive(self.epsilon, "epsilon"))

    def start(self, point: Point, rng: np.random.Generator) -> Array:
        return np.zeros_like(point.x)

    def propose(self, point: Point, memory: Array, evaluator: Evaluator) -> Proposal:
        squares = memory + point.jac**2
        return Proposal(point, -point.jac / (np.sqrt(squares) + float(self.epsilon)), squares)
