"""The checker: every step of a derivation is verified again, by exact arithmetic and without any search.

It shares no code with the provers. `check(step)` returns the trust of the whole derivation, or raises `Rejected`
with the first step that does not follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from sympy import SympifyError
from sympy.polys.polyerrors import BasePolynomialError

from symopt.derivation import (
    checks_absolute,
    checks_across,
    checks_arrays,
    checks_borders,
    checks_boxes,
    checks_continua,
    checks_cover,
    checks_curvature,
    checks_definition,
    checks_degenerate,
    checks_derivative,
    checks_enclosed,
    checks_extremum,
    checks_iterations,
    checks_kinks,
    checks_labels,
    checks_laplace,
    checks_levels,
    checks_parameters,
    checks_points,
    checks_roots,
    checks_sign,
    checks_tangents,
    checks_turns,
    checks_waves,
)
from symopt.derivation.checking import Rejected, require_no_tangents_of_integers
from symopt.derivation.claims import Step
from symopt.derivation.rule import TRUST
from symopt.derivation.rules import RULES
from symopt.errors import InputError
from symopt.exact.normal import NotExact

Check = Callable[[Step], None]
# What a check may meet in a step that is too large for it, or whose data is not of the shape that the rule asks for.
MALFORMED = (
    *(NotExact, InputError, BasePolynomialError, SympifyError, RecursionError),
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
)

CHECKS: Mapping[str, Check] = {
    **checks_sign.CHECKS,
    **checks_derivative.CHECKS,
    **checks_cover.CHECKS,
    **checks_levels.CHECKS,
    **checks_roots.CHECKS,
    **checks_boxes.CHECKS,
    **checks_turns.CHECKS,
    **checks_waves.CHECKS,
    **checks_laplace.CHECKS,
    **checks_continua.CHECKS,
    **checks_points.CHECKS,
    **checks_labels.CHECKS,
    **checks_kinks.CHECKS,
    **checks_enclosed.CHECKS,
    **checks_degenerate.CHECKS,
    **checks_curvature.CHECKS,
    **checks_definition.CHECKS,
    **checks_parameters.CHECKS,
    **checks_arrays.CHECKS,
    **checks_extremum.CHECKS,
    **checks_borders.CHECKS,
    **checks_tangents.CHECKS,
    **checks_absolute.CHECKS,
    **checks_across.CHECKS,
    **checks_iterations.CHECKS,
}


@lru_cache(maxsize=8192)
def _run(step: Step) -> None:
    """The check of the step's rule; a step that passed is not looked at twice, since it cannot change."""
    require_no_tangents_of_integers(step)
    CHECKS[step.rule](step)


def verify(step: Step) -> None:
    """Reject one step unless it follows from its premises, whose own derivations are not looked at."""
    if step.rule not in CHECKS:
        raise Rejected(f"there is no rule {step.rule!r}")
    try:
        _run(step)
    except Rejected as error:
        raise Rejected(f"{step.rule}: {error}") from error
    except MALFORMED as error:
        raise Rejected(f"{step.rule}: not to be verified ({error})") from error


def follows(step: Step) -> bool:
    """Whether one step follows from its premises: what a prover asks of a proposal. What is malformed is its mistake."""
    try:
        _run(step)
    except (Rejected, NotExact, InputError):
        return False
    return True


def check(*conclusions: Step) -> str:
    """Verify every step below the conclusions, each once; the trust is that of the weakest rule.

    Returns "checked", "recomputed" or "trusted" (a decision procedure's word, which is not verified).
    """
    steps = dict.fromkeys(step for conclusion in conclusions for step in conclusion.walk())
    for step in steps:
        verify(step)
    return max((RULES[step.rule].trust for step in steps), key=TRUST.index, default=TRUST[0])


def is_accepted(conclusion: Step) -> bool:
    """Whether the checker accepts the derivation."""
    try:
        check(conclusion)
    except Rejected:
        return False
    return True
