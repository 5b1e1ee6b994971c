"""What the checks of global extrema know of the points of a claim: values there, no better point elsewhere.

The candidates for an extremum are the stationary points and the points where f is not differentiable; a claim
that names all minimisers has to account for each of them. The numbers in a value are those of `claim.at`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Final, cast

from sympy import Abs, Expr, Integer, Rational, S, Symbol, default_sort_key, sign

from symopt.derivation.checking import (
    Rejected,
    available,
    identical,
    is_zero,
    premises_of,
    require,
    require_defined,
    vanishes_at,
)
from symopt.derivation.checks_derivative import is_open
from symopt.derivation.checks_points import lies_on
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Holds,
    Infeasible,
    Label,
    Number,
    Optimal,
    Stationary,
    Step,
)
from symopt.exact.absolute import in_absolute_values
from symopt.exact.derivatives import singularities
from symopt.exact.enclosure import enclose
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import with_factors
from symopt.exact.signs import SIGNS_OF, signs_given, signs_of_constant, signs_of_tree
from symopt.relation import Relation

Facts = tuple[Relation, ...]
BEYOND: Final = {"min": ">", "max": "<"}
MAX_KINKS: Final = 4


def known_in(step: Step, context: Context) -> Facts:
    """The relations of a context, and the signs proved by premises that hold in it."""
    proved = tuple(cast(Holds, p.claim).relation for p in premises_of(step, Holds) if available(p, context))
    return context.relations + proved


def numbers_of(claim: Optimal) -> dict[Symbol, Number]:
    """The auxiliary numbers of the value."""
    found = {n.symbol: n for branch in claim.at for n in branch.numbers if claim.value.has(n.symbol)}
    moving = {n.symbol for branch in claim.at for n in branch.moving}
    require(not moving & set(found), "a value that goes with an integer")
    require(
        all(found.get(n.symbol, n) == n for b in claim.at for n in b.numbers), "one symbol for two numbers"
    )
    return found


def known_at(step: Step, claim: Optimal, branch: Branch | None) -> Facts:
    """What is known of a branch (or of no point, None) and of the value: nothing that the region says."""
    numbers = numbers_of(claim)
    relations = tuple(r for n in numbers.values() for r in n.relations)
    if branch is not None:
        bound = {n.symbol: n for n in branch.numbers} | {symbol: None for symbol, _ in branch.free}
        clash = {s for s in bound if s in numbers and numbers[s] != bound[s]} | (
            set(bound)
            & ({s for r in step.context.relations for s in r.symbols} | claim.objective.free_symbols)
        )
        require(not clash, "one symbol stands for two things")
        relations += branch.relations
    return known_in(step, Context((), step.context.condition).with_condition(*relations))


def excess(objective: Expr, value: Expr, branch: Branch) -> Expr:
    """f - value on a branch; whole numbers are told to SymPy, so that periods drop out."""
    whole = {symbol: Symbol(symbol.name, integer=True) for symbol, kind in branch.free if kind == "integer"}
    return (objective - value).xreplace(branch.values).xreplace(whole)


def require_reached(
    step: Step, claim: Optimal, in_region: tuple[Branch, ...] = (), numbers: frozenset[Number] = frozenset()
) -> None:
    """Every branch of `at` lies in the region and has the value; the first is not empty.

    `in_region` are known to lie there, and `numbers` to exist.
    """
    require(bool(claim.at), "no point at which the value is attained")
    for branch in claim.at:
        known = known_at(step, claim, branch)
        for value in branch.values.values():
            require_defined(value, known)
        rest = excess(claim.objective, claim.value, branch)
        at_numbers = bool(branch.numbers) and vanishes_at(claim.objective - claim.value, branch.values, known)
        shown = at_numbers or identical(rest, S.Zero) or is_zero(rest, known)
        require(shown or _is_mirrored(step, claim, branch), "f has another value there")
        if branch not in in_region:
            require(set(branch.numbers) <= numbers, "a number that is not shown to exist")
            require_inside(step.context.region, branch.values, known)
    first = claim.at[0]
    member = dict(cast(tuple[tuple[Symbol, Expr], ...], step.data("member") or ()))
    if first.where:
        kinds = dict(first.free)
        require(
            all(kinds.get(s) == "real" or isinstance(v, Integer) for s, v in member.items()), "not a member"
        )
        require(set(member) <= set(kinds), "a member chooses its own parameters")
        require_inside(first.where, member, known_in(step, Context((), step.context.condition)))


def _is_mirrored(step: Step, claim: Optimal, branch: Branch) -> bool:
    """Whether a change of order and signs of the variables that leaves f alone takes the first point here.

    The image of a stationary point is stationary, and the enclosures of all the others are away from it.
    """
    first, changes = claim.at[0], step.data("symmetries")
    if branch == first or not isinstance(changes, tuple) or first.free or branch.free:
        return False
    known = known_at(step, claim, first)
    there = identical(excess(claim.objective, claim.value, first), S.Zero)
    there = there or vanishes_at(claim.objective - claim.value, first.values, known)
    require(there, "f has another value at the first point")
    candidates = candidates_of(step, claim)
    for change in cast(tuple[tuple[Expr, ...], ...], changes):
        images = dict(zip(claim.variables, change, strict=True))
        if {abs(e) for e in change} != {abs(v) for v in claim.variables}:
            continue
        same = identical(claim.objective.xreplace(images), claim.objective)
        if not same or not keeps_region(step.context.region, images):
            continue
        box = box_of(Branch(tuple((v, e.xreplace(first.values)) for v, e in images.items()), first.numbers))
        if branch in candidates and all(are_apart(box, box_of(c)) for c in candidates if c != branch):
            return True
    return False


def keeps_region(region: Facts, images: dict[Symbol, Expr]) -> bool:
    """Whether a change of the variables takes every point of the region to one of the region."""
    return all(signs_given(r.expression.xreplace(images), region) <= SIGNS_OF[r.op] for r in region)


Box = tuple[tuple[Rational, Rational] | None, ...]


def box_of(branch: Branch) -> Box:
    """Intervals around the coordinates; for numbers that go with an integer n >= k, one that holds all of them."""
    numbers = {n.symbol: n.interval for n in branch.numbers if not n.varies}
    tails = {n.symbol: tail for n in branch.moving if (tail := _tail_of(n, branch)) is not None}
    return tuple(tails.get(value) or enclose(value, numbers) for _, value in branch.at)


def _tail_of(number: Number, branch: Branch) -> tuple[Rational, Rational] | None:
    """All the intervals a n + b < r < a n + c with a > 0 lie beyond that for the first integer n."""
    bound = {s for s, kind in branch.free if kind == "integer"} & number.symbols
    low, high = number.interval
    if len(bound) != 1 or not low.free_symbols == high.free_symbols == bound:
        return None
    (n,) = bound
    for relation in branch.where:
        if relation.op not in (">=", "<=") or relation.symbols != bound:
            continue
        slopes = [e.expand().diff(n) for e in (relation.expression, low, high)]
        if slopes[0] != 1 or any(s.free_symbols or signs_of_constant(s) != SIGNS_OF[">"] for s in slopes):
            continue
        first = n - relation.expression.expand()
        ends = [enclose(e.xreplace({n: first}), {}) for e in (low, high)]
        if None not in ends:
            (least, _), (_, most) = cast("list[tuple[Rational, Rational]]", ends)
            return (least, S.Infinity) if relation.op == ">=" else (S.NegativeInfinity, most)
    return None


def are_apart(one: Box, other: Box) -> bool:
    return any(
        a is not None and b is not None and (a[1] < b[0] or b[1] < a[0])
        for a, b in zip(one, other, strict=True)
    )


def require_inside(relations: Facts, values: dict[Symbol, Expr], known: Facts) -> None:
    for relation in relations:
        at = relation.expression.xreplace(values)
        require_defined(at, known)
        require(signs_of_tree(at, known) <= SIGNS_OF[relation.op], "the point may break {}", relation)


def candidates_of(step: Step, claim: Optimal) -> tuple[Branch, ...]:
    """All branches that can hold an extremum inside the region.

    They are the points where f is not smooth and the stationary points of its pieces, where |u| is u or -u and sign(u)
    is 1 or -1.
    """
    claim = replace(claim, objective=in_absolute_values(claim.objective))
    needed = singularities(claim.objective, claim.variables)
    require(needed is not None, "a function without a table")
    found: tuple[Branch, ...] = ()
    kinked = (n for n in claim.objective.atoms(Abs, sign) if n.has(*claim.variables))
    inner = sorted({cast(Expr, n.args[0]) for n in kinked}, key=default_sort_key)
    require(len(inner) <= MAX_KINKS and not any(u.has(Abs, sign) for u in inner), "too many kinks")
    for sides in product((S.One, S.NegativeOne), repeat=len(inner)):
        signs = dict(zip(inner, sides, strict=True))
        values = {Abs(u): side * u for u, side in signs.items()} | {sign(u): s for u, s in signs.items()}
        piece = tuple(Relation(side * u, ">") for u, side in signs.items())
        found += smooth_candidates(step, replace(claim, objective=claim.objective.xreplace(values)), piece)
    known = known_in(step, step.context)
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context)]
    for relation in cast(Facts, needed):
        if not signs_of_tree(relation.expression, known) <= SIGNS_OF[relation.op]:
            solved = [
                c for c in covers if c.equations == (relation.expression,) and c.unknowns == claim.variables
            ]
            require(bool(solved), "the points where {} = 0 are not known", relation.expression)
            found += solved[0].branches
    return tuple(dict.fromkeys(found))


def smooth_candidates(step: Step, claim: Optimal, piece: Facts) -> tuple[Branch, ...]:
    """The stationary points on one piece, all of them; none where a premise shows the piece to be empty."""
    needed = singularities(claim.objective, claim.variables)
    require(needed is not None, "a function without a table")
    opened = tuple(r.interior() for r in step.context.region)
    allowed = {*step.context.region, *with_factors(opened), *cast(Facts, needed)}
    if any(available(p, step.context.with_region(*piece)) for p in premises_of(step, Infeasible)):
        return ()
    for premise in premises_of(step, Stationary):
        stationary = cast(Stationary, premise.claim)
        same = stationary.variables == claim.variables and identical(stationary.objective, claim.objective)
        covered = all(
            r in allowed or signs_given(r.expression, piece) <= SIGNS_OF[r.op] for r in premise.context.region
        )
        if stationary.complete and same and covered and _same_parameters(premise, step.context):
            return stationary.branches
    raise Rejected("not all stationary points of f are known")


def is_same_function(other: Stationary | Curved | Label, claim: Optimal) -> bool:
    return other.objective == claim.objective and other.variables == claim.variables


def require_worse(step: Step, claim: Optimal, candidates: tuple[Branch, ...]) -> None:
    """No candidate is better than the value; when all are named, or none, the others are worse."""
    op = BEYOND[claim.sense] + ("=" if claim.attained and not claim.all_of_them else "")
    for branch in (part for candidate in candidates for part in _parts_of(candidate, claim)):
        mine = is_named(branch, claim)
        if not mine and not step.context.region and is_beaten(claim, branch, known_at(step, claim, branch)):
            continue
        if not mine:
            signs = signs_of_tree(excess(claim.objective, claim.value, branch), known_at(step, claim, branch))
            require(signs <= SIGNS_OF[op], "a candidate is not shown to be worse: {}", branch.at)


def _parts_of(branch: Branch, claim: Optimal) -> tuple[Branch, ...]:
    """A branch; a family, of which the claim names the first member, with that one apart."""
    apart = beside_first(branch)
    return (branch,) if apart is None or not is_named(apart[0], claim) else apart


def beside_first(branch: Branch) -> tuple[Branch, Branch] | None:
    """The first member of a family over the integers from one on (or up to one), and all others."""
    for turn, kind in branch.free:
        for relation in branch.where if kind == "integer" and not branch.numbers else ():
            bound = relation.expression.as_poly(turn)
            if relation.symbols != {turn} or bound is None or abs(bound.LC()) != 1 or bound.degree() != 1:
                continue
            first, outward = -bound.TC() / bound.LC(), bound.LC() * {">=": 1, "<=": -1}.get(relation.op, 0)
            if not isinstance(first, Integer) or outward == 0:
                continue
            alone = branch.at_integer(turn, first)
            if any(not signs_of_tree(r.expression, ()) <= SIGNS_OF[r.op] for r in alone.where):
                continue
            further = Relation(outward * (turn - first) - 1, ">=")
            kept = tuple(further if r == relation else r for r in branch.where)
            return replace(alone, where=()), replace(branch, where=kept)
    return None


def tilt_of(objective: Expr, variable: Symbol) -> tuple[Expr, Expr] | None:
    """(a, m) of a quartic a x^4 + ... without a cubic term about its centre c: f(2 c - x) - f(x) = m (x - c)."""
    poly = objective.as_poly(variable)
    if poly is None or poly.degree() != 4 or any(c.has(variable) for c in poly.all_coeffs()):
        return None
    a, b, *_ = poly.all_coeffs()
    centre = -b / (4 * a)
    try:
        return a, canonical(
            (objective.xreplace({variable: 2 * centre - variable}) - objective).diff(variable)
        )
    except NotExact:
        return None


def line_through(objective: Expr, branch: Branch) -> tuple[Expr, Symbol] | None:
    """f on the line of the points that differ from a branch in one variable, which is the only number of the branch."""
    if len(branch.numbers) != 1 or branch.free:
        return None
    (number,) = branch.numbers
    variable = next((v for v, value in branch.at if value == number.symbol), None)
    fixed = {v: value for v, value in branch.at if v != variable}
    if variable is None or any(value.has(number.symbol) for value in fixed.values()):
        return None
    return objective.xreplace(fixed), variable


def is_beaten(claim: Optimal, branch: Branch, known: Facts) -> bool:
    """Whether a root of the derivative of a quartic is not the best point, since another root is the point of the value.

    On a line through the point, let a > 0 and f(c + u) = a u^4 + p u^2 + q u + r with q > 0. At u > 0 f is larger than
    at -u, and by Descartes' rule 4 a u^3 + 2 p u + q has one root u < 0, the least root of all: a root with one to its
    left is no minimiser, not even on the line. For q < 0, or for maxima, it is the same with signs changed.
    """
    on_line = line_through(claim.objective, branch)
    if on_line is None:
        return False
    (objective, variable), (number,) = on_line, branch.numbers
    found = tilt_of(objective, variable)
    if found is None or number.index is None:
        return False
    lead, tilt = found
    if tilt.has(variable) or signs_of_tree(lead, known) != SIGNS_OF[BEYOND[claim.sense]]:
        return False
    slope = objective.diff(variable).xreplace({variable: number.symbol})
    equation = number.equation.as_poly(number.symbol)
    if equation is None or not identical(slope * equation.LC(), 4 * lead * number.equation):
        return False
    for other in (n for b in claim.at for n in b.numbers):
        same = other.equation.xreplace({other.symbol: number.symbol}) == number.equation
        if same and other.index is not None and other.index != number.index:
            rises = (claim.sense == "min") == (other.index < number.index)
            return signs_of_tree(tilt, known) == SIGNS_OF["<" if rises else ">"]
    return False


def is_named(branch: Branch, claim: Optimal) -> bool:
    """Whether every point of the branch is one of those of the claim."""
    points = [b.at for b in claim.at if not b.numbers and not b.free]
    listed = branch in claim.at or (branch.at in points and not branch.numbers and not branch.free)
    return listed or any(other.free and lies_on(branch, other) for other in claim.at)


def require_all(step: Step, claim: Optimal) -> None:
    """When all minimisers are named: every solution of f = value is, or every candidate of the open region or worse."""
    if claim.all_of_them and not _are_solutions(step, claim):
        known = step.context.relations
        open_region = all(is_open(r, claim.variables, known) for r in step.context.region)
        require(open_region, "the region has a border")
        require_worse(step, claim, candidates_of(step, claim))


def _are_solutions(step: Step, claim: Optimal) -> bool:
    """Whether a premise says that f has the value at the points of the claim only."""
    covers = (cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context))
    return any(
        c.unknowns == claim.variables
        and len(c.equations) == 1
        and all(is_named(b, claim) for b in c.branches)
        and identical(c.equations[0], claim.objective - claim.value)
        for c in covers
    )


def numbers_given(step: Step) -> frozenset[Number]:
    """The numbers that covers among the premises have found, each of which exists by itself.

    A number that goes with a symbol of its family may not exist for every value of that symbol, and the numbers of one
    system exist together: one of each of two solutions need not make a third.
    """
    covers = (cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, step.context))
    found = ((b.own_symbols, n) for cover in covers for b in cover.branches for n in b.numbers)
    return frozenset(n for bound, n in found if not n.symbols & (bound - {n.symbol}))


def stationary_branches(step: Step, claim: Optimal) -> tuple[Branch, ...]:
    """The branches that a premise shows to be stationary points of f in the region."""
    return points_inside(
        replace(
            step,
            premises=tuple(
                p for p in premises_of(step, Stationary) if is_same_function(cast(Stationary, p.claim), claim)
            ),
        )
    )


def points_inside(step: Step) -> tuple[Branch, ...]:
    """The branches that a premise shows to lie in the region."""
    found = (p for p in premises_of(step, Stationary) if _is_within(p, step.context))
    return tuple(branch for p in found for branch in cast(Stationary, p.claim).branches)


def _is_within(premise: Step, context: Context) -> bool:
    """Whether the premise holds in the condition of the context, in a part of its region."""
    given = premise.context.region
    inner = all(signs_of_tree(r.expression, given) <= SIGNS_OF[r.op] for r in context.region)
    return inner and _same_parameters(premise, context)


def _same_parameters(premise: Step, context: Context) -> bool:
    """Whether the condition of a premise holds wherever that of the context does."""
    condition = Context((), premise.context.condition)
    return available(Step(condition, premise.claim, premise.rule), Context((), context.condition))
