"""Graphs of one variable, chords and epigraphs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symopt.errors import InputError
from symopt.numeric import minimise
from symopt.plotting import plot_chord, plot_epigraph, plot_function

pytestmark = pytest.mark.filterwarnings("error")


def drawn(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def graph(ax):
    return max((line.get_xydata() for line in ax.lines), key=len)


def test_graph_and_points(problems, save):
    ax = plot_function(problems["double_well"])

    places = graph(ax)
    assert np.allclose(places[:, 1], places[:, 0] ** 4 - 2 * places[:, 0] ** 2)
    assert drawn(ax)["maximum"].tolist() == [[0, 0]]
    minima = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "*"]
    assert minima == [[[-1, -1]], [[1, -1]]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x$", "$f(x)$")
    assert save(ax.figure) > 0.01


def test_runs_are_drawn_on_the_graph(problems, save):
    problem = problems["parabola"]
    runs = [minimise(problem.compile(), [0], step_size=s, max_iterations=12) for s in ("1/10", "1/2", "6/5")]

    ax = plot_function(problem, runs)

    for run in runs:
        path = drawn(ax)[run.description + ("" if run.success else " (not converged)")]
        assert np.array_equal(path, np.column_stack([run.path[:, 0], (run.path[:, 0] - 3) ** 2]))
    assert ax.get_xlabel() == r"$\theta$"
    assert ax.get_xlim()[1] - ax.get_xlim()[0] < 40
    save(ax.figure)


def test_a_domain_with_a_border(problems):
    ax = plot_function(problems["entropy"])

    places = graph(ax)
    known = places[np.isfinite(places[:, 1])]
    assert (known[:, 0] > 0).all()
    assert np.isfinite(places[:, 1]).sum() > 700
    assert np.allclose(drawn(ax)["minimum"], [[1 / math.e, -1 / math.e]])


def test_a_pole_does_not_set_the_scale(problems):
    ax = plot_function(problems["pole"])

    low, high = ax.get_ylim()
    assert -30 < low < -2
    assert 2 < high < 30


def test_a_lattice_of_points(problems):
    ax = plot_function(problems["sine"])

    assert ax.get_xlim()[1] - ax.get_xlim()[0] < 40
    for kind, value in (("maximum", 1), ("minimum", -1)):
        assert len(drawn(ax)[kind]) >= 3
        assert np.allclose(drawn(ax)[kind][:, 1], value)


def test_a_domain_away_from_zero_is_found(problems):
    ax = plot_function(problems["far_log"])

    assert ax.get_xlim()[1] > 6


def test_a_constant_graph(problems, save):
    ax = plot_function(problems["constant_1d"])

    assert (graph(ax)[:, 1] == 3).all()
    assert ax.get_ylim()[0] < 3 < ax.get_ylim()[1]
    save(ax.figure)


def test_chord_below_the_graph(problems, save):
    ax = plot_chord(problems["double_well"], -1, "1", "1/2")

    lines = drawn(ax)
    assert lines["chord"].tolist() == [[-1, -1], [1, -1]]
    assert lines["$w\\,f(p) + (1 - w)\\,f(q)$"].tolist() == [[0, -1]]
    assert lines["$f(w\\,p + (1 - w)\\,q)$"].tolist() == [[0, 0]]
    assert [text.get_text() for text in ax.texts] == ["$p$", "$q$"]
    assert save(ax.figure) > 0.1


def test_the_weight_belongs_to_p(problems):
    ax = plot_chord(problems["parabola"], {"theta": 5}, {"theta": 1}, "1/4")

    # w p + (1 - w) q = 2, where f = 1; both ends have f = 4.
    assert drawn(ax)["$f(w\\,p + (1 - w)\\,q)$"].tolist() == [[2, 1]]
    assert drawn(ax)["$w\\,f(p) + (1 - w)\\,f(q)$"].tolist() == [[2, 4]]
    assert ax.get_xlim()[0] < 1 < 5 < ax.get_xlim()[1]


def test_chord_in_the_plane_is_a_section(problems, save):
    ax = plot_chord(problems["saddle"], {"x": 0, "y": -1}, [0, 1])

    places = graph(ax)
    assert np.allclose(places[:, 1], -((2 * places[:, 0] - 1) ** 2))
    assert ax.get_xlabel() == "$t$"
    save(ax.figure)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, 1), "differ"),
        (("a", 1), "numbers"),
        (([1, 2], 1), "one finite number"),
        (({"y": 1}, 1), "to each of x"),
        ((1, 2, "3/2"), "between 0 and 1"),
    ],
)
def test_bad_chords(problems, arguments, words):
    with pytest.raises(InputError, match=words):
        plot_chord(problems["double_well"], *arguments)


def test_a_chord_outside_the_domain(problems):
    with pytest.raises(InputError, match="no finite value"):
        plot_chord(problems["entropy"], -1, 1)


def test_epigraph(problems, save):
    ax = plot_epigraph(problems["entropy"])

    (area,) = ax.collections
    vertices = area.get_paths()[0].vertices
    inside = vertices[:, 0] > 0.01
    x, height = vertices[inside].T
    assert (height >= x * np.log(x) - 1e-9).all()
    assert height.max() == ax.get_ylim()[1]
    assert save(ax.figure) > 0.2
