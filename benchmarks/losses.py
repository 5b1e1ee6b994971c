"""Losses over data for the benchmarks: as arrays, written out over points, and by hand in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import HadamardProduct, MatrixSymbol, symbols

from symopt import Problem, softplus, total

N, M = symbols("N M", integer=True, positive=True)
X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)


def data(rows: int, columns: int) -> tuple[Any, Any]:
    """Rows of a Gaussian cloud with labels 0 and 1, by a seed."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(rows, columns))
    return points, (points @ rng.normal(size=columns) + rng.normal(size=rows) > 0).astype(float)


def logistic(points: Any, labels: Any) -> Any:
    """The mean logistic loss in arrays, stated anew."""
    loss = total(softplus(X * w) - HadamardProduct(y, X * w)) / N
    return Problem(loss, [w]).with_data({X: points, y: labels})


def logistic_by_hand(points: Any, labels: Any, at: Any, hessian: bool) -> tuple[Any, ...]:
    """Value and gradient, or all three, as a person writes them in NumPy."""
    scores = points @ at
    share = 1 / (1 + np.exp(-scores))
    value = np.mean(np.logaddexp(0, scores) - labels * scores)
    gradient = points.T @ (share - labels) / len(points)
    if not hessian:
        return value, gradient
    return value, gradient, (points.T * (share * (1 - share))) @ points / len(points)


def logistic_written_out(points: Any, labels: Any) -> tuple[Any, tuple[Any, ...]]:
    """The same loss with a term for each point, in numbers."""
    names = sympy.symbols(f"w:{points.shape[1]}", real=True)
    terms = []
    for row, label in zip(points.round(3), labels, strict=True):
        score = sympy.Add(*(sympy.Rational(str(v)) * s for v, s in zip(row, names, strict=True)))
        terms.append(sympy.log(1 + sympy.exp(score)) - int(label) * score)
    return sympy.Add(*terms) / len(points), names


def gradient_step(points: Any, labels: Any, at: Any, drawn: Any) -> Any:
    """The gradient on a mini-batch in NumPy."""
    rows = points[drawn]
    return rows.T @ (1 / (1 + np.exp(-(rows @ at))) - labels[drawn]) / len(drawn)
