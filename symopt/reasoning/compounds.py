"""Signs of functions of one compound quantity, such as x^2 + y^2 or x - y: proved for all its values at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sympy import Expr, Pow, S, Symbol, default_sort_key, div, exp, log
from sympy.core.function import Application

from symopt.derivation.claims import Context, Step
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation

MAX_OPERATIONS: Final = 80


def prove_by_compound(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A proof for all t, or all t >= 0, where the expression is a function of t = w(x) alone.

    >>> from symopt.reasoning.sign import prove_relation
    >>> from sympy import exp
    >>> x, y = Symbol("x", real=True), Symbol("y", real=True)
    >>> prove_relation(Relation((x**2 + y**2) * exp(-(x**2) - y**2) - exp(-1), "<="), Context()).rule
    'instance'
    """
    if len(relation.symbols) < 2 or operations(relation.expression) > MAX_OPERATIONS:
        return None
    return _in_general(relation, context, prove, _compounds(relation.expression))


def prove_by_square(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """The same in one symbol, for a quadratic away from the origin, as in (x - 7)^2 - e^((x - 7)^2) + 1 <= 0."""
    if len(relation.symbols) != 1 or relation.expression.is_polynomial():
        return None
    if operations(relation.expression) > MAX_OPERATIONS:
        return None
    (x,) = relation.symbols
    inside = {f.args[0] for f in relation.expression.atoms(Application) if isinstance(f.args[0], Expr)}
    turned = (-u if u.could_extract_minus_sign() else u for u in sorted(inside, key=default_sort_key))
    quadratics = (u for u in turned if u.is_polynomial(x) and u.as_poly(x).degree() == 2)
    return _in_general(relation, context, prove, (u for u in quadratics if u.as_poly(x).nth(1) != 0))


def prove_by_exponential(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A function of t = e^x alone, with logarithms of it, for all t > 0: as 2 e^x - log(1 + e^x) > 0."""
    (x,) = relation.symbols if len(relation.symbols) == 1 else (None,)
    expression = relation.expression
    if x is None or not expression.has(log) or not expression.has(exp) or context.about({x}).relations:
        return None
    t = Symbol("t" if x.name != "t" else "t1", real=True)
    general = expression.xreplace(
        {e: t ** (e.args[0] / x) for e in expression.atoms(exp) if (e.args[0] / x).is_Integer}
    )
    if x in general.free_symbols or operations(expression) > MAX_OPERATIONS:
        return None
    found = prove(Relation(general, relation.op), Context((Relation(t, ">"),)))
    return None if found is None else accepted(relation, context, "instance", (found,), values=((t, exp(x)),))


def _in_general(relation: Relation, context: Context, prove: Prove, compounds: Iterator[Expr]) -> Step | None:
    taken = {s.name for s in relation.symbols} | {s.name for r in context.relations for s in r.symbols}
    t = Symbol(
        next(name for name in ("t", *(f"t{k}" for k in range(1, 100))) if name not in taken), real=True
    )
    for compound in compounds:
        general = _in_terms_of(relation.expression, compound, t)
        if general is None or general.free_symbols & compound.free_symbols:
            continue
        signs = ((op, prove(Relation(compound, op), context)) for op in (">", ">="))
        sign, bound = next(((op, step) for op, step in signs if step is not None), ("", None))
        place = Context((Relation(t, sign),) if sign else (), context.condition)
        found = prove(Relation(general, relation.op), place)
        if found is not None:
            premises = (found,) if bound is None else (found, bound)
            step = accepted(relation, context, "instance", premises, values=((t, compound),))
            if step is not None:
                return step
    return None


def _compounds(expression: Expr) -> Iterator[Expr]:
    """Arguments of functions and bases of roots that hold two symbols or more, and their negatives' forms."""
    found = {f.args[0] for f in expression.atoms(Application) if isinstance(f.args[0], Expr)}
    found |= {p.base for p in expression.atoms(Pow) if not p.exp.is_Integer}
    found |= {p.exp for p in expression.atoms(Pow)}
    for compound in sorted(found, key=default_sort_key):
        if len(compound.free_symbols) > 1:
            yield -compound if compound.could_extract_minus_sign() else compound


def _in_terms_of(expression: Expr, compound: Expr, t: Symbol) -> Expr | None:
    """The expression with t for the compound w = c v^k + r: v^k becomes (t - r)/c."""
    put = expression.xreplace({compound: t, -compound: -t})
    if not put.free_symbols & compound.free_symbols:
        return put
    for v in sorted(compound.free_symbols, key=default_sort_key):
        inner = compound.as_poly(v)
        if inner is None:
            continue
        digits = _digits(put, compound, v, t)
        if digits is not None:
            return digits
        k, c = inner.degree(), inner.LC()
        rest = compound - c * v**k
        outer = put.as_poly(v)
        if k not in (1, 2) or not c.is_number or rest.expand().has(v) or outer is None:
            continue
        if any(power % k for (power,), _ in outer.terms()):
            continue
        value = (t - rest) / c
        try:
            return canonical(
                sum(coefficient * value ** (power // k) for (power,), coefficient in outer.terms())
            )
        except NotExact:
            continue
    return None


def _digits(put: Expr, compound: Expr, v: Symbol, t: Symbol) -> Expr | None:
    """A polynomial in v as one in t = w(v), by dividing it by w again and again."""
    outer = put.as_poly(v)
    if outer is None or compound.as_poly(v).degree() != 2 or compound.as_poly(v).nth(1) == 0:
        return None
    rest, value, power = outer.as_expr(), S.Zero, S.One
    while rest != 0:
        rest, digit = div(rest, compound, v)
        if digit.has(v):
            return None
        value, power = value + digit * power, power * t
    return canonical(value)
