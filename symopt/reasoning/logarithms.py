"""Signs of sums of logarithms: c log u + d log v + k is the logarithm of e^k u^c v^d, which is compared with 1."""

from __future__ import annotations

from math import lcm
from typing import Final

from sympy import Add, Expr, Mul, Rational, S, exp, log

from symopt.derivation.claims import Context, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation

MAX_LOGARITHMS: Final = 6
MAX_POWER: Final = 6


def prove_by_joining(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A sum of rational multiples of logarithms, and a number, by the logarithm of one quotient.

    >>> from sympy import symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> a = symbols("a", real=True)
    >>> above = Context((Relation(a, ">"),))
    >>> prove_relation(Relation(log(a) + log(a + 2) - 2 * log(a + 1), "<"), above).rule
    'signs'
    """
    joined = _joined(relation.expression) if relation.op in (">", ">=", "<", "<=") else None
    if joined is None:
        return None
    above, below, whole = joined
    try:
        needed, apart = natural_domain(relation.expression), canonical(above - below)
    except (InputError, NotExact):
        return None
    positive = tuple(p for r in needed if (p := prove(r, context)) is not None)
    if len(positive) < len(needed):
        return None
    known = prove(Relation(apart, relation.op), context)
    if known is None:
        return None
    ratio = above / below
    tree: Expr = Mul(apart, 1 / below, evaluate=False)
    beside = accepted(Relation(ratio - 1, relation.op), context, "signs", (known, *positive), tree=tree)
    if beside is None:
        return None
    several = Relation(whole * relation.expression, relation.op)
    step = accepted(several, context, "signs", (beside, *positive), tree=log(ratio))
    if step is None or whole == 1:
        return step
    tree = Mul(Rational(1, whole), several.expression, evaluate=False)
    return accepted(relation, context, "signs", (step, *positive), tree=tree)


def _joined(expression: Expr) -> tuple[Expr, Expr, int] | None:
    """(u, v, q) with q times the expression = log(u/v), where u and v are products of whole powers and a number."""
    weights: dict[Expr, Rational] = {}
    number: Expr = S.Zero
    for term in Add.make_args(expression):
        weight, rest = term.as_coeff_Mul()
        if not term.free_symbols:
            number += term
        elif isinstance(rest, log) and isinstance(weight, Rational):
            weights[rest.args[0]] = weight
        else:
            return None
    if not 2 <= len(weights) <= MAX_LOGARITHMS:
        return None
    whole = lcm(*(int(w.q) for w in weights.values()))
    powers = {inside: int(w * whole) for inside, w in weights.items()}
    if max(map(abs, powers.values())) > MAX_POWER:
        return None
    above = exp(whole * number) * Mul(*(u**k for u, k in powers.items() if k > 0))
    below = Mul(*(u**-k for u, k in powers.items() if k < 0))
    return above, below, whole
