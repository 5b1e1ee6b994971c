"""Every row of the table of curvature against sampled values; a row with anything flipped is caught."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sympy import Expr, Integer, Rational, cos, pi, sin, symbols, tan

from symopt.derivation.curvature_atoms import CURVATURE_ATOMS, WEIGHTS, CurvatureAtom
from symopt.relation import Relation

TWO = (
    "max",
    "min",
    "norm",
    "norm, u >= 0",
    "p-norm",
    "shifted norm",
    "power of a p-norm",
    "power of a round p-norm",
    "root in a p-cone",
    "logarithm in a p-cone",
    "p-norm, u > 0",
    "power mean, u > 0",
    "power mean, r < 0",
    "power of a weighted p-norm",
    "power of a round weighted p-norm",
    "power of a weighted mean",
    "small power of a weighted mean",
    "power of a weighted mean, r < 0",
    "small power of a weighted mean, r < 0",
    "log-sum-exp",
    "shifted log-sum-exp",
    "relative entropy",
    "quadratic over linear",
    "perspective of powers",
    "square over linear, u >= 0",
    "geometric mean",
    "product of small powers",
    "product of inverse powers",
    "logarithm of beta",
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
    "power of a weighted p-norm": (Integer(1), Rational(4, 3), Integer(2)),
    "power of a round weighted p-norm": (Rational(7, 3), Rational(4, 3), Integer(2)),
    "power of a weighted mean": (Integer(1), Rational(2, 3), Rational(1, 2)),
    "small power of a weighted mean": (Rational(1, 3), Rational(2, 3), Rational(1, 2)),
    "power of a weighted mean, r < 0": (Integer(1), Rational(2, 3), Integer(-1), Integer(-2)),
    "small power of a weighted mean, r < 0": (Rational(1, 2), Rational(2, 3), Integer(-1), Integer(-2)),
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
        number = atom.number_of_constants(size)
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
    if not all(r.expression.is_real for r in relations):
        return False
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


# --- the sets on which the rows hold: a relation turned round, or given its border, is caught --------------------


GRID = (*(Rational(n, 2) for n in range(-6, 9)), Rational(1, 3), Rational(-1, 3))
WHOLE_WITH_BORDER = {
    "even": tuple(map(Integer, (4, 2, 0, -2, -4))),
    "odd": tuple(map(Integer, (3, 1, -1, -3))),
}
TURNS = (*map(Integer, range(-3, 9)), *(Integer(k) * pi / 2 for k in range(-2, 6)))
SHAPES = (
    Rational(1, 3),
    Rational(1, 2),
    *map(Integer, (-3, -2, -1, 0, 1, 2, 3)),
    Rational(-1, 2),
    Rational(3, 2),
)


def drawn(atom: CurvatureAtom, chance: random.Random) -> tuple[tuple[Expr, ...], ...]:
    """Two points of a grid that holds the borders, and constants."""
    size = SIZES.get(atom.name, 1)
    number = atom.number_of_constants(size)
    allowed = tuple(c for c in SHAPES if c.is_Integer) if atom.integer else SHAPES
    allowed = WHOLE_WITH_BORDER.get(atom.parity, allowed)
    grid = TURNS if atom.function in (sin, cos, tan) else GRID
    p, q = (tuple(chance.choice(grid) for _ in range(size)) for _ in "pq")
    weights = () if atom.constants != WEIGHTS else tuple(map(Integer, (-1, 0, 1, 3)))
    return (
        p,
        q,
        tuple(chance.choice(weights if k < number - 2 and weights else allowed) for k in range(number)),
    )


def is_met(relation: Relation, op: str) -> bool:
    if not relation.expression.is_real:
        return False
    return bool(
        {">": relation.expression > 0, ">=": relation.expression >= 0, "<": relation.expression < 0,
         "<=": relation.expression <= 0, "==": relation.expression == 0}[op]
    )  # fmt: skip


def contains(atom: CurvatureAtom, arguments: tuple[Expr, ...], constants: tuple[Expr, ...]) -> bool:
    return all(is_met(relation, relation.op) for relation in atom.where(*arguments, *constants))


def fault(atom: CurvatureAtom, p: tuple[Expr, ...], q: tuple[Expr, ...], constants: tuple[Expr, ...]) -> str:
    """What is wrong with the row between two points, with 50 digits; an empty text when nothing is."""
    middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
    moved = [(i, (*p[:i], q[i], *p[i + 1 :])) for i in range(len(p)) if p[i] != q[i]]
    moved = [(i, one) for i, one in moved if atom.slope(i, len(p)) and contains(atom, one, constants)]
    values = [
        Rational(0) + atom.function(*at, *constants).evalf(50)
        for at in (p, q, middle, *(m for _, m in moved))
    ]
    if not all(v.is_real and v.is_finite for v in values):
        return "undefined"
    tiny = Rational(1, 10**30) * (1 + max(map(abs, values)))
    gap = atom.sign * ((values[0] + values[1]) / 2 - values[2])
    if gap < -tiny or (atom.strict and p != q and gap < tiny):
        return "curvature"
    for (i, _), at in zip(moved, values[3:], strict=True):
        rise = (at - values[0]) * (1 if q[i] > p[i] else -1) * atom.slope(i, len(p))
        if rise < -tiny or (atom.strictly_monotone and rise < tiny):
            return "slope"
    return ""


def with_relation(atom: CurvatureAtom, place: int, op: str) -> CurvatureAtom:
    """The row with another sign in one of the relations of its set."""

    def where(*arguments: Expr) -> tuple[Relation, ...]:
        found = list(atom.where(*arguments))
        found[place] = Relation(found[place].expression, op)
        return tuple(found)

    return replace(atom, where=where)


def first_fault(atom: CurvatureAtom, place: int, op: str, tries: int = 60) -> str:
    """The first fault of the row between two points of its set, the one with the relation at `place` met by `op`."""
    chance = random.Random(f"{atom.name} {place} {op}")
    left = tries
    for _ in range(12000):
        p, q, constants = drawn(atom, chance)
        at_p = atom.where(*p, *constants)
        if not (p != q and is_met(at_p[place], op) and contains(atom, p, constants)):
            continue
        middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
        if not (contains(atom, q, constants) and contains(atom, middle, constants)):
            continue
        found = fault(atom, p, q, constants)
        left -= 1
        if found or not left:
            return found
    return ""


def relations_of(name: str) -> list[tuple[str, int, str]]:
    """The row's relations as (name, place, op)."""
    atom, size = CURVATURE_ATOMS[name], SIZES.get(name, 1)
    number = atom.number_of_constants(size)
    return [(name, place, r.op) for place, r in enumerate(atom.where(*symbols(f"u:{size + number}")))]


RELATIONS = [relation for name in CURVATURE_ATOMS for relation in relations_of(name)]
# -M has the determinant of a 2 x 2 matrix M: the rows hold of negative definite matrices too, and do not say so.
# Weights k >= 0 with k n >= m^2 and n >= 0: where k < 0, that leaves n = m = 0 alone, which this grid hardly meets.
TRUE_TURNED_ROUND = {("log det", 0), ("root of a determinant", 0), ("trace of an inverse, semidefinite", 2)}
# Rows that hold with the border as well, where the function has a value there: they leave out 0 to the power r, powers
# that are affine (r = 1), p-cones with p = 1 and of the point 0 alone, and matrices that are only semidefinite, which
# reach their border nowhere on this grid.
TRUE_ON_THE_BORDER = {
    ("even exponent", 0), ("even exponent, u <= 0", 1), ("negative odd exponent, u < 0", 1),  # by parity, none is there
    ("root in a p-cone", 0), ("root in a p-cone", 1), ("logarithm in a p-cone", 0),
    *(("p-norm, u > 0", place) for place in range(3)), ("p-norm", 0), *(("power mean, u > 0", k) for k in (0, 1, 3)),
    ("product of small powers", 4), *(("log det", k) for k in (0,)), *(("root of a determinant", k) for k in (0, 1)),
    *((f"{small}power of a weighted mean, r < 0", k) for small in ("", "small ") for k in (0, 1)),
    ("power of a weighted mean", 5), ("perspective of powers", 1), *(("trace of an inverse", k) for k in (0, 2, 3)),
    ("trace of an inverse, semidefinite", 0), ("matrix fractional", 0),
}  # fmt: skip


# Segments on the borders of powers of weighted means that this grid hardly meets: for r = 1 the mean is affine, for s = 1
# it is so on rays.
ROUND, SMALL = "power of a round weighted p-norm", "small power of a weighted mean"
NEGATIVE = "small power of a weighted mean, r < 0"
ON_RAYS, ON_PLANES = ((1, 2), (2, 4)), ((1, 2), (2, 1))
SEGMENTS = {
    (ROUND, 4): (ON_PLANES, (1, 1, 1, 2)),
    (ROUND, 5): (ON_RAYS, (3, 1, 2, 1)),
    (SMALL, 5): (ON_PLANES, (1, 1, 1, Rational(1, 2))),
    (SMALL, 7): (ON_RAYS, (3, 1, Rational(1, 2), 1)),
    (NEGATIVE, 6): (ON_RAYS, (3, 1, -1, 1)),
}


@pytest.mark.parametrize(("name", "place", "op"), [r for r in RELATIONS if r[:2] not in TRUE_TURNED_ROUND])
def test_a_relation_of_a_set_that_is_turned_round_is_caught(name: str, place: int, op: str) -> None:
    turned = {">": "<=", ">=": "<"}[op]
    assert first_fault(with_relation(CURVATURE_ATOMS[name], place, turned), place, turned)


@pytest.mark.parametrize(("name", "place", "op"), RELATIONS)
def test_a_set_is_closed_where_the_row_holds_on_its_border(name: str, place: int, op: str) -> None:
    """An open relation has a fault on its border, unless that is listed; a closed one has none."""
    if name == "Lambert W" or (op == ">" and (name, place) in TRUE_ON_THE_BORDER):  # its border is irrational
        return
    if (name, place) in SEGMENTS:
        (p, q), numbers = SEGMENTS[name, place]
        p, q, constants = (tuple(map(Rational, part)) for part in (p, q, numbers))
        assert is_met(CURVATURE_ATOMS[name].where(*p, *constants)[place], "==")
        assert fault(CURVATURE_ATOMS[name], p, q, constants) == "curvature"
        return
    tries = (
        5 if op == ">=" else 400 if name == "power of a round p-norm" else 60
    )  # flat where |u| + |v| stays
    found = first_fault(with_relation(CURVATURE_ATOMS[name], place, ">="), place, "==", tries)
    assert bool(found) is (op == ">")


ONE = {name for name, atom in CURVATURE_ATOMS.items() if name not in SIZES}


@pytest.mark.parametrize("name", sorted(ONE))
def test_a_function_of_one_argument_takes_no_other(name: str) -> None:
    """SymPy's log(u, b) is log(u)/log(b), which the row of log(u) says nothing of."""
    assert [count for count in range(4) if CURVATURE_ATOMS[name].takes(count)] == [1]


def test_functions_of_several_arguments_take_as_many_as_they_need() -> None:
    """Of one argument log B would be loggamma(u) - loggamma(u) = 0, which is not strictly convex."""
    taken = {name: [n for n in range(7) if CURVATURE_ATOMS[name].takes(n)] for name in SIZES}
    assert taken["logarithm of beta"] == [2, 3, 4, 5, 6]
    assert taken["trace of an inverse"] == [3]
    assert taken["matrix fractional"] == [5]
    assert taken["max"] == taken["norm"] == taken["geometric mean"] == [1, 2, 3, 4, 5, 6]
    assert taken["relative entropy"] == [2]
