"""Checks of the rules of differentiation, and of smoothness and continuity read off the table of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

import sympy as sp
from sympy import Expr, Symbol, preorder_traversal

from symopt.derivation.checking import facts, is_defined, require, require_available, require_identical
from symopt.derivation.claims import Continuous, Derivative, Gradient, Hessian, Smooth, Step
from symopt.exact.derivatives import DERIVATIVES, derivative_by_table, singularities
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

KINKED: Final = (sp.Abs, sp.Max, sp.Min)


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
