"""A sum while rules against cancellation rewrite it: each term is looked at once, in time linear in their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Final, TypeAlias, final

from symopt.calculus.graph import Graph, Number, Term, simplest

HALF: Final = Fraction(1, 2)
# sqrt(u) and log(u) have second forms; a difference may be of one form and the other.
FAMILIES: Final = {
    "root": "root",
    "hypot": "root",
    "log": "log",
    "log1p": "log",
    "log_abs": "log",
    "reciprocal": "reciprocal",
}
# Pairs of terms are looked at in sums of at most so many.
SHORT: Final = 8
# Functions of which differences at close arguments are looked for.
CLOSE: Final = frozenset({"log", "log1p", "log_abs", "log_hypot", "root", "hypot"})
# The squares of these differ from 1 by a square.
SQUARED: Final = frozenset({"tanh", "cosh", "cos", "sin"})
# The terms that go, and those that come in their place.
Replacement: TypeAlias = tuple[list[Term], list[Term]]


@final
class Sum:
    """The terms of a sum, like terms collected."""

    def __init__(self, graph: Graph, terms: Iterable[Term]) -> None:
        self.graph = graph
        self.terms: dict[int, Number] = {}
        for term in terms:
            self._include(term)

    def _include(self, term: Term) -> None:
        coefficient, place = term
        total = simplest(self.terms[place] + coefficient if place in self.terms else coefficient)
        if type(total) is not int or total:
            self.terms[place] = total
        else:
            self.terms.pop(place, None)

    @property
    def number(self) -> Number:
        return self.terms.get(0, 0)

    @property
    def is_short(self) -> bool:
        """Whether each pair of terms can be looked at."""
        return len(self.terms) <= SHORT

    @cached_property
    def squared(self) -> frozenset[int]:
        """The nodes whose squares were there."""
        nodes = (self.graph.nodes[place] for place in self.terms)
        return frozenset(node[1] for node in nodes if node[0] == "power" and node[2] == 2)

    def has(self, terms: Iterable[Term]) -> bool:
        """Whether the terms are there; a number is not looked for."""
        own = self.terms
        return all(own.get(place) == coefficient for coefficient, place in terms if place)

    def partner(self, place: int) -> tuple[int, Term] | None:
        """A term c g(B) beside -c g(A) where g is a root or a logarithm and A - B a number: its node, and A - B."""
        family, coefficient = FAMILIES[kind(self.graph, place)], self.terms[place]
        opposite = (family, -coefficient.numerator, coefficient.denominator)
        if opposite not in self._families:
            return None
        core, number = self._inside(place)
        for other in self._families[opposite].get(core, ()):
            if other in self.terms:
                return other, (simplest(number - self._inside(other)[1]), 0)
        return None

    def close_partner(self, place: int) -> tuple[int, Number, Term, Term] | None:
        """The node of -c g(B) beside c g(A), c, A - B and B, where A and B have terms in common, which A - B has not."""
        graph = self.graph
        if not self.is_short:
            return None
        for power, coefficient, a in self.readings(place):
            for other in self._kin:
                for more_power, more, b in self.readings(other) if other in self.terms else ():
                    if other == place or more != -coefficient or (power > 1 and more_power > 1):
                        continue
                    above, below = linear(graph, a), linear(graph, b)
                    gap = graph.add([*above, *[(-scale, part) for scale, part in below]])
                    if gap[0] and len(linear(graph, gap)) < len(above) + len(below):
                        return other, coefficient, gap, b
        return None

    @cached_property
    def _kin(self) -> list[int]:
        """The logarithms and the roots, where each pair can be looked at."""
        return [place for place in self.terms if kind(self.graph, place) in CLOSE] if self.is_short else []

    def readings(self, place: int) -> Iterator[tuple[int, Number, Term]]:
        """c log|u| is c/2 log u^2 as well, and c log_hypot is c/2 log of the sum of squares."""
        graph, coefficient = self.graph, self.terms[place]
        name = kind(graph, place)
        if name == "log_hypot":
            squares = graph.add([graph.power(graph.term(side), 2) for side in graph.nodes[place][1:]])
            yield 1, simplest(HALF * coefficient), squares
            return
        inside = argument(graph, place)
        if name != "log_abs":
            yield 1, coefficient, inside
        if FAMILIES[name] == "log":
            yield 2, simplest(HALF * coefficient), graph.power(inside, 2)

    @cached_property
    def _families(self) -> dict[tuple[str, int, int], dict[Term, list[int]]]:
        """The roots and logarithms by their coefficients and what stands in them, numbers left out."""
        found: dict[tuple[str, int, int], list[int]] = {}
        for place, coefficient in self.terms.items():
            family = FAMILIES.get(kind(self.graph, place))
            if family is not None:
                found.setdefault((family, coefficient.numerator, coefficient.denominator), []).append(place)
        sorted_out: dict[tuple[str, int, int], dict[Term, list[int]]] = {}
        for key, places in found.items():
            if (key[0], -key[1], key[2]) in found:
                row = sorted_out.setdefault(key, {})
                for place in places:
                    row.setdefault(self._inside(place)[0], []).append(place)
        return sorted_out

    def _inside(self, place: int) -> tuple[Term, Number]:
        """What a root or a logarithm is of, without its number, and the number."""
        terms = linear(self.graph, argument(self.graph, place))
        number = sum((coefficient for coefficient, child in terms if child == 0), start=0)
        return self.graph.add([term for term in terms if term[1]]), number

    def replace(self, found: Replacement, *, share: bool = False) -> bool:
        """Put in what a rule has found. The number is taken as a whole, or a share of it where `share` says so."""
        taken, given = found
        number = asked(found)
        if not self.has(taken) or not (share or number in (0, self.number)):
            return False
        for coefficient, place in taken:
            self._include((-coefficient, place))
        for term in given:
            self._include(term)
        return True


Rule: TypeAlias = Callable[[Sum, int], Replacement | None]
Rules: TypeAlias = Mapping[str, Rule]


def rewritten(graph: Graph, terms: Iterable[Term], passes: Sequence[Rules]) -> Term | None:
    """The sum with the replacements that the rules find; None where they find none.

    A pass looks at all the terms before the next one; what comes in is looked at again. The number of a sum is taken as
    a whole, or shared out where all those who ask for it together ask for all of it: the sum of e^(x_i), less n.
    """
    terms = list(terms)
    if not any(kind(graph, place) in rules for _, place in terms for rules in passes):
        return None
    total = Sum(graph, terms)
    new = [place for place in total.terms if _has_rule(graph, place, passes)]
    changed = False
    while new and len(total.terms) > 1:
        arrived: list[int] = []
        for rules in passes:
            asking: list[Replacement] = []
            for found in _proposals(total, new, rules):
                if total.replace(found):
                    arrived += [place for _, place in found[1]]
                elif asked(found):
                    asking.append(found)
            if len(asking) > 1 and sum(map(asked, asking)) == total.number:
                for found in asking:
                    if total.replace(found, share=True):
                        arrived += [place for _, place in found[1]]
        changed = changed or bool(arrived)
        new = [place for place in arrived if _has_rule(graph, place, passes)]
    return graph.add((coefficient, place) for place, coefficient in total.terms.items()) if changed else None


def _proposals(total: Sum, places: Iterable[int], rules: Rules) -> Iterator[Replacement]:
    for place in places:
        rule = rules.get(kind(total.graph, place))
        found = rule(total, place) if rule is not None and place in total.terms else None
        if found is not None:
            yield found


def _has_rule(graph: Graph, place: int, passes: Sequence[Rules]) -> bool:
    name = kind(graph, place)
    return any(name in rules for rules in passes)


def asked(found: Replacement) -> Number:
    """The number that a replacement takes."""
    return sum((coefficient for coefficient, place in found[0] if place == 0), start=0)


def kind(graph: Graph, place: int) -> str:
    """The function that a node is of.

    A square root is a "root", u^-1 a "reciprocal", the square of a circular or hyperbolic
    function a "square", (1 + u)^k a "power of 1 +", be it of a root of 1 + u, a product with a logarithm an "entropy".
    """
    nodes = graph.nodes
    node = nodes[place]
    head: str = node[0]
    if head == "product":
        return "entropy" if nodes[node[1]][0] == "log" or nodes[node[2]][0] == "log" else head
    return kind_of_power(graph, node[1], node[2]) if head == "power" else head


def kind_of_power(graph: Graph, place: int, exponent: Number) -> str:
    """The kind of a power of a node, be it in the graph or not."""
    if exponent == 1:
        return kind(graph, place)
    if exponent == -1:
        return "reciprocal"
    if type(exponent) is not int and exponent == HALF:
        return "root"
    base = graph.nodes[place]
    if exponent == 2 and base[0] in SQUARED:
        return "square"
    more_than_one = (base[0] == "sum" and base[1][0] == (0, 1)) or (base[0] == "hypot" and 0 in base[1:])
    return "power of 1 +" if more_than_one else "power"


def argument(graph: Graph, place: int) -> Term:
    """What a square root or a logarithm is of."""
    node = graph.nodes[place]
    if node[0] == "hypot":
        return graph.add([graph.power(graph.term(side), 2) for side in node[1:]])
    inside = graph.term(node[1])
    return graph.add([inside, (1, 0)]) if node[0] == "log1p" else inside


def linear(graph: Graph, term: Term) -> list[Term]:
    """The terms of a sum, its coefficient multiplied in."""
    coefficient, place = term
    node = graph.nodes[place]
    if node[0] != "sum":
        return [term]
    if type(coefficient) is int and coefficient == 1:
        return [(inner, child) for child, inner in node[1]]
    return [(simplest(coefficient * inner), child) for child, inner in node[1]]
