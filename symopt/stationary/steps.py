"""Steps about covers, as the solver writes them down, and what can be seen of a system without solving it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import cast

from sympy import Expr, Pow, Rational, S, Symbol, acos, asin, log

from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Cover, Holds, Infeasible, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.normal import NotExact, canonical
from symopt.exact.residues import residue
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation


def cover_step(
    context: Context,
    equations: tuple[Expr, ...],
    unknowns: tuple[Symbol, ...],
    branches: tuple[Branch, ...],
    rule: str,
    premises: tuple[Step, ...] = (),
    **data: object,
) -> Step:
    return Step(context, Cover(equations, unknowns, branches), rule, premises, tuple(sorted(data.items())))


def with_equations(step: Step, equations: tuple[Expr, ...]) -> Step:
    """The same cover, said of a system that has more equations."""
    claim = cast(Cover, step.claim)
    if claim.equations == equations:
        return step
    return cover_step(step.context, equations, claim.unknowns, claim.branches, "cover_rewritten", (step,))


def arc_facts(expression: Expr, context: Context) -> tuple[Step, ...]:
    """Proofs that asin and acos, logarithms and roots of what is not a number are defined."""
    arcs = (arc.args[0] for arc in expression.atoms(asin, acos) if arc.free_symbols)
    needed = [Relation(end, ">=") for u in arcs for end in (1 + u, 1 - u)]
    if any(
        u.free_symbols
        for u in expression.atoms(log, Pow)
        if not (u.is_Pow and u.exp.is_integer and u.exp > 0)
    ):
        with suppress(InputError):
            needed += natural_domain(expression)
    steps = (prove_relation(relation, context) for relation in needed)
    return tuple(step for step in steps if step is not None)


def vanishes(expression: Expr) -> bool:
    """Whether an expression is 0 identically; a value that is not 0 settles most at once."""
    if expression == 0:
        return True
    symbols = cast("list[Symbol]", sorted(expression.free_symbols, key=str))
    table: dict[Symbol, Expr] = {s: Rational(7 + 2 * i, 5 + 3 * i) for i, s in enumerate(symbols)}
    sample = residue(expression, table, ())
    if sample is not None and sample != 0:
        return False
    try:
        return bool(canonical(expression) == 0)
    except NotExact:
        return False


def zero_at_numbers(value: Expr, branch: Branch, place: Context) -> Step | None:
    """A proof that a multiple of a number's equation is 0."""
    for number in branch.numbers:
        with suppress(NotExact):
            multiples = ((canonical(value / number.equation), number.equation),)
            nothing = Step(place, Holds(Relation(S.Zero, "==")), "constant_sign")
            data = (("multiples", multiples),)
            step = Step(place, Holds(Relation(value, "==")), "given_equalities", (nothing,), data)
            if follows(step):
                return step
    return None


def contradicted(context: Context) -> Step | None:
    """A proof that no point satisfies the context, when a relation between numbers is false."""
    for relation in context.relations:
        if not relation.symbols:
            if relation.expression.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
                continue
            if not signs_of_constant(relation.expression) & SIGNS_OF[relation.op]:
                return Step(context, Infeasible(), "contradiction", (), (("quantity", relation.expression),))
    return None


def defined(expressions: Iterable[Expr], place: Context) -> tuple[Step, ...]:
    """Proofs of what the expressions need to be defined."""
    needed = (relation for e in expressions if e.free_symbols for relation in natural_domain(e))
    steps = (prove_relation(relation, place) for relation in needed)
    return tuple(step for step in steps if step is not None)
