"""The checks of curvature: honest derivations pass, lying ones are rejected."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from sympy import Abs, Expr, I, Integer, Rational, S, Symbol, cosh, exp, log, pi, sqrt, symbols

from symopt.derivation.checker import CHECKS, is_accepted
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import (
    Claim,
    Context,
    Continuous,
    Curved,
    Definite,
    Hessian,
    Holds,
    NotCurved,
    RegionConvex,
    RegionNotConvex,
    Smooth,
    Step,
)
from symopt.relation import Relation

x, y, z, a, p = symbols("x y z a p", real=True)
LINE = Context()
RIGHT = Context((Relation(x, ">"),))
PUNCTURED = Context((Relation(x, "!="),))
HALF = Rational(1, 2)
POSITIVE = Symbol("x", positive=True)


def step(context: Context, claim: Claim, rule: str, *premises: Step, **data: object) -> Step:
    return Step(context, claim, rule, premises, tuple(sorted(data.items())))


def convex_region(context: Context, *variables: object) -> Step:
    return step(context, RegionConvex(variables or (x,)), "region_convex", order=context.region)


def holds(context: Context, expression: Expr, op: str) -> Step:
    return step(context, Holds(Relation(expression, op)), "signs", tree=expression)


def smooth(context: Context, f: Expr, *variables: object) -> Step:
    return step(context, Smooth(f, variables or (x,)), "smooth_by_table")


def hessian(context: Context, f: Expr) -> Step:
    return step(context, Hessian(f, (x,), ((f.diff(x, 2),),)), "hessian")


def by_second_derivative(
    context: Context, f: Expr, op: str, kind: str = "convex", strict: bool = False
) -> Step:
    sign = holds(context, f.diff(x, 2), op)
    premises = (convex_region(context), smooth(context, f), hessian(context, f), sign)
    return step(context, Curved(f, (x,), kind, strict), "second_order", *premises)


def atom(
    context: Context,
    f: Expr,
    kind: str,
    name: str,
    arguments: tuple[Expr, ...],
    *premises: Step,
    constants: tuple[Expr, ...] = (),
    strict: bool = False,
    variables: tuple[object, ...] = (x,),
) -> Step:
    claim = Curved(f, variables, kind, strict)
    region = convex_region(context, *variables)
    return step(
        context, claim, "composition", region, *premises, atom=name, arguments=arguments, constants=constants
    )


def square(context: Context = LINE, strict: bool = True) -> Step:
    return atom(context, x**2, "convex", "even power", (x,), constants=(Integer(1),), strict=strict)


def chord(
    context: Context, f: Expr, kind: str, p_: Expr, q_: Expr, weight: Expr = HALF, strict: bool = False
) -> Step:
    return step(context, NotCurved(f, (x,), kind, strict, (p_,), (q_,), weight), "chord")


HONEST = {
    "a power mean with weights": atom(
        RIGHT,
        (3 * sqrt(x) + 2 * sqrt(x + 1)) ** 2,
        "concave",
        "power of a weighted mean",
        (x, x + 1),
        constants=(Integer(3), Integer(2), HALF, S.One),
    ),
    "x^2 by its second derivative": by_second_derivative(LINE, x**2, ">", strict=True),
    "x^3 on x > 0": by_second_derivative(RIGHT, x**3, ">", strict=True),
    "x^2 as an atom": square(),
    "exp(x^2) by composition": atom(LINE, exp(x**2), "convex", "exp", (x**2,), square(), strict=True),
    "-log x": step(
        RIGHT,
        Curved(-log(x), (x,), "convex", True),
        "curvature_negation",
        atom(RIGHT, log(x), "concave", "log", (x,), strict=True),
        multiples=(S.NegativeOne,),
    ),
    "x^4 strictly, though f'' vanishes": step(
        LINE,
        Curved(x**4, (x,), "convex", True),
        "isolated_zeros",
        convex_region(LINE),
        smooth(LINE, x**4),
        hessian(LINE, x**4),
        holds(LINE, 12 * x**2, ">="),
        point=S.One,
    ),
    "x^3 is not convex": chord(LINE, x**3, "convex", S(-2), S.Zero),
    "|x| is not strictly convex": chord(LINE, Abs(x), "convex", S.One, S(2), strict=True),
    "x != 0 is not convex": step(
        PUNCTURED, RegionNotConvex((x,), (S(-1),), (S.One,), HALF), "region_not_convex"
    ),
    "the disc is convex": step(
        Context((Relation(x**2 - 1, "<="),)),
        RegionConvex((x,)),
        "region_convex",
        step(
            LINE,
            Curved(x**2 - 1, (x,), "convex"),
            "curvature_sum",
            square(),
            step(
                LINE,
                Curved(S.One, (x,), "affine"),
                "affine",
                convex_region(LINE),
                coefficients=(S.Zero, S.One),
            ),
            multiples=(S.One, S.NegativeOne),
        ),
        order=(Relation(x**2 - 1, "<="),),
    ),
    "x^3 bends the wrong way at -1": step(
        LINE,
        NotCurved(x**3, (x,), "convex", False, (S(-1),), (S.Zero,), S.One),
        "second_order",
        smooth(LINE, x**3),
        hessian(LINE, x**3),
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_derivations_are_accepted(name: str) -> None:
    assert is_accepted(HONEST[name])


OPEN_A = Context((Relation(x, ">"),), (Relation(a, ">"),))
QUADRANT = Context((Relation(x, ">"), Relation(y, ">")))
BORDER = Context((Relation(x, ">="), Relation(y, ">=")))
geometric_mean = atom(
    QUADRANT, sqrt(x * y), "concave", "geometric mean", (x, y), constants=(HALF, HALF), variables=(x, y)
)
both_x2 = atom(LINE, x**2, "convex", "even power", (x,), constants=(Integer(1),), variables=(x, y))
minus_x2 = step(
    LINE, Curved(-(x**2), (x,), "concave"), "curvature_negation", square(), multiples=(S.NegativeOne,)
)
three_x = step(
    LINE, Curved(3 * x, (x,), "affine"), "affine", convex_region(LINE), coefficients=(S(3), S.Zero)
)

LIES = {
    "sqrt(x y) by the table where x and y may both be negative": replace(geometric_mean, context=LINE),
    "sqrt(x y) by the table on x y > 0": replace(geometric_mean, context=Context((Relation(x * y, ">"),))),
    "sqrt(x y^3) as sqrt(x) sqrt(y)": replace(
        geometric_mean, claim=Curved(sqrt(x * y**3), (x, y), "concave")
    ),
    "sqrt(x y) strictly": replace(geometric_mean, claim=Curved(sqrt(x * y), (x, y), "concave", True)),
    "log(x)/log(2) as log of two arguments, at the base 1/2": atom(
        RIGHT, log(x) / log(HALF), "concave", "log", (x, HALF), strict=True
    ),
    "0 strictly convex, as log B of one argument": atom(
        RIGHT, S.Zero, "convex", "logarithm of beta", (x,), strict=True
    ),
    "a power mean with a negative weight": atom(
        RIGHT,
        (3 * sqrt(x) - sqrt(x + 1)) ** 2,
        "concave",
        "power of a weighted mean",
        (x, x + 1),
        constants=(Integer(3), -S.One, HALF, S.One),
    ),
    "a power mean strictly concave along rays": atom(
        RIGHT,
        (sqrt(x) + sqrt(2 * x)) ** 2,
        "concave",
        "small power of a weighted mean",
        (x, 2 * x),
        constants=(S.One, S.One, HALF, S.One),
        strict=True,
    ),
    "x^2 affine, though its second derivative is 2": step(
        LINE,
        Curved(x**2, (x,), "affine"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, x**2),
        hessian(LINE, x**2),
    ),
    "1/x affine, by a second derivative that is not its own": step(
        RIGHT,
        Curved(1 / x, (x,), "affine"),
        "second_order",
        convex_region(RIGHT),
        smooth(RIGHT, 1 / x),
        step(RIGHT, Hessian(1 / x, (x,), ((S.Zero,),)), "hessian"),
    ),
    "|x| affine, as its second derivative is 0 beside the kink": step(
        LINE,
        Curved(abs(x), (x,), "affine"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, abs(x)),
        step(LINE, Hessian(abs(x), (x,), ((S.Zero,),)), "hessian"),
    ),
    "x^3 convex, its sign from the right half": step(
        LINE,
        Curved(x**3, (x,), "convex"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, x**3),
        hessian(LINE, x**3),
        holds(RIGHT, 6 * x, ">="),
    ),
    "x^3 convex, because x is called positive": step(
        LINE,
        Curved(POSITIVE**3, (POSITIVE,), "convex"),
        "second_order",
        step(LINE, RegionConvex((POSITIVE,)), "region_convex", order=()),
        smooth(LINE, POSITIVE**3, POSITIVE),
        step(LINE, Hessian(POSITIVE**3, (POSITIVE,), ((6 * POSITIVE,),)), "hessian"),
        holds(LINE, 6 * POSITIVE, ">"),
    ),
    "x^3 convex, by the sign of another function": step(
        LINE,
        Curved(x**3, (x,), "convex"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, x**3),
        hessian(LINE, x**3),
        holds(LINE, 6 * x**2, ">="),
    ),
    "x^3 convex, with the Hessian of x^4": step(
        LINE,
        Curved(x**3, (x,), "convex"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, x**3),
        hessian(LINE, x**4),
        holds(LINE, 12 * x**2, ">="),
    ),
    "x^3 convex as a power": atom(LINE, x**3, "convex", "power", (x,), constants=(S(3),)),
    "x^3 convex as an even power with k = 3/2": atom(
        LINE, x**3, "convex", "even power", (x,), constants=(Rational(3, 2),)
    ),
    "|x| - x^2 concave: no smoothness at the kink": step(
        LINE,
        Curved(Abs(x) - x**2, (x,), "concave"),
        "second_order",
        convex_region(LINE),
        step(LINE, Hessian(Abs(x) - x**2, (x,), ((S(-2),),)), "hessian"),
        holds(LINE, S(-2), "<"),
    ),
    "|x| - x^2 concave: smoothness claimed at the kink": step(
        LINE,
        Curved(Abs(x) - x**2, (x,), "concave"),
        "second_order",
        convex_region(LINE),
        smooth(LINE, Abs(x) - x**2),
        step(LINE, Hessian(Abs(x) - x**2, (x,), ((S(-2),),)), "hessian"),
        holds(LINE, S(-2), "<"),
    ),
    "hidden kink sqrt(x^4 + x^2) smooth": smooth(LINE, sqrt(x**4 + x**2)),
    "1/x^2 convex where x != 0": by_second_derivative(PUNCTURED, x**-2, ">"),
    "1/x^2 convex where x != 0, region from x > 0": step(
        PUNCTURED,
        Curved(x**-2, (x,), "convex"),
        "second_order",
        convex_region(RIGHT),
        smooth(PUNCTURED, x**-2),
        hessian(PUNCTURED, x**-2),
        holds(PUNCTURED, 6 / x**4, ">"),
    ),
    "1/x^2 convex where x != 0, region from the line": step(
        PUNCTURED,
        Curved(x**-2, (x,), "convex"),
        "second_order",
        convex_region(LINE),
        smooth(PUNCTURED, x**-2),
        hessian(PUNCTURED, x**-2),
        holds(PUNCTURED, 6 / x**4, ">"),
    ),
    "1/x convex on the line": atom(LINE, 1 / x, "convex", "inverse power", (x,), constants=(S.NegativeOne,)),
    "exp(-x^2) convex: wrong direction": atom(LINE, exp(-(x**2)), "convex", "exp", (-(x**2),), minus_x2),
    "exp(-x^2) convex: an unproved inside": atom(LINE, exp(-(x**2)), "convex", "exp", (-(x**2),)),
    "log(1 + x^2) concave: convex inside a concave function": atom(
        LINE, log(x**2), "concave", "log", (x**2,), square()
    ),
    "(x^2 - 1)^2 convex: no slope": atom(
        LINE,
        (x**2 - 1) ** 2,
        "convex",
        "even power",
        (x**2 - 1,),
        step(LINE, Curved(x**2 - 1, (x,), "convex"), "curvature_rewritten", square()),
        constants=(Integer(1),),
    ),
    "x^2 - x^4 convex: a negative multiple": step(
        LINE,
        Curved(x**2 - x**4, (x,), "convex"),
        "curvature_sum",
        square(),
        atom(LINE, x**4, "convex", "even power", (x,), constants=(Integer(2),)),
        multiples=(S.One, S.NegativeOne),
    ),
    "p x^2 convex with p of unknown sign": step(
        LINE, Curved(p * x**2, (x,), "convex"), "curvature_sum", square(), multiples=(p,)
    ),
    "x x^2 convex: a multiple that varies": step(
        RIGHT, Curved(x * x**2, (x,), "convex"), "curvature_sum", square(RIGHT), multiples=(x,)
    ),
    "x^2 + 1 from x^2": step(LINE, Curved(x**2 + 1, (x,), "convex"), "curvature_rewritten", square()),
    "|x| = x": step(
        LINE, Curved(Abs(x), (x,), "affine"), "affine", convex_region(LINE), coefficients=(S.One, S.Zero)
    ),
    "x^2 affine with coefficient x": step(
        LINE, Curved(x**2, (x,), "affine"), "affine", convex_region(LINE), coefficients=(x, S.Zero)
    ),
    "3 x strictly convex": replace(three_x, claim=Curved(3 * x, (x,), "affine", True)),
    "3 x strictly convex as a sum": step(
        LINE, Curved(3 * x, (x,), "convex", True), "curvature_sum", three_x, multiples=(S.One,)
    ),
    "x^2 strictly convex in x and y": replace(both_x2, claim=Curved(x**2, (x, y), "convex", True)),
    "exp(x + y) strictly convex": atom(
        LINE, exp(x + y), "convex", "exp", (x + y,), strict=True, variables=(x, y)
    ),
    "log-sum-exp strictly convex": atom(
        LINE, log(exp(x) + exp(y)), "convex", "log-sum-exp", (x, y), strict=True, variables=(x, y)
    ),
    "|x| strict, from a strict premise that has nothing to do with it": atom(
        LINE,
        exp(Abs(x)),
        "convex",
        "exp",
        (Abs(x),),
        atom(LINE, Abs(x), "convex", "abs", (x,)),
        square(),
        strict=True,
    ),
    "0 x^2 + |x| strict": step(
        LINE,
        Curved(Abs(x), (x,), "convex", True),
        "curvature_sum",
        square(),
        atom(LINE, Abs(x), "convex", "abs", (x,)),
        multiples=(S.Zero, S.One),
    ),
    "x^2 f'' >= 0 is strict without isolated zeros": step(
        LINE,
        Curved(x**4, (x,), "convex", True),
        "second_order",
        convex_region(LINE),
        smooth(LINE, x**4),
        hessian(LINE, x**4),
        holds(LINE, 12 * x**2, ">="),
    ),
    "isolated zeros of f'' = 0": step(
        LINE,
        Curved(3 * x, (x,), "convex", True),
        "isolated_zeros",
        convex_region(LINE),
        smooth(LINE, 3 * x),
        step(LINE, Hessian(3 * x, (x,), ((S.Zero,),)), "hessian"),
        holds(LINE, S.Zero, ">="),
        point=S.One,
    ),
    "isolated zeros shown at a zero": step(
        LINE,
        Curved(x**4, (x,), "convex", True),
        "isolated_zeros",
        convex_region(LINE),
        smooth(LINE, x**4),
        hessian(LINE, x**4),
        holds(LINE, 12 * x**2, ">="),
        point=S.Zero,
    ),
    "x^a convex for a > 0": atom(OPEN_A, x**a, "convex", "power", (x,), constants=(a,)),
    "x^a convex, a > 1 from another case": atom(
        OPEN_A,
        x**a,
        "convex",
        "power",
        (x,),
        holds(Context((), (Relation(a - 1, ">"),)), a - 1, ">"),
        constants=(a,),
    ),
    "a condition that restricts the variable": by_second_derivative(
        Context((), (Relation(x, ">"),)), x**3, ">"
    ),
    "log(1 - e^x) as log-sum-exp of x + pi i": atom(
        Context((Relation(x, "<"),)),
        log(1 - exp(x)),
        "convex",
        "shifted log-sum-exp",
        (x + I * pi,),
        constants=(S.One,),
    ),
    "sqrt(x y) strictly concave up to the border": step(
        BORDER,
        Curved(sqrt(x * y), (x, y), "concave", True),
        "curvature_closure",
        geometric_mean,
        convex_region(BORDER, x, y),
        step(BORDER, Continuous(sqrt(x * y), (x, y)), "continuous_by_table"),
        point=(S.One, S.One),
    ),
    "closure over a hole": step(
        LINE,
        Curved(Abs(x), (x,), "convex"),
        "curvature_closure",
        by_second_derivative(RIGHT, Abs(x), ">="),
        convex_region(LINE),
        step(LINE, Continuous(Abs(x), (x,)), "continuous_by_table"),
        point=(S.One,),
    ),
    "a slice taken for the whole": step(
        Context((Relation(x * y, ">"),)),
        Curved(x**2, (x, y), "convex"),
        "curvature_sum",
        by_second_derivative(Context((Relation(x * y, ">"),)), x**2, ">"),
        multiples=(S.One,),
    ),
    "leading minors taken for all": step(
        LINE, Definite(((S.Zero, S.Zero), (S.Zero, S.NegativeOne)), ">="), "minors"
    ),
    "minors of an indefinite matrix": step(
        LINE, Definite(((S.One, S(2)), (S(2), S.One)), ">="), "principal_minors"
    ),
    # v^T M v is -1 at (1, 1), though all minors are 1
    "minors of a matrix that is not symmetric": step(
        LINE, Definite(((S.One, S(-3)), (S(0), S.One)), ">="), "principal_minors"
    ),
    "leading minors of a matrix that is not symmetric": step(
        LINE, Definite(((S.One, S(-3)), (S(0), S.One)), ">"), "minors"
    ),
    "x != 0 convex": convex_region(PUNCTURED),
    "a relation left out": step(PUNCTURED, RegionConvex((x,)), "region_convex", order=()),
    "x^2 >= 1 as a level set": step(
        Context((Relation(x**2 - 1, ">="),)),
        RegionConvex((x,)),
        "region_convex",
        HONEST["the disc is convex"].premises[0],
        order=(Relation(x**2 - 1, ">="),),
    ),
    "x != 0 the same as x > 0": step(
        PUNCTURED,
        RegionConvex((x,)),
        "region_convex",
        holds(RIGHT, x, "!="),
        order=PUNCTURED.region,
        same_as=((Relation(x, "!="), Relation(x, ">")),),
    ),
    "the line not convex": step(LINE, RegionNotConvex((x,), (S(-1),), (S.One,), HALF), "region_not_convex"),
    "x > 0 not convex, with a point outside": step(
        RIGHT, RegionNotConvex((x,), (S(-1),), (S.One,), HALF), "region_not_convex"
    ),
    "x != 0 not convex, with a weight of 2": step(
        PUNCTURED, RegionNotConvex((x,), (S.One,), (S(2),), S(2)), "region_not_convex"
    ),
    "x^2 not convex": chord(LINE, x**2, "convex", S(-1), S.One),
    "x^2 not convex, between imaginary points": chord(LINE, x**2, "convex", -I, I),
    "x^2 not convex, beyond the segment": chord(LINE, x**2, "convex", S(-1), S.One, S(2)),
    "x^3 on x > 0 not convex, from a point outside": chord(RIGHT, x**3, "convex", S(-2), S.Zero),
    "x^2 not strictly convex, between equal points": chord(LINE, x**2, "convex", S.One, S.One, strict=True),
    "x^2 not strictly concave in the wrong sense": chord(LINE, -(x**2), "concave", S(-1), S.One, strict=True),
    "1/x not convex, across the pole": chord(LINE, 1 / x, "convex", S(-1), S(2)),
    "x^3 bends the wrong way on x >= 0, at the border": step(
        Context((Relation(x, ">="),)),
        NotCurved(x**3 - x**2, (x,), "convex", False, (S.Zero,), (S.One,), S.One),
        "second_order",
        smooth(Context((Relation(x, ">="),)), x**3 - x**2),
        hessian(LINE, x**3 - x**2),
    ),
    "cosh bends the wrong way": step(
        LINE,
        NotCurved(cosh(x), (x,), "convex", False, (S.Zero,), (S.One,), S.One),
        "second_order",
        smooth(LINE, cosh(x)),
        hessian(LINE, cosh(x)),
    ),
    "x^2 bends the wrong way in an imaginary direction": step(
        LINE,
        NotCurved(x**2, (x,), "convex", False, (S.Zero,), (I,), S.One),
        "second_order",
        smooth(LINE, x**2),
        hessian(LINE, x**2),
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lying_derivations_are_rejected(name: str) -> None:
    assert not is_accepted(LIES[name])


@pytest.mark.parametrize("name", [n for n, s in HONEST.items() if isinstance(s.claim, (Curved, NotCurved))])
def test_mutants_of_honest_derivations_are_rejected(name: str) -> None:
    """The same step with a claim of the other kind does not follow."""
    honest = HONEST[name]
    claim = cast(Curved, honest.claim)
    other = {"convex": "concave", "concave": "convex"}[claim.kind]
    mutant = replace(honest, claim=replace(claim, kind=other))
    if name == "|x| is not strictly convex":  # true as well: |x| is affine between the points
        assert is_accepted(mutant)
    else:
        with pytest.raises(Rejected):
            CHECKS[mutant.rule](mutant)
