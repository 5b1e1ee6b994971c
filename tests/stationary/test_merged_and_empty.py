"""Two ways an answer could mislead: a piece of the region that is empty, and a proof that holds for a part of a case."""

from __future__ import annotations

from symopt import Problem


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
