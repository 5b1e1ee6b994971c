"""Checks of the rules for a polynomial in one unknown whose coefficients hold parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, Poly

from symopt.derivation.checking import (
    facts,
    is_symbol_free,
    is_zero,
    require,
    require_defined,
    require_given,
)
from symopt.derivation.claims import Number, Step
from symopt.derivation.covering import concludes, followed, require_cover, solved, the_equation, values_of
from symopt.exact.root_counts import around_mean, at_mean, count_by_signs, subdiscriminants
from symopt.exact.signs import signs_of_tree


def _cover_counted(step: Step) -> None:
    """P(x) = 0 with a discriminant that is not 0: the signs of the subdiscriminants count the roots, all simple.

    The slope of P has the sign of the leading coefficient at the last root, and another one at each root before. Where
    all roots are real, their mean lies between the first and the last, and the sign of P there tells the parity of the
    number of roots above it.
    """
    claim, known = require_cover(step), facts(step)
    equation, symbol, values = values_of(step, claim)
    poly = equation.as_poly(symbol)
    require(poly is not None and poly.degree() > 1, "not a polynomial")
    coefficients = cast(Poly, poly).all_coeffs()
    for coefficient in coefficients:
        require(is_symbol_free(coefficient, claim.unknowns), "another unknown is left")
        require_defined(coefficient, known)
    lead = signs_of_tree(coefficients[0], known)
    require(lead in ({1}, {-1}), "the sign of the leading coefficient is not known")
    count = count_by_signs([signs_of_tree(d, known) for d in subdiscriminants(cast(Poly, poly))])
    require(count == len(values), "the number of roots is not given")
    signs = signs_of_tree(at_mean(cast(Poly, poly)), known)
    slope = next(iter(lead)) * (1 if len(values) % 2 else -1)
    for place, (value, numbers) in enumerate(values):
        here = slope if place % 2 == 0 else -slope
        interval = around_mean(cast(Poly, poly), place, len(values), signs)
        number = Number(value, equation.xreplace({symbol: value}), place, interval, here)
        require(numbers == (number,), "not the root it is said to be")
    followed(step, claim, symbol, values)


def _cover_given(step: Step) -> None:
    """e = e' by the given equations between the parameters: e' in the place of e."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    other = require_given(step.data("other"), Expr)
    require_defined(other, known)
    require(is_zero(equation - other, known), "not equal by the given equations")
    concludes(claim, solved(step, replaced(other), claim.unknowns, step.context))


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_counted": _cover_counted,
    "cover_given": _cover_given,
}
