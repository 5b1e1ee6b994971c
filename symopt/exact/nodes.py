"""The small language into which expressions are read before the algebra.

It has numbers, generators, field operations, and the kernels that have relations. Nodes are shared, so they
are compared by identity.

The expressions inside a kernel are canonical; beside each stands its own node where the algebra needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Rational


@dataclass(frozen=True, eq=False)
class Node:
    """Base of the nodes."""


@dataclass(frozen=True, eq=False)
class Number(Node):
    """A rational number."""

    value: Rational


@dataclass(frozen=True, eq=False)
class Generator(Node):
    """A symbol, or a kernel without relations."""

    expression: Expr


@dataclass(frozen=True, eq=False)
class Sum(Node):
    """The sum of the terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Product(Node):
    """The product of the factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class IntegerPower(Node):
    """base^exponent with an integer exponent, which may be negative."""

    base: Node
    exponent: int


@dataclass(frozen=True, eq=False)
class Root(Node):
    """base^exponent with a rational exponent that is not an integer; base >= 0."""

    expression: Expr
    base: Node
    exponent: Rational


@dataclass(frozen=True, eq=False)
class Absolute(Node):
    """|argument|: its square is the square of the argument."""

    expression: Expr
    argument: Node


@dataclass(frozen=True, eq=False)
class SymbolicPower(Node):
    """base^exponent with an exponent that is not a number; base None is Euler's number."""

    base: Expr | None
    exponent: Node


@dataclass(frozen=True, eq=False)
class Sine(Node):
    """sin(angle)."""

    angle: Node


@dataclass(frozen=True, eq=False)
class Cosine(Node):
    """cos(angle): its square and that of the sine add up to 1."""

    angle: Node


def descendants(nodes: Sequence[Node]) -> list[Node]:
    """The distinct nodes that an evaluation in the same tower meets."""
    seen: dict[Node, None] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen[node] = None
        stack.extend(children(node))
    return list(seen)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Sum(parts) | Product(parts):
            return parts
        case IntegerPower(base, _) | Root(_, base, _) | Absolute(_, base):
            return (base,)
    return ()


def depth(node: Node, memo: dict[Node, int]) -> int:
    """How deeply roots and absolute values are nested in a node."""
    if node not in memo:
        below = max((depth(child, memo) for child in children(node)), default=0)
        memo[node] = below + isinstance(node, Root | Absolute)
    return memo[node]
