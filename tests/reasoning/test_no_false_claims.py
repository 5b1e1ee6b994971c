"""The provers alone (`refute=False`) prove none of these: each is neither convex nor concave, for the reason given."""

from __future__ import annotations

import pytest

from symopt import Problem


@pytest.mark.parametrize(
    ("objective", "variables", "region", "reason"),
    [
        ("x^4 + y^4 + (6 + 1/10^9)*x^2*y^2", "x y", (), "convex up to 6 only: det H < 0 near x = y"),
        ("x^4 - x^2/10^9", "x", (), "f''(0) < 0"),
        ("x^4 + y^4 + z^4 - 4*x*y*z", "x y z", (), "H(0, 0, 1) has the minor -16 in x and y"),
        (
            "x^2*y^2 + x^2 + y^2",
            "x y",
            ("abs(x) <= 1001/1000", "abs(y) <= 1001/1000"),
            "det H < 0 in the corners",
        ),
        ("x^2 + x*y^2", "x y", ("x - y^2 >= -1/10^6",), "H(0, t) = ((2, 2 t), (2 t, 0))"),
        ("x^3 + 3*x*y^2", "x y", ("x >= 0",), "f_xx = 6 x, f_xy = 6 y: det H < 0 for y > x"),
        ("x^6 + y^6 + z^6 + x^2*y^2*z^2", "x y z", (), "along (1, -1, 0) at (s, s, t) with t^2 > 15 s^2"),
        ("x^4*y^2 + x^2*y^4 - 3*x^2*y^2 + 1", "x y", (), "Motzkin's polynomial has four separate zeros"),
        ("sinh(x)/x", "x", ("x > -1", "x != 0"), "the region is no interval"),
        ("x/sinh(x)", "x", ("x > 0",), "concave at 0, convex later on"),
        ("1/sin(x)", "x", ("x > 0", "x < 4"), "a pole at pi"),
        ("tan(x)", "x", ("abs(x) < 1",), "odd: it bends both ways"),
        ("1/cos(x)", "x", ("x > 1", "x < 5"), "a pole at pi/2"),
        ("cos(x)*cos(y)", "x y", ("abs(x) + abs(y) <= 2",), "beyond pi/2 the determinant is negative"),
        ("log(x + sqrt(x^2 + 1))", "x", (), "odd: it bends both ways"),
        ("erfc(x)", "x", (), "concave on the left, convex on the right"),
        ("exp(x) - exp(3*x - 1)/1000", "x", (), "the second term wins far out"),
        ("sqrt(x^4 + x^2) - x^2", "x", (), "a kink upwards at 0, concave beside it"),
        ("(abs(x)^3 + abs(y)^3)^(1/3) - abs(x)/10^6", "x y", (), "a kink downwards at x = 0"),
        ("abs(x)^3 - abs(x)/10^9", "x", (), "a kink downwards at 0"),
        ("Piecewise((-log(x), x < 1), (1 - x - (x - 1)^2, True))", "x", ("x > 0",), "concave beyond 1"),
        ("x^2 + a*abs(x)", "x", (), "not convex for a < 0"),
        ("x^2 + a*x^4", "x", (), "not convex for a < 0"),
    ],
)
def test_the_provers_alone_prove_no_false_claim(
    objective: str, variables: str, region: tuple[str, ...], reason: str
) -> None:
    found = Problem(objective, variables, subject_to=region).convexity(refute=False, timeout=5)
    claims = [case for case in found.cases if case.result.kind in ("convex", "concave", "affine")]
    if "a < 0" in reason:  # convex for a >= 0, and for those alone
        assert [str(case.condition) for case in claims] == ["a >= 0"]
    else:
        assert not claims, reason
