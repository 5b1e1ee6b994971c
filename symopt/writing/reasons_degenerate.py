"""Reasons of labels where the Hessian is singular: valleys, families, factors, forms of lowest order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.claims import Definite, Holds, Label, Step
from symopt.writing.claims import DEFINITE, Subject
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Objective, Place, Tokens
from symopt.writing.reasons_points import along_pieces, minus, signed
from symopt.writing.wording import definite_premise


def _splitting(step: Step, subject: Subject) -> Pieces | None:
    """What f does along the valley, and that the Hessian is definite across it."""
    s, curve, premise = step.data("symbol"), step.data("curve"), definite_premise(step)
    if premise is None or not isinstance(s, Symbol) or not isinstance(curve, tuple):
        return None
    along = along_pieces(cast(Label, step.claim), s, curve, step.context.condition)
    if along is None:
        return None
    definite = DEFINITE[cast(Definite, premise.claim).op]
    return (f": the Hessian is {definite} across its kernel, and ", *along)


def _family(step: Step, subject: Subject) -> Pieces | None:
    """The Hessian across the family."""
    premise = definite_premise(step)
    if premise is None:
        return None
    claim, label = cast(Definite, premise.claim), cast(Label, step.claim)
    if len(claim.matrix) == 1:
        value = signed(claim.matrix[0][0], claim.op, label.branch.numbers)
        return (", because across it the second derivative is ", *value)
    return (f", because across it the Hessian is {DEFINITE[claim.op]}",)


def _factor(step: Step, subject: Subject) -> Pieces | None:
    """f - f* as a product, with the signs of its factors."""
    value, p, q = (step.data(name) for name in ("value", "p", "q"))
    label = cast(Label, step.claim)
    if not (isinstance(value, Expr) and isinstance(p, Expr) and isinstance(q, Expr)):
        return None
    left: Tokens = (Objective(), "==") if value == 0 else (Objective(), *minus(value), "==")
    at_point = q.xreplace(label.branch.values)
    op = ">" if step.rule == "factor_minimum" else "<"
    there: Pieces = (Math((q, op, S.Zero)), " near it")
    if at_point != q:
        there += (", being ", Math((at_point,)), " there")
    return (", because ", Math((*left, p * q)), " with ", Math((p, ">=", S.Zero)), " and ", *there)


def _lowest_form(step: Step, subject: Subject) -> Pieces | None:
    """The term of lowest order along every line through the point."""
    order, slope = step.data("order"), step.data("slope")
    forms = [
        cast(Holds, p.claim).relation
        for p in step.premises
        if isinstance(p.claim, Holds) and isinstance(slope, Symbol) and p.claim.relation.expression.has(slope)
    ]
    if not forms or not isinstance(order, int):
        return None
    plain = Symbol(cast(Symbol, slope).name.rstrip("_"), real=True)
    if plain.name in {str(v) for v in cast(Label, step.claim).objective.free_symbols}:
        plain = cast(Symbol, slope)
    form = forms[0].expression.xreplace({cast(Symbol, slope): plain})
    direction = Math((Place((S.One, plain)),))
    return (
        f", because the derivatives of lower order vanish, and that of order {order} is ",
        Math((form, forms[0].op, S.Zero)),
        " in the direction ",
        direction,
        " and has the same sign along the last axis",
    )


REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "splitting": _splitting,
    "family_minimum": _family,
    "family_maximum": _family,
    "factor_minimum": _factor,
    "factor_maximum": _factor,
    "lowest_form_minimum": _lowest_form,
    "lowest_form_maximum": _lowest_form,
}
