"""Regions with affine equations, such as x + y = 1: variables are solved for, and the question is one of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from sympy import Expr, Symbol
from sympy import Matrix as SymPyMatrix

from symopt.cases import Cell
from symopt.derivation.claims import Context, Curved, NotCurved, RegionNotConvex, Step, Vector
from symopt.exact.normal import canonical
from symopt.reasoning.affine_change import read_form
from symopt.reasoning.proposing import accepted
from symopt.reasoning.refute import prove_not_curved
from symopt.relation import Relation


@dataclass(frozen=True)
class Subspace:
    """The variables of an affine set as affine functions of some of them."""

    variables: tuple[Symbol, ...]
    left: tuple[Symbol, ...]
    solved: tuple[tuple[Symbol, Expr], ...]

    def cell(self, cell: Cell) -> Cell:
        """The same question in the variables that are left."""
        table = dict(self.solved)
        images = (Relation(r.expression.xreplace(table), r.op) for r in cell.context.region)
        region = tuple(r for r in images if not (r.op == "==" and canonical(r.expression) == 0))
        context = Context(region, cell.context.condition)
        return replace(cell, objective=cell.objective.xreplace(table), variables=self.left, context=context)

    def point(self, inner: Vector) -> Vector:
        """The point of the set with these coordinates."""
        at = dict(zip(self.left, inner, strict=True))
        table = dict(self.solved)
        return tuple(table[v].xreplace(at).expand() if v in table else at[v] for v in self.variables)

    def carried(self, step: Step, cell: Cell, region: Step | None) -> Step | None:
        """What a step says of the function of fewer variables, said of f."""
        match step.claim:
            case Curved() as said if region is not None:
                claim = Curved(cell.objective, self.variables, said.kind, said.strict)
                return accepted(cell.context, claim, "on_subspace", (step, region), solved=self.solved)
            case NotCurved() as said:
                chord = (self.point(said.p), self.point(said.q))
                return prove_not_curved(cell.objective, self.variables, cell, said.kind, chord, said.strict)
            case RegionNotConvex() as outside:
                p, q = self.point(outside.p), self.point(outside.q)
                found = RegionNotConvex(self.variables, p, q, outside.weight)
                return accepted(cell.context, found, "region_not_convex")
        return None


def subspace_of(cell: Cell, variables: tuple[Symbol, ...]) -> Subspace | None:
    """The affine set that the equations of the region describe; None without such equations, and for a point.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> cell = Cell(x * y, (x, y), Context((Relation(x + y - 1, "=="),)))
    >>> subspace_of(cell, (x, y)).solved
    ((x, 1 - y),)
    """
    forms = [read_form(r.expression, variables) for r in cell.context.region if r.op == "=="]
    rows = [form for form in forms if form is not None and any(form[0])]
    if not rows:
        return None
    matrix = SymPyMatrix([[*slopes, -constant] for slopes, constant in rows])
    reduced, pivots = matrix.rref()
    if len(variables) in pivots or len(pivots) == len(variables):
        return None
    left = tuple(v for k, v in enumerate(variables) if k not in pivots)
    solved = []
    for row, pivot in enumerate(pivots):
        form = reduced[row, len(variables)]
        for k, v in enumerate(variables):
            form -= reduced[row, k] * v if k != pivot else 0
        solved.append((variables[pivot], cast(Expr, form.expand())))
    return Subspace(variables, left, tuple(solved))


__all__ = ["Subspace", "subspace_of"]
