"""The solver of systems of equations: a cell that answers signs, names not yet used, and a table of moves.

A system is solved top down. Each move replaces it by simpler ones (a factor for an equation, values for an unknown)
and writes down, as one rule of the checker, why every solution lies on the branches found for those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, cast

from sympy import Expr, Symbol

from symopt.cases import Cell
from symopt.derivation.claims import Branch, Context, Cover, Number, Step
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.lattices import listed
from symopt.stationary.steps import arc_facts, cover_step

MAX_BRANCHES: Final = 100
MAX_MOVES: Final = 400
MAX_DEPTH: Final = 50

Value = tuple[Expr, tuple[Number, ...]]


class Unsolved(Exception):
    """The equations could not be solved; the message says where it ended, perhaps with `equation` = 0."""

    def __init__(self, message: str, equation: Expr | None = None) -> None:
        super().__init__(message if equation is None else f"{message} {equation} = 0")
        self.equation = equation


class Circular(Unsolved):
    """A move led back to a system that is being solved."""


class OpenSign(Unsolved):
    """The sign of a quantity was missing."""

    def __init__(self, quantity: Expr) -> None:
        super().__init__(f"the sign of {quantity} is not known")
        self.quantity = quantity


@dataclass(frozen=True)
class System:
    """Equations in unknowns, at the points of a context."""

    equations: tuple[Expr, ...]
    unknowns: tuple[Symbol, ...]
    context: Context

    def replacing(self, index: int, *others: Expr) -> System:
        """The system with other equations in the place of one."""
        return System(
            (*self.equations[:index], *others, *self.equations[index + 1 :]), self.unknowns, self.context
        )

    def among_unknowns(self, expression: Expr) -> bool:
        """Whether an expression depends on an unknown."""
        return bool(expression.free_symbols & set(self.unknowns))

    def cover(
        self, branches: tuple[Branch, ...], rule: str, premises: tuple[Step, ...] = (), **data: object
    ) -> Step:
        """The step that every solution of the system lies on one of the branches."""
        distinct = tuple(dict.fromkeys(branches))
        return cover_step(self.context, self.equations, self.unknowns, distinct, rule, premises, **data)


Move = Callable[["Solver", System], Step | None]


@dataclass
class Solver:
    """One question's solver: the cell that answers signs, names not yet used, and the moves in the order of trial."""

    cell: Cell
    used: set[str]
    moves: tuple[Move, ...]
    made: int = 0
    depth: int = 0
    known: dict[System, Step] = field(default_factory=dict)
    begun: set[System] = field(default_factory=set)

    def without(self, move: Move) -> Solver:
        """A solver that does not make this move, and has no more moves left than this one."""
        return replace(self, moves=tuple(m for m in self.moves if m is not move), known={})

    def solve(self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context) -> Step:
        """A step whose claim is `Cover(equations, unknowns, branches)`; Unsolved where the moves end."""
        self.used.update(map(str, unknowns))  # an unknown may be in no equation, as where f is constant
        return self.solved(System(equations, unknowns, context))

    def solved(self, system: System) -> Step:
        """The cover of a system, by the first move that applies."""
        self.cell.budget.check()
        symbols = {s for e in system.equations for s in e.free_symbols} | set(system.unknowns)
        near = system.context.about(cast("set[Symbol]", symbols))
        if near != system.context:
            return self.solved(System(system.equations, system.unknowns, near))
        if system in self.begun:
            raise Circular("the moves lead in a circle")
        if system not in self.known:
            self.begun.add(system)
            try:
                self.known[system] = self._by_moves(system)
            finally:
                self.begun.discard(system)
        return self.known[system]

    def _by_moves(self, system: System) -> Step:
        self.made += 1
        if self.made > MAX_MOVES or self.depth >= MAX_DEPTH:
            raise Unsolved("too many moves")
        self.depth += 1
        ended = None
        try:
            for move in self.moves:
                try:
                    step = move(self, system)
                except (Circular, NotExact) as error:  # the next move may lead elsewhere
                    ended = error
                    continue
                if step is not None:
                    return step
        finally:
            self.depth -= 1
        if ended is not None:
            raise Unsolved(str(ended) if isinstance(ended, Circular) else f"exact arithmetic ended: {ended}")
        raise Unsolved("no method for", system.equations[0])

    def fresh(self, names: tuple[str, ...], integer: bool = False) -> Symbol:
        """A real (or integer) symbol whose name is not in use."""
        for name in (*names, *(f"{names[0]}{k}" for k in range(1, 1000))):
            if name not in self.used:
                self.used.add(name)
                return Symbol(name, integer=True) if integer else Symbol(name, real=True)
        raise Unsolved("no name is left")

    def nonzero(self, quantity: Expr, context: Context) -> Step | bool | None:
        """A proof that the quantity is not zero, False when it is zero, None when open; splits the cell on parameters."""
        step = prove_relation(Relation(quantity, "!="), context)
        if step is not None:
            return step
        if prove_relation(Relation(quantity, "=="), context) is not None:
            return False
        if quantity.free_symbols <= self.cell.parameters and not self.cell.is_nonzero(quantity):
            return False
        return prove_relation(Relation(quantity, "!="), context)

    def sign(self, quantity: Expr, context: Context) -> tuple[int, Step]:
        """The sign of a quantity in the context, splitting the cell when it is a matter of the parameters."""
        found = prove_sign(quantity, context)
        if found is None and quantity.free_symbols <= self.cell.parameters:
            self.cell.sign(quantity)
            found = prove_sign(quantity, context)
        if found is None:
            raise OpenSign(quantity)
        return found

    def never_zero(self, system: System, equation: Expr) -> Step | None:
        """No solution, because an equation is proved to be nowhere 0."""
        step = prove_relation(Relation(equation, "!="), system.context)
        return None if step is None else system.cover((), "cover_none", (step,))

    def follow(
        self,
        system: System,
        index: int,
        symbol: Symbol,
        values: tuple[Value, ...],
        rule: str,
        premises: tuple[Step, ...] = (),
        **data: object,
    ) -> Step:
        """Put each value of an unknown into the other equations and solve on."""
        if len(values) > MAX_BRANCHES:
            raise Unsolved("too many solutions")
        rest = system.replacing(index).equations
        remaining = tuple(u for u in system.unknowns if u != symbol)
        branches: list[Branch] = []
        covers = []
        facts = dict.fromkeys(fact for value, _ in values for fact in arc_facts(value, system.context))
        for value, numbers in dict.fromkeys(values):
            table = {symbol: value}
            inner = system.context.at(table).with_condition(*(r for n in numbers for r in n.relations))
            step = self.solve(tuple(e.xreplace(table) for e in rest), remaining, inner)
            covers.append(step)
            for b in cast(Cover, step.claim).branches:
                full = {**b.values, symbol: value.xreplace(b.values)}
                at = tuple((u, full[u]) for u in system.unknowns)
                branches.append(Branch(at, numbers + b.numbers, b.free, b.where))
        if len(branches) > MAX_BRANCHES:
            raise Unsolved("too many solutions")
        return system.cover(
            tuple(branches),
            rule,
            (*premises, *facts, *covers),
            index=index,
            symbol=symbol,
            values=values,
            **data,
        )

    def within(self, cover: Step, context: Context, relations: tuple[Relation, ...]) -> Step:
        """The cover without the branches that break one of the relations (all are relations of the context)."""
        cover = listed(cover, context)
        claim = cast(Cover, cover.claim)
        kept, premises = [], []
        for branch in claim.branches:
            place = Context((), context.condition + branch.relations)
            for relation in relations:
                at_branch = relation.at(branch.values)
                if prove_relation(at_branch, place) is not None:
                    continue
                broken = prove_relation(at_branch.negated(), place)
                if broken is None and at_branch.symbols <= self.cell.parameters and at_branch.symbols:
                    self.cell.sign(at_branch.expression)
                    broken = prove_relation(at_branch.negated(), place)
                if broken is not None:
                    premises.append(broken)
                    break
            else:
                apart = _contradiction(tuple(r.at(branch.values) for r in relations), place)
                if apart is None:
                    kept.append(branch)
                else:
                    premises.append(apart)
        if len(kept) == len(claim.branches):
            return cover
        system = System(claim.equations, claim.unknowns, context)
        return system.cover(tuple(kept), "cover_outside", (cover, *premises))


def _contradiction(relations: tuple[Relation, ...], place: Context) -> Step | None:
    """A proof that one of the relations breaks where the others hold: t > 0 and t < 0 of a line beside the region."""
    for relation in relations if len(relations) > 1 else ():
        others = tuple(r for r in relations if r != relation)
        broken = prove_relation(relation.negated(), place.with_condition(*others))
        if broken is not None:
            return broken
    return None


def solved_for(coefficient: Expr, offset: Expr) -> Expr:
    """-offset / coefficient in normal form."""
    return canonical(-offset / coefficient)
