"""How an expression of one symbol s behaves as s -> oo: its dominant term and its limit, exactly.

An expansion is a sum of terms c exp(E) s^a (log s)^b, the fastest-growing first, with an O-term for what
was cut off. E is again such a sum, of terms that grow faster than log s, so that exp(exp(s)) has its place.
Series are cut after a fixed number of terms: when cancellation eats them all, or the sign of a leading
coefficient is not known, the answer is None and never a guess. The idea is that of Richardson, Salvy,
Shackell and van der Hoeven, "Asymptotic expansions of exp-log functions" (1996), cut down to a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from typing import Final

import sympy as sp
from sympy import Basic, Expr, Integer, Pow, Rational, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Or

from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.gamma_functions import GAMMA_FUNCTIONS, argument_of, bound, order_of, stepped
from symopt.exact.normal import NotExact, is_identical

ORDER: Final = 6
MAX_TERMS: Final = 40
MAX_POWER: Final = 24
MAX_OPERATIONS: Final = 400
STIRLING: Final = 2  # terms of Stirling's series beyond the first

SignOf = Callable[[Expr], int | None]


@dataclass(frozen=True)
class Growth:
    """exp(sum of `exponent`) * s^power * (log s)^log_power, up to a constant factor."""

    exponent: tuple[Term, ...] = ()
    power: Expr = S.Zero
    log_power: Expr = S.Zero


@dataclass(frozen=True)
class Term:
    """coefficient * growth; the coefficient is free of s."""

    coefficient: Expr
    growth: Growth


@dataclass(frozen=True)
class Dominant:
    """The term that decides: expression = coefficient * growth * (1 + o(1)).

    `direction` is that of the growth: 1 when it tends to oo, 0 when it is 1, -1 when it tends to 0. A
    coefficient 0 stands for an expression that is identically 0.
    """

    coefficient: Expr
    growth: Growth
    direction: int

    def expression(self, symbol: Symbol) -> Expr:
        """The term itself: the expression divided by it tends to 1."""
        return self.coefficient * _written(self.growth, symbol)


def _written(growth: Growth, symbol: Symbol) -> Expr:
    exponent = sp.Add(*(term.coefficient * _written(term.growth, symbol) for term in growth.exponent))
    return sp.exp(exponent) * symbol**growth.power * sp.log(symbol) ** growth.log_power


@dataclass(frozen=True)
class _Expansion:
    """Terms in decreasing order plus O(remainder); remainder None: the sum is exact."""

    terms: tuple[Term, ...] = ()
    remainder: Growth | None = None


class _NotCovered(Exception):
    """The behaviour cannot be decided here."""


_ONE: Final = Growth()
_S: Final = Growth(power=S.One)
_LOG: Final = Growth(log_power=S.One)
_BOUNDED: Final = _Expansion((), _ONE)


def sign_of_number(expression: Expr) -> int | None:
    """The sign of an expression without symbols; None for others."""
    return None if expression.free_symbols else sign_of_constant(expression)


def dominant_term(expression: Expr, symbol: Symbol, sign: SignOf = sign_of_number) -> Dominant | None:
    """The dominant term of `expression` as symbol -> oo, or None where it is not decided.

    `sign(e)` gives the sign of an expression in the parameters (-1, 0, 1), or None when it is not known. An
    answer also says that the expression is defined for all large values of the symbol. The coefficient
    itself may be one whose sign is not known.

    >>> from sympy import symbols, exp, log
    >>> s = symbols("s", real=True)
    >>> dominant_term((s + 1)**3 - s**3, s).coefficient
    3
    >>> dominant_term(log(s) / s, s).direction
    -1
    >>> dominant_term(s**5 * exp(-s), s).direction
    -1
    """
    if sp.count_ops(expression) > MAX_OPERATIONS:
        return None
    series = _Series(symbol, sign)
    try:
        expansion = series.of(expression)
        term = series.leading(expansion, known=False)
        if term is None:
            return None if expansion.remainder is not None else Dominant(S.Zero, _ONE, 0)
        return Dominant(term.coefficient, term.growth, series.compare(term.growth, _ONE))
    except (_NotCovered, NotExact, RecursionError):
        return None


def limit_at_infinity(expression: Expr, symbol: Symbol, sign: SignOf = sign_of_number) -> Expr | None:
    """The limit of `expression` as symbol -> oo: a value, oo or -oo; None where it is not decided.

    >>> from sympy import symbols, exp, log, sqrt
    >>> s = symbols("s", real=True)
    >>> limit_at_infinity(sqrt(s**2 + s) - s, s)
    1/2
    >>> limit_at_infinity(log(s) - s, s)
    -oo
    """
    if sp.count_ops(expression) > MAX_OPERATIONS:
        return None
    series = _Series(symbol, sign)
    try:
        return series.limit(series.of(expression))
    except (_NotCovered, NotExact, RecursionError):
        return None


class _Series:
    """Arithmetic with expansions in one symbol, under what `sign` knows of the parameters."""

    def __init__(self, symbol: Symbol, sign: SignOf) -> None:
        self._symbol = symbol
        self._sign_of = sign

    def sign(self, constant: Expr) -> int:
        known = self._maybe_sign(constant)
        if known is None:
            raise _NotCovered(f"the sign of {constant}")
        return known

    def _maybe_sign(self, constant: Expr) -> int | None:
        if isinstance(constant, Rational):
            return int(sp.sign(constant))
        if _is_zero(constant):
            return 0
        return self._sign_of(constant)

    def compare(self, left: Growth, right: Growth) -> int:
        """1 when `left` grows faster, 0 when the two are the same, -1 otherwise."""
        if left == right:
            return 0
        if left.exponent != right.exponent:
            difference = self.add(
                _Expansion(left.exponent), self.scale(_Expansion(right.exponent), S.NegativeOne)
            )
            term = self.leading(difference)
            if term is not None:
                return self.sign(term.coefficient)
        return self.sign(left.power - right.power) or self.sign(left.log_power - right.log_power)

    def leading(self, expansion: _Expansion, known: bool = True) -> Term | None:
        """The first term whose coefficient is not 0; with `known`, its sign must be known."""
        for term in expansion.terms:
            sign = self._maybe_sign(term.coefficient)
            if sign is None and known:
                raise _NotCovered(f"the sign of {term.coefficient}")
            if sign != 0:
                return term
        return None

    def limit(self, expansion: _Expansion) -> Expr | None:
        for term in expansion.terms:
            direction = self.compare(term.growth, _ONE)
            if direction < 0:
                return S.Zero
            if direction == 0:
                fine = expansion.remainder is None or self.compare(expansion.remainder, _ONE) < 0
                return term.coefficient if fine else None
            sign = self.sign(term.coefficient)
            if sign:
                return S.Infinity if sign > 0 else S.NegativeInfinity
        vanishing = expansion.remainder is None or self.compare(expansion.remainder, _ONE) < 0
        return S.Zero if vanishing else None

    def add(self, left: _Expansion, right: _Expansion) -> _Expansion:
        """The sum: terms of equal growth are joined, and those that the O-term covers are dropped."""
        terms, rest = list(left.terms), list(right.terms)
        merged: list[Term] = []
        while terms and rest:
            order = self.compare(terms[0].growth, rest[0].growth)
            if order:
                merged.append((terms if order > 0 else rest).pop(0))
                continue
            a, b = terms.pop(0), rest.pop(0)
            total = a.coefficient + b.coefficient
            if not _is_zero(total):
                merged.append(Term(total, a.growth))
        return self._cut(merged + terms + rest, self._larger(left.remainder, right.remainder))

    def _larger(self, left: Growth | None, right: Growth | None) -> Growth | None:
        if left is None or right is None:
            return right if left is None else left
        return left if self.compare(left, right) >= 0 else right

    def _cut(self, terms: list[Term], remainder: Growth | None) -> _Expansion:
        if len(terms) > MAX_TERMS:
            remainder = self._larger(remainder, terms[MAX_TERMS].growth)
            terms = terms[:MAX_TERMS]
        if remainder is not None:
            terms = [term for term in terms if self.compare(term.growth, remainder) > 0]
        return _Expansion(tuple(terms), remainder)

    def scale(self, expansion: _Expansion, factor: Expr) -> _Expansion:
        if factor == 0:
            return _Expansion()
        return _Expansion(
            tuple(Term(term.coefficient * factor, term.growth) for term in expansion.terms),
            expansion.remainder,
        )

    def multiply(self, left: _Expansion, right: _Expansion) -> _Expansion:
        total = _Expansion()
        for term in left.terms:
            row = tuple(
                Term(term.coefficient * other.coefficient, self._product(term.growth, other.growth))
                for other in right.terms
            )
            total = self.add(total, _Expansion(row))
        remainder: Growth | None = None
        for a, b in ((left, right), (right, left)):
            if a.remainder is not None:
                bounds = [term.growth for term in b.terms[:1]] + [b.remainder] * (b.remainder is not None)
                for bound in bounds:
                    if bound is not None:
                        remainder = self._larger(remainder, self._product(a.remainder, bound))
        return self._cut(list(total.terms), self._larger(total.remainder, remainder))

    def _product(self, left: Growth, right: Growth) -> Growth:
        exponent = left.exponent
        if right.exponent:
            exponent = self.add(_Expansion(left.exponent), _Expansion(right.exponent)).terms
        return Growth(exponent, left.power + right.power, left.log_power + right.log_power)

    def power(self, base: _Expansion, exponent: Expr) -> _Expansion:
        """base^exponent for an exponent free of s: by products, or leading term times a binomial series."""
        if isinstance(exponent, Integer) and 0 <= exponent <= MAX_POWER:
            return reduce(self.multiply, [base] * int(exponent), _constant(S.One))
        lead, rest = self._split(base)
        if not isinstance(exponent, Integer) and self.sign(lead.coefficient) < 0:
            raise _NotCovered("a root of a negative quantity")
        growth = Growth(
            self.scale(_Expansion(lead.growth.exponent), exponent).terms,
            lead.growth.power * exponent,
            lead.growth.log_power * exponent,
        )
        coefficients = [sp.ff(exponent, k) / sp.factorial(k) for k in range(ORDER)]
        return self.multiply(
            _Expansion((Term(lead.coefficient**exponent, growth),)), self._sum(coefficients, rest)
        )

    def _split(self, expansion: _Expansion) -> tuple[Term, _Expansion]:
        """The leading term L and d with expansion = L (1 + d), d -> 0."""
        lead = self.leading(expansion)
        if lead is None:
            raise _NotCovered("everything cancelled")
        inverse = Growth(
            self.scale(_Expansion(lead.growth.exponent), S.NegativeOne).terms,
            -lead.growth.power,
            -lead.growth.log_power,
        )
        terms = expansion.terms[expansion.terms.index(lead) + 1 :]
        rest = self.multiply(
            _Expansion(terms, expansion.remainder), _Expansion((Term(1 / lead.coefficient, inverse),))
        )
        return lead, rest

    def _sum(self, coefficients: list[Expr], small: _Expansion) -> _Expansion:
        """sum of c_k small^k, k < ORDER, plus O(small^ORDER): the series of a function analytic at 0."""
        if not small.terms and small.remainder is None:
            return _constant(coefficients[0])
        bound = small.terms[0].growth if small.terms else small.remainder
        if bound is None or self.compare(bound, _ONE) >= 0:
            raise _NotCovered("a series at a point that is not reached")
        total, power = _Expansion(), _constant(S.One)
        for coefficient in coefficients:
            total = self.add(total, self.scale(power, coefficient))
            power = self.multiply(power, small)
        tail = power.terms[0].growth if power.terms else power.remainder
        return self._cut(list(total.terms), self._larger(total.remainder, tail))

    def log(self, argument: _Expansion) -> _Expansion:
        lead, rest = self._split(argument)
        if self.sign(lead.coefficient) < 0 or not _is_zero(lead.growth.log_power):
            raise _NotCovered("the logarithm of a negative quantity, or of a logarithm")
        total = self.add(_constant(sp.log(lead.coefficient)), _Expansion(lead.growth.exponent))
        if not _is_zero(lead.growth.power):
            total = self.add(total, _Expansion((Term(lead.growth.power, _LOG),)))
        series = [S.Zero] + [Rational((-1) ** (k + 1), k) for k in range(1, ORDER)]
        return self.add(total, self._sum(series, rest))

    def exp(self, argument: _Expansion) -> _Expansion:
        """exp of the growing terms is a growth of its own; c log s gives s^c; the rest is a series."""
        growing, power, constant, small = [], S.Zero, S.Zero, []
        for term in argument.terms:
            if self.compare(term.growth, _LOG) > 0:
                growing.append(term)
            elif self.compare(term.growth, _LOG) == 0:
                power = term.coefficient
            elif self.compare(term.growth, _ONE) > 0:
                raise _NotCovered("the exponential of a function that grows more slowly than a logarithm")
            elif self.compare(term.growth, _ONE) == 0:
                constant = term.coefficient
            else:
                small.append(term)
        factor = _Expansion((Term(sp.exp(constant), Growth(tuple(growing), power)),))
        series = [1 / sp.factorial(k) for k in range(ORDER)]
        return self.multiply(factor, self._sum(series, _Expansion(tuple(small), argument.remainder)))

    def of(self, expression: Expr) -> _Expansion:
        """The expansion of an expression, from those of its parts."""
        if not expression.has(self._symbol):
            return _constant(expression)
        if expression == self._symbol:
            return _Expansion((Term(S.One, _S),))
        if expression.is_Add:
            return reduce(self.add, map(self.of, expression.args))
        if expression.is_Mul:
            return reduce(self.multiply, map(self.of, expression.args))
        if isinstance(expression, sp.exp):
            return self.exp(self.of(expression.args[0]))
        if isinstance(expression, Pow):
            if not expression.exp.has(self._symbol):
                return self.power(self.of(expression.base), expression.exp)
            return self.exp(self.multiply(self.of(expression.exp), self.log(self.of(expression.base))))
        return self._function(expression)

    def _function(self, expression: Expr) -> _Expansion:
        rewritten = _REWRITTEN.get(expression.func)
        if rewritten is not None:
            return self.of(rewritten(*expression.args))
        if isinstance(expression, sp.Piecewise):
            return self._by_cases(expression)
        arguments = [self.of(arg) for arg in expression.args]
        if isinstance(expression, sp.log) and len(arguments) == 1:
            return self.log(arguments[0])
        if isinstance(expression, sp.Abs):
            return self._absolute(arguments[0])
        if isinstance(expression, sp.sign):
            lead = self.leading(arguments[0])
            if lead is None:
                raise _NotCovered("a sign that may be 0")
            return _constant(Integer(self.sign(lead.coefficient)))
        if isinstance(expression, (sp.Max, sp.Min)):
            return reduce(self._higher if isinstance(expression, sp.Max) else self._lower, arguments)
        if isinstance(expression, GAMMA_FUNCTIONS):
            return self._of_gamma(expression)
        if expression.func in _ANALYTIC:
            return self._analytic(expression.func, arguments[0])
        raise _NotCovered(f"{expression.func}")

    def _of_gamma(self, node: Expr) -> _Expansion:
        """By Stirling's series where u -> oo, by gamma(u + 1) = u gamma(u) where u -> 0+, else by Taylor's series."""
        u = argument_of(node)
        argument = self.of(u)
        limit = self.limit(argument)
        if isinstance(node, sp.gamma):
            if limit is S.Infinity:
                return self.exp(self.of(sp.loggamma(u)))
        elif order_of(node) is None:
            raise _NotCovered("a polygamma function of this order")
        if limit is S.Infinity:
            sums = [bound(node, terms) for terms in (STIRLING, STIRLING + 1)]
            (series, _), (next_one, _) = (s for s in sums if s is not None)
            error = self.leading(self.of(next_one - series))
            return self._cut(list(self.of(series).terms), None if error is None else error.growth)
        lead = self.leading(argument)
        if limit is None or limit is S.NegativeInfinity or lead is None:
            raise _NotCovered("the gamma function there")
        if limit == 0 and self.sign(lead.coefficient) > 0:
            above_one = self._around(node, self.add(argument, _constant(S.One)), S.One)
            # stepped() writes f(u + 1) by f(u): what it adds to f(u), or multiplies it with, is taken away.
            if isinstance(node, sp.gamma):
                return self.multiply(above_one, self.power(argument, S.NegativeOne))
            added = stepped(node, u, 1) - node
            return self.add(above_one, self.scale(self.of(added), S.NegativeOne))
        if self.sign(limit) <= 0:
            raise _NotCovered("the gamma function of a negative number")
        return self._around(node, argument, limit)

    def _around(self, node: Expr, argument: _Expansion, limit: Expr) -> _Expansion:
        """Taylor's series of a gamma function of an argument that tends to a positive number."""
        derivative, series = node.func(*node.args[:-1], _PLACE), []
        for k in range(ORDER):
            series.append(derivative.xreplace({_PLACE: limit}) / sp.factorial(k))
            derivative = derivative_by_table(derivative, _PLACE)
        return self._sum(series, self.add(argument, _constant(-limit)))

    def _by_cases(self, expression: sp.Piecewise) -> _Expansion:
        """The value of the first condition that holds for all large s."""
        for value, condition in expression.args:
            if self._holds(condition):
                return self.of(value)
        raise _NotCovered("no case holds")

    def _holds(self, condition: Basic) -> bool:
        """Whether a condition holds for all large s; it breaks for all large s otherwise."""
        if isinstance(condition, (And, Or)):
            joined = all if isinstance(condition, And) else any
            return joined(self._holds(part) for part in condition.args)
        if isinstance(condition, BooleanAtom):
            return bool(condition)
        if not isinstance(condition, Relational):
            raise _NotCovered(f"the condition {condition}")
        gap = self.of(condition.lhs - condition.rhs)
        lead = self.leading(gap)
        if lead is None and gap.remainder is not None:
            raise _NotCovered("the two sides are too close")
        return _TRUE_FOR[condition.rel_op](0 if lead is None else self.sign(lead.coefficient))

    def _absolute(self, argument: _Expansion) -> _Expansion:
        lead = self.leading(argument)
        if lead is None:
            return argument
        return self.scale(argument, Integer(self.sign(lead.coefficient)))

    def _higher(self, left: _Expansion, right: _Expansion) -> _Expansion:
        lead = self.leading(self.add(left, self.scale(right, S.NegativeOne)))
        if lead is None:
            raise _NotCovered("the two sides are too close")
        return left if self.sign(lead.coefficient) > 0 else right

    def _lower(self, left: _Expansion, right: _Expansion) -> _Expansion:
        return right if self._higher(left, right) is left else left

    def _analytic(self, function: Callable[[Expr], Expr], argument: _Expansion) -> _Expansion:
        """A function analytic on the real line: Taylor's series where its argument has a limit."""
        limit = self.limit(argument)
        if limit is not None and limit not in (S.Infinity, S.NegativeInfinity):
            small = self.add(argument, _constant(-limit))
            series = [
                derivative.xreplace({_PLACE: limit}) / sp.factorial(k)
                for k, derivative in enumerate(_derivatives(function))
            ]
            return self._sum(series, small)
        if function is sp.atan and limit is not None:
            towards = sp.pi / 2 if limit is S.Infinity else -sp.pi / 2
            inverse = self._analytic(sp.atan, self.power(argument, S.NegativeOne))
            return self.add(_constant(towards), self.scale(inverse, S.NegativeOne))
        if function is sp.erf and limit is not None:
            # 0 < 1 - erf(u) < exp(-u^2) for u > 0
            tail = self.leading(self.exp(self.scale(self.power(argument, Integer(2)), S.NegativeOne)))
            if tail is not None:
                return _Expansion((Term(sp.sign(limit), _ONE),), tail.growth)
        if function in (sp.sin, sp.cos):
            return _BOUNDED
        raise _NotCovered(f"{function} without a finite argument")


_TRUE_FOR: Final[Mapping[str, Callable[[int], bool]]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}
_ANALYTIC: Final = frozenset((sp.sin, sp.cos, sp.atan, sp.erf))
_REWRITTEN: Final[dict[type, Callable[[Expr], Expr]]] = {
    sp.sinh: lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
    sp.cosh: lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
    sp.tanh: lambda u: 1 - 2 / (sp.exp(2 * u) + 1),
    sp.tan: lambda u: sp.sin(u) / sp.cos(u),
    sp.cot: lambda u: sp.cos(u) / sp.sin(u),
    sp.asinh: lambda u: sp.log(u + sp.sqrt(u**2 + 1)),
}


_PLACE: Final = sp.Dummy("u", real=True)


@cache
def _derivatives(function: Callable[[Expr], Expr]) -> tuple[Expr, ...]:
    """The function and its derivatives, as many as a series needs, at one place."""
    found = [function(_PLACE)]
    while len(found) < ORDER:
        found.append(sp.factor_terms(sp.cancel(found[-1].diff(_PLACE))))
    return tuple(found)


def _constant(value: Expr) -> _Expansion:
    return _Expansion() if value == 0 else _Expansion((Term(value, _ONE),))


@lru_cache(maxsize=4096)
def _is_zero(value: Expr) -> bool:
    if isinstance(value, Rational):
        return bool(value == 0)
    if not value.free_symbols:  # balls first: most coefficients are not 0
        return sign_of_constant(value) == 0
    return is_identical(value, S.Zero)
