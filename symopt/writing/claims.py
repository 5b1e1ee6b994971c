"""What a step says, as a clause of a sentence: one function for each kind of claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, Integer, S, Symbol

from symopt.derivation.checking import identical
from symopt.derivation.claims import (
    ArrayCurved,
    ArrayStrict,
    Attraction,
    Branch,
    Claim,
    Context,
    Continuous,
    Cover,
    Curved,
    Definite,
    Derivative,
    Gradient,
    Hessian,
    Holds,
    Infeasible,
    Label,
    Limit,
    Matrix,
    NotCurved,
    Optimal,
    Rate,
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Spectrum,
    Stationary,
)
from symopt.relation import Relation
from symopt.writing.document import Math, Pieces
from symopt.writing.iterations import attraction_pieces, rate_pieces, spectrum_pieces
from symopt.writing.mathematics import Bounds, Grid, Objective, Partial, Place, Prime, Tokens
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, listed, number_pieces, several_branches, value_pieces

DEFINITE: Final = {
    ">": "positive definite",
    ">=": "positive semidefinite",
    "<": "negative definite",
    "<=": "negative semidefinite",
}
EXTREMA: Final = {
    ("min", True): "minimum",
    ("max", True): "maximum",
    ("min", False): "infimum",
    ("max", False): "supremum",
}
PERHAPS_ELSEWHERE: Final = " and perhaps elsewhere"  # after a list of minimisers not proved to be all of them


LETTERS: Final = ("g", "h", "G", "H", *(f"g_{k}" for k in range(1, 10)))


@dataclass(frozen=True)
class Subject:
    """What "f" and "its Hessian" stand for in a proof; `letters` are free for the functions that f is made of."""

    objective: Expr
    variables: tuple[Symbol, ...]
    notation: Notation
    hessian: Matrix | None = None
    letters: tuple[str, ...] = LETTERS

    @property
    def variable(self) -> Symbol | None:
        """The variable of a function of one variable; None when there are several."""
        return self.variables[0] if len(self.variables) == 1 else None

    def function(self, expression: Expr) -> Pieces:
        """`the function f`, or the expression when it is another function."""
        f: Tokens = (Objective(),) if expression == self.objective else (expression,)
        return ("the function ", Math(f))

    def is_hessian(self, matrix: Matrix) -> bool:
        """Whether the matrix is the Hessian of f, perhaps written differently."""
        own = self.hessian
        return (
            own is not None
            and len(own) == len(matrix)
            and all(
                a == b or identical(a, b)
                for row, other in zip(own, matrix, strict=True)
                for a, b in zip(row, other, strict=True)
            )
        )

    def matrix(self, matrix: Matrix) -> Pieces:
        """`the Hessian`, or the matrix when it is another one."""
        return ("the Hessian",) if self.is_hessian(matrix) else ("the matrix ", Math((Grid(matrix),)))


def claim_pieces(claim: Claim, subject: Subject, context: Context) -> Pieces:
    """The claim as a clause, without a full stop; an unknown kind falls back to its own text."""
    teller = _CLAUSES.get(type(claim))
    return teller(claim, subject, context) if teller else (str(claim),)


def condition_pieces(context: Context) -> Pieces:
    """`For p > 1`, `on x > 0`: nothing for the whole space and all parameters."""
    return (Math((Bounds(context.relations),)),) if context.relations else ()


def equation(expression: Expr, unknowns: tuple[Symbol, ...] = ()) -> Math:
    """`expression = 0` as a person writes it: `y = 1`, `x^2 = a`, with what is looked for on the left."""
    rest, sought = expression.as_independent(*unknowns, as_Add=True) if unknowns else (S.Zero, expression)
    if not expression.is_Add or rest == 0 or sought == 0:
        left, _, right = Relation(expression, "==").as_sides()
        return Math((left, "==", right))
    factor, left = sought.as_coeff_Mul()
    if factor.is_Rational and not left.is_Add:
        return Math((left, "==", -rest / factor))
    turned = sought.could_extract_minus_sign()
    return Math((-sought, "==", rest) if turned else (sought, "==", -rest))


def equations(expressions: tuple[Expr, ...], word: str = "and") -> Pieces:
    """`a = 0 and b = 0`; equations 0 = 0 are left out."""
    return listed([(Math((e, "==", S.Zero)),) for e in expressions if e != 0], word)


def solutions(branches: tuple[Branch, ...], word: str = "and") -> Pieces:
    """The points one after another, each auxiliary number explained at the end."""
    pieces = several_branches(branches, word=word)
    if any(branch.free and len(branch.at) > 1 for branch in branches):
        pieces = ("the points ", *pieces)
    numbers = tuple(number for branch in branches for number in branch.numbers)
    return (*pieces, ", where ", *number_pieces(numbers)) if numbers else pieces


def _holds(claim: Holds, subject: Subject, context: Context) -> Pieces:
    return (Math((claim.relation.expression, claim.relation.op, S.Zero)),)


def _derivative(claim: Derivative, subject: Subject, context: Context) -> Pieces:
    whole = claim.expression == subject.objective
    if whole and subject.variable is not None:
        return (Math((Prime(1, subject.variable), "==", claim.result)),)
    head = Partial((claim.variable,), None if whole else claim.expression, subject.variable is not None)
    return (Math((head, "==", claim.result)),)


def _gradient(claim: Gradient, subject: Subject, context: Context) -> Pieces:
    if len(claim.variables) == 1:
        return (Math((Prime(1, claim.variables[0]), "==", claim.entries[0])),)
    return (Math((Objective(order=1), "==", Grid(tuple((entry,) for entry in claim.entries)))),)


def _hessian(claim: Hessian, subject: Subject, context: Context) -> Pieces:
    if len(claim.variables) == 1:
        return (Math((Prime(2, claim.variables[0]), "==", claim.entries[0][0])),)
    return (Math((Objective(order=2), "==", Grid(claim.entries))),)


def _smooth(claim: Smooth, subject: Subject, context: Context) -> Pieces:
    return (*subject.function(claim.expression), " is smooth")


def _continuous(claim: Continuous, subject: Subject, context: Context) -> Pieces:
    return (*subject.function(claim.expression), " is continuous")


def _definite(claim: Definite, subject: Subject, context: Context) -> Pieces:
    if len(claim.matrix) == 1:
        return (Math((claim.matrix[0][0], claim.op, S.Zero)),)
    return (*subject.matrix(claim.matrix), f" is {DEFINITE[claim.op]}")


def _region_convex(claim: RegionConvex, subject: Subject, context: Context) -> Pieces:
    if not context.region:
        return ("the whole space is convex",)
    return ("the region ", Math((Bounds(context.region),)), " is convex")


def _region_not_convex(claim: RegionNotConvex, subject: Subject, context: Context) -> Pieces:
    middle = between(claim.p, claim.q, claim.weight)
    return (
        "the region is not convex: ",
        Math((Place(claim.p),)),
        " and ",
        Math((Place(claim.q),)),
        " lie in it, but ",
        Math((Place(middle),)),
        " between them does not",
    )


def _curved(claim: Curved, subject: Subject, context: Context) -> Pieces:
    strictly = "strictly " if claim.strict else ""
    return (*subject.function(claim.objective), f" is {strictly}{claim.kind}")


def _array_curved(claim: ArrayCurved, subject: Subject, context: Context) -> Pieces:
    return (*subject.function(subject.objective), f" is {claim.kind} for all data")


def _array_strict(claim: ArrayStrict, subject: Subject, context: Context) -> Pieces:
    when = " exactly when the matrix of its affine maps has full column rank" if claim.blocks else ""
    return (*subject.function(subject.objective), f" is strictly {claim.kind}{when}")


def _not_curved(claim: NotCurved, subject: Subject, context: Context) -> Pieces:
    strictly = "strictly " if claim.strict else ""
    return (*subject.function(claim.objective), f" is not {strictly}{claim.kind}")


def _cover(claim: Cover, subject: Subject, context: Context) -> Pieces:
    left = tuple(e for e in claim.equations if e != 0)
    if not claim.branches:
        if not left:
            return ("no such point lies in the region",)
        return (*equations(left), f" {_verb(claim, 'has', 'have')} no solution")
    if not claim.unknowns or not left:
        return ("no equation is left",)
    name: Pieces = () if len(claim.unknowns) == 1 else (Math((Place(claim.unknowns),)), " equal to ")
    return (
        *equations(left),
        f" {_verb(claim, 'holds', 'hold')} only for ",
        *name,
        *solutions(claim.branches, "or"),
    )


def _verb(claim: Cover, one: str, several: str) -> str:
    return one if sum(e != 0 for e in claim.equations) == 1 else several


def _stationary(claim: Stationary, subject: Subject, context: Context) -> Pieces:
    if not claim.branches:
        return ("there is no stationary point",) if claim.complete else ("no stationary point was found",)
    one = len(claim.branches) == 1 and not claim.branches[0].free
    if claim.complete:
        head = "the only stationary point is " if one else "the stationary points are exactly "
        if any(b.numbers for b in claim.branches) and all(_is_told_by_decimals(b) for b in claim.branches):
            return (head, *several_branches(claim.branches, short=True))
        return (head, *solutions(claim.branches))
    return (*solutions(claim.branches), " is a stationary point" if one else " are stationary points")


def _is_told_by_decimals(branch: Branch) -> bool:
    """Whether a point is a common zero that no polynomial of one coordinate tells: that it is stationary says as much."""
    letters = {n.symbol for n in branch.numbers if len(n.equation.free_symbols) > 1 and not n.varies}
    return not branch.free and all(value in letters or value.is_number for _, value in branch.at)


def _label(claim: Label, subject: Subject, context: Context) -> Pieces:
    return (*the_point(claim.branch), *worded(f" is {kind_phrase(claim.kind, claim.strict)}"))


def the_point(branch: Branch) -> Pieces:
    """`the point x = 0`, `each of the points (t, 0) with t real`."""
    return ("each of the points " if branch.free else "the point ", *branch_pieces(branch, short=True))


def worded(text: str) -> Pieces:
    """Words in which "f" and "grad f" stand for the objective, whatever its letter is."""
    parts = re.split(r"(grad f = 0|grad f\b|\bf\b)", text)
    named = {
        "grad f = 0": Math((Objective(order=1), "==", S.Zero)),
        "grad f": Math((Objective(order=1),)),
        "f": Math((Objective(),)),
    }
    return tuple(named.get(part, part) for part in parts if part)


def kind_phrase(kind: str, strict: bool | None) -> str:
    """`a strict local minimum`, `a saddle point`."""
    if kind in ("minimum", "maximum"):
        how = {True: "a strict", False: "a non-strict", None: "a"}[strict]
        return f"{how} local {kind}"
    return {
        "saddle": "a saddle point",
        "inflection": "a horizontal point of inflection",
        "constant": "a point near which f is constant",
    }.get(kind, "not decided")


def kind_of_several(kind: str, strict: bool | None) -> str:
    """`strict local minima`, `saddle points`."""
    if kind in ("minimum", "maximum"):
        how = {True: "strict ", False: "non-strict ", None: ""}[strict]
        return f"{how}local {kind.removesuffix('um')}a"
    return {
        "saddle": "saddle points",
        "inflection": "horizontal points of inflection",
        "constant": "points near which f is constant",
    }.get(kind, "not decided")


def _limit(claim: Limit, subject: Subject, context: Context) -> Pieces:
    return (Math((claim.expression, "->", claim.value)), " as ", Math((claim.symbol, "->", S.Infinity)))


def _optimal(claim: Optimal, subject: Subject, context: Context) -> Pieces:
    word = EXTREMA[claim.sense, claim.attained]
    function = subject.function(claim.objective)
    numbers = tuple(number for branch in claim.at for number in branch.numbers)
    value = value_pieces(claim.value, numbers, context.relations)
    head: Pieces = (f"the global {word} of ", *function[1:], " is ", *value)
    everywhere = len(claim.variables) == 1 and any(_is_everything(branch) for branch in claim.at)
    if claim.attained and everywhere:
        return (*head, ", attained everywhere")
    if claim.attained and claim.at:
        shown = several_branches(claim.at, short=True)
        if claim.all_of_them:
            return (*head, ", attained exactly at ", *shown)
        return (*head, ", attained at ", *shown, PERHAPS_ELSEWHERE)
    if claim.attained:
        return head
    if abs(claim.value) == S.Infinity:
        return (*function, f" is unbounded {'below' if claim.sense == 'min' else 'above'}")
    return (*head, ", which is not attained")


def _is_everything(branch: Branch) -> bool:
    """Whether the family is the whole line."""
    return not branch.where and branch.free == tuple((value, "real") for _, value in branch.at)


def approach_pieces(claim: Optimal) -> Pieces:
    """How f tends to the value: `f(x) -> 0 as x -> -oo`, or along a curve, `along (x, y) = (s, 0), f -> 0 as s -> oo`."""
    if not claim.along or claim.curve_symbol is None:
        return ()
    s = claim.curve_symbol
    end = end_of(claim.along[0][1], s) if len(claim.along) == 1 else None
    if end is not None:
        x = claim.along[0][0]
        return (Math((Objective((x,)), "->", claim.value)), " as ", *towards(x, end))
    curve = (Place(tuple(v for v, _ in claim.along)), "==", Place(tuple(e for _, e in claim.along)))
    whole = " through the integers" if claim.through_integers else ""
    tends = (Math((Objective(), "->", claim.value)), " as ", Math((s, "->", S.Infinity)), whole)
    return ("along ", Math(curve), ", ", *tends)


End = tuple[Expr, int]


def end_of(curve: Expr, symbol: Symbol) -> End | None:
    """Where a curve of one variable leads, and from which side: (oo, -1), (-oo, 1), (b, 1) for b + 1/s; else None."""
    if curve == symbol:
        return S.Infinity, -1
    if curve == -symbol:
        return S.NegativeInfinity, 1
    for side in (1, -1):
        place = curve - side / symbol
        if not place.has(symbol):
            return place, side
    return None


def towards(variable: Symbol, end: End) -> Pieces:
    """`x -> oo`, `x -> 0 from the right`."""
    place, side = end
    sides = "" if place.is_infinite else " from the right" if side > 0 else " from the left"
    return (Math((variable, "->", place)), sides) if sides else (Math((variable, "->", place)),)


def _spectrum(claim: Spectrum, subject: Subject, context: Context) -> Pieces:
    return spectrum_pieces(claim, subject.matrix(claim.matrix))


def _attraction(claim: Attraction, subject: Subject, context: Context) -> Pieces:
    return attraction_pieces(claim)


def _rate(claim: Rate, subject: Subject, context: Context) -> Pieces:
    return rate_pieces(claim)


def _infeasible(claim: Infeasible, subject: Subject, context: Context) -> Pieces:
    return ("no point satisfies these conditions",)


def between(p: tuple[Expr, ...], q: tuple[Expr, ...], weight: Expr) -> tuple[Expr, ...]:
    """weight p + (1 - weight) q."""
    return tuple(weight * a + (Integer(1) - weight) * b for a, b in zip(p, q, strict=True))


_CLAUSES: Final[Mapping[type, Callable[[Any, Subject, Context], Pieces]]] = {
    Holds: _holds,
    Derivative: _derivative,
    Gradient: _gradient,
    Hessian: _hessian,
    Smooth: _smooth,
    Continuous: _continuous,
    Definite: _definite,
    RegionConvex: _region_convex,
    RegionNotConvex: _region_not_convex,
    Curved: _curved,
    ArrayCurved: _array_curved,
    ArrayStrict: _array_strict,
    NotCurved: _not_curved,
    Cover: _cover,
    Stationary: _stationary,
    Label: _label,
    Limit: _limit,
    Optimal: _optimal,
    Spectrum: _spectrum,
    Attraction: _attraction,
    Rate: _rate,
    Infeasible: _infeasible,
}
