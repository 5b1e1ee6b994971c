"""Moves of the solver that undo one function: powers, exponentials and logarithms on both sides of an equation."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Expr, Mul, Poly, Pow, Rational, S, Symbol, exp, log

from symopt.derivation.claims import Branch, Cover, Step
from symopt.derivation.covering import even_power
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.equations import exponents_in, up_to_sign
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import defined, with_equations

MAX_EXPONENT: Final = 12


def by_equal_values(solver: Solver, system: System) -> Step | None:
    """a exp(u) + b exp(v) = 0, or log(u) - log(v) = c, with an unknown on both sides."""
    for index, equation in enumerate(system.equations):
        step = _exponentials(solver, system, index, equation) or _logarithms(solver, system, index, equation)
        if step is not None:
            return step
    return None


def by_single_value(solver: Solver, system: System) -> Step | None:
    """a exp(u) + b = 0 or a log(u) + b = 0, where u alone holds unknowns, several of them: u is a number."""
    for index, equation in enumerate(system.equations):
        nodes = [node for node in equation.atoms(exp, log) if system.among_unknowns(node)]
        if len(nodes) != 1 or len(equation.free_symbols & set(system.unknowns)) < 2:
            continue
        (outer,) = nodes
        stand_in = Symbol("_g", real=True)
        poly = equation.xreplace({outer: stand_in}).as_poly(stand_in)
        if poly is None or poly.degree() != 1 or system.among_unknowns(poly.as_expr()):
            continue
        slope, offset = poly.all_coeffs()
        lead = solver.nonzero(slope, system.context)
        if not isinstance(lead, Step):
            continue
        level = canonical(-offset / slope)
        premises: tuple[Step, ...] = (lead,)
        if isinstance(outer, exp):
            sign, proof = solver.sign(level, system.context)
            if sign <= 0:
                return solver.never_zero(system, equation)
            premises = (lead, proof)
        return inverted(solver, system, index, slope, outer.func, outer.args[0], level, premises)
    return None


def by_logarithm_of_unknown(solver: Solver, system: System) -> Step | None:
    """a log(x) + b = 0, with b free of x: x = e^(-b/a), where another solution would put a logarithm into one."""
    for index, equation in enumerate(system.equations):
        nodes = [node for node in equation.atoms(log) if system.among_unknowns(node)]
        if len(nodes) != 1 or nodes[0].args[0] not in system.unknowns:
            continue
        (node,) = nodes
        slope = equation.coeff(node)
        offset = equation - slope * node
        others = offset.free_symbols & set(system.unknowns)
        beside = [e for place, e in enumerate(system.equations) if place != index]
        nested = any(inner.has(*others) for e in beside for inner in e.atoms(log)) if others else False
        if not nested or offset.has(node.args[0]) or not slope.is_Rational or slope == 0:
            continue
        level = canonical(-offset / slope)
        return inverted(solver, system, index, slope, log, node.args[0], level, ())
    return None


def _exponentials(solver: Solver, system: System, index: int, equation: Expr) -> Step | None:
    terms = [_exponential_term(term) for term in Add.make_args(equation.expand(power_exp=False))]
    if len(terms) != 2 or any(system.among_unknowns(factor) for factor, _ in terms):
        return None
    (a, u), (b, v) = terms
    if not all(system.among_unknowns(power) for power in (u, v)):
        return None
    lead = solver.nonzero(a, system.context)
    if not isinstance(lead, Step) or not system.among_unknowns(u - v):
        return None
    level = canonical(-b / a)
    sign, proof = solver.sign(level, system.context)
    if sign <= 0:
        return solver.never_zero(system, equation)
    inner = (u - v).expand()
    return inverted(solver, system, index, a * exp(v), exp, inner, level, (lead, proof))


def _exponential_term(term: Expr) -> tuple[Expr, Expr]:
    """(factor, u) of factor * exp(u)."""
    factors = Mul.make_args(term)
    powers = [factor.args[0] for factor in factors if isinstance(factor, exp)]
    return Mul(*(f for f in factors if not isinstance(f, exp))), Add(*powers)


def _logarithms(solver: Solver, system: System, index: int, equation: Expr) -> Step | None:
    """a log(u) - a log(v) + c = 0 gives u = v e^(-c/a), and a log(u) + a log(v) + c = 0 gives u = e^(-c/a)/v."""
    terms = Add.make_args(equation)
    moving = [_with_logarithm(term) for term in terms if system.among_unknowns(term)]
    if len(moving) != 2 or any(part is None for part in moving):
        return None
    (a, first), (b, second) = cast("list[tuple[Expr, Expr]]", moving)
    turn = next((sign for sign in (1, -1) if canonical(a + sign * b) == 0), None)
    if turn is None or any(system.among_unknowns(factor) for factor in (a, b)):
        return None
    lead = solver.nonzero(a, system.context)
    if not isinstance(lead, Step):
        return None
    rest = Add(*(term for term in terms if not system.among_unknowns(term)))
    level = turn * second - canonical(rest / a)
    premises = ((lead,) if a.free_symbols else ()) + defined((level,), system.context)
    return inverted(solver, system, index, a, log, first.args[0], level, premises)


def _with_logarithm(term: Expr) -> tuple[Expr, Expr] | None:
    """(a, log(u)) of a log(u)."""
    found = [factor for factor in Mul.make_args(term) if isinstance(factor, log)]
    return (term / found[0], found[0]) if len(found) == 1 else None


def inverted(
    solver: Solver,
    system: System,
    index: int,
    rest: Expr,
    function: type,
    inner: Expr,
    level: Expr,
    premises: tuple[Step, ...],
) -> Step:
    """rest * (g(u) - c) = 0 becomes u - g^(-1)(c) = 0."""
    value = log(level) if function is exp else exp(level)
    premises += defined((value,), system.context)
    replaced = system.replacing(index, inner - value)
    followed = solver.solved(replaced)
    return system.cover(
        cast(Cover, followed.claim).branches,
        "cover_inverse",
        (*premises, with_equations(followed, replaced.equations)),
        index=index,
        rest=rest,
        function=function,
        inner=inner,
        level=level,
    )


def by_power(solver: Solver, system: System, index: int | None = None) -> Step | None:
    """a u^n + c = 0 for one unknown u, where -c/a is the n-th power of something: u is that, up to sign for even n."""
    for place in range(len(system.equations)) if index is None else (index,):
        equation = system.equations[place]
        for symbol in system.unknowns:
            exponents = exponents_in(equation, symbol)
            if exponents is not None and len(exponents - {0}) != 1:
                continue
            poly = polynomial_or_none(equation, symbol)
            if poly is None or not 2 <= poly.degree() <= MAX_EXPONENT:
                continue
            n, lead = poly.degree(), poly.LC()
            if {m[0] for m in poly.monoms()} - {0, n} or system.among_unknowns(lead):
                continue
            step = _taken(solver, system, place, symbol, n, lead, poly.TC())
            if step is not None:
                return step
    return None


def _taken(
    solver: Solver, system: System, index: int, symbol: Symbol, n: int, lead: Expr, rest: Expr
) -> Step | None:
    nonzero = solver.nonzero(lead, system.context)
    if not isinstance(nonzero, Step):
        return None
    level = canonical(-rest / lead)
    premises: tuple[Step, ...] = (nonzero,)
    turn: Expr = S.One
    if not system.among_unknowns(level):
        sign, proof = solver.sign(level, system.context)
        premises = (*premises, proof)
        if sign < 0 and n % 2 == 0:
            return solver.never_zero(system, system.equations[index])
        turn = S.NegativeOne if sign < 0 else S.One
    try:
        root = turn * up_to_sign(canonical((turn * level) ** Rational(1, n)))
        if canonical(root**n - level) != 0 or _has_open_root(root, system):
            return None
    except NotExact:
        return None
    branches: list[Branch] = []
    covers = []
    there = replace(system, context=system.context.with_region(*even_power(root, n, system.unknowns)))
    for value in dict.fromkeys((root,) if n % 2 else (root, -root)):
        replaced = there.replacing(index, symbol - value)
        step = with_equations(solver.solved(replaced), replaced.equations)
        covers.append(step)
        branches += cast(Cover, step.claim).branches
    data = {"index": index, "rest": lead, "inner": symbol, "root": root, "exponent": n}
    premises += defined((root,), system.context)
    return system.cover(tuple(branches), "cover_power", (*premises, *covers), **data)


def by_square(solver: Solver, system: System) -> Step | None:
    """a (x + b y)^2 + k = 0: x + b y is a root of -k/a, or minus it; x + b y = 0 where k = 0."""
    for index, equation in enumerate(system.equations):
        form = quadratic_form(polynomial_or_none(equation, *system.unknowns))
        if form is None or form[1] == 0 or canonical(form[1] ** 2 - 4 * form[0] * form[2]) != 0:
            continue
        a, b, _, k = form
        lead = solver.nonzero(a, system.context)
        if not isinstance(lead, Step):
            continue
        x, y = system.unknowns
        inner, level = x + canonical(b / (2 * a)) * y, canonical(-k / a)
        sign, proof = solver.sign(level, system.context)
        if sign < 0:
            return solver.never_zero(system, equation)
        root = canonical(level**S.Half) if sign else S.Zero
        return _with_both_signs(solver, system, index, a, inner, root, (lead, proof))
    return None


def by_crossing_lines(solver: Solver, system: System) -> Step | None:
    """a x^2 + b x y + c y^2 = 0 with d = b^2 - 4 a c > 0: two lines, x + b y/(2 a) = +-y sqrt(d)/(2 a)."""
    for index, equation in enumerate(system.equations):
        form = quadratic_form(polynomial_or_none(equation, *system.unknowns))
        if form is None or form[1] == 0 or form[3] != 0:
            continue
        a, b, c, _ = form
        lead = solver.nonzero(a, system.context)
        sign, proof = solver.sign(canonical(b**2 - 4 * a * c), system.context)
        if sign <= 0 or not isinstance(lead, Step):
            continue
        x, y = system.unknowns
        inner = x + canonical(b / (2 * a)) * y
        root = up_to_sign(canonical((b**2 - 4 * a * c) ** S.Half / (2 * a))) * y
        return _with_both_signs(solver, system, index, a, inner, root, (lead, proof))
    return None


def _with_both_signs(
    solver: Solver,
    system: System,
    index: int,
    lead: Expr,
    inner: Expr,
    root: Expr,
    premises: tuple[Step, ...],
) -> Step:
    """lead * (u^2 - r^2) = 0 becomes u = r, or u = -r."""
    covers = []
    branches: list[Branch] = []
    for value in dict.fromkeys((root, -root)):
        replaced = system.replacing(index, inner - value)
        covers.append(with_equations(solver.solved(replaced), replaced.equations))
        branches += cast(Cover, covers[-1].claim).branches
    data = {"index": index, "rest": lead, "inner": inner, "root": root, "exponent": 2}
    premises += (*defined((root,), system.context), *covers)
    return system.cover(tuple(branches), "cover_power", premises, **data)


def quadratic_form(poly: Poly | None) -> tuple[Expr, Expr, Expr, Expr] | None:
    """(a, b, c, k) of a x^2 + b x y + c y^2 + k in two unknowns."""
    if poly is None or len(poly.gens) != 2 or {sum(m) for m in poly.monoms()} - {0} != {2}:
        return None
    a, b, c, k = (poly.coeff_monomial(m) for m in ((2, 0), (1, 1), (0, 2), (0, 0)))
    return a, b, c, k


def _has_open_root(root: Expr, system: System) -> bool:
    """Whether a root of something that varies, and may be negative, is left."""
    return any(
        not power.exp.is_Integer
        and system.among_unknowns(power.base)
        and prove_relation(Relation(power.base, ">="), system.context) is None
        for power in root.atoms(Pow)
    )


def by_absolute_value(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """a |u| + b = 0 is a/(|u| + c) (u^2 - c^2) = 0 with c = -b/a > 0: u = c or u = -c."""
    equation = system.equations[index]
    nodes = [node for node in equation.atoms(Abs) if node.has(symbol)]
    if len(nodes) != 1:
        return None
    stand_in = Symbol("_g", real=True)
    poly = equation.xreplace({nodes[0]: stand_in}).as_poly(stand_in)
    if poly is None or poly.degree() != 1 or system.among_unknowns(poly.as_expr()):
        return None
    slope, offset = poly.all_coeffs()
    lead = solver.nonzero(slope, system.context)
    if not isinstance(lead, Step):
        return None
    level = canonical(-offset / slope)
    sign, proof = solver.sign(level, system.context)
    if sign <= 0:
        return solver.never_zero(system, equation) if sign < 0 else None
    inner, covers = nodes[0].args[0], []
    branches: list[Branch] = []
    for value in (level, -level):
        replaced = system.replacing(index, inner - value)
        covers.append(with_equations(solver.solved(replaced), replaced.equations))
        branches += cast(Cover, covers[-1].claim).branches
    rest = slope / (nodes[0] + level)
    data = {"index": index, "rest": rest, "inner": inner, "root": level, "exponent": 2}
    return system.cover(tuple(branches), "cover_power", (lead, proof, *covers), **data)
