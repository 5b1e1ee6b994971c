"""An array at one index of an axis: x_i of x, written with arrays of one axis fewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sympy import Expr, MatrixSymbol, Symbol

from symopt.arrays.functions import apply, log_sum_exp, softmax
from symopt.arrays.graph import Factor, Labelled, Tensors, Term
from symopt.arrays.statement import name_of
from symopt.errors import InputError

Build: TypeAlias = Callable[[Tensors, Term, int], Term]


def at_index(graph: Tensors, place: int, axis: int, letter: str) -> Term:
    """The array of which entry i along an axis is taken, whatever i is called; that axis is gone.

    An array x becomes one of its own, `x_i`. InputError for arrays that are not made entry by entry along the axis.
    """
    node, dims = graph.nodes[place], graph.dims[place]
    left = (*dims[:axis], *dims[axis + 1 :])
    head = node[0]
    if head == "leaf":
        return graph.leaf(entry_symbol(node[1], left, letter), left)
    if head == "sum":
        parts = [graph.scaled(c, at_index(graph, child, axis, letter)) for child, c in node[1]]
        return graph.add(left, parts)
    if head == "power":
        return graph.power(at_index(graph, node[1], axis, letter), node[2])
    if head == "function":
        return apply(graph, node[1], *(at_index(graph, child, axis, letter) for child in node[2:]))
    if head in ("log_sum_exp", "softmax") and axis < node[2]:
        build: Build = log_sum_exp if head == "log_sum_exp" else softmax
        return build(graph, at_index(graph, node[1], axis, letter), node[2] - 1)
    if head != "product":
        raise InputError(f"{head} is not made entry by entry")
    return graph.contract(left, factors_at_index(graph, node[1], axis, len(dims), letter))


def factors_at_index(
    graph: Tensors, factors: tuple[Factor, ...], label: int, axes: int, letter: str
) -> list[Labelled]:
    """The factors of a product of so many axes at one index; the axes behind the one taken away move up."""
    row: list[Labelled] = []
    for child, labels in factors:
        part = at_index(graph, child, labels.index(label), letter) if label in labels else (1, child)
        left = (x for x in labels if x != label)
        row.append((part, tuple(("own", x) if x >= axes else x - (x > label) for x in left)))
    return row


def entry_symbol(array: Any, dims: tuple[Expr, ...], letter: str) -> Any:
    """The name of an array at an index, `x_i`, and of that at another one, `x_ij`: a number, a column or a matrix."""
    name = name_of(array)
    name += letter if "_" in name else f"_{letter}"
    if not dims:
        return Symbol(name, real=True)
    rows, columns = (*dims, 1)[:2]
    return MatrixSymbol(name, rows, columns)
