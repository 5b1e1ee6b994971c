"""f >= m beside kinks: each kink is put down to a combination of its parts, with weights that make a point stationary.

max(a, b) >= w a + (1 - w) b for 0 <= w <= 1, and |u| = max(u, -u). With the weights of a subgradient 0 of f at p, what
is left of f is smooth, stationary at p, and f(p) there. Source: Rockafellar, Convex Analysis (1970), theorems 23.8, 27.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, cast

from sympy import Abs, Add, Dummy, Expr, Max, Min, Mul, Rational, S, Symbol, expand_mul, linsolve

from symopt.calculus.expressions import gradient
from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.derivation.trees import terms_of, unfolded
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_relation, step_for
from symopt.relation import Relation

KINKS: Final = (Abs, Max, Min)
MAX_KINKS: Final = 6
MAX_CHOICES: Final = 81
CHOICES: Final[tuple[Expr, ...]] = (S.Half, S.Zero, S.One)

Values = Mapping[Symbol, Expr]


@dataclass(frozen=True)
class _Kink:
    """A term c max(a, b) or c min(a, b) of a sum."""

    factor: Rational
    node: Expr
    first: Expr
    second: Expr

    def put_down(self, weight: Expr) -> Expr:
        """c (w a + (1 - w) b)."""
        return self.factor * (weight * self.first + (1 - weight) * self.second)

    def bounds(self, op: str) -> bool:
        """Whether the term is never less (for ">=") than what it is put down to."""
        return (self.factor > 0) == ((op == ">=") != isinstance(self.node, Min))

    def weight_at(self, point: Values) -> Expr | None:
        """1 where the term is a, 0 where it is b; None where both are equal."""
        side = sign_of_constant(canonical((self.first - self.second).xreplace(dict(point))))
        if side is None:
            raise NotExact("the sign of a number")
        return None if side == 0 else S.One if (side > 0) != isinstance(self.node, Min) else S.Zero


def prove_beside_kinks(
    objective: Expr, value: Expr, op: str, variables: tuple[Symbol, ...], point: Values, context: Context
) -> Step | None:
    """f - value >= 0 (op ">=") or <= 0, where the point has this value and is an extremum of a convex kind.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> f = Max(x, y) + x**2 + y**2
    >>> at = {x: -S.One / 4, y: -S.One / 4}
    >>> prove_beside_kinks(f, -S.One / 8, ">=", (x, y), at, Context()).rule
    'signs'
    """
    parted = _parted(objective, variables)
    if parted is None:
        return None
    smooth, kinks = parted
    if not kinks or len(kinks) > MAX_KINKS or not all(kink.bounds(op) for kink in kinks):
        return None
    try:
        for weights in _weights(smooth, kinks, variables, point):
            step = _with_weights(Relation(objective - value, op), smooth - value, kinks, weights, context)
            if step is not None:
                return step
    except NotExact:
        return None
    return None


def _parted(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, tuple[_Kink, ...]] | None:
    """The smooth part of a sum and its kinks; None where a kink is not a term of its own."""
    smooth, kinks = [], []
    for term in Add.make_args(expand_mul(objective, deep=False)):
        factor, node = term.as_coeff_Mul()
        if not term.has(*KINKS) or not term.has(*variables):
            smooth.append(term)
            continue
        if not isinstance(node, KINKS) or any(argument.has(*KINKS) for argument in node.args):
            return None
        if isinstance(node, Abs):
            kinks.append(_Kink(factor, node, node.args[0], -node.args[0]))
        elif len(node.args) == 2:
            kinks.append(_Kink(factor, node, *node.args))
        else:
            return None
    return Add(*smooth), tuple(kinks)


def _weights(
    smooth: Expr, kinks: tuple[_Kink, ...], variables: tuple[Symbol, ...], point: Values
) -> Iterator[tuple[Expr, ...]]:
    """Weights in [0, 1] with which the smooth function that is left is stationary at the point."""
    given = [kink.weight_at(point) for kink in kinks]
    unknown = [Dummy("w") if weight is None else None for weight in given]
    weights = [cast(Expr, w if w is not None else u) for w, u in zip(given, unknown, strict=True)]
    left = smooth + Add(*(kink.put_down(w) for kink, w in zip(kinks, weights, strict=True)))
    loose = [u for u in unknown if u is not None]
    slopes = [canonical(e.xreplace(dict(point))) for e in gradient(left, variables)]
    solutions = linsolve(slopes, loose) if loose else (() if any(slopes) else ((),))
    for solution in solutions:
        free = sorted({s for e in solution for s in e.free_symbols & set(loose)}, key=str)
        for chosen in product(CHOICES, repeat=len(free)) if 3 ** len(free) <= MAX_CHOICES else ():
            table = dict(zip(free, chosen, strict=True))
            values = dict(zip(loose, (canonical(e.xreplace(table)) for e in solution), strict=True))
            if all(
                sign_of_constant(v) in (0, 1) and sign_of_constant(1 - v) in (0, 1) for v in values.values()
            ):
                yield tuple(w.xreplace(values) for w in weights)


def _with_weights(
    relation: Relation, smooth: Expr, kinks: tuple[_Kink, ...], weights: tuple[Expr, ...], context: Context
) -> Step | None:
    """f - m as the smooth function that is left, which has the sign by itself, and what the kinks are above it."""
    left = smooth + Add(*(kink.put_down(w) for kink, w in zip(kinks, weights, strict=True)))
    rest = prove_relation(Relation(canonical(left), relation.op), context)
    if rest is None:
        return None
    above = [
        Add(kink.factor * kink.node, -kink.put_down(w).expand())
        for kink, w in zip(kinks, weights, strict=True)
    ]
    known = tuple(step for step in rest.walk() if isinstance(step.claim, Holds))
    for terms in (terms_of(unfolded(rest)), (Mul(1, canonical(left), evaluate=False),)):
        tree = Add(*(t for t in terms if t != 0), *above, evaluate=False)
        step = step_for(relation, context, "signs", known, tree=tree)
        if follows(step):
            return step
    return None
