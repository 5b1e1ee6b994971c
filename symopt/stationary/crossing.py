"""Labels in one variable at a zero r of N that the sign of N'(r) goes with: f' = w N gives f''(r) = w(r) N'(r)."""

from __future__ import annotations

from typing import Final

from sympy import Expr, Mul, S

from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Definite, Holds, Number, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_sign
from symopt.relation import Relation
from symopt.stationary.setting import Setting
from symopt.stationary.steps import defined

OP: Final = {1: ">", -1: "<"}


def by_crossing(setting: Setting, branch: Branch) -> tuple[Step, tuple[int, int, int]] | None:
    """The label at a zero where the slope crosses 0 in a known direction, with the inertia."""
    if len(setting.variables) != 1 or len(branch.numbers) != 1 or setting.smooth is None:
        return None
    if any(kind != "integer" for _, kind in branch.free):
        return None
    (number,) = branch.numbers
    if not number.slope or branch.at[0][1] != number.symbol:
        return None
    try:
        second = canonical(setting.matrix[0][0].xreplace(branch.values))
        found = _sign_of_second(setting, branch, number, second)
    except NotExact:
        return None
    if found is None:
        return None
    sign, step = found
    kind = "minimum" if sign > 0 else "maximum"
    data = (("diagonal", (second,)), ("lower", ((S.One,),)))
    definite = Step(step.context, Definite(((second,),), OP[sign]), "positive_definite", (step,), data)
    premises = (setting.hessian, setting.smooth, definite)
    label = setting.label(branch, kind, True, f"second_order_{kind}", premises)
    return None if label is None else (label, (1, 0, 0) if sign > 0 else (0, 1, 0))


def _sign_of_second(
    setting: Setting, branch: Branch, number: Number, second: Expr
) -> tuple[int, Step] | None:
    """f'' = w N' + w' N."""
    place, equation = setting.place(branch), number.equation
    weight = canonical(setting.slopes[0].xreplace(branch.values) / equation)
    found = prove_sign(weight, place)
    if found is None or found[0] == 0:
        return None
    sign = found[0] * number.slope
    tree = Mul(weight, equation.diff(number.symbol), evaluate=False)
    given = (found[1], *defined((weight,), place))
    product = Step(place, Holds(Relation(tree, OP[sign])), "signs", given, (("tree", tree),))
    multiples = ((canonical(derivative_by_table(weight, number.symbol)), equation),)
    claim, data = Holds(Relation(second, OP[sign])), (("multiples", multiples),)
    step = Step(place, claim, "given_equalities", (product, *given[1:]), data)
    return (sign, step) if follows(product) and follows(step) else None
