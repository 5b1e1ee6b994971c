"""Convexity of kinds of functions, each row with its derivation by hand."""

from __future__ import annotations

import pytest

from symopt import Problem

CURVED = [  # text, variables, region, kind, strictly or not, why
    # at 0 f'' = 2 - 2 (1 + 5e-10) < 0
    ("x^2 + 1000000001*cos(x)/500000000", "x", (), "neither", None),
    # f'' = (1 + x^2)^(-3/2) - 2e-6 < 0 from x = 80 on
    ("sqrt(1 + x^2) - x^2/1000000", "x", (), "neither", None),
    # f'' = e^(-x) + 2e-6 - 6e-9 x < 0 from x = 334 on
    ("exp(-x) + x^2/1000000 - x^3/1000000000", "x", ("x > 0",), "neither", None),
    # the Hessian of x y z is indefinite inside a small simplex
    ("x*y*z", "x y z", ("x + y + z < 1", "x > 0", "y > 0", "z > 0"), "neither", None),
    # sin u is concave on (0, pi), and so are x, y and x + y there
    ("sin(x) + sin(y) + sin(x + y)", "x y", ("x > 0", "y > 0", "x + y < pi"), "concave", True),
    # log is increasing and concave
    ("log(sin(x)) + log(sin(x + y))", "x y", ("x > 0", "y > 0", "x + y < pi"), "concave", True),
    # the root of a concave function, up to the border
    ("sqrt(x*(1 - x))", "x", ("x >= 0", "x <= 1"), "concave", True),
    # x - y^2/z for x + z instead of z, with x z > y^2 and x > 0, so z > 0; concave, affine along rays
    ("(x*z - y^2)/(x + z)", "x y z", ("x > 0", "x*z > y^2"), "concave", False),
    # 4 q f'' = -5 y^2 for f = sqrt(q), the determinant is 0; q = (x - 3 y)^2 + 3 y (x - 3 y) + y^2 > 0
    ("sqrt(x^2 - 3*x*y + y^2)", "x y", ("x > 3*y", "y > 0"), "concave", False),
]


@pytest.mark.parametrize(
    ("text", "variables", "region", "kind", "strict"), CURVED, ids=[r[0] for r in CURVED]
)
def test_kinds(text: str, variables: str, region: tuple[str, ...], kind: str, strict: bool | None) -> None:
    found = Problem(text, variables, subject_to=region).convexity()

    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")
    if kind == "neither":
        assert set(found.evidence.witness) == {"not_convex", "not_concave"}


FALSE = [  # text, variables, region: neither convex nor concave by a little, or far away
    ("sin(x) + sin(y) + sin(x + y)", "x y", ("x > 0", "y > 0", "x + y < 16/5")),
    ("(x*z - y^2)/(x + z) + y^2/1000000", "x y z", ("x > 0", "x*z > y^2")),
]


@pytest.mark.parametrize(("text", "variables", "region"), FALSE, ids=[r[0] for r in FALSE])
def test_the_provers_prove_none_of_these(text: str, variables: str, region: tuple[str, ...]) -> None:
    assert Problem(text, variables, subject_to=region).convexity(refute=False).kind == "undecided"
