"""Methods whose steps are SciPy's: quasi-Newton with SciPy's line search, under our stopping criteria."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from symopt.errors import InputError, MissingDependencyError
from symopt.numeric.iterate import Status, Stop
from symopt.numeric.numbers import read_count
from symopt.numeric.objective import Array, Evaluator, Point

NEVER = 10**9
"""More iterations than any run has: the driver's own criteria end it."""


class SciPyMethod(ABC):
    """A method of `scipy.optimize.minimize`; subclasses are frozen dataclasses with the method's own parameters."""

    name: ClassVar[str]
    title: ClassVar[str]
    second_order: ClassVar[bool] = False
    scipy_name: ClassVar[str]
    """The name in `scipy.optimize.minimize(method=...)`."""

    @property
    def options(self) -> dict[str, Any]:
        """SciPy's options, with tolerances that never end the run."""
        return {"gtol": 0.0, "maxiter": NEVER}

    def follow(
        self, start: Point, evaluator: Evaluator, commit: Callable[[Point, Point], Stop | None]
    ) -> Stop:
        """SciPy's iterates, each handed to `commit(point, before)` until it gives a reason to stop."""
        minimise = _scipy_minimize(self.title)
        seen: dict[bytes, Point] = {start.x.tobytes(): start}
        before, stop = start, None

        def evaluated(x: Array) -> tuple[float, Array]:
            point = seen.get(x.tobytes())
            if point is None:
                point = seen[x.tobytes()] = evaluator.point(x.copy())
            return point.fun, point.jac.copy()

        def step(intermediate_result: Any) -> None:
            nonlocal before, stop, seen
            evaluated(intermediate_result.x)
            point = seen[intermediate_result.x.tobytes()]
            seen = {intermediate_result.x.tobytes(): point}
            stop = commit(point, before)
            before = point
            if stop is not None:
                raise StopIteration

        result = minimise(
            evaluated, start.x, jac=True, method=self.scipy_name, callback=step, options=self.options
        )
        if stop is not None:
            return stop
        word = " ".join(str(result.message).split()).rstrip(".")
        return Stop(Status.STALLED, f"SciPy made no further step ({word})")

    def __str__(self) -> str:
        return f"{self.title} by SciPy, Wolfe's conditions"


@dataclass(frozen=True)
class BFGS(SciPyMethod):
    """x_t = x_(t-1) - eta_t B_t grad f(x_(t-1)), B_t an approximation of H^(-1) built from the steps.

    Broyden, Fletcher, Goldfarb and Shanno, 1970, as `scipy.optimize.minimize(method="BFGS")` does it. Without SciPy it is
    a MissingDependencyError with the command that installs it.
    """

    name = "bfgs"
    title = "BFGS"
    scipy_name = "BFGS"


@dataclass(frozen=True)
class LBFGS(SciPyMethod):
    """BFGS from the last `memory` steps alone: the matrix B_t is never formed.

    Liu and Nocedal, Math. Program. 45, 1989, as `scipy.optimize.minimize(method="L-BFGS-B")` does it.
    """

    name = "lbfgs"
    title = "L-BFGS"
    scipy_name = "L-BFGS-B"

    memory: int = 10

    def __post_init__(self) -> None:
        if read_count(self.memory, "the memory of L-BFGS") < 1:
            raise InputError("the memory of L-BFGS is 0; it needs at least one step")

    @property
    def options(self) -> dict[str, Any]:
        return {"gtol": 0.0, "ftol": 0.0, "maxiter": NEVER, "maxfun": NEVER, "maxcor": self.memory}

    def __str__(self) -> str:
        return f"{self.title} by SciPy, memory of {self.memory} steps"


def _scipy_minimize(title: str) -> Callable[..., Any]:
    """`scipy.optimize.minimize`, or the command that installs it."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingDependencyError(
            f'{title} is done by SciPy, which is not installed: install it with "python -m pip install scipy", or use'
            ' method="newton" or "gd"'
        ) from None
    return minimize
