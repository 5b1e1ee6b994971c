"""Problems with known stationary points, compiled for real, so that figures are tested without the solver."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sympy import Integer, Rational, cos, exp, log, pi, sin, symbols, sympify

from symopt.calculus.compiler import compile_objective
from symopt.derivation.claims import Branch
from symopt.relation import Relation
from symopt.results.point import Point

x, y, p, t, theta = symbols("x y p t theta", real=True)


def point(variables, at, kind, free=(), where=()):
    branch = Branch(tuple(zip(variables, map(sympify, at), strict=True)), (), free, where)
    return Point(branch, kind, None, None)


class FakeProblem:
    """The interface that figures read of a problem, with its stationary points typed in."""

    def __init__(self, objective, variables, points=lambda values: (), values=None):
        self.objective, self.variables = sympify(objective), tuple(variables)
        self._points, self._values = points, values or {}

    feasible_region = ()

    def compile(self):
        return compile_objective(self.objective.xreplace(self._values), self.variables)

    def at(self, values):
        values = {symbols(str(name), real=True): sympify(value) for name, value in values.items()}
        return FakeProblem(self.objective, self.variables, self._points, values)

    def stationary_points(self):
        points = tuple(point(self.variables, *entry) for entry in self._points(self._values))
        return (SimpleNamespace(result=SimpleNamespace(points=points, kinks=(), complete=True)),)


def fixed(objective, variables, *points):
    return FakeProblem(objective, variables, lambda values: points)


def pencil(values):
    value, line = values[p], ((t, "real"),)
    if abs(value) != 1:
        return [((0, 0), "minimum" if value > 1 else "maximum" if value < -1 else "saddle")]
    return [((t, 0), "minimum", line)] if value == 1 else [((0, t), "maximum", line)]


PROBLEMS = {
    "parabola": fixed((theta - 3) ** 2, [theta], ((3,), "minimum")),
    "double_well": fixed(x**4 - 2 * x**2, [x], ((-1,), "minimum"), ((0,), "maximum"), ((1,), "minimum")),
    "entropy": fixed(x * log(x), [x], ((exp(-1),), "minimum")),
    "pole": fixed(x + 1 / x, [x], ((1,), "minimum"), ((-1,), "maximum")),
    "sine": fixed(
        sin(x),
        [x],
        ((pi / 2 + 2 * pi * t,), "maximum", ((t, "integer"),)),
        ((-pi / 2 + 2 * pi * t,), "minimum", ((t, "integer"),)),
    ),
    "far_log": fixed(log(x - 5), [x]),
    "constant": fixed(Integer(3), [x, y]),
    "constant_1d": fixed(Integer(3), [x]),
    "rosenbrock": fixed((1 - x) ** 2 + 100 * (y - x**2) ** 2, [x, y], ((1, 1), "minimum")),
    "saddle": fixed(x**2 - y**2, [x, y], ((0, 0), "saddle")),
    "circle": fixed(
        (x**2 + y**2 - 1) ** 2,
        [x, y],
        ((0, 0), "maximum"),
        ((cos(t), sin(t)), "minimum", ((t, "real"),)),
    ),
    "hyperbola": fixed(
        x * y - log(x) - log(y), [x, y], ((t, 1 / t), "minimum", ((t, "real"),), (Relation(t, ">"),))
    ),
    "bowl": fixed(x**2 / 2 + 5 * y**2, [x, y], ((0, 0), "minimum")),
    "thirds": fixed((x - Rational(1, 3)) ** 2 + y**2, [x, y], ((Rational(1, 3), 0), "minimum")),
    "space": fixed(x**2 + y**2 + t**2, [x, y, t], ((0, 0, 0), "minimum")),
    "pencil": FakeProblem((p - 1) * x**2 + (p + 1) * y**2, [x, y], pencil),
    "parameter_1d": FakeProblem(p * x**2, [x], lambda values: [((0,), "minimum")]),
}


@pytest.fixture
def problems():
    return PROBLEMS


@pytest.fixture
def save(tmp_path):
    """Write a figure as a PNG and give back the share of its pixels that are not white."""

    def write(figure, name="figure.png"):
        from matplotlib.image import imread

        figure.savefig(tmp_path / name, dpi=60)
        image = imread(tmp_path / name)[..., :3]
        assert min(image.shape[:2]) > 100
        return float((image.min(axis=-1) < 0.95).mean())

    return write
