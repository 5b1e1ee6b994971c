"""The gamma function, its logarithm and the derivatives of that for u > 0: steps of one, bounds, signs.

Sources: NIST Digital Library of Mathematical Functions, 5.5 (recurrence), 5.11 (Stirling's series, whose partial sums
lie on alternating sides), 5.15 (polygamma functions).
"""

from __future__ import annotations

from typing import Final

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Rational,
    S,
    bernoulli,
    factorial,
    gamma,
    log,
    loggamma,
    pi,
    polygamma,
)

from symopt.exact.dependence import free_symbols

GAMMA_FUNCTIONS: Final = (gamma, loggamma, polygamma)
MAX_SHIFT: Final = 40  # steps of one that are written out
MAX_ORDER: Final = 12  # of a polygamma function


def order_of(node: Expr) -> int | None:
    """n of polygamma(n, u), -1 for log-gamma; None for others and for orders that are no small numbers.

    >>> from sympy.abc import x
    >>> order_of(polygamma(2, x)), order_of(loggamma(x)), order_of(gamma(x))
    (2, -1, None)
    """
    if isinstance(node, loggamma):
        return -1
    order = node.args[0] if isinstance(node, polygamma) else None
    return int(order) if isinstance(order, Integer) and 0 <= order <= MAX_ORDER else None


def argument_of(node: Expr) -> Expr:
    """u of gamma(u), loggamma(u) and polygamma(n, u)."""
    return node.args[-1]


def stepped(node: Expr, lower: Expr, steps: int) -> Expr:
    """A function of u + k by that of u, as gamma(u + 1) = u gamma(u).

    >>> from sympy.abc import x
    >>> stepped(polygamma(0, x + 2), x, 2)
    polygamma(0, x) + 1/(x + 1) + 1/x
    """
    places = [lower + j for j in range(steps)]
    if isinstance(node, gamma):
        return Mul(gamma(lower), *places)
    if isinstance(node, loggamma):
        return Add(loggamma(lower), *(log(place) for place in places))
    n = node.args[0]
    factor = (-1) ** n * factorial(n)
    return Add(polygamma(n, lower), *(factor * place ** (-n - 1) for place in places))


def aligned(expression: Expr, nodes: frozenset[Expr]) -> Expr:
    """The expression with functions whose arguments differ by whole numbers written by one of them.

    It is the one of the lowest argument, so that nothing is asked for that the expression does not ask for.

    >>> from sympy.abc import x
    >>> difference = loggamma(x + 2) - loggamma(x)
    >>> aligned(difference, frozenset(difference.atoms(loggamma)))
    log(x) + log(x + 1)
    """
    groups: dict[tuple[Expr, Expr], dict[Expr, Rational]] = {}
    for node in nodes:
        number, rest = argument_of(node).as_coeff_Add()
        if isinstance(number, Rational) and rest != 0:
            groups.setdefault((rest, number % 1), {})[node] = number
    table = {}
    for (rest, _), members in groups.items():
        least = min(members.values())
        for node, number in members.items():
            steps = int(number - least)
            if 0 < steps <= MAX_SHIFT and (not isinstance(node, polygamma) or order_of(node) is not None):
                table[node] = stepped(node, rest + least, steps)
    return expression.xreplace(table) if table else expression


def bound(node: Expr, terms: int) -> tuple[Expr, int] | None:
    """A partial sum of Stirling's series for log-gamma or a polygamma function, and 1 where it is above, -1 below.

    >>> from sympy.abc import x
    >>> bound(polygamma(1, x), 0)
    (1/x + 1/(2*x**2), -1)
    >>> bound(polygamma(0, x), 0)
    (log(x) - 1/(2*x), 1)
    """
    n, u = order_of(node), argument_of(node)
    if n is None:
        return None
    if n == -1:
        first = (u - S.Half) * log(u) - u + log(2 * pi) / 2
    elif n == 0:
        first = log(u) - 1 / (2 * u)
    else:
        first = (-1) ** (n + 1) * (factorial(n - 1) * u**-n + factorial(n) / 2 * u ** (-n - 1))
    tail = [
        (-1) ** (n + 1) * bernoulli(2 * k) * factorial(2 * k + n - 1) / factorial(2 * k) * u ** (-2 * k - n)
        for k in range(1, terms + 1)
    ]
    # The error has the sign of the first term left out: B_2k alternates, beginning with B_2 > 0.
    side = (-1) ** (n + 1) * (-1) ** terms
    return Add(first, *tail), -side


def sign_where_defined(node: Expr) -> int | None:
    """The sign that gamma(u) and polygamma(n, u), n > 0, have for u > 0.

    >>> from sympy.abc import x
    >>> sign_where_defined(polygamma(1, x)), sign_where_defined(polygamma(2, x)), sign_where_defined(loggamma(x))
    (1, -1, None)
    """
    if isinstance(node, gamma):
        return 1
    n = order_of(node)
    return None if n is None or n < 1 else 1 if n % 2 else -1


def slope_where_defined(node: Expr) -> int | None:
    """1 for polygamma functions of even order, which rise for u > 0, -1 for those of odd order."""
    n = order_of(node)
    return None if n is None or n < 0 else -1 if n % 2 else 1


def gamma_nodes(nodes: set[Expr]) -> frozenset[Expr]:
    """The values of these functions among the parts of an expression, without numbers."""
    return frozenset(n for n in nodes if isinstance(n, GAMMA_FUNCTIONS) and free_symbols(n))
