"""What the names in generated source mean: `math` for scalars, NumPy for rows, NumPy with guarded domains."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import numpy as np

from symopt.calculus import bernoulli, ratios, special
from symopt.calculus.program import MUCH
from symopt.calculus.remainders import REMAINDERS, near_zero

Array = Any


def _scalar_power(base: float, exponent: float) -> float:
    """base^exponent for a positive base: a general real power lives there."""
    return math.pow(base, exponent) if base > 0 else math.nan


def _sign(u: float) -> float:
    return 1.0 if u > 0 else -1.0 if u < 0 else 0.0 * u


def _heaviside(u: float, at_zero: float) -> float:
    return 1.0 if u > 0 else 0.0 if u < 0 else at_zero + 0.0 * u


def _sqrt1pm1(u: float) -> float:
    return u / (1.0 + math.sqrt(1.0 + u))


def _rest(total: float, *parts: float) -> float:
    """The sum of the parts without one that is largest (it is 1): exact where little remains."""
    return total - 1.0 if total > MUCH else math.fsum((-1.0, *parts))


def _log_cosh(u: float) -> float:
    size = abs(u)
    if size <= 1.0:
        return math.log1p(2.0 * math.sinh(0.5 * size) ** 2)
    return size + (math.log1p(math.exp(-2.0 * size)) - math.log(2.0))


def _row_log_cosh(u: Array) -> Array:
    size = np.abs(u)
    near = np.log1p(2.0 * np.sinh(0.5 * np.minimum(size, 1.0)) ** 2)
    return np.where(size <= 1.0, near, size + (np.log1p(np.exp(-2.0 * size)) - math.log(2.0)))


def _tanh_slope(u: float) -> float:
    size = abs(u)
    if size < 1.0:
        return 1.0 - math.tanh(u) ** 2
    share = math.exp(-2.0 * size)
    return 4.0 * share / (1.0 + share) ** 2


def _row_tanh_slope(u: Array) -> Array:
    share = np.exp(-2.0 * np.abs(u))
    return np.where(np.abs(u) < 1.0, 1.0 - np.tanh(u) ** 2, 4.0 * share / (1.0 + share) ** 2)


def _rest_of(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
    """What the Taylor polynomial leaves of a function: its series near 0, the difference elsewhere."""
    remainder = REMAINDERS[name]
    series, direct, near = near_zero(remainder), remainder.direct, remainder.near
    return lambda u: series(u) if -near < u < near else direct(function(u), u)


def _rows_rest_of(name: str, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    remainder = REMAINDERS[name]
    series, direct, near = near_zero(remainder), remainder.direct, remainder.near
    return lambda u: np.where(np.abs(u) < near, series(np.clip(u, -near, near)), direct(function(u), u))


_MATH_NAMES: Final = [
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
    "gamma",
    "sqrt",
    "log1p",
    "expm1",
    "atan2",
    "hypot",
]

SCALAR_FUNCTIONS: Final[dict[str, Any]] = {
    **{name: getattr(math, name) for name in _MATH_NAMES},
    "root": math.pow,
    "sqrt1pm1": _sqrt1pm1,
    "log_cosh": _log_cosh,
    "tanh_slope": _tanh_slope,
    **bernoulli.functions(math.expm1, math.exp),
    "pow": _scalar_power,
    "sign": _sign,
    "Heaviside": _heaviside,
    "loggamma": special.loggamma,
    "polygamma": special.polygamma,
    "LambertW": special.lambert_w,
    "rest": _rest,
    "fsum": math.fsum,
    "nan": math.nan,
    "inf": math.inf,
    "abs": abs,
}
SCALAR_FUNCTIONS.update({name: _rest_of(name, SCALAR_FUNCTIONS[r.of]) for name, r in REMAINDERS.items()})
SCALAR_FUNCTIONS.update(ratios.functions(SCALAR_FUNCTIONS))


def _forgiving(function: Callable[..., float]) -> Callable[..., float]:
    """nan outside the domain, infinity where the value is too large for a float."""

    def forgiving(*arguments: float) -> float:
        try:
            return function(*arguments)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return forgiving


def _by_element(function: Callable[..., float]) -> Callable[..., Array]:
    return np.vectorize(_forgiving(function), otypes=[float])


def _inside(inside: Callable[[Array], Array], function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The function where its argument is inside its domain, nan elsewhere."""
    return lambda u: function(np.where(inside(u), u, np.nan))


def _divide(above: Array, below: Array) -> Array:
    return above / np.where(below == 0, np.nan, below)


def _row_power(base: Array, exponent: Array) -> Array:
    return np.where(base > 0, np.power(base, exponent), np.nan)


def _row_rest(total: Array, *parts: Array) -> Array:
    """The sum of the parts without one that is largest (it is 1)."""
    rest = np.asarray(total - 1.0)
    near = ~(rest > MUCH - 1.0)
    if near.any():
        few = np.sort(np.stack([np.broadcast_to(part, rest.shape)[near] for part in parts]), axis=0)
        rest[near] = few[:-1].sum(axis=0)
    return rest


ROW_FUNCTIONS: Final[dict[str, Any]] = {
    **{
        name: getattr(np, name)
        for name in ["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "log1p", "expm1"]
    },
    **{
        name: getattr(np, "arc" + name[1:])
        for name in ["asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2"]
    },
    "root": np.power,
    "sqrt1pm1": lambda u: u / (1.0 + np.sqrt(1.0 + u)),
    "log_cosh": _row_log_cosh,
    "tanh_slope": _row_tanh_slope,
    **bernoulli.row_functions(np),
    "hypot": lambda *u: reduce(np.hypot, u),
    "pow": _row_power,
    "Abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "select": np.where,
    "where_defined": lambda u, value: np.where(np.isnan(u), np.nan, value),
    "slope": lambda u: np.where(u >= 0, 1.0, -1.0),
    "sign": np.sign,
    "Heaviside": np.heaviside,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_not": np.logical_not,
    "rest": _row_rest,
    "erf": _by_element(math.erf),
    "erfc": _by_element(math.erfc),
    "gamma": _by_element(math.gamma),
    "loggamma": _by_element(special.loggamma),
    "polygamma": _by_element(special.polygamma),
    "LambertW": _by_element(special.lambert_w),
    "nan": math.nan,
    "inf": math.inf,
}
ROW_FUNCTIONS.update({name: _rows_rest_of(name, ROW_FUNCTIONS[r.of]) for name, r in REMAINDERS.items()})
ROW_FUNCTIONS.update(ratios.row_functions(np, ROW_FUNCTIONS))

GUARDED_ROW_FUNCTIONS: Final[dict[str, Any]] = {
    **ROW_FUNCTIONS,
    "divide": _divide,
    "log": _inside(lambda u: u > 0, np.log),
    "log1p": _inside(lambda u: u > -1, np.log1p),
    "atanh": _inside(lambda u: abs(u) < 1, np.arctanh),
    "log1p_rest": _inside(lambda u: u > -1, ROW_FUNCTIONS["log1p_rest"]),
    "atanh_rest": _inside(lambda u: abs(u) < 1, ROW_FUNCTIONS["atanh_rest"]),
}
GUARDED_ROW_FUNCTIONS.update(ratios.row_functions(np, GUARDED_ROW_FUNCTIONS))
