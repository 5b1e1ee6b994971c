"""An expression rewritten as a person would write it: common factors out, like terms together.

Value-preserving, deterministic and bounded: an expression that is too large to be read is left as it is.
Everything that is not rational (exp, log, roots, symbolic powers) is a *kernel*, replaced by a plain symbol
while the rational structure is factored.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, prod
from typing import Final

import sympy
from sympy import (
    Add,
    Dummy,
    Expr,
    Function,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    expand,
    factor_list,
    fraction,
    together,
)
from sympy.core.mul import _mulsort

from symopt.exact.expanding import expanded
from symopt.exact.gates import TooLarge, operations
from symopt.reading.building import evaluated

READABLE_SIZE: Final = 200
EXPANDED_TERMS: Final = 80
EXPANDED_OPERATIONS: Final = 2_000
LARGEST_EXPONENT: Final = 24


def tidy(expression: Expr) -> Expr:
    """The same value with common factors taken out and like terms collected.

    >>> from sympy import exp, symbols
    >>> x = symbols("x", real=True)
    >>> tidy(3*x**2 - 3), tidy(exp(-x) - x*exp(-x))
    (3*(x - 1)*(x + 1), (1 - x)*exp(-x))
    """
    if expression.is_Atom:
        return expression
    if not is_readable(expression):
        return _short_polynomial(expression) or expression
    kernels = _Kernels(expression)
    rational = kernels.hide(expression)
    if _expanded_terms(rational) > EXPANDED_TERMS:
        return expression
    above, below = fraction(together(rational))
    coefficient, factors = _factor_list(above)
    if not coefficient:
        return S.Zero
    divisor, divisors = _factor_list(below)
    powers = [(kernels.show(base), Rational(power)) for base, power in factors]
    powers += [(kernels.show(base), -Rational(power)) for base, power in divisors]
    factored = _assemble(coefficient / divisor, powers)
    genuine = sum(base.is_Add for base, _ in factors) > 1 or any(not base.is_Add for base, _ in factors)
    allowance = (8 * _size(expression)) // 5 + 2 if genuine and not divisors else _size(expression)
    return factored if _size(factored) <= allowance else expression


def _short_polynomial(expression: Expr) -> Expr | None:
    """A long polynomial multiplied out and factored; None where that is no shorter."""
    try:
        sum_of_monomials = expanded(expression) if operations(expression) <= EXPANDED_OPERATIONS else None
    except TooLarge:
        return None
    if sum_of_monomials is None or len(sum_of_monomials.args) > EXPANDED_TERMS:
        return None
    coefficient, factors = _factor_list(sum_of_monomials)
    factored = _assemble(coefficient, [(base, Rational(power)) for base, power in factors])
    return factored if operations(factored) < operations(expression) else None


def _factor_list(expression: Expr) -> tuple[Expr, list[tuple[Expr, int]]]:
    """SymPy's factors over Q; a number has none."""
    value = expression.doit()
    if value.free_symbols and any(expand(factor).is_Rational for factor in Mul.make_args(value)):
        value = expand(value)
    return (value, []) if value.is_Rational else factor_list(value)


def scaled(coefficient: Expr, expression: Expr) -> Expr:
    """A number times an expression; unlike SymPy's own product it leaves 2*(p - 1) as it is."""
    number, core = expression.as_coeff_Mul()
    number = coefficient * number
    if core.is_Add and number == -1:
        return Add(*[scaled(S.NegativeOne, term) for term in core.args])
    if core.is_Add and number != 1:
        return Mul(number, core, evaluate=False)
    if number is S.Zero or number is S.One or not isinstance(core, Symbol | Mul | Pow | Function):
        return Mul(number, core)
    return Mul._from_args((number, *Mul.make_args(core)))  # what SymPy finds after a search


def times(left: Expr, right: Expr) -> Expr:
    """The product of two expressions, a number never distributed over a sum."""
    first, left = left.as_coeff_Mul()
    second, right = right.as_coeff_Mul()
    return scaled(first * second, _without_numbers(left, right))


def _without_numbers(left: Expr, right: Expr) -> Expr:
    """The product of two expressions without rational factors, whose whole powers of one base are joined."""
    exponents: dict[tuple[Expr, Expr], Expr] = {}
    for factor in (*Mul.make_args(left), *Mul.make_args(right)):
        base, exponent = factor.as_base_exp()
        number, core = exponent.as_coeff_Mul()
        if not base.free_symbols and not (base is S.Exp1 and core.free_symbols):
            return Mul(left, right)
        exponents[base, core] = exponents.get((base, core), 0) + number
    bases = [base for base, _ in exponents if base is not S.Exp1]
    if len(set(bases)) < len(bases):
        return Mul(left, right)
    factors: list[Expr] = []
    for (base, core), number in exponents.items():
        power = Mul(number, core)
        if power is not S.Zero:
            factors.append(evaluated(exp, [power]) if base is S.Exp1 else evaluated(Pow, [base, power]))
    if len(factors) < 2 or any(factor.is_Mul for factor in factors):
        return Mul(*factors)
    _mulsort(factors)
    return Mul._from_args(factors)


def _assemble(coefficient: Expr, powers: list[tuple[Expr, Rational]]) -> Expr:
    if coefficient == -1:
        for index, (base, power) in enumerate(powers):
            if power == 1 and base.is_Add:
                powers[index] = (Add(*[-term for term in base.args]), power)
                coefficient = S.One
                break
    result: Expr = S.One
    for base, power in powers:
        result = times(result, Pow(base, power))
    return scaled(coefficient, result)


def is_readable(expression: Expr) -> bool:
    """Whether the expression has so few parts that a person reads it."""
    return _size(expression) <= READABLE_SIZE


def _subexpressions(expression: Expr) -> Iterator[Expr]:
    stack = [expression]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.args)


def _size(expression: Expr) -> int:
    """The number of subexpressions, counted no further than is needed to call it unreadable."""
    count = 0
    for _ in _subexpressions(expression):
        count += 1
        if count > 2 * READABLE_SIZE:
            break
    return count


def _expanded_terms(expression: Expr) -> int:
    """An upper bound for the number of terms once multiplied out."""
    if expression.is_Add:
        return sum(_expanded_terms(term) for term in expression.args)
    if expression.is_Mul:
        return prod(_expanded_terms(factor) for factor in expression.args)
    if expression.is_Pow and expression.exp.is_Integer:
        terms, power = _expanded_terms(expression.base), abs(int(expression.exp))
        return comb(terms + power - 1, power)
    return 1


class _Kernels:
    """The non-rational subexpressions of one expression, each behind a symbol."""

    def __init__(self, expression: Expr) -> None:
        self._symbols: dict[Expr, Dummy] = {}
        self._steps: dict[Expr, Rational] = {}
        for part in _subexpressions(expression):
            if isinstance(part, exp):
                rate, core = part.args[0].as_coeff_Mul()
                self._steps[core] = sympy.gcd(self._steps.get(core, rate), rate)

    def hide(self, expression: Expr) -> Expr:
        """The expression with a symbol for every kernel."""
        if expression.is_Symbol or expression.is_Rational:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*[self.hide(part) for part in expression.args])
        if expression.is_Pow:
            base, power = expression.args
            if power.is_Integer and abs(power) <= LARGEST_EXPONENT:
                return Pow(self.hide(base), power)
            if power.is_Rational and abs(power.p) <= LARGEST_EXPONENT:
                whole = power.p // power.q
                return self._symbol(Pow(base, power - whole)) * Pow(self.hide(base), whole)
            number, rest = power.as_coeff_Add()
            if number.is_Integer and number and abs(number) <= LARGEST_EXPONENT:
                return self._symbol(Pow(base, rest)) * Pow(self.hide(base), number)
        if isinstance(expression, exp):
            rate, core = expression.args[0].as_coeff_Mul()
            step = self._steps[core]
            return Pow(self._symbol(exp(step * core)), rate / step)
        return self._symbol(expression)

    def show(self, expression: Expr) -> Expr:
        """The kernels put back."""
        return expression.xreplace({symbol: kernel for kernel, symbol in self._symbols.items()})

    def _symbol(self, kernel: Expr) -> Dummy:
        if kernel not in self._symbols:
            self._symbols[kernel] = Dummy(f"k{len(self._symbols)}")
        return self._symbols[kernel]
