"""By which factor an error shrinks or grows in a step: as the Hessian predicts it, and as a run shows it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from symopt.numeric.iterate import Iterate
from symopt.numeric.methods import AnyMethod, GradientDescent, Momentum, Nesterov, Newton
from symopt.numeric.numbers import show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.recorder import Record
from symopt.numeric.step_sizes import Constant

MAX_VARIABLES: Final = 500
SAME: Final = 1e-9
"""How much the Hessian of a quadratic function may differ from one point to another, in rounding."""


def factors(method: AnyMethod, eigenvalues: Array) -> Array | None:
    """The largest modulus of the linearised iteration's eigenvalues, for each eigenvalue of the Hessian.

    None for methods whose iteration is not linear near the point, and for step sizes that change.

    >>> factors(GradientDescent(step_size="1/5"), np.array([1.0, 9.0])).round(3).tolist()
    [0.8, 0.8]
    >>> factors(Momentum(step_size="1/4", beta="1/4"), np.array([1.0, 9.0])).round(3).tolist()
    [0.5, 0.5]
    """
    if not isinstance(method, GradientDescent | Momentum | Nesterov | Newton):
        return None
    if not isinstance(method.step_rule, Constant):
        return None
    eta = float(method.step_rule.value)
    if isinstance(method, Newton):
        return np.full(len(eigenvalues), abs(1 - eta))
    damped = 1 - eta * eigenvalues
    if isinstance(method, GradientDescent):
        return np.asarray(np.abs(damped))
    beta = float(method.beta)
    if isinstance(method, Momentum):
        return _largest_root(damped + beta, np.full_like(damped, beta))
    return _largest_root((1 + beta) * damped, beta * damped)


def _largest_root(trace: Array, product: Array) -> Array:
    """The larger modulus of the roots of z^2 - trace z + product."""
    discriminant = trace**2 - 4 * product
    real = (np.abs(trace) + np.sqrt(np.maximum(discriminant, 0.0))) / 2
    return np.where(discriminant >= 0, real, np.sqrt(np.abs(product)))


def measured_factor(record: Record) -> float:
    """The factor by which the gradient norm has changed in a step, on average over the second half; nan of too few."""
    iterations, norms = record.iterations, record.gradient_norms
    if len(iterations) < 4:
        return math.nan
    start = int(np.searchsorted(iterations, iterations[-1] / 2))
    first, last, steps = float(norms[start]), float(norms[-1]), int(iterations[-1] - iterations[start])
    if steps < 2 or not (0 < first < math.inf and 0 < last < math.inf):
        return math.nan
    return float(math.exp((math.log(last) - math.log(first)) / steps))


def constant_hessian(first: Iterate, point: Point, evaluator: Evaluator) -> Array | None:
    """The Hessian of a function that looks quadratic: the same at both ends of a run."""
    if point.x.size > MAX_VARIABLES:
        return None
    start, end = evaluator.hessian(first.x), evaluator.hessian(point.x)
    size = np.abs(start).max(initial=0.0)
    same = (
        np.isfinite(start).all()
        and np.isfinite(end).all()
        and np.abs(end - start).max(initial=0.0) <= SAME * size
    )
    return start if same and size > 0 else None


def describe_growth_direction(
    method: AnyMethod, hessian: Array, variables: tuple[str, ...]
) -> tuple[float, str]:
    """The largest factor, and the sentence about the eigenvector of the Hessian along which it acts."""
    eigenvalues, vectors = np.linalg.eigh(hessian)
    found = factors(method, eigenvalues)
    if found is None:
        return math.nan, ""
    place = int(np.argmax(found))
    factor, direction = float(found[place]), vectors[:, place]
    if not factor > 1:
        return factor, ""
    direction = direction / direction[np.argmax(np.abs(direction))]
    value = show_number(float(eigenvalues[place]))
    shown = ", ".join(show_number(float(f"{entry:.4g}") or 0.0) for entry in direction[:4])
    shown = f"({shown}{', ...' if len(direction) > 4 else ''})" if len(direction) > 1 else variables[0]
    along = f"along {shown}, an eigenvector of the Hessian for its eigenvalue {value}"
    return factor, f"It grows {along}: in theory by the factor {show_number(float(f'{factor:.6g}'))} a step."
