"""Derivations about eigenvalues, step sizes and rates that lie, each rejected by the checker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from derivation_steps import at, but, derivatives, holds, p, rel, step, x, y
from sympy import Integer, Rational, Symbol, sqrt

from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import (
    Attraction,
    Context,
    Definite,
    Holds,
    Rate,
    RegionConvex,
    Spectrum,
    Step,
)

eta, beta = Symbol("eta", real=True), Symbol("beta", real=True)
BOWL, ORIGIN = x**2 + 5 * y**2, at(0, 0)
UNIT = ((Integer(1), Integer(0)), (Integer(0), Integer(1)))
STEPS = (rel(eta, ">"), rel(eta - Rational(1, 5), "<"))


def spectrum(low: int = 2, high: int = 10, attained: bool = True, **data: object) -> Step:
    matrix = ((Integer(2), Integer(0)), (Integer(0), Integer(10)))
    given = {"values": (Integer(2), Integer(10)), "vectors": UNIT} | data
    return step(Spectrum(matrix, Integer(low), Integer(high), attained), "eigenvectors", **given)


def converges(method: str = "gd", memory: Symbol | None = None, when: tuple = STEPS) -> Step:
    claim = Attraction(BOWL, (x, y), ORIGIN, method, eta, memory, when, "converges")
    return step(claim, "iteration_converges", *derivatives(BOWL, (x, y)), spectrum())


def best(size: object = Rational(1, 6), factor: object = Rational(2, 3)) -> Step:
    claim = Rate(BOWL, (x, y), ORIGIN, "gd", size, None, factor, "best")
    return step(claim, "rate_best", *derivatives(BOWL, (x, y)), spectrum())


def saddle(when: tuple = (rel(eta, ">"),), effect: str = "repelled") -> Step:
    f = x**2 - y**2
    matrix = ((Integer(2), Integer(0)), (Integer(0), Integer(-2)))
    own = step(
        Spectrum(matrix, Integer(-2), Integer(2), True),
        "eigenvectors",
        values=(Integer(2), Integer(-2)),
        vectors=UNIT,
    )
    claim = Attraction(f, (x, y), ORIGIN, "gd", eta, None, when, effect)
    return step(claim, f"iteration_{effect}", *derivatives(f, (x, y)), own)


def quartic() -> Step:
    """x^4 + x^2 on (-1, 1): the second derivative 12 x^2 + 2 lies between 2 and 14."""
    f, region = x**4 + x**2, (rel(x + 1, ">"), rel(x - 1, "<"))
    bend = 12 * x**2 + 2
    low = step(
        Definite(((12 * x**2,),), ">="),
        "positive_definite",
        holds(12 * x**2, ">=", region=region),
        region=region,
        lower=((Integer(1),),),
        diagonal=(12 * x**2,),
    )
    high = step(
        Definite(((12 - 12 * x**2,),), ">="),
        "positive_definite",
        holds(12 - 12 * x**2, ">=", 12 * (1 - x) * (1 + x), region=region),
        region=region,
        lower=((Integer(1),),),
        diagonal=(12 - 12 * x**2,),
    )
    bounds = step(
        Spectrum(((bend,),), Integer(2), Integer(14), False), "eigenvalue_bounds", low, high, region=region
    )
    convex = step(RegionConvex((x,)), "region_convex", region=region, order=region, same_as=())
    claim = Attraction(
        f, (x,), at(0), "gd", eta, None, (rel(eta, ">"), rel(eta - Rational(1, 7), "<")), "contracts"
    )
    return step(claim, "iteration_contracts", *derivatives(f, (x,), region), bounds, convex, region=region)


ROOT = sqrt((p - 1) ** 2 + 16)
COUPLED = ((2 * p, Integer(4)), (Integer(4), Integer(2)))
"""The Hessian of p x^2 + 4 x y + y^2, whose determinant is 4 (p - 4)."""


def first_entry(condition: tuple) -> Step:
    """2 p > 0 from p >= 4."""
    return holds(2 * p, ">", 2 * (p - 4) + 8, condition=condition)


def of_two(low: object = p + 1 - ROOT, high: object = p + 1 + ROOT, **given: Any) -> Step:
    claim = Spectrum(given.pop("matrix", COUPLED), low + 0, high + 0, True)
    return step(claim, "eigenvalues_of_two", **given)


def singular(low: object = 0, high: object = 10, at: int = 4) -> Step:
    """For p = 4, where the determinant is 0."""
    condition, claim = (rel(p - at, "=="),), Spectrum(COUPLED, Integer(low), Integer(high), True)
    return step(claim, "eigenvalues_of_two", first_entry(condition), condition=condition)


def sign_of_two(expression: object, op: str, border: str = ">", spectrum: Step | None = None) -> Step:
    """For p > 4, p < 4 or p = 4."""
    condition = (rel(p - 4, border),)
    given = of_two(condition=condition) if spectrum is None else spectrum
    signs = [holds(4 * p - 16, border, 4 * (p - 4), condition=condition)]
    signs += [] if border == "<" else [first_entry(condition)]
    return step(Holds(rel(expression, op)), "signs_of_two", given, *signs, condition=condition)


HEAVY = (rel(eta, ">"), rel(eta - (1 + beta) / 5, "<"))
NESTEROV = (rel(eta, ">"), rel(eta - (1 + beta) / (5 * (1 + 2 * beta)), "<"))


@pytest.mark.parametrize(
    "honest",
    [
        spectrum(),
        converges(),
        converges("momentum", beta, HEAVY),
        converges("nesterov", beta, NESTEROV),
        converges("newton", None, (rel(eta, ">"), rel(eta - 2, "<"))),
        best(),
        saddle(),
        quartic(),
    ],
    ids=lambda s: f"{s.rule}-{getattr(s.claim, 'method', '')}",
)
def test_the_honest_ones_are_accepted(honest: Step) -> None:
    assert check(honest) == "checked"


HONEST_OF_TWO = {
    "both by the formula": of_two(),
    "zero and the trace": singular(),
    "the smaller one is positive": sign_of_two(p + 1 - ROOT, ">"),
    "the larger one is positive": sign_of_two(p + 1 + ROOT, ">"),
    "the trace is positive": sign_of_two(2 * p + 2, ">"),
    "the sum of the roots has a square": sign_of_two(2 * p + 2 + 2 * sqrt(4 * p - 16), ">"),
    "the smaller one is negative": sign_of_two(p + 1 - ROOT, "<", "<"),
    "the larger one is positive at a negative determinant": sign_of_two(p + 1 + ROOT, ">", "<"),
}


@pytest.mark.parametrize("name", HONEST_OF_TWO)
def test_eigenvalues_of_two_are_accepted(name: str) -> None:
    assert check(HONEST_OF_TWO[name]) == "checked"


LIES: dict[str, Callable[[], Step]] = {
    "an eigenvalue is left out": lambda: but(spectrum(), high=Integer(2)),
    "the bounds are the wrong way round": lambda: spectrum(10, 2),
    "no eigenvalue but said to be one": lambda: spectrum(1, 10),
    "the vectors are dependent": lambda: spectrum(
        vectors=(UNIT[0], UNIT[0]), values=(Integer(2), Integer(2))
    ),
    "not an eigenvector": lambda: spectrum(vectors=((Integer(1), Integer(1)), UNIT[1])),
    "a zero vector": lambda: spectrum(vectors=((Integer(0), Integer(0)), UNIT[1])),
    "a matrix that is not symmetric": lambda: step(
        Spectrum(((Integer(1), Integer(1)), (Integer(0), Integer(2))), Integer(1), Integer(2), True),
        "eigenvectors",
        values=(Integer(1), Integer(2)),
        vectors=((Integer(1), Integer(0)), (Integer(1), Integer(1))),
    ),
    "the same root twice": lambda: of_two(p + 1 + ROOT),
    "the roots the wrong way round": lambda: of_two(p + 1 + ROOT, p + 1 - ROOT),
    "half of the gap": lambda: of_two(p + 1 - ROOT / 2, p + 1 + ROOT / 2),
    "three eigenvalues by the formula for two": lambda: of_two(
        matrix=((2 * p, Integer(4), Integer(0)), (Integer(4), Integer(2), Integer(0)), (Integer(0),) * 3)
    ),
    "a determinant that does not vanish": lambda: singular(0, 12, 5),
    "zero is the larger one": lambda: singular(10, 0),
    "zero and a trace of another matrix": lambda: singular(0, 9),
    "both are negative where the first entry is positive": lambda: sign_of_two(p + 1 + ROOT, "<"),
    "both are positive at a negative determinant": lambda: sign_of_two(p + 1 - ROOT, ">", "<"),
    "the difference of the roots has a square that may be 0": lambda: sign_of_two(
        2 * p + 2 - 2 * sqrt(4 * p - 16), ">"
    ),
    "the sum of roots of negative numbers": lambda: sign_of_two(2 * p + 2 + 2 * sqrt(4 * p - 16), ">", "<"),
    "the trace is positive at a negative determinant": lambda: sign_of_two(2 * p + 2, ">", "<"),
    "the smaller one is positive at a determinant of zero": lambda: sign_of_two(p + 1 - ROOT, ">", "=="),
    "the signs of bounds": lambda: sign_of_two(
        p + 1 - ROOT, ">", ">", but(of_two(condition=(rel(p - 4, ">"),)), attained=False)
    ),
    "too long a step": lambda: converges(when=(STEPS[0], rel(eta - Rational(1, 4), "<"))),
    "the border included": lambda: converges(when=(STEPS[0], rel(eta - Rational(1, 5), "<="))),
    "a step of size zero": lambda: converges(when=(rel(eta, ">="), STEPS[1])),
    "the rule of the notes, 1/||grad f||": lambda: converges(
        when=(STEPS[0], rel(eta - 1 / sqrt(4 * x**2 + 100 * y**2), "<"))
    ),
    "uphill, as in (2.37)": lambda: converges(when=(rel(-eta, ">"), rel(-eta - Rational(1, 5), "<"))),
    "the heavy ball's steps for gradient descent": lambda: converges(
        when=(STEPS[0], rel(eta - Rational(2, 5), "<"))
    ),
    "the heavy ball's steps for Nesterov's method": lambda: converges("nesterov", beta, HEAVY),
    "no memory named": lambda: converges("momentum", None),
    "the memory is the step size": lambda: converges("momentum", eta, HEAVY),
    "a memory that is positive by assumption": lambda: converges(
        "momentum",
        Symbol("b", positive=True),
        (STEPS[0], rel(eta - (1 + Symbol("b", positive=True)) / 5, "<")),
    ),
    "a step size that is a variable of f": lambda: replace(
        converges(),
        claim=replace(converges().claim, step_size=x, when=(rel(x, ">"), rel(x - Rational(1, 5), "<"))),
    ),
    "another point": lambda: but(converges(), branch=at(1, 0)),
    "the spectrum of another function": lambda: replace(
        converges(), premises=(*derivatives(x**2 + 7 * y**2, (x, y)), spectrum())
    ),
    "a function that is not quadratic": lambda: step(
        Attraction(
            x**4 + x**2, (x,), at(0), "gd", eta, None, (rel(eta, ">"), rel(eta - 1, "<")), "converges"
        ),
        "iteration_converges",
        *derivatives(x**4 + x**2, (x,)),
        step(
            Spectrum(((Integer(2),),), Integer(2), Integer(2), True),
            "eigenvectors",
            values=(Integer(2),),
            vectors=((Integer(1),),),
        ),
    ),
    "from every start of a region": lambda: replace(converges(), context=Context((rel(x + 9, ">"),))),
    "a saddle attracts": lambda: saddle((rel(eta, ">"), rel(eta - 1, "<")), "attracted"),
    "everything converges at a saddle": lambda: saddle((rel(eta, ">"), rel(eta - 1, "<")), "converges"),
    "a minimum repels": lambda: replace(
        saddle(),
        premises=(*derivatives(BOWL, (x, y)), spectrum()),
        claim=replace(saddle().claim, objective=BOWL),
    ),
    "another step size is the best": lambda: best(Rational(1, 5), Rational(1)),
    "a smaller factor": lambda: best(factor=Rational(1, 2)),
    "the best without a minimum": lambda: replace(
        saddle(), claim=replace(best().claim, objective=x**2 - y**2)
    ),
    "bounds that are too narrow": lambda: replace(
        quartic(),
        premises=(
            *quartic().premises[:3],
            but(quartic().premises[3], high=Integer(13)),
            quartic().premises[4],
        ),
    ),
    "a contraction on the whole line": lambda: replace(quartic(), context=Context()),
    "a contraction of the heavy ball": lambda: but(quartic(), method="momentum", memory=beta),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_rejected(lie: str) -> None:
    with pytest.raises(Rejected):
        check(LIES[lie]())
