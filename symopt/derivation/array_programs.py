"""Losses over data as claims speak of them: an array for each line of a program, as sums of products with indices.

A line is `(node, dims)`. Lines are named by their place, and hold earlier ones:

    ("leaf", array)                        an array of data or of variables
    ("delta",)                             the identity matrix
    ("product", ((place, labels), ...))    the sum over all labels that are no axes of the product
    ("sum", ((place, number), ...))        arrays of the same axes
    ("power", place, exponent), ("function", name, place, ...), ("log_sum_exp", place, keep), ("inverse", place), ..

So the program of X w is X, w and the product of X with the labels 0, 1 and w with the label 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, TypeAlias, final

import sympy
from sympy import Expr, NumberSymbol, Piecewise, Rational, S, Symbol
from sympy.matrices import MatrixBase

from symopt.derivation.checking import Rejected, require
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

Line: TypeAlias = tuple[tuple[Any, ...], tuple[Expr, ...]]
Factor: TypeAlias = tuple[int, tuple[int, ...]]
Monomial: TypeAlias = tuple[tuple[Factor, ...], Any]

MOST_MONOMIALS: Final = 200
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **{
        name: getattr(sympy, name)
        for name in ("exp", "log", "Abs", "sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
    **{name: getattr(sympy, name) for name in ("atan", "asinh", "erf", "sign")},
    "max": sympy.Max,
    "min": sympy.Min,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
    "select": lambda condition, yes, no: Piecewise((yes, condition), (no, True)),
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "and": sympy.And,
    "or": sympy.Or,
}


def entry_symbol(leaf: Any) -> Symbol:
    """What stands for a number, or for every entry of an array, in relations and in functions of them.

    >>> entry_symbol(Symbol("lam", positive=True)) == Symbol("lam", real=True)
    True
    """
    return Symbol(str(leaf), real=True)


@final
class ArrayProgram:
    """A program whose lines have been looked at: each holds earlier ones only, and labels that fit their axes."""

    def __init__(
        self, lines: tuple[Line, ...], variables: tuple[Any, ...], facts: tuple[Relation, ...]
    ) -> None:
        self.lines, self.variables, self.facts = lines, variables, facts
        names = [str(node[1]) for node, _ in lines if node[0] == "leaf"]
        require(len(set(names)) == len(names), "two arrays of one name")
        require(bool(variables) and len(set(variables)) == len(variables), "a variable is listed twice")
        taken = {symbol for fact in facts for symbol in fact.symbols}
        require(not taken & set(map(entry_symbol, variables)), "a fact about a variable")
        for place, (node, dims) in enumerate(lines):
            require(all(inner < place for inner in self.parts(node)), "a line that holds a later one")
            self._require_fitting(node, dims)

    def _require_fitting(self, node: tuple[Any, ...], dims: tuple[Expr, ...]) -> None:
        head = node[0]
        if head == "product":
            sizes: dict[int, Expr] = dict(enumerate(dims))
            for place, labels in node[1]:
                require(len(labels) == self.rank(place), "a label for each axis")
                for label, size in zip(labels, self.lines[place][1], strict=True):
                    require(sizes.setdefault(label, size) == size, "axes of different sizes joined")
        elif head in ("sum", "function", "power"):
            require(all(self.lines[inner][1] == dims for inner in self.parts(node)), "arrays of other axes")
        elif head == "log_sum_exp":
            require(self.lines[node[1]][1][: node[2]] == dims and node[2] < self.rank(node[1]), "other axes")

    @staticmethod
    def parts(node: tuple[Any, ...]) -> tuple[int, ...]:
        """The lines that a node holds."""
        if node[0] in ("product", "sum"):
            return tuple(place for place, _ in node[1])
        if node[0] == "function":
            return node[2:]
        return () if node[0] in ("leaf", "delta") else (node[1],)

    def node(self, place: int) -> tuple[Any, ...]:
        return self.lines[place][0]

    def rank(self, place: int) -> int:
        return len(self.lines[place][1])

    @cached_property
    def _varying(self) -> tuple[bool, ...]:
        found: list[bool] = []
        for node, _ in self.lines:
            own = node[0] == "leaf" and node[1] in self.variables
            found.append(own or any(found[inner] for inner in self.parts(node)))
        return tuple(found)

    def varies(self, place: int) -> bool:
        """Whether a line holds a variable."""
        return self._varying[place]

    # signs of what does not vary

    def has_sign(self, place: int, op: str) -> bool:
        """Whether every entry of a line without variables is known to be `op` 0."""
        node = self.node(place)
        if node[0] == "product" and (summed := self._is_summed(place)):
            require(summed and not self.varies(place), "the sign of what varies")
            counted = Counter(node[1])
            strict = op == ">" and all(self.has_sign(inner, ">") for (inner, _) in counted)
            weak = op == ">=" and all(
                times % 2 == 0 or self.has_sign(inner, ">=") for (inner, _), times in counted.items()
            )
            return strict or weak
        if node[0] == "delta":
            return op == ">="
        try:
            tree = self.expression(place, {})
        except Rejected:
            return False
        return signs_of_tree(tree, self.facts) <= SIGNS_OF[op]

    def _is_summed(self, place: int) -> bool:
        rank = self.rank(place)
        return any(label >= rank for _, labels in self.node(place)[1] for label in labels)

    def expression(self, place: int, known: Mapping[int, Expr]) -> Any:
        """What an entry of a line is, in entries of arrays and in `known` lines; Rejected where entries are mixed."""
        if place in known:
            return known[place]
        node = self.node(place)
        head = node[0]
        if head == "leaf":
            require(node[1] not in self.variables, "a variable in a place of its own")
            require(not isinstance(node[1], MatrixBase), "a matrix of numbers")
            return node[1] if isinstance(node[1], NumberSymbol) else entry_symbol(node[1])
        if head == "sum":
            return sympy.Add(*(_rational(c) * self.expression(inner, known) for inner, c in node[1]))
        if head == "product":
            whole = tuple(range(self.rank(place)))
            require(all(labels in (whole, ()) for _, labels in node[1]), "entries of other places")
            return sympy.Mul(*(self.expression(inner, known) for inner, _ in node[1]))
        if head == "power":
            return self.expression(node[1], known) ** _rational(node[2])
        if head == "function" and node[1] in _FUNCTIONS:
            return _FUNCTIONS[node[1]](*(self.expression(inner, known) for inner in node[2:]))
        raise Rejected(f"{head} is no function of entries")

    def function_of_entries(self, place: int, base: int, symbol: Symbol) -> tuple[Any, dict[int, int]]:
        """phi, where a line is phi(u) for the entries u of another, or sum w phi(u); and how often each w is a factor."""
        node = self.node(place)
        moving = [factor for factor in node[1] if self.varies(factor[0])] if node[0] == "product" else []
        labels = {own for _, own in moving}
        if labels and labels != {tuple(range(self.rank(place)))}:
            require(len(labels) == 1, "functions of different entries")
            (own,) = labels
            require(len(set(own)) == len(own) == self.rank(base), "a diagonal")
            weights = {p: times for (p, _), times in Counter(node[1]).items() if not self.varies(p)}
            return sympy.Mul(*(self.expression(p, {base: symbol}) for p, _ in moving)), weights
        require(self.rank(base) == self.rank(place), "entries of other places")
        return self.expression(place, {base: symbol}), {}

    # linear parts

    def linear_part(self, place: int) -> dict[Any, tuple[Monomial, ...]]:
        """The linear part of a line that is affine in the variables: a matrix for each of them.

        Its labels are the axes of the line, then those of the variable. Rejected where the form is not affine.
        """
        rank = self.rank(place)
        sums: dict[Any, dict[tuple[Factor, ...], Any]] = {}
        for factors, variable, labels, number in self._linear(place, tuple(range(rank)), [1000]):
            table, links = self._as_axes(labels, rank)
            named = [(inner, tuple(table.get(x, x) for x in own)) for inner, own in factors]
            key = self._canonical((*named, *links), rank + len(labels))
            own = sums.setdefault(variable, {})
            own[key] = own.get(key, 0) + number
        return {
            v: tuple(sorted(((k, c) for k, c in own.items() if c), key=str))
            for v, own in sums.items()
            if any(own.values())
        }

    def constant_part(self, place: int) -> tuple[Monomial, ...]:
        """A line without variables, opened in the same form."""
        sums: dict[tuple[Factor, ...], Any] = {}
        rank = self.rank(place)
        for factors, number in self._opened(place, tuple(range(rank)), [1000]):
            key = self._canonical(factors, rank)
            sums[key] = sums.get(key, 0) + number
        return tuple(sorted(((k, c) for k, c in sums.items() if c), key=str))

    def _linear(self, place: int, labels: tuple[int, ...], fresh: list[int]) -> list[Any]:
        if not self.varies(place):
            return []
        node = self.node(place)
        if node[0] == "leaf":
            return [((), node[1], labels, Fraction(1))]
        found: list[Any] = []
        if node[0] == "sum":
            for inner, number in node[1]:
                found += [(*rest, number * c) for *rest, c in self._linear(inner, labels, fresh)]
        elif node[0] == "product":
            moving = [factor for factor in node[1] if self.varies(factor[0])]
            require(len(moving) == 1, "a product of two variables is not affine")
            table = self._relabelled(node[1], labels, fresh)
            others: list[Any] = [((), Fraction(1))]
            for inner, own in node[1]:
                if not self.varies(inner):
                    opened = self._opened(inner, tuple(table[x] for x in own), fresh)
                    others = [((*f, *g), a * b) for f, a in others for g, b in opened]
                    require(len(others) <= MOST_MONOMIALS, "too many products")
            ((inner, own),) = moving
            for factors, variable, at, number in self._linear(inner, tuple(table[x] for x in own), fresh):
                found += [((*rest, *factors), variable, at, number * c) for rest, c in others]
        else:
            raise Rejected(f"{node[0]} is not affine")
        require(len(found) <= MOST_MONOMIALS, "too many products")
        return found

    def _opened(self, place: int, labels: tuple[int, ...], fresh: list[int]) -> list[Any]:
        node = self.node(place)
        if node[0] == "sum":
            return [(f, c * b) for inner, c in node[1] for f, b in self._opened(inner, labels, fresh)]
        if node[0] != "product":
            return [(((place, labels),), Fraction(1))]
        table = self._relabelled(node[1], labels, fresh)
        found: list[Any] = [((), Fraction(1))]
        for inner, own in node[1]:
            opened = self._opened(inner, tuple(table[x] for x in own), fresh)
            found = [((*f, *g), a * b) for f, a in found for g, b in opened]
            require(len(found) <= MOST_MONOMIALS, "too many products")
        return found

    def _relabelled(self, factors: Any, labels: tuple[int, ...], fresh: list[int]) -> dict[int, int]:
        """The axes called `labels`, and a new name for every label that is summed over."""
        table = dict(enumerate(labels))
        for _, own in factors:
            for label in own:
                if label not in table:
                    fresh[0] += 1
                    table[label] = fresh[0]
        return table

    def _as_axes(self, labels: tuple[int, ...], rank: int) -> tuple[dict[int, int], list[Factor]]:
        """The labels of a variable as axes behind those of the line; an identity where they are axes of it already."""
        table: dict[int, int] = {}
        links: list[Factor] = []
        for axis, label in enumerate(labels):
            if label < rank or label in table:
                links.append((IDENTITY, (table.get(label, label), rank + axis)))
            else:
                table[label] = rank + axis
        return table, links

    def _canonical(self, factors: Any, rank: int) -> tuple[Factor, ...]:
        """The factors in an order, with identities as such; the labels summed over named as they come."""
        named = [(IDENTITY if p != IDENTITY and self.node(p) == ("delta",) else p, own) for p, own in factors]
        named = [(p, tuple(sorted(own)) if p == IDENTITY else own) for p, own in named]
        order = sorted(named, key=lambda f: (f[0], tuple(x if x < rank else rank for x in f[1]), f[1]))
        table: dict[int, int] = {}
        return tuple(
            (p, tuple(x if x < rank else table.setdefault(x, rank + len(table)) for x in own))
            for p, own in order
        )


IDENTITY: Final = -1
"""The place of the identity matrix, whether a line of the program or not."""


def _rational(number: Any) -> Expr:
    require(isinstance(number, int | Fraction), "a number that is not exact")
    return Rational(number.numerator, number.denominator) if number else S.Zero
