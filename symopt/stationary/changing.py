"""Questions put in other variables: f(x) = g(A x + b) where g is plainer, and its answers said of f.

The forms are read off f as it is written, or found from what no affine change hides (symopt.exact.linear_forms). The
answer for g is carried back point by point, by one rule that the checker verifies.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import Final, TypeVar, cast

from sympy import Expr, Integer, Mul, Pow, S, Symbol, cos, factor, sin

from symopt.calculus.expressions import hessian
from symopt.cases import Cell
from symopt.cases.exploring import conclusions
from symopt.clock import OutOfTime
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Branch, Context, Label, Optimal, Stationary, Step
from symopt.exact.dependence import free_symbols
from symopt.exact.gates import operations
from symopt.exact.linear_forms import shorter_forms
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.affine_change import Change, change_to, simplifying_change
from symopt.relation import Relation
from symopt.results.answers import Extremum, Point, StationarySet
from symopt.results.evidence import Evidence
from symopt.stationary.pieces import without_tangents
from symopt.stationary.points import short_eigenvalues

Asked = TypeVar("Asked", StationarySet, Extremum)
SHARE_CHANGED: Final = 0.5  # of the time left, for the question in other variables where it is asked first
FAST: Final = 3  # how often waves turn in a full turn of the variable, where they are slowed down
SHARE_SLOWED: Final = 0.8  # where the waves are slow in it
LONG: Final = 14  # operations of a polynomial that hides the forms it is plain in
SHARE_AS_IT_STANDS: Final = 0.7  # and for the question as it stands where that comes first


def in_other_variables(question: Callable[[Cell], Asked], cell: Cell) -> Asked:
    """The answer of the question, asked in plainer variables first where these are much plainer, and else last."""
    cell = without_tangents(cell)
    found = _change(cell)
    if found is None:
        return question(cell)
    change, inner, much = found
    if much:
        share = SHARE_SLOWED if len(cell.variables) == 1 else SHARE_CHANGED
        answer = _carried(question, cell, change, inner, share)
        return question(cell) if answer is None else answer
    budget = cell.budget.share(SHARE_AS_IT_STANDS)
    plain: Asked | None = None
    with suppress(OutOfTime):
        plain = question(replace(cell, budget=budget))
        if _is_decided(plain):
            return plain
    other = _carried(question, cell, change, inner, 1.0)
    if other is None and plain is None:
        raise OutOfTime
    return cast(Asked, plain if other is None else other)


def _is_decided(answer: StationarySet | Extremum) -> bool:
    if isinstance(answer, Extremum):
        return answer.value is not None and answer.complete is not False
    return answer.complete and all(p.kind != "undecided" for p in (*answer.points, *answer.kinks))


def _change(cell: Cell) -> tuple[Change, Cell, bool] | None:
    """A change of the variables, the cell in the new ones, and whether it is much plainer in these."""
    with suppress(NotExact):
        if cell.objective.is_polynomial(*cell.variables):
            return _of_polynomial(cell)
        slowed = _slowed(cell)
        if slowed is not None:
            return slowed, slowed.cell(cell), True
        change = simplifying_change(cell, cell.variables)
        return None if change is None else (change, change.cell(cell), False)
    return None


def _slowed(cell: Cell) -> Change | None:
    """u = k x, where x stands in waves of multiples of k x and outside of them: cos(5 x) is no polynomial in cos(x)."""
    if len(cell.variables) > 1:
        return None
    (x,) = cell.variables
    waves = cell.objective.atoms(sin, cos)
    slopes = {wave.args[0].diff(x) for wave in waves if wave.has(x)}
    if not slopes or not all(slope.is_Integer for slope in slopes):
        return None
    k = Integer(gcd(*map(int, slopes)))
    beside = cell.objective.xreplace(dict.fromkeys(waves, S.One)).has(x)
    return change_to([((k,), S.Zero)], cell, cell.variables) if beside and k >= FAST else None


def _of_polynomial(cell: Cell) -> tuple[Change, Cell, bool] | None:
    visible = simplifying_change(cell, cell.variables)
    if len(cell.variables) == 1:
        return None if visible is None else (visible, visible.cell(cell), False)
    seen = () if visible is None else tuple(map(tuple, visible.inverse.inv().tolist()))
    found = shorter_forms(cell.objective, cell.variables, seen)
    if found is None:
        return None
    if visible is not None and visible.complete:
        change, inner = visible, visible.cell(cell)
    else:
        forms = list(zip(found.slopes, found.constants, strict=True))
        change = change_to(forms, cell, cell.variables)
        function = found.function.xreplace(dict(zip(cell.variables, change.new, strict=True)))
        function = factor(function) if isinstance(cell.objective, (Mul, Pow)) else function
        inner = replace(change.cell(replace(cell, objective=S.Zero)), objective=function)
    long = visible is not None or operations(cell.objective) >= LONG
    return change, inner, long and 3 * found.terms <= 2 * found.before and _mixes(change)


def _mixes(change: Change) -> bool:
    """Whether a form has several variables: else the change only shifts, scales and reorders them."""
    n = len(change.variables)
    return any(sum(change.inverse[i, j] != 0 for j in range(n)) > 1 for i in range(n))


def _carried(
    question: Callable[[Cell], Asked], cell: Cell, change: Change, inner: Cell, share: float
) -> Asked | None:
    """The decided answer in the new variables, said of f; None where there is none."""
    try:
        answer = question(replace(inner, budget=cell.budget.share(share)))
    except OutOfTime:
        return None
    if not _is_decided(answer) or (isinstance(answer, StationarySet) and answer.searched):
        return None
    try:
        return cast(Asked, _Carrier(change, cell, inner, _new_names(cell, answer)).answer(answer))
    except _Lost:
        return None


class _Lost(Exception):
    """A step does not carry over."""


@dataclass(frozen=True)
class _Carrier:
    """Brings an answer about `inner` back to `cell`."""

    change: Change
    cell: Cell
    inner: Cell
    names: dict[Symbol, Symbol]  # for bound symbols that are called like a symbol of the question

    def answer(self, answer: StationarySet | Extremum) -> StationarySet | Extremum:
        if isinstance(answer, StationarySet):
            return replace(
                answer,
                points=tuple(map(self._point, answer.points)),
                kinks=tuple(map(self._point, answer.kinks)),
                evidence=self._evidence(answer.evidence),
            )
        return replace(
            answer,
            value=None if answer.value is None else answer.value.xreplace(self.names),
            at=tuple(map(self._branch, answer.at)),
            along=self._curve(answer.along),
            evidence=self._evidence(answer.evidence),
        )

    def _evidence(self, evidence: Evidence) -> Evidence:
        return replace(evidence, steps=tuple(map(self._step, evidence.steps)))

    def _point(self, point: Point) -> Point:
        branch = self._branch(point.branch)
        value = None if point.value is None else point.value.xreplace(self.names)
        own = None
        if point.eigenvalues is not None:
            own = short_eigenvalues(self._hessian, branch, self.cell.context)
        evidence = None if point.evidence is None else self._evidence(point.evidence)
        return replace(point, branch=branch, value=value, eigenvalues=own, evidence=evidence)

    def _step(self, step: Step) -> Step:
        claim = step.claim
        own: Stationary | Label | Optimal
        bound = _branches(claim)
        if isinstance(claim, Stationary):
            own = replace(claim, branches=tuple(map(self._branch, bound)))
        elif isinstance(claim, Label):
            own = replace(claim, branch=self._branch(claim.branch))
        elif isinstance(claim, Optimal):
            bound = claim.at
            at = tuple(map(self._branch, bound))
            own = replace(
                claim, value=claim.value.xreplace(self.names), at=at, along=self._curve(claim.along)
            )
        else:
            raise _Lost
        whole = claim.objective == self.inner.objective
        objective = self.cell.objective if whole else claim.objective.xreplace(self._forms)
        own = replace(own, objective=objective, variables=self.change.variables)
        context = Context(tuple(map(self._relation, step.context.region)), step.context.condition)
        used = {s for branch in bound for s in branch.own_symbols}
        names = tuple((s, new) for s, new in self.names.items() if s in used)
        data = (("forms", self.change.forms), ("names", names))
        new = Step(context, own, "affine_change", (step,), data)
        if not is_accepted(new):
            raise _Lost
        return new

    @cached_property
    def _hessian(self) -> tuple[tuple[Expr, ...], ...]:
        return hessian(self.cell.objective, self.cell.variables, tidied=False)

    @property
    def _forms(self) -> dict[Symbol, Expr]:
        return dict(zip(self.change.new, self.change.forms, strict=True))

    def _relation(self, relation: Relation) -> Relation:
        """The relation in the old variables: one of the cell where it is one."""
        moved = Relation(relation.expression.xreplace(self._forms), relation.op)
        for own, theirs in zip(self.cell.context.region, self.inner.context.region, strict=True):
            if relation == theirs:
                return own
        return moved

    def _branch(self, branch: Branch) -> Branch:
        """The points in the old variables."""
        renamed = branch.renamed({s: self.names.get(s, s) for s in branch.own_symbols})
        return replace(renamed, at=self._back(renamed.at))

    def _curve(self, along: tuple[tuple[Symbol, Expr], ...]) -> tuple[tuple[Symbol, Expr], ...]:
        return self._back(along) if along else ()

    def _back(self, at: tuple[tuple[Symbol, Expr], ...]) -> tuple[tuple[Symbol, Expr], ...]:
        moved = self.change.back(tuple(value for _, value in at))
        return tuple((v, _short(value)) for v, value in zip(self.change.variables, moved, strict=True))


def _new_names(cell: Cell, answer: StationarySet | Extremum) -> dict[Symbol, Symbol]:
    """Other names for bound symbols of an answer that are called like a variable or a parameter of the cell."""
    branches = [b for step in conclusions(answer) for b in _branches(step.claim)]
    bound = sorted({s for b in branches for s in b.own_symbols}, key=lambda s: s.name)
    taken = {s.name for s in (*free_symbols(cell.objective), *cell.variables, *cell.parameters)}
    names = taken | {s.name for s in bound}
    found: dict[Symbol, Symbol] = {}
    for symbol in bound:
        if symbol.name in taken:
            name = next(n for k in range(1, 1000) if (n := f"{symbol.name}{k}") not in names)
            names.add(name)
            found[symbol] = Symbol(name, **_assumption(symbol))
    return found


def _branches(claim: object) -> tuple[Branch, ...]:
    match claim:
        case Stationary():
            return claim.branches
        case Label():
            return (claim.branch,)
        case Optimal():
            return claim.at
    return ()


def _short(value: Expr) -> Expr:
    with suppress(NotExact):
        return canonical(value)
    return value


def _assumption(symbol: Symbol) -> dict[str, bool]:
    return {"integer": True} if symbol.is_integer else {"real": True}
