"""Convexity by the definition, from question to sentence; kinds and strictness are derived by hand."""

from __future__ import annotations

import pytest

from symopt import Problem

PROVED = (  # objective, variables, constraints, kind, strict
    ("x^2", "x", (), "convex", True),
    ("3 - 2*x^2 + x", "x", (), "concave", True),
    ("x^2 + x*y + y^2 + 3*x", "x y", (), "convex", True),
    ("(x + y)^2", "x y", (), "convex", False),
    ("(x - 1)^2 + (x + y)^2 + 3*abs(x - y)", "x y", (), "convex", True),
    ("abs(x - 3)", "x", (), "convex", False),
    ("sqrt(x^2 + y^2)", "x y", (), "convex", False),
    ("max(x^2, 2*x + 1, abs(x - 3))", "x", (), "convex", False),
    ("min(x, 1 - x) - x^2", "x", (), "concave", True),
    ("3*x - 1", "x", (), "affine", False),
    ("x^4", "x", (), "convex", True),
    ("-(2*x - 1)^4", "x", (), "concave", True),
    ("1/x", "x", ("x > 0",), "convex", True),
    ("1/x", "x", ("x < 0",), "concave", True),
    ("x^2/y", "x y", ("y > 0",), "convex", False),
    ("(x - 1)/(x + 1)", "x", ("x > -1",), "concave", True),
)
NO_PROOF = ("exp(x)", "log(exp(x) + exp(y))", "sqrt(x)", "x*log(x)", "cosh(x)")
FALSE = (  # neither convex nor concave: no proof may come of them, even without refuters
    ("x^2 - y^2", "x y"), ("x^3", "x"), ("abs(x) - x^2", "x"), ("max(x, -x^2)", "x"), ("x*y", "x y"),
    ("sqrt(x^2 + 1) - x^2/100", "x"), ("abs(x) + min(x, 0)*3", "x"), ("(x*y - 1)^2", "x y"), ("x^4 - x^2/1000", "x"),
)  # fmt: skip


@pytest.mark.parametrize(("objective", "variables", "subject_to", "kind", "strict"), PROVED)
def test_what_the_definition_proves(
    objective: str, variables: str, subject_to: tuple[str, ...], kind: str, strict: bool
) -> None:
    found = Problem(objective, variables, subject_to=subject_to).convexity(by="definition")
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")
    used = {step.rule for top in found.evidence.steps for step in top.walk()}
    assert not used & {"second_order", "isolated_zeros", "atom", "composition", "hessian"}


@pytest.mark.parametrize("objective", NO_PROOF)
def test_where_there_is_no_such_proof_it_says_so(objective: str) -> None:
    f = Problem(objective)
    found = f.convexity(by="definition")
    assert found.kind == "undecided"
    assert "no proof from the definition" in found.evidence.reason
    assert f.convexity().kind in ("convex", "concave")


@pytest.mark.parametrize(("objective", "variables"), FALSE)
def test_nothing_false_is_proved(objective: str, variables: str) -> None:
    assert Problem(objective, variables).convexity("definition", refute=False).kind == "undecided"


def test_parameters_make_cases() -> None:
    found = Problem("(2*x - y + 1)^2 + (p - 1)*y^2", "x y").convexity(by="definition")
    said = [(str(case.condition), case.result.kind, case.result.strict) for case in found]
    assert said == [("p > 1", "convex", True), ("Eq(p, 1)", "convex", False), ("p < 1", "neither", None)]


def test_the_proof_shows_by_how_much_the_chord_lies_above_the_graph() -> None:
    told = " ".join(Problem("x^2", "x").convexity(by="definition").explain().text().split())
    assert told.startswith(
        "The function f is strictly convex: for points p ≠ q and 0 < w < 1, "
        "w*f(p) + (1 - w)*f(q) - f(w*p + (1 - w)*q) = w*(1 - w)*(p - q)^2 > 0."
    )


def test_letters_in_use_are_not_used_for_the_points() -> None:
    told = Problem("p*x^2 + w", "x", assuming="p > 0").convexity(by="definition").explain().text()
    assert "t*f(u) + (1 - t)*f(v) - f(t*u + (1 - t)*v)" in " ".join(told.split())


def test_the_latex_of_a_difference() -> None:
    latex = Problem("1/x", "x", subject_to=["x > 0"]).convexity(by="definition").explain().latex()
    assert r"\frac{w (1 - w) (p - q)^2}{p q (p w + q (1 - w))}" in latex
