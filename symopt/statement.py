"""The problem as frozen data: what is to be studied, in which variables, where, and for which parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol, sympify
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, BooleanFunction

from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.reading import check_expression, read_expression, read_names, read_relation
from symopt.relation import Relation, relation_from_sympy

Names = str | Sequence[Symbol | str] | Symbol | None


@dataclass(frozen=True)
class Statement:
    """An objective with its variables, parameters, region, assumptions and sense; all symbols are real.

    `objective` is in symopt's own symbols (real, without further assumptions); `user_symbols` leads back to the
    symbols the user wrote. `as_typed` keeps the user's form for display and for the natural domain.
    """

    objective: Expr
    as_typed: Expr
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    domain: tuple[Relation, ...]
    constraints: tuple[Relation, ...]
    assumptions: tuple[Relation, ...]
    sense: str
    notes: tuple[str, ...]
    user_symbols: tuple[tuple[Symbol, Symbol], ...]

    @property
    def region(self) -> tuple[Relation, ...]:
        """The natural domain and the constraints together."""
        return tuple(dict.fromkeys(self.domain + self.constraints))

    def to_user(self, expression: Expr) -> Expr:
        """The expression in the user's own symbols."""
        return expression.xreplace(dict(self.user_symbols))

    def at(self, values: Mapping[Symbol, Expr]) -> Statement:
        """The statement with numbers (or expressions) for parameters; errors when an assumption forbids them."""
        table = dict(values)
        assumptions = []
        for relation in self.assumptions:
            new = relation.at(table)
            if new.expression.is_number:
                if not holds_for_numbers(new):
                    raise InputError(f"the values given contradict the assumption {relation}")
            else:
                assumptions.append(new)
        symbols = set().union(*(value.free_symbols for value in table.values())) if table else set()
        parameters = tuple(p for p in self.parameters if p not in table)
        parameters += tuple(sorted((s for s in symbols - set(parameters)), key=str))
        return replace(
            self,
            objective=self.objective.xreplace(table),
            as_typed=self.as_typed.xreplace(table),
            parameters=parameters,
            domain=_drop_numbers(tuple(r.at(table) for r in self.domain)),
            constraints=tuple(r.at(table) for r in self.constraints),
            assumptions=tuple(assumptions),
        )


def holds_for_numbers(relation: Relation) -> bool:
    """Whether `number op 0` is true, decided exactly; an undecided one counts as false."""
    from symopt.exact.enclosure import sign_of_constant

    sign = sign_of_constant(relation.expression)
    return sign is not None and {
        ">": sign > 0, ">=": sign >= 0, "<": sign < 0, "<=": sign <= 0, "==": sign == 0, "!=": sign != 0
    }[relation.op]


def _drop_numbers(relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
    kept = []
    for relation in relations:
        if relation.expression.is_number:
            if not holds_for_numbers(relation):
                raise InputError(f"the objective is nowhere defined: it needs {relation}")
        else:
            kept.append(relation)
    return tuple(kept)
