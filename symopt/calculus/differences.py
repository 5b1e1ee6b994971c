"""A function less a number that it is near, or less a side of its argument, written so that nothing cancels."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from symopt.calculus.cancelling import CANCELLING
from symopt.calculus.graph import ONE, Term, simplest
from symopt.calculus.sums import HALF, Replacement, Rule, Rules, Sum, linear


def _exponential(total: Sum, place: int) -> Replacement | None:
    """e^u - 1."""
    coefficient = total.terms[place]
    _, left = total.graph.apply("expm1", _inner(total, place))
    return [(coefficient, place), (-coefficient, 0)], [(coefficient, left)]


def _wave(total: Sum, place: int) -> Replacement | None:
    """cos u - 1 = -2 sin(u/2)^2 and cosh u - 1 = 2 sinh(u/2)^2."""
    graph, coefficient = total.graph, total.terms[place]
    name, sign = ("sin", -2) if graph.nodes[place][0] == "cos" else ("sinh", 2)
    half = graph.apply(name, graph.multiply((HALF, 0), _inner(total, place)))
    _, square = graph.power(half, 2)
    return [(coefficient, place), (-coefficient, 0)], [(sign * coefficient, square)]


def _tangent(total: Sum, place: int) -> Replacement | None:
    """tanh u - 1 = -2 sigmoid(-2 u) and tanh u + 1 = 2 sigmoid(2 u)."""
    graph, coefficient = total.graph, total.terms[place]
    if coefficient**2 > total.number**2:
        return None
    sign = 1 if coefficient * total.number > 0 else -1
    _, left = graph.apply("sigmoid", graph.multiply((2 * sign, 0), _inner(total, place)))
    return [(coefficient, place), (sign * coefficient, 0)], [(2 * sign * coefficient, left)]


def _sigmoid(total: Sum, place: int) -> Replacement | None:
    """sigmoid(u) - 1 = -sigmoid(-u) and sigmoid(u) - 1/2 = tanh(u/2)/2."""
    graph, coefficient, u = total.graph, total.terms[place], _inner(total, place)
    if total.number * coefficient > 0:
        return None
    if total.number == -coefficient:
        _, left = graph.apply("sigmoid", (-u[0], u[1]))
        return [(coefficient, place), (-coefficient, 0)], [(-coefficient, left)]
    _, left = graph.apply("tanh", graph.multiply((HALF, 0), u))
    half = simplest(HALF * coefficient)
    return [(coefficient, place), (-half, 0)], [(half, left)]


def _norm_less_number(total: Sum, place: int) -> Replacement | None:
    """sqrt(a^2 + u^2 + ...) - a."""
    graph, coefficient = total.graph, total.terms[place]
    number = simplest(Fraction(-total.number) / Fraction(coefficient))
    first, sides = graph.node((number, 0)), graph.nodes[place][1:]
    if number <= 0 or first not in sides:
        return None
    left = graph.intern(("hypot_less", first, *[side for side in sides if side != first]))
    return [(coefficient, place), (total.number, 0)], [(coefficient, left)]


def _root_less_one(total: Sum, place: int) -> Replacement | None:
    """sqrt(1 + u) - 1."""
    graph, coefficient = total.graph, total.terms[place]
    terms = linear(graph, _inner(total, place))
    if len(terms) < 2 or ONE not in terms:
        return None
    _, left = graph.apply("sqrt1pm1", graph.add([term for term in terms if term != ONE]))
    return [(coefficient, place), (-coefficient, 0)], [(coefficient, left)]


def _softplus_less_argument(total: Sum, place: int) -> Replacement | None:
    """log(1 + e^u) - u = log(1 + e^-u)."""
    graph, coefficient, u = total.graph, total.terms[place], _inner(total, place)
    taken = [
        (coefficient, place),
        *((simplest(-coefficient * scale), part) for scale, part in linear(graph, u)),
    ]
    if not total.has(taken):
        return None
    return taken, [(coefficient, graph.apply("softplus", (-u[0], u[1]))[1])]


def _norm_less_side(total: Sum, place: int) -> Replacement | None:
    """sqrt(u^2 + v^2 + ...) - u."""
    graph, coefficient = total.graph, total.terms[place]
    sides = graph.nodes[place][1:]
    for side in sides:
        scale, child = graph.term(side)
        for sign in (1, -1) if child else ():
            taken = [(coefficient, place), (simplest(-sign * coefficient * scale), child)]
            if total.has(taken):
                first = graph.node((sign * scale, child))
                left = graph.intern(("hypot_less", first, *[other for other in sides if other != side]))
                return taken, [(coefficient, left)]
    return None


def _inner(total: Sum, place: int) -> Term:
    return total.graph.term(total.graph.nodes[place][1])


def _where_there_is_a_number(rule: Rule) -> Rule:
    return lambda total, place: rule(total, place) if total.number else None


def _less_one(rule: Rule) -> Rule:
    """The rule for a function less 1, which is looked for where the number is its coefficient or more than that."""

    def within(total: Sum, place: int) -> Replacement | None:
        number, coefficient = total.number, total.terms[place]
        possible = number and number * coefficient < 0 and coefficient**2 <= number**2
        return rule(total, place) if possible else None

    return within


LESS_NUMBER: Final[Rules] = {
    **{name: _less_one(rule) for name, rule in (("exp", _exponential), ("cos", _wave), ("cosh", _wave))},
    "root": _less_one(_root_less_one),
    "tanh": _where_there_is_a_number(_tangent),
    "sigmoid": _where_there_is_a_number(_sigmoid),
    "hypot": _where_there_is_a_number(_norm_less_number),
}
LESS_ARGUMENT: Final[Rules] = {"softplus": _softplus_less_argument, "hypot": _norm_less_side}
PASSES: Final[tuple[Rules, ...]] = (CANCELLING, LESS_NUMBER, LESS_ARGUMENT)
