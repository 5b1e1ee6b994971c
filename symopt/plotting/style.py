"""How things look: colours, markers and line styles, and where legends go."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Final

from symopt.numeric import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which people of every colour vision tell apart; line styles and markers differ too.
RUN_COLOURS: Final = ("#D55E00", "#0072B2", "#CC79A7", "#E69F00", "#009E73", "#56B4E9")
RUN_LINES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))
RUN_MARKERS: Final = ("o", "s", "^", "D", "v", "P")

LEVELS: Final = "viridis"
GRAPH: Final = "#333333"
CHORD: Final = "#D55E00"
EPIGRAPH: Final = "#56B4E9"

KIND_MARKERS: Final = {
    "minimum": ("*", 13.0),
    "maximum": ("^", 9.0),
    "saddle": ("X", 9.0),
    "inflection": ("D", 7.0),
    "kink": ("d", 8.0),
    "constant": ("s", 6.0),
    "undecided": ("P", 8.0),
}

FIGURE_SIZE: Final = (4.5, 3.9)
PANEL_SIZE: Final = (2.25, 2.7)
COLUMNS: Final = 3
"""How many panels stand beside each other: a page of text is about as wide as three of them."""
LONGEST: Final = 54
"""So many letters fit under one picture."""
SMALL: Final = 8.0
MEDIUM: Final = 9.0
LABELS_HEIGHT: Final = 34.0
BARE_HEIGHT: Final = 8.0
"""All in points: the sizes of letters, and the height of what stands under an axis, with or without its label."""


def axes_for(ax: Axes | None, size: tuple[float, float] = FIGURE_SIZE) -> Axes:
    """The Axes given, or those of a new Figure that belongs to no window."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="compressed").subplots()


def legend_below(ax: Axes, *, columns: int = 2) -> None:
    """A legend under the Axes and the label of their axis, when there is anything to explain."""
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    labels = [fill(label, LONGEST) if not label.startswith("$") else label for label in labels]
    columns = max(1, min(columns, len(handles), LONGEST // (max(map(len, labels)) + 4)))
    ax.legend(
        handles, labels, loc="upper center", ncols=columns, frameon=False, fontsize=MEDIUM, borderaxespad=0.0
    )
    lower_legend(ax, LABELS_HEIGHT)


def lower_legend(ax: Axes, points: float) -> None:
    """Put the legend, if there is one, so many points under the Axes."""
    from matplotlib.transforms import ScaledTranslation

    legend = ax.get_legend()
    if legend is not None:
        below = ScaledTranslation(0, -points / 72, ax.figure.dpi_scale_trans)
        legend.set_bbox_to_anchor((0.5, 0.0), transform=ax.transAxes + below)


def compact(ax: Axes) -> None:
    """Letters of a size that can be read where several Axes share a page."""
    ax.tick_params(labelsize=SMALL)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
        text.set_fontsize(MEDIUM)
    legend = ax.get_legend()
    for text in () if legend is None else legend.get_texts():
        text.set_fontsize(SMALL)


def as_runs(run: Run | Sequence[Run] | None) -> tuple[Run, ...]:
    """No run, one or several as a tuple."""
    if run is None:
        return ()
    return (run,) if isinstance(run, Run) else tuple(run)
