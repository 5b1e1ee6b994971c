"""Signs of forms in two symbols, one of which is not 0: u^d times a polynomial in the ratio v/u."""

from __future__ import annotations

from typing import Final

from sympy import Mul, S, Symbol, default_sort_key

from symopt.derivation.claims import Context, Step
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import REVERSED, Relation

MAX_DEGREE: Final = 20


def prove_by_ratio(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A form of degree d in u and v, with u != 0, by its polynomial in t = v/u.

    >>> from sympy import symbols
    >>> u, v = symbols("u v", real=True)
    >>> from symopt.reasoning.sign import prove_relation
    >>> at = Context((Relation(u, ">"),))
    >>> prove_by_ratio(Relation(u**4 - 4 * u * v**3 + 6 * v**4, ">"), at, Prove(prove_relation, 0)).rule
    'signs'
    """
    symbols = sorted(relation.symbols, key=default_sort_key)
    poly = relation.expression.as_poly(*symbols) if len(symbols) == 2 else None
    if poly is None or not poly.is_homogeneous or relation.op == "==":
        return None
    degree = poly.total_degree()
    if not 2 <= degree <= MAX_DEGREE or not all(c.is_Rational for c in poly.coeffs()):
        return None
    t = Symbol(next(name for name in ("t", "t1", "t2") if name not in {s.name for s in symbols}), real=True)
    for u, v in (symbols, symbols[::-1]):
        signs = signs_of_tree(u, context.relations)
        if len(signs) != 1 or 0 in signs:
            continue
        op = REVERSED.get(relation.op, relation.op) if -1 in signs and degree % 2 else relation.op
        general = poly.as_expr().xreplace({u: S.One, v: t})
        side = next(
            (o for o in (">", "<", ">=", "<=") if signs_of_tree(v / u, context.relations) <= SIGNS_OF[o]), ""
        )
        found = prove(Relation(general, op), Context((Relation(t, side),) if side else ()))
        if found is None:
            continue
        ratio = general.xreplace({t: v / u})
        instance = accepted(Relation(ratio, op), context, "instance", (found,), values=((t, v / u),))
        if instance is not None:
            tree = Mul(u**degree, ratio, evaluate=False)
            return accepted(relation, context, "signs", (instance,), tree=tree)
    return None
