"""Sums of squares with rational coefficients: p = sum w_k g_k q_k^2 with w_k > 0 and given g_k >= 0.

p = z^T Q z for monomials z chosen by the Newton polytope; a positive semidefinite Q is guessed in floating point, made
rational inside the affine space of all such Q, and decomposed exactly as L D L^T. Where p has zeros, Q is singular: its
null space is guessed too, and the monomials are replaced by the combinations that vanish there (facial reduction).
(Parrilo 2003; Peyrl and Parrilo, Computing sum of squares decompositions with rational coefficients, 2008.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Final

from sympy import Add, Expr, Mul, Poly, Pow, Rational, Symbol

from symopt.exact.relations import is_rational
from symopt.reasoning.semidefinite import deepest

Monomial = tuple[int, ...]
Terms = dict[Monomial, Fraction]
Square = tuple[Fraction, int, Terms]  # weight, which of the multipliers, what is squared
MAX_BASIS: Final = 26
MAX_UNKNOWNS: Final = 160
MAX_TERMS: Final = 400
MAX_ROUNDS: Final = 3
MAX_CODIMENSION: Final = 10
DENOMINATORS: Final = (1, 2, 12, 60, 2520, 10**6, 10**10)
BORDER: Final = 2e-3


def sum_of_squares(
    polynomial: Expr,
    symbols: tuple[Symbol, ...],
    given: Sequence[Expr] = (),
    degree_one: tuple[Symbol, ...] = (),
) -> tuple[tuple[Expr, Expr, Expr], ...] | None:
    """(w, g, q) with polynomial = sum w g q^2, w > 0 rational, and g = 1 or one of the given; None when not found.

    The symbols of `degree_one` occur with degree one in each q, as v in a form v^T M(x) v.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> sum_of_squares(x**4 - 2*x**2*y + y**2, (x, y))
    ((1, 1, -x**2 + y),)
    """
    every = (*symbols, *degree_one)
    target = _terms(polynomial, every)
    if not target or len(target) > MAX_TERMS:
        return None
    size = max(abs(c) for c in target.values())
    multipliers: list[Terms] = [{(0,) * len(every): Fraction(1)}]
    kept: list[Expr] = [Rational(1)]
    for expression in given:
        terms = _terms(expression, every)
        if terms:
            multipliers.append(terms)
            kept.append(expression)
    bases = _bases(target, multipliers, len(symbols), len(degree_one))
    found = _decompose({m: c / size for m, c in target.items()}, multipliers, bases)
    if found is None:
        return None
    return tuple((_rational(w * size), kept[g], _expression(q, every)) for w, g, q in found)


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def _terms(expression: Expr, symbols: tuple[Symbol, ...]) -> Terms | None:
    poly = expression.as_poly(*symbols)
    if poly is None or not is_rational(poly):
        return None
    return {m: Fraction(int(c.p), int(c.q)) for m, c in poly.terms() if c != 0}


def _expression(terms: Terms, symbols: tuple[Symbol, ...]) -> Expr:
    return Poly({m: _rational(c) for m, c in terms.items()}, *symbols).as_expr()


def _times(a: Terms, b: Terms) -> Terms:
    found: Terms = {}
    for m, c in a.items():
        for n, d in b.items():
            key = tuple(i + j for i, j in zip(m, n, strict=True))
            found[key] = found.get(key, Fraction(0)) + c * d
    return found


def _bases(target: Terms, multipliers: list[Terms], free: int, forms: int) -> list[list[Terms]]:
    """Monomials for each multiplier: those whose squares fit into the Newton polytope of the target."""
    functionals = tuple(_functionals(free + forms))
    support = list(target)
    if len(multipliers) > 1:  # with multipliers, everything up to the degree may cancel
        top = max(sum(m[:free]) for m in target)
        top += top % 2
        low = {f: 0 for f in functionals if all(w == 0 for w in f[free:])}
        highest = {f: max(f) * top for f in low}
    else:
        values = {f: [sum(w * e for w, e in zip(f, m, strict=True)) for m in support] for f in functionals}
        low, highest = {f: min(v) for f, v in values.items()}, {f: max(v) for f, v in values.items()}
        top = max(sum(m[:free]) for m in support)
    bases = []
    for multiplier in multipliers:
        own = max(sum(m[:free]) for m in multiplier)
        found = []
        for monomial in _monomials(free, forms, (top - own) // 2 if top >= own else -1):
            doubled = [2 * e for e in monomial]
            at = {f: sum(w * e for w, e in zip(f, doubled, strict=True)) for f in low}
            if len(multipliers) > 1 or all(low[f] <= at[f] <= highest[f] for f in low):
                found.append(monomial)
        if len(multipliers) == 1:
            found = _without_lonely(found, set(support))
        bases.append([{m: Fraction(1)} for m in found])
    return bases


def _functionals(size: int) -> Iterator[tuple[int, ...]]:
    """Linear functionals that bound the Newton polytope: a few integer directions."""
    values = (-1, 0, 1, 2) if size <= 4 else (0, 1) if size <= 6 else ()
    yield from (f for f in product(values, repeat=size) if any(f))
    if size > 6:
        yield from (tuple(int(i == j) for i in range(size)) for j in range(size))
    yield (1,) * size


def _monomials(free: int, forms: int, degree: int) -> Iterator[Monomial]:
    units: list[Monomial] = (
        [tuple(int(i == j) for i in range(forms)) for j in range(forms)] if forms else [()]
    )
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(range(free), total):
            inner = tuple(chosen.count(i) for i in range(free))
            yield from ((*inner, *unit) for unit in units)


def _without_lonely(monomials: list[Monomial], support: set[Monomial]) -> list[Monomial]:
    """Without those whose square is neither in the target nor a product of two others: their diagonal entry is 0."""
    while True:
        sums: dict[Monomial, int] = {}
        for a, b in combinations_with_replacement(monomials, 2):
            key = tuple(i + j for i, j in zip(a, b, strict=True))
            sums[key] = sums.get(key, 0) + 1
        kept = [m for m in monomials if (d := tuple(2 * e for e in m)) in support or sums[d] > 1]
        if len(kept) == len(monomials):
            return kept
        monomials = kept


def _decompose(target: Terms, multipliers: list[Terms], bases: list[list[Terms]]) -> list[Square] | None:
    for _ in range(MAX_ROUNDS):
        used = [(g, basis) for g, basis in enumerate(bases) if basis]
        if not used or sum(len(b) for _, b in used) > MAX_BASIS:
            return None
        space = _affine_space(target, [(multipliers[g], basis) for g, basis in used])
        if space is None:
            return None
        start, directions, places = space
        if len(directions) > MAX_UNKNOWNS:
            return None
        sizes = [len(basis) for _, basis in used]
        guess = deepest(_blocks(start, places, sizes), [_blocks(d, places, sizes) for d in directions])
        if guess is None or guess.least < -BORDER:
            return None
        grams = _rounded(guess.coordinates, start, directions, places, sizes)
        if grams is not None:
            return _squares(grams, used)
        reduced = _reduced(used, guess.null)
        if reduced is None:
            return None
        bases = [reduced.get(g, []) for g in range(len(bases))]
    return None


Place = tuple[int, int, int]


def _affine_space(
    target: Terms, used: list[tuple[Terms, list[Terms]]]
) -> tuple[list[Fraction], list[list[Fraction]], list[Place]] | None:
    """All symmetric Q with sum g z^T Q z = target: one of them, directions, and where each entry stands."""
    import flint

    places, columns = [], []
    for block, (multiplier, basis) in enumerate(used):
        for i, j in combinations_with_replacement(range(len(basis)), 2):
            entry = _times(_times(basis[i], basis[j]), multiplier)
            places.append((block, i, j))
            columns.append({m: c * (1 if i == j else 2) for m, c in entry.items()})
    rows = {m: k for k, m in enumerate(dict.fromkeys((*target, *(m for column in columns for m in column))))}
    matrix = flint.fmpq_mat(len(rows), len(columns) + 1)
    for j, column in enumerate((*columns, target)):
        for m, c in column.items():
            matrix[rows[m], j] = flint.fmpq(c.numerator, c.denominator)
    matrix, rank = matrix.rref()
    pivots: list[int] = []
    for i in range(rank):
        j = next(j for j in range((pivots[-1] + 1) if pivots else 0, len(columns) + 1) if matrix[i, j] != 0)
        pivots.append(j)
    if pivots and pivots[-1] == len(columns):
        return None
    start = [Fraction(0)] * len(columns)
    for i, j in enumerate(pivots):
        start[j] = Fraction(int(matrix[i, len(columns)].p), int(matrix[i, len(columns)].q))
    directions = []
    for free in sorted(set(range(len(columns))) - set(pivots)):
        direction = [Fraction(0)] * len(columns)
        direction[free] = Fraction(1)
        for i, j in enumerate(pivots):
            direction[j] = -Fraction(int(matrix[i, free].p), int(matrix[i, free].q))
        directions.append(direction)
    return start, directions, places


def _blocks(entries: Sequence[Fraction], places: list[Place], sizes: list[int]) -> list[list[list[Fraction]]]:
    blocks = [[[Fraction(0)] * size for _ in range(size)] for size in sizes]
    for (block, i, j), value in zip(places, entries, strict=True):
        blocks[block][i][j] = blocks[block][j][i] = value
    return blocks


def _rounded(
    coordinates: tuple[float, ...],
    start: list[Fraction],
    directions: list[list[Fraction]],
    places: list[Place],
    sizes: list[int],
) -> list[list[list[Fraction]]] | None:
    """The matrices with coordinates that have small denominators, where they are semidefinite."""
    for denominator in DENOMINATORS if directions else (1,):
        entries = list(start)
        for value, direction in zip(coordinates, directions, strict=True):
            rounded = Fraction(round(value * denominator), denominator)
            if rounded:
                entries = [e + rounded * d for e, d in zip(entries, direction, strict=True)]
        grams = _blocks(entries, places, sizes)
        if all(_ldl(gram) is not None for gram in grams):
            return grams
    return None


def _ldl(gram: list[list[Fraction]]) -> list[tuple[Fraction, list[Fraction]]] | None:
    """(d_k, l_k) with Q = sum d_k l_k l_k^T and d_k > 0; None where Q is not semidefinite."""
    rest, found = [list(row) for row in gram], []
    for k in range(len(rest)):
        pivot = rest[k][k]
        if pivot < 0 or (pivot == 0 and any(rest[k])):
            return None
        if pivot == 0:
            continue
        column = [entry / pivot for entry in rest[k]]
        found.append((pivot, column))
        rest = [
            [entry - pivot * column[i] * column[j] for j, entry in enumerate(row)]
            for i, row in enumerate(rest)
        ]
    return found


def _squares(grams: list[list[list[Fraction]]], used: list[tuple[int, list[Terms]]]) -> list[Square]:
    squares = []
    for gram, (g, basis) in zip(grams, used, strict=True):
        for weight, column in _ldl(gram) or ():
            squared: Terms = {}
            for factor, terms in zip(column, basis, strict=True):
                for m, c in terms.items() if factor else ():
                    squared[m] = squared.get(m, Fraction(0)) + factor * c
            squares.append((weight, g, {m: c for m, c in squared.items() if c}))
    return squares


def _reduced(
    used: list[tuple[int, list[Terms]]], null: tuple[tuple[tuple[float, ...], ...], ...]
) -> dict[int, list[Terms]] | None:
    """The combinations of the basis that vanish on the guessed null vectors; None when nothing is to be reduced."""
    found: dict[int, list[Terms]] = {}
    for (g, basis), vectors in zip(used, null, strict=True):
        rows = _echelon([list(vector) for vector in vectors])
        if rows is None or len(rows) > MAX_CODIMENSION:
            return None
        pivots = [next(j for j, entry in enumerate(row) if entry) for row in rows]
        combined = []
        for j in sorted(set(range(len(basis))) - set(pivots)):
            terms: Terms = dict(basis[j])
            for row, pivot in zip(rows, pivots, strict=True):
                for m, c in basis[pivot].items() if row[j] else ():
                    terms[m] = terms.get(m, Fraction(0)) - row[j] * c
            combined.append({m: c for m, c in terms.items() if c})
        found[g] = combined
    return found if any(null) else None


def _echelon(rows: list[list[float]]) -> list[list[Fraction]] | None:
    """Reduced row echelon form of numeric rows, with entries that are simple fractions; None when they are not."""
    done: list[list[float]] = []
    pivots: list[int] = []
    while rows:
        size, place, row = max(
            ((max(map(abs, r)), max(range(len(r)), key=lambda j: abs(r[j])), r) for r in rows),
            key=lambda t: t[0],
        )
        rows.remove(row)
        if size < 1e-2:
            continue
        row = [entry / row[place] for entry in row]
        done = [[a - r[place] * b for a, b in zip(r, row, strict=True)] for r in done]
        rows = [[a - r[place] * b for a, b in zip(r, row, strict=True)] for r in rows]
        done.append(row)
        pivots.append(place)
    exact = []
    for row in done:
        entries = [Fraction(entry).limit_denominator(24) for entry in row]
        if any(abs(float(e) - entry) > 2e-2 for e, entry in zip(entries, row, strict=True)):
            return None
        exact.append(entries)
    return _rational_echelon(exact)


def _rational_echelon(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    done: list[list[Fraction]] = []
    for row in rows:
        for other in done:
            lead = next(j for j, e in enumerate(other) if e)
            row = [a - row[lead] * b for a, b in zip(row, other, strict=True)]
        lead = next((j for j, e in enumerate(row) if e), -1)
        if lead < 0:
            continue
        row = [e / row[lead] for e in row]
        done = [[a - r[lead] * b for a, b in zip(r, row, strict=True)] for r in done]
        done.append(row)
    return done


def tree_of(squares: Sequence[tuple[Expr, Expr, Expr]], sign: int = 1) -> Expr:
    """sum w g q^2 as it is written, so that its sign is read off."""
    terms = [Mul(sign * w, g, Pow(q, 2, evaluate=False), evaluate=False) for w, g, q in squares]
    return Add(*terms, evaluate=False) if len(terms) > 1 else terms[0]
