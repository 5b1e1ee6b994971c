"""Products in stable forms: a table of identities, of which the first that applies is taken.

An identity is given the two factors, once in each order.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, TypeAlias

from symopt.calculus.exponentials import exponential, negative
from symopt.calculus.graph import Graph, Number, Term, simplest
from symopt.calculus.ratios import NAMES
from symopt.calculus.sums import HALF, linear

Identity: TypeAlias = Callable[[Graph, Term, Term], Term | None]


def product(graph: Graph, left: Term, right: Term) -> Term:
    """u v."""
    for factor, other in ((left, right), (right, left)):
        for identity in PRODUCTS:
            found = identity(graph, factor, other)
            if found is not None:
                return found
    return graph.multiply(left, right)


def _over_expm1(graph: Graph, below: Term, above: Term) -> Term | None:
    """u/(e^u - 1)."""
    (coefficient, place), (scale, base) = below, above
    node = graph.nodes[place]
    if node[0] != "power" or node[2] != -1 or graph.nodes[node[1]][0] != "expm1":
        return None
    inner = graph.term(graph.nodes[node[1]][1])
    if inner[1] != base or not base:
        return None
    ratio = simplest(Fraction(coefficient * scale) / Fraction(inner[0]))
    return ratio, graph.apply("over_expm1", inner)[1]


def quotient(graph: Graph, below: Term, above: Term) -> Term | None:
    """Quotients whose derivatives cancel as they stand."""
    node = graph.nodes[below[1]]
    if node[0] != "power" or type(node[2]) is not int or node[2] >= 0:
        return None
    return _ratio(graph, below, above) or _saturated(graph, below, above)


def _ratio(graph: Graph, below: Term, above: Term) -> Term | None:
    """f(c u)/u, its reciprocal and their powers, where f(0) = 0: the derivatives cancel where u is small."""
    (coefficient, place), (scale, partner) = below, above
    node, over = graph.nodes[place], graph.nodes[partner]
    inner, outer = (over[1], over[2]) if over[0] == "power" else (partner, 1)
    if outer != -node[2]:
        return None
    for function, base, sign in ((inner, node[1], 1), (node[1], inner, -1)):
        name, *arguments = graph.nodes[function]
        if name in NAMES and base:
            factor, argument = graph.term(arguments[0])
            if argument == base and (sign > 0 or name != "expm1"):
                power = sign * outer
                quotient = graph.power(graph.apply(NAMES[name][0], (factor, argument)), power)
                number = Fraction(factor) ** power * Fraction(coefficient) * Fraction(scale)
                return graph.multiply((simplest(number), 0), quotient)
    return None


def _saturated(graph: Graph, below: Term, above: Term) -> Term | None:
    """u/(a u + c) has the derivatives of -c/(a (a u + c)), which do not cancel where u is large."""
    (coefficient, place), (scale, partner) = below, above
    node = graph.nodes[place]
    if node[2] != -1 or graph.nodes[node[1]][0] != "sum":
        return None
    terms = graph.nodes[node[1]][1]
    if len(terms) != 2 or terms[0][0] != 0 or terms[1][0] != partner:
        return None
    (_, number), (_, slope) = terms
    _, value = graph.multiply((1, partner), (1, place))
    same = graph.node((simplest(-Fraction(number) / Fraction(slope)), place))
    return coefficient * scale, graph.intern(("stable", value, same))


def _direction(graph: Graph, below: Term, above: Term) -> Term | None:
    """u_i/h where h = sqrt(u_1^2 + ... + u_k^2): 1/h - u_i^2/h^3 cancels where u_i is large beside the others."""
    (coefficient, place), (scale, partner) = below, above
    node = graph.nodes[place]
    if node[0] != "power" or node[2] != -1 or graph.nodes[node[1]][0] != "hypot" or not partner:
        return None
    for side in graph.nodes[node[1]][1:]:
        factor, child = graph.term(side)
        if child == partner:
            number = Fraction(coefficient) * Fraction(scale) / Fraction(factor)
            return simplest(number), graph.intern(("direction", node[1], side))
    return None


def _tangent(graph: Graph, below: Term, above: Term) -> Term | None:
    """2 sinh(u)/(e^u + e^-u) = tanh u and (e^u - 1)/(e^u + 1) = tanh(u/2)."""
    (coefficient, place), (scale, partner) = below, above
    node, over = graph.nodes[place], graph.nodes[partner]
    if over[0] == "sinh" and node[0] == "exp":
        terms = linear(graph, graph.term(node[1]))
        logarithm = (-1, graph.apply("log_cosh", graph.term(over[1]))[1])
        if logarithm in terms:
            rest = exponential(graph, graph.add([term for term in terms if term != logarithm]))
            return graph.multiply(
                (coefficient * scale, 0), graph.multiply(rest, (1, graph.intern(("tanh", over[1]))))
            )
    if over[0] == "expm1" and node[0] == "sigmoid":
        u = graph.term(over[1])
        if graph.term(node[1]) == negative(u):
            return graph.multiply((coefficient * scale, 0), graph.apply("tanh", graph.multiply((HALF, 0), u)))
    return None


def _of_exp(graph: Graph, factor: Term, other: Term) -> Term | None:
    """e^u sigmoid(-u) = sigmoid(u), and e^u e^v = e^(u + v) when one of them holds a log_sum_exp."""
    (coefficient, place), (scale, partner) = factor, other
    node = graph.nodes[place]
    if node[0] != "exp":
        return None
    argument = graph.term(node[1])
    power: Number = 1
    partner_node = graph.nodes[partner]
    if partner_node[0] == "power" and type(partner_node[2]) is int and partner_node[2] > 0:
        partner, power = partner_node[1], partner_node[2]
        partner_node = graph.nodes[partner]
    if partner_node[0] == "sigmoid" and graph.term(partner_node[1]) == negative(argument):
        _, joined = graph.apply("sigmoid", argument)
        rest = graph.power((1, partner), power - 1)
        return graph.multiply((coefficient * scale, joined), rest)
    if partner_node[0] == "exp" and power == 1 and _holds_log_sum_exp(graph, partner_node[1]):
        _, joined = exponential(graph, graph.add([argument, graph.term(partner_node[1])]))
        return coefficient * scale, joined
    return None


def _holds_log_sum_exp(graph: Graph, place: int) -> bool:
    return any(graph.nodes[child][0] == "log_sum_exp" for _, child in linear(graph, (1, place)))


PRODUCTS: Final[tuple[Identity, ...]] = (_over_expm1, quotient, _tangent, _direction, _of_exp)
