"""sin(u)^2 + cos(u)^2 = 1: cos u is neither 1 nor -1 where sin u is not 0, and c + k cos u > 0 where c > |k|."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, S, cos, sin

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


def prove_by_amplitude(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """s = c + k cos u with c > |k|: s = (s^2 + (c - k)(c + k) + k^2 sin(u)^2)/(2 c).

    >>> from sympy import symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> a, x = symbols("a x", real=True)
    >>> where = Context((), (Relation(a - 2, "<"), Relation(a + 2, ">")))
    >>> prove_relation(Relation(2 - a*cos(x), ">"), where).rule
    'signs'
    """
    turn = 1 if relation.op == ">" else -1
    waves = sorted(relation.expression.atoms(sin, cos), key=str)
    if relation.op not in (">", "<") or len(waves) != 1:
        return None
    (wave,) = waves
    poly = (turn * relation.expression).expand(trig=False).as_poly(wave)
    if poly is None or poly.degree() != 1 or not poly.LC().free_symbols:
        return None
    k, c = poly.all_coeffs()
    quantities = tuple(q for q in (c - k, c + k, c) if q.free_symbols)
    known = [prove(Relation(q, ">"), context) for q in quantities]
    if None in known:
        return None
    square = Pow(c + k * wave, 2, evaluate=False)
    rest = Mul(k**2, Pow(OTHER[wave.func](*wave.args), 2), evaluate=False)
    above = Add(square, Mul(c - k, c + k, evaluate=False), rest, evaluate=False)
    tree = Mul(turn, above, Pow(2 * c, -1), evaluate=False)
    support = tuple(step for step in known if step is not None)
    step = Step(context, Holds(relation), "signs", support, (("tree", tree),))
    return step if follows(step) else None


def _signed(base: Expr, factor: Expr) -> Expr:
    return Mul(factor, base, evaluate=False) if factor != 1 else base
