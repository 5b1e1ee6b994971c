"""Refuting convexity by second derivatives: v^T H(p) v < 0 at an inner point p of the region.

With parameters this says more than a chord: v^T H(p) v is an expression in the parameters, and where its
sign is open it is a quantity to split on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import Final, cast

from sympy import (
    Add,
    Expr,
    Function,
    Integer,
    Rational,
    S,
    Symbol,
    cos,
    cosh,
    default_sort_key,
    exp,
    log,
    pi,
    sin,
    sinh,
    sqrt,
)

from symopt.cases import Cell
from symopt.derivation.claims import Context, Hessian, Matrix, NotCurved, Smooth, Step, Vector
from symopt.domain import natural_domain
from symopt.exact.gates import operations
from symopt.exact.normal import TooLarge, Unsupported, canonical, factors
from symopt.exact.relations import rational_bounds
from symopt.reasoning.far_out import at_places
from symopt.reasoning.intervals import constant_ends
from symopt.reasoning.proposing import accepted, facts_for, holds_by_tree
from symopt.reasoning.quadratic import bend_at
from symopt.reasoning.refute import prove_not_curved, sizes_given
from symopt.reasoning.sampling import Values, evaluator, parameter_samples, sample_points, to_floats
from symopt.reasoning.second_order import factored, hessian_entries
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

SAMPLES: Final = 12
MAX_POINTS: Final = 60
MAX_PLACES: Final = 40
MAX_ATTEMPTS: Final = 6
MAX_LINES_IN: Final = 3  # variables
MAX_OPERATIONS: Final = 100  # of a quantity that tells a case
MAX_TERMS: Final = 6
FIRST: Final = 3  # the simplest points come before those that move
SIGN: Final = {"convex": 1, "concave": -1}


@dataclass(frozen=True)
class Bend:
    """v^T H(p) v at a point p in a direction v, with its sign for each of the sampled parameter values."""

    point: Vector
    direction: Vector
    value: Expr
    signs: tuple[int, ...]


def bends(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell
) -> tuple[Matrix | None, tuple[Bend, ...]]:
    """The Hessian, and second derivatives at simple points of the region along simple directions."""
    entries = hessian_entries(objective, variables)
    samples = parameter_samples(cell, SAMPLES)
    if entries is None or not samples:
        return None, ()
    found = []
    n = len(variables)
    moving = [tuple(m for _ in variables) for m in _moving(cell)]
    if n == 1:
        moving += [(place,) for place in _places(entries[0][0], variables[0], cell)]
        moving += [(place,) for place in _touching(entries[0][0], variables[0], cell)]
    elif n <= MAX_LINES_IN and cell.parameters:
        moving += _on_rays(entries, variables, cell)
    moving = [point for point in moving if all(map(math.isfinite, to_floats(point, samples[0])))]
    simple = sample_points(cell, variables, samples[0], (objective,), count=MAX_POINTS // n**2)
    for point in dict.fromkeys((*simple[:FIRST], *moving, *simple[FIRST:])):
        cell.budget.check()
        at = dict(zip(variables, point, strict=True))
        matrix = [[entry.xreplace(at) for entry in row] for row in entries]
        for v in _directions(n):
            value = sum((v[i] * v[j] * matrix[i][j] for i in range(n) for j in range(n)), S.Zero)
            if not value.has(S.NaN, S.ComplexInfinity):
                found.append(Bend(point, v, value, _signs(value, samples)))
    return entries, tuple(found)


def _on_rays(entries: Matrix, variables: tuple[Symbol, ...], cell: Cell) -> list[Vector]:
    """Places on rays from the origin that move with v^T H v, a polynomial along the ray, for simple directions v."""
    ray, n, found = variables[0], len(variables), []
    for along in _directions(n):
        at = {v: ray * c for v, c in zip(variables, along, strict=True)}
        matrix = [[entry.xreplace(at) for entry in row] for row in entries]
        for v in _directions(n):
            bend = sum((v[i] * v[j] * matrix[i][j] for i in range(n) for j in range(n)), S.Zero)
            if bend.is_polynomial(ray) and bend.has(ray):
                found += [tuple(place * c for c in along) for place in _places(bend, ray, cell)[:2]]
    return list(dict.fromkeys(found))[:MAX_PLACES]


def _moving(cell: Cell) -> Iterator[Expr]:
    """Places that move with the parameters: beyond every quantity whose sign the cell gives."""
    for size in sizes_given(cell):
        yield 1 + size
        yield size / (1 + size)


def _places(bend: Expr, variable: Symbol, cell: Cell) -> list[Expr]:
    """Places that move with f'': beside its zeros, between them and the ends of the region, where it is extreme."""
    try:
        parts = [base for base, _ in factors(bend)[1] if base.has(variable)]
    except (TooLarge, Unsupported):
        return []
    found: list[Expr] = []
    ends = [e for side in constant_ends(variable, cell.context) for e in side]
    for part in parts:
        zeros = _zeros(part, variable)
        for zero in zeros:
            found += [(zero + end) / 2 for end in ends]
            found += [zero / 2, 2 * zero, zero + 1, zero - 1] if zero != 0 else []
        found += [(a + b) / 2 for a, b in combinations(zeros, 2)]
        slope = part.diff(variable).as_poly(variable)
        if slope is not None and slope.degree() == 1:
            found.append(canonical(-slope.nth(0) / slope.nth(1)))
    for wave in sorted(bend.atoms(sin, cos), key=default_sort_key):
        phase = wave.args[0].as_poly(variable)
        if phase is not None and phase.degree() == 1 and phase.LC().free_symbols:
            slope, start = phase.all_coeffs()
            found += [(turn * pi / 2 - start) / slope for turn in (1, -1, 0, 2)]
    if bend.has(exp, cosh, sinh):
        sizes = tuple(_sizes(cell))
        ratios = tuple(a / b for a, b in permutations(sizes, 2)) if len(sizes) == 2 else ()
        for size in (*ratios, *sizes):
            for root in (size, sqrt(size)):
                found += [
                    sign * log(k * root) for k in (S.One, Integer(4), Rational(1, 4)) for sign in (1, -1)
                ]
    return [place for place in dict.fromkeys(found) if place.free_symbols][:MAX_PLACES]


def _touching(bend: Expr, variable: Symbol, cell: Cell) -> Iterator[Expr]:
    """Where f'' touches 0 at an end of the only parameter's interval: for other values it has passed 0 there first."""
    (parameter, *others) = cell.parameters
    if others:
        return
    ends = [end[0] for end in rational_bounds(parameter, cell.context.condition) if end is not None]
    try:
        parts = [base.as_poly(variable) for base, _ in factors(bend)[1] if base.has(variable)] if ends else []
    except (TooLarge, Unsupported):
        return
    for part in parts:
        for end in ends if part is not None and part.free_symbols_in_domain == {parameter} else ():
            polynomial = part.as_expr().xreplace({parameter: end}).as_poly(variable)
            if polynomial is not None and polynomial.degree() > 1:
                yield from _zeros(polynomial.gcd(polynomial.diff()).as_expr(), variable)


def _zeros(part: Expr, variable: Symbol) -> list[Expr]:
    """The zeros of a polynomial of degree 1 or 2 whose coefficients hold parameters."""
    poly = part.as_poly(variable)
    if poly is None or poly.degree() > 2:
        return []
    if poly.degree() == 1:
        return [canonical(-poly.nth(0) / poly.nth(1))]
    a, b, c = (poly.nth(k) for k in (2, 1, 0))
    root = sqrt((b**2 - 4 * a * c).factor())
    return (
        [(-b + sign * root) / (2 * a) for sign in (1, -1)]
        if b != 0
        else [sqrt((-c / a).factor()), -sqrt((-c / a).factor())]
    )


def _sizes(cell: Cell) -> Iterator[Expr]:
    """Quantities that the cell says are positive: each parameter, or the opposite of it."""
    for symbol in sorted(cell.parameters, key=str):
        sign = cell.sign_or_none(symbol)
        if sign:
            yield sign * symbol


def _directions(n: int) -> Iterator[Vector]:
    axes = [tuple(S.One if i == j else S.Zero for j in range(n)) for i in range(n)]
    yield from axes
    for u, w in combinations(axes, 2):
        yield tuple(a + b for a, b in zip(u, w, strict=True))
        yield tuple(a - b for a, b in zip(u, w, strict=True))


def _signs(value: Expr, samples: list[dict[Symbol, float]]) -> tuple[int, ...]:
    number = evaluator(value)

    def sign(values: Values) -> int:
        at = number(values)
        return (at > 1e-12) - (at < -1e-12)

    return tuple(sign(values) for values in samples)


def refute_by_bending(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    kind: str,
    entries: Matrix,
    found: tuple[Bend, ...],
) -> Step | None:
    """A point and a direction of the wrong curvature, for every parameter value of the cell."""
    attempts = 0
    for bend in sorted(found, key=lambda b: (bool(b.value.free_symbols), b.value.has(Function, S.Exp1))):
        if any(sign != -SIGN[kind] for sign in bend.signs):
            continue
        attempts += 1
        if attempts > MAX_ATTEMPTS:
            return None
        step = bent(cell, variables, kind, entries, bend.point, bend.direction, bend.value)
        if step is not None:
            return step
    return None


def bent(
    cell: Cell,
    variables: tuple[Symbol, ...],
    kind: str,
    entries: Matrix,
    point: Vector,
    direction: Vector,
    value: Expr | None = None,
) -> Step | None:
    """The step that v^T H(p) v has the sign that f of that kind must not have, for every parameter value of the cell."""
    condition, objective = Context((), cell.context.condition), cell.objective
    at = dict(zip(variables, point, strict=True))
    value = bend_at(entries, at, direction) if value is None else value
    inside = [r.interior().at(at) for r in cell.context.region]
    inside += [r for c in (*point, *direction) if c.free_symbols for r in natural_domain(c)]
    try:
        facts = facts_for((r for r in inside if r.symbols), condition)
        wrong = Relation(factored(value), "<" if kind == "convex" else ">")
        told = prove_relation(wrong, condition) if wrong.symbols and facts is not None else None
        if facts is not None and value.free_symbols and not wrong.symbols:
            told = holds_by_tree(Relation(value, wrong.op), condition, wrong.expression, facts)
    except (TooLarge, Unsupported):
        return None
    if facts is None or (wrong.symbols and told is None):
        return None
    facts += () if told is None else (told,)
    smooth = accepted(cell.context, Smooth(objective, variables), "smooth_by_table")
    hessian = accepted(cell.context, Hessian(objective, variables, entries), "hessian")
    if smooth is None or hessian is None:
        return None
    ahead = tuple(c + d for c, d in zip(point, direction, strict=True))
    claim = NotCurved(objective, variables, kind, False, point, ahead, S.One)
    return accepted(cell.context, claim, "second_order", (hessian, smooth, *facts))


def exactly(sample: Mapping[Symbol, float]) -> dict[Symbol, Expr]:
    """Sampled values of the parameters as simple rational numbers."""
    return {s: Rational(v).limit_denominator(1000) for s, v in sample.items()}


def sampled_chord(step: Step, cell: Cell) -> tuple[Step, dict[Symbol, Expr]] | None:
    """A chord that shows the same for one value of the parameters, for readers who want two points."""
    claim = cast(NotCurved, step.claim)
    for sample in parameter_samples(cell)[:1]:
        values = exactly(sample)
        objective = claim.objective.xreplace(values)
        there = replace(cell, objective=objective, context=cell.context.at(values))
        for told in at_places(step):
            p, q = ([c.xreplace(values) for c in end] for end in (told.p, told.q))
            for k in range(1, 8):
                ends = [
                    tuple(a + sign * (b - a) / 4**k for a, b in zip(p, q, strict=True)) for sign in (-1, 1)
                ]
                chord = prove_not_curved(objective, claim.variables, there, claim.kind, (ends[0], ends[1]))
                if chord is not None:
                    return chord, values
    return None


def critical_quantities(kind: str, found: tuple[Bend, ...]) -> Iterator[Expr]:
    """Second derivatives whose sign varies with the parameters, the most telling and simplest first."""
    open_signs = [bend for bend in found if len(set(bend.signs)) > 1 and -SIGN[kind] in bend.signs]
    plain = [bend for bend in open_signs if not bend.value.has(Function, S.Exp1) and _is_short(bend.value)]
    for bend in sorted(plain, key=lambda b: (-b.signs.count(-SIGN[kind]), operations(b.value))):
        yield bend.value


def _is_short(quantity: Expr) -> bool:
    """Whether a case can be told by the sign of the quantity: multiplied out it has few terms."""
    numerator = quantity.together().as_numer_denom()[0] if operations(quantity) <= MAX_OPERATIONS else None
    return numerator is not None and len(Add.make_args(numerator.expand())) <= MAX_TERMS
