"""Checks of the rules that label kinks: points where f need not be differentiable, by its behaviour along rays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Expr, Max, Min, Piecewise, Pow, S, Symbol, default_sort_key

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
    require_inside,
)
from symopt.derivation.checks_derivative import is_continuous_where_defined, is_open
from symopt.derivation.checks_labels import OP_OF, label, require_bound, require_open
from symopt.derivation.claims import Branch, Label, Step, Vector
from symopt.derivation.conditions import truth
from symopt.derivation.extremal_points import numbers_given
from symopt.exact.asymptotics import Dominant, dominant_term
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation


def one_sided(
    objective: Expr, variable: Symbol, place: Expr, direction: int, sign: Callable[[Expr], int | None]
) -> Dominant | None:
    """The dominant term of f(place + direction h) - f(place) as h = 1/s -> 0."""
    s = Symbol("s_", real=True)
    here = value_at(objective, {variable: place}, sign)
    require(is_symbol_free(objective + place, (s,)), "the symbol of the distance is in use already")
    return dominant_term(objective.xreplace({variable: place + direction / s}) - here, s, sign)


def value_at(objective: Expr, place: Mapping[Symbol, Expr], sign: Callable[[Expr], int | None]) -> Expr:
    """f(place), where 0^a is 0 for a positive exponent, and of several cases the one that holds there."""
    value = objective.xreplace(dict(place))
    value = value.xreplace({node: _case_of(node, sign) for node in value.atoms(Piecewise)})
    zeros = {p: S.Zero for p in value.atoms(Pow) if p.base == 0 and sign(p.exp) == 1}
    return value.xreplace(zeros)


def _case_of(node: Piecewise, sign: Callable[[Expr], int | None]) -> Expr:
    """The value of the first condition that holds; the node itself where that is not known."""
    for value, condition in node.args:
        holding = truth(condition, lambda relation: _holds(relation, sign))
        if holding is not False:
            return cast(Expr, value) if holding else node
    return node


def _holds(relation: Relation, sign: Callable[[Expr], int | None]) -> bool | None:
    found = sign(relation.expression)
    return None if found is None else found in SIGNS_OF[relation.op]


SIDES: Mapping[tuple[str, bool | None], tuple[tuple[int, int], ...]] = {
    ("minimum", True): ((1, 1),),
    ("minimum", False): ((0, 1), (1, 0)),
    ("maximum", True): ((-1, -1),),
    ("maximum", False): ((0, -1), (-1, 0)),
    ("inflection", None): ((1, -1), (-1, 1)),
    ("constant", None): ((0, 0),),
}


def _kink(step: Step) -> None:
    """In one variable: the signs of f - f* just left and just right of the point, or of each point of a lattice.

    At a number, by the slopes of the formulas that f follows on either side of it.
    """
    claim, known = label(step, *SIDES)
    lattice = all(kind == "integer" for _, kind in claim.branch.free) and not claim.branch.where
    require(lattice and not (claim.branch.numbers and claim.branch.free), "one point, or a lattice")
    require_open(step)
    require_inside(claim.branch.values, step.context.region, known)
    ((variable, place),) = claim.branch.at
    require_defined(place, known)
    sign = _sign_by(known)
    if claim.branch.numbers:
        require(set(claim.branch.numbers) <= numbers_given(step), "a number that is not shown to exist")
        require(is_continuous_where_defined(claim.objective), "f may jump")
        slopes = [slope_beside(claim.objective, variable, place, d, sign) for d in (-1, 1)]
        found = tuple(
            None if slope is None else _turned(sign(slope), d)
            for slope, d in zip(slopes, (-1, 1), strict=True)
        )
    else:
        sides = [one_sided(claim.objective, variable, place, direction, sign) for direction in (-1, 1)]
        found = tuple(None if side is None else sign(side.coefficient) for side in sides)
    require(found in SIDES[claim.kind, claim.strict], "another label")


def _turned(slope: int | None, direction: int) -> int | None:
    """The sign of f - f* beside a point where f has a slope of this sign; None where that is 0."""
    return slope * direction if slope else None


def slope_beside(
    objective: Expr, variable: Symbol, place: Expr, direction: int, sign: Callable[[Expr], int | None]
) -> Expr | None:
    """The slope at the place of the formula that f follows just left (-1) or right (1) of it; None where that is open.

    Each |u|, max and min is one of its parts there, by the sign of u at the place, or else by that of its slope.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> slope_beside(abs(x**2 - 4) + x, x, S(2), -1, lambda e: bool(e > 0) - bool(e < 0))
    -3
    """
    formula = objective
    while kinks := [n for n in formula.atoms(Abs, Max, Min) if n.has(variable)]:
        innermost = [n for n in kinks if not any(o is not n and n.has(o) for o in kinks)]
        node = min(innermost, key=default_sort_key)
        part = _part_beside(node, variable, place, direction, sign)
        if part is None:
            return None
        formula = formula.xreplace({node: part})
    return _slope_at(formula, variable, place, sign)


def _part_beside(
    node: Expr, variable: Symbol, place: Expr, direction: int, sign: Callable[[Expr], int | None]
) -> Expr | None:
    """What |u|, max(u, v, ..) or min(u, v, ..) is just beside the place."""
    if isinstance(node, Abs):
        (inner,) = node.args
        side = _side(inner, variable, place, direction, sign)
        return inner if side == 1 else -inner if side == -1 else None
    ahead = 1 if isinstance(node, Max) else -1
    for part in sorted(node.args, key=default_sort_key):
        others = (other for other in node.args if other != part)
        if all(_side(part - other, variable, place, direction, sign) == ahead for other in others):
            return cast(Expr, part)
    return None


def _side(
    expression: Expr, variable: Symbol, place: Expr, direction: int, sign: Callable[[Expr], int | None]
) -> int | None:
    """The sign of a smooth expression just beside the place; None where it is open."""
    slope = _slope_at(expression, variable, place, sign)
    if slope is None:
        return None
    here = sign(expression.xreplace({variable: place}))
    return here if here else None if here is None else _turned(sign(slope), direction)


def _slope_at(
    expression: Expr, variable: Symbol, place: Expr, sign: Callable[[Expr], int | None]
) -> Expr | None:
    """The slope at a place where the expression is differentiable."""
    needed = singularities(expression, (variable,))
    at = {variable: place}
    if needed is None or not all(sign(r.expression.xreplace(at)) in SIGNS_OF[r.op] for r in needed):
        return None
    slope = derivative_by_table(expression, variable)
    return cast(Expr, slope.xreplace(at))


def _kink_bound(step: Step) -> None:
    """f - f* keeps one sign on the region, or near the point, where f need not be differentiable.

    It is not strict where f is f* on the beginning of a ray, too. The certificate may name relations `near` that hold
    at the point and describe an open set.
    """
    kinds: tuple[tuple[str, bool | None], ...] = tuple(
        (kind, strict) for kind in OP_OF for strict in (True, False, None)
    )
    claim, known = label(step, *kinds)
    require_inside(claim.branch.values, step.context.region, known)
    near = require_given(step.data("near") or (), tuple)
    for relation in near:
        at_point = require_given(relation, Relation).at(claim.branch.values)
        require(is_open(relation, claim.variables, step.context.relations), "no open set")
        require_holds(at_point.expression, at_point.op, known, "the point lies outside")
    if step.data("flat") is not None:
        require_flat(step, claim, known)
        claim = replace(claim, strict=None)
    require_bound(step, claim, known, near)


def require_flat(step: Step, claim: Label, known: Facts) -> None:
    """f is f* on the beginning of the ray that the certificate names: an extremum is not strict there."""
    require(claim.strict is False, "a flat ray of a strict extremum")
    require_open(step)
    term = _along_ray(claim, require_given(step.data("flat"), tuple), known)
    require(term is not None and term.coefficient == 0, "f is not shown to be the same along the ray")


def along(
    objective: Expr, values: Mapping[Symbol, Expr], direction: Vector, sign: Callable[[Expr], int | None]
) -> Dominant | None:
    """The dominant term of f(p + v h) - f(p) as h = 1/s -> 0."""
    s = Symbol("s_", real=True)
    require(is_symbol_free(objective, (s,)), "the symbol of the distance is in use already")
    moved = {v: place + d / s for (v, place), d in zip(values.items(), direction, strict=True)}
    return dominant_term(objective.xreplace(moved) - value_at(objective, values, sign), s, sign)


def _kink_directions(step: Step) -> None:
    """On two rays from the point, f - f* has different signs."""
    claim, known = label(step, ("saddle", None))
    require(len(claim.variables) > 1, "one variable")
    require_open(step)
    require_inside(claim.branch.values, step.context.region, known)
    terms = [_along_ray(claim, ray, known) for ray in require_given(step.data("directions"), tuple)]
    seen = {side for term in terms if term is not None for side in [_sign_by(known)(term.coefficient)]}
    require(seen >= {1, -1}, "f is not shown to take larger and smaller values")


def _along_ray(claim: Label, ray: Vector, known: Facts) -> Dominant | None:
    """The dominant term of f(p + v h) - f(p) along a ray with a direction v != 0."""
    own = (*claim.variables, *(symbol for symbol, _ in claim.branch.free))
    fixed = len(ray) == len(claim.variables) and all(is_symbol_free(d, own) for d in ray)
    require(fixed and any(holds(d, "!=", known) for d in ray), "no direction, or one that moves")
    for entry in ray:
        require_defined(entry, known)
    return along(claim.objective, claim.branch.values, ray, _sign_by(known))


def _sign_by(known: Facts) -> Callable[[Expr], int | None]:
    def sign(quantity: Expr) -> int | None:
        signs = signs_of_tree(quantity, known)
        return next(iter(signs)) if len(signs) == 1 else None

    return sign


def _label_parts(step: Step) -> None:
    """A family cut at a number: t < v, t = v and t > v have one label, or the points with t = v are left out."""
    claim = require_given(step.claim, Label)
    label(step, (claim.kind, claim.strict))
    symbol, value = require_given(step.data("symbol"), Symbol), require_given(step.data("value"), Expr)
    require(not value.free_symbols and (symbol, "real") in claim.branch.free, "a cut at no number")
    require_defined(value, ())
    whole, left_out = without_gaps(claim.branch)
    here = [p for p in premises_of(step, Label) if available(p, step.context)]
    same_region = [p for p in here if set(p.context.region) == set(step.context.region)]
    labelled = [cast(Label, p.claim) for p in same_region]
    alike = [part.branch for part in labelled if replace(part, branch=claim.branch) == claim]
    below, there, above = whole.cut_at(symbol, value)
    for side in (below, above):
        gaps = [gap for part, gap in map(without_gaps, alike) if part == side]
        require(any(set(gap) <= set(left_out) for gap in gaps), "a part without this label")
    require(there in alike or Relation(symbol - value, "!=") in left_out, "the points at the cut")


def without_gaps(branch: Branch) -> tuple[Branch, tuple[Relation, ...]]:
    """A family with the points that it leaves out by t != v, and these relations."""
    gaps = tuple(r for r in branch.where if r.op == "!=")
    return replace(branch, where=tuple(r for r in branch.where if r.op != "!=")), gaps


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {
    "label_parts": _label_parts,
    "kink": _kink,
    "kink_bound": _kink_bound,
    "kink_directions": _kink_directions,
}
