"""Signs by Laplace transforms: the kernels against numerical integration, honest derivations, and lies beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import mpmath
import pytest
from sympy import Expr, Rational, S, Symbol, exp, lambdify, log, polygamma, symbols

from symopt import Problem
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import Context, Curved, Holds, Step
from symopt.derivation.laplace import transform
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

x, t = symbols("x t", real=True)
POSITIVE = Context((Relation(x, ">"),))


@pytest.mark.parametrize(
    "expression",
    [
        polygamma(1, x) - 1 / x,
        x * polygamma(1, x),
        x**2 * polygamma(1, x) - 3 * x,
        polygamma(2, x + 3) + x * polygamma(3, x),
        polygamma(1, 2 * x + 1) / 3 - 2 / (3 * x + 1) ** 2,
        (x * polygamma(1, x) - polygamma(1, x)) / 5 + 1 / (x * (x + 2)),
    ],
)
def test_the_transform_is_the_integral(expression: Expr) -> None:
    found = transform(expression, x, t)
    assert found is not None
    assert found.denominator.subs(t, 3) > 0
    kernel = lambdify(t, found.numerator / found.denominator, "mpmath")
    with mpmath.workdps(30):
        for u in (mpmath.mpf("0.7"), mpmath.mpf(3)):
            integral = mpmath.quad(lambda s, u=u: mpmath.exp(-u * s) * kernel(s), [0.0001, 1, 5, 20, 120])
            near_zero = kernel(mpmath.mpf("0.00005")) / 10000
            whole = sum(mpmath.mpf(c.p) / c.q * u**k for k, c in enumerate(found.polynomial))
            value = lambdify(x, expression, "mpmath")(u)
            assert abs(whole + integral + near_zero - value) < 1e-7 * (1 + abs(value))


@pytest.mark.parametrize(
    "expression",
    [
        polygamma(0, x) - log(x),
        polygamma(1, x) * polygamma(2, x),
        polygamma(1, x) / (x + 1),
        polygamma(1, 1 - x),
        polygamma(1, x) * exp(x),
        1 / polygamma(1, x),
        polygamma(1, x**2),
        polygamma(1, x) + 1 / (x**2 + 1),
    ],
)
def test_what_is_no_such_sum_has_none(expression: Expr) -> None:
    assert transform(expression, x, t) is None


@pytest.mark.parametrize(
    ("expression", "op"),
    [
        (x * polygamma(1, x) - 1, ">"),
        (polygamma(2, x) + 1 / x**2, "<"),
        (polygamma(1, x + S.Half) - polygamma(1, x), "<"),
        (polygamma(1, x) - 1 / x - 1 / (2 * x**2), ">"),
        (2 * polygamma(1, x) + x * polygamma(2, x), ">"),
        (polygamma(1, 3 * x) - 1 / (3 * x), ">"),
    ],
)
def test_signs_that_hold(expression: Expr, op: str) -> None:
    step = prove_relation(Relation(expression, op), POSITIVE)
    assert step is not None
    assert step.rule == "laplace"
    assert check(step) == "checked"


def laplace(expression: Expr, op: str, kernel: Expr, kernel_op: str, form: Expr = x) -> Step:
    known = prove_relation(Relation(kernel, kernel_op), Context((Relation(t, ">"),)))
    assert known is not None
    data = (("form", form), ("t", t))
    return Step(POSITIVE, Holds(Relation(expression, op)), "laplace", (known,), data)


def test_lies() -> None:
    honest = laplace(polygamma(1, x) - 1 / x, ">", t - 1 + exp(-t), ">")
    assert is_accepted(honest)
    claim = cast(Holds, honest.claim).relation
    for lie in (
        replace(honest, claim=Holds(replace(claim, op="<"))),
        replace(honest, claim=Holds(Relation(polygamma(1, x) - 2 / x, ">"))),  # another kernel
        replace(honest, claim=Holds(Relation(polygamma(1, x) - 1 / x - 1, ">"))),  # less a number
        replace(honest, claim=Holds(Relation(polygamma(1, x - 1) - 1 / (x - 1), ">"))),  # beyond the pole
        replace(honest, context=Context()),  # x may be negative
        replace(honest, context=Context((Relation(x + 1, ">"),))),
        replace(honest, premises=()),
        laplace(polygamma(1, x) - 1 / x, ">", t - 1 + exp(-t), ">="),  # not strictly
        laplace(polygamma(1, x) - 1 / x, ">", t - 1 + exp(-t), ">", form=x - 1),  # x > 1 is not given
        replace(honest, certificate=(("form", x), ("t", x))),
        replace(honest, certificate=(("form", x), ("t", Symbol("t", positive=True)))),
    ):
        assert not is_accepted(lie)


@pytest.mark.parametrize(
    ("text", "variables", "kind"),
    [
        ("loggamma(x+y+z) - loggamma(x) - loggamma(y) - loggamma(z) + 2*x", "x y z", "concave"),  # Dirichlet
        ("a*log(b) - loggamma(a) + 2*a - 3*b", "a b", "concave"),  # Gamma: rate b, shape a
        ("digamma(x) - log(x)", "x", "concave"),
        ("2*loggamma(x) + 5*loggamma(y) - 2*loggamma(x+y)", "x y", "convex"),
        ("loggamma((x+1)/2) - loggamma(x/2) - log(x)/2", "x", "concave"),  # Student: degrees of freedom
    ],
)
def test_likelihoods(text: str, variables: str, kind: str) -> None:
    """Against Hessians at 50 points in 30 digits."""
    problem = Problem(text, variables)
    found = problem.convexity(refute=False)
    assert (found.kind, found.strict, found.evidence.trust) == (kind, True, "checked")
    assert isinstance(found.evidence.steps[0].claim, Curved)
    sign = 1 if kind == "convex" else -1
    f = lambdify(problem.variables, problem.objective, "mpmath")
    size = len(problem.variables)
    with mpmath.workdps(30):
        for k in range(1, 51):
            point = [mpmath.mpf((7 * k * (j + 1)) % 31 + 1) / 5 for j in range(size)]
            step = [mpmath.mpf((3 * k + 5 * j) % 7 - 3) / 1000 for j in range(size)]
            ends = [[p + s * d for p, d in zip(point, step, strict=True)] for s in (-1, 1)]
            if any(step):
                assert sign * (f(*ends[0]) + f(*ends[1]) - 2 * f(*point)) > 0


def test_the_integral_is_shown() -> None:
    told = " ".join(str(Problem("loggamma(x) - x*log(x)", "x").convexity().explain()).split())
    assert "since (x*polygamma(1, x) - 1)/x is the integral of " in told
    assert told.endswith("over t > 0.")


def test_more_than_the_beta_function_is_taken_off_is_not_convex() -> None:
    assert (
        Problem("loggamma(x) + loggamma(y) - 2*loggamma(x+y)", "x y").convexity(refute=False).kind
        == "undecided"
    )
    assert (
        Problem("loggamma(x) + loggamma(y) - loggamma(x+y+1)", "x y").convexity(refute=False).kind
        == "undecided"
    )


def test_the_digamma_function_needs_a_positive_argument_as_typed() -> None:
    assert [str(r) for r in Problem("digamma(x) + trigamma(2 - x)", "x").domain] == ["x > 0", "x < 2"]


def test_a_chord_with_large_ends_is_not_multiplied_out() -> None:
    """SymPy's loggamma(10^6) is the logarithm of a number of five million digits."""
    assert Problem("loggamma(x) + (1/2 - x)*log(x)", "x").convexity(refute=True, timeout=5).kind == "convex"


def test_falling_arguments() -> None:
    below = Context((Relation(2 - x, ">"),))
    step = prove_relation(Relation(polygamma(1, 6 - 3 * x) - 1 / (6 - 3 * x), ">"), below)
    assert step is not None
    assert (step.rule, check(step)) == ("laplace", "checked")
    assert transform(polygamma(1, 2 - x), x, t) is None
    assert transform(polygamma(1, 2 - x), x**2, t) is None


def test_rational_scales() -> None:
    found = transform(polygamma(1, 3 * x / 2), x, t)
    assert found is not None
    assert found.numerator == Rational(4, 9) * t
