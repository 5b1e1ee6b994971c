"""A stationary point (or kink, or a family of them) with its label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Symbol

from symopt.derivation.claims import Branch, Vector
from symopt.errors import InputError
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.relation import Relation
from symopt.results.branches import branch_at, branch_symbols, branch_to_dict, symbols_of
from symopt.results.evidence import Evidence
from symopt.results.result import Result, values_for
from symopt.results.telling import proof_blocks, undecided_pieces
from symopt.writing.claims import worded
from symopt.writing.document import Block, Paragraph, Pieces, Table
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, family_cell, value_pieces
from symopt.writing.proof import given_pieces
from symopt.writing.reasons_points import kink_or_jump
from symopt.writing.solving import joined
from symopt.writing.syntax import expression_text


@dataclass(frozen=True, repr=False)
class Point(Result):
    """A stationary point (or kink, or family of them) with its label.

    `kind` is minimum, maximum, saddle, inflection, constant or undecided; `value` is f there; `inertia`
    counts the positive, negative and zero eigenvalues of the Hessian; `eigenvalues` are given
    when they are short.
    """

    branch: Branch
    kind: str
    strict: bool | None
    value: Expr | None
    inertia: tuple[int, int, int] | None = None
    eigenvalues: Vector | None = None
    evidence: Evidence | None = field(default=None, compare=False, repr=False)

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        inner = {symbol for symbol, _ in self.branch.free} | {number.symbol for number in self.branch.numbers}
        shown = () if self.value is None else (self.value,)
        return branch_symbols(self.branch) | (symbols_of(*shown, *(self.eigenvalues or ())) - inner)

    def replaced(self, values: dict[Symbol, Expr]) -> Point:
        return replace(
            self,
            branch=branch_at(self.branch, values),
            value=None if self.value is None else self.value.xreplace(values),
            eigenvalues=None
            if self.eigenvalues is None
            else tuple(e.xreplace(values) for e in self.eigenvalues),
        )

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Point:
        """The point with numbers for parameters, or the member of a family for an integer: `.at(n=3)`.

        >>> from symopt import Problem
        >>> family = Problem("x*cos(x)", "x", subject_to=["x > 0"]).stationary_points().points[-1]
        >>> print(family.at(n=2).to_dict()["decimal"]["x"][:22])
        9.52933440536196360296
        """
        integers = frozenset(symbol for symbol, kind in self.branch.free if kind == "integer")
        chosen = values_for(integers, values, named)
        return (self._member(chosen) if chosen else self).substituted(values, **named)

    def _member(self, values: dict[Symbol, Expr]) -> Point:
        """The members of a family for which some of its integers have these values."""
        branch = self.branch
        for symbol, value in values.items():
            branch = branch.at_integer(symbol, value)
        for before, relation in zip(self.branch.where, branch.where, strict=True):
            if not relation.symbols and not signs_of_constant(relation.expression) <= SIGNS_OF[relation.op]:
                raise InputError(f"no such point in the family, where {before.as_sympy()}")
        kept = tuple(r for r in branch.where if r.symbols)
        shown = None if self.value is None else self.value.xreplace(values)
        return replace(self, branch=branch_at(replace(branch, where=kept), {}), value=shown)

    @property
    def notation(self) -> Notation:
        return Notation(tuple(symbol for symbol, _ in self.branch.at))

    def blocks(self) -> tuple[Block, ...]:
        return (self.table(),)

    def table(self) -> Table:
        return Table((("point",), ("kind",), ("value",)), (self.row(),))

    def row(self) -> tuple[Pieces, ...]:
        """The point, what it is and the value there, as cells."""
        return self._place_cell(), worded(self.label()), self._value_cell()

    def kink_row(self) -> tuple[Pieces, ...]:
        """The same for a kink, which is no point of inflection and no saddle: f may have a direction of descent there."""
        kind = "no extremum" if self.kind in ("inflection", "saddle") else self.label()
        return self._place_cell(), worded(kind), self._value_cell()

    def kink_name(self) -> str:
        """`kink`, or `jump` where f does not tend to its value there."""
        steps = () if self.evidence is None else self.evidence.steps
        return kink_or_jump(steps[0]) if steps else "kink"

    def _place_cell(self) -> Pieces:
        return given_pieces(family_cell(self.branch), self._given())

    def _value_cell(self) -> Pieces:
        if self.value is None:
            return ()
        return value_pieces(self.value, self.branch.numbers, self._given())

    def _given(self) -> tuple[Relation, ...]:
        """What every part of the case gives about the parameters."""
        steps = () if self.evidence is None else self.evidence.steps
        conditions = [step.context.condition for step in steps]
        return tuple(r for r in conditions[0] if all(r in c for c in conditions)) if conditions else ()

    def label(self) -> str:
        """`strict minimum`, `saddle`, `undecided`."""
        how = {True: "strict ", False: "non-strict ", None: ""}[self.strict]
        extremal = self.kind in ("minimum", "maximum")
        named = {
            "saddle": "saddle point",
            "inflection": "point of inflection",
            "constant": "f is constant near it",
        }
        return f"{how}local {self.kind}" if extremal else named.get(self.kind, self.kind)

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if self.evidence is None or self.evidence.status == "undecided":
            why = ("not decided",) if self.evidence is None else undecided_pieces(self.evidence)
            each = "it is undecided what each of the points " if self.branch.free else "it is undecided what "
            reason = tuple(
                piece.removeprefix("undecided: ") if isinstance(piece, str) else piece for piece in why
            )
            told: Pieces = (each, *branch_pieces(self.branch, short=True), " is: ", *reason)
            return (Paragraph(joined((told,))),)
        return proof_blocks(self.evidence.steps, detail, notation)

    def to_dict(self) -> dict[str, object]:
        """The point's place, and `kind`, `strict`, `value`, `inertia`, `eigenvalues`."""
        eigenvalues = None if self.eigenvalues is None else [expression_text(e) for e in self.eigenvalues]
        return {
            **self.kink_to_dict(),
            "inertia": None if self.inertia is None else list(self.inertia),
            "eigenvalues": eigenvalues,
        }

    def kink_to_dict(self) -> dict[str, object]:
        """The same for a point where f has no Hessian."""
        return {
            **branch_to_dict(self.branch),
            "kind": self.kind,
            "strict": self.strict,
            "value": None if self.value is None else expression_text(self.value),
        }
