"""The natural domain: where an expression, as typed, is real and finite.

One table has the demands of each function, one walk over the expression collects them, and exact reasoning
about signs drops what always holds. Nothing is guessed: a demand that is not seen to hold stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import sympy
from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
)
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, Or, to_dnf

from symopt.errors import InputError
from symopt.exact.dependence import symbols_of_form
from symopt.exact.signs import ODD_AND_INCREASING, SIGNS_OF, Bound, Signs, signs_of_tree
from symopt.reading.building import evaluated
from symopt.relation import REVERSED, Relation, relation_from_sympy

MAX_RELATIONS: Final = 12  # of a condition that is written out as alternatives
_OPERATOR: Final = {signs: op for op, signs in SIGNS_OF.items()}

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
    sympy.digamma: lambda u: (Relation(u, ">"),),
    sympy.trigamma: lambda u: (Relation(u, ">"),),
    sympy.LambertW: lambda u, branch=S.Zero: (
        Relation(u + sympy.exp(-1), ">="),
        *((Relation(u, "<"),) if branch == -1 else ()),
    ),
}


def natural_domain(
    expression: Expr, assuming: Iterable[Relation] = (), within: Iterable[Relation] = ()
) -> tuple[Relation, ...]:
    """The relations that together say where `expression` is real and finite, in the order of its parts.

    The expression is taken as it stands: an unevaluated x/x demands x != 0. u^a asks for u > 0 when a is not
    known to be rational, or for u >= 0 when `assuming` gives a > 0; u^n with an integer n for u != 0 when n
    may be negative. Relations that `assuming` gives are left out; those that a branch of a Piecewise needs may also
    come from `within`. Raises InputError when the expression is
    nowhere defined, and when the domain of a Piecewise is not a conjunction of relations.

    >>> from sympy import symbols, log, sqrt
    >>> x, y = symbols("x y", real=True)
    >>> print(*natural_domain(x*log(x) + sqrt(1 - y) / (x*y)), sep=", ")
    x > 0, Ne(y, 0), y <= 1
    >>> natural_domain(log(x**2 + 1))
    ()
    """
    walk, inside = _Walk(tuple(assuming)), tuple(within)
    walk.visit(expression)
    try:
        domain = _together(walk.found, walk.known)
    except _Contradiction as contradiction:
        raise InputError(f"{_short(expression)} is nowhere defined: it needs {contradiction}") from None
    for branch, relation, given in walk.pending:
        if not _given_together(relation, (*domain, *inside, *given)):
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
    return _signs(relation.expression, known) <= SIGNS_OF[relation.op] or _follows(relation, known)


class _Contradiction(Exception):
    """A demand that holds nowhere; its text is the demand."""


class _Walk:
    """Collects the demands of an expression; a part is evaluated only where its demand is not seen as it stands."""

    def __init__(self, known: tuple[Relation, ...]) -> None:
        self.known = known
        self.found: list[Relation] = []
        # Demands of one branch of a Piecewise, with what is known in it.
        self.pending: list[tuple[Expr, Relation, tuple[Relation, ...]]] = []
        self._values: dict[Basic, Basic] = {}
        self._visited: set[Basic] = set()

    def visit(self, node: Basic) -> None:
        """The demands of the node and of its parts are added to `found`."""
        if node in self._visited:
            return
        self._visited.add(node)
        if isinstance(node, Add) and symbols_of_form(node) is not None:
            return
        if isinstance(node, Piecewise):
            self.value(node)
            return
        for argument in node.args:
            if argument.args:
                self.visit(argument)
        if not isinstance(node, Pow) and type(node) not in _DEMANDS:
            return
        if any(not self._holds_as_it_stands(demand) for demand in self._demands(node, node.args)):
            self.found += self._demands(node, tuple(self.value(argument) for argument in node.args))

    def _demands(self, node: Basic, arguments: Sequence[Basic]) -> tuple[Relation, ...]:
        if isinstance(node, Pow):
            return _power_demands(arguments[0], arguments[1], self.known)
        return _DEMANDS[type(node)](*arguments)

    def _holds_as_it_stands(self, demand: Relation) -> bool:
        return _signs(demand.expression, self.known) <= SIGNS_OF[demand.op]

    def value(self, node: Basic) -> Basic:
        """The evaluated node."""
        if node not in self._values:
            self._values[node] = (
                self._piecewise(node) if isinstance(node, Piecewise) else self._operation(node)
            )
        return self._values[node]

    def _operation(self, node: Basic) -> Basic:
        arguments = [self.value(argument) for argument in node.args]
        if isinstance(node, Max | Min):
            return node.func(*arguments, evaluate=False)  # SymPy would compare the arguments, slowly
        return evaluated(node.func, arguments) if arguments else node

    def _piecewise(self, node: Piecewise) -> Basic:
        pairs: list[tuple[Basic, Basic]] = []
        otherwise = self.known  # what is known because no earlier condition held
        covered = False
        for branch, condition in node.args:
            # SymPy joins branches of one value, and may write the joint condition as a conjunction of alternatives.
            either = condition.has(Or) and len(node.args) > 1
            relations = () if either else self._condition(condition)
            covered = not either and all(always_holds(relation, otherwise) for relation in relations)
            inner = _Walk((*otherwise, *relations))
            inner.visit(branch)
            self.visit(condition)
            pairs.append((inner.value(branch), self.value(condition)))
            for relation in inner.found:
                left = _reduced(relation, inner.known)
                self.pending += ((branch, needed, inner.known) for needed in left)
            self.pending += inner.pending
            if either:
                parts = (self._condition(part) for part in _alternatives(condition))
                otherwise = (*otherwise, *(part[0].negated() for part in parts if len(part) == 1))
            elif len(relations) == 1:
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


def _alternatives(condition: Basic) -> tuple[Basic, ...]:
    """Conditions of which one has to hold; InputError where writing them out would take too long."""
    parts = Or.make_args(condition)
    if not any(part.has(Or) for part in parts):
        return parts
    if len(condition.atoms(Relational)) > MAX_RELATIONS:
        raise InputError(
            f"a condition of Piecewise has more than {MAX_RELATIONS} relations: use more branches"
        )
    return Or.make_args(to_dnf(condition))


def _power_demands(base: Expr, exponent: Expr, known: tuple[Relation, ...]) -> tuple[Relation, ...]:
    signs = _signs(exponent, known)
    positive, nonnegative = signs <= SIGNS_OF[">"], signs <= SIGNS_OF[">="]
    if exponent.is_integer:
        return () if nonnegative else (Relation(base, "!="),)
    return (Relation(base, ">=" if positive and (exponent.is_Rational or exponent.free_symbols) else ">"),)


def _signs(expression: Expr, known: Sequence[Relation]) -> Signs:
    """A set that has the sign of the expression at every point where it is defined and `known` holds."""
    return signs_of_tree(expression, tuple(known), rewriting=False)


def _reduced(relation: Relation, known: Sequence[Relation] = ()) -> list[Relation]:
    """Simpler relations that say the same together; none when it always holds."""
    expression, op = relation.expression, relation.op
    signs = _signs(expression, known)
    if signs <= SIGNS_OF[op] or _follows(relation, known):
        return []
    if not signs & SIGNS_OF[op]:
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
    if isinstance(expression, ODD_AND_INCREASING):
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
            op = REVERSED[op] if signs == SIGNS_OF["<"] else op
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


def _follows(relation: Relation, known: Iterable[Relation]) -> bool:
    wanted = Bound.of(relation) if known else None
    return wanted is not None and any(Bound.of(given).gives(wanted) for given in known)


def _given_together(relation: Relation, known: Iterable[Relation]) -> bool:
    """Whether what is known gives the relation: by signs, or by bounds together, as x >= 0 and x != 0 give x > 0."""
    known = tuple(known)
    if _signs(relation.expression, known) <= SIGNS_OF[relation.op]:
        return True
    wanted = Bound.of(relation)
    bounds: list[Bound] = []
    for given in known:
        bound = Bound.of(given)
        if bound.quantity == wanted.quantity:
            try:
                bounds = _with_bound(bounds, bound)
            except _Contradiction:
                return True  # no point comes to this branch
    return any(bound.gives(wanted) for bound in bounds)


def _together(found: Iterable[Relation], known: Sequence[Relation]) -> tuple[Relation, ...]:
    """The demands reduced, merged where they bound the same quantity, without those that others give."""
    bounds: dict[Expr, list[Bound]] = {}
    for demand in found:
        for relation in _reduced(demand, known):
            new = Bound.of(relation)
            bounds[new.quantity] = _with_bound(bounds.get(new.quantity, []), new)
    return tuple(bound.relation for kept in bounds.values() for bound in kept)


def _with_bound(kept: list[Bound], new: Bound) -> list[Bound]:
    """The bounds of one quantity with one more."""
    for bound in kept:
        signs = bound.signs_at(new) & SIGNS_OF[new.op]
        if not signs:
            raise _Contradiction(f"{bound.relation} and {new.relation}")
        if bound.number == new.number and _OPERATOR[signs] not in (bound.op, new.op):  # x >= 0 and x != 0
            rest = [other for other in kept if other is not bound]
            return _with_bound(rest, Bound.of(Relation(new.quantity - new.number, _OPERATOR[signs])))
    if any(bound.gives(new) for bound in kept):
        return kept
    return [*(bound for bound in kept if not new.gives(bound)), new]


def _short(expression: Expr) -> str:
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}..."
