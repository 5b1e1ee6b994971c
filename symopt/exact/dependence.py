"""Which expressions depend on which symbols, without collecting all the symbols of an expression."""

from __future__ import annotations

from collections.abc import Iterator, Set

from sympy import Basic, Expr, Mul, S, Symbol


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
    return any(node.is_Symbol and node in symbols for node in distinct_parts(expression))


def is_number(expression: Basic) -> bool:
    """Whether there is no symbol in the expression.

    >>> from sympy import exp, symbols
    >>> is_number(exp(S.One)), is_number(exp(symbols("x")))
    (True, False)
    """
    return not any(node.is_Symbol for node in distinct_parts(expression))
