"""Canonical forms and the exact zero test: rational functions over Q in symbols and kernels.

Kernels are exponentials, logarithms, roots, powers with symbolic exponents, sines and cosines, absolute
values, pi, and functions without relations (erf, atan, gamma, Max, Piecewise, ...), all with canonical
arguments. Symbols are real. See `kernels` for the identities used and `tower` for the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sympy import EX, QQ, Add, Expr, Mul, Poly, Pow, Rational, Symbol, SympifyError, cos, sin, sympify

from symopt.exact.expanding import expanded, vanishes_identically
from symopt.exact.gamma_functions import GAMMA_FUNCTIONS, aligned, gamma_nodes
from symopt.exact.gates import MAX_NODES, NotExact, TooLarge, Unsupported
from symopt.exact.kernels import canonical_form, factor_table, quotient_form, read
from symopt.exact.tower import Tower

__all__ = [
    "NotExact",
    "TooLarge",
    "Unsupported",
    "as_polynomial",
    "canonical",
    "factors",
    "is_identical",
    "kernels",
    "numerator_denominator",
]


_T = TypeVar("_T")
_R = TypeVar("_R")


def canonical(expression: Expr) -> Expr:
    """The expression as a quotient of expanded polynomials over Q in symbols and kernels.

    Equal functions of the class get the same form, up to the limits named in `kernels`; the form is equal
    to the expression wherever both are defined. The denominator is free of roots where that is short.
    Raises `TooLarge` at a size gate and `Unsupported` outside the class.

    >>> from sympy import symbols, exp, sqrt
    >>> x = symbols("x", real=True)
    >>> canonical((x**2 - 1)/(x - 1) + 1/sqrt(2))
    x + sqrt(2)/2 + 1
    >>> canonical(exp(x)*(exp(-x) + 1)**2)
    exp(x) + 2 + exp(-x)
    """
    return _guarded(_canonical, _checked(expression))


def _canonical(expression: Expr) -> Expr:
    short = expanded(expression)
    if short is not None:
        return short
    form = canonical_form(expression)
    if form.has(sin, cos) and any(symbol.is_integer for symbol in form.free_symbols):
        # An angle may have become a lattice's only now, as in sin(2 pi n (cos^2 t + sin^2 t)).
        turned = form.replace(sin, sin).replace(cos, cos)
        return form if turned == form else canonical_form(turned)
    return form


def is_identical(a: Expr, b: Expr) -> bool:
    """Whether a - b is proved to be zero wherever both are defined, for real symbols. False: not proved.

    >>> from sympy import symbols, sin, cos, sqrt
    >>> x = symbols("x", real=True)
    >>> is_identical(sin(2*x), 2*sin(x)*cos(x)), is_identical(sqrt(x**2), x)
    (True, False)
    """
    try:
        a, b = _checked(a), _checked(b)
        difference = Add(a, Mul(-1, b, evaluate=False), evaluate=False)
        if a.has(*GAMMA_FUNCTIONS) and b.has(*GAMMA_FUNCTIONS):
            difference = _checked(difference)
        short = _guarded(vanishes_identically, difference)
        if short is not None:
            return short
        node = _guarded(read, difference)
        if not _guarded(lambda n: Tower([n]).evaluate(n)[0], node):
            return True
        if difference.has(sin, cos) and any(symbol.is_integer for symbol in difference.free_symbols):
            return canonical(difference) == 0
        return False
    except (Unsupported, SympifyError):
        return False


def numerator_denominator(expression: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator of the canonical form, with integer coefficients.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> numerator_denominator(x/2 - 1/y)
    (x*y - 2, 2*y)
    """
    return _guarded(quotient_form, _checked(expression))


def as_polynomial(expression: Expr, symbols: Sequence[Symbol]) -> Poly | None:
    """The expression as a polynomial in the symbols with coefficients free of them, or None.

    >>> from sympy import symbols, exp
    >>> x, p = symbols("x p", real=True)
    >>> as_polynomial(exp(p)*x**2 + x/p, [x]).coeffs() == [exp(p), 1/p]
    True
    >>> as_polynomial(exp(x)*x, [x]) is None
    True
    """
    numerator, denominator = numerator_denominator(expression)
    chosen = set(symbols)
    if denominator.free_symbols & chosen:
        return None
    table: dict[tuple[int, ...], list[Expr]] = {}
    for term in Add.make_args(numerator):
        exponents, rest = [0] * len(symbols), [Pow(denominator, -1)]
        for factor in Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            if base in chosen and exponent.is_Integer and exponent > 0:
                exponents[list(symbols).index(base)] += int(exponent)
            elif factor.free_symbols & chosen:
                return None
            else:
                rest.append(factor)
        table.setdefault(tuple(exponents), []).append(Mul(*rest))
    coefficients = {monomial: canonical(Add(*terms)) for monomial, terms in table.items()}
    rational = all(c.is_Rational for c in coefficients.values())
    plain = not any(kernels(c) for c in coefficients.values())
    if rational:
        return Poly(coefficients, *symbols, domain=QQ)
    return Poly(coefficients, *symbols) if plain else Poly(coefficients, *symbols, domain=EX)


def factors(expression: Expr) -> tuple[Rational, tuple[tuple[Expr, int], ...]]:
    """Constant and irreducible factors over Q of the canonical form, with their exponents, in a fixed order.

    >>> from sympy import symbols, exp
    >>> x, p = symbols("x p", real=True)
    >>> factors(2*exp(-x)*(x**2 - 1)/p)
    (2, ((p, -1), (x - 1, 1), (x + 1, 1), (exp(-x), 1)))
    """
    return _guarded(factor_table, _checked(expression))


def kernels(expression: Expr) -> tuple[Expr, ...]:
    """The kernels of the canonical form besides symbols, in a fixed order.

    >>> from sympy import symbols, exp, sqrt
    >>> x = symbols("x", real=True)
    >>> kernels(x*exp(2*x) + sqrt(x))
    (sqrt(x), exp(2*x))
    """
    found: set[Expr] = set()
    for part in numerator_denominator(expression):
        for term in Add.make_args(part):
            for factor in Mul.make_args(term):
                if isinstance(factor, Pow) and factor.exp.is_Integer:
                    factor = factor.base
                if not (factor.is_Rational or factor.is_Symbol):
                    found.add(factor)
    return tuple(sorted(found, key=lambda kernel: kernel.sort_key()))


def _checked(expression: Expr) -> Expr:
    """The expression, if it has not too many distinct subexpressions."""
    expression = sympify(expression, strict=True)
    seen = {expression}
    stack = [expression]
    while stack:
        for part in stack.pop().args:
            if part not in seen:
                seen.add(part)
                stack.append(part)
        if len(seen) > MAX_NODES:
            raise TooLarge(f"an expression of more than {MAX_NODES} parts")
    nodes = gamma_nodes(seen)
    return aligned(expression, nodes) if len(nodes) > 1 else expression


def _guarded(function: Callable[[_T], _R], argument: _T) -> _R:
    """function(argument), with a depth beyond Python's stack reported as a size."""
    try:
        return function(argument)
    except RecursionError:
        raise TooLarge("an expression nested too deeply") from None
