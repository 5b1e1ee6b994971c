"""One step of a method: proposed, given a size, and checked as far as it can be before anybody looks where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symopt.numeric.course import defect, is_finite
from symopt.numeric.iterate import Stop
from symopt.numeric.methods import Method
from symopt.numeric.objective import Array, Evaluator, Point


@dataclass(frozen=True, slots=True)
class Move:
    """A step to `x`; `slope` is d^T grad f at the point it leaves, and `memory` is the method's.

    `point` has the derivatives at x where the method has needed them itself.
    """

    x: Array
    slope: float
    step_size: float
    memory: Any
    point: Point | None = None


def move(
    method: Method, t: int, point: Point, memory: Any, evaluator: Evaluator, variables: tuple[str, ...]
) -> Move | Stop:
    """The t-th step, from `point`, or why there is none."""
    proposal = method.propose(point, memory, evaluator)
    if isinstance(proposal, Stop):
        return proposal
    if proposal.arrived is not None:
        arrived = proposal.arrived
        return Move(arrived.x, float((arrived.x - point.x) @ point.jac), 1.0, proposal.memory, arrived)
    origin, direction = proposal.origin, proposal.direction
    if origin is not point and not is_finite(origin):
        return defect(origin, variables, "the method looks ahead to")
    size = method.step_rule.choose(t, origin, direction, evaluator)
    if isinstance(size, Stop):
        return size
    # The difference is exactly 0 when the step starts at x_(t-1): a short step is not lost in rounding.
    slope = float(((origin.x - point.x) / size + direction) @ point.jac)
    return Move(origin.x + size * direction, slope, size, proposal.memory)
