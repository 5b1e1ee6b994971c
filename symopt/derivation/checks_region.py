"""Checks about regions and points: convex regions, and points that show a region or a function not convex.

Points are expressions in the parameters. That they lie in the region is read off what is known of the
parameters alone: a fact proved on the region would say nothing if the region were empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Expr, Mul, S, Symbol

from symopt.derivation.checking import (
    available,
    domain_of,
    facts,
    holds,
    holds_not_real,
    identical,
    is_defined,
    is_symbol_free,
    require,
    require_available,
    require_holds,
    require_symbols,
    the_premise,
    with_roots,
)
from symopt.derivation.checks_derivative import OPEN, is_continuous
from symopt.derivation.claims import (
    Context,
    Curved,
    Hessian,
    Holds,
    NotCurved,
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Step,
    Vector,
)
from symopt.domain import natural_domain
from symopt.exact.dependence import depends_on, slopes_of_form
from symopt.exact.signs import POSITIVE, SIGNS_OF, signs_of_tree
from symopt.relation import Relation

NOT_REAL: Final = (S.ImaginaryUnit, S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
KINDS: Final = {"convex": 1, "concave": -1, "affine": 0}


def gradient_if_constant(expression: Expr, variables: tuple[Symbol, ...]) -> Vector | None:
    """The gradient of an expression that is affine as it stands; None when it is not constant."""
    slopes = slopes_if_constant(expression, frozenset(variables))
    return None if slopes is None else tuple(slopes.get(v, S.Zero) for v in variables)


def is_affine(expression: Expr, variables: tuple[Symbol, ...]) -> bool:
    """Whether an expression is affine as it stands."""
    return (
        slopes_of_form(expression) is not None
        or slopes_if_constant(expression, frozenset(variables)) is not None
    )


def slopes_if_constant(expression: Expr, variables: frozenset[Symbol]) -> Mapping[Expr, Expr] | None:
    """The coefficients that are not 0 of an expression that is affine as it stands; None for others."""
    form = slopes_of_form(expression)
    if form is None:
        return _slopes(expression, variables)
    return form if variables.issuperset(form) else {v: slope for v, slope in form.items() if v in variables}


def _slopes(expression: Expr, variables: frozenset[Symbol]) -> dict[Expr, Expr] | None:
    if not expression.args:
        return {expression: S.One} if expression.is_Symbol and expression in variables else {}
    if isinstance(expression, Mul) and len(expression.args) == 2:
        factor, symbol = expression.args
        if factor.is_Rational and symbol.is_Symbol:
            return {symbol: factor} if symbol in variables else {}
    slopes: dict[Expr, Expr] = {}
    if isinstance(expression, Add):
        for term in expression.args:
            own = _slopes(term, variables)
            if own is None:
                return None
            for variable, slope in own.items():
                slopes[variable] = slopes[variable] + slope if variable in slopes else slope
    elif isinstance(expression, Mul):
        moving = [factor for factor in expression.args if depends_on(factor, variables)]
        if len(moving) > 1:
            return None
        own = _slopes(moving[0], variables) if moving else {}
        if own is None:
            return None
        others = Mul(*(factor for factor in expression.args if factor is not moving[0])) if own else S.One
        slopes = {variable: others * slope for variable, slope in own.items()}
    elif depends_on(expression, variables):
        return None
    return slopes


def kinds_of(claim: Curved) -> tuple[int, ...]:
    """1 when it is convex, -1 when it is concave; both when it is affine."""
    return (1, -1) if claim.kind == "affine" else (KINDS[claim.kind],)


def require_real(expression: Expr, known: tuple[Relation, ...]) -> None:
    """Reject unless the expression is a real number wherever the known facts hold."""
    require(
        slopes_of_form(expression) is not None
        or (not holds_not_real(expression) and is_defined(with_roots(expression, known), known)),
        "{} may be undefined here",
        expression,
    )


def require_condition_on_parameters(step: Step, variables: tuple[Symbol, ...]) -> None:
    require_symbols(variables)
    condition = step.context.condition
    own = frozenset(variables) if condition else frozenset()
    require(not any(depends_on(r.expression, own) for r in condition), "the condition restricts a variable")


def curved_claim(step: Step, interior: Step | None = None, *, is_real: bool = False) -> Curved:
    """The claim, after what every rule of curvature asks for: premises that hold here, on a convex region.

    The whole space is convex, so that no premise has to say it.
    `is_real` leaves it to the rule to see that f is real: where it is put together from parts that are.
    """
    require(isinstance(step.claim, Curved), "{} proves curvature only", step.rule)
    claim = cast(Curved, step.claim)
    require(claim.kind in KINDS and not (claim.strict and claim.kind == "affine"), "no such kind")
    require_condition_on_parameters(step, claim.variables)
    require_available(replace(step, premises=tuple(p for p in step.premises if p is not interior)))
    region = set(step.context.region)
    require(
        not region
        or any(
            p.claim.variables == claim.variables and set(p.context.region) == region
            for p in step.premises
            if isinstance(p.claim, (RegionConvex, Curved))
        ),
        "nothing says that the region is convex",
    )
    if not is_real:
        require_real(claim.objective, facts(step))
    return claim


def pointwise(step: Step) -> tuple[Relation, ...]:
    """What is known without supposing that there is a point in the region."""
    bare = Context((), step.context.condition)
    return bare.condition + tuple(
        p.claim.relation for p in step.premises if isinstance(p.claim, Holds) and available(p, bare)
    )


def require_inside(step: Step, point: Mapping[Symbol, Expr]) -> tuple[Relation, ...]:
    """The facts about parameters, after checking that a point lies in the region."""
    require(all(is_symbol_free(value, point) for value in point.values()), "the point moves")
    known = pointwise(step)
    for value in point.values():
        require_real(value, known)
    for relation in step.context.region:
        at_point = relation.at(dict(point))
        require_real(at_point.expression, known)
        require_holds(at_point.expression, relation.op, known, "the point is not shown to lie in the region")
    return known


def _region_convex(step: Step) -> None:
    """One by one, the relations are affine, implied by those before, level sets, or the same as such."""
    require(isinstance(step.claim, RegionConvex), "not about a region")
    variables = cast(RegionConvex, step.claim).variables
    require_condition_on_parameters(step, variables)
    order = cast(tuple[Relation, ...], step.data("order") or ())
    require(set(order) == set(step.context.region), "the relations of the region")
    same_as = dict(cast(tuple[tuple[Relation, Relation], ...], step.data("same_as") or ()))
    for place, relation in enumerate(order):
        before = Context(order[:place], step.context.condition)

        def proves(wanted: Relation, where: Context) -> bool:
            return any(
                isinstance(p.claim, Holds)
                and p.claim.relation.expression == wanted.expression
                and p.claim.relation.implies_op(wanted.op)
                and available(p, where)
                for p in step.premises
            )

        other = same_as.get(relation)
        equivalent = other is not None and (
            proves(relation, before.with_region(other))
            and proves(relation.negated(), before.with_region(other.negated()))
            and (_is_half_space(other, variables, before) or _is_level_set(other, step, before))
        )
        require(
            equivalent
            or _is_half_space(relation, variables, before)
            or proves(relation, before)
            or _is_level_set(relation, step, before),
            "{} may not describe a convex set",
            relation,
        )


def _is_half_space(relation: Relation, variables: tuple[Symbol, ...], before: Context) -> bool:
    return (
        relation.op != "!="
        and is_affine(relation.expression, variables)
        and is_defined(relation.expression, before.relations)
    )


def _is_level_set(relation: Relation, step: Step, before: Context) -> bool:
    variables = cast(RegionConvex, step.claim).variables
    wanted = {">": -1, ">=": -1, "<": 1, "<=": 1}.get(relation.op)
    return any(
        isinstance(p.claim, Curved)
        and p.claim.objective == relation.expression
        and p.claim.variables == variables
        and (wanted in kinds_of(p.claim) or (relation.op == "==" and p.claim.kind == "affine"))
        and available(p, before)
        for p in step.premises
    )


def _three_points(step: Step, claim: RegionNotConvex | NotCurved) -> tuple[dict[Symbol, Expr], ...]:
    """p, q and the point between them that the weight gives."""
    require_condition_on_parameters(step, claim.variables)
    require(len(claim.p) == len(claim.q) == len(claim.variables), "one coordinate for each variable")
    known, w = pointwise(step), claim.weight
    require_real(w, known)
    require(
        signs_of_tree(w, known) == signs_of_tree(1 - w, known) == POSITIVE, "the weight lies between 0 and 1"
    )
    middle = tuple(w * a + (1 - w) * b for a, b in zip(claim.p, claim.q, strict=True))
    return tuple(dict(zip(claim.variables, point, strict=True)) for point in (claim.p, claim.q, middle))


def _region_not_convex(step: Step) -> None:
    """Two points of the region, and one between them where a relation of the region fails."""
    require(isinstance(step.claim, RegionNotConvex), "not about a region")
    p, q, middle = _three_points(step, cast(RegionNotConvex, step.claim))
    for point in (p, q):
        known = require_inside(step, point)
    outside = (r.at(middle) for r in step.context.region)
    require(
        any(
            is_defined(r.expression, known) and not signs_of_tree(r.expression, known) & SIGNS_OF[r.op]
            for r in outside
        ),
        "the point between is not shown to lie outside",
    )


def _chord(step: Step) -> None:
    """Two points and one between them: the chord lies on the wrong side of the graph (or on it, against strictness)."""
    require(isinstance(step.claim, NotCurved), "not about curvature")
    claim = cast(NotCurved, step.claim)
    points = _three_points(step, claim)
    require_real(claim.objective, facts(step))
    for point in points:
        known = require_inside(step, point)
        for relation in natural_domain(with_roots(claim.objective, known), (), step.context.region):
            at_point = relation.at(point)
            require_holds(at_point.expression, at_point.op, known, "the objective may be undefined")
    at_p, at_q, at_middle = (claim.objective.xreplace(point) for point in points)
    gap = claim.weight * at_p + (1 - claim.weight) * at_q - at_middle
    wrong = {"convex": "<", "concave": ">"}[claim.kind] + ("=" if claim.strict else "")
    require(not gap.has(*NOT_REAL), "the objective is undefined at a point")
    proved = S.Zero if gap.free_symbols and identical(gap, S.Zero) else gap
    require_holds(proved, wrong, known, "the chord")
    apart = any(0 not in signs_of_tree(a - b, known) for a, b in zip(claim.p, claim.q, strict=True))
    require(apart or not claim.strict, "the two points may coincide")


def inner_point(step: Step, claim: NotCurved) -> tuple[dict[Symbol, Expr], Vector, tuple[Relation, ...]]:
    """The point p, the direction q - p and what is known of the parameters, after checking that p is an inner point."""
    point = dict(zip(claim.variables, claim.p, strict=True))
    known = require_inside(step, point)
    for relation in step.context.region:
        at_point = relation.at(point).expression
        require(
            0 not in signs_of_tree(at_point, known) or is_symbol_free(relation.expression, claim.variables),
            "the point lies on the border",
        )
        needed = domain_of(relation.expression, step.context.relations)
        is_open_there = (
            is_continuous(relation.expression, step.context.relations)
            and needed is not None
            and all(
                not r.symbols & set(claim.variables)
                or holds(r.at(point).expression, OPEN.get(r.op, r.op), known)
                for r in needed
            )
        )
        require(is_open_there, "the region may not be open there")
    v = tuple(b - a for a, b in zip(claim.p, claim.q, strict=True))
    for direction in v:
        require_real(direction, known)
    return point, v, known


def bends_the_wrong_way(step: Step) -> None:
    """v^T H(p) v has the wrong sign at an inner point p, with v = q - p; the weight 1 stands for "at p"."""
    claim = cast(NotCurved, step.claim)
    require_condition_on_parameters(step, claim.variables)
    require_available(step)
    require(
        len(claim.p) == len(claim.q) == len(claim.variables) and claim.weight == 1, "a point and a direction"
    )
    smooth, hessian = (
        cast(Smooth, the_premise(step, Smooth).claim),
        cast(Hessian, the_premise(step, Hessian).claim),
    )
    require(
        (smooth.expression, smooth.variables)
        == (hessian.objective, hessian.variables)
        == (claim.objective, claim.variables),
        "a premise is about another function",
    )
    point, v, known = inner_point(step, claim)
    bend = S.Zero
    for i, row in enumerate(hessian.entries):
        for j, entry in enumerate(row):
            at_point = entry.xreplace(point)
            require_real(at_point, known)
            bend += v[i] * v[j] * at_point
    proved = next((r.expression for r in known if identical(r.expression, bend)), bend)
    require_holds(proved, "<" if claim.kind == "convex" else ">", known, "the second derivative")
    require(claim.strict is False and claim.kind in ("convex", "concave"), "said of convexity itself")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "region_convex": _region_convex,
    "region_not_convex": _region_not_convex,
    "chord": _chord,
    "chord_equality": _chord,
}
