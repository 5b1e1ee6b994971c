"""Two ways an answer could mislead: a piece of the region that is empty, and a proof that holds for a part of a case."""

from __future__ import annotations

import pytest
from sympy import S, log, symbols

from symopt import Problem
from symopt.derivation.claims import Branch
from symopt.relation import Relation


def test_an_empty_piece_of_the_region_gives_no_family() -> None:
    # |x-1| + |x+1| is 2 between the kinks; x > 1 and x < -1 together hold nowhere.
    answer = Problem("abs(x-1)+abs(x+1)", "x").stationary_points()
    assert [(point.kind, point.value) for point in answer.points] == [("constant", 2)]
    assert [point.kind for point in answer.kinks] == ["minimum", "minimum"]


def test_a_merged_case_tells_the_proof_of_each_part() -> None:
    # At p = 0 the second derivative of x^4 + p x^2 is 0, so "f'' = 2 p > 0" is no reason there.
    text = Problem("x^4+p*x^2", "x").worked_answer(parts=["stationary"]).text()
    words = " ".join(text.split())
    assert "The point x = 0 is a strict local minimum, because f''(0) = 2*p > 0. For p = 0:" in words
    assert "f'(0) = f''(0) = f'''(0) = 0 and f^(4)(0) = 24 > 0" in words


def test_a_sum_over_a_number_keeps_its_brackets_in_latex() -> None:
    latex = Problem("(2*p-1)/2*x", "x").worked_answer(parts=["derivatives"]).latex()
    assert r"\frac{1}{2} (2 p - 1)" in latex


def test_a_family_beside_the_region_is_no_family() -> None:
    # max(|x|, y^2) is y^2 where y^2 > |x|; its gradient is 0 on y = 0, where y^2 > |x| holds nowhere
    answer = Problem("max(abs(x), y^2)", "x y").stationary_points()
    assert answer.points == ()
    assert answer.complete


@pytest.mark.slow
def test_each_point_of_a_merged_case_has_its_own_proof() -> None:
    # at a = -1, where det H = 0 at the origin, every point is labelled once
    answer = Problem("(1-x*y)^2 + a*(x^2+y^2)", "x y").stationary_points()
    text = " ".join(answer.at(a=-1).explain().text().split())
    assert "(0, 0), (0, 0)" not in text
    merged = next(
        case for case in answer.cases if len(case.result.points) == 3 and "-1" in str(case.condition)
    )
    assert [len(point.evidence.steps) for point in merged.result.points] == [2, 2, 2]


def test_an_undecided_equation_is_written_as_a_formula() -> None:
    answer = Problem("x^5 + exp(x) + a*x + b*sin(x)", "x").stationary_points(timeout=3)
    latex = answer.latex()
    assert "undecided" in latex
    assert "*" not in latex.replace("^{*}", "")


@pytest.mark.slow
def test_a_bound_by_a_completed_square_shows_the_square() -> None:
    # (1 - x y)^2 + a (x^2 + y^2) = 2 a - a^2 + ((x (y^2 + a) - y)^2 + a (y^2 + a - 1)^2)/(y^2 + a)
    told = " ".join(Problem("(1-x*y)^2 + a*(x^2+y^2)", "x y").minimum().explain().text().split())
    assert "((x*(y^2 + a) - y)^2 + a*(y^2 + a - 1)^2)/(y^2 + a) ≥ 0" in told


def test_a_member_of_a_family_keeps_what_the_family_asks_for() -> None:
    # (t, 0) with t < 0 has no member at t = log 3
    x, y, t = symbols("x y t", real=True)
    family = Branch(((x, t), (y, S.Zero)), free=((t, "real"),), where=(Relation(t, "<"),))
    outside, inside = (family.member(t, Branch(((t, value),))) for value in (log(3), -log(3)))
    assert outside.where == (Relation(log(3), "<"),)
    assert inside.where == ()
