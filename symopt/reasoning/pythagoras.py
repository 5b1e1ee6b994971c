"""cos u is neither 1 nor -1 where sin u is not 0, and the same with sine and cosine exchanged."""

from __future__ import annotations

from sympy import Expr, Integer, Mul, Pow, S, cos, sin

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.reasoning.polynomial_sign import Prove
from symopt.relation import Relation

OTHER = {sin: cos, cos: sin}


def prove_by_pythagoras(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """c (cos u - 1) and c (cos u + 1) are not 0 where sin u is not: their product is -c^2 sin(u)^2.

    >>> from sympy import symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> x = symbols("x", real=True)
    >>> where = Context((Relation(sin(x), "!="),))
    >>> prove_relation(Relation(cos(x) - 1, "<"), where).rule
    'signs'
    """
    constant, rest = relation.expression.as_coeff_Add()
    factor, wave = rest.as_coeff_Mul()
    if (
        not isinstance(wave, (sin, cos))
        or abs(constant) != abs(factor)
        or relation.op not in ("<", ">", "!=")
    ):
        return None
    other = OTHER[wave.func](*wave.args)
    known = prove(Relation(other, "!="), context)
    if known is None:
        return None
    product = Mul(wave - 1, wave + 1, evaluate=False)
    tree = Mul(S.NegativeOne, Pow(other, Integer(2)), evaluate=False)
    both = Step(context, Holds(Relation(product, "!=")), "signs", (known,), (("tree", tree),))
    one = _signed(wave + constant / factor, factor)
    step = Step(context, Holds(relation), "signs", (both,), (("tree", one),))
    return step if follows(both) and follows(step) else None


def _signed(base: Expr, factor: Expr) -> Expr:
    return Mul(factor, base, evaluate=False) if factor != 1 else base
