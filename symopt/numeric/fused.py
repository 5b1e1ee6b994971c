"""Runs that go ahead in a generated loop: gradient descent, the heavy ball and Newton's method with constant steps.

The driver remains the judge. The loop brings it to the iterate at which something happens, and the driver's own
criteria say what that is; where they say nothing, it takes the next step itself.

A method has two loops and three ways through them: a run that is recorded often goes through `careful` alone, any
other through `fast` with `careful` for its last steps, and a short run of Newton's method through `careful` without an
evaluator. One loop would not do: with its tests and its three last iterates in every step, `careful` takes 2.9 times as
long as `fast` for gradient descent in 2 variables and 1.8 times in 10, and 1.6 and 1.4 times for Newton's method.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, final

import numpy as np

from symopt.calculus.compiler import Compiled
from symopt.calculus.compiler_loops import Loop
from symopt.numeric.iterate import Iterate
from symopt.numeric.methods import AnyMethod, GradientDescent, Method, Momentum, Newton
from symopt.numeric.objective import Array, Objective
from symopt.numeric.step_sizes import Constant

Row: TypeAlias = tuple[float, ...]
State: TypeAlias = Sequence[float]

WITH_LOOPS: Final = frozenset({GradientDescent, Momentum, Newton})
"""A class derived from one of these may take other steps."""
CHUNK: Final = 1024
"""How many steps are taken before what was passed over is looked at."""
OFTEN: Final = 64
"""Where one iterate in so many is recorded, every one is looked at."""


@final
@dataclass(frozen=True)
class Advance:
    """Where a loop has come to, f as typed and its gradient there, and what was seen on the way.

    `previous` is the iterate before, and `last_step` the step that led to that one.

    `definite` says that ||grad f|| is small there and the Hessian of f positive definite, as a factorisation has shown.
    `rows` are `(nit, f as typed, ||grad f||, *x)`; `uphill` are the iterates from which the step was not one of
    descent (of the heavy ball, only those that were looked at one by one).
    """

    nit: int
    x: Array
    fun: float
    jac: Array
    previous: Array
    last_step: Array | None
    memory: Any
    step_size: float
    rows: list[Row]
    uphill: list[int]
    definite: bool


class Arrival(NamedTuple):
    """Where a run has arrived; f and its gradient there are finite, and the gradient is small. `uphill` as in Advance."""

    nit: int
    x: Array
    fun: float
    jac: Array
    uphill: list[int]


def fused_run(
    objective: Objective, method: AnyMethod, sign: float, every: int, tolerance: float, bound: float
) -> FusedRun | None:
    """The generated loop for a run, where there is one."""
    if (
        type(method) not in WITH_LOOPS
        or not isinstance(objective, Compiled)
        or not isinstance(method, Method)
    ):
        return None
    rule = method.step_rule
    if not isinstance(rule, Constant) or (loop := objective.loop(method.name)) is None:
        return None
    return FusedRun(loop, len(objective.variables), method, float(rule.value), sign, every, tolerance, bound)


@final
class FusedRun:
    """The generated loop of one method on one objective, with its constants."""

    def __init__(
        self,
        loop: Loop,
        size: int,
        method: AnyMethod,
        step_size: float,
        sign: float,
        every: int,
        tolerance: float,
        bound: float,
    ) -> None:
        self._loop, self._size, self._sign, self._every = loop, size, sign, every
        self._step_size = step_size
        self._is_newton = isinstance(method, Newton)
        self._keeps_momentum = isinstance(method, Momentum)
        beta = float(method.beta) if isinstance(method, Momentum) else 0.0
        # Of -f the gradient is -grad f, and its step is the same one backwards; Newton's step is the same.
        signed = step_size if self._is_newton else sign * step_size
        self._goes_ahead = not self._is_newton or (step_size == sign == 1.0)
        self._fast_constants: tuple[float, ...] = tolerance, signed, beta
        if self._is_newton:
            # The last steps are taken carefully; from here there are about two of them.
            self._fast_constants = max(tolerance, tolerance**0.25), bound
        self._careful_constants = (tolerance, bound, signed, beta, sign)

    @property
    def memory(self) -> Array | None:
        """The method's memory before the first step."""
        return np.zeros(self._size) if self._keeps_momentum else None

    def arrival(self, start: Array, most: int) -> Arrival | None:
        """Where a factorisation shows that Newton's method, unrecorded, has arrived at a minimum; None elsewhere."""
        if not self._is_newton or self._every or self._sign < 0:
            return None
        uphill: list[int] = []
        origin = _Place(0, "", (), [*[math.nan] * (2 * self._size), *start.tolist()])
        there = self._run(origin, min(most, CHUNK), [], uphill)
        if there.stopped != "definite":
            return None
        fun, *jac = there.derivatives
        return Arrival(there.nit, np.array(there.state[2 * self._size :]), fun, np.array(jac), uphill)

    def ahead(self, last: Iterate, memory: Any, most: int) -> Advance | None:
        """The run from `last` up to the iterate at which something happens, at most to number `most`."""
        size = self._size
        x = last.x.tolist()
        before = previous = [math.nan] * size
        if last.step is not None:
            previous = (last.x - last.step).tolist()
            if last.previous_step is not None:
                before = (last.x - last.step - last.previous_step).tolist()
        m = (self._sign * memory).tolist() if self._keeps_momentum else ()
        rows: list[Row] = []
        uphill: list[int] = []
        start = _Place(last.nit, "", (), [*before, *previous, *x, *m])
        there = self._run(start, most, rows, uphill)
        if there.nit == last.nit:
            return None
        vectors = np.array(there.state).reshape(-1, size)
        q, p, moved = vectors[:3]
        fun, *jac = there.derivatives
        return Advance(
            there.nit,
            moved,
            fun,
            np.array(jac),
            previous=p,
            last_step=None if math.isnan(there.state[0]) else p - q,
            memory=self._sign * vectors[3] if self._keeps_momentum else None,
            step_size=self._step_size,
            rows=rows,
            uphill=uphill,
            definite=there.stopped == "definite",
        )

    def _run(self, place: _Place, most: int, rows: list[Row], uphill: list[int]) -> _Place:
        every = self._every
        if not self._goes_ahead or 0 < every <= OFTEN:
            return self._carefully(place, most, rows, uphill)
        fast, size = self._loop.fast, self._size
        unknown = [math.nan] * (2 * size)
        while place.nit < most:
            nit, now = place.nit, place.state[2 * size :]
            # Two steps are left for the careful loop, and so is an iterate to be recorded.
            ahead = min(CHUNK, most - nit, every - nit % every if every else CHUNK) - 2
            seen: tuple[list[Row], list[int]] = [], []
            more = (nit, seen[1]) if self._is_newton else ()
            steps, *new = fast(max(ahead, 0), *self._fast_constants, *more, *now)
            early = steps < ahead
            if early and not self._is_newton:
                steps = max(steps - 2, 0)
                steps, *new = fast(steps, *self._fast_constants, *now)
            origin = _Place(nit + steps, "", (), [*unknown, *new]) if steps else place
            to = min(nit + steps + 4, most)
            if every:
                to = min(to, nit - nit % every + every)
            reached = self._carefully(origin, to, *seen)
            arrived = early and reached.stopped in ("small", "definite") and reached.nit >= nit + steps + 2
            if reached.stopped and steps and not arrived:
                # It may have happened on the way.
                seen = [], []
                reached = self._carefully(place, to, *seen)
            place = reached
            rows += seen[0]
            uphill += seen[1]
            if place.stopped:
                break
        return place

    def _carefully(self, place: _Place, most: int, rows: list[Row], uphill: list[int]) -> _Place:
        """Step by step to where something happens, or to iterate number `most`."""
        careful, nit = self._loop.careful, place.nit
        mark = len(rows), len(uphill)
        answer = careful(nit, most, self._every, rows, uphill, *self._careful_constants, *place.state)
        if len(answer) > 1:
            return _Place(answer[0], answer[1], answer[2], answer[3:])
        # The next iterate is not finite: that is for the driver to say.
        del rows[mark[0] :], uphill[mark[1] :]
        if answer[0] < nit:
            return _Place(nit, "other", place.derivatives, place.state)
        answer = careful(nit, answer[0], self._every, rows, uphill, *self._careful_constants, *place.state)
        return _Place(answer[0], "other", answer[2], answer[3:])


class _Place(NamedTuple):
    """Where a loop is, what has stopped it there, `(f, *grad f)`, and its state, which ends with x and memory."""

    nit: int
    stopped: str
    derivatives: Sequence[float]
    state: State
