"""Expressions are shown in the form a person would write, and stay the same expression."""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    Max,
    Mul,
    Piecewise,
    Pow,
    Rational,
    acos,
    asin,
    exp,
    pi,
    sign,
    sqrt,
    symbols,
)

from symopt.exact.normal import is_identical
from symopt.relation import Relation
from symopt.writing.derivatives import derivative_blocks
from symopt.writing.document import Display, Document
from symopt.writing.formulas import Writer
from symopt.writing.mathematics import Bounds, Prime, Tokens, written
from symopt.writing.notation import Notation
from symopt.writing.presenting import presented, shortest, squares
from symopt.writing.styles import INLINE_LATEX, LATEX, PRINTED_LATEX, TEXT
from symopt.writing.text import text

x, y, a, b, n, s = symbols("x y a b n s", real=True)
NOTATION = Notation((x, y))
POSITIVE = (Relation(b, ">"),)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (-sqrt(2) * sqrt(-a) / 2, "-sqrt(-a/2)"),
        (sqrt(3) * sqrt(-a) * x / 3, "sqrt(-a/3)*x"),
        (2 * sqrt(2) * sqrt(a), "2*sqrt(2*a)"),
        (sqrt(2) / (2 * sqrt(a)), "1/sqrt(2*a)"),
        (sqrt(2) / 2, "sqrt(2)/2"),
        (Pow(Mul(-1, x + 1, evaluate=False), 2, evaluate=False), "(x + 1)^2"),
        ((-x - 1) ** 3, "-(x + 1)^3"),
        (x * (x * sign(x) + 2 * Abs(x) + 2), "x*(3*|x| + 2)"),
        (x**2 * Abs(x), "|x|^3"),
        (a * x**a / x**2, "a*x^(a - 2)"),
        (exp(-s), "e^(-s)"),
        (a - b**2 / (4 * x), "a - b^2/(4*x)"),
        (Max(0, x) ** 2, "max(0, x)^2"),
    ],
)
def test_the_form_a_person_writes(expression: Expr, shown: str) -> None:
    assert Writer(TEXT, NOTATION).expression(expression) == shown


@pytest.mark.parametrize("expression", [x * sign(x) + 2 * Abs(x), x**2 * Abs(x) - x, Abs(x) * sign(x)])
def test_what_is_shown_is_the_same_expression(expression: Expr) -> None:
    for value in (Rational(-3, 2), Integer(0), Integer(2)):
        assert presented(expression).subs(x, value) == expression.subs(x, value)


def test_a_case_settles_absolute_values() -> None:
    assert presented(Abs(b) * x / b, POSITIVE) == x
    assert presented(Abs(b - 1), POSITIVE) == Abs(b - 1)
    assert presented(sign(b) + Abs(-b), POSITIVE) == 1 + b


def test_a_value_is_divided_out_where_that_is_shorter() -> None:
    long = (pi * Abs(a) - 2 * a * sqrt(a**2 - 1) - 2 * Abs(a) * asin(1 / a) + 4 * pi * n * Abs(a)) / (
        2 * Abs(a)
    )
    above_one = (Relation(a - 1, ">"),)
    assert shortest(long, above_one) == acos(1 / a) - sqrt(a**2 - 1) + 2 * pi * n
    assert shortest((4 * a * b - x**2) / (4 * a)) == b - x**2 / (4 * a)
    assert shortest((a + 1) / 2) == (a + 1) / 2


def test_completed_squares_without_common_factors() -> None:
    tree = Mul(Rational(1, 4), Add((2 * x + 2 * y) ** 2, 4 * x**2, evaluate=False), evaluate=False)
    assert squares(tree) == (x + y) ** 2 + x**2
    assert is_identical(squares(tree), tree)


@pytest.mark.parametrize(
    ("tokens", "plain", "tex"),
    [
        ((Prime(1, x), "==", 2 * x), "f'(x) = 2*x", "f'(x) = 2 x"),
        ((Prime(4, Integer(0)),), "f^(4)(0)", "f^{(4)}(0)"),
        ((Bounds((Relation(a - 2 / b, "=="),)),), "a*b = 2", "a b = 2"),
        (
            (Piecewise((x, x > 1), (0, True)),),
            "(x for x > 1, 0 otherwise)",
            r"\begin{cases} x & \text{for } x > 1 \\ 0 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_primes_cases_and_bounds_without_denominators(tokens: Tokens, plain: str, tex: str) -> None:
    assert written(tokens, TEXT, NOTATION) == plain
    assert written(tokens, LATEX, NOTATION) == tex


def test_fractions_within_sentences_are_slashed() -> None:
    assert Writer(INLINE_LATEX, NOTATION).expression(-b / (2 * a)) == "-b/(2 a)"
    assert Writer(LATEX, NOTATION).expression(-b / (2 * a)) == r"-\frac{b}{2 a}"
    assert r"\frac" not in Writer(PRINTED_LATEX, NOTATION).expression(
        sqrt(x / 2) / (1 + x**2) + Rational(1, 3)
    )


def shown(gradient: Expr, hessian: Expr) -> str:
    blocks = derivative_blocks((x,), (gradient,), ((hessian,),), Notation((x,)))
    assert isinstance(blocks[0], Display)
    return text(Document(blocks, Notation((x,))))


def test_a_derivative_claims_no_value_at_a_kink() -> None:
    assert "f'(x) = 2*x + sign(x), for x ≠ 0" in shown(2 * x + sign(x), Integer(2))
    assert "f''(x) = 2, for x ≠ 0" in shown(2 * x + sign(x), Integer(2))
    by_cases = shown(Piecewise((2 * x, x >= 1), (2 * x - 1, True)), Integer(2))
    assert "2*x       for x > 1\n" in by_cases
    assert "2*x - 1   for x < 1\n" in by_cases
    assert "f''(x) = 2, for x ≠ 1" in by_cases
    assert "for" not in shown(2 * x, Integer(2))


def test_a_formula_breaks_outside_its_brackets_and_before_its_signs() -> None:
    from symopt.writing.document import Math, Paragraph

    wide = Add(*((x + k) * (y - k) for k in range(1, 9)))
    lines = text(Document((Paragraph(("The value ", Math((wide,)), ".")),), NOTATION)).splitlines()
    assert len(lines) > 1
    for line in lines[:-1]:
        assert line.count("(") == line.count(")")
        assert not line.endswith(("+", "-", "*"))
