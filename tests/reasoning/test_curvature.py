"""The provers and the refuter of convexity: known answers, their proofs, and a random falsifier."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from sympy import (
    Abs,
    Add,
    Expr,
    LambertW,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    exp,
    floor,
    gamma,
    log,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
    sympify,
    tan,
    tanh,
)

from symopt import Problem
from symopt.cases import Cell, Leaf, explore
from symopt.clock import Budget
from symopt.derivation.checker import check
from symopt.derivation.checks_region import with_roots
from symopt.derivation.claims import Context
from symopt.domain import natural_domain
from symopt.reasoning.curvature import convexity
from symopt.reasoning.proposing import _positive_exponents
from symopt.relation import Relation, relation_from_sympy
from symopt.results.answers import Convexity
from symopt.results.evidence import undecided

x, y, z, w, a, b, c, k, p = symbols("x y z w a b c k p", real=True)


def answers(
    f: Expr, constraints: Sequence[object] = (), assuming: Sequence[object] = (), refute: bool = True
) -> tuple[Leaf[Convexity], ...]:
    """The leaves over the whole parameter space, as `Problem.convexity` asks for them."""
    variables = tuple(s for s in (x, y, z, w) if f.has(s) or any(r.has(s) for r in constraints))  # type: ignore[attr-defined]
    condition = tuple(relation_from_sympy(r) for r in assuming)
    exponents = tuple(s.claim.relation for s in _positive_exponents(f, Context((), condition)))  # type: ignore[union-attr]
    domain = natural_domain(with_roots(f, (*condition, *exponents)))
    region = tuple(dict.fromkeys((*domain, *(relation_from_sympy(r) for r in constraints))))
    cell = Cell(f, variables, Context(region, condition), Budget.seconds(20))

    def give_up(reason: str, stopped_by: str) -> Convexity:
        assert stopped_by != "internal_error", reason
        return Convexity("undecided", None, undecided(reason, stopped_by))

    return explore(
        lambda inner: convexity(inner.objective, inner.variables, inner, refute=refute), cell, give_up
    )


def one(
    f: Expr, constraints: Sequence[object] = (), assuming: Sequence[object] = (), refute: bool = True
) -> Convexity:
    (leaf,) = answers(f, constraints, assuming, refute)
    for step in leaf.answer.evidence.steps:
        assert check(step) in ("checked", "recomputed", "trusted")
    return leaf.answer


def named(row: Sequence[object]) -> str:
    """The test's name: the function and its constraints."""
    return ", ".join(map(str, (row[0], *row[1])))  # type: ignore[misc]


KNOWN = [
    # the notes' list
    (x**2, (), "convex", True),
    (-log(x), (), "convex", True),
    (x * log(x), (), "convex", True),
    # affine and quadratic
    (3 * x + 1, (), "affine", False),
    ((x**2 - 1) / (x - 1) + y, (x > 1,), "affine", False),
    (x**2 + x * y + y**2, (), "convex", True),
    ((x + y) ** 2, (), "convex", False),
    (x * y, (), "neither", None),
    (x**2 - y**2, (), "neither", None),
    (-((x - 2 * y) ** 2), (), "concave", False),
    # rules
    (exp(x + y), (), "convex", False),
    (log(exp(x) + exp(y)), (), "convex", False),
    (log(1 + exp(x - y)) + log(1 + exp(x + y)), (), "convex", True),
    (log(exp(x) + exp(y) + 1) - x, (), "convex", True),
    (x**2 / y, (y > 0,), "convex", False),
    (sqrt(x * y), (x > 0, y > 0), "concave", False),
    (1 / (x * y), (x > 0, y > 0), "convex", True),
    (x * log(x / y), (x > 0, y > 0), "convex", False),
    (sqrt(x**2 + y**2), (), "convex", False),
    (sqrt(x**2 + y**2) + x**2 + 2 * x * y + y**2, (), "convex", False),  # on x = -y > 0 it is sqrt(2) x
    (sqrt(1 + x**2 + y**2), (), "convex", True),
    (exp(x**2 + y**2), (), "convex", True),
    (exp(exp(x)), (), "convex", True),
    (x**x, (), "convex", True),
    (2**x * 3**y, (), "convex", False),  # e^(x log 2 + y log 3): flat along the lines of equal exponent
    (x * 2**y, (), "neither", None),
    (2 ** (x**2) * x, (), "neither", None),
    (log(log(x)), (), "concave", True),
    (log(1 - x**2 - y**2), (), "concave", True),
    (-log(z**2 - x**2 - y**2), (z > sqrt(x**2 + y**2),), "convex", True),
    (log(cosh(x)), (), "convex", True),
    (log(x * z - y**2), (x > 0, x * z - y**2 > 0), "concave", True),
    (-log(sin(x)), (x > 0, x < pi), "convex", True),
    (-log(1 - exp(x)), (x < 0,), "convex", True),
    (sqrt(x), (), "concave", True),
    # kinks
    (Abs(x), (), "convex", False),
    (Max(0, x), (), "convex", False),
    (Abs(x) + x**2, (), "convex", True),
    (Abs(x) ** 3, (), "convex", True),
    (Abs(x) ** Rational(3, 2), (), "convex", True),
    (Max(0, 1 - 2 * x - y) + Max(0, 1 + x + y), (), "convex", False),
    (Max(x + y, x + z, y + z), (), "convex", False),
    (Max(x, y, z) - Min(x, y, z), (), "convex", False),
    (Max(x**2, x), (), "convex", False),
    (sqrt(Abs(x)), (), "neither", None),
    (Abs(x) - Abs(x - 1), (), "neither", None),
    (Min(x, -x), (), "concave", False),
    # second derivatives
    (x**4, (), "convex", True),
    (x**4 + y**4, (), "convex", True),
    (x**4 + x**2 * y**2 + y**4, (), "convex", True),
    (x**2 + cos(x), (), "convex", True),
    (x * exp(x), (x > -2,), "convex", True),
    (x * atan(x), (), "convex", True),
    (LambertW(x), (), "concave", True),
    (exp(x) + exp(y) + x * y, (x + y >= 0,), "convex", True),
    (log(x) ** 2, (x > 0, x < Rational(27, 10)), "convex", True),
    (x**2 / (1 + x), (x > -1,), "convex", True),
    (2 * x**2 + 2 * y**2 + sin(x + y), (), "convex", True),
    (x * sqrt(x), (), "convex", True),
    # refuted
    (x**3, (), "neither", None),
    (x / (1 + exp(-x)), (), "neither", None),
    (x**2 * y**2, (), "neither", None),
    (x**4 - x**2 / 1000, (), "neither", None),
    ((1 - x) ** 2 + 100 * (y - x**2) ** 2, (), "neither", None),
    (sqrt(x**4 + x**2) - x**2, (), "neither", None),
    (x**2 - exp(-100000 * (x - 3) ** 2) / 10**4, (), "neither", None),
    (x**4 + 7 * x**2 * y**2 + y**4, (), "neither", None),
    (exp(x) + exp(y) + x * y, (), "neither", None),
    (Piecewise((x**2, x < 1), (x, True)), (), "neither", None),
    ((x * y - 1) ** 2, (), "neither", None),
    # regions
    (1 / x**2, (), "region_not_convex", None),
    (log(x**2), (), "region_not_convex", None),
    (1 / x, (x > 0,), "convex", True),
    (1 / x, (x < 0,), "concave", True),
    (tan(x), (x > 0,), "region_not_convex", None),
    (x**2 + y**2, (x**2 + y**2 <= 1,), "convex", True),
    (x + y, (x**2 + y**2 >= 1,), "region_not_convex", None),
    (x**2 + y**2, (x * y >= 1, x > 0), "convex", True),
    (x**3, (x >= 0,), "convex", True),
]


@pytest.mark.parametrize(("f", "constraints", "kind", "strict"), KNOWN, ids=[named(r) for r in KNOWN])
def test_known_answers(f: Expr, constraints: tuple[object, ...], kind: str, strict: bool | None) -> None:
    answer = one(f, constraints)
    assert (answer.kind, answer.strict) == (kind, strict)


PARAMETRIC = [
    (
        (p - 1) * x**2 + (p + 1) * y**2,
        (),
        (),
        {
            2: ("convex", True),
            1: ("convex", False),
            0: ("neither", None),
            -1: ("concave", False),
            -2: ("concave", True),
        },
        p,
    ),
    (exp(a * x), (), (), {-1: ("convex", True), 0: ("affine", False), 2: ("convex", True)}, a),
    (
        x**a,
        (x > 0,),
        (),
        {
            3: ("convex", True),
            1: ("affine", False),
            Rational(1, 2): ("concave", True),
            0: ("affine", False),
            -2: ("convex", True),
        },
        a,
    ),
    (Abs(x) ** a, (), (a >= 1,), {1: ("convex", False), 2: ("convex", True)}, a),
    (x**2 + c * x * y + y**2, (), (), {3: ("neither", None), 2: ("convex", False), 0: ("convex", True)}, c),
    (x**4 + a * x**2, (), (), {1: ("convex", True), 0: ("convex", True), -40: ("neither", None)}, a),
    (x**2 + k * sin(x), (), (), {3: ("neither", None), 2: ("convex", True), -1: ("convex", True)}, k),
    (a * x * log(x), (), (), {1: ("convex", True), 0: ("affine", False), -1: ("concave", True)}, a),
    (a * x**3, (), (), {1: ("neither", None), 0: ("affine", False)}, a),
    (  # f'' = s (1 - s) - 2 a with s (1 - s) <= 1/4
        log(1 + exp(x)) - a * x**2,
        (),
        (),
        {
            1: ("concave", True),
            Rational(1, 8): ("concave", True),
            Rational(1, 20): ("neither", None),
            0: ("convex", True),
        },
        a,
    ),
    (  # f'' has the sign of a (1 + (2 a - 1) x^2)
        (1 + x**2) ** a,
        (),
        (),
        {
            Rational(1, 2): ("convex", True),
            Rational(49, 100): ("neither", None),
            0: ("affine", False),
            -1: ("neither", None),
        },
        a,
    ),
    (x**2 * (x - a) ** 2, (), (), {0: ("convex", True), 1: ("neither", None), -1: ("neither", None)}, a),
    (  # det H has the sign of -a (1 + a)
        x**2 * y**a,
        (x > 0, y > 0),
        (),
        {
            1: ("neither", None),
            0: ("convex", False),
            -Rational(1, 2): ("convex", True),
            -1: ("convex", False),
            -2: ("neither", None),
        },
        a,
    ),
    ((x + b) / (x + 1), (x > -1,), (), {2: ("convex", True), 1: ("affine", False), 0: ("concave", True)}, b),
]


@pytest.mark.parametrize(
    ("f", "constraints", "assuming", "at", "parameter"), PARAMETRIC, ids=[named(r) for r in PARAMETRIC]
)
def test_cases_of_a_parameter(
    f: Expr,
    constraints: tuple[object, ...],
    assuming: tuple[object, ...],
    at: dict[object, tuple[str, bool | None]],
    parameter: Symbol,
) -> None:
    leaves = answers(f, constraints, assuming)
    for leaf in leaves:
        for step in leaf.answer.evidence.steps:
            check(step)
    for value, expected in at.items():
        here = {parameter: sympify(value)}
        (there,) = [leaf for leaf in leaves if all(r.at(here).as_sympy().doit() for r in leaf.condition)]
        assert (there.answer.kind, there.answer.strict) == expected


NOT_CONVEX_OR_CONCAVE = [
    sqrt(x**4 + x**2) - x**2,
    1 / x**2,
    log(x**2),
    x**3,
    x * Abs(x),
    floor(x),
    sign(x),
    x / Abs(x),
    sqrt(Abs(x)),
    Abs(x**2 - 1),
    Max(x, -(x**2)),
    Min(x, x**2),
    Max(x, y) + 2 * Min(x, 0),
    atan(tan(x)),
    atan(1 / x),
    1 / (x**2 - 1),
    1 / (x * y),
    sqrt(x * y),
    exp(-(x**2)),
    log(1 + x**2),
    x**4 - x**2 / 10**9,
    asin(x),
    acos(x),
    sqrt(x**2 - 1),
    sqrt(x**2 + y),
    Abs(x * y),
    Max(x * y, 0),
    exp(x * y),
    exp(x) * y,
    x * exp(x),
    sin(x),
    x**2 + 3 * sin(x),
    cosh(x) - x**2,
    Abs(x) - x**2,
    Abs(x) ** 3 - x**2,
    erf(x),
    tanh(x),
    1 / (1 + exp(-x)),
    x * log(y),
    floor(x) ** 2,
    x**2 * sign(x),
    (x - 1) ** 2 * Abs(x),
    1 / cos(x),
    log(cos(x)),
    Piecewise((0, x < 0), (-1, True)),
    Piecewise((x**2, x < 0), (-x, True)),
    x**4 + 6 * x**2 * y**2 + y**4 - x**2 / 10**9,
]


@pytest.mark.parametrize("f", NOT_CONVEX_OR_CONCAVE, ids=str)
def test_the_provers_alone_are_sound(f: Expr) -> None:
    assert {leaf.answer.kind for leaf in answers(f, refute=False)} <= {"undecided", "region_not_convex"}


FALSE_ON_REGIONS = [
    (tan(x), (x > 0,), "convex"),
    (gamma(x), (x > -1,), "convex"),
    (log(x), (x < 1,), "convex"),
    (x * exp(x), (x > -3,), "convex"),
    (sqrt(1 - x**2), (), "convex"),
    (LambertW(x), (), "convex"),
    (log(exp(x) - 1), (), "convex"),
    (x * log(x), (), "concave"),
    (x / y, (x > 0, y > 0), "convex"),
    (x * y, (x > 0, y > 0), "convex"),
    (sqrt(x) * y, (y > 0,), "concave"),
    (x ** Rational(2, 3), (), "convex"),
]


@pytest.mark.parametrize(
    ("f", "constraints", "false_kind"), FALSE_ON_REGIONS, ids=[named(r) for r in FALSE_ON_REGIONS]
)
def test_the_provers_alone_are_sound_on_regions(
    f: Expr, constraints: tuple[object, ...], false_kind: str
) -> None:
    assert false_kind not in {leaf.answer.kind for leaf in answers(f, constraints, refute=False)}


CURVED = [row for row in KNOWN if row[2] in ("convex", "concave")]


@pytest.mark.parametrize(("f", "constraints", "kind", "strict"), CURVED, ids=[named(r) for r in CURVED])
def test_a_random_falsifier_finds_nothing(
    f: Expr, constraints: tuple[object, ...], kind: str, strict: bool | None
) -> None:
    """The table's own truth against midpoints at 50 digits: an oracle for the answers asserted above."""
    variables = tuple(s for s in (x, y, z, w) if f.has(s) or any(r.has(s) for r in constraints))  # type: ignore[attr-defined]
    region = (*natural_domain(f), *(relation_from_sympy(r) for r in constraints))
    chance, tested = random.Random(str(f)), 0
    for _ in range(150):
        ends = [
            {v: Rational(chance.randint(-400, 400), chance.choice((7, 100, 1000))) for v in variables}
            for _ in "pq"
        ]
        middle = {v: (ends[0][v] + ends[1][v]) / 2 for v in variables}
        if not all(_is_inside(region, point) for point in (*ends, middle)):
            continue
        values = [Add(f.xreplace(point)).evalf(50) for point in (*ends, middle)]
        gap = (values[0] + values[1]) / 2 - values[2]
        assert (gap if kind == "convex" else -gap) > -Rational(1, 10**40) * max(1, *map(abs, values))
        tested += 1
        if tested == 12:
            break


def _is_inside(region: Sequence[Relation], point: dict[Symbol, Rational]) -> bool:
    return all(bool(r.at(point).as_sympy().doit()) for r in region)


@pytest.mark.parametrize(
    ("parity", "condition", "region", "kind", "strict"),
    [
        ("even", ">= 2", None, "convex", True),
        ("odd", ">= 3", None, "neither", None),
        ("odd", "<= -1", "< 0", "concave", True),
        ("even", "<= -2", "< 0", "convex", True),
        ("odd", ">= 3", ">= 0", "convex", True),
    ],
)
def test_powers_of_known_parity(
    parity: str, condition: str, region: str | None, kind: str, strict: bool | None
) -> None:
    n, u = Symbol("n", **{parity: True}), Symbol("u", real=True)
    where = {None: [], "< 0": [u < 0], ">= 0": [u >= 0]}[region]
    bound = {">= 2": n >= 2, ">= 3": n >= 3, "<= -1": n <= -1, "<= -2": n <= -2}[condition]
    found = Problem(u**n, [u], subject_to=where, assuming=[bound]).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")


@pytest.mark.parametrize(
    ("objective", "region"),
    [
        ("-abs(x)", ("x > 0",)),
        ("abs(x-1) + abs(x-5)", ("x > 1", "x < 4")),
        ("max(x, y)", ("x > y + 1",)),
        ("abs(x+y)", ("x > 0", "y > 0")),
    ],
)
def test_a_function_is_affine_where_one_affine_branch_counts(objective, region):
    (case,) = Problem(objective, subject_to=region).convexity().cases
    assert (case.result.kind, case.result.strict) == ("affine", False)


STRICT = (  # by hand: a p-norm with 1 < p < oo is round; on the cone t > ||v||_p by Bellman's inequality
    ("sqrt(x^4 + y^4)", "x y", (), "convex", True),
    ("(abs(x)^3 + abs(x - y)^3)^(2/3)", "x y", (), "convex", True),
    ("(abs(x) + abs(y))^2", "x y", (), "convex", False),  # |x| + |y| = 1 holds segments
    ("sqrt((x + y)^4 + (2*x + 2*y)^4)", "x y", (), "convex", False),  # constant along (1, -1)
    ("(abs(x)^3 + abs(y)^3)^(1/3)", "x y", (), "convex", False),  # affine along rays
    ("(t^3 - abs(x)^3)^(1/3)", "t x", ("t > abs(x)",), "concave", False),  # affine along rays
    ("log(t^4 - x^4)", "t x", ("t > abs(x)",), "concave", True),
    ("exp(-x^2/2)/erfc(x/sqrt(2))", "x", (), "convex", True),  # Sampford 1953
    ("exp(x^2)*erfc(x)", "x", (), "convex", True),  # a mixture of e^(-2 t x), t > 0
    ("exp(x^2)/erfc(x)", "x", (), "convex", True),  # log-convex: x^2 - log(erfc(x))
    ("x^4 + 3*x^2*y^2 + y^4", "x y", (), "convex", True),  # det H = 72 (x^4 + y^4) + 36 x^2 y^2
    ("min(x, y) + sqrt(x*y)", "x y", ("x > 0", "y > 0"), "concave", False),  # affine along rays
    # H of the smooth terms is singular on x = y and x = -y alone, across the direction in which it is
    ("abs(x - y) + x^4 + 6*x^2*y^2 + y^4", "x y", (), "convex", True),
    ("x/sin(x)", "x", ("x > -pi", "x < 0"), "convex", True),  # even, and so on 0 < x < pi
    ("Piecewise((x^2, Or(x < 0, x > 1)), (x, True))", "x", (), "convex", False),  # slopes 0, 1 and 1, 2
)


@pytest.mark.parametrize(("text", "variables", "region", "kind", "strict"), STRICT)
def test_what_is_strict_and_what_is_not(
    text: str, variables: str, region: tuple[str, ...], kind: str, strict: bool
) -> None:
    found = Problem(text, variables, subject_to=region).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")


def test_between_two_convex_functions() -> None:
    """x^4 + c x^2 y^2 + y^4 is a mean of its ends c = 0 and c = 6; outside it is not convex."""
    found = Problem("x^4 + c*x^2*y^2 + y^4", "x y").convexity()
    assert [(str(case.condition), case.result.kind, case.result.strict) for case in found] == [
        ("c > 6", "neither", None),
        ("(c >= 0) & (c <= 6)", "convex", True),
        ("c < 0", "neither", None),
    ]
    assert {case.result.evidence.trust for case in found} == {"checked"}


@pytest.mark.parametrize(
    ("text", "variables", "region"),
    [
        (
            "x*exp(x^2)*erfc(x)",
            "x",
            (),
        ),  # 0 at 0, towards 1/sqrt(pi) for x -> oo, and below every line for x -> -oo
        ("(t^3 - abs(x)^3)^(2/3)", "t x", ("t > abs(x)",)),
        ("(x^4 + y^4)^(1/5)", "x y", ()),
        ("exp(-x^2)*erfc(x)", "x", ()),
    ],
)
def test_near_the_rows_nothing_is_proved(text: str, variables: str, region: tuple[str, ...]) -> None:
    assert Problem(text, variables, subject_to=region).convexity(refute=False).kind == "undecided"


PARITY = (  # (x^n)'' = n (n - 1) x^(n - 2)
    (x**Symbol("n", integer=True), (), 1, {"1": "affine", "2": "convex", "3": "neither", "8": "convex", "9": "neither"}),
    (-(x ** Symbol("n", integer=True)), (), 2, {"2": "concave", "3": "neither"}),
    (x + x ** Symbol("n", integer=True), (x < 0,), -9, {"-2": "convex", "-3": "concave", "0": "affine", "5": "concave"}),
    (x ** Symbol("n", integer=True), (x > 0,), -9, {"-2": "convex", "-3": "convex", "1": "affine", "5": "convex"}),
)  # fmt: skip


@pytest.mark.parametrize(("f", "region", "first", "kinds"), PARITY)
def test_whole_exponents_by_parity(
    f: Expr, region: tuple[Expr, ...], first: int, kinds: dict[str, str]
) -> None:
    (number,) = f.free_symbols - {x}
    found = Problem(f, [x], subject_to=region, assuming=[number >= first]).convexity()
    assert {n: found.at({number: int(n)}).kind for n in kinds} == kinds
    assert {case.result.evidence.trust for case in found} == {"checked"}
    for value in range(first, 12):  # the cases are disjoint and leave nothing out
        assert sum(case.condition.contains({number: Rational(value)}) is True for case in found) == 1


def test_no_case_without_a_whole_number() -> None:
    found = Problem(x ** Symbol("k", integer=True, positive=True), [x], subject_to=[x > 0]).convexity()
    assert [str(case.condition) for case in found] == ["k > 1", "Eq(k, 1)"]
