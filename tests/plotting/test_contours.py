"""Level lines, checked on the data they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from symopt.errors import InputError
from symopt.numeric import minimise
from symopt.plotting import plot_contours
from symopt.plotting.levels import named_levels, round_levels, tick_labels

pytestmark = pytest.mark.filterwarnings("error")


def contour_sets(ax):
    return [c for c in ax.collections if isinstance(c, QuadContourSet)]


def drawn(ax):
    """Labels of lines and the places they go through."""
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_levels_pass_where_f_has_their_value(problems, save):
    ax = plot_contours(problems["bowl"])

    lines = contour_sets(ax)[1]
    checked = 0
    # From 0 at the middle to 22 in the corners, at equal distances.
    assert lines.levels.tolist() == list(range(1, 22))
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for x, y in path.vertices[::50]:
            assert x**2 / 2 + 5 * y**2 == pytest.approx(level, rel=0.02, abs=0.02)
            checked += 1
    assert checked > 100
    assert save(ax.figure) > 0.3


def test_stationary_points_are_drawn_by_kind(problems):
    ax = plot_contours(problems["circle"])

    assert sorted(labels(ax)) == ["maximum", "minimum"]
    assert drawn(ax)["maximum"].tolist() == [[0, 0]]
    circle = drawn(ax)["minimum"]
    circle = circle[np.isfinite(circle).all(axis=1)]
    assert np.allclose((circle**2).sum(axis=1), 1)
    # The whole circle is there: all four quadrants.
    assert {(bool(a > 0), bool(b > 0)) for a, b in circle} == {
        (i, j) for i in (True, False) for j in (True, False)
    }


def test_a_family_with_a_condition(problems):
    ax = plot_contours(problems["hyperbola"])

    curve = drawn(ax)["minimum"]
    curve = curve[np.isfinite(curve).all(axis=1)]
    assert len(curve) > 20
    assert np.allclose(curve.prod(axis=1), 1)
    assert (curve > 0).all()
    # Nothing is drawn where log is not defined.
    assert ax.get_xlim()[0] > -0.2
    assert ax.get_ylim()[0] > -0.2


def test_exact_points_are_placed_as_decimals(problems):
    ax = plot_contours(problems["thirds"])

    assert np.allclose(drawn(ax)["minimum"], [[1 / 3, 0]])


def test_runs_are_told_apart_by_colour_line_and_marker(problems, save):
    problem = problems["rosenbrock"]
    compiled = problem.compile()
    runs = [
        minimise(compiled, [-1.2, 1], "newton"),
        minimise(compiled, [-1.2, 1], "momentum", step_size="1/2000", max_iterations=50),
        minimise(compiled, [-1.2, 1], "gd", step_size=1),
    ]

    ax = plot_contours(problem, runs)

    lines = [line for line in ax.lines if len(line.get_xdata()) > 1]
    for run, line in zip(runs, lines, strict=False):
        assert np.array_equal(line.get_xydata(), run.path)
    for style in ("get_color", "get_linestyle", "get_marker"):
        assert len({str(getattr(line, style)()) for line in lines[:2]}) == 2
    assert labels(ax)[0] == "Newton's method, step size 1"
    assert labels(ax)[1].endswith("step size 1/2000 (not converged)")
    assert any(text.endswith("(diverged)") or text.endswith("(stopped)") for text in labels(ax))
    # The diverging run does not set the scale.
    assert max(np.abs([*ax.get_xlim(), *ax.get_ylim()])) < 20
    assert save(ax.figure) > 0.3


def test_the_axes_given_are_used(problems):
    figure = Figure()
    ours = figure.subplots()

    ax = plot_contours(problems["saddle"], ax=ours, region=[(-1, 1), (-2, 2)], colourbar=False, legend=False)

    assert ax is ours
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 1), (-2, 2))
    assert ax.get_legend() is None
    assert ax.get_xlabel() == "$x$"


def test_given_levels(problems):
    ax = plot_contours(problems["saddle"], levels=[1, -1, 0])

    assert contour_sets(ax)[0].levels.tolist() == [-1, 0, 1]


def test_a_constant_function_is_quiet(problems, save):
    ax = plot_contours(problems["constant"])

    assert contour_sets(ax) == []
    assert [text.get_text() for text in ax.texts] == ["constant: 3"]
    save(ax.figure)


@pytest.mark.parametrize(
    "region",
    [[(0, 1)], [(0, 1), (1, 0)], [(0, 1), (0, float("nan"))], 3, [("a", 1), (0, 1)], [(0, 1, 2), (0, 1)]],
)
def test_bad_regions(problems, region):
    with pytest.raises(InputError, match="region"):
        plot_contours(problems["saddle"], region=region)


def test_the_number_of_variables_is_checked(problems):
    with pytest.raises(InputError, match="needs 2 variables; the problem has theta"):
        plot_contours(problems["parabola"])


def test_levels_show_a_narrow_valley():
    x, y = np.meshgrid(np.linspace(-2, 2, 101), np.linspace(-1, 3, 101))
    values = (1 - x) ** 2 + 100 * (y - x**2) ** 2

    levels = round_levels(values, 12)

    # Equally spaced values would put one level of twelve below a tenth of the range, which ends at 2509.
    steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    assert levels == [0, *steps[-len(levels) + 1 :]]
    assert sum(level < 250.9 for level in levels) >= 6
    assert round_levels(-values, 12) == [-level for level in reversed(levels)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 8, [0.5 * k for k in range(17)]),
        (-0.7, 0.71, [0.1 * k for k in range(-7, 9)]),
        (1000, 1000.16, [1000 + 0.01 * k for k in range(17)]),
        (-3e6, -1e6, [1e5 * k for k in range(-30, -9)]),
    ],
)
def test_levels_are_round_and_evenly_spaced(low, high, expected):
    assert round_levels(np.linspace(low, high, 101), 16) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_a_pole_does_not_set_the_scale():
    values = np.append(np.linspace(0, 16, 1000), 1e9)

    assert round_levels(values, 16)[-1] <= 16


def test_levels_of_nothing():
    assert round_levels(np.full(9, np.nan), 5) == []
    assert round_levels(np.full(9, 2.0), 5) == []


def test_the_levels_named_are_the_roundest():
    assert named_levels([0.5 * k for k in range(17)]) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert named_levels([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]) == [1, 10, 100, 1000]
    assert named_levels([0.0, 1.0, 2.0]) == [0.0, 1.0, 2.0]
    assert named_levels([2 * k for k in range(-8, 9)]) == [-16, -12, -8, -4, 0, 4, 8, 12, 16]


def test_the_bar_beside_the_figure_has_round_numbers_and_no_others(problems):
    ax = plot_contours(problems["saddle"])  # x^2 - y^2 on a square of half-width 2

    (bar,) = ax.child_axes
    assert [label.get_text() for label in bar.get_yticklabels()] == [
        *("\N{MINUS SIGN}4", "\N{MINUS SIGN}3", "\N{MINUS SIGN}2", "\N{MINUS SIGN}1"),
        *("0", "1", "2", "3", "4"),
    ]
    assert list(bar.yaxis.get_minorticklocs()) == []


def test_tick_labels_differ():
    assert tick_labels([9.2, 0.0812, -4140.2]) == ["9.2", "0.0812", "\N{MINUS SIGN}4140"]
    assert len(set(tick_labels([1 + 1e-9, 1 + 2e-9]))) == 2
