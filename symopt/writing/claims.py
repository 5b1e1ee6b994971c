"""What a step says, as a clause of a sentence: one function for each kind of claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, Integer, S, Symbol

from symopt.derivation.checking import identical
from symopt.derivation.claims import (
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
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Stationary,
)
from symopt.relation import Relation
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Grid, Objective, Partial, Place, Tokens
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, listed, number_pieces

DEFINITE: Final = {
    ">": "positive definite",
    ">=": "positive semidefinite",
    "<": "negative definite",
    "<=": "negative semidefinite",
}


@dataclass(frozen=True)
class Subject:
    """What "f" and "its Hessian" stand for in a proof."""

    objective: Expr
    variables: tuple[Symbol, ...]
    notation: Notation
    hessian: Matrix | None = None

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


def equation(expression: Expr) -> Math:
    """`expression = 0`, with a number on the right as a person writes it: `y = 1`."""
    left, _, right = Relation(expression, "==").as_sides()
    return Math((left, "==", right))


def equations(expressions: tuple[Expr, ...], word: str = "and") -> Pieces:
    """`a = 0 and b = 0`; equations 0 = 0 are left out."""
    return listed([(Math((e, "==", S.Zero)),) for e in expressions if e != 0], word)


def solutions(branches: tuple[Branch, ...]) -> Pieces:
    """The points one after another, each auxiliary number explained at the end."""
    pieces = listed([branch_pieces(branch) for branch in branches])
    if any(branch.free for branch in branches):
        pieces = ("the points ", *pieces)
    numbers = tuple(number for branch in branches for number in branch.numbers)
    return (*pieces, ", where ", *number_pieces(numbers)) if numbers else pieces


def _holds(claim: Holds, subject: Subject, context: Context) -> Pieces:
    return (Math((claim.relation.expression, claim.relation.op, S.Zero)),)


def _derivative(claim: Derivative, subject: Subject, context: Context) -> Pieces:
    whole = claim.expression == subject.objective
    alone = len(subject.variables) == 1
    head = Partial((claim.variable,), None if whole else claim.expression, alone)
    return (Math((head, "==", claim.result)),)


def _gradient(claim: Gradient, subject: Subject, context: Context) -> Pieces:
    return (Math((Objective(order=1), "==", Grid(tuple((entry,) for entry in claim.entries)))),)


def _hessian(claim: Hessian, subject: Subject, context: Context) -> Pieces:
    return (Math((Objective(order=2), "==", Grid(claim.entries))),)


def _smooth(claim: Smooth, subject: Subject, context: Context) -> Pieces:
    return (*subject.function(claim.expression), " is smooth")


def _continuous(claim: Continuous, subject: Subject, context: Context) -> Pieces:
    return (*subject.function(claim.expression), " is continuous")


def _definite(claim: Definite, subject: Subject, context: Context) -> Pieces:
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


def _not_curved(claim: NotCurved, subject: Subject, context: Context) -> Pieces:
    strictly = "strictly " if claim.strict else ""
    return (*subject.function(claim.objective), f" is not {strictly}{claim.kind}")


def _cover(claim: Cover, subject: Subject, context: Context) -> Pieces:
    if not claim.branches:
        return (*equations(claim.equations), f" {_verb(claim, 'has', 'have')} no solution")
    if not claim.unknowns:
        return ("no unknown is left",)
    name: Pieces = () if len(claim.unknowns) == 1 else (Math((Place(claim.unknowns),)), " equal to ")
    return (
        *equations(claim.equations),
        f" {_verb(claim, 'holds', 'hold')} only for ",
        *name,
        *solutions(claim.branches),
    )


def _verb(claim: Cover, one: str, several: str) -> str:
    return one if sum(e != 0 for e in claim.equations) == 1 else several


def _stationary(claim: Stationary, subject: Subject, context: Context) -> Pieces:
    if not claim.branches:
        return ("there is no stationary point",) if claim.complete else ("no stationary point was found",)
    one = len(claim.branches) == 1 and not claim.branches[0].free
    if claim.complete:
        head = "the only stationary point is " if one else "the stationary points are exactly "
        return (head, *solutions(claim.branches))
    return (*solutions(claim.branches), " is a stationary point" if one else " are stationary points")


def _label(claim: Label, subject: Subject, context: Context) -> Pieces:
    each = "each of the points " if claim.branch.free else "the point "
    return (
        each,
        *branch_pieces(claim.branch, short=True),
        *worded(f" is {kind_phrase(claim.kind, claim.strict)}"),
    )


def worded(text: str) -> Pieces:
    """Words in which "f" and "grad f" stand for the objective, whatever its letter is."""
    parts = re.split(r"(grad f\b|\bf\b)", text)
    named = {"grad f": Math((Objective(order=1),)), "f": Math((Objective(),))}
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


def _limit(claim: Limit, subject: Subject, context: Context) -> Pieces:
    return (Math((claim.expression, "->", claim.value)), " as ", Math((claim.symbol, "->", S.Infinity)))


def _optimal(claim: Optimal, subject: Subject, context: Context) -> Pieces:
    name = {
        ("min", True): "minimum",
        ("max", True): "maximum",
        ("min", False): "infimum",
        ("max", False): "supremum",
    }
    word = name[claim.sense, claim.attained]
    function = subject.function(claim.objective)
    head: Pieces = (f"the global {word} of ", *function[1:], " is ", Math((claim.value,)))
    if claim.attained and claim.at:
        only = "exactly " if claim.all_of_them else ""
        return (*head, f", attained {only}at ", *solutions(claim.at))
    if claim.attained:
        return head
    if abs(claim.value) == S.Infinity:
        return (*function, f" is unbounded {'below' if claim.sense == 'min' else 'above'}")
    return (*head, ", which is not attained", *_along(claim))


def _along(claim: Optimal) -> Pieces:
    return curve_pieces(claim.along, claim.curve_symbol, claim.value)


def curve_pieces(along: tuple[tuple[Symbol, Expr], ...], symbol: Symbol | None, value: Expr) -> Pieces:
    """`: along (x, y) = (0, s), f -> -oo as s -> oo`."""
    if not along or symbol is None:
        return ()
    curve = (Place(tuple(s for s, _ in along)), "==", Place(tuple(e for _, e in along)))
    return (
        ": along ",
        Math(curve),
        ", ",
        Math((Objective(), "->", value)),
        " as ",
        Math((symbol, "->", S.Infinity)),
    )


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
    NotCurved: _not_curved,
    Cover: _cover,
    Stationary: _stationary,
    Label: _label,
    Limit: _limit,
    Optimal: _optimal,
    Infeasible: _infeasible,
}
