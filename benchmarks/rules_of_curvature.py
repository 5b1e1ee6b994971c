"""What the rules of curvature cost for each distinct node of a long function, with strictness; one table on the terminal.

    python benchmarks/rules_of_curvature.py             10^3 and 10^4 nodes, a minute
    python benchmarks/rules_of_curvature.py 100000      any number of nodes

Processor time in microseconds per node: to state the problem, to prove, and to check the proof again. SymPy's own time to
build the expression is left out.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import pairwise
from time import process_time

from families import Objective, logistic, plain, variables
from sympy import Abs, Add, Expr, Integer, Max, Rational, exp, log

from symopt import Problem
from symopt.derivation.checker import _run, check
from symopt.exact.dependence import distinct_parts


def softplus(u: Expr) -> Expr:
    return plain(log, plain(Add, Integer(1), plain(exp, u)))


def exponentials(n: int) -> Objective:
    """Sum of exp(x_i - x_(i+1))."""
    x = variables(n // 4)
    return Add(*(plain(exp, a - b) for a, b in pairwise(x))), x


def squares_and_sizes(n: int) -> Objective:
    """Sum of (x_i - x_(i+1))^2 + |x_i|."""
    x = variables(n // 5)
    return Add(*((a - b) ** 2 for a, b in pairwise(x)), *(Abs(v) for v in x)), x


def softplus_of_two(n: int) -> Objective:
    x = variables(n // 6)
    return plain(Add, *(softplus(a - 2 * b) for a, b in pairwise(x))), x


def softplus_of_three(n: int) -> Objective:
    """Many terms in three variables."""
    x, numbers = variables(3), random.Random(2)
    forms = (Add(*(numbers.randint(1, 999) * v for v in x)) for _ in range(n // 8))
    return plain(Add, *map(softplus, forms)), x


def log_sum_exp(n: int) -> Objective:
    x = variables(n // 2)
    return plain(log, plain(Add, *(plain(exp, v) for v in x))), x


def lasso(n: int) -> Objective:
    """Least squares over 50 points, written out, with |x_i|."""
    x, numbers = variables(n // 50), random.Random(2)
    rows = (Add(*(Rational(numbers.randint(-99, 99), 100) * v for v in x), i) for i in range(50))
    return plain(Add, *(row**2 for row in rows), *(Abs(v) for v in x)), x


def maximum(n: int) -> Objective:
    """Of affine functions of five variables."""
    x, numbers = variables(5), random.Random(2)
    forms = (Add(*(numbers.randint(1, 999) * v for v in x), i) for i in range(n // 10))
    return plain(Max, *forms), x


def all_different(n: int) -> Objective:
    """Sum of log(k + e^u) with a number k for each term, so that no two are alike."""
    x, numbers = variables(20), random.Random(2)
    forms = (Add(*(numbers.randint(1, 999) * v for v in numbers.sample(x, 3)), k) for k in range(n // 11))
    terms = (plain(log, plain(Add, Integer(k), plain(exp, u))) for k, u in enumerate(forms, 2))
    return plain(Add, *terms), x


FAMILIES: tuple[Callable[[int], Objective], ...] = (
    *(exponentials, squares_and_sizes, softplus_of_two, softplus_of_three, log_sum_exp),
    *(lambda n: logistic(n // 50), lasso, maximum, all_different),
)
NAMES = ("exponentials", "squares and sizes", "softplus of two", "softplus of three", "log-sum-exp")


def seconds(work: Callable[[], object]) -> tuple[object, float]:
    start = process_time()
    found = work()
    return found, process_time() - start


def measured(name: str, family: Callable[[int], Objective], n: int) -> None:
    objective, x = family(n)
    nodes = sum(1 for _ in distinct_parts(objective))
    problem, stated = seconds(lambda: Problem(objective, x))
    answer, proved = seconds(lambda: problem.convexity(timeout=300))  # type: ignore[attr-defined]
    _run.cache_clear()
    trust, checked = seconds(lambda: check(*answer.evidence.steps))  # type: ignore[attr-defined]
    costs = "".join(f"{1e6 * cost / nodes:9.1f}" for cost in (stated, proved, checked))
    print(f"{name:20}{nodes:8}{costs}   {answer.kind} {answer.strict} {trust}", flush=True)  # type: ignore[attr-defined]


if __name__ == "__main__":
    print(f"{'':20}{'nodes':>8}{'state':>9}{'prove':>9}{'check':>9}")
    for size in [int(word) for word in sys.argv[1:]] or [1000, 10_000]:
        for name, family in zip(
            (*NAMES, "logistic, 50 points", "lasso, 50 points", "maximum", "all different"),
            FAMILIES,
            strict=True,
        ):
            measured(name, family, size)
