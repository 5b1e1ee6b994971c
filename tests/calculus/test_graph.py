"""The graph: sharing, exact arithmetic on terms, loading without recursion, refusals by name."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import E, Float, I, Mul, Pow, Rational, Sum, exp, oo, pi, sin, sqrt, symbols

from symopt.calculus.expressions import as_expressions
from symopt.calculus.graph import ONE, ZERO, Graph
from symopt.calculus.loading import load
from symopt.errors import InputError

x, y, p = symbols("x y p", real=True)


@pytest.fixture
def graph() -> Graph:
    return Graph((x, y))


def test_equal_expressions_are_one_node(graph: Graph) -> None:
    assert load(graph, x + y) == load(graph, y + x)
    assert load(graph, Mul(y, x, evaluate=False)) == load(graph, x * y)
    assert load(graph, sin(x - y)) == load(graph, sin(-(y - x)))


def test_variables_are_the_first_nodes_in_their_order() -> None:
    graph = Graph((y, x))
    assert graph.symbol(y) == (1, 1)
    assert graph.symbol(x) == (1, 2)


def test_like_terms_are_collected(graph: Graph) -> None:
    a, b = graph.symbol(x), graph.symbol(y)
    assert graph.add([a, a, (-2, a[1])]) == ZERO
    assert graph.add([a, b, a]) == graph.add([b, (2, a[1])])
    coefficient, common = graph.add([(Fraction(1, 2), a[1]), (Fraction(-1, 2), b[1])])
    assert abs(coefficient) == Fraction(1, 2)
    assert graph.add([(2, a[1]), (-2, b[1])])[1] == common


def test_powers_join_only_where_the_domain_stays(graph: Graph) -> None:
    a = graph.symbol(x)
    assert graph.multiply(graph.power(a, 2), graph.power(a, 3)) == graph.power(a, 5)
    reciprocal = graph.power(a, -1)
    assert graph.multiply(a, reciprocal) != ONE
    root = graph.power(a, Fraction(1, 2))
    assert graph.multiply(root, root) != a
    assert graph.power(graph.power(a, 2), Fraction(1, 2)) != a


def test_a_number_has_an_exact_power(graph: Graph) -> None:
    assert graph.power((2, 0), -3) == (Fraction(1, 8), 0)
    assert graph.power((3, 0), 2) == (9, 0)
    assert graph.power(ZERO, 2) == ZERO
    assert graph.nodes[graph.power(ZERO, -1)[1]] == ("undefined",)


@pytest.mark.parametrize(
    "expression",
    [
        Rational(3, 7) * x**2 * y - x / 3 + 2,
        pi * x + E * y + sqrt(2),
        2**x + x**y + x ** Rational(5, 3) + 1 / x,
        sympy.Piecewise((x**2, x > 0), (y, (y < 1) | sympy.Eq(x, y)), (-x, True)),
        sympy.Max(x, y, 1) + sympy.Min(x, 2) + sympy.Abs(x) + sympy.sign(y) + sympy.Heaviside(x),
        sympy.atan2(y, x) + sympy.polygamma(1, x) + sympy.LambertW(x) + sympy.LambertW(x, -1),
        p * x + exp(p),
    ],
)
def test_an_expression_comes_back(graph: Graph, expression: sympy.Expr) -> None:
    (back,) = as_expressions(graph, [load(graph, expression)])
    assert back == expression


def test_floats_are_read_as_their_shortest_decimal(graph: Graph) -> None:
    assert load(graph, Float(0.1) * x) == (Fraction(1, 10), 1)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (sympy.floor(x) + x, "floor"),
        (sympy.ceiling(x), "ceiling"),
        (sympy.Function("f")(x), "f"),
        (sympy.zeta(x), "zeta"),
        (x + Mul(2, I, evaluate=False), "I"),
        (Mul(x, oo, evaluate=False), "oo"),
        (Sum(x, (p, 1, 3)), "Sum"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(graph: Graph, expression: sympy.Expr, name: str) -> None:
    with pytest.raises(InputError, match=rf"\b{name}\b"):
        load(graph, expression)


def test_a_power_too_large_to_write_out_is_refused(graph: Graph) -> None:
    assert load(graph, Pow(x, 10**9)) == graph.power(graph.symbol(x), 10**9)
    with pytest.raises(InputError, match="too large"):
        load(graph, Pow(Mul(2, x), 10**9, evaluate=False))


def test_depth_is_not_a_limit() -> None:
    depth = 20_000
    expression: sympy.Expr = x
    for level in range(depth):
        function = (sympy.sin, sympy.tanh)[level % 2]
        expression = sympy.Basic.__new__(function, expression)
    graph = Graph((x,))
    assert load(graph, expression)[1] == depth + 1


def test_shared_parts_are_read_once() -> None:
    expression: sympy.Expr = x
    for _ in range(200):
        expression = Pow(expression + 1, 2, evaluate=False) + expression
    graph = Graph((x,))
    load(graph, expression)
    assert len(graph.nodes) < 1000


def test_reachable_puts_children_first(graph: Graph) -> None:
    _, root = load(graph, exp(x * y) + sin(x))
    order = graph.reachable([root])
    assert order == sorted(order)
    assert order[-1] == root
