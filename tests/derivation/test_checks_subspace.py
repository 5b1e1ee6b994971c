"""Regions with affine equations: the answer in fewer variables, what its check takes, and lies beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Eq, Expr, S, exp, log, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Context, Curved, RegionConvex, Step
from symopt.relation import Relation

x, y, z, p = symbols("x y z p", real=True)
LINE = Context((Relation(x + y - 1, "=="),))


@pytest.mark.parametrize(
    ("objective", "variables", "region", "kind", "strict"),
    [
        (x * y, [x, y], [Eq(x + y, 1)], "concave", True),  # y (1 - y)
        (x**2 - y**2, [x, y], [Eq(y, 2 * x)], "concave", True),  # -3 x^2
        (x**2 - y**2, [x, y], [Eq(y, 1 - x)], "affine", False),  # 2 x - 1
        (x**2 - y**2, [x, y], [Eq(y, x)], "affine", False),  # 0
        (log(exp(x) + exp(y)), [x, y], [Eq(x + y, 0)], "convex", True),  # log(2 cosh x)
        (sqrt(x**2 + y**2), [x, y], [Eq(x, 1)], "convex", True),  # sqrt(1 + y^2)
        (sqrt(x**2 + y**2), [x, y], [Eq(x, y)], "convex", False),  # sqrt(2) |y|
        (x * y + y * z + z * x, [x, y, z], [Eq(x + y + z, 1)], "concave", True),  # (1 - |v|^2)/2
        (x**2 + y**2 + z**2 - 2 * x * y, [x, y, z], [Eq(x, y + z), Eq(z, 1)], "affine", False),  # z^2 + z^2
        (x**3, [x, y], [Eq(x + 2 * y, 3), x > 0], "convex", True),
        (x**2 + x * y, [x, y], [Eq(x + y, p)], "affine", False),  # p x
        (x**3 - y**2, [x, y], [Eq(x, 3 * y)], "neither", None),  # 27 y^3 - y^2
    ],
)
def test_answers(
    objective: Expr, variables: list[Any], region: list[Any], kind: str, strict: bool | None
) -> None:
    found = Problem(objective, variables, subject_to=region).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")


def test_the_region_may_not_be_convex_in_fewer_variables() -> None:
    found = Problem(x, [x, y], subject_to=[Eq(y, 2 * x), x * y >= 1]).convexity()
    assert found.kind == "region_not_convex"
    ends = found.evidence.witness["region"]
    assert all(ends[end]["y"] == 2 * ends[end]["x"] for end in "pq")
    assert all(ends[end]["x"] * ends[end]["y"] >= 1 for end in "pq")


def test_the_reason_names_the_values() -> None:
    told = str(Problem(x * y, [x, y], subject_to=[Eq(x + y, 1)]).convexity().explain())
    assert "because with x = 1 - y it is y*(1 - y)" in " ".join(told.split())


def test_lies() -> None:
    honest = next(
        s
        for step in Problem(x * y, [x, y], subject_to=[Eq(x + y, 1)]).convexity().evidence.steps
        for s in step.walk()
        if s.rule == "on_subspace"
    )
    inner, region = honest.premises
    assert is_accepted(honest)
    assert isinstance(honest.claim, Curved)

    def by(**data: object) -> Step:
        return replace(honest, certificate=tuple(sorted(data.items())))

    whole = Step(Context(), RegionConvex((x, y)), "region_convex", (), (("order", ()),))
    for lie in (
        replace(honest, claim=replace(honest.claim, kind="convex")),
        replace(honest, claim=replace(honest.claim, objective=2 * x * y)),
        by(solved=((x, 2 - y),)),  # another line
        by(solved=((x, (1 - y) ** 2),)),  # a curve
        by(solved=((x, 1 - y), (x, 1 - y))),
        by(solved=()),
        by(solved=((y, 1 - x),)),  # the premise is about y
        replace(honest, context=Context(), premises=(inner, whole)),  # on the whole plane
        replace(honest, context=Context((Relation(x + y - 1, ">="),))),
        replace(honest, context=Context((Relation((x + y - 1) ** 2, "=="),))),
        replace(honest, premises=(inner,)),  # nothing about the region
        replace(honest, premises=(region,)),
    ):
        assert not is_accepted(lie)


def test_what_holds_on_a_smaller_set_is_not_carried() -> None:
    """y^3 is convex for y > 0 alone: on x + y = 1 it is neither."""
    inside = Context((Relation(y, ">"),))
    inner = next(iter(Problem(y**3, [y], subject_to=[y > 0]).convexity().evidence.steps))
    assert inner.context == inside
    region = Step(LINE, RegionConvex((x, y)), "region_convex", (), (("order", LINE.region),))
    claim = Curved(y**3, (x, y), "convex", True)
    lie = Step(LINE, claim, "on_subspace", (inner, region), (("solved", ((x, S.One - y),)),))
    assert not is_accepted(lie)
    smaller = Context((*LINE.region, Relation(y, ">")))
    region = Step(smaller, RegionConvex((x, y)), "region_convex", (), (("order", smaller.region),))
    assert is_accepted(replace(lie, context=smaller, premises=(inner, region)))
