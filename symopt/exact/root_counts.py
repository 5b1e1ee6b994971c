"""How many real roots a polynomial has whose coefficients hold parameters: by the signs of Hermite's minors.

The matrix of the Newton sums s_(i+j) of the roots has as its signature the number of distinct real roots; its leading
minors are the subdiscriminants, up to even powers of the leading coefficient. Source: Basu, Pollack, Roy, Algorithms
in Real Algebraic Geometry, chapter 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

from sympy import Expr, Integer, Poly, S

from symopt.exact.linear import leading_minors
from symopt.exact.normal import canonical


def subdiscriminants(poly: Poly) -> tuple[Expr, ...]:
    """Multiples of the minors of orders 2 to n of Hermite's matrix by even powers of the leading coefficient.

    The last is the discriminant.

    >>> from sympy.abc import x, p, q
    >>> subdiscriminants(Poly(x**3 + p*x + q, x))
    (-6*p, -4*p**3 - 27*q**2)
    """
    lead, *rest = poly.all_coeffs()
    n = poly.degree()
    sums: list[Expr] = [Integer(n)]  # lead^k times the k-th sum of powers
    for k in range(1, 2 * n - 1):
        total = -sum((rest[i - 1] * lead ** (i - 1) * sums[k - i] for i in range(1, min(k, n + 1))), S.Zero)
        if k <= n:
            total -= k * rest[k - 1] * lead ** (k - 1)
        sums.append(canonical(total))
    minors = leading_minors(tuple(tuple(sums[i + j] for j in range(n)) for i in range(n)))
    return tuple(canonical(minors[k - 1] / lead ** ((k - 1) * (k - 2))) for k in range(2, n + 1))


def count_by_signs(signs: Sequence[frozenset[int]]) -> int | None:
    """The number of real roots of a polynomial of degree n without multiple roots; None where the signs leave several.

    `signs` are the possible signs of the subdiscriminants of orders 2 to n. A minor that is 0, or of a sign that is not
    known, has in all polynomials nearby but a few one of both signs, and these have as many real roots.

    >>> plus, minus, any_sign = frozenset((1,)), frozenset((-1,)), frozenset((-1, 0, 1))
    >>> count_by_signs((any_sign, plus)), count_by_signs((any_sign, minus)), count_by_signs((plus, any_sign))
    (3, 1, None)
    """
    n = len(signs) + 1
    if 0 in signs[-1]:
        return None
    choices = [(1, -1) if 0 in possible or len(possible) > 1 else tuple(possible) for possible in signs]
    counts = set()
    for chosen in product(*choices):
        row = (1, 1, *chosen)
        changes = sum(a != b for a, b in pairwise(row))
        if n - 2 * changes >= 0:
            counts.add(n - 2 * changes)
    return counts.pop() if len(counts) == 1 else None


def mean_of_roots(poly: Poly) -> Expr:
    """The mean -b/(n a) of all complex roots of a polynomial a x^n + b x^(n - 1) + ..."""
    lead, second, *_ = poly.all_coeffs()
    return canonical(-second / (poly.degree() * lead))


def at_mean(poly: Poly) -> Expr:
    """The polynomial at the mean of its roots, times its leading coefficient."""
    return canonical(poly.LC() * poly.eval(mean_of_roots(poly)))


def around_mean(poly: Poly, place: int, count: int, signs: frozenset[int]) -> tuple[Expr, Expr]:
    """An open interval that holds the root at a place among `count` distinct real ones, all simple.

    Where all roots of a polynomial of degree n are real, the first lies below their mean and the last above. `signs` are
    the possible signs of `at_mean`, which tell whether the number of roots above the mean is even.

    >>> from sympy.abc import x, p
    >>> some, plus = frozenset((-1, 0, 1)), frozenset((1,))
    >>> [around_mean(Poly(x**3 - 3*x**2 + p, x), place, 3, some) for place in range(3)]
    [(-oo, 1), (-oo, oo), (1, oo)]
    >>> [around_mean(Poly(x**3 - 3*x**2 + p, x), place, 3, plus) for place in range(3)]
    [(-oo, 1), (1, oo), (1, oo)]
    """
    ends, mean = (S.NegativeInfinity, S.Infinity), mean_of_roots(poly)
    above = range(1, count) if 1 < count == poly.degree() else range(count + 1)
    if len(signs) == 1 and 0 not in signs:
        above = range(above.start + ((above.start % 2 == 0) != (1 in signs)), above.stop, 2)
    if not above or mean.has(S.NaN, S.ComplexInfinity):
        return ends
    return (mean if place >= count - above[0] else ends[0]), (mean if place < count - above[-1] else ends[1])
