"""Signs of c - m W e^(-q) with q >= 0 and W <= 1, as of Easom's function: a damped wave never goes beyond m."""

from __future__ import annotations

from sympy import Add, Mul, S, cos, exp, sin

from symopt.derivation.claims import Context, Step
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation


def prove_by_damping(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """c - m W e^(-q) = (c - m) + m (1 - e^(-q)) + m e^(-q) (1 - W), a sum of terms of one sign.

    >>> from sympy import symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> x, y = symbols("x y", real=True)
    >>> prove_relation(Relation(1 - cos(x) * cos(y) * exp(-(x**2) - y**2), ">="), Context()).rule
    'signs'
    """
    if relation.op not in (">", ">=", "<", "<="):
        return None
    turn = S.One if relation.op[0] == ">" else S.NegativeOne
    terms = Add.make_args(turn * relation.expression)
    damped = [term for term in terms if term.has(exp)]
    rest = Add(*(term for term in terms if term not in damped))
    if len(damped) != 1 or rest.free_symbols or not damped[0].has(sin, cos):
        return None
    factor, product = damped[0].as_coeff_Mul()
    decays = [f for f in Mul.make_args(product) if isinstance(f, exp)]
    waves = [f for f in Mul.make_args(product) if not isinstance(f, exp)]
    if len(decays) != 1 or not waves:
        return None
    (decay,), wave, size = decays, Mul(*waves), abs(factor)
    if factor > 0:
        wave = -wave
    less = 1 - decay
    known = [prove(Relation(quantity, ">="), context) for quantity in (1 - wave, less)]
    if None in known:
        return None
    scale = turn * size
    parts = (
        turn * (rest - size),
        Mul(scale, less, evaluate=False),
        Mul(scale, decay, 1 - wave, evaluate=False),
    )
    tree = Add(*(part for part in parts if part != 0), evaluate=False)
    return accepted(relation, context, "signs", tuple(step for step in known if step is not None), tree=tree)
