"""Derivations that lie about lattices, continua and points where the Hessian is singular, each rejected.

They are told as in `test_lies`: an honest derivation for every rule, and lies that are one change away from one, with
honest premises. Many of them were believed once; their names say why what they claim is not so.
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
    Mul,
    Pow,
    Symbol,
    asin,
    cos,
    cosh,
    exp,
    log,
    loggamma,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    symbols,
    tan,
)

from symopt.derivation import checks_continua, checks_degenerate, checks_waves
from symopt.derivation.checker import check, is_accepted
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import (
    Branch,
    Gradient,
    Hessian,
    Holds,
    Infeasible,
    Label,
    NotCurved,
    Number,
    Optimal,
    Stationary,
    Step,
)

z, u, v, q = symbols("z u v q", real=True)
n, m = symbols("n m", integer=True)
TWO, THREE = Integer(2), Integer(3)
POSITIVE_T, POSITIVE_K = Symbol("t", positive=True), Symbol("k", positive=True)
INTEGER_K, INTEGER_H = Symbol("k", integer=True), Symbol("h", integer=True)


def lattice(*values: Any) -> Branch:
    return at(*values, free=(n,))


def in_y(value: Any, *premises: Step, numbers: tuple = (), **context: Any) -> Step:
    """y - value = 0, solved for y."""
    return cover(
        (y - value,),
        (y,),
        (Branch(((y, value + ZERO),), numbers),),
        "cover_linear",
        done(**context),
        *premises,
        index=0,
        symbol=y,
        rest=ONE,
        values=((value + ZERO, ()),),
        **context,
    )


def point(a: Any, b: Any, *premises: Step, **context: Any) -> Step:
    """x - a = 0 and y - b = 0."""
    return cover(
        (x - a, y - b),
        (x, y),
        (at(a, b),),
        "cover_linear",
        in_y(b, *premises, **context),
        *premises,
        index=0,
        symbol=x,
        rest=ONE,
        values=((a + ZERO, ()),),
        **context,
    )


def some(f: Any, *branches: Branch, premises: tuple[Step, ...] = (), **context: Any) -> Step:
    """Stationary points, of which there may be others."""
    variables = tuple(unknown for unknown, _ in branches[0].at)
    gradient = derivatives(f + ZERO, variables, context.get("region", ()))[0]
    return step(
        Stationary(f + ZERO, variables, branches, False), "stationary_points", gradient, *premises, **context
    )


def labelled(
    f: Any,
    branch: Branch,
    kind: str,
    strict: bool | None,
    rule: str,
    *premises: Step,
    condition: tuple = (),
    region: tuple = (),
    stationary: tuple[Step, ...] = (),
    **data: Any,
) -> Step:
    """A label with its usual premises: the point is stationary, the function smooth, its Hessian."""
    variables = tuple(unknown for unknown, _ in branch.at)
    context = {"region": region, "condition": condition}
    points = some(f, branch, premises=stationary, **context)
    smooth = derivatives(f + ZERO, variables, region)[1:]
    return label(f + ZERO, branch, kind, strict, rule, points, *smooth, *premises, **context, **data)


# --- honest derivations, one for every rule -------------------------------------------------------------------

LINE = at(t, 0, free=(t,))
EVEN, ODD, ALL = lattice(2 * pi * n), lattice(pi + 2 * pi * n), lattice(pi * n)
PERIODIC = cover(
    (sin(x),),
    (x,),
    (EVEN, ODD),
    "cover_periodic",
    solved(x - 2 * pi * n, 2 * pi * n),
    solved(x - 2 * pi * n - pi, pi + 2 * pi * n),
    index=0,
    function=sin,
    inner=x,
    other=ZERO,
    rest=ONE,
    turn=n,
)
COSINES = cover(
    (cos(x) - cos(p),),
    (x,),
    (lattice(p + 2 * pi * n), lattice(2 * pi * n - p)),
    "cover_periodic",
    solved(x - 2 * pi * n - p, p + 2 * pi * n),
    solved(x - 2 * pi * n + p, 2 * pi * n - p),
    index=0,
    function=cos,
    inner=x,
    other=p,
    rest=ONE,
    turn=n,
)
TANGENTS = cover(
    (sin(x) - cos(x),),
    (x,),
    (lattice(pi / 4 + 2 * pi * n), lattice(5 * pi / 4 + 2 * pi * n)),
    "cover_periodic",
    solved(x - 2 * pi * n - pi / 4, pi / 4 + 2 * pi * n, region=(rel(cos(x), "!="),)),
    solved(x - 2 * pi * n - 5 * pi / 4, 5 * pi / 4 + 2 * pi * n, region=(rel(cos(x), "!="),)),
    region=(rel(cos(x), "!="),),
    index=0,
    function=tan,
    inner=x,
    other=pi / 4,
    rest=cos(x),
    turn=n,
)
CREST = cover(
    (1 - cos(x),),
    (x,),
    (EVEN,),
    "cover_periodic",
    solved(x - 2 * pi * n, 2 * pi * n),
    index=0,
    function=cos,
    inner=x,
    other=ZERO,
    rest=-ONE,
    turn=n,
)
BEYOND = cover((sin(x) - 2,), (x,), (), "cover_beyond", index=0, wave=sin(x), level=TWO, rest=ONE)
PLUS_MINUS_ONE = cover(
    (x**2 - 1,),
    (x,),
    (at(-1), at(1)),
    "cover_linear",
    done(),
    index=0,
    symbol=x,
    rest=ONE,
    values=((-ONE, ()), (ONE, ())),
)
MULTIPLIED = cover(
    (x - 1,),
    (x,),
    (at(-1), at(1)),
    "cover_multiplied",
    PLUS_MINUS_ONE,
    multiples=(x + 1,),
    product=x**2 - 1,
)
BOUNDS = (rel(x + 1, ">"), rel(x - 7, "<"))
INTEGERS = cover(
    (1 - cos(x),),
    (x,),
    (at(0), at(2 * pi)),
    "cover_integers",
    CREST,
    region=BOUNDS,
    family=EVEN,
    turn=n,
    low=ZERO,
    high=ONE,
)


def half(end: int, op: str = ">=") -> Branch:
    """x = 2 pi n from one integer on."""
    return replace(EVEN, where=(rel(n - end, op),))


ONWARDS = but(INTEGERS, branches=(half(1),), region=(rel(x - 1, ">"),), low=ONE, high=None)
WIDER = cover((sin(x),), (x,), (ALL,), "cover_wider", PERIODIC)
RESIDUES = cover(
    (sin(x),),
    (x,),
    (lattice(2 * pi * n), lattice(pi * (2 * n + 1))),
    "cover_residues",
    WIDER,
    family=ALL,
    turn=n,
    modulus=TWO,
)
WHOLE_LINE = cover(
    (y,),
    (x, y),
    (LINE,),
    "cover_linear",
    cover((), (x,), (at(t, free=(t,)),), "cover_free"),
    index=0,
    symbol=y,
    rest=ONE,
    values=((ZERO, ()),),
)
CIRCLE = at(cos(t), sin(t), free=(t,))
QUADRIC = cover(
    (x**2 + y**2 - 1,),
    (x, y),
    (CIRCLE,),
    "cover_quadric",
    point(cos(t), sin(t)),
    index=0,
    kind="ellipse",
    rest=ONE,
    parts=((x, ONE), (y, ONE)),
    symbols=(t,),
)
HYPERBOLA = cover(
    (x**2 - y**2 - 4,),
    (x, y),
    (at(2 * cosh(t), 2 * sinh(t), free=(t,)), at(-2 * cosh(t), 2 * sinh(t), free=(t,))),
    "cover_quadric",
    point(2 * cosh(t), 2 * sinh(t)),
    point(-2 * cosh(t), 2 * sinh(t)),
    index=0,
    kind="hyperbola",
    rest=Integer(4),
    parts=((x, TWO), (y, TWO)),
    symbols=(t,),
)
PIECES = cover(
    (y,),
    (x, y),
    LINE.cut_at(t, ONE),
    "cover_pieces",
    WHOLE_LINE,
    family=LINE,
    symbol=t,
    value=ONE,
)
AT_P = cover(
    (t - p,),
    (t,),
    (Branch(((t, p),)),),
    "cover_linear",
    done(),
    index=0,
    symbol=t,
    rest=ONE,
    values=((p, ()),),
)
SIDES = cover(
    (y,),
    (x, y),
    (*LINE.sides(t - p), LINE.member(t, AT_P.claim.branches[0])),
    "cover_sides",
    WHOLE_LINE,
    AT_P,
    condition=(rel(p, ">"),),
    family=LINE,
    symbol=t,
    quantity=t - p,
)
IN_PLANE = cover((ZERO,), (x,), (at(s, free=(s,)),), "cover_free")


def on_axis(equation: Expr) -> Step:
    """y = 0, where the equation says nothing more."""
    values = ((ZERO, ()),)
    branches = (at(s, 0, free=(s,)),)
    return cover(
        (equation, y), (x, y), branches, "cover_linear", IN_PLANE, index=1, symbol=y, rest=ONE, values=values
    )


LINES = cover(
    (x * y,),
    (x, y),
    (at(s, 0, free=(s,)), at(0, t, free=(t,))),
    "cover_lines",
    on_axis(x * y),
    solved(x, 0),
    unknown=y,
    scale=t,
)
BINOMIAL = cover(
    (x**3 - y**2,),
    (x, y),
    (at(t**2, t**3, free=(t,)),),
    "cover_binomial",
    point(t**2, t**3),
    index=0,
    rest=ONE,
    root=ONE,
    first=x,
    second=y,
    symbol=t,
    powers=(3, 2),
)
CUBES = cover(
    (x**3 - p**3,),
    (x,),
    (at(p),),
    "cover_power",
    solved(x - p, p),
    index=0,
    rest=ONE,
    inner=x,
    root=p,
    exponent=3,
)
FOURTHS = cover(
    (x**4 - p**4,),
    (x,),
    (at(p), at(-p)),
    "cover_power",
    solved(x - p, p),
    solved(x + p, -p),
    index=0,
    rest=ONE,
    inner=x,
    root=p,
    exponent=4,
)
ABOVE, P_AND_Q = (rel(x, ">"),), (rel(p, ">"), rel(q, "!="))
REAL_POWER = cover(
    (x**q - p,),
    (x,),
    (at(p ** (1 / q)),),
    "cover_real_power",
    solved(x - p ** (1 / q), p ** (1 / q), condition=P_AND_Q),
    index=0,
    rest=ONE,
    base=x,
    exponent=q,
    level=p,
    sought="base",
    region=ABOVE,
    condition=P_AND_Q,
)
ANY_BASE = (rel(p, ">"), rel(p - 1, "!="), rel(q, ">"))
EXPONENT = cover(
    (p**x - q,),
    (x,),
    (at(log(q) / log(p)),),
    "cover_real_power",
    solved(x - log(q) / log(p), log(q) / log(p), condition=ANY_BASE),
    index=0,
    rest=ONE,
    base=p,
    exponent=x,
    level=q,
    sought="exponent",
    condition=ANY_BASE,
)
UNDER_ROOT = (rel(x + 2, ">="),)
SQUARED = cover(
    (sqrt(x + 2) - x,),
    (x,),
    (at(-1), at(2)),
    "cover_multiplied",
    cover(
        (x + 2 - x**2,),
        (x,),
        (at(-1), at(2)),
        "cover_linear",
        done(),
        index=0,
        symbol=x,
        rest=-ONE,
        values=((-ONE, ()), (TWO, ())),
    ),
    index=0,
    multiples=(sqrt(x + 2) + x,),
    product=x + 2 - x**2,
    region=UNDER_ROOT,
)
NOT_SQUARED = cover((sqrt(x + 2) - x,), (x,), (at(2),), "cover_outside", SQUARED, region=UNDER_ROOT)
WEAKLY = cover(
    (x - sin(x),),
    (x,),
    (at(0),),
    "cover_variation",
    done(),
    index=0,
    symbol=x,
    values=((ZERO, ()),),
    pieces=((None, None, ZERO),),
)

RIDGE = (x**2 + y**2 - 1) ** 2
ACROSS = ((cos(t), sin(t)),)
RADIAL = definite(((Integer(8),),), ">", (8,))
FAMILY_MINIMUM = labelled(RIDGE, CIRCLE, "minimum", False, "family_minimum", RADIAL, vectors=ACROSS)
FAMILY_MAXIMUM = labelled(
    -RIDGE,
    CIRCLE,
    "maximum",
    False,
    "family_maximum",
    definite(((Integer(-8),),), "<", (-8,)),
    vectors=ACROSS,
)
BOUND_ALONG = label(
    RIDGE, CIRCLE, "minimum", False, "bound_minimum", some(RIDGE, CIRCLE), holds(RIDGE, ">="), value=ZERO
)
CRATER = (x**2 + y**2 - p**2) ** 2
AROUND = at(p * cos(t), p * sin(t), free=(t,))
BOUND_OF_SIZE_P = label(
    CRATER,
    AROUND,
    "minimum",
    False,
    "bound_minimum",
    some(CRATER, AROUND),
    holds(CRATER, ">="),
    condition=(rel(p, "!="),),
    value=ZERO,
)
ON_ARC = at(cos(t), sin(t), free=(t,), where=(rel(sin(t) - cos(t), ">"),))
BOUND_ON_ARC = label(
    RIDGE,
    ON_ARC,
    "minimum",
    False,
    "bound_minimum",
    some(RIDGE, ON_ARC, region=(rel(y - x, ">"),)),
    holds(RIDGE, ">="),
    region=(rel(y - x, ">"),),
    value=ZERO,
)
BOUND_ON_LATTICE = label(
    1 - cos(x), EVEN, "minimum", True, "bound_minimum", some(1 - cos(x), EVEN), holds(1 - cos(x), ">="), CREST,
    value=ZERO,
)  # fmt: skip
HEIGHT = x**2 * (1 + y)
UPPER = at(0, t, free=(t,), where=(rel(t + 1, ">"),))
FACTOR_MINIMUM = label(
    HEIGHT,
    UPPER,
    "minimum",
    False,
    "factor_minimum",
    some(HEIGHT, UPPER),
    holds(x**2, ">="),
    holds(t + 1, ">", condition=(rel(t + 1, ">"),)),
    value=ZERO,
    p=x**2,
    q=1 + y,
)
BOWL = (x**2 + y**2) * (x - 1)
FACTOR_MAXIMUM = label(
    BOWL,
    ORIGIN,
    "maximum",
    True,
    "factor_maximum",
    some(BOWL, ORIGIN),
    SUM_OF_SQUARES,
    value=ZERO,
    p=x**2 + y**2,
    q=x - 1,
)
FLAT_FACTOR = label(
    x**2 * (1 + y),
    ORIGIN,
    "minimum",
    False,
    "factor_minimum",
    some(x**2 * (1 + y), ORIGIN),
    value=ZERO,
    p=x**2,
    q=1 + y,
    symbol=s,
    line=(ZERO, s),
)
BENT = x**2 + 3 * x * y**2 + 2 * y**4
BEND = definite(((TWO,),), ">", (2,))
SPLITTING = labelled(
    BENT,
    ORIGIN,
    "saddle",
    None,
    "splitting",
    BEND,
    symbol=s,
    curve=(-3 * s**2 / 2, s),
    vectors=((ONE, ZERO),),
    order=3,
)
FLAT_BOWL = x**2 + y**4
SPLITTING_MINIMUM = labelled(
    FLAT_BOWL,
    ORIGIN,
    "minimum",
    True,
    "splitting",
    BEND,
    symbol=s,
    curve=(ZERO, s),
    vectors=((ONE, ZERO),),
    order=3,
)
QUARTIC = x**4 + y**4
LOWEST_MINIMUM = labelled(QUARTIC, ORIGIN, "minimum", True, "lowest_form_minimum", order=4, symbol=s, slope=t)
LOWEST_MAXIMUM = labelled(
    -QUARTIC - x**6, ORIGIN, "maximum", True, "lowest_form_maximum", order=4, symbol=s, slope=t
)
CURVES = labelled(
    exp(x**3) - y**2, ORIGIN, "saddle", None, "curves_saddle", symbol=s, curves=((s, ZERO), (ZERO, s))
)
ALONG_LINE = labelled(
    exp(x * y**3), at(t, 0, free=(t,), where=(rel(t, ">"),)), "saddle", None, "curves_saddle",
    symbol=s, curves=((t, s),),
)  # fmt: skip
ON_LATTICE = step(
    Stationary(cos(x), (x,), (ALL,), True),
    "stationary_points",
    derivatives(cos(x))[0],
    cover(
        (-sin(x),),
        (x,),
        (EVEN, ODD),
        "cover_periodic",
        *PERIODIC.premises,
        index=0,
        function=sin,
        inner=x,
        other=ZERO,
        rest=-ONE,
        turn=n,
    ),
)

HONEST = {
    name: value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, Step)
}

# --- lies -----------------------------------------------------------------------------------------------------

NOT_0, RIGHT = (rel(x, "!="),), (rel(x, ">"),)
SHORT = (rel(sqrt(x) - 1, "<"),)  # [0, 1)
SLOPED = (x * cos(t) - y * sin(t), x * sin(t) + y * cos(t))  # the axes, turned by t
TURNED = cover(
    (SLOPED[0] - cos(t), SLOPED[1] - sin(t)),
    (x, y),
    (at(1, 0),),
    "cover_multiplied",
    cover(
        (SLOPED[0] - cos(t), SLOPED[1] - sin(t), x - 1),
        (x, y),
        (at(1, 0),),
        "cover_multiplied",
        point(1, 0),
        multiples=(-sin(t), cos(t), ZERO),
        product=y,
    ),
    multiples=(cos(t), sin(t)),
    product=x - 1,
)
SLANTED = -log(cos(x)) - x  # its slope tan x - 1 is -2 at -pi/4, where SymPy's tan(2 pi n - pi/4) is 1
ON_HILLS = (rel(cos(x), ">"),)
DOWNHILL = lattice(2 * pi * n - pi / 4)
NOTHING = loggamma((t + 1) ** 2) - loggamma(t**2 + 2 * t + 1)  # whose slope no normal form shows to be 0
STILL = at(NOTHING, 0, free=(t,), where=(rel(t, ">"),))
E_LIKE = 2 - Pow(x, 1 / log(x), evaluate=False)  # 2 - e where it has a value; at 0 SymPy puts 0**0 = 1
SKEWED = x**4 + 3 * x**3 * y + y**4
UNEVALUATED_SINE = sin(asin(x), evaluate=False)


def variation(equation: Expr, zero: Any, ends: tuple, *premises: Step, **context: Any) -> Step:
    """One monotone piece, with one zero."""
    value = (zero.symbol, (zero,)) if isinstance(zero, Number) else (zero, ())
    return cover(
        (equation,),
        (x,),
        (at(value[0], numbers=value[1]),),
        "cover_variation",
        done(),
        *premises,
        index=0,
        symbol=x,
        values=(value,),
        pieces=((*ends, zero),),
        **context,
    )


def splitting(f: Expr, kind: str, curve: tuple, order: int, *premises: Step, **data: Any) -> Step:
    strict = None if kind == "saddle" else True
    vectors = data.pop("vectors", ((ONE, ZERO),))
    parts = {"symbol": s, "curve": curve, "vectors": vectors, "order": order}
    return labelled(f, ORIGIN, kind, strict, "splitting", *(premises or (BEND,)), **parts, **data)


def lowest(f: Expr, kind: str, order: int, *premises: Step, **data: Any) -> Step:
    rule = f"lowest_form_{kind}"
    return labelled(
        f, ORIGIN, kind, True, rule, *premises, **{"order": order, "symbol": s, "slope": t} | data
    )


def factored(
    f: Expr, branch: Branch, kind: str, strict: bool | None, p: Any, q: Any, *premises: Step, **rest: Any
) -> Step:
    rule = f"factor_{kind}"
    context = {name: rest[name] for name in ("region", "condition") if name in rest}
    data = {"value": ZERO, "p": p + ZERO, "q": q + ZERO} | rest
    return label(f, branch, kind, strict, rule, some(f, branch, **context), *premises, **data)


LIES: dict[str, Step] = {
    # cover_periodic
    "the mirror image is forgotten": but(PERIODIC, branches=(EVEN,), premises=PERIODIC.premises[:1]),
    "x = 0 is one point of a lattice": but(PERIODIC, branches=(at(0), ODD)),
    "the turns are those of the angle on the right": but(
        PERIODIC,
        branches=(lattice(4 * pi * n), at(pi)),
        premises=(solved(x - 4 * pi * n, 4 * pi * n), solved(x - pi, pi)),
        other=2 * pi * n,
    ),
    "the turns are those of the angle on the left": but(
        PERIODIC, branches=(at(0), at(pi)), premises=(solved(x, 0), solved(x - pi, pi)), inner=x + 2 * pi * n
    ),
    "turns are whole": but(
        PERIODIC,
        branches=(at(2 * pi * t, free=(t,)), at(pi + 2 * pi * t, free=(t,))),
        premises=(
            solved(x - 2 * pi * t, 2 * pi * t),
            solved(x - 2 * pi * t - pi, pi + 2 * pi * t),
        ),
        turn=t,
    ),
    "the turns are a parameter": but(PERIODIC, condition=(rel(n - 3, ">"),)),
    "p sin x = 0 for p = 0 too": but(PERIODIC, equations=(p * sin(x),), rest=p),
    "sin x = 2 at no real angle": but(
        PERIODIC,
        equations=(sin(x) - 2,),
        branches=(),
        premises=(cover((ONE,), (x,), (), "cover_none"),),
        other=asin(2, evaluate=False),
    ),
    "cosh is no wave": but(COSINES, equations=(cosh(x) - cosh(p),), function=cosh),
    "the equation is another": but(COSINES, equations=(cos(x) + cos(p),)),
    "cos x = 0 solves it, where the tangent has no value": but(
        TANGENTS,
        equations=((sin(x) - cos(x)) * cos(x),),
        region=(),
        premises=(
            solved(x - 2 * pi * n - pi / 4, pi / 4 + 2 * pi * n),
            solved(x - 2 * pi * n - 5 * pi / 4, 5 * pi / 4 + 2 * pi * n),
        ),
        rest=cos(x) ** 2,
    ),
    # cover_beyond
    "sin x = 1 is reached": but(BEYOND, equations=(sin(x) - 1,), level=ONE),
    "sin x = p is reached for small p": but(BEYOND, equations=(sin(x) - p,), level=p),
    "cosh goes beyond 1": but(BEYOND, equations=(cosh(x) - 2,), wave=cosh(x)),
    "p (sin x - 2) is 0 where p is": but(BEYOND, equations=(p * sin(x) - 2 * p,), rest=p),
    "sin(asin x) is x where it is defined, and x = 2 is not": but(
        BEYOND, equations=(x - 2,), wave=UNEVALUATED_SINE
    ),
    "a point beyond": but(BEYOND, branches=(at(2),)),
    # cover_multiplied
    "x - 1 = 0 is not x + 1 = 0": but(MULTIPLIED, product=x**2 - 1 + x),
    "1/x has no value at the solution": cover(
        (x,),
        (x,),
        (),
        "cover_multiplied",
        cover((x, ONE), (x,), (), "cover_none"),
        multiples=(1 / x,),
        product=ONE,
    ),
    "one of two solutions": but(MULTIPLIED, branches=(at(-1),)),
    "in the place of another equation": cover(
        (x - 1, y - 2),
        (x, y),
        (at(1, t, free=(t,)),),
        "cover_multiplied",
        cover(
            (x - 1,),
            (x, y),
            (at(1, t, free=(t,)),),
            "cover_linear",
            cover((), (y,), (Branch(((y, t),), (), ((t, "real"),)),), "cover_free"),
            index=0,
            symbol=x,
            rest=ONE,
            values=((ONE, ()),),
        ),
        index=1,
        multiples=(ONE, ONE),
        product=x - 1,
    ),
    # cover_integers
    "n = 1 is possible too": but(INTEGERS, branches=(at(0),), high=ZERO),
    "n = 0 is possible too": but(INTEGERS, branches=(at(2 * pi),), low=ONE),
    "nothing bounds the lattice above": but(INTEGERS, region=BOUNDS[:1]),
    "x > -1 or x < 7 or neither": but(INTEGERS, region=(rel((x + 1) * (x - 7), "<"),)),
    "the integers are those of a parameter": but(
        INTEGERS,
        branches=(at(12 * pi),),
        region=(),
        condition=(rel(n - 5, ">"), rel(n - 7, "<")),
        low=Integer(6),
        high=Integer(6),
    ),
    "a million members": but(
        INTEGERS, branches=(), region=(rel(x, ">"), rel(x - 10**7, "<")), low=ONE, high=Integer(10**6)
    ),
    "n = 1 is left out of a half-lattice": but(ONWARDS, branches=(half(2),), low=TWO),
    "a half-lattice to the other side": but(ONWARDS, branches=(half(0, "<="),), low=None, high=ZERO),
    "a half-lattice that nothing bounds": but(ONWARDS, region=()),
    "no end at all": but(ONWARDS, branches=(EVEN,), low=None),
    # cover_residues
    "a remainder is left out": but(RESIDUES, branches=(lattice(2 * pi * n),)),
    "there are three remainders": but(
        RESIDUES, branches=(lattice(3 * pi * n), lattice(pi * (3 * n + 1))), modulus=THREE
    ),
    "modulo 1 nothing is left": but(RESIDUES, branches=(lattice(2 * pi * n),), modulus=ONE),
    "modulo 0 everything is left out": but(RESIDUES, branches=(), modulus=ZERO),
    "real multiples have no remainders": cover(
        (y,),
        (x, y),
        (at(2 * t, 0, free=(t,)), at(2 * t + 1, 0, free=(t,))),
        "cover_residues",
        WHOLE_LINE,
        family=LINE,
        turn=t,
        modulus=TWO,
    ),
    # cover_wider, and points on a family
    "pi lies on no whole turn": but(WIDER, branches=(EVEN,)),
    "half a lattice lies on the even half": but(WIDER, branches=(lattice(4 * pi * n), ODD)),
    "(t, 1) does not lie on (t, 0)": but(
        WIDER, equations=(y,), unknowns=(x, y), branches=(at(t, 1, free=(t,)),), premises=(WHOLE_LINE,)
    ),
    "x < 0 does not lie on x > 0": but(
        WIDER,
        equations=(y,),
        unknowns=(x, y),
        branches=(at(t, 0, free=(t,), where=(rel(t, ">"),)),),
        premises=(WHOLE_LINE,),
    ),
    "the logarithm has no value for t < 0": but(
        WIDER,
        equations=(y,),
        unknowns=(x, y),
        branches=(at(t, log(t) - log(2 * t) + log(2), free=(t,)),),
        premises=(WHOLE_LINE,),
    ),
    "t and n are not one": but(
        WIDER, equations=(y,), unknowns=(x, y), branches=(lattice(n, 0),), premises=(WHOLE_LINE,)
    ),
    "stationary for whole n, not for real ones": but(
        ON_LATTICE, branches=(Branch(((x, pi * n),), (), ((n, "real"),)),)
    ),
    "the odd multiples are missing": but(ON_LATTICE, branches=(EVEN,)),
    "the multiples of pi/2 are no stationary points": but(ON_LATTICE, branches=(lattice(pi * n / 2),)),
    # cover_quadric
    "the circle of radius 2": but(
        QUADRIC, equations=(x**2 + y**2 - 4,), parts=((x, ONE), (y, ONE)), rest=Integer(4)
    ),
    "x^2 - y^2 = 1 is no circle": but(QUADRIC, equations=(x**2 - y**2 - 1,)),
    "one point of the circle": but(QUADRIC, branches=(at(1, 0),)),
    "half the hyperbola": but(HYPERBOLA, branches=HYPERBOLA.claim.branches[:1]),
    "p x^2 + p y^2 = p everywhere for p = 0": but(QUADRIC, equations=(p * x**2 + p * y**2 - p,), rest=p),
    "a half-axis that may be 0": but(
        QUADRIC,
        equations=(x**2 + y**2 / p**2 - 1,),
        branches=(at(cos(t), p * sin(t), free=(t,)),),
        premises=(point(cos(t), p * sin(t)),),
        parts=((x, ONE), (y, p)),
    ),
    "a circle that turns with its own angle": but(
        QUADRIC, branches=(at(1, 0),), premises=(TURNED,), parts=((SLOPED[0], ONE), (SLOPED[1], ONE))
    ),
    "angles between 0 and infinity only": but(
        QUADRIC,
        branches=(Branch(((x, cos(POSITIVE_T)), (y, sin(POSITIVE_T))), (), ((POSITIVE_T, "real"),)),),
        premises=(point(cos(POSITIVE_T), sin(POSITIVE_T)),),
        symbols=(POSITIVE_T,),
    ),
    "whole angles": but(
        QUADRIC,
        branches=(lattice(cos(n), sin(n)),),
        premises=(point(cos(n), sin(n)),),
        symbols=(n,),
    ),
    "the angle is a parameter": but(QUADRIC, condition=(rel(t, ">"),)),
    # cover_pieces
    "the cut itself is left out": but(PIECES, branches=(PIECES.claim.branches[0], PIECES.claim.branches[2])),
    "what lies above is left out": but(PIECES, branches=PIECES.claim.branches[:2]),
    "a cut at a place that is not a number": but(PIECES, branches=LINE.cut_at(t, p), value=p),
    "a cut nowhere": but(PIECES, branches=LINE.cut_at(t, I), value=I),
    "integers are not cut": but(
        PIECES,
        equations=(1 - cos(x),),
        unknowns=(x,),
        branches=EVEN.cut_at(n, HALF),
        premises=(CREST,),
        family=EVEN,
        symbol=n,
        value=HALF,
    ),
    "the symbol of the family is a parameter": but(PIECES, condition=(rel(t - 2, ">"),)),
    # cover_sides
    "the zero of the quantity is left out": but(SIDES, branches=SIDES.claim.branches[:2]),
    "where the quantity is positive is left out": but(
        SIDES, branches=(SIDES.claim.branches[0], SIDES.claim.branches[2])
    ),
    "the zeros of another quantity": but(
        SIDES, branches=(*LINE.sides(t + p), SIDES.claim.branches[2]), quantity=t + p
    ),
    "no zeros are known": but(SIDES, branches=LINE.sides(t - p), premises=SIDES.premises[:1]),
    "log t is neither negative nor positive nor 0 for t < 0": but(
        SIDES,
        branches=(*LINE.sides(log(t)), LINE.member(t, Branch(((t, ONE),)))),
        quantity=log(t),
        premises=(
            WHOLE_LINE,
            cover(
                (log(t),),
                (t,),
                (Branch(((t, ONE),)),),
                "cover_inverse",
                cover(
                    (t - 1,),
                    (t,),
                    (Branch(((t, ONE),)),),
                    "cover_linear",
                    done(),
                    index=0,
                    symbol=t,
                    rest=ONE,
                    values=((ONE, ()),),
                ),
                index=0,
                rest=ONE,
                function=log,
                inner=t,
                level=ZERO,
            ),
        ),
    ),
    # cover_power
    "x^4 = p^4 has two solutions": but(FOURTHS, branches=(at(p),), premises=FOURTHS.premises[:1]),
    "x^3 = -p^3 gives -p": but(CUBES, equations=(x**3 + p**3,)),
    "p x^3 = p^4 everywhere for p = 0": but(CUBES, equations=(p * x**3 - p**4,), rest=p),
    "x^-2 = p^-2": but(FOURTHS, equations=(x**-2 - p**-2,), exponent=-2),
    # cover_lines
    "x y = y is not homogeneous": but(
        LINES,
        equations=(x * y - y,),
        branches=(at(s, 0, free=(s,)), at(t, t, free=(t,))),
        premises=(on_axis(x * y - y), solved(x - 1, 1)),
    ),
    "the plane y = 0 is left out": but(LINES, branches=LINES.claim.branches[1:]),
    "only the zeros with y = 1": but(LINES, branches=(at(s, 0, free=(s,)), at(0, 1))),
    "the multiples are a parameter": but(LINES, condition=(rel(t, ">"),)),
    # cover_binomial
    "x^2 = y^2 is not only x = y": but(
        BINOMIAL,
        equations=(x**2 - y**2,),
        branches=(at(t**2, t**2, free=(t,)),),
        premises=(point(t**2, t**2),),
        powers=(2, 2),
    ),
    "x^3 = -y^2": but(BINOMIAL, equations=(x**3 + y**2,)),
    "p x^3 = p y^2 everywhere for p = 0": but(BINOMIAL, equations=(p * x**3 - p * y**2,), rest=p),
    "the symbol of a cusp is a parameter": but(BINOMIAL, condition=(rel(t, ">"),)),
    # cover_real_power
    "x^q = p for a negative x": but(REAL_POWER, region=()),
    "x^q = p wherever q is": but(REAL_POWER, condition=(rel(p, ">"),)),
    "x^q = p has the solution 1/p": but(
        REAL_POWER, branches=(at(1 / p),), premises=(solved(x - 1 / p, 1 / p, condition=P_AND_Q),)
    ),
    "1^x = q": but(EXPONENT, condition=(rel(p, ">"), rel(q, ">"))),
    "p^x = q for a negative q": but(EXPONENT, condition=ANY_BASE[:2]),
    "p^x = q, solved for p": but(EXPONENT, sought="base"),
    # cover_outside
    "2 solves what was squared, and more": but(NOT_SQUARED, branches=(at(-1),)),
    "neither solves it": but(NOT_SQUARED, branches=()),
    # cover_variation
    "x - 1/x grows on each side of 0, and has a zero on each": variation(
        x - 1 / x, ONE, (None, None), holds(1 + x**-2, ">", region=NOT_0), region=NOT_0
    ),
    "|x| + x is 0 on a whole interval": variation(
        Abs(x) + x,
        Integer(-2),
        (Integer(-2), Integer(5)),
        step(Holds(rel(1 + sign(x), ">=")), "enclosure", region=(rel(x + 2, ">="), rel(x + 1, "<="))),
        region=(rel(x + 2, ">="), rel(x + 1, "<=")),
    ),
    "constant inside, with another value at the end": variation(
        Abs(x) - x + sign(x) - 1,
        HALF,
        (ZERO, ONE),
        step(Holds(rel(sign(x) - 1, "<=")), "enclosure", region=(rel(x - 1, "<="), rel(x, ">"))),
        region=(rel(x, ">"), rel(x - 1, "<=")),
    ),
    "x^2 = 1 at -1, on x > 0": variation(x**2 - 1, -ONE, (Integer(-5), None), region=RIGHT),
    "x^2 = 2 between -2 and -1, on x > 0": variation(
        x**2 - 2, root(r, 2, -2, -1, None), (Integer(-5), None), region=RIGHT
    ),
    "x - 2 sign x jumps down": variation(x - 2 * sign(x), TWO, (None, None)),
    "x^2 (x - 1) falls before it grows": variation(x**2 * (x - 1), ONE, (None, None)),
    "0 is not where x - sin x - 1 is 0": but(WEAKLY, equations=(x - sin(x) - 1,)),
    "0 is constant": variation(Add(x, -x, evaluate=False), ZERO, (None, None)),
    # what SymPy assumes of a symbol
    "k = 1/2 is no integer, x = 1/2 is a solution": cover(
        (x - HALF,),
        (x,),
        (),
        "cover_kernel",
        cover(
            (k - HALF,),
            (k,),
            (Branch(((k, HALF),)),),
            "cover_linear",
            done(),
            index=0,
            symbol=k,
            rest=ONE,
            values=((HALF, ()),),
        ),
        index=0,
        kernel=x,
        symbol=INTEGER_K,
        polynomial=INTEGER_K - HALF,
    ),
    "an unknown that runs over the integers": cover((INTEGER_K - HALF,), (INTEGER_K,), (), "cover_none"),
    "a helper that runs over the integers": cover(
        (2 * x - 1,),
        (x,),
        (at(HALF),),
        "cover_ideal",
        done(),
        separating=(INTEGER_H, x),
        values=((HALF, ()),),
    ),
    "a free symbol that is positive": cover(
        (), (x,), (Branch(((x, POSITIVE_T),), (), ((POSITIVE_T, "real"),)),), "cover_free"
    ),
    "a free symbol that is whole": cover((), (x,), (Branch(((x, n),), (), ((n, "real"),)),), "cover_free"),
    "-sqrt 2 named by a positive symbol": cover(
        (x**2 - 2,),
        (x,),
        tuple(at(a.symbol, numbers=(a,)) for a in (root(POSITIVE_K, 2, -2, -1, 0), root(r, 2))),
        "cover_roots",
        done(),
        index=0,
        symbol=x,
        values=tuple((a.symbol, (a,)) for a in (root(POSITIVE_K, 2, -2, -1, 0), root(r, 2))),
    ),
    "the free symbol of a branch is a parameter here": cover(
        (),
        (x,),
        (),
        "cover_outside",
        cover((), (x,), (at(t, free=(t,)),), "cover_free"),
        region=(rel(x + 1, "<"),),
        condition=(rel(t, ">"),),
    ),
    # tangents of lattices, and derivatives without a value
    "tan(-pi/4) is not 1": step(
        Stationary(SLANTED, (x,), (DOWNHILL,), False),
        "stationary_points",
        step(Gradient(SLANTED, (x,), (tan(x) - 1,)), "gradient", region=ON_HILLS),
        region=ON_HILLS,
    ),
    "-pi/4 does not lie where tan x > 1/2": step(
        Stationary(ZERO, (x,), (DOWNHILL,), False),
        "stationary_points",
        derivatives(ZERO, (x,), (rel(cos(x), "!="),))[0],
        region=(rel(cos(x), "!="), rel(tan(x) - HALF, ">")),
    ),
    "|tan x - 1| is 2 at -pi/4": step(
        Optimal(Abs(tan(x) - 1), (x,), "min", ZERO, True, (DOWNHILL,)),
        "extremum_bound",
        holds(Abs(tan(x) - 1), ">=", region=(rel(cos(x), "!="),)),
        region=(rel(cos(x), "!="),),
    ),
    "a gradient without a value at 0": step(Gradient((2 - exp(1)) * x, (x,), (E_LIKE,)), "gradient"),
    "a Hessian without a value at 0": step(Hessian((2 - exp(1)) * x**2 / 2, (x,), ((E_LIKE,),)), "hessian"),
    # borders of regions whose relations are all strict
    "sqrt x < 1 has the border 0, where x^3 has a minimum": labelled(
        x**3, at(0), "inflection", None, "higher_derivative", region=SHORT, order=3
    ),
    "x has a minimum at the border too": step(
        Optimal(x * (x - HALF) ** 2, (x,), "min", ZERO, True, (at(HALF),), True),
        "extremum_bound",
        holds(x * (x - HALF) ** 2, ">=", region=(rel(x, ">="),)),
        step(
            Stationary(x * (x - HALF) ** 2, (x,), (at(HALF), at(HALF / 3)), True),
            "stationary_points",
            derivatives(x * (x - HALF) ** 2)[0],
            cover(
                ((x - HALF) ** 2 + x * (2 * x - 1),),
                (x,),
                (at(HALF), at(HALF / 3)),
                "cover_linear",
                done(),
                index=0,
                symbol=x,
                rest=THREE,
                values=((HALF, ()), (HALF / 3, ())),
            ),
        ),
        region=(*SHORT, rel(x, ">=")),
    ),
    "the region is a point, and -x^2 is convex there": step(
        NotCurved(-(x**2), (x,), "convex", False, (ZERO,), (ONE,), ONE),
        "second_order",
        *derivatives(-(x**2))[1:],
        number(-2, "<"),
        region=(rel(Pow(-(x**2), HALF, evaluate=False) - 1, "<"),),
    ),
    # bounds and families
    "the circle shrinks to a point for p = 0": label(
        CRATER,
        AROUND,
        "minimum",
        False,
        "bound_minimum",
        some(CRATER, AROUND),
        holds(CRATER, ">="),
        value=ZERO,
    ),
    "a family that stands still, though it looks as if it moved": label(
        x**2 + y**2,
        STILL,
        "minimum",
        False,
        "bound_minimum",
        some(x**2 + y**2, STILL),
        holds(x**2 + y**2, ">="),
        value=ZERO,
    ),
    "a sum of squares that is 1": label(
        x**2 + y**2,
        at(sin(t) ** 2 + cos(t) ** 2 - 1, 0, free=(t,)),
        "minimum",
        False,
        "bound_minimum",
        some(x**2 + y**2, at(sin(t) ** 2 + cos(t) ** 2 - 1, 0, free=(t,))),
        holds(x**2 + y**2, ">="),
        value=ZERO,
    ),
    "n = 0 stands still": label(
        (x**2 + y**2 - n**2) ** 2,
        at(n * cos(t), n * sin(t), free=(t,)),
        "minimum",
        False,
        "bound_minimum",
        some((x**2 + y**2 - n**2) ** 2, at(n * cos(t), n * sin(t), free=(t,))),
        holds((x**2 + y**2 - n**2) ** 2, ">="),
        value=ZERO,
    ),
    "a lattice has no points near by": but(BOUND_ON_LATTICE, strict=False),
    "a circle of minima is not strict": but(
        BOUND_ALONG, strict=True, premises=(*BOUND_ALONG.premises, QUADRIC)
    ),
    "the ridge is no maximum": but(BOUND_ALONG, kind="maximum", rule="bound_maximum"),
    "strict, by the cover of another function": but(
        BOUND_ON_LATTICE,
        objective=Mul(1 - cos(x), 1, evaluate=False) * sin(x) ** 2,
        premises=(
            some((1 - cos(x)) * sin(x) ** 2, EVEN),
            holds((1 - cos(x)) * sin(x) ** 2, ">=", tree=(1 - cos(x)) * sin(x) ** 2),
            CREST,
        ),
    ),
    # factor_minimum, factor_maximum
    "q is negative below": but(
        FACTOR_MINIMUM,
        branch=at(0, t, free=(t,)),
        premises=(some(HEIGHT, at(0, t, free=(t,))), *FACTOR_MINIMUM.premises[1:2]),
    ),
    "q is 0 at the point": factored(x**2 * y, ORIGIN, "minimum", None, x**2, y),
    "q < 0 is a maximum": but(FACTOR_MAXIMUM, kind="minimum", rule="factor_minimum"),
    "q > 0 is a minimum": but(FACTOR_MINIMUM, kind="maximum", rule="factor_maximum"),
    "p has both signs": factored(x**3 + 0 * y, ORIGIN, "minimum", None, x**3, 1),
    "p >= 0 on a part of the region only": factored(
        x**3 + 0 * y, ORIGIN, "minimum", None, x**3, 1, holds(x**3, ">=", region=(rel(x, ">="),))
    ),
    "q has no value at the point": factored(
        x * y, ORIGIN, "minimum", None, x**2 + y**2, x * y / (x**2 + y**2)
    ),
    "q = f has the sign 0": factored(y**2 - x**2, ORIGIN, "maximum", None, 1, y**2 - x**2),
    "other factors": factored(x**2 * (1 + y), ORIGIN, "minimum", None, x**2, 1 + 2 * y),
    "the factor is 0 on a line": but(
        FLAT_FACTOR, strict=True, premises=(*FLAT_FACTOR.premises, SUM_OF_SQUARES)
    ),
    "the line leaves the zeros of the factor": but(FLAT_FACTOR, line=(s, ZERO)),
    "the line is a point": but(FLAT_FACTOR, line=(ZERO, ZERO)),
    "the line starts elsewhere": but(FLAT_FACTOR, line=(ZERO, s + 1)),
    "the value is another": but(FLAT_FACTOR, value=ONE, p=x**2 * (1 + y) - 1, q=ONE),
    "p = (sqrt x)^6 has no value for x < 0": factored(
        x**3 + 0 * y, ORIGIN, "minimum", None, Pow(sqrt(x, evaluate=False), 6, evaluate=False), 1
    ),
    # family_minimum, family_maximum
    "across the family it falls": but(FAMILY_MINIMUM, kind="maximum", rule="family_maximum"),
    "a family of minima is never strict": but(FAMILY_MINIMUM, strict=True),
    "along the family, not across it": but(FAMILY_MINIMUM, vectors=((-sin(t), cos(t)),)),
    "no vector at all": but(
        FAMILY_MINIMUM, vectors=(), premises=(*FAMILY_MINIMUM.premises[:3], definite((), ">", ()))
    ),
    "both axes": but(FAMILY_MINIMUM, vectors=((ONE, ZERO), (ZERO, ONE))),
    "definite, but another form": but(
        FAMILY_MINIMUM, premises=(*FAMILY_MINIMUM.premises[:3], definite(((ONE,),), ">", (1,)))
    ),
    "the circle shrinks to a point, and there the Hessian is 0": labelled(
        CRATER,
        AROUND,
        "minimum",
        False,
        "family_minimum",
        definite(((8 * p**2,),), ">", (8 * p**2,), condition=(rel(p, "!="),)),
        vectors=ACROSS,
    ),
    "a family that stands still has no tangent": labelled(
        x**2 + y**2,
        at(sin(t) ** 2 + cos(t) ** 2 - 1, 0, free=(t,)),
        "minimum",
        False,
        "family_minimum",
        definite(((TWO,),), ">", (2,)),
        vectors=((ZERO, ONE),),
    ),
    "a family with an end": labelled(
        x**2 + 0 * y,
        at(0, t, free=(t,), where=(rel(t, ">="),)),
        "minimum",
        False,
        "family_minimum",
        definite(((TWO,),), ">", (2,)),
        vectors=((ONE, ZERO),),
    ),
    "a lattice is no continuum": labelled(
        1 - cos(x), EVEN, "minimum", False, "family_minimum", definite((), ">", ()), vectors=()
    ),
    "a family with a corner": labelled(
        x**2 + 0 * y,
        at(0, Abs(t), free=(t,)),
        "minimum",
        False,
        "family_minimum",
        definite(((TWO,),), ">", (2,)),
        vectors=((ONE, ZERO),),
    ),
    "a parametrisation that slows down to 0": labelled(
        x**2 + 0 * y,
        at(0, t**3, free=(t,)),
        "minimum",
        False,
        "family_minimum",
        definite(((TWO,),), ">", (2,)),
        vectors=((ONE, ZERO),),
    ),
    # splitting
    "x^2 + y^4 does not fall": but(SPLITTING_MINIMUM, kind="saddle", strict=None),
    "along the axis it rises, along the valley it falls": splitting(BENT, "minimum", (ZERO, s), 2),
    "the order is taken too high": splitting(BENT, "minimum", (ZERO, s), 3),
    "order 2 says nothing of degree 4": splitting(FLAT_BOWL, "minimum", (ZERO, s), 2),
    "the valley is a ridge": but(SPLITTING_MINIMUM, kind="maximum"),
    "the curve stands still": splitting(BENT, "minimum", (ZERO, ZERO * s), 3),
    "the curve is not regular": splitting((x - y**3) ** 2 + y**6 + x**2 * 0, "minimum", (s**3, s**2), 4),
    "the curve runs across the valley": splitting(FLAT_BOWL, "saddle", (s, ZERO), 3),
    "the curve starts elsewhere": splitting(FLAT_BOWL, "minimum", (ZERO, s + 1), 3),
    "the slope across is not 0 along the curve": but(SPLITTING, curve=(-(s**2), s)),
    "the Hessian is definite in another direction": but(SPLITTING_MINIMUM, vectors=((ZERO, ONE),)),
    "the direction turns with the curve": but(SPLITTING_MINIMUM, vectors=((ONE, s),)),
    "the curve's symbol is a parameter": splitting(
        x**2 + s * y**3 + y**4,
        "saddle",
        (ZERO, s),
        3,
    ),
    # lowest_form_minimum, lowest_form_maximum
    "the form has both signs": lowest(x**4 - 3 * x**2 * y**2 + y**4, "minimum", 4),
    "the form is 0 on an axis": lowest(x**4 + x**2 * y**2, "minimum", 4),
    "the form is 0 on the other axis": lowest(y**4 + x**2 * y**2, "minimum", 4),
    "a term of order 3 comes before": lowest(x**3 + x**4 + y**4, "minimum", 4),
    "odd forms have both signs": lowest(x**3 + y**3, "minimum", 3),
    "positive slopes alone": but(lowest(SKEWED, "minimum", 4), slope=POSITIVE_T),
    "a minimum called a maximum": but(LOWEST_MINIMUM, kind="maximum", rule="lowest_form_maximum"),
    "a maximum called a minimum": but(LOWEST_MAXIMUM, kind="minimum", rule="lowest_form_minimum"),
    "the form of another order": but(LOWEST_MINIMUM, order=6),
    "the slope is a parameter": lowest(x**4 + t**2 * y**4 + y**4 * (t - 2), "minimum", 4),
    # curves_saddle
    "both curves go down": but(CURVES, curves=((ZERO, s),)),
    "exp(x^4) has a minimum": but(
        CURVES,
        objective=exp(x**4) + y**2,
        premises=(some(exp(x**4) + y**2, ORIGIN), *derivatives(exp(x**4) + y**2, (x, y))[1:]),
    ),
    "t may be 0": but(
        ALONG_LINE,
        branch=LINE,
        premises=(some(exp(x * y**3), LINE), *ALONG_LINE.premises[1:]),
        curves=((t, s),),
    ),
    "the curve is no polynomial": but(CURVES, curves=((Abs(s), ZERO), (ZERO, s))),
}

MINE = {**checks_waves.CHECKS, **checks_continua.CHECKS, **checks_degenerate.CHECKS}


@pytest.mark.parametrize("name", HONEST)
def test_the_truth_is_accepted(name: str) -> None:
    assert check(HONEST[name]) in ("checked", "recomputed")


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_rejected(name: str) -> None:
    lie = LIES[name]
    check(*lie.premises)
    with pytest.raises(Rejected):
        check(lie)


def test_every_rule_has_an_honest_and_a_lying_derivation() -> None:
    assert not uncovered(TOLD_OF_FAMILIES, HONEST.values(), LIES.values())
    assert len(LIES) >= 120


@pytest.mark.parametrize("name", HONEST)
def test_nothing_malformed_crashes_the_checker(name: str) -> None:
    """Without its premises, or with a part of its certificate of another kind, a step is rejected or still follows."""
    honest = HONEST[name]
    entries = honest.certificate
    for other in (
        replace(honest, certificate=()),
        replace(honest, premises=()),
        replace(honest, claim=Infeasible()),
        *(
            replace(honest, certificate=(*entries[:i], (key, wrong), *entries[i + 1 :]))
            for i, (key, _) in enumerate(entries)
            for wrong in (None, "x", -1, x, n, (), (x,), [x], ((x, x),), at(t, free=(t,)), Label)
        ),
    ):
        is_accepted(other)
