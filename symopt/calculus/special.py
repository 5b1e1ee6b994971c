"""Special functions of one float that Python's `math` does not have, to double precision."""

from __future__ import annotations

import math
from typing import Final

import mpmath

# A context of our own: mpmath's shared one, and its precision, stay untouched.
_CONTEXT: Final = mpmath.ctx_mp.MPContext()
_CONTEXT.prec = 70


def loggamma(u: float) -> float:
    """log Gamma(u) for u > 0."""
    if u <= 0:
        raise ValueError("loggamma is real for positive arguments only")
    return math.lgamma(u)


def polygamma(order: float, u: float) -> float:
    """The derivative of digamma, `order` times."""
    return _real(_CONTEXT.psi(int(order), u))


def lambert_w(u: float, branch: float = 0.0) -> float:
    """The real w with w e^w = u: w >= -1 on branch 0, w <= -1 on branch -1."""
    return _real(_CONTEXT.lambertw(u, int(branch)))


def _real(value: mpmath.mpf | mpmath.mpc) -> float:
    if isinstance(value, _CONTEXT.mpc) and value.imag:
        raise ValueError("not real")
    return float(value.real)
