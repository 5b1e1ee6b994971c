"""The table of functions of known curvature: one row for each function and part of its domain.

A row says that `function(*arguments, *constants)` is convex (or concave) in its arguments, jointly, on the
set that `where` describes, and how it depends on each argument there. The composition rule is written once,
in `checks_curvature`, over all rows; every row is a theorem of its own (Boyd and Vandenberghe, Convex
Optimization, 3.1; for the hazard of the normal distribution Sampford, Annals of Mathematical Statistics 24, 1953).
A p-norm with p > 1 is round: on no segment but those of rays is it affine (Clarkson 1936), so that its powers above
the first are strictly convex. On the cone t > ||v||_p the root (t^p - ||v||_p^p)^(1/p) is homogeneous, and Bellman's
inequality (Beckenbach and Bellman, Inequalities, 1.38) says that it is superadditive, additive only along rays when
p > 1: so it is concave, and its logarithm strictly. The beta function is an integral of exponentials of affine
functions of its arguments, so its logarithm is convex (Hölder), strictly since no combination of the logarithms of
the t_i is constant; polygamma functions of odd order are integrals of e^(-u t) against a positive function of t.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, signature
from typing import Any, Final

import sympy as sp
from sympy import Abs, Add, Expr, Max, Min, Mul, S, exp, log, pi, sqrt, sympify

from symopt.reading.building import evaluated
from symopt.relation import Relation

Arguments = tuple[Expr, ...]
ANY_NUMBER: Final = -1  # as many constants as arguments
WEIGHTS: Final = -2  # as many constants as arguments, and two exponents
MAX_ARGUMENTS: Final = 10**6


@dataclass(frozen=True)
class CurvatureAtom:
    """One row: the function is `curvature` in its arguments wherever the relations of `where` hold.

    `slopes` says 1 (nondecreasing), -1 (nonincreasing) or 0 (neither) for the arguments: the last entry for
    the last argument, the first for all others. With `strict` the function is strictly convex (concave) in
    all arguments together; with `strictly_monotone` it is strictly monotone in each argument with a slope.
    `integer` constants must be integers; with a `parity` they are symbols for even (or odd) integers.
    """

    name: str
    function: Callable[..., Expr]
    curvature: str
    slopes: tuple[int, ...]
    strict: bool
    strictly_monotone: bool
    where: Callable[..., tuple[Relation, ...]]
    constants: int = 0
    integer: bool = False
    parity: str = ""

    @property
    def by_differences(self) -> bool:
        """Whether it bends strictly where differences of arguments change; and f(u + t) = f(u) + t."""
        return self.name == "log-sum-exp"

    def slope(self, position: int, count: int) -> int:
        """How the function depends on the argument at that position of `count`."""
        return self.slopes[-1] if position == count - 1 else self.slopes[0]

    def number_of_constants(self, count: int) -> int:
        """How many constants there are beside so many arguments."""
        return {ANY_NUMBER: count, WEIGHTS: count + 2}.get(self.constants, self.constants)

    def takes(self, count: int) -> bool:
        """Whether the function is one of as many arguments: log(u, b) is another one than log(u)."""
        return count in range(*self._counts)

    @cached_property
    def _counts(self) -> tuple[int, int]:
        if isinstance(self.function, type):  # a function of SymPy
            return 1, (MAX_ARGUMENTS if self.function in (Max, Min) else 2)
        expected = signature(self.function).parameters.values()
        named = sum(1 for p in expected if p.kind is not Parameter.VAR_POSITIONAL)
        own = max(self.constants, 0)
        if named < len(expected):
            return max(1, named), MAX_ARGUMENTS
        return named - own, named - own + 1

    @property
    def sign(self) -> int:
        """1 for convex, -1 for concave."""
        return 1 if self.curvature == "convex" else -1


def _positive(*quantities: Expr) -> tuple[Relation, ...]:
    return tuple(Relation(sympify(q, strict=True), ">") for q in quantities)


def _nonnegative(*quantities: Expr) -> tuple[Relation, ...]:
    return tuple(Relation(sympify(q, strict=True), ">=") for q in quantities)


def _everywhere(*_: Expr) -> tuple[Relation, ...]:
    return ()


def _right(u: Expr) -> tuple[Relation, ...]:
    return _nonnegative(u)


def _left(u: Expr) -> tuple[Relation, ...]:
    return _nonnegative(-u)


def _between(low: Expr, high: Expr) -> Callable[[Expr], tuple[Relation, ...]]:
    return lambda u: _nonnegative(u - low, high - u)


def _norm(*u: Expr) -> Expr:
    return sqrt(Add(*(v**2 for v in u)))


def _shifted_norm(*u: Expr) -> Expr:
    return sqrt(u[-1] + Add(*(v**2 for v in u[:-1])))


def _log_sum_exp(*u: Expr) -> Expr:
    return evaluated(log, [Add(*map(_exponential, u))])


def _shifted_log_sum_exp(*u: Expr) -> Expr:
    return evaluated(log, [Add(u[-1], *map(_exponential, u[:-1]))])


def _exponential(u: Expr) -> Expr:
    """e^u, as c e^v for u = v + log c."""
    logarithms = [term for term in Add.make_args(u) if isinstance(term, log)]
    if not logarithms:
        return evaluated(exp, [u])
    rest = Add(*(term for term in Add.make_args(u) if term not in logarithms))
    return Mul(*(term.args[0] for term in logarithms), evaluated(exp, [rest]))


def _power_mean(*u: Expr) -> Expr:
    return Add(*(v ** u[-1] for v in u[:-1])) ** (1 / u[-1])


def _weighted(*u: Expr) -> tuple[Arguments, Arguments, Expr, Expr]:
    """Arguments, weights, and the exponents r and s of (sum w_i u_i^r)^(s/r)."""
    half = len(u) // 2 - 1
    return u[:half], u[half:-2], u[-2], u[-1]


def _weighted_mean(*u: Expr) -> Expr:
    arguments, weights, r, s = _weighted(*u)
    return Add(*(w * v**r for v, w in zip(arguments, weights, strict=True))) ** (s / r)


def _weights(*u: Expr) -> tuple[Relation, ...]:
    arguments, weights, _, _ = _weighted(*u)
    return _nonnegative(*arguments) + _positive(*weights)


def _weights_inside(*u: Expr) -> tuple[Relation, ...]:
    arguments, weights, _, _ = _weighted(*u)
    return _positive(*arguments, *weights)


def _quadratic_over_linear(*u: Expr) -> Expr:
    return Add(*(v**2 for v in u[:-1])) / u[-1]


def _perspective(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-1] for v in u[:-2])) * u[-2] ** (1 - u[-1])


def _product_of_powers(*u: Expr) -> Expr:
    half = len(u) // 2
    return Mul(*(v**a for v, a in zip(u[:half], u[half:], strict=True)))


def _geometric(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return _positive(*u) + _nonnegative(1 - Add(*u[half:]))


def _geometric_strict(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return _positive(*u, 1 - Add(*u[half:]))


def _inverse_product(*u: Expr) -> tuple[Relation, ...]:
    half = len(u) // 2
    return _positive(*u[:half], *(-a for a in u[half:]))


def _determinant(a: Expr, c: Expr, *b: Expr) -> Expr:
    """a c - sum b_i^2: of a matrix for one b; by a = t + s and c = t - s that of a second-order cone."""
    return a * c - Add(*(v**2 for v in b))


def _definite(a: Expr, c: Expr, *b: Expr) -> tuple[Relation, ...]:
    return _positive(a, _determinant(a, c, *b))


def _trace_of_inverse(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> Expr:
    return (k * c - 2 * m * b + n * a) / _determinant(a, c, b)


def _definite_weights(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> tuple[Relation, ...]:
    return _definite(a, c, b) + _positive(k, k * n - m**2)


def _semidefinite_weights(a: Expr, c: Expr, b: Expr, k: Expr, m: Expr, n: Expr) -> tuple[Relation, ...]:
    return _definite(a, c, b) + _nonnegative(k, n, k * n - m**2)


def _matrix_fractional(x: Expr, y: Expr, a: Expr, c: Expr, b: Expr) -> Expr:
    return (x**2 * c - 2 * x * y * b + y**2 * a) / _determinant(a, c, b)


def _p_norm(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-1] for v in u[:-1])) ** (1 / u[-1])


def _in_a_p_cone(*u: Expr) -> Expr:
    """t^p - |v_1|^p - ... - |v_k|^p for the arguments v_1, ..., v_k, t and the constant p."""
    return Add(u[-2] ** u[-1], *(-(Abs(v) ** u[-1]) for v in u[:-2]))


def _power_of_a_p_norm(*u: Expr) -> Expr:
    return Add(*(Abs(v) ** u[-2] for v in u[:-2])) ** (u[-1] / u[-2])


def _log_beta(u: Expr, v: Expr, *w: Expr) -> Expr:
    """log B(u_1, ..., u_k) = log ∫ t_1^(u_1 - 1) ... t_k^(u_k - 1) dt over the simplex; of one u it would be 0."""
    return Add(*map(sp.loggamma, (u, v, *w)), -sp.loggamma(Add(u, v, *w)))


UP, DOWN, NEITHER = (1,), (-1,), (0,)

_ROWS: Final[tuple[tuple[Any, ...], ...]] = (
    ("exp", exp, "convex", UP, True, True, _everywhere),
    ("log", log, "concave", UP, True, True, _positive),
    (
        "power",
        lambda u, a: u**a,
        "convex",
        UP,
        True,
        True,
        lambda u, a: _nonnegative(u) + _positive(a - 1),
        1,
    ),
    (
        "root",
        lambda u, a: u**a,
        "concave",
        UP,
        True,
        True,
        lambda u, a: _nonnegative(u) + _positive(a, 1 - a),
        1,
    ),
    ("inverse power", lambda u, a: u**a, "convex", DOWN, True, True, lambda u, a: _positive(u, -a), 1),
    (
        "even power",
        lambda u, k: u ** (2 * k),
        "convex",
        NEITHER,
        True,
        False,
        lambda u, k: _positive(k),
        1,
        True,
    ),
    (
        "even power, u <= 0",
        lambda u, k: u ** (2 * k),
        "convex",
        DOWN,
        True,
        True,
        lambda u, k: _nonnegative(-u) + _positive(k),
        1,
        True,
    ),
    (
        "odd power, u <= 0",
        lambda u, k: u ** (2 * k + 1),
        "concave",
        UP,
        True,
        True,
        lambda u, k: _nonnegative(-u) + _positive(k),
        1,
        True,
    ),
    (
        "inverse even power, u < 0",
        lambda u, k: u ** (-2 * k),
        "convex",
        UP,
        True,
        True,
        lambda u, k: _positive(-u, k),
        1,
        True,
    ),
    (
        "inverse odd power, u < 0",
        lambda u, k: u ** (1 - 2 * k),
        "concave",
        DOWN,
        True,
        True,
        lambda u, k: _positive(-u, k),
        1,
        True,
    ),
    ("abs", Abs, "convex", NEITHER, False, False, _everywhere),
    ("abs power", lambda u, a: Abs(u) ** a, "convex", NEITHER, True, False, lambda u, a: _positive(a - 1), 1),
    ("max", Max, "convex", UP, False, False, _everywhere),
    ("min", Min, "concave", UP, False, False, _everywhere),
    ("norm", _norm, "convex", NEITHER, False, False, _everywhere),
    ("norm, u >= 0", _norm, "convex", UP, False, False, _nonnegative),
    ("shifted norm", _shifted_norm, "convex", NEITHER, True, False, lambda *u: _positive(u[-1]), 1),
    ("p-norm, u > 0", _power_mean, "convex", UP, False, True, lambda *u: _positive(*u[:-1], u[-1] - 1), 1),
    ("p-norm", _p_norm, "convex", NEITHER, False, False, lambda *u: _positive(u[-1] - 1), 1),
    (
        "power of a p-norm",
        _power_of_a_p_norm,
        "convex",
        NEITHER,
        False,
        False,
        lambda *u: _nonnegative(u[-2] - 1, u[-1] - 1),
        2,
    ),
    (
        "power of a round p-norm",
        _power_of_a_p_norm,
        "convex",
        NEITHER,
        True,
        False,
        lambda *u: _positive(u[-2] - 1, u[-1] - 1),
        2,
    ),
    (
        "root in a p-cone",
        lambda *u: _in_a_p_cone(*u) ** (1 / u[-1]),
        "concave",
        (0, 1),
        False,
        True,
        lambda *u: _positive(u[-2], u[-1] - 1) + _nonnegative(_in_a_p_cone(*u)),
        1,
        True,
    ),
    (
        "logarithm in a p-cone",
        lambda *u: log(_in_a_p_cone(*u)),
        "concave",
        (0, 1),
        True,
        True,
        lambda *u: _positive(u[-2], u[-1] - 1, _in_a_p_cone(*u)),
        1,
        True,
    ),
    ("power mean, u > 0", _power_mean, "concave", UP, False, True, lambda *u: _positive(*u, 1 - u[-1]), 1),
    (
        "power mean, r < 0",
        _power_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: _positive(*u[:-1], -u[-1]),
        1,
    ),
    (
        "power of a weighted p-norm",
        _weighted_mean,
        "convex",
        UP,
        False,
        True,
        lambda *u: _weights(*u) + _nonnegative(u[-2] - 1, u[-1] - 1),
        WEIGHTS,
    ),
    (
        "power of a round weighted p-norm",
        _weighted_mean,
        "convex",
        UP,
        True,
        True,
        lambda *u: _weights(*u) + _positive(u[-2] - 1, u[-1] - 1),
        WEIGHTS,
    ),
    (
        "power of a weighted mean",
        _weighted_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: _weights(*u) + _positive(u[-2], 1 - u[-2], u[-1]) + _nonnegative(1 - u[-1]),
        WEIGHTS,
    ),
    (
        "small power of a weighted mean",
        _weighted_mean,
        "concave",
        UP,
        True,
        True,
        lambda *u: _weights(*u) + _positive(u[-2], 1 - u[-2], u[-1], 1 - u[-1]),
        WEIGHTS,
    ),
    (
        "power of a weighted mean, r < 0",
        _weighted_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: _weights_inside(*u) + _positive(-u[-2], u[-1]) + _nonnegative(1 - u[-1]),
        WEIGHTS,
    ),
    (
        "small power of a weighted mean, r < 0",
        _weighted_mean,
        "concave",
        UP,
        True,
        True,
        lambda *u: _weights_inside(*u) + _positive(-u[-2], u[-1], 1 - u[-1]),
        WEIGHTS,
    ),
    ("log-sum-exp", _log_sum_exp, "convex", UP, False, True, _everywhere),
    ("shifted log-sum-exp", _shifted_log_sum_exp, "convex", UP, True, True, lambda *u: _positive(u[-1]), 1),
    ("entropy", lambda u: u * log(u), "convex", NEITHER, True, False, _positive),
    ("relative entropy", lambda u, v: u * log(u / v), "convex", NEITHER, False, False, _positive),
    (
        "quadratic over linear",
        _quadratic_over_linear,
        "convex",
        (0, -1),
        False,
        False,
        lambda *u: _positive(u[-1]),
    ),
    (
        "perspective of powers",
        _perspective,
        "convex",
        (0, -1),
        False,
        False,
        lambda *u: _positive(u[-2], u[-1] - 1),
        1,
    ),
    (
        "square over linear, u >= 0",
        lambda u, v: u**2 / v,
        "convex",
        (1, -1),
        False,
        False,
        lambda u, v: _nonnegative(u) + _positive(v),
    ),
    ("geometric mean", _product_of_powers, "concave", UP, False, True, _geometric, ANY_NUMBER),
    ("product of small powers", _product_of_powers, "concave", UP, True, True, _geometric_strict, ANY_NUMBER),
    (
        "product of inverse powers",
        _product_of_powers,
        "convex",
        DOWN,
        True,
        True,
        _inverse_product,
        ANY_NUMBER,
    ),
    ("log det", lambda *u: log(_determinant(*u)), "concave", NEITHER, True, False, _definite),
    ("root of a determinant", lambda *u: sqrt(_determinant(*u)), "concave", NEITHER, False, False, _definite),
    ("trace of an inverse", _trace_of_inverse, "convex", (-1, 0), True, False, _definite_weights, 3),
    (
        "trace of an inverse, semidefinite",
        _trace_of_inverse,
        "convex",
        (-1, 0),
        False,
        False,
        _semidefinite_weights,
        3,
    ),
    (
        "matrix fractional",
        _matrix_fractional,
        "convex",
        NEITHER,
        False,
        False,
        lambda x, y, *u: _definite(*u),
    ),
    ("cosh", sp.cosh, "convex", NEITHER, True, False, _everywhere),
    ("cosh, u >= 0", sp.cosh, "convex", UP, True, True, _right),
    ("sinh, u >= 0", sp.sinh, "convex", UP, True, True, _right),
    ("sinh, u <= 0", sp.sinh, "concave", UP, True, True, _left),
    ("tanh, u >= 0", sp.tanh, "concave", UP, True, True, _right),
    ("tanh, u <= 0", sp.tanh, "convex", UP, True, True, _left),
    ("atan, u >= 0", sp.atan, "concave", UP, True, True, _right),
    ("atan, u <= 0", sp.atan, "convex", UP, True, True, _left),
    ("asinh, u >= 0", sp.asinh, "concave", UP, True, True, _right),
    ("asinh, u <= 0", sp.asinh, "convex", UP, True, True, _left),
    ("acosh", sp.acosh, "concave", UP, True, True, lambda u: _nonnegative(u - 1)),
    ("erf, u >= 0", sp.erf, "concave", UP, True, True, _right),
    ("erf, u <= 0", sp.erf, "convex", UP, True, True, _left),
    ("erfc, u >= 0", sp.erfc, "convex", DOWN, True, True, _right),
    ("erfc, u <= 0", sp.erfc, "concave", DOWN, True, True, _left),
    ("sine, first half period", sp.sin, "concave", NEITHER, True, False, _between(S.Zero, pi)),
    ("sine, second half period", sp.sin, "convex", NEITHER, True, False, _between(pi, 2 * pi)),
    ("cosine, first half period", sp.cos, "concave", NEITHER, True, False, _between(-pi / 2, pi / 2)),
    ("cosine, second half period", sp.cos, "convex", NEITHER, True, False, _between(pi / 2, 3 * pi / 2)),
    ("tangent, u >= 0", sp.tan, "convex", UP, True, True, lambda u: _nonnegative(u) + _positive(pi / 2 - u)),
    (
        "tangent, u <= 0",
        sp.tan,
        "concave",
        UP,
        True,
        True,
        lambda u: _nonnegative(-u) + _positive(u + pi / 2),
    ),
    ("arcsine, u >= 0", sp.asin, "convex", UP, True, True, _between(S.Zero, S.One)),
    ("arcsine, u <= 0", sp.asin, "concave", UP, True, True, _between(S.NegativeOne, S.Zero)),
    ("arccosine, u >= 0", sp.acos, "concave", DOWN, True, True, _between(S.Zero, S.One)),
    ("arccosine, u <= 0", sp.acos, "convex", DOWN, True, True, _between(S.NegativeOne, S.Zero)),
    ("artanh, u >= 0", sp.atanh, "convex", UP, True, True, lambda u: _nonnegative(u) + _positive(1 - u)),
    ("artanh, u <= 0", sp.atanh, "concave", UP, True, True, lambda u: _nonnegative(-u) + _positive(1 + u)),
    ("logarithm of erfc", lambda u: log(sp.erfc(u)), "concave", DOWN, True, True, _everywhere),
    ("logarithm of 1 + erf", lambda u: log(1 + sp.erf(u)), "concave", UP, True, True, _everywhere),
    ("Mills ratio", lambda u: exp(u**2) * sp.erfc(u), "convex", DOWN, True, True, _everywhere),
    ("normal hazard", lambda u: exp(-(u**2)) / sp.erfc(u), "convex", UP, True, True, _everywhere),
    ("gamma", sp.gamma, "convex", NEITHER, True, False, _positive),
    ("logarithm of gamma", lambda u: log(sp.gamma(u)), "convex", NEITHER, True, False, _positive),
    ("log-gamma", sp.loggamma, "convex", NEITHER, True, False, _positive),
    (
        "polygamma of odd order",
        lambda u, k: sp.polygamma(2 * k - 1, u),
        "convex",
        DOWN,
        True,
        True,
        lambda u, k: _positive(u, k),
        1,
        True,
    ),
    (
        "polygamma of even order",
        lambda u, k: sp.polygamma(2 * k, u),
        "concave",
        UP,
        True,
        True,
        lambda u, k: _positive(u) + _nonnegative(k),
        1,
        True,
    ),
    ("logarithm of beta", _log_beta, "convex", DOWN, True, True, _positive),
    ("Lambert W", sp.LambertW, "concave", UP, True, True, lambda u: _nonnegative(u + exp(-1))),
)
# u^n for a symbol n of known parity; for u > 0 the rows of real exponents apply.
_WHOLE: Final[tuple[tuple[Any, ...], ...]] = (
    ("even exponent", "convex", NEITHER, True, False, lambda u, n: _positive(n - 1), "even"),
    (
        "even exponent, u <= 0",
        "convex",
        DOWN,
        True,
        True,
        lambda u, n: _nonnegative(-u) + _positive(n - 1),
        "even",
    ),
    (
        "odd exponent, u <= 0",
        "concave",
        UP,
        True,
        True,
        lambda u, n: _nonnegative(-u) + _positive(n - 1),
        "odd",
    ),
    ("negative even exponent, u < 0", "convex", UP, True, True, lambda u, n: _positive(-u, -n), "even"),
    ("negative odd exponent, u < 0", "concave", DOWN, True, True, lambda u, n: _positive(-u, -n), "odd"),
)
SYMBOLIC_POWERS: Final[Mapping[str, CurvatureAtom]] = {
    name: CurvatureAtom(name, lambda u, n: u**n, kind, slopes, strict, monotone, where, 1, parity=parity)
    for name, kind, slopes, strict, monotone, where, parity in _WHOLE
}
CURVATURE_ATOMS: Final[Mapping[str, CurvatureAtom]] = {
    **{row[0]: CurvatureAtom(*row) for row in _ROWS},
    **SYMBOLIC_POWERS,
}
