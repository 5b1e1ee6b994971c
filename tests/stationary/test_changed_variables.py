"""Functions composed with an affine map have the answers of the plain ones, carried through the map by hand."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Expr, Integer, Matrix, expand, oo, symbols

from symopt import Problem

x, y, z, a = symbols("x y z a", real=True)
MATRIX, SHIFT = (
    Matrix([[1, 2], [1, -1]]),
    Matrix([1, -2]),
)  # (x, y) of the plain function in the new variables
IMAGES = MATRIX * Matrix([x, y]) + SHIFT


def respelt(function: Expr, written_out: bool) -> Expr:
    found = function.subs(dict(zip((x, y), IMAGES, strict=True)), simultaneous=True)
    return expand(found) if written_out else found


def back(point: tuple[Any, ...]) -> tuple[Expr, ...]:
    """Where the affine map takes the value `point`."""
    return tuple((MATRIX.inv() * (Matrix(point) - SHIFT)).applyfunc(expand))


POINTS: list[tuple[Expr, dict[tuple[Any, ...], str]]] = [
    # f_x = 4x(x^2 - 1), f_y = 4y^3
    (x**4 - 2 * x**2 + y**4, {(0, 0): "saddle", (1, 0): "minimum", (-1, 0): "minimum"}),
    # 2xy = 0 and x^2 + 4y^3 = 0: the origin alone; f(s, -s) < 0 < f(0, s)
    (x**2 * y + y**4, {(0, 0): "saddle"}),
    # each variable by itself: x = +-1, y = +-2
    (
        x**3 - 3 * x + y**3 - 12 * y,
        {(1, 2): "minimum", (-1, -2): "maximum", (1, -2): "saddle", (-1, 2): "saddle"},
    ),
]


@pytest.mark.parametrize("written_out", [False, True])
@pytest.mark.parametrize(("function", "points"), POINTS)
def test_stationary_points(function: Expr, points: dict[tuple[Any, ...], str], written_out: bool) -> None:
    found = Problem(respelt(function, written_out), [x, y]).stationary_points()
    assert found.complete
    assert found.evidence.trust == "checked"
    told = {tuple(value for _, value in point.branch.at): point.kind for point in found.points}
    assert told == {back(point): kind for point, kind in points.items()}


EXTREMA: list[tuple[Expr, Any, list[tuple[Any, ...]]]] = [
    (x**4 - 2 * x**2 + y**4, -1, [(1, 0), (-1, 0)]),
    (x**2 * y + y**4, -oo, []),
    (x**2 + 3 * x * y**2 + 2 * y**4, -oo, []),  # (x + y^2)(x + 2 y^2): along x = -3/2 y^2 it is -y^4/4
    ((1 - x) ** 2 + 100 * (y - x**3) ** 2, 0, [(1, 1)]),
]


@pytest.mark.parametrize("written_out", [False, True])
@pytest.mark.parametrize(("function", "value", "points"), EXTREMA)
def test_minima(function: Expr, value: Any, points: list[tuple[Any, ...]], written_out: bool) -> None:
    found = Problem(respelt(function, written_out), [x, y]).minimum(timeout=60)
    assert found.value == value
    told = {tuple(value for _, value in branch.at) for branch in found.cases[0].result.at}
    assert told == {back(point) for point in points}


@pytest.mark.slow
def test_a_parameter_keeps_its_cases() -> None:
    """x^4 + a x^2 y^2 + y^4 is at least (2 + a) x^2 y^2, with equality at |x| = |y|."""
    found = Problem(respelt(x**4 + a * x**2 * y**2 + y**4, True), [x, y]).minimum(timeout=60)
    for value, least in ((0, 0), (7, 0), (-2, 0), (-3, -oo)):
        assert found.at(a=value).value == least
    assert [tuple(e for _, e in b.at) for b in found.at(a=1).cases[0].result.at] == [back((0, 0))]


def test_the_region_moves_with_the_variables() -> None:
    """f is u v^4 - log u - log v, u, v > 0: u v^4 = 1 and 4 u v^4 = 1 exclude each other."""
    found = Problem("(x + y)*(x - y)^4 - log(x + y) - log(x - y)", "x y").stationary_points()
    assert found.complete
    assert not found.points
    found = Problem("(x + y) + (x - y)^2 - log(x + y) - 2*log(x - y)", "x y").minimum()
    (branch,) = found.cases[0].result.at
    assert (found.value, tuple(e for _, e in branch.at)) == (2, (1, 0))  # at u = 1, v = 1


def test_the_proof_names_the_new_variables() -> None:
    told = " ".join(str(Problem("(x+2*y)^4 - 2*(x+2*y)^2 + (x-y-1)^4", "x y").minimum().explain()).split())
    assert "With u = x + 2*y and v = x - y - 1, f(x, y) = u^4 + v^4 - 2*u^2." in told
    assert "(1/3, -2/3)" in str(Problem("(x+2*y)^4 - 2*(x+2*y)^2 + (x-y-1)^4", "x y").minimum())


def test_eigenvalues_are_those_of_the_function_asked_about() -> None:
    """u^4 - 2u^2 + v^4 - 2v^2 with u = x + y, v = x - y at (1, 0): the Hessian is 16 I."""
    found = Problem("(x+y)^4 - 2*(x+y)^2 + (x-y)^4 - 2*(x-y)^2", "x y").stationary_points()
    (point,) = (p for p in found.points if p.branch.values == {x: Integer(1), y: Integer(0)})
    assert (point.eigenvalues, point.inertia) == ((16, 16), (2, 0, 0))
