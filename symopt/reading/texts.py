"""What the rest of symopt calls: a text in, an expression or relations out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol, oo

from symopt.reading.building import relations_of
from symopt.reading.functions import Vocabulary
from symopt.reading.parsing import Parser
from symopt.reading.traps import traps
from symopt.relation import Relation


@dataclass(frozen=True)
class Reading:
    """A text as symopt understands it.

    `as_typed` keeps the shape of the text (x/x stays x/x), `expression` is what SymPy makes of it, `symbols`
    stand in the order of their first appearance, `notes` say which conventions were used.
    """

    text: str
    as_typed: Expr
    expression: Expr
    symbols: tuple[Symbol, ...]
    notes: tuple[str, ...]


def read_expression(
    text: str, names: Mapping[str, Symbol] | None = None, *, known_only: bool = False, infinity: bool = False
) -> Reading:
    """The expression that a text stands for.

    `names` gives the symbols to use; any other name becomes `Symbol(name, real=True)`, or is an error when
    `known_only`. `infinity` lets the text be `oo` or `-oo`. Decimals are exact. Raises InputError, with the
    column, for whatever is not in the grammar or too large to be evaluated.

    >>> reading = read_expression("(p - 1)*x^2 + 0.5*e^(-x)")
    >>> reading.expression
    x**2*(p - 1) + exp(-x)/2
    >>> reading.symbols, reading.notes
    ((p, x), ("read e as Euler's number",))
    """
    if infinity and text.strip() in ("oo", "-oo"):
        limit = -oo if "-" in text else oo
        return Reading(text, limit, limit, (), ())
    builder = Vocabulary(text, names or {})
    parser = Parser(text, builder, names or {}, known_only)
    operand = parser.whole_expression()
    notes = (*parser.notes, *builder.notes, *traps(parser.used, names or {}))
    return Reading(text, operand.typed, operand.value, tuple(builder.symbols), notes)


def read_relation(
    text: str, names: Mapping[str, Symbol] | None = None, *, known_only: bool = False
) -> tuple[Relation, ...]:
    """The relations that a text states together: chains, `and`, `&` and commas give several, `True` none.

    >>> [str(relation) for relation in read_relation("0 <= x <= p and p != 1")]
    ['x >= 0', 'x <= p', 'Ne(p, 1)']
    >>> str(*read_relation("x + y = 1"))
    'Eq(x + y, 1)'
    """
    condition = Parser(text, Vocabulary(text, names or {}), names or {}, known_only).whole_condition()
    return relations_of(condition)
