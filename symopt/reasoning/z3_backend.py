"""The only module that imports z3: it proposes multipliers, and decides small polynomial statements.

Where z3 has no wheel every function answers None: answers may then be undecided, never different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sympy import Expr, Integer, Poly, Rational, Symbol

from symopt.exact.multiplied import polynomial_or_none
from symopt.relation import Relation

RLIMIT: Final = 200_000
TIMEOUT_MILLISECONDS: Final = 2_000
MAX_DEGREE: Final = 24
MAX_TERMS: Final = 200


def _z3() -> Any:
    try:
        import z3
    except ImportError:
        return None
    return z3


def nonnegative_combination(
    columns: Sequence[Mapping[tuple[int, ...], Rational]],
    target: Mapping[tuple[int, ...], Rational],
    strict: Sequence[bool] | None = None,
) -> tuple[Rational, ...] | None:
    """Rationals c_k >= 0 with sum_k c_k columns[k] = target, coefficient by coefficient, or None.

    With `strict`, at least one c_k among the columns so marked is positive. Only a proposal: the caller verifies it.
    """
    z3 = _z3()
    if z3 is None:
        return None
    unknowns = [z3.Real(f"c{k}") for k in range(len(columns))]
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MILLISECONDS, "rlimit", RLIMIT * 5)
    solver.add(*(c >= 0 for c in unknowns))
    if strict is not None:
        solver.add(
            z3.Sum([c for c, marked in zip(unknowns, strict, strict=True) if marked] or [z3.RealVal(0)]) > 0
        )
    for monomial in sorted(set(target).union(*columns)):
        total = z3.Sum(
            [
                _number(z3, col[monomial]) * c
                for c, col in zip(unknowns, columns, strict=True)
                if monomial in col
            ]
            or [z3.RealVal(0)]
        )
        solver.add(total == _number(z3, target.get(monomial, Integer(0))))
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    values = []
    for c in unknowns:
        value = model.eval(c, model_completion=True)
        values.append(Rational(value.numerator_as_long(), value.denominator_as_long()))
    return tuple(values)


def _number(z3: Any, value: Expr) -> Any:
    rational = Rational(value)
    return z3.RealVal(f"{rational.p}/{rational.q}")


def _polynomial(z3: Any, expression: Expr, table: Mapping[Symbol, Any]) -> Any | None:
    symbols = sorted(expression.free_symbols, key=str)
    poly = polynomial_or_none(expression, *symbols) if symbols else None
    if poly is None:
        return _number(z3, expression) if expression.is_Rational else None
    if (
        poly.total_degree() > MAX_DEGREE
        or len(poly.terms()) > MAX_TERMS
        or not poly.domain.is_QQ | poly.domain.is_ZZ
    ):
        return None
    total = z3.RealVal(0)
    for exponents, coefficient in Poly(poly, *symbols).terms():
        term = _number(z3, coefficient)
        for symbol, exponent in zip(symbols, exponents, strict=True):
            for _ in range(exponent):
                term = term * table[symbol]
        total = total + term
    return total


def find_point(relations: Sequence[Relation]) -> dict[Symbol, Rational] | bool | None:
    """A rational point satisfying polynomial relations, False when z3 says there is none, None when it cannot tell.

    False is z3's word ("trusted"); a point is only a proposal.
    """
    z3 = _z3()
    if z3 is None:
        return None
    symbols = sorted({s for r in relations for s in r.symbols}, key=str)
    table = {s: z3.Real(f"x{i}") for i, s in enumerate(symbols)}
    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", TIMEOUT_MILLISECONDS, "rlimit", RLIMIT)
    for relation in relations:
        left = _polynomial(z3, relation.expression, table)
        if left is None:
            return None
        solver.add(
            {
                ">": left > 0,
                ">=": left >= 0,
                "<": left < 0,
                "<=": left <= 0,
                "==": left == 0,
                "!=": left != 0,
            }[relation.op]
        )
    answer = solver.check()
    if answer == z3.unsat:
        return False
    if answer != z3.sat:
        return None
    model = solver.model()
    point = {}
    for symbol in symbols:
        value = model.eval(table[symbol], model_completion=True)
        if not z3.is_rational_value(value):
            value = value.approx(20)
        point[symbol] = Rational(value.numerator_as_long(), value.denominator_as_long())
    return point
