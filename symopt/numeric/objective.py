"""The function to be minimised as numeric code sees it: numbers in, numbers out, evaluations counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
SHORT: Final = 1000
"""Vectors of up to so many entries have their length from the exactly rounded hypot."""


class Objective(Protocol):
    """f with its derivatives on points of shape (n,): `Compiled`, or any class with these methods."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the n variables, in the order of a point's entries."""
        ...

    def __call__(self, x: Array, /) -> Array:
        """f(x), of shape ()."""
        ...

    def gradient(self, x: Array, /) -> Array:
        """grad f(x), of shape (n,)."""
        ...

    def hessian(self, x: Array, /) -> Array:
        """The Hessian of f at x, of shape (n, n)."""
        ...

    def all(self, x: Array, /) -> tuple[Array, Array, Array]:
        """(f(x), grad f(x), Hessian at x), evaluated jointly."""
        ...


def length(vector: Array) -> float:
    """||v||, without overflow on the way.

    >>> length(np.array([0.0, -1e200]))
    1e+200
    """
    if vector.size <= SHORT:
        return math.hypot(*vector.tolist())
    largest = float(np.abs(vector).max())
    return largest * float(np.linalg.norm(vector / largest)) if 0 < largest < math.inf else largest


@dataclass(frozen=True, slots=True)
class Point:
    """A place and the derivatives there, of the function that is minimised (-f when f is maximised)."""

    x: Array
    fun: float
    jac: Array
    hess: Array | None = None


class Evaluator:
    """Evaluates sign * f and counts, as SciPy does, evaluations of f, of its gradient and of its Hessian."""

    def __init__(self, objective: Objective, sign: float = 1.0) -> None:
        self._objective = objective
        self._sign = sign
        self.nfev = 0
        self.njev = 0
        self.nhev = 0

    @property
    def sign(self) -> float:
        """1, or -1 where f is maximised."""
        return self._sign

    def value(self, x: Array) -> float:
        """sign * f(x)."""
        self.nfev += 1
        return self._sign * float(self._objective(x))

    def gradient(self, x: Array) -> Array:
        """sign * grad f(x)."""
        self.njev += 1
        return self._sign * np.asarray(self._objective.gradient(x), dtype=float)

    def hessian(self, x: Array) -> Array:
        """sign * Hessian of f at x."""
        self.nhev += 1
        return self._sign * np.asarray(self._objective.hessian(x), dtype=float)

    def skip(self, points: int, *, second_order: bool = False) -> None:
        """Count the points at which a generated loop has evaluated value and gradient, and the Hessian."""
        self.nfev += points
        self.njev += points
        self.nhev += points * second_order

    def point(self, x: Array, *, second_order: bool = False) -> Point:
        """Value and gradient at x, and the Hessian with `second_order`."""
        if not second_order:
            return Point(x, self.value(x), self.gradient(x))
        self.nfev, self.njev, self.nhev = self.nfev + 1, self.njev + 1, self.nhev + 1
        fun, jac, hess = self._objective.all(x)
        return Point(x, self._sign * float(fun), self._sign * np.asarray(jac), self._sign * np.asarray(hess))
