"""A condition on the parameters: a conjunction of relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import And, Expr, Symbol
from sympy.logic.boolalg import Boolean

from symopt.exact.enclosure import sign_of_constant
from symopt.relation import Relation
from symopt.results.result import exact_value
from symopt.writing.syntax import condition_text

HOLDS_AT = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1)}


@dataclass(frozen=True)
class Condition:
    """All `relations` hold; without any, the condition is always true.

    >>> from sympy import Symbol
    >>> p = Symbol("p", real=True)
    >>> between = Condition((Relation(p + 1, ">"), Relation(p - 1, "<")))
    >>> print(between)
    (p > -1) & (p < 1)
    >>> between.contains({p: 0}), between.contains({p: 1})
    (True, False)
    """

    relations: tuple[Relation, ...] = ()

    @property
    def symbols(self) -> frozenset[Symbol]:
        return frozenset[Symbol]().union(*(relation.symbols for relation in self.relations))

    def at(self, values: Mapping[Symbol, Expr]) -> Condition | None:
        """The condition at the values, without the relations that hold; None where one fails."""
        left = []
        for relation in self.relations:
            new = relation.at(dict(values))
            truth = truth_of(new)
            if truth is False:
                return None
            if truth is None:
                left.append(new)
        return Condition(tuple(left))

    def contains(self, values: Mapping[Symbol, Expr]) -> bool | None:
        """Whether the condition holds at the values, exactly; None where that is not settled."""
        left = self.at({symbol: exact_value(value) for symbol, value in values.items()})
        return False if left is None else None if left.relations else True

    def as_sympy(self) -> Boolean:
        """The condition as SymPy's relation or `And`, not evaluated."""
        return And(*(relation.as_sympy() for relation in self.relations), evaluate=False)

    def __str__(self) -> str:
        return condition_text(self.relations)


def truth_of(relation: Relation) -> bool | None:
    """Whether `number op 0` is true; None for an expression with symbols or an unsettled sign."""
    if relation.expression.free_symbols:
        return None
    sign = sign_of_constant(relation.expression)
    return None if sign is None else sign in HOLDS_AT[relation.op]
