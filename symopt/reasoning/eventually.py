"""What holds for all large values of a symbol: dominant terms, with proofs of the signs that they rest on."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Symbol

from symopt.derivation.claims import Context, Step
from symopt.exact.asymptotics import dominant_term
from symopt.reasoning.sign import prove_sign
from symopt.relation import Relation


class Signs:
    """The proved signs of quantities in the parameters, asked one by one; `unknown` are those not settled."""

    def __init__(self, condition: Context) -> None:
        self.condition = condition
        self.steps: list[Step] = []
        self.unknown: list[Expr] = []

    def __call__(self, quantity: Expr) -> int | None:
        found = prove_sign(quantity, self.condition)
        if found is None:
            self.unknown.append(quantity)
            return None
        self.steps.append(found[1])
        return found[0]


def prove_eventually(relations: Iterable[Relation], symbol: Symbol, signs: Signs) -> bool:
    """Whether the relations hold for all large values of the symbol; the proofs are left in `signs`."""
    for relation in relations:
        coefficient = relation.expression
        if coefficient.has(symbol):
            term = dominant_term(coefficient, symbol, signs)
            if term is None:
                return False
            coefficient = term.coefficient
        sign = signs(coefficient)
        allowed = {
            ">": sign == 1,
            "<": sign == -1,
            "==": sign == 0,
            "!=": sign in (1, -1),
            ">=": sign in (0, 1),
            "<=": sign in (0, -1),
        }
        if not allowed[relation.op]:
            return False
    return True
