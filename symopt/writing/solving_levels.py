"""How g(x) = c was solved, told by the course of g: where it rises and falls, and from which value to which."""

from __future__ import annotations

from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.checks_levels import inside, towards
from symopt.derivation.claims import Branch, Holds, Limit, Number, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import canonical
from symopt.writing.document import Math, Pieces
from symopt.writing.places import bounds_tokens, branch_pieces, listed, told_apart
from symopt.writing.solving_steps import Tell, Told, covers_of, equation_of, followed, then, values_of
from symopt.writing.wording import phrase

WORDS: Final = {">": "rises", "<": "falls"}
Piece = tuple[Expr | None, Expr | None, Number | None]


def level(step: Step, tell: Tell) -> Told:
    """`the equation .. means g(x) = c; the left side falls from 0 to -1/e for x < -1, ..: this holds exactly for ..`."""
    symbol, values = values_of(step)
    function, value = cast(Expr, step.data("function")), cast(Expr, step.data("level"))
    pieces = cast("tuple[Piece, ...]", step.data("pieces"))
    courses = [_course(step, symbol, function, low, high) for low, high, _ in pieces]
    whole = equation_of(step)
    told = tuple(c for c in courses if c is not None)
    sentence: Pieces = ("the equation ", Math((whole, "==", S.Zero)))
    if len(told) == len(pieces):
        meaning: Pieces = (
            () if (whole, value) == (function, 0) else (" means ", Math((function, "==", value)))
        )
        sentence = (*sentence, *meaning, ", where the left side ", *listed(told), ", so it")
    found = [
        (*branch_pieces(Branch(((symbol, v),), ns)), *(told_apart(ns) if ns and ns[0].varies else ()))
        for v, ns in values
    ]
    ending: Pieces = (" holds exactly for ", *listed(found, "and for")) if values else (" has no solution",)
    reason: Pieces = () if len(told) == len(pieces) else (", ", phrase(step.rule))
    parts = followed(step, symbol, values, covers_of(step))
    return then((*sentence, *ending, *reason), parts, tell)


def _course(step: Step, symbol: Symbol, function: Expr, low: Expr | None, high: Expr | None) -> Pieces | None:
    """`rises from -1/e to oo for x > -1`; None where that is not among the premises."""
    bounds = inside(symbol, low, high)
    slope = canonical(derivative_by_table(function, symbol))
    words = [
        WORDS[p.claim.relation.op]
        for p in step.premises
        if isinstance(p.claim, Holds)
        and p.claim.relation.expression == slope
        and p.claim.relation.op in WORDS
        and {r for r in p.context.relations if symbol in r.symbols} <= set(bounds)
    ]
    limits = [_limit(step, function, symbol, low, 1), _limit(step, function, symbol, high, -1)]
    if not words or None in limits:
        return None
    where: Pieces = (" for ", Math(bounds_tokens(symbol, low, high))) if bounds else ()
    start, end = (cast(Expr, limit) for limit in limits)
    return (f"{words[0]} from ", Math((start,)), " to ", Math((end,)), *where)


def _limit(step: Step, function: Expr, symbol: Symbol, end: Expr | None, side: int) -> Expr | None:
    """The limit of the function at an end of a piece, from the premises."""
    for premise in step.premises:
        claim = premise.claim
        if isinstance(claim, Limit) and claim.expression == function.xreplace(
            {symbol: towards(end, side, claim.symbol)}
        ):
            return claim.value
    return None
