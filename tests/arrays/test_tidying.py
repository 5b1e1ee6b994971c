"""Tidying keeps values: random losses, their derivatives before and after, evaluated entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import HadamardProduct, MatrixSymbol, Symbol, Trace, exp, sin, tanh

from symopt import Problem, elementwise, log_sum_exp, norm, ones, sigmoid, softmax, softplus, total
from symopt.arrays.derivative import along, derivatives
from symopt.arrays.graph import Tensors, Term
from symopt.arrays.reading import Reader
from symopt.arrays.tidying import Tidier

X, y, w, S, b = (
    MatrixSymbol("X", 3, 2),
    MatrixSymbol("y", 3, 1),
    MatrixSymbol("w", 2, 1),
    MatrixSymbol("S", 2, 2),
    Symbol("b"),
)
GENERATOR = np.random.default_rng(3)
DATA: dict[Any, Any] = {
    X: GENERATOR.normal(size=(3, 2)),
    y: GENERATOR.normal(size=3),
    w: GENERATOR.normal(size=2),
    S: GENERATOR.normal(size=(2, 2)),
    b: np.array(0.7),
}
FUNCTIONS: dict[str, Any] = {
    "exp": np.exp,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
    "softplus": lambda u: np.log1p(np.exp(u)),
}


def value_of(graph: Tensors, term: Term) -> Any:
    """The array that a term stands for, by its definition."""
    found: dict[int, Any] = {}
    for place in graph.reachable([term[1]]):
        node, dims = graph.nodes[place], tuple(map(int, graph.dims[place]))
        if node[0] == "leaf":
            found[place] = DATA[node[1]]
        elif node[0] == "delta":
            found[place] = np.eye(dims[0])
        elif node[0] == "sum":
            found[place] = sum(float(number) * found[child] for child, number in node[1])
        elif node[0] == "product":
            operands: list[Any] = []
            for child, labels in node[1]:
                operands += [found[child], list(labels)]
            for axis, size in enumerate(dims):
                operands += [np.ones(size), [axis]]
            found[place] = np.einsum(*operands, list(range(len(dims)))) if operands else np.array(1.0)
        elif node[0] == "power":
            found[place] = found[node[1]] ** float(node[2])
        elif node[0] == "function":
            found[place] = FUNCTIONS[node[1]](found[node[2]])
        else:
            assert node[0] in ("log_sum_exp", "softmax")
            inner = found[node[1]]
            over = tuple(range(node[2], inner.ndim))
            sums = np.exp(inner).sum(axis=over, keepdims=True)
            found[place] = np.exp(inner) / sums if node[0] == "softmax" else np.log(sums).reshape(dims)
    return float(term[0]) * found[term[1]]


vectors = st.recursive(
    st.sampled_from([X * w, y, ones(3), b * ones(3), X * ones(2)]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: 2 * pair[0] + b * pair[1]),
        st.tuples(inner, inner).map(lambda pair: HadamardProduct(*pair)),
        inner.map(sigmoid),
        inner.map(lambda v: elementwise(tanh, v)),
        inner.map(lambda v: elementwise(sin, v)),
        inner.map(lambda v: X * S * X.T * v / 3),
        inner.map(softmax),
    ),
    max_leaves=2,
)
losses = st.one_of(
    vectors.map(lambda v: norm(v) ** 2),
    vectors.map(lambda v: total(softplus(v)) - total(y.T * v)),
    vectors.map(lambda v: log_sum_exp(v) + b * total(v)),
    vectors.map(lambda v: total(elementwise(exp, v / 4)) * norm(S) ** 2),
    vectors.map(lambda v: Trace(S * X.T * v * w.T) + norm(v) ** 4 / 9),
)


@settings(max_examples=8, deadline=None)
@given(losses)
def test_tidying_changes_no_value(loss: Any) -> None:
    graph = Tensors()
    reader = Reader(graph)
    value = reader.objective(loss)
    variables = [reader.matrix(w).term, reader.matrix(S).term, reader.number(b).term]
    tidier = Tidier(graph)
    for slope in derivatives(graph, value, variables):
        tidy = tidier.tidy(slope)
        assert graph.dims[tidy[1]] == graph.dims[slope[1]]
        assert tidier.cost(tidy) <= tidier.cost(slope) + 1e-9
        first = value_of(graph, slope)
        np.testing.assert_allclose(
            value_of(graph, tidy), first, rtol=1e-9, atol=1e-9 * (1 + np.abs(first).max())
        )
        block = derivatives(graph, tidy, variables[:1])[0]
        second = value_of(graph, block)
        found = value_of(graph, tidier.tidy(block))
        np.testing.assert_allclose(found, second, rtol=1e-8, atol=1e-9 * (1 + np.abs(second).max()))


@settings(max_examples=8, deadline=None)
@given(losses)
def test_the_derivative_along_a_line_is_the_gradient_times_its_direction(loss: Any) -> None:
    graph = Tensors()
    reader = Reader(graph)
    value = reader.objective(loss)
    variable = reader.matrix(w).term
    direction = reader.matrix(MatrixSymbol("d", 2, 1)).term
    DATA[MatrixSymbol("d", 2, 1)] = np.array([0.3, -1.1])
    (slope,) = derivatives(graph, value, [variable])
    wanted = value_of(graph, slope) @ DATA[MatrixSymbol("d", 2, 1)]
    found = value_of(graph, along(graph, value, {variable[1]: direction}))
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def test_equal_terms_written_in_different_orders_are_one_node() -> None:
    graph = Tensors()
    reader = Reader(graph)
    pairs = [
        (Trace(S * X.T * X), Trace(X.T * X * S)),
        (total(X * w), total(w.T * X.T)),
        (norm(X * w) ** 2, w.T * X.T * X * w),
        (Trace(S * S.T), norm(S) ** 2),
        ((y.T * X * w) * (y.T * y), norm(y) ** 2 * total(w.T * X.T * y)),
        (total(HadamardProduct(y, X * w)), y.T * X * w),
    ]
    for one, other in pairs:
        assert reader.objective(one) == reader.objective(other)


def test_forms_that_a_person_writes() -> None:
    """By hand: each is the shortest form of its derivative."""
    s = sigmoid(X * w)
    assert Problem(total(softplus(X * w)) - total(y.T * X * w), [w]).gradient == (X.T * (s - y),)
    assert Problem(norm(y - X * w) ** 2 / 2, [w]).gradient == (-X.T * (y - X * w),)
    p = softmax(X * w)
    assert Problem(log_sum_exp(X * w), [w]).gradient == (X.T * p,)
