"""What a run says at its end: the status and the sentences of its message and warnings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symopt.numeric.assessment import Assessment, assess
from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.methods import AlternatingMinimisation, AnyMethod, Method
from symopt.numeric.numbers import count, show_point
from symopt.numeric.objective import Evaluator, Point
from symopt.numeric.rates import constant_hessian, describe_growth_direction, factors
from symopt.numeric.step_sizes import Constant

_ADVICE: Final = {
    Status.NOT_FINITE: "Try a smaller step size, backtracking or another starting point.",
    Status.NO_DIRECTION: "Try another starting point or gradient descent.",
    Status.NO_STEP_SIZE: "Try another starting point, gradient descent or a constant step size.",
}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The word on which a run ends; `factor` is the predicted factor of an error in a step, nan where there is none."""

    status: Status
    message: str
    factor: float = math.nan


def conclude(
    stop: Stop,
    first: Iterate,
    last: Iterate,
    point: Point,
    evaluator: Evaluator,
    method: AnyMethod,
    variables: tuple[str, ...],
    sense: str,
) -> Conclusion:
    """What is said of a run from `first` to `last`, which is `point` to the evaluator."""
    if isinstance(method, AlternatingMinimisation):
        return _conclude_in_blocks(stop, last, method, variables)
    if stop.status == Status.CONVERGED:
        assessment = assess(point, evaluator, sense=sense)
        found = None if assessment.eigenvalues is None else factors(method, assessment.eigenvalues)
        factor = math.nan if found is None else float(found.max())
        return _conclude_converged(stop, last, assessment, factor)
    if stop.status in (Status.ITERATION_LIMIT, Status.DIVERGED):
        hessian = constant_hessian(first, point, evaluator)
        growth = math.nan, ""
        if hessian is not None:
            growth = describe_growth_direction(method, hessian, variables)
        if stop.status == Status.ITERATION_LIMIT:
            return Conclusion(stop.status, f"Not converged: {stop.reason}.", growth[0])
        message = f"Diverged: {stop.reason}. {growth[1]} {_advise_diverged(first, last, sense)}"
        return Conclusion(stop.status, message.replace("  ", " "), growth[0])
    return _conclude_stopped(stop, last, variables)


def conclude_on_batches(
    stop: Stop,
    last: Iterate,
    point: Point,
    evaluator: Evaluator,
    method: AnyMethod,
    variables: tuple[str, ...],
    sense: str,
) -> Conclusion:
    """What is said of a run on mini-batches: nothing of a rate, which its random steps do not have."""
    if stop.status == Status.CONVERGED:
        return _conclude_converged(stop, last, assess(point, evaluator, sense=sense))
    if stop.status == Status.ITERATION_LIMIT:
        message = f"Not converged: {stop.reason}."
        # Adagrad's own sum of squares makes its steps shrink.
        if isinstance(method, Method) and isinstance(method.step_rule, Constant) and method.name != "adagrad":
            message += (
                " Mini-batches with a constant step size need not converge: let it shrink for more digits."
            )
        return Conclusion(stop.status, message)
    if stop.status == Status.DIVERGED:
        advice = "Try a smaller step size, unless f is unbounded."
        return Conclusion(stop.status, f"Diverged: {stop.reason}. {advice}")
    return _conclude_stopped(stop, last, variables)


def _conclude_converged(
    stop: Stop, last: Iterate, assessment: Assessment, factor: float = math.nan
) -> Conclusion:
    """The run has arrived: at a point of the kind looked for, or at one of another kind."""
    if assessment.wanted is False:
        message = f"{assessment.sentence} (After {count(last.nit)}, {stop.reason}.)"
        return Conclusion(Status.OTHER_KIND, message, factor)
    message = f"Converged after {count(last.nit)}: {stop.reason}. {assessment.sentence}"
    return Conclusion(stop.status, message, factor)


def _conclude_in_blocks(
    stop: Stop, last: Iterate, method: AlternatingMinimisation, variables: tuple[str, ...]
) -> Conclusion:
    """The word on a run by half steps, which look at one block of the variables at a time."""
    if stop.status == Status.CONVERGED:
        found = "Each block is the best for the others; another start may end lower."
        if any(block.is_assignment for block in method.blocks):
            found += " In an assignment the gradient need not vanish."
        message = f"Converged after {count(last.nit, 'half step')}: {stop.reason}. {found}"
        return Conclusion(stop.status, message)
    if stop.status == Status.ITERATION_LIMIT:
        return Conclusion(stop.status, f"Not converged: {stop.reason}.")
    return _conclude_stopped(stop, last, variables)


def _conclude_stopped(stop: Stop, last: Iterate, variables: tuple[str, ...]) -> Conclusion:
    """The word on a run that could not go on."""
    if last.nit == 0 and stop.status == Status.NOT_FINITE and not math.isfinite(last.fun):
        return Conclusion(stop.status, f"Stopped at once: {stop.reason}. Try another starting point.")
    message = f"Stopped at iterate {last.nit} ({show_point(variables, last.x)}): {stop.reason}."
    return Conclusion(stop.status, " ".join([message, _ADVICE.get(stop.status, "")]).rstrip())


def _advise_diverged(first: Iterate, last: Iterate, sense: str) -> str:
    if sense == "min" and last.fun < first.fun:
        return "f has fallen on the way: it may be unbounded below."
    if sense == "max" and last.fun > first.fun:
        return "f has risen on the way: it may be unbounded above."
    return "The step size is too large: try a smaller one, or backtracking."


def describe_uphill(uphill: Sequence[int], iterations: int, sense: str) -> tuple[str, ...]:
    """The warning about the iterates from which the step was not a direction of descent."""
    if not uphill:
        return ()
    word, sign = ("descent", ">= 0") if sense == "min" else ("ascent", "<= 0")
    steps = f"{len(uphill)} of {iterations} steps did not go in a direction of {word} (d^T grad f {sign})"
    return (f"{steps}, the first of them from iterate {uphill[0]}.",)
