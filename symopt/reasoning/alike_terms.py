"""Sums with many terms alike, as losses over data are: one proof for the function that the terms have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Basic, Expr, Symbol

from symopt.cases import Cell
from symopt.derivation.alike import Shape, parted, shape_of
from symopt.derivation.checker import follows
from symopt.derivation.checks_alike import Given
from symopt.derivation.claims import Context, Curved, Step
from symopt.derivation.strictness import bends_everywhere, covers
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.dependence import free_symbols
from symopt.reading.building import unevaluated
from symopt.relation import Relation

FEWEST: Final = 8  # terms for which one proof is easier to read than a proof for each
MAX_SPANNED: Final = 10**5  # entries of the directions in which the terms of a sum are strictly curved
OPPOSITE: Final = {"convex": "concave", "concave": "convex", "affine": "affine"}
LETTERS: Final = ("u", "v", "w", "z")
Prove = Callable[[Cell], Step | None]


def alike_terms(
    total: Expr, variables: tuple[Symbol, ...], cell: Cell, region: Step | None, prove: Prove
) -> tuple[tuple[Step, ...], tuple[Expr, ...]]:
    """A step for each group of terms of a sum that are alike and bent one way, and the terms that are in none.

    `prove` is asked for the curvature of the function of a group. Nothing is given where there is no such group, or
    where the function of one is not shown to be curved.
    """
    if region is None and cell.context.region:
        return (), ()
    own, groups = frozenset(variables), dict[tuple[object, ...], list[tuple[Expr, Shape]]]()
    for term in Add.make_args(total):
        multiple, rest = parted(term)
        shape = shape_of(rest, own)
        moves = len(shape.tokens) > 1 and shape.forms
        groups.setdefault((multiple.is_positive, *shape.tokens) if moves else (), []).append((term, shape))
    others: list[Expr] = [term for term, _ in groups.pop((), [])]
    steps = []
    for key, group in groups.items():
        terms, shapes = zip(*group, strict=True)
        if len(group) < FEWEST:
            others += terms
            continue
        cell.budget.check()
        step = _step(terms, shapes, bool(key[0]), variables, cell, region, prove)
        if step is None:
            return (), ()
        steps.append(step)
    return tuple(steps), tuple(others)


def _step(
    terms: tuple[Expr, ...],
    shapes: tuple[Shape, ...],
    positive: bool,
    variables: tuple[Symbol, ...],
    cell: Cell,
    region: Step | None,
    prove: Prove,
) -> Step | None:
    """The step for terms that are alike; of few among many variables in their own, so that no step names them all."""
    first = shapes[0].forms
    names = _letters(len(first), cell)
    table: dict[Expr, Expr] = dict(zip(first, names, strict=True))
    table |= {node: factor * names[place] for node, (place, factor) in shapes[0].multiples.items()}
    function = cast(Expr, _with_letters(parted(terms[0])[1], table))
    sides = tuple(_sides(names, shapes, cell)) if cell.context.region else ()
    try:
        where = (*sides, *natural_domain(function, sides))
    except InputError:
        return None
    inner = prove(Cell(function, names, Context(where, cell.context.condition), cell.budget))
    if inner is None:
        return None
    said = cast(Curved, inner.claim)
    kind = said.kind if positive else OPPOSITE[said.kind]
    total = Add._from_args(terms)  # as they stand in a sum, in its order
    own = variables if cell.context.region else _own(total, variables)
    premises = (inner,) if region is None else (inner, region)
    step = Step(cell.context, Curved(total, own, kind), "alike_terms", premises)
    strict = replace(step, claim=Curved(total, own, kind, True))
    spanned = len(terms) * len(own) <= MAX_SPANNED
    if kind != "affine" and (covers(step) or (spanned and bends_everywhere(step, own))) and follows(strict):
        return strict
    return step if follows(step) else None


def _sides(letters: tuple[Symbol, ...], shapes: tuple[Shape, ...], cell: Cell) -> Iterator[Relation]:
    """The signs that the region gives to what stands in the same place of all terms."""
    given = Given(cell.context.relations)
    for place, letter in enumerate(letters):
        forms = tuple(shape.forms[place] for shape in shapes)
        for op in (">", "<", ">=", "<="):
            if all(given.gives(Relation(form, op)) for form in forms):
                yield Relation(letter, op)
                break


def _own(total: Expr, variables: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    used = free_symbols(total)
    return tuple(v for v in variables if v in used)


def _letters(count: int, cell: Cell) -> tuple[Symbol, ...]:
    """Names that stand for nothing else."""
    taken = {s.name for s in free_symbols(cell.objective).union(*(r.symbols for r in cell.context.relations))}
    taken |= {v.name for v in cell.variables}
    free = (
        name for name in (*LETTERS, *(f"u{k}" for k in range(1, len(taken) + count))) if name not in taken
    )
    return tuple(Symbol(name, real=True) for name, _ in zip(free, range(count), strict=False))


def _with_letters(node: Basic, table: dict[Expr, Expr]) -> Basic:
    """The tree with a letter for each form, as it stands otherwise."""
    if node in table:
        return table[cast(Expr, node)]
    return unevaluated(node.func, [_with_letters(part, table) for part in node.args]) if node.args else node
