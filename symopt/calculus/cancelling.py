"""Sums whose terms cancel, written so that they do not: Taylor remainders, differences of norms, roots and logarithms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from symopt.calculus.graph import ONE, Graph, Number, Term, simplest
from symopt.calculus.remainders import REMAINDERS

Rule = Callable[[Graph, list[Term], int], list[Term] | None]


def without_cancellation(graph: Graph, terms: list[Term]) -> list[Term] | None:
    """Terms with the same sum, some of them replaced by one that is accurate; None where no rule applies."""
    if len(terms) < 2:
        return None
    for index, (coefficient, place) in enumerate(terms):
        rule = RULES.get(_kind(graph, place))
        found = rule(graph, terms, index) if rule is not None and coefficient else None
        if found is not None:
            return found
    return None


def may_cancel(graph: Graph, place: int) -> bool:
    """Whether a node is a sum to which a rule may apply, seen from what stands in it: most are not."""
    node = graph.nodes[place]
    if node[0] != "sum" or len(node[1]) < 2:
        return False
    beside = dict(node[1])
    return any(_may_apply(graph, child, coefficient, beside) for child, coefficient in node[1])


def _may_apply(graph: Graph, place: int, coefficient: Number, beside: dict[int, Number]) -> bool:
    kind = _kind(graph, place)
    if kind not in RULES:
        return False
    if kind in ALIKE:
        kinds = (kind, *ALIKE[kind])
        opposite = (other for other, scale in beside.items() if scale == -coefficient)
        if any(_kind(graph, other) in kinds for other in opposite):
            return True
    if kind == "root":
        return False
    arguments = graph.nodes[place][1:]
    if kind in ("cos", "cosh", "log_hypot"):
        bases = {graph.term(argument)[1] for argument in arguments}
        powers = (graph.nodes[other] for other in beside)
        return any(node[0] == "power" and node[1] in bases and node[2] == 2 for node in powers)
    needed = {child for argument in arguments for _, child in linear(graph, (1, argument))}
    return needed - {0} <= beside.keys()


def _kind(graph: Graph, place: int) -> str:
    node = graph.nodes[place]
    return "root" if node[0] == "power" and node[2] == Fraction(1, 2) else str(node[0])


def linear(graph: Graph, term: Term) -> list[Term]:
    """The terms of a sum, its coefficient multiplied in."""
    coefficient, place = term
    node = graph.nodes[place]
    if node[0] != "sum":
        return [term]
    return [(simplest(coefficient * inner), child) for child, inner in node[1]]


def _rest(terms: Sequence[Term], taken: Sequence[Term]) -> list[Term] | None:
    """The terms without those, each of which must be there with its coefficient."""
    left = list(terms)
    for term in taken:
        if term not in left:
            return None
        left.remove(term)
    return left


def _taylor(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    """e^u - 1 - u and the like, also where e^u - 1 is expm1(u) by now; x - 1 - log x with u = x - 1."""
    coefficient, place = terms[index]
    head, argument = graph.nodes[place]
    u = graph.term(argument)
    for name, taken in _remainders(head):
        if head == "log":
            u = graph.add([u, (-1, 0)])
        parts = [
            (simplest(-coefficient * number * scale), child)
            for power, number in enumerate(taken)
            if number
            for scale, child in linear(graph, graph.power(u, power) if power else ONE)
        ]
        rest = _rest(terms, [(coefficient, place), *parts])
        if rest is None:
            continue
        left = graph.apply(name, u)
        if head == "log":
            # Far from 1 the digits of x may be lost in x - 1, and nothing cancels.
            near = graph.apply("<=", graph.apply("Abs", u), (Fraction(1, 2), 0))
            left = graph.select(near, left, graph.add([(1, place), (-1, graph.node(u))]))
        return [*rest, (simplest(coefficient * left[0]), left[1])]
    return None


def _log_of_squares(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    """log(1 + u^2 + ...) - u^2 - ..., where the logarithm is 2 log_hypot(1, u, ...) by now."""
    coefficient, place = terms[index]
    one, *sides = sorted(graph.nodes[place][1:])
    if one != 0 or type(coefficient) is not int or coefficient % 2:
        return None
    half = coefficient // 2
    squares = [graph.power(graph.term(side), 2) for side in sides]
    rest = _rest(terms, [(coefficient, place), *((-half * scale, square) for scale, square in squares)])
    return None if rest is None else [*rest, (half, graph.apply("log1p_rest", graph.add(squares))[1])]


def _remainders(head: str) -> Iterator[tuple[str, tuple[Number, ...]]]:
    """The remainders of a function, with what is taken away: of log x and of e^u - 1 too."""
    for name, remainder in REMAINDERS.items():
        if remainder.of == head:
            yield name, remainder.taken
    if head == "expm1":
        yield "exp_rest", (0, 1)
    if head == "log":
        yield "log1p_rest", (0, 1)


def _norm_less_sides(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    """sqrt(u^2 + v^2) - u - v: without the larger side first."""
    coefficient, place = terms[index]
    sides = graph.nodes[place][1:]
    if len(sides) != 2 or 0 in sides:
        return None
    signed: list[Term] = []
    for side in sides:
        scale, child = graph.term(side)
        found = next((s for s in (1, -1) if (simplest(-coefficient * s * scale), child) in terms), None)
        if found is None:
            return None
        signed.append((found * scale, child))
    parts = [(simplest(-coefficient * scale), child) for scale, child in signed]
    rest = _rest(terms, [(coefficient, place), *parts])
    if rest is None:
        return None
    (u, v), (first, second) = signed, (graph.node(side) for side in signed)
    wide = graph.add([(1, graph.intern(("hypot_less", first, second))), (-v[0], v[1])])
    high = graph.add([(1, graph.intern(("hypot_less", second, first))), (-u[0], u[1])])
    leads = graph.apply(">=", graph.apply("Abs", u), graph.apply("Abs", v))
    scale, chosen = graph.select(leads, wide, high)
    return [*rest, (simplest(coefficient * scale), chosen)]


def _difference(
    graph: Graph, terms: list[Term], index: int, inside: Callable[[int], Term]
) -> tuple[list[Term], int, Term, Term] | None:
    """For c g(A) - c g(B) with A - B > 0 a number: the other terms, the place of g(B), B and A - B."""
    coefficient, place = terms[index]
    for other, (scale, second) in enumerate(terms):
        same = _kind(graph, second) in (_kind(graph, place), *ALIKE.get(_kind(graph, place), ()))
        if other == index or not same or scale != -coefficient:
            continue
        a, b = inside(place), inside(second)
        gap = graph.add([*linear(graph, a), *linear(graph, (-b[0], b[1]))])
        if gap[1] == 0 and gap[0] > 0:
            rest = [term for k, term in enumerate(terms) if k not in (index, other)]
            return rest, second, b, gap
    return None


def _roots(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    """sqrt(B + c) - sqrt(B) = c/(sqrt(B + c) + sqrt(B))."""

    def inside(place: int) -> Term:
        node = graph.nodes[place]
        if node[0] == "hypot":
            return graph.add([graph.power(graph.term(side), 2) for side in node[1:]])
        return 1, node[1]

    found = _difference(graph, terms, index, inside)
    if found is None:
        return None
    rest, second, _, gap = found
    coefficient, place = terms[index]
    scale, quotient = graph.multiply(gap, graph.power(graph.add([(1, place), (1, second)]), -1))
    return [*rest, (simplest(coefficient * scale), quotient)]


def _logarithms(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    """log(B + c) - log(B) = log(1 + c/B) where B > 0."""

    def inside(place: int) -> Term:
        node = graph.nodes[place]
        u = graph.term(node[1])
        return graph.add([u, ONE]) if node[0] == "log1p" else u

    found = _difference(graph, terms, index, inside)
    if found is None:
        return None
    rest, second, b, gap = found
    coefficient, place = terms[index]
    far = graph.apply("log1p", graph.multiply(gap, graph.power(b, -1)))
    near = graph.add([(1, place), (-1, second)])
    # Where B is small c/B may overflow; where B <= 0 there is no value, and log B says so.
    scale, chosen = graph.select(graph.apply(">", b, gap), far, near)
    return [*rest, (simplest(coefficient * scale), chosen)]


def _norm(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    return _norm_less_sides(graph, terms, index) or _roots(graph, terms, index)


def _logarithm(graph: Graph, terms: list[Term], index: int) -> list[Term] | None:
    return _taylor(graph, terms, index) or _logarithms(graph, terms, index)


ALIKE: Final = {"root": ("hypot",), "hypot": ("root",), "log": ("log1p",), "log1p": ("log",)}
RULES: Final[dict[str, Rule]] = {
    **{remainder.of: _taylor for remainder in REMAINDERS.values()},
    "expm1": _taylor,
    "log": _logarithm,
    "log1p": _logarithm,
    "log_hypot": _log_of_squares,
    "hypot": _norm,
    "root": _roots,
}
