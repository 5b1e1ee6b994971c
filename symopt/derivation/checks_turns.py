"""The check of the rule that writes an unknown as whole periods and a rest: x = T n + v."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sympy import Expr, Integer, Rational, Symbol

from symopt.derivation.checking import require, require_given
from symopt.derivation.claims import UNBOUNDED, Branch, Context, Number, Step
from symopt.derivation.covering import Alternatives, concludes, require_cover, require_new, solved
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.relation import Relation

HALF: Final = Rational(1, 2)
Table = dict[Symbol, Expr]


@dataclass(frozen=True)
class Turns:
    """x = T n + v for the integers n below `low` and above `high`; between them x is not rewritten."""

    unknown: Symbol
    period: Expr
    turn: Symbol
    rest: Symbol
    low: Integer
    high: Integer
    around: tuple[Rational, Rational]

    @property
    def ends(self) -> tuple[Expr, Expr]:
        """T (low - 1/2) and T (high + 1/2), between which x is not rewritten; they lie in the interval `around`."""
        return self.period * (self.low - HALF), self.period * (self.high + HALF)

    def middle(self, context: Context) -> Context:
        """Between the ends, and for arithmetic between rational numbers too."""
        ends = zip((*self.ends, *self.around), (">", "<", ">", "<"), strict=True)
        return context.with_region(*(Relation(self.unknown - end, op) for end, op in ends))

    def tail(self, side: int) -> Relation:
        """n > high (side 1) or n < low (side -1)."""
        if side > 0:
            return Relation(self.turn - self.high - 1, ">=")
        return Relation(self.turn - self.low + 1, "<=")

    def border(self, side: int) -> Table:
        """Where a turn of a tail begins, seen from the middle: x = T n - T/2, or T n + T/2."""
        return {self.unknown: (self.period * (self.turn - side * HALF)).expand()}

    @property
    def inner(self) -> Table:
        """The points of a turn but for its border: x = T n + v."""
        return {self.unknown: (self.period * self.turn + self.rest).expand()}

    @property
    def bounds(self) -> tuple[Relation, Relation]:
        return Relation(self.rest + self.period / 2, ">"), Relation(self.rest - self.period / 2, "<")

    def at_border(self, context: Context, side: int) -> Context:
        return context.at(self.border(side)).with_condition(self.tail(side))

    def within(self, context: Context, side: int) -> Context:
        """-T/2 < v < T/2 in a turn of a tail."""
        return context.at(self.inner).with_region(*self.bounds).with_condition(self.tail(side))

    def moved(self, branch: Branch, equation: Expr, side: int) -> Branch:
        """A branch of the points v of a turn as one of the points x.

        A number that v is, known by the equation in T n + v, becomes the number that x is, known by the equation itself.
        """
        value = branch.values[self.rest]
        own = self.as_unknown(branch, value, equation)
        at = self.inner[self.unknown].xreplace({self.rest: value}) if own is None else own.symbol
        numbers = branch.numbers if own is None else (own,)
        moved = replace(branch, at=((self.unknown, at),), numbers=numbers)
        return moved.in_lattice(self.turn, (self.tail(side),))

    def as_unknown(self, branch: Branch, value: Expr, equation: Expr) -> Number | None:
        """The number of the unknown itself, where the rest is one number known by the same equation."""
        if len(branch.numbers) != 1 or branch.free or branch.where:
            return None
        (number,) = branch.numbers
        same = equation.xreplace(self.inner).xreplace({self.rest: number.symbol}) == number.equation
        if value != number.symbol or not same or number.index is not None or UNBOUNDED[1] in number.interval:
            return None
        low, high = ((self.period * self.turn + end).expand() for end in number.interval)
        return replace(number, equation=equation.xreplace({self.unknown: value}), interval=(low, high))


def _cover_turns(step: Step) -> None:
    """Every real x is T n + v with an integer n and -T/2 < v < T/2, or T n + T/2, for a period T > 0.

    For low <= n <= high the equations are solved in x as they are.
    """
    claim = require_cover(step)
    turns = require_given(step.data("turns"), Turns)
    require(claim.unknowns == (turns.unknown,) and len(claim.equations) == 1, "one equation in one unknown")
    require(signs_of_constant(turns.period) == SIGNS_OF[">"], "the period may not be positive")
    ends = turns.low, turns.high
    require(all(isinstance(end, Integer) for end in ends) and ends[0] <= ends[1], "no integers to begin from")
    wide = (a - b for a, b in zip(turns.ends, turns.around, strict=True))
    apart = tuple(signs_of_constant(e) for e in wide)
    require(apart[0] <= SIGNS_OF[">="] and apart[1] <= SIGNS_OF["<="], "a part of the middle is left out")
    require_new((turns.turn,), step, turns.period, kind="integer")
    require_new((turns.rest,), step, turns.period, turns.turn)
    (equation,) = claim.equations
    parts: list[Alternatives] = [solved(step, claim.equations, claim.unknowns, turns.middle(step.context))]
    for side in (1, -1):
        border, inner = turns.border(side), turns.inner
        at = solved(step, (equation.xreplace(border),), (), turns.at_border(step.context, side))
        parts.append(
            [tuple(_at(b, border).in_lattice(turns.turn, (turns.tail(side),)) for b in p) for p in at]
        )
        within = solved(step, (equation.xreplace(inner),), (turns.rest,), turns.within(step.context, side))
        parts.append([tuple(turns.moved(b, equation, side) for b in p) for p in within])
    concludes(claim, *parts)


def _at(branch: Branch, border: Table) -> Branch:
    return replace(branch, at=tuple(border.items()))


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"cover_turns": _cover_turns}
