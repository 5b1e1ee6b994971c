"""Signs of sums of sines and cosines (and cosh): a wave of amplitude c differs from c by c times a square.

1 - cos u = 2 sin(u/2)^2, 1 + cos u = 2 cos(u/2)^2, 1 -+ sin u = (sin(u/2) -+ cos(u/2))^2, cosh u - 1 = 2
sinh(u/2)^2.
"""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, S, cos, cosh, exp, sin, sinh
from sympy.simplify.fu import TR8, TR9

from symopt.cases import Cell
from symopt.derivation.claims import Context, Step
from symopt.reasoning.proposing import holds_by_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation


def prove_with_waves(relation: Relation, cell: Cell) -> Step | None:
    """c + sum c_i wave_i op 0, from c - sum |c_i| op 0; the c_i need a sign in the cell.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> prove_with_waves(Relation(2 - cos(x), ">"), Cell(x, (x,), Context())).rule
    'signs'
    """
    if relation.op not in (">", ">=", "<", "<="):
        return None
    turn = S.One if relation.op[0] == ">" else S.NegativeOne
    least, squares, facts = S.Zero, [], []
    condition = Context((), cell.context.condition)
    for term in Add.make_args((turn * relation.expression).expand(trig=False)):
        coefficient, wave = term.as_independent(sin, cos, cosh, as_Add=False)
        if wave == 1:
            least += term
            continue
        if not isinstance(wave, (sin, cos, cosh)) or coefficient.free_symbols & set(cell.variables):
            return None
        if isinstance(wave, cosh):
            least += coefficient
            squares.append(Mul(coefficient, 2, Pow(sinh(wave.args[0] / 2), 2), evaluate=False))
            facts.append(prove_relation(Relation(coefficient, ">="), condition))
            continue
        sign = cell.sign_or_none(coefficient)
        if sign is None:
            return None
        amplitude = sign * coefficient
        facts.append(prove_relation(Relation(amplitude, ">="), condition))
        least -= amplitude
        squares.append(Mul(amplitude, _one_plus(wave, sign), evaluate=False))
    if not squares:
        return None
    facts.append(prove_relation(Relation(least, relation.op.replace("<", ">")), condition))
    tree = Mul(turn, Add(least, *squares, evaluate=False), evaluate=False)
    return holds_by_tree(relation, cell.context, tree, [step for step in facts if step is not None])


def prove_by_exponentials(relation: Relation, cell: Cell) -> Step | None:
    """c (e^u - e^v) op 0 from the sign of u - v: the difference is 2 e^((u + v)/2) sinh((u - v)/2).

    >>> from sympy import exp, symbols
    >>> x = symbols("x", real=True)
    >>> at = Context((Relation(x, ">"),))
    >>> prove_by_exponentials(Relation(exp(2*x) - exp(x), ">"), Cell(x, (x,), at)).rule
    'signs'
    """
    terms = [term.as_coeff_Mul() for term in Add.make_args(relation.expression.expand(power_exp=False))]
    if len(terms) != 2 or terms[0][0] != -terms[1][0]:
        return None
    (scale, first), (_, second) = terms
    if not all(e == 1 or isinstance(e, exp) for e in (first, second)):
        return None
    u, v = (S.Zero if e == 1 else e.args[0] for e in (first, second))
    tree = Mul(2 * scale, exp((u + v) / 2), sinh((u - v) / 2), evaluate=False)
    return holds_by_tree(relation, cell.context, tree)


def prove_by_products(relation: Relation, cell: Cell) -> Step | None:
    """A sum of products of waves as one product of waves, each with a sign of its own on its arc.

    >>> from sympy import pi, symbols
    >>> x, y = symbols("x y", real=True)
    >>> at = Context((Relation(x + y, ">"), Relation(x + y - pi, "<"), Relation(x - y, ">"), Relation(x - y - pi, "<")))
    >>> prove_by_products(Relation(cos(y) ** 2 - cos(x) ** 2, ">"), Cell(x, (x, y), at)).rule
    'signs'
    """
    if len(relation.symbols) < 2 or not relation.expression.is_Add or not relation.expression.has(sin, cos):
        return None
    tree = TR9(TR8(relation.expression.expand(trig=False)).expand(trig=False))
    if not tree.is_Mul or not all(isinstance(f, (sin, cos)) for f in tree.args if not f.is_Rational):
        return None
    proofs = [
        next(
            (s for op in (">", "<", ">=", "<=") if (s := prove_relation(Relation(f, op), cell.context))), None
        )
        for f in tree.args
        if not f.is_Rational
    ]
    if None in proofs:
        return None
    return holds_by_tree(relation, cell.context, tree, [step for step in proofs if step is not None])


def _one_plus(wave: Expr, sign: int) -> Expr:
    """1 + wave (or 1 - wave) as a square."""
    half = wave.args[0] / 2
    if isinstance(wave, cos):
        return 2 * Pow(cos(half) if sign > 0 else sin(half), 2)
    return Pow(sin(half) + sign * cos(half), 2)
