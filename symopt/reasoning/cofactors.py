"""Signs of a symbol that is a factor beside a known one: x y >= 1 and x >= 0 give x > 0 and y > 0."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Mul, Pow, Symbol

from symopt.derivation.claims import Context, Step
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation


def prove_by_cofactor(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """x = x m / m, where x m is greater than a number that is not negative, and m has a sign.

    >>> from sympy import symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> x, y, z = symbols("x y z", real=True)
    >>> given = (Relation(x * y * z - 1, ">="), Relation(x, ">="), Relation(y, ">"))
    >>> prove_relation(Relation(z, ">"), Context(given)).rule
    'signs'
    """
    if relation.op not in (">", ">=", "<", "<="):
        return None
    symbol = relation.expression if relation.expression.is_Symbol else -relation.expression
    if not isinstance(symbol, Symbol):
        return None
    for product, others in _products(symbol, context):
        positive = prove(Relation(product, ">"), context)
        if positive is None:
            continue
        known = (*context.relations, Relation(product, ">"))
        tree = Mul(relation.expression / symbol * product, Pow(others, -1), evaluate=False)
        if signs_of_tree(tree, known) <= SIGNS_OF[relation.op]:
            return accepted(relation, context, "signs", (positive,), tree=tree)
    return None


def _products(symbol: Symbol, context: Context) -> Iterator[tuple[Expr, Expr]]:
    """x m and m for relations x m > c or x m >= c with a number c, which must not be negative."""
    for given in context.relations:
        turned = given.expression if given.op in (">", ">=") else -given.expression
        poly = polynomial_or_none(turned, symbol) if given.op not in ("==", "!=") else None
        if poly is None or poly.degree() != 1 or not poly.TC().is_Rational or poly.LC().is_Rational:
            continue
        if poly.TC() < 0 or (poly.TC() == 0 and given.is_strict):
            yield poly.LC() * symbol, poly.LC()
