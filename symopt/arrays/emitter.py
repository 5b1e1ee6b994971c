"""The graph of tensors as NumPy source: products of matrices, not entries written out.

Whatever holds no variable is computed once, in the prelude, from the data; the rest in the body, at each point. Every
plan and every node gets one name. An axis along which an array is constant may have the length 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from string import ascii_letters
from typing import Any, Final, final

from sympy import Expr, NumberSymbol

from symopt.arrays.contracting import Plan, Reduction, reduce_product
from symopt.arrays.graph import Number, Tensors, Term

Thick = tuple[bool, ...]  # for each axis, whether the array has its full length there


@final
class Emitter:
    """Writes terms of one graph; `names` gives the names under which leaves are known, `varying` the variables."""

    def __init__(self, graph: Tensors, names: dict[Any, str], varying: frozenset[str]) -> None:
        self.graph = graph
        self.prelude: list[str] = []
        self.body: list[str] = []
        self._names = names
        self._varies = set(varying)
        self._known: dict[Hashable, str] = {}
        self._thick: dict[int, Thick] = {}

    def term(self, term: Term) -> str:
        """The name or number that holds a term; its axes may be thin."""
        coefficient, place = term
        if not coefficient:
            return "0.0"
        return self._scaled(coefficient, self._value(place))

    def full(self, term: Term) -> str:
        """The term with all of its axes at their full length."""
        dims = self.graph.dims[term[1]]
        if not dims:
            return self.term(term)
        if term[0] and all(self._thickness(term[1])):
            return self.term(term)
        return self._name(f"broadcast_to({self.term(term)}, {self._shape(dims)})", ("full", term))

    def _value(self, place: int) -> str:
        known = self._known.get(("node", place))
        if known is None:
            for inner in self.graph.reachable([place]):
                if ("node", inner) not in self._known and self._is_needed(inner, place):
                    self._known["node", inner] = self._node(inner)
            known = self._known["node", place]
        return known

    def _is_needed(self, inner: int, place: int) -> bool:
        """Ones and products of them need no array of their own."""
        return inner == place or self.graph.nodes[inner] != ("product", ())

    def _thickness(self, place: int) -> Thick:
        """Along which axes a node has its full length."""
        known = self._thick.get(place)
        if known is None:
            node, dims = self.graph.nodes[place], self.graph.dims[place]
            if node[0] == "product":
                used = {label for _, labels in node[1] for label in labels}
                known = tuple(axis in used for axis in range(len(dims)))
            elif node[0] in ("sum", "function"):
                parts = [child for child, _ in node[1]] if node[0] == "sum" else node[2:]
                rows = [self._thickness(part) for part in parts]
                known = tuple(map(any, zip(*rows, strict=True))) if dims else ()
            elif node[0] == "power":
                known = self._thickness(node[1])
            else:
                known = (True,) * len(dims)
            self._thick[place] = known
        return known

    def _name(self, expression: str, key: Hashable | None = None) -> str:
        """A name for an expression, which is computed once."""
        key = ("text", expression) if key is None else key
        known = self._known.get(key)
        if known is None:
            known = f"t{len(self.prelude) + len(self.body)}"
            if self._varies & set(words(expression)):
                self._varies.add(known)
                self.body.append(f"{known} = {expression}")
            else:
                self.prelude.append(f"{known} = {expression}")
            self._known[key] = known
        return known

    def _scaled(self, number: Number, value: str) -> str:
        if number == 1:
            return value
        if value == "1.0":
            return _float(number)
        return self._name(f"-{value}" if number == -1 else f"{_float(number)} * {value}")

    def _shape(self, dims: Sequence[Expr]) -> str:
        return "(" + "".join(f"{self._size(dim)}, " for dim in dims) + ")"

    def _size(self, dim: Expr) -> str:
        """The length of an axis as an integer."""
        if dim.is_Integer:
            return str(dim)
        return self._name(f"int({self.term(self.graph.size(dim))})")

    def _node(self, place: int) -> str:
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        head = node[0]
        if head == "leaf":
            if isinstance(node[1], NumberSymbol):
                return repr(float(node[1]))
            return self._names[node[1]]
        if head == "delta":
            return self._name(f"eye({self._size(dims[0])})")
        if head == "product":
            if not node[1]:
                return "1.0"
            return self._product(place)
        if head == "sum":
            return self._sum(place)
        if head == "power":
            return self._power(self._value(node[1]), node[2])
        if head == "function":
            if node[1] in ("sigmoid", "softplus"):
                return self._logistic(node[1], self._value(node[2]))
            arguments = [self._value(child) for child in node[2:]]
            return self._name(f"{_CODE.get(node[1], node[1])}({', '.join(arguments)})")
        child = self.full(graph.term(node[1]))
        if head == "log_sum_exp":
            return self._name(f"log_sum_exp({child}, {node[2]})")
        if head == "softmax":
            total = self._name(f"log_sum_exp({child}, {node[2]})")
            behind = len(dims) - node[2]
            spread = total if not node[2] else f"{total}[..., {', '.join(['None'] * behind)}]"
            return self._name(f"exp({child} - {spread})")
        return self._name(f"{head}({child})")

    def _sum(self, place: int) -> str:
        """A sum; 1 - sigmoid(u) is sigmoid(-u), which does not cancel."""
        graph = self.graph
        pairs, dims = dict(graph.nodes[place][1]), graph.dims[place]
        one = graph.ones(dims)[1]
        if pairs.get(one) == 1:
            for child, number in pairs.items():
                if number == -1 and graph.nodes[child][:2] == ("function", "sigmoid"):
                    del pairs[one], pairs[child]
                    opposite = self._logistic("opposite", self._value(graph.nodes[child][2]))
                    return self._added([opposite], pairs) if pairs else opposite
        return self._added([], pairs)

    def _logistic(self, name: str, u: str) -> str:
        """softplus(u), sigmoid(u) and sigmoid(-u) from e^-|u|, without overflow or cancellation."""
        small = self._name(f"exp(-abs({u}))")
        if name == "softplus":
            return self._name(f"maximum({u}, 0.0) + log1p({small})")
        large_share = self._name(f"1.0 / (1.0 + {small})")
        small_share = self._name(f"{small} * {large_share}")
        positive = self._name(f"{u} >= 0.0")
        shares = (large_share, small_share) if name == "sigmoid" else (small_share, large_share)
        return self._name(f"where({positive}, {shares[0]}, {shares[1]})")

    def _added(self, first: list[str], pairs: dict[int, Number]) -> str:
        text = " + ".join(first)
        # The largest arrays first, so that numbers are added to as few entries as possible.
        for child, number in sorted(pairs.items(), key=lambda pair: pair[1] < 0):
            value, size = self._value(child), _float(abs(number))
            body = value if abs(number) == 1 else size if value == "1.0" else f"{size} * {value}"
            sign = "-" if number < 0 else "+"
            text = f"{text} {sign} {body}" if text else body if sign == "+" else f"-{body}"
        return self._name(text)

    def _power(self, base: str, exponent: Number) -> str:
        if exponent == Fraction(1, 2):
            return self._name(f"sqrt({base})")
        if exponent == -1:
            return self._name(f"divide(1.0, {base})")
        if type(exponent) is int:
            return self._name(
                f"{base} ** {exponent}" if exponent > 0 else f"divide(1.0, {base} ** {-exponent})"
            )
        return self._name(f"root({base}, {_float(exponent)})")

    def _product(self, place: int) -> str:
        graph = self.graph
        dims = graph.dims[place]
        reduction = reduce_product(graph, dims, graph.nodes[place][1])
        if reduction.rest or len(reduction.edges) > 1 or len(dims) > 2:
            value = self._einsum(len(dims), reduction)
        else:
            value = self._small(len(dims), reduction)
        scalars = [self.plan(plan) for plan in reduction.scalars]
        for scalar in scalars:
            value = scalar if value == "1.0" else self._name(f"{scalar} * {value}")
        return value

    def _small(self, axes: int, reduction: Reduction) -> str:
        """A number, a vector, or a matrix with at most one edge."""
        weights = [reduction.weight(axis) for axis in range(axes)]
        if axes < 2:
            return self.plan(weights[0]) if axes and weights[0] else "1.0"
        row, column = (self.plan(weight) if weight else None for weight in weights)
        parts = [f"{row}[:, None]"] if row else []
        if reduction.edges:
            ((plan, start, _),) = reduction.edges
            matrix = self.plan(plan)
            parts.append(matrix if start == 0 else f"{matrix}.T")
        if column:
            parts.append(f"{column}[None, :]")
        if len(parts) == 1 and not row and not column:
            return parts[0]
        return self._name(" * ".join(parts)) if parts else "1.0"

    def _einsum(self, axes: int, reduction: Reduction) -> str:
        factors: list[tuple[Plan, tuple[int, ...]]] = [*reduction.rest]
        factors += [(plan, (label,)) for label, plans in reduction.weights.items() for plan in plans]
        factors += [(plan, edge) for plan, *edge in reduction.edges]  # type: ignore[misc]
        known, factors = self._distances(axes, factors)
        named = [*known, *((self.plan(plan), labels) for plan, labels in factors)]
        letters: dict[int, str] = {}
        for _, labels in named:
            for label in labels:
                letters.setdefault(label, ascii_letters[len(letters)])
        inputs = ",".join("".join(letters[label] for label in labels) for _, labels in named)
        kept = [axis for axis in range(axes) if axis in letters]
        output = "".join(letters[axis] for axis in kept)
        if inputs == output and len(kept) == axes:
            return named[0][0]
        arrays = ", ".join(array for array, _ in named)
        optimise = ", optimize=True" if len(named) > 2 else ""
        value = self._name(f"einsum('{inputs}->{output}', {arrays}{optimise})")
        if len(kept) == axes:
            return value
        spread = ", ".join(":" if axis in kept else "None" for axis in range(axes))
        return self._name(f"{value}[{spread}]")

    def _distances(
        self, axes: int, factors: list[tuple[Plan, tuple[int, ...]]]
    ) -> tuple[list[tuple[str, tuple[int, ...]]], list[tuple[Plan, tuple[int, ...]]]]:
        """sum_j (p_jn - q_jk)^2 as distances between rows, never as an array of differences; and the other factors."""
        for pair in factors:
            plan, labels = pair
            others = [factor for factor in factors if factor != pair]
            if plan[0] != "node" or len(set(labels)) != 3 or len(others) != len(factors) - 2:
                continue
            node = self.graph.nodes[plan[1]]
            if node[0] != "sum" or sorted(number for _, number in node[1]) != [-1, 1]:
                continue
            parts = [child for child, _ in node[1]]
            thick = [self._thickness(part) for part in parts]
            both = [axis for axis in range(3) if thick[0][axis] and thick[1][axis]]
            if len(both) != 1 or [sum(row) for row in thick] != [2, 2]:
                continue
            summed = labels[both[0]]
            if summed < axes or any(summed in other for _, other in others):
                continue
            left = tuple(label for label in labels if label != summed)
            arrays = ", ".join(self._value(part) for part in parts)
            return [(self._name(f"squared_distances({arrays}, {both[0]})"), left)], others
        return [], factors

    def plan(self, plan: Plan) -> str:
        """A plan of `contracting` as source; the arrays of nodes in it are full."""
        head = plan[0]
        if head == "node":
            return self.full((1, plan[1]))
        if head == "ones":
            return self._name(f"ones({self._size(plan[1])})")
        if head == "T":
            return f"{self.plan(plan[1])}.T"
        if head == "mul":
            return self._times(plan)
        if head == "had":
            return self._name(" * ".join(self.plan(part) for part in plan[1:]))
        if head == "diagonal":
            inner = plan[1]
            if inner[0] == "mul" and inner[2] is None:
                return self._name(f"einsum('ij,ji->i', {self.plan(inner[1])}, {self.plan(inner[3])})")
            return self._name(f"diagonal({self.plan(inner)})")
        if head == "sum":
            return self._name(f"{self.plan(plan[1])}.sum()")
        left, right = self.plan(plan[1]), self.plan(plan[2])
        if head == "dot":
            return self._name(f"{left} @ {right}")
        return self._name(f"einsum('ij,ij->', {left}, {right})")

    def _times(self, plan: Plan) -> str:
        _, left, weight, right = plan
        if right[0] == "ones":
            return self._name(f"{self.plan(left)}.sum(axis=1)")
        first = self.plan(left)
        if weight is not None:
            first = self._name(f"{first} * {self.plan(weight)}")
        return self._name(f"{first} @ {self.plan(right)}")


def _float(number: Any) -> str:
    return repr(float(number))


def words(expression: str) -> list[str]:
    """The names in a piece of source."""
    return "".join(c if c.isalnum() or c == "_" else " " for c in expression).split()


_CODE: Final = {
    "max": "maximum",
    "min": "minimum",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
    ">": "greater",
    ">=": "greater_equal",
    "<": "less",
    "<=": "less_equal",
    "==": "equal",
    "!=": "not_equal",
    "select": "where",
    "acot": "acot",
}
