"""Derivatives brought into the form that a person writes: what cancels is cancelled, common factors are taken out.

A sum is expanded, like terms are collected, and factors common to several terms are taken out again, matrices first:
X^T diag(p) X - X^T p p^T X is X^T (diag(p) - p p^T) X. Of the forms on the way the shortest is kept, and of two equally
short ones that which was there before. No form has another value, and a test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final, TypeAlias, final

from symopt.arrays.contracting import HIGHEST
from symopt.arrays.graph import Dims, Factor, Number, Tensors, Term, children

MOST_TERMS: Final = 32
MOST_HIGH_TERMS: Final = 512  # what has no other form must be opened
MOST_WORK: Final = 250  # products that are formed for one question
_COSTS: Final = {"leaf": 1.0, "sum": 0.0}
Row: TypeAlias = tuple[Number, tuple[Factor, ...]]
Key: TypeAlias = tuple[int, tuple[int | None, ...]]


@final
class Tidier:
    """Tidies terms of one graph."""

    def __init__(self, graph: Tensors) -> None:
        self.graph = graph
        self._costs: dict[int, float] = {}
        self._tidied: dict[int, Term] = {}
        self._work = 0

    def tidy(self, term: Term) -> Term:
        """A term of the same value in the shortest form that is found."""
        coefficient, place = term
        if not coefficient:
            return term
        if place not in self._tidied:
            self._tidied[place] = self._shortest(place)
        return self.graph.scaled(coefficient, self._tidied[place])

    def _shortest(self, place: int) -> Term:
        start = self._with_tidy_parts(place)
        if self.graph.nodes[start[1]][0] not in ("sum", "product"):
            return start
        low = (
            self.expanded(start, self._is_high, MOST_HIGH_TERMS) if self._has_high_parts(start[1]) else start
        )
        start = start if low is None else low
        found = [form for form in (self._factored(start), start) if form is not None]
        expanded = self.expanded(start)
        if expanded is not None:
            found += [self._factored(expanded), expanded]
        return min(found, key=self.cost)

    def _with_tidy_parts(self, place: int) -> Term:
        """The sum or product with the sums within it tidied first."""
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        if node[0] == "sum":
            return graph.add(dims, [graph.scaled(number, self.tidy((1, child))) for child, number in node[1]])
        if node[0] == "product":
            factors = [
                (self.tidy((1, child)) if graph.nodes[child][0] == "sum" else (1, child), labels)
                for child, labels in node[1]
            ]
            return graph.contract(dims, factors)
        return 1, place

    def _has_high_parts(self, place: int) -> bool:
        """Whether a factor within has more axes than a matrix, which matrix products cannot say."""
        graph = self.graph
        for _, factors in self._rows((1, place)):
            for child, _ in factors:
                if graph.nodes[child][0] == "sum" and (
                    len(graph.dims[child]) > HIGHEST or self._has_high_parts(child)
                ):
                    return True
        return False

    def cost(self, term: Term) -> float:
        """How long the term is when it is written."""
        return self._cost(term[1]) if term[0] else 0

    def _cost(self, place: int) -> float:
        if place not in self._costs:
            for inner in self.graph.reachable([place]):
                node = self.graph.nodes[inner]
                parts = children(node)
                own = 0.5 * (not parts) if node[0] == "product" else _COSTS.get(node[0], 0.5)
                own += 0.125 * len(parts) if node[0] == "sum" else 0
                self._costs[inner] = own + sum(self._costs[child] for child in parts)
        return self._costs[place]

    def _rows(self, term: Term) -> list[Row]:
        """The terms of a sum, each as its factors."""
        graph = self.graph
        coefficient, place = term
        node = graph.nodes[place]
        pairs = node[1] if node[0] == "sum" else ((place, 1),)
        rows = []
        for child, number in pairs:
            inner = graph.nodes[child]
            axes = tuple(range(len(graph.dims[child])))
            factors = inner[1] if inner[0] == "product" else ((child, axes),)
            rows.append((graph.scaled(coefficient * number, (1, child))[0], factors))
        return rows

    def expanded(
        self, term: Term, opens: Callable[[int], bool] = lambda place: True, most: int = MOST_TERMS
    ) -> Term | None:
        """The term with its products of sums multiplied out, those that `opens` allows; None when that is too long."""
        dims = self.graph.dims[term[1]]
        terms: list[Term] = []
        waiting = self._rows(term)
        while waiting:
            coefficient, factors = waiting.pop()
            index = next(
                (i for i, (child, _) in enumerate(factors) if self._is_sum(child) and opens(child)), None
            )
            if index is None:
                terms.append(self._product(dims, coefficient, factors))
            else:
                child, labels = factors[index]
                others = [((1, c), x) for c, x in (*factors[:index], *factors[index + 1 :])]
                for part, number in self.graph.nodes[child][1]:
                    new = self.graph.contract(dims, [((1, part), labels), *others], coefficient * number)
                    waiting += self._rows(new)
            self._work += 1
            if len(terms) + len(waiting) > most or (self._work > MOST_WORK and most == MOST_TERMS):
                return None
        return self.graph.add(dims, terms)

    def _is_sum(self, place: int) -> bool:
        return bool(self.graph.nodes[place][0] == "sum")

    def _is_high(self, place: int) -> bool:
        return len(self.graph.dims[place]) > HIGHEST or self._has_high_parts(place)

    def _product(self, dims: Dims, coefficient: Number, factors: Sequence[Factor]) -> Term:
        return self.graph.contract(dims, [((1, child), labels) for child, labels in factors], coefficient)

    def _factored(self, term: Term) -> Term:
        """The sum with factors that several of its terms share taken out."""
        rows = self._rows(term)
        dims = self.graph.dims[term[1]]
        if len(rows) < 2 or self._work > MOST_WORK:
            return term
        self._work += len(rows)
        best: tuple[tuple[int, float], Key, list[tuple[int, int]]] | None = None
        for key in dict.fromkeys(self._keys(rows, len(dims))):
            places = list(self._occurrences(key, rows, len(dims)))
            if len(places) < 2 or (not key[1] and len(places) < len(rows)):
                continue
            inside = self._axes(key, places, rows, len(dims))
            if len(inside) > HIGHEST or (
                len(dims) > 1 and key[1] and key[1][0] in inside and len(key[1]) == 1
            ):
                continue  # diag(p) - p p^T is not written as diag(p) (I - 1 p^T)
            merit = (len(key[1]), (len(places) - 1) * self._cost(key[0]))
            if best is None or merit > best[0]:
                best = (merit, key, places)
        if best is None:
            return term
        _, key, places = best
        taken = self._taken_out(dims, key, places, rows)
        used = {row for row, _ in places}
        others = [self._product(dims, *row) for index, row in enumerate(rows) if index not in used]
        return self._factored(self.graph.add(dims, [taken, *others])) if others else taken

    def _keys(self, rows: Sequence[Row], axes: int) -> Iterator[Key]:
        """What could be taken out: an array with the axes of the sum that it has; its other labels are summed."""
        for _, factors in rows:
            for child, labels in factors:
                if len(set(labels)) == len(labels) and self.graph.nodes[child][0] != "delta":
                    yield child, tuple(label if label < axes else None for label in labels)

    def _occurrences(self, key: Key, rows: Sequence[Row], axes: int) -> Iterator[tuple[int, int]]:
        """The terms in which the array is found, and where; an axis stands for a summed label where need be."""
        exact = 0
        found = []
        for index, (_, factors) in enumerate(rows):
            best = None
            for position, (child, labels) in enumerate(factors):
                if child != key[0] or len(set(labels)) < len(labels):
                    continue
                pattern = tuple(label if label < axes else None for label in labels)
                if pattern == key[1]:
                    best = position
                    exact += 1
                    break
                if all(want is None or want == have for want, have in zip(key[1], pattern, strict=True)):
                    best = position if best is None else best
            if best is not None:
                found.append((index, best))
        if exact:
            yield from found

    def _axes(
        self, key: Key, places: Sequence[tuple[int, int]], rows: Sequence[Row], axes: int
    ) -> list[Hashable]:
        """The axes of what is left in the brackets: those of the sum that the array lacks or shares, and the summed."""
        own = {label for label in key[1] if label is not None}
        shared = set()
        for index, position in places:
            factors = rows[index][1]
            labels = factors[position][1]
            others = {x for where, (_, ls) in enumerate(factors) if where != position for x in ls}
            shared |= others & own
            shared |= {
                label for want, label in zip(key[1], labels, strict=True) if want is None and label < axes
            }
        kept: list[tuple[float, Hashable]] = [(x, x) for x in range(axes) if x not in own or x in shared]
        # The bracket stands at the side of the array at which its summed label is: X^T (..) and (..) X.
        side = min(own) - 0.5 if own else axes
        opened = [(side, ("open", position)) for position, want in enumerate(key[1]) if want is None]
        return [axis for _, axis in sorted([*kept, *opened], key=lambda pair: pair[0])]

    def _taken_out(
        self, dims: Dims, key: Key, places: Sequence[tuple[int, int]], rows: Sequence[Row]
    ) -> Term:
        graph = self.graph
        axes = self._axes(key, places, rows, len(dims))
        array_dims = graph.dims[key[0]]
        sizes = tuple(dims[a] if isinstance(a, int) else array_dims[a[1]] for a in axes)  # type: ignore[index]
        parts = []
        for index, position in places:
            coefficient, factors = rows[index]
            names: dict[int, Hashable] = {a: axes.index(a) for a in axes if isinstance(a, int)}
            row: list[tuple[Term, tuple[Hashable, ...]]] = []
            for where, (want, label) in enumerate(zip(key[1], factors[position][1], strict=True)):
                opened = axes.index(("open", where)) if want is None else None
                if opened is None:
                    continue
                if label < len(dims):
                    row.append(((1, graph.delta(array_dims[where])), (names[label], opened)))
                else:
                    names[label] = opened
            others = [*factors[:position], *factors[position + 1 :]]
            row += [
                ((1, child), tuple(names.get(x, ("summed", x)) for x in labels)) for child, labels in others
            ]
            parts.append(graph.contract(sizes, row, coefficient))
        inside = self._factored(graph.add(sizes, parts))
        outer: list[Hashable] = [a if isinstance(a, int) else ("bracket", a) for a in axes]
        array_labels: list[Hashable] = [
            ("bracket", ("open", where)) if want is None else want for where, want in enumerate(key[1])
        ]
        return graph.contract(dims, [((1, key[0]), array_labels), (inside, outer)])
