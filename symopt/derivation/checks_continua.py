"""Checks of the rules that describe continua of solutions, and of labels that hold along a whole family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from sympy import Expr, S, Symbol, cos, cosh, sin, sinh

from symopt.derivation.checking import (
    Rejected,
    available,
    facts,
    premises_of,
    require,
    require_defined,
    require_given,
    require_holds,
    require_identical,
)
from symopt.derivation.claims import Branch, Context, Cover, Step
from symopt.derivation.covering import (
    Alternatives,
    concludes,
    require_cover,
    require_new,
    solved,
    the_equation,
    with_members,
)


@dataclass(frozen=True)
class Quadric:
    """sum signs_i v_i^2 = 1, described by `dimension` real symbols: every point is one of `points`."""

    signs: tuple[int, ...]
    dimension: int
    points: Callable[..., tuple[tuple[Expr, ...], ...]]


QUADRICS: Final[Mapping[str, Quadric]] = {
    "ellipse": Quadric((1, 1), 1, lambda t: ((cos(t), sin(t)),)),
    "ellipsoid": Quadric((1, 1, 1), 2, lambda t, s: ((cos(t) * cos(s), cos(t) * sin(s), sin(t)),)),
    "hyperbola": Quadric((1, -1), 1, lambda t: ((cosh(t), sinh(t)), (-cosh(t), sinh(t)))),
}


def _cover_quadric(step: Step) -> None:
    """e = rest * (sum signs_i (u_i / r_i)^2 - 1) with rest != 0 and r_i > 0: u_i = r_i v_i for a point of the quadric."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    quadric = QUADRICS[require_given(step.data("kind"), str)]
    rest, parts = require_given(step.data("rest"), Expr), require_given(step.data("parts"), tuple)
    symbols = require_given(step.data("symbols"), tuple)
    require(len(parts) == len(quadric.signs) and len(symbols) == quadric.dimension, "another quadric")
    require(len(set(symbols)) == len(symbols), "one symbol for two things")
    require_new(symbols, step, rest, *(e for part in parts for e in part))
    squares = sum((sign * (u / r) ** 2 for sign, (u, r) in zip(quadric.signs, parts, strict=True)), S.Zero)
    require_identical(equation, rest * (squares - 1), "the squares")
    require_holds(rest, "!=", known, "the rest")
    for form, size in parts:
        require_defined(form, known)
        require_holds(size, ">", known, "a half-axis")
    found: list[Alternatives] = []
    for point in quadric.points(*symbols):
        described = (u - r * value for (u, r), value in zip(parts, point, strict=True))
        covers = solved(step, replaced(*described), claim.unknowns, step.context)
        found.append([tuple(b.in_family(symbols) for b in part) for part in covers])
    concludes(claim, *found)


def _cover_pieces(step: Step) -> None:
    """A family with a real symbol t: its members with t < v, with t = v, and with t > v."""
    claim = require_cover(step)
    family, symbol = require_given(step.data("family"), Branch), require_given(step.data("symbol"), Symbol)
    value = require_given(step.data("value"), Expr)
    require((symbol, "real") in family.free, "not a symbol that is free")
    require(not value.free_symbols, "not a number")
    require_defined(value, ())
    concludes(claim, with_members(step, claim, family, family.cut_at(symbol, value)))


def _cover_sides(step: Step) -> None:
    """A family with a real symbol t: its members with q(t) < 0, with q(t) > 0, and at the zeros of q."""
    claim = require_cover(step)
    family, symbol = require_given(step.data("family"), Branch), require_given(step.data("symbol"), Symbol)
    quantity = require_given(step.data("quantity"), Expr)
    require((symbol, "real") in family.free, "not a symbol that is free")
    used = family.own_symbols.union(claim.unknowns, *(e.free_symbols for e in claim.equations))
    others = (used - {symbol}) & quantity.free_symbols
    require(not others & family.own_symbols.union(claim.unknowns), "a quantity in more than the symbol")
    place = Context((), step.context.condition + family.relations)
    require_defined(quantity, facts(step, place))
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, place)]
    zeros = next((c.branches for c in covers if (c.equations, c.unknowns) == ((quantity,), (symbol,))), None)
    if zeros is None:
        raise Rejected("the zeros are not covered")
    bound = {s for zero in zeros for s in zero.own_symbols}
    used |= quantity.free_symbols.union(*(r.symbols for r in step.context.relations))
    require(not bound & used, "an auxiliary symbol is in use already")
    members = (*family.sides(quantity), *(family.member(symbol, zero) for zero in zeros))
    concludes(claim, with_members(step, claim, family, members))


def is_homogeneous(equation: Expr, unknowns: tuple[Symbol, ...]) -> bool:
    """Whether e is a homogeneous polynomial of positive degree in the unknowns: e(s x) = s^d e(x)."""
    poly = equation.as_poly(*unknowns)
    if poly is None or set(poly.gens) != set(unknowns):
        return False
    degrees = {sum(exponents) for exponents in poly.monoms()}
    return len(degrees) == 1 and 0 not in degrees


def on_lines(branch: Branch, unknowns: tuple[Symbol, ...], scale: Symbol) -> Branch:
    """The multiples of points of the plane where the unknown that the branch does not give is 1."""
    at = tuple((u, scale * branch.values.get(u, S.One)) for u in unknowns)
    return Branch(at, branch.numbers, ((scale, "real"), *branch.free), branch.where)


def _cover_lines(step: Step) -> None:
    """Homogeneous equations: a zero with u = 0, or u times a zero with u = 1."""
    claim = require_cover(step)
    unknown, scale = (require_given(step.data(name), Symbol) for name in ("unknown", "scale"))
    require(unknown in claim.unknowns, "not an unknown")
    require(not any(r.symbols & set(claim.unknowns) for r in step.context.relations), "a region")
    require(all(is_homogeneous(e, claim.unknowns) for e in claim.equations), "not homogeneous")
    require_new((scale,), step)
    flat = solved(step, (*claim.equations, unknown), claim.unknowns, step.context)
    others = tuple(u for u in claim.unknowns if u != unknown)
    chart = solved(step, (e.xreplace({unknown: S.One}) for e in claim.equations), others, step.context)
    require(not any(scale in b.own_symbols for part in chart for b in part), "a symbol for two things")
    concludes(claim, flat, [tuple(on_lines(b, claim.unknowns, scale) for b in part) for part in chart])


def _cover_binomial(step: Step) -> None:
    """e = rest * (x^p - k^p y^q) with rest != 0 and p odd: y = t^p and x = k t^q, where t is the p-th root of y."""
    claim, known = require_cover(step), facts(step)
    equation, replaced = the_equation(step, claim)
    rest, k = (require_given(step.data(name), Expr) for name in ("rest", "root"))
    x, y, t = (require_given(step.data(name), Symbol) for name in ("first", "second", "symbol"))
    p, q = require_given(step.data("powers"), tuple)
    require(all(isinstance(e, int) and e > 0 for e in (p, q)) and p % 2 == 1, "not the powers of a curve")
    require_new((t,), step, rest, k)
    require(not k.free_symbols, "not a number")
    require_defined(k, known)
    require_identical(equation, rest * (x**p - k**p * y**q), "the powers")
    require_holds(rest, "!=", known, "the rest")
    found = solved(step, replaced(x - k * t**q, y - t**p), claim.unknowns, step.context)
    concludes(claim, [tuple(b.in_family((t,)) for b in part) for part in found])


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "cover_quadric": _cover_quadric,
    "cover_pieces": _cover_pieces,
    "cover_sides": _cover_sides,
    "cover_lines": _cover_lines,
    "cover_binomial": _cover_binomial,
}
