"""Combinations of parameters: what holds for all A holds for A = S + a - 1, where the ranges are those of the premise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Integer, Symbol, log, sqrt, symbols, sympify

from symopt import Problem
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import Context, Optimal, Step
from symopt.reasoning.reparametrising import combinations
from symopt.relation import Relation

t, S, a, b, n, x, c, d, A, B = symbols("t S a b n x c d A B", real=True)
POSTERIOR = "(S + a - 1)*log(t) + (n - S + b - 1)*log(1 - t)"


def posterior(*assuming: str) -> Problem:
    return Problem(POSTERIOR, "t", assuming=["S >= 0", "n >= S", *assuming])


def test_the_posterior_mode_under_a_beta_prior_is_checked() -> None:
    """By hand: f' = A/t - B/(1 - t) = 0 at t = A/(A + B), where f is concave as A and B are positive."""
    found = posterior("a > 1", "b > 1").maximum()
    (step,) = found.evidence.steps
    assert step.rule == "parameters"
    assert found.evidence.trust == check(step) == "checked"
    (point,) = found.to_dict()["cases"][0]["at"]
    assert sympify(point["at"]["t"], locals={"S": S, "a": a, "b": b, "n": n}) == (S + a - 1) / (a + b + n - 2)
    assert all(symbol in {S, a, b, n} for symbol in found.value.free_symbols)


@pytest.mark.slow
def test_every_case_of_the_posterior_is_in_the_users_parameters() -> None:
    found = posterior("a > 0", "b > 0").stationary_points(timeout=60)
    assert {case.result.evidence.trust for case in found} == {"checked"}
    assert all(case.condition.symbols <= {S, a, b, n} for case in found)
    values = {"S": 3, "n": 10, "a": 2, "b": 2}  # A = 4, B = 8
    (point,) = found.at(**values).points
    assert (point.branch.values[t], point.kind) == (Integer(4) / 12, "maximum")
    assert not found.at(S=0, n=1, a="1/2", b=1).points  # A = -1/2, B = 1
    (point,) = found.at(S=0, n="1/4", a="1/2", b="1/2").points  # A = -1/2, B = -1/4
    assert (point.branch.values[t], point.kind) == (Integer(2) / 3, "minimum")


def test_a_parabola_in_sums_of_parameters() -> None:
    f = Problem("(a + b)*x^2 + (c - d)*x", "x")
    assert next(str(case.condition) for case in f.minimum()) == "a + b > 0"
    assert f.minimum().at(a=1, b=1, c=3, d=1).value == -Integer(4) / 8
    told = str(f.minimum().explain())
    assert "With A = c - d and B = a + b, f(x) = B*x^2 + A*x." in told


@pytest.mark.parametrize(
    ("objective", "variables", "kept"),
    [
        ((a - 1) * x**2 + (a + 1) * x, (x,), "one parameter in two places"),
        ((a + b) * x**2 + a * x, (x,), "a stands alone too"),
        ((a + b) * x**2 + log(a) * x**3, (x,), "a stands alone too"),
        (x**2 + sqrt(a + b + x), (x,), "within a function of x"),
    ],
)
def test_parameters_that_stand_elsewhere_too_are_left_alone(
    objective: Expr, variables: tuple[Symbol, ...], kept: str
) -> None:
    from symopt.cases import Cell

    assert combinations(Cell(objective, variables, Context())) is None, kept


def honest() -> Step:
    (step,) = posterior("a > 1", "b > 1").maximum().evidence.steps
    return step


def lies() -> Any:
    step = honest()
    values = dict(step.certificate)["values"]
    (first, one), (second, other) = values
    claim, general = step.claim, step.premises[0]
    assert isinstance(claim, Optimal)

    def with_values(*new: Any) -> Step:
        return replace(step, certificate=(("values", new),))

    yield "another combination", with_values((first, one + 1), (second, other))
    yield "exchanged", with_values((first, other), (second, one))
    yield "only one of them", with_values((first, one))
    yield "a combination of the variable", with_values((first, one + t), (second, other))
    yield (
        "one that is not defined everywhere",
        with_values((first, one + 1 / S - 1 / S + log(S)), (second, other)),
    )
    yield "the variable as a parameter", with_values(*values, (t, t**2))
    yield "a combination of A itself", with_values((first, first + one), (second, other))
    yield "another value", replace(step, claim=replace(claim, value=claim.value + 1))
    yield "the minimum", replace(step, claim=replace(claim, sense="min"))
    yield "of another function", replace(step, claim=replace(claim, objective=claim.objective + t))
    yield "without the premise", replace(step, premises=())
    yield "from the premises alone", replace(step, premises=step.premises[1:])
    yield (
        "without the ranges",
        replace(step, premises=(general,), context=replace(step.context, condition=())),
    )
    fewer = tuple(r for r in step.context.condition if a not in r.symbols)
    yield (
        "with a of any sign",
        replace(step, premises=(general,), context=replace(step.context, condition=fewer)),
    )
    smaller = replace(step.context, region=(*step.context.region, Relation(t - Integer(1) / 2, ">")))
    yield "on a part of the region", replace(step, context=smaller)
    yield "on more than the region", replace(step, context=replace(step.context, region=()))


@pytest.mark.parametrize(("lie", "step"), list(lies()))
def test_a_lie_about_combinations_is_rejected(lie: str, step: Step) -> None:
    assert is_accepted(honest())
    assert not is_accepted(step)
