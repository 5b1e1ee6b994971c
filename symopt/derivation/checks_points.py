"""Checks of the rules that solve equations and collect stationary points.

A cover says that every solution lies on one of its branches. Each rule replaces an equation by others that follow
from it, or an unknown by its values, and takes the branches from the premises that go on from there: all of them, and
no others, so that the numbers of a branch are numbers that a rule has found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final, cast

from sympy import Add, Expr, Mul, Poly, Pow, Rational, S, Symbol, exp, log

from symopt.derivation.checking import (
    available,
    facts,
    holds,
    is_defined,
    is_symbol_free,
    is_zero,
    premises_of,
    require,
    require_available,
    require_defined,
    require_given,
    require_holds,
    require_identical,
    require_inside,
    require_own_symbols,
    the_premise,
)
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import Branch, Context, Cover, Gradient, Infeasible, Number, Stationary, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.elimination import zero_set_basis
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational, rational_bounds
from symopt.exact.roots import count_real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

INVERSES: Final[Mapping[type, Callable[[Expr], Expr]]] = {exp: log, log: exp}
Value = tuple[Expr, tuple[Number, ...]]
Alternatives = list[tuple[Branch, ...]]
Interval = tuple[Rational, Rational]


def _cover(step: Step) -> Cover:
    claim = require_given(step.claim, Cover)
    require_own_symbols(claim.branches, claim.unknowns, claim.equations, step.context)
    return claim


def _equation(step: Step, claim: Cover) -> tuple[Expr, Callable[..., tuple[Expr, ...]]]:
    """The equation that the rule is about, and the system with others in its place."""
    index = require_given(step.data("index"), int)
    require(0 <= index < len(claim.equations), "no such equation")
    before, after = claim.equations[:index], claim.equations[index + 1 :]
    return claim.equations[index], lambda *others: (*before, *others, *after)


def _solved(
    step: Step, equations: Iterable[Expr], unknowns: tuple[Symbol, ...], context: Context
) -> Alternatives:
    """The branches of each premise that covers these equations, or some of them, in the context."""
    system = set(equations)
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, context)]
    found = [c.branches for c in covers if c.unknowns == unknowns and set(c.equations) <= system]
    require(bool(found), "a part is not covered")
    return found


def _concludes(claim: Cover, *parts: Alternatives) -> None:
    """Reject unless the claim lists all branches of one premise for each part, and nothing else."""
    listed = set(claim.branches)
    require(all(any(set(found) <= listed for found in part) for part in parts), "a branch is missing")
    known = {branch for part in parts for found in part for branch in found}
    require(listed <= known, "a branch comes from nowhere")


def _cover_none(step: Step) -> None:
    """One equation is never zero, or no point satisfies the context."""
    claim, known = _cover(step), facts(step)
    empty = any(available(p, step.context) for p in premises_of(step, Infeasible))
    never = any(is_defined(e, known) and 0 not in signs_of_tree(e, known) for e in claim.equations)
    require(empty or never, "an equation may vanish")
    _concludes(claim)


def _cover_free(step: Step) -> None:
    """No equation restricts the unknowns: one branch in which they are free, restricted by the region alone."""
    claim = _cover(step)
    for equation in claim.equations:
        require_identical(equation, S.Zero, "an equation")
    (branch,) = claim.branches
    names = dict(zip(claim.unknowns, (symbol for symbol, _ in branch.free), strict=True))
    free = tuple((name, "real") for name in names.values())
    require(branch == Branch(tuple(names.items()), (), free, branch.where), "the unknowns are not free")
    require(set(branch.where) <= {r.at(names) for r in step.context.relations}, "a restriction is not given")


def _cover_factors(step: Step) -> None:
    """e = rest * product of factors^k, rest != 0: one factor vanishes."""
    claim, known = _cover(step), facts(step)
    equation, replaced = _equation(step, claim)
    rest = require_given(step.data("rest"), Expr)
    pairs = require_given(step.data("factors"), tuple)
    require_identical(equation, Mul(rest, *(Pow(base, power) for base, power in pairs)), "the factors")
    require(all(isinstance(power, int) and power > 0 for _, power in pairs), "a factor in the denominator")
    require_holds(rest, "!=", known, "the rest")
    for base, _ in pairs:
        require_defined(base, known)
    _concludes(claim, *(_solved(step, replaced(base), claim.unknowns, step.context) for base, _ in pairs))


def _cover_sum(step: Step) -> None:
    """A sum of terms of one sign is 0 exactly when every term is."""
    claim, known = _cover(step), facts(step)
    equation, replaced = _equation(step, claim)
    terms = require_given(step.data("terms"), tuple)
    require_identical(equation, Add(*terms), "the sum")
    for term in terms:
        require_defined(term, known)
    signs = [signs_of_tree(term, known) for term in terms]
    require(any(all(s <= SIGNS_OF[op] for s in signs) for op in (">=", "<=")), "terms of different signs")
    _concludes(claim, _solved(step, replaced(*terms), claim.unknowns, step.context))


def _cover_rewritten(step: Step) -> None:
    """A cover of some of the equations covers all of them."""
    claim = _cover(step)
    _concludes(claim, _solved(step, claim.equations, claim.unknowns, step.context))


def _cover_inverse(step: Step) -> None:
    """e = rest * (g(u) - c) with rest != 0: u = g^(-1)(c)."""
    claim, known = _cover(step), facts(step)
    equation, replaced = _equation(step, claim)
    rest, inner, level = (require_given(step.data(name), Expr) for name in ("rest", "inner", "level"))
    function = cast(type, step.data("function"))
    require(function in INVERSES, "no inverse")
    solved = INVERSES[function](level)
    require_identical(equation, rest * (function(inner) - level), "the composition")
    require_holds(rest, "!=", known, "the rest")
    for expression in (inner, level, solved):
        require_defined(expression, known)
    _concludes(claim, _solved(step, replaced(inner - solved), claim.unknowns, step.context))


def _cover_by_cases(step: Step) -> None:
    """The solutions where q = 0 (q joined to the equations) and those where q != 0."""
    claim, quantity = _cover(step), require_given(step.data("quantity"), Expr)
    require_defined(quantity, step.context.relations)
    zero = _solved(step, (*claim.equations, quantity), claim.unknowns, step.context)
    elsewhere = step.context.with_region(Relation(quantity, "!="))
    _concludes(claim, zero, _solved(step, claim.equations, claim.unknowns, elsewhere))


def _cover_ideal(step: Step) -> None:
    """Equations with the same zeros, found again by the same elimination; u = form may join them, for a new u."""
    claim = _cover(step)
    separating = cast("tuple[Symbol, Expr] | None", step.data("separating"))
    helper, form = separating or (None, S.Zero)
    require(form.free_symbols <= set(claim.unknowns), "the form is not one of the unknowns")
    if helper is not None:
        _require_new((helper,), step, claim)
    basis = zero_set_basis(claim.equations, claim.unknowns, separating)
    unknowns = (*claim.unknowns, *(() if helper is None else (helper,)))
    found = _solved(step, basis, unknowns, step.context)
    _concludes(claim, [tuple(_branch(b, claim.unknowns, {}) for b in part) for part in found])


def _cover_outside(step: Step) -> None:
    """Branches that break a relation of the context are dropped."""
    claim = _cover(step)
    found = set(_solved(step, claim.equations, claim.unknowns, step.context)[0])
    require(set(claim.branches) <= found, "a branch comes from nowhere")
    for branch in found - set(claim.branches):
        known = facts(step, Context((), step.context.condition + branch.relations))
        at_branch = (r.at(branch.values) for r in step.context.relations)
        broken = any(not signs_of_tree(r.expression, known) & SIGNS_OF[r.op] for r in at_branch)
        require(broken, "a branch is dropped without a reason")


def _require_new(symbols: Iterable[Symbol], step: Step, claim: Cover) -> None:
    """Reject unless the symbols stand for nothing yet in the claim and its context."""
    used = {*claim.unknowns}.union(
        *(e.free_symbols for e in claim.equations), *(r.symbols for r in step.context.relations)
    )
    require(not used & set(symbols), "an auxiliary symbol is in use already")


def _branch(
    branch: Branch,
    unknowns: tuple[Symbol, ...],
    given: Mapping[Symbol, Expr],
    numbers: tuple[Number, ...] = (),
) -> Branch:
    """The branch of these unknowns: one more may be given by the others, and by numbers."""
    values = branch.values | {u: value.xreplace(branch.values) for u, value in given.items()}
    return replace(branch, at=tuple((u, values[u]) for u in unknowns), numbers=numbers + branch.numbers)


def _values(step: Step, claim: Cover) -> tuple[Expr, Symbol, tuple[Value, ...]]:
    """The equation that the rule is about, the unknown it is solved for, and its values."""
    equation, _ = _equation(step, claim)
    symbol = require_given(step.data("symbol"), Symbol)
    require(symbol in claim.unknowns, "not an unknown")
    values = require_given(step.data("values"), tuple)
    require(not any(value.has(symbol) for value, _ in values), "a value in terms of itself")
    _require_new((n.symbol for _, numbers in values for n in numbers), step, claim)
    return equation, symbol, values


def _followed(step: Step, claim: Cover, symbol: Symbol, values: tuple[Value, ...]) -> None:
    """The unknown has one of the values, which may hold other unknowns: each is put into the other equations."""
    _, replaced = _equation(step, claim)
    unknowns = tuple(u for u in claim.unknowns if u != symbol)
    parts: list[Alternatives] = []
    for value, numbers in values:
        table = {symbol: value}
        context = step.context.at(table).with_condition(*(r for n in numbers for r in n.relations))
        found = _solved(step, (e.xreplace(table) for e in replaced()), unknowns, context)
        parts.append([tuple(_branch(b, claim.unknowns, table, numbers) for b in part) for part in found])
    _concludes(claim, *parts)


def _cover_linear(step: Step) -> None:
    """e = rest * product of (x - v_j), rest != 0: x is one of the v_j."""
    claim, known = _cover(step), facts(step)
    equation, symbol, values = _values(step, claim)
    rest = require_given(step.data("rest"), Expr)
    require_identical(equation, Mul(rest, *(symbol - value for value, _ in values)), "the linear factors")
    require_holds(rest, "!=", known, "the rest")
    for value, numbers in values:
        require(not numbers, "a number from nowhere")
        require_defined(value, known)
    _followed(step, claim, symbol, values)


def _cover_roots(step: Step) -> None:
    """A rational polynomial in one unknown: the values are roots, distinct, and as many as Sturm's count."""
    claim = _cover(step)
    equation, symbol, values = _values(step, claim)
    poly = equation.as_poly(symbol)
    require(poly is not None and is_rational(poly) and poly.degree() > 0, "not a rational polynomial")
    intervals = sorted(_interval_of_root(value, cast(Poly, poly)) for value in values)
    require(all(a[1] < b[0] for a, b in pairwise(intervals)), "two values may be the same root")
    require(len(values) == count_real_roots(poly, None, None), "the number of roots is wrong")
    _followed(step, claim, symbol, values)


def _interval_of_root(value: Value, poly: Poly) -> Interval:
    """Where a root lies: a constant at which the polynomial is 0, or a number whose equation divides it."""
    root, numbers = value
    if not numbers:
        require_identical(poly.as_expr().xreplace({poly.gen: root}), S.Zero, "the value")
        return require_given(enclose(root, {}, 40), tuple)
    (number,) = numbers
    own = number.equation.as_poly(number.symbol)
    require(root == number.symbol and own is not None and is_rational(own), "not the root it is said to be")
    low, high = number.interval
    divides = poly.as_expr(number.symbol).as_poly(number.symbol).rem(own).is_zero
    one = count_real_roots(own, low, high, include_low=True, include_high=True) == 1
    require(
        divides and one and count_real_roots(own, None, low) == number.index, "not the root it is said to be"
    )
    return low, high


def _cover_kernel(step: Step) -> None:
    """The equation is P(t) for t = g(x): each root t = v of P gives the equation g(x) = v."""
    claim, known = _cover(step), facts(step)
    equation, replaced = _equation(step, claim)
    kernel, polynomial = (require_given(step.data(name), Expr) for name in ("kernel", "polynomial"))
    symbol = require_given(step.data("symbol"), Symbol)
    require(is_symbol_free(polynomial, claim.unknowns), "another unknown is left")
    _require_new((symbol,), step, claim)
    substituted = polynomial.xreplace({symbol: kernel})
    require_identical(equation, substituted, "the kernel")
    require_defined(substituted, known)
    require_defined(kernel, known)
    ranges = cast(tuple[Relation, ...], step.data("range") or ())
    for relation in ranges:
        require_holds(relation.at({symbol: kernel}).expression, relation.op, known, "the range")
    parts: list[Alternatives] = []
    for root in _solved(step, (polynomial,), (symbol,), step.context.with_condition(*ranges))[0]:
        require(not root.free, "the kernel is free")
        _require_new((n.symbol for n in root.numbers), step, claim)
        context = step.context.with_condition(*root.relations)
        found = _solved(step, replaced(kernel - root.values[symbol]), claim.unknowns, context)
        parts.append([tuple(_branch(b, claim.unknowns, {}, root.numbers) for b in part) for part in found])
    _concludes(claim, *parts)


def _cover_variation(step: Step) -> None:
    """Pieces cover the interval; on each the function has no zero, or is strictly monotone with the one zero listed."""
    claim = _cover(step)
    equation, symbol, values = _values(step, claim)
    require(equation.free_symbols == {symbol}, "not an equation in the unknown alone")
    pieces = cast(tuple[tuple[Expr | None, Expr | None, Number | None], ...], step.data("pieces"))
    low, high = rational_bounds(symbol, step.context.relations)
    first, last = pieces[0][0], pieces[-1][1]
    require(first is None or (low is not None and first <= low[0]), "the left end is not covered")
    require(last is None or (high is not None and last >= high[0]), "the right end is not covered")
    require(all(a[1] is not None and a[1] == b[0] for a, b in pairwise(pieces)), "a gap in the pieces")
    for left, right, number in pieces:
        ends = ((left, ">="), (right, "<="))
        inside = (Relation(symbol - end, op) for end, op in ends if end is not None)
        known = facts(step, step.context.with_condition(*inside))
        require_defined(equation, known)
        if number is None:
            require_holds(equation, "!=", known, "the piece")
        else:
            slope = signs_of_tree(derivative_by_table(equation, symbol), known)
            require(slope in (SIGNS_OF[">"], SIGNS_OF["<"]), "not monotone on a piece")
            require(_is_zero_between(number, equation, symbol, left, right), "the zero is not there")
    numbers = {number for _, _, number in pieces if number is not None}
    require(set(values) == {(number.symbol, (number,)) for number in numbers}, "the zeros are not the values")
    _followed(step, claim, symbol, values)


def _is_zero_between(
    number: Number, equation: Expr, symbol: Symbol, left: Expr | None, right: Expr | None
) -> bool:
    """Whether the function has opposite signs at the ends of the number's interval, which lies in the piece."""
    low, high = number.interval
    inside = (left is None or low >= left) and (right is None or high <= right) and number.index is None
    same = number.equation == equation.xreplace({symbol: number.symbol})
    (a, b), (c, d) = (
        require_given(enclose(equation, {symbol: (end, end)}, 40), tuple) for end in (low, high)
    )
    return bool(inside and same and ((b < 0 < c) or (d < 0 < a) or (a == b == 0 and low == high)))


def _stationary(step: Step) -> None:
    """The gradient vanishes on every branch, every branch lies in the region, and a cover says there are no others."""
    claim = require_given(step.claim, Stationary)
    require_own_symbols(claim.branches, claim.variables, (claim.objective,), step.context)
    require(all(is_symbol_free(r.expression, claim.variables) for r in step.context.condition), "a condition")
    require(is_smooth(claim.objective, claim.variables, facts(step)), "f may not be differentiable")
    gradient = cast(Gradient, the_premise(step, Gradient).claim)
    require(
        (gradient.objective, gradient.variables) == (claim.objective, claim.variables),
        "the gradient of something else",
    )
    require_available(step, Gradient)
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context)]
    numbers = {n for cover in covers for b in cover.branches for n in b.numbers}
    for branch in claim.branches:
        require(set(branch.numbers) <= numbers, "a number that no equation has given")
        known = facts(step, Context((), step.context.condition + branch.relations))
        require_inside(branch.values, step.context.region, known)
        for entry in gradient.entries:
            require(is_zero(entry.xreplace(branch.values), known), f"{entry} does not vanish on a branch")
    if claim.complete:
        full = [c for c in covers if (c.equations, c.unknowns) == (gradient.entries, claim.variables)]
        require(bool(full), "the cover of another system")
        listed = all(any(lies_on(b, branch) for branch in claim.branches) for b in full[0].branches)
        require(listed, "a point is missing")


def lies_on(inner: Branch, outer: Branch) -> bool:
    """Whether every point of one branch is a point of the other, seen by putting values in for its free symbols."""
    if inner == outer:
        return True
    written = (*outer.values.values(), *(r.expression for r in outer.where))
    if {s for e in written for s in e.free_symbols} & (inner.own_symbols - outer.own_symbols):
        return False  # one name for two things
    table: dict[Symbol, Expr] = {}
    values = inner.values
    for symbol, kind in outer.free:
        place = next((u for u, value in outer.at if value == symbol), None)
        if place is None or kind != "real":
            return False
        table[symbol] = values[place]
    known = inner.relations
    return (
        set(outer.numbers) <= set(inner.numbers)
        and all(is_zero(values[u] - value.xreplace(table), known) for u, value in outer.at)
        and all(holds(r.at(table).expression, r.op, known) for r in outer.where)
    )


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_none": _cover_none,
    "cover_free": _cover_free,
    "cover_factors": _cover_factors,
    "cover_sum": _cover_sum,
    "cover_linear": _cover_linear,
    "cover_roots": _cover_roots,
    "cover_inverse": _cover_inverse,
    "cover_kernel": _cover_kernel,
    "cover_variation": _cover_variation,
    "cover_by_cases": _cover_by_cases,
    "cover_ideal": _cover_ideal,
    "cover_outside": _cover_outside,
    "cover_rewritten": _cover_rewritten,
    "stationary_points": _stationary,
}
