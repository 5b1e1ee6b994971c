"""Convexity of kinds of functions, each row with its derivation by hand."""

from __future__ import annotations

import pytest
from sympy import Add, Expr, Max, Min, cosh, exp, symbols

from symopt import Problem
from symopt.derivation.checker import verify
from symopt.derivation.claims import Context, Curved
from symopt.exact.signs import signs_of_tree, without_known_kinks
from symopt.reasoning import curvature
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

x, y, z = symbols("x y z", real=True)

CURVED = [  # text, variables, region, kind, strictly or not, why
    # at 0 f'' = 2 - 2 (1 + 5e-10) < 0
    ("x^2 + 1000000001*cos(x)/500000000", "x", (), "neither", None),
    # f'' = (1 + x^2)^(-3/2) - 2e-6 < 0 from x = 80 on
    ("sqrt(1 + x^2) - x^2/1000000", "x", (), "neither", None),
    # f'' = e^(-x) + 2e-6 - 6e-9 x < 0 from x = 334 on
    ("exp(-x) + x^2/1000000 - x^3/1000000000", "x", ("x > 0",), "neither", None),
    # the Hessian of x y z is indefinite inside a small simplex
    ("x*y*z", "x y z", ("x + y + z < 1", "x > 0", "y > 0", "z > 0"), "neither", None),
    # sin u is concave on (0, pi), and so are x, y and x + y there
    ("sin(x) + sin(y) + sin(x + y)", "x y", ("x > 0", "y > 0", "x + y < pi"), "concave", True),
    # log is increasing and concave
    ("log(sin(x)) + log(sin(x + y))", "x y", ("x > 0", "y > 0", "x + y < pi"), "concave", True),
    # cosh x cosh y - 1 > 0 but at the origin
    ("cosh(x) + cosh(y) - x*y", "x y", (), "convex", True),
    # g(x) - m x^2/2 for each variable, m the least g'': 1 for cosh, 2 for e^x + e^-x, 3/2 for x^2 - cos(x)/2
    ("cosh(x) + cosh(y) + cosh(z) - (x*y + y*z + z*x)/2", "x y z", (), "convex", True),
    ("cosh(x) + cosh(y) + cosh(z) - (x*y + y*z + z*x)*51/100", "x y z", (), "neither", None),
    ("exp(x) + exp(-x) + exp(y) + exp(-y) - 2*x*y", "x y", (), "convex", True),
    ("x^2 - cos(x)/2 + y^2 - x*y + log(1 + exp(y))", "x y", (), "convex", True),
    ("x^2 + cos(x) + y^2 + cos(y) + x*y", "x y", (), "convex", True),
    ("x*y - cosh(x) - y^2/2 - y^4", "x y", (), "concave", True),
    # (e^s - s) + (x - y)^2 with s = x^2 + y^2; with 4 x y the Hessian at 0 has the eigenvalue -2
    ("exp(x^2 + y^2) - 2*x*y", "x y", (), "convex", True),
    ("exp(x^2 + y^2) - 4*x*y", "x y", (), "neither", None),
    # only e^x with x >= 0 bends by 1 at least
    ("exp(x) + exp(y) - x*y", "x y", ("x >= 0", "y >= 0"), "convex", True),
    ("exp(x) + exp(y) - x*y - x", "x y", (), "neither", None),
    # the root of a concave function, up to the border
    ("sqrt(x*(1 - x))", "x", ("x >= 0", "x <= 1"), "concave", True),
    # x - y^2/z for x + z instead of z, with x z > y^2 and x > 0, so z > 0; concave, affine along rays
    ("(x*z - y^2)/(x + z)", "x y z", ("x > 0", "x*z > y^2"), "concave", False),
    # 4 q f'' = -5 y^2 for f = sqrt(q), the determinant is 0; q = (x - 3 y)^2 + 3 y (x - 3 y) + y^2 > 0
    ("sqrt(x^2 - 3*x*y + y^2)", "x y", ("x > 3*y", "y > 0"), "concave", False),
    # f'' = 2 + (2 - 4 t) e^(-t) for t = 1000 (x - 7)^2, least 2 - 4 e^(-3/2) > 0 at t = 3/2
    ("x^2 - exp(-1000*(x - 7)^2)/1000", "x", (), "convex", True),
    # the norm of |x| and y^2, which are convex and nowhere negative; affine where y = 0 < x
    ("sqrt(x^2 + y^4)", "x y", (), "convex", False),
    ("sqrt((x^2 - 1)^2 + y^2)", "x y", (), "neither", None),
    # at x = y = t the determinant (56 t^6 + 2 t^2)^2 - 16 t^4 is negative for small t
    ("x^8 + x^2*y^2 + y^8", "x y", (), "neither", None),
    # f'' = -2 x/sqrt(1 - x^2) inside, and f is continuous up to both ends
    ("x*sqrt(1 - x^2) + asin(x)", "x", ("x >= 0", "x <= 1"), "concave", True),
    # the determinant is cosh x cosh y - 81/100, and cosh is 1 at least
    ("cosh(x) + cosh(y) + 9*x*y/10", "x y", (), "convex", True),
    ("cosh(x) + cosh(y) + 11*x*y/10", "x y", (), "neither", None),
    # with s = log(1 + t) and t = e^x, f'' has the sign of 2 t - s, and of t - s
    ("1/log(1 + exp(x))", "x", (), "convex", True),
    ("-log(log(1 + exp(x)))", "x", (), "convex", True),
    ("1/log(1 + exp(x)) - x^2/1000000", "x", (), "neither", None),  # about 2/x^3 - 2e-6 for large x
    # t g(x/t, y/t) for g = |x|^3 + |y|^3; linear along rays
    ("(abs(x)^3 + abs(y)^3)/z^2", "x y z", ("z > 0",), "convex", False),
    ("(x - y)^4/(x + y)^3", "x y", ("x + y > 0",), "convex", False),
    ("abs(x)^3/y^(5/2)", "x y", ("y > 0",), "neither", None),  # of degree 1/2, so concave along rays
    # e^(-log det), with log det strictly concave; the second row is the first in other variables
    ("1/(x*z - y^2)", "x y z", ("x > 0", "x*z > y^2"), "convex", True),
    (
        "1/((x + y)*(z + 2*x) - (y - z)^2)",
        "x y z",
        ("x + y > 0", "(x + y)*(z + 2*x) - (y - z)^2 > 0"),
        "convex",
        True,
    ),
    ("1/(1 + x^2)", "x", (), "neither", None),
    # f'' = 2 (x coth x - 1)/sinh(x)^2, and x coth x = 1 + x^2/3 - ... > 1
    ("x*coth(x)", "x", ("x > 0",), "convex", True),
    ("csch(x)", "x", ("x > 0",), "convex", True),
    ("log(sech(x))", "x", (), "concave", True),  # f'' = -1/cosh(x)^2
    # the determinant (2 - x^2)(2 - y^2) - 4 x^2 y^2 is negative near the corners (1, 1), ... on the circle
    ("x^2 + y^2 - x^2*y^2/2", "x y", ("x^2 + y^2 <= 2",), "neither", None),
    # the greater of x^2 + x y + y^2 and x^2 - x y + y^2; with 3 x y these are indefinite
    ("x^2 + abs(x*y) + y^2", "x y", (), "convex", True),
    ("x^2 + 3*abs(x*y) + y^2", "x y", (), "neither", None),
    # f'' = 3/(4 sqrt |x|) - 1/50 > 0 for |x| < 1406, and the slope at 0 is 0 from both sides
    ("abs(x)^(3/2) - x^2/100", "x", ("x >= -100", "x <= 100"), "convex", True),
    # f'' = 2/(1 - x^2) + 2 x asin(x)/(1 - x^2)^(3/2), and x asin(x) >= 0
    ("asin(x)^2", "x", ("x > -1", "x < 1"), "convex", True),
    # x - y, as the logarithms cancel where x and y are positive
    ("log(x^3*y) - 3*log(x) - log(y) + x - y", "x y", ("x > 0", "y > 0"), "affine", False),
    # log(1 + e^(-u)) + log(1 + e^v) with u = w + b and v = w - b
    ("-log(1/(1 + exp(-w - b))) - log(1 - 1/(1 + exp(w - b)))", "w b", (), "convex", True),
    # f' = 1/(s (1 + s)) for s = sqrt(1 + x^2), which falls for x > 0
    ("x/(1 + sqrt(1 + x^2))", "x", ("x >= 0",), "concave", True),
    # with s = log x and t = log y the Hessian is (-t/x^2, 1/(x y); 1/(x y), -s/y^2), and s t > 1
    ("log(x)*log(y)", "x y", ("x >= 3", "y >= 3"), "concave", True),
    ("log(y)*log(x)", "x y", ("x > 2", "y > 3"), "neither", None),  # log 2 log 3 < 0.77
    # log f is convex: 1/sin(x)^2 > 1/x^2; 2 log(1 + e^x + e^y) - log x - log y
    ("x/sin(x)", "x", ("x > 0", "x < pi"), "convex", True),
    ("(1 + exp(x) + exp(y))^2/(x*y)", "x y", ("x > 0", "y > 0"), "convex", True),
    ("gamma(x)/x", "x", ("x > 0",), "convex", True),
    # the sum of (x^2/s)^2 and (y^2/s)^2 with s = x + y, along rays of degree 2; log(1 + x^2) is convex for |x| < 1
    ("(x^4 + y^4)/(x + y)^2", "x y", ("x + y > 0",), "convex", True),
    ("(x^2 + y^2)^2/z^2", "x y z", ("z > 0",), "convex", False),
    ("(1 + x^2)*(1 + y^2)", "x y", ("x > -1/3", "x < 1/3", "y > -1/3", "y < 1/3"), "convex", True),
    # entropy, continuous at both ends
    (
        "Piecewise((0, Eq(x, 0)), (0, Eq(x, 1)), (x*log(x) + (1 - x)*log(1 - x), True))",
        "x",
        ("x >= 0", "x <= 1"),
        "convex",
        True,
    ),
    # the determinant (y^2 + 2 x y - x^2)/(x^2 y^4) is negative for large x/y
    ("log(x) + log(y) - x/y", "x y", ("x > 0", "y > 0"), "neither", None),
    # f'' = 1/x - x^(-3/2)/4000 < 0 for x < 1/16000000 alone
    ("x*log(x) + sqrt(x)/1000", "x", ("x > 0",), "neither", None),
    # 1 - erf u = 1 + erf(-u), and log(1 + erf v) is concave and increasing
    ("log(1/2 - erf(x)/2)", "x", (), "concave", True),
]


@pytest.mark.parametrize(
    ("text", "variables", "region", "kind", "strict"), CURVED, ids=[r[0] for r in CURVED]
)
def test_kinds(text: str, variables: str, region: tuple[str, ...], kind: str, strict: bool | None) -> None:
    found = Problem(text, variables, subject_to=region).convexity()

    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")
    if kind == "neither":
        assert set(found.evidence.witness) == {"not_convex", "not_concave"}


FALSE = [  # text, variables, region: neither convex nor concave by a little, or far away
    ("sin(x) + sin(y) + sin(x + y)", "x y", ("x > 0", "y > 0", "x + y < 16/5")),
    ("cosh(x) + cosh(y) + 1001*x*y/1000", "x y", ()),
    # of degree 1/2 along rays, and x^4 beside z = 1
    ("(x^2 + y^2)^2/z^(7/2)", "x y z", ("z > 0",)),
    # log f is not convex: at 0 its second derivative is 1/3 - 1/2
    ("x*exp(-x^2/4)/sin(x)", "x", ("x > 0", "x < pi")),
    ("(x*z - y^2)/(x + z) + y^2/1000000", "x y z", ("x > 0", "x*z > y^2")),
]


@pytest.mark.parametrize(("text", "variables", "region"), FALSE, ids=[r[0] for r in FALSE])
def test_the_provers_prove_none_of_these(text: str, variables: str, region: tuple[str, ...]) -> None:
    assert Problem(text, variables, subject_to=region).convexity(refute=False).kind == "undecided"


WITH_PARAMETERS = [  # text, variables, assumptions, the kinds with their strictness from case to case, why
    # the last pivot is (1 - 2 a^2)/(1 - a^2)
    (
        "x^2/2 + y^2/2 + z^2/2 + a*y*(x + z)",
        "x y z",
        (),
        {("neither", None), ("convex", False), ("convex", True)},
    ),
    # constant along (b, -a)
    ("exp(a*x + b*y)", "x y", (), {("convex", False)}),
    # positively homogeneous, so affine along rays
    ("max(a*x, b*y)", "x y", (), {("convex", False)}),
    ("(abs(x)^p + abs(y)^p)^(1/p)", "x y", ("p >= 1",), {("convex", False)}),
    # affine beyond the kink at b/a, constant for a = 0
    ("abs(a*x - b)", "x", (), {("convex", False), ("affine", False)}),
    ("max(a*x + 1, b*x - 1)", "x", (), {("convex", False), ("affine", False)}),
    # affine beyond c
    ("Piecewise((x^2, x < c), (2*c*x - c^2, True))", "x", (), {("convex", False)}),
    # for a < 0 falling from a^2 at x = a to 0 at x = 0, so not convex; and x^2 on x > 0
    ("max(x, a)^2", "x", (), {("convex", False), ("neither", None)}),
    # affine beyond all kinks, at 1 + |a| + |b| and more
    ("abs(x - a) + abs(x - b)", "x", (), {("convex", False)}),
    # CES: Minkowski's inequality, for r > 1 the other way round; linear along rays
    (
        "(a*x^r + (1 - a)*y^r)^(1/r)",
        "x y",
        ("a > 0", "a < 1"),
        {("convex", False), ("affine", False), ("concave", False)},
    ),
    # its powers below the first: strictly so along rays too, and for s = 1 not
    (
        "c*(a*sqrt(x) + b*sqrt(y))^(2*s)",
        "x y",
        ("a > 0", "b > 0", "c > 0", "s > 0", "s <= 1"),
        {("concave", False), ("concave", True)},
    ),
    ("sqrt(a*x^2 + b*y^2)", "x y", ("a > 0", "b > 0"), {("convex", False)}),
    # (x + a y)^2 + (1 - a^2) y^2 under the root
    ("sqrt(x^2 + 2*a*x*y + y^2)", "x y", ("a >= -1", "a <= 1"), {("convex", False)}),
    # f'' has the sign of p + p^2 e^x, which is 0 at x = -log(-p)
    ("(1 + exp(x))^p", "x", ("p < 0",), {("neither", None)}),
    # the forms a x - y and x are independent
    ("(a*x - y)^2 + x^2", "x y", (), {("convex", True)}),
]


@pytest.mark.parametrize(
    ("text", "variables", "assuming", "wanted"), WITH_PARAMETERS, ids=[r[0] for r in WITH_PARAMETERS]
)
def test_strictness_with_parameters(
    text: str, variables: str, assuming: tuple[str, ...], wanted: set[tuple[str, bool | None]]
) -> None:
    found = Problem(text, variables, assuming=assuming).convexity()

    assert {(case.result.kind, case.result.strict) for case in found} == wanted


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x^2 + x*y + y^2", {("convex", True)}),  # (x + y/2)^2 + 3/4 y^2
        ("exp(x) + x^2 - 2*x*y + y^2", {("convex", True)}),  # e^x bends along all that leave x - y
        ("4*x*y - 4*x^2 - y^2 + x", {("concave", False)}),  # x - (2 x - y)^2
        ("x^2 + a*x*y + y^2", {("convex", True), ("convex", False), ("neither", None)}),
        ("abs(x) + y", {("convex", False)}),
    ],
)
def test_quadratic_functions_by_rules(text: str, kinds: set[tuple[str, bool | None]]) -> None:
    found = Problem(text, "x y").convexity(by="rules")

    assert {(case.result.kind, case.result.strict) for case in found} == kinds
    told = (s for case in found for top in case.result.evidence.steps for s in top.walk())
    assert not {"second_order", "definition"} & {s.rule for s in told if isinstance(s.claim, Curved)}


def test_no_case_is_told_by_the_sign_of_a_root_that_is_not_real() -> None:
    """sqrt(b y^2) for b < 0 is told to be undecided, and not by sqrt(b) > 0, = 0 and < 0."""
    found = Problem("sqrt(a*x^2 + b*y^2)", "x y").convexity()

    assert not any("sqrt" in str(case.condition) for case in found)


def test_a_strict_flag_that_the_clock_cut_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(*_: object) -> None:
        while True:
            sum(range(10))

    # the norm is affine along rays only, on which x + y changes
    problem = Problem("sqrt(x^2 + y^2) + exp(x + y)", "x y", subject_to=["x > 0", "y > 0"])
    with monkeypatch.context() as patched:
        patched.setattr(curvature._Question, "_strictness", never_ends)
        hurried = problem.convexity(timeout=1)

    assert (hurried.kind, hurried.strict, hurried.evidence.stopped_by) == ("convex", None, "clock")
    assert problem.convexity(timeout=60).strict is True


@pytest.mark.parametrize(
    ("extreme", "facts", "wanted"),
    [
        (Max(x, y, z), (x - y, y - z), Max(x, z)),
        (Max(x, y, z), (x - y, y - z, z - x), None),  # all three are equal: any of them will do
        (Min(x, y, z), (x - y,), Min(y, z)),
        (Max(x, y), (x + y,), Max(x, y)),
        (Max(x, x + y / (1 - y)), (-y,), x),  # y/(1 - y) <= 0 for y <= 0
    ],
)
def test_the_greatest_of_what_is_known_to_be_ordered(
    extreme: Expr, facts: tuple[Expr, ...], wanted: Expr | None
) -> None:
    found = without_known_kinks(extreme, tuple(Relation(fact, ">=") for fact in facts))

    assert found in ((x, y, z) if wanted is None else (wanted,))


def test_kinks_that_move_make_no_cases() -> None:
    found = Problem("3*abs(x - 1) + 2*abs(x - a) + abs(x + 2)", "x").convexity()

    assert [(case.result.kind, case.result.strict) for case in found] == [("convex", False)]
    assert "For a" not in found.explain().text()


@pytest.mark.parametrize(
    ("sizes", "signs"),
    [
        (abs(x) - x + 1, {1}),
        (abs(x) + abs(y) + y / 2 - x, {0, 1}),
        (x - abs(x) - 1, {-1}),
        (2 * abs(x) - 3 * x + 1, {-1, 0, 1}),
        (abs(x) - x + y, {-1, 0, 1}),
        (Add(abs(x), -x, -x, evaluate=False), {-1, 0, 1}),  # -1 at x = 1
        (cosh(x) + cosh(y) - 2, {0, 1}),
        (3 - 2 * cosh(x), {-1, 0, 1}),
        (1 - 2 * cosh(x), {-1}),
        (cosh(x) - cosh(y), {-1, 0, 1}),
    ],
)
def test_signs_of_sums_with_sizes_and_cosh(sizes: Expr, signs: set[int]) -> None:
    assert signs_of_tree(sizes, ()) == signs


@pytest.mark.parametrize(
    ("expression", "given", "op", "holds"),
    [
        (cosh(x) - 1, x, ">", True),
        (cosh(x) - 1, y, ">", False),
        (cosh(x) * cosh(y) - 1, x, ">", True),
        (cosh(x) * cosh(y) - 1, x - y, ">", False),  # 0 at the origin alone, where x = y; not seen
        (exp(x**2) * cosh(y) - 1, y, ">", True),
        (exp(x**2) * cosh(y) - 1, x * y - 1, ">", False),
        (2 * exp(x) - 2, x, "!=", True),
        (2 * exp(x) - 1, x, "!=", False),
        (1 - exp(x), x, "<", False),
        (exp(x) - 1 - x, x, ">", True),
        (exp(x) - 1 - x, x - 1, ">", False),
        (x**2 + exp(y) - 1 - y, x, ">", True),
        (x**2 + exp(y) - 1 - y, x - y, ">", False),
    ],
)
def test_signs_beside_what_is_excluded(expression: Expr, given: Expr, op: str, holds: bool) -> None:
    step = prove_relation(Relation(expression, op), Context((Relation(given, "!="),)))

    assert (step is not None) == holds
    assert step is None or verify(step) is None
