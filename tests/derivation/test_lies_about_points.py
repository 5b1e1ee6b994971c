"""Derivations about stationary points that lie, each rejected by the checker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from sympy import Integer, Rational, Symbol, exp

from symopt import Problem
from symopt.cases import conclusions
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Cover, Holds, Label, Stationary, Step
from symopt.relation import Relation

x, y, t = (Symbol(name, real=True) for name in "xyt")
ORIGIN = Branch(((x, Integer(0)), (y, Integer(0))))


def derivations(objective: str, variables: str, **values: int) -> tuple[Step, ...]:
    """The conclusions about the stationary points: the set first, then a label for each point."""
    (case,) = (
        Problem(objective, variables).at(values).stationary_points()
        if values
        else Problem(objective, variables).stationary_points()
    )
    return conclusions(case.result)


def relabelled(step: Step, kind: str, strict: bool | None) -> Step:
    return replace(step, claim=replace(cast(Label, step.claim), kind=kind, strict=strict))


def holds(expression: object, op: str, context: Context, rule: str, **data: object) -> Step:
    return Step(context, Holds(Relation(expression, op)), rule, (), tuple(data.items()))


def a_root_is_not_listed() -> Step:
    # x^3 - 3x has the stationary points -1 and 1.
    step = derivations("x^3-3*x", "x")[0]
    claim = cast(Stationary, step.claim)
    return replace(step, claim=replace(claim, branches=claim.branches[:1]))


def a_point_that_is_not_stationary() -> Step:
    step = derivations("x^3-3*x", "x")[0]
    claim = cast(Stationary, step.claim)
    return replace(step, claim=replace(claim, branches=(*claim.branches, Branch(((x, Integer(2)),)))))


def a_family_misses_its_line() -> Step:
    # 2 y^2 is stationary on the whole line y = 0, not at the origin alone.
    step = derivations("2*y^2", "x y")[0]
    return replace(step, claim=replace(cast(Stationary, step.claim), branches=(ORIGIN,)))


def a_saddle_called_a_minimum() -> Step:
    return relabelled(derivations("x^2-y^2", "x y")[1], "minimum", True)


def a_minimum_called_a_maximum() -> Step:
    return relabelled(derivations("x^2+y^2", "x y")[1], "maximum", True)


def a_flat_minimum_called_strict() -> Step:
    # (y - x^2)^2 vanishes along a parabola.
    return relabelled(derivations("(y-x^2)^2", "x y")[1], "minimum", True)


def an_inflection_called_a_minimum() -> Step:
    return relabelled(derivations("x^3", "x")[1], "minimum", True)


def the_label_of_another_function() -> Step:
    label = derivations("x^2+y^2", "x y")[1]
    return replace(label, claim=replace(cast(Label, label.claim), objective=x**2 - y**2))


def a_sign_from_another_case() -> Step:
    # The proof for p = 2 says nothing about p = 0, where f is x -> -x^2 + y^2.
    label = derivations("(p-1)*x^2+(p+1)*y^2", "x y", p=2)[1]
    return replace(label, claim=replace(cast(Label, label.claim), objective=-(x**2) + y**2))


def a_widened_context() -> Step:
    # x log x has the minimum 1/e on x > 0 only.
    step = derivations("x*log(x)", "x")[0]
    return replace(step, context=Context())


def a_square_said_to_be_positive() -> Step:
    return holds(x**2, ">", Context(), "signs", tree=x**2)


def a_tree_that_is_another_expression() -> Step:
    return holds(x**2 - 1, ">=", Context(), "signs", tree=x**2)


def a_bound_from_nowhere() -> Step:
    return holds(x - 1, ">", Context((Relation(x, ">"),)), "signs", tree=x - 1)


def a_polynomial_that_changes_sign() -> Step:
    return holds(x**2 - 2, ">", Context((Relation(x - 1, ">"),)), "sturm", symbol=x)


def an_exponential_of_both_signs() -> Step:
    return holds(exp(x) - 1, ">", Context((Relation(x + 1, ">"), Relation(x - 1, "<"))), "enclosure")


def cases_that_leave_one_out() -> Step:
    positive = Context((), (Relation(x, ">"),))
    step = holds(x, ">", positive, "signs", tree=x)
    return Step(
        Context(), Holds(Relation(x, ">")), "by_cases", (step, step), (("ops", (">", "==")), ("quantity", x))
    )


def a_division_by_what_may_vanish() -> Step:
    # t x = 0 gives x = 0 only where t != 0.
    rest = Step(Context(), Cover((), (), (Branch(()),)), "cover_free")
    claim = Cover((t * x,), (x,), (Branch(((x, Integer(0)),)),))
    data = (("index", 0), ("rest", t), ("symbol", x), ("values", ((Integer(0), ()),)))
    return Step(Context(), claim, "cover_linear", (rest,), data)


def an_equation_with_solutions_said_to_have_none() -> Step:
    return Step(Context(), Cover((x**2 - 1,), (x,), ()), "cover_none")


def too_few_roots() -> Step:
    rest = Step(Context(), Cover((), (), (Branch(()),)), "cover_free")
    claim = Cover((x**2 - 4,), (x,), (Branch(((x, Integer(2)),)),))
    return Step(
        Context(),
        claim,
        "cover_roots",
        (rest,),
        (("index", 0), ("symbol", x), ("values", ((Integer(2), ()),))),
    )


def a_wrong_root() -> Step:
    rest = Step(Context(), Cover((), (), (Branch(()),)), "cover_free")
    claim = Cover((2 * x - 1,), (x,), (Branch(((x, Integer(1)),)),))
    data = (("index", 0), ("rest", Integer(2)), ("symbol", x), ("values", ((Integer(1), ()),)))
    return Step(Context(), claim, "cover_linear", (rest,), data)


def a_sum_of_both_signs() -> Step:
    both = Step(Context(), Cover((x**2, -(y**2)), (x, y), (ORIGIN,)), "cover_rewritten")
    claim = Cover((x**2 - y**2,), (x, y), (ORIGIN,))
    return Step(Context(), claim, "cover_sum", (both,), (("index", 0), ("terms", (x**2, -(y**2)))))


def a_rule_that_does_not_exist() -> Step:
    return Step(Context(), Holds(Relation(Rational(1), ">")), "obvious")


LIES: tuple[Callable[[], Step], ...] = (
    a_root_is_not_listed, a_point_that_is_not_stationary, a_family_misses_its_line, a_saddle_called_a_minimum,
    a_minimum_called_a_maximum, a_flat_minimum_called_strict, an_inflection_called_a_minimum,
    the_label_of_another_function, a_sign_from_another_case, a_widened_context, a_square_said_to_be_positive,
    a_tree_that_is_another_expression, a_bound_from_nowhere, a_polynomial_that_changes_sign,
    an_exponential_of_both_signs, cases_that_leave_one_out, a_division_by_what_may_vanish,
    an_equation_with_solutions_said_to_have_none, too_few_roots, a_wrong_root, a_sum_of_both_signs,
    a_rule_that_does_not_exist,
)  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_rejected(lie: Callable[[], Step]) -> None:
    with pytest.raises(Rejected):
        check(lie())


@pytest.mark.parametrize("objective", ["x^3-3*x", "x*log(x)", "x^4", "x^2*exp(x)"])
def test_the_truth_is_accepted(objective: str) -> None:
    assert check(*derivations(objective, "x")) == "checked"
