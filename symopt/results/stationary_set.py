"""All stationary points of an objective, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sympy import Expr, Symbol

from symopt.derivation.claims import Context
from symopt.relation import Relation
from symopt.results.evidence import Evidence
from symopt.results.point import Point
from symopt.results.result import Result
from symopt.results.telling import (
    in_combinations,
    in_paragraphs,
    merged,
    proof_blocks,
    told_apart,
    undecided_pieces,
    variables_of,
)
from symopt.writing.claims import condition_pieces
from symopt.writing.document import Block, Group, Paragraph, Pieces, Table
from symopt.writing.notation import Notation
from symopt.writing.solving import joined
from symopt.writing.syntax import condition_text

HEADER: Final[tuple[Pieces, ...]] = (("stationary point",), ("kind",), ("value",))
KINK_HEADER: Final[tuple[Pieces, ...]] = (("kink",), ("kind",), ("value",))


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
        return (self.stationary_table(), *(() if not self.kinks else (self.kink_table(),)))

    def table(self) -> Table:
        """Stationary points and kinks in one table, as a case of several holds it."""
        named = ((kink.kink_name(), kink.kink_row()) for kink in self.kinks)
        kinks = tuple((place, (f"{name}, ", *kind), value) for name, (place, kind, value) in named)
        rows = (*(point.row() for point in self.points), *kinks, *self._others())
        return Table(HEADER, rows or ((("none",), (), ()),))

    def stationary_table(self) -> Table:
        """The stationary points alone."""
        rows = (*(point.row() for point in self.points), *self._others())
        return Table(HEADER, rows or ((("none",), (), ()),))

    def kink_table(self) -> Table:
        """The kinks, which are no stationary points, alone."""
        return Table(KINK_HEADER, tuple(kink.kink_row() for kink in self.kinks) or ((("none",), (), ()),))

    def _others(self) -> tuple[tuple[Pieces, ...], ...]:
        if self.complete:
            return ()
        undecided = self.evidence.status == "undecided"
        if undecided:
            return ((undecided_pieces(self.evidence), (), ()),)
        return ((("there may be others", *self._outside()), (), ()),)

    def _outside(self) -> Pieces:
        if not self.searched:
            return ()
        return (" beyond ", *condition_pieces(Context(self.searched)))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        """How the equations were solved, then why each point is what it is; all of one part of a case together."""
        if self.evidence.status == "undecided":
            return (Paragraph(joined((undecided_pieces(self.evidence),))),)
        points = self.points + self.kinks
        labels = tuple(step for p in points if p.evidence for step in p.evidence.steps)
        if detail == "full":
            return proof_blocks(self.evidence.steps + labels, detail, notation)
        rest = tuple(
            block
            for point in points
            if point.evidence is None or point.evidence.status == "undecided"
            for block in point.proof(detail, notation)
        )
        steps = self.evidence.steps + labels
        if told_apart(steps):
            return (Group(in_paragraphs(proof_blocks(steps, detail, notation) + rest)),)
        solved = proof_blocks(self.evidence.steps, detail, notation)
        told = merged(proof_blocks(in_combinations(labels) if solved else labels, detail, notation) + rest)
        return (*((Group(solved),) if solved else ()), *told)

    def to_dict(self) -> dict[str, object]:
        return {
            "complete": self.complete,
            "searched": None if self.searched is None else condition_text(self.searched),
            "points": [point.to_dict() for point in self.points],
            "kinks": [point.kink_to_dict() for point in self.kinks],
            "evidence": self.evidence.to_dict(),
        }
