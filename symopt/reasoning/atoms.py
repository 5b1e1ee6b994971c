"""Recognising the functions of the table of curvature in an expression.

`matches(expression, ...)` lists ways to read an expression as a row of the table; whether the row applies
(its part of the domain, the curvature of its arguments) is for the composition rule to find out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cosh,
    erf,
    erfc,
    exp,
    gamma,
    log,
    sqrt,
)

from symopt.derivation.curvature_atoms import CURVATURE_ATOMS
from symopt.reasoning.quadratic import as_sum_of_squares

Variables = tuple[Symbol, ...]

ONE_ARGUMENT: Final[dict[type, tuple[str, ...]]] = {}
for _atom in CURVATURE_ATOMS.values():
    if isinstance(_atom.function, type) and issubclass(_atom.function, Function):
        ONE_ARGUMENT[_atom.function] = (*ONE_ARGUMENT.get(_atom.function, ()), _atom.name)


@dataclass(frozen=True)
class Match:
    """The expression is the row's function of these arguments and constants."""

    atom: str
    arguments: tuple[Expr, ...]
    constants: tuple[Expr, ...] = ()


def matches(expression: Expr, variables: Variables) -> Iterator[Match]:
    """Readings of the expression as a row of the table, the most specific first.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> next(matches(log(1 + exp(x)), (x,)))
    Match(atom='shifted log-sum-exp', arguments=(x,), constants=(1,))
    """
    if isinstance(expression, log):
        yield from _logarithms(expression.args[0], variables)
    elif isinstance(expression, (Max, Min)):
        yield Match("max" if isinstance(expression, Max) else "min", expression.args)
    elif isinstance(expression, Pow) and expression.base != S.Exp1:
        yield from _powers(expression, variables)
        yield from _products(expression, variables)
    elif isinstance(expression, Mul):
        yield from _products(expression, variables)
    for name in ONE_ARGUMENT.get(expression.func, ()):
        if name not in ("max", "min"):
            yield Match(name, (expression.args[0],))


def _is_constant(expression: Expr, variables: Variables) -> bool:
    return not expression.free_symbols & set(variables)


def _logarithms(inside: Expr, variables: Variables) -> Iterator[Match]:
    if isinstance(inside, (erfc, gamma)):
        yield Match("logarithm of erfc" if isinstance(inside, erfc) else "logarithm of gamma", inside.args)
    if (
        isinstance(inside, Add)
        and len(inside.args) == 2
        and inside.args[0] == 1
        and inside.args[1].func is erf
    ):
        yield Match("logarithm of 1 + erf", inside.args[1].args)
    arguments: list[Expr] = []
    constant: Expr = S.Zero
    for term in Add.make_args(inside.rewrite(exp) if inside.has(cosh) else inside):
        if _is_constant(term, variables):
            constant += term
            continue
        factor, rest = term.as_independent(*variables, as_Add=False)
        exponents = [f.args[0] if isinstance(f, exp) else None for f in Mul.make_args(rest)]
        if None in exponents or factor.is_negative:
            arguments = []
            break
        arguments.append(Add(*exponents) + (log(factor) if factor != 1 else 0))
    if arguments and constant == 0 and len(arguments) > 1:
        yield Match("log-sum-exp", tuple(arguments))
    elif arguments and constant != 0:
        yield Match("shifted log-sum-exp", tuple(arguments), (constant,))
    if len(variables) >= 3 and isinstance(inside, Add) and len(inside.args) == 2:
        first, second = (next((v for v in variables if term.has(v)), None) for term in inside.args)
        for square, product in (inside.args, inside.args[::-1]):
            side = [v for v in variables if product.has(v)]
            middle = [v for v in variables if square.has(v)]
            if (
                first
                and second
                and len(side) == 2
                and len(middle) == 1
                and inside == side[0] * side[1] - middle[0] ** 2
            ):
                yield Match("log det", (side[0], middle[0], side[1]))


def _powers(power: Pow, variables: Variables) -> Iterator[Match]:
    base, exponent = power.base, power.exp
    if not _is_constant(exponent, variables):
        yield Match("exp", (exponent * log(base),))
        return
    if exponent == Rational(1, 2):
        squares = as_sum_of_squares(base, variables)
        if squares is not None:
            forms, rest = squares
            yield Match("norm", forms) if rest == 0 else Match("shifted norm", forms, (rest,))
        terms = Add.make_args(base)
        if all(isinstance(t, Pow) and t.exp == 2 for t in terms):
            yield Match("norm, u >= 0", tuple(t.base for t in terms))
    terms = Add.make_args(base)
    if len(terms) > 1 and all(isinstance(t, Pow) and (t.exp * exponent) == 1 for t in terms):
        for name in ("p-norm, u > 0", "power mean, u > 0"):
            yield Match(name, tuple(t.base for t in terms), (1 / exponent,))
        return
    if isinstance(exponent, Integer):
        half, odd = divmod(int(exponent), 2)
        if exponent > 1:
            names = ("power", "odd power, u <= 0") if odd else ("even power", "power", "even power, u <= 0")
        else:
            half, names = -half, ("inverse power", f"inverse {'odd' if odd else 'even'} power, u < 0")
        for name in names:
            yield Match(name, (base,), (Integer(half) if CURVATURE_ATOMS[name].integer else exponent,))
        return
    if isinstance(base, Abs):
        yield Match("abs power", base.args, (exponent,))
    for name in ("power", "root", "inverse power"):
        yield Match(name, (base,), (exponent,))


def _products(product: Expr, variables: Variables) -> Iterator[Match]:
    powers = _powers_of(product)
    logarithms = [u for u, a in powers.items() if isinstance(u, log) and a == 1]
    if len(logarithms) == 1:
        inside, rest = logarithms[0].args[0], product / logarithms[0]
        if rest == inside:
            yield Match("entropy", (inside,))
        elif not _is_constant(rest, variables):
            yield Match("relative entropy", (rest, rest / inside))
        return
    even = [u for u, a in powers.items() if isinstance(u, Abs) and powers.get(u.args[0], S.Zero) % 2 == 0]
    if len(even) == 1 and set(powers) <= {even[0], even[0].args[0]}:
        yield Match("abs power", even[0].args, (powers[even[0]] + powers.get(even[0].args[0], S.Zero),))
        return
    below = [u for u, a in powers.items() if a == -1]
    if len(below) == 1 and len(powers) > 1:
        squares = as_sum_of_squares(product * below[0], variables)
        if squares is not None and squares[1] == 0:
            yield Match("quadratic over linear", (*squares[0], below[0]))
        elif len(powers) == 2 and 2 in powers.values():
            above = next(u for u, a in powers.items() if a == 2)
            yield Match("square over linear, u >= 0", (above, below[0]))
            yield Match("quadratic over linear", (above, below[0]))
    if len(powers) > 1:
        for name in ("product of small powers", "geometric mean", "product of inverse powers"):
            yield Match(name, tuple(powers), tuple(powers.values()))


def _powers_of(product: Expr) -> dict[Expr, Expr]:
    """The bases of a product of powers with their exponents; roots of products are taken apart."""
    found: dict[Expr, Expr] = {}
    for factor in Mul.make_args(product):
        base, exponent = (
            (factor.base, factor.exp)
            if isinstance(factor, Pow) and factor.base != S.Exp1
            else (factor, S.One)
        )
        inner = _powers_of(base) if isinstance(base, Mul) else {base: S.One}
        for symbol, power in inner.items():
            found[symbol] = found.get(symbol, S.Zero) + power * exponent
    return found


__all__ = ["Match", "matches", "sqrt"]
