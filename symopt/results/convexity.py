"""Whether an objective is convex, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symopt.results.evidence import Evidence
from symopt.results.result import Result


@dataclass(frozen=True)
class Convexity(Result):
    """`kind`: affine, convex, concave, neither, undecided or region_not_convex; `strict`: true, false or None."""

    kind: str
    strict: bool | None
    evidence: Evidence

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return self.evidence.witness_symbols

    def replaced(self, values: dict[Symbol, Expr]) -> Convexity:
        return replace(self, evidence=self.evidence.replaced(values))

    at = Result.substituted

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "strict": self.strict, "evidence": self.evidence.to_dict()}
