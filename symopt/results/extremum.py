"""The global minimum or maximum of an objective, for one case of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch
from symopt.results.branches import branch_at, branch_symbols, branch_to_dict, symbols_of
from symopt.results.evidence import Evidence
from symopt.results.result import Result
from symopt.writing.syntax import expression_text


@dataclass(frozen=True)
class Extremum(Result):
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

    def to_dict(self) -> dict[str, object]:
        along: dict[str, str] | None = None
        if self.along:
            along = {str(symbol): expression_text(value) for symbol, value in self.along}
            along["parameter"] = str(self.curve_symbol)
        return {
            "value": None if self.value is None else expression_text(self.value),
            "attained": self.attained,
            "at": [branch_to_dict(branch) for branch in self.at],
            "along": along,
            "evidence": self.evidence.to_dict(),
        }
