"""Nesterov's accelerated gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import Number, read_between, show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import StepSizeLike, read_step_size


@dataclass(frozen=True)
class Nesterov(Method):
    """y_t = x_(t-1) + beta (x_(t-1) - x_(t-2)), x_t = y_t - eta_t grad f(y_t), with x_(-1) = x_0.

    Nesterov, Soviet Math. Dokl. 27, 1983, with constant beta; for constant eta it is the heavy ball with the
    gradient taken at the point looked ahead to (Sutskever et al., ICML 2013).
    """

    name = "nesterov"
    title = "Nesterov's method"

    step_size: StepSizeLike = 0.01
    beta: Number = 0.9

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))
        object.__setattr__(self, "beta", read_between(self.beta, 0, 1, "beta"))

    def start(self, point: Point, rng: np.random.Generator) -> Array:
        return point.x

    def propose(self, point: Point, memory: Array, evaluator: Evaluator) -> Proposal:
        move = float(self.beta) * (point.x - memory)
        ahead = evaluator.point(point.x + move) if move.any() else point
        return Proposal(ahead, -ahead.jac, point.x)

    def __str__(self) -> str:
        return f"{self.title}, beta {show_number(self.beta)}, {self.step_rule}"
