"""Compiled functions against 50-digit values: shapes, accuracy, domains, sharing, one source."""

from __future__ import annotations

import pickle
import random
import time
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from sympy import (
    Abs,
    Eq,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    exp,
    log,
    pi,
    sign,
    sqrt,
    symbols,
)

from symopt.calculus import compiler
from symopt.calculus.compiler import Compiled, compile_objective
from symopt.calculus.derivative import differentiate
from symopt.errors import InputError

x, y, p = symbols("x y p", real=True)


def exact(objective: Expr, variables: tuple[Symbol, ...], point: list[float]) -> list[float]:
    """f, gradient and lower triangle of the Hessian, from SymPy's derivatives at 60 digits (or more)."""
    entries = [objective, *(objective.diff(v) for v in variables)]
    entries += [objective.diff(v, w) for i, v in enumerate(variables) for w in variables[: i + 1]]
    with mpmath.workdps(2000 if max(map(abs, point)) > 100 else 60):
        values = sympy.lambdify(variables, entries, "mpmath", cse=True)(*map(mpmath.mpf, point))
        return [float(value) for value in values]


def flat(c: Compiled, point: list[float]) -> list[float]:
    value, gradient, hessian = c.all(point)
    rows, columns = np.tril_indices(len(point))
    return [float(value), *gradient.tolist(), *hessian[rows, columns].tolist()]


def assert_agrees(c: Compiled, point: list[float], expected: list[float], tolerance: float = 1e-11) -> None:
    scale = max(1.0, *map(abs, expected))
    assert flat(c, point) == pytest.approx(expected, rel=tolerance, abs=tolerance * scale)
    assert list(c.scalar(*point)) == flat(c, point)
    value, gradient, hessian = c.all([point, point])
    np.testing.assert_array_equal(hessian[1], hessian[1].T)
    batch = [value[1], *gradient[1], *hessian[1][np.tril_indices(len(point))]]
    assert batch == pytest.approx(expected, rel=tolerance, abs=tolerance * scale)
    assert float(c(point)) == flat(c, point)[0]
    np.testing.assert_allclose(c.gradient(point), gradient[0], rtol=1e-12, atol=tolerance * scale)
    np.testing.assert_allclose(c.hessian(point), hessian[0], rtol=1e-12, atol=tolerance * scale)


def test_families(family) -> None:
    objective, variables = family(2, 3) if family.__name__ == "tanh_chain" else family(3)
    numbers = random.Random(5)
    c = compile_objective(objective, variables)
    for _ in range(3):
        point = [numbers.uniform(-1.5, 1.5) for _ in variables]
        assert_agrees(c, point, exact(objective, variables, point))


def test_random_expressions(random_objective) -> None:
    objective, variables = random_objective
    c = compile_objective(objective, variables)
    point = [0.3, -0.7, 1.1]
    assert_agrees(c, point, exact(objective, variables, point))


@pytest.mark.parametrize(
    "objective",
    [
        x ** Rational(5, 3) + y ** Rational(-3, 2) + x**-3 / y + sqrt(x * y),
        x**y + 2**x + x**pi,
        x**7 * y**11 - x**100 / 10**9,
        sympy.gamma(x) + sympy.loggamma(y) + sympy.digamma(x) + sympy.LambertW(y),
        sympy.atan2(y, x) + sympy.erf(x) + sympy.erfc(y),
        sympy.sec(x)
        + sympy.cot(y)
        + sympy.csc(x)
        + sympy.coth(y)
        + sympy.sech(x)
        + sympy.csch(y)
        + sympy.acot(x),
        sympy.sinh(x)
        + sympy.cosh(y)
        + sympy.asinh(x)
        + sympy.acosh(1 + y)
        + sympy.atanh(x / 4)
        + sympy.asin(y / 4),
        sympy.acos(x / 4) + sympy.tan(y) + sympy.cos(x * y),
        (sqrt(2) + 1) * x * pi + exp(1) * y / 3,
    ],
)
def test_every_function(objective: Expr) -> None:
    point = [1.3, 0.8]
    assert_agrees(compile_objective(objective, (x, y)), point, exact(objective, (x, y), point))


@pytest.mark.parametrize(
    "objective",
    [
        log(1 + exp(x)) + y,
        log(1 + exp(-y)) * x,
        log(exp(x) + exp(y)),
        log(exp(x) + 3 * exp(-y) + exp(x - y)),
        log(1 + exp(x) + exp(y)),
        log(5 + 2 * exp(x)) - y,
        1 / (1 + exp(-x)) + y,
        exp(x) / (1 + exp(x)),
        1 / (1 + exp(x)) ** 2,
        exp(x) / (exp(x) + exp(y)),
        1 / (exp(x) + exp(y)),
        log(1 / (1 + exp(-x))),
        1 - 1 / (1 + exp(-x)),
        sqrt(log(exp(x) + exp(y)) ** 2 + 1),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "point", [[1000.0, 1000.0], [-1000.0, -1000.0], [1000.0, -1000.0], [-30.0, 0.0], [0.5, 0.2]]
)
def test_stable_forms(objective: Expr, point: list[float]) -> None:
    c = compile_objective(objective, (x, y))
    found, expected = flat(c, point), exact(objective, (x, y), point)
    if not np.isfinite(expected).all():
        pytest.skip("larger than any float")
    assert np.isfinite(found).all()
    # Relative, up to the condition number of a function of arguments as large as 1000.
    assert found == pytest.approx(expected, rel=1e-12 * max(1.0, *map(abs, point)), abs=1e-300)


@pytest.mark.parametrize("u", [1e-300, 1e-12, -1e-9, 0.3, -0.3, 700.0])
@pytest.mark.parametrize(
    "objective", [log(1 + x), exp(x) - 1, 1 - exp(-x), log(1 + x**2), (exp(x) - 1) ** 2], ids=str
)
def test_no_cancellation(objective: Expr, u: float) -> None:
    if objective == log(1 + x) and u <= -1:
        pytest.skip("outside the domain")
    c = compile_objective(objective, (x,))
    with mpmath.workdps(700):
        expected = float(sympy.lambdify(x, objective, "mpmath")(mpmath.mpf(u)))
    assert float(c([u])) == pytest.approx(expected, rel=1e-12, abs=0)


def test_log_expm1() -> None:
    c = compile_objective(log(exp(x) - 1), (x,))
    assert flat(c, [1000.0]) == [1000.0, 1.0, 0.0]
    assert flat(c, [1e-9]) == pytest.approx([np.log(np.expm1(1e-9)), 1e9, -1e18], rel=1e-8)


@pytest.mark.parametrize(
    ("objective", "point"),
    [
        (x * log(x), [0.0, 1.0]),
        (log(x), [-1.0, 1.0]),
        (log(x) + y, [0.0, 1.0]),
        (1 / x, [0.0, 1.0]),
        (exp(-1 / x**2), [0.0, 1.0]),
        (sqrt(x), [-1.0, 1.0]),
        (x ** Rational(1, 3), [-8.0, 1.0]),
        (x**y, [-2.0, 2.0]),
        (x**y, [0.0, 0.0]),
        (sympy.atanh(x), [1.5, 1.0]),
        (sympy.loggamma(x), [-0.5, 1.0]),
        (sympy.LambertW(x), [-1.0, 1.0]),
        (Piecewise((x, x > 0)), [-1.0, 1.0]),
        (Piecewise((x, log(x) < 1), (y, True)), [-1.0, 1.0]),
        (x * y, [float("nan"), 1.0]),
    ],
    ids=str,
)
def test_outside_the_domain_everything_is_nan(objective: Expr, point: list[float]) -> None:
    c = compile_objective(objective, (x, y))
    assert np.isnan(c.scalar(*point)).all()
    for where in (point, [point, point]):
        assert all(np.isnan(part).all() for part in c.all(where))


def test_a_batch_is_undefined_only_where_it_is() -> None:
    c = compile_objective(x * log(x), (x,))
    value, gradient, hessian = c.all([[0.0], [1.0], [-1.0], [2.0]])
    np.testing.assert_array_equal(np.isnan(value), [True, False, True, False])
    np.testing.assert_allclose(value[[1, 3]], [0.0, 2 * np.log(2)])
    np.testing.assert_allclose(gradient[[1, 3], 0], [1.0, 1 + np.log(2)])
    np.testing.assert_allclose(hessian[[1, 3], 0, 0], [1.0, 0.5])


def test_overflow_is_infinite_and_silent() -> None:
    c = compile_objective(exp(x) + y, (x, y))
    assert c.scalar(1000.0, 1.0)[:3] == (np.inf, np.inf, 1.0)
    assert c([[1000.0, 1.0]])[0] == np.inf
    assert float(compile_objective(x**4, (x,))([1e200])) == np.inf


def test_a_branch_not_taken_does_not_harm() -> None:
    c = compile_objective(Piecewise((log(x), x > 0), (x**2, True)), (x,))
    for where in ([-2.0], [0.0], [2.0]):
        expected = [float(np.log(2.0)), 0.5, -0.25] if where[0] > 0 else [where[0] ** 2, 2 * where[0], 2.0]
        assert flat(c, where) == pytest.approx(expected)
        assert float(c([where])[0]) == pytest.approx(expected[0])


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (Abs(x), [0.0, 1.0, 0.0]),
        (Abs(x) ** 3, [0.0, 0.0, 0.0]),
        (Max(0, x), [0.0, 0.0, 0.0]),
        (Min(0, x), [0.0, 0.0, 0.0]),
        (Max(0, x) ** 2, [0.0, 0.0, 0.0]),
        (sign(x), [0.0, 0.0, 0.0]),
        (Heaviside(x), [0.5, 0.0, 0.0]),
        (Piecewise((x, x <= 0), (3 * x, True)), [0.0, 1.0, 0.0]),
        (Piecewise((x, x < 0), (3 * x, True)), [0.0, 3.0, 0.0]),
        (Piecewise((5, Eq(x, 0)), (x, True)), [5.0, 0.0, 0.0]),
    ],
    ids=str,
)
def test_the_stated_choice_at_kinks(objective: Expr, expected: list[float]) -> None:
    c = compile_objective(objective, (x,))
    assert flat(c, [0.0]) == expected
    assert [
        float(c([[0.0]])[0]),
        float(c.gradient([[0.0]])[0, 0]),
        float(c.hessian([[0.0]])[0, 0, 0]),
    ] == expected


@pytest.mark.parametrize("objective", [Integer(5), pi, x, x + 2 * y, x * y, x**2])
def test_shapes_of_constants_and_zeros(objective: Expr) -> None:
    c = compile_objective(objective, (x, y))
    for batch in ((), (1,), (7,), (2000,)):
        value, gradient, hessian = c.all(np.ones((*batch, 2)))
        assert (value.shape, gradient.shape, hessian.shape) == (batch, (*batch, 2), (*batch, 2, 2))
        assert value.dtype == gradient.dtype == hessian.dtype == np.float64
        assert c(np.ones((*batch, 2))).shape == batch
        assert c.gradient(np.ones((*batch, 2))).shape == (*batch, 2)
        assert c.hessian(np.ones((*batch, 2))).shape == (*batch, 2, 2)
    assert c(np.ones((0, 2))).shape == (0,)
    assert len(c.scalar(1.0, 1.0)) == 6


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1, 2)])
def test_a_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"a point has shape \(2,\)"):
        compile_objective(x * y, (x, y)).gradient(np.zeros(shape))


def test_a_free_parameter_is_named() -> None:
    with pytest.raises(InputError, match=r"p has no value: use \.at\(p=\.\.\.\) before compiling"):
        compile_objective(p * x**2, (x,))


def test_an_unsupported_function_is_named() -> None:
    with pytest.raises(InputError, match="floor"):
        compile_objective(sympy.floor(x), (x,))


def test_constants_are_correctly_rounded() -> None:
    third = compile_objective(x + Rational(1, 3), (x,)).scalar(0.0)[0]
    assert third == 1 / 3
    assert compile_objective(x + pi, (x,)).scalar(0.0)[0] == np.pi
    cancelling = (sqrt(2) + 10**20) - 10**20 * exp(x * 0)
    assert compile_objective(x + cancelling, (x,)).scalar(0.0)[0] == np.sqrt(2)
    tiny = sympy.Add(10**30, sqrt(10**60 + 1), -2 * 10**30, evaluate=False)
    assert compile_objective(x + tiny, (x,)).scalar(0.0)[0] == pytest.approx(5e-31)


@pytest.mark.parametrize(
    "number",
    [
        exp(-1) - exp(-Rational(1, 10)),
        exp(sqrt(2)) - 1 - sqrt(2),
        sqrt(2) * log(sqrt(2)) - sqrt(2) + 1,
        sympy.sin(sqrt(2)) - sqrt(2),
        log(exp(sqrt(2)) + exp(sqrt(3))),
        log(sympy.cosh(sqrt(2))) - 1,
        sqrt(2) / (exp(sqrt(2)) - 1),
        sympy.tanh(sqrt(2)) - 1,
    ],
    ids=str,
)
def test_numbers_in_stable_forms_are_numbers(number: Expr) -> None:
    found = compile_objective(y * number + number, (x, y)).scalar(1.0, 2.0)[:3]
    assert found == pytest.approx([3 * float(number.evalf(40)), 0.0, float(number.evalf(40))], rel=1e-14)


def test_the_gradient_is_cheap(family) -> None:
    operations = compile_objective(*family(12)).operations
    assert operations["f+gradient"] <= 3 * operations["f"]
    assert operations["f+gradient"] <= operations["f+gradient+hessian"]


def test_the_counts_of_known_functions() -> None:
    assert compile_objective(x**2 + 3 * x * y, (x, y)).operations["f"] == 3  # x (x + 3 y)
    assert compile_objective(x + y, (x, y)).operations == {"f": 1, "f+gradient": 1, "f+gradient+hessian": 1}


def test_no_more_operations_than_casadi(family) -> None:
    casadi = pytest.importorskip("casadi")
    objective, variables = family(12)
    names = {v: casadi.SX.sym(v.name) for v in variables}
    operators = {sympy.Add: casadi.plus, sympy.Mul: casadi.times, sympy.Pow: casadi.power}
    known: dict[Expr, object] = dict(names)

    def converted(expression: Expr) -> object:
        if expression.is_Number:
            return float(expression)
        if expression not in known:
            parts = [converted(part) for part in expression.args]
            operator = operators.get(expression.func) or getattr(casadi, expression.func.__name__)
            value = operator(*parts[:2])
            for part in parts[2:]:
                value = operator(value, part)
            known[expression] = value
        return known[expression]

    f, at = converted(objective), casadi.vertcat(*names.values())
    hessian, gradient = casadi.hessian(f, at)
    function = casadi.Function("f", [at], [f, gradient, casadi.triu(hessian)], {"cse": True})
    idle = {casadi.OP_INPUT, casadi.OP_OUTPUT, casadi.OP_CONST}
    count = sum(function.instruction_id(k) not in idle for k in range(function.n_instructions()))
    assert compile_objective(objective, variables).operations["f+gradient+hessian"] <= 1.05 * count


def test_one_variable_many_points() -> None:
    c = compile_objective(x**2 - sympy.cos(x), (x,))
    points = np.linspace(-2, 2, 3001)[:, None]
    np.testing.assert_allclose(c(points), points[:, 0] ** 2 - np.cos(points[:, 0]), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(c.gradient(points), 2 * points + np.sin(points), rtol=1e-14, atol=1e-15)


def test_a_compiled_function_travels() -> None:
    c = compile_objective(x**2 * y, (x, y))
    again = pickle.loads(pickle.dumps(c))
    assert again.scalar(2.0, 3.0) == c.scalar(2.0, 3.0)
    assert again.variables == ("x", "y")
    assert again.source == c.source


def test_it_introduces_itself_in_one_line() -> None:
    c = compile_objective(x**2 * y, (x, y))
    assert "\n" not in repr(c)
    assert "x, y" in repr(c)
    assert c.sparsity == ((0, 0), (1, 0))
    assert c.source.startswith("def scalar(x0, x1):")


def test_names_of_variables_do_not_matter() -> None:
    odd = symbols("lambda x1 t2 \\theta_1 return", real=True)
    c = compile_objective(sum(k * v**2 for k, v in enumerate(odd, 1)), odd)
    assert c.scalar(1.0, 1.0, 1.0, 1.0, 1.0)[:6] == (15.0, 2.0, 4.0, 6.0, 8.0, 10.0)


def test_a_deep_chain_compiles() -> None:
    objective: Expr = x
    for level in range(3000):
        objective = sympy.Basic.__new__((sympy.sin, sympy.tanh)[level % 2], objective)
    expected, slope = 0.5, 1.0
    for level in range(3000):
        value = (np.sin, np.tanh)[level % 2](expected)
        slope *= np.cos(expected) if level % 2 == 0 else 1 - value**2
        expected = value
    c = compile_objective(objective, (x,))
    assert c.scalar(0.5)[:2] == pytest.approx((expected, slope), rel=1e-10)


@pytest.mark.parametrize(
    "term",
    [
        lambda v, w, i: (-1) ** i * log(v + i + 2),
        lambda v, w, i: (-1) ** i * sqrt(v + w + i),
        lambda v, w, i: sqrt(v**2 + i + 2) - v,
        lambda v, w, i: log(v + 2) - log(v + 1),
        lambda v, w, i: log(sympy.cosh(v)) - sympy.tanh(w / (i + 2)),
        lambda v, w, i: log(1 + exp(v)) - v + exp(w) - 1,
        lambda v, w, i: Piecewise((v**2, v > i), (w, True)),
        lambda v, w, i: Max(v, w),
    ],
    ids=["logarithms", "roots", "norms", "differences", "cosh", "softplus", "pieces", "maxima"],
)
def test_time_is_linear_in_the_number_of_different_terms(term) -> None:
    def least(n: int) -> float:
        v = symbols(f"x:{n + 1}", real=True)
        objective = sympy.Add(*[term(v[i], v[i + 1], i) for i in range(n)], evaluate=False)
        taken = []
        for _ in range(2):
            start = time.process_time()
            _ = compile_objective(objective, v).sparsity
            taken.append(time.process_time() - start)
        return min(taken)

    assert least(400) < 40 * least(40)  # linear is 10 times, quadratic 100


@pytest.mark.parametrize("at", [(0.3, 1e-9), (-2.0, -1e-160), (1e10, 0.25)])
def test_shares_of_exponentials_that_are_nearly_equal(at: tuple[float, float]) -> None:
    """The slope of log(e^(x + y) + e^(x - y) + e^-x) in y is 2 e^x sinh y over the sum."""
    c = compile_objective(log(exp(x + y) + exp(x - y) + exp(-x)), (x, y))
    with mpmath.workdps(50):
        u, v = map(mpmath.mpf, at)
        slope = mpmath.sinh(v) / (mpmath.cosh(v) + mpmath.exp(-2 * u) / 2)
    assert c.scalar(*at)[2] == pytest.approx(float(slope), rel=1e-13)
    assert c.gradient([at])[0, 1] == pytest.approx(float(slope), rel=1e-13)


def test_a_share_that_is_nearly_one_and_its_logarithm() -> None:
    """p = e^x/(e^x + e^y + e^z) has the slope p (1 - p) in x, and log p the slope 1 - p and the curvature -p (1 - p)."""
    z = symbols("z", real=True)
    share = exp(x) / (exp(x) + exp(y) + exp(z))
    at = (60.0, 1.0, -2.0)
    with mpmath.workdps(60):
        below = [mpmath.exp(mpmath.mpf(v) - 60) for v in at[1:]]
        p = 1 / (1 + sum(below))
        rest = 1 - p
    value = compile_objective(share, (x, y, z)).scalar(*at)
    assert value[1] == pytest.approx(float(p * rest), rel=1e-13)
    assert value[4] == pytest.approx(float(p * rest * (1 - 2 * p)), rel=1e-13)
    logarithm = compile_objective(log(share), (x, y, z)).scalar(*at)
    expected = [mpmath.log1p(-rest), rest, -p * below[0], -p * below[1], -p * rest, p * p * below[0]]
    assert logarithm[:6] == pytest.approx([float(v) for v in expected], rel=1e-13)


def test_a_long_sum_compiles() -> None:
    v = symbols("x:3000", real=True)
    c = compile_objective(sympy.Add(*[w**2 for w in v]), v)
    assert float(c(np.ones(3000))) == 3000.0
    assert len(c.sparsity) == 3000


@pytest.mark.parametrize(
    "objective",
    [
        sqrt(1 + x**2) - 1,
        sqrt(1 + x**2 + y**2) - 1,
        4 * (sqrt(1 + (x / 2) ** 2) - 1) + y**2,
        sqrt(x**2 + y**2),
        sqrt(3 * x**2 + (y + 1) ** 2 + 2),
        sqrt(1 + x) - 1,
        y * log(y) + log(1 + x),
        1 / (1 + exp(-x)) + y,
        exp(x) - 1 + log(1 + exp(y)),
        log(1 + x**2 + y**2),
        log(3 * x**2 + y**2),
        5 * log(2 + (x - y) ** 2 / 3),
        log(x**4) + y,
        log(1 + 1 / x) + y,
        log(1 + 2 / x**2) + y**2,
        2 - 2 * sympy.cos(x) + y,
        log(1 + exp(x + y)) - x - y,
        1 - sympy.tanh(x) + y,
        sqrt(x**2 + y**2) - x - y,
        x - log(1 + x) + y,
        exp(x + y) - 1 - x - y,
        exp(x) - x,
        2 * (sympy.cosh(x / 3) - 1 - x**2 / 18),
        log(1 + x**2) - x**2,
        x - 1 - log(x),
        sqrt(1 + x) - sqrt(x),
        log(x + 2) - log(x),
        log(1 + exp(x)) - x / 2,
        exp(x) / (exp(x) + exp(y)),
        x**2 / (1 + x**2),
        x * exp(x) / (1 + exp(x)),
        x * y * exp(x) / (exp(x) + exp(y)),
        (1 + x**2) ** Rational(1, 3) - 1 + y,
        2 * (sqrt(4 + 9 * x**2) - 2) / x**2 + y,
        exp(x) + exp(y) - 2,
        3 * sympy.cos(x) + sympy.cos(y) - 4,
        sympy.tanh(x) + exp(y) - y - 1,
        3 * x / (exp(2 * x) - 1) + y,
        log(1 + exp(x)) - log(2),
        log(sympy.cosh(x)) - x**2 / 2,
        sympy.atan(x) - pi / 2,
        sympy.sin(3 * x) / x + y,
        x / sympy.sinh(x) + y,
        (1 - sympy.cos(x)) / x**2 + y**2,
        sympy.atan(x) / x,
        log(1 + x) / x,
        sympy.tanh(x) / (2 * x),
        (exp(x) - 1) / x,
        log(exp(x) + exp(-x)) + y,
        log(exp(x / 2) / 2 + exp(-x / 2) / 2),
        log((2 + x) / (2 - x)) + y,
        log(x + sqrt(x**2 + 9)),
        (1 + x) ** 3 - 1,
        2 / (1 + x**2) ** 2 - 2 + y,
        (1 + x) ** Rational(1, 3) - 1,
        exp(x) + exp(-x) - 2,
        exp(x) - exp(-x) + y**2,
        (exp(x) - 1) / (exp(x) + 1),
        1 / x - 1 / (x + 3),
        x**2 / (2 * x**2 + 5) + y,
        3 * x / sqrt(1 + 4 * x**2) + y,
        y / sqrt(x**2 + y**2 + 1),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "point",
    [
        (-1e-9, 1e-3),
        (1e-9, 1e-9),
        (1e-5, 1e-300),
        (0.3, -0.4),
        (1e-160, 1e-160),
        (1e160, 1e150),
        (3e300, -1e300),
        (1e300, 7.0),
    ],
)
def test_stable_forms_with_derivatives(objective: Expr, point: tuple[float, float]) -> None:
    """f, gradient and Hessian to 1e-12 times the condition number of each, as it follows from the next derivatives."""
    variables = (x, y)
    entries = [objective, *(objective.diff(v) for v in variables)]
    entries += [objective.diff(v, w) for i, v in enumerate(variables) for w in variables[: i + 1]]
    slopes = [[entry.diff(v) for v in variables] for entry in entries]
    with mpmath.workdps(700):
        exact_point = [mpmath.mpf(value) for value in point]
        # The exponential of 1e300 takes a while.
        expected, changes = sympy.lambdify(variables, [entries, slopes], "mpmath", cse=True)(*exact_point)
    c = compile_objective(objective, variables)
    if not isinstance(expected[0], mpmath.mpf):
        pytest.skip("outside the domain")
    for found in (flat(c, list(point)), list(c.scalar(*point))):
        for value, right, change in zip(found, expected, changes, strict=True):
            if 1e-300 < abs(right) < 1e308:
                condition = max(
                    1, sum(abs(a * b) for a, b in zip(exact_point, change, strict=True)) / abs(right)
                )
                assert abs(value - right) <= 1e-12 * condition * abs(right)


@pytest.mark.parametrize(
    ("objective", "point", "expected"),
    [
        # sqrt(x^2 + 1) - x = 1/(sqrt(x^2 + 1) + x), and its slope is -(that)/sqrt(x^2 + 1).
        (sqrt(x**2 + 1) - x, [1e8], [5e-9, -5e-17, 1e-24]),
        # cosh x - 1 = x^2/2 + x^4/24 + ...
        (sympy.cosh(x) - 1, [1e-9], [5e-19, 1e-9, 1]),
        # log(1 - e^-x) = -e^-x - ...; e^-200 = 1.383896526736737e-87.
        (log(1 - exp(-x)), [200.0], [-1.383896526736737e-87, 1.383896526736737e-87, -1.383896526736737e-87]),
        (sqrt(x**2 + 1) - x, [-1e8], [2e8, -2, 1e-24]),
        (sqrt(x**2 + 1) + x, [-1e300], [5e-301, 5e-601, 0]),
        (
            5 - 3 * sqrt(x**2 + y**2) + 3 * x,
            [1e200, 1e100],
            [3.5, 1.5e-200, -3e-100, -3e-400, 3e-300, -3e-200],
        ),
        (log(x + sqrt(x**2 + 1)), [1e-30], [1e-30, 1, -1e-30]),
        # log cosh u is u^2/2 near 0 and |u| - log 2 far away.
        (log(sympy.cosh(3 * x)), [1e-8], [4.5e-16, 9e-8, 9]),
        (log(sympy.cosh(3 * x)), [-1e300], [3e300, -3, 0]),
        (
            log(sympy.cosh(3 * x)),
            [1 / 3],
            [float(np.log(np.cosh(1))), 3 * float(np.tanh(1)), 9 / float(np.cosh(1)) ** 2],
        ),
        (log(x + sqrt(x**2 + 1)), [-1e100], [-float(np.log(2) + 100 * np.log(10)), 1e-100, 1e-200]),
    ],
)
def test_what_would_cancel_keeps_its_digits(objective: Expr, point: list, expected: list) -> None:
    c = compile_objective(objective, (x, y)[: len(point)])

    assert c.scalar(*point) == pytest.approx(expected, rel=1e-14, abs=1e-305)
    assert c([point])[0] == pytest.approx(expected[0], rel=1e-14)


@pytest.mark.parametrize("u", [1 + 1e-9, 1 - 1e-5, 0.6, 1e-5, 37.0])
def test_entropy_keeps_its_digits(u: float) -> None:
    for objective in (x * log(x) - x + 1, (2 * x) * log(x / y) - 2 * x + 2 * y):
        point = [u, 1.0]
        assert_agrees(compile_objective(objective, (x, y)), point, exact(objective, (x, y), point))
        value = compile_objective(objective, (x, y)).scalar(*point)[0]
        assert value == pytest.approx(exact(objective, (x, y), point)[0], rel=1e-12)


@pytest.mark.parametrize("u", [-1e300, -6.0, -0.5, 1e-9, 7.0, 8.0])
def test_error_functions_keep_their_digits(u: float) -> None:
    for objective in (1 - sympy.erf(x), 1 + sympy.erf(x), sympy.erfc(x) - 1, 2 - sympy.erfc(x)):
        expected = exact(objective, (x,), [u])
        assert compile_objective(objective, (x,)).scalar(u) == pytest.approx(expected, rel=1e-12, abs=1e-320)


def test_a_value_beyond_floats_on_the_way_is_found_and_none_outside_the_domain() -> None:
    c = compile_objective(x**2 / (1 + x**2) + log(1 + y) - log(y), (x, y))

    assert c.scalar(1e200, 1.0)[0] == pytest.approx(1 + np.log(2), rel=1e-15)
    np.testing.assert_allclose(
        c([[1e200, 1.0], [1.0, 1.0], [1e200, -3.0]]), [1 + np.log(2), 0.5 + np.log(2), np.nan], rtol=1e-15
    )
    for y_outside in (-3.0, -0.5, 0.0):
        assert np.isnan(c.scalar(1e200, y_outside)).all()
        assert np.isnan(c.scalar(1.0, y_outside)).all()


@pytest.mark.parametrize(
    ("objective", "point", "expected"),
    [
        (x * y / (x**2 + y**2), [1e300, 7.0], 7e-300),
        (x * y / (x**2 + y**2), [1e160, 1e5], 1e-155),
        (1 / (1 + x**4) + y, [1e160, 1e-200], 1e-200),
        (x**3 / (1 + x**2 * y**2), [1e150, 1e50], 1e50),
    ],
    ids=str,
)
def test_a_denominator_beyond_floats_does_not_make_a_quotient_zero(objective, point, expected) -> None:
    c = compile_objective(objective, (x, y))
    for value in (c.scalar(*point)[0], float(c(point)), float(c([point, [1.0, 1.0]])[0])):
        assert value == pytest.approx(expected, rel=1e-12)
    gradient = exact(objective, (x, y), point)[1:3]
    assert c.gradient(point) == pytest.approx(gradient, rel=1e-12, abs=1e-320)
    assert c.scalar(*point)[1:3] == pytest.approx(gradient, rel=1e-12, abs=1e-320)


def test_a_root_less_a_side_of_it_is_zero_at_the_corner() -> None:
    c = compile_objective(sqrt(x**2 + y**2) - x, (x, y))

    assert c([0, 0]) == 0
    assert c([[0, 0], [-3, 4]]).tolist() == [0, 8]


@pytest.mark.parametrize(
    "objective",
    [
        x**7 / y + x ** Rational(5, 3) + x**y,
        sympy.gamma(x) + sympy.LambertW(y) + sympy.atan2(y, x) + sympy.erf(x),
        Max(x, y) ** 2 + Min(x, y) + Abs(x) + sign(y) * x + Heaviside(x) * y,
        Piecewise((log(x), (x > 1) & (y > 0)), (x * y, (x < -1) | (y < -2)), (y**2, True)),
        Piecewise((x, log(x) < y), (y, True)) + sqrt(x**2 + y**2) - x,
        log(exp(x) + exp(y) + exp(x * y)) + log(1 + exp(x)) + 1 / (1 + exp(-y)) + log(sympy.cosh(y)),
    ],
    ids=str,
)
def test_the_first_points_are_computed_without_compiling(objective: Expr, monkeypatch) -> None:
    """A long program is interpreted at first: the same numbers as from the compiled one, also where there are none."""
    monkeypatch.setattr(compiler, "LONG", 0)
    monkeypatch.setattr(compiler, "SQUARE", -100)
    for point in ([1.3, 0.8], [-1.3, 0.8], [0.0, 0.0], [2.0, -3.0], [800.0, -800.0], [-0.5, 1e200]):
        c = compile_objective(objective, (x, y))
        early = [c.all(point) for _ in range(compiler.FEW)]
        assert "scalar" not in vars(c._routines[2])
        late = c.all(point)
        assert "scalar" in vars(c._routines[2])
        for one, other in zip(early[0], late, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_hessian_is_derived_when_it_is_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def spy(graph: Any, value: Any, *, second: bool = True) -> Any:
        asked.append(second)
        return differentiate(graph, value, second=second)

    monkeypatch.setattr("symopt.calculus.compiler.differentiate", spy)
    compiled = compile_objective(x**2 * y + exp(y), (x, y))
    assert not asked
    assert compiled([2.0, 0.0]) == 1
    np.testing.assert_array_equal(compiled.gradient([2.0, 0.0]), [0.0, 5.0])
    assert asked == [False]
    np.testing.assert_array_equal(compiled.hessian([2.0, 0.0]), [[0.0, 4.0], [4.0, 1.0]])
    assert asked == [False, True]


def test_a_dense_quadratic_has_its_value_from_its_gradient() -> None:
    n = 12
    x = symbols(f"x:{n}", real=True)
    objective = sum((i + j + 1) * x[i] * x[j] for i in range(n) for j in range(i + 1)) + x[0] - 3 * x[4] + 7
    c = compile_objective(objective, x)
    at = [Rational(k - 5, 3) for k in range(n)]
    exact = objective.subs(dict(zip(x, at, strict=True)))

    assert float(c([float(v) for v in at])) == pytest.approx(float(exact), rel=1e-14)
    # Each of the n^2/2 products is written once, in the gradient: n^2 operations, and 3 n for the value.
    assert c.operations["f+gradient"] < 2 * n**2 + 4 * n
    assert c(np.zeros(n)) == 7.0
