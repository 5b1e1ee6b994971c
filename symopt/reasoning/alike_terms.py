"""Sums with many terms alike, as losses over data are: one proof for the function that the terms have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Final, cast

from sympy import Add, Basic, Expr, Rational, Symbol

from symopt.cases import Cell, Split
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
OPPOSITE: Final = {"convex": "concave", "concave": "convex", "affine": "affine"}
LETTERS: Final = ("u", "v", "w", "z")
NUMBERS: Final = ("k", "m", "p", "q")
Term = tuple[Expr, Shape]
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
    own, groups = frozenset(variables), dict[tuple[object, ...], list[Term]]()
    for term in Add.make_args(total):
        multiple, rest = parted(term)
        shape = shape_of(rest, own)
        moves = len(shape.tokens) > 1 and shape.forms
        groups.setdefault((multiple.is_positive, *shape.tokens) if moves else (), []).append((term, shape))
    others = [term for term, _ in groups.pop((), [])]
    steps = []
    few = [group for group in groups.values() if len(group) < FEWEST]
    for group in (g for g in groups.values() if len(g) >= FEWEST):
        cell.budget.check()
        step = _step(group, variables, cell, region, prove)
        if step is None:
            return (), ()
        steps.append(step)
    for group in _up_to_numbers(few):
        step = _step(group, variables, cell, region, prove) if len(group) >= FEWEST else None
        if step is None:
            others += (term for term, _ in group)
        else:
            steps.append(step)
    return tuple(steps), tuple(others)


def _up_to_numbers(groups: list[list[Term]]) -> Iterable[list[Term]]:
    """Small groups put together where they differ in the numbers with which sums and products begin."""
    found: dict[tuple[object, ...], list[Term]] = {}
    for group in groups:
        term, shape = group[0]
        tokens = list(shape.tokens)
        for place in shape.numbers:
            tokens[place] = None
        found.setdefault((parted(term)[0].is_positive, shape.numbers, *tokens), []).extend(group)
    return found.values()


def _step(
    group: list[Term], variables: tuple[Symbol, ...], cell: Cell, region: Step | None, prove: Prove
) -> Step | None:
    """The step for terms that are alike; of few among many variables in their own, so that no step names them all."""
    terms, shapes = zip(*group, strict=True)
    first, positive = shapes[0], bool(parted(terms[0])[0].is_positive)
    varied = [k for k in first.numbers if len({shape.tokens[k] for shape in shapes}) > 1]
    names = _free_names(LETTERS, len(first.forms), cell)
    numbers = _free_names(NUMBERS, len(varied), cell)
    table: dict[Expr, Expr] = dict(zip(first.forms, names, strict=True))
    table |= {node: factor * names[place] for node, (place, factor) in first.multiples.items()}
    standing = dict(zip(varied, numbers, strict=True))
    function = cast(Expr, _with_letters(parted(terms[0])[1], table, standing, count()))
    about = tuple(_signs_of_numbers(standing, shapes))
    sides = tuple(_sides(names, shapes, cell)) if cell.context.region else ()
    try:
        where = (*sides, *natural_domain(function, (*sides, *about)))
    except InputError:
        return None
    condition = (*cell.context.condition, *about)
    inner = _proved(Cell(function, names, Context(where, condition), cell.budget), bool(numbers), prove)
    if inner is None:
        return None
    said = cast(Curved, inner.claim)
    kind = said.kind if positive else OPPOSITE[said.kind]
    total = Add._from_args(terms)  # as they stand in a sum, in its order
    own = variables if cell.context.region else _own(total, variables)
    premises = (inner,) if region is None else (inner, region)
    data = (("numbers", numbers),) if numbers else ()
    step = Step(cell.context, Curved(total, own, kind), "alike_terms", premises, data)
    strict = replace(step, claim=Curved(total, own, kind, True))
    if kind != "affine" and (covers(step) or bends_everywhere(step, own)) and follows(strict):
        return strict
    return step if follows(step) else None


def _proved(cell: Cell, with_numbers: bool, prove: Prove) -> Step | None:
    """The curvature of the function; for all its numbers at once or not at all."""
    if not with_numbers:
        return prove(cell)
    try:
        return cell.budget.share(0.2).within(lambda: prove(cell), lambda: None)
    except Split:
        return None


def _signs_of_numbers(standing: Mapping[int, Symbol], shapes: tuple[Shape, ...]) -> Iterator[Relation]:
    """What the numbers in the same place of all terms have in common."""
    for place, number in standing.items():
        signs = {cast(Rational, shape.tokens[place]).p > 0 for shape in shapes}
        if len(signs) == 1:
            yield Relation(number, ">" if True in signs else "<")


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


def _free_names(letters: tuple[str, ...], size: int, cell: Cell) -> tuple[Symbol, ...]:
    """Names that stand for nothing else."""
    taken = {s.name for s in free_symbols(cell.objective).union(*(r.symbols for r in cell.context.relations))}
    taken |= {v.name for v in cell.variables}
    free = (
        name
        for name in (*letters, *(f"{letters[0]}{k}" for k in range(1, len(taken) + size)))
        if name not in taken
    )
    return tuple(Symbol(name, real=True) for name, _ in zip(free, range(size), strict=False))


def _with_letters(
    node: Basic, table: dict[Expr, Expr], numbers: Mapping[int, Symbol], place: Iterator[int]
) -> Basic:
    """The tree with a letter for each form, and for the numbers at some places in its order, as it stands otherwise."""
    here = next(place)
    if here in numbers:
        return numbers[here]
    if node in table:
        return table[cast(Expr, node)]
    parts = [_with_letters(part, table, numbers, place) for part in node.args]
    return unevaluated(node.func, parts) if parts else node
