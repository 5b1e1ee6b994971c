"""Gradient by reverse accumulation, sparse Hessian by edge pushing, both on the graph itself.

One sweep from the objective to the variables. Each node carries its adjoint (Baur and Strassen 1983) and,
for the Hessian, the second-order weights between it and the nodes not yet eliminated (Gower and Mello 2012):
every weight is kept once, at the later node of its pair, so each entry of the Hessian is derived once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from symopt.calculus.graph import ONE, ZERO, Graph, Term, children, simplest
from symopt.calculus.rules import Partials, SecondPartials, partials

Weights: TypeAlias = dict[int, dict[int, list[Term]]]
# First and second derivatives by the nodes of the variables: those that may differ from 0.
_Slopes: TypeAlias = tuple[dict[int, Term], dict[tuple[int, int], Term]]
# The slope of a relation is that of the branch it chooses, so derivatives stop here.
CONDITIONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "true", "false"})


@dataclass(frozen=True)
class Derivatives:
    """The gradient, one term for each variable, and the non-zero entries (row, column), column <= row."""

    gradient: tuple[Term, ...]
    hessian: dict[tuple[int, int], Term]


def differentiate(graph: Graph, objective: Term, *, second: bool = True) -> Derivatives:
    """The gradient and, if `second`, the Hessian of a term in the variables of its graph.

    The branches of a piecewise function are differentiated each on its own, inner ones first: the branch
    that is not chosen may be undefined, and must not reach the derivative of the other.
    """
    root = graph.node(objective)
    branched: dict[int, _Slopes] = {}
    for place in graph.reachable([root]):
        node = graph.nodes[place]
        if node[0] == "select":
            yes, no = (_sweep(graph, branch, branched, second) for branch in node[2:])
            branched[place] = _chosen(graph, (1, node[1]), yes, no)
    gradient, hessian = _sweep(graph, root, branched, second)
    entries = ((place, hessian[place]) for place in sorted(hessian))
    return Derivatives(
        tuple(gradient.get(place, ZERO) for place in range(1, len(graph.variables) + 1)),
        {(row - 1, column - 1): entry for (row, column), entry in entries if entry[0]},
    )


def _chosen(graph: Graph, condition: Term, yes: _Slopes, no: _Slopes) -> _Slopes:
    """Entry by entry, that of the branch which the condition chooses."""
    gradient = {
        place: graph.select(condition, yes[0].get(place, ZERO), no[0].get(place, ZERO))
        for place in sorted({*yes[0], *no[0]})
    }
    hessian = {
        place: graph.select(condition, yes[1].get(place, ZERO), no[1].get(place, ZERO))
        for place in sorted({*yes[1], *no[1]})
    }
    return gradient, hessian


def _sweep(graph: Graph, root: int, branched: dict[int, _Slopes], second: bool) -> _Slopes:
    """One reverse sweep; a piecewise node hands its adjoint straight to the variables."""
    order, active = _active(graph, root)
    adjoints: dict[int, list[Term]] = {root: [ONE]} if root in active else {}
    weights: Weights = {}
    for place in reversed(order):
        row = weights.pop(place, None)
        contributions = adjoints.pop(place, None)
        if row is None and contributions is None:
            continue
        adjoint = _total(graph, contributions) if contributions else ZERO
        first, curvature = (
            _as_partials(branched[place]) if place in branched else partials(graph, place, active, second)
        )
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
        if second:
            for left, right, bend in curvature:
                weight = _by_slope(graph, adjoint, first, bend) or graph.multiply(adjoint, bend)
                _deposit(weights, left, right, weight)
    gradient = {place: _total(graph, adjoints[place]) for place in sorted(adjoints)}
    hessian = {
        (later, earlier): _total(graph, weights[later][earlier])
        for later in sorted(weights)
        for earlier in sorted(weights[later])
    }
    return gradient, hessian


def _by_slope(graph: Graph, adjoint: Term, first: Partials, bend: Term) -> Term | None:
    """The adjoint times g'' = g' r, as tanh'' = -2 tanh tanh', by the product with g' that is there already."""
    if len(first) != 1:
        return None
    (scale, slope), node = first[0][1], graph.nodes[bend[1]]
    if node[0] != "product" or slope not in node[1:] or not slope:
        return None
    rest = node[2] if node[1] == slope else node[1]
    factor = bend[0] if scale == 1 else -bend[0] if scale == -1 else Fraction(bend[0]) / Fraction(scale)
    return graph.multiply(graph.multiply(adjoint, (scale, slope)), (simplest(factor), rest))


def _as_partials(derivatives: _Slopes) -> tuple[Partials, SecondPartials]:
    """The variables in the place of a node's arguments."""
    gradient, hessian = derivatives
    first = [(place, slope) for place, slope in gradient.items() if slope[0]]
    return first, [(row, column, bend) for (row, column), bend in hessian.items()]


def _active(graph: Graph, root: int) -> tuple[list[int], set[int]]:
    """The nodes that depend on the variables, in order without the variables, and as a set with them."""
    count = len(graph.variables)
    nodes = graph.nodes
    order: list[int] = []
    active: set[int] = set()
    for place in graph.reachable([root]):
        if place > count:
            node = nodes[place]
            if node[0] not in CONDITIONS and not active.isdisjoint(children(node)):
                active.add(place)
                order.append(place)
        elif place:
            active.add(place)
    return order, active


def _total(graph: Graph, contributions: list[Term] | tuple[Term, ...]) -> Term:
    return contributions[0] if len(contributions) == 1 else graph.add(contributions)


def _deposit(weights: Weights, left: int, right: int, weight: Term) -> None:
    if left < right:
        left, right = right, left
    weights.setdefault(left, {}).setdefault(right, []).append(weight)


def _push(graph: Graph, weights: Weights, row: dict[int, list[Term]], place: int, first: Partials) -> None:
    """Replace a node by its arguments in every second-order weight that holds it."""
    multiply = graph.multiply
    loop = row.pop(place, None)
    for other, contributions in row.items():
        weight = contributions[0] if len(contributions) == 1 else graph.add(contributions)
        if weight == ZERO:
            continue
        for child, slope in first:
            share = weight if slope == ONE else multiply(weight, slope)
            if child == other:
                share = 2 * share[0], share[1]
            if child < other:
                weights.setdefault(other, {}).setdefault(child, []).append(share)
            else:
                weights.setdefault(child, {}).setdefault(other, []).append(share)
    weight = _total(graph, loop) if loop else ZERO
    if weight == ZERO:
        return
    for index, (child, slope) in enumerate(first):
        scaled = multiply(weight, slope)
        for other, more in first[:index]:
            coefficient, node = multiply(scaled, more)
            _deposit(
                weights, child, other, (2 * coefficient, node) if child == other else (coefficient, node)
            )
        _deposit(weights, child, child, multiply(scaled, slope))
