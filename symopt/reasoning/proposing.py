"""Proposing steps: a prover may guess freely, since a step is kept only when its rule's check takes it."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Pow, S

from symopt.derivation.checker import follows
from symopt.derivation.checking import is_defined
from symopt.derivation.claims import (
    Claim,
    Context,
    Curved,
    Gradient,
    Hessian,
    Holds,
    NotCurved,
    Smooth,
    Step,
)
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.dependence import contents
from symopt.exact.normal import TooLarge, Unsupported
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation


def accepted(
    context: Context, claim: Claim, rule: str, premises: Iterable[Step] = (), **data: object
) -> Step | None:
    """The step, if the check of its rule takes it; None otherwise."""
    if isinstance(claim, (Curved, NotCurved, Smooth, Gradient, Hessian)):
        about = claim.expression if isinstance(claim, Smooth) else claim.objective
        premises = (*premises, *_positive_exponents(about, context), *_domain_facts(claim, about, context))
    step = Step(context, claim, rule, tuple(dict.fromkeys(premises)), tuple(sorted(data.items())))
    return step if follows(step) else None


def _domain_facts(claim: Claim, about: Expr, context: Context) -> tuple[Step, ...]:
    """Proofs that f is defined, and for derivatives that they are: u > 0 for sqrt(u), where that can be proved."""
    facts = facts_for(domain_within(about, context), context) or ()
    if isinstance(claim, (Smooth, Gradient, Hessian)):
        needed = [
            r for e in dict.fromkeys((about, *_derivatives_in(claim))) for r in domain_within(e, context)
        ]
        strict = (Relation(r.expression, r.op[0]) if r.op in (">=", "<=") else r for r in needed)
        facts += tuple(f for r in dict.fromkeys(strict) for f in facts_for((r,), context) or ())
    return facts


def _derivatives_in(claim: Smooth | Gradient | Hessian) -> tuple[Expr, ...]:
    match claim:
        case Gradient():
            return claim.entries
        case Hessian():
            return tuple(entry for row in claim.entries for entry in row)
        case Smooth():
            return ()


def derivatives(context: Context, claim: Gradient | Hessian) -> Step:
    """The step that states the gradient or the Hessian, with the proofs that it is defined, where there are any."""
    rule = "gradient" if isinstance(claim, Gradient) else "hessian"
    return accepted(context, claim, rule) or Step(context, claim, rule)


def domain_within(expression: Expr, context: Context) -> tuple[Relation, ...]:
    """Where the expression is defined, as far as that can be said; the branches of a Piecewise, in the context."""
    try:
        return natural_domain(expression, within=context.relations)
    except InputError:
        return ()


def _positive_exponents(expression: Expr, context: Context) -> tuple[Step, ...]:
    """Proofs that exponents in the parameters are positive: u^a is then defined at u = 0 as well."""
    if not contents(expression).moving_powers:
        return ()
    exponents = sorted(
        {p.exp for p in expression.atoms(Pow) if p.base != S.Exp1 and p.exp.free_symbols}, key=str
    )
    condition = Context((), context.condition)
    steps = (prove_relation(Relation(e, ">"), condition) for e in exponents)
    return tuple(step for step in steps if step is not None)


def facts_for(relations: Iterable[Relation], context: Context) -> tuple[Step, ...] | None:
    """Proofs of those relations that cannot be read off the context; None when one of them is not proved."""
    steps = []
    for relation in relations:
        if _is_read_off(relation, context):
            continue
        step = prove_relation(relation, context) or _prove_by_reading(relation, context)
        if step is None:
            return None
        steps.append(step)
    return tuple(steps)


def holds_by_tree(
    relation: Relation, context: Context, tree: Expr, facts: Iterable[Step] = ()
) -> Step | None:
    """The relation read off a tree that is identical to its expression, if the check takes it."""
    return accepted(context, Holds(relation), "signs", facts, tree=tree)


def _prove_by_reading(relation: Relation, context: Context) -> Step | None:
    """The sign as the expression stands, where its domain has to be proved first."""
    domain = (prove_relation(r, context) for r in natural_domain(relation.expression))
    known = tuple(step for step in domain if step is not None)
    return holds_by_tree(relation, context, relation.expression, known) if known else None


def _is_read_off(relation: Relation, context: Context) -> bool:
    try:
        return (
            is_defined(relation.expression, context.relations)
            and signs_of_tree(relation.expression, context.relations) <= SIGNS_OF[relation.op]
        )
    except (TooLarge, Unsupported):
        return False
