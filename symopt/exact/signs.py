"""Sign sets: which of the signs -1, 0, 1 an expression may have, read off its tree from facts about its parts.

Nothing here searches or rewrites what is asked for: how an expression is written decides what is seen of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import combinations
from typing import Final

import sympy
from sympy import (
    Abs,
    Add,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    cosh,
    erfc,
    exp,
    log,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import And

from symopt.exact.dependence import free_symbols, is_number
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.expanding import expanded
from symopt.exact.gamma_functions import sign_where_defined
from symopt.exact.gates import TooLarge, operations
from symopt.exact.linear import solve_linear_rational
from symopt.exact.normal import NotExact, canonical
from symopt.relation import REVERSED, Relation, relation_from_sympy

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
# Functions with the sign of their argument.
ODD_AND_INCREASING: Final = (
    *(sympy.sign, sympy.sinh, sympy.tanh, sympy.asinh, sympy.atanh, sympy.asin, sympy.atan, sympy.erf),
)
# No larger in size than these numbers, which sines, cosines and arcsines reach; erfc is between 0 and 2.
BOUNDED: Final[dict[type, Expr]] = {
    **dict.fromkeys((sympy.sin, sympy.cos, sympy.tanh, sympy.erf, erfc), S.One),
    **dict.fromkeys((sympy.atan, sympy.asin), sympy.pi / 2),
}
REACHED: Final = (sympy.sin, sympy.cos, sympy.asin)


def signs_of_constant(value: Expr) -> Signs:
    """The sign of a number, exactly; every sign where it is not settled."""
    sign = sign_of_constant(value)
    return ANY if sign is None else frozenset((sign,))


def signs_of_product(left: Signs, right: Signs) -> Signs:
    return frozenset(a * b for a in left for b in right)


def signs_of_sum(left: Signs, right: Signs) -> Signs:
    return frozenset(sign for a in left for b in right for sign in (ANY if a * b < 0 else {a or b}))


@dataclass(frozen=True)
class Bound:
    """`quantity op number`: a relation whose quantity has no constant term and no rational factor of its own."""

    quantity: Expr
    op: str
    number: Expr
    relation: Relation

    @staticmethod
    @lru_cache(maxsize=16384)
    def of(relation: Relation) -> Bound:
        """The relation written so, as its expression stands: 2 - 2 p > 0 is p < 1."""
        number, rest = _constant_and_rest(relation.expression)
        factor, quantity = rest.primitive() if rest.is_Add else rest.as_coeff_Mul()
        if quantity.could_extract_minus_sign():
            factor, quantity = -factor, -quantity
        if not isinstance(factor, Rational) or factor == 0:
            return Bound(relation.expression, relation.op, S.Zero, relation)
        op = relation.op if factor > 0 else REVERSED[relation.op]
        return Bound(quantity if number else _as_product(quantity), op, -number / factor, relation)

    def signs_at(self, other: Bound) -> Signs:
        """The signs that `quantity - other.number` may have where this bound holds."""
        if self.quantity != other.quantity:
            return ANY
        signs = SIGNS_OF[self.op]
        if self.number == other.number:
            return signs
        apart = sign_of_constant(self.number - other.number)
        return ANY if apart is None or -apart in signs or not apart else frozenset((apart,))

    def gives(self, other: Bound) -> bool:
        """Whether the other bound holds wherever this one does."""
        return self.signs_at(other) <= SIGNS_OF[other.op]


def _as_product(quotient: Expr) -> Expr:
    """n d for n/d, which has the sign of n/d wherever that is defined."""
    parts = [part.as_base_exp() for part in Mul.make_args(quotient)]
    if not any(power.is_Integer and power < 0 for _, power in parts):
        return quotient
    return Mul(*(base ** abs(power) if power.is_Integer else base**power for base, power in parts))


def _constant_and_rest(expression: Expr) -> tuple[Expr, Expr]:
    """The terms without symbols, and the others."""
    number, rest = expression.as_coeff_Add()
    if rest.is_Add and any(not term.free_symbols for term in rest.args):
        constants = [term for term in rest.args if not term.free_symbols]
        return number + Add(*constants), Add(*(term for term in rest.args if term.free_symbols))
    return number, rest


@lru_cache(maxsize=4096)
def _canonical(expression: Expr) -> Expr | None:
    """The normal form; None where the expression is too large for one."""
    try:
        return canonical(expression)
    except NotExact:
        return None


def signs_given(expression: Expr, relations: Iterable[Relation], *, rewriting: bool = True) -> Signs:
    """The signs of `expression` that bounds on it, or on a rational multiple of it, leave.

    With `rewriting`, relations about the same quantity written differently count too.

    >>> from sympy.abc import p
    >>> sorted(signs_given(2 - 2 * p, [Relation(p - 3, ">")]))
    [-1]
    """
    signs = ANY
    for relation in relations:
        if 0 not in SIGNS_OF[relation.op] and _is_factor_of(relation.expression, expression):
            signs &= SIGNS_OF["!="]  # u v != 0, u^n != 0
        if symbols_of(expression) != symbols_of(relation.expression):
            continue
        found = _signs_by(relation, expression)
        if rewriting and found == ANY:
            own, other = _canonical(expression), _canonical(relation.expression)
            found = ANY if own is None or other is None else _signs_by(Relation(other, relation.op), own)
        signs &= found
    return signs


@lru_cache(maxsize=32768)
def symbols_of(expression: Expr) -> frozenset[Symbol]:
    """The free symbols, which SymPy collects anew each time."""
    return free_symbols(expression)


def _is_factor_of(product: Expr, factor: Expr) -> bool:
    """Whether a product, as it stands, holds the factor, or its opposite, with a positive integer exponent."""
    if not product.is_Mul and not product.is_Pow:
        return False
    if factor.is_Mul and factor.args[0] is S.NegativeOne:
        factor = -factor
    pairs = (part.as_base_exp() for part in Mul.make_args(product))
    return any(base == factor and power.is_Integer and power > 0 for base, power in pairs)


def _signs_by(relation: Relation, expression: Expr) -> Signs:
    """The signs that `expression` may have where the relation holds, when both bound the same quantity."""
    wanted = Bound.of(Relation(expression, ">"))
    signs = Bound.of(relation).signs_at(wanted)
    return signs if wanted.op == ">" else frozenset(-sign for sign in signs)


def signs_of_tree(tree: Expr, facts: tuple[Relation, ...], *, rewriting: bool = True) -> Signs:
    """The signs an expression may have where it is defined, read off its tree as it stands, from facts about its parts.

    Sums, products, integer and real powers, exp, sqrt, Abs, log, Max and Min and functions with the sign of their
    argument; a product of a factor with itself is a square. The tree is never rewritten: how it is written is the
    certificate. With `rewriting`, facts about the whole expression count that are written differently.
    """
    given = signs_given(tree, facts) if rewriting else ANY
    return given & _signs_of_node(tree, facts)


def without_known_kinks(expression: Expr, facts: tuple[Relation, ...]) -> Expr:
    """The expression with u for |u| where u >= 0 is known, -u where u <= 0 is, and u for max(u, v) where u >= v is.

    Powers of products are written as products of powers.

    >>> from sympy import Abs, symbols
    >>> a, b = symbols("a b", real=True)
    >>> without_known_kinks(Abs(a) + (a**2 * b)**S.Half, (Relation(a, ">"),))
    a*sqrt(b) + a
    """
    table: dict[Expr, Expr] = {}
    for node in expression.atoms(Abs):
        signs = signs_of_tree(node.args[0], facts)
        if signs <= NONNEGATIVE or signs <= SIGNS_OF["<="]:
            table[node] = node.args[0] if signs <= NONNEGATIVE else -node.args[0]
    expression, table = (expression.xreplace(table) if table else expression), {}
    for node in expression.atoms(Max, Min):
        turn = 1 if isinstance(node, Max) else -1
        kept = list(node.args)
        for u, v in combinations(node.args, 2):
            ahead = turn * (u - v)
            signs = signs_of_tree(ahead, facts)
            if len(signs) == len(ANY):
                signs = signs_of_tree(_canonical(ahead) or ahead, facts)
            beaten = v if signs <= NONNEGATIVE else u if signs <= SIGNS_OF["<="] else None
            if beaten is not None and u in kept and v in kept:
                kept.remove(beaten)
        if len(kept) < len(node.args):
            table[node] = node.func(*kept)
    return _distributed(expression.xreplace(table) if table else expression, facts)


def _distributed(expression: Expr, facts: tuple[Relation, ...]) -> Expr:
    """(a u)^e as a^e u^e, and (a^p)^e as a^(p e), where a > 0 is known and e is a fraction."""
    nodes = [
        n
        for n in expression.atoms(Pow)
        if isinstance(n.base, (Mul, Pow)) and isinstance(n.exp, Rational) and not n.exp.is_Integer and facts
    ]
    table: dict[Expr, Expr] = {}
    for node in sorted(nodes, key=operations):
        base, exponent = node.base.xreplace(table), node.exp
        parts = Mul.make_args(base)
        positive = [part for part in parts if _signs_of_node(part.as_base_exp()[0], facts) == POSITIVE]
        if positive:
            powers = (Pow(b, power * exponent) for b, power in (part.as_base_exp() for part in positive))
            table[node] = Mul(*powers, Pow(Mul(*(p for p in parts if p not in positive)), exponent))
    return expression.xreplace(table) if table else expression


@lru_cache(maxsize=32768)
def _signs_of_node(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    if is_number(tree):
        return signs_of_constant(tree)
    signs = signs_given(tree, facts, rewriting=False)
    return signs if len(signs) <= 1 else signs & _signs_by_structure(tree, facts)


def _signs_by_structure(tree: Expr, facts: tuple[Relation, ...]) -> Signs:
    if isinstance(tree, Symbol):
        excluded = {-1: tree.is_nonnegative, 0: tree.is_nonzero, 1: tree.is_nonpositive}
        return frozenset(sign for sign, never in excluded.items() if not never)
    if isinstance(tree, (exp, cosh, erfc)):
        return POSITIVE
    if isinstance(tree, Pow):
        return _signs_of_power(_signs_of_node(tree.base, facts), tree.exp, facts)
    if isinstance(tree, log):
        return _signs_of_node(tree.args[0] - 1, facts)
    if isinstance(tree, Piecewise):
        return _signs_of_cases(tree, facts)
    if isinstance(tree, Abs):
        return frozenset(abs(s) for s in _signs_of_node(tree.args[0], facts))
    side = sign_where_defined(tree)
    if side is not None:
        return frozenset((side,))
    if isinstance(tree, ODD_AND_INCREASING):
        return _signs_of_node(tree.args[0], facts)
    found = ANY
    if isinstance(tree, Add):
        found = _signs_of_waves(tree) & _signs_over_integers(tree) & _signs_beside_root(tree, facts)
        found &= _signs_beside_sizes(tree, facts) & _signs_beside_kink(tree) & _signs_of_cosh(tree, facts)
        found &= _signs_beside_one(tree, facts)
        if len(found) <= 1:
            return found
    if isinstance(tree, (Max, Min)) and _signs_beside_kink(tree) != ANY:
        return _signs_beside_kink(tree)
    join = next((rule for kind, rule in _JOINED.items() if isinstance(tree, kind)), None)
    if join is None:
        return found
    joined: Signs = reduce(join, (_signs_of_node(arg, facts) for arg in tree.args))
    return found & joined


def _signs_of_cases(tree: Piecewise, facts: tuple[Relation, ...]) -> Signs:
    """The signs that a case may have where its condition holds and the earlier ones, each a relation, do not."""
    signs: set[int] = set()
    before: tuple[Relation, ...] = ()
    for value, condition in tree.args:
        given = [
            relation_from_sympy(part) for part in And.make_args(condition) if isinstance(part, Relational)
        ]
        signs |= _signs_of_node(value, (*facts, *before, *given))
        if isinstance(condition, Relational):
            before = (*before, given[0].negated())
    return frozenset(signs)


def _signs_of_waves(tree: Add) -> Signs:
    """A number and rational multiples of bounded functions; erfc is 1 - erf."""
    number, amplitude, reached = S.Zero, S.Zero, True
    for term in tree.args:
        if is_number(term):
            number += term
            continue
        coefficient, wave = term.as_coeff_Mul()
        if not isinstance(coefficient, Rational) or type(wave) not in BOUNDED:
            return ANY
        number += coefficient if isinstance(wave, erfc) else 0
        amplitude += abs(coefficient) * BOUNDED[type(wave)]
        reached = reached and isinstance(wave, REACHED)
    for side in (1, -1):
        beyond = sign_of_constant(side * number - amplitude)
        if beyond is not None and beyond >= 0:
            return frozenset({side}) if beyond or not reached else frozenset({0, side})
    return ANY


def _signs_beside_root(tree: Add, facts: tuple[Relation, ...]) -> Signs:
    """c sqrt(w) + u with c^2 w >= u^2: the root is at least |u|, and its side is that of the sum."""
    roots = [t for t in tree.args if any(p.is_Pow and p.exp == S.Half for p in Mul.make_args(t))]
    if len(roots) != 1:
        return ANY
    coefficient, root = roots[0].as_coeff_Mul()
    if not (isinstance(root, Pow) and root.exp == S.Half and isinstance(coefficient, Rational)):
        return ANY
    rest = Add(*(term for term in tree.args if term is not roots[0]))
    try:
        excess = expanded(coefficient**2 * root.base - rest**2)
    except TooLarge:
        return ANY
    signs = ANY if excess is None else _signs_of_node(excess, facts)
    side = 1 if coefficient > 0 else -1
    return frozenset({side}) if signs == POSITIVE else frozenset({0, side}) if signs <= NONNEGATIVE else ANY


def _signs_of_cosh(tree: Add, facts: tuple[Relation, ...]) -> Signs:
    """A number and multiples of one sign of cosh, which is 1 at 0 only, and more elsewhere."""
    parts = [term.as_coeff_Mul() for term in tree.args]
    if not all(k.is_Rational and (rest == 1 or isinstance(rest, cosh)) for k, rest in parts):
        return ANY
    upwards = {k > 0 for k, rest in parts if rest != 1}
    end = sum((k for k, _ in parts), S.Zero)  # the value where every cosh is 1
    if len(upwards) != 1:
        return ANY
    side = 1 if True in upwards else -1
    if side * end < 0:
        return ANY
    beyond = any(0 not in _signs_of_node(rest.args[0], facts) for _, rest in parts if rest != 1)
    return frozenset({side}) if end != 0 or beyond else frozenset({0, side})


def _signs_beside_one(tree: Add, facts: tuple[Relation, ...]) -> Signs:
    """c e^u - c, which has the sign of c u."""
    number, rest = tree.as_coeff_Add()
    factor, power = rest.as_coeff_Mul()
    if factor + number != 0 or not factor.is_Rational or not isinstance(power, exp):
        return ANY
    return signs_of_product(signs_of_constant(factor), _signs_of_node(power.args[0], facts))


def _signs_beside_kink(tree: Expr) -> Signs:
    """c |u| - c s u with |s| <= 1, c max(a, b, ..) - c (w a + v b + ..) with weights of sum 1: the sign of c, or 0."""
    found = touching_kink(tree)
    if found is None:
        return ANY
    factor, node, _, weights = found
    within = frozenset[int]().union(*map(signs_of_constant, weights))
    turn = signs_of_constant(-factor if isinstance(node, Min) else factor)
    return signs_of_product(turn, NONNEGATIVE) if within <= NONNEGATIVE else ANY


def touching_kink(tree: Expr) -> tuple[Expr, Expr, tuple[Expr, ...], tuple[Expr, ...]] | None:
    """(c, kink, (a, b, ..), (w, v, ..)) of c times kink - (w a + v b + ..), where w + v + .. = 1.

    The kink is max(a, b, ..), min(a, b, ..) or |a| with b = -a. Of more than two parts the weights are rational.

    >>> from sympy.abc import x, y
    >>> touching_kink(2 * Abs(x - 1) - x + 1)
    (2, Abs(x - 1), (x - 1, 1 - x), (3/4, 1/4))
    >>> touching_kink(Max(x, y, 1) - x / 2 - y / 3 - Rational(1, 6))[3]
    (1/6, 1/2, 1/3)
    """
    terms = [(t, *t.as_coeff_Mul()) for t in Add.make_args(tree)]
    kinks = [(t, c, n) for t, c, n in terms if isinstance(n, (Abs, Max, Min)) and n.free_symbols]
    if len(kinks) != 1:
        return None
    term, factor, node = kinks[0]
    parts = (node.args[0], -node.args[0]) if isinstance(node, Abs) else node.args
    rest = Add(*(t for t, _, _ in terms if t is not term))
    if rest.has(Abs, Max, Min):
        return None
    if len(parts) > 2:
        weights = _weights(parts, -rest / factor)
        return None if weights is None else (factor, node, parts, weights)
    a, b = parts
    try:
        weight = canonical(-(rest / factor + b) / (a - b))
    except NotExact:
        return None
    return (factor, node, (a, b), (weight, 1 - weight)) if is_number(weight) else None


def _weights(parts: tuple[Expr, ...], target: Expr) -> tuple[Rational, ...] | None:
    """Rational weights of sum 1 with which the parts, as sums of terms, give the target."""
    tables = [part.expand().as_coefficients_dict() for part in (*parts, target)]
    terms = sorted({term for table in tables for term in table}, key=sympy.default_sort_key)
    rows = [tuple(table.get(term, S.Zero) for table in tables) for term in terms]
    rows.append((S.One,) * len(tables))
    if not all(isinstance(entry, Rational) for row in rows for entry in row):
        return None
    found = solve_linear_rational(tuple(row[:-1] for row in rows), tuple(row[-1] for row in rows))
    return None if found is None else found[0]


def _signs_beside_sizes(tree: Add, facts: tuple[Relation, ...]) -> Signs:
    """Sums of k |u| + c u with |c| <= |k|, which have nowhere the sign of -k, and a rest."""
    terms = dict(reversed(term.as_coeff_Mul()) for term in tree.args)
    if len(terms) < len(tree.args):  # the same term twice, in a tree that is not evaluated
        return ANY
    groups = []
    for size in [rest for rest in terms if isinstance(rest, Abs)]:
        k, c = terms[size], terms.get(size.args[0])
        if c is not None and k.is_Rational and c.is_Rational and abs(c) <= abs(k):
            groups.append(NONNEGATIVE if k > 0 else SIGNS_OF["<="])
            del terms[size], terms[size.args[0]]
    if not groups:
        return ANY
    left = (_signs_of_node(Mul(factor, rest), facts) for rest, factor in terms.items())
    return reduce(signs_of_sum, (*groups, *left))


def _signs_over_integers(tree: Add) -> Signs:
    """A number plus multiples of integers is not 0 when no multiple of their common divisor is that number."""
    if not any(symbol.is_integer for symbol in free_symbols(tree)):
        return ANY
    number, divisor = S.Zero, S.Zero
    for term in tree.args:
        coefficient, rest = term.as_coeff_Mul()
        if not isinstance(coefficient, Rational) or not (rest == 1 or rest.is_integer is True):
            return ANY
        if rest == 1:
            number += coefficient
        else:
            divisor = sympy.gcd(divisor, coefficient)
    return ANY if divisor == 0 or (number / divisor).is_Integer else SIGNS_OF["!="]


_JOINED: Final[dict[type, Callable[[Signs, Signs], Signs]]] = {
    Mul: signs_of_product,
    Add: signs_of_sum,
    Max: lambda left, right: frozenset(max(a, b) for a in left for b in right),
    Min: lambda left, right: frozenset(min(a, b) for a in left for b in right),
}


def _signs_of_power(base: Signs, exponent: Expr, facts: tuple[Relation, ...]) -> Signs:
    """The signs of base^exponent where it is defined: for a real exponent on base > 0, and at 0 when it is positive."""
    if isinstance(exponent, Integer):
        if exponent == 0:
            return POSITIVE
        base = base - {0} if exponent < 0 else base
        return frozenset(s ** (2 if exponent % 2 == 0 else 1) for s in base)
    if base == POSITIVE:
        return POSITIVE
    if exponent.is_integer:  # a symbol: even or odd
        return ANY
    return base & NONNEGATIVE if _signs_of_node(exponent, facts) >= POSITIVE else base & POSITIVE
