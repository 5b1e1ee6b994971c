"""Checks of the rules about global extrema: bounds that are reached, limits along curves, candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import cast

from sympy import Expr, S, Symbol, exp

from symopt.derivation import (
    checks_attained,
    checks_cases,
    checks_larger_region,
    checks_monotone,
    checks_only_point,
    checks_separate,
)
from symopt.derivation.approaching import require_curve
from symopt.derivation.checking import (
    TANGENTS,
    available,
    facts,
    identical,
    premises_of,
    require,
    require_given,
    require_identical,
    require_symbols,
    the_premise,
)
from symopt.derivation.checks_attained import FAR, optimal_claim
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import (
    Branch,
    Context,
    Curved,
    Label,
    Limit,
    Optimal,
    Step,
)
from symopt.derivation.eventually import require_defined_eventually, sign_oracle
from symopt.derivation.extremal_points import (
    BEYOND,
    Facts,
    candidates_of,
    is_same_function,
    known_at,
    known_in,
    numbers_given,
    numbers_of,
    points_inside,
    require_all,
    require_reached,
    require_worse,
    stationary_branches,
)
from symopt.exact.absolute import in_absolute_values
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.relations import is_rational
from symopt.exact.roots import count_real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation


def _constant(step: Step) -> None:
    """f is one number: the region itself is the set of minimisers."""
    claim = optimal_claim(step, True)
    require(identical(claim.objective, claim.value), "f is not constant")
    require(len(claim.at) == 1, "one branch is needed")
    require_reached(step, claim)
    branch = claim.at[0]
    names = branch.values
    free = tuple(symbol for symbol, kind in branch.free if kind == "real")
    whole = tuple(names.values()) == free and len(set(free)) == len(names)
    require(whole and set(branch.where) <= {r.at(names) for r in step.context.region}, "not the whole region")


def _bound(step: Step) -> None:
    """f - m never has the wrong sign, and is 0 at a point of the region."""
    claim = optimal_claim(step, True)
    _require_bound(step, claim, BEYOND[claim.sense] + "=")
    require_reached(step, claim, points_inside(step), numbers_given(step))
    require_all(step, claim)


def _require_bound(step: Step, claim: Optimal, op: str) -> None:
    numbers = tuple(r for n in numbers_of(claim).values() for r in n.relations)
    known = known_in(step, step.context.with_condition(*numbers))
    require(
        signs_of_tree(difference(claim.objective, claim.value), known) <= SIGNS_OF[op],
        "the bound is not shown",
    )


def difference(objective: Expr, value: Expr) -> Expr:
    """An expression with the sign of f - value everywhere: that of u - v for exp(u) - exp(v)."""
    if isinstance(objective, exp) and isinstance(value, exp):
        return objective.args[0] - value.args[0]
    return objective - value


def _convex(step: Step) -> None:
    """A stationary point or a local minimum of a convex function is a global minimum; a strict one is the only one."""
    claim = optimal_claim(step, True)
    premise = the_premise(step, Curved)
    curved = cast(Curved, premise.claim)
    require(
        curved.kind in ("affine", "convex" if claim.sense == "min" else "concave"), "curved the other way"
    )
    require(
        is_same_function(curved, claim) and available(premise, step.context),
        "the curvature of something else",
    )
    local = _local_extrema(step, claim)
    known = (*stationary_branches(step, claim), *(label.branch for label in local))
    require(set(claim.at) <= set(known), "a point that is neither stationary nor a local extremum")
    require_reached(step, claim, known)
    strict = curved.strict or any(label.strict and label.branch in claim.at for label in local)
    if not (strict and len(claim.at) == 1 and not claim.at[0].free):
        require_all(step, claim)


def _local_extrema(step: Step, claim: Optimal) -> tuple[Label, ...]:
    """The labels among the premises that say of points of the region that they are local extrema of that sense."""
    kind = "minimum" if claim.sense == "min" else "maximum"
    labels = ((p, cast(Label, p.claim)) for p in premises_of(step, Label) if available(p, step.context))
    return tuple(
        label
        for p, label in labels
        if label.kind == kind
        and is_same_function(label, claim)
        and set(p.context.region) == set(step.context.region)
    )


def _geometric(step: Step) -> None:
    """f(e^u) is convex in u: a stationary point of f, with x = e^u > 0, is one of it, and so a global minimum.

    The certificate names the variables x that are e^u, each with its u; on f's region each of them is positive, and
    what else that says is the region of f(e^u).
    """
    claim = optimal_claim(step, True)
    premise = the_premise(step, Curved)
    curved = cast(Curved, premise.claim)
    names = dict(cast(tuple[tuple[Symbol, Symbol], ...], require_given(step.data("names"), tuple)))
    require(bool(names) and set(names) <= set(claim.variables), "no variable is put as a power of e")
    require_symbols(tuple(names.values()))
    used = claim.objective.free_symbols.union(claim.variables, *(r.symbols for r in step.context.relations))
    require(not used & set(names.values()) and len(set(names.values())) == len(names), "a symbol in use")
    table: dict[Symbol, Expr] = {x: exp(u) for x, u in names.items()}
    kinds = ("affine", "convex" if claim.sense == "min" else "concave")
    require(curved.kind in kinds, "curved the other way")
    same = curved.variables == tuple(names.get(v, v) for v in claim.variables)
    require(same and curved.objective == claim.objective.xreplace(table), "the curvature of something else")
    positive = tuple(Relation(x, ">") for x in names)
    region = step.context.region
    require(all(signs_of_tree(r.expression, region) <= SIGNS_OF[">"] for r in positive), "not positive")
    left = {r.at(table) for r in region if not signs_of_tree(r.expression, positive) <= SIGNS_OF[r.op]}
    require(set(premise.context.region) == left, "the curvature on another region")
    place = Context((), step.context.condition)
    require(
        available(replace(premise, context=Context((), premise.context.condition)), place), "another case"
    )
    stationary = stationary_branches(step, claim)
    require(set(claim.at) <= set(stationary), "a point that is not stationary")
    require_reached(step, claim, stationary)
    if not (curved.strict and len(claim.at) == 1 and not claim.at[0].free):
        require_all(step, claim)


def _limit(step: Step) -> None:
    """The dominant term gives the limit; the expression is defined for all large values of the symbol."""
    require(isinstance(step.claim, Limit), "not a limit")
    claim = cast(Limit, step.claim)
    require(not claim.through_integers, "a limit through the whole numbers")
    require(not any(claim.symbol in r.symbols for r in step.context.relations), "the symbol is restricted")
    known = facts(step)
    value = limit_at_infinity(claim.expression, claim.symbol, sign_oracle(known))
    require(value is not None and (value == claim.value or identical(value, claim.value)), "another limit")
    require_defined_eventually(claim.expression, claim.symbol, known)


def _limit_through_integers(step: Step) -> None:
    """For whole n the periods of sines and cosines drop out, and what is left has the limit."""
    claim, premise = require_given(step.claim, Limit), the_premise(step, Limit)
    inner = cast(Limit, premise.claim)
    require(claim.through_integers and not inner.through_integers, "no limit through the whole numbers")
    require(available(premise, step.context), "a limit in another case")
    require((claim.symbol, claim.value) == (inner.symbol, inner.value), "another limit")
    require_identical(at_whole_numbers(claim.expression, claim.symbol), inner.expression, "at whole numbers")
    require_defined_eventually(claim.expression, claim.symbol, facts(step))


def at_whole_numbers(expression: Expr, symbol: Symbol) -> Expr:
    """An expression that agrees with the given one where the symbol is a whole number: periods drop out."""
    require(not expression.has(*TANGENTS), "a tangent of whole numbers")
    whole = Symbol(symbol.name, integer=True)
    return expression.xreplace({symbol: whole}).xreplace({whole: symbol})


def _unbounded(step: Step) -> None:
    """f -> -oo (for a maximum +oo) along a curve that stays in the region."""
    claim = optimal_claim(step, False)
    require(claim.value == -FAR[claim.sense], "not unbounded")
    require_curve(step, claim)


def _infimum(step: Step) -> None:
    """f is beyond the value everywhere, and tends to it along a curve."""
    claim = optimal_claim(step, False)
    require(claim.value not in FAR.values(), "not a number")
    _require_bound(step, claim, BEYOND[claim.sense])
    require_curve(step, claim)


def _interval(step: Step) -> None:
    """In one variable: candidates, ends of the intervals that belong to the region, and limits at the others.

    `borders` are the places, from left to right, where a relation of the region changes its truth.
    """
    claim = optimal_claim(step, isinstance(step.claim, Optimal) and step.claim.attained)
    require(len(claim.variables) == 1, "one variable only")
    (x,) = claim.variables
    borders = cast(tuple[Expr, ...], step.data("borders") or ())
    condition = Context((), step.context.condition)
    known = known_in(step, condition)
    require(is_continuous(claim.objective, known_in(step, step.context)), "f may not be continuous")
    require(
        all(signs_of_tree(b - a, known) <= SIGNS_OF[">"] for a, b in pairwise(borders)),
        "the borders are not sorted",
    )
    for relation in step.context.region:
        _require_borders(relation, x, borders, known)
    closed = tuple(b for b in borders if _is_inside(step.context.region, x, b, known))
    candidates = candidates_of(step, claim) + tuple(Branch(((x, b),)) for b in closed)
    limits = {
        cast(Limit, p.claim).expression: cast(Limit, p.claim)
        for p in premises_of(step, Limit)
        if available(p, condition)
    }
    for low, high in pairwise((None, *borders, None)):
        if not _is_inside(step.context.region, x, _between(low, high), known):
            continue
        for end, side in ((low, 1), (high, -1)):
            if end is None or end not in closed:
                _require_worse_limit(claim, x, end, side, limits, known_at(step, claim, None))
    require_worse(step, claim, candidates)
    if claim.attained:
        require_reached(step, claim, points_inside(step), numbers_given(step))
    else:
        require_curve(step, claim)


def _between(low: Expr | None, high: Expr | None) -> Expr:
    if low is None:
        return S.Zero if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def _is_inside(region: Facts, x: Symbol, point: Expr, known: Facts) -> bool:
    """Whether a point lies in the region; rejected where that is not known."""
    for relation in region:
        signs = signs_of_tree(relation.expression.xreplace({x: point}), known)
        if not signs & SIGNS_OF[relation.op]:
            return False
        require(signs <= SIGNS_OF[relation.op], "{} is open at {}", relation, point)
    return True


def _require_borders(relation: Relation, x: Symbol, borders: tuple[Expr, ...], known: Facts) -> None:
    """The relation's expression is a polynomial in x whose real roots are all among the borders."""
    polynomial = relation.expression.as_poly(x)
    require(polynomial is not None and polynomial.degree() > 0, "{} is not a polynomial in {}", relation, x)
    roots = sum(identical(polynomial.eval(border), S.Zero) for border in borders)
    if polynomial.degree() == 1:
        require(
            roots == 1 and signs_of_tree(polynomial.LC(), known) <= SIGNS_OF["!="],
            "the border of {}",
            relation,
        )
    else:
        require(
            is_rational(polynomial) and roots == count_real_roots(polynomial, None, None),
            "the borders of {}",
            relation,
        )


def _written_out(step: Step) -> None:
    """The premise says the same of the function with every maximum and minimum written with absolute values."""
    below = the_premise(step, Optimal)
    require(available(below, step.context), "the premise holds only in a smaller context")
    require(set(below.context.region) == set(step.context.region), "the premise is about another region")
    claim, inner = cast(Optimal, step.claim), cast(Optimal, below.claim)
    require(replace(inner, objective=claim.objective) == claim, "the premise says something else")
    require_identical(in_absolute_values(claim.objective), inner.objective, "the function written out")


def _require_worse_limit(
    claim: Optimal, x: Symbol, end: Expr | None, side: int, limits: Mapping[Expr, Limit], known: Facts
) -> None:
    """A premise gives the limit at an open end, and it is not better than the value."""
    for expression, limit in limits.items():
        s = limit.symbol
        towards = -side * s if end is None else end + side / s
        if expression == claim.objective.xreplace({x: towards}):
            op = BEYOND[claim.sense] + "="
            fine = limit.value == FAR[claim.sense] or (
                limit.value not in FAR.values()
                and signs_of_tree(limit.value - claim.value, known) <= SIGNS_OF[op]
            )
            require(fine, "the limit at an end is better")
            return
    require(False, "no limit at the end {}", end)


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "limit_dominant": _limit,
    "limit_through_integers": _limit_through_integers,
    "extremum_constant": _constant,
    "extremum_bound": _bound,
    "extremum_convex": _convex,
    "extremum_geometric": _geometric,
    **checks_attained.CHECKS,
    **checks_separate.CHECKS,
    **checks_monotone.CHECKS,
    **checks_only_point.CHECKS,
    **checks_larger_region.CHECKS,
    **checks_cases.CHECKS,
    "extremum_unbounded": _unbounded,
    "extremum_limit": _infimum,
    "extremum_interval": _interval,
    "extremum_written_out": _written_out,
}
