"""What every check rests on: exact identity, definedness, and what a context and its premises give.

Nothing here searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Final, TypeVar

import sympy
from sympy import Expr, Piecewise, Pow, Rational, S, Symbol, sqrt
from sympy.core.function import Application
from sympy.logic.boolalg import BooleanFunction

from symopt.derivation.claims import Branch, Context, Holds, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.dependence import contents, depends_on, distinct_parts, slopes_of_form
from symopt.exact.derivatives import DERIVATIVES
from symopt.exact.normal import NotExact, canonical, is_identical
from symopt.exact.relations import reduced
from symopt.exact.residues import residue
from symopt.exact.signs import POSITIVE, SIGNS_OF, signs_given, signs_of_tree, without_known_kinks
from symopt.relation import Relation

T = TypeVar("T")


def _assumed(symbol: Symbol) -> tuple[object, ...]:
    """What SymPy compares of a symbol beside its name."""
    return tuple(symbol._hashable_content()[1:])


PLAIN: Final = {
    "real": (_assumed(Symbol("x", real=True)), _assumed(Symbol("x"))),
    "integer": (_assumed(Symbol("n", integer=True)),),
}
Facts = tuple[Relation, ...]
NOT_REAL: Final = (S.ImaginaryUnit, S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
REAL_FUNCTIONS: Final = frozenset(
    {
        *(*DERIVATIVES, sympy.Max, sympy.Min, sympy.Piecewise, sympy.Heaviside),
        *(sympy.coth, sympy.sech, sympy.csch, sympy.gamma, sympy.polygamma),
    }
)

# SymPy's tangent of an angle with an integer symbol is not to be trusted: tan(2*pi*n - pi/4) gives 1.
TANGENTS: Final = (sympy.tan, sympy.cot, sympy.sec, sympy.csc)


class Rejected(Exception):
    """A step does not follow; the message says why."""


def require(truth: bool, why: str, *about: object) -> None:
    """Reject the step unless `truth`; `about` is written into the reason only then."""
    if not truth:
        raise Rejected(why.format(*about))


def require_given(value: object, kind: type[T]) -> T:
    """The value of a claim or of a certificate, which has to be of that kind."""
    if not isinstance(value, kind):
        raise Rejected(f"{value!r} is not {kind.__name__}")
    return value


def identical(a: Expr, b: Expr) -> bool:
    """Whether a = b wherever both are defined, by exact normal forms."""
    return a == b or is_identical(a, b)


def require_identical(a: Expr, b: Expr, what: str) -> None:
    require(identical(a, b), "{}: {} and {} are not shown equal", what, a, b)


def is_zero(expression: Expr, known: Facts) -> bool:
    """Whether an expression is 0 wherever it is defined: identically, by given equations, or by its sign."""
    if residue(expression, {}, known) == 0:
        return True
    try:
        expression = without_known_kinks(expression, known)
        return identical(reduced(canonical(expression), known), S.Zero) or (
            signs_of_tree(expression, known) == SIGNS_OF["=="]
        )
    except NotExact:
        return False


def vanishes_at(expression: Expr, values: Mapping[Symbol, Expr], known: Facts) -> bool:
    """Whether an expression is 0 at these values, wherever it is defined there."""
    return residue(expression, values, known) == 0 or is_zero(expression.xreplace(dict(values)), known)


def require_equal(a: Expr, b: Expr, known: Facts, what: str) -> None:
    """Reject unless a = b identically, or by the given equations."""
    require(identical(a, b) or is_zero(a - b, known), "{}: {} and {} are not shown equal", what, a, b)


def facts(step: Step, context: Context | None = None) -> Facts:
    """What a check may use: the relations of the context, and the signs proved by premises that hold in it."""
    place = step.context if context is None else context
    proved = tuple(
        p.claim.relation for p in step.premises if isinstance(p.claim, Holds) and available(p, place)
    )
    return place.relations + proved


def available(premise: Step, context: Context) -> bool:
    """Whether a premise, proved in its own context, holds in `context`: each of its relations is given there."""
    given = set(context.relations)
    return all(
        relation in given or signs_given(relation.expression, context.relations) <= SIGNS_OF[relation.op]
        for relation in premise.context.relations
    )


def require_available(step: Step, kind: type | None = None) -> None:
    """Reject unless every premise (whose claim is of that kind) holds wherever the step's context does."""
    for premise in step.premises if kind is None else premises_of(step, kind):
        require(
            available(premise, step.context), "a premise of {} holds only in a smaller context", step.rule
        )


@lru_cache(maxsize=16384)
def _held(expression: Expr) -> frozenset[str]:
    """What a check asks about the parts of an expression, in one walk over them."""
    inside, found = contents(expression), set()
    if any(symbol.is_integer for symbol in inside.occurring):
        found.add("integer")
    if inside.moving_powers:
        found.add("moving power")
    if any(
        issubclass(head, Application) and not issubclass(head, BooleanFunction) and head not in REAL_FUNCTIONS
        for head in inside.heads
    ):
        found.add("perhaps not real")
    if Piecewise in inside.heads:
        found.add("branches")
    if not inside.heads.isdisjoint(TANGENTS):
        found.add("tangent")
    if not inside.heads.isdisjoint(map(type, NOT_REAL)):
        found |= {"perhaps not real", "not real"}
    return frozenset(found)


def holds_not_real(expression: Expr) -> bool:
    """Whether an infinity, nan or the imaginary unit is a part of the expression."""
    return "not real" in _held(expression)


@lru_cache(maxsize=16384)
def _needed(expression: Expr, within: Facts = ()) -> Facts | None:
    """Where an expression is real and finite; None where it may be nowhere, or is not known to be.

    What the branches of a Piecewise need may come from facts that hold.
    """
    if "perhaps not real" in _held(expression):
        return None
    try:
        return natural_domain(expression, (), within)
    except InputError:
        return None


def with_roots(expression: Expr, known: Facts) -> Expr:
    """Square roots for the powers u^a with a > 0 known, which like them are defined for u >= 0; u for u^n."""
    if "moving power" not in _held(expression):
        return expression
    powers = [
        n
        for n in distinct_parts(expression)
        if isinstance(n, Pow)
        and not isinstance(n.exp, Rational)
        and n.exp.free_symbols
        and signs_of_tree(n.exp, known) == POSITIVE
    ]
    return expression.xreplace({n: n.base if n.exp.is_integer is True else sqrt(n.base) for n in powers})


def domain_of(expression: Expr, known: Facts) -> Facts | None:
    """The relations that say where the expression is real and finite; None where they are not known."""
    return _needed(with_roots(expression, known), known if "branches" in _held(expression) else ())


def is_defined(expression: Expr, known: Facts) -> bool:
    """Whether known facts give every relation of the expression's natural domain; a fact itself is defined."""
    if slopes_of_form(expression) is not None or any(fact.expression == expression for fact in known):
        return True
    needed = domain_of(expression, known)
    return needed is not None and all(signs_of_tree(r.expression, known) <= SIGNS_OF[r.op] for r in needed)


def require_defined(expression: Expr, known: Facts) -> None:
    require(is_defined(expression, known), "{} may be undefined here", expression)


def premises_of(step: Step, kind: type) -> tuple[Step, ...]:
    """The premises whose claim is of that kind."""
    return tuple(p for p in step.premises if isinstance(p.claim, kind))


def the_premise(step: Step, kind: type) -> Step:
    """The one premise whose claim is of that kind."""
    found = premises_of(step, kind)
    require(len(found) == 1, "{} needs exactly one premise of kind {}", step.rule, kind.__name__)
    return found[0]


def holds(expression: Expr, op: str, known: Facts) -> bool:
    """Whether it can be read off the known facts that the expression is defined, and `expression op 0`."""
    return signs_of_tree(expression, known) <= SIGNS_OF[op] and is_defined(expression, known)


def require_holds(expression: Expr, op: str, known: Facts, what: str) -> None:
    """Reject unless the expression is defined and `expression op 0` by the known facts."""
    require(holds(expression, op, known), "{}: {} {} 0 is not given", what, expression, op)


def require_inside(point: Mapping[Symbol, Expr], region: Facts, known: Facts) -> None:
    """Reject unless the point is defined and satisfies every relation of the region."""
    for value in point.values():
        require_defined(value, known)
    for relation in region:
        at_point = relation.at(dict(point))
        require_holds(at_point.expression, at_point.op, known, "the point may lie outside")


def require_own_symbols(
    branches: Iterable[Branch], unknowns: tuple[Symbol, ...], about: Iterable[Expr], context: Context
) -> None:
    """Reject unless each branch gives every unknown, in symbols that stand for nothing else.

    The numbers and free symbols of a branch are bound in it: they may occur neither in what the claim is about nor in
    its context; its other symbols have to. A restriction is one of the free symbols. Where a number goes with an integer
    of the branch, it is the only one between ends that go with it too.
    """
    require_symbols(unknowns)
    used = set(unknowns).union(*(e.free_symbols for e in about), *(r.symbols for r in context.relations))
    for branch in branches:
        require_bound(branch)
        free = {symbol for symbol, _ in branch.free}
        own = branch.own_symbols
        once = len(own) == len(branch.numbers) + len(branch.free)
        require(once and not used & own, "an auxiliary symbol is in use already")
        require(tuple(u for u, _ in branch.at) == unknowns, "a branch does not give every unknown")
        inside = {s for _, value in branch.at for s in value.free_symbols}
        require(inside <= (used | own) - set(unknowns), "a branch in terms of something else")
        require(all(r.symbols & free for r in branch.where), "a restriction of something else")
        numbers = {n.symbol for n in branch.numbers}
        turns = {symbol for symbol, kind in branch.free if kind == "integer"}
        for number in branch.numbers:
            known = number.slope and number.index is None
            given = (used - own - set(unknowns)) | numbers | (turns if known else set())
            require(number.symbols <= given, "a number that varies")


@lru_cache(maxsize=1024)
def require_symbols(variables: tuple[Symbol, ...]) -> None:
    """Reject unless these are symbols that run over the reals, each listed once."""
    require(all(isinstance(v, Symbol) for v in variables), "a variable is not a symbol")
    require(all(runs_over("real", v) for v in variables), "a variable that does not run over the reals")
    require(len(set(variables)) == len(variables), "a variable is listed twice")


def runs_over(kind: str, symbol: Symbol) -> bool:
    """Whether SymPy assumes of the symbol that it is real (or an integer), and nothing else.

    A number named by a positive symbol would be positive, and sin(pi n) is 0 as soon as n is an integer.
    """
    return type(symbol) is Symbol and _assumed(symbol) in PLAIN.get(kind, ())


def require_bound(branch: Branch) -> None:
    """Reject unless SymPy assumes of the symbols bound in a branch what the branch says of them."""
    kinds = (*branch.free, *((n.symbol, "real") for n in branch.numbers))
    require(
        all(runs_over(kind, symbol) for symbol, kind in kinds), "a symbol that is more than it is said to be"
    )


def require_no_tangents_of_integers(step: Step) -> None:
    """Reject a step in which a tangent could meet an integer symbol when one expression is put into another."""
    premises = (part for p in step.premises for part in (p.claim, p.context))
    parts = [_tangents_and_integers(part) for part in (step.claim, step.context, *premises)]
    parts.append(_in_parts(step.certificate))
    met = any(tangent for tangent, _ in parts) and any(integer for _, integer in parts)
    require(not met, "a tangent beside an integer symbol, to be written with sine and cosine")


@lru_cache(maxsize=16384)
def _tangents_and_integers(part: object) -> tuple[bool, bool]:
    """Whether a claim, a context or an expression holds a tangent, and whether it holds an integer symbol."""
    if isinstance(part, Symbol):
        return False, bool(part.is_integer)
    if isinstance(part, Expr):
        held = _held(part)
        return "tangent" in held, "integer" in held
    if is_dataclass(part):
        return _in_parts(tuple(getattr(part, f.name) for f in fields(part)))
    return _in_parts(part) if isinstance(part, tuple) else (False, False)


def _in_parts(parts: tuple[object, ...]) -> tuple[bool, bool]:
    tangent = integer = False
    for part in parts:
        if isinstance(part, Symbol):
            integer = integer or bool(part.is_integer)
        else:
            held = _tangents_and_integers(part)
            tangent, integer = tangent or held[0], integer or held[1]
    return tangent, integer


def is_symbol_free(expression: Expr, symbols: Iterable[Symbol]) -> bool:
    return not depends_on(expression, frozenset(symbols))
