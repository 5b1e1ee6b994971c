"""Sums over separate variables, f = g(x) + h(y): the parts as questions of their own, and their answers put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from math import prod
from typing import Final, cast

from sympy import Add, Expr, S, Symbol, expand_mul

from symopt.cases import Cell
from symopt.derivation.claims import Branch, Context, Optimal, Step
from symopt.results.answers import Extremum
from symopt.stationary.question import Question

MAX_POINTS: Final = 100
INTEGERS: Final = ("n", "m", "k", "l", "j")
REALS: Final = ("t", "u", "v", "w")
NUMBERS: Final = ("r", "q", "z")


def parts_of(cell: Cell) -> tuple[Cell, ...]:
    """The cells of the summands that share no variable, in f or in the region; none where f does not part.

    >>> from sympy import symbols
    >>> x, y, z = symbols("x y z", real=True)
    >>> [part.objective for part in parts_of(Cell(x**2 + y * z + z, (x, y, z), Context()))]
    [x**2, y*z + z]
    """
    terms = Add.make_args(cell.objective)
    if len(_groups(cell, terms)) == 1:
        terms = Add.make_args(expand_mul(cell.objective, deep=False))
    groups = _groups(cell, terms)
    parts = []
    for place, group in enumerate(groups):
        own = [
            t
            for t in terms
            if t.free_symbols & group or (place == 0 and not t.free_symbols & set(cell.variables))
        ]
        region = tuple(r for r in cell.context.region if r.symbols & group)
        variables = tuple(v for v in cell.variables if v in group)
        context = Context(region, cell.context.condition)
        parts.append(replace(cell, objective=Add(*own), variables=variables, context=context))
    whole = all(r.symbols & set(cell.variables) for r in cell.context.region)
    return tuple(parts) if len(parts) > 1 and whole else ()


def _groups(cell: Cell, terms: Iterable[Expr]) -> list[frozenset[Symbol]]:
    """The variables, parted into those that meet in a term or in a relation of the region."""
    variables = frozenset(cell.variables)
    groups = [frozenset((v,)) for v in cell.variables]
    for met in (*(t.free_symbols for t in terms), *(r.symbols for r in cell.context.region)):
        met = frozenset(met) & variables
        apart = [g for g in groups if not g & met]
        together = frozenset().union(*(g for g in groups if g & met))
        groups = [*apart, together] if together else apart
    return sorted(groups, key=lambda g: min(cell.variables.index(v) for v in g))


def put_together(question: Question, answers: Iterable[Extremum]) -> Step | None:
    """The extremum of the sum from those of its parts, where all are finite."""
    steps = []
    for answer in answers:
        if not answer.evidence.steps:
            return None
        steps.append(answer.evidence.steps[0])
    parts = tuple(cast(Optimal, step.claim) for step in steps)
    attained = all(part.attained for part in parts)
    claim = (_attained if attained else _approached)(question, parts)
    stays = tuple(dict.fromkeys((s, S.Zero) for part in parts for b in part.at for s, _ in b.free))
    data = {"stays": stays} if stays and not attained else {}
    return None if claim is None else question.conclude("extremum_separate", claim, steps, **data)


def _attained(question: Question, parts: tuple[Optimal, ...]) -> Optimal | None:
    if prod(len(part.at) for part in parts) > MAX_POINTS:
        return None
    used = {
        s.name for s in question.objective.free_symbols | question.cell.parameters | set(question.variables)
    }
    names = [_names(part, used) for part in parts]
    at = tuple(
        _product(question.variables, [b.renamed(table) for b, table in zip(found, names, strict=True)])
        for found in product(*(part.at for part in parts))
    )
    value = Add(*(part.value.xreplace(table) for part, table in zip(parts, names, strict=True)))
    complete = all(part.all_of_them for part in parts)
    return Optimal(question.objective, question.variables, question.sense, value, True, at, complete)


def _names(part: Optimal, used: set[str]) -> Mapping[Expr, Expr]:
    """New names for the symbols bound in the points of a part, where theirs are in use; those are in use then."""
    table: dict[Expr, Expr] = {}
    bound = dict.fromkeys(
        [(s, kind) for b in part.at for s, kind in b.free]
        + [(n.symbol, "number") for b in part.at for n in b.numbers]
    )
    for symbol, kind in bound:
        choices = {"integer": INTEGERS, "real": REALS, "number": NUMBERS}[kind]
        names = (symbol.name, *choices, *(f"{choices[0]}{k}" for k in range(1, 1000)))
        name = next(name for name in names if name not in used)
        used.add(name)
        table[symbol] = Symbol(name, integer=True) if kind == "integer" else Symbol(name, real=True)
    return table


def _product(variables: tuple[Symbol, ...], parts: Iterable[Branch]) -> Branch:
    parts = tuple(parts)
    values = {v: e for part in parts for v, e in part.at}
    return Branch(
        tuple((v, values[v]) for v in variables),
        tuple(n for part in parts for n in part.numbers),
        tuple(f for part in parts for f in part.free),
        tuple(r for part in parts for r in part.where),
    )


def _approached(question: Question, parts: tuple[Optimal, ...]) -> Optimal | None:
    """A common curve: parts that are attained stay at one of their points."""
    moving = [part for part in parts if not part.attained]
    curve = moving[0].curve_symbol
    along: dict[Symbol, Expr] = {}
    for part in parts:
        if part.attained:
            point = next((b for b in part.at if not b.numbers and not b.where), None)
            if point is None:
                return None
            first = dict.fromkeys((s for s, _ in point.free), S.Zero)
            along |= {v: e.xreplace(first) for v, e in point.at}
        elif part.curve_symbol is None or curve is None:
            return None
        else:
            along |= {v: e.xreplace({part.curve_symbol: curve}) for v, e in part.along}
    return Optimal(
        question.objective,
        question.variables,
        question.sense,
        Add(*(part.value for part in parts)),
        False,
        along=tuple((v, along[v]) for v in question.variables),
        curve_symbol=curve,
        through_integers=any(part.through_integers for part in moving),
    )
