"""Real roots of univariate polynomials over Q: counting by Sturm's theorem, isolation, refinement, signs.

All arithmetic is rational. Source: Basu, Pollack, Roy, Algorithms in Real Algebraic Geometry, chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, Integer, Poly, Rational, S, Symbol, sqrt, sqrtdenest

from symopt.exact import univariate
from symopt.exact.enclosure import decimal, enclose, sign_of_constant
from symopt.exact.gates import MAX_FACTOR_TERMS, TooLarge
from symopt.exact.normal import is_identical

Interval = tuple[Rational, Rational]
_MAX_DEGREE: Final = 300
_MAX_BITS: Final = 20_000
_MAX_ROUNDS: Final = 400
_CLOSE: Final = 3  # rounds of halving before a common divisor is looked for
_HALVINGS: Final = 16


def count_real_roots(
    poly: Poly,
    low: Rational | None,
    high: Rational | None,
    *,
    include_low: bool = False,
    include_high: bool = False,
) -> int:
    """The number of distinct real roots from low to high (None: unbounded), by Sturm's theorem.

    The ends belong to the interval only where `include_low`, `include_high` say so. The zero polynomial is
    a ValueError.

    >>> from sympy.abc import x
    >>> count_real_roots(Poly(x**3 - x, x), S.Zero, None), count_real_roots(Poly(x**3 - x, x), None, None)
    (1, 3)
    """
    _check(poly)
    found = univariate.squarefree(poly)
    if low is not None and high is not None and low >= high:
        return int(low == high and include_low and include_high and univariate.sign_at(found, low) == 0)
    if found.degree() == 0:
        return 0
    chain = univariate.sturm_chain(poly)
    # the roots in (low, high]
    inside = univariate.variations(chain, low, -1) - univariate.variations(chain, high, 1)
    if high is not None and not include_high and univariate.sign_at(found, high) == 0:
        inside -= 1
    if low is not None and include_low and univariate.sign_at(found, low) == 0:
        inside += 1
    return inside


def isolate_real_roots(poly: Poly) -> tuple[Interval, ...]:
    """Disjoint intervals from left to right, one for each distinct real root.

    A rational root may be a point (r, r); other intervals hold their root inside and have no root at an end.

    >>> from sympy.abc import x
    >>> isolate_real_roots(Poly((x - 1)*(x**2 - 2), x))
    ((-2, -1), (1, 1), (5/4, 3/2))
    """
    squarefree = _squarefree(poly)
    if squarefree.degree() == 0:
        return ()
    linear = sorted(
        -factor.eval(0) / factor.LC() for factor, _ in _factor_list(squarefree) if factor.degree() == 1
    )
    rest = squarefree
    for root in linear:
        rest = rest.quo(Poly(squarefree.gen - root, squarefree.gen, domain="QQ"))
    found = [(root, root) for root in linear]
    intervals = [(Rational(a), Rational(b)) for a, b in rest.intervals(sqf=True)] if rest.degree() else []
    for interval in intervals:
        while any(interval[0] <= root <= interval[1] for root in linear):
            interval = _halved(rest, interval)
        found.append(interval)
    found = list(_disjoint(rest, sorted(found)))
    for low, high in found:
        if low != high and _sign(rest.eval(low)) * _sign(rest.eval(high)) >= 0:
            raise ArithmeticError("an isolating interval without a change of sign")
    return tuple(found)


def refine(poly: Poly, interval: Interval, width: Rational) -> Interval:
    """A subinterval with the same root, no wider than `width`.

    The interval must be as those of `isolate_real_roots`: one root inside, none at an end.

    >>> from sympy.abc import x
    >>> refine(Poly(x**2 - 2, x), (S(1), S(2)), S(1)/8)
    (11/8, 3/2)
    """
    if width <= 0:
        raise ValueError("the width of an interval must be positive")
    _check(poly)
    return univariate.narrowed(univariate.squarefree(poly), interval, width)


@dataclass(frozen=True)
class RealRoot:
    """The index-th real root from the left (from 0) of a polynomial over Q that is irreducible."""

    polynomial: Expr
    symbol: Symbol
    index: int
    interval: Interval

    @property
    def poly(self) -> Poly:
        return Poly(self.polynomial, self.symbol, domain="QQ")

    def refined(self, width: Rational) -> RealRoot:
        """The same root with an interval no wider than `width`."""
        return RealRoot(self.polynomial, self.symbol, self.index, refine(self.poly, self.interval, width))

    def decimal(self, digits: int = 30) -> str:
        """The root correctly rounded to that many significant digits."""
        value = decimal(
            self.symbol,
            {self.symbol: self.interval},
            digits,
            lambda more: {self.symbol: self.refined(Rational(1, Integer(10) ** more)).interval},
        )
        if value is None:
            raise TooLarge(f"{digits} digits of a root")
        return value

    def as_radical(self) -> Expr | None:
        """A short expression in real radicals, proved equal to the root, or None.

        >>> from sympy.abc import x
        >>> [root.as_radical() for root in real_roots(Poly(x**4 - 2*x**2 - 1, x), x)]
        [-sqrt(1 + sqrt(2)), sqrt(1 + sqrt(2))]
        """
        if self.interval[0] == self.interval[1]:
            return self.interval[0]
        for candidate in _radical_candidates(self.poly):
            if not is_identical(self.polynomial.xreplace({self.symbol: candidate}), S.Zero):
                continue
            value = enclose(candidate, {}, 30)
            if value is not None and self.interval[0] < value[0] and value[1] < self.interval[1]:
                shorter = sqrtdenest(candidate)
                return shorter if sign_of_constant(candidate - shorter) == 0 else candidate
        return None


def real_roots(poly: Poly, symbol: Symbol | None = None) -> tuple[RealRoot, ...]:
    """All distinct real roots from left to right; each carries its own irreducible factor over Q.

    >>> from sympy.abc import x
    >>> [(str(r.polynomial), r.index) for r in real_roots(Poly((x - 1)*(x**2 - 2), x), x)]
    [('x**2 - 2', 0), ('x - 1', 0), ('x**2 - 2', 1)]
    """
    squarefree = _squarefree(poly)
    if squarefree.degree() == 0:
        return ()
    variable = symbol or squarefree.gen
    owners: list[tuple[Interval, Poly, int]] = []
    for factor, _ in _factor_list(squarefree):
        integral = _primitive(factor)
        owners += [(interval, integral, i) for i, interval in enumerate(isolate_real_roots(integral))]
    changed = True
    while changed:
        owners.sort(key=lambda owner: owner[0])
        changed = False
        for i in range(len(owners) - 1):
            if owners[i][0][1] >= owners[i + 1][0][0]:
                for j in (i, i + 1):
                    owners[j] = (_halved(owners[j][1], owners[j][0]), *owners[j][1:])
                changed = True
    return tuple(
        RealRoot(factor.as_expr(variable), variable, index, interval) for interval, factor, index in owners
    )


def sign_at_root(expression_poly: Poly, root: RealRoot) -> int:
    """The exact sign of a polynomial over Q at a real root: zero by a common divisor, else by refinement.

    >>> from sympy.abc import x
    >>> sqrt_two = real_roots(Poly(x**2 - 2, x), x)[1]
    >>> sign_at_root(Poly(x**3 - 2*x, x), sqrt_two), sign_at_root(Poly(5*x - 7, x), sqrt_two)
    (0, 1)
    """
    poly = root.poly
    other = Poly(expression_poly.as_expr(root.symbol), root.symbol, domain="QQ")
    if other.is_zero:
        return 0
    low, high = root.interval
    found = univariate.polynomial(other)
    for round_ in range(_MAX_ROUNDS):
        if low == high:
            return univariate.sign_at(found, low)
        known = univariate.sign_between(found, low, high)
        if known is not None:
            return known
        if round_ == _CLOSE:
            common = univariate.polynomial(poly).gcd(found)
            shared = Poly.from_list([_as_rational(c) for c in reversed(common.coeffs())], root.symbol)
            if shared.degree() > 0 and count_real_roots(
                shared, low, high, include_low=True, include_high=True
            ):
                return 0
        for _ in range(_HALVINGS):
            low, high = _halved(poly, (low, high))
    raise TooLarge("the sign of a polynomial at a root")


def _as_rational(value: Any) -> Rational:
    return Rational(int(value.p), int(value.q))


def _squarefree(poly: Poly) -> Poly:
    _check(poly)
    return poly.set_domain("QQ").sqf_part()


def _check(poly: Poly) -> None:
    """Refuse what has no isolated roots, and what is too large."""
    if not poly.is_univariate:
        raise ValueError("a polynomial in one symbol is needed")
    if poly.is_zero:
        raise ValueError("the zero polynomial has no isolated roots")
    if poly.degree() > _MAX_DEGREE or any(
        max(int(c.p).bit_length(), int(c.q).bit_length()) > _MAX_BITS for c in poly.all_coeffs()
    ):
        raise TooLarge(f"a polynomial of degree {poly.degree()} for its real roots")


def _factor_list(poly: Poly) -> list[tuple[Poly, int]]:
    if len(poly.terms()) > MAX_FACTOR_TERMS:
        raise TooLarge("a factorisation of high degree")
    return list(poly.factor_list()[1])


def _primitive(poly: Poly) -> Poly:
    return poly.clear_denoms(convert=True)[1].primitive()[1].set_domain("QQ")


def _sign(value: Rational) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0


def _halved(poly: Poly, interval: Interval) -> Interval:
    """The half that holds the simple root of a squarefree polynomial; the point itself where it is one."""
    low, high = interval
    if low == high:
        return interval
    middle = (low + high) / 2
    found = univariate.polynomial(poly)
    at_middle = univariate.sign_at(found, middle)
    if at_middle == 0:
        return middle, middle
    return (middle, high) if at_middle == univariate.sign_at(found, low) else (low, middle)


def _disjoint(poly: Poly, intervals: list[Interval]) -> tuple[Interval, ...]:
    """Neighbours that touch are halved until they do not."""
    changed = True
    while changed:
        changed = False
        for i in range(len(intervals) - 1):
            while intervals[i][1] >= intervals[i + 1][0]:
                intervals[i : i + 2] = [_halved(poly, intervals[i]), _halved(poly, intervals[i + 1])]
                changed = True
    return tuple(intervals)


def _radical_candidates(poly: Poly) -> list[Expr]:
    """Roots of quadratics, biquadratics and pure powers, as short real radicals to be checked."""
    degree, coefficients = poly.degree(), poly.all_coeffs()
    powers = {monomial[0] for monomial in poly.monoms()}
    if degree == 1:
        return [-coefficients[1] / coefficients[0]]
    if degree == 2:
        return _quadratic(*coefficients)
    if powers <= {0, degree}:
        ratio = -coefficients[-1] / coefficients[0]
        if degree % 2:
            return [_sign(ratio) * abs(ratio) ** Rational(1, degree)]
        return [s * ratio ** Rational(1, degree) for s in (-1, 1)] if ratio > 0 else []
    half = degree // 2
    if degree % 2 == 0 and powers <= {0, half, degree}:
        squares = _quadratic(coefficients[0], coefficients[half], coefficients[-1])
        exponent = Rational(1, half)
        signs = (-1, 1) if half % 2 == 0 else (1,)
        found: list[Expr] = []
        for square in squares:
            bounds = enclose(square, {}, 30)
            if bounds is None:
                continue
            if bounds[0] > 0:
                found += [s * square**exponent for s in signs]
            elif bounds[1] < 0 and half % 2:
                found.append(-((-square) ** exponent))
        return found
    return []


def _quadratic(a: Rational, b: Rational, c: Rational) -> list[Expr]:
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    return [-b / (2 * a) + s * sqrt(discriminant) / (2 * a) for s in (-1, 1)]
