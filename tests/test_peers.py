"""The right answer where other systems are wrong or useless, line by line of `peers.md`, section 4.

Each table is one kind of question; the systems are SymPy 1.14, CVXPY, Maxima, SciPy, JAX, symengine and z3. The
expected value is the truth, derived in the comment above its line; what the other system says is the third field.
`EXCEPTIONS` lists the lines that symopt does not answer today, with the reason: they must be refused in one sentence or
called undecided, and never be wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Abs, Expr, Max, Rational, Symbol, exp, log, sympify

from symopt import InputError, Problem

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Line:
    """A line of section 4: the question, what the other system says to it, and the answers that are true."""

    objective: str
    variables: str
    peer: str
    truth: tuple[tuple[str, Any], ...]
    on: tuple[str, ...] = ()
    assuming: tuple[str, ...] = ()

    def problem(self) -> Problem:
        return Problem(self.objective, self.variables, subject_to=self.on, assuming=self.assuming)

    def plain(self) -> Problem:
        """The same from SymPy's plain symbols, as the other system was asked."""
        return Problem(
            sympify(self.objective),
            [Symbol(name) for name in self.variables.split()],
            subject_to=[sympify(condition) for condition in self.on],
            assuming=[sympify(condition) for condition in self.assuming],
        )


def line(objective: str, variables: str, peer: str, *truth: Any, on: str = "", assuming: str = "") -> Line:
    """A line with one answer, or with a table of answers `{"p=2": answer, ...}`."""
    (answer,) = truth
    table = tuple(answer.items()) if isinstance(answer, dict) else (("", answer),)
    parts = (tuple(part for part in text.split(";") if part) for text in (on, assuming))
    return Line(objective, variables, peer, table, *parts)


def values_of(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split(",")) if text else {}


def each(lines: tuple[Line, ...]) -> list[Any]:
    """A test for each line and each value of its parameters."""
    return [
        pytest.param(entry, at, truth, id=" ".join((entry.objective, "in", entry.variables, *entry.on, at)))
        for entry in lines
        for at, truth in entry.truth
    ]


def numeric(text: str | Expr, values: dict[str, Any] | None = None) -> float:
    """An expression of known numbers as a float, 25 digits in between."""
    expression = sympify(text)
    table = {s: sympify((values or {})[s.name]) for s in expression.free_symbols}
    return float(sympy.re(expression.subs(table).evalf(25)))


def holds(condition: str, values: dict[str, Any]) -> bool:
    table = {Symbol(name): sympify(value) for name, value in values.items()}
    return condition == "True" or bool(sympify(condition).subs(table))


def the_only(answer: Json) -> Json:
    (case,) = answer["cases"]
    return case


def holding(answer: Json, values: dict[str, str]) -> list[Json]:
    """The cases whose condition holds at these values."""
    return [case for case in answer["cases"] if holds(case["condition"], values)]


# -- convexity --------------------------------------------------------------------------------------------

NAN = "NotImplementedError"

CONVEXITY = (
    # H = diag(12 x^2, 12 y^2): a sum of strictly convex functions of one variable each.
    line("x**4+y**4", "x y", "None", "strictly convex"),
    # Convex and increasing after x + y; constant along x + y = const, so not strictly.
    line("exp(x+y)", "x y", "None", "convex"),
    # H = [[12x^2+2y^2, 4xy], [4xy, 2x^2+12y^2]]; det = 24x^4 + 132x^2y^2 + 24y^4 > 0 but at 0, an isolated point.
    line("x**4+x**2*y**2+y**4", "x y", "None", "strictly convex"),
    # x^4 + x^2 y^2 + y^4 as above, plus z^4.
    line("x**4+y**4+z**4+x**2*y**2", "x y z", "None", "strictly convex"),
    # Log-sum-exp is convex; along (1, 1) it is x + log 2, a straight line.
    line("log(exp(x)+exp(y))", "x y", "None, CVXPY QUASICONVEX", "convex"),
    # The norm of (1, x, y): det H = (1+x^2+y^2)^-2 > 0.
    line("sqrt(1+x**2+y**2)", "x y", "None", "strictly convex"),
    # A norm: linear along each ray from 0.
    line("sqrt(x**2+y**2)", "x y", "None", "convex"),
    # 0 at (2, 0) and at (0, 2), 1 between them at (1, 1); x^4 along (x, x) is strictly convex.
    line("x**2*y**2", "x y", "None", "neither"),
    # x^3 is concave for x < 0, y^2 is convex.
    line("x**3+y**2", "x y", "None", "neither"),
    # H = [[e^x, 1], [1, e^y]] has a positive trace and det = e^(x+y) - 1, negative where x + y < 0.
    line("exp(x)+exp(y)+x*y", "x y", "None", "neither"),
    # f'' = s(1 - s) > 0 with s = 1/(1+e^-x).
    line("log(1+exp(x))", "x", "no answer in 120 s, CVXPY QUASILINEAR", "strictly convex"),
    # H = sum s_i(1 - s_i) a_i a_i' with a = (1, 1), (1, -1), (2, 1), which span the plane.
    line("log(1+exp(-w-b))+log(1+exp(w-b))+log(1+exp(2*w+b))", "w b", "None", "strictly convex"),
    # tan'' = 2 tan (1 + tan^2) > 0 on (0, pi/2).
    line("tan(x)", "x", "no answer in 25 s", "strictly convex", on="x>0;x<pi/2"),
    # f'' = 1/x > 0 on its natural domain x > 0.
    line("x*log(x)", "x", "False, CVXPY LOG-LOG CONCAVE", "strictly convex"),
    # f'' = x^-2 on x > 0.
    line("-log(x)", "x", "False, though -sqrt(x) is True", "strictly convex"),
    # f'' = x^(-3/2)/4 on x > 0, continuous at 0.
    line("-sqrt(x)", "x", "True", "strictly convex"),
    # The lower half of the unit circle, on [-1, 1].
    line("-sqrt(1-x**2)", "x", "True", "strictly convex"),
    # f'' = (3/4) x^(-1/2).
    line("x**(3/2)", "x", "True", "strictly convex"),
    # Natural domain y != 0: two half-planes, not convex.
    line("x**2/y", "x y", "None", "region_not_convex"),
    # Quadratic over linear: H = (2/y^3) (y, -x)(y, -x)', of rank one; linear along rays.
    line("x**2/y", "x y", "None with the domain given; CVXPY QUASICONVEX", "convex", on="y>0"),
    # Slopes -1, 1.
    line("Abs(x)", "x", NAN, "convex"),
    line("Max(0,x)", "x", NAN, "convex"),
    # |x|^a with a > 1: the derivative a |x|^(a-1) sign x is strictly increasing.
    line("Abs(x)**3", "x", NAN, "strictly convex"),
    line("Abs(x)**(3/2)", "x", NAN, "strictly convex"),
    # sqrt on each side is strictly concave; the cusp at 0 is a minimum, so it is not concave either.
    line("sqrt(Abs(x))", "x", NAN, "neither"),
    # Huber: slopes 2x on [-1, 1], -2 and 2 outside, continuous and nondecreasing; straight outside.
    line("Piecewise((x**2, Abs(x) <= 1), (2*Abs(x) - 1, True))", "x", NAN, "convex"),
    # -|x|: slopes 1, -1.
    line("Piecewise((x,x<0),(-x,True))", "x", "True", "concave"),
    # A step from 0 down to -1 at 0. (-1, 0): 0 at -1/2 lies above the chord; (-1, 1): -1 at 0 lies below -1/2.
    line("Piecewise((0,x<0),(-1,True))", "x", "True", "neither"),
    # x^2 is strictly convex for x < 0; at 0 the slope falls from 0 to -1.
    line("Piecewise((x**2,x<0),(-x,True))", "x", "True", "neither"),
    # min(x, 1/2): slopes 1, 0.
    line("Piecewise((x,x<1/2),(1/2,True))", "x", "True (sympy#20920)", "concave", on="x>=0;x<=1"),
    # Natural domain x != 0, which is not convex.
    line("1/x**2+y**2", "x y", "True", "region_not_convex"),
    line("-log(x**2)+y**2", "x y", "True", "region_not_convex"),
    # f'' = a^2 e^(ax); constant at a = 0.
    line("exp(a*x)", "x", NAN, {"a=-1": "strictly convex", "a=0": "affine", "a=2": "strictly convex"}),
    # f'' = 2p.
    line("p*x**2", "x", NAN, {"p=3": "strictly convex", "p=0": "affine", "p=-1/2": "strictly concave"}),
    # f'' = p(p - 1) x^(p-2) on x > 0.
    line(
        "x**p",
        "x",
        NAN,
        {
            "p=3/2": "strictly convex",
            "p=1": "affine",
            "p=1/2": "strictly concave",
            "p=0": "affine",
            "p=-1": "strictly convex",
        },
        on="x>0",
    ),
    # Eigenvalues 2(p-1) and 2(p+1).
    line(
        "(p-1)*x**2+(p+1)*y**2",
        "x y",
        "None, CVXPY UNKNOWN",
        {
            "p=2": "strictly convex",
            "p=1": "convex",
            "p=0": "neither",
            "p=-1": "concave",
            "p=-2": "strictly concave",
        },
    ),
    # CVXPY decides by the spelling. x*x is x^2; (x - y)^2 is constant along (1, 1); x^2 - x^2 cancels.
    line("x*x", "x", "UNKNOWN", "strictly convex"),
    line("x**2-2*x*y+y**2", "x y", "UNKNOWN", "convex"),
    line("x**4+x**2-x**2", "x", "UNKNOWN", "strictly convex"),
    # = x^4 + 1.
    line("(x**2-1)**2+2*x**2", "x", "UNKNOWN", "strictly convex"),
    # f'' = (1 + x^2)^(-3/2).
    line("sqrt(1+x**2)", "x", "QUASICONVEX", "strictly convex"),
    # xy H = [[2/x^2, 1/(xy)], [1/(xy), 2/y^2]], det = 3/(xy)^2 > 0.
    line("1/(x*y)", "x y", "LOG-LOG AFFINE only", "strictly convex", on="x>0;y>0"),
    # f'' = (x + 2) e^x.
    line("x*exp(x)", "x", "LOG-LOG CONVEX only", "strictly convex", on="x>0"),
    # f'' = 6y < 0.
    line("y**3", "y", "CONVEX", "strictly concave", on="y<0"),
    # z3's witness: at (-1, -1), H = [[26, 28], [28, 26]] is -4 along (1, -1), and 108 along (1, 1).
    line("x**4+7*x**2*y**2+y**4", "x y", "a witness without a proof", "neither"),
)

ASKED = {
    "text": Line.problem,
    "plain symbols": Line.plain,
}


@cache
def convexity(entry: Line, asked: str) -> Json:
    return ASKED[asked](entry).convexity().to_dict()


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("entry", "at", "truth"), each(CONVEXITY))
def test_convexity_is_decided_rightly(entry: Line, at: str, truth: str, asked: str) -> None:
    (case,) = holding(convexity(entry, asked), values_of(at))
    *strictly, kind = truth.split()

    assert case["kind"] == kind
    if kind in ("convex", "concave"):
        assert case["strict"] is bool(strictly)


@pytest.mark.parametrize(("entry", "at", "truth"), [p for p in each(CONVEXITY) if p.values[2] == "neither"])
def test_a_refutation_comes_with_two_chords(entry: Line, at: str, truth: str) -> None:
    (case,) = holding(convexity(entry, "text"), values_of(at))
    f = sympify(entry.objective)

    for claim, sign in (("not_convex", 1), ("not_concave", -1)):
        chord = case["evidence"]["witness"][claim]
        w = Rational(chord["weight"])
        p, q = ({name: sympify(value) for name, value in chord[end].items()} for end in "pq")
        values = values_of(at) | chord["parameters"]
        between = {name: w * p[name] + (1 - w) * q[name] for name in p}
        on_chord = numeric(w) * numeric(f, values | p) + numeric(1 - w) * numeric(f, values | q)
        assert sign * (numeric(f, values | between) - on_chord) > 1e-12


def test_assumptions_of_symbols_count_in_convexity() -> None:
    """SymPy: x log x with x positive False, 1/x^2 + y^2 and -log(x^2) + y^2 with x nonzero True."""
    positive, nonzero = Symbol("x", positive=True), Symbol("x", real=True, nonzero=True)
    y, above = Symbol("y", real=True), Symbol("y", positive=True)

    assert Problem(positive * log(positive), [positive]).convexity().kind == "convex"
    assert Problem(1 / nonzero**2 + y**2, [nonzero, y]).convexity().kind == "region_not_convex"
    assert Problem(-log(nonzero**2) + y**2, [nonzero, y]).convexity().kind == "region_not_convex"
    assert Problem(positive**2 / above, [positive, above]).convexity().kind == "convex"


# -- stationary points --------------------------------------------------------------------------------------

LOWER, UPPER = "CRootOf(8*y**3-42*y+25,1)", "CRootOf(8*y**3-42*y+25,2)"

STATIONARY = (
    # One gradient entry for each variable: 2(p-1)x and 2(p+1)y.
    line(
        "(p-1)*x^2+(p+1)*y^2",
        "x y",
        "ValueError: (x, y) is not a valid SymPy symbol; Maxima loses the cases |p| = 1",
        {
            "p=2": ["0, 0: min"],
            "p=1": ["t, 0: min?"],
            "p=0": ["0, 0: saddle"],
            "p=-1": ["0, t: max?"],
            "p=-2": ["0, 0: max"],
        },
    ),
    # In x alone, y is a parameter like p.
    line(
        "(p-1)*x^2+(p+1)*y^2",
        "x",
        "{0}",
        {"p=2,y=3": ["0: min"], "p=1,y=3": ["t: constant"], "p=0,y=0": ["0: max"]},
    ),
    # f' = 2px vanishes everywhere at p = 0.
    line("p*x^2", "x", "{0}", {"p=1": ["0: min"], "p=0": ["t: constant"], "p=-1": ["0: max"]}),
    # f' = 3(x^2 - p); f'' = 6x; at p = 0 x^3.
    line(
        "x^3-3*p*x",
        "x",
        "Intersection({-sqrt(p), sqrt(p)}, Reals)",
        {"p=4": ["2: min", "-2: max"], "p=0": ["0: inflection"], "p=-4": []},
    ),
    # No derivative at 0: a kink, and the least value.
    line("abs(x)", "x", "{0}", ["kink 0: min"]),
    line("sqrt(abs(x))", "x", "{0}", ["kink 0: min"]),
    # 2x + e^x = 0 means (-x) e^(-x) = 1/2; f'' = 2 + e^x > 0.
    line("exp(x)+x^2", "x", "ConditionSet", ["-LambertW(1/2): min"]),
    # f' = 4x^3 - 6x + 1 has f'(-2) < 0 < f'(-1), f'(1/2) < 0 < f'(2): three roots, f' changing -+, +-, -+.
    line(
        "x^4-3*x^2+x",
        "x",
        "not asked",
        [
            "CRootOf(4*x**3-6*x+1,0): min",
            "CRootOf(4*x**3-6*x+1,1): max",
            "CRootOf(4*x**3-6*x+1,2): min",
        ],
    ),
    # cos x = -1/2; f'' = -sin x.
    line("sin(x)+x/2", "x", "not asked", ["2*pi*n-2*pi/3: min", "2*pi*n+2*pi/3: max"]),
    # f' < 0 and f' > 0.
    line("exp(-x)", "x", "not asked", []),
    line("log(1+exp(x))", "x", "not asked", []),
    # Both squares vanish at the four minima; the other five are known to six places from the literature.
    line(
        "(x^2+y-11)^2+(x+y^2-7)^2",
        "x y",
        "solve, solve_poly_system: 4 points of 9",
        [
            "3, 2: min",
            "-2.805118, 3.131313: min",
            "-3.779310, -3.283186: min",
            "3.584428, -1.848127: min",
            "-0.270845, -0.923039: max",
            "-3.073026, -0.081353: saddle",
            "3.385154, 0.073852: saddle",
            "0.086678, 2.884255: saddle",
            "-0.127961, -1.953715: saddle",
        ],
    ),
    # f_x = 2x(10y - 5 - 2x^2), f_y = 10x^2 - 8y - 8y^3. With x = 0: y = 0, H = diag(-10, -8). Else x^2 = 5y - 5/2 and
    # 8y^3 - 42y + 25 = 0, whose roots are near -2.55 (no x), 0.647 and 1.898; det H = x^2(192y^2 - 336), f_xx = -8x^2.
    line(
        "10*x^2*y-5*x^2-4*y^2-x^4-2*y^4",
        "x y",
        "solve: 1 or 3 points, nonlinsolve: 3, of 5 real ones (sympy#17449)",
        [
            "0, 0: max",
            f"sqrt(5*{LOWER}-5/2), {LOWER}: saddle",
            f"-sqrt(5*{LOWER}-5/2), {LOWER}: saddle",
            f"sqrt(5*{UPPER}-5/2), {UPPER}: max",
            f"-sqrt(5*{UPPER}-5/2), {UPPER}: max",
        ],
    ),
    # cos x = 0 and sin y = 0; H = diag(-sin x, -cos y).
    line(
        "sin(x)+cos(y)",
        "x y",
        "4 points of infinitely many",
        [
            "2*pi*n+pi/2, 2*pi*m: max",
            "2*pi*n-pi/2, 2*pi*m+pi: min",
            "2*pi*n+pi/2, 2*pi*m+pi: saddle",
            "2*pi*n-pi/2, 2*pi*m: saddle",
        ],
    ),
    # Eigenvalues 2(p+1) along (1, 1) and 2(p-1) along (1, -1).
    line(
        "p*x^2+2*x*y+p*y^2",
        "x y",
        "[{x: 0, y: 0}]",
        {
            "p=2": ["0, 0: min"],
            "p=1": ["t, -t: min?"],
            "p=0": ["0, 0: saddle"],
            "p=-1": ["t, t: max?"],
            "p=-2": ["0, 0: max"],
        },
    ),
    # 3(x^2 - p) = 0 and y = 0; H = diag(6x, 2); at p = 0, x^3 + y^2 takes both signs.
    line(
        "x^3-3*p*x+y^2",
        "x y",
        "[(-sqrt(p), 0), (sqrt(p), 0)]",
        {"p=1": ["1, 0: min", "-1, 0: saddle"], "p=0": ["0, 0: saddle"], "p=-1": []},
    ),
    # f' = 2x - 1/(1+e^x) is increasing, f'(0) = -1/2 and f'(1) > 0: one zero, which bisection of 2x(1+e^x) = 1 gives.
    line("log(1+exp(-x))+x^2", "x", "NotImplementedError", ["0.2223235: min"]),
    # Normal equation of three data points: the mean; f'' = 6.
    line("(x-a)^2+(x-b)^2+(x-c)^2", "x", "[] for N points", {"a=1,b=2,c=6": ["3: min"]}),
    # Least squares through (0, a), (1, b), (2, c): slope (c - a)/2, intercept (5a + 2b - c)/6.
    line(
        "(k-a)^2+(m+k-b)^2+(2*m+k-c)^2",
        "m k",
        "ValueError: matrices with symbolic shape",
        {"a=1,b=2,c=4": ["3/2, 5/6: min"]},
    ),
)

NAMES = {"min": "minimum", "max": "maximum"}
INTEGERS = [sympy.Integer(k) for k in range(-2, 3)]
REALS = [Rational(k, 2) for k in (-4, -1, 0, 1, 4)]
Member = tuple[tuple[float, ...], str]


def members(place: list[str], free: dict[str, str], where: str, label: str) -> Iterator[Member]:
    """Members of a family, the same ones for any way to write it: lattices within a window, lines at ±t."""
    ranges = [INTEGERS if kind == "integer" else REALS for kind in free.values()]
    for values in itertools.product(*ranges):
        table = dict(zip(free, values, strict=True))
        if holds(where, table):
            point = tuple(numeric(coordinate, table) for coordinate in place)
            if "integer" not in free.values() or max(map(abs, point)) < 8:
                yield point, label


def members_found(entry: Json) -> Iterator[Member]:
    kind, strict = entry["kind"], entry["strict"]
    label = {True: f"{kind}", False: f"{kind}?", None: f"{kind}"}[strict]
    if (kind in ("minimum", "maximum")) is (strict is None):
        label += " of undecided strictness"
    if "decimal" in entry:
        yield tuple(map(float, entry["decimal"].values())), label
    else:
        yield from members(list(entry["at"].values()), entry["free"], entry["where"], label)


def members_wanted(text: str) -> Iterator[Member]:
    place, kind = (part.strip() for part in text.removeprefix("kink ").rsplit(":", 1))
    label = NAMES.get(kind.rstrip("?"), kind.rstrip("?")) + "?" * kind.endswith("?")
    coordinates = place.split(", ")
    used = sorted({s.name for c in coordinates for s in sympify(c).free_symbols})
    free = {name: "real" if name == "t" else "integer" for name in used}
    yield from members(coordinates, free, "True", label)


def same(found: list[Member], wanted: list[Member]) -> None:
    """Every wanted member is found once, with its label, and nothing else is."""
    assert len(found) == len(wanted)
    for point, label in wanted:
        near = [text for place, text in found if np.allclose(place, point, rtol=0, atol=2e-6)]
        assert near == [label], (point, label)


@cache
def stationary(entry: Line) -> Any:
    return entry.problem().stationary_points()


@pytest.mark.parametrize(("entry", "at", "truth"), each(STATIONARY))
def test_all_stationary_points_and_no_others(entry: Line, at: str, truth: list[str]) -> None:
    case = the_only(stationary(entry).at(values_of(at)).to_dict())

    assert case["complete"] is True
    for key, wanted in (
        ("points", [text for text in truth if not text.startswith("kink ")]),
        ("kinks", [text for text in truth if text.startswith("kink ")]),
    ):
        same(
            [member for point in case[key] for member in members_found(point)],
            [member for text in wanted for member in members_wanted(text)],
        )


@pytest.mark.parametrize(
    "entry", [pytest.param(e, id=f"{e.objective} in {e.variables}") for e in STATIONARY if e.truth[0][0]]
)
def test_the_cases_leave_no_gap_and_do_not_overlap(entry: Line) -> None:
    answer = stationary(entry).to_dict()
    names = sorted({name for at, _ in entry.truth for name in values_of(at)})

    values_tried = ("-3", "-1", "-1/2", "0", "1/2", "1", "3") if len(names) == 1 else ("-1", "0", "1")
    for values in itertools.product(values_tried, repeat=len(names)):
        assert len(holding(answer, dict(zip(names, values, strict=True)))) == 1


# -- minima -----------------------------------------------------------------------------------------------

# A value with "not" is an infimum that is not attained; an infinite one has a curve along which it is approached.
MINIMA = (
    line("exp(x)+x^2", "x", "NotImplementedError", "LambertW(1/2)^2+2*LambertW(1/2)"),
    # With 4x^4 = 6x^2 - x at a zero of f': f = (6x^2 - x)/4 - 3x^2 + x; the least value is at the leftmost.
    line(
        "x^4-3*x^2+x",
        "x",
        "TypeError: undecidable set membership",
        "-3*CRootOf(4*x**3-6*x+1,0)^2/2+3*CRootOf(4*x**3-6*x+1,0)/4",
    ),
    # sin x >= -1, and x/2 is unbounded.
    line("sin(x)+x/2", "x", "no answer in 25 s", "-oo"),
    # Positive, and 0 in the limit.
    line("exp(-x)", "x", "0, as if it were attained", "0 not"),
    line("log(1+exp(x))", "x", "0, as if it were attained", "0 not"),
    line("p*x^2", "x", "Min(0, oo*sign(p)), a ValueError at p = 0", {"p=2": "0", "p=0": "0", "p=-1": "-oo"}),
    # p(x + 1/(2p))^2 - 1/(4p).
    line("p*x^2+x", "x", "TypeError", {"p=2": "-1/8", "p=0": "-oo", "p=-1": "-oo"}),
    line("x^2-p*x", "x", "-p**2/4", {"p=3": "-9/4", "p=0": "0"}),
    # At the median: 1 + 0 + 2.
    line("abs(x-1)+abs(x-2)+abs(x-4)", "x", "3", "3"),
    line(
        "(p-1)*x^2+(p+1)*y^2",
        "x y",
        "not asked",
        {"p=2": "0", "p=1": "0", "p=0": "-oo", "p=-1": "-oo", "p=-2": "-oo"},
    ),
    line("1/(x*y)", "x y", "not asked", "0 not", on="x>0;y>0"),
    line("sin(x)+cos(y)", "x y", "not asked", "-2"),
    # The point of the half plane nearest to the origin, (1/2, 1/2).
    line("x^2+y^2", "x y", "KKT equations: can only solve for one symbol at a time", "1/2", on="x+y>=1"),
)


@pytest.mark.parametrize(("entry", "at", "truth"), each(MINIMA))
def test_minimum_and_whether_it_is_attained(entry: Line, at: str, truth: str) -> None:
    values = values_of(at)
    case = the_only(minimum(entry).at(values).to_dict())
    f = sympify(entry.objective)
    value, *not_attained = truth.split()

    if value == "-oo" or not_attained:
        along = dict(case["along"])
        far = values | {n: sympify(e).subs(Symbol(along["parameter"]), 1000) for n, e in along.items()}
        assert (sympify(case["value"]), case["attained"], case["at"]) == (sympify(value), False, [])
        assert numeric(f, far) < (-100 if value == "-oo" else numeric(value) + 1e-2)
    else:
        assert case["attained"] is True
        places = [
            place
            for point in case["at"]
            for place, _ in members_found({"kind": "minimum", "strict": True} | point)
        ]
        assert places
        for place in places:
            there = dict(zip(entry.variables.split(), map(sympy.Float, place), strict=True))
            assert numeric(f, values | there) == pytest.approx(numeric(value), abs=1e-9)


@cache
def minimum(entry: Line) -> Any:
    return entry.problem().minimum()


# -- compiled values ----------------------------------------------------------------------------------------

ONES = np.ones((3, 2))
SIDES = [[-1.0], [0.0], [2.0]]

COMPILED = (
    # x + log(1 + e^-x) at 1000; s = 1 and s(1 - s) = 0 to double precision. SymPy: inf, nan.
    ("log(1+exp(x))", "x", [1000.0], 1000.0, [1.0], [[0.0]]),
    ("log(1+exp(x))", "x", [-1000.0], 0.0, [0.0], [[0.0]]),
    # 1000 + log 2; weights 1/2, 1/2; H = diag(w) - w w'. SymPy: inf; JAX: the Hessian is nan.
    (
        "log(exp(x)+exp(y))",
        "x y",
        [1000.0, 1000.0],
        1000 + np.log(2),
        [0.5, 0.5],
        [[0.25, -0.25], [-0.25, 0.25]],
    ),
    # The entry 1 of the gradient is as long as the batch. SymPy: [array, 1].
    ("x^2+y", "x y", ONES, [2.0] * 3, [[2.0, 1.0]] * 3, [[[2.0, 0.0], [0.0, 0.0]]] * 3),
    # H = [[2y, 2x], [2x, 0]]. SymPy: an inhomogeneous shape.
    ("x^2*y", "x y", ONES, [1.0] * 3, [[2.0, 1.0]] * 3, [[[2.0, 2.0], [2.0, 0.0]]] * 3),
    # f'' = 0 on the left and 2 on the right; 6|x|. SymPy: the name DiracDelta is not defined.
    ("max(0,x)^2", "x", SIDES, [0, 0, 4], [[0], [0], [4]], [[[0]], None, [[2]]]),
    ("abs(x)^3", "x", SIDES, [1, 0, 8], [[-3], [0], [12]], [[[6]], [[0]], [[12]]]),
)


@pytest.mark.parametrize(
    ("objective", "variables", "point", "value", "gradient", "hessian"),
    [pytest.param(*row, id=f"{row[0]} {k}") for k, row in enumerate(COMPILED)],
)
def test_compiled_values_and_shapes(
    objective: str, variables: str, point: Any, value: Any, gradient: Any, hessian: Any
) -> None:
    compiled = Problem(objective, variables).compile()

    for found, wanted in ((compiled(point), value), (compiled.gradient(point), gradient)):
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-15, atol=0)
    found = compiled.hessian(point)
    assert np.shape(found) == (*np.shape(point), np.shape(point)[-1])
    for one, wanted in zip(found, hessian, strict=True):
        if wanted is not None:  # where there is no second derivative, any finite value will do
            np.testing.assert_allclose(one, wanted, rtol=1e-15, atol=0)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    "f", [Max(0, Symbol("x")) ** 2, Abs(Symbol("x")) ** 3, Abs(Symbol("x", real=True)) ** 3]
)
def test_second_derivatives_have_no_dirac_delta(f: Expr) -> None:
    (x,) = f.free_symbols
    hessian = Problem(f, [x]).hessian

    assert not hessian.has(sympy.DiracDelta, sympy.Derivative, sympy.Heaviside)


def test_the_derivative_of_the_absolute_value_is_its_slope_and_a_subgradient_at_the_kink() -> None:
    """symengine leaves Derivative(|x|, x); JAX says 1 at 0 and lets an iteration take it for a derivative."""
    problem = Problem("abs(x)", "x")
    left, kink, right = problem.compile().gradient([[-3.0], [0.0], [2.0]])[:, 0]

    assert (left, right) == (-1, 1)
    assert -1 <= kink <= 1
    assert problem.stationary_points().points == ()


# -- reading text ---------------------------------------------------------------------------------------------


def real(name: str) -> Symbol:
    return Symbol(name, real=True)


X, Y = real("x"), real("y")

READ = (
    # SymPy: SympifyError, TypeError, TypeError, and 2.718... and sqrt(-1) for E and I.
    ("lambda*x^2", "x", real("lambda") * X**2),
    ("S*x+N*y", "x y", real("S") * X + real("N") * Y),
    ("beta*x", "x", real("beta") * X),
    ("E*x^2+I*y", "x y", real("E") * X**2 + real("I") * Y),
    # parse_latex: the symbols e and pi, an unknown function max, an error for |x|^2, "ambiguous" for ln x + e^x.
    ("e^x", "x", exp(X)),
    ("pi*x", "x", sympy.pi * X),
    ("max(0,x)", "x", Max(0, X)),
    ("|x|^2", "x", X**2),
    ("ln(x)+e^x", "x", log(X) + exp(X)),
    ("(p-1)*x^2+(p+1)*y^2", "x y", (real("p") - 1) * X**2 + (real("p") + 1) * Y**2),
    # x to a symbolic power times A and x, as written: no matrices.
    ("x^top*A*x", "x", real("A") * X * X ** real("top")),
)

# What is refused, the column that the sentence points at, and a word of what to write instead.
REFUSED = (
    # SymPy: a SyntaxError in Python's words.
    ("x^2+2xy", "x y", 6, "2*x"),
    # parse_latex (lark): an error.
    ("(p-1)x^2+(p+1)y^2", "x y", 6, "*x"),
)


@pytest.mark.parametrize(("text", "variables", "meaning"), READ)
def test_text_is_read_as_meant(text: str, variables: str, meaning: Expr) -> None:
    problem = Problem(text, variables)

    assert problem.objective == meaning
    assert set(problem.parameters) == meaning.free_symbols - set(problem.variables)


@pytest.mark.parametrize(("text", "variables", "column", "hint"), REFUSED)
def test_what_is_not_clear_is_refused_with_a_hint(text: str, variables: str, column: int, hint: str) -> None:
    with pytest.raises(InputError, match=rf"at column {column}\)") as refusal:
        Problem(text, variables)
    assert hint in str(refusal.value)


def test_the_imaginary_unit_of_sympy_is_refused() -> None:
    with pytest.raises(InputError, match="imaginary"):
        Problem(sympy.E * X**2 + sympy.I * Y, [X, Y])


# -- runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "newton"])
def test_a_run_into_a_saddle_says_so(method: str) -> None:
    """SciPy: BFGS and Newton-CG call the saddle (0, 0) of x^2 - y^2 a success from (1, 0)."""
    run = Problem("x^2-y^2", "x y").run([1, 0], method=method)

    assert not run.success
    assert "saddle" in run.message
    np.testing.assert_allclose(run.x, [0, 0], atol=1e-6)


def test_parameters_are_split_by_proof() -> None:
    """Maxima: is(2*(p-1) > 0) is unknown. Under p > 1 both eigenvalues are positive; without it there are five cases."""
    f = "(p-1)*x^2+(p+1)*y^2"

    assert Problem(f, "x y", assuming=["p>1"]).stationary_points().points[0].inertia == (2, 0, 0)
    assert len(Problem(f, "x y").stationary_points()) == 5


def test_derivatives_by_matrices_are_not_zero() -> None:
    """SymPy: (Trace(E) + 1).diff(E) and the derivative of |U|^2 are silently 0; they are I and 2 U."""
    e, u = matrix("E"), matrix("U")

    assert Problem(sympy.Trace(e) + 1, [e]).gradient == (sympy.Identity(2),)
    assert Problem(sympy.Trace(u.T * u), [u]).gradient == (2 * u,)


# -- what is not answered today -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exempt:
    """A line that symopt does not answer today, and why; `truth` is what it would have to say."""

    peer: str
    ask: Callable[[], Any] = field(repr=False)
    truth: str
    reason: str


def text(objective: str, variables: str, question: str = "convexity", **options: Any) -> Callable[[], Any]:
    return lambda: getattr(Problem(objective, variables, **options), question)()


def matrix(name: str) -> sympy.MatrixSymbol:
    return sympy.MatrixSymbol(name, 2, 2)


LATEX = "LaTeX is not read; the same in symopt's notation is in READ"
MATRICES = "matrix variables come in a later issue"

EXCEPTIONS = (
    Exempt(
        "floor(x): RecursionError",
        text("floor(x)", "x"),
        "neither: 0 on [0, 1), 1 at 1",
        "floor is not a function that symopt reads",
    ),
    Exempt(
        "floor(x) in SymPy: RecursionError",
        lambda: Problem(sympy.floor(X), [X]).convexity(),
        "neither",
        "floor is not a function that symopt reads",
    ),
    Exempt(
        "normal equations of Sum(..., (i, 1, N)): []",
        lambda: Problem(
            sympy.Sum((X - Symbol("i")) ** 2, (Symbol("i"), 1, Symbol("N"))), [X]
        ).stationary_points(),
        "x = (N + 1)/2",
        "sums over data come in a later issue",
    ),
    Exempt(
        "the same as text",
        text("Sum((x-i)^2, (i, 1, N))", "x", "stationary_points"),
        "x = (N + 1)/2",
        "sums over data come in a later issue",
    ),
    Exempt(
        "least squares in matrix form: solve cannot handle matrices with symbolic shape",
        text("norm(X*w-y)^2", "w", "stationary_points"),
        "w = (X'X)^-1 X'y for X of full rank",
        MATRICES,
    ),
    Exempt(r"parse_latex e^x, \pi: symbols e, pi", text(r"e^x+\pi", "x"), "e^x + pi", LATEX),
    Exempt(r"parse_latex x^\top A x: a power", text(r"x^\top A x", "x"), "x'Ax", LATEX),
    Exempt(r"parse_latex \max(0,x): unknown function", text(r"\max(0,x)", "x"), "max(0, x)", LATEX),
    Exempt(r"parse_latex \min_x x^2: a product", text(r"\min_x x^2", "x"), "the question minimum()", LATEX),
    Exempt(r"parse_latex \|x\|^2: an error", text(r"\|x\|^2", "x"), "the square of the norm", LATEX),
    Exempt(r"parse_latex \ln x + e^x: ambiguous", text(r"\ln x + e^x", "x"), "log x + e^x", LATEX),
)


@pytest.mark.parametrize("entry", [pytest.param(e, id=e.peer) for e in EXCEPTIONS])
def test_what_is_not_answered_is_refused_in_one_sentence_or_undecided(entry: Exempt) -> None:
    try:
        answer = entry.ask()
    except InputError as refusal:
        sentence = str(refusal)
    else:
        evidence = the_only(answer.to_dict())["evidence"]
        assert evidence["status"] == "undecided", (
            f"answered now: move it to its table; the truth is {entry.truth}"
        )
        sentence = evidence["reason"]
    assert sentence
    assert "\n" not in sentence
    assert len(sentence) < 200


def test_zero_log_zero_is_outside_the_domain_and_not_a_number_without_a_warning() -> None:
    """SymPy: x log x at 0 is nan. So it is here, by convention: the domain, which the problem shows, is x > 0."""
    problem = Problem("x*log(x)", "x")

    assert [str(relation) for relation in problem.domain] == ["x > 0"]
    assert np.isnan(problem.compile()([0.0]))
