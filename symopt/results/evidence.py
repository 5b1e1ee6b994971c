"""Evidence and verdicts: proved by a derivation, refuted by a witness, or undecided for a stated reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sympy import Expr

from symopt.derivation.claims import Step
from symopt.derivation.rules import RULES
from symopt.errors import UndecidedError

TRUST: Final = ("checked", "recomputed", "trusted")
STOPS: Final = ("effort", "clock", "not_covered", "internal_error")


def trust_of(steps: tuple[Step, ...]) -> str:
    """The trust of the weakest rule in the derivations."""
    used = {step.rule for top in steps for step in top.walk()}
    return TRUST[max((TRUST.index(RULES[rule].trust) for rule in used), default=0)]


@dataclass(frozen=True)
class Evidence:
    """Why an answer is what it is: `status` "proved", "refuted" or "undecided", the derivations, or what stopped them.

    `steps` are the conclusions of derivations; they take no part in comparisons, so that two answers are equal when
    they say the same.
    """

    status: str
    steps: tuple[Step, ...] = field(default=(), compare=False, repr=False)
    reason: str = field(default="", compare=False)
    stopped_by: str | None = None
    witness: Mapping[str, object] | None = field(default=None, compare=False, repr=False)

    @property
    def trust(self) -> str | None:
        """"checked", "recomputed" or "trusted"; None when nothing is proved."""
        return trust_of(self.steps) if self.steps else None

    @property
    def readable(self) -> bool:
        """Whether every rule used can be followed by hand."""
        return bool(self.steps) and all(RULES[s.rule].readable for top in self.steps for s in top.walk())

    @property
    def rule(self) -> str:
        """The name of the rule of the main conclusion."""
        return self.steps[0].rule if self.steps else ""

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


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return expression_text(value) if isinstance(value, Expr) else value


def expression_text(expression: Expr) -> str:
    """The expression in SymPy's syntax, readable back by symopt: Euler's number is `exp(1)`, never `E`."""
    from sympy.printing.str import StrPrinter

    class _Printer(StrPrinter):
        def _print_Exp1(self, expr: Expr) -> str:
            return "exp(1)"

    text: str = _Printer({"order": "none"} if False else {}).doprint(expression)
    return text


def proved(*steps: Step) -> Evidence:
    """Evidence of a proof; the first step is the main conclusion."""
    return Evidence("proved", tuple(steps))


def undecided(reason: str, stopped_by: str = "not_covered") -> Evidence:
    """Evidence that nothing was decided, and why."""
    return Evidence("undecided", (), reason, stopped_by)


@dataclass(frozen=True)
class Verdict:
    """A yes-or-no answer with its evidence; its truth value is an error when it is undecided.

    >>> bool(Verdict("is f convex?", proved()))
    True
    """

    question: str
    evidence: Evidence

    @property
    def status(self) -> str:
        return self.evidence.status

    def __bool__(self) -> bool:
        if self.status == "undecided":
            raise UndecidedError(f"{self.question} is undecided: {self.evidence.reason}")
        return self.status == "proved"

    def __str__(self) -> str:
        return f"{self.question}: {self.status}" + (f" ({self.evidence.reason})" if self.evidence.reason else "")

    def to_dict(self) -> dict[str, object]:
        return {"question": self.question, "evidence": self.evidence.to_dict()}
