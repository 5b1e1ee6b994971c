"""Roots of convex forms: what the check takes, and lies beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Rational, S, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Context, Curved, Step
from symopt.relation import Relation

x, y = symbols("x y", real=True)


@pytest.mark.parametrize(
    ("objective", "kind", "strict"),
    [
        ("(x^4 + x^2*y^2 + y^4)^(1/4)", "convex", False),  # a norm: affine along rays
        ("(x^4 + x^2*y^2 + y^4)^(1/2)", "convex", True),
        ("(x^4 + x^2*y^2 + y^4 + 1)^(1/4)", "convex", True),
        ("(x^4 + 6*x^2*y^2 + y^4)^(1/4)", "convex", False),
        ("(x^4 + 7*x^2*y^2 + y^4)^(1/4)", "neither", None),  # the form itself is not convex
        ("(x^4 + x^2*y^2 + y^4)^(1/5)", "neither", None),  # below the degree of a norm
        ("(x^2 + y^4)^(1/4)", "neither", None),  # no form: |x|^(1/2) for y = 0
        ("(2*x^2 - 2*x*y + y^2)^(5/8)", "convex", True),
        ("((x - 1)^2 + 3*(x + y)^2)^(3/4)", "convex", True),
        ("(x^2 + 2*x + 3*y^2 + 1)^(3/4)", "convex", True),  # around (-1, 0)
        ("(x^2 - 4*x*y + 4*y^2)^(3/4)", "convex", False),  # |x - 2 y|^(3/2)
    ],
)
def test_norms_and_their_powers(objective: str, kind: str, strict: bool | None) -> None:
    found = Problem(objective, "x y").convexity()
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")


def test_lies() -> None:
    objective = (x**4 + x**2 * y**2 + y**4) ** S.Half
    (top,) = (s for s in Problem(objective, [x, y]).convexity().evidence.steps if isinstance(s.claim, Curved))
    honest = next(s for s in top.walk() if s.rule == "root_of_form")
    assert isinstance(honest.claim, Curved)
    (inner,) = (p for p in honest.premises if isinstance(p.claim, Curved))
    assert isinstance(inner.claim, Curved)
    assert is_accepted(honest)

    def about(power: Rational, strict: bool) -> Step:
        claim = replace(honest.claim, objective=inner.claim.objective**power, strict=strict)  # type: ignore[type-var, attr-defined]
        return replace(honest, claim=claim)

    assert is_accepted(about(Rational(1, 4), False))
    for lie in (
        about(Rational(1, 4), True),  # affine along rays
        about(Rational(1, 5), False),
        replace(honest, claim=replace(honest.claim, kind="concave")),
        replace(honest, claim=replace(honest.claim, objective=(x**4 + 7 * x**2 * y**2 + y**4) ** S.Half)),
        replace(honest, certificate=(("centre", (S.One, S.Zero)),)),
        replace(honest, certificate=(("centre", (S.Zero,)),)),
        replace(honest, premises=()),
    ):
        assert not is_accepted(lie)


def test_a_form_that_is_convex_on_a_part_alone_is_not_enough() -> None:
    """x^4 + 7 x^2 y^2 + y^4 is convex close to an axis, where its root need not be."""
    near = Context((Relation(x, ">"), Relation(y - x / 100, "<"), Relation(y, ">")))
    form = x**4 + 7 * x**2 * y**2 + y**4
    inner = Step(near, Curved(form, (x, y), "convex", False), "second_order", ())
    claim = Curved(form ** Rational(1, 4), (x, y), "convex", False)
    assert not is_accepted(Step(near, claim, "root_of_form", (inner,), (("centre", (S.Zero, S.Zero)),)))
