"""Half steps on numbers: the best value of one block at a point, by the closed form that `half_steps` derives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, final

import numpy as np

from symopt.arrays.compiler import Array, CompiledArrays
from symopt.arrays.half_steps import ASSIGNMENT, Alternation, BlockTerms
from symopt.arrays.statement import name_of
from symopt.errors import InputError

FLAT: Final = 1e-12
"""An eigenvalue this small beside the largest counts as zero."""

NOISE: Final = 1e-8
"""A slope this small beside the terms it is made of counts as zero."""


@final
class BlockStep:
    """One block of a compiled loss: `best(x)` is x with the block at its best, or why there is none."""

    def __init__(self, found: Alternation, block: BlockTerms, compiled: CompiledArrays) -> None:
        self.name = name_of(block.variable)
        self.is_assignment = block.kind == ASSIGNMENT
        self._block, self._compiled = block, compiled
        place = found.statement.names.index(self.name)
        self.shape = compiled.shapes[place]
        self.span = slice(*compiled.bounds[place])
        terms = [block.slope] if self.is_assignment else [block.slope, block.matrix]
        program = compiled.program.in_graph(found.graph)
        prelude, self._results = program.functions_of(terms)
        with np.errstate(all="ignore"):
            self._constants = prelude(*compiled.inputs)

    @property
    def title(self) -> str:
        """The name, and how the block is read."""
        return f"{self.name} (one 1 in each row)" if self.is_assignment else self.name

    def best(self, x: Array) -> Array | str:
        """The whole point with this block replaced."""
        with np.errstate(all="ignore"):
            found = self._results(self._compiled.parts(x), self._constants)
        slope = np.broadcast_to(np.asarray(found[0], dtype=float), self.shape)
        value = x[self.span].reshape(self.shape)
        new = self._assigned(slope, value) if self.is_assignment else self._solved(slope, value, found[1])
        if isinstance(new, str):
            return new
        point = x.copy()
        point[self.span] = new.ravel()
        return point

    def _assigned(self, costs: Array, value: Array) -> Array | str:
        """One 1 in each row, where the cost is least; it stays where it is when none is lower."""
        if not np.isfinite(costs).all():
            return f"the costs of the assignment {self.name} are not finite"
        rows = np.arange(len(costs))
        least = costs.argmin(axis=1)
        if self.holds(value):
            before = value.argmax(axis=1)
            least = np.where(costs[rows, before] <= costs[rows, least], before, least)
        new = np.zeros(self.shape)
        new[rows, least] = 1.0
        return new

    def holds(self, value: Array) -> bool:
        """Whether a value is an assignment: one 1 in each row, else 0."""
        return bool((((value == 0) | (value == 1)).all()) and (value.sum(axis=1) == 1).all())

    @cached_property
    def _axes(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """The axes in the order shared, others; the sizes of the shared ones and of the others."""
        shared = self._block.shared
        others = tuple(axis for axis in range(len(self.shape)) if axis not in shared)
        sizes = tuple(self.shape[axis] for axis in shared), tuple(self.shape[axis] for axis in others)
        return (*shared, *others), *sizes

    def _solved(self, slope: Array, value: Array, matrix: Any) -> Array | str:
        """v - G^+ grad: the solution of G v = h that is nearest to the value before."""
        order, shared, others = self._axes
        n = int(np.prod(others, dtype=int))
        matrix = np.asarray(matrix, dtype=float)
        if matrix.ndim < len(shared) + 2 * len(others):
            matrix = np.broadcast_to(matrix, (*[1] * len(shared), *others, *others))
        thin = matrix.shape[: len(shared)]
        matrix = np.broadcast_to(matrix, (*thin, *others, *others)).reshape((*thin, n, n))
        gradient = slope.transpose(order).reshape((*shared, n))
        if not (np.isfinite(matrix).all() and np.isfinite(gradient).all()):
            return f"the equations for the block {self.name} are not finite"
        eigenvalues, vectors = np.linalg.eigh(matrix)
        size = np.abs(eigenvalues).max(initial=0.0)
        if (eigenvalues < -FLAT * size).any():
            return f"f is not convex in the block {self.name} at this point: it has no minimum over it"
        largest = np.abs(eigenvalues).max(axis=-1, keepdims=True)
        steep = eigenvalues > FLAT * largest
        along = np.einsum("...ij,...i->...j", vectors, gradient)
        noise = NOISE * (1 + np.abs(gradient).max(initial=0.0) + size * np.abs(value).max(initial=0.0))
        if (np.abs(np.where(steep, 0.0, along)) > noise).any():
            return f"f is unbounded below in the block {self.name} at this point"
        along = np.where(steep, along / np.where(steep, eigenvalues, 1.0), 0.0)
        step = np.einsum("...ij,...j->...i", vectors, along)
        back = step.reshape((*shared, *others)).transpose(np.argsort(order))
        return np.asarray(value - back)


def block_steps(found: Alternation, compiled: CompiledArrays) -> tuple[BlockStep, ...]:
    """The half steps of all blocks, in their order."""
    return tuple(BlockStep(found, block, compiled) for block in found.blocks)


def start_of(
    steps: tuple[BlockStep, ...], compiled: CompiledArrays, given: Mapping[Any, Any] | Any
) -> tuple[Array, int]:
    """The point to start from, and whose turn it is; a dictionary may leave out the first block.

    InputError for an assignment that is none.
    """
    turn = 0
    if not isinstance(given, Mapping):
        point = np.array(given, dtype=float)
        if point.shape != (compiled.size,):
            raise InputError(f"a point has shape ({compiled.size},); this has shape {point.shape}")
    else:
        values = {name_of(key): value for key, value in given.items()}
        first = steps[0]
        if first.name in values:
            point = compiled.join(values)
        else:
            best = first.best(compiled.join({**values, first.name: np.zeros(first.shape)}))
            if isinstance(best, str):
                raise InputError(f"the start has no value for {first.name}, and {best}")
            point, turn = best, 1 % len(steps)
    for step in steps:
        if step.is_assignment and not step.holds(point[step.span].reshape(step.shape)):
            raise InputError(
                f"the start for {step.name} is no assignment, with one 1 in each row: leave it out to have the best one"
            )
    return point, turn


def plus_plus(
    steps: tuple[BlockStep, ...], compiled: CompiledArrays, found: Alternation, rng: np.random.Generator
) -> tuple[Array, int]:
    """A start with centres drawn from the rows: each next one with a probability in proportion to its squared distance.

    k-means++ of Arthur and Vassilvitskii, SODA 2007. It is for an assignment N x K, centres K x M and data N x M.
    """
    statement = found.statement
    shapes = {
        step.name: statement.shape(block.variable) for step, block in zip(steps, found.blocks, strict=True)
    }
    assigned = [step for step in steps if step.is_assignment]
    centres = [step for step in steps if not step.is_assignment]
    known = dict(zip(compiled.program.inputs, compiled.inputs, strict=True))
    rows: list[Any] = []
    if len(assigned) == len(centres) == 1 and len(shapes[centres[0].name]) == 2:
        (n, k), (other, m) = shapes[assigned[0].name], shapes[centres[0].name]
        rows = [array for array in statement.data if k == other and statement.shape(array) == (n, m)]
    if len(rows) != 1:
        raise InputError(
            '"k-means++" is for an assignment r of N x K, centres of K x M and one array of data of N x M: give a start'
        )
    data = known[name_of(rows[0])]
    number = centres[0].shape[0]
    chosen = [data[rng.integers(len(data))]]
    for _ in range(number - 1):
        nearest = np.min([((data - centre) ** 2).sum(axis=1) for centre in chosen], axis=0)
        weights = nearest / nearest.sum() if nearest.sum() > 0 else None
        chosen.append(data[rng.choice(len(data), p=weights)])
    values = {centres[0].name: np.array(chosen), assigned[0].name: np.zeros(assigned[0].shape)}
    best = assigned[0].best(compiled.join(values))
    if isinstance(best, str):
        raise InputError(best)
    return best, (steps.index(assigned[0]) + 1) % len(steps)
