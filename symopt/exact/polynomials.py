"""Polynomials of SymPy's sparse rings behind size gates: greatest common divisors, factors, shifts."""

from __future__ import annotations

from typing import Any

from sympy import QQ, Rational
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from symopt.exact.gates import TooLarge, check_factor, check_gcd
from symopt.exact.multivariate import factored_table


def gcd(left: Any, right: Any) -> Any:
    """The greatest common divisor, by way of the coefficients in the symbols that only one side holds."""
    ring = left.ring
    if left.is_ground or right.is_ground:
        return ring.one
    if left == right:
        return left
    support = [[any(degree) for degree in zip(*polynomial, strict=True)] for polynomial in (left, right)]
    if sum(support[0]) < sum(support[1]):
        left, right, support = right, left, support[::-1]
    groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
    for monomial, c in left.items():
        outside = tuple(0 if used else e for e, used in zip(monomial, support[1], strict=True))
        inside = tuple(e if used else 0 for e, used in zip(monomial, support[1], strict=True))
        groups.setdefault(outside, {})[inside] = c
    result = right
    for coefficient in sorted((ring.from_dict(group) for group in groups.values()), key=len):
        check_gcd(result, coefficient)
        result = result.gcd(coefficient)
        if result.is_ground:
            return ring.one
    return result


def factored(polynomial: Any) -> tuple[Any, tuple[int, ...], list[tuple[Any, int]]]:
    """Constant, exponents of the monomial content, irreducible factors (squarefree ones past the gate)."""
    ring = polynomial.ring
    if not polynomial:
        return QQ(0), (0,) * ring.ngens, []
    content = tuple(map(min, *polynomial)) if len(polynomial) > 1 else next(iter(polynomial))
    primitive = {tuple(a - b for a, b in zip(m, content, strict=True)): c for m, c in polynomial.items()}
    used = [i for i in range(ring.ngens) if any(m[i] for m in primitive)]
    if not used:
        return next(iter(primitive.values())), content, []
    small: Any = PolyRing([ring.symbols[i] for i in used], QQ, lex)
    core = small.from_dict({tuple(m[i] for i in used): c for m, c in primitive.items()})
    try:
        check_factor(core)
        (above, below), tables = factored_table(core)
        constant = QQ(above, below)
        pieces = []
        for table, exponent in tables:
            piece = small.from_dict({m: QQ(int(c)) for m, c in table.items()})
            if piece.LC < 0:
                piece, constant = -piece, constant * (-1) ** exponent
            pieces.append((piece, exponent))
        pieces.sort(key=_factor_order)
    except TooLarge:
        check_gcd(core, core)
        constant, pieces = core.sqf_list()

    def lifted(piece: Any) -> Any:
        table = {}
        for m, c in piece.items():
            full = [0] * ring.ngens
            for i, e in zip(used, m, strict=True):
                full[i] = e
            table[tuple(full)] = c
        return ring.from_dict(table)

    return constant, content, [(lifted(piece), exponent) for piece, exponent in pieces]


def _factor_order(pair: tuple[Any, int]) -> tuple[Any, ...]:
    """Short factors of low degree first."""
    piece, exponent = pair
    return (len(piece), max(map(sum, piece)), exponent, sorted(piece.items(), reverse=True))


def rational(value: Any) -> Rational:
    return Rational(int(value.numerator), int(value.denominator))


def shifted(polynomial: Any, shift: tuple[int, ...], factor: Any) -> dict[tuple[int, ...], Any]:
    """The polynomial times the factor, divided by the monomial `shift`."""
    return {tuple(a - b for a, b in zip(m, shift, strict=True)): c * factor for m, c in polynomial.items()}
