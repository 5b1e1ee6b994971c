"""Step sizes that converge, against closed forms derived by hand and against the iterations themselves."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from sympy import Rational, S, simplify, sqrt, symbols

from symopt import Problem
from symopt.errors import CasesError, InputError
from symopt.numeric import Status

x, y, z, p, q, r, eta, beta = symbols("x y z p q r eta beta", real=True)
BOWL = Problem((x**2 + 9 * y**2) / 2, [x, y])


def test_the_bowl_by_hand() -> None:
    """mu = 1, L = 9, kappa = 9: sqrt(kappa) = 3."""
    theory = BOWL.step_size_theory()

    assert (theory.mu, theory.L, theory.condition_number) == (1, 9, 9)
    gd, momentum, nesterov, newton = (
        theory.method(name) for name in ("gd", "momentum", "nesterov", "newton")
    )
    assert gd.effect == momentum.effect == nesterov.effect == newton.effect == "converges"
    assert gd.step_sizes == (0, Rational(2, 9))
    assert (gd.step_size, gd.rate, gd.kind) == (Rational(1, 5), Rational(8, 10), "best")
    assert simplify(momentum.step_sizes[1] - 2 * (1 + beta) / 9) == 0
    assert (momentum.step_size, momentum.memory, momentum.rate) == (
        Rational(1, 4),
        Rational(1, 4),
        Rational(1, 2),
    )
    assert simplify(nesterov.step_sizes[1] - 2 * (1 + beta) / (9 * (1 + 2 * beta))) == 0
    assert (nesterov.step_size, nesterov.memory, nesterov.rate) == (
        Rational(1, 9),
        Rational(1, 2),
        Rational(2, 3),
    )
    assert (newton.step_sizes, newton.step_size, newton.rate) == ((0, 2), 1, 0)
    assert theory.evidence.trust == "checked"


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov", "newton"])
@pytest.mark.parametrize("memory", ["0", "1/2", "9/10"])
def test_runs_on_both_sides_of_the_border(method: str, memory: str) -> None:
    """Just below the last step size a run arrives, just above it the run leaves."""
    limit = BOWL.step_size_theory().method(method).step_sizes[1].subs(beta, Rational(memory))
    options = {"beta": memory} if method in ("momentum", "nesterov") else {}
    below, above = (
        BOWL.run([3, 1], method, step_size=str(limit * share), max_iterations=20000, record=0, **options)
        for share in (Rational(49, 50), Rational(51, 50))
    )

    assert below.success, below.message
    assert above.status == Status.DIVERGED, above.message


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov"])
def test_the_rate_is_the_one_that_runs_show(method: str) -> None:
    advised = BOWL.step_size_theory().method(method)
    options = {} if advised.memory is None else {"beta": str(advised.memory)}
    run = BOWL.run(
        [3, 1], method, step_size=str(advised.step_size), max_iterations=60, tolerance=0, **options
    )

    # Double roots t rho^t: the slope of the errors over the second half, whose logarithms are nearly on a line.
    errors = np.linalg.norm(run.path, axis=1)
    measured = (errors[60] / errors[30]) ** (1 / 30)
    assert measured == pytest.approx(float(advised.rate), rel=0.05)


def test_the_lecture_in_every_case() -> None:
    """(p - 1) x^2 + (p + 1) y^2 has the eigenvalues 2 (p - 1) and 2 (p + 1)."""
    cases = Problem((p - 1) * x**2 + (p + 1) * y**2, [x, y]).step_size_theory()

    assert [str(case.condition) for case in cases] == [
        "p > 1",
        "Eq(p, 1)",
        "(p > -1) & (p < 1)",
        "Eq(p, -1)",
        "p < -1",
    ]
    convex, flat, saddle, _, concave = (case.result for case in cases)
    assert simplify(convex.method("gd").step_sizes[1] - 1 / (p + 1)) == 0
    assert simplify(convex.method("gd").step_size - 1 / (2 * p)) == 0
    assert simplify(convex.condition_number - (p + 1) / (p - 1)) == 0
    assert convex.at(p=2).method("gd").rate == Rational(1, 2)
    assert (flat.method("gd").effect, flat.method("gd").step_sizes, flat.method("gd").rate) == (
        "converges",
        (0, Rational(1, 2)),
        None,
    )
    assert flat.method("newton").effect is None
    for case in (saddle, concave):
        assert (case.method("gd").effect, case.method("gd").step_sizes) == ("repelled", (0, S.Infinity))
        assert case.method("newton").effect == "converges"  # to the saddle, or to the maximum
    with pytest.raises(CasesError):
        _ = cases.mu


@pytest.mark.slow
def test_coupled_variables_with_parameters() -> None:
    """Every case at sample values of its parameters, beside NumPy's eigenvalues of the Hessian there."""
    objective, numbers = r * x**2 + 2 * p * x * y + q * y**2, (Rational(1, 2), 1, 2)
    cases = Problem(objective, [x, y], assuming=[p > 0, q > 0]).step_size_theory(timeout=60)
    assert len(cases) == 3  # a bowl, a valley, a saddle
    for values in product(numbers, numbers, (Rational(-3, 2), 0, *numbers)):
        at = dict(zip((p, q, r), values, strict=True))
        hessian = np.array([[float(objective.diff(u, v).xreplace(at)) for u in (x, y)] for v in (x, y)])
        low, high = np.linalg.eigvalsh(hessian)
        (point,) = cases.at(at).points

        assert (float(point.mu), float(point.L)) == pytest.approx((low, high), abs=1e-9)
        gd, ball = point.method("gd"), point.method("momentum")
        assert gd.effect == ("converges" if low > -1e-9 else "repelled")
        if gd.effect == "converges":
            assert float(gd.step_sizes[1]) == pytest.approx(2 / high)
        if low > 1e-9:
            assert float(gd.step_size) == pytest.approx(2 / (low + high))
            assert float(gd.rate) == pytest.approx((high - low) / (high + low), abs=1e-9)
            assert float(ball.step_size) == pytest.approx(4 / (low**0.5 + high**0.5) ** 2)


def test_every_quadratic_function_of_two_variables() -> None:
    """a x^2 + 2 b x y + c y^2 by its determinant first: rates by hand from the trace and the root of the discriminant."""
    a, b, c = symbols("a b c", real=True)
    cases = Problem(a * x**2 + 2 * b * x * y + c * y**2, [x, y]).step_size_theory(timeout=60)
    trace, gap, root = a + c, sqrt((a - c) ** 2 + 4 * b**2), sqrt(a * c - b**2)
    assert len(cases) == 8
    assert cases.cases[0].result.evidence.trust == "checked"
    gd, ball, nesterov = (cases[0].result.method(m) for m in ("gd", "momentum", "nesterov"))
    expected = {
        gd: (1 / trace, None, gap / trace),
        ball: (2 / (trace + 2 * root), (trace - 2 * root) / (trace + 2 * root), gap / (trace + 2 * root)),
        nesterov: (1 / (trace + gap), gap / (trace + 2 * root), 1 - 2 * root / (trace + gap)),
    }
    for method, choice in expected.items():
        assert (method.step_size, method.memory, method.rate) == choice
    for values in product((-2, 0, 1, 3), (-1, 0, 2), (-2, 0, 1, 3)):
        at = dict(zip((a, b, c), values, strict=True))
        (case,) = cases.at(at).cases  # one and only one
        low, high = np.linalg.eigvalsh(2.0 * np.array([[values[0], values[1]], [values[1], values[2]]]))
        (point,) = case.result.points
        assert (float(point.mu), float(point.L)) == pytest.approx((low, high), abs=1e-9)
        effect = None if values == (0, 0, 0) else "converges" if low > -1e-9 else "repelled"
        assert point.method("gd").effect == effect


def test_irrational_eigenvalues_with_their_vectors() -> None:
    """The second difference matrix of order 3 has the eigenvalues 2 - sqrt(2), 2 and 2 + sqrt(2)."""
    f = x**2 + y**2 + z**2 - x * y - y * z
    theory = Problem(f, [x, y, z]).step_size_theory()

    assert simplify(theory.mu - (2 - sqrt(2))) == simplify(theory.L - (2 + sqrt(2))) == 0
    assert theory.method("gd").step_size == Rational(1, 2)
    assert simplify(theory.method("gd").rate - sqrt(2) / 2) == 0


def test_every_stationary_point_of_a_double_well() -> None:
    """x^4 - x^2: f'' = 12 x^2 - 2 is 4 at the minima +-1/sqrt(2), and -2 at the maximum 0."""
    left, middle, right = Problem(x**4 - x**2, [x]).step_size_theory().points

    for well in (left, right):
        assert (well.mu, well.L) == (4, 4)
        assert (well.method("gd").effect, well.method("gd").step_sizes) == ("attracted", (0, Rational(1, 2)))
    assert (middle.method("gd").effect, middle.method("newton").effect) == ("repelled", "attracted")


@pytest.mark.slow
def test_himmelblau_where_the_eigenvalues_have_no_closed_form() -> None:
    """At three of the minima the eigenvalues are bounded by fractions; runs arrive with step sizes within them."""
    f = Problem((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [x, y])
    theory = f.step_size_theory(timeout=60)
    minima = [t for t in theory.points if t.point.kind == "minimum"]

    assert len(theory.points) == 9
    assert [t.method("gd").effect for t in theory.points if t.point.kind != "minimum"] == ["repelled"] * 5
    for t in minima:
        where = np.array([float(v) for v in t.point.to_dict()["decimal"].values()])
        largest = np.linalg.eigvalsh(f.compile().hessian(where))[-1]
        limit = float(t.method("gd").step_sizes[1])
        assert 0.97 * 2 / largest <= limit <= 2 / largest * (1 + 1e-12)
        run = f.run(where + 0.01, step_size=limit * 0.95, record=0, max_iterations=5000)
        assert run.success
        assert np.allclose(run.x, where, atol=1e-6)


def test_a_region_bounds_the_hessian() -> None:
    """x^4 + x^2 on [-1, 1]: 2 <= f'' <= 14, so eta < 1/7, best 2/16 with the factor 12/16."""
    theory = Problem(x**4 + x**2, [x]).step_size_theory(region=[(-1, 1)])

    assert (theory.mu, theory.L) == (2, 14)
    gd = theory.method("gd")
    assert (gd.effect, gd.step_sizes) == ("contracts", (0, Rational(1, 7)))
    assert (gd.step_size, gd.rate, gd.kind) == (Rational(1, 8), Rational(3, 4), "bound")


def test_what_is_climbed_is_the_negative() -> None:
    theory = Problem(-(x**2) - 5 * y**2, [x, y], sense="max").step_size_theory()

    assert (theory.mu, theory.L, theory.method("gd").step_size) == (2, 10, Rational(1, 6))


def test_no_stationary_point_and_a_constant() -> None:
    assert Problem(x, [x]).step_size_theory().points == ()
    flat = Problem(S(3), [x]).step_size_theory()
    assert [m.effect for m in flat.only.methods] == [None] * 4


def test_smooth_pieces_beside_kinks() -> None:
    """|x - 1| + x^2 has its minimum at 1/2, where it is x^2 - x + 1; |x| + x^2 has no stationary point, only a kink."""
    theory = Problem("abs(x - 1) + x^2", "x").step_size_theory()

    assert (theory.method("gd").effect, theory.method("gd").step_sizes) == ("attracted", (0, 1))
    assert Problem("abs(x) + x^2", "x").step_size_theory().points == ()


def test_where_the_linearised_iteration_does_not_decide() -> None:
    for f in ("x^3", "x^4", "x^4 + y^2"):
        assert [m.effect for m in Problem(f).step_size_theory().only.methods] == [None] * 4


def test_a_constraint_leaves_local_statements_only() -> None:
    theory = Problem(x**2, [x], subject_to=[x > -1]).step_size_theory()

    assert theory.method("gd").effect == "attracted"


def test_names_in_use_are_left_alone() -> None:
    theory = Problem(eta * x**2, [x]).step_size_theory()

    assert [str(letter) for letter in theory[0].result.letters] == ["h", "beta"]
    assert simplify(theory[0].result.method("gd").step_sizes[1] - 1 / eta) == 0


@pytest.mark.parametrize(
    ("region", "words"),
    [([(0, 1)], "give one"), ([(0, 1), 3], "not a pair"), ([(1, 0), (0, 1)], "smaller first")],
)
def test_bad_regions(region: list, words: str) -> None:
    with pytest.raises(InputError, match=words):
        BOWL.step_size_theory(region=region)


def test_it_is_written_like_every_answer() -> None:
    theory = BOWL.step_size_theory()
    told = " ".join(str(theory.explain()).split())

    assert "Gradient descent converges from every start exactly for 0 < eta < 2/9" in told
    assert "best constant step size of gradient descent is 1/5, with the factor 4/5" in told
    assert "spectrum" not in told
    assert r"0 < \eta < \frac{2}{9}" in theory.latex()
    assert "(1) " in str(theory.explain("full"))
    answer = json.loads(json.dumps(theory.to_dict()))
    assert answer["cases"][0]["points"][0]["methods"]["gd"]["step_sizes"] == ["0", "2/9"]
    with pytest.raises(InputError, match="not a method"):
        theory.method("adam")
