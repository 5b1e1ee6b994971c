"""Zero-dimensional polynomial systems over Q: a lexicographic basis of (a radical of) the ideal, by Groebner bases."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sympy import Expr, Poly, Symbol, groebner
from sympy.polys.polyerrors import PolynomialError

from symopt.exact.normal import TooLarge

MAX_DEGREE: Final = 12
MAX_TERMS: Final = 80
MAX_UNKNOWNS: Final = 4


@lru_cache(maxsize=64)
def zero_set_basis(
    equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], separating: tuple[Symbol, Expr] | None = None
) -> tuple[Expr, ...]:
    """Polynomials with the same complex zeros as the equations, as a lexicographic Groebner basis.

    With `separating` = (u, linear form), u = form joins the system as the last unknown, and the square-free part of the
    last polynomial joins too, so that (for a form that separates the zeros) the basis has the shape
    x_1 - h_1(u), ..., x_n - h_n(u), r(u). Raises TooLarge by its gates, or when there are infinitely many zeros.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> zero_set_basis((x**2 + y**2 - 2, x - y), (x, y))
    (x - y, y**2 - 1)
    """
    order = unknowns if separating is None else (*unknowns, separating[0])
    system = list(equations) if separating is None else [*equations, separating[0] - separating[1]]
    if len(unknowns) > MAX_UNKNOWNS:
        raise TooLarge(f"{len(unknowns)} unknowns")
    for equation in system:
        poly = equation.as_poly(*order)
        if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ):
            raise TooLarge("not a rational polynomial")
        if poly.total_degree() > MAX_DEGREE or len(poly.terms()) > MAX_TERMS:
            raise TooLarge(f"degree {poly.total_degree()}")
    basis = _lexicographic(system, order)
    last = Poly(basis[-1], order[-1]) if basis[-1].free_symbols <= {order[-1]} else None
    if separating is not None and last is not None and not last.is_sqf:
        basis = _lexicographic([*basis, last.sqf_part().as_expr()], order)
    return tuple(basis)


def _lexicographic(system: list[Expr], order: tuple[Symbol, ...]) -> list[Expr]:
    try:
        graded = groebner(system, *order, order="grevlex")
        if graded.exprs == [1]:
            return [graded.exprs[0]]
        if not graded.is_zero_dimensional:
            raise TooLarge("infinitely many zeros")
        return list(graded.fglm("lex").exprs)
    except PolynomialError as error:
        raise TooLarge(str(error)) from error
