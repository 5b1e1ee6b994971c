"""Evidence and verdicts: proved by a derivation, refuted by a witness, or undecided for a stated reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sympy import Expr, Symbol

from symopt.derivation.claims import Step
from symopt.derivation.rule import TRUST
from symopt.derivation.rules import RULES
from symopt.reading.keeping import KeepsForm
from symopt.results.display import Notebook
from symopt.results.result import values_for
from symopt.writing.document import Document, Paragraph
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX
from symopt.writing.syntax import expression_text

STOPS: Final = ("effort", "clock", "not_covered", "internal_error")


def trust_of(steps: tuple[Step, ...]) -> str:
    """The trust of the weakest rule in the derivations."""
    used = {step.rule for top in steps for step in top.walk()}
    return TRUST[max((TRUST.index(RULES[rule].trust) for rule in used), default=0)]


@dataclass(frozen=True, repr=False)
class Evidence(Notebook, KeepsForm):
    """Why an answer is what it is: `status` "proved", "refuted" or "undecided", and what shows it.

    `steps` are the conclusions of derivations; they take no part in comparisons, so that two answers are
    equal when they say the same. `stopped_by` with "proved" says what left a part open: whether strictly convex.
    `equation` is the left side of the one with which the reason ends, if it ends with one.

    >>> print(Evidence("undecided", reason="no method decided it", stopped_by="not_covered"))
    undecided: no method decided it
    """

    status: str
    steps: tuple[Step, ...] = field(default=(), compare=False)
    reason: str = field(default="", compare=False)
    stopped_by: str | None = None
    witness: Mapping[str, object] | None = field(default=None, compare=False)
    equation: Expr | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Evidence: {self}>"

    def __str__(self) -> str:
        """`proved by definite form (checked)`, `refuted: ..`, `undecided: ..`."""
        rule = f" by {self.rule.replace('_', ' ')} ({self.trust})" if self.steps else ""
        return f"{self.status}{rule}" + (f": {self.reason}" if self.reason else "")

    def document(self) -> Document:
        return Document((Paragraph((str(self),)),), Notation())

    def latex(self) -> str:
        return LATEX.words(str(self))

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Evidence:
        """The evidence at values of the parameters: `.at(p=2)` or `.at({p: "1/2"})`."""
        return self.replaced(values_for(self.witness_symbols, values, named))

    @property
    def trust(self) -> str | None:
        """How far the proof is checked: "checked", "recomputed" or "trusted"; None when nothing is proved."""
        return trust_of(self.steps) if self.steps else None

    @property
    def readable(self) -> bool:
        """Whether every rule used can be followed by hand."""
        return bool(self.steps) and all(RULES[s.rule].readable for top in self.steps for s in top.walk())

    @property
    def rule(self) -> str:
        """The name of the rule of the main conclusion."""
        return self.steps[0].rule if self.steps else ""

    @property
    def witness_symbols(self) -> frozenset[Symbol]:
        """The parameters that the witness fixes or depends on."""
        return frozenset[Symbol]().union(*(e.free_symbols for e in _expressions(self.witness)))

    def replaced(self, values: Mapping[Symbol, Expr]) -> Evidence:
        """The evidence with symbols of its witness replaced; a witness found at other values is left out."""
        witness = {
            name: found for name, entry in (self.witness or {}).items() if (found := _entry_at(entry, values))
        }
        return replace(self, witness=witness or None)

    def naming(self, fixed: tuple[tuple[Symbol, Expr], ...]) -> Evidence:
        """The evidence with the parameters that its case has fixed, one after the other, named in its witness too."""
        if not fixed or self.witness is None:
            return self
        return replace(self, witness={name: _naming(entry, fixed) for name, entry in self.witness.items()})

    def to_dict(self) -> dict[str, object]:
        return {
            "status": self.status,
            "trust": self.trust,
            "readable": self.readable,
            "rule": self.rule,
            "stopped_by": self.stopped_by,
            "reason": self.reason,
            "witness": None if self.witness is None else _plain(self.witness),
        }


def _expressions(value: object) -> tuple[Expr, ...]:
    """Every expression in a witness, keys included."""
    if isinstance(value, Mapping):
        return tuple(e for pair in value.items() for part in pair for e in _expressions(part))
    if isinstance(value, (tuple, list)):
        return tuple(e for entry in value for e in _expressions(entry))
    return (value,) if isinstance(value, Expr) else ()


def _entry_at(entry: object, values: Mapping[Symbol, Expr]) -> object:
    """One entry of a witness with symbols replaced; None where it was found at other parameter values."""
    if isinstance(entry, Mapping):
        fixed = entry.get("parameters")
        given = {str(symbol): value for symbol, value in values.items()}
        if isinstance(fixed, Mapping) and any(
            given.get(str(name), value) != value for name, value in fixed.items()
        ):
            return None
        return {key: _entry_at(part, values) for key, part in entry.items()}
    if isinstance(entry, (tuple, list)):
        return tuple(_entry_at(part, values) for part in entry)
    return entry.xreplace(values) if isinstance(entry, Expr) else entry


def _naming(entry: object, fixed: tuple[tuple[Symbol, Expr], ...]) -> object:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("parameters"), Mapping):
        return entry
    values = dict(entry["parameters"])
    for symbol, value in reversed(fixed):  # the later ones may be in terms of no other
        known = {s: values[str(s)] for s in value.free_symbols if str(s) in values}
        values[str(symbol)] = value.xreplace(known)
    return {**entry, "parameters": dict(sorted(values.items()))}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return expression_text(value) if isinstance(value, Expr) else value


def proved(*steps: Step) -> Evidence:
    """Evidence of a proof; the first step is the main conclusion."""
    return Evidence("proved", tuple(steps))


def undecided(reason: str, stopped_by: str = "not_covered", equation: Expr | None = None) -> Evidence:
    """Evidence that nothing was decided, and why."""
    return Evidence("undecided", (), reason, stopped_by, equation=equation)
