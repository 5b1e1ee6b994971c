"""Signs of functions of one symbol on an interval: arcs of waves, and boxes between two monotone ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sympy import (
    Expr,
    Integer,
    Rational,
    S,
    Symbol,
    cos,
    default_sort_key,
    floor,
    loggamma,
    pi,
    polygamma,
    sin,
)

from symopt.derivation.claims import Context, Step
from symopt.exact.enclosure import enclose
from symopt.exact.gamma_functions import argument_of, bound
from symopt.exact.gates import operations
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import signs_of_tree
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation

MAX_BOXES: Final = 60
MAX_OPERATIONS: Final = 150
MAX_BOUND_DEPTH: Final = 1
SMALLEST: Final = Rational(1, 512)
REACHES: Final = ((Rational(1, 4), Integer(2)), (Integer(1), Integer(5)), (Rational(1, 32), Integer(12)))


def prove_arc(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """sin u and cos u on an arc on which they have one sign."""
    wave = relation.expression
    if not isinstance(wave, (sin, cos)) or not wave.free_symbols or relation.op == "==":
        return None
    turns = _whole_turns(wave.args[0], context)
    angle = (wave.args[0] - turns * pi).expand()
    wanted = -1 if relation.op[0] == "<" else 1
    still = replace(
        context, condition=tuple(r.at(dict.fromkeys(turns.free_symbols, S.Zero)) for r in context.condition)
    )
    middle = {symbol: _inside(symbol, still) for symbol in angle.free_symbols - turns.free_symbols}
    middle |= dict.fromkeys(turns.free_symbols, S.Zero)
    turn = floor(angle.xreplace(middle) / pi + (S.Half if isinstance(wave, cos) else 0))
    if not turn.is_Integer:
        return None
    for candidate in (turn, turn - 1, turn + 1):
        if relation.op != "!=" and (1 if candidate % 2 == 0 else -1) != wanted:
            continue
        start = (candidate if isinstance(wave, sin) else candidate - S.Half) * pi
        op = ">" if relation.op in (">", "<", "!=") else ">="
        facts = []
        for distance in (angle - start, start + pi - angle):
            if not signs_of_tree(distance, context.relations) <= ({1} if op == ">" else {0, 1}):
                step = prove(Relation(distance, op), context)
                if step is None:
                    break
                facts.append(step)
        else:
            step = accepted(relation, context, "arc", tuple(facts), turn=candidate + turns)
            if step is not None:
                return step
    return None


def _whole_turns(angle: Expr, context: Context) -> Expr:
    """2 n for an angle that a bound keeps beside 2 pi n; 0 where there is none."""
    for relation in context.relations:
        for symbol in relation.symbols & angle.free_symbols if relation.op not in ("==", "!=") else ():
            for whole in (s for s in relation.symbols if s.is_integer and s != symbol):
                slope, lead = (relation.expression.diff(s) for s in (whole, symbol))
                if not lead.has(symbol) and lead != 0 and slope == -2 * pi * lead and angle == symbol:
                    return 2 * whole
    return S.Zero


def prove_by_gamma_bound(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """With a bound of Stirling's series in the place of log-gamma or of a polygamma function."""
    if relation.op not in (">", ">=", "<", "<=") or prove.depth > MAX_BOUND_DEPTH:
        return None
    nodes = sorted(relation.expression.atoms(loggamma, polygamma), key=default_sort_key)
    stand_in = Symbol("g_", real=True)
    for node in [n for n in nodes if n.free_symbols]:
        inside = prove(Relation(argument_of(node), ">"), context)
        factor = relation.expression.xreplace({node: stand_in}).diff(stand_in)
        if inside is None or factor.has(stand_in):
            continue
        for terms in (0, 1):
            found = bound(node, terms)
            wanted = "<=" if found and (found[1] > 0) == (relation.op[0] == ">") else ">="
            side = None if found is None else prove(Relation(factor, wanted), context)
            if found is None or side is None:
                continue
            estimate = relation.expression.xreplace({node: found[0]})
            inner = prove(Relation(estimate, relation.op), context)
            if inner is not None:
                return accepted(
                    relation, context, "gamma_bound", (inside, side, inner), node=node, terms=terms
                )
    return None


def _inside(symbol: Symbol, context: Context) -> Expr:
    """A number near the middle of what the context leaves to the symbol."""
    low, high = (
        max(e, default=None) if i == 0 else min(e, default=None)
        for i, e in enumerate(constant_ends(symbol, context))
    )
    if low is not None and high is not None:
        return (low + high) / 2
    return low + S.Half if low is not None else high - S.Half if high is not None else S.Zero


def constant_ends(symbol: Symbol, context: Context) -> tuple[list[Expr], list[Expr]]:
    """Lower and upper bounds that relations linear in the symbol give, which may be numbers such as pi/2."""
    lower: list[Expr] = []
    upper: list[Expr] = []
    for relation in context.relations:
        if relation.symbols != {symbol} or relation.op in ("!=", "=="):
            continue
        linear = relation.expression.as_poly(symbol)
        if linear is None or linear.degree() != 1 or linear.LC().free_symbols:
            continue
        slope, offset = linear.all_coeffs()
        (lower if (slope > 0) == (relation.op[0] == ">") else upper).append(-offset / slope)
    return lower, upper


def prove_by_boxes(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Balls on the middle of the interval, and monotone behaviour beside it."""
    if len(relation.symbols) != 1 or relation.op not in (">", ">=", "<", "<="):
        return None
    (symbol,) = relation.symbols
    expression = relation.expression
    if expression.is_polynomial(symbol) or operations(expression) > MAX_OPERATIONS:
        return None
    if any(r.op in ("==", "!=") for r in context.relations if symbol in r.symbols):
        return None
    low, high = (None if end is None else end[0] for end in rational_bounds(symbol, context.relations))
    for near, far in REACHES:
        left = -far if low is None else low + near
        right = far if high is None else high - near
        if low is not None and high is None:
            right = low + far
        if high is not None and low is None:
            left = high - far
        if left >= right:
            continue
        cuts = _cuts(relation, symbol, left, right)
        if cuts is None:
            continue
        step = _three_parts(relation, symbol, left, right, cuts, context, prove)
        if step is not None:
            return step
    return None


def _cuts(relation: Relation, symbol: Symbol, left: Rational, right: Rational) -> tuple[Rational, ...] | None:
    """Where to cut [left, right] so that balls see the sign on every part."""
    sign = 1 if relation.op[0] == ">" else -1
    strict = relation.op in (">", "<")
    waiting, done, count = [(left, right)], [], 0
    while waiting:
        a, b = waiting.pop()
        count += 1
        values = enclose(relation.expression, {symbol: (a, b)})
        least = None if values is None else sign * values[0 if sign > 0 else 1]
        if least is not None and (least > 0 or (least == 0 and not strict)):
            done.append(b)
            continue
        if b - a < SMALLEST or count > MAX_BOXES:
            return None
        waiting += [((a + b) / 2, b), (a, (a + b) / 2)]
    return tuple(done[:-1])


def _three_parts(
    relation: Relation,
    symbol: Symbol,
    left: Rational,
    right: Rational,
    cuts: tuple[Rational, ...],
    context: Context,
    prove: Prove,
) -> Step | None:
    beyond = context.with_condition(Relation(symbol - left, ">="))
    middle = beyond.with_condition(Relation(symbol - right, "<="))
    outside = [(context, Relation(symbol - left, "<")), (beyond, Relation(symbol - right, ">"))]
    tails = []
    for place, border in outside:
        tail = Prove(prove.ask, max(prove.depth, 1))(relation, place.with_condition(border))
        if tail is None:
            return None
        tails.append(tail)
    boxes = accepted(relation, middle, "boxes", (), symbol=symbol, cuts=cuts)
    if boxes is None:
        return None
    inner = accepted(
        relation, beyond, "by_cases", (boxes, tails[1]), quantity=symbol - right, ops=("<=", ">")
    )
    if inner is None:
        return None
    return accepted(relation, context, "by_cases", (tails[0], inner), quantity=symbol - left, ops=("<", ">="))
