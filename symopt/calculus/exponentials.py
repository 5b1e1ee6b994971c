"""Exponentials and logarithms in stable forms: tables of identities, of which the first that applies is taken."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Final, TypeAlias

from symopt.calculus.differences import PASSES
from symopt.calculus.graph import ONE, ZERO, Graph, Number, Term, simplest
from symopt.calculus.sums import HALF, linear, rewritten

# log 2^k is k log 2, and e^(k log 2) is 2^k, for k up to this.
MOST: Final = 6
Identity: TypeAlias = Callable[[Graph, Term], Term | None]


def logarithm(graph: Graph, argument: Term) -> Term:
    """log u."""
    for identity in LOGARITHMS:
        found = identity(graph, argument)
        if found is not None:
            return found
    return graph.apply("log", argument)


def exponential(graph: Graph, argument: Term) -> Term:
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
                    power, exponential(graph, graph.add([term for term in terms if term[1] != place]))
                )
    for coefficient, place in terms:
        node = graph.nodes[place]
        if coefficient == -1 and node[0] == "log_sum_exp":
            rest = graph.node(graph.add([term for term in terms if term[1] != place]))
            if rest in node[1:] and len(node) == 3:
                (other,) = (child for child in node[1:] if child != rest)
                return graph.apply("sigmoid", graph.add([graph.term(rest), negative(graph.term(other))]))
            if rest in node[1:]:
                return 1, graph.intern(("softmax", place, rest))
    for coefficient, place in terms:
        node = graph.nodes[place]
        if node[0] == "log_sum_exp" and type(coefficient) is int and coefficient < -1:
            # e^(u + v - 2 log S) = (e^u/S) (e^v/S)
            for side in node[1:]:
                own = linear(graph, graph.term(side))
                if all(term in terms for term in own):
                    taken = [*own, (-1, place)]
                    left = graph.add([*terms, *[(-c, part) for c, part in taken]])
                    return graph.multiply(exponential(graph, graph.add(taken)), exponential(graph, left))
    return graph.apply("exp", argument)


def _of_exp(graph: Graph, argument: Term) -> Term | None:
    """log e^u = u."""
    node = graph.nodes[argument[1]]
    return graph.term(node[1]) if argument[0] == 1 and node[0] == "exp" else None


def _of_softmax(graph: Graph, argument: Term) -> Term | None:
    """The logarithm of e^u/S is u - log S."""
    node = graph.nodes[argument[1]]
    if argument[0] != 1 or node[0] != "softmax":
        return None
    terms = [graph.term(node[2]), (-1, node[1])]
    return rewritten(graph, terms, PASSES) or graph.add(terms)


def _of_sigmoid(graph: Graph, argument: Term) -> Term | None:
    """The logarithm of sigmoid(u)^k is -k softplus(-u)."""
    power: Number = 1
    node = graph.nodes[argument[1]]
    if node[0] == "power" and graph.nodes[node[1]][0] == "sigmoid":
        power, node = node[2], graph.nodes[node[1]]
    if argument[0] != 1 or node[0] != "sigmoid":
        return None
    _, softplus = graph.apply("softplus", negative(graph.term(node[1])))
    return -power, softplus


def _of_even_power(graph: Graph, argument: Term) -> Term | None:
    """log u^k = k log |u| for an even k."""
    node = graph.nodes[argument[1]]
    if argument[0] != 1 or node[0] != "power" or type(node[2]) is not int or node[2] % 2:
        return None
    return graph.multiply((node[2], 0), graph.apply("log_abs", graph.term(node[1])))


def _of_expm1(graph: Graph, argument: Term) -> Term | None:
    """log(1 - e^u), and log(c (e^u - 1)) = u + log(c (1 - e^-u))."""
    coefficient, place = argument
    node = graph.nodes[place]
    if node[0] != "expm1":
        return None
    u = graph.term(node[1])
    if coefficient == -1:
        return _log_less_exp(graph, u)
    if coefficient < 0:
        return None
    _, inner = graph.apply("expm1", negative(u))
    return graph.add([u, logarithm(graph, (-coefficient, inner))])


def _of_cosh(graph: Graph, argument: Term) -> Term | None:
    """log cosh u."""
    node = graph.nodes[argument[1]]
    return graph.apply("log_cosh", graph.term(node[1])) if argument[0] == 1 and node[0] == "cosh" else None


def _of_hypot_less(graph: Graph, argument: Term) -> Term | None:
    """log(sqrt(u^2 + c^2) - u) = asinh(-u/c) + log c."""
    node = graph.nodes[argument[1]]
    if argument[0] != 1 or node[0] != "hypot_less" or len(node) != 3:
        return None
    number, one = graph.term(node[2])
    if one or number <= 0:
        return None
    u = graph.multiply((simplest(Fraction(-1) / Fraction(number)), 0), graph.term(node[1]))
    shift = [] if number == 1 else [graph.apply("log", (number, 0))]
    return graph.add([graph.apply("asinh", u), *shift])


def _of_quotient(graph: Graph, argument: Term) -> Term | None:
    """log(A/B) = 2 atanh((A - B)/(A + B)) where A + B is a number, as in log((1 + u)/(1 - u))."""
    coefficient, place = argument
    node = graph.nodes[place]
    for above, below in (node[1:], node[:0:-1]) if node[0] == "product" else ():
        inverse = graph.nodes[below]
        if inverse[0] != "power" or inverse[2] != -1 or graph.nodes[above][0] != "sum":
            continue
        first, second = linear(graph, (coefficient, above)), linear(graph, (1, inverse[1]))
        number, place = graph.add([*first, *second])
        if place == 0 and number:
            share = simplest(Fraction(1) / Fraction(number)), 0
            gap = graph.add([*first, *[negative(term) for term in second]])
            return 2, graph.apply("atanh", graph.multiply(share, gap))[1]
    return None


def _of_one_more(graph: Graph, argument: Term) -> Term | None:
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
    rest = [graph.multiply((node[2], 0), graph.apply("log_abs" if even else "log", (1, node[1])))]
    rest += [graph.apply("log", (coefficient, 0))] if coefficient != 1 else []
    near = graph.add([graph.apply("log1p", inverse), *rest])
    small = graph.apply("<=", inverse, ONE)
    # u^2 has lost its digits, or all of itself, where u has not.
    positive = [] if even else [graph.apply("<", ZERO, (1, node[1]))]
    return graph.select(graph.apply("and", *positive, small) if positive else small, near, far)


def _of_squares(graph: Graph, argument: Term) -> Term | None:
    """log(u^2 + v^2 + ...) as twice the logarithm of a hypot."""
    # The root of a product of squares may be beyond floats where their logarithm is not.
    if any(graph.nodes[place][0] == "product" for _, place in linear(graph, argument)):
        return None
    sides = sides_of(graph, argument)
    return (2, graph.intern(("log_hypot", *sides))) if sides else None


def _log_less_exp(graph: Graph, u: Term) -> Term:
    """log(1 - e^u): by e^u - 1 where u is near 0, by log(1 + ...) where e^u is small (Maechler, 2012)."""
    near = graph.apply("log", (-1, graph.apply("expm1", u)[1]))
    far = graph.apply("log1p", (-1, graph.apply("exp", u)[1]))
    return graph.select(graph.apply(">", u, (-1, 0)), near, far)


def of_exponentials(graph: Graph, argument: Term) -> Term | None:
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
        and exponents[0] == negative(exponents[1])
    ):
        # c e^u + c e^-u = 2 c cosh u
        twice = 2 * weights[0]
        rest = [] if twice == 1 else [graph.apply("log", (twice, 0))]
        return graph.add([graph.apply("log_cosh", exponents[0]), *rest])
    exponents = [
        u if weight == 1 else graph.add([u, graph.apply("log", (weight, 0))])
        for u, weight in zip(exponents, weights, strict=True)
    ]
    if len(exponents) > 1:
        # A number is the exponential of its logarithm.
        last = [] if not constant else [(0, 0) if constant == 1 else graph.apply("log", (constant, 0))]
        return graph.apply("log_sum_exp", *exponents, *last)
    (total,) = exponents
    if constant == 1:
        return graph.apply("softplus", total)
    shift = graph.apply("log", (constant, 0))
    return graph.add([shift, graph.apply("softplus", graph.add([total, negative(shift)]))])


def sides_of(graph: Graph, base: Term) -> list[int]:
    """u_1, ..., u_k where the base is the sum of at least two squares u_i^2; empty where it is not."""
    terms = linear(graph, base)
    sides: list[int] = []
    for coefficient, place in terms:
        if coefficient <= 0:
            return []
        side = _root_of_square(graph, place)
        if side is None:
            return []
        sides.append(graph.node(graph.multiply(root_of(graph, coefficient), side)))
    return sides if len(sides) > 1 and len(set(sides)) == len(sides) else []


def _root_of_square(graph: Graph, place: int) -> Term | None:
    """u where a node is u^2: 1, an even power, or a product of such."""
    node = graph.nodes[place]
    if place == 0:
        return ONE
    if node[0] == "power" and type(node[2]) is int and node[2] > 0 and node[2] % 2 == 0:
        return graph.power(graph.term(node[1]), node[2] // 2)
    if node[0] != "product":
        return None
    left, right = (_root_of_square(graph, part) for part in node[1:])
    return None if left is None or right is None else graph.multiply(left, right)


def root_of(graph: Graph, number: Number) -> Term:
    above, below = isqrt(number.numerator), isqrt(number.denominator)
    if above**2 == number.numerator and below**2 == number.denominator:
        return simplest(Fraction(above, below)), 0
    return graph.power((number, 0), HALF)


def negative(term: Term) -> Term:
    return -term[0], term[1]


LOGARITHMS: Final[tuple[Identity, ...]] = (
    of_exponentials,
    _of_exp,
    _of_softmax,
    _of_sigmoid,
    _of_even_power,
    _of_expm1,
    _of_cosh,
    _of_hypot_less,
    _of_quotient,
    _of_squares,
    _of_one_more,
)
