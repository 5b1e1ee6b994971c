"""Bounds of a function that touch it at a point.

They are tangents of e^w and log w, parabolas at cos 0, cosh 0, sqrt w and |w|, 0 below roots and |w|, 1 and -1 for waves
and products of them. Each is a theorem of one line: e^w is convex and log w concave, both strictly; the derivatives of
cos w - 1 + w^2/2 are those of an odd function that rises; (sqrt w - sqrt c)^2 >= 0 and (|w| - c)^2 >= 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Integer, Mul, Pow, S, cos, cosh, exp, log, sin, sqrt

from symopt.relation import Relation


@dataclass(frozen=True)
class Touching:
    """side * (kernel - bound) >= 0 wherever the relations hold, and 0 only where `equal` is."""

    side: int
    bound: Expr
    equal: Expr
    needed: tuple[Relation, ...] = ()


def touching(kernel: Expr, point: Expr, side: int) -> Touching | None:
    """A bound of the kernel from below (side 1) or above (-1) that touches it where its argument is `point`.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> touching(exp(x), S.Zero, 1).bound
    x + 1
    """
    if isinstance(kernel, Mul) and all(_is_wave(factor) for factor in kernel.args):
        return Touching(side, Integer(-side), kernel + side)
    if isinstance(kernel, Abs) and side > 0 and point == 0:
        return Touching(1, S.Zero, kernel.args[0])
    if isinstance(kernel, Pow) and kernel.base != S.Exp1 and kernel.exp == S.Half:
        w = kernel.base
        if side > 0:
            return Touching(1, S.Zero, w) if point == 0 else None
        bound = (w + point) / (2 * sqrt(point)) if point != 0 else None
        return None if bound is None else Touching(-1, bound, w - point, _positive(point))
    w = kernel.args[0] if kernel.args else S.Zero
    if isinstance(kernel, exp) and side > 0:
        return Touching(1, exp(point) * (1 + w - point), w - point)
    if isinstance(kernel, log) and side < 0 and point != 0:
        return Touching(-1, w / point - 1 + log(point), w - point, _positive(point))
    if isinstance(kernel, Abs) and side < 0 and point != 0:
        return Touching(-1, (w**2 + point**2) / (2 * abs(point)), w**2 - point**2, (Relation(point, "!="),))
    if isinstance(kernel, (cos, cosh)) and side > 0 and point == 0:
        return Touching(1, 1 + (1 if isinstance(kernel, cosh) else -1) * w**2 / 2, w)
    if isinstance(kernel, (sin, cos)):
        return Touching(side, Integer(-side), kernel + side)
    return None


def _is_wave(factor: Expr) -> bool:
    base = (
        factor.base
        if isinstance(factor, Pow) and isinstance(factor.exp, Integer) and factor.exp > 0
        else factor
    )
    return isinstance(base, (sin, cos))


def _positive(point: Expr) -> tuple[Relation, ...]:
    return (Relation(point, ">"),)
