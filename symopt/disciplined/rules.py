"""The rules of disciplined convex programming over CVXPY's own functions: one row a function, the rule written once.

The rows say what CVXPY 1.9 says of its functions (`is_atom_convex`, `is_incr`, `sign_from_args`), not what is true of
them: x^6 counts as increasing there, because CVXPY restricts it to x >= 0. Source: Grant, Boyd and Ye, Disciplined
convex programming (2006), and the sources of CVXPY.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sympy import Expr, Integer, Symbol

from symopt.disciplined.tree import Affine, Call, Sum, Tree
from symopt.exact.signs import NONNEGATIVE, SIGNS_OF, signs_of_tree
from symopt.relation import Relation

UP, DOWN, NEITHER, AWAY = (
    1,
    -1,
    0,
    2,
)  # AWAY: up for nonnegative arguments, down for arguments that are not positive


@dataclass(frozen=True)
class Row:
    """What CVXPY knows of a function; `slopes` are for the arguments, the last for all that follow."""

    curvature: str
    slopes: tuple[int, ...]
    nonnegative: bool = False

    def slope(self, place: int) -> int:
        return self.slopes[min(place, len(self.slopes) - 1)]


TABLE: Final[Mapping[str, Row]] = {
    "exp": Row("convex", (UP,), True),
    "log": Row("concave", (UP,)),
    "abs": Row("convex", (AWAY,), True),
    "pos": Row("convex", (UP,), True),
    "maximum": Row("convex", (UP,)),
    "minimum": Row("concave", (UP,)),
    "logistic": Row("convex", (UP,), True),
    "log_sum_exp": Row("convex", (UP,)),
    "entr": Row("concave", (NEITHER,)),
    "rel_entr": Row("convex", (NEITHER,)),
    "huber": Row("convex", (AWAY,), True),
    "norm": Row("convex", (AWAY,), True),
    "quad_over_lin": Row("convex", (AWAY, DOWN), True),  # the denominator is the last argument
    "geo_mean": Row("concave", (UP,), True),
}


@dataclass(frozen=True)
class Shape:
    """What the rules know of an expression; affine is convex and concave."""

    convex: bool
    concave: bool
    nonnegative: bool = False
    nonpositive: bool = False
    constant: bool = False

    @property
    def accepted(self) -> bool:
        return self.convex or self.concave

    @property
    def word(self) -> str:
        if self.constant:
            return "constant"
        if self.convex and self.concave:
            return "affine"
        return "convex" if self.convex else "concave" if self.concave else "of unknown curvature"

    def times(self, signs: frozenset[int]) -> Shape:
        """The shape of a multiple by a factor with these signs."""
        if signs <= NONNEGATIVE:
            return self
        if signs <= SIGNS_OF["<="]:
            return Shape(self.concave, self.convex, self.nonpositive, self.nonnegative, self.constant)
        affine = self.convex and self.concave
        return Shape(affine, affine, constant=self.constant)


class Rules:
    """The shapes of the parts of a tree, for variables of which some have a declared sign."""

    def __init__(self, variables: tuple[Symbol, ...], declared: tuple[Relation, ...] = ()) -> None:
        self.variables, self.declared = variables, declared

    def shape(self, tree: Tree) -> Shape:
        """What the rules know of the tree."""
        if isinstance(tree, Affine):
            signs = self.signs(tree.expression)
            constant = not tree.expression.free_symbols & set(self.variables)
            return Shape(True, True, signs <= NONNEGATIVE, signs <= SIGNS_OF["<="], constant)
        if isinstance(tree, Sum):
            parts = [self.shape(term).times(self.signs(factor)) for factor, term in tree.terms]
            return Shape(
                all(part.convex for part in parts),
                all(part.concave for part in parts),
                all(part.nonnegative for part in parts),
                all(part.nonpositive for part in parts),
                all(part.constant for part in parts),
            )
        return self._call(tree, tuple(self.shape(argument) for argument in tree.arguments))

    def signs(self, expression: Expr) -> frozenset[int]:
        """The signs that CVXPY sees: of numbers and variables, through products and sums."""
        return signs_of_tree(expression, self.declared)

    def _call(self, call: Call, arguments: tuple[Shape, ...]) -> Shape:
        row = row_of(call)
        if row is None:
            return self._product(call, arguments)
        if all(argument.constant for argument in arguments):
            return Shape(True, True, row.nonnegative, False, True)
        holds = all(self.fits(row, place, shape) for place, shape in enumerate(arguments))
        nonnegative, nonpositive = row.nonnegative, False
        if call.name in ("maximum", "minimum"):
            some, every = (any, all) if call.name == "maximum" else (all, any)
            nonnegative = some(shape.nonnegative for shape in arguments)
            nonpositive = every(shape.nonpositive for shape in arguments)
        both = row.curvature == "affine"
        return Shape(
            holds and (both or row.curvature == "convex"),
            holds and (both or row.curvature == "concave"),
            nonnegative,
            nonpositive,
        )

    def fits(self, row: Row, place: int, argument: Shape) -> bool:
        """Whether the composition rule takes an argument of that shape at that place."""
        slope = row.slope(place)
        if slope == AWAY:
            slope = UP if argument.nonnegative else DOWN if argument.nonpositive else NEITHER
        turn = 1 if row.curvature == "convex" else -1
        if argument.convex and argument.concave:
            return True
        return (argument.convex and slope == turn) or (argument.concave and slope == -turn)

    def _product(self, call: Call, arguments: tuple[Shape, ...]) -> Shape:
        """A product or a quotient of parts that vary, or a function that CVXPY does not have: nothing but a sign."""
        if arguments and all(argument.constant for argument in arguments):
            return Shape(True, True, constant=True)
        if call.name not in ("product", "quotient"):
            return Shape(False, False)
        negative = sum(shape.nonpositive and not shape.nonnegative for shape in arguments)
        known = all(shape.nonnegative or shape.nonpositive for shape in arguments)
        return Shape(False, False, known and negative % 2 == 0, known and negative % 2 == 1)

    def first_stop(self, tree: Tree) -> Tree | None:
        """The first part, from the inside, of which the rules know nothing although they know all its own parts."""
        parts = (
            tree.arguments
            if isinstance(tree, Call)
            else (term for _, term in tree.terms)
            if isinstance(tree, Sum)
            else ()
        )
        for part in parts:
            found = self.first_stop(part)
            if found is not None:
                return found
        return None if self.shape(tree).accepted else tree


def row_of(call: Call) -> Row | None:
    """The row of a function; of a power and of a p-norm by the exponent."""
    if call.name == "power":
        return _power(call.constants[0])
    if call.name == "pnorm":
        return Row("convex", (AWAY,), True) if call.constants[0] >= 1 else Row("concave", (UP,), True)
    row = TABLE.get(call.name)
    if call.name == "quad_over_lin" and row is not None:
        return Row(row.curvature, (AWAY,) * (len(call.arguments) - 1) + (DOWN,), True)
    return row


def _power(exponent: Expr) -> Row:
    if exponent == 1:
        return Row("affine", (UP,))
    if exponent < 0:
        return Row("convex", (DOWN,), True)
    if exponent < 1:
        return Row("concave", (UP,), True)
    return Row("convex", (AWAY if is_power_of_two(exponent) else UP,), True)


def is_power_of_two(exponent: Expr) -> bool:
    """2, 4, 8, ..: the only exponents above 1 with which CVXPY takes powers of negative numbers."""
    return isinstance(exponent, Integer) and exponent > 1 and int(exponent) & (int(exponent) - 1) == 0
