"""Derivatives of tensors by reverse accumulation: one sweep from a tensor to the variables.

The adjoint of a node has the axes of the tensor that is differentiated, then those of the node, so that one function
gives the gradient of a number and the Hessian block of a gradient. Nothing is written out entry by entry: the
derivative of a product by one of its factors is the product of the others with identity matrices, which vanish when
the product is put into its normal form (Laue, Mitterreiter and Giesen, NeurIPS 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

from symopt.arrays.functions import slopes
from symopt.arrays.graph import Dims, Labelled, Tensors, Term, children


def derivatives(graph: Tensors, root: Term, variables: Sequence[Term]) -> tuple[Term, ...]:
    """The derivative of a term by each variable; its axes are those of the term, then those of the variable."""
    coefficient, top = root
    outer = graph.dims[top]
    places = [place for _, place in variables]
    order = graph.reachable([top])
    active = set(places)
    for place in order:
        if any(child in active for child in children(graph.nodes[place])):
            active.add(place)
    adjoints: dict[int, list[Term]] = {}
    if top in active:
        axes = range(len(outer))
        same = [
            ((1, graph.delta(dim)), (axis, len(outer) + axis)) for axis, dim in zip(axes, outer, strict=True)
        ]
        adjoints[top] = [graph.contract((*outer, *outer), same, coefficient)]
    found: dict[int, Term] = {}
    for place in reversed(order):
        if place not in adjoints:
            continue
        adjoint = graph.add((*outer, *graph.dims[place]), adjoints.pop(place))
        if place in places:
            found[place] = adjoint
        elif adjoint[0]:
            for child, term in _pushed(graph, place, adjoint, outer, active):
                adjoints.setdefault(child, []).append(term)
    return tuple(found.get(place, graph.zero((*outer, *graph.dims[place]))) for place in places)


def _pushed(
    graph: Tensors, place: int, adjoint: Term, outer: Dims, active: set[int]
) -> list[tuple[int, Term]]:
    """What the adjoint of a node adds to the adjoints of the nodes it is made of."""
    node, dims = graph.nodes[place], graph.dims[place]
    head, axes, first = node[0], len(dims), len(outer)
    over = tuple(range(first))
    own = tuple(range(first, first + axes))
    if head == "sum":
        return [(child, graph.scaled(number, adjoint)) for child, number in node[1] if child in active]
    if head == "product":
        return _product_rule(graph, place, adjoint, outer, active)
    if head in ("power", "function"):
        return [
            (child, graph.contract((*outer, *dims), [(adjoint, (*over, *own)), (slope, own)]))
            for child, slope in slopes(graph, place)
            if child in active
        ]
    child = node[1]
    inner = graph.dims[child]
    if child not in active:
        return []
    every = tuple(range(first, first + len(inner)))
    if head == "log_sum_exp":
        from_softmax = (1, graph.intern(("softmax", child, node[2]), inner))
        shares: list[Labelled] = [(adjoint, (*over, *every[: node[2]])), (from_softmax, every)]
        return [(child, graph.contract((*outer, *inner), shares))]
    if head == "softmax":
        share: Term = (1, place)
        direct = graph.contract((*outer, *inner), [(adjoint, (*over, *every)), (share, every)])
        kept = every[: node[2]]
        summed = tuple(("summed", k) for k in range(len(inner) - node[2]))
        mean: list[Labelled] = [(adjoint, (*over, *kept, *summed)), (share, (*kept, *summed)), (share, every)]
        return [(child, graph.add((*outer, *inner), [direct, graph.contract((*outer, *inner), mean, -1)]))]
    row, column = every
    if head == "inverse":
        inverse: Term = (1, place)
        pair: list[Labelled] = [(inverse, ("a", row)), (inverse, (column, "b"))]
        factors: list[Labelled] = [(adjoint, (*over, "a", "b")), *pair]
        return [(child, graph.contract((*outer, *inner), factors, -1))]
    flipped: list[Labelled] = [(graph.inverse(child), (column, row))]
    if head == "det":
        flipped.append(((1, place), ()))
    return [(child, graph.contract((*outer, *inner), [(adjoint, over), *flipped]))]


def _product_rule(
    graph: Tensors, place: int, adjoint: Term, outer: Dims, active: set[int]
) -> list[tuple[int, Term]]:
    """The adjoint times the other factors, for each factor; equal factors at equal labels count together."""
    node, dims = graph.nodes[place], graph.dims[place]
    first = len(outer)
    over = tuple(range(first))
    factors = node[1]
    found = []
    for index, (child, labels) in enumerate(factors):
        if child not in active or factors.index((child, labels)) < index:
            continue
        times = factors.count((child, labels))
        names: dict[int, object] = {}
        same = []
        for position, label in enumerate(labels):
            axis = first + position
            if label in names:
                same.append(((1, graph.delta(graph.dims[child][position])), (names[label], axis)))
            else:
                names[label] = axis
        others = [*factors[:index], *factors[index + 1 :]]
        row = [(adjoint, (*over, *(names.get(k, ("own", k)) for k in range(len(dims))))), *same]
        row += [((1, other), tuple(names.get(x, ("own", x)) for x in where)) for other, where in others]
        found.append((child, graph.contract((*outer, *graph.dims[child]), row, times)))
    return found


def along(graph: Tensors, root: Term, directions: dict[int, Term]) -> Term:
    """The derivative of a term along directions of the variables, by forward accumulation.

    Sums stay together: of ||R||^2 it is 2 R^T dR, and along the same directions once more 2 ||dR||^2.
    """
    changes: dict[int, Term] = {}
    for place in graph.reachable([root[1]]):
        dims = graph.dims[place]
        if place in directions:
            changes[place] = directions[place]
        elif any(changes[child][0] for child in children(graph.nodes[place])):
            changes[place] = _change(graph, place, changes)
        else:
            changes[place] = graph.zero(dims)
    return graph.scaled(root[0], changes[root[1]])


def _change(graph: Tensors, place: int, changes: dict[int, Term]) -> Term:
    node, dims = graph.nodes[place], graph.dims[place]
    axes = tuple(range(len(dims)))
    head = node[0]
    if head == "sum":
        return graph.add(dims, [graph.scaled(number, changes[child]) for child, number in node[1]])
    if head == "product":
        parts = []
        for index, (child, labels) in enumerate(node[1]):
            if changes[child][0]:
                others = [*node[1][:index], *node[1][index + 1 :]]
                row: list[Labelled] = [
                    (changes[child], labels),
                    *(((1, other), where) for other, where in others),
                ]
                parts.append(graph.contract(dims, row))
        return graph.add(dims, parts)
    if head in ("power", "function"):
        pairs = [(slope, changes[child]) for child, slope in slopes(graph, place) if changes[child][0]]
        return graph.add(dims, [graph.multiply(slope, change) for slope, change in pairs])
    child = node[1]
    inner = graph.dims[child]
    change = changes[child]
    every = tuple(range(len(inner)))
    if head in ("log_sum_exp", "softmax"):
        share: Term = (1, graph.intern(("softmax", child, node[2]), inner))
        kept = every[: node[2]]
        behind = tuple(("summed", label) for label in every[node[2] :])
        mean = graph.contract(inner[: node[2]], [(share, (*kept, *behind)), (change, (*kept, *behind))])
        if head == "log_sum_exp":
            return mean
        spread = graph.contract(inner, [(mean, kept), (share, every)], -1)
        return graph.add(inner, [graph.multiply(share, change), spread])
    if head == "inverse":
        sides: list[Labelled] = [((1, place), (0, "a")), (change, ("a", "b")), ((1, place), ("b", 1))]
        return graph.contract(dims, sides, -1)
    trace: list[Labelled] = [(graph.inverse(child), ("a", "b")), (change, ("b", "a"))]
    if head == "det":
        trace.append(((1, place), ()))
    assert not axes
    return graph.contract((), trace)
