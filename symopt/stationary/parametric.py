"""Moves of the solver for a polynomial in one unknown with parameters: roots counted, multiple roots split off."""

from __future__ import annotations

from typing import Final, cast

from sympy import Expr, Mul, Poly, S, Symbol

from symopt.derivation.claims import Cover, Holds, Number, Step
from symopt.exact.gates import operations
from symopt.exact.normal import canonical
from symopt.exact.relations import reduced
from symopt.exact.root_counts import around_mean, at_mean, count_by_signs, subdiscriminants
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_sign
from symopt.relation import Relation
from symopt.stationary.solver import Solver, System, Unsolved, Value
from symopt.stationary.steps import with_equations

MAX_DEGREE: Final = 5
NAMES: Final = tuple("rqzw")
POSSIBLE: Final = frozenset((-1, 0, 1))


def by_counted_roots(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The k-th real root of a polynomial in one unknown, in each cell of its coefficients."""
    equation = system.equations[index]
    poly = equation.as_poly(symbol)
    if poly is None or not 2 < poly.degree() <= MAX_DEGREE or equation.free_symbols == {symbol}:
        return None
    if any(system.among_unknowns(c) for c in poly.all_coeffs()):
        return None
    lead, proof = solver.sign(poly.LC(), system.context)
    if lead == 0:
        return given(solver, system, index, canonical(equation - poly.LC() * symbol ** poly.degree()))
    *lower, discriminant = subdiscriminants(poly)
    sign, step = solver.sign(discriminant, system.context)
    if sign == 0:
        return _with_multiple_root(solver, system, index, poly)
    signs, premises = [POSSIBLE] * len(lower), [proof, step]
    count = count_by_signs((*signs, SIGNS_OF[">" if sign > 0 else "<"]))
    for place in range(len(lower)):
        if count is not None:
            break
        one, step = solver.sign(lower[place], system.context)
        signs[place] = frozenset((one,))
        premises.append(step)
        count = count_by_signs((*signs, SIGNS_OF[">" if sign > 0 else "<"]))
    if count is None:
        return None
    middle = at_mean(poly)
    known = prove_sign(middle, system.context)  # it is not worth a split
    premises += [] if known is None else [known[1]]
    facts = system.context.relations + tuple(cast(Holds, p.claim).relation for p in premises)
    values: list[Value] = []
    for place in range(count):
        name = solver.fresh(NAMES)
        slope = lead * (1 if (count - 1 - place) % 2 == 0 else -1)
        interval = around_mean(poly, place, count, signs_of_tree(middle, facts))
        number = Number(name, equation.xreplace({symbol: name}), place, interval, slope)
        values.append((name, (number,)))
    return solver.follow(system, index, symbol, tuple(values), "cover_counted", tuple(premises))


def given(solver: Solver, system: System, index: int, other: Expr) -> Step:
    """The equation written in another way that the equations between the parameters allow."""
    replaced = system.replacing(index, other)
    step = with_equations(solver.solved(replaced), replaced.equations)
    return system.cover(cast(Cover, step.claim).branches, "cover_given", (step,), index=index, other=other)


def _with_multiple_root(solver: Solver, system: System, index: int, poly: Poly) -> Step | None:
    """P = (x - u)^k Q, where the first subresultant that is not 0 gives u."""
    symbol, relations = cast(Symbol, poly.gen), system.context.relations
    chain = poly.subresultants(poly.diff(symbol))
    linear = next((p for p in chain if p.degree() == 1), None)
    root: Expr | None = None
    if linear is not None and isinstance(solver.nonzero(linear.LC(), system.context), Step):
        root = -linear.TC() / linear.LC()
    elif poly.degree() == 3:
        root = -poly.all_coeffs()[1] / (3 * poly.LC())
    if root is None:
        raise Unsolved("a polynomial with several multiple roots")
    root = _short(root, relations)
    rest, times = poly, 0
    while times < poly.degree():
        quotient, remainder = _divided(rest, root)
        if reduced(remainder, relations) != 0:
            break
        rest, times = quotient, times + 1
    if times < 2:
        return None
    coefficients = [_short(c, relations) for c in rest.all_coeffs()]
    factor = sum((c * symbol ** (len(coefficients) - 1 - i) for i, c in enumerate(coefficients)), S.Zero)
    return given(solver, system, index, Mul((symbol - root) ** times, factor, evaluate=False))


def _short(expression: Expr, relations: tuple[Relation, ...]) -> Expr:
    """The shorter one of the canonical form and of what given equations make of it."""
    forms = (canonical(expression), canonical(reduced(canonical(expression), relations)))
    return min(forms, key=operations)


def _divided(poly: Poly, root: Expr) -> tuple[Poly, Expr]:
    """Quotient and remainder by x - root (Horner)."""
    coefficients: list[Expr] = []
    for c in poly.all_coeffs():
        coefficients.append(canonical(c + root * coefficients[-1]) if coefficients else c)
    return Poly.from_list(coefficients[:-1] or [S.Zero], poly.gen), coefficients[-1]
