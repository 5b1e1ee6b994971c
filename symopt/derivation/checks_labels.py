"""Checks of the rules that label stationary points and kinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, Pow, S, Symbol

from symopt.derivation.checking import (
    POSITIVE,
    SIGNS_OF,
    available,
    facts,
    identical,
    is_symbol_free,
    premises_of,
    reduced,
    require,
    require_defined,
    require_equal,
    require_holds,
    require_identical,
    signs_of_tree,
    the_premise,
)
from symopt.derivation.claims import (
    Context,
    Cover,
    Curved,
    Definite,
    Gradient,
    Hessian,
    Holds,
    Label,
    Smooth,
    Stationary,
    Step,
)
from symopt.derivation.derivatives import derivative_by_table
from symopt.exact.asymptotics import Dominant, dominant_term
from symopt.exact.linear import matmul, transpose
from symopt.exact.normal import canonical


def _definite(step: Step) -> None:
    """M = L D L^T with L unit lower triangular; the signs of the entries of D."""
    require(isinstance(step.claim, Definite), "not a claim of definiteness")
    claim = cast(Definite, step.claim)
    lower, diagonal = step.data("lower"), step.data("diagonal")
    require(isinstance(lower, tuple) and isinstance(diagonal, tuple), "no factors")
    n = len(claim.matrix)
    lower_matrix, d = cast(tuple[tuple[Expr, ...], ...], lower), cast(tuple[Expr, ...], diagonal)
    require(len(lower_matrix) == len(d) == n, "the wrong shape")
    known = facts(step)
    for i in range(n):
        require(
            lower_matrix[i][i] == 1 and all(lower_matrix[i][j] == 0 for j in range(i + 1, n)),
            "not unit lower triangular",
        )
        for entry in (*lower_matrix[i], d[i]):
            require_defined(entry, known)
        require_holds(d[i], claim.op, known, "a pivot")
    middle = tuple(tuple(d[i] if i == j else S.Zero for j in range(n)) for i in range(n))
    product = matmul(matmul(lower_matrix, middle), transpose(lower_matrix))
    for i in range(n):
        for j in range(n):
            require_identical(product[i][j], claim.matrix[i][j], f"entry {i + 1},{j + 1}")


def _label(step: Step) -> Label:
    require(isinstance(step.claim, Label), "not a label")
    return cast(Label, step.claim)


def _at_stationary(step: Step, claim: Label) -> Context:
    """The label is of a branch of a proved stationary set of the same function; where its own symbols live."""
    known = [cast(Stationary, p.claim) for p in premises_of(step, Stationary) if available(p, step.context)]
    require(
        any(
            (s.objective, s.variables) == (claim.objective, claim.variables) and claim.branch in s.branches
            for s in known
        ),
        "not a stationary point",
    )
    return Context((), step.context.condition + claim.branch.relations)


def _hessian_at(step: Step, claim: Label) -> tuple[tuple[Expr, ...], ...]:
    premise = the_premise(step, Hessian)
    hessian = cast(Hessian, premise.claim)
    require(
        (hessian.objective, hessian.variables) == (claim.objective, claim.variables),
        "the Hessian of something else",
    )
    smooth = [p for p in premises_of(step, Smooth) if cast(Smooth, p.claim).expression == claim.objective]
    require(
        bool(smooth) and all(available(p, step.context) for p in (premise, *smooth)),
        "f is not known to be smooth",
    )
    require(all(r.is_strict for r in step.context.region), "the region is not open")
    return tuple(tuple(e.xreplace(claim.branch.values) for e in row) for row in hessian.entries)


def _second_order(step: Step) -> None:
    """Definite Hessian at the point: a strict extremum."""
    claim = _label(step)
    context = _at_stationary(step, claim)
    matrix = _hessian_at(step, claim)
    op, kind = (">", "minimum") if step.rule == "second_order_minimum" else ("<", "maximum")
    require(claim.kind == kind and claim.strict is True, "another label")
    premise = the_premise(step, Definite)
    definite = cast(Definite, premise.claim)
    require(definite.op == op and available(premise, context), "not definite there")
    for row, proved in zip(matrix, definite.matrix, strict=True):
        for entry, other in zip(row, proved, strict=True):
            require_equal(entry, other, context.relations, "an entry of the Hessian")


def _second_order_saddle(step: Step) -> None:
    """u^T H u > 0 and w^T H w < 0."""
    claim = _label(step)
    context = _at_stationary(step, claim)
    matrix = _hessian_at(step, claim)
    require(claim.kind == "saddle" and claim.strict is None and len(claim.variables) > 1, "another label")
    proved = tuple(cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context))
    for name, op in (("up", ">"), ("down", "<")):
        vector = step.data(name)
        require(
            isinstance(vector, tuple) and len(cast(tuple[Expr, ...], vector)) == len(matrix),
            f"no direction {name}",
        )
        v = cast(tuple[Expr, ...], vector)
        form = sum((v[i] * v[j] * matrix[i][j] for i in range(len(v)) for j in range(len(v))), S.Zero)
        form = reduced(canonical(form), context.relations)
        tree = next((r.expression for r in proved if identical(r.expression, form)), form)
        require_holds(tree, op, context.relations + proved, "the direction")


def _higher_derivative(step: Step) -> None:
    """One variable: f' = ... = f^(k-1) = 0 != f^(k) at the point."""
    claim = _label(step)
    context = _at_stationary(step, claim)
    _hessian_at(step, claim)
    order = step.data("order")
    require(
        len(claim.variables) == 1 and isinstance(order, int) and cast(int, order) >= 2,
        "one variable and an order >= 2",
    )
    proved = tuple(cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context))
    value, (symbol,) = claim.objective, claim.variables
    for k in range(1, cast(int, order) + 1):
        value = derivative_by_table(value, symbol)
        at_point = value.xreplace(claim.branch.values)
        if k < cast(int, order):
            zero = identical(reduced(canonical(at_point), context.relations), S.Zero)
            require(zero, f"the derivative of order {k} may not vanish")
    value_there = reduced(canonical(at_point), context.relations)
    tree = next((r.expression for r in proved if identical(r.expression, value_there)), value_there)
    signs = signs_of_tree(tree, context.relations + proved)
    odd = cast(int, order) % 2 == 1
    expected = ("inflection", None) if odd else ("minimum", True) if signs == POSITIVE else ("maximum", True)
    require(0 not in signs and (odd or len(signs) == 1), "the sign of the derivative is not known")
    require((claim.kind, claim.strict) == expected, "another label")


def _constant(step: Step) -> None:
    claim = _label(step)
    _at_stationary(step, claim)
    gradient = cast(Gradient, the_premise(step, Gradient).claim)
    require(
        (gradient.objective, gradient.variables) == (claim.objective, claim.variables),
        "the gradient of something else",
    )
    require(available(the_premise(step, Gradient), step.context), "the gradient holds elsewhere")
    require(
        all(identical(e, S.Zero) for e in gradient.entries) and claim.kind == "constant", "f is not constant"
    )


def _bound(step: Step) -> None:
    """f - f* keeps one sign on the region; not strict along a family of equal values, strict when f = f* only here."""
    claim = _label(step)
    context = _at_stationary(step, claim)
    op, kind = (">=", "minimum") if step.rule == "bound_minimum" else ("<=", "maximum")
    require(claim.kind == kind, "another label")
    value = step.data("value")
    require(isinstance(value, Expr) and is_symbol_free(cast(Expr, value), claim.variables), "no value")
    here = claim.objective.xreplace(claim.branch.values)
    free = tuple(s for s, _ in claim.branch.free)
    require(is_symbol_free(cast(Expr, value), free), "the value moves along the family")
    require_identical(here, cast(Expr, value), "the value at the point")
    difference = claim.objective - cast(Expr, value)
    bounds = [
        p
        for p in premises_of(step, Holds)
        if available(p, step.context) and identical(cast(Holds, p.claim).relation.expression, difference)
    ]
    require(any(cast(Holds, p.claim).relation.implies_op(op) for p in bounds), "the bound is not proved")
    if claim.strict is False:
        moves = any(
            kind_of == "real" and any(v.has(s) for _, v in claim.branch.at)
            for s, kind_of in claim.branch.free
        )
        require(
            (moves and not claim.branch.where) or (moves and all(r.is_strict for r in claim.branch.where)),
            "no family",
        )
    elif claim.strict is True:
        covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context)]
        only = any(
            c.unknowns == claim.variables
            and len(c.equations) == 1
            and not any(b.free for b in c.branches)
            and identical(c.equations[0], difference)
            for c in covers
        )
        require(only, "f may have the same value near by")
    del context


def _curves(step: Step) -> None:
    """Two curves through the point, polynomial in s: f - f* has the sign of its lowest term c s^k near s = 0."""
    claim = _label(step)
    context = _at_stationary(step, claim)
    _hessian_at(step, claim)
    require(
        claim.kind == ("saddle" if len(claim.variables) > 1 else "inflection") and claim.strict is None,
        "another label",
    )
    seen: set[int] = set()
    symbol = step.data("symbol")
    require(
        isinstance(symbol, Symbol) and not any(symbol in r.symbols for r in context.relations),
        "no curve symbol",
    )
    s = cast(Symbol, symbol)
    known = context.relations + tuple(
        cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context)
    )
    for curve in cast(tuple[tuple[Expr, ...], ...], step.data("curves") or ()):
        table = dict(zip(claim.variables, curve, strict=True))
        for variable, value in claim.branch.at:
            require_identical(table[variable].xreplace({s: S.Zero}), value, "the curve's start")
        along = (claim.objective.xreplace(table) - claim.objective.xreplace(claim.branch.values)).expand()
        poly = along.as_poly(s)
        require(poly is not None, "f is not polynomial along the curve")
        ((degree,), coefficient) = min(
            ((m, c) for m, c in poly.terms() if not identical(c, S.Zero)), default=((0,), S.Zero)
        )
        signs = signs_of_tree(coefficient, known)
        require(degree > 0 and signs in (SIGNS_OF[">"], SIGNS_OF["<"]), "the lowest term is not known")
        seen |= {1, -1} if degree % 2 else set(signs)
    require(seen == {1, -1}, "f is not shown to take larger and smaller values")


def _by_curvature(step: Step) -> None:
    """f convex (concave): every stationary point is a minimum (maximum), strict when f is strictly so."""
    claim = _label(step)
    _at_stationary(step, claim)
    kind, extremum = ("convex", "minimum") if step.rule == "convex_minimum" else ("concave", "maximum")
    premise = the_premise(step, Curved)
    curved = cast(Curved, premise.claim)
    require(
        (curved.objective, curved.variables) == (claim.objective, claim.variables),
        "the curvature of something else",
    )
    require(
        available(premise, step.context) and curved.kind in (kind, "affine") and claim.kind == extremum,
        "another label",
    )
    require(claim.strict is None or (claim.strict is True and curved.strict), "strictness is not known")


def one_sided(
    objective: Expr, variable: Symbol, place: Expr, direction: int, sign: Callable[[Expr], int | None]
) -> Dominant | None:
    """The dominant term of f(place + direction h) - f(place) as h = 1/s -> 0."""
    s = Symbol("s_", real=True)
    here = value_at(objective, variable, place, sign)
    return dominant_term(objective.xreplace({variable: place + direction / s}) - here, s, sign)


def value_at(objective: Expr, variable: Symbol, place: Expr, sign: Callable[[Expr], int | None]) -> Expr:
    """f(place), where 0^a is 0 for a positive exponent."""
    value = objective.xreplace({variable: place})
    zeros = {p: S.Zero for p in value.atoms(Pow) if p.base == 0 and sign(p.exp) == 1}
    return value.xreplace(zeros)


def _kink(step: Step) -> None:
    """In one variable: the signs of f - f* just left and just right of the point."""
    claim = _label(step)
    require(
        len(claim.variables) == 1 and not claim.branch.free and not claim.branch.numbers,
        "one variable, one point",
    )
    require(all(r.is_strict for r in step.context.region), "the region is not open")
    known = tuple(r for r in facts(step) if not r.symbols & set(claim.variables))

    def sign(quantity: Expr) -> int | None:
        signs = signs_of_tree(quantity, known)
        return next(iter(signs)) if len(signs) == 1 else None

    ((variable, place),) = claim.branch.at
    for relation in step.context.region:
        inside = (
            signs_of_tree(relation.expression.xreplace({variable: place}), known) <= SIGNS_OF[relation.op]
        )
        require(inside, f"the point may break {relation}")
    sides = [one_sided(claim.objective, variable, place, direction, sign) for direction in (-1, 1)]
    require(None not in sides, "the behaviour on a side is not known")
    found = [sign(cast(Dominant, side).coefficient) for side in sides]
    labels = {
        ("minimum", True): {(1, 1)},
        ("minimum", False): {(0, 1), (1, 0)},
        ("maximum", True): {(-1, -1)},
        ("maximum", False): {(0, -1), (-1, 0)},
        ("inflection", None): {(1, -1), (-1, 1)},
        ("constant", None): {(0, 0)},
    }
    require(tuple(found) in labels.get((claim.kind, claim.strict), set()), "another label")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "positive_definite": _definite,
    "second_order_minimum": _second_order,
    "second_order_maximum": _second_order,
    "second_order_saddle": _second_order_saddle,
    "higher_derivative": _higher_derivative,
    "constant_function": _constant,
    "bound_minimum": _bound,
    "bound_maximum": _bound,
    "curves_saddle": _curves,
    "kink": _kink,
    "convex_minimum": _by_curvature,
    "concave_maximum": _by_curvature,
}
