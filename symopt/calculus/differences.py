"""A function less a number that it is near, or less a side of its argument, written so that nothing cancels."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from sympy import pi

from symopt.calculus.cancelling import CANCELLING
from symopt.calculus.graph import ONE, ZERO, Graph, Term, simplest
from symopt.calculus.sums import HALF, Replacement, Rule, Rules, Sum, linear

# (1 + u)^k - 1 is written out for whole k up to this.
MOST_POWERS: Final = 6


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
    _, tangent = graph.apply("tanh", graph.multiply((HALF, 0), u))
    half = simplest(HALF * coefficient)
    # Its derivatives are those of the sigmoid: 1 - tanh^2 would cancel.
    left = graph.intern(("stable", graph.node((HALF, tangent)), place))
    return [(coefficient, place), (-half, 0)], [(coefficient, left)]


def _two_sigmoids(total: Sum, place: int) -> Replacement | None:
    """sigmoid(u) - sigmoid(-u) = tanh(u/2)."""
    graph, coefficient, u = total.graph, total.terms[place], _inner(total, place)
    other = graph.find(("sigmoid", graph.node((-u[0], u[1]))))
    if other is None or total.terms.get(other) != -coefficient:
        return None
    _, value = graph.apply("tanh", graph.multiply((HALF, 0), u))
    left = graph.intern(("stable", value, graph.node(graph.add([(1, place), (-1, other)]))))
    return [(coefficient, place), (-coefficient, other)], [(coefficient, left)]


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


def _square_less_one(total: Sum, place: int) -> Replacement | None:
    """1 - tanh^2 u, cosh^2 u - 1 = sinh^2 u, 1 - cos^2 u = sin^2 u and 1 - sin^2 u = cos^2 u."""
    graph, coefficient = total.graph, total.terms[place]
    _, base, exponent = graph.nodes[place]
    found = _SQUARES.get(graph.nodes[base][0]) if exponent == 2 else None
    if found is None:
        return None
    name, power, sign = found
    value = graph.power(graph.apply(name, graph.term(graph.nodes[base][1])), power)
    return [(coefficient, place), (-coefficient, 0)], [(sign * coefficient, value[1])]


# f and g^k, where f^2 - 1 = g^k or -g^k.
_SQUARES: Final[dict[str, tuple[str, int, int]]] = {
    "tanh": ("tanh_slope", 1, -1),
    "cosh": ("sinh", 2, 1),
    "cos": ("sin", 2, -1),
    "sin": ("cos", 2, -1),
}


def _power_less_one(total: Sum, place: int) -> Replacement | None:
    """(1 + u)^k - 1 as u times a sum of powers for a small whole k, by log(1 + u) for any k where u is small."""
    graph, coefficient = total.graph, total.terms[place]
    _, base, exponent = graph.nodes[place]
    if graph.nodes[base][0] == "hypot":
        exponent = HALF * exponent
        terms = [graph.power(graph.term(side), 2) for side in graph.nodes[base][1:]]
    else:
        terms = linear(graph, (1, base))
    if len(terms) < 2 or ONE not in terms:
        return None
    u = graph.add([term for term in terms if term != ONE])
    if type(exponent) is int and abs(exponent) <= MOST_POWERS:
        powers = range(exponent) if exponent > 0 else range(exponent, 0)
        rest = graph.add([graph.power((1, base), power) for power in powers])
        value = graph.multiply(u, rest)
        sign = 1 if exponent > 0 else -1
    else:
        near = graph.apply("expm1", graph.multiply((exponent, 0), graph.apply("log1p", u)))
        small = graph.apply("<=", graph.apply("Abs", u), (HALF, 0))
        value, sign = graph.select(small, near, graph.add([(1, place), (-1, 0)])), 1
    left = graph.intern(("stable", graph.node(value), graph.node((sign, place))))
    return [(coefficient, place), (-coefficient, 0)], [(sign * coefficient, left)]


def _error_function(total: Sum, place: int) -> Replacement | None:
    """erf u - 1 = -erfc(u), erf u + 1 = erfc(-u), erfc u - 1 = -erf u, erfc u - 2 = -erfc(-u)."""
    graph, coefficient, (scale, inner) = total.graph, total.terms[place], _inner(total, place)
    found = _ERRORS.get((graph.nodes[place][0], Fraction(-total.number) / Fraction(coefficient)))
    if found is None:
        return None
    name, sign, outer = found
    _, left = graph.apply(name, (sign * scale, inner))
    return [(coefficient, place), (total.number, 0)], [(outer * coefficient, left)]


# The function and the number taken away: another function, of u or of -u, and its sign.
_ERRORS: Final[dict[tuple[str, Fraction], tuple[str, int, int]]] = {
    ("erf", Fraction(1)): ("erfc", 1, -1),
    ("erf", Fraction(-1)): ("erfc", -1, 1),
    ("erfc", Fraction(1)): ("erf", 1, -1),
    ("erfc", Fraction(2)): ("erfc", -1, -1),
}


def _angle(total: Sum, place: int) -> Replacement | None:
    """atan u - pi/2 = -atan(1/u) where u > 0, and atan u + pi/2 = -atan(1/u) where u < 0."""
    graph, coefficient = total.graph, total.terms[place]
    turn = graph.find(("constant", pi))
    if turn is None:
        return None
    for sign in (1, -1):
        taken = [(coefficient, place), (simplest(-sign * HALF * coefficient), turn)]
        if total.has(taken):
            u = _inner(total, place)
            far = graph.multiply((-1, 0), graph.apply("atan", graph.power(u, -1)))
            near = graph.add([(1, place), (-sign * HALF, turn)])
            large = graph.apply(">", (sign * u[0], u[1]), ONE)
            scale, chosen = graph.select(large, far, near)
            return taken, [(simplest(coefficient * scale), chosen)]
    return None


def _log_sum_exp_less_argument(total: Sum, place: int) -> Replacement | None:
    """log(e^u + e^v + ...) - u = log(1 + e^(v - u) + ...)."""
    graph, coefficient = total.graph, total.terms[place]
    arguments = graph.nodes[place][1:]
    for own in arguments:
        u = graph.term(own)
        taken = [(coefficient, place), *((simplest(-coefficient * c), part) for c, part in linear(graph, u))]
        if total.has(taken) and any(part for _, part in taken[1:]):
            minus = linear(graph, (-u[0], u[1]))
            gaps = [
                graph.add([*linear(graph, graph.term(other)), *minus]) for other in arguments if other != own
            ]
            left = (
                graph.apply("softplus", gaps[0])
                if len(gaps) == 1
                else graph.apply("log_sum_exp", *gaps, ZERO)
            )
            return taken, [(coefficient, left[1])]
    return None


def _others(total: Sum, place: int) -> Replacement | None:
    """1 - p, the sum of the other shares, for a share p of a sum of exponentials."""
    graph, coefficient = total.graph, total.terms[place]
    if total.number != -coefficient:
        return None
    _, whole, own = graph.nodes[place]
    both = graph.nodes[whole][1:]
    name = ("softmax", whole, both[1 - both.index(own)]) if len(both) == 2 else ("others", whole, own)
    rest = graph.intern(name)
    left = graph.intern(("stable", rest, graph.node(graph.add([ONE, (-1, place)]))))
    return [(coefficient, place), (-coefficient, 0)], [(-coefficient, left)]


def _shares(total: Sum, place: int) -> Replacement | None:
    """p - q = (p + q) tanh((u - v)/2) for the shares p of e^u and q of e^v in a sum of exponentials."""
    graph, coefficient = total.graph, total.terms[place]
    _, whole, own = graph.nodes[place]
    for other in graph.nodes[whole][1:]:
        share = graph.find(("softmax", whole, other))
        if share is not None and other != own and total.terms.get(share) == -coefficient:
            minus = linear(graph, graph.multiply((-1, 0), graph.term(other)))
            gap = graph.add([*linear(graph, graph.term(own)), *minus])
            scale, left = graph.multiply(
                graph.add([(1, place), (1, share)]), graph.apply("tanh", graph.multiply((HALF, 0), gap))
            )
            return [(coefficient, place), (-coefficient, share)], [(simplest(coefficient * scale), left)]
    return None


def _softplus_less_log_2(total: Sum, place: int) -> Replacement | None:
    """log(1 + e^u) - log 2 = log(1 + (e^u - 1)/2) where |u| is small."""
    graph, coefficient, u = total.graph, total.terms[place], _inner(total, place)
    for number, sign in ((2, -1), (HALF, 1)):
        _, constant = graph.apply("log", (number, 0))
        taken = [(coefficient, place), (sign * coefficient, constant)]
        if total.has(taken):
            near = graph.apply("log1p", graph.multiply((HALF, 0), graph.apply("expm1", u)))
            far = graph.add([(1, place), (sign, constant)])
            scale, chosen = graph.select(graph.apply("<=", graph.apply("Abs", u), ONE), near, far)
            return taken, [(simplest(coefficient * scale), chosen)]
    return None


def _softplus(total: Sum, place: int) -> Replacement | None:
    return (
        _softplus_less_argument(total, place)
        or _softplus_less_log_2(total, place)
        or _two_softplus(total, place)
    )


def _two_softplus(total: Sum, place: int) -> Replacement | None:
    """log(1 + e^u) - log(1 + e^-u) = u."""
    graph, coefficient, u = total.graph, total.terms[place], _inner(total, place)
    other = graph.find(("softplus", graph.node((-u[0], u[1]))))
    if other is None or total.terms.get(other) != -coefficient:
        return None
    scale, inside = graph.multiply((coefficient, 0), u)
    return [(coefficient, place), (-coefficient, other)], [(simplest(scale), inside)]


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


def _root_less_part(total: Sum, place: int) -> Replacement | None:
    """sqrt(u^2 + v) - u = v/(sqrt(u^2 + v) + u) where u > 0."""
    graph, coefficient, inside = total.graph, total.terms[place], _inner(total, place)
    size = len(linear(graph, inside))
    for part, number in total.terms.items() if size > 1 and total.is_short else ():
        if part == place or not part:
            continue
        u = simplest(Fraction(-number) / Fraction(coefficient)), part
        square = graph.power(u, 2)
        rest = graph.add([*linear(graph, inside), *[(-c, p) for c, p in linear(graph, square)]])
        if not rest[0] or len(linear(graph, rest)) >= size:
            continue
        near = graph.multiply(rest, graph.power(graph.add([(1, place), u]), -1))
        same = graph.add([(1, place), (-u[0], part)])
        value = graph.select(graph.apply(">", u, ZERO), near, same)
        left = graph.intern(("stable", graph.node(value), graph.node(same)))
        return [(coefficient, place), (number, part)], [(coefficient, left)]
    return None


def _general_power_less_one(total: Sum, place: int) -> Replacement | None:
    """b^u - 1 = e^(u log b) - 1."""
    graph, coefficient = total.graph, total.terms[place]
    _, base, exponent = graph.nodes[place]
    inside = graph.multiply(graph.term(exponent), logarithm_of(graph, graph.term(base)))
    same = graph.add([(1, place), (-1, 0)])
    small = graph.apply("<=", graph.apply("Abs", inside), ONE)
    value = graph.select(small, graph.apply("expm1", inside), same)
    left = graph.intern(("stable", graph.node(value), graph.node(same)))
    return [(coefficient, place), (-coefficient, 0)], [(coefficient, left)]


def logarithm_of(graph: Graph, base: Term) -> Term:
    """log b, by log(1 + u) where b is 1 + u."""
    terms = linear(graph, base)
    if len(terms) < 2 or ONE not in terms:
        return graph.apply("log", base)
    return graph.apply("log1p", graph.add([term for term in terms if term != ONE]))


def _two_alike(total: Sum, place: int) -> Replacement | None:
    """e^u - e^v = e^v (e^(u - v) - 1), cos u - cos v = -2 sin((u + v)/2) sin((u - v)/2), and that of cosh."""
    graph, coefficient = total.graph, total.terms[place]
    name = graph.nodes[place][0]
    for other, more in total.terms.items() if total.is_short else ():
        if more == -coefficient and graph.nodes[other][0] == name:
            break
    else:
        return None
    u, v = _inner(total, place), _inner(total, other)
    gap = graph.add([u, (-v[0], v[1])])
    same = graph.add([(1, place), (-1, other)])
    if name == "exp":
        near = graph.multiply((1, other), graph.apply("expm1", gap))
        value = graph.select(graph.apply("<=", graph.apply("Abs", gap), ONE), near, same)
    else:
        number, function = (-2, "sin") if name == "cos" else (2, "sinh")
        halves = [graph.multiply((HALF, 0), part) for part in (graph.add([u, v]), gap)]
        value = graph.multiply((number, 0), graph.multiply(*[graph.apply(function, half) for half in halves]))
    left = graph.intern(("stable", graph.node(value), graph.node(same)))
    return [(coefficient, place), (-coefficient, other)], [(coefficient, left)]


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
    "reciprocal": _less_one(_power_less_one),
    "power of 1 +": _less_one(_power_less_one),
    "pow": _less_one(_general_power_less_one),
    "square": _less_one(_square_less_one),
    "tanh": _where_there_is_a_number(_tangent),
    "sigmoid": _where_there_is_a_number(_sigmoid),
    "softmax": _where_there_is_a_number(_others),
    "hypot": _where_there_is_a_number(_norm_less_number),
    "erf": _where_there_is_a_number(_error_function),
    "erfc": _where_there_is_a_number(_error_function),
}
LESS_ARGUMENT: Final[Rules] = {
    **dict.fromkeys(("exp", "cos", "cosh"), _two_alike),
    "softplus": _softplus,
    "log_sum_exp": _log_sum_exp_less_argument,
    "softmax": _shares,
    "sigmoid": _two_sigmoids,
    "atan": _angle,
    "hypot": _norm_less_side,
    "root": _root_less_part,
}
PASSES: Final[tuple[Rules, ...]] = (CANCELLING, LESS_NUMBER, LESS_ARGUMENT)
