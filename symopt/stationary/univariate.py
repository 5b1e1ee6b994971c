"""Moves of the solver for an equation in one unknown alone: counted roots, radicals, the table of variation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from sympy import (
    Expr,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    default_sort_key,
    exp,
    fraction,
    gamma,
    log,
    loggamma,
    polygamma,
    sin,
    sqrt,
    together,
)

from symopt.derivation.claims import Context, Cover, Number, Step
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.relations import on_interval
from symopt.exact.roots import RealRoot, real_roots
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.boxing import by_boxes, has_waves
from symopt.stationary.conics import nowhere
from symopt.stationary.equations import up_to_sign
from symopt.stationary.inverting import by_absolute_value, by_power
from symopt.stationary.kernels import by_inverse, by_kernel, multiplied
from symopt.stationary.levels import by_level, by_one_piece, by_plain_turns
from symopt.stationary.parametric import by_counted_roots, given
from symopt.stationary.periodic import by_waves
from symopt.stationary.powers import by_root
from symopt.stationary.solver import Solver, System, Value, solved_for
from symopt.stationary.turns import by_turns
from symopt.stationary.zeros import isolate_zeros

MANY: Final = 100  # a degree that is not worth the roots of its polynomial
SIMPLE: Final = tuple(map(Rational, (0, 1, -1)))
Method = Callable[[Solver, System, int, Symbol], Step | None]


def by_one_unknown(solver: Solver, system: System) -> Step | None:
    """The first method that solves an equation in one unknown."""
    for index, equation in enumerate(system.equations):
        inside = [u for u in system.unknowns if equation.has(u)]
        if len(inside) != 1:
            continue
        for method in METHODS:
            step = method(solver, system, index, inside[0])
            if step is not None:
                return step
    return None


def by_roots(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """A polynomial over Q: its real roots, isolated and counted."""
    if system.equations[index].free_symbols != {symbol}:
        return None
    poly = polynomial_or_none(system.equations[index], symbol)
    if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ):
        return None
    values = tuple(value_of(solver, root) for root in real_roots(poly, symbol))
    return solver.follow(system, index, symbol, values, "cover_roots")


def value_of(solver: Solver, root: RealRoot) -> Value:
    radical = root.as_radical()
    if radical is not None:
        return radical, ()
    name = solver.fresh(tuple("rqzw"))
    refined = root.refined(Rational(1, 1024))
    number = Number(name, root.polynomial.xreplace({root.symbol: name}), root.index, refined.interval)
    return name, (number,)


def _quadratic(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """a x^2 + b x + c = 0 by the sign of the discriminant."""
    poly = polynomial_or_none(system.equations[index], symbol)
    if poly is None or poly.degree() != 2 or any(c.has(*system.unknowns) for c in poly.all_coeffs()):
        return None
    a, b, c = poly.all_coeffs()
    lead = solver.nonzero(a, system.context)
    if not isinstance(lead, Step):
        return None
    discriminant = canonical(b**2 - 4 * a * c)
    sign, step = solver.sign(discriminant, system.context)
    centre = solved_for(2 * a, b)
    if sign < 0:
        level = canonical(c - b**2 / (4 * a))
        side, proof = solver.sign(level, system.context)
        square = a * (symbol - centre) ** 2
        return nowhere(
            system, system.equations[index], [square], level, side, (lead, proof)
        ) or solver.never_zero(system, system.equations[index])
    if sign == 0 and discriminant != 0:
        return given(solver, system, index, Mul(a, (symbol - centre) ** 2, evaluate=False))
    root = S.Zero if sign == 0 else up_to_sign(sqrt(canonical(discriminant / (4 * a**2))))
    values = tuple((value, ()) for value in (centre - root, centre + root))
    return solver.follow(system, index, symbol, values, "cover_linear", (lead, step), rest=a)


def _variation(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The zeros of a function of one variable that no formula gives, isolated between monotone pieces."""
    equation = system.equations[index]
    if equation.free_symbols != {symbol}:
        return None
    found = isolate_zeros(equation, symbol, system.context, solver.fresh)
    if found is None:
        return None
    pieces, premises = found
    values = tuple(
        (zero.symbol, (zero,)) if isinstance(zero, Number) else (zero, ())
        for _, _, zero in pieces
        if zero is not None
    )
    return solver.follow(system, index, symbol, values, "cover_variation", premises, pieces=pieces)


def by_variation(solver: Solver, system: System) -> Step | None:
    """The only equation, in the only unknown."""
    if len(system.equations) != 1 or len(system.unknowns) != 1:
        return None
    return _variation(solver, system, 0, system.unknowns[0])


def _divided(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """An equation in a digamma function, which is monotone, without the factor before it: a - x digamma(x) = 0."""
    equation = system.equations[index]
    stand_in = Symbol("g_", real=True)
    for node in sorted(equation.atoms(polygamma), key=default_sort_key):
        factor = canonical(equation.xreplace({node: stand_in}).diff(stand_in))
        if not factor.has(symbol) or factor.has(
            gamma, loggamma, polygamma, stand_in, *set(system.unknowns) - {symbol}
        ):
            continue
        known = prove_relation(Relation(factor, "!="), system.context)
        divided = canonical((equation / factor).expand())
        if known is None:
            continue
        alone = equation.free_symbols == {symbol}
        step = None if alone else by_one_piece(solver, system, index, symbol, factor)
        if step is not None:
            return step
        if alone:
            return multiplied(solver, system, index, divided)
    return None


def _monotone(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """A strictly monotone function of the unknown, with parameters: c x - a sin x, c x + a cos x for |a| < c."""
    equation = system.equations[index]
    others = set(system.unknowns) - {symbol}
    if equation.free_symbols == {symbol} or equation.free_symbols & others:
        return None
    zero = next((v for v in SIMPLE if _vanishes(equation.xreplace({symbol: v}))), None)
    if zero is None and not equation.has(sin, cos):
        return None
    slope = canonical(derivative_by_table(equation, symbol))
    interval = Context((), on_interval(symbol, system.context.relations, None, None))
    steps = (prove_relation(Relation(slope, op), interval) for op in (">", "<"))
    found = next((step for step in steps if step is not None), None)
    if found is None:
        for quantity in _margins(slope, symbol):
            solver.sign(quantity, system.context)
        return None
    if zero is None:
        return by_one_piece(solver, system, index, symbol)
    pieces = ((None, None, zero),)
    return solver.follow(system, index, symbol, ((zero, ()),), "cover_variation", (found,), pieces=pieces)


def by_monotone_roots(solver: Solver, system: System) -> Step | None:
    """A strictly monotone sum of roots with parameters, whose squares would give a polynomial of high degree."""
    for index, equation in enumerate(system.equations):
        inside = [u for u in system.unknowns if equation.has(u)]
        others = equation.free_symbols - set(inside)
        if len(inside) != 1 or not others or not others <= solver.cell.parameters:
            continue
        (symbol,) = inside
        powers = [p for p in equation.atoms(Pow) if not p.exp.is_Integer and p.has(symbol)]
        roots = sorted({p.base for p in powers}, key=default_sort_key)
        square = all(p.exp.is_Rational and p.exp.q == 2 for p in powers)
        if (
            not roots
            or not square
            or (len(roots) == 1 and _degree_of_square(equation, roots[0], symbol) <= 2)
        ):
            continue
        interval = Context((), on_interval(symbol, system.context.relations, None, None))
        known = prove_sign(canonical(derivative_by_table(equation, symbol)), interval)
        step = by_one_piece(solver, system, index, symbol) if known is not None and known[0] != 0 else None
        if step is not None:
            return step
    return None


def _degree_of_square(equation: Expr, base: Expr, symbol: Symbol) -> int:
    """The degree of a^2 - b^2 u, for an equation a + b sqrt(u) without denominators."""
    root = Symbol("_r", real=True)
    table = {p: root ** (2 * p.exp) for p in equation.atoms(Pow) if p.base == base}
    poly = fraction(together(equation.xreplace(table)))[0].as_poly(root)
    if poly is None or poly.degree() > 1 or not poly.as_expr().is_polynomial(symbol, root):
        return MANY
    b, a = poly.all_coeffs() if poly.degree() == 1 else (S.Zero, poly.as_expr())
    parts = [part.as_poly(symbol) for part, _ in factors(a**2 - b**2 * base)[1]]
    return MANY if None in parts else max(int(part.degree()) for part in parts)


def _vanishes(value: Expr) -> bool:
    try:
        return canonical(value) == 0
    except NotExact:
        return False


def _margins(slope: Expr, symbol: Symbol) -> tuple[Expr, ...]:
    """c - k and c + k for c + k cos u, whose signs say whether it has one; nothing for other slopes."""
    waves = [wave for wave in slope.atoms(sin, cos) if wave.has(symbol)]
    poly = slope.as_poly(*waves) if len(waves) == 1 else None
    if poly is None or poly.degree() != 1 or any(c.has(symbol) for c in poly.all_coeffs()):
        return ()
    k, c = poly.all_coeffs()
    return c - k, c + k


def _boxes(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The zeros of a function of one variable alone, in boxes."""
    equation = system.equations[index]
    if equation.free_symbols != {symbol}:
        return None
    found = by_boxes(solver, System((equation,), (symbol,), system.context))
    if found is None or (system.equations, system.unknowns) == ((equation,), (symbol,)):
        return found
    values = tuple((b.values[symbol], b.numbers) for b in cast(Cover, found.claim).branches)
    return solver.follow(system, index, symbol, values, "cover_values", (found,))


def _boxes_for_waves(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The same, first, where sines and cosines would make a table of variation long."""
    return _boxes(solver, system, index, symbol) if has_waves(system.equations[index]) else None


def _touching(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The zeros of a function of one variable alone between its turning points, where it may be 0 too."""
    alone = system.equations[index].free_symbols == {symbol}
    return by_level(solver, system, index, symbol) if alone else None


def _root(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """What holds a root, without it: often a polynomial; with exponentials and parameters it is no simpler."""
    equation = system.equations[index]
    if equation.has(exp, log) and equation.free_symbols != {symbol}:
        return None
    return by_root(solver, system, (index,))


def _pure_power(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """a x^n + b = 0: x is a root of -b/a."""
    return by_power(solver, system, index)


METHODS: Final[tuple[Method, ...]] = (
    *(by_roots, _quadratic, by_inverse, by_absolute_value, by_kernel),
    *(_pure_power, by_counted_roots, by_waves),
    *(_root, _boxes_for_waves, by_turns, _divided, by_plain_turns, _variation, _monotone, _touching, _boxes),
)
