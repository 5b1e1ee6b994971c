"""Signs of a polynomial on the part of the line that signs of others leave."""

from __future__ import annotations

import pytest
from sympy import Poly, Rational, symbols

from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.line import signs_where
from symopt.reasoning.polynomial_sign import fails_on_line
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

x, a = symbols("x a", real=True)
OPS = {">": {1}, ">=": {0, 1}, "==": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}}


@pytest.mark.parametrize(
    ("poly", "given", "signs"),
    [
        (x, [], {-1, 0, 1}),
        (x**2 + 1, [], {1}),
        (x, [(x**2 - 2, ">"), (x + 1, ">")], {1}),  # x > sqrt 2
        (x - 2, [(x**2 - 2, "<=")], {-1}),
        (x**2 - 2, [(x**3 - 2 * x, "==")], {-1, 0}),  # at 0 it is -2, at +-sqrt 2 it is 0
        (x**2 - 2, [(x**2 - 3, "==")], {1}),
        (x, [(x**2 - 2, "<"), (x**2 - 3, ">")], set()),  # nowhere
        ((x - 1) ** 2, [(x, ">")], {0, 1}),
        ((x - 1) ** 2, [(x - 1, "!=")], {1}),
        # 27 A^2 - 144 A + 128 with A = x^2 is negative between its roots 1.13 and 4.2
        (-27 * x**4 + 144 * x**2 - 128, [(x**2 - Rational(32, 9), ">"), (x, ">"), (x - 2, "<")], {1}),
    ],
)
def test_signs(poly: object, given: list[tuple[object, str]], signs: set[int]) -> None:
    facts = [(Poly(q, x), frozenset(OPS[op])) for q, op in given]
    assert signs_where(Poly(poly, x), facts) == signs


def test_a_polynomial_is_decided_where_polynomials_restrict_its_symbol() -> None:
    narrow = Context((), (Relation(a**2 - Rational(32, 9), ">"), Relation(a, ">"), Relation(a - 2, "<")))
    positive = Relation(-27 * a**4 + 144 * a**2 - 128, ">")
    step = prove_relation(positive, narrow)
    assert step is not None
    assert is_accepted(step)
    assert not fails_on_line(positive, narrow)
    assert fails_on_line(Relation(10 * a - 19, ">"), narrow)  # at a = 1.89
    assert not fails_on_line(Relation(a - x, ">"), narrow)  # it has another symbol


def test_lies_are_rejected() -> None:
    beyond = Context((), (Relation(a**2 - 2, ">"),))
    for expression, context, accepted in (
        (a**2 - 1, beyond, True),
        (a**2 - 3, beyond, False),
        (a, beyond, False),
        (a**2 - 1, Context(), False),
        (a**2 - x, beyond, False),
    ):
        step = Step(context, Holds(Relation(expression, ">")), "sturm_parts", (), (("symbol", a),))
        assert is_accepted(step) is accepted
