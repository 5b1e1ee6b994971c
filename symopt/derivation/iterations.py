"""The methods whose step sizes have a theory: what provers and checker have to agree on, as formulas.

With f(x) = l x^2/2 the error of each method obeys a linear recursion, whose characteristic polynomial is

    gd         z - (1 - eta l)
    momentum   z^2 - (1 + beta - eta l) z + beta                              (Polyak 1964)
    nesterov   z^2 - (1 + beta) (1 - eta l) z + beta (1 - eta l)              (Nesterov 1983)
    newton     z - (1 - eta)

Its roots lie inside the unit circle, for 0 <= beta < 1 and l > 0, exactly when 0 < eta < `bound`: by Jury's criterion
|q(0)| < 1, q(1) > 0 and q(-1) > 0, of which the last is the one that eta may violate. For l < 0 and eta > 0 the first
three have q(1) < 0, a real root above 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sympy import Abs, Expr, Integer, Max, sqrt

from symopt.exact.normal import canonical

METHODS: Final = ("gd", "momentum", "nesterov", "newton")
WITH_MEMORY: Final = ("momentum", "nesterov")

Formula = Callable[[Expr, Expr], Expr]

_BOUNDS: Final[Mapping[str, Formula]] = {
    "gd": lambda high, beta: 2 / high,
    "momentum": lambda high, beta: 2 * (1 + beta) / high,
    "nesterov": lambda high, beta: 2 * (1 + beta) / ((1 + 2 * beta) * high),
    "newton": lambda high, beta: Integer(2),
}


def bound(method: str, high: Expr, beta: Expr) -> Expr:
    """The step sizes that converge are those in (0, bound), when `high` is the largest eigenvalue of the Hessian.

    >>> from sympy import symbols
    >>> L, beta = symbols("L beta")
    >>> bound("momentum", L, beta)
    (2*beta + 2)/L
    """
    return _BOUNDS[method](high, beta)


def factor_at(step_size: Expr, low: Expr, high: Expr) -> Expr:
    """max |1 - eta l| over the eigenvalues l in [low, high]: the factor of gradient descent."""
    return Max(Abs(1 - step_size * low), Abs(1 - step_size * high))


def best(method: str, low: Expr, high: Expr) -> tuple[Expr, Expr | None, Expr]:
    """The best constant step size, the best memory and the spectral radius there (Polyak 1964), for 0 < low <= high.

    The heavy ball has eta = (2/(sqrt(high) + sqrt(low)))^2 and sqrt(beta) = (sqrt(high) - sqrt(low))/(sqrt(high) +
    sqrt(low)), written by the sum of the ends and the root of their product.

    >>> best("gd", Integer(1), Integer(9))
    (1/5, None, 4/5)
    >>> best("momentum", Integer(1), Integer(9))
    (1/4, 1/4, 1/2)
    >>> from sympy import Symbol
    >>> best("momentum", Symbol("p"), Symbol("p"))
    (1/p, 0, 0)
    """
    total = _sum(low, high)
    if method == "gd":
        return _ratio(Integer(2), total), None, _ratio(high - low, total)
    twice = 2 * geometric(low, high)
    return _ratio(Integer(4), total + twice), _ratio(total - twice, total + twice), _balanced(low, high)


def usual(method: str, low: Expr, high: Expr) -> tuple[Expr, Expr | None, Expr]:
    """The usual step size and memory, which are not the best ones, and the spectral radius there.

    Nesterov's are eta = 1/high and beta = (sqrt(high) - sqrt(low))/(sqrt(high) + sqrt(low)): the polynomial of `low` has
    the double root 1 - sqrt(low/high), and those of larger eigenvalues have roots of smaller modulus.
    """
    if method == "newton":
        return Integer(1), None, Integer(0)
    return _ratio(Integer(1), high), _balanced(low, high), 1 - _ratio(geometric(low, high), high)


def _sum(low: Expr, high: Expr) -> Expr:
    return canonical(low + high)


def geometric(low: Expr, high: Expr) -> Expr:
    """sqrt(low high) for positive ends, with its number in front."""
    if low == high:
        return low
    number, product = canonical(low * high).primitive()
    return sqrt(number) * sqrt(product)


def _balanced(low: Expr, high: Expr) -> Expr:
    """(sqrt(high) - sqrt(low))/(sqrt(high) + sqrt(low)) = (high - low)/(sqrt(high) + sqrt(low))^2."""
    return _ratio(high - low, _sum(low, high) + 2 * geometric(low, high))


def _ratio(above: Expr, below: Expr) -> Expr:
    """above/below, without a common number."""
    (top, above), (bottom, below) = (e.primitive() for e in (above, below))
    return top / bottom * (above / below)
