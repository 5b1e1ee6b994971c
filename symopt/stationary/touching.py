"""Bounds by tangents: what is not a polynomial in f is replaced by a bound of it that touches it at a point."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, cast

from sympy import Add, Expr, Integer, Mul, Pow, S

from symopt.derivation.checker import follows, is_accepted
from symopt.derivation.claims import Branch, Cover, Holds, Step
from symopt.derivation.tangents import Touching, touching
from symopt.exact.normal import NotExact, canonical
from symopt.exact.values import value_at
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.covers import ALGEBRA_FIRST, solver_for
from symopt.stationary.question import Question
from symopt.stationary.solver import System, Unsolved
from symopt.stationary.steps import with_equations

MAX_POINTS: Final = 4
MAX_KERNELS: Final = 6
Gap = tuple[Expr, Expr, Expr, Touching]  # the factor, the kernel, the point, the bound


def by_tangents(question: Question) -> Step | None:
    """f = m + a polynomial >= 0 + multiples of e^w above its tangent, log w below it, cos w above 1 - w^2/2, ..."""
    if question.context.region and not question.is_open:
        return None
    turn = 1 if question.sense == "min" else -1
    written = (turn * question.objective).expand(power_exp=False, power_base=False, log=False)
    kernels = _kernels(written, question)
    if not kernels or len(kernels) > MAX_KERNELS:
        return None
    for branch in _points(question):
        question.cell.budget.check()
        found = _at(question, branch, written, kernels)
        if found is not None:
            return found
    return None


def _kernels(rest: Expr, question: Question) -> tuple[Expr, ...] | None:
    """What is no polynomial in each term of a sum, without its constant factor; None where it has a power beside it."""
    found = []
    for term in Add.make_args(rest):
        kernel = term.as_independent(*question.variables, as_Add=False)[1]
        if not kernel.is_polynomial(*question.variables):
            if any(factor.is_polynomial(*question.variables) for factor in Mul.make_args(kernel)):
                return None
            found.append(kernel)
    return tuple(dict.fromkeys(found))


def _points(question: Question) -> tuple[Branch, ...]:
    """Isolated stationary points, and the origin where these are not known."""
    origin = Branch(tuple((v, S.Zero) for v in question.variables))
    alone = [b for b in question.branches if not b.free and not b.numbers]
    return tuple(dict.fromkeys((*alone[:MAX_POINTS], *(() if alone else (origin,)))))


def _at(question: Question, branch: Branch, rest: Expr, kernels: tuple[Expr, ...]) -> Step | None:
    """The bound that touches f at one point, with all points where it does."""
    turn = 1 if question.sense == "min" else -1
    value = _value(question.objective, branch)
    if value is None:
        return None
    gaps: list[Gap] = []
    for kernel in kernels:
        factor = rest.coeff(kernel)
        if factor == 0 or factor.has(*question.variables):
            return None
        known = prove_sign(factor, question.condition)
        if known is None:
            question.open_signs.append(factor)
            return None
        if known[0] == 0:
            continue
        point = _value(_argument(kernel), branch)
        bound = None if point is None else touching(kernel, point, known[0])
        if point is None or bound is None or _value(kernel - bound.bound, branch) != 0:
            return None
        rest = rest - factor * (kernel - bound.bound)
        gaps.append((factor, kernel, point, bound))
    with suppress(NotExact):
        polynomial = canonical(rest - turn * value)
        below = prove_relation(Relation(polynomial, ">="), question.context)
        if below is None:
            question.open_signs.extend(_coefficients(polynomial, question))
            return None
        return _concluded(question, branch, value, polynomial, below, gaps)
    return None


def _argument(kernel: Expr) -> Expr:
    """w for g(w) and for a root of w; 0 for a product, whose bounds do not depend on it."""
    if isinstance(kernel, Mul):
        return S.Zero
    return kernel.base if isinstance(kernel, Pow) and kernel.base != S.Exp1 else kernel.args[0]


def _value(expression: Expr, branch: Branch) -> Expr | None:
    at = value_at(expression, branch.values)
    if at is None:
        return None
    with suppress(NotExact):
        return canonical(at)
    return None


def _coefficients(polynomial: Expr, question: Question) -> list[Expr]:
    poly = polynomial.as_poly(*question.variables)
    return [] if poly is None else [c for c in poly.coeffs() if c.free_symbols]


def _concluded(
    question: Question, branch: Branch, value: Expr, polynomial: Expr, below: Step, gaps: list[Gap]
) -> Step | None:
    turn = 1 if question.sense == "min" else -1
    proofs, terms = [below], [] if polynomial == 0 else [polynomial]
    for factor, kernel, point, bound in gaps:
        gap = bound.side * (kernel - bound.bound)
        data = (("kernel", kernel), ("point", point), ("side", Integer(bound.side)))
        needed = (prove_relation(r, question.condition) for r in bound.needed)
        proof = Step(
            question.context,
            Holds(Relation(gap, ">=")),
            "tangent",
            tuple(step for step in needed if step is not None),
            data,
        )
        sign = prove_relation(Relation(bound.side * factor, ">"), question.condition)
        if sign is None or not follows(proof):
            return None
        proofs += [proof, sign]
        terms.append(Mul(bound.side * factor, gap, evaluate=False))
    signed = [Mul(turn, term, evaluate=False) if turn < 0 else term for term in terms]
    tree = Add(*signed, evaluate=False) if len(signed) > 1 else signed[0]
    op = ">=" if turn > 0 else "<="
    claim = Holds(Relation(question.objective - value, op))
    bounded = Step(question.context, claim, "signs", tuple(proofs), (("tree", tree),))
    if not follows(bounded):
        return None
    everywhere = _touched(question, value, polynomial, gaps, tuple(signed), tuple(proofs))
    if everywhere is not None:
        branches = cast(Cover, everywhere.claim).branches
        reached = question.reached(value, branches, True)
        inside = question.inside(branches)
        step = question.conclude("extremum_bound", reached, (bounded, everywhere, *proofs, *inside))
        if step is not None:
            return step
    claimed = question.reached(value, (branch,), False)
    return question.conclude("extremum_bound", claimed, (bounded, *question.inside((branch,))))


def _touched(
    question: Question,
    value: Expr,
    polynomial: Expr,
    gaps: list[Gap],
    terms: tuple[Expr, ...],
    proofs: tuple[Step, ...],
) -> Step | None:
    """All points where the polynomial is 0 and every bound touches: the solutions of f = value."""
    context, variables = question.context, question.variables
    names = {str(s) for s in question.objective.free_symbols | question.cell.parameters | {*variables}}
    solver = solver_for(question.cell, names, ALGEBRA_FIRST)
    first = terms[: len(terms) - len(gaps)]
    equations = [*first, *(bound.equal for *_, bound in gaps)]
    try:
        step = with_equations(solver.solve(tuple(equations), variables, context), tuple(equations))
    except (Unsolved, NotExact):
        return None
    branches = cast(Cover, step.claim).branches
    for index, (_, kernel, point, bound) in enumerate(gaps, len(first)):
        factor = _factor(question, terms[index], kernel)
        equations[index] = terms[index]
        if factor is None:
            return None
        data = {
            "index": index,
            "kernel": kernel,
            "point": point,
            "side": Integer(bound.side),
            "factor": factor,
        }
        system = System(tuple(equations), variables, context)
        step = system.cover(branches, "cover_tangent", (step, *proofs), **data)
    whole = System((question.objective - value,), variables, context)
    if len(terms) > 1:
        step = whole.cover(branches, "cover_sum", (step, *proofs), index=0, terms=terms)
    elif terms[0] != whole.equations[0]:
        return None
    found = solver.within(step, context, context.region)
    return found if is_accepted(found) else None


def _factor(question: Question, term: Expr, kernel: Expr) -> Expr | None:
    """c in the term c (kernel - its bound)."""
    factor = term.expand(power_exp=False, power_base=False, log=False).coeff(kernel)
    return None if factor == 0 or factor.has(*question.variables) else factor
