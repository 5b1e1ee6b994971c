"""A part of the parameter space, and the answers that hold on such parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sympy import Expr, Symbol

from symopt.clock import Budget
from symopt.derivation.claims import Context
from symopt.exact.dependence import free_symbols
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.results.answers import Convexity, Extremum, StationarySet, StepSizeTheory

UNBOUNDED: Final = Budget()
Values = tuple[tuple[Symbol, Expr], ...]
T = TypeVar("T", StationarySet, Convexity, Extremum, StepSizeTheory)


class Split(Exception):
    """The answer depends on the sign of `quantity`, which the cell does not fix.

    `known` are the stationary points where they were found before: they are those of the parts of the cell too.
    """

    def __init__(self, quantity: Expr, known: StationarySet | None = None) -> None:
        super().__init__(str(quantity))
        self.quantity = quantity
        self.known = known


@dataclass(frozen=True)
class Cell:
    """A part of the parameter space: the question's objective and region there, with its condition.

    Where the condition fixes a parameter (p = 1), `objective` and the region have its value in place of it. `known` are
    stationary points found on a larger cell, perhaps of another function.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    context: Context
    budget: Budget = UNBOUNDED
    known: StationarySet | None = None

    def sign(self, quantity: Expr) -> int:
        """The proved sign of a quantity in the parameters; raises Split when the cell does not fix it."""
        self.budget.check()
        known = self.sign_or_none(quantity)
        if known is None:
            if quantity.free_symbols & set(self.variables):
                raise ValueError(f"{quantity} moves with the variables")
            raise Split(quantity)
        return known

    def sign_or_none(self, quantity: Expr) -> int | None:
        """The proved sign of a quantity in the parameters, or None."""
        found = prove_sign(quantity, Context((), self.context.condition))
        return None if found is None else found[0]

    def holds(self, relation: Relation) -> bool:
        """Whether the relation is proved in the cell (region and condition); never splits."""
        self.budget.check()
        return prove_relation(relation, self.context) is not None

    def is_nonzero(self, quantity: Expr) -> bool:
        """Whether a quantity in the parameters is proved nonzero, splitting the cell when that is open."""
        if prove_relation(Relation(quantity, "!="), Context((), self.context.condition)) is not None:
            return True
        return self.sign(quantity) != 0

    @property
    def parameters(self) -> frozenset[Symbol]:
        """The symbols that are not variables."""
        used = free_symbols(self.objective).union(*(r.symbols for r in self.context.relations))
        return used - set(self.variables)


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """An answer and the condition (a conjunction) under which it holds; `fixed` are the values it has put in."""

    condition: tuple[Relation, ...]
    answer: T
    fixed: tuple[tuple[Symbol, Expr], ...] = ()
