"""Figures: each function draws on the Axes it is given (or on a new Figure) and returns the Axes.

Nothing is shown and no global setting of matplotlib is touched; matplotlib is imported at the first figure.
"""

from __future__ import annotations

from symopt.plotting.chords import plot_chord, plot_epigraph
from symopt.plotting.contours import plot_contours
from symopt.plotting.curvature import plot_curvature, plot_witness
from symopt.plotting.graphs import plot_function
from symopt.plotting.overview import (
    draw_problem,
    plot_cases,
    plot_parameter_panel,
    plot_problem,
    plot_run_panel,
)
from symopt.plotting.sets import plot_set
from symopt.plotting.values import plot_values

__all__ = [
    "draw_problem",
    "plot_cases",
    "plot_chord",
    "plot_contours",
    "plot_curvature",
    "plot_epigraph",
    "plot_function",
    "plot_parameter_panel",
    "plot_problem",
    "plot_run_panel",
    "plot_set",
    "plot_values",
    "plot_witness",
]
