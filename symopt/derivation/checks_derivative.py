"""Checks of the rules of differentiation, and of smoothness and continuity read off the table of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

import sympy as sp
from sympy import Expr, Integer, Pow, Rational, Symbol, preorder_traversal

from symopt.derivation.checking import (
    SIGNS_OF,
    facts,
    is_defined,
    require,
    require_available,
    require_identical,
    signs_of_tree,
)
from symopt.derivation.claims import Continuous, Derivative, Gradient, Hessian, Smooth, Step
from symopt.derivation.derivatives import DERIVATIVES, derivative_by_table
from symopt.relation import Relation

KINKED: Final = (sp.Abs, sp.Max, sp.Min)
BORDERED: Final = {sp.asin: lambda u: 1 - u**2, sp.acos: lambda u: 1 - u**2, sp.acosh: lambda u: u - 1}


def _derivative(step: Step) -> None:
    require(isinstance(step.claim, Derivative), "not a derivative")
    claim = cast(Derivative, step.claim)
    require_available(step)
    require_identical(derivative_by_table(claim.expression, claim.variable), claim.result, "the derivative")


def _gradient(step: Step) -> None:
    require(isinstance(step.claim, Gradient), "not a gradient")
    claim = cast(Gradient, step.claim)
    require(len(claim.entries) == len(claim.variables), "one entry for each variable is needed")
    for variable, entry in zip(claim.variables, claim.entries, strict=True):
        require_identical(derivative_by_table(claim.objective, variable), entry, f"d/d{variable}")


def _hessian(step: Step) -> None:
    require(isinstance(step.claim, Hessian), "not a Hessian")
    claim = cast(Hessian, step.claim)
    n = len(claim.variables)
    require(len(claim.entries) == n and all(len(row) == n for row in claim.entries), "the wrong shape")
    for i, first in enumerate(claim.variables):
        slope = derivative_by_table(claim.objective, first)
        for j, second in enumerate(claim.variables[: i + 1]):
            second_derivative = derivative_by_table(slope, second)
            require_identical(second_derivative, claim.entries[i][j], f"d2/d{first}d{second}")
            require_identical(claim.entries[i][j], claim.entries[j][i], "symmetry")


def singularities(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Relation, ...] | None:
    """Relations under which a defined expression is analytic in the variables; None for functions not in the table.

    A root needs a positive base, asin an argument inside (-1, 1), Abs one that is not 0.
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
            if node.base != sp.E and not isinstance(node.exp, Integer) and not _even_natural(node.exp):
                needed.append(Relation(node.base, ">"))
        elif isinstance(node, sp.Abs):
            needed.append(Relation(node.args[0], "!="))
        elif node.func in BORDERED:
            needed.append(Relation(BORDERED[node.func](node.args[0]), ">"))
        elif node.func not in DERIVATIVES:
            return None
    return tuple(dict.fromkeys(needed))


def _even_natural(exponent: Expr) -> bool:
    return isinstance(exponent, Rational) and exponent.is_Integer and exponent >= 0


def is_smooth(expression: Expr, variables: tuple[Symbol, ...], known: tuple[Relation, ...]) -> bool:
    """Whether the table shows the expression to be defined and analytic in the variables, given the known facts."""
    needed = singularities(expression, variables)
    return (
        needed is not None
        and is_defined(expression, known)
        and all(signs_of_tree(r.expression, known) <= SIGNS_OF[r.op] for r in needed)
    )


def is_continuous(expression: Expr, known: tuple[Relation, ...]) -> bool:
    """Whether the expression is defined and composed of continuous functions only."""
    continuous = all(
        node.is_Add
        or node.is_Mul
        or node.is_Pow
        or node.is_Atom
        or node.func in DERIVATIVES
        or node.func in KINKED
        for node in preorder_traversal(expression)
        if isinstance(node, Expr)
    ) and not expression.has(sp.Piecewise)
    return continuous and is_defined(expression, known)


def _smooth(step: Step) -> None:
    require(isinstance(step.claim, Smooth), "not a claim of smoothness")
    claim = cast(Smooth, step.claim)
    require(
        is_smooth(claim.expression, claim.variables, facts(step)),
        f"{claim.expression} may not be smooth here",
    )


def _continuous(step: Step) -> None:
    require(isinstance(step.claim, Continuous), "not a claim of continuity")
    claim = cast(Continuous, step.claim)
    require(is_continuous(claim.expression, facts(step)), f"{claim.expression} may not be continuous here")


DERIVATIVE_RULES: Final = (
    "constant_rule",
    "identity_rule",
    "sum_rule",
    "constant_multiple_rule",
    "product_rule",
    "quotient_rule",
    "power_rule",
    "chain_rule",
    "table_rule",
    "rearranged",
)

CHECKS: Mapping[str, Callable[[Step], None]] = {
    **dict.fromkeys(DERIVATIVE_RULES, _derivative),
    "gradient": _gradient,
    "hessian": _hessian,
    "smooth_by_table": _smooth,
    "continuous_by_table": _continuous,
}
