"""A move of the solver for products of powers: p k^a l^b = c k on positive unknowns gives k as a product of powers."""

from __future__ import annotations

from typing import cast

from sympy import Add, Expr, Mul, S, Symbol, default_sort_key

from symopt.derivation.claims import Cover, Step
from symopt.exact.normal import canonical
from symopt.exact.signs import POSITIVE, signs_of_tree, without_known_kinks
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.solver import Solver, System
from symopt.stationary.steps import with_equations


def by_product_of_powers(solver: Solver, system: System) -> Step | None:
    """a u^p v^q + b u^r v^s = 0 with a power that is no integer: u is a product of powers of the others.

    All unknowns have to be known as positive. In logarithms these are linear equations, solved one after another.
    """
    if len(system.unknowns) < 2 and not _is_scaled(system):
        return None
    for index, equation in enumerate(system.equations):
        for unknown in system.unknowns:
            value = unknown - equation
            if not value.has(unknown) and system.among_unknowns(value):
                return solver.follow(system, index, unknown, ((value, ()),), "cover_linear", rest=S.One)
    for index, equation in enumerate(system.equations):
        terms = Add.make_args(without_known_kinks(equation, system.context.relations))
        if len(terms) != 2:
            continue
        powers = [_powers(term, system) for term in terms]
        if powers[0] is None or powers[1] is None:
            continue
        first, second = cast("list[dict[Symbol, Expr]]", powers)
        exponents = {u: canonical(second.get(u, S.Zero) - first.get(u, S.Zero)) for u in system.unknowns}
        if all(e.is_integer for e in exponents.values()):
            continue
        step = _solved(solver, system, index, terms, exponents)
        if step is not None:
            return step
    return None


def _is_scaled(system: System) -> bool:
    """Whether a parameter stands in a power that is no integer beside the one unknown."""
    unknowns = set(system.unknowns)
    return any(
        not f.as_base_exp()[1].is_integer and not f.free_symbols & unknowns
        for e in system.equations
        for term in Add.make_args(without_known_kinks(e, system.context.relations))
        for f in Mul.make_args(term)
        if f.free_symbols
    )


def _powers(term: Expr, system: System) -> dict[Symbol, Expr] | None:
    """The exponents of the unknowns in a product of powers of them; None for anything else."""
    found: dict[Symbol, Expr] = {}
    for factor in Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not system.among_unknowns(factor):
            continue
        if base not in system.unknowns or system.among_unknowns(exponent):
            return None
        if signs_of_tree(base, system.context.relations) != POSITIVE:
            return None
        found[cast(Symbol, base)] = found.get(cast(Symbol, base), S.Zero) + exponent
    return found


def _solved(
    solver: Solver, system: System, index: int, terms: tuple[Expr, ...], exponents: dict[Symbol, Expr]
) -> Step | None:
    """For the unknown whose exponent is proved not to be 0, the simplest one first."""
    for unknown in sorted(exponents, key=lambda u: (exponents[u] == 0, default_sort_key(exponents[u]))):
        divided = prove_relation(Relation(exponents[unknown], "!="), system.context)
        if divided is None:
            continue
        others = Mul(*(u ** exponents[u] for u in exponents if u != unknown))
        coefficient = canonical(_constant(terms[1], system) / _constant(terms[0], system))
        sign, _ = solver.sign(-coefficient, system.context)
        if sign <= 0:
            return solver.never_zero(system, system.equations[index])
        level, rest = -1 / (coefficient * others), terms[0] * coefficient * others
        value = without_known_kinks(level ** (1 / exponents[unknown]), system.context.relations)
        proofs = (
            prove_relation(Relation(unknown, ">"), system.context),
            prove_relation(Relation(level, ">"), system.context),
            prove_relation(Relation(rest, "!="), system.context),
        )
        if None in proofs:
            continue
        replaced = system.replacing(index, unknown - value)
        step = with_equations(solver.solved(replaced), replaced.equations)
        return system.cover(
            cast(Cover, step.claim).branches,
            "cover_real_power",
            (divided, *cast("tuple[Step, ...]", proofs), step),
            index=index,
            base=unknown,
            exponent=exponents[unknown],
            level=level,
            rest=rest,
            sought="base",
            value=value,
        )
    return None


def _constant(term: Expr, system: System) -> Expr:
    return Mul(*(f for f in Mul.make_args(term) if not system.among_unknowns(f)))
