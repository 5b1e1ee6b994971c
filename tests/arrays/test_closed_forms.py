"""Normal equations and their solutions beside NumPy, scikit-learn and statsmodels, on data of full rank and of less."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from array_oracle import array, evaluate
from sympy import (
    IndexedBase,
    Inverse,
    Matrix,
    MatrixSymbol,
    Piecewise,
    Q,
    Rational,
    Sum,
    Symbol,
    Trace,
    oo,
    symbols,
)
from sympy.matrices.expressions.diagonal import DiagMatrix

from symopt import Problem, log_sum_exp, norm, ones, softplus, total
from symopt.errors import CasesError, InputError, UndecidedError

n, m, k = symbols("N M K", integer=True, positive=True)
i, j = symbols("i j", integer=True)
ROWS, COLUMNS, OUTPUTS = 7, 3, 2
SIZES = {n: ROWS, m: COLUMNS, k: OUTPUTS}
X, y, w = MatrixSymbol("X", n, m), MatrixSymbol("y", n, 1), MatrixSymbol("w", m, 1)
Y, W, beta = MatrixSymbol("Y", n, k), MatrixSymbol("W", m, k), MatrixSymbol("beta", k, 1)
A, u, c = MatrixSymbol("A", n, k), MatrixSymbol("u", k, 1), MatrixSymbol("c", n, 1)
b = Symbol("b", real=True)
alpha = Symbol("alpha", positive=True)
lam = Symbol("lambda", real=True)

PLAIN = norm(y - X * w) ** 2
AFFINE = norm(y - X * w - b * ones(n)) ** 2
LOSSES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "least squares": (PLAIN, [w], []),
    "mean of squares": (PLAIN / (2 * n), [w], []),
    "intercept": (AFFINE, [w, b], []),
    "intercept first": (AFFINE, [b, w], []),
    "ridge": (PLAIN + alpha * norm(w) ** 2, [w], []),
    "ridge with an assumption": (PLAIN + lam * norm(w) ** 2, [w], [lam > 0]),
    "ridge with intercept": (AFFINE + alpha * norm(w) ** 2, [w, b], []),
    "weighted": ((y - X * w).T * DiagMatrix(c) * (y - X * w), [w], [c[i, 0] > 0]),
    "weighted with zeros": ((y - X * w).T * DiagMatrix(c) * (y - X * w), [w], [c[i, 0] >= 0]),
    "two blocks": (norm(y - X * w - A * u) ** 2, [w, u], []),
    "several outputs": (norm(Y - X * W) ** 2, [W], []),
    "several outputs and intercepts": (norm(Y - X * W - ones(n) * beta.T) ** 2, [W, beta], []),
    "transposed": (norm(Y.T - W.T * X.T) ** 2, [W], []),
    "opened": (w.T * X.T * X * w - 2 * y.T * X * w + y.T * y, [w], []),
}
CONCAVE = {"log-likelihood": (-PLAIN / (2 * alpha**2), [w], []), "negative": (-AFFINE, [w, b], [])}


def data(seed: int, rank: int = COLUMNS) -> dict[Any, Any]:
    """Random data by symbols, in which X and A have at most that rank."""
    rng = np.random.default_rng(seed)

    def whole(*shape: int) -> Any:
        return rng.integers(-4, 5, shape)

    design = whole(ROWS, COLUMNS)
    if rank < COLUMNS:
        design[:, rank:] = design[:, :rank] @ whole(rank, COLUMNS - rank)
    values = {
        X: design,
        y: whole(ROWS, 1),
        Y: whole(ROWS, OUTPUTS),
        A: whole(ROWS, OUTPUTS),
        c: np.abs(whole(ROWS, 1)) + 1,
    }
    exact = {
        symbol: array([[int(entry) for entry in row] for row in value]) for symbol, value in values.items()
    }
    return {**exact, **SIZES, alpha: Rational(3, 2), lam: Rational(1, 2)} | {"plain": values}


def plain(value: Any) -> Any:
    """A value of the oracle's as an array of NumPy's, or as a number."""
    if hasattr(value, "rows"):
        return np.array([[float(value[p, q]) for q in range(value.cols)] for p in range(value.rows)])
    return float(value)


def at(expression: Any, known: Mapping[Any, Any]) -> Any:
    return plain(evaluate(expression, {key: value for key, value in known.items() if key != "plain"}))


def with_points(point: Any, known: Mapping[Any, Any]) -> dict[Any, Any]:
    """The data, and the variables at the point."""
    numbers = {key: value for key, value in known.items() if key != "plain"}
    found: dict[Any, Any] = {}
    for variable, value in point.at:
        found[variable] = evaluate(value, numbers)
    return {**numbers, **found}


def moved(values: Mapping[Any, Any], variables: list[Any], seed: int) -> dict[Any, Any]:
    """The variables a little to the side."""
    rng = np.random.default_rng(seed)
    found = dict(values)
    for variable in variables:
        value = found[variable]
        if hasattr(value, "rows"):
            step = array([[int(rng.integers(-3, 4)) for _ in range(value.cols)] for _ in range(value.rows)])
            found[variable] = value + step / 16
        else:
            found[variable] = value + int(rng.integers(1, 4)) / 16
    return found


def gradient_at(problem: Problem, values: Mapping[Any, Any]) -> float:
    return max(float(np.abs(at(slope, values)).max()) for slope in problem.gradient)


@pytest.mark.parametrize("name", [*LOSSES, *CONCAVE])
def test_the_only_solution_is_the_minimum(name: str) -> None:
    """The gradient vanishes, the value is as said, and it is less than anywhere near."""
    loss, variables, assuming = (LOSSES | CONCAVE)[name]
    problem = Problem(loss, variables, assuming=assuming)
    sign = -1 if name in CONCAVE else 1
    answer = problem.maximum() if sign < 0 else problem.minimum()
    case = answer.cases[0]
    assert case.attained is True
    assert case.strict is True
    for seed in range(2):
        values = with_points(case.points[0], data(seed))
        assert gradient_at(problem, values) < 1e-9
        least = at(problem.objective, values)
        assert least == pytest.approx(at(case.value, values), abs=1e-9)
        for step in range(3):
            beside = at(problem.objective, moved(values, variables, step))
            assert sign * (beside - least) > 0
    assert [case.points for case in problem.stationary_points()] == [case.points for case in answer]


@pytest.mark.parametrize(
    "name", ["least squares", "mean of squares", "intercept", "weighted", "several outputs", "transposed"]
)
def test_without_full_rank_the_solutions_are_a_family(name: str) -> None:
    """With every t the gradient vanishes, all values are equal, and another solution is reached."""
    loss, variables, assuming = LOSSES[name]
    problem = Problem(loss, variables, assuming=assuming)
    answer = problem.stationary_points()
    assert len(answer) == 2
    case = answer.cases[1]
    assert (case.kind, case.strict) == ("minimum", False)
    ((free, _),) = case.points[0].free
    rng = np.random.default_rng(5)
    known = data(3, rank=2)
    reached, losses = [], []
    for _ in range(2):
        shape = [int(SIZES.get(size, size)) for size in free.shape]
        t = array([[int(entry) for entry in row] for row in rng.integers(-5, 6, shape)])
        values = with_points(case.points[0], known | {free: t})
        assert gradient_at(problem, values) < 1e-8
        reached.append(plain(values[variables[0]]))
        losses.append(at(problem.objective, values))
    assert losses[0] == pytest.approx(losses[1], abs=1e-8)
    assert np.abs(reached[0] - reached[1]).max() > 0.1
    # A solution put in for t is kept: no solution is missing.
    target = array(reached[0].tolist())
    again = with_points(case.points[0], known | {free: target})
    assert plain(again[variables[0]]) == pytest.approx(reached[0], abs=1e-8)
    if case.value is not None:
        assert at(case.value, known) == pytest.approx(losses[0], abs=1e-8)


def test_least_squares_beside_numpy() -> None:
    for rank in (COLUMNS, 2):
        known = data(11, rank)
        expected, *_ = np.linalg.lstsq(known["plain"][X], known["plain"][y], rcond=None)
        case = Problem(PLAIN, [w]).minimum().cases[0 if rank == COLUMNS else 1]
        zero = {} if rank == COLUMNS else {case.points[0].free[0][0]: array([[0]] * COLUMNS)}
        values = with_points(case.points[0], known | zero)
        assert plain(values[w]) == pytest.approx(
            expected, abs=1e-9
        )  # of the shortest length without full rank


def test_the_intercept_beside_numpy() -> None:
    known = data(12)
    stacked = np.hstack([known["plain"][X], np.ones((ROWS, 1))])
    expected, *_ = np.linalg.lstsq(stacked, known["plain"][y], rcond=None)
    values = with_points(Problem(AFFINE, [w, b]).minimum().cases[0].points[0], known)
    assert plain(values[w]) == pytest.approx(expected[:-1], abs=1e-9)
    assert plain(values[b]) == pytest.approx(float(expected[-1, 0]), abs=1e-9)


def test_ridge_beside_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    known = data(13, rank=2)
    problem = Problem(AFFINE + alpha * norm(w) ** 2, [w, b])
    values = with_points(problem.minimum().points[0], known)
    model = linear.Ridge(alpha=1.5).fit(known["plain"][X], known["plain"][y].ravel())
    assert plain(values[w]).ravel() == pytest.approx(model.coef_, abs=1e-9)
    assert plain(values[b]) == pytest.approx(model.intercept_, abs=1e-9)


def test_weights_beside_statsmodels() -> None:
    models = pytest.importorskip("statsmodels.api")
    loss, variables, assuming = LOSSES["weighted"]
    known = data(14)
    values = with_points(Problem(loss, variables, assuming=assuming).minimum().cases[0].points[0], known)
    fit = models.WLS(known["plain"][y].ravel(), known["plain"][X], weights=known["plain"][c].ravel()).fit()
    assert plain(values[w]).ravel() == pytest.approx(fit.params, abs=1e-9)


# Sums over indices.
N, K, D = symbols("N K D", integer=True, positive=True)
kk, d = symbols("k d", integer=True)
x, z, mu = IndexedBase("x"), IndexedBase("z"), IndexedBase("mu")
r = IndexedBase("r", nonnegative=True)
slope = Symbol("a", real=True)


def summed(expression: Any, sizes: Mapping[Any, int], arrays: Mapping[Any, Any], **indices: int) -> Any:
    """The value of an expression of indexed sums at arrays that begin at 1."""
    expression = expression.subs(sizes).subs(
        {symbols(name, integer=True): at for name, at in indices.items()}
    )
    expression = expression.doit()
    entries = {
        base[tuple(place + 1 for place in where)]: Rational(str(value))
        for base, values in arrays.items()
        for where, value in np.ndenumerate(values)
    }
    return expression.xreplace(entries)


def test_centres_of_clusters() -> None:
    loss = Sum(r[i, kk] * (x[i, d] - mu[kk, d]) ** 2, (i, 1, N), (kk, 1, K), (d, 1, D))
    answer = Problem(loss, [mu]).minimum()
    assert [case.text for case in answer] == [
        "Sum(r[i, k], (i, 1, N)) > 0",
        "Eq(Sum(r[i, k], (i, 1, N)), 0)",
    ]
    rng = np.random.default_rng(2)
    points, share = rng.integers(-5, 6, (5, 2)), rng.integers(0, 3, (5, 3))
    share[:, 1] = 0
    ((_, centre),) = answer.cases[0].points[0].at
    ((_, with_free),) = answer.cases[1].points[0].at
    sizes = {N: 5, K: 3, D: 2}
    for cluster in (0, 2):
        expected = share[:, cluster] @ points / share[:, cluster].sum()
        for axis in (0, 1):
            for formula in (centre, with_free):
                found = summed(formula, sizes, {x: points, r: share}, k=cluster + 1, d=axis + 1)
                assert float(found) == pytest.approx(expected[axis])
    free = summed(with_free, sizes, {x: points, r: share}, k=2, d=1)
    assert free == IndexedBase("t")[2, 1]
    assert isinstance(with_free, Piecewise)


def test_centres_need_weights_that_are_not_negative() -> None:
    signed = IndexedBase("s")
    loss = Sum(signed[i, kk] * (x[i] - mu[kk]) ** 2, (i, 1, N), (kk, 1, K))
    assert Problem(loss, [mu]).minimum().evidence.status == "undecided"
    given = Problem(loss, [mu], assuming=[signed[i, kk] >= 0]).minimum()
    assert given.evidence.status == "proved"
    assert len(given) == 2
    assert len(Problem(loss, [mu], assuming=[signed[i, kk] > 0]).minimum()) == 1


def test_a_line_through_points_beside_numpy() -> None:
    loss = Sum((z[i] - slope * x[i] - b) ** 2, (i, 1, N))
    answer = Problem(loss, [slope, b]).minimum()
    across, along = np.array([1, 2, 4, 7]), np.array([3, 1, 5, 6])
    arrays = {x: across, z: along}
    values = answer.cases[0].points[0].values
    found = [float(summed(values[v], {N: 4}, arrays)) for v in (slope, b)]
    assert found == pytest.approx(np.polyfit(across, along, 1))
    residual = np.polyfit(across, along, 1, full=True)[1][0]
    assert float(summed(answer.cases[0].value, {N: 4}, arrays)) == pytest.approx(residual)
    # All points above each other: every line through their mean.
    same = {x: np.array([2, 2, 2, 2]), z: along}
    family = answer.cases[1].points[0]
    ((free, _),) = family.free
    level = summed(family.values[b], {N: 4}, same)
    assert (level + 2 * free - Rational(15, 4)).expand() == 0


def test_the_mean_of_vectors() -> None:
    """The multivariate Gaussian with covariance sigma^2 I: mu = X^T 1/N."""
    centre, sigma = MatrixSymbol("mu", m, 1), Symbol("sigma", positive=True)
    answer = Problem(-(norm(X - ones(n) * centre.T) ** 2) / (2 * sigma**2), [centre]).maximum()
    known = data(4) | {sigma: Rational(2)}
    values = with_points(answer.points[0], known)
    assert plain(values[centre]).ravel() == pytest.approx(known["plain"][X].mean(axis=0))
    assert answer.cases[0].strict is True


# Matrices that are assumed to be positive definite.
G, H = MatrixSymbol("G", m, m), MatrixSymbol("H", m, m)
V = MatrixSymbol("V", n, n)
v, v0 = MatrixSymbol("v", m, 1), MatrixSymbol("m", m, 1)
RESIDUAL = X - ones(n) * v.T
LIKELIHOOD = -Trace(RESIDUAL * Inverse(G) * RESIDUAL.T) / 2
PRIOR = -Trace((v - v0).T * Inverse(H) * (v - v0)) / 2


def definite(size: int, seed: int) -> Any:
    root = np.random.default_rng(seed).integers(-3, 4, (size, size))
    return root @ root.T + np.eye(size, dtype=int)


def with_definite(known: dict[Any, Any]) -> dict[Any, Any]:
    own = {
        G: definite(COLUMNS, 1),
        H: definite(COLUMNS, 2),
        V: definite(ROWS, 3),
        v0: np.array([[1], [-2], [3]]),
    }
    exact = {symbol: array(value.tolist()) for symbol, value in own.items()}
    return {**known, **exact, "plain": {**known["plain"], **own}}


def test_the_mean_of_a_multivariate_gaussian() -> None:
    problem = Problem(LIKELIHOOD, [v], assuming=[Q.positive_definite(G)])
    answer = problem.maximum()
    assert str(answer.points[0].values[v]) == "1/N*X.T*1"
    assert problem.convexity().strict is True
    known = with_definite(data(21))
    values = with_points(answer.points[0], known)
    assert plain(values[v]).ravel() == pytest.approx(known["plain"][X].mean(axis=0))
    assert at(problem.objective, values) == pytest.approx(at(answer.value, values))
    assert gradient_at(problem, values) < 1e-9
    assert "Sigma" not in str(problem)
    assert str(problem).endswith("with G positive definite.")


def test_the_mode_with_a_gaussian_prior() -> None:
    given = [Q.positive_definite(G), Q.positive_definite(H)]
    answer = Problem(LIKELIHOOD + PRIOR, [v], assuming=given).maximum()
    known = with_definite(data(22))
    own = known["plain"]
    precision, prior = np.linalg.inv(own[G]), np.linalg.inv(own[H])
    right = precision @ own[X].sum(axis=0).reshape(-1, 1) + prior @ own[v0]
    expected = np.linalg.solve(ROWS * precision + prior, right)
    assert plain(with_points(answer.points[0], known)[v]) == pytest.approx(expected)
    assert len(answer) == 1


def test_generalised_least_squares() -> None:
    problem = Problem((y - X * w).T * Inverse(V) * (y - X * w), [w], assuming=[Q.positive_definite(V)])
    answer = problem.minimum()
    assert [case.text for case in answer] == ["full_column_rank([X])", "~full_column_rank([X])"]
    known = with_definite(data(23))
    own = known["plain"]
    inverse = np.linalg.inv(own[V])
    expected = np.linalg.solve(own[X].T @ inverse @ own[X], own[X].T @ inverse @ own[y])
    assert plain(with_points(answer.cases[0].points[0], known)[w]) == pytest.approx(expected)
    deficient = with_definite(data(24, rank=2))
    ((free, _),) = answer.cases[1].points[0].free
    values = with_points(answer.cases[1].points[0], deficient | {free: array([[1], [2], [-1]])})
    assert gradient_at(problem, values) < 1e-8


def test_a_form_that_is_not_definite_is_not_taken_for_one() -> None:
    """v^T G v with one side moved, G symmetric alone, or two different sides."""
    assert Problem(v.T * G * v, [v], assuming=[Q.symmetric(G)]).convexity().kind == "undecided"
    assert Problem(v.T * G * v, [v]).convexity().kind == "undecided"
    assert Problem(v.T * G * H * v, [v], assuming=[Q.positive_definite(G)]).convexity().kind == "undecided"
    assert (
        Problem(v.T * G * H * G * v, [v], assuming=[Q.positive_definite(G)]).convexity().kind == "undecided"
    )
    strict = Problem(v.T * G * H * G * v, [v], assuming=[Q.positive_definite(G), Q.positive_definite(H)])
    assert strict.convexity().kind == "convex"
    assert Problem(-v.T * G * v, [v], assuming=[Q.positive_definite(G)]).convexity().kind == "concave"
    assert Problem(lam * v.T * G * v, [v], assuming=[Q.positive_definite(G)]).convexity().kind == "undecided"


@pytest.mark.parametrize(
    ("assumption", "message"),
    [
        (Q.orthogonal(G), "use Q.symmetric or Q.positive_definite"),
        (Q.positive_definite(X), "no square matrix of the data"),
        (Q.symmetric(H), "no square matrix of the data"),
    ],
    ids=str,
)
def test_assumptions_on_matrices_that_are_not_known_are_refused(assumption: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Problem(total(v.T * G * v) + norm(X * v) ** 2, [v], assuming=[assumption])


# What is said, and how.


def test_cases_of_rank() -> None:
    answer = Problem(AFFINE, [w, b]).minimum()
    assert [case.text for case in answer] == ["full_column_rank([X, 1])", "~full_column_rank([X, 1])"]
    with pytest.raises(CasesError, match="iterate over its cases"):
        _ = answer.value
    with pytest.raises(UndecidedError):
        bool(answer)
    ridge = Problem(PLAIN + alpha * norm(w) ** 2, [w]).minimum()
    assert len(ridge) == 1
    assert ridge.attained is True
    assert str(ridge.points[0].values[w]) == "(alpha*I + X.T*X)**(-1)*X.T*y"
    assert pickle.loads(pickle.dumps(ridge)) == ridge


def test_the_answer_prints_in_the_notation_of_the_blackboard() -> None:
    answer = Problem(AFFINE, [w, b]).stationary_points()
    text = str(answer)
    assert "w = (X^T C X)^(-1) X^T C y" in text
    assert "b = (1^T y - 1^T X w)/N" in text
    assert "Here C = I - 1 1^T/N." in text
    told = answer.explain().text()
    assert "X^T (X w + b 1) = X^T y" in told
    assert "f(w, b) = f(w*, b*) + ||X (w - w*) + (b - b*) 1||^2" in told
    assert "w = X^+ y + (I - X^+ X) t" in Problem(PLAIN, [w]).stationary_points().explain().text()
    assert r"w = (X^{\top} C X)^{-1} X^{\top} C y" in answer.latex()
    assert r"\lVert X (w - w^{*}) + (b - b^{*}) \mathbf{1} \rVert^2" in answer.explain().latex()
    assert "$w = (X^{\\top} C X)^{-1} X^{\\top} C y$" in answer._repr_markdown_()


def test_json() -> None:
    first, second = Problem(PLAIN, [w]).stationary_points().to_dict()["cases"]
    assert (first["condition"], first["complete"]) == ("full_column_rank([X])", True)
    assert first["points"][0]["at"] == {"w": "(X.T*X)**(-1)*X.T*y"}
    assert (first["points"][0]["kind"], first["points"][0]["strict"]) == ("minimum", True)
    assert second["points"][0]["free"] == {"t": "real"}
    assert first["evidence"]["status"] == "proved"
    assert first["evidence"]["trust"] is None  # the checker does not read matrices
    maximum = Problem(PLAIN, [w]).maximum().to_dict()["cases"]
    assert (maximum[0]["value"], maximum[0]["attained"]) == ("oo", False)
    assert maximum[1]["evidence"]["status"] == "undecided"


def test_the_other_sense_is_unbounded_where_the_loss_is_strict() -> None:
    assert Problem(PLAIN + alpha * norm(w) ** 2, [w]).maximum().value is oo
    assert Problem(-PLAIN - alpha * norm(w) ** 2, [w]).minimum().value is -oo


def test_numbers_for_parameters_and_sizes() -> None:
    answer = Problem(PLAIN + alpha * norm(w) ** 2, [w]).minimum().at(alpha=2)
    assert str(answer.points[0].values[w]) == "(2*I + X.T*X)**(-1)*X.T*y"


S = MatrixSymbol("S", m, m)
U = MatrixSymbol("U", k, m)


@pytest.mark.parametrize(
    ("loss", "variables", "reason"),
    [
        (total(softplus(X * w)), [w], "not linear in the variables"),
        (log_sum_exp(X * w) + norm(w) ** 2, [w], "not linear in the variables"),
        (w.T * S * w, [w], "not shown to be convex or concave"),
        (PLAIN + lam * norm(w) ** 2, [w], "not shown to be convex or concave"),
        (Trace(W.T * S * W), [W], "not shown to be convex"),
    ],
    ids=["logistic", "log-sum-exp", "indefinite", "ridge of unknown sign", "indefinite trace"],
)
def test_what_has_no_closed_form_is_undecided_with_the_reason(
    loss: Any, variables: list[Any], reason: str
) -> None:
    answer = Problem(loss, variables).minimum()
    assert answer.evidence.status == "undecided"
    assert reason in answer.evidence.reason
    assert answer.to_dict()["cases"][0]["value"] is None


BENT = norm(X * w + b * ones(n)) ** 2 - 2 * total(y.T * X * w)


@pytest.mark.parametrize(
    ("loss", "variables", "solvable"),
    [
        # Where X has not full column rank there are w with X w = 0 along which a linear term may fall for ever.
        (norm(X * w) ** 2 - total(v.T * w), [w], False),
        (norm(X * w) ** 2 + total(w), [w], False),
        (norm(X * w) ** 2 + total(X * w), [w], True),
        (w.T * X.T * X * w - 2 * y.T * X * w + y.T * y, [w], True),
        (norm(X * w) ** 2 - total(y.T * X * X.T * X * w), [w], True),
        (BENT - 2 * b * total(y), [w, b], True),
        (BENT - 3 * b * total(y), [w, b], False),
        (Trace(W.T * X.T * X * W) - 2 * Trace(Y.T * X * W), [W], True),
        (Trace(W.T * X.T * X * W) - 2 * Trace(W), [W], False),
    ],
    ids=str,
)
def test_linear_terms_and_the_singular_case(loss: Any, variables: list[Any], solvable: bool) -> None:
    sizes = {k: m} if loss.has(Trace) and loss.has(Trace(W)) else {}
    problem = Problem(loss.subs(sizes), [variable.subs(sizes) for variable in variables])
    answer = problem.stationary_points()
    assert [case.kind for case in answer] == ["minimum", "minimum" if solvable else "undecided"]
    if solvable:
        known = data(31, rank=2)
        ((free, _),) = answer.cases[1].points[0].free
        shape = [int(SIZES[size]) if size in SIZES else 1 for size in free.shape]
        t = array(np.arange(int(np.prod(shape))).reshape(shape).tolist())
        values = with_points(answer.cases[1].points[0], known | {free: t})
        assert gradient_at(problem, values) < 1e-8
    else:
        assert answer.evidence.status == "undecided"


@pytest.mark.slow
def test_variables_that_are_restricted_are_not_solved_for_freely() -> None:
    """With data that ask for a slope below 0, the least value over slopes above 0 is at the border."""
    positive = Symbol("a", positive=True)
    loss = Sum((z[i] - positive * x[i]) ** 2, (i, 1, N))
    answer = Problem(loss, [positive]).minimum()
    assert answer.at(S_xz=-1, S_xx=1, S_zz=2, N=3).attained is False
    both = Problem(Sum((z[i] - positive * x[i] - b) ** 2, (i, 1, N)), [positive, b])
    assert all(getattr(case, "points", None) is None for case in both.stationary_points())
    label = IndexedBase("mu", positive=True)
    centres = Problem(Sum(r[i, kk] * (x[i] - label[kk]) ** 2, (i, 1, N), (kk, 1, K)), [label])
    assert centres.minimum().evidence.status == "undecided"


def test_numbers_are_data_too() -> None:
    design, seen = Matrix([[1, 0], [1, 1], [1, 2]]), Matrix([1, 2, 4])
    unknown = MatrixSymbol("u", 2, 1)
    answer = Problem(norm(design * unknown - seen) ** 2, [unknown]).minimum()
    values = with_points(answer.cases[0].points[0], {"plain": {}})
    assert plain(values[unknown]).ravel() == pytest.approx(np.polyfit([0, 1, 2], [1, 2, 4], 1)[::-1])
    singular = Problem(norm(Matrix([[1, 1], [1, 1]]) * unknown - Matrix([1, 2])) ** 2, [unknown])
    assert singular.minimum().evidence.status == "undecided"


def test_numbers_in_front_do_not_change_the_solutions() -> None:
    plain_one, scaled = (Problem(f, [w]).stationary_points() for f in (PLAIN, alpha * PLAIN / (3 * n) + 1))
    assert [case.points for case in plain_one] == [case.points for case in scaled]
    right = Problem(norm(Y.T - U * X.T) ** 2, [U]).stationary_points()
    assert "U = Y^T X (X^T X)^(-1)" in str(right)
    assert "U = Y^T X (X^T X)^+ + t (I - X^T X (X^T X)^+)" in str(right)


def test_sums_that_cannot_be_opened_are_written_with_matrices() -> None:
    nested = Sum((z[i] - Sum(x[i, kk] * mu[kk], (kk, 1, K))) ** 2, (i, 1, N))
    assert "mu = (x^T x)^(-1) x^T z" in str(Problem(nested, [mu]).minimum())


def test_a_worked_answer_tells_all_parts_once() -> None:
    answer = Problem(AFFINE, [w, b]).worked_answer()
    text = answer.text()
    titles = ("Problem", "Derivatives", "Stationary points", "Convexity", "Global minimum", "Global maximum")
    assert [line for line in text.splitlines() if line in titles] == list(titles)
    assert text.count("completing the square") == 1
    assert answer.latex(standalone=True).endswith("\\end{document}\n")
    short = Problem(AFFINE, [w, b]).worked_answer(parts=["minimum"], detail="answer").text()
    assert "completing the square" not in short
    assert "w = (X^T C X)^(-1) X^T C y" in short
