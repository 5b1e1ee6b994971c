"""Special functions of one float that Python's `math` does not have, to double precision."""

from __future__ import annotations

import math
from typing import Final

import mpmath

# A context of our own: mpmath's shared one, and its precision, stay untouched.
_CONTEXT: Final = mpmath.ctx_mp.MPContext()
_CONTEXT.prec = 70
FAR_LEFT: Final = -100.0


def loggamma(u: float) -> float:
    """log Gamma(u) for u > 0."""
    if u <= 0:
        raise ValueError("loggamma is real for positive arguments only")
    return math.lgamma(u)


def polygamma(order: float, u: float) -> float:
    """The derivative of digamma, `order` times; far to the left by reflection, where mpmath goes step by step.

    With c = cot(pi u), psi_n(u) = (-1)^n psi_n(1 - u) - pi^(n + 1) P_n(c), where P_0 = c and P_(n+1) = -(1 + c^2) P_n'
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.4.7).
    """
    n = int(order)
    if u > FAR_LEFT:
        return _real(_CONTEXT.psi(n, u))
    share = u - math.floor(u)
    if not 0 < share < 1:
        raise ValueError("a pole")
    cotangent = _CONTEXT.cot(_CONTEXT.pi * share)
    powers = [0, 1]
    for _ in range(n):
        slopes = [k * power for k, power in enumerate(powers)][1:]
        powers = [-(a + b) for a, b in zip([*slopes, 0, 0], [0, 0, *slopes], strict=True)]
    value = _CONTEXT.polyval(powers[::-1], cotangent)
    return _real((-1) ** n * _CONTEXT.psi(n, 1 - _CONTEXT.mpf(u)) - _CONTEXT.pi ** (n + 1) * value)


def lambert_w(u: float, branch: float = 0.0) -> float:
    """The real w with w e^w = u: w >= -1 on branch 0, w <= -1 on branch -1."""
    return _real(_CONTEXT.lambertw(u, int(branch)))


def _real(value: mpmath.mpf | mpmath.mpc) -> float:
    if isinstance(value, _CONTEXT.mpc) and value.imag:
        raise ValueError("not real")
    return float(value.real)
