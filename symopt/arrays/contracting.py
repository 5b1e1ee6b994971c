"""A product of arrays with indices, as matrix products: for the writers and for the compiler alike.

Seen as a graph, labels are vertices, a matrix is an edge and a vector a weight at a vertex. A summed vertex with one
edge is a product of a matrix and a vector, one with two edges a product of two matrices (with the diagonal matrix of
its weight between them), parallel edges are a Hadamard product. What these steps cannot take is left for `rest`.

The result is made of plans, nested tuples: ("node", place), ("T", a), ("mul", a, w, b) for a diag(w) b where w may be
None, ("had", a, b, ..), ("ones", size), ("diagonal", a), ("sum", a), ("dot", u, v) = u^T v, ("inner", A, B) = tr(A^T B).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sympy import Expr

from symopt.arrays.graph import Dims, Factor, Tensors

Plan: TypeAlias = tuple[Any, ...]
Edge: TypeAlias = tuple[Plan, int, int]

HIGHEST: Final = 2  # axes of a matrix


@dataclass
class Reduction:
    """What is left of a product: numbers, weights and edges at the labels that are its axes, and a rest."""

    scalars: list[Plan] = field(default_factory=list)
    weights: dict[int, list[Plan]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    rest: list[tuple[Plan, tuple[int, ...]]] = field(default_factory=list)

    def weight(self, label: int) -> Plan | None:
        """The Hadamard product of the vectors at a label."""
        return hadamard(self.weights.get(label, []))


def reduce_product(graph: Tensors, dims: Dims, factors: Iterable[Factor]) -> Reduction:
    """The product with every summed label taken out that matrix products can take out."""
    return _Reducer(graph, dims, factors).result


def hadamard(plans: list[Plan]) -> Plan | None:
    """The Hadamard product; None of nothing."""
    return None if not plans else plans[0] if len(plans) == 1 else ("had", *plans)


def transposed(graph: Tensors, plan: Plan) -> Plan:
    """The transpose, taken into a product; a symmetric matrix is its own."""
    if plan[0] == "T":
        return plan[1]
    if plan[0] == "mul":
        return ("mul", transposed(graph, plan[3]), plan[2], transposed(graph, plan[1]))
    if plan[0] == "node" and graph.is_symmetric(plan[1]):
        return plan
    return ("T", plan)


class _Reducer:
    def __init__(self, graph: Tensors, dims: Dims, factors: Iterable[Factor]) -> None:
        self.graph = graph
        self.axes = len(dims)
        self.sizes: dict[int, Expr] = dict(enumerate(dims))
        self.result = result = Reduction()
        for place, labels in factors:
            for label, dim in zip(labels, graph.dims[place], strict=True):
                self.sizes.setdefault(label, dim)
            plan = ("node", place)
            if not labels:
                result.scalars.append(plan)
            elif len(labels) == 1:
                self._weigh(labels[0], plan)
            elif len(labels) == HIGHEST:
                self._connect(plan, *labels)
            else:
                result.rest.append((plan, labels))
        while self._step():
            pass
        self._put_aside()

    def _weigh(self, label: int, plan: Plan) -> None:
        self.result.weights.setdefault(label, []).append(plan)

    def _connect(self, plan: Plan, row: int, column: int) -> None:
        if row == column:
            self._weigh(row, ("diagonal", plan))
            return
        if row > column and self._is_symmetric(plan):
            row, column = column, row
        self.result.edges.append((plan, row, column))

    def _is_symmetric(self, plan: Plan) -> bool:
        return plan[0] == "node" and self.graph.is_symmetric(plan[1])

    def _summed(self) -> list[int]:
        bound = {label for _, labels in self.result.rest for label in labels}
        return [label for label in sorted(self.sizes) if label >= self.axes and label not in bound]

    def _at(self, label: int) -> list[Edge]:
        return [edge for edge in self.result.edges if label in edge[1:]]

    def _step(self) -> bool:
        """One summed label taken out; False when there is none that can be."""
        labels = self._summed()
        # All ends of chains at once, so that d^T A^T A d is met in the middle, as (A d)^T (A d).
        ends = [label for label in labels if len(self._at(label)) < 2]
        for label in ends:
            if len(self._at(label)) < 2:
                self._take_out(label)
        if ends:
            return True
        if self._merge_parallel(labels):
            return True
        for label in labels:
            around = self._at(label)
            if len(around) == 2:
                self._join(label, *around)
                return True
        return False

    def _take_out(self, label: int) -> None:
        """A label with at most one edge: a number, or a matrix times a vector."""
        weights = self.result.weights.pop(label, [])
        around = self._at(label)
        if around:
            edge = around[0]
            self.result.edges.remove(edge)
            plan, row, column = edge
            matrix, other = (transposed(self.graph, plan), column) if row == label else (plan, row)
            vector = hadamard(weights) or ("ones", self.sizes[label])
            if not weights and matrix[0] == "had" and len(matrix) == 3:
                self._weigh(other, ("diagonal", ("mul", matrix[1], None, transposed(self.graph, matrix[2]))))
            else:
                self._weigh(other, ("mul", matrix, None, vector))
        elif len(weights) == 1:
            self.result.scalars.append(("sum", weights[0]))
        elif weights:
            first, *others = weights
            self.result.scalars.append(("dot", first, hadamard(others)))
        del self.sizes[label]

    def _merge_parallel(self, summed: list[int]) -> bool:
        edges = self.result.edges
        for index, (plan, row, column) in enumerate(edges):
            for other in edges[index + 1 :]:
                if {row, column} != {other[1], other[2]}:
                    continue
                beside = other[0] if other[1] == row else transposed(self.graph, other[0])
                edges.remove(other)
                edges.remove((plan, row, column))
                alone = all(
                    label in summed and not self._at(label) and not self.result.weights.get(label)
                    for label in (row, column)
                )
                if alone:
                    self.result.scalars.append(("inner", plan, beside))
                    del self.sizes[row], self.sizes[column]
                else:
                    edges.append((_had(plan, beside), row, column))
                return True
        return False

    def _join(self, label: int, one: Edge, other: Edge) -> None:
        """A diag(w) B over a label between two edges."""
        weight = hadamard(self.result.weights.pop(label, []))
        self.result.edges.remove(one)
        self.result.edges.remove(other)
        left, start = (one[0], one[1]) if one[2] == label else (transposed(self.graph, one[0]), one[2])
        right, end = (
            (other[0], other[2]) if other[1] == label else (transposed(self.graph, other[0]), other[1])
        )
        if start > end:
            left, right, start, end = transposed(self.graph, right), transposed(self.graph, left), end, start
        del self.sizes[label]
        self._connect(("mul", left, weight, right), start, end)

    def _put_aside(self) -> None:
        """What still holds a summed label joins the rest."""
        result = self.result
        for label in [label for label in self.sizes if label >= self.axes]:
            result.rest += [(plan, (label,)) for plan in result.weights.pop(label, [])]
            for edge in self._at(label):
                result.edges.remove(edge)
                result.rest.append((edge[0], edge[1:]))


def _had(one: Plan, other: Plan) -> Plan:
    parts = (*(one[1:] if one[0] == "had" else (one,)), *(other[1:] if other[0] == "had" else (other,)))
    return ("had", *parts)
