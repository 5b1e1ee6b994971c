"""What is said of losses over data: honest derivations, which the checker takes, and lying ones, which it does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sympy import (
    Abs,
    HadamardProduct,
    IndexedBase,
    MatrixSymbol,
    Max,
    Piecewise,
    Q,
    Rational,
    Sum,
    Symbol,
    Trace,
    exp,
    log,
    sqrt,
    symbols,
)

from symopt import Problem, elementwise, log_sum_exp, norm, ones, softplus, total
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import ArrayStrict, Context, Curved, Step
from symopt.relation import Relation

N, M, K = symbols("N M K", integer=True, positive=True)
X, y, w, v = (
    MatrixSymbol("X", N, M),
    MatrixSymbol("y", N, 1),
    MatrixSymbol("w", M, 1),
    MatrixSymbol("v", M, 1),
)
A, B, c, W = (
    MatrixSymbol("A", M, M),
    MatrixSymbol("B", M, M),
    MatrixSymbol("c", N, 1),
    MatrixSymbol("W", M, K),
)
Y, U, V = MatrixSymbol("Y", N, K), MatrixSymbol("U", N, K), MatrixSymbol("V", K, M)
b, lam, t = symbols("b lambda t", real=True)
i, mu, weight = symbols("i", integer=True), symbols("mu", real=True), IndexedBase("r", nonnegative=True)
x = IndexedBase("x")
RESIDUAL = y - X * w - b * ones(N)
POSITIVE = [lam > 0]


def huber(u: Any) -> Any:
    return Piecewise((u**2 / 2, Abs(u) <= 1), (Abs(u) - Rational(1, 2), True))


def mapped(function: Any, array: Any) -> Any:
    return total(elementwise(function, array))


# Each with what is strict by hand: always, exactly when a matrix has full column rank, or None: not said.
HONEST: list[tuple[str, Any, list[Any], list[Any], str, Any]] = [
    ("least squares", norm(RESIDUAL) ** 2, [w, b], [], "convex", "[[X, 1]]"),
    ("ridge", norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w], POSITIVE, "convex", "always"),
    ("no ridge", norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w], [lam >= 0], "convex", None),
    (
        "plus and minus",
        norm(X * w + X * v) ** 2 + norm(X * w - X * v) ** 2,
        [w, v],
        [],
        "convex",
        "[[X, X], [X, -X]]",
    ),
    ("logistic", total(softplus(X * w) - HadamardProduct(y, X * w)) / N, [w], [], "convex", "[[X]]"),
    ("softmax", total(log_sum_exp(X * W, axis=1)) - Trace(Y.T * X * W), [W], [], "convex", None),
    ("Poisson", mapped(exp, X * w) - total(y.T * X * w), [w], [], "convex", "[[X]]"),
    (
        "hinge",
        mapped(lambda u: Max(0, 1 - u), HadamardProduct(y, X * w)) + lam * norm(w) ** 2,
        [w],
        POSITIVE,
        "convex",
        "always",
    ),
    ("lasso", norm(y - X * w) ** 2 + lam * mapped(Abs, w), [w], [lam >= 0], "convex", None),
    ("Huber", mapped(huber, RESIDUAL), [w, b], [], "convex", None),
    ("smooth", mapped(lambda u: sqrt(1 + u**2), RESIDUAL), [w, b], [], "convex", "[[X, 1]]"),
    ("fourth powers", mapped(lambda u: u**4, y - X * w), [w], [], "convex", "[[X]]"),
    ("entropy", mapped(lambda u: u * log(u), w), [w], [], "convex", "always"),
    ("barrier", -mapped(log, y - X * w), [w], [], "convex", "[[X]]"),
    ("one factor", norm(X - U * V) ** 2, [U], [], "convex", "rank"),
    ("form", w.T * A * w, [w], [Q.positive_definite(A)], "convex", "always"),
    ("lengths", norm(y - X * w) + norm(w), [w], [], "convex", None),
    ("weights", mapped(lambda u: u**2, HadamardProduct(c, y - X * w)), [w], [], "convex", None),
    ("indexed", Sum(weight[i] * (x[i] - mu) ** 2, (i, 1, N)), [mu], [], "convex", None),
    ("concave", -(norm(y - X * w) ** 2), [w], [], "concave", "[[X]]"),
    ("affine", total(X * w), [w], [], "affine", None),
]


def answered(name: str) -> Any:
    _, objective, variables, assuming, _, _ = next(row for row in HONEST if row[0] == name)
    return Problem(objective, variables, assuming=assuming).convexity()


@pytest.mark.parametrize(("name", "kind", "strict"), [(row[0], *row[4:]) for row in HONEST])
def test_what_is_shown_of_a_loss_over_data_is_checked(name: str, kind: str, strict: Any) -> None:
    found = answered(name)
    assert found.kind == kind
    assert found.evidence.trust == "checked"
    assert check(*found.evidence.steps) == "checked"
    if strict == "always":
        assert found.strict is True
    elif strict is not None and strict != "rank":
        assert str([list(row) for row in found.strict_when]) == strict
    if strict is None:
        assert found.strict is not True
        assert not found.strict_when or name == "weights"


def lies() -> Any:
    """Steps with one thing changed, each of which would say something false."""
    for name in ("least squares", "logistic", "Huber", "smooth", "entropy", "form", "hinge", "no ridge"):
        curved = answered(name).steps[0]
        for kind in ("concave", "affine"):
            yield f"{name} is {kind}", replace(curved, claim=replace(curved.claim, kind=kind))
        minus = (-Fraction(curved.claim.value[0]), curved.claim.value[1])
        yield f"minus {name} is convex", replace(curved, claim=replace(curved.claim, value=minus))
    for name in ("hinge", "no ridge", "lasso"):
        curved = answered(name).steps[0]
        without = tuple(r for r in curved.context.condition if lam not in r.symbols)
        yield f"{name} without a sign of lambda", replace(curved, context=Context((), without))
    form = answered("form").steps
    for step in form:
        yield "a form that is not definite", replace(step, claim=replace(step.claim, definite=frozenset()))
    yield "a form in another matrix", replace(form[0], claim=replace(form[0].claim, definite=frozenset({B})))
    for name in ("lasso", "Huber", "lengths", "no ridge", "softmax", "indexed", "affine"):
        curved = answered(name).steps[0]
        claim = curved.claim
        strict = ArrayStrict(claim.lines, claim.value, claim.variables, claim.definite, claim.kind, ())
        yield f"{name} is strict", replace(curved, claim=strict, rule="array_strictness")
    for name in ("least squares", "logistic", "fourth powers", "barrier", "plus and minus"):
        strict = answered(name).steps[1]
        claim = strict.claim
        yield f"{name} is always strict", replace(strict, claim=replace(claim, blocks=()))
        yield f"{name} with a row less", replace(strict, claim=replace(claim, blocks=claim.blocks[1:]))
        twice = (*claim.blocks, claim.blocks[0])
        yield f"{name} with a row more", replace(strict, claim=replace(claim, blocks=twice))
    both = answered("plus and minus").steps[1]
    unsigned = tuple(tuple((abs(number), line) for number, line in row) for row in both.claim.blocks)
    yield "plus and plus", replace(both, claim=replace(both.claim, blocks=unsigned))
    squares = answered("least squares").steps[1]
    (row,) = squares.claim.blocks
    yield "the blocks in another order", replace(squares, claim=replace(squares.claim, blocks=(row[::-1],)))
    yield "only one block", replace(squares, claim=replace(squares.claim, blocks=(row[:1],)))
    yield "a block of 0", replace(squares, claim=replace(squares.claim, blocks=((row[0], (0, row[1][1])),)))
    huber_step = answered("Huber").steps[0]
    (curve,) = huber_step.premises
    u = curve.claim.variables[0]
    yield "without the curve", replace(huber_step, premises=())
    for objective, kind in ((u**2, "convex"), (curve.claim.objective, "concave")):
        other = replace(curve, claim=Curved(objective, (u,), kind))
        yield "another curve", replace(huber_step, premises=(other,))
    smaller = replace(curve, context=Context((Relation(u, ">"),), ()))
    yield "a curve on half of the line", replace(huber_step, premises=(smaller,))
    ((line, (base, premise)),) = dict(huber_step.certificate)["functions"]
    for wrong in ((line, (0, premise)), (base, (base, premise)), (line, (line, premise))):
        yield "a curve of something else", replace(huber_step, certificate=(("functions", (wrong,)),))
    product = Problem(norm(X - U * V) ** 2, [U]).convexity().steps[0]
    yield "both factors", replace(product, claim=replace(product.claim, variables=(U, V)))
    yield (
        "a fact about a variable",
        replace(
            product, context=Context((), (*product.context.condition, Relation(Symbol("U", real=True), ">")))
        ),
    )
    lines = list(product.claim.lines)
    yield "lines in another order", replace(product, claim=replace(product.claim, lines=tuple(lines[::-1])))
    shifted = tuple((node, (*dims, M)) if node[0] == "leaf" else (node, dims) for node, dims in lines)
    yield "an axis more", replace(product, claim=replace(product.claim, lines=shifted))


@pytest.mark.parametrize(("lie", "step"), list(lies()))
def test_a_lie_about_a_loss_over_data_is_rejected(lie: str, step: Step) -> None:
    assert not is_accepted(step)


def test_a_weight_that_is_squared_may_be_0_so_that_nothing_is_strict() -> None:
    """f = sum c_i^2 u_i log u_i does not move with u_i where c_i = 0."""
    f = total(HadamardProduct(v, v, elementwise(lambda u: u * log(u), w)))
    found = Problem(f, [w]).convexity()
    assert found.kind == "convex"
    assert found.strict is None
    assert not found.strict_when


def test_a_definite_matrix_is_no_matrix_of_positive_entries() -> None:
    f = total(HadamardProduct(A, elementwise(lambda u: u**2, B)))
    assert Problem(f, [B], assuming=[Q.positive_definite(A)]).convexity().kind == "undecided"
    weak = Problem(f, [B], assuming=[Q.positive_definite(A), A[0, 0] >= 0]).convexity()
    assert weak.kind == "convex"
    assert weak.strict is None
