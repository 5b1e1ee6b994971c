"""How long derivation, evaluation and runs take, beside the peers that are installed; one table on the terminal.

Every ratio is a median of paired runs in one process, in CPU time, with one thread:

    python benchmarks/speed.py                  everything, some minutes
    python benchmarks/speed.py derivation runs  some parts: derivation, operations, evaluation, runs, batches,
                                                arrays

CasADi and SciPy are in the extras `oracles` and `test`. What is not installed is left out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import process_time
from typing import Any

if "OPENBLAS_NUM_THREADS" not in os.environ:  # NumPy reads it when it is imported
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **one})

import families
import losses
import numpy as np
import peers
import sympy

from symopt.calculus.compiler import Compiled, compile_objective
from symopt.numeric import minimise

SHORTEST = 0.02  # seconds of CPU time that are worth timing


def seconds(function: Callable[..., Any], times: int, at: Sequence[float] = ()) -> float:
    start = process_time()
    for _ in range(times):
        function(*at)
    return (process_time() - start) / times


def paired(
    ours: Callable[..., Any], theirs: Callable[..., Any], pairs: int = 7, at: Sequence[float] = ()
) -> tuple[float, float, float]:
    """Medians of both times and of their ratio; the two alternate, so that both meet the same load."""
    times = [1, 1]
    for index, function in enumerate((ours, theirs)):
        while seconds(function, times[index], at) * times[index] < SHORTEST:
            times[index] *= 4
    runs = [(seconds(ours, times[0], at), seconds(theirs, times[1], at)) for _ in range(pairs)]
    first, second = zip(*runs, strict=True)
    return median(first), median(second), median(b / a for a, b in runs)


def show(what: str, ours: float, whose: str, theirs: float, ratio: float, goal: str) -> None:
    print(f"{what:46} {ours * 1e6:13.2f} {theirs * 1e6:13.2f} {ratio:8.2f}  {whose:28} {goal}", flush=True)


def derivation() -> None:
    """SymPy expression in, f + gradient + sparse Hessian compiled and evaluated once."""
    sizes = [("rosenbrock", 1000, 1.0), ("quadratic", 200, 1.0), ("log_sum_exp", 500, 1.0)]
    sizes += [("tanh_chain", 1000, 0.33), ("styblinski_tang", 1000, 1.0), ("logistic", 20, None)]
    sizes += [("random_expression", 300, 1.0)]
    for name, n, goal in sizes:
        objective, variables = getattr(families, name)(n)
        at = np.full(n, 0.3)

        def ours(objective=objective, variables=variables, at=at) -> Any:
            return compile_objective(objective, variables).all(at)

        if not peers.HAS_CASADI:
            print(f"{name + ' ' + str(n):46} {seconds(ours, 1) * 1e6:13.0f}")
            continue

        def theirs(objective=objective, variables=variables, at=at) -> Any:
            return peers.casadi_function(objective, variables)(at)

        result = paired(ours, theirs, 3)
        show(f"derive and compile {name} {n}", result[0], "CasADi", *result[1:], f">= {goal}" if goal else "")
    for n in (1000, 10_000):
        objective, variables = families.rosenbrock(n)
        taken = seconds(lambda o=objective, v=variables: compile_objective(o, v), 1)
        print(f"{f'derive rosenbrock {n}, per variable':46} {taken / n * 1e6:13.2f}")


def evaluation() -> None:
    """c.scalar and c.all against a joint lambdify with cse over `math`."""
    for name in (
        "rosenbrock",
        "styblinski_tang",
        "quadratic",
        "log_sum_exp",
        "tanh_chain",
        "random_expression",
    ):
        for n in (2, 10, 100):
            if n == 100 and name not in ("rosenbrock", "styblinski_tang", "log_sum_exp"):
                continue  # SymPy's own derivatives take too long
            _one_evaluation(name, n)


def _one_evaluation(name: str, n: int) -> None:
    objective, x = getattr(families, name)(n)
    c = compile_objective(objective, x)
    gradient = [objective.diff(v) for v in x]
    hessian = [gradient[i].diff(x[j]) for i in range(n) for j in range(i + 1)]
    peer = sympy.lambdify(x, [objective, *gradient, *hessian], "math", cse=True)
    point = [0.3 + 0.01 * i for i in range(n)]
    array, scalar = np.array(point), c.scalar
    np.testing.assert_allclose(scalar(*point), peer(*point), rtol=1e-9, atol=1e-9)
    result = paired(scalar, peer, at=point)
    show(f"c.scalar {name} {n}", result[0], "lambdify math, joint, cse", *result[1:], ">= 2")
    result = paired(lambda: c.all(array), lambda: scalar(*point))
    show(f"c.all {name} {n}", result[0], "c.scalar", *result[1:], "")


def runs() -> None:
    """Gradient descent and the heavy ball, per iteration; Newton's method, per run."""
    x = families.variables(2)
    two = ("p-quadratic 2", (x[0] ** 2 + 3 * x[1] ** 2, x), 1e-5)
    cases = [two, *((f"rosenbrock {n}", families.rosenbrock(n), 1e-4) for n in (2, 10))]
    for name, (objective, variables), eta in cases:
        for method, beta in (("gd", 0.0), ("momentum", 0.5)):
            _one_method(name, objective, variables, eta, method, beta)
    if not peers.HAS_SCIPY:
        return
    from scipy.optimize import minimize

    for n, goal in ((10, ">= 20"), (100, ">= 5")):
        c = compile_objective(*families.rosenbrock(n))
        start = np.array([-1.2, 1.0] * (n // 2))
        f_and_gradient = _value_and_gradient(c)

        def newton(c: Compiled = c, start: Any = start) -> Any:
            return minimise(c, start, "newton", tolerance=1e-10, record=0)

        assert newton().success
        result = paired(newton, lambda s=start, f=f_and_gradient: minimize(f, s, jac=True, method="L-BFGS-B"))
        show(f"newton rosenbrock {n}, a run", result[0], "SciPy L-BFGS-B", *result[1:], goal)


def _one_method(
    name: str, objective: Any, variables: Any, eta: float, method: str, beta: float, steps: int = 20_000
) -> None:
    n, goal = len(variables), ">= 15" if len(variables) == 2 else ">= 5"
    start = np.array([-1.2, 1.0] * (n // 2))
    c = compile_objective(objective, variables)
    gradient = sympy.lambdify([list(variables)], [objective.diff(v) for v in variables], "numpy", cse=True)
    settings = {"step_size": eta, "max_iterations": steps, "tolerance": 0, "record": 0}
    if method == "momentum":
        settings["beta"] = beta

    def ours() -> Any:
        return minimise(c, start, method, **settings)

    def numpy_loop() -> Any:
        place, m = start, np.zeros(n)
        for _ in range(steps):
            m = beta * m + np.array(gradient(place)) if beta else np.array(gradient(place))
            place = place - eta * m
        return place

    np.testing.assert_allclose(ours().x, numpy_loop(), rtol=1e-9, atol=1e-12)
    ours_time, theirs, ratio = paired(ours, numpy_loop, 5)
    what = f"{method} {name}, an iteration"
    show(what, ours_time / steps, "lambdified NumPy loop", theirs / steps, ratio, goal)
    if peers.HAS_CASADI:
        fold = peers.casadi_loop(objective, variables, eta, beta, steps)
        ours_time, theirs, ratio = paired(ours, fold)
        show(what, ours_time / steps, "CasADi fold", theirs / steps, ratio, ">= 0.83" if n == 2 else "")


def _value_and_gradient(c: Compiled) -> Callable[[Any], tuple[float, Any]]:
    from symopt.calculus.compiler import Routine

    routine: Routine = c._routine(1)

    def function(x: Any) -> tuple[float, Any]:
        results = routine.scalar(*x.tolist())
        return results[0], np.array(results[1:])

    return function


def batches() -> None:
    """10^4 points at once, per point; 10^3 starts at once, per start and iteration."""
    for name, n in (("rosenbrock", 2), ("rosenbrock", 10), ("log_sum_exp", 10)):
        _one_batch(name, n)
    c = compile_objective(*families.rosenbrock(2))
    starts = np.random.default_rng(1).uniform(-1, 1, (1000, 2))
    settings = {"step_size": 1e-3, "max_iterations": 5000, "tolerance": 0, "record": 0}
    result = paired(
        lambda: minimise(c, starts, "gd", **settings),
        lambda: [minimise(c, start, "gd", **settings) for start in starts[:100]],
        3,
    )
    result = result[0], 10 * result[1], 10 * result[2]
    per = 1000 * 5000
    show(
        "10^3 starts, gd rosenbrock 2, an iteration",
        result[0] / per,
        "one after another",
        result[1] / per,
        result[2],
        "",
    )


def _one_batch(name: str, n: int) -> None:
    c = compile_objective(*getattr(families, name)(n))
    points = np.random.default_rng(1).uniform(-1, 1, (10_000, n))
    scalar, rows = c.scalar, points.tolist()
    result = paired(lambda: c.all(points), lambda: [scalar(*row) for row in rows], 5)
    times = result[0] / 1e4, result[1] / 1e4, result[2]
    show(f"10^4 points {name} {n}, a point", times[0], "c.scalar one by one", *times[1:], "")


def operations() -> None:
    """Counts do not depend on the machine; `.ci/operation_counts.py` holds them."""
    for function in families.FAMILIES:
        counts = compile_objective(*function(12)).operations
        line = f"operations {function.__name__} 12"
        theirs = ""
        if peers.HAS_CASADI:
            theirs = peers.casadi_operations(peers.casadi_function(*function(12), cse=True))
        f, g, h = counts.values()
        print(f"{line:46} f {f}, f+g {g} ({g / f:.2f} f), f+g+H {h}; CasADi f+g+H {theirs}")


def arrays() -> None:
    """A loss with data against NumPy by hand, against the loss written out over its points, and on mini-batches."""
    points, labels = losses.data(10_000, 100)
    at = np.linspace(-0.1, 0.1, 100)
    taken = median(seconds(lambda: losses.logistic(points, labels).compile().all(at), 1) for _ in range(3))
    print(f"{'with_data logistic 10000 x 100, built, f+g+H':46} {taken * 1e6:13.0f} {'':22}  goal: 500000")
    compiled = losses.logistic(points, labels).compile()
    for name, function, hessian in (
        ("f+g", compiled.value_and_gradient, False),
        ("f+g+H", compiled.all, True),
    ):
        by_hand = losses.logistic_by_hand(points, labels, at, hessian)
        for found, wanted in zip(function(at), by_hand, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-9)
        result = paired(
            lambda f=function: f(at), lambda h=hessian: losses.logistic_by_hand(points, labels, at, h), 5
        )
        show(f"with_data logistic 10000 x 100, {name}", result[0], "NumPy by hand", *result[1:], ">= 0.5")
    few, marks = losses.data(50, 50)
    start = process_time()
    objective, variables = losses.logistic_written_out(few, marks)
    by_sympy = process_time() - start
    straight = compile_objective(objective, variables)
    place = at[:50]
    straight.all(place)
    written_out = process_time() - start
    start = process_time()
    small = losses.logistic(few.round(3), marks).compile()
    small.all(place)
    built = process_time() - start
    np.testing.assert_allclose(small.all(place)[2], straight.all(place)[2], rtol=1e-9, atol=1e-12)
    ratio = written_out / built
    show("with_data logistic 50 x 50, built", built, "written out over points", written_out, ratio, ">= 50")
    given = losses.logistic(few.round(3), marks)
    taken = median(seconds(given.written_out, 1) for _ in range(5))
    show("written_out logistic 50 x 50", taken, "SymPy term by term", by_sympy, by_sympy / taken, ">= 50")
    result = paired(lambda: small.all(place), lambda: straight.all(place), 5)
    show("with_data logistic 50 x 50, f+g+H", result[0], "written out over points", *result[1:], ">= 50")
    steps, fit = 2000, losses.logistic(points, labels)

    def ours() -> Any:
        return fit.run(at, batch_size=32, rng=0, step_size=0.1, max_iterations=steps, record=0)

    def theirs() -> Any:
        rng, x = np.random.default_rng(0), at
        for _ in range(steps):
            x = x - 0.1 * losses.gradient_step(points, labels, x, rng.integers(10_000, size=32))
        return x

    result = paired(ours, theirs, 3)
    show(
        "gd on mini-batches of 32, a step",
        result[0] / steps,
        "NumPy by hand",
        result[1] / steps,
        result[2],
        "",
    )


PARTS = {part.__name__: part for part in (derivation, operations, evaluation, runs, batches, arrays)}


def chosen(names: list[str]) -> Iterator[Callable[[], None]]:
    for name in names or PARTS:
        if name not in PARTS:
            sys.exit(f"unknown part {name}: write some of {', '.join(PARTS)}")
        yield PARTS[name]


if __name__ == "__main__":
    wanted = list(chosen(sys.argv[1:]))
    print(f"{'':46} {'symopt us':>13} {'other us':>13} {'ratio':>8}  other                        goal")
    for part in wanted:
        part()
