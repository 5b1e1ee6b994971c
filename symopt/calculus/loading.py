"""SymPy expression -> graph, without recursion: a chain of 10^5 functions is read like any other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import sympy
from sympy import Basic, Expr, NumberSymbol, Rational, Symbol
from sympy.functions.elementary.piecewise import ExprCondPair

from symopt.calculus.atoms import ATOMS
from symopt.calculus.graph import ONE, Graph, Term
from symopt.errors import InputError

if TYPE_CHECKING:
    from symopt.statement import Statement


class Formula(ABC):
    """A problem whose objective is in a graph before it is an expression."""

    sense: str
    variables: tuple[Symbol, ...]

    @abstractmethod
    def statement(self) -> Statement:
        """The problem with its objective as an expression of SymPy's."""

    @abstractmethod
    def loaded(self) -> tuple[Graph, Term]:
        """A graph with the variables, and the term; whoever asks may add to the graph."""


def load(graph: Graph, expression: Expr, known: Mapping[int, Term] | None = None) -> Term:
    """The term of a SymPy expression.

    `known` gives the terms of subexpressions already in the graph, by their `id`. A function outside the
    table of atoms raises InputError naming it.
    """
    terms: dict[int, Term] = dict(known or {})
    stack: list[Basic] = [expression]
    while stack:
        current = stack[-1]
        if id(current) in terms:
            stack.pop()
            continue
        kind = type(current)
        arguments = current.args
        if not arguments:
            stack.pop()
            terms[id(current)] = _leaf(graph, current)
            continue
        build = _BUILDERS.get(kind)
        if build is None:
            raise InputError(f"the function {kind.__name__} is not supported: symopt cannot differentiate it")
        missing = [argument for argument in arguments if id(argument) not in terms]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        terms[id(current)] = build(graph, [terms[id(argument)] for argument in arguments])
    return terms[id(expression)]


def _leaf(graph: Graph, leaf: Basic) -> Term:
    if isinstance(leaf, Symbol):
        return graph.symbol(leaf)
    if isinstance(leaf, Rational):
        return (leaf.p if leaf.q == 1 else Fraction(leaf.p, leaf.q)), 0
    if isinstance(leaf, sympy.Float) and leaf.is_finite:
        return Fraction(repr(float(leaf))), 0
    if leaf is sympy.E:
        return graph.apply("exp", ONE)
    if isinstance(leaf, NumberSymbol):
        return 1, graph.intern(("constant", leaf))
    if leaf is sympy.true or leaf is sympy.false:
        return 1, graph.intern(("true" if leaf is sympy.true else "false",))
    raise InputError(f"{leaf} is not a real number: an objective is made of real numbers and real symbols")


def _product(graph: Graph, arguments: Sequence[Term]) -> Term:
    return reduce(graph.multiply, arguments)


def _power(graph: Graph, arguments: Sequence[Term]) -> Term:
    base, (coefficient, place) = arguments
    if place == 0 or not coefficient:
        return graph.power(base, coefficient)
    if base == graph.apply("exp", ONE):
        return graph.apply("exp", arguments[1])
    return graph.apply("pow", *arguments)


def _piecewise(graph: Graph, pairs: Sequence[Term]) -> Term:
    value = graph.undefined()
    for _, pair in reversed(pairs):
        _, branch, condition = graph.nodes[pair]
        value = graph.select((1, condition), graph.term(branch), value)
    return value


def _function(name: str) -> Callable[[Graph, Sequence[Term]], Term]:
    return lambda graph, arguments: graph.apply(name, *arguments)


def _chain(name: str) -> Callable[[Graph, Sequence[Term]], Term]:
    return lambda graph, arguments: reduce(lambda left, right: graph.apply(name, left, right), arguments)


_BUILDERS: Final[dict[type[Any], Callable[[Graph, Sequence[Term]], Term]]] = {
    **{atom.function: _function(name) for name, atom in ATOMS.items()},
    sympy.Add: lambda graph, arguments: graph.add(arguments),
    sympy.Mul: _product,
    sympy.Pow: _power,
    sympy.Max: _chain("max"),
    sympy.Min: _chain("min"),
    sympy.atan2: _function("atan2"),
    sympy.polygamma: _function("polygamma"),
    sympy.digamma: lambda graph, arguments: graph.apply("polygamma", (0, 0), *arguments),
    sympy.trigamma: lambda graph, arguments: graph.apply("polygamma", ONE, *arguments),
    ExprCondPair: _function("branch"),
    sympy.Piecewise: _piecewise,
    sympy.Gt: _function(">"),
    sympy.Ge: _function(">="),
    sympy.Lt: _function("<"),
    sympy.Le: _function("<="),
    sympy.Eq: _function("=="),
    sympy.Ne: _function("!="),
    sympy.And: _chain("and"),
    sympy.Or: _chain("or"),
    sympy.Not: _function("not"),
}
