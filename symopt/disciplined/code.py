"""Trees as Python text that uses CVXPY under its usual name `cp`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sympy import Expr, Symbol
from sympy.printing.pycode import pycode

from symopt.disciplined.tree import Affine, Sum, Tree
from symopt.relation import Relation

SIGNS: Final = {">": "pos", ">=": "nonneg", "<": "neg", "<=": "nonpos"}


def number(expression: Expr) -> str:
    """A number, or an affine function, as Python text."""
    return str(pycode(expression, fully_qualified_modules=True))


def code(tree: Tree) -> str:
    """The tree as an expression.

    >>> from sympy import Integer
    >>> from symopt.disciplined.tree import Call
    >>> code(Call("norm", (Affine(Integer(1)), Affine(Symbol("x")))))
    'cp.norm(cp.hstack([1, x]))'
    """
    if isinstance(tree, Affine):
        return number(tree.expression)
    if isinstance(tree, Sum):
        return _sum(tree)
    make = WRITTEN.get(tree.name)
    arguments = [code(argument) for argument in tree.arguments]
    if make is not None:
        return make(arguments, [number(c) for c in tree.constants])
    return f"cp.{tree.name}({', '.join((*arguments, *(number(c) for c in tree.constants)))})"


def _sum(tree: Sum) -> str:
    text = ""
    for factor, term in tree.terms:
        negative = factor.is_number and factor < 0
        size = -factor if negative else factor
        body = code(term)
        if size != 1:
            loose = isinstance(term, Sum) or (isinstance(term, Affine) and term.expression.is_Add)
            multiple = number(size)
            body = f"{f'({multiple})' if size.is_Add else multiple}*{f'({body})' if loose else body}"
        elif negative and isinstance(term, Affine) and term.expression.is_Add:
            body = f"({body})"
        sign = "-" if negative else "+"
        if text and sign == "+" and body.startswith("-"):
            text += f" - {body[1:]}"
        else:
            text += f" {sign} {body}" if text else body if sign == "+" else f"-{body}"
    return text


def _stacked(arguments: list[str]) -> str:
    return f"cp.hstack([{', '.join(arguments)}])"


def _power(arguments: list[str], constants: list[str]) -> str:
    named = {"2": "square", "1/2": "sqrt", "(1/2)": "sqrt", "-1": "inv_pos"}
    if constants[0] in named:
        return f"cp.{named[constants[0]]}({arguments[0]})"
    return f"cp.power({arguments[0]}, {constants[0]})"


def _quad_over_lin(arguments: list[str], constants: list[str]) -> str:
    *above, below = arguments
    return f"cp.quad_over_lin({above[0] if len(above) == 1 else _stacked(above)}, {below})"


def _geo_mean(arguments: list[str], constants: list[str]) -> str:
    weights = "" if len(set(constants)) == 1 else f", p=[{', '.join(constants)}]"
    return f"cp.geo_mean({_stacked(arguments)}{weights})"


WRITTEN: Final[Mapping[str, Callable[[list[str], list[str]], str]]] = {
    "power": _power,
    "norm": lambda u, _: f"cp.norm({_stacked(u)})",
    "pnorm": lambda u, p: f"cp.pnorm({_stacked(u)}, {p[0]})",
    "log_sum_exp": lambda u, _: f"cp.log_sum_exp({_stacked(u)})",
    "quad_over_lin": _quad_over_lin,
    "geo_mean": _geo_mean,
}


def declaration(symbol: Symbol, kind: str, declared: tuple[Relation, ...]) -> str:
    """`x = cp.Variable(pos=True, name="x")`: with the sign that a relation gives the symbol."""
    sign = next((SIGNS[r.op] for r in declared if r.expression == symbol and r.op in SIGNS), "")
    options = f"{sign}=True, " if sign else ""
    return f'{pycode(symbol)} = cp.{kind}({options}name="{symbol.name}")'
