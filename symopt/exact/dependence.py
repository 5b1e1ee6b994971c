"""Which expressions depend on which symbols, without collecting all the symbols of an expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Basic, Expr, Lambda, Mul, Pow, S, Subs, Symbol
from sympy.concrete.expr_with_limits import ExprWithLimits


def distinct_parts(expression: Basic) -> Iterator[Basic]:
    """Every subexpression, shared ones once, those outside first.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> sorted(map(str, distinct_parts(x**2 + 1)))
    ['1', '2', 'x', 'x**2', 'x**2 + 1']
    """
    seen = {id(expression)}
    stack = [expression]
    while stack:
        node = stack.pop()
        yield node
        for argument in node.args:
            if id(argument) not in seen:
                seen.add(id(argument))
                stack.append(argument)


class _Itself:
    """An expression as a key that is equal to itself alone: comparing equal expressions would walk through both."""

    __slots__ = ("expression",)

    def __init__(self, expression: Basic) -> None:
        self.expression = expression

    def __hash__(self) -> int:
        return id(self.expression)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.expression is self.expression


def symbols_of_form(expression: Add) -> tuple[Symbol, ...] | None:
    """The symbols of a sum of rational numbers and rational multiples of symbols; None for other sums.

    >>> from sympy import exp, symbols
    >>> x, y = symbols("x y", real=True)
    >>> sorted(map(str, symbols_of_form(2*x - y + 1))), symbols_of_form(x + exp(y)), symbols_of_form(x + x*y)
    (['x', 'y'], None, None)
    """
    form = slopes_of_form(expression)
    return None if form is None else tuple(form)


def slopes_of_form(expression: Expr) -> Mapping[Symbol, Expr] | None:
    """The coefficients of the symbols in a sum of rational numbers and rational multiples of symbols; None for others.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> slopes_of_form(x), slopes_of_form(-2*x), slopes_of_form(x + 1), slopes_of_form(x*y), slopes_of_form(x**2)
    ({x: 1}, {x: -2}, {x: 1}, None, None)
    """
    if isinstance(expression, Symbol):
        return {expression: S.One}
    return _slopes_of_form(_Itself(expression)) if isinstance(expression, (Add, Mul)) else None


@lru_cache(maxsize=65536)
def _slopes_of_form(key: _Itself) -> Mapping[Symbol, Expr] | None:
    found: dict[Symbol, Expr] = {}
    for term in key.expression.args if isinstance(key.expression, Add) else (key.expression,):
        factor: Basic = S.One
        if isinstance(term, Mul) and len(term.args) == 2:
            factor, term = term.args
            if not factor.is_Rational:
                return None
        if isinstance(term, Symbol):
            found[term] = found[term] + factor if term in found else factor
        elif not term.is_Rational:
            return None
    return found


def coarse_parts(expression: Basic) -> Iterator[tuple[Basic, tuple[Symbol, ...] | None]]:
    """As `distinct_parts`, but a sum of rational multiples of symbols is one part, told with its symbols.

    >>> from sympy import exp, symbols
    >>> x, y = symbols("x y", real=True)
    >>> [(str(part), tuple(sorted(map(str, form or ())))) for part, form in coarse_parts(exp(2*x - y))]
    [('exp(2*x - y)', ()), ('2*x - y', ('x', 'y'))]
    """
    seen = {id(expression)}
    stack = [expression]
    while stack:
        node = stack.pop()
        arguments = node.args
        form = symbols_of_form(node) if arguments and isinstance(node, Add) else None
        yield node, form
        if form is None:
            for argument in arguments:
                if id(argument) not in seen:
                    seen.add(id(argument))
                    stack.append(argument)


@dataclass(frozen=True)
class Contents:
    """What one walk over an expression finds: its symbols, those that are free, and what its parts are."""

    occurring: frozenset[Symbol]
    symbols: frozenset[Symbol]
    heads: frozenset[type[Basic]]
    moving_powers: int  # those whose exponent is no rational number


def contents(expression: Basic) -> Contents:
    """What occurs in the expression; a long one is walked over once, however often it is asked.

    >>> from sympy import exp, symbols
    >>> x = symbols("x", real=True)
    >>> found = contents(exp(x**2))
    >>> found.symbols, exp in found.heads, found.moving_powers
    (frozenset({x}), True, 0)
    """
    return _contents(_Itself(expression))


@lru_cache(maxsize=4096)
def _contents(key: _Itself) -> Contents:
    symbols: set[Symbol] = set()
    heads: set[type[Basic]] = set()
    moving = 0
    seen = {id(key.expression)}
    stack = [key.expression]
    while stack:  # as `coarse_parts` does, without an iterator: this is most of what long functions cost
        node = stack.pop()
        heads.add(type(node))
        arguments = node.args
        if not arguments:
            if isinstance(node, Symbol):
                symbols.add(node)
            continue
        if isinstance(node, Add):
            form = slopes_of_form(node)
            if form is not None:
                symbols.update(form)
                continue
        elif isinstance(node, Pow):
            moving += not node.exp.is_Rational
        for argument in arguments:
            if id(argument) not in seen:
                seen.add(id(argument))
                stack.append(argument)
    binding = any(issubclass(head, (ExprWithLimits, Lambda, Subs)) for head in heads)
    occurring = frozenset(symbols)
    free = frozenset(key.expression.free_symbols) if binding else occurring
    return Contents(occurring, free, frozenset(heads), moving)


def has_function(expression: Basic, *functions: type[Basic]) -> bool:
    """Whether one of the functions occurs in the expression.

    >>> from sympy import cos, exp, sin, symbols
    >>> x = symbols("x", real=True)
    >>> has_function(exp(sin(x)), sin), has_function(exp(sin(x)), cos), has_function(exp(sin(x)), cos, sin)
    (True, False, True)
    """
    return any(issubclass(head, functions) for head in contents(expression).heads)


def free_symbols(expression: Basic) -> frozenset[Symbol]:
    """The free symbols; of an expression without bound ones in one walk.

    >>> from sympy import Sum, exp, symbols
    >>> x, k = symbols("x k", real=True)
    >>> free_symbols(exp(x - 1)), free_symbols(Sum(x**k, (k, 1, 2)))
    (frozenset({x}), frozenset({x}))
    """
    return contents(expression).symbols


def split(product: Expr, symbols: Set[Symbol]) -> tuple[Expr, Expr]:
    """The factors of a product without the symbols, and those with one of them.

    >>> from sympy import exp, symbols
    >>> x, a = symbols("x a", real=True)
    >>> split(2*a*x*exp(x), {x})
    (2*a, x*exp(x))
    """
    if not isinstance(product, Mul):
        return (S.One, product) if depends_on(product, symbols) else (product, S.One)
    moving = [factor for factor in product.args if depends_on(factor, symbols)]
    if len(moving) == len(product.args):
        return S.One, product
    fixed = (factor for factor in product.args if factor not in moving)
    return Mul(*fixed), Mul(*moving) if len(moving) != 1 else moving[0]


def depends_on(expression: Basic, symbols: Set[Symbol]) -> bool:
    """Whether one of the symbols occurs in the expression; the search ends at the first.

    >>> from sympy import exp, symbols
    >>> x, y = symbols("x y", real=True)
    >>> depends_on(exp(x) + 1, {x}), depends_on(exp(x) + 1, {y})
    (True, False)
    """
    if not expression.args:
        return expression.is_Symbol and expression in symbols
    for node, form in coarse_parts(expression):
        if (node.is_Symbol and node in symbols) or (form and not symbols.isdisjoint(form)):
            return True
    return False


def is_polynomial(expression: Expr, symbols: Set[Symbol]) -> bool:
    """Whether the expression is a polynomial in the symbols as it stands, in one walk for all of them.

    >>> from sympy import exp, symbols
    >>> x, y, a = symbols("x y a", real=True)
    >>> is_polynomial((x - y)**2 + exp(a)*x, {x, y}), is_polynomial(x*exp(y), {x, y}), is_polynomial(1/x, {x})
    (True, False, False)
    """
    seen: set[int] = set()
    stack: list[Basic] = [expression]
    while stack:
        node = stack.pop()
        if id(node) in seen or not node.args:
            continue
        seen.add(id(node))
        if isinstance(node, (Add, Mul)):
            stack.extend(node.args)
        elif isinstance(node, Pow) and node.exp.is_Integer and node.exp >= 0:
            stack.append(node.base)
        elif depends_on(node, symbols):
            return False
    return True


def is_number(expression: Basic) -> bool:
    """Whether there is no symbol in the expression.

    >>> from sympy import exp, symbols
    >>> is_number(exp(S.One)), is_number(exp(symbols("x")))
    (True, False)
    """
    return not any(form or node.is_Symbol for node, form in coarse_parts(expression))
