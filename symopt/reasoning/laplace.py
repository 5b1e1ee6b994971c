"""Signs of sums of polygamma functions, by their Laplace transforms: psi_1(x) > 1/x, because t > 1 - e^(-t)."""

from __future__ import annotations

from sympy import Symbol, polygamma

from symopt.derivation.claims import Context, Step
from symopt.derivation.laplace import transform
from symopt.exact.relations import rational_bounds
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation


def prove_by_transform(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """The sign of the kernel of e^(-u t), for all t > 0.

    >>> from symopt.reasoning.sign import prove_relation
    >>> x = Symbol("x", real=True)
    >>> prove_relation(Relation(polygamma(1, x) - 1 / x, ">"), Context((Relation(x, ">"),))).rule
    'laplace'
    """
    if len(relation.symbols) != 1 or not relation.expression.has(polygamma):
        return None
    (x,) = relation.symbols
    low, high = rational_bounds(x, context.relations)
    forms = [] if low is None else [x - low[0]] if low[0] >= 0 else [x]
    forms += [] if high is None else [high[0] - x]
    t = Symbol("t" if x.name != "t" else "s", real=True)
    for form in forms:
        found = transform(relation.expression, form, t)
        if found is None:
            continue
        op = relation.op if not found.polynomial else relation.op[0] + "="
        kernel = prove(Relation(found.numerator, op), Context((Relation(t, ">"),)))
        if kernel is None and found.numerator != 0:
            continue
        premises = () if kernel is None else (kernel,)
        step = accepted(relation, context, "laplace", premises, t=t, form=form)
        if step is not None:
            return step
    return None
