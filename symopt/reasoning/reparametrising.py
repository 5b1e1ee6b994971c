"""Fewer parameters: where they enter in a few combinations only, the question is asked in these.

(S + a - 1) log t + (n - S + b - 1) log(1 - t) is A log t + B log(1 - t) with A = S + a - 1 and B = n - S + b - 1: what
holds for all A and B, in the ranges that these have, holds for the combinations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from string import ascii_uppercase
from typing import Any, Final, TypeVar, final

from sympy import Add, Expr, S, Symbol

from symopt.cases import Cell, Leaf
from symopt.derivation.checker import is_accepted
from symopt.derivation.checks_parameters import put_in
from symopt.derivation.claims import Context, Step
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.results.answers import Convexity, Extremum, StationarySet, StepSizeTheory
from symopt.results.evidence import Evidence

LETTERS: Final = [letter for letter in ascii_uppercase if letter not in "CEINOQS"]
MOST: Final = 6
"""So many combinations are looked for."""
FEWER: Final = 2
"""So many parameters must go, for the question to be put differently."""
Answered = TypeVar("Answered", StationarySet, Convexity, Extremum, StepSizeTheory)


@final
@dataclass(frozen=True)
class Combinations:
    """The `cell` in new parameters, and their `values` in the old ones, of which `context` is known.

    `ranges` are relations of the new ones with their proofs in the old.
    """

    values: tuple[tuple[Symbol, Expr], ...]
    cell: Cell
    context: Context
    ranges: tuple[tuple[Relation, Step], ...]

    def back(self, leaves: Iterable[Leaf[Answered]]) -> tuple[Leaf[Answered], ...] | None:
        """The leaves in the old parameters, without those that are empty; None where a step does not carry over."""
        table = dict(self.values)
        found: list[Leaf[Answered]] = []
        for leaf in leaves:
            condition = tuple(relation.at(table) for relation in leaf.condition)
            known = self.context.condition
            if any(not signs_of_tree(r.expression, known) & SIGNS_OF[r.op] for r in condition):
                continue
            try:
                found.append(Leaf(condition, self._carried(leaf.answer)))
            except _Lost:
                return None
        return tuple(found)

    def _carried(self, value: Any) -> Any:
        """An answer in the old parameters, each of its steps carried over by the rule of parameters."""
        if isinstance(value, Evidence):
            if value.witness and any(
                isinstance(e, Mapping) and e.get("parameters") for e in value.witness.values()
            ):
                raise _Lost  # it is found at values of the new parameters
            return replace(value.replaced(dict(self.values)), steps=tuple(map(self._step, value.steps)))
        if isinstance(value, tuple):
            return tuple(map(self._carried, value))
        if is_dataclass(value) and not isinstance(value, type) and self._holds_evidence(value):
            return type(value)(
                **{f.name: self._carried(getattr(value, f.name)) for f in fields(value) if f.init}
            )
        return put_in(value, dict(self.values))

    def _holds_evidence(self, value: Any) -> bool:
        return any(isinstance(getattr(value, f.name), Evidence) for f in fields(value))

    def _step(self, step: Step) -> Step:
        """The step in the old parameters, under its own conditions; the ranges are proved."""
        table = dict(self.values)
        region = tuple(relation.at(table) for relation in step.context.region)
        own = (relation.at(table) for relation in step.context.condition if relation not in dict(self.ranges))
        context = Context(region, self.context.condition).with_condition(*own)
        proofs = (proof for relation, proof in self.ranges if relation in step.context.condition)
        claim, data = put_in(step.claim, table), (("values", self.values),)
        new = Step(context, claim, "parameters", (step, *proofs), data)
        if not is_accepted(new):
            raise _Lost
        return new


class _Lost(Exception):
    """A step does not carry over."""


def combinations(cell: Cell) -> Combinations | None:
    """The cell in fewer parameters; None where they do not enter in combinations only.

    >>> from sympy import symbols
    >>> x, a, b, c, d = symbols("x a b c d", real=True)
    >>> f = (a + b + d)*x**2 + c*x
    >>> combinations(Cell(f, (x,), Context())).cell.objective
    A*x**2 + c*x
    """
    variables = set(cell.variables)
    kept: set[Symbol] = set().union(*(r.symbols for r in cell.context.region))
    terms: list[tuple[Expr, Expr]] = []
    for term in Add.make_args(cell.objective):
        number, rest = term.as_independent(*cell.variables, as_Add=False)
        kept |= rest.free_symbols - variables
        terms.append((number, rest))
    sums: dict[Expr, Expr] = {}
    for number, rest in terms:
        sums[rest] = sums.get(rest, S.Zero) + number
    parted = {rest: number.as_content_primitive() for rest, number in sums.items()}
    candidates = [e for e in dict.fromkeys(e for _, e in parted.values()) if len(e.free_symbols) > 1]
    kept |= {s for _, e in parted.values() if e not in candidates for s in e.free_symbols}
    candidates = [e for e in candidates if not e.free_symbols & kept]
    gone = set[Symbol]().union(*(e.free_symbols for e in candidates))
    if not candidates or len(gone) - len(candidates) < FEWER or len(candidates) > MOST:
        return None
    taken = {
        s.name
        for s in (*cell.objective.free_symbols, *(s for r in cell.context.relations for s in r.symbols))
    }
    letters = [letter for letter in LETTERS if letter not in taken]
    values = tuple((Symbol(letter, real=True), e) for letter, e in zip(letters, candidates, strict=False))
    if len(values) < len(candidates):
        return None
    names = {e: s for s, e in values}
    objective = Add(*(content * names.get(e, e) * rest for rest, (content, e) in parted.items()))
    condition = tuple(r for r in cell.context.condition if not r.symbols & gone)
    ranges = tuple(r for symbol, e in values for r in _ranges(symbol, e, cell.context))
    context = Context(cell.context.region, condition + tuple(relation for relation, _ in ranges))
    inner = replace(cell, objective=objective, context=context)
    return Combinations(values, inner, cell.context, ranges)


def _ranges(symbol: Symbol, combination: Expr, context: Context) -> Iterator[tuple[Relation, Step]]:
    """What is known of a combination beside 0 and beside its own constant."""
    constant, _ = combination.as_coeff_Add()
    known = Context((), context.condition)
    for end in dict.fromkeys((S.Zero, constant)):
        for op in (">", ">=", "<", "<="):
            proof = prove_relation(Relation(combination - end, op), known)
            if proof is not None:
                yield Relation(symbol - end, op), proof
                break
