"""Runs that go ahead in a generated loop: gradient descent, the heavy ball and Newton's method with constant steps.

The driver remains the judge. The loop brings it to the iterate at which something happens, and the driver's own
criteria say what that is; where they say nothing, it takes the next step itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

import numpy as np

from symopt.calculus.compiler import Compiled
from symopt.calculus.compiler_loops import Loop
from symopt.numeric.iterate import Iterate
from symopt.numeric.methods import AnyMethod, GradientDescent, Method, Momentum, Newton
from symopt.numeric.objective import Array, Objective
from symopt.numeric.step_sizes import Constant

Row: TypeAlias = tuple[float, ...]
State: TypeAlias = Sequence[float]

CHUNK: Final = 256
"""How many steps are taken before what was passed over is looked at."""


@final
@dataclass(frozen=True)
class Advance:
    """Where a loop has come to, the iterate before and the step that led to that one, and what was seen on the way.

    `rows` are `(nit, f as typed, ||grad f||, *x)`; `uphill` are the iterates from which the step was not one of
    descent (of the heavy ball, only those that were looked at one by one).
    """

    nit: int
    x: Array
    previous: Array
    last_step: Array | None
    memory: Any
    step_size: float
    rows: list[Row]
    uphill: list[int]


def fused_run(
    objective: Objective, method: AnyMethod, sign: float, every: int, tolerance: float, bound: float
) -> FusedRun | None:
    """The generated loop for a run, where there is one."""
    if not isinstance(method, GradientDescent | Momentum | Newton) or not isinstance(objective, Compiled):
        return None
    if not isinstance(method.step_rule, Constant):
        return None
    loop = objective.loop(method.name)
    return None if loop is None else FusedRun(loop, method, sign, every, tolerance, bound)


@final
class FusedRun:
    """The generated loop of one method on one objective, with its constants."""

    def __init__(
        self, loop: Loop, method: Method, sign: float, every: int, tolerance: float, bound: float
    ) -> None:
        rule = method.step_rule
        assert isinstance(rule, Constant), "the loops are written for constant steps"
        # Of -f the gradient is -grad f, and its step is the same one backwards; Newton's step is the same.
        step_size = float(rule.value) * (1.0 if isinstance(method, Newton) else sign)
        beta = float(method.beta) if isinstance(method, Momentum) else 0.0
        self._loop = loop
        self._step_size = float(rule.value)
        self._sign = sign
        self._every = every
        self._keeps_momentum = isinstance(method, Momentum)
        self._fast_constants = (tolerance, step_size, beta)
        self._careful_constants = (tolerance, bound, step_size, beta, sign)

    def ahead(self, last: Iterate, memory: Any, most: int) -> Advance | None:
        """The run from `last` up to the iterate at which something happens, at most to number `most`."""
        size = last.x.size
        unknown = [math.nan] * size
        x = last.x.tolist()
        previous = unknown if last.step is None else (last.x - last.step).tolist()
        before = unknown
        if last.step is not None and last.previous_step is not None:
            before = (last.x - last.step - last.previous_step).tolist()
        m = (self._sign * memory).tolist() if self._keeps_momentum else []
        rows: list[Row] = []
        uphill: list[int] = []
        nit, state = self._run(last.nit, [*before, *previous, *x, *m], most, rows, uphill)
        if nit == last.nit:
            return None
        q, p, x, m = (np.array(state[k * size : (k + 1) * size]) for k in range(4))
        last_step = None if np.isnan(q[0]) else p - q
        memory = self._sign * m if self._keeps_momentum else None
        return Advance(nit, x, p, last_step, memory, self._step_size, rows, uphill)

    def _run(
        self, nit: int, state: State, most: int, rows: list[Row], uphill: list[int]
    ) -> tuple[int, State]:
        fast, every = self._loop.fast, self._every
        if fast is None or 0 < every <= CHUNK // 4:
            nit, _, state = self._carefully(nit, state, most, rows, uphill)
            return nit, state
        size = len(state) // (4 if self._keeps_momentum else 3)
        unknown = [math.nan] * (2 * size)
        while nit < most:
            # Two steps are left for the careful loop, and so is an iterate to be recorded.
            ahead = min(CHUNK, most - nit, every - nit % every if every else CHUNK) - 2
            steps, *new = fast(max(ahead, 0), *self._fast_constants, *state[2 * size :])
            early = steps < ahead
            if early and steps > 2:
                steps, *new = fast(steps - 2, *self._fast_constants, *state[2 * size :])
            elif early or not steps:
                steps, new = 0, []
            origin = [*unknown, *new] if steps else state
            seen: tuple[list[Row], list[int]] = [], []
            to = min(nit + steps + 4, most)
            if every:
                to = min(to, nit - nit % every + every)
            reached, stopped, found = self._carefully(nit + steps, origin, to, *seen)
            if stopped and steps and not (early and stopped == "small" and reached == nit + steps + 2):
                # It may have happened on the way.
                seen = [], []
                reached, stopped, found = self._carefully(nit, state, to, *seen)
            nit, state = reached, found
            rows += seen[0]
            uphill += seen[1]
            if stopped:
                break
        return nit, state

    def _carefully(
        self, nit: int, state: State, most: int, rows: list[Row], uphill: list[int]
    ) -> tuple[int, str, State]:
        """From iterate `nit` step by step: where it has come to, and what has happened there."""
        careful = self._loop.careful
        mark = len(rows), len(uphill)
        answer = careful(nit, most, self._every, rows, uphill, *self._careful_constants, *state)
        if len(answer) > 1:
            return answer[0], answer[1], answer[2:]
        # The next iterate is not finite: that is for the driver to say.
        del rows[mark[0] :], uphill[mark[1] :]
        if answer[0] < nit:
            return nit, "other", state
        answer = careful(nit, answer[0], self._every, rows, uphill, *self._careful_constants, *state)
        return answer[0], "other", answer[2:]
