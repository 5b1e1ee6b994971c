"""The course of one run: committed iterates, the memory of them, and the word on which it ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from symopt.numeric.conclusion import Conclusion, conclude, conclude_on_batches, describe_uphill
from symopt.numeric.fused import Advance, Arrival
from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.methods import AnyMethod, SciPyMethod
from symopt.numeric.numbers import show_point
from symopt.numeric.objective import Array, Evaluator, Point, length
from symopt.numeric.rates import measured_factor
from symopt.numeric.recorder import Record, Recorder
from symopt.numeric.run import Run, Words
from symopt.numeric.stopping import Criterion

SIGNS: Final = {"min": 1.0, "max": -1.0}


class Course:
    """What a run has come to so far; steps are committed one by one, whoever has proposed them."""

    def __init__(
        self,
        start: Point,
        variables: tuple[str, ...],
        sense: str,
        criterion: Criterion,
        record: int,
        callback: Callable[[Iterate], object] | None = None,
        draws: Draws | None = None,
    ) -> None:
        self._variables, self._sense, self._sign = variables, sense, SIGNS[sense]
        self._criterion, self._callback, self._recorder = criterion, callback, Recorder(record)
        self._uphill: list[int] = []
        self._draws = draws
        self.point = start
        self.first = self.last = make_iterate(0, start, self._sign)
        self._recorder.add(self.first)

    def begin(self) -> Stop | None:
        """Why there is no first step, or None."""
        if not is_finite(self.point):
            return defect(self.point, self._variables)
        return self._criterion.check(self.first, self.first)

    def commit(
        self, point: Point, slope: float | None, step_size: float | None, steps: int = 1
    ) -> Stop | None:
        """Make `point` the next iterate that is looked at. The reason to stop, or None.

        `slope` is d^T grad f at the one before, None where the direction is not meant to go downhill; `steps` have led
        from there.
        """
        if slope is not None and not slope < 0:
            self._uphill.append(self.last.nit)
        self.point = point
        self.last = make_iterate(self.last.nit + steps, point, self._sign, self.last, step_size)
        self._recorder.add(self.last)
        stop = self._criterion.check(self.last, self.first)
        if self._callback is not None:
            halted = _call(self._callback, self.last)
            stop = stop or halted
        return stop

    def jump(self, ahead: Advance, evaluator: Evaluator, *, second_order: bool) -> Stop | None:
        """Commit what a generated loop has gone through. The reason to stop where it has come to, or None."""
        evaluator.skip(ahead.nit - self.last.nit, second_order=second_order)
        evaluator.nhev += second_order and self.point.hess is None
        self._uphill += ahead.uphill
        self._recorder.add_rows(ahead.rows, ahead.step_size)
        derivatives = self._sign * ahead.fun, self._sign * ahead.jac
        self.point = Point(ahead.x, *derivatives, definite=ahead.definite and self._sign > 0)
        steps = self.point.x - ahead.previous, ahead.last_step
        self.last = _iterate(ahead.nit, self.point, self._sign, *steps, ahead.step_size)
        return self._criterion.check(self.last, self.first)

    def finish(self, stop: Stop, evaluator: Evaluator, method: AnyMethod) -> Run:
        """The run, which has ended with this reason."""
        record = self._recorder.finish(self.last)
        ends = Ends(self.first, self.last, self.point, tuple(self._uphill))
        return make_run(stop, ends, record, evaluator, method, self._sense, self._variables, self._draws)


@dataclass(frozen=True, slots=True)
class Draws:
    """What the steps of a run were drawn from, and the seed; None for a generator whose seed is not known."""

    batches: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a run: `point` is `last` as the evaluator knows it, `uphill` the iterates left uphill."""

    first: Iterate
    last: Iterate
    point: Point
    uphill: tuple[int, ...] = ()


def make_run(
    stop: Stop,
    ends: Ends,
    record: Record,
    evaluator: Evaluator,
    method: AnyMethod,
    sense: str,
    variables: tuple[str, ...],
    draws: Draws | None = None,
) -> Run:
    """The result of a run that has ended; of one on mini-batches no rate is told, as its steps are random.

    Where a factorisation has shown that the run has arrived at a minimum, the sentences about it wait until they are
    read: that look at the Hessian takes longer than many a run.
    """
    last, status = ends.last, stop.status
    has_rate = draws is None and (isinstance(method, SciPyMethod) or method.joint)
    seed = None if draws is None else draws.seed

    def concluded() -> Conclusion:
        with np.errstate(all="ignore"):
            if draws is None:
                return conclude(stop, ends.first, last, ends.point, evaluator, method, variables, sense)
            return conclude_on_batches(stop, last, ends.point, evaluator, method, variables, sense)

    def words(word: Conclusion | None = None) -> Words:
        word = concluded() if word is None else word
        drawn = "" if draws is None else f", on {draws.batches}{'' if seed is None else f', seed {seed}'}"
        rates = word.factor, measured_factor(record) if has_rate else math.nan
        return Words(f"{method}{drawn}", word.message, *rates, evaluator.nhev)

    find_words: Callable[[], Words] = words
    if not (ends.point.definite and status == Status.CONVERGED):
        word = concluded()
        status, find_words = word.status, partial(words, word)
    return Run(
        last.x,
        last.fun,
        last.jac,
        last.nit,
        evaluator.nfev,
        evaluator.njev,
        success=status == Status.CONVERGED,
        status=int(status),
        method=method.name,
        sense=sense,
        warnings=describe_uphill(ends.uphill, last.nit, sense),
        variables=variables,
        seed=seed,
        _record=record,
        _find_words=find_words,
    )


def arrive(
    arrival: Arrival, method: AnyMethod, sense: str, variables: tuple[str, ...], again: Callable[[], Run]
) -> Run:
    """The result of a run whose loop has seen all that matters; it goes `again` when somebody asks for the words."""
    for array in (arrival.x, arrival.jac):
        array.flags.writeable = False
    nit = arrival.nit
    return Run(
        arrival.x,
        arrival.fun,
        arrival.jac,
        nit,
        nit + 1,
        nit + 1,
        success=True,
        status=int(Status.CONVERGED),
        method=method.name,
        sense=sense,
        warnings=describe_uphill(arrival.uphill, nit, sense),
        variables=variables,
        seed=None,
        _record=Record(tuple, len(variables)),
        _find_words=lambda: again().words,
    )


def is_finite(point: Point) -> bool:
    """Whether a point can be an iterate."""
    return math.isfinite(point.fun) and math.isfinite(length(point.jac)) and math.isfinite(length(point.x))


def defect(point: Point, variables: tuple[str, ...], arrival: str = "the run starts at") -> Stop:
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


def make_iterate(
    nit: int, point: Point, sign: float, before: Iterate | None = None, step_size: float | None = None
) -> Iterate:
    """The committed point as users see it: f as typed, read-only arrays."""
    steps = (None, None) if before is None else (point.x - before.x, before.step)
    return _iterate(nit, point, sign, steps[0], steps[1], step_size)


def _iterate(
    nit: int,
    point: Point,
    sign: float,
    step: Array | None,
    previous_step: Array | None,
    step_size: float | None,
) -> Iterate:
    jac = point.jac if sign > 0 else -point.jac
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
