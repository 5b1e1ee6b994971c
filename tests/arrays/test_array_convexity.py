"""Convexity of losses over data: expected answers derived by hand, and every claim tried on random chords."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from array_losses import ROWS, A, B, S, U, V, W, X, Y, b, k, lam, m, n, sample, w, x, y
from array_oracle import array, evaluate, flat
from sympy import (
    Abs,
    HadamardProduct,
    IndexedBase,
    Matrix,
    MatrixSymbol,
    Max,
    Min,
    Sum,
    Symbol,
    Trace,
    exp,
    log,
    symbols,
)

from symopt import Problem, elementwise, log_sum_exp, norm, ones, softplus, total
from symopt.errors import InputError, UndecidedError

positive = Symbol("lambda", positive=True)
c = MatrixSymbol("c", n, 1)

# kind, strict (None: under the condition, or not decided), and the matrix whose full column rank makes it strict.
EXPECTED: list[tuple[Any, list[Any], str, bool | None, str]] = [
    (norm(y - X * w) ** 2, [w], "convex", None, "((X,),)"),
    (norm(y - X * w - b * ones(n)) ** 2, [w, b], "convex", None, "((X, 1),)"),
    (norm(y - X * w - b * ones(n)) ** 2, [b, w], "convex", None, "((1, X),)"),
    (norm(y - X * w) ** 2 + positive * norm(w) ** 2, [w], "convex", True, "()"),
    (norm(y - X * w - b * ones(n)) ** 2 + positive * norm(w) ** 2, [w, b], "convex", True, "()"),
    (norm(y - X * w) ** 2 + positive * norm(w, 1), [w], "convex", None, "()"),
    (-(norm(x) ** 2), [x], "concave", True, "()"),
    (-(norm(y - X * w) ** 2), [w], "concave", None, "((X,),)"),
    (total(softplus(X * w) - HadamardProduct(y, X * w)) / n, [w], "convex", None, "((X,),)"),
    (total(softplus(X * w + b * ones(n))), [w, b], "convex", None, "((X, 1),)"),
    (total(softplus(-HadamardProduct(y, X * w))), [w], "convex", None, "((DiagMatrix(y)*X,),)"),
    (total(elementwise(exp, X * w)) - total(y.T * X * w), [w], "convex", None, "((X,),)"),
    (total(log_sum_exp(X * W, axis=1)) - Trace(Y.T * X * W), [W], "convex", None, "()"),
    (log_sum_exp(X * w) + positive * norm(w) ** 2, [w], "convex", True, "()"),
    (norm(X * w - y), [w], "convex", None, "()"),
    (norm(X * w - y) + norm(w) ** 3, [w], "convex", None, "()"),
    (
        total(elementwise(lambda u: Max(0, 1 - u), HadamardProduct(y, X * w))) + norm(w) ** 2,
        [w],
        "convex",
        True,
        "()",
    ),
    (total(elementwise(lambda u: Min(0, u), X * w)), [w], "concave", None, "()"),
    (total(elementwise(lambda u: u**4, X * w - y)), [w], "convex", None, "((X,),)"),
    (x.T * A.T * A * x, [x], "convex", None, "((A,),)"),
    (a_times := total(y.T * X * w), [w], "affine", False, "()"),
    (Trace(A * S), [S], "affine", False, "()"),
    (norm(X - U * V) ** 2, [U], "convex", None, "((KroneckerProduct(I, V.T),),)"),
    (norm(x) ** 2 + norm(w) ** 2, [x, w], "convex", True, "()"),
    (total(elementwise(log, x)), [x], "concave", True, "()"),
    (elementwise(Abs, x).T * ones(m), [x], "convex", None, "()"),
]


@pytest.mark.parametrize(("objective", "variables", "kind", "strict", "when"), EXPECTED, ids=str)
def test_convexity_as_derived_by_hand(
    objective: Any, variables: Any, kind: str, strict: Any, when: str
) -> None:
    found = Problem(objective, variables).convexity()
    assert (found.kind, found.strict, str(found.strict_when)) == (kind, strict, when)
    assert found.evidence.status == "proved"


@pytest.mark.parametrize(
    ("objective", "variables"),
    [
        (x.T * B * x, [x]),  # convex exactly when B + B^T is positive semidefinite
        (norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w]),  # lambda may be negative
        (norm(X - U * V) ** 2, [U, V]),
        (total(HadamardProduct(c, elementwise(lambda u: u**2, y - X * w))), [w]),  # weights of any sign
        (norm(X * w) ** 2 - norm(w) ** 2, [w]),
        (Trace(S * S), [S]),
        (total(elementwise(lambda u: u**3, X * w)), [w]),
        (total(HadamardProduct(y, elementwise(exp, X * w))), [w]),
        (norm(y - elementwise(exp, X * W) * MatrixSymbol("v", k, 1)) ** 2, [W]),
        ((norm(w) ** 2 - 1) ** 2, [w]),
        (exp(-(norm(x) ** 2)), [x]),
        (norm(x) * b, [x, b]),
        (1 / norm(x) ** 2, [x]),
        (norm(w) ** 2 - log_sum_exp(X * w), [w]),
        (total(elementwise(lambda u: Max(u, -(u**2)), x)), [x]),
    ],
    ids=str,
)
def test_what_depends_on_the_data_or_is_not_convex_is_never_claimed(objective: Any, variables: Any) -> None:
    found = Problem(objective, variables).convexity()
    assert found.kind == "undecided"
    assert found.strict is None
    assert "no rule shows" in found.evidence.reason
    with pytest.raises(UndecidedError, match="is f convex"):
        bool(Problem(objective, variables).is_convex())


CLAIMED = [*((o, v) for _, o, v in ROWS), *((o, v) for o, v, *_ in EXPECTED)]


@pytest.mark.parametrize(
    ("objective", "variables"), CLAIMED, ids=[str(place) for place in range(len(CLAIMED))]
)
def test_every_claim_holds_on_random_chords(objective: Any, variables: Any) -> None:
    claim = Problem(objective, variables).convexity()
    if claim.kind == "undecided":
        return
    generator = random.Random(7)
    for seed in range(2):
        values = sample(objective, seed)
        values[positive] = mpmath.mpf(1) / 3
        with mpmath.workdps(30):
            ends = [{v: moved(values[v], generator, objective.has(log)) for v in variables} for _ in range(2)]
            middle = {v: (ends[0][v] + ends[1][v]) / 2 for v in variables}
            first, second, between = (number(objective, {**values, **at}) for at in (*ends, middle))
            bend = (first + second) / 2 - between
            tiny = mpmath.mpf(10) ** -20
            if claim.kind == "affine":
                assert abs(bend) < tiny
            else:
                bend = bend if claim.kind == "convex" else -bend
                assert bend > tiny if claim.strict else bend > -tiny


def number(objective: Any, values: Any) -> Any:
    return flat(evaluate(objective, values))[0]


def moved(value: Any, generator: random.Random, above_zero: bool) -> Any:
    """The value with every entry moved; all positive where logarithms need it."""

    def step() -> Any:
        return mpmath.mpf(generator.randint(1, 40) if above_zero else generator.randint(-20, 20)) / 9

    if not isinstance(value, mpmath.matrix):
        return step() if above_zero else value + step()
    new = mpmath.matrix(value.rows, value.cols)
    for i in range(value.rows):
        for j in range(value.cols):
            new[i, j] = step() if above_zero else value[i, j] + step()
    return new


def test_without_full_column_rank_a_regression_is_constant_along_a_line() -> None:
    """The rows (1, 2) for all i: 2 e_1 - e_2 is in the kernel, and with b so is e_1 - b."""
    objective = norm(y - X * w - b * ones(n)) ** 2
    values = {**sample(objective, 1), X: array([[Fraction(1), Fraction(2)]] * 4)}
    steps = [array([[Fraction(2) * t], [Fraction(-1) * t]]) for t in range(3)]
    along = [number(objective, {**values, w: step}) for step in steps]
    assert max(along) - min(along) < 1e-25


def test_the_condition_and_its_explanation_are_shown_in_every_format() -> None:
    convexity = Problem(norm(y - X * w - b * ones(n)) ** 2, [w, b]).convexity()
    assert str(convexity) == "f is convex; strictly exactly when [X  1] has full column rank."
    assert r"\begin{bmatrix} X & \mathbf{1} \end{bmatrix}" in convexity.latex()
    text = convexity.explain().text().replace("\n", " ")
    assert "of the entries of X d_w + d_b 1" in text
    assert "So the Hessian is positive semidefinite." in text
    assert convexity.to_dict()["cases"][0]["strict_when"] == [["X", "1"]]


def test_indexed_sums_have_the_same_convexity() -> None:
    i = symbols("i", integer=True)
    t, u = symbols("t u", real=True)
    p, q = IndexedBase("p"), IndexedBase("q")
    convexity = Problem(Sum((q[i] - t * p[i] - u) ** 2, (i, 1, n)), [t, u]).convexity()
    assert (convexity.kind, str(convexity.strict_when)) == ("convex", "((p, 1),)")


def test_verdicts_are_true_for_what_is_proved() -> None:
    problem = Problem(norm(y - X * w) ** 2, [w])
    assert bool(problem.is_convex())
    assert problem.is_convex().status == "proved"
    assert problem.is_concave().status == "undecided"


def test_other_questions_are_refused_in_one_sentence() -> None:
    problem = Problem(norm(y - X * w) ** 2, [w])
    for question in (problem.step_size_theory, problem.why_not_dcp, lambda: problem.domain):
        with pytest.raises(InputError, match="losses that are functions of sums over data"):
            question()


def test_rows_of_different_signs_keep_them() -> None:
    """||X w + X v||^2 + ||X w - X v||^2 = 2 ||X w||^2 + 2 ||X v||^2: strict where X has full column rank."""
    v = MatrixSymbol("v", m, 1)
    found = Problem(norm(X * w + X * v) ** 2 + norm(X * w - X * v) ** 2, [w, v]).convexity()
    assert str(found.strict_when) == "((X, X), (X, -X))"
    blocks = Matrix([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, -1, 0], [0, 1, 0, -1]])
    assert blocks.rank() == 4


def test_convexity_for_all_data_holds_at_a_size() -> None:
    found = Problem(norm(y - X * w) ** 2, [w]).convexity().at(N=5)
    assert found.kind == "convex"
    assert found.evidence.trust == "checked"
    assert str(found.statement.objective.free_symbols & {n}) == "set()"
    assert "The checker has verified this" in found.explain(detail="full").text()
