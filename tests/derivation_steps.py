"""Steps of derivations written by hand, for the tests that tell lies with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, symbols

from symopt.derivation import checks_continua, checks_degenerate, checks_waves
from symopt.derivation.checker import CHECKS
from symopt.derivation.claims import (
    Branch,
    Claim,
    Context,
    Cover,
    Definite,
    Gradient,
    Hessian,
    Holds,
    Label,
    Number,
    Smooth,
    Stationary,
    Step,
)
from symopt.relation import Relation

x, y, p, r, s, t, k, h = symbols("x y p r s t k h", real=True)
ZERO, ONE, HALF = Integer(0), Integer(1), Rational(1, 2)
POINT = Branch(())


def rel(expression: Any, op: str) -> Relation:
    return Relation(expression + ZERO, op)


def step(
    claim: Claim, rule: str, *premises: Step, region: tuple = (), condition: tuple = (), **data: object
) -> Step:
    return Step(Context(region, condition), claim, rule, premises, tuple(sorted(data.items())))


def but(honest: Step, **changes: Any) -> Step:
    """The step with fields of its claim, entries of its certificate, its context or its premises changed."""
    claim_fields = {f.name for f in fields(honest.claim)}
    parts = {name: changes.pop(name) for name in ("premises", "rule") if name in changes}
    context = {name: changes.pop(name) for name in ("region", "condition") if name in changes}
    claim = {name: changes.pop(name) for name in tuple(changes) if name in claim_fields}
    return replace(
        honest,
        context=replace(honest.context, **context),
        claim=replace(honest.claim, **claim),
        certificate=tuple(sorted((dict(honest.certificate) | changes).items())),
        **parts,
    )


def holds(expression: Any, op: str, tree: Any = None, region: tuple = (), condition: tuple = ()) -> Step:
    tree = expression if tree is None else tree
    return step(Holds(rel(expression, op)), "signs", region=region, condition=condition, tree=tree + ZERO)


def number(value: Any, op: str) -> Step:
    return step(Holds(rel(value, op)), "constant_sign")


def cover(
    equations: tuple, unknowns: tuple, branches: tuple, rule: str, *premises: Step, **rest: Any
) -> Step:
    return step(Cover(equations, unknowns, branches), rule, *premises, **rest)


def at(*values: Any, numbers: tuple = (), free: tuple = (), where: tuple = ()) -> Branch:
    pairs = tuple((unknown, value + ZERO) for unknown, value in zip((x, y), values, strict=False))
    return Branch(pairs, numbers, tuple((symbol, kind_of(symbol)) for symbol in free), where)


def kind_of(symbol: Symbol) -> str:
    return "integer" if symbol.is_integer else "real"


def done(**context: Any) -> Step:
    """No equation and no unknown is left."""
    return cover((), (), (POINT,), "cover_free", **context)


def solved(equation: Expr, value: Any, rest: Any = 1, **context: Any) -> Step:
    """A linear equation in x."""
    return cover(
        (equation,),
        (x,),
        (at(value),),
        "cover_linear",
        done(),
        index=0,
        symbol=x,
        rest=rest + ZERO,
        values=((value + ZERO, ()),),
        **context,
    )


def root(symbol: Symbol, square: int, low: Any = 1, high: Any = 2, index: int | None = 1) -> Number:
    return Number(symbol, symbol**2 - square, index, (low + ZERO, high + ZERO))


def derivatives(f: Expr, variables: tuple = (x,), region: tuple = ()) -> tuple[Step, Step, Step]:
    first = tuple(f.diff(v) for v in variables)
    second = tuple(tuple(e.diff(v) for v in variables) for e in first)
    return (
        step(Gradient(f, variables, first), "gradient", region=region),
        step(Hessian(f, variables, second), "hessian", region=region),
        step(Smooth(f, variables), "smooth_by_table", region=region),
    )


def stationary(f: Expr, cover_step: Step, branches: tuple, variables: tuple = (x,), **context: Any) -> Step:
    gradient = derivatives(f, variables, context.get("region", ()))[0]
    claim = Stationary(f, variables, branches, True)
    return step(claim, "stationary_points", gradient, cover_step, **context)


def definite(entries: tuple, op: str, pivots: tuple, condition: tuple = ()) -> Step:
    n = len(pivots)
    lower = tuple(tuple(Integer(int(i == j)) for j in range(n)) for i in range(n))
    data = {"lower": lower, "diagonal": tuple(d + ZERO for d in pivots)}
    return step(Definite(entries, op), "positive_definite", condition=condition, **data)


def label(
    f: Expr, branch: Branch, kind: str, strict: bool | None, rule: str, *premises: Step, **rest: Any
) -> Step:
    variables = tuple(v for v, _ in branch.at)
    return step(Label(f, variables, branch, kind, strict), rule, *premises, **rest)


# --- x^2 + y^2 = 0 at the origin alone ---------------------------------------------------------------------------

ORIGIN = at(0, 0)
BOTH_ZERO = cover(
    (x**2, y**2),
    (x, y),
    (ORIGIN,),
    "cover_linear",
    cover(
        (y**2,),
        (y,),
        (Branch(((y, ZERO),)),),
        "cover_linear",
        done(),
        index=0,
        symbol=y,
        rest=ONE,
        values=((ZERO, ()), (ZERO, ())),
    ),
    index=0,
    symbol=x,
    rest=ONE,
    values=((ZERO, ()), (ZERO, ())),
)
SUM_OF_SQUARES = cover((x**2 + y**2,), (x, y), (ORIGIN,), "cover_sum", BOTH_ZERO, index=0, terms=(x**2, y**2))


# --- who tells lies about which rule --------------------------------------------------------------------------

TOLD_OF_FAMILIES = (
    *(checks_waves.CHECKS),
    *(checks_continua.CHECKS),
    *(checks_degenerate.CHECKS),
    *("cover_power", "cover_real_power", "cover_wider"),
)


def uncovered(rules: Iterable[str], honest: Iterable[Step], lies: Iterable[Step]) -> list[str]:
    """The rules for which no honest derivation is given, or no lie; rules with one check count as one."""
    used = {found.rule for top in honest for found in top.walk()}
    lying = {lie.rule for lie in lies}
    same = {rule: {other for other in CHECKS if CHECKS[other] is CHECKS[rule]} for rule in rules}
    return [rule for rule in rules if not same[rule] & used or not same[rule] & lying]
