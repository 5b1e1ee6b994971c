"""The check of sums over separate variables: extrema of g(x) and h(y) add up to that of g(x) + h(y)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice, product
from typing import Final, cast

from sympy import Add, Expr, Integer, S, Symbol

from symopt.derivation.checking import (
    available,
    is_symbol_free,
    premises_of,
    require,
    require_identical,
)
from symopt.derivation.checks_attained import FAR, optimal_claim
from symopt.derivation.claims import Branch, Optimal, Step


def joined(branch: Branch, parts: tuple[Branch, ...]) -> tuple[dict[Expr, Expr], ...]:
    """How the symbols bound in each part are called in the branch, after checking that it is their product."""
    own = tuple(s for s, _ in branch.free) + tuple(n.symbol for n in branch.numbers)
    require(len(set(own)) == len(own), "one symbol stands for two things")
    require(
        len(branch.free) == sum(len(p.free) for p in parts)
        and len(branch.numbers) == sum(len(p.numbers) for p in parts),
        "a symbol is missing",
    )
    free, numbers = iter(branch.free), iter(branch.numbers)
    names: list[dict[Expr, Expr]] = []
    values: dict[Symbol, Expr] = {}
    where: list[object] = []
    for part in parts:
        here_free, here_numbers = (
            tuple(islice(free, len(part.free))),
            tuple(islice(numbers, len(part.numbers))),
        )
        table: dict[Expr, Expr] = {
            **{old: new for (old, _), (new, _) in zip(part.free, here_free, strict=True)},
            **{old.symbol: new.symbol for old, new in zip(part.numbers, here_numbers, strict=True)},
        }
        called = part.renamed(table)
        require(
            (called.free, called.numbers) == (here_free, here_numbers),
            "another number, or a symbol of another kind",
        )
        values |= called.values
        where += called.where
        names.append(table)
    require(branch.values == values and list(branch.where) == where, "a point that is not made of theirs")
    return tuple(names)


def _separate(step: Step) -> None:
    """f = g(x) + h(y) on a product of regions: it is least where g and h are, or tends to the sum as they do."""
    claim = optimal_claim(step, isinstance(step.claim, Optimal) and step.claim.attained)
    premises = premises_of(step, Optimal)
    parts = tuple(cast(Optimal, p.claim) for p in premises)
    groups = tuple(frozenset(part.variables) for part in parts)
    listed = [v for part in parts for v in part.variables]
    require(
        len(listed) == len(set(listed)) and set(listed) == set(claim.variables),
        "not a parting of the variables",
    )
    region = step.context.region
    require(
        all(sum(bool(r.symbols & group) for group in groups) == 1 for r in region), "a relation of two parts"
    )
    for premise, part, group in zip(premises, parts, groups, strict=True):
        require(part.sense == claim.sense, "another question")
        require(is_symbol_free(part.objective, set(listed) - group), "a part in variables of another")
        mine = {r for r in region if r.symbols & group}
        require(set(premise.context.region) == mine, "a part on another region")
        require(available(premise, step.context), "a part in another case")
        require(part.value not in (FAR[claim.sense], -FAR[claim.sense]), "a part without a finite value")
    require_identical(claim.objective, Add(*(part.objective for part in parts)), "the sum")
    taken = {s for r in step.context.relations for s in r.symbols} | claim.objective.free_symbols
    require(claim.attained == all(part.attained for part in parts), "attained where one part is not")
    if claim.attained:
        combinations = tuple(product(*(part.at for part in parts)))
        require(len(claim.at) == len(combinations), "a point is missing")
        names = [joined(b, found) for b, found in zip(claim.at, combinations, strict=True)]
        require(
            not any(b.own_symbols & (taken | set(listed)) for b in claim.at), "a symbol is in use already"
        )
        for part in parts:
            numbers = {n.symbol for b in part.at for n in b.numbers}
            here = {n.symbol for n in part.at[0].numbers}
            require(part.value.free_symbols & numbers <= here, "a number of another point in the value")
        values = [part.value.xreplace(table) for part, table in zip(parts, names[0], strict=True)]
        require(all(p.all_of_them for p in parts) or not claim.all_of_them, "there may be more points")
    else:
        values = [part.value for part in parts]
        require(not any(v.free_symbols - taken for v in values), "a number in the value")
        stays = dict(cast(tuple[tuple[Symbol, Expr], ...], step.data("stays") or ()))
        require(all(isinstance(e, Integer) for e in stays.values()), "not a member of the family")
        require(not taken & set(stays), "a symbol is in use already")
        _require_curve(claim, parts, taken, stays)
    require_identical(claim.value, Add(*values), "the value")


def _require_curve(
    claim: Optimal, parts: tuple[Optimal, ...], taken: set[Symbol], stays: Mapping[Symbol, Expr]
) -> None:
    """Each part runs along its own curve, or stays at a point where it is least; `stays` chooses one of a family."""
    curve = claim.curve_symbol
    require(isinstance(curve, Symbol), "no curve")
    curve = cast(Symbol, curve)
    require(curve not in taken | set(claim.variables), "the symbol of the curve is in use already")
    require(tuple(v for v, _ in claim.along) == claim.variables, "no curve")
    require(
        claim.through_integers is any(p.through_integers for p in parts if not p.attained),
        "through other numbers",
    )
    along = dict(claim.along)
    for part in parts:
        here = tuple((v, along[v]) for v in part.variables)
        if part.attained:
            plain = (b for b in part.at if not b.numbers and not b.where)
            require(
                any(tuple((v, e.xreplace(stays)) for v, e in b.at) == here for b in plain),
                "a part that does not stay at its best",
            )
        else:
            table = {part.curve_symbol or S.Zero: curve}
            require(tuple((v, e.xreplace(table)) for v, e in part.along) == here, "another curve")


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"extremum_separate": _separate}
