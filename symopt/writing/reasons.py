"""Why a step holds: the phrase of its rule, made concrete by the step's own certificate and premises.

A reason is what follows the claim in a sentence: `, because f''(x) = 2 > 0`, `: at 1/2, midway between 0 and 1, ..`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Abs, Add, Expr, Pow, S, Symbol, cos, erf, exp, sin, tanh

from symopt.derivation.checking import facts
from symopt.derivation.claims import Cover, Definite, Holds, Matrix, Step, Vector
from symopt.exact.gates import operations
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.writing import (
    iterations,
    reasons_curvature,
    reasons_definition,
    reasons_degenerate,
    reasons_enclosed,
    reasons_extrema,
    reasons_points,
)
from symopt.writing.claims import Subject, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import HessianForm, Prime
from symopt.writing.places import listed
from symopt.writing.wording import MOST_SHOWN, phrase, sign_pieces

__all__ = ["clause_pieces", "phrase", "reason_pieces"]


def reason_pieces(step: Step, subject: Subject) -> Pieces:
    """The reason as what follows the claim; nothing where the claim says it itself."""
    teller = _REASONS.get(step.rule)
    told = teller(step, subject) if teller else None
    return worded(", " + phrase(step.rule)) if told is None else told


def clause_pieces(step: Step, subject: Subject) -> Pieces:
    """The claim of a step as a clause, in the words that its rule asks for."""
    return reasons_points.clause_pieces(step, subject)


def _definite(step: Step, subject: Subject) -> Pieces | None:
    lower, diagonal = step.data("lower"), step.data("diagonal")
    claim = cast(Definite, step.claim)
    if not isinstance(lower, tuple) or not isinstance(diagonal, tuple):
        return None
    if len(diagonal) == 1:
        return ()
    signs = listed([sign_pieces(cast(Expr, d), claim.op) for d in dict.fromkeys(diagonal)])
    plain = all(entry == (1 if i == j else 0) for i, row in enumerate(lower) for j, entry in enumerate(row))
    entries = set(diagonal)
    if plain and len(entries) == 1 and diagonal[0].is_number and diagonal[0] != 0:
        if diagonal[0] == 1:
            return (", because it is the identity matrix",)
        return (", because it is ", Math((diagonal[0],)), " times the identity matrix")
    if plain:
        return (", because it is diagonal with the entries ", *signs)
    squares = _completed_squares(lower, diagonal, claim, subject)
    pivots = listed([sign_pieces(cast(Expr, d), claim.op) for d in diagonal])
    return squares or (", because elimination gives the pivots ", *pivots)


def _completed_squares(lower: Matrix, diagonal: Vector, claim: Definite, subject: Subject) -> Pieces | None:
    """`, because v^T ∇²f v = 2 (v1 + v2/2)^2 + 3/2 v2^2 > 0 for v != 0`: the Hessian's form, as L D L^T gives it."""
    used = {s.name for s in subject.objective.free_symbols.union(subject.variables)}
    letter = next((name for name in ("v", "u", "h") if not any(n.startswith(name) for n in used)), None)
    if letter is None or not subject.is_hessian(claim.matrix):
        return None
    n = len(diagonal)
    v = [Symbol(f"{letter}{k + 1}", real=True) for k in range(n)]
    forms = (Add(*(lower[j][k] * v[j] for j in range(n))) for k in range(n))
    total = Add(*(d * form**2 for d, form in zip(diagonal, forms, strict=True)))
    if operations(total) > 2 * MOST_SHOWN:
        return None
    direction = Symbol(letter, real=True)
    apart: Pieces = (" for ", Math((direction, "!=", S.Zero))) if claim.op in (">", "<") else ()
    return (", because ", Math((HessianForm(direction), "==", total, claim.op, S.Zero)), *apart)


def _signs(step: Step, subject: Subject) -> Pieces | None:
    """The tree whose sign is seen from its parts, where it is written differently."""
    claim, tree = cast(Holds, step.claim), step.data("tree")
    if not isinstance(tree, Expr) or tree == claim.relation.expression or operations(tree) > MOST_SHOWN:
        return None
    return (", because it is ", Math((tree,)))


def _region_convex(step: Step, subject: Subject) -> Pieces | None:
    return () if not step.context.region else None


def _region_not_convex(step: Step, subject: Subject) -> Pieces:
    return ()


def _cover_factors(step: Step, subject: Subject) -> Pieces | None:
    factors, rest = step.data("factors"), step.data("rest")
    if not isinstance(factors, tuple) or not isinstance(rest, Expr):
        return None
    if len(factors) > 1:
        return None
    if not rest.free_symbols:
        return (", by dividing by ", Math((rest,))) if factors else (", because it is not 0",)
    return (", because ", Math((rest, "!=", S.Zero)))


def _cover_linear(step: Step, subject: Subject) -> Pieces | None:
    symbol = step.data("symbol")
    return (", by solving for ", Math((symbol,))) if isinstance(symbol, Symbol) else None


def _cover_none(step: Step, subject: Subject) -> Pieces | None:
    return never_zero(step)


def never_zero(step: Step) -> Pieces | None:
    """`, because x^2 + 1 > 0`: the sign of the equation that has no solution."""
    claim = cast(Cover, step.claim)
    for premise in step.premises:
        if not isinstance(premise.claim, Holds):
            continue
        relation, tree = premise.claim.relation, premise.data("tree")
        if relation.expression not in claim.equations or operations(relation.expression) > MOST_SHOWN:
            continue
        if not relation.expression.free_symbols:
            return ()
        if not relation.expression.free_symbols & set(claim.unknowns):
            return (", because ", Math((relation.expression, "!=", S.Zero)))
        known = facts(premise)
        shown = tree if isinstance(tree, Expr) else relation.expression
        signs = signs_of_tree(shown, known) & signs_of_tree(relation.expression, known)
        op = next((op for op in (">", "<") if signs == SIGNS_OF[op]), None)
        if op is None and step.context.region:
            return (", because ", Math((relation.expression, "!=", S.Zero)), " there")
        if op is None:
            return (", ", phrase(premise.rule))
        plain = shown == relation.expression or operations(shown) > MOST_SHOWN or not shown.has(Pow, Abs, exp)
        equal = () if plain else ("==", shown)
        return (", because ", Math((relation.expression, *equal, op, S.Zero)), *_ranges(premise))
    return None


def _ranges(step: Step) -> Pieces:
    """`, since |cos(x)| <= 1`: where the functions lie for whose values the sign was proved."""
    instance = next((s for s in (step, *step.premises) if s.rule == "instance"), None)
    values = cast(tuple[tuple[Symbol, Expr], ...], () if instance is None else instance.data("values"))
    parts: list[Pieces] = [
        (Math((Abs(f), "<=", S.One)) if isinstance(f, (sin, cos)) else Math((Abs(f), "<", S.One)),)
        for _, f in values
        if isinstance(f, (sin, cos, tanh, erf))
    ]
    return (", since ", *listed(parts)) if parts else ()


def _cover_periodic(step: Step, subject: Subject) -> Pieces | None:
    function = step.data("function")
    inner, other = step.data("inner"), step.data("other")
    if not isinstance(inner, Expr) or not isinstance(other, Expr) or not callable(function):
        return None
    return (
        ", because it says ",
        Math((function(inner), "==", function(other))),
        " and a wave takes equal values only at such angles",
    )


def _stationary(step: Step, subject: Subject) -> Pieces | None:
    x = subject.variable
    return None if x is None else (", by solving ", Math((Prime(1, x), "==", S.Zero)))


_REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "positive_definite": _definite,
    "signs": _signs,
    "region_convex": _region_convex,
    "region_not_convex": _region_not_convex,
    "cover_factors": _cover_factors,
    "cover_linear": _cover_linear,
    "cover_none": _cover_none,
    "cover_periodic": _cover_periodic,
    "stationary_points": _stationary,
    **reasons_points.REASONS,
    **reasons_degenerate.REASONS,
    **reasons_enclosed.REASONS,
    **reasons_curvature.REASONS,
    **reasons_definition.REASONS,
    **reasons_extrema.REASONS,
    **iterations.REASONS,
}
