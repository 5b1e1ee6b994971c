"""Products in stable forms: a table of identities, of which the first that applies is taken.

An identity is given the two factors, once in each order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

from symopt.calculus.differences import PASSES
from symopt.calculus.exponentials import exponential, negative
from symopt.calculus.graph import ZERO, Graph, Node, Number, Term, simplest
from symopt.calculus.ratios import NAMES, RATIOS
from symopt.calculus.sums import HALF, linear, rewritten

# A sum of more exponentials over another is left as it is.
MOST_SHARES: Final = 12
# Factors are looked for in products of products, so deep.
DEEPEST: Final = 4
Identity: TypeAlias = Callable[[Graph, Term, Term], Term | None]


def product(graph: Graph, left: Term, right: Term, derivatives: bool) -> Term:
    """u v; where it is among `derivatives` it is not differentiated any more."""
    for factor, other in ((left, right), (right, left)):
        for identity in identities(graph.nodes[factor[1]], derivatives):
            found = identity(graph, factor, other)
            if found is not None:
                return found
    return graph.multiply(left, right)


def identities(node: Node, derivatives: bool) -> Sequence[Identity]:
    """Those that may be about a product with a node as a factor: to most nodes none is."""
    head = node[0]
    if head == "power":
        return () if node[2] >= 0 else DERIVATIVES if derivatives else POWERS
    return PRODUCTS.get(head, ())


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


def is_quotient(graph: Graph, left: int, right: int) -> bool:
    """Whether the product of two nodes is a quotient whose derivatives cancel as it stands."""
    for factor, other in ((left, right), (right, left)):
        node = graph.nodes[factor]
        if node[0] == "power" and type(node[2]) is int and node[2] < 0:
            terms = (1, factor), (1, other)
            return any(identity(graph, *terms) is not None for identity in QUOTIENTS)
    return False


def _ratio(graph: Graph, below: Term, above: Term) -> Term | None:
    """f(c u)/u^k, its reciprocal and their powers, where f is like u^k near 0: the derivatives cancel there."""
    (coefficient, place), (scale, partner) = below, above
    node, over = graph.nodes[place], graph.nodes[partner]
    if node[0] != "power" or type(node[2]) is not int or node[2] >= 0:
        return None
    inner, outer = (over[1], over[2]) if over[0] == "power" else (partner, 1)
    if type(outer) is not int:
        return None
    for function, power, base, exponent in (
        (inner, outer, node[1], node[2]),
        (node[1], node[2], inner, outer),
    ):
        name, *arguments = graph.nodes[function]
        if name in NAMES and base and exponent == -power * RATIOS[name].power:
            factor, argument = graph.term(arguments[0])
            if argument == base and (power > 0 or name != "expm1"):
                quotient = graph.power(graph.apply(NAMES[name][0], (factor, argument)), power)
                number = Fraction(factor) ** -exponent * Fraction(coefficient) * Fraction(scale)
                return graph.multiply((simplest(number), 0), quotient)
    return None


def _root_over_square(graph: Graph, below: Term, above: Term) -> Term | None:
    """(sqrt(a^2 + u^2) - a)/u^2 = 1/(sqrt(a^2 + u^2) + a), and u times that, where u is not 0."""
    (coefficient, place), (scale, partner) = below, above
    node, over = graph.nodes[place], graph.nodes[partner]
    if node[0] != "power" or node[2] not in (-1, -2) or over[0] != "hypot_less" or len(over) != 3:
        return None
    first, side = over[1:]
    factor, base = graph.term(side)
    if base != node[1] or graph.term(first)[1]:
        return None
    norm = 1, graph.intern(("hypot", first, side))
    inverse = graph.power(graph.add([norm, graph.term(first)]), -1)
    number = simplest(Fraction(factor) ** 2 * Fraction(coefficient) * Fraction(scale)), 0
    value = graph.multiply(number, graph.multiply(graph.power((1, base), 2 + node[2]), inverse))
    return graph.select(graph.apply("!=", (1, base), ZERO), value, graph.undefined())


def _saturated(graph: Graph, below: Term, above: Term) -> Term | None:
    """u/(a u + c) has the derivatives of -c/(a (a u + c)), which do not cancel where u is large."""
    (coefficient, place), (scale, partner) = below, above
    node = graph.nodes[place]
    if node[0] != "power" or node[2] != -1 or graph.nodes[node[1]][0] != "sum":
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
    """2 sinh(u)/(e^u + e^-u) = sinh u/cosh u = tanh u and (e^u - 1)/(e^u + 1) = tanh(u/2)."""
    (coefficient, place), (scale, partner) = below, above
    node, over = graph.nodes[place], graph.nodes[partner]
    if over[0] == "sinh" and node == ("power", graph.find(("cosh", over[1])), -1):
        return coefficient * scale, graph.intern(("tanh", over[1]))
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


def _inside(graph: Graph, factor: Term, other: Term, depth: int = DEEPEST) -> Term | None:
    """e^u (v w) = (e^u v) w where there is an identity for e^u v: x e^u/(e^u + e^v) is x times a share."""
    scale, partner = other
    node = graph.nodes[partner]
    if node[0] != "product" or graph.nodes[factor[1]][0] != "exp" or not depth:
        return None
    for side, rest in (node[1:], node[:0:-1]):
        own = 1, side
        found = _of_exp(graph, factor, own) or (
            _of_exp(graph, own, factor) or _inside(graph, factor, own, depth - 1)
        )
        if found is not None:
            return graph.multiply((scale, 0), graph.multiply(found, (1, rest)))
    return None


def _holds_log_sum_exp(graph: Graph, place: int) -> bool:
    return any(graph.nodes[child][0] == "log_sum_exp" for _, child in linear(graph, graph.term(place)))


def _shares(graph: Graph, factor: Term, other: Term) -> Term | None:
    """(c e^u + d e^v + ...)/S as a sum of shares c e^u/S + d e^v/S + ..., where S is a sum of exponentials."""
    (coefficient, place), (scale, partner) = factor, other
    node, over = graph.nodes[place], graph.nodes[partner]
    if node[0] != "exp" or over[0] != "sum" or not _holds_log_sum_exp(graph, node[1]):
        return None
    if any(graph.nodes[child][0] != "exp" for child, _ in over[1] if child) or len(over[1]) > MOST_SHARES:
        return None
    exponent = graph.term(node[1])
    parts = []
    for child, number in over[1]:
        own = graph.term(graph.nodes[child][1]) if child else ZERO
        joined = exponential(graph, graph.add([*linear(graph, own), *linear(graph, exponent)]))
        parts.append((number * joined[0], joined[1]))
    total = rewritten(graph, parts, PASSES) or graph.add(parts)
    return graph.multiply((coefficient * scale, 0), total)


def _near_one(graph: Graph, below: Term, above: Term) -> Term | None:
    """log(v)/(v - 1) and its reciprocal by log(1 + u)/u with u = v - 1, where u is small."""
    (coefficient, place), (scale, partner) = below, above
    node = graph.nodes[place]
    if node[0] != "power" or node[2] != -1:
        return None
    for function, base, power in ((partner, node[1], 1), (node[1], partner, -1)):
        if graph.nodes[function][0] == "log" and graph.nodes[base][0] == "sum":
            terms = linear(graph, graph.term(graph.nodes[function][1]))
            gap = graph.add([*terms, (-1, 0)])
            if gap[1] != base:
                continue
            near = graph.power(graph.apply("log1p_ratio", gap), power)
            number = simplest(Fraction(coefficient) * Fraction(scale) * Fraction(gap[0]) ** power), 0
            far = graph.multiply(graph.power(gap, -power), graph.power((1, function), power))
            small = graph.apply("<=", graph.apply("Abs", gap), (HALF, 0))
            return graph.multiply(number, graph.select(small, near, far))
    return None


def _over_tanh(graph: Graph, below: Term, above: Term) -> Term | None:
    """u/tanh(c u)."""
    (coefficient, place), (scale, partner) = below, above
    node = graph.nodes[place]
    if node[0] != "power" or node[2] != -1 or graph.nodes[node[1]][0] != "tanh" or not partner:
        return None
    u = graph.term(graph.nodes[node[1]][1])
    if u[1] != partner:
        return None
    number = simplest(Fraction(coefficient) * Fraction(scale) / Fraction(u[0])), 0
    return graph.multiply(number, graph.apply("over_tanh", u))


QUOTIENTS: Final[tuple[Identity, ...]] = (
    _over_tanh,
    _ratio,
    _root_over_square,
    _near_one,
    _saturated,
    _tangent,
)
# For a factor with a negative exponent; of u/h and u/(a u + c) the derivatives alone are better than as it stands.
POWERS: Final = (_over_expm1, *QUOTIENTS, _direction)
DERIVATIVES: Final = tuple(identity for identity in POWERS if identity not in (_saturated, _direction))
# For another factor, by its function.
PRODUCTS: Final[Mapping[str, tuple[Identity, ...]]] = {
    "exp": (_tangent, _shares, _of_exp, _inside),
    "sigmoid": (_tangent,),
}
