"""Zero-dimensional polynomial systems over Q: every unknown as a polynomial in one number, by Groebner bases.

A graded Groebner basis gives the algebra of polynomials modulo the system, of finite dimension; there a linear form u
that takes different values at the zeros generates everything (Rouillier, Solving zero-dimensional systems through the
rational univariate representation, AAECC 9, 1999). A system with multiple zeros is first made radical (Seidenberg).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sympy import Expr, Integer, Poly, Rational, Symbol

from symopt.exact.gates import TooLarge
from symopt.exact.multivariate import Table, groebner_basis

MAX_DEGREE: Final = 12
MAX_TERMS: Final = 120
MAX_UNKNOWNS: Final = 4
MAX_ZEROS: Final = 100

Monomial = tuple[int, ...]


@lru_cache(maxsize=64)
def zero_set_basis(
    equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], separating: tuple[Symbol, Expr]
) -> tuple[Expr, ...]:
    """(x_1 - h_1(u), ..., x_n - h_n(u), r(u)) with the same complex zeros as the equations and u = form.

    `separating` is (u, linear form). (1,) where there are no zeros, () where the form does not separate them. Raises
    TooLarge by its gates, or when there are infinitely many zeros.

    >>> from sympy import symbols
    >>> x, y, u = symbols("x y u", real=True)
    >>> zero_set_basis((x**2 + y**2 - 2, x - y), (x, y), (u, y))
    (-u + x, -u + y, u**2 - 1)
    """
    algebra = _radical_algebra(equations, unknowns)
    if algebra is None:
        return (Integer(1),)
    helper, form = separating
    linear = Poly(form, *unknowns)
    weights = [linear.coeff_monomial(unknown) for unknown in unknowns]
    return algebra.in_terms_of(weights, unknowns, helper)


@lru_cache(maxsize=64)
def _radical_algebra(equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...]) -> _Algebra | None:
    """The algebra of the radical of the ideal; None where there are no zeros."""
    if len(unknowns) > MAX_UNKNOWNS:
        raise TooLarge(f"{len(unknowns)} unknowns")
    tables = [_table(equation, unknowns) for equation in equations]
    algebra = _algebra(tables, len(unknowns))
    if algebra is None:
        return None
    added = []
    for place in range(len(unknowns)):
        symbol = Symbol("_x")
        minimal = Poly.from_list(algebra.minimal_polynomial(place)[::-1], symbol)
        if not minimal.is_sqf:
            added.append(
                {
                    tuple(power if i == place else 0 for i in range(len(unknowns))): c
                    for (power,), c in minimal.sqf_part().rep.to_dict().items()
                }
            )
    return _algebra([*tables, *added], len(unknowns)) if added else algebra


def _table(equation: Expr, unknowns: tuple[Symbol, ...]) -> Table:
    poly = equation.as_poly(*unknowns)
    if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ):
        raise TooLarge("not a rational polynomial")
    if poly.total_degree() > MAX_DEGREE or len(poly.terms()) > MAX_TERMS:
        raise TooLarge(f"degree {poly.total_degree()}")
    return dict(poly.rep.to_dict())


def _algebra(tables: Sequence[Table], size: int) -> _Algebra | None:
    basis = groebner_basis([table for table in tables if table])
    leading = [next(iter(polynomial)) for polynomial in basis]
    if any(not any(monomial) for monomial in leading):
        return None
    for place in range(size):
        if not any(all(e == 0 for i, e in enumerate(m) if i != place) for m in leading):
            raise TooLarge("infinitely many zeros")
    return _Algebra(basis, leading, size)


class _Algebra:
    """Polynomials modulo an ideal with finitely many zeros: vectors over the monomials that no leading one divides."""

    def __init__(self, basis: list[Table], leading: list[Monomial], size: int) -> None:
        self.size, self.basis = size, dict(zip(leading, basis, strict=True))
        self.monomials = self._standard(leading)
        self.index = {monomial: i for i, monomial in enumerate(self.monomials)}
        self._reduced: dict[Monomial, list[Any]] = {}
        self.times = [self._multiplication(place) for place in range(size)]

    def _standard(self, leading: list[Monomial]) -> list[Monomial]:
        """The monomials that no leading one divides, by degree."""
        found, layer = [], [(0,) * self.size]
        while layer:
            found += layer
            if len(found) > MAX_ZEROS:
                raise TooLarge(f"more than {MAX_ZEROS} zeros")
            grown = {
                tuple(e + (i == place) for i, e in enumerate(monomial))
                for monomial in layer
                for place in range(self.size)
            }
            layer = sorted(m for m in grown if not any(_divides(lead, m) for lead in leading))
        return found

    def _multiplication(self, place: int) -> list[list[Any]]:
        """Row i: the i-th monomial times the unknown at `place`."""
        return [
            self._normal(tuple(e + (i == place) for i, e in enumerate(monomial)))
            for monomial in self.monomials
        ]

    def _normal(self, monomial: Monomial) -> list[Any]:
        """A monomial as a combination of the standard ones."""
        import flint

        if monomial in self._reduced:
            return self._reduced[monomial]
        if monomial in self.index:
            vector = [flint.fmpq(0)] * len(self.monomials)
            vector[self.index[monomial]] = flint.fmpq(1)
        elif monomial in self.basis:
            (_, lead), *rest = self.basis[monomial].items()
            vector = self._combined([(m, flint.fmpq(-c) / flint.fmpq(lead)) for m, c in rest])
        else:  # one unknown times a monomial that is already known
            place = next(
                i for i, e in enumerate(monomial) if e and self._lowered(monomial, i) not in self.index
            )
            lower = self._normal(self._lowered(monomial, place))
            raised = (
                (tuple(e + (i == place) for i, e in enumerate(m)), c)
                for m, c in zip(self.monomials, lower, strict=True)
                if c != 0
            )
            vector = self._combined(list(raised))
        self._reduced[monomial] = vector
        return vector

    @staticmethod
    def _lowered(monomial: Monomial, place: int) -> Monomial:
        return tuple(e - (i == place) for i, e in enumerate(monomial))

    def _combined(self, terms: list[tuple[Monomial, Any]]) -> list[Any]:
        import flint

        total = [flint.fmpq(0)] * len(self.monomials)
        for monomial, c in terms:
            for i, value in enumerate(self._normal(monomial)):
                if value != 0:
                    total[i] += c * value
        return total

    def _powers(self, weights: Sequence[Any]) -> Any:
        """Rows 1, u, u^2, ..., u^D for u = sum weights_i x_i."""
        import flint

        size = len(self.monomials)
        matrix = flint.fmpq_mat(size, size)
        for weight, times in zip(weights, self.times, strict=True):
            if weight != 0:
                factor = flint.fmpq(int(weight.p), int(weight.q))
                matrix += factor * flint.fmpq_mat(size, size, [c for row in times for c in row])
        row = flint.fmpq_mat(1, size, [int(i == 0) for i in range(size)])
        rows = [row]
        for _ in range(size):
            row = row * matrix
            rows.append(row)
        return rows

    def minimal_polynomial(self, place: int) -> list[Rational]:
        """Coefficients from the lowest of the minimal polynomial of an unknown."""
        return [_rational(c) for c in self._matrix(self.times[place]).minpoly().coeffs()]

    def in_terms_of(
        self, weights: Sequence[Rational], unknowns: tuple[Symbol, ...], helper: Symbol
    ) -> tuple[Expr, ...]:
        """The equations x_i = h_i(u) and r(u) = 0; () where u takes one value at two zeros."""
        import flint

        size = len(self.monomials)
        rows = self._powers(weights)
        units = [self._normal(tuple(int(i == place) for i in range(self.size))) for place in range(self.size)]
        targets = flint.fmpq_mat([*units, list(rows[size].entries())]).transpose()
        basis = self._matrix([row.entries() for row in rows[:size]]).transpose()
        try:
            found = basis.inv() * targets
        except ZeroDivisionError:
            return ()
        columns = [[found[i, j] for i in range(size)] for j in range(self.size + 1)]
        solved = [
            unknown - _polynomial(column, helper) for unknown, column in zip(unknowns, columns, strict=False)
        ]
        r = Poly.from_list([Rational(1), *(-_rational(c) for c in columns[-1][::-1])], helper)
        return (*solved, r.primitive()[1].as_expr())

    @staticmethod
    def _matrix(rows: list[Any]) -> Any:
        import flint

        return flint.fmpq_mat(len(rows), len(rows), [c for row in rows for c in row])


def _divides(left: Monomial, right: Monomial) -> bool:
    return all(a <= b for a, b in zip(left, right, strict=True))


def _rational(value: Any) -> Rational:
    return Rational(int(value.p), int(value.q))


def _polynomial(coefficients: list[Any], symbol: Symbol) -> Expr:
    """The polynomial with these coefficients, from the lowest."""
    return Poly.from_list([_rational(c) for c in reversed(coefficients)], symbol).as_expr()
