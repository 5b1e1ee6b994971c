"""Checks of the rules of differentiation, and of smoothness and continuity read off the table of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

import sympy as sp
from sympy import Expr, Symbol, preorder_traversal

from symopt.derivation.checking import (
    Facts,
    domain_of,
    facts,
    holds,
    is_defined,
    require,
    require_available,
    require_defined,
    require_given,
    require_identical,
    require_symbols,
)
from symopt.derivation.claims import Continuous, Derivative, Gradient, Hessian, Smooth, Step
from symopt.exact.derivatives import DERIVATIVES, derivative_by_table, singularities
from symopt.relation import Relation

OPEN: Final[Mapping[str, str]] = {">=": ">", "<=": "<", "==": "!="}
CONTINUOUS: Final = frozenset((*DERIVATIVES, sp.Add, sp.Mul, sp.Pow, sp.Max, sp.Min)) - {sp.sign}


def is_smooth(expression: Expr, variables: tuple[Symbol, ...], known: Facts) -> bool:
    """Whether the table shows the expression to be defined and analytic in the variables, given the known facts."""
    needed = singularities(expression, variables)
    smooth = needed is not None and all(holds(r.expression, r.op, known) for r in needed)
    return smooth and is_defined(expression, known)


def is_continuous(expression: Expr, known: Facts) -> bool:
    """Whether the expression is defined and composed of continuous functions only."""
    return is_continuous_where_defined(expression) and is_defined(expression, known)


def is_continuous_where_defined(expression: Expr) -> bool:
    """Whether the expression is composed of continuous functions only; sign(u) beside a power of |u|, or u, is one."""
    return all(
        n.is_Atom or n.func in CONTINUOUS for n in preorder_traversal(_without_signed_powers(expression))
    )


def _without_signed_powers(expression: Expr) -> Expr:
    """The expression with u for sign(u) |u|^a, a > 0, and |u| for sign(u) u, which are as continuous."""
    if expression.is_Atom or not expression.has(sp.sign):
        return expression
    if expression.is_Mul:
        for node in (n for n in expression.args if isinstance(n, sp.sign)):
            u, beside = node.args[0], expression / node
            for factor in sp.Mul.make_args(beside):
                base, power = factor.as_base_exp()
                if (
                    base in (sp.Abs(u), u)
                    and power.is_Rational
                    and power > 0
                    and (base != u or power.is_Integer)
                ):
                    return _without_signed_powers(u * beside / factor)
    return cast(Expr, expression.func(*map(_without_signed_powers, expression.args)))


def is_open(relation: Relation, variables: tuple[Symbol, ...], known: Facts) -> bool:
    """Whether the relation describes an open set: strict, of an expression that is continuous where it is defined.

    Where it is defined has to be open too: sqrt(x) < 1 has the border 0.
    """
    needed = domain_of(relation.expression, known)
    return (
        relation.is_strict
        and is_continuous(relation.expression, known)
        and needed is not None
        and all(has_no_border(r, variables, known) for r in needed)
    )


def has_no_border(relation: Relation, variables: tuple[Symbol, ...], known: Facts) -> bool:
    """Whether a relation that is known to hold is strict, holds strictly, or does not restrict the variables."""
    return (
        relation.is_strict
        or not relation.symbols & set(variables)
        or holds(relation.expression, OPEN[relation.op], known)
    )


def _smooth(step: Step) -> None:
    """The expression is composed of functions that are smooth where their arguments are."""
    claim = require_given(step.claim, Smooth)
    _require_smooth(step, claim.expression, claim.variables)


def _continuous(step: Step) -> None:
    """The expression is composed of functions that are continuous where their arguments are."""
    claim = require_given(step.claim, Continuous)
    require(is_continuous(claim.expression, facts(step)), "{} may not be continuous here", claim.expression)


def _require_smooth(step: Step, expression: Expr, variables: tuple[Symbol, ...]) -> None:
    require_symbols(variables)
    require(is_smooth(expression, variables, facts(step)), "{} may not be smooth here", expression)


def _derivative(step: Step) -> None:
    """One derivative, by the rules of differentiation and the table of derivatives."""
    claim = require_given(step.claim, Derivative)
    require_available(step)
    _require_smooth(step, claim.expression, (claim.variable,))
    require_identical(derivative_by_table(claim.expression, claim.variable), claim.result, "the derivative")


def _gradient(step: Step) -> None:
    """Every entry is the derivative by the table of derivatives, of a function that is smooth."""
    claim, known = require_given(step.claim, Gradient), facts(step)
    _require_smooth(step, claim.objective, claim.variables)
    for variable, entry in zip(claim.variables, claim.entries, strict=True):
        require_defined(entry, known)
        require_identical(derivative_by_table(claim.objective, variable), entry, f"d/d{variable}")


def _hessian(step: Step) -> None:
    """Every entry is the derivative of the derivative, by the table, of a function that is smooth."""
    claim, known = require_given(step.claim, Hessian), facts(step)
    _require_smooth(step, claim.objective, claim.variables)
    for first, row in zip(claim.variables, claim.entries, strict=True):
        slope = derivative_by_table(claim.objective, first)
        for second, entry in zip(claim.variables, row, strict=True):
            require_defined(entry, known)
            require_identical(derivative_by_table(slope, second), entry, f"d2/d{first}d{second}")


DERIVATIVE_RULES: Final = (
    *(
        "constant_rule",
        "identity_rule",
        "sum_rule",
        "constant_multiple_rule",
        "product_rule",
        "quotient_rule",
    ),
    *("power_rule", "chain_rule", "table_rule", "rearranged"),
)

CHECKS: Mapping[str, Callable[[Step], None]] = {
    **dict.fromkeys(DERIVATIVE_RULES, _derivative),
    "gradient": _gradient,
    "hessian": _hessian,
    "smooth_by_table": _smooth,
    "continuous_by_table": _continuous,
}
