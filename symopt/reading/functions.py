"""What the names of the vocabulary mean: how each function is built, one row each, and the constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, final

import sympy
from sympy import Basic, E, Expr, Integer, Rational

from symopt.errors import InputError
from symopt.reading import gates
from symopt.reading.building import Builder, Operand

# Inverse functions that are read as those of the reciprocal; SymPy's acot(0) = pi/2, where acot jumps, is left out.
OF_RECIPROCALS: Final[Mapping[type[Basic], type[Basic]]] = {
    sympy.acot: sympy.atan,
    sympy.asec: sympy.acos,
    sympy.acsc: sympy.asin,
    sympy.acoth: sympy.atanh,
    sympy.asech: sympy.acosh,
    sympy.acsch: sympy.asinh,
}
Build: TypeAlias = Callable[[Builder, Sequence[Operand], int], Operand]


def _sympy(
    function: Callable[..., Expr], check: Callable[[Expr], None] | None = None, compares: bool = False
) -> Build:
    def build(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
        return builder.apply(function, arguments, column, check, compares)

    return build


def _check_exponent(argument: Expr) -> None:
    gates.check_power(E, argument)


def _number(value: Rational, column: int) -> Operand:
    return Operand(value, value, column)


def _exp(builder: Builder, argument: Operand, column: int) -> Operand:
    return builder.apply(sympy.exp, [argument], column, _check_exponent)


def _sqrt(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    return builder.power(arguments[0], _number(Rational(1, 2), column), column)


def _cbrt(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    """sign(u) |u|^(1/3), the real cube root on all reals."""
    size = builder.absolute(arguments[0], column)
    typed = sympy.Pow(size.typed, Rational(1, 3), evaluate=False)
    root = Operand(
        typed, sympy.Pow(size.value, Rational(1, 3)), column, size.constant, size.depth + 1, size.size
    )
    return builder.multiply(
        [(builder.apply(sympy.sign, arguments, column, compares=True), False), (root, False)], column
    )


def _of_reciprocal(name: str) -> Build:
    """acot(u) = atan(1/u), and so on."""

    def build(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
        inverse = builder.divide(_number(Integer(1), column), arguments[0], column)
        return builder.apply(OF_RECIPROCALS[getattr(sympy, name)], [inverse], column)

    return build


def _root(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    base, index = arguments
    return builder.power(base, builder.divide(_number(Integer(1), column), index, column), column)


def _rational(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    """p/q, for numbers that may be calculated, such as 10**6: the gates of powers have bounded them."""
    if not all(argument.constant and isinstance(argument.value, Rational) for argument in arguments):
        raise InputError("Rational(p, q) takes two numbers")
    numerator, denominator = (_number(argument.value, argument.column) for argument in arguments)
    return builder.divide(numerator, denominator, column)


def _sigmoid(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    """1/(1 + e^-u)."""
    one = _number(Integer(1), column)
    inverse = _exp(builder, builder.negative(arguments[0], column), column)
    return builder.divide(one, builder.add([one, inverse], column), column)


def _softplus(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    """log(1 + e^u)."""
    one = _number(Integer(1), column)
    return builder.apply(sympy.log, [builder.add([one, _exp(builder, arguments[0], column)], column)], column)


def _log_sum_exp(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    """log(e^u + e^v + ...)."""
    terms = [_exp(builder, argument, column) for argument in arguments]
    return builder.apply(sympy.log, [builder.add(terms, column)], column)


def _lambert_w(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    if len(arguments) == 2 and arguments[1].typed not in (Integer(0), Integer(-1)):
        raise InputError("the real branches of LambertW(x, k) are k = 0 and k = -1")
    if len(arguments) == 2 and arguments[1].typed == 0:
        arguments = arguments[:1]
    return builder.apply(sympy.LambertW, arguments, column)


def _polygamma(builder: Builder, arguments: Sequence[Operand], column: int) -> Operand:
    order = arguments[0].typed
    if not (isinstance(order, Integer) and 0 <= order <= 10):
        raise InputError("the order n of polygamma(n, x) is a number from 0 to 10")
    return builder.apply(sympy.polygamma, arguments, column, gates.check_factorial)


FUNCTIONS: Final[dict[str, Build]] = {
    **{
        name: _sympy(getattr(sympy, name))
        for name in ("asinh", "acosh", "atanh", "erf", "erfc", "tanh", "coth")
    },
    **{
        name: _sympy(getattr(sympy, name), gates.check_angle)
        for name in ("sin", "cos", "tan", "cot", "sec", "csc")
    },
    **{name: _sympy(getattr(sympy, name)) for name in ("asin", "acos", "atan")},
    **{name.__name__: _of_reciprocal(name.__name__) for name in OF_RECIPROCALS},
    **{f"arc{name}": _sympy(getattr(sympy, f"a{name}")) for name in ("sin", "cos", "tan")},
    **{
        name: _sympy(getattr(sympy, name), _check_exponent)
        for name in ("exp", "sinh", "cosh", "sech", "csch")
    },
    **{
        name: _sympy(getattr(sympy, name), gates.check_factorial, compares=True)
        for name in ("gamma", "loggamma")
    },
    **{name: _sympy(sympy.log) for name in ("log", "ln")},
    **{name: _sympy(sympy.Abs, compares=True) for name in ("abs", "Abs")},
    **{name: _sympy(sympy.Max, compares=True) for name in ("max", "Max")},
    **{name: _sympy(sympy.Min, compares=True) for name in ("min", "Min")},
    "sign": _sympy(sympy.sign, compares=True),
    "Heaviside": _sympy(sympy.Heaviside, compares=True),
    "digamma": _sympy(sympy.digamma, gates.check_factorial),
    "trigamma": _sympy(sympy.trigamma, gates.check_factorial),
    "polygamma": _polygamma,
    "LambertW": _lambert_w,
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "root": _root,
    "Rational": _rational,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log_sum_exp": _log_sum_exp,
}
CONSTANTS: Final[dict[str, Expr]] = {"e": sympy.E, "pi": sympy.pi, "π": sympy.pi}


@final
class Vocabulary(Builder):
    """The builder that knows what the names mean."""

    def constant(self, name: str, column: int) -> Operand:
        return self.known(CONSTANTS[name], column)

    def call(self, name: str, arguments: Sequence[Operand], column: int) -> Operand:
        return FUNCTIONS[name](self, arguments, column)
