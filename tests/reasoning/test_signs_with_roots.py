"""Signs of a + b sqrt(d) read off a, b and the norm a^2 - b^2 d; samples that stop a search."""

from __future__ import annotations

import time

import pytest
from sympy import Expr, Rational, gamma, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.claims import Context
from symopt.reasoning.samples import changes_sign, fails_at_a_sample
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

x, a, b, p, q = symbols("x a b p q", real=True)

# Of a + b sqrt(d) one of a and b has a known sign, the other none.
ROOTS = [
    (p + 2 * sqrt(q), ">", (q, 4 * q - p**2), True),  # |p| < 2 sqrt(q)
    (p + 2 * sqrt(q), ">", (q, 5 * q - p**2), False),  # p = -2.1, q = 1
    (p - 2 * sqrt(q), "<", (q, 4 * q - p**2), True),
    (2 * p + 3 * q * sqrt(p), ">", (p, 4 * p - 9 * q**2), True),  # 2 sqrt(p) > 3 |q|
    (2 * p + 3 * q * sqrt(p), ">", (p, 5 * p - 9 * q**2), False),
]


@pytest.mark.parametrize(("expression", "op", "given", "holds"), ROOTS)
def test_the_sign_is_that_of_the_part_that_is_larger(
    expression: Expr, op: str, given: tuple[Expr, ...], holds: bool
) -> None:
    context = Context((), tuple(Relation(g, ">") for g in given))
    step = prove_relation(Relation(expression, op), context)
    assert (step is not None) is holds
    if step is not None:
        assert check(step) == "checked"


def test_samples_lie_within_narrow_bounds() -> None:
    between = Context((), (Relation(a - Rational(2, 3), ">"), Relation(a - Rational(3, 4), "<")))
    assert fails_at_a_sample(Relation(a + x**4 - 2 * x**2, ">"), between)  # at x = 1
    assert not fails_at_a_sample(Relation(a + x**4 - x**2, ">"), between)  # a > 2/3 > 1/4
    below_parabola = Context((), (Relation(a**2 - 4 * b, ">"), Relation(9 * b - 2 * a**2, ">")))
    assert fails_at_a_sample(Relation(a, ">"), below_parabola)
    assert not fails_at_a_sample(Relation(b, ">"), below_parabola)
    assert changes_sign(x**2 - a, between)
    assert not changes_sign(x**2 + a, between)


@pytest.mark.slow
def test_a_quartic_with_two_parameters_has_its_minimum_in_every_case() -> None:
    """f' = x (x^2 + a x + b); both minima are at 0 where 2 a^2 = 9 b, as x^2/4 + a x/3 + b/2 has a double root."""
    minimum = Problem(x**4 / 4 + a * x**3 / 3 + b * x**2 / 2, [x]).minimum(timeout=120)
    expected = [
        ((3, 2), 0, {0, -2}),
        ((3, Rational(17, 8)), 0, {0}),  # 2 a^2 < 9 b < 9/4 a^2: the other minimum is higher
        ((-3, 3), 0, {0}),
        ((0, -1), -Rational(1, 4), {1, -1}),
        ((-4, 3), 81 / Rational(4) - 36 + Rational(27, 2), {3}),  # roots 1 and 3
    ]
    for (a_value, b_value), value, places in expected:
        (case,) = minimum.at(a=a_value, b=b_value)
        assert case.result.value == value
        assert {dict(branch.at)[x] for branch in case.result.at} == places


def test_a_function_whose_values_are_long_is_given_up_at_once() -> None:
    began = time.process_time()
    assert Problem(gamma(2 ** (x**x)), [x]).minimum().value is None
    assert time.process_time() - began < 3
