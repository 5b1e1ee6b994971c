"""Directions in the plane along which a form is steepest, and curves along which a polynomial has a sign at once."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import gcd, prod
from typing import Final

from sympy import Expr, Rational, S, Symbol

from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, factors
from symopt.exact.relations import is_rational

Direction = tuple[Expr, Expr]
Powers = tuple[tuple[Rational, int], ...]  # (c, w) of c s^w for each variable
MAX_WEIGHT: Final = 3
MAX_TERMS: Final = 60
SIZES: Final = tuple(turn * Fraction(size) for size in ("1", "2", "1/2") for turn in (1, -1))
SAMPLES: Final = 216


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


def weighted_curves(function: Expr, start: Mapping[Symbol, Expr]) -> tuple[Powers, ...]:
    """Curves a_i + c_i s^(w_i) on which the terms of least weight of a polynomial are negative, and positive.

    The terms are those on an edge of its Newton polytope at the point a; nothing is said of the others.

    >>> from sympy.abc import x, y, z
    >>> weighted_curves(x**2 - 2*x*y*z, {x: 0, y: 0, z: 0})
    (((1, 1), (1, 1), (1, 1)), ((1, 2), (1, 1), (1, 1)))
    """
    poly = polynomial_or_none(function.xreplace({v: v + a for v, a in start.items()}), *start)
    n = len(start)
    if poly is None or not is_rational(poly) or len(poly.terms()) > MAX_TERMS:
        return ()
    terms = [(m, Fraction(int(c.p), int(c.q))) for m, c in poly.terms() if any(m)]
    sizes = SIZES[: max(k for k in (2, 4, 6) if k**n <= SAMPLES or k == 2)]
    found: dict[bool, Powers] = {}
    for weights in sorted(product(range(1, MAX_WEIGHT + 1), repeat=n), key=sum):
        if not terms or gcd(*weights) > 1:
            continue
        weighed = [(sum(w * k for w, k in zip(weights, m, strict=True)), m, c) for m, c in terms]
        least = min(weight for weight, _, _ in weighed)
        form = [(m, c) for weight, m, c in weighed if weight == least]
        for at in product(sizes, repeat=n):
            value = sum(c * prod(u**k for u, k in zip(at, m, strict=True)) for m, c in form)
            if value and (value > 0) not in found:
                rationals = (Rational(u.numerator, u.denominator) for u in at)
                found[value > 0] = tuple(zip(rationals, weights, strict=True))
        if len(found) == 2:
            break
    return tuple(found.values())
