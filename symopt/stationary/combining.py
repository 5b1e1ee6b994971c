"""A move of the solver: an equation minus a multiple of another, in which a function of several unknowns cancels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import Final, cast

from sympy import QQ, Add, Expr, Function, Mul, Poly, Pow, Rational, S, Symbol, cos, roots, sin
from sympy.polys.matrices import DomainMatrix

from symopt.derivation.claims import Cover, Step
from symopt.exact.gates import operations
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import canonical, factors
from symopt.stationary.boxing import by_boxes
from symopt.stationary.equations import slope_in
from symopt.stationary.inverting import quadratic_form
from symopt.stationary.solver import Solver, System, Unsolved
from symopt.stationary.steps import with_equations

MAX_OPERATIONS: Final = 150
MAX_REDUCED: Final = 600
STAND_IN: Final = Symbol("_c", real=True)


def by_rows(solver: Solver, system: System) -> Step | None:
    """Rational combinations of the equations that have fewer terms: rows are reduced, the longest terms first.

    After a linear change of variables every equation holds every term; the combinations part them again.
    """
    if len(system.equations) < 2 or sum(operations(e) for e in system.equations) > MAX_REDUCED:
        return None
    plain = tuple(_turned(e) for e in system.equations)
    for written in (plain, tuple(e.expand(power_exp=False) for e in plain)):
        terms = [dict(_coefficients(e)) for e in written]
        columns = sorted({t for row in terms for t in row}, key=lambda t: (-_weight(t, system), str(t)))
        matrix = DomainMatrix(
            [[QQ.from_sympy(row.get(c, S.Zero)) for c in columns] for row in terms],
            (len(terms), len(columns)),
            QQ,
        )
        units = DomainMatrix.eye(len(terms), QQ).to_dense()
        reduced = matrix.hstack(units).rref()[0].to_Matrix()
        rows = [list(reduced.row(i)) for i in range(reduced.rows)]
        kept = [row for row in rows if any(row[: len(columns)])]
        if sum(sum(map(bool, row[: len(columns)])) for row in kept) < sum(map(len, terms)):
            try:
                return _beside(solver, system, columns, kept)
            except Unsolved:
                continue
    return None


def by_rows_of_waves(solver: Solver, system: System) -> Step | None:
    """The same where there are waves, whose angles a product of them would hide."""
    return by_rows(solver, system) if any(e.has(sin, cos) for e in system.equations) else None


def _turned(equation: Expr) -> Expr:
    """sin(y - x) as -sin(x - y): the first symbol of an angle with a positive coefficient."""
    table: dict[Expr, Expr] = {}
    for wave in equation.atoms(sin, cos):
        angle = wave.args[0]
        first = next((angle.coeff(s) for s in sorted(angle.free_symbols, key=str)), S.Zero)
        if first.is_negative:
            turned = wave.func(-angle, evaluate=False)
            table[wave] = turned if isinstance(wave, cos) else -turned
    return equation.xreplace(table)


def _coefficients(equation: Expr) -> Iterator[tuple[Expr, Rational]]:
    """The terms of a sum with their rational coefficients."""
    for term in Add.make_args(equation):
        coefficient, rest = term.as_coeff_Mul()
        yield (rest, coefficient) if isinstance(coefficient, Rational) else (term, S.One)


def _weight(term: Expr, system: System) -> int:
    """How hard a term is to solve for: functions before powers, those of several unknowns first."""
    unknowns = set(system.unknowns)
    functions = [n for n in term.atoms(Function, Pow) if not (n.is_Pow and n.exp.is_Integer)]
    degree = sum(
        int(power) if power.is_Integer else 1
        for base, power in (f.as_base_exp() for f in Mul.make_args(term))
        if base.free_symbols & unknowns
    )
    return 100 * len(functions) + 10 * degree + len(term.free_symbols & unknowns)


def _beside(solver: Solver, system: System, columns: list[Expr], rows: list[list[Expr]]) -> Step:
    """The combinations beside the equations, and then alone."""
    n = len(columns)
    products = tuple(Add(*(c * t for c, t in zip(row, columns, strict=False) if c)) for row in rows)
    inner = solver.without(by_boxes)
    reduced = System(products, system.unknowns, system.context)
    return derived_from(system, products, [tuple(row[n:]) for row in rows], inner.solved(reduced))


def derived_from(
    system: System, products: Sequence[Expr], multiples: Sequence[tuple[Expr, ...]], step: Step
) -> Step:
    """The cover of combinations of the equations as one of the system: each is derived beside those before it."""
    for k in reversed(range(len(products))):
        known = (*system.equations, *products[:k])
        step = with_equations(step, (*known, products[k]))
        step = System(known, system.unknowns, system.context).cover(
            cast(Cover, step.claim).branches,
            "cover_multiplied",
            (step,),
            multiples=(*multiples[k], *(S.Zero for _ in range(k))),
            product=products[k],
        )
    return step


def by_combining(solver: Solver, system: System) -> Step | None:
    """cos(x + y) in two equations, with coefficients in proportion: their difference has one function less."""
    if any(operations(e) > MAX_OPERATIONS for e in system.equations):
        return None
    written = [e.expand(power_exp=False, power_base=False) for e in system.equations]
    for i, j in permutations(range(len(written)), 2):
        before = _functions(system, written[i])
        for function in sorted(before & _functions(system, written[j]), key=str):
            here, there = (collected(written[k], function) for k in (i, j))
            ratio = canonical(here / there) if here and there else S.Zero
            if not isinstance(ratio, Rational) or not ratio:
                continue
            difference = (written[i] - ratio * written[j]).expand(power_exp=False, power_base=False)
            left = _functions(system, difference)
            solvable = not left or any(slope_in(difference, u) is not None for u in system.unknowns)
            if not (left < before and solvable):
                continue
            multiples = tuple(S.One if k == i else -ratio if k == j else S.Zero for k in range(len(written)))
            try:
                return _replaced(solver, system, i, multiples, difference)
            except Unsolved:
                continue
    return None


def by_factored_sums(solver: Solver, system: System) -> Step | None:
    """e_i - c e_j that is a product, as in what is symmetric: x^3 - x + c y and y^3 - y + c x; or (x + y)^2 + k.

    Where there are two such c, both combinations take the places of both equations. For polynomials whose coefficients
    hold parameters, where no elimination is at hand.
    """
    if len(system.equations) < 2 or not _has_parameters(system):
        return None
    polys = [polynomial_or_none(e, *system.unknowns) for e in system.equations]
    if None in polys or sum(map(operations, system.equations)) > MAX_OPERATIONS:
        return None
    for i, j in combinations(range(len(polys)), 2):
        candidates = _ratios(cast(Poly, polys[i]), cast(Poly, polys[j]))
        products = {c: canonical(system.equations[i] - c * system.equations[j]) for c in candidates}
        found = [(c, product) for c, product in products.items() if _is_product(product, system)]
        if found:
            try:
                return _by_sums(solver, system, (i, j), *found[:2])
            except Unsolved:
                continue
    return None


def _by_sums(solver: Solver, system: System, places: tuple[int, int], *sums: tuple[Rational, Expr]) -> Step:
    """The system with e_i - c e_j in the place of e_i, and then e_i - d e_j in that of e_j."""
    (i, j), n = places, len(system.equations)
    c, first = sums[0]
    multiples = _row(n, {i: S.One, j: -c})
    if len(sums) == 1:
        return _replaced(solver, system, i, multiples, first)
    d, second = sums[1]
    replaced = system.replacing(i, first)
    step = _replaced(solver, replaced, j, _row(n, {i: S.One, j: c - d}), second)
    step = with_equations(step, replaced.equations)
    data = {"index": i, "multiples": multiples, "product": first}
    return system.cover(cast(Cover, step.claim).branches, "cover_multiplied", (step,), **data)


def _row(n: int, entries: dict[int, Expr]) -> tuple[Expr, ...]:
    return tuple(entries.get(k, S.Zero) for k in range(n))


def _has_parameters(system: System) -> bool:
    return any(e.free_symbols - set(system.unknowns) for e in system.equations)


def _is_product(expression: Expr, system: System) -> bool:
    """Whether several factors hold unknowns, or it is (a x + b y)^2 + k."""
    _, parts = factors(expression)
    if sum(system.among_unknowns(base) for base, _ in parts) > 1:
        return True
    form = quadratic_form(polynomial_or_none(expression, *system.unknowns))
    return form is not None and form[1] != 0 and canonical(form[1] ** 2 - 4 * form[0] * form[2]) == 0


def _ratios(first: Poly, second: Poly) -> tuple[Rational, ...]:
    """1, -1, rational c for which a power product cancels in first - c second, or its quadratic form is a square."""
    there = dict(second.terms())
    found = [S.One, S.NegativeOne, *(c / there[m] for m, c in first.terms() if m in there)]
    here, beside = quadratic_form(first), quadratic_form(second)
    if here is not None and beside is not None:
        a, b, c = (u - STAND_IN * v for u, v in zip(here[:3], beside[:3], strict=True))
        found += roots(b**2 - 4 * a * c, STAND_IN) if not (b**2 - 4 * a * c).free_symbols - {STAND_IN} else ()
    return tuple(dict.fromkeys(r for r in found if isinstance(r, Rational)))


def _replaced(solver: Solver, system: System, index: int, multiples: tuple[Expr, ...], product: Expr) -> Step:
    replaced = system.replacing(index, product)
    # Zeros in boxes are left to the system as it was, whose equations then define the numbers.
    inner = solver.without(by_boxes)
    step = with_equations(inner.solved(replaced), replaced.equations)
    branches = cast(Cover, step.claim).branches
    data = {"index": index, "multiples": multiples, "product": product}
    return system.cover(branches, "cover_multiplied", (step,), **data)


def collected(expression: Expr, function: Expr) -> Expr:
    """What a function is multiplied with in a sum: (x + y) log u + 1 gives x + y for log u."""
    return Add(*(term / function for term in Add.make_args(expression) if function in Mul.make_args(term)))


def _functions(system: System, expression: Expr) -> frozenset[Expr]:
    """The functions and roots of several unknowns."""
    nodes = (n for n in expression.atoms(Function, Pow) if not (n.is_Pow and n.exp.is_Integer))
    return frozenset(n for n in nodes if len(n.free_symbols & set(system.unknowns)) > 1)
