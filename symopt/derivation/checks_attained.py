"""Checks of the rules by which an extremum exists, and is then at one of the candidates: growth, periods, decay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, S, Symbol, exp, factorial, prod

from symopt.derivation.checking import (
    available,
    identical,
    is_symbol_free,
    require,
    require_bound,
    require_defined,
    require_given,
    require_holds,
    require_identical,
    require_symbols,
    the_premise,
)
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import Context, Optimal, Step
from symopt.derivation.eventually import sign_oracle
from symopt.derivation.extremal_points import (
    BEYOND,
    Facts,
    candidates_of,
    known_at,
    known_in,
    numbers_given,
    points_inside,
    require_reached,
    require_worse,
)
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.relations import is_rational
from symopt.exact.signs import SIGNS_OF, signs_of_tree

FAR: Final = {"min": S.Infinity, "max": S.NegativeInfinity}


def optimal_claim(step: Step, rule_attains: bool) -> Optimal:
    """The claim, well formed: nothing but its variables is bound by the region, and its value is a number."""
    require(isinstance(step.claim, Optimal), "{} proves global extrema only", step.rule)
    claim = cast(Optimal, step.claim)
    outside = {s for r in step.context.condition for s in r.symbols} | claim.value.free_symbols
    require(not outside & set(claim.variables), "a condition or the value holds a variable")
    require(claim.sense in FAR and claim.attained is rule_attains, "{} does not say that", step.rule)
    require(claim.attained or not (claim.at or claim.all_of_them), "a point at which it is not attained")
    require_symbols(claim.variables)
    for branch in claim.at:
        require_bound(branch)
        require(tuple(s for s, _ in branch.at) == claim.variables, "a point does not give every variable")
    require_defined(claim.objective, known_in(step, step.context))
    if claim.value not in FAR.values():
        require_defined(claim.value, known_at(step, claim, None))
    return claim


def _attained_inside(step: Step) -> None:
    """Each variable is bounded on {f <= c}, away from the ends of its interval, or f is periodic in it.

    Then f attains its minimum, at one of the candidates. The certificate gives functions g_i of one
    variable that tend to oo at both ends, with f >= sum g_i, and periods for the other variables. With a
    `multiplier` d > 0 and a `level` c, d (f - c) stands for f: it is not positive where f is at most c, which is
    as large as the minimum. Or `leading` e > 0 says that the terms of highest degree d of the polynomial f
    are at least e times the sum of x_i^d, and so outgrow all the others.
    """
    claim = optimal_claim(step, True)
    known = known_in(step, step.context)
    if step.data("leading") is not None:
        _require_leading_form(step, claim, known)
        require_reached(step, claim, points_inside(step), numbers_given(step))
        require_worse(step, claim, candidates_of(step, claim))
        return
    growth = cast(tuple[tuple[Symbol, Expr], ...], step.data("growth") or ())
    periods = cast(tuple[tuple[Symbol, Expr], ...], step.data("periods") or ())
    require(
        {s for s, _ in growth + periods} == set(claim.variables), "a variable is neither bounded nor periodic"
    )
    require(is_continuous(claim.objective, known), "f may not be continuous")
    _require_proper(step, claim, growth, FAR[claim.sense], known)
    if growth:
        minorant = sum((part for _, part in growth), S.Zero)
        require_holds(_bounded(step, claim, known) - minorant, BEYOND[claim.sense] + "=", known, "the bound")
    for variable, period in periods:
        require(
            not any(variable in r.symbols for r in step.context.region), "a border in a periodic variable"
        )
        require(
            is_symbol_free(period, claim.variables) and signs_of_tree(period, known) <= SIGNS_OF["!="],
            "no period",
        )
        require_defined(period, known)
        require(
            identical(claim.objective.xreplace({variable: variable + period}), claim.objective),
            "not periodic",
        )
    candidates = candidates_of(step, claim)
    require_reached(step, claim, points_inside(step), numbers_given(step))
    require_worse(step, claim, candidates)


def _require_leading_form(step: Step, claim: Optimal, known: Facts) -> None:
    """f is a polynomial on the whole space whose terms of highest degree are positive (negative, for a maximum)."""
    require(not step.context.region, "a region")
    form, powers = leading_form(claim.objective, claim.variables)
    least = require_given(step.data("leading"), Expr)
    require(is_symbol_free(least, claim.variables), "a bound that varies")
    require_holds(least, ">", known, "the bound")
    sign = 1 if claim.sense == "min" else -1
    require_holds(
        form - sign * least * powers, BEYOND[claim.sense] + "=", known, "the terms of highest degree"
    )


def leading_form(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, Expr]:
    """The terms of the highest degree d, which is even, and the sum of x_i^d."""
    polynomial = objective.as_poly(*variables)
    require(polynomial is not None, "not a polynomial")
    degree = polynomial.total_degree()
    require(degree > 0 and degree % 2 == 0, "not of even degree")
    terms = (
        coefficient * prod(v**e for v, e in zip(variables, exponents, strict=True))
        for exponents, coefficient in polynomial.terms()
        if sum(exponents) == degree
    )
    return Add(*terms), Add(*(v**degree for v in variables))


def _bounded(step: Step, claim: Optimal, known: Facts) -> Expr:
    """f, or d (f - c) written without fractions, for the level c and the multiplier d of the certificate."""
    if step.data("multiplier") is None:
        return claim.objective
    cleared, multiplier, level = (
        require_given(step.data(name), Expr) for name in ("cleared", "multiplier", "level")
    )
    require(is_symbol_free(level, claim.variables), "a level that varies")
    require_holds(multiplier, ">", known, "the multiplier")
    require_identical(cleared, multiplier * (claim.objective - level), "the fractions")
    require_holds(level - claim.value, BEYOND[claim.sense] + "=", known_at(step, claim, None), "the level")
    return cleared


def _require_proper(
    step: Step, claim: Optimal, growth: tuple[tuple[Symbol, Expr], ...], far: Expr, known: Facts
) -> None:
    """Each function of one variable tends to the same infinity at both ends of its interval."""
    sign = sign_oracle(known_in(step, Context((), step.context.condition)))
    curve = Symbol("s_to_infinity", real=True)
    for variable, part in growth:
        require(is_symbol_free(part, set(claim.variables) - {variable}), "a growth of two variables")
        require(is_continuous(part, known), "a growth that is not continuous")
        for end in ends_of(variable, step.context.region, curve):
            require(limit_at_infinity(part.xreplace({variable: end}), curve, sign) == far, "not proper")


def ends_of(variable: Symbol, region: Facts, curve: Symbol) -> tuple[Expr, Expr]:
    """Curves into the two ends of the open interval that a box-shaped region leaves to a variable."""
    low, high = -curve, curve
    for relation in region:
        require(len(relation.symbols) == 1 and relation.op in (">", "<"), "the region is not an open box")
        if relation.symbols != {variable}:
            continue
        linear = relation.expression.as_poly(variable)
        require(
            linear is not None and linear.degree() == 1 and is_rational(linear),
            "the region is not an open box",
        )
        slope, offset = linear.all_coeffs()
        if (relation.op == ">") == bool(slope > 0):
            require(low == -curve, "two left ends")
            low = -offset / slope + 1 / curve
        else:
            require(high == curve, "two right ends")
            high = -offset / slope - 1 / curve
    return low, high


def _attained_by_decay(step: Step) -> None:
    """f = p exp(-q) with q -> oo, and a value below 0 (above, for a maximum): f -> 0 at infinity.

    With w = q/2, exp(w) >= 1 + w + ... + w^k/k! for odd k, so that p + M (1 + ... + w^k/k!) >= 0 gives
    f >= -M exp(-w): where f is as low as the value, q is bounded.
    """
    claim = optimal_claim(step, True)
    known = known_in(step, step.context)
    p, q, size = (require_given(step.data(name), Expr) for name in ("factor", "exponent", "size"))
    order, growth = require_given(step.data("order"), int), require_given(step.data("growth"), tuple)
    turn = 1 if claim.sense == "min" else -1
    require({s for s, _ in growth} == set(claim.variables), "a variable is not bounded")
    require(order % 2 == 1 and 0 < order < 12, "not an odd order")
    require(is_continuous(claim.objective, known), "f may not be continuous")
    for expression in (p, q):
        require(is_continuous(expression, known), "a factor that is not continuous")
    require_identical(claim.objective, p * exp(-q), "the factors")
    require(is_symbol_free(size, claim.variables), "a bound that varies")
    require(signs_of_tree(size, known) <= SIGNS_OF[">"], "a bound that is not positive")
    _require_proper(step, claim, growth, S.Infinity, known)
    minorant = sum((part for _, part in growth), S.Zero)
    require(signs_of_tree(q - minorant, known) <= SIGNS_OF[">="], "the exponent is not shown to grow")
    series = sum(((q / 2) ** k / factorial(k) for k in range(order + 1)), S.Zero)
    bound = turn * p + size * series
    proved = any(r.implies_op(">=") and identical(r.expression, bound) for r in known)
    require(proved, "the bound is not shown")
    below = known_at(step, claim, None)
    require(signs_of_tree(turn * claim.value, below) <= SIGNS_OF["<"], "the value is not beyond the limit")
    candidates = candidates_of(step, claim)
    require_reached(step, claim, points_inside(step))
    require_worse(step, claim, candidates)


def _partial(step: Step) -> None:
    """f = g + w (x - h)^2 with w > 0, where g, w and h are free of x: f is as low as it can be on x = h.

    The minimum of f is that of g, at the points of the graph of h above the minimisers of g.
    """
    claim, premise = optimal_claim(step, True), the_premise(step, Optimal)
    inner, known = cast(Optimal, premise.claim), known_in(step, step.context)
    x = require_given(step.data("variable"), Symbol)
    weight, lowest = (require_given(step.data(name), Expr) for name in ("weight", "lowest"))
    others = tuple(v for v in claim.variables if v != x)
    require(x in claim.variables and inner.variables == others, "the minimum over other variables")
    require(inner.sense == claim.sense and inner.attained, "another question")
    require(all(is_symbol_free(e, (x,)) for e in (weight, lowest, inner.objective)), "{} is left", x)
    same = set(premise.context.region) == set(step.context.region)
    require(same and not any(x in r.symbols for r in step.context.region), "{} is restricted", x)
    require(available(premise, step.context), "the minimum of g in another case")
    require_defined(lowest, known)
    require_holds(weight, BEYOND[claim.sense], known, "the weight")
    require_identical(claim.objective, inner.objective + weight * (x - lowest) ** 2, "the square")
    require_identical(claim.value, inner.value, "the value")
    require(inner.all_of_them or not claim.all_of_them, "there may be more points")
    require(len(claim.at) == len(inner.at), "a point is missing")
    for branch, below in zip(claim.at, inner.at, strict=True):
        place = known_at(step, claim, branch)
        require(
            (branch.numbers, branch.free, branch.where) == (below.numbers, below.free, below.where),
            "no match",
        )
        for variable, value in branch.values.items():
            require_defined(value, place)
            expected = lowest.xreplace(below.values) if variable == x else below.values[variable]
            require_identical(value, expected, "the point")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "extremum_coercive": _attained_inside,
    "extremum_compact": _attained_inside,
    "extremum_decaying": _attained_by_decay,
    "extremum_partial": _partial,
}
