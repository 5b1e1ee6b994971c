"""The expression graph: every distinct subexpression once, exact numbers kept as coefficients.

A node is a small tuple in one list, its place in the list is its name, and children come before parents:

    ("one",)                        the number 1, always node 0
    ("symbol", Symbol), ("constant", pi), ("undefined",)
    ("sum", ((node, coefficient), ...))         sorted by node; a number c is the pair (0, c)
    ("product", a, b)               a <= b
    ("power", base, exponent)       exponent an exact number
    ("pow", base, exponent)         exponent a node
    ("stable", value, same)         a value with the derivatives of a node that differs by a constant
    (function, argument, ...)       "sin", "max", "select", "<", "and", ... (see atoms.py)

A *term* `(coefficient, node)` stands for their product. All arithmetic is done on terms, so that numbers
never become nodes of their own unless a function is applied to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias, final

from sympy import Symbol

from symopt.errors import InputError

Number: TypeAlias = int | Fraction
Term: TypeAlias = tuple[Number, int]
Node: TypeAlias = tuple[Any, ...]

ZERO: Final[Term] = (0, 0)
ONE: Final[Term] = (1, 0)
LARGEST_EXPONENT: Final = 100_000
LEAVES: Final = frozenset({"one", "symbol", "constant", "undefined", "true", "false"})


def children(node: Node) -> tuple[int, ...]:
    """The nodes a node is made of."""
    head = node[0]
    if head == "sum":
        return tuple(child for child, _ in node[1])
    if head == "power":
        return (node[1],)
    return () if head in LEAVES else node[1:]


@final
class Graph:
    """A hash-consed expression graph; one is made for each question and thrown away with it.

    Its `variables` are nodes 1 to n, in order; every other symbol is a parameter.
    """

    def __init__(self, variables: Sequence[Symbol]) -> None:
        self.variables = tuple(variables)
        self.nodes: list[Node] = []
        self._index: dict[Node, int] = {}
        self._sums: dict[tuple[tuple[int, int, int], ...], int] = {}
        self.known: dict[Any, Any] = {}  # what has been read off nodes, which never change
        self.intern(("one",))
        for variable in self.variables:
            self.symbol(variable)

    def intern(self, node: Node) -> int:
        """The place of a node, which is added when it is new."""
        place = self._index.get(node)
        if place is None:
            place = len(self.nodes)
            self.nodes.append(node)
            self._index[node] = place
        return place

    def find(self, node: Node) -> int | None:
        """The place of a node; None where it is not there."""
        return self._index.get(node)

    def symbol(self, symbol: Symbol) -> Term:
        return 1, self.intern(("symbol", symbol))

    def apply(self, function: str, *arguments: Term) -> Term:
        """A function of terms; nothing is evaluated."""
        return 1, self.intern((function, *[self.node(argument) for argument in arguments]))

    def node(self, term: Term) -> int:
        """The node whose value is the term."""
        coefficient, place = term
        return place if coefficient == 1 else self._sum(((place, simplest(coefficient)),))

    def term(self, place: int) -> Term:
        """The term whose value is the node: the inverse of `node`."""
        node = self.nodes[place]
        if node[0] == "sum" and len(node[1]) == 1:
            return node[1][0][1], node[1][0][0]
        return 1, place

    def add(self, terms: Iterable[Term]) -> Term:
        """The sum: like terms collected, a factor common to all coefficients taken out."""
        collected: dict[int, Number] = {}
        for coefficient, place in terms:
            if place in collected:
                collected[place] += coefficient
            else:
                collected[place] = coefficient
        pairs = []
        for place, number in collected.items():
            if type(number) is not int:
                number = simplest(number)
            if type(number) is not int or number:  # a fraction in lowest terms is not 0
                pairs.append((place, number))
        if len(pairs) < 2:
            return (pairs[0][1], pairs[0][0]) if pairs else ZERO
        pairs.sort()
        scale = pairs[-1][1]
        opposite = -scale
        for _, number in pairs:
            if type(number) is not type(scale) or (number != scale and number != opposite):
                break
        else:
            if scale != 1:
                pairs = [(place, 1 if number == scale else -1) for place, number in pairs]
            return scale, self._sum(pairs)
        if scale < 0:
            return -1, self._sum([(place, -number) for place, number in pairs])
        return 1, self._sum(pairs)

    def _sum(self, pairs: Sequence[tuple[int, Number]]) -> int:
        """The place of a sum. Fractions are slow to hash, so that their parts stand in for them."""
        for _, number in pairs:
            if type(number) is not int:
                break
        else:
            return self.intern(("sum", tuple(pairs)))
        key = tuple([(place, number.numerator, number.denominator) for place, number in pairs])
        place = self._sums.get(key)
        if place is None:
            place = self._sums[key] = len(self.nodes)
            self.nodes.append(("sum", tuple(pairs)))
        return place

    def multiply(self, left: Term, right: Term) -> Term:
        """The product; powers of one base are joined when their exponents are integers, and no pole is lost."""
        coefficient, first = left
        factor, second = right
        # Most coefficients are the int 1, and fractions are slow: look before multiplying.
        if type(coefficient) is int and coefficient == 1:
            coefficient = factor
        elif type(factor) is not int or factor != 1:
            coefficient = coefficient * factor
        if not coefficient:
            return ZERO
        if first == 0:
            return coefficient, second
        if second == 0:
            return coefficient, first
        nodes = self.nodes
        a, b = nodes[first], nodes[second]
        if first == second or a[0] == "power" or b[0] == "power":
            base, exponent = (a[1], a[2]) if a[0] == "power" else (first, 1)
            other, more = (b[1], b[2]) if b[0] == "power" else (second, 1)
            # x^2 x^-1 is not x at 0, but x x^-2 is x^-1 everywhere.
            joined = base == other and _whole(exponent) and _whole(more)
            if joined and (exponent * more > 0 or exponent + more < 0):
                return coefficient, self.intern(("power", base, exponent + more))
            for factor, inverse, times in ((first, other, more), (second, base, exponent)):
                # x (x^-1)^2 as well, in which the square of the reciprocal was not written as x^-2.
                if times > 1 and nodes[inverse] == ("power", factor, -1):
                    return coefficient, inverse if times == 2 else self.intern(("power", inverse, times - 1))
            if first == second:
                return coefficient, self.intern(("power", first, 2))
        key = ("product", first, second) if first < second else ("product", second, first)
        place = self._index.get(key)
        return coefficient, self.intern(key) if place is None else place

    def power(self, base: Term, exponent: Number) -> Term:
        """The power with an exact number as exponent; 0 to a negative power is undefined."""
        coefficient, place = base
        if exponent == 1:
            return base
        if exponent == 0:
            return ONE
        if not coefficient:
            return ZERO if exponent > 0 else self.undefined()
        if not _whole(exponent):
            if coefficient == 1 and place == 0:
                return ONE
            return 1, self.intern(("power", self.node(base), exponent))
        whole = int(exponent)
        if abs(whole) > LARGEST_EXPONENT and abs(coefficient) != 1:
            raise InputError(f"the power {coefficient}**{whole} is too large to be written out")
        scale = coefficient**whole if whole > 0 else simplest(Fraction(1, coefficient**-whole))
        if place == 0:
            return scale, 0
        node = self.nodes[place]
        if node[0] == "power" and _whole(node[2]) and node[2] * whole > 0 and whole > 0:
            return scale, self.intern(("power", node[1], node[2] * whole))
        return scale, self.intern(("power", place, whole))

    def select(self, condition: Term, yes: Term, no: Term) -> Term:
        """`yes` where the condition holds, `no` elsewhere."""
        head = self.nodes[condition[1]][0]
        if yes == no or head == "true":
            return yes
        return no if head == "false" else self.apply("select", condition, yes, no)

    def undefined(self) -> Term:
        return 1, self.intern(("undefined",))

    def reachable(self, roots: Iterable[int]) -> list[int]:
        """Every node the roots are made of, children before parents."""
        nodes, found = self.nodes, []
        wanted = bytearray(len(nodes))
        for root in roots:
            wanted[root] = 1
        place = wanted.rfind(1)
        while place >= 0:
            found.append(place)
            node = nodes[place]
            head = node[0]
            if head == "sum":
                for child, _ in node[1]:
                    wanted[child] = 1
            elif head == "product":
                wanted[node[1]] = wanted[node[2]] = 1
            elif head == "power":
                wanted[node[1]] = 1
            elif head not in LEAVES:
                for child in node[1:]:
                    wanted[child] = 1
            place = wanted.rfind(1, 0, place)
        found.reverse()
        return found


def simplest(number: Number) -> Number:
    """The number as an int when it is one: integers are many times faster than fractions."""
    return number if type(number) is int or number.denominator != 1 else number.numerator


def _whole(number: Number) -> bool:
    return type(number) is int or number.denominator == 1
