"""Formulas are written in the order of a person, and what the text says reads back as the same expression."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    Max,
    Mul,
    Pow,
    Rational,
    Symbol,
    cos,
    exp,
    expand,
    log,
    oo,
    sin,
    sqrt,
    symbols,
)

from symopt.exact.normal import is_identical
from symopt.reading import read_expression
from symopt.writing.formulas import Writer, chunks
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX, TEXT
from symopt.writing.width import width

x, y, p, a = symbols("x y p a", real=True)
NOTATION = Notation((x, y))


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (2 * x * (p - 1), "2*(p - 1)*x", "2 (p - 1) x"),
        (2 * p - 2, "2*(p - 1)", "2 (p - 1)"),
        (-2 * p - 2, "-2*(p + 1)", "-2 (p + 1)"),
        ((p - 1) * x**2 + (p + 1) * y**2, "(p - 1)*x^2 + (p + 1)*y^2", "(p - 1) x^2 + (p + 1) y^2"),
        (a * (p - 1) * x, "a*(p - 1)*x", "a (p - 1) x"),
        (3 - x, "3 - x", "3 - x"),
        (x**2 / 2, "x^2/2", r"\frac{x^2}{2}"),
        ((x + y) ** 2 / 2, "(x + y)^2/2", r"\frac{1}{2} (x + y)^2"),
        (-2 * x * exp(-(x**2) / 2), "-2*x*e^(-x^2/2)", "-2 x e^{-x^2/2}"),
        (4 * x * (x**2 - 1), "4*x*(x^2 - 1)", "4 x (x^2 - 1)"),
        (1 / (1 + exp(-x)), "1/(1 + e^(-x))", r"\frac{1}{1 + e^{-x}}"),
        (log(x) + 1, "log(x) + 1", r"\log(x) + 1"),
        (sin(x) ** 2 * cos(y), "sin(x)^2*cos(y)", r"\sin^2(x) \cos(y)"),
        (sqrt(x**2 + 1), "sqrt(x^2 + 1)", r"\sqrt{x^2 + 1}"),
        (x ** Rational(3, 2), "x^(3/2)", "x^{3/2}"),
        (exp(x) * (x + 1), "(x + 1)*e^x", "(x + 1) e^x"),
        (exp(Integer(-1)), "1/e", r"\frac{1}{e}"),
        (-exp(Integer(-1)), "-1/e", r"-\frac{1}{e}"),
        (3 * 2**x, "3*2^x", r"3 \cdot 2^x"),
        (Abs(x - y), "|x - y|", r"\lvert x - y\rvert"),
        (Max(x, y), "max(x, y)", r"\max(x, y)"),
        (-1 / (2 * x), "-1/(2*x)", r"-\frac{1}{2 x}"),
        (-oo, "-∞", r"-\infty"),
        (Mul(-1, x + y, evaluate=False), "-(x + y)", "-(x + y)"),
        (Mul(-1, 1 - x, y, evaluate=False), "-y*(1 - x)", "-y (1 - x)"),
        (Mul(-1, Rational(1, 2), 1 / a, Mul(-1, 2 * p + 1, evaluate=False), evaluate=False),
         "(2*p + 1)/(2*a)", r"\frac{2 p + 1}{2 a}"),
    ],
)  # fmt: skip
def test_the_order_of_a_person(expression: Expr, text: str, latex: str) -> None:
    assert Writer(TEXT, NOTATION).expression(expression) == text
    assert Writer(LATEX, NOTATION).expression(expression) == latex


def test_what_was_typed_keeps_its_order() -> None:
    typed = Add(1, Mul(-1, x, evaluate=False), Mul(y, Integer(3), evaluate=False), evaluate=False)
    assert Writer(TEXT, NOTATION, typed=True).expression(typed) == "1 - x + y*3"
    assert Writer(LATEX, NOTATION, typed=True).expression(typed) == r"1 - x + y \cdot 3"


@pytest.mark.parametrize(
    ("name", "latex"),
    [("theta_1", r"\theta_{1}"), ("lambda", r"\lambda"), ("eta", r"\eta"), ("x1", "x_{1}"), ("N", "N")],
)
def test_letters_of_the_field(name: str, latex: str) -> None:
    assert Writer(LATEX, Notation()).expression(Symbol(name, real=True)) == latex


def test_one_s_own_letters() -> None:
    notation = Notation.of((x,), {"x": r"\theta_1"})
    assert Writer(LATEX, notation).expression(x**2) == r"\theta_1^2"
    assert Writer(TEXT, notation).expression(x**2) == "theta_1^2"


def expressions() -> st.SearchStrategy[Any]:
    leaves = st.sampled_from([x, y, p, Integer(2), Integer(-3), Rational(1, 2), Rational(-2, 3)])

    def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda q: q[0] + q[1]),
            pairs.map(lambda q: q[0] * q[1]),
            pairs.map(lambda q: q[0] - q[1]),
            inner.map(lambda e: e**2),
            inner.map(lambda e: e / (1 + x**2)),
            inner.map(lambda e: exp(-(e**2)) if len(str(e)) < 20 else -e),
            inner.map(lambda e: sqrt(1 + e**2) if len(str(e)) < 20 else -e),
        )

    return st.recursive(leaves, larger, max_leaves=7)


@given(expressions())
def test_the_text_reads_back_as_the_same_expression(expression: Expr) -> None:
    text = Writer(TEXT, NOTATION).expression(expression)
    names = {symbol.name: symbol for symbol in (x, y, p)}
    assert is_identical(read_expression(text, names).expression, expression), text


def typed_texts() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["x", "y", "p", "2", "3", "1/2", "0.1"])

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda q: f"({q[0]} + {q[1]})"),
            pairs.map(lambda q: f"({q[0]} - {q[1]})"),
            pairs.map(lambda q: f"{q[0]}*{q[1]}"),
            pairs.map(lambda q: f"({q[0]})/(1 + ({q[1]})^2)"),
            inner.map(lambda t: f"(-({t}))"),
            inner.map(lambda t: f"({t})^2"),
        )

    return st.recursive(leaves, larger, max_leaves=6)


@given(typed_texts())
def test_what_was_typed_reads_back_as_the_same_expression(typed: str) -> None:
    names = {symbol.name: symbol for symbol in (x, y, p)}
    reading = read_expression(typed, names)
    text = Writer(TEXT, NOTATION, typed=True).expression(reading.as_typed)
    assert is_identical(read_expression(text, names).expression, reading.expression), (typed, text)


@given(expressions())
def test_brackets_of_latex_are_balanced(expression: Expr) -> None:
    latex = Writer(LATEX, NOTATION).expression(expression)
    assert latex.count("{") == latex.count("}")
    assert latex.count("(") == latex.count(")")
    assert latex.count(r"\left") == latex.count(r"\right")


@pytest.mark.parametrize(
    "expression",
    [
        expand((x + 2 * y + p) ** 5),
        expand((x + y + p) ** 4) * exp(x),
        exp(x) / expand((x + y + p) ** 3) ** 2,
        log(expand((x + y + p) ** 4)),
        exp(expand((x + y + p) ** 4)),
        sqrt(2) * Pow(expand((x + y + p) ** 4), 3),
    ],
)
def test_a_long_formula_comes_in_pieces_that_fit(expression: Expr) -> None:
    writer = Writer(LATEX, NOTATION)
    pieces = chunks(writer, expression, 10.0)
    assert len(pieces) > 3
    assert max(map(width, pieces)) <= 10.0
    assert "".join(pieces).count("{") == "".join(pieces).count("}")
    assert " ".join(pieces).count(r"\bigl(") == " ".join(pieces).count(r"\bigr)")
