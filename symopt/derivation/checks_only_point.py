"""The check of the only stationary point in an interval: f' keeps its sign on either side of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sympy import Symbol

from symopt.derivation.checking import Facts, available, is_symbol_free, premises_of, require
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import Context, Label, Step
from symopt.derivation.extremal_points import known_in, points_inside, require_reached, smooth_candidates
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

KINDS: Final = {"min": "minimum", "max": "maximum"}


def ends_of(region: Facts, variable: Symbol) -> Facts:
    """The strict relations that are linear in the variable: each leaves an open half line, or all or nothing of it."""
    return tuple(r for r in region if r.op in (">", "<") and _is_linear(r, variable))


def _is_linear(relation: Relation, variable: Symbol) -> bool:
    poly = relation.expression.as_poly(variable)
    free = poly is not None and all(is_symbol_free(c, (variable,)) for c in poly.all_coeffs())
    return free and poly.degree() <= 1


def _only_point(step: Step) -> None:
    """On an open interval f' is continuous with one zero, and f has a strict local extremum there.

    So f' has one sign on either side, and f is strictly monotone there.
    """
    claim = optimal_claim(step, True)
    require(len(claim.variables) == 1, "one variable only")
    (x,) = claim.variables
    ends = ends_of(step.context.region, x)
    on_interval = known_in(step, Context(ends, step.context.condition))
    for relation in step.context.region:
        given = relation in ends or signs_of_tree(relation.expression, on_interval) <= SIGNS_OF[relation.op]
        require(given, "the region may be no open interval")
    require(is_smooth(claim.objective, claim.variables, known_in(step, step.context)), "f may not be smooth")
    found = smooth_candidates(step, claim, ())
    require(claim.at == found and len(found) == 1 and not found[0].free, "not the only stationary point")
    wanted = Label(claim.objective, claim.variables, found[0], KINDS[claim.sense], True)
    shown = any(p.claim == wanted and available(p, step.context) for p in premises_of(step, Label))
    require(shown, "not a strict local extremum of this sense")
    require_reached(step, claim, points_inside(step))


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"extremum_only_point": _only_point}
