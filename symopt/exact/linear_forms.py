"""Linear forms in which a polynomial is shorter: proposals for an affine change of its variables.

An affine change keeps the factors of the homogeneous parts of f, those of the Hessian determinant of a form, and the
directions in which two of its Hessians are diagonal together. So the forms in which f was plain are looked for there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice
from math import gcd, lcm
from typing import Final, cast

from sympy import QQ, Expr, Integer, Matrix, Poly, Rational, S, Symbol
from sympy.polys.rings import PolyElement, PolyRing

from symopt.exact.linear import rank
from symopt.exact.multivariate import factored_table

MOST_VARIABLES: Final = 4
MOST_TERMS: Final = 90
LEAST_TERMS: Final = 5
DEGREES: Final = range(3, 9)
MOST_FORMS: Final = 7
MOST_TRIED: Final = 84
MOST_COMPARED: Final = 8
ROUNDS: Final = 3
MOST_FACTORED: Final = 40  # terms of a polynomial that is factored to find forms
LARGE: Final = 10**4  # coefficients beyond this are no forms that anybody wrote
PLACES: Final = (((1, 3, -2, 5), (2, -1, 4, 3)), ((3, 2, 7, -1), (-5, 1, 2, 6)))
PRIMES: Final = (Rational(7, 3), Rational(13, 5), Rational(29, 11), Rational(43, 17), Rational(61, 19))

Slopes = tuple[Rational, ...]
Terms = dict[tuple[int, ...], object]


@dataclass(frozen=True)
class Shorter:
    """f(x) = g(A x + b): the rows of A, the constants b, and g in the same symbols with its number of terms."""

    slopes: tuple[Slopes, ...]
    constants: tuple[Expr, ...]
    function: Expr
    terms: int
    before: int


@lru_cache(maxsize=64)
def shorter_forms(
    function: Expr, variables: tuple[Symbol, ...], seen: tuple[Slopes, ...] = ()
) -> Shorter | None:
    """Affine forms in which a polynomial has the fewest terms; None where none of the proposals leaves fewer.

    `seen` are slopes that are proposed with those found here.

    >>> from sympy.abc import x, y
    >>> found = shorter_forms(((x + 2*y)**4 + (x - y - 1)**4).expand(), (x, y))
    >>> found.slopes, found.constants, found.function
    (((1, 2), (1, -1)), (0, -1), x**4 + y**4)
    """
    parameters = tuple(sorted(function.free_symbols - set(variables), key=str))
    polynomial = function.as_poly(*variables, *parameters)
    if polynomial is None or not 2 <= len(variables) <= MOST_VARIABLES or len(parameters) > len(PRIMES):
        return None
    if polynomial.domain not in (QQ, QQ.get_ring()) or len(polynomial.terms()) > MOST_TERMS:
        return None
    ring = PolyRing(polynomial.gens, QQ)
    whole = ring.from_dict({m: QQ.convert(c) for m, c in polynomial.rep.to_sympy_dict().items()})
    n = len(variables)
    degree = max((sum(m[:n]) for m in whole), default=0)
    before = _terms(whole, n)
    if degree not in DEGREES or before < LEAST_TERMS:
        return None
    units = tuple(tuple(S.One if i == j else S.Zero for j in range(n)) for i in range(n))
    rows, shift, moved = units, (S.Zero,) * n, whole
    for _ in range(ROUNDS):
        found = _rows(moved, n, seen if moved is whole else ())
        changed, added = _centred(_changed(moved, found), n) if found else (moved, ())
        if _terms(changed, n) >= _terms(moved, n):
            break
        # A further change of A x + b to B (A x + b) + c.
        outer = Matrix(found)
        rows = tuple(tuple(row) for row in (outer * Matrix(rows)).tolist())
        shift = tuple(e.expand() for e in outer * Matrix(shift) + Matrix(added))
        moved = changed
    terms = _terms(moved, n)
    return None if terms == before else Shorter(rows, shift, moved.as_expr(), terms, before)


def _rows(whole: PolyElement, n: int, seen: tuple[Slopes, ...]) -> tuple[Slopes, ...] | None:
    """The slopes of those independent forms, of the ones proposed, in which the fewest terms are left."""
    sample = _at_primes(whole, n)
    parts = [sample] if sample.ring.ngens == whole.ring.ngens else [*_coefficients(whole, n), sample]
    proposed = dict.fromkeys((*map(primitive, seen), *(row for part in parts for row in _directions(part))))
    units = [tuple(S.One if i == j else S.Zero for j in range(n)) for i in range(n)]
    degree = max(map(sum, sample))
    top = sample.ring.from_dict({m: c for m, c in sample.items() if sum(m) == degree})
    forms = list(dict.fromkeys((*islice(proposed, MOST_FORMS), *units)))
    bases = sorted(islice(_bases(forms, n), MOST_TRIED), key=lambda rows: len(_changed(top, rows)))
    sized = ((rows, _centred(_changed(sample, rows), n)[0]) for rows in bases[:MOST_COMPARED])
    return min(sized, key=lambda pair: (_terms(pair[1], n), _size(pair[1])), default=(None, None))[0]


def primitive(slopes: Slopes) -> Slopes:
    """The multiple with integer entries without a common factor, the first of which is positive."""
    multiple = lcm(*(int(c.q) for c in slopes))
    whole = [int(c * multiple) for c in slopes]
    common = gcd(*whole) or 1
    lead = next((c for c in whole if c), 1)
    return tuple(Integer(c // common * (1 if lead > 0 else -1)) for c in whole)


def _terms(element: PolyElement, n: int) -> int:
    """The number of monomials in the first n symbols, constants apart."""
    return len({m[:n] for m in element if any(m[:n])})


def _size(element: PolyElement) -> int:
    return sum(abs(int(c.numerator)).bit_length() + int(c.denominator).bit_length() for c in element.values())


def _at_primes(whole: PolyElement, n: int) -> PolyElement:
    """The polynomial in the variables alone, with numbers for the parameters."""
    ring = PolyRing(whole.ring.symbols[:n], QQ)
    found: dict[tuple[int, ...], object] = {}
    for monomial, coefficient in whole.items():
        value = coefficient
        for power, prime in zip(monomial[n:], PRIMES, strict=False):
            value *= QQ(prime.p, prime.q) ** power
        found[monomial[:n]] = found.get(monomial[:n], QQ(0)) + value
    return ring.from_dict({m: c for m, c in found.items() if c})


def _coefficients(whole: PolyElement, n: int) -> list[PolyElement]:
    """What stands beside each power of the parameters."""
    ring = PolyRing(whole.ring.symbols[:n], QQ)
    parts: dict[tuple[int, ...], Terms] = {}
    for monomial, coefficient in whole.items():
        parts.setdefault(monomial[n:], {})[monomial[:n]] = coefficient
    return [ring.from_dict(part) for part in parts.values()]


def _changed(element: PolyElement, rows: tuple[Slopes, ...]) -> PolyElement:
    """The polynomial at x = A^(-1) u."""
    ring, n = element.ring, len(rows)
    inverse = Matrix(rows).inv()
    images = [
        sum((ring.gens[j] * QQ(inverse[i, j].p, inverse[i, j].q) for j in range(n)), ring.zero)
        for i in range(n)
    ]
    return _at(element, images)


def _at(element: PolyElement, images: list[PolyElement]) -> PolyElement:
    """The polynomial at images of its first symbols: Horner's scheme, one symbol after another."""
    ring, n = element.ring, len(images)

    def value(terms: Terms, place: int) -> PolyElement:
        if place == n:
            return ring.from_dict(terms)
        parts: dict[int, Terms] = {}
        for monomial, coefficient in terms.items():
            rest = (*monomial[:place], 0, *monomial[place + 1 :])
            parts.setdefault(monomial[place], {})[rest] = coefficient
        total = ring.zero
        for power in range(max(parts, default=0), -1, -1):
            total = total * images[place] if total else total
            total += value(parts[power], place + 1) if power in parts else ring.zero
        return total

    return cast(PolyElement, value(dict(element), 0))


def _centred(element: PolyElement, n: int) -> tuple[PolyElement, tuple[Expr, ...]]:
    """The polynomial with a constant added to each symbol, where that leaves fewer terms, and what u = x + b adds.

    In a symbol of degree k the sum of the roots is moved to 0.
    """
    ring = element.ring
    shifts = [ring.zero] * n
    changed = True
    while changed:
        changed = False
        for place in range(n):
            offset = _offset(element, place, n)
            if not offset:
                continue
            images = [g - offset if i == place else g for i, g in enumerate(ring.gens[:n])]
            moved = _at(element, images)
            if _terms(moved, n) < _terms(element, n):
                element, shifts[place], changed = moved, shifts[place] + offset, True
    return element, tuple(s.as_expr() for s in shifts)


def _offset(element: PolyElement, place: int, n: int) -> PolyElement | None:
    """b with c_k x^k + k b c_k x^(k - 1) + ...: a number, or a polynomial in the parameters."""
    degree = max((m[place] for m in element), default=0)
    if not degree:
        return None
    parts: list[dict[tuple[int, ...], dict[tuple[int, ...], object]]] = [{}, {}]
    for monomial, coefficient in element.items():
        below = degree - monomial[place]
        if below < 2:
            rest = tuple(0 if i == place else e for i, e in enumerate(monomial[:n]))
            own = (0,) * n + monomial[n:]
            parts[below].setdefault(rest, {})[own] = coefficient
    lead, following = parts
    monomial = max(lead, key=sum)
    if monomial not in following:
        return None
    ring = element.ring
    quotient, remainder = ring.from_dict(following[monomial]).div(ring.from_dict(lead[monomial]))
    return None if remainder else quotient.quo_ground(QQ(degree))


def _bases(forms: list[Slopes], n: int) -> Iterator[tuple[Slopes, ...]]:
    """Independent choices, the first forms first."""
    for chosen in combinations(forms, n):
        if rank(chosen) == n:
            yield tuple(sorted(chosen, key=lambda row: [-abs(c) for c in row]))


def _directions(sample: PolyElement) -> Iterator[Slopes]:
    """Slopes of linear forms that belong to the polynomial, whatever its coordinates."""
    ring = sample.ring
    forms: dict[int, Terms] = {}
    for monomial, coefficient in sample.items():
        forms.setdefault(sum(monomial), {})[monomial] = coefficient
    homogeneous = [ring.from_dict(forms[k]) for k in sorted(forms, reverse=True) if k > 1]
    if not homogeneous:
        return
    found: list[Slopes] = []
    quadratic: list[PolyElement] = []
    named = [homogeneous[0], *_covariants(homogeneous[0]), *homogeneous[1:]]
    for element in named:
        for factor in _factors(element):
            if max(map(sum, factor)) == 1:
                found.append(_row(factor))
            elif max(map(sum, factor)) == 2:
                quadratic.append(factor)
    found += _diagonal_together(sample)
    found = [row for row in dict.fromkeys(map(primitive, found)) if max(map(abs, row)) < LARGE]
    yield from found
    for form in quadratic:
        yield from _squares(form, found)


def _row(linear: PolyElement) -> Slopes:
    return tuple(_rational(linear.coeff(g)) for g in linear.ring.gens)


def _rational(number: object) -> Rational:
    return cast(Rational, QQ.to_sympy(number))


def _factors(element: PolyElement) -> list[PolyElement]:
    if not element or element.is_ground or len(element) > MOST_FACTORED:
        return []
    ring = element.ring
    return [
        ring.from_dict({m: QQ(c) for m, c in part.items()}) for part, _ in factored_table(dict(element))[1]
    ]


def _covariants(form: PolyElement) -> list[PolyElement]:
    """The Hessian determinant of a form, and of a binary one its Jacobian determinant with the form."""
    gens = form.ring.gens
    second = _determinant([[form.diff(a).diff(b) for b in gens] for a in gens])
    if len(gens) != 2 or not second:
        return [second]
    x, y = gens
    return [second, form.diff(x) * second.diff(y) - form.diff(y) * second.diff(x)]


def _determinant(rows: list[list[PolyElement]]) -> PolyElement:
    """By expansion along the first row."""
    if len(rows) == 1:
        return rows[0][0]
    total = rows[0][0].ring.zero
    for place, entry in enumerate(rows[0]):
        if entry:
            minor = _determinant([row[:place] + row[place + 1 :] for row in rows[1:]])
            total += entry * minor if place % 2 == 0 else -entry * minor
    return total


def _diagonal_together(sample: PolyElement) -> list[Slopes]:
    """The forms H v with K v = c H v and a rational c, for two differences H and K of Hessians.

    In the variables in which f is a sum of functions of one of them and of any quadratic, these are diagonal.
    """
    gens, n = sample.ring.gens, sample.ring.ngens

    def hessian_at(place: tuple[int, ...]) -> Matrix:
        values = list(zip(gens, place, strict=False))
        return Matrix(n, n, lambda i, j: _value(second[i][j], values))

    second = [[sample.diff(a).diff(b) for b in gens] for a in gens]
    base = hessian_at((0,) * n)
    for p, q in PLACES:
        one, other = hessian_at(p[:n]) - base, hessian_at(q[:n]) - base
        if one.det() == 0:
            continue
        c = Symbol("c")
        found: list[Slopes] = []
        for factor, _ in Poly((other - c * one).det(), c).factor_list()[1]:
            if factor.degree() == 1:
                space = (other + one * factor.TC() / factor.LC()).nullspace()
                found += [tuple(one * v) for v in space] if len(space) == 1 else []
        return found
    return []


def _value(element: PolyElement, values: list[tuple[PolyElement, int]]) -> Rational:
    return _rational(element.evaluate(values)) if element else S.Zero


def _squares(form: PolyElement, first: list[Slopes]) -> Iterator[Slopes]:
    """Forms of a sum of squares that a quadratic form is, beginning with given ones where it has two variables."""
    gens = form.ring.gens
    matrix = Matrix(
        [[_rational(form.diff(a).diff(b).coeff(1)) if form else S.Zero for b in gens] for a in gens]
    )
    if matrix.det() == 0:
        return
    if len(gens) == 2:
        for row in first[:MOST_FORMS]:
            p, q = matrix.inv() * Matrix(row)
            if (p, q) != (0, 0):
                yield primitive((-q, p))
    rest = matrix
    for i in range(len(gens)):
        if rest[i, i] == 0:
            return
        row = rest[i, :]
        yield primitive(tuple(row))
        rest = rest - row.T * row / rest[i, i]
