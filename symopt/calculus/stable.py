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
from typing import Final

from symopt.calculus.atoms import ATOMS, U
from symopt.calculus.differences import PASSES
from symopt.calculus.graph import LEAVES, ONE, ZERO, Graph, Node, Number, Term, children, simplest
from symopt.calculus.loading import load
from symopt.calculus.ratios import NAMES
from symopt.calculus.sums import HALF, kind, linear, rewritten

# log 2^k is k log 2, and e^(k log 2) is 2^k, for k up to this.
MOST: Final = 6
_TRIGGERS = frozenset({"exp", "log"} | {name for name, atom in ATOMS.items() if atom.formula is not None})
_RULED = frozenset(name for rules in PASSES for name in rules)


def stabilise(graph: Graph, objective: Term) -> Term:
    """A term with the same value and stable forms."""
    order = graph.reachable([objective[1]])
    if not any(_is_trigger(graph, place) or _may_cancel(graph, place) for place in order):
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


def _is_trigger(graph: Graph, place: int) -> bool:
    node = graph.nodes[place]
    head = node[0]
    if head == "product":
        left, right = (1, node[1]), (1, node[2])
        return _quotient(graph, left, right) is not None or _quotient(graph, right, left) is not None
    return head in _TRIGGERS or (head == "power" and type(node[2]) is not int)


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
        found = (
            _quotient(graph, factor, other)
            or _tangent(graph, factor, other)
            or _direction(graph, factor, other)
        )
        if found is not None:
            return found
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


def _quotient(graph: Graph, below: Term, above: Term) -> Term | None:
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
            rest = _exp(graph, graph.add([term for term in terms if term != logarithm]))
            return graph.multiply(
                (coefficient * scale, 0), graph.multiply(rest, (1, graph.intern(("tanh", over[1]))))
            )
    if over[0] == "expm1" and node[0] == "sigmoid":
        u = graph.term(over[1])
        if graph.term(node[1]) == _negative(u):
            return graph.multiply((coefficient * scale, 0), graph.apply("tanh", graph.multiply((HALF, 0), u)))
    return None


def _exp(graph: Graph, argument: Term) -> Term:
    """e^(u_i - log_sum_exp(u)) is a softmax: computed from the same exponentials as the log_sum_exp."""
    if not argument[0]:
        return ONE
    terms = linear(graph, argument)
    for coefficient, place in terms:
        node = graph.nodes[place]
        if node[0] == "log" and type(coefficient) is int and abs(coefficient) <= MOST:
            number, one = graph.term(node[1])
            if one == 0 and number > 0:
                power = simplest(Fraction(number) ** coefficient), 0
                return graph.multiply(
                    power, _exp(graph, graph.add([term for term in terms if term[1] != place]))
                )
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
    if coefficient == 1 and node[0] == "softmax":
        return _sum(graph, [graph.term(node[2]), (-1, node[1])])
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
    if coefficient == 1 and node[0] == "hypot_less" and len(node) == 3:
        number, one = graph.term(node[2])
        if one == 0 and number > 0:
            u = graph.multiply((simplest(Fraction(-1) / Fraction(number)), 0), graph.term(node[1]))
            shift = [] if number == 1 else [graph.apply("log", (number, 0))]
            return graph.add([graph.apply("asinh", u), *shift])
    if node[0] == "product":
        angle = _area_tangent(graph, coefficient, node)
        if angle is not None:
            return angle
    return (
        _log_of_squares(graph, argument) or _log_of_one_more(graph, argument) or graph.apply("log", argument)
    )


def _area_tangent(graph: Graph, coefficient: Number, node: Node) -> Term | None:
    """log(A/B) = 2 atanh((A - B)/(A + B)) where A + B is a number, as in log((1 + u)/(1 - u))."""
    for above, below in (node[1:], node[:0:-1]):
        inverse = graph.nodes[below]
        if inverse[0] != "power" or inverse[2] != -1 or graph.nodes[above][0] != "sum":
            continue
        first, second = linear(graph, (coefficient, above)), linear(graph, (1, inverse[1]))
        number, place = graph.add([*first, *second])
        if place == 0 and number:
            share = simplest(Fraction(1) / Fraction(number)), 0
            gap = graph.add([*first, *[_negative(term) for term in second]])
            return 2, graph.apply("atanh", graph.multiply(share, gap))[1]
    return None


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
    exponents: list[Term] = []
    weights: list[Number] = []
    for coefficient, place in terms:
        node = graph.nodes[place]
        if coefficient <= 0 or (place != 0 and node[0] != "exp"):
            return None
        if place == 0:
            constant = coefficient
        else:
            exponents.append(graph.term(node[1]))
            weights.append(coefficient)
    if (
        len(exponents) == 2
        and weights[0] == weights[1]
        and not constant
        and exponents[0] == _negative(exponents[1])
    ):
        # c e^u + c e^-u = 2 c cosh u
        twice = 2 * weights[0]
        rest = [] if twice == 1 else [graph.apply("log", (twice, 0))]
        return graph.add([graph.apply("log_cosh", exponents[0]), *rest])
    exponents = [
        u if weight == 1 else graph.add([u, graph.apply("log", (weight, 0))])
        for u, weight in zip(exponents, weights, strict=True)
    ]
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
