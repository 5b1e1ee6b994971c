"""How fast runs converge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from symopt.errors import InputError
from symopt.numeric import Run
from symopt.numeric.objective import Array
from symopt.plotting.style import RUN_COLOURS, as_runs, axes_for, legend_below
from symopt.plotting.trace import run_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW: Final = 30
"""Up to this many points are marked: a run of one step would be invisible otherwise."""


def plot_values(
    run: Run | Sequence[Run],
    *,
    ax: Axes | None = None,
    logarithmic: bool = True,
    optimum: float | None = None,
    legend: bool = True,
) -> Axes:
    """|f - f*| (solid) and the gradient norm (dashed) at every recorded iterate, and the predicted slope (dotted).

    `optimum` is f*, by default the best value that any of the runs has seen; on a logarithmic axis the zeros
    are left out, so that the run which saw it first ends its line there.
    """
    runs = as_runs(run)
    if not runs or any(not len(one.path) for one in runs):
        raise InputError("there is nothing recorded to plot: run with record=1")
    from matplotlib.ticker import MaxNLocator

    ax, told = axes_for(ax), False
    labels = run_labels(runs)
    for number, one in enumerate(runs):
        colour = RUN_COLOURS[number % len(RUN_COLOURS)]
        gap = np.abs(one.values - (_best(runs) if optimum is None else optimum))
        norms = one.gradient_norms
        if logarithmic:
            gap, norms = (np.where(line > 0, line, np.nan) for line in (gap, norms))
        dots: dict[str, Any] = {"marker": "o", "markersize": 3.0} if len(gap) <= _FEW else {}
        ax.plot(one.iterations, gap, color=colour, linewidth=1.6, label=labels[number], **dots)
        ax.plot(one.iterations, norms, color=colour, linewidth=1.2, linestyle="--", **dots)
        line = _predicted(one) if logarithmic else None
        if line is not None:
            ax.plot(*line, color="black", linewidth=1.3, linestyle=":")
            told = True
    if told:
        ax.plot([], [], color="black", linewidth=1.3, linestyle=":", label="predicted slope")
    if logarithmic:
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("iteration")
    # Where no run has arrived the best value seen is not the optimum.
    best = "f^*" if optimum is not None or any(one.success for one in runs) else r"f_{\mathrm{best}}"
    ax.set_ylabel(rf"$|f - {best}|$ (solid), $\|\nabla f\|$ (dashed)")
    ax.set_xlim(0, max(1, *(int(one.iterations[-1]) for one in runs)))
    if legend:
        legend_below(ax, columns=1)
    return ax


def _predicted(run: Run) -> tuple[Array, Array] | None:
    """The gradient norms that the predicted factor gives over the second half of a run, through the last one."""
    rate, last = run.predicted_rate, float(run.gradient_norms[-1])
    if not (0 < rate < np.inf and 0 < last < np.inf):
        return None
    steps = run.iterations[run.iterations >= run.iterations[-1] / 2]
    with np.errstate(over="ignore"):
        norms = last * rate ** (steps - steps[-1]).astype(float)
    return (steps.astype(float), norms) if len(steps) > 1 and np.isfinite(norms).all() else None


def _best(runs: Sequence[Run]) -> float:
    values = np.concatenate([one.values for one in runs if one.status != 2] or [one.values for one in runs])
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0
    return float(finite.min() if runs[0].sense == "min" else finite.max())
