"""Gradients and Hessians of the matrix-calculus literature against differences of 50 digits on random exact data.

Most rows are the formulas of The Matrix Cookbook (Petersen and Pedersen, 2012), by its sections; the others are the
losses of courses on machine learning, and those of papers on matrix calculus (Magnus and Neudecker 1988; Laue,
Mitterreiter and Giesen, NeurIPS 2018).
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
from array_oracle import array, flat
from sympy import (
    Abs,
    Determinant,
    HadamardProduct,
    Identity,
    Inverse,
    MatrixSymbol,
    Max,
    Piecewise,
    Rational,
    Symbol,
    Trace,
    exp,
    log,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf

from symopt import (
    elementwise,
    log_det,
    log_sum_exp,
    norm,
    ones,
    sigmoid,
    softmax,
    softplus,
    total,
)

N, M, K = 4, 2, 3
n, m, k = symbols("N M K", integer=True, positive=True)
SIZES = {n: N, m: M, k: K}
# Square matrices are M x M, data N x M, the factors of a product N x K and K x M.
A, B, C, D, S = (MatrixSymbol(name, m, m) for name in ["A", "B", "C", "D", "S"])
X, F = MatrixSymbol("X", n, m), MatrixSymbol("F", n, m)
U, V, W, Y = (
    MatrixSymbol("U", n, k),
    MatrixSymbol("V", k, m),
    MatrixSymbol("W", m, k),
    MatrixSymbol("Y", n, k),
)
y, c, q = (MatrixSymbol(name, n, 1) for name in ["y", "c", "q"])
w, a, d, x = (MatrixSymbol(name, m, 1) for name in ["w", "a", "d", "x"])
z = MatrixSymbol("z", k, 1)
b, lam, t = symbols("b lambda t", real=True)


def huber(u: Any) -> Any:
    return Piecewise((u**2 / 2, Abs(u) <= 1), (Abs(u) - Rational(1, 2), True))


CENTRED = X - ones(n) * a.T
CENTRE = x - ones(m) * total(x) / m
FACTORS = S * S.T + DiagMatrix(elementwise(exp, x))
POSITIVE = elementwise(exp, U) * elementwise(exp, V)
PRIOR = X * X.T + t**2 * Identity(n)

ROWS: list[tuple[str, Any, list[Any]]] = [
    ("49 det", Determinant(S), [S]),
    ("50 det of a product", Determinant(A * S * B), [S]),
    ("54 det of a quadratic form", Determinant(S.T * A * S), [S]),
    ("57 log det", log(Determinant(S)), [S]),
    ("57b log det of a Gram matrix", log_det(S.T * S), [S]),
    ("58 det of a power", Determinant(S**2), [S]),
    ("log det of a sum", log_det(S.T * S + lam * Identity(m)), [S, lam]),
    ("61 bilinear form of an inverse", a.T * Inverse(S) * d, [S]),
    ("62 det of an inverse", Determinant(Inverse(S)), [S]),
    ("63 trace of an inverse", Trace(A * Inverse(S) * B), [S]),
    ("64 trace of an inverse of a sum", Trace(Inverse(S + A)), [S]),
    ("69 linear form", a.T * x, [x]),
    ("70 bilinear form", a.T * S * d, [S]),
    ("71 with a transpose", a.T * S.T * d, [S]),
    ("72 both", a.T * S * a, [S]),
    ("74 entry sums", total(S), [S]),
    ("76 sum of squares of sums", (total(S)) ** 2, [S]),
    ("77 quadratic", a.T * S.T * S * d, [S]),
    ("78 product of affine maps", (B * x + a).T * C * (D * x + d), [x]),
    ("80 quadratic with a middle", a.T * S.T * D * S * d, [S]),
    ("81 quadratic form", x.T * B * x, [x]),
    ("82 quadratic in a matrix", a.T * S.T * D * S * d + (S * a + d).T * D * (S * a + d), [S]),
    ("84 weighted residual", (y - X * w).T * DiagMatrix(c) * (y - X * w), [w]),
    ("88 a matrix in a residual", (y - X * w).T * (y - X * w), [X]),
    ("90 a power of a matrix", a.T * S**3 * d, [S]),
    ("91 squares of powers", a.T * (S**2).T * S**2 * d, [S]),
    ("97 linear with a form", x.T * A * x + a.T * x, [x]),
    ("99 trace", Trace(S), [S]),
    ("100 trace of a product", Trace(S * A), [S]),
    ("101 trace of three", Trace(A * S * B), [S]),
    ("102 with a transpose", Trace(A * S.T * B), [S]),
    ("103 transpose first", Trace(S.T * A), [S]),
    ("105 of a square", Trace(S**2), [S]),
    ("106 square and constant", Trace(S**2 * B), [S]),
    ("107 form", Trace(S.T * B * S), [S]),
    ("108 form from the right", Trace(B * S * S.T), [S]),
    ("111 form inside", Trace(S * B * S.T), [S]),
    ("114 two", Trace(A * S * B * S), [S]),
    ("115 squares", Trace(S.T * S), [S]),
    ("116 long form", Trace(B.T * S.T * C * S * B), [S]),
    ("117 two sides", Trace(S.T * B * S * C), [S]),
    ("118 two and a transpose", Trace(A * S * B * S.T * C), [S]),
    ("119 residual", Trace((A * S * B + C) * (A * S * B + C).T), [S]),
    ("121 power", Trace(S**4), [S]),
    ("122 constant and power", Trace(A * S**3), [S]),
    ("123 degree four", Trace(B.T * S.T * C * S * S.T * C * S * B), [S]),
    ("124 inverse", Trace(A * Inverse(S) * B), [S]),
    ("125 inverse of a form", Trace(Inverse(X.T * DiagMatrix(c) * X) * A), [X]),
    ("126 quotient of forms", Trace(Inverse(X.T * DiagMatrix(c) * X) * (X.T * DiagMatrix(q) * X)), [X]),
    ("129 distance", norm(x - a), [x]),
    ("130 direction", (x - a).T * d / norm(x - a), [x]),
    ("131 squared length", norm(x) ** 2, [x]),
    ("132 Frobenius", norm(S) ** 2, [S]),
    ("132b Frobenius norm", norm(A * S - B), [S]),
    ("linear regression", norm(y - X * w - b * ones(n)) ** 2, [w, b]),
    ("ridge", norm(y - X * w) ** 2 + lam * norm(w) ** 2, [w, lam]),
    ("weighted least squares", total(HadamardProduct(c, elementwise(lambda u: u**2, y - X * w))), [w, c]),
    ("logistic regression", total(softplus(X * w) - HadamardProduct(y, X * w)) / n, [w]),
    (
        "cross entropy as in the notes",
        -total(
            HadamardProduct(c, elementwise(log, sigmoid(X * w - b * ones(n))))
            + HadamardProduct(ones(n) - c, elementwise(log, 1 - sigmoid(X * w - b * ones(n))))
        )
        / n,
        [w, b],
    ),
    ("labels of plus and minus one", total(softplus(-HadamardProduct(y, X * w))), [w]),
    ("softmax regression", total(log_sum_exp(X * W, axis=1)) - Trace(Y.T * X * W), [W]),
    ("log of softmax", -total(HadamardProduct(Y, elementwise(log, softmax(X * W, axis=1)))), [W]),
    ("softmax of columns", total(HadamardProduct(Y, softmax(U, axis=0))), [U]),
    ("softmax of all", total(HadamardProduct(F, softmax(X * t))), [X, t]),
    ("log-sum-exp", log_sum_exp(X * w), [w]),
    ("log-sum-exp of columns", total(elementwise(sin, log_sum_exp(S, axis=0))), [S]),
    ("factorisation", norm(X - U * V) ** 2, [U, V]),
    ("factorisation with ridge", norm(X - U * V) ** 2 + lam * norm(U) ** 2 + lam * norm(V) ** 2, [U, V]),
    ("Gaussian likelihood", n * log_det(S) + Trace(Inverse(S) * X.T * X), [S]),
    ("precision matrix", Trace(S * A) - log_det(S), [S]),
    ("network", norm(y - elementwise(tanh, X * W) * z) ** 2 / 2, [W, z]),
    ("network of sigmoids", norm(y - sigmoid(X * W) * z - b * ones(n)) ** 2 / n, [W, z, b]),
    ("network with a softmax", total(log_sum_exp(elementwise(tanh, X * S) * W, axis=1)), [S, W]),
    ("rectifier", norm(y - elementwise(lambda u: Max(0, u), X * W) * z) ** 2, [W, z]),
    (
        "Huber",
        total(elementwise(huber, y - X * w)),
        [w],
    ),
    ("Poisson regression", total(elementwise(exp, X * w)) - total(y.T * X * w), [w]),
    ("variance", norm(y - ones(n) * total(y) / n) ** 2 / n, [y]),
    ("entropy", total(elementwise(lambda u: exp(u) * u, x)), [x]),
    ("Rayleigh quotient", (x.T * A * x) / norm(x) ** 2, [x]),
    ("exponential of a form", exp(-x.T * A * x), [x]),
    ("diagonal", total(elementwise(sin, DiagonalOf(S * A))), [S]),
    ("diagonal matrix", Trace(A * DiagMatrix(x) * B * DiagMatrix(x)), [x]),
    ("Hadamard square", total(HadamardProduct(S, S, A)), [S]),
    ("Hadamard in a trace", Trace(HadamardProduct(S, A) * B * S), [S]),
    ("sums of rows", norm(total(S * A, axis=1)) ** 2, [S]),
    ("sums of columns", norm(total(S * A, axis=0)) ** 2, [S]),
    ("two arrays in one function", total(elementwise(lambda u, v: sin(u * v) + b * u, X, F)), [X, b]),
    ("cubic", norm(x) ** 3 + norm(x) ** 4, [x]),
    ("kernel", total(elementwise(exp, S * S.T)), [S]),
    ("fourth powers of residuals", total(elementwise(lambda u: u**4, y - X * w - b * ones(n))), [w, b]),
    ("fourth power of a length", norm(y - X * w) ** 4, [w]),
    ("Sylvester's equation", norm(A * S + S * B - C) ** 2, [S]),
    ("Lyapunov's equation", norm(A * S + S * A.T + B) ** 2, [S]),
    ("two sides and a transpose", Trace(A * S * B * S.T), [S]),
    ("Hadamard with an inverse", total(HadamardProduct(Inverse(S), A)), [S]),
    ("log det of a weighted Gram matrix", log_det(X.T * DiagMatrix(c) * X), [X, c]),
    ("log det of a product", log_det(A * S.T * S * A.T), [S]),
    ("determinant and trace", Determinant(S) * Trace(S), [S]),
    (
        "marginal likelihood",
        log_det(S * S.T + t**2 * Identity(m)) + Trace(a.T * Inverse(S * S.T + t**2 * Identity(m)) * a),
        [S, t],
    ),
    ("mask", norm(HadamardProduct(S, A) * d - a) ** 2, [S, d]),
    ("rank one", norm(A - x * d.T) ** 2, [x, d]),
    ("triangle", Trace(S * HadamardProduct(A, S) * HadamardProduct(S, B)), [S]),
    ("attention", Trace(F.T * softmax(Y * Y.T, axis=1) * X), [Y]),
    (
        "likelihood in mean and covariance",
        n * log_det(S) / 2 + Trace(Inverse(S) * CENTRED.T * CENTRED) / 2,
        [S, a],
    ),
    ("log det of A + X X^T", log_det(A + S * S.T), [S]),
    ("factor analysis", log_det(FACTORS) + Trace(A * Inverse(FACTORS)), [S, x]),
    ("trace of X^T D X B", Trace(X.T * DiagMatrix(c) * X * B), [X]),
    ("commutator", norm(A * S - S * A) ** 2, [S]),
    (
        "factorisation by Kullback and Leibler",
        total(POSITIVE) - total(HadamardProduct(X, elementwise(log, POSITIVE))),
        [U, V],
    ),
    ("quadratic over linear", norm(X * w) ** 2 / (total(a.T * w) + 5), [w]),
    ("squared hinge", total(elementwise(lambda u: Max(0, 1 - u) ** 2, HadamardProduct(y, X * w))), [w]),
    (
        "hinge",
        total(elementwise(lambda u: Max(0, 1 - u), HadamardProduct(y, X * w))) / n + lam * norm(w) ** 2,
        [w],
    ),
    ("pinball", total(elementwise(lambda u: Max(t * u, (t - 1) * u), y - X * w)), [w]),
    ("two norms", norm(X * w - y) * norm(a - w), [w]),
    ("Student's t", total(elementwise(lambda u: log(1 + u**2 / 3), y - X * w)), [w]),
    ("inverse of a symmetrised matrix", a.T * Inverse(S + S.T) * d, [S]),
    ("inverses of both sides", a.T * Inverse(S).T * Inverse(S) * a, [S]),
    ("volume", sqrt(Determinant(S.T * S)), [S]),
    ("square of a trace", Trace(S.T * A * S) ** 2, [S]),
    ("root of a trace", sqrt(Trace(S * S.T) + 7), [S]),
    ("cosine of an angle", -(X * w).T * y / (norm(X * w) * norm(y)), [w]),
    ("layer normalisation", total(a.T * CENTRE) / sqrt(norm(CENTRE) ** 2 / m + t**2), [x]),
    ("swish", total(elementwise(lambda u: u / (1 + exp(-u)), X * W)), [W]),
    ("residual network", norm(X + elementwise(tanh, X * S) - F) ** 2, [S]),
    ("mixture with biases", norm(z) ** 2 - total(log_sum_exp(X * W - ones(n) * z.T, axis=1)), [W, z]),
    ("log of a form", log(1 + total(x.T * A.T * A * x)), [x]),
    ("Stein's divergence", log_det((A.T * A + S.T * S) / 2) - log_det(S.T * S) / 2, [S]),
    ("powers with a parameter", total(elementwise(lambda u: (u**2 + 1) ** t, x)), [x, t]),
    ("smooth absolute values", total(elementwise(lambda u: sqrt(u**2 + t**2), S)), [S, t]),
    ("inverse of a number", Inverse(x.T * A.T * A * x + t**2 * Identity(1)), [x]),
    ("sum of cofactors", Determinant(S) * Trace(Inverse(S)), [S]),
    ("Gram matrix", norm(S * S.T - A) ** 2, [S]),
    ("Gaussian process", total(y.T * Inverse(PRIOR) * y) + log_det(PRIOR), [X, t]),
    ("power of -2", Trace(S ** (-2) * A), [S]),
    ("diagonal of a product", norm(DiagonalOf(S * A * S.T)) ** 2, [S]),
    ("softmax of a map", a.T * softmax(B * x), [x]),
]
NAMES = [row[0] for row in ROWS]


def draw(generator: random.Random, rows: int, columns: int) -> list[list[Fraction]]:
    return [[Fraction(generator.randint(-9, 9), 7) for _ in range(columns)] for _ in range(rows)]


def sample(objective: Any, seed: int) -> dict[Any, Any]:
    """Exact random data; square matrices are near 2 I, so that determinants are positive."""
    generator = random.Random(seed)
    values: dict[Any, Any] = dict(SIZES)
    with mpmath.workdps(50):
        for symbol in sorted(objective.free_symbols | {A}, key=str):
            if isinstance(symbol, MatrixSymbol):
                rows, columns = (SIZES[size] if size in SIZES else int(size) for size in symbol.shape)
                entries = draw(generator, rows, columns)
                if rows == columns:
                    entries = [
                        [u / 9 + 2 * (i == j) for j, u in enumerate(row)] for i, row in enumerate(entries)
                    ]
                if symbol in (c, q):
                    entries = [[abs(u) / 2 + Fraction(1, 5) for u in row] for row in entries]
                values[symbol] = array(entries)
            elif isinstance(symbol, Symbol) and symbol not in SIZES:
                values[symbol] = mpmath.mpf(3) / 7
    return values


def close(found: Any, wanted: Any, digits: int = 20) -> bool:
    ours, others = flat(found), flat(wanted)
    assert len(ours) == len(others)
    scale = 1 + max(map(abs, others))
    return all(abs(p - r) <= scale * mpmath.mpf(10) ** -digits for p, r in zip(ours, others, strict=True))
