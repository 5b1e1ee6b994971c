"""Cases of one parameter are told as intervals, and neighbours with the same answer are one case."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Rational, S, sqrt, symbols

from symopt import Problem
from symopt.cases.cell import Leaf
from symopt.cases.line import on_line
from symopt.relation import Relation
from symopt.results.condition import Condition
from symopt.results.convexity import Convexity
from symopt.results.evidence import Evidence

a = symbols("a", real=True)
KINDS = ("convex", "concave", "affine")
ALL_SIGNS = (">", "==", "<")


def answering(kind: str) -> Convexity:
    return Convexity(kind, None, Evidence("proved"))


def told(leaves: list[Leaf[Convexity]], *assumptions: Relation) -> list[tuple[str, str]]:
    found = on_line(tuple(leaves), assumptions)
    assert found is not None
    return [(str(Condition(leaf.condition)), leaf.answer.kind) for leaf in found]


def leaf(kind: str, *relations: tuple[Expr, str]) -> Leaf[Convexity]:
    return Leaf(tuple(Relation(e, op) for e, op in relations), answering(kind))


def test_a_square_beside_bounds_is_an_interval() -> None:
    # a^2 > 2 and 0 < a < 2 is sqrt(2) < a < 2, beside a^2 <= 2 and a > 0 with the same answer
    leaves = [
        leaf("affine", (a - 2, ">=")),
        leaf("convex", (a**2 - 2, ">"), (a, ">"), (a - 2, "<")),
        leaf("convex", (a**2 - 2, "<="), (a, ">")),
        leaf("concave", (a, "<=")),
    ]
    assert told(leaves) == [("a >= 2", "affine"), ("(a > 0) & (a < 2)", "convex"), ("a <= 0", "concave")]
    assert told([*leaves[1:3], leaf("affine", (a - 2, ">="))], Relation(a, ">")) == [
        ("a >= 2", "affine"),
        ("a < 2", "convex"),
    ]


def test_two_rays_stay_one_case_and_a_hole_is_a_hole() -> None:
    rays = [leaf("convex", (a**2 - 2, ">")), leaf("affine", (a**2 - 2, "<="))]
    assert told(rays) == [("a**2 > 2", "convex"), ("(a >= -sqrt(2)) & (a <= sqrt(2))", "affine")]
    hole = [leaf("convex", (a - 1, ">")), leaf("affine", (a - 1, "==")), leaf("convex", (a - 1, "<"))]
    assert [condition for condition, _ in told(hole)] == ["a > 1", "Eq(a, 1)", "a < 1"]
    open_line = [leaf("convex", (a, "!=")), leaf("affine", (a, "=="))]
    assert told(open_line) == [("Ne(a, 0)", "convex"), ("Eq(a, 0)", "affine")]


def test_an_end_without_a_short_form_is_told_by_its_polynomial() -> None:
    # a^3 - 3 a + 1 has the roots -1.88, 0.35 and 1.53
    cubic = a**3 - 3 * a + 1
    leaves = [
        leaf("convex", (cubic, ">"), (a - 1, ">")),
        leaf("affine", (cubic, "<="), (a, ">")),
        leaf("affine", (cubic, ">"), (a, ">"), (a - 1, "<=")),
        leaf("concave", (a, "<=")),
    ]
    found = on_line(tuple(leaves), ())
    assert found is not None
    for value in (-3, -1, 0, Rational(1, 3), 1, Rational(3, 2), Rational(8, 5), 4):
        (kind,) = {each.answer.kind for each in found if Condition(each.condition).contains({a: value})}
        assert kind == ("concave" if value <= 0 else "convex" if value > Rational(155, 100) else "affine")


def test_what_is_not_about_one_parameter_is_left_alone() -> None:
    b = symbols("b", real=True)
    assert on_line((leaf("convex", (a - b, ">")), leaf("affine", (a - b, "<="))), ()) is None


def test_what_no_case_covers_is_ruled_out_otherwise() -> None:
    b, n = symbols("b", real=True), symbols("n", integer=True)
    whole = (leaf("convex", (n - 1, "==")), leaf("convex", (n - 2, ">=")))
    found = on_line(whole, (Relation(n - 1, ">="),))
    assert found is not None
    assert [each.condition for each in found] == [()]
    beside = (leaf("affine", (a, "<=")), leaf("convex", (a, ">")))
    found = on_line(beside, (Relation(a - b, ">"),))
    assert found is not None
    assert [each.answer.kind for each in found] == ["convex", "affine"]
    assert on_line((leaf("convex", (a, ">=")), leaf("affine", (a, "<="))), ()) is None


ENDS = (a, a - 1, a**2 - 2, 2 * a**2 - 1, a**3 - 2, a**3 - 3 * a + 1, a - sqrt(2), a**2 + 1)
SAMPLES = [Rational(Fraction(k, 7)) for k in range(-21, 22)] + [sqrt(2), -sqrt(2), S.One, sqrt(2) / 2, S.Zero]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(ENDS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(KINDS), min_size=27, max_size=27),
    st.sampled_from((None, Relation(a, ">"), Relation(a**2 - 1, "<"))),
)
def test_each_value_keeps_its_answer(ends: list[Expr], kinds: list[str], assumed: Relation | None) -> None:
    """One case for each choice of signs: at every value the new cases answer as the old ones did, one of them."""
    old = [
        Leaf(tuple(Relation(e, op) for e, op in zip(ends, ops, strict=True)), answering(kind))
        for ops, kind in zip(product(ALL_SIGNS, repeat=len(ends)), kinds, strict=False)
    ]
    found = on_line(tuple(old), () if assumed is None else (assumed,))
    assert found is not None
    for value in SAMPLES:
        if assumed is not None and not Condition((assumed,)).contains({a: value}):
            continue
        (before,) = (each for each in old if Condition(each.condition).contains({a: value}))
        (after,) = (each for each in found if Condition(each.condition).contains({a: value}))
        assert after.answer.kind == before.answer.kind


@pytest.mark.slow
def test_a_minimum_that_moves_once_has_three_cases() -> None:
    # x^2 (x^4 - 3 x^2 + a) is nonnegative exactly for a >= 9/4, and has further zeros for a = 9/4
    answer = Problem("x^6 - 3*x^4 + a*x^2", "x").minimum(timeout=60)
    assert [str(case.condition) for case in answer.cases] == ["a > 9/4", "Eq(a, 9/4)", "a < 9/4"]
    assert [case.result.value for case in answer.cases][:2] == [0, 0]
