"""The function to be minimised as numeric code sees it: numbers in, numbers out, evaluations counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol, TypeAlias, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
SHORT: Final = 1000
"""Vectors of up to so many entries have their length from the exactly rounded hypot."""
SAFE: Final = (1e-140, 1e150)
"""Between these no square overflows, and none that counts is lost."""


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


@runtime_checkable
class Joint(Protocol):
    """An objective that shares the work of f and grad f."""

    def value_and_gradient(self, x: Array, /) -> tuple[Array, Array]:
        """(f(x), grad f(x))."""
        ...


@cache
def _is_joint(kind: type) -> bool:
    return issubclass(kind, Joint)


def length(vector: Array) -> float:
    """||v||, without overflow on the way.

    >>> length(np.array([0.0, -1e200]))
    1e+200
    """
    if vector.size <= SHORT:
        return math.hypot(*vector.tolist())
    plain = float(np.linalg.norm(vector))
    if SAFE[0] < plain < SAFE[1]:
        return plain
    largest = float(np.abs(vector).max())
    return largest * float(np.linalg.norm(vector / largest)) if 0 < largest < math.inf else largest


@dataclass(frozen=True, slots=True)
class Point:
    """A place and the derivatives there, of the function that is minimised (-f when f is maximised).

    `definite` says that a factorisation has shown the Hessian there to be positive definite.
    """

    x: Array
    fun: float
    jac: Array
    hess: Array | None = None
    definite: bool = False


class Evaluator:
    """Evaluates sign * f and counts, as SciPy does, evaluations of f, of its gradient and of its Hessian."""

    def __init__(self, objective: Objective, sign: float = 1.0) -> None:
        self._objective = objective
        self._joint = cast("Joint", objective) if _is_joint(type(objective)) else None
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
        """Count points at which value and gradient have been evaluated jointly, and the Hessian."""
        self.nfev += points
        self.njev += points
        self.nhev += points * second_order

    def point(self, x: Array, *, second_order: bool = False) -> Point:
        """Value and gradient at x, and the Hessian with `second_order`."""
        if second_order:
            self.skip(1, second_order=True)
            fun, jac, hess = self._objective.all(x)
            derivatives = self._sign * np.asarray(jac), self._sign * np.asarray(hess)
            return Point(x, self._sign * float(fun), *derivatives)
        if self._joint is None:
            return Point(x, self.value(x), self.gradient(x))
        self.skip(1)
        fun, jac = self._joint.value_and_gradient(x)
        return Point(x, self._sign * float(fun), self._sign * np.asarray(jac))
