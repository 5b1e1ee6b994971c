"""Labels where the Hessian is singular: bounds, factors, families, the splitting lemma, lowest forms, curves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product
from typing import Final, cast

from sympy import Expr, Integer, Matrix, Mul, Pow, Rational, S, Symbol, factorial

from symopt.derivation.claims import Branch, Holds, Step, Vector
from symopt.derivation.series import coefficient
from symopt.exact.normal import NotExact, canonical, factors
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.covers import isolated_zeros
from symopt.stationary.inertia import congruent_diagonal, definite
from symopt.stationary.setting import Setting, at_place
from symopt.stationary.slopes import steepest_directions, weighted_curves

ALONG: Final = Symbol("s_", real=True)
SLOPE: Final = Symbol("t_", real=True)
MAX_FORM: Final = 8
MAX_TERM: Final = 8
SIDES: Final = ((">", "minimum"), ("<", "maximum"))


def by_bound(setting: Setting, branch: Branch) -> Step | None:
    """f - f* keeps its sign on the whole region; strict when f takes the value nowhere else."""
    value = setting.value_at(branch)
    if value is None or any(value.has(n.symbol) for n in branch.numbers):
        return None
    difference = setting.objective - value
    for op, kind in SIDES:
        bound = prove_relation(Relation(difference, op + "="), setting.context)
        if bound is None:
            continue
        if branch.free:
            step = setting.label(branch, kind, False, f"bound_{kind}", (bound,), value=value)
            if step is not None:
                return step
        only = isolated_zeros(setting.cell, difference, setting.context, bound)
        premises = (bound,) if only is None else (bound, only)
        strict = None if only is None else True
        return setting.label(branch, kind, strict, f"bound_{kind}", premises, value=value)
    return None


def by_factor(setting: Setting, branch: Branch) -> Step | None:
    """f - f* = p q with p >= 0 everywhere and q != 0 at the point."""
    value = setting.value_at(branch)
    if value is None or branch.numbers:
        return None
    try:
        constant, parts = factors(setting.objective - value)
    except NotExact:
        return None
    kept, rest, facts = [], [constant], []
    for base, power in parts:
        if power > 0 and power % 2 == 0:
            kept.append(Pow(base, power))
            continue
        step = next(
            (s for op in (">=", "<=") if (s := prove_relation(Relation(base, op), setting.context))), None
        )
        if step is None:
            rest.append(Pow(base, power))
            continue
        facts.append(step)
        turn = 1 if cast(Holds, step.claim).relation.op[0] == ">" else -1
        kept.append(Pow(turn * base, power))
        rest.append(Integer(turn) ** power)
    if not kept:
        return None
    p, q = Mul(*kept), Mul(*rest)
    try:
        at_point = at_place(q.xreplace(branch.values), setting.place(branch))
    except NotExact:
        return None
    found = setting.sign(at_point, branch)
    if found is None or found[0] == 0:
        return None
    kind = "minimum" if found[0] > 0 else "maximum"
    data: dict[str, object] = {"value": value, "p": p, "q": q}
    premises = (*facts, found[1])
    for strict, extra, more in (
        (False, (), {}),
        *((False, (), {"symbol": ALONG, "line": line}) for line in _lines(branch, setting.variables)[:8]),
    ):
        step = setting.label(branch, kind, strict, f"factor_{kind}", (*premises, *extra), **data, **more)
        if step is not None:
            return step
    only = isolated_zeros(setting.cell, p, setting.context)
    strict_premises = premises if only is None else (*premises, only)
    return setting.label(
        branch, kind, None if only is None else True, f"factor_{kind}", strict_premises, **data
    )


def _lines(branch: Branch, variables: tuple[Symbol, ...]) -> list[Vector]:
    """Lines through the point along the axes and the diagonals."""
    start = branch.values
    found = []
    for direction in product((0, 1, -1), repeat=len(variables)):
        lead = next((d for d in direction if d), 0)
        if lead > 0:
            found.append(
                tuple(start[v] + Integer(d) * ALONG for v, d in zip(variables, direction, strict=True))
            )
    return sorted(found, key=lambda line: sum(value.has(ALONG) for value in line))


def by_family(setting: Setting, branch: Branch) -> Step | None:
    """A family of stationary points across which the Hessian is definite: in the directions of its pivots."""
    matrix = setting.hessian_at(branch) if setting.smooth is not None else None
    diagonal = None if matrix is None else congruent_diagonal(matrix, setting, branch)
    if diagonal is None:
        return by_normal(setting, branch)
    across = tuple(v for v, sign in zip(*diagonal, strict=True) if sign)
    return _across(setting, branch, across) or by_normal(setting, branch)


def by_normal(setting: Setting, branch: Branch) -> Step | None:
    """The same, along the normal of a curve in the plane or of a surface in space."""
    reals = tuple(s for s, kind in branch.free if kind == "real")
    return _across(setting, branch, _normals(branch, reals)) if reals else None


def _across(setting: Setting, branch: Branch, across: tuple[Vector, ...]) -> Step | None:
    reals = [s for s, kind in branch.free if kind == "real"]
    if setting.smooth is None or not reals or not across:
        return None
    if len(across) != len(setting.variables) - len(reals):
        return None
    for op, kind in SIDES:
        premise = _definite_on(setting, branch, across, op)
        if premise is None:
            continue
        support = (setting.hessian, setting.smooth, premise)
        step = setting.label(branch, kind, False, f"family_{kind}", support, vectors=across)
        if step is not None:
            return step
    return None


def _normals(branch: Branch, reals: tuple[Symbol, ...]) -> tuple[Vector, ...]:
    """A normal of a curve in the plane or of a surface in space: the vector product of the tangents."""
    place = Matrix([value for _, value in branch.at])
    if len(place) != len(reals) + 1 or len(place) > 3:
        return ()
    first, *more = (place.diff(s) for s in reals)
    normal = first.cross(more[0]) if more else Matrix([first[1], -first[0]])
    return (tuple(canonical(entry) for entry in normal),)


def _definite_on(setting: Setting, branch: Branch, vectors: tuple[Vector, ...], op: str) -> Step | None:
    """V^T H V is definite on the branch."""
    matrix, place = setting.hessian_at(branch), setting.place(branch)
    if matrix is None:
        return None
    form = tuple(
        tuple(
            at_place(
                sum((a * b * matrix[i][j] for i, a in enumerate(u) for j, b in enumerate(v)), S.Zero), place
            )
            for v in vectors
        )
        for u in vectors
    )
    step = definite(form, op, place)
    if step is None and len(form) == 1:
        setting.open_signs.insert(0, form[0][0])
    return step


def by_splitting(setting: Setting, branch: Branch) -> Step | None:
    """A Hessian of corank 1: f along the valley over its kernel, to the first term that decides."""
    n = len(setting.variables)
    if setting.smooth is None or n < 2 or any(kind == "real" for _, kind in branch.free):
        return None
    matrix = setting.hessian_at(branch)
    diagonal = None if matrix is None else congruent_diagonal(matrix, setting, branch)
    if diagonal is None or diagonal[1].count(0) != 1 or len(set(diagonal[1])) != 2:
        return None
    vectors, signs = diagonal
    across = tuple(v for v, sign in zip(vectors, signs, strict=True) if sign)
    kernel = vectors[signs.index(0)]
    up = 1 in signs
    premise = _definite_on(setting, branch, across, ">" if up else "<")
    if premise is None:
        return None
    try:
        return _along_valley(setting, branch, across, kernel, up, premise)
    except NotExact:
        return None


def _along_valley(
    setting: Setting, branch: Branch, across: tuple[Vector, ...], kernel: Vector, up: bool, premise: Step
) -> Step | None:
    place = setting.place(branch)
    matrix = setting.hessian_at(branch)
    assert matrix is not None, "it was there before"
    bends = [
        at_place(sum((a * b * matrix[i][j] for i, a in enumerate(v) for j, b in enumerate(v)), S.Zero), place)
        for v in across
    ]
    start = branch.values
    curve = [start[v] + ALONG * k for v, k in zip(setting.variables, kernel, strict=True)]
    support = (setting.hessian, cast(Step, setting.smooth), premise)
    for order in range(2, MAX_TERM // 2 + 2):
        table = dict(zip(setting.variables, curve, strict=True))
        found = _lowest(setting, branch, setting.objective.xreplace(table), 2 * order)
        if found is not None:
            degree, sign, proof = found
            kind = "saddle" if degree % 2 or (sign > 0) != up else "minimum" if up else "maximum"
            return setting.label(
                branch,
                kind,
                None if kind == "saddle" else True,
                "splitting",
                (*support, *proof),
                symbol=ALONG,
                curve=tuple(curve),
                vectors=across,
                order=order,
            )
        slopes = [slope.xreplace(table) for slope in setting.slopes]
        for vector, bend in zip(across, bends, strict=True):
            along = sum((a * b for a, b in zip(vector, slopes, strict=True)), S.Zero)
            term = at_place(coefficient(along, ALONG, order) / _scale(along, order), place)
            step = canonical(-term / bend)
            curve = [value + ALONG**order * step * entry for value, entry in zip(curve, vector, strict=True)]
    return None


def _scale(expression: Expr, order: int) -> Expr:
    """What `coefficient` multiplies the Taylor coefficient with."""
    return S.One if expression.is_polynomial(ALONG) else factorial(order)


def _lowest(
    setting: Setting, branch: Branch, along: Expr, below: int
) -> tuple[int, int, tuple[Step, ...]] | None:
    """(k, sign) of the lowest term of f - f* along a curve, for k < below, with proofs."""
    place = setting.place(branch)
    for k in range(1, min(below, MAX_TERM + 1)):
        term = at_place(coefficient(along, ALONG, k), place)
        if term == 0:
            continue
        found = setting.sign(term, branch)
        if found is None:
            return None
        if found[0] == 0:
            continue
        return k, found[0], (found[1],)
    return None


def by_lowest_form(setting: Setting, branch: Branch) -> Step | None:
    """Two variables and no second derivatives: the first form that does not vanish is definite."""
    if setting.smooth is None or len(setting.variables) != 2 or branch.free:
        return None
    place = setting.place(branch)
    (x, a), (y, b) = branch.at
    try:
        lines = [
            setting.objective.xreplace({x: a + ALONG * u, y: b + ALONG * v})
            for u, v in ((S.One, SLOPE), (S.Zero, S.One))
        ]
        for order in range(2, MAX_FORM + 1):
            forms = [at_place(coefficient(line, ALONG, order), place) for line in lines]
            if all(form == 0 for form in forms):
                continue
            break
        else:
            return None
    except NotExact:
        return None
    for op, kind in SIDES if order % 2 == 0 else ():
        signs = [prove_relation(Relation(form, op), place) for form in forms]
        if None not in signs:
            premises = (setting.hessian, setting.smooth, *cast(list[Step], signs))
            data = {"order": order, "symbol": ALONG, "slope": SLOPE}
            return setting.label(branch, kind, True, f"lowest_form_{kind}", premises, **data)
    return None


def by_curves(setting: Setting, branch: Branch) -> Step | None:
    """Lines, parabolas and curves with other powers through the point along which f goes below, and above."""
    if setting.smooth is None or len(setting.variables) > 4:
        return None
    found: dict[int, tuple[Vector, tuple[Step, ...]]] = {}
    through = _lines if branch.free else _curves_through
    curves = chain(
        through(branch, setting.variables), _steepest_lines(setting, branch), _weighted(setting, branch)
    )
    for curve in curves:
        setting.cell.budget.check()
        table = dict(zip(setting.variables, curve, strict=True))
        try:
            term = _lowest(setting, branch, setting.objective.xreplace(table), MAX_TERM + 1)
        except NotExact:
            continue
        if term is None:
            continue
        degree, sign, steps = term
        for side in (1, -1) if degree % 2 else (sign,):
            found.setdefault(side, (curve, steps))
        if len(found) == 2:
            break
    if len(found) != 2:
        return None
    told = tuple(dict.fromkeys(curve for curve, _ in found.values()))
    steps = tuple(step for _, proofs in found.values() for step in proofs)
    kind = "saddle" if len(setting.variables) > 1 else "inflection"
    premises = (setting.hessian, setting.smooth, *steps)
    return setting.label(branch, kind, None, "curves_saddle", premises, symbol=ALONG, curves=told)


def _steepest_lines(setting: Setting, branch: Branch) -> list[Vector]:
    """Lines along which the lowest form at the point is stationary: x = -3 a y/4 for x^4 + a x^3 y + y^4."""
    if len(setting.variables) != 2 or branch.free or branch.numbers:
        return []
    start = tuple(value for _, value in branch.at)
    forms = []
    for u, v in ((S.One, SLOPE), (SLOPE, S.One)):
        line = (start[0] + ALONG * u, start[1] + ALONG * v)
        along = setting.objective.xreplace(dict(zip(setting.variables, line, strict=True)))
        try:
            terms = (
                at_place(coefficient(along, ALONG, k), setting.place(branch)) for k in range(2, MAX_FORM + 1)
            )
            forms.append(next((term for term in terms if term != 0), S.Zero))
        except NotExact:
            return []
    directions = steepest_directions((forms[0], forms[1]), SLOPE)
    return [(start[0] + ALONG * u, start[1] + ALONG * v) for u, v in directions]


def _weighted(setting: Setting, branch: Branch) -> Iterator[Vector]:
    """Curves a_i + c_i s^(w_i) in several variables, read off the terms of least weight; looked for last."""
    start = branch.values
    if not branch.free and not branch.numbers and len(start) > 1:
        for powers in weighted_curves(setting.objective, start):
            yield tuple(a + c * ALONG**w for a, (c, w) in zip(start.values(), powers, strict=True))


def _curves_through(branch: Branch, variables: tuple[Symbol, ...]) -> list[Vector]:
    start, n = branch.values, len(variables)
    curves = _lines(branch, variables)
    if n == 2:
        for slope in (2, -2, Rational(1, 2), Rational(-1, 2), 3, -3, Rational(1, 3), Rational(-1, 3)):
            curves.append((start[variables[0]] + ALONG, start[variables[1]] + slope * ALONG))
        for lead, power, slope in product((0, 1), (2, 3), (1, 2, -1, -2, Rational(1, 2), Rational(3, 2), 4)):
            curve = [start[variables[0]], start[variables[1]]]
            curve[lead] += ALONG
            curve[1 - lead] += slope * ALONG**power
            curves.append(tuple(curve))
    return curves
