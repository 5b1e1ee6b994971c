"""Why a step holds: the phrase of its rule, made concrete by the step's own data where that says more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Integer, Rational, S

from symopt.derivation.claims import Curved, Definite, Holds, Label, Limit, NotCurved, Optimal, Step
from symopt.derivation.rules import RULES
from symopt.writing.claims import DEFINITE, Subject, between, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Objective, Partial, Place
from symopt.writing.places import listed

MOST_SHOWN: Final = 40  # operations of an expression that a sentence may hold
_CONJUNCTIONS: Final = ("because ", "since ", "as ", "along ")


def reason_pieces(step: Step, subject: Subject) -> Pieces:
    """The reason as what follows the claim: `, because f is convex`, `: 2(p - 1) > 0 and 2(p + 1) > 0`."""
    teller = _REASONS.get(step.rule)
    told = teller(step, subject) if teller else ()
    return told or worded(", " + phrase(step.rule))


def phrase(rule: str) -> str:
    """The rule's reason with the word that joins it to a claim; opaque ones say who did the work."""
    entry = RULES[rule]
    text = entry.phrase if entry.phrase.startswith(_CONJUNCTIONS) else f"by {entry.phrase}"
    return text if entry.readable else f"{text} (computer algebra)"


def _positive_definite(step: Step, subject: Subject) -> Pieces:
    lower, diagonal = step.data("lower"), step.data("diagonal")
    claim = cast(Definite, step.claim)
    if not isinstance(lower, tuple) or not isinstance(diagonal, tuple):
        return ()
    signs = listed([_sign(cast(Expr, d), claim.op) for d in dict.fromkeys(diagonal)])
    plain = all(entry == (1 if i == j else 0) for i, row in enumerate(lower) for j, entry in enumerate(row))
    if len(diagonal) == 1:
        return (", because ", *signs)
    if plain:
        return (", because it is diagonal with the entries ", *signs)
    return (", because elimination gives the pivots ", *signs)


def _sign(value: Expr, op: str) -> Pieces:
    return (Math((value,)),) if value.is_number else (Math((value, op, S.Zero)),)


def _second_order(step: Step, subject: Subject) -> Pieces:
    definite = next((p.claim for p in step.premises if isinstance(p.claim, Definite)), None)
    if definite is not None and len(definite.matrix) == 1:
        return (", because ", *_second_derivative(definite, subject))
    return () if definite is None else (f", because its Hessian is {DEFINITE[definite.op]}",)


def _second_derivative(definite: Definite, subject: Subject) -> Pieces:
    """`d²f/dx² = 12 x² >= 0`."""
    value = definite.matrix[0][0]
    head = Partial(subject.variables * 2, alone=True)
    return (Math((head, "==", value, *(() if value.is_number else (definite.op, S.Zero)))),)


def _second_order_label(step: Step, subject: Subject) -> Pieces:
    definite = next((p.claim for p in step.premises if isinstance(p.claim, Definite)), None)
    if definite is not None and len(definite.matrix) == 1:
        return (", because there ", *_second_derivative(definite, subject))
    return ()


def _saddle(step: Step, subject: Subject) -> Pieces:
    up, down = step.data("up"), step.data("down")
    signs = {p.claim.relation.op: p for p in step.premises if isinstance(p.claim, Holds)}
    if not isinstance(up, tuple) or not isinstance(down, tuple) or set(signs) != {">", "<"}:
        return ()
    if cast(Label, step.claim).branch.numbers:  # polynomials in auxiliary numbers say nothing to a reader
        return ()
    parts = []
    for direction, op in ((up, ">"), (down, "<")):
        value = cast(Holds, signs[op].claim).relation.expression
        parts.append(
            (
                Math((value, op, S.Zero)),
                " in the direction ",
                Math((Place(direction),)),
            )
        )
    return (", because the quadratic form of the Hessian there is ", *listed(parts))


def _bound(step: Step, subject: Subject) -> Pieces:
    relation = next((p.claim.relation for p in step.premises if isinstance(p.claim, Holds)), None)
    value = step.data("value")
    if relation is None or not isinstance(value, Expr):
        return ()
    left = (Objective(), "==") if value == 0 else (Objective(), *_minus(value), "==")
    return (
        ", because ",
        Math((*left, relation.expression, relation.op, S.Zero)),
        " everywhere" + (" in the region" if step.context.region else ""),
    )


def _minus(value: Expr) -> tuple[str | Expr, ...]:
    return ("-", value) if not value.could_extract_minus_sign() else ("+", -value)


def _chord(step: Step, subject: Subject) -> Pieces:
    claim = cast(NotCurved, step.claim)
    middle = between(claim.p, claim.q, claim.weight)
    ends = [_value(claim, claim.p), _value(claim, claim.q)]
    at_middle = _value(claim, middle)
    chord = claim.weight * ends[0] + (Integer(1) - claim.weight) * ends[1]
    above = {("convex", False): "above", ("concave", False): "below"}.get(
        (claim.kind, claim.strict), "equal to"
    )
    between_them = "midway between " if claim.weight == Rational(1, 2) else "between "
    return (
        ": at ",
        Math((Place(middle),)),
        ", ",
        between_them,
        Math((Place(claim.p),)),
        " and ",
        Math((Place(claim.q),)),
        ", its value ",
        Math((at_middle,)),
        f" is {above} the value ",
        Math((chord,)),
        " of the chord",
    )


def _value(claim: NotCurved, place: tuple[Expr, ...]) -> Expr:
    return claim.objective.xreplace(dict(zip(claim.variables, place, strict=True)))


def _by_curvature(step: Step, subject: Subject) -> Pieces:
    curved = next((p.claim for p in step.premises if isinstance(p.claim, Curved)), None)
    if curved is None:
        return ()
    strictly = "strictly " if curved.strict else ""
    kind = "convex" if curved.kind == "convex" else curved.kind
    consequence = ""
    if isinstance(step.claim, Optimal):
        word = "minimum" if step.claim.sense == "min" else "maximum"
        consequence = f", and a stationary point of a {kind} function is a global {word}"
    return (", because ", *subject.function(curved.objective), f" is {strictly}{kind}{consequence}")


def _unbounded(step: Step, subject: Subject) -> Pieces:
    """The curve is part of the claim, and the limit along it a sentence of its own."""
    limit = next((p.claim for p in step.premises if isinstance(p.claim, Limit)), None)
    claim = cast(Optimal, step.claim)
    if limit is None or not claim.along:
        return ()
    curve = (Place(tuple(s for s, _ in claim.along)), "==", Place(tuple(e for _, e in claim.along)))
    return (
        ": along ",
        Math(curve),
        " it is ",
        Math((limit.expression, "->", limit.value)),
        " as ",
        Math((limit.symbol, "->", S.Infinity)),
    )


def _extremum_bound(step: Step, subject: Subject) -> Pieces:
    bound = next((p for p in step.premises if isinstance(p.claim, Holds)), None)
    if bound is None or cast(Holds, bound.claim).relation.expression.count_ops() > MOST_SHOWN:
        return ()
    relation = cast(Holds, bound.claim).relation
    where = " everywhere" + (" in the region" if step.context.region else "")
    return (", because ", Math((relation.expression, relation.op, S.Zero)), f"{where}, {phrase(bound.rule)}")


_REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces]]] = {
    "positive_definite": _positive_definite,
    "second_order": _second_order,
    "second_order_minimum": _second_order_label,
    "second_order_maximum": _second_order_label,
    "second_order_saddle": _saddle,
    "bound_minimum": _bound,
    "bound_maximum": _bound,
    "chord": _chord,
    "chord_equality": _chord,
    "convex_minimum": _by_curvature,
    "concave_maximum": _by_curvature,
    "extremum_convex": _by_curvature,
    "extremum_unbounded": _unbounded,
    "extremum_bound": _extremum_bound,
}
