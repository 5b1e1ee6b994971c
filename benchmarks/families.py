"""Objectives of any size for measurements: n -> (SymPy expression, variables). All are seeded."""

from __future__ import annotations

import random
from collections.abc import Callable

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, cos, exp, log, sin, symbols, tanh

Objective = tuple[Expr, tuple[Symbol, ...]]


def variables(n: int) -> tuple[Symbol, ...]:
    return tuple(symbols(f"x:{n}", real=True))


def plain(function: type[Expr], *arguments: Expr) -> Expr:
    """SymPy tries to simplify each function; for large objectives that takes longer than all that follows."""
    return function(*arguments, evaluate=False)


def rosenbrock(n: int) -> Objective:
    """Extended: sum of 100 (x_(i+1) - x_i^2)^2 + (1 - x_i)^2."""
    x = variables(n)
    return Add(*[100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(n - 1)]), x


def quadratic(n: int) -> Objective:
    """Dense, written out."""
    x, numbers = variables(n), random.Random(1)
    terms = [
        plain(Mul, Integer(numbers.randint(1, 9)), x[i], x[j])
        if i != j
        else numbers.randint(1, 9) * x[i] ** 2
        for i in range(n)
        for j in range(i + 1)
    ]
    return plain(Add, *terms), x


def log_sum_exp(n: int) -> Objective:
    x = variables(n)
    return log(Add(*[exp(v) for v in x])), x


def logistic(n: int) -> Objective:
    """The loss of 50 points, written out."""
    x, numbers = variables(n), random.Random(2)
    rows = [Add(*[Rational(numbers.randint(-99, 99), 100) * v for v in x]) for _ in range(50)]
    return plain(Add, *[plain(log, plain(Add, 1, plain(exp, row))) for row in rows]), x


def tanh_chain(n: int) -> Objective:
    """Six layers deep."""
    x = variables(n)
    layer: list[Expr] = list(x)
    for level in range(6):
        bias = Rational(level + 1, 10)
        sums = [plain(Add, bias, layer[i], plain(Mul, Rational(1, 2), layer[(i + 1) % n])) for i in range(n)]
        layer = [plain(tanh, inner) for inner in sums]
    return plain(Add, *layer), x


def styblinski_tang(n: int) -> Objective:
    x = variables(n)
    return Add(*[(v**4 - 16 * v**2 + 5 * v) / 2 for v in x]), x


def random_expression(n: int) -> Objective:
    """A seeded expression with shared parts, smooth and defined everywhere."""
    x, numbers = variables(n), random.Random(n)
    pool: list[Expr] = list(x)
    for _ in range(3 * n):
        # Mostly recent parts with variables: deep enough to share, not so deep that all depends on all.
        a, b = numbers.choice(pool[-2 * n :]), numbers.choice(x)
        pool.append(numbers.choice(STEPS)(a, b))
    return plain(Add, *pool[-n:]), x


STEPS: tuple[Callable[[Expr, Expr], Expr], ...] = (
    lambda a, b: plain(Add, a, b),
    lambda a, b: plain(Add, a, plain(Mul, Integer(-2), b)),
    lambda a, b: plain(Mul, Rational(1, 3), a, b),
    lambda a, b: plain(Mul, plain(sin, a), b),
    lambda a, b: plain(cos, plain(Add, a, plain(Mul, Integer(-1), b))),
    lambda a, b: plain(Add, plain(tanh, a), b),
    lambda a, b: plain(Mul, a, plain(Pow, plain(Add, Integer(1), b**2), Integer(-1))),
    lambda a, b: plain(Add, plain(Pow, plain(Add, Integer(1), plain(Pow, a, Integer(2))), Rational(1, 2)), b),
    lambda a, b: plain(Mul, plain(log, plain(Add, Integer(1), plain(Pow, a, Integer(2)))), b),
)
FAMILIES = (rosenbrock, quadratic, log_sum_exp, logistic, tanh_chain, styblinski_tang, random_expression)
