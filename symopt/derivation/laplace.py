"""Polygamma functions and powers as Laplace transforms, so that the sign of a sum of them is that of a kernel.

For u > 0, psi_n(a u + b) = (-1)^(n+1) ∫ t^n e^(-(a u + b) t)/(1 - e^(-t)) dt for n >= 1, and 1/(a u + b)^k =
∫ t^(k-1) e^(-(a u + b) t) dt/(k - 1)!, over t > 0 with a > 0 and b >= 0 (NIST Handbook, 5.9.12 and 5.9.1). Integration
by parts takes up powers of u: u ∫ k(t) e^(-u t) dt = k(0) + ∫ k'(t) e^(-u t) dt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import Final

from sympy import Add, Dummy, Expr, Mul, Rational, S, Symbol, apart, bernoulli, exp, polygamma

from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import canonical

MAX_POWER: Final = 4  # of u beside a polygamma function
MAX_FUNCTIONS: Final = 6


@dataclass(frozen=True)
class Transform:
    """`polynomial(u) + ∫ numerator/denominator e^(-u t) dt` for u > 0, over t > 0 where the denominator is positive."""

    polynomial: tuple[Rational, ...]  # the coefficients of 1, u, u^2, ...
    numerator: Expr
    denominator: Expr


@dataclass(frozen=True)
class _Kernel:
    """k(t), with the first coefficients of its power series at t = 0."""

    function: Expr
    series: tuple[Rational, ...]


def transform(expression: Expr, form: Expr, t: Symbol) -> Transform | None:
    """The expression as a polynomial and a Laplace transform in u = a x + b, the form; None where it is no such sum.

    >>> from sympy import symbols
    >>> x, t = symbols("x t", real=True)
    >>> transform(polygamma(1, x) - 1 / x, x, t)
    Transform(polynomial=(), numerator=t - 1 + exp(-t), denominator=1 - exp(-t))
    """
    if len(form.free_symbols) != 1:
        return None
    (symbol,) = form.free_symbols
    slope, start = form.coeff(symbol), form.xreplace({symbol: S.Zero})
    if not (slope.is_Rational and start.is_Rational and slope != 0 and form == slope * symbol + start):
        return None
    shifted = expression.xreplace({symbol: (symbol - start) / slope})
    arguments = {f: f.func(f.args[0], f.args[1].expand()) for f in shifted.atoms(polygamma)}
    coefficients = _coefficients(shifted.xreplace(arguments), symbol)
    if coefficients is None:
        return None
    polynomial: Counter[int] = Counter()
    kernels: list[Expr] = []
    scales: dict[Rational, int] = {}  # s: how often 1 - e^(-s t) is a denominator
    for function, coefficient in coefficients.items():
        for factor, power, base in _terms(coefficient, symbol):
            if function == 1 and base == 1:
                polynomial[power] += factor
                continue
            known = _power(base, symbol, t) if function == 1 else _polygamma(function, base, symbol, t)
            if known is None or power > MAX_POWER:
                return None
            kernel = known.function
            for order, value in enumerate(known.series[:power]):
                polynomial[power - 1 - order] += factor * factorial(order) * value
                kernel = derivative_by_table(kernel, t)
            kernels.append(factor * kernel)
            if function != 1:
                scale = 1 / function.args[1].coeff(symbol)
                scales[scale] = max(scales.get(scale, 0), power + 1)
    denominator = Mul(*((1 - exp(-scale * t)) ** k for scale, k in scales.items()))
    degree = max((k for k, c in polynomial.items() if c != 0), default=-1)
    numerator = canonical(denominator * Add(*kernels))
    return Transform(tuple(S.Zero + polynomial[k] for k in range(degree + 1)), numerator, denominator)


def _coefficients(expression: Expr, symbol: Symbol) -> dict[Expr, Expr] | None:
    """Of the polygamma functions in the expression, which is linear in them, and of 1."""
    functions = sorted(expression.atoms(polygamma), key=str)
    names = {f: Dummy() for f in functions}
    if not 1 <= len(functions) <= MAX_FUNCTIONS or expression.free_symbols != {symbol}:
        return None
    above, below = expression.xreplace(names).together().as_numer_denom()
    poly = above.as_poly(*names.values())
    if poly is None or poly.total_degree() > 1 or below.has(*names.values()):
        return None
    found = {f: poly.coeff_monomial(name) / below for f, name in names.items()}
    found[S.One] = poly.coeff_monomial(1) / below
    return found if all(c.is_rational_function(symbol) for c in found.values()) else None


def _terms(coefficient: Expr, symbol: Symbol) -> Iterator[tuple[Rational, int, Expr]]:
    """(c, m, v) for the terms c u^m (with v = 1) and c v (with m = 0) of a rational function of u."""
    for term in Add.make_args(apart(coefficient, symbol).expand(power_base=False, multinomial=False)):
        factor, rest = term.as_coeff_Mul()
        if rest == 1 or rest == symbol or (rest.is_Pow and rest.base == symbol and rest.exp > 0):
            yield factor, int(rest.as_base_exp()[1]) if rest != 1 else 0, S.One
        elif factor != 0:
            yield factor, 0, rest


def _form(argument: Expr, symbol: Symbol) -> tuple[Rational, Rational] | None:
    """(a, b) for a u + b with a > 0 and b >= 0."""
    poly = argument.as_poly(symbol)
    if poly is None or poly.degree() != 1 or not all(c.is_Rational for c in poly.all_coeffs()):
        return None
    a, b = poly.all_coeffs()
    return (a, b) if a > 0 and b >= 0 else None


def _power(base: Expr, symbol: Symbol, t: Symbol) -> _Kernel | None:
    """1/(a u + b)^k."""
    inside, power = base.as_base_exp()
    form = _form(inside, symbol)
    if form is None or not power.is_Integer or power >= 0:
        return None
    (a, b), k = form, int(-power)
    return _Kernel(t ** (k - 1) * exp(-b * t / a) / (factorial(k - 1) * a**k), ())


def _polygamma(function: Expr, base: Expr, symbol: Symbol, t: Symbol) -> _Kernel | None:
    """psi_n(a u + b), whose kernel is t^(n-1) (t/a)/(1 - e^(-t/a)) e^(-b t/a) a^(-n) up to its sign."""
    n, form = function.args[0], _form(function.args[1], symbol)
    if form is None or base != 1 or not (n.is_Integer and n >= 1):
        return None
    (a, b), order = form, int(n)
    factor = (-1) ** (order + 1) / a**order
    quotient = [bernoulli(k) / factorial(k) / a**k for k in range(MAX_POWER + 1)]  # of (t/a)/(1 - e^(-t/a))
    quotient[1] = 1 / (2 * a)  # SymPy's B_1 has had either sign
    decay = [(-b / a) ** k / factorial(k) for k in range(MAX_POWER + 1)]
    product = [sum(quotient[i] * decay[k - i] for i in range(k + 1)) for k in range(MAX_POWER + 1)]
    series = tuple(factor * c for c in (*([S.Zero] * (order - 1)), *product))
    return _Kernel(factor / a * t**order * exp(-b * t / a) / (1 - exp(-t / a)), series)
