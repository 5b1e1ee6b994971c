"""Gradients on mini-batches as what a method sees: an objective for each step instead of f itself.

The methods and the step sizes are those of every other run. f and its gradient over all rows are looked at every
`record`-th step, and only what is seen there can end a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symopt.errors import InputError
from symopt.numeric.advancing import move
from symopt.numeric.course import Course, defect, is_finite
from symopt.numeric.iterate import Status, Stop
from symopt.numeric.methods import AnyMethod, Method
from symopt.numeric.numbers import count, show_number
from symopt.numeric.objective import Array, Evaluator, Objective, length
from symopt.numeric.progress import Progress
from symopt.numeric.stopping import Divergence

EPOCHS: Final = 10
"""How often a run goes through the rows when nobody says how often."""


class Batches(Protocol):
    """Where the objectives of the steps come from; `str` describes them."""

    @property
    def per_epoch(self) -> int:
        """How many steps go once through the rows."""
        ...

    @property
    def is_random(self) -> bool:
        """Whether they are drawn, so that a seed repeats them."""
        ...

    def epoch(self, rng: np.random.Generator) -> Iterator[Objective]:
        """The objectives of the next `per_epoch` steps."""
        ...


class RowObjective(Protocol):
    """A loss that can be evaluated on some of its rows."""

    @property
    def count(self) -> int:
        """The number N of rows."""
        ...

    def on(self, rows: NDArray[np.int64], number: int, weight: float) -> Objective:
        """weight times the sum over these rows, plus what has no rows."""
        ...


@dataclass(frozen=True)
class Sampled:
    """`size` of the N rows at a time, drawn uniformly; the gradient on them has the mean grad f.

    Without replacement an epoch is a random order of all rows cut into batches, the last of which may be smaller. With
    replacement every row of every batch is drawn anew.
    """

    loss: RowObjective
    size: int
    replacement: bool = False

    def __post_init__(self) -> None:
        size, rows = self.size, self.loss.count
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise InputError(f"batch_size is {size!r}; it must be an integer, 1 or more")
        if size > rows and not self.replacement:
            raise InputError(
                f"batch_size is {size}, and there are {rows} rows to draw without replacement: draw fewer"
            )

    @property
    def per_epoch(self) -> int:
        """ceil(N/size)."""
        return -(-self.loss.count // self.size)

    @property
    def is_random(self) -> bool:
        """Rows are drawn."""
        return True

    def epoch(self, rng: np.random.Generator) -> Iterator[Objective]:
        """Batches that make up one epoch."""
        rows = self.loss.count
        if self.replacement:
            for _ in range(self.per_epoch):
                yield self.loss.on(rng.integers(rows, size=self.size), self.size, rows / self.size)
            return
        order = rng.permutation(rows)
        for start in range(0, rows, self.size):
            batch = order[start : start + self.size]
            yield self.loss.on(batch, len(batch), rows / len(batch))

    def __str__(self) -> str:
        how = "with" if self.replacement else "without"
        return f"mini-batches of {self.size} of {self.loss.count} rows, drawn {how} replacement"


def variance(sampled: Sampled, x: ArrayLike) -> float:
    """E ||G - grad f(x)||^2 of the gradient G on a batch, from the gradients of all rows."""
    rows, m = sampled.loss.count, sampled.size
    point = np.asarray(x, dtype=float)
    # With weight N a row's objective has the gradient N grad f_i + grad r, and the deviations lose grad r.
    scaled = np.array([sampled.loss.on(np.array([i]), 1, float(rows)).gradient(point) for i in range(rows)])
    spread = float(((scaled - scaled.mean(axis=0)) ** 2).sum(axis=1).mean())
    if sampled.replacement:
        return spread / m
    return spread / m * (rows - m) / (rows - 1) if rows > 1 else 0.0


def require_steps_by_time(method: AnyMethod) -> None:
    """InputError for methods and step sizes that need f itself at every step."""
    if not isinstance(method, Method) or method.second_order:
        raise InputError(f"{method.title} needs f itself at every step: it does not go with mini-batches")
    if not method.step_rule.by_time:
        raise InputError(
            f"{method.step_rule} needs f itself at every step: on mini-batches give a step size, such as "
            'step_size="1/100" or InverseTime("1/10")'
        )


def follow_batches(
    method: Method,
    course: Course,
    evaluator: Evaluator,
    batches: Batches,
    variables: tuple[str, ...],
    rng: np.random.Generator,
    every: int,
    limit: int,
    progress: Progress,
) -> Stop:
    """Step after step, each on its own batch, until a look at f or the end of the steps gives a reason to stop."""
    stream = chain.from_iterable(batches.epoch(rng) for _ in repeat(None))
    x, memory = course.point.x, method.start(course.point, rng)
    bound = Divergence().bound * (1 + length(x))
    stop: Stop | None = None
    while stop is None:
        nit, size = course.last.nit, None
        goal = min(limit, nit - nit % every + every) if every else limit
        t = nit
        while t < goal and stop is None:
            step = _step(method, t + 1, x, memory, Evaluator(next(stream), evaluator.sign), variables, bound)
            if isinstance(step, Stop):
                stop = step
            else:
                t, (x, memory, size) = t + 1, step
                progress.at(t)
        if t > nit and (stop is None or stop.status == Status.ITERATION_LIMIT):
            point = evaluator.point(x)
            if not is_finite(point):
                return defect(point, variables, f"step {t} leads to")
            stop = course.commit(point, None, size, t - nit) or stop
    return stop


def _step(
    method: Method,
    t: int,
    x: Array,
    memory: Any,
    batch: Evaluator,
    variables: tuple[str, ...],
    bound: float,
) -> tuple[Array, Any, float] | Stop:
    point = batch.point(x)
    if not is_finite(point):
        away = length(x)
        if away > bound:
            return Stop(Status.DIVERGED, f"after {count(t - 1)} the distance from 0 is {show_number(away)}")
        return defect(point, variables, f"step {t} starts at")
    step = move(method, t, point, memory, batch, variables)
    return step if isinstance(step, Stop) else (step.x, step.memory, step.step_size)
