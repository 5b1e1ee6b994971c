"""Gradient descent with momentum: the heavy ball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import Number, read_between, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size


@dataclass(frozen=True)
class Momentum(Method):
    """m_t = beta m_(t-1) + grad f(x_(t-1)), x_t = x_(t-1) - eta_t m_t, with m_0 = 0.

    Polyak, USSR Comput. Math. Math. Phys. 4(5), 1964. Its steps need not go downhill.

    >>> print(Momentum(step_size="1/10", beta="1/2"))
    heavy ball, beta 1/2, step size 1/10
    """

    name = "momentum"
    title = "heavy ball"
    elementwise = True

    step_size: StepSizeLike = 0.01
    beta: Number = 0.9

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))
        object.__setattr__(self, "beta", read_between(self.beta, 0, 1, "beta"))

    def start(self, point: Point, rng: np.random.Generator) -> Array:
        return np.zeros_like(point.x)

    def propose(self, point: Point, memory: Array, evaluator: Evaluator) -> Proposal:
        momentum = float(self.beta) * memory + point.jac
        return Proposal(point, -momentum, momentum)

    def __str__(self) -> str:
        return f"{self.title}, beta {show_number(self.beta)}, {self.step_rule}"
