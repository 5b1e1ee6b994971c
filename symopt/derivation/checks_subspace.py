"""The check of a restriction to an affine set: on x + y = 1 the function is one of y alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Symbol

from symopt.derivation.checking import identical, require, require_given, require_identical, the_premise
from symopt.derivation.checks_region import curved_claim, gradient_if_constant
from symopt.derivation.claims import Curved, Step
from symopt.exact.linear import rank
from symopt.relation import Relation


def _on_subspace(step: Step) -> None:
    """As many affine equations as variables are solved for: the others run over the set, and f is g of them there.

    A segment of the set is one of the others, and its ends are different there too. So what is said of g, on a
    region that holds what is left of the step's region, is said of f.
    """
    inner = the_premise(step, Curved)
    claim, said = curved_claim(step, inner), cast(Curved, inner.claim)
    solved = cast(tuple[tuple[Symbol, Expr], ...], require_given(step.data("solved"), tuple))
    table, left = dict(solved), tuple(v for v in claim.variables if v not in dict(solved))
    require(bool(left) and said.variables == left, "the variables that are left")
    require(
        set(table) <= set(claim.variables) and len(table) == len(solved), "a variable is solved for twice"
    )
    require(all(gradient_if_constant(form, left) is not None for form in table.values()), "not affine")
    equations = [r.expression for r in step.context.region if r.op == "=="]
    slopes = []
    for equation in equations:
        row = gradient_if_constant(equation, claim.variables)
        if row is not None and all(entry.is_Rational for entry in row):
            require_identical(equation.xreplace(table), equation * 0, "an equation")
            slopes.append(row)
    require(bool(slopes) and rank(tuple(slopes)) == len(solved), "not as many equations as are solved for")
    require(set(inner.context.condition) <= set(step.context.condition), "a condition more")
    images = [Relation(r.expression.xreplace(table), r.op) for r in step.context.region]
    for relation in inner.context.region:
        require(
            any(relation.op == o.op and identical(relation.expression, o.expression) for o in images),
            "a smaller region",
        )
    require(claim.kind == said.kind and (said.strict or not claim.strict), "another kind")
    require_identical(said.objective, claim.objective.xreplace(table), "the function")


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"on_subspace": _on_subspace}
