"""Univariate polynomials over Q as FLINT's: square-free parts, Sturm chains, signs at points and on intervals."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from sympy import Poly, Rational

from symopt.exact.gates import TooLarge

MAX_STURM: Final = 25 * 10**8  # cube of the degree times bits: about a second
BALL_BITS: Final = 256


def rational(value: Rational) -> Any:
    """FLINT's number."""
    import flint

    return flint.fmpq(int(value.p), int(value.q))


@lru_cache(maxsize=1024)
def polynomial(poly: Poly) -> Any:
    """FLINT's polynomial of a SymPy polynomial with rational coefficients."""
    import flint

    return flint.fmpq_poly([rational(c) for c in reversed(poly.all_coeffs())])


@lru_cache(maxsize=1024)
def squarefree(poly: Poly) -> Any:
    """The square-free part, up to a factor."""
    found = polynomial(poly)
    common = found.gcd(found.derivative())
    return found if common.degree() <= 0 else found // common


@lru_cache(maxsize=1024)
def sturm_chain(poly: Poly) -> tuple[Any, ...]:
    """Sturm's chain of the square-free part, each member divided by its positive content."""
    first = _primitive(squarefree(poly))
    bits = max(int(abs(c.p)).bit_length() for c in first.coeffs())
    if first.degree() ** 3 * (bits + 4) > MAX_STURM:
        raise TooLarge(f"a Sturm chain of degree {first.degree()}")
    chain = [first, _primitive(first.derivative())]
    while chain[-1].degree() > 0:
        rest = -(chain[-2] % chain[-1])
        if rest == 0:
            break
        chain.append(_primitive(rest))
    return tuple(chain)


def _primitive(found: Any) -> Any:
    import flint

    whole = found.numer()
    return flint.fmpq_poly(whole) / abs(whole.content())


def sign_at(found: Any, point: Rational) -> int:
    """The sign of a polynomial at a rational number."""
    return sign(found(rational(point)))


def narrowed(found: Any, interval: tuple[Rational, Rational], width: Rational) -> tuple[Rational, Rational]:
    """By halving: the part, no wider than the width, of an interval with one simple root; the root where it is met."""
    low, high, limit = (rational(end) for end in (*interval, width))
    below = sign(found(low))
    while high - low > limit:
        middle = (low + high) / 2
        at_middle = sign(found(middle))
        if at_middle == 0:
            low = high = middle
        elif at_middle == below:
            low = middle
        else:
            high = middle
    return Rational(int(low.p), int(low.q)), Rational(int(high.p), int(high.q))


def sign(value: Any) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0


def variations(chain: tuple[Any, ...], point: Rational | None, side: int) -> int:
    """Sign changes of a Sturm chain at a point, or at the infinity of that side."""
    if point is None:
        signs = [sign(p[p.degree()]) * (side if p.degree() % 2 else 1) for p in chain]
    else:
        at = rational(point)
        signs = [sign(p(at)) for p in chain]
    nonzero = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(nonzero))


def sign_between(found: Any, low: Rational, high: Rational) -> int | None:
    """The sign of a polynomial on a whole interval by ball arithmetic; None where balls do not tell."""
    import flint

    with flint.ctx.workprec(BALL_BITS):
        a, b = (flint.arb(rational(end)) for end in (low, high))
        value = flint.arb(0)
        ball = a.union(b)
        for c in reversed(found.coeffs()):
            value = value * ball + flint.arb(c)
        return 1 if value > 0 else -1 if value < 0 else None
