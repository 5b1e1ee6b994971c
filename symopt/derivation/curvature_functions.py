"""The functions of the table of curvature that SymPy has no name for, and the sets on which its rows hold."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy import Abs, Add, Expr, Mul, exp, log, sqrt, sympify

from symopt.reading.building import evaluated
from symopt.relation import Relation

Arguments = tuple[Expr, ...]


def positive(*quantities: Expr) -> tuple[Relation, ...]:
    return tuple(Relation(sympify(q, strict=True), ">") for q in quantities)


def nonnegative(*quantities: Expr) -> tuple[Relation, ...]:
    return tuple(Relation(sympify(q, strict=True), ">=") for q in quantities)


def everywhere(*_: Expr) -> tuple[Relation, ...]:
    return ()


def right(u: Expr) -> tuple[Relation, ...]:
    return nonnegative(u)


def left(u: Expr) -> tuple[Relation, ...]:
    return nonnegative(-u)


def between(low: Expr, high: Expr) -> Callable[[Expr], tuple[Relation, ...]]:
    return lambda u: nonnegative(u - low, high - u)


def norm(*u: Expr) -> Expr:
    return sqrt(Add(*(v**2 for v in u)))


def shifted_norm(*u: Expr) -> Expr:
    return sqrt(u[-1] + Add(*(v**2 for v in u[:-1])))


def log_sum_exp(*u: Expr) -> Expr:
    return evaluated(log, [Add(*map(exponential, u))])


def shifted_log_sum_exp(*u: Expr) -> Expr:
    return evaluated(log, [Add(u[-1], *map(exponential, u[:-1]))])


def exponential(u: Expr) -> Expr:
    """e^u, as c e^v for u = v + log c."""
    logarithms = [term for term in Add.make_args(u) if isinstance(term, log)]
    if not logarithms:
        return evaluated(exp, [u])
    rest = Add(*(term for term in Add.make_args(u) if term not in logarithms))
    return Mul(*(term.args[0] for term in logarithms), evaluated(exp, [rest]))


def power_mean(*u: Expr) -> Expr:
    return Add(*(v ** u[-1] for v in u[:-1])) ** (1 / u[-1])


def weighted(*u: Expr) -> tuple[Arguments, Arguments, Expr, Expr]:
    """Arguments, weights, and the exponents r and s of (sum w_i u_i^r)^(s/r)."""
    half = len(u) // 2 - 1
    return u[:half], u[half:-2], u[-2], u[-1]


def weighted_mean(*u: Expr) -> Expr:
    arguments, weights, r, s = weighted(*u)
    return Add(*(w * v**r for v, w in zip(arguments, weights, strict=True))) ** (s / r)


def weights(*u: Expr) -> tuple[Relation, ...]:
    arguments, weights, _, _ = weighted(*u)
    return nonnegative(*arguments) + positive(*weights)


def weights_inside(*u: Expr) -> tuple[Relation, ...]:
    arguments, weights, _, _ = weighted(*u)
    return positive(*arguments, *weights)


def quadratic_over_linear(*u: Expr) -> Expr:
    return Add(*(v**2 for v in u[:-1])) / u[-1]


def perspective(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-1] for v in u[:-2])) * u[-2] ** (1 - u[-1])


def product_of_powers(*u: Expr) -> Expr:
    half = len(u) // 2
    return Mul(*(v**a for v, a in zip(u[:half], u[half:], strict=True)))


def geometric(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return positive(*u) + nonnegative(1 - Add(*u[half:]))


def geometric_strict(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return positive(*u, 1 - Add(*u[half:]))


def inverse_product(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return positive(*u[:half], *(-a for a in u[half:]))


def determinant(a: Expr, c: Expr, *b: Expr) -> Expr:
    """a c - sum b_i^2: of a matrix for one b; by a = t + s and c = t - s that of a second-order cone."""
    return a * c - Add(*(v**2 for v in b))


def definite(a: Expr, c: Expr, *b: Expr) -> tuple[Relation, ...]:
    return positive(a, determinant(a, c, *b))


def trace_of_inverse(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> Expr:
    return (k * c - 2 * m * b + n * a) / determinant(a, c, b)


def definite_weights(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> tuple[Relation, ...]:
    return definite(a, c, b) + positive(k, k * n - m**2)


def semidefinite_weights(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> tuple[Relation, ...]:
    return definite(a, c, b) + nonnegative(k, n, k * n - m**2)


def matrix_fractional(x: Expr, y: Expr, a: Expr, c: Expr, b: Expr) -> Expr:
    return (x**2 * c - 2 * x * y * b + y**2 * a) / determinant(a, c, b)


def p_norm(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-1] for v in u[:-1])) ** (1 / u[-1])


def in_a_p_cone(*u: Expr) -> Expr:
    """t^p - |v_1|^p - ... - |v_k|^p for the arguments v_1, ..., v_k, t and the constant p."""
    return Add(u[-2] ** u[-1], *(-(Abs(v) ** u[-1]) for v in u[:-2]))


def power_of_a_p_norm(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-2] for v in u[:-2])) ** (u[-1] / u[-2])


def log_beta(u: Expr, v: Expr, *w: Expr) -> Expr:
    """log B(u_1, ..., u_k) = log ∫ t_1^(u_1 - 1) ... t_k^(u_k - 1) dt over the simplex; of one u it would be 0."""
    return Add(*map(sp.loggamma, (u, v, *w)), -sp.loggamma(Add(u, v, *w)))
