"""Alternating minimisation: one block after the other takes its best value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from symopt.numeric.iterate import Status, Stop
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.numbers import show_number
from symopt.numeric.objective import Array, Evaluator, Point
from symopt.numeric.step_sizes import Constant, StepSizeLike

NOISE: Final = 1e-9
"""How much f may seem to rise by rounding at the best value of a block, beside its size."""


class BlockMinimiser(Protocol):
    """A block of the variables in which f is easy."""

    @property
    def name(self) -> str:
        """What the block is called."""
        ...

    @property
    def title(self) -> str:
        """Its name, and what is taken to hold of it."""
        ...

    @property
    def is_assignment(self) -> bool:
        """Whether its values are whole numbers, so that the gradient in it need not vanish."""
        ...

    def best(self, x: Array) -> Array | str:
        """The point with the block at its best while the others stay; or why there is no such value."""
        ...


@dataclass(frozen=True)
class AlternatingMinimisation(Method):
    """x_t is x_(t-1) with the next of the `blocks` at its best, the others fixed: f never rises.

    One step is a half step. The block number `first` begins, and `origin` says where the start comes from. A block
    that cannot lower f is passed over; where none can, the run has arrived.
    """

    name = "alternating"
    title = "alternating minimisation"
    joint = False

    blocks: Sequence[BlockMinimiser] = ()
    first: int = 0
    origin: str = ""
    step_size: StepSizeLike = field(default_factory=lambda: Constant(1))

    def start(self, point: Point, rng: np.random.Generator) -> int:
        return self.first

    def propose(self, point: Point, memory: int, evaluator: Evaluator) -> Proposal | Stop:
        for place in range(memory, memory + len(self.blocks)):
            block = self.blocks[place % len(self.blocks)]
            best = block.best(point.x)
            if isinstance(best, str):
                return Stop(Status.NO_DIRECTION, best)
            there = evaluator.point(best)
            value = there.fun
            if value < point.fun:
                # The next iterate is this value itself: added to x, a difference would be rounded.
                return Proposal(there, best, (place + 1) % len(self.blocks), there)
            if not value - point.fun <= NOISE * max(abs(value), abs(point.fun)):
                rise = f"from {show_number(point.fun)} to {show_number(value)}"
                reason = (
                    f"the half step for {block.name} would raise f {rise}: rounding outweighs what it gains"
                )
                return Stop(Status.STALLED, reason)
        return Stop(Status.CONVERGED, "no half step lowers f any further, to rounding")

    def __str__(self) -> str:
        return f"{self.title} over {' and '.join(block.title for block in self.blocks)}{self.origin}"
