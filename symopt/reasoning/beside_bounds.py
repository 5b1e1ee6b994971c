"""Signs of polynomials in a symbol that is kept beside an integer: r > 2 pi n and n >= 2 give r^2 - 9 > 0."""

from __future__ import annotations

from typing import Final

from sympy import Add, Expr, Mul, Pow, S, Symbol

from symopt.derivation.claims import Context, Step
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.reasoning.sides import prove_by_side
from symopt.relation import Relation

MAX_DEGREE: Final = 4
STRONGEST_FIRST: Final = (">", "<", ">=", "<=")


def prove_beside_bound(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A polynomial in x beside a bound c of x that goes with an integer: its powers of x - c have one sign."""
    whole = {s for r in (relation, *context.relations) for s in r.symbols if s.is_integer}
    others = relation.symbols - whole
    plain = relation.expression.is_polynomial(*relation.symbols)
    if not whole or relation.op == "==" or len(others) > 1 or not plain:
        return None
    if relation.op == "!=":
        return prove_by_side(relation, context, prove)
    for x in sorted(others or relation.symbols, key=str):
        poly = relation.expression.as_poly(x)
        if poly is None or not 0 < poly.degree() <= MAX_DEGREE:
            continue
        for given in context.relations:
            lead = given.expression.diff(x) if given.op not in ("==", "!=") else S.Zero
            if lead == 0 or not lead.is_number:
                continue
            end = (x - given.expression / lead).expand()
            if end.free_symbols <= (set() if x in whole else whole):
                step = _in_powers(relation, context, prove, x, end)
                if step is not None:
                    return step
    return None


def _read(relation: Relation, context: Context) -> Step | None:
    return accepted(relation, context, "signs", tree=relation.expression)


def _in_powers(relation: Relation, context: Context, prove: Prove, x: Symbol, end: Expr) -> Step | None:
    """sum c_k (x - e)^k, with a proof of the sign of each c_k."""
    premises, parts = [], []
    for (power,), coefficient in relation.expression.xreplace({x: x + end}).expand().as_poly(x).terms():
        if not coefficient.is_number:
            wanted = (Relation(coefficient, op) for op in STRONGEST_FIRST)
            signs = (_read(r, context) or prove_beside_bound(r, context, prove) for r in wanted)
            known = next((step for step in signs if step is not None), None)
            if known is None:
                return None
            premises.append(known)
        parts.append(Mul(coefficient, Pow(x - end, power), evaluate=False))
    return accepted(relation, context, "signs", tuple(premises), tree=Add(*parts, evaluate=False))


def prove_beside_number(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a x + b with numbers a and b that may hold pi, beside a bound c of x: a (x - c) + (a c + b)."""
    if len(relation.symbols) != 1 or relation.op not in (">", "<", ">=", "<="):
        return None
    (x,) = relation.symbols
    poly = relation.expression.as_poly(x)
    if poly is None or poly.degree() != 1 or all(c.is_Rational for c in poly.all_coeffs()):
        return None
    slope, offset = poly.all_coeffs()
    for bound in rational_bounds(x, context.relations):
        if bound is None:
            continue
        tree = Add(Mul(slope, x - bound[0], evaluate=False), slope * bound[0] + offset, evaluate=False)
        if signs_of_tree(tree, context.relations) <= SIGNS_OF[relation.op]:
            return accepted(relation, context, "signs", tree=tree)
    return None
