"""What the questions answer with, one frozen dataclass for each kind of answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch, Matrix, Number, Step, Vector
from symopt.relation import Relation
from symopt.results.evidence import Evidence, expression_text

Values = dict[Symbol, Expr]


def branch_at(branch: Branch, values: Values) -> Branch:
    """The branch with symbols replaced everywhere but in its unknowns' names."""
    return Branch(
        tuple((symbol, value.xreplace(values)) for symbol, value in branch.at),
        tuple(
            Number(n.symbol, n.equation.xreplace(values), n.index, (n.interval[0].xreplace(values),
                   n.interval[1].xreplace(values)))
            for n in branch.numbers
        ),
        branch.free,
        tuple(r.at(values) for r in branch.where),
    )


@dataclass(frozen=True)
class Point:
    """A stationary point (or kink, or family of them) with its label.

    `kind` is minimum, maximum, saddle, inflection, constant or undecided; `value` is f there; `inertia` counts the
    positive, negative and zero eigenvalues of the Hessian; `eigenvalues` are given when they are short.
    """

    branch: Branch
    kind: str
    strict: bool | None
    value: Expr | None
    inertia: tuple[int, int, int] | None = None
    eigenvalues: Vector | None = None
    evidence: Evidence | None = field(default=None, compare=False, repr=False)

    def replaced(self, values: Values) -> Point:
        return replace(
            self,
            branch=branch_at(self.branch, values),
            value=None if self.value is None else self.value.xreplace(values),
            eigenvalues=None if self.eigenvalues is None else tuple(e.xreplace(values) for e in self.eigenvalues),
        )


@dataclass(frozen=True)
class StationarySet:
    """All stationary points of f in the region; `complete` only when it is proved that there are no others."""

    points: tuple[Point, ...]
    complete: bool
    evidence: Evidence
    kinks: tuple[Point, ...] = ()
    searched: tuple[Relation, ...] | None = None

    def replaced(self, values: Values) -> StationarySet:
        return replace(
            self,
            points=tuple(p.replaced(values) for p in self.points),
            kinks=tuple(p.replaced(values) for p in self.kinks),
        )


@dataclass(frozen=True)
class Convexity:
    """`kind`: affine, convex, concave, neither, undecided or region_not_convex; `strict`: true, false or None."""

    kind: str
    strict: bool | None
    evidence: Evidence

    def replaced(self, values: Values) -> Convexity:
        return self


@dataclass(frozen=True)
class Extremum:
    """The infimum or supremum `value` of f (None when undecided), whether it is `attained` and where.

    `along` is a curve in `curve_symbol` -> oo on which f tends to the value, when it is not attained.
    """

    sense: str
    value: Expr | None
    attained: bool | None
    at: tuple[Branch, ...]
    evidence: Evidence
    along: tuple[tuple[Symbol, Expr], ...] = ()
    curve_symbol: Symbol | None = None

    def replaced(self, values: Values) -> Extremum:
        return replace(
            self,
            value=None if self.value is None else self.value.xreplace(values),
            at=tuple(branch_at(b, values) for b in self.at),
            along=tuple((symbol, e.xreplace(values)) for symbol, e in self.along),
        )


@dataclass(frozen=True)
class Derivatives:
    """Gradient (n entries) and Hessian (n x n) of the objective, with the steps that derive them."""

    objective: Expr
    variables: tuple[Symbol, ...]
    gradient: Vector
    hessian: Matrix
    steps: tuple[Step, ...] = field(default=(), compare=False, repr=False)

    def replaced(self, values: Values) -> Derivatives:
        return replace(
            self,
            objective=self.objective.xreplace(values),
            gradient=tuple(e.xreplace(values) for e in self.gradient),
            hessian=tuple(tuple(e.xreplace(values) for e in row) for row in self.hessian),
        )


Answer = StationarySet | Convexity | Extremum


__all__ = ["Answer", "Convexity", "Derivatives", "Extremum", "Point", "StationarySet", "branch_at", "expression_text"]
