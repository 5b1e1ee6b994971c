"""An answer for every value of the parameters: a flat table of cases, disjoint and without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, NoReturn, TypeVar

from sympy import Expr, Symbol

from symopt.errors import CasesError, InputError, UndecidedError
from symopt.results.condition import Condition
from symopt.results.convexity import Convexity
from symopt.results.extremum import Extremum
from symopt.results.result import values_for
from symopt.results.stationary_set import StationarySet

Answered = TypeVar("Answered", StationarySet, Convexity, Extremum)


@dataclass(frozen=True)
class Case(Generic[Answered]):
    """Where `condition` holds, the answer is `result`."""

    condition: Condition
    result: Answered

    def to_dict(self) -> dict[str, object]:
        return {"condition": str(self.condition), **self.result.to_dict()}


@dataclass(frozen=True)
class Cases(Generic[Answered]):
    """The answer in each case of the parameters.

    A single case stands for its result: `cases.kind` is `cases[0].result.kind`. Of several, one is chosen by
    `.at(p=2)`; or iterate.
    """

    cases: tuple[Case[Answered], ...]
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    objective: Expr
    notes: tuple[str, ...] = ()

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
        left = tuple(
            Case(condition, case.result.replaced(table))
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
        )

    def to_dict(self) -> dict[str, object]:
        """`{"cases": [{"condition": .., ..}]}`."""
        return {"cases": [case.to_dict() for case in self.cases]}

    def _dependence(self) -> str:
        return f"depends on {', '.join(map(str, self.parameters)) or 'the case'}"

    def _example(self) -> str:
        return f"{self.parameters[0]}=2" if self.parameters else "..."
