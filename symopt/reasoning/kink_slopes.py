"""Refuting convexity at a kink for every value of the parameters: the slope along a line changes the wrong way."""

from __future__ import annotations

from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_pieces import KINKS, between
from symopt.derivation.claims import Context, NotCurved, Step, Vector
from symopt.domain import natural_domain
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.far_out import curve_symbol
from symopt.reasoning.pieces import branch_between, switches, zeros
from symopt.reasoning.proposing import accepted, facts_for
from symopt.reasoning.refute import kinks
from symopt.reasoning.sampling import parameter_samples
from symopt.relation import Relation

REFUTED: Final = {-1: "convex", 1: "concave"}
MAX_KINKS: Final = 8


def refute_at_kinks(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, kinds: tuple[str, ...]
) -> dict[str, Step]:
    """Kinks at which the slope falls (rises), each against its kind; splits the cell where that is open."""
    samples, t = parameter_samples(cell), curve_symbol(objective, variables, cell)
    found: dict[str, Step] = {}
    if not objective.has(*KINKS) or not samples or t is None:
        return found
    for number, (centre, direction) in enumerate(kinks(objective, variables, cell, samples[0])):
        if number >= MAX_KINKS or set(kinds) <= set(found):
            break
        cell.budget.check()
        step = _at_kink(objective, variables, cell, centre, direction, t, tuple(set(kinds) - set(found)))
        if step is not None:
            found[cast(NotCurved, step.claim).kind] = step
    return found


def _at_kink(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    centre: Vector,
    direction: Vector,
    t: Symbol,
    kinds: tuple[str, ...],
) -> Step | None:
    """The step for one point and one direction: the two pieces beside t = 0 on the line, and their slopes there."""
    line = {v: c + t * d for v, c, d in zip(variables, centre, direction, strict=True)}
    along = objective.xreplace(line)
    places = [z for s in dict.fromkeys(switches(along)) if s.has(t) for z in zeros(s, t) or ()]
    try:
        signs = {place: cell.sign(place) for place in map(canonical, places)}
        pieces, facts, ends = [], list[Step](), []
        for turn in (-1, 1):
            end = _nearest([place for place, sign in signs.items() if sign == turn], turn, cell)
            low, high = (S.Zero, end) if turn == 1 else (end, S.Zero)
            context = Context(between((), t, low, high), cell.context.condition)
            piece, told = branch_between(along, context, t, low, high)
            if piece is None:
                return None
            pieces.append(piece)
            ends.append(end)
            facts += told
        change = canonical(derivative_by_table(pieces[1] - pieces[0], t).xreplace({t: S.Zero}))
        kind = REFUTED.get(cell.sign(change)) if not change.has(t) else None
    except (NotExact, Rejected):
        return None
    if kind not in kinds:
        return None
    ahead = tuple(c + d for c, d in zip(centre, direction, strict=True))
    claim = NotCurved(objective, variables, kind, False, centre, ahead, S.One)
    condition = Context((), cell.context.condition)
    needed = [
        *(r.interior().at(dict(zip(variables, centre, strict=True))) for r in cell.context.region),
        *(r for value in (*centre, *ends) for r in natural_domain(value)),
        *(Relation(end, op) for end, op in zip(ends, "<>", strict=True)),
        *(r.at({t: S.Zero}) for piece in pieces for r in singularities(piece, (t,)) or ()),
        Relation(change, "<" if kind == "convex" else ">"),
    ]
    facts += [f for r in dict.fromkeys(needed) if r.symbols for f in facts_for((r,), condition) or ()]
    data = {"along": t, "pieces": tuple(pieces), "ends": tuple(ends)}
    return accepted(cell.context, claim, "slope_at_a_kink", facts, **data)


def _nearest(places: list[Expr], turn: int, cell: Cell) -> Expr:
    """The place nearest to 0 of those on one side; 1 or -1 where there is none."""
    best: Expr | None = None
    for place in places:
        if best is None or cell.sign(canonical(turn * (best - place))) > 0:
            best = place
    return turn * S.One if best is None else best
