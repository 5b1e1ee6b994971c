"""Lattices of points in a bounded region: of each, finitely many members are left."""

from __future__ import annotations

from itertools import product
from math import ceil, floor
from typing import Final, cast

from sympy import Add, Expr, Integer, S, Symbol, cos, default_sort_key, pi, sin

from symopt.derivation.checker import follows
from symopt.derivation.checks_waves import beyond_integer, half_lattice, lattice_without
from symopt.derivation.claims import Branch, Context, Cover, Step
from symopt.exact.enclosure import enclose
from symopt.exact.signs import SIGNS_OF, signs_given, signs_of_constant
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.steps import cover_step

MAX_MEMBERS: Final = 40
MAX_MODULUS: Final = 12
NEAR: Final = (0, 1, -1, 2, -2)  # integers at which a family may begin
LATTICE_NAMES: Final = ("n", "m", "k", "l")


def listed(cover: Step, context: Context) -> Step:
    """The cover with the lattices that the region bounds on both sides replaced by their members."""
    while True:
        claim = cast(Cover, cover.claim)
        smaller = next((s for b in claim.branches if (s := _listed(cover, b, context)) is not None), None)
        if smaller is None:
            return cover
        cover = smaller


def in_whole_turns(cover: Step, context: Context) -> Step:
    """The cover with the lattices split by which a wave moves by a fraction of a turn: sin(x/2) at x = 2 pi n.

    Where waves move by whole turns, their signs do not depend on the integer.
    """
    claim = cast(Cover, cover.claim)
    while True:
        found = next((f for b in claim.branches if (f := fraction_of_turn(b, claim.equations))), None)
        if found is None or len(claim.branches) > MAX_MEMBERS:
            return cover
        family, turn, modulus = found
        members = tuple(family.at_integer(turn, modulus * turn + j) for j in range(int(modulus)))
        cover = cover_step(
            context,
            claim.equations,
            claim.unknowns,
            tuple(c for b in claim.branches for c in (members if b == family else (b,))),
            "cover_residues",
            (cover,),
            family=family,
            turn=turn,
            modulus=modulus,
        )
        claim = cast(Cover, cover.claim)


def fraction_of_turn(branch: Branch, equations: tuple[Expr, ...]) -> tuple[Branch, Symbol, Integer] | None:
    """An integer of the branch by which a wave moves by a fraction of a turn, and its denominator."""
    angles = sorted({w.args[0] for e in equations for w in e.atoms(sin, cos)}, key=default_sort_key)
    moving = tuple(angle.xreplace(branch.values) for angle in angles)
    for turn, kind in branch.free:
        for value in moving if kind == "integer" else ():
            slope = value.expand().coeff(turn) / (2 * pi)
            if slope.is_Rational and 1 < slope.q <= MAX_MODULUS:
                return branch, turn, Integer(slope.q)
    return None


def widened(branch: Branch, used: set[str]) -> Branch:
    """Each coordinate that moves by whole turns, freely and from an angle in (-pi, pi]: a guess, to be proved."""
    integers = {s for s, kind in branch.free if kind == "integer"}
    if not integers or branch.where or branch.numbers:
        return branch
    names = iter(name for name in LATTICE_NAMES if name not in used)
    at, turns = [], []
    for unknown, value in branch.at:
        offset, moving = value.expand().as_independent(*integers, as_Add=True)
        steps = [term.as_coeff_Mul() for term in Add.make_args((moving / (2 * pi)).expand())]
        whole = moving != 0 and all(c.is_Integer and rest in integers for c, rest in steps)
        name = next(names, None) if whole else None
        if name is None:
            if moving != 0:
                return branch
            at.append((unknown, value))
            continue
        rounds = offset.as_independent(pi, as_Add=True)[1] / (2 * pi)
        if rounds.is_Rational:
            offset -= 2 * pi * ceil(rounds - S.Half)
        turn = Symbol(name, integer=True)
        turns.append((turn, "integer"))
        at.append((unknown, offset + 2 * pi * turn))
    rest = tuple((s, kind) for s, kind in branch.free if s not in integers)
    return Branch(tuple(at), (), (*turns, *rest))


def _listed(cover: Step, family: Branch, context: Context) -> Step | None:
    """The cover with one lattice replaced by the members that the region leaves."""
    claim = cast(Cover, cover.claim)
    for turn, kind in family.free:
        if kind != "integer":
            continue
        bounds = [_bound(relation.at(family.values), turn) for relation in context.region]
        lows = [bound for bound in bounds if bound is not None and bound[0] > 0]
        highs = [bound for bound in bounds if bound is not None and bound[0] < 0]
        low = max((k for _, k in lows), default=None)
        high = min((k for _, k in highs), default=None)
        fails: tuple[Step, ...] = ()
        if low is None and high is None:
            low, high, fails = _proved_bound(family, turn, context)
        members = _members(family, turn, low, high)
        ends = {"low": low, "high": high}
        if members is None:
            found = _left_out(family, turn, context)
            if found is None:
                continue
            ends, members = {"without": found}, (lattice_without(family, turn, Integer(found)),)
        branches = tuple(c for b in claim.branches for c in (members if b == family else (b,)))
        step = cover_step(
            context,
            claim.equations,
            claim.unknowns,
            branches,
            "cover_integers",
            (cover, *fails),
            family=family,
            turn=turn,
            **{name: None if end is None else Integer(end) for name, end in ends.items()},
        )
        if follows(step):
            return step
    return None


def _members(family: Branch, turn: Symbol, low: int | None, high: int | None) -> tuple[Branch, ...] | None:
    """The members between two integers one by one, those from one integer on as a family; None where nothing changes."""
    if low is not None and high is not None:
        if high - low >= MAX_MEMBERS:
            return None
        return tuple(family.at_integer(turn, Integer(k)) for k in range(low, high + 1))
    if low is None and high is None:
        return None
    end, outward = (high, 1) if low is None else (low, -1)
    half = half_lattice(family, turn, Integer(end), outward)
    return None if half.where[-1] in family.where else (half,)


def _left_out(family: Branch, turn: Symbol, context: Context) -> int | None:
    """An integer at which a relation a n + b != 0 fails, and that the family does not leave out yet."""
    for relation in (r for r in context.region if r.op == "!="):
        at_family = relation.at(family.values).expression
        linear = at_family.as_poly(turn) if at_family.free_symbols == {turn} else None
        if linear is None or linear.degree() != 1:
            continue
        ends = enclose(cast(Expr, -linear.TC() / linear.LC()), {}, 30)
        near = None if ends is None or abs(ends[0]) > 10**6 else Integer(round((ends[0] + ends[1]) / 2))
        if near is None or signs_of_constant(at_family.xreplace({turn: near})) != SIGNS_OF["=="]:
            continue
        if any(not signs_given(turn - near, (r,)) & {0} for r in family.where):
            continue
        return int(near)
    return None


def _proved_bound(
    family: Branch, turn: Symbol, context: Context
) -> tuple[int | None, int | None, tuple[Step, ...]]:
    """The least or the greatest n near 0 for which the region holds, with the proof that it fails beyond.

    For places that hold parameters, as (2 pi n + atan(a/w))/w, or that are no straight line, as 1/(2 pi n + pi/2).
    """
    symbols = frozenset().union(*(value.free_symbols for value in family.values.values()))
    if symbols <= {turn} and all(value.as_poly(turn) is not None for value in family.values.values()):
        return None, None, ()
    for relation in context.region:
        at_family = relation.at(family.values)
        if turn not in at_family.symbols or relation.op == "!=":
            continue
        place = Context((), (*context.condition, *family.where))
        for outward, k in product((-1, 1), NEAR):
            if prove_relation(at_family.at({turn: Integer(k)}), place) is None:
                continue
            beyond = beyond_integer(turn, Integer(k + outward), outward)
            fails = prove_relation(at_family.negated(), Context((), (*context.condition, beyond)))
            if fails is not None:
                return (k, None, (fails,)) if outward < 0 else (None, k, (fails,))
    return None, None, ()


def _bound(relation: Relation, turn: Symbol) -> tuple[int, int] | None:
    """(1, least n) or (-1, greatest n) for which a relation a n + b op 0 holds."""
    poly = relation.expression.as_poly(turn)
    if relation.expression.free_symbols != {turn} or poly is None or poly.degree() != 1:
        return None
    slope, offset = poly.all_coeffs()
    sign = signs_of_constant(slope)
    upwards = {">": 1, ">=": 1, "<": -1, "<=": -1}.get(relation.op)
    if upwards is None or sign not in (SIGNS_OF[">"], SIGNS_OF["<"]):
        return None
    direction = upwards * next(iter(sign))
    bounds = enclose(cast(Expr, -offset / slope), {}, 30)
    if bounds is None or max(abs(bounds[0]), abs(bounds[1])) > 10**6:
        return None
    nearest = range(floor(bounds[0]) - 1, ceil(bounds[1]) + 2)
    inside = [
        k
        for k in nearest
        if signs_of_constant(relation.expression.xreplace({turn: Integer(k)})) <= SIGNS_OF[relation.op]
    ]
    if not inside:
        return None
    return direction, min(inside) if direction > 0 else max(inside)
