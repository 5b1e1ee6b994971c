"""A move of the solver for waves beside powers of the unknown: x = T n + v, in which n stands as a parameter does.

tan(x) = x has a solution in each turn, which no formula gives. In x = 2 pi n + v the equation is g(v) = n, where g is
monotone between its turning points: so each turn holds as many solutions as n lies between limits of g. What holds for
all n from some integer on is a family; nearer to 0 the solutions are sought one by one.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, gcd, lcm
from typing import Final, cast

from sympy import Add, Expr, Integer, Mul, Rational, S, Symbol, cos, pi, sin

from symopt.derivation.checker import follows
from symopt.derivation.checks_turns import Turns
from symopt.derivation.claims import Branch, Context, Cover, Holds, Infeasible, Step
from symopt.exact.enclosure import enclose
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.relation import Relation
from symopt.stationary.lattices import LATTICE_NAMES
from symopt.stationary.levels import by_written_level
from symopt.stationary.solver import OpenSign, Solver, System, Unsolved
from symopt.stationary.steps import with_equations

MAX_OPERATIONS: Final = 60
MAX_TURNS: Final = 8  # on either side of 0 that are searched one by one
SCALE: Final = 64
RESTS: Final = ("v", "u", "w")


def by_turns(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """An equation with sines and cosines of the unknown, and with the unknown beside them, on an unbounded region."""
    equation = system.equations[index]
    if len(system.equations) > 1 or system.unknowns != (symbol,) or equation.free_symbols != {symbol}:
        return None
    period = _period(equation, symbol)
    low, high = rational_bounds(symbol, system.context.relations)
    if period is None or (low is not None and high is not None) or operations(equation) > MAX_OPERATIONS:
        return None
    least, most = _first(period, None if low is None else low[0], None if high is None else high[0])
    names = solver.fresh(LATTICE_NAMES, integer=True), solver.fresh(RESTS)
    turns = _between(Turns(symbol, period, *names, least, most, (S.Zero, S.Zero)), least, most)
    tails: list[Step] = []
    branches: list[Branch] = []
    for side in (1, -1):
        found = _tail(solver, system, turns, side)
        if found is None:
            return None
        turns, steps, there = found
        tails += steps
        branches += there
    middle = System(system.equations, system.unknowns, turns.middle(system.context))
    beside = tuple(r for r in middle.context.region if r not in system.context.region)[:2]
    inner = solver.within(with_equations(solver.solved(middle), system.equations), middle.context, beside)
    step = system.cover(
        (*cast(Cover, inner.claim).branches, *branches), "cover_turns", (inner, *tails), turns=turns
    )
    return step if follows(step) else None


def _period(equation: Expr, symbol: Symbol) -> Expr | None:
    """The least common period of the waves; None without one, or where nothing but waves holds the unknown."""
    waves = equation.atoms(sin, cos)
    speeds = [wave.args[0].diff(symbol) for wave in waves]
    if not waves or not equation.xreplace(dict.fromkeys(waves, S.One)).has(symbol):
        return None
    for unit in (S.One, pi):
        rational = [speed / unit for speed in speeds]
        if all(r.is_Rational and r != 0 for r in rational):
            above = lcm(*(int(r.q) for r in rational))
            common = Rational(gcd(*(int(r * above) for r in rational)), above)
            return cast(Expr, 2 * pi / (common * unit))
    return None


def _first(period: Expr, low: Expr | None, high: Expr | None) -> tuple[Integer, Integer]:
    """The turns that are searched one by one at least: the one around 0, or those within a bound."""
    (below, above) = (None if end is None else enclose(end / period, {}, 20) for end in (low, high))
    least = -1 if below is None else floor(below[0] + Rational(1, 2))
    most = 1 if above is None else ceil(above[1] - Rational(1, 2))
    return Integer(min(least, most)), Integer(max(least, most))


def _tail(
    solver: Solver, system: System, turns: Turns, side: int
) -> tuple[Turns, list[Step], list[Branch]] | None:
    """All turns from one on (side 1) or up to one (side -1), with the integer from which on they are alike."""
    (equation,) = system.equations
    while abs(turns.high if side > 0 else turns.low) <= MAX_TURNS:
        try:
            steps = _turn(solver, system, turns, side)
        except OpenSign as stopped:
            farther = _farther(turns, side, stopped.quantity)
            if farther is None:
                return None
            turns = farther
            continue
        except (Unsolved, NotExact):
            return None
        if steps is None:
            return None
        border, inner = steps
        branches = [
            Branch(tuple(turns.border(side).items())).in_lattice(turns.turn, (turns.tail(side),))
            for _ in cast(Cover, border.claim).branches
        ]
        branches += [turns.moved(b, equation, side) for b in cast(Cover, inner.claim).branches]
        return turns, [border, inner], branches
    return None


def _turn(solver: Solver, system: System, turns: Turns, side: int) -> tuple[Step, Step] | None:
    """Covers of the border of a turn, and of its inside."""
    (equation,) = system.equations
    found = []
    for table, unknowns, context in (
        (turns.border(side), (), turns.at_border(system.context, side)),
        (turns.inner, (turns.rest,), turns.within(system.context, side)),
    ):
        there = System((equation.xreplace(table),), unknowns, context)
        left = _left(there, turns, side)
        if isinstance(left, Step):
            found.append(there.cover((), "cover_none", (left,)))
            continue
        step = _in_turn(solver, left, turns) if unknowns else solver.solved(left)
        if step is None:
            return None
        found.append(with_equations(step, there.equations))
    return found[0], found[1]


def _left(system: System, turns: Turns, side: int) -> System | Step:
    """The system without the relations that hold in every turn of a tail; a proof that one holds in none."""
    own = turns.bounds if system.unknowns else ()
    place = Context(own, (turns.tail(side),))
    kept = []
    for relation in system.context.region:
        sign = None if relation in own else _linear_sign(relation.expression, turns, side, place)
        if sign is None or not SIGNS_OF[sign] <= SIGNS_OF[relation.op]:
            kept.append(relation)
        if sign is not None and not SIGNS_OF[sign] & SIGNS_OF[relation.op]:
            known = _by_ends(relation.expression, turns, side, sign, place)
            return Step(
                system.context, Infeasible(), "contradiction", (known,), (("quantity", relation.expression),)
            )
    return replace(system, context=replace(system.context, region=tuple(kept)))


def _linear_sign(expression: Expr, turns: Turns, side: int, place: Context) -> str | None:
    """The sign of a n + b v + c in a tail, where its values at the ends tell it."""
    for op in (">", "<"):
        if follows(_by_ends(expression, turns, side, op, place)):
            return op
    return None


def _by_ends(expression: Expr, turns: Turns, side: int, op: str, place: Context) -> Step:
    """a n + b v + c written with n less its last value, and v less that of its ends at which it is furthest from op."""
    first = turns.high + 1 if side > 0 else turns.low - 1
    slope = expression.expand().coeff(turns.rest)
    towards = signs_of_constant(slope) == SIGNS_OF[op]
    end = -turns.period / 2 if towards else turns.period / 2
    at = {turns.turn: first, turns.rest: end}
    tree = Add(
        Mul(expression.expand().coeff(turns.turn), turns.turn - first, evaluate=False),
        Mul(slope, turns.rest - end, evaluate=False) if slope != 0 else S.Zero,
        expression.xreplace(at),
        evaluate=False,
    )
    return Step(place, Holds(Relation(expression, op)), "signs", (), (("tree", tree),))


def _in_turn(solver: Solver, system: System, turns: Turns) -> Step | None:
    """g(v) = n, for an equation that is linear in n; or no solution."""
    (equation,) = system.equations
    linear = equation.as_poly(turns.turn)
    found = None
    if linear is not None and linear.degree() == 1:
        slope, offset = linear.all_coeffs()
        level, written = cast(Expr, turns.turn), canonical(-offset / slope)
        found = by_written_level(solver, system, 0, turns.rest, written, level, -slope)
    return found or solver.never_zero(system, equation)


def _farther(turns: Turns, side: int, quantity: Expr) -> Turns | None:
    """The turns from the integer on from which a quantity a n + b keeps its sign."""
    linear = quantity.as_poly(turns.turn)
    if quantity.free_symbols != {turns.turn} or linear is None or linear.degree() != 1:
        return None
    ends = enclose(cast(Expr, -linear.TC() / linear.LC()), {}, 30)
    if ends is None:
        return None
    last = Integer(floor(ends[1]) if side > 0 else ceil(ends[0]))
    if side * (last - (turns.high if side > 0 else turns.low)) <= 0:
        return None
    return _between(turns, turns.low, last) if side > 0 else _between(turns, last, turns.high)


def _between(turns: Turns, low: Integer, high: Integer) -> Turns:
    """The turns with these searched one by one."""
    new = replace(turns, low=low, high=high)
    below, above = (cast("tuple[Rational, Rational]", enclose(end, {}, 20)) for end in new.ends)
    around = Rational(floor(below[0] * SCALE), SCALE), Rational(ceil(above[1] * SCALE), SCALE)
    return replace(new, around=around)
