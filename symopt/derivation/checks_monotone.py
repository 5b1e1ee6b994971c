"""The check of f = h(u) with h strictly monotone: f is least where u is least, or greatest where h falls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.checking import (
    available,
    is_symbol_free,
    require,
    require_given,
    require_identical,
    require_symbols,
    the_premise,
)
from symopt.derivation.checks_attained import FAR, optimal_claim
from symopt.derivation.claims import Context, Optimal, Step
from symopt.derivation.eventually import sign_oracle
from symopt.derivation.extremal_points import Facts, known_in
from symopt.derivation.monotone import slope
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.signs import signs_of_tree

OTHER: Final = {"min": "max", "max": "min"}


def limit_of_outer(outer: Expr, symbol: Symbol, value: Expr, sense: str, known: Facts) -> Expr | None:
    """The limit of outer(u) as u tends to a value that it does not reach: from above for an infimum."""
    if value in FAR.values():
        towards = symbol if value is S.Infinity else -symbol
    else:
        towards = value + (1 if sense == "min" else -1) / symbol
    return limit_at_infinity(outer.xreplace({symbol: towards}), symbol, sign_oracle(known))


def _monotone(step: Step) -> None:
    """f = outer(u) with outer strictly monotone, and the premise is about u on the same region."""
    claim = optimal_claim(step, isinstance(step.claim, Optimal) and step.claim.attained)
    premise = the_premise(step, Optimal)
    inner = cast(Optimal, premise.claim)
    outer = cast(Expr, require_given(step.data("outer"), Expr))
    symbol = cast(Symbol, require_given(step.data("symbol"), Symbol))
    require_symbols((symbol,))
    taken = claim.objective.free_symbols.union(
        claim.variables, inner.value.free_symbols, *(r.symbols for r in step.context.relations)
    )
    require(symbol not in taken and is_symbol_free(outer, claim.variables), "a symbol is in use already")
    require_identical(claim.objective, outer.xreplace({symbol: inner.objective}), "the composition")
    require(set(premise.context.region) == set(step.context.region), "u on another region")
    require(available(premise, step.context), "u in another case")
    known = known_in(step, step.context)
    turn = slope(outer, symbol, lambda e: signs_of_tree(e.xreplace({symbol: inner.objective}), known))
    require(turn is not None, "a function that neither rises nor falls everywhere")
    require(inner.sense == (claim.sense if turn == 1 else OTHER[claim.sense]), "the other extremum of u")
    same = replace(inner, objective=claim.objective, sense=claim.sense, value=claim.value)
    require(same == claim, "the premise says something else")
    if claim.attained:
        require_identical(claim.value, outer.xreplace({symbol: inner.value}), "the value")
        return
    there = known_in(step, Context((), step.context.condition))
    value = limit_of_outer(outer, symbol, inner.value, inner.sense, there)
    require(value is not None, "the limit of the outer function")
    if value not in FAR.values() or claim.value not in FAR.values():
        require_identical(claim.value, cast(Expr, value), "the value")
    require(claim.value == value or value not in FAR.values(), "another limit")


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"extremum_monotone": _monotone}
