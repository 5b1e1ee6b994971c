"""Refuting convexity near the ends of the region: second derivatives along curves x(s), for all large s.

On an interval f'' has near an end the sign of its dominant coefficient, whatever the parameters are: so these
coefficients are what the cases are to be told by. In several variables the curves are rays, to infinity or to a border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Final, cast

from sympy import Add, Expr, Integer, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import Context, Hessian, Matrix, NotCurved, Smooth, Step, Vector
from symopt.exact.asymptotics import Dominant, dominant_term
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact
from symopt.reasoning.eventually import Signs, prove_eventually
from symopt.reasoning.proposing import accepted
from symopt.reasoning.quadratic import bend_at
from symopt.reasoning.second_order import hessian_entries

LETTERS: Final = "strhk"
MAX_CURVES: Final = 12
MAX_OPERATIONS: Final = 30


def curves(variables: tuple[Symbol, ...], cell: Cell, s: Symbol) -> Iterator[Vector]:
    """Curves x(s) into the ends of an interval; in several variables, a coordinate each to a border or far out."""
    coordinates = [tuple(_approaches(v, cell, s)) for v in variables]
    if len(variables) == 1:
        yield from ((c,) for c in coordinates[0])
        return
    resting = [_resting(v, cell) for v in variables]
    for moving in sorted(product((0, 1), repeat=len(variables)), key=sum):
        choices = (coordinates[i] if m else (resting[i],) for i, m in enumerate(moving))
        if any(moving):
            yield from cast(Iterator[Vector], product(*choices))


def _approaches(variable: Symbol, cell: Cell, s: Symbol) -> Iterator[Expr]:
    """From inside to the ends that relations affine in the variable give; -s and s where there is none."""
    lower, upper = _ends(variable, cell)
    yield from ((end + 1 / s for end in lower) if lower else (-s,))
    yield from ((end - 1 / s for end in upper) if upper else (s,))


def _ends(variable: Symbol, cell: Cell) -> tuple[list[Expr], list[Expr]]:
    lower: list[Expr] = []
    upper: list[Expr] = []
    for relation in cell.context.region:
        slopes = gradient_if_constant(relation.expression, (variable,))
        if relation.op in ("==", "!=") or slopes is None or not slopes[0].is_Rational or slopes[0] == 0:
            continue
        end = variable - relation.expression / slopes[0]
        side = lower if (slopes[0] > 0) == (relation.op[0] == ">") else upper
        side.append(end.expand())
    return lower, upper


def _resting(variable: Symbol, cell: Cell) -> Expr:
    """An inner value that the other coordinates leave alone."""
    lower, upper = _ends(variable, cell)
    if lower and upper:
        return (lower[0] + upper[0]) / 2
    return lower[0] + 1 if lower else upper[0] - 1 if upper else S.One


def curve_symbol(objective: Expr, variables: tuple[Symbol, ...], cell: Cell) -> Symbol | None:
    """A letter for what runs along a curve; None where all are in use."""
    used = objective.free_symbols.union(variables, *(r.symbols for r in cell.context.relations))
    names = {symbol.name for symbol in used}
    return next((Symbol(n, real=True) for n in LETTERS if n not in names), None)


def refute_far_out(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, entries: Matrix, kinds: tuple[str, ...]
) -> tuple[dict[str, Step], tuple[Expr, ...]]:
    """Refutations of the kinds, and the quantities in the parameters on whose signs others would rest."""
    s = curve_symbol(objective, variables, cell)
    found: dict[str, Step] = {}
    open_signs: list[Expr] = []
    if s is None:
        return found, ()
    condition = Context((), cell.context.condition)
    for curve in islice(curves(variables, cell, s), MAX_CURVES):
        at = dict(zip(variables, curve, strict=True))
        inside = Signs(condition)
        strict = (r.interior() for r in cell.context.region)
        if not prove_eventually((r.at(at) for r in strict), s, inside):
            open_signs += inside.unknown
            continue
        for i in range(len(variables)):
            cell.budget.check()
            signs = Signs(condition)
            try:
                term = dominant_term(entries[i][i].xreplace(at), s, signs)
                sign = None if term is None else signs(term.coefficient)
            except NotExact:
                continue
            open_signs += signs.unknown
            kind = {1: "concave", -1: "convex"}.get(sign or 0)
            if kind in kinds and kind not in found:
                direction = tuple(Integer(int(i == j)) for j in range(len(variables)))
                facts = tuple(dict.fromkeys((*inside.steps, *signs.steps)))
                told = {"symbol": s, "behaves_like": cast(Dominant, term).expression(s)}
                step = _step(objective, variables, cell, entries, kind, curve, direction, facts, told)
                if step is not None:
                    found[kind] = step
    short = (q for q in dict.fromkeys(open_signs) if operations(q) <= MAX_OPERATIONS)
    return found, tuple(sorted(short, key=operations))


def bent_along(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    kind: str,
    curve: Vector,
    direction: Vector,
    s: Symbol,
) -> Step | None:
    """The refutation of the kind in one direction along one curve, for all large s."""
    entries, at = hessian_entries(objective, variables), dict(zip(variables, curve, strict=True))
    condition = Context((), cell.context.condition)
    inside, signs = Signs(condition), Signs(condition)
    strict = (r.interior() for r in cell.context.region)
    if entries is None or not prove_eventually((r.at(at) for r in strict), s, inside):
        return None
    try:
        term = dominant_term(bend_at(entries, at, direction), s, signs)
        sign = None if term is None else signs(term.coefficient)
    except NotExact:
        return None
    if term is None or sign != {"convex": -1, "concave": 1}[kind]:
        return None
    facts = tuple(dict.fromkeys((*inside.steps, *signs.steps)))
    told = {"symbol": s, "behaves_like": term.expression(s)}
    return _step(objective, variables, cell, entries, kind, curve, direction, facts, told)


def _step(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    entries: Matrix,
    kind: str,
    curve: Vector,
    direction: Vector,
    facts: tuple[Step, ...],
    told: dict[str, Expr],
) -> Step | None:
    smooth = accepted(cell.context, Smooth(objective, variables), "smooth_by_table")
    hessian = accepted(cell.context, Hessian(objective, variables, entries), "hessian")
    if smooth is None or hessian is None:
        return None
    ahead = tuple(Add(c, d) for c, d in zip(curve, direction, strict=True))
    claim = NotCurved(objective, variables, kind, False, curve, ahead, S.One)
    return accepted(cell.context, claim, "second_order_far_out", (hessian, smooth, *facts), **told)


def at_places(step: Step) -> Iterator[NotCurved]:
    """The claim at large values of the curve's symbol, one after the other; as it is where there is no curve."""
    claim = cast(NotCurved, step.claim)
    curve = step.premises[0] if step.rule == "affine_change" else step
    if curve.rule != "second_order_far_out":
        yield claim
        return
    s = cast(Symbol, curve.data("symbol"))
    for k in range(1, 9):
        at = {s: Integer(4) ** k}
        p, q = (tuple(c.xreplace(at) for c in end) for end in (claim.p, claim.q))
        yield replace(claim, p=p, q=q)


__all__ = ["at_places", "curves", "refute_far_out"]
