"""The only module that imports z3: it proposes multipliers, and decides small polynomial statements.

Where z3 has no wheel every function answers None: answers may then be undecided, never different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sympy import Expr, Integer, Poly, Rational, Symbol

from symopt.clock import undisturbed
from symopt.exact.multiplied import polynomial_or_none
from symopt.relation import Relation

RLIMIT: Final = 200_000
TIMEOUT_MILLISECONDS: Final = 500  # the clock waits for z3
MAX_DEGREE: Final = 24
MAX_TERMS: Final = 200
Answer = TypeVar("Answer")
Terms = tuple[tuple[tuple[int, ...], Rational], ...]


def _z3() -> Any:
    try:
        import z3
    except ImportError:
        return None
    return z3


def _answer(z3: Any, question: Callable[[Any], Answer]) -> Answer | None:
    """The answer of `question(context)`, or None when z3 gives up; a context of its own makes it repeatable.

    The clock waits for it: an exception in the middle of z3's own constructors leaves objects half made.
    """
    try:
        return undisturbed(lambda: question(z3.Context()))
    except z3.Z3Exception:
        return None


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

    def multipliers(context: Any) -> tuple[Rational, ...] | None:
        unknowns = [z3.Real(f"c{k}", context) for k in range(len(columns))]
        solver = z3.Solver(ctx=context)
        solver.set("timeout", TIMEOUT_MILLISECONDS, "rlimit", RLIMIT * 5)
        solver.add(*(c >= 0 for c in unknowns))
        if strict is not None:
            chosen = [c for c, marked in zip(unknowns, strict, strict=True) if marked]
            solver.add(_sum(z3, context, chosen) > 0)
        for monomial in sorted(set(target).union(*columns)):
            total = _sum(
                z3,
                context,
                (
                    _number(z3, context, column[monomial]) * c
                    for c, column in zip(unknowns, columns, strict=True)
                    if monomial in column
                ),
            )
            solver.add(total == _number(z3, context, target.get(monomial, Integer(0))))
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        return tuple(_rational(model.eval(c, model_completion=True)) for c in unknowns)

    return _answer(z3, multipliers)


def find_point(relations: Sequence[Relation]) -> dict[Symbol, Rational] | bool | None:
    """A rational point satisfying polynomial relations, False when z3 says there is none, None when it cannot tell.

    False is z3's word ("trusted"); a point is only a proposal.
    """
    z3 = _z3()
    if z3 is None:
        return None
    symbols = sorted({s for r in relations for s in r.symbols}, key=str)
    polynomials = [_terms(relation.expression, symbols) for relation in relations]
    if any(terms is None for terms in polynomials):
        return None

    def point(context: Any) -> dict[Symbol, Rational] | bool | None:
        unknowns = [z3.Real(f"x{i}", context) for i in range(len(symbols))]
        solver = z3.SolverFor("QF_NRA", ctx=context)
        solver.set("timeout", TIMEOUT_MILLISECONDS, "rlimit", RLIMIT)
        for relation, terms in zip(relations, polynomials, strict=True):
            left = _polynomial(z3, context, terms or (), unknowns)
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
        values = (model.eval(unknown, model_completion=True) for unknown in unknowns)
        return {
            symbol: _rational(value if z3.is_rational_value(value) else value.approx(20))
            for symbol, value in zip(symbols, values, strict=True)
        }

    return _answer(z3, point)


def _terms(expression: Expr, symbols: Sequence[Symbol]) -> Terms | None:
    """The terms of a polynomial with rational coefficients in these symbols, or None where it is none or too long."""
    if not expression.free_symbols:
        return (((0,) * len(symbols), Rational(expression)),) if expression.is_Rational else None
    poly = polynomial_or_none(expression, *sorted(expression.free_symbols, key=str))
    if (
        poly is None
        or poly.total_degree() > MAX_DEGREE
        or len(poly.terms()) > MAX_TERMS
        or not poly.domain.is_QQ | poly.domain.is_ZZ
    ):
        return None
    return tuple(Poly(poly, *symbols).terms())


def _polynomial(z3: Any, context: Any, terms: Terms, unknowns: Sequence[Any]) -> Any:
    products = []
    for exponents, coefficient in terms:
        product = _number(z3, context, coefficient)
        for unknown, exponent in zip(unknowns, exponents, strict=True):
            for _ in range(exponent):
                product = product * unknown
        products.append(product)
    return _sum(z3, context, products)


def _sum(z3: Any, context: Any, terms: Iterable[Any]) -> Any:
    return z3.Sum(list(terms) or [z3.RealVal(0, context)])


def _number(z3: Any, context: Any, value: Expr) -> Any:
    rational = Rational(value)
    return z3.RealVal(f"{rational.p}/{rational.q}", context)


def _rational(value: Any) -> Rational:
    return Rational(value.numerator_as_long(), value.denominator_as_long())
