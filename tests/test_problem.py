"""The face of symopt: what a Problem refuses, how it shows itself, and that it survives a pickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy
from sympy import Symbol, latex, sstr

from symopt import InputError, Problem, UndecidedError
from symopt.calculus.compiler import compile_objective
from symopt.derivation.checker import check

QUADRATIC = Problem("(p-1)*x^2 + (p+1)*y^2", "x y")
FORMS = [
    ("(p-1)*x^2 + (p+1)*y^2", "x y"),
    ("x/x + x*log(x)", "x"),
    ("2*(x - 1)^2 + x*(1 + 1)", "x"),
    ("x^4 - 4*x*y + y^4", "x y"),
    ("|x| + max(x, 1)", "x"),
]


@pytest.mark.parametrize(
    ("assuming", "sentence"),
    [
        (["p > 1 and p < 0"], "the assumptions p > 1, p < 0 contradict each other"),
        (["p > 1", "p < 0"], "the assumptions p > 1, p < 0 contradict each other"),
        (["p >= 1", "p <= 1", "p != 1"], "contradict each other"),
        (["p^2 > 4", "p < 1", "p > -1"], "contradict each other"),
        (["p > q", "q > r", "r > p"], "contradict each other"),
        (["p^2 + q^2 < 1", "p > 1"], "contradict each other"),
        (["p^2 < 0"], "the assumption p**2 < 0 holds for no value"),
    ],
)
def test_contradictory_assumptions_are_refused(assuming: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Problem("p*x^2 + q*x + r", "x", assuming=assuming)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "assuming", [["p >= 1", "p <= 1"], ["p > 1", "p != 2"], ["p > q", "q > r", "p > r"], ["p^2 >= 0"]]
)
def test_assumptions_that_can_hold_are_accepted(assuming: list[str]) -> None:
    assert Problem("p*x^2 + q*x + r", "x", assuming=assuming).assumptions


def test_values_that_leave_a_contradiction_are_refused() -> None:
    problem = Problem("p*x^2 + q", "x", assuming=["q > p", "q < 0"])
    assert problem.at(p=-2).parameters
    with pytest.raises(InputError, match="contradict"):
        problem.at(p=1)


def test_the_repr_says_everything_in_one_line() -> None:
    assert repr(QUADRATIC) == "Problem(x**2*(p - 1) + y**2*(p + 1), [x, y])"
    full = Problem("p*x^2", "x", subject_to=["x >= 1", "x < 3"], assuming="p > 0", sense="max")
    assert repr(full) == "Problem(p*x**2, [x], subject_to=[x >= 1, x < 3], assuming=[p > 0], sense='max')"


def test_a_problem_reads_like_a_sentence() -> None:
    full = Problem("p*x^2", "x", subject_to="x >= 1", assuming="p > 0", sense="max")
    sentence = " ".join(str(full).split())
    assert sentence.startswith("Maximise f(x) = p*x^2 for real x")
    assert "p > 0" in sentence
    assert "x ≥ 1" in sentence
    assert full._repr_latex_() == r"$\displaystyle f(x) = p x^2$"
    assert full._repr_markdown_().startswith("Maximise $f(x) = p x^2$ for real $x")
    assert latex(full) == "f(x) = p x^2"
    assert sstr(full) == repr(full)


def test_a_style_of_proof_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="by='nonsense' is not a style of proof: use one of rules, hessian"):
        Problem("x^2", "x").convexity(by="nonsense")
    assert [Problem("x^2", "x").convexity(by=style).kind for style in (None, "rules", "hessian")] == [
        "convex"
    ] * 3


def test_a_detail_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="detail='long'"):
        Problem("x^2", "x").minimum().explain("long")


def test_derivatives_that_take_too_long_are_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(statement: object) -> None:
        while True:
            abs(0)

    monkeypatch.setattr("symopt.problem.derive", endless)
    with pytest.raises(UndecidedError, match=r"longer than 0\.01 seconds"):
        Problem("x^2", "x").derivatives(timeout=0.01)


@pytest.mark.parametrize("text", FORMS, ids=[text for text, _ in FORMS])
def test_everything_is_equal_to_itself_after_a_pickle(text: tuple[str, str]) -> None:
    problem = Problem(*text)
    things: list[Any] = [problem, problem.statement, problem.domain, problem.derivatives()]
    things += [] if problem.parameters else [problem.compile()]
    for question in (problem.stationary_points, problem.convexity, problem.minimum):
        cases = question()
        things += [cases, cases[0], cases[0].result, cases[0].result.evidence]
    things += [problem.is_convex(), problem.worked_answer()]
    for thing in things:
        for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
            assert again == thing
            assert hash(again) == hash(thing)
            assert repr(again) == repr(thing)


def test_a_pickle_keeps_what_was_typed_and_what_was_proved() -> None:
    problem = Problem("x/x + (x + x)", "x")
    again = pickle.loads(pickle.dumps(problem))
    assert str(again) == str(problem)
    assert "x/x" in str(again)
    steps = pickle.loads(pickle.dumps(QUADRATIC.minimum()))[0].result.evidence.steps
    assert check(*steps) == "checked"


def test_one_line_and_one_sentence_for_every_answer() -> None:
    # (p - 1) x^2 + (p + 1) y^2 has the eigenvalues 2(p - 1) and 2(p + 1), which differ in sign for -1 < p < 1.
    convex = QUADRATIC.is_convex()
    assert str(convex) == "f is convex: refuted, since it is neither convex nor concave for -1 < p < 1"
    assert repr(convex) == f"<Verdict: {convex}>"
    assert str(Problem("x^2", "x").is_convex()) == "f is convex: proved"
    assert str(Problem("x^2", "x", subject_to="x != 0").is_convex()) == (
        "f is convex: refuted, since the region is not convex"
    )
    (case,) = Problem("x^2", "x").convexity()
    assert repr(case) == "<Case True: strictly convex>"
    assert str(QUADRATIC.convexity()[0]).startswith("For p > 1:\n")
    evidence = Problem("x^2", "x").convexity().evidence
    assert repr(evidence) == f"<Evidence: {evidence}>"
    assert str(evidence).startswith("proved by ")
    assert str(evidence).endswith(" (checked)")


SHOWN: dict[str, Callable[[], Any]] = {
    "problem": lambda: QUADRATIC,
    "verdict": QUADRATIC.is_convex,
    "cases": QUADRATIC.convexity,
    "case": lambda: QUADRATIC.convexity()[0],
    "result": lambda: QUADRATIC.stationary_points()[0].result,
    "evidence": lambda: QUADRATIC.convexity()[0].result.evidence,
    "derivatives": QUADRATIC.derivatives,
    "run": lambda: QUADRATIC.at(p=2).run([1, 1]),
    "worked answer": lambda: QUADRATIC.worked_answer(parts=["derivatives"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_notebooks_and_terminals_can_show_everything(name: str) -> None:
    thing = SHOWN[name]()
    assert "\n" not in repr(thing)
    assert str(thing) != repr(thing)
    assert thing._repr_latex_()
    assert thing._repr_markdown_().strip()
    assert thing.latex()


def test_a_verdict_and_a_case_at_a_value() -> None:
    verdict = QUADRATIC.is_convex()
    assert (verdict.status, verdict.at(p=2).status, verdict.at(p="1/2").status) == (
        "refuted",
        "proved",
        "refuted",
    )
    assert bool(verdict.at({"p": 1}))
    assert verdict.at(p=2).to_dict()["question"] == "is f convex?"
    assert "strictly convex" in str(verdict.at(p=2).explain())
    first = QUADRATIC.stationary_points()[0]
    assert first.at(p=3).result.points[0].eigenvalues == (4, 8)
    assert "Case p > 1." in str(first.explain())
    with pytest.raises(InputError, match="contradict the condition of this case, p > 1"):
        first.at(p=0)


@pytest.mark.parametrize(
    ("name", "at"),
    [("acot", 0.7), ("asec", -1.9), ("acsc", 1.4), ("acoth", 2.5), ("asech", 0.6), ("acsch", -0.3)],
)
def test_inverse_functions_of_the_reciprocal(name: str, at: float) -> None:
    """In text and from SymPy, with numbers against mpmath's own function."""
    v, function = Symbol("x", real=True), getattr(sympy, name)
    typed, given = Problem(f"{name}(x)", "x"), Problem(function(v), [v])
    assert str(typed.objective) == str(given.objective)
    assert "Ne(x, 0)" in map(str, given.domain)
    assert any(note.startswith(f"read {name}(u) as ") for note in given.notes)
    with mpmath.workdps(40):
        expected = [float(mpmath.diff(getattr(mpmath, name), at, order)) for order in range(3)]
    for compiled in (typed.compile(), compile_objective(function(v), (v,))):
        assert compiled.scalar(at) == pytest.approx(expected, rel=1e-12)


def test_a_stationary_point_of_an_inverse_function() -> None:
    """x + acoth(x) has the slope 1 - 1/(x^2 - 1), which is 0 where x^2 = 2."""
    points = Problem("x + acoth(x)", "x").stationary_points().points
    found = {(str(point.to_dict()["at"]["x"]), point.kind) for point in points}
    assert found == {("-sqrt(2)", "maximum"), ("sqrt(2)", "minimum")}
