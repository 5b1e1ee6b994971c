"""Refutations for every value of the parameters in a cell: by directions of the wrong curvature, and far out."""

from __future__ import annotations

from typing import Final

from sympy import Expr, Symbol

from symopt.cases import Cell
from symopt.derivation.claims import Matrix, Step, Vector
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.bending import Bend, bends, bent, critical_quantities, refute_by_bending
from symopt.reasoning.coupling import Coupled
from symopt.reasoning.deciding import coefficients, free_factors
from symopt.reasoning.far_out import bent_along, curve_symbol, refute_far_out
from symopt.reasoning.kink_slopes import refute_at_kinks
from symopt.reasoning.quadratic import signature
from symopt.reasoning.refute import refute
from symopt.reasoning.second_order import hessian_entries

KINDS: Final = ("convex", "concave")


def bent_near(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, kind: str, found: Coupled, direction: Vector
) -> Step | None:
    """A point near which all functions of one variable bend least, and a direction in which the form bends wrongly."""
    entries, s = hessian_entries(objective, variables), curve_symbol(objective, variables, cell)
    if entries is None or s is None:
        return None
    curve = tuple(
        place + _inwards(variable, place, cell) / s
        for variable, place in zip(variables, found.curve(s), strict=True)
    )
    if not any(c.has(s) for c in curve):
        return bent(cell, variables, kind, entries, curve, direction)
    return bent_along(objective, variables, cell, kind, curve, direction, s)


def _inwards(variable: Symbol, place: Expr, cell: Cell) -> int:
    """The direction into the region where the place is on its border; 0 where it is not."""
    for relation in cell.context.region:
        if relation.symbols == {variable} and relation.expression.xreplace({variable: place}) == 0:
            slope = relation.expression.diff(variable)
            if slope.is_Rational and slope != 0:
                return 1 if (slope > 0) == (relation.op in (">", ">=")) else -1
    return 0


class CellRefutation:
    """What is found over one cell against each kind; it is added to `witnesses`."""

    def __init__(
        self, objective: Expr, variables: tuple[Symbol, ...], cell: Cell, witnesses: dict[str, Step]
    ) -> None:
        self.objective, self.variables, self.cell, self.witnesses = objective, variables, cell, witnesses
        self._entries: Matrix | None = None
        self._bends: tuple[Bend, ...] = ()
        self._open_signs: tuple[Expr, ...] = ()  # what refutations near the ends of the region would rest on

    def by_bends(self) -> None:
        """Points and directions of the wrong curvature are added."""
        if len(self.variables) > 1:  # beside kinks the curvature takes long to look at
            self.witnesses.update(refute_at_kinks(self.objective, self.variables, self.cell, self._missing()))
        entries, found = bends(self.objective, self.variables, self.cell)
        if entries is None or not self._missing():
            return
        moving = tuple(bend for bend in found if any(c.free_symbols for c in bend.point))
        self._refute_by(tuple(bend for bend in found if self._is_told(bend)), entries)
        if len(self.cell.parameters) == 1:  # f''(1) = 2 a says more than how f'' behaves far out
            self._refute_by(tuple(bend for bend in found if bend not in moving), entries)
        if self._missing():
            ends, self._open_signs = refute_far_out(
                self.objective, self.variables, self.cell, entries, self._missing()
            )
            self.witnesses.update(ends)
        self._refute_by(found if len(self.cell.parameters) > 1 else moving, entries)
        self._entries, self._bends = entries, found

    def by_chords_or_splits(self) -> None:
        """Chords of the wrong curvature; then splits of the cell where second derivatives change their sign."""
        entries = self._entries
        if entries is not None and len(self.variables) > 1:
            self.witnesses.update(self._by_signature(entries))
        self.witnesses.update(refute_at_kinks(self.objective, self.variables, self.cell, self._missing()))
        missing = self._missing()
        self.witnesses.update(refute(self.objective, self.variables, self.cell, missing) if missing else {})
        if len(self.witnesses) < 2 and entries is not None:
            free = free_factors(entries, self.variables)
            for quantity in (*free, *self._open_signs, *coefficients(entries, self.variables)):
                if quantity.free_symbols.isdisjoint(self.variables):
                    self.cell.sign(quantity)
        for kind in missing:
            for quantity in critical_quantities(kind, self._bends) if kind not in self.witnesses else ():
                self.cell.sign(quantity)

    def _is_told(self, bend: Bend) -> bool:
        """Whether the sign of v^T H v is seen as it stands, so that a proof takes no time."""
        known = self.cell.context.condition
        return signs_of_tree(bend.value, known, rewriting=False) in (SIGNS_OF["<"], SIGNS_OF[">"])

    def _missing(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if kind not in self.witnesses)

    def _refute_by(self, found: tuple[Bend, ...], entries: Matrix) -> None:
        for kind in self._missing():
            step = refute_by_bending(self.objective, self.variables, self.cell, kind, entries, found)
            if step is not None:
                self.witnesses[kind] = step

    def _by_signature(self, entries: Matrix) -> dict[str, Step]:
        """Directions of both signs by L D L^T at the simplest point; splits the cell on the pivots there."""
        if self.objective.is_polynomial(*self.variables):
            return {}
        simple = (b for b in self._bends if all(c.is_Rational for c in b.point) and all(b.point))
        bend = next(simple, None)
        if bend is None:
            return {}
        at = dict(zip(self.variables, bend.point, strict=True))
        there = tuple(tuple(entry.xreplace(at) for entry in row) for row in entries)
        signs = signature(there, self.cell.sign)
        witnesses = {}
        for kind, direction in (("convex", signs.down), ("concave", signs.up)):
            step = (
                None
                if direction is None
                else bent(self.cell, self.variables, kind, entries, bend.point, direction)
            )
            if step is not None:
                witnesses[kind] = step
        return witnesses
