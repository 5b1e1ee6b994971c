"""Checks of the rules that prove signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, Poly, Rational, S, Symbol, exp, log

from symopt.derivation.checking import (
    available,
    domain_of,
    facts,
    identical,
    premises_of,
    require,
    require_available,
    require_defined,
    require_given,
    require_holds,
    require_identical,
)
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import Context, Cover, Holds, Infeasible, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.line import signs_where
from symopt.exact.normal import canonical
from symopt.exact.relations import is_rational, rational_bounds
from symopt.exact.roots import RealRoot, count_real_roots, sign_at_root
from symopt.exact.signs import (
    ANY,
    SIGNS_OF,
    Signs,
    signs_given,
    signs_of_constant,
    signs_of_tree,
    without_known_kinks,
)
from symopt.relation import Relation


def _relation(step: Step) -> Relation:
    return require_given(step.claim, Holds).relation


def _require_signs(signs: Signs, relation: Relation) -> None:
    require(signs <= SIGNS_OF[relation.op], "{} does not follow", relation)


def _signs(step: Step) -> None:
    """e = t, both defined; the sign of the tree t is read off its parts. Logarithms are equal where e^(e - t) = 1."""
    relation, known = _relation(step), facts(step)
    tree = require_given(step.data("tree"), Expr)
    apart = relation.expression - tree if tree.has(log) else S.Zero
    if not (identical(relation.expression, tree) or (apart.has(log) and identical(exp(apart), S.One))):
        whole, written = (without_known_kinks(canonical(e), known) for e in (relation.expression, tree))
        require_identical(whole, written, "the tree")
    require_defined(relation.expression, known)
    require_holds(tree, relation.op, known, "the tree")


def _constant_sign(step: Step) -> None:
    """The sign of a number, by the arithmetic of numbers and intervals."""
    relation = _relation(step)
    require(not relation.symbols, "not a number")
    _require_signs(signs_of_constant(relation.expression), relation)


def _polynomial(expression: Expr, symbol: Symbol) -> Poly:
    polynomial = expression.as_poly(symbol)
    rational = polynomial is not None and expression.free_symbols <= {symbol} and is_rational(polynomial)
    require(rational, "not a polynomial in one symbol with rational coefficients")
    return cast(Poly, polynomial)


def _sturm(step: Step) -> None:
    """The polynomial has no change of sign inside the interval; its sign there is that at one point."""
    relation, symbol = _relation(step), require_given(step.data("symbol"), Symbol)
    polynomial = _polynomial(relation.expression, symbol)
    low, high = rational_bounds(symbol, facts(step))
    bottom, top = (None if end is None else end[0] for end in (low, high))
    require(not polynomial.is_zero, "the polynomial is 0")
    require(bottom is None or top is None or bottom < top, "the interval is empty or a point")
    odd = polynomial.one
    for factor, multiplicity in polynomial.sqf_list()[1]:
        odd *= factor if multiplicity % 2 else polynomial.one
    require(odd.degree() == 0 or count_real_roots(odd, bottom, top) == 0, "the polynomial changes its sign")
    sample = _inner(bottom, top)
    while polynomial.eval(sample) == 0:
        sample = (sample + top) / 2 if top is not None else sample + 1
    closed = {"include_low": low is not None and not low[1], "include_high": high is not None and not high[1]}
    touches = count_real_roots(polynomial, bottom, top, **closed) > 0
    sign = 1 if polynomial.eval(sample) > 0 else -1
    _require_signs(frozenset((sign, 0) if touches else (sign,)), relation)


def _sturm_parts(step: Step) -> None:
    """The signs of a polynomial in one symbol where all that is known of the symbol alone holds."""
    relation, symbol = _relation(step), require_given(step.data("symbol"), Symbol)
    given = []
    for fact in facts(step):
        poly = fact.expression.as_poly(symbol) if fact.symbols == {symbol} else None
        if poly is not None and is_rational(poly):
            given.append((poly, SIGNS_OF[fact.op]))
    _require_signs(signs_where(_polynomial(relation.expression, symbol), given), relation)


def _inner(low: Rational | None, high: Rational | None) -> Rational:
    if low is None:
        return S.Zero if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def _enclosure(step: Step) -> None:
    """Ball arithmetic over the box of the rational bounds."""
    relation, known = _relation(step), facts(step)
    box = {}
    for symbol in relation.symbols:
        low, high = rational_bounds(symbol, known)
        box[symbol] = (require_given(low, tuple)[0], require_given(high, tuple)[0])
    bottom, top = require_given(enclose(relation.expression, box), tuple)
    possible = {-1: bottom < 0, 0: bottom <= 0 <= top, 1: top > 0}
    _require_signs(frozenset(sign for sign, so in possible.items() if so), relation)


def _known_root(step: Step, symbol: Symbol) -> tuple[Expr, Rational, Rational]:
    """The equation in the symbol that the context gives, and the rational bounds that it gives."""
    equation, given = require_given(step.data("equation"), Expr), step.context.relations
    require(equation.free_symbols == {symbol}, "an equation in another symbol")
    require(signs_given(equation, given) == SIGNS_OF["=="], "the equation is not given")
    low, high = rational_bounds(symbol, given)
    return equation, require_given(low, tuple)[0], require_given(high, tuple)[0]


def _root_sign(step: Step) -> None:
    """The sign of a polynomial at the one root of another in an interval (Sturm, and a common divisor for 0)."""
    relation = _relation(step)
    (symbol,) = relation.symbols
    equation, low, high = _known_root(step, symbol)
    own, other = _polynomial(equation, symbol), _polynomial(relation.expression, symbol)
    one = not own.is_zero and count_real_roots(own, low, high, include_low=True, include_high=True) == 1
    require(one, "the bounds do not isolate one root")
    for end in (low, high):
        if own.eval(end) == 0:
            low = high = end
    sign = sign_at_root(other, RealRoot(equation, symbol, 0, (low, high)))
    _require_signs(frozenset((sign,)), relation)


def _monotone(step: Step) -> None:
    """On an interval of one symbol: e' has one sign, and e has the claimed sign at the end it grows away from."""
    relation, known = _relation(step), facts(step)
    symbol, end = require_given(step.data("symbol"), Symbol), require_given(step.data("end"), Expr)
    expression, outward = relation.expression, 1 if relation.op[0] == ">" else -1
    require(relation.op in (">", ">=", "<", "<=") and not end.has(symbol), "no sign, or an end that moves")
    at_end = {symbol: end}
    elsewhere = Context((), tuple(r for r in step.context.relations if symbol not in r.symbols))
    known_there = facts(step, elsewhere)
    for given in (r for r in step.context.relations if symbol in r.symbols):
        linear = given.expression.as_poly(symbol)
        require(linear is not None and linear.degree() == 1 and given.op != "!=", "not an interval")
        border = given.closure().at(at_end)
        require_holds(border.expression, border.op, known_there, "the interval does not reach the end")
    require(is_continuous(expression, known), "the expression may jump")
    for needed in require_given(domain_of(expression, known_there), tuple):
        require_holds(needed.at(at_end).expression, needed.op, known_there, "the expression at the end")
    away = signs_given(symbol - end, step.context.relations)
    require(1 not in away or -1 not in away, "the end is not an end of the interval")
    direction = -1 if -1 in away else 1
    grows = frozenset(
        direction * outward * s for s in signs_given(derivative_by_table(expression, symbol), known)
    )
    require(grows <= SIGNS_OF[">="], "the slope has the wrong sign")
    start = ANY
    for fact in known_there:
        if identical(fact.expression, expression.xreplace(at_end)):
            start &= SIGNS_OF[fact.op]
    if not (start == SIGNS_OF["=="] and 0 not in away and 0 not in grows):
        _require_signs(start, relation)


def _by_cases(step: Step) -> None:
    """What is said of single points, proved where q op 0 for every op of a split."""
    quantity, ops = require_given(step.data("quantity"), Expr), require_given(step.data("ops"), tuple)
    require(isinstance(step.claim, (Holds, Infeasible, Cover)), "not said of single points")
    require_defined(quantity, facts(step))
    covered = frozenset[int]().union(*(SIGNS_OF[op] for op in ops))
    require(signs_of_tree(quantity, facts(step)) <= covered, "the cases do not cover")
    for op, premise in zip(ops, step.premises, strict=True):
        narrowed = step.context.with_condition(Relation(quantity, op))
        require(available(premise, narrowed), "the case {} {} 0 assumes more", quantity, op)
        require(isinstance(premise.claim, Infeasible) or _gives(premise, step), "a case says less")


def _gives(premise: Step, step: Step) -> bool:
    if isinstance(premise.claim, Holds) and isinstance(step.claim, Holds):
        have, want = premise.claim.relation, step.claim.relation
        return have.expression == want.expression and have.implies_op(want.op)
    return premise.claim == step.claim


def _given_equalities(step: Step) -> None:
    """e = t + sum c_i q_i where the context gives q_i = 0 and the first premise the sign of t.

    Other premises say what the rest needs to be defined.
    """
    relation, given = _relation(step), premises_of(step, Holds)
    require(bool(given), "no premise gives a sign")
    total = cast(Holds, given[0].claim).relation
    require_available(step)
    known = facts(step)
    require(total.implies_op(relation.op), "the premise says less")
    combination = total.expression
    for factor, equation in require_given(step.data("multiples"), tuple):
        zero = signs_given(equation, step.context.relations) == SIGNS_OF["=="]
        require(zero, "{} = 0 is not given", equation)
        require_defined(factor, known)
        require_defined(equation, known)
        combination += factor * equation
    require_identical(relation.expression, combination, "the combination")
    require_defined(relation.expression, known)


def _instance(step: Step) -> None:
    """A relation proved for all values of some symbols holds for expressions put in their places.

    The relations under which it was proved hold for these expressions, which are defined.
    """
    relation, known = _relation(step), facts(step)
    premise = require_given(step.premises[0] if step.premises else None, Step)
    values = dict(require_given(step.data("values"), tuple))
    general = require_given(premise.claim, Holds).relation
    require(general.implies_op(relation.op), "{} does not give {}", general.op, relation.op)
    require_identical(general.expression.xreplace(values), relation.expression, "the instance")
    for expression in (relation.expression, *values.values()):
        require_defined(expression, known)
    for given in premise.context.relations:
        put = given.at(values)
        holds = given.op == "==" and identical(put.expression, S.Zero)
        require(holds or signs_of_tree(put.expression, known) <= SIGNS_OF[put.op], "{} may fail", put)


def _contradiction(step: Step) -> None:
    """The facts leave no sign at all to some quantity."""
    require_given(step.claim, Infeasible)
    quantity, known = require_given(step.data("quantity"), Expr), facts(step)
    tree = step.data("tree") or quantity
    require_identical(quantity, require_given(tree, Expr), "the tree")
    for expression in (quantity, tree):
        require_defined(expression, known)
    require(not signs_given(quantity, known) & signs_of_tree(tree, known), "nothing contradicts")


def _decision_procedure(step: Step) -> None:
    """Trusted: nothing is verified but that the claim has a meaning."""
    require_defined(_relation(step).expression, facts(step))


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "signs": _signs,
    "constant_sign": _constant_sign,
    "sturm": _sturm,
    "sturm_parts": _sturm_parts,
    "enclosure": _enclosure,
    "root_sign": _root_sign,
    "monotone": _monotone,
    "by_cases": _by_cases,
    "given_equalities": _given_equalities,
    "instance": _instance,
    "contradiction": _contradiction,
    "decision_procedure": _decision_procedure,
}
