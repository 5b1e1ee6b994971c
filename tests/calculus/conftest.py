"""Objectives of any size, as SymPy expressions, for the tests of the calculus."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sympy import Add, Expr, Integer, Mul, Rational, Symbol, atan, cos, exp, log, sin, sqrt, symbols, tanh

Family = Callable[[int], tuple[Expr, tuple[Symbol, ...]]]


def variables(n: int) -> tuple[Symbol, ...]:
    return tuple(symbols(f"x:{n}", real=True))


def rosenbrock(n: int) -> tuple[Expr, tuple[Symbol, ...]]:
    x = variables(n)
    return Add(*[100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(n - 1)]), x


def quadratic(n: int) -> tuple[Expr, tuple[Symbol, ...]]:
    x, numbers = variables(n), random.Random(1)
    terms = [Mul(Integer(numbers.randint(1, 9)), x[i], x[j]) for i in range(n) for j in range(i + 1)]
    return Add(*terms), x


def log_sum_exp(n: int) -> tuple[Expr, tuple[Symbol, ...]]:
    x = variables(n)
    return log(Add(*[exp(v) for v in x])), x


def logistic(n: int) -> tuple[Expr, tuple[Symbol, ...]]:
    x, numbers = variables(n), random.Random(2)
    rows = [Add(*[Rational(numbers.randint(-99, 99), 100) * v for v in x]) for _ in range(2 * n)]
    losses = [log(1 + exp(row, evaluate=False), evaluate=False) for row in rows]
    return Add(*losses, evaluate=False), x


def tanh_chain(n: int, depth: int = 6) -> tuple[Expr, tuple[Symbol, ...]]:
    x = variables(n)
    layer: list[Expr] = list(x)
    for level in range(depth):
        layer = [tanh(Rational(level + 1, 10) + layer[i] + layer[(i + 1) % n] / 2) for i in range(n)]
    return Add(*layer), x


def styblinski_tang(n: int) -> tuple[Expr, tuple[Symbol, ...]]:
    x = variables(n)
    return Add(*[(v**4 - 16 * v**2 + 5 * v) / 2 for v in x]), x


FAMILIES: tuple[Family, ...] = (rosenbrock, quadratic, log_sum_exp, logistic, tanh_chain, styblinski_tang)


@pytest.fixture(params=FAMILIES, ids=lambda family: family.__name__)
def family(request: pytest.FixtureRequest) -> Family:
    """Each family of objectives in turn: the number of variables -> (objective, variables)."""
    return request.param


@pytest.fixture(params=range(12))
def random_objective(request: pytest.FixtureRequest) -> tuple[Expr, tuple[Symbol, ...]]:
    """A seeded expression in three variables, smooth and defined everywhere, with shared parts."""
    x = variables(3)
    numbers = random.Random(request.param)
    pool: list[Expr] = list(x)
    for _ in range(9):
        pool.append(numbers.choice(STEPS)(numbers.choice(pool), numbers.choice(pool)))
    return Add(*pool[-3:]), x


STEPS: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda a, b: a + b,
    lambda a, b: a - 2 * b,
    lambda a, b: a * b / 3,
    lambda a, b: sin(a) * b,
    lambda a, b: cos(a - b),
    lambda a, b: exp(-(a**2)) + b,
    lambda a, b: tanh(a) * b,
    lambda a, b: a / (1 + b**2),
    lambda a, b: sqrt(1 + a**2) - b,
    lambda a, b: log(1 + a**2) * b,
    lambda a, b: atan(a + b) ** 2,
    lambda a, b: (1 + a**2) ** Rational(-3, 2) + b,
    lambda a, b: Rational(2) ** sin(a) * b,
)
