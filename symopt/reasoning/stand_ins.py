"""Signs of polynomials in functions such as sin, cos and exp: proved for symbols with the range of the functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice, product
from typing import Final, cast

from sympy import Expr, Rational, S, Symbol, cos, cosh, default_sort_key, erf, exp, floor, log, sin, tanh

from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.polynomial_sign import Prove, accepted
from symopt.reasoning.samples import holds_at
from symopt.relation import Relation

MAX_TRIED: Final = 200
FREE: Final = tuple(map(Fraction, ("0", "1", "-1", "3", "-3", "1/2")))
ON_CIRCLE: Final = tuple(
    (Fraction(a, 5), Fraction(b, 5))
    for a, b in ((0, 5), (5, 0), (0, -5), (-5, 0), (3, 4), (-4, 3), (4, -3), (-3, -4))
)
MAX_FUNCTIONS: Final = 4
MAX_DEGREE: Final = 6
MAX_TERMS: Final = 40
Ranges = Callable[[Symbol], tuple[Relation, ...]]


def _within_one(op: str) -> Ranges:
    return lambda t: (Relation(1 - t, op), Relation(1 + t, op))


# What is known of the values of each function; closer bounds need the argument.
RANGES: Final[Mapping[type[Expr], Ranges]] = {
    sin: _within_one(">="),
    cos: _within_one(">="),
    tanh: _within_one(">"),
    erf: _within_one(">"),
    exp: lambda t: (Relation(t, ">"),),
    log: lambda t: (),
    cosh: lambda t: (Relation(t - 1, ">="),),
}

# The value at 0 of those whose side of it tells the sign of their argument.
AT_ZERO: Final[Mapping[type[Expr], Expr]] = {tanh: S.Zero, erf: S.Zero, exp: S.One, cosh: S.One}
INCREASING: Final = (log, exp, tanh, erf)
PARTS: Final = 8  # of 1, to which a value at an end is rounded away from the interval

SIMPLE: Final[Mapping[type[Expr], tuple[Fraction, ...]]] = {
    **dict.fromkeys((sin, cos), (Fraction(1), Fraction(-1), Fraction(0))),
    **dict.fromkeys((tanh, erf), (Fraction(0), Fraction(1, 2), Fraction(-1, 2))),
    exp: (Fraction(1), Fraction(1, 2), Fraction(3)),
    log: (Fraction(0), Fraction(-1), Fraction(1, 2), Fraction(2)),
    cosh: (Fraction(1), Fraction(2), Fraction(5)),
}


def prove_by_stand_ins(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A proof for all values in the ranges of the functions, which may hold where their arguments are forgotten.

    >>> from symopt.reasoning.sign import prove_relation
    >>> x, y = Symbol("x", real=True), Symbol("y", real=True)
    >>> prove_relation(Relation(y**2 - 2 * y * cos(x) + 1, ">="), Context()).rule
    'instance'
    """
    powers = _powers_of_one(_outermost(relation.expression))
    functions = sorted({base for base, _ in powers.values()}, key=default_sort_key)
    if not 1 <= len(functions) <= MAX_FUNCTIONS:
        return None
    taken = {s.name for s in relation.symbols} | {s.name for r in context.relations for s in r.symbols}
    names = (f"t{k}" for k in range(1, 100) if f"t{k}" not in taken)
    stand_ins = {f: Symbol(name, real=True) for f, name in zip(functions, names, strict=False)}
    general = relation.expression.xreplace({f: stand_ins[base] ** k for f, (base, k) in powers.items()})
    if len(relation.symbols) == 1 and general.free_symbols & relation.symbols:
        return None  # in one symbol, its place on the line says more
    poly = general.as_poly(*general.free_symbols)
    if poly is None or poly.total_degree() > MAX_DEGREE or len(poly.terms()) > MAX_TERMS:
        return None
    known = context.about(relation.symbols).relations
    waves = relation.expression.has(
        sin, cos
    )  # damped ones have a proof of their own, which tells where it is sharp
    closer = bool(known) or not waves
    ranges = [r for function, t in stand_ins.items() for r in _range(function, t, known if closer else None)]
    ends = [step for function in stand_ins for step in _at_ends(function, context, prove)]
    ranges += [cast(Holds, step.claim).relation.at(stand_ins) for step in ends]
    place = Context((*context.region, *ranges, *_circles(stand_ins)), context.condition)
    if _fails_somewhere(Relation(general, relation.op), place, stand_ins):
        return None
    found = prove(Relation(general, relation.op), place.about(general.free_symbols))
    if found is None:
        return None
    values = tuple((t, function) for function, t in stand_ins.items())
    return accepted(relation, context, "instance", (found, *ends), values=values)


def _range(function: Expr, t: Symbol, known: tuple[Relation, ...] | None) -> tuple[Relation, ...]:
    """The range of the function, closer where the sign of its argument is seen; None asks for the whole range."""
    whole, at_zero = RANGES[type(function)](t), AT_ZERO.get(type(function))
    if at_zero is None or known is None:
        return whole
    signs = signs_of_tree(function - at_zero, known)
    side = next((op for op, of_op in SIGNS_OF.items() if signs <= of_op and op != "=="), None)
    closer = () if side is None else (Relation(t - at_zero, side),)
    return (*(r for r in whole if not closer or r.expression != closer[0].expression), *closer)


def _at_ends(function: Expr, context: Context, prove: Prove) -> Iterator[Step]:
    """Proofs that an increasing function stays beyond a rational number near its value at an end of the interval."""
    if not isinstance(function, INCREASING) or len(function.free_symbols) != 1:
        return
    (symbol,) = function.free_symbols
    for end, turn in zip(rational_bounds(symbol, context.relations), (1, -1), strict=True):
        if end is None:
            continue
        value = function.xreplace({symbol: end[0]})
        if value.is_real is not True or not value.is_finite:
            continue
        slope = function.args[0].diff(symbol)
        side = turn if slope.is_positive else -turn if slope.is_negative else 0
        near = Rational(floor(side * PARTS * value), PARTS) * side
        ops = {1: (">", ">="), -1: ("<", "<=")}.get(side, ())
        proofs = (prove(Relation(function - near, op), context) for op in ops)
        yield from islice((step for step in proofs if step is not None), 1)


def _fails_somewhere(general: Relation, place: Context, stand_ins: Mapping[Expr, Symbol]) -> bool:
    """Whether the relation fails at one of some simple values in the ranges, which are tried before it is proved."""
    choices: list[tuple[dict[Symbol, Fraction], ...]] = []
    for function, t in stand_ins.items():
        other = stand_ins.get(cos(function.args[0]))
        if isinstance(function, sin) and other is not None:
            choices.append(tuple({t: a, other: b} for a, b in ON_CIRCLE))
        elif not (isinstance(function, cos) and sin(function.args[0]) in stand_ins):
            choices.append(tuple({t: value} for value in SIMPLE[type(function)]))
    rest = sorted(general.symbols - set(stand_ins.values()), key=default_sort_key)
    choices += [tuple({symbol: value} for value in FREE) for symbol in rest]
    given = [r for r in place.relations if r.symbols <= {*rest, *stand_ins.values()}]
    for chosen in islice(product(*choices), MAX_TRIED):
        values = {symbol: value for part in chosen for symbol, value in part.items()}
        if all(holds_at(r, values) for r in given) and holds_at(general, values) is False:
            return True
    return False


def _outermost(expression: Expr) -> set[Expr]:
    """The functions of the table that stand in the expression outside of any other."""
    if type(expression) in RANGES and expression.free_symbols:
        return {expression}
    return set().union(*(_outermost(part) for part in expression.args))


def _powers_of_one(functions: set[Expr]) -> dict[Expr, tuple[Expr, int]]:
    """Each function as a power of another: e^u and e^(2u) are powers of e^u."""
    found: dict[Expr, tuple[Expr, int]] = {}
    for function in sorted(functions, key=default_sort_key):
        found[function] = (function, 1)
        for base in [b for b, _ in found.values()] if isinstance(function, exp) else ():
            ratio = function.args[0] / base.args[0] if isinstance(base, exp) else S.Zero
            if ratio.is_Integer and ratio > 1:
                found[function] = (base, int(ratio))
            elif ratio.is_Rational and ratio > 0 and (1 / ratio).is_Integer and ratio != 1:
                again = {f: (function, k * int(1 / ratio)) for f, (b, k) in found.items() if b == base}
                found |= again | {function: (function, 1)}
    return found


def _circles(stand_ins: Mapping[Expr, Symbol]) -> tuple[Relation, ...]:
    """sin^2 u + cos^2 u = 1."""
    return tuple(
        Relation(t**2 + stand_ins[cos(f.args[0])] ** 2 - S.One, "==")
        for f, t in stand_ins.items()
        if isinstance(f, sin) and cos(f.args[0]) in stand_ins
    )
