"""Moves of the solver for sines, cosines and tangents: equal waves, polynomials in a sine or a cosine.

Solutions come as lattices, with a fresh integer symbol for each period; every family keeps one full turn, so that
f'' and all that follows from it is the same for each of its members where f has that period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Poly,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    default_sort_key,
    floor,
    pi,
    sin,
    sqrt,
    tan,
    together,
)

from symopt.derivation.checks_waves import EQUAL_WAVES, parts_of_integers
from symopt.derivation.claims import Branch, Cover, Step
from symopt.exact.enclosure import enclose
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.algebraic import split_on
from symopt.stationary.kernels import by_polynomial_in
from symopt.stationary.lattices import LATTICE_NAMES
from symopt.stationary.solver import OpenSign, Solver, System
from symopt.stationary.steps import arc_facts, with_equations

WAVES: Final = (sin, cos, tan)
ARCS: Final = {sin: asin, cos: acos, tan: atan}
MAX_TURNS: Final = 10**6
TWELFTHS: Final = tuple(Rational(k, 12) * pi for k in range(-11, 13))


@dataclass(frozen=True)
class EqualWaves:
    """rest * (function(inner) - function(other)) with rest != 0."""

    function: type
    inner: Expr
    other: Expr
    rest: Expr


def by_equal_waves(solver: Solver, system: System) -> Step | None:
    """g(u) = g(v), or g(u) = c: u = v up to the symmetry of g and its period."""
    for index, equation in enumerate(system.equations):
        found = (
            _level(solver, system, equation)
            or _one_of_a_sum(system, equation)
            or _two_waves(system, equation)
        )
        if found is None:
            continue
        if isinstance(found, Step):
            return found
        lead = solver.nonzero(found.rest, system.context)
        if isinstance(lead, Step):
            return _turned(solver, system, index, found, (lead,))
    return None


def _turned(
    solver: Solver, system: System, index: int, found: EqualWaves, premises: tuple[Step, ...]
) -> Step:
    turn = solver.fresh(LATTICE_NAMES, integer=True)
    branches: list[Branch] = []
    covers: list[Step] = []
    cuts: list[tuple[Integer, bool] | None] = []
    for value in dict.fromkeys(EQUAL_WAVES[found.function](found.other, turn)):
        replaced = system.replacing(index, found.inner - value)
        try:
            cut, parts = None, _by_parts_of_integers(solver, replaced, turn, None)
        except OpenSign as stopped:
            cut = _where_zero(stopped.quantity, turn)
            if cut is None:
                raise
            parts = _by_parts_of_integers(solver, replaced, turn, cut)
        cuts.append(cut)
        covers += [step for step, _ in parts]
        branches += [branch for _, found_there in parts for branch in found_there]
    return system.cover(
        tuple(branches),
        "cover_periodic",
        (*premises, *arc_facts(found.other, system.context), *covers),
        index=index,
        function=found.function,
        inner=found.inner,
        other=found.other,
        rest=found.rest,
        turn=turn,
        **({"cuts": tuple(cuts)} if any(cuts) else {}),
    )


def _by_parts_of_integers(
    solver: Solver, system: System, turn: Symbol, cut: tuple[Integer, bool] | None
) -> list[tuple[Step, list[Branch]]]:
    """The covers for the parts of the integers, and their branches as lattices."""
    made = []
    for at, relations in parts_of_integers(turn, cut):
        equations = tuple(e.xreplace(at) for e in system.equations)
        part = System(equations, system.unknowns, system.context.with_condition(*relations))
        step = with_equations(solver.solved(part), equations)
        made.append((step, [b.in_lattice(turn, relations) for b in cast(Cover, step.claim).branches]))
    return made


def _where_zero(quantity: Expr, turn: Symbol) -> tuple[Integer, bool] | None:
    """The integer at which a quantity a n + b is 0, or the last one before it changes its sign."""
    poly = quantity.as_poly(turn) if quantity.free_symbols == {turn} else None
    if poly is None or poly.degree() != 1:
        return None
    ends = enclose(cast(Expr, -poly.TC() / poly.LC()), {}, 30)
    if ends is None or abs(ends[0]) > MAX_TURNS:
        return None
    nearest = Integer(round((ends[0] + ends[1]) / 2))
    if signs_of_constant(quantity.xreplace({turn: nearest})) == SIGNS_OF["=="]:
        return nearest, True
    return Integer(floor(ends[0])), False


def _waves_in(system: System, equation: Expr) -> list[Expr]:
    found = (node for node in equation.atoms(*WAVES) if system.among_unknowns(node))
    return sorted(found, key=default_sort_key)


def _level(solver: Solver, system: System, equation: Expr) -> EqualWaves | Step | None:
    """a g(u) + b = 0 with a and b free of the unknowns: g(u) = c."""
    waves = _waves_in(system, equation)
    if len(waves) != 1:
        return None
    (wave,) = waves
    stand_in = Symbol("_g", real=True)
    poly = equation.xreplace({wave: stand_in}).as_poly(stand_in)
    if poly is None or poly.degree() != 1 or poly.has(*system.unknowns):
        return None
    slope, offset = poly.all_coeffs()
    lead = solver.nonzero(slope, system.context)
    if not isinstance(lead, Step):
        return None
    level = canonical(-offset / slope)
    if not isinstance(wave, tan):
        sign, beyond = solver.sign(canonical(1 - level**2), system.context)
        if sign < 0:
            data = {"index": system.equations.index(equation), "wave": wave, "level": level, "rest": slope}
            return system.cover((), "cover_beyond", (lead, beyond), **data)
        if sign == 0:
            level = S.One if solver.sign(level, system.context)[0] > 0 else S.NegativeOne
    return EqualWaves(wave.func, wave.args[0], ARCS[wave.func](level), slope)


def _one_of_a_sum(system: System, equation: Expr) -> EqualWaves | None:
    """sin u cos v + cos u sin v = sin(u + v), and the other theorems of addition, beside a constant factor."""
    terms = Add.make_args(equation)
    if len(terms) != 2 or len(equation.free_symbols & set(system.unknowns)) < 2:
        return None
    split = [term.as_independent(sin, cos, as_Add=False) for term in terms]
    (a, first), (b, second) = sorted(split, key=lambda pair: not pair[1].has(sin))
    pairs = [Mul.make_args(product) for product in (first, second)]
    if abs(a) != abs(b) or system.among_unknowns(a):
        return None
    if not all(len(pair) == 2 and all(isinstance(w, (sin, cos)) for w in pair) for pair in pairs):
        return None
    kinds = [sum(isinstance(w, sin) for w in pair) for pair in pairs]
    u, v = (w.args[0] for w in sorted(pairs[0], key=lambda w: not isinstance(w, sin)))
    if {u, v} != {w.args[0] for w in pairs[1]}:
        return None
    if kinds == [1, 1]:  # a sin u cos v + b cos u sin v
        inner = u + v if a == b else u - v
        return EqualWaves(sin, inner, S.Zero, a)
    if sorted(kinds) == [0, 2]:  # a sin u sin v + b cos u cos v
        inner = u - v if a == b else u + v
        return EqualWaves(cos, inner, pi / 2, b)
    return None


def _two_waves(system: System, equation: Expr) -> EqualWaves | None:
    """a g(u) + b h(v) with a = b or a = -b, in at least two unknowns."""
    terms = Add.make_args(equation)
    if len(terms) != 2 or len(equation.free_symbols & set(system.unknowns)) < 2:
        return None
    split = [term.as_independent(sin, cos, as_Add=False) for term in terms]
    (a, first), (b, second) = sorted(split, key=lambda pair: (not isinstance(pair[1], sin), str(pair[1])))
    if not all(isinstance(wave, (sin, cos)) for wave in (first, second)):
        return None
    if any(system.among_unknowns(factor) for factor in (a, b)):
        return None
    try:
        same, opposite = canonical(a + b) == 0, canonical(a - b) == 0
    except NotExact:
        return None
    if not (same or opposite):
        return None
    u, v = first.args[0], second.args[0]
    if isinstance(first, sin):
        v = v if isinstance(second, sin) else pi / 2 - v
        return EqualWaves(sin, u, v if same else -v, a)
    return EqualWaves(cos, u, v if same else pi - v, a)


def by_waves(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """A polynomial in the sine and cosine of one angle, in one unknown."""
    equation = _without_phases(system.equations[index], symbol)
    angles = {wave.args[0] for wave in _waves_in(system, equation)}
    if len(angles) != 1:  # multiples of an angle are written in that one
        try:
            equation = canonical(equation)
        except NotExact:
            return None
    waves = _waves_in(system, equation)
    angles = {wave.args[0] for wave in waves}
    if len(angles) != 1 or any(isinstance(wave, tan) for wave in waves):
        return None
    (angle,) = angles
    kinds = {wave.func for wave in waves}
    if len(kinds) == 1:
        (wave,) = waves
        unit = solver.fresh(("k",))
        ends = (Relation(unit + 1, ">="), Relation(1 - unit, ">="))
        poly = equation.xreplace({wave: unit})
        if poly.has(symbol) or poly.as_poly(unit) is None:
            return None
        return by_polynomial_in(solver, system, index, wave, unit, poly, ends)
    s, c = Symbol("_s", real=True), Symbol("_c", real=True)
    poly = equation.xreplace({sin(angle): s, cos(angle): c}).as_poly(s, c)
    if poly is None or poly.has(symbol):
        return None
    if poly.total_degree() == 1:
        step = _one_phase(solver, system, index, angle, poly)
        if step is not None:
            return step
    return _without_sine(solver, system, index, equation, angle, (s, c))


def _without_phases(equation: Expr, symbol: Symbol) -> Expr:
    """cos(x - 1) as cos(1) cos(x) + sin(1) sin(x), where the angles have one speed and differ in their phases alone."""
    waves = [wave for wave in equation.atoms(*WAVES) if wave.has(symbol)]
    parts = {wave: wave.args[0].as_independent(symbol, as_Add=True) for wave in waves}
    moving = {angle for _, angle in parts.values()}
    phases = {phase for phase, _ in parts.values()}
    plain = all(isinstance(wave, (sin, cos)) for wave in waves) and all(phase.is_number for phase in phases)
    if len(moving) != 1 or len(phases) < 2 or not plain:
        return equation
    written = {
        wave: sin(angle) * cos(phase) + cos(angle) * sin(phase)
        if isinstance(wave, sin)
        else cos(angle) * cos(phase) - sin(angle) * sin(phase)
        for wave, (phase, angle) in parts.items()
    }
    return cast(Expr, equation.xreplace(written).expand(trig=False))


def _one_phase(solver: Solver, system: System, index: int, angle: Expr, poly: Poly) -> Step | None:
    """a cos u + b sin u + d: one wave R cos(u - phase), with a phase in twelfths of pi; a tangent where d = 0."""
    s, c = poly.gens
    a, b, d = poly.coeff_monomial(c), poly.coeff_monomial(s), poly.coeff_monomial(1)
    if all(value.is_number for value in (a, b, d)):
        size = sqrt(canonical(a**2 + b**2))
        for phase in TWELFTHS:
            if canonical(size * cos(phase) - a) == 0 and canonical(size * sin(phase) - b) == 0:
                shifted = System(
                    system.replacing(index, size * cos(angle - phase) + d).equations,
                    system.unknowns,
                    system.context,
                )
                step = with_equations(solver.solved(shifted), shifted.equations)
                return system.cover(
                    cast(Cover, step.claim).branches,
                    "cover_multiplied",
                    (step,),
                    index=index,
                    multiples=tuple(S.One if i == index else S.Zero for i in range(len(system.equations))),
                    product=shifted.equations[index],
                )
    if d != 0:
        return None
    nonzero = prove_relation(Relation(cos(angle), "!="), system.context)
    if nonzero is None:
        return split_on(solver, system, cos(angle))
    lead = solver.nonzero(b, system.context)
    if not isinstance(lead, Step):
        return None
    level = min(canonical(-a / b), together(-a / b), key=operations)
    found = EqualWaves(tan, angle, atan(level), b * cos(angle))
    return _turned(solver, system, index, found, (lead, nonzero))


def _without_sine(
    solver: Solver, system: System, index: int, equation: Expr, angle: Expr, stand_ins: tuple[Symbol, Symbol]
) -> Step | None:
    """A(c) + s B(c) = 0 gives A(c)^2 = (1 - c^2) B(c)^2, a polynomial in the cosine alone; then each value is tried."""
    s, c = stand_ins
    poly = equation.xreplace({sin(angle): s, cos(angle): c}).as_poly(s)
    if poly is None or poly.degree() != 1:
        return None
    odd, even = poly.all_coeffs()
    back = {s: sin(angle), c: cos(angle)}
    factor = (even - s * odd).xreplace(back)
    product = (even**2 - (1 - c**2) * odd**2).expand().xreplace(back)
    joined = System((*system.equations, product), system.unknowns, system.context)
    step = by_waves(
        solver, joined, len(system.equations), next(iter(angle.free_symbols & set(system.unknowns)))
    )
    if step is None:
        return None
    return system.cover(
        cast(Cover, step.claim).branches,
        "cover_multiplied",
        (with_equations(step, joined.equations),),
        multiples=tuple(factor if i == index else S.Zero for i in range(len(system.equations))),
        product=product,
    )
