"""Stationary points where pieces of a function meet: every formula that f may follow near them has gradient 0 there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import cast

from sympy import Expr, S, nan, oo, zoo

from symopt.calculus.expressions import gradient, hessian
from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_across import formulas_near
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import (
    Branch,
    Context,
    Gradient,
    Hessian,
    Label,
    Smooth,
    Stationary,
    Step,
    Vector,
)
from symopt.exact.derivatives import singularities
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.proposing import derivatives
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.stationary.labels import label
from symopt.stationary.question import present
from symopt.stationary.setting import Setting


def stationary_across(cell: Cell, branch: Branch) -> Step | None:
    """That the branch is stationary, where |u|, max, min or cases need not be smooth; None where that is not seen.

    >>> from sympy import symbols
    >>> from symopt.clock import Budget
    >>> x = symbols("x", real=True)
    >>> cell = Cell(abs(x) * x, (x,), Context(), Budget(5))
    >>> stationary_across(cell, Branch(((x, x * 0),))).rule
    'stationary_across'
    """
    claim = Stationary(cell.objective, cell.variables, (branch,), False)
    place = Context((), cell.context.condition + branch.relations)
    needed = (*cell.context.region, *(singularities(cell.objective, cell.variables) or ()))
    proofs = (prove_relation(relation.at(branch.values), place) for relation in needed)
    step = Step(cell.context, claim, "stationary_across", present(proofs))
    return step if follows(step) else None


def rises_across(cell: Cell, branch: Branch) -> bool:
    """Whether all formulas near the branch have one value and one gradient there, which is not 0.

    Then the branch is neither a kink nor stationary.
    """
    place = Context((), cell.context.condition + branch.relations)
    first_order = set()
    for formula in _formulas(cell, branch):
        parts = (formula, *gradient(formula, cell.variables))
        try:
            first_order.add(tuple(canonical(part.xreplace(branch.values)) for part in parts))
        except NotExact:
            return False
    if len(first_order) != 1 or any(e.has(nan, zoo, oo) for parts in first_order for e in parts):
        return False
    _, *slopes = first_order.pop()
    return any((found := prove_sign(slope, place)) is not None and found[0] != 0 for slope in slopes)


def label_across(cell: Cell, branch: Branch, stationary: Step, flat: Vector | None) -> Step | None:
    """A minimum (maximum) of f, as it is one of every formula that f may follow near the branch.

    It is not strict where f stays the same along a ray, `flat`.
    """
    labels = []
    for formula in _formulas(cell, branch):
        own = _label_of(replace(cell, objective=formula), branch)
        if own is None or cast(Label, own.claim).kind not in ("minimum", "maximum"):
            return None
        labels.append(own)
    claims = [cast(Label, step.claim) for step in labels]
    if len({claim.kind for claim in claims}) != 1:
        return None
    strict = False if flat is not None else True if all(claim.strict for claim in claims) else None
    claim = Label(cell.objective, cell.variables, branch, claims[0].kind, strict)
    data = () if flat is None else (("flat", flat),)
    step = Step(cell.context, claim, "label_across", (stationary, *labels), data)
    return step if follows(step) else None


def steep_rays(cell: Cell, branch: Branch) -> Iterator[Vector]:
    """Directions e_i + t e_j along which the second-order term of a formula near the branch is least or greatest."""
    n = len(cell.variables)
    for formula in _formulas(cell, branch):
        try:
            rows = hessian(formula, cell.variables)
            entries = [[canonical(e.xreplace(branch.values)) for e in row] for row in rows]
        except NotExact:
            continue
        for i, j in (pair for k, m in combinations(range(n), 2) for pair in ((k, m), (m, k))):
            if entries[i][j] != 0 and entries[j][j] != 0:
                shares = {i: S.One, j: canonical(-entries[i][j] / entries[j][j])}
                for turn in (S.One, S.NegativeOne):
                    yield tuple(turn * shares.get(k, S.Zero) for k in range(n))


def _formulas(cell: Cell, branch: Branch) -> tuple[Expr, ...]:
    try:
        return formulas_near(cell.objective, branch.values, cell.context.condition + branch.relations)
    except Rejected:
        return ()


def _label_of(cell: Cell, branch: Branch) -> Step | None:
    """The label of a smooth function at a stationary point of its own."""
    stationary = stationary_across(cell, branch)
    if stationary is None or not is_smooth(cell.objective, cell.variables, cell.context.relations):
        return None
    f, variables, inside = cell.objective, cell.variables, cell.context
    first = derivatives(inside, Gradient(f, variables, gradient(f, variables)))
    second = derivatives(inside, Hessian(f, variables, hessian(f, variables)))
    smooth = Step(inside, Smooth(f, variables), "smooth_by_table")
    setting = Setting(f, variables, inside, cell, stationary, first, second, smooth, None)
    steps = label(setting, branch).evidence.steps
    return steps[0] if steps else None
