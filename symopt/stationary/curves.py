"""Curves along which a function may fall for ever, or near its infimum: proposals, tried by exact limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Final, cast

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integer,
    Max,
    Min,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    default_sort_key,
    diff,
    pi,
    sin,
    sqrt,
)

from symopt.derivation.claims import Limit, Optimal, Step
from symopt.derivation.extremal_points import BEYOND
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.exact.values import value_at
from symopt.reasoning.eventually import Signs, prove_eventually
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.limits import prove_limit, prove_limit_through_integers
from symopt.stationary.question import Question
from symopt.stationary.recession import recession_directions
from symopt.stationary.slopes import steepest_directions

MAX_CURVES: Final = 160
MAX_LIMITS: Final = 60
MAX_SEQUENCES: Final = 32
EARLY, LATE = Integer(100), Integer(10**6)
Curve = tuple[Expr, ...]


@dataclass(frozen=True)
class Approach:
    """A curve in the region with the proved limit of f along it."""

    curve: Curve
    symbol: Symbol
    value: Expr
    limit: Step
    premises: tuple[Step, ...] = field(default=(), compare=False)

    @property
    def through_integers(self) -> bool:
        return cast(Limit, self.limit.claim).through_integers


def approaches(question: Question) -> Iterator[Approach]:
    """The curves of the region along which f has a proved limit, plain ones first."""
    symbol = curve_symbol(question)
    for tried, curve in enumerate(islice(_promising(question, symbol), MAX_LIMITS)):
        question.cell.budget.check()
        found = follow(question, curve, symbol, remember=tried < 2 * len(question.variables))
        if found is not None:
            yield found
    for curve in islice(_sequences(question, symbol), MAX_SEQUENCES):
        question.cell.budget.check()
        found = follow(question, curve, symbol, False, prove_limit_through_integers)
        if found is not None:
            yield found


def follow(
    question: Question,
    curve: Curve,
    symbol: Symbol,
    remember: bool = True,
    prove: Callable[[Expr, Symbol, Signs], Step | None] = prove_limit,
) -> Approach | None:
    """The limit along one curve that stays in the region; `remember` the signs that are missing."""
    values = dict(zip(question.variables, curve, strict=True))
    signs, inside = Signs(question.condition), Signs(question.condition)
    stays = prove_eventually((r.at(values) for r in question.context.region), symbol, inside)
    limit = prove(question.objective.xreplace(values), symbol, signs) if stays else None
    if remember:
        question.open_signs.extend(inside.unknown + signs.unknown)
    if limit is None:
        return None
    value = cast(Limit, limit.claim).value
    return Approach(curve, symbol, value, limit, tuple(inside.steps))


def unbounded(question: Question) -> Step | None:
    """f -> -oo along a curve (oo for a maximum); not looked for where f is seen to have one sign."""
    beyond = SIGNS_OF[">="] if question.sense == "min" else SIGNS_OF["<="]
    if signs_of_tree(question.objective, question.context.relations) <= beyond or _is_coercive(question):
        return None
    for found in approaches(question):
        if found.value == -question.far:
            return _fallen(question, found)
    return None


def _is_coercive(question: Question) -> bool:
    """Whether the terms of the highest degree are seen to pay for all others: even powers of each variable among them."""
    poly = polynomial_or_none(question.objective, *question.variables)
    if poly is None or poly.is_zero:
        return False
    op = BEYOND[question.sense]
    top = [(m, c) for m, c in poly.terms() if sum(m) == poly.total_degree()]
    pure = {m.index(sum(m)) for m, c in top if sum(m) in m and _has_sign(c, op, question)}
    signed = all(not any(e % 2 for e in m) and _has_sign(c, op + "=", question) for m, c in top)
    return signed and len(pure) == len(question.variables)


def _has_sign(coefficient: Expr, op: str, question: Question) -> bool:
    return signs_of_tree(coefficient, question.condition.relations) <= SIGNS_OF[op]


def unbounded_along_an_axis(question: Question) -> Step | None:
    """The same along the axes alone, which is quickly seen."""
    symbol, n = curve_symbol(question), len(question.variables)
    for curve in islice(_lines(n, symbol), 2 * n):
        found = follow(question, curve, symbol, remember=False)
        if found is not None and found.value == -question.far:
            return _fallen(question, found)
    return None


def _fallen(question: Question, found: Approach) -> Step | None:
    return question.conclude("extremum_unbounded", claim(question, found), (found.limit, *found.premises))


def claim(question: Question, found: Approach) -> Optimal:
    """The claim that the limit is the infimum and not attained."""
    along = tuple(zip(question.variables, found.curve, strict=True))
    return Optimal(
        question.objective,
        question.variables,
        question.sense,
        found.value,
        False,
        along=along,
        curve_symbol=found.symbol,
        through_integers=found.through_integers,
    )


def curve_symbol(question: Question) -> Symbol:
    """A symbol for the curve that the question does not use."""
    used = {
        s.name for s in question.objective.free_symbols | question.cell.parameters | set(question.variables)
    }
    names = ("s", "k", "u", "s_curve")
    return Symbol(next(name for name in names if name not in used), real=True)


def _promising(question: Question, symbol: Symbol) -> Iterator[Curve]:
    """The proposals, without those along which the values at two far places do not fall.

    Values of other functions, as gamma's far out, and of powers with a moving exponent are no rational numbers, or too
    long to be written.
    """
    objective = question.objective
    written = objective.atoms(Function) <= objective.atoms(Abs, Max, Min) and not any(
        power.exp.free_symbols for power in objective.atoms(Pow)
    )
    for curve in islice(dict.fromkeys(_proposals(question, symbol)), MAX_CURVES):
        if not written or not _is_rising(question, curve, symbol):
            yield curve


def _is_rising(question: Question, curve: Curve, symbol: Symbol) -> bool:
    """Whether f is seen not to become better from one far place to another."""
    early, late = (_value(question, curve, symbol, place) for place in (EARLY, LATE))
    if not isinstance(early, Rational) or not isinstance(late, Rational):
        return False
    return bool(late >= early if question.sense == "min" else late <= early)


def _value(question: Question, curve: Curve, symbol: Symbol, place: Integer) -> Expr | None:
    at = dict(zip(question.variables, (e.xreplace({symbol: place}) for e in curve), strict=True))
    return value_at(question.objective, at)


def _proposals(question: Question, s: Symbol) -> Iterator[Curve]:
    n = len(question.variables)
    yield from _lines(n, s)
    for direction in recession_directions(question.objective, question.variables)[:2]:
        yield tuple(s * entry for entry in direction)
    yield from _beside_waves(question, s)
    yield from _towards_borders(question, s)
    yield from _valleys(question, s)
    yield from _eigen_directions(question, s)
    yield from _steepest(question, s)
    for entries in product(
        (S.Zero, S.One, S.NegativeOne, s, -s, 1 / s, -1 / s) if n == 2 else (S.One, s, 1 / s), repeat=n
    ):
        if any(e.has(s) for e in entries):
            yield entries
    if n <= 3:
        for entries in product((s, -s, s**2, -(s**2), s**3, 1 / s, 1 / s**2, s**4, 1 / s**3), repeat=n):
            if s in entries or -s in entries or 1 / s in entries:
                yield entries
    if n == 2:
        for a, b in product(range(-3, 4), repeat=2):
            yield a * s, b * s


def _lines(n: int, s: Symbol) -> Iterator[Curve]:
    """The axes, then the diagonals of two, three, ... variables."""
    directions = (
        [d for d in product((S.Zero, S.One, S.NegativeOne), repeat=n) if any(d)]
        if n <= 4
        else [
            tuple(sign if i == j else S.Zero for i in range(n))
            for j in range(n)
            for sign in (S.One, S.NegativeOne)
        ]
    )
    for direction in sorted(directions, key=lambda d: sum(map(abs, d))):
        yield tuple(s * entry for entry in direction)


def _beside_waves(question: Question, s: Symbol) -> Iterator[Curve]:
    """A variable that stands in sin or cos of k x at a quarter of a turn, the others on simple curves."""
    for variable in question.variables:
        slopes = {
            slope for wave in question.objective.atoms(sin, cos) if (slope := wave.args[0].diff(variable))
        }
        others = [v for v in question.variables if v != variable]
        if not slopes or not others or len(others) > 2:
            continue
        bounded = any(variable in r.symbols for r in question.context.region)
        turns = (2, 1, -1, 0, 3, -3) if bounded else (2, 1, -1, 0)
        for slope, quarters in product(sorted(slopes, key=default_sort_key)[:2], turns):
            if not slope.has(*question.variables):
                for entries in product((s, -s), repeat=len(others)):
                    values = dict(zip(others, entries, strict=True))
                    yield tuple(values.get(v, quarters * pi / (2 * slope)) for v in question.variables)


def _sequences(question: Question, s: Symbol) -> Iterator[Curve]:
    """Places where a wave in one variable has the same phase, further and further out, the others at 0 or 1."""
    for variable in question.variables:
        slopes = {w.args[0].diff(variable) for w in question.objective.atoms(sin, cos)} - {S.Zero}
        others = [v for v in question.variables if v != variable]
        plain = (slope for slope in sorted(slopes, key=default_sort_key) if slope.is_number)
        for slope in islice(plain, 2):
            for quarters, side in product((1, -1, 2, 0), (1, -1)):
                for entries in product((S.Zero, S.One), repeat=len(others)):
                    values: dict[Symbol, Expr] = dict(zip(others, entries, strict=True))
                    place = (side * 2 * pi * s + quarters * pi / 2) / slope
                    yield tuple(values.get(v, place) for v in question.variables)


def _towards_borders(question: Question, s: Symbol) -> Iterator[Curve]:
    """Along an axis, towards a point where an expression of the region's relations is 0: a pole, or a border."""
    for relation, variable in product(question.context.region, question.variables):
        others = [v for v in question.variables if v != variable]
        if not relation.expression.has(variable) or len(others) > 2:
            continue
        for entries in product((S.Zero, S.One, S.NegativeOne), repeat=len(others)):
            values: dict[Symbol, Expr] = dict(zip(others, entries, strict=True))
            for root, side in product(
                _zeros(relation.expression.xreplace(values), variable, question), (-1, 1)
            ):
                yield tuple(values.get(v, root + side / s) for v in question.variables)


def _zeros(expression: Expr, variable: Symbol, question: Question) -> tuple[Expr, ...]:
    """Some zeros: of a polynomial of degree 1 or 2, of cos and sin next to the origin."""
    if isinstance(expression, (sin, cos)):
        slope = expression.args[0].diff(variable)
        start = expression.args[0].xreplace({variable: S.Zero})
        quarters = (1, -1) if isinstance(expression, cos) else (0, 2)
        return () if slope.has(variable) else tuple((q * pi / 2 - start) / slope for q in quarters)
    polynomial = polynomial_or_none(expression, variable)
    if polynomial is None or not 0 < polynomial.degree() <= 2:
        return ()
    if polynomial.degree() == 1:
        return (-polynomial.TC() / polynomial.LC(),)
    a, b, c = polynomial.all_coeffs()
    discriminant = (b**2 - 4 * a * c).expand()
    if prove_relation(Relation(discriminant, ">="), question.condition) is None:
        question.open_signs.append(discriminant)
        return ()
    return tuple((-b + sign * sqrt(discriminant)) / (2 * a) for sign in (1, -1))


def _valleys(question: Question, s: Symbol) -> Iterator[Curve]:
    """f is quadratic in one variable: its lowest point there, the other variables on simple curves."""
    for variable in question.variables:
        slope = diff(question.objective, variable)
        linear = polynomial_or_none(slope, variable)
        if linear is None or linear.degree() != 1:
            continue
        others = [v for v in question.variables if v != variable]
        for entries in product((s, -s, 1 / s, -1 / s), repeat=len(others)) if len(others) <= 2 else ():
            values = dict(zip(others, entries, strict=True))
            try:
                lowest = canonical(-linear.TC().xreplace(values) / linear.LC().xreplace(values))
            except (NotExact, ZeroDivisionError):
                continue
            if lowest.is_finite is not False:
                yield tuple(values.get(v, lowest) for v in question.variables)


def _steepest(question: Question, s: Symbol) -> Iterator[Curve]:
    """Lines along which the terms of the highest degree of a polynomial in two variables are stationary, both ways."""
    poly = (
        polynomial_or_none(question.objective, *question.variables) if len(question.variables) == 2 else None
    )
    if poly is None or poly.total_degree() < 3:
        return
    slope, top = Symbol("t_", real=True), poly.total_degree()
    terms = [(m, c) for m, c in poly.terms() if sum(m) == top]
    forms = (Add(*(c * slope ** m[1] for m, c in terms)), Add(*(c * slope ** m[0] for m, c in terms)))
    for direction in steepest_directions(forms, slope):
        for side in (s, -s):
            yield tuple(side * entry for entry in direction)


def _eigen_directions(question: Question, s: Symbol) -> Iterator[Curve]:
    """For f with a constant Hessian in two variables: where completing the square leaves one square."""
    if len(question.variables) != 2:
        return
    x, y = question.variables
    quadratic = polynomial_or_none(question.objective, x, y)
    if quadratic is None or quadratic.total_degree() != 2:
        return
    a, half, c = (quadratic.coeff_monomial(m) for m in (x**2, x * y, y**2))
    for sign in (s, -s):
        yield -half * sign, 2 * a * sign
        yield 2 * c * sign, -half * sign
