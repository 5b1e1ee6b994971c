"""An equation divided by another: what it says where the other holds, by hand."""

from __future__ import annotations

import pytest
from sympy import Rational, symbols

from symopt import Problem

x, y, a = symbols("x y a", real=True)


@pytest.mark.slow
def test_a_circle_leaves_the_remainder() -> None:
    """f_y = 2y q and f_x = 2x q + 1 with q = 2 (x^2 + y^2) + a: y = 0, as q = 0 would leave 1 = 0."""
    found = Problem("(x^2+y^2)^2 + a*(x^2+y^2) + x", "x y").stationary_points(timeout=60)
    assert all(case.result.complete for case in found)
    assert all(point.branch.values[y] == 0 for case in found for point in case.result.points)
    # 4 x^3 + 2 a x + 1 has three zeros for a < -3/2, where its discriminant is positive, and one for a > -3/2
    for value, count in ((0, 1), (1, 1), (-1, 1), (Rational(-3, 2), 2), (-3, 3)):
        assert len(found.at(a=value).points) == count
    at_border = {p.branch.values[x]: p.kind for p in found.at(a=Rational(-3, 2)).points}
    assert at_border == {-1: "minimum", Rational(1, 2): "saddle"}  # 4 (x + 1) (x - 1/2)^2
