"""The same functions in other words: half angles, affine changes of roots, squares multiplied out, sharp minima."""

from __future__ import annotations

import pytest
from sympy import exp, sqrt

from symopt import Problem

Label = tuple[str, bool | None]
MINIMUM, MAXIMUM = ("minimum", True), ("maximum", True)

# Derived by hand. sin u + cos u = sqrt(2) sin(u + pi/4), here with u = x/2. 2 cos u + cos 2u with u = x/2:
# -2 sin u (1 + 2 cos u) = 0, and f = 3, -1, -3/2 at cos u = 1, -1, -1/2. sqrt(1 + w^2) - v/2 with w^2 = u^2 + v^2,
# u = x - y, v = 2 y, is strictly convex, and 0 = grad where u = 0, v/sqrt(1 + v^2) = 1/2, v = 1/sqrt(3).
# Sums of even powers are 0 where every one is. |x| + |y| - x y >= |x| + |y| - |x| |y| > 0 for |x|, |y| < 1 but at 0.
POINTS: dict[str, tuple[str, list[tuple[str, Label]]]] = {
    "sin(x/2) + cos(x/2)": (
        "x",
        [("4*pi*n - 3*pi/2", MINIMUM), ("4*pi*n + pi/2", MAXIMUM)],
    ),
    "2*cos(x/2) + cos(x)": (
        "x",
        [
            ("4*pi*n", MAXIMUM),
            ("4*pi*m - 4*pi/3", MINIMUM),
            ("4*pi*m + 4*pi/3", MINIMUM),
            ("4*pi*n + 2*pi", MAXIMUM),
        ],
    ),
    "sqrt(4*y^2 + (x - y)^2 + 1) - y": ("x y", [("sqrt(3)/6, sqrt(3)/6", MINIMUM)]),
    "x^4 - 2*x^2*y^2 + y^4 + x^6": ("x y", [("0, 0", MINIMUM)]),
    "x^4 - 4*x^3 + 6*x^2 - 4*x + 1 + y^6": ("x y", [("1, 0", MINIMUM)]),
}


@pytest.mark.parametrize("formula", POINTS)
def test_all_points_with_their_labels(formula: str) -> None:
    variables, expected = POINTS[formula]
    answer = Problem(formula, variables).stationary_points(timeout=60)
    found = [(", ".join(p.to_dict()["at"].values()), (p.kind, p.strict)) for p in answer.points]
    assert answer.complete
    assert sorted(found) == sorted(expected)


def test_a_sharp_minimum_where_two_kinks_meet() -> None:
    """|x| + |y| - x y at 0: see above; of a function that is not convex."""
    kinks = Problem("abs(x) + abs(y) - x*y", "x y").stationary_points(timeout=60).kinks
    (corner,) = (k for k in kinks if k.to_dict()["at"] == {"x": "0", "y": "0"})
    assert corner.kind == "minimum"


def test_a_minimum_of_a_decaying_function_multiplied_out() -> None:
    """(x + 2 y) e^(-x^2 - y^2) along (1, 2)/sqrt(5): sqrt(5) r e^(-r^2), least at r = -1/sqrt(2)."""
    formula = "x*exp(-x^2)*exp(-y^2) + 2*y*exp(-x^2)*exp(-y^2)"
    value = Problem(formula, "x y").minimum(timeout=60).value
    assert value == -sqrt(10) / (2 * sqrt(exp(1)))
