"""What kind of stationary point a run has ended at, as far as the Hessian there tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from symopt.numeric.numbers import show_number
from symopt.numeric.objective import Array, Evaluator, Point

MAX_VARIABLES: Final = 500
"""Beyond this many variables the eigenvalues are not computed."""
ZERO: Final = 1e-12
"""An eigenvalue this small beside the largest counts as zero."""
DRIFT: Final = 0.1
"""How much of its smallest eigenvalue the Hessian may change over one more Newton step."""


@dataclass(frozen=True)
class Assessment:
    """`wanted`: True at a point of the kind looked for, False at one of another kind, None if it is open."""

    wanted: bool | None
    sentence: str
    eigenvalues: Array | None = None


def assess(point: Point, evaluator: Evaluator, *, sense: str = "min") -> Assessment:
    """The kind of the stationary point near `point`, from the signs of the Hessian's eigenvalues.

    The signs are trusted only where one more Newton step would hardly change the Hessian (the quantity h of
    Kantorovich's theorem is small): at the end of a run on x^3 the Hessian is positive, but it tends to zero.
    """
    goal, opposite = ("minimum", "maximum") if sense == "min" else ("maximum", "minimum")
    if point.x.size > MAX_VARIABLES:
        return Assessment(None, f"With more than {MAX_VARIABLES} variables its kind was not examined.")
    hessian = evaluator.hessian(point.x) if point.hess is None else point.hess
    if not np.isfinite(hessian).all():
        return Assessment(None, f"The Hessian there is not finite and cannot tell whether this is a {goal}.")
    eigenvalues: Array = np.asarray(np.linalg.eigvalsh(hessian), dtype=np.float64)
    zero = ZERO * np.abs(eigenvalues).max()
    up, down = int((eigenvalues > zero).sum()), int((eigenvalues < -zero).sum())
    # Where a factorisation has shown that none is negative, one can only seem to be.
    down = 0 if point.definite else down
    flat = eigenvalues.size - up - down
    if not flat:
        nearby = evaluator.hessian(point.x - np.linalg.solve(hessian, point.jac))
        size = np.abs(eigenvalues).max()  # far out, the squares of second derivatives underflow
        if not np.linalg.norm((nearby - hessian) / size) <= DRIFT * (np.abs(eigenvalues).min() / size):
            reason = "The Hessian still changes much from here to the stationary point"
            return Assessment(None, f"{reason}, so it cannot tell whether that is a {goal}.", eigenvalues)
    if not down and not flat:
        sign, extreme = ("positive", "smallest") if sense == "min" else ("negative", "largest")
        value = show_number(float(eigenvalues[0]) if sense == "min" else -float(eigenvalues[0]))
        sentence = f"All eigenvalues of the Hessian are {sign} there (the {extreme} is {value}), "
        return Assessment(True, sentence + f"as at a strict local {goal}.", eigenvalues)
    if not down:
        reason = "The Hessian has a zero eigenvalue there"
        return Assessment(None, f"{reason}, so it cannot tell whether this is a {goal}.", eigenvalues)
    kind = "a saddle" if up else f"a saddle or a {opposite}" if flat else f"a {opposite}"
    counts = count_signs(up, down, flat) if sense == "min" else count_signs(down, up, flat)
    sentence = f"Stopped at {kind}, not at a {goal}: the Hessian there has {counts}."
    return Assessment(False, sentence, eigenvalues)


def count_signs(positive: int, negative: int, zero: int) -> str:
    """`1 positive and 2 negative eigenvalues`."""
    counts = ((positive, "positive"), (negative, "negative"), (zero, "zero"))
    parts = [f"{number} {sign}" for number, sign in counts if number]
    plural = "" if parts[-1].startswith("1 ") else "s"
    return f"{' and '.join(parts)} eigenvalue{plural}"
