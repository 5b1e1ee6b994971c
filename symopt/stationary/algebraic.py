"""Moves of the solver by algebra alone: what is left over, factors, sums of one sign, elimination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from sympy import Add, Expr, Mul, Pow, S, Symbol, acos, asin, default_sort_key, exp, log

from symopt.derivation.claims import Branch, Cover, Step
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.exact.surds import Factors, surd_factors
from symopt.reasoning.samples import changes_sign
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.equations import slope_in
from symopt.stationary.solver import Solver, System, Unsolved, solved_for
from symopt.stationary.steps import arc_facts, contradicted, defined, vanishes, with_equations

MAX_SUM: Final = 8
MAX_OPERATIONS: Final = 60
FAMILY_NAMES: Final = ("t", "s", "u", "v", "w")


def nowhere(solver: Solver, system: System) -> Step | None:
    """No point satisfies the context: two numbers contradict one of its relations."""
    step = contradicted(system.context)
    return (
        None if step is None else System((), system.unknowns, system.context).cover((), "cover_none", (step,))
    )


def tidied(solver: Solver, system: System) -> Step | None:
    """Equations listed once, and without those that are 0 = 0; the unknowns are free when none is left."""
    equations = _without_what_follows(tuple(e for e in dict.fromkeys(system.equations) if not vanishes(e)))
    if not equations:
        return _free(solver, system)
    if equations == system.equations:
        return None
    return solver.solve(equations, system.unknowns, system.context)


def _without_what_follows(equations: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The equations without the multiples of others, and then without products that hold another one as a factor."""
    equations = _without_rational_multiples(equations)
    kept = []
    for equation in equations:
        found = _as_product(equation) if len(equations) > 1 else None
        bases = {base for base, power in found[1] if power > 0} if found else set()
        if not any(other in bases for other in equations if other != equation):
            kept.append(equation)
    return tuple(kept)


def _without_rational_multiples(equations: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Of equations that are rational multiples of each other, the shortest."""
    shortest: dict[Expr, Expr] = {}
    for equation in equations:
        rest = equation.as_coeff_Mul()[1]
        rest = -rest if rest.could_extract_minus_sign() else rest
        other = shortest.setdefault(rest, equation)
        if other is not equation and operations(equation) < operations(other):
            shortest[rest] = equation
    return tuple(shortest.values())


def _free(solver: Solver, system: System) -> Step:
    if not system.unknowns:
        return System((), (), system.context).cover((Branch(()),), "cover_free")
    symbols = tuple(solver.fresh(FAMILY_NAMES) for _ in system.unknowns)
    names = dict(zip(system.unknowns, symbols, strict=True))
    touching = (r for r in system.context.region if r.symbols & set(system.unknowns))
    where = tuple(r.at(cast("dict[Symbol, Expr]", names)) for r in touching)
    branch = Branch(tuple(names.items()), (), tuple((s, "real") for s in symbols), where)
    return System((), system.unknowns, system.context).cover((branch,), "cover_free")


def never_zero(solver: Solver, system: System) -> Step | None:
    """An equation that is proved to be nowhere 0; one without unknowns holds or does not, by the parameters.

    With parameters beside roots, exponentials or logarithms such a proof can be long, and is left to the end where
    the sign cannot be read off.
    """

    def is_tried(equation: Expr) -> bool:
        hard = _has_roots(equation) or equation.has(exp, log)
        plain = not (hard and equation.free_symbols & solver.cell.parameters)
        return plain or 0 not in signs_of_tree(equation, system.context.relations)

    return _never_zero(solver, system, is_tried)


def never_zero_at_last(solver: Solver, system: System) -> Step | None:
    """The same for every equation, where no other move was found."""
    return _never_zero(solver, system, lambda _: True)


def _never_zero(solver: Solver, system: System, is_tried: Callable[[Expr], bool]) -> Step | None:
    for index, equation in enumerate(system.equations):
        if not system.among_unknowns(equation):
            known = solver.nonzero(equation, system.context)
            if isinstance(known, Step):
                return system.cover((), "cover_none", (known,))
            if known is False:
                return solver.solved(system.replacing(index))
        elif (
            operations(equation) < MAX_OPERATIONS
            and is_tried(equation)
            and not changes_sign(equation, system.context)
        ):
            step = solver.never_zero(system, equation)
            if step is not None:
                return step
    return None


def by_factors(solver: Solver, system: System) -> Step | None:
    """Split on the factors of an equation, dropping those that are never zero."""
    for index, equation in enumerate(system.equations):
        found = _as_product(equation)
        if found is None:
            continue
        constant, parts = _over_surds(found, system)
        live, premises, rest = [], [], [constant]
        for base, power in parts:
            step = _factor_nonzero(solver, system, base)
            if step is not None:
                premises.append(step)
                rest.append(Pow(base, power))
            elif power > 0:
                live.append((base, power))
                premises += (
                    arc_facts(base, system.context) if _has_roots(base) or base.has(log, asin, acos) else ()
                )
            else:
                raise Unsolved(f"the denominator {base} may vanish")
        alone = len(live) == 1 and live[0][1] == 1 and len(rest) == 1
        if not live or (alone and operations(live[0][0]) >= operations(equation)):
            continue
        branches: list[Branch] = []
        covers = []
        for base, _ in sorted(live, key=lambda part: (operations(part[0]), default_sort_key(part[0]))):
            step = solver.solved(_without_multiples(system, index, base))
            covers.append(step)
            branches += cast(Cover, step.claim).branches
        return system.cover(
            tuple(branches),
            "cover_factors",
            (*premises, *covers),
            index=index,
            factors=tuple(live),
            rest=Mul(*rest),
        )
    return None


def _has_roots(expression: Expr) -> bool:
    return any(not power.exp.is_Integer for power in expression.atoms(Pow))


def _without_multiples(system: System, index: int, base: Expr) -> System:
    """The system with a factor in the place of an equation, and without the products that hold the factor too."""
    others = (
        e
        for i, e in enumerate(system.equations)
        if i != index
        and not any(factor.as_base_exp() == (base, S.One) for factor in Mul.make_args(e) if e.is_Mul)
    )
    return System((base, *others), system.unknowns, system.context)


def _as_product(equation: Expr) -> Factors | None:
    """Factors with integer exponents: those of a product as it stands, else the irreducible ones."""
    if equation.is_Mul:
        constant, rest = equation.as_coeff_Mul()
        pairs = [(f, S.One) if isinstance(f, exp) else f.as_base_exp() for f in Mul.make_args(rest)]
        if len(pairs) > 1 and all(power.is_Integer for _, power in pairs):
            return constant, tuple((base, int(power)) for base, power in pairs)
    try:
        return factors(equation)
    except NotExact:
        return None


def _over_surds(found: Factors, system: System) -> Factors:
    """The factors, a lone one in one unknown over the field of a square root in its coefficients."""
    if len(found[1]) != 1 or found[1][0][1] != 1:
        return found
    constant, ((base, _),) = found
    parts = next((parts for u in system.unknowns if (parts := surd_factors(base, u)) is not None), None)
    return found if parts is None else (constant * parts[0], parts[1])


def by_common_factor(solver: Solver, system: System) -> Step | None:
    """A factor of two equations: where it is 0 both hold, elsewhere they are simpler."""
    if len(system.equations) < 2:
        return None
    counts: dict[Expr, int] = {}
    for equation in system.equations:
        for base, power in (_as_product(equation) or (S.One, ()))[1]:
            counts[base] = counts.get(base, 0) + (power > 0)
    for base, count in counts.items():
        several = count > 1 and len(base.free_symbols & set(system.unknowns)) > 1
        if several and prove_relation(Relation(base, "!="), system.context) is None:
            return split_on(solver, system, base)
    return None


def _factor_nonzero(solver: Solver, system: System, base: Expr) -> Step | None:
    if isinstance(base, Pow) and not base.exp.is_Integer and system.among_unknowns(base.base):
        # A root is not 0 where what stands under it is positive, and then it may be divided by too.
        positive = prove_relation(Relation(base.base, ">"), system.context)
        if positive is not None:
            return positive
    if system.among_unknowns(base):
        return (
            None
            if changes_sign(base, system.context)
            else prove_relation(Relation(base, "!="), system.context)
        )
    known = solver.nonzero(base, system.context)
    return known if isinstance(known, Step) else None


def by_sum(solver: Solver, system: System) -> Step | None:
    """A sum of terms of one sign: every term vanishes."""
    for index, equation in enumerate(system.equations):
        terms = Add.make_args(equation)
        if len(terms) < 2 or len(terms) > MAX_SUM:
            continue
        signs = [signs_of_tree(term, system.context.relations) for term in terms]
        if not (all(s <= SIGNS_OF[">="] for s in signs) or all(s <= SIGNS_OF["<="] for s in signs)):
            continue
        replaced = system.replacing(index, *terms)
        step = with_equations(solver.solved(replaced), replaced.equations)
        branches = cast(Cover, step.claim).branches
        proofs = () if equation.is_polynomial(*system.unknowns) else defined(terms, system.context)
        return system.cover(branches, "cover_sum", (step, *proofs), index=index, terms=terms)
    return None


def by_linear(solver: Solver, system: System) -> Step | None:
    """Solve an equation for an unknown in which it is linear with a coefficient that is not zero."""
    candidates = []
    for index, equation in enumerate(system.equations):
        for symbol in system.unknowns:
            slope = slope_in(equation, symbol)
            if slope is not None and not slope.is_zero:
                weight = (
                    len(equation.free_symbols & set(system.unknowns)),
                    operations(slope),
                    operations(equation),
                )
                candidates.append((not slope.is_number, weight, index, system.unknowns.index(symbol), slope))
    for _, _, index, place, slope in sorted(candidates, key=lambda c: (c[0], c[1], c[2], c[3])):
        symbol = system.unknowns[place]
        if system.among_unknowns(slope):
            known: Step | bool | None = prove_relation(Relation(slope, "!="), system.context)
        else:
            known = solver.nonzero(slope, system.context)
        if isinstance(known, Step):
            value = solved_for(slope, canonical(system.equations[index].xreplace({symbol: S.Zero})))
            return solver.follow(system, index, symbol, ((value, ()),), "cover_linear", (known,), rest=slope)
        if known is False:
            reduced = canonical(system.equations[index] - slope * symbol)
            return solver.solved(system.replacing(index, reduced))
    return None


def by_value(solver: Solver, system: System) -> Step | None:
    """c x + d = 0 with a number c, and d free of unknowns: x = -d/c, where angles are kept as they were found."""
    for index, equation in enumerate(system.equations):
        inside = [u for u in system.unknowns if equation.has(u)]
        if len(inside) != 1:
            continue
        (symbol,) = inside
        slope = equation.coeff(symbol)
        offset = equation - slope * symbol
        if not slope.is_Rational or slope == 0 or offset.has(symbol):
            continue
        value = (-offset / slope).expand(trig=False)
        return solver.follow(system, index, symbol, ((value, ()),), "cover_linear", rest=slope)
    return None


def by_cases(solver: Solver, system: System) -> Step | None:
    """An equation linear in an unknown whose coefficient may vanish: solve where it does and where it does not."""
    for equation in system.equations:
        for symbol in system.unknowns:
            slope = slope_in(equation, symbol)
            if slope is not None and not slope.is_zero and system.among_unknowns(slope):
                return split_on(solver, system, slope)
    return None


def split_on(solver: Solver, system: System, quantity: Expr) -> Step:
    """Solve where a quantity is 0, which joins the equations, and where it is not."""
    zero = solver.solve((*system.equations, quantity), system.unknowns, system.context)
    nonzero = system.context.with_region(Relation(quantity, "!="))
    other = solver.solve(system.equations, system.unknowns, nonzero)
    branches = cast(Cover, zero.claim).branches + cast(Cover, other.claim).branches
    return system.cover(branches, "cover_by_cases", (zero, other), quantity=quantity)
