"""f >= m beside kinks: each kink is put down to a combination of its parts, with weights that make a point stationary.

max(a, b) >= w a + (1 - w) b for 0 <= w <= 1, and |u| = max(u, -u). With the weights of a subgradient 0 of f at p, what
is left of f is smooth, stationary at p, and f(p) there. Source: Rockafellar, Convex Analysis (1970), theorems 23.8, 27.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from sympy import Abs, Add, Dummy, Expr, Max, Min, Mul, S, Symbol, expand_mul, linsolve

from symopt.calculus.expressions import gradient
from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.derivation.trees import terms_of, unfolded
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.polynomial_sign import step_for
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

KINKS: Final = (Abs, Max, Min)
MAX_KINKS: Final = 6
MAX_CHOICES: Final = 81
CHOICES: Final[tuple[Expr, ...]] = (S.Half, S.Zero, S.One)

Values = Mapping[Symbol, Expr]
SignOf = Callable[[Expr], int]


@dataclass
class _Signs:
    """Signs of numbers and of quantities in the parameters, with the proofs of the latter; NotExact where one is open."""

    place: Context
    steps: list[Step] = field(default_factory=list)

    def of(self, quantity: Expr) -> int:
        if not quantity.free_symbols:
            side = sign_of_constant(quantity)
            if side is None:
                raise NotExact("the sign of a number")
            return side
        for op, side in ((">", 1), ("<", -1), ("==", 0), (">=", 1), ("<=", -1)):
            step = prove_relation(Relation(quantity, op), self.place)
            if step is not None:
                self.steps.append(step)
                return side
        raise NotExact("the sign of a quantity in the parameters")


@dataclass(frozen=True)
class _Kink:
    """A term c max(a, b, ..) or c min(a, b, ..) of a sum, where c holds no variables."""

    factor: Expr
    node: Expr
    parts: tuple[Expr, ...]

    def put_down(self, weights: tuple[Expr, ...]) -> Expr:
        """c (w a + v b + ..)."""
        return self.factor * Add(*(w * part for w, part in zip(weights, self.parts, strict=True)))

    def bounds(self, op: str, sign: SignOf) -> bool:
        """Whether the term is never less (for ">=") than what it is put down to."""
        side = sign(self.factor)
        return side != 0 and (side > 0) == ((op == ">=") != isinstance(self.node, Min))

    def active_at(self, point: Values, sign: SignOf) -> list[int]:
        """The places of the parts that the term is equal to at a point."""
        turn = -1 if isinstance(self.node, Min) else 1
        best: list[int] = []
        for place, part in enumerate(self.parts):
            gap = canonical((part - self.parts[best[0]]).xreplace(dict(point))) if best else S.One
            side = sign(turn * gap) if best else 1
            if side >= 0:
                best = [*(best if side == 0 else []), place]
        return best

    def weights_at(self, point: Values, sign: SignOf) -> tuple[tuple[Expr, ...], list[Symbol]]:
        """Weights of sum 1 for the parts that count at a point, with symbols for those that are free."""
        active = self.active_at(point, sign)
        loose = [Dummy("w") for _ in active[1:]]
        table = dict(zip(active, (1 - Add(*loose), *loose), strict=True))
        return tuple(table.get(place, S.Zero) for place in range(len(self.parts))), loose

    def above(self, weights: tuple[Expr, ...]) -> Expr:
        """What the term is above what it is put down to, as a tree that shows the sign.

        With weights that hold parameters it is the sum of c w (max(a, b, ..) - a).
        """
        if self.factor.is_Rational and all(w.is_number for w in weights):
            return Add(self.factor * self.node, -self.put_down(weights).expand())
        gaps = (
            Mul(canonical(self.factor * w), Add(self.node, -part), evaluate=False)
            for w, part in zip(weights, self.parts, strict=True)
            if w != 0
        )
        return Add(*gaps, evaluate=False)


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
    signs = _Signs(Context((), context.condition))
    try:
        if not kinks or len(kinks) > MAX_KINKS or not all(kink.bounds(op, signs.of) for kink in kinks):
            return None
        for weights in _weights(smooth, kinks, variables, point, signs.of):
            relation = Relation(objective - value, op)
            step = _with_weights(relation, smooth - value, kinks, weights, context, tuple(signs.steps))
            if step is not None:
                return step
    except NotExact:
        return None
    return None


def _parted(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, tuple[_Kink, ...]] | None:
    """The smooth part of a sum and its kinks; None where a kink is not a term of its own."""
    smooth, kinks = [], []
    whole = Add(*(expand_mul(term, deep=False) for term in Add.make_args(objective)))
    for term in Add.make_args(whole):
        factor, node = term.as_independent(*variables, as_Add=False)
        if not term.has(*KINKS) or not term.has(*variables):
            smooth.append(term)
            continue
        if (
            not isinstance(node, KINKS)
            or factor.has(*KINKS)
            or any(argument.has(*KINKS) for argument in node.args)
        ):
            return None
        parts = (node.args[0], -node.args[0]) if isinstance(node, Abs) else node.args
        kinks.append(_Kink(factor, node, parts))
    return Add(*smooth), tuple(kinks)


def _weights(
    smooth: Expr, kinks: tuple[_Kink, ...], variables: tuple[Symbol, ...], point: Values, sign: SignOf
) -> Iterator[tuple[tuple[Expr, ...], ...]]:
    """Weights for each kink with which the smooth function that is left is stationary at the point."""
    given = [kink.weights_at(point, sign) for kink in kinks]
    weights = [own for own, _ in given]
    loose = [u for _, symbols in given for u in symbols]
    left = smooth + Add(*(kink.put_down(w) for kink, w in zip(kinks, weights, strict=True)))
    slopes = [canonical(e.xreplace(dict(point))) for e in gradient(left, variables)]
    solutions = linsolve(slopes, loose) if loose else (() if any(slopes) else ((),))
    for solution in solutions:
        free = sorted({s for e in solution for s in e.free_symbols & set(loose)}, key=str)
        for chosen in product(CHOICES, repeat=len(free)) if 3 ** len(free) <= MAX_CHOICES else ():
            table = dict(zip(free, chosen, strict=True))
            values = dict(zip(loose, (canonical(e.xreplace(table)) for e in solution), strict=True))
            found = tuple(tuple(canonical(w.xreplace(values)) for w in own) for own in weights)
            scaled = ((k.factor, w) for k, own in zip(kinks, found, strict=True) for w in own)
            if all(sign(c) * sign(canonical(c * w)) >= 0 for c, w in scaled):
                yield found


def _with_weights(
    relation: Relation,
    smooth: Expr,
    kinks: tuple[_Kink, ...],
    weights: tuple[tuple[Expr, ...], ...],
    context: Context,
    premises: tuple[Step, ...],
) -> Step | None:
    """f - m as the smooth function that is left, which has the sign by itself, and what the kinks are above it."""
    left = smooth + Add(*(kink.put_down(w) for kink, w in zip(kinks, weights, strict=True)))
    rest = prove_relation(Relation(canonical(left), relation.op), context)
    if rest is None:
        return None
    above = [kink.above(w) for kink, w in zip(kinks, weights, strict=True)]
    known = (*(step for step in rest.walk() if isinstance(step.claim, Holds)), *premises)
    for terms in (terms_of(unfolded(rest)), (Mul(1, canonical(left), evaluate=False),)):
        tree = Add(*(t for t in terms if t != 0), *above, evaluate=False)
        step = step_for(relation, context, "signs", known, tree=tree)
        if follows(step):
            return step
    return None
