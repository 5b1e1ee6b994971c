"""The partial derivatives of one node with respect to its arguments: the rules of differentiation."""

from __future__ import annotations

from functools import reduce
from typing import Final, TypeAlias

from symopt.calculus.atoms import ATOMS, D, U, Y
from symopt.calculus.graph import ONE, ZERO, Graph, Number, Term, simplest
from symopt.calculus.loading import load

# (argument, slope) and (argument, argument, curvature); a mixed pair stands once for both of its orders.
Partials: TypeAlias = list[tuple[int, Term]]
SecondPartials: TypeAlias = list[tuple[int, int, Term]]


# Beyond this many sides the diagonal of the curvature of a norm is 1 minus a square.
MOST_SIDES: Final = 30


def partials(graph: Graph, place: int, active: set[int], second: bool) -> tuple[Partials, SecondPartials]:
    """The first and second partial derivatives of a node with respect to its active arguments."""
    node = graph.nodes[place]
    head = node[0]
    if head == "sum":
        return [(child, (coefficient, 0)) for child, coefficient in node[1] if child in active], []
    if head == "product":
        _, left, right = node
        if left not in active:
            return [(right, (1, left))], []
        if right not in active:
            return [(left, (1, right))], []
        return [(left, (1, right)), (right, (1, left))], [(left, right, ONE)]
    if head == "power":
        _, base, exponent = node
        return _power_rule(graph, base, exponent)
    if head == "pow":
        return _general_power_rule(graph, place, active)
    if head in ("max", "min"):
        _, left, right = node
        leads = graph.apply(">=" if head == "max" else "<=", (1, left), (1, right))
        rows = [(left, graph.select(leads, ONE, ZERO)), (right, graph.select(leads, ZERO, ONE))]
        return [(child, slope) for child, slope in rows if child in active], []
    if head == "atan2":
        return _angle_rule(graph, place, active)
    if head == "polygamma":
        _, order, argument = node
        one, two = (
            graph.apply("polygamma", graph.add([graph.term(order), (k, 0)]), (1, argument)) for k in (1, 2)
        )
        return [(argument, one)], [(argument, argument, two)]
    if head == "stable":
        return [(node[2], ONE)], []
    if head == "log_sum_exp":
        return _log_sum_exp_rule(graph, place, active, second)
    if head in ("hypot", "hypot_less"):
        return _hypot_rule(graph, place, active, second)
    if head == "direction":
        return _direction_rule(graph, place, active, second)
    if head == "log_hypot":
        return _log_hypot_rule(graph, place, active)
    if head == "softmax":
        return _softmax_rule(graph, place, active, second)
    return _atom_rule(graph, place, second)


def _power_rule(graph: Graph, base: int, exponent: Number) -> tuple[Partials, SecondPartials]:
    coefficient, node = graph.power((1, base), exponent - 1)
    slope = (simplest(exponent * coefficient), node)
    coefficient, node = graph.power((1, base), exponent - 2)
    return [(base, slope)], [(base, base, (simplest(exponent * (exponent - 1) * coefficient), node))]


def _general_power_rule(graph: Graph, place: int, active: set[int]) -> tuple[Partials, SecondPartials]:
    """b^e: e b^(e-1) in the base, b^e log b in the exponent."""
    _, base, exponent = graph.nodes[place]
    b, e, value = graph.term(base), graph.term(exponent), (1, place)
    lower, lowest = (graph.apply("pow", b, graph.add([e, (-k, 0)])) for k in (1, 2))
    first: Partials = []
    second: SecondPartials = []
    if base in active:
        first.append((base, graph.multiply(e, lower)))
        second.append((base, base, graph.multiply(graph.multiply(e, graph.add([e, (-1, 0)])), lowest)))
    if exponent in active:
        logarithm = graph.apply("log", b)
        first.append((exponent, graph.multiply(value, logarithm)))
        second.append((exponent, exponent, graph.multiply(value, graph.power(logarithm, 2))))
        if base in active:
            factor = graph.add([ONE, graph.multiply(e, logarithm)])
            second.append(_mixed(base, exponent, graph.multiply(lower, factor)))
    return first, second


def _mixed(left: int, right: int, bend: Term) -> tuple[int, int, Term]:
    """The mixed partial derivative counts twice when both arguments are the same node."""
    return left, right, (2 * bend[0], bend[1]) if left == right else bend


def _angle_rule(graph: Graph, place: int, active: set[int]) -> tuple[Partials, SecondPartials]:
    """atan2(b, a), the angle of the point (a, b): with r^2 = a^2 + b^2, -b/r^2 in a and a/r^2 in b."""
    _, up, across = graph.nodes[place]
    a, b = graph.term(across), graph.term(up)
    square = graph.add([graph.power(a, 2), graph.power(b, 2)])
    inverse, inverse_square = graph.power(square, -1), graph.power(square, -2)
    product = graph.multiply(graph.multiply((2, 0), graph.multiply(a, b)), inverse_square)
    mixed = graph.multiply(
        graph.add([graph.power(b, 2), graph.multiply((-1, 0), graph.power(a, 2))]), inverse_square
    )
    first = [(across, graph.multiply((-1, 0), graph.multiply(b, inverse))), (up, graph.multiply(a, inverse))]
    second = [
        (across, across, product),
        _mixed(across, up, mixed),
        (up, up, graph.multiply((-1, 0), product)),
    ]
    return (
        [row for row in first if row[0] in active],
        [row for row in second if row[0] in active and row[1] in active],
    )


def _log_sum_exp_rule(
    graph: Graph, place: int, active: set[int], second: bool
) -> tuple[Partials, SecondPartials]:
    """log(sum e^(u_i)) has the slopes w_i = e^(u_i)/sum e^(u_j) and the curvature diag(w) - w w^T.

    The diagonal is w_i (1 - w_i); the second factor is the sum of the other shares, without cancellation. Of two
    shares it is the other one.
    """
    both = graph.nodes[place][1:]
    arguments = [child for child in graph.nodes[place][1:] if child in active]
    first: Partials = [(child, (1, graph.intern(("softmax", place, child)))) for child in arguments]
    curvature: SecondPartials = []
    for index, (child, (_, share)) in enumerate(first if second else ()):
        curvature += [
            (child, other, (-c, n)) for other, w in first[:index] for c, n in [graph.multiply(w, (1, share))]
        ]
        name = ("softmax", place, both[1 - both.index(child)]) if len(both) == 2 else ("others", place, child)
        curvature.append((child, child, graph.multiply((1, share), (1, graph.intern(name)))))
    return first, curvature


def _hypot_rule(graph: Graph, place: int, active: set[int], second: bool) -> tuple[Partials, SecondPartials]:
    """h = sqrt(u_1^2 + ... + u_k^2) has the slopes r_i = u_i/h and the curvature (delta_ij - r_i r_j)/h.

    The diagonal is the sum of the other r_j^2 over h, without cancellation. hypot_less, h - u_1, is the same but for its
    slope in u_1, -(h - u_1)/h.
    """
    sides = graph.nodes[place][1:]
    inverse = graph.power((1, graph.intern(("hypot", *sides))), -1)
    slopes = {side: graph.multiply(graph.term(side), inverse) for side in sides}
    first: Partials = [(side, slopes[side]) for side in sides if side in active]
    told = first
    if graph.nodes[place][0] == "hypot_less" and sides[0] in active:
        told = [(sides[0], graph.multiply((-1, place), inverse)), *first[1:]]
    curvature: SecondPartials = []
    if second:
        squares = {side: graph.power(slope, 2) for side, slope in slopes.items()}
        whole = len(sides) > MOST_SIDES
        for index, (side, slope) in enumerate(first):
            others = [square for other, square in squares.items() if other != side]
            rest = graph.add([ONE, graph.multiply((-1, 0), squares[side])] if whole else others)
            curvature.append((side, side, graph.multiply(rest, inverse)))
            scaled = graph.multiply((-1, 0), graph.multiply(slope, inverse))
            curvature += [(side, other, graph.multiply(scaled, more)) for other, more in first[:index]]
    return told, curvature


def _direction_rule(
    graph: Graph, place: int, active: set[int], second: bool
) -> tuple[Partials, SecondPartials]:
    """r_i = u_i/h has the slopes (delta_ij - r_i r_j)/h.

    Its curvature is 3 r_i r_j r_k/h^2 less delta_ij r_k/h^2, delta_ik r_j/h^2 and delta_jk r_i/h^2. In both, 1 - r_j^2
    is the sum of the other squares, without cancellation.
    """
    _, norm, own = graph.nodes[place]
    sides = graph.nodes[norm][1:]
    inverse = graph.power((1, norm), -1)
    r = {side: (1, graph.intern(("direction", norm, side))) for side in sides}
    squares = {side: graph.power(share, 2) for side, share in r.items()}
    moving = [side for side in sides if side in active]
    rest = {side: graph.add([square for j, square in squares.items() if j != side]) for side in moving}

    def product(number: int, *factors: Term) -> Term:
        start: Term = number, 0
        return reduce(graph.multiply, factors, start)

    first: Partials = [
        (j, product(1, rest[j], inverse) if j == own else product(-1, r[own], r[j], inverse)) for j in moving
    ]
    curvature: SecondPartials = []
    # Its square may be beyond floats where the product is not.
    twice = inverse, inverse
    for index, j in enumerate(moving if second else ()):
        # 3 r_j^2 - 1
        bend = graph.add([product(2, squares[j]), product(-1, rest[j])])
        curvature.append(
            (j, j, product(-3, r[j], rest[j], *twice) if j == own else product(1, r[own], bend, *twice))
        )
        for k in moving[:index]:
            if own not in (j, k):
                curvature.append((j, k, product(3, r[own], r[j], r[k], *twice)))
                continue
            other = k if j == own else j
            bend_of_own = graph.add([product(2, squares[own]), product(-1, rest[own])])
            curvature.append((j, k, product(1, r[other], bend_of_own, *twice)))
    return first, curvature


def _log_hypot_rule(graph: Graph, place: int, active: set[int]) -> tuple[Partials, SecondPartials]:
    """log h has the slopes r_i/h, where r_i = u_i/h, and the curvature (delta_ij - 2 r_i r_j)/h^2.

    In the diagonal h^2 - 2 u_i^2 is the sum of the other u_j^2 less u_i^2.
    """
    sides = graph.nodes[place][1:]
    inverse = graph.power((1, graph.intern(("hypot", *sides))), -1)
    r = {side: graph.multiply(graph.term(side), inverse) for side in sides}
    squares = {side: graph.power(graph.term(side), 2) for side in sides if len(sides) <= MOST_SIDES}
    first: Partials = [(side, graph.multiply(r[side], inverse)) for side in sides if side in active]
    second: SecondPartials = []
    for index, (side, slope) in enumerate(first):
        if squares:
            others = [square for other, square in squares.items() if other != side]
            rest = graph.add([*others, graph.multiply((-1, 0), squares[side])])
            bend = graph.multiply(rest, graph.power(inverse, 2))
        else:
            bend = graph.add([ONE, graph.multiply((-2, 0), graph.power(r[side], 2))])
        # Its square may be beyond floats where the product is not.
        second.append((side, side, graph.multiply(graph.multiply(bend, inverse), inverse)))
        twice = graph.multiply((-2, 0), slope)
        second += [(side, other, graph.multiply(twice, more)) for other, more in first[:index]]
    return first, second


def _softmax_rule(
    graph: Graph, place: int, active: set[int], second: bool
) -> tuple[Partials, SecondPartials]:
    """p_i = e^(u_i - log(sum e^(u_j))) has the slopes p_i (delta_ij - p_j).

    Its curvature is p_i times (delta_ij - p_j) (delta_ik - p_k) - p_j (delta_jk - p_k). In both, 1 - p_j is the sum of
    the other shares, without cancellation.
    """
    _, total, own = graph.nodes[place]
    moving = [child for child in graph.nodes[total][1:] if child in active]
    shares: dict[int, Term] = {child: (1, graph.intern(("softmax", total, child))) for child in moving}
    rest: dict[int, Term] = {child: (1, graph.intern(("others", total, child))) for child in moving}
    slopes = {j: rest[j] if j == own else (-1, shares[j][1]) for j in moving}
    first: Partials = [(j, graph.multiply((1, place), slopes[j])) for j in moving]
    curvature: SecondPartials = []
    for index, j in enumerate(moving if second else ()):
        # (1 - p_j)^2 - p_j (1 - p_j) is (1 - p_j) (1 - 2 p_j), and p_j^2 - p_j (1 - p_j) is -p_j (1 - 2 p_j).
        bend = graph.multiply(slopes[j], graph.add([rest[j], (-1, shares[j][1])]))
        curvature.append((j, j, graph.multiply((1, place), bend)))
        for k in moving[:index]:
            if own in (j, k):
                other = k if j == own else j
                bend = graph.multiply((-1, shares[other][1]), graph.add([rest[own], (-1, place)]))
            else:
                bend = graph.multiply((2, shares[j][1]), shares[k])
            curvature.append((j, k, graph.multiply((1, place), bend)))
    return first, curvature


def _atom_rule(graph: Graph, place: int, second: bool) -> tuple[Partials, SecondPartials]:
    node = graph.nodes[place]
    atom, argument = ATOMS[node[0]], node[1]
    known = {id(U): graph.term(argument), id(Y): (1, place)}
    slope = load(graph, atom.first, known)
    if not second:
        return [(argument, slope)], []
    known[id(D)] = slope
    return [(argument, slope)], [(argument, argument, load(graph, atom.second, known))]
