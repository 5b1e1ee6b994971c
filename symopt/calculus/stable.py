"""The graph rewritten into forms that neither overflow nor cancel, before it is differentiated for numbers.

log(1 + e^u) is softplus(u), log of a sum of exponentials log_sum_exp, 1/(1 + e^-u) sigmoid(u), log(1 + u)
log1p(u), e^u - 1 expm1(u) and sqrt(1 + u) - 1 sqrt1pm1(u); the root of a sum of squares is a hypot, with or without a
number less, and the logarithm of such a root log_hypot. Each has stable derivatives of its own, so gradient and Hessian
are stable too. Functions with a `formula` in the table of atoms are replaced by it. Every rule is an identity of real
functions on the domain of its left-hand side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

from symopt.calculus.atoms import ATOMS, U
from symopt.calculus.differences import PASSES
from symopt.calculus.exponentials import exponential, logarithm, negative, of_exponentials, sides_of
from symopt.calculus.graph import Graph, Node, Number, Term, children, simplest
from symopt.calculus.loading import load
from symopt.calculus.products import identities, is_quotient, product
from symopt.calculus.quotients import RULED, divides, quotients
from symopt.calculus.sums import kind, linear, rewritten

_TRIGGERS: Final = frozenset(
    {"exp", "log"} | {name for name, atom in ATOMS.items() if atom.formula is not None}
)


def stabilise(graph: Graph, objective: Term) -> Term:
    """A term with the same value and stable forms."""
    order = graph.reachable([objective[1]])
    rewriting = _Rewriting(graph, 0)
    (stable,) = rewriting.terms(order, [objective])
    needed = rewriting.has_cancelled or any(_is_trigger(graph, place) for place in order)
    return stable if needed else objective


def stabilised(graph: Graph, derivatives: Sequence[Term], first: int) -> list[Term]:
    """Derivatives of a stable form, in which sums from the node `first` on may cancel: e^x - 1 for e^x - x."""
    order = graph.reachable([place for _, place in derivatives])
    rewriting = _Rewriting(graph, first)
    stable = rewriting.terms(order, derivatives)
    return stable if rewriting.has_cancelled else list(derivatives)


def _is_trigger(graph: Graph, place: int) -> bool:
    node = graph.nodes[place]
    head = node[0]
    if head == "product":
        return is_quotient(graph, node[1], node[2])
    return head in _TRIGGERS or (head == "power" and type(node[2]) is not int)


@final
class _Rewriting:
    """The stable forms of the nodes from `first` on: those of derivatives, or all of them for 0.

    Most nodes stay as they are, since nothing below them has changed and no rule is about them.
    """

    def __init__(self, graph: Graph, first: int) -> None:
        self._graph = graph
        self._first = first
        self._images: dict[int, Term] = {}  # of the nodes that have changed
        self._concerned: dict[int, bool] = {}  # whether a rule for sums is about a node
        self.has_cancelled = False  # whether a rule has changed a sum

    def terms(self, order: Iterable[int], terms: Iterable[Term]) -> list[Term]:
        graph, nodes, images = self._graph, self._graph.nodes, self._images
        derivatives = self._first > 0
        closed = {0}  # without symbols: evaluated to 40 digits as they stand
        for place in order:
            if place < self._first:
                continue
            node = nodes[place]
            head = node[0]
            if head == "product":
                _, left, right = node
                if left in closed and right in closed:
                    closed.add(place)
                    continue
                if left in images or right in images:
                    image = product(graph, self._image(left), self._image(right), derivatives)
                elif identities(nodes[left], derivatives) or identities(nodes[right], derivatives):
                    image = product(graph, (1, left), (1, right), derivatives)
                else:
                    continue
            elif head == "sum":
                pairs = node[1]
                if pairs[-1][0] in closed and closed.issuperset(children(node)):
                    closed.add(place)
                    continue
                if len(pairs) > 1 and not self._may_change(pairs):
                    continue
                image = self._sum_of(place)
            elif head == "symbol":
                continue
            elif closed.issuperset(children(node)):
                closed.add(place)
                continue
            else:
                image = self._rewrite(node)
            if image != (1, place):
                images[place] = image
        return [graph.multiply((coefficient, 0), self._image(place)) for coefficient, place in terms]

    def _image(self, place: int) -> Term:
        return self._images.get(place) or (1, place)

    def _may_change(self, pairs: Iterable[tuple[int, Number]]) -> bool:
        images, concerned = self._images, self._concerned
        for child, _ in pairs:
            if child in images:
                return True
            known = concerned.get(child)
            if known is None:
                known = kind(self._graph, child) in RULED or divides(self._graph, child)
                concerned[child] = known
            if known:
                return True
        return False

    def _sum_of(self, place: int) -> Term:
        graph, pairs = self._graph, self._graph.nodes[place][1]
        if len(pairs) > 1 and self._images.keys().isdisjoint(child for child, _ in pairs):
            return self._sum([(coefficient, child) for child, coefficient in pairs], (1, place))
        terms: list[Term] = []
        for child, coefficient in pairs:
            image = graph.multiply((coefficient, 0), self._image(child))
            # A function that has become a sum may cancel with the terms beside it.
            terms += [image] if graph.nodes[child][0] == "sum" else linear(graph, image)
        return self._sum(terms)

    def _sum(self, terms: list[Term], added: Term | None = None) -> Term:
        graph = self._graph
        total = rewritten(graph, terms, PASSES)
        if total is None:
            total = added or graph.add(terms)
        else:
            self.has_cancelled = True
        left = linear(graph, total)
        changes: list[Term] = []
        derivatives = self._first > 0
        for own, (factor, rest, better) in quotients(graph, left, derivatives):
            self.has_cancelled = True
            value = product(graph, factor, self._sum(rest), derivatives)
            if not better:
                value = graph.apply("stable", value, graph.add(own))
            changes += [*linear(graph, value), *[(-coefficient, place) for coefficient, place in own]]
        return graph.add([*left, *changes]) if changes else total

    def _rewrite(self, node: Node) -> Term:
        graph, head = self._graph, node[0]
        if head == "power":
            return _power(graph, self._image(node[1]), node[2])
        arguments = [self._image(child) for child in node[1:]]
        if head == "log":
            return logarithm(graph, arguments[0])
        if head == "exp":
            return exponential(graph, arguments[0])
        if head == "select":
            return graph.select(*arguments)
        atom = ATOMS.get(head)
        if atom is not None and atom.formula is not None:
            return load(graph, atom.formula, {id(U): arguments[0]})
        return graph.apply(head, *arguments)


def _power(graph: Graph, base: Term, exponent: Number) -> Term:
    """(1 + e^u)^-k = sigmoid(-u)^k; a sum of exponentials to a negative or broken power is e^(k log_sum_exp).

    The root of a sum of squares is a hypot.
    """
    if exponent.denominator != 1:
        sides = sides_of(graph, base)
        if sides:
            return graph.power((1, graph.intern(("hypot", *sides))), simplest(2 * exponent))
    if exponent < 0 or type(exponent) is not int:
        logarithm = of_exponentials(graph, base)
        if logarithm is not None:
            node = graph.nodes[logarithm[1]]
            if node[0] == "softplus" and type(exponent) is int:
                sigmoid = graph.apply("sigmoid", negative(graph.term(node[1])))
                return graph.power(sigmoid, -exponent)
            return graph.apply("exp", graph.multiply((exponent, 0), logarithm))
    return graph.power(base, exponent)
