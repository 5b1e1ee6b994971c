"""Where CVXPY's rules stop, and forms that they accept: against the rules as printed in its manual, and against CVXPY."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from symopt import Problem

STOPS = (  # objective, variables, the innermost part at which the rules stop, a part of the reason
    ("x*log(x)", "x", "x*log(x)", "product of parts that vary"),
    (
        "sqrt(1 + x^2)",
        "x",
        "sqrt(x**2 + 1)",
        "the square root is concave and increasing, so that its argument",
    ),
    ("exp(sqrt(1 + x^2))", "x", "sqrt(x**2 + 1)", "must be concave, and x^2 + 1 is convex"),
    ("log(exp(x) + exp(y))", "x y", "log(exp(x) + exp(y))", "e^x + e^y is convex"),
    ("x^2 + 3*x*y", "x y", "3*x*y", "product"),
    ("1/x + x", "x", "1/x", "its denominator varies"),
    ("x + sin(2*x)", "x", "sin(2*x)", "CVXPY has no function sin"),
    ("x^2 + log(x)", "x", "x**2 + log(x)", "sum of x^2, which is convex, and log(x), which is concave"),
    ("x^y", "x y", "x**y", "its exponent is no number"),
    ("(x^2 - 1)^2", "x", "(x**2 - 1)**2", "so the argument must be affine, and it is convex"),
    ("a*x^2", "x", "a*x**2", "the sign of the factor of a*x^2 is not known"),
    ("max(x, y)^3*2 - exp(x*y)", "x y", "x*y", "product"),
)
ACCEPTED = (("x^2 + 3*x", "convex"), ("-exp(x)", "concave"), ("2*x - 1", "affine"), ("max(x^2, x)", "convex"),
            ("exp(abs(x))", "convex"), ("sqrt(x) - x^2", "concave"), ("2^x", "convex"))  # fmt: skip
TYPED = (  # asked of CVXPY word for word
    *(objective for objective, *_ in STOPS[:10]), *(objective for objective, _ in ACCEPTED[:6]),
    "x^3", "x^-2", "x^4 - x", "abs(x)^3", "(x^2 + 1)^2", "(x^2)^2", "abs(x - 1)*2 - y", "-(x*y)", "x/3 - y/2",
    "x/(1 + x)", "exp(x)*exp(y)", "log(sqrt(x))", "log(x^2)", "sqrt(sqrt(x))", "exp(-sqrt(x))", "max(x, -y)^2",
    "abs(x^2)", "abs(-x^2)", "max(x^2, y^2)^2", "min(x, y)*(-2)", "(x + y)*(x - y)", "x*x", "log(exp(x))",
    "(exp(x) + 1)^2", "(-exp(x))^2", "exp(x)^0.5", "(x^2 + y^2)^(1/2)", "abs(sqrt(x))", "1/sqrt(x)", "2/(x^2 + 1)",
)  # fmt: skip
FORMS = (  # objective, variables, constraints, the form (None where several are as good)
    ("x*log(x)", "x", (), "-cp.entr(x)"),
    ("sqrt(1 + x^2)", "x", (), "cp.norm(cp.hstack([1, x]))"),
    ("log(exp(x) + exp(y))", "x y", (), "cp.log_sum_exp(cp.hstack([x, y]))"),
    ("log(1 + exp(x))", "x", (), "cp.logistic(x)"),
    ("x^2/y", "x y", ("y > 0",), "cp.quad_over_lin(x, y)"),
    ("1/x", "x", ("x > 0",), "cp.inv_pos(x)"),
    ("1/x", "x", ("x < 0",), None),
    ("x*log(x/y)", "x y", ("x > 0", "y > 0"), "cp.rel_entr(x, y)"),
    ("x^2 + x*y + y^2 + 3*x", "x y", (), None),
    ("-x^2 + 4*x*y - 5*y^2", "x y", (), None),
    ("x^6", "x", (), "cp.power(cp.abs(x), 6)"),
    ("x^3", "x", ("x >= 0",), "cp.power(x, 3)"),
    ("x^3", "x", ("x <= 0",), "-cp.power(-x, 3)"),
    ("x^(3/2)", "x", (), None),
    ("(x^2 + 1)^3", "x", (), None),
    ("abs(x)^3", "x", (), None),
    ("sqrt(x*y)", "x y", ("x > 0", "y > 0"), "cp.geo_mean(cp.hstack([x, y]))"),
    ("x^(1/3)*y^(2/3)", "x y", (), None),
    ("x^(1/4)*y^(1/4)", "x y", ("x > 0", "y > 0"), None),
    ("1/(x*y)", "x y", ("x > 0", "y > 0"), None),
    ("(sqrt(x) + sqrt(y))^2", "x y", (), None),
    ("(x^3 + y^3)^(1/3)", "x y", ("x > 0", "y > 0"), None),
    ("log(x*y)", "x y", ("x > 0", "y > 0"), "cp.log(x) + cp.log(y)"),
    ("exp(x)*exp(2*y)", "x y", (), "cp.exp(x + 2*y)"),
    ("log(x*y - z^2)", "x y z", ("x > 0",), None),
    ("sqrt(x*y - z^2)", "x y z", ("x > 0",), None),
    ("cosh(x)", "x", (), None),
    ("max(x^2, 1 - x)", "x", (), "cp.maximum(cp.square(x), 1 - x)"),
    ("sqrt(x^2 + y^2) + abs(x - y)", "x y", (), None),
    ("Piecewise((x^2/2, abs(x) <= 1), (abs(x) - 1/2, True))", "x", (), "1/2*cp.huber(x, 1)"),
    ("Piecewise((x^2, x < 0), (0, x < 1), ((x - 1)^2, True))", "x", (), None),
    ("abs(x)*(1 + abs(x))", "x", (), None),
    ("max(0, 1 - x) + x^2/2", "x", (), None),
    ("sin(x)^2 + cos(x)^2 + 2*x", "x", (), "2*x + 1"),
    ("exp(x^2 + abs(y))", "x y", (), None),
    ("x^2 + y^2", "x y", ("x + y >= 1", "x^2 + y^2 <= 9"), "cp.square(x) + cp.square(y)"),
)  # fmt: skip
NONE = (  # objective, constraints, a part of the reason
    ("x^4 - x^2", (), "not shown to be convex or concave"),
    ("x^2 + cos(x)", (), "by second derivatives"),
    ("gamma(x)", ("x > 0",), "none that CVXPY has"),
    ("asinh(x)", ("x >= 0",), "none that CVXPY has"),
    ("x^2", ("x^3 - x >= -1", "x >= 1/2"), "the constraint"),
)


@pytest.mark.parametrize(("objective", "variables", "part", "reason"), STOPS)
def test_the_innermost_part_at_which_the_rules_stop(
    objective: str, variables: str, part: str, reason: str
) -> None:
    found = Problem(objective, variables).why_not_dcp()
    assert not found
    assert found.to_dict()["subexpression"] == part
    assert reason in str(found.to_dict()["reason"])


@pytest.mark.parametrize(("objective", "curvature"), ACCEPTED)
def test_what_the_rules_accept(objective: str, curvature: str) -> None:
    found = Problem(objective).why_not_dcp()
    assert found
    assert found.curvature == curvature
    assert f"accept f as typed: it is {curvature}." in " ".join(str(found).split())


def test_signs_that_are_given_are_seen() -> None:
    assert not Problem("a*x^2", "x").why_not_dcp()
    assert Problem("a*x^2", "x", assuming="a > 0").why_not_dcp()
    assert Problem("(x^3)^2", "x").why_not_dcp().restricted != ()
    assert Problem("max(x, 0)^4 + abs(x)^3", "x").why_not_dcp().restricted == ()


def test_a_power_that_cvxpy_restricts_is_named() -> None:
    found = Problem("x^6", "x").why_not_dcp()
    assert found
    assert "CVXPY takes x^6 for a function on nonnegative arguments only" in str(found).replace("\n", " ")


def test_the_report_in_every_face() -> None:
    found = Problem("x*log(x)", "x").why_not_dcp()
    assert r"x \log x" in found.latex() or r"x \log" in found.latex()
    assert found.explain().text().startswith("CVXPY's rules stop at x*log(x)")
    assert set(found.to_dict()) == {"accepted", "curvature", "subexpression", "reason", "restricted"}
    form = Problem("x*log(x)", "x").to_cvxpy()
    assert str(form).splitlines()[0] == "import cvxpy as cp"
    assert form.to_dict()["expression"] == "-cp.entr(x)"
    assert "entr" in form.latex()


@pytest.mark.parametrize(("objective", "subject_to", "reason"), NONE)
def test_where_there_is_no_form_it_says_why(objective: str, subject_to: tuple[str, ...], reason: str) -> None:
    found = Problem(objective, "x", subject_to=subject_to).to_cvxpy()
    assert not found
    assert reason in found.reason


@pytest.mark.parametrize("objective", TYPED)
def test_cvxpy_says_the_same_of_what_is_typed(objective: str) -> None:
    cp = pytest.importorskip("cvxpy")
    names = {
        "exp": cp.exp,
        "log": cp.log,
        "sqrt": cp.sqrt,
        "abs": cp.abs,
        "max": cp.maximum,
        "min": cp.minimum,
    }
    variables = {name: cp.Variable(name=name) for name in "xy"}
    try:
        typed = eval(objective.replace("^", "**"), {"__builtins__": {}}, names | variables)
        accepted = bool(typed.is_dcp())
    except (NameError, ValueError):  # a function that CVXPY does not have, an exponent that varies
        accepted = False
    assert bool(Problem(objective, "x y").why_not_dcp()) is accepted


@pytest.mark.parametrize(("objective", "variables", "subject_to", "form"), FORMS)
def test_the_form_is_accepted_by_cvxpy_and_equal(
    objective: str, variables: str, subject_to: tuple[str, ...], form: str | None
) -> None:
    f = Problem(objective, variables, subject_to=subject_to)
    found = f.to_cvxpy()
    assert found, found.reason
    assert form in (None, found.expression)
    pytest.importorskip("cvxpy")
    names: dict[str, Any] = {}
    exec(found.program, names)
    problem, compiled, chance = names["problem"], f.compile(), random.Random(objective)
    assert problem.is_dcp()
    tried = 0
    for _ in range(400):
        point = {name: chance.choice((-1, 1, 1)) * chance.uniform(0.01, 3) for name in variables.split()}
        inside = all(_holds(relation, point) for relation in map(str, f.feasible_region))
        if not inside:
            continue
        for variable in problem.variables():
            variable.value = point[variable.name()]
        expected = float(compiled(list(point.values())))
        assert float(problem.objective.args[0].value) == pytest.approx(expected, rel=1e-7, abs=1e-8)
        assert all(constraint.value(1e-9) for constraint in problem.constraints)
        tried += 1
    assert tried >= 20


def _holds(relation: str, point: dict[str, float]) -> bool:
    text = re.sub(r"^(Ne)\((.*), (.*)\)$", r"(\2) != (\3)", relation)
    return bool(eval(text, {"__builtins__": {}}, point))
