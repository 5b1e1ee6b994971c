"""Gradient and Hessian against sympy.diff at random rational points, and against 50-digit differences."""

from __future__ import annotations

import random
import time

import mpmath
import pytest
import sympy
from sympy import (
    Abs,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    exp,
    gamma,
    log,
    loggamma,
    sign,
    symbols,
)

from symopt.calculus.derivative import Derivatives, differentiate
from symopt.calculus.expressions import as_expressions
from symopt.calculus.graph import Graph
from symopt.calculus.loading import load

x, y, p = symbols("x y p", real=True)


def derived(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[list[Expr], dict[tuple[int, int], Expr]]:
    graph = Graph(variables)
    found: Derivatives = differentiate(graph, load(graph, objective))
    entries = as_expressions(graph, list(found.hessian.values()))
    return as_expressions(graph, found.gradient), dict(zip(found.hessian, entries, strict=True))


def assert_equals_sympy(
    objective: Expr, variables: tuple[Symbol, ...], parameters: tuple[Symbol, ...] = ()
) -> None:
    """Every entry at a random rational point, to 40 digits."""
    numbers = random.Random(3)
    gradient, hessian = derived(objective, variables)
    found: list[Expr] = list(gradient)
    expected: list[Expr] = [objective.diff(variable) for variable in variables]
    for i, first in enumerate(variables):
        for j, second in enumerate(variables[: i + 1]):
            found.append(hessian.get((i, j), sympy.S.Zero))
            expected.append(objective.diff(first, second))
    free = (*variables, *parameters)
    with mpmath.workdps(60):
        point = [mpmath.mpf(numbers.randint(11, 99)) / 47 for _ in free]
        ours = sympy.lambdify(free, found, "mpmath", cse=True)(*point)
        theirs = sympy.lambdify(free, expected, "mpmath", cse=True)(*point)
        for one, other in zip(ours, theirs, strict=True):
            assert mpmath.almosteq(one, other, rel_eps=mpmath.mpf("1e-40"), abs_eps=mpmath.mpf("1e-40"))


def test_families(family) -> None:
    # SymPy's own second derivatives of a chain of depth 6 take half a minute.
    assert_equals_sympy(*(family(2, 3) if family.__name__ == "tanh_chain" else family(3)))


def test_random_expressions(random_objective) -> None:
    assert_equals_sympy(*random_objective)


@pytest.mark.parametrize(
    "objective",
    [
        (p - 1) * x**2 + (p + 1) * y**2,
        x**p * y + p**x,
        x**x + y**x + (x * y) ** (x + y),
        sympy.atan2(y, x) + sympy.atan2(x + y, x**2) + sympy.atan2(x, p) + sympy.atan2(x, x),
        gamma(x) * loggamma(y) + sympy.digamma(x * y) + sympy.polygamma(2, x),
        sympy.LambertW(x * y) ** 2 + sympy.erf(x - y) * sympy.erfc(y),
        x / y + y**2 / (x + y) ** 3 + 1 / (x * y),
        sympy.sqrt(x) * y ** Rational(5, 3) - (x + y) ** Rational(-1, 2),
        sympy.asin(x / 5) * sympy.acos(y / 5) + sympy.acosh(x + 1) + sympy.atanh(y / 7),
        sympy.sec(x)
        + sympy.csc(y) * sympy.cot(x)
        + sympy.coth(y)
        + sympy.sech(x) * sympy.csch(y)
        + sympy.acot(x),
        x * y * p * exp(x) * sympy.sin(y) * log(x),
        (x + y + p) ** 7 - (x - y) ** 2 * (x + y),
    ],
)
def test_every_rule(objective: Expr) -> None:
    assert_equals_sympy(objective, (x, y), (p,))


@pytest.mark.parametrize("size", [Rational(5, 3), Rational(-4, 3)])
@pytest.mark.parametrize(
    ("kinked", "smooth"),
    [
        (Abs(x) * y + Abs(x - 3) ** 3, lambda s: s * x * y + (3 - x) ** 3),
        (Max(0, x) ** 2 * y, lambda s: x**2 * y if s > 0 else sympy.S.Zero),
        (Min(x, y, 5) + Max(x, -7), lambda s: x + x),
        (sign(x) * x**3 * y, lambda s: s * x**3 * y),
        (Heaviside(x) * x**2, lambda s: x**2 if s > 0 else sympy.S.Zero),
        (
            Piecewise((x**2 * y, (x > 0) & (y > 1)), (exp(x), sympy.Or(x < -9, ~(x > 0))), (y, True)),
            lambda s: x**2 * y if s > 0 else exp(x),
        ),
    ],
)
def test_branches_beside_a_kink(kinked: Expr, smooth, size: Rational) -> None:
    point = {x: size, y: Rational(9, 4)}
    branch = smooth(sign(size))
    gradient, hessian = derived(kinked, (x, y))
    for i, first in enumerate((x, y)):
        assert gradient[i].subs(point) == branch.diff(first).subs(point)
        for j, second in enumerate((x, y)[: i + 1]):
            entry = hessian.get((i, j), sympy.S.Zero)
            assert entry.subs(point) == branch.diff(first, second).subs(point)
            assert not entry.has(sympy.DiracDelta)


def test_nested_branches_share_their_parts() -> None:
    graph = Graph((x, y))
    root = load(graph, x * y)
    for level in range(60):
        condition = graph.apply(">", graph.symbol(x), (level, 0))
        yes, no = graph.add([graph.power(root, 2), root]), graph.add([root, graph.symbol(y)])
        root = graph.select(condition, yes, no)
    before = len(graph.nodes)
    differentiate(graph, root)
    assert len(graph.nodes) < 40 * before


def test_against_differences_of_fifty_digits(random_objective) -> None:
    objective, variables = random_objective
    gradient, hessian = derived(objective, variables)
    at = [mpmath.mpf(3) / 10, mpmath.mpf(-7) / 11, mpmath.mpf(5) / 13]
    with mpmath.workdps(50):
        value = sympy.lambdify(variables, objective, "mpmath")
        slopes = [sympy.lambdify(variables, entry, "mpmath") for entry in gradient]
        step = mpmath.mpf(10) ** -15

        def difference(function, axis: int):
            ahead, behind = list(at), list(at)
            ahead[axis] += step
            behind[axis] -= step
            return (function(*ahead) - function(*behind)) / (2 * step)

        for i in range(3):
            assert mpmath.almosteq(slopes[i](*at), difference(value, i), 1e-25, 1e-25)
            for j in range(i + 1):
                entry = sympy.lambdify(variables, hessian.get((i, j), sympy.S.Zero), "mpmath")(*at)
                assert mpmath.almosteq(entry, difference(slopes[i], j), 1e-25, 1e-25)


def test_only_the_lower_triangle_and_only_what_is_not_zero() -> None:
    graph = Graph((x, y, p))
    objective = x**2 * y + sympy.sin(p) + 3 * p * y - x + (x + p) ** 2 - x**2
    hessian = differentiate(graph, load(graph, objective)).hessian
    assert list(hessian) == [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]
    graph = Graph((x, y, p))
    assert list(differentiate(graph, load(graph, sympy.exp(y) + x * p)).hessian) == [(1, 1), (2, 0)]


def test_an_unused_variable_and_a_constant() -> None:
    graph = Graph((x, y))
    assert differentiate(graph, load(graph, x**2)).gradient[1] == (0, 0)
    assert differentiate(graph, load(graph, sympy.pi + p)) == Derivatives(((0, 0), (0, 0)), {})
    assert differentiate(graph, load(graph, 3 * y)) == Derivatives(((0, 0), (3, 0)), {})


def test_a_deep_chain_is_no_recursion() -> None:
    depth = 10_000
    objective: Expr = x
    for level in range(depth):
        objective = sympy.Basic.__new__((sympy.sin, sympy.tanh)[level % 2], objective)
    graph = Graph((x,))
    root = load(graph, objective)
    before = len(graph.nodes)
    found = differentiate(graph, root)
    assert len(graph.nodes) < 9 * before
    assert list(found.hessian) == [(0, 0)]


def test_the_graph_grows_linearly() -> None:
    def nodes(n: int) -> int:
        v = symbols(f"x:{n}", real=True)
        graph = Graph(v)
        terms = [100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(n - 1)]
        differentiate(graph, load(graph, sympy.Add(*terms)))
        return len(graph.nodes)

    small, large = nodes(20), nodes(200)
    assert large < 11 * small


def test_a_large_problem_is_derived_in_a_moment(family) -> None:
    objective, variables = family(30)
    graph = Graph(variables)
    start = time.process_time()
    differentiate(graph, load(graph, objective))
    assert time.process_time() - start < 5
