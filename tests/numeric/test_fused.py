"""Generated loops against the driver's own loop: the same run, whatever happens on the way."""

from __future__ import annotations

import pickle
import random
from dataclasses import dataclass

import numpy as np
import pytest
from sympy import Abs, Add, Heaviside, Rational, cos, exp, log, sign, sin, sqrt, symbols

from symopt.calculus.compiler import Compiled, compile_objective
from symopt.numeric import minimise

x = symbols("x:6", real=True)


@dataclass(frozen=True)
class Opaque:
    """A compiled function of which the driver sees no source, so that it takes every step itself."""

    compiled: Compiled

    @property
    def variables(self):
        return self.compiled.variables

    def __call__(self, point):
        return self.compiled(point)

    def gradient(self, point):
        return self.compiled.gradient(point)

    def hessian(self, point):
        return self.compiled.hessian(point)

    def all(self, point):
        return self.compiled.all(point)


def chained(n):
    return Add(*[100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(n - 1)])


CASES = [
    # objective, start, step size: the run converges, ...
    (x[0] ** 2 + 3 * x[1] ** 2, [1, 1], 0.1),
    (x[0] ** 2 / 1000 + x[1] ** 2 + x[0] * x[1] / 100, [5, -3], 0.9),
    (sqrt(1 + x[0] ** 2) + cos(x[1]), [2, 1], 0.3),
    (log(exp(x[0]) + exp(-x[1])) + x[0] ** 2 + x[1] ** 2, [2, 1], 0.1),
    # ... runs out of steps, ...
    (chained(2), [-1.2, 1], 0.0005),
    (chained(5), [-1.2, 1, 0, 0.5, -0.3], 0.0005),
    # ... jumps between two points, ...
    (x[0] ** 2 + x[1] ** 2, [1, 1], 1.0),
    (Abs(x[0]) + x[1] ** 2, [1, 1], 0.25),
    # ... diverges, ...
    (x[0] ** 2 - x[1] ** 2, [1, 1], 0.1),
    (x[0] ** 4 + x[1] ** 2, [10, 1], 0.5),
    (-(x[0] ** 3), [1, 1], 0.1),
    # ... leaves the domain at the first step and later, ...
    (x[0] - log(x[0]), [5], 8),
    (-sqrt(1 - x[0]) + x[1] ** 2 - x[0], [-1, 1], 0.01),
    (exp(x[0] ** 2), [3], 1.0),
    (x[0] ** Rational(3, 2) + x[0], [1], 0.01),
    # ... stands still, and has f's variables as its gradient.
    (x[0] + 10**9 * x[1] ** 0, [1e9], 1e-9),
    (x[0] * x[1], [1, 2], 0.1),
    (x[0] * x[1] + x[2] * sin(x[0]), [1, 2, -1], 0.1),
]


@pytest.mark.parametrize("method", ["gd", "momentum", "newton"])
@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize("record", [0, 1, 100])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_the_loop_and_the_driver_agree(case, method, sense, record):
    objective, start, step_size = CASES[case]
    compiled = compile_objective(objective, x[: len(start)])
    step_size = step_size if method == "gd" else 1 if method == "newton" else step_size / 4
    settings = {
        "step_size": step_size,
        "record": record,
        "sense": sense,
        "max_iterations": 333,
        "tolerance": 1e-9,
    }

    one, two = (minimise(f, start, method, **settings) for f in (compiled, Opaque(compiled)))

    assert (one.nit, one.status, one.success) == (two.nit, two.status, two.success)
    assert (one.nfev, one.njev) == (two.nfev, two.njev)
    # Newton's step is not rounded in the same way, and an escaping run magnifies that.
    rtol = 1e-6 if method == "newton" else 1e-12
    np.testing.assert_allclose(one.x, two.x, rtol=rtol, atol=1e-9)
    np.testing.assert_array_equal(one.iterations, two.iterations)
    np.testing.assert_array_equal(one.step_sizes, two.step_sizes)
    for name in ("path", "values", "gradient_norms"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=rtol, atol=1e-9)
    if method != "newton":
        assert one.message == two.message
    if record == 1:
        assert one.warnings == two.warnings


@pytest.mark.parametrize("seed", range(8))
def test_newton_steps_of_sparse_hessians(seed):
    """One step of the unrolled factorisation against numpy.linalg.solve, on random patterns of the Hessian."""
    numbers = random.Random(seed)
    objective = Add(*[numbers.randint(-3, 9) * v**2 + v for v in x])
    objective += Add(
        *[numbers.randint(-2, 2) * x[i] * x[j] for i in range(6) for j in range(i) if numbers.random() < 0.4]
    )
    compiled = compile_objective(objective, x)
    start = [numbers.uniform(-1, 1) for _ in x]

    one, two = (
        minimise(f, start, "newton", step_size="1/2", max_iterations=1) for f in (compiled, Opaque(compiled))
    )

    assert one.status == two.status
    np.testing.assert_allclose(one.x, two.x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ["gd", "momentum"])
@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize("case", [0, 1, 3, 4, 6, 8, 9, 12, 14, 16])
def test_many_starts_leap_to_where_one_start_goes(case, method, sense):
    objective, start, step_size = CASES[case]
    compiled = compile_objective(objective, x[: len(start)])
    numbers = np.random.default_rng(case)
    starts = np.array(start, dtype=float) + numbers.uniform(-0.2, 0.2, (7, len(start)))
    settings = {
        "step_size": step_size / 2,
        "record": 0,
        "sense": sense,
        "max_iterations": 700,
        "tolerance": 1e-9,
    }

    together = minimise(compiled, starts, method, **settings)

    for point, run in zip(starts, together, strict=True):
        alone = minimise(compiled, point, method, **settings)
        assert (run.nit, run.status) == (alone.nit, alone.status)
        np.testing.assert_allclose(run.x, alone.x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 6])
def test_the_sentences_about_a_minimum_wait_until_they_are_read(n, monkeypatch):
    """A loop that has factorised the Hessian knows of a minimum at once; what is said later is the same."""
    compiled = compile_objective(chained(n) + x[0] ** 4 + x[n - 1] ** 2, x[:n])
    start, settings = [1.5, -1, 1, 0.5, -0.3, 2][:n], {"tolerance": 1e-10, "record": 0}
    by_hand = minimise(Opaque(compiled), start, "newton", **settings)

    with monkeypatch.context() as patched:
        patched.setattr(np.linalg, "eigvalsh", None)
        run = minimise(compiled, start, "newton", **settings)
        assert (run.success, run.status, run.nit) == (True, 0, by_hand.nit)
    again = pickle.loads(pickle.dumps(run))

    assert run == again
    assert not again.x.flags.writeable
    assert run.predicted_rate == by_hand.predicted_rate == 0
    assert "as at a strict local minimum" in run.message
    assert run.message.split(". ")[1] == by_hand.message.split(". ")[1]
    with pytest.raises(AttributeError, match="no attribute 'msg'"):
        _ = run.msg


def test_a_definite_hessian_that_still_changes_is_not_called_a_minimum():
    # Newton's steps on x^4 are x/3: the Hessian is positive all the way and 0 at the end.
    run = minimise(compile_objective(x[0] ** 4, x[:1]), [1], "newton", record=0)

    assert run.success
    assert "cannot tell whether that is a minimum" in run.message


def test_newton_towards_a_maximum_or_past_a_distant_iterate():
    # f' = 0.4975 and f'' = 0.00247 at 6: the first step leads to -196, where f'' is e^-196, the second beyond all bounds.
    far = compile_objective(log(1 + exp(x[0])) - x[0] / 2, x[:1])
    lost = [minimise(far, [6], "newton", record=record) for record in (0, 1)]
    top = [
        minimise(compile_objective(-(x[0] ** 2), x[:1]), [3], "newton", sense="max", record=r) for r in (0, 1)
    ]

    assert lost[0].status == lost[1].status != 0
    assert (lost[0].nit, lost[0].message) == (lost[1].nit, lost[1].message)
    assert all(run.success and "strict local maximum" in run.message for run in top)


@pytest.mark.parametrize(
    "start", [[-1.2, 1.0, -1.2, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [30.0, -5.0, 2.0, 9.0]]
)
def test_an_unrecorded_run_is_the_recorded_one(start):
    terms = [100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(3)]
    c = compile_objective(Add(*terms), x[:4])
    bare, recorded = (minimise(c, start, "newton", record=record) for record in (0, 1))

    for name in (
        "fun",
        "nit",
        "nfev",
        "njev",
        "nhev",
        "success",
        "status",
        "message",
        "description",
        "warnings",
    ):
        assert bare[name] == recorded[name], name
    assert bare.x.tolist() == recorded.x.tolist()
    assert bare.jac.tolist() == recorded.jac.tolist()
    assert bare.predicted_rate == recorded.predicted_rate == 0.0
    assert bare.path.shape == (0, 4)
    assert pickle.loads(pickle.dumps(bare)) == bare


@pytest.mark.parametrize("method", ["gd", "momentum", "newton"])
@pytest.mark.parametrize("record", [0, 1])
def test_functions_have_their_names_in_a_loop(method, record):
    # (x - 2)^2 where x > 0, so that the sign is asked for in f, its gradient and the tests of the loop.
    c = compile_objective((x[0] - 2) ** 2 * sign(x[0]) + Heaviside(x[0]), x[:1])
    run = minimise(c, [1.0], method, step_size="1/4" if method != "newton" else 1, record=record)

    assert run.success
    assert run.x[0] == pytest.approx(2.0)
