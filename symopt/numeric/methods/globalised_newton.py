"""Newton's method made to go downhill from everywhere, and away from saddles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from symopt.numeric.iterate import Stop
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.methods.newton import hessian_at
from symopt.numeric.objective import Evaluator, Point
from symopt.numeric.step_sizes import Backtracking, StepSizeLike, read_step_size

FLOOR: Final = 1e-13
"""The smallest size that an eigenvalue is given, beside the largest."""
ARMIJO: Final = 1e-4
"""Newton's step lowers f by half of what the slope promises: backtracking must not ask for more."""


@dataclass(frozen=True)
class GlobalisedNewton(Method):
    """x_t = x_(t-1) - eta_t |H|^(-1) grad f(x_(t-1)), |H| the Hessian with the sizes of its eigenvalues.

    Where H has a negative eigenvalue the direction of that eigenvector, turned downhill, is added: it leads away from a
    saddle along which the gradient tells nothing (Gill, Murray and Wright, Practical Optimization, 1981, section 4.4).
    Near a minimum with a positive definite Hessian it is Newton's method. Backtracking chooses eta, from 1.
    """

    name = "globalised_newton"
    title = "Newton's method, globalised"
    second_order = True

    step_size: StepSizeLike = field(default_factory=lambda: Backtracking(decrease=ARMIJO))

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", read_step_size(self.step_size))

    def start(self, point: Point, rng: np.random.Generator) -> None:
        return None

    def propose(self, point: Point, memory: None, evaluator: Evaluator) -> Proposal | Stop:
        hessian = hessian_at(point, evaluator)
        if isinstance(hessian, Stop):
            return hessian
        eigenvalues, vectors = np.linalg.eigh(hessian)
        largest = np.abs(eigenvalues).max(initial=0.0)
        sizes = np.maximum(np.abs(eigenvalues), FLOOR * largest if largest > 0 else 1.0)
        slopes = vectors.T @ point.jac
        direction = -vectors @ (slopes / sizes)
        if eigenvalues[0] < -FLOOR * largest:
            down = vectors[:, 0] if slopes[0] <= 0 else -vectors[:, 0]
            direction = direction + down * np.linalg.norm(direction)
        return Proposal(point, np.asarray(direction, dtype=np.float64))
