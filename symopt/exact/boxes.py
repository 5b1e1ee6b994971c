"""Systems of equations over boxes: signs, and the Krawczyk operator, in ball arithmetic.

Source: Krawczyk, Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken, Computing 4 (1969);
Moore, Kearfott, Cloud, Introduction to Interval Analysis (2009), section 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, Rational, Symbol, sign

from symopt.exact.balls import Program, ball_of, ends_of, flint_rational, near, program_of, working
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.ranges import Evaluation, Interval, Undefined
from symopt.exact.signs import Signs

Box = tuple[Interval, ...]
Point = tuple[Rational, ...]
Matrix = tuple[tuple[Rational, ...], ...]
NOT_SMOOTH: Final = (Abs, sign, Max, Min, Piecewise, Heaviside)
BITS: Final = 90
MATRIX_BITS: Final = 40
MAX_ROUNDS: Final = 24
MAX_ENTRY: Final = 10**12


@dataclass(frozen=True)
class SquareSystem:
    """As many equations as unknowns, all composed of functions that are smooth where they are defined."""

    equations: tuple[Expr, ...]
    unknowns: tuple[Symbol, ...]

    @property
    def is_smooth(self) -> bool:
        """Whether no function of the equations has kinks."""
        return not any(e.has(*NOT_SMOOTH) for e in self.equations)

    @property
    def jacobian(self) -> tuple[tuple[Expr, ...], ...]:
        return _jacobian(self.equations, self.unknowns)

    def image(self, box: Box, matrix: Matrix, bits: int = BITS) -> Box | None:
        """The Krawczyk operator K = m - C g(m) + (I - C J(X)) (X - m), or None where it is not defined.

        Every zero in X lies in K; where K lies inside X, there is exactly one zero in X.

        >>> from sympy import S
        >>> from sympy.abc import x
        >>> system = SquareSystem((x**2 - 2,), (x,))
        >>> [(low, high)] = system.image(((S(1), S(2)),), ((S(1)/3,),))
        >>> 1 < low < high < 2
        True
        """
        values, slopes = self._programs
        n = len(self.unknowns)
        with working(bits) as flint:
            ends = [(flint_rational(flint, low), flint_rational(flint, high)) for low, high in box]
            middle = [(low + high) / 2 for low, high in ends]
            whole = [ball_of(flint, low, high) for low, high in ends]
            centre = [flint.arb(m) for m in middle]
            at_middle = values.run(flint, list(centre))
            jacobian = slopes.run(flint, list(whole))
            if not all(value.is_finite() for value in (*at_middle, *jacobian)):
                return None
            weights = [[flint.arb(flint_rational(flint, c)) for c in row] for row in matrix]
            found = []
            for i in range(n):
                total = centre[i]
                for k in range(n):
                    total -= weights[i][k] * at_middle[k]
                for j in range(n):
                    factor = flint.arb(int(i == j))
                    for k in range(n):
                        factor -= weights[i][k] * jacobian[k * n + j]
                    total += factor * (whole[j] - centre[j])
                rational = ends_of(total)
                if rational is None:
                    return None
                found.append(rational)
            return tuple(found)

    @property
    def _programs(self) -> tuple[Program, Program]:
        flat = tuple(e for row in self.jacobian for e in row)
        return program_of(self.equations, self.unknowns), program_of(flat, self.unknowns)

    def signs(self, box: Box) -> tuple[Signs | None, ...]:
        """The signs that each equation may take over a bounded box; None where it is not defined."""
        with working(BITS) as flint:
            balls = [ball_of(flint, *(flint_rational(flint, end) for end in ends)) for ends in box]
            return tuple(_signs_of(value) for value in self._programs[0].run(flint, balls))

    def approximate_inverse(self, point: Point) -> Matrix | None:
        """A rational matrix near the inverse of the Jacobian at a point: a proposal."""
        n = len(self.unknowns)
        with working(BITS) as flint:
            inverse = self._inverse(flint, [flint.arb(flint_rational(flint, p)) for p in point])
            if inverse is None:
                return None
            entries = [[near(inverse[i, j], MATRIX_BITS) for j in range(n)] for i in range(n)]
        return tuple(tuple(row) for row in entries)

    def values(self, point: Point) -> Point | None:
        """The equations' values near a point, as rational numbers: a proposal."""
        with working(BITS) as flint:
            found = self._programs[0].run(flint, [flint.arb(flint_rational(flint, p)) for p in point])
            if not all(value.is_finite() for value in found):
                return None
            return tuple(near(value.mid(), 2 * MATRIX_BITS) for value in found)

    def newton(self, start: Point, bits: int) -> Point | None:
        """A point near a zero, by Newton's iteration with rounded numbers until it stays: a proposal."""
        n = len(self.unknowns)
        values = self._programs[0]
        with working(bits + 40) as flint:
            point = [flint.arb(flint_rational(flint, p)) for p in start]
            small = flint.arb(1) / flint.arb(2) ** (bits - 10)
            for _ in range(MAX_ROUNDS):
                inverse = self._inverse(flint, point)
                at_point = values.run(flint, list(point))
                if inverse is None or not all(value.is_finite() for value in at_point):
                    return None
                step = [
                    sum((inverse[i, k] * at_point[k] for k in range(n)), flint.arb(0)).mid() for i in range(n)
                ]
                point = [(p - d).mid() for p, d in zip(point, step, strict=True)]
                if all(abs(d) < small for d in step):
                    return tuple(near(p, bits) for p in point)
        return None

    def _inverse(self, flint: Any, point: list[Any]) -> Any:
        """The inverse of the Jacobian near a point, or None."""
        n = len(self.unknowns)
        entries = self._programs[1].run(flint, list(point))
        if not all(entry.is_finite() and abs(entry) < MAX_ENTRY for entry in entries):
            return None
        try:
            inverse = flint.arb_mat(n, n, [entry.mid() for entry in entries]).inv()
        except ZeroDivisionError:
            return None
        found = [inverse[i, j] for i in range(n) for j in range(n)]
        if not all(entry.is_finite() and abs(entry) < MAX_ENTRY for entry in found):
            return None
        return flint.arb_mat(n, n, [entry.mid() for entry in found])

    def narrowed(self, box: Box, bits: int) -> Box | None:
        """A box of half-width 2^-bits around the only zero in a box; None where it is not found."""
        start = tuple((low + high) / 2 for low, high in box)  # type: ignore[operator]
        point = self.newton(start, bits + 40)
        matrix = None if point is None else self.approximate_inverse(point)
        if point is None or matrix is None:
            return None
        half = Rational(1, 1 << bits)
        inner = tuple((rounded(p, bits + 4) - half, rounded(p, bits + 4) + half) for p in point)
        image = self.image(inner, matrix, 2 * bits + 40)
        proved = image is not None and is_inside(image, inner) and is_within(inner, box)
        return inner if proved else None


@lru_cache(maxsize=256)
def _jacobian(equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...]) -> tuple[tuple[Expr, ...], ...]:
    return tuple(tuple(derivative_by_table(e, u) for u in unknowns) for e in equations)


def signs_over(expression: Expr, unknowns: tuple[Symbol, ...], box: Box) -> Signs | None:
    """The signs that an expression may take over a box, whose ends may be None (infinite); None where it is not defined.

    >>> from sympy.abc import x
    >>> sorted(signs_over(x**2 + 1, (x,), ((None, None),)))
    [1]
    """
    with working(BITS) as flint:
        try:
            found = Evaluation(flint, dict(zip(unknowns, box, strict=True))).range(expression)
        except (Undefined, RecursionError, OverflowError):
            return None
    possible = {-1: found.low < 0, 0: found.low <= 0 and found.high >= 0, 1: found.high > 0}
    return frozenset(s for s, so in possible.items() if so)


def is_inside(inner: Box, outer: Box) -> bool:
    """Whether one bounded box lies in the interior of another."""
    return all(a < c and d < b for (a, b), (c, d) in zip(outer, inner, strict=True))  # type: ignore[operator]


def is_within(inner: Box, outer: Box) -> bool:
    """Whether one bounded box lies in another."""
    return all(a <= c and d <= b for (a, b), (c, d) in zip(outer, inner, strict=True))  # type: ignore[operator]


def are_disjoint(one: Box, other: Box) -> bool:
    """Whether two bounded boxes have no point in common."""
    return any(b < c or d < a for (a, b), (c, d) in zip(one, other, strict=True))  # type: ignore[operator]


def rounded(value: Rational, bits: int) -> Rational:
    """A rational with a power of two as its denominator, near the value."""
    numerator, denominator = int(value.p), int(value.q)
    return Rational(((numerator << (bits + 1)) + denominator) // (2 * denominator), 1 << bits)


def _signs_of(value: Any) -> Signs | None:
    if not value.is_finite():
        return None
    if value > 0 or value < 0:
        return frozenset((1 if value > 0 else -1,))
    return frozenset((-1, 0, 1))
