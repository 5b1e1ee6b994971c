"""Proofs of limits along curves, with the signs of parameters that they rest on."""

from __future__ import annotations

from typing import cast

from sympy import Expr, Symbol

from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_extremum import at_whole_numbers
from symopt.derivation.claims import Limit, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.asymptotics import limit_at_infinity
from symopt.exact.normal import NotExact
from symopt.reasoning.eventually import Signs, prove_eventually


def prove_limit(expression: Expr, symbol: Symbol, signs: Signs) -> Step | None:
    """A proof of lim expression as symbol -> oo; None where it is open (`signs.unknown` may say why)."""
    value = limit_at_infinity(expression, symbol, signs)
    if value is None:
        return None
    try:
        prove_eventually(natural_domain(expression), symbol, signs)
        step = Step(
            signs.condition,
            Limit(expression, symbol, value),
            "limit_dominant",
            tuple(dict.fromkeys(signs.steps)),
        )
    except (Rejected, NotExact, InputError):
        return None
    return step if follows(step) else None


def prove_limit_through_integers(expression: Expr, symbol: Symbol, signs: Signs) -> Step | None:
    """A proof of the limit as the symbol runs through the whole numbers, where periods drop out; None where none do."""
    try:
        left = at_whole_numbers(expression, symbol)
    except Rejected:
        return None
    inner = prove_limit(left, symbol, signs) if left != expression else None
    if inner is None:
        return None
    claim = Limit(expression, symbol, cast(Limit, inner.claim).value, through_integers=True)
    step = Step(signs.condition, claim, "limit_through_integers", (inner, *dict.fromkeys(signs.steps)))
    return step if follows(step) else None
