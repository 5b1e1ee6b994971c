"""Checks of curvature piece by piece: a function that a family of parallel hyperplanes cuts into curved pieces.

f is convex when it is convex on each piece, continuous, and its slope across a cut does not fall. The pieces are read
off f itself: |u| is u or -u, and so on, where signs are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final, cast

from sympy import Abs, Expr, Integer, Max, Min, Piecewise, S, Symbol, sign

from symopt.derivation.checking import (
    Facts,
    Rejected,
    available,
    facts,
    identical,
    is_symbol_free,
    require,
    require_given,
    require_holds,
    require_identical,
    runs_over,
    the_premise,
)
from symopt.derivation.checks_region import (
    KINDS,
    NOT_REAL,
    curved_claim,
    gradient_if_constant,
    inner_point,
    require_condition_on_parameters,
    require_real,
)
from symopt.derivation.claims import Context, Curved, NotCurved, Step, Vector
from symopt.derivation.conditions import truth
from symopt.derivation.eventually import sign_oracle
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, Signs, signs_of_tree
from symopt.relation import Relation

KINKS: Final = (Abs, Max, Min, Piecewise)


def read_on(expression: Expr, known: Facts) -> Expr:
    """The expression with |u|, sign u, max, min and Piecewise replaced by the branch that the known signs leave.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> read_on(abs(x) + Max(x, 0), (Relation(x, "<="),))
    -x
    """
    if not expression.has(*KINKS, sign):
        return expression
    if isinstance(expression, Piecewise):
        return _branch(expression, known)
    arguments = [read_on(cast(Expr, arg), known) for arg in expression.args]
    if isinstance(expression, sign):
        signs = _signs(arguments[0], known)
        require(len(signs) == 1, "the sign of {} is open", arguments[0])
        return Integer(*signs)
    if isinstance(expression, Abs):
        signs = _signs(arguments[0], known)
        require(-1 not in signs or 1 not in signs, "the sign of {} is open", arguments[0])
        return arguments[0] if -1 not in signs else -arguments[0]
    if isinstance(expression, (Max, Min)):
        beyond = SIGNS_OF[">=" if isinstance(expression, Max) else "<="]
        for one in arguments:
            if all(other == one or _signs(one - other, known) <= beyond for other in arguments):
                return one
        raise Rejected(f"which argument of {expression} counts is open")
    return expression.func(*arguments)


def _branch(expression: Piecewise, known: Facts) -> Expr:
    for branch, condition in expression.args:
        holding = truth(condition, lambda relation: _holds(relation, known))
        if holding is None:
            raise Rejected(f"whether {condition} is open")
        if holding:
            return read_on(branch, known)
    raise Rejected("no branch holds")


def _holds(relation: Relation, known: Facts) -> bool | None:
    """Whether a relation holds (or fails) wherever the known facts do; None where that is open."""
    signs = _signs(read_on(relation.expression, known), known)
    return True if signs <= SIGNS_OF[relation.op] else None if signs & SIGNS_OF[relation.op] else False


def _signs(expression: Expr, known: Facts) -> Signs:
    signs = signs_of_tree(expression, known)
    if len(signs) <= 1:
        return signs
    for fact in known:
        if identical(fact.expression, expression):
            signs &= SIGNS_OF[fact.op]
        elif identical(fact.expression, -expression):
            signs &= frozenset(-s for s in SIGNS_OF[fact.op])
    try:
        return signs & signs_of_tree(canonical(expression), known)
    except NotExact:
        return signs


def between(
    region: tuple[Relation, ...], form: Expr, low: Expr | None, high: Expr | None
) -> tuple[Relation, ...]:
    """The relations of the region and low <= form <= high."""
    below = () if low is None else (Relation(form - low, ">="),)
    above = () if high is None else (Relation(form - high, "<="),)
    return tuple(dict.fromkeys((*region, *below, *above)))


def on_cut(form: Expr, cut: Expr, variables: tuple[Symbol, ...]) -> dict[Symbol, Expr]:
    """A variable of the form in terms of the others where the form has the value."""
    slopes = gradient_if_constant(form, variables)
    if slopes is None or not any(slopes):
        raise Rejected("the pieces are not cut by an affine form")
    for variable, slope in zip(variables, slopes, strict=True):
        if slope.is_Rational and slope != 0:
            return {variable: canonical(variable - (form - cut) / slope)}
    raise Rejected("the form has no rational coefficient")


def _claim(step: Step) -> Curved:
    """The claim, with what every rule of curvature asks for; the premises about a piece hold only there."""
    here = tuple(p for p in step.premises if available(p, step.context))
    return curved_claim(replace(step, premises=here))


def _pieces(step: Step) -> None:
    """Curved on every piece, the same values on both sides of a cut, and slopes that change in the right direction."""
    claim = _claim(step)
    form, cuts = require_given(step.data("form"), Expr), cast(Vector, step.data("cuts"))
    pieces = cast(Vector, step.data("pieces"))
    require(len(pieces) == len(cuts) + 1 > 1, "one piece more than there are cuts")
    known = facts(step)
    for cut in cuts:
        require(is_symbol_free(cut, claim.variables), "a cut moves")
        require_real(cut, known)
    for low, high in pairwise(cuts):
        require_holds(high - low, ">", known, "the order of the cuts")
    for place, piece in enumerate(pieces):
        _require_piece(step, claim, piece, between(step.context.region, form, *_ends(cuts, place)))
    if claim.kind == "affine":
        require(all(identical(piece, pieces[0]) for piece in pieces), "different affine functions")
    slopes = require_given(gradient_if_constant(form, claim.variables), tuple)
    for place, cut in enumerate(cuts):
        _require_joined(
            claim, pieces[place], pieces[place + 1], on_cut(form, cut, claim.variables), slopes, known
        )


def _ends(cuts: Vector, place: int) -> tuple[Expr | None, Expr | None]:
    return (cuts[place - 1] if place else None), (cuts[place] if place < len(cuts) else None)


def _require_piece(step: Step, claim: Curved, piece: Expr, region: tuple[Relation, ...]) -> None:
    """A premise gives the curvature of the piece, and f is the piece there."""
    context = Context(region, step.context.condition)
    kinds = (claim.kind, "affine") if not claim.strict else (claim.kind,)
    require(
        any(
            isinstance(p.claim, Curved)
            and p.claim.objective == piece
            and p.claim.variables == claim.variables
            and p.claim.kind in kinds
            and (p.claim.strict or not claim.strict)
            and set(p.context.region) == set(region)
            and set(p.context.condition) <= set(context.condition)
            for p in step.premises
        ),
        "the curvature of the piece {}",
        piece,
    )
    inside = facts(step, context)
    # Between the cuts only: the values on the cuts are compared on their own.
    strict = tuple(Relation(r.expression, r.op[0]) for r in region if r not in step.context.region)
    require_identical(read_on(claim.objective, (*inside, *strict)), piece, "a piece")


def _require_joined(
    claim: Curved, left: Expr, right: Expr, at: dict[Symbol, Expr], slopes: Vector, known: Facts
) -> None:
    """On the cut: f and both pieces agree, both are smooth, and the slope across it changes as it should."""
    change = _change_of_slope(claim.objective, left, right, at, claim.variables, slopes, known)
    wanted = {1: ">=", -1: "<=", 0: "=="}[KINDS[claim.kind]]
    require(_signs(change, known) <= SIGNS_OF[wanted], "the slope changes by {}", change)


def _change_of_slope(
    objective: Expr,
    left: Expr,
    right: Expr,
    at: dict[Symbol, Expr],
    variables: tuple[Symbol, ...],
    slopes: Vector,
    known: Facts,
) -> Expr:
    """By how much the slope across a cut changes there, after checking that f and two smooth pieces agree on it."""
    require_identical(left.xreplace(at), right.xreplace(at), "the pieces on the cut")
    require_identical(read_on(objective.xreplace(at), known), left.xreplace(at), "the value on the cut")
    for piece in (left, right):
        require_real(piece.xreplace(at), known)
        for needed in require_given(singularities(piece, variables, once=True), tuple):
            require_holds(
                canonical(needed.expression.xreplace(at)), needed.op, known, "smoothness at the cut"
            )
    change = sum(
        (slope * derivative_by_table(right - left, v) for slope, v in zip(slopes, variables, strict=True)),
        S.Zero,
    )
    change = canonical(change.xreplace(at))
    require(not change.has(*NOT_REAL), "no slope at the cut")
    return change


def _slope_at_a_kink(step: Step) -> None:
    """Along p + t v the slope falls at t = 0 (for "concave": rises), where f passes from one smooth piece to another."""
    claim, t = require_given(step.claim, NotCurved), require_given(step.data("along"), Symbol)
    require(not claim.strict and claim.kind in ("convex", "concave"), "said of convexity itself")
    require(
        len(claim.p) == len(claim.q) == len(claim.variables) and claim.weight == 1, "a point and a direction"
    )
    require_condition_on_parameters(step, claim.variables)
    used = set(claim.variables).union(
        claim.objective.free_symbols, *(r.symbols for r in step.context.relations)
    )
    require(runs_over("real", t) and t not in used, "the symbol of the line is in use")
    point, v, known = inner_point(step, claim)
    require(all(is_symbol_free(d, (*claim.variables, t)) for d in (*claim.p, *v)), "the line moves")
    line = {x: point[x] + t * d for x, d in zip(claim.variables, v, strict=True)}
    along = claim.objective.xreplace(line)
    pieces, ends = cast(Vector, step.data("pieces")), cast(Vector, step.data("ends"))
    require(len(pieces) == len(ends) == 2, "one piece and one end on each side")
    for piece, end, before, after in zip(pieces, ends, "<>", "><", strict=True):
        require(is_symbol_free(end, (*claim.variables, t)), "an end moves")
        require_real(end, known)
        require_holds(end, before, known, "the side of an end")
        side = (Relation(t, before + "="), Relation(t - end, after + "="))
        strict = (Relation(t, before), Relation(t - end, after))
        inside = facts(step, Context(side, step.context.condition))
        require_identical(read_on(along, (*inside, *strict)), piece, "a piece")
    left, right = pieces
    change = _change_of_slope(along, left, right, {t: S.Zero}, (t,), (S.One,), known)
    wrong = {"convex": "<", "concave": ">"}[claim.kind]
    require(_signs(change, known) <= SIGNS_OF[wrong], "the slope changes by {}", change)


def _border(step: Step) -> None:
    """f reads as a curved function g on the region; in one variable it may jump outwards at some of its ends.

    Where g is known inside alone, its limits at the ends count: a convex g with values there that are not below
    the limits is convex, and strictly so where g is strictly convex inside.
    """
    premise = the_premise(step, Curved)
    opened = not available(premise, step.context)
    claim = curved_claim(step, premise if opened else None)
    inner = _the_curvature(step, claim)
    require(inner.kind in (claim.kind, "affine") and (inner.strict or not claim.strict), "another curvature")
    ends = cast(Vector, step.data("ends"))
    require(not ends or (len(claim.variables) == 1 and claim.kind != "affine"), "ends in one variable only")
    if opened:
        _require_opened(premise, step, claim.variables, ends)
    known, inside = facts(step), list(facts(step))
    for end in ends:
        require(is_symbol_free(end, claim.variables), "an end moves")
        at = {claim.variables[0]: end}
        closed = [r for r in step.context.region if r.op in (">=", "<=") and _touches(r, at)]
        require(bool(closed), "{} is not an end of the region", end)
        inside += [Relation(r.expression, r.op[0]) for r in closed]
        beside = [_limit(inner.objective, r, at, known) for r in closed] if opened else []
        for value in beside or [inner.objective.xreplace(at)]:
            jump = read_on(claim.objective.xreplace(at), known) - value
            require_real(jump, known)
            side = ">=" if claim.kind == "convex" else "<="
            require_holds(canonical(jump), side, known, "the jump at the end")
    require_identical(read_on(claim.objective, tuple(inside)), inner.objective, "the function inside")


def _require_opened(premise: Step, step: Step, variables: Vector, ends: Vector) -> None:
    """The premise is about the region without some of the ends."""
    inner, outer = premise.context, step.context
    require(set(inner.condition) <= set(outer.condition), "a condition more")
    require(len(inner.region) == len(outer.region), "not the interior of this region")
    for small, large in zip(inner.region, outer.region, strict=True):
        without_end = small.closure() == large and any(_touches(large, {variables[0]: e}) for e in ends)
        require(small == large or without_end, "{} is left out", large)


def _limit(function: Expr, relation: Relation, at: Mapping[Symbol, Expr], known: Facts) -> Expr:
    """The limit at an end of the side of the relation."""
    ((variable, end),) = at.items()
    (slope,) = require_given(gradient_if_constant(relation.expression, (variable,)), tuple)
    turn = 1 if relation.op[0] == ">" else -1
    signs = _signs(turn * slope, known)
    require(signs in (frozenset({1}), frozenset({-1})), "the side of an end is open")
    s = Symbol("s_to_infinity", real=True)
    require(s not in function.free_symbols | end.free_symbols, "the symbol is in use")
    limit = limit_at_infinity(
        function.xreplace({variable: end + next(iter(signs)) / s}), s, sign_oracle(known)
    )
    require(limit is not None and not limit.has(*NOT_REAL), "no limit at the end {}", end)
    return cast(Expr, limit)


def _the_curvature(step: Step, claim: Curved) -> Curved:
    inner = cast(Curved, the_premise(step, Curved).claim)
    require(inner.variables == claim.variables, "other variables")
    return inner


def _touches(relation: Relation, at: dict[Symbol, Expr]) -> bool:
    slopes = gradient_if_constant(relation.expression, tuple(at))
    return slopes is not None and bool(slopes[0]) and identical(relation.expression.xreplace(at), S.Zero)


def _dominated(step: Step) -> None:
    """max(u_1, ..., u_k, d) = max(u_1, ..., u_k) where d is at most a mean of the u_i (for a minimum: at least)."""
    claim = curved_claim(step)
    inner, known = _the_curvature(step, claim), facts(step)
    require(inner.kind in (claim.kind, "affine") and (inner.strict or not claim.strict), "another curvature")
    outer, dropped = claim.objective, require_given(step.data("dropped"), Expr)
    require(isinstance(outer, (Max, Min)) and dropped in outer.args, "no argument to drop")
    kept = tuple(arg for arg in outer.args if arg != dropped)
    weights = cast(Vector, step.data("weights"))
    require(
        len(weights) == len(kept) and all(w.is_Rational and w >= 0 for w in weights), "one weight for each"
    )
    require(sum(weights) == 1, "the weights of a mean")
    require(identical(inner.objective, outer.func(*kept)), "the premise is about another function")
    mean = sum((w * u for w, u in zip(weights, kept, strict=True)), S.Zero)
    op = ">=" if isinstance(outer, Max) else "<="
    require(
        any(identical(fact.expression, mean - dropped) and fact.implies_op(op) for fact in known),
        "nothing says that the argument never counts",
    )


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "pieces": _pieces,
    "slope_at_a_kink": _slope_at_a_kink,
    "border_values": _border,
    "dominated": _dominated,
}

__all__ = ["CHECKS", "KINKS", "between", "on_cut", "read_on"]
