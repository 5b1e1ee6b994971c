"""A function with kinks as smooth pieces: |u|, max, min, sign and cases resolved on the parts of the region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sympy import (
    Abs,
    Expr,
    Max,
    Min,
    Piecewise,
    S,
    Symbol,
    cos,
    cot,
    csc,
    default_sort_key,
    sec,
    sign,
    sin,
    tan,
)

from symopt.cases import Cell
from symopt.derivation.claims import Context
from symopt.derivation.conditions import ways
from symopt.exact.absolute import in_absolute_values
from symopt.relation import Relation

MAX_PIECES: Final = 32


@dataclass(frozen=True)
class Piece:
    """On the open set where `relations` hold, the function is `objective`."""

    objective: Expr
    relations: tuple[Relation, ...] = ()


def smooth_pieces(
    objective: Expr,
    variables: tuple[Symbol, ...],
    is_empty: Callable[[tuple[Relation, ...]], bool] | None = None,
) -> tuple[Piece, ...] | None:
    """The pieces that cover the region up to the borders between them; None when there are too many or a case is odd.

    Pieces that `is_empty` knows to be empty are left out, as soon as that is seen.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> [str(piece.objective) for piece in smooth_pieces(abs(x - 1), (x,))]
    ['x - 1', '1 - x']
    """
    done: list[Piece] = []
    open_pieces = [Piece(objective)]
    while open_pieces:
        piece = open_pieces.pop(0)
        node = _innermost(piece.objective, variables)
        if node is None:
            done.append(piece)
            continue
        parts = _resolved(node)
        if parts is None:
            return None
        found = (
            Piece(piece.objective.xreplace({node: value}), piece.relations + relations)
            for value, relations in parts
        )
        open_pieces += [p for p in found if is_empty is None or not is_empty(p.relations)]
        if len(done) + len(open_pieces) > MAX_PIECES:
            return None
    return tuple(done)


def without_tangents(cell: Cell) -> Cell:
    """The cell with its objective and region in sines and cosines alone, which has the same natural domain."""
    region = tuple(Relation(_in_waves(r.expression), r.op) for r in cell.context.region)
    return replace(cell, objective=_in_waves(cell.objective), context=Context(region, cell.context.condition))


def with_absolute_values(cell: Cell) -> Cell | None:
    """The cell with max(a, b) = (a + b + |a - b|)/2 in its objective; None where there is nothing to write so."""
    written = in_absolute_values(cell.objective)
    return None if written == cell.objective else replace(cell, objective=written)


def _in_waves(expression: Expr) -> Expr:
    for function, written in _IN_WAVES.items():
        if expression.has(function):
            expression = expression.replace(function, written)
    return expression


_IN_WAVES: Final[Mapping[type, Callable[[Expr], Expr]]] = {
    tan: lambda u: sin(u) / cos(u),
    cot: lambda u: cos(u) / sin(u),
    sec: lambda u: 1 / cos(u),
    csc: lambda u: 1 / sin(u),
}


def borders(pieces: tuple[Piece, ...]) -> tuple[Expr, ...]:
    """The expressions whose zeros separate the pieces, each with one of its two signs."""
    found: dict[Expr, None] = {}
    for expression in (r.expression for piece in pieces for r in piece.relations):
        if (-expression).expand() not in found:
            found.setdefault(expression)
    return tuple(found)


def _innermost(expression: Expr, variables: tuple[Symbol, ...]) -> Expr | None:
    """A kinked node of the variables that holds no other, in a fixed order."""
    found = [n for n in expression.atoms(Abs, sign, Max, Min, Piecewise) if n.has(*variables)]
    inner = [n for n in found if not any(m is not n and n.has(m) for m in found)]
    return min(inner, key=default_sort_key) if inner else None


def _resolved(node: Expr) -> list[tuple[Expr, tuple[Relation, ...]]] | None:
    """The values of the node with the open conditions under which it has them."""
    if isinstance(node, (Abs, sign)):
        u = node.args[0]
        values = (u, -u) if isinstance(node, Abs) else (S.One, S.NegativeOne)
        return [(values[0], (Relation(u, ">"),)), (values[1], (Relation(u, "<"),))]
    if isinstance(node, (Max, Min)):
        op = ">" if isinstance(node, Max) else "<"
        args = sorted(node.args, key=default_sort_key)
        return [(a, tuple(Relation(a - b, op) for b in args if b != a)) for a in args]
    parts: list[tuple[Expr, tuple[Relation, ...]]] = []
    left: list[tuple[Relation, ...]] = [()]  # where no earlier condition holds
    for value, condition in node.args:
        alternatives = ways(condition, lambda relation: [(relation,)])
        if alternatives is None:
            return None
        for relations in alternatives:
            parts += [(value, before + tuple(r.interior() for r in relations)) for before in left]
            left = [before + apart for before in left for apart in _outside(relations)]
            if len(parts) + len(left) > MAX_PIECES:
                return None
    return parts


def _outside(relations: tuple[Relation, ...]) -> list[tuple[Relation, ...]]:
    """Where one of the relations breaks, as parts that do not meet: the first that does, with those before it."""
    return [
        (
            *(r.interior() for r in relations[:place]),
            relation.negated().interior(),
        )
        for place, relation in enumerate(relations)
    ]
