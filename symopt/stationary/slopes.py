"""Directions in the plane along which a form is steepest: what it takes its least and largest values on."""

from __future__ import annotations

from sympy import Expr, S, Symbol

from symopt.exact.normal import NotExact, factors

Direction = tuple[Expr, Expr]


def steepest_directions(along: tuple[Expr, Expr], slope: Symbol) -> tuple[Direction, ...]:
    """The directions (1, t) and (t, 1) with t != 0 at which a form F, given as F(1, t) and F(t, 1), is stationary.

    Those that are found without roots: t is a linear factor's.

    >>> from sympy.abc import a, t
    >>> steepest_directions((1 + a*t + t**4, t**4 + a*t**3 + 1), t)
    ((-3*a/4, 1),)
    """
    found: list[Direction] = []
    for lead, form in enumerate(along):
        try:
            _, parts = factors(form.diff(slope))
        except NotExact:
            continue
        for base, _ in parts:
            linear = base.as_poly(slope)
            if linear is not None and linear.degree() == 1 and linear.LC().is_Rational and linear.TC() != 0:
                value = -linear.TC() / linear.LC()
                found.append((value, S.One) if lead else (S.One, value))
    return tuple(dict.fromkeys(found))
