"""The signs of a polynomial in one symbol on the part of the line that signs of others leave: a decision procedure.

The real roots of all of them cut the line into points and open intervals, on each of which every sign is constant.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from math import prod
from typing import Final

from sympy import Poly, Rational, S

from symopt.exact.gates import TooLarge
from symopt.exact.roots import RealRoot, real_roots, sign_at_root

MAX_DEGREE: Final = 60
Signs = frozenset[int]


def signs_where(poly: Poly, given: Sequence[tuple[Poly, Signs]]) -> Signs:
    """The signs of a polynomial over Q where each of the given ones has one of its signs; empty when it is nowhere so.

    >>> from sympy.abc import x
    >>> beyond = (Poly(x**2 - 2, x), frozenset((1,)))
    >>> signs_where(Poly(x, x), [beyond]), signs_where(Poly(x, x), [beyond, (Poly(x + 1, x), frozenset((1, 0)))])
    (frozenset({1, -1}), frozenset({1}))
    """
    polys = [p for p in (poly, *(q for q, _ in given)) if p.degree() > 0]
    if sum(p.degree() for p in polys) > MAX_DEGREE:
        raise TooLarge("polynomials in one symbol")
    roots = real_roots(prod(polys, start=poly.one)) if polys else ()
    found = set[int]()
    for place in (*roots, *_between(roots)):
        if all(_sign(q, place) in signs for q, signs in given):
            found.add(_sign(poly, place))
    return frozenset(found)


def _between(roots: tuple[RealRoot, ...]) -> Iterator[Rational]:
    """A rational number on each side of each root."""
    if not roots:
        yield S.Zero
        return
    yield roots[0].interval[0] - 1
    for left, right in itertools.pairwise(roots):
        yield (left.interval[1] + right.interval[0]) / 2
    yield roots[-1].interval[1] + 1


def _sign(poly: Poly, place: RealRoot | Rational) -> int:
    if isinstance(place, RealRoot):
        return sign_at_root(poly, place)
    value = poly.eval(place)
    return 1 if value > 0 else -1 if value < 0 else 0
