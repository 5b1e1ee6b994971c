"""Cases told by the behaviour near the ends of a region, and witnesses that name every parameter."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol, symbols, sympify

from symopt import Problem
from symopt.relation import Relation
from symopt.results.evidence import Evidence
from symopt.writing.mathematics import Bounds, written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX, TEXT

SAME, AFFINE = {(1, 2): "convex", (-1, -2): "concave"}, {(0, 0): "affine"}
MIXED = {(1, -3): "neither", (-2, 1): "neither"}
TURNED = {(1, -2): "concave", (-1, 2): "convex", (1, 2): "neither", (-1, -1): "neither"}
ENDS = (  # each term wins at its own end
    ("a/x + b/(1-x)", ("x>0", "x<1"), SAME | AFFINE | MIXED),
    ("a*sqrt(x) + b*x^2", ("x>0",), TURNED | AFFINE),
)


@pytest.mark.parametrize(("text", "region", "kinds"), ENDS)
def test_each_end_tells_a_case(text: str, region: tuple[str, ...], kinds: dict[tuple[int, int], str]) -> None:
    found = Problem(text, "x", subject_to=region).convexity()
    assert {at: found.at(a=at[0], b=at[1]).kind for at in kinds} == kinds
    assert all(len(case.condition.relations) <= 2 for case in found)
    assert {case.result.evidence.trust for case in found} == {"checked"}


def test_a_witness_names_the_parameters_that_its_case_fixes() -> None:
    a, b, c = symbols("a b c", real=True)
    told = {"p": {"x": 0}, "q": {"x": 1}, "weight": Rational(1, 2), "parameters": {"a": Integer(2)}}
    found = Evidence("proved", witness={"not_convex": told}).naming(((c, b + a), (b, -1 / a**2)))
    assert found.witness is not None
    assert found.witness["not_convex"] == told | {
        "parameters": {"a": 2, "b": Rational(-1, 4), "c": Rational(7, 4)}
    }


def test_parity_is_told_in_words() -> None:
    n = Symbol("n", integer=True)
    even, odd = (Bounds((Relation(n % 2 - k, "=="), Relation(n - 1, ">"))) for k in (0, 1))
    assert written((even,), TEXT, Notation()) == "n even and n > 1"
    assert written((odd,), LATEX, Notation()) == r"n\ \text{odd},\; n > 1"
    assert "Mod" in written((Bounds((Relation(n % 3 - 1, "=="),)),), TEXT, Notation())


THRESHOLDS = (  # the value of the parameter at which f'' touches 0
    ("log(1+x^2) + p*x^2", "x", {"-1": "concave", "-9/10": "neither", "124/1000": "neither", "1/8": "convex"}),
    ("x^4 + p*x^3 + x^2", "x", {"8/5": "convex", "17/10": "neither", "2*sqrt(6)/3": "convex", "-2*sqrt(6)/3": "convex"}),
    ("sin(p*x)", "x", {"1": "neither", "-3": "neither"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "variables", "kinds"), THRESHOLDS)
def test_thresholds_of_a_parameter(text: str, variables: str, kinds: dict[str, str]) -> None:
    found = Problem(text, variables, assuming=["p != 0"]).convexity()
    assert {value: found.at(p=sympify(value)).kind for value in kinds} == kinds
    for value in map(sympify, kinds):  # exactly one case for each, the two ends of p^2 <= 8/3 as well
        (parameter,) = found.parameters
        assert sum(case.condition.contains({parameter: value}) is True for case in found) == 1


BORDERS = (  # regions told by an increasing function, or by a product with a factor of known sign
    ("x*log(x)", "x", ("exp(x) > 2",), "convex"),
    ("x^3", "x", ("log(x) < 1",), "convex"),
    ("exp(x)", "x", ("atan(x) > 1",), "convex"),
    ("1/(x*y)", "x y", ("x*y > 0", "x > 0"), "convex"),
    ("x^3 + y^3", "x y", ("x*y > 0", "x < 0"), "concave"),
)


@pytest.mark.parametrize(("text", "variables", "region", "kind"), BORDERS)
def test_borders_by_inverse_functions(text: str, variables: str, region: tuple[str, ...], kind: str) -> None:
    assert Problem(text, variables, subject_to=region).convexity().kind == kind


def test_coefficients_of_logarithms_have_signs() -> None:
    """(x^a log x)'' = x^(a - 2) (a (a - 1) log x + 2 a - 1)."""
    found = Problem("x^a*log(x)", "x", subject_to=["x >= 1"], assuming=["a >= 1"]).convexity()
    assert (found.kind, found.strict) == ("convex", True)
