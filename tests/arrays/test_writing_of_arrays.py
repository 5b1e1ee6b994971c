"""Derivatives as they are printed in the terminal and in LaTeX; the formulas are written by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sympy import HadamardProduct, IndexedBase, MatrixSymbol, Sum, Trace, symbols, tanh

from symopt import Problem, elementwise, log_det, log_sum_exp, norm, ones, softplus, total
from symopt.writing.arrays import array_text
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX, TEXT

N, M, K = symbols("N M K", integer=True, positive=True)
X, y, w, A = (
    MatrixSymbol("X", N, M),
    MatrixSymbol("y", N, 1),
    MatrixSymbol("w", M, 1),
    MatrixSymbol("A", M, M),
)
U, V, W, Y = (
    MatrixSymbol("U", N, K),
    MatrixSymbol("V", K, M),
    MatrixSymbol("W", M, K),
    MatrixSymbol("Y", N, K),
)
b, lam = symbols("b lambda", real=True)
SQUARES = Problem(norm(y - X * w - b * ones(N)) ** 2, [w, b])


@pytest.mark.parametrize(
    ("objective", "variable", "text", "latex"),
    [
        (norm(y - X * w) ** 2, w, "-2 X^T (y - X w)", r"-2 X^{\top} (y - X w)"),
        (
            norm(y - X * w) ** 2 + lam * norm(w) ** 2,
            w,
            "2 lambda w - 2 X^T (y - X w)",
            r"2 \lambda w - 2 X^{\top} (y - X w)",
        ),
        (
            total(softplus(X * w) - HadamardProduct(y, X * w)) / N,
            w,
            "X^T (sigmoid(X w) - y)/N",
            r"\frac{1}{N} X^{\top} (\sigma(X w) - y)",
        ),
        (
            total(log_sum_exp(X * W, axis=1)) - Trace(Y.T * X * W),
            W,
            "X^T (softmax_rows(X W) - Y)",
            r"X^{\top} (\operatorname{softmax}_{\text{rows}}(X W) - Y)",
        ),
        (norm(X - U * V) ** 2, U, "-2 (X - U V) V^T", r"-2 (X - U V) V^{\top}"),
        (norm(X - U * V) ** 2, V, "-2 U^T (X - U V)", r"-2 U^{\top} (X - U V)"),
        (log_det(A), A, "A^(-T)", r"A^{-\top}"),
        (Trace(A), A, "I", "I"),
        (norm(w), w, "w/||w||", r"\frac{1}{\lVert w \rVert} w"),
        (norm(y - b * ones(N)) ** 2, b, "-2 1^T (y - b 1)", r"-2 \mathbf{1}^{\top} (y - b \mathbf{1})"),
        (total(elementwise(tanh, X * w)), w, "X^T (1 - (tanh(X w))^(∘2))", None),
        (w.T * A * w, w, "(A + A^T) w", r"(A + A^{\top}) w"),
    ],
)
def test_gradients_as_a_person_writes_them(
    objective: Any, variable: Any, text: str, latex: str | None
) -> None:
    (slope,) = Problem(objective, [variable]).gradient
    assert array_text(slope, TEXT, Notation()) == text
    if latex is not None:
        assert array_text(slope, LATEX, Notation()) == latex


def test_the_hessian_of_a_regression_in_blocks() -> None:
    blocks = [[array_text(block, TEXT, Notation()) for block in row] for row in SQUARES.hessian]
    assert blocks == [["2 X^T X", "2 X^T 1"], ["2 1^T X", "2 N"]]
    (row,) = Problem(norm(X - U * V) ** 2, [U]).hessian
    assert array_text(row[0], TEXT, Notation()) == "2 I ⊗ (V V^T)"
    logistic = Problem(total(softplus(X * w)) / N, [w])
    assert "X^T diag(s ∘ (1 - s)) X/N" in str(logistic.derivatives()) or "sigmoid" in str(
        logistic.derivatives()
    )


def test_problems_print_in_every_format() -> None:
    assert str(SQUARES).replace("\n", " ") == (
        "Minimise f(w, b) = ||y - X w - b 1||^2 over w ∈ R^M and b ∈ R, with data X ∈ R^(N x M) and y ∈ R^N."
    )
    assert SQUARES.latex() == r"f(w, b) = \lVert y - X w - b \mathbf{1} \rVert^2"
    markdown = SQUARES.derivatives()._repr_markdown_()
    assert markdown is not None
    assert r"\frac{\partial f}{\partial w} &= -2 X^{\top} (y - X w - b \mathbf{1})" in markdown
    standalone = SQUARES.derivatives().explain().latex(standalone=True)
    assert r"\frac{\partial^2 f}{\partial w \partial b} &= 2 X^{\top} \mathbf{1}" in standalone


def test_a_function_that_is_written_often_gets_a_letter() -> None:
    told = str(Problem(total(softplus(X * w)) + norm(w) ** 2, [w]).derivatives())
    assert "X^T s + 2 w" in told
    assert "with s = sigmoid(X w)" in told


def test_indexed_sums_stay_indexed_sums() -> None:
    i = symbols("i", integer=True)
    t, u = symbols("t u", real=True)
    p, q = IndexedBase("p"), IndexedBase("q")
    problem = Problem(Sum((q[i] - t * p[i] - u) ** 2, (i, 1, N)), [t, u])
    assert problem.gradient[1] == -2 * Sum(q[i] - t * p[i] - u, (i, 1, N))
    assert problem.hessian[0] == (2 * Sum(p[i] ** 2, (i, 1, N)), 2 * Sum(p[i], (i, 1, N)))
    assert problem.hessian[1][1] == 2 * N
    assert array_text(problem.gradient[1], LATEX, Notation()) == r"-2 \sum_{i=1}^{N} (q_{i} - t p_{i} - u)"


def test_k_means_in_indices_gives_counts_and_sums() -> None:
    i, j, k = symbols("i j k", integer=True)
    r, x, mu = IndexedBase("r"), IndexedBase("x"), IndexedBase("mu")
    loss = Sum(r[i, k] * (x[i, j] - mu[k, j]) ** 2, (j, 1, M), (k, 1, K), (i, 1, N))
    (slope,) = Problem(loss, [mu]).gradient
    assert array_text(slope, TEXT, Notation()) == "2 diag(r^T 1) mu - 2 r^T x"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_worked_answer_about_arrays_compiles_with_amsmath_alone(tmp_path: Path) -> None:
    page = Problem(norm(y - X * w - b * ones(N)) ** 2, [w, b]).worked_answer()
    assert "w^{*}" in page.latex()
    assert page.save(tmp_path / "answer.pdf").read_bytes().startswith(b"%PDF")
