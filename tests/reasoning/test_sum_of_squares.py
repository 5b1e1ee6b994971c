"""Sums of squares: what is found adds up, and what is no sum of squares is not called one.

That a polynomial is a sum of squares (or is none) is known from the literature or by hand, as each line says.
"""

from __future__ import annotations

import pytest
from sympy import Expr, Matrix, Poly, Rational, S, expand, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Context, Definite, Step
from symopt.reasoning.sum_of_squares import sum_of_squares

x, y, z, u, v, w = symbols("x y z u v w", real=True)
MOTZKIN = x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1
CHOI_LAM = x**2 * y**2 + y**2 * z**2 + z**2 * x**2 + 1 - 4 * x * y * z


def total(squares: tuple[tuple[Expr, Expr, Expr], ...]) -> Expr:
    return expand(sum((weight * g * q**2 for weight, g, q in squares), S.Zero))


@pytest.mark.parametrize(
    "polynomial",
    [
        x**2 - 2 * x + 1,
        x**4 - 2 * x**2 * y + y**2,  # (x^2 - y)^2, which vanishes along a curve
        expand((x**2 - 3) ** 2 + (x - y + 2) ** 2 / 7),
        x**4 + y**4 + z**4 + 1 - 4 * x * y * z,  # the mean of 1, x^4, y^4, z^4 against their geometric mean
        x**4 + y**4 + 2 * x**2 * y**2 - 2 * x**2 - 2 * y**2 + 1,  # (x^2 + y^2 - 1)^2
        expand((x * y - 1) ** 2 + (x - y) ** 2),
        2 * x**4 + 2 * x**3 * y - x**2 * y**2 + 5 * y**4,  # Parrilo's example
        expand(MOTZKIN * (x**2 + y**2 + 1)),  # a sum of squares, although Motzkin's polynomial is none
    ],
)
def test_what_is_found_adds_up(polynomial: Expr) -> None:
    squares = sum_of_squares(polynomial, tuple(sorted(polynomial.free_symbols, key=str)))
    assert squares is not None
    assert all(weight > 0 and g == 1 for weight, g, _ in squares)
    assert expand(total(squares) - polynomial) == 0


@pytest.mark.parametrize(
    "polynomial",
    [
        MOTZKIN,  # nonnegative by the means, and no sum of squares (Motzkin 1967)
        CHOI_LAM,  # nonnegative by the means, and no sum of squares (Choi and Lam 1977)
        x**2 - Rational(1, 10**9),
        x**4 - x**2 * y**2 * Rational(2000001, 1000000) + y**4,  # below 0 at x = y
        x**2 + y**2 - Rational(2000001, 1000000) * x * y,
    ],
)
def test_what_is_none_is_not_found(polynomial: Expr) -> None:
    assert sum_of_squares(polynomial, tuple(sorted(polynomial.free_symbols, key=str))) is None


def test_multipliers_are_used_as_given() -> None:
    squares = sum_of_squares(x - x**3, (x,), (x, 1 - x**2, x * (1 - x**2)))
    assert squares is not None
    assert expand(total(squares) - x + x**3) == 0
    assert all(g in (1, x, 1 - x**2, x * (1 - x**2)) for _, g, _ in squares)


def test_forms_of_degree_one_in_the_directions() -> None:
    f = x**4 + 6 * x**2 * y**2 + y**4
    form = expand(
        (Matrix([[u, v]]) * Matrix([[f.diff(a, b) for b in (x, y)] for a in (x, y)]) * Matrix([u, v]))[0]
    )
    squares = sum_of_squares(form, (x, y), (), (u, v))
    assert squares is not None
    assert expand(total(squares) - form) == 0
    assert all(Poly(q, u, v).is_homogeneous and Poly(q, u, v).total_degree() == 1 for _, _, q in squares)


HESSIAN = (
    (12 * x**2 + 12 * y**2, 24 * x * y),
    (24 * x * y, 12 * x**2 + 12 * y**2),
)  # of x^4 + 6 x^2 y^2 + y^4
SQUARES = ((S(12), (x, y)), (S(12), (y, x)))


@pytest.mark.parametrize(
    ("matrix", "op", "squares", "accepted"),
    [
        (HESSIAN, ">=", SQUARES, True),
        (HESSIAN, ">", SQUARES, False),  # singular for x = y
        (HESSIAN, "<=", SQUARES, False),
        (HESSIAN, ">=", SQUARES[:1], False),
        (HESSIAN, ">=", (*SQUARES, (S(1), (S(1), S(0)))), False),
        (HESSIAN, ">=", ((S(12), (x, y)), (S(12), (y, -x))), False),
        (
            HESSIAN,
            ">=",
            ((S(12), (x, y)), (S(24), (y, x)), (S(-12), (y, x))),
            False,
        ),  # adds up, with a negative weight
        (tuple(tuple(-e for e in row) for row in HESSIAN), "<=", SQUARES, True),
        (((x, S(0)), (S(0), S(0))), ">=", ((x, (S(1), S(0))),), False),  # x has no sign here
        (
            ((S(1), S(1)), (S(0), S(1))),
            ">=",
            ((S(1), (S(1), S(0))), (S(1), (S(0), S(1)))),
            False,
        ),  # not symmetric
        (((S(1),),), ">=", ((S(1), (S(1), S(1))),), False),
    ],
)
def test_forms_of_squares(
    matrix: tuple[tuple[Expr, ...], ...], op: str, squares: object, accepted: bool
) -> None:
    step = Step(Context(), Definite(matrix, op), "form_of_squares", (), (("squares", squares),))
    assert is_accepted(step) is accepted


@pytest.mark.parametrize(
    ("objective", "variables", "region", "kind", "strict"),
    [
        (
            "x^4 + y^4 + z^4 + x^2*y^2 + y^2*z^2 + z^2*x^2",
            "x y z",
            (),
            "convex",
            True,
        ),  # v^T H v has v_i^2 x_i^2
        ("(x^2 + y^2 + z^2)^2", "x y z", (), "convex", True),
        ("x^4 + y^4 - x^3*y - x*y^3 + 3*x^2*y^2", "x y", (), "convex", True),
        ("-(x + y)^4 - (x - y)^4 - x^4", "x y", (), "concave", True),
        ("x^2*y^2 + x^2 + y^2", "x y", ("abs(x) <= 1", "abs(y) <= 1"), "convex", None),
    ],
)
def test_convex_by_squares(
    objective: str, variables: str, region: tuple[str, ...], kind: str, strict: bool
) -> None:
    found = Problem(objective, variables, subject_to=region).convexity(refute=False, timeout=60)
    assert (found.kind, found.evidence.trust) == (kind, "checked")
    assert found.strict is strict or strict is None
