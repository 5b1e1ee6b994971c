"""Gradients and Hessians as a person would write them, and the same values as before."""

from __future__ import annotations

import random
import time

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    E,
    Expr,
    ImmutableMatrix,
    Matrix,
    Max,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    exp,
    expand,
    log,
    sin,
    sqrt,
    symbols,
)

from symopt.calculus.expressions import gradient, hessian, tidy
from symopt.calculus.tidying import times
from symopt.reading.building import evaluated, product_of, total

x, y, a, b, p = symbols("x y a b p", real=True)


def test_the_example_of_the_notes() -> None:
    objective = (p - 1) * x**2 + (p + 1) * y**2
    assert gradient(objective, (x, y)) == (2 * x * (p - 1), 2 * y * (p + 1))
    doubled = Mul(2, p - 1, evaluate=False)
    rows = hessian(objective, (x, y))
    assert rows == ((doubled, 0), (0, Mul(2, p + 1, evaluate=False)))
    for matrix in (Matrix(rows), ImmutableMatrix(rows), Matrix(rows).T):
        assert str(matrix[0, 0]) == "2*(p - 1)"


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (x**3 - 3 * x, "3*(x - 1)*(x + 1)"),
        ((x**2 - 1) ** 2, "4*x*(x - 1)*(x + 1)"),
        ((x - 1) ** 2 + (y + 2) ** 2, "2*(x - 1)"),
        (x * exp(-x), "(1 - x)*exp(-x)"),
        (x * log(x), "log(x) + 1"),
        (exp(2 * x) + exp(x), "(2*exp(x) + 1)*exp(x)"),
        ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, "4*x*(x**2 + y - 11) + 2*(x + y**2 - 7)"),
        (x**a, "a*x**(a - 1)"),
        (x**4 + a * x**2, "2*x*(a + 2*x**2)"),
        (sqrt(1 + x**2), "x/sqrt(x**2 + 1)"),
        (x + 1 / x, "1 - 1/x**2"),
        (Abs(x), "sign(x)"),
        (exp(a * x), "a*exp(a*x)"),
        (2**x, "2**x*log(2)"),
        (S(7), "0"),
    ],
)
def test_written_as_a_person_would(objective: Expr, expected: str) -> None:
    assert str(gradient(objective, (x, y))[0]) == expected


def test_second_derivatives_combine() -> None:
    assert str(hessian(sqrt(1 + x**2), (x,))[0][0]) == "(x**2 + 1)**(-3/2)"
    assert str(hessian((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, (x, y))[0][1]) == "4*(x + y)"


def test_the_hessian_is_symmetric(family) -> None:
    rows = hessian(*(family(3, 2) if family.__name__ == "tanh_chain" else family(3)))
    assert rows == tuple(zip(*rows, strict=True))


def exact_atoms() -> st.SearchStrategy[Expr]:
    numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4).map(
        lambda q: Rational(q.numerator, q.denominator)
    )
    return (
        st.sampled_from([x, y, p, exp(x), exp(-x), exp(2 * x), sqrt(x), x**a, x ** (a - 1), log(y), sin(x)])
        | numbers
    )


@st.composite
def expressions(draw: st.DrawFn) -> Expr:
    pool = [draw(exact_atoms()) for _ in range(3)]
    for _ in range(draw(st.integers(1, 5))):
        first, second = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        form = draw(st.sampled_from(["sum", "difference", "product", "square", "reciprocal"]))
        pool.append(
            {
                "sum": lambda u, v: u + v,
                "difference": lambda u, v: u - 2 * v,
                "product": lambda u, v: u * v,
                "square": lambda u, v: u**2 * v,
                "reciprocal": lambda u, v: u / (1 + v**2),
            }[form](first, second)
        )
    return pool[-1]


@given(expressions(), st.integers(0, 1000))
def test_tidying_keeps_the_value(expression: Expr, seed: int) -> None:
    numbers = random.Random(seed)
    point = {symbol: Rational(numbers.randint(10, 60), 29) for symbol in (x, y, p, a)}
    tidied = tidy(expression)
    assert tidied == tidy(expression)
    before, after = expression.subs(point).evalf(40), tidied.subs(point).evalf(40)
    assert abs(before - after) <= abs(before) * sympy.Float("1e-30", 40)


@given(
    st.lists(st.integers(-4, 4), min_size=2, max_size=5), st.lists(st.integers(-4, 4), min_size=2, max_size=4)
)
def test_tidying_is_exact_on_rational_functions(above: list[int], below: list[int]) -> None:
    numerator = Add(*[c * x**k * y ** (k % 2) for k, c in enumerate(above)])
    denominator = 1 + Add(*[c * x**k for k, c in enumerate(below)]) ** 2
    expression = numerator / denominator + Rational(1, 3) * p
    assert sympy.cancel(tidy(expression) - expression) == 0


def test_what_vanishes_is_seen_to_vanish() -> None:
    assert tidy((x + y) ** 2 - x**2 - 2 * x * y - y**2) == 0
    assert tidy(exp(2 * x) - exp(x) ** 2) == 0
    assert tidy(x ** Rational(3, 2) - x * sqrt(x)) == 0


def test_a_large_expression_is_left_alone() -> None:
    large = Add(*[Pow(x + k, 20) * Pow(y - k, 20) for k in range(1, 30)])
    start = time.process_time()
    assert tidy(large) == large
    moderate = Mul(*[x + y + k for k in range(12)]) + 1
    tidy(moderate)
    assert time.process_time() - start < 1


def test_a_piecewise_gradient_has_the_branches_of_the_function() -> None:
    objective = Piecewise((x**2, x > 0), (-(x**3), True))
    (slope,) = gradient(objective, (x,))
    assert slope == Piecewise((2 * x, x > 0), (-3 * x**2, True))
    (slope,) = gradient(Max(0, x) ** 2, (x,))
    assert [slope.subs(x, value) for value in (-2, 3)] == [0, 6]


def test_the_quick_sums_and_products_are_those_of_sympy() -> None:
    """Over parts that meet in every way: like terms, opposite ones, numbers, powers of one base, roots, exponentials."""
    parts = [
        x,
        y,
        2 * x,
        -x,
        y / 3,
        S(0),
        S(1),
        Rational(-2, 5),
        x**2,
        1 / x,
        x + y,
        (x + y) ** -2,
        exp(x - y),
    ]
    parts += [
        exp(-x),
        sqrt(x),
        sqrt(2),
        x**p,
        x ** (-p),
        sin(x),
        2 * (x + y),
        -sin(x),
        S(2) ** x,
        E,
        3 * exp(x),
    ]
    rng = random.Random(5)
    for _ in range(400):
        chosen = rng.choices(parts, k=rng.randint(1, 5))
        assert total(chosen) == Add(*chosen)
        assert product_of(chosen) == Mul(*chosen)
        left, right = chosen[0], chosen[-1]
        wanted = Mul(left, right)
        assert times(left, right) == wanted or expand(times(left, right) - wanted) == 0
        if wanted.as_coeff_Mul()[0] == 1 and not (left.is_Rational or right.is_Rational):
            assert times(left, right) == wanted
        for power in (-2, -1, 2, 3) if left else ():
            assert evaluated(Pow, [left, S(power)]) == left**power
