"""Checks of the rules for sines, cosines and tangents, whose solutions are lattices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Expr, Integer, S, Symbol, cos, pi, sin, tan

from symopt.derivation.checking import (
    Facts,
    facts,
    identical,
    is_zero,
    require,
    require_defined,
    require_given,
    require_holds,
    require_identical,
)
from symopt.derivation.claims import Branch, Step
from symopt.derivation.covering import (
    Alternatives,
    concludes,
    require_cover,
    require_new,
    solved,
    the_equation,
    with_members,
)
from symopt.exact.signs import SIGNS_OF, signs_of_constant, signs_of_tree
from symopt.relation import Relation

# g(u) = g(v) exactly when u is one of these, for an integer n.
EQUAL_WAVES: Final[Mapping[type, Callable[[Expr, Symbol], tuple[Expr, ...]]]] = {
    sin: lambda v, n: (v + 2 * pi * n, pi - v + 2 * pi * n),
    cos: lambda v, n: (v + 2 * pi * n, -v + 2 * pi * n),
    tan: lambda v, n: (v + 2 * pi * n, v + pi + 2 * pi * n),
}
MAX_MEMBERS: Final = 1000


def _cover_periodic(step: Step) -> None:
    """e = rest * (g(u) - g(v)) with rest != 0 for a wave g: u is v or its mirror image, up to whole turns."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    rest, inner, other = (require_given(step.data(name), Expr) for name in ("rest", "inner", "other"))
    function, turn = cast(type, step.data("function")), require_given(step.data("turn"), Symbol)
    require(function in EQUAL_WAVES, "not a wave")
    require_new((turn,), step, rest, inner, other, kind="integer")
    whole = any(s.is_integer for e in (inner, other) for s in e.free_symbols)
    require(function is not tan or not whole, "a tangent of a lattice of angles")
    require_identical(equation, rest * (function(inner) - function(other)), "the waves")
    require_holds(rest, "!=", known, "the rest")
    for expression in (inner, function(inner), other, function(other)):
        require_defined(expression, known)
    values = tuple(dict.fromkeys(EQUAL_WAVES[function](other, turn)))
    cuts = cast("tuple[tuple[Integer, bool] | None, ...]", step.data("cuts") or (None,) * len(values))
    require(len(cuts) == len(values), "one cut for each value")
    parts: list[Alternatives] = []
    for value, cut in zip(values, cuts, strict=True):
        for at, relations in parts_of_integers(turn, cut):
            context = step.context.with_condition(*relations)
            equations = tuple(e.xreplace(at) for e in replaced(inner - value))
            found = solved(step, equations, claim.unknowns, context)
            parts.append([tuple(b.in_lattice(turn, relations) for b in part) for part in found])
    concludes(claim, *parts)


def parts_of_integers(
    turn: Symbol, cut: tuple[Integer, bool] | None
) -> tuple[tuple[dict[Symbol, Expr], tuple[Relation, ...]], ...]:
    """All integers at once; or those up to c and those above; or (with True) those below c, c itself, and those above."""
    if cut is None:
        return (({}, ()),)
    c, alone = cut
    require(isinstance(c, Integer), "a cut that is no integer")
    above: tuple[dict[Symbol, Expr], tuple[Relation, ...]] = ({}, (Relation(turn - c - 1, ">="),))
    if not alone:
        return (({}, (Relation(turn - c, "<="),)), above)
    return (({}, (Relation(turn - c + 1, "<="),)), ({turn: c}, ()), above)


def _cover_beyond(step: Step) -> None:
    """e = rest * (g(u) - c) for g = sin or cos with rest != 0 and c^2 > 1: never 0."""
    claim, known = require_cover(step), facts(step)
    equation, _ = the_equation(step, claim)
    rest, wave, level = (require_given(step.data(name), Expr) for name in ("rest", "wave", "level"))
    require(isinstance(wave, (sin, cos)), "not bounded by 1")
    require_identical(equation, rest * (wave - level), "the level")
    require_holds(rest, "!=", known, "the rest")
    for expression in (wave, level):
        require_defined(expression, known)
    beyond = any(r.op == "<" and identical(r.expression, 1 - level**2) for r in known)
    require(beyond or signs_of_tree(1 - level**2, known) == SIGNS_OF["<"], "the level may be reached")
    concludes(claim)


def _cover_multiplied(step: Step) -> None:
    """A solution of the system solves sum m_i e_i = 0 too, which stands beside the equations, or in the place of one."""
    claim, known = require_cover(step), facts(step)
    product, multiples = (
        require_given(step.data("product"), Expr),
        require_given(step.data("multiples"), tuple),
    )
    require(len(multiples) == len(claim.equations), "one multiple for each equation")
    combination = sum((m * e for m, e in zip(multiples, claim.equations, strict=True)), S.Zero)
    require_identical(product, combination, "the product")
    for expression in (*multiples, *claim.equations, product):
        require_defined(expression, known)
    system = (*claim.equations, product)
    if step.data("index") is not None:
        _, replaced = the_equation(step, claim)
        system = replaced(product)
    concludes(claim, solved(step, system, claim.unknowns, step.context))


def _cover_integers(step: Step) -> None:
    """A lattice of points, of which relations of the region leave those with low <= n <= high, or with one of these.

    Or one relation leaves out a single one, n = without.
    """
    claim, known = require_cover(step), step.context.relations
    family, turn = require_given(step.data("family"), Branch), require_given(step.data("turn"), Symbol)
    if step.data("without") is not None:
        without = require_given(step.data("without"), Integer)
        there = family.at_integer(turn, without).values
        fails = (r.op == "!=" and is_zero(r.expression.xreplace(there), ()) for r in known)
        require((turn, "integer") in family.free and any(fails), "this integer is possible")
        return concludes(claim, with_members(step, claim, family, (lattice_without(family, turn, without),)))
    ends = [(step.data(name), outward) for name, outward in (("low", -1), ("high", 1))]
    bounds = [(require_given(end, Integer), outward) for end, outward in ends if end is not None]
    require((turn, "integer") in family.free, "not a symbol that runs over the integers")
    for end, outward in bounds:
        beyond = end + outward
        place = facts(step, step.context.with_condition(beyond_integer(turn, beyond, outward)))
        require(
            any(
                _fails_from(r, family, turn, beyond, outward) or _fails_by(r, family, turn, place)
                for r in known
            ),
            "more integers are possible",
        )
    if len(bounds) == 1:
        ((end, outward),) = bounds
        members: tuple[Branch, ...] = (half_lattice(family, turn, end, outward),)
    else:
        require(len(bounds) == 2 and bounds[1][0] - bounds[0][0] <= MAX_MEMBERS, "too many members")
        low, high = (int(end) for end, _ in bounds)
        members = tuple(family.at_integer(turn, Integer(k)) for k in range(low, high + 1))
    return concludes(claim, with_members(step, claim, family, members))


def lattice_without(family: Branch, turn: Symbol, value: Integer) -> Branch:
    """The members with another integer than this one."""
    return replace(family, where=(*family.where, Relation(turn - value, "!=")))


def half_lattice(family: Branch, turn: Symbol, end: Integer, outward: int) -> Branch:
    """The members with n >= end (outward -1), or with n <= end."""
    return replace(family, where=(*family.where, beyond_integer(turn, end, -outward)))


def beyond_integer(turn: Symbol, start: Integer, outward: int) -> Relation:
    """n >= start (outward 1), or n <= start."""
    return Relation(turn - start, ">=" if outward > 0 else "<=")


def _fails_by(relation: Relation, family: Branch, turn: Symbol, there: Facts) -> bool:
    """Whether facts, of which one is where the integer lies, show that a relation fails for the members there."""
    at_family = relation.expression.xreplace(family.values)
    return at_family.has(turn) and not signs_of_tree(at_family, there) & SIGNS_OF[relation.op]


def _fails_from(relation: Relation, family: Branch, turn: Symbol, start: Expr, outward: int) -> bool:
    """Whether a relation that is affine in n, with constant coefficients, fails at n = start and beyond it."""
    at_family = relation.expression.xreplace(family.values)
    slope = at_family.as_poly(turn)
    if at_family.free_symbols != {turn} or slope is None or slope.degree() != 1:
        return False
    away = signs_of_constant(slope.LC() * outward)
    at_start = signs_of_constant(at_family.xreplace({turn: start}))
    falls = {">": (-1,), ">=": (-1,), "<": (1,), "<=": (1,)}.get(relation.op, ())
    return away == frozenset(falls) and not at_start & SIGNS_OF[relation.op]


def _cover_residues(step: Step) -> None:
    """Every integer is q n + j for one of j = 0, ..., q - 1."""
    claim = require_cover(step)
    family, turn = require_given(step.data("family"), Branch), require_given(step.data("turn"), Symbol)
    modulus = require_given(step.data("modulus"), Integer)
    require(
        (turn, "integer") in family.free and 1 < modulus < 100, "not a symbol that runs over the integers"
    )
    members = tuple(family.at_integer(turn, modulus * turn + j) for j in range(int(modulus)))
    concludes(claim, with_members(step, claim, family, members))


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_periodic": _cover_periodic,
    "cover_beyond": _cover_beyond,
    "cover_multiplied": _cover_multiplied,
    "cover_integers": _cover_integers,
    "cover_residues": _cover_residues,
}
