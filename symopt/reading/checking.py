"""SymPy expressions as users hand them over: decimals made exact, what is not real or not known refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import sympy
from sympy import Basic, Expr, Float, Rational, Symbol
from sympy.functions.elementary.piecewise import ExprCondPair

from symopt.errors import InputError
from symopt.reading import gates
from symopt.reading.functions import OF_RECIPROCALS
from symopt.reading.names import is_free_name
from symopt.reading.parsing import MAX_DEPTH, MAX_SIZE

MAX_DIGITS: Final = 12  # of a Float: more of them are the trace of a calculation
MAX_WRITTEN_OUT: Final = 1_000_000  # parts, shared ones counted each time: SymPy walks through all of them
_FUNCTIONS: Final = frozenset(
    {
        *(sympy.exp, sympy.log, sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Max, sympy.Min),
        *(
            sympy.sin,
            sympy.cos,
            sympy.tan,
            sympy.cot,
            sympy.sec,
            sympy.csc,
            sympy.asin,
            sympy.acos,
            sympy.atan,
        ),
        *(sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth, sympy.sech, sympy.csch),
        *(sympy.asinh, sympy.acosh, sympy.atanh, sympy.erf, sympy.erfc, sympy.LambertW),
        *(sympy.gamma, sympy.loggamma, sympy.polygamma, sympy.digamma, sympy.trigamma),
    }
)
_CONDITIONS: Final = frozenset(
    {
        sympy.Gt,
        sympy.Ge,
        sympy.Lt,
        sympy.Le,
        sympy.Eq,
        sympy.Ne,
        sympy.And,
        sympy.Or,
        type(sympy.true),
        type(sympy.false),
    }
)
_ALLOWED: Final = (
    _FUNCTIONS
    | OF_RECIPROCALS.keys()
    | _CONDITIONS
    | {sympy.Add, sympy.Mul, sympy.Pow, sympy.Piecewise, ExprCondPair, type(sympy.E), type(sympy.pi)}
)


def check_expression(expression: Expr) -> tuple[Expr, tuple[str, ...]]:
    """The expression with decimals made exact, and notes of how they were read.

    A Float is read as its shortest decimal; one of more than 12 significant digits is refused, and so is
    whatever is not a real expression of known functions. Raises InputError naming what it is.

    >>> x = Symbol("x")
    >>> check_expression(0.1*x**2.0)
    (x**2/10, ('read 0.1 as 1/10', 'read 2.0 as 2'))
    """
    if not isinstance(expression, Expr):
        raise InputError(f"an expression is expected and not {_shown(expression)}")
    names: dict[str, Symbol] = {}
    exact: dict[Basic, Basic] = {}
    notes: dict[str, None] = {}
    for node in _post_order(expression):
        if isinstance(node, Symbol):
            _check_symbol(node, names)
        elif isinstance(node, Float):
            exact[node] = _exact(node)
            notes.setdefault(f"read {_decimal(node)} as {exact[node]}")
        elif isinstance(node, Rational):
            gates.check_number(node)
        arguments = [exact.get(argument, argument) for argument in node.args]
        if isinstance(node, sympy.Pow | sympy.exp):
            gates.check_power(*(arguments if len(arguments) == 2 else (sympy.E, *arguments)))
        if type(node) in OF_RECIPROCALS:
            function = OF_RECIPROCALS[type(node)]
            exact[node] = function(1 / arguments[0])
            notes.setdefault(f"read {type(node).__name__}(u) as {function.__name__}(1/u)")
        elif any(argument in exact for argument in node.args):
            exact[node] = node.func(*arguments)
    return exact.get(expression, expression), tuple(sorted(notes))


def _post_order(expression: Basic) -> Iterator[Basic]:
    """Every distinct subexpression after its arguments; refuses what is unknown, too deep or too large."""
    depths: dict[Basic, int] = {}
    sizes: dict[Basic, int] = {}
    stack = [expression]
    while stack:
        node = stack[-1]
        if node in depths:
            stack.pop()
            continue
        if type(node) not in _ALLOWED and not isinstance(node, Symbol | Float | Rational):
            raise InputError(_refusal(node))
        missing = [argument for argument in node.args if argument not in depths]
        if missing:
            stack += missing
            if len(stack) + len(depths) > MAX_SIZE:
                raise InputError("the expression is too long")
            continue
        stack.pop()
        depths[node] = 1 + max((depths[argument] for argument in node.args), default=0)
        if depths[node] > MAX_DEPTH:
            raise InputError(f"operations are nested more than {MAX_DEPTH} deep")
        sizes[node] = 1 + sum(sizes[argument] for argument in node.args)
        if sizes[node] > MAX_WRITTEN_OUT:
            raise InputError("the expression is too long when it is written out: it repeats the same parts")
        yield node


def _check_symbol(symbol: Symbol, names: dict[str, Symbol]) -> None:
    if symbol.is_commutative is False or symbol.is_extended_real is False or symbol.is_finite is False:
        raise InputError(
            f"the symbol {symbol.name} is not a real number by its assumptions; all quantities are real"
        )
    if not is_free_name(symbol.name):
        raise InputError(
            f"the symbol {symbol.name!r} needs another name: letters, digits and _, not that of a function"
        )
    if names.setdefault(symbol.name, symbol) != symbol:
        raise InputError(
            f"two different symbols are called {symbol.name}: make them one, or rename one of them"
        )


def _decimal(number: Float) -> str:
    return repr(float(number))


def _exact(number: Float) -> Rational:
    text = _decimal(number)
    if text in ("inf", "-inf", "nan"):
        raise InputError(f"{number} is not a real number")
    value = Rational(text)
    digits = len(Decimal(text).normalize().as_tuple().digits)
    if digits > MAX_DIGITS or Float(value, precision=max(number._prec, 53)) not in (
        number,
        Float(float(number)),
    ):
        raise InputError(
            f"{number} has more than {MAX_DIGITS} digits; write it exactly, as in Rational(1, 3) or sqrt(2)"
        )
    gates.check_number(value)
    return value


def _refusal(node: Basic) -> str:
    if node is sympy.I:
        return "the imaginary unit I is not a real number; all quantities are real"
    if node in (sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        return f"{node} is not a real number"
    if isinstance(node, sympy.core.function.AppliedUndef):
        return f"{_shown(node)} is an unknown function; symopt needs a formula"
    name: Any = type(node).__name__
    return f"{name} is not supported: {_shown(node)}"


def _shown(node: object) -> str:
    text = str(node)
    return text if len(text) <= 60 else f"{text[:57]}..."
