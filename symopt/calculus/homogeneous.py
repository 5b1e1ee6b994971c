"""A written-out quadratic function from its gradient: Euler's theorem on homogeneous functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from symopt.calculus.graph import Graph, Number, Term

HALF: Final = Fraction(1, 2)


def by_gradient(graph: Graph, value: Term, gradient: Sequence[Term]) -> Term:
    """c + 1/2 sum x_i (b_i + df/dx_i) for a value c + sum b_i x_i + sum q_ij x_i x_j; any other value as it is.

    A dense quadratic function has about n^2/2 terms of its own, and this takes 2 n operations beside its gradient. The
    rounding is bounded alike: every product is that of one q_ij x_j with x_i. Where there are no more products of
    variables than variables nothing is gained.
    """
    scale, place = value
    node = graph.nodes[place]
    if node[0] != "sum":
        return value
    size, quadratic = len(graph.variables), 0
    constant: Number = 0
    linear: dict[int, Number] = {}
    for child, coefficient in node[1]:
        head, *parts = graph.nodes[child]
        factors = parts if head == "product" else parts[:1] if head == "power" and parts[1] == 2 else []
        if child == 0:
            constant = scale * coefficient
        elif child <= size:
            linear[child] = scale * coefficient
        elif factors and max(factors) <= size:
            quadratic += 1
        else:
            return value
    terms = [
        graph.multiply((1, i), graph.add([slope, (linear.get(i, 0), 0)]))
        for i, slope in enumerate(gradient, 1)
    ]
    if quadratic <= sum(coefficient != 0 for coefficient, _ in terms):
        return value
    return graph.add([graph.multiply((HALF, 0), graph.add(terms)), (constant, 0)])
