"""Checks of the rules that label a point by intervals around the Hessian there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Rational

from symopt.derivation.checking import require, require_given
from symopt.derivation.checks_labels import about, require_smooth, stationary_label
from symopt.derivation.claims import Hessian, Label, Step
from symopt.derivation.enclosing import Interval, form_around, hessian_around
from symopt.exact.enclosure import enclosed_minors

MAX_DIGITS = 1000


def _hessian(step: Step, claim: Label) -> tuple[tuple[tuple[Interval, ...], ...], int]:
    """Intervals around the Hessian at the point, to the digits that the step names."""
    require_smooth(step, claim)
    digits = require_given(step.data("digits"), int)
    require(0 < digits <= MAX_DIGITS, "too many digits")
    entries = cast(Hessian, about(step, Hessian, claim).claim).entries
    return require_given(hessian_around(entries, claim.branch, digits), tuple), digits


def _enclosed_extremum(step: Step) -> None:
    """The leading minors of the Hessian (of its negative) are positive: a strict minimum (maximum)."""
    kind = step.rule.removeprefix("enclosed_")
    claim, _ = stationary_label(step, (kind, True))
    matrix, digits = _hessian(step, claim)
    minors = require_given(enclosed_minors(matrix, digits), tuple)
    turns = (1 if kind == "minimum" or k % 2 else -1 for k in range(len(minors)))
    require(
        all(low > 0 if turn > 0 else high < 0 for (low, high), turn in zip(minors, turns, strict=True)),
        "a leading minor of another sign",
    )


def _enclosed_saddle(step: Step) -> None:
    """u^T H u > 0 and w^T H w < 0 for two rational directions."""
    claim, _ = stationary_label(step, ("saddle", None))
    require(len(claim.variables) > 1, "one variable")
    matrix, _ = _hessian(step, claim)
    for name, turn in (("up", 1), ("down", -1)):
        vector = require_given(step.data(name), tuple)
        require(
            len(vector) == len(claim.variables) and all(isinstance(v, Rational) for v in vector),
            "not a rational direction",
        )
        low, high = form_around(matrix, vector)
        require(low > 0 if turn > 0 else high < 0, "another sign in a direction")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "enclosed_minimum": _enclosed_extremum,
    "enclosed_maximum": _enclosed_extremum,
    "enclosed_saddle": _enclosed_saddle,
}
