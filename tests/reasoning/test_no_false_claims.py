"""False claims of convexity, which the provers alone (`refute=False`) must not prove.

`false_claims.json` has them in one table: the objective, its region, the reason, and for each false claim a chord that
refutes it ("domain": two points with a point between them where f is not defined, or outside the region). That they
are false is tested with mpmath at 50 digits, which knows nothing of symopt's provers. The second part hunts what the
provers do prove: midpoints of random chords, many of them short and close to borders and kinks.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mpmath
import pytest
from problems import PROBLEMS, Known
from sympy import Rational, lambdify, sympify

from symopt import Problem
from symopt.relation import Relation

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "false_claims.json").read_text())
PARAMETRIC = [("x^2 + a*abs(x)", "x"), ("x^2 + a*x^4", "x")]
DIGITS = 50
TIMEOUT = 1.0  # what is proved at all is proved sooner
Number = Any
Point = list[Rational]


def evaluator(problem: Problem) -> Callable[[Sequence[Rational]], Number | None]:
    """f at 50 digits inside the region; None outside, and where it is no finite real number."""
    f = lambdify(problem.variables, problem.objective, "mpmath")
    region = [
        (lambdify(problem.variables, r.expression, "mpmath"), r.op) for r in problem.statement.constraints
    ]

    def value(point: Sequence[Rational]) -> Number | None:
        at = [mpmath.mpf(int(c.p)) / int(c.q) for c in point]
        try:
            if not all(holds(g(*at), op) for g, op in region):
                return None
            found = mpmath.mpmathify(f(*at))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None
        return mpmath.re(found) if mpmath.isfinite(found) and mpmath.im(found) == 0 else None

    return value


def holds(value: Number, op: str) -> bool:
    return bool(
        {
            "<": value < 0,
            "<=": value <= 0,
            ">": value > 0,
            ">=": value >= 0,
            "!=": value != 0,
            "==": value == 0,
        }[op]
    )


def halfway(p: Point, q: Point) -> Point:
    return [(a + b) / 2 for a, b in zip(p, q, strict=True)]


def gap(f: Callable[[Sequence[Rational]], Number | None], p: Point, q: Point) -> Number | None:
    """(f(p) + f(q))/2 - f((p + q)/2) relative to the size of the values; None outside the region."""
    values = [f(p), f(q), f(halfway(p, q))]
    if None in values:
        return None
    size = sum(map(abs, values))
    return (values[0] + values[1] - 2 * values[2]) / 2 / (size or 1)


def named(row: dict[str, Any]) -> str:
    return ", ".join((row["objective"], *row["region"]))


def asked(row: dict[str, Any]) -> Problem:
    return Problem(row["objective"], row["variables"], subject_to=row["region"])


def test_there_are_at_least_two_hundred() -> None:
    assert sum(len(row["chords"]) for row in ROWS) >= 400
    assert len({named(row) for row in ROWS}) == len(ROWS) >= 200
    assert all(row["reason"] for row in ROWS)


def test_each_claim_is_false() -> None:
    with mpmath.workdps(DIGITS):
        for row in ROWS:
            f = evaluator(asked(row))
            for kind, ends in row["chords"].items():
                p, q = ([Rational(c.strip()) for c in end.split(",")] for end in ends)
                if kind == "domain":
                    assert None not in (f(p), f(q)), named(row)
                    assert f(halfway(p, q)) is None, named(row)
                    continue
                found = gap(f, p, q)
                assert found is not None, named(row)
                assert (-found if kind == "convex" else found) > mpmath.mpf(10) ** -42, (named(row), kind)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_provers_alone_prove_no_false_claim(row: dict[str, Any]) -> None:
    found = asked(row).convexity(refute=False, timeout=TIMEOUT)
    false = {"convex", "concave", "affine"} if "domain" in row["chords"] else {*row["chords"], "affine"}
    assert not false & {case.result.kind for case in found.cases}, row["reason"]


@pytest.mark.parametrize(("objective", "variables"), PARAMETRIC)
def test_what_holds_for_some_parameters_is_claimed_for_those_alone(objective: str, variables: str) -> None:
    """x^2 + a |x| and x^2 + a x^4 are convex for a >= 0 alone."""
    found = Problem(objective, variables).convexity(refute=False, timeout=5)
    claims = [
        str(case.condition) for case in found.cases if case.result.kind in ("convex", "concave", "affine")
    ]
    assert claims == ["a >= 0"]


def proved_claims() -> Iterator[tuple[Known, Problem, str, bool]]:
    """What is proved of the problems with known answers, at the values of the parameters that they name."""
    for known in PROBLEMS:
        for answer in known.answers:
            problem = Problem(
                known.objective, known.variables, subject_to=known.subject_to, assuming=known.assuming
            )
            values = {name: sympify(value) for name, value in answer.at.items()}
            if set(values) != {str(s) for s in problem.parameters}:
                continue
            problem = problem.at(values) if values else problem
            found = problem.convexity(refute=False, timeout=TIMEOUT)
            for case in found.cases:
                if case.result.kind in ("convex", "concave", "affine"):
                    yield known, problem, case.result.kind, bool(case.result.strict)


@pytest.mark.slow
def test_midpoints_contradict_nothing_that_is_proved() -> None:
    """Chords of all lengths, from 10^-6 to 10, around marks: the origin, ends of the region, and random places."""
    tried = 0
    with mpmath.workdps(DIGITS):
        for known, problem, kind, strict in proved_claims():
            f, rng, n = evaluator(problem), random.Random(known.name), len(problem.variables)
            marks = [Rational(0), Rational(1), Rational(-1), *ends(problem.statement.region)]
            for _ in range(40):
                length = Rational(1, 10 ** rng.randint(-1, 6))
                p = [rng.choice(marks) + length * Rational(rng.randint(-9, 9), 7) for _ in range(n)]
                q = [c + length * Rational(rng.randint(-9, 9), 7) for c in p]
                if rng.random() < 0.3:
                    q = [Rational(rng.randint(-40, 40), 7) for _ in range(n)]
                found = gap(f, p, q)
                if found is None or p == q:
                    continue
                tried += 1
                least = mpmath.mpf(10) ** -40
                assert kind == "concave" or found > -least, (known.name, kind, p, q)
                assert kind == "convex" or found < least, (known.name, kind, p, q)
                assert not strict or abs(found) > 0, (known.name, p, q)
    assert tried > 1000


def ends(region: tuple[Relation, ...]) -> Iterator[Rational]:
    """Where a relation in one variable has its border, when that is a rational number."""
    for relation in region:
        if len(relation.symbols) == 1:
            (symbol,) = relation.symbols
            slope = relation.expression.coeff(symbol)
            rest = relation.expression - slope * symbol
            if slope.is_Rational and slope != 0 and rest.is_Rational:
                yield -rest / slope
