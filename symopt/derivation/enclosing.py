"""Intervals around a point that numbers known by equations give, and around the Hessian there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from sympy import Expr, Integer, Rational, Symbol

from symopt.derivation.claims import Branch, Matrix, Number
from symopt.exact.enclosure import enclose
from symopt.exact.relations import is_rational
from symopt.exact.roots import count_real_roots, refine

Interval = tuple[Rational, Rational]


@lru_cache(maxsize=2048)
def interval_of(number: Number, digits: int) -> Interval:
    """Where a number lies: for the one root of a rational polynomial in its interval, to that many decimals."""
    low, high = cast(Interval, number.interval)
    poly = number.equation.as_poly(number.symbol)
    if poly is None or not is_rational(poly) or low == high:
        return low, high
    for end in (low, high):
        if poly.eval(end) == 0:
            return (
                (end, end)
                if count_real_roots(poly, low, high, include_low=True, include_high=True) == 1
                else (low, high)
            )
    if count_real_roots(poly, low, high) != 1:
        return low, high
    return refine(poly, (low, high), Rational(1, Integer(10) ** digits))


def box_around(branch: Branch, digits: int) -> dict[Symbol, Interval] | None:
    """An interval for each unknown, which holds its value on the branch; None for a family or with parameters."""
    numbers = {number.symbol: interval_of(number, digits) for number in branch.numbers if not number.varies}
    found = {unknown: enclose(value, numbers, digits) for unknown, value in branch.at}
    known = {unknown: interval for unknown, interval in found.items() if interval is not None}
    return known if len(known) == len(found) else None


def hessian_around(entries: Matrix, branch: Branch, digits: int) -> tuple[tuple[Interval, ...], ...] | None:
    """Intervals for the entries of the Hessian at a point."""
    box = box_around(branch, digits)
    if box is None:
        return None
    rows = tuple(tuple(_within(entry, box, digits) for entry in row) for row in entries)
    known = tuple(tuple(entry for entry in row if entry is not None) for row in rows)
    return known if all(len(row) == len(entries) for row in known) else None


def _within(entry: Expr, box: Mapping[Symbol, Interval], digits: int) -> Interval | None:
    return enclose(entry, box, digits)


def form_around(matrix: tuple[tuple[Interval, ...], ...], vector: tuple[Expr, ...]) -> Interval:
    """An interval for v^T M v, for a rational vector v and a symmetric M with entries in these intervals."""
    low = high = Rational(0)
    for i, a in enumerate(vector):
        for j, b in enumerate(vector):
            weight, (below, above) = a * b, matrix[i][j]
            low += weight * (below if weight > 0 else above)
            high += weight * (above if weight > 0 else below)
    return low, high
