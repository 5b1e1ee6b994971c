"""The order in which a person writes a sum or a product: `2(p - 1)x`, `x^2 - 3x + e^x + 1`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    default_sort_key,
    exp,
    preorder_traversal,
)

from symopt.writing.presenting import under_one_root

Key = tuple[Any, ...]

_POLYNOMIAL, _OTHER, _PARAMETRIC, _NUMERIC = range(4)


def ordered_terms(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """The terms: polynomial ones by falling degree, functions, parameters, numbers; no needless first minus.

    >>> from sympy import symbols
    >>> x, p = symbols("x p", real=True)
    >>> ordered_terms(1 + exp(x) + x - 3*x**2, (x,))
    (-3*x**2, x, exp(x), 1)
    >>> ordered_terms(1 - p - x**2, (x,))
    (1, -x**2, -p)
    >>> ordered_terms(exp(x) + 1, (x,))
    (1, exp(x))
    """
    terms = sorted(Add.make_args(expression), key=lambda term: _term_key(term, variables))
    positive = [term for term in terms if not _is_negative(term)]
    if len(positive) == 1 and positive[0] is not terms[0]:
        terms.remove(positive[0])
        terms.insert(0, positive[0])
    if terms[-1].is_Rational and terms[-1] > 0 and all(term.has(exp) for term in terms[:-1]):
        terms.insert(0, terms.pop())
    return tuple(terms)


def ordered_factors(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """The factors: number, parameters, sums of parameters, variables, sums of variables, functions.

    >>> from sympy import symbols
    >>> x, p = symbols("x p", real=True)
    >>> ordered_factors(2*x*(p - 1)*exp(x), (x,))
    (2, p - 1, x, exp(x))
    """
    parts: list[Expr] = []
    for factor in flat_factors(expression):
        if has_negative_base(factor):
            turned = Pow(-factor.base, factor.exp)
            parts += (turned,) if factor.exp % 2 == 0 else (Integer(-1), turned)
            continue
        shared = with_content(factor, variables)
        parts += (factor,) if shared is None else shared.args
    number = Rational(Mul(*(part for part in parts if part.is_Rational)))
    number, rest = under_one_root(number, tuple(part for part in parts if not part.is_Rational))
    number, rest = _without_minus(number, rest)
    factors = (*rest, *((number,) if number != 1 or not rest else ()))
    return tuple(sorted(factors, key=lambda factor: _factor_key(factor, variables)))


def _without_minus(number: Rational, factors: tuple[Expr, ...]) -> tuple[Rational, tuple[Expr, ...]]:
    """A minus taken into a denominator with one positive term when it is turned: -2 x/(x^2 - 1) as 2 x/(1 - x^2)."""
    for place, factor in enumerate(factors if number < 0 else ()):
        if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0 and factor.exp % 2:
            terms = Add.make_args(factor.base)
            if len(terms) > 1 and sum(_is_negative(term) for term in terms) == 1:
                return -number, (*factors[:place], Pow(-factor.base, factor.exp), *factors[place + 1 :])
    return number, factors


def has_negative_base(factor: Expr) -> bool:
    """Whether a whole power would be written with a minus in its base: (-x - 1)^2 and -(x + 1)^3 are not.

    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> has_negative_base((-x - 1) ** 2), has_negative_base((x - 1) ** 2)
    (True, False)
    """
    if not (isinstance(factor, Pow) and isinstance(factor.exp, Integer)):
        return False
    base = factor.base
    if isinstance(base, Mul):
        return bool(base.args[0].is_Rational and base.args[0].is_negative and base.has(Add))
    return isinstance(base, Add) and all(_is_negative(term) for term in base.args)


def flat_factors(expression: Expr) -> Iterator[Expr]:
    """The factors of a product and of the products in it."""
    if isinstance(expression, Mul):
        for factor in expression.args:
            yield from flat_factors(factor)
    else:
        yield expression


def with_content(expression: Expr, variables: tuple[Symbol, ...]) -> Expr | None:
    """A sum without variables as its content times the rest: `2*p - 2` as `2*(p - 1)`, else None.

    SymPy itself multiplies such a number out.
    """
    if not isinstance(expression, Add) or not expression.free_symbols or expression.has(*variables):
        return None
    content, rest = expression.primitive()
    if any(term.as_coeff_Mul()[0].q != content.q for term in expression.args):
        return None  # c - b/4 is not (4 c - b)/4
    if all(_is_negative(term) for term in rest.args):
        content, rest = -content, -rest
    return None if content == 1 else Mul(content, rest, evaluate=False)


def is_typed(expression: Expr) -> bool:
    """Whether the expression stands in an order of its own, as read from text, and not in SymPy's."""
    for node in preorder_traversal(expression):
        if isinstance(node, (Add, Mul)):
            number = node.args[:1] if node.args[0].is_Number else ()
            rest = node.args[len(number) :]
            if any(arg.is_Number or arg.func is node.func for arg in rest):
                return True
            if list(rest) != sorted(rest, key=cmp_to_key(Basic.compare)):
                return True
    return False


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _term_key(term: Expr, variables: tuple[Symbol, ...]) -> Key:
    if term.is_number:
        return (_NUMERIC, not term.is_Rational, default_sort_key(term))
    present = tuple(v for v in variables if term.has(v))
    if not present:
        parameters = tuple(sorted(term.free_symbols, key=str))
        return (_PARAMETRIC, *_degrees(term, parameters), default_sort_key(term))
    polynomial = _degree(term, variables) is not None
    return (_POLYNOMIAL if polynomial else _OTHER, *_degrees(term, variables), default_sort_key(term))


def _degrees(term: Expr, symbols: tuple[Symbol, ...]) -> Key:
    """The total degree, then the degree in each symbol, largest first."""
    total = _degree(term, symbols)
    each = tuple(-(_degree(term, (symbol,)) or 0) for symbol in symbols)
    return (-total if total is not None else 0, each)


def _degree(expression: Expr, symbols: tuple[Symbol, ...]) -> int | None:
    """The degree in the symbols, None when it is not a polynomial in them."""
    if not expression.has(*symbols) if symbols else True:
        return 0
    if expression.is_Symbol:
        return 1
    if isinstance(expression, (Add, Mul)):
        degrees = [_degree(arg, symbols) for arg in expression.args]
        known = [degree for degree in degrees if degree is not None]
        if len(known) < len(degrees):
            return None
        return max(known) if expression.is_Add else sum(known)
    if isinstance(expression, Pow) and expression.exp.is_Integer and expression.exp > 0:
        degree = _degree(expression.base, symbols)
        return None if degree is None else degree * int(expression.exp)
    return None


def _factor_key(factor: Expr, variables: tuple[Symbol, ...]) -> Key:
    if factor.is_number:
        return (0, not factor.is_Rational, factor.is_Add or False, default_sort_key(factor))
    base = factor.base if isinstance(factor, Pow) else factor
    if not factor.has(*variables) if variables else True:
        return (1 if base.is_Symbol else 2, default_sort_key(factor))
    if base.is_Symbol:
        return (3, variables.index(base) if base in variables else len(variables), default_sort_key(factor))
    if base.is_Add:
        return (4, tuple(not base.has(v) for v in variables), default_sort_key(factor))
    return (6 if isinstance(factor, exp) else 5, default_sort_key(factor))
