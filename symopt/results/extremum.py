"""The global minimum or maximum of an objective, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, S, Symbol

from symopt.derivation.claims import Branch
from symopt.results.branches import branch_at, branch_symbols, branch_to_dict, symbols_of
from symopt.results.evidence import Evidence
from symopt.results.result import Result
from symopt.results.telling import proof_blocks, undecided_pieces, variables_of
from symopt.writing.claims import PERHAPS_ELSEWHERE
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Place
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, listed, told_apart, value_pieces
from symopt.writing.solving import joined
from symopt.writing.syntax import expression_text


@dataclass(frozen=True, repr=False)
class Extremum(Result):
    """The infimum or supremum `value` of f (None when undecided), whether it is `attained` and where.

    `complete` says of an attained value whether it is proved to be reached nowhere else than `at`; else it is None.
    `along` is a curve in `curve_symbol` -> oo on which f tends to the value, when it is not attained: perhaps only
    `through_integers`, the whole numbers.
    """

    sense: str
    value: Expr | None
    attained: bool | None
    at: tuple[Branch, ...]
    evidence: Evidence
    along: tuple[tuple[Symbol, Expr], ...] = ()
    curve_symbol: Symbol | None = None
    through_integers: bool = False
    complete: bool | None = None

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        inner = {self.curve_symbol} if self.curve_symbol else set()
        for branch in self.at:
            inner |= {number.symbol for number in branch.numbers}
        shown = () if self.value is None else (self.value,)
        loose = symbols_of(*shown, *(value for _, value in self.along)) - inner
        return loose.union(*(branch_symbols(branch) for branch in self.at))

    def replaced(self, values: dict[Symbol, Expr]) -> Extremum:
        return replace(
            self,
            value=None if self.value is None else self.value.xreplace(values),
            at=tuple(branch_at(branch, values) for branch in self.at),
            along=tuple((symbol, value.xreplace(values)) for symbol, value in self.along),
            evidence=self.evidence.replaced(values),
        )

    @property
    def notation(self) -> Notation:
        curve = () if self.curve_symbol is None else (self.curve_symbol,)
        return Notation((*variables_of(self.evidence.steps), *curve))

    def blocks(self) -> tuple[Block, ...]:
        return (self.table(),)

    def table(self) -> Table:
        header: tuple[Pieces, ...] = ((self.name(),), ("where",))
        numbers = tuple(number for branch in self.at for number in branch.numbers)
        if self.value is None:
            return Table(header, ((undecided_pieces(self.evidence), ()),))
        return Table(header, ((value_pieces(self.value, numbers), self.where()),))

    def name(self) -> str:
        """`minimum`, or `infimum` where it is not reached."""
        names = {"min": ("minimum", "infimum"), "max": ("maximum", "supremum")}
        return names[self.sense][self.attained is False]

    def where(self) -> Pieces:
        """Where it is attained, or along which curve f tends to it."""
        if self.attained and self.at:
            elsewhere = () if self.complete else (PERHAPS_ELSEWHERE,)
            numbers = tuple(n for branch in self.at for n in branch.numbers if n.varies)
            told = told_apart(numbers) if numbers else ()
            places = listed([branch_pieces(branch, short=True) for branch in self.at])
            return ("at ", *places, *elsewhere, *told)
        if self.attained:
            return ("attained",)
        if self.attained is None:
            return ("not known whether attained",)
        if not self.along or self.curve_symbol is None:
            return ("not attained",)
        curve = (Place(tuple(s for s, _ in self.along)), "==", Place(tuple(e for _, e in self.along)))
        missed = "" if self.value in (S.Infinity, S.NegativeInfinity) else "not attained; "
        grows = (
            Math((self.curve_symbol, "->", S.Infinity)),
            " through the integers" if self.through_integers else "",
        )
        return (f"{missed}along ", Math(curve), " as ", *grows)

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if self.value is None:
            return (Paragraph(joined((undecided_pieces(self.evidence),))),)
        return proof_blocks(self.evidence.steps, detail, notation)

    def to_dict(self) -> dict[str, object]:
        along: dict[str, object] | None = None
        if self.along:
            along = {str(symbol): expression_text(value) for symbol, value in self.along}
            along["parameter"] = str(self.curve_symbol)
            if self.through_integers:
                along["integer"] = True
        return {
            "value": None if self.value is None else expression_text(self.value),
            "attained": self.attained,
            "at": [branch_to_dict(branch) for branch in self.at],
            "complete": self.complete,
            "along": along,
            "evidence": self.evidence.to_dict(),
        }
