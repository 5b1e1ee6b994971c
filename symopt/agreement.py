"""Whether an answer says what its proofs say, of the function and the region that were asked about.

The checker verifies that each conclusion follows. That is not enough: a sound proof about another function, or about a
smaller region, would still be a wrong answer. So before an answer is shown, each of its statements is compared with
the conclusions that it rests on; nothing is searched and nothing is rewritten.
"""

from __future__ import annotations

from typing import cast

from sympy import Expr, Symbol, sign

from symopt.derivation.checking import available, identical, require
from symopt.derivation.checks_pieces import KINKS, read_on
from symopt.derivation.claims import (
    Context,
    Curved,
    Label,
    NotCurved,
    Optimal,
    RegionNotConvex,
    Stationary,
    Step,
)
from symopt.exact.derivatives import singularities
from symopt.exact.relations import with_factors
from symopt.exact.signs import SIGNS_OF, signs_given
from symopt.results.answers import Answer, Convexity, Extremum, Point, StationarySet


def require_agreement(
    answer: Answer, objective: Expr, variables: tuple[Symbol, ...], context: Context
) -> None:
    """Reject an answer about f on the context's region unless its conclusions state it.

    A theory of step sizes is compared claim by claim where it is made, as it speaks of methods.
    """
    match answer:
        case Convexity():
            _convexity(answer, objective, variables, context)
        case StationarySet():
            _stationary(answer, objective, variables, context)
        case Extremum():
            _extremum(answer, objective, variables, context)


def _convexity(answer: Convexity, objective: Expr, variables: tuple[Symbol, ...], context: Context) -> None:
    # Neither curvature nor its refutation passes to a part of the region, which may be less convex or leave p, q out.
    region = set(context.region)
    here = [s for s in answer.evidence.steps if available(s, context) and set(s.context.region) == region]
    refuted = {
        (step.claim.kind, step.claim.strict)
        for step in here
        if isinstance(step.claim, NotCurved)
        and (step.claim.objective, step.claim.variables) == (objective, variables)
    }
    match answer.kind:
        case "undecided":
            return
        case "neither":
            said = refuted >= {("convex", False), ("concave", False)}
        case "region_not_convex":
            said = any(isinstance(s.claim, RegionNotConvex) and s.claim.variables == variables for s in here)
        case kind:
            claims = [Curved(objective, variables, kind, strict) for strict in {True, answer.strict is True}]
            said = any(s.claim in claims for s in here)
            if answer.strict is False and kind != "affine":
                said = said and (kind, True) in refuted
    require(said, "the proof does not say that f is {} on the region", answer.kind)


def _stationary(
    answer: StationarySet, objective: Expr, variables: tuple[Symbol, ...], context: Context
) -> None:
    inside = _interior(context)
    for point in (*answer.points, *answer.kinks):
        said = point.kind == "undecided" or _is_labelled(point, objective, variables, inside)
        require(said, "the proof does not say that a point is a {}", point.kind)
    if not answer.complete:
        return
    lists = tuple(s for s in answer.evidence.steps if isinstance(s.claim, Stationary))
    claims = tuple(cast(Stationary, s.claim) for s in lists)
    require(all(c.complete and c.variables == variables for c in claims), "the list is not proved complete")
    listed = {branch for claim in claims for branch in claim.branches}
    shown = {point.branch for point in answer.points}
    smooth = inside.with_region(*(singularities(objective, variables) or ()))
    for step, claim in zip(lists, claims, strict=True):
        whole = claim.objective == objective or not objective.has(*KINKS, sign)
        require(not whole or available(step, smooth), "the list is of a smaller region")
        about = objective if whole else read_on(objective, step.context.relations)
        require(identical(about, claim.objective), "the list is of another function: {}", claim.objective)
    require(listed <= shown, "a point that the proof lists is not shown")


def _is_labelled(point: Point, objective: Expr, variables: tuple[Symbol, ...], inside: Context) -> bool:
    """Whether a conclusion gives the point its label, for f or for the smooth piece that f is about the point."""
    for step in () if point.evidence is None else point.evidence.steps:
        claim = step.claim
        if not isinstance(claim, Label) or (claim.branch, claim.kind) != (point.branch, point.kind):
            continue
        if claim.variables != variables or point.strict not in (None, claim.strict):
            continue
        if available(step, inside) and identical(claim.objective, objective):
            return True
        relations = step.context.relations
        if all(r.is_strict for r in relations if r not in inside.condition) and identical(
            read_on(objective, relations), claim.objective
        ):
            return True
    return False


def _extremum(answer: Extremum, objective: Expr, variables: tuple[Symbol, ...], context: Context) -> None:
    if answer.value is None:
        return
    said = any(
        isinstance(step.claim, Optimal)
        and step.claim.variables == variables
        and identical(step.claim.objective, objective)
        and (step.claim.sense, step.claim.value) == (answer.sense, answer.value)
        and (step.claim.attained, step.claim.at) == (answer.attained, answer.at)
        and (step.claim.along, step.claim.curve_symbol) == (answer.along, answer.curve_symbol)
        and step.claim.through_integers == answer.through_integers
        and answer.complete is (step.claim.all_of_them if step.claim.attained else None)
        and _is_all_of(context, step)
        and available(step, context)
        for step in answer.evidence.steps
    )
    require(said, "the proof does not say that {} is the extremal value on the region", answer.value)


def _is_all_of(context: Context, step: Step) -> bool:
    """Whether the step is about nothing outside the context's region, which may be written with tan x for sin x/cos x."""
    known = step.context.relations
    return all(r in known or signs_given(r.expression, known) <= SIGNS_OF[r.op] for r in context.region)


def _interior(context: Context) -> Context:
    """The context without the border of its region, on which no point is stationary."""
    opened = (r.interior() for r in context.region)
    return context.with_region(*with_factors(tuple(opened)))
