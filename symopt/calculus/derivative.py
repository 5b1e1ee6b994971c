"""Gradient by reverse accumulation, sparse Hessian by edge pushing, both on the graph itself.

One sweep from the objective to the variables. Each node carries its adjoint (Baur and Strassen 1983) and,
for the Hessian, the second-order weights between it and the nodes not yet eliminated (Gower and Mello 2012):
every weight is kept once, at the later node of its pair, so each entry of the Hessian is derived once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from symopt.calculus.atoms import ATOMS, D, U, Y
from symopt.calculus.graph import ONE, ZERO, Graph, Number, Term, children, simplest
from symopt.calculus.loading import load

Partials: TypeAlias = list[tuple[int, Term]]
SecondPartials: TypeAlias = list[tuple[int, int, Term]]
Weights: TypeAlias = dict[int, dict[int, list[Term]]]
# The slope of a relation is that of the branch it chooses, so derivatives stop here.
CONDITIONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "true", "false"})


@dataclass(frozen=True)
class Derivatives:
    """The gradient, one term for each variable, and the non-zero entries (row, column), column <= row."""

    gradient: tuple[Term, ...]
    hessian: dict[tuple[int, int], Term]


def differentiate(graph: Graph, objective: Term, *, second: bool = True) -> Derivatives:
    """The gradient and, if `second`, the Hessian of a term in the variables of its graph."""
    count = len(graph.variables)
    root = graph.node(objective)
    order, active = _active(graph, root)
    adjoints: dict[int, list[Term]] = {root: [ONE]} if root in active else {}
    weights: Weights = {}
    for place in reversed(order):
        row = weights.pop(place, None)
        contributions = adjoints.pop(place, None)
        if row is None and contributions is None:
            continue
        adjoint = _total(graph, contributions) if contributions else ZERO
        first, curvature = _partials(graph, place, active, second)
        if row is not None:
            _push(graph, weights, row, place, first)
        if not adjoint[0]:
            continue
        for child, slope in first:
            contribution = graph.multiply(adjoint, slope)
            if child in adjoints:
                adjoints[child].append(contribution)
            else:
                adjoints[child] = [contribution]
        for left, right, bend in curvature:
            _deposit(weights, left, right, graph.multiply(adjoint, bend))
    gradient = tuple(_total(graph, adjoints.get(place, ())) for place in range(1, count + 1))
    hessian: dict[tuple[int, int], Term] = {}
    for later in sorted(weights):
        for earlier in sorted(weights[later]):
            entry = _total(graph, weights[later][earlier])
            if entry[0]:
                hessian[later - 1, earlier - 1] = entry
    return Derivatives(gradient, hessian)


def _active(graph: Graph, root: int) -> tuple[list[int], set[int]]:
    """The nodes between the root and the variables: in order without the variables, and as a set with them."""
    count = len(graph.variables)
    nodes = graph.nodes
    order: list[int] = []
    active = set(range(1, count + 1))
    reached = graph.reachable([root])
    for place in reached:
        if place <= count:
            continue
        node = nodes[place]
        if node[0] not in CONDITIONS and any(child in active for child in children(node)):
            active.add(place)
            order.append(place)
    return order, active & set(reached)


def _total(graph: Graph, contributions: list[Term] | tuple[Term, ...]) -> Term:
    return contributions[0] if len(contributions) == 1 else graph.add(contributions)


def _deposit(weights: Weights, left: int, right: int, weight: Term) -> None:
    if left < right:
        left, right = right, left
    row = weights.get(left)
    if row is None:
        weights[left] = {right: [weight]}
    elif right in row:
        row[right].append(weight)
    else:
        row[right] = [weight]


def _push(graph: Graph, weights: Weights, row: dict[int, list[Term]], place: int, first: Partials) -> None:
    """Replace a node by its arguments in every second-order weight that holds it."""
    multiply = graph.multiply
    loop = row.pop(place, None)
    for other, contributions in row.items():
        weight = _total(graph, contributions)
        if not weight[0]:
            continue
        for child, slope in first:
            coefficient, node = multiply(weight, slope)
            _deposit(
                weights, child, other, (2 * coefficient, node) if child == other else (coefficient, node)
            )
    weight = _total(graph, loop) if loop else ZERO
    if not weight[0]:
        return
    for index, (child, slope) in enumerate(first):
        scaled = multiply(weight, slope)
        for other, more in first[:index]:
            coefficient, node = multiply(scaled, more)
            _deposit(
                weights, child, other, (2 * coefficient, node) if child == other else (coefficient, node)
            )
        _deposit(weights, child, child, multiply(scaled, slope))


def _partials(graph: Graph, place: int, active: set[int], second: bool) -> tuple[Partials, SecondPartials]:
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
    if head == "select":
        _, condition, yes, no = node
        chosen = (1, condition)
        rows = [(yes, graph.select(chosen, ONE, ZERO)), (no, graph.select(chosen, ZERO, ONE))]
        return [(child, slope) for child, slope in rows if child in active], []
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
    if head == "log_sum_exp":
        return _log_sum_exp_rule(graph, place, active, second)
    if head == "softmax":
        return _softmax_rule(graph, place, active)
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
    """log(sum e^(u_i)) has the slopes w_i = e^(u_i)/sum e^(u_j) and the curvature diag(w) - w w^T."""
    arguments = [child for child in graph.nodes[place][1:] if child in active]
    first: Partials = [(child, (1, graph.intern(("softmax", place, child)))) for child in arguments]
    curvature: SecondPartials = []
    for index, (child, (_, share)) in enumerate(first if second else ()):
        curvature += [
            (child, other, (-c, n)) for other, w in first[:index] for c, n in [graph.multiply(w, (1, share))]
        ]
        curvature.append((child, child, graph.add([(1, share), (-1, graph.power((1, share), 2)[1])])))
    return first, curvature


def _softmax_rule(graph: Graph, place: int, active: set[int]) -> tuple[Partials, SecondPartials]:
    """e^(u - s) of the node s = log(sum e^(u_i)) and of one u among the u_i."""
    _, total, argument = graph.nodes[place]
    if argument not in active:
        return [(total, (-1, place))], [(total, total, (1, place))]
    first: Partials = [(argument, (1, place)), (total, (-1, place))]
    return first, [
        (argument, argument, (1, place)),
        (total, total, (1, place)),
        (argument, total, (-1, place)),
    ]


def _atom_rule(graph: Graph, place: int, second: bool) -> tuple[Partials, SecondPartials]:
    node = graph.nodes[place]
    atom, argument = ATOMS[node[0]], node[1]
    known = {id(U): graph.term(argument), id(Y): (1, place)}
    slope = load(graph, atom.first, known)
    if not second:
        return [(argument, slope)], []
    known[id(D)] = slope
    return [(argument, slope)], [(argument, argument, load(graph, atom.second, known))]
