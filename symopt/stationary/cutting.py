"""Where a family of points is cut because a quantity along it changes its sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from sympy import Expr, Symbol

from symopt.cases import Cell
from symopt.derivation.claims import Branch, Context, Cover, Step
from symopt.exact.normal import NotExact, factors
from symopt.exact.relations import is_rational
from symopt.exact.roots import real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.covers import solver_for
from symopt.stationary.solver import Unsolved
from symopt.stationary.steps import cover_step

MAX_DEGREE: Final = 8


@dataclass(frozen=True)
class Cut:
    """A real symbol of a family and a value of it at which a quantity is 0, or all its zeros."""

    family: Branch
    symbol: Symbol
    value: Expr
    zeros: Step | None = None

    @property
    def parts(self) -> tuple[Branch, ...]:
        """What the family is cut in."""
        if self.zeros is None:
            return self.family.cut_at(self.symbol, self.value)
        zeros = cast(Cover, self.zeros.claim).branches
        members = (self.family.member(self.symbol, zero) for zero in zeros)
        return (*self.family.sides(self.value), *members)

    def conclude(self, cover: Step) -> Step:
        """The cover, on which the family is listed, with its parts in the place of it."""
        claim = cast(Cover, cover.claim)
        pieces = tuple(c for b in claim.branches for c in (self.parts if b == self.family else (b,)))
        rule, name = ("cover_pieces", "value") if self.zeros is None else ("cover_sides", "quantity")
        premises = (cover,) if self.zeros is None else (cover, self.zeros)
        data: dict[str, object] = {"family": self.family, "symbol": self.symbol, name: self.value}
        step = cover_step(cover.context, claim.equations, claim.unknowns, pieces, rule, premises, **data)
        return without_empty(step)


def without_empty(cover: Step) -> Step:
    """The cover without the families one of whose relations is broken by the others: (t, 0) with t^2 < 0."""
    claim = cast(Cover, cover.claim)
    kept, premises = [], []
    for branch in claim.branches:
        broken = broken_by_others(branch, cover.context.condition)
        if broken is None:
            kept.append(branch)
        else:
            premises.append(broken)
    if not premises:
        return cover
    names = (cover.context, claim.equations, claim.unknowns, tuple(kept))
    return cover_step(*names, "cover_outside", (cover, *premises))


def broken_by_others(branch: Branch, condition: tuple[Relation, ...]) -> Step | None:
    """A proof that one of the relations of a branch fails wherever the others hold."""
    for relation in branch.where:
        others = tuple(r for r in branch.relations if r != relation)
        step = prove_relation(relation.negated(), Context((), condition + others))
        if step is not None:
            return step
    return None


def where_to_cut(
    branch: Branch, quantities: Iterable[Expr], cell: Cell, condition: tuple[Relation, ...]
) -> Cut | None:
    """At a number where a quantity is 0; else at all zeros of one, which may hold parameters or waves."""
    for quantity in _in_order(tuple(dict.fromkeys(quantities))):
        for symbol, kind in branch.free:
            if kind == "real" and quantity.free_symbols & branch.own_symbols == {symbol}:
                cut = _at_a_number(branch, symbol, quantity) or _at_zeros(
                    branch, symbol, quantity, cell, condition
                )
                if cut is not None:
                    return cut
    return None


def number_to_cut_at(branch: Branch, quantities: Iterable[Expr]) -> Cut | None:
    """At a number where a quantity is 0, or at a value in the parameters on a family that is cut nowhere yet."""
    found = (
        _at_a_number(branch, symbol, quantity) or _at_a_parameter(branch, symbol, quantity)
        for quantity in _in_order(tuple(dict.fromkeys(quantities)))
        for symbol, kind in branch.free
        if kind == "real"
    )
    return next((cut for cut in found if cut is not None), None)


def _at_a_number(branch: Branch, symbol: Symbol, quantity: Expr) -> Cut | None:
    poly = quantity.as_poly(symbol) if quantity.free_symbols == {symbol} else None
    if poly is None or not is_rational(poly) or poly.degree() > MAX_DEGREE:
        return None
    for root in real_roots(poly, symbol):
        value = root.as_radical()
        inside = value is not None and all(
            r.symbols != {symbol}
            or signs_of_constant(r.expression.xreplace({symbol: value})) <= SIGNS_OF[r.op]
            for r in branch.where
        )
        if value is not None and inside:
            return Cut(branch, symbol, value)
    return None


def _at_a_parameter(branch: Branch, symbol: Symbol, quantity: Expr) -> Cut | None:
    """At t = b for t - b."""
    if quantity.free_symbols & branch.own_symbols != {symbol} or any(
        symbol in r.symbols for r in branch.where
    ):
        return None
    poly = quantity.as_poly(symbol)
    if poly is None or poly.degree() != 1 or not poly.LC().is_Rational:
        return None
    return Cut(branch, symbol, -poly.TC() / poly.LC())


def _at_zeros(
    branch: Branch, symbol: Symbol, quantity: Expr, cell: Cell, condition: tuple[Relation, ...]
) -> Cut | None:
    if any(Relation(quantity, "<").expression == r.expression for r in branch.where if r.op != "!="):
        return None
    used = {str(s) for s in (*cell.objective.free_symbols, *cell.parameters, *branch.own_symbols)}
    place = Context((), condition + branch.where)
    if prove_sign(quantity, place) is not None:
        return None  # a side that is empty would be cut off
    try:
        zeros = solver_for(cell, used).solve((quantity,), (symbol,), place)
    except (Unsolved, NotExact):
        return None
    if any(kind == "real" for b in cast(Cover, zeros.claim).branches for _, kind in b.free):
        return None
    return Cut(branch, symbol, quantity, zeros)


def _in_order(quantities: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The factors of the quantities: those first that change a sign."""
    powers: dict[Expr, bool] = {}
    for base, power in (part for quantity in quantities for part in _parts(quantity)):
        powers[base] = powers.get(base, True) and power % 2 == 0
    return tuple(sorted(powers, key=lambda base: powers[base]))


def _parts(quantity: Expr) -> tuple[tuple[Expr, int], ...]:
    """The factors of a quantity with their powers, or itself where they are not known."""
    try:
        return factors(quantity)[1]
    except NotExact:
        return ((quantity, 1),)
