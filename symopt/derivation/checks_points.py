"""Checks of the rules that solve equations, collect stationary points and label them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import cast

from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol, exp, log

from symopt.derivation.checking import (
    SIGNS_OF,
    available,
    facts,
    identical,
    is_defined,
    is_symbol_free,
    premises_of,
    reduced,
    require,
    require_available,
    require_defined,
    require_holds,
    require_identical,
    signs_of_tree,
    the_premise,
)
from symopt.derivation.checks_sign import is_rational, rational_bounds
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Gradient,
    Holds,
    Infeasible,
    Number,
    Stationary,
    Step,
)
from symopt.derivation.derivatives import derivative_by_table
from symopt.exact.elimination import zero_set_basis
from symopt.exact.enclosure import enclose
from symopt.exact.normal import canonical
from symopt.exact.roots import count_real_roots
from symopt.relation import Relation

INVERSES: Mapping[type, Callable[[Expr], Expr]] = {exp: log, log: exp}


def _cover(step: Step) -> Cover:
    require(isinstance(step.claim, Cover), f"{step.rule} proves covers only")
    return cast(Cover, step.claim)


def _at_index(step: Step, claim: Cover) -> tuple[int, Expr]:
    index = step.data("index")
    require(isinstance(index, int) and 0 <= index < len(claim.equations), "no such equation")
    return cast(int, index), claim.equations[cast(int, index)]


def _includes(claim: Cover, branches: Iterable[Branch]) -> None:
    require(set(branches) <= set(claim.branches), "a branch is missing")


def _continues(step: Step, claim: Cover, equations: tuple[Expr, ...], context: Context) -> None:
    """Some premise covers these equations (or fewer of them) in the context, with branches all listed."""
    for premise in premises_of(step, Cover):
        sub = cast(Cover, premise.claim)
        if (
            sub.unknowns == claim.unknowns
            and set(sub.equations) <= set(equations)
            and available(premise, context)
        ):
            _includes(claim, sub.branches)
            return
    require(False, "a part is not covered")


def _cover_none(step: Step) -> None:
    """One equation is never zero, or no point satisfies the context."""
    claim = _cover(step)
    if any(available(p, step.context) for p in premises_of(step, Infeasible)):
        return
    known = facts(step)
    require(
        any(is_defined(e, known) and 0 not in signs_of_tree(e, known) for e in claim.equations),
        "an equation may vanish",
    )


def _cover_free(step: Step) -> None:
    """No equation restricts the unknowns: one branch in which they are free, restricted by the region alone."""
    claim = _cover(step)
    for equation in claim.equations:
        require_identical(equation, S.Zero, "an equation")
    (branch,) = claim.branches
    names = dict(zip(claim.unknowns, (symbol for symbol, _ in branch.free), strict=True))
    require(
        branch.at == tuple(names.items()) and len(set(names.values())) == len(names),
        "the unknowns are not free",
    )
    taken = {s for r in step.context.relations for s in r.symbols} | {
        s for e in claim.equations for s in e.free_symbols
    }
    require(not set(names.values()) & (taken - set(claim.unknowns)), "a free symbol is in use already")
    allowed = {r.at(cast(dict[Symbol, Expr], names)) for r in step.context.relations}
    require(
        set(branch.where) <= allowed and all(kind == "real" for _, kind in branch.free),
        "a restriction is not given",
    )


def _cover_factors(step: Step) -> None:
    """e = rest * product of factors^k, rest != 0: one factor vanishes."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    factors, rest = step.data("factors"), step.data("rest")
    require(isinstance(factors, tuple) and isinstance(rest, Expr), "no factors")
    known = facts(step)
    pairs = cast(tuple[tuple[Expr, int], ...], factors)
    product = Mul(cast(Expr, rest), *(Pow(base, power) for base, power in pairs))
    require(all(power > 0 for _, power in pairs), "a factor in the denominator")
    require_identical(equation, product, "the factors")
    for part in (rest, *(base for base, _ in pairs)):
        require_defined(cast(Expr, part), known)
    require_holds(cast(Expr, rest), "!=", known, "the rest")
    for base, _ in pairs:
        _continues(step, claim, (*claim.equations[:index], base, *claim.equations[index + 1 :]), step.context)


def _substituted(
    step: Step, claim: Cover, index: int, symbol: Symbol, values: tuple[tuple[Expr, tuple[Number, ...]], ...]
) -> None:
    """The equation at `index` forces symbol to be one of the values; each is put into the other equations."""
    rest = tuple(e for i, e in enumerate(claim.equations) if i != index)
    unknowns = tuple(u for u in claim.unknowns if u != symbol)
    require(symbol in claim.unknowns, "not an unknown")
    premises = premises_of(step, Cover)
    for value, numbers in values:
        require(is_symbol_free(value, claim.unknowns), "a value holds an unknown that is still open")
        taken = {s for r in step.context.relations for s in r.symbols} | {
            s for e in claim.equations for s in e.free_symbols
        }
        require(not {n.symbol for n in numbers} & taken, "an auxiliary symbol is in use already")
        table = {symbol: value}
        context = step.context.at(table).with_condition(*(r for n in numbers for r in n.relations))
        wanted = {e.xreplace(table) for e in rest}
        for premise in premises:
            sub = cast(Cover, premise.claim)
            if sub.unknowns == unknowns and set(sub.equations) <= wanted and available(premise, context):
                _includes(claim, (_extended(b, symbol, value, numbers, claim.unknowns) for b in sub.branches))
                break
        else:
            require(False, f"{symbol} = {value} is not followed up")


def _extended(
    branch: Branch, symbol: Symbol, value: Expr, numbers: tuple[Number, ...], order: tuple[Symbol, ...]
) -> Branch:
    """The branch with the value of one more unknown, in the order of the unknowns."""
    table = {**branch.values, symbol: value.xreplace(branch.values)}
    return Branch(tuple((u, table[u]) for u in order), numbers + branch.numbers, branch.free, branch.where)


def _open_value(step: Step, claim: Cover) -> tuple[Symbol, tuple[tuple[Expr, tuple[Number, ...]], ...]]:
    symbol, values = step.data("symbol"), step.data("values")
    require(isinstance(symbol, Symbol) and isinstance(values, tuple), "no symbol or no values")
    return cast(Symbol, symbol), cast(tuple[tuple[Expr, tuple[Number, ...]], ...], values)


def _cover_rewritten(step: Step) -> None:
    """A cover of some of the equations covers all of them."""
    claim = _cover(step)
    _continues(step, claim, claim.equations, step.context)


def _cover_sum(step: Step) -> None:
    """A sum of terms of one sign is 0 exactly when every term is."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    terms = step.data("terms")
    require(isinstance(terms, tuple) and len(cast(tuple[Expr, ...], terms)) > 1, "no terms")
    parts, known = cast(tuple[Expr, ...], terms), facts(step)
    require_identical(equation, Add(*parts), "the sum")
    for part in parts:
        require_defined(part, known)
    signs = [signs_of_tree(part, known) for part in parts]
    one_sign = all(s <= SIGNS_OF[">="] for s in signs) or all(s <= SIGNS_OF["<="] for s in signs)
    require(one_sign, "the terms may have different signs")
    _continues(step, claim, (*claim.equations[:index], *parts, *claim.equations[index + 1 :]), step.context)


def _cover_linear(step: Step) -> None:
    """e = rest * product of (x - v_j), rest != 0: x is one of the v_j, which may hold other unknowns (one value only)."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    symbol, values = _open_value(step, claim)
    rest = step.data("rest")
    require(isinstance(rest, Expr), "no rest")
    known = facts(step)
    require_identical(equation, Mul(cast(Expr, rest), *(symbol - v for v, _ in values)), "the linear factors")
    require_holds(cast(Expr, rest), "!=", known, "the rest")
    for value, numbers in values:
        require(not numbers and not value.has(symbol), "a value in terms of itself")
        require_defined(value, known)
    require_defined(cast(Expr, rest), known)
    if len(values) == 1 and not is_symbol_free(values[0][0], claim.unknowns):
        _eliminated(step, claim, index, symbol, values[0][0])
    else:
        _substituted(step, claim, index, symbol, values)


def _eliminated(step: Step, claim: Cover, index: int, symbol: Symbol, value: Expr) -> None:
    """x = v(other unknowns): put into the other equations, and back into what they give."""
    table = {symbol: value}
    wanted = {e.xreplace(table) for i, e in enumerate(claim.equations) if i != index}
    unknowns = tuple(u for u in claim.unknowns if u != symbol)
    for premise in premises_of(step, Cover):
        sub = cast(Cover, premise.claim)
        if (
            sub.unknowns == unknowns
            and set(sub.equations) <= wanted
            and available(premise, step.context.at(table))
        ):
            _includes(claim, (_extended(b, symbol, value, (), claim.unknowns) for b in sub.branches))
            return
    require(False, "the other equations are not followed up")


def _cover_roots(step: Step) -> None:
    """A rational polynomial in one unknown: the values are roots, distinct, and as many as Sturm's count."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    symbol, values = _open_value(step, claim)
    poly = equation.as_poly(symbol)
    require(
        poly is not None and is_rational(poly) and poly.degree() > 0,
        "not a rational polynomial in the unknown",
    )
    intervals = []
    for value, numbers in values:
        if not numbers:
            require_identical(poly.as_expr().xreplace({symbol: value}), S.Zero, "the value")
            box = enclose(value, {}, 40)
            require(box is not None, "a value is not a number")
            intervals.append(cast(tuple[Rational, Rational], box))
        else:
            (number,) = numbers
            require(
                value == number.symbol and _is_root(number, poly, symbol), "not the root it is said to be"
            )
            intervals.append(cast(tuple[Rational, Rational], number.interval))
    intervals.sort()
    require(
        all(a[1] < b[0] for a, b in pairwise(intervals)),
        "two values may be the same root",
    )
    require(len(values) == count_real_roots(poly, None, None), "the number of roots is wrong")
    _substituted(step, claim, index, symbol, values)


def _is_root(number: Number, poly: object, symbol: Symbol) -> bool:
    """Whether the number's equation divides the polynomial and has one root in its interval, the index-th."""
    own = number.equation.as_poly(number.symbol)
    if own is None or not is_rational(own):
        return False
    low, high = cast(tuple[Rational, Rational], number.interval)
    divides = (
        cast(Expr, poly).as_expr().xreplace({symbol: number.symbol}).as_poly(number.symbol).rem(own).is_zero
    )
    one = count_real_roots(own, low, high, include_low=True, include_high=True) == 1
    return bool(divides and one and count_real_roots(own, None, low) == number.index)


def _cover_inverse(step: Step) -> None:
    """e = rest * (g(u) - c) with rest != 0: u = g^(-1)(c)."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    rest, outer, inner, level = (step.data(name) for name in ("rest", "function", "inner", "level"))
    require(
        isinstance(rest, Expr) and isinstance(inner, Expr) and isinstance(level, Expr) and outer in INVERSES,
        "no inverse",
    )
    known = facts(step)
    function = cast(type, outer)
    require_identical(equation, cast(Expr, rest) * (function(inner) - cast(Expr, level)), "the composition")
    require_holds(cast(Expr, rest), "!=", known, "the rest")
    require_defined(cast(Expr, rest), known)
    solved = INVERSES[function](cast(Expr, level))
    require_defined(solved, known)
    require_defined(cast(Expr, inner), known)
    for premise in premises_of(step, Cover):
        sub = cast(Cover, premise.claim)
        if (
            sub.unknowns == claim.unknowns
            and len(sub.equations) == len(claim.equations)
            and available(premise, step.context)
        ):
            others = all(
                a == b
                for i, (a, b) in enumerate(zip(sub.equations, claim.equations, strict=True))
                if i != index
            )
            if others and identical(sub.equations[index], cast(Expr, inner) - solved):
                _includes(claim, sub.branches)
                return
    require(False, "the solved equation is not followed up")


def _cover_kernel(step: Step) -> None:
    """The equation is P(t) for t = g(x): each root t = v of P gives the equation g(x) = v."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    kernel, symbol = step.data("kernel"), step.data("symbol")
    require(isinstance(kernel, Expr) and isinstance(symbol, Symbol), "no kernel")
    polynomial = step.data("polynomial")
    require(isinstance(polynomial, Expr), "no polynomial in the kernel")
    require_identical(
        equation, cast(Expr, polynomial).xreplace({cast(Symbol, symbol): cast(Expr, kernel)}), "the kernel"
    )
    require(is_symbol_free(cast(Expr, polynomial), claim.unknowns), "another unknown is left")
    require(not any(symbol in r.symbols for r in step.context.relations), "the symbol is in use already")
    covers = premises_of(step, Cover)
    first, rest = cast(Cover, covers[0].claim), covers[1:]
    in_symbol = step.context.with_condition(*cast(tuple[Relation, ...], step.data("range") or ()))
    require(first.unknowns == (symbol,) and first.equations == (polynomial,), "the polynomial is not solved")
    require(
        available(covers[0], in_symbol) and _range_of(cast(Expr, kernel), cast(Symbol, symbol), step),
        "the range is not so",
    )
    for branch in first.branches:
        require(not branch.free, "the kernel is free")
        value = dict(branch.at)[cast(Symbol, symbol)]
        context = step.context.with_condition(*branch.relations)
        equations = (*claim.equations[:index], cast(Expr, kernel) - value, *claim.equations[index + 1 :])
        for premise in rest:
            sub = cast(Cover, premise.claim)
            if sub.unknowns == claim.unknowns and sub.equations == equations and available(premise, context):
                _includes(
                    claim, (Branch(b.at, branch.numbers + b.numbers, b.free, b.where) for b in sub.branches)
                )
                break
        else:
            require(False, "a root of the polynomial is not followed up")


def _range_of(kernel: Expr, symbol: Symbol, step: Step) -> bool:
    """Whether the relations claimed for the kernel's symbol hold for the kernel."""
    relations = cast(tuple[Relation, ...], step.data("range") or ())
    known = step.context.relations
    return all(
        signs_of_tree(r.expression.xreplace({symbol: kernel}), known) <= SIGNS_OF[r.op] for r in relations
    )


def _cover_variation(step: Step) -> None:
    """Pieces cover the interval; on each the function has no zero, or is strictly monotone with the one zero listed."""
    claim = _cover(step)
    index, equation = _at_index(step, claim)
    symbol, values = _open_value(step, claim)
    pieces = cast(tuple[tuple[Expr | None, Expr | None, Number | None], ...], step.data("pieces") or ())
    require(
        bool(pieces) and equation.free_symbols == {symbol},
        "no pieces, or not an equation in the unknown alone",
    )
    low, high = rational_bounds(symbol, step.context.relations)
    require(
        pieces[0][0] is None or (low is not None and pieces[0][0] <= low[0]), "the left end is not covered"
    )
    require(
        pieces[-1][1] is None or (high is not None and pieces[-1][1] >= high[0]),
        "the right end is not covered",
    )
    require(
        all(a[1] == b[0] and a[1] is not None for a, b in pairwise(pieces)),
        "a gap in the pieces",
    )
    slope = derivative_by_table(equation, symbol)
    for left, right, number in pieces:
        ends = (
            *(() if left is None else (Relation(symbol - left, ">="),)),
            *(() if right is None else (Relation(symbol - right, "<="),)),
        )
        inside = step.context.with_condition(*ends)
        known = (
            *inside.relations,
            *(cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, inside)),
        )
        require(is_defined(equation, known), "the function may be undefined")
        if number is None:
            require(0 not in signs_of_tree(equation, known), "a zero may lie in a piece")
        else:
            require(signs_of_tree(slope, known) in (SIGNS_OF[">"], SIGNS_OF["<"]), "not monotone on a piece")
            require(
                _is_only_zero(number, equation, symbol, left, right), "the zero is not where it is said to be"
            )
    numbers = [number for _, _, number in pieces if number is not None]
    require(
        all(value == ns[0].symbol and ns[0] in numbers for value, ns in values),
        "a value is not one of the zeros",
    )
    require(len({ns[0] for _, ns in values}) == len(set(numbers)), "a zero is not listed")
    _substituted(step, claim, index, symbol, values)


def _is_only_zero(
    number: Number, equation: Expr, symbol: Symbol, left: Expr | None, right: Expr | None
) -> bool:
    """Opposite signs at the ends of the number's interval, which lies in the piece."""
    low, high = cast(tuple[Rational, Rational], number.interval)
    inside = (left is None or low >= left) and (right is None or high <= right)
    at_ends = [enclose(equation, {symbol: (end, end)}, 40) for end in (low, high)]
    if None in at_ends or number.equation != equation.xreplace({symbol: number.symbol}):
        return False
    (a, b), (c, d) = cast(list[tuple[Rational, Rational]], at_ends)
    return bool(inside and ((b < 0 < c) or (d < 0 < a) or (a == b == 0 and low == high)))


def _cover_by_cases(step: Step) -> None:
    """The solutions where q = 0 (q joined to the equations) and those where q != 0."""
    claim = _cover(step)
    quantity = step.data("quantity")
    require(isinstance(quantity, Expr), "no quantity")
    require_defined(cast(Expr, quantity), step.context.relations)
    _continues(step, claim, (*claim.equations, cast(Expr, quantity)), step.context)
    _continues(step, claim, claim.equations, step.context.with_region(Relation(cast(Expr, quantity), "!=")))


def _cover_ideal(step: Step) -> None:
    """Equations with the same zeros, found again by the same elimination."""
    claim = _cover(step)
    separating = step.data("separating")
    basis = zero_set_basis(claim.equations, claim.unknowns, cast("tuple[Symbol, Expr] | None", separating))
    premise = the_premise(step, Cover)
    sub = cast(Cover, premise.claim)
    require(set(sub.equations) <= set(basis), "not equations of the ideal")
    require_available(step)
    if separating is None:
        require(sub.unknowns == claim.unknowns, "other unknowns")
        _includes(claim, sub.branches)
    else:
        helper = cast("tuple[Symbol, Expr]", separating)[0]
        require(sub.unknowns == (*claim.unknowns, helper) and helper not in claim.unknowns, "other unknowns")
        _includes(
            claim,
            (
                Branch(tuple((u, v) for u, v in b.at if u != helper), b.numbers, b.free, b.where)
                for b in sub.branches
            ),
        )


def _cover_outside(step: Step) -> None:
    """Branches that break a relation of the context are dropped."""
    claim = _cover(step)
    premise = the_premise(step, Cover)
    sub = cast(Cover, premise.claim)
    require((sub.equations, sub.unknowns) == (claim.equations, claim.unknowns), "another system")
    require(available(premise, step.context), "another context")
    for branch in set(sub.branches) - set(claim.branches):
        context = Context((), step.context.condition + branch.relations)
        known = context.relations + tuple(
            cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context)
        )
        broken = any(
            not signs_of_tree(r.expression.xreplace(branch.values), known) & SIGNS_OF[r.op]
            for r in step.context.relations
        )
        require(broken, "a branch is dropped without a reason")


def _stationary(step: Step) -> None:
    """The gradient vanishes on every branch, every branch lies in the region, and a cover says there are no others."""
    require(isinstance(step.claim, Stationary), "not a claim about stationary points")
    claim = cast(Stationary, step.claim)
    gradient = cast(Gradient, the_premise(step, Gradient).claim)
    require(
        (gradient.objective, gradient.variables) == (claim.objective, claim.variables),
        "the gradient of something else",
    )
    require(available(the_premise(step, Gradient), step.context), "the gradient holds elsewhere")
    for branch in claim.branches:
        require(tuple(s for s, _ in branch.at) == claim.variables, "a branch does not give every variable")
        context = Context((), step.context.condition + branch.relations)
        known = context.relations + tuple(
            cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context)
        )
        for entry in gradient.entries:
            at_branch = entry.xreplace(branch.values)
            vanishes = signs_of_tree(at_branch, known) == SIGNS_OF["=="] or identical(
                reduced(canonical(at_branch), context.relations), S.Zero
            )
            require(vanishes, f"{entry} does not vanish on a branch")
        for relation in step.context.region:
            inside = (
                signs_of_tree(relation.expression.xreplace(branch.values), known) <= SIGNS_OF[relation.op]
            )
            require(inside, f"a branch may break {relation}")
    if claim.complete:
        cover = the_premise(step, Cover)
        sub = cast(Cover, cover.claim)
        require(
            sub.equations == gradient.entries and sub.unknowns == claim.variables,
            "the cover of another system",
        )
        require(available(cover, step.context), "the cover holds elsewhere")
        listed = all(any(lies_on(b, branch) for branch in claim.branches) for b in sub.branches)
        require(listed, "a point is missing")


def lies_on(inner: Branch, outer: Branch) -> bool:
    """Whether every point of one branch is a point of the other, seen by putting values in for its free symbols."""
    if inner == outer:
        return True
    table: dict[Symbol, Expr] = {}
    values = inner.values
    for symbol, kind in outer.free:
        place = next((u for u, value in outer.at if value == symbol), None)
        if place is None or kind != "real":
            return False
        table[symbol] = values[place]
    if not set(outer.numbers) <= set(inner.numbers):
        return False
    known = inner.relations
    on_it = all(
        identical(reduced(canonical(values[u] - value.xreplace(table)), known), S.Zero)
        for u, value in outer.at
    )
    return on_it and all(
        signs_of_tree(r.expression.xreplace(table), known) <= SIGNS_OF[r.op] for r in outer.where
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
