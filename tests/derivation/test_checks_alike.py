"""Sums of terms that are one function of affine forms: honest steps pass, lying ones are rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from sympy import Add, Expr, Integer, Max, Rational, S, Symbol, exp, log, symbols
from sympy.core.relational import Relational

from symopt import Problem
from symopt.derivation.alike import alike, shape_of, terms_of
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.claims import Context, Curved, RegionConvex, Step
from symopt.derivation.strictness import strict_directions
from symopt.relation import Relation

x, y, u, v, a = symbols("x y u v a", real=True)
LINE, RIGHT = Context(), Context((Relation(u, ">"),))
REGION = Context((Relation(x - y, ">"), Relation(2 * y + 1, ">=")))


def step(context: Context, claim: object, rule: str, *premises: Step, **data: object) -> Step:
    return Step(context, claim, rule, premises, tuple(sorted(data.items())))  # type: ignore[arg-type]


def region(context: Context, variables: tuple[Symbol, ...]) -> Step:
    return step(context, RegionConvex(variables), "region_convex", order=context.region)


def atom(
    function: Expr, kind: str, name: str, context: Context = LINE, *constants: Expr, strict: bool = True
) -> Step:
    claim = Curved(function, (u,), kind, strict)
    return step(context, claim, "atom", region(context, (u,)), atom=name, arguments=(u,), constants=constants)


SQUARE = atom(u**2, "convex", "even power", LINE, S.One)
SIZE = atom(abs(u), "convex", "abs", strict=False)
UNEVEN = step(
    LINE, Curved(Max(u, -2 * u), (u,), "convex"), "atom", region(LINE, (u,)), atom="max", arguments=(u, -2 * u),
    constants=(),
)  # fmt: skip
LOGARITHM = atom(log(u), "concave", "log", RIGHT)


def total(
    objective: Expr, function: Step, strict: bool, context: Context = LINE, kind: str = "convex"
) -> Step:
    claim = Curved(objective, (x, y), kind, strict)
    return step(context, claim, "alike_terms", function, region(context, (x, y)))


SQUARES = total((x - y) ** 2 + 3 * (x + a - 1) ** 2, SQUARE, True)
SIZES = total(abs(x - y) + abs(x) / 2, SIZE, False)
LOGARITHMS = total(-log(x - y) - 2 * log(3 * x - 3 * y), LOGARITHM, False, REGION)


def test_honest_steps_are_accepted() -> None:
    uneven = total(Max(x - y, 2 * y - 2 * x) + 3 * Max(1 - x, 2 * x - 2), UNEVEN, False)
    for honest in (SQUARES, SIZES, LOGARITHMS, uneven):
        assert check(honest) == "checked"
    in_x_alone = replace(SQUARES, claim=replace(SQUARES.claim, variables=(x,)))  # y is a parameter like a
    assert check(in_x_alone) == "checked"
    assert check(total(log(x - y) + log(x - y + 2), LOGARITHM, False, REGION, "concave")) == "checked"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (total((x - y) ** 2 - (x + y) ** 2, SQUARE, False), "a negative multiple"),
        (total(a * (x - y) ** 2 + y**2, SQUARE, False), "a multiple of unknown sign"),
        (total((x - y) ** 2 + (x + y) ** 4, SQUARE, False), "another power"),
        (total((x * y) ** 2 + y**2, SQUARE, False), "a form that is not affine"),
        (total((x - y) ** 2 + x, SQUARE, False), "a term of another kind"),
        (total(Max(x, -2 * x) + Max(x - y, y - x), UNEVEN, False), "another multiple"),
        (total(Max(x, -2 * x) + Max(x + 1, -2 * x - 1), UNEVEN, False), "no multiple, by its number"),
        (total(Max(x, -2 * x) + Max(x + y, -2 * x), UNEVEN, False), "no multiple, by a variable"),
        (total((x - y) ** 2 + exp(x), SQUARE, False), "another function"),
        (total((x - y) ** 2 + (2 * x - 2 * y) ** 2, SQUARE, True), "flat along x = y"),
        (total(abs(x) + abs(y), SIZE, True), "|u| is not strictly convex"),
        (total((x - y) ** 2 + x**2, SQUARE, False, kind="concave"), "another curvature"),
        (total((x - y) ** 2 + x**2, SQUARE, False, kind="affine"), "no affine function"),
        (total(u**2 + (x - y) ** 2, SQUARE, False), "a variable of the function is no parameter"),
        (total(-log(x - y) - log(y), LOGARITHM, False, REGION), "y > 0 is not given"),
        (total(-log(x - y) - log(2 * y + 1), LOGARITHM, False, REGION), "2 y + 1 may be 0"),
        (total(-log(x - y) - log(x - y), LOGARITHM, False), "nothing is positive on the whole plane"),
        (replace(LOGARITHMS, premises=LOGARITHMS.premises[:1]), "nothing says that the region is convex"),
        (replace(SQUARES, premises=SQUARES.premises[1:]), "nothing about the function"),
        (replace(SQUARES, premises=(SQUARE, SIZE)), "two functions"),
    ],
)  # fmt: skip
def test_lies_are_rejected(lie: Step, why: str) -> None:
    assert not is_accepted(lie), why


K = symbols("k", real=True)
ABOVE = Context((), (Relation(K, ">"),))


def with_number(objective: Expr, strict: bool = True, *, about: Context = ABOVE, **data: object) -> Step:
    """log(k + e^u) is strictly convex for k > 0: a sum of such with a number for k in each term."""
    claim = Curved(log(K + exp(u)), (u,), "convex", True)
    function = step(about, claim, "atom", region(about, (u,)), atom="shifted log-sum-exp",
                    arguments=(u,), constants=(K,))  # fmt: skip
    known = {"numbers": (K,)} | data
    return step(LINE, Curved(objective, (x, y), "convex", strict), "alike_terms", function,
                region(LINE, (x, y)), **known)  # fmt: skip


NUMBERED = with_number(log(2 + exp(x - y)) + 3 * log(Rational(1, 2) + exp(2 * y)))


def test_a_letter_may_stand_for_another_number_in_each_term() -> None:
    assert check(NUMBERED) == "checked"
    assert [term.numbers for term in terms_of(NUMBERED) or ()] in ([(2,), (S.Half,)], [(S.Half,), (2,)])
    found = Problem(Add(*(log(k + exp(x - k * y)) for k in range(2, 12))), (x, y)).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == ("convex", True, "checked")
    assert "and a number k > 0" in str(found.explain())


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (with_number(log(2 + exp(x)) + log(exp(y) - 1), False), "k > 0 does not hold of -1"),
        (with_number(log(2 + exp(x)) + log(a + exp(y)), False), "a is no number"),
        (with_number(log(2 + exp(x)) + log(exp(y) + exp(x)), False), "another tree"),
        (with_number(log(2 + exp(x)) + log(3 + exp(2 * x))), "flat along y"),
        (with_number(log(2 + exp(x)) + log(3 + exp(y)), about=LINE), "log(k + e^u) for every k is not known"),
        (with_number(log(2 + exp(x)) + log(3 + exp(y)), numbers=()), "k is no number of the terms"),
        (with_number(log(2 + exp(x)) + log(3 + exp(y)), numbers=(K, a)), "a stands nowhere"),
        (with_number(log(2 + exp(x)) + log(3 + exp(y)), numbers=(K, u)), "u is the variable"),
        (with_number(log(2 + exp(x)) + K * log(3 + exp(y)), False), "k is a parameter of the sum"),
    ],
)  # fmt: skip
def test_lies_about_numbers_are_rejected(lie: Step, why: str) -> None:
    assert not is_accepted(lie), why


def test_a_parameter_of_the_function_is_no_variable_of_the_sum() -> None:
    """x u^2 is convex in u where x >= 0 is a parameter; x (x + y)^2 + x y^2 is not convex in x and y."""
    known = Context((), (Relation(x, ">="),))
    square = atom(u**2, "convex", "even power", known, S.One)
    bent = step(known, Curved(x * u**2, (u,), "convex"), "curvature_sum", square, region(known, (u,)),
                multiples=(x,))  # fmt: skip
    assert is_accepted(bent)
    for context in (known, LINE):
        assert not is_accepted(total(x * (x + y) ** 2 + x * y**2, bent, False, context))


def test_a_region_that_is_bent_is_not_carried_over() -> None:
    """u^3 is convex for u^2 > 1 and u > 0 alone; the rule takes regions with affine sides only."""
    bent = Context((Relation(u**2 - 1, ">"),))
    function = replace(LOGARITHM, context=bent)
    assert not is_accepted(total(-log(x - y) - log(x), function, False, REGION))


def test_the_number_one_is_no_place() -> None:
    """exp(1 u) and exp(x): numbers and places are told apart, also where they are equal to Python."""
    assert alike(exp(Integer(0)), exp(u), (u,), frozenset({x})) is None
    assert shape_of(x**0 + exp(x), {x}).tokens != shape_of(exp(x) + y, {x, y}).tokens
    assert alike(Max(0, x) + Max(1, y), Max(0, u), (u,), frozenset({x, y})) is None


def test_multiples_of_a_form_have_its_place() -> None:
    shape = shape_of(abs(x - y) + exp(2 * y - 2 * x) + exp(2 * y - 2 * x + 1), {x, y})
    assert {*shape.forms, *shape.multiples} >= {x - y, 2 * y - 2 * x, 2 * y - 2 * x + 1}
    assert len(shape.forms) == 2
    (multiple,) = shape.multiples
    assert multiple == shape.multiples[multiple][1] * shape.forms[shape.multiples[multiple][0]]
    assert len(shape_of(exp(x + 1) + exp(x + 2), {x}).forms) == 2


def test_directions_of_strict_curvature_are_those_of_the_forms() -> None:
    squares = total(SQUARES.claim.objective, SQUARE, False)
    assert set(strict_directions(squares, (x, y))) == {(1, -1), (1, 0)}
    assert strict_directions(SIZES, (x, y)) == ()
    assert {term.multiple for term in terms_of(SQUARES) or ()} == {1, 3}


PAIRS = [(k, j) for k in range(10) for j in (k, (k + 1) % 10)]
z = symbols("z:10", real=True)
INSIDE = tuple(s > -1 for s in z)
SUMS = [
    # terms of z_k and z_j, region, what their sum is and whether strictly: by hand
    (lambda s, t: exp(s - t) if s != t else S.Zero, (), "convex", None),  # constant along (1, ..., 1)
    (lambda s, t: exp(s - 2 * t), (), "convex", True),
    (lambda s, t: -log(1 - s + t / 2), (), "convex", True),
    (lambda s, t: s * log(s), (), "convex", True),
    (lambda s, t: abs(s - t + 1) + (s + t) ** 2, (), "convex", True),  # (2 z_k)^2 among the squares
    (lambda s, t: log(1 + exp(3 * s - t)), (), "convex", True),
    (lambda s, t: Max(0, 1 - s + t) + s**2, (), "convex", True),
    (lambda s, t: s**2 / (1 + t) if s != t else S.Zero, INSIDE, "convex", None),  # not in the table as strict
    (lambda s, t: (1 + s) ** 3 + (1 + t) ** 3, INSIDE, "convex", True),
    (lambda s, t: 1 / (1 + s), INSIDE, "convex", True),
]


@pytest.mark.parametrize(("term", "constraints", "kind", "strict"), SUMS)
def test_long_sums_are_told_from_one_function(
    term: Callable[[Expr, Expr], Expr], constraints: tuple[Relational, ...], kind: str, strict: bool | None
) -> None:
    objective = Add(*(term(z[k], z[j]) for k, j in PAIRS))
    found = Problem(objective, z, subject_to=constraints).convexity(timeout=60)
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")
    proof = found.evidence.steps[0]
    used = [s for s in proof.walk() if s.rule == "alike_terms"]
    assert used
    assert len(proof.walk()) < 15
    assert all(len(Add.make_args(cast(Curved, s.claim).objective)) >= 8 for s in used)
