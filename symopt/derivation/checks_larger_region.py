"""The checks of an extremum over a larger region, reached inside the region asked about or outside it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from symopt.derivation.approaching import require_curve
from symopt.derivation.checking import available, require, require_identical, the_premise
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.claims import Branch, Optimal, Step
from symopt.derivation.extremal_points import known_at, require_reached
from symopt.exact.signs import SIGNS_OF, signs_of_tree


def _larger(step: Step) -> None:
    """f is not beyond the value on a larger region, and has it at points of this one."""
    claim = optimal_claim(step, True)
    larger = _over_larger_region(step, claim)
    require(larger.value == claim.value, "another value")
    require(set(claim.at) <= set(larger.at), "a point that is none of the larger region")
    require_reached(step, claim, (), frozenset(n for branch in larger.at for n in branch.numbers))
    if claim.all_of_them:
        require(larger.all_of_them, "there may be more points")
        left_out = (branch for branch in larger.at if branch not in claim.at)
        require(all(_is_outside(step, claim, branch) for branch in left_out), "a point inside is left out")


def _open(step: Step) -> None:
    """f has the value on a larger region at points outside this one alone, and tends to it along a curve in this one."""
    claim = optimal_claim(step, False)
    larger = _over_larger_region(step, claim)
    require(
        larger.all_of_them and not any(branch.numbers for branch in larger.at), "there may be more points"
    )
    require_identical(larger.value, claim.value, "another value")
    require(all(_is_outside(step, larger, branch) for branch in larger.at), "it is reached inside")
    require_curve(step, claim)


def _over_larger_region(step: Step, claim: Optimal) -> Optimal:
    """The extremum of the same function over a larger region, which is attained."""
    premise = the_premise(step, Optimal)
    larger = cast(Optimal, premise.claim)
    require(
        (larger.objective, larger.variables, larger.sense) == (claim.objective, claim.variables, claim.sense),
        "the extremum of something else",
    )
    require(larger.attained, "an extremum that is not attained")
    require(available(premise, step.context), "not a larger region")
    return larger


def _is_outside(step: Step, claim: Optimal, branch: Branch) -> bool:
    """Whether all of the branch breaks one relation of the region."""
    known = known_at(step, claim, branch)
    return any(
        not signs_of_tree(r.at(branch.values).expression, known) & SIGNS_OF[r.op] for r in step.context.region
    )


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {
    "extremum_larger_region": _larger,
    "extremum_open_region": _open,
}
