"""The JSON is what the design fixes, and every string in it reads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mpmath
import pytest
from sympy import E, Expr, Integer, Rational, S, exp, sqrt, symbols, sympify

from symopt.derivation.claims import Branch, Number
from symopt.problem import Problem
from symopt.reading import read_expression
from symopt.relation import Relation
from symopt.results.answers import Extremum
from symopt.results.branches import branch_to_dict
from symopt.results.evidence import proved

x, y, r, t, k, s = symbols("x y r t k s", real=True)


def test_a_rational_point() -> None:
    assert branch_to_dict(Branch(((x, S.Zero), (y, Rational(1, 4))))) == {
        "at": {"x": "0", "y": "1/4"},
        "decimal": {"x": "0", "y": "0.25"},
    }


def test_a_point_by_the_root_of_a_polynomial() -> None:
    root = Number(r, r**5 - r + 1, 0, (Integer(-2), Integer(-1)))
    assert branch_to_dict(Branch(((x, r),), (root,))) == {
        "at": {"x": "r"},
        "with": {"r": {"root_of": "r**5 - r + 1", "index": 0, "interval": ["-2", "-1"]}},
        "decimal": {"x": "-1.16730397826141868425604589985"},
    }


def test_a_point_by_the_only_zero_in_an_interval() -> None:
    zero = Number(r, r + exp(r), None, (Integer(-1), Integer(0)))
    entry: dict[str, Any] = branch_to_dict(Branch(((x, r), (y, r**2)), (zero,)))
    assert entry["with"] == {"r": {"zero_of": "r + exp(r)", "interval": ["-1", "0"]}}
    with mpmath.workdps(40):
        omega = mpmath.lambertw(1)
        expected = {"x": mpmath.nstr(-omega, 30), "y": mpmath.nstr(omega**2, 30)}
    assert {name: text.rstrip("0") for name, text in entry["decimal"].items()} == expected


def test_families_say_where_their_letters_run() -> None:
    line = Branch(((x, t), (y, S.Zero)), (), ((t, "real"),), (Relation(t, ">"),))
    assert branch_to_dict(line) == {"at": {"x": "t", "y": "0"}, "free": {"t": "real"}, "where": "t > 0"}
    lattice = Branch(((x, k * S.Pi),), (), ((k, "integer"),))
    assert branch_to_dict(lattice) == {"at": {"x": "pi*k"}, "free": {"k": "integer"}, "where": "True"}


def test_no_decimal_with_parameters_and_never_the_name_e() -> None:
    p = symbols("p", real=True)
    assert branch_to_dict(Branch(((x, E * sqrt(p)),))) == {"at": {"x": "exp(1)*sqrt(p)"}}


def test_an_extremum_along_a_curve() -> None:
    entry = Extremum("min", -S.Infinity, False, (), proved(), ((x, S.Zero), (y, s)), s).to_dict()
    assert (entry["value"], entry["attained"], entry["at"]) == ("-oo", False, [])
    assert entry["along"] == {"x": "0", "y": "s", "parameter": "s"}


QUADRATIC = Problem("(p-1)*x^2 + (p+1)*y^2", "x y")


def answers(problem: Problem) -> dict[str, Any]:
    return {
        "stationary": problem.stationary_points().to_dict(),
        "convexity": problem.convexity().to_dict(),
        "minimum": problem.minimum().to_dict(),
        "maximum": problem.maximum().to_dict(),
    }


POINT = {"at", "kind", "strict", "value", "inertia", "eigenvalues"}
EVIDENCE = {"status", "trust", "readable", "rule", "stopped_by", "reason", "witness"}
CASE = {
    "stationary": {"condition", "complete", "searched", "points", "kinks", "evidence"},
    "convexity": {"condition", "kind", "strict", "evidence"},
    "minimum": {"condition", "value", "attained", "at", "complete", "along", "evidence"},
    "maximum": {"condition", "value", "attained", "at", "complete", "along", "evidence"},
}


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string that stands for an expression or a condition, with the key it stands under."""
    if isinstance(value, dict):
        for name, entry in value.items():
            if name not in ("kind", "status", "trust", "rule", "stopped_by", "reason", "free", "parameter"):
                yield from strings(entry, name)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry, key)
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize(
    "problem",
    [QUADRATIC, Problem("x*log(x)", "x"), Problem("exp(x) + x^2", "x"), Problem("x^4 - 4*x*y + y^4", "x y")],
    ids=str,
)
def test_the_json_of_a_problem_has_the_fixed_keys_and_reads_back(problem: Problem) -> None:
    given = answers(problem)
    assert json.loads(json.dumps(given)) == given
    for question, answer in given.items():
        assert list(answer) == ["cases"]
        for case in answer["cases"]:
            assert set(case) == CASE[question]
            assert set(case["evidence"]) == EVIDENCE
            for entry in case.get("points", ()):
                assert set(entry) >= POINT
    for key, text in strings(given):
        if key in ("condition", "where"):
            sympify(text)
        elif text not in ("oo", "-oo"):
            assert isinstance(read_expression(text).expression, Expr), text


def test_the_cases_of_the_p_quadratic() -> None:
    kinds = {
        case["condition"]: [(point["kind"], point["strict"]) for point in case["points"]]
        for case in QUADRATIC.stationary_points().to_dict()["cases"]  # type: ignore[attr-defined, union-attr]
    }
    assert kinds == {
        "p > 1": [("minimum", True)],
        "Eq(p, 1)": [("minimum", False)],
        "(p > -1) & (p < 1)": [("saddle", None)],
        "Eq(p, -1)": [("maximum", False)],
        "p < -1": [("maximum", True)],
    }


def test_whether_all_minimisers_are_listed() -> None:
    """Where it is not proved that all of them are listed, the table, LaTeX and the JSON say so."""
    extremum = Extremum("min", S.Zero, True, (Branch(((x, S.Zero),)),), proved())
    assert "at x = 0 and perhaps elsewhere" in str(replace(extremum, complete=False))
    assert "and perhaps elsewhere" in replace(extremum, complete=False).latex()
    assert "elsewhere" not in str(replace(extremum, complete=True))
    assert replace(extremum, complete=False).to_dict()["complete"] is False
    assert Problem("(x - 1)^2", "x").minimum().to_dict()["cases"][0]["complete"] is True
    assert Problem("exp(x)", "x").minimum().to_dict()["cases"][0]["complete"] is None
