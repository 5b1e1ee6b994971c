"""Maximum likelihood with symbolic n and sums over data, against SciPy on random samples and on those at the border."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from sympy import (
    Abs,
    IndexedBase,
    Rational,
    Sum,
    Symbol,
    binomial,
    exp,
    factorial,
    log,
    oo,
    pi,
    sqrt,
    symbols,
)

from symopt import Problem
from symopt.derivation.checker import check
from symopt.errors import InputError

n, m = symbols("n m", integer=True, positive=True)
i = symbols("i", integer=True)
x, y = IndexedBase("x"), IndexedBase("y")
c = IndexedBase("c", nonnegative=True)
p, mu, v, rate, scale = symbols("p mu v lambda sigma", real=True)
a, b = symbols("a b", real=True)
TRIALS = 5  # of a binomial sample
PRIOR = {"a": Fraction(2), "b": Fraction(3)}
GAUSS = {"mu0": Fraction(1, 2), "tau": Fraction(2), "v": Fraction(3)}
mu0, tau = symbols("mu0 tau", real=True)


@dataclass(frozen=True)
class Model:
    """A log-likelihood as typed, and the same in plain Python for one sample."""

    name: str
    loss: Any
    variables: Sequence[Symbol]
    assuming: Sequence[Any]
    direct: Callable[..., float]
    draw: Callable[[random.Random], Fraction]
    inside: Sequence[tuple[float, float]]
    borders: Sequence[Sequence[int]] = ()
    numbers: tuple[tuple[str, Fraction], ...] = ()


def _sum(body: Any) -> Sum:
    return Sum(body, (i, 1, n))


def _bernoulli(data: Sequence[float], q: float) -> float:
    return sum(math.log(q) if entry == 1 else math.log1p(-q) for entry in data)


def _gauss(data: Sequence[float], mean: float, variance: float) -> float:
    return sum(
        -((entry - mean) ** 2) / (2 * variance) - math.log(2 * math.pi * variance) / 2 for entry in data
    )


def _geometric(data: Sequence[float], q: float) -> float:
    return sum(math.log(q) + (entry - 1) * math.log1p(-q) for entry in data)


def _poisson(data: Sequence[float], mean: float) -> float:
    return sum(entry * math.log(mean) - mean - math.lgamma(entry + 1) for entry in data)


def _binomial(data: Sequence[float], q: float) -> float:
    return sum(
        math.log(math.comb(TRIALS, int(entry))) + entry * math.log(q) + (TRIALS - entry) * math.log1p(-q)
        for entry in data
    )


def _coin(rng: random.Random) -> Fraction:
    return Fraction(rng.random() < 0.4)


def _real(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-40, 40), 8)


def _positive(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(1, 40), 8)


UNIT, HALF, LINE = (1e-9, 1 - 1e-9), (1e-6, 60.0), (-30.0, 30.0)
MODELS = (
    Model(
        "Bernoulli",
        _sum(x[i] * log(p) + (1 - x[i]) * log(1 - p)),
        [p],
        [x[i] >= 0, x[i] <= 1],
        _bernoulli,
        _coin,
        [UNIT],
        [[0, 0, 0], [1, 1, 1, 1], [1], [0]],
    ),
    Model(
        "Bernoulli by its mass function",
        _sum(log(p ** x[i] * (1 - p) ** (1 - x[i]))),
        [p],
        [x[i] >= 0, x[i] <= 1],
        _bernoulli,
        _coin,
        [UNIT],
        [[0, 0], [1, 1]],
    ),
    Model(
        "binomial",
        _sum(log(binomial(m, x[i]) * p ** x[i] * (1 - p) ** (m - x[i]))),
        [p],
        [x[i] >= 0, x[i] <= m],
        _binomial,
        lambda rng: Fraction(rng.randint(0, TRIALS)),
        [UNIT],
        [[0, 0, 0], [TRIALS, TRIALS]],
        (("m", Fraction(TRIALS)),),
    ),
    Model(
        "Poisson",
        _sum(log(rate ** x[i] * exp(-rate) / factorial(x[i]))),
        [rate],
        [x[i] >= 0],
        _poisson,
        lambda rng: Fraction(rng.randint(0, 6)),
        [HALF],
        [[0, 0, 0]],
    ),
    Model(
        "exponential",
        _sum(log(rate * exp(-rate * x[i]))),
        [rate],
        [x[i] > 0],
        lambda data, r: sum(math.log(r) - r * entry for entry in data),
        _positive,
        [HALF],
    ),
    Model(
        "geometric",
        _sum(log(p * (1 - p) ** (x[i] - 1))),
        [p],
        [x[i] >= 1],
        _geometric,
        lambda rng: Fraction(rng.randint(1, 6)),
        [UNIT],
        [[1, 1, 1]],
    ),
    Model(
        "mean of Gauss",
        _sum(-((x[i] - mu) ** 2) / (2 * v) - log(2 * pi * v) / 2),
        [mu],
        [v > 0],
        lambda data, mean: _gauss(data, mean, float(GAUSS["v"])),
        _real,
        [LINE],
        [[1, 1]],
        (("v", GAUSS["v"]),),
    ),
    Model(
        "mean and variance of Gauss",
        _sum(log(exp(-((x[i] - mu) ** 2) / (2 * v)) / sqrt(2 * pi * v))),
        [mu, v],
        [],
        _gauss,
        _real,
        [LINE, HALF],
        [[2, 2, 2], [3]],
    ),
    Model(
        "posterior with a Gaussian prior",
        -_sum((x[i] - mu) ** 2) / (2 * v) - (mu - mu0) ** 2 / (2 * tau),
        [mu],
        [v > 0, tau > 0],
        lambda data, mean: (
            -sum((entry - mean) ** 2 for entry in data) / (2 * float(GAUSS["v"]))
            - (mean - float(GAUSS["mu0"])) ** 2 / (2 * float(GAUSS["tau"]))
        ),
        _real,
        [LINE],
        [[0]],
        tuple(GAUSS.items()),
    ),
    Model(
        "posterior with a Beta prior",
        _sum(x[i] * log(p) + (1 - x[i]) * log(1 - p)) + (a - 1) * log(p) + (b - 1) * log(1 - p),
        [p],
        [x[i] >= 0, x[i] <= 1, a >= 1, b >= 1],
        lambda data, q: (
            _bernoulli(data, q) + float(PRIOR["a"] - 1) * math.log(q) + float(PRIOR["b"] - 1) * math.log1p(-q)
        ),
        _coin,
        [UNIT],
        [[0, 0], [1, 1]],
        tuple(PRIOR.items()),
    ),
    Model(
        "scale of Laplace",
        -n * log(2 * scale) - _sum(Abs(x[i])) / scale,
        [scale],
        [],
        lambda data, s: sum(-math.log(2 * s) - abs(entry) / s for entry in data),
        _real,
        [HALF],
        [[0, 0]],
    ),
    Model(
        "log-normal",
        _sum(-log(x[i]) - log(v) / 2 - (log(x[i]) - mu) ** 2 / (2 * v)),
        [mu],
        [v > 0],
        lambda data, mean: sum(
            -math.log(entry) - math.log(3) / 2 - (math.log(entry) - mean) ** 2 / 6 for entry in data
        ),
        _positive,
        [LINE],
        [],
        (("v", Fraction(3)),),
    ),
)


@cache
def answer_of(name: str) -> Any:
    """The answer of a model, asked once for all samples."""
    model = next(model for model in MODELS if model.name == name)
    return Problem(model.loss, model.variables, assuming=model.assuming).maximum(timeout=120)


def at_sample(answer: Any, model: Model, data: Sequence[Fraction]) -> Any:
    """The answer at the statistics of a sample, which are computed here from their sums."""
    numbers = dict(model.numbers)
    values: dict[str, Any] = {"n": len(data), **numbers}
    for symbol, total in answer.statistics.named:
        summand = total.function
        values[symbol.name] = sum(
            summand.xreplace({x[i]: Rational(entry)}).subs({m: numbers.get("m", 1)}) for entry in data
        )
    known = {symbol.name for symbol in answer.parameters}
    return answer.at({name: value for name, value in values.items() if name in known})


def samples(model: Model) -> list[list[Fraction]]:
    rng = random.Random(model.name)
    drawn = [[model.draw(rng) for _ in range(size)] for size in (4, 7)]
    return drawn + [[Fraction(entry) for entry in sample] for sample in model.borders]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_maximum_likelihood_beside_scipy(model: Model) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    for data in samples(model):
        found = at_sample(answer_of(model.name), model, data)
        assert len(found) == 1, (data, str(found))
        plain = [float(entry) for entry in data]

        def loss(point: Any, plain: list[float] = plain) -> float:
            return -model.direct(plain, *np.atleast_1d(point))

        starts = [[min(at, 0.7 * high) for low, high in model.inside] for at in (0.3, 2.0)]
        best = min(
            (
                optimize.minimize(
                    loss,
                    start,
                    method="Nelder-Mead",
                    bounds=model.inside,
                    options={"xatol": 1e-9, "fatol": 1e-12},
                )
                for start in starts
            ),
            key=lambda run: run.fun,
        )
        if found.value is oo:
            assert found.attained is False
            assert abs(best.x[-1] - model.inside[-1][0]) < 1e-6
            continue
        assert float(found.value) == pytest.approx(-best.fun, abs=1e-5), data
        if found.attained:
            (point,) = found[0].result.at
            expected = [float(point.values[variable].evalf(20)) for variable in point.values]
            assert best.x == pytest.approx(expected, abs=1e-4)
        else:
            assert min(abs(best.x[0] - end) for end in model.inside[0]) < 1e-5


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_reduced_loss_is_the_loss(model: Model) -> None:
    """The function of the statistics at random points, beside the sum over the sample."""
    problem = Problem(model.loss, model.variables, assuming=model.assuming)
    rng = random.Random(7)
    for data in samples(model)[:2]:
        values: dict[Any, Any] = {name: float(value) for name, value in model.numbers} | {"n": len(data)}
        for symbol, total in problem.sufficient_statistics.items():
            body = total.function.subs({m: int(values.get("m", 1))})
            values[symbol.name] = sum(float(body.xreplace({x[i]: Rational(entry)})) for entry in data)
        point = {str(variable): rng.uniform(0.2, 0.8) for variable in model.variables}
        named = values | point
        objective = problem.statement.objective
        reduced = objective.subs({s: named[s.name] for s in objective.free_symbols}).evalf()
        direct = model.direct([float(entry) for entry in data], *point.values())
        assert float(reduced) == pytest.approx(direct, rel=1e-9)


def test_ranges_come_from_what_is_assumed_of_the_data() -> None:
    loss = _sum(x[i] * log(p) + (1 - x[i]) * log(1 - p))
    free = Problem(loss, [p])
    assert [str(r) for r in free.assumptions] == ["n > 0"]
    given = Problem(loss, [p], assuming=[x[i] >= 0, x[i] <= 1])
    assert {str(r) for r in given.assumptions} == {"n > 0", "S >= 0", "S <= n"}
    label = IndexedBase("x", positive=True)
    positive = Problem(_sum(log(rate) - rate * label[i]), [rate])
    assert "S > 0" in {str(r) for r in positive.assumptions}
    # log(x[i]) has a value for positive data alone.
    assert "S > 0" in {
        str(r) for r in Problem(_sum(log(x[i]) - rate * x[i]) + n * log(rate), [rate]).assumptions
    }


def test_cauchy_and_schwarz_with_weights_that_are_not_negative() -> None:
    weighted = Problem(_sum(c[i] * (y[i] - a * x[i]) ** 2), [a])
    assert "S_cxx*S_cyy >= S_cxy**2" in {str(r) for r in weighted.assumptions}
    unknown = IndexedBase("c")
    signed = Problem(_sum(unknown[i] * (y[i] - a * x[i]) ** 2), [a])
    assert [str(r) for r in signed.assumptions] == ["n > 0"]


def test_a_sum_of_weighted_squares_has_no_case_that_data_cannot_give() -> None:
    answer = Problem(_sum(c[i] * (y[i] - a * x[i]) ** 2), [a]).minimum()
    assert [str(case.condition) for case in answer] == ["S_cxx > 0", "Eq(S_cxx, 0) & Eq(S_cxy, 0)"]


def test_the_scalar_part_is_checked_and_told() -> None:
    answer = Problem(
        _sum(x[i] * log(p) + (1 - x[i]) * log(1 - p)), [p], assuming=[x[i] >= 0, x[i] <= 1]
    ).maximum()
    for case in answer:
        assert case.result.evidence.trust == "checked"
        assert check(*case.result.evidence.steps) == "checked"
    told = answer.explain().text()
    assert "With S = sum_(i=1..n) x[i], by the linearity of sums" in told
    assert "f(p) = S*log(p) + (n - S)*log(1 - p)" in told
    assert "S ≤ n, because every x[i] ≤ 1." in told
    assert answer.to_dict()["statistics"] == {
        "named": {"S": "Sum(x[i], (i, 1, n))"},
        "where": "(S >= 0) & (S <= n)",
    }
    assert r"S = \sum_{i=1}^{n} x_{i}" in answer.explain().latex()
    assert r"S = \sum_{i=1}^{n} x_{i}" in answer._repr_markdown_()


def test_sums_over_two_indices_fall_apart() -> None:
    j = Symbol("j", integer=True)
    pairs = Problem(Sum((x[i] - x[j]) ** 2, (i, 1, n), (j, 1, n)) * mu**2 - mu, [mu])
    assert {str(s): str(t) for s, t in pairs.sufficient_statistics.items()} == {
        "Q": "Sum(x[i]**2, (i, 1, n))",
        "S": "Sum(x[i], (i, 1, n))",
    }
    # 2 n Q - 2 S^2, which is 0 where all x[i] are equal and positive elsewhere.
    assert [str(case.condition) for case in pairs.minimum()] == ["Q*n > S**2", "Eq(Q*n, S**2)"]


def test_convexity_that_needs_the_statistics() -> None:
    loss = -_sum(log(p ** x[i] * (1 - p) ** (1 - x[i])))
    assert Problem(loss, [p], assuming=[x[i] >= 0, x[i] <= 1]).convexity().kind == "convex"
    on_a_part = Problem(_sum((x[i] - mu) ** 3), [mu], subject_to=[mu < 0], assuming=[x[i] > 0])
    assert on_a_part.convexity().kind == "convex"


def test_names_do_not_clash() -> None:
    s, q = symbols("S Q", real=True)
    answer = Problem(-_sum((x[i] - mu) ** 2) - s * mu**2 - q**2 * mu**2, [mu], assuming=[s >= 0])
    assert {str(symbol) for symbol in answer.sufficient_statistics} == {"S_x", "S_xx"}


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (_sum(log(1 + exp(p * x[i]))), "data and variables that cannot be told apart"),
        (_sum(sqrt(x[i] - p)), "where it has a value depends on the data"),
        (_sum(Abs(x[i] - p)), "cannot be told apart"),
    ],
)
def test_what_has_no_sufficient_statistic_is_refused_with_the_reason(loss: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _ = Problem(loss, [p]).statement


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"assuming": [x[i] <= y[i]]}, "restricts two arrays"),
        ({"assuming": [y[i] >= 0]}, "no data of the problem"),
        ({"assuming": [Symbol("z") > 0]}, "no parameter of the problem"),
        ({"subject_to": [Symbol("n", integer=True, positive=True) > 2]}, "restricts no variable"),
    ],
)
def test_ranges_that_cannot_be_meant_are_refused(options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Problem(_sum(x[i] * p - p**2), [p], **options)
