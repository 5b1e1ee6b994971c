"""What a stationary point is.

By the inertia of the Hessian, the first derivative that does not vanish, a bound on f, its curvature, or curves along
which f goes below and above.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final, cast

from sympy import Expr, Integer, Rational, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import identical
from symopt.derivation.checks_labels import is_discrete
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Definite,
    Gradient,
    Hessian,
    Label,
    Matrix,
    Step,
    Vector,
)
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.linear import ldl
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import reduced
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.results.evidence import Evidence, proved, undecided
from symopt.stationary.covers import solver_for
from symopt.stationary.solver import Unsolved

MAX_ORDER: Final = 12
CURVE_SLOPES: Final = (0, 1, -1, 2, -2)


@dataclass(frozen=True)
class Setting:
    """What every label of one function rests on: the function, where, and the steps already proved."""

    objective: Expr
    variables: tuple[Symbol, ...]
    context: Context
    cell: Cell
    stationary: Step
    gradient: Step
    hessian: Step
    smooth: Step | None
    curved: Step | None

    @property
    def matrix(self) -> Matrix:
        return cast(Hessian, self.hessian.claim).entries


@dataclass(frozen=True)
class Labelled:
    """A label with its evidence, and the inertia of the Hessian where it was found."""

    kind: str
    strict: bool | None
    inertia: tuple[int, int, int] | None
    evidence: Evidence


def label(setting: Setting, branch: Branch) -> Labelled:
    """The label of a branch of the stationary set; "undecided" where the methods end."""
    inertia = _Inertia(setting, branch)
    for method in (_constant, inertia.decide, _by_curvature, _higher_derivative, _bound, _curves):
        setting.cell.budget.check()
        step = method(setting, branch)
        if step is not None:
            claim = cast(Label, step.claim)
            return Labelled(claim.kind, claim.strict, inertia.counted, proved(step))
    return Labelled(
        "undecided",
        None,
        inertia.counted,
        undecided("the Hessian is singular there and no other test decided"),
    )


def place_of(setting: Setting, branch: Branch) -> Context:
    """Where the branch's own symbols live: the condition on the parameters with what is known of them."""
    return Context((), setting.context.condition + branch.relations)


def at_place(expression: Expr, place: Context) -> Expr:
    """The canonical form, with the equations of auxiliary numbers divided out."""
    return reduced(canonical(expression), place.relations)


def _step(
    setting: Setting,
    branch: Branch,
    kind: str,
    strict: bool | None,
    rule: str,
    premises: tuple[Step, ...],
    **data: object,
) -> Step | None:
    """The label as a step, when the checker's rule takes it."""
    claim = Label(setting.objective, setting.variables, branch, kind, strict)
    step = Step(setting.context, claim, rule, (setting.stationary, *premises), tuple(sorted(data.items())))
    return step if follows(step) else None


def _constant(setting: Setting, branch: Branch) -> Step | None:
    if any(not identical(e, S.Zero) for e in cast(Gradient, setting.gradient.claim).entries):
        return None
    return _step(setting, branch, "constant", None, "constant_function", (setting.gradient,))


class _Inertia:
    """The signs of the eigenvalues of the Hessian at the branch, by pivots; and the label they give."""

    def __init__(self, setting: Setting, branch: Branch) -> None:
        self.counted: tuple[int, int, int] | None = None

    def decide(self, setting: Setting, branch: Branch) -> Step | None:
        place = place_of(setting, branch)
        try:
            matrix = tuple(
                tuple(at_place(e.xreplace(branch.values), place) for e in row) for row in setting.matrix
            )
        except NotExact:
            return None
        found = _congruent_diagonal(matrix, place, setting.cell)
        if found is None:
            return None
        vectors, signs = found
        self.counted = (signs.count(1), signs.count(-1), signs.count(0))
        if setting.smooth is None:
            return None
        support = (setting.hessian, setting.smooth)
        if all(s == 1 for s in signs) or all(s == -1 for s in signs):
            op, kind = (">", "minimum") if signs[0] == 1 else ("<", "maximum")
            definite = _definite(matrix, op, place)
            if definite is not None:
                return _step(setting, branch, kind, True, f"second_order_{kind}", (*support, definite))
        if 1 in signs and -1 in signs:
            return _saddle(setting, branch, matrix, vectors, signs, place)
        return None


def _congruent_diagonal(
    matrix: Matrix, place: Context, cell: Cell
) -> tuple[tuple[Vector, ...], list[int]] | None:
    """Vectors v_k with v_i^T M v_j = 0 (i != j) and the signs of v_k^T M v_k; None where a sign is not known.

    Symmetric elimination: a nonzero diagonal entry is a pivot; without one, e_i + e_j makes one from another entry.
    """
    n = len(matrix)
    m = [list(row) for row in matrix]
    vectors: list[list[Expr]] = [[S.One if i == j else S.Zero for j in range(n)] for i in range(n)]
    signs = []
    for k in range(n):
        pivot, unknown = None, False
        for i in range(k, n):
            diagonal_sign = _sign(m[i][i], place, cell)
            unknown = unknown or diagonal_sign is None
            if diagonal_sign:
                pivot = i
                break
        if pivot is None:
            if unknown:
                return None
            pair = next(
                ((i, j) for i in range(k, n) for j in range(i + 1, n) if _sign(m[i][j], place, cell) != 0),
                None,
            )
            if pair is None:
                signs += [0] * (n - k)
                break
            i, j = pair
            if _sign(m[i][j], place, cell) is None:
                return None
            for row in m:
                row[i] = canonical(row[i] + row[j])
            m[i] = [canonical(a + b) for a, b in zip(m[i], m[j], strict=True)]
            vectors[i] = [canonical(a + b) for a, b in zip(vectors[i], vectors[j], strict=True)]
            pivot = i
        m[k], m[pivot] = m[pivot], m[k]
        vectors[k], vectors[pivot] = vectors[pivot], vectors[k]
        for row in m:
            row[k], row[pivot] = row[pivot], row[k]
        sign = _sign(m[k][k], place, cell)
        if sign is None:
            return None
        signs.append(sign)
        for i in range(k + 1, n):
            factor = canonical(m[i][k] / m[k][k])
            if factor == 0:
                continue
            m[i] = [canonical(a - factor * b) for a, b in zip(m[i], m[k], strict=True)]
            for row in m:
                row[i] = canonical(row[i] - factor * row[k])
            vectors[i] = [canonical(a - factor * b) for a, b in zip(vectors[i], vectors[k], strict=True)]
    return tuple(tuple(v) for v in vectors), signs


def _sign(quantity: Expr, place: Context, cell: Cell) -> int | None:
    found = prove_sign(quantity, place)
    if found is None and quantity.free_symbols and quantity.free_symbols <= cell.parameters:
        cell.sign(quantity)
        found = prove_sign(quantity, place)
    return None if found is None else found[0]


def _definite(matrix: Matrix, op: str, place: Context) -> Step | None:
    """M = L D L^T with every pivot of one sign."""
    factors = ldl(matrix)
    if factors is None:
        return None
    lower, diagonal = factors
    pivots = tuple(diagonal[i][i] for i in range(len(matrix))) if isinstance(diagonal[0], tuple) else diagonal
    signs = tuple(prove_relation(Relation(d, op), place) for d in pivots)
    if None in signs:
        return None
    step = Step(
        place,
        Definite(matrix, op),
        "positive_definite",
        cast(tuple[Step, ...], signs),
        (("diagonal", tuple(pivots)), ("lower", lower)),
    )
    return step if follows(step) else None


def _saddle(
    setting: Setting,
    branch: Branch,
    matrix: Matrix,
    vectors: tuple[Vector, ...],
    signs: list[int],
    place: Context,
) -> Step | None:
    """Two directions: the simplest rational ones that do, else those of the elimination."""
    found: dict[str, tuple[Vector, Step]] = {}
    exact = (vectors[signs.index(1)], vectors[signs.index(-1)])
    for vector in (*_simple_directions(len(matrix)), *exact):
        n = len(vector)
        form = at_place(
            sum((vector[i] * vector[j] * matrix[i][j] for i in range(n) for j in range(n)), S.Zero), place
        )
        for name, op in (("up", ">"), ("down", "<")):
            if name not in found:
                step = prove_relation(Relation(form, op), place)
                if step is not None:
                    found[name] = (vector, step)
        if len(found) == 2:
            break
    if len(found) != 2:
        return None
    premises = (setting.hessian, cast(Step, setting.smooth), *(step for _, step in found.values()))
    return _step(
        setting,
        branch,
        "saddle",
        None,
        "second_order_saddle",
        premises,
        **{name: vector for name, (vector, _) in found.items()},
    )


def _simple_directions(n: int) -> list[Vector]:
    """The axes and, for two variables, a fan of rational directions; for more, sums and differences of axes."""
    axes = [tuple(S.One if i == k else S.Zero for i in range(n)) for k in range(n)]
    if n == 2:
        slopes = (
            1,
            -1,
            Rational(1, 2),
            Rational(-1, 2),
            2,
            -2,
            4,
            -4,
            Rational(1, 4),
            Rational(-1, 4),
            8,
            -8,
        )
        return [*axes, *((S.One, Rational(slope)) for slope in slopes)]
    pairs = [
        tuple(S.One if i == k else Integer(sign) if i == m else S.Zero for i in range(n))
        for k in range(n)
        for m in range(k + 1, n)
        for sign in (1, -1)
    ]
    return axes + pairs


def _by_curvature(setting: Setting, branch: Branch) -> Step | None:
    """f convex: a minimum, strict when f is strictly convex."""
    if setting.curved is None:
        return None
    curved = cast(Curved, setting.curved.claim)
    if curved.kind not in ("convex", "concave") or not curved.strict:
        return None
    kind, rule = ("minimum", "convex_minimum") if curved.kind == "convex" else ("maximum", "concave_maximum")
    return _step(setting, branch, kind, True, rule, (setting.curved,))


def _higher_derivative(setting: Setting, branch: Branch) -> Step | None:
    """In one variable, the first derivative that does not vanish at the point."""
    if len(setting.variables) != 1 or setting.smooth is None:
        return None
    place = place_of(setting, branch)
    derivative, premises = setting.objective, []
    for order in range(1, MAX_ORDER + 1):
        derivative = canonical(derivative_by_table(derivative, setting.variables[0]))
        value = at_place(derivative.xreplace(branch.values), place)
        if value == 0:
            continue
        found = prove_sign(value, place)
        if found is None and value.free_symbols <= setting.cell.parameters:
            setting.cell.sign(value)
        if found is None:
            return None
        sign, step = found
        premises.append(step)
        if sign == 0:
            continue
        kind = "inflection" if order % 2 else "minimum" if sign > 0 else "maximum"
        return _step(
            setting,
            branch,
            kind,
            None if order % 2 else True,
            "higher_derivative",
            (setting.hessian, setting.smooth, *premises),
            order=order,
        )
    return None


def _bound(setting: Setting, branch: Branch) -> Step | None:
    """f - f* keeps its sign on the whole region; strict when f takes the value nowhere else."""
    value = canonical(setting.objective.xreplace(branch.values))
    if value.has(*(s for s, _ in branch.free)) or any(value.has(n.symbol) for n in branch.numbers):
        return None
    difference = setting.objective - value
    for op, kind in ((">=", "minimum"), ("<=", "maximum")):
        bound = prove_relation(Relation(difference, op), setting.context)
        if bound is None:
            continue
        if branch.free:
            step = _step(setting, branch, kind, False, f"bound_{kind}", (bound,), value=value)
            if step is not None:
                return step
        only = _only_there(setting, difference)
        premises = (bound,) if only is None else (bound, only)
        strict = None if only is None else True
        return _step(setting, branch, kind, strict, f"bound_{kind}", premises, value=value)
    return None


def _only_there(setting: Setting, difference: Expr) -> Step | None:
    """A cover of f = f* by isolated points."""
    solver = solver_for(setting.cell, {str(s) for s in difference.free_symbols} | {"_"})
    try:
        step = solver.solve((difference,), setting.variables, setting.context)
    except Unsolved:
        return None
    return step if all(is_discrete(b) for b in cast(Cover, step.claim).branches) else None


def _curves(setting: Setting, branch: Branch) -> Step | None:
    """Lines and parabolas through the point along which f goes below, and above."""
    if setting.smooth is None or branch.free or len(setting.variables) not in (1, 2, 3):
        return None
    s = Symbol("s_", real=True)
    place = place_of(setting, branch)
    found: dict[int, tuple[Vector, Step | None]] = {}
    for curve in _curves_through(branch, setting.variables, s):
        table = dict(zip(setting.variables, curve, strict=True))
        try:
            along = canonical(
                setting.objective.xreplace(table) - setting.objective.xreplace(branch.values)
            ).as_poly(s)
        except NotExact:
            continue
        if along is None or along.is_zero:
            continue
        (degree,), coefficient = min(along.terms())
        known = prove_sign(coefficient, place)
        if known is None or known[0] == 0:
            continue
        for sign in (1, -1) if degree % 2 else (known[0],):
            found.setdefault(sign, (curve, known[1]))
        if len(found) == 2:
            break
    if len(found) != 2:
        return None
    curves = tuple(dict.fromkeys(curve for curve, _ in found.values()))
    steps = tuple(step for _, step in found.values() if step is not None)
    kind = "saddle" if len(setting.variables) > 1 else "inflection"
    return _step(
        setting,
        branch,
        kind,
        None,
        "curves_saddle",
        (setting.hessian, setting.smooth, *steps),
        symbol=s,
        curves=curves,
    )


def _curves_through(branch: Branch, variables: tuple[Symbol, ...], s: Symbol) -> list[Vector]:
    start = branch.values
    curves = []
    n = len(variables)
    for direction in product(CURVE_SLOPES[:3], repeat=n):
        lead = next((d for d in direction if d), 0)
        if lead > 0:
            curves.append(tuple(start[v] + Integer(d) * s for v, d in zip(variables, direction, strict=True)))
    if n == 2:
        for lead_index, power, slope in product((0, 1), (2, 3), (1, 2, -1, -2, Rational(1, 2), 4)):
            curve = [start[variables[0]], start[variables[1]]]
            curve[lead_index] += s
            curve[1 - lead_index] += slope * s**power
            curves.append(tuple(curve))
    return curves
