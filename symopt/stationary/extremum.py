"""The global minimum and maximum in one cell of the parameters: value, attained or not, where, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from sympy import Expr, Piecewise, S, Symbol, cos, sin

from symopt.cases import Cell, Split
from symopt.clock import OutOfTime
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Branch, Context, Optimal, Stationary, Step
from symopt.derivation.extremal_points import BEYOND
from symopt.domain import natural_domain
from symopt.exact.dependence import depends_on
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.curvature import convexity
from symopt.reasoning.sign import prove_infeasible, prove_relation
from symopt.relation import Relation
from symopt.results.answers import Convexity, Extremum, StationarySet
from symopt.results.evidence import Evidence, trust_of, undecided
from symopt.stationary.attained import by_candidates, by_decay, by_growth, by_ratio
from symopt.stationary.bounds import (
    approached,
    at_border,
    beside_kinks,
    bounded,
    constant,
    convex,
    everywhere_bounded,
    geometric,
    seen,
    vanishing,
)
from symopt.stationary.by_cases import best_of_cases
from symopt.stationary.closures import with_border
from symopt.stationary.composing import composed, taken_off, with_logarithm
from symopt.stationary.constrained import by_active_sets, equation_to_eliminate
from symopt.stationary.curves import unbounded, unbounded_along_an_axis
from symopt.stationary.intervals import by_interval, by_only_point
from symopt.stationary.medians import by_medians
from symopt.stationary.pieces import with_absolute_values, without_tangents
from symopt.stationary.points import stationary_set as all_stationary
from symopt.stationary.question import Question
from symopt.stationary.separating import parts_of, put_together
from symopt.stationary.touching import by_tangents

TakeOff = Callable[[Cell, str], tuple[Expr, Symbol, Expr, str] | None]


def global_extremum(sense: str, cell: Cell) -> Extremum:
    """The infimum (sense "min") or supremum ("max") of the cell's objective over its region.

    max(a, b) is written with |a - b| where it is not settled as it stands.
    """
    cell = without_tangents(cell)
    if cell.objective.has(Piecewise):
        step = best_of_cases(_bare(sense, cell), global_extremum)
        if step is not None and is_accepted(step):
            return _answer(sense, step)
    several, plain = len(cell.variables) > 1, cell.objective.is_polynomial(*cell.variables)
    zeros_are_many = not plain and (several or cell.objective.has(sin, cos))
    bare = zeros_are_many and not cell.parameters and not cell.context.region
    at_once = (_at_the_origin(sense, cell) or _along_an_axis(sense, cell)) if bare else None
    if at_once is not None:
        return at_once
    curvature = curvature_alone(cell)
    helpful = ("affine", "convex" if sense == "min" else "concave")
    stationary = _stationary(cell, curvature) if curvature.kind in helpful else None
    if stationary is None or not stationary.points:
        early = (
            _where_terms_vanish(sense, cell)
            or _by_parts(sense, cell)
            or _inside(sense, cell)
            or _by_logarithm(sense, cell)
        )
        early = early or _beside_waves(sense, cell)
        if early is not None:
            return early
    stationary = stationary or _stationary(cell, curvature)
    found = extremum(sense, cell.objective, cell.variables, cell, stationary, curvature)
    if found.value is None:
        found = _with_border(sense, cell) or found
    if found.value is None and not _are_labels_needed(cell):
        all_stationary(cell, curvature)  # what the points are may split the cell, and then more is known
    if found.value is None and cell.parameters and curvature.kind == "undecided":
        convexity(cell.objective, cell.variables, cell, refute=False)  # so may the curvature
    partial = found.value is None or bool(found.evidence.reason)
    rewritten = with_absolute_values(cell) if partial else None
    if rewritten is None:
        return found
    unknown = Convexity("undecided", None, undecided("it is not asked for"))
    stationary = _stationary(rewritten)
    other = extremum(sense, rewritten.objective, cell.variables, rewritten, stationary, unknown)
    return found if other.value is None else _of_what_is_written_out(other, cell)


def _where_terms_vanish(sense: str, cell: Cell) -> Extremum | None:
    """The value 0 of a sum of squares with parameters, without its gradient: (x^2 + y^2 - a)^2 + (y - 1)^2."""
    step = vanishing(_bare(sense, cell)) if cell.parameters else None
    return None if step is None else _answer(sense, step)


def _along_an_axis(sense: str, cell: Cell) -> Extremum | None:
    """Unbounded along an axis, where f of several variables is no polynomial: no zero of the gradient is needed then."""
    step = unbounded_along_an_axis(_bare(sense, cell))
    return None if step is None else _answer(sense, step)


def _at_the_origin(sense: str, cell: Cell) -> Extremum | None:
    """The value at the origin, where f of several variables is no polynomial and it is seen to be the best at once.

    Looking there first spares the zeros of the gradient, which may be many: x^2 + y^2 + 25 sin(x)^2 + 25 sin(y)^2.
    """
    share = cell.budget.share(SHARE_AT_ONCE)
    question = _bare(sense, replace(cell, budget=share))

    def seen_at_once() -> Extremum | None:
        for prover in (everywhere_bounded, by_tangents):
            step = prover(question)
            if step is not None and _shortcomings(step) == NONE:
                return _answer(sense, step)
        return None

    return share.within(seen_at_once, lambda: None)


def _beside_waves(sense: str, cell: Cell) -> Extremum | None:
    """A curve on which f is unbounded, where it has waves and more: again before its gradient."""
    waves = cell.objective.atoms(sin, cos)
    rest = cell.objective.xreplace(dict.fromkeys(waves, S.Zero))
    if not waves or cell.parameters or not depends_on(rest, frozenset(cell.variables)):
        return None
    try:
        step = unbounded(_bare(sense, replace(cell, budget=cell.budget.share(0.2))))
    except OutOfTime:
        return None
    return _answer(sense, step) if step is not None and is_accepted(step) else None


def _bare(sense: str, cell: Cell) -> Question:
    """The question with nothing known of f."""
    unknown = undecided("it is not asked for")
    nothing, convexity = StationarySet((), False, unknown), Convexity("undecided", None, unknown)
    return Question(sense, cell.objective, cell.variables, cell, nothing, convexity)


def _by_parts(sense: str, cell: Cell) -> Extremum | None:
    """The sum of the extrema of summands that share no variable, each found by itself.

    Where one of them has none, f is asked for a curve at once: the points where the gradient vanishes may be many.
    """
    answers = []
    for part in parts_of(cell):
        answers.append(global_extremum(sense, part))
        if answers[-1].value is None:
            return None
    if not answers:
        return None
    question = _bare(sense, cell)
    finite = all(answer.value.is_finite for answer in answers if answer.value is not None)
    step = put_together(question, answers) if finite else unbounded(question)
    return None if step is None or not is_accepted(step) else _answer(sense, step)


def _inside(sense: str, cell: Cell, find: TakeOff = taken_off) -> Extremum | None:
    """The extremum of u where f = h(u) with h strictly monotone."""
    found = find(cell, sense)
    if found is None:
        return None
    outer, symbol, inner, inner_sense = found
    try:
        share = cell.budget.share(SHARE_INSIDE)
        answer = global_extremum(inner_sense, replace(cell, objective=inner, budget=share))
    except OutOfTime:
        return None
    step = None if answer.value is None else composed(_bare(sense, cell), outer, symbol, answer)
    return None if step is None or not is_accepted(step) else _answer(sense, step)


def _by_logarithm(sense: str, cell: Cell) -> Extremum | None:
    """The extremum by that of log f, for a product of several variables whose logarithm is curved as is wanted."""
    found = with_logarithm(cell, sense) if len(cell.variables) > 1 else None
    if found is None:
        return None
    curvature = curvature_alone(replace(cell, objective=found[2]))
    helpful = curvature.kind in ("affine", "convex" if found[3] == "min" else "concave")
    return _inside(sense, cell, with_logarithm) if helpful else None


def _with_border(sense: str, cell: Cell) -> Extremum | None:
    """The extremum over an open region, by that over the region with its border."""
    step = with_border(_bare(sense, cell), global_extremum)
    return None if step is None else _answer(sense, step)


def _of_what_is_written_out(answer: Extremum, cell: Cell) -> Extremum:
    """The same answer for the cell's objective, of which it was found with its maxima as absolute values."""
    main, *others = answer.evidence.steps
    claim = replace(cast(Optimal, main.claim), objective=cell.objective)
    step = Step(cell.context, claim, "extremum_written_out", (main,))
    return replace(answer, evidence=replace(answer.evidence, steps=(step, *others)))


def extremum(
    sense: str,
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    stationary: StationarySet,
    convexity: Convexity,
) -> Extremum:
    """The infimum (sense "min") or supremum ("max") of the objective over the cell's region.

    The provers are tried from the most readable on; the first that names all the points and rests on no decision
    procedure gives the answer. Where only the sign of a quantity in the parameters was missing, the cell is asked
    for it, and splits.
    """
    try:
        return _by_provers(Question(sense, objective, variables, cell, stationary, convexity))
    except Split as split:
        raise Split(split.quantity, stationary if stationary.complete else None) from split


def _by_provers(question: Question) -> Extremum:
    cell, found = question.cell, list[Step]()
    for prover in PROVERS:
        listed = any(not _shortcomings(step)[0] for step in found)
        if found and (prover not in COMPLETING or (listed and prover is everywhere_bounded)):
            continue
        try:
            cell.budget.check()
            step = prover(question)
        except OutOfTime:
            if not found:
                raise
            break
        if step is not None and is_accepted(step):
            found.append(step)
            if _shortcomings(step) == NONE:
                break
    if found:
        return _answer(question.sense, min(found, key=_shortcomings))
    for quantity in dict.fromkeys(question.open_signs):
        if quantity.free_symbols and quantity.free_symbols <= cell.parameters:
            cell.sign(quantity)
    return Extremum(question.sense, None, None, (), undecided(*_why(question)))


NONE: Final = (False, False)
SHARE_AT_ONCE: Final = (
    0.15  # of the time left, for a value that may be seen to be the best without the gradient
)
SHARE_INSIDE: Final = 0.4  # of the time left, for the argument of a monotone function


def _shortcomings(step: Step) -> tuple[bool, bool]:
    """What speaks against an answer: points that may be missing, and then the word of a decision procedure."""
    claim = cast(Optimal, step.claim)
    return claim.attained and not claim.all_of_them, trust_of((step,)) == "trusted"


def partial(question: Question) -> Step | None:
    """Minimising over one variable first, where f is a square of it times a weight and a function of the others."""
    for variable in question.variables if len(question.variables) > 1 else ():
        found = _completed(question, variable)
        if found is None:
            continue
        weight, lowest, rest = found
        premise = prove_relation(Relation(weight, BEYOND[question.sense]), question.context)
        if premise is None:
            continue
        others = tuple(v for v in question.variables if v != variable)
        cell = replace(question.cell, objective=rest, variables=others)
        curvature = curvature_alone(cell)
        inner = extremum(question.sense, rest, others, cell, _stationary(cell, curvature), curvature)
        if not inner.attained or not inner.evidence.steps:
            continue
        below = cast(Optimal, inner.evidence.steps[0].claim)
        at = tuple(_above(branch, question.variables, variable, lowest) for branch in below.at)
        claim = question.reached(below.value, at, below.all_of_them)
        needed = tuple(prove_relation(r, question.context) for r in natural_domain(lowest))
        step = question.conclude(
            "extremum_partial",
            claim,
            (inner.evidence.steps[0], premise, *needed),
            variable=variable,
            weight=weight,
            lowest=lowest,
        )
        if step is not None:
            return step
    return None


def _completed(question: Question, variable: Symbol) -> tuple[Expr, Expr, Expr] | None:
    """(w, h, g) with f = g + w (x - h)^2, all free of x, where x is not restricted."""
    if any(variable in r.symbols for r in question.context.region):
        return None
    quadratic = question.objective.as_poly(variable)
    if quadratic is None or quadratic.degree() != 2:
        return None
    a, b, c = quadratic.all_coeffs()
    try:
        return canonical(a), canonical(-b / (2 * a)), canonical(c - b**2 / (4 * a))
    except NotExact:
        return None


def by_elimination(question: Question) -> Step | None:
    """f with an equation of the region put in: one variable less."""
    found = equation_to_eliminate(question.cell)
    if found is None or len(question.variables) == 1:
        return None
    equation, variable, solution = found
    table = {variable: solution}
    others = tuple(v for v in question.variables if v != variable)
    left = (r.at(table) for r in question.context.region if r != equation)
    region = tuple(r for r in left if prove_relation(r, question.condition) is None)
    context = Context(region, question.context.condition)
    cell = Cell(question.objective.xreplace(table), others, context, question.cell.budget)
    curvature = curvature_alone(cell)
    inner = extremum(question.sense, cell.objective, others, cell, _stationary(cell, curvature), curvature)
    if not inner.evidence.steps:
        return None
    below = cast(Optimal, inner.evidence.steps[0].claim)
    along = dict(below.along)
    if along:
        along[variable] = solution.xreplace(along)
    claim = replace(
        below,
        objective=question.objective,
        variables=question.variables,
        at=tuple(_above(branch, question.variables, variable, solution) for branch in below.at),
        along=tuple((v, along[v]) for v in question.variables) if along else (),
    )
    data = {"variable": variable, "solution": solution, "equation": equation}
    return question.conclude("extremum_eliminated", claim, (inner.evidence.steps[0],), **data)


def _above(branch: Branch, variables: tuple[Symbol, ...], variable: Symbol, lowest: Expr) -> Branch:
    """The point with the lowest value of the variable above a point in the others."""
    values = {**branch.values, variable: canonical(lowest.xreplace(branch.values))}
    return replace(branch, at=tuple((v, values[v]) for v in variables))


def _stationary(cell: Cell, curvature: Convexity | None = None) -> StationarySet:
    """The stationary points, with what they are where that may be needed."""
    if cell.known is not None and _is_about(cell.known, cell):
        return cell.known
    return all_stationary(cell, curvature, labelled=_are_labels_needed(cell))


def _are_labels_needed(cell: Cell) -> bool:
    """Not for polynomials with parameters: their values tell, and labels would split cases in which the value is one."""
    return not (cell.parameters and cell.objective.is_polynomial(*cell.variables))


def _is_about(known: StationarySet, cell: Cell) -> bool:
    """Whether these are all stationary points of the cell's objective, found for conditions that hold on the cell."""
    return not cell.context.region and all(
        isinstance(step.claim, Stationary)
        and (step.claim.objective, step.claim.variables) == (cell.objective, cell.variables)
        and not step.context.region
        and set(step.context.condition) <= set(cell.context.condition)
        for step in known.evidence.steps
    )


def curvature_alone(cell: Cell) -> Convexity:
    """The convexity of the cell's objective where it is plain; undecided where only a split could tell."""
    try:
        return convexity(cell.objective, cell.variables, cell, refute=not cell.parameters)
    except Split:
        return Convexity("undecided", None, undecided("it depends on the parameters"))


def _answer(sense: str, step: Step) -> Extremum:
    claim = cast(Optimal, step.claim)
    partial = claim.attained and not claim.all_of_them
    reason = "it is not proved that it is reached nowhere else" if partial else ""
    evidence = Evidence("proved", (step,), reason)
    return Extremum(
        sense,
        claim.value,
        claim.attained,
        claim.at,
        evidence,
        claim.along,
        claim.curve_symbol,
        claim.through_integers,
        claim.all_of_them if claim.attained else None,
    )


def _why(question: Question) -> tuple[str, str]:
    """What stopped the proofs, for the reader."""
    if question.context.region and prove_infeasible(question.context) is not None:
        return "the region has no point, so there is nothing to decide", "not_covered"
    if not question.is_open and len(question.variables) > 1:
        return "constraints: a border of the region may hold the extremum", "not_covered"
    if question.stationary_step is None or not question.stationary.complete:
        return "not all stationary points are known, and no bound was found", "not_covered"
    return "no bound, limit or comparison of the candidates could be proved", "not_covered"


PROVERS: Final[tuple[Callable[[Question], Step | None], ...]] = (
    constant,
    by_elimination,
    by_medians,
    convex,
    seen,
    by_interval,
    by_only_point,
    geometric,
    beside_kinks,
    unbounded,
    by_growth,
    at_border,
    by_active_sets,
    by_ratio,
    bounded,
    by_tangents,
    by_candidates,
    by_decay,
    approached,
    partial,
    everywhere_bounded,
)
# What is still tried when a value is known, but not all points at which it is reached, or on trust alone.
COMPLETING: Final = (bounded, by_tangents, by_candidates, by_decay, partial, everywhere_bounded)
