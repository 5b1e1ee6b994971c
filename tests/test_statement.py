"""Problems as frozen data: the domain is that of the text as typed."""

from __future__ import annotations

import pytest
from sympy import Integer, Symbol

from symopt.errors import InputError
from symopt.statement import state


@pytest.mark.parametrize(
    ("objective", "domain"),
    [
        ("x/x", ["Ne(x, 0)"]),
        ("sqrt(x)^2", ["x >= 0"]),
        ("(x^2-1)/(x-1)", ["Ne(x, 1)"]),
        ("x*log(x)", ["x > 0"]),
    ],
)
def test_the_domain_is_that_of_the_text_as_typed(objective: str, domain: list[str]) -> None:
    assert [str(relation) for relation in state(objective, "x").domain] == domain


def test_putting_a_number_in_does_not_evaluate_what_was_typed() -> None:
    statement = state("p*x/x", "x")
    (p,) = statement.parameters
    assert [str(relation) for relation in statement.at({p: p.func("q", real=True)}).domain] == ["Ne(x, 0)"]


@pytest.mark.parametrize("power", ["x^100000", "1/(1 + x^2)^10001", "x*y^20000"])
def test_powers_beyond_exact_algebra_are_refused(power: str) -> None:
    with pytest.raises(InputError, match="is too large: symopt takes powers up to 10000"):
        state(power)


def test_a_value_that_makes_such_a_power_is_refused() -> None:
    statement = state("x^n", "x")
    (n,) = statement.parameters
    assert statement.at({n: Integer(10_000)}).objective.exp == 10_000
    with pytest.raises(InputError, match="the exponent 10001 is too large"):
        statement.at({n: Integer(10_001)})


def test_a_variable_is_no_integer() -> None:
    n, y = Symbol("n", integer=True), Symbol("y", real=True)
    with pytest.raises(InputError, match="n is an integer"):
        state(n**2 - n, [n])
    assert state(n * y**2, [y]).parameters == (n,)


def test_the_domain_of_a_constraint_belongs_to_the_region() -> None:
    statement = state("x^3", "x", subject_to=["sqrt(x) < 1"], assuming=["log(p) < 1"])
    assert {str(r) for r in statement.region} == {"x >= 0", "sqrt(x) < 1"}
    assert {str(r) for r in statement.assumptions} == {"p > 0", "log(p) < 1"}
