"""A move of the solver for one quadratic equation in several unknowns: circles, ellipses, spheres, hyperbolas.

Squares are completed, and a curve or surface is described by angles (or by cosh and sinh): a continuum of solutions.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from sympy import Add, Expr, S, Symbol, sqrt

from symopt.derivation.checker import follows
from symopt.derivation.checks_continua import QUADRICS
from symopt.derivation.claims import Branch, Cover, Holds, Step
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation
from symopt.stationary.algebraic import FAMILY_NAMES
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import with_equations


@dataclass(frozen=True)
class _Squares:
    """sum a_i u_i^2 + c, with affine forms u_i in triangular shape."""

    weights: tuple[Expr, ...]
    forms: tuple[Expr, ...]
    constant: Expr


def by_ellipse(solver: Solver, system: System) -> Step | None:
    """An ellipse or ellipsoid by angles, where nothing else bounds the region: x^2 + y^2 = 1 in x^2 + y^2 <= 1."""
    if len(system.equations) > 1 or not _is_bound_by(system.equations[0], system):
        return None
    squares = _completed(system.equations[0], system)
    if squares is None or len(squares.forms) < 2:
        return None
    signs = [
        signs_of_tree(quantity, system.context.relations) for quantity in (*squares.weights, squares.constant)
    ]
    if any(len(found) != 1 for found in signs):
        return None
    *weights, level = (next(iter(found)) for found in signs)
    return by_quadric(solver, system) if level and all(sign == -level for sign in weights) else None


def _is_bound_by(equation: Expr, system: System) -> bool:
    """Whether the relations of the region about the unknowns are about multiples of the left side alone."""
    touching = [r.expression for r in system.context.region if r.symbols & set(system.unknowns)]
    with suppress(NotExact):
        return not any(system.among_unknowns(canonical(expression / equation)) for expression in touching)
    return False


def by_quadric(solver: Solver, system: System) -> Step | None:
    """sum a_i u_i^2 = c with a_i of one sign (or, for two squares, of two): angles, or cosh and sinh."""
    for index, equation in enumerate(system.equations):
        squares = _completed(equation, system)
        if squares is None or len(squares.forms) < 2:
            continue
        signs, proofs = [], []
        for quantity in (*squares.weights, squares.constant):
            sign, step = solver.sign(quantity, system.context)
            signs.append(sign)
            proofs.append(step)
        *weights, level = signs
        if 0 in signs:
            continue
        turned = [-sign * level for sign in weights]  # 1 where -c / a_i is positive
        kind = {(1, 1): "ellipse", (1, 1, 1): "ellipsoid", (1, -1): "hyperbola"}.get(
            tuple(sorted(turned, reverse=True))
        )
        if kind is None:
            if not any(sign > 0 for sign in turned):
                parts = [a * u**2 for a, u in zip(squares.weights, squares.forms, strict=True)]
                return nowhere(system, equation, parts, squares.constant, level, tuple(proofs))
            continue
        order = sorted(range(len(turned)), key=lambda i: -turned[i])
        parts = [
            (squares.forms[i], sqrt(canonical(-turned[i] * squares.constant / squares.weights[i])))
            for i in order
        ]
        return _described(solver, system, index, kind, parts, -squares.constant, tuple(proofs))
    return None


def nowhere(
    system: System, equation: Expr, parts: list[Expr], constant: Expr, sign: int, proofs: tuple[Step, ...]
) -> Step | None:
    """A sum of squares and a number, all of one sign, is never 0."""
    claim = Holds(Relation(equation, ">" if sign > 0 else "<"))
    step = Step(system.context, claim, "signs", proofs, (("tree", Add(*parts, constant, evaluate=False)),))
    return system.cover((), "cover_none", (step,)) if follows(step) else None


def _completed(equation: Expr, system: System) -> _Squares | None:
    """The equation as a sum of squares of affine forms, one unknown less in each, with coefficients free of unknowns."""
    unknowns = [u for u in system.unknowns if equation.has(u)]
    weights, forms, rest = [], [], equation
    for unknown in unknowns:
        poly = polynomial_or_none(rest, unknown)
        if poly is None or poly.degree() != 2:
            return None
        a, b, c = poly.all_coeffs()
        if system.among_unknowns(a):
            return None
        weights.append(a)
        forms.append(canonical(unknown + b / (2 * a)))
        rest = canonical(c - b**2 / (4 * a))
    return None if system.among_unknowns(rest) else _Squares(tuple(weights), tuple(forms), rest)


def _described(
    solver: Solver,
    system: System,
    index: int,
    kind: str,
    parts: list[tuple[Expr, Expr]],
    rest: Expr,
    premises: tuple[Step, ...],
) -> Step:
    quadric = QUADRICS[kind]
    symbols = tuple(solver.fresh(FAMILY_NAMES) for _ in range(quadric.dimension))
    branches: list[Branch] = []
    covers = []
    for point in quadric.points(*symbols):
        replaced = system.replacing(
            index, *(form - size * value for (form, size), value in zip(parts, point, strict=True))
        )
        step = with_equations(solver.solved(replaced), replaced.equations)
        covers.append(step)
        branches += [
            branch.in_family(cast("tuple[Symbol, ...]", symbols))
            for branch in cast(Cover, step.claim).branches
        ]
    return system.cover(
        tuple(branches),
        "cover_quadric",
        (*premises, *covers),
        index=index,
        kind=kind,
        parts=tuple(parts),
        rest=rest,
        symbols=symbols,
    )


def by_two_roots(solver: Solver, system: System) -> Step | None:
    """a x^2 + b x + c = 0 where b and c hold other unknowns, with a discriminant that is nowhere negative."""
    for index, equation in enumerate(system.equations):
        for symbol in system.unknowns:
            poly = polynomial_or_none(equation, symbol)
            if poly is None or poly.degree() != 2 or system.among_unknowns(poly.LC()):
                continue
            a, b, c = poly.all_coeffs()
            lead = solver.nonzero(a, system.context)
            if not isinstance(lead, Step):
                continue
            root = canonical(sqrt(canonical((b**2 - 4 * a * c) / (4 * a**2))))
            values = tuple((canonical(-b / (2 * a)) + sign * root, ()) for sign in (S.NegativeOne, S.One))
            step = solver.follow(system, index, symbol, values, "cover_linear", (lead,), rest=a)
            return step
    return None
