"""Derivations that lie, each rejected; each is one change away from an honest derivation, which is accepted.

`HONEST` holds a derivation for every rule about signs, derivatives, equations and points. A lie is such a derivation
with a part of it changed (`but`), or one written out; its name says why what it claims is not so, or does not follow.
Its premises are honest, so the lie is in the last step.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from derivation_steps import (
    HALF,
    ONE,
    ORIGIN,
    SUM_OF_SQUARES,
    TOLD_OF_FAMILIES,
    ZERO,
    at,
    but,
    cover,
    definite,
    derivatives,
    done,
    h,
    holds,
    k,
    label,
    number,
    p,
    r,
    rel,
    root,
    s,
    solved,
    stationary,
    step,
    t,
    uncovered,
    x,
    y,
)
from sympy import (
    Abs,
    Add,
    Expr,
    I,
    Integer,
    LambertW,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Symbol,
    atan,
    exp,
    log,
    oo,
    pi,
    sign,
    sin,
    sqrt,
    zeta,
)

from symopt.derivation import checks_cover, checks_derivative, checks_labels, checks_points, checks_sign
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import (
    Branch,
    Context,
    Continuous,
    Curved,
    Derivative,
    Gradient,
    Holds,
    Infeasible,
    Number,
    RegionConvex,
    Smooth,
    Stationary,
    Step,
)

# --- honest derivations, one for every rule -------------------------------------------------------------------

RIGHT, LEFT = (rel(x, ">"),), (rel(x, "<"),)
LINE = at(t, 0, free=(t,))
SIGN = holds(x**2 + 1, ">")
STURM = step(Holds(rel(x**2 - 2, ">")), "sturm", region=(rel(x - 2, ">"),), symbol=x)
BOXED = step(Holds(rel(exp(x) - x / 2, ">")), "enclosure", region=(rel(x - 1, ">="), rel(x - 2, "<=")))
ROOT_OF_TWO = (rel(r**2 - 2, "=="), rel(r - 1, ">="), rel(2 - r, ">="))
ROOT_SIGN = step(Holds(rel(3 - 2 * r, ">")), "root_sign", condition=ROOT_OF_TWO, equation=r**2 - 2)
GROWING = exp(x) - x - 1
MONOTONE = step(
    Holds(rel(GROWING, ">")),
    "monotone",
    number(0, "=="),
    step(
        Holds(rel(exp(x) - 1, ">")),
        "monotone",
        number(0, "=="),
        holds(exp(x), ">"),
        region=RIGHT,
        symbol=x,
        end=ZERO,
    ),
    region=RIGHT,
    symbol=x,
    end=ZERO,
)
SPLIT = step(
    Holds(rel(Abs(x) + x**2, ">=")),
    "by_cases",
    *(holds(Abs(x) + x**2, ">=", condition=(rel(x, op),)) for op in ("<", ">=")),
    quantity=x,
    ops=("<", ">="),
)
ON_CIRCLE = (rel(x**2 + y**2 - 1, "=="),)
EQUALITY = step(
    Holds(rel(2 - x**2 - y**2, ">")),
    "given_equalities",
    number(1, ">"),
    region=ON_CIRCLE,
    multiples=((Integer(-1), x**2 + y**2 - 1),),
)
INSTANCE = step(
    Holds(rel(2 - sin(x), ">")),
    "instance",
    holds(2 - t, ">", tree=Add(1, Add(1, -t, evaluate=False), evaluate=False), region=(rel(1 - t, ">="),)),
    values=((t, sin(x)),),
)
CONTRADICTION = step(Infeasible(), "contradiction", condition=(rel(p, ">"), rel(p, "<")), quantity=p)
DECIDED = step(Holds(rel(x**2 + y**2 + 1, ">")), "decision_procedure")
SLOPE = step(Derivative(x**2 * exp(x), x, (x**2 + 2 * x) * exp(x)), "product_rule")
GRADIENT, HESSIAN, SMOOTH = derivatives(x**2 * y, (x, y))
CONTINUOUS = step(Continuous(Abs(x), (x,)), "continuous_by_table")
NONE = cover((x**2 + 1,), (x,), (), "cover_none")
FREE = cover((), (x,), (at(t, free=(t,)),), "cover_free")
FACTORS = cover(
    (x * (x - 1),),
    (x,),
    (at(0), at(1)),
    "cover_factors",
    solved(x, 0),
    solved(x - 1, 1),
    index=0,
    rest=ONE,
    factors=((x, 1), (x - 1, 1)),
)
LINEAR = solved(2 * x - p, p / 2, 2)
ON_LINE = cover(
    (x - p,),
    (x, y),
    (at(p, t, free=(t,)),),
    "cover_linear",
    cover((), (y,), (Branch(((y, t),), (), ((t, "real"),)),), "cover_free"),
    index=0,
    symbol=x,
    rest=ONE,
    values=((p, ()),),
)
R, NEGATIVE_R = root(r, 2), root(k, 2, -2, -1, 0)
ROOTS = cover(
    (x**2 - 2,),
    (x,),
    (at(k, numbers=(NEGATIVE_R,)), at(r, numbers=(R,))),
    "cover_roots",
    done(),
    index=0,
    symbol=x,
    values=((k, (NEGATIVE_R,)), (r, (R,))),
)
EXPONENTIAL = cover(
    (exp(x) - p,),
    (x,),
    (at(log(p)),),
    "cover_inverse",
    solved(x - log(p), log(p), condition=(rel(p, ">"),)),
    condition=(rel(p, ">"),),
    index=0,
    rest=ONE,
    function=exp,
    inner=x,
    level=p,
)
IN_KERNEL = cover(
    (k - 4,),
    (k,),
    (Branch(((k, Integer(4)),)),),
    "cover_linear",
    done(),
    index=0,
    symbol=k,
    rest=ONE,
    values=((Integer(4), ()),),
)
PLUS_MINUS_TWO = cover(
    (x**2 - 4,),
    (x,),
    (at(-2), at(2)),
    "cover_linear",
    done(),
    index=0,
    symbol=x,
    rest=ONE,
    values=((Integer(-2), ()), (Integer(2), ())),
)
KERNEL = cover(
    (x**2 - 4,),
    (x,),
    (at(-2), at(2)),
    "cover_kernel",
    IN_KERNEL,
    PLUS_MINUS_TWO,
    index=0,
    kernel=x**2,
    symbol=k,
    polynomial=k - 4,
    range=(rel(k, ">="),),
)
OMEGA = Number(r, r + exp(r), None, (Integer(-1), ZERO))
VARIATION = cover(
    (x + exp(x),),
    (x,),
    (at(r, numbers=(OMEGA,)),),
    "cover_variation",
    done(),
    holds(1 + exp(x), ">"),
    index=0,
    symbol=x,
    values=((r, (OMEGA,)),),
    pieces=((None, None, OMEGA),),
)
WHERE_ZERO = cover(
    (p * x, p),
    (x,),
    (at(t, free=(t,)),),
    "cover_rewritten",
    cover((p,), (x,), (at(t, free=(t,)),), "cover_rewritten", FREE),
)
PX = cover(
    (p * x,),
    (x,),
    (at(t, free=(t,)), at(0)),
    "cover_by_cases",
    WHERE_ZERO,
    solved(p * x, 0, p, region=(rel(p, "!="),)),
    quantity=p,
)
IDEAL = cover(
    (x**2 - 1, x - 1),
    (x,),
    (at(1),),
    "cover_ideal",
    done(),
    separating=(h, x),
    values=((ONE, ()),),
)
OUTSIDE = cover((x**2 - 4,), (x,), (at(2),), "cover_outside", PLUS_MINUS_TWO, region=RIGHT)
REWRITTEN = cover((x**2 - 4, x**2 * (x**2 - 4)), (x,), (at(-2), at(2)), "cover_rewritten", PLUS_MINUS_TWO)
SQUARE = solved(2 * x, 0, 2)
STATIONARY = stationary(x**2, SQUARE, (at(0),))
ON_THE_AXIS = cover(
    (ZERO, 2 * y),
    (x, y),
    (LINE,),
    "cover_linear",
    cover((ZERO,), (x,), (at(t, free=(t,)),), "cover_free"),
    index=1,
    symbol=y,
    rest=Integer(2),
    values=((ZERO, ()),),
)
# (t, 0) is in the region where t > 0 and -t > 0, that is nowhere
BESIDE = cover(
    *((ZERO, 2 * y), (x, y), (), "cover_outside", ON_THE_AXIS), region=(rel(x, ">"), rel(y**2 - x, ">"))
)
# max(0, x - y)^+ = 0 and 2 y = 0: y = 0 and x <= 0
FLAT_PART = cover(
    *(
        (3 * Max(ZERO, x - y), 2 * y),
        (x, y),
        (at(t, 0, free=(t,), where=(rel(t, "<="),)),),
        "cover_positive_part",
    ),
    ON_THE_AXIS,
    index=0,
)
FLAT = stationary(
    y**2,
    ON_THE_AXIS,
    (LINE,),
    (x, y),
)


def both_linear(f: Expr, a: Any, b: Any, condition: tuple = ()) -> Step:
    """The origin as the one stationary point of a x^2 + b y^2."""
    in_y = cover(
        (2 * b * y,),
        (y,),
        (Branch(((y, ZERO),)),),
        "cover_linear",
        done(),
        condition=condition,
        index=0,
        symbol=y,
        rest=2 * b + ZERO,
        values=((ZERO, ()),),
    )
    whole = cover(
        (2 * a * x, 2 * b * y),
        (x, y),
        (ORIGIN,),
        "cover_linear",
        in_y,
        condition=condition,
        index=0,
        symbol=x,
        rest=2 * a + ZERO,
        values=((ZERO, ()),),
    )
    return stationary(f, whole, (ORIGIN,), (x, y), condition=condition)


BOWL, SADDLE = x**2 + 3 * y**2, x**2 - y**2
PIVOTS = definite(((Integer(2), ZERO), (ZERO, Integer(6))), ">", (2, 6))
MINIMUM = label(
    BOWL,
    ORIGIN,
    "minimum",
    True,
    "second_order_minimum",
    both_linear(BOWL, 1, 3),
    *derivatives(BOWL, (x, y))[1:],
    PIVOTS,
)
MAXIMUM = label(
    -(x**2),
    at(0),
    "maximum",
    True,
    "second_order_maximum",
    stationary(-(x**2), solved(-2 * x, 0, -2), (at(0),)),
    *derivatives(-(x**2))[1:],
    definite(((Integer(-2),),), "<", (-2,)),
)
IN_SADDLE = label(
    SADDLE,
    ORIGIN,
    "saddle",
    None,
    "second_order_saddle",
    both_linear(SADDLE, 1, -1),
    *derivatives(SADDLE, (x, y))[1:],
    up=(ONE, ZERO),
    down=(ZERO, ONE),
)
BY_DETERMINANT = but(
    IN_SADDLE,
    rule="determinant_saddle",
    premises=(*IN_SADDLE.premises, number(SADDLE.diff(x, 2) * SADDLE.diff(y, 2), "<")),
)
CUBE = stationary(
    x**3,
    cover(
        (3 * x**2,),
        (x,),
        (at(0),),
        "cover_linear",
        done(),
        index=0,
        symbol=x,
        rest=Integer(3),
        values=((ZERO, ()), (ZERO, ())),
    ),
    (at(0),),
)
INFLECTION = label(
    x**3, at(0), "inflection", None, "higher_derivative", CUBE, *derivatives(x**3)[1:], order=3
)
EVERYWHERE = stationary(p, cover((ZERO,), (x,), (at(t, free=(t,)),), "cover_free"), (at(t, free=(t,)),))
CONSTANT = label(
    p, at(t, free=(t,)), "constant", None, "constant_function", EVERYWHERE, derivatives(p + ZERO)[0]
)
BOUND = label(y**2, LINE, "minimum", False, "bound_minimum", FLAT, holds(y**2, ">="), value=ZERO)
STRICT_BOUND = label(
    x**2,
    at(0),
    "minimum",
    True,
    "bound_minimum",
    STATIONARY,
    holds(x**2, ">="),
    cover((x**2,), (x,), (at(0),), "cover_factors", solved(x, 0), index=0, rest=ONE, factors=((x, 2),)),
    value=ZERO,
)
UPPER = label(
    -(x**2), at(0), "maximum", None, "bound_maximum", MAXIMUM.premises[0], holds(-(x**2), "<="), value=ZERO
)
CURVES = label(
    SADDLE,
    ORIGIN,
    "saddle",
    None,
    "curves_saddle",
    IN_SADDLE.premises[0],
    derivatives(SADDLE, (x, y))[2],
    symbol=s,
    curves=((s, ZERO), (ZERO, s)),
)
CONVEX = step(
    Curved(x**2, (x,), "convex", True),
    "second_order",
    step(RegionConvex((x,)), "region_convex", order=()),
    *derivatives(x**2)[1:],
    number(2, ">"),
)
CONCAVE = step(
    Curved(-(x**2), (x,), "concave", True),
    "second_order",
    step(RegionConvex((x,)), "region_convex", order=()),
    *derivatives(-(x**2))[1:],
    number(-2, "<"),
)
BY_CONVEXITY = label(x**2, at(0), "minimum", True, "convex_minimum", STATIONARY, CONVEX)
BY_CONCAVITY = label(-(x**2), at(0), "maximum", True, "concave_maximum", MAXIMUM.premises[0], CONCAVE)
KINK = label(Abs(x), at(0), "minimum", True, "kink")
RIDGE = label(Abs(x), at(0, t, free=(t,)), "minimum", False, "kink_bound", holds(Abs(x), ">="), value=ZERO)
CONE = label(
    x**2 + y**2,
    ORIGIN,
    "minimum",
    True,
    "kink_bound",
    holds(x**2 + y**2, ">="),
    SUM_OF_SQUARES,
    value=ZERO,
)
SLOPED_CONE = label(
    Abs(x) - Abs(y), at(0, 0), "saddle", None, "kink_directions", directions=((ONE, ZERO), (ZERO, ONE))
)

QUARTER = Rational(1, 4)  # along x = y the function x^2 + y^2 + max(x, y) is least at x = -1/4
EDGE_FUNCTION = Max(x, y) + x**2 + y**2
EDGE_ABOVE, EDGE_BELOW = (
    label(
        EDGE_FUNCTION,
        at(t, t, free=(t,), where=(rel(t + QUARTER, op),)),
        "saddle",
        None,
        "kink_directions",
        directions=((ONE, -ONE), (away, away)),
    )
    for op, away in ((">", -ONE), ("<", ONE))
)
EDGE = label(
    EDGE_FUNCTION,
    at(t, t, free=(t,), where=(rel(t + QUARTER, "!="),)),
    "saddle",
    None,
    "label_parts",
    EDGE_BELOW,
    EDGE_ABOVE,
    symbol=t,
    value=-QUARTER,
)

INTEGER = Symbol("n", integer=True)
COMB = label(Abs(sin(x)), at(2 * pi * INTEGER, free=(INTEGER,)), "minimum", True, "kink")

HONEST = {
    name: value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, Step)
} | {"a number": number(exp(1) - 2, ">")}

# --- lies -----------------------------------------------------------------------------------------------------

QUARTIC_FROM_SQUARES = Mul(Pow(Mul(I, x, evaluate=False), 2, evaluate=False), 1, evaluate=False)
JUMP = 2 - (2 * x) ** (1 / log(x))  # tends to 2 - e at 0, where SymPy puts 0**0 = 1
NEAR = (rel(x, ">"), rel(x - 1, "<"))
SAME_NAME = cover(
    (y**2 - 3,),
    (y,),
    (Branch(((y, r),), (root(r, 3),)), Branch(((y, k),), (root(k, 3, -2, -1, 0),))),
    "cover_roots",
    done(),
    index=0,
    symbol=y,
    values=((r, (root(r, 3),)), (k, (root(k, 3, -2, -1, 0),))),
)
R_AND_R = tuple(
    Branch(((x, a), (y, b)), (m, n))
    for a, m in ((k, NEGATIVE_R), (r, R))
    for b, n in ((r, root(r, 3)), (k, root(k, 3, -2, -1, 0)))
)
FLAT_IN_P = p**2 * x**2 - y**2
AT_P = both_linear(FLAT_IN_P, p**2, -1, condition=(rel(p, "!="),))
HALF_PLANE = Holds(rel(x, ">="))
CIRCLE = Branch(((x, sqrt(1 - t**2) ** 2 + t**2 - 1), (y, ZERO)), (), ((t, "real"),))
FLAT_IN_S = s * x**2 - y**2
AT_S = both_linear(FLAT_IN_S, s, -1, condition=(rel(s, "!="),))
ANYWHERE = replace(AT_P, claim=replace(AT_P.claim, complete=False), context=Context())
AXIS = Context((rel(1 - sign(y) ** 2, ">"),))
FOURTH = cover(
    (4 * x**3,), (x,), (at(0),), "cover_factors", solved(x, 0), index=0, rest=Integer(4), factors=((x, 3),)
)


def decided(expression: Expr, op: str, region: tuple) -> Step:
    """A premise on trust, where the lie is elsewhere."""
    return step(Holds(rel(expression, op)), "decision_procedure", region=region)


def convex_beside_0(side: tuple) -> Step:
    f = 1 / x**2
    region = step(RegionConvex((x,)), "region_convex", order=side, region=side)
    parts = (region, *derivatives(f, (x,), side)[1:], holds(f.diff(x, 2), ">", region=side))
    return step(Curved(f, (x,), "convex"), "second_order", *parts, region=side)


LIES: dict[str, Step] = {
    # signs
    "x^2 vanishes at 0": holds(x**2, ">"),
    "x^2 - 1 is not x^2": holds(x**2 - 1, ">=", tree=x**2),
    "x > 0 was given for the right half line only": holds(x, ">"),
    "1/x^2 is not defined at 0": holds(1 / x**2, ">"),
    "log x - log x + 1 is defined for x > 0 only": holds(
        Add(log(x), -log(x), 1, evaluate=False), ">", tree=ONE
    ),
    "sqrt(x) is not defined for x < 0": holds(sqrt(x), ">="),
    "p > 1 from another case": but(
        holds(p * x**2, ">=", condition=(rel(p - 1, "<"),)),
        premises=(holds(p, ">", condition=(rel(p, ">"),)),),
    ),
    "(i x)^2 = -x^2 is not a square of a real number": holds(QUARTIC_FROM_SQUARES, ">="),
    "zeta has a pole": holds(zeta(x) ** 2, ">="),
    "an exponent that may be 0 or negative": holds(x**p, ">=", region=(rel(x, ">="),)),
    "the larger of x and 0 may be 0": holds(Max(x, 0), ">"),
    # constant_sign
    "e < 3": number(exp(1) - 3, ">"),
    "sqrt 2 sqrt 3 = sqrt 6": number(Add(sqrt(2) * sqrt(3), -sqrt(6), evaluate=False), "!="),
    "infinity is not a number": number(oo, ">"),
    "the logarithm of -1 is not real": number(log(-1, evaluate=False) ** 2, ">="),
    # sturm
    "x^2 - 2 changes its sign at sqrt 2 > 1": but(STURM, region=(rel(x - 1, ">"),)),
    "the double root 3 touches 0": but(STURM, relation=rel((x - 3) ** 2, ">")),
    "the end 2 belongs to the interval": but(STURM, relation=rel(x - 2, ">"), region=(rel(x - 2, ">="),)),
    "0 is not positive": but(STURM, relation=rel(Add(x, -x, evaluate=False), ">")),
    # enclosure
    "exp x < 1 for x < 0": step(
        Holds(rel(exp(x) - 1, ">")), "enclosure", region=(rel(x + 1, ">="), rel(x - 1, "<="))
    ),
    "1/x has a pole in the box": but(
        BOXED, relation=rel(1 / x**2, ">"), region=(rel(x + 1, ">="), rel(x - 1, "<="))
    ),
    "x is not bounded above": but(BOXED, relation=rel(3 - x, ">"), region=(rel(x - 1, ">="),)),
    # root_sign
    "two roots between the bounds": but(
        ROOT_SIGN, relation=rel(r, ">"), condition=(ROOT_OF_TWO[0], rel(r + 2, ">="), rel(2 - r, ">="))
    ),
    "the root lies at the end: r = 1": but(
        ROOT_SIGN,
        relation=rel(r - 1, ">"),
        equation=r**2 - 1,
        condition=(rel(r**2 - 1, "=="), rel(r - 1, ">="), rel(3 - r, ">=")),
    ),
    "sqrt 2 > 1.4": but(ROOT_SIGN, relation=rel(5 * r - 7, "<")),
    "the equation is not given": but(ROOT_SIGN, condition=ROOT_OF_TWO[1:]),
    # monotone
    "between 0 and 5 the function falls": step(
        Holds(rel((x - 4) ** 2 - 10, ">")),
        "monotone",
        number(6, ">"),
        holds(
            2 * x - 8,
            ">",
            tree=Add(Mul(2, x - 5, evaluate=False), 2, evaluate=False),
            region=(rel(x - 5, ">"),),
        ),
        region=(rel(x, ">"), rel(x - 5, ">")),
        symbol=x,
        end=ZERO,
    ),
    "the function jumps at the end": step(
        Holds(rel(JUMP, ">")),
        "monotone",
        number(1, ">"),
        decided(JUMP.diff(x), ">", NEAR),
        region=NEAR,
        symbol=x,
        end=ZERO,
    ),
    "x - exp(x) + 1 falls": but(MONOTONE, relation=rel(-GROWING, ">")),
    "the interval holds its end, where the function is 0": but(
        MONOTONE,
        region=(rel(x, ">="),),
        premises=(number(0, "=="), decided(exp(x) - 1, ">=", (rel(x, ">="),))),
    ),
    "on the left half line exp grows towards 1": step(
        Holds(rel(exp(x) - 1, ">")),
        "monotone",
        number(0, "=="),
        holds(exp(x), ">"),
        region=LEFT,
        symbol=x,
        end=ZERO,
    ),
    # by_cases
    "the case x > 0 is left out": but(
        SPLIT, ops=("<", "=="), premises=(SPLIT.premises[0], SPLIT.premises[0])
    ),
    "the case x = 0 is left out beside y != 0": but(
        SPLIT, ops=("<", ">"), premises=SPLIT.premises[:1] * 2, region=(rel(y, "!="),)
    ),
    "a case proved under a further condition": step(
        Holds(rel(x, ">=")),
        "by_cases",
        holds(x, ">=", condition=(rel(p, ">"), rel(x, ">="))),
        holds(x, ">=", condition=(rel(x, ">="),)),
        quantity=p,
        ops=(">", "<="),
    ),
    "1/x^2 is convex on each side of 0, and not on both together": step(
        Curved(1 / x**2, (x,), "convex"),
        "by_cases",
        convex_beside_0(RIGHT),
        convex_beside_0(LEFT),
        region=(rel(x, "!="),),
        quantity=x,
        ops=(">", "<="),
    ),
    # instance
    "2 sin x goes beyond 1": but(INSTANCE, relation=rel(2 - 2 * sin(x), ">"), values=((t, 2 * sin(x)),)),
    "another instance": but(INSTANCE, relation=rel(1 - sin(x), ">")),
    ">= does not give >": but(INSTANCE, premises=(but(INSTANCE.premises[0], relation=rel(2 - t, ">=")),)),
    "sin(1/x) has no value at 0": but(INSTANCE, relation=rel(2 - sin(1 / x), ">"), values=((t, sin(1 / x)),)),
    # given_equalities, contradiction, decision_procedure
    "the equation is not given here": but(EQUALITY, region=()),
    "a multiple that is not defined at x = 0": but(
        EQUALITY, relation=rel(1 + (x**2 + y**2 - 1) / x, ">"), multiples=((1 / x, x**2 + y**2 - 1),)
    ),
    "p = 0 satisfies both": but(CONTRADICTION, condition=(rel(p, ">="), rel(p, "<="))),
    "the contradiction belongs to another case": but(
        CONTRADICTION, condition=(rel(p, ">"),), premises=(holds(p, "<", condition=(rel(p, "<"),)),)
    ),
    "log x + y has no value for x < 0": but(DECIDED, relation=rel(log(x) ** 2 + y**2 + 1, ">")),
    # derivatives
    "(u v)' is not u' v'": but(SLOPE, result=2 * x * exp(x)),
    "|x| has no derivative at 0": step(Derivative(Abs(x), x, sign(x)), "table_rule"),
    "log x has no derivative for x < 0": step(Derivative(log(x), x, 1 / x), "table_rule"),
    "an entry of the gradient is missing": but(GRADIENT, entries=GRADIENT.claim.entries[:1]),
    "the Hessian is not symmetric": but(HESSIAN, entries=((2 * y, 2 * x), (ZERO, ZERO))),
    "|x| is not smooth": but(SMOOTH, expression=Abs(x)),
    "sqrt x is not smooth at 0": but(SMOOTH, expression=sqrt(x), variables=(x,), region=(rel(x, ">="),)),
    "LambertW is not smooth at -1/e": but(
        SMOOTH, expression=LambertW(x), variables=(x,), region=(rel(x + exp(-1), ">="),)
    ),
    "sign x jumps": but(CONTINUOUS, expression=sign(x)),
    "1/x is not continuous at 0": but(CONTINUOUS, expression=1 / x),
    # covers
    "x^2 - 1 has zeros": but(NONE, equations=(x**2 - 1,)),
    "a branch where nothing is a solution": but(NONE, branches=(at(0),)),
    "a restriction that is not given": but(FREE, branches=(at(t, free=(t,), where=(rel(t, ">"),)),)),
    "t is the parameter of the region": but(FREE, region=(rel(x - t, ">"),)),
    "the diagonal is not the plane": cover((), (x, y), (at(t, t, free=(t,)),), "cover_free"),
    "the factor x - 1 is forgotten": but(FACTORS, branches=(at(0),), factors=((x, 1),), rest=x - 1),
    "x = 1 is a zero that no factor gives": but(FACTORS, branches=(at(0),), premises=FACTORS.premises[:1]),
    "1/x is not 0 where x is": but(
        FACTORS, equations=(1 / x,), branches=(at(0),), premises=(solved(x, 0),), factors=((x, -1),)
    ),
    "x^2 - y^2 = 0 on two lines": but(SUM_OF_SQUARES, equations=(x**2 - y**2,), terms=(x**2, -(y**2))),
    "t x = 0 also where t = 0": solved(t * x, 0, t),
    "2 x = p gives p/2": but(LINEAR, branches=(at(p),), values=((p, ()),)),
    "one parameter and one free symbol of the same name": but(
        ON_LINE, equations=(x - t,), branches=(at(t, t, free=(t,)),), values=((t, ()),)
    ),
    "x = 1/p has no meaning at p = 0": solved(p * x - 1, 1 / p, p),
    "a root is not listed": but(ROOTS, branches=ROOTS.claim.branches[1:], values=((r, (R,)),)),
    "the same root twice": but(ROOTS, values=((r, (R,)), (sqrt(2), ()))),
    "sqrt 2 is root number 1, from 0": but(
        ROOTS,
        branches=(at(k, numbers=(NEGATIVE_R,)), at(r, numbers=(root(r, 2, index=0),))),
        values=((k, (NEGATIVE_R,)), (r, (root(r, 2, index=0),))),
    ),
    "no root between 2 and 3": but(
        ROOTS,
        branches=(at(k, numbers=(NEGATIVE_R,)), at(r, numbers=(root(r, 2, 2, 3),))),
        values=((k, (NEGATIVE_R,)), (r, (root(r, 2, 2, 3),))),
    ),
    "one name for sqrt 2 and sqrt 3": cover(
        (x**2 - 2, y**2 - 3),
        (x, y),
        R_AND_R,
        "cover_roots",
        SAME_NAME,
        index=0,
        symbol=x,
        values=((k, (NEGATIVE_R,)), (r, (R,))),
    ),
    "exp x = p has no solution for p < 0": but(EXPONENTIAL, condition=()),
    "log x = 1 gives e": cover(
        (log(x) - 1,),
        (x,),
        (at(1),),
        "cover_inverse",
        solved(x - 1, 1),
        region=RIGHT,
        index=0,
        rest=ONE,
        function=log,
        inner=x,
        level=ONE,
    ),
    "x^2 = k is not followed up": but(KERNEL, branches=(), premises=(IN_KERNEL,)),
    "x^2 is not negative": but(
        KERNEL,
        branches=(),
        range=(rel(k, "<"),),
        premises=(cover((k - 4,), (k,), (), "cover_outside", IN_KERNEL, condition=(rel(k, "<"),)),),
    ),
    "1/t has no zero, x has": cover(
        (x,),
        (x,),
        (),
        "cover_kernel",
        cover((1 / k,), (k,), (), "cover_none", condition=(rel(k, "!="),)),
        index=0,
        kernel=1 / x,
        symbol=k,
        polynomial=1 / k,
        range=(rel(k, "!="),),
    ),
    "the left half is not looked at": but(VARIATION, pieces=((-HALF, None, OMEGA),)),
    "the zero is not listed": but(VARIATION, branches=(), values=()),
    "no change of sign in the interval": but(
        VARIATION,
        **{
            "pieces": ((None, None, replace(OMEGA, interval=(ZERO, ONE))),),
            "values": ((r, (replace(OMEGA, interval=(ZERO, ONE)),)),),
        },
        branches=(at(r, numbers=(replace(OMEGA, interval=(ZERO, ONE)),)),),
    ),
    "a second number that does not exist": but(
        VARIATION,
        branches=(),
        values=((r, (OMEGA, Number(k, k**2 + 1, None, (ZERO, ONE)))),),
        premises=(
            VARIATION.premises[1],
            cover(
                (),
                (),
                (),
                "cover_none",
                step(
                    Infeasible(),
                    "contradiction",
                    holds(k**2 + 1, ">"),
                    condition=(rel(k**2 + 1, "=="),),
                    quantity=k**2 + 1,
                ),
                condition=(rel(k**2 + 1, "=="),),
            ),
        ),
    ),
    "x + exp x is no polynomial with roots to count": but(
        VARIATION,
        pieces=((None, None, replace(OMEGA, index=0)),),
        values=((r, (replace(OMEGA, index=0),)),),
        branches=(at(r, numbers=(replace(OMEGA, index=0),)),),
    ),
    "p x = 0 on the whole line where p = 0": but(PX, branches=(at(0),), premises=PX.premises[1:]),
    "a form of a symbol that is no unknown": but(IDEAL, separating=(h, h + 1)),
    "x = 2 is not the root": but(IDEAL, branches=(at(2),)),
    "the second equation has a root too": but(IDEAL, values=(), branches=()),
    "r = 2 is no root of r - 1": but(IDEAL, values=((Integer(2), ()),), branches=(at(2),)),
    "the new symbol has a sign already": but(IDEAL, condition=(rel(h, ">"),)),
    "x = 2 lies in the region": but(OUTSIDE, branches=()),
    "(-1, 0) lies in the wider region": but(BESIDE, region=(rel(y**2 - x, ">"),)),
    "(0, 0) lies in the closed region": but(BESIDE, region=(rel(x, ">="), rel(y**2 - x, ">="))),
    "max(0, x) = 0 for all x": but(FLAT_PART, branches=(LINE,)),
    "max(0, x) = 0 for x < 0 alone": but(FLAT_PART, branches=(at(t, 0, free=(t,), where=(rel(t, "<"),)),)),
    "max(0, x) = 0 for x >= 0": but(FLAT_PART, branches=(at(t, 0, free=(t,), where=(rel(t, ">="),)),)),
    "min(0, x) = 0 for x <= 0": but(FLAT_PART, equations=(Min(ZERO, x - y), 2 * y)),
    "max(1, x) = 0 for x <= 0": but(FLAT_PART, equations=(Max(ONE, x - y), 2 * y)),
    "0 max(0, x) = 0 for x <= 0 alone": but(FLAT_PART, equations=(ZERO, 2 * y)),
    "the other equation has more zeros": but(FLAT_PART, equations=(Max(ZERO, x - y), y**2 - y)),
    "x = -2 lies in the wider region": but(OUTSIDE, region=(rel(x + 3, ">"),)),
    "more equations have fewer zeros": but(REWRITTEN, equations=(x**2 * (x**2 - 4),)),
    # stationary points
    "the stationary point 0 is missing": but(STATIONARY, branches=()),
    "x = 1 is not stationary": but(STATIONARY, branches=(at(0), at(1))),
    "the origin is not the whole line": but(FLAT, branches=(ORIGIN,)),
    "the free symbol is not free any more": but(FLAT, branches=(replace(LINE, free=()),)),
    "0 lies outside the region": but(STATIONARY, region=(rel(x - 1, ">"),)),
    "|x| has no gradient at 0": step(
        Stationary(Abs(x), (x,), (at(0),), False),
        "stationary_points",
        step(Gradient(Abs(x), (x,), (sign(x),)), "gradient", region=(rel(x, "!="),)),
    ),
    "p x is stationary only where p = 0": step(
        Stationary(p * x, (x,), (Branch(((x, ZERO),), (Number(p, p, 0, (ZERO, ZERO)),)),), False),
        "stationary_points",
        *derivatives(p * x)[:1],
    ),
    "r^2 = -1 has no root": step(
        Stationary(x**2, (x,), (at(r, numbers=(Number(r, r**2 + 1, 0, (ZERO, ONE)),)),), False),
        "stationary_points",
        *derivatives(x**2)[:1],
    ),
    "the gradient of another function": but(STATIONARY, objective=x**2 + x),
    "the cover of another system": but(STATIONARY, premises=(STATIONARY.premises[0], solved(x, 0))),
    "on x > 0 alone nothing is said of the rest": but(
        STATIONARY,
        branches=(),
        premises=(STATIONARY.premises[0], cover((2 * x,), (x,), (), "cover_none", region=RIGHT)),
    ),
    # labels
    "a saddle called a minimum": but(IN_SADDLE, kind="minimum", strict=True, rule="second_order_minimum"),
    "a minimum called a maximum": but(MINIMUM, kind="maximum", rule="second_order_maximum"),
    "a pivot is negative": but(
        PIVOTS, matrix=((Integer(2), ZERO), (ZERO, -ONE)), diagonal=(Integer(2), -ONE)
    ),
    "a pivot may be 0": definite(((p**2,),), ">", (p**2,)),
    "another matrix": but(PIVOTS, matrix=((Integer(2), ONE), (ONE, Integer(6)))),
    "u^2 - w^2 is 0 for u = w": but(
        PIVOTS, op="!=", matrix=((ONE, ZERO), (ZERO, -ONE)), diagonal=(ONE, -ONE)
    ),
    "definite somewhere else only": but(
        MINIMUM, premises=(*MINIMUM.premises[:3], replace(PIVOTS, context=Context((), (rel(p, ">"),))))
    ),
    "the Hessian says nothing at a border": label(
        x**3,
        at(0),
        "inflection",
        None,
        "higher_derivative",
        *(replace(premise, context=Context((rel(x, ">="),))) for premise in (CUBE, *derivatives(x**3)[1:])),
        region=(rel(x, ">="),),
        order=3,
    ),
    "the line y = 0 is no open region": replace(
        IN_SADDLE, context=AXIS, premises=tuple(replace(q, context=AXIS) for q in IN_SADDLE.premises)
    ),
    "smooth in no variable": label(
        x**3,
        at(0),
        "inflection",
        None,
        "higher_derivative",
        CUBE,
        derivatives(x**3)[1],
        step(Smooth(x**3, ()), "smooth_by_table"),
        order=3,
    ),
    "both directions go up": but(IN_SADDLE, down=(ONE, ZERO)),
    "a bowl, whose determinant is positive": label(
        BOWL,
        ORIGIN,
        "saddle",
        None,
        "determinant_saddle",
        both_linear(BOWL, 1, 3),
        *derivatives(BOWL, (x, y))[1:],
    ),
    "a saddle by its determinant is no minimum": but(BY_DETERMINANT, kind="minimum", strict=True),
    "the direction 1/p does not exist at p = 0": label(
        FLAT_IN_P,
        ORIGIN,
        "saddle",
        None,
        "second_order_saddle",
        ANYWHERE,
        *derivatives(FLAT_IN_P, (x, y))[1:],
        up=(1 / p, ZERO),
        down=(ZERO, ONE),
    ),
    "x^3 has no minimum at 0": but(INFLECTION, kind="minimum", strict=True),
    "x^4 falls and grows: its third derivative is 0": label(
        x**4,
        at(0),
        "inflection",
        None,
        "higher_derivative",
        stationary(x**4, FOURTH, (at(0),)),
        *derivatives(x**4)[1:],
        order=3,
    ),
    "x^2 is not constant": but(
        CONSTANT, objective=x**2, branch=at(0), premises=(STATIONARY, derivatives(x**2)[0])
    ),
    "a constant is not strictly so": but(CONSTANT, strict=True),
    "a family of minima is not strict": but(BOUND, strict=True),
    "a family that stands still": label(
        x**2 + y**2,
        CIRCLE,
        "minimum",
        False,
        "bound_minimum",
        step(
            Stationary(x**2 + y**2, (x, y), (CIRCLE,), False),
            "stationary_points",
            derivatives(x**2 + y**2, (x, y))[0],
        ),
        holds(x**2 + y**2, ">="),
        value=ZERO,
    ),
    "the bound holds on x > 0 only": but(
        STRICT_BOUND, premises=(STATIONARY, holds(x**2, ">=", region=RIGHT), STRICT_BOUND.premises[2])
    ),
    "x^2 >= 0 does not bound x^3": label(
        x**3, at(0), "minimum", None, "bound_minimum", CUBE, holds(x**2, ">="), value=ZERO
    ),
    "strict only where f = 0 at one point": but(STRICT_BOUND, premises=STRICT_BOUND.premises[:2]),
    "a lower bound is no upper bound": but(UPPER, premises=(UPPER.premises[0], holds(-(x**2) - 1, "<"))),
    "both curves go up": but(CURVES, curves=((s, ZERO),)),
    "the curves miss the point": but(CURVES, curves=((s + 1, ZERO), (ZERO, s))),
    "the symbol of the curve is a parameter of f": label(
        FLAT_IN_S,
        ORIGIN,
        "saddle",
        None,
        "curves_saddle",
        AT_S,
        derivatives(FLAT_IN_S, (x, y))[2],
        condition=(rel(s, "!="),),
        symbol=s,
        curves=((s, ZERO),),
    ),
    "a curve that does not exist at p = 0": label(
        FLAT_IN_P,
        ORIGIN,
        "saddle",
        None,
        "curves_saddle",
        ANYWHERE,
        derivatives(FLAT_IN_P, (x, y))[2],
        symbol=s,
        curves=((s / p, ZERO), (ZERO, s)),
    ),
    "a convex function has no maximum there": but(BY_CONVEXITY, kind="maximum", rule="concave_maximum"),
    "a concave function has no minimum there": but(BY_CONCAVITY, kind="minimum", rule="convex_minimum"),
    "strictness from a function convex, but not strictly": but(
        BY_CONVEXITY, premises=(STATIONARY, but(CONVEX, strict=False))
    ),
    "x^3 convex, from the sign of f'' on x > 0": step(
        Curved(x**3, (x,), "convex"),
        "second_order",
        step(RegionConvex((x,)), "region_convex", order=()),
        *derivatives(x**3)[1:],
        holds(6 * x, ">", region=RIGHT),
    ),
    "a label of a point of another region": but(BY_CONVEXITY, region=(rel(x - 1, ">"),)),
    "|x| has no maximum at 0": but(KINK, kind="maximum"),
    "|x| + x is flat on the left": but(KINK, objective=Abs(x) + x),
    "|x| is 0 near (0, t) only there": but(RIDGE, strict=True),
    "|x| is 0 at (t, t)": but(RIDGE, branch=at(t, t, free=(t,))),
    "|x| has a least value at (0, t) with t < 0 for x > 0": but(RIDGE, region=(rel(x, ">"),)),
    "|x| is nowhere above its least value": but(RIDGE, kind="maximum"),
    "the bound of another function": but(RIDGE, objective=Abs(x) - x**2),
    "x^2 + y^2 is 0 along a line": but(CONE, strict=False),
    "|x| - |y| rises along both axes": but(SLOPED_CONE, directions=((ONE, ZERO), (-ONE, ZERO))),
    "|x| + |y| falls along an axis": but(SLOPED_CONE, objective=Abs(x) + Abs(y)),
    "a ray that leaves the region": but(SLOPED_CONE, region=(rel(y, "<="),)),
    "|y|, along rays whose direction varies": but(
        SLOPED_CONE, objective=p * Abs(y), directions=((ZERO, p), (ZERO, -p))
    ),
    "all of an edge by its two parts": but(EDGE, branch=at(t, t, free=(t,))),
    "an edge by one of its parts": but(EDGE, premises=(EDGE_ABOVE,)),
    "an edge cut at another place": but(EDGE, value=ZERO),
    "an edge without another point": but(EDGE, branch=at(t, t, free=(t,), where=(rel(t, "!="),))),
    "the parts of another edge": but(EDGE, branch=at(t, -t, free=(t,), where=EDGE.claim.branch.where)),
    "minima by parts that are none": but(EDGE, kind="minimum"),
    "an edge on the border": but(EDGE, region=(rel(x - y, ">="),)),
    "sin |x| has a kink at 1 + 2 pi n too": but(
        KINK, objective=Abs(sin(x)), branch=at(1 + 2 * pi * INTEGER, free=(INTEGER,))
    ),
    "a kink at the border": but(KINK, region=(rel(x, ">="),)),
    "atan(1/x) has no value at 0": but(KINK, objective=Abs(x) + atan(1 / x) ** 2),
    "the symbol of the distance is a parameter": but(KINK, objective=Abs(x) * Symbol("s_", real=True)),
    # the table
    "a rule that does not exist": step(Holds(rel(ONE, ">")), "obvious"),
    "a rule about something else": step(Holds(rel(ONE, ">")), "second_order_minimum"),
}

MINE = {
    **checks_sign.CHECKS,
    **checks_derivative.CHECKS,
    **checks_cover.CHECKS,
    **checks_points.CHECKS,
    **checks_labels.CHECKS,
}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) in ("checked", "recomputed", "trusted")


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    lie = LIES[name]
    check(*lie.premises)
    with pytest.raises(Rejected):
        check(lie)


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    elsewhere = {*TOLD_OF_FAMILIES, "sturm_parts"}  # the last in tests/exact/test_line.py
    mine = [rule for rule in MINE if rule not in elsewhere]
    assert not uncovered(mine, HONEST.values(), LIES.values())
    assert len(LIES) >= 60


@pytest.mark.parametrize("name", HONEST)
def test_nothing_malformed_crashes_the_checker(name: str) -> None:
    """Without its premises or its certificate, or with another claim, a step is rejected or still follows."""
    honest = HONEST[name]
    for other in (
        replace(honest, certificate=()),
        replace(honest, premises=()),
        replace(honest, claim=Infeasible()),
        replace(honest, certificate=tuple((key, None) for key, _ in honest.certificate)),
        replace(honest, certificate=tuple((key, "x") for key, _ in honest.certificate)),
    ):
        is_accepted(other)
