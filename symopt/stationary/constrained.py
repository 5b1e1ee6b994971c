"""Extrema over regions with a border, and of functions of several variables with kinks: faces, edges, equations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Expr, S, Symbol

from symopt.cases import Cell
from symopt.derivation.active_sets import ActiveSet, active_sets
from symopt.derivation.checker import is_accepted
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Cover, Holds, Stationary, Step
from symopt.exact.derivatives import singularities
from symopt.exact.normal import NotExact
from symopt.reasoning.sign import prove_infeasible, prove_relation
from symopt.relation import Relation
from symopt.stationary.bounding import Bounds, bounds_of
from symopt.stationary.bounds import sorted_by_value
from symopt.stationary.covers import ELIMINATION_FIRST, MOVES, solver_for
from symopt.stationary.growth import Parts, separable_bound
from symopt.stationary.question import Question
from symopt.stationary.solver import Unsolved
from symopt.stationary.steps import with_equations

MAX_CANDIDATES: Final = 60
MAX_TRIED: Final = 8
Existence = tuple[dict[str, object], tuple[Step, ...]]


def by_active_sets(question: Question) -> Step | None:
    """The best of the points inside, on faces, edges and corners, and at kinks, where f attains its extremum."""
    region, variables = question.context.region, question.variables
    closed = any(not r.is_strict for r in region)
    kinked = len(variables) > 1 and question.objective.has(Abs)
    curved = len(variables) > 1 or bool(question.cell.parameters) or any(r.op == "==" for r in region)
    if not ((closed and curved) or kinked):
        return None
    try:
        faces = active_sets(question.objective, variables, region)
    except (Rejected, NotExact):
        return None
    existences = tuple(_existence(question))
    if not existences:
        return None
    found = _candidates(question, faces)
    if found is None or len(found[0]) > MAX_CANDIDATES:
        return None
    candidates, premises = found
    reached: dict[Expr, Branch] = {}
    for branch in candidates:
        value = question.value_at(branch)
        if value is not None:
            reached.setdefault(value, branch)
    ordered = sorted_by_value(question, tuple((branch, value) for value, branch in reached.items()))
    for _, value in ordered[:MAX_TRIED]:
        split = question.split(value, candidates)
        if split is None:
            continue
        claim = question.reached(value, split[0], True)
        shown = (*premises, *split[1], *question.smoothness(), *question.inside(split[0]))
        for data, proofs in existences:
            step = question.conclude("extremum_borders", claim, (*shown, *proofs), **data)
            if step is not None:
                return step
    return None


def _existence(question: Question) -> Iterator[Existence]:
    """Why f attains its extremum: ends for the variables, and where they have none the growth of f."""
    variables, context = question.variables, question.context
    bounds, steps = bounds_of(variables, context)
    kept = _bounds(bounds)
    if all(low is not None and high is not None for _, low, high in bounds):
        yield {"bounds": kept}, steps
    for relation in context.region:
        if relation.op in (">=", "<=", "=="):
            for sign in (1, -1) if relation.op == "==" else (-1 if relation.op == ">=" else 1,):
                within = sign * relation.expression
                found = separable_bound(within, variables, context, "min")
                if found is not None:
                    yield {"bounds": kept, "growth": found[0], "within": within}, (*steps, found[1])
    for found in (
        separable_bound(question.objective, variables, context, question.sense),
        *_with_relations(question),
    ):
        if found is not None:
            yield {"bounds": kept, "growth": found[0]}, (*steps, found[1])


def _with_relations(question: Question) -> Iterator[tuple[Parts, Step]]:
    """A bound of f - g/2 (f + g/2 for a maximum) bounds f, for g >= 0 in the region: y >= (y + x^4)/2 on y >= x^4."""
    f, sign = question.objective, S.One if question.sense == "min" else S.NegativeOne
    op = ">=" if question.sense == "min" else "<="
    for relation in question.context.region:
        if relation.op not in (">=", "<="):
            continue
        inside = (relation.expression if relation.op == ">=" else -relation.expression) / 2
        found = separable_bound(f - sign * inside, question.variables, question.context, question.sense)
        if found is None:
            continue
        parts, step = found
        claim = Holds(Relation(f - Add(*(g for _, g in parts)), op))
        tree = Add(cast(Expr, step.data("tree")), sign * inside, evaluate=False)
        yield parts, Step(question.context, claim, "signs", step.premises, (("tree", tree),))


def _bounds(bounds: Bounds) -> Bounds:
    return tuple(b for b in bounds if b[1] is not None or b[2] is not None)


def _candidates(
    question: Question, faces: tuple[ActiveSet, ...]
) -> tuple[tuple[Branch, ...], tuple[Step, ...]] | None:
    """The points of all faces, with the covers that list them."""
    found: list[Branch] = []
    steps: list[Step] = []
    for face in faces:
        question.cell.budget.check()
        place = question.context.with_region(*face.piece)
        empty = prove_infeasible(place) if face.piece else None
        if empty is not None:
            steps.append(empty)
            continue
        step = _inside(question, face) if not face.zero else None
        step = step or _cover(question, face.equations, face, place, tuple(found))
        if step is None:
            return None
        steps.append(step)
        found += cast("Cover | Stationary", step.claim).branches
    for expression in (question.objective, *(r.expression for r in question.context.region)):
        for relation in singularities(expression, question.variables) or ():
            kink = expression == question.objective and Abs(relation.expression) in expression.atoms(Abs)
            if kink or prove_relation(relation, question.context) is not None:
                continue
            step = _cover(question, (relation.expression,), None, question.context, tuple(found))
            if step is None:
                return None
            steps.append(step)
            found += cast(Cover, step.claim).branches
    return tuple(dict.fromkeys(found)), tuple(steps)


def _inside(question: Question, face: ActiveSet) -> Step | None:
    """The stationary points inside the region, where f is one smooth expression."""
    if question.stationary.searched is not None:
        return None
    return next(
        (
            s
            for s in question.stationary_steps
            if cast(Stationary, s.claim).complete
            and cast(Stationary, s.claim).objective == face.objective
            and is_accepted(s)
        ),
        None,
    )


def _cover(
    question: Question,
    equations: tuple[Expr, ...],
    face: ActiveSet | None,
    place: Context,
    before: tuple[Branch, ...],
) -> Step | None:
    """A cover of the points of the region where the equations hold, with other names than the branches before."""
    needed = () if face is None else singularities(face.objective, question.variables) or ()
    context = place.with_region(*(r for r in needed if prove_relation(r, place) is None))
    names = {str(s) for s in question.objective.free_symbols | question.cell.parameters}
    names |= {str(v) for v in question.variables}
    names |= {str(n.symbol) for b in before for n in b.numbers} | {str(s) for b in before for s, _ in b.free}
    for moves in (MOVES, ELIMINATION_FIRST):
        solver = solver_for(replace(question.cell, context=context), names, moves)
        try:
            step = solver.solve(equations, question.variables, context)
            found = solver.within(with_equations(step, equations), context, context.region)
        except (Unsolved, NotExact):
            continue
        if is_accepted(found):
            return found
    return None


def equation_to_eliminate(cell: Cell) -> tuple[Relation, Symbol, Expr] | None:
    """(e = 0, x, h) with e = c (x - h) for an equation of the region."""
    for relation in cell.context.region:
        for variable in reversed(cell.variables) if relation.op == "==" else ():
            linear = relation.expression.as_poly(variable)
            if linear is None or linear.degree() != 1:
                continue
            slope, offset = linear.all_coeffs()
            if slope.is_Rational and slope != S.Zero:
                return relation, variable, (-offset / slope).expand()
    return None
