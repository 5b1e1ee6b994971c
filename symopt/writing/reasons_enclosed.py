"""Reasons of labels that rest on intervals around the Hessian: its minors or its form, to a few digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Float, S

from symopt.derivation.claims import Hessian, Label, Step
from symopt.derivation.enclosing import Interval, form_around, hessian_around
from symopt.exact.enclosure import enclosed_minors
from symopt.writing.claims import Subject
from symopt.writing.decimals import SHOWN_DIGITS, decimal_text
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Place, Prime, Tokens
from symopt.writing.places import listed


def _matrix(step: Step) -> tuple[tuple[Interval, ...], ...] | None:
    digits, hessians = step.data("digits"), [p.claim for p in step.premises if isinstance(p.claim, Hessian)]
    if not isinstance(digits, int) or not hessians:
        return None
    return hessian_around(hessians[0].entries, cast(Label, step.claim).branch, digits)


def _sign(interval: Interval) -> Tokens:
    """`≈ 7.2 > 0`."""
    low, high = interval
    text = decimal_text((low + high) / 2, digits=SHOWN_DIGITS)
    shown: Tokens = () if text is None else ("approx", Float(text, SHOWN_DIGITS))
    return (*shown, ">" if low > 0 else "<", S.Zero)


def _extremum(step: Step, subject: Subject) -> Pieces | None:
    matrix = _matrix(step)
    minors = None if matrix is None else enclosed_minors(matrix, cast(int, step.data("digits")))
    if minors is None:
        return None
    variables = cast(Label, step.claim).variables
    if len(variables) == 1:
        return (", because there ", Math((Prime(2, variables[0]), *_sign(minors[0]))))
    parts: list[Pieces] = [(Math(_sign(minor)),) for minor in minors]
    return (", because the leading minors of the Hessian there are ", *listed(parts))


def _saddle(step: Step, subject: Subject) -> Pieces | None:
    matrix, directions = _matrix(step), (step.data("up"), step.data("down"))
    if matrix is None or not all(isinstance(direction, tuple) for direction in directions):
        return None
    parts: list[Pieces] = [
        (Math(_sign(form_around(matrix, vector))), " in the direction ", Math((Place(vector),)))
        for vector in cast("tuple[tuple[Expr, ...], ...]", directions)
    ]
    return (", because the quadratic form of the Hessian there is ", *listed(parts))


REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "enclosed_minimum": _extremum,
    "enclosed_maximum": _extremum,
    "enclosed_saddle": _saddle,
}
