"""Many starts at once: one array of points, for methods that go entry by entry with step sizes by a schedule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from symopt.calculus.compiler import Compiled
from symopt.numeric.course import SIGNS, Ends, make_iterate, make_run
from symopt.numeric.iterate import Iterate, Stop
from symopt.numeric.methods import GradientDescent, Method, Momentum
from symopt.numeric.objective import Array, Evaluator, Objective, Point, length
from symopt.numeric.progress import Progress
from symopt.numeric.recorder import Record, Row
from symopt.numeric.run import Run
from symopt.numeric.step_sizes import Constant
from symopt.numeric.stopping import Criterion, Divergence

LEAP: Final = 128
"""How many steps are taken before anybody looks at the points."""
_Landing: TypeAlias = tuple[Array, Any, float]


def can_go_together(method: Method) -> bool:
    """Whether the direction is made entry by entry, and the step size depends on the time alone."""
    return method.elementwise and method.step_rule.by_time


def go_together(
    objective: Objective,
    starts: Array,
    method: Method,
    sense: str,
    criterion: Criterion,
    tolerance: float,
    limit: int,
    every: int,
    from_one: Callable[[Array], Run],
) -> tuple[Run, ...]:
    """The runs that `from_one` makes from each start, on an objective that takes points of shape (m, n) as well.

    `criterion` is the usual one: the rows where it may have something to say are found here, and then it is asked.
    A start from which something goes wrong is left to `from_one`, whose message says what.
    """
    sign = SIGNS[sense]
    runs: list[Run | None] = [None] * len(starts)
    places = np.arange(len(starts))
    x, fun, jac = _evaluated(objective, starts.copy(), sign)
    firsts = [make_iterate(0, Point(x[i].copy(), fun[i], jac[i].copy()), sign) for i in places]
    far = 0.5 * Divergence().bound * (1 + np.linalg.norm(starts, axis=1))
    memory = method.start(Point(x, 0.0, jac), np.random.default_rng())
    step, previous = np.ones_like(x), np.ones_like(x)
    uphill: list[list[int]] = [[] for _ in starts]
    size, t = 0.0, 0
    history = [_Seen(places, x, fun, jac, None)] if every else []
    leap = _leap(objective, method, sign) if every == 0 else None
    progress = Progress(limit)
    rest = 0  # steps that are taken one by one before the next leap
    while len(places):
        if leap is not None and rest <= 0:
            rest = 2
            if t + LEAP + rest <= limit:
                landed = leap(x, memory, tolerance)
                if landed is None:
                    rest = LEAP
                else:
                    x, fun, jac = _evaluated(objective, landed[0], sign)
                    memory, t = landed[1], t + LEAP
                    size = landed[2]
                    # The last two steps are not known: two more are taken before anybody asks.
                    step, previous = np.ones_like(x), np.ones_like(x)
        rest -= 1
        norms = np.linalg.norm(jac, axis=1)
        lost = ~np.isfinite(fun) | ~np.isfinite(norms) | ~(np.linalg.norm(x, axis=1) < far[places])
        lost |= ~step.any(axis=1) & ~previous.any(axis=1)
        ended = lost.copy()
        for row in np.flatnonzero(lost):
            runs[places[row]] = from_one(starts[places[row]])
        for row in np.flatnonzero(~lost & ((norms <= 1.01 * tolerance) | (t >= limit))):
            place = int(places[row])
            point = Point(x[row].copy(), float(fun[row]), jac[row].copy())
            last = _iterate(t, point, sign, size, step[row], previous[row])
            stop = criterion.check(last, firsts[place])
            if stop is None:
                continue
            ended[row] = True
            evaluator = Evaluator(objective, sign)
            evaluator.nfev = evaluator.njev = t + 1
            record = _record(place, history, last, every, sign)
            ends = Ends(firsts[place], last, point, tuple(uphill[place]))
            runs[place] = make_run(stop, ends, record, evaluator, method, sense, tuple(objective.variables))
        if ended.any():
            kept = ~ended
            places, x, fun, jac, step, previous = (a[kept] for a in (places, x, fun, jac, step, previous))
            memory = _rows(memory, kept)
        if not len(places):
            break
        t += 1
        progress.at(t)
        point = Point(x, 0.0, jac)
        evaluator = Evaluator(objective, sign)
        proposal = method.propose(point, memory, evaluator)
        chosen = method.step_rule.choose(t, point, x[:0], evaluator)
        if isinstance(proposal, Stop) or isinstance(chosen, Stop):
            for place in places.tolist():
                runs[place] = from_one(starts[place])
            break
        size = chosen
        memory = proposal.memory
        for place in places[~((proposal.direction * jac).sum(axis=1) < 0)].tolist():
            uphill[place].append(t - 1)
        before, previous = x, step
        x, fun, jac = _evaluated(objective, x + size * proposal.direction, sign)
        step = x - before
        if every and t % every == 0:
            history.append(_Seen(places, x, fun, jac, size))
    progress.close()
    return tuple(run for run in runs if run is not None)


def _leap(objective: Objective, method: Method, sign: float) -> Callable[..., _Landing | None] | None:
    """LEAP steps of a generated loop from many points, or None where one of them may have to stop on the way."""
    rule = method.step_rule
    if not isinstance(objective, Compiled) or not isinstance(method, GradientDescent | Momentum):
        return None
    loop = objective.loop(method.name)
    if loop is None or loop.rows is None or not isinstance(rule, Constant):
        return None
    rows, size, n = loop.rows, float(rule.value), len(objective.variables)
    beta = float(method.beta) if isinstance(method, Momentum) else 0.0

    def leap(x: Array, memory: Any, tolerance: float) -> _Landing | None:
        m = [*np.ascontiguousarray(sign * memory.T)] if isinstance(method, Momentum) else []
        try:
            with np.errstate(divide="raise", over="ignore", under="ignore", invalid="ignore"):
                least, *state = rows(LEAP, sign * size, beta, *np.ascontiguousarray(x.T), *m)
        except FloatingPointError:
            return None
        if not np.all(least > tolerance):
            return None
        columns = [np.broadcast_to(column, len(x)) for column in state]
        memory = sign * np.stack(columns[n:], axis=1) if m else memory
        return np.stack(columns[:n], axis=1), memory, size

    return leap


def _evaluated(objective: Objective, x: Array, sign: float) -> tuple[Array, Array, Array]:
    return x, sign * objective(x), sign * objective.gradient(x)


def _rows(memory: Any, kept: Any) -> Any:
    """A method's memory of the points that are kept."""
    if isinstance(memory, np.ndarray):
        return memory[kept]
    return tuple(_rows(part, kept) for part in memory) if isinstance(memory, tuple) else memory


def _iterate(t: int, point: Point, sign: float, size: float, step: Array, previous: Array) -> Iterate:
    """The iterate as the driver's loop makes it."""
    bare = make_iterate(t, point, sign)
    if t == 0:
        return bare
    return Iterate(t, bare.x, bare.fun, bare.jac, bare.gradient_norm, size, step, previous if t > 1 else None)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The iterates of one number that are recorded, of the starts at these places, and the step size that led there."""

    places: Any
    x: Array
    fun: Array
    jac: Array
    step_size: float | None


def _record(place: int, history: list[_Seen], last: Iterate, every: int, sign: float) -> Record:
    """Every recorded iterate of one start: gathered when somebody reads them, which takes longer than the run."""

    def rows() -> tuple[Row, ...]:
        found: list[Row] = []
        places, at = None, 0
        for index, seen in enumerate(history[: last.nit // every + 1]):
            if seen.places is not places:
                places, at = seen.places, int(np.searchsorted(seen.places, place))
            fun, norm = sign * float(seen.fun[at]), length(seen.jac[at])
            found.append((index * every, seen.x[at], fun, norm, seen.step_size))
        if last.nit % every:
            found.append((last.nit, last.x, last.fun, last.gradient_norm, last.step_size))
        return tuple(found)

    return Record(rows if every else tuple, last.x.size)
