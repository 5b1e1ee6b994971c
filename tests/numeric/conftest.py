"""Objectives written by hand, so that the methods are tested without the compiler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest


@dataclass
class Handmade:
    """An objective from three Python functions of a point."""

    fun: Callable[[Any], Any]
    jac: Callable[[Any], Any]
    hess: Callable[[Any], Any]
    variables: tuple[str, ...]

    def __call__(self, x: Any) -> Any:
        return self.fun(x)

    def gradient(self, x: Any) -> Any:
        return np.array(self.jac(x), dtype=float)

    def hessian(self, x: Any) -> Any:
        return np.array(self.hess(x), dtype=float)

    def all(self, x: Any) -> Any:
        return self(x), self.gradient(x), self.hessian(x)


def make_quadratic(matrix: Any, linear: Any = None) -> Handmade:
    """x^T A x / 2 - b^T x."""
    a = np.array(matrix, dtype=float)
    b = np.zeros(len(a)) if linear is None else np.array(linear, dtype=float)
    names = ("x", "y", "z", "w")[: len(a)]
    return Handmade(lambda x: x @ a @ x / 2 - b @ x, lambda x: a @ x - b, lambda x: a, names)


@pytest.fixture
def handmade() -> type[Handmade]:
    return Handmade


@pytest.fixture
def quadratic() -> Callable[..., Handmade]:
    return make_quadratic


@pytest.fixture
def parabola() -> Handmade:
    """(theta - 3)^2, the notes' example."""
    return Handmade(lambda x: (x[0] - 3) ** 2, lambda x: [2 * (x[0] - 3)], lambda x: [[2]], ("theta",))


@pytest.fixture
def rosenbrock() -> Handmade:
    """(1 - x)^2 + 100 (y - x^2)^2, least at (1, 1)."""
    return Handmade(
        lambda v: (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2,
        lambda v: [-2 * (1 - v[0]) - 400 * v[0] * (v[1] - v[0] ** 2), 200 * (v[1] - v[0] ** 2)],
        lambda v: [[2 - 400 * (v[1] - 3 * v[0] ** 2), -400 * v[0]], [-400 * v[0], 200]],
        ("x", "y"),
    )


@pytest.fixture
def log_barrier() -> Handmade:
    """x - log(x), least at 1, undefined for x <= 0."""
    return Handmade(lambda x: x[0] - np.log(x[0]), lambda x: 1 - 1 / x, lambda x: [1 / x**2], ("x",))
