"""What the checks of covers rest on: a system of equations, the premises that go on from it, their branches.

A cover says that every solution lies on one of its branches. Each rule replaces an equation by others that follow
from it, or an unknown by its values, and takes the branches from the premises that go on from there: all of them, and
no others, so that the numbers of a branch are numbers that a rule has found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from sympy import Expr, Pow, Symbol

from symopt.derivation.checking import (
    TANGENTS,
    available,
    premises_of,
    require,
    require_given,
    require_own_symbols,
    runs_over,
)
from symopt.derivation.claims import Branch, Context, Cover, Number, Step
from symopt.relation import Relation

Value = tuple[Expr, tuple[Number, ...]]
Alternatives = list[tuple[Branch, ...]]


def require_cover(step: Step) -> Cover:
    claim = require_given(step.claim, Cover)
    require_own_symbols(claim.branches, claim.unknowns, claim.equations, step.context)
    require(
        not any(e.has(*TANGENTS) for e in claim.equations), "a tangent, to be written with sine and cosine"
    )
    return claim


def the_equation(step: Step, claim: Cover) -> tuple[Expr, Callable[..., tuple[Expr, ...]]]:
    """The equation that the rule is about, and the system with others in its place."""
    index = require_given(step.data("index"), int)
    require(0 <= index < len(claim.equations), "no such equation")
    before, after = claim.equations[:index], claim.equations[index + 1 :]
    return claim.equations[index], lambda *others: (*before, *others, *after)


def solved(
    step: Step, equations: Iterable[Expr], unknowns: tuple[Symbol, ...], context: Context
) -> Alternatives:
    """The branches of each premise that covers these equations, or some of them, in the context.

    What is bound in them stands for nothing here: else a fact about one symbol would be taken for one about the other.
    """
    system = set(equations)
    covers = [cast(Cover, p.claim) for p in premises_of(step, Cover) if available(p, context)]
    found = [c.branches for c in covers if c.unknowns == unknowns and set(c.equations) <= system]
    require(bool(found), "a part is not covered")
    bound = {symbol for branches in found for b in branches for symbol in b.own_symbols}
    used = _used(step).union(*(r.symbols for r in context.relations))
    require(not used & bound, "an auxiliary symbol is in use already")
    return found


def _used(step: Step) -> frozenset[Symbol]:
    """The symbols that stand for something in the claim, which is a cover, and in its context."""
    claim = cast(Cover, step.claim)
    return frozenset(claim.unknowns).union(
        *(e.free_symbols for e in claim.equations), *(r.symbols for r in step.context.relations)
    )


def concludes(claim: Cover, *parts: Alternatives) -> None:
    """Reject unless the claim lists all branches of one premise for each part, and nothing else."""
    listed = set(claim.branches)
    require(all(any(set(found) <= listed for found in part) for part in parts), "a branch is missing")
    known = {branch for part in parts for found in part for branch in found}
    require(listed <= known, "a branch comes from nowhere")


def even_power(root: Expr, exponent: int, unknowns: tuple[Symbol, ...]) -> tuple[Relation, ...]:
    """r^n >= 0 for even n, as r is the modulus of a real number: said of roots of what moves with the unknowns."""
    moving = [p for p in root.atoms(Pow) if not p.exp.is_Integer and p.free_symbols & set(unknowns)]
    return (Relation(root**exponent, ">="),) if moving and exponent % 2 == 0 else ()


def with_members(step: Step, claim: Cover, family: Branch, members: tuple[Branch, ...]) -> Alternatives:
    """The branches of the premise, with those that take the place of a family."""
    found = solved(step, claim.equations, claim.unknowns, step.context)
    return [tuple(c for b in part for c in (members if b == family else (b,))) for part in found]


def require_new(symbols: Iterable[Symbol], step: Step, *data: Expr, kind: str = "real") -> None:
    """Reject unless the symbols run over the reals (integers), and stand for nothing yet in claim, context and data."""
    chosen = set(symbols)
    require(all(runs_over(kind, symbol) for symbol in chosen), "an auxiliary symbol is more than that")
    require(
        not _used(step).union(*(e.free_symbols for e in data)) & chosen,
        "an auxiliary symbol is in use already",
    )


def branch_of(
    branch: Branch,
    unknowns: tuple[Symbol, ...],
    given: Mapping[Symbol, Expr],
    numbers: tuple[Number, ...] = (),
) -> Branch:
    """The branch of these unknowns: one more may be given by the others, and by numbers."""
    values = branch.values | {u: value.xreplace(branch.values) for u, value in given.items()}
    return replace(branch, at=tuple((u, values[u]) for u in unknowns), numbers=numbers + branch.numbers)


def values_of(step: Step, claim: Cover) -> tuple[Expr, Symbol, tuple[Value, ...]]:
    """The equation that the rule is about, the unknown it is solved for, and its values."""
    equation, _ = the_equation(step, claim)
    symbol = require_given(step.data("symbol"), Symbol)
    require(symbol in claim.unknowns, "not an unknown")
    values = require_given(step.data("values"), tuple)
    require(not any(value.has(symbol) for value, _ in values), "a value in terms of itself")
    require_new((n.symbol for _, numbers in values for n in numbers), step)
    return equation, symbol, values


def followed(step: Step, claim: Cover, symbol: Symbol, values: tuple[Value, ...]) -> None:
    """The unknown has one of the values, which may hold other unknowns: each is put into the other equations."""
    _, replaced = the_equation(step, claim)
    unknowns = tuple(u for u in claim.unknowns if u != symbol)
    parts: list[Alternatives] = []
    for value, numbers in values:
        table = {symbol: value}
        context = step.context.at(table).with_condition(*(r for n in numbers for r in n.relations))
        found = solved(step, (e.xreplace(table) for e in replaced()), unknowns, context)
        parts.append([tuple(branch_of(b, claim.unknowns, table, numbers) for b in part) for part in found])
    concludes(claim, *parts)
