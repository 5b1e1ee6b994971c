"""Checks of the rules that prove curvature from the definition: f(w p + (1 - w) q) against w f(p) + (1 - w) f(q).

The points p, q and the weight w are symbols of their own, which stand for nothing else in the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Abs, Add, Dummy, Expr, Max, Min, Mul, S, Symbol, sqrt

from symopt.derivation.checking import (
    Facts,
    Rejected,
    facts,
    is_symbol_free,
    premises_of,
    require,
    require_holds,
    require_identical,
    require_symbols,
)
from symopt.derivation.checks_curvature import require_strict
from symopt.derivation.checks_region import KINDS, curved_claim, gradient_if_constant, kinds_of, require_real
from symopt.derivation.claims import Curved, Holds, Step, Vector
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

OPS: Final = {"convex": (">", ">="), "concave": ("<", "<=")}


def difference(f: Expr, variables: tuple[Symbol, ...], p: Vector, q: Vector, w: Expr) -> Expr:
    """w f(p) + (1 - w) f(q) - f(w p + (1 - w) q)."""
    between = tuple(w * a + (1 - w) * b for a, b in zip(p, q, strict=True))
    at_p, at_q, at_r = (f.xreplace(dict(zip(variables, point, strict=True))) for point in (p, q, between))
    return w * at_p + (1 - w) * at_q - at_r


def _definition(step: Step) -> None:
    """The difference of chord and graph is w (1 - w) sum d (a.(p - q))^2, or a premise gives its sign."""
    shown = step.data("difference")
    premise = next(
        (s for s in premises_of(step, Holds) if cast(Holds, s.claim).relation.expression == shown), None
    )
    claim = curved_claim(step, premise)
    require(claim.kind in OPS, "affine functions have a rule of their own")
    p, q, w = _own_symbols(step, claim)
    gap = difference(claim.objective, claim.variables, p, q, w)
    if premise is not None:
        _require_sign(step, premise, claim, p, q, w)
        return require_identical(gap, cast(Expr, shown), "the difference of chord and graph")
    squares = cast(tuple[tuple[Expr, Vector], ...], step.data("squares"))
    total = S.Zero
    for weight, form in squares:
        require(len(form) == len(claim.variables), "one coefficient for each variable")
        for entry in (weight, *form):
            require(is_symbol_free(entry, (*claim.variables, *p, *q, w)), "a coefficient varies")
            require_real(entry, facts(step))
        require_holds(weight, OPS[claim.kind][1], facts(step), "the weight of a square")
        total += weight * Add(*(c * (a - b) for c, a, b in zip(form, p, q, strict=True))) ** 2
    require_identical(gap, w * (1 - w) * total, "the difference of chord and graph")
    require_strict(step, claim)


def _own_symbols(step: Step, claim: Curved) -> tuple[Vector, Vector, Symbol]:
    """The symbols of the two points and of the weight, used for nothing else."""
    p, q, w = cast(Vector, step.data("p")), cast(Vector, step.data("q")), cast(Symbol, step.data("weight"))
    own = cast(tuple[Symbol, ...], (*p, *q, w))
    require_symbols(own)
    require(len(p) == len(q) == len(claim.variables), "one coordinate for each variable")
    used = claim.objective.free_symbols.union(claim.variables, *(r.symbols for r in step.context.relations))
    require(not used & set(own), "a symbol of the points is in use already")
    return p, q, w


def _require_sign(step: Step, premise: Step, claim: Curved, p: Vector, q: Vector, w: Symbol) -> None:
    """Reject unless the premise holds for all weights between 0 and 1, and all p and q in the region (p != q)."""
    given = {Relation(w, ">"), Relation(1 - w, ">"), *step.context.condition}
    for point in (p, q):
        values = dict(zip(claim.variables, point, strict=True))
        given |= {relation.at(values) for relation in step.context.region}
    if claim.strict:
        require(len(p) == 1, "strictly in one variable only")
        given.add(Relation(p[0] - q[0], "!="))
    require(set(premise.context.relations) <= given, "the difference has its sign elsewhere only")
    wanted = OPS[claim.kind][0 if claim.strict else 1]
    require(cast(Holds, premise.claim).relation.implies_op(wanted), "the sign of the difference")


def _triangle(step: Step) -> None:
    """|u| or sqrt(u_1^2 + ... + u_k^2) with affine u: |w u(p) + (1 - w) u(q)| <= w |u(p)| + (1 - w) |u(q)|."""
    claim = curved_claim(step)
    arguments = cast(Vector, step.data("arguments"))
    require(bool(arguments) and claim.kind == "convex" and not claim.strict, "a norm is convex, not strictly")
    for argument in arguments:
        require(gradient_if_constant(argument, claim.variables) is not None, "{} is not affine", argument)
        require_real(argument, facts(step))
    norm = Abs(arguments[0]) if len(arguments) == 1 else sqrt(Add(*(u**2 for u in arguments)))
    require_identical(claim.objective, norm, "the norm")


def _greatest(step: Step) -> None:
    """The greatest of convex functions (the least of concave ones), each with a premise of its own.

    a + c |u| with c >= 0 is the greater of a + c u and a - c u, and a + c max(u, v) that of a + c u and a + c v.
    """
    claim = curved_claim(step)
    wanted, among = choices(claim.objective, cast(Expr, step.data("among") or claim.objective), facts(step))
    require(KINDS[claim.kind] == wanted, "another kind")
    inner = {c.objective: c for c in (cast(Curved, s.claim) for s in premises_of(step, Curved))}
    for argument in among:
        found = inner.get(argument)
        if found is None or found.variables != claim.variables or wanted not in kinds_of(found):
            raise Rejected(f"the curvature of {argument}")
    every = all(inner[argument].strict for argument in among)
    require(every or not claim.strict, "strictness does not follow")


def choices(objective: Expr, node: Expr, known: Facts) -> tuple[int, tuple[Expr, ...]]:
    """1 and functions of which f is the greatest, or -1 and those of which it is the least: one for each value of a node.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> choices(x**2 - 2 * abs(x * y), abs(x * y), ())
    (-1, (x**2 - 2*x*y, x**2 + 2*x*y))
    """
    if not isinstance(node, (Max, Min, Abs)):
        raise Rejected("neither a maximum nor a minimum")
    side = -1 if isinstance(node, Min) else 1
    values = (node.args[0], -node.args[0]) if isinstance(node, Abs) else node.args
    if node == objective:
        return side, tuple(values)
    place, whole, slope = with_place(objective, node)
    require(_is_affine_in(place, whole), "not a multiple of the node beside other terms")
    for turn, op in ((1, ">="), (-1, "<=")):
        if signs_of_tree(slope, known) <= SIGNS_OF[op]:
            return turn * side, tuple(whole.xreplace({place: value}) for value in values)
    raise Rejected("a multiple of unknown sign")


def _is_affine_in(place: Symbol, expression: Expr) -> bool:
    """Whether the symbol stands in sums, and in products with what does not hold it, alone."""
    if expression == place or not expression.has(place):
        return True
    moving = [part for part in expression.args if part.has(place)]
    alone = isinstance(expression, Add) or (isinstance(expression, Mul) and len(moving) == 1)
    return alone and all(_is_affine_in(place, cast(Expr, part)) for part in moving)


def with_place(objective: Expr, node: Expr) -> tuple[Symbol, Expr, Expr]:
    """A symbol for the node, f with it in place of the node, and the slope in it."""
    place = Dummy("m", real=True)
    whole = objective.xreplace({node: place})
    return place, whole, whole.diff(place)


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "definition": _definition,
    "triangle_inequality": _triangle,
    "greatest": _greatest,
}
