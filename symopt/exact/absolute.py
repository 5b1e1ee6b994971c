"""Maxima and minima written with absolute values."""

from __future__ import annotations

from typing import cast

from sympy import Abs, Expr, Max, Min, default_sort_key


def in_absolute_values(expression: Expr) -> Expr:
    """max(a, b) = (a + b + |a - b|)/2 and min(a, b) = (a + b - |a - b|)/2, from the left, everywhere.

    >>> from sympy.abc import x
    >>> in_absolute_values(Max(x, 0) ** 2)
    (x/2 + Abs(x)/2)**2
    """
    if not expression.has(Max, Min):
        return expression
    arguments = [in_absolute_values(cast(Expr, arg)) for arg in expression.args]
    if not isinstance(expression, (Max, Min)):
        return cast(Expr, expression.func(*arguments))
    turn = 1 if isinstance(expression, Max) else -1
    first, *others = sorted(arguments, key=default_sort_key)
    for other in others:
        first = (first + other + turn * Abs(first - other)) / 2
    return first
