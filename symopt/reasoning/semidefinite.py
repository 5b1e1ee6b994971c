"""A guess for the sum-of-squares prover: a point in an affine space of symmetric matrices, deep in the semidefinite cone.

Floating point, and only that: nothing here knows an expression, and nothing found here decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

Blocks = Sequence[Sequence[Sequence[Fraction]]]
MAX_STEPS: Final = 60
WEIGHTS: Final = tuple(10.0**k for k in range(0, 10, 1))
NULL: Final = 3e-4


@dataclass(frozen=True)
class Deepest:
    """Coordinates in the affine space, the least eigenvalue there, and vectors on which each block vanishes."""

    coordinates: tuple[float, ...]
    least: float
    null: tuple[tuple[tuple[float, ...], ...], ...]


def deepest(start: Blocks, directions: Sequence[Blocks]) -> Deepest | None:
    """The largest t with start + sum y_k directions_k - t >= 0 in every block, by a barrier method; None if it fails.

    `start` is a list of blocks, and so is each of the directions.
    """
    import numpy as np

    begin = [np.array(block, dtype=float) for block in start]
    moves = [
        np.array([direction[b] for direction in directions], dtype=float).reshape(-1, *begin[b].shape)
        for b in range(len(begin))
    ]
    try:
        y = _follow(begin, moves, np)
    except np.linalg.LinAlgError:
        return None
    if y is None:
        return None
    spectra = [np.linalg.eigh(a + np.tensordot(y, m, axes=1)) for a, m in zip(begin, moves, strict=True)]
    least = min(float(values[0]) for values, _ in spectra)
    null = tuple(
        tuple(tuple(vectors[:, i]) for i in range(len(values)) if values[i] < NULL)
        for values, vectors in spectra
    )
    return Deepest(tuple(float(v) for v in y), least, null)


def _follow(begin: list[Any], moves: list[Any], np: Any) -> Any:
    """Newton's method on -w t - sum log det(A(y) - t) - log(1 - t), for growing w; y at the end."""
    count = len(moves[0])
    y = np.zeros(count)
    least = min(float(np.linalg.eigvalsh(a)[0]) for a in begin)
    t = min(least, 0.0) - 1.0
    for weight in WEIGHTS:
        for _ in range(MAX_STEPS):
            gradient, hessian = np.zeros(count + 1), np.zeros((count + 1, count + 1))
            for a, m in zip(begin, moves, strict=True):
                size = len(a)
                inverse = np.linalg.inv(a + np.tensordot(y, m, axes=1) - t * np.eye(size))
                scaled = np.concatenate([m @ inverse, -inverse[None]])
                gradient -= np.trace(scaled, axis1=1, axis2=2)
                flat = scaled.reshape(count + 1, -1)
                hessian += flat @ np.swapaxes(scaled, 1, 2).reshape(count + 1, -1).T
            gradient[-1] += 1 / (1 - t) - weight
            hessian[-1, -1] += 1 / (1 - t) ** 2
            hessian[np.diag_indices(count)] += 1e-9
            gradient[:-1] += 1e-9 * y
            move = -np.linalg.solve(hessian, gradient)
            decrement = float(-gradient @ move)
            length = 1.0 if decrement < 0.25 else 1 / (1 + decrement**0.5)
            while length > 1e-6 and not _inside(
                begin, moves, y + length * move[:-1], t + length * move[-1], np
            ):
                length /= 2
            y, t = y + length * move[:-1], t + length * float(move[-1])
            if decrement < 1e-4:
                break
        if t > 1e-3:
            return y
        if (
            t + 2 * (sum(map(len, begin)) + 1) / weight < -NULL
        ):  # the barrier's bound on how much is left to gain
            return None
    return y


def _inside(begin: list[Any], moves: list[Any], y: Any, t: float, np: Any) -> bool:
    if t >= 1:
        return False
    for a, m in zip(begin, moves, strict=True):
        try:
            np.linalg.cholesky(a + np.tensordot(y, m, axes=1) - t * np.eye(len(a)))
        except np.linalg.LinAlgError:
            return False
    return True
