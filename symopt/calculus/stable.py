"""The graph rewritten into forms that neither overflow nor cancel, before it is differentiated for numbers.

log(1 + e^u) is softplus(u), log of a sum of exponentials log_sum_exp, 1/(1 + e^-u) sigmoid(u), log(1 + u)
log1p(u), e^u - 1 expm1(u) and sqrt(1 + u) - 1 sqrt1pm1(u); the root of a sum of squares is a hypot, with or without a
number less, and the logarithm of such a root log_hypot. Each has stable derivatives of its own, so gradient and Hessian
are stable too. Functions with a `formula` in the table of atoms are replaced by it. Every rule is an identity of real
functions on the domain of its left-hand side.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from symopt.calculus.atoms import ATOMS, U
from symopt.calculus.differences import PASSES
from symopt.calculus.graph import LEAVES, ONE, ZERO, Graph, Node, Number, Term, children, simplest
from symopt.calculus.loading import load
from symopt.calculus.sums import HALF, kind, linear, rewritten

_TRIGGERS = frozenset({"exp", "log"} | {name for name, atom in ATOMS.items() if atom.formula is not None})
_RULED = frozenset(name for rules in PASSES for name in rules)


def stabilise(graph: Graph, objective: Term) -> Term:
    """A term with the same value and stable forms."""
    order = graph.reachable([objective[1]])
    if not any(_is_trigger(graph.nodes[place]) or _may_cancel(graph, place) for place in order):
        return objective
    return _rewritten(graph, order, [objective])[0]


def stabilised(graph: Graph, derivatives: Sequence[Term], first: int) -> list[Term]:
    """Derivatives of a stable form, in which sums from the node `first` on may cancel: e^x - 1 for e^x - x."""
    if not any(_may_cancel(graph, place) for place in range(first, len(graph.nodes))):
        return list(derivatives)
    order = graph.reachable([place for _, place in derivatives])
    return _rewritten(graph, order, derivatives)


def _rewritten(graph: Graph, order: Sequence[int], terms: Sequence[Term]) -> list[Term]:
    images: dict[int, Term] = {}
    closed: set[int] = set()  # without symbols: evaluated to 40 digits as they stand
    for place in order:
        node = graph.nodes[place]
        if node[0] != "symbol" and closed.issuperset(children(node)):
            closed.add(place)
            images[place] = 1, place
        else:
            images[place] = _rewrite(graph, place, images)
    return [graph.multiply((coefficient, 0), images[place]) for coefficient, place in terms]


def _may_cancel(graph: Graph, place: int) -> bool:
    """Whether a rule applies to a node that is a sum: to most no rule does."""
    node = graph.nodes[place]
    if node[0] != "sum":
        return False
    for child, _ in node[1]:
        if kind(graph, child) in _RULED:
            terms = [(coefficient, part) for part, coefficient in node[1]]
            return rewritten(graph, terms, PASSES) is not None
    return False


def _is_trigger(node: Node) -> bool:
    return node[0] in _TRIGGERS or (node[0] == "power" and type(node[2]) is not int)


def _rewrite(graph: Graph, place: int, images: dict[int, Term]) -> Term:
    node = graph.nodes[place]
    head = node[0]
    if head in LEAVES:
        return 1, place
    if head == "sum":
        return _sum(
            graph, [graph.multiply((coefficient, 0), images[child]) for child, coefficient in node[1]]
        )
    if head == "product":
        return _product(graph, images[node[1]], images[node[2]])
    if head == "power":
        return _power(graph, images[node[1]], node[2])
    arguments = [images[child] for child in node[1:]]
    if head == "log":
        return _log(graph, arguments[0])
    if head == "exp":
        return _exp(graph, arguments[0])
    if head == "select":
        return graph.select(*arguments)
    atom = ATOMS.get(head)
    if atom is not None and atom.formula is not None:
        return load(graph, atom.formula, {id(U): arguments[0]})
    return graph.apply(head, *arguments)


def _sum(graph: Graph, terms: list[Term]) -> Term:
    return rewritten(graph, terms, PASSES) or graph.add(terms)


def _product(graph: Graph, left: Term, right: Term) -> Term:
    """u/(e^u - 1), e^u sigmoid(-u) = sigmoid(u), and e^u e^v = e^(u + v) when one of them holds a log_sum_exp."""
    for factor, other in ((left, right), (right, left)):
        coefficient, place = factor
        node = graph.nodes[place]
        if node[0] == "power" and node[2] == -1 and graph.nodes[node[1]][0] == "expm1":
            inner, base = graph.term(graph.nodes[node[1]][1]), other[1]
            if inner[1] == base and base:
                ratio = simplest(Fraction(coefficient * other[0]) / Fraction(inner[0]))
                return ratio, graph.apply("over_expm1", inner)[1]
        if node[0] != "exp":
            continue
        argument = graph.term(node[1])
        scale, partner = other
        power: Number = 1
        partner_node = graph.nodes[partner]
        if partner_node[0] == "power" and type(partner_node[2]) is int and partner_node[2] > 0:
            partner, power = partner_node[1], partner_node[2]
            partner_node = graph.nodes[partner]
        if partner_node[0] == "sigmoid" and graph.term(partner_node[1]) == _negative(argument):
            _, joined = graph.apply("sigmoid", argument)
            rest = graph.power((1, partner), power - 1)
            return graph.multiply((coefficient * scale, joined), rest)
        if partner_node[0] == "exp" and power == 1 and _holds_log_sum_exp(graph, partner_node[1]):
            _, joined = _exp(graph, graph.add([argument, graph.term(partner_node[1])]))
            return coefficient * scale, joined
    return graph.multiply(left, right)


def _exp(graph: Graph, argument: Term) -> Term:
    """e^(u_i - log_sum_exp(u)) is a softmax: computed from the same exponentials as the log_sum_exp."""
    terms = linear(graph, argument)
    for coefficient, place in terms:
        node = graph.nodes[place]
        if coefficient == -1 and node[0] == "log_sum_exp":
            rest = graph.node(graph.add([term for term in terms if term[1] != place]))
            if rest in node[1:] and len(node) == 3:
                (other,) = (child for child in node[1:] if child != rest)
                return graph.apply("sigmoid", graph.add([graph.term(rest), _negative(graph.term(other))]))
            if rest in node[1:]:
                return 1, graph.intern(("softmax", place, rest))
    return graph.apply("exp", argument)


def _power(graph: Graph, base: Term, exponent: Number) -> Term:
    """(1 + e^u)^-k = sigmoid(-u)^k; a sum of exponentials to a negative or broken power is e^(k log_sum_exp).

    The root of a sum of squares is a hypot.
    """
    if exponent.denominator == 2:
        sides = _sides(graph, base)
        if sides:
            return graph.power((1, graph.intern(("hypot", *sides))), exponent.numerator)
    if exponent < 0 or type(exponent) is not int:
        logarithm = _log_of_exponentials(graph, base)
        if logarithm is not None:
            node = graph.nodes[logarithm[1]]
            if node[0] == "softplus" and type(exponent) is int:
                sigmoid = graph.apply("sigmoid", _negative(graph.term(node[1])))
                return graph.power(sigmoid, -exponent)
            return graph.apply("exp", graph.multiply((exponent, 0), logarithm))
    return graph.power(base, exponent)


def _sides(graph: Graph, base: Term) -> list[int]:
    """u_1, ..., u_k where the base is the sum of at least two squares u_i^2; empty where it is not."""
    terms = linear(graph, base)
    sides: list[int] = []
    for coefficient, place in terms:
        node = graph.nodes[place]
        if coefficient <= 0:
            return []
        if place == 0:
            side = ONE
        elif node[0] == "power" and type(node[2]) is int and node[2] > 0 and node[2] % 2 == 0:
            side = graph.power(graph.term(node[1]), node[2] // 2)
        else:
            return []
        sides.append(graph.node(graph.multiply(_root(graph, coefficient), side)))
    return sides if len(sides) > 1 and len(set(sides)) == len(sides) else []


def _root(graph: Graph, number: Number) -> Term:
    above, below = isqrt(number.numerator), isqrt(number.denominator)
    if above**2 == number.numerator and below**2 == number.denominator:
        return simplest(Fraction(above, below)), 0
    return graph.power((number, 0), HALF)


def _log(graph: Graph, argument: Term) -> Term:
    coefficient, place = argument
    node = graph.nodes[place]
    exponentials = _log_of_exponentials(graph, argument)
    if exponentials is not None:
        return exponentials
    if coefficient == 1 and node[0] == "exp":
        return graph.term(node[1])
    power: Number = 1
    if coefficient == 1 and node[0] == "power" and graph.nodes[node[1]][0] == "sigmoid":
        power, node = node[2], graph.nodes[node[1]]
    if coefficient == 1 and node[0] == "sigmoid":
        _, softplus = graph.apply("softplus", _negative(graph.term(node[1])))
        return -power, softplus
    if coefficient == 1 and node[0] == "power" and type(node[2]) is int and node[2] % 2 == 0:
        size = graph.apply("Abs", graph.term(node[1]))
        return graph.multiply((node[2], 0), graph.apply("log", size))
    if coefficient == -1 and node[0] == "expm1":
        return _log_less_exp(graph, graph.term(node[1]))
    if coefficient > 0 and node[0] == "expm1":
        u = graph.term(node[1])
        _, inner = graph.apply("expm1", _negative(u))
        return graph.add([u, _log(graph, (-coefficient, inner))])
    if coefficient == 1 and node[0] == "cosh":
        return graph.apply("log_cosh", graph.term(node[1]))
    if coefficient == 1 and node[0] == "hypot_less" and node[2:] == (graph.node(ONE),):
        return graph.apply("asinh", _negative(graph.term(node[1])))
    return (
        _log_of_squares(graph, argument) or _log_of_one_more(graph, argument) or graph.apply("log", argument)
    )


def _log_of_one_more(graph: Graph, argument: Term) -> Term | None:
    """log(1 + u), and log(1 + c/v) as log(1 + v/c) - log(v/c) where v > 0 is small."""
    terms = linear(graph, argument)
    if len(terms) < 2 or ONE not in terms:
        return None
    coefficient, place = graph.add([term for term in terms if term != ONE])
    far = graph.apply("log1p", (coefficient, place))
    node = graph.nodes[place]
    if node[0] != "power" or node[2] >= 0 or coefficient <= 0:
        return far
    inverse = graph.multiply(
        (simplest(Fraction(1) / Fraction(coefficient)), 0), graph.power((1, node[1]), -node[2])
    )
    even = node[2] % 2 == 0
    base = graph.apply("Abs", (1, node[1])) if even else (1, node[1])
    rest = [graph.multiply((node[2], 0), graph.apply("log", base))]
    rest += [graph.apply("log", (coefficient, 0))] if coefficient != 1 else []
    near = graph.add([graph.apply("log1p", inverse), *rest])
    small = graph.apply("<=", inverse, ONE)
    # u^2 has lost its digits, or all of itself, where u has not.
    positive = [] if even else [graph.apply("<", ZERO, (1, node[1]))]
    return graph.select(graph.apply("and", *positive, small) if positive else small, near, far)


def _log_of_squares(graph: Graph, argument: Term) -> Term | None:
    """log(u^2 + v^2 + ...) as twice the logarithm of a hypot."""
    sides = _sides(graph, argument)
    return (2, graph.intern(("log_hypot", *sides))) if sides else None


def _log_less_exp(graph: Graph, u: Term) -> Term:
    """log(1 - e^u): by e^u - 1 where u is near 0, by log(1 + ...) where e^u is small (Maechler, 2012)."""
    near = graph.apply("log", (-1, graph.apply("expm1", u)[1]))
    far = graph.apply("log1p", (-1, graph.apply("exp", u)[1]))
    return graph.select(graph.apply(">", u, (-1, 0)), near, far)


def _log_of_exponentials(graph: Graph, argument: Term) -> Term | None:
    """The logarithm of a sum of at least two positive multiples of exponentials and 1, if it is one."""
    terms = linear(graph, argument)
    if len(terms) < 2:
        return None
    constant: Number = 0
    exponents = []
    for coefficient, place in terms:
        node = graph.nodes[place]
        if coefficient <= 0 or (place != 0 and node[0] != "exp"):
            return None
        if place == 0:
            constant = coefficient
        elif coefficient == 1:
            exponents.append(graph.term(node[1]))
        else:
            exponents.append(graph.add([graph.term(node[1]), graph.apply("log", (coefficient, 0))]))
    total = exponents[0] if len(exponents) == 1 else graph.apply("log_sum_exp", *exponents)
    if not constant:
        return total
    if constant == 1:
        return graph.apply("softplus", total)
    shift = graph.apply("log", (constant, 0))
    return graph.add([shift, graph.apply("softplus", graph.add([total, _negative(shift)]))])


def _negative(term: Term) -> Term:
    return -term[0], term[1]


def _holds_log_sum_exp(graph: Graph, place: int) -> bool:
    return any(graph.nodes[child][0] == "log_sum_exp" for _, child in linear(graph, (1, place)))
