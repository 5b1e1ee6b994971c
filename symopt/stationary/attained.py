"""Extrema that exist: f grows in every direction, or is periodic; its minimum is at a candidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import product
from types import MappingProxyType
from typing import Final

from sympy import (
    Abs,
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    factorial,
    fraction,
    pi,
    sin,
    tan,
    together,
)

from symopt.derivation.checking import Rejected
from symopt.derivation.checks_attained import leading_form
from symopt.derivation.claims import Step
from symopt.derivation.extremal_points import BEYOND
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical, is_identical
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.bounds import values_reached
from symopt.stationary.comparing import magnitude
from symopt.stationary.growth import separable_bound
from symopt.stationary.question import Question

MAX_CANDIDATES: Final = 30


EMPTY: Final[Mapping[str, object]] = MappingProxyType({})
Pairs = tuple[tuple[Symbol, Expr], ...]
Reason = tuple[Pairs, Pairs, tuple[Step, ...]]


def by_growth(question: Question) -> Step | None:
    """The best of the candidates, for f above a sum of functions of one variable each."""
    found = separable_bound(question.objective, question.variables, question.context, question.sense)
    step = None if found is None else by_candidates(question, (found[0], (), (found[1],)))
    return step or _by_leading_form(question)


def _by_leading_form(question: Question) -> Step | None:
    """The same for a polynomial whose terms of highest degree are positive away from the origin."""
    if question.context.region or question.candidates() is None:
        return None
    try:
        form, powers = leading_form(question.objective, question.variables)
    except Rejected:
        return None
    sign = 1 if question.sense == "min" else -1
    for least in (S.One, Rational(1, 8), Rational(1, 64), Rational(1, 1000)):
        question.cell.budget.check()
        relation = Relation(form - sign * least * powers, BEYOND[question.sense] + "=")
        bound = prove_relation(relation, question.context)
        if bound is not None:
            return by_candidates(question, ((), (), (bound,)), {"leading": least})
    return None


def by_ratio(question: Question) -> Step | None:
    """The best of the candidates, for f = n/d with n - c d above such a sum, at a level c that f goes beyond."""
    numerator, denominator = fraction(together(question.objective))
    variables, context = question.variables, question.context
    if not denominator.has(*variables) or not all(
        e.is_polynomial(*variables) for e in (numerator, denominator)
    ):
        return None
    positive = prove_relation(Relation(denominator, ">"), context)
    if positive is None:
        return None
    for branch, value in values_reached(question)[:1]:
        for level in _levels(magnitude(value, branch), question.sense):
            question.cell.budget.check()
            cleared = (numerator - level * denominator).expand()
            found = separable_bound(cleared, variables, context, question.sense)
            if found is not None:
                data = {"cleared": cleared, "multiplier": denominator, "level": level}
                step = by_candidates(question, (found[0], (), (positive, found[1])), data)
                if step is not None:
                    return step
    return None


def _levels(size: Rational | None, sense: str) -> Iterator[Expr]:
    """Short numbers not beyond the value, near it and far from it."""
    if size is None:
        return
    worse = 1 if sense == "min" else -1
    for part, denominator in ((S.Half, 8), (Rational(1, 16), 64), (Rational(1, 100), 1000)):
        yield (size + worse * part * (abs(size) or 1)).limit_denominator(denominator)


def by_candidates(
    question: Question, reason: Reason | None = None, data: Mapping[str, object] = EMPTY
) -> Step | None:
    """The best of the candidates, where the extremum is known to exist; `data` for the certificate."""
    found = question.candidates()
    if found is None or len(found[0]) > MAX_CANDIDATES:
        return None
    for _, value in values_reached(question):
        split = question.split(value, found[0])
        if split is None:
            continue
        premises = (*found[1], *split[1], *question.smoothness())
        for growth, periods, proofs in _reasons(question) if reason is None else (reason,):
            rule = "extremum_coercive" if growth or "leading" in data else "extremum_compact"
            step = question.conclude(
                rule,
                question.reached(value, split[0], True),
                (*premises, *proofs),
                growth=growth,
                periods=periods,
                **data,
            )
            if step is not None:
                return step
    return None


def by_decay(question: Question) -> Step | None:
    """f = p exp(-q) tends to 0 at infinity and goes beyond it: the best of the candidates."""
    written = _as_decaying(question)
    found = question.candidates() if written is not None else None
    if written is None or found is None or len(found[0]) > MAX_CANDIDATES:
        return None
    p, q = written
    growth = separable_bound(q, question.variables, question.context, "min")
    if growth is None:
        return None
    turn = 1 if question.sense == "min" else -1
    for order, size in product((1, 3, 5), (1, 4, 32)):
        question.cell.budget.check()
        series = sum(((q / 2) ** k / factorial(k) for k in range(order + 1)), S.Zero)
        bound = prove_relation(Relation((turn * p + size * series).expand(), ">="), question.context)
        if bound is not None:
            break
    else:
        return None
    data = {"factor": p, "exponent": q, "size": Integer(size), "order": order, "growth": growth[0]}
    for _, value in values_reached(question):
        split = question.split(value, found[0])
        if split is None:
            continue
        claimed = question.reached(value, split[0], True)
        premises = (*found[1], *split[1], *question.smoothness(), growth[1], bound)
        step = question.conclude("extremum_decaying", claimed, premises, **data)
        if step is not None:
            return step
    return None


def _as_decaying(question: Question) -> tuple[Expr, Expr] | None:
    """(p, q) with f = p exp(-q) for polynomials p and q."""
    objective = question.objective
    if len(objective.atoms(exp)) > 1:  # e^(-x^2) e^(-y^2) is one exponential
        with suppress(NotExact):
            objective = canonical(objective)
    powers = [e for e in objective.atoms(exp) if e.has(*question.variables)]
    if len(powers) != 1:
        return None
    stand_in = Symbol("_e", real=True)
    poly = objective.xreplace({powers[0]: stand_in}).as_poly(stand_in)
    if poly is None or poly.degree() != 1 or len(poly.terms()) != 1:
        return None
    p, q = poly.LC(), -powers[0].args[0]
    plain = all(e.is_polynomial(*question.variables) for e in (p, q))
    return (p, q.expand()) if plain else None


def _reasons(question: Question) -> Iterator[Reason]:
    """Growths and periods of the variables, with the proof of the lower bound by the growths."""
    periods = tuple((v, p) for v in question.variables if (p := _period(question, v)) is not None)
    nonzero = tuple(prove_relation(Relation(p, "!="), question.condition) for _, p in periods)
    proofs = tuple(step for step in nonzero if step is not None)
    proper = [v for v in question.variables if v not in dict(periods)]
    if not proper:
        yield (), periods, proofs
        return
    sign = 1 if question.sense == "min" else -1
    for shape, constant in product((2, 1), (S.Zero, Integer(10))):
        question.cell.budget.check()
        parts = [sign * (v**2 if shape == 2 else Abs(v)) / 2 for v in proper]
        growth = tuple((v, p - sign * constant / len(proper)) for v, p in zip(proper, parts, strict=True))
        minorant = sum((p for _, p in growth), S.Zero)
        bound = prove_relation(
            Relation(question.objective - minorant, BEYOND[question.sense] + "="), question.context
        )
        if bound is not None:
            yield growth, periods, (*proofs, bound)
            return


def _period(question: Question, variable: Symbol) -> Expr | None:
    """A period of f in one variable: 2 pi / k where the variable stands in sin and cos of k x + .. only."""
    factors = set()
    for node in question.objective.atoms(sin, cos, tan):
        slope = node.args[0].diff(variable)
        if slope != 0:
            factors.add(slope)
    if not factors or any(f.free_symbols & set(question.variables) for f in factors):
        return None
    smallest = min(factors, key=lambda f: (operations(f), abs(f) if f.is_Rational else S.Zero))
    for multiple in (1, 2, 3, 6):
        period = 2 * pi * multiple / smallest
        try:
            if is_identical(question.objective.xreplace({variable: variable + period}), question.objective):
                return period
        except NotExact:
            return None
    return None
