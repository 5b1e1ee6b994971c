"""Strict curvature from the terms of a sum and from what strictly curved functions are taken of; and lies about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symopt import Problem
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Curved

# By hand: -log(h) bends along a segment where h does, and where h is affine and not constant.
STRICT = (
    ("-log(y - exp(x))", "x y", ("y > exp(x)",)),
    ("-log(-log(exp(x) + exp(y)))", "x y", ("exp(x) + exp(y) < 1",)),
    ("-log(y*log(z/y) - x) - log(y) - log(z)", "x y z", ("y > 0", "z > 0", "y*log(z/y) > x")),
    ("exp(log(exp(x) + exp(2*x + y)))", "x y", ()),
    ("(x + exp(y))^2", "x y", ("x > 0",)),
)
# Each is constant (or affine) along the direction in the third column.
FLAT = (
    ("exp(x + abs(y))", "x y", "(1, -1) where y > 0"),
    ("log(exp(x) + exp(y))", "x y", "(1, 1)"),
    ("exp(x + y + exp(x - y) + z)", "x y z", "(1, 1, -2)"),
    ("exp(log(exp(x) + exp(y)) - x)", "x y", "(1, 1)"),
    ("(max(x, y, 0) + 1)^2", "x y", "(1, 0) where y > x"),
    ("exp(2*x - y) + log(exp(2*x) + exp(y))", "x y", "(1, 2)"),
)


@pytest.mark.parametrize(("text", "variables", "region"), STRICT)
def test_what_bends_along_every_segment(text: str, variables: str, region: tuple[str, ...]) -> None:
    found = Problem(text, variables, subject_to=region).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == ("convex", True, "checked")


@pytest.mark.parametrize(("text", "variables", "along"), FLAT)
def test_a_lie_about_strictness_is_rejected(text: str, variables: str, along: str) -> None:
    found = Problem(text, variables).convexity(refute=False)
    assert (found.kind, found.strict) == ("convex", False)
    step = next(s for s in found.evidence.steps if isinstance(s.claim, Curved))
    check(step)
    with pytest.raises(Rejected, match=r"strictness|variables"):
        check(replace(step, claim=replace(step.claim, strict=True)))


@pytest.mark.parametrize(
    ("objective", "strict"),
    [
        ("sqrt(x^2+y^2) + sqrt((x-3)^2+(y-4)^2)", False),  # along the line through both centres
        ("sqrt(x^2+y^2) + sqrt((x-3)^2+y^2) + sqrt(x^2+(y-4)^2)", True),  # Fermat's point
        ("sqrt(x^2+y^2) + sqrt((x-3)^2+(y-4)^2) + sqrt((x-6)^2+(y-8)^2)", False),
        ("sqrt(3*x^2+y^2) + 2*sqrt((x-1)^2+y^2) + sqrt((x+y)^2+(y-1)^2)", True),
        ("sqrt(x^2+y^2+(x+y-1)^2) + abs(x)", True),  # a norm that never vanishes
        ("sqrt(x^2+y^2) + sqrt((x-1)^2+(x+y)^2) + abs(y-1)", False),
        ("sqrt(x^2+4*x^2) + sqrt(y^2+(y-1)^2)", False),  # not injective: |x| + strictly in y
        ("-sqrt(x^2+y^2) - sqrt((x-3)^2+y^2) - sqrt(x^2+(y-4)^2)", True),
        (
            "sqrt(x^2+y^2) + sqrt((x-3)^2+y^2) + sqrt(x^2+(y-4)^2) + sqrt((x-1)^2+(y-4)^2) + sqrt((x-7)^2+y^2)",
            True,
        ),
    ],
)
def test_sums_of_norms(objective: str, strict: bool) -> None:
    """Strict unless a line goes through all centres; five of them are answered at once, not never."""
    found = Problem(objective, "x y").convexity(timeout=20)
    assert (found.kind, found.strict) == ("concave" if objective[0] == "-" else "convex", strict)
    assert found.evidence.trust == "checked"


@pytest.mark.parametrize(
    ("objective", "strict"),
    [
        ("exp(sqrt(x^2+3*y^2))", True),  # e^t of a norm: on rays the norm rises
        ("exp(2*sqrt((x-1)^2+y^2) + 1)", True),
        ("(1 + sqrt(x^2+y^2))^2", True),
        ("exp((x^4+x^2*y^2+y^4)^(1/4))", True),
        ("exp(sqrt(x^2+2*x*y+y^2))", False),  # |x + y|
        ("exp(sqrt(x^2+y^2) + x)", False),  # 1 along the negative axis
        ("exp(sqrt(x^2+y^2) - sqrt(2)*x/2 - sqrt(2)*y/2)", False),
        ("exp(abs(x) + abs(y))", False),
        ("max(sqrt(x^2+y^2), 1)^2", False),
    ],
)
def test_increasing_functions_of_norms(objective: str, strict: bool) -> None:
    found = Problem(objective, "x y").convexity()
    assert (found.kind, found.evidence.trust) == ("convex", "checked")
    assert found.strict is strict or (found.strict is None and not strict)
