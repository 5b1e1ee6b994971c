"""What the rest of symopt calls: a text in, an expression, relations or names out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol, oo

from symopt.errors import InputError
from symopt.reading.functions import FUNCTIONS, PLAIN_NAMES, RESERVED
from symopt.reading.parsing import Parser
from symopt.reading.tokens import error_at, tokens_of
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
    parser = Parser(text, names or {}, known_only)
    operand = parser.whole_expression()
    return Reading(text, operand.typed, operand.value, tuple(parser.used), tuple(parser.builder.notes))


def read_relation(
    text: str, names: Mapping[str, Symbol] | None = None, *, known_only: bool = False
) -> tuple[Relation, ...]:
    """The relations that a text states together: chains, `and`, `&` and commas give several, `True` none.

    >>> [str(relation) for relation in read_relation("0 <= x <= p and p != 1")]
    ['x >= 0', 'x <= p', 'Ne(p, 1)']
    >>> str(*read_relation("x + y = 1"))
    'Eq(x + y, 1)'
    """
    return Parser(text, names or {}, known_only).whole_condition().as_relations()


def read_names(text: str) -> tuple[str, ...]:
    """The names in `"x, y"` or `"x y"`.

    >>> read_names("x, y"), read_names("theta_1 lambda")
    (('x', 'y'), ('theta_1', 'lambda'))
    """
    names: list[str] = []
    comma_allowed = False
    for token in tokens_of(text):
        if token.kind == "end" or (token.text == "," and comma_allowed):
            comma_allowed = False
        elif token.kind != "name":
            raise error_at(f"a name is expected and not {token.text!r}", text, token.column)
        elif not is_free_name(token.text):
            raise error_at(f"{token.text} has a meaning of its own and cannot be a name", text, token.column)
        elif token.text in names:
            raise error_at(f"the name {token.text} is given twice", text, token.column)
        else:
            names.append(token.text)
            comma_allowed = True
    return tuple(names)


def is_free_name(name: str) -> bool:
    """Whether a variable or parameter may have this name, and be read back under it."""
    if name in RESERVED or (name in FUNCTIONS and name not in PLAIN_NAMES):
        return False
    try:
        (token, _) = tokens_of(name)
    except (InputError, ValueError):
        return False
    return token.kind == "name" and token.text == name
