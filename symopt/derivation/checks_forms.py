"""The check of roots of convex forms: F^(1/d) is a norm where a form F of even degree d is convex.

A convex form of even degree is nowhere negative, since F(x) = F(-x); its root is positively homogeneous, and the sets
F <= c are convex, so the root is convex (Rockafellar, Convex Analysis, 15.3.1). For r >= 0 also F(x) + r t^d is such a
form, whose root is convex at t = 1. Where F is strictly convex the root is affine along rays from 0 alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Pow, Rational

from symopt.derivation.checking import facts, require, require_given, require_holds, the_premise
from symopt.derivation.checks_region import curved_claim
from symopt.derivation.claims import Curved, Step, Vector
from symopt.exact.multiplied import polynomial_or_none


def _root_of_form(step: Step) -> None:
    """((F(x - c) + r)^e with F convex and homogeneous of even degree d, r >= 0 and e >= 1/d."""
    inner = the_premise(step, Curved)
    claim, said = curved_claim(step, is_real=True), cast(Curved, inner.claim)
    power, known = require_given(claim.objective, Pow), facts(step)
    base, exponent = power.base, power.exp
    require(said.objective == base and said.variables == claim.variables, "the base is another function")
    require(said.kind == claim.kind == "convex" and not inner.context.region, "not convex everywhere")
    centre = cast(Vector, require_given(step.data("centre"), tuple))
    require(all(isinstance(c, Rational) for c in centre), "the centre is no rational point")
    moved = {v: v + c for v, c in zip(claim.variables, centre, strict=True)}
    polynomial = polynomial_or_none(base.xreplace(moved), *claim.variables)
    if polynomial is None:
        require(False, "not a polynomial")
        return
    degrees = {sum(monomial) for monomial, _ in polynomial.terms()} - {0}
    require(len(degrees) == 1 and min(degrees) % 2 == 0, "not a form of even degree beside a number")
    (degree,) = degrees
    rest: Expr = polynomial.coeff_monomial(1)
    require_holds(rest, ">=", known, "the number beside the form")
    require(not exponent.free_symbols & set(claim.variables), "an exponent that moves")
    above = degree * exponent - 1
    require_holds(above, ">=", known, "the exponent")
    if claim.strict:
        require(said.strict, "strictness does not follow")
        if not (rest.is_Rational and rest > 0):
            require_holds(above, ">", known, "the exponent")


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"root_of_form": _root_of_form}
