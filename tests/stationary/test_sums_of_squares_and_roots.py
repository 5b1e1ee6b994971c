"""Sums of squares with parameters, the roots that their minima are told by, and the letters of these."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, oo, symbols, sympify

from symopt import Problem
from symopt.derivation.claims import Context
from symopt.exact.root_counts import around_mean
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

pytestmark = pytest.mark.slow


MINIMA: dict[tuple[str, str], tuple[tuple[dict[str, Any], str], ...]] = {
    # both squares vanish where x^2 + y^2 = a and y = 1; for a < 1 x = 0, and 2 y^3 + (1 - 2 a) y = 1
    ("(x^2+y^2-a)^2 + (y-1)^2", "x y"): (({"a": 3}, "0"), ({"a": 1}, "0"), ({"a": Rational(1, 2)}, "r")),
    # on x = y it is 2 (x^2 + x - a)^2, which is 0 for a >= -1/4; below that x = -1/2 is best: 2 (a + 1/4)^2
    ("(x^2+y-a)^2 + (x+y^2-a)^2", "x y"): (
        ({"a": 2}, "0"),
        ({"a": Rational(-1, 4)}, "0"),
        ({"a": -1}, "9/8"),
    ),
}


@pytest.mark.parametrize("question", MINIMA)
def test_where_all_squares_vanish(question: tuple[str, str]) -> None:
    answer = Problem(*question).minimum(timeout=60)
    assert answer.decided
    for values, wanted in MINIMA[question]:
        (case,) = answer.at(values).cases
        if wanted != "r":
            assert case.result.value == sympify(wanted)
            continue
        (branch,) = case.result.at
        (number,) = branch.numbers
        y = symbols("y")
        (root,) = (2 * y**3 - 1).as_poly(y).real_roots()
        assert number.equation.subs(number.symbol, root).subs(values).simplify() == 0
    assert "with equality only where" in " ".join(str(answer.explain()).split())


def test_numbers_are_told_where_they_are_met() -> None:
    answer = Problem("x^4 + a*x^2 + b*x", "x").minimum(timeout=60)
    assert "r is the first real root" in " ".join(str(answer).split())
    assert "Here r, q and z are the first, second and third real roots" in " ".join(
        str(answer.explain()).split()
    )


def test_letters_in_the_order_in_which_they_are_read() -> None:
    answer = Problem("(x^2+y-11)^2 + (x+y^2-7)^2", "x y").stationary_points(timeout=60)
    letters = [str(n.symbol) for p in answer.points for n in p.branch.numbers]
    assert letters == [f"r{k}" for k in range(1, len(letters) + 1)]


def test_a_double_root_is_shown_without_what_the_case_makes_0() -> None:
    """With 8 a^3 = -27 b^2 f'' is 0 at -3 b/(4 a), and f - f* there begins with -3 b/a s^3."""
    text = " ".join(
        str(Problem("x^4 + a*x^2 + y^2 + b*x", "x y").stationary_points(timeout=60).explain()).split()
    )
    assert "s^4 - 3*b*s^3/a changes its sign at s = 0" in text


def test_a_polynomial_beside_a_root_by_its_cofactor() -> None:
    r, a, b = symbols("r a b", real=True)
    root = (Relation(4 * r * (r**2 - a) + b, "=="), Relation(b, ">"), Relation(r, "<"))
    step = prove_relation(Relation(r**2 - a, ">"), Context((), root))
    assert step is not None
    assert "given_equalities" in {s.rule for s in step.walk()}
    assert prove_relation(Relation(r**2 - a, "<"), Context((), root)) is None


def test_one_root_lies_where_the_sign_at_the_mean_tells() -> None:
    x, p = symbols("x p", real=True)
    poly = (x**3 + p * x + 2).as_poly(x)
    assert around_mean(poly, 0, 1, frozenset((1,))) == (-oo, 0)
    assert around_mean(poly, 0, 1, frozenset((-1,))) == (0, oo)
    assert around_mean(poly, 0, 1, frozenset((-1, 1))) == (-oo, oo)
    two = (x**4 + p * x + 1).as_poly(x)  # two roots on one side, or one on each
    assert around_mean(two, 0, 2, frozenset((1,))) == (-oo, oo)
    assert [around_mean(two, k, 2, frozenset((-1,))) for k in (0, 1)] == [(-oo, 0), (0, oo)]
