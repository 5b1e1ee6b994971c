"""f = h(u) with h strictly monotone: the question about f is one about u, put back together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Expr, Mul, Pow, S, Symbol, exp, log

from symopt.cases import Cell
from symopt.derivation.checks_attained import FAR
from symopt.derivation.checks_monotone import OTHER, limit_of_outer
from symopt.derivation.claims import Context, Optimal, Step
from symopt.derivation.monotone import SLOPES, Signs, slope
from symopt.exact.dependence import depends_on
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.results.answers import Extremum
from symopt.stationary.question import Question

NAMES: Final = ("u", "v", "w", "z", *(f"u{k}" for k in range(1, 1000)))


def taken_off(cell: Cell, sense: str) -> tuple[Expr, Symbol, Expr, str] | None:
    """(h, t, u, sense of u) with f = h(u), h strictly monotone in t and u as deep inside as possible.

    >>> from sympy import exp, log, symbols
    >>> from symopt.derivation.claims import Context
    >>> x, y = symbols("x y", real=True)
    >>> taken_off(Cell(2 - log(1 + exp(x) + exp(y)), (x, y), Context()), "min")
    (2 - log(u + 1), u, exp(x) + exp(y), 'max')
    """
    symbol = _new_symbol(cell)
    outer: Expr = symbol
    inner, asked, bends = cell.objective, sense, False
    while (layer := _layer(inner, symbol, frozenset(cell.variables))) is not None:
        wrap, below = layer
        deeper = outer.xreplace({symbol: wrap})
        turn = slope(deeper, symbol, _signs_with({symbol: below}, cell.context))
        if turn is None:
            break
        outer, inner, asked = deeper, below, sense if turn == 1 else OTHER[sense]
        bends = bends or not isinstance(wrap, Add | Mul)
    return (outer, symbol, inner, asked) if bends and not inner.is_Symbol else None


def with_logarithm(cell: Cell, sense: str) -> tuple[Expr, Symbol, Expr, str] | None:
    """The same for a product of positive factors, f = c e^u with the sum u of their logarithms.

    >>> from sympy import exp, symbols
    >>> from symopt.relation import Relation
    >>> x, y = symbols("x y", real=True)
    >>> region = Relation(x, ">"), Relation(y, ">")
    >>> with_logarithm(Cell(3*x*y**2*exp(-x - y), (x, y), Context(region)), "max")
    (3*exp(u), u, -x - y + log(x) + 2*log(y), 'max')
    """
    constant, moving = cell.objective.as_independent(*cell.variables, as_Add=False)
    bases = [f if isinstance(f, exp) else f.as_base_exp()[0] for f in Mul.make_args(moving)]
    known = cell.context.relations
    if len(bases) < 2 or any(signs_of_tree(base, known) != SIGNS_OF[">"] for base in bases):
        return None
    turn = 1 if signs_of_tree(constant, known) == SIGNS_OF[">"] else -1
    if signs_of_tree(turn * constant, known) != SIGNS_OF[">"]:
        return None
    parts = [f.args[0] if isinstance(f, exp) else _logarithm(*f.as_base_exp()) for f in Mul.make_args(moving)]
    symbol = _new_symbol(cell)
    return constant * exp(symbol), symbol, Add(*parts), sense if turn == 1 else OTHER[sense]


def _logarithm(base: Expr, power: Expr) -> Expr:
    return power * log(base)


def _new_symbol(cell: Cell) -> Symbol:
    used = {s.name for s in cell.objective.free_symbols | cell.parameters | set(cell.variables)}
    return Symbol(next(name for name in NAMES if name not in used), real=True)


def _signs_with(value: dict[Symbol, Expr], context: Context) -> Signs:
    return lambda quantity: signs_of_tree(quantity.xreplace(value), context.relations)


def _layer(expression: Expr, symbol: Symbol, variables: frozenset[Symbol]) -> tuple[Expr, Expr] | None:
    """(wrap, u) with expression = wrap(u): constants around u, or a function of u alone."""
    if isinstance(expression, Add | Mul):
        constant, moving = expression.as_independent(*variables, as_Add=isinstance(expression, Add))
        if constant == expression.identity or not depends_on(moving, variables):
            return None
        return expression.func(constant, symbol), moving
    if isinstance(expression, Pow) and not depends_on(expression.exp, variables):
        return Pow(symbol, expression.exp), expression.base
    if type(expression) in SLOPES and len(expression.args) == 1:
        return cast(Expr, expression.func(symbol)), cast(Expr, expression.args[0])
    return None


def composed(question: Question, outer: Expr, symbol: Symbol, answer: Extremum) -> Step | None:
    """The extremum of h(u) from that of u."""
    if not answer.evidence.steps:
        return None
    below = answer.evidence.steps[0]
    inner = cast(Optimal, below.claim)
    value: Expr | None
    if inner.attained:
        value = outer.xreplace({symbol: inner.value})
        with suppress(NotExact):
            value = canonical(value)
    else:
        value = limit_of_outer(outer, symbol, inner.value, inner.sense, question.condition.condition)
    if value is None:
        return None
    if value not in FAR.values() and value.has(S.Infinity, S.NegativeInfinity, S.NaN, S.ComplexInfinity):
        return None
    claim = replace(inner, objective=question.objective, sense=question.sense, value=value)
    return question.conclude("extremum_monotone", claim, (below,), outer=outer, symbol=symbol)
