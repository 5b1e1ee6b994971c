"""Curvature piece by piece: |u|, max, min and Piecewise become smooth between the places where they change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cmp_to_key
from itertools import combinations, pairwise
from typing import Final, cast

from sympy import Abs, Expr, Max, Min, Piecewise, Rational, S, Symbol, preorder_traversal, roots
from sympy.core.relational import Relational

from symopt.cases import Cell
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_pieces import KINKS, between, on_cut, read_on
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import Context, Curved, Holds, Step, Vector
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import signs_of_constant
from symopt.reasoning.proposing import accepted, facts_for
from symopt.reasoning.sampling import is_plausible
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

ProvePiece = Callable[[Expr, Context], Step | None]
MAX_CUTS: Final = 8
MAX_PASSES: Final = 3
MAX_FORMS: Final = 12


def by_pieces(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    region: Step,
    kinds: tuple[str, ...],
    prove: ProvePiece,
) -> Step | None:
    """A proof that f is of one of the kinds from its pieces between parallel cuts; None when none was found."""
    if not objective.has(*KINKS):
        return None
    found = _cuts(objective, variables, cell)
    parted = found is not None and bool(found[1])
    # A cut parts the whole space: without a region no one branch counts everywhere.
    if not parted or cell.context.region:
        whole = _everywhere(objective, variables, cell, region, kinds, prove)
        if whole is not None:
            return whole
    if found is None or not parted:
        return _at_ends(objective, variables, cell, region, kinds, prove)
    form, cuts = found
    steps, pieces = [], []
    for place in range(len(cuts) + 1):
        low, high = (cuts[place - 1] if place else None), (cuts[place] if place < len(cuts) else None)
        context = Context(between(cell.context.region, form, low, high), cell.context.condition)
        piece, facts = branch_between(objective, context, form, low, high)
        step = None if piece is None else prove(piece, context)
        if piece is None or step is None:
            return None
        steps += [step, *facts]
        pieces.append(piece)
    orders = facts_for((Relation(b - a, ">") for a, b in pairwise(cuts)), cell.context)
    if orders is None:
        return None
    steps += _slopes(form, variables, cuts, pieces, cell)
    data = {"form": form, "cuts": cuts, "pieces": tuple(pieces)}
    return _strongest(objective, variables, cell, kinds, "pieces", (*steps, region, *orders), data)


def _strongest(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    kinds: tuple[str, ...],
    rule: str,
    premises: tuple[Step, ...],
    data: dict[str, object],
) -> Step | None:
    """The most that the premises give: affine, strictly curved, curved."""
    curved = [cast(Curved, p.claim) for p in premises if isinstance(p.claim, Curved)]
    if all(claim.kind == "affine" for claim in curved):
        step = accepted(cell.context, Curved(objective, variables, "affine"), rule, premises, **data)
        if step is not None:
            return step
    for kind in kinds:
        if any(claim.kind not in (kind, "affine") for claim in curved):
            continue
        for strict in (True, False) if all(claim.strict for claim in curved) else (False,):
            step = accepted(cell.context, Curved(objective, variables, kind, strict), rule, premises, **data)
            if step is not None:
                return step
    return None


def branch_between(
    objective: Expr, context: Context, form: Expr, low: Expr | None, high: Expr | None
) -> tuple[Expr | None, tuple[Step, ...]]:
    """The branch that counts between two cuts, with the proofs of the signs that this needs."""
    strict = (
        *(() if low is None else (Relation(form - low, ">"),)),
        *(() if high is None else (Relation(form - high, "<"),)),
    )
    facts: tuple[Step, ...] = ()
    for _ in range(2):
        known = tuple(cast(Holds, step.claim).relation for step in facts)
        try:
            return read_on(objective, (*context.relations, *known, *strict)), facts
        except (Rejected, NotExact):
            signs = (
                prove_relation(Relation(s, op), context) for s in switches(objective) for op in (">=", "<=")
            )
            facts = tuple(step for step in signs if step is not None)
    return None, ()


def _slopes(
    form: Expr, variables: tuple[Symbol, ...], cuts: Vector, pieces: list[Expr], cell: Cell
) -> Iterator[Step]:
    """The signs of the changes of slope that depend on parameters; they split the cell."""
    slopes = gradient_if_constant(form, variables) or ()
    for cut, (left, right) in zip(cuts, pairwise(pieces), strict=True):
        at = on_cut(form, cut, variables)
        change = sum(
            (s * derivative_by_table(right - left, v) for s, v in zip(slopes, variables, strict=True)), S.Zero
        )
        try:
            change = canonical(change.xreplace(at))
        except NotExact:
            return
        if change.free_symbols and not change.free_symbols & set(variables):
            sign = cell.sign(change)
            yield from facts_for((Relation(change, {1: ">", 0: "==", -1: "<"}[sign]),), cell.context) or ()
        elif change.free_symbols:
            for op in (">=", "<="):
                step = prove_relation(Relation(change, op), cell.context)
                yield from (step,) if step is not None else ()


def _everywhere(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    region: Step,
    kinds: tuple[str, ...],
    prove: ProvePiece,
) -> Step | None:
    """The curvature of the one function that f is on the whole region, where it is one."""
    read, facts = branch_between(objective, cell.context, S.Zero, None, None)
    step = None if read is None else prove(read, cell.context)
    if step is None:
        return None
    premises = (step, region, *facts)
    return _strongest(objective, variables, cell, kinds, "border_values", premises, {"ends": ()})


def _at_ends(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    region: Step,
    kinds: tuple[str, ...],
    prove: ProvePiece,
) -> Step | None:
    """No cut inside, in one variable: the function that f is inside the region, and what f is at its ends."""
    strict = tuple(Relation(r.expression, r.op[0]) for r in cell.context.region if r.op in (">=", "<="))
    try:
        inside = read_on(objective, (*cell.context.relations, *strict))
    except (Rejected, NotExact):
        return None
    ends = tuple(dict.fromkeys(_ends(cell, variables[0]))) if len(variables) == 1 else ()
    step = prove(inside, cell.context) or (prove(inside, _without_ends(cell, variables[0])) if ends else None)
    if step is None or len(variables) != 1:
        return None
    return _strongest(objective, variables, cell, kinds, "border_values", (step, region), {"ends": ends})


def without_dominated(
    objective: Expr,
    variables: tuple[Symbol, ...],
    cell: Cell,
    region: Step,
    curvature: Callable[[Expr], Step | None],
) -> Step | None:
    """max(u, v, d) by max(u, v), where d is at most u, v or their mean."""
    if not isinstance(objective, (Max, Min)) or len(objective.args) < 2 or len(objective.args) > 4:
        return None
    op = ">=" if isinstance(objective, Max) else "<="
    for dropped in objective.args:
        kept = tuple(arg for arg in objective.args if arg != dropped)
        for weights in _means(len(kept)):
            mean = sum((w * u for w, u in zip(weights, kept, strict=True)), S.Zero)
            relation = Relation((mean - dropped).expand(), op)
            if not is_plausible(relation, cell, variables):
                continue
            holds = prove_relation(relation, cell.context)
            step = None if holds is None else curvature(objective.func(*kept))
            if step is None or holds is None:
                continue
            data = {"dropped": dropped, "weights": weights}
            found = _strongest(
                objective, variables, cell, ("convex", "concave"), "dominated", (step, region, holds), data
            )
            if found is not None:
                return found
    return None


def _means(count: int) -> Iterator[tuple[Rational, ...]]:
    """All the weight on one, or half of it on two."""
    for i in range(count):
        yield tuple(S.One if k == i else S.Zero for k in range(count))
    for pair in combinations(range(count), 2):
        yield tuple(S.Half if k in pair else S.Zero for k in range(count))


def _without_ends(cell: Cell, variable: Symbol) -> Context:
    """The region without the ends of intervals that it has."""
    opened = (
        Relation(r.expression, r.op[0])
        if r.op in (">=", "<=") and any(gradient_if_constant(r.expression, (variable,)) or ())
        else r
        for r in cell.context.region
    )
    return Context(tuple(opened), cell.context.condition)


def _ends(cell: Cell, variable: Symbol) -> Iterator[Expr]:
    for relation in cell.context.region:
        slopes = gradient_if_constant(relation.expression, (variable,))
        if relation.op in (">=", "<=") and slopes is not None and slopes[0] != 0:
            yield canonical(variable - relation.expression / slopes[0])


def _cuts(objective: Expr, variables: tuple[Symbol, ...], cell: Cell) -> tuple[Expr, Vector] | None:
    """An affine form and its values, in order, at which some part of f changes; None when one form is not enough."""
    form: Expr | None = None
    values: list[Expr] = []
    places = list(dict.fromkeys(switches(objective)))
    if len(places) > MAX_FORMS:
        return None
    for switch in places:
        if not switch.free_symbols & set(variables):
            continue
        if len(variables) == 1:
            form = variables[0]
            found = zeros(switch, form)
        else:
            slopes = gradient_if_constant(switch, variables)
            if slopes is None or not all(s.is_Rational for s in slopes):
                return None
            lead = next(s for s in slopes if s != 0)
            own = sum((s / lead * v for s, v in zip(slopes, variables, strict=True)), S.Zero)
            if form is not None and own != form:
                return None
            form, found = own, [canonical(own - switch / lead)]
        if found is None:
            return None
        values += found
    if form is None:
        return None
    return form, _ordered(list(dict.fromkeys(values)), form, cell)


def switches(expression: Expr) -> Iterator[Expr]:
    """Expressions whose sign decides which branch counts, with |u| inside them read both ways."""
    for node in preorder_traversal(expression):
        if isinstance(node, Abs):
            yield from _both_ways(node.args[0])
        elif isinstance(node, (Max, Min)):
            for a, b in combinations(node.args, 2):
                yield from _both_ways(a - b)
        elif isinstance(node, Piecewise):
            for _, condition in node.args:
                for relation in condition.atoms(Relational):
                    yield from _both_ways(relation.lhs - relation.rhs)


def _both_ways(expression: Expr) -> Iterator[Expr]:
    inner = next((n for n in preorder_traversal(expression) if isinstance(n, Abs)), None)
    if inner is None:
        if not expression.has(*KINKS):
            yield expression.expand()
        return
    for value in (inner.args[0], -inner.args[0]):
        yield from _both_ways(expression.xreplace({inner: value}))


def zeros(switch: Expr, variable: Symbol) -> list[Expr] | None:
    """The real zeros of a polynomial of small degree."""
    poly = switch.as_poly(variable)
    if poly is None or poly.degree() > 4:
        return None
    if poly.degree() == 1:
        return [canonical(-poly.nth(0) / poly.nth(1))]
    if not all(c.is_Rational for c in poly.all_coeffs()):
        return None
    found = roots(poly)
    if sum(found.values()) != poly.degree():
        return None
    return [root for root in found if root.is_real]


def _ordered(values: list[Expr], form: Expr, cell: Cell) -> Vector:
    """The cuts from left to right, without those outside the region where that is seen; splits the cell."""

    def compare(a: Expr, b: Expr) -> int:
        difference = canonical(a - b)
        if difference.free_symbols:
            return cell.sign(difference)
        (sign,) = signs_of_constant(difference) if len(signs_of_constant(difference)) == 1 else (0,)
        return sign

    kept = [value for value in values if not _outside(value, form, cell)]
    ordered = sorted(kept, key=cmp_to_key(compare))
    return tuple(v for i, v in enumerate(ordered) if i == 0 or compare(v, ordered[i - 1]) != 0)


def _outside(value: Expr, form: Expr, cell: Cell) -> bool:
    """Whether a relation of the region keeps the form away from the value, or ends there."""
    for relation in cell.context.region:
        if not relation.symbols <= form.free_symbols | value.free_symbols or relation.op in ("!=", "=="):
            continue
        if len(form.free_symbols) != 1 or not isinstance(form, Symbol):
            continue
        slopes = gradient_if_constant(relation.expression, (form,))
        if slopes is None or slopes[0] == 0:
            continue
        at = canonical(relation.expression.xreplace({form: value}))
        if relation.op[0] == "<":
            at = -at
        signs = signs_of_constant(at) if not at.free_symbols else None
        if signs is not None and 1 not in signs:
            return True
    return False
