"""The value of an expression at a point, where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sympy import Expr, S, Symbol

UNDEFINED: Final = (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)


def value_at(expression: Expr, point: Mapping[Symbol, Expr]) -> Expr | None:
    """The expression with the values put in; None where it is seen to have no real value there.

    >>> from sympy import Max, log
    >>> from sympy.abc import x
    >>> value_at(x + 1, {x: S.One}), value_at(log(x), {x: S.Zero}), value_at(Max(1 / x, 1), {x: S.Zero})
    (2, None, None)
    """
    try:
        value = expression.xreplace(dict(point))
    except ValueError:  # SymPy forms no maximum of what it cannot compare
        return None
    return None if value.has(*UNDEFINED) else value
