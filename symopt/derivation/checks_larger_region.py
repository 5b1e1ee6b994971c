"""The check of an extremum over a larger region that is reached inside the region asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from symopt.derivation.checking import available, require, the_premise
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.claims import Branch, Optimal, Step
from symopt.derivation.extremal_points import known_at, require_reached
from symopt.exact.signs import SIGNS_OF, signs_of_tree


def _larger(step: Step) -> None:
    """f is not beyond the value on a larger region, and has it at points of this one."""
    claim = optimal_claim(step, True)
    premise = the_premise(step, Optimal)
    larger = cast(Optimal, premise.claim)
    require(
        (larger.objective, larger.variables, larger.sense) == (claim.objective, claim.variables, claim.sense),
        "the extremum of something else",
    )
    require(larger.attained and larger.value == claim.value, "another value")
    require(available(premise, step.context), "not a larger region")
    require(set(claim.at) <= set(larger.at), "a point that is none of the larger region")
    require_reached(step, claim, (), frozenset(n for branch in larger.at for n in branch.numbers))
    if claim.all_of_them:
        require(larger.all_of_them, "there may be more points")
        left_out = (branch for branch in larger.at if branch not in claim.at)
        require(all(_is_outside(step, claim, branch) for branch in left_out), "a point inside is left out")


def _is_outside(step: Step, claim: Optimal, branch: Branch) -> bool:
    """Whether all of the branch breaks one relation of the region."""
    known = known_at(step, claim, branch)
    return any(
        not signs_of_tree(r.at(branch.values).expression, known) & SIGNS_OF[r.op] for r in step.context.region
    )


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"extremum_larger_region": _larger}
