"""Differentiation by sum, product, power and chain rule over one table of derivatives, and where it is valid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import sympy as sp
from sympy import Add, Expr, Integer, Mul, Pow, S, Symbol, log, preorder_traversal

from symopt.exact.gates import Unsupported
from symopt.relation import Relation

# A function of several arguments is differentiated in its last; the others are numbers.
DERIVATIVES: Final[Mapping[type, Callable[..., Expr]]] = {
    sp.exp: lambda u: sp.exp(u),
    sp.log: lambda u: 1 / u,
    sp.sin: lambda u: sp.cos(u),
    sp.cos: lambda u: -sp.sin(u),
    sp.tan: lambda u: 1 + sp.tan(u) ** 2,
    sp.cot: lambda u: -1 - sp.cot(u) ** 2,
    sp.sec: lambda u: sp.sec(u) * sp.tan(u),
    sp.csc: lambda u: -sp.csc(u) * sp.cot(u),
    sp.asin: lambda u: 1 / sp.sqrt(1 - u**2),
    sp.acos: lambda u: -1 / sp.sqrt(1 - u**2),
    sp.atan: lambda u: 1 / (1 + u**2),
    sp.sinh: lambda u: sp.cosh(u),
    sp.cosh: lambda u: sp.sinh(u),
    sp.tanh: lambda u: 1 - sp.tanh(u) ** 2,
    sp.coth: lambda u: 1 - sp.coth(u) ** 2,
    sp.sech: lambda u: -sp.sech(u) * sp.tanh(u),
    sp.csch: lambda u: -sp.csch(u) * sp.coth(u),
    sp.asinh: lambda u: 1 / sp.sqrt(u**2 + 1),
    sp.acosh: lambda u: 1 / (sp.sqrt(u - 1) * sp.sqrt(u + 1)),
    sp.atanh: lambda u: 1 / (1 - u**2),
    sp.erf: lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    sp.erfc: lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    sp.Abs: lambda u: sp.sign(u),
    sp.sign: lambda u: S.Zero,
    sp.LambertW: lambda u: sp.LambertW(u) / (u * (1 + sp.LambertW(u))),
    sp.loggamma: lambda u: sp.polygamma(0, u),
    sp.gamma: lambda u: sp.gamma(u) * sp.polygamma(0, u),
    sp.polygamma: lambda order, u: sp.polygamma(order + 1, u),
}

BORDERED: Final = {
    sp.asin: lambda u: 1 - u**2,
    sp.acos: lambda u: 1 - u**2,
    sp.acosh: lambda u: u - 1,
    sp.LambertW: lambda u: u + sp.exp(-1),
}


def derivative_by_table(expression: Expr, variable: Symbol) -> Expr:
    """d expression / d variable by the rules of the table; Unsupported for a function that is not in it.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> derivative_by_table(x**3, x)
    3*x**2
    """
    if expression == variable:
        return S.One
    if not expression.has(variable):
        return S.Zero
    if isinstance(expression, Add):
        return Add(*(derivative_by_table(term, variable) for term in expression.args))
    if isinstance(expression, Mul):
        args = expression.args
        return Add(
            *(
                Mul(derivative_by_table(arg, variable), *args[:i], *args[i + 1 :])
                for i, arg in enumerate(args)
                if arg.has(variable)
            )
        )
    if isinstance(expression, Pow) and expression.base != S.Exp1:
        return _power(expression, variable)
    rule = DERIVATIVES.get(expression.func)
    *others, inner = expression.args
    if (
        rule is None
        or bool(others) != (expression.func is sp.polygamma)
        or any(o.has(variable) for o in others)
    ):
        raise Unsupported(f"no derivative of {expression.func} in the table")
    return rule(*others, inner) * derivative_by_table(inner, variable)


def _power(expression: Pow, variable: Symbol) -> Expr:
    base, exponent = expression.base, expression.exp
    if not exponent.has(variable):
        lowered = base ** (exponent - 1) if not isinstance(exponent, Integer) or exponent != 1 else S.One
        return exponent * lowered * derivative_by_table(base, variable)
    by_exponent = expression * log(base) * derivative_by_table(exponent, variable)
    if not base.has(variable):
        return by_exponent
    return by_exponent + exponent * base ** (exponent - 1) * derivative_by_table(base, variable)


def singularities(
    expression: Expr, variables: tuple[Symbol, ...], once: bool = False
) -> tuple[Relation, ...] | None:
    """Relations under which a defined expression is analytic in the variables; None for functions not in the table.

    A root needs a positive base, asin an argument inside (-1, 1), Abs and sign one that is not 0. With `once`: where it
    has a slope, which u^p with p > 1 has up to u = 0.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> [str(relation) for relation in singularities(sp.sqrt(x) + abs(x - 1), (x,))]
    ['x > 0', 'Ne(x, 1)']
    """
    needed: list[Relation] = []
    for node in preorder_traversal(expression):
        if (
            not isinstance(node, Expr)
            or not node.has(*variables)
            or node.is_Add
            or node.is_Mul
            or node.is_Symbol
        ):
            continue
        if isinstance(node, Pow):
            flat = once and node.exp.is_Rational and node.exp > 1
            if node.base != sp.E and node.exp.is_integer is not True and not flat:
                needed.append(Relation(node.base, ">"))
        elif isinstance(node, (sp.Abs, sp.sign)):
            needed.append(Relation(node.args[0], "!="))
        elif node.func in BORDERED:
            needed.append(Relation(BORDERED[node.func](node.args[0]), ">"))
        elif node.func not in DERIVATIVES:
            return None
    return tuple(dict.fromkeys(needed))
