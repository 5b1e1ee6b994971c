"""The graph of tensors: every distinct array once, as a sum of products with indices.

A node has the dimensions `dims`, one for each of its axes, and is one of

    ("leaf", symbol)                        a symbol, an array of data or of variables; axes of size 1 are left out
    ("delta",)                              the identity matrix
    ("product", ((node, labels), ...))      the sum over all labels that are no axes of the product; its axes are
                                            the labels 0, 1, .., and an axis that no factor has is one of ones
    ("sum", ((node, coefficient), ...))     arrays of the same dimensions
    ("power", node, exponent)               entry by entry, with an exact number as exponent
    ("function", name, node, ...)           entry by entry, see functions.py
    ("log_sum_exp", node, keep)             over all axes behind the first `keep`
    ("softmax", node, keep)                 e^u divided by the sum of e^u over those axes
    ("inverse", node), ("log_det", node), ("det", node)

So A b is the product of A with labels (0, 1) and b with the label 1, trace A that of A with (0, 0), and a vector of
ones is the empty product. A term `(coefficient, node)` stands for their product.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count, permutations, product
from math import factorial, prod
from typing import Any, Final, TypeAlias, final

from sympy import Expr, Symbol, expand

Number: TypeAlias = int | Fraction
Term: TypeAlias = tuple[Number, int]
Node: TypeAlias = tuple[Any, ...]
Dims: TypeAlias = tuple[Expr, ...]
Factor: TypeAlias = tuple[int, tuple[int, ...]]
Labelled: TypeAlias = tuple[Term, Sequence[Hashable]]

LARGEST_REPEATED: Final = 3  # u u u is a product of three, u^4 a power
MOST_ORDERS: Final = 24  # orders of the labels that are tried for the first one


def children(node: Node) -> tuple[int, ...]:
    """The nodes a node is made of."""
    head = node[0]
    if head in ("product", "sum"):
        return tuple(child for child, _ in node[1])
    if head == "function":
        return node[2:]
    return () if head in ("leaf", "delta") else (node[1],)


def same_size(one: Expr, other: Expr) -> bool:
    """Whether two sizes are equal for all values of their symbols."""
    return one == other or expand(one - other) == 0


@final
class Tensors:
    """A hash-consed graph; one is made for each question and thrown away with it.

    `symmetric` are the leaves that are assumed to be symmetric matrices.
    """

    def __init__(self, symmetric: frozenset[Any] = frozenset()) -> None:
        self.symmetric = symmetric
        self.nodes: list[Node] = []
        self.dims: list[Dims] = []
        self._index: dict[Node, int] = {}
        self._symmetric: dict[int, bool] = {}

    def intern(self, node: Node, dims: Dims) -> int:
        """The place of a node, which is added when it is new."""
        key = (*node, dims)
        place = self._index.get(key)
        if place is None:
            place = len(self.nodes)
            self.nodes.append(node)
            self.dims.append(dims)
            self._index[key] = place
        return place

    def rank(self, term: Term) -> int:
        return len(self.dims[term[1]])

    def leaf(self, symbol: Any, dims: Dims = ()) -> Term:
        """A symbol with the sizes of its axes; an integer size of 1 is no axis."""
        return 1, self.intern(("leaf", symbol), dims)

    def ones(self, dims: Dims = ()) -> Term:
        return 1, self.intern(("product", ()), dims)

    def zero(self, dims: Dims = ()) -> Term:
        return 0, self.ones(dims)[1]

    def size(self, dim: Expr) -> Term:
        """The size of an axis as a number."""
        if dim.is_Integer:
            return int(dim), self.ones()[1]
        if isinstance(dim, Symbol):
            return self.leaf(dim)
        if dim.is_Rational:
            return Fraction(dim.p, dim.q), self.ones()[1]
        parts = [self.size(argument) for argument in dim.args]
        if dim.is_Add:
            return self.add((), parts)
        if dim.is_Mul:
            return self.contract((), [(part, ()) for part in parts])
        return self.power(parts[0], int(dim.exp))

    def delta(self, dim: Expr) -> int:
        return self.intern(("delta",), (dim, dim))

    def scaled(self, number: Number, term: Term) -> Term:
        return simplest(number * term[0]), term[1]

    def node(self, term: Term) -> int:
        """The node whose value is the term."""
        coefficient, place = term
        if coefficient == 1:
            return place
        if coefficient == 0:
            place = self.ones(self.dims[place])[1]
        return self.intern(("sum", ((place, coefficient),)), self.dims[place])

    def term(self, place: int) -> Term:
        """The inverse of `node`."""
        node = self.nodes[place]
        if node[0] == "sum" and len(node[1]) == 1:
            return node[1][0][1], node[1][0][0]
        return 1, place

    def add(self, dims: Dims, terms: Iterable[Term]) -> Term:
        """The sum of arrays of the same dimensions, like terms collected and sums within it opened."""
        collected: dict[int, Number] = {}
        for coefficient, place in terms:
            inner = self.nodes[place][1] if self.nodes[place][0] == "sum" else ((place, 1),)
            for child, number in inner:
                collected[child] = collected.get(child, 0) + coefficient * number
        pairs = [(place, simplest(number)) for place, number in sorted(collected.items()) if number]
        if not pairs:
            return self.zero(dims)
        if len(pairs) == 1:
            return pairs[0][1], pairs[0][0]
        sizes = {abs(number) for _, number in pairs}
        scale: Any = sizes.pop() if len(sizes) == 1 else 1
        if all(number < 0 for _, number in pairs):
            scale = -scale
        row = tuple((place, simplest(Fraction(number) / scale)) for place, number in pairs)
        opposite: Any = tuple((place, -number) for place, number in row)
        if ("sum", opposite, dims) in self._index:
            scale, row = -scale, opposite
        return simplest(scale), self.intern(("sum", row), dims)

    def contract(self, dims: Dims, factors: Iterable[Labelled], coefficient: Number = 1) -> Term:
        """The sum, over all labels but 0, 1, .., of the product of the factors; those are the axes of the result."""
        contraction = _Contraction(self, dims, factors, coefficient)
        if not contraction.coefficient:
            return self.zero(dims)
        row = contraction.canonical()
        scale = simplest(contraction.coefficient)
        if len(row) == 1 and row[0][1] == tuple(range(len(dims))) and self.dims[row[0][0]] == dims:
            inner, place = self.term(row[0][0])
            return simplest(scale * inner), place
        return scale, self.intern(("product", row), dims)

    def broadcast(self, dims: Dims, term: Term, labels: Sequence[int]) -> Term:
        """The array with its axes at the places `labels` among those of the dimensions, constant along the others."""
        return self.contract(dims, [(term, labels)])

    def multiply(self, *terms: Term) -> Term:
        """The product entry by entry, of arrays of the same dimensions and of numbers."""
        dims = max((self.dims[place] for _, place in terms), key=len)
        labels = tuple(range(len(dims)))
        return self.contract(dims, [(term, labels[: self.rank(term)]) for term in terms])

    def power(self, base: Term, exponent: Number) -> Term:
        """The power entry by entry."""
        coefficient, place = base
        exponent = simplest(exponent)
        dims = self.dims[place]
        if exponent == 0:
            return self.ones(dims)
        if exponent == 1:
            return base
        if type(exponent) is int and 0 < exponent <= LARGEST_REPEATED and not self.is_contracted(place):
            return self.multiply(*[base] * exponent)
        if type(exponent) is int and coefficient:
            if place == self.ones(dims)[1]:
                return simplest(Fraction(coefficient) ** exponent), place
            scale = simplest(Fraction(coefficient) ** exponent)
            return scale, self._whole_power(place, exponent)
        if coefficient == 1 and place == self.ones(dims)[1]:
            return base
        return 1, self.intern(("power", self.node(base), exponent), dims)

    def is_contracted(self, place: int) -> bool:
        """Whether a node is a number made of arrays, such as v^T v; powers of such numbers are not opened."""
        node = self.nodes[place]
        return node[0] == "product" and not self.dims[place] and any(labels for _, labels in node[1])

    def _whole_power(self, place: int, exponent: int) -> int:
        node, dims = self.nodes[place], self.dims[place]
        if node[0] == "power" and (type(node[2]) is not int or node[2] * exponent > 0):
            power = simplest(node[2] * exponent)
            return self.power((1, node[1]), power)[1]
        return self.intern(("power", place, exponent), dims)

    def inverse(self, place: int) -> Term:
        """The inverse of a square matrix."""
        node = self.nodes[place]
        if node[0] == "inverse":
            return self.term(node[1])
        return (1, place) if node[0] == "delta" else (1, self.intern(("inverse", place), self.dims[place]))

    def determinant(self, kind: str, place: int) -> Term:
        """The `kind` "det" or "log_det" of a square matrix."""
        node = self.nodes[place]
        if node[0] == "inverse" and kind == "log_det":
            return self.scaled(-1, self.determinant(kind, node[1]))
        if node[0] == "inverse":
            return self.power(self.determinant(kind, node[1]), -1)
        return 1, self.intern((kind, place), ())

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """Every node the roots are made of, children before parents."""
        seen: dict[int, None] = {}
        stack = [(root, False) for root in roots]
        while stack:
            place, done = stack.pop()
            if done:
                seen.setdefault(place)
            elif place not in seen:
                stack.append((place, True))
                stack += [(child, False) for child in children(self.nodes[place]) if child not in seen]
        return list(seen)

    def leaves(self, root: int) -> set[Any]:
        """The symbols that a node is made of, those of sizes included."""
        places = self.reachable([root])
        found = {self.nodes[p][1] for p in places if self.nodes[p][0] == "leaf"}
        return found | {symbol for p in places for dim in self.dims[p] for symbol in dim.free_symbols}

    def is_symmetric(self, place: int) -> bool:
        """Whether a matrix is equal to its transpose by its form."""
        known = self._symmetric.get(place)
        if known is None:
            dims = self.dims[place]
            known = len(dims) == 2 and dims[0] == dims[1] and self._is_own_transpose(place)
            self._symmetric[place] = known
        return known

    def _is_own_transpose(self, place: int) -> bool:
        node, dims = self.nodes[place], self.dims[place]
        if node[0] in ("inverse", "power"):
            return self.is_symmetric(node[1])
        if node[0] == "function":
            return all(map(self.is_symmetric, node[2:]))
        if node[0] == "sum":
            turned = [self.scaled(c, self.contract(dims, [((1, p), (1, 0))])) for p, c in node[1]]
            return self.add(dims, turned) == (1, place)
        if node[0] == "product":
            return self.contract(dims, [((1, place), (1, 0))]) == (1, place)
        return bool(node[0] == "delta" or (node[0] == "leaf" and node[1] in self.symmetric))


class _Contraction:
    """A product being put into its normal form: products within it opened, identities and ones taken out."""

    def __init__(self, graph: Tensors, dims: Dims, factors: Iterable[Labelled], coefficient: Number) -> None:
        self.graph = graph
        self.dims = dims
        self.coefficient = coefficient
        self.sizes: dict[Hashable, Expr] = dict(enumerate(dims))
        self._fresh = count()
        self.factors: list[tuple[int, tuple[Hashable, ...]]] = []
        for (scale, place), labels in factors:
            self._include(scale, place, tuple(labels))
        self._without_identities()
        self._sum_over_ones()
        self._join_powers()

    def _include(self, scale: Number, place: int, labels: tuple[Hashable, ...]) -> None:
        """One factor, with the factors of a product in its place."""
        self.coefficient = self.coefficient * scale
        node, dims = self.graph.nodes[place], self.graph.dims[place]
        assert len(labels) == len(dims), "a label for each axis"
        for label, dim in zip(labels, dims, strict=True):
            known = self.sizes.setdefault(label, dim)
            assert same_size(known, dim), f"axes of sizes {known} and {dim} do not fit"
        if node[0] == "sum" and len(node[1]) == 1:
            self._include(node[1][0][1], node[1][0][0], labels)
        elif node[0] == "product":
            names: dict[Hashable, Hashable] = dict(enumerate(labels))
            for child, inner in node[1]:
                for label in inner:
                    names.setdefault(label, ("inner", next(self._fresh)))
                self._include(1, child, tuple(names[label] for label in inner))
        else:
            self.factors.append((place, labels))

    def _is_axis(self, label: Hashable) -> bool:
        return type(label) is int and 0 <= label < len(self.dims)

    def _without_identities(self) -> None:
        while True:
            for index, (place, labels) in enumerate(self.factors):
                if self.graph.nodes[place][0] != "delta":
                    continue
                left, right = labels
                if left == right:
                    del self.factors[index]
                    break
                if not (self._is_axis(left) and self._is_axis(right)):
                    kept, gone = (left, right) if self._is_axis(left) else (right, left)
                    del self.factors[index], self.sizes[gone]
                    self.factors = [
                        (p, tuple(kept if x == gone else x for x in ls)) for p, ls in self.factors
                    ]
                    break
            else:
                return

    def _sum_over_ones(self) -> None:
        """A label that is summed and that no factor has counts its axis."""
        used = {label for _, labels in self.factors for label in labels}
        for label in [label for label in self.sizes if not self._is_axis(label) and label not in used]:
            scale, place = self.graph.size(self.sizes.pop(label))
            self._include(scale, place, ())

    def _join_powers(self) -> None:
        """Powers of one array at the same labels are one power."""
        exponents: dict[tuple[int, tuple[Hashable, ...]], list[Number]] = {}
        nodes = self.graph.nodes
        for place, labels in self.factors:
            node = nodes[place]
            base, exponent = (node[1], node[2]) if node[0] == "power" else (place, 1)
            if len(labels) == 2 and str(labels[0]) > str(labels[1]) and self.graph.is_symmetric(base):
                labels = (labels[1], labels[0])
            exponents.setdefault((base, labels), []).append(exponent)
        self.factors = []
        for (base, labels), powers in exponents.items():
            positive = sum(p for p in powers if p > 0)
            negative = sum(p for p in powers if p < 0)
            if positive and negative and self._never_vanishes(base):
                positive, negative = max(positive + negative, 0), min(positive + negative, 0)
            for power in (positive, negative):
                self._append_power(base, labels, simplest(power))

    def _append_power(self, base: int, labels: tuple[Hashable, ...], power: Number) -> None:
        if not power:
            return
        if self.graph.is_contracted(base) and power != 1:
            place, times = self.graph.intern(("power", base, power), ()), 1
        elif type(power) is int and 0 < power <= LARGEST_REPEATED:
            place, times = base, power
        else:
            scale, place = self.graph.power((1, base), power)
            self.coefficient, times = self.coefficient * scale, 1
        if self.graph.nodes[place][0] == "product" or (place != base and self.graph.nodes[place][0] == "sum"):
            for _ in range(times):
                self._include(1, place, labels)
        else:
            self.factors += [(place, labels)] * times

    def _never_vanishes(self, place: int) -> bool:
        node = self.graph.nodes[place]
        if node[0] == "leaf":
            return bool(getattr(node[1], "is_positive", False) or getattr(node[1], "is_nonzero", False))
        return node[:2] == ("function", "exp") or node[0] == "softmax"

    def canonical(self) -> tuple[Factor, ...]:
        """The factors with the summed labels named so that equal products have equal factors."""
        axes = len(self.dims)
        summed = list(dict.fromkeys(x for _, labels in self.factors for x in labels if not self._is_axis(x)))
        if not summed:
            return self._named(())
        colours: dict[Hashable, Any] = {label: (label,) for label in range(axes)}
        colours |= {label: (-1, str(self.sizes[label])) for label in summed}
        for _ in range(min(len(summed), 4)):
            seen: dict[Hashable, list[Any]] = {label: [] for label in summed}
            for place, labels in self.factors:
                around = tuple(colours[label] for label in labels)
                for position, label in enumerate(labels):
                    if label in seen:
                        seen[label].append((place, position, around))
            new = {label: (colours[label], tuple(sorted(seen[label]))) for label in summed}
            ranks = {value: rank for rank, value in enumerate(sorted(set(new.values())))}
            colours |= {label: (-1, ranks[new[label]]) for label in summed}
            if len(ranks) == len(summed):
                break
        groups: dict[Any, list[Hashable]] = {}
        for label in sorted(summed, key=lambda x: colours[x]):
            groups.setdefault(colours[label], []).append(label)
        orders: Iterable[tuple[Hashable, ...]]
        if len(groups) < len(summed) and prod(factorial(len(g)) for g in groups.values()) <= MOST_ORDERS:
            choices = product(*(permutations(group) for group in groups.values()))
            orders = (tuple(label for part in choice for label in part) for choice in choices)
        else:
            orders = [tuple(label for group in groups.values() for label in group)]
        return min(self._named(order) for order in orders)

    def _named(self, order: Sequence[Hashable]) -> tuple[Factor, ...]:
        axes = len(self.dims)
        names: Mapping[Hashable, int] = {
            **{axis: axis for axis in range(axes)},
            **{label: axes + place for place, label in enumerate(order)},
        }
        row = []
        for place, labels in self.factors:
            named = tuple(names[label] for label in labels)
            if len(named) == 2 and named[0] > named[1] and self.graph.is_symmetric(place):
                named = (named[1], named[0])
            row.append((place, named))
        return tuple(sorted(row))


def simplest(number: Number) -> Number:
    """The number as an int when it is one."""
    return number if type(number) is int or number.denominator != 1 else number.numerator
