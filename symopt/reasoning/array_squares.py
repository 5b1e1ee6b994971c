"""Numbers made of arrays as squares with weights: sum_k w_k u_k^2, and u^T P u with a positive definite matrix P."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from sympy import Rational
from sympy.matrices.expressions import MatPow

from symopt.arrays.contracting import Plan, reduce_product
from symopt.arrays.graph import Dims, Factor, Tensors, Term
from symopt.arrays.ranges import Ranges

MOST_MATCHED: Final = 6  # factors of a product that is looked for in another


@dataclass(frozen=True)
class Square:
    """A term D (L d)^2 of the second derivative along d: L d as a term, and whether D is positive everywhere.

    `core` is L d without an invertible matrix in front of it.
    """

    change: Term
    strict: bool
    core: Term | None = None


@final
class Squares:
    """Finds squares in the nodes of one graph; `definite` are the matrices that are positive definite."""

    def __init__(self, graph: Tensors, ranges: Ranges, definite: frozenset[Any]) -> None:
        self.graph = graph
        self.ranges = ranges
        self.definite = definite

    def square(self, place: int, moves: Callable[[int], bool]) -> Square | None:
        """One product as a square with a weight."""
        node = self.graph.nodes[place]
        if node[0] != "product":
            return None
        found = self._square_as_written(node[1], moves)
        if found is None and not self.graph.dims[place]:
            found = self._definite_square(node[1], moves)
        if found is not None:
            return found
        reduction = reduce_product(self.graph, (), node[1])
        if reduction.rest:
            return None
        change: Term | None = None
        strict = True
        for part, times in _shared(reduction.scalars):
            term = self._as_term(part)
            if _plan_moves(part, moves):
                if times != 2 or change is not None:
                    return None
                change = term
                continue
            sign = self.ranges.of(self.graph.node(term)).sign
            if times % 2 and sign not in (">", ">="):
                return None
            strict = strict and sign in ("<", ">")
        return None if change is None else Square(change, strict)

    def _square_as_written(self, factors: Sequence[Factor], moves: Callable[[int], bool]) -> Square | None:
        """sum_k w_k u_k^2 where u is one factor, twice at the same distinct labels, and all others are weights."""
        counted = Counter(factors)
        moving = [(factor, times) for factor, times in counted.items() if moves(factor[0])]
        if len(moving) != 1 or moving[0][1] != 2 or len(set(moving[0][0][1])) < len(moving[0][0][1]):
            return None
        strict = True
        for (child, _), times in counted.items():
            sign = self.ranges.of(child).sign
            if child != moving[0][0][0]:
                if times % 2 and sign not in (">", ">="):
                    return None
                strict = strict and sign in ("<", ">")
        return Square((1, moving[0][0][0]), strict)

    def _definite_square(self, factors: Sequence[Factor], moves: Callable[[int], bool]) -> Square | None:
        """w u^T P u with a positive definite matrix P, for each value of a label that both u may share."""
        for place, (matrix, labels) in enumerate(factors):
            root = self._root(matrix)
            if root is None or labels[0] == labels[1]:
                continue
            others = [*factors[:place], *factors[place + 1 :]]
            around = sorted({x for _, ls in others for x in ls} - set(labels))
            for shared in ((), *((label,) for label in around)):
                found = self._two_sides(others, labels, shared, root, moves)
                if found is not None:
                    return found
        return self._cut_square(factors, moves)

    def _cut_square(self, factors: Sequence[Factor], moves: Callable[[int], bool]) -> Square | None:
        """w u^T u, cut at a label between two equal sides."""
        places: dict[int, list[tuple[int, int]]] = {}
        for index, (_, labels) in enumerate(factors):
            for axis, label in enumerate(labels):
                places.setdefault(label, []).append((index, axis))
        for label, found in places.items():
            if len(found) != 2:
                continue
            index, axis = found[1]
            child, labels = factors[index]
            cut = [
                *factors[:index],
                (child, (*labels[:axis], -1, *labels[axis + 1 :])),
                *factors[index + 1 :],
            ]
            for shared in ((), *((other,) for other in places if other != label)):
                square = self._two_sides(cut, (label, -1), shared, None, moves)
                if square is not None:
                    return square
        return None

    def _root(self, place: int) -> Term | None:
        """The square root of a matrix that is assumed to be positive definite, or of its inverse."""
        graph = self.graph
        node = graph.nodes[place]
        power = Rational(1, 2) if node[0] == "leaf" else Rational(-1, 2)
        inner = graph.nodes[node[1]] if node[0] == "inverse" else node
        if inner[0] != "leaf" or inner[1] not in self.definite:
            return None
        return graph.leaf(MatPow(inner[1], power), graph.dims[place])

    def _two_sides(
        self,
        factors: Sequence[Factor],
        ends: Sequence[int],
        shared: tuple[int, ...],
        root: Term | None,
        moves: Callable[[int], bool],
    ) -> Square | None:
        graph = self.graph
        sizes = {x: d for c, ls in factors for x, d in zip(ls, graph.dims[c], strict=True)}
        groups: list[tuple[set[int], list[Factor]]] = []
        for child, labels in factors:
            own = set(labels) - set(shared)
            joined = [group for group in groups if group[0] & own]
            groups = [group for group in groups if group not in joined]
            members = [factor for _, known in joined for factor in known]
            groups.append((own.union(*(known for known, _ in joined)), [*members, (child, labels)]))
        sides: list[Term] = []
        for end in ends:
            group = [factors for known, factors in groups if end in known]
            if len(group) != 1 or all(e in known for known, _ in groups if end in known for e in ends):
                return None
            names = {label: axis for axis, label in enumerate((*shared, end))}
            dims = tuple(sizes[label] for label in (*shared, end))
            rows: list[Any] = [((1, c), [names.get(x, ("summed", x)) for x in ls]) for c, ls in group[0]]
            if any(label not in {x for _, ls in group[0] for x in ls} for label in shared):
                return None
            sides.append(graph.contract(dims, rows))
        strict = True
        for known, members in groups:
            if known & set(ends):
                continue
            for child, labels in members:
                sign = self.ranges.of(child).sign
                if labels or moves(child) or sign not in (">", ">="):
                    return None
                strict = strict and sign == ">"
        if sides[0] != sides[1] or not moves(graph.node(sides[0])):
            return None
        if root is None:
            return Square(sides[0], strict)
        axes = range(len(shared) + 1)
        inside = [*axes[:-1], ("summed",)]
        whole = graph.contract(
            graph.dims[sides[0][1]], [(root, [len(shared), ("summed",)]), (sides[0], inside)]
        )
        return Square(whole, strict, sides[0])

    def _as_term(self, plan: Plan) -> Term:
        """A plan as a term of the graph."""
        graph = self.graph
        head = plan[0]
        if head == "node":
            return 1, plan[1]
        if head == "ones":
            return graph.ones((plan[1],))
        if head == "had":
            return graph.multiply(*map(self._as_term, plan[1:]))
        if head == "T":
            inner = self._as_term(plan[1])
            rows, columns = graph.dims[inner[1]]
            return graph.contract((columns, rows), [(inner, (1, 0))])
        if head == "diagonal":
            inner = self._as_term(plan[1])
            return graph.contract(graph.dims[inner[1]][:1], [(inner, (0, 0))])
        if head in ("sum", "dot", "inner"):
            parts = [self._as_term(part) for part in plan[1:]]
            labels = tuple(("summed", k) for k in range(len(graph.dims[parts[0][1]])))
            return graph.contract((), [(part, labels) for part in parts])
        left, right = self._as_term(plan[1]), self._as_term(plan[3])
        end: Dims = graph.dims[right[1]][1:]
        factors: list[Any] = [(left, (0, "between")), (right, ("between", *range(1, 1 + len(end))))]
        if plan[2] is not None:
            factors.append((self._as_term(plan[2]), ("between",)))
        return graph.contract((graph.dims[left[1]][0], *end), factors)

    def holds_one_of(self, changes: Iterable[int], place: int) -> bool:
        """Whether a number is a product of one of the nodes with something that does not share its summed labels."""
        node = self.graph.nodes[place]
        factors = node[1] if node[0] == "product" else ((place, ()),)
        for change in changes:
            inner = self.graph.nodes[change]
            if any(child == change for child, _ in factors):
                return True
            if inner[0] == "product" and len(inner[1]) <= MOST_MATCHED:
                axes = len(self.graph.dims[change])
                if self._matches(inner[1], factors, axes, {}, ()):
                    return True
        return False

    def _matches(
        self,
        wanted: Sequence[Factor],
        factors: Sequence[Factor],
        axes: int,
        names: dict[int, int],
        used: tuple[int, ...],
    ) -> bool:
        """Whether factors are found for those that are wanted, labels to labels, one after the other."""
        if not wanted:
            rest = {x for k, (_, labels) in enumerate(factors) if k not in used for x in labels}
            inside = {names[label] for label in names if label >= axes}
            return len(set(names.values())) == len(names) and not inside & rest
        (child, labels), *others = wanted
        for index, (found, own) in enumerate(factors):
            if found != child or index in used:
                continue
            known = dict(names)
            fits = all(known.setdefault(label, name) == name for label, name in zip(labels, own, strict=True))
            if fits and self._matches(others, factors, axes, known, (*used, index)):
                return True
        return False


def _plan_moves(plan: Plan, moves: Callable[[int], bool]) -> bool:
    if plan[0] == "node":
        return moves(plan[1])
    return any(_plan_moves(part, moves) for part in plan[1:] if isinstance(part, tuple))


def _shared(scalars: Sequence[Plan]) -> list[tuple[Plan, int]]:
    """The parts of a product of numbers, and how often each is a factor: of u^T (v * u) these are u twice and v."""
    found: list[tuple[Plan, int]] = []
    for plan, times in Counter(scalars).items():
        if plan[0] == "node" or times > 1:
            found.append((plan, times))
        else:
            found += Counter(
                part for side in plan[1:] for part in (side[1:] if side[0] == "had" else (side,))
            ).items()
    return found
