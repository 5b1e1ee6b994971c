"""Sufficient statistics: the sums of a loss over data that answers are written in, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from symopt.relation import Relation
from symopt.writing.document import Block, Display, Math, Paragraph, Pieces
from symopt.writing.mathematics import Arrays, Bounds, Objective, Tokens
from symopt.writing.syntax import condition_text


@dataclass(frozen=True)
class Range:
    """A relation that holds between the statistics for all data, and why."""

    relation: Relation
    reason: Pieces


@dataclass(frozen=True)
class Statistics:
    """`named` are the symbols with their sums, `ranges` what is known of them, `objective` the loss in them."""

    named: tuple[tuple[Symbol, Expr], ...]
    ranges: tuple[Range, ...]
    objective: Expr
    variables: tuple[Symbol, ...]

    def sentence(self) -> Pieces:
        """`Here S = sum x[i], where 0 <= S <= n.`"""
        pieces: list[str | Math] = ["Here "]
        for place, (symbol, total) in enumerate(self.named):
            pieces += [_before(place, len(self.named)), Math((symbol, "==", Arrays(total)))]
        if self.ranges:
            pieces += [", where ", Math((Bounds(tuple(found.relation for found in self.ranges)),))]
        return (*(piece for piece in pieces if piece), ".")

    def lead(self) -> tuple[Block, ...]:
        """The loss in its statistics, and the reasons of their ranges."""
        lines: list[Tokens] = [(Objective(self.variables), "==", self.objective)]
        names: list[str | Math] = []
        for place, (symbol, total) in enumerate(self.named):
            names += [_before(place, len(self.named)), Math((symbol, "==", Arrays(total)))]
        blocks: list[Block] = [
            Paragraph(("With ", *(piece for piece in names if piece), ", by the linearity of sums")),
            Display(tuple(lines), end="."),
        ]
        blocks += [Paragraph((Math((Bounds((r.relation,)),)), ", ", *r.reason, ".")) for r in self.ranges]
        return tuple(blocks)

    def to_dict(self) -> dict[str, object]:
        return {
            "named": {str(symbol): str(total) for symbol, total in self.named},
            "where": condition_text(tuple(found.relation for found in self.ranges)),
        }


def _before(place: int, count: int) -> str:
    return "" if place == 0 else " and " if place == count - 1 else ", "
