"""Checks of the rules that solve equations by algebra, by inverting a function, and by its variation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, cast

from sympy import Add, Expr, Mul, Poly, Pow, Rational, S, Symbol, exp, log

from symopt.derivation.checking import (
    Rejected,
    available,
    facts,
    holds,
    is_defined,
    is_symbol_free,
    premises_of,
    require,
    require_defined,
    require_equal,
    require_given,
    require_holds,
    require_identical,
    vanishes_at,
)
from symopt.derivation.checks_derivative import is_continuous, is_smooth
from symopt.derivation.claims import Branch, Context, Infeasible, Number, Step
from symopt.derivation.covering import (
    Alternatives,
    Value,
    branch_of,
    concludes,
    even_power,
    followed,
    require_cover,
    require_new,
    solved,
    the_equation,
    values_of,
)
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.elimination import zero_set_basis
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational, on_interval, rational_bounds
from symopt.exact.roots import count_real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_constant, signs_of_tree
from symopt.relation import Relation

INVERSES: Final[Mapping[type, Callable[[Expr], Expr]]] = {exp: log, log: exp}
Interval = tuple[Rational, Rational]
Piece = tuple[Rational | None, Rational | None, Number | Expr | None]


def _cover_none(step: Step) -> None:
    """One equation is never zero, or no point satisfies the context."""
    claim, known = require_cover(step), facts(step)
    empty = any(available(p, step.context) for p in premises_of(step, Infeasible))
    never = any(is_defined(e, known) and 0 not in signs_of_tree(e, known) for e in claim.equations)
    require(empty or never, "an equation may vanish")
    concludes(claim)


def _cover_free(step: Step) -> None:
    """No equation restricts the unknowns: one branch in which they are free, restricted by the region alone."""
    claim = require_cover(step)
    for equation in claim.equations:
        require_identical(equation, S.Zero, "an equation")
    (branch,) = claim.branches
    names = dict(zip(claim.unknowns, (symbol for symbol, _ in branch.free), strict=True))
    free = tuple((name, "real") for name in names.values())
    require(branch == Branch(tuple(names.items()), (), free, branch.where), "the unknowns are not free")
    require(set(branch.where) <= {r.at(names) for r in step.context.relations}, "a restriction is not given")


def _cover_factors(step: Step) -> None:
    """e = rest * product of factors^k, rest != 0: one factor vanishes."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    rest = require_given(step.data("rest"), Expr)
    pairs = require_given(step.data("factors"), tuple)
    require_identical(equation, Mul(rest, *(Pow(base, power) for base, power in pairs)), "the factors")
    require(all(isinstance(power, int) and power > 0 for _, power in pairs), "a factor in the denominator")
    require_holds(rest, "!=", known, "the rest")
    for base, _ in pairs:
        require_defined(base, known)
    concludes(claim, *(solved(step, replaced(base), claim.unknowns, step.context) for base, _ in pairs))


def _cover_sum(step: Step) -> None:
    """A sum of terms of one sign is 0 exactly when every term is."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    terms = require_given(step.data("terms"), tuple)
    require(all(isinstance(term, Expr) for term in terms), "a term that is no expression")
    require_identical(equation, Add(*terms), "the sum")
    for term in terms:
        require_defined(term, known)
    signs = [signs_of_tree(term, known) for term in terms]
    require(any(all(s <= SIGNS_OF[op] for s in signs) for op in (">=", "<=")), "terms of different signs")
    concludes(claim, solved(step, replaced(*terms), claim.unknowns, step.context))


def _cover_rewritten(step: Step) -> None:
    """A cover of some of the equations covers all of them."""
    claim = require_cover(step)
    concludes(claim, solved(step, claim.equations, claim.unknowns, step.context))


def _cover_inverse(step: Step) -> None:
    """e = rest * (g(u) - c) with rest != 0: u = g^(-1)(c)."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    rest, inner, level = (require_given(step.data(name), Expr) for name in ("rest", "inner", "level"))
    function = cast(type, step.data("function"))
    require(function in INVERSES, "no inverse")
    value = INVERSES[function](level)
    require_identical(equation, rest * (function(inner) - level), "the composition")
    require_holds(rest, "!=", known, "the rest")
    for expression in (inner, level, value):
        require_defined(expression, known)
    concludes(claim, solved(step, replaced(inner - value), claim.unknowns, step.context))


def _cover_power(step: Step) -> None:
    """e = rest * (u^n - r^n) with rest != 0: u = r for odd n, u = r or u = -r for even n, and then r^n >= 0."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    rest, inner, root = (require_given(step.data(name), Expr) for name in ("rest", "inner", "root"))
    exponent = require_given(step.data("exponent"), int)
    require(exponent >= 2, "not a power")
    require_identical(equation, rest * (inner**exponent - root**exponent), "the powers")
    require_holds(rest, "!=", known, "the rest")
    for expression in (inner, root):
        require_defined(expression, known)
    there = step.context.with_region(*even_power(root, exponent, claim.unknowns))
    values = (root,) if exponent % 2 else (root, -root)
    concludes(claim, *(solved(step, replaced(inner - v), claim.unknowns, there) for v in values))


def _cover_real_power(step: Step) -> None:
    """e = rest * (b^p - c) with rest != 0 and b, c > 0: b = c^(1/p) where p != 0, p = log c / log b where b != 1."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    names = ("rest", "base", "exponent", "level")
    rest, base, exponent, level = (require_given(step.data(name), Expr) for name in names)
    require_equal(equation, rest * (base**exponent - level), known, "the power")
    require_holds(rest, "!=", known, "the rest")
    for positive in (base, level):
        require_holds(positive, ">", known, "a power of positive numbers")
    for_base = step.data("sought") == "base"
    require_holds(exponent if for_base else base - 1, "!=", known, "the inverse")
    value = level ** (1 / exponent) if for_base else log(level) / log(base)
    if for_base and step.data("value") is not None:
        value, power = require_given(step.data("value"), Expr), value
        require_equal(value, power, known, "the value")
    other = (base if for_base else exponent) - value
    concludes(claim, solved(step, replaced(other), claim.unknowns, step.context))


def _cover_by_cases(step: Step) -> None:
    """The solutions where q = 0 (q joined to the equations) and those where q != 0."""
    claim, quantity = require_cover(step), require_given(step.data("quantity"), Expr)
    require_defined(quantity, step.context.relations)
    zero = solved(step, (*claim.equations, quantity), claim.unknowns, step.context)
    elsewhere = step.context.with_region(Relation(quantity, "!="))
    concludes(claim, zero, solved(step, claim.equations, claim.unknowns, elsewhere))


def _cover_ideal(step: Step) -> None:
    """x_i = h_i(u), r(u) = 0 for a form u, found again by the same elimination: one branch for each real root of r."""
    claim = require_cover(step)
    helper, form = require_given(step.data("separating"), tuple)
    require(isinstance(form, Expr) and form.free_symbols <= set(claim.unknowns), "not a form of the unknowns")
    require_new((helper,), step)
    values = require_given(step.data("values"), tuple)
    require_new((n.symbol for _, numbers in values for n in numbers), step)
    *solved_for, last = zero_set_basis(claim.equations, claim.unknowns, (helper, form))
    if last != 1:
        _require_all_roots(values, cast(Poly, last.as_poly(helper)))
    require(len(values) == len(claim.branches) and (last != 1 or not values), "a branch too many or too few")
    for (value, numbers), branch in zip(values, claim.branches, strict=True):
        require(branch.numbers == numbers and not branch.free, "a branch of something else")
        known = tuple(r for n in numbers for r in n.relations)
        for unknown, equation in zip(claim.unknowns, solved_for, strict=True):
            at = {unknown: branch.values[unknown], helper: value}
            require(vanishes_at(equation, at, known), "{} has another value", unknown)


def _cover_outside(step: Step) -> None:
    """Branches are dropped that break a relation of the context, have no member, or on which an equation is nowhere 0."""
    claim = require_cover(step)
    found = set(solved(step, claim.equations, claim.unknowns, step.context)[0])
    require(set(claim.branches) <= found, "a branch comes from nowhere")
    for branch in found - set(claim.branches):
        place = Context((), step.context.condition + branch.relations)
        broken = _is_outside(step, branch, place) or any(
            holds(e.xreplace(branch.values), "!=", facts(step, place)) for e in claim.equations
        )
        require(broken or _is_empty(branch, step), "a branch is dropped without a reason")


def _is_empty(branch: Branch, step: Step) -> bool:
    """Whether one of the relations of a branch breaks the others."""
    for relation in branch.where:
        others = tuple(r for r in branch.relations if r != relation)
        known = facts(step, Context((), step.context.condition + others))
        if not signs_of_tree(relation.expression, known) & SIGNS_OF[relation.op]:
            return True
    return False


def _is_outside(step: Step, branch: Branch, place: Context) -> bool:
    """Whether a relation of the context breaks on the branch, where all the others hold."""
    at_branch = tuple(dict.fromkeys(r.at(branch.values) for r in step.context.relations))
    for relation in at_branch:
        others = tuple(r for r in at_branch if r != relation)
        known = facts(step, place.with_condition(*others))
        if not signs_of_tree(relation.expression, known) & SIGNS_OF[relation.op]:
            return True
    return False


def _cover_linear(step: Step) -> None:
    """e = rest * product of (x - v_j), rest != 0: x is one of the v_j."""
    claim, known = require_cover(step), facts(step)
    equation, symbol, values = values_of(step, claim)
    rest = require_given(step.data("rest"), Expr)
    require_identical(equation, Mul(rest, *(symbol - value for value, _ in values)), "the linear factors")
    require_holds(rest, "!=", known, "the rest")
    for value, numbers in values:
        require(not numbers, "a number from nowhere")
        require_defined(value, known)
    followed(step, claim, symbol, values)


def _cover_roots(step: Step) -> None:
    """A rational polynomial in one unknown: the values are roots, distinct, and as many as Sturm's count."""
    claim = require_cover(step)
    equation, symbol, values = values_of(step, claim)
    _require_all_roots(values, equation.as_poly(symbol))
    followed(step, claim, symbol, values)


def _require_all_roots(values: tuple[Value, ...], poly: Poly | None) -> None:
    """Reject unless the values are distinct roots of the polynomial, as many as Sturm counts."""
    if poly is None or not is_rational(poly) or poly.degree() < 1:
        raise Rejected("not a rational polynomial")
    intervals = sorted(_interval_of_root(value, poly) for value in values)
    require(all(a[1] < b[0] for a, b in pairwise(intervals)), "two values may be the same root")
    require(len(values) == count_real_roots(poly, None, None), "the number of roots is wrong")


def _interval_of_root(value: Value, poly: Poly) -> Interval:
    """Where a root lies: a constant at which the polynomial is 0, or a number whose equation divides it."""
    root, numbers = value
    if isinstance(root, Rational) and not numbers:
        require(poly.eval(root) == 0, "not a root")
        return root, root
    if not numbers:
        require_identical(poly.as_expr().xreplace({poly.gen: root}), S.Zero, "the value")
        return require_given(enclose(root, {}, 40), tuple)
    (number,) = numbers
    own = number.equation.as_poly(number.symbol)
    plain = root == number.symbol and number.slope == 0
    require(plain and own is not None and is_rational(own), "not the root it is said to be")
    low, high = number.interval
    divides = poly.as_expr(number.symbol).as_poly(number.symbol).rem(own).is_zero
    one = count_real_roots(own, low, high, include_low=True, include_high=True) == 1
    require(
        divides and one and count_real_roots(own, None, low) == number.index, "not the root it is said to be"
    )
    return low, high


def _cover_kernel(step: Step) -> None:
    """The equation is P(t) for t = g(x): each root t = v of P gives the equation g(x) = v."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    kernel, polynomial = (require_given(step.data(name), Expr) for name in ("kernel", "polynomial"))
    symbol = require_given(step.data("symbol"), Symbol)
    require(is_symbol_free(polynomial, claim.unknowns), "another unknown is left")
    require_new((symbol,), step, kernel)
    substituted = polynomial.xreplace({symbol: kernel})
    require_identical(equation, substituted, "the kernel")
    require_defined(substituted, known)
    require_defined(kernel, known)
    ranges = cast(tuple[Relation, ...], step.data("range") or ())
    for relation in ranges:
        require_holds(relation.at({symbol: kernel}).expression, relation.op, known, "the range")
    parts: list[Alternatives] = []
    for root in solved(step, (polynomial,), (symbol,), step.context.with_condition(*ranges))[0]:
        require(not root.free, "the kernel is free")
        require_new((n.symbol for n in root.numbers), step, kernel)
        context = step.context.with_condition(*root.relations)
        found = solved(step, replaced(kernel - root.values[symbol]), claim.unknowns, context)
        parts.append([tuple(branch_of(b, claim.unknowns, {}, root.numbers) for b in part) for part in found])
    concludes(claim, *parts)


def _cover_variation(step: Step) -> None:
    """Pieces cover the interval; on each the function has no zero, or is strictly monotone with the one zero listed."""
    claim = require_cover(step)
    equation, symbol, values = values_of(step, claim)
    others = tuple(u for u in claim.unknowns if u != symbol)
    require(is_symbol_free(equation, others), "not an equation in the unknown alone")
    pieces = cast(tuple[Piece, ...], step.data("pieces"))
    ends = [end for left, right, _ in pieces for end in (left, right)]
    require(all(end is None or isinstance(end, Rational) for end in ends), "a piece with other ends")
    low, high = rational_bounds(symbol, step.context.relations)
    first, last = pieces[0][0], pieces[-1][1]
    require(first is None or (low is not None and first <= low[0]), "the left end is not covered")
    require(last is None or (high is not None and last >= high[0]), "the right end is not covered")
    require(all(a[1] is not None and a[1] == b[0] for a, b in pairwise(pieces)), "a gap in the pieces")
    for left, right, number in pieces:
        bounds = ((left, ">="), (right, "<="))
        inside = tuple(Relation(symbol - end, op) for end, op in bounds if end is not None)
        if number is None:
            known = facts(step, step.context.with_condition(*inside))
            require_defined(equation, known)
            require_holds(equation, "!=", known, "the piece")
        else:
            interval = on_interval(symbol, (*step.context.relations, *inside), left, right)
            _require_one_zero(step, equation, symbol, interval, number)
    zeros = {zero for _, _, zero in pieces if zero is not None}
    named = {(zero.symbol, (zero,)) if isinstance(zero, Number) else (zero, ()) for zero in zeros}
    require(set(values) == named, "the zeros are not the values")
    followed(step, claim, symbol, values)


def _require_one_zero(
    step: Step, equation: Expr, symbol: Symbol, interval: tuple[Relation, ...], zero: Number | Expr
) -> None:
    """On the interval of these relations the function is continuous and strictly monotone, and has the zero there."""
    known = facts(step, Context((), interval))
    slope = signs_of_tree(derivative_by_table(equation, symbol), known)
    strictly = slope in (SIGNS_OF[">"], SIGNS_OF["<"]) and is_continuous(equation, known)
    weakly = slope in (SIGNS_OF[">="], SIGNS_OF["<="]) and is_smooth(equation, (symbol,), known)
    require(strictly or (weakly and _varies(equation, symbol, interval)), "not monotone on a piece")
    require(is_zero_in(zero, equation, symbol, interval), "the zero is not there")


def _varies(equation: Expr, symbol: Symbol, interval: tuple[Relation, ...]) -> bool:
    """Whether the function has two values inside the interval: then an analytic slope >= 0 has isolated zeros only."""
    low, high = (None if end is None else end[0] for end in rational_bounds(symbol, interval))
    if low is not None and high is not None:
        start, stop = (3 * low + high) / 4, (low + 3 * high) / 4
    else:
        start = low + 1 if low is not None else high - 2 if high is not None else S.Zero
        stop = start + 1 if high is None else high - 1
    values = [enclose(equation, {symbol: (end, end)}, 40) for end in (start, stop)]
    (a, b), (c, d) = (require_given(value, tuple) for value in values)
    inside = all(_lies_in(end, symbol, interval) for end in (start, stop))
    return bool(inside and start < stop and (b < c or d < a))


def _lies_in(end: Expr, symbol: Symbol, interval: tuple[Relation, ...]) -> bool:
    """Whether a rational number satisfies the relations about the symbol."""
    at_end = [r.at({symbol: end}) for r in interval if symbol in r.symbols]
    return isinstance(end, Rational) and all(
        signs_of_constant(r.expression) <= SIGNS_OF[r.op] for r in at_end
    )


def is_zero_in(zero: Number | Expr, equation: Expr, symbol: Symbol, interval: tuple[Relation, ...]) -> bool:
    """Whether a rational number of the interval is a zero, or the function changes sign in the number's interval."""
    ends = zero.interval if isinstance(zero, Number) else (zero, zero)
    inside = all(_lies_in(end, symbol, interval) for end in ends)
    if not isinstance(zero, Number):
        return inside and signs_of_constant(equation.xreplace({symbol: zero})) == SIGNS_OF["=="]
    low, high = ends
    same = (
        zero.index is None and zero.slope == 0 and zero.equation == equation.xreplace({symbol: zero.symbol})
    )
    (a, b), (c, d) = (
        require_given(enclose(equation, {symbol: (end, end)}, 40), tuple) for end in (low, high)
    )
    return bool(inside and same and ((b < 0 < c) or (d < 0 < a) or (a == b == 0 and low == high)))


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_none": _cover_none,
    "cover_free": _cover_free,
    "cover_factors": _cover_factors,
    "cover_sum": _cover_sum,
    "cover_rewritten": _cover_rewritten,
    "cover_inverse": _cover_inverse,
    "cover_power": _cover_power,
    "cover_by_cases": _cover_by_cases,
    "cover_ideal": _cover_ideal,
    "cover_outside": _cover_outside,
    "cover_linear": _cover_linear,
    "cover_roots": _cover_roots,
    "cover_kernel": _cover_kernel,
    "cover_real_power": _cover_real_power,
    "cover_variation": _cover_variation,
}
