"""A yes-or-no answer over all values of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symopt.errors import UndecidedError
from symopt.results.cases import Case, Cases, condition_cell
from symopt.results.convexity import Convexity
from symopt.results.display import Shown, formula
from symopt.results.evidence import Evidence
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Objective
from symopt.writing.notation import Notation
from symopt.writing.text import pieces_text


@dataclass(frozen=True, repr=False)
class Verdict(Shown):
    """Whether f is `word`, "convex" or "concave", in every case; the truth value of an undecided verdict is an error.

    It is proved when every case is `word` or affine, refuted when one is decided to be something else.
    """

    word: str
    cases: Cases[Convexity]

    @property
    def question(self) -> str:
        """`is f convex?`"""
        return f"is f {self.word}?"

    @property
    def against(self) -> Case[Convexity] | None:
        """The first case that refutes it."""
        fine = (self.word, "affine", "undecided")
        return next((case for case in self.cases if case.result.kind not in fine), None)

    @property
    def evidence(self) -> Evidence:
        """The proof of all cases, the witness of the case that refutes it, or why one is undecided."""
        if self.against is not None:
            evidence = self.against.result.evidence
            reason = pieces_text(self._why_not(self.against), self.notation)
            return Evidence("refuted", evidence.steps, reason, None, evidence.witness)
        results = [case.result for case in self.cases]
        for result in results:
            if result.kind == "undecided":
                return result.evidence
        return Evidence("proved", tuple(step for result in results for step in result.evidence.steps))

    @property
    def status(self) -> str:
        """`proved`, `refuted` or `undecided`."""
        return self.evidence.status

    def __bool__(self) -> bool:
        evidence = self.evidence
        if evidence.status == "undecided":
            raise UndecidedError(f"{self.question} is undecided: {evidence.reason}")
        return evidence.status == "proved"

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Verdict:
        """The verdict at values of the parameters: `.at(p=2)` or `.at({p: "1/2"})`."""
        return Verdict(self.word, self.cases.at(values, **named))

    @property
    def notation(self) -> Notation:
        return self.cases.notation

    def sentence(self) -> Pieces:
        """`f is convex: refuted, since it is strictly concave for p < 1`."""
        said: Pieces = (Math((Objective(),)), f" is {self.word}: {self.status}")
        if self.against is not None:
            return (*said, ", since ", *self._why_not(self.against))
        reason = self.evidence.reason
        return (*said, f", {reason}") if reason else said

    def _why_not(self, case: Case[Convexity]) -> Pieces:
        if case.result.kind == "region_not_convex":
            why: Pieces = ("the region is not convex",)
        else:
            why = ("it is ", *case.result.label())
        return (*why, " for ", *condition_cell(case.condition)) if case.condition.relations else why

    def blocks(self) -> tuple[Block, ...]:
        return (Paragraph(self.sentence()),)

    def headline(self) -> str:
        return pieces_text(self.sentence(), self.notation)

    def __str__(self) -> str:
        return self.headline()

    def latex(self) -> str:
        return formula(self.sentence(), self.notation)

    def table(self) -> Table:
        """What f is in each case."""
        return self.cases.table()

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        """The proofs of all cases, or that of the case which refutes it."""
        return (self.against or self.cases).proof(detail, notation)

    def to_dict(self) -> dict[str, object]:
        return {"question": self.question, "evidence": self.evidence.to_dict()}
