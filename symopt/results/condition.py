"""A condition on the parameters: a conjunction of relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sympy import And, Expr, Integer, Rational, S, Symbol
from sympy.logic.boolalg import Boolean

from symopt.exact.enclosure import sign_of_constant
from symopt.relation import Relation
from symopt.results.result import exact_value
from symopt.writing.syntax import condition_text

_SIMPLE: Final = (0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3, 5, -5, 10, -10)
HOLDS_AT: Final = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1)}


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

    def example(self, symbol: Symbol) -> Expr | None:
        """A simple number for the only symbol at which the condition is proved to hold, inside rather than on its border.

        >>> from sympy import Symbol
        >>> p = Symbol("p", real=True)
        >>> Condition((Relation(3*p - 1, ">"), Relation(3*p - 2, "<="))).example(p)
        1/2
        """
        inside = Condition(tuple(r.interior() for r in self.relations))
        for condition in (inside, self):
            for number in _candidates(self.relations, symbol):
                fits = number.is_Integer or not symbol.is_integer
                if fits and condition.contains({symbol: number}):
                    return number
        return None

    def as_sympy(self) -> Boolean:
        """The condition as SymPy's relation or `And`, not evaluated."""
        return And(*(relation.as_sympy() for relation in self.relations), evaluate=False)

    def __str__(self) -> str:
        return condition_text(self.relations)


NO_NUMBER: Final = (S.ImaginaryUnit, S.NaN, S.ComplexInfinity)


def truth_of(relation: Relation) -> bool | None:
    """Whether `number op 0` is true; None for an expression with symbols or an unsettled sign."""
    if relation.expression.free_symbols:
        return None
    if relation.expression.has(*NO_NUMBER):
        return False
    sign = sign_of_constant(relation.expression)
    return None if sign is None else sign in HOLDS_AT[relation.op]


def _candidates(relations: tuple[Relation, ...], symbol: Symbol) -> Iterator[Expr]:
    """What the equations say, the simplest numbers, and numbers between and beyond the ends of the relations."""
    if not relations:
        yield Integer(1)
    ends = set()
    for relation in relations:
        polynomial = relation.expression.as_poly(symbol)
        if polynomial is None or not all(c.is_number for c in polynomial.all_coeffs()):
            continue
        if polynomial.degree() == 1:
            slope, offset = polynomial.all_coeffs()
            yield -offset / slope
        ends |= {float(root) for root in polynomial.nroots(maxsteps=200) if root.is_real}
    yield from (Rational(number) for number in _SIMPLE)
    order = sorted(ends)
    for low, high in zip(
        [*(end - 2 for end in order[:1]), *order], [*order, *(end + 2 for end in order[-1:])], strict=True
    ):
        for denominator in (1, 2, 10, 1000, 10**6):
            yield Rational(Fraction((low + high) / 2).limit_denominator(denominator))
