"""Cases told by the behaviour near the ends of a region, and witnesses that name every parameter."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol, symbols

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
