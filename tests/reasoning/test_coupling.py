"""Functions of one variable each that a quadratic form couples, for every value of the parameters; by hand."""

from __future__ import annotations

import pytest
from sympy import symbols

from symopt import Problem
from symopt.reasoning.coupling import separated

# (function, variables, region, {value of a: kind}). m is the least second derivative of each function alone.
CASES = (
    # m = 1 for both: 1 - a^2 >= 0
    ("cosh(x) + cosh(y) - a*x*y", "x y", (), {"-1001/1000": "neither", -1: "convex", 1: "convex", 5: "neither"}),
    # e^x bends as little as one likes far out: a = 0 alone
    ("exp(x) - x + y^2 + a*x*y", "x y", (), {0: "convex", "1/1000000": "neither", -3: "neither"}),
    # m = 1 at 0 for x^2 + cos x: 2 a - 1 >= 0
    ("x^2 + cos(x) + a*y^2 + x*y", "x y", (), {"1/2": "convex", "499/1000": "neither", 7: "convex", -1: "neither"}),
    # m = 2 and 2, and 4 a^2 <= 4; the second derivative of log(1 + e^x) is least far out
    ("log(1 + exp(x)) + x^2 + y^2 + 2*a*x*y", "x y", (), {1: "convex", "1001/1000": "neither", -2: "neither"}),
    # -1/x^2 has no largest value below 0
    ("log(x) + log(y) - a*x*y", "x y", ("x > 0", "y > 0"), {0: "concave", "1/1000": "neither", -1: "neither"}),
    # on x >= 0 the least e^x is 1, so 1 - a^2 >= 0
    ("exp(x) + exp(y) + a*x*y", "x y", ("x >= 0", "y >= 0"), {1: "convex", "-1": "convex", "11/10": "neither"}),
    # e^0 and 1/1 are not reached in the open squares, but nearly
    ("exp(x) + exp(y) + a*x*y", "x y", ("x > 0", "y > 0"), {1: "convex", "1001/1000": "neither"}),
    ("x*log(x) + y*log(y) + a*x*y", "x y", ("x > 0", "y > 0", "x < 1", "y < 1"), {-1: "convex", 2: "neither"}),
    # 12 x^2 + 4 is 4 at the border x = 0, and the other bends as little as one likes
    ("2*x^4 + 2*x^2 + log(1 + exp(y)) + a*x*y", "x y", ("x >= 0",), {0: "convex", "1/100": "neither"}),
    # sin bends by -1 at pi/2 at most: 2 a^2 <= 1, with 2 - 1 = 1 for x and 1/2 for y
    ("x^2 + sin(x) + y^2/4 + a*x*y", "x y", (), {"7/10": "convex", "71/100": "neither"}),
    # the matrix [[1, a, 0], [a, 1, a], [0, a, 1]]: 1 - 2 a^2 >= 0
    ("cosh(x) + cosh(y) + cosh(z) + a*y*(x + z)", "x y z", (), {"7/10": "convex", "71/100": "neither"}),
)  # fmt: skip


@pytest.mark.parametrize(("text", "variables", "region", "wanted"), CASES)
def test_every_value_of_the_parameter(
    text: str, variables: str, region: tuple[str, ...], wanted: dict[object, str]
) -> None:
    found = Problem(text, variables, subject_to=region).convexity(timeout=60)

    for value, kind in wanted.items():
        assert found.at(a=value).kind == kind, value
    assert all(case.result.evidence.trust == "checked" for case in found)


def test_the_least_bend_is_a_proposal_alone() -> None:
    """12 x^2 - 12 x/5 + 1/5 is 1/5 at 0, which is tried, and least at 1/10, 2/25, which is not."""
    x, y = symbols("x y", real=True)
    f = x**4 - 2 * x**3 / 5 + x**2 / 10 + y**2 + x * y / 100
    found = separated(f, (x, y), frozenset(), (), "convex")

    assert found is not None
    assert found.places[0] == 0
    assert Problem(f, [x, y]).convexity().kind == "convex"  # 2 * 2/25 > 1/10^4
    assert Problem(f - x**2 / 20, [x, y]).convexity().kind == "neither"
