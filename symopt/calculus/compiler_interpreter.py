"""A program evaluated at one point, instruction by instruction: for a few points this is quicker than to compile it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from symopt.calculus.compiler_functions import SCALAR_FUNCTIONS
from symopt.calculus.program import Program

# As the source for scalars has them.
OPERATIONS: Final[Mapping[str, Callable[..., Any]]] = SCALAR_FUNCTIONS | {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "Abs": abs,
    "max": lambda a, b: a if a >= b else b,
    "min": lambda a, b: a if a <= b else b,
    "select": lambda condition, yes, no: yes if condition else no,
    "where_defined": lambda side, value: value if side == side else SCALAR_FUNCTIONS["nan"],
    "slope": lambda u: 1.0 if u >= 0.0 else -1.0,
    "and": lambda *conditions: all(conditions),
    "or": lambda *conditions: any(conditions),
    "not": operator.not_,
}


def interpret(program: Program, order: Iterable[int], point: Sequence[float]) -> list[Any]:
    """The values of the instructions at the places of an order, by place; what Python's arithmetic raises is raised.

    >>> square_less_one = Program((("input", 0), ("*", 0, 0), ("constant", 1.0), ("-", 1, 2)), (3,))
    >>> interpret(square_less_one, square_less_one.needed([3]), (5.0,))
    [5.0, 25.0, 1.0, 24.0]
    """
    instructions = program.instructions
    values: list[Any] = [None] * len(instructions)
    for place in order:
        instruction = instructions[place]
        head = instruction[0]
        if head == "constant":
            values[place] = instruction[1]
        elif head == "input":
            values[place] = point[instruction[1]]
        elif len(instruction) == 3:
            _, left, right = instruction
            values[place] = OPERATIONS[head](values[left], values[right])
        else:
            values[place] = OPERATIONS[head](*[values[operand] for operand in instruction[1:]])
    return values
