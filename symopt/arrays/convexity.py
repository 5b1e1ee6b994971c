"""Convexity of a loss over data, as a value that can be shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from sympy import Expr, Symbol

from symopt.arrays.statement import ArrayStatement
from symopt.derivation.claims import Step
from symopt.errors import UndecidedError
from symopt.results.display import formula
from symopt.results.evidence import Evidence
from symopt.results.result import Result
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Objective, Stacked
from symopt.writing.notation import Notation
from symopt.writing.text import pieces_text

_CHECKED: Final = "The checker has verified this by the rules of composition with affine maps."


@dataclass(frozen=True, repr=False)
class ArrayConvexity(Result):
    """What f is on the whole space: "affine", "convex", "concave" or "undecided", for all data.

    `strict` is True, False, or None where it depends on the data or is not decided; `strict_when` then holds the rows
    of blocks of a matrix: f is strict exactly when that matrix has full column rank. `reasons` are the sentences of the
    proof, or what stopped it; `steps` its derivation, where the checker has one that says all of this.
    """

    statement: ArrayStatement
    kind: str
    strict: bool | None
    strict_when: tuple[tuple[Any, ...], ...]
    reasons: tuple[Pieces, ...]
    steps: tuple[Step, ...] = field(default=(), compare=False)

    @property
    def evidence(self) -> Evidence:
        """Whether it is proved; the steps are the sentences of `explain()`."""
        if self.kind == "undecided":
            return Evidence("undecided", reason=self._plain(self.reasons[-1]), stopped_by="not_covered")
        return Evidence("proved", self.steps, reason=self._plain(self.label()))

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset((*self.statement.parameters, *self.statement.sizes))

    def replaced(self, values: dict[Symbol, Expr]) -> ArrayConvexity:
        """What holds for all values holds for these."""
        return replace(self, statement=self.statement.at(values))

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return Notation(self.statement.variables)

    def _plain(self, pieces: Pieces) -> str:
        return pieces_text(pieces, self.notation)

    def label(self) -> Pieces:
        """`strictly convex exactly when [X 1] has full column rank`."""
        if self.kind in ("affine", "undecided"):
            return (self.kind,)
        if self.strict:
            return (f"strictly {self.kind}",)
        if self.strict_when:
            shown = Math((Stacked(self.strict_when),))
            return (f"{self.kind}; strictly exactly when ", shown, " has full column rank")
        return (f"{self.kind}, not strictly" if self.strict is False else self.kind,)

    def table(self) -> Table:
        return Table(((Math((Objective(),)), " is"),), ((self.label(),),))

    def blocks(self) -> tuple[Block, ...]:
        if self.kind == "undecided":
            return (Paragraph(("Whether ", self._f, " is convex is undecided: ", *self.reasons[-1], ".")),)
        return (Paragraph((self._f, " is ", *self.label(), ".")),)

    @property
    def _f(self) -> Math:
        return Math((Objective(),))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if self.kind == "undecided":
            return self.blocks()
        told = (*(Paragraph(reason) for reason in self.reasons), *self.blocks())
        return (*told, Paragraph((_CHECKED,))) if self.steps and detail == "full" else told

    def latex(self) -> str:
        return formula((Math((Objective(),)), " is ", *self.label()), self.notation)

    def to_dict(self) -> dict[str, object]:
        return {
            "cases": [
                {
                    "condition": "True",
                    "kind": self.kind,
                    "strict": self.strict,
                    "strict_when": [[str(block) for block in row] for row in self.strict_when],
                    "evidence": self.evidence.to_dict(),
                }
            ]
        }


@dataclass(frozen=True)
class ArrayVerdict:
    """Whether f is `word`, for all data; the truth value of an undecided verdict is an error."""

    word: str
    convexity: ArrayConvexity

    @property
    def status(self) -> str:
        """`proved` or `undecided`."""
        return "proved" if self.convexity.kind in (self.word, "affine") else "undecided"

    @property
    def evidence(self) -> Evidence:
        """The evidence of the convexity."""
        return self.convexity.evidence

    def __bool__(self) -> bool:
        if self.status == "undecided":
            raise UndecidedError(
                f"is f {self.word}? is undecided: {self.evidence.reason or 'no rule shows it'}"
            )
        return True
