"""Labels at points known by isolated numbers: intervals around the Hessian, narrow enough to tell its signs."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from sympy import Expr, Rational, S

from symopt.derivation.claims import Branch, Step
from symopt.derivation.enclosing import Interval, hessian_around
from symopt.exact.enclosure import enclosed_minors
from symopt.stationary.setting import Setting

DIGITS: Final = (30, 90, 270)
FINE: Final = 2**10

Inertia = tuple[int, int, int]
Direction = tuple[Fraction, ...]


def by_enclosure(setting: Setting, branch: Branch) -> tuple[Step, Inertia] | None:
    """The label at a point where the Hessian is shown to be regular by intervals, and its inertia."""
    if not branch.numbers or branch.free or setting.smooth is None:
        return None
    if any(number.varies for number in branch.numbers):
        return None
    for digits in DIGITS:
        matrix = hessian_around(setting.matrix, branch, digits)
        minors = None if matrix is None else enclosed_minors(matrix, digits)
        if matrix is None or minors is None:
            return None
        low, high = minors[-1]
        if low <= 0 <= high:
            continue
        axes = _principal(matrix)
        signs = [1 if value > 0 else -1 for value, _ in axes]
        inertia = (signs.count(1), signs.count(-1), 0)
        kind = "minimum" if -1 not in signs else "maximum" if 1 not in signs else "saddle"
        data: dict[str, object] = {"digits": digits}
        if kind == "saddle":
            data["up"] = _simplest([v for value, v in axes if value > 0], matrix, 1)
            data["down"] = _simplest([v for value, v in axes if value < 0], matrix, -1)
        premises = (setting.hessian, setting.smooth)
        step = setting.label(
            branch, kind, None if kind == "saddle" else True, f"enclosed_{kind}", premises, **data
        )
        if step is not None:
            return step, inertia
    return None


def _principal(matrix: tuple[tuple[Interval, ...], ...]) -> list[tuple[Fraction, Direction]]:
    """(v^T M v, v) for vectors that are orthogonal with respect to the regular matrix M of the midpoints."""
    n = len(matrix)
    middle = [[sum(map(_fraction, entry), Fraction(0)) / 2 for entry in row] for row in matrix]

    def product(u: Direction, v: Direction) -> Fraction:
        return sum((u[i] * middle[i][j] * v[j] for i in range(n) for j in range(n)), Fraction(0))

    left = [tuple(Fraction(i == j) for j in range(n)) for i in range(n)]
    found: list[tuple[Fraction, Direction]] = []
    while left:
        candidates = left + [
            tuple(a + b for a, b in zip(u, v, strict=True)) for u in left for v in left if u is not v
        ]
        pivot = next(v for v in candidates if product(v, v) != 0)
        value = product(pivot, pivot)
        found.append((value, pivot))
        rest = [tuple(a - product(v, pivot) / value * b for a, b in zip(v, pivot, strict=True)) for v in left]
        left = _independent(rest, n - len(found))
    return found


def _independent(vectors: list[Direction], rank: int) -> list[Direction]:
    """So many of the vectors as are independent."""
    kept: list[Direction] = []
    echelon: list[tuple[int, Direction]] = []
    for vector in vectors:
        rest = vector
        for place, row in echelon:
            rest = tuple(a - rest[place] / row[place] * b for a, b in zip(rest, row, strict=True))
        nonzero = [i for i, a in enumerate(rest) if a]
        if nonzero and len(kept) < rank:
            echelon.append((nonzero[0], rest))
            kept.append(vector)
    return kept


def _simplest(
    vectors: list[Direction], matrix: tuple[tuple[Interval, ...], ...], turn: int
) -> tuple[Expr, ...]:
    """A direction in which the form has the sign: with short fractions where these do."""
    for fine in (1, 2, 8, FINE):
        for vector in vectors:
            largest = max(map(abs, vector))
            short = tuple(Fraction(round(fine * v / largest), fine) for v in vector)
            if _has_sign(matrix, short, turn):
                return tuple(_rational(v) for v in short)
    return tuple(_rational(v) for v in vectors[0])


def _has_sign(matrix: tuple[tuple[Interval, ...], ...], vector: Direction, turn: int) -> bool:
    middle = sum(
        (
            vector[i] * vector[j] * sum(map(_fraction, matrix[i][j]), Fraction(0))
            for i in range(len(vector))
            for j in range(len(vector))
        ),
        Fraction(0),
    )
    return middle * turn > 0


def _fraction(value: Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator) if value else S.Zero
