"""The gradient and the Hessian of a loss over data, as a value that can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symopt.arrays.notation import Notation
from symopt.arrays.statement import ArrayStatement, derive_arrays


@dataclass(frozen=True)
class ArrayDerivatives:
    """The gradient, one expression for each variable in its shape, and the Hessian as blocks.

    The block of two variables has a row for each entry of the first and a column for each entry of the second, those of
    a matrix row by row.
    """

    statement: ArrayStatement
    gradient: tuple[Any, ...]
    hessian: tuple[tuple[Any, ...], ...]


def array_derivatives(statement: ArrayStatement) -> ArrayDerivatives:
    """The derivatives in the notation of matrices."""
    derived = derive_arrays(statement)
    notation = Notation(derived.graph)
    ranks = [len(derived.graph.dims[place]) for _, place in derived.variables]
    gradient = tuple(map(notation.term, derived.gradient))
    hessian = tuple(
        tuple(notation.block(block, rank) for block in row)
        for row, rank in zip(derived.hessian, ranks, strict=True)
    )
    return ArrayDerivatives(statement, gradient, hessian)
