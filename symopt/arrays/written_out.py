"""A loss with its data as a formula of numbers: one symbol for each entry of the variables, w_1, ..., w_n.

The entries of every node of the tensor graph are terms of the graph of `symopt.calculus`, with exact coefficients; an
expression of SymPy's is made from them when it is asked for.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, Final, TypeAlias, final

import numpy as np
import sympy
from sympy import IndexedBase, Rational, Symbol
from sympy.matrices import MatrixBase

from symopt.arrays.compiler import fitted, length_of, refuse_contradictions, whole_size
from symopt.arrays.graph import Dims, Number
from symopt.arrays.statement import ArrayStatement, leaf_of, name_of, read_arrays
from symopt.calculus.compiler import uncollected
from symopt.calculus.expressions import as_expressions
from symopt.calculus.graph import Graph, Term
from symopt.calculus.loading import Formula, load
from symopt.errors import InputError
from symopt.reading.names import is_free_name
from symopt.reading.parsing import MAX_SIZE
from symopt.statement import Statement, state

Entries: TypeAlias = dict[tuple[int, ...], Term]  # what is missing is 0
Labelled: TypeAlias = tuple[tuple[Hashable, ...], Entries]

TOO_LONG: Final = "the loss is too long to be written out: compile it with its data instead"
LARGEST_DETERMINANT: Final = 4  # of a matrix that varies; its terms are written out


@final
class WrittenOut(Formula):
    """The loss of a statement with values for its data. Parameters without a value stay parameters.

    InputError names data or sizes that are missing, numbers that are not finite, and what is too long to write out.
    """

    def __init__(self, statement: ArrayStatement, values: Mapping[str, Any]) -> None:
        self.given, self.values, self.sense = statement, values, statement.sense
        known = {name_of(x) for x in (*statement.data, *statement.parameters, *statement.sizes)}
        if strange := [name for name in values if name not in known]:
            raise InputError(f"{strange[0]} is neither data nor a parameter of this problem")
        self.sizes = {
            name: whole_size(name, values[name]) for name in map(name_of, statement.sizes) if name in values
        }
        self.arrays: dict[Any, tuple[str, Any]] = {}
        for entry in statement.data:
            name = name_of(entry)
            if name not in values:
                raise InputError(f"the array {name} has no data: pass it to with_data")
            self.arrays[leaf_of(entry)] = name, fitted(name, values[name], statement.shape(entry), self.sizes)
        if sum(array.size for _, array in self.arrays.values()) > MAX_SIZE:
            raise InputError(TOO_LONG)
        self.numbers: dict[Symbol, Number] = {
            symbol: _exact(symbol.name, np.asarray(values[symbol.name]).item())
            for symbol in statement.parameters
            if symbol.name in values
        }
        refuse_contradictions(
            statement, {**{s.name: float(v) for s, v in self.numbers.items()}, **self.sizes}
        )
        self.tensors, self.reader, self.value, _ = read_arrays(statement)
        self.names = {leaf_of(v): self._entries_of(v) for v in statement.variables}
        self.variables = tuple(symbol for names in self.names.values() for symbol in names.values())
        self._refuse_clashes()
        self.graph = Graph(self.variables)
        self.known: dict[int, Entries] = {}
        self.term = self._loaded()

    def __reduce__(self) -> tuple[Any, ...]:
        return WrittenOut, (self.given, self.values)

    def loaded(self) -> tuple[Graph, Term]:
        return self.graph, self.term

    def statement(self) -> Statement:
        """The problem in numbers, read from SymPy's expression of the loss."""
        (objective,) = as_expressions(self.graph, [self.term], distributed=True)
        table = {symbol: Rational(v.numerator, v.denominator) for symbol, v in self.numbers.items()}
        table |= {size: sympy.Integer(self.sizes[name_of(size)]) for size in self.given.sizes}
        return state(
            objective,
            self.variables,
            subject_to=[r.at(table) for r in self.given.constraints],
            assuming=[new for r in self.given.assumptions if (new := r.at(table)).symbols],
            sense=self.given.sense,
        )

    def _loaded(self) -> Term:
        coefficient, root = self.value
        with uncollected():
            for place in self.tensors.reachable([root]):
                self.known[place] = self._node(place)
                if len(self.graph.nodes) > MAX_SIZE:
                    raise InputError(TOO_LONG)
        number, node = self.known[root].get((), (0, 0))
        return coefficient * number, node

    def _entries_of(self, variable: Any) -> dict[tuple[int, ...], Symbol]:
        """w_1, w_2, ... for a vector, U_1_1, ... for a matrix; an IndexedBase counts from where its indices begin."""
        if isinstance(variable, Symbol):
            return {(): variable}
        leaf = leaf_of(variable)
        shape = self._shape(self.given.shape(variable))
        if prod(shape) > MAX_SIZE:
            raise InputError(TOO_LONG)
        first = [1] * len(shape)
        if isinstance(variable, IndexedBase):
            first = [int(start) if start.is_Integer else 1 for start in self.reader.starts[leaf]]
        name = name_of(variable)
        if not is_free_name(f"{name}_1"):
            raise InputError(
                f"the entries of {name} cannot be named after it: rename it to letters and digits"
            )
        return {
            place: Symbol(
                "_".join([name, *(str(f + k) for f, k in zip(first, place, strict=True))]), real=True
            )
            for place in product(*map(range, shape))
        }

    def _refuse_clashes(self) -> None:
        if not self.variables:
            raise InputError("the variables have no entries: a size is 0")
        names = [s.name for s in self.variables]
        names += [s.name for s in self.given.parameters if s not in self.numbers]
        for name in names:
            if names.count(name) > 1 and len(names) > len(set(names)):
                raise InputError(f"two numbers would be called {name} when written out: rename one of them")

    def _shape(self, dims: Dims) -> tuple[int, ...]:
        return tuple(length_of(dim, self.sizes) for dim in dims)

    def _places(self, place: int) -> Iterator[tuple[int, ...]]:
        return product(*map(range, self._shape(self.tensors.dims[place])))

    def _node(self, place: int) -> Entries:
        """The entries of a node, those of the nodes it is made of being known."""
        node = self.tensors.nodes[place]
        head, graph = node[0], self.graph
        if head == "leaf":
            return self._leaf(node[1], place)
        if head == "delta":
            (size, _) = self._shape(self.tensors.dims[place])
            return {(i, i): (1, 0) for i in range(size)}
        if head == "product":
            return self._product(place, node[1])
        if head == "sum":
            return _added(graph, [(number, self.known[child]) for child, number in node[1]])
        if head in ("power", "function"):
            return self._entrywise(place, node)
        if head in ("log_sum_exp", "softmax"):
            return self._exponentials(head, node[1], node[2])
        return self._of_matrix(head, node[1])

    def _leaf(self, leaf: Any, place: int) -> Entries:
        graph = self.graph
        if leaf in self.names:
            return {index: graph.symbol(symbol) for index, symbol in self.names[leaf].items()}
        if isinstance(leaf, MatrixBase):
            flat = iter(leaf.flat())
            return {index: load(graph, next(flat)) for index in self._places(place)}
        if leaf in self.arrays:
            name, array = self.arrays[leaf]
            return {i: (_exact(name, value), 0) for i, value in np.ndenumerate(array) if value != 0}
        if leaf in self.numbers:
            return {(): (self.numbers[leaf], 0)}
        if leaf in self.given.sizes:
            return {(): (self.sizes[name_of(leaf)], 0)}
        return {(): load(graph, leaf)}

    def _product(self, place: int, factors: Sequence[tuple[int, tuple[int, ...]]]) -> Entries:
        """The sum over all labels that are no axes, one label after the other, the smallest product first."""
        dims = self.tensors.dims[place]
        axes = set(range(len(dims)))
        left: list[Labelled] = [_diagonal(labels, self.known[child]) for child, labels in factors]
        while summed := {label for labels, _ in left for label in labels} - axes:
            label = min(summed, key=lambda x: (prod(len(e) for ls, e in left if x in ls), str(x)))
            joined = _multiplied(self.graph, [factor for factor in left if label in factor[0]])
            left = [factor for factor in left if label not in factor[0]]
            left.append(_summed(self.graph, joined, label))
        labels, entries = _multiplied(self.graph, left)
        shape = self._shape(dims)
        missing = [axis for axis in sorted(axes) if axis not in labels]
        spread: Entries = {}
        for rest in product(*(range(shape[axis]) for axis in missing)):
            for index, term in entries.items():
                at = dict(zip((*missing, *labels), (*rest, *index), strict=True))
                spread[tuple(at[axis] for axis in range(len(dims)))] = term
        return spread

    def _entrywise(self, place: int, node: tuple[Any, ...]) -> Entries:
        graph = self.graph
        arguments = node[1:2] if node[0] == "power" else node[2:]
        found: Entries = {}
        for index in self._places(place):
            terms = [self.known[child].get(index, (0, 0)) for child in arguments]
            if node[0] == "power":
                value = graph.power(terms[0], node[2])
            elif node[1] == "select":
                value = graph.select(*terms)
            else:
                value = graph.apply(node[1], *terms)
            found[index] = value
        return found

    def _exponentials(self, head: str, child: int, keep: int) -> Entries:
        graph, entries = self.graph, self.known[child]
        exponentials = {
            index: graph.apply("exp", entries.get(index, (0, 0))) for index in self._places(child)
        }
        rows: dict[tuple[int, ...], list[Term]] = {}
        for index, term in exponentials.items():
            rows.setdefault(index[:keep], []).append(term)
        totals = {row: graph.add(terms) for row, terms in rows.items()}
        if head == "log_sum_exp":
            return {row: graph.apply("log", total) for row, total in totals.items()}
        inverses = {row: graph.power(total, -1) for row, total in totals.items()}
        return {index: graph.multiply(term, inverses[index[:keep]]) for index, term in exponentials.items()}

    def _of_matrix(self, head: str, child: int) -> Entries:
        """Determinant, its logarithm or the inverse, by minors; of numbers exactly, at any size."""
        (size, _) = self._shape(self.tensors.dims[child])
        entries = self.known[child]
        rows = [[entries.get((i, j), (0, 0)) for j in range(size)] for i in range(size)]
        if all(place == 0 for row in rows for _, place in row):
            return self._of_numbers(head, [[number for number, _ in row] for row in rows])
        if size > LARGEST_DETERMINANT:
            raise InputError(
                f"{head} of a matrix of {size} rows that varies is too long to be written out: "
                "compile the loss with its data instead"
            )
        whole = tuple(range(size))
        determinant = self._minor(rows, whole, whole)
        if head == "det":
            return {(): determinant}
        if head == "log_det":
            return {(): self.graph.apply("log", determinant)}
        reciprocal = self.graph.power(determinant, -1)
        found: Entries = {}
        for i, j in product(whole, whole):
            number, place = self._minor(rows, _without(whole, j), _without(whole, i))
            found[i, j] = self.graph.multiply(((-1) ** (i + j) * number, place), reciprocal)
        return found

    def _of_numbers(self, head: str, rows: list[list[Number]]) -> Entries:
        matrix = sympy.polys.matrices.DomainMatrix(
            [[sympy.QQ(v.numerator, v.denominator) for v in row] for row in rows],
            (len(rows), len(rows)),
            sympy.QQ,
        )
        determinant = _fraction(matrix.det())
        if head == "det":
            return {(): (determinant, 0)}
        if determinant == 0 or (head == "log_det" and determinant < 0):
            raise InputError(
                f"the {head} of a matrix of the data does not exist: its determinant is {determinant}"
            )
        if head == "log_det":
            return {(): self.graph.apply("log", (determinant, 0))}
        return {
            (i, j): (_fraction(value), 0)
            for i, row in enumerate(matrix.inv().to_list())
            for j, value in enumerate(row)
        }

    def _minor(self, rows: list[list[Term]], chosen: tuple[int, ...], columns: tuple[int, ...]) -> Term:
        if not chosen:
            return 1, 0
        terms = []
        for sign, column in enumerate(columns):
            number, place = self._minor(rows, chosen[1:], _without(columns, column))
            term = self.graph.multiply(rows[chosen[0]][column], (number, place))
            terms.append(((-1) ** sign * term[0], term[1]))
        return self.graph.add(terms)


def _without(indices: tuple[int, ...], index: int) -> tuple[int, ...]:
    return tuple(k for k in indices if k != index)


def _fraction(value: Any) -> Number:
    number = Fraction(int(value.numerator), int(value.denominator))
    return number.numerator if number.denominator == 1 else number


def _added(graph: Graph, parts: Iterable[tuple[Number, Entries]]) -> Entries:
    """The sum of multiples of arrays; sums of numbers within it are opened, so that like terms meet."""
    rows: dict[tuple[int, ...], list[Term]] = {}
    for number, entries in parts:
        for index, (coefficient, place) in entries.items():
            rows.setdefault(index, []).append((number * coefficient, place))
    return {index: _total(graph, terms) for index, terms in rows.items()}


def _total(graph: Graph, terms: Iterable[Term]) -> Term:
    opened: list[Term] = []
    for coefficient, place in terms:
        node = graph.nodes[place]
        if node[0] == "sum":
            opened += [(coefficient * number, child) for child, number in node[1]]
        else:
            opened.append((coefficient, place))
    return graph.add(opened)


def _diagonal(labels: tuple[Hashable, ...], entries: Entries) -> Labelled:
    """A label that stands at two axes of an array takes its diagonal."""
    if len(set(labels)) == len(labels):
        return labels, entries
    distinct = tuple(dict.fromkeys(labels))
    found: Entries = {}
    for index, term in entries.items():
        where: dict[Hashable, int] = {}
        if all(where.setdefault(label, k) == k for label, k in zip(labels, index, strict=True)):
            found[tuple(where[label] for label in distinct)] = term
    return distinct, found


def _multiplied(graph: Graph, factors: Sequence[Labelled]) -> Labelled:
    """The product of arrays entry by entry, where equal labels meet."""
    labels: tuple[Hashable, ...] = ()
    entries: Entries = {(): (1, 0)}
    for more, others in factors:
        shared = [label for label in more if label in labels]
        here, there = [labels.index(x) for x in shared], [more.index(x) for x in shared]
        new = [k for k, label in enumerate(more) if label not in labels]
        rows: dict[tuple[int, ...], list[tuple[tuple[int, ...], Term]]] = {}
        for index, term in others.items():
            rows.setdefault(tuple(index[k] for k in there), []).append((tuple(index[k] for k in new), term))
        entries = {
            index + rest: graph.multiply(term, other)
            for index, term in entries.items()
            for rest, other in rows.get(tuple(index[k] for k in here), ())
        }
        labels += tuple(more[k] for k in new)
    return labels, entries


def _summed(graph: Graph, factor: Labelled, label: Hashable) -> Labelled:
    labels, entries = factor
    position = labels.index(label)
    rows: dict[tuple[int, ...], list[Term]] = {}
    for index, term in entries.items():
        rows.setdefault(index[:position] + index[position + 1 :], []).append(term)
    return labels[:position] + labels[position + 1 :], {i: _total(graph, terms) for i, terms in rows.items()}


def _exact(name: str, value: Any) -> Number:
    """The shortest decimal of a float, exactly; InputError for one that is not finite."""
    if isinstance(value, (Rational, Fraction)):
        return _fraction(value)
    number = float(value)
    if number == number and abs(number) != float("inf"):
        return int(number) if number.is_integer() else Fraction(repr(number))
    raise InputError(f"{name} holds {number}, which is no number: leave such rows out")
