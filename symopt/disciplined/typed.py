"""A user's expression as CVXPY would hold it when it is typed word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sympy import Abs, Add, Expr, Max, Min, Mul, Piecewise, Pow, S, Symbol, exp, log

from symopt.derivation.checks_region import gradient_if_constant
from symopt.disciplined.tree import Affine, Call, Sum, Tree, added, scaled

FUNCTIONS: Final[Mapping[type, str]] = {
    exp: "exp",
    log: "log",
    Abs: "abs",
    Max: "maximum",
    Min: "minimum",
}


def as_typed(expression: Expr, variables: tuple[Symbol, ...]) -> Tree:
    """The tree of an expression as it stands.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> as_typed(x*exp(x), (x,)).name
    'product'
    """
    moving = expression.free_symbols & set(variables)
    if not moving or _is_linear(expression, variables):
        return Affine(expression)
    if isinstance(expression, Add):
        return _sum(expression, variables)
    if isinstance(expression, Mul):
        return _product(expression, variables)
    if isinstance(expression, Pow) and expression.base != S.Exp1:
        base = as_typed(expression.base, variables)
        if not expression.base.free_symbols & set(variables):
            return Call(
                "exp", (scaled(log(expression.base), as_typed(expression.exp, variables)),), shown=expression
            )
        if not expression.exp.is_number:
            exponent = as_typed(expression.exp, variables)
            return Call("variable power", (base, exponent), shown=expression)
        if expression.exp == -1:
            return Call("quotient", (Affine(S.One), base), shown=expression)
        return Call("power", (base,), (expression.exp,), expression)
    if isinstance(expression, Piecewise):
        return Call("cases", (), shown=expression)
    arguments = tuple(as_typed(argument, variables) for argument in expression.args)
    name = FUNCTIONS.get(expression.func, str(expression.func.__name__))
    return Call(name, arguments, shown=expression)


def _is_linear(expression: Expr, variables: tuple[Symbol, ...]) -> bool:
    """Whether it is affine with no product of two parts that vary, which CVXPY would not multiply out."""
    if isinstance(expression, Add):
        return all(_is_linear(term, variables) for term in expression.args)
    if isinstance(expression, Mul):
        moving = [factor for factor in expression.args if factor.free_symbols & set(variables)]
        return not moving or (len(moving) == 1 and _is_linear(moving[0], variables))
    return (
        not expression.free_symbols & set(variables)
        or expression in variables
        or (expression.is_Symbol and gradient_if_constant(expression, variables) is not None)
    )


def _sum(expression: Expr, variables: tuple[Symbol, ...]) -> Tree:
    terms: list[tuple[Expr, Tree]] = []
    for term in expression.args:
        tree = as_typed(term, variables)
        terms += tree.terms if isinstance(tree, Sum) else [(S.One, tree)]
    return added(*terms)


def _product(expression: Expr, variables: tuple[Symbol, ...]) -> Tree:
    """A multiple of one part that varies, or a product or quotient of several."""
    above = [f for f in expression.args if not (isinstance(f, Pow) and f.exp == -1)]
    below = [f.base for f in expression.args if isinstance(f, Pow) and f.exp == -1]
    varying = [f for f in above if f.free_symbols & set(variables)]
    constant = Mul(*(f for f in above if f not in varying))
    constant /= Mul(*(f for f in below if not f.free_symbols & set(variables)))
    below = [f for f in below if f.free_symbols & set(variables)]
    factors = tuple(as_typed(factor, variables) for factor in varying)
    if below:
        top = factors or (Affine(S.One),)
        bottom = tuple(as_typed(factor, variables) for factor in below)
        return scaled(constant, Call("quotient", (*top, *bottom), shown=expression))
    if len(factors) == 1:
        return added((constant, factors[0]))
    return scaled(constant, Call("product", factors, shown=expression))
