"""Global extrema by a bound: f is constant, or convex, or f - m has one sign and m is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Expr, S, Symbol, default_sort_key, exp, linear_eq_to_matrix

from symopt.cases import Split
from symopt.derivation.checks_extremum import difference
from symopt.derivation.claims import Branch, Context, Cover, Curved, Optimal, Step
from symopt.derivation.extremal_points import BEYOND
from symopt.exact.dependence import depends_on
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.exact.values import value_at
from symopt.reasoning.curvature import convexity
from symopt.reasoning.sign import prove_relation
from symopt.reasoning.subgradients import KINKS, prove_beside_kinks
from symopt.relation import Relation
from symopt.stationary.across import stationary_across
from symopt.stationary.comparing import magnitude
from symopt.stationary.curves import Approach, approaches, claim
from symopt.stationary.question import Question
from symopt.stationary.solutions import solutions

MAX_VALUES: Final = 6
MAX_TRIED: Final = 30


def constant(question: Question) -> Step | None:
    """f is one number on the whole region."""
    try:
        value = canonical(question.objective)
    except NotExact:
        return None
    if value.free_symbols & set(question.variables):
        return None
    used = {str(s) for s in question.objective.free_symbols | question.cell.parameters}
    names = [n for n in ("t", "u", "v", "w", *(f"t{k}" for k in range(20))) if n not in used][
        : len(question.variables)
    ]
    free = tuple(Symbol(name, real=True) for name in names)
    values: dict[Symbol, Expr] = dict(zip(question.variables, free, strict=True))
    where = tuple(r.at(values) for r in question.context.region)
    branch = Branch(tuple(values.items()), (), tuple((s, "real") for s in free), where)
    for point in (0, 1, -1, 2):
        member = tuple((s, canonical(s * 0 + point)) for s in free)
        proofs = tuple(prove_relation(r.at(dict(member)), question.condition) for r in where)
        if all(proofs):
            return question.conclude(
                "extremum_constant", question.reached(value, (branch,), True), proofs, member=member
            )
    return None


def convex(question: Question) -> Step | None:
    """The stationary points of a convex function are its global minima."""
    curved, stationary = question.curved_step, question.stationary_step
    if curved is not None and stationary is None:
        return _convex_across(question, curved) or _convex_at_kink(question, curved)
    if curved is None or stationary is None or not question.branches:
        return None
    value = question.value_at(question.branches[0])
    if value is None:
        return None
    if len(question.branches) == 1:
        as_it_stands = question.objective.xreplace(question.branches[0].values)
        for own in dict.fromkeys((value, as_it_stands)):
            claimed = question.reached(own, question.branches, True)
            step = question.conclude("extremum_convex", claimed, (curved, stationary))
            if step is not None:
                return step
    return _among_candidates(question, value, curved) or question.conclude(
        "extremum_convex", question.reached(value, question.branches, False), (curved, stationary)
    )


def _among_candidates(question: Question, value: Expr, *given: Step) -> Step | None:
    """All points at which a convex function has its least value, from those at which it may have one."""
    found = question.candidates(written_out=True) if question.is_open else None
    split = None if found is None else question.split(value, found[0])
    if found is None or split is None:
        return None
    claimed = question.reached(value, split[0], True)
    premises = (*given, *found[1], *split[1], *question.smoothness())
    return question.conclude("extremum_convex", claimed, premises)


def _convex_across(question: Question, curved: Step) -> Step | None:
    """The same where f has pieces: one of its points is shown to be stationary for f itself."""
    for point in question.stationary.points[:MAX_TRIED]:
        stationary = stationary_across(question.cell, point.branch)
        value = None if stationary is None else question.value_at(point.branch)
        if stationary is None or value is None:
            continue
        alone = cast(Curved, curved.claim).strict is True
        step = None if alone else _among_candidates(question, value, curved, stationary)
        claimed = question.reached(value, (point.branch,), alone)
        return step or question.conclude("extremum_convex", claimed, (curved, stationary))
    return None


def _convex_at_kink(question: Question, curved: Step) -> Step | None:
    """The least value of a convex function at a kink that is a strict local minimum: it is reached nowhere else."""
    kind = "minimum" if question.sense == "min" else "maximum"
    for kink in question.stationary.kinks[:MAX_TRIED]:
        value = kink.value if kink.kind == kind and kink.strict else None
        if value is None or kink.evidence is None:
            continue
        claimed = question.reached(value, (kink.branch,), True)
        step = question.conclude("extremum_convex", claimed, (curved, *kink.evidence.steps))
        if step is not None:
            return step
    return None


def geometric(question: Question) -> Step | None:
    """The stationary points of a function of positive x that is convex in log x are its global minima."""
    stationary, region = question.stationary_step, question.context.region
    if stationary is None or not question.branches or question.cell.objective.has(Abs):
        return None
    value = question.value_at(question.branches[0])
    positive = tuple(v for v in question.variables if signs_of_tree(v, region) <= SIGNS_OF[">"])
    if value is None or not positive:
        return None
    used = {
        s.name for s in question.objective.free_symbols | question.cell.parameters | {*question.variables}
    }
    free = (Symbol(name, real=True) for k in ("", *range(1, 9)) for name in (f"u{k}", f"v{k}", f"w{k}"))
    names = dict(zip(positive, (s for s in free if s.name not in used), strict=False))
    table: dict[Symbol, Expr] = {x: exp(u) for x, u in names.items()}
    given = tuple(Relation(x, ">") for x in positive)
    left = tuple(r.at(table) for r in region if not signs_of_tree(r.expression, given) <= SIGNS_OF[r.op])
    variables = tuple(names.get(v, v) for v in question.variables)
    context = Context(tuple(dict.fromkeys(left)), question.context.condition)
    cell = replace(
        question.cell, objective=question.objective.xreplace(table), variables=variables, context=context
    )
    with suppress(Split):
        found = convexity(cell.objective, variables, cell, refute=False)
        kinds = ("affine", "convex" if question.sense == "min" else "concave")
        curved = next(
            (s for s in found.evidence.steps if isinstance(s.claim, Curved) and s.claim.kind in kinds), None
        )
        if curved is None:
            return None
        only = question.branches if len(question.branches) == 1 else ()
        data = {"names": tuple(names.items())}
        step = question.conclude(
            "extremum_geometric", question.reached(value, only, True), (curved, stationary), **data
        )
        candidates = question.candidates() if step is None and question.is_open else None
        split = None if candidates is None else question.split(value, candidates[0])
        if step is not None or candidates is None or split is None:
            return step
        claimed = question.reached(value, split[0], True)
        premises = (curved, *candidates[1], *split[1], *question.smoothness())
        return question.conclude("extremum_geometric", claimed, premises, **data)
    return None


def values_reached(question: Question) -> tuple[tuple[Branch, Expr], ...]:
    """The distinct values of f at points that may be extrema of this sense, the better ones first."""
    wanted = ("minimum" if question.sense == "min" else "maximum", "constant", "undecided")
    found: dict[Expr, Branch] = {}
    for point in (*question.stationary.points, *question.stationary.kinks):
        value = question.value_at(point.branch)
        if point.kind in wanted and value is not None:
            found.setdefault(value, point.branch)
    return tuple(
        sorted_by_value(question, tuple((branch, value) for value, branch in found.items()))[:MAX_VALUES]
    )


def sorted_by_value(
    question: Question, reached: tuple[tuple[Branch, Expr], ...]
) -> list[tuple[Branch, Expr]]:
    """The better values first: by size where they are numbers, else by proofs."""
    sizes = {value: magnitude(value, branch) for branch, value in reached}
    if None not in sizes.values():
        return sorted(reached, key=lambda pair: sizes[pair[1]] or 0, reverse=question.sense == "max")
    ordered: list[tuple[Branch, Expr]] = []
    for branch, value in reached[:MAX_VALUES]:
        place = next(
            (i for i, (_, other) in enumerate(ordered) if question.better(value, other)), len(ordered)
        )
        ordered.insert(place, (branch, value))
    return ordered


def _likely(question: Question) -> tuple[tuple[Branch, Expr], ...]:
    """The origin and the centres of the exponents, to be tried where the stationary points are not known."""
    origin = dict.fromkeys(question.variables, cast(Expr, S.Zero))
    found = []
    for values in (origin, *_centres(question)):
        branch = Branch(tuple((v, values[v]) for v in question.variables))
        value = value_at(question.objective, branch.values)
        if value is not None:
            found.append((branch, value))
    return tuple(found)


def _centres(question: Question) -> Iterator[dict[Symbol, Expr]]:
    """Where the gradient of a quadratic exponent in all the variables is 0."""
    for exponent in sorted({node.args[0] for node in question.objective.atoms(exp)}, key=default_sort_key):
        poly = exponent.as_poly(*question.variables)
        if poly is None or poly.total_degree() != 2:
            continue
        system = [poly.diff(v).as_expr() for v in question.variables]
        matrix, constants = linear_eq_to_matrix(system, *question.variables)
        if matrix.det().is_zero is False:
            yield dict(zip(question.variables, matrix.LUsolve(constants), strict=True))


def bounded(question: Question) -> Step | None:
    """f - m >= 0 everywhere, with m reached at a stationary point."""
    for branch, value in values_reached(question) or _likely(question):
        if any(value.has(n.symbol) for n in branch.numbers):
            continue
        below = prove_relation(
            Relation(difference(question.objective, value), BEYOND[question.sense] + "="), question.context
        )
        if below is None:
            continue
        step = _bounded_by(question, branch, value, below)
        if step is not None:
            return step
    return None


def seen(question: Question) -> Step | None:
    """The same where f - m, as it stands, has no term of the other sign: (x^2 - 1)^2 >= 0."""
    for branch, value in values_reached(question)[:1]:
        relation = Relation(difference(question.objective, value), BEYOND[question.sense] + "=")
        if not signs_of_tree(relation.expression, question.context.relations) <= SIGNS_OF[relation.op]:
            continue
        below = prove_relation(relation, question.context)
        step = None if below is None else _bounded_by(question, branch, value, below)
        if step is not None and cast(Optimal, step.claim).all_of_them:
            return step
    return None


def _bounded_by(question: Question, branch: Branch, value: Expr, below: Step) -> Step | None:
    found = question.candidates()
    if found is not None and question.is_open:
        split = question.split(value, found[0])
        if split is not None:
            claimed = question.reached(value, split[0], True)
            premises = (below, *found[1], *split[1], *question.smoothness(), *question.inside(split[0]))
            step = question.conclude("extremum_bound", claimed, premises)
            if step is not None:
                return step
    premises = (below, *(() if question.stationary_step is None else (question.stationary_step,)))
    return question.conclude(
        "extremum_bound", question.reached(value, (branch,), False), (*premises, *question.inside((branch,)))
    )


def everywhere_bounded(question: Question) -> Step | None:
    """The same with all the points at which m is reached, where f = m can be solved."""
    for branch, value in values_reached(question) or _likely(question):
        if any(value.has(n.symbol) for n in branch.numbers):
            continue
        relation = Relation(difference(question.objective, value), BEYOND[question.sense] + "=")
        below = prove_relation(relation, question.context)
        if below is None:
            continue
        step = _where_reached(question, value, below)
        if step is not None:
            return step
    return None


def _where_reached(question: Question, value: Expr, below: Step) -> Step | None:
    """All points at which f has the value that bounds it, where f = m can be solved."""
    found = solutions(question, value, cast("Expr | None", below.data("tree")), below.premises)
    if found is None:
        return None
    branches = cast(Cover, found.claim).branches
    claimed = question.reached(value, branches, True)
    return question.conclude("extremum_bound", claimed, (below, found, *question.inside(branches)))


def vanishing(question: Question) -> Step | None:
    """f >= 0 as it stands, and f = 0 where all its terms are: the stationary points are not needed then."""
    relation = Relation(question.objective, BEYOND[question.sense] + "=")
    terms = Add.make_args(question.objective)
    if not all(depends_on(term, frozenset(question.variables)) for term in terms):
        return None
    if not signs_of_tree(relation.expression, question.context.relations) <= SIGNS_OF[relation.op]:
        return None
    below = prove_relation(relation, question.context)
    return None if below is None else _where_reached(question, S.Zero, below)


def at_border(question: Question) -> Step | None:
    """f = m + k g with a relation g >= 0 of the region: m is reached where g = 0, on a whole curve or surface."""
    for relation in question.context.region if len(question.variables) > 1 else ():
        value = None if relation.is_strict else _constant_beside(question, relation.expression)
        if value is None:
            continue
        below = prove_relation(
            Relation(difference(question.objective, value), BEYOND[question.sense] + "="), question.context
        )
        step = None if below is None else _where_reached(question, value, below)
        if step is not None:
            return step
    return None


def _constant_beside(question: Question, g: Expr) -> Expr | None:
    """m where f = m + k g with numbers m and k, or with parameters."""
    (lowest, moving), (start, inside) = (
        e.expand().as_independent(*question.variables, as_Add=True) for e in (question.objective, g)
    )
    if moving == 0 or inside == 0:
        return None
    try:
        ratio = canonical(moving / inside)
    except NotExact:
        return None
    return None if ratio.has(*question.variables) else canonical(lowest - ratio * start)


def beside_kinks(question: Question) -> Step | None:
    """The same at a kink: each kink is put down to a combination of its parts, of which the point is a minimum."""
    if not question.objective.has(*KINKS) or len(question.variables) == 1:
        return None
    op = BEYOND[question.sense] + "="
    points = (p.branch for p in (*question.stationary.kinks, *question.stationary.points))
    for branch in [b for b in points if not (b.free or b.numbers)][:MAX_TRIED]:
        value = question.value_at(branch)
        if value is None:
            continue
        place = (question.objective, value, op, question.variables, branch.values, question.context)
        below = prove_beside_kinks(*place)
        if below is None:
            continue
        found = solutions(question, value, cast(Expr, below.data("tree")), below.premises)
        branches = (branch,) if found is None else cast(Cover, found.claim).branches
        claimed = question.reached(value, branches, found is not None)
        step = question.conclude("extremum_bound", claimed, (below, found, *question.inside(branches)))
        if step is not None:
            return step
    return None


def _zero_first(found: Iterable[Approach]) -> Iterator[Approach]:
    """Approaches with the limit 0 as soon as they are met, the others after all of them."""
    others = []
    for approach in found:
        if approach.value.is_zero:
            yield approach
        else:
            others.append(approach)
    yield from others


def approached(question: Question) -> Step | None:
    """f > m everywhere, and f -> m along a curve."""
    reached = [value for _, value in values_reached(question)]
    tried: set[Expr] = set()
    for found in _zero_first(approaches(question)):
        value = found.value
        if value in tried or value.is_finite is False or any(question.better(r, value) for r in reached):
            continue
        tried.add(value)
        if len(tried) > MAX_VALUES:
            return None
        beyond = prove_relation(
            Relation(question.objective - value, BEYOND[question.sense]), question.context
        )
        if beyond is not None:
            step = question.conclude(
                "extremum_limit", claim(question, found), (beyond, found.limit, *found.premises)
            )
            if step is not None:
                return step
    return None
