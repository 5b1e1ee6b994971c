"""A curve that stays in the region and along which f tends to a value: what an extremum that is not attained needs."""

from __future__ import annotations

from typing import cast

from sympy import Symbol

from symopt.derivation.checking import available, identical, is_symbol_free, premises_of, require
from symopt.derivation.claims import Context, Limit, Optimal, Step
from symopt.derivation.eventually import require_defined_eventually, require_eventually
from symopt.derivation.extremal_points import known_in


def require_curve(step: Step, claim: Optimal) -> None:
    """f tends to the value along a curve that stays in the region."""
    curve = claim.curve_symbol
    require(isinstance(curve, Symbol) and tuple(s for s, _ in claim.along) == claim.variables, "no curve")
    curve = cast(Symbol, curve)
    taken = {s for r in step.context.relations for s in r.symbols} | claim.objective.free_symbols
    require(curve not in taken | set(claim.variables), "the symbol of the curve is in use already")
    values = dict(claim.along)
    require(
        all(is_symbol_free(e, claim.variables) for e in values.values()), "a curve in terms of the variables"
    )
    along = claim.objective.xreplace(values)
    place = Context((), step.context.condition)
    limits = [cast(Limit, p.claim) for p in premises_of(step, Limit) if available(p, place)]
    found = any(
        (m.symbol, m.value) == (curve, claim.value)
        and m.through_integers is claim.through_integers
        and identical(m.expression, along)
        for m in limits
    )
    require(found, "the limit along the curve is not shown")
    known = known_in(step, place)
    for expression in values.values():
        require_defined_eventually(expression, curve, known)
    for relation in step.context.region:
        require_eventually(relation.at(values), curve, known)
