"""Moves of the solver for powers with a symbolic exponent, and for roots of what holds unknowns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from sympy import Abs, Expr, Integer, Pow, S, Symbol, default_sort_key, floor, log

from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Cover, Holds, Step
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import without_known_kinks
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.boxing import by_boxes
from symopt.stationary.solver import Solver, System, Unsolved
from symopt.stationary.steps import arc_facts, with_equations

STAND_IN: Final = Symbol("_g", real=True)
SHIFTS: Final = tuple(map(Integer, (0, 1, -1, 2, -2)))
MAX_ROOT: Final = 3
MAX_OPERATIONS: Final = 150


@dataclass(frozen=True)
class _Power:
    """rest * (base^exponent - level), where the base or the exponent (`sought`) holds the unknowns."""

    base: Expr
    exponent: Expr
    level: Expr
    rest: Expr
    sought: str


def by_real_power(solver: Solver, system: System) -> Step | None:
    """a u^p + b u^q = 0 or a b^u + c = 0 with exponents that are no rational numbers."""
    for index, equation in enumerate(system.equations):
        for found in _powers(system, equation):
            step = _inverted(solver, system, index, found)
            if step is not None:
                return step
    return None


def _powers(system: System, equation: Expr) -> Iterator[_Power]:
    nodes = [n for n in equation.atoms(Pow) if not n.exp.is_Rational and system.among_unknowns(n)]
    for node in sorted(nodes, key=default_sort_key):
        poly = equation.xreplace({node: STAND_IN}).as_poly(STAND_IN)
        in_base, in_exponent = system.among_unknowns(node.base), system.among_unknowns(node.exp)
        if poly is None or poly.degree() != 1 or poly.has(node) or in_base == in_exponent:
            continue
        slope, offset = poly.all_coeffs()
        try:
            ratio = canonical(-offset / slope)
            for shift in SHIFTS if in_base else SHIFTS[:1]:
                level = canonical(ratio / node.base**shift)
                if not system.among_unknowns(level):
                    rest = slope * node.base**shift
                    sought = "base" if in_base else "exponent"
                    yield _Power(node.base, node.exp - shift, level, rest, sought)
                    break
        except NotExact:
            continue


def _inverted(solver: Solver, system: System, index: int, found: _Power) -> Step | None:
    positive = prove_relation(Relation(found.base, ">"), system.context)
    if positive is None:
        return None
    for_base = found.sought == "base"
    divided = solver.nonzero(found.exponent if for_base else found.base - 1, system.context)
    rest = solver.nonzero(found.rest, system.context)
    if not isinstance(divided, Step) or not isinstance(rest, Step):
        return None
    sign, proof = solver.sign(found.level, system.context)
    if sign <= 0:
        return solver.never_zero(system, system.equations[index])
    value = found.level ** (1 / found.exponent) if for_base else log(found.level) / log(found.base)
    replaced = system.replacing(index, (found.base if for_base else found.exponent) - value)
    step = with_equations(solver.solved(replaced), replaced.equations)
    return system.cover(
        cast(Cover, step.claim).branches,
        "cover_real_power",
        (positive, divided, rest, proof, step),
        index=index,
        **vars(found),
    )


def by_root(solver: Solver, system: System, places: tuple[int, ...] | None = None) -> Step | None:
    """a + b u^(j/n) = 0 gives a^n - (-b)^n u^j = 0, and a + b |u| = 0 gives a^2 - b^2 u^2 = 0.

    What solves only this is dropped again.
    """
    if any(operations(e) > MAX_OPERATIONS for e in system.equations):
        return None
    for index in range(len(system.equations)) if places is None else places:
        equation = system.equations[index]
        for node in sorted(
            (n for n in equation.atoms(Pow, Abs) if _is_root(n, system)), key=default_sort_key
        ):
            product, factor = _without_root(equation, node)
            if product is None or factor is None or not system.among_unknowns(product):
                continue
            try:
                return _without_others(solver, system, _consequence(solver, system, index, factor, product))
            except Unsolved:
                continue
    return None


def _is_root(node: Expr, system: System) -> bool:
    if isinstance(node, Abs):
        return system.among_unknowns(node)
    exponent = cast(Pow, node).exp
    return bool(
        exponent.is_Rational and 2 <= exponent.q <= MAX_ROOT and exponent > 0 and system.among_unknowns(node)
    )


def _without_root(equation: Expr, node: Expr) -> tuple[Expr | None, Expr | None]:
    """(e f, f) for an equation e that is linear in the root, up to whole powers, such that the root is not in e f."""
    if isinstance(node, Abs):
        n, root, power, table = 2, cast(Expr, node), node.args[0] ** 2, {node: STAND_IN}
    else:
        base, exponent = node.as_base_exp()
        exponent -= floor(exponent)
        n, root, power = int(exponent.q), Pow(base, exponent), base ** Integer(exponent.p)
        alike = (p for p in equation.atoms(Pow) if p.base == base and (p.exp - exponent).is_Integer)
        table = {p: base ** (p.exp - exponent) * STAND_IN for p in alike}
    poly = equation.xreplace(table).as_poly(STAND_IN)
    if poly is None or poly.degree() != 1 or poly.has(root):
        return None, None
    b, a = poly.all_coeffs()
    factor = sum((a ** (n - 1 - k) * (-b) ** k * root**k for k in range(n)), S.Zero)
    try:
        return canonical(a**n - (-b) ** n * power), factor
    except NotExact:
        return None, None


def _consequence(solver: Solver, system: System, index: int, factor: Expr, product: Expr) -> Step:
    """The cover by the solutions of the system with the product in the place of an equation."""
    replaced = system.replacing(index, product)
    # Zeros in boxes are left to the system as it was, whose equations then define the numbers.
    inner = solver.without(by_boxes)
    step = with_equations(inner.solved(replaced), replaced.equations)
    multiples = tuple(factor if k == index else S.Zero for k in range(len(system.equations)))
    return system.cover(
        cast(Cover, step.claim).branches,
        "cover_multiplied",
        (*_defined(system, factor), step),
        index=index,
        multiples=multiples,
        product=product,
    )


def _defined(system: System, factor: Expr) -> tuple[Step, ...]:
    """Proofs that what stands under the roots is not negative."""
    bases = dict.fromkeys(n.base for n in factor.atoms(Pow) if not n.exp.is_Integer)
    found = (prove_relation(Relation(base, ">="), system.context) for base in bases)
    return tuple(step for step in found if step is not None)


def _without_others(solver: Solver, system: System, cover: Step) -> Step:
    """The cover without the branches on which an equation is nowhere 0; splits the cell where parameters decide."""
    kept: list[Branch] = []
    premises = []
    branches = cast(Cover, cover.claim).branches
    for branch in branches:
        place = Context((), system.context.condition + branch.relations)
        broken = next((s for e in system.equations if (s := _nonzero(solver, e, branch, place))), None)
        if broken is None:
            kept.append(branch)
        else:
            premises.append(broken)
    if len(kept) == len(branches):
        return cover
    return system.cover(tuple(kept), "cover_outside", (cover, *premises))


def _nonzero(solver: Solver, equation: Expr, branch: Branch, place: Context) -> Step | None:
    """A proof that an equation is nowhere 0 on a branch."""
    if branch.numbers:
        return prove_relation(Relation(equation.xreplace(branch.values), "!="), place)
    whole = equation.xreplace(branch.values)
    try:
        value = canonical(without_known_kinks(canonical(whole), place.relations))
    except NotExact:
        return None
    if value == 0:
        return None
    step = prove_relation(Relation(value, "!="), place)
    if step is None and value.free_symbols <= solver.cell.parameters:
        found = solver.nonzero(value, place)
        step = found if isinstance(found, Step) else None
    if step is None or value == whole:
        return step
    claim = Holds(Relation(whole, "!="))
    step = Step(place, claim, "signs", (*arc_facts(whole, place), step), (("tree", value),))
    return step if follows(step) else None
