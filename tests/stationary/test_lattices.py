"""Stationary points of periodic functions: lattices with their labels, and what a region leaves of them.

Every answer is derived by hand in a comment. A lattice is written with n and m for its integers.
"""

from __future__ import annotations

from itertools import product

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Rational, Symbol, cos, pi, sin, symbols, sympify, tan

from symopt import Problem
from symopt.exact.normal import is_identical
from symopt.results.answers import Point

n, m = symbols("n m", integer=True)
t = Symbol("t", real=True)
KINDS = {"min": ("minimum", True), "max": ("maximum", True), "saddle": ("saddle", None)}

LATTICES = [
    # cos x = 0, and f'' = -sin x.
    ("sin(x)", "x", (), ["-pi/2 + 2*pi*n: min -1", "pi/2 + 2*pi*n: max 1"]),
    # f' = 3 cos 3x: two points in a third of a turn; f'' = -9 sin 3x.
    (
        "sin(3*x)",
        "x",
        (),
        ["pi/6 + 2*pi*n/3: max 1", "-pi/6 + 2*pi*n/3: min -1"],
    ),
    # f' = cos 2x, f'' = -2 sin 2x.
    (
        "sin(x)*cos(x)",
        "x",
        (),
        [
            *(f"{a} + 2*pi*n: max 1/2" for a in ("pi/4", "-3*pi/4")),
            *(f"{a} + 2*pi*n: min -1/2" for a in ("-pi/4", "3*pi/4")),
        ],
    ),
    # f' = -sin x (1 + 4 cos x), f'' = -cos x - 4 cos 2x: -5 at 0, -3 at pi, 15/4 where cos x = -1/4.
    (
        "cos(x) + cos(2*x)",
        "x",
        (),
        [
            "2*pi*n: max 2",
            "pi + 2*pi*n: max 0",
            "acos(-1/4) + 2*pi*n: min -9/8",
            "-acos(-1/4) + 2*pi*n: min -9/8",
        ],
    ),
    # f' = 1/cos^2 x - 2, f'' = 2 tan x / cos^2 x. SymPy's own tangent of a lattice would give 1 at -pi/4.
    (
        "tan(x) - 2*x",
        "x",
        (),
        [
            "pi/4 + 2*pi*n: min 1 - pi/2 - 4*pi*n",
            "-3*pi/4 + 2*pi*n: min 1 + 3*pi/2 - 4*pi*n",
            "-pi/4 + 2*pi*n: max -1 + pi/2 - 4*pi*n",
            "3*pi/4 + 2*pi*n: max -1 - 3*pi/2 - 4*pi*n",
        ],
    ),
    # Each variable by itself.
    (
        "sin(x) + sin(y)",
        "x y",
        (),
        [
            "pi/2 + 2*pi*n, pi/2 + 2*pi*m: max 2",
            "-pi/2 + 2*pi*n, -pi/2 + 2*pi*m: min -2",
            "pi/2 + 2*pi*n, -pi/2 + 2*pi*m: saddle 0",
            "-pi/2 + 2*pi*n, pi/2 + 2*pi*m: saddle 0",
        ],
    ),
    # cos x = cos y = -cos(x+y): with y = x, cos x is 1/2 or -1; with y = -x, it is -1. At (pi, pi) the Hessian is 0
    # and f has the third order term (u^3 + v^3 + (u + v)^3 ...)/6 of both signs.
    (
        "sin(x) + sin(y) + sin(x+y)",
        "x y",
        (),
        [
            "pi/3 + 2*pi*n, pi/3 + 2*pi*m: max 3*sqrt(3)/2",
            "-pi/3 + 2*pi*n, -pi/3 + 2*pi*m: min -3*sqrt(3)/2",
            "pi + 2*pi*n, pi + 2*pi*m: saddle 0",
        ],
    ),
    # Of the lattices of sin, one point each lies in the region.
    ("sin(x)", "x", ("x > 0", "x < 2*pi"), ["pi/2: max 1", "3*pi/2: min -1"]),
    ("sin(x)", "x", ("x >= 0", "x <= 10"), ["pi/2: max 1", "3*pi/2: min -1", "5*pi/2: max 1"]),
    # cos x = 1/2; f'' = 2 sin x.
    (
        "x - 2*sin(x)",
        "x",
        ("x > 0", "x < 2*pi"),
        ["pi/3: min pi/3 - sqrt(3)", "5*pi/3: max 5*pi/3 + sqrt(3)"],
    ),
    # The slope 2 + cos x is nowhere 0.
    ("2*x + sin(x)", "x", (), []),
]


def renamed(values: tuple[Expr, ...], free: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """The coordinates, with the integers called n and m in the order in which they come."""
    order = [s for v in values for s in sorted(v.free_symbols & set(free), key=str)]
    names = dict(zip(dict.fromkeys(order), (n, m), strict=False))
    return tuple(v.xreplace(names) for v in values)


def is_the_point(point: Point, text: str) -> bool:
    place, _, rest = text.partition(": ")
    kind, _, value = rest.partition(" ")
    wanted = tuple(sympify(part, locals={"n": n, "m": m}) for part in place.split(","))
    free = tuple(s for s, _ in point.branch.free)
    found = renamed(tuple(point.branch.values.values()), free)
    return (
        (point.kind, point.strict) == KINDS[kind]
        and all(kind == "integer" for _, kind in point.branch.free)
        and all(is_identical(a, b) for a, b in zip(found, wanted, strict=True))
        and is_identical(renamed((point.value,), free)[0], sympify(value, locals={"n": n, "m": m}))
    )


@pytest.mark.parametrize(("objective", "variables", "region", "wanted"), LATTICES)
def test_lattices_and_their_labels(
    objective: str, variables: str, region: tuple[str, ...], wanted: list[str]
) -> None:
    answer = Problem(objective, variables, subject_to=region).stationary_points()

    assert answer.complete
    assert len(answer.points) == len(wanted)
    for text in wanted:
        assert any(is_the_point(point, text) for point in answer.points), text


@pytest.mark.parametrize(("level", "count"), [("p > 1", 0), ("p = 1", 1), ("p < 1", 2)])
def test_the_level_of_a_wave_decides(level: str, count: int) -> None:
    """cos x = p, for p >= 0."""
    value = {"p > 1": 3, "p = 1": 1, "p < 1": Rational(1, 3)}[level]
    answer = Problem("sin(x) - p*x", "x", assuming="p >= 0").stationary_points().at(p=value)
    assert answer.complete
    assert len(answer.points) == count


# SymPy's sine and cosine with an integer symbol: the checker relies on what SymPy makes of them.


@given(
    st.fractions(-4, 4, max_denominator=24),
    st.integers(-8, 8),
    st.integers(-5, 5),
    st.one_of(st.none(), st.fractions(-3, 3, max_denominator=7)),
)
def test_sine_and_cosine_of_an_integer_symbol_are_right(
    turn: Rational, multiple: int, whole: int, rest: Rational | None
) -> None:
    """sin(q pi + k pi n + t) at thirty digits, k even or odd: SymPy rewrites it before numbers are put in."""
    q = Rational(turn.numerator, turn.denominator)
    offset = Rational(0) if rest is None else t
    number = Rational(0) if rest is None else Rational(rest.numerator, rest.denominator)
    with mpmath.workdps(40):
        angle = (mpmath.mpf(q.p) / q.q + multiple * whole) * mpmath.pi + mpmath.mpf(number.p) / number.q
        for function, exact in ((sin, mpmath.sin), (cos, mpmath.cos)):
            written = function(q * pi + pi * n * multiple + offset)
            found = written.xreplace({n: sympify(whole), t: number}).evalf(40)
            assert abs(mpmath.mpf(str(found)) - exact(angle)) < mpmath.mpf(10) ** -30


@given(st.fractions(-4, 4, max_denominator=12), st.integers(-4, 4), st.integers(-3, 3), st.integers(-3, 3))
def test_sine_and_cosine_of_two_integer_symbols_are_right(
    turn: Rational, multiple: int, first: int, second: int
) -> None:
    q = Rational(turn.numerator, turn.denominator)
    with mpmath.workdps(40):
        angle = (mpmath.mpf(q.p) / q.q + mpmath.mpf(multiple * first) / 3 - second) * mpmath.pi
        for function, exact in ((sin, mpmath.sin), (cos, mpmath.cos)):
            written = function(q * pi + pi * n * multiple / 3 - pi * m)
            found = written.xreplace({n: sympify(first), m: sympify(second)}).evalf(40)
            assert abs(mpmath.mpf(str(found)) - exact(angle)) < mpmath.mpf(10) ** -30


def test_sympy_is_wrong_about_tangents_of_an_integer_symbol() -> None:
    """Why the checker takes no tangent beside an integer symbol; see `require_no_tangents_of_integers`."""
    written = [tan(q * pi / 4 + 2 * pi * n) for q in range(-3, 4) if q % 2]
    wrong = [w for w, q in zip(written, (-3, -1, 1, 3), strict=True) if w != tan(q * pi / 4)]
    if not wrong:
        pytest.skip("this SymPy is right about them")
    assert tan(2 * pi * n - pi / 4) == 1
    for k, q in product(range(-2, 3), (-1, 1)):
        assert tan(2 * pi * k + q * pi / 4) == q


def test_waves_of_independent_forms() -> None:
    """cos u + cos v with u = 2x + y and v = x - y: u = k pi, v = l pi, so x = (k + l) pi/3 and y = (k - 2l) pi/3."""
    answer = Problem("cos(2*x+y)+cos(x-y)", "x y").stationary_points(timeout=60)
    assert answer.complete
    kinds = {(0, 0): "maximum", (1, 1): "minimum", (0, 1): "saddle", (1, 0): "saddle"}
    by_hand = {
        ((k + i) % 6, (k - 2 * i) % 6): kinds[k % 2, i % 2] for k in range(12) for i in range(12)
    }  # in units of pi/3
    found = {
        tuple(
            int(v.subs(dict(zip((s for s, _ in p.branch.free), turns, strict=True))) * 3 / pi) % 6
            for _, v in p.branch.at
        ): p.kind
        for p in answer.points
        for turns in product(range(3), repeat=2)
    }
    assert found == by_hand
    assert len(answer.points) == 4


# a likelihood of von Mises: the sum is R cos(x - m), with R e^(i m) = e^i + 2 e^(2 i) + e^(4 i)
def test_waves_with_phases_have_one_mean_direction() -> None:
    found = Problem("cos(x - 1) + 2*cos(x - 2) + cos(x - 4)", "x").stationary_points()
    mean = mpmath.atan2(*(f(1) + 2 * f(2) + f(4) for f in (mpmath.sin, mpmath.cos)))

    assert found.complete
    places = {p.kind: float(p.branch.at[0][1].subs(p.branch.free[0][0], 0)) for p in found.points}
    assert len(found.points) == 2
    assert mpmath.cos(places["maximum"] - mean) > 1 - 1e-12
    assert mpmath.cos(places["minimum"] - mean) < -1 + 1e-12
