"""Every real derivation, changed in one place: the checker rejects the change, or what it says is true and follows.

The derivations are those of `PROBLEMS`. A mutant is one step with a part of its claim, its context, its certificate or
its premises changed. Those that the checker accepts are judged by `is_false`, which knows nothing of the checker:
it puts numbers in. `SURVIVORS` says how many are left in each place, and why they are true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import pytest
from claim_oracle import is_false
from sympy import Eq, Expr, Rational, Symbol, exp, log, pi, sin, symbols
from sympy import Number as Constant

from symopt import Problem
from symopt.cases import conclusions
from symopt.derivation.checker import CHECKS, verify
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import (
    Context,
    Cover,
    Holds,
    Label,
    Step,
)
from symopt.derivation.rule import TRUST
from symopt.derivation.rules import RULES

pytestmark = pytest.mark.slow

x, y, z, p = symbols("x y z p", real=True)
n = Symbol("n", integer=True)
PROBLEMS: tuple[tuple[Any, ...], ...] = (
    ("(p-1)*x^2 + (p+1)*y^2", "x y"),
    ("x^3 - 3*x", "x"),
    ("3", "x"),
    ("x*log(x)", "x"),
    ("x^4 + p*x^2", "x"),
    ("abs(x)", "x"),
    ("p*abs(x) + exp(x)", "x"),
    ("exp(x) + exp(-x) - 3*x", "x"),
    ("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", "x y"),
    ("x*atan(x)", "x"),
    ("-x^2*y^2", "x y"),
    ("(y - x^2)*(y - 3*x^2)", "x y"),
    ("exp(-x-y)", "x y"),
    ("x^4 + y^4 + x^2 + y^2 + x*y", "x y"),
    ("exp(x^2)", "x"),
    ("exp(x)/(1 + exp(x))", "x"),
    ("log(exp(x) + exp(y))", "x y"),
    ("1/x + x", "x"),
    ("x^2 + log(1 + x^2)", "x"),
    ("x^4 + y^4", "x y"),
    ("sqrt(x) - x", "x"),
    (-log(x), [x]),
    (x**6 / 6 - x**2 / 2 - x, [x], (), (x < 0,)),
    (x**4 - p * x**2, [x], (p > 0,), (x > 0,)),
    (x**2 * (3 - p**4 - p**2 * y**2 - y**2), [x], (Eq(p**2 + y**2, 1),)),
    (exp(x) - x**2 / 2, [x], (), (x >= 0,)),
    (x**2 - x, [x], (), (x >= 0, x <= 1)),
    (x ** Rational(5, 2) + x**2 * exp(x), [x]),
    ("sin(x) + sin(y)", "x y"),
    ("sin(x) + sin(y) + sin(x+y)", "x y"),
    ("cos(x) + cos(2*x)", "x"),
    ("sin(x)*cos(x)", "x"),
    (x - 2 * sin(x), [x], (), (x > 0, x < 10)),
    ("(x^2 + y^2 - 1)^2", "x y"),
    ("(x^2 - y^2 - 1)^2", "x y"),
    ("x^2*y", "x y"),
    ("x*y*z", "x y z"),
    ("x^2*y^2*(1 - x - y)", "x y"),
    ("x^2*y^2*(x + y - 1)", "x y"),
    ("x^2 + 3*x*y^2 + 2*y^4", "x y"),
    ("exp(x^4 + y^4)", "x y"),
    ("-exp(x^4 + y^4)", "x y"),
    ("x^4 - 6*x^2*y^2 + y^4", "x y"),
    (n * y**2, [y]),
    ("Piecewise((x^2, x < 1), (2*x - 1, True))", "x"),
    ("Piecewise((x^2, x < 1), (2, True))", "x", (), (x <= 1,)),
    ("Max(x^2, y^2, x*y)", "x y"),
    ("-log(sin(x))", "x", (), (x > 0, x < pi)),
    ("log(gamma(x))", "x", (), (x > 0,)),
    ("digamma(x) - log(x)", "x"),
    (x * y, [x, y], (), (Eq(x + y, 1),)),
    ("(x^4 + 1)^(1/3)", "x"),
    ("exp(x^4) + exp(y^4) + x^2 + y^2 + x*y", "x y"),
    ("x*exp(-x^2-y^2)", "x y"),
    ("exp(-x)*sin(x)", "x"),
    ("exp(x) - x + y^2 - 2*y*exp(x) + exp(2*x)", "x y"),
    ("x^4/4 + p*x^2/2 + q*x", "x"),
    ("x^4 + y^4 - x + cos(x + y)", "x y"),
    ("x^2/2 + y^2 - cos(2*x) + exp(y)", "x y"),
    ("(x+y)^4 + (x+y)^2*(x-y+1)^2 + (x-y+1)^4", "x y"),
    ("x + y", "x y", (), (x**2 + y**2 <= 1,)),
    ("x*y + x", "x y", (), (x >= 0, x <= 1, y >= 0, y <= 1)),
    ("x^2 + y^2", "x y", (), (x + y >= 2,)),
    ("exp(x) + exp(y)", "x y", (), (Eq(x + y, 2),)),
    ("x^2 + y^2 + 2*abs(x + y - 1)", "x y"),
    ("Max(x, y) + x^2 + y^2", "x y"),
    ("abs(x*y)", "x y"),
    ("abs(x - 1) + abs(x - 2) + x/2", "x"),
    ("x*y - log(x) - log(y)", "x y"),
    ("x^2 + y^2 - log(x*y)", "x y"),
    ("cosh(x) + cosh(y) - x*y", "x y"),
    ("y^2 - 2*y*cos(x) + 2", "x y"),
    ("x^4/y^2", "x y", (), (y > 0,)),
    ("2 - cos(x) - cos(y) + (x - y)^2", "x y"),
    ("exp(-x) + p*x^2", "x"),
    ("(x+1)^2 + (x-1)^2 + (x+2)^2 + (x-2)^2 + (x+3)^2 + (y-1)^2 + (y+1)^2 + (x-y)^2 + abs(x)", "x y"),
    ("p*x^2 + 2*x*y + y^2", "x y"),
    ("log(1 + exp(x) + exp(y))", "x y"),
    ("max(0, x)^2 + y^2", "x y"),
    ("max(0, x)^2 + y^2 - y^3", "x y"),
    ("Piecewise((x^2, x <= 0), (x, True))", "x"),
    ("log(x)/x^p", "x", (p > 0,)),
    ("sin(x)*sin(y)*sin(x+y)", "x y", (), (x > 0, y > 0, x + y < pi)),
    ("(x-1)^2 + (y-2)^2", "x y", (), (x > 0, y > 0, x + y < 1)),
    ("x^3/(y*z)", "x y z", (), (x > 0, y > 0, z > 0)),
)
# Problems whose step sizes are asked for, some of them in a region.
ITERATIONS: tuple[tuple[Any, ...], ...] = (
    ("(p-1)*x^2 + (p+1)*y^2", "x y", None),
    ("x^2 + x*y + y^2 - 3*x", "x y", None),
    ("x^2 + p*x*y + 2*y^2", "x y", None),
    ("x^4 - x^2", "x", None),
    ("(x^2 - 2)^2 + x*y + y^2", "x y", None),
    ("exp(x) + exp(-x)", "x", [(-1, 1)]),
    ("x^2 + y^2 + x^2*y^2/10", "x y", [(-1, 1), (-1, 1)]),
)
BY_DEFINITION = (
    ("x^2 + x*y + y^2 + abs(x - y)", "x y", ()),
    ("max(x^2, 2*x + 1)", "x", ()),
    ("1/x", "x", ("x > 0",)),
)
# Rules that no derivation of these problems uses, and why.
WITHOUT_DERIVATION: Mapping[str, str] = {
    "decision_procedure": "the last resort, which none of these problems needs; test_lies.py has such steps",
    "lowest_form_minimum": "a bound shows it first; test_lies_about_points.py has such steps",
    "lowest_form_maximum": "the same for a maximum",
    "cover_residues": "waves of several turns go another way now; test_lies_about_families.py has such steps",
    "cover_sides": "a family that no number cuts; test_lies_about_families.py has such steps",
    "cover_beyond": "a wave beside a larger number is a sum of one sign; test_lies_about_families.py has such steps",
    "diagonal_dominance": "polynomials are judged together before; test_checks_certificates.py has such steps",
    "cover_binomial": "roots of a*x^n + b; test_lies_about_families.py has such steps",
    "cover_lines": "lines of a homogeneous polynomial; test_lies_about_families.py has such steps",
    "cover_real_power": "a power with a symbolic exponent; test_lies_about_families.py has such steps",
    "cover_turns": "the oracle takes minutes for its numbers; test_turns.py has such steps, lies and mutants",
    "gamma_bound": "of one symbol alone its transform tells; test_checks_certificates.py has such steps",
    "parameters": "combinations of parameters; test_lies_about_parameters.py has such steps",
    "array_composition": "losses over data; test_lies_about_arrays.py has such steps",
    "array_strictness": "losses over data; test_lies_about_arrays.py has such steps",
    "curvature_rewritten": "no prover writes a function differently before it proves its curvature",
}
PER_RULE = 2
PARTS = 6  # of the steps, for one test each
MOST = 400  # mutants of one step: of the long certificates of boxes, every so many


@cache
def derivations() -> tuple[Step, ...]:
    """Every distinct step of the answers to the problems."""
    steps: dict[tuple[object, ...], Step] = {}
    found: list[list[Step]] = []
    for objective, variables, *rest in PROBLEMS:
        assuming, subject_to = (*rest, (), ())[:2]
        f = Problem(objective, variables, assuming=assuming, subject_to=subject_to)
        tops = list(f._derivatives(60).steps)
        for cases in (
            f._stationary(60),
            f.convexity(timeout=60),
            f.minimum(timeout=60),
            f.maximum(timeout=60),
        ):
            for case in cases.cases:
                tops += conclusions(case.result)
        found.append(tops)
    for objective, variables, subject_to in BY_DEFINITION:
        cases = Problem(objective, variables, subject_to=subject_to).convexity("definition", timeout=60)
        found.append([step for case in cases for step in conclusions(case.result)])
    for objective, variables, region in ITERATIONS:
        theory = Problem(objective, variables).step_size_theory(region, timeout=60)
        found.append([top for case in theory.cases for top in conclusions(case.result)])
    for tops in found:
        for top in tops:
            for step in top.walk():
                steps.setdefault((step.rule, step.context, step.claim, step.certificate), step)
    return tuple(steps.values())


def chosen() -> tuple[Step, ...]:
    """A few steps for every rule that the checker verifies (not a decision procedure's), from all the problems."""
    by_rule: dict[str, list[Step]] = {}
    for step in (s for s in derivations() if RULES[s.rule].trust != "trusted"):
        by_rule.setdefault(step.rule, []).append(step)
    return tuple(
        found[i * len(found) // min(PER_RULE, len(found))]
        for found in by_rule.values()
        for i in range(min(PER_RULE, len(found)))
    )


# --- mutation -------------------------------------------------------------------------------------------------

WORDS = (
    (">", ">=", "<", "<=", "==", "!="),
    ("minimum", "maximum", "saddle", "inflection", "constant"),
    ("convex", "concave", "affine"),
    ("min", "max"),
    ("real", "integer"),
    ("gd", "momentum", "nesterov", "newton"),
    ("converges", "attracted", "repelled", "contracts"),
    ("exact", "best", "bound"),
)
OTHER = Symbol("other", real=True)


def changed(value: Any) -> Iterator[Any]:
    """The value with one part changed."""
    if value is None:
        yield from (True, False)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, str):
        yield from (word for words in WORDS if value in words for word in words if word != value)
    elif isinstance(value, Symbol):
        yield OTHER
        yield from (-value, value + 1)
    elif isinstance(value, Expr):
        yield from (-value, value + 1)
        constants = sorted(value.atoms(Constant), key=str)
        if constants and not value.is_number:
            yield value.xreplace({constants[0]: constants[0] + 1})
        for symbol in sorted(value.free_symbols, key=str)[:1]:
            yield value.xreplace({symbol: 2 * symbol})
    elif isinstance(value, tuple):
        yield from (value[:i] + value[i + 1 :] for i in range(len(value)))
        for i, entry in enumerate(value):
            yield from ((*value[:i], new, *value[i + 1 :]) for new in changed(entry))
    elif is_dataclass(value):
        for f in fields(value):
            weaker = (None,) if f.name == "strict" and isinstance(value, Label) else ()
            for new in (*changed(getattr(value, f.name)), *weaker):
                try:
                    yield replace(value, **{f.name: new})
                except ValueError:
                    continue


def mutants(step: Step, others: tuple[Step, ...]) -> Iterator[tuple[str, Step]]:
    """The step with one part changed, and which part."""
    yield from (("claim", replace(step, claim=new)) for new in changed(step.claim) if new != step.claim)
    for name in ("region", "condition"):
        for relations in changed(getattr(step.context, name)):
            yield "context", replace(step, context=replace(step.context, **{name: relations}))
    if step.context.relations:
        yield "context", replace(step, context=Context())
    for i in range(len(step.premises)):
        before, after = step.premises[:i], step.premises[i + 1 :]
        yield "premise", replace(step, premises=before + after)
        same = [o for o in others if type(o.claim) is type(step.premises[i].claim) and o not in step.premises]
        yield from (("premise", replace(step, premises=(*before, other, *after))) for other in same[:3])
    for i, (key, value) in enumerate(step.certificate):
        before, after = step.certificate[:i], step.certificate[i + 1 :]
        yield "certificate", replace(step, certificate=before + after)
        for new in changed(value):
            yield "certificate", replace(step, certificate=(*before, (key, new), *after))


# --- the mutants that are left --------------------------------------------------------------------------------

WEAKER = "it says less"
FEWER_FACTS = "the same, and what the step needs is given without the part that was changed"
FEWER_PREMISES = "the same, from premises and data that are enough"
ANOTHER_TRUTH = "another truth, which follows in the same way"
NOWHERE = "said of a context that holds at no point tried"
# How many of the mutants in one part may be left for each reason, as a share of those tried.
SURVIVORS: Mapping[str, float] = {
    WEAKER: 0.0125, FEWER_FACTS: 0.065, FEWER_PREMISES: 0.135, ANOTHER_TRUTH: 0.04, NOWHERE: 0.0125
}  # fmt: skip


def is_weaker(claim: Any, original: Any) -> bool:
    """Whether the original claim gives the other by its form alone."""
    if type(claim) is not type(original):
        return False
    if isinstance(claim, Holds):
        same = claim.relation.expression == original.relation.expression
        return same and original.relation.implies_op(claim.relation.op)
    differing = [f.name for f in fields(claim) if getattr(claim, f.name) != getattr(original, f.name)]
    if isinstance(claim, Cover) and differing == ["equations"]:
        return set(original.equations) < set(claim.equations)
    small = [getattr(claim, name) for name in differing]
    return differing in (["strict"], ["complete"], ["all_of_them"]) and small[0] in (False, None)


def reason(mutant: Step, original: Step) -> str:
    """Why a mutant that the checker accepts is true; the oracle has to agree."""
    verdict = is_false(mutant, original)
    assert verdict is not True, f"a lie is accepted: {mutant.claim} in {mutant.context} by {mutant.rule}"
    if verdict is None:
        return NOWHERE
    if mutant.claim != original.claim:
        return WEAKER if is_weaker(mutant.claim, original.claim) else ANOTHER_TRUTH
    return FEWER_FACTS if mutant.context != original.context else FEWER_PREMISES


def accepted(mutant: Step) -> bool:
    try:
        verify(mutant)
    except Rejected:
        return False
    return True


def test_every_rule_has_a_real_derivation() -> None:
    assert set(RULES) - {step.rule for step in derivations()} == set(WITHOUT_DERIVATION)


def test_every_rule_has_a_check_a_formula_and_a_phrase() -> None:
    assert set(RULES) == set(CHECKS)
    assert all(rule.name == name and rule.formula and rule.phrase for name, rule in RULES.items())
    assert {rule.trust for rule in RULES.values()} == set(TRUST)


def test_every_step_of_the_provers_is_accepted() -> None:
    for step in derivations():
        verify(step)


def test_the_oracle_agrees_with_the_provers() -> None:
    """Every real claim is true, and the oracle finds points to try nearly all of them at."""
    verdicts = Counter(is_false(step, step) for step in chosen())
    assert not verdicts[True]
    assert verdicts[None] <= len(chosen()) / 50


@pytest.mark.parametrize("part_of_steps", range(PARTS))
def test_every_mutant_is_rejected_or_true(part_of_steps: int) -> None:
    """The survivors are printed with their reasons: `pytest -rP` shows them."""
    tried, left = 0, Counter[str]()
    for step in chosen()[part_of_steps::PARTS]:
        found = list(mutants(step, derivations()))
        for part, mutant in found[:: -(-len(found) // MOST) or 1]:
            tried += 1
            if accepted(mutant):
                why = reason(mutant, step)
                left[why] += 1
                print(
                    f"{step.rule}, {part} changed: {why}\n    {mutant.claim}\n    {mutant.context.relations}"
                )
    print(tried, left)
    assert tried > 5000 / PARTS
    assert all(left[why] <= share * tried for why, share in SURVIVORS.items()), left
    assert sum(left.values()) < tried / 5


def test_the_oracle_finds_what_is_false() -> None:
    """Most changed claims are false, and the oracle sees it: those that the checker rejects are not all true."""
    judged = Counter(
        verdict(mutant, step)
        for step in chosen()[::5]
        for part, mutant in islice(mutants(step, ()), 0, 60, 6)
        if part == "claim" and not accepted(mutant)
    )
    assert judged[True] > 2 * judged[False] > 0


def verdict(mutant: Step, step: Step) -> object:
    """What the oracle says of a mutant, if it can be read at all."""
    try:
        return is_false(mutant, step)
    except Exception:
        return "malformed"
