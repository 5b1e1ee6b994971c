"""Proofs of sign in one variable for functions that are not polynomials: monotone pieces, cuts, boxes.

The minimum of the function is guessed from exact enclosures at rational points; the interval is cut there, each piece
is proved by the sign of the derivative, and a box around an irrational minimum by interval arithmetic.
"""

from __future__ import annotations

from typing import Final, cast

from sympy import (
    AccumBounds,
    Add,
    Expr,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    log,
    nsimplify,
    polygamma,
    sin,
)

from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Context, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.enclosure import enclose
from symopt.exact.gamma_functions import order_of
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.relations import rational_bounds
from symopt.reasoning.intervals import constant_ends
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.relation import Relation

SAMPLES: Final = 33
MAX_OPERATIONS: Final = 120
MAX_CUTS: Final = 1
MAX_POLYGAMMA: Final = 1
MAX_SCALES: Final = 2
NEAR: Final = Rational(1, 50)


def prove_by_variation(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """e > 0 (or >=, <, <=) on an interval of one symbol, by its variation."""
    if len(relation.symbols) != 1 or relation.op not in (">", ">=", "<", "<="):
        return None
    (symbol,) = relation.symbols
    if relation.expression.is_polynomial(symbol) or operations(relation.expression) > MAX_OPERATIONS:
        return None
    if max((order_of(n) or 0 for n in relation.expression.atoms(polygamma)), default=0) > MAX_POLYGAMMA:
        return None  # their derivatives never end
    touching = [r for r in context.relations if symbol in r.symbols]
    if any(r.op == "==" for r in touching):
        return accepted(relation, context, "enclosure")
    if any(r.op == "!=" for r in touching):
        return None
    if _leaves_domain(relation.expression, symbol, touching, context):
        return None
    low, high = rational_bounds(symbol, context.relations)
    ends = tuple(end[0] for end in (low, high) if end is not None)
    ends += tuple(e for side in constant_ends(symbol, context) for e in side if not e.is_Rational)
    boxed = accepted(relation, context, "enclosure")
    if boxed is not None:
        return boxed
    for end in ends:
        step = _scaled_towards_end(relation, symbol, end, context, prove)
        if step is not None:
            return step
    if prove.depth > MAX_CUTS:
        return None
    return _cut_at_minimum(relation, symbol, context, prove, low and low[0], high and high[0])


def _leaves_domain(expression: Expr, symbol: Symbol, touching: list[Relation], context: Context) -> bool:
    """Whether roots are not defined on the whole interval that bounds give, since the context is a smaller set.

    Then no variation on the interval tells the sign: sqrt(a^2 - 1) where a > 0 and a^2 > 1.
    """
    if all(r.expression.diff(symbol).is_number for r in touching) or not _has_roots(expression):
        return False
    low, high = rational_bounds(symbol, context.relations)
    points = _samples(low and low[0], high and high[0])
    return any(enclose(expression, {symbol: (point, point)}, 15) is None for point in points)


def _has_roots(expression: Expr) -> bool:
    return any(not power.exp.is_Integer for power in expression.atoms(Pow))


def _scaled_towards_end(
    relation: Relation, symbol: Symbol, end: Expr, context: Context, prove: Prove
) -> Step | None:
    """The same of e / e^(k x), for the exponentials in e: the one with the simplest coefficient vanishes soonest."""
    for factor in _exponentials(relation.expression, symbol):
        try:
            scaled = relation.expression if factor == 1 else canonical(relation.expression / factor)
            slope = canonical(derivative_by_table(scaled, symbol))
        except (Rejected, NotExact):
            continue
        step = _towards_end(Relation(scaled, relation.op), slope, symbol, end, context, prove)
        if step is not None and factor != 1:
            tree = Mul(factor, scaled, evaluate=False)
            step = accepted(relation, context, "signs", (step,), tree=tree)
        if step is not None:
            return step
    return None


def _exponentials(expression: Expr, symbol: Symbol) -> list[Expr]:
    """The exponentials of multiples of the symbol that are factors of terms, the shortest coefficients first."""
    if not expression.is_Add or expression.has(log, cos, sin):
        return [S.One]
    groups: dict[Expr, int] = {}
    for term in expression.args:
        factor = Mul(
            *(f for f in Mul.make_args(term) if isinstance(f, exp) and f.args[0].is_polynomial(symbol))
        )
        rest = (term / factor).as_poly(symbol)
        if rest is None:
            return [S.One]
        groups[factor] = max(groups.get(factor, 0), rest.degree())
    return sorted(groups, key=lambda factor: (groups[factor], factor != 1))[:MAX_SCALES]


def _towards_end(
    relation: Relation, slope: Expr, symbol: Symbol, end: Expr, context: Context, prove: Prove
) -> Step | None:
    """The function grows (in the claimed direction) away from an end of the interval where it has the claimed sign."""
    at_end = relation.expression.xreplace({symbol: end})
    if at_end.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity, AccumBounds):
        return None
    elsewhere = Context(
        tuple(r for r in context.region if symbol not in r.symbols),
        tuple(r for r in context.condition if symbol not in r.symbols),
    )
    start = None
    for op in (relation.op, "==", relation.op[0] + "="):
        start = start or prove(Relation(at_end, op), elsewhere)
    if start is None:
        return None
    upwards = 1 if relation.op[0] == ">" else -1
    low, _ = rational_bounds(symbol, context.relations)
    below = constant_ends(symbol, context)[0]
    rightwards = 1 if (low is not None and low[0] == end) or end in below else -1
    op = ">" if upwards * rightwards > 0 else "<"
    for strength in (op, op + "="):
        slope_step = prove(Relation(slope, strength), context)
        if slope_step is not None:
            return accepted(relation, context, "monotone", (start, slope_step), symbol=symbol, end=end)
    return None


def _cut_at_minimum(
    relation: Relation, symbol: Symbol, context: Context, prove: Prove, low: Expr | None, high: Expr | None
) -> Step | None:
    """Cut where the function comes nearest to 0 and prove each piece."""
    guess = _nearest_to_zero(relation, symbol, low, high)
    if guess is None:
        return None
    exact = nsimplify(guess, rational=True, tolerance=Rational(1, 10**3))
    for cut in dict.fromkeys((Rational(round(guess)), exact, *_touching(relation.expression, symbol, guess))):
        if (low is None or cut > low) and (high is None or cut < high):
            step = _by_cut(relation, symbol, cut, context, prove)
            if step is not None:
                return step
    for half_width in (Rational(1, 2), Rational(1, 16)):
        left, right = guess - half_width, guess + half_width
        if (low is not None and left <= low) or (high is not None and right >= high):
            continue
        inner = context.with_condition(Relation(symbol - left, ">="), Relation(symbol - right, "<="))
        if accepted(relation, inner, "enclosure") is not None:
            return _by_cut(relation, symbol, left, context, prove, then=right)
    return None


def _touching(expression: Expr, symbol: Symbol, guess: Rational) -> tuple[Expr, ...]:
    """The irrational number near the guess at which the slope is 0, and perhaps e too: 1/e for x log x + 1/e."""
    try:
        _, parts = factors(canonical(derivative_by_table(expression, symbol)))
    except (Rejected, NotExact):
        return ()
    values = (_undone(base, symbol) for base, power in parts if power > 0 and base.has(symbol))
    places = {
        value: enclose(value, {}, 15) for value in values if value is not None and not value.is_Rational
    }
    return tuple(v for v, ends in places.items() if ends is not None and abs(ends[0] - guess) < NEAR)


def _undone(equation: Expr, symbol: Symbol) -> Expr | None:
    """The x of an equation that holds it once, inside sums, products, e^x and log x: 1/e for log x + 1 = 0."""
    inner, value = equation, S.Zero
    while inner != symbol:
        if isinstance(inner, (Add, Mul)):
            beside, inner_part = inner.as_independent(symbol, as_Add=inner.is_Add)
            if inner_part == inner and beside == inner.identity:
                return None
            value = value - beside if inner.is_Add else value / beside
            inner = inner_part
        elif isinstance(inner, (exp, log)):
            if isinstance(inner, exp) and not value.is_positive:
                return None
            value, inner = (log(value) if isinstance(inner, exp) else exp(value)), inner.args[0]
        else:
            return None
    return value


def _by_cut(
    relation: Relation,
    symbol: Symbol,
    cut: Expr,
    context: Context,
    prove: Prove,
    then: Expr | None = None,
) -> Step | None:
    quantity = symbol - cut
    steps = []
    for op in ("<", ">="):
        narrowed = context.with_condition(Relation(quantity, op))
        if op == ">=" and then is not None:
            step = _by_cut(relation, symbol, then, narrowed, prove)
        else:
            step = prove(relation, narrowed)
        if step is None:
            return None
        steps.append(step)
    return accepted(relation, context, "by_cases", tuple(steps), quantity=quantity, ops=("<", ">="))


def _nearest_to_zero(
    relation: Relation, symbol: Symbol, low: Expr | None, high: Expr | None
) -> Rational | None:
    """A rational point near the least value (in the claimed direction), None when a sample refutes the claim."""
    sign = 1 if relation.op[0] == ">" else -1
    best: tuple[Rational, Rational] | None = None
    for point in _samples(low, high):
        values = enclose(relation.expression, {symbol: (point, point)}, 15)
        if values is None:
            continue
        value = sign * (values[0] + values[1]) / 2
        if (values[1] if sign > 0 else -values[0]) < 0:
            return None
        if best is None or value < best[0]:
            best = (value, point)
    if best is None:
        return None
    step = Rational(1, 2)
    value, point = best
    for _ in range(24):
        moved = False
        for neighbour in (point - step, point + step):
            if (low is not None and neighbour <= low) or (high is not None and neighbour >= high):
                continue
            values = enclose(relation.expression, {symbol: (neighbour, neighbour)}, 15)
            if values is None:
                continue
            middle = sign * (values[0] + values[1]) / 2
            if middle < value:
                value, point, moved = middle, neighbour, True
                break
        if not moved:
            step /= 2
            if step < Rational(1, 2000):
                break
    return point


def _samples(low: Expr | None, high: Expr | None) -> tuple[Rational, ...]:
    if low is not None and high is not None:
        return tuple(cast(Rational, low + (high - low) * Rational(k, SAMPLES)) for k in range(1, SAMPLES))
    steps = tuple(Rational(2) ** Rational(k - 8) for k in range(14))
    if low is not None:
        return tuple(cast(Rational, low + s) for s in steps)
    if high is not None:
        return tuple(cast(Rational, high - s) for s in steps)
    return (S.Zero, *steps, *(-s for s in steps))
