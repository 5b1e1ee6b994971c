"""An expression as CVXPY holds it: affine leaves, sums with constant factors, and calls of CVXPY's functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, S


@dataclass(frozen=True)
class Affine:
    """An affine function of the variables, or a number."""

    expression: Expr


@dataclass(frozen=True)
class Sum:
    """Terms, each with a constant factor."""

    terms: tuple[tuple[Expr, Tree], ...]


@dataclass(frozen=True)
class Call:
    """A function of CVXPY, or "product", "quotient" or a name that CVXPY does not know.

    `shown` is the part of the user's expression that it stands for, where there is one.
    """

    name: str
    arguments: tuple[Tree, ...]
    constants: tuple[Expr, ...] = ()
    shown: Expr | None = None


Tree: TypeAlias = Affine | Sum | Call


def negated(tree: Tree) -> Tree:
    """-tree, without a sum around a sum.

    >>> from sympy import Symbol
    >>> negated(Affine(Symbol("x")))
    Affine(expression=-x)
    """
    return scaled(S.NegativeOne, tree)


def scaled(factor: Expr, tree: Tree) -> Tree:
    """factor times tree."""
    if factor == 1:
        return tree
    if isinstance(tree, Affine):
        return Affine((factor * tree.expression).expand())
    if isinstance(tree, Sum):
        return Sum(tuple((factor * inner, term) for inner, term in tree.terms))
    return Sum(((factor, tree),))


def added(*terms: tuple[Expr, Tree]) -> Tree:
    """The sum of multiples, sums in it opened and affine terms gathered at the end."""
    flat: list[tuple[Expr, Tree]] = []
    rest: Expr = S.Zero
    for factor, term in terms:
        for inner, part in term.terms if isinstance(term, Sum) else ((S.One, term),):
            if isinstance(part, Affine):
                rest += (factor * inner * part.expression).expand()
            else:
                flat.append((factor * inner, part))
    if not flat:
        return Affine(rest)
    if rest == 0 and len(flat) == 1 and flat[0][0] == 1:
        return flat[0][1]
    return Sum((*flat, *(((S.One, Affine(rest)),) if rest != 0 else ())))
