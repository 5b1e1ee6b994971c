"""Functions of every entry: built with the identities that keep them stable and readable, and differentiated."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any, Final

import sympy
from sympy import Expr, NumberSymbol, Rational, Symbol

from symopt.arrays.graph import Tensors, Term
from symopt.calculus.atoms import ATOMS, D, U, Y
from symopt.errors import InputError

RELATIONS: Final = {
    sympy.Gt: ">",
    sympy.Ge: ">=",
    sympy.Lt: "<",
    sympy.Le: "<=",
    sympy.Eq: "==",
    sympy.Ne: "!=",
}
FLAT: Final = frozenset({*RELATIONS.values(), "and", "or", "not"})
"""Conditions: the slope is that of the branch they choose."""


def apply(graph: Tensors, name: str, *arguments: Term) -> Term:
    """The function of every entry of arrays of the same dimensions; numbers are put beside every entry."""
    dims = max((graph.dims[place] for _, place in arguments), key=len)
    spread = [
        argument if graph.dims[argument[1]] == dims else graph.broadcast(dims, argument, ())
        for argument in arguments
    ]
    if len(spread) == 1:
        known = _known(graph, name, spread[0])
        if known is not None:
            return known
    return 1, graph.intern(("function", name, *map(graph.node, spread)), dims)


def power(graph: Tensors, base: Term, exponent: Term) -> Term:
    """b^e entry by entry; e^u is the exponential, (1 + e^u)^-1 the sigmoid of -u."""
    coefficient, place = exponent
    if place != graph.ones(graph.dims[place])[1] and coefficient:
        return apply(graph, "pow", base, exponent)
    node = graph.nodes[base[1]]
    if base[0] == 1 and node[:2] == ("function", "exp"):
        return apply(graph, "exp", graph.scaled(coefficient, graph.term(node[2])))
    argument = _of_one_plus_exp(graph, base)
    if argument is not None and coefficient == -1:
        return apply(graph, "sigmoid", graph.scaled(-1, argument))
    return graph.power(base, coefficient)


def _known(graph: Tensors, name: str, argument: Term) -> Term | None:
    """The value where an identity gives a simpler one."""
    coefficient, place = argument
    node, dims = graph.nodes[place], graph.dims[place]
    head = node[:2] if node[0] == "function" else None
    if name == "exp":
        if not coefficient:
            return graph.ones(dims)
        if coefficient == 1 and head == ("function", "log"):
            return graph.term(node[2])
    if name == "log":
        if argument == graph.ones(dims):
            return graph.zero(dims)
        if coefficient == 1 and head == ("function", "exp"):
            return graph.term(node[2])
        if coefficient == 1 and head == ("function", "sigmoid"):
            return graph.scaled(-1, apply(graph, "softplus", graph.scaled(-1, graph.term(node[2]))))
        inner = _of_one_plus_exp(graph, argument)
        if inner is not None:
            return apply(graph, "softplus", inner)
        inner = _of_one_minus_sigmoid(graph, argument)
        if inner is not None:
            return graph.scaled(-1, apply(graph, "softplus", inner))
        return _log_of_sum(graph, argument)
    if name == "sigmoid" and coefficient < 0:
        return graph.add(
            dims, [graph.ones(dims), graph.scaled(-1, apply(graph, name, (-coefficient, place)))]
        )
    if name in ("sin", "tan", "sinh", "tanh", "atan", "asinh", "erf") and coefficient < 0:
        return graph.scaled(-1, apply(graph, name, (-coefficient, place)))
    if name in ("cos", "cosh", "Abs") and coefficient < 0:
        return apply(graph, name, (-coefficient, place))
    if name in ("slope", "sign", "Abs") and place == graph.ones(dims)[1] and coefficient >= 0:
        return (
            graph.ones(dims)
            if coefficient and name != "Abs"
            else argument
            if name != "slope"
            else graph.ones(dims)
        )
    return None


def _of_one_plus_exp(graph: Tensors, term: Term) -> Term | None:
    """u where the term is 1 + e^u."""
    coefficient, place = term
    node, dims = graph.nodes[place], graph.dims[place]
    if coefficient == 1 and node[0] == "sum" and len(node[1]) == 2:
        pairs = dict(node[1])
        if pairs.pop(graph.ones(dims)[1], 0) == 1:
            ((other, number),) = pairs.items()
            if number == 1 and graph.nodes[other][:2] == ("function", "exp"):
                return graph.term(graph.nodes[other][2])
    return None


def _of_one_minus_sigmoid(graph: Tensors, term: Term) -> Term | None:
    """u where the term is 1 - sigmoid(u)."""
    coefficient, place = term
    node, dims = graph.nodes[place], graph.dims[place]
    if node[0] == "sum" and len(node[1]) == 2:
        pairs = {child: coefficient * number for child, number in node[1]}
        if pairs.pop(graph.ones(dims)[1], 0) == 1:
            ((other, number),) = pairs.items()
            if number == -1 and graph.nodes[other][:2] == ("function", "sigmoid"):
                return graph.term(graph.nodes[other][2])
    return None


def _log_of_sum(graph: Tensors, argument: Term) -> Term | None:
    """log of the sum of e^u over axes of u is a log_sum_exp."""
    coefficient, place = argument
    node, dims = graph.nodes[place], graph.dims[place]
    if coefficient != 1 or node[0] != "product" or len(node[1]) != 1:
        return None
    child, labels = node[1][0]
    if graph.nodes[child][:2] != ("function", "exp") or len(set(labels)) != len(labels):
        return None
    if set(range(len(dims))) - set(labels):
        return None
    inner = graph.nodes[child][2]
    order = sorted(labels)
    turned = graph.contract(
        tuple(graph.dims[inner][labels.index(label)] for label in order),
        [(graph.term(inner), [order.index(label) for label in labels])],
    )
    return log_sum_exp(graph, turned, len(dims))


def log_sum_exp(graph: Tensors, argument: Term, keep: int) -> Term:
    """log of the sum of e^u over the axes behind the first `keep`."""
    place = graph.node(argument)
    return 1, graph.intern(("log_sum_exp", place, keep), graph.dims[place][:keep])


def softmax(graph: Tensors, argument: Term, keep: int) -> Term:
    """e^u divided by its sum over the axes behind the first `keep`."""
    place = graph.node(argument)
    return 1, graph.intern(("softmax", place, keep), graph.dims[place])


def slopes(graph: Tensors, place: int) -> list[tuple[int, Term]]:
    """The partial derivatives of a function of entries with respect to its arguments."""
    node, dims = graph.nodes[place], graph.dims[place]
    if node[0] == "power":
        _, base, exponent = node
        return [(base, graph.scaled(exponent, graph.power(graph.term(base), exponent - 1)))]
    _, name, *arguments = node
    one, zero = graph.ones(dims), graph.zero(dims)
    if name in ("max", "min"):
        left, right = (graph.term(argument) for argument in arguments)
        leads = apply(graph, ">=" if name == "max" else "<=", left, right)
        return [
            (arguments[0], apply(graph, "select", leads, one, zero)),
            (arguments[1], apply(graph, "select", leads, zero, one)),
        ]
    if name == "select":
        condition = graph.term(arguments[0])
        return [
            (arguments[1], apply(graph, "select", condition, one, zero)),
            (arguments[2], apply(graph, "select", condition, zero, one)),
        ]
    if name == "pow":
        base, exponent = (graph.term(argument) for argument in arguments)
        lower = apply(graph, "pow", base, graph.add(dims, [exponent, (-1, one[1])]))
        return [
            (arguments[0], graph.multiply(exponent, lower)),
            (arguments[1], graph.multiply((1, place), apply(graph, "log", base))),
        ]
    if name in FLAT:
        return []
    argument = graph.term(arguments[0])
    first = _OWN.get(name) or ATOMS[name].first
    return [(arguments[0], entrywise(graph, first, {U: argument, Y: (1, place)}))]


# As a person writes them: 1 - s rather than sigmoid(-u), from which the numbers are computed.
_OWN: Final[dict[str, Expr]] = {"sigmoid": Y * (1 - Y), "tanh": 1 - Y**2}


def entrywise(graph: Tensors, formula: Expr, known: dict[Any, Term]) -> Term:
    """A formula of numbers at every entry of the arrays that stand for its symbols."""
    dims = max((graph.dims[place] for _, place in known.values()), key=len, default=())

    def spread(term: Term) -> Term:
        return term if graph.dims[term[1]] == dims else graph.broadcast(dims, term, ())

    def read(expression: Any) -> Term:
        if expression in known:
            return known[expression]
        if not expression.args:
            return spread(constant(graph, expression))
        return combine(graph, expression, [spread(read(a)) for a in expression.args], dims)

    return spread(read(formula))


def constant(graph: Tensors, leaf: Any) -> Term:
    """A number or a symbol that stands for one."""
    if isinstance(leaf, Rational):
        return (int(leaf.p) if leaf.q == 1 else Fraction(int(leaf.p), int(leaf.q))), graph.ones()[1]
    if leaf is sympy.E:
        return apply(graph, "exp", graph.ones())
    if isinstance(leaf, (Symbol, NumberSymbol)):
        return graph.leaf(leaf)
    raise InputError(f"{leaf} is not a real number: an objective is made of real numbers and real symbols")


def combine(graph: Tensors, expression: Any, arguments: list[Term], dims: Any) -> Term:
    """The value of an expression of numbers from those of its arguments, which have the same dimensions."""
    if isinstance(expression, sympy.Add):
        return graph.add(dims, arguments)
    if isinstance(expression, sympy.Mul):
        return graph.multiply(*arguments)
    if isinstance(expression, sympy.Pow):
        return power(graph, *arguments)
    if isinstance(expression, (sympy.Max, sympy.Min)):
        name = "max" if isinstance(expression, sympy.Max) else "min"
        return reduce(lambda left, right: apply(graph, name, left, right), arguments)
    if type(expression) in RELATIONS:
        return apply(graph, RELATIONS[type(expression)], *arguments)
    name = type(expression).__name__
    if name in ATOMS and len(arguments) == 1:
        return apply(graph, name, arguments[0])
    raise InputError(f"the function {name} is not supported in losses over data: {shown(expression)}")


def is_combined(expression: Any) -> bool:
    """Whether `combine` knows the expression."""
    known = (sympy.Add, sympy.Mul, sympy.Pow, sympy.Max, sympy.Min, *RELATIONS)
    return isinstance(expression, known) or (type(expression).__name__ in ATOMS and len(expression.args) == 1)


def shown(expression: object) -> str:
    """The expression, cut when it is long."""
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}..."


__all__ = [
    "D",
    "apply",
    "combine",
    "constant",
    "entrywise",
    "log_sum_exp",
    "power",
    "shown",
    "slopes",
    "softmax",
]
