"""The small language into which expressions are read before the algebra: numbers, generators, field
operations, and the kernels that have relations. Nodes are shared, so they are compared by identity.

The expressions inside a kernel are canonical; beside each stands its own node where the algebra needs it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational


@dataclass(frozen=True, eq=False)
class Node:
    """Base of the nodes."""


@dataclass(frozen=True, eq=False)
class Number(Node):
    value: Rational


@dataclass(frozen=True, eq=False)
class Generator(Node):
    """A symbol, or a kernel without relations."""

    expression: Expr


@dataclass(frozen=True, eq=False)
class Sum(Node):
    terms: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Product(Node):
    factors: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class IntegerPower(Node):
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
    angle: Node


@dataclass(frozen=True, eq=False)
class Cosine(Node):
    angle: Node
