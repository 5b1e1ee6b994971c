"""Whether a claim of a derivation fails somewhere: numbers are put in, and nothing of the checker is used.

`is_false(step)` is True when a point of the step's context refutes its claim, False when none of the points tried does,
and None when there was no point to try. Auxiliary numbers and equations are solved by SymPy to forty digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import islice, pairwise, product
from random import Random
from typing import Any

import sympy
from sympy import Expr, Float, Integer, Rational, Symbol

from symopt.derivation.claims import (
    Branch,
    Context,
    Continuous,
    Cover,
    Curved,
    Definite,
    Derivative,
    Gradient,
    Hessian,
    Holds,
    Infeasible,
    Label,
    Limit,
    NotCurved,
    Optimal,
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Stationary,
    Step,
)
from symopt.relation import Relation

Point = dict[Symbol, Expr]
VALUES = tuple(
    Rational(n, 4) for n in (0, 1, -1, 4, -4, 2, -2, 6, -6, 3, 5, 12, -12, 8, -8, 40, -40, -56, 400)
)
INTEGERS = tuple(map(Integer, (0, 1, -1, 2, -2, 3, -3, 5)))
SMALL = Float("1e-18", 40)
SAMPLES = 40
MEMBERS = 8
KINKS = (sympy.Abs, sympy.Max, sympy.Min, sympy.Piecewise)
NEAR = Rational(1, 10**3)  # a step of which the fourth power, and that of its square, is seen at forty digits


@cache
def value(expression: Expr) -> Expr | None:
    """A real number to forty digits, or None where there is none."""
    if expression.is_Rational:
        return expression
    try:
        found = sympy.N(expression, 40, maxn=200)
    except (TypeError, ValueError, ZeroDivisionError, RecursionError, OverflowError):
        return None
    if not found.is_number or found.has(sympy.nan, sympy.zoo, sympy.oo) or abs(sympy.im(found)) > SMALL:
        return None
    return sympy.re(found)


def at(expression: Expr, point: Point) -> Expr | None:
    return value(expression.xreplace(point))


def satisfies(relation: Relation, point: Point) -> bool | None:
    """Whether the relation holds at a point; None where rounding hides it."""
    found = at(relation.expression, point)
    if found is None:
        return False
    if abs(found) < SMALL:
        return {"==": True, ">=": True, "<=": True}.get(relation.op, False if found == 0 else None)
    return relation.op in ((">", ">=", "!=") if found > 0 else ("<", "<=", "!="))


def zeros(expression: Expr, symbol: Symbol) -> list[Expr]:
    """Some real zeros of an expression in one symbol."""
    try:
        polynomial = sympy.Poly(expression, symbol)
        if polynomial.is_zero:
            return []
        if polynomial.domain.is_QQ or polynomial.domain.is_ZZ:
            polynomial = polynomial.sqf_part()
        return [value(root) for root in polynomial.nroots(n=40, maxsteps=200) if value(root) is not None]
    except (sympy.PolynomialError, sympy.polys.polyerrors.DomainError, ValueError):
        found: list[Expr] = []
        for guess in (-3, -1, Rational(-1, 3), Rational(1, 5), 1, 2, 4):
            try:
                root = sympy.nsolve(expression, symbol, guess, prec=40, maxsteps=60)
            except (ValueError, ZeroDivisionError, TypeError, KeyError):
                continue
            if not root.is_real:  # Newton's iteration left the real line
                continue
            sharp = abs(expression.diff(symbol).xreplace({symbol: root}).n()) > 1e-6
            if not sharp and abs(root) > 30:  # a tail such as that of exp(-x), and not a zero
                continue
            if not sharp:  # a multiple root is found to a third of the digits only
                root = sympy.nsimplify(root, rational=True, tolerance=Rational(1, 10**6))
            exact = sharp or value(expression.xreplace({symbol: root})) == 0
            if exact and value(root) is not None and not any(abs(root - other) < SMALL for other in found):
                found.append(value(root))
        return found


def values_between(symbol: Symbol, relations: tuple[Relation, ...]) -> tuple[Expr, ...]:
    """Rational values, also between the zeros of the relations' expressions."""
    borders = {
        Rational(sympy.nsimplify(root, rational=True, tolerance=Rational(1, 10**6)))
        for r in relations
        if r.symbols == {symbol} and r.expression.is_polynomial(symbol) and r.expression.has(symbol)
        for root in zeros(r.expression, symbol)
    }
    ends = sorted(borders)
    return (*((a + b) / 2 for a, b in pairwise(ends)), *VALUES)


def values_of(symbol: Symbol, relations: tuple[Relation, ...]) -> tuple[Expr, ...]:
    """Values to try for a symbol: whole numbers for an integer."""
    return INTEGERS if symbol.is_integer else values_between(symbol, relations)


def points(context: Context, symbols: Iterable[Symbol]) -> Iterator[Point]:
    """Points that satisfy every relation of the context."""
    relations = context.relations
    wanted = sorted({*symbols, *(s for r in relations for s in r.symbols)}, key=str)
    fixed: dict[Symbol, list[Expr]] = {}
    for relation in relations:
        if relation.op == "==" and len(relation.symbols) == 1:
            (symbol,) = relation.symbols
            fixed.setdefault(symbol, zeros(relation.expression, symbol))
    random = Random(0)
    choices = [fixed.get(symbol) or values_of(symbol, relations) for symbol in wanted]
    grid = list(islice(product(*(c[:7] for c in choices)), 400))
    more = [tuple(random.choice(c) for c in choices) for _ in range(200)] if all(choices) else []
    found = 0
    for values in dict.fromkeys(grid + more):
        point = dict(zip(wanted, values, strict=True))
        if all(satisfies(relation, point) for relation in relations):
            yield point
            found += 1
            if found == SAMPLES:
                return


class Beyond(Exception):
    """The oracle has no value for a parameter that a number depends on."""


def numbers_of(branch: Branch, given: Point | None = None) -> Point | None:
    """The values of the auxiliary numbers, which may depend on parameters; None where one does not exist."""
    own = [n.symbol for n in branch.numbers]
    given = {s: v for s, v in (given or {}).items() if s not in own}
    equations = {n: n.equation.xreplace(given) for n in branch.numbers}
    if {s for e in equations.values() for s in e.free_symbols} - set(own):
        raise Beyond
    if any(e.free_symbols - {n.symbol} for n, e in equations.items()):
        return _joint_zero(tuple(branch.numbers), list(equations.values()), own)
    found: Point = {}
    for number, equation in equations.items():
        low, high = number.interval
        roots = zeros(equation, number.symbol)
        if number.varies:  # it is told by its place alone
            roots = sorted(roots)
            if number.index is None or number.index >= len(roots):
                return None
            found[number.symbol] = roots[number.index]
            continue
        inside = [r for r in roots if low - SMALL <= r <= high + SMALL]
        if len(inside) != 1 or (number.index is not None and sorted(roots).index(inside[0]) != number.index):
            return None
        found[number.symbol] = inside[0]
    return found


def _joint_zero(numbers: tuple[Any, ...], equations: list[Expr], symbols: list[Symbol]) -> Point | None:
    """The common zero of several equations in the box of the numbers' intervals."""
    start = [(n.interval[0] + n.interval[1]) / 2 for n in numbers]
    try:
        root = sympy.nsolve(equations, symbols, start, prec=40)
    except (ValueError, ZeroDivisionError):
        return None
    inside = all(
        n.interval[0] - SMALL <= v <= n.interval[1] + SMALL for n, v in zip(numbers, root, strict=True)
    )
    return dict(zip(symbols, root, strict=True)) if inside else None


def exists(branch: Branch) -> bool:
    """Whether the auxiliary numbers exist, as far as the oracle can see."""
    try:
        return numbers_of(branch) is not None
    except Beyond:
        return True


def members(branch: Branch, condition: Context) -> Iterator[tuple[Point, Point]]:
    """(parameters, the point) for points of a branch."""
    own = {n.symbol for n in branch.numbers}
    free = [symbol for symbol, _ in branch.free]
    used = {s for _, v in branch.at for s in v.free_symbols} | {s for r in branch.where for s in r.symbols}
    used |= {s for n in branch.numbers for s in n.equation.free_symbols}
    for point in points(condition, {*free, *used} - own):
        numbers = numbers_of(branch, point)
        if numbers is None:
            continue
        point |= numbers
        if all(satisfies(r, point) for r in branch.where):
            yield point, {u: at(v, point) for u, v in branch.at}


def lies_on(branch: Branch, place: Point, parameters: Point) -> bool:
    """Whether a point is one of the branch."""
    try:
        numbers = numbers_of(branch, parameters)
    except Beyond:
        numbers = None
    if numbers is None:
        return False
    if {u for u, _ in branch.at} != set(place):
        return False
    free = tuple(symbol for symbol, _ in branch.free)
    given = {symbol: v for symbol, v in (parameters | numbers).items() if symbol not in free}
    return any(
        all(satisfies(r, known) for r in branch.where)
        and all(agree(at(v, known), place[u]) for u, v in branch.at)
        for known in members_at(branch, place, given, free)
    )


def agree(a: Expr | None, b: Expr | None) -> bool:
    return a is not None and b is not None and bool(abs(a - b) < 1e-15)


def members_at(branch: Branch, place: Point, known: Point, free: tuple[Symbol, ...]) -> Iterator[Point]:
    """Values of the free symbols that may take a family to a point: by inverting one coordinate after the other."""
    if not free:
        yield known
        return
    for u, v in branch.at:
        unknown = [s for s in free if v.has(s)]
        found = list(inverted(v.xreplace(known), unknown[0], place[u])) if len(unknown) == 1 else []
        if found:
            rest = tuple(s for s in free if s != unknown[0])
            for value_of_it in found:
                yield from members_at(branch, place, known | {unknown[0]: value_of_it}, rest)
            return
    if len(free) == len(branch.at):
        yield from _solved_together(branch, place, known, free)


def _solved_together(branch: Branch, place: Point, known: Point, free: tuple[Symbol, ...]) -> Iterator[Point]:
    """The free symbols from coordinates that are affine in all of them."""
    rows = sympy.Matrix([v.xreplace(known) for _, v in branch.at])
    slopes = rows.jacobian(list(free))
    if slopes.free_symbols or slopes.det() == 0:
        return
    goal = sympy.Matrix([place[u] for u, _ in branch.at]) - rows.xreplace(dict.fromkeys(free, sympy.S.Zero))
    found = [value(entry) for entry in slopes.inv() * goal]
    whole = [v if not s.is_integer else _as_integer(v) for s, v in zip(free, found, strict=True)]
    if None not in whole:
        yield known | dict(zip(free, whole, strict=True))


def _as_integer(found: Expr | None) -> Expr | None:
    return Integer(round(found)) if found is not None and abs(found - round(found)) < 1e-15 else None


def inverted(expression: Expr, symbol: Symbol, goal: Expr) -> Iterator[Expr]:
    """Where an expression takes a value: for c + r g(symbol), with g a wave, cosh, sinh or the symbol itself."""
    for g, inverses in INVERSES.items():
        wave, stand_in = g(symbol), Symbol("stand_in", real=True)
        linear = expression.xreplace({wave: stand_in})
        slope = linear.diff(stand_in)
        if linear.has(symbol) or slope.free_symbols or at(slope, {}) in (None, 0):
            continue
        level = value((goal - linear.xreplace({stand_in: sympy.S.Zero})) / slope)
        for inverse in inverses if level is not None else ():
            found = value(inverse(level))
            found = _as_integer(found) if symbol.is_integer else found
            if found is not None:
                yield found
        return


def _turns(*inverses: Callable[[Expr], Expr]) -> tuple[Callable[[Expr], Expr], ...]:
    return tuple(lambda c, i=i, k=k: i(_clipped(c)) + 2 * k * sympy.pi for i in inverses for k in (0, 1, -1))


def _clipped(level: Expr) -> Expr:
    """A number of size 1, where rounding has made it a little larger."""
    return sympy.sign(level) if 1 < abs(level) < 1 + 1e-15 else level


INVERSES: dict[Any, tuple[Callable[[Expr], Expr], ...]] = {
    lambda t: t: (lambda c: c,),
    sympy.cos: _turns(sympy.acos, lambda c: -sympy.acos(c)),
    sympy.sin: _turns(sympy.asin, lambda c: sympy.pi - sympy.asin(c)),
    sympy.sinh: (sympy.asinh,),
    sympy.cosh: (sympy.acosh, lambda c: -sympy.acosh(c)),
}


def is_false(step: Step, original: Step) -> bool | None:
    """Whether a point refutes the claim; the branches of the original claim are among those tried."""
    judge = _JUDGES.get(type(step.claim)) or import_module("iteration_oracle").JUDGES[type(step.claim)]
    verdicts = list(judge(step, original))
    return any(verdicts) if verdicts else None


Verdicts = Iterator[bool]


def _pointwise(entries: Callable[[Any], Iterable[tuple[Expr, Expr]]]) -> Callable[[Step, Step], Verdicts]:
    """Pairs of expressions that have to be defined, and equal."""

    def judge(step: Step, original: Step) -> Verdicts:
        del original
        pairs = tuple(entries(step.claim))
        symbols = {s for pair in pairs for e in pair for s in e.free_symbols}
        for point in points(step.context, symbols):
            for a, b in ((at(a, point), at(b, point)) for a, b in pairs):
                yield a is None or b is None or abs(a - b) > 1e-15

    return judge


def _holds(step: Step, original: Step) -> Verdicts:
    del original
    relation = step.claim.relation
    for point in points(step.context, relation.symbols):
        verdict = satisfies(relation, point)
        if verdict is not None:
            yield not verdict


def _infeasible(step: Step, original: Step) -> Verdicts:
    del original
    yield any(True for _ in points(step.context, ()))


def _defined(step: Step, original: Step) -> Verdicts:
    del original
    for point in points(step.context, step.claim.expression.free_symbols):
        yield at(step.claim.expression, point) is None


def _definite(step: Step, original: Step) -> Verdicts:
    del original
    matrix = step.claim.matrix
    symbols = {s for row in matrix for e in row for s in e.free_symbols}
    for point in points(step.context, symbols):
        for v in product((0, 1, -1, 3), repeat=len(matrix)):
            if any(v):
                form = sum(v[i] * v[j] * e for i, row in enumerate(matrix) for j, e in enumerate(row))
                yield satisfies(Relation(sympy.sympify(form), step.claim.op), point) is False


def _cover(step: Step, original: Step) -> Verdicts:
    claim = step.claim
    if any({u for u, _ in branch.at} != set(claim.unknowns) for branch in claim.branches):
        yield True
        return
    condition = Context((), step.context.condition)
    for branch in dict.fromkeys((*claim.branches, *original.claim.branches)):
        for parameters, place in islice(members(branch, condition), MEMBERS):
            yield from _missed(step, parameters, place)
    symbols = {s for e in claim.equations for s in e.free_symbols} | set(claim.unknowns)
    for point in points(step.context, symbols):
        yield from _missed(step, point, {u: point[u] for u in claim.unknowns})
    if len(claim.unknowns) == 1:
        (u,) = claim.unknowns
        for equation in (e for e in claim.equations if e.free_symbols == {u}):
            for root in zeros(equation, u):
                for parameters in islice(points(condition, symbols - {u}), 5):
                    yield from _missed(step, parameters, {u: root})
    elif len(claim.equations) == 1:  # along lines in which all unknowns but one stand still
        for u in claim.unknowns:
            for point in islice(points(condition, symbols - {u}), 3):
                others = {v: point[v] for v in claim.unknowns if v != u}
                for root in zeros(claim.equations[0].xreplace(point), u):
                    yield from _missed(step, point, others | {u: root})


def _missed(step: Step, parameters: Point, place: Point) -> Verdicts:
    """Whether a point is a solution in the context, and on no branch."""
    claim, point = step.claim, parameters | place
    if None in place.values() or set(place) != set(claim.unknowns):
        return
    solution = all(
        satisfies(Relation(e, "=="), point) and _is_zero_here(e, point, place) for e in claim.equations
    )
    if solution and all(satisfies(r, point) for r in step.context.relations):
        yield not any(lies_on(branch, place, parameters) for branch in claim.branches)
    else:
        yield False


def _is_zero_here(equation: Expr, point: Point, place: Point) -> bool:
    """Whether a small value is smaller than those near by: exp(-100) is small, and no zero."""
    here = at(equation, point)
    moved = place or point  # without unknowns, the parameters are what the equation says something of
    near = (at(equation, point | {u: v + sign * NEAR}) for u, v in moved.items() for sign in (1, -1))
    sizes = [abs(size) for size in near if size is not None]
    return (
        here == 0 or not sizes or bool(abs(here) <= SMALL ** Rational(1, 2) * max(sizes)) or max(sizes) == 0
    )


def _stationary(step: Step, original: Step) -> Verdicts:
    claim, condition = step.claim, Context((), step.context.condition)
    yield from (not exists(branch) for branch in claim.branches)
    for branch in claim.branches:
        for parameters, place in members(branch, condition):
            yield from _not_stationary(step, parameters, place)
    if not claim.complete:
        yield False
    else:
        gradient = tuple(claim.objective.diff(v) for v in claim.variables)
        as_cover = replace_claim(step, Cover(gradient, claim.variables, claim.branches))
        yield from _cover(as_cover, original)


def replace_claim(step: Step, claim: Any) -> Step:
    return Step(step.context, claim, step.rule, step.premises, step.certificate)


def _not_stationary(step: Step, parameters: Point, place: Point) -> Verdicts:
    point = parameters | place
    if set(place) != set(step.claim.variables):
        yield True
        return
    for v in step.claim.variables:
        slope = at(step.claim.objective.diff(v), point)
        yield slope is None or abs(slope) > 1e-15
    yield not all(satisfies(r, point) for r in step.context.region)


def _label(step: Step, original: Step) -> Verdicts:
    del original
    claim = step.claim
    if set(claim.variables) != {u for u, _ in claim.branch.at}:
        yield True
        return
    for parameters, place in islice(members(claim.branch, Context((), step.context.condition)), 12):
        here = at(claim.objective, parameters | place)
        if here is None or not all(satisfies(r, parameters | place) for r in step.context.region):
            yield True
            continue
        signs = set(_signs_around(step, parameters, place, here))
        forbidden = {"minimum": {-1}, "maximum": {1}, "constant": {1, -1}}.get(claim.kind, set())
        yield bool(signs & forbidden) or (claim.strict is True and 0 in signs)
        if claim.kind in ("saddle", "inflection"):
            yield not {1, -1} <= signs or claim.strict is not None
            yield (claim.kind == "saddle") != (len(place) > 1)
        reals = [symbol for symbol, kind in claim.branch.free if kind == "real"]
        if claim.strict is False and 0 not in signs:
            yield not any(_has_equal_neighbour(claim, parameters, place, here, symbol) for symbol in reals)
        if claim.kind == "constant":
            yield claim.strict is not None


def _signs_around(step: Step, parameters: Point, place: Point, here: Expr) -> Iterator[int]:
    size = NEAR
    steps: tuple[Any, ...] = (0, 1, -1, Rational(3, 2), -2)
    if len(place) < 3:
        steps += tuple(c * size for c in (1, -1, Rational(3, 2), Rational(-3, 2), 2, 4))
    directions = [d for d in product(steps, repeat=len(place)) if any(d)]
    for direction in directions:
        near = {u: v + size * d for (u, v), d in zip(place.items(), direction, strict=True)}
        if all(satisfies(r, parameters | near) for r in step.context.region):
            there = at(step.claim.objective, parameters | near)
            if there is not None:
                yield 0 if _are_equal(there, here) else 1 if there > here else -1


def _are_equal(there: Expr, here: Expr) -> bool:
    return there == here or (not (there.is_Rational and here.is_Rational) and bool(abs(there - here) < 1e-30))


def _has_equal_neighbour(claim: Label, parameters: Point, place: Point, here: Expr, symbol: Symbol) -> bool:
    """Whether the family goes on from the point, at the same value."""
    for step in (NEAR, -NEAR):
        moved = parameters | {symbol: parameters[symbol] + step}
        near = {u: at(v, moved) for u, v in claim.branch.at}
        there = None if None in near.values() else at(claim.objective, moved | near)
        if there is not None and _are_equal(there, here) and any(near[u] != place[u] for u in place):
            return True
    return False


def _chords(
    step: Step, variables: tuple[Symbol, ...], about: Iterable[Expr]
) -> Iterator[tuple[Point, Point, Point]]:
    """Two points of the region, for equal parameters, and the point between them."""
    groups: dict[tuple[Any, ...], list[Point]] = {}
    for point in points(step.context, {*variables, *(s for e in about for s in e.free_symbols)}):
        groups.setdefault(tuple((s, v) for s, v in point.items() if s not in variables), []).append(point)
    for group in groups.values():
        for a, b in product(group[:8], repeat=2):
            if any(a[v] != b[v] for v in variables):
                yield a, b, a | {v: (a[v] + b[v]) / 2 for v in variables}


def _curved(step: Step, original: Step) -> Verdicts:
    del original
    claim = step.claim
    for a, b, middle in _chords(step, claim.variables, (claim.objective,)):
        if not all(satisfies(r, middle) for r in step.context.region):
            yield True
            continue
        values = [at(claim.objective, point) for point in (a, b, middle)]
        if None in values:
            yield True
            continue
        gap = (values[0] + values[1]) / 2 - values[2]
        flat = abs(gap) < 1e-25
        yield claim.strict is True and flat
        yield not flat and (
            gap < 0 if claim.kind == "convex" else gap > 0 if claim.kind == "concave" else True
        )


def _not_curved(step: Step, original: Step) -> Verdicts:
    del original
    claim = step.claim
    used = {s for e in (*claim.p, *claim.q, claim.objective) for s in e.free_symbols} - set(claim.variables)
    w = claim.weight
    if step.rule == "second_order_far_out":  # said of a curve p(s) for all large s
        s = step.data("symbol")
        for point in points(Context((), step.context.condition), used - {s}):
            far = (point | {s: Integer(4) ** k} for k in (8, 12))
            yield all(_bends_otherwise(claim, place) for place in far)
        return
    for point in points(Context((), step.context.condition), used):
        p = {v: at(e, point) for v, e in zip(claim.variables, claim.p, strict=False)}
        q = {v: at(e, point) for v, e in zip(claim.variables, claim.q, strict=False)}
        if w == 1:
            yield _bends_otherwise(claim, point)
            continue
        middle = {v: w * p[v] + (1 - w) * q[v] for v in p}
        values = [at(claim.objective, point | place) for place in (p, q, middle)]
        inside = all(satisfies(r, point | place) for r in step.context.region for place in (p, q, middle))
        if None in values or not inside or not 0 < w < 1:
            yield True
            continue
        gap = w * values[0] + (1 - w) * values[1] - values[2]
        gap = sympy.S.Zero if abs(gap) < 1e-25 else gap
        shows = gap < 0 if claim.kind == "convex" else gap > 0
        yield not (shows or (claim.strict and gap == 0 and p != q))


def _bends_otherwise(claim: NotCurved, point: Point) -> bool:
    """Whether f bends at the point p, in the direction q - p, as a convex (concave) function may."""
    p, q = (
        {v: at(e, point) for v, e in zip(claim.variables, end, strict=False)} for end in (claim.p, claim.q)
    )
    t = Symbol("t_oracle", real=True)
    along = {v: p[v] + t * (q[v] - p[v]) for v in p}
    line = claim.objective.xreplace(along)
    bend = at(line.diff(t, 2), point | {t: sympy.S.Zero})
    if line.has(*KINKS):
        ends = [at(line, point | {t: place}) for place in (NEAR, -NEAR, sympy.S.Zero)]
        bend = None if None in ends else ends[0] + ends[1] - 2 * ends[2]
    return bend is None or (bend >= 0 if claim.kind == "convex" else bend <= 0) or claim.strict


def _region_convex(step: Step, original: Step) -> Verdicts:
    del original
    yield False
    for _, _, middle in _chords(step, step.claim.variables, ()):
        yield not all(satisfies(r, middle) for r in step.context.region)


def _region_not_convex(step: Step, original: Step) -> Verdicts:
    del original
    claim, w = step.claim, step.claim.weight
    for point in points(Context((), step.context.condition), ()):
        p, q = (dict(zip(claim.variables, ends, strict=False)) for ends in (claim.p, claim.q))
        middle = {v: w * p[v] + (1 - w) * q[v] for v in p}
        ends = all(satisfies(r, point | place) for r in step.context.region for place in (p, q))
        yield not ends or all(satisfies(r, point | middle) for r in step.context.region) or not 0 < w < 1


def _limit(step: Step, original: Step) -> Verdicts:
    del original
    claim = step.claim
    used = claim.expression.free_symbols | claim.value.free_symbols
    for point in islice(points(step.context, used - {claim.symbol}), 12):
        # Whole numbers, or places between them.
        shift = 0 if claim.through_integers else Rational(1, 3)
        far = [at(claim.expression, point | {claim.symbol: Rational(10) ** k + shift}) for k in (3, 4, 5)]
        goal = claim.value.xreplace(point)
        if None in far:
            yield at(claim.expression, point | {claim.symbol: Rational(17)}) is None
        elif goal in (sympy.oo, -sympy.oo):
            yield not (far[0] < far[1] < far[2] if goal == sympy.oo else far[0] > far[1] > far[2])
        else:
            gaps = [abs(v - value(goal)) for v in far]
            yield not (gaps[2] < 1e-25 or gaps[2] < gaps[0])


def _optimal(step: Step, original: Step) -> Verdicts:
    claim, sign = step.claim, 1 if step.claim.sense == "min" else -1
    numbers: Point = {}
    places = (*(b.at for b in claim.at), *((claim.along,) if claim.along else ()))
    if any({u for u, _ in place} != set(claim.variables) for place in places):
        yield True
        return
    for branch in (*claim.at, *original.claim.at):
        try:
            found = numbers_of(branch)
        except Beyond:
            return
        if found is None:
            yield branch in claim.at
        else:
            numbers |= {s: v for s, v in found.items() if claim.value.has(s)}
    best = {}
    for point in points(
        step.context, (claim.objective.free_symbols | claim.value.free_symbols) - set(numbers)
    ):
        goal, found = claim.value.xreplace(point | numbers), at(claim.objective, point)
        if found is None:
            yield True
        elif goal in (sympy.oo, -sympy.oo):
            yield goal == sign * sympy.oo or claim.attained
        else:
            yield sign * (found - value(goal)) < -1e-25
            near_by = all(abs(v) < 20 for v in point.values())  # far away exp(-x) is lost in rounding
            yield not claim.attained and near_by and abs(found - value(goal)) < 1e-30
            best.setdefault(tuple(point.get(s) for s in claim.value.free_symbols), found)
    for branch in claim.at:
        for parameters, place in islice(members(branch, Context((), step.context.condition)), 12):
            point = parameters | place | numbers
            found = at(claim.objective, point) if set(place) == set(claim.variables) else None
            yield found is None or abs(found - at(claim.value, point)) > 1e-15
            yield not all(satisfies(r, point) for r in step.context.region)
    if claim.all_of_them:
        for branch in original.claim.at:
            for parameters, place in islice(members(branch, Context((), step.context.condition)), 12):
                found, goal = at(claim.objective, parameters | place), at(claim.value, parameters | numbers)
                inside = all(satisfies(r, parameters | place) for r in step.context.region)
                if inside and None not in (found, goal) and abs(found - goal) < 1e-25:
                    yield not any(lies_on(b, place, parameters) for b in claim.at)
    if claim.along:
        s = claim.curve_symbol
        along = claim.objective.xreplace(dict(claim.along))
        tends = Limit(along, s, claim.value, claim.through_integers)
        as_limit = Step(Context((), step.context.condition), tends, "")
        yield from _limit(as_limit, as_limit)
        for point in islice(points(Context((), step.context.condition), along.free_symbols - {s}), 6):
            place = {u: at(v, point | {s: Rational(1000)}) for u, v in claim.along}
            yield not all(satisfies(r, point | place) for r in step.context.region)


_JUDGES: dict[type, Callable[[Step, Step], Verdicts]] = {
    Holds: _holds,
    Infeasible: _infeasible,
    Derivative: _pointwise(lambda c: ((c.result, c.expression.diff(c.variable)),)),
    Gradient: _pointwise(lambda c: zip(c.entries, (c.objective.diff(v) for v in c.variables), strict=True)),
    Hessian: _pointwise(
        lambda c: (
            (entry, c.objective.diff(u, v))
            for u, row in zip(c.variables, c.entries, strict=True)
            for v, entry in zip(c.variables, row, strict=True)
        )
    ),
    Smooth: _defined,
    Continuous: _defined,
    Definite: _definite,
    Cover: _cover,
    Stationary: _stationary,
    Label: _label,
    Curved: _curved,
    NotCurved: _not_curved,
    RegionConvex: _region_convex,
    RegionNotConvex: _region_not_convex,
    Limit: _limit,
    Optimal: _optimal,
}
