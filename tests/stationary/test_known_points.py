"""Stationary points, labels, convexity and global extrema of the known problems, case by case."""

from __future__ import annotations

import pytest
from problems import PROBLEMS, Answer, Known
from sympy import Expr, Symbol, oo

from symopt import Problem
from symopt.exact.normal import is_identical
from symopt.reading import read_expression
from symopt.results.answers import Extremum, Point
from symopt.results.cases import Cases

KINDS = {"min": "minimum", "max": "maximum"}
EACH = [
    pytest.param(known, answer, id=f"{known.name} {answer.at}")
    for known in PROBLEMS
    for answer in known.answers
]


def problem_of(known: Known) -> Problem:
    return Problem(known.objective, known.variables, subject_to=known.subject_to, assuming=known.assuming)


def expression(text: str) -> Expr:
    return read_expression(text).expression


def matches(point: Point, text: str) -> bool:
    """Whether a point of the answer is the one that the text describes."""
    place, kind = (part.strip() for part in text.rsplit(":", 1))
    strict = None if kind in ("saddle", "inflection", "constant") else not kind.endswith("?")
    name = KINDS.get(kind.rstrip("?"), kind.rstrip("?"))
    if (point.kind, point.strict) != (name, strict):
        return False
    wanted = [expression(part) for part in place.split(",")]
    values = list(point.branch.values.values())
    free = [symbol for symbol, _ in point.branch.free]
    if bool(free) != any(w.has(Symbol("t", real=True)) for w in wanted):
        return False
    table = {free[0]: Symbol("t", real=True)} if free else {}
    if point.branch.numbers:
        return all(near(value, w, point) for value, w in zip(values, wanted, strict=True))
    return all(is_identical(value.xreplace(table), w) for value, w in zip(values, wanted, strict=True))


def near(value: Expr, wanted: Expr, point: Point) -> bool:
    middles = {n.symbol: (n.interval[0] + n.interval[1]) / 2 for n in point.branch.numbers}
    return bool(abs(value.xreplace(middles).evalf(30) - wanted.evalf(30)) < 1e-2)


@pytest.mark.parametrize(("known", "answer"), EACH)
def test_every_point_is_found_and_labelled_and_there_are_no_others(known: Known, answer: Answer) -> None:
    found = problem_of(known).stationary_points(timeout=60).at(answer.at)

    assert found.complete
    for points, wanted in ((found.points, answer.points), (found.kinks, answer.kinks)):
        assert len(points) == len(wanted)
        for text in wanted:
            assert any(matches(point, text) for point in points), text


@pytest.mark.parametrize(("known", "answer"), [p for p in EACH if p.values[1].convexity])
def test_convexity(known: Known, answer: Answer) -> None:
    found = problem_of(known).convexity(timeout=60).at(answer.at)
    kind, *strict = answer.convexity.split()

    assert found.kind == kind
    if kind in ("convex", "concave"):
        assert found.strict is bool(strict)


@pytest.mark.parametrize(("known", "answer"), [p for p in EACH if p.values[1].minimum])
def test_minimum(known: Known, answer: Answer) -> None:
    check_extremum(problem_of(known).minimum(timeout=60).at(answer.at), answer.minimum)


@pytest.mark.parametrize(("known", "answer"), [p for p in EACH if p.values[1].maximum])
def test_maximum(known: Known, answer: Answer) -> None:
    check_extremum(problem_of(known).maximum(timeout=60).at(answer.at), answer.maximum)


def check_extremum(cases: Cases[Extremum], text: str) -> None:
    (case,) = cases
    found = case.result
    value, *not_attained = text.split()
    wanted = {"oo": oo, "-oo": -oo}.get(value)
    if wanted is not None:
        assert found.value == wanted
        assert found.along
    else:
        assert is_identical(found.value, expression(value))
        assert found.attained is not bool(not_attained)
        assert bool(found.at) is not bool(not_attained)


@pytest.mark.parametrize(
    ("objective", "region"),
    [
        ("cosh(x^2 - x*(x + 1/2))", ()),
        ("sqrt(2)*sqrt(x) + max(0, sqrt(x))", ("x >= -1",)),
        ("max(0, log(x - 2*y + 1/2))", ("y >= 1",)),
        ("abs(sqrt(log(x)))", ()),
        ("sign(x)", ()),
        ("(3*x+4)/(x^6/(max(0,x)^2+1)^2+1)", ("x < 2",)),
    ],
)
def test_no_internal_error_stops_a_proof(objective, region):
    problem = Problem(objective, subject_to=region)
    for answer in (problem.stationary_points(timeout=5), problem.minimum(timeout=5)):
        assert all(case.result.evidence.stopped_by != "internal_error" for case in answer.cases)


@pytest.mark.parametrize("objective", ["x^(x^(x^x))", "2^(2^x)", "gamma(gamma(x))", "y*x^gamma(y)"])
def test_towers_of_powers_end_at_once(objective):
    problem = Problem(objective)
    for answer in (
        problem.stationary_points(timeout=2),
        problem.convexity(timeout=2),
        problem.minimum(timeout=2),
    ):
        (case,) = answer.cases
        assert case.result.evidence.stopped_by == "not_covered"
