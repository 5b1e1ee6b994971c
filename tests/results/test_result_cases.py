"""Cases as a table: one delegates, several ask which; values are exact; everything is a value."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sympy import Expr, Float, Integer, Rational, S, latex, pretty, sqrt, sstr, symbols

from symopt import Problem
from symopt.derivation.claims import Branch
from symopt.errors import CasesError, InputError, UndecidedError
from symopt.relation import Relation
from symopt.results.answers import Convexity, Derivatives, Extremum, Point, StationarySet
from symopt.results.cases import Case, Cases
from symopt.results.condition import Condition
from symopt.results.evidence import Evidence, proved, undecided
from symopt.results.result import exact_value

x, y, p, q, t, s = symbols("x y p q t s", real=True)
F = (p - 1) * x**2 + (p + 1) * y**2
ORIGIN = Branch(((x, S.Zero), (y, S.Zero)))
LINE = Branch(((x, t), (y, S.Zero)), (), ((t, "real"),))


def condition(*pairs: tuple[Expr, str]) -> Condition:
    return Condition(tuple(Relation(expression, op) for expression, op in pairs))


ABOVE, AT, BETWEEN = condition((p - 1, ">")), condition((p - 1, "==")), condition((p - 1, "<"), (p + 1, ">"))
BELOW = condition((p + 1, "<="))


def point(kind: str, strict: bool | None, inertia: tuple[int, int, int], branch: Branch = ORIGIN) -> Point:
    return Point(branch, kind, strict, S.Zero, inertia, (2 * p - 2, 2 * p + 2), proved())


STATIONARY = Cases(
    (
        Case(ABOVE, StationarySet((point("minimum", True, (2, 0, 0)),), True, proved())),
        Case(AT, StationarySet((point("minimum", False, (1, 0, 1), LINE),), True, proved())),
        Case(BETWEEN, StationarySet((point("saddle", None, (1, 1, 0)),), True, proved())),
        Case(BELOW, StationarySet((), False, undecided("cut short", "clock"))),
    ),
    (x, y),
    (p,),
    F,
)
WITNESS = {
    "not_convex": {"p": {"x": Integer(-1)}, "q": {"x": p}, "weight": S.Half, "parameters": {p: Integer(2)}}
}
CONVEXITY = Cases(
    (Case(ABOVE, Convexity("convex", True, Evidence("proved", witness=WITNESS))),), (x, y), (p,), F
)
EXTREMUM = Extremum("min", -S.Infinity, False, (), proved(), ((x, S.Zero), (y, p * s)), s)
DERIVATIVES = Derivatives(
    F, (x, y), (2 * (p - 1) * x, 2 * (p + 1) * y), ((2 * p - 2, S.Zero), (S.Zero, 2 * p + 2))
)
EVERYTHING: list[Any] = [
    STATIONARY, CONVEXITY, EXTREMUM, DERIVATIVES, STATIONARY[0].result, STATIONARY[0].result.points[0],
]  # fmt: skip


def test_a_condition_is_exact_and_three_valued() -> None:
    assert str(BETWEEN) == "(p > -1) & (p < 1)"
    assert BETWEEN.contains({p: Rational(999, 1000)}) is True
    assert BETWEEN.contains({p: 1}) is False
    assert BETWEEN.contains({p: q}) is None
    assert condition((p**2 - 2, "==")).contains({p: sqrt(2)}) is True
    assert Condition().contains({}) is True
    assert str(BETWEEN.as_sympy()) == "(p > -1) & (p < 1)"


@pytest.mark.parametrize(
    ("relations", "value"),
    [
        (((p - 1, ">"),), 2),
        (((p - 1, "=="),), 1),
        (((p - 1, "<"), (p + 1, ">")), 0),
        (((p, ">="),), 1),
        (((p, ">="), (p, "<=")), 0),
        (((3 * p - 1, ">"), (3 * p - 2, "<")), S.Half),
        (((p**2 - 50, ">"), (p - 8, "<"), (p, ">")), Rational(15, 2)),
        (((p - 1000, ">"),), 1001),
        ((), 1),
    ],
    ids=str,
)
def test_an_example_of_a_condition_is_a_simple_number_inside(relations: Any, value: Any) -> None:
    assert condition(*relations).example(p) == value


def test_no_example_where_there_is_none() -> None:
    k = symbols("k", integer=True)
    assert condition((2 * k - 1, ">"), (2 * k - 7, "<")).example(k) == 1
    assert condition((3 * k - 1, ">"), (3 * k - 2, "<")).example(k) is None
    assert condition((p, ">"), (p, "<")).example(p) is None


def test_several_cases_do_not_answer_for_one() -> None:
    with pytest.raises(CasesError, match=r"depends on p: use \.at\(p=2\) or iterate"):
        _ = STATIONARY.points
    with pytest.raises(UndecidedError):
        bool(STATIONARY)
    assert [case.condition for case in STATIONARY] == [ABOVE, AT, BETWEEN, BELOW]
    assert (len(STATIONARY), STATIONARY[1].result.points[0].branch) == (4, LINE)


def test_a_single_case_stands_for_its_result() -> None:
    assert (CONVEXITY.kind, CONVEXITY.strict) == ("convex", True)
    with pytest.raises(AttributeError):
        _ = CONVEXITY.no_such_name


@pytest.mark.parametrize(
    ("value", "kind"),
    [(2, "minimum"), ("3/2", "minimum"), (Fraction(1, 2), "saddle"), (0.1, "saddle"), (sqrt(2), "minimum")],
)
def test_a_value_of_the_parameter_picks_the_case(value: Any, kind: str) -> None:
    for chosen in (STATIONARY.at(p=value), STATIONARY.at({p: value})):
        assert len(chosen) == 1
        assert chosen.points[0].kind == kind
        assert chosen.parameters == ()
        assert p not in chosen.objective.free_symbols
        assert str(chosen[0].condition) == "True"


def test_values_are_put_into_the_answer() -> None:
    assert STATIONARY.at(p=3).points[0].eigenvalues == (4, 8)
    assert EXTREMUM.replaced({p: Integer(2)}).along == ((x, 0), (y, 2 * s))
    assert DERIVATIVES.at(p=1).gradient == (0, 4 * y)
    assert DERIVATIVES.at(nothing=1) == DERIVATIVES


def test_a_witness_found_at_other_values_is_left_out() -> None:
    assert CONVEXITY.at(p=2).evidence.witness["not_convex"]["q"] == {"x": 2}
    assert CONVEXITY.at(p=3).evidence.witness is None


def test_what_is_no_parameter_or_in_no_case_is_an_error() -> None:
    with pytest.raises(InputError, match="'r' is not a parameter"):
        STATIONARY.at(r=1)
    with pytest.raises(InputError, match="no case is left"):
        CONVEXITY.at(p=0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2, Integer(2)), ("1/2", S.Half), (0.1, Rational(1, 10)), (Float("0.1"), Rational(1, 10)),
        (-1.5, Rational(-3, 2)),
        (Decimal("0.25"), Rational(1, 4)), (sqrt(2), sqrt(2)), ("1e-3", Rational(1, 1000)),
    ],
)  # fmt: skip
def test_numbers_are_read_exactly(value: Any, expected: Expr) -> None:
    assert exact_value(value) == expected


@pytest.mark.parametrize("value", [1 / 3, float("nan"), float("inf"), "two", None, "1/0", "__import__('os')"])
def test_what_is_not_an_exact_number_is_refused_in_one_sentence(value: Any) -> None:
    with pytest.raises(InputError):
        exact_value(value)


def test_decided_means_every_case() -> None:
    assert CONVEXITY.decided
    assert not STATIONARY.decided
    assert STATIONARY.at(p=2).decided


@pytest.mark.parametrize("answer", EVERYTHING, ids=range(len(EVERYTHING)))
def test_every_answer_is_a_value_that_shows_itself(answer: Any) -> None:
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert hash(answer) == hash(pickle.loads(pickle.dumps(answer)))
    assert "\n" not in repr(answer)
    assert repr(answer).startswith(f"<{type(answer).__name__}: ")
    assert str(answer).strip()
    assert answer._repr_latex_() == rf"$\displaystyle {answer.latex()}$"
    assert answer._repr_markdown_()
    assert latex([answer]) == rf"\left[ {answer.latex()}\right]"
    assert sstr([answer]) == f"[{answer!r}]"
    assert pretty(answer).strip()
    with pytest.raises(AttributeError):
        answer.kind = "other"


def test_a_notebook_never_gets_a_traceback() -> None:
    broken = Extremum("no such sense", S.Zero, True, (), proved())
    assert broken._repr_latex_() is not None or broken._repr_markdown_() is None
    assert broken._repr_markdown_() is None


def test_the_table_in_the_terminal() -> None:
    assert str(STATIONARY).splitlines() == [
        "  case         stationary point       kind                       value",
        "  ----------   --------------------   ------------------------   -----",
        "  p > 1        (0, 0)                 strict local minimum       0",
        "  p = 1        (t, 0) with t real     non-strict local minimum   0",
        "  -1 < p < 1   (0, 0)                 saddle point               0",
        "  p ≤ -1       undecided: cut short",
    ]
    assert repr(CONVEXITY) == "<Cases: p > 1, strictly convex>"
    assert repr(EXTREMUM) == "<Extremum: -∞, along (x, y) = (0, p*s) as s → ∞>"


def test_latex_of_cases_is_an_array() -> None:
    assert CONVEXITY.latex() == r"p > 1 \quad \text{strictly convex}"
    assert STATIONARY.latex().startswith(
        r"\begin{array}{llll} p > 1 & (0, 0) & \text{strict local minimum} & 0 \\"
    )


@pytest.mark.parametrize(
    ("problem", "value"),
    [
        (Problem("p*x^2", "x", assuming=["p > 0"]), -1),
        (Problem("sqrt(p)*x^2", "x"), -2),  # the natural domain is an assumption on p too
        (Problem("log(p)*x^2", "x"), 0),
    ],
)
def test_a_value_against_the_assumptions_is_refused(problem: Problem, value: int) -> None:
    with pytest.raises(InputError, match="contradict the assumption"):
        problem.convexity().at(p=value)


def test_two_values_that_give_one_function_are_told_once() -> None:
    """f = log((1 + (x-a)^2)(1 + (x+a)^2)) is the same function for a = 1 and a = -1."""
    f = Problem("log(1+(x-a)^2) + log(1+(x+a)^2)", "x")
    told = " ".join(str(f.minimum(timeout=60).explain()).split())
    assert told.count("2*log(2) ≈ 1.3863 at x = 0.") == 1
    assert "For a = 1 and for a = -1:" in told
    # f = log(4 a^2) at x^2 = a^2 - 1
    assert "log(a^2) + 2*log(2) at x = -sqrt(a^2 - 1)" in told
    assert [str(case.condition) for case in f.minimum(timeout=60).cases] == [
        "a > 1",
        "(a >= -1) & (a <= 1)",
        "a < -1",
    ]
