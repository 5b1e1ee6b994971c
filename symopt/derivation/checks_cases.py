"""The check of extrema of functions given by cases: f is g_k where C_k, so its infimum is the least of theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Final, cast

from sympy import Abs, Expr, Piecewise, S, default_sort_key
from sympy.logic.boolalg import BooleanTrue

from symopt.derivation.checking import available, identical, premises_of, require
from symopt.derivation.checks_attained import FAR, optimal_claim
from symopt.derivation.claims import Context, Infeasible, Optimal, Step
from symopt.derivation.conditions import Relations, joined, ways
from symopt.derivation.extremal_points import BEYOND, known_in
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

MAX_CASES: Final = 16


def cases_of(objective: Expr) -> tuple[tuple[Expr, Relations], ...] | None:
    """(g, relations): f is g wherever they hold, and every point at which f is defined is in such a part.

    Of the first `Piecewise` that holds no other; None where there is none, or conditions of another form.

    >>> from sympy.abc import x
    >>> [(g, [str(r) for r in where]) for g, where in cases_of(Piecewise((x**2, Abs(x) <= 1), (2*x, True)))]
    [(x**2, ['x <= 1', 'x >= -1']), (2*x, ['x > 1']), (2*x, ['x < -1'])]
    >>> [(g, [str(r) for r in where]) for g, where in cases_of(Piecewise((0, (x < 0) | (x > 1)), (x, True)))]
    [(0, ['x > 1']), (0, ['x < 0']), (x, ['x <= 1', 'x >= 0'])]
    """
    nodes = sorted(objective.atoms(Piecewise), key=default_sort_key)
    node = next((n for n in nodes if not any(m is not n and n.has(m) for m in nodes)), None)
    if node is None:
        return None
    found: list[tuple[Expr, Relations]] = []
    left: list[Relations] = [()]
    for value, condition in node.args:
        alternatives = ways(condition, _plain)
        if alternatives is None:
            return None
        whole = objective.xreplace({node: value})
        found += [(whole, joined(before, way)) for before in left for way in alternatives]
        if isinstance(condition, BooleanTrue):
            break
        outside = [joined(*broken) for broken in product(*(_broken(way) for way in alternatives))]
        left = [joined(before, apart) for before in left for apart in outside]
        if len(found) + len(left) > MAX_CASES:
            return None
    return tuple(found)


def _broken(way: Relations) -> list[Relations]:
    """The conjunctions of which one holds where one of the relations does not."""
    return [part for relation in way for part in _plain(relation.negated())]


def _plain(relation: Relation) -> list[Relations]:
    """The relation without a size: |u| + c <= 0 is u + c <= 0 and -u + c <= 0, |u| + c > 0 one of the two."""
    sizes = [(term, *term.as_coeff_Mul()) for term in relation.expression.as_ordered_terms() if term.has(Abs)]
    if len(sizes) != 1 or not isinstance(sizes[0][2], Abs):
        return [(relation,)]
    term, factor, size = sizes[0]
    rest = relation.expression - term
    both = [Relation(rest + side * factor * size.args[0], relation.op) for side in (1, -1)]
    bounded = (relation.op[0] == "<") == (factor > 0)  # both hold where it does
    return [tuple(both)] if bounded else [(both[0],), (both[1],)]


def _cases(step: Step) -> None:
    """Each part has its own extremum, or is empty; the best of them is that of f."""
    claim = optimal_claim(step, isinstance(step.claim, Optimal) and step.claim.attained)
    parts = cases_of(claim.objective)
    require(parts is not None, "no cases")
    found: list[Optimal] = []
    for objective, relations in cast("tuple[tuple[Expr, Relations], ...]", parts):
        inside = step.context.with_region(*relations)
        if not _is_empty(step, inside):
            found.append(_on_part(step, claim, objective, inside))
    known = known_in(step, Context((), step.context.condition))
    parameters = {s for r in step.context.condition for s in r.symbols} | claim.objective.free_symbols
    require(all(part.value.free_symbols <= parameters for part in found), "a number in the value")

    def signs(part: Optimal) -> frozenset[int]:
        far = {FAR[claim.sense], -FAR[claim.sense]} & {part.value, claim.value}
        if far:
            gap = S.Zero if part.value == claim.value else part.value - claim.value
            return frozenset({1 if gap is S.Infinity else -1 if gap is S.NegativeInfinity else 0})
        return (
            frozenset({0})
            if identical(part.value, claim.value)
            else signs_of_tree(part.value - claim.value, known)
        )

    for part in found:
        require(signs(part) <= SIGNS_OF[BEYOND[claim.sense] + "="], "another part is better")
    equal = [part for part in found if signs(part) == {0}]
    require(bool(equal), "no part has this value")
    reached = [part for part in equal if part.attained]
    require(claim.attained is bool(reached), "attained where it is not, or the other way")
    if claim.attained:
        places = {branch for part in reached for branch in part.at}
        require(bool(claim.at) and set(claim.at) <= places, "a point of no part")
        require(claim.at[0] in {part.at[0] for part in reached}, "the first point may not exist")
        if claim.all_of_them:
            whole = places == set(claim.at) and all(part.all_of_them for part in reached)
            decided = all(0 not in signs(part) for part in found if part not in equal)
            require(whole and decided, "points may be missing")
    else:
        curves = [(part.along, part.curve_symbol, part.through_integers) for part in equal]
        require((claim.along, claim.curve_symbol, claim.through_integers) in curves, "another curve")


def _is_empty(step: Step, inside: Context) -> bool:
    return any(available(p, inside) for p in premises_of(step, Infeasible))


def _on_part(step: Step, claim: Optimal, objective: Expr, inside: Context) -> Optimal:
    """What a premise says of the function on one part."""
    for premise in premises_of(step, Optimal):
        inner = cast(Optimal, premise.claim)
        same = (inner.objective, inner.variables, inner.sense) == (objective, claim.variables, claim.sense)
        region = set(premise.context.region) == set(inside.region)
        if same and region and available(premise, inside):
            return inner
    require(False, "a part without an extremum")
    raise AssertionError


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"extremum_cases": _cases}
