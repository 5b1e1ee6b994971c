"""Is the region convex? Half planes, discs, epigraphs; open and closed borders; by hand, with witnesses checked."""

from __future__ import annotations

import pytest
from sympy import Rational, sympify

from symopt import Problem

CONVEX = (
    ("x^2 + y^2 <= 1",), ("x^2 + y^2 < 1",), ("x + y >= 1", "x - y < 2"), ("x + y = 1",), ("x*y >= 1", "x > 0"),
    ("y >= x^2",), ("y > exp(x)",), ("y >= abs(x)",), ("max(x, y) <= 1",), ("abs(x) + abs(y) <= 1",),
    ("sqrt(x^2 + y^2) <= y + 1",), ("y >= x^3", "x >= 0"), ("y <= sqrt(x)",), ("y >= x*log(x)",),
    ("x^2 + y^2 <= 1", "(x - 1)^2 + y^2 < 1"), ("x^2 + y^2 <= 0",), ("(x - 1)*(x - 2) <= 0",),
    ("x^2 > 1", "x > 0"), ("x^2 > 4", "x < 1"), ("x^3 >= x", "2*x > 1"), ("2*abs(x) > 1 + x", "x > 0"),
    ("sin(x) >= 0", "x > 0", "x < 5"), ("cos(2*x) > 0", "x > 0", "x < 2"), ("x/y > 1", "y > 0"), ("x^2/y < 1", "y > 0"),
    ("y > abs(x)", "y^3 > abs(x)^3"),
)  # fmt: skip
NOT_CONVEX = (
    ("x^2 + y^2 >= 1",), ("x^2 + y^2 > 1",), ("x^2 + y^2 = 1",), ("x*y >= 1",), ("x*y <= 1",), ("y <= x^2",),
    ("y = x^2",), ("y >= x^3",), ("y > x^4 - x^2",), ("y >= x^4 - x^2/1000",), ("min(x, y) <= 1",),
    ("abs(x) + abs(y) >= 1",), ("x != 0",), ("x^2 - y^2 >= 0",), ("x^2 + y^2 <= 4", "x^2 + y^2 >= 1"),
    ("2*y <= sin(x)",), ("sqrt(x) + sqrt(y) <= 1",), ("(x - 1)*(x - 2)*(x - 3) <= 0",),
    ("x^2 > 1", "x > -2"), ("sin(x) >= 0", "x > 0", "x < 7"), ("cos(2*x) > 0", "x > 0", "x < 3"),
    ("abs(x) > 1 + x/2", "x > -3"),
)  # fmt: skip
DOMAINS = (
    ("1/x", ("x != 0",)),
    ("log(x^2)", ("x != 0",)),
    ("log(x^2 - 1)", ("x^2 > 1",)),
)  # not convex either


@pytest.mark.parametrize("region", CONVEX)
def test_a_convex_region(region: tuple[str, ...]) -> None:
    found = Problem("x + 2*y", "x y", subject_to=region).convexity()
    assert (found.kind, found.evidence.trust) == ("affine", "checked")


@pytest.mark.parametrize("region", NOT_CONVEX)
def test_a_region_that_is_not_convex(region: tuple[str, ...]) -> None:
    found = Problem("x + 2*y", "x y", subject_to=region).convexity()
    assert (found.kind, found.evidence.trust) == ("region_not_convex", "checked")
    assert "lie in it, but" in " ".join(found.explain().text().split())
    witness = found.evidence.witness["region"]
    p, q = ({name: sympify(value) for name, value in witness[end].items()} for end in "pq")
    middle = {name: (p[name] + q[name]) / 2 for name in p}
    assert witness["weight"] == Rational(1, 2)
    assert holds(region, p)
    assert holds(region, q)
    assert not holds(region, middle)


@pytest.mark.parametrize(("objective", "region"), DOMAINS)
def test_the_natural_domain_belongs_to_the_region(objective: str, region: tuple[str, ...]) -> None:
    f = Problem(objective, "x")
    found = f.convexity()
    assert found.kind == "region_not_convex"
    witness = found.evidence.witness["region"]
    middle = {"x": (sympify(witness["p"]["x"]) + sympify(witness["q"]["x"])) / 2}
    assert not holds(region, middle)


def holds(region: tuple[str, ...], point: dict[str, object]) -> bool:
    """Whether a point with exact coordinates satisfies the relations, by SymPy's numbers."""
    for relation in region:
        text = relation.replace("^", "**").replace("abs", "Abs").replace("max", "Max").replace("min", "Min")
        op = next(op for op in ("<=", ">=", "!=", "<", ">", "=") if op in text)
        left, right = (sympify(side).subs(point) for side in text.split(op))
        gap = left - right
        if not gap.is_real or not {
            "<=": gap <= 0, ">=": gap >= 0, "<": gap < 0, ">": gap > 0, "=": gap == 0, "!=": gap != 0
        }[op]:  # fmt: skip
            return False
    return True


@pytest.mark.parametrize(
    ("objective", "region", "strict"),
    [  # -log of a product of two affine forms, each of which is positive: a sum of strictly convex functions
        ("-log(1 - x^2)", (), True),
        ("-log(x - x^2)", (), True),
        ("-log(6 - x - x^2)", (), True),
        ("-log(1 - (x + y)^2)", (), False),  # constant along (1, -1)
        ("-log((x + y)*(3 - x - y))", (), False),
        ("-log((2*x - y)*(1 - 4*x + 2*y))", (), False),
    ],
)
def test_between_parallels(objective: str, region: tuple[str, ...], strict: bool) -> None:
    found = Problem(objective, subject_to=region).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == ("convex", strict, "checked")


NONE = "region_not_convex"


@pytest.mark.parametrize(
    ("objective", "region", "kinds"),
    [  # by hand: where the border of the domain appears, vanishes or enters the region
        ("log(a + x^2)", (), {(2,): "neither", (0,): NONE, (-3,): NONE}),
        ("1/(x^2 + a)", (), {(1,): "neither", (0,): NONE, (-2,): NONE}),
        ("1/(x^2 + a*x + 1)", (), {(3,): NONE, (2,): NONE, (0,): "neither", (-2,): NONE, (-5,): NONE}),
        ("x/(x + a)", ("x > 0",), {(2,): "concave", (0,): "affine", (-2,): NONE}),
        ("1/(x - a)", ("x > 1",), {(0,): "convex", (1,): "convex", (3,): NONE}),
        ("-log(b^2 - x^2)", (), {(2,): "convex", (-1,): "convex", (0,): "undecided"}),  # no point for b = 0
        ("1/((x - a)*(x - b))", (), {(0, 1): NONE, (2, 2): NONE, (3, -1): NONE}),
        ("log(x^2 - 2*a*x)", (), {(1,): NONE, (0,): NONE, (-4,): NONE}),
    ],
)
def test_regions_with_parameters(
    objective: str, region: tuple[str, ...], kinds: dict[tuple[int, ...], str]
) -> None:
    answer = Problem(objective, "x", subject_to=region).convexity()
    names = sorted(name for name in "ab" if name in objective)
    for values, kind in kinds.items():
        found = answer.at(**dict(zip(names, values, strict=True)))
        assert found.kind == kind
        assert kind == "undecided" or found.evidence.trust == "checked"
