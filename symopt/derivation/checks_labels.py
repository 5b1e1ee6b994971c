"""Checks of the rules that label stationary points and kinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Rational, S, Symbol

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    identical,
    is_symbol_free,
    is_zero,
    premises_of,
    require,
    require_defined,
    require_equal,
    require_given,
    require_holds,
    require_identical,
    require_own_symbols,
    the_premise,
)
from symopt.derivation.checks_derivative import is_open, is_smooth
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Definite,
    Gradient,
    Hessian,
    Holds,
    Label,
    Matrix,
    Smooth,
    Stationary,
    Step,
)
from symopt.derivation.series import as_known, lowest_sign, require_new_symbol
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.linear import determinant, matmul, transpose
from symopt.exact.relations import rational_bounds
from symopt.exact.residues import residue

OP_OF: Mapping[str, str] = {"minimum": ">", "maximum": "<"}


def _definite(step: Step) -> None:
    """M = L D L^T with L unit lower triangular; the signs of the entries of D."""
    claim, known = require_given(step.claim, Definite), facts(step)
    lower = require_given(step.data("lower"), tuple)
    pivots = require_given(step.data("diagonal"), tuple)
    n = len(claim.matrix)
    require(len(lower) == len(pivots) == n and claim.op in (">", ">=", "<", "<="), "the wrong shape")
    unit = all(lower[i][j] == int(i == j) for i in range(n) for j in range(i, n))
    require(unit, "not unit lower triangular")
    require(all(len(row) == n for row in claim.matrix), "not a square matrix")
    for entry in (*(e for row in (*lower, *claim.matrix) for e in row), *pivots):
        require_defined(entry, known)
    for pivot in pivots:
        require_holds(pivot, claim.op, known, "a pivot")
    middle = tuple(tuple(pivots[i] if i == j else S.Zero for j in range(n)) for i in range(n))
    product = matmul(matmul(lower, middle), transpose(lower))
    for i in range(n):
        for j in range(n):
            require_identical(product[i][j], claim.matrix[i][j], f"entry {i + 1},{j + 1}")


def label(step: Step, *kinds: tuple[str, bool | None]) -> tuple[Label, Facts]:
    """The claim, which is one of these kinds, and what is known at its branch: nothing that the region says."""
    claim = require_given(step.claim, Label)
    require((claim.kind, claim.strict) in kinds, "another label")
    require_own_symbols((claim.branch,), claim.variables, (claim.objective,), step.context)
    require(all(is_symbol_free(r.expression, claim.variables) for r in step.context.condition), "a condition")
    return claim, facts(step, Context((), step.context.condition + claim.branch.relations))


def about(step: Step, kind: type, claim: Label) -> Step:
    """The premise of that kind; it is about the same function, and holds here."""
    premise = the_premise(step, kind)
    about = premise.claim
    function = about.expression if isinstance(about, Smooth) else about.objective  # type: ignore[union-attr]
    same = (function, about.variables) == (claim.objective, claim.variables)  # type: ignore[union-attr]
    require(same and available(premise, step.context), "the {} of something else", kind.__name__)
    return premise


def stationary_label(step: Step, *kinds: tuple[str, bool | None]) -> tuple[Label, Facts]:
    """The claim about a branch that a premise shows to be stationary in the same region."""
    claim, known = label(step, *kinds)
    premise = about(step, Stationary, claim)
    require(claim.branch in cast(Stationary, premise.claim).branches, "not a stationary point")
    require(set(premise.context.region) == set(step.context.region), "a point of another region")
    return claim, known


def require_smooth(step: Step, claim: Label) -> None:
    """Reject unless f is smooth and the region open: then every direction leads to points of the region."""
    about(step, Smooth, claim)
    require_open(step)


def require_open(step: Step) -> None:
    variables = require_given(step.claim, Label).variables
    open_region = all(is_open(r, variables, step.context.relations) for r in step.context.region)
    require(open_region, "the region is not open")


def hessian_at(step: Step, claim: Label) -> Matrix:
    """The Hessian at the branch."""
    require_smooth(step, claim)
    entries = cast(Hessian, about(step, Hessian, claim).claim).entries
    return tuple(tuple(_entry_at(entry, claim.branch) for entry in row) for row in entries)


def _entry_at(entry: Expr, branch: Branch) -> Expr:
    found = residue(entry, branch.values, branch.relations)
    return entry.xreplace(branch.values) if found is None else found


def _second_order(step: Step) -> None:
    """Definite Hessian at the point: a strict extremum."""
    kind = step.rule.removeprefix("second_order_")
    claim, known = stationary_label(step, (kind, True))
    matrix, premise = hessian_at(step, claim), the_premise(step, Definite)
    definite = cast(Definite, premise.claim)
    here = Context((), step.context.condition + claim.branch.relations)
    require(definite.op == OP_OF[kind] and available(premise, here), "not definite there")
    for row, proved in zip(matrix, definite.matrix, strict=True):
        for entry, other in zip(row, proved, strict=True):
            require_equal(entry, other, known, "an entry of the Hessian")


def _second_order_saddle(step: Step) -> None:
    """u^T H u > 0 and w^T H w < 0."""
    claim, known = stationary_label(step, ("saddle", None))
    matrix = hessian_at(step, claim)
    require(len(claim.variables) > 1, "one variable")
    for name, op in (("up", ">"), ("down", "<")):
        v = require_given(step.data(name), tuple)
        for entry in v:
            require_defined(entry, known)
        terms = (a * b * e for a, row in zip(v, matrix, strict=True) for b, e in zip(v, row, strict=True))
        require_holds(as_known(sum(terms, S.Zero), known), op, known, "the direction")


def _determinant_saddle(step: Step) -> None:
    """Two variables: det H < 0 is the product of two eigenvalues of different signs."""
    claim, known = stationary_label(step, ("saddle", None))
    matrix = hessian_at(step, claim)
    require(len(claim.variables) == 2, "not two variables")
    for entry in (e for row in matrix for e in row):
        require_defined(entry, known)
    require_holds(as_known(determinant(matrix), known), "<", known, "the determinant")


def _higher_derivative(step: Step) -> None:
    """One variable: f' = ... = f^(k-1) = 0 != f^(k) at the point."""
    claim, known = stationary_label(step, ("minimum", True), ("maximum", True), ("inflection", None))
    require_smooth(step, claim)
    (variable,) = claim.variables
    order = require_given(step.data("order"), int)
    require(order >= 2 and (order % 2 == 1) == (claim.kind == "inflection"), "the order of another label")
    derivative = claim.objective
    for k in range(1, order + 1):
        derivative = derivative_by_table(derivative, variable)
        value = derivative.xreplace(claim.branch.values)
        require(k == order or is_zero(value, known), "the derivative of order {} may not vanish", k)
    require_holds(as_known(value, known), OP_OF.get(claim.kind, "!="), known, "the derivative")


def _constant(step: Step) -> None:
    """The gradient is 0 everywhere near the point, so that f is constant there."""
    claim, _ = stationary_label(step, ("constant", None))
    entries = cast(Gradient, about(step, Gradient, claim).claim).entries
    require(all(identical(entry, S.Zero) for entry in entries), "f is not constant")


def _bound(step: Step) -> None:
    """f - f* keeps one sign on the region; not strict along a family of equal values, strict when f = f* only here."""
    kind = step.rule.removeprefix("bound_")
    claim, known = stationary_label(step, (kind, True), (kind, False), (kind, None))
    require_bound(step, claim, known)


def require_bound(step: Step, claim: Label, known: Facts, near: Facts = ()) -> None:
    """The same, where `near` describes a part of the region around the point."""
    place = step.context.with_region(*near)
    kind, value = claim.kind, require_given(step.data("value"), Expr)
    free = [s for s, _ in claim.branch.free]
    require(is_symbol_free(value, (*claim.variables, *free)), "the value moves along the family")
    require_defined(value, known)
    require_equal(claim.objective.xreplace(claim.branch.values), value, known, "the value at the point")
    difference = claim.objective - value
    bounds = [
        relation
        for relation in (cast(Holds, p.claim).relation for p in premises_of(step, Holds))
        if relation in facts(step, place) and relation.implies_op(OP_OF[kind] + "=")
    ]
    require(any(identical(r.expression, difference) for r in bounds), "the bound is not proved")
    if claim.strict is False:
        require(moves_along(claim.branch, known), "no family")
    if claim.strict is True:
        covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, place)]
        only = any(
            cover.unknowns == claim.variables
            and cover.equations == (difference,)
            and all(is_discrete(b) for b in cover.branches)
            for cover in covers
        )
        require(only, "f may have the same value near by")


def moves_along(branch: Branch, known: Facts) -> bool:
    """Whether the branch has other points arbitrarily near each of its points: an analytic coordinate that varies.

    Its slope is nowhere 0; or it is analytic on a convex set and has a slope there, so that it is constant nowhere.
    """
    reals = tuple(s for s, kind in branch.free if kind == "real")
    touching = [r for r in branch.where if r.symbols & set(reals)]
    if not reals or not all(is_open(r, reals, known) for r in touching):
        return False
    anywhere = tuple(r for r in known if is_symbol_free(r.expression, reals))
    for _, value in branch.at:
        slopes = [derivative_by_table(value, s) for s in reals]
        for where, facts_there in (((), anywhere), (tuple(touching), known)):
            if is_smooth(value, reals, facts_there):
                samples = _samples(reals, where, facts_there)
                at_samples = (slope.xreplace(point) for point in samples for slope in slopes)
                if any(holds(slope, "!=", facts_there) for slope in (*slopes, *at_samples)):
                    return True
    return False


def _samples(reals: tuple[Symbol, ...], where: Facts, known: Facts) -> list[dict[Symbol, Expr]]:
    """A few points of the set that the relations describe, if it is convex: if they describe half-spaces."""
    polys = [r.expression.as_poly(*reals) for r in where]
    if any(p is None or p.total_degree() != 1 for p in polys) or any(r.op == "!=" for r in where):
        return []
    bounds = [rational_bounds(s, where) for s in reals]
    ends = [(low and low[0], high and high[0]) for low, high in bounds]
    found = []
    for share in SHARES:
        point = {s: _between(low, high, share) for s, (low, high) in zip(reals, ends, strict=True)}
        at_point = [r.at(point) for r in where]
        if all(holds(r.expression, r.op, known) for r in at_point):
            found.append(point)
    return found


def _between(low: Expr | None, high: Expr | None, share: Rational) -> Expr:
    if low is not None and high is not None:
        return low + (high - low) * share
    return low + share if low is not None else high - share if high is not None else 2 * share - 1


SHARES: Final = (Rational(1, 3), Rational(3, 5), Rational(1, 7))


def is_discrete(branch: Branch) -> bool:
    """Whether the points are isolated: each coordinate a number, or affine in one integer symbol of its own."""
    if branch.where or any(kind != "integer" for _, kind in branch.free):
        return not branch.free
    for _, value in branch.at:
        turns = [s for s, _ in branch.free if value.has(s)]
        poly = value.as_poly(*turns) if turns else None
        if turns and (len(turns) > 1 or poly is None or poly.degree() != 1 or poly.LC().free_symbols):
            return False
    return True


def _curves(step: Step) -> None:
    """Two curves through the point, polynomial in s: f - f* has the sign of its lowest term c s^k near s = 0."""
    claim, known = stationary_label(step, ("saddle", None), ("inflection", None))
    require_smooth(step, claim)
    require((claim.kind == "saddle") == (len(claim.variables) > 1), "another label")
    s = require_given(step.data("symbol"), Symbol)
    require_new_symbol(s, claim, step.context.relations)
    seen: set[int] = set()
    for curve in require_given(step.data("curves"), tuple):
        table = dict(zip(claim.variables, curve, strict=True))
        for variable, value in claim.branch.at:
            require_defined(table[variable], known)
            require(is_symbol_free(table[variable], claim.variables), "a curve in terms of the variables")
            require(table[variable].as_poly(s) is not None, "the curve is not polynomial")
            require_identical(table[variable].xreplace({s: S.Zero}), value, "the curve's start")
        degree, sign = lowest_sign(claim.objective.xreplace(table), s, known)
        seen |= {1, -1} if degree % 2 else {sign}
    require(seen == {1, -1}, "f is not shown to take larger and smaller values")


def _by_curvature(step: Step) -> None:
    """f convex (concave): every stationary point is a minimum (maximum), strict when f is strictly so."""
    kind, extremum = step.rule.split("_")
    claim, _ = stationary_label(step, (extremum, True), (extremum, None))
    curved = cast(Curved, about(step, Curved, claim).claim)
    require(curved.kind in (kind, "affine"), "curved the other way")
    require(curved.strict or claim.strict is None, "strictness is not known")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "positive_definite": _definite,
    "second_order_minimum": _second_order,
    "second_order_maximum": _second_order,
    "second_order_saddle": _second_order_saddle,
    "determinant_saddle": _determinant_saddle,
    "higher_derivative": _higher_derivative,
    "constant_function": _constant,
    "bound_minimum": _bound,
    "bound_maximum": _bound,
    "curves_saddle": _curves,
    "convex_minimum": _by_curvature,
    "concave_maximum": _by_curvature,
}
