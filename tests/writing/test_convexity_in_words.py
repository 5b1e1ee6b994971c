"""Proofs of convexity as a lecturer would write them: each sentence by hand, results last, nothing said twice."""

from __future__ import annotations

from symopt import Problem


def words(objective: str, variables: str, by: str | None = None) -> str:
    return " ".join(Problem(objective, variables).convexity(by=by).explain().text().split())


def test_the_hessian_as_a_sum_of_squares() -> None:
    # H = (2 1; 1 2): v^T H v = 2 v1^2 + 2 v1 v2 + 2 v2^2 = 2 (v1 + v2/2)^2 + 3/2 v2^2
    assert words("x^2 + x*y + y^2", "x y") == (
        "The Hessian is positive definite, because v^T ∇²f v = 3*v2^2/2 + 2*(v1 + v2/2)^2 > 0 for v ≠ 0. "
        "So the function f is strictly convex."
    )


def test_a_semidefinite_hessian_as_one_square() -> None:
    told = words("-(x + 2*y)^2", "x y", "hessian")
    assert "The Hessian is negative semidefinite, because v^T ∇²f v = -2*(v1 + 2*v2)^2 ≤ 0." in told


def test_the_letter_of_the_direction_is_free() -> None:
    assert "u^T ∇²f u" in words("v^2 + v*w + w^2", "v w", "hessian")


def test_minors_are_shown() -> None:
    # e^(x^2 + y^2): H = 2 e^(..) (1 + 2 x^2, 2 x y; 2 x y, 1 + 2 y^2), det H = 4 e^(2 ..) (1 + 2 x^2 + 2 y^2)
    assert words("exp(x^2 + y^2)", "x y", "hessian") == (
        "The Hessian is positive definite, because its leading principal minors are "
        "2*(2*x^2 + 1)*e^(x^2 + y^2) > 0 and 4*(2*x^2 + 2*y^2 + 1)*e^(2*x^2 + 2*y^2) > 0. "
        "So the function f is strictly convex."
    )


def test_what_is_strictly_convex_is_not_shown_not_to_be_concave_as_well() -> None:
    found = Problem("x^2", "x").convexity()
    assert "concave" not in found.explain().text()
    assert "not_concave" in found.evidence.witness
    assert "not concave" in " ".join(found.explain("full").text().split())


def test_a_point_on_a_chord_is_said_to_lie_on_it() -> None:
    assert "midway between (-1/2, -1/2) and (1/2, 1/2), its value log(2) lies on the chord." in words(
        "log(exp(x) + exp(y))", "x y"
    )
