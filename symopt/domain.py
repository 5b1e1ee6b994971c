"""The natural domain: where an expression, as typed, is real and finite.

One table has the demands of each function, one walk over the expression collects them, and exact reasoning
about signs drops what always holds. Nothing is guessed: a demand that is not seen to hold stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import sympy
from sympy import (
    Abs,
    Basic,
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
)
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And

from symopt.errors import InputError
from symopt.reading.building import evaluated
from symopt.relation import REVERSED, Relation, relation_from_sympy

Signs = frozenset[int]
_ANY: Final[Signs] = frozenset({-1, 0, 1})
_SIGNS: Final[dict[str, Signs]] = {
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    "==": frozenset({0}),
    "!=": frozenset({-1, 1}),
}
_OPERATOR: Final = {signs: op for op, signs in _SIGNS.items()}

# Function -> the relations its arguments must satisfy; no row: real and finite everywhere.
_DEMANDS: Final[dict[type[Basic], Callable[..., tuple[Relation, ...]]]] = {
    sympy.log: lambda u: (Relation(u, ">"),),
    sympy.tan: lambda u: (Relation(sympy.cos(u), "!="),),
    sympy.sec: lambda u: (Relation(sympy.cos(u), "!="),),
    sympy.cot: lambda u: (Relation(sympy.sin(u), "!="),),
    sympy.csc: lambda u: (Relation(sympy.sin(u), "!="),),
    sympy.asin: lambda u: (Relation(u + 1, ">="), Relation(1 - u, ">=")),
    sympy.acos: lambda u: (Relation(u + 1, ">="), Relation(1 - u, ">=")),
    sympy.coth: lambda u: (Relation(u, "!="),),
    sympy.csch: lambda u: (Relation(u, "!="),),
    sympy.acosh: lambda u: (Relation(u - 1, ">="),),
    sympy.atanh: lambda u: (Relation(u + 1, ">"), Relation(1 - u, ">")),
    # By convention: between its poles on u < 0 the gamma function is not used in optimisation.
    sympy.gamma: lambda u: (Relation(u, ">"),),
    sympy.loggamma: lambda u: (Relation(u, ">"),),
    sympy.polygamma: lambda order, u: (Relation(u, ">"),),
    sympy.LambertW: lambda u, branch=S.Zero: (
        Relation(u + sympy.exp(-1), ">="),
        *((Relation(u, "<"),) if branch == -1 else ()),
    ),
}
# Functions with the sign of their argument.
_ODD_AND_INCREASING: Final = (
    *(sympy.sign, sympy.sinh, sympy.tanh, sympy.asinh, sympy.atanh, sympy.asin, sympy.atan, sympy.erf),
)


def natural_domain(expression: Expr, assuming: Iterable[Relation] = ()) -> tuple[Relation, ...]:
    """The relations that together say where `expression` is real and finite, in the order of its parts.

    The expression is taken as it stands: an unevaluated x/x demands x != 0. u^a asks for u > 0 when a is not
    known to be rational, or for u >= 0 when `assuming` gives a > 0; u^n with an integer n for u != 0 when n
    may be negative. Relations that `assuming` gives are left out. Raises InputError when the expression is
    nowhere defined, and when the domain of a Piecewise is not a conjunction of relations.

    >>> from sympy import symbols, log, sqrt
    >>> x, y = symbols("x y", real=True)
    >>> print(*natural_domain(x*log(x) + sqrt(1 - y) / (x*y)), sep=", ")
    x > 0, Ne(y, 0), y <= 1
    >>> natural_domain(log(x**2 + 1))
    ()
    """
    walk = _Walk(tuple(assuming))
    walk.visit(expression)
    try:
        domain = _together(walk.found, walk.known)
    except _Contradiction as contradiction:
        raise InputError(f"{_short(expression)} is nowhere defined: it needs {contradiction}") from None
    for branch, relation in walk.pending:
        if not _follows(relation, (*domain, *walk.known)):
            raise InputError(
                f"the branch {_short(branch)} of Piecewise needs {relation}, which its condition does "
                "not give; add it to the condition"
            )
    return domain


def always_holds(relation: Relation, known: Iterable[Relation] = ()) -> bool:
    """Whether the relation holds wherever it is defined, seen from signs alone; False when it is not seen.

    >>> from sympy import symbols, exp
    >>> x = symbols("x", real=True)
    >>> always_holds(Relation(exp(x) + x**2, ">")), always_holds(Relation(x**2 - 2*x + 2, ">"))
    (True, False)
    """
    known = tuple(known)
    return _signs(relation.expression, known) <= _SIGNS[relation.op] or _follows(relation, known)


class _Contradiction(Exception):
    """A demand that holds nowhere; its text is the demand."""


class _Walk:
    """Collects the demands of an expression, and evaluates it on the way."""

    def __init__(self, known: tuple[Relation, ...]) -> None:
        self.known = known
        self.found: list[Relation] = []
        self.pending: list[tuple[Expr, Relation]] = []  # demands of one branch of a Piecewise
        self._values: dict[Basic, Basic] = {}

    def visit(self, node: Basic) -> Basic:
        """The evaluated node; its demands are added to `found`."""
        if node not in self._values:
            self._values[node] = (
                self._piecewise(node) if isinstance(node, Piecewise) else self._operation(node)
            )
        return self._values[node]

    def _operation(self, node: Basic) -> Basic:
        arguments = [self.visit(argument) for argument in node.args]
        if isinstance(node, Pow):
            self.found += _power_demands(arguments[0], arguments[1], self.known)
        elif type(node) in _DEMANDS:
            self.found += _DEMANDS[type(node)](*arguments)
        if isinstance(node, Max | Min):
            return node.func(*arguments, evaluate=False)  # SymPy would compare the arguments, slowly
        return evaluated(node.func, arguments) if arguments else node

    def _piecewise(self, node: Piecewise) -> Basic:
        pairs: list[tuple[Basic, Basic]] = []
        otherwise = self.known  # what is known because no earlier condition held
        covered = False
        for branch, condition in node.args:
            relations = self._condition(condition)
            covered = all(always_holds(relation, otherwise) for relation in relations)
            inner = _Walk((*otherwise, *relations))
            pairs.append((inner.visit(branch), self.visit(condition)))
            for relation in inner.found:
                self.pending += ((branch, needed) for needed in _reduced(relation, inner.known))
            self.pending += inner.pending
            if len(relations) == 1:
                otherwise = (*otherwise, relations[0].negated())
        if not covered:
            if len(pairs) > 1:
                raise InputError("Piecewise needs a last branch (expression, True), for all other points")
            self.found += self._condition(node.args[0].cond)
        return Piecewise(*(ExprCondPair(*pair) for pair in pairs))

    def _condition(self, condition: Basic) -> tuple[Relation, ...]:
        if condition is S.true:
            return ()
        parts = condition.args if isinstance(condition, And) else (condition,)
        if not all(isinstance(part, Relational) for part in parts):
            raise InputError(
                f"a condition of Piecewise is made of relations joined by 'and', and not {condition}"
            )
        return tuple(relation_from_sympy(part) for part in parts)


def _power_demands(base: Expr, exponent: Expr, known: tuple[Relation, ...]) -> tuple[Relation, ...]:
    signs = _signs(exponent, known)
    positive, nonnegative = signs <= _SIGNS[">"], signs <= _SIGNS[">="]
    if exponent.is_integer:
        return () if nonnegative else (Relation(base, "!="),)
    return (Relation(base, ">=" if positive and (exponent.is_Rational or exponent.free_symbols) else ">"),)


def _signs(expression: Expr, known: Sequence[Relation]) -> Signs:
    """A set that has the sign of the expression at every point where it is defined and `known` holds."""
    if isinstance(expression, Rational):
        return frozenset({int(sympy.sign(expression))})
    if (
        expression is S.Pi
        or expression is S.Exp1
        or isinstance(expression, sympy.exp | sympy.cosh | sympy.erfc)
    ):
        return _SIGNS[">"]
    parts = (
        [_signs(argument, known) for argument in expression.args]
        if expression.is_Add or expression.is_Mul
        else []
    )
    if expression.is_Mul:
        signs = reduce(lambda left, right: frozenset(a * b for a in left for b in right), parts)
    elif expression.is_Add:
        signs = reduce(_sum_of_signs, parts)
    elif isinstance(expression, Abs):
        signs = frozenset(abs(sign) for sign in _signs(expression.args[0], known))
    elif isinstance(expression, _ODD_AND_INCREASING):
        signs = _signs(expression.args[0], known)
    elif isinstance(expression, Pow):
        signs = _signs_of_power(_signs(expression.base, known), expression.exp)
    elif isinstance(expression, Max | Min):
        order: Callable[..., int] = max if isinstance(expression, Max) else min
        signs = reduce(
            lambda left, right: frozenset(order(a, b) for a in left for b in right),
            [_signs(argument, known) for argument in expression.args],
        )
    elif isinstance(expression, Symbol):
        signs = frozenset(
            sign
            for sign, excluded in (
                (-1, expression.is_nonnegative),
                (0, expression.is_nonzero),
                (1, expression.is_nonpositive),
            )
            if not excluded
        )
    else:
        signs = _ANY
    for relation in known:
        signs &= _signs_given(relation, expression)
    return signs


def _sum_of_signs(left: Signs, right: Signs) -> Signs:
    return frozenset(sign for a in left for b in right for sign in (_ANY if a * b < 0 else {a or b}))


def _signs_of_power(base: Signs, exponent: Expr) -> Signs:
    if not isinstance(exponent, Rational):
        return _SIGNS[">"] if 0 not in base else _SIGNS[">="]
    if exponent.q > 1:  # defined on base >= 0 only
        base &= _SIGNS[">="]
    if exponent < 0:
        base -= {0}
    return frozenset(sign ** (2 if exponent.p % 2 == 0 else 1) for sign in base)


def _reduced(relation: Relation, known: Sequence[Relation] = ()) -> list[Relation]:
    """Simpler relations that say the same together; none when it always holds."""
    expression, op = relation.expression, relation.op
    signs = _signs(expression, known)
    if signs <= _SIGNS[op] or _follows(relation, known):
        return []
    if not signs & _SIGNS[op]:
        raise _Contradiction(str(relation))
    if expression.is_Mul:
        return _reduced_product(relation, known)
    if isinstance(expression, Pow) and isinstance(expression.exp, Rational):
        base, exponent = expression.args
        if op == "!=" or (op == ">" and exponent.q == 1 and exponent.p % 2 == 0):
            return _reduced(Relation(base, "!="), known)
        if op == ">" or (exponent > 0 and exponent.q == 1 and exponent.p % 2):
            return _reduced(Relation(base, op), known)
        if exponent < 0 and exponent.q == 1 and exponent.p % 2:
            return _reduced(Relation(base, op.rstrip("=")), known)
    if isinstance(expression, Abs) and op in (">", "!="):
        return _reduced(Relation(expression.args[0], "!="), known)
    if isinstance(expression, _ODD_AND_INCREASING):
        return _reduced(Relation(expression.args[0], op), known)
    if isinstance(expression, sympy.log):
        return _reduced(Relation(expression.args[0] - 1, op), known)
    if expression.is_Add:
        return [Relation(expression.primitive()[1], op)]
    return [relation]


def _reduced_product(relation: Relation, known: Sequence[Relation]) -> list[Relation]:
    """The factors that decide the sign of a product."""
    op = relation.op
    if op == "!=":
        return [part for factor in relation.expression.args for part in _reduced(Relation(factor, op), known)]
    nonzero: list[Relation] = []
    deciding: list[Expr] = []
    for factor in relation.expression.args:
        signs = _signs(factor, known)
        if len(signs) == 1:
            op = REVERSED[op] if signs == _SIGNS["<"] else op
            continue
        exponent = factor.exp if isinstance(factor, Pow) and factor.exp.is_Integer else S.One
        if exponent < 0 or (op in (">", "<") and exponent % 2 == 0):
            nonzero += _reduced(Relation(factor, "!="), known)
        if exponent % 2:
            deciding.append(factor.base if isinstance(factor, Pow) and factor.exp.is_Integer else factor)
        elif exponent > 0 and op not in (">", "<"):
            deciding.append(factor)
    remaining = Relation(Mul(*deciding), op)
    if len(deciding) > 1:
        return [remaining, *nonzero]
    return [*_reduced(remaining, known), *nonzero]


@dataclass(frozen=True)
class _Bound:
    """`quantity op number`: a relation whose quantity has no rational term or factor of its own."""

    quantity: Expr
    op: str
    number: Rational
    relation: Relation

    @classmethod
    def of(cls, relation: Relation) -> _Bound:
        number, rest = relation.expression.as_coeff_Add()
        factor, quantity = rest.primitive() if rest.is_Add else rest.as_coeff_Mul()
        if quantity.could_extract_minus_sign():
            factor, quantity = -factor, -quantity
        if not isinstance(factor, Rational) or factor == 0:
            return cls(relation.expression, relation.op, Integer(0), relation)
        op = relation.op if factor > 0 else REVERSED[relation.op]
        return cls(quantity, op, -number / factor, relation)

    def signs_at(self, other: _Bound) -> Signs:
        """The signs that `quantity - other.number` may have where this bound holds."""
        if self.quantity != other.quantity:
            return _ANY
        signs = _SIGNS[self.op]
        if self.number == other.number:
            return signs
        apart = 1 if self.number > other.number else -1
        return _ANY if -apart in signs else frozenset({apart})

    def gives(self, other: _Bound) -> bool:
        return self.signs_at(other) <= _SIGNS[other.op]


def _signs_given(known: Relation, expression: Expr) -> Signs:
    """The signs that `expression` may have where `known` holds, when both bound the same quantity."""
    wanted = _Bound.of(Relation(expression, ">"))
    signs = _Bound.of(known).signs_at(wanted)
    return signs if wanted.op == ">" else frozenset(-sign for sign in signs)


def _follows(relation: Relation, known: Iterable[Relation]) -> bool:
    wanted = _Bound.of(relation) if known else None
    return wanted is not None and any(_Bound.of(given).gives(wanted) for given in known)


def _together(found: Iterable[Relation], known: Sequence[Relation]) -> tuple[Relation, ...]:
    """The demands reduced, merged where they bound the same quantity, without those that others give."""
    bounds: dict[Expr, list[_Bound]] = {}
    for demand in found:
        for relation in _reduced(demand, known):
            new = _Bound.of(relation)
            bounds[new.quantity] = _with_bound(bounds.get(new.quantity, []), new)
    return tuple(bound.relation for kept in bounds.values() for bound in kept)


def _with_bound(kept: list[_Bound], new: _Bound) -> list[_Bound]:
    """The bounds of one quantity with one more."""
    for bound in kept:
        signs = bound.signs_at(new) & _SIGNS[new.op]
        if not signs:
            raise _Contradiction(f"{bound.relation} and {new.relation}")
        if bound.number == new.number and _OPERATOR[signs] not in (bound.op, new.op):  # x >= 0 and x != 0
            rest = [other for other in kept if other is not bound]
            return _with_bound(rest, _Bound.of(Relation(new.quantity - new.number, _OPERATOR[signs])))
    if any(bound.gives(new) for bound in kept):
        return kept
    return [*(bound for bound in kept if not new.gives(bound)), new]


def _short(expression: Expr) -> str:
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}..."
