"""The loop that every method runs in: propose a step, check that it is finite, commit it, or stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from symopt.errors import InputError
from symopt.numeric.conclusion import conclude, describe_uphill
from symopt.numeric.fused import fused_run
from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.methods import Method, read_method
from symopt.numeric.numbers import Number, count, read_count, read_tolerance, show_number, show_point
from symopt.numeric.objective import Array, Evaluator, Objective, Point, length
from symopt.numeric.recorder import Recorder
from symopt.numeric.run import Run
from symopt.numeric.step_sizes import StepSizeLike
from symopt.numeric.stopping import Criterion, Divergence, GradientNorm, MaxIterations, SmallStep

_SIGNS: Final = {"min": 1.0, "max": -1.0}


def minimise(
    objective: Objective,
    x0: ArrayLike,
    method: str | Method = "gd",
    *,
    step_size: StepSizeLike | None = None,
    max_iterations: int = 1000,
    tolerance: Number = 1e-8,
    stopping: Criterion | None = None,
    record: int = 1,
    rng: int | np.random.Generator | None = None,
    sense: str = "min",
    callback: Callable[[Iterate], object] | None = None,
    **parameters: Any,
) -> Run:
    """x_t = x_(t-1) + eta_t d_t from x0, until a stopping criterion holds.

    `method` is a name ("gd", "momentum", "nesterov", "newton") or a method object; `step_size` and
    `parameters` (such as `beta="1/2"`) replace its own. `stopping` replaces the usual criteria, which are a
    gradient norm of at most `tolerance`, no movement, and divergence; `max_iterations` always holds. Every
    `record`-th iterate is kept, none for 0. `rng` (a seed or a Generator) is for methods that draw at random.
    `sense="max"` climbs; values are those of f as typed. `callback(intermediate_result)` sees every new
    iterate and ends the run by raising StopIteration.

    A run that goes wrong is a result whose message says how; only unreadable input is an InputError. `nhev`
    includes what it takes to see what kind of stationary point the run has ended at.

    >>> class Parabola:
    ...     variables = ("theta",)
    ...     def __call__(self, x): return (x[0] - 3)**2
    ...     def gradient(self, x): return 2*(x - 3)
    ...     def hessian(self, x): return np.array([[2.0]])
    ...     def all(self, x): return self(x), self.gradient(x), self.hessian(x)
    >>> run = minimise(Parabola(), [0], "gd", step_size="1/4", max_iterations=3)
    >>> run.path[:, 0].tolist()
    [0.0, 1.5, 2.25, 2.625]
    >>> minimise(Parabola(), [0], "newton").x.tolist()
    [3.0]
    """
    if sense not in _SIGNS:
        raise InputError(f'the sense is {sense!r}; write "min" or "max"')
    chosen = read_method(method, step_size=step_size, **parameters)
    start = read_start(x0, objective.variables)
    limit = MaxIterations(read_count(max_iterations, "max_iterations"))
    small = read_tolerance(tolerance, "the tolerance")
    usual = GradientNorm(small) | SmallStep() | Divergence()
    if not isinstance(stopping, Criterion | None):
        raise InputError(f"stopping is {stopping!r}; write a criterion, such as GradientNorm(1e-6)")
    criterion = (usual if stopping is None else stopping) | limit
    evaluator = Evaluator(objective, _SIGNS[sense])
    every = read_count(record, "record")
    recorder = Recorder(every)
    generator = read_rng(rng)
    uphill: list[int] = []

    # Overflow and undefined values are part of a failing run: its message reports them.
    with np.errstate(all="ignore"):
        point = evaluator.point(start, second_order=chosen.second_order)
        first = last = _iterate(0, point, _SIGNS[sense])
        recorder.add(first)
        memory = chosen.start(point, generator)
        stop = criterion.check(first, first) if _is_finite(point) else _defect(point, objective.variables)
        # The loop knows the usual criteria only, and nobody is to see its iterates one by one.
        fused = None
        if stopping is None and callback is None:
            bound = Divergence().bound * (1 + length(first.x))
            fused = fused_run(objective, chosen, _SIGNS[sense], every, small, bound)
        while stop is None:
            ahead = None if fused is None else fused.ahead(last, memory, limit.limit)
            if ahead is not None:
                evaluator.skip(ahead.nit - last.nit - 1, second_order=chosen.second_order)
                point, memory = evaluator.point(ahead.x, second_order=chosen.second_order), ahead.memory
                last = _iterate(
                    ahead.nit, point, _SIGNS[sense], ahead.previous, ahead.last_step, ahead.step_size
                )
                recorder.add_rows(ahead.rows, ahead.step_size)
                uphill += ahead.uphill
                stop = criterion.check(last, first)
                if stop is not None:
                    break
            advance = _advance(chosen, last.nit + 1, point, memory, evaluator, objective.variables)
            if isinstance(advance, Stop):
                stop = advance
                break
            if not advance.slope < 0:
                uphill.append(last.nit)
            point, memory = advance.point, advance.memory
            last = _iterate(last.nit + 1, point, _SIGNS[sense], last.x, last.step, advance.step_size)
            recorder.add(last)
            stop = criterion.check(last, first)
            if callback is not None:
                halted = _call(callback, last)
                stop = stop or halted
        status, message = conclude(stop, first, last, point, evaluator, objective.variables, sense)

    return Run(
        x=last.x,
        fun=last.fun,
        jac=last.jac,
        nit=last.nit,
        nfev=evaluator.nfev,
        njev=evaluator.njev,
        nhev=evaluator.nhev,
        success=status == Status.CONVERGED,
        status=int(status),
        message=message,
        **recorder.finish(last),
        method=chosen.name,
        description=str(chosen),
        sense=sense,
        warnings=describe_uphill(uphill, last.nit, sense),
        variables=tuple(objective.variables),
    )


def read_start(x0: ArrayLike, variables: tuple[str, ...]) -> Array:
    """The starting point as an array with one finite number per variable, or an InputError."""
    try:
        start = np.array(x0, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"the starting point {x0!r} is not a list of numbers") from None
    start = start.reshape(1) if start.ndim == 0 else start
    if start.shape != (len(variables),):
        needed = f"{count(len(variables), 'number')}, for {', '.join(variables)}"
        given = count(start.size, "number") if start.ndim == 1 else f"the shape {start.shape}"
        raise InputError(f"the starting point has {given}; it needs {needed}")
    for name, value in zip(variables, start, strict=True):
        if not math.isfinite(value):
            raise InputError(f"the starting point has {name} = {value}; it must be a finite number")
    return start


def read_rng(rng: int | np.random.Generator | None) -> np.random.Generator:
    """The generator of random numbers meant by a seed."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise InputError(f"rng is {rng!r}; give a seed (an integer >= 0) or a numpy Generator") from None


@dataclass(frozen=True, slots=True)
class _Advance:
    """A step that has passed its checks; `slope` is d^T grad f at the point it leaves."""

    point: Point
    slope: float
    step_size: float
    memory: Any


def _advance(
    method: Method, t: int, point: Point, memory: Any, evaluator: Evaluator, variables: tuple[str, ...]
) -> _Advance | Stop:
    """The t-th step, from `point`: proposed and validated, not yet committed."""
    proposal = method.propose(point, memory, evaluator)
    if isinstance(proposal, Stop):
        return proposal
    origin, direction = proposal.origin, proposal.direction
    if origin is not point and not _is_finite(origin):
        return _defect(origin, variables, "the method looks ahead to")
    size = method.step_rule.choose(t, origin, direction, evaluator)
    if isinstance(size, Stop):
        return size
    candidate = evaluator.point(origin.x + size * direction, second_order=method.second_order)
    if not _is_finite(candidate):
        return _defect(candidate, variables, f"a step of size {show_number(size)} leads to")
    # The difference is exactly 0 when the step starts at x_(t-1): a short step is not lost in rounding.
    slope = float(((origin.x - point.x) / size + direction) @ point.jac)
    return _Advance(candidate, slope, size, proposal.memory)


def _is_finite(point: Point) -> bool:
    return math.isfinite(point.fun) and math.isfinite(length(point.jac)) and math.isfinite(length(point.x))


def _defect(point: Point, variables: tuple[str, ...], arrival: str = "the run starts at") -> Stop:
    """Why a point cannot be an iterate: what it is there that is not finite."""
    if not math.isfinite(length(point.x)):
        return Stop(Status.DIVERGED, "the next point is beyond the range of floating-point numbers")
    if math.isnan(point.fun):
        what = "f has no real value (outside its domain, or beyond the range of floating-point numbers)"
    elif math.isinf(point.fun):
        what = "f is infinite or beyond the range of floating-point numbers"
    else:
        what = "the gradient is not finite"
    return Stop(Status.NOT_FINITE, f"{arrival} {show_point(variables, point.x)}, where {what}")


def _iterate(
    nit: int,
    point: Point,
    sign: float,
    previous: Array | None = None,
    previous_step: Array | None = None,
    step_size: float | None = None,
) -> Iterate:
    """The committed point as users see it: f as typed, read-only arrays."""
    jac = point.jac if sign > 0 else -point.jac
    step = None if previous is None else point.x - previous
    for array in (point.x, jac, step):
        if array is not None:
            array.flags.writeable = False
    return Iterate(nit, point.x, sign * point.fun, jac, length(jac), step_size, step, previous_step)


def _call(callback: Callable[[Iterate], object], iterate: Iterate) -> Stop | None:
    """The callback's word: StopIteration ends the run."""
    try:
        callback(iterate)
    except StopIteration:
        return Stop(Status.CALLBACK, "the callback raised StopIteration")
    return None
