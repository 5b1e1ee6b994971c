"""Newton's step H^-1 g as part of a straight-line program: a sparse LDL^T with its fill-in decided beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symopt.calculus.program import Instruction, Program


@dataclass(frozen=True)
class NewtonStep:
    """A program with the places of the solution of H s = g and of what says whether it can be trusted.

    `pivots` are pairs: the entry of D and the diagonal entry of H that it comes from; `multipliers` are the
    entries of L.
    """

    program: Program
    solution: tuple[int, ...]
    pivots: tuple[tuple[int, int], ...]
    multipliers: tuple[int, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Everything that is to be computed."""
        return (*self.solution, *(place for pair in self.pivots for place in pair), *self.multipliers)


def newton_step(
    program: Program, gradient: Sequence[int], hessian: Mapping[tuple[int, int], int], most: int
) -> NewtonStep | None:
    """The program that goes on to solve H s = g, or None where that takes more than `most` instructions.

    `hessian` has the places of the entries (i, j), j <= i. The pivots are taken from the diagonal, those with the
    fewest neighbours first (minimum degree: George and Liu, SIAM Review 31, 1989); a diagonal entry that is
    always 0 is None as well.
    """
    instructions: list[Instruction] = list(program.instructions)
    known = {instruction: place for place, instruction in enumerate(instructions)}

    def emit(*instruction: float | str) -> int:
        place = known.setdefault(instruction, len(instructions))
        if place == len(instructions):
            instructions.append(instruction)
        return place

    size = len(gradient)
    limit = len(instructions) + most
    entries = {**{(j, i): place for (i, j), place in hessian.items()}, **hessian}
    near: list[set[int]] = [set() for _ in range(size)]
    for i, j in hessian:
        if i != j:
            near[i].add(j)
            near[j].add(i)
    waiting = set(range(size))
    right = list(gradient)
    columns: list[tuple[int, int, list[tuple[int, int]]]] = []
    pivots: list[tuple[int, int]] = []
    while waiting:
        k = min(waiting, key=lambda node: (len(near[node]), node))
        waiting.remove(k)
        if (k, k) not in entries or len(instructions) > limit:
            return None
        pivot = entries[k, k]
        pivots.append((pivot, hessian.get((k, k), pivot)))
        others = sorted(near[k])
        # A product is quicker than a quotient.
        inverse = emit("/", emit("constant", 1.0), pivot)
        column = [(j, emit("*", entries[j, k], inverse)) for j in others]
        for a, (i, multiplier) in enumerate(column):
            right[i] = emit("-", right[i], emit("*", multiplier, right[k]))
            for j in others[: a + 1]:
                update = emit("*", multiplier, entries[j, k])
                entry = emit("-", entries[i, j], update) if (i, j) in entries else emit("neg", update)
                entries[i, j] = entries[j, i] = entry
            near[i] |= near[k]
            near[i] -= {i, k}
        columns.append((k, inverse, column))
    solution = [0] * size
    for k, inverse, column in reversed(columns):
        value = emit("*", right[k], inverse)
        for j, multiplier in column:
            value = emit("-", value, emit("*", multiplier, solution[j]))
        solution[k] = value
    return NewtonStep(
        Program(tuple(instructions), program.results),
        tuple(solution),
        tuple(pivots),
        tuple(place for _, _, column in columns for _, place in column),
    )
