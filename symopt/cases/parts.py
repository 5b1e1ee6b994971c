"""The parts of a cell where a quantity is positive, zero or negative; empty ones are left out with a proof."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from sympy import Add, Expr, Mul, Pow, S, Symbol, ceiling, floor, sqrt

from symopt.cases.cell import Cell, Leaf, T, Values
from symopt.derivation.claims import Context
from symopt.exact.normal import canonical, factors
from symopt.exact.relations import is_rational, rational_bounds, with_factors
from symopt.exact.roots import real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_constant, signs_of_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

Part = tuple[tuple[Relation, ...], Cell, Values]


def part(cell: Cell, quantity: Expr, op: str) -> tuple[Part, ...] | None:
    """The part of the cell where `quantity op 0`, with its value put in where that fixes a parameter; None when empty."""
    condition = Context((), cell.context.condition)
    relation = Relation(quantity, op)
    if prove_relation(relation.negated(), condition) is not None or _contradicts(relation, condition):
        return None
    whole = ((relation,), replace(cell, context=cell.context.with_condition(relation)), ())
    if op != "==":
        return tuple(_with_consequences(*whole)) or None
    cell, whole = replace(cell, known=None), (whole[0], replace(whole[1], known=None), ())
    vanishing = _all_zero(quantity, condition)
    choices = (vanishing,) if vanishing else _solved(quantity, cell)
    if choices is None:
        return (whole,)
    found: list[Part] = []
    for values in choices:
        inner = _with_values(cell, values)
        if inner is not None:
            found += _with_consequences(_equations(values), inner, values)
    return tuple(found) or None


def _with_values(cell: Cell, values: Values) -> Cell | None:
    """The cell with values for parameters, one after the other; None when the condition forbids them."""
    inner: Cell | None = cell
    for symbol, value in values:
        inner = _substituted(inner, symbol, value) if inner is not None else None
    return inner


def _equations(values: Values) -> tuple[Relation, ...]:
    return tuple(Relation(symbol - value, "==") for symbol, value in values)


def _with_consequences(relations: tuple[Relation, ...], cell: Cell, fixed: Values) -> list[Part]:
    """The part, with the values put in that its equations fix once the first one is: b = 0 for b^2 = 0."""
    for given in cell.context.condition:
        if given.op != "==":
            continue
        _, parts = factors(given.expression)
        solutions = [_solved(base, cell) for base, power in parts if power > 0]
        if None in solutions:
            continue
        found: list[Part] = []
        bases = [base for base, power in parts if power > 0]
        for k, some in enumerate(solutions):
            # Where the factors before this one are not 0, so that the parts do not overlap.
            others = tuple(Relation(base, "!=") for base in bases[:k])
            apart = replace(cell, context=cell.context.with_condition(*others))
            for values in some or ():
                inner = _with_values(apart, values)
                if inner is not None:
                    more = (*relations, *others, *_equations(values))
                    found += _with_consequences(more, inner, (*fixed, *values))
        return found
    return [(relations, cell, fixed)]


def _all_zero(quantity: Expr, condition: Context) -> Values:
    """The parameters that are 0 where a sum of terms c p^k, none of them negative, is 0; () for other sums."""
    values: dict[Symbol, Expr] = {}
    for term in sorted(Add.make_args(quantity), key=str):
        _, base = term.as_coeff_Mul()
        symbol = base.base if isinstance(base, Pow) else base
        if not symbol.is_Symbol or prove_relation(Relation(term, ">="), condition) is None:
            return ()
        values[cast(Symbol, symbol)] = S.Zero
    return tuple(values.items()) if len(values) > 1 else ()


def _solved(quantity: Expr, cell: Cell) -> tuple[Values, ...] | None:
    """The parameter that quantity = 0 fixes, with its values; None when it fixes none in a simple way."""
    for symbol in sorted(quantity.free_symbols, key=str):
        poly = quantity.as_poly(symbol)
        if poly is None:
            continue
        if poly.degree() == 1:
            slope, offset = poly.all_coeffs()
            if slope.is_number or cell.sign_or_none(slope) not in (None, 0):
                value = canonical(-offset / slope)
                if not symbol.is_integer or value.is_Integer:
                    return (((cast(Symbol, symbol), value),),)
                if value.is_number:
                    return ()
        if symbol.is_integer:
            continue
        if poly.degree() == 2 and all(c.is_Rational for c in poly.all_coeffs()):
            a, b, c = poly.all_coeffs()
            root = sqrt(b**2 - 4 * a * c)
            if not root.is_real:
                return ()
            return tuple(((cast(Symbol, symbol), (-b + sign * root) / (2 * a)),) for sign in (-1, 1))
        if poly.degree() > 2 and quantity.free_symbols == {symbol} and is_rational(poly):
            roots = [root.as_radical() for root in real_roots(poly, cast(Symbol, symbol))]
            if None not in roots:
                return tuple(((cast(Symbol, symbol), cast(Expr, root)),) for root in roots)
    return None


def _substituted(cell: Cell, symbol: Symbol, value: Expr) -> Cell | None:
    """The cell with a value for a parameter; None when the condition forbids it."""
    table = {symbol: value}
    condition = []
    for relation in cell.context.condition:
        new = _as_equation(relation.at(table))
        if not new.expression.free_symbols:
            if not signs_of_constant(new.expression) <= SIGNS_OF[new.op]:
                return None
        else:
            condition.append(new)
    kept = Context((), ())
    for relation in condition:
        if (
            prove_relation(relation.negated(), Context((), tuple(r for r in condition if r != relation)))
            is not None
        ):
            return None
        kept = kept.with_condition(*with_factors((relation,)))
    region = tuple(r.at(table) for r in cell.context.region)
    constant = [
        r
        for r in region
        if not r.expression.free_symbols and signs_of_constant(r.expression) <= SIGNS_OF[r.op]
    ]
    return Cell(
        cell.objective.xreplace(table),
        cell.variables,
        Context(with_factors(tuple(r for r in region if r not in constant)), kept.condition),
        cell.budget,
    )


def _as_equation(relation: Relation) -> Relation:
    """-q^2 >= 0 as q = 0."""
    if relation.op not in (">=", "<=") or not relation.symbols:
        return relation
    constant, parts = factors(relation.expression)
    sign = 1 if relation.op == "<=" else -1
    if sign * constant > 0 and parts and all(power > 0 and power % 2 == 0 for _, power in parts):
        return Relation(Mul(*(base for base, _ in parts)), "==")
    return relation


def _contradicts(relation: Relation, condition: Context) -> bool:
    """Whether a relation of the condition is seen to fail where this one holds too."""
    known = (relation, *condition.relations)
    return _without_integer(known) or any(
        not signs_of_tree(r.expression, tuple(k for k in known if k != r)) & SIGNS_OF[r.op]
        for r in condition.relations
    )


def _without_integer(relations: tuple[Relation, ...]) -> bool:
    """Whether the bounds of a symbol for integers leave none to it."""
    for symbol in {s for r in relations for s in r.symbols if s.is_integer}:
        low, high = rational_bounds(symbol, relations)
        if low is None or high is None:
            continue
        first = floor(low[0]) + 1 if low[1] else ceiling(low[0])
        last = ceiling(high[0]) - 1 if high[1] else floor(high[0])
        parity = 0 if symbol.is_even else 1 if symbol.is_odd else None
        if first > last or (first == last and parity not in (None, first % 2)):
            return True
    return False


def in_symbol(
    leaf: Leaf[T], own: Symbol, number: Symbol, path: tuple[Relation, ...], fixed: Values
) -> Leaf[T]:
    """The leaf with `number` for its own symbol in what is said of its case."""
    condition: tuple[Relation, ...] = tuple(r.at({own: number}) for r in leaf.condition)
    values: Values = tuple((number if s == own else s, value) for s, value in leaf.fixed)
    return Leaf((*path, *condition), leaf.answer, (*fixed, *values))


def from_first(symbol: Symbol, remainder: int, condition: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The condition from the first number of that parity on: n >= 3 for an odd n > 1."""
    low, _ = rational_bounds(symbol, condition)
    if low is None:
        return condition
    first = floor(low[0]) + 1 if low[1] else ceiling(low[0])
    first += (first - remainder) % 2
    return tuple(dict.fromkeys((*condition, Relation(symbol - first, ">="))))
