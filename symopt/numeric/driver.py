"""The loop that every method runs in: propose a step, check that it is finite, commit it, or stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from symopt.calculus.compiler import Compiled
from symopt.errors import InputError
from symopt.numeric.advancing import move
from symopt.numeric.batches import EPOCHS, Batches, follow_batches, require_steps_by_time
from symopt.numeric.course import SIGNS, Course, Draws, arrive, defect, is_finite
from symopt.numeric.fused import FusedRun, fused_run
from symopt.numeric.iterate import Iterate, Stop
from symopt.numeric.methods import AnyMethod, Method, SciPyMethod, read_method
from symopt.numeric.numbers import Number, count, read_count, read_tolerance, show_number
from symopt.numeric.objective import Array, Evaluator, Objective, Point, length
from symopt.numeric.progress import Progress
from symopt.numeric.run import Run
from symopt.numeric.runs import Runs
from symopt.numeric.step_sizes import StepSizeLike
from symopt.numeric.stopping import Criterion, Divergence, GradientNorm, MaxIterations, SmallStep
from symopt.numeric.together import can_go_together, go_together

LIMIT: Final = 1000
"""How many iterations a run may take when nobody says how many."""
WATCHED: Final = 2**18
"""How many iterations of a generated loop go by before the line of progress is renewed."""


def minimise(
    objective: Objective,
    x0: ArrayLike,
    method: str | AnyMethod = "gd",
    *,
    step_size: StepSizeLike | None = None,
    max_iterations: int | None = None,
    tolerance: Number = 1e-8,
    stopping: Criterion | None = None,
    record: int | None = None,
    rng: int | np.random.Generator | None = None,
    sense: str = "min",
    callback: Callable[[Iterate], object] | None = None,
    batches: Batches | None = None,
    epochs: int | None = None,
    **parameters: Any,
) -> Run | Runs:
    """x_t = x_(t-1) + eta_t d_t from x0, until a stopping criterion holds.

    `method` is a name of METHODS or a method object; `step_size` and `parameters` (such as `beta="1/2"`) replace its
    own. `stopping` replaces the usual criteria, which are a gradient norm of at most `tolerance`, no movement, and
    divergence; `max_iterations` always holds (1000, or a larger limit that `stopping` names). Every `record`-th iterate
    is kept, none for 0. `rng` (a seed or a Generator) is for methods that draw at random. `sense="max"` climbs; values
    are those of f as typed.
    `callback(intermediate_result)` sees every new iterate and ends the run by raising StopIteration.

    With `batches` each step takes the gradient on the next of them instead of grad f. The run goes `epochs` times (10)
    through them, or for `max_iterations` steps; f is looked at, recorded and tested every `record`-th step, by default
    after each epoch. `rng` is then the seed, which the run keeps.

    An x0 of shape (m, n) holds m starts: the answer is `Runs`, one run for each of them. On a
    compiled objective a method that goes entry by entry does all of them at once.

    A run that goes wrong is a result whose message says how; only unreadable input is an InputError. `nhev` includes
    what it takes to see what kind of stationary point the run has ended at.

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
    >>> minimise(Parabola(), [[0], [9]], "newton").x.tolist()
    [[3.0], [3.0]]
    """
    if sense not in SIGNS:
        raise InputError(f'the sense is {sense!r}; write "min" or "max"')
    chosen = read_method(method, step_size=step_size, **parameters)
    variables = tuple(objective.variables)
    starts = read_starts(x0, variables)
    if callback is not None and not callable(callback):
        raise InputError(f"callback is {callback!r}; give a function of the iterate")
    limit = _steps(max_iterations, batches, epochs, stopping)
    smallest = read_tolerance(tolerance, "the tolerance")
    if batches is not None:
        require_steps_by_time(chosen)
    if stopping is None:
        criterion = _usual_criterion(smallest, limit, batches is not None)
    elif isinstance(stopping, Criterion):
        criterion = stopping | MaxIterations(limit)
    else:
        raise InputError(f"stopping is {stopping!r}; write a criterion, such as GradientNorm(1e-6)")
    every = read_count((1 if batches is None else batches.per_epoch) if record is None else record, "record")
    seed = read_seed(rng) if batches is not None and batches.is_random else None
    # To make a generator takes longer than some runs.
    generator = None if rng is None else read_rng(rng)
    draws = None if batches is None else Draws(str(batches), seed)

    # A generated loop knows the usual criteria only, and nobody is to see its iterates one by one.
    usual_only = callback is None and stopping is None and isinstance(objective, Compiled) and batches is None

    def from_one(start: Array, *, step_by_step: bool = False) -> Run:
        bound = Divergence.bound * (1 + length(start))
        fused = fused_run(objective, chosen, SIGNS[sense], every, smallest, bound) if usual_only else None
        arrival = None if fused is None or step_by_step else fused.arrival(start, limit)
        if arrival is not None:
            return arrive(arrival, chosen, sense, variables, lambda: from_one(start, step_by_step=True))
        evaluator = Evaluator(objective, SIGNS[sense])
        # Overflow and undefined values are part of a failing run: its message reports them.
        with np.errstate(all="ignore"):
            point = evaluator.point(start, second_order=chosen.second_order and fused is None)
            course = Course(point, variables, sense, criterion, every, callback, draws)
            progress = Progress(limit)
            stop = course.begin()
            if stop is None and batches is not None:
                assert isinstance(chosen, Method), "asked for above"
                drawn = read_rng(generator if seed is None else seed)
                facts = batches, variables, drawn, every, limit, progress
                stop = follow_batches(chosen, course, evaluator, *facts)
            elif stop is None:
                stop = _follow(chosen, course, evaluator, variables, generator, fused, limit, progress)
            progress.close()
            return course.finish(stop, evaluator, chosen)

    if starts.ndim == 1:
        return from_one(starts)
    if usual_only and isinstance(chosen, Method) and can_go_together(chosen):
        with np.errstate(all="ignore"):
            limits = smallest, limit, every
            return Runs(go_together(objective, starts, chosen, sense, criterion, *limits, from_one))
    return Runs(tuple(from_one(start) for start in starts))


@cache
def _usual_criterion(tolerance: float, limit: int, on_batches: bool) -> Criterion:
    """A small gradient, no movement (steps on mini-batches are random) and divergence, each with the limit."""
    arrived = GradientNorm(tolerance) if on_batches else GradientNorm(tolerance) | SmallStep()
    return arrived | Divergence() | MaxIterations(limit)


def _steps(max_iterations: int | None, batches: Batches | None, epochs: int | None, stopping: object) -> int:
    """How many steps a run may take."""
    if epochs is not None:
        if batches is None:
            raise InputError(
                "epochs counts the passes over mini-batches: give batch_size too, or max_iterations"
            )
        if max_iterations is not None:
            raise InputError("epochs and max_iterations both say when the run ends: give one of them")
        return read_count(epochs, "epochs") * batches.per_epoch
    if max_iterations is not None:
        return read_count(max_iterations, "max_iterations")
    usual = LIMIT if batches is None else EPOCHS * batches.per_epoch
    return max(usual, stopping.largest_limit) if isinstance(stopping, Criterion) else usual


def read_seed(rng: int | np.random.Generator | None) -> int | None:
    """The seed that repeats a run; one is drawn where none is given, and that of a Generator is not known."""
    if rng is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return int(rng) if isinstance(rng, int | np.integer) else None


def read_starts(x0: ArrayLike, variables: tuple[str, ...]) -> Array:
    """The starting point, or the starting points, one in a row; every number finite, or an InputError."""
    try:
        start = np.array([] if x0 is None else x0, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"the starting point {x0!r} is not a list of numbers") from None
    start = start.reshape(1) if start.ndim == 0 else start
    if start.ndim > 2 or start.shape[-1] != len(variables):
        needed = f"{count(len(variables), 'number')}, for {', '.join(variables)}"
        given = count(start.size, "number") if start.ndim == 1 else f"the shape {start.shape}"
        raise InputError(f"the starting point has {given}; it needs {needed}")
    if not start.size:
        raise InputError("there are no starting points; give at least one")
    for row in () if start.ndim == 1 and math.isfinite(length(start)) else np.atleast_2d(start):
        for name, value in zip(variables, row, strict=True):
            if not math.isfinite(value):
                raise InputError(f"the starting point has {name} = {value}; it must be a finite number")
    return start


def read_rng(rng: int | np.random.Generator | None) -> np.random.Generator:
    """The generator of random numbers meant by a seed."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise InputError(f"rng is {rng!r}; give a seed (an integer >= 0) or a numpy Generator") from None


def _follow(
    method: AnyMethod,
    course: Course,
    evaluator: Evaluator,
    variables: tuple[str, ...],
    rng: np.random.Generator | None,
    fused: FusedRun | None,
    limit: int,
    progress: Progress,
) -> Stop:
    """Step after step, until there is a reason to stop; a generated loop goes ahead where there is one."""
    if isinstance(method, SciPyMethod):

        def commit(point: Point, before: Point) -> Stop | None:
            if not is_finite(point):
                return defect(point, variables, "a step leads to")
            progress.at(course.last.nit + 1)
            return course.commit(point, float((point.x - before.x) @ before.jac), None)

        return method.follow(course.point, evaluator, commit)
    memory = method.start(course.point, read_rng(rng)) if fused is None else fused.memory
    stop = None
    while stop is None:
        far = min(limit, course.last.nit + WATCHED) if progress.shown else limit
        ahead = None if fused is None else fused.ahead(course.last, memory, far)
        if ahead is not None:
            memory, stop = ahead.memory, course.jump(ahead, evaluator, second_order=method.second_order)
            if stop is not None:
                break
        step = move(method, course.last.nit + 1, course.point, memory, evaluator, variables)
        if isinstance(step, Stop):
            return step
        point = step.point
        if point is None:
            point = evaluator.point(step.x, second_order=method.second_order)
        if not is_finite(point):
            return defect(point, variables, f"a step of size {show_number(step.step_size)} leads to")
        memory = step.memory
        stop = course.commit(point, step.slope, step.step_size)
        progress.at(course.last.nit)
    return stop
