"""What CVXPY's rules say of a function, and the function as CVXPY accepts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, S, Symbol

from symopt.disciplined.rules import AWAY, DOWN, UP, Row, Rules, Shape, is_power_of_two, row_of
from symopt.disciplined.tree import Affine, Call, Sum, Tree
from symopt.results.display import Shown
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table, Verbatim
from symopt.writing.mathematics import Objective, Typed
from symopt.writing.notation import Notation
from symopt.writing.places import listed
from symopt.writing.syntax import expression_text
from symopt.writing.text import pieces_text

MONOTONE: Final = {UP: "increasing", DOWN: "decreasing"}


@dataclass(frozen=True, repr=False)
class RulesOfCvxpy(Shown):
    """Whether CVXPY accepts the objective as it is typed, and else the innermost part at which its rules stop.

    `curvature` is what the rules say of the whole: "convex", "concave", "affine", "constant" or "of unknown curvature".
    `restricted` are the powers that CVXPY reads on u >= 0 only, without a word: they are accepted, but are another
    function.
    """

    accepted: bool
    curvature: str
    subexpression: Expr | None
    reason: Pieces
    restricted: tuple[Expr, ...]
    variables: tuple[Symbol, ...]

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def notation(self) -> Notation:
        return Notation(self.variables)

    def sentences(self) -> Pieces:
        """The answer in words."""
        f = Math((Objective(),))
        if self.subexpression is None:
            told: Pieces = ("CVXPY's rules accept ", f, f" as typed: it is {self.curvature}.")
        else:
            told = ("CVXPY's rules stop at ", Math((Typed(self.subexpression),)), ": ", *self.reason, ".")
        for power in self.restricted:
            told += (" CVXPY takes ", Math((Typed(power),)), " for a function on nonnegative arguments only.")
        return told

    def blocks(self) -> tuple[Block, ...]:
        return (Paragraph(self.sentences()),)

    def table(self) -> Table:
        where: Pieces = () if self.subexpression is None else (Math((Typed(self.subexpression),)),)
        reason = self.reason or (f"accepted, as {self.curvature}",)
        return Table((("innermost part",), ("why the rules stop",)), ((where, reason),))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        return self.blocks()

    def headline(self) -> str:
        return pieces_text(self.sentences(), self.notation)

    def to_dict(self) -> dict[str, object]:
        part = self.subexpression
        return {
            "accepted": self.accepted,
            "curvature": self.curvature,
            "subexpression": None if part is None else expression_text(part),
            "reason": pieces_text(self.reason, self.notation),
            "restricted": [expression_text(power) for power in self.restricted],
        }


@dataclass(frozen=True, repr=False)
class CvxpyForm(Shown):
    """The problem for CVXPY: `expression` is its objective, `program` the whole text; None where there is none."""

    expression: str | None
    program: str | None
    reason: str
    variables: tuple[Symbol, ...]

    def __bool__(self) -> bool:
        return self.expression is not None

    def __str__(self) -> str:
        return self.program or self.reason

    @property
    def notation(self) -> Notation:
        return Notation(self.variables)

    def blocks(self) -> tuple[Block, ...]:
        if self.program is None:
            return (Paragraph((self.reason,)),)
        return (Verbatim(tuple(self.program.splitlines())),)

    def table(self) -> Table:
        return Table((("for CVXPY",),), (((self.expression or self.reason,),),))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        return self.blocks()

    def to_dict(self) -> dict[str, object]:
        return {"expression": self.expression, "program": self.program, "reason": self.reason}


def report(tree: Tree, objective: Expr, rules: Rules) -> RulesOfCvxpy:
    """What the rules say of the tree of an objective."""
    stop, shape = rules.first_stop(tree), rules.shape(tree)
    restricted = tuple(dict.fromkeys(_restricted(tree, rules)))
    if stop is None:
        return RulesOfCvxpy(True, shape.word, None, (), restricted, rules.variables)
    shown = stop.shown if isinstance(stop, Call) and stop.shown is not None else expression_of(stop)
    return RulesOfCvxpy(
        False,
        shape.word,
        objective if shown is None else shown,
        _why(stop, rules),
        restricted,
        rules.variables,
    )


def _restricted(tree: Tree, rules: Rules) -> list[Expr]:
    parts = tree.arguments if isinstance(tree, Call) else ()
    parts = tuple(term for _, term in tree.terms) if isinstance(tree, Sum) else parts
    found = [power for part in parts for power in _restricted(part, rules)]
    if isinstance(tree, Call) and tree.name == "power" and tree.shown is not None:
        (exponent,) = tree.constants
        inside = rules.shape(tree.arguments[0])
        if exponent.is_Integer and exponent > 1 and not is_power_of_two(exponent) and not inside.nonnegative:
            found.append(tree.shown)
        if exponent.is_Integer and exponent < -1 and not inside.nonnegative:
            found.append(tree.shown)
    return found


def expression_of(tree: Tree) -> Expr | None:
    """The expression that a tree stands for; None where a part was not typed by the user."""
    if isinstance(tree, Affine):
        return tree.expression
    if isinstance(tree, Call):
        return tree.shown
    parts = [(factor, expression_of(term)) for factor, term in tree.terms]
    if any(part is None for _, part in parts):
        return None
    total: Expr = sum((factor * part for factor, part in parts if part is not None), start=S.Zero)
    return total


def _why(stop: Tree, rules: Rules) -> Pieces:
    if isinstance(stop, Sum):
        return _why_sum(stop, rules)
    assert isinstance(stop, Call), "affine functions are accepted"
    if stop.name == "product":
        return ("it is a product of parts that vary, and the rules know no such product",)
    if stop.name == "quotient":
        return ("its denominator varies, and the rules know no such quotient",)
    if stop.name == "variable power":
        return ("its exponent is no number, and the rules know no such power",)
    if stop.name == "cases":
        return ("it is defined by cases, which CVXPY does not have",)
    row = row_of(stop)
    if row is None:
        return (f"CVXPY has no function {stop.name}",)
    for place, argument in enumerate(stop.arguments):
        shape = rules.shape(argument)
        if not rules.fits(row, place, shape):
            return _why_composition(stop, row, place, argument, shape)
    return ("the rules say nothing of it",)


def _why_composition(stop: Call, row: Row, place: int, argument: Tree, shape: Shape) -> Pieces:
    """`the logarithm is concave and increasing, so that its argument must be concave, and e^x + 1 is convex`."""
    slope = row.slope(place)
    name = NAMES.get(stop.name, stop.name)
    if stop.name == "power":
        root = stop.constants[0] == S.Half
        name = "the square root" if root else f"the power with exponent {stop.constants[0]}"
    inside = expression_of(argument)
    part: Pieces = (Math((inside,)),) if inside is not None else ("the argument",)
    if slope == AWAY:
        return (
            f"{name} is {row.curvature}, and increases only where its argument is not negative, which the rules "
            "do not see of ", *part, f"; so the argument must be affine, and it is {shape.word}",
        )  # fmt: skip
    if slope not in MONOTONE:
        return (f"{name} is {row.curvature} and not monotone, so that its argument must be affine, and ",
                *part, f" is {shape.word}")  # fmt: skip
    turn = (row.curvature == "convex") == (slope == UP)
    return (
        f"{name} is {row.curvature} and {MONOTONE[slope]}, so that its argument must be "
        f"{'convex' if turn else 'concave'}, and ", *part, f" is {shape.word}",
    )  # fmt: skip


def _why_sum(stop: Sum, rules: Rules) -> Pieces:
    kinds: Mapping[str, list[Pieces]] = {"convex": [], "concave": [], "of unknown curvature": []}
    for factor, term in stop.terms:
        shape = rules.shape(term).times(rules.signs(factor))
        shown = expression_of(term)
        if shape.word in kinds:
            part: Any = (Math((factor * shown,)),) if shown is not None else ("a term",)
            kinds[shape.word].append(part)
    if kinds["of unknown curvature"]:
        return ("the sign of the factor of ", *kinds["of unknown curvature"][0], " is not known")
    convex, concave = kinds["convex"], kinds["concave"]
    return (
        "it is a sum of ", *listed(convex), f", which {'is' if len(convex) == 1 else 'are'} convex, and ",
        *listed(concave), f", which {'is' if len(concave) == 1 else 'are'} concave",
    )  # fmt: skip


NAMES: Final[Mapping[str, str]] = {
    "exp": "the exponential function",
    "log": "the logarithm",
    "abs": "the absolute value",
    "maximum": "the maximum",
    "minimum": "the minimum",
}
