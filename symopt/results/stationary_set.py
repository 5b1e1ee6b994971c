"""All stationary points of an objective, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symopt.relation import Relation
from symopt.results.evidence import Evidence
from symopt.results.point import Point
from symopt.results.result import Result
from symopt.writing.syntax import condition_text


@dataclass(frozen=True)
class StationarySet(Result):
    """All stationary points of f in the region; `complete` only when it is proved that there are no others."""

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

    def to_dict(self) -> dict[str, object]:
        return {
            "complete": self.complete,
            "searched": None if self.searched is None else condition_text(self.searched),
            "points": [point.to_dict() for point in self.points],
            "kinks": [point.kink_to_dict() for point in self.kinks],
            "evidence": self.evidence.to_dict(),
        }
