"""A problem as a program for CVXPY: declarations, the objective by its derivation, the constraints by theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from sympy import Expr, Function, Piecewise, Pow, Symbol, expand_log, expand_power_base, powsimp

from symopt.derivation.claims import Curved, Step
from symopt.disciplined.code import code, declaration
from symopt.disciplined.derived import NoForm, derived
from symopt.disciplined.reports import CvxpyForm
from symopt.disciplined.rules import Rules
from symopt.disciplined.tree import Tree
from symopt.relation import Relation
from symopt.statement import Statement

Prove = Callable[[Statement, str | None], tuple[Step, ...]]
SENSES: Final = {"min": "Minimize", "max": "Maximize"}
STYLES: Final = ("rules", "definition")
REASONS: Final = {
    "second_order": "the proof is by second derivatives, which CVXPY's rules do not use",
    "isolated_zeros": "the proof is by second derivatives, which CVXPY's rules do not use",
    "singular_lines": "the proof is by second derivatives, which CVXPY's rules do not use",
    "pieces": "the pieces of the function are not joined by a function that CVXPY has",
}


def declared_signs(statement: Statement) -> tuple[Relation, ...]:
    """The relations that give a variable or a parameter a sign."""
    symbols = {*statement.variables, *statement.parameters}
    bounds = (*statement.region, *statement.assumptions)
    turned = (
        Relation(-r.expression, r.op.translate(FLIPPED)) if -r.expression in symbols else r for r in bounds
    )
    return tuple(r for r in turned if r.expression in symbols and r.op in (">", ">=", "<", "<="))


FLIPPED: Final = str.maketrans("<>", "><")


def program(statement: Statement, prove: Prove) -> CvxpyForm:
    """The program, where every part has a derivation that CVXPY's functions can follow.

    `prove` gives the derivations of the curvature of a statement's objective in a style of proof.
    """
    variables = statement.variables
    rules = Rules(variables, declared_signs(statement))

    def refused(reason: str) -> CvxpyForm:
        return CvxpyForm(None, None, f"No form for CVXPY: {reason}.", variables)

    reason = "the function is not shown to be convex or concave"
    objective = None
    for step in _proofs(statement, prove):
        try:
            objective, kind = derived(step, rules), _kind(step)
            break
        except NoForm as error:
            reason = REASONS.get(str(error), "a function of the proof is none that CVXPY has")
    if objective is None:
        return refused(reason)
    if _uses_functions_of_parameters(statement):
        return refused("a function of a parameter: give the parameters numbers")
    lines = []
    for relation in statement.constraints:
        if relation in rules.declared:
            continue
        written = _constraint(relation, replace(statement, objective=relation.expression), prove, rules)
        if written is None:
            return refused(f"the constraint {relation} is not shown to be of a form that CVXPY has")
        lines.append(written)
    expression = code(objective)
    sense = {"convex": "Minimize", "concave": "Maximize"}.get(kind, SENSES[statement.sense])
    head = ["import cvxpy as cp", "", *(declaration(v, "Variable", rules.declared) for v in variables)]
    head += [declaration(p, "Parameter", rules.declared) for p in statement.parameters]
    body = f"problem = cp.Problem(cp.{sense}({expression}), [{', '.join(lines)}])"
    text = "\n".join((*head, body))
    if "math." in text:
        text = "import math\n\n" + text
    return CvxpyForm(expression, text, "", variables)


def _proofs(statement: Statement, prove: Prove) -> Iterator[Step]:
    """The derivations of the objective in the styles that CVXPY can follow, then those on the interior, then any other.

    What CVXPY has is continuous, and so are functions without cases: a form on the interior is one on the border.
    """
    for style in STYLES:
        yield from prove(statement, style)
    opened = replace(
        statement,
        domain=tuple(r.interior() for r in statement.domain),
        constraints=tuple(r.interior() for r in statement.constraints),
    )
    if opened != statement and not statement.objective.has(Piecewise):
        yield from prove(opened, "rules")
    taken_apart = _taken_apart(opened)
    if taken_apart != statement.objective:
        yield from prove(replace(opened, objective=taken_apart), "rules")
    yield from prove(statement, None)


def _taken_apart(statement: Statement) -> Expr:
    """The objective with logarithms and powers of positive products taken apart, and exponentials put together."""
    positive = {
        r.expression: Symbol(r.expression.name, positive=True)
        for r in declared_signs(statement)
        if r.op == ">"
    }
    back = {symbol: own for own, symbol in positive.items()}
    inside = powsimp(statement.objective.xreplace(positive), combine="exp")
    return expand_log(expand_power_base(inside)).xreplace(back)


def _kind(step: Step) -> str:
    assert isinstance(step.claim, Curved), "a proof of curvature"
    return step.claim.kind


def _constraint(relation: Relation, statement: Statement, prove: Prove, rules: Rules) -> str | None:
    """`e >= 0` for concave e, `e <= 0` for convex e, `e == 0` for affine e; strict ones are closed."""
    if relation.op == "!=":
        return None
    wanted = {">": "concave", ">=": "concave", "<": "convex", "<=": "convex", "==": "affine"}[relation.op]
    for step in (step for style in STYLES for step in prove(statement, style)):
        if _kind(step) in (wanted, "affine"):
            try:
                tree: Tree = derived(step, rules)
            except NoForm:
                continue
            return f"{code(tree)} {relation.closure().op} 0"
    return None


def _uses_functions_of_parameters(statement: Statement) -> bool:
    """Whether a function or a root of a parameter occurs, which Python's `math` cannot take of a cp.Parameter."""
    own = set(statement.parameters)
    nodes = statement.objective.atoms(Function, Pow)
    return any(
        (
            node.free_symbols
            and node.free_symbols <= own
            and not (isinstance(node, Pow) and node.exp.is_Integer)
        )
        or (isinstance(node, Pow) and node.exp.free_symbols & own)
        for node in nodes
    )
