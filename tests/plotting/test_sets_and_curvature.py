"""Pictures of sets and of curvature: what is drawn agrees with what is known of the set or the function."""

from __future__ import annotations

import numpy as np
import pytest

from symopt import Problem
from symopt.errors import InputError
from symopt.plotting import plot_curvature, plot_set, plot_witness

pytestmark = pytest.mark.filterwarnings("error")


def lines(ax):
    """The drawn lines by their labels."""
    return {line.get_label(): line.get_xydata() for line in ax.lines if not line.get_label().startswith("_")}


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_segment_of_a_disc_stays_inside(save):
    ax = plot_set(Problem("x + y", "x y", subject_to=["x^2 + y^2 <= 1"]))

    (p, q) = lines(ax)["a segment inside the set"]
    assert max(np.hypot(*p), np.hypot(*q)) < 1
    assert texts(ax)[0] == "border, included"
    assert np.ptp(ax.get_xlim()) == pytest.approx(3.0, abs=0.1)  # around the disc, with a margin
    assert save(ax.figure) > 0.1


def test_the_segment_of_a_ring_leaves_it(save):
    ax = plot_set(Problem("x + y", "x y", subject_to=["x^2 + y^2 < 4", "x^2 + y^2 >= 1"]))

    p, q = lines(ax)["a segment that leaves the set"]
    assert all(1 <= np.hypot(*end) < 2 for end in (p, q))
    assert np.hypot(*(p + q)) / 2 < 1
    assert {"border, included", "border, left out", "outside"} <= set(texts(ax))
    save(ax.figure)


def test_an_epigraph_that_is_not_convex(save):
    ax = plot_set(Problem("t", "x t", subject_to=["t >= x^4 - 2*x^2"]), region=[(-2, 2), (-2, 2)])

    p, q = lines(ax)["a segment that leaves the set"]
    height = lambda x: x**4 - 2 * x**2  # noqa: E731
    assert p[1] >= height(p[0])
    assert q[1] >= height(q[0])
    assert (p[1] + q[1]) / 2 < height((p[0] + q[0]) / 2)
    save(ax.figure)


@pytest.mark.parametrize(
    ("constraints", "what"), [([], "no region to draw"), (["x + y >= p"], "p has no value")]
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(constraints, what):
    with pytest.raises(InputError, match=what):
        plot_set(Problem("x + y", "x y", subject_to=constraints))


def test_the_graph_bends_where_the_second_derivative_says(save):
    ax = plot_curvature(Problem("x^3 - x", "x"), region=[(-2, 2)])

    up, down = lines(ax)["bends upwards"], lines(ax)["bends downwards"]
    assert up[np.isfinite(up[:, 1])][:, 0].min() == pytest.approx(0, abs=0.02)
    assert down[np.isfinite(down[:, 1])][:, 0].max() == pytest.approx(0, abs=0.02)
    chord = lines(ax)["chord below the graph"]
    assert np.mean(chord[:, 0] ** 3 - chord[:, 0]) < np.mean(chord[:, 0]) ** 3 - np.mean(chord[:, 0])
    save(ax.figure)


def test_the_plane_is_coloured_by_the_signs_of_the_hessian(save):
    ax = plot_curvature(Problem("x^3 - 3*x + y^2", "x y"))

    assert texts(ax)[:2] == ["bends upwards in every direction", "upwards in some, downwards in others"]
    assert save(ax.figure) > 0.1
    assert texts(plot_curvature(Problem("x^2 + y^2", "x y"))) == ["bends upwards in every direction"]


def test_the_witness_over_the_graph():
    ax = plot_witness(Problem("x^4 - x^2", "x"))
    assert "chord" in texts(ax)
    assert plot_witness(Problem("x^2", "x")) is None
    assert plot_witness(Problem("x^2", "x"), kind="concave") is not None
