"""Gradient and Hessian as displayed formulas: matrices where they fit a line, else entry by entry.

Nothing is said about the points where f has no derivative: `differentiable_where` gives the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Final, cast

from sympy import Abs, Expr, Piecewise, Symbol, default_sort_key, sign
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanTrue, Or

from symopt.derivation.claims import Matrix, Vector
from symopt.relation import Relation, relation_from_sympy
from symopt.writing.document import Block, Display, Paragraph
from symopt.writing.latex import LINE
from symopt.writing.mathematics import (
    Bounds,
    ByCases,
    Grid,
    Objective,
    Partial,
    Prime,
    Tokens,
    Words,
    written,
)
from symopt.writing.notation import Notation
from symopt.writing.presenting import presented
from symopt.writing.styles import LATEX
from symopt.writing.width import width

_MOST_PIECES: Final = 8


def derivative_blocks(
    variables: tuple[Symbol, ...], gradient: Vector, hessian: Matrix, notation: Notation
) -> tuple[Block, ...]:
    """One display with gradient and Hessian; in one variable with f' and f''."""
    where = differentiable_where(variables, (*gradient, *(entry for row in hessian for entry in row)))
    gradient = tuple(presented(entry, where) for entry in gradient)
    hessian = tuple(tuple(presented(entry, where) for entry in row) for row in hessian)
    if len(variables) == 1:
        (x,) = variables
        first: Tokens = (Prime(1, x), "==", *opened(gradient[0]))
        second: Tokens = (Prime(2, x), "==", *opened(hessian[0][0]))
        return (Display((with_condition(first, where), with_condition(second, where))),)
    lines = _lines(
        (Objective(order=1), "==", Grid(tuple((e,) for e in gradient))),
        _entries(variables, gradient),
        notation,
        any(e.has(Piecewise) for e in gradient),
    )
    lines += _lines(
        (Objective(order=2), "==", Grid(hessian)),
        _second_entries(variables, hessian),
        notation,
        any(e.has(Piecewise) for row in hessian for e in row),
    )
    blocks: tuple[Block, ...] = (Display(tuple(with_condition(line, where) for line in lines)),)
    if any(isinstance(line[0], Partial) and len(line[0].variables) == 2 for line in lines):
        blocks += (Paragraph(("The Hessian is symmetric; second derivatives not listed are 0.",)),)
    return blocks


def with_condition(line: Tokens, where: tuple[Relation, ...]) -> Tokens:
    """`f'(x) = sign(x), for x != 0`; a line that gives its cases itself stays as it is."""
    if not where or any(isinstance(token, ByCases) for token in line):
        return line
    return (*line, ";", Words("for"), Bounds(where))


def differentiable_where(variables: tuple[Symbol, ...], derivatives: Iterable[Expr]) -> tuple[Relation, ...]:
    """The relations that leave out the kinks of f, which are seen in its derivatives.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> [str(relation) for relation in differentiable_where((x,), (2 * x + sign(x - 1),))]
    ['Ne(x, 1)']
    """
    found: list[Relation] = []
    for derivative in derivatives:
        for value, known in _pieces(derivative):
            nodes = sorted((n for n in value.atoms(Abs, sign) if n.has(*variables)), key=str)
            found += [Relation(n.args[0], "!=") for n in nodes if not _is_apart(n.args[0], known)]
            found += [Relation(r.expression, "!=") for r in known]
            borders = (
                relation
                for inner in sorted(value.atoms(Piecewise), key=str)
                for _, when in inner.args
                for relation in sorted(when.atoms(Relational), key=str)
            )
            found += [Relation(relation_from_sympy(r).expression, "!=") for r in borders]
    return tuple(dict.fromkeys(found))


def opened(derivative: Expr) -> Tokens:
    """The derivative; where it is given by cases, on the open sets between their borders.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> opened(Piecewise((2 * x, x >= 1), (0, True)))[0].rows[1]
    (0, (Relation(expression=x - 1, op='<'),))
    """
    pieces = _pieces(derivative)
    return (derivative,) if len(pieces) == 1 and not pieces[0][1] else (ByCases(pieces),)


def _pieces(derivative: Expr) -> tuple[tuple[Expr, tuple[Relation, ...]], ...]:
    """The values of a function given by cases with open conditions; the function itself where that is not possible."""
    whole = ((derivative, ()),)
    if not isinstance(derivative, Piecewise):
        return whole
    pieces: list[tuple[Expr, tuple[Relation, ...]]] = []
    left: list[tuple[Relation, ...]] = [()]  # where no condition before holds
    for value, when in derivative.args:
        ways = _ways(when)
        if ways is None or len(pieces) + len(left) * len(ways) > _MOST_PIECES:
            return whole
        pieces += [(value, inside) for inside in _both(left, ways)]
        for way in ways:
            left = _both(left, [(relation.negated().interior(),) for relation in way])
    return tuple(pieces)


def _ways(condition: Boolean) -> list[tuple[Relation, ...]] | None:
    """The conjunctions of open relations of which one holds where the condition does, but for borders."""
    if isinstance(condition, BooleanTrue):
        return [()]
    if isinstance(condition, Relational):
        relation = relation_from_sympy(condition)
        return None if relation.op in ("==", "!=") else [(relation.interior(),)]
    parts = [_ways(part) for part in sorted(condition.args, key=default_sort_key)]
    if not isinstance(condition, (And, Or)) or None in parts:
        return None
    known = cast("list[list[tuple[Relation, ...]]]", parts)
    return reduce(_both, known) if isinstance(condition, And) else [way for part in known for way in part]


def _both(some: list[tuple[Relation, ...]], others: list[tuple[Relation, ...]]) -> list[tuple[Relation, ...]]:
    """Where one of the first and one of the others holds, without those that contradict themselves."""
    joined = {frozenset(way): way for way in (dict.fromkeys(one + other) for one in some for other in others)}
    return [tuple(way) for way in joined.values() if not any(r.negated().interior() in way for r in way)]


def _is_apart(inner: Expr, known: tuple[Relation, ...]) -> bool:
    """Whether the piece keeps away from the zeros of u: by |u| > c, or by u > c, with a number c >= 0."""
    for relation in known:
        left, op, right = relation.as_sides()
        away = right.is_Rational and right >= 0
        if away and op == ">" and left in (Abs(inner), inner, -inner):
            return True
    return False


def _lines(
    whole: Tokens, entries: tuple[Tokens, ...], notation: Notation, by_cases: bool
) -> tuple[Tokens, ...]:
    fits = not by_cases and width(written(whole, LATEX, notation)) <= LINE
    return (whole,) if fits else entries


def _entries(variables: tuple[Symbol, ...], gradient: Vector) -> tuple[Tokens, ...]:
    return tuple((Partial((v,)), "==", *opened(e)) for v, e in zip(variables, gradient, strict=True))


def _second_entries(variables: tuple[Symbol, ...], hessian: Matrix) -> tuple[Tokens, ...]:
    return tuple(
        (Partial((variables[i], variables[j])), "==", *opened(hessian[i][j]))
        for i in range(len(variables))
        for j in range(i, len(variables))
        if hessian[i][j] != 0
    )
