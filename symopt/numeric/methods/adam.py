"""Adam: momentum and RMSProp together, corrected for their start at 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from symopt.errors import InputError
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import Number, read_between, read_positive, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size

Moments: TypeAlias = tuple[int, Array, Array]


@dataclass(frozen=True)
class Adam(Method):
    """x_t = x_(t-1) - eta_t m^_t/(sqrt(v^_t) + epsilon), with m^_t = m_t/(1 - beta1^t), v^_t = v_t/(1 - beta2^t).

    m_t = beta1 m_(t-1) + (1 - beta1) g_t and v_t = beta2 v_(t-1) + (1 - beta2) g_t^2 are running means of the gradient
    g_t = grad f(x_(t-1)) and of its square, entry by entry, from m_0 = v_0 = 0 (Kingma and Ba, ICLR 2015, algorithm 1).

    >>> print(Adam())
    Adam, beta1 0.9, beta2 0.999, step size 0.001
    """

    name = "adam"
    title = "Adam"
    elementwise = True

    step_size: StepSizeLike = 0.001
    beta1: Number = 0.9
    beta2: Number = 0.999
    epsilon: Number = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))
        for name in ("beta1", "beta2"):
            beta = read_between(getattr(self, name), 0, 1, name)
            if beta == 1:
                raise InputError(f"{name} is 1; it must be smaller than 1, as 1 - {name}^t divides")
            object.__setattr__(self, name, beta)
        object.__setattr__(self, "epsilon", read_positive(self.epsilon, "epsilon"))

    def start(self, point: Point, rng: np.random.Generator) -> Moments:
        return 0, np.zeros_like(point.x), np.zeros_like(point.x)

    def propose(self, point: Point, memory: Moments, evaluator: Evaluator) -> Proposal:
        t, first, second = memory
        t, beta1, beta2 = t + 1, float(self.beta1), float(self.beta2)
        first = beta1 * first + (1 - beta1) * point.jac
        second = beta2 * second + (1 - beta2) * point.jac**2
        size = np.sqrt(second / (1 - beta2**t)) + float(self.epsilon)
        return Proposal(point, -(first / (1 - beta1**t)) / size, (t, first, second))

    def __str__(self) -> str:
        betas = f"beta1 {show_number(self.beta1)}, beta2 {show_number(self.beta2)}"
        return f"{self.title}, {betas}, {self.step_rule}"
