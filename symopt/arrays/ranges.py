"""Intervals that hold every entry of an array, by interval arithmetic over the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from types import MappingProxyType
from typing import Any, Final, TypeAlias, final

from sympy import Symbol
from sympy.matrices import MatrixBase

from symopt.arrays.graph import Factor, Number, Tensors
from symopt.relation import REVERSED, Relation

End: TypeAlias = Any  # an exact number, or an infinity


@dataclass(frozen=True)
class Range:
    """low <= u <= high for every entry u; an end that is never reached is open."""

    low: End = -inf
    high: End = inf
    low_open: bool = False
    high_open: bool = False

    @property
    def sign(self) -> str | None:
        """`> 0`, `>= 0`, `< 0`, `<= 0`, or None."""
        if self.low > 0 or (self.low == 0 and self.low_open):
            return ">"
        if self.high < 0 or (self.high == 0 and self.high_open):
            return "<"
        return ">=" if self.low >= 0 else "<=" if self.high <= 0 else None


EVERYTHING: Final = Range()
EMPTY: Final[Mapping[Any, Range]] = MappingProxyType({})
_ZERO, _ONE = Fraction(0), Fraction(1)
_OF: Final = {
    "exp": Range(_ZERO, inf, low_open=True),
    "sigmoid": Range(_ZERO, _ONE, True, True),
    "softplus": Range(_ZERO, inf, low_open=True),
    "tanh": Range(-_ONE, _ONE, True, True),
    "sin": Range(-_ONE, _ONE),
    "cos": Range(-_ONE, _ONE),
    "cosh": Range(_ONE, inf),
    "sech": Range(_ZERO, _ONE, low_open=True),
    "erf": Range(-_ONE, _ONE, True, True),
    "Abs": Range(_ZERO, inf),
    "sign": Range(-_ONE, _ONE),
    "slope": Range(-_ONE, _ONE),
}


@final
class Ranges:
    """The ranges of the nodes of one graph."""

    def __init__(
        self, graph: Tensors, sizes: frozenset[Any] = frozenset(), given: Mapping[Any, Range] = EMPTY
    ) -> None:
        self.graph = graph
        self._sizes = sizes
        self._given = given
        self._known: dict[int, Range] = {}

    def of(self, place: int) -> Range:
        for inner in self.graph.reachable([place]):
            if inner not in self._known:
                self._known[inner] = self._range(inner)
        return self._known[place]

    def _range(self, place: int) -> Range:
        node = self.graph.nodes[place]
        head = node[0]
        if head == "leaf":
            own = Range(_ONE, inf) if node[1] in self._sizes else _of_leaf(node[1])
            return both(own, self._given.get(node[1], EVERYTHING))
        if head == "delta":
            return Range(_ZERO, _ONE)
        if head == "sum":
            found = Range(_ZERO, _ZERO)
            for child, number in node[1]:
                found = _plus(found, _scaled(self._known[child], number))
            return found
        if head == "product":
            return self._product(place)
        if head == "power":
            return _power(self._known[node[1]], node[2])
        if head == "function":
            if node[1] == "select":
                return _hull(self._known[node[3]], self._known[node[4]])
            if node[1] in ("max", "min"):
                left, right = self._known[node[2]], self._known[node[3]]
                if node[1] == "max":
                    return Range(max(left.low, right.low), max(left.high, right.high))
                return Range(min(left.low, right.low), min(left.high, right.high))
            return _OF.get(node[1], EVERYTHING)
        return Range(_ZERO, _ONE, low_open=True) if head == "softmax" else EVERYTHING

    def _product(self, place: int) -> Range:
        """The product of the factors, summed over labels that are no axes; squares are not negative."""
        node, dims = self.graph.nodes[place], self.graph.dims[place]
        found = Range(_ONE, _ONE)
        factors: Counter[Factor] = Counter(node[1])
        for (child, _), times in factors.items():
            part = self._known[child]
            found = _times(found, part if times == 1 else _power(part, times))
        if any(label >= len(dims) for _, labels in node[1] for label in labels):
            # A sum of at least one entry.
            low = found.low if found.low >= 0 else -inf
            high = found.high if found.high <= 0 else inf
            return Range(
                low, high, found.low_open and low == found.low, found.high_open and high == found.high
            )
        return found


def both(one: Range, other: Range) -> Range:
    """What lies in both ranges."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    low_open = (one.low_open and one.low == low) or (other.low_open and other.low == low)
    high_open = (one.high_open and one.high == high) or (other.high_open and other.high == high)
    return Range(low, high, low_open, high_open)


def range_of_relation(symbol: Symbol, relation: Relation) -> Range:
    """Where a relation confines a symbol: x - 1 >= 0 to [1, oo); everything for relations of other kinds.

    >>> x = Symbol("x", real=True)
    >>> range_of_relation(x, Relation(x - 1, ">"))
    Range(low=Fraction(1, 1), high=inf, low_open=True, high_open=False)
    """
    slope, end = relation.expression.coeff(symbol), relation.expression.subs(symbol, 0)
    if not (slope.is_Rational and end.is_Rational and slope != 0):
        return EVERYTHING
    if (relation.expression - slope * symbol - end) != 0:
        return EVERYTHING
    bound, op = Fraction(int(-end.p * slope.q), int(end.q * slope.p)), relation.op
    op = op if slope > 0 else REVERSED[op]
    if op in (">", ">="):
        return Range(bound, inf, low_open=op == ">")
    if op in ("<", "<="):
        return Range(-inf, bound, high_open=op == "<")
    return Range(bound, bound) if op == "==" else EVERYTHING


def _of_leaf(symbol: Any) -> Range:
    if isinstance(symbol, MatrixBase):
        entries = [Fraction(int(entry.p), int(entry.q)) for entry in symbol]
        return Range(min(entries), max(entries))
    if getattr(symbol, "is_MatrixExpr", False):
        return EVERYTHING
    if symbol.is_positive:
        return Range(_ONE if symbol.is_integer else _ZERO, inf, low_open=not symbol.is_integer)
    if symbol.is_nonnegative:
        return Range(_ZERO, inf)
    if symbol.is_negative:
        return Range(-inf, _ZERO, high_open=True)
    return Range(-inf, _ZERO) if symbol.is_nonpositive else EVERYTHING


def _plus(one: Range, other: Range) -> Range:
    return Range(
        one.low + other.low,
        one.high + other.high,
        one.low_open or other.low_open,
        one.high_open or other.high_open,
    )


def _scaled(of: Range, number: Number) -> Range:
    if number > 0:
        return Range(of.low * number, of.high * number, of.low_open, of.high_open)
    return Range(of.high * number, of.low * number, of.high_open, of.low_open)


def _hull(one: Range, other: Range) -> Range:
    return Range(min(one.low, other.low), max(one.high, other.high))


def _times(one: Range, other: Range) -> Range:
    """The product; ends keep their openness where signs are known."""
    if one.low >= 0 and other.low >= 0:
        high = _end(one.high, other.high)
        return Range(
            one.low * other.low,
            high,
            one.low_open or other.low_open if one.low * other.low else one.sign == other.sign == ">",
            one.high_open or other.high_open,
        )
    if one.high <= 0:
        return _scaled(_times(_scaled(one, -1), other), -1)
    if other.high <= 0:
        return _scaled(_times(one, _scaled(other, -1)), -1)
    ends = [_end(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return Range(min(ends), max(ends))


def _end(one: End, other: End) -> End:
    return _ZERO if not one or not other else one * other


def _power(of: Range, exponent: Number) -> Range:
    if type(exponent) is int and exponent > 0:
        if exponent % 2 == 0:
            size = max(abs(of.low), abs(of.high))
            least: End = _ZERO if of.low <= 0 <= of.high else min(abs(of.low), abs(of.high))
            never = of.sign in ("<", ">")
            top = inf if size == inf else size**exponent
            open_top = of.high_open and of.low_open
            return Range(_ZERO if least == inf else least**exponent, top, never and not least, open_top)
        return Range(
            -inf if of.low == -inf else of.low**exponent,
            inf if of.high == inf else of.high**exponent,
            of.low_open,
            of.high_open,
        )
    # Where it has a value, a power that is not whole is not negative.
    if of.sign == ">":
        return Range(_ZERO, inf, low_open=True)
    if type(exponent) is int and exponent % 2:
        return EVERYTHING
    return Range(_ZERO, inf, low_open=exponent < 0)
