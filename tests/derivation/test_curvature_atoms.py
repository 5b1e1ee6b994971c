"""Every row of the table of curvature against sampled values; a row with anything flipped is caught."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational

from symopt.derivation.curvature_atoms import ANY_NUMBER, CURVATURE_ATOMS, CurvatureAtom

TWO = (
    "max",
    "min",
    "norm",
    "norm, u >= 0",
    "p-norm",
    "shifted norm",
    "p-norm, u > 0",
    "power mean, u > 0",
    "power mean, r < 0",
    "log-sum-exp",
    "shifted log-sum-exp",
    "relative entropy",
    "quadratic over linear",
    "square over linear, u >= 0",
    "geometric mean",
    "product of small powers",
    "product of inverse powers",
)
THREE = ("log det", "root of a determinant", "trace of an inverse", "trace of an inverse, semidefinite")
SIZES = {
    **dict.fromkeys(TWO, 2),
    **dict.fromkeys(THREE, 3),
    "matrix fractional": 5,
}  # how many arguments a row is tried with, if not one
EXPONENTS = {  # for the rows in which they are as many as the arguments
    "geometric mean": (Rational(1, 3), Rational(2, 3), Rational(1, 2), Rational(1, 4)),
    "product of small powers": (Rational(1, 3), Rational(1, 5), Rational(1, 2)),
    "product of inverse powers": (Integer(-1), Rational(-1, 3), Integer(-2)),
}
WHOLE = {"even": [Integer(k) for k in (2, 4, -2, -4)], "odd": [Integer(k) for k in (3, 5, -1, -3)]}
CONSTANTS = (*(Rational(n, 3) for n in (-7, -1, 1, 2, 4, 7)), Integer(1), Integer(2))


def samples(
    atom: CurvatureAtom, count: int
) -> list[tuple[tuple[Expr, ...], tuple[Expr, ...], tuple[Expr, ...]]]:
    """Pairs of arguments in the row's set, with constants: one after the other, the same every time."""
    chance = random.Random(atom.name)
    size = SIZES.get(atom.name, 1)
    found: list[tuple[tuple[Expr, ...], tuple[Expr, ...], tuple[Expr, ...]]] = []
    for _ in range(16000):
        number = size if atom.constants == ANY_NUMBER else atom.constants
        allowed = (
            [c for c in CONSTANTS if c.is_Integer] if atom.integer else EXPONENTS.get(atom.name, CONSTANTS)
        )
        allowed = WHOLE.get(atom.parity, allowed)
        constants = tuple(chance.choice(allowed) for _ in range(number))
        p, q = (
            tuple(
                Rational(chance.randint(0 if atom.name in EXPONENTS else -700, 700), 100)
                / chance.choice((1, 5))
                for _ in range(size)
            )
            for _ in "pq"
        )
        if p != q and is_inside(atom, p, constants) and is_inside(atom, q, constants):
            found.append((p, q, constants))
        if len(found) == count:
            break
    assert len(found) == count
    return found


def is_inside(atom: CurvatureAtom, arguments: tuple[Expr, ...], constants: tuple[Expr, ...]) -> bool:
    """Whether the row's conditions hold: each is `number > 0` or `number >= 0`."""
    relations = atom.where(*arguments, *constants)
    assert {r.op for r in relations} <= {">", ">="}
    return all(r.expression > 0 or (r.op == ">=" and r.expression == 0) for r in relations)


def value(atom: CurvatureAtom, arguments: tuple[Expr, ...], constants: tuple[Expr, ...]) -> Expr:
    return Rational(0) + atom.function(*arguments, *constants).evalf(30)


def refuted(atom: CurvatureAtom, count: int = 8) -> str:
    """What a sample shows to be wrong with the row; an empty text when nothing does."""
    tiny = Rational(1, 10**20)
    for p, q, constants in samples(atom, count):
        middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
        ends = [value(atom, end, constants) for end in (p, q)]
        gap = atom.sign * ((ends[0] + ends[1]) / 2 - value(atom, middle, constants))
        if gap < -tiny * (1 + abs(ends[0]) + abs(ends[1])):
            return "curvature"
        for i in range(len(p)):
            one = (*p[:i], q[i], *p[i + 1 :])
            if one == p or not is_inside(atom, one, constants):
                continue
            rise = (value(atom, one, constants) - ends[0]) * (1 if q[i] > p[i] else -1)
            if atom.slope(i, len(p)) * rise < -tiny:
                return "slope"
            if atom.strictly_monotone and atom.slope(i, len(p)) and rise == 0:
                return "strictly monotone"
    return ""


@pytest.mark.parametrize("name", CURVATURE_ATOMS)
def test_every_row_holds_on_samples(name: str) -> None:
    assert refuted(CURVATURE_ATOMS[name]) == ""


@pytest.mark.parametrize("name", CURVATURE_ATOMS)
def test_a_flipped_curvature_is_caught(name: str) -> None:
    atom = CURVATURE_ATOMS[name]
    flipped = replace(atom, curvature="concave" if atom.curvature == "convex" else "convex")
    assert refuted(flipped) == "curvature"


@pytest.mark.parametrize("name", [n for n, atom in CURVATURE_ATOMS.items() if any(atom.slopes)])
def test_a_flipped_slope_is_caught(name: str) -> None:
    atom = CURVATURE_ATOMS[name]
    assert refuted(replace(atom, slopes=tuple(-s for s in atom.slopes))) == "slope"


@pytest.mark.parametrize("name", [n for n, atom in CURVATURE_ATOMS.items() if not all(atom.slopes)])
def test_a_missing_slope_is_missing_for_a_reason(name: str) -> None:
    """A function said to have no slope neither only rises nor only falls in that argument."""
    atom = CURVATURE_ATOMS[name]
    for slope in (1, -1):
        assert refuted(replace(atom, slopes=tuple(s or slope for s in atom.slopes)), 20) == "slope"


FLAT = {  # a direction (as a multiple of the point, or fixed) along which a row that is not strict is affine
    "abs": ((1,), (2,)), "max": ((1, 2), (2, 3)), "min": ((1, 2), (2, 3)), "norm": ((1, 1), (2, 2)),
    "norm, u >= 0": ((1, 1), (2, 2)), "p-norm": ((1, 1), (2, 2)), "matrix fractional": ((1, 2, 2, 3, 1), (2, 4, 4, 6, 2)),
    "trace of an inverse, semidefinite": ((1, 2, 0), (3, 2, 0)), "root of a determinant": ((1, 2, 1), (2, 4, 2)),
    "log-sum-exp": ((0, 0), (1, 1)), "relative entropy": ((1, 2), (2, 4)),
    "quadratic over linear": ((1, 1), (2, 2)), "square over linear, u >= 0": ((1, 1), (2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n, atom in CURVATURE_ATOMS.items() if not atom.strict])
def test_a_row_that_is_not_strict_has_a_flat_direction(name: str) -> None:
    atom = CURVATURE_ATOMS[name]
    constants = {"p-norm, u > 0": (Integer(2),), "power mean, u > 0": (Rational(1, 2),),
                 "p-norm": (Integer(3),),
                 "trace of an inverse, semidefinite": (Integer(0), Integer(0), Integer(1)),
                 "geometric mean": (Rational(1, 2), Rational(1, 2))}.get(name, ())  # fmt: skip
    p, q = (tuple(map(Integer, end)) for end in FLAT.get(name, ((1, 4), (2, 8))))
    middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
    gap = (value(atom, p, constants) + value(atom, q, constants)) / 2 - value(atom, middle, constants)
    assert abs(gap) < Rational(1, 10**25)


@pytest.mark.parametrize("name", [n for n, atom in CURVATURE_ATOMS.items() if atom.strict])
def test_a_strict_row_has_no_flat_chord_among_the_samples(name: str) -> None:
    atom = CURVATURE_ATOMS[name]
    for p, q, constants in samples(atom, 8):
        middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
        ends = [value(atom, end, constants) for end in (p, q)]
        scale = 1 + abs(ends[0]) + abs(ends[1])
        gap = (ends[0] + ends[1]) / 2 - value(atom, middle, constants)
        assert abs(gap) > Rational(1, 10**25) * scale
