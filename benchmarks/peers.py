"""The same objective in CasADi's own expressions, where CasADi is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import sympy
from sympy import Expr, Symbol

HAS_CASADI = find_spec("casadi") is not None
HAS_SCIPY = find_spec("scipy") is not None


def to_casadi(expression: Expr, symbols: tuple[Symbol, ...]) -> tuple[Any, Any]:
    """The expression and its vector of variables, each shared part converted once, without recursion."""
    import casadi

    names = {symbol: casadi.SX.sym(symbol.name) for symbol in symbols}
    known: dict[int, Any] = {id(symbol): name for symbol, name in names.items()}
    stack = [expression]
    while stack:
        current = stack[-1]
        if id(current) in known:
            stack.pop()
        elif not current.args:
            known[id(current)] = names[current] if current in names else float(current)
            stack.pop()
        elif missing := [part for part in current.args if id(part) not in known]:
            stack += missing
        else:
            parts = [known[id(part)] for part in current.args]
            known[id(current)] = _combined(casadi, current, parts)
            stack.pop()
    return known[id(expression)], casadi.vertcat(*names.values())


def _combined(casadi: Any, node: Expr, parts: list[Any]) -> Any:
    if isinstance(node, sympy.Add):
        return sum(parts[1:], parts[0])
    if isinstance(node, sympy.Mul):
        value = parts[0]
        for part in parts[1:]:
            value = value * part
        return value
    if isinstance(node, sympy.Pow):
        if node.exp == sympy.Rational(1, 2):
            return casadi.sqrt(parts[0])
        return 1 / parts[0] if node.exp == -1 else parts[0] ** parts[1]
    return getattr(casadi, node.func.__name__)(*parts)


def casadi_function(expression: Expr, symbols: tuple[Symbol, ...], *, cse: bool = False) -> Any:
    """f, gradient and upper triangle of the Hessian as one function."""
    import casadi

    value, at = to_casadi(expression, symbols)
    hessian, gradient = casadi.hessian(value, at)
    return casadi.Function("f", [at], [value, gradient, casadi.triu(hessian)], {"cse": cse})


def casadi_operations(function: Any) -> int:
    """How many instructions of a function compute something."""
    import casadi

    idle = {casadi.OP_INPUT, casadi.OP_OUTPUT, casadi.OP_CONST}
    return sum(function.instruction_id(k) not in idle for k in range(function.n_instructions()))


def casadi_loop(expression: Expr, symbols: tuple[Symbol, ...], eta: float, beta: float, steps: int) -> Any:
    """`steps` steps of the heavy ball (gradient descent for beta = 0), inside CasADi's virtual machine."""
    import casadi

    value, at = to_casadi(expression, symbols)
    gradient = casadi.gradient(value, at)
    start = [-1.2, 1.0] * (len(symbols) // 2)
    if not beta:
        loop = casadi.Function("s", [at], [at - eta * gradient]).fold(steps)
        return lambda: loop(start)
    momentum = casadi.SX.sym("m", len(symbols))
    new = beta * momentum + gradient
    state = casadi.vertcat(at, momentum)
    loop = casadi.Function("s", [state], [casadi.vertcat(at - eta * new, new)]).fold(steps)
    return lambda: loop(start + [0.0] * len(symbols))
