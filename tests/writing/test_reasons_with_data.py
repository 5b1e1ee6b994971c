"""Each reason names what the step rests on: values, curves, orders, names; read from certificates and premises alone."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Max, Piecewise, Rational, S, cos, exp, log, pi, sin, symbols

from symopt.derivation.claims import (
    Branch,
    Claim,
    Context,
    Cover,
    Curved,
    Hessian,
    Holds,
    Label,
    Limit,
    NotCurved,
    Optimal,
    Stationary,
    Step,
)
from symopt.relation import Relation
from symopt.writing.claims import Subject
from symopt.writing.document import Block, Document
from symopt.writing.notation import Notation
from symopt.writing.proof import brief, full, sentence
from symopt.writing.text import pieces_text, text

x, y, a, s, u, t = symbols("x y a s u t", real=True)
n = symbols("n", integer=True)
ONE, TWO = Notation((x,)), Notation((x, y))
LINE = Context()
ABOVE = Context((), (Relation(a, ">"),))


def at(**values: Expr) -> Branch:
    return Branch(tuple((symbols(name, real=True), S(value)) for name, value in values.items()))


def told(step: Step, objective: Expr, variables: tuple[Expr, ...] = (x,)) -> str:
    subject = Subject(objective, variables, Notation(variables))
    return pieces_text(sentence(step, subject), subject.notation)


def in_brief(step: Step, objective: Expr, variables: tuple[Expr, ...] = (x,)) -> str:
    subject = Subject(objective, variables, Notation(variables))
    return words(brief(step, subject), subject.notation)


def words(blocks: tuple[Block, ...], notation: Notation) -> str:
    return " ".join(text(Document(blocks, notation)).split())


def holds(expression: Expr, op: str = ">", context: Context = LINE, **data: object) -> Step:
    return Step(context, Holds(Relation(expression, op)), "signs", (), tuple(data.items()))


def curved(
    f: Expr, rule: str, *premises: Step, strict: bool = True, kind: str = "convex", **data: object
) -> Step:
    variables = tuple(v for v in (x, y) if f.has(v)) or (x,)
    return Step(LINE, Curved(f, variables, kind, strict), rule, premises, tuple(data.items()))


CURVATURE = [
    (curved(Integer(3), "affine", kind="affine", strict=False, coefficients=(S.Zero, Integer(3))),
     "the function f is affine, because it is constant"),
    (curved(a * x + 1, "affine", kind="affine", strict=False, coefficients=(a, S.One)),
     "the function f is affine, because it is of degree at most 1 in x"),
    (curved(x**2, "atom", atom="even power", arguments=(x,), constants=(S.One,)),
     "the function f is strictly convex, as an even power"),
    (curved((x - 1) ** 2, "atom", atom="even power", arguments=(x - 1,), constants=(S.One,)),
     "the function f is strictly convex, because u^2 is strictly convex and u = x - 1 is affine"),
    (curved(x * log(x), "atom", atom="entropy", arguments=(x,), constants=()),
     "the function f is strictly convex, as is known of u*log(u) for u > 0"),
    (curved(Max(0, x), "atom", atom="max", arguments=(S.Zero, x), constants=(), strict=False),
     "the function f is convex, as a maximum of affine functions"),
    (curved(exp(x**2), "composition", curved(x**2, "atom"), atom="exp", arguments=(x**2,), constants=()),
     "the function f is strictly convex, because e^u is strictly convex and increasing and u = x^2 is "
     "strictly convex"),
    (curved(x**4, "second_order", holds(12 * x**2, ">="), Step(LINE, Hessian(x**4, (x,), ((12 * x**2,),)), "hessian"),
            strict=False),
     "the function f is convex, because f''(x) = 12*x^2 ≥ 0"),
    (curved(x**2 + exp(x), "curvature_sum", curved(x**2, "atom"), curved(exp(x), "atom"), multiples=(S.One, S.One)),
     "the function f is strictly convex, as the sum of these functions"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "expected"), CURVATURE)
def test_curvature_is_told_with_its_data(step: Step, expected: str) -> None:
    assert told(step, step.claim.objective) == expected


def test_a_function_of_pieces_is_told_piece_by_piece() -> None:
    f = Max(-2 * x - 1, x**2)
    pieces = (curved(-2 * x - 1, "affine", kind="affine", strict=False), curved(x**2, "atom"))
    step = curved(f, "pieces", *pieces, strict=False, form=x, cuts=(Integer(-1),), pieces=(-2 * x - 1, x**2))
    assert told(step, f) == (
        "the function f is convex, because it is -2*x - 1 (affine) for x ≤ -1 and x^2 (strictly convex) for "
        "x ≥ -1, and its slope does not fall at the cuts: from -2 to -2 at x = -1"
    )


def test_not_convex_by_a_second_derivative_names_the_point_and_its_value() -> None:
    f = x**4 + a * x**2
    hessian = Step(LINE, Hessian(f, (x,), ((12 * x**2 + 2 * a,),)), "hessian")
    claim = NotCurved(f, (x,), "convex", False, (S.Zero,), (S.One,), S.One)
    step = Step(LINE, claim, "second_order", (hessian,))
    assert in_brief(step, f) == "f''(0) = 2*a < 0, so the function f is not convex."
    assert "because f''(0) = 2*a < 0" in told(step, f)


def label(f: Expr, branch: Branch, kind: str, rule: str, *premises: Step, **data: object) -> Step:
    variables = tuple(v for v, _ in branch.at)
    strict = None if kind in ("saddle", "inflection", "constant") else True
    return Step(LINE, Label(f, variables, branch, kind, strict), rule, premises, tuple(data.items()))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            label(x**4, at(x=0), "minimum", "higher_derivative", holds(Integer(24)), order=4),
            "the point x = 0 is a strict local minimum, because f'(0) = f''(0) = f'''(0) = 0 and "
            "f^(4)(0) = 24 > 0",
        ),
        (
            label((y - x**2) * (y - 3 * x**2), at(x=0, y=0), "saddle", "curves_saddle",
                  symbol=s, curves=((S.Zero, s), (s, 2 * s**2))),
            "the point (0, 0) is a saddle point: along (x, y) = (0, s), f = s^2 > 0 for small s ≠ 0, and "
            "along (x, y) = (s, 2*s^2), f = -s^4 < 0 for small s ≠ 0",
        ),
        (
            label(x**3 - 3 * x * y**2, at(x=0, y=0), "saddle", "curves_saddle", symbol=s, curves=((s, S.Zero),)),
            "the point (0, 0) is a saddle point: along (x, y) = (s, 0), f = s^3 changes its sign at s = 0",
        ),
        (
            label(Max(0, 1 - x) + x**2, at(x=1), "inflection", "kink"),
            "the point x = 1 is a kink, no extremum: f increases on both sides (one-sided slopes 1 and 2)",
        ),
        (
            label(abs(x), at(x=0), "minimum", "kink"),
            "the point x = 0 is a kink and a strict local minimum: f decreases to its left and increases to "
            "its right (one-sided slopes -1 and 1)",
        ),
        (
            label(Piecewise((x**2, x < 1), (3 - x, True)), at(x=1), "maximum", "kink"),
            "the point x = 1 is a jump and a strict local maximum: near it f is smaller than there on both sides",
        ),
        (
            label(Piecewise((-x, x < 0), (1 + x, True)), at(x=0), "inflection", "kink"),
            "the point x = 0 is a jump, no extremum: near it f is smaller than there on the left and larger than "
            "there on the right",
        ),
        (
            label(x * abs(x), at(x=0), "inflection", "kink"),
            "the point x = 0 is a horizontal point of inflection: f increases on both sides (one-sided "
            "slopes 0 and 0)",
        ),
        (
            label(a, Branch(((x, t),), (), ((t, "real"),)), "constant", "constant_function"),
            "f is constant near each of the points x = t with t real, because f'(x) = 0 everywhere",
        ),
    ],
)  # fmt: skip
def test_a_label_is_told_with_its_data(step: Step, expected: str) -> None:
    claim = step.claim
    assert told(step, claim.objective, claim.variables) == expected


def optimal(
    f: Expr, value: Expr, rule: str, *premises: Step, at: tuple[Branch, ...] = (), **data: object
) -> Step:
    variables = tuple(v for v in (x, y) if f.has(v))
    claim = Optimal(f, variables, "min", value, bool(at), at, bool(at))
    return Step(LINE, claim, rule, premises, tuple(data.items()))


def limit(expression: Expr, value: Expr) -> Step:
    return Step(LINE, Limit(expression, s, value), "limit_dominant")


def test_a_comparison_gives_the_limits_and_the_values() -> None:
    f = x**4 - 2 * x**2
    points = (at(x=-1), at(x=0), at(x=1))
    step = optimal(
        f, Integer(-1), "extremum_interval",
        Step(LINE, Stationary(f, (x,), points, True), "stationary_points"), limit(s**4 - 2 * s**2, S.Infinity),
        at=(points[0], points[2]), borders=(),
    )  # fmt: skip
    assert in_brief(step, f) == (
        "f(x) → ∞ as x → -∞ and as x → ∞. The values to compare are -1 at x = -1, 0 at x = 0 and -1 at x = 1. "
        "So the global minimum of f is -1, attained exactly at x = -1 and x = 1."
    )
    assert "-1 at x = -1, 0 at x = 0 and -1 at x = 1" in words(full([(step, Subject(f, (x,), ONE))]), ONE)


def test_growth_gives_the_bound_and_why_it_holds() -> None:
    f = x**4 + y**4 - 4 * x * y
    growth = ((x, x**4 - 2 * x**2), (y, y**4 - 2 * y**2))
    bound = holds((f - sum(g for _, g in growth)), ">=", tree=2 * (x - y) ** 2)
    points = (at(x=0, y=0), at(x=1, y=1))
    stationary = Step(LINE, Stationary(f, (x, y), points, True), "stationary_points")
    step = optimal(
        f, Integer(-2), "extremum_coercive", stationary, bound, at=(points[1],), growth=growth, periods=()
    )
    assert in_brief(step, f, (x, y)) == (
        "f ≥ x^4 + y^4 - 2*x^2 - 2*y^2, because the difference is 2*(x - y)^2 ≥ 0. x^4 - 2*x^2 → ∞ as |x| → ∞ "
        "and y^4 - 2*y^2 → ∞ as |y| → ∞. So f attains its global minimum, at a stationary point. The values to "
        "compare are 0 at (0, 0) and -2 at (1, 1). So the global minimum of f is -2, attained exactly at (1, 1)."
    )


def cover(
    equations: tuple[Expr, ...], branches: tuple[Branch, ...], rule: str, *premises: Step, **data: object
) -> Step:
    return Step(LINE, Cover(equations, (x,), branches), rule, premises, tuple(data.items()))


def solved(step: Step) -> str:
    claim: Claim = Stationary(sin(x), (x,), step.claim.branches, True)
    return in_brief(Step(LINE, claim, "stationary_points", (step,)), sin(x))


def lattice(value: Expr) -> Branch:
    return Branch(((x, value),), (), ((n, "integer"),))


def end(value: Expr) -> Step:
    nothing = Step(LINE, Cover((), (), (Branch(()),)), "cover_free")
    return cover(
        (x - value,),
        (at(x=value),),
        "cover_linear",
        nothing,
        index=0,
        symbol=x,
        values=((value, ()),),
        rest=S.One,
    )


def test_equal_waves_are_told_with_their_integer() -> None:
    up, down = 2 * pi * n + pi / 2, 2 * pi * n - pi / 2
    step = cover(
        (cos(x),), (lattice(up), lattice(down)), "cover_periodic", end(up), end(down),
        index=0, function=cos, inner=x, other=pi / 2, rest=S.One, turn=n,
    )  # fmt: skip
    assert solved(step) == (
        "The equation cos(x) = 0 holds exactly for x = 2*pi*n + pi/2 or x = 2*pi*n - pi/2 with an integer n. "
        "So the stationary points are exactly x = 2*pi*n + pi/2 and x = 2*pi*n - pi/2 with an integer n."
    )


def test_a_wave_beyond_one_is_never_reached() -> None:
    step = cover((cos(x) - 2,), (), "cover_beyond", index=0, wave=cos(x), level=Integer(2), rest=S.One)
    assert solved(step) == (
        "The equation cos(x) = 2 has no solution, because a cosine lies between -1 and 1. So there is no "
        "stationary point."
    )


def test_a_circle_is_described_by_an_angle() -> None:
    f, circle = (x**2 + y**2 - 1) ** 2, x**2 + y**2 - 1
    family = Branch(((x, cos(t)), (y, sin(t))), (), ((t, "real"),))
    step = Step(
        LINE, Cover((circle,), (x, y), (family,)), "cover_quadric", (),
        (("index", 0), ("kind", "ellipse"), ("parts", ((x, S.One), (y, S.One))), ("rest", S.One), ("symbols", (t,))),
    )  # fmt: skip
    head = Step(LINE, Stationary(f, (x, y), (family,), True), "stationary_points", (step,))
    assert in_brief(head, f, (x, y)) == (
        "The equation x^2 + y^2 = 1 describes the circle (cos(t), sin(t)) with t real. So the stationary points "
        "are exactly the points (cos(t), sin(t)) with t real."
    )


def test_members_of_a_lattice_that_a_region_leaves() -> None:
    first = cover(
        (sin(x),), (lattice(2 * pi * n),), "cover_periodic", index=0, function=sin, inner=x, other=S.Zero,
        rest=S.One, turn=n,
    )  # fmt: skip
    region = Context((Relation(x + 1, ">"), Relation(7 - x, ">")))
    step = Step(
        region, Cover((sin(x),), (x,), (at(x=0), at(x=2 * pi))), "cover_integers", (first,),
        (("family", lattice(2 * pi * n)), ("turn", n), ("low", Integer(0)), ("high", Integer(1))),
    )  # fmt: skip
    assert "of x = 2*pi*n with an integer n, -1 < x < 7 leaves 0 ≤ n ≤ 1." in solved(step).replace("Of", "of")


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            cover((exp(x) - 1,), (at(x=0),), "cover_inverse", end(S.Zero), index=0, function=exp, inner=x,
                  level=S.One, rest=S.One),
            "The equation e^x - 1 = 0 gives e^x = 1, that is x = 0.",
        ),
        (
            cover((x**2 + 1,), (), "cover_none", holds(x**2 + 1, "!=")),
            "The equation x^2 + 1 = 0 has no real solution, because x^2 + 1 > 0.",
        ),
        (
            cover((x**2 - Rational(1, 2),), (at(x=1), at(x=-1)), "cover_roots", index=0, symbol=x,
                  values=((S.One, ()), (-S.One, ()))),
            "The equation x^2 = 1/2 gives x = 1 or x = -1.",
        ),
    ],
)  # fmt: skip
def test_equations_are_told_with_what_solves_them(step: Step, expected: str) -> None:
    assert solved(step).startswith(expected)
