"""Where an extremum over a region with a border can be: at its interior, its faces and edges, and where f has a kink.

Where some of the relations are equalities and some of the |u| are 0, and no others, an extremum of f is one of f under
these equations (Fritz John): there the gradient of f and those of the equations are linearly dependent, which
says that the minors of the matrix of these gradients are 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from sympy import Abs, Expr, Symbol, default_sort_key

from symopt.derivation.checking import require
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.linear import determinant
from symopt.relation import Relation

Facts = tuple[Relation, ...]
MAX_KINKS: Final = 3
MAX_SYSTEMS: Final = 80
WEAK: Final = (">=", "<=")


@dataclass(frozen=True)
class ActiveSet:
    """Equations for the points where these expressions are 0, and the signs of the |u| that are not 0 there.

    Without expressions the points are those inside, where f is the smooth `objective`.
    """

    zero: tuple[Expr, ...]
    objective: Expr
    piece: Facts
    equations: tuple[Expr, ...]


def active_sets(
    objective: Expr, variables: tuple[Symbol, ...], region: tuple[Relation, ...]
) -> tuple[ActiveSet, ...]:
    """All of them. Where as many expressions vanish as there are variables, they alone are the equations.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> [s.equations for s in active_sets(x*y, (x, y), (Relation(1 - x - y, ">="),))]
    [(y, x), (-x - y + 1, x - y)]
    """
    own = set(variables)
    always = tuple(r.expression for r in region if r.op == "==" and r.symbols & own)
    weak = tuple(dict.fromkeys(r.expression for r in region if r.op in WEAK and r.symbols & own))
    kinks = sorted((n for n in objective.atoms(Abs) if n.has(*variables)), key=default_sort_key)
    require(len(kinks) <= MAX_KINKS and not any(n.args[0].has(Abs) for n in kinks), "too many kinks")
    found: dict[tuple[tuple[Expr, ...], Facts], ActiveSet] = {}
    for signs in product((1, -1, 0), repeat=len(kinks)):
        values = {kink: sign * kink.args[0] for kink, sign in zip(kinks, signs, strict=True)}
        smooth = objective.xreplace(values)
        piece = tuple(Relation(value, ">") for value in values.values() if value != 0)
        met = tuple(kink.args[0] for kink, sign in zip(kinks, signs, strict=True) if sign == 0)
        for zero in _choices(always, weak, met, len(variables)):
            corner = len(zero) == len(variables)
            key = (zero, () if corner else piece)
            if key not in found:
                require(len(found) < MAX_SYSTEMS, "too many faces and edges")
                minors = () if corner else _minors((smooth, *zero), variables)
                found[key] = ActiveSet(zero, smooth, key[1], (*zero, *minors))
    return tuple(found.values())


def _choices(
    always: tuple[Expr, ...], weak: tuple[Expr, ...], met: tuple[Expr, ...], n: int
) -> Iterator[tuple[Expr, ...]]:
    """The expressions that may vanish together, at most n of them: where more do, n of them do."""
    for count in range(len(weak) + 1):
        for active in combinations(weak, count):
            zero = tuple(dict.fromkeys((*always, *active, *met)))
            if len(zero) <= n:
                yield zero


def _minors(functions: tuple[Expr, ...], variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """The determinants that are all 0 exactly where the gradients of the functions are linearly dependent."""
    gradients = tuple(tuple(derivative_by_table(f, v) for v in variables) for f in functions)
    minors = (
        determinant(tuple(tuple(row[i] for i in columns) for row in gradients))
        for columns in combinations(range(len(variables)), len(functions))
    )
    return tuple(dict.fromkeys(m for m in minors if m != 0))
