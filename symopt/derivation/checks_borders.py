"""Checks of the rules for regions with a border: extrema on faces and edges, and equations that are put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from sympy import Abs, Expr, S, Symbol

from symopt.derivation.active_sets import ActiveSet, active_sets
from symopt.derivation.checking import (
    Facts,
    available,
    holds,
    is_symbol_free,
    premises_of,
    require,
    require_defined,
    require_given,
    require_holds,
    require_identical,
    the_premise,
)
from symopt.derivation.checks_attained import FAR, ends_of, optimal_claim
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import Branch, Context, Cover, Infeasible, Number, Optimal, Step
from symopt.derivation.eventually import sign_oracle
from symopt.derivation.extremal_points import (
    BEYOND,
    known_in,
    points_inside,
    require_reached,
    require_worse,
    smooth_candidates,
)
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.signs import SIGNS_OF, signs_given, signs_of_tree
from symopt.relation import Relation

Parts = tuple[tuple[Symbol, Expr], ...]


def _at_borders(step: Step) -> None:
    """f attains its extremum; it is at one of the points where gradients are linearly dependent."""
    claim = optimal_claim(step, True)
    known = known_in(step, step.context)
    require(is_continuous(claim.objective, known), "f may not be continuous")
    _require_existence(step, claim, known)
    candidates, numbers = _candidates(step, claim)
    require_reached(step, claim, points_inside(step), numbers)
    require_worse(step, claim, candidates)


def _candidates(step: Step, claim: Optimal) -> tuple[tuple[Branch, ...], frozenset[Number]]:
    """The points of all covers that are asked for, and the numbers that these have given."""
    region, known = step.context.region, known_in(step, step.context)
    found: tuple[Branch, ...] = ()
    for face in active_sets(claim.objective, claim.variables, region):
        found += _on_face(step, claim, face)
    for expression in (claim.objective, *(r.expression for r in region)):
        needed = singularities(expression, claim.variables)
        require(needed is not None, "a function without a table")
        for relation in cast(Facts, needed):
            kink = expression == claim.objective and Abs(relation.expression) in expression.atoms(Abs)
            if not kink and not signs_of_tree(relation.expression, known) <= SIGNS_OF[relation.op]:
                found += _cover(step, claim, (relation.expression,), step.context)
    return tuple(dict.fromkeys(found)), frozenset(n for b in found for n in b.numbers)


def _on_face(step: Step, claim: Optimal, face: ActiveSet) -> tuple[Branch, ...]:
    if not face.zero and not _has_cover(step, claim, face):
        return smooth_candidates(step, replace(claim, objective=face.objective), face.piece)
    needed = singularities(face.objective, claim.variables)
    require(needed is not None, "a function without a table")
    context = step.context.with_region(*face.piece, *cast(Facts, needed))
    if any(available(p, step.context.with_region(*face.piece)) for p in premises_of(step, Infeasible)):
        return ()
    return _cover(step, claim, face.equations, context)


def _has_cover(step: Step, claim: Optimal, face: ActiveSet) -> bool:
    covers = (cast(Cover, p.claim) for p in premises_of(step, Cover))
    return any((c.equations, c.unknowns) == (face.equations, claim.variables) for c in covers)


def _cover(step: Step, claim: Optimal, equations: tuple[Expr, ...], context: Context) -> tuple[Branch, ...]:
    for premise in premises_of(step, Cover):
        cover = cast(Cover, premise.claim)
        if (cover.equations, cover.unknowns) == (equations, claim.variables) and available(premise, context):
            return cover.branches
    require(False, "the points where {} vanish are not known", equations)
    return ()


def _require_existence(step: Step, claim: Optimal, known: Facts) -> None:
    """The points where f is at most (at least) as large as at one of them form a compact set.

    `bounds` gives ends that a variable keeps within. `growth` gives functions of one variable each that tend to
    infinity towards the ends it does not give, and whose sum is not beyond f; or, with `within`, not beyond
    an expression that is at most 0 in the region.
    """
    bounds = {v: (low, high) for v, low, high in require_given(step.data("bounds"), tuple)}
    growth = dict(cast(Parts, step.data("growth") or ()))
    within = step.data("within")
    require(set(bounds) | set(growth) <= set(claim.variables), "a bound of something else")
    ends = (e for pair in bounds.values() for e in pair if e is not None)
    require(all(is_symbol_free(e, claim.variables) for e in ends), "an end that varies")
    parts = growth.items()
    require(all(is_symbol_free(g, set(claim.variables) - {v}) for v, g in parts), "a growth of two variables")
    far, above = FAR[claim.sense], BEYOND[claim.sense] + "="
    bounded = claim.objective
    if within is not None:
        bounded, far, above = require_given(within, Expr), S.Infinity, ">="
        require_holds(bounded, "<=", known, "what bounds the region")
    if growth:
        minorant = sum(growth.values(), S.Zero)
        require_holds(bounded - minorant, above, known, "the bound")
    open_ends = _open_relations(step, known)
    for variable in claim.variables:
        low, high = bounds.get(variable, (None, None))
        strict = tuple(r for r in open_ends if variable in r.symbols)
        _require_kept(step, variable, growth.get(variable), (low, high), strict, far)


def _open_relations(step: Step, known: Facts) -> Facts:
    """The strict relations of the region that its closed ones do not give: each bounds one variable.

    One whose border x = c holds no point of the closed relations leaves the region closed: x > 0 beside x y >= 1.
    """
    weak = tuple(r for r in step.context.region if not r.is_strict)
    for relation in weak:
        require(is_continuous(relation.expression, known), "a border that is not continuous")
    strict = (r for r in step.context.region if r.is_strict)
    given = tuple(r for r in strict if not signs_given(r.expression, weak) <= SIGNS_OF[r.op])
    open_ends = tuple(r for r in given if not _is_border_outside(r, weak, step.context.condition))
    for relation in open_ends:
        others = tuple(r for r in step.context.region if r.op != "!=")
        apart = relation.op == "!=" and signs_given(relation.expression, others) <= SIGNS_OF["!="]
        require(apart or len(relation.symbols) == 1, "{} leaves out a border", relation)
    return tuple(r for r in open_ends if r.op != "!=")


def _is_border_outside(strict: Relation, weak: Facts, condition: Facts) -> bool:
    """Whether one of the closed relations, a polynomial in all its symbols, is broken wherever strict is an equation."""
    linear = strict.expression.as_poly(*strict.symbols) if len(strict.symbols) == 1 else None
    if linear is None or linear.degree() != 1 or strict.op == "!=":
        return False
    (x,) = strict.symbols
    border = {x: -linear.TC() / linear.LC()}
    polynomials = (r for r in weak if x in r.symbols and r.expression.is_polynomial(*r.symbols))
    broken = (r.at(border).negated() for r in polynomials)
    return any(holds(r.expression, r.op, condition) for r in broken)


def _require_kept(
    step: Step,
    variable: Symbol,
    part: Expr | None,
    bounds: tuple[Expr | None, Expr | None],
    strict: Facts,
    far: Expr,
) -> None:
    """The variable stays in a compact interval: towards an end that is not in it, its part of the bound grows."""
    fixed = known_in(step, Context((), step.context.condition))
    inside: Facts = strict
    for end, side in zip(bounds, (1, -1), strict=True):
        if end is not None:
            bound = Relation(side * (variable - end), ">=")
            require_defined(end, fixed)
            require_holds(bound.expression, ">=", known_in(step, step.context), "the bounds")
            inside += (bound,)
    require(part is not None or (None not in bounds and not strict), "{} is not bounded", variable)
    if part is None:
        return
    require(is_continuous(part, fixed + inside), "a growth that is not continuous")
    curve = Symbol("s_to_infinity", real=True)
    for end, given, curved in zip(ends_of(variable, strict, curve), bounds, (-curve, curve), strict=True):
        if given is None or end != curved:
            limit = limit_at_infinity(part.xreplace({variable: end}), curve, sign_oracle(fixed))
            require(limit == far, "not proper")


def _eliminated(step: Step) -> None:
    """An equation of the region gives x = h: f is then a function of the others, with the same extremum."""
    claim = require_given(step.claim, Optimal)
    optimal_claim(step, claim.attained)
    premise = the_premise(step, Optimal)
    inner = cast(Optimal, premise.claim)
    x, value, equation = (
        require_given(step.data(name), kind)
        for name, kind in (("variable", Symbol), ("solution", Expr), ("equation", Relation))
    )
    others = tuple(v for v in claim.variables if v != x)
    require(x in claim.variables and inner.variables == others, "the extremum over other variables")
    require((inner.sense, inner.attained) == (claim.sense, claim.attained), "another question")
    require(equation in step.context.region and equation.op == "==", "not an equation of the region")
    fixed = Context((), step.context.condition)
    slope = derivative_by_table(equation.expression, x)
    require(is_symbol_free(slope, claim.variables) and is_symbol_free(value, (x,)), "not linear in {}", x)
    require_holds(slope, "!=", known_in(step, fixed), "the slope")
    require_identical(equation.expression, slope * (x - value), "the equation")
    table = {x: value}
    left = tuple(r.at(table) for r in step.context.region if r != equation)
    require(set(premise.context.region) <= set(left), "a region of its own")
    given = premise.context.relations
    for relation in left:
        inside = relation in premise.context.region
        shown = inside or signs_given(relation.expression, given) <= SIGNS_OF[relation.op]
        require(shown, "{} is left out", relation)
    require(
        available(replace(premise, context=Context((), premise.context.condition)), fixed), "another case"
    )
    require(inner.objective == claim.objective.xreplace(table), "another function")
    require_identical(claim.value, inner.value, "the value")
    require(inner.all_of_them or not claim.all_of_them, "there may be more points")
    require(len(claim.at) == len(inner.at), "a point is missing")
    for branch, below in zip(claim.at, inner.at, strict=True):
        require(
            (branch.numbers, branch.free, branch.where) == (below.numbers, below.free, below.where),
            "no match",
        )
        _require_lifted(branch.values, below.values, x, value)
    along = dict(inner.along)
    same = (claim.curve_symbol, claim.through_integers) == (inner.curve_symbol, inner.through_integers)
    require(same and bool(claim.along) == bool(along), "another curve")
    if along:
        require(tuple(s for s, _ in claim.along) == claim.variables, "no curve")
        _require_lifted(dict(claim.along), along, x, value)


def _require_lifted(values: Mapping[Symbol, Expr], below: Mapping[Symbol, Expr], x: Symbol, h: Expr) -> None:
    for variable, value in values.items():
        require_identical(value, h.xreplace(dict(below)) if variable == x else below[variable], "the point")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "extremum_borders": _at_borders,
    "extremum_eliminated": _eliminated,
}
