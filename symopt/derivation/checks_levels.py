"""The check of the rule that solves g(x) = c between the turning points of g, where parameters are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    is_defined,
    is_symbol_free,
    premises_of,
    require,
    require_defined,
    require_given,
    require_identical,
)
from symopt.derivation.checks_cover import is_zero_in
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import Context, Limit, Number, Step
from symopt.derivation.covering import followed, require_cover, values_of
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import canonical
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

Piece = tuple[Expr | None, Expr | None, Number | None]
FAR: Final = {S.Infinity: 1, S.NegativeInfinity: -1}


def inside(symbol: Symbol, low: Expr | None, high: Expr | None) -> tuple[Relation, ...]:
    """low < symbol < high, where None is no bound."""
    below = () if low is None else (Relation(symbol - low, ">"),)
    above = () if high is None else (Relation(symbol - high, "<"),)
    return (*below, *above)


def open_piece(symbol: Symbol, context: Context, low: Expr | None, high: Expr | None) -> Context:
    """What is known on the whole open interval: the condition on the parameters, and the bounds."""
    kept = tuple(r for r in context.relations if symbol not in r.symbols)
    return Context((), tuple(dict.fromkeys((*kept, *inside(symbol, low, high)))))


def towards(end: Expr | None, side: int, s: Symbol) -> Expr:
    """A curve to an end of an interval as s -> oo: the lower one for side 1, the upper one for side -1."""
    return -side * s if end is None else end + side / s


def _cover_level(step: Step) -> None:
    """e = rest * (g - c): on each piece g is strictly monotone, so that its limits tell whether it is c there once."""
    claim, known = require_cover(step), facts(step)
    equation, symbol, values = values_of(step, claim)
    function, level, rest = (require_given(step.data(name), Expr) for name in ("function", "level", "rest"))
    others = tuple(u for u in claim.unknowns if u != symbol)
    require(is_symbol_free(equation, others), "not an equation in the unknown alone")
    require(is_symbol_free(level, claim.unknowns), "the level varies")
    require_defined(level, known)
    require_identical(equation, rest * (function - level), "the level of the function")
    pieces = cast(tuple[Piece, ...], step.data("pieces"))
    ends = [end for low, high, _ in pieces for end in (low, high) if end is not None]
    require(all(is_symbol_free(end, claim.unknowns) for end in ends), "a piece with moving ends")
    for end in ends:
        require_defined(end, known)
    first, last = pieces[0][0], pieces[-1][1]
    require(first is None or signs_of_tree(symbol - first, known) == {1}, "the left end is not covered")
    require(last is None or signs_of_tree(symbol - last, known) == {-1}, "the right end is not covered")
    require(all(a[1] is not None and a[1] == b[0] for a, b in pairwise(pieces)), "a gap in the pieces")
    cuts = [cast(Expr, high) for _, high, _ in pieces[:-1]]
    for cut in cuts:
        if (cut, ()) not in values:
            outside = any(
                not signs_of_tree(r.expression.xreplace({symbol: cut}), known) & SIGNS_OF[r.op]
                for r in step.context.relations
            )
            there = equation, rest, function - level
            whole, factor, excess = (e.xreplace({symbol: cut}) for e in there)
            apart = _is_nonzero(factor, known) and _is_nonzero(excess, known)
            require(outside or apart or _is_nonzero(whole, known), "{} may be one", cut)
    zeros = [_zero_of_piece(step, symbol, equation, piece) for piece in pieces]
    named = {(zero.symbol, (zero,)) for zero in zeros if zero is not None}
    require(set(values) <= named | {(cut, ()) for cut in cuts} and named <= set(values), "another zero")
    followed(step, claim, symbol, values)


def _is_nonzero(value: Expr, known: Facts) -> bool:
    return holds(value, "!=", known) or (is_defined(value, known) and holds(canonical(value), "!=", known))


def _zero_of_piece(step: Step, symbol: Symbol, equation: Expr, piece: Piece) -> Number | None:
    """The zero that is said to lie on a piece, when it does, and no other one; None where there is none."""
    low, high, zero = piece
    function, level, rest = (cast(Expr, step.data(name)) for name in ("function", "level", "rest"))
    known = facts(step, open_piece(symbol, step.context, low, high))
    if zero is None and holds(equation, "!=", known):
        return None
    if low is not None and high is not None:
        require(signs_of_tree(high - low, facts(step)) == {1}, "{} may not be below {}", low, high)
    require(is_smooth(function, (symbol,), known), "not continuous on a piece")
    turned = signs_of_tree(rest, known)
    require(turned in ({1}, {-1}), "the factor may change its sign on a piece")
    require_defined(rest, known)
    slope, (sign,) = _slope(step, symbol, function, (low, high), known), turned
    below, above = (
        {slope * s for s in _side(step, symbol, function, level, end, side)}
        for end, side in ((low, 1), (high, -1))
    )
    if zero is None:
        require(below <= {0, 1} or above <= {-1, 0}, "a zero is left out")
        return None
    if zero.slope == 0:
        require(is_zero_in(zero, equation, symbol, inside(symbol, low, high)), "the zero is not there")
        return zero
    require(below == {-1} and above == {1}, "there may be no zero")
    ends = (S.NegativeInfinity if low is None else low, S.Infinity if high is None else high)
    own = Number(zero.symbol, equation.xreplace({symbol: zero.symbol}), None, ends, slope * sign)
    require(zero == own, "not the zero it is said to be")
    return zero


def _slope(
    step: Step, symbol: Symbol, function: Expr, ends: tuple[Expr | None, Expr | None], known: Facts
) -> int:
    """The sign of g' on a piece: as it stands, or because it is monotone and has this sign, or 0, at an end."""
    first = canonical(derivative_by_table(function, symbol))
    found = signs_of_tree(first, known)
    if found not in ({1}, {-1}):
        bends = signs_of_tree(canonical(derivative_by_table(first, symbol)), known)
        require(bends in ({1}, {-1}), "not strictly monotone on a piece")
        (bend,) = bends
        low, high = (
            {bend * s for s in _side(step, symbol, first, S.Zero, end, side)}
            for end, side in zip(ends, (1, -1), strict=True)
        )
        require(low <= {0, 1} or high <= {-1, 0}, "not strictly monotone on a piece")
        return bend if low <= {0, 1} else -bend
    (slope,) = found
    return slope


def _side(
    step: Step, symbol: Symbol, function: Expr, level: Expr, end: Expr | None, side: int
) -> frozenset[int]:
    """The signs that the limit of a function, less a level, may have at an end; a premise gives the limit."""
    known: Facts = facts(step)
    for premise in premises_of(step, Limit):
        claim = cast(Limit, premise.claim)
        s = claim.symbol
        if s in function.free_symbols or s == symbol or not available(premise, step.context):
            continue
        at_end = function.xreplace({symbol: towards(end, side, s)})
        if claim.expression == at_end and not claim.through_integers:
            if claim.value in FAR:
                return frozenset({FAR[claim.value]})
            return frozenset(signs_of_tree(canonical(claim.value - level), known))
    return frozenset({-1, 0, 1})


CHECKS: Mapping[str, Callable[[Step], None]] = {"cover_level": _cover_level}
