"""What holds for all large values of a symbol, read off dominant terms with the known signs of parameters."""

from __future__ import annotations

from typing import cast

from sympy import Expr, Symbol

from symopt.derivation.checking import Facts, Rejected, require
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.asymptotics import Dominant, SignOf, dominant_term
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation


def sign_oracle(known: Facts) -> SignOf:
    """The sign of a quantity in the parameters as the known facts give it, or None."""

    def sign(quantity: Expr) -> int | None:
        signs = signs_of_tree(quantity, known)
        return next(iter(signs)) if len(signs) == 1 else None

    return sign


def require_defined_eventually(expression: Expr, symbol: Symbol, known: Facts) -> None:
    """The expression is defined for all large values of the symbol."""
    try:
        needed = natural_domain(expression)
    except InputError as error:
        raise Rejected(str(error)) from error
    for relation in needed:
        require_eventually(relation, symbol, known)


def require_eventually(relation: Relation, symbol: Symbol, known: Facts) -> None:
    """The relation holds for all large values of the symbol."""
    signs = signs_of_tree(relation.expression, known)
    if relation.expression.has(symbol) and not signs <= SIGNS_OF[relation.op]:
        term = dominant_term(relation.expression, symbol, sign_oracle(known))
        require(term is not None, "{} is not seen along the curve", relation)
        signs = signs_of_tree(cast(Dominant, term).coefficient, known)
    require(signs <= SIGNS_OF[relation.op], "the curve may break {}", relation)
