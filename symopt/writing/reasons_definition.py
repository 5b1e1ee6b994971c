"""Why a function is convex or concave by the definition: by how much the chord lies above (or below) the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, Max, Mul, Pow, S, Symbol

from symopt.derivation.claims import Curved, Holds, Step, Vector
from symopt.exact.gates import operations
from symopt.writing.claims import Subject
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import ChordAboveGraph, Place, Tokens
from symopt.writing.places import listed
from symopt.writing.wording import MOST_SHOWN, written_as


def _definition(step: Step, subject: Subject) -> Pieces | None:
    """`: for 0 < w < 1 and p != q, w f(p) + (1 - w) f(q) - f(w p + (1 - w) q) = w (1 - w) (p - q)^2 > 0`."""
    claim = cast(Curved, step.claim)
    w = step.data("weight")
    p, q = (cast(Vector, step.data(name)) for name in ("p", "q"))
    value = _difference(step)
    if value is None or operations(value) > 2 * MOST_SHOWN or not isinstance(w, Symbol):
        return None
    op = {("convex", True): ">", ("convex", False): ">=", ("concave", True): "<", ("concave", False): "<="}
    sign: Tokens = (op[claim.kind, claim.strict], S.Zero)
    letters = tuple(_letter(point) for point in (p, q))
    points: Pieces = tuple(Math((letter,)) for letter in letters)
    if len(p) > 1:
        points = tuple(
            Math((letter, "==", Place(point))) for letter, point in zip(letters, (p, q), strict=True)
        )
    apart: Tokens = (letters[0], "!=", letters[1])
    region: Pieces = (" of the region",) if step.context.region else ()
    different = "different " if claim.strict else ""
    named: Pieces = (f"two {different}points ", points[0], " and ", points[1], *region)
    if claim.strict and len(p) == 1:
        named = ("points ", Math(apart), *region)
    between: Pieces = (" and ", Math((S.Zero, "<", w, "<", S.One)))
    if claim.objective != subject.objective:
        lies = "above" if claim.kind == "convex" else "below"
        size = value if claim.kind == "convex" else -value
        return (f": for {named[0]}", *named[1:], *between, f", the chord lies {lies} the graph by ",
                Math((size, ">" if claim.strict else ">=", S.Zero)))  # fmt: skip
    above = ChordAboveGraph(letters[0], letters[1], w)
    return (f": for {named[0]}", *named[1:], *between, ", ", Math((above, "==", value, *sign)))


def _letter(point: Vector) -> Symbol:
    """p for the point (p1, p2)."""
    name = cast(Symbol, point[0]).name
    return Symbol(name if len(point) == 1 else name.rstrip("0123456789"), real=True)


def _difference(step: Step) -> Expr | None:
    """w (1 - w) times the squares, or the product that a premise shows to have its sign."""
    shown, squares, w = step.data("difference"), step.data("squares"), cast(Symbol, step.data("weight"))
    if isinstance(shown, Expr):
        premises = (s for s in step.premises if isinstance(s.claim, Holds))
        premise = next((s for s in premises if vars(s.claim)["relation"].expression == shown), None)
        return _with_means(shown if premise is None else written_as(premise), step)
    if not isinstance(squares, tuple):
        return None
    p, q = (cast(Vector, step.data(name)) for name in ("p", "q"))
    terms = [
        Mul(d, Pow(Add(*(c * (a - b) for c, a, b in zip(form, p, q, strict=True))), 2)) for d, form in squares
    ]
    return Mul(w, 1 - w, *terms) if len(terms) == 1 else Mul(w, 1 - w, Add(*terms), evaluate=False)


def _with_means(value: Expr, step: Step) -> Expr:
    """The product with 1 - w for w - 1, and w p + (1 - w) q in one piece."""
    w = cast(Symbol, step.data("weight"))
    points = zip(cast(Vector, step.data("p")), cast(Vector, step.data("q")), strict=True)
    pieces = {(w * a + (1 - w) * b).expand(): w * a + (1 - w) * b for a, b in points}
    factors, sign = [], S.One
    for factor in Mul.make_args(value):
        base, power = factor.as_base_exp()
        if base == w - 1 and power == 1:
            sign = -sign
            factors.append(1 - w)
        else:
            factors.append(Pow(pieces.get(base.expand(), base), power))
    first = [factor for factor in factors if factor in (w, 1 - w)]
    rest = sign * Mul(*(factor for factor in factors if factor not in first))
    return Mul(*first, rest, evaluate=False) if first else value


def _triangle(step: Step, subject: Subject) -> Pieces | None:
    arguments = step.data("arguments")
    if not isinstance(arguments, tuple):
        return None
    if len(arguments) == 1:
        plain = isinstance(arguments[0], Symbol)
        return (", by the triangle inequality",) if plain else (
            ", by the triangle inequality, as ", Math((arguments[0],)), " is affine")  # fmt: skip
    return (
        ", by the triangle inequality, as it is the length of the vector ",
        Math((Place(arguments),)),
        ", whose entries are affine",
    )


def _greatest(step: Step, subject: Subject) -> Pieces:
    if step.data("among") is not None:
        kind = "greater" if cast(Curved, step.claim).kind == "convex" else "smaller"
        named = [(Math((c.objective,)),) for c in (p.claim for p in step.premises) if isinstance(c, Curved)]
        return (f", because it is the {kind} of ", *listed(named))
    if isinstance(cast(Curved, step.claim).objective, Max):
        return (", because at a point between two others it is the value of one of these functions, "
                "which is at most the mean of its values there, and so of the greatest values",)  # fmt: skip
    return (", because at a point between two others it is the value of one of these functions, "
            "which is at least the mean of its values there, and so of the least values",)  # fmt: skip


REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "definition": _definition,
    "triangle_inequality": _triangle,
    "greatest": _greatest,
}
