"""An answer for every value of the parameters: a flat table of cases, disjoint and without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, NoReturn, TypeVar, cast

from sympy import Expr, Symbol

from symopt.errors import CasesError, InputError, UndecidedError
from symopt.relation import Relation
from symopt.results.condition import Condition, truth_of
from symopt.results.convexity import Convexity
from symopt.results.display import Shown
from symopt.results.extremum import Extremum
from symopt.results.result import values_for
from symopt.results.stationary_set import StationarySet
from symopt.results.statistics import Statistics
from symopt.results.step_size_theory import StepSizeTheory
from symopt.results.telling import merged, subject_of, with_lead
from symopt.writing.document import Block, Math, Paragraph, Pieces, Strong, Table
from symopt.writing.mathematics import Bounds, Objective
from symopt.writing.notation import Notation
from symopt.writing.places import listed

Answered = TypeVar("Answered", bound=StationarySet | Convexity | Extremum | StepSizeTheory)


@dataclass(frozen=True, repr=False)
class Case(Shown, Generic[Answered]):
    """Where `condition` holds, the answer is `result`."""

    condition: Condition
    result: Answered

    def __repr__(self) -> str:
        return f"<Case {self.headline()}>"

    def headline(self) -> str:
        return f"{self.condition}: {self.result.headline()}"

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Case[Answered]:
        """The case at values of the parameters; InputError where its condition does not hold there."""
        symbols = self.condition.symbols | self.result.free_symbols
        table = values_for(symbols, values, named)
        condition = self.condition.at(table)
        if condition is None:
            raise InputError(f"the values given contradict the condition of this case, {self.condition}")
        return Case(condition, cast(Answered, self.result.replaced(table)))

    @property
    def notation(self) -> Notation:
        return self.result.notation

    def blocks(self) -> tuple[Block, ...]:
        if not self.condition.relations:
            return self.result.blocks()
        return (Paragraph(("For ", *condition_cell(self.condition), ":")), *self.result.blocks())

    def table(self) -> Table:
        """The table of the result, the condition in front."""
        table = self.result.table()
        rows = ((condition_cell(self.condition), *table.rows[0]), *(((), *row) for row in table.rows[1:]))
        return Table((("case",), *table.header), tuple(rows))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        own = self.result.proof(detail, notation)
        lead = Strong(("Case ", *condition_cell(self.condition), "."))
        return with_lead((lead, " "), own) if self.condition.relations else own

    def to_dict(self) -> dict[str, object]:
        return {"condition": str(self.condition), **self.result.to_dict()}


@dataclass(frozen=True, repr=False)
class Cases(Shown, Generic[Answered]):
    """The answer in each case of the parameters.

    A single case stands for its result: `cases.kind` is `cases[0].result.kind`. Of several, one is chosen by
    `.at(p=2)`; or iterate. `statistics` are the sums of data that the answer is written in.
    """

    cases: tuple[Case[Answered], ...]
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    objective: Expr
    notes: tuple[str, ...] = ()
    assumptions: tuple[Relation, ...] = ()
    statistics: Statistics | None = None

    def __iter__(self) -> Iterator[Case[Answered]]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)

    def __getitem__(self, index: int) -> Case[Answered]:
        return self.cases[index]

    def __bool__(self) -> NoReturn:
        raise UndecidedError("a table of cases is neither true nor false: ask is_convex(), or read .cases")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "cases":
            raise AttributeError(name)
        if len(self.cases) == 1:
            return getattr(self.cases[0].result, name)
        raise CasesError(f"{name!r} {self._dependence()}: use .at({self._example()}) or iterate")

    @property
    def decided(self) -> bool:
        """Whether every case is decided."""
        return all(case.result.evidence.status != "undecided" for case in self.cases)

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Cases[Answered]:
        """The cases that are left at the values of the parameters: `.at(p=2)` or `.at({p: "1/2"})`."""
        known = {symbol.name for symbol in self.parameters}
        for name in map(str, {**(values or {}), **named}):
            if name not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise InputError(f"{name!r} is not a parameter of this answer (its parameters: {listed})")
        table = values_for(frozenset(self.parameters), values, named)
        given = tuple(relation.at(table) for relation in self.assumptions)
        broken = next(
            (r for r, at in zip(self.assumptions, given, strict=True) if truth_of(at) is False), None
        )
        if broken is not None:
            raise InputError(f"the values given contradict the assumption {broken}")
        left = tuple(
            Case(condition, cast(Answered, case.result.replaced(table)))
            for case in self.cases
            if (condition := case.condition.at(table)) is not None
        )
        if not left:
            raise InputError("the values given contradict the assumptions: no case is left")
        return replace(
            self,
            cases=left,
            parameters=tuple(symbol for symbol in self.parameters if symbol not in table),
            objective=self.objective.xreplace(table),
            assumptions=tuple(r for r in given if r.symbols),
        )

    @property
    def notation(self) -> Notation:
        letters = [symbol for case in self.cases for symbol in case.result.notation.variables]
        return Notation(tuple(dict.fromkeys((*self.variables, *letters))))

    def blocks(self) -> tuple[Block, ...]:
        """The table, what sums of data are called, and the notes on how the problem was read."""
        named = () if self.statistics is None else (Paragraph(self.statistics.sentence()),)
        return (self.table(), *named, *(Paragraph((note,)) for note in self.notes))

    def table(self) -> Table:
        """One row for each line of an answer, the case in front of its first."""
        tables = [case.result.table() for case in self.cases]
        if len(tables) == 1 and not self.cases[0].condition.relations:
            return tables[0]
        rows = tuple(
            ((condition_cell(case.condition) if place == 0 else ()), *row)
            for case, table in zip(self.cases, tables, strict=True)
            for place, row in enumerate(table.rows)
        )
        return Table((("case",), *_common_header(tables)), rows)

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        """The proofs of the cases one after another; what was told for an earlier case is referred to."""
        lead = () if self.statistics is None else self.statistics.lead()
        return (*lead, *self._proof(detail, notation))

    def _proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if len(self.cases) == 1 and not self.cases[0].condition.relations:
            return self.cases[0].result.proof(detail, notation)
        blocks: list[Block] = []
        told: dict[Block, Condition] = {}
        for case in self.cases:
            own = case.result.proof(detail, notation)
            lead: Pieces = (
                Strong(("Case ", *condition_cell(case.condition), ".")),
                " ",
                *self._restated(case),
            )
            if detail == "full":
                blocks += [Paragraph(lead), *own]
                continue
            first = own[0] if own else Paragraph(())
            if first in told and len(own) > 1:
                lead += ("The stationary points are the same as for ", *condition_cell(told[first]), ". ")
                own = own[1:]
            elif len(own) > 1:
                told[first] = case.condition
            blocks += merged(with_lead(lead, own))
        return tuple(blocks)

    def _restated(self, case: Case[Answered]) -> Pieces:
        """What f is where the case fixes a parameter."""
        objective = subject_of(case.result.evidence.steps, self.notation).objective
        fixed = any(relation.op == "==" for relation in case.condition.relations)
        if not fixed or not case.result.evidence.steps or objective == self.objective:
            return ()
        return ("Here ", Math((Objective(self.variables), "==", objective)), ". ")

    def to_dict(self) -> dict[str, object]:
        """`{"cases": [{"condition": .., ..}]}`, and `"statistics"` where sums of data have names."""
        cases: dict[str, object] = {"cases": [case.to_dict() for case in self.cases]}
        return cases if self.statistics is None else {**cases, "statistics": self.statistics.to_dict()}

    def _dependence(self) -> str:
        return f"depends on {', '.join(map(str, self.parameters)) or 'the case'}"

    def _example(self) -> str:
        return f"{self.parameters[0]}=2" if self.parameters else "..."


def condition_cell(condition: Condition) -> tuple[str | Math, ...]:
    """The condition as a formula, or words for the one that always holds."""
    return (Math((Bounds(condition.relations),)),) if condition.relations else ("all values",)


def _common_header(tables: list[Table]) -> tuple[Pieces, ...]:
    """The header of the tables; names that differ from case to case stand beside each other."""
    columns = zip(*(table.header for table in tables), strict=True)
    return tuple(listed(list(dict.fromkeys(column)), "or") for column in columns)
