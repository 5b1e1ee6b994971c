"""The check of an affine change of the variables: honest steps pass, lying ones are rejected."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer, Rational, S, Symbol, log, symbols

from symopt import Problem
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import Context, Curved, NotCurved, RegionConvex, Step
from symopt.relation import Relation

x, y, u, v, a = symbols("x y u v a", real=True)
FORMS = (x + y, x - y + 1)
INNER = Context((Relation(u, ">"),))
OUTER = Context((Relation(x + y, ">"),))


def step(context: Context, claim: object, rule: str, *premises: Step, **data: object) -> Step:
    return Step(context, claim, rule, premises, tuple(sorted(data.items())))  # type: ignore[arg-type]


def region(context: Context, variables: tuple[Symbol, ...]) -> Step:
    return step(context, RegionConvex(variables), "region_convex", order=context.region)


def inner(strict: bool = True) -> Step:
    """-log u + v^2, strictly convex by the rules."""
    logarithm = step(INNER, Curved(log(u), (u, v), "concave"), "atom", region(INNER, (u, v)), atom="log",
                     arguments=(u,), constants=())  # fmt: skip
    square = step(INNER, Curved(v**2, (u, v), "convex"), "atom", region(INNER, (u, v)), atom="even power",
                  arguments=(v,), constants=(S.One,))  # fmt: skip
    return step(INNER, Curved(v**2 - log(u), (u, v), "convex", strict), "curvature_sum", logarithm, square,
                region(INNER, (u, v)), multiples=(S.NegativeOne, S.One))  # fmt: skip


OBJECTIVE = (x - y + 1) ** 2 - log(x + y)
HONEST = step(OUTER, Curved(OBJECTIVE, (x, y), "convex", True), "affine_change", inner(),
              region(OUTER, (x, y)), forms=FORMS)  # fmt: skip


def test_the_honest_change_is_accepted() -> None:
    assert check(HONEST) == "checked"
    moved = step(OUTER, RegionConvex((x, y)), "affine_change", region(INNER, (u, v)), forms=FORMS)
    assert check(moved) == "checked"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (replace(HONEST, certificate=(("forms", (x + y, x - y)),)), "another function"),
        (replace(HONEST, certificate=(("forms", (x + y,)),)), "a form is missing"),
        (replace(HONEST, certificate=(("forms", ((x + y) ** 3, x - y + 1)),)), "not affine"),
        (replace(HONEST, context=Context()), "a larger region"),
        (replace(HONEST, context=Context((Relation(x + y, ">="),))), "with its border"),
        (replace(HONEST, claim=replace(HONEST.claim, kind="concave")), "another kind"),
        (replace(HONEST, premises=(inner(strict=False), *HONEST.premises[1:])), "strictness from nowhere"),
        (replace(HONEST, premises=HONEST.premises[1:]), "nothing about the inner function"),
        (replace(HONEST, premises=HONEST.premises[:1]), "nothing says that the region is convex"),
    ],
)  # fmt: skip
def test_lies_are_rejected(lie: Step, why: str) -> None:
    assert not is_accepted(lie), why


def test_a_map_that_is_not_injective_loses_strictness() -> None:
    """v^2 is strictly convex in v alone, and (x + y)^2 is not in x and y."""
    whole = region(Context(), (v,))
    square = step(Context(), Curved(v**2, (v,), "convex", True), "atom", whole, atom="even power",
                  arguments=(v,), constants=(S.One,))  # fmt: skip
    for strict in (False, True):
        claim = Curved((x + y) ** 2, (x, y), "convex", strict)
        moved = step(Context(), claim, "affine_change", square, region(Context(), (x, y)), forms=(x + y,))
        assert is_accepted(moved) is not strict


def test_a_variable_of_one_side_is_no_parameter_of_the_other() -> None:
    """u^2 x is convex in u where x is a parameter x >= 0; (x + y)^2 x is not convex in x and y."""
    known = Context((), (Relation(x, ">="),))
    square = step(known, Curved(u**2, (u,), "convex"), "atom", region(known, (u,)), atom="even power",
                  arguments=(u,), constants=(S.One,))  # fmt: skip
    bent = step(known, Curved(x * u**2, (u,), "convex"), "curvature_sum", square, region(known, (u,)),
                multiples=(x,))  # fmt: skip
    assert is_accepted(bent)
    claim = Curved(x * (x + y) ** 2, (x, y), "convex")
    for context in (known, Context(), Context(known.condition)):
        moved = step(context, claim, "affine_change", bent, region(context, (x, y)), forms=(x + y,))
        assert not is_accepted(moved)


def test_points_are_carried_back() -> None:
    chord = step(Context(), NotCurved(u**3, (u,), "convex", False, (-S.One,), (S.Zero,), S.Half), "chord")
    for p, accepted in ((-S.One, True), (-Rational(1, 2), False)):
        claim = NotCurved((2 * x + 1) ** 3, (x,), "convex", False, (p,), (-S.Half,), S.Half)
        assert is_accepted(step(Context(), claim, "affine_change", chord, forms=(2 * x + 1,))) is accepted


RESPELLED = [
    # f(A x + b), what it is, strictly or not; f is K036, K041, K076, K110, T011 and K308 of the cases
    ("-sqrt((u+v)*(v-x) - (x+2*u+1)^2)", "u v x", ("u+v > 0", "(u+v)*(v-x) - (x+2*u+1)^2 > 0"), "convex", False),
    ("((x+y)*(x-y)*(x-y+2*z))^(1/3)", "x y z", ("x+y > 0", "x-y > 0", "x-y+2*z > 0"), "concave", False),
    ("(2*x+1)/(1 + (2*x+1)^2)", "x", ("2*x+1 >= 0", "2*x+1 <= 1"), "concave", True),
    ("(x+y)^4 + 6*(x+y)^2*(x-y+1)^2 + (x-y+1)^4", "x y", (), "convex", True),
    ("(x+y)^4 + 7*(x+y)^2*(x-y+1)^2 + (x-y+1)^4", "x y", (), "neither", None),
    ("sqrt(abs(x+2*y) + (x+2*y)^2)", "x y", (), "neither", None),
]  # fmt: skip


@pytest.mark.parametrize(("objective", "variables", "constraints", "kind", "strict"), RESPELLED)
def test_what_is_composed_with_an_affine_map_gets_the_same_answer(
    objective: str, variables: str, constraints: tuple[str, ...], kind: str, strict: bool | None
) -> None:
    found = Problem(objective, variables, subject_to=constraints).convexity(timeout=60)
    assert (found.kind, found.strict) == (kind, strict)
    assert found.evidence.trust == "checked"


def test_the_proof_says_what_the_new_variables_are() -> None:
    told = Problem("(2*x+1)/(1 + (2*x+1)^2)", "x", subject_to=["2*x+1 >= 0", "2*x+1 <= 1"]).convexity()
    assert "because it is u/(u^2 + 1) with u = 2*x + 1" in " ".join(told.explain().text().split())


def test_the_witness_is_in_the_variables_of_the_problem() -> None:
    found = Problem("(x+y)^4 + 7*(x+y)^2*(x-y+1)^2 + (x-y+1)^4", "x y").convexity()
    f = (x + y) ** 4 + 7 * (x + y) ** 2 * (x - y + 1) ** 2 + (x - y + 1) ** 4
    for name, sign in (("not_convex", 1), ("not_concave", -1)):
        witness = found.evidence.witness[name]  # type: ignore[index]
        p, q = ({x: Rational(witness[e]["x"]), y: Rational(witness[e]["y"])} for e in "pq")
        middle = {s: (p[s] + q[s]) / Integer(2) for s in (x, y)}
        assert sign * (f.subs(middle) - (f.subs(p) + f.subs(q)) / 2) > 0
