"""Quadratic forms: congruence to a diagonal, a sign for every pivot, and directions that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Integer, S, Symbol, sqrt

from symopt.derivation.claims import Matrix, Vector
from symopt.exact.normal import TooLarge, Unsupported, as_polynomial, canonical

Sign = Callable[[Expr], int]


@dataclass(frozen=True)
class Signature:
    """Directions for the signs that v^T M v takes, and M = L D L^T when no zero pivot stands in the way.

    `up` has v^T M v > 0, `down` has v^T M v < 0 and `flat` has M v = 0; each is None when there is none.
    """

    up: Vector | None
    down: Vector | None
    flat: Vector | None
    lower: Matrix | None
    diagonal: Vector | None


def signature(matrix: Matrix, sign: Sign) -> Signature:
    """Symmetric elimination; `sign` decides the pivots, and it stops as soon as both signs have been seen.

    >>> signature(((Integer(1), Integer(2)), (Integer(2), Integer(1))), rational_sign).down
    (-2, 1)
    """
    n = len(matrix)
    form = [list(row) for row in matrix]
    basis = [[S.One if i == j else S.Zero for j in range(n)] for i in range(n)]
    lower = [[S.One if i == j else S.Zero for j in range(n)] for i in range(n)]
    seen: dict[int, Vector] = {}
    for k in range(n):
        pivot = form[k][k]
        here = sign(pivot)
        if here == 0:
            crossing = next((j for j in range(k + 1, n) if form[j][k] != 0 and sign(form[j][k]) != 0), None)
            if crossing is not None:
                both = [
                    _mixed(basis, form, k, crossing, Integer(value), sign(form[crossing][k]))
                    for value in (1, -1)
                ]
                return Signature(both[0], both[1], seen.get(0), None, None)
        seen.setdefault(here, tuple(basis[k]))
        if {1, -1} <= seen.keys():
            return Signature(seen[1], seen[-1], seen.get(0), None, None)
        for j in range(k + 1, n) if here else ():
            ratio = canonical(form[j][k] / pivot)
            lower[j][k] = ratio
            basis[j] = [canonical(a - ratio * b) for a, b in zip(basis[j], basis[k], strict=True)]
            column = [canonical(form[j][i] - ratio * form[k][i]) for i in range(n)]
            for i in range(k, n):
                form[j][i] = column[i]
        for j in range(k + 1, n) if here else ():
            form[k][j] = S.Zero
    diagonal = tuple(form[k][k] for k in range(n))
    return Signature(seen.get(1), seen.get(-1), seen.get(0), tuple(map(tuple, lower)), diagonal)


def _mixed(basis: list[list[Expr]], form: list[list[Expr]], k: int, j: int, value: Expr, sign: int) -> Vector:
    """The combination of two basis vectors, the first isotropic, on which the form has that value (or its sign)."""
    weight = canonical((value - form[j][j]) / (2 * form[j][k]))
    if form[j][j] == 0:  # then the value may be any with that sign
        weight = value * sign
    return tuple(canonical(weight * a + b) for a, b in zip(basis[k], basis[j], strict=True))


def bend_at(matrix: Matrix, point: Mapping[Symbol, Expr], direction: Vector) -> Expr:
    """v^T M v with the entries of M at a point."""
    n = range(len(direction))
    return Add(*(direction[i] * direction[j] * matrix[i][j].xreplace(point) for i in n for j in n))


def rational_sign(value: Expr) -> int:
    """The sign of a rational number."""
    return int(bool(value > 0)) - int(bool(value < 0))


def as_sum_of_squares(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Vector, Expr] | None:
    """(u_1, ..., u_k) and c >= 0 with expression = sum u_i^2 + c and u_i affine, for a rational quadratic.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> as_sum_of_squares(x**2 + 2*x*y + 2*y**2 + 1, (x, y))
    ((x + y, y), 1)
    """
    found = _squares(expression, variables, rational_sign)
    if found is None or any(weight.free_symbols for weight in found[0]):
        return None
    weights, forms, rest = found
    return tuple(sqrt(weight) * form for weight, form in zip(weights, forms, strict=True)), rest


def as_weighted_squares(
    expression: Expr, variables: tuple[Symbol, ...]
) -> tuple[Vector, Vector, Expr] | None:
    """(w_1, ..., w_k), (u_1, ..., u_k) and c with expression = sum w_i u_i^2 + c, the signs of w_i and c being open.

    >>> from sympy import symbols
    >>> x, y, a = symbols("x y a", real=True)
    >>> as_weighted_squares(x**2 + 2*a*x*y + y**2, (x, y))
    ((1, 1 - a**2), (a*y + x, y), 0)
    """
    return _squares(expression, variables, lambda value: rational_sign(value) if value.is_Rational else 1)


def _squares(
    expression: Expr, variables: tuple[Symbol, ...], sign: Sign
) -> tuple[Vector, Vector, Expr] | None:
    """Weights, affine forms and a constant for a quadratic; None where a weight or the constant is negative."""
    try:
        poly = as_polynomial(expression, variables)
    except (TooLarge, Unsupported):
        return None
    rational = sign is rational_sign
    if (
        poly is None
        or poly.total_degree() != 2
        or (rational and not all(c.is_Rational for c in poly.coeffs()))
    ):
        return None
    symbols = (*variables, S.One)
    size = len(symbols)
    gram = [[S.Zero] * size for _ in symbols]
    for monomial, coefficient in poly.terms():
        places = [i for i, power in enumerate(monomial) for _ in range(power)]
        i, j = (*places, size - 1, size - 1)[:2]
        gram[i][j] += coefficient / 2
        gram[j][i] += coefficient / 2
    found = signature(tuple(map(tuple, gram)), sign)
    if found.lower is None or found.diagonal is None or found.down is not None:
        return None
    kept = [k for k, weight in enumerate(found.diagonal[:-1]) if weight != 0]
    forms = (sum((found.lower[j][k] * symbols[j] for j in range(size)), S.Zero) for k in kept)
    return tuple(found.diagonal[k] for k in kept), tuple(forms), found.diagonal[-1]
