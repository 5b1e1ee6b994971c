"""Signs of polynomials of degree 2 with irrational coefficients: squares are completed one symbol after the other."""

from __future__ import annotations

from typing import Final

from sympy import Add, Expr, Mul, Pow

from symopt.derivation.claims import Context, Step
from symopt.exact.normal import canonical
from symopt.exact.relations import is_rational
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation

MAX_SYMBOLS: Final = 4


def prove_by_pivots(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """d_1 u_1^2 + .. + d_n u_n^2 + c with numbers d_i and c of one sign, u_i affine.

    >>> from sympy import sqrt, symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> x, y = symbols("x y", real=True)
    >>> prove_relation(Relation(x**2 - 2 * sqrt(2) * x * y + 2 * y**2, ">="), Context()).data("tree")
    (x - sqrt(2)*y)**2
    """
    symbols = tuple(sorted(relation.symbols, key=str))
    if relation.op in ("==", "!=") or not 1 < len(symbols) <= MAX_SYMBOLS:
        return None
    whole = relation.expression.as_poly(*symbols)
    if whole is None or whole.total_degree() != 2 or is_rational(whole):
        return None
    terms: list[Expr] = []
    rest = relation.expression
    for symbol in symbols:
        poly = rest.as_poly(symbol)
        if poly is None or poly.degree() == 1:
            return None
        if poly.degree() < 1:
            continue
        a, b, c = (canonical(poly.coeff_monomial(symbol**k)) for k in (2, 1, 0))
        if a.free_symbols:
            return None
        square = Pow(symbol + canonical(b / (2 * a)), 2, evaluate=False)
        terms.append(square if a == 1 else Mul(a, square, evaluate=False))
        rest = canonical(c - b**2 / (4 * a))
    if rest != 0:
        terms.append(rest)
    tree = Add(*terms, evaluate=False) if len(terms) != 1 else terms[0]
    return accepted(relation, context, "signs", tree=tree)
