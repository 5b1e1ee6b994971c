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
from sympy import Abs, Expr, Max, Min, S, exp, log, pi, sqrt

from symopt.derivation.curvature_functions import (
    between,
    definite,
    definite_weights,
    determinant,
    everywhere,
    geometric,
    geometric_strict,
    in_a_p_cone,
    inverse_product,
    left,
    log_beta,
    log_sum_exp,
    matrix_fractional,
    nonnegative,
    norm,
    p_norm,
    perspective,
    positive,
    power_mean,
    power_of_a_p_norm,
    product_of_powers,
    quadratic_over_linear,
    right,
    semidefinite_weights,
    shifted_log_sum_exp,
    shifted_norm,
    trace_of_inverse,
    weighted_mean,
    weights,
    weights_inside,
)
from symopt.relation import Relation

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


UP, DOWN, NEITHER = (1,), (-1,), (0,)

_ROWS: Final[tuple[tuple[Any, ...], ...]] = (
    ("exp", exp, "convex", UP, True, True, everywhere),
    ("log", log, "concave", UP, True, True, positive),
    (
        "power",
        lambda u, a: u**a,
        "convex",
        UP,
        True,
        True,
        lambda u, a: nonnegative(u) + positive(a - 1),
        1,
    ),
    (
        "root",
        lambda u, a: u**a,
        "concave",
        UP,
        True,
        True,
        lambda u, a: nonnegative(u) + positive(a, 1 - a),
        1,
    ),
    ("inverse power", lambda u, a: u**a, "convex", DOWN, True, True, lambda u, a: positive(u, -a), 1),
    (
        "even power",
        lambda u, k: u ** (2 * k),
        "convex",
        NEITHER,
        True,
        False,
        lambda u, k: positive(k),
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
        lambda u, k: nonnegative(-u) + positive(k),
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
        lambda u, k: nonnegative(-u) + positive(k),
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
        lambda u, k: positive(-u, k),
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
        lambda u, k: positive(-u, k),
        1,
        True,
    ),
    ("abs", Abs, "convex", NEITHER, False, False, everywhere),
    ("abs power", lambda u, a: Abs(u) ** a, "convex", NEITHER, True, False, lambda u, a: positive(a - 1), 1),
    ("max", Max, "convex", UP, False, False, everywhere),
    ("min", Min, "concave", UP, False, False, everywhere),
    ("norm", norm, "convex", NEITHER, False, False, everywhere),
    ("norm, u >= 0", norm, "convex", UP, False, False, nonnegative),
    ("shifted norm", shifted_norm, "convex", NEITHER, True, False, lambda *u: positive(u[-1]), 1),
    ("p-norm, u > 0", power_mean, "convex", UP, False, True, lambda *u: positive(*u[:-1], u[-1] - 1), 1),
    ("p-norm", p_norm, "convex", NEITHER, False, False, lambda *u: positive(u[-1] - 1), 1),
    (
        "power of a p-norm",
        power_of_a_p_norm,
        "convex",
        NEITHER,
        False,
        False,
        lambda *u: nonnegative(u[-2] - 1, u[-1] - 1),
        2,
    ),
    (
        "power of a round p-norm",
        power_of_a_p_norm,
        "convex",
        NEITHER,
        True,
        False,
        lambda *u: positive(u[-2] - 1, u[-1] - 1),
        2,
    ),
    (
        "root in a p-cone",
        lambda *u: in_a_p_cone(*u) ** (1 / u[-1]),
        "concave",
        (0, 1),
        False,
        True,
        lambda *u: positive(u[-2], u[-1] - 1) + nonnegative(in_a_p_cone(*u)),
        1,
        True,
    ),
    (
        "logarithm in a p-cone",
        lambda *u: log(in_a_p_cone(*u)),
        "concave",
        (0, 1),
        True,
        True,
        lambda *u: positive(u[-2], u[-1] - 1, in_a_p_cone(*u)),
        1,
        True,
    ),
    ("power mean, u > 0", power_mean, "concave", UP, False, True, lambda *u: positive(*u, 1 - u[-1]), 1),
    (
        "power mean, r < 0",
        power_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: positive(*u[:-1], -u[-1]),
        1,
    ),
    (
        "power of a weighted p-norm",
        weighted_mean,
        "convex",
        UP,
        False,
        True,
        lambda *u: weights(*u) + nonnegative(u[-2] - 1, u[-1] - 1),
        WEIGHTS,
    ),
    (
        "power of a round weighted p-norm",
        weighted_mean,
        "convex",
        UP,
        True,
        True,
        lambda *u: weights(*u) + positive(u[-2] - 1, u[-1] - 1),
        WEIGHTS,
    ),
    (
        "power of a weighted mean",
        weighted_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: weights(*u) + positive(u[-2], 1 - u[-2], u[-1]) + nonnegative(1 - u[-1]),
        WEIGHTS,
    ),
    (
        "small power of a weighted mean",
        weighted_mean,
        "concave",
        UP,
        True,
        True,
        lambda *u: weights(*u) + positive(u[-2], 1 - u[-2], u[-1], 1 - u[-1]),
        WEIGHTS,
    ),
    (
        "power of a weighted mean, r < 0",
        weighted_mean,
        "concave",
        UP,
        False,
        True,
        lambda *u: weights_inside(*u) + positive(-u[-2], u[-1]) + nonnegative(1 - u[-1]),
        WEIGHTS,
    ),
    (
        "small power of a weighted mean, r < 0",
        weighted_mean,
        "concave",
        UP,
        True,
        True,
        lambda *u: weights_inside(*u) + positive(-u[-2], u[-1], 1 - u[-1]),
        WEIGHTS,
    ),
    ("log-sum-exp", log_sum_exp, "convex", UP, False, True, everywhere),
    ("shifted log-sum-exp", shifted_log_sum_exp, "convex", UP, True, True, lambda *u: positive(u[-1]), 1),
    ("entropy", lambda u: u * log(u), "convex", NEITHER, True, False, positive),
    ("relative entropy", lambda u, v: u * log(u / v), "convex", NEITHER, False, False, positive),
    (
        "quadratic over linear",
        quadratic_over_linear,
        "convex",
        (0, -1),
        False,
        False,
        lambda *u: positive(u[-1]),
    ),
    (
        "perspective of powers",
        perspective,
        "convex",
        (0, -1),
        False,
        False,
        lambda *u: positive(u[-2], u[-1] - 1),
        1,
    ),
    (
        "square over linear, u >= 0",
        lambda u, v: u**2 / v,
        "convex",
        (1, -1),
        False,
        False,
        lambda u, v: nonnegative(u) + positive(v),
    ),
    ("geometric mean", product_of_powers, "concave", UP, False, True, geometric, ANY_NUMBER),
    ("product of small powers", product_of_powers, "concave", UP, True, True, geometric_strict, ANY_NUMBER),
    (
        "product of inverse powers",
        product_of_powers,
        "convex",
        DOWN,
        True,
        True,
        inverse_product,
        ANY_NUMBER,
    ),
    ("log det", lambda *u: log(determinant(*u)), "concave", NEITHER, True, False, definite),
    ("root of a determinant", lambda *u: sqrt(determinant(*u)), "concave", NEITHER, False, False, definite),
    ("trace of an inverse", trace_of_inverse, "convex", (-1, 0), True, False, definite_weights, 3),
    (
        "trace of an inverse, semidefinite",
        trace_of_inverse,
        "convex",
        (-1, 0),
        False,
        False,
        semidefinite_weights,
        3,
    ),
    (
        "matrix fractional",
        matrix_fractional,
        "convex",
        NEITHER,
        False,
        False,
        lambda x, y, *u: definite(*u),
    ),
    ("cosh", sp.cosh, "convex", NEITHER, True, False, everywhere),
    ("cosh, u >= 0", sp.cosh, "convex", UP, True, True, right),
    ("sinh, u >= 0", sp.sinh, "convex", UP, True, True, right),
    ("sinh, u <= 0", sp.sinh, "concave", UP, True, True, left),
    ("tanh, u >= 0", sp.tanh, "concave", UP, True, True, right),
    ("tanh, u <= 0", sp.tanh, "convex", UP, True, True, left),
    ("atan, u >= 0", sp.atan, "concave", UP, True, True, right),
    ("atan, u <= 0", sp.atan, "convex", UP, True, True, left),
    ("asinh, u >= 0", sp.asinh, "concave", UP, True, True, right),
    ("asinh, u <= 0", sp.asinh, "convex", UP, True, True, left),
    ("acosh", sp.acosh, "concave", UP, True, True, lambda u: nonnegative(u - 1)),
    ("erf, u >= 0", sp.erf, "concave", UP, True, True, right),
    ("erf, u <= 0", sp.erf, "convex", UP, True, True, left),
    ("erfc, u >= 0", sp.erfc, "convex", DOWN, True, True, right),
    ("erfc, u <= 0", sp.erfc, "concave", DOWN, True, True, left),
    ("sine, first half period", sp.sin, "concave", NEITHER, True, False, between(S.Zero, pi)),
    ("sine, second half period", sp.sin, "convex", NEITHER, True, False, between(pi, 2 * pi)),
    ("cosine, first half period", sp.cos, "concave", NEITHER, True, False, between(-pi / 2, pi / 2)),
    ("cosine, second half period", sp.cos, "convex", NEITHER, True, False, between(pi / 2, 3 * pi / 2)),
    ("tangent, u >= 0", sp.tan, "convex", UP, True, True, lambda u: nonnegative(u) + positive(pi / 2 - u)),
    (
        "tangent, u <= 0",
        sp.tan,
        "concave",
        UP,
        True,
        True,
        lambda u: nonnegative(-u) + positive(u + pi / 2),
    ),
    ("arcsine, u >= 0", sp.asin, "convex", UP, True, True, between(S.Zero, S.One)),
    ("arcsine, u <= 0", sp.asin, "concave", UP, True, True, between(S.NegativeOne, S.Zero)),
    ("arccosine, u >= 0", sp.acos, "concave", DOWN, True, True, between(S.Zero, S.One)),
    ("arccosine, u <= 0", sp.acos, "convex", DOWN, True, True, between(S.NegativeOne, S.Zero)),
    ("artanh, u >= 0", sp.atanh, "convex", UP, True, True, lambda u: nonnegative(u) + positive(1 - u)),
    ("artanh, u <= 0", sp.atanh, "concave", UP, True, True, lambda u: nonnegative(-u) + positive(1 + u)),
    ("logarithm of erfc", lambda u: log(sp.erfc(u)), "concave", DOWN, True, True, everywhere),
    ("logarithm of 1 + erf", lambda u: log(1 + sp.erf(u)), "concave", UP, True, True, everywhere),
    ("Mills ratio", lambda u: exp(u**2) * sp.erfc(u), "convex", DOWN, True, True, everywhere),
    ("normal hazard", lambda u: exp(-(u**2)) / sp.erfc(u), "convex", UP, True, True, everywhere),
    ("gamma", sp.gamma, "convex", NEITHER, True, False, positive),
    ("logarithm of gamma", lambda u: log(sp.gamma(u)), "convex", NEITHER, True, False, positive),
    ("log-gamma", sp.loggamma, "convex", NEITHER, True, False, positive),
    (
        "polygamma of odd order",
        lambda u, k: sp.polygamma(2 * k - 1, u),
        "convex",
        DOWN,
        True,
        True,
        lambda u, k: positive(u, k),
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
        lambda u, k: positive(u) + nonnegative(k),
        1,
        True,
    ),
    ("logarithm of beta", log_beta, "convex", DOWN, True, True, positive),
    ("Lambert W", sp.LambertW, "concave", UP, True, True, lambda u: nonnegative(u + exp(-1))),
)
# u^n for a symbol n of known parity; for u > 0 the rows of real exponents apply.
_WHOLE: Final[tuple[tuple[Any, ...], ...]] = (
    ("even exponent", "convex", NEITHER, True, False, lambda u, n: positive(n - 1), "even"),
    (
        "even exponent, u <= 0",
        "convex",
        DOWN,
        True,
        True,
        lambda u, n: nonnegative(-u) + positive(n - 1),
        "even",
    ),
    (
        "odd exponent, u <= 0",
        "concave",
        UP,
        True,
        True,
        lambda u, n: nonnegative(-u) + positive(n - 1),
        "odd",
    ),
    ("negative even exponent, u < 0", "convex", UP, True, True, lambda u, n: positive(-u, -n), "even"),
    ("negative odd exponent, u < 0", "concave", DOWN, True, True, lambda u, n: positive(-u, -n), "odd"),
)
SYMBOLIC_POWERS: Final[Mapping[str, CurvatureAtom]] = {
    name: CurvatureAtom(name, lambda u, n: u**n, kind, slopes, strict, monotone, where, 1, parity=parity)
    for name, kind, slopes, strict, monotone, where, parity in _WHOLE
}
CURVATURE_ATOMS: Final[Mapping[str, CurvatureAtom]] = {
    **{row[0]: CurvatureAtom(*row) for row in _ROWS},
    **SYMBOLIC_POWERS,
}
