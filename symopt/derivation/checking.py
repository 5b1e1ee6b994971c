"""What every check of the checker rests on: exact identity, sign sets, definedness, and what a context gives.

Nothing here searches. A sign set is a subset of {-1, 0, 1}: the signs a quantity may have in a context.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Final

from sympy import Abs, Add, Expr, Integer, Max, Min, Mul, Pow, Rational, S, Symbol, cosh, exp, log, sinh

from symopt.domain import natural_domain
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.normal import is_identical
from symopt.derivation.claims import Context, Holds, Step
from symopt.relation import REVERSED, Relation

Signs = frozenset[int]
ANY: Final[Signs] = frozenset((-1, 0, 1))
SIGNS_OF: Final[dict[str, Signs]] = {
    ">": frozenset((1,)),
    ">=": frozenset((0, 1)),
    "<": frozenset((-1,)),
    "<=": frozenset((-1, 0)),
    "==": frozenset((0,)),
    "!=": frozenset((-1, 1)),
}
POSITIVE: Final = SIGNS_OF[">"]
NONNEGATIVE: Final = SIGNS_OF[">="]


class Rejected(Exception):
    """A step does not follow; the message says why."""


def require(truth: bool, why: str) -> None:
    """Reject the step unless `truth`."""
    if not truth:
        raise Rejected(why)


def identical(a: Expr, b: Expr) -> bool:
    """Whether a = b wherever both are defined, by exact normal forms."""
    return a == b or is_identical(a, b)


def require_identical(a: Expr, b: Expr, what: str) -> None:
    require(identical(a, b), f"{what}: {a} and {b} are not shown equal")


def signs_of_constant(value: Expr) -> Signs:
    """The sign of a number, exactly; every sign where it is not settled."""
    sign = sign_of_constant(value)
    return ANY if sign is None else frozenset((sign,))


def signs_of_product(left: Signs, right: Signs) -> Signs:
    return frozenset(a * b for a in left for b in right)


def signs_of_sum(left: Signs, right: Signs) -> Signs:
    result: set[int] = set()
    for a in left:
        for b in right:
            result |= {a, b} - {0} if a * b == 0 and a != b else {a} if a == b else {-1, 0, 1}
    return frozenset(result)


def _proportional(a: Expr, b: Expr) -> int:
    """The sign of the rational c with a = c b, or 0 when there is none."""
    if a == b:
        return 1
    numerator, denominator = _lead(a), _lead(b)
    for ratio in dict.fromkeys((numerator / denominator if denominator else S.Zero, S.One, S.NegativeOne)):
        if ratio.is_Rational and ratio != 0 and a.free_symbols == b.free_symbols and identical(a, ratio * b):
            return 1 if ratio > 0 else -1
    return 0


def _lead(expression: Expr) -> Expr:
    """The rational factor of the first term in SymPy's canonical order, to guess a proportion."""
    expanded = expression.expand(deep=False)
    term = sorted(Add.make_args(expanded), key=lambda e: e.as_coeff_Mul()[1].sort_key())[-1]
    coefficient: Expr = term.as_coeff_Mul()[0]
    return coefficient


def signs_given(expression: Expr, relations: Iterable[Relation]) -> Signs:
    """The signs of `expression` that relations about it, or a rational multiple of it, leave."""
    signs = ANY
    for relation in relations:
        direction = _proportional(expression, relation.expression)
        if direction:
            op = relation.op if direction > 0 else REVERSED[relation.op]
            signs &= SIGNS_OF[op]
    return signs


def signs_of_tree(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    """The signs an expression may have, read off its tree as it stands, from facts about its parts.

    Sums, products, integer and real powers, exp, sqrt, Abs, cosh, log, Max and Min; a product of a factor with itself
    is a square. It never rewrites the tree: how the expression is written is the certificate.
    """
    if not tree.free_symbols:
        return signs_of_constant(tree)
    signs = signs_given(tree, facts)
    if len(signs) <= 1:
        return signs
    return signs & _signs_by_structure(tree, facts)


def _signs_by_structure(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    if isinstance(tree, Mul):
        return reduce(signs_of_product, (signs_of_tree(arg, facts) for arg in tree.args))
    if isinstance(tree, Add):
        return reduce(signs_of_sum, (signs_of_tree(arg, facts) for arg in tree.args))
    if isinstance(tree, exp):
        return POSITIVE
    if isinstance(tree, Pow):
        return _signs_of_power(signs_of_tree(tree.base, facts), tree.exp, facts)
    if isinstance(tree, Abs):
        return frozenset(abs(s) for s in signs_of_tree(tree.args[0], facts))
    if isinstance(tree, sinh):
        return signs_of_tree(tree.args[0], facts)
    if isinstance(tree, cosh):
        return POSITIVE
    if isinstance(tree, log):
        return signs_of_tree(tree.args[0] - 1, facts)
    if isinstance(tree, (Max, Min)):
        parts = [signs_of_tree(arg, facts) for arg in tree.args]
        pick = max if isinstance(tree, Max) else min
        return reduce(lambda a, b: frozenset(pick(s, t) for s in a for t in b), parts)
    return ANY


def _signs_of_power(base: Signs, exponent: Expr, facts: tuple[Relation, ...]) -> Signs:
    if isinstance(exponent, Integer):
        if exponent < 0:
            base = base - {0}
        return frozenset(s ** (2 if exponent % 2 == 0 else 1) for s in base) if exponent != 0 else POSITIVE
    if base == POSITIVE:
        return POSITIVE
    if isinstance(exponent, Rational) or signs_of_tree(exponent, facts) == POSITIVE:
        return base & NONNEGATIVE if base <= NONNEGATIVE or isinstance(exponent, Rational) else ANY
    return ANY


def facts(step: Step, extra: Iterable[Relation] = ()) -> tuple[Relation, ...]:
    """What a check may use: the relations of the context and the signs proved by premises that hold in it."""
    proved = tuple(p.claim.relation for p in step.premises if isinstance(p.claim, Holds) and available(p, step.context))
    return step.context.relations + proved + tuple(extra)


def available(premise: Step, context: Context) -> bool:
    """Whether a premise, proved in its own context, holds in `context`: each of its relations is given there."""
    given = set(context.relations)
    return all(
        relation in given or signs_given(relation.expression, context.relations) <= SIGNS_OF[relation.op]
        for relation in premise.context.relations
    )


def require_available(step: Step) -> None:
    """Reject unless every premise holds wherever the step's context does."""
    for premise in step.premises:
        require(available(premise, step.context), f"a premise of {step.rule} holds only in a smaller context")


def is_defined(expression: Expr, known: tuple[Relation, ...]) -> bool:
    """Whether known facts give every relation of the expression's natural domain."""
    return all(signs_of_tree(r.expression, known) <= SIGNS_OF[r.op] for r in natural_domain(expression))


def require_defined(expression: Expr, known: tuple[Relation, ...]) -> None:
    require(is_defined(expression, known), f"{expression} may be undefined here")


def premises_of(step: Step, kind: type) -> tuple[Step, ...]:
    """The premises whose claim is of that kind."""
    return tuple(p for p in step.premises if isinstance(p.claim, kind))


def the_premise(step: Step, kind: type) -> Step:
    """The one premise whose claim is of that kind."""
    found = premises_of(step, kind)
    require(len(found) == 1, f"{step.rule} needs exactly one premise of kind {kind.__name__}")
    return found[0]


def require_holds(expression: Expr, op: str, known: tuple[Relation, ...], what: str) -> None:
    """Reject unless `expression op 0` can be read off the known facts."""
    require(signs_of_tree(expression, known) <= SIGNS_OF[op], f"{what}: {expression} {op} 0 is not given")


def is_symbol_free(expression: Expr, symbols: Iterable[Symbol]) -> bool:
    return not expression.free_symbols & set(symbols)
