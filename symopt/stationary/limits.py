"""Proofs of limits along curves, with the signs of parameters that they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sympy import Expr, Symbol

from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_extremum import at_whole_numbers
from symopt.derivation.claims import Context, Limit, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.asymptotics import dominant_term, limit_at_infinity
from symopt.exact.normal import NotExact
from symopt.reasoning.sign import prove_sign
from symopt.relation import Relation


class Signs:
    """The proved signs of quantities in the parameters, asked one by one; `unknown` are those not settled."""

    def __init__(self, condition: Context) -> None:
        self.condition = condition
        self.steps: list[Step] = []
        self.unknown: list[Expr] = []

    def __call__(self, quantity: Expr) -> int | None:
        found = prove_sign(quantity, self.condition)
        if found is None:
            self.unknown.append(quantity)
            return None
        self.steps.append(found[1])
        return found[0]


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


def prove_eventually(relations: Iterable[Relation], symbol: Symbol, signs: Signs) -> bool:
    """Whether the relations hold for all large values of the symbol; the proofs are left in `signs`."""
    for relation in relations:
        coefficient = relation.expression
        if coefficient.has(symbol):
            term = dominant_term(coefficient, symbol, signs)
            if term is None:
                return False
            coefficient = term.coefficient
        sign = signs(coefficient)
        allowed = {
            ">": sign == 1,
            "<": sign == -1,
            "==": sign == 0,
            "!=": sign in (1, -1),
            ">=": sign in (0, 1),
            "<=": sign in (0, -1),
        }
        if not allowed[relation.op]:
            return False
    return True
