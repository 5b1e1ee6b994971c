"""What a formula of a document is made of, and how each part is written in a style.

A formula is a tuple of tokens. A string is a sign such as "==", "<=", "->" or ","; an expression stands for
itself; the other parts are defined below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sympy import Expr, Mod, Symbol
from sympy.matrices.expressions import MatrixExpr

from symopt.relation import REVERSED, Relation
from symopt.writing.arrays import array_text
from symopt.writing.formulas import ATOM, Writer
from symopt.writing.notation import Notation
from symopt.writing.ordering import is_typed
from symopt.writing.styles import Style
from symopt.writing.syntax import bounds_in_order


@dataclass(frozen=True)
class Typed:
    """An expression in the form in which the user gave it."""

    expression: Expr


@dataclass(frozen=True)
class Grid:
    """A matrix; a vector has rows of one entry."""

    rows: tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True)
class Place:
    """A point: `(0, 1)`, or in one variable `0`."""

    entries: tuple[Expr, ...]


@dataclass(frozen=True)
class HessianForm:
    """The quadratic form of the Hessian: `v^T ∇²f v`."""

    direction: Symbol


@dataclass(frozen=True)
class ChordAboveGraph:
    """How far a chord lies above the graph: `w f(p) + (1 - w) f(q) - f(w p + (1 - w) q)`."""

    p: Symbol
    q: Symbol
    weight: Symbol


@dataclass(frozen=True)
class Bounds:
    """Relations: `p > 1`, or `-1 < p < 1` for two bounds of one quantity; others are joined by "and"."""

    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class Words:
    """Plain words inside a formula."""

    text: str


@dataclass(frozen=True)
class Fixed:
    """A formula that is the same for every problem, such as E[G], for the terminal and for LaTeX."""

    text: str
    latex: str


@dataclass(frozen=True)
class Objective:
    """The objective: `f`, `f(x, y)`; with order 1 its gradient `∇f`, with order 2 its Hessian `∇²f`.

    `letter` names another function, such as what is left of f when one variable is gone.
    """

    arguments: tuple[Expr, ...] = ()
    order: int = 0
    letter: Symbol | None = None


@dataclass(frozen=True)
class Prime:
    """A derivative of f in its one variable: `f'(x)`, `f''(0)`, and from the fourth on `f^(4)(0)`."""

    order: int
    argument: Expr


@dataclass(frozen=True)
class Arrays:
    """An expression of vectors and matrices, in their notation."""

    expression: Expr


@dataclass(frozen=True)
class Stacked:
    """A matrix made of blocks: `[X 1]`, with rows parted by semicolons."""

    rows: tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True)
class Space:
    """The set in which an array lies: `R`, `R^N`, `R^(N x M)`."""

    sizes: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class ByCases:
    """A value for each of several conditions, one to a line where there is room; no relations: otherwise."""

    rows: tuple[tuple[Expr, tuple[Relation, ...]], ...]


@dataclass(frozen=True)
class Partial:
    """A derivative, of `expression` or of f when that is None, by the variables one after the other."""

    variables: tuple[Symbol, ...]
    expression: Expr | None = None
    alone: bool = False


Token: TypeAlias = (
    str
    | Arrays
    | Space
    | Stacked
    | Expr
    | Typed
    | Grid
    | Place
    | HessianForm
    | ChordAboveGraph
    | Bounds
    | Words
    | Fixed
    | Objective
    | Prime
    | ByCases
    | Partial
)
Tokens: TypeAlias = tuple[Token, ...]

SIGNS: Final = ("==", "!=", "<", "<=", ">", ">=", "->", "in", "approx", "iff")
_FIXED: Final[Mapping[str, tuple[str, str]]] = {
    ",": (",", ","),
    ";": (r",\quad", ","),
    "|": (r"\mid", "|"),
    "+": ("+", "+"),
    "-": ("-", "-"),
    "inf": (r"\inf", "inf"),
    "sup": (r"\sup", "sup"),
    "min": (r"\min", "min"),
    "max": (r"\max", "max"),
}


def written(tokens: Tokens, style: Style, notation: Notation) -> str:
    """The formula in the style.

    >>> from sympy import symbols
    >>> from symopt.writing.styles import TEXT
    >>> p = symbols("p", real=True)
    >>> written((Bounds((Relation(p - 1, "<"), Relation(p + 1, ">"))),), TEXT, Notation())
    '-1 < p < 1'
    """
    text = ""
    for token in tokens:
        part = written_token(token, style, notation)
        text += part if not text or token in (",", ";") else f" {part}"
    return text


def written_token(token: Token, style: Style, notation: Notation) -> str:
    """One part of a formula in the style."""
    if isinstance(token, str):
        if token in style.signs:
            return style.signs[token]
        return _FIXED[token][0 if style.is_latex else 1] if token in _FIXED else style.words(token)
    if isinstance(token, Expr):
        return Writer(style, notation).expression(token)
    return _WRITERS[type(token)](token, style, notation)


def typed_writer(token: Typed, style: Style, notation: Notation) -> Writer:
    """Keeps the order of an expression read from text; one in SymPy's order gets the order of the house."""
    return Writer(style, notation, typed=is_typed(token.expression))


def _typed(token: Typed, style: Style, notation: Notation) -> str:
    return typed_writer(token, style, notation).expression(token.expression)


def mapped(tokens: Tokens, change: Callable[[Expr], Expr]) -> Tokens:
    """The formula with every expression in it changed.

    >>> from sympy import symbols
    >>> p = symbols("p", real=True)
    >>> mapped((p**2, ">", Place((p,))), lambda e: e.subs(p, 2))
    (4, '>', Place(entries=(2,)))
    """
    return tuple(_mapped(token, change) for token in tokens)


def _mapped(token: Token, change: Callable[[Expr], Expr]) -> Token:
    if isinstance(token, Expr):
        return change(token)
    if isinstance(token, Grid):
        return Grid(tuple(tuple(map(change, row)) for row in token.rows))
    if isinstance(token, Place):
        return Place(tuple(map(change, token.entries)))
    if isinstance(token, Bounds):
        return Bounds(tuple(Relation(change(r.expression), r.op) for r in token.relations))
    if isinstance(token, Prime):
        return Prime(token.order, change(token.argument))
    if isinstance(token, ByCases):
        rows = (
            (change(value), tuple(Relation(change(r.expression), r.op) for r in relations))
            for value, relations in token.rows
        )
        return ByCases(tuple(rows))
    if isinstance(token, Partial) and token.expression is not None:
        return Partial(token.variables, change(token.expression), token.alone)
    return token


def _grid(token: Grid, style: Style, notation: Notation) -> str:
    writer = Writer(style, notation)
    if len(token.rows) == 1 and len(token.rows[0]) == 1:
        return writer.expression(token.rows[0][0])
    return style.matrix([[writer.expression(entry) for entry in row] for row in token.rows])


def _place(token: Place, style: Style, notation: Notation) -> str:
    writer = Writer(style, notation)
    entries = [writer.expression(entry) for entry in token.entries]
    if len(entries) == 1:
        return entries[0]
    if style.between != ", ":
        entries = [f"{{{entry}}}" if " + " in entry or " - " in entry else entry for entry in entries]
    return style.brackets(style.between.join(entries))


def _hessian_form(token: HessianForm, style: Style, notation: Notation) -> str:
    v = style.symbol(token.direction, notation)
    hessian = _objective(Objective(order=2), style, notation)
    return rf"{v}^{{\top}} {hessian} {v}" if style.is_latex else f"{v}^T {hessian} {v}"


def _chord_above_graph(token: ChordAboveGraph, style: Style, notation: Notation) -> str:
    name = style.symbol(notation.objective, notation)
    w, p, q = (style.symbol(symbol, notation) for symbol in (token.weight, token.p, token.q))
    rest = style.brackets(f"1 - {w}")
    mean = " + ".join((style.product([w, p]), style.product([rest, q])))
    at_p, at_q = (name + style.brackets(point) for point in (p, q))
    chord = " + ".join((style.product([w, at_p]), style.product([rest, at_q])))
    return f"{chord} - {name}{style.brackets(mean)}"


def _bounds(token: Bounds, style: Style, notation: Notation) -> str:
    writer = Writer(style, notation)
    parts: list[str] = []
    relations = list(bounds_in_order(token.relations))
    while relations:
        left, op, right = without_denominator(*relations.pop(0).as_sides())
        parity = {0: "even", 1: "odd"}.get(right) if op == "==" and isinstance(left, Mod) else None
        if parity is not None and left.args[1] == 2:
            word = rf"\ {style.words(parity)}" if style.is_latex else f" {parity}"
            parts.append(writer.expression(left.args[0]) + word)
            continue
        middle = f"{writer.expression(left)} {style.signs[op]} {writer.expression(right)}"
        if relations and op in (">", ">="):
            other, upper, limit = relations[0].as_sides()
            if other == left and upper in ("<", "<="):
                relations.pop(0)
                middle = (
                    f"{writer.expression(right)} {style.signs[REVERSED[op]]} {writer.expression(left)}"
                    f" {style.signs[upper]} {writer.expression(limit)}"
                )
        parts.append(middle)
    if style.is_latex:
        return r",\; ".join(parts)
    return " and ".join(parts)


def without_denominator(left: Expr, op: str, right: Expr) -> tuple[Expr, str, Expr]:
    """`L = 2/eta` as `L eta = 2`, which says the same, and as the cases beside it, L eta > 2, say it."""
    above, below = right.as_numer_denom()
    if op == "==" and below.free_symbols and above.is_Rational and above != 0:
        return left * below, op, above
    return left, op, right


def _words(token: Words, style: Style, notation: Notation) -> str:
    return rf"\ {style.words(token.text)}\ " if style.is_latex else style.words(token.text)


def _objective(token: Objective, style: Style, notation: Notation) -> str:
    if token.order and not token.arguments and len(notation.variables) == 1:
        return _prime(Prime(token.order, notation.variables[0]), style, notation)
    name = style.symbol(token.letter or notation.objective, notation)
    nabla = ("", "∇", "∇²") if not style.is_latex else ("", r"\nabla ", r"\nabla^2 ")
    arguments = ", ".join(
        array_text(argument, style, notation)
        if isinstance(argument, MatrixExpr)
        else Writer(style, notation).expression(argument)
        for argument in token.arguments
    )
    return nabla[token.order] + name + (style.brackets(arguments) if arguments else "")


def _prime(token: Prime, style: Style, notation: Notation) -> str:
    name = style.symbol(notation.objective, notation)
    mark = "'" * token.order if token.order < 4 else f"^{{({token.order})}}" if style.is_latex else ""
    mark = mark or f"^({token.order})"
    return name + mark + style.brackets(Writer(style, notation).expression(token.argument))


def _by_cases(token: ByCases, style: Style, notation: Notation) -> str:
    return style.cases(case_rows(token, style, notation))


def case_rows(token: Token, style: Style, notation: Notation) -> list[tuple[str, str]]:
    """The values of cases with their conditions, written; an empty condition is "otherwise"."""
    writer = Writer(style, notation)
    if isinstance(token, ByCases):
        return [
            (writer.expression(value), _bounds(Bounds(relations), style, notation) if relations else "")
            for value, relations in token.rows
        ]
    if isinstance(token, Typed):
        writer, token = typed_writer(token, style, notation), token.expression
    return writer.case_rows(token)


def _arrays(token: Arrays, style: Style, notation: Notation) -> str:
    return array_text(token.expression, style, notation)


def _stacked(token: Stacked, style: Style, notation: Notation) -> str:
    rows = [[array_text(block, style, notation) for block in row] for row in token.rows]
    if style.is_latex:
        return style.matrix(rows)
    return "[" + "; ".join("  ".join(row) for row in rows) + "]"


def _space(token: Space, style: Style, notation: Notation) -> str:
    field = r"\mathbf{R}" if style.is_latex else "R"
    if not token.sizes:
        return field
    times = r" \times " if style.is_latex else " x "
    return style.power(field, times.join(Writer(style, notation).expression(size) for size in token.sizes))


def _partial(token: Partial, style: Style, notation: Notation) -> str:
    letters = [style.symbol(variable, notation) for variable in token.variables]
    if style.is_latex:
        sign = "d" if token.alone else r"\partial"
        times = f"^{len(letters)}" if len(letters) > 1 else ""
        below = " ".join(f"{sign} {letter}" for letter in letters)
        if len(letters) > 1 and len(set(letters)) == 1:
            below = f"{sign} {letters[0]}{times}"
        name = style.symbol(notation.objective, notation) if token.expression is None else ""
        head = style.fraction(f"{sign}{times} {name}".strip(), below)
    else:
        name = style.symbol(notation.objective, notation) if token.expression is None else ""
        sign = "d" if token.alone else "∂"
        times = "²" if len(letters) > 1 else ""
        below = "".join(sign + letter for letter in letters)
        if len(letters) > 1 and len(set(letters)) == 1:
            below = f"{sign}{letters[0]}{times}"
        head = f"{sign}{times}{name}/{below}"
    if token.expression is None:
        return head
    inner = Writer(style, notation).written(token.expression)
    return f"{head} {inner.text if inner.level >= ATOM else style.brackets(inner.text)}"


_WRITERS: Final[Mapping[type, Callable[[Any, Style, Notation], str]]] = {
    Typed: _typed,
    Grid: _grid,
    Place: _place,
    HessianForm: _hessian_form,
    ChordAboveGraph: _chord_above_graph,
    Bounds: _bounds,
    Words: _words,
    Objective: _objective,
    Prime: _prime,
    ByCases: _by_cases,
    Partial: _partial,
    Arrays: _arrays,
    Fixed: lambda token, style, notation: token.latex if style.is_latex else token.text,
    Space: _space,
    Stacked: _stacked,
}
