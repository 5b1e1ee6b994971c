"""Whether an objective is convex, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symopt.derivation.claims import NotCurved
from symopt.results.evidence import Evidence
from symopt.results.result import Result
from symopt.results.telling import proof_blocks, undecided_pieces, variables_of
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Objective
from symopt.writing.notation import Notation
from symopt.writing.solving import joined


@dataclass(frozen=True, repr=False)
class Convexity(Result):
    """`kind`: affine, convex, concave, neither, undecided, region_not_convex; `strict` may be None."""

    kind: str
    strict: bool | None
    evidence: Evidence

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return self.evidence.witness_symbols

    def replaced(self, values: dict[Symbol, Expr]) -> Convexity:
        return replace(self, evidence=self.evidence.replaced(values))

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return Notation(variables_of(self.evidence.steps))

    def blocks(self) -> tuple[Block, ...]:
        return (self.table(),)

    def table(self) -> Table:
        return Table(((Math((Objective(),)), " is"),), ((self.label(),),))

    def label(self) -> Pieces:
        """`strictly convex`, `neither convex nor concave`, `undecided: ..`."""
        if self.kind == "undecided":
            return undecided_pieces(self.evidence)
        words = {
            "affine": "affine (convex and concave)",
            "neither": "neither convex nor concave",
            "region_not_convex": "not considered, as the region is not convex",
        }
        how = {True: "strictly ", False: "", None: ""}[self.strict]
        more = {False: ", not strictly", None: "", True: ""}[self.strict]
        plain = self.kind in ("convex", "concave")
        return (f"{how}{self.kind}{more}" if plain else words.get(self.kind, self.kind),)

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if self.kind == "undecided":
            return (Paragraph(joined((undecided_pieces(self.evidence),))),)
        steps = self.evidence.steps
        if (
            self.strict and detail == "brief"
        ):  # nothing is strictly convex and concave, so that goes without saying
            steps = tuple(step for step in steps if not isinstance(step.claim, NotCurved))
        return proof_blocks(steps, detail, notation)

    def to_dict(self) -> dict[str, object]:
        return {"kind": self.kind, "strict": self.strict, "evidence": self.evidence.to_dict()}
