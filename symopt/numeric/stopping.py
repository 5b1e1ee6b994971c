"""Stopping criteria: values joined with `|` (either) and `&` (both), each with its reason.

>>> GradientNorm(1e-6) & SmallStep(1e-9) | MaxIterations(500)
GradientNorm(tolerance=1e-06) & SmallStep(tolerance=1e-09) | MaxIterations(limit=500)
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.numbers import show_number
from symopt.numeric.objective import length


class Criterion(ABC):
    """A question asked of every iterate, the first one included."""

    @abstractmethod
    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        """The reason to stop at this iterate of a run from `start`, or None."""

    @property
    def largest_limit(self) -> int:
        """The largest number of steps that it names."""
        return 0

    def __or__(self, other: Criterion) -> Either:
        return Either(self, other)

    def __and__(self, other: Criterion) -> Both:
        return Both(self, other)


@dataclass(frozen=True, repr=False)
class Either(Criterion):
    """Stops when one of the two does; the word of convergence goes first."""

    first: Criterion
    second: Criterion

    @property
    def largest_limit(self) -> int:
        return max(self.first.largest_limit, self.second.largest_limit)

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        first = self.first.check(iterate, start)
        if first is not None and first.indicates_convergence:
            return first
        second = self.second.check(iterate, start)
        return second if first is None or (second is not None and second.indicates_convergence) else first

    def __repr__(self) -> str:
        return f"{self.first!r} | {self.second!r}"


@dataclass(frozen=True, repr=False)
class Both(Criterion):
    """Stops when both do; it indicates convergence when one of them does."""

    first: Criterion
    second: Criterion

    @property
    def largest_limit(self) -> int:
        return max(self.first.largest_limit, self.second.largest_limit)

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        first = self.first.check(iterate, start)
        second = None if first is None else self.second.check(iterate, start)
        if first is None or second is None:
            return None
        word = second if second.indicates_convergence else first
        return Stop(word.status, f"{first.reason}, and {second.reason}")

    def __repr__(self) -> str:
        parts = [f"({c!r})" if isinstance(c, Either) else repr(c) for c in (self.first, self.second)]
        return " & ".join(parts)


@dataclass(frozen=True)
class GradientNorm(Criterion):
    """||grad f(x)|| <= tolerance: x is stationary to that tolerance."""

    tolerance: float = 1e-8

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        if not iterate.gradient_norm <= self.tolerance:
            return None
        norm, tolerance = show_number(iterate.gradient_norm), show_number(self.tolerance)
        return Stop(Status.CONVERGED, f"the gradient norm {norm} is at most {tolerance}")


@dataclass(frozen=True)
class MaxIterations(Criterion):
    """The number of steps has reached the limit; this says nothing about convergence."""

    limit: int = 1000

    @property
    def largest_limit(self) -> int:
        return self.limit

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        if iterate.nit < self.limit:
            return None
        reason = f"the limit of {self.limit} iterations was reached with a gradient norm of "
        reason += show_number(iterate.gradient_norm)
        if iterate.alternates:
            reason += "; the last two steps cancel: the iterates jump between two points"
        return Stop(Status.ITERATION_LIMIT, reason)


@dataclass(frozen=True)
class SmallStep(Criterion):
    """The last two steps are at most tolerance * ||x|| long: nothing moves any more.

    Two of them, because a method with memory may stand still for one step as it turns round. With tolerance 0
    it sees that the steps are lost in rounding. This alone is no convergence: a tiny step size moves little
    everywhere.
    """

    tolerance: float = 0.0

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        if iterate.step is None or iterate.previous_step is None:
            return None
        bound = self.tolerance * length(iterate.x)
        if length(iterate.step) > bound or length(iterate.previous_step) > bound:
            return None
        norm = show_number(iterate.gradient_norm)
        how = f"at most {show_number(self.tolerance)} ||x|| long" if self.tolerance else "lost in rounding"
        return Stop(Status.STALLED, f"the last two steps are {how}, with a gradient norm of {norm}")


@dataclass(frozen=True)
class Divergence(Criterion):
    """||x|| > bound * (1 + ||x_0||): the iterates run away, or f is unbounded below along them."""

    bound: float = 1e10

    def check(self, iterate: Iterate, start: Iterate) -> Stop | None:
        size, first = length(iterate.x), length(start.x)
        if size <= self.bound * (1 + first):
            return None
        sizes = f"the distance from 0 is {show_number(size)}, from {show_number(first)} at the start"
        reason = f"at iterate {iterate.nit} {sizes}, and f is {show_number(iterate.fun)}"
        return Stop(Status.DIVERGED, reason + describe_growth(iterate))


def describe_growth(iterate: Iterate) -> str:
    """`; the last step was 1.4 times as long as the one before`, or nothing where there are no two steps."""
    growth = iterate.growth
    if growth is None or not math.isfinite(growth):
        return ""
    return f"; the last step was {show_number(growth)} times as long as the one before"
