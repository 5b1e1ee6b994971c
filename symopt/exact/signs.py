"""Sign sets: which of the signs -1, 0, 1 an expression may have, read off its tree from facts about its parts.

Nothing here searches or rewrites what is asked for: how an expression is written decides what is seen of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from typing import Final

from sympy import Abs, Add, Expr, Integer, Max, Min, Mul, Pow, Rational, cosh, exp, log, sinh

from symopt.exact.enclosure import sign_of_constant
from symopt.exact.normal import NotExact, canonical
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


@lru_cache(maxsize=16384)
def _ray(expression: Expr) -> tuple[Expr, int]:
    """The expression up to a positive rational factor and its sign, as it is written: (2 - 2 p) gives (p - 1, -1)."""
    content, primitive = expression.primitive()
    sign = -1 if content < 0 else 1
    if primitive.could_extract_minus_sign():
        return -primitive, -sign
    return primitive, sign


@lru_cache(maxsize=4096)
def _canonical_ray(expression: Expr) -> tuple[Expr, int] | None:
    """The same up to rewriting, by the normal form; None where the expression is too large for one."""
    try:
        return _ray(canonical(expression))
    except NotExact:
        return None


def signs_given(expression: Expr, relations: Iterable[Relation], *, rewriting: bool = True) -> Signs:
    """The signs of `expression` that relations about it, or a rational multiple of it, leave.

    With `rewriting`, relations about the same quantity written differently count too.
    """
    signs = ANY
    for relation in relations:
        if expression.free_symbols != relation.expression.free_symbols:
            continue
        direction = _direction(_ray(expression), _ray(relation.expression))
        if rewriting and not direction:
            direction = _direction(_canonical_ray(expression), _canonical_ray(relation.expression))
        if direction:
            signs &= SIGNS_OF[relation.op if direction > 0 else REVERSED[relation.op]]
    return signs


def _direction(a: tuple[Expr, int] | None, b: tuple[Expr, int] | None) -> int:
    return a[1] * b[1] if a is not None and b is not None and a[0] == b[0] else 0


def signs_of_tree(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    """The signs an expression may have, read off its tree as it stands, from facts about its parts.

    Sums, products, integer and real powers, exp, sqrt, Abs, cosh, log, Max and Min; a product of a factor with itself
    is a square. It never rewrites the tree: how the expression is written is the certificate.
    """
    return signs_given(tree, facts) & _signs_of_node(tree, facts)


def _signs_of_node(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    if not tree.free_symbols:
        return signs_of_constant(tree)
    signs = signs_given(tree, facts, rewriting=False)
    if len(signs) <= 1:
        return signs
    return signs & _signs_by_structure(tree, facts)


def _signs_by_structure(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    if isinstance(tree, Mul):
        return reduce(signs_of_product, (_signs_of_node(arg, facts) for arg in tree.args))
    if isinstance(tree, Add):
        return reduce(signs_of_sum, (_signs_of_node(arg, facts) for arg in tree.args))
    if isinstance(tree, exp):
        return POSITIVE
    if isinstance(tree, Pow):
        return _signs_of_power(_signs_of_node(tree.base, facts), tree.exp, facts)
    if isinstance(tree, Abs):
        return frozenset(abs(s) for s in _signs_of_node(tree.args[0], facts))
    if isinstance(tree, sinh):
        return _signs_of_node(tree.args[0], facts)
    if isinstance(tree, cosh):
        return POSITIVE
    if isinstance(tree, log):
        return _signs_of_node(tree.args[0] - 1, facts)
    if isinstance(tree, (Max, Min)):
        parts = [_signs_of_node(arg, facts) for arg in tree.args]
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
    if isinstance(exponent, Rational) or _signs_of_node(exponent, facts) == POSITIVE:
        return base & NONNEGATIVE if base <= NONNEGATIVE or isinstance(exponent, Rational) else ANY
    return ANY
