"""A loss as a sum over the rows of its data and a term without rows, read off the graph of tensors.

f = sum_i f_i + r holds by the form of f: one index runs over all rows, each factor under it takes its value at row i
from the data of row i alone, and everything beside it holds no row. What has another form is refused by name, as
||y - X w||, the root of a sum, or sum_i (y_i - mean(y) - x_i^T w)^2, whose terms see all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

from sympy import Dummy, Symbol

from symopt.arrays.entries import factors_at_index
from symopt.arrays.functions import apply, log_sum_exp, shown, softmax
from symopt.arrays.graph import Factor, Tensors, Term, children
from symopt.arrays.notation import Notation
from symopt.arrays.reading import Reader
from symopt.arrays.statement import ArrayStatement, name_of, read_arrays
from symopt.errors import InputError

_NAMES: Final = {"inverse": "the inverse of a matrix", "det": "a determinant", "log_det": "a log-determinant"}


@final
@dataclass(frozen=True)
class RowSum:
    """f = sum over i of f_i + r: `total` is the sum and `rest` is r, terms of one graph with the places of `variables`.

    `size` counts the rows; `axes` gives for each array of data that has rows the axis along which they lie. In `total`
    the number of rows, where the loss writes it as a number (as in 1/N), is the symbol `count`: the sum over a part of
    the rows keeps the N of all of them.
    """

    statement: ArrayStatement
    graph: Tensors
    reader: Reader
    variables: tuple[Term, ...]
    size: Symbol
    axes: tuple[tuple[Any, int], ...]
    count: Symbol
    total: Term
    rest: Term
    row: Term

    @property
    def has_rest(self) -> bool:
        """Whether there is a term without rows."""
        return bool(self.rest[0])


def split_rows(statement: ArrayStatement, rows: Any = None) -> RowSum:
    """The loss as a sum over the rows of its data; `rows` names the symbol that counts them.

    InputError says why the loss is no such sum, or that it cannot be told what the rows are.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symopt.arrays.statement import state_arrays
    >>> from symopt.vocabulary import norm
    >>> N, M = symbols("N M", integer=True, positive=True)
    >>> X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
    >>> split = split_rows(state_arrays(norm(y - X * w) ** 2 / N + norm(w) ** 2, [w]))
    >>> split.size, split.axes, split.has_rest
    (N, ((X, 0), (y, 0)), True)
    """
    held = {size: sum(size in statement.shape(array) for array in statement.data) for size in statement.sizes}
    varying = {size for variable in statement.variables for size in statement.shape(variable)}
    candidates = [size for size in held if rows is None or str(size) == str(rows)]
    # What is said of a size that no variable has, and that most arrays have, says most.
    candidates.sort(key=lambda size: (size in varying, -held[size]))
    if not candidates:
        named = "" if rows is None else f" as {rows} is not the size of an axis"
        raise InputError(
            f"the rows of the data are not known{named}: write their number as a symbol, such as N, in the loss"
        )
    found, reasons = [], []
    for size in candidates:
        try:
            found.append(_Splitter(statement, size).split())
        except InputError as error:
            reasons.append(str(error))
    if len(found) > 1:
        names = " and ".join(str(split.size) for split in found)
        raise InputError(
            f"the loss is a sum over each of {names}: say which of them counts the rows, with rows="
        )
    if not found:
        raise InputError(reasons[0])
    return found[0]


@final
class _Splitter:
    """Splits one loss by one size."""

    def __init__(self, statement: ArrayStatement, size: Symbol) -> None:
        self.statement, self.size = statement, size
        self.graph, self.reader, self.value, self.variables = read_arrays(statement)
        self.count = Dummy(f"{size}", integer=True, positive=True)
        self._free: dict[int, bool] = {}

    def split(self) -> RowSum:
        statement, size, graph = self.statement, self.size, self.graph
        for variable in statement.variables:
            if any(dim.has(size) for dim in statement.shape(variable)):
                raise InputError(
                    f"the loss is no sum over {size}: the variable {name_of(variable)} has a part of its own "
                    f"for each of them"
                )
        axes = []
        for array in statement.data:
            along = [axis for axis, dim in enumerate(statement.shape(array)) if dim.has(size)]
            if along and (len(along) > 1 or statement.shape(array)[along[0]] != size):
                raise InputError(
                    f"the loss is no sum over {size}: {name_of(array)} has no rows of that number"
                )
            axes += [(array, axis) for axis in along]
        if not axes:
            raise InputError(f"the loss is no sum over {size}: no array of data has that many rows")
        total, rest = self._parts(self.value)
        if not total[0]:
            raise InputError(f"the loss is no sum over {size}: it does not depend on the rows")
        row = self._row_of(total)
        known = graph.leaf(size)[1]
        counted = substitute(graph, total, {known: graph.leaf(self.count)})
        return RowSum(
            statement, graph, self.reader, self.variables, size, tuple(axes), self.count, counted, rest, row
        )

    def _has_no_rows(self, place: int) -> bool:
        """Whether no array within has an axis of the rows; their number may occur as a number."""
        if place not in self._free:
            for inner in self.graph.reachable([place]):
                if inner not in self._free:
                    below = all(self._free[child] for child in children(self.graph.nodes[inner]))
                    own = not any(dim.has(self.size) for dim in self.graph.dims[inner])
                    self._free[inner] = below and own
        return self._free[place]

    def _parts(self, term: Term) -> tuple[Term, Term]:
        """The sum over rows and the rest of a number."""
        graph = self.graph
        coefficient, place = term
        node = graph.nodes[place]
        if not coefficient or self._has_no_rows(place):
            return graph.zero(), term
        if node[0] == "sum":
            pairs = [self._parts(graph.scaled(coefficient * number, (1, child))) for child, number in node[1]]
            total, rest = (graph.add((), column) for column in zip(*pairs, strict=True))
            return total, rest
        if node[0] != "product":
            raise self._refused(f"{self._shown(place)} is not one")
        labels = self._row_labels(node[1])
        if len(labels) > 1:
            raise self._refused(f"the rows meet each other in {self._shown(place)}")
        if labels:
            (label,) = labels
            for child, where in node[1]:
                self._require_row_by_row(child, where, label)
            return term, graph.zero()
        return self._opened(coefficient, node[1], place)

    def _opened(self, coefficient: Any, factors: tuple[Factor, ...], place: int) -> tuple[Term, Term]:
        """A product of one factor that holds rows, a sum, with others that do not: term by term."""
        graph = self.graph
        within = [index for index, (child, _) in enumerate(factors) if not self._has_no_rows(child)]
        if len(within) > 1:
            raise self._refused(f"{self._shown(place)} multiplies sums over rows with each other")
        (index,) = within
        child, where = factors[index]
        if graph.nodes[child][0] != "sum":
            raise self._refused(f"{self._shown(child)} is not one")
        others = [((1, other), labels) for k, (other, labels) in enumerate(factors) if k != index]
        terms = [
            graph.contract((), [*others, ((1, part), where)], coefficient * number)
            for part, number in graph.nodes[child][1]
        ]
        pairs = [self._parts(term) for term in terms]
        total, rest = (graph.add((), column) for column in zip(*pairs, strict=True))
        return total, rest

    def _row_labels(self, factors: tuple[Factor, ...]) -> set[int]:
        found = set()
        for child, labels in factors:
            for label, dim in zip(labels, self.graph.dims[child], strict=True):
                if dim.has(self.size):
                    if dim != self.size:
                        raise self._refused(f"an axis has {shown(dim)} entries")
                    found.add(label)
        return found

    def _require_row_by_row(self, child: int, labels: tuple[int, ...], label: int) -> None:
        """A factor of which entry i takes its value from row i alone, or that holds no rows."""
        if label not in labels:
            if not self._has_no_rows(child):
                raise self._refused(f"{self._shown(child)} holds all rows, and stands in every one of them")
        elif labels.count(label) > 1:
            raise self._refused(f"{self._shown(child)} is taken at two rows")
        else:
            self._require_local(child, labels.index(label))

    def _require_local(self, place: int, axis: int) -> None:
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        if any(dim.has(self.size) for other, dim in enumerate(dims) if other != axis):
            raise self._refused(f"the rows meet each other in {self._shown(place)}")
        head = node[0]
        if head == "leaf":
            return
        if head == "sum":
            for child, _ in node[1]:
                self._require_local(child, axis)
        elif head == "product":
            if self._row_labels(node[1]) - {axis}:
                raise self._refused(f"the rows meet each other in {self._shown(place)}")
            for child, labels in node[1]:
                self._require_row_by_row(child, labels, axis)
        elif head == "power":
            self._require_local(node[1], axis)
        elif head == "function":
            for child in node[2:]:
                self._require_local(child, axis)
        elif head in ("log_sum_exp", "softmax") and axis < node[2]:
            self._require_local(node[1], axis)
        else:
            raise self._refused(f"{_NAMES.get(head, self._shown(place))} mixes the rows")

    def _row_of(self, total: Term) -> Term:
        """f_i, in which the rows of the arrays are arrays of their own, `X_i` and `y_i`."""
        graph = self.graph
        coefficient, place = total
        node = graph.nodes[place]
        pairs = node[1] if node[0] == "sum" else ((place, 1),)
        rows = []
        for child, number in pairs:
            factors = graph.nodes[child][1]
            (label,) = self._row_labels(factors)
            rows.append(
                graph.scaled(number, graph.contract((), factors_at_index(graph, factors, label, 0, "i")))
            )
        return graph.scaled(coefficient, graph.add((), rows))

    def _shown(self, place: int) -> str:
        return shown(Notation(self.graph).node(place)) if len(self.graph.dims[place]) <= 2 else "an array"

    def _refused(self, reason: str) -> InputError:
        return InputError(f"the loss is not shown to be a sum over {self.size} rows: {reason}")


def substitute(graph: Tensors, root: Term, images: dict[int, Term]) -> Term:
    """The term with nodes replaced by terms of the same dimensions."""
    found: dict[int, Term] = {}
    for place in graph.reachable([root[1]]):
        node, dims = graph.nodes[place], graph.dims[place]
        head = node[0]
        if place in images:
            found[place] = images[place]
        elif all(found[child] == (1, child) for child in children(node)):
            found[place] = (1, place)
        elif head == "sum":
            found[place] = graph.add(dims, [graph.scaled(c, found[child]) for child, c in node[1]])
        elif head == "product":
            found[place] = graph.contract(dims, [(found[child], labels) for child, labels in node[1]])
        elif head == "power":
            found[place] = graph.power(found[node[1]], node[2])
        elif head == "function":
            found[place] = apply(graph, node[1], *(found[child] for child in node[2:]))
        elif head in ("log_sum_exp", "softmax"):
            build: Callable[[Tensors, Term, int], Term] = log_sum_exp if head == "log_sum_exp" else softmax
            found[place] = build(graph, found[node[1]], node[2])
        elif head == "inverse":
            found[place] = graph.inverse(graph.node(found[node[1]]))
        else:
            found[place] = graph.determinant(head, graph.node(found[node[1]]))
    return graph.scaled(root[0], found[root[1]])
