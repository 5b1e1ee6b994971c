"""The derivatives of an objective with the rules that give them, term by term.

The answer is read from the graph by reverse accumulation; the steps differentiate the same expression rule by rule, and
the checker accepts the last step only when both agree.
"""

from __future__ import annotations

from typing import Final

from sympy import Add, Expr, Mul, Pow, S, Symbol

from symopt.calculus.expressions import gradient, hessian
from symopt.calculus.tidying import is_readable, tidy
from symopt.derivation.claims import Context, Derivative, Gradient, Hessian, Step
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.gates import operations
from symopt.results.answers import Derivatives
from symopt.statement import Statement

MAX_TERMS: Final = 12
MAX_OPERATIONS: Final = 60


def derive(statement: Statement) -> Derivatives:
    """Gradient and Hessian of the objective with their steps, which hold where it is differentiable."""
    objective, variables = statement.objective, statement.variables
    needed = singularities(objective, variables)
    context = Context(statement.region, statement.assumptions).with_region(*(needed or ()))
    first, second = gradient(objective, variables), hessian(objective, variables)
    if needed is None:
        return Derivatives(objective, variables, first, second, ())
    explained = is_readable(objective) and operations(objective) <= MAX_OPERATIONS
    rules = (
        tuple(_explained(objective, v, e, context) for v, e in zip(variables, first, strict=True))
        if explained
        else ()
    )
    steps = (
        Step(context, Gradient(objective, variables, first), "gradient", rules),
        Step(context, Hessian(objective, variables, second), "hessian"),
    )
    return Derivatives(objective, variables, first, second, steps)


def _explained(expression: Expr, variable: Symbol, result: Expr, context: Context) -> Step:
    """The rules that differentiate the expression, and a last step that writes the result as in the answer."""
    step = _by_rules(expression, variable, context)
    if isinstance(step.claim, Derivative) and step.claim.result == result:
        return step
    return Step(context, Derivative(expression, variable, result), "rearranged", (step,))


def _by_rules(expression: Expr, variable: Symbol, context: Context) -> Step:
    """One step for the outermost operation, with the steps of its parts as premises."""
    rule, parts = _outermost(expression, variable)
    premises = tuple(_by_rules(part, variable, context) for part in parts)
    result = tidy(derivative_by_table(expression, variable))
    return Step(context, Derivative(expression, variable, result), rule, premises)


def _outermost(expression: Expr, variable: Symbol) -> tuple[str, tuple[Expr, ...]]:
    if not expression.has(variable):
        return "constant_rule", ()
    if expression == variable:
        return "identity_rule", ()
    if isinstance(expression, Add):
        parts = expression.args if len(expression.args) <= MAX_TERMS else ()
        return "sum_rule", tuple(part for part in parts if part.has(variable))
    if isinstance(expression, Mul):
        inside = [arg for arg in expression.args if arg.has(variable)]
        if len(inside) == 1:
            return "constant_multiple_rule", (inside[0],)
        below = [arg for arg in inside if isinstance(arg, Pow) and arg.exp.could_extract_minus_sign()]
        return ("quotient_rule" if below else "product_rule"), tuple(inside)
    if isinstance(expression, Pow) and expression.base != S.Exp1 and not expression.exp.has(variable):
        return ("power_rule", ()) if expression.base == variable else ("chain_rule", (expression.base,))
    inner = tuple(arg for arg in expression.args if arg.has(variable))
    return ("table_rule", ()) if inner == (variable,) else ("chain_rule", inner)
