"""All stationary points of an objective, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sympy import Expr, Symbol

from symopt.relation import Relation
from symopt.results.evidence import Evidence
from symopt.results.point import Point
from symopt.results.result import Result
from symopt.results.telling import merged, proof_blocks, undecided_pieces, variables_of
from symopt.writing.document import Block, Paragraph, Pieces, Table
from symopt.writing.notation import Notation
from symopt.writing.solving import joined
from symopt.writing.syntax import condition_text

HEADER: Final[tuple[Pieces, ...]] = (("stationary point",), ("kind",), ("value",))


@dataclass(frozen=True, repr=False)
class StationarySet(Result):
    """All stationary points of f in the region; `complete` only when there are proved to be no others."""

    points: tuple[Point, ...]
    complete: bool
    evidence: Evidence
    kinks: tuple[Point, ...] = ()
    searched: tuple[Relation, ...] | None = None

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset[Symbol]().union(*(point.free_symbols for point in self.points + self.kinks))

    def replaced(self, values: dict[Symbol, Expr]) -> StationarySet:
        return replace(
            self,
            points=tuple(p.replaced(values) for p in self.points),
            kinks=tuple(p.replaced(values) for p in self.kinks),
            evidence=self.evidence.replaced(values),
        )

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return next(
            (point.notation for point in self.points + self.kinks),
            Notation(variables_of(self.evidence.steps)),
        )

    def blocks(self) -> tuple[Block, ...]:
        return (self.table(),)

    def table(self) -> Table:
        rows = tuple(point.row() for point in self.points)
        rows += tuple(
            (cells[0], ("kink, ", *cells[1]), cells[2]) for cells in (kink.row() for kink in self.kinks)
        )
        if not self.complete:
            why = (
                undecided_pieces(self.evidence)
                if self.evidence.status == "undecided"
                else ("there may be others",)
            )
            rows += ((why, (), ()),)
        return Table(HEADER, rows or ((("none",), (), ()),))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        """How the equations were solved, then why each point is what it is."""
        if self.evidence.status == "undecided":
            return (Paragraph(joined((undecided_pieces(self.evidence),))),)
        if detail == "full":
            labels = tuple(step for p in self.points + self.kinks if p.evidence for step in p.evidence.steps)
            return proof_blocks(self.evidence.steps + labels, detail, notation)
        labels_told = tuple(
            block for point in self.points + self.kinks for block in point.proof(detail, notation)
        )
        return proof_blocks(self.evidence.steps, detail, notation) + merged(labels_told)

    def to_dict(self) -> dict[str, object]:
        return {
            "complete": self.complete,
            "searched": None if self.searched is None else condition_text(self.searched),
            "points": [point.to_dict() for point in self.points],
            "kinks": [point.kink_to_dict() for point in self.kinks],
            "evidence": self.evidence.to_dict(),
        }
