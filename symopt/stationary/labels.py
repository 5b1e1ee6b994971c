"""What a stationary point is: the tests in the order of trial, from the most readable to the strongest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from symopt.cases import Split
from symopt.derivation.claims import Branch, Curved, Label, Matrix, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.curvature import convexity
from symopt.results.evidence import Evidence, proved, undecided
from symopt.stationary import degenerate
from symopt.stationary.crossing import by_crossing
from symopt.stationary.enclosed import by_enclosure
from symopt.stationary.inertia import by_determinant, by_inertia, congruent_diagonal, diagonal_at
from symopt.stationary.setting import Setting, at_place
from symopt.stationary.steps import vanishes

MAX_ORDER: Final = 12


@dataclass(frozen=True)
class Labelled:
    """A label with its evidence, and the inertia of the Hessian where it was found."""

    kind: str
    strict: bool | None
    inertia: tuple[int, int, int] | None
    evidence: Evidence


def label(setting: Setting, branch: Branch) -> Labelled:
    """The label of a branch of the stationary set; "undecided" where the tests end."""
    enclosed = by_crossing(setting, branch) or by_enclosure(setting, branch)
    if enclosed is not None:
        regular = cast(Label, enclosed[0].claim)
        return Labelled(regular.kind, regular.strict, enclosed[1], proved(enclosed[0]))
    matrix = setting.hessian_at(branch)
    if matrix is not None and _varies(matrix, branch):
        # The signs of pivots along a family can be long to prove, and are seldom needed.
        for early in (degenerate.by_bound, degenerate.by_normal):
            step = early(setting, branch)
            if step is not None and cast(Label, step.claim).strict is not None:
                found = cast(Label, step.claim)
                return Labelled(found.kind, found.strict, None, proved(step))
    coupled = None if matrix is None else by_determinant(matrix, setting, branch)
    if coupled is not None:
        return Labelled("saddle", None, (1, 1, 0), proved(coupled))
    diagonal = None if matrix is None else diagonal_at(matrix, setting, branch)
    counted = None if diagonal is None else tuple(diagonal[1].count(sign) for sign in (1, -1, 0))
    inertia = cast("tuple[int, int, int] | None", counted)

    def by_hessian(setting: Setting, branch: Branch) -> Step | None:
        if matrix is None or diagonal is None:
            return None
        step = by_inertia(setting, branch, matrix, diagonal)
        if step is None and not diagonal[0]:
            exact = congruent_diagonal(matrix, setting, branch)
            step = None if exact is None else by_inertia(setting, branch, matrix, exact)
        return step

    best: Step | None = None
    asked_for = () if inertia is not None and inertia[2] else (_by_curvature_asked_for,)
    for test in (_constant, by_hessian, *asked_for, *TESTS):
        setting.cell.budget.check()
        step = test(setting, branch)
        if step is None:
            continue
        claim = cast(Label, step.claim)
        best = best if best is not None and claim.strict is None else step
        if claim.kind not in ("minimum", "maximum") or claim.strict is not None:
            break
    if best is not None:
        claim = cast(Label, best.claim)
        return Labelled(claim.kind, claim.strict, inertia, proved(best))
    reason = "the Hessian is singular there and no other test decided"
    return Labelled("undecided", None, inertia, undecided(reason))


def _varies(matrix: Matrix, branch: Branch) -> bool:
    """Whether the Hessian varies along a continuum."""
    return any(e.has(s) for s, kind in branch.free if kind == "real" for row in matrix for e in row)


def _constant(setting: Setting, branch: Branch) -> Step | None:
    if not all(vanishes(entry) for entry in setting.slopes):
        return None
    return setting.label(branch, "constant", None, "constant_function", (setting.gradient,))


def _by_curvature(setting: Setting, branch: Branch) -> Step | None:
    """f convex: a minimum, strict when f is strictly convex."""
    return None if setting.curved is None else _as_curved(setting, branch, setting.curved)


def _as_curved(setting: Setting, branch: Branch, step: Step) -> Step | None:
    curved = cast(Curved, step.claim)
    if curved.kind not in ("convex", "concave") or not curved.strict:
        return None
    kind, rule = ("minimum", "convex_minimum") if curved.kind == "convex" else ("maximum", "concave_maximum")
    return setting.label(branch, kind, True, rule, (step,))


def _by_curvature_asked_for(setting: Setting, branch: Branch) -> Step | None:
    """The same where the Hessian at the point tells nothing: the convexity of f is asked for."""
    cell = setting.cell
    if setting.curved is not None or branch.free:
        return None
    try:
        answer = convexity(cell.objective, cell.variables, cell, refute=False)
    except (NotExact, Split):
        return None
    steps = (s for s in answer.evidence.steps if isinstance(s.claim, Curved))
    step = next((s for s in steps if cast(Curved, s.claim).objective == setting.objective), None)
    return None if step is None else _as_curved(setting, branch, step)


def _higher_derivative(setting: Setting, branch: Branch) -> Step | None:
    """In one variable, the first derivative that does not vanish at the point."""
    if len(setting.variables) != 1 or setting.smooth is None:
        return None
    place = setting.place(branch)
    derivative, premises = setting.objective, []
    for order in range(1, MAX_ORDER + 1):
        derivative = canonical(derivative_by_table(derivative, setting.variables[0]))
        value = at_place(derivative.xreplace(branch.values), place)
        if value == 0:
            continue
        found = setting.sign(value, branch)
        if found is None:
            return None
        sign, step = found
        premises.append(step)
        if sign == 0:
            continue
        kind = "inflection" if order % 2 else "minimum" if sign > 0 else "maximum"
        return setting.label(
            branch,
            kind,
            None if order % 2 else True,
            "higher_derivative",
            (setting.hessian, setting.smooth, *premises),
            order=order,
        )
    return None


Test = Callable[[Setting, Branch], Step | None]
TESTS: Final[tuple[Test, ...]] = (
    _by_curvature,
    _higher_derivative,
    degenerate.by_splitting,
    degenerate.by_bound,
    degenerate.by_family,
    degenerate.by_factor,
    degenerate.by_lowest_form,
    degenerate.by_curves,
)
