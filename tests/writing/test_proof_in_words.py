"""A derivation in words: every step once, references instead of repetition, opaque data kept."""

from __future__ import annotations

import re

import pytest
from sympy import Expr, Integer, S, exp, symbols

from symopt.derivation.claims import (
    Branch,
    Claim,
    Context,
    Cover,
    Curved,
    Definite,
    Derivative,
    Gradient,
    Hessian,
    Holds,
    Infeasible,
    Label,
    Limit,
    NotCurved,
    Optimal,
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Stationary,
    Step,
)
from symopt.derivation.rules import RULES
from symopt.relation import Relation
from symopt.writing.claims import Subject, claim_pieces
from symopt.writing.document import Block, Document, Verbatim
from symopt.writing.notation import Notation
from symopt.writing.proof import brief, full
from symopt.writing.reasons import phrase
from symopt.writing.text import pieces_text, text

x, y, p, s, t = symbols("x y p s t", real=True)
F = (p - 1) * x**2 + (p + 1) * y**2
NOTATION = Notation((x, y, s))
SUBJECT = Subject(F, (x, y), NOTATION, ((2 * p - 2, S.Zero), (S.Zero, 2 * p + 2)))
ABOVE = Context((), (Relation(p - 1, ">"),))
ORIGIN = Branch(((x, S.Zero), (y, S.Zero)))
LINE = Branch(((x, t), (y, S.Zero)), (), ((t, "real"),))


def words(blocks: tuple[Block, ...]) -> str:
    return re.sub(r"\s+", " ", text(Document(blocks, NOTATION))).strip()


def holds(expression: Expr, op: str = ">", rule: str = "signs", context: Context = ABOVE) -> Step:
    return Step(context, Holds(Relation(expression, op)), rule)


POSITIVE = (holds(2 * p - 2), holds(2 * p + 2))
DEFINITE = Step(
    ABOVE,
    Definite(((2 * p - 2, S.Zero), (S.Zero, 2 * p + 2)), ">"),
    "positive_definite",
    POSITIVE,
    (("diagonal", (2 * p - 2, 2 * p + 2)), ("lower", ((S.One, S.Zero), (S.Zero, S.One)))),
)
CONVEX = Step(ABOVE, Curved(F, (x, y), "convex", True), "second_order", (DEFINITE,))


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (Holds(Relation(2 * p - 2, ">")), "2*(p - 1) > 0"),
        (Derivative(x**2, x, 2 * x), "∂/∂x (x^2) = 2*x"),
        (Gradient(F, (x, y), (2 * (p - 1) * x, 2 * (p + 1) * y)), "∇f = (2*(p - 1)*x, 2*(p + 1)*y)"),
        (Hessian(F, (x, y), ((S.One, S.Zero), (S.Zero, S.One))), "∇²f = [[1, 0], [0, 1]]"),
        (Smooth(F, (x, y)), "the function f is smooth"),
        (Definite(((2 * p - 2, S.Zero), (S.Zero, 2 * (p + 1))), "<="),
         "the Hessian is negative semidefinite"),
        (Definite(((S.One,),), ">"), "1 > 0"),
        (RegionConvex((x, y)), "the whole space is convex"),
        (RegionNotConvex((x,), (Integer(-1),), (S.One,), S.Half),
         "the region is not convex: -1 and 1 lie in it, but 0 between them does not"),
        (Curved(exp(x), (x, y), "convex", True), "the function e^x is strictly convex"),
        (NotCurved(F, (x, y), "convex", False, (S.Zero, S.Zero), (S.One, S.Zero), S.Half),
         "the function f is not convex"),
        (Cover((x, y), (x, y), (ORIGIN,)), "x = 0 and y = 0 hold only for (x, y) equal to (0, 0)"),
        (Cover((exp(x),), (x,), ()), "e^x = 0 has no solution"),
        (Stationary(F, (x, y), (ORIGIN,), True), "the only stationary point is (0, 0)"),
        (Stationary(F, (x, y), (ORIGIN,), False), "(0, 0) is a stationary point"),
        (Stationary(F, (x, y), (LINE,), True),
         "the stationary points are exactly the points (t, 0) with t real"),
        (Stationary(F, (x, y), (), True), "there is no stationary point"),
        (Label(F, (x, y), ORIGIN, "minimum", True), "the point (0, 0) is a strict local minimum"),
        (Label(F, (x, y), LINE, "maximum", False),
         "each of the points (t, 0) with t real is a non-strict local maximum"),
        (Label(F, (x, y), ORIGIN, "saddle", None), "the point (0, 0) is a saddle point"),
        (Limit(-(s**2), s, -S.Infinity), "-s^2 → -∞ as s → ∞"),
        (Optimal(F, (x, y), "min", S.Zero, True, (ORIGIN,), True),
         "the global minimum of f is 0, attained exactly at (0, 0)"),
        (Optimal(exp(x), (x, y), "min", S.Zero, False, (), False, ((x, -s),), s),
         "the global infimum of e^x is 0, which is not attained"),
        (Optimal(F, (x, y), "max", S.Infinity, False), "the function f is unbounded above"),
        (Infeasible(), "no point satisfies these conditions"),
    ],
)  # fmt: skip
def test_every_kind_of_claim_is_a_clause(claim: Claim, expected: str) -> None:
    assert pieces_text(claim_pieces(claim, SUBJECT, Context()), NOTATION) == expected


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_reason_that_follows_a_comma(rule: str) -> None:
    assert re.match(r"(by|because|as|along|since) \w", phrase(rule))
    assert RULES[rule].readable or phrase(rule).endswith("(computer algebra)")


def test_in_brief_the_key_premise_comes_first_and_the_conclusion_last() -> None:
    assert words(brief(CONVEX, SUBJECT)) == (
        "The Hessian is positive definite, because it is diagonal with the entries 2*(p - 1) > 0 and "
        "2*(p + 1) > 0. So the function f is strictly convex."
    )


def test_a_chord_is_told_with_its_values() -> None:
    claim = NotCurved(F, (x, y), "convex", False, (Integer(-1), S.Zero), (S.One, S.Zero), S.Half)
    assert words(brief(Step(Context(), claim, "chord"), SUBJECT)) == (
        "The function f is not convex: at (0, 0), midway between (-1, 0) and (1, 0), its value 0 is above "
        "the value p - 1 of the chord."
    )


def test_an_unbounded_function_is_told_with_its_curve() -> None:
    claim = Optimal(F, (x, y), "min", -S.Infinity, False, (), False, ((x, s), (y, S.Zero)), s)
    limit = Step(ABOVE, Limit((p - 1) * s**2, s, -S.Infinity), "limit_dominant")
    assert words(brief(Step(ABOVE, claim, "extremum_unbounded", (limit,)), SUBJECT)) == (
        "Along (x, y) = (s, 0), f = (p - 1)*s^2 → -∞ as s → ∞. So the function f is unbounded below."
    )


def test_solving_is_told_equation_by_equation() -> None:
    unknowns = (x, y)
    end = Step(ABOVE, Cover((), (), (Branch(()),)), "cover_free")
    last = Step(
        ABOVE, Cover((y,), (y,), (Branch(((y, S.Zero),)),)), "cover_linear", (end,),
        (("index", 0), ("rest", S.One), ("symbol", y), ("values", ((S.Zero, ()),))),
    )  # fmt: skip
    middle = Step(
        ABOVE, Cover((x, y), unknowns, (ORIGIN,)), "cover_linear", (last,),
        (("index", 0), ("rest", S.One), ("symbol", x), ("values", ((S.Zero, ()),))),
    )  # fmt: skip
    second = Step(
        ABOVE, Cover((x, 2 * (p + 1) * y), unknowns, (ORIGIN,)), "cover_factors", (middle,),
        (("factors", ((y, 1),)), ("index", 1), ("rest", 2 * p + 2)),
    )  # fmt: skip
    first = Step(
        ABOVE, Cover((2 * (p - 1) * x, 2 * (p + 1) * y), unknowns, (ORIGIN,)), "cover_factors", (second,),
        (("factors", ((x, 1),)), ("index", 0), ("rest", 2 * p - 2)),
    )  # fmt: skip
    head = Step(ABOVE, Stationary(F, unknowns, (ORIGIN,), True), "stationary_points", (first,))
    assert words(brief(head, SUBJECT)) == (
        "The equation 2*(p - 1)*x = 0 gives x = 0, since p - 1 ≠ 0. The equation 2*(p + 1)*y = 0 gives "
        "y = 0, since p + 1 ≠ 0. So the only stationary point is (0, 0)."
    )


def test_in_full_a_shared_step_has_one_number_and_contexts_are_stated() -> None:
    minimum = Step(ABOVE, Label(F, (x, y), ORIGIN, "minimum", True), "second_order_minimum", (DEFINITE,))
    everywhere = Step(Context(), Curved(F, (x, y), "affine"), "affine", (CONVEX, minimum))
    shown = words(full([(CONVEX, SUBJECT), (everywhere, SUBJECT)]))
    assert shown.count("The Hessian is positive definite, because it is diagonal with the entries") == 1
    assert "(1) For p > 1: 2*(p - 1) > 0, by reading off the signs." in shown
    assert "(4) The function f is strictly convex, by the second-order condition [(3)]." in shown
    assert "(6) For all values: the function f is affine, because it is of degree at most 1" in shown
    assert shown.rstrip(".").endswith("[(4), (5)]")


def test_in_full_the_data_of_an_opaque_step_stands_in_an_appendix() -> None:
    opaque = Step(
        ABOVE, Holds(Relation(F, ">=")), "decision_procedure", (), (("limit", (Integer(3), "rlimit")),)
    )
    blocks = full([(opaque, SUBJECT)])
    assert isinstance(blocks[-1], Verbatim)
    assert blocks[-1].lines == ("(1) decision_procedure: limit = (3, rlimit)",)
    assert "by a decision procedure (computer algebra)" in words(blocks)
