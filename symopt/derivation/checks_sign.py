"""Checks of the rules that prove signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, Poly, Rational, S, Symbol

from symopt.derivation.checking import (
    available,
    facts,
    identical,
    premises_of,
    require,
    require_available,
    require_defined,
    require_identical,
    the_premise,
)
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import Claim, Context, Holds, Infeasible, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational, rational_bounds
from symopt.exact.roots import RealRoot, count_real_roots, sign_at_root
from symopt.exact.signs import ANY, SIGNS_OF, signs_given, signs_of_constant, signs_of_tree
from symopt.relation import Relation


def _relation(step: Step) -> Relation:
    require(isinstance(step.claim, Holds), f"{step.rule} proves signs only")
    return cast(Holds, step.claim).relation


def _signs(step: Step) -> None:
    relation = _relation(step)
    tree = step.data("tree")
    require(isinstance(tree, Expr), "no tree to read the signs from")
    known = facts(step)
    require_identical(relation.expression, cast(Expr, tree), "the tree")
    require_defined(relation.expression, known)
    require_defined(cast(Expr, tree), known)
    require(
        signs_of_tree(cast(Expr, tree), known) <= SIGNS_OF[relation.op], f"the signs do not give {relation}"
    )


def _constant_sign(step: Step) -> None:
    relation = _relation(step)
    require(not relation.symbols, "not a number")
    require(signs_of_constant(relation.expression) <= SIGNS_OF[relation.op], f"{relation} is not so")


def _sturm(step: Step) -> None:
    relation = _relation(step)
    symbol = step.data("symbol")
    require(isinstance(symbol, Symbol) and relation.symbols == {symbol}, "not a polynomial in one symbol")
    polynomial = relation.expression.as_poly(symbol)
    require(polynomial is not None and is_rational(polynomial), "not a rational polynomial")
    polynomial = cast(Poly, polynomial)
    low, high = rational_bounds(cast(Symbol, symbol), facts(step))
    require(low is None or high is None or low[0] < high[0], "the interval is empty or a point")
    require(not polynomial.is_zero, "the polynomial is 0")
    bottom, top = (None if end is None else end[0] for end in (low, high))
    simple = _odd_part(polynomial)
    inside = count_real_roots(simple, bottom, top) if simple.degree() > 0 else 0
    require(inside == 0, "the polynomial changes its sign in the interval")
    sample = _inner(bottom, top)
    while polynomial.eval(sample) == 0:
        sample = (sample + top) / 2 if top is not None else sample + 1
    value = polynomial.eval(sample)
    sign = 1 if value > 0 else -1
    closed = {"include_low": low is not None and not low[1], "include_high": high is not None and not high[1]}
    touches = count_real_roots(polynomial, bottom, top, **closed) > 0
    signs = frozenset((sign, 0) if touches else (sign,))
    require(signs <= SIGNS_OF[relation.op], f"{relation} does not hold on the interval")


def _odd_part(polynomial: Poly) -> Poly:
    """The product of the factors of odd multiplicity: the sign changes at its roots only."""
    odd = polynomial.one
    for factor, multiplicity in polynomial.sqf_list()[1]:
        if multiplicity % 2:
            odd *= factor
    return odd


def _inner(low: Rational | None, high: Rational | None) -> Rational:
    if low is None:
        return S.Zero if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def _enclosure(step: Step) -> None:
    relation = _relation(step)
    box = {}
    for symbol in relation.symbols:
        low, high = rational_bounds(symbol, facts(step))
        require(low is not None and high is not None, f"{symbol} is not bounded")
        box[symbol] = (cast(tuple[Rational, bool], low)[0], cast(tuple[Rational, bool], high)[0])
    values = enclose(relation.expression, box)
    require(values is not None, "the expression may be undefined in the box")
    low_value, high_value = cast(tuple[Rational, Rational], values)
    signs = frozenset(
        sign
        for sign, possible in ((-1, low_value < 0), (0, low_value <= 0 <= high_value), (1, high_value > 0))
        if possible
    )
    require(signs <= SIGNS_OF[relation.op], "the enclosure has both signs")


def _known_root(step: Step) -> tuple[Symbol, Expr, Rational, Rational]:
    """The symbol that `equation` = 0 and rational bounds of the context pin down, with both."""
    equation = step.data("equation")
    require(isinstance(equation, Expr) and len(equation.free_symbols) == 1, "no equation in one symbol")
    (symbol,) = cast(Expr, equation).free_symbols
    require(
        signs_given(cast(Expr, equation), step.context.relations) == SIGNS_OF["=="],
        "the equation is not given",
    )
    low, high = rational_bounds(symbol, step.context.relations)
    require(low is not None and high is not None and low[0] <= high[0], "the bounds are missing")
    ends = cast(tuple[tuple[Rational, bool], tuple[Rational, bool]], (low, high))
    return symbol, cast(Expr, equation), ends[0][0], ends[1][0]


def _root_sign(step: Step) -> None:
    """The sign of a polynomial at the one root of another in an interval (Sturm, and a common divisor for 0)."""
    relation = _relation(step)
    symbol, equation, low, high = _known_root(step)
    own, other = equation.as_poly(symbol), relation.expression.as_poly(symbol)
    require(
        own is not None and is_rational(own) and other is not None and is_rational(other),
        "not rational polynomials",
    )
    require(
        relation.symbols == {symbol}
        and count_real_roots(own, low, high, include_low=True, include_high=True) == 1,
        "the bounds do not isolate one root",
    )
    sign = sign_at_root(other, RealRoot(equation, symbol, 0, (low, high)))
    require(frozenset((sign,)) <= SIGNS_OF[relation.op], f"{relation} does not hold at the root")


def _isolation(step: Step) -> None:
    """A rational bound on a number: its equation keeps one sign on the part of the interval that the bound leaves out."""
    relation = _relation(step)
    symbol, equation, _, _ = _known_root(step)
    require(relation.symbols == {symbol}, "another symbol")
    left, right = rational_bounds(symbol, (*step.context.relations, relation.negated()))
    require(
        (left, right) != rational_bounds(symbol, step.context.relations), "the claim is not a rational bound"
    )
    left_end, right_end = cast(tuple[tuple[Rational, bool], ...], (left, right))
    if left_end[0] > right_end[0] or (left_end[0] == right_end[0] and (left_end[1] or right_end[1])):
        return
    values = enclose(equation, {symbol: (left_end[0], right_end[0])})
    require(values is not None and (values[0] > 0 or values[1] < 0), "a zero may lie there")


def _monotone(step: Step) -> None:
    """On an interval of one symbol: e' has one sign, and e has the claimed sign at the end it grows away from."""
    relation = _relation(step)
    symbol, end = step.data("symbol"), step.data("end")
    require(isinstance(symbol, Symbol) and isinstance(end, Expr), "no symbol or no end")
    symbol, end = cast(Symbol, symbol), cast(Expr, end)
    require(relation.op in (">", ">=", "<", "<="), "a sign is needed")
    known = facts(step)
    require(not end.has(symbol), "the end moves")
    require(is_continuous(relation.expression, known), "the expression may jump")
    slope = derivative_by_table(relation.expression, symbol)
    away = signs_given(symbol - end, step.context.relations)
    require(away <= SIGNS_OF[">="] or away <= SIGNS_OF["<="], "the end is not an end of the interval")
    direction = 1 if away <= SIGNS_OF[">="] else -1
    grows = frozenset(direction * s for s in signs_given(slope, known))
    wanted = 1 if relation.op[0] == ">" else -1
    require(grows <= SIGNS_OF[">=" if wanted > 0 else "<="], "the slope has the wrong sign")
    at_end = relation.expression.xreplace({symbol: end})
    between = Context(
        tuple(r for r in step.context.region if symbol not in r.symbols),
        tuple(r for r in step.context.condition if symbol not in r.symbols),
    )
    closed = rational_or_given_interval(symbol, end, step.context.relations)
    require(closed, "the interval does not reach the end")
    start = [
        p for p in premises_of(step, Holds) if identical(cast(Holds, p.claim).relation.expression, at_end)
    ]
    require(bool(start) and all(available(p, between) for p in start), "the value at the end is not known")
    signs = ANY
    for premise in start:
        signs &= SIGNS_OF[cast(Holds, premise.claim).relation.op]
    if signs == frozenset((0,)) and relation.op in (">", "<"):
        require(0 not in away and 0 not in grows, "the value is 0 at the end")
    else:
        require(
            signs <= SIGNS_OF[relation.op]
            or (signs <= SIGNS_OF[relation.op.rstrip("=") + "="] and relation.op.endswith("=")),
            "the value at the end has the wrong sign",
        )


def rational_or_given_interval(symbol: Symbol, end: Expr, relations: tuple[Relation, ...]) -> bool:
    """Whether the relations on the symbol describe an interval that begins or ends at `end`.

    Every relation in the symbol is linear in it, and one of them has its border at `end`.
    """
    touching = [r for r in relations if symbol in r.symbols]
    linear = all(
        (p := r.expression.as_poly(symbol)) is not None and p.degree() == 1 and r.op != "!=" for r in touching
    )
    return linear and any(identical(r.expression.xreplace({symbol: end}), S.Zero) for r in touching)


def _by_cases(step: Step) -> None:
    quantity = step.data("quantity")
    require(isinstance(quantity, Expr), "no quantity to split on")
    quantity = cast(Expr, quantity)
    splits = {
        frozenset((">", "==", "<")),
        frozenset((">=", "<")),
        frozenset((">", "<=")),
        frozenset(("==", "!=")),
    }
    ops = step.data("ops")
    require(
        isinstance(ops, tuple) and frozenset(ops) in splits and len(ops) == len(step.premises),
        "the cases do not cover",
    )
    require_defined(quantity, step.context.relations)
    for op, premise in zip(cast(tuple[str, ...], ops), step.premises, strict=True):
        narrowed = step.context.with_condition(Relation(quantity, op))
        require(available(premise, narrowed), f"the case {quantity} {op} 0 assumes more")
        require(
            isinstance(premise.claim, Infeasible) or _same_claim(premise.claim, step.claim),
            "a case says less",
        )


def _same_claim(premise: Claim, claim: Claim) -> bool:
    if isinstance(premise, Holds) and isinstance(claim, Holds):
        return premise.relation.expression == claim.relation.expression and premise.relation.implies_op(
            claim.relation.op
        )
    return premise == claim


def _given_equalities(step: Step) -> None:
    """e = t + sum c_i q_i where the context gives q_i = 0 and the premise gives the sign of t."""
    relation = _relation(step)
    premise = the_premise(step, Holds)
    require_available(step)
    other = cast(Holds, premise.claim).relation
    require(other.implies_op(relation.op), "the premise says less")
    total = other.expression
    multiples = step.data("multiples")
    require(isinstance(multiples, tuple), "no multiples")
    for factor, equation in cast(tuple[tuple[Expr, Expr], ...], multiples):
        require(
            signs_given(equation, step.context.relations) == frozenset((0,)), f"{equation} = 0 is not given"
        )
        require_defined(factor, step.context.relations)
        total = total + factor * equation
    require_identical(relation.expression, total, "the combination")
    require_defined(relation.expression, facts(step))


def _contradiction(step: Step) -> None:
    """The facts leave no sign at all to some quantity."""
    require(isinstance(step.claim, Infeasible), "only Infeasible follows")
    quantity = step.data("quantity")
    require(isinstance(quantity, Expr), "no quantity")
    quantity = cast(Expr, quantity)
    for premise in premises_of(step, Holds):
        require(available(premise, step.context), "a premise holds elsewhere only")
    known = facts(step)
    require_defined(quantity, known)
    signs = signs_given(quantity, known)
    if not quantity.free_symbols:
        signs &= signs_of_constant(quantity)
    tree = step.data("tree")
    if isinstance(tree, Expr):
        require_identical(quantity, tree, "the tree")
        require_defined(tree, known)
        signs &= signs_of_tree(tree, known)
    require(not signs, "nothing contradicts")


def _decision_procedure(step: Step) -> None:
    require(isinstance(step.claim, (Holds, Infeasible)), "a decision procedure proves signs only")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "signs": _signs,
    "constant_sign": _constant_sign,
    "sturm": _sturm,
    "enclosure": _enclosure,
    "root_sign": _root_sign,
    "isolation": _isolation,
    "monotone": _monotone,
    "by_cases": _by_cases,
    "given_equalities": _given_equalities,
    "contradiction": _contradiction,
    "decision_procedure": _decision_procedure,
}
