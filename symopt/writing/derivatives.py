"""Gradient and Hessian as displayed formulas: matrices where they fit a line, else entry by entry."""

from __future__ import annotations

from sympy import Symbol

from symopt.derivation.claims import Matrix, Vector
from symopt.writing.document import Block, Display, Paragraph
from symopt.writing.latex import LINE
from symopt.writing.mathematics import Grid, Objective, Partial, Tokens, written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX
from symopt.writing.width import width


def derivative_blocks(
    variables: tuple[Symbol, ...], gradient: Vector, hessian: Matrix, notation: Notation
) -> tuple[Block, ...]:
    """One display with gradient and Hessian."""
    if len(variables) == 1:
        first: Tokens = (Partial(variables, alone=True), "==", gradient[0])
        second: Tokens = (Partial(variables * 2, alone=True), "==", hessian[0][0])
        return (Display((first, second)),)
    lines = _lines(
        (Objective(order=1), "==", Grid(tuple((e,) for e in gradient))),
        _entries(variables, gradient),
        notation,
    )
    lines += _lines((Objective(order=2), "==", Grid(hessian)), _second_entries(variables, hessian), notation)
    blocks: tuple[Block, ...] = (Display(lines),)
    if any(isinstance(line[0], Partial) and len(line[0].variables) == 2 for line in lines):
        blocks += (Paragraph(("The Hessian is symmetric; second derivatives not listed are 0.",)),)
    return blocks


def _lines(whole: Tokens, entries: tuple[Tokens, ...], notation: Notation) -> tuple[Tokens, ...]:
    return (whole,) if width(written(whole, LATEX, notation)) <= LINE else entries


def _entries(variables: tuple[Symbol, ...], gradient: Vector) -> tuple[Tokens, ...]:
    return tuple((Partial((v,)), "==", e) for v, e in zip(variables, gradient, strict=True))


def _second_entries(variables: tuple[Symbol, ...], hessian: Matrix) -> tuple[Tokens, ...]:
    return tuple(
        (Partial((variables[i], variables[j])), "==", hessian[i][j])
        for i in range(len(variables))
        for j in range(i, len(variables))
        if hessian[i][j] != 0
    )
