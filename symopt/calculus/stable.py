"""The graph rewritten into forms that neither overflow nor cancel, before it is differentiated for numbers.

log(1 + e^u) is softplus(u), log of a sum of exponentials log_sum_exp, 1/(1 + e^-u) sigmoid(u), log(1 + u)
log1p(u), e^u - 1 expm1(u) and sqrt(1 + u) - 1 sqrt1pm1(u); the root of a sum of squares is a hypot, with or without a
number less, and the logarithm of such a root log_hypot. Each has stable derivatives of its own, so gradient and Hessian
are stable too. Functions with a `formula` in the table of atoms are replaced by it. Every rule is an identity of real
functions on the domain of its left-hand side.
"""

from __future__ import annotations

from collections.abc import Sequence

from symopt.calculus.atoms import ATOMS, U
from symopt.calculus.differences import PASSES
from symopt.calculus.exponentials import exponential, logarithm, negative, of_exponentials, sides_of
from symopt.calculus.graph import LEAVES, Graph, Number, Term, children, simplest
from symopt.calculus.loading import load
from symopt.calculus.products import is_quotient, product
from symopt.calculus.quotients import quotients
from symopt.calculus.sums import kind, linear, rewritten

_TRIGGERS = frozenset({"exp", "log"} | {name for name, atom in ATOMS.items() if atom.formula is not None})
_RULED = frozenset(name for rules in PASSES for name in rules)


def stabilise(graph: Graph, objective: Term) -> Term:
    """A term with the same value and stable forms."""
    order = graph.reachable([objective[1]])
    if not any(_is_trigger(graph, place) or _may_cancel(graph, place) for place in order):
        return objective
    return _rewritten(graph, order, [objective], 0)[0]


def stabilised(graph: Graph, derivatives: Sequence[Term], first: int) -> list[Term]:
    """Derivatives of a stable form, in which sums from the node `first` on may cancel: e^x - 1 for e^x - x."""
    if not any(_may_cancel(graph, place) for place in range(first, len(graph.nodes))):
        return list(derivatives)
    order = graph.reachable([place for _, place in derivatives])
    return _rewritten(graph, order, derivatives, first)


def _rewritten(graph: Graph, order: Sequence[int], terms: Sequence[Term], first: int) -> list[Term]:
    """The terms with stable forms of the nodes from `first` on: those of derivatives, or all of them for 0."""
    images: dict[int, Term] = {}
    closed: set[int] = set()  # without symbols: evaluated to 40 digits as they stand
    for place in order:
        node = graph.nodes[place]
        if place < first:
            images[place] = 1, place
        elif node[0] != "symbol" and closed.issuperset(children(node)):
            closed.add(place)
            images[place] = 1, place
        else:
            images[place] = _rewrite(graph, place, images, first > 0)
    return [graph.multiply((coefficient, 0), images[place]) for coefficient, place in terms]


def _may_cancel(graph: Graph, place: int) -> bool:
    """Whether a rule applies to a node that is a sum: to most no rule does."""
    node = graph.nodes[place]
    if node[0] != "sum":
        return False
    terms = [(coefficient, part) for part, coefficient in node[1]]
    if (
        any(kind(graph, child) in _RULED for child, _ in node[1])
        and rewritten(graph, terms, PASSES) is not None
    ):
        return True
    return any(True for _ in quotients(graph, terms, True))


def _is_trigger(graph: Graph, place: int) -> bool:
    node = graph.nodes[place]
    head = node[0]
    if head == "product":
        return is_quotient(graph, node[1], node[2])
    return head in _TRIGGERS or (head == "power" and type(node[2]) is not int)


def _rewrite(graph: Graph, place: int, images: dict[int, Term], derivatives: bool) -> Term:
    node = graph.nodes[place]
    head = node[0]
    if head in LEAVES:
        return 1, place
    if head == "sum":
        if len(node[1]) > 1 and all(images[child] == (1, child) for child, _ in node[1]):
            return _sum(
                graph, [(coefficient, child) for child, coefficient in node[1]], derivatives, (1, place)
            )
        terms: list[Term] = []
        for child, coefficient in node[1]:
            image = graph.multiply((coefficient, 0), images[child])
            # A function that has become a sum may cancel with the terms beside it.
            terms += [image] if graph.nodes[child][0] == "sum" else linear(graph, image)
        return _sum(graph, terms, derivatives)
    if head == "product":
        return product(graph, images[node[1]], images[node[2]])
    if head == "power":
        return _power(graph, images[node[1]], node[2])
    arguments = [images[child] for child in node[1:]]
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


def _sum(graph: Graph, terms: list[Term], derivatives: bool, added: Term | None = None) -> Term:
    total = rewritten(graph, terms, PASSES) or added or graph.add(terms)
    left = linear(graph, total)
    changes: list[Term] = []
    for own, (factor, rest, better) in quotients(graph, left, derivatives):
        value = product(graph, factor, _sum(graph, rest, derivatives))
        if not better:
            value = graph.apply("stable", value, graph.add(own))
        changes += [*linear(graph, value), *[(-coefficient, place) for coefficient, place in own]]
    return graph.add([*left, *changes]) if changes else total


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
