"""The graph of tensors as indexed sums, for losses that are written with them: -2 sum_i x_i (y_i - a x_i - b)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import sympy
from sympy import Expr, IndexedBase, MatrixSymbol, Rational, Sum, Symbol

from symopt.arrays.graph import Tensors, Term
from symopt.arrays.notation import function_of
from symopt.errors import InputError

Range = tuple[Expr, Expr]  # the first value of an index, and how many there are


@final
class IndexNotation:
    """Writes numbers of one graph as indexed sums.

    `indices` are the ranges of the indices by their names, as the user wrote them; `starts` the first values of the
    indices of each array.
    """

    def __init__(
        self, graph: Tensors, indices: Mapping[Symbol, Range], starts: Mapping[Any, Sequence[Expr]]
    ) -> None:
        self.graph = graph
        self.indices = dict(indices)
        self.starts = dict(starts)

    def term(self, term: Term) -> Any:
        """The value of a number."""
        return self._scaled(term, {}, ())

    def indices_of(self, variable: int) -> tuple[Symbol, ...]:
        """Letters for the axes of a leaf, the user's where there are some of that range."""
        found: tuple[Symbol, ...] = ()
        for axis, size in enumerate(self.graph.dims[variable]):
            found = (*found, self._index(size, found, self._start(variable, axis))[0])
        return found

    def at(self, term: Term, indices: Sequence[Symbol]) -> Any:
        """The entry of a term at indices of its axes."""
        return self._scaled(term, dict(enumerate(indices)), tuple(indices))

    def _scaled(self, term: Term, where: Mapping[int, Any], used: tuple[Symbol, ...]) -> Any:
        coefficient, place = term
        node = self.graph.nodes[place]
        number = Rational(coefficient.numerator, coefficient.denominator)
        if node[0] == "sum":
            return sympy.Add(*(self._scaled((number * c, p), where, used) for p, c in node[1]))
        return number * self.entry(place, where, used)

    def entry(self, place: int, where: Mapping[int, Any], used: tuple[Symbol, ...]) -> Any:
        """The entry of a node at the indices of its axes; `used` are the indices that are taken."""
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        at = [where[axis] for axis in range(len(dims))]
        head = node[0]
        if head == "leaf":
            if not dims:
                return node[1]
            if isinstance(node[1], MatrixSymbol):
                both = [0 if size == 1 else at.pop(0) for size in node[1].shape]
                return node[1][tuple(both)]
            return IndexedBase(node[1])[tuple(at)]
        if head == "sum":
            return sympy.Add(*(self._scaled((c, p), where, used) for p, c in node[1]))
        if head == "product":
            return self._product(node[1], dims, where, used)
        if head == "power":
            exponent = Rational(node[2].numerator, node[2].denominator)
            return self.entry(node[1], where, used) ** exponent
        if head == "function":
            return function_of(node[1])(*(self.entry(child, where, used) for child in node[2:]))
        raise InputError(f"{head} cannot be written with indices")

    def _product(self, factors: Any, dims: Any, where: Mapping[int, Any], used: tuple[Symbol, ...]) -> Any:
        """Sums over different indices are factors of their own."""
        return sympy.Mul(*(self._sum(group, where, used) for group in _connected(factors, where)))

    def _sum(self, factors: Any, where: Mapping[int, Any], used: tuple[Symbol, ...]) -> Any:
        names = dict(where)
        limits = []
        for child, labels in factors:
            for position, label in enumerate(labels):
                if label not in names:
                    size = self.graph.dims[child][position]
                    index, first = self._index(size, used, self._start(child, position))
                    names[label] = index
                    used = (*used, index)
                    limits.append((index, first, sympy.expand(first + size - 1)))
        body = sympy.Mul(
            *(
                self.entry(child, dict(enumerate(names[label] for label in labels)), used)
                for child, labels in factors
            )
        )
        return Sum(body, *reversed(limits)) if limits else body

    def _start(self, place: int, position: int) -> Expr | None:
        """The first value of an index, as the array or an array within has it."""
        node = self.graph.nodes[place]
        if node[0] == "leaf":
            return None if isinstance(node[1], MatrixSymbol) else self.starts[node[1]][position]
        if node[0] == "product":
            for child, labels in node[1]:
                for where, label in enumerate(labels):
                    if label == position:
                        return self._start(child, where)
            return None
        parts = (
            [child for child, _ in node[1]]
            if node[0] == "sum"
            else node[2:]
            if node[0] == "function"
            else node[1:2]
        )
        return next(
            (start for start in (self._start(part, position) for part in parts) if start is not None), None
        )

    def _index(self, size: Expr, used: tuple[Symbol, ...], start: Expr | None) -> tuple[Symbol, Expr]:
        """An index of the user's of that range, or a letter of one's own."""
        for index, (first, length) in self.indices.items():
            if length == size and index not in used and (start is None or start == first):
                return index, first
        taken = {index.name for index in (*self.indices, *used)} | {str(x) for x in self.starts}
        letter = next(letter for letter in "ijklmnpqrst" if letter not in taken)
        return Symbol(letter, integer=True), sympy.Integer(0) if start is None else start


def _connected(factors: Any, where: Mapping[int, Any]) -> list[list[Any]]:
    """The factors in groups that share no label that is summed over, those without such labels by themselves."""
    groups: list[tuple[set[int], list[Any]]] = []
    for child, labels in factors:
        summed = {label for label in labels if label not in where}
        joined = [group for group in groups if group[0] & summed]
        groups = [group for group in groups if group not in joined]
        members = [factor for _, own in joined for factor in own]
        groups.append((summed.union(*(own for own, _ in joined)), [*members, (child, labels)]))
    return [members for _, members in groups]
