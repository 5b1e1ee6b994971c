"""Sums whose terms cancel, written so that they do not: Taylor remainders, differences of norms, roots and logarithms."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from symopt.calculus.graph import ONE, Number, Term, simplest
from symopt.calculus.remainders import REMAINDERS
from symopt.calculus.sums import HALF, Replacement, Rule, Sum, argument, linear


def _taylor(total: Sum, place: int) -> Replacement | None:
    """e^u - 1 - u and the like, also where e^u - 1 is expm1(u) by now; x - 1 - log x with u = x - 1."""
    graph, coefficient = total.graph, total.terms[place]
    head, inside = graph.nodes[place]
    u = graph.term(inside)
    if not u[1]:
        return None
    if head in ("cos", "cosh", "log_cosh"):
        if u[1] not in total.squared:
            return None
    elif any(child not in total.terms for _, child in linear(graph, u) if child):
        return None
    for name, taken in _remainders(head):
        if head == "log":
            u = graph.add([u, (-1, 0)])
        parts = [
            (simplest(-coefficient * number * scale), child)
            for power, number in enumerate(taken)
            if number
            for scale, child in linear(graph, graph.power(u, power) if power else ONE)
        ]
        if not total.has(parts):
            continue
        left = graph.apply(name, u)
        if head == "log":
            # Far from 1 the digits of x may be lost in x - 1, and nothing cancels.
            near = graph.apply("<=", graph.apply("Abs", u), (Fraction(1, 2), 0))
            left = graph.select(near, left, graph.add([(1, place), (-1, graph.node(u))]))
        return [(coefficient, place), *parts], [(simplest(coefficient * left[0]), left[1])]
    return None


def _remainders(head: str) -> Iterator[tuple[str, tuple[Number, ...]]]:
    """The remainders of a function, with what is taken away: of log x and of e^u - 1 too."""
    for name, remainder in REMAINDERS.items():
        if remainder.of == head:
            yield name, remainder.taken
    if head == "expm1":
        yield "exp_rest", (0, 1)
    if head == "log":
        yield "log1p_rest", (0, 1)


def _log_of_squares(total: Sum, place: int) -> Replacement | None:
    """log(1 + u^2 + ...) - u^2 - ..., where the logarithm is 2 log_hypot(1, u, ...) by now."""
    graph, coefficient = total.graph, total.terms[place]
    one, *sides = sorted(graph.nodes[place][1:])
    if one != 0 or type(coefficient) is not int or coefficient % 2 or not total.squared:
        return None
    half = coefficient // 2
    squares = [graph.power(graph.term(side), 2) for side in sides]
    taken = [(coefficient, place), *((simplest(-half * scale), square) for scale, square in squares)]
    return (taken, [(half, graph.apply("log1p_rest", graph.add(squares))[1])]) if total.has(taken) else None


def _norm_less_sides(total: Sum, place: int) -> Replacement | None:
    """sqrt(u^2 + v^2) - u - v: without the larger side first."""
    graph, coefficient = total.graph, total.terms[place]
    sides = graph.nodes[place][1:]
    if len(sides) != 2 or 0 in sides:
        return None
    signed: list[Term] = []
    for side in sides:
        scale, child = graph.term(side)
        sign = next((s for s in (1, -1) if total.has([(simplest(-coefficient * s * scale), child)])), None)
        if sign is None:
            return None
        signed.append((sign * scale, child))
    taken = [(coefficient, place), *((simplest(-coefficient * scale), child) for scale, child in signed)]
    (u, v), (first, second) = signed, (graph.node(side) for side in signed)
    wide = graph.add([(1, graph.intern(("hypot_less", first, second))), (-v[0], v[1])])
    high = graph.add([(1, graph.intern(("hypot_less", second, first))), (-u[0], u[1])])
    leads = graph.apply(">=", graph.apply("Abs", u), graph.apply("Abs", v))
    scale, chosen = graph.select(leads, wide, high)
    return taken, [(simplest(coefficient * scale), chosen)]


def _roots(total: Sum, place: int) -> Replacement | None:
    """sqrt(B + c) - sqrt(B) = c/(sqrt(B + c) + sqrt(B))."""
    graph, coefficient, found = total.graph, total.terms[place], total.partner(place)
    if found is None:
        return None
    other, gap = found
    scale, quotient = graph.multiply(gap, graph.power(graph.add([(1, place), (1, other)]), -1))
    return [(coefficient, place), (-coefficient, other)], [(simplest(coefficient * scale), quotient)]


def _logarithms(total: Sum, place: int) -> Replacement | None:
    """log(B + c) - log(B) = log(1 + c/B) where B > 0."""
    graph, coefficient, found = total.graph, total.terms[place], total.partner(place)
    if found is None:
        return None
    other, gap = found
    if gap[0] < 0:
        place, other, coefficient, gap = other, place, -coefficient, (-gap[0], 0)
    b = argument(graph, other)
    far = graph.apply("log1p", graph.multiply(gap, graph.power(b, -1)))
    near = graph.add([(1, place), (-1, other)])
    # Where B is small c/B may overflow; where B <= 0 there is no value, and log B says so.
    scale, chosen = graph.select(graph.apply(">", b, gap), far, near)
    return [(coefficient, place), (-coefficient, other)], [(simplest(coefficient * scale), chosen)]


def _close_logarithms(total: Sum, place: int) -> Replacement | None:
    """log A - log B = log(1 + (A - B)/B) where A is near B, for A and B with terms in common."""
    graph, coefficient, found = total.graph, total.terms[place], total.close_partner(place)
    if found is None:
        return None
    other, scale, gap, b = found
    taken = [(coefficient, place), (total.terms[other], other)]
    same = graph.multiply((simplest(Fraction(1) / Fraction(scale)), 0), graph.add(taken))
    far = graph.apply("log1p", graph.multiply(gap, graph.power(b, -1)))
    value = graph.select(graph.apply("<", graph.apply("Abs", (2 * gap[0], gap[1])), b), far, same)
    return taken, [(scale, graph.intern(("stable", graph.node(value), graph.node(same))))]


def _close_roots(total: Sum, place: int) -> Replacement | None:
    """sqrt(A) - sqrt(B) = (A - B)/(sqrt(A) + sqrt(B)), for A and B with terms in common."""
    graph, coefficient, found = total.graph, total.terms[place], total.close_partner(place)
    if found is None:
        return None
    other, _, gap, _ = found
    both = graph.power(graph.add([(1, place), (1, other)]), -1)
    same = graph.add([(1, place), (-1, other)])
    left = graph.intern(("stable", graph.node(graph.multiply(gap, both)), graph.node(same)))
    return [(coefficient, place), (-coefficient, other)], [(coefficient, left)]


def _reciprocals(total: Sum, place: int) -> Replacement | None:
    """1/B - 1/(B + c) = c/(B (B + c))."""
    graph, coefficient, found = total.graph, total.terms[place], total.partner(place)
    if found is None:
        return None
    other, gap = found
    scale, quotient = graph.multiply((-gap[0], 0), graph.multiply((1, place), (1, other)))
    return [(coefficient, place), (-coefficient, other)], [(simplest(coefficient * scale), quotient)]


def _opposite(total: Sum, place: int) -> Replacement | None:
    """e^u + e^-u - 2 = 4 sinh(u/2)^2, and e^u - e^-u = 2 sinh u."""
    graph, coefficient = total.graph, total.terms[place]
    u = graph.term(graph.nodes[place][1])
    other = graph.find(("exp", graph.node((-u[0], u[1])))) if u[1] else None
    if other is None or total.terms.get(other) not in (coefficient, -coefficient):
        return None
    taken = [(coefficient, place), (total.terms[other], other)]
    if total.terms[other] == -coefficient:
        return taken, [(2 * coefficient, graph.apply("sinh", u)[1])]
    if total.number * coefficient >= 0 or 4 * coefficient**2 > total.number**2:
        return None
    half = graph.apply("sinh", graph.multiply((HALF, 0), u))
    return [*taken, (-2 * coefficient, 0)], [(4 * coefficient, graph.power(half, 2)[1])]


def _exponential(total: Sum, place: int) -> Replacement | None:
    return _taylor(total, place) or _opposite(total, place)


def _entropy(total: Sum, place: int) -> Replacement | None:
    """x log(x/w) - x + w = -x (log(1 + v) - v) with v = (w - x)/x, where x is near w."""
    graph, coefficient = total.graph, total.terms[place]
    for x, other in (graph.nodes[place][1:], graph.nodes[place][:0:-1]):
        if graph.nodes[other][0] != "log":
            continue
        scale, inside = graph.term(graph.nodes[other][1])
        if inside == x:
            w: Term = simplest(Fraction(1) / Fraction(scale)), 0
        else:
            w = graph.multiply(graph.term(x), graph.power((scale, inside), -1))
            below = graph.nodes[inside]
            if below[0] == "product" and x in below[1:]:
                rest = below[2] if below[1] == x else below[1]
                inverse = graph.power((scale, rest), -1)
                node = graph.nodes[rest]
                w = (inverse[0], node[1]) if node[0] == "power" and node[2] == -1 else inverse
        own = graph.term(x)
        taken = [(simplest(-coefficient * own[0]), own[1]), (simplest(coefficient * w[0]), w[1])]
        if not total.has(taken):
            continue
        gap = graph.add([w, (-own[0], own[1])])
        left = graph.apply("log1p_rest", graph.multiply(gap, graph.power(own, -1)))
        near = graph.multiply((-own[0], own[1]), left)
        far = graph.add([(1, place), (-own[0], own[1]), w])
        half = graph.multiply((Fraction(1, 2), 0), own)
        scale, chosen = graph.select(graph.apply("<=", graph.apply("Abs", gap), half), near, far)
        return [(coefficient, place), *taken], [(simplest(coefficient * scale), chosen)]
    return None


def _norm(total: Sum, place: int) -> Replacement | None:
    return _norm_less_sides(total, place) or _root(total, place)


def _root(total: Sum, place: int) -> Replacement | None:
    return _roots(total, place) or _close_roots(total, place)


def _logarithm(total: Sum, place: int) -> Replacement | None:
    return _taylor(total, place) or _logarithms(total, place) or _close_logarithms(total, place)


def _log_hypot(total: Sum, place: int) -> Replacement | None:
    return _log_of_squares(total, place) or _close_logarithms(total, place)


CANCELLING: Final[dict[str, Rule]] = {
    **{remainder.of: _taylor for remainder in REMAINDERS.values()},
    "exp": _exponential,
    "expm1": _taylor,
    "reciprocal": _reciprocals,
    "log": _logarithm,
    "log1p": _logarithm,
    "log_hypot": _log_hypot,
    "hypot": _norm,
    "root": _root,
    "entropy": _entropy,
}
