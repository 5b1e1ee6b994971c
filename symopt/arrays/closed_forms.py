"""Stationary points and global extrema of a loss over data, as values that can be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sympy import Basic, Expr, Symbol

from symopt.arrays.statement import ArrayStatement, leaf_of, name_of
from symopt.errors import CasesError, UndecidedError
from symopt.results.evidence import Evidence
from symopt.results.result import Result
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Arrays, Objective, Space, Tokens
from symopt.writing.notation import Notation
from symopt.writing.syntax import expression_text

QUESTIONS: Final = ("stationary", "min", "max")


@dataclass(frozen=True)
class ArrayPoint:
    """A point, or a family of points: each variable with its value, in data, parameters and what is `free`.

    `shown` are the formulas in which it is written, where variables may stand in terms of others, as in
    b = (1^T y - 1^T X a)/N. A free array takes all values.
    """

    at: tuple[tuple[Any, Any], ...]
    shown: tuple[Tokens, ...]
    free: tuple[tuple[Any, tuple[Expr, ...]], ...] = ()

    @property
    def values(self) -> dict[Any, Any]:
        """The variables with their values."""
        return dict(self.at)

    def lines(self) -> tuple[Pieces, ...]:
        """`w = (X^T X)^(-1) X^T y`, one for each variable; what is free is named behind the last."""
        lines: list[Pieces] = [(Math(tokens),) for tokens in self.shown]
        for symbol, shape in self.free:
            lines[-1] = (*lines[-1], " for every ", Math((Arrays(symbol), "in", Space(shape))))
        return tuple(lines)

    def to_dict(self) -> dict[str, object]:
        entry: dict[str, object] = {"at": {name_of(v): str(value) for v, value in self.at}}
        if self.free:
            entry["free"] = {str(symbol): "real" for symbol, _ in self.free}
        return entry


@dataclass(frozen=True)
class ArrayCase:
    """Where `condition` holds: the points, what they are, and the value of f there, or the bound that it tends to.

    `condition` is a sentence without data in it that holds always when it is empty, `text` the same for JSON.
    `points` is None where they are not written down in closed form. `short` is the value as it is shown, in terms of the
    variables at the points.
    """

    condition: Pieces
    text: str
    kind: str
    strict: bool | None
    value: Any | None
    attained: bool | None
    points: tuple[ArrayPoint, ...] | None
    short: Any | None = None

    def label(self) -> str:
        """`strict global minimum`."""
        if self.kind == "undecided":
            return "undecided"
        return f"{'strict' if self.strict else 'non-strict'} global {self.kind}"


@dataclass(frozen=True, repr=False)
class ClosedForm(Result):
    """The answer to `question` ("stationary", "min" or "max") for all data, with its proof as blocks.

    A case holds under a condition on the data, such as the rank of a matrix; a single one stands for the answer:
    `.value`, `.attained`, `.points`. Its derivation is in the notation of matrices, which the checker does not read, so
    that its evidence has no trust of its own. `reason` says what stopped an undecided case, `method` what proves the
    others; `letters` stand for matrices in the formulas that are shown.
    """

    statement: ArrayStatement
    question: str
    cases: tuple[ArrayCase, ...]
    reason: str
    told: tuple[Block, ...]
    method: str = ""
    letters: tuple[tuple[Any, Any], ...] = ()

    def __iter__(self) -> Iterator[ArrayCase]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)

    def __bool__(self) -> bool:
        raise UndecidedError("a table of cases is neither true nor false: read .cases")

    @property
    def _only(self) -> ArrayCase:
        if len(self.cases) != 1:
            raise CasesError("the answer depends on the data: iterate over its cases")
        return self.cases[0]

    @property
    def value(self) -> Any:
        """The value of f at the points, or its infimum or supremum."""
        return self._only.value

    @property
    def attained(self) -> bool | None:
        """Whether the infimum or supremum is reached."""
        return self._only.attained

    @property
    def points(self) -> tuple[ArrayPoint, ...] | None:
        """The points."""
        return self._only.points

    @property
    def evidence(self) -> Evidence:
        """Whether it is proved; the steps are the sentences of `explain()`."""
        undecided = next((case for case in self.cases if case.kind == "undecided"), None)
        return self._evidence_of(undecided or self.cases[0])

    def _evidence_of(self, case: ArrayCase) -> Evidence:
        if case.kind == "undecided":
            return Evidence("undecided", reason=self.reason, stopped_by="not_covered")
        return Evidence("proved", reason=self.method)

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset((*self.statement.parameters, *self.statement.sizes))

    def replaced(self, values: dict[Symbol, Expr]) -> ClosedForm:
        """The answer with numbers for parameters or sizes, which its proof is not told for."""

        def put(value: Any) -> Any:
            return value.subs(values) if isinstance(value, Basic) else value

        def at(pairs: tuple[tuple[Any, Any], ...]) -> tuple[tuple[Any, Any], ...]:
            return tuple((put(variable), put(value)) for variable, value in pairs)

        def point(given: ArrayPoint) -> ArrayPoint:
            shown = tuple(
                tuple(Arrays(put(t.expression)) if isinstance(t, Arrays) else t for t in tokens)
                for tokens in given.shown
            )
            free = tuple((put(symbol), tuple(map(put, shape))) for symbol, shape in given.free)
            return ArrayPoint(at(given.at), shown, free)

        cases = tuple(
            replace(
                case,
                value=put(case.value),
                short=put(case.short),
                points=None if case.points is None else tuple(map(point, case.points)),
            )
            for case in self.cases
        )
        return replace(self, statement=self.statement.at(values), cases=cases)

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return Notation(tuple(map(leaf_of, self.statement.variables)))

    def table(self) -> Table:
        """One line for each variable, the case and the value in front of the first and behind it."""
        conditional = len(self.cases) > 1 or bool(self.cases and self.cases[0].condition)
        if self.question == "stationary":
            header: tuple[Pieces, ...] = (("stationary point",), ("kind",))
        else:
            header = ((_NAMES[self.question],), ("where",))
        rows: list[tuple[Pieces, ...]] = []
        for case in self.cases:
            lines = _lines(case, self.reason)
            for place, line in enumerate(lines):
                own: tuple[Pieces, ...]
                if self.question == "stationary":
                    own = (line, (case.label(),) if place == 0 and case.kind != "undecided" else ())
                else:
                    own = (_value(case) if place == 0 else (), line)
                head = (case.condition or ("otherwise",)) if place == 0 else ()
                rows.append((head, *own) if conditional else own)
        return Table((("case",), *header) if conditional else header, tuple(rows))

    def blocks(self) -> tuple[Block, ...]:
        named = [Math((Arrays(letter), "==", Arrays(of))) for letter, of in self.letters]
        return (self.table(), *([Paragraph(("Here ", *listed(named), "."))] if named else []))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        unread = Paragraph(("This proof is in the notation of matrices, which the checker does not read.",))
        return (*self.told, unread) if detail == "full" else self.told

    def to_dict(self) -> dict[str, object]:
        entries = []
        for case in self.cases:
            evidence = self._evidence_of(case).to_dict()
            entries.append({"condition": case.text, **self._entry(case), "evidence": evidence})
        return {"cases": entries}

    def _entry(self, case: ArrayCase) -> Mapping[str, object]:
        value = None if case.value is None else _plain(case.value)
        points = [point.to_dict() for point in case.points or ()]
        if self.question != "stationary":
            return {"value": value, "attained": case.attained, "at": points, "along": None}
        label = {
            "kind": case.kind,
            "strict": case.strict,
            "value": value,
            "inertia": None,
            "eigenvalues": None,
        }
        known = case.points is not None
        return {
            "complete": known,
            "searched": None,
            "points": [{**point, **label} for point in points],
            "kinks": [],
        }


_NAMES: Final = {"min": "minimum", "max": "maximum"}


def _plain(value: Any) -> str:
    return expression_text(value) if getattr(value, "is_infinite", False) else str(value)


def _lines(case: ArrayCase, reason: str) -> tuple[Pieces, ...]:
    if case.kind == "undecided":
        return ((f"undecided: {reason}",),)
    if case.attained is False:
        return (("not attained",),)
    if case.points is None:
        return (("the solutions of the normal equations",),)
    return tuple(line for point in case.points for line in point.lines())


def _value(case: ArrayCase) -> Pieces:
    if case.kind == "undecided":
        return ()
    value = case.value if case.short is None else case.short
    if value is None:
        return (Math((Objective(),)), " there")
    shown: Tokens = (value,) if getattr(value, "is_infinite", False) else (Arrays(value),)
    return (Math(shown),)


def listed(parts: Sequence[Any]) -> Pieces:
    """`a, b and c`."""
    found: list[Any] = []
    for place, part in enumerate(parts):
        found += [" and " if place == len(parts) - 1 else ", "] * bool(place) + [part]
    return tuple(found)
