"""Answers with parameters against the answers at values of these, borders between the cases among them."""

from __future__ import annotations

from typing import Any

import pytest

from symopt import Problem

# The values of each line lie in different cells of the parameters, worked out from the discriminants by hand.
QUESTIONS: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    # 4 x^3 + 2 a x + b has the discriminant -16 (8 a^3 + 27 b^2)
    ("x^4 + a*x^2 + b*x", "x"): (
        *({"a": -3, "b": 1}, {"a": -6, "b": 8}, {"a": -6, "b": -8}, {"a": 0, "b": 0}),
        *({"a": 2, "b": 5}, {"a": 0, "b": 3}, {"a": "-7/2", "b": "-1/3"}),
    ),
    # x (4 x^2 + 3 a x + 2 b): 9 a^2 - 32 b, and b = 0
    ("x^4 + a*x^3 + b*x^2", "x"): (
        *({"a": 4, "b": 4}, {"a": -4, "b": 4}, {"a": 8, "b": 18}, {"a": 0, "b": 0}),
        *({"a": 1, "b": 3}, {"a": 3, "b": 0}, {"a": -2, "b": -5}),
    ),
    # 4 a x^3 + 2 b x + 1, linear where a = 0 and without roots where b = 0 too; 8 b^3 + 27 a = 0
    ("a*x^4 + b*x^2 + x", "x"): (
        *({"a": 1, "b": -3}, {"a": -8, "b": 3}, {"a": 0, "b": 2}, {"a": 0, "b": 0}),
        *({"a": -1, "b": 0}, {"a": -1, "b": 3}),
    ),
    # 4 x^3 + 3 a x^2 + b, with a double root at 0 where b = 0, and at -a/2 where b = -a^3/4
    ("x^4 + a*x^3 + b*x", "x"): ({"a": 4, "b": 0}, {"a": 4, "b": -16}, {"a": 2, "b": -1}, {"a": -1, "b": 5}),
    # the roots of x^4 + a x^2 + b, as many as their squares say
    ("x^5/5 + a*x^3/3 + b*x", "x"): (
        {"a": -3, "b": 1},
        {"a": -2, "b": 1},
        {"a": 1, "b": -2},
        {"a": 2, "b": 1},
    ),
    ("x^4 + a*x^2 + b*x + y^2", "x y"): ({"a": -3, "b": 1}, {"a": -6, "b": 8}, {"a": 1, "b": 1}),
    ("x^2*y - a*x - b*y", "x y"): ({"a": 1, "b": 4}, {"a": 0, "b": 4}, {"a": 0, "b": -1}, {"a": 2, "b": -3}),
    ("x^3 + y^3 - 3*a*x*y", "x y"): ({"a": 1}, {"a": 0}, {"a": "-3/2"}),
    # y = x^2 and a y^2 = x: a x^3 = 1
    ("x^3 + a*y^3 - 3*x*y", "x y"): ({"a": 8}, {"a": 0}, {"a": -1}, {"a": "1/3"}),
    # Cramer's rule where a c != b^2; on both sides of a = 0 and of a c = b^2
    ("a*x^2 + 2*b*x*y + c*y^2 + x - y", "x y"): (
        *({"a": 1, "b": 2, "c": 5}, {"a": -1, "b": 2, "c": -5}, {"a": 0, "b": 1, "c": 3}),
        *({"a": 1, "b": 2, "c": 4}, {"a": 0, "b": 0, "c": 1}, {"a": 1, "b": 2, "c": 1}),
    ),
    # x/sqrt(1 + x^2) = a has a solution for |a| < 1 alone
    ("sqrt(1 + x^2) - a*x", "x"): ({"a": "3/5"}, {"a": 0}, {"a": "-1/2"}, {"a": 1}, {"a": -2}),
}
CASES = [(*question, values) for question, samples in QUESTIONS.items() for values in samples]
ANSWERS: dict[tuple[str, str], Any] = {}


def described(answer: Any) -> tuple[bool, list[tuple[Any, ...]]]:
    (case,) = answer.to_dict()["cases"]
    points = [
        (*(round(float(d), 9) for d in p["decimal"].values()), p["kind"], p["strict"]) for p in case["points"]
    ]
    return case["complete"], sorted(points)


@pytest.mark.parametrize(("objective", "variables", "values"), CASES)
def test_the_case_says_what_is_found_at_its_values(
    objective: str, variables: str, values: dict[str, Any]
) -> None:
    question = (objective, variables)
    if question not in ANSWERS:
        ANSWERS[question] = Problem(*question).stationary_points(timeout=60)
    complete, points = described(ANSWERS[question].at(values))
    assert complete
    assert (complete, points) == described(Problem(*question).at(values).stationary_points(timeout=60))
